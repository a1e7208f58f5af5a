"""Tests that do nothing but compare their own value with constants: between these, their verdict never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from decision_tables.feel import syntax
from decision_tables.feel.evaluate import compile_expression
from decision_tables.feel.parse import Names
from decision_tables.regions import ORDERED_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from decision_tables.feel.evaluate import Test

__all__ = ["ends_of"]


class _Reckons(Exception):
    """The test does more than compare its value with constants."""


def ends_of(test: Test) -> frozenset[Any] | None:
    """The constants that a test compares its value with, None where it does anything else.

    `? > 5 and ? < 10` or `in (1, [3..5])` is such a test, and so is `< number("0", " ", ",")`: what stands beside the
    value is worked out first. A value lies between the same constants as another only where the test says the same.
    """
    if test.node is None or test.is_any or test.reads or test.reads_clock:
        return None
    found: set[Any] = set()
    try:
        for branch in test.node.tests:
            _branch(branch, test.text, found)
    except (_Reckons, RecursionError):
        return None
    return frozenset(found)


def _branch(node: syntax.Node, text: str, found: set[Any]) -> None:
    """A test by itself: a value to be equal to, a range, a comparison, or a condition on `?`."""
    match node:
        case syntax.UnaryComparison(op=op, operand=operand):
            _constant(operand, text, found, ordered=op not in _EQUAL)
        case syntax.RangeNode(low=low, high=high):
            _constant(low, text, found, ordered=True)
            _constant(high, text, found, ordered=True)
        case _ if _speaks_of_value(node):
            _condition(node, text, found)
        case _:
            _constant(node, text, found, ordered=False)


def _condition(node: syntax.Node, text: str, found: set[Any]) -> None:
    """A condition on `?`."""
    match node:
        case syntax.Comparison(op=op, left=syntax.Name(name="?"), right=right):
            _constant(right, text, found, ordered=op not in _EQUAL)
        case syntax.Comparison(op=op, left=left, right=syntax.Name(name="?")):
            _constant(left, text, found, ordered=op not in _EQUAL)
        case syntax.Between(value=syntax.Name(name="?"), low=low, high=high):
            _constant(low, text, found, ordered=True)
            _constant(high, text, found, ordered=True)
        case syntax.In(value=syntax.Name(name="?"), tests=tests):
            for one in tests:
                _branch(one, text, found)
        case syntax.And(operands=operands) | syntax.Or(operands=operands):
            for one in operands:
                _condition(one, text, found)
        case syntax.Call(function=syntax.Name(name="not"), arguments=(only,)):
            _condition(only, text, found)
        case _:
            raise _Reckons


def _constant(node: syntax.Node, text: str, found: set[Any], *, ordered: bool) -> None:
    """What stands beside the value: known without it, and of a kind that is told apart."""
    if isinstance(node, syntax.Literal):
        value = node.value
    else:
        if _speaks_of_value(node):
            raise _Reckons
        cell = compile_expression(text[node.start : node.end], Names())
        if not cell.ok or not cell.is_constant:
            raise _Reckons
        value = cell.value
    if value is None or isinstance(value, bool):
        return
    if type(value) not in ORDERED_KINDS and not (isinstance(value, str) and not ordered):
        raise _Reckons
    found.add(value)


def _speaks_of_value(node: syntax.Node) -> bool:
    parts: Iterable[syntax.Node] = syntax.walk(node)
    return any(isinstance(part, syntax.Name) and part.name == "?" for part in parts)


_EQUAL: Final = frozenset({"=", "!="})
