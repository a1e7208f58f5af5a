"""Many people's edits of one table put together, cell by cell; pure.

An author's grid sends what was done in it as operations on stable row ids. Each carries what its author saw, so
that it can be put on top of whatever is stored by then: where somebody else changed other cells, both stand; where
they changed the same cell to another text, nothing is applied and every such cell is told (`Conflict`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from decision_tables.rulebook import Rulebook
from decision_tables.table import Rule
from service.editing import fields_of, free_rule_id, rule_of, table_of, with_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from decision_tables.table import Table

__all__ = ["AddRow", "Conflict", "DropRow", "Merged", "MoveRow", "Operation", "SetCells", "merged"]


class SetCells(msgspec.Struct, frozen=True, tag_field="t", tag="set"):
    """Cells of one row written: field name (`service.editing`) → the text that was seen, and the new one."""

    row: str
    cells: dict[str, tuple[str, str]]


class AddRow(msgspec.Struct, frozen=True, tag_field="t", tag="add"):
    """A row more.

    Attributes:
        row: the id that it asks for; it gets the next free one where that is taken.
        after: the row that it follows; empty for the top, and the end of the table if that row is gone.
        fields: its texts; conditions left out accept everything, other fields left out are empty.
    """

    row: str
    after: str = ""
    fields: dict[str, str] = {}


class MoveRow(msgspec.Struct, frozen=True, tag_field="t", tag="move"):
    """A row moved to stand after another one (empty: at the top); if either is gone, all stays as it is."""

    row: str
    after: str = ""


class DropRow(msgspec.Struct, frozen=True, tag_field="t", tag="drop"):
    """A row deleted as it was seen; one that is gone already is no matter."""

    row: str
    was: dict[str, str] = {}


Operation: TypeAlias = SetCells | AddRow | MoveRow | DropRow


@dataclass(frozen=True, slots=True)
class Conflict:
    """A place where somebody else came first.

    Attributes:
        at: which of the operations.
        row: the row.
        name: the field; empty where the row as a whole is meant.
        was: its text as the author saw it.
        mine: the text that the author wrote.
        theirs: the text that is stored now.
        gone: whether the row, or the column, is not there any more.
        no_column: whether it is the column.
    """

    at: int
    row: str
    name: str
    was: str = ""
    mine: str = ""
    theirs: str = ""
    gone: bool = False
    no_column: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of operations.

    Attributes:
        rulebook: with all of them applied; as it was where there are conflicts.
        conflicts: what somebody else changed first.
        renamed: ids asked for that were taken → ids given.
        dropped: rows that were deleted, whole, with the row that each followed (`after`).
        changed: for the audit line, `row field` → texts before and after.
        added: ids of new rows.
        moved: ids of rows that stand elsewhere now.
    """

    rulebook: Rulebook
    conflicts: tuple[Conflict, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, dict[str, str]] = field(default_factory=dict)
    changed: dict[str, list[str]] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is different from before."""
        return not (self.dropped or self.changed or self.added or self.moved)

    @property
    def detail(self) -> dict[str, object]:
        """What the audit line tells of it."""
        told = {"changed": self.changed, "added": self.added, "deleted": self.dropped, "moved": self.moved}
        return {name: part for name, part in told.items() if part}


def merged(rulebook: Rulebook, table: str, operations: Sequence[Operation]) -> Merged:
    """The rulebook with operations on one table applied in order, or every conflict at once.

    Args:
        rulebook: as it is stored now.
        table: the table's key.
        operations: what the author did; broken text in them is kept.

    Raises:
        NotFound: there is no such table.
    """
    sheet = _Sheet(table_of(rulebook, table), rulebook.languages)
    for at, operation in enumerate(operations):
        sheet.apply(at, operation)
    if sheet.conflicts:
        return Merged(rulebook, tuple(sheet.conflicts))
    return Merged(
        with_table(rulebook, sheet.table()),
        (),
        sheet.renamed,
        sheet.dropped,
        {place: texts for place, texts in sheet.changed.items() if texts[0] != texts[1]},
        tuple(row for row in dict.fromkeys(sheet.added) if row in sheet.rows),
        tuple(row for row in dict.fromkeys(sheet.moved) if row in sheet.rows),
    )


class _Sheet:
    """The rows of one table while operations are applied to them, unfolded into fields where they are touched."""

    def __init__(self, table: Table, languages: Iterable[str]) -> None:
        self._table = table
        self._languages = tuple(languages)
        self._blank = fields_of(table, Rule("", tests=("-",) * len(table.inputs)), self._languages)
        self._fields: dict[str, dict[str, str]] = {}
        self.order = [rule.id for rule in table.rules]
        self.rows = {rule.id: rule for rule in table.rules}
        self.conflicts: list[Conflict] = []
        self.renamed: dict[str, str] = {}
        self.dropped: dict[str, dict[str, str]] = {}
        self.changed: dict[str, list[str]] = {}
        self.added: list[str] = []
        self.moved: list[str] = []

    def table(self) -> Table:
        """The table as it has become."""
        rules = (
            rule_of(self._table, self.rows[row], self._fields[row]) if row in self._fields else self.rows[row]
            for row in self.order
        )
        return replace(self._table, rules=tuple(rules))

    def apply(self, at: int, operation: Operation) -> None:
        """One operation, on top of those before it."""
        row = self.renamed.get(operation.row, operation.row)
        match operation:
            case SetCells(cells=cells):
                self._set(at, row, cells)
            case AddRow(after=after, fields=fields):
                self._add(at, row, self.renamed.get(after, after), fields)
            case MoveRow(after=after):
                self._move(row, self.renamed.get(after, after))
            case DropRow(was=was):
                self._drop(at, row, was)

    def _set(self, at: int, row: str, cells: dict[str, tuple[str, str]]) -> None:
        if row not in self.rows:
            self.conflicts += [
                Conflict(at, row, name, was, mine, gone=True) for name, (was, mine) in cells.items()
            ]
            return
        fields = self._of(row)
        for name, (was, mine) in cells.items():
            theirs = fields.get(name)
            if theirs is None:
                self.conflicts.append(Conflict(at, row, name, was, mine, gone=True, no_column=True))
            elif theirs.strip() not in {was.strip(), mine}:
                self.conflicts.append(Conflict(at, row, name, was, mine, theirs))
            else:
                fields[name] = mine
                self.changed.setdefault(f"{row} {name}", [theirs, ""])[1] = mine

    def _add(self, at: int, asked: str, after: str, fields: dict[str, str]) -> None:
        missing = [
            Conflict(at, asked, name, mine=text, gone=True, no_column=True)
            for name, text in fields.items()
            if name not in self._blank and text
        ]
        if missing:  # of a column that somebody deleted meanwhile
            self.conflicts += missing
            return
        row = asked if asked and asked not in self.rows else self._free(asked)
        if row != asked:
            self.renamed[asked] = row
        place = len(self.order)
        if not after:
            place = 0
        elif after in self.rows:
            place = self.order.index(after) + 1
        self.order.insert(place, row)
        self.rows[row] = Rule(row)
        self._fields[row] = {**self._blank, **{name: fields[name] for name in fields if name in self._blank}}
        self.added.append(row)

    def _move(self, row: str, after: str) -> None:
        if row not in self.rows or row == after or (after and after not in self.rows):
            return
        before = self.order.index(row)
        del self.order[before]
        place = self.order.index(after) + 1 if after else 0
        self.order.insert(place, row)
        if place != before:
            self.moved.append(row)

    def _drop(self, at: int, row: str, was: dict[str, str]) -> None:
        if row not in self.rows:
            return
        now = self._of(row)
        others = [name for name, text in was.items() if now.get(name, text).strip() != text.strip()]
        if others:
            self.conflicts += [Conflict(at, row, name, was[name], "", now[name]) for name in others]
            return
        place = self.order.index(row)
        self.dropped[row] = {**now, "after": self.order[place - 1] if place else ""}
        del self.order[place], self.rows[row]
        self._fields.pop(row, None)

    def _of(self, row: str) -> dict[str, str]:
        if row not in self._fields:
            self._fields[row] = fields_of(self._table, self.rows[row], self._languages)
        return self._fields[row]

    def _free(self, like: str) -> str:
        return free_rule_id(replace(self._table, rules=tuple(self.rows.values())), like)
