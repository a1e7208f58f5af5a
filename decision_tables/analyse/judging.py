"""What authors said of findings, held against what the analysis finds now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from decision_tables.analyse.findings import Finding, Severity
from decision_tables.rulebook import Acknowledgement

if TYPE_CHECKING:
    from decision_tables.analyse.findings import Analysis
    from decision_tables.rulebook import Rulebook

__all__ = ["Judged", "judged"]


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
