"""The vocabulary of a draft: facts and types added, changed, renamed, moved and deleted by plain forms."""

from dataclasses import replace

import pytest

from decision_tables.items import ItemDefinition
from decision_tables.rulebook import document_of, rulebook_of
from tests.service.fees import FEES


async def book_of(desk, draft):
    return rulebook_of((await desk.store.draft(draft.rsplit("/", 1)[1])).document)


async def fact_of(desk, draft, key):
    return next(fact for fact in (await book_of(desk, draft)).facts if fact.key == key)


async def save(desk, draft, change):
    stored = await desk.store.draft(draft.rsplit("/", 1)[1])
    await desk.publishing.edit(stored.id, stored.revision, "somebody", change)


async def test_a_fact_is_added_with_everything_that_is_said_of_it(editor, draft, desk):
    await editor.open(f"{draft}/facts")
    await editor.follow("Add a fact")
    await editor.send(
        "/fact",
        key="income",
        type="number",
        allowed=">= 0",
        unit="euro",
        nullable="nullable",
        note="Article 3",
        label__en="Income",
        label__nl="Inkomen",
        question__en="Which income?",
        explanation__nl="Het loon van vorig jaar.",
    )
    assert "The fact was added." in editor.page.text
    assert "Inkomen" not in editor.page.text
    found = await fact_of(desk, draft, "income")
    assert (found.type, found.allowed, found.unit, found.nullable) == ("number", ">= 0", "euro", True)
    assert found.label.by_language == {"en": "Income", "nl": "Inkomen"}
    assert found.explanation.by_language == {"nl": "Het loon van vorig jaar."}
    line = (await desk.store.audit("fees"))[0]
    assert (line.action, line.detail["fact"]) == ("fact/added", "income")


async def test_a_name_that_is_none_or_is_taken_is_told_at_its_field_and_nothing_typed_is_lost(
    editor, draft, desk
):
    for name, said in (("2nd", "starts with a letter"), ("age", "called so already"), ("count", "already")):
        await editor.open(f"{draft}/fact")
        await editor.send("/fact", key=name, question__nl="Hoeveel?", type__other="list<date>")
        assert editor.status == 422
        assert said in editor.page.text
        fields = editor.page.form("/fact").fields
        assert ("question.nl", "Hoeveel?") in fields
        assert ("type", "list<date>") in fields
        assert ("key", name) in fields
    assert len((await book_of(desk, draft)).facts) == len(FEES.facts)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("string", "flat, shop, farm land", '"flat", "shop", "farm land"'),
        ("string", "flat; shop", '"flat", "shop"'),
        ("string", "flat\r\nshop", '"flat", "shop"'),
        ("string", '"flat","shop"', '"flat","shop"'),
        ("list<string>", "flat, shop", '"flat", "shop"'),
        ("number", "≥ 0", ">= 0"),
        ("number", "van 0 tot 120", "[0..120]"),
        ("date", ">= 1/01/2018", '>= @"2018-01-01"'),
        ("boolean", "ja", "true"),
        ("number", "a lot", "a lot"),
    ],
)
async def test_allowed_values_are_taken_as_they_are_meant(editor, draft, desk, kind, typed, kept):
    await editor.open(f"{draft}/fact")
    await editor.send("/fact", key="thing", type=kind, allowed=typed)
    assert (await fact_of(desk, draft, "thing")).allowed == kept


async def test_a_name_is_made_of_what_people_call_the_fact_where_none_is_written(editor, draft, desk):
    for key in ("monthly_rent", "monthly_rent_2"):
        await editor.open(f"{draft}/fact")
        await editor.send("/fact", key="", label__en="Monthly rent?")
        assert "The fact was added." in editor.page.text
        assert (await fact_of(desk, draft, key)).label.by_language == {"en": "Monthly rent?"}
    await editor.open(f"{draft}/fact")
    await editor.send("/fact", key="")
    assert editor.status == 422


