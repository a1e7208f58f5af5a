"""Reviewing a draft: rows seen and commented, four eyes, and what stands in the way of publishing."""

from dataclasses import replace

import pytest

from decision_tables.rulebook import document_of
from tests.service.fees import FEES


@pytest.fixture
async def boss(staff):
    return await staff("publisher")


@pytest.fixture
async def careful(desk):
    """The active release asks for four eyes."""
    await desk.store.load_release(document_of(replace(FEES, four_eyes=True)), "system", "careful")
    await desk.library.refresh()


async def changed(editor, draft, text, rule="R3"):
    await editor.open(f"{draft}/rule?table=fee&rule={rule}")
    await editor.send("/rule", output__fee=text)


async def say(person, draft, deed, **fields):
    """Sends one of the review page's forms by hand: several of them have the same action."""
    page = await person.open(f"{draft}/review")
    token = dict(page.form("/logout").fields)["csrf"]
    return await person.post(f"{draft}/review", [("csrf", token), ("deed", deed), *fields.items()])


def seals(page):
    return dict.fromkeys(
        text
        for form in page.forms
        for name, text in form.fields
        if form.action.endswith("/review") and name == "seal"
    )


async def test_a_reviewer_marks_each_change_as_seen_until_it_changes_again(editor, boss, draft):
    await changed(editor, draft, "30")
    page = await boss.open(f"{draft}/review")
    assert "Changes still to be seen: 1 of 1." in page.text
    (seal,) = seals(page)
    await say(boss, draft, "seen", place="fee", rule="R3", seal=seal)
    assert boss.at.endswith("/review?done=noted#at-fee-R3")
    assert "Every change was seen." in boss.page.text
    assert "seen by publisher2" in boss.page.text
    await changed(editor, draft, "31")
    page = await boss.open(f"{draft}/review")
    assert "still to be seen" in page.text
    assert "seen by publisher2" not in page.text


async def test_all_rows_of_a_new_table_are_told_and_seen_at_once_as_they_are(editor, boss, draft):
    await editor.open(f"{draft}/table/copy?table=fee")
    await editor.send("/table/copy", key="copy")
    page = await boss.open(f"{draft}/review")
    assert "Changes still to be seen: 4 of 4." in page.text
    assert "Reads now: Unique: one row at most may apply." in page.text
    assert "Reads now: If age is less than 18 years, then fee is 0. Fees Act, article 1." in page.text
    (form,) = (one for one in page.forms if ("deed", "all-seen") in one.fields)
    fields = form.fields
    await editor.open(f"{draft}/rule?table=copy&rule=R3")
    await editor.send("/rule", output__fee="31")
    await boss.post(f"{draft}/review", fields)
    assert boss.status == 422
    assert "no longer as you saw them" in boss.page.text
    await boss.open(f"{draft}/review")
    (form,) = (one for one in boss.page.forms if ("deed", "all-seen") in one.fields)
    await boss.post(f"{draft}/review", form.fields)
    assert "Every change was seen." in boss.page.text
    assert not [one for one in boss.page.forms if ("deed", "all-seen") in one.fields]
    await editor.open(f"{draft}/rule?table=copy&rule=R1")
    await editor.send("/rule", output__fee="1")
    await boss.open(f"{draft}/review")
    assert "Changes still to be seen: 1 of 4." in boss.page.text


async def test_a_comment_stays_with_its_row_until_it_is_settled(editor, boss, draft):
    await changed(editor, draft, "30")
    await say(boss, draft, "comment", place="fee", rule="R3", text="Which article?")
    assert "Which article?" in boss.page.text
    await boss.open(f"{draft}/publish")
    assert "1 comment is open." in boss.page.text
    page = await editor.open(f"{draft}/review")
    number = page.html.partition('name="about" value="')[2].partition('"')[0]
    await say(editor, draft, "settle", place="fee", rule="R3", about=number)
    assert "settled by editor1" in editor.page.text
    await say(editor, draft, "comment", place="fee", rule="R3", text=" ")
    assert editor.status == 422
    await say(editor, draft, "settle", place="fee", rule="R3", about="999")
    assert editor.status == 404


