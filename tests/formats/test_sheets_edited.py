"""A workbook that people have changed: rules are known by their ids, and what went wrong is told with its cell."""

from dataclasses import replace

import pytest

from decision_tables.compare import ChangeKind, changes_between
from decision_tables.compile import check
from decision_tables.errors import InvalidRulebook
from decision_tables.formats import address_of
from decision_tables.table import HitPolicy, Note, Period
from decision_tables.vocabulary import Words
from service.editing import with_cell, with_column
from tests.formats.workbooks import brought, cell, codes, kind_row, opened, places, plain, row_of
from tests.service.fees import FEES, with_fee


def changes(reading, before=FEES):
    return [
        (change.kind, str(change.where), change.after) for change in changes_between(before, reading.rulebook)
    ]


def ids(reading, table="fee"):
    return [rule.id for rule in reading.rulebook.table(table).rules]


def test_a_cell_that_was_changed_is_the_only_difference():
    book = opened()
    cell(book["fee"], "R2", "fee").value = "12.5"
    reading = brought(book)
    assert changes(reading) == [(ChangeKind.CHANGED, "fee / R2 / fee", "12.5")]
    assert reading.notes == ()


def test_what_stands_beside_the_cells_is_changed_as_well():
    book = opened()
    sheet = book["fee"]
    cell(sheet, "R1", "In force until").value = "2030-01-01"
    cell(sheet, "R1", "Flags").value = "contested, new"
    cell(sheet, "R1", "Confidence").value = "U"
    sheet.cell(4, 3).value = "first"
    book["Facts"]["H2"].value = "Hoe oud?"
    rule = brought(book).rulebook.table("fee").rules[0]
    assert (rule.valid, rule.flags, rule.confidence) == (Period("", "2030-01-01"), ("contested", "new"), "U")
    assert brought(book).rulebook.table("fee").hit_policy is HitPolicy.FIRST
    assert brought(book).rulebook.facts[0].question.by_language == {"en": "How old?", "nl": "Hoe oud?"}


SOURCE = Note("src", Words({"en": "Source", "nl": "Bron"}))
NOTED = with_cell(
    with_column(with_column(FEES, "fee", SOURCE), "fee", Note("seen")), "fee", "R2", "src", "Bulletin"
)


def heads(sheet):
    """By the hidden key of each column, its number."""
    row = next(row for row in range(1, 40) if sheet.cell(row, 1).value == "Column")
    return {sheet.cell(row, at).value: at for at in range(3, 20) if sheet.cell(row, at).value}


def test_notes_in_columns_of_their_own_stand_under_their_labels_and_are_changed_there():
    book = opened(NOTED)
    sheet = book["fee"]
    assert cell(sheet, "R2", "Source").value == "Bulletin"
    assert list(heads(sheet)) == ["age", "resident", "fee", "note.src", "note.seen"]
    cell(sheet, "R1", "Source").value = "Gazette"
    sheet.cell(row_of(sheet, "R3"), heads(sheet)["note.seen"]).value = "1999"
    reading = brought(book, NOTED)
    assert changes(reading, NOTED) == [
        (ChangeKind.CHANGED, "fee / R1 / src", "Gazette"),
        (ChangeKind.CHANGED, "fee / R3 / seen", "1999"),
    ]
    assert reading.notes == ()


def test_a_column_of_notes_is_added_by_its_kind_and_a_name_copied_under_a_key_of_its_own_and_deleted():
    book = opened(NOTED)
    sheet = book["fee"]
    top, last = kind_row(sheet), sheet.max_column + 1
    facts = next(row for row in range(top, 40) if sheet.cell(row, 1).value == "Fact")
    for at, name in ((last, "Checked by"), (last + 1, None)):
        sheet.cell(top, at).value = "Note"
        sheet.cell(facts, at).value = name
        sheet.cell(row_of(sheet, "R1"), at).value = f"said {at - last}"
    source = heads(sheet)["note.src"]
    for row in range(top, row_of(sheet, "R3") + 1):
        sheet.cell(row, last + 2).value = sheet.cell(row, source).value
    sheet.delete_cols(heads(sheet)["note.seen"])
    reading = brought(book, NOTED)
    table = reading.rulebook.table("fee")
    assert table.notes == (SOURCE, Note("Checked by"), Note("note"), replace(SOURCE, key="Source"))
    assert [rule.notes for rule in table.rules] == [
        ("", "said 0", "said 1"),
        ("Bulletin", "", "", "Bulletin"),
        (),
    ]
    assert table.rules[0].note == FEES.table("fee").rules[0].note
    assert reading.notes == ()


def test_rows_that_were_moved_keep_their_ids():
    book = opened()
    sheet = book["fee"]
    first, last = row_of(sheet, "R1"), row_of(sheet, "R3")
    for column in range(1, 12):
        a, b = sheet.cell(first, column), sheet.cell(last, column)
        a.value, b.value = b.value, a.value
    reading = brought(book)
    assert ids(reading) == ["R3", "R2", "R1"]
    assert {kind for kind, _, _ in changes(reading)} == {ChangeKind.MOVED}


