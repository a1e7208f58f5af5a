"""Two people at once: what one of them typed is never lost, and neither overwrites the other unawares."""

import pytest

from tests.admin.test_editing import rules_of


@pytest.fixture
async def bob(staff, draft):
    person = await staff("editor")
    assert draft
    return person


async def test_changes_of_different_cells_of_a_row_go_together(editor, bob, draft, desk):
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await bob.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="30")
    await bob.send("/rule", citation="Fees Act, article 33")
    assert bob.status == 200
    rule = (await rules_of(desk, draft))["R3"]
    assert (rule.outputs, rule.citation) == (("30",), "Fees Act, article 33")


@pytest.mark.parametrize(("choice", "kept"), [("mine", "40"), ("theirs", "30")])
async def test_changes_of_the_same_cell_show_both_texts_and_ask(editor, bob, draft, desk, choice, kept):
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await bob.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="30")
    await bob.send("/rule", output__fee="40", note="by Bob")
    assert bob.status == 409
    assert "Keep mine 40" in bob.page.text
    assert "Take theirs 30" in bob.page.text
    assert (await rules_of(desk, draft))["R3"].outputs == ("30",), "nothing is overwritten"
    await bob.send("/rule", output__fee={"mine": "40", "theirs": "30"}[choice])
    assert bob.status == 200
    rule = (await rules_of(desk, draft))["R3"]
    assert (rule.outputs, rule.note) == ((kept,), "by Bob")


async def test_a_cell_that_both_changed_in_the_grid_asks_too(editor, bob, draft, desk):
    for person in (editor, bob):
        await person.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="30")
    await bob.send("/rule", output__fee="40")
    assert bob.status == 409
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="35")
    await bob.send("/rule", output__fee="40")
    assert bob.status == 409, "what was chosen against 30 is asked again against 35"
    assert "Take theirs 35" in bob.page.text
    await bob.send("/rule", output__fee="40")
    assert (await rules_of(desk, draft))["R3"].outputs == ("40",)


async def test_both_having_typed_the_same_is_no_conflict(editor, bob, draft):
    for person in (editor, bob):
        await person.open(f"{draft}/rule?table=fee&rule=R3")
    for person in (editor, bob):
        await person.send("/rule", output__fee="30")
        assert person.status == 200


async def test_what_was_typed_in_a_row_that_is_gone_can_be_added_again(editor, bob, draft, desk):
    await bob.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.open(f"{draft}/delete?table=fee&rule=R3")
    await editor.send("/delete")
    await bob.send("/rule", citation="Bob's words")
    assert bob.status == 409
    assert "Bob's words" in bob.page.text
    await bob.send("/rule")
    rule = (await rules_of(desk, draft))["R3"]
    assert (rule.citation, rule.outputs) == ("Bob's words", ("25.50",))


async def test_a_row_that_changed_since_one_looked_is_not_deleted_unseen(editor, bob, draft, desk):
    await bob.open(f"{draft}/delete?table=fee&rule=R3")
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="30")
    await bob.send("/delete")
    assert bob.status == 409
    assert "R3" in await rules_of(desk, draft)
    assert "30" in bob.page.text
    await bob.send("/delete")
    assert "R3" not in await rules_of(desk, draft)


async def test_settings_that_both_changed_ask_too(editor, bob, draft):
    for person in (editor, bob):
        await person.open(f"{draft}/settings?table=fee")
    await editor.send("/settings", note="Hers.")
    await bob.send("/settings", note="His.")
    assert bob.status == 409
    await bob.send("/settings", note="His.")
    assert "His." in bob.page.text


async def test_a_publisher_who_saw_an_older_draft_is_told_so(staff, editor, draft, desk):
    boss = await staff("publisher")
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="30")
    await boss.open(f"{draft}/publish")
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="31")
    await boss.send("/publish", note="Thirty.")
    assert boss.status == 409
    assert await desk.store.active_release("fees") == 1
    assert ("note", "Thirty.") in boss.page.form("/publish").fields
