"""What is different between two versions of a rulebook, by table and row, under the names that people use."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from admin.desk import label_of, title_of
from admin.words import mark
from decision_tables.compare import Change, ChangeKind, changes_between
from decision_tables.rulebook import canonical_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from admin.desk import Edition
    from admin.words import Tongue
    from decision_tables.rulebook import Rulebook

__all__ = ["KINDS", "PLACES", "Group", "Section", "sections_between", "sections_of"]

KINDS: Final = {
    ChangeKind.ADDED: mark("added"),
    ChangeKind.REMOVED: mark("removed"),
    ChangeKind.CHANGED: mark("changed"),
    ChangeKind.MOVED: mark("moved"),
    ChangeKind.RENAMED: mark("renamed"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """What changed of one thing that has a name: a table, a rule, a fact.

    Attributes:
        place: the table, or another part of the rulebook.
        rule: the rule of the table; of another part the fact, case and so on.
        name: what people call it.
        href: where one reads it in the later version; empty where it is gone.
        changes: its changes, each with what people call its part.
    """

    place: str
    rule: str
    name: str
    href: str
    changes: tuple[tuple[Change, str], ...]

    @property
    def kind(self) -> ChangeKind:
        """What became of the whole: changed, where only parts of it are another."""
        kinds = {change.kind for change, part in self.changes if not part}
        return next(
            (kind for kind in kinds if kind in {ChangeKind.ADDED, ChangeKind.REMOVED}), ChangeKind.CHANGED
        )

    @property
    def seal(self) -> str:
        """The same just for the same changes."""
        told = [
            [change.kind, change.what, str(change.where), change.before, change.after]
            for change, _ in self.changes
        ]
        return hashlib.sha256(canonical_json(told)).hexdigest()


@dataclass(frozen=True, slots=True)
class Section:
    """The groups of one table, or of the facts, cases and so on."""

    name: str
    href: str
    groups: tuple[Group, ...]


def sections_of(edition: Edition, before: Rulebook, words: Tongue) -> tuple[Section, ...]:
    """What is different from an earlier version, by table and rule, or by fact, case and so on."""
    changes = changes_between(before, edition.rulebook)
    return sections_between(changes, edition.rulebook, before, words, edition.link)


def sections_between(
    changes: Iterable[Change],
    after: Rulebook,
    before: Rulebook,
    words: Tongue,
    link: Callable[..., str] | None = None,
) -> tuple[Section, ...]:
    """Changes by table and rule, or by fact, case and so on.

    Args:
        changes: what is different.
        after: the later version.
        before: the earlier one.
        words: the reader's language.
        link: where the parts of the later version can be read; None where they cannot be yet.
    """
    found: dict[str, dict[str, list[tuple[Change, str]]]] = {}
    for change in changes:
        where = change.where
        part = "" if change.what == "rule" else _part_name(after, before, change, words)
        found.setdefault(where.table, {}).setdefault(where.rule, []).append((change, part))
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
    return words.gettext(_PARTS[column]) if column in _PARTS else column


_PARTS: Final = {
    "citation": mark("Legal basis"),
    "note": mark("Note"),
    "confidence": mark("Confidence"),
    "flags": mark("Flags"),
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
}
