"""What an analysis finds: gaps, overlaps, rules that never fire; each with its region, its witness and a key."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from decision_tables.analyse.extent import KIND_NAMES, Extent
from decision_tables.diagnostics import Where
from decision_tables.feel.values import to_json
from decision_tables.rulebook import canonical_json
from decision_tables.table import Formula

if TYPE_CHECKING:
    from collections.abc import Iterable

    from decision_tables.regions import Interval
    from decision_tables.table import Rule, Table

__all__ = [
    "CODES",
    "DAYS",
    "Analysis",
    "Finding",
    "Region",
    "Severity",
    "Witness",
    "finding_json",
    "key_of",
    "region_json",
    "standing_of",
]


class Severity(StrEnum):
    """How much a finding matters.

    ERROR: some facts get a contradiction, or none of the answers that the table is there to give. WARNING: something
    is there for nothing, or may be wrong. INFO: worth knowing.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


CODES: Final[dict[str, Severity]] = {
    "analysis/gap": Severity.WARNING,
    "analysis/no-rule-in-force": Severity.WARNING,
    "analysis/overlap": Severity.ERROR,
    "analysis/two-in-force": Severity.ERROR,
    "analysis/tie": Severity.WARNING,
    "analysis/duplicate": Severity.WARNING,
    "analysis/shadowed": Severity.WARNING,
    "analysis/redundant": Severity.INFO,
    "analysis/empty-rule": Severity.WARNING,
    "analysis/unreachable": Severity.WARNING,
    "analysis/contradiction": Severity.ERROR,
    "analysis/ungrounded-cycle": Severity.WARNING,
    "analysis/unread-fact": Severity.INFO,
    "analysis/unconcluded-fact": Severity.WARNING,
    "analysis/more": Severity.INFO,
    "analysis/unproven": Severity.INFO,
}
"""Every code, and how much it matters as a rule; a finding may weigh less where it says so itself."""

DAYS: Final = ("as_of", "known_on")
"""The two legal clocks, as a region names them beside the facts."""

Region: TypeAlias = "tuple[tuple[str, Extent], ...]"
"""For each fact that matters (or input expression, or legal clock) the values of it; all others may be anything."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Facts that show a finding; the engine has been asked about them, and it is so.

    Attributes:
        facts: JSON values by fact, as few as show it.
        as_of: the date of the facts.
        known_on: the day by whose legal knowledge one judges.
        given: whether they are all facts that callers give; else some are concluded, and could not be traced back.
    """

    facts: dict[str, Any]
    as_of: dt.date
    known_on: dt.date
    given: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the analysis found.

    Attributes:
        code: stable, `analysis/what-it-is`.
        where: the table, and the rule or column that it is about where there is one.
        key: the same for as long as what it rests on is: the rules' own cells and periods, what their tables ask,
            conclude and allow to match at once, the expressions of formulas, the region.
            What people say of a finding is kept under it, and falls due again when it changes.
        severity: how much it matters.
        rules: the rules concerned, as pairs of node key and rule id, in order.
        region: all values of facts, and days, that it holds for; empty where it holds always.
        witness: facts that show it; None where nothing can be shown by facts (a rule that can never fire).
        facts: facts that it is about beside the region: those that nobody reads, those of a cycle.
        unproven: of what could not be decided, the code that it would have; else empty.
        count: of `analysis/more`, how many there are beyond those that are told.
        note: of what could not be decided, why: `budget`, `tests`, `reached`, `type`, `values`.
    """

    code: str
    where: Where
    key: str
    severity: Severity
    rules: tuple[tuple[str, str], ...] = ()
    region: Region = ()
    witness: Witness | None = None
    facts: tuple[str, ...] = ()
    unproven: str = ""
    count: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is to be said of a rulebook, or of one table.

    Attributes:
        findings: by table in the order of writing, then by rule, then by code.
        steps: how many steps of the budget it took.
    """

    findings: tuple[Finding, ...] = ()
    steps: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether everything was decided: what no finding speaks of is then proven to be in order."""
        return not any(one.code == "analysis/unproven" for one in self.findings)

    def of(self, table: str) -> tuple[Finding, ...]:
        """The findings about one node."""
        return tuple(
            one
            for one in self.findings
            if one.where.table == table or any(node == table for node, _ in one.rules)
        )


def key_of(
    code: str,
    where: Where,
    rules: Iterable[tuple[str, str, Rule | None]] = (),
    region: Region = (),
    extra: object = None,
) -> str:
    """The key of a finding: a hash of where it is, what the rules concerned say, the region, and what else it takes."""
    said: list[object] = []
    for node, rule, row in rules:
        said.append([node, rule, *(() if row is None else _row_said(row))])
    content = [code, where.table, where.rule, where.column, said, region_json(region), extra]
    return hashlib.sha256(canonical_json(content)).hexdigest()[:24]


def standing_of(node: Table | Formula, *, default: bool, rows: bool) -> list[object]:
    """What a finding about a node rests on beside the rules that it names.

    Args:
        node: a table or formula.
        default: whether it matters what it concludes where no rule matches.
        rows: whether it rests on all rows, for none is named.
    """
    if isinstance(node, Formula):
        return [node.key, node.fact, node.expression, msgspec.to_builtins(node.boxed)]
    inputs: list[object] = [[column.expression, column.type, column.values] for column in node.inputs]
    outputs: list[object] = [
        [column.fact, column.part, column.type, column.values, column.default if default else ""]
        for column in node.outputs
    ]
    cells = [_row_said(rule) for rule in node.rules] if rows else []
    return [node.key, node.hit_policy.value, node.open, inputs, outputs, cells]


def _row_said(row: Rule) -> list[object]:
    periods = (row.valid.start, row.valid.end, row.known.start, row.known.end)
    return [row.tests, row.outputs, *periods]


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as JSON data (numbers as Decimal), without the words that are told of it."""
    witness = finding.witness
    return {
        "code": finding.code,
        "key": finding.key,
        "severity": finding.severity.value,
        "table": finding.where.table,
        "rule": finding.where.rule,
        "column": finding.where.column,
        "rules": [{"table": table, "rule": rule} for table, rule in finding.rules],
        "region": region_json(finding.region),
        "facts": list(finding.facts),
        "unproven": finding.unproven,
        "count": finding.count,
        "note": finding.note,
        "witness": None
        if witness is None
        else {
            "facts": witness.facts,
            "as_of": witness.as_of.isoformat(),
            "known_on": witness.known_on.isoformat(),
            "given": witness.given,
        },
    }


def region_json(region: Region) -> list[dict[str, Any]]:
    """A region as JSON data: for each fact its values, spans, and whether null and others are in it."""
    return [{"fact": fact} | _extent_json(extent) for fact, extent in region]


def _extent_json(extent: Extent) -> dict[str, Any]:
    texts: list[Any] = sorted(extent.texts)
    truths: list[Any] = sorted(extent.truths)
    found: dict[str, Any] = {"values": truths if extent.besides else texts + truths}
    if extent.besides:
        found["besides"] = texts
    spans = [_span_json(kind, span) for kind, spans in extent.spans for span in spans]
    if spans:
        found["spans"] = spans
    if extent.null:
        found["null"] = True
    if extent.rest:
        found["others"] = True
    return found


def _span_json(kind: type, span: Interval) -> dict[str, Any]:
    return {
        "kind": KIND_NAMES[kind],
        "from": _end(span.low),
        "from_included": span.low_closed,
        "to": _end(span.high),
        "to_included": span.high_closed,
    }


def _end(end: Any) -> object:
    return end if end is None or type(end) is Decimal else to_json(end)
