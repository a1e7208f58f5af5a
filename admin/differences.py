"""What is different between two versions of a rulebook, by table and row, under the names that people use."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from admin.desk import label_of, title_of
from admin.grid import NOTE_LABELS, columns_of
from admin.readings import Reader
from admin.words import mark
from decision_tables.compare import Change, ChangeKind, changes_between
from decision_tables.rulebook import canonical_json
from service.editing import fields_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from admin.desk import Edition
    from admin.grid import Heading
    from admin.readings import Reading
    from admin.words import Tongue
    from decision_tables.diagnostics import Where
    from decision_tables.rulebook import Rulebook
    from decision_tables.table import Rule, Table

__all__ = ["KINDS", "PLACES", "Group", "Line", "Section", "sections_between", "sections_of"]

KINDS: Final = {
    ChangeKind.ADDED: mark("added"),
    ChangeKind.REMOVED: mark("removed"),
    ChangeKind.CHANGED: mark("changed"),
    ChangeKind.MOVED: mark("moved"),
    ChangeKind.RENAMED: mark("renamed"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One change as it is told.

    Attributes:
        change: the change.
        part: what people call the column or the property; empty for the whole.
        reads: how it reads now, in plain words; of what is gone, how it read; empty where it has no words of its own.
    """

    change: Change
    part: str
    reads: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What changed of one thing that has a name: a table, a rule, a fact.

    Attributes:
        place: the table, or another part of the rulebook.
        rule: the rule of the table; of another part the fact, case and so on.
        name: what people call it.
        href: where one reads it in the later version; empty where it is gone.
        lines: its changes.
    """

    place: str
    rule: str
    name: str
    href: str
    lines: tuple[Line, ...]

    @property
    def kind(self) -> ChangeKind:
        """What became of the whole: changed, where only parts of it are another."""
        kinds = {line.change.kind for line in self.lines if not line.part}
        return next(
            (kind for kind in kinds if kind in {ChangeKind.ADDED, ChangeKind.REMOVED}), ChangeKind.CHANGED
        )

    @property
    def seal(self) -> str:
        """The same just for the same changes."""
        told = [
            [change.kind, change.what, str(change.where), change.before, change.after]
            for change in (line.change for line in self.lines)
        ]
        return _sealed(told)


@dataclass(frozen=True, slots=True)
class Section:
    """The groups of one table, or of the facts, cases and so on."""

    name: str
    href: str
    groups: tuple[Group, ...]

    @property
    def size(self) -> int:
        """How many changes it tells."""
        return sum(len(group.lines) for group in self.groups)

    @property
    def seal(self) -> str:
        """The same just for the same groups with the same changes."""
        return _sealed([[group.place, group.rule, group.seal] for group in self.groups])


def _sealed(told: list[list[str]]) -> str:
    return hashlib.sha256(canonical_json(told)).hexdigest()


def sections_of(edition: Edition, before: Rulebook, words: Tongue) -> tuple[Section, ...]:
    """What is different from an earlier version, by table and rule, or by fact, case and so on."""
    changes = changes_between(before, edition.rulebook)
    broken = frozenset(replace(one.where, span=None) for one in edition.diagnostics if one.is_error)
    return sections_between(changes, edition.rulebook, before, words, edition.link, broken=broken)


def sections_between(
    changes: Iterable[Change],
    after: Rulebook,
    before: Rulebook,
    words: Tongue,
    link: Callable[..., str] | None = None,
    *,
    broken: Container[Where] = frozenset(),
    reads: bool = True,
) -> tuple[Section, ...]:
    """Changes by table and rule, or by fact, case and so on.

    Args:
        changes: what is different.
        after: the later version.
        before: the earlier one.
        words: the reader's language.
        link: where the parts of the later version can be read; None where they cannot be yet.
        broken: the places in the later version whose text is wrong: it is not read as if it were not.
        reads: whether to tell how what changed reads in plain words.
    """
    found: dict[str, dict[str, list[Line]]] = {}
    readings = (_Readings(after, words), _Readings(before, words))
    for change in changes:
        where = change.where
        part = "" if change.what == "rule" else _part_name(after, before, change, words)
        is_gone = change.kind is ChangeKind.REMOVED
        is_read = reads and (is_gone or where not in broken)
        line = Line(change, part, readings[is_gone].of(change) if is_read else "")
        found.setdefault(where.table, {}).setdefault(where.rule, []).append(line)
    sections = []
    for table, groups in found.items():
        read_at = link if after.table(table) is not None else None
        titled = after if any(node.key == table for node in after.nodes) else before
        name = words.gettext(PLACES[table]) if table in PLACES else title_of(titled, table, words.code)
        drawn = tuple(
            Group(
                table,
                rule,
                _group_name(after, before, table, rule, words),
                f"{read_at('tables', table, rule=rule)}#row-{rule}" if read_at and rule else "",
                tuple(told),
            )
            for rule, told in groups.items()
        )
        sections.append(Section(name, read_at("tables", table) if read_at else "", drawn))
    return tuple(sections)


class _Readings:
    """How what a change is about reads in one of the versions."""

    def __init__(self, rulebook: Rulebook, words: Tongue) -> None:
        self._book, self._words = rulebook, words
        self._reader = Reader(rulebook, words)
        self._tables: dict[str, tuple[dict[str, Heading], dict[str, Rule]]] = {}

    def of(self, change: Change) -> str:
        """A cell as a clause, a row as a sentence, a formula's value, the hit policy of a table; or nothing."""
        where = change.where
        is_whole = change.kind in {ChangeKind.ADDED, ChangeKind.REMOVED}
        if (change.what == "formula" and is_whole) or (
            change.what == "property" and where.column == "expression" and not where.rule
        ):
            formula = next((one for one in self._book.formulas if one.key == where.table), None)
            if formula is None or not formula.expression.strip():
                return ""
            label = label_of(self._book, formula.fact, self._words.code)
            return self._clause(label, self._reader.outcome(formula.expression, formula.fact))
        table = self._book.table(where.table)
        if table is not None and change.what == "table" and is_whole:
            return f"{self._words.hit_policy(table.hit_policy)}."
        if table is None or change.what not in {"rule", "cell"}:
            return ""
        headings, rules = self._of_table(table)
        rule = rules.get(where.rule)
        if rule is None or change.kind is ChangeKind.MOVED:
            return ""
        if change.what == "rule":
            labels = {heading.name: heading.label for heading in headings.values()}
            return self._reader.sentence(table, rule, labels)
        heading = headings.get(where.column)
        if heading is None:
            return ""
        text = fields_of(table, rule, ()).get(heading.name, "")
        read = self._reader.cell(text, heading.expression, is_condition=heading.is_condition)
        return self._clause(heading.label, read)

    def _clause(self, label: str, reading: Reading) -> str:
        return f"{label} {reading.words}" if reading.words else ""

    def _of_table(self, table: Table) -> tuple[dict[str, Heading], dict[str, Rule]]:
        if table.key not in self._tables:
            drawn = columns_of(self._book, table, language=self._words.code)
            headings = {heading.key: heading for heading in drawn.headings}
            self._tables[table.key] = (headings, {rule.id: rule for rule in table.rules})
        return self._tables[table.key]


