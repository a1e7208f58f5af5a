"""What a page draws of a table: headings, rows, cells, and each diagnostic at its place; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from admin.words import mark, tongue
from decision_tables.feel.parse import is_name
from decision_tables.table import Rule, Table
from service.editing import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from decision_tables.diagnostics import Diagnostic
    from decision_tables.rulebook import Rulebook

    _Places: TypeAlias = dict[str, dict[str, list[Diagnostic]]]
    """Diagnostics of one table by rule and column."""

__all__ = [
    "NOTE_LABELS",
    "PAGE",
    "Cell",
    "Grid",
    "Heading",
    "Mark",
    "Row",
    "columns_of",
    "grid_of",
    "marks_of",
    "place_of",
]

PAGE: Final = 5_000
"""Rows on one page: a browser draws only those in sight, and holds so many with ease; longer lists are paged."""

_LETTER: Final = 7.7
"""How wide a letter of a cell is at most, in pixels; a few are wider where notes stand in another type."""

NOTE_LABELS: Final = {
    "citation": mark("Legal basis"),
    "note": mark("Note"),
    "confidence": mark("Confidence"),
    "flags": mark("Flags"),
    "valid.start": mark("In force from"),
    "valid.end": mark("In force until"),
    "known.start": mark("Known from"),
    "known.end": mark("Known until"),
    "referral": mark("Left to people"),
}
"""What people call the parts that each rule has besides its tests and outcomes, not yet translated."""

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
        repair: the whole text as it was most likely meant, or empty.
        unknown: a name that stands for no fact and that the vocabulary could have, or empty.
    """

    is_error: bool
    code: str
    message: str
    hint: str = ""
    before: str = ""
    faulty: str = ""
    after: str = ""
    repair: str = ""
    unknown: str = ""

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
        name: the name of its cells' field in a form, as `service.editing` has them.
        is_condition: whether it holds tests; else outcomes.
        label: what people read.
        expression: the FEEL that the tests are about, or the fact (and part) that the outcomes make.
        type: FEEL type of the values, as far as the vocabulary says it; else empty.
        allowed: the values that the vocabulary allows; empty for all of the type.
        unit: of numbers.
        default: the outcome when no rule matches.
        marks: diagnostics about the column as a whole.
        fact: the fact of the vocabulary that it is about; empty where it is about none.
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
    fact: str = ""

    @property
    def is_note(self) -> bool:
        """Whether it holds neither tests nor outcomes: the legal basis, notes, periods."""
        return not self.name.startswith(("test.", "output."))

    @property
    def is_own(self) -> bool:
        """Whether it holds notes that the table's authors made a column for."""
        return self.name.startswith("note.")

    @property
    def kind(self) -> str:
        """`condition`, `outcome` or `note`, as the page's styles call it."""
        return "note" if self.is_note else "condition" if self.is_condition else "outcome"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its column, its text as typed and what is wrong with it."""

    heading: Heading
    text: str
    marks: tuple[Mark, ...] = ()

    @property
    def has_error(self) -> bool:
        """Whether one of its marks is an error."""
        return any(one.is_error for one in self.marks)


@dataclass(frozen=True, slots=True)
class Row:
    """A rule: its number as people count (from 1), its cells, and the diagnostics about its other parts.

    `change` says what it is beside the release that the draft began with: `added`, `changed` or nothing.
    """

    number: int
    rule: Rule
    cells: tuple[Cell, ...]
    marks: tuple[Mark, ...] = ()
    change: str = ""

    @property
    def conditions(self) -> tuple[Cell, ...]:
        """The cells of tests."""
        return tuple(cell for cell in self.cells if cell.heading.is_condition)

    @property
    def outcomes(self) -> tuple[Cell, ...]:
        """The cells of outcomes."""
        return tuple(cell for cell in self.cells if cell.heading.kind == "outcome")


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as a page draws it.

    Attributes:
        table: the table.
        headings: conditions first, then outcomes.
        notes: the columns behind them: legal basis, notes, periods, and what else a rule of the table has.
        rows: the rows of this page; their cells are those of `headings`, then those of `notes`.
        marks: diagnostics about the table as a whole.
        first: the number of the page's first row.
    """

    table: Table
    headings: tuple[Heading, ...]
    notes: tuple[Heading, ...]
    rows: tuple[Row, ...]
    marks: tuple[Mark, ...]
    first: int

    @property
    def columns(self) -> tuple[Heading, ...]:
        """All columns, in their order on the page."""
        return self.headings + self.notes

    def name_of(self, key: str) -> str:
        """The field of the column that a diagnostic names; the key itself for a rule's other parts."""
        return next((heading.name for heading in self.columns if heading.key == key), key)

    def label_of(self, key: str) -> str:
        """What people call the column that a diagnostic names."""
        return next((heading.label for heading in self.columns if heading.key == key), key)

    def kind_of(self, name: str) -> str:
        """The type of what stands in a field: FEEL's, `day` for a plain date, empty where nothing is known of it."""
        if name.startswith(("valid.", "known.")):
            return "day"
        return next((heading.type for heading in self.columns if heading.name == name), "")

    @property
    def widths(self) -> tuple[int, ...]:
        """How wide each column is to be, in pixels: what most of its texts need, within reason."""
        return tuple(_width(heading, at, self.rows) for at, heading in enumerate(self.columns))

    @property
    def rooms(self) -> tuple[int, ...]:
        """How many letters surely fit each column: only a longer text is cut off, at a cost to the browser."""
        return tuple(int((width - 17) / _LETTER) for width in self.widths)

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
    return tuple(sorted(found, key=lambda one: not one.is_error))


