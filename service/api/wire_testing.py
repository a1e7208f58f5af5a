"""The shapes in which it is told how well cases test tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, Struct

from decision_tables.adequacy import Judged
from decision_tables.rulebook import fields_of

if TYPE_CHECKING:
    from decision_tables.adequacy import Coverage, RuleCoverage, TableCoverage
    from service.testing import Added, Faults

__all__ = [
    "AddedCaseBody",
    "CoverageBody",
    "FaultsBody",
    "added_body",
    "coverage_body",
    "fault_shape",
    "faults_body",
]

_Cases = Annotated[list[str], Meta(description="Ids of cases.")]


class SidesShape(Struct, kw_only=True):
    """One test of a rule, and the cases that show either side of it."""

    column: str
    text: Annotated[str, Meta(description="The cell as typed.")]
    true: _Cases
    false: Annotated[
        list[str], Meta(description="Ids of cases in which this test alone keeps the rule from holding.")
    ]


class RuleCoverageShape(Struct, kw_only=True):
    """One rule, and the cases that fire it."""

    rule: str
    fired: _Cases
    tests: Annotated[list[SidesShape], Meta(description="Cells that accept everything left out.")]


class TableCoverageShape(Struct, kw_only=True):
    """One table: how many of its rules fire, and how many sides of its tests are shown."""

    table: str
    cases: Annotated[int, Meta(description="How many cases evaluate the table at all.")]
    rules_fired: int
    sides: Annotated[int, Meta(description="Two for each test.")]
    sides_shown: int
    rules: list[RuleCoverageShape]


class CoverageBody(Struct, kw_only=True):
    """What the cases of a rulebook exercise."""

    tables: list[TableCoverageShape]
    unanswered: Annotated[list[str], Meta(description="Cases that have no answer, and count for nothing.")]


class FaultShape(Struct, kw_only=True):
    """A small fault that was put into one cell, and the case that notices it."""

    id: Annotated[str, Meta(description="The same for the same change of the same cell.")]
    rule: str
    column: Annotated[
        str, Meta(description="Key of a column, or `valid.start`, `valid.end`, `known.start`, `known.end`.")
    ]
    kind: Annotated[
        str,
        Meta(
            description="`bound`, `end`, `operator`, `alternative`, `anything`, `negation`, `outcome`, `period`."
        ),
    ]
    before: str
    after: str
    killed_by: Annotated[
        str | None, Meta(description="A case that fails on it; null if none does: it survives.")
    ]


class FaultsBody(Struct, kw_only=True):
    """The faults of a table, from one on, as far as the time went."""

    table: str
    start: int
    following: Annotated[
        int | None, Meta(description="Where to go on (`start`); null if all were looked at.")
    ]
    mutants: int
    killed: int
    survivors: list[FaultShape]
    failing: Annotated[list[str], Meta(description="Cases that fail as it is, and so notice nothing.")]


class AddedCaseBody(Struct, kw_only=True):
    """The case that was added to the draft, or why there is none."""

    mutant: FaultShape
    case: Annotated[dict[str, Any] | None, Meta(description="As it stands in the rulebook document.")]
    code: Annotated[
        str | None,
        Meta(description="Why there is none: `broken`, `never-fires` or `same-answer`."),
    ]
    reason: Annotated[str | None, Meta(description="The same in a sentence.")]
    revision: Annotated[int, Meta(description="Of the draft now.")]


def coverage_body(found: Coverage) -> CoverageBody:
    """The shape of coverage."""
    return CoverageBody(tables=[_table(table) for table in found.tables], unanswered=list(found.unanswered))


def _table(table: TableCoverage) -> TableCoverageShape:
    return TableCoverageShape(
        table=table.table,
        cases=len(table.cases),
        rules_fired=table.fired,
        sides=table.sides,
        sides_shown=table.seen,
        rules=[_rule(rule) for rule in table.rules],
    )


def _rule(rule: RuleCoverage) -> RuleCoverageShape:
    tests = [
        SidesShape(column=cell.column, text=cell.text, true=list(cell.true), false=list(cell.false))
        for cell in rule.cells
    ]
    return RuleCoverageShape(rule=rule.rule, fired=list(rule.fired), tests=tests)


def fault_shape(judged: Judged) -> FaultShape:
    """The shape of a fault."""
    mutant = judged.mutant
    return FaultShape(
        id=mutant.id,
        rule=mutant.rule,
        column=mutant.column,
        kind=mutant.kind.value,
        before=mutant.before,
        after=mutant.after,
        killed_by=judged.killed_by or None,
    )


def faults_body(found: Faults) -> FaultsBody:
    """The shape of a table's faults."""
    return FaultsBody(
        table=found.table,
        start=found.start,
        following=found.following,
        mutants=len(found.judged),
        killed=len(found.judged) - len(found.survivors),
        survivors=[fault_shape(one) for one in found.survivors],
        failing=list(found.failing),
    )


def added_body(added: Added) -> AddedCaseBody:
    """The shape of what became of adding a case."""
    return AddedCaseBody(
        mutant=fault_shape(Judged(added.mutant, "" if added.case is None else added.case.id)),
        case=None if added.case is None else fields_of(added.case),
        code=None if added.unkilled is None else added.unkilled.code,
        reason=None if added.unkilled is None else added.unkilled.reason,
        revision=added.revision,
    )
