"""Comments on rows: seen and written from the table, told in the review."""


async def test_a_comment_is_written_beside_the_table_and_marked_at_its_row(editor, draft, desk):
    await editor.open(f"{draft}/rule?table=fee&rule=R2")
    await editor.follow("Comments")
    assert "Nobody has said anything of this row yet." in editor.page.text
    await editor.send("/review", text="Is this still the law?")
    assert editor.at.endswith("/tables/fee?rule=R2&comments=1#comments")
    assert "Is this still the law?" in editor.page.text
    page = await editor.open(f"{draft}/tables/fee")
    assert page.link("1 comment on row R2").endswith("/tables/fee?rule=R2&comments=1#comments")
    assert "Is this still the law?" not in page.text
    line = (await desk.store.audit("fees"))[0]
    assert (line.action, line.detail["rule"]) == ("review/comment", "R2")


async def test_a_settled_comment_marks_no_row_and_can_still_be_read(editor, draft):
    await editor.open(f"{draft}/tables/fee?rule=R2&comments=1")
    await editor.send("/review", text="Which article?")
    settle = next(form for form in editor.page.forms if ("deed", "settle") in form.fields)
    await editor.post(settle.action, [*settle.fields, ("about", "1")])
    assert "settled by editor1" in editor.page.text
    assert "Which article?" in editor.page.text
    page = await editor.open(f"{draft}/tables/fee")
    assert "on row R2" not in str(page.links)


async def test_the_review_tells_comments_on_rows_that_did_not_change(editor, draft):
    await editor.open(f"{draft}/tables/fee?rule=R2&comments=1")
    await editor.send("/review", text="Which article?")
    page = await editor.open(f"{draft}/review")
    assert "Comments on what is as it was fee, R2" in page.text
    assert page.link("fee, R2").endswith("/tables/fee?rule=R2&comments=1#comments")
    await editor.open(f"{draft}/rule?table=fee&rule=R2")
    await editor.send("/rule", output__fee="11")
    page = await editor.open(f"{draft}/review")
    assert "Comments on what is as it was" not in page.text
    assert page.text.count("Which article?") == 1


async def test_a_reader_sees_comments_and_writes_none(editor, draft, staff):
    await editor.open(f"{draft}/tables/fee?rule=R2&comments=1")
    await editor.send("/review", text="Which article?")
    reader = await staff("reader")
    page = await reader.open(f"{draft}/tables/fee?rule=R2&comments=1")
    assert "Which article?" in page.text
    assert not [form for form in page.forms if form.action.endswith("/review")]
    assert "on row" not in (await reader.open(f"{draft}/tables/waiver?comments=1&rule=R2")).text


async def test_a_comment_leads_back_to_nowhere_but_these_pages(editor, draft):
    await editor.open(f"{draft}/tables/fee?rule=R2&comments=1")
    await editor.send("/review", text="Which article?", back="https://elsewhere.example/")
    assert editor.at == "/admin/"
