"""Two people in one table: what both did stands, cell by cell, and nothing that anybody wrote is lost."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_tables.errors import NotFound
from decision_tables.rulebook import document_of, rulebook_of
from decision_tables.table import Note
from service.editing import fields_of, with_cell, with_column, with_column_moved, without_column
from service.library import Library
from service.merging import AddRow, DropRow, MoveRow, Operation, SetCells, merged
from service.publishing import Publishing
from tests.service import fees

FEES = with_column(fees.FEES, "fee", Note("history"))
FEE = FEES.table("fee")


def ids(book):
    return [rule.id for rule in book.table("fee").rules]


def cells(book, row):
    table = book.table("fee")
    rule = next(rule for rule in table.rules if rule.id == row)
    return fields_of(table, rule, book.languages)


def wrote(row, name, was, text):
    return SetCells(row, {name: (was, text)})


def test_cells_are_written_and_what_changed_is_told():
    outcome = merged(FEES, "fee", [wrote("R1", "test.age", "< 18", "< 21"), wrote("R2", "note", "", "new")])
    assert cells(outcome.rulebook, "R1")["test.age"] == "< 21"
    assert outcome.changed == {"R1 test.age": ["< 18", "< 21"], "R2 note": ["", "new"]}
    assert outcome.rulebook.tables[1:] == FEES.tables[1:]


def test_the_same_cell_changed_to_another_text_is_a_conflict_and_nothing_is_applied():
    theirs = with_cell(FEES, "fee", "R1", "age", "< 16")
    outcome = merged(theirs, "fee", [wrote("R2", "note", "", "new"), wrote("R1", "test.age", "< 18", "< 21")])
    assert outcome.rulebook == theirs
    (conflict,) = outcome.conflicts
    assert (conflict.at, conflict.row, conflict.name) == (1, "R1", "test.age")
    assert (conflict.was, conflict.mine, conflict.theirs, conflict.gone) == ("< 18", "< 21", "< 16", False)


def test_the_same_cell_changed_to_the_same_text_is_no_conflict():
    theirs = with_cell(FEES, "fee", "R1", "age", "< 21")
    assert merged(theirs, "fee", [wrote("R1", "test.age", "< 18", "< 21")]).is_idle


def test_a_cell_written_in_a_row_or_column_that_is_gone_is_a_conflict():
    outcome = merged(FEES, "fee", [wrote("R9", "note", "", "x"), wrote("R1", "test.none", "", "y")])
    assert [(one.row, one.name, one.mine, one.gone, one.no_column) for one in outcome.conflicts] == [
        ("R9", "note", "x", True, False),
        ("R1", "test.none", "y", True, True),
    ]
    (conflict,) = merged(FEES, "fee", [AddRow("R9", "R1", {"test.none": "y"})]).conflicts
    assert (conflict.gone, conflict.no_column) == (True, True)


def test_a_new_row_stands_after_the_row_it_names_with_conditions_that_accept_everything():
    outcome = merged(FEES, "fee", [AddRow("R4", "R1", {"output.fee": "5"}), AddRow("R5", "")])
    assert ids(outcome.rulebook) == ["R5", "R1", "R4", "R2", "R3"]
    added = cells(outcome.rulebook, "R4")
    assert (added["test.age"], added["output.fee"], added["note"]) == ("-", "5", "")
    assert outcome.added == ("R4", "R5")


def test_an_id_that_is_taken_becomes_the_next_free_one_also_for_what_follows():
    operations = [AddRow("R2", "R1"), wrote("R2", "note", "", "mine"), MoveRow("R2", "R3")]
    outcome = merged(FEES, "fee", operations)
    assert outcome.renamed == {"R2": "R4"}
    assert ids(outcome.rulebook) == ["R1", "R2", "R3", "R4"]
    assert cells(outcome.rulebook, "R4")["note"] == "mine"
    assert cells(outcome.rulebook, "R2")["note"] == ""


def test_a_row_after_one_that_is_gone_goes_to_the_end():
    assert ids(merged(FEES, "fee", [AddRow("R4", "R9")]).rulebook) == ["R1", "R2", "R3", "R4"]


def test_rows_are_moved_and_a_move_from_or_to_what_is_gone_leaves_all_as_it_is():
    assert ids(merged(FEES, "fee", [MoveRow("R3", "")]).rulebook) == ["R3", "R1", "R2"]
    assert ids(merged(FEES, "fee", [MoveRow("R1", "R2")]).rulebook) == ["R2", "R1", "R3"]
    assert merged(FEES, "fee", [MoveRow("R9", "R1"), MoveRow("R1", "R9"), MoveRow("R2", "R1")]).is_idle


def test_a_row_is_deleted_as_it_was_seen_and_told_whole():
    outcome = merged(FEES, "fee", [DropRow("R2", {"test.age": ">= 18"}), DropRow("R9")])
    assert ids(outcome.rulebook) == ["R1", "R3"]
    assert outcome.dropped["R2"] == {**cells(FEES, "R2"), "after": "R1"}


def test_a_row_that_somebody_changed_is_not_deleted_unseen():
    theirs = with_cell(FEES, "fee", "R2", "fee", "12")
    outcome = merged(theirs, "fee", [DropRow("R2", {"output.fee": "10", "test.age": ">= 18"})])
    assert [(found.name, found.theirs) for found in outcome.conflicts] == [("output.fee", "12")]
    assert ids(outcome.rulebook) == ["R1", "R2", "R3"]


def test_what_was_deleted_is_brought_back_as_it_was_by_the_inverse_operation():
    dropped = merged(FEES, "fee", [DropRow("R2")])
    fields = dict(dropped.dropped["R2"])
    restored = merged(dropped.rulebook, "fee", [AddRow("R2", fields.pop("after"), fields)])
    assert restored.rulebook == FEES


def test_a_note_in_a_column_that_somebody_deleted_is_a_conflict_and_one_in_a_column_that_moved_is_not():
    two = with_column(FEES, "fee", Note("source"))
    mine = [wrote("R2", "note.source", "", "Bulletin")]
    moved = merged(with_column_moved(two, "fee", "source", -1), "fee", mine).rulebook
    assert cells(moved, "R2")["note.source"] == "Bulletin"
    (conflict,) = merged(without_column(two, "fee", "source"), "fee", mine).conflicts
    assert (conflict.name, conflict.mine, conflict.gone) == ("note.source", "Bulletin", True)


def test_a_table_that_is_not_there_is_not_found():
    with pytest.raises(NotFound):
        merged(FEES, "feee", [])


NAMES = ("test.age", "test.resident", "output.fee", "note", "note.history")
TEXTS = st.sampled_from(["-", "1", "2", "3"])
EDITS = st.dictionaries(st.tuples(st.sampled_from(["R1", "R2", "R3"]), st.sampled_from(NAMES)), TEXTS)


def operations_of(edits):
    return [wrote(row, name, cells(FEES, row)[name], text) for (row, name), text in edits.items()]


@given(EDITS, EDITS)
def test_two_people_merge_cell_by_cell_or_clash_exactly_where_they_differ(mine, theirs):
    stored = merged(FEES, "fee", operations_of(theirs)).rulebook
    outcome = merged(stored, "fee", operations_of(mine))
    before = {row: cells(FEES, row) for row in ids(FEES)}
    clashing = {
        (row, name)
        for (row, name), text in mine.items()
        if theirs.get((row, name), before[row][name]) not in {before[row][name], text}
    }
    assert {(found.row, found.name) for found in outcome.conflicts} == clashing
    if not clashing:
        for row in before:
            for name in NAMES:
                expected = mine.get((row, name), theirs.get((row, name), before[row][name]))
                if mine.get((row, name)) == before[row][name]:  # written as it was: not mine
                    expected = theirs.get((row, name), expected)
                assert cells(outcome.rulebook, row)[name] in {expected, mine.get((row, name), expected)}


ROWS = st.sampled_from(["R1", "R2", "R3", "R4", "R5", ""])
ANY = st.one_of(
    st.builds(SetCells, ROWS, st.dictionaries(st.sampled_from(NAMES), st.tuples(TEXTS, TEXTS))),
    st.builds(AddRow, ROWS, ROWS, st.dictionaries(st.sampled_from(NAMES), TEXTS)),
    st.builds(MoveRow, ROWS, ROWS),
    st.builds(DropRow, ROWS, st.dictionaries(st.sampled_from(NAMES), TEXTS)),
)


@given(st.lists(ANY, max_size=8))
def test_whatever_is_sent_leaves_a_table_with_rows_of_one_id_each(operations):
    outcome = merged(FEES, "fee", operations)
    rows = ids(outcome.rulebook)
    assert (
        len(rows) == len(set(rows)) == 3 + len(outcome.added) - len(set(outcome.dropped) & {"R1", "R2", "R3"})
    )
    assert all(rows)
    assert rulebook_of(document_of(outcome.rulebook)) == outcome.rulebook


def test_operations_are_read_from_json_each_by_its_kind():
    text = b"""[{"t": "set", "row": "R1", "cells": {"note": ["", "x"]}}, {"t": "add", "row": "R4", "after": "R1"},
        {"t": "move", "row": "R4"}, {"t": "drop", "row": "R4", "was": {"note": ""}}]"""
    assert msgspec.json.decode(text, type=list[Operation]) == [
        SetCells("R1", {"note": ("", "x")}),
        AddRow("R4", "R1"),
        MoveRow("R4"),
        DropRow("R4", {"note": ""}),
    ]


async def test_on_both_databases_two_authors_edits_go_together_and_the_audit_tells_each(store):
    await store.load_release(document_of(FEES), "test", "first")
    publishing = Publishing(store, Library(store))
    draft = await publishing.start_draft("fees", "ann")
    await publishing.merge(draft.id, "ann", "fee", [wrote("R1", "test.age", "< 18", "< 21")])
    edited, outcome = await publishing.merge(
        draft.id, "bob", "fee", [wrote("R3", "output.fee", "25.50", "thirty"), AddRow("R4", "R3")]
    )
    assert (await store.draft_head(draft.id)).revision == edited.draft.revision == 3
    assert [found.where.rule for found in edited.diagnostics if found.is_error] == ["R3"]
    assert outcome.added == ("R4",)
    stored = rulebook_of((await store.draft(draft.id)).document)
    assert cells(stored, "R1")["test.age"] == "< 21"
    assert cells(stored, "R3")["output.fee"] == "thirty"
    told = [(line.actor, line.detail.get("changed")) for line in await store.audit("fees")][:2]
    assert told == [
        ("bob", {"R3 output.fee": ["25.50", "thirty"]}),
        ("ann", {"R1 test.age": ["< 18", "< 21"]}),
    ]


async def test_on_both_databases_a_conflict_saves_nothing(store):
    await store.load_release(document_of(FEES), "test", "first")
    publishing = Publishing(store, Library(store))
    draft = await publishing.start_draft("fees", "ann")
    await publishing.merge(draft.id, "ann", "fee", [wrote("R1", "test.age", "< 18", "< 21")])
    edited, outcome = await publishing.merge(
        draft.id, "bob", "fee", [wrote("R1", "test.age", "< 18", "< 16"), wrote("R2", "note", "", "x")]
    )
    assert [found.theirs for found in outcome.conflicts] == ["< 21"]
    assert edited.draft.revision == 2
    assert cells(rulebook_of((await store.draft(draft.id)).document), "R2")["note"] == ""


async def test_on_both_databases_a_save_in_between_is_put_on_top_of(store, monkeypatch):
    await store.load_release(document_of(FEES), "test", "first")
    publishing = Publishing(store, Library(store))
    draft = await publishing.start_draft("fees", "ann")
    read, interfering = store.draft, [True]

    async def read_late(draft_id):
        found = await read(draft_id)
        if interfering:
            interfering.clear()
            await publishing.merge(draft_id, "ann", "fee", [wrote("R1", "note", "", "hers")])
        return replace(found)

    monkeypatch.setattr(store, "draft", read_late)
    await publishing.merge(draft.id, "bob", "fee", [wrote("R2", "note", "", "his")])
    stored = rulebook_of((await read(draft.id)).document)
    assert [cells(stored, row)["note"] for row in ("R1", "R2")] == ["hers", "his"]
