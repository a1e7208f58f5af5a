"""What a page draws of a table: headings, rows, cells, and each diagnostic at its place; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from decision_tables.table import Rule, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from decision_tables.diagnostics import Diagnostic
    from decision_tables.rulebook import Rulebook

__all__ = ["PAGE", "Cell", "Grid", "Heading", "Mark", "Row", "grid_of", "marks_of", "place_of"]

PAGE: Final = 250
"""Rows on one page: a browser lays out so many at once, and a reader's Find still finds most of them."""

NODE_PLACES: Final = frozenset({"vocabulary", "queries", "cases"})
"""What stands for a table's key in a diagnostic that is about no node."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A diagnostic as it stands beside the text it is about.

    Attributes:
        is_error: whether it keeps the draft from being published.
        code: the diagnostic's code.
        message: what is wrong.
        hint: what to do about it, or empty.
        before: the text up to the faulty part; the three are empty where there is no such part.
        faulty: the faulty part.
        after: the text behind it.
    """

    is_error: bool
    code: str
    message: str
    hint: str = ""
    before: str = ""
    faulty: str = ""
    after: str = ""

    @property
    def caret(self) -> str:
        """The text with a caret line under the faulty part; empty where there is none, or several lines."""
        text = self.before + self.faulty + self.after
        if not text or "\n" in text:
            return ""
        return f"{text}\n{' ' * len(self.before)}{'^' * max(1, len(self.faulty))}"


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column.

    Attributes:
        key: the column's key, as diagnostics name it.
        name: the name of its cells' field in a form, `test.<key>` or `output.<key>`.
        is_condition: whether it holds tests; else outcomes.
        label: what people read.
        expression: the FEEL that the tests are about, or the fact (and part) that the outcomes make.
        type: FEEL type of the values, as far as the vocabulary says it; else empty.
        allowed: the values that the vocabulary allows; empty for all of the type.
        unit: of numbers.
        default: the outcome when no rule matches.
        marks: diagnostics about the column as a whole.
    """

    key: str
    name: str
    is_condition: bool
    label: str
    expression: str
    type: str = ""
    allowed: str = ""
    unit: str = ""
    default: str = ""
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its column, its text as typed and what is wrong with it."""

    heading: Heading
    text: str
    marks: tuple[Mark, ...] = ()

    @property
    def has_error(self) -> bool:
        """Whether one of its marks is an error."""
        return any(mark.is_error for mark in self.marks)


@dataclass(frozen=True, slots=True)
class Row:
    """A rule: its number as people count (from 1), its cells, and the diagnostics about its other parts."""

    number: int
    rule: Rule
    cells: tuple[Cell, ...]
    marks: tuple[Mark, ...] = ()

    @property
    def conditions(self) -> tuple[Cell, ...]:
        """The cells of tests."""
        return tuple(cell for cell in self.cells if cell.heading.is_condition)

    @property
    def outcomes(self) -> tuple[Cell, ...]:
        """The cells of outcomes."""
        return tuple(cell for cell in self.cells if not cell.heading.is_condition)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as a page draws it.

    Attributes:
        table: the table.
        headings: conditions first, then outcomes.
        rows: the rows of this page.
        marks: diagnostics about the table as a whole.
        first: the number of the page's first row.
        has_known: whether a rule has a known period; else the page spares the column.
        has_referral: whether a rule puts a question to people; likewise.
    """

    table: Table
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    marks: tuple[Mark, ...]
    first: int
    has_known: bool
    has_referral: bool

    @property
    def last(self) -> int:
        """The number of the page's last row."""
        return self.first + len(self.rows) - 1

    @property
    def pages(self) -> tuple[int, ...]:
        """The number of the first row of each page."""
        return tuple(range(1, max(1, len(self.table.rules)) + 1, PAGE))


def marks_of(diagnostics: Iterable[Diagnostic]) -> tuple[Mark, ...]:
    """Diagnostics as they stand beside their text, errors first."""
    found = [_mark(diagnostic) for diagnostic in diagnostics]
    return tuple(sorted(found, key=lambda mark: not mark.is_error))


