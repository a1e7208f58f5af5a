"""Rows as sentences: a document to be printed, text for a word processor, rows side by side; and a case of a row."""

import pytest

from admin.citations import pieces
from tests.service.fees import FEES

ACTIVE = "rulebooks/fees/releases/1"


async def told(person, path, **query):
    answer = await person.client.get(f"/admin/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_table_as_a_document_has_each_row_as_a_sentence_and_says_what_seals_it(staff):
    reader = await staff("reader")
    await reader.open(f"{ACTIVE}/tables/fee")
    await reader.follow("As a document")
    text = reader.page.text
    assert "R1 If age is less than 18 years, then fee is 0. Fees Act, article 1" in text
    assert (
        "R2 If age is at least 18 years and resident is yes, then fee is 10. In force from 1 January 2020."
        in text
    )
    assert text.count("Fees Act, article") == 3
    assert "Hash sha256:" in text
    assert "Release 1" in text
    await reader.follow("All tables")
    assert reader.page.text.count("Fees Act, article") == sum(
        bool(r.citation) for t in FEES.tables for r in t.rules
    )
    assert "a person has to judge: Is it hardship? Fees Act, article 7" in reader.page.text


async def test_a_document_of_a_draft_says_that_it_is_not_the_law(editor, draft):
    await editor.open(f"{draft}/document?table=fee")
    assert "a draft that is not the law yet" in editor.page.text
    assert "Hash of the content sha256:" in editor.page.text
    before = editor.page.text
    await editor.open(f"{draft}/rule?table=waiver&rule=W1")
    await editor.send("/rule", citation="Fees Act, article 66")
    await editor.open(f"{draft}/document?table=fee")
    assert editor.page.text.split("sha256:")[1] != before.split("sha256:")[1], "it seals the whole rulebook"


async def test_rows_are_told_as_sentences_from_one_to_another_whichever_is_named_first(staff):
    reader = await staff("reader")
    first = await told(reader, f"{ACTIVE}/sentences", table="fee", first="R2", last="R3")
    assert [row[0] for row in first] == ["R2", "R3"]
    assert first[1] == [
        "R3",
        "If age is at least 18 years and resident is no, then fee is 25.5.",
        "Fees Act, article 3",
    ]
    assert await told(reader, f"{ACTIVE}/sentences", table="fee", first="R3", last="R2") == first
    dutch = await staff("reader", **{"accept-language": "nl"})
    assert (await told(dutch, f"{ACTIVE}/sentences", table="fee", first="R1", last="R1"))[0][1].startswith(
        "Als "
    )


async def test_rows_side_by_side_say_where_they_differ(editor, draft):
    await editor.open(f"{draft}/beside?table=fee&rule=R2&rule=R3&rule=gone")
    text = editor.page.text
    assert "age = the same >= 18 is at least 18 years >= 18 is at least 18 years" in text
    assert "resident ≠ differs true is yes false is no" in text
    assert "Legal basis ≠ differs Fees Act, article 2 Fees Act, article 3" in text
    assert "Note" not in text.split("Legal basis")[1].split("In force")[0], "what no row has is left out"
    await editor.follow("Edit row R3")
    assert editor.at.endswith("rule=R3")
    await editor.open(f"{draft}/beside?table=fee&rule=gone")
    assert "None of these rows is there any more." in editor.page.text


async def test_an_overlap_leads_to_its_rows_side_by_side(editor, draft):
    await editor.open(f"{draft}/findings")
    await editor.follow("Show side by side")
    assert "/beside?table=" in editor.at
    assert "≠ differs" in editor.page.text


async def test_a_case_of_a_row_is_one_that_the_rulebook_has_or_facts_that_were_found(editor, draft):
    await editor.open(f"{draft}/example?table=fee&rule=R1")
    assert "fact.age=17" in editor.at
    assert "A case to which row R1 applies" in editor.page.text
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.follow("Try a case of this row")
    assert "fact.resident=false" in editor.at
    assert "25.5" in editor.page.text
    assert "fee, R3" in editor.page.text
    await editor.open(f"{draft}/example?table=waiver&rule=W1")
    assert "query=all" in editor.at, "the default query does not ask for what the table concludes"


async def test_there_is_no_case_of_a_row_that_is_not_there_or_while_there_are_errors(editor, draft):
    await editor.open(f"{draft}/example?table=fee&rule=R9")
    assert editor.status == 404
    assert "There is no rule R9." in editor.page.text
    await editor.open(f"{draft}/rule?table=fee&rule=R1")
    await editor.send("/rule", **{"test.age": "eighteen"})
    await editor.open(f"{draft}/example?table=fee&rule=R1")
    assert "A draft with errors cannot be tried." in editor.page.text


EUR_LEX = "https://eur-lex.europa.eu/"


@pytest.mark.parametrize(
    ("citation", "read"),
    [
        ("Directive (EU) 2018/1972, article 2(5)", {"Directive (EU) 2018/1972": "eli/dir/2018/1972/oj/eng"}),
        ("Framework Directive 2002/21/EC", {"Directive 2002/21/EC": "eli/dir/2002/21/oj/eng"}),
        ("Directive 93/13/EEC", {"Directive 93/13/EEC": "eli/dir/1993/13/oj/eng"}),
        (
            "Regulation (EU) No 910/2014, article 3",
            {"Regulation (EU) No 910/2014": "eli/reg/2014/910/oj/eng"},
        ),
        ("Regulation (EU) 910/2014", {"Regulation (EU) 910/2014": "eli/reg/2014/910/oj/eng"}),
        (
            "articles 7 and 17 of Regulation (EU) 2023/1543",
            {"Regulation (EU) 2023/1543": "eli/reg/2023/1543/oj/eng"},
        ),
        ("C-142/18, EU:C:2019:460", {"EU:C:2019:460": "legal-content/EN/TXT/?uri=ecli:ECLI:EU:C:2019:460"}),
        ("Belgian Act of 13 June 2005, article 2, 5°", {}),
        ("Directive 1234/5", {}),
        ("Cass. 19 February 2019; case 12/2019", {}),
        ("", {}),
    ],
)
def test_what_has_a_number_of_its_own_leads_to_where_it_is_read(citation, read):
    found = list(pieces(citation, "en"))
    assert "".join(piece.text for piece in found) == citation
    assert {piece.text: piece.href.removeprefix(EUR_LEX) for piece in found if piece.href} == read


@pytest.mark.parametrize(
    ("citation", "language", "href"),
    [
        ("Richtlijn (EU) 2018/1972, artikel 2", "nl", f"{EUR_LEX}eli/dir/2018/1972/oj/nld"),
        ("Règlement (UE) n° 910/2014", "fr", f"{EUR_LEX}eli/reg/2014/910/oj/fra"),
        ("Verordening (EU) nr. 910/2014", "nl", f"{EUR_LEX}eli/reg/2014/910/oj/nld"),
        (
            "ECLI:BE:CASS:2015:ARR.20151201.1",
            "fr",
            "https://e-justice.europa.eu/ecli/ECLI:BE:CASS:2015:ARR.20151201.1",
        ),
        ("see https://example.org/law?a=1.", "en", "https://example.org/law?a=1"),
    ],
)
def test_it_is_read_in_the_readers_language_where_the_place_has_it(citation, language, href):
    assert [piece.href for piece in pieces(citation, language) if piece.href] == [href]


async def test_a_citation_is_shown_whole_and_only_its_number_is_a_link(editor, draft):
    await editor.open(f"{draft}/rule?table=fee&rule=R1")
    await editor.send("/rule", citation='<b>"x"</b> Directive (EU) 2018/1972, art. 2 & javascript:alert(1)')
    await editor.open(f"{draft}/document?table=fee")
    assert '<b>"x"</b> Directive (EU) 2018/1972 , art. 2 & javascript:alert(1)' in editor.page.text
    assert editor.page.link("Directive (EU) 2018/1972") == f"{EUR_LEX}eli/dir/2018/1972/oj/eng"
