"""A draft changed by plain forms: what was typed is kept, what is wrong is said in its place."""

from decision_tables.rulebook import rulebook_of


async def rules_of(desk, draft, table="fee"):
    stored = await desk.store.draft(draft.rsplit("/", 1)[1])
    return {rule.id: rule for rule in rulebook_of(stored.document).table(table).rules}


async def test_one_cell_is_changed_in_its_place(editor, draft, desk):
    await editor.open(f"{draft}/tables/fee")
    assert editor.page.link("25.50").endswith("/tables/fee?rule=R3&cell=output.fee#cell-text")
    await editor.follow("25.50")
    await editor.send("/cell", output__fee="30")
    assert "Saved." in editor.page.text
    assert (await rules_of(desk, draft))["R3"].outputs == ("30",)


async def test_broken_text_is_kept_and_marked_where_it_stands(editor, draft, desk):
    await editor.open(f"{draft}/tables/waiver?rule=W1&cell=test.kind")
    await editor.send("/cell", test__kind='plain, "odd"')
    assert editor.at.endswith("?rule=W1&cell=test.kind&done=saved#cell-text"), "the cell stays open"
    assert (await rules_of(desk, draft, "waiver"))["W1"].tests == ('plain, "odd"',)
    page = await editor.open(f"{draft}/tables/waiver")
    assert '<mark class="faulty">plain</mark>' in page.html
    assert "<pre>plain, &#34;odd&#34;\n^^^^^</pre>" in page.html
    assert 'Text goes in quotes: "plain"' in page.text
    await editor.follow("1 error")
    assert editor.page.link("waiver, W1").endswith("/tables/waiver?rule=W1&cell=test.kind#cell-text")
    await editor.follow("waiver, W1")
    await editor.send("/cell", test__kind='"plain"')
    await editor.open(f"{draft}/problems")
    assert "Nothing is wrong." in editor.page.text


async def test_quotation_marks_of_a_word_processor_are_taken_for_those_of_feel(editor, draft, desk):
    await editor.open(f"{draft}/tables/waiver?rule=W1&cell=test.kind")
    await editor.send("/cell", test__kind="“plain”,« odd »")
    assert (await rules_of(desk, draft, "waiver"))["W1"].tests == ('"plain","odd"',)


async def test_a_row_is_changed_as_a_whole_with_everything_that_is_said_of_it(editor, draft, desk):
    await editor.open(f"{draft}/tables/waiver")
    await editor.follow("Edit row W2")
    await editor.send(
        "/rule",
        test__kind='"odd", null',
        citation="Fees Act, article 8",
        note="first line\r\nsecond line",
        confidence="U",
        flags="contested,  to_be_confirmed contested",
        valid__start="2021-01-01",
        known__end="2030-01-01",
        referral__en="Hardship?",
        referral__nl="Nood?",
    )
    rule = (await rules_of(desk, draft, "waiver"))["W2"]
    assert rule.tests == ('"odd", null',)
    assert rule.note == "first line\nsecond line"
    assert rule.confidence == "U"
    assert rule.flags == ("contested", "to_be_confirmed")
    assert (rule.valid.start, rule.valid.end, rule.known.start, rule.known.end) == (
        "2021-01-01",
        "",
        "",
        "2030-01-01",
    )
    assert rule.referral.by_language == {"en": "Hardship?", "nl": "Nood?"}
    for said in ("Fees Act, article 8", "to be checked", "from 1 January 2021", "until 1 January 2030"):
        assert said in editor.page.text


async def test_a_wrong_date_is_told_at_its_field(editor, draft):
    await editor.open(f"{draft}/rule?table=fee&rule=R2")
    await editor.send("/rule", valid__end="2019-13-01")
    assert editor.at.endswith("rule?table=fee&rule=R2&done=saved")
    assert 'aria-invalid="true" aria-describedby="valid.end-marks"' in editor.page.html


async def test_a_row_that_was_not_changed_is_not_saved(editor, draft, desk):
    await editor.open(f"{draft}/rule?table=fee&rule=R2")
    await editor.send("/rule")
    assert editor.status == 200
    assert (await desk.store.draft(draft.rsplit("/", 1)[1])).revision == 1


async def test_a_row_is_added_copied_moved_and_deleted(editor, draft, desk):
    await editor.open(f"{draft}/tables/fee")
    await editor.follow("Add a row")
    assert ("id", "R4") in editor.page.form("/rule").fields
    await editor.send("/rule", test__age="> 99", output__fee="1")
    assert "The row was added." in editor.page.text
    await editor.follow("Duplicate row R1")
    assert ("after", "R1") in editor.page.form("/rule").fields
    assert ("citation", "Fees Act, article 1") in editor.page.form("/rule").fields
    await editor.send("/rule", id="R1b")
    assert list(await rules_of(desk, draft)) == ["R1", "R1b", "R2", "R3", "R4"]
    form = next(
        form for form in editor.page.forms if ("rule", "R3") in form.fields and form.action.endswith("/move")
    )
    await editor.post(form.action, form.filled({"by": "-1"}))
    assert list(await rules_of(desk, draft)) == ["R1", "R1b", "R3", "R2", "R4"]
    await editor.follow("Delete row R1b")
    assert "Fees Act, article 1" in editor.page.text
    await editor.send("/delete")
    assert list(await rules_of(desk, draft)) == ["R1", "R3", "R2", "R4"]