def grid_of(
    rulebook: Rulebook,
    table: Table,
    diagnostics: Sequence[Diagnostic],
    *,
    language: str,
    showing: str = "",
    first: int = 1,
) -> Grid:
    """A table as a page draws it.

    Args:
        rulebook: the rulebook it is part of; its vocabulary names the columns.
        table: the table.
        diagnostics: of the whole rulebook; those of other places are ignored.
        language: of the labels.
        showing: the id of a rule that the page must hold, or empty.
        first: the number of a row that the page must hold otherwise.
    """
    places: dict[tuple[str, str], list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        if diagnostic.where.table == table.key:
            places.setdefault((diagnostic.where.rule, diagnostic.where.column), []).append(diagnostic)
    headings = _headings(rulebook, table, places, language)
    number = next((at for at, rule in enumerate(table.rules, 1) if rule.id == showing), first)
    start = (max(1, min(number, len(table.rules))) - 1) // PAGE * PAGE
    rows = tuple(
        _row(number, rule, headings, places)
        for number, rule in enumerate(table.rules[start : start + PAGE], start + 1)
    )
    columns = {heading.key for heading in headings}
    return Grid(
        table,
        headings,
        rows,
        marks_of(
            d for (rule, column), found in places.items() if not rule and column not in columns for d in found
        ),
        start + 1,
        has_known=any(rule.known.start or rule.known.end for rule in table.rules),
        has_referral=any(rule.referral for rule in table.rules),
    )


def place_of(rulebook: Rulebook, diagnostic: Diagnostic) -> str:
    """What kind of place it is about: `cell`, `rule`, `table`, `formula`, or `rulebook` for all else."""
    where = diagnostic.where
    table = None if where.table in NODE_PLACES else rulebook.table(where.table)
    if table is None:
        is_formula = any(formula.key == where.table for formula in rulebook.formulas)
        return "formula" if is_formula else "rulebook"
    if not any(rule.id == where.rule for rule in table.rules):
        return "table"
    columns = {known.key for known in table.inputs} | {known.key for known in table.outputs}
    return "cell" if where.column in columns else "rule"


def _headings(
    rulebook: Rulebook, table: Table, places: dict[tuple[str, str], list[Diagnostic]], language: str
) -> tuple[Heading, ...]:
    facts = {fact.key: fact for fact in rulebook.facts}
    headings = []
    for column in table.inputs:
        fact = facts.get(column.expression)
        label = column.label.said_in(language) or (fact.label.said_in(language) if fact else "")
        headings.append(
            Heading(
                column.key,
                f"test.{column.key}",
                is_condition=True,
                label=label or column.expression,
                expression=column.expression,
                type=fact.type if fact else "",
                allowed=fact.allowed if fact else "",
                unit=fact.unit if fact else "",
                marks=marks_of(places.get(("", column.key), ())),
            )
        )
    for output in table.outputs:
        fact = facts.get(output.fact)
        whole = fact if fact and not output.part else None
        label = output.label.said_in(language) or (whole.label.said_in(language) if whole else "")
        headings.append(
            Heading(
                output.key,
                f"output.{output.key}",
                is_condition=False,
                label=label or output.part or output.fact,
                expression=f"{output.fact}.{output.part}" if output.part else output.fact,
                type=whole.type if whole else "",
                allowed=whole.allowed if whole else "",
                unit=whole.unit if whole else "",
                default=output.default,
                marks=marks_of(places.get(("", output.key), ())),
            )
        )
    return tuple(headings)


def _row(
    number: int, rule: Rule, headings: tuple[Heading, ...], places: dict[tuple[str, str], list[Diagnostic]]
) -> Row:
    conditions = [heading for heading in headings if heading.is_condition]
    outcomes = [heading for heading in headings if not heading.is_condition]
    texts = [
        *zip(conditions, [*rule.tests, *[""] * len(conditions)], strict=False),
        *zip(outcomes, [*rule.outputs, *[""] * len(outcomes)], strict=False),
    ]
    columns = {heading.key for heading in headings}
    return Row(
        number,
        rule,
        tuple(
            Cell(heading, text, marks_of(places.get((rule.id, heading.key), ()))) for heading, text in texts
        ),
        marks_of(
            d
            for (at, column), found in places.items()
            if at == rule.id and column not in columns
            for d in found
        ),
    )


def _mark(diagnostic: Diagnostic) -> Mark:
    span, text = diagnostic.where.span, diagnostic.text
    parts = ("", "", "")
    if span is not None and text:
        start, end = max(0, span[0]), min(max(span), len(text))
        parts = (text[:start], text[start:end], text[end:])
    return Mark(diagnostic.is_error, diagnostic.code, diagnostic.message, diagnostic.hint, *parts)
