"""What authors said of findings, held against what the analysis finds now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from decision_tables.analyse.findings import Finding, Severity, region_json
from decision_tables.rulebook import Acknowledgement, canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from decision_tables.analyse.findings import Analysis
    from decision_tables.rulebook import Rulebook

__all__ = ["Judged", "judged", "rekeyed"]


@dataclass(frozen=True, slots=True)
class Judged:
    """The findings of an analysis, and what was said of them.

    Attributes:
        open: those that nobody has said anything of.
        acknowledged: those that cannot be, or are meant so, each with what was said.
        stale: what was said of findings that are no more: what they rested on has changed.
    """

    open: tuple[Finding, ...] = ()
    acknowledged: tuple[tuple[Finding, Acknowledgement], ...] = ()
    stale: tuple[Acknowledgement, ...] = ()

    @property
    def errors(self) -> int:
        """How many open findings are errors."""
        return sum(one.severity is Severity.ERROR for one in self.open)

    @property
    def warnings(self) -> int:
        """How many open findings are warnings."""
        return sum(one.severity is Severity.WARNING for one in self.open)


def judged(analysis: Analysis, rulebook: Rulebook) -> Judged:
    """The findings of a rulebook's analysis, sorted by what its authors said of them."""
    said = {one.finding: one for one in rulebook.acknowledgements}
    found = {one.key for one in analysis.findings}
    return Judged(
        tuple(one for one in analysis.findings if one.key not in said),
        tuple((one, said[one.key]) for one in analysis.findings if one.key in said),
        tuple(one for one in rulebook.acknowledgements if one.finding not in found),
    )


def rekeyed(before: Iterable[Finding], after: Iterable[Finding], key: str, new: str) -> dict[str, str]:
    """By the key of each finding, the key that it has once a table or formula is called otherwise.

    Args:
        before: findings as they were.
        after: findings as they are then.
        key: what the table or formula was called.
        new: what it is called then.
    """
    now = {_shape(one): one.key for one in after}
    found = {}
    for one in before:
        where = replace(one.where, table=new) if one.where.table == key else one.where
        rules = tuple((new if node == key else node, rule) for node, rule in one.rules)
        shape = _shape(replace(one, where=where, rules=rules))
        if shape in now:
            found[one.key] = now[shape]
    return found


def _shape(one: Finding) -> bytes:
    """What a finding says, but for its key."""
    where = [one.where.table, one.where.rule, one.where.column]
    about = [one.code, one.unproven, one.note, one.count, list(one.facts)]
    return canonical_json([where, about, [list(pair) for pair in one.rules], region_json(one.region)])
