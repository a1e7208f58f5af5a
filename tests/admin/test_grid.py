"""What a page draws of a table, and each diagnostic where it belongs."""

from dataclasses import replace

from admin.grid import PAGE, grid_of, marks_of, place_of
from decision_tables.compile import check
from decision_tables.diagnostics import Diagnostic, Severity, Where
from decision_tables.table import Note, Rule
from decision_tables.vocabulary import Words
from service.editing import with_cell, with_column
from tests.service.fees import FEES

FEE, PAPERS, *_ = FEES.tables


def drawn(table=FEE, diagnostics=(), **options):
    return grid_of(FEES, table, diagnostics, language="en", **options)


def test_columns_are_headed_by_their_facts_and_parts():
    age, resident, fee = drawn().headings
    assert (age.name, age.label, age.type, age.unit, age.allowed) == (
        "test.age",
        "age",
        "number",
        "years",
        ">= 0",
    )
    assert (fee.name, fee.is_condition, fee.type) == ("output.fee", False, "number")
    assert resident.is_condition
    part = drawn(PAPERS).headings[-1]
    assert (part.label, part.expression, part.type) == ("cost", "papers.cost", "")


def test_a_diagnostic_of_a_cell_stands_in_the_cell_with_its_faulty_part():
    broken = with_cell(FEES, "fee", "R2", "age", ">= eighteen")
    _, diagnostics = check(broken)
    grid = grid_of(broken, broken.tables[0], diagnostics, language="en")
    row = grid.rows[1]
    assert [bool(cell.marks) for cell in row.cells][:3] == [True, False, False]
    assert row.cells[0].has_error
    mark = row.cells[0].marks[0]
    assert (mark.before, mark.faulty, mark.after) == (">= ", "eighteen", "")
    assert mark.caret == ">= eighteen\n   ^^^^^^^^"
    assert not row.marks
    assert not grid.marks


def test_a_diagnostic_of_a_row_stands_at_the_row_of_a_column_in_its_head_and_of_the_table_above():
    found = [
        Diagnostic("period/empty", Where("fee", "R2", "valid.end"), "The period is empty."),
        Diagnostic("feel/unknown-name", Where("fee", "", "age"), "No such fact."),
        Diagnostic("table/no-priorities", Where("fee"), "No priorities.", severity=Severity.WARNING),
        Diagnostic("feel/unknown-name", Where("papers", "R2", "age"), "Another table."),
    ]
    grid = drawn(diagnostics=found)
    assert [mark.code for cell in grid.rows[1].cells for mark in cell.marks] == ["period/empty"]
    assert [mark.code for mark in grid.headings[0].marks] == ["feel/unknown-name"]
    assert [mark.code for mark in grid.marks] == ["table/no-priorities"]
    assert sum(len(cell.marks) for row in grid.rows for cell in row.cells) == 1


def test_notes_stand_behind_the_outcomes_and_only_those_that_some_rule_has():
    assert [heading.name for heading in drawn().notes] == [
        "citation",
        "note",
        "valid.start",
        "valid.end",
        "confidence",
        "flags",
    ]
    waiver = FEES.table("waiver")
    grid = drawn(waiver)
    assert "referral.en" in [heading.name for heading in grid.notes]
    assert [cell.text for cell in grid.rows[1].cells][2:4] == ["Fees Act, article 7", ""]
    assert "Is it hardship?" in [cell.text for cell in grid.rows[1].cells]
    assert len(grid.widths) == len(grid.columns)


def test_columns_of_notes_stand_behind_the_note_that_each_rule_has_under_their_label_or_key():
    book = with_column(FEES, "fee", Note("source", Words({"en": "Source", "nl": "Bron"})))
    book = with_column(book, "fee", Note("confidence", Words({"nl": "Zeker?"})))
    book = with_cell(book, "fee", "R2", "source", "Bulletin of 1999")
    grid = grid_of(book, book.table("fee"), (), language="en")
    assert [(heading.name, heading.label) for heading in grid.notes][1:5] == [
        ("note", "Note"),
        ("note.source", "Source"),
        ("note.confidence", "Zeker?"),
        ("valid.start", "In force from"),
    ]
    assert all(heading.kind == "note" for heading in grid.notes)
    assert [heading.is_own for heading in grid.notes].count(True) == 2
    at = [heading.name for heading in grid.columns].index("note.source")
    assert [row.cells[at].text for row in grid.rows] == ["", "Bulletin of 1999", ""]
    where = Diagnostic("x/y", Where("fee", "R2", "source"), "Whatever it is.")
    assert place_of(book, where) == "cell"


def test_a_row_says_what_it_is_beside_the_release_that_the_draft_began_with():
    r1, r2, r3 = FEE.rules
    now = replace(FEE, rules=(r1, replace(r2, note="new"), replace(r3, id="R4")))
    assert [row.change for row in drawn(now, before=FEE).rows] == ["", "changed", "added"]
    assert [row.change for row in drawn(now).rows] == ["", "", ""]


def test_errors_come_before_warnings_and_a_text_of_several_lines_has_no_caret():
    found = [
        Diagnostic("b/b", Where("fee"), "A warning.", severity=Severity.WARNING),
        Diagnostic("a/a", Where("fee").at(0, 1), "An error.", text="a\nb"),
    ]
    marks = marks_of(found)
    assert [mark.is_error for mark in marks] == [True, False]
    assert marks[0].faulty == "a"
    assert marks[0].caret == ""


def test_a_page_holds_the_row_that_is_asked_for():
    long = replace(FEE, rules=tuple(Rule(f"L{n}") for n in range(2 * PAGE + 1)))
    grid = drawn(long, showing=f"L{2 * PAGE}")
    assert [row.rule.id for row in grid.rows] == [f"L{2 * PAGE}"]
    assert grid.pages == (1, PAGE + 1, 2 * PAGE + 1)
    assert (drawn(long, first=PAGE).first, drawn(long, first=PAGE + 1).first) == (1, PAGE + 1)
    assert drawn(long, first=10**9).last == 2 * PAGE + 1
    assert drawn(replace(FEE, rules=())).rows == ()


def test_a_row_that_is_too_short_is_drawn_to_the_full_width():
    short = replace(FEE, rules=(Rule("R9", tests=("1",)),))
    assert [cell.text for cell in drawn(short).rows[0].cells][:3] == ["1", "", ""]


def test_every_diagnostic_has_a_place_to_go_to():
    places = {
        Where("fee", "R1", "age"): "cell",
        Where("fee", "R1", "valid.end"): "rule",
        Where("fee", "", "age"): "table",
        Where("fee"): "table",
        Where("clock", "", "decided_on"): "formula",
        Where("vocabulary", "age", "type"): "rulebook",
        Where("cases", "C1"): "rulebook",
        Where(): "rulebook",
    }
    for where, place in places.items():
        assert place_of(FEES, Diagnostic("a/a", where, "Something.")) == place