@pytest.mark.usefixtures("careful")
async def test_where_four_eyes_are_asked_nobody_approves_a_change_of_their_own(boss, desk):
    await boss.open("rulebooks/fees")
    await boss.send("/drafts")
    draft = boss.at.split("?")[0].removeprefix("/admin/")
    await changed(boss, draft, "30")
    page = await boss.open(f"{draft}/publish")
    assert "Somebody who did not change it has to approve it." in page.text
    assert not [form for form in page.forms if form.action.endswith("/publish")]
    token = dict(page.form("/logout").fields)["csrf"]
    await boss.post(f"{draft}/publish", [("csrf", token), ("revision", "2"), ("note", "anyway")])
    assert boss.status == 422
    assert "four eyes" in boss.page.text
    await say(boss, draft, "approve", revision="2")
    assert boss.status == 422
    assert "somebody else has to approve it" in boss.page.text
    assert await desk.store.active_release("fees") == 2


@pytest.mark.usefixtures("careful")
async def test_what_somebody_else_approved_is_published_as_it_was_approved(editor, boss, desk):
    await editor.open("rulebooks/fees")
    await editor.send("/drafts")
    draft = editor.at.split("?")[0].removeprefix("/admin/")
    await changed(editor, draft, "30")
    await say(boss, draft, "ask", revision="2", text="Too much.")
    await boss.open(f"{draft}/publish")
    assert "Changes asked by publisher2." in boss.page.text
    await say(boss, draft, "approve", revision="2", text="After all.")
    await changed(editor, draft, "28")
    page = await boss.open(f"{draft}/publish")
    assert "has to approve it" in page.text, "an approval lapses when the draft is changed"
    await say(boss, draft, "approve", revision="2")
    assert boss.status == 422, "what was approved is not what is there"
    await say(boss, draft, "approve", revision="3")
    await boss.open(f"{draft}/publish")
    assert "Approved by publisher2." in boss.page.text
    await boss.send("/publish", note="Fees go up.")
    assert await desk.store.active_release("fees") == 3
    lines = [line.action for line in await desk.store.audit("fees")]
    assert lines.count("review/approved") == 2


@pytest.mark.usefixtures("careful")
async def test_a_draft_does_not_get_round_four_eyes_by_no_longer_asking(editor, boss):
    await editor.open("rulebooks/fees")
    await editor.send("/drafts")
    draft = editor.at.split("?")[0].removeprefix("/admin/")
    await say(editor, draft, "four-eyes")
    assert "so does this draft, whatever it says itself" in editor.page.text
    page = await boss.open(f"{draft}/publish")
    assert "has to approve it" in page.text


async def test_four_eyes_are_asked_for_from_the_review_page(editor, boss, draft, desk):
    await say(editor, draft, "four-eyes", four_eyes="yes")
    assert "The rulebook" in editor.page.text
    page = await boss.open(f"{draft}/publish")
    assert "has to approve it" in page.text
    await say(boss, draft, "approve", revision="2")
    await boss.open(f"{draft}/publish")
    await boss.send("/publish", note="From now on by two.")
    release = await desk.store.release("fees", await desk.store.active_release("fees"))
    assert release.document["four_eyes"] is True


async def test_a_reader_sees_the_review_and_says_nothing(staff, editor, draft):
    await changed(editor, draft, "30")
    reader = await staff("reader")
    page = await reader.open(f"{draft}/review")
    assert "Row R3" in page.text
    assert not [form for form in page.forms if form.action.endswith("/review")]
    await say(reader, draft, "comment", place="fee", rule="R3", text="Hm.")
    assert reader.status == 403


async def test_remarks_are_only_ever_added(desk, draft, editor):
    import sqlalchemy

    await say(editor, draft, "comment", place="fee", rule="R3", text="Hm.")
    async with desk.store._database.writing() as session:
        for statement in ("UPDATE remark SET text = ''", "DELETE FROM remark"):
            with pytest.raises(sqlalchemy.exc.DBAPIError, match="never changed"):
                await session.exec(sqlalchemy.text(statement))
