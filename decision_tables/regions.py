"""The set of values that a cell accepts, as points and intervals.

A constant unary test (`"BE","FR"`, `[18..65)`, `not(< 0)`) accepts a region: values of one kind, and perhaps
null. What no region can say (a test that calls a function, reads another fact, or mixes kinds) has none, and
is left to the test itself. The index classes values by regions, and the analysis reasons about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from decision_tables.feel import syntax
from decision_tables.feel.temporal import Date, DaysDuration, YearsDuration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from decision_tables.feel.evaluate import Test

__all__ = ["ORDERED_KINDS", "POINT_KINDS", "Interval", "Region", "region_of"]

Bound: TypeAlias = "Decimal | Date | DaysDuration | YearsDuration"

ORDERED_KINDS: Final = (Decimal, Date, DaysDuration, YearsDuration)
"""Kinds of value that FEEL orders totally: their regions are intervals."""

POINT_KINDS: Final = (str, bool)
"""Kinds whose regions are finite sets of values or the complements of such."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of one ordered kind; None for an open end."""

    low: Any
    low_closed: bool
    high: Any
    high_closed: bool

    @property
    def is_empty(self) -> bool:
        """Whether no value lies in it."""
        if self.low is None or self.high is None:
            return False
        if self.low == self.high:
            return not (self.low_closed and self.high_closed)
        return bool(self.low > self.high)


@dataclass(frozen=True, slots=True)
class Region:
    """What a constant unary test accepts among the values of one kind.

    Attributes:
        kind: the Python type of the values that it speaks of, or None when it speaks of null alone.
        points: of a point kind, the values named.
        intervals: of an ordered kind, the spans, as written: they may touch, overlap or be empty.
        negated: whether it accepts the other values of the kind instead.
        null: whether null is among the values named (and so accepted, unless `negated`).
    """

    kind: type | None
    points: frozenset[Any] = frozenset()
    intervals: tuple[Interval, ...] = ()
    negated: bool = False
    null: bool = False


def region_of(test: Test) -> Region | None:
    """The region of a compiled unary test, or None if it has none."""
    node = test.node
    if (
        node is None
        or test.is_any
        or not isinstance(node, syntax.UnaryTests)
        or test.reads
        or test.reads_clock
    ):
        return None
    parts = [_part(branch) for branch in node.tests]
    known = [part for part in parts if part is not None]
    kinds = {part.kind for part in known if part.kind is not None}
    if len(known) < len(parts) or len(kinds) > 1:
        return None
    kind = next(iter(kinds), None)
    if kind in POINT_KINDS:
        accepted = _united_points(known)
        if accepted is None:
            return None
        points, complement = accepted
        return Region(kind, points, negated=complement != node.negated, null=any(p.null for p in known))
    spans = tuple(span for part in known for span in part.intervals)
    return Region(kind, intervals=spans, negated=node.negated, null=any(part.null for part in known))


def _united_points(parts: Iterable[Region]) -> tuple[frozenset[Any], bool] | None:
    """The union of sets of points, some of them complements, as (points, whether it is a complement)."""
    inside: frozenset[Any] = frozenset()
    outside: frozenset[Any] | None = None
    for part in parts:
        if part.kind is None:
            continue
        if not part.negated:
            inside |= part.points
        else:
            outside = part.points if outside is None else outside & part.points
    if outside is None:
        return inside, False
    return outside - inside, True


def _part(node: syntax.Node) -> Region | None:
    """The region of one branch of a test, never negated for an ordered kind."""
    match node:
        case syntax.Literal(value=None):
            return Region(None, null=True)
        case syntax.Literal(value=value):
            return _point(value)
        case syntax.RangeNode(low=low, high=high):
            ends = _ends(low, high)
            if ends is None:
                return None
            kind, least, greatest = ends
            return Region(kind, intervals=(Interval(least, node.low_closed, greatest, node.high_closed),))
        case syntax.UnaryComparison(op=op, operand=syntax.Literal(value=value)) if value is not None:
            return _compared(op, value)
        case _:
            return None


def _point(value: Any) -> Region | None:
    if type(value) in POINT_KINDS:
        return Region(type(value), points=frozenset({value}))
    if type(value) in ORDERED_KINDS:
        return Region(type(value), intervals=(Interval(value, True, value, True),))
    return None


def _compared(op: str, value: Any) -> Region | None:
    kind = type(value)
    if op == "=":
        return _point(value)
    if op == "!=" and kind in POINT_KINDS:
        return Region(kind, points=frozenset({value}), negated=True)
    if kind not in ORDERED_KINDS:
        return None
    below, above = Interval(None, False, value, op == "<="), Interval(value, op == ">=", None, False)
    spans = {"<": (below,), "<=": (below,), ">": (above,), ">=": (above,), "!=": (below, above)}.get(op)
    return None if spans is None else Region(kind, intervals=spans)


def _ends(low: syntax.Node | None, high: syntax.Node | None) -> tuple[type, Any, Any] | None:
    """Kind, low and high of a range whose ends are literals of one ordered kind."""
    if not isinstance(low, syntax.Literal) or not isinstance(high, syntax.Literal):
        return None
    kind = type(low.value)
    if kind not in ORDERED_KINDS or type(high.value) is not kind:
        return None
    return kind, low.value, high.value
