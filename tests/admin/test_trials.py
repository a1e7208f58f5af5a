"""A case tried in a form that is made of the vocabulary; the answer in plain words."""

from dataclasses import replace

import pytest

from decision_tables.rulebook import document_of
from decision_tables.table import Note
from decision_tables.vocabulary import Words
from tests.service.fees import FEES

TRY = "rulebooks/fees/releases/1/try"


@pytest.fixture
async def reader(staff):
    return await staff("reader")


async def test_a_case_is_answered_question_by_question_keeping_what_was_said(reader):
    page = await reader.open(TRY)
    assert "Not answered yet." in page.text
    assert "How old?" in page.text
    await reader.send("/try", fact__age="30")
    assert "Resident?" in reader.page.text
    assert reader.at.startswith(f"/admin/{TRY}?query=fee&fact.age=30"), "what is empty is not in the address"
    await reader.send("/try", fact__resident="false")
    assert "Everything asked is answered." in reader.page.text
    for said in ("25.50", "Fees Act, article 3", "contested"):
        assert said in reader.page.text, said
    assert ("fact.age", "30") in reader.page.form("/try").fields


async def test_questions_are_asked_one_by_one_or_all_at_once(reader):
    await reader.open(f"{TRY}?query=all")
    asked = {name for name, _ in reader.page.form("/try").fields if name.startswith("fact.")}
    assert "Next question" in reader.page.text
    await reader.send("/try", ask="all")
    assert "questions are open" in reader.page.text
    both = {name for name, _ in reader.page.form("/try").fields if name.startswith("fact.")}
    assert asked <= both
    for question in ("How old?", "Resident?", "Which kind?"):
        assert question in reader.page.text
    await reader.send("/try", fact__age="30", fact__resident="false")
    assert "ask=all" in reader.at, "the way of asking stays"
    await reader.send("/try", ask="one")
    assert "Which kind?" in reader.page.text


async def test_the_same_case_is_tried_on_a_draft_and_on_the_release(editor, draft):
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="1234")
    page = await editor.open(f"{TRY}?fact.age=30&fact.resident=false")
    assert "25.50" in page.text
    other = next(href for _, href in page.links if f"/{draft}/try?" in href)
    page = await editor.open(other)
    assert "1234" in page.text
    await editor.follow("Release 1 (active)")
    assert "25.50" in editor.page.text


WHY = "rulebooks/fees/releases/1/why"


async def test_why_says_the_answer_in_a_sentence_with_its_law_and_seal(reader, desk):
    page = await reader.open(f"{WHY}?query=fee&fact.age=30&fact.resident=false&as_of=2026-02-03")
    assert "fee: 25.50. Because age is 30 and resident is no ( fee, R3 ). Fees Act, article 3" in page.text
    assert "✓ yes age is 30 — the rule asks: age is at least 18 years >= 18" in page.text
    assert "As the law stood on 3 February 2026" in page.text
    release = await desk.store.release("fees", 1)
    assert release.hash in page.text


async def test_why_tells_what_the_tables_own_notes_say_under_their_headings(reader, desk):
    (fee, *others) = FEES.tables
    noted = replace(
        fee,
        notes=(Note("src", Words({"en": "Source", "nl": "Bron"})),),
        rules=tuple(replace(rule, notes=(f"Bulletin of {rule.id}",)) for rule in fee.rules),
    )
    release = await desk.store.load_release(
        document_of(replace(FEES, tables=(noted, *others))), "system", "noted"
    )
    await desk.library.refresh()
    page = await reader.open(f"rulebooks/fees/releases/{release.number}/why?fact.age=30&fact.resident=true")
    assert "Source: Bulletin of R2" in page.text


async def test_why_tells_what_missed_by_least_first(reader):
    page = await reader.open(f"{WHY}?query=fee&fact.age=10&fact.resident=false")
    said = page.text
    assert "fee, R3 would give fee = 25.50 — it missed by one condition: ✗ no age is 10" in said
    assert "fee, R2 would give fee = 10 — it missed by 2 conditions:" in said
    assert said.index("fee, R3 would give") < said.index("fee, R2 would give")


