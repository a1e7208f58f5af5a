"""The row that a gap asks for: conditions in FEEL for its whole region, outcomes left to the author."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decision_tables.analyse.findings import DAYS
from decision_tables.feel.temporal import Date
from decision_tables.feel.values import text_of
from decision_tables.table import Period, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from decision_tables.analyse.extent import Extent
    from decision_tables.analyse.findings import Finding
    from decision_tables.regions import Interval
    from decision_tables.table import Table

__all__ = ["row_for"]


def row_for(finding: Finding, table: Table, rule: str) -> Rule:
    """A row of that id which accepts a finding's region; its outcomes are empty.

    A region that FEEL's tests cannot say of a column is left open there, as `-`.
    """
    extents = dict(finding.region)
    periods = [_period(extents[day]) if day in extents else Period() for day in DAYS]
    return Rule(
        rule,
        tuple(_test(extents.get(column.expression.strip())) for column in table.inputs),
        ("",) * len(table.outputs),
        valid=periods[0],
        known=periods[1],
    )


def _test(extent: Extent | None) -> str:
    """The unary tests that accept just that extent."""
    if extent is None:
        return "-"
    if extent.besides:
        # The rest of a fact's values: said by what it is not.
        unwanted = [text_of(text) for text in sorted(extent.texts)] + ["null"] * (not extent.null)
        return f"not({', '.join(unwanted)})" if unwanted else "-"
    parts = [text_of(text) for text in sorted(extent.texts)]
    parts += [text_of(truth) for truth in sorted(extent.truths, reverse=True)]
    parts += [_span(span) for _, spans in extent.spans for span in spans]
    parts += ["null"] * extent.null
    return "-" if extent.rest or not parts or "" in parts else ", ".join(parts)


def _span(span: Interval) -> str:
    """One interval as a test; empty where it holds everything."""
    low, high = (None if end is None else text_of(end) for end in (span.low, span.high))
    if low is not None and span.low == span.high:
        return low
    if low is not None and high is not None:
        return f"{'[' if span.low_closed else '('}{low}..{high}{']' if span.high_closed else ')'}"
    if low is not None:
        return f"{'>=' if span.low_closed else '>'} {low}"
    if high is not None:
        return f"{'<=' if span.high_closed else '<'} {high}"
    return ""


def _period(extent: Extent) -> Period:
    """The first of an extent's spans of days as a rule's period."""
    ends: Iterator[Interval] = (span for _, spans in extent.spans for span in spans)
    first = next(ends, None)
    if first is None:
        return Period()
    # A period is half-open, `[start, end)`; spans of days may hold both of their ends.
    start = None if first.low is None else (first.low if first.low_closed else _day_after(first.low))
    end = None if first.high is None else (_day_after(first.high) if first.high_closed else first.high)
    return Period("" if start is None else str(start), "" if end is None else str(end))


def _day_after(day: Date) -> Date:
    return Date.of_days(day.key + 1)
