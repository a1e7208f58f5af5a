"""A draft changed by plain forms: what was typed is kept, what is wrong is said in its place."""

from decision_tables.rulebook import rulebook_of


async def rules_of(desk, draft, table="fee"):
    stored = await desk.store.draft(draft.rsplit("/", 1)[1])
    return {rule.id: rule for rule in rulebook_of(stored.document).table(table).rules}


async def test_a_row_of_the_grid_leads_to_the_form_in_which_its_cells_are_changed(editor, draft, desk):
    await editor.open(f"{draft}/tables/fee")
    await editor.follow("Edit row R3")
    assert editor.at.endswith("/rule?table=fee&rule=R3")
    assert "age is at least 18 years" in editor.page.text
    assert "If age is at least 18 years and resident is no, then fee is 25.5." in editor.page.text
    await editor.send("/rule", output__fee="30")
    assert "Saved." in editor.page.text
    assert (await rules_of(desk, draft))["R3"].outputs == ("30",)


async def test_broken_text_is_kept_and_marked_where_it_stands(editor, draft, desk):
    await editor.open(f"{draft}/rule?table=waiver&rule=W1")
    await editor.send("/rule", test__kind='plain, "odd"')
    assert "/rule?table=waiver&rule=W1&done=saved" in editor.at, "the row stays open"
    assert (await rules_of(desk, draft, "waiver"))["W1"].tests == ('plain, "odd"',)
    assert "<pre>plain, &#34;odd&#34;\n^^^^^</pre>" in editor.page.html
    assert 'Text goes in quotes: "plain"' in editor.page.text
    assert 'Suggestion: "plain", "odd"' in editor.page.text
    page = await editor.open(f"{draft}/tables/waiver")
    assert 'class="bad" aria-invalid="true">plain, &#34;odd&#34;</td>' in page.html
    await editor.follow("1 error")
    assert editor.page.link("waiver, W1").endswith("/tables/waiver?rule=W1&cell=test.kind#row-W1")
    await editor.open(f"{draft}/rule?table=waiver&rule=W1")
    await editor.send("/rule", test__kind='"plain"')
    await editor.open(f"{draft}/problems")
    assert "Nothing is wrong." in editor.page.text


async def test_quotation_marks_of_a_word_processor_are_taken_for_those_of_feel(editor, draft, desk):
    await editor.open(f"{draft}/rule?table=waiver&rule=W1")
    await editor.send("/rule", test__kind="“plain”,« odd »")
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
    for said in ("Fees Act, article 8", "contested, to_be_confirmed", "2021-01-01", "2030-01-01"):
        assert said in editor.page.text


async def test_a_wrong_date_is_told_at_its_field(editor, draft):
    await editor.open(f"{draft}/rule?table=fee&rule=R2")
    await editor.send("/rule", valid__end="2019-13-01")
    assert "rule?table=fee&rule=R2&done=saved" in editor.at
    assert 'aria-invalid="true" aria-describedby="valid.end-marks"' in editor.page.html


async def test_a_day_is_typed_in_the_form_of_a_row_as_people_write_it(editor, draft, desk):
    await editor.open(f"{draft}/rule?table=fee&rule=R1")
    await editor.send("/rule", valid__start="1/07/2025", valid__end="31-12-2030")
    kept = await desk.store.draft(draft.rsplit("/", 1)[1])
    (row, *_) = rulebook_of(kept.document).table("fee").rules
    assert (row.valid.start, row.valid.end) == ("2025-07-01", "2030-12-31")


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
    await editor.follow("Edit row R1")
    await editor.follow("Duplicate row R1")
    assert ("after", "R1") in editor.page.form("/rule").fields
    assert ("citation", "Fees Act, article 1") in editor.page.form("/rule").fields
    await editor.send("/rule", id="R1b")
    assert list(await rules_of(desk, draft)) == ["R1", "R1b", "R2", "R3", "R4"]
    await editor.follow("Edit row R3")
    await editor.send("/move", by="-1")
    assert list(await rules_of(desk, draft)) == ["R1", "R1b", "R3", "R2", "R4"]
    await editor.follow("Edit row R1b")
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
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="30")
    line = (await desk.store.audit("fees"))[0]
    assert (line.actor, line.action) == ("editor1", "rule/edited")
    assert line.detail["changed"] == {"output.fee": ["25.50", "30"]}
    page = await editor.open("audit?rulebook=fees")
    assert "<del" in page.html
    assert "row: change" in page.text


async def test_columns_are_added_copied_moved_and_deleted(editor, draft, desk):
    async def columns():
        stored = rulebook_of((await desk.store.draft(draft.rsplit("/", 1)[1])).document).table("fee")
        return [one.key for one in stored.inputs], [one.key for one in stored.outputs]

    async def deed(name, **fields):
        token = dict(editor.page.form("/columns").fields)["csrf"]
        await editor.post(f"{draft}/columns?table=fee", [("csrf", token), ("deed", name), *fields.items()])

    await editor.open(f"{draft}/tables/fee")
    await editor.follow("Columns")
    await deed("condition", fact="kind")
    await deed("condition", expression="age + 1")
    await deed("outcome", fact="papers", part="cost")
    assert await columns() == (["age", "resident", "kind", "age_1"], ["fee", "cost"])
    rules = await rules_of(desk, draft)
    assert (rules["R2"].tests, rules["R2"].outputs) == ((">= 18", "true", "-", "-"), ("10", ""))
    await deed("left", column="kind")
    await deed("copy", column="age")
    await deed("right", column="fee")
    assert await columns() == (["age", "age_2", "kind", "resident", "age_1"], ["cost", "fee"])
    rules = await rules_of(desk, draft)
    assert (rules["R2"].tests, rules["R2"].outputs) == ((">= 18", ">= 18", "-", "true", "-"), ("", "10"))
    await editor.follow("Delete age")
    assert "3 cells of it say something." in editor.page.text
    await deed("delete", column="age_2")
    assert (await columns())[0] == ["age", "kind", "resident", "age_1"]
    line = (await desk.store.audit("fees"))[0]
    assert (line.action, line.detail["was"]["R2"]) == ("column/deleted", ">= 18")
    await deed("twist", column="age")
    assert editor.status == 422


async def test_a_draft_is_discarded_only_after_asking(editor, draft, desk):
    await editor.open(draft)
    await editor.follow("Discard this draft")
    assert await desk.store.drafts("fees")
    await editor.send("/discard")
    assert "The draft was discarded." in editor.page.text
    assert not await desk.store.drafts("fees")


async def test_control_characters_are_not_kept(editor, draft, desk):
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="\x1b3\0" + "0")
    assert (await rules_of(desk, draft))["R3"].outputs == ("30",)