async def test_a_wrong_type_and_a_wrong_value_are_kept_and_told_at_their_fields(editor, draft, desk):
    await editor.open(f"{draft}/fact?fact=kind")
    await editor.send("/fact", type__other="strnig", allowed="plain")
    assert editor.at.endswith("/fact?fact=kind&done=saved"), "the form stays open"
    assert (await fact_of(desk, draft, "kind")).type == "strnig"
    assert "Did you mean `string`?" in editor.page.text
    assert 'id="type-marks"' in editor.page.html
    assert 'id="allowed-marks"' in editor.page.html
    await editor.send("/fact", type="string", allowed='"plain","odd"')
    assert "Saved." in editor.page.text
    assert (await book_of(desk, draft)) == FEES


async def test_two_people_who_change_one_fact_keep_both_changes_or_see_both(editor, draft, desk):
    await editor.open(f"{draft}/fact?fact=age")

    def theirs(book):
        facts = (replace(book.facts[0], unit="months", note="theirs"), *book.facts[1:])
        return replace(book, facts=facts)

    await save(desk, draft, theirs)
    await editor.send("/fact", allowed=">= 1")
    found = await fact_of(desk, draft, "age")
    assert (found.unit, found.note, found.allowed) == ("months", "theirs", ">= 1")
    await editor.open(f"{draft}/fact?fact=age")
    await save(
        desk, draft, lambda book: replace(book, facts=(replace(book.facts[0], unit="weeks"), *book.facts[1:]))
    )
    await editor.send("/fact", unit="days")
    assert editor.status == 409
    assert "weeks" in editor.page.text
    assert "Unit" in editor.page.text
    await editor.send("/fact")
    assert (await fact_of(desk, draft, "age")).unit == "days"


async def test_a_fact_that_somebody_deleted_meanwhile_can_be_added_again_as_it_was_typed(editor, draft, desk):
    await editor.open(f"{draft}/fact?fact=born")
    await save(
        desk, draft, lambda book: replace(book, facts=tuple(one for one in book.facts if one.key != "born"))
    )
    await editor.send("/fact", question__en="Born when?")
    assert editor.status == 422
    assert "You can add it again." in editor.page.text
    await editor.send("/fact")
    assert (await fact_of(desk, draft, "born")).question.by_language == {"en": "Born when?"}


async def test_a_rename_tells_every_text_first_and_then_changes_them_all(editor, draft, desk):
    await editor.open(f"{draft}/fact?fact=surcharge")
    await editor.send("/rename", name="extra charge")
    assert "Rename surcharge to extra charge?" in editor.page.text
    assert '<del class="feel">surcharge * 2</del>' in editor.page.html
    assert '<ins class="feel">extra charge * 2</ins>' in editor.page.html
    assert "Case C2" in editor.page.text
    assert (await book_of(desk, draft)) == FEES, "nothing is changed before it was seen"
    await editor.send("/rename")
    assert "The fact was renamed" in editor.page.text
    book = await book_of(desk, draft)
    assert book.table("papers").rules[1].outputs[1] == "extra charge * 2"
    assert book.cases[1].facts == {"resident": False, "extra charge": 3}
    line = (await desk.store.audit("fees"))[0]
    assert (line.action, line.detail["changed"]) == ("fact/renamed", {"key": ["surcharge", "extra charge"]})
    await editor.open(f"{draft}/problems")
    assert "Nothing is wrong." in editor.page.text


async def test_a_new_name_that_is_taken_is_told_at_its_field(editor, draft, desk):
    await editor.open(f"{draft}/fact?fact=surcharge")
    await editor.send("/rename", name="fee")
    assert editor.status == 422
    assert 'id="name-problem"' in editor.page.html
    assert ("name", "fee") in editor.page.form("/rename").fields
    assert (await book_of(desk, draft)) == FEES


async def test_what_is_spoken_of_is_not_deleted_and_the_page_leads_to_where(editor, draft, desk):
    await editor.open(f"{draft}/fact/delete?fact=surcharge")
    assert editor.page.link("papers, P2").endswith("/tables/papers?rule=P2#row-P2")
    assert not [form for form in editor.page.forms if form.action.endswith("/fact/delete?fact=surcharge")]
    await editor.open(f"{draft}/fact/delete?fact=born")
    await save(
        desk,
        draft,
        lambda book: replace(book, formulas=(replace(book.formulas[0], expression="born"),)),
    )
    await editor.send("/fact/delete")
    assert editor.status == 409
    assert "still spoken of" in editor.page.text
    assert await fact_of(desk, draft, "born")


