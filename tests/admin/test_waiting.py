"""What waits for whom: on the list of rulebooks, and on a rulebook's page."""

import pytest


@pytest.fixture
async def reviewer(staff):
    return await staff("publisher")


async def say(person, draft, deed, **fields):
    await person.open(f"{draft}/review")
    sent = {"csrf": dict(person.page.form("/logout").fields)["csrf"], "deed": deed, **fields}
    if "revision" not in sent and deed in {"approve", "ask"}:
        sent["revision"] = person.page.html.partition('name="revision" value="')[2].partition('"')[0]
    await person.post(f"/admin/{draft}/review", list(sent.items()))
    assert person.status == 200, person.page.text


async def changed(person, draft, fee="31"):
    await person.open(f"{draft}/rule?table=fee&rule=R3")
    await person.send("/rule", output__fee=fee)


async def waiting(person):
    """What the list of rulebooks says is waiting for somebody; empty where nothing is."""
    text = (await person.open("")).text
    return text.partition("Waiting for you")[2].partition("Rulebook Active release")[0]


async def test_nothing_waits_for_anybody_before_a_review_is_asked_for(editor, reviewer, draft):
    await changed(editor, draft)
    assert await waiting(editor) == ""
    assert await waiting(reviewer) == ""


async def test_a_review_waits_for_those_who_may_give_it_until_one_of_them_has(editor, reviewer, staff, draft):
    await changed(editor, draft)
    await say(editor, draft, "wanted", text="Before Friday")
    assert "editor1 asks for a review. “Before Friday”" in await waiting(reviewer)
    assert await waiting(editor) == ""
    assert await waiting(await staff("reader")) == ""
    await reviewer.open("")
    await reviewer.follow("Permit fees: Draft of")
    assert "/review" in reviewer.at
    assert "editor1 asks for a review." in reviewer.page.text
    await say(reviewer, draft, "ask", text="Which article?")
    assert await waiting(reviewer) == ""
    assert "Changes asked by publisher2." in await waiting(editor)


async def test_what_was_asked_waits_again_once_it_is_asked_anew_and_an_approval_waits_for_its_author(
    editor, reviewer, draft
):
    await changed(editor, draft)
    await say(editor, draft, "wanted")
    await say(reviewer, draft, "ask", text="Which article?")
    await changed(editor, draft, "32")
    assert await waiting(reviewer) == ""
    await say(editor, draft, "wanted")
    assert "asks for a review." in await waiting(reviewer)
    await say(reviewer, draft, "approve")
    assert await waiting(reviewer) == ""
    assert "Approved by publisher2." in await waiting(editor)


async def test_a_comment_waits_for_those_who_wrote_the_draft(editor, reviewer, draft):
    await changed(editor, draft)
    await say(reviewer, draft, "comment", place="fee", rule="R3", text="Why?")
    assert "1 comment is open." in await waiting(editor)
    assert await waiting(reviewer) == ""


async def test_what_the_analysis_found_is_told_where_somebody_asked_for_it_of_the_draft_as_it_is(
    editor, draft
):
    assert "overlap" not in (await editor.open("rulebooks/fees")).text
    await editor.follow("Findings, Draft of")
    assert editor.at.endswith("/findings")
    assert "gaps or overlaps" in (await editor.open("rulebooks/fees")).text
    await changed(editor, draft)
    assert "overlap" not in (await editor.open("rulebooks/fees")).text


async def test_a_rulebook_says_of_each_draft_what_keeps_it_from_being_published(editor, draft):
    await editor.open(f"{draft}/rule?table=fee&rule=R1")
    await editor.send("/rule", output__fee="1")
    page = await editor.open("rulebooks/fees")
    assert "1 case fails" in page.text
    await editor.follow("1 case fails")
    assert editor.at.endswith("/cases")
    await editor.open(f"{draft}/rule?table=fee&rule=R1")
    await editor.send("/rule", output__fee="one")
    for path in ("", "rulebooks/fees"):
        page = await editor.open(path)
        assert "1 error" in page.text
        assert "case fails" not in page.text, "it does not run"
    await editor.follow("1 error")
    assert editor.at.endswith("/problems")
