"""Kleene's three-valued logic with null beside it, and what it is to meet a test (DMN 1.5, tables 50 and 55)."""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from decision_tables.feel import syntax
from decision_tables.feel.temporal import Date, DaysDuration, YearsDuration
from decision_tables.feel.values import (
    UNKNOWN,
    Range,
    Unknown,
    Value,
    equal,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from decision_tables.feel.evaluate.run import Run


__all__ = ["COMPARE", "PLAIN", "both", "either", "matches", "plain_members", "strictly"]

COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

# Types whose values Python compares as FEEL does; times are left out, for zoned and local ones do not mix.
PLAIN: Final = frozenset({Decimal, str, Date, DaysDuration, YearsDuration})


def either(found: Iterable[Value]) -> bool | Unknown | None:
    """Disjunction in Kleene's strong logic, lazily: true wins, then unknown, then null (table 50)."""
    result: bool | Unknown | None = False
    for one in found:
        if one is True:
            return True
        if one is not False and result is not UNKNOWN:
            result = UNKNOWN if one is UNKNOWN else None
    return result


def both(found: Iterable[Value]) -> bool | Unknown | None:
    """Conjunction in Kleene's strong logic, lazily: false wins, then unknown, then null (table 50)."""
    result: bool | Unknown | None = True
    for one in found:
        if one is False:
            return False
        if one is not True and result is not UNKNOWN:
            result = UNKNOWN if one is UNKNOWN else None
    return result


def strictly(
    fold: Callable[[Iterable[Value]], bool | Unknown | None], found: Iterable[Value]
) -> bool | Unknown | None:
    """A fold of what has to be true or false throughout, as boxed `some` and `every` want it (10.2.2.11)."""
    every = list(found)
    if any(one is not UNKNOWN and type(one) is not bool for one in every):
        return None
    return UNKNOWN if UNKNOWN in every else fold(every)


def matches(value: Value, found: Value, run: Run) -> bool | None:
    """Whether a value meets what a test expression gave: the same, one of a list, or inside a range (10.3.2.8)."""
    if type(found) is Range:
        return equal(value, found, run) if type(value) is Range else found.holds(value, run)
    if type(found) is not list:
        return equal(value, found, run)
    if type(value) is list and equal(value, found, run) is True:
        return True
    run.spend(len(found) >> 2)
    return any(
        (
            member.holds(value, run)
            if type(member) is Range and type(value) is not Range
            else equal(value, member, run)
        )
        is True
        for member in found
    )


def plain_members(tests: tuple[syntax.Node, ...]) -> tuple[type, frozenset[Value]] | None:
    """The one type and the values of alternatives that are all plain constants; None where they are not."""
    values = [test.value for test in tests if isinstance(test, syntax.Literal)]
    kinds = {type(value) for value in values}
    if len(values) != len(tests) or len(kinds) != 1 or not kinds <= PLAIN:
        return None
    return kinds.pop(), frozenset(values)