def test_an_inserted_row_gets_the_next_id_and_a_deleted_one_is_gone():
    book = opened()
    sheet = book["fee"]
    row = row_of(sheet, "R2")
    sheet.insert_rows(row)
    for column, text in ((3, "< 5"), (4, "true"), (5, "1"), (6, "Fees Act, article 9")):
        sheet.cell(row, column).value = text
    sheet.delete_rows(row_of(sheet, "R3"))
    reading = brought(book)
    assert ids(reading) == ["R1", "R4", "R2"]
    assert reading.rulebook.table("fee").rules[1].citation == "Fees Act, article 9"
    assert [(kind, place) for kind, place, _ in changes(reading)] == [
        (ChangeKind.ADDED, "fee / R4"),
        (ChangeKind.REMOVED, "fee / R3"),
    ]


def test_a_row_that_was_copied_with_its_hidden_id_is_a_new_rule_and_the_old_one_stays():
    book = opened()
    sheet = book["fee"]
    row = row_of(sheet, "R2")
    sheet.insert_rows(row)
    for column in range(1, 12):
        sheet.cell(row, column).value = sheet.cell(row + 1, column).value
    sheet.cell(row, 5).value = "99"
    reading = brought(book)
    assert ids(reading) == ["R1", "R4", "R2", "R3"]
    assert places(reading, "sheet/copied") == [f"fee!{row}"]
    assert reading.rulebook.table("fee").rules[1].outputs == ("99",)


def test_a_row_whose_visible_cells_were_emptied_is_deleted_and_does_not_hold_for_everything():
    book = opened()
    sheet = book["fee"]
    for column in range(3, 12):
        sheet.cell(row_of(sheet, "R2"), column).value = None
    reading = brought(book)
    assert ids(reading) == ["R1", "R3"]
    assert places(reading, "sheet/cleared") == [f"fee!{row_of(sheet, 'R2')}"]


def test_without_the_column_of_ids_rules_are_known_by_what_they_say():
    book = opened()
    sheet = book["fee"]
    cell(sheet, "R3", "fee").value = "30"
    row = row_of(sheet, "R1")
    sheet.insert_rows(row)
    sheet.cell(row, 3).value, sheet.cell(row, 5).value = "= 17", "3"
    sheet.delete_cols(2)
    reading = brought(book)
    assert ids(reading) == ["R4", "R1", "R2", "R3"]
    assert reading.rulebook.table("fee").rules[3].outputs == ("30",)
    assert places(reading, "sheet/ids") == ["fee!14, 15, 16"]
    assert brought(book, None).rulebook.table("fee").rules[0].id == "R1"


def test_columns_may_stand_in_any_order_and_a_new_one_needs_its_kind_and_its_fact_alone():
    book = opened()
    sheet = book["fee"]
    top = kind_row(sheet)
    for row in range(top, row_of(sheet, "R3") + 1):
        moved = [sheet.cell(row, at).value for at in (5, 4, 3)]
        for at, value in zip((3, 4, 5), moved, strict=True):
            sheet.cell(row, at).value = value
    sheet.cell(top, 20).value, sheet.cell(top + 1, 20).value = "Condition", "kind"
    sheet.cell(row_of(sheet, "R2"), 20).value = '"odd"'
    table = brought(book).rulebook.table("fee")
    assert [column.key for column in (*table.inputs, *table.outputs)] == ["resident", "age", "kind", "fee"]
    assert table.rules[1].tests == ("true", ">= 18", '"odd"')
    told = {change for change in changes_between(FEES, brought(book).rulebook) if change.what == "cell"}
    assert {str(change.where) for change in told} <= {f"fee / R{n} / kind" for n in (1, 2, 3)}


def test_a_new_column_brings_its_fact_if_its_type_is_said():
    book = opened()
    sheet = book["fee"]
    top = kind_row(sheet)
    for offset, text in enumerate(("condition", "income", "number", ">= 0")):
        sheet.cell(top + offset, 20).value = text
    reading = brought(book)
    assert reading.rulebook.facts[-1].key == "income"
    assert (reading.rulebook.facts[-1].type, reading.rulebook.facts[-1].allowed) == ("number", ">= 0")
    assert places(reading, "sheet/new-fact") == [f"fee!T{top + 1}"]
    assert check(reading.rulebook)[0] is not None


def test_a_misspelt_fact_above_a_column_is_told_with_its_cell_and_what_was_meant():
    book = opened()
    sheet = book["fee"]
    top = kind_row(sheet)
    sheet.cell(top + 1, 4).value = "residnet"
    sheet.cell(top + 1, 5).value = "fe"
    reading = brought(book)
    _, found = check(reading.rulebook)
    told = {address_of(one.where, reading.addresses): one for one in found}
    assert told[f"fee!D{top + 1}"].repair == "resident"
    assert "fee" in told[f"fee!E{top + 1}"].hint + told[f"fee!E{top + 1}"].message
    assert reading.rulebook.table("fee").inputs[1].expression == "residnet", "what is a name is never changed"


