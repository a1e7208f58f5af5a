"""What is wrong with authored text, as values.

An author's mistake never raises: it becomes a `Diagnostic`; all are told at once, sorted by place.
Codes are stable (`feel/unknown-name`), and each has a heading in docs/errors.md.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Diagnostic", "Severity", "Where", "near_miss", "sorted_by_place"]


class Severity(StrEnum):
    """How bad it is: an error keeps a rulebook from being published, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in a rulebook; the empty string where a part does not apply.

    Attributes:
        table: key of the node (table or formula), or `vocabulary`, `queries`, `cases`.
        rule: id of the rule, fact, query or case in it.
        column: what of it: an input or output column's key, or a field such as `valid`.
        span: half-open character range in the cell's text, or None for the whole.
    """

    table: str = ""
    rule: str = ""
    column: str = ""
    span: tuple[int, int] | None = None

    def __str__(self) -> str:
        return " / ".join(part for part in (self.table, self.rule, self.column) if part)

    def at(self, start: int, end: int) -> Where:
        """The same place, narrowed to a span of the cell's text."""
        return Where(self.table, self.rule, self.column, (start, end))


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong, where, and what to do about it.

    Attributes:
        code: stable, `area/what-is-wrong`.
        where: the place.
        message: one sentence for the author: what was found and what was expected.
        hint: what to try, or the near miss; empty when there is nothing honest to say.
        text: the whole text of the cell that the span points into.
        severity: error or warning.
        repair: the whole text as it was most likely meant; empty where that is not obvious. It stands every check.
    """

    code: str
    where: Where
    message: str
    hint: str = ""
    text: str = ""
    severity: Severity = Severity.ERROR
    repair: str = ""

    @property
    def is_error(self) -> bool:
        """Whether it keeps the rulebook from being published."""
        return self.severity is Severity.ERROR

    def drawn(self, address: str = "") -> str:
        """The diagnostic as a terminal shows it: place, message, the text with a caret under it, hint.

        Args:
            address: of the cell of the file that the place was read from, if it was.
        """
        place = str(self.where) or "the rulebook"
        place = f"{address} ({place})" if address else place
        lines = [f"{self.severity} {self.code} at {place}: {self.message}"]
        if self.text and self.where.span is not None and "\n" not in self.text:
            start, end = self.where.span
            lines += [f"    {self.text}", "    " + " " * start + "^" * max(1, end - start)]
        if self.hint:
            lines.append(f"    {self.hint}")
        if self.repair:
            lines.append(f"    Write: {self.repair}")
        return "\n".join(lines)


def sorted_by_place(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Diagnostics in the order in which a reader meets them, each once."""
    return tuple(
        sorted(
            dict.fromkeys(found),
            key=lambda d: (d.where.table, d.where.rule, d.where.column, d.where.span or (0, 0), d.code),
        )
    )


def near_miss(word: str, known: Iterable[str]) -> str | None:
    """The known word that the author most likely meant, or None if nothing is close."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None
