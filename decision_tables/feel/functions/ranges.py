"""Relations of ranges and points (DMN 1.5, 10.3.4.9): a point counts as the closed range from itself to itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from decision_tables.feel.functions.signatures import builtin
from decision_tables.feel.values import (
    Range,
    Trouble,
    Value,
    less,
    type_name,
)
from decision_tables.said import said

if TYPE_CHECKING:
    from collections.abc import Callable


def _ends(extent: Value) -> tuple[Value, Value, bool, bool]:
    if type(extent) is not Range:
        return extent, extent, True, True
    if extent.op == "!=":
        raise Trouble(said("This range has no ends."), "feel/type")
    low = _LOWEST if extent.op in ("<", "<=") else extent.low
    high = _HIGHEST if extent.op in (">", ">=") else extent.high
    return low, high, extent.low_closed, extent.high_closed


_LOWEST: Final = object()
_HIGHEST: Final = object()


def _ordered(a: Value, b: Value) -> int:
    """-1, 0 or 1; Trouble where two ends cannot be ordered."""
    if a is b and a in (_LOWEST, _HIGHEST):
        return 0
    if a is _LOWEST or b is _HIGHEST:
        return -1
    if a is _HIGHEST or b is _LOWEST:
        return 1
    before, after = less(a, b), less(b, a)
    if before is None or after is None:
        raise Trouble(
            said(
                "{type} and {other} cannot be ordered.",
                type=type_name(a),
                other=type_name(b),
            ),
            "feel/type",
        )
    return -1 if before else 1 if after else 0


def _before(a: Value, b: Value) -> bool:
    _, high, _, high_closed = _ends(a)
    low, _, low_closed, _ = _ends(b)
    order = _ordered(high, low)
    return order < 0 or (order == 0 and not (high_closed and low_closed))


def _meets(a: Value, b: Value) -> bool:
    _, high, _, high_closed = _ends(a)
    low, _, low_closed, _ = _ends(b)
    return high_closed and low_closed and _ordered(high, low) == 0


def _overlaps(a: Value, b: Value) -> bool:
    return not _before(a, b) and not _before(b, a)


def _starts_no_later(a: Value, b: Value, *, strictly: bool = False) -> bool:
    low_a, _, closed_a, _ = _ends(a)
    low_b, _, closed_b, _ = _ends(b)
    order = _ordered(low_a, low_b)
    if strictly:
        return order < 0 or (order == 0 and closed_a and not closed_b)
    return order < 0 or (order == 0 and (closed_a or not closed_b))


def _ends_no_later(a: Value, b: Value, *, strictly: bool = False) -> bool:
    _, high_a, _, closed_a = _ends(a)
    _, high_b, _, closed_b = _ends(b)
    order = _ordered(high_a, high_b)
    if strictly:
        return order < 0 or (order == 0 and closed_b and not closed_a)
    return order < 0 or (order == 0 and (closed_b or not closed_a))


def _overlaps_before(a: Value, b: Value) -> bool:
    return _starts_no_later(a, b, strictly=True) and _overlaps(a, b) and _ends_no_later(a, b)


def _includes(a: Value, b: Value) -> bool:
    return _starts_no_later(a, b) and _ends_no_later(b, a)


def _starts(a: Value, b: Value) -> bool:
    low_a, _, closed_a, _ = _ends(a)
    low_b, _, closed_b, _ = _ends(b)
    return _ordered(low_a, low_b) == 0 and closed_a == closed_b and _ends_no_later(a, b)


def _finishes(a: Value, b: Value) -> bool:
    _, high_a, _, closed_a = _ends(a)
    _, high_b, _, closed_b = _ends(b)
    return _ordered(high_a, high_b) == 0 and closed_a == closed_b and _starts_no_later(b, a)


def _coincides(a: Value, b: Value) -> bool:
    return _starts(a, b) and _finishes(a, b) and _starts(b, a)


def _relation(name: str, holds: Callable[[Value, Value], bool], first: str, second: str) -> None:
    """Register a relation of two extents; "extent" takes points and ranges."""
    for names in (("range1", "range2"), ("range", "point"), ("point", "range"), ("point1", "point2")):
        kinds = [
            kind if (kind == "range") == label.startswith("range") or kind == "extent" else ""
            for kind, label in zip((first, second), names, strict=True)
        ]
        if all(kinds):
            builtin(name, f"{names[0]}: {kinds[0]}, {names[1]}: {kinds[1]}")(holds)


_relation("before", _before, "extent", "extent")
_relation("after", lambda a, b: _before(b, a), "extent", "extent")
_relation("meets", _meets, "range", "range")
_relation("met by", lambda a, b: _meets(b, a), "range", "range")
_relation("overlaps", _overlaps, "range", "range")
_relation("overlaps before", _overlaps_before, "range", "range")
_relation("overlaps after", lambda a, b: _overlaps_before(b, a), "range", "range")
_relation("finishes", _finishes, "extent", "range")
_relation("finished by", lambda a, b: _finishes(b, a), "range", "extent")
_relation("includes", _includes, "range", "extent")
_relation("during", lambda a, b: _includes(b, a), "extent", "range")
_relation("starts", _starts, "extent", "range")
_relation("started by", lambda a, b: _starts(b, a), "range", "extent")
_relation("coincides", _coincides, "extent", "extent")