def test_a_sheet_may_be_renamed_and_moved_and_a_deleted_one_is_a_deleted_table():
    book = opened()
    book["fee"].title = "My fees (2026)"
    book.move_sheet("My fees (2026)", offset=3)
    del book["zone"]
    cell(book["My fees (2026)"], "R1", "fee").value = "1 +"
    reading = brought(book)
    assert [table.key for table in reading.rulebook.tables] == ["papers", "waiver", "fee"]
    assert reading.rulebook.table("fee").inputs == FEES.table("fee").inputs
    _, found = check(reading.rulebook)
    (error,) = [one for one in found if one.code == "feel/syntax"]
    row = row_of(book["My fees (2026)"], "R1")
    assert address_of(error.where, reading.addresses) == f"'My fees (2026)'!E{row}"


def test_every_diagnostic_of_a_broken_workbook_has_the_address_of_its_cell():
    book = opened()
    sheet = book["fee"]
    cell(sheet, "R1", "age").value = "< eighteen years"
    cell(sheet, "R2", "In force from").value = "soon"
    cell(sheet, "R3", "Confidence").value = "sure"
    book["Facts"]["B3"].value = "boolaen"
    book["Formulas"]["C2"].value = "today("
    book["Queries"]["B2"].value = "fee, nothing"
    book["Cases"]["C2"].value = "one day"
    book["Rulebook"]["B5"].value = "nope"
    reading = brought(book)
    _, found = check(reading.rulebook)
    addresses = {address_of(one.where, reading.addresses) for one in found}
    row = row_of(sheet, "R1")
    assert {f"fee!C{row}", f"fee!J{row + 1}", f"fee!H{row + 2}", "Facts!B3", "Formulas!C2"} <= addresses
    assert "Queries!B2" in addresses
    assert all(address_of(one.where, reading.addresses) for one in found), [one.where for one in found]


def test_a_list_whose_sheet_is_gone_stays_as_the_rulebook_has_it_and_that_is_told():
    book = opened()
    del book["Cases"]
    reading = brought(book)
    assert reading.rulebook == FEES
    assert [note.code for note in reading.notes] == ["sheet/missing"]


def test_a_column_that_was_deleted_beside_the_rules_loses_nothing():
    book = opened()
    sheet = book["fee"]
    at = next(at for at in range(3, 20) if sheet.cell(kind_row(sheet), at).value == "Legal basis")
    sheet.delete_cols(at)
    reading = brought(book)
    assert reading.rulebook == FEES
    assert codes(reading) == {"sheet/kept"}


def test_all_that_keeps_a_workbook_from_being_read_is_told_at_once_with_its_cells():
    book = opened()
    sheet = book["fee"]
    sheet.cell(4, 3).value = "uniqe"
    sheet.cell(kind_row(sheet), 3).value = "Conditoin"
    book["papers"].cell(6, 3).value = "perhaps"
    book["Cases"]["E2"].value = "seventeen"
    with pytest.raises(InvalidRulebook) as caught:
        brought(book)
    told = {found.where.table: found for found in caught.value.diagnostics}
    assert told["fee!C4"].code == "sheet/hit-policy"
    assert "unique" in told["fee!C4"].hint
    assert told[f"fee!C{kind_row(sheet)}"].code == "sheet/no-kind"
    assert "condition" in told[f"fee!C{kind_row(sheet)}"].hint
    assert told["papers!C6"].code == "sheet/truth"
    assert told["Cases!E2"].code == "sheet/value"


def test_mistakes_that_the_rulebook_has_already_are_left_as_they_are():
    broken = with_fee("1.250,50")
    book = opened(broken)
    reading = brought(book, broken)
    assert reading.rulebook == broken
    assert reading.notes == ()
    cell(book["fee"], "R2", "fee").value = "1.250,50"
    reading = brought(book, broken)
    assert [rule.outputs for rule in reading.rulebook.table("fee").rules] == [
        ("1.250,50",),
        ("1250.50",),
        ("25.50",),
    ]


def test_a_case_may_be_written_as_people_write():
    book = opened()
    book["Cases"]["E3"].value = "resident = nee\nkind: odd\nsurcharge: 3"
    reading = brought(book)
    assert reading.rulebook.cases[1].facts == {"resident": False, "kind": "odd", "surcharge": 3}
    assert codes(reading) == {"sheet/read-as"}


def test_a_sheet_with_no_table_in_it_is_passed_over_and_said_so():
    book = opened()
    book.create_sheet("Scratch")["A1"] = "remember the milk"
    reading = brought(book)
    assert reading.rulebook == FEES
    assert places(reading, "sheet/not-read") == ["Scratch!1"]


def test_a_workbook_of_another_rulebook_is_read_as_the_one_that_it_is_brought_into():
    reading = brought(opened(replace(FEES, key="old")))
    assert reading.rulebook.key == "fees"
    assert codes(reading) == {"file/other-key"}


def test_a_file_without_any_table_is_refused_with_what_a_table_looks_like():
    with pytest.raises(InvalidRulebook) as caught:
        brought(plain(["only one cell"]), None)
    (found,) = [one for one in caught.value.diagnostics if one.is_error]
    assert found.code == "sheet/no-table"
