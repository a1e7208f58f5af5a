"""Publishing: refused with reasons while anything stands against it, and then answered from at once."""

from datetime import UTC, datetime

import pytest


@pytest.fixture
async def boss(staff):
    return await staff("publisher")


async def changed(editor, draft, text, rule="R3"):
    await editor.open(f"{draft}/rule?table=fee&rule={rule}")
    await editor.send("/rule", output__fee=text)


async def decide(app, **facts):
    import httpx

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000"
    ) as caller:
        answer = await caller.post("/decide", json={"rulebook": "fees", "facts": facts})
        return answer.json()


async def test_a_draft_that_is_published_answers_the_next_caller(app, boss, editor, draft):
    assert (await decide(app, age=30, resident=False))["conclusions"] == {"fee": 25.5}
    await changed(editor, draft, "30")
    await boss.open(f"{draft}/publish")
    assert "It has no errors." in boss.page.text
    assert "All 2 cases pass." in boss.page.text
    await boss.send("/publish", note="Fees go up.")
    assert boss.at == "/admin/rulebooks/fees/releases/2?done=published"
    decided = await decide(app, age=30, resident=False)
    assert (decided["release"], decided["conclusions"]) == (2, {"fee": 30})
    page = await boss.open("rulebooks/fees")
    assert "Fees go up." in page.text
    assert "published by publisher2" in page.text
    assert "Nobody is working on a change." in page.text


async def test_errors_stand_against_publishing_and_are_named(boss, editor, draft, desk):
    await changed(editor, draft, "thirty")
    await boss.open(f"{draft}/publish")
    assert "1 error" in boss.page.text
    assert not [form for form in boss.page.forms if form.action.endswith("/publish")]
    token = dict(boss.page.form("/logout").fields)["csrf"]
    await boss.post(f"{draft}/publish", [("csrf", token), ("revision", "2"), ("note", "anyway")])
    assert boss.status == 422
    assert "Not published." in boss.page.text
    assert "thirty" in boss.page.text
    assert await desk.store.active_release("fees") == 1


async def test_a_case_that_fails_stands_against_publishing_and_is_named(boss, editor, draft, desk):
    await changed(editor, draft, "5", rule="R1")
    page = await boss.open(f"{draft}/publish")
    assert "1 case fails" in page.text
    assert "A child pays nothing" in page.text
    await boss.follow("See the cases")
    assert "should be 0, and is 5" in boss.page.text
    token = dict(boss.page.form("/logout").fields)["csrf"]
    await boss.post(f"{draft}/publish", [("csrf", token), ("revision", "2"), ("note", "anyway")])
    assert boss.status == 422
    assert "C1" in boss.page.text
    assert await desk.store.active_release("fees") == 1


async def test_a_draft_that_says_the_same_as_the_release_is_not_published(boss, draft):
    await boss.open(f"{draft}/publish")
    await boss.send("/publish", note="Nothing.")
    assert boss.status == 422
    assert "nothing to publish" in boss.page.text
    assert ("note", "Nothing.") in boss.page.form("/publish").fields


async def test_a_draft_that_was_overtaken_is_published_only_by_who_says_so(boss, editor, draft, desk):
    await changed(editor, draft, "30")
    other = await desk.publishing.start_draft("fees", "test")
    await boss.open(f"rulebooks/fees/drafts/{other.id}/rule?table=fee&rule=R3")
    await boss.send("/rule", output__fee="28")
    await boss.open(f"rulebooks/fees/drafts/{other.id}/publish")
    await boss.send("/publish", note="First.")
    await boss.open(f"{draft}/publish")
    await boss.send("/publish", note="Second.")
    assert boss.status == 422
    assert "undo" in boss.page.text
    await boss.send("/publish", note="Second.", replacing="2")
    assert boss.at == "/admin/rulebooks/fees/releases/3?done=published"


async def test_an_older_release_is_made_active_again_and_nothing_is_lost(app, boss, editor, draft):
    await changed(editor, draft, "30")
    await boss.open(f"{draft}/publish")
    await boss.send("/publish", note="Fees go up.")
    await boss.open("rulebooks/fees")
    await boss.follow("The whole history")
    await boss.follow("Make this the active release again, Release 1")
    await boss.send("/activate", note="Annulled by the court.")
    assert "This release is active again." in boss.page.text
    assert (await decide(app, age=30, resident=False))["release"] == 1
    page = await boss.open("rulebooks/fees")
    assert "Release 1 active" in page.text
    page = await boss.open("rulebooks/fees/history")
    assert (
        page.text.index("Annulled by the court.") < page.text.index("Fees go up.") < page.text.index("first")
    )
    assert "Release 1 active came back Answers since" in page.text
    assert "Release 2 Answered from" in page.text