async def test_a_fact_that_nothing_speaks_of_is_deleted_after_asking(editor, draft, desk):
    await editor.open(f"{draft}/fact?fact=born")
    await editor.follow("Delete")
    await editor.send("/fact/delete")
    assert "The fact was deleted." in editor.page.text
    assert "born" not in [fact.key for fact in (await book_of(desk, draft)).facts]
    line = (await desk.store.audit("fees"))[0]
    assert (line.action, line.detail["was"]["type"]) == ("fact/deleted", "date")


async def test_facts_are_moved(editor, draft, desk):
    await editor.open(f"{draft}/fact?fact=resident")
    await editor.send("/fact/move", by="-1")
    assert [fact.key for fact in (await book_of(desk, draft)).facts][:2] == ["resident", "age"]


async def test_an_unknown_name_is_one_click_from_the_vocabulary(editor, draft):
    await editor.open(f"{draft}/rule?table=fee&rule=R1")
    await editor.send("/rule", output__fee="base fee")
    await editor.follow("Add “base fee” to the vocabulary")
    assert ("key", "base fee") in editor.page.form("/fact").fields
    await editor.send("/fact", type="number")
    assert "/rule?table=fee&rule=R1" in editor.at, "back to where it was missing"
    assert "Nothing is called" not in editor.page.text
    await editor.open(f"{draft}/problems")
    assert "Nothing is wrong." in editor.page.text


async def test_the_head_of_a_column_leads_to_its_fact(editor, draft, staff):
    await editor.open(f"{draft}/tables/fee")
    await editor.follow("resident")
    assert editor.at.endswith("/fact?fact=resident")
    reader = await staff("reader")
    await reader.open("rulebooks/fees/releases/1/tables/fee")
    assert reader.page.link("resident").endswith("/releases/1/facts#fact-resident")


async def test_types_are_added_changed_and_deleted_once_nothing_is_of_them(editor, draft, desk):
    await editor.open(f"{draft}/facts")
    await editor.follow("Add a type")
    await editor.send(
        "/type",
        key="tAddress",
        entry__1__key="street",
        entry__1__type="string",
        entry__2__key="number",
        entry__2__type="number",
        entry__2__allowed="> 0",
    )
    assert "The type was added." in editor.page.text
    (found,) = (await book_of(desk, draft)).types
    assert found == ItemDefinition(
        "tAddress",
        components=(ItemDefinition("street", "string"), ItemDefinition("number", "number", allowed="> 0")),
    )
    await editor.open(f"{draft}/fact?fact=born")
    await editor.send("/fact", type="tAddress")
    await editor.open(f"{draft}/type?type=tAddress")
    assert editor.page.link("Fact born")
    await editor.send("/type", entry__1__key="", entry__2__type="strin")
    assert "Did you mean `string`?" in editor.page.text
    assert 'aria-describedby=" entry.1.type-marks"' in editor.page.html
    await editor.send("/type", entry__1__type="string")
    assert (await book_of(desk, draft)).types[0].components == (
        ItemDefinition("number", "string", allowed="> 0"),
    )
    await editor.open(f"{draft}/type?type=tAddress")
    await editor.follow("Delete")
    assert not [form for form in editor.page.forms if form.action.endswith("/type/delete?type=tAddress")]
    await editor.open(f"{draft}/fact?fact=born")
    await editor.send("/fact", type="date")
    await editor.open(f"{draft}/type/delete?type=tAddress")
    await editor.send("/type/delete")
    assert (await book_of(desk, draft)) == FEES


async def test_only_editors_change_the_vocabulary(staff, draft):
    reader = await staff("reader")
    for page in ("fact", "fact?fact=age", "fact/rename?fact=age&name=b", "fact/delete?fact=age", "type"):
        await reader.open(f"{draft}/{page}")
        assert reader.status == 403
    await reader.open(f"{draft}/facts")
    assert "Add a fact" not in reader.page.text


async def test_the_shelf_is_as_the_tests_believe(desk, draft):
    assert document_of(await book_of(desk, draft)) == document_of(FEES)
