"""A compiled input cell: the unary tests of a rule on one column (DMN 1.5, 7.3.3 and 10.3.2.8)."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Final

from decision_tables.diagnostics import Where
from decision_tables.errors import BudgetExhausted
from decision_tables.feel import syntax
from decision_tables.feel.evaluate.closures import (
    VALUE_SCOPE,
    Check,
    Compiler,
    Constant,
    Facts,
    broken,
)
from decision_tables.feel.evaluate.truth import COMPARE, PLAIN, either, matches, plain_members
from decision_tables.feel.parse import Names, parse_unary_tests, too_deep
from decision_tables.feel.values import (
    UNKNOWN,
    Range,
    Unknown,
    Value,
    type_name,
)
from decision_tables.said import said

if TYPE_CHECKING:
    from decision_tables.feel.evaluate.run import Run

__all__ = ["Test", "compile_test"]

_NOWHERE: Final = Where()


class Test:
    """A compiled input cell (unary tests); attributes as `Expression` has them.

    Attributes:
        text: as authored.
        node: its tree, None after a syntax error.
        diagnostics: what is wrong with the text.
        ok: whether nothing is.
        reads: names of the facts that it reads besides the value under test.
        reads_clock: whether it reads `as_of`, `known_on`, `today()` or `now()`.
        is_any: whether it is `-` or empty, which holds even of the unknown.
        branches: the alternatives, as nodes; empty for `-`.
    """

    __slots__ = (
        "_check",
        "_compiler",
        "branches",
        "diagnostics",
        "is_any",
        "node",
        "ok",
        "reads",
        "reads_clock",
        "text",
    )

    def __init__(self, text: str, names: Names, where: Where) -> None:
        self.text = text
        self.node, self.diagnostics = parse_unary_tests(text, names, where)
        self.ok = not any(one.is_error for one in self.diagnostics)
        self._compiler = Compiler(text, names, where)
        self.is_any = self.node is not None and self.node.any
        self.branches = () if self.node is None else self.node.tests
        self._check: Check
        if self.node is None:
            code = broken(self._compiler, self.diagnostics)
            self._check = lambda _value, facts, run: code(facts, run, None)
        elif self.is_any:
            self._check = lambda _value, _facts, _run: True
        else:
            try:
                self._check = _checks(self._compiler, self.node)
            except RecursionError:
                self._check = lambda _value, _facts, _run: None
                self.node, self.diagnostics, self.ok = None, (too_deep(text, where),), False
        self.reads = frozenset(self._compiler.reads)
        self.reads_clock = self._compiler.reads_clock

    def __call__(self, value: Value, facts: Facts, run: Run) -> bool | Unknown:
        """Whether the value meets the test; UNKNOWN where that cannot be said yet.

        A null result on a known value counts as false, with a warning.

        Raises:
            BudgetExhausted: it takes more steps than the run has left, or nests too deeply.
        """
        if value is UNKNOWN:
            return True if self.is_any else UNKNOWN
        try:
            found: bool | Unknown | None = self._check(value, facts, run)
        except RecursionError:
            raise BudgetExhausted(said("The evaluation nests too deeply.")) from None
        if found is True or found is False:
            return found
        if found is UNKNOWN:
            return UNKNOWN
        self._compiler.trouble(
            run, said("The test has no answer for {type}.", type=type_name(value)), "feel/no-value"
        )
        return False

    def __repr__(self) -> str:
        return f"Test({self.text!r})"


def compile_test(text: str, names: Names, where: Where = _NOWHERE) -> Test:
    """Compile an input cell; see `Test`. Never raises."""
    return Test(text, names, where)


def _check(compiler: Compiler, node: syntax.Node) -> Check:
    """One test of an input cell, the common shapes specialised."""
    if isinstance(node, syntax.UnaryComparison):
        limit = compiler.code(node.operand, VALUE_SCOPE)
        if isinstance(limit, Constant) and type(limit.value) in PLAIN:
            return _plain_check(compiler, node.op, limit.value)
    elif isinstance(node, syntax.RangeNode):
        found = compiler.code(node, VALUE_SCOPE)
        if isinstance(found, Constant) and type(found.value) is Range:
            return _range_check(found.value)
    elif isinstance(node, syntax.Literal) and type(node.value) in PLAIN:
        return _plain_check(compiler, "=", node.value)
    code = compiler.branch(node, VALUE_SCOPE, loose=True)
    return lambda value, facts, run: code(facts, run, (value, None))


def _plain_check(compiler: Compiler, op: str, limit: Value) -> Check:
    kind, plain, slow = type(limit), COMPARE[op], compiler.slow_comparison(op)
    if op in ("=", "!="):
        # A value of another type is not the one that the cell names: no trouble, just no match.
        return lambda value, _facts, run: (
            plain(value, limit) if type(value) is kind else slow(value, limit, run)
        )
    return lambda value, _facts, run: plain(value, limit) if type(value) is kind else slow(value, limit, run)


def _range_check(found: Range) -> Check:
    low, high = found.low, found.high
    above = operator.le if found.low_closed else operator.lt
    below = operator.le if found.high_closed else operator.lt
    kind = type(low)

    def general(value: Value, _facts: Facts, run: Run) -> Value:
        return matches(value, found, run)

    if found.op or low is None or high is None or kind not in PLAIN:
        return general

    def check(value: Value, facts: Facts, run: Run) -> Value:
        if type(value) is kind:
            return above(low, value) and below(value, high)
        return general(value, facts, run)

    return check


def _checks(compiler: Compiler, node: syntax.UnaryTests) -> Check:
    """All tests of an input cell: a list of plain constants of one type is one look-up."""
    checks = [_check(compiler, test) for test in node.tests]
    if len(checks) == 1:
        check = checks[0]
    elif members := plain_members(node.tests):
        kind, some = members
        slow = compiler.slow_comparison("=")
        first = next(iter(some))

        def check(value: Value, _facts: Facts, run: Run) -> Value:
            return value in some if type(value) is kind else slow(value, first, run)
    else:

        def check(value: Value, facts: Facts, run: Run) -> Value:
            return either(one(value, facts, run) for one in checks)

    if not node.negated:
        return check

    def negated(value: Value, facts: Facts, run: Run) -> Value:
        found = check(value, facts, run)
        return not found if found is True or found is False else found

    return negated