async def test_a_change_dated_next_year_is_planned_and_can_be_withdrawn(boss, editor, draft, desk):
    await changed(editor, draft, "30")
    await boss.open(f"{draft}/publish")
    for wrong, told in (("soon", "This is no date."), ("2020-01-01", "has to lie ahead")):
        await boss.send("/publish", note="The new law.", on=wrong)
        assert boss.status == 422
        assert told in boss.page.text
    year = datetime.now(UTC).year + 1
    await boss.send("/publish", note="The new law.", on=f"{year}-07-01")
    assert boss.at == "/admin/rulebooks/fees/history?done=planned"
    assert f"Release 2 planned Takes over on 1 July {year}." in boss.page.text
    assert "Release 1 active Answers since" in boss.page.text
    assert await desk.store.active_release("fees") == 1
    page = await boss.open("rulebooks/fees")
    assert f"Release 2 takes over on 1 July {year}." in page.text
    await boss.open("rulebooks/fees/history")
    await boss.follow("Withdraw, Release 2")
    await boss.send("/withdraw", note="")
    assert boss.status == 422
    await boss.send("/withdraw", note="The act was postponed.")
    assert boss.at == "/admin/rulebooks/fees/history?done=withdrawn"
    assert "planned" not in boss.page.text
    assert [one.withdrawn_by for one in await desk.store.activations("fees")][-1]
    assert f"Release 2 withdrawn It was to take over on 1 July {year}; " in boss.page.text
    assert "Release 1 active Answers since" in boss.page.text


async def test_a_release_whose_plan_was_withdrawn_comes_back_as_a_draft_or_answers_at_once(
    boss, editor, draft, desk
):
    await changed(editor, draft, "30")
    await boss.open(f"{draft}/publish")
    await boss.send("/publish", note="The new law.", on=f"{datetime.now(UTC).year + 1}-07-01")
    await boss.follow("Withdraw, Release 2")
    await boss.send("/withdraw", note="The act was postponed.")
    assert "Bring back as a draft" in boss.page.text
    await boss.follow("Make it active, Release 2")
    await boss.send("/activate", note="The act came after all.")
    assert await desk.store.active_release("fees") == 2
    page = await boss.open("rulebooks/fees/history")
    assert page.text.index("Release 2 active") < page.text.index("Release 2 withdrawn")
    assert "Make it active" not in page.text


@pytest.mark.parametrize("note", ["", " \n\0 "])
async def test_a_note_is_required_by_the_server_too(boss, editor, draft, desk, note):
    await changed(editor, draft, "30")
    await boss.open(f"{draft}/publish")
    await boss.send("/publish", note=note)
    assert boss.status == 422
    assert "Not published. Write why" in boss.page.text
    assert await desk.store.active_release("fees") == 1
    await boss.send("/publish", note="Fees go up.")
    assert boss.status == 200
    await boss.open("rulebooks/fees/releases/1/activate")
    await boss.send("/activate", note=note)
    assert boss.status == 422
    assert "Write why" in boss.page.text
    assert await desk.store.active_release("fees") == 2
    await boss.send("/activate", note="Annulled by the court.")
    assert await desk.store.active_release("fees") == 1


async def test_the_active_release_is_not_offered_to_be_made_active_again(boss, editor, draft, desk):
    await boss.open("rulebooks/fees/releases/1/activate")
    assert boss.at == "/admin/rulebooks/fees/releases/1?done=already"
    assert "active already" in boss.page.text
    await changed(editor, draft, "30")
    await boss.open(f"{draft}/publish")
    await boss.send("/publish", note="Fees go up.")
    await boss.open("rulebooks/fees/releases/1/activate")
    await desk.publishing.roll_back("fees", 1, "test", "somebody else was first")
    activations = await desk.store.activations("fees")
    await boss.send("/activate", note="Me too.")
    assert "active already" in boss.page.text
    assert await desk.store.activations("fees") == activations


async def test_discarding_says_how_much_would_be_lost(editor, draft):
    await editor.open(f"{draft}/discard")
    assert "Nothing was changed in it." in editor.page.text
    await changed(editor, draft, "30")
    await editor.open(f"{draft}/discard")
    assert "it was saved once, " in editor.page.text
    await changed(editor, draft, "31")
    await editor.open(f"{draft}/discard")
    assert "it was saved 2 times, the last time " in editor.page.text
    await editor.open("language?to=fr")
    await editor.open(f"{draft}/discard")
    assert "2 fois" in editor.page.text


async def test_the_page_of_a_release_that_is_not_active_leads_to_making_it_so(boss, editor, draft, desk):
    await changed(editor, draft, "30")
    await boss.open(f"{draft}/publish")
    await boss.send("/publish", note="Fees go up.")
    assert "Make this release active" not in boss.page.text
    await editor.open("rulebooks/fees/releases/1")
    assert "Callers are answered from another release: Release 2" in editor.page.text
    assert "Make this release active" not in editor.page.text
    await boss.open("rulebooks/fees/releases/1")
    await boss.follow("Make this release active")
    assert "What is written differently" in boss.page.text
    await boss.send("/activate", note="Annulled by the court.")
    assert await desk.store.active_release("fees") == 1
