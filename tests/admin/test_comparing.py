"""Comparing versions: what is written differently, which cases change; and bringing an old release back."""

import pytest

from decision_tables.rulebook import document_of
from tests.service.fees import with_fee


@pytest.fixture
async def boss(staff):
    return await staff("publisher")


async def changed(editor, draft, text, rule="R3"):
    await editor.open(f"{draft}/rule?table=fee&rule={rule}")
    await editor.send("/rule", output__fee=text)


async def test_a_draft_that_changes_nothing_says_so(editor, draft):
    page = await editor.open(f"{draft}/compare")
    assert "Nothing: both say the same." in page.text
    assert "All 2 cases come to the same as by release 1." in page.text


async def test_each_changed_cell_is_shown_before_and_after_under_its_row(editor, draft):
    await changed(editor, draft, "30")
    page = await editor.open(f"{draft}/compare")
    said = page.text.partition("What is written differently")[2]
    assert "fee ≠ changed Row R3 fee was 25.50 → is now 30" in said
    assert page.link("Row R3").endswith("/tables/fee?rule=R3#row-R3")


async def test_a_period_is_told_by_its_days(editor, draft):
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", valid__start="2026-01-01", valid__end="2027-01-01", known__end="2030-01-01")
    await editor.open(f"{draft}/rule?table=fee&rule=R2")
    await editor.send("/rule", valid__end="2031-01-01")
    told = (await editor.open(f"{draft}/compare")).text
    assert "In force (empty) → is now 2026-01-01 \N{EN DASH} 2027-01-01" in told
    assert "Known (empty) → is now … \N{EN DASH} 2030-01-01" in told
    assert "In force was 2020-01-01 \N{EN DASH} … → is now 2020-01-01 \N{EN DASH} 2031-01-01" in told
    told = (await editor.open(f"{draft}/changes")).text
    assert "In force until (empty) → is now 2031-01-01" in told
    assert "In force (empty) → is now 2026-01-01 \N{EN DASH} 2027-01-01" in told


async def test_what_changed_is_read_in_plain_words(editor, draft):
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", test__age=">= 21", test__resident="maybe", output__fee="12 34")
    await editor.open(f"{draft}/delete?table=fee&rule=R1")
    await editor.send("/delete")
    await editor.open(f"{draft}/rule?table=fee")
    await editor.send("/rule", id="R9", test__age="[18..21)", output__fee="7")
    for where in ("compare", "review"):
        page = await editor.open(f"{draft}/{where}")
        assert "is now >= 21 Reads now: age is at least 21 years" in page.text
        assert "It read: If age is less than 18 years, then fee is 0. Fees Act, article 1." in page.text
        assert "Reads now: If age is from 18 to 21 years, 21 not included, then fee is 7." in page.text
        assert "is now 12 34 Reads" not in page.text, "broken text has no words"
        assert "is now maybe Reads" not in page.text, "nor has what stands for nothing"


async def test_a_changed_formula_is_read_in_plain_words(editor, draft):
    await editor.open(f"{draft}/formula?formula=clock")
    await editor.send("/formula", expression='date("2026-01-31")')
    page = await editor.open(f"{draft}/compare")
    assert "Reads now: decided_on is 31 January 2026" in page.text


async def test_a_new_formula_is_read_in_plain_words(editor, draft):
    await editor.open(f"{draft}/formula/new")
    await editor.send("/formula/new", key="twice", concludes="fee", expression="fee * 2")
    page = await editor.open(f"{draft}/compare")
    assert "is now fee * 2 Reads now:" in page.text


async def test_rows_that_came_and_went_are_told(editor, draft):
    await editor.open(f"{draft}/delete?table=fee&rule=R2")
    await editor.send("/delete")
    await editor.open(f"{draft}/rule?table=fee")
    await editor.send("/rule", id="R9", test__age="> 100", output__fee="1")
    page = await editor.open(f"{draft}/compare")
    assert "\N{MINUS SIGN} removed Row R2" in page.text
    assert "+ added Row R9" in page.text


async def test_cases_that_come_to_something_else_are_told_with_both_answers(editor, draft):
    await changed(editor, draft, "5", rule="R1")
    page = await editor.open(f"{draft}/compare")
    assert "1 case comes to something else than by release 1. 1 stays the same." in page.text
    assert "C1 A child pays nothing ✗ fails fee was 0 → is now 5" in page.text
    await editor.follow("C1")
    assert "fee: 5." in editor.page.text


async def test_a_broken_draft_is_compared_all_the_same_but_for_its_cases(editor, draft):
    await changed(editor, draft, "12 34")
    page = await editor.open(f"{draft}/compare")
    assert "The cases cannot be compared" in page.text
    assert "was 25.50 → is now 12 34" in page.text


async def test_a_draft_is_compared_with_any_release(editor, draft, desk):
    await desk.store.load_release(document_of(with_fee("0.5")), "system", "second")
    await desk.library.refresh()
    page = await editor.open(f"{draft}/compare")
    assert "was 0.5 → is now 0" in page.text, "with the active release, unless one is chosen"
    await editor.send("/compare", **{"with": "1"})
    assert "Nothing: both say the same." in editor.page.text
    page = await editor.open("rulebooks/fees/releases/2/compare")
    assert "was 0 → is now 0.5" in page.text, "a release is compared with the one before"


async def test_an_old_release_is_brought_back_as_a_draft(editor, desk):
    await desk.store.load_release(document_of(with_fee("0.5")), "system", "second")
    await desk.library.refresh()
    await editor.open("rulebooks/fees/history")
    token = dict(editor.page.form("/logout").fields)["csrf"]
    await editor.post("rulebooks/fees/drafts", [("csrf", token), ("from", "1")])
    assert "/compare?done=started" in editor.at
    assert "was 0.5 → is now 0" in editor.page.text
    (draft,) = await desk.store.drafts("fees")
    assert (draft.base_release, draft.seen_release, draft.title) == (1, 2, "Release 1")


async def test_going_back_shows_first_which_cases_change(boss, editor, draft, desk):
    await changed(editor, draft, "5", rule="R1")
    await editor.open(f"{draft}/try?fact.age=17&as_of=2026-01-01&case=C1")
    await editor.follow("Save as a test case")
    await editor.send("/case")
    await boss.open(f"{draft}/publish")
    assert "1 case comes to something else than by release 1." in boss.page.text
    await boss.send("/publish", note="Children pay.")
    page = await boss.open("rulebooks/fees/releases/1/activate")
    assert "1 case comes to something else than by release 2." in page.text
    assert "fee was 5 → is now 0" in page.text
    await boss.send("/activate", note="They do not.")
    assert await desk.store.active_release("fees") == 1
