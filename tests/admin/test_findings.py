"""Gaps and overlaps on the pages: shown as examples, closed by a row or by a reason."""

import pytest

from decision_tables.rulebook import rulebook_of


async def book_of(desk, draft):
    return rulebook_of((await desk.store.draft(draft.rsplit("/", 1)[1])).document)


async def test_the_findings_of_a_draft_stand_with_their_examples(editor, draft):
    page = await editor.open(f"{draft}/findings")
    assert "Error: Row Z1 and row Z2 apply at once" in page.text
    assert "Warning: No row answers, where age is at least 18" in page.text
    await editor.follow("Try this case")
    assert "/try?" in editor.at
    assert editor.status == 200


@pytest.mark.parametrize("language", ["nl", "fr"])
async def test_findings_are_told_in_the_readers_language(editor, draft, language):
    english = (await editor.open(f"{draft}/findings")).text
    editor.client.cookies.set("decidable_language", language)
    page = await editor.open(f"{draft}/findings")
    assert "No row answers" in english
    assert "No row answers" not in page.text


async def test_a_row_is_added_for_a_gap_and_its_outcome_asked_for(editor, draft, desk):
    await editor.open(f"{draft}/findings?table=fee")
    await editor.send("/findings/row")
    assert editor.at.split("?")[0].endswith("/rule")
    assert "The row was added." in editor.page.text
    row = (await book_of(desk, draft)).table("fee").rules[-1]
    assert row.tests == (">= 18", "true")
    assert row.valid.end == "2020-01-01"
    await editor.send("/rule", output__fee="8")
    page = await editor.open(f"{draft}/findings?table=fee")
    assert "No gaps, no overlaps" in page.text


async def test_a_reason_closes_a_finding_and_a_change_opens_it_again(editor, draft, desk):
    await editor.open(f"{draft}/findings?table=zone")
    await editor.send("/findings/acknowledge", reason="Article 8 means it so.", verdict="intended")
    assert editor.at.endswith(f"{draft}/tables/zone?done=noted#findings")
    page = await editor.open(f"{draft}/findings?table=zone")
    assert "1 finding is in order" in page.text
    assert "It is meant so: Article 8 means it so." in page.text
    await editor.open(f"{draft}/rule?table=zone&rule=Z1")
    await editor.send("/rule", output__zone='"east"')
    page = await editor.open(f"{draft}/findings")
    assert "Error: Row Z1 and row Z2 apply at once" in page.text
    assert "Said of what is no more" in page.text
    await editor.send("/findings/reopen")
    assert (await book_of(desk, draft)).acknowledgements == ()


async def test_a_reason_has_to_be_given(editor, draft, desk):
    await editor.open(f"{draft}/findings?table=zone")
    await editor.send("/findings/acknowledge", reason=" ", verdict="intended")
    assert editor.status == 422
    assert (await book_of(desk, draft)).acknowledgements == ()


async def test_a_release_shows_its_findings_and_offers_nothing(staff):
    reader = await staff("reader")
    page = await reader.open("rulebooks/fees/releases/1/findings")
    assert "apply at once" in page.text
    assert not [form for form in page.forms if "findings" in form.action]


async def test_the_grid_asks_for_the_findings_of_its_table_alone(editor, draft):
    part = await editor.client.get(f"/admin/{draft}/findings?table=zone", headers={"hx-request": "true"})
    assert "<html" not in part.text
    assert "apply at once" in part.text
    assert "No row answers" not in part.text


async def test_publishing_tells_of_findings_that_nobody_has_spoken_of(staff, draft):
    boss = await staff("publisher")
    page = await boss.open(f"{draft}/publish")
    assert "The analysis finds" in page.text
