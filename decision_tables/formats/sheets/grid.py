"""Sheets of cells, whatever file they are of: what a cell holds, what it is called, what was odd about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

from decision_tables.diagnostics import Diagnostic, Severity, Where
from decision_tables.said import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "EMPTY",
    "MAX_CELLS",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "Cell",
    "Content",
    "Notes",
    "Place",
    "Sheet",
    "filled",
    "letters_of",
]

Place: TypeAlias = tuple[int, int]
"""A row and a column, both from 1."""

Content: TypeAlias = str | Decimal | bool | dt.date | dt.time | dt.datetime | dt.timedelta | None

MAX_ROWS: Final = 50_000
MAX_COLUMNS: Final = 1_000
MAX_CELLS: Final = 300_000
"""What is read of all sheets together; cells without content are passed over, and count for nothing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell.

    Attributes:
        content: a text as typed, or what a spreadsheet has made of it. Empty texts are None.
        formula: whether the content is what a formula came to.
        merged: whether the content is that of a cell it is merged with.
        error: the error that stands in it (`#REF!`), empty where there is none.
        percent: whether its number is shown as a percentage.
    """

    content: Content = None
    formula: bool = False
    merged: bool = False
    error: str = ""
    percent: bool = False

    @property
    def text(self) -> str:
        """The content as text; empty if there is none."""
        match self.content:
            case None:
                return self.error
            case str():
                return self.content
            case bool():
                return "true" if self.content else "false"
            case Decimal():
                return f"{self.content:f}"
            case dt.datetime() if self.content.time() == dt.time():
                return self.content.date().isoformat()
            case dt.timedelta():
                return str(self.content)
        return self.content.isoformat()


EMPTY: Final = Cell()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet.

    Attributes:
        name: what its tab says, or what its file is called.
        cells: those with content.
        hidden: the rows that its reader does not see.
    """

    name: str
    cells: Mapping[Place, Cell] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()

    def at(self, row: int, column: int) -> Cell:
        """The cell at a place."""
        return self.cells.get((row, column), EMPTY)

    def text(self, row: int, column: int) -> str:
        """The text of the cell at a place."""
        return self.at(row, column).text

    def rows(self) -> dict[int, dict[int, Cell]]:
        """The rows that have any content, from the top, with their cells from the left."""
        rows: dict[int, dict[int, Cell]] = {}
        for (row, column), cell in sorted(self.cells.items()):
            rows.setdefault(row, {})[column] = cell
        return rows

    def address(self, row: int, column: int = 0) -> str:
        """What people call a cell: `Fees!C7`; without a column, its row: `Fees!7`."""
        plain = self.name.replace("_", "a").replace(".", "a").replace("-", "a").isalnum()
        name = self.name if plain else "'" + self.name.replace("'", "''") + "'"
        return f"{name}!{letters_of(column) if column else ''}{row}"


def letters_of(column: int) -> str:
    """A column's letters: `A`, `B`, …, `AA`."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


class Notes:
    """What is to be said about files; what is the same in many cells is said once."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str, str, Severity], list[str]] = {}

    def say(
        self, code: str, address: str, message: str, hint: str = "", *, severity: Severity = Severity.WARNING
    ) -> None:
        """Notes something of a place of the file."""
        self._said.setdefault((code, message, hint, severity), []).append(address)

    def error(self, code: str, address: str, message: str, hint: str = "") -> None:
        """Notes something that keeps the file from being read, or what is read from being right."""
        self.say(code, address, message, hint, severity=Severity.ERROR)

    def all(self) -> tuple[Diagnostic, ...]:
        """What has been noted, in the order in which it was met."""
        return tuple(
            Diagnostic(code, Where(_listed(places)), message, hint, severity=severity)
            for (code, message, hint, severity), places in self._said.items()
        )

    def errors(self) -> tuple[Diagnostic, ...]:
        """The errors among them."""
        return tuple(found for found in self.all() if found.is_error)


def _listed(places: Iterable[str]) -> str:
    """Addresses in one text, those of one sheet after its name: `Fees!C7, C9 and 12 more`."""
    listed = list(dict.fromkeys(filter(None, places)))
    shown: list[str] = []
    last = ""
    for place in listed[:_SHOWN]:
        sheet, _, cell = place.rpartition("!")
        shown.append(cell if sheet and sheet == last else place)
        last = sheet
    more = len(listed) - len(shown)
    told = ", ".join(shown)
    return said("{places} and {more} more", places=told, more=more) if more else told


def filled(
    cells: Mapping[Place, Cell], merges: Iterable[tuple[int, int, int, int]]
) -> Iterator[tuple[Place, Cell]]:
    """What cells that are merged with others take over: the content of the first among them.

    Args:
        cells: those with content.
        merges: first row, first column, last row and last column of each area.
    """
    left = MAX_CELLS - len(cells)
    for top, first, bottom, last in merges:
        corner = cells.get((top, first))
        if corner is None:
            continue
        merged = Cell(corner.content, corner.formula, merged=True, error=corner.error, percent=corner.percent)
        for row in range(top, min(bottom, MAX_ROWS) + 1):
            for column in range(first, min(last, MAX_COLUMNS) + 1):
                left -= 1
                if left < 0:
                    return
                if (row, column) != (top, first):
                    yield (row, column), merged


_SHOWN: Final = 5