async def test_why_shows_every_row_of_a_table_put_to_the_case(reader):
    page = await reader.open(f"{WHY}?query=all&fact.age=30&as_of=2019-01-01&table=fee")
    rows = page.text.partition("All rows of “fee” for this case")[2]
    assert "R1 ✗ does not apply" in rows
    assert "R2 not the law on that day" in rows
    assert "R3 ? may apply" in rows
    await reader.open(f"{WHY}?query=all&fact.age=30&table=papers")
    rows = reader.page.text.partition("All rows of “papers” for this case")[2]
    assert "P1 ✓ applies anything" in rows
    assert "P2 ? may apply ? open false" in rows


async def test_why_reads_each_test_and_each_cell_in_plain_words(reader):
    page = await reader.open(f"{WHY}?query=fee&fact.age=30&fact.resident=false")
    assert "the rule asks: age is at least 18 years >= 18" in page.text
    assert ">= 18 is at least 18 years" in page.text
    assert "25.50 is 25.5" in page.text
    row = page.text.partition("R3 ✓ applies")[2]
    assert row.count("Fees Act, article 3") == 1, "notes are no outcomes"


async def test_why_of_a_case_that_cannot_be_answered_leads_back_to_it(reader):
    await reader.open(f"{WHY}?fact.age=old")
    assert "/try?fact.age=old" in reader.at
    assert "Write a number" in reader.page.text


async def test_why_of_a_draft_says_that_it_is_not_the_law(editor, draft):
    page = await editor.open(f"{draft}/why?fact.age=3")
    assert "a draft that is not the law yet" in page.text
    assert "fee: 0." in page.text


async def test_a_case_is_saved_as_a_test_that_publishing_holds_the_draft_to(editor, draft):
    await editor.open(
        f"{draft}/try?query=all&fact.age=30&fact.resident=false&fact.kind=%22odd%22&as_of=2026-01-01"
    )
    await editor.follow("Save as a test case")
    for said in ("fee 25.50", "papers surely holds: form", "waiver left to people", "Flags contested"):
        assert said in editor.page.text, said
    await editor.send("/case", name="", id="C3")
    assert editor.status == 422
    assert "in a sentence" in editor.page.text
    await editor.send("/case", name="An adult stranger pays", id="C1")
    assert editor.status == 422
    assert "There is a case C1 already." in editor.page.text
    await editor.send("/case", name="An adult stranger pays", id="C3")
    assert editor.at.endswith(f"{draft}/cases?done=case#case-C3")
    assert "All 3 cases pass." in editor.page.text
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="30")
    await editor.open(f"{draft}/cases")
    assert "1 case fails" in editor.page.text
    await editor.follow("Try case C3")
    await editor.follow("Save as a test case")
    assert ("name", "An adult stranger pays") in editor.page.form("/case").fields
    await editor.send("/case")
    assert "All 3 cases pass." in editor.page.text
    await editor.send("/case/delete", case="C3")
    assert "The test case was deleted." in editor.page.text
    assert "All 2 cases pass." in editor.page.text


async def test_a_case_tried_on_a_release_is_saved_in_a_draft(editor, desk):
    await editor.open(f"{TRY}?fact.age=3")
    await editor.follow("Save as a test case")
    await editor.send("/case", name="A toddler pays nothing")
    (draft,) = await desk.store.drafts("fees")
    assert f"/drafts/{draft.id}/cases" in editor.at
    assert "A toddler pays nothing" in editor.page.text
    await editor.open(f"{TRY}?fact.age=4")
    await editor.follow("Save as a test case")
    await editor.send("/case", name="So does a child of four", draft=draft.id)
    assert len(await desk.store.drafts("fees")) == 1
    assert "All 4 cases pass." in editor.page.text


async def test_a_reader_saves_no_case(reader):
    await reader.open(f"{TRY}?fact.age=3")
    assert not [words for words, _ in reader.page.links if words == "Save as a test case"]
    await reader.open("rulebooks/fees/releases/1/case?fact.age=3")
    assert reader.status == 403


async def test_a_case_is_judged_by_the_law_of_its_date(reader):
    page = await reader.open(f"{TRY}?as_of=2019-06-01&fact.age=30&fact.resident=true")
    assert "As the law stood on 1 June 2019" in page.text
    assert "until 1 January 2020" in page.text
    assert "No rule answers this." in page.text
    page = await reader.open(f"{TRY}?as_of=2021-06-01&fact.age=30&fact.resident=true")
    assert "since 1 January 2020, without an end" in page.text