PLACES: Final = {
    "": mark("The rulebook"),
    "vocabulary": mark("Facts"),
    "types": mark("Types"),
    "functions": mark("Functions"),
    "services": mark("Decision services"),
    "queries": mark("Queries"),
    "cases": mark("Cases"),
}


def _group_name(after: Rulebook, before: Rulebook, table: str, rule: str, words: Tongue) -> str:
    """What people call a rule, a fact or a case; a table as a whole has no name of its own here."""
    if table == "vocabulary":
        known = any(fact.key == rule for fact in after.facts)
        return label_of(after if known else before, rule, words.code)
    if table in PLACES or not rule:
        return rule
    return words.gettext("Row %(id)s") % {"id": rule}


def _part_name(after: Rulebook, before: Rulebook, change: Change, words: Tongue) -> str:
    """What people call the column or the property that a change is about."""
    column = change.where.column
    for book in (after, before):
        table = book.table(change.where.table)
        if table is None:
            continue
        named = {one.key: (one.label, one.expression) for one in table.inputs}
        named |= {one.key: (one.label, one.part or one.fact) for one in table.outputs}
        if column in named:
            label, about = named[column]
            return label.said_in(words.code) or label_of(book, about, words.code)
        own = next((one for one in table.notes if one.key == column), None)
        if own is not None:
            return own.label.said_in(words.code) or own.key
    return words.gettext(_PARTS[column]) if column in _PARTS else column


_PARTS: Final = {
    "citation": mark("Legal basis"),
    "note": mark("Note"),
    "confidence": mark("Confidence"),
    "flags": mark("Flags"),
    **{name: NOTE_LABELS[name] for name in ("valid.start", "valid.end", "known.start", "known.end")},
    "valid": mark("In force"),
    "known": mark("Known"),
    "referral": mark("Left to people"),
    "title": mark("Title"),
    "hit_policy": mark("Hit policy"),
    "label": mark("Label"),
    "question": mark("Question"),
    "type": mark("Type"),
    "allowed": mark("Allowed values"),
    "facts": mark("Facts"),
    "expect": mark("What it must come to"),
    "expression": mark("Expression"),
    "boxed": mark("Expression"),
    "function": mark("Function"),
    "languages": mark("Languages"),
    "time_zone": mark("Time zone"),
    "default_query": mark("Default query"),
    "absent": mark("What nobody says"),
    "goals": mark("Asks for"),
    "inputs": mark("Takes"),
    "input_decisions": mark("Takes instead of concluding"),
    "outputs": mark("Answers"),
    "encapsulated": mark("Works out on the way"),
}