def grid_of(
    rulebook: Rulebook,
    table: Table,
    diagnostics: Sequence[Diagnostic],
    *,
    language: str,
    showing: str = "",
    first: int = 1,
    before: Table | None = None,
) -> Grid:
    """A table as a page draws it.

    Args:
        rulebook: the rulebook it is part of; its vocabulary names the columns.
        table: the table.
        diagnostics: of the whole rulebook; those of other places are ignored.
        language: of the labels.
        showing: the id of a rule that the page must hold, or empty.
        first: the number of a row that the page must hold otherwise.
        before: the table in the release that a draft began with; None where there is none to compare.
    """
    places: _Places = {}
    for diagnostic in diagnostics:
        if diagnostic.where.table == table.key:
            at_rule = places.setdefault(diagnostic.where.rule, {})
            at_rule.setdefault(diagnostic.where.column, []).append(diagnostic)
    headings = _headings(rulebook, table, places, language)
    notes = _notes(table, language)
    number = next((at for at, rule in enumerate(table.rules, 1) if rule.id == showing), first)
    start = (max(1, min(number, len(table.rules))) - 1) // PAGE * PAGE
    known = None if before is None else {rule.id: rule for rule in before.rules}
    rows = tuple(
        _row(number, table, rule, (*headings, *notes), places.get(rule.id, {}), _change(known, rule))
        for number, rule in enumerate(table.rules[start : start + PAGE], start + 1)
    )
    columns = {heading.key for heading in headings}
    return Grid(
        table,
        headings,
        notes,
        rows,
        marks_of(d for column, found in places.get("", {}).items() if column not in columns for d in found),
        start + 1,
    )


def columns_of(
    rulebook: Rulebook, table: Table, diagnostics: Sequence[Diagnostic] = (), *, language: str
) -> Grid:
    """A table as a page draws it, without its rows: what its columns are called, and what they hold."""
    return grid_of(rulebook, replace(table, rules=()), diagnostics, language=language)


def place_of(rulebook: Rulebook, diagnostic: Diagnostic) -> str:
    """What kind of place it is about: `cell`, `rule`, `table`, `formula`, or `rulebook` for all else."""
    where = diagnostic.where
    table = None if where.table in NODE_PLACES else rulebook.table(where.table)
    if table is None:
        is_formula = any(formula.key == where.table for formula in rulebook.formulas)
        return "formula" if is_formula else "rulebook"
    if not any(rule.id == where.rule for rule in table.rules):
        return "table"
    return "cell" if any(known.key == where.column for known in table.columns) else "rule"


