"""A model that comes back from another tool: what it cannot say stays as the rulebook has it.

Other tools write DMN, and most keep what they do not understand. One that does not gives back a file without a word
of periods, questions or cases. That nobody took those out on purpose is plain: the file has no place for them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from decision_tables.diagnostics import Diagnostic, Severity, Where
from decision_tables.formats.dmn.boxes import names_of_notes
from decision_tables.formats.dmn.extensions import extended
from decision_tables.formats.dmn.read import ModelReading, pieces_of, read_dmn
from decision_tables.formats.dmn.write import write_dmn
from decision_tables.formats.dmn.xml import OURS, parsed
from decision_tables.rulebook import Rulebook
from decision_tables.said import said
from decision_tables.table import Formula, Rule, Table
from decision_tables.vocabulary import Fact, Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from decision_tables.formats.dmn.xml import Element

__all__ = ["read_again"]

_Piece = TypeVar("_Piece", Rulebook, Fact, Table, Rule, Formula)


def read_again(
    data: bytes, before: Rulebook, *, name: str = "", others: Mapping[str, bytes] | None = None
) -> ModelReading:
    """A DMN model as the next state of a rulebook.

    Rules keep the ids by which answers cite them: they are known by the ids of their elements, which other tools
    leave alone. Where nothing of ours is left in the file, what DMN has no place for is taken from the rulebook.

    Args:
        data: the model.
        before: the rulebook as it is.
        name: as in `read_dmn`.
        others: as in `read_dmn`.

    Raises:
        InvalidRulebook: as `read_dmn`.
    """
    reading = read_dmn(data, name=name, others=others, key=before.key, known_rules=_rules_of(before))
    if next(parsed(data).iter(f"{{{OURS}}}*"), None) is not None:
        return reading
    kept = _kept(reading.rulebook, before)
    if kept == reading.rulebook:
        return reading
    message = said("The file says nothing of what DMN has no place for: that stays as the rulebook has it.")
    hint = said("Questions, units, periods, flags, queries, cases: for pieces of the same key or id.")
    note = Diagnostic("dmn/kept", Where("", "", name), message, hint, "", Severity.WARNING)
    return replace(reading, rulebook=kept, notes=(note, *reading.notes))


def _rules_of(rulebook: Rulebook) -> dict[str, tuple[str, str]]:
    """By the id of its element, the table and the id of each rule, as the rulebook is or would be written."""
    found: dict[str, tuple[str, str]] = {}
    elements: dict[int, tuple[Rule, str]] = {}

    def keep(piece: object, element: Element) -> object:
        made = extended(piece, element)
        if isinstance(made, Rule):
            elements[id(made)] = (made, element.get("id") or "")
        elif isinstance(piece, Table) and isinstance(made, Table):
            for read, rule in zip(piece.rules, made.rules, strict=False):
                _, identity = elements.get(id(read), (read, ""))
                found[identity] = (made.key, rule.id)
        return made

    pieces_of(parsed(write_dmn(rulebook).data), keep)
    return found


def _kept(read: Rulebook, before: Rulebook) -> Rulebook:
    """The rulebook that was read, with what DMN has no place for as it was before."""
    facts = {fact.key: fact for fact in before.facts}
    tables = {table.key: table for table in before.tables}
    formulas = {formula.key: formula for formula in before.formulas}
    return replace(
        _with_fields(read, before),
        facts=tuple(_with_fields(fact, facts.get(fact.key)) for fact in read.facts),
        tables=tuple(_with_rules(table, tables.get(table.key)) for table in read.tables),
        formulas=tuple(_with_fields(formula, formulas.get(formula.key)) for formula in read.formulas),
    )


def _with_rules(table: Table, before: Table | None) -> Table:
    if before is None:
        return table
    rules = {rule.id: rule for rule in before.rules}
    kept = tuple(_with_fields(rule, rules.get(rule.id)) for rule in table.rules)
    columns = dict(zip(names_of_notes(before), before.notes, strict=True))
    notes = tuple(columns.get(one.label.said_in("en") or one.key, one) for one in table.notes)
    return replace(_with_fields(table, before), rules=kept, notes=notes)


def _with_fields(piece: _Piece, before: _Piece | None) -> _Piece:
    if before is None:
        return piece
    changed: dict[str, Any] = {name: getattr(before, name) for name in _UNSAID[type(piece)]}
    for name in _WORDED[type(piece)]:
        now, then = getattr(piece, name), getattr(before, name)
        changed[name] = Words({**then.by_language, **now.by_language})
    return replace(piece, **changed)


_UNSAID: Final[Mapping[type, Iterable[str]]] = {
    Rulebook: ("languages", "time_zone", "default_query", "queries", "cases", "acknowledgements", "absent"),
    Fact: ("question", "explanation", "unit", "nullable"),
    Table: ("open",),
    Rule: ("confidence", "flags", "valid", "known", "referral"),
    Formula: ("citation", "confidence", "flags"),
}
"""The fields that DMN has no place for."""

_WORDED: Final[Mapping[type, Iterable[str]]] = {
    Rulebook: ("title",),
    Fact: ("label",),
    Table: ("title",),
    Rule: (),
    Formula: ("title",),
}
"""The fields of which DMN says one language."""