async def test_what_is_certain_and_what_is_possible_are_told_apart(reader):
    page = await reader.open(f"{TRY}?query=all")
    assert "For certain:" in page.text
    assert "form" in page.text
    assert "1 entry is possible" in page.text
    page = await reader.open(f"{TRY}?query=all&fact.resident=false")
    assert "cost waits for: surcharge" in page.text


async def test_what_is_left_to_people_and_what_contradicts_itself_are_said(reader):
    page = await reader.open(f"{TRY}?query=all&fact.kind=%22odd%22")
    assert "Left to human judgement." in page.text
    assert "Is it hardship?" in page.text
    assert "Fees Act, article 7" in page.text
    assert "The rules contradict each other." in page.text
    assert page.link("zone, Z1").endswith("/releases/1/tables/zone?rule=Z1#row-Z1")
    await reader.send("/try", fact__waiver="true")
    assert "as you said" in reader.page.text


async def test_a_fact_may_be_said_not_to_exist_where_the_vocabulary_allows_it(reader):
    page = await reader.open(f"{TRY}?query=all&fact.kind=null")
    assert reader.status == 200
    assert '<option value="null" selected>' in page.html
    page = await reader.open(f"{TRY}?none.age=null")
    assert reader.status == 422
    assert "may not be null" in page.text


async def test_wrong_values_are_told_at_their_questions_and_kept(reader):
    page = await reader.open(f"{TRY}?fact.age=seven&fact.kind=%22strange%22&as_of=yesterday&query=fee")
    assert reader.status == 422
    assert "Write a number, such as" in page.text
    assert "`kind` may not be" in page.text, "all problems are told at once"
    assert "There is none yet" in page.text
    assert "year-month-day" in page.text
    assert ("fact.age", "seven") in page.form("/try").fields
    page = await reader.open(f"{TRY}?fact.age=-1&fact.kind=%22strange%22")
    assert reader.status == 422
    assert "`age` may not be -1" in page.text
    assert "`kind` may not be" in page.text
    assert ("fact.kind", '"strange"') in page.form("/try").fields
    page = await reader.open(f"{TRY}?query=none")
    assert reader.status == 422
    assert "none" in page.text


async def test_a_number_keeps_its_digits(reader):
    page = await reader.open(
        f"{TRY}?query=all&fact.resident=false&fact.surcharge=0.1000000000000000000000000001"
    )
    assert "0.2000000000000000000000000002" in page.text


async def test_a_draft_is_tried_before_it_is_published_and_not_while_it_is_broken(editor, draft):
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="1234")
    page = await editor.open(f"{draft}/try?fact.age=30&fact.resident=false")
    assert "1234" in page.text
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="12 34")
    page = await editor.open(f"{draft}/try?fact.age=30&fact.resident=false")
    assert "A draft with errors cannot be tried." in page.text


async def test_a_trial_is_never_logged_as_a_decision(reader, desk):
    before = [line.id for line in await desk.store.audit()]
    await reader.open(f"{TRY}?fact.age=3")
    assert "Everything asked is answered." in reader.page.text
    assert [line.id for line in await desk.store.audit()] == before


async def test_every_case_of_the_rulebook_can_be_tried_as_it_stands(reader):
    for case in FEES.cases:
        await reader.open("rulebooks/fees/releases/1/cases")
        await reader.follow(f"Try case {case.id}")
        assert reader.status == 200
        given = dict(reader.page.form("/try").fields)
        assert all(given[f"fact.{key}"] for key in case.facts)
        assert given["as_of"] == case.as_of


async def test_the_dates_of_a_case_may_be_written_with_their_day_first(editor):
    await editor.open(
        "rulebooks/fees/releases/1/try?fact.age=30&fact.resident=ja&as_of=1/07/2025&known_on=1+juli+2025"
    )
    assert editor.status == 200
    assert "As the law stood on 1 July 2025, judged by what was known on 1 July 2025." in editor.page.text
    await editor.open("rulebooks/fees/releases/1/try?as_of=31/02/2025")
    assert editor.status == 422
    assert "Write the date as year-month-day" in editor.page.text