def _headings(rulebook: Rulebook, table: Table, places: _Places, language: str) -> tuple[Heading, ...]:
    facts = {fact.key: fact for fact in rulebook.facts}
    of_columns = places.get("", {})
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
                marks=marks_of(of_columns.get(column.key, ())),
                fact=fact.key if fact else "",
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
                marks=marks_of(of_columns.get(output.key, ())),
                fact=fact.key if fact else "",
            )
        )
    return tuple(headings)


def _notes(table: Table, language: str) -> tuple[Heading, ...]:
    """The columns of what a rule says besides its tests and outcomes, as far as the table needs them."""
    rules = table.rules
    own = {f"note.{column.key}": column for column in table.notes}
    wanted = {
        "citation": True,
        "note": True,
        **dict.fromkeys(own, True),
        "valid.start": True,
        "valid.end": True,
        "known.start": any(rule.known.start or rule.known.end for rule in rules),
        "known.end": any(rule.known.start or rule.known.end for rule in rules),
        f"referral.{language}": any(rule.referral for rule in rules),
        "confidence": any(rule.confidence for rule in rules),
        "flags": any(rule.flags for rule in rules),
    }
    headings = []
    for name in (name for name, is_wanted in wanted.items() if is_wanted):
        if name in own:
            key, label = own[name].key, own[name].label.said_in(language) or own[name].key
        else:
            key, label = name, tongue(language).gettext(NOTE_LABELS[name.removesuffix(f".{language}")])
        headings.append(Heading(key, name, is_condition=False, label=label, expression=""))
    return tuple(headings)


def _change(known: dict[str, Rule] | None, rule: Rule) -> str:
    if known is None or known.get(rule.id) == rule:
        return ""
    return "changed" if rule.id in known else "added"


def _row(
    number: int,
    table: Table,
    rule: Rule,
    headings: tuple[Heading, ...],
    found: dict[str, list[Diagnostic]],
    change: str,
) -> Row:
    texts = fields_of(table, rule, rule.referral.by_language)
    if not found:
        return Row(
            number,
            rule,
            tuple(Cell(heading, texts.get(heading.name, "")) for heading in headings),
            (),
            change,
        )
    cells = tuple(
        Cell(heading, texts.get(heading.name, ""), marks_of(found.get(heading.key, ())))
        for heading in headings
    )
    columns = {heading.key for heading in headings}
    elsewhere = [
        diagnostic for column, those in found.items() if column not in columns for diagnostic in those
    ]
    return Row(number, rule, cells, marks_of(elsewhere), change)


def _width(heading: Heading, at: int, rows: Sequence[Row]) -> int:
    lengths = sorted(len(row.cells[at].text) for row in rows)
    usual = lengths[len(lengths) * 9 // 10] if lengths else 0
    least, most, letter = (104, 320, 7.0) if heading.is_note else (96, 300, _LETTER)
    label = 9 * max((len(word) for word in heading.label.split()), default=0)
    return round(max(least, label + 24, min(most, usual * letter + 22)))


def _mark(diagnostic: Diagnostic) -> Mark:
    span, text = diagnostic.where.span, diagnostic.text
    parts = ("", "", "")
    if span is not None and text:
        start, end = max(0, span[0]), min(max(span), len(text))
        parts = (text[:start], text[start:end], text[end:])
    can_be_added = diagnostic.code in _UNKNOWN and diagnostic.where.table not in {"vocabulary", "types"}
    unknown = " ".join((parts[1] or text).split()) if can_be_added else ""
    return Mark(
        diagnostic.is_error,
        diagnostic.code,
        diagnostic.message,
        diagnostic.hint,
        *parts,
        diagnostic.repair,
        unknown if is_name(unknown) else "",
    )


_UNKNOWN: Final = {"feel/unknown-name", "fact/undeclared", "query/unknown-goal", "service/unknown-fact"}