async def test_an_id_that_is_taken_or_missing_is_refused_and_the_typed_row_kept(editor, draft, desk):
    for wrong, said in (("R2", "already"), (" ", "needs an id")):
        await editor.open(f"{draft}/rule?table=fee")
        await editor.send("/rule", id=wrong, citation="A new law")
        assert editor.status == 422
        assert said in editor.page.text
        assert ("citation", "A new law") in editor.page.form("/rule").fields
    assert len(await rules_of(desk, draft)) == 3


async def test_what_a_table_answers_when_several_rows_apply_is_a_setting(editor, draft, desk):
    await editor.open(f"{draft}/tables/fee")
    await editor.follow("Table settings")
    await editor.send("/settings", hit_policy="F", title__nl="Leges", default__fee="0", note="All fees.")
    assert "First: the topmost row that applies counts" in editor.page.text
    assert "All fees." in editor.page.text
    stored = rulebook_of((await desk.store.draft(draft.rsplit("/", 1)[1])).document).table("fee")
    assert stored.title.by_language == {"nl": "Leges"}
    assert stored.outputs[0].default == "0"
    await editor.open(f"{draft}/settings?table=fee")
    await editor.send("/settings", hit_policy="Z")
    assert editor.status == 422


async def test_a_formula_is_changed_and_its_error_told_at_its_field(editor, draft):
    await editor.open(f"{draft}")
    await editor.follow("Edit formula clock")
    await editor.send("/formula", expression="todai()")
    assert 'aria-describedby="marks"' in editor.page.html
    assert "today" in editor.page.text
    await editor.send("/formula", expression="as_of", citation="Fees Act, article 9")
    assert "Fees Act, article 9" in editor.page.text
    await editor.open(f"{draft}/problems")
    assert "Nothing is wrong." in editor.page.text


async def test_every_edit_leaves_a_line_with_before_and_after(editor, draft, desk):
    await editor.open(f"{draft}/tables/fee?rule=R3&cell=output.fee")
    await editor.send("/cell", output__fee="30")
    line = (await desk.store.audit("fees"))[0]
    assert (line.actor, line.action) == ("editor1", "rule/edited")
    assert line.detail["changed"] == {"output.fee": ["25.50", "30"]}
    page = await editor.open("audit?rulebook=fees")
    assert "<del" in page.html
    assert "rule/edited" in page.text


async def test_a_column_that_is_not_there_is_refused(editor, draft, desk):
    await editor.open(f"{draft}/tables/fee?rule=R3&cell=output.fee")
    sent = [*editor.page.form("/cell").filled({"name": "output.none"}), ("output.none", "1")]
    await editor.post(f"{draft}/cell", sent)
    assert editor.status == 404
    assert (await desk.store.draft(draft.rsplit("/", 1)[1])).revision == 1


async def test_a_draft_is_discarded_only_after_asking(editor, draft, desk):
    await editor.open(draft)
    await editor.follow("Discard this draft")
    assert await desk.store.drafts("fees")
    await editor.send("/discard")
    assert "The draft was discarded." in editor.page.text
    assert not await desk.store.drafts("fees")


async def test_a_long_table_is_shown_in_pages_and_an_edit_finds_its_page(editor, draft, desk):
    from dataclasses import replace

    from decision_tables.table import Rule
    from service.editing import with_table

    def longer(book):
        fee = book.table("fee")
        rows = tuple(Rule(f"L{n}", (f"{n}", "-"), ("1",)) for n in range(600))
        return with_table(book, replace(fee, rules=rows))

    await desk.publishing.edit(draft.rsplit("/", 1)[1], 1, "test", longer)
    page = await editor.open(f"{draft}/tables/fee?rule=L300&cell=output.fee")
    assert "L250" in page.text
    assert "L249" not in page.text
    assert "L500" not in page.text
    await editor.send("/cell", output__fee="2")
    assert "L300" in editor.page.text


async def test_control_characters_are_not_kept(editor, draft, desk):
    await editor.open(f"{draft}/tables/fee?rule=R3&cell=output.fee")
    await editor.send("/cell", output__fee="\x1b3\0" + "0")
    assert (await rules_of(desk, draft))["R3"].outputs == ("30",)
