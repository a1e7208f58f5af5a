"""What facts and expressions may be: by their types, by the values allowed, and by what nodes can conclude."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Final

from decision_tables.analyse.extent import (
    ANYTHING,
    NOTHING,
    NOTHING_KNOWN,
    Extent,
    of_region,
    of_value,
    union_of,
)
from decision_tables.feel import syntax
from decision_tables.feel.infer import findings_of
from decision_tables.feel.temporal import Date, DaysDuration, YearsDuration
from decision_tables.feel.values import NUMBERS
from decision_tables.index import bits
from decision_tables.regions import Interval, region_of
from decision_tables.table import Formula, HitPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from decision_tables.feel.evaluate import Expression, Test
    from decision_tables.items import Kind
    from decision_tables.outcomes import CompiledNode
    from decision_tables.program import Program

__all__ = ["Domains"]


class Domains:
    """What each fact of a program may be; conclusions are learnt node by node, in dependency order.

    Attributes:
        untyped: facts of any type, of which only the kinds of value are looked at that cells speak of.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        vocabulary = program.vocabulary
        self._closed = program.rulebook.absent == "null"
        self._types = {key: kind.type for key, kind in vocabulary.kinds.items()}
        # In a closed rulebook null says that a fact was not given, and every fact may be left out.
        self._declared = {
            key: _of_kind(kind)
            | (NOTHING_KNOWN if vocabulary.facts[key].nullable and not self._closed else NOTHING)
            for key, kind in vocabulary.kinds.items()
        }
        opened = {fact for node in program.nodes if node.open for fact in node.facts}
        parameters = {fact for service in program.rulebook.services for fact in service.input_decisions}
        self.given = frozenset(
            key
            for key, fact in vocabulary.facts.items()
            if key not in program.concluded or fact.question or key in opened or key in parameters
        )
        self._learnt: dict[str, Extent] = {}
        self.untyped: dict[str, None] = {}

    # -- facts ---------------------------------------------------------------------------------------------

    def declared(self, fact: str) -> Extent:
        """What the vocabulary lets a fact be."""
        return self._declared.get(fact, ANYTHING)

    def of_fact(self, fact: str) -> Extent:
        """What a fact may be: whatever is declared if callers give it, and what nodes conclude."""
        learnt = self._learnt.get(fact)
        declared = self.declared(fact)
        if learnt is None:
            # Not concluded, or on a circle: then null may come of it.
            return declared | NOTHING_KNOWN if fact in self._program.concluded else declared
        return declared | learnt if fact in self.given else learnt

    def learn(self, fact: str, extent: Extent) -> None:
        """Take note of what the nodes conclude for a fact."""
        self._learnt[fact] = extent

    def tested(self, fact: str | None, expression: Expression, tests: Sequence[Test]) -> Extent:
        """What a column's value may be, as far as its cells can ask: the domain of an axis."""
        domain = self._of_expression(expression) if fact is None else self.of_fact(fact)
        if domain.rest and domain.besides:
            name = expression.text if fact is None else fact
            spoken = _spoken(tests)
            if spoken:
                self.untyped[name] = None
                domain &= spoken | (NOTHING_KNOWN if domain.null else NOTHING)
        if self._closed and not domain.null and any(_names_null(test) for test in tests):
            # What is not given is null there; a table that has no cell for it is not told to need one.
            domain |= NOTHING_KNOWN
        return domain

    def _of_expression(self, expression: Expression) -> Extent:
        if expression.is_constant:
            return of_value(expression.value)
        node = expression.node
        if node is None:
            return NOTHING_KNOWN
        if isinstance(node, syntax.Name) and node.name in self._program.vocabulary.facts:
            return self.of_fact(node.name)
        extent = _NAMED.get(findings_of(node, self._types)[0].name, ANYTHING)
        return extent | NOTHING_KNOWN if self._may_be_null(node) else extent & ~NOTHING_KNOWN

    def _may_be_null(self, node: syntax.Node) -> bool:
        """Whether an expression may come to null; numbers too large for 34 digits are left out of account."""
        match node:
            case syntax.Literal(value=value):
                return value is None
            case syntax.Name(name=name):
                return name not in self._program.vocabulary.facts or self.of_fact(name).null
            case syntax.Arithmetic(op=op, left=left, right=right):
                is_sure = op in {"+", "-", "*"} and self._is_number(left) and self._is_number(right)
                is_share = op == "/" and isinstance(right, syntax.Literal) and right.value
                return not (is_sure or (is_share and self._is_number(left)))
            case syntax.Negation(operand=operand):
                return not self._is_number(operand)
            case syntax.Comparison(op=op, left=left, right=right):
                if op in {"=", "!="}:
                    return (
                        self._kind(left) != self._kind(right)
                        or self._may_be_null(left)
                        or self._may_be_null(right)
                    )
                ordered = self._kind(left) == self._kind(right) and self._kind(left) in _NAMED
                return not ordered or self._may_be_null(left) or self._may_be_null(right)
            case syntax.And(operands=operands) | syntax.Or(operands=operands):
                return any(self._kind(one) != "boolean" or self._may_be_null(one) for one in operands)
            case syntax.If(consequence=yes, alternative=no):
                return self._may_be_null(yes) or self._may_be_null(no)
            case _:
                return True

    def _kind(self, node: syntax.Node) -> str:
        return findings_of(node, self._types)[0].name

    def _is_number(self, node: syntax.Node) -> bool:
        return self._kind(node) == "number" and not self._may_be_null(node)

    # -- conclusions ---------------------------------------------------------------------------------------

    def concluded(self, node: CompiledNode, fact: str, alive: int) -> Extent:
        """What some rules of a node may conclude for a fact, and its default; nothing for no opinion."""
        if node.hit_policy.is_list or any(output.fact == fact and output.part for output in node.outputs):
            return Extent(rest=True)
        if node.hit_policy.is_aggregate:
            return self._aggregated(node, fact, alive)
        found: dict[int, Extent] = {}
        for output in node.outputs:
            if output.fact != fact:
                continue
            for row in bits(alive):
                cell = output.cells[row]
                if cell is not None and id(cell) not in found:
                    found[id(cell)] = self._outcome(cell, fact)
            if output.default is not None:
                found[id(output.default)] = self._outcome(output.default, fact)
        return union_of(found.values())

    def _outcome(self, cell: Expression, fact: str) -> Extent:
        if cell.is_constant:
            return of_value(cell.value)
        extent = self._of_expression(cell)
        kind = self._program.vocabulary.kinds.get(fact)
        if isinstance(cell.node, syntax.Name) and self._program.vocabulary.kinds.get(cell.node.name) == kind:
            return extent
        # What a fact's type does not hold, or its allowed values do not have, becomes null on the way.
        declared = self.declared(fact)
        if extent.rest and not declared.rest:
            return declared | NOTHING_KNOWN  # a list of one value becomes that value
        kept = extent & declared
        if declared.rest and extent & ~NOTHING_KNOWN:
            kept |= Extent(rest=True)  # a lone value becomes a list of one, a date its midnight
        is_lost = extent.rest or bool(replace(extent & ~declared, rest=False, null=False))
        return kept | NOTHING_KNOWN if is_lost or extent.null or not self._is_exact(fact) else kept

    def refused(self, fact: str) -> Extent:
        """The values that become null where they are concluded for a fact; more than those where that is not sure."""
        return ~self.declared(fact) if self._is_exact(fact) else ANYTHING

    def _is_exact(self, fact: str) -> bool:
        """Whether the declared values are just those that the fact takes."""
        kind = self._program.vocabulary.kinds.get(fact)
        regions = [] if kind is None else [region_of(test) for test in kind.allowed]
        return all(region is not None and region.kind is not None for region in regions)

    def _aggregated(self, node: CompiledNode, fact: str, alive: int) -> Extent:
        """What the number, sum, least or greatest of some rules may be, and what there is where none matches."""
        column = next(output for output in node.outputs if output.fact == fact)
        cells = [cell for row in bits(alive) if (cell := column.cells[row]) is not None]
        empty = NOTHING_KNOWN if column.default is None else self._outcome(column.default, fact)
        if node.referrals:
            return self.declared(fact) | NOTHING_KNOWN
        match node.hit_policy:
            case HitPolicy.COUNT:
                least = 0 if column.default is None or len(cells) < alive.bit_count() else 1
                counts = union_of(of_value(Decimal(count)) for count in range(least, len(cells) + 1))
                return counts if column.default is None else counts | empty
            case HitPolicy.SUM:
                added = (
                    _sums([cell.value for cell in cells]) if all(one.is_constant for one in cells) else None
                )
                return (_NAMED["number"] if added is None else added) | empty | NOTHING_KNOWN
            case _:
                return union_of(self._outcome(cell, fact) for cell in cells) | empty | NOTHING_KNOWN

    def may_be_silent(self, node: CompiledNode, fact: str, alive: int) -> bool:
        """Whether some rule of a node has no opinion on the fact, and refers it to nobody."""
        if isinstance(node.source, Formula):
            return False
        return any(not node.speaks(row, fact) and row not in node.referrals for row in bits(alive))


def _of_kind(kind: Kind) -> Extent:
    """The values of a type that are allowed, null left out; more than those where tests cannot be read as values."""
    extent = _NAMED.get(kind.name, ANYTHING if kind.name == "Any" else Extent(rest=True))
    for test in kind.allowed:
        region = region_of(test)
        if region is not None and region.kind is not None and not extent.rest:
            extent &= of_region(region)
    return extent & ~NOTHING_KNOWN if extent.null else extent


def _sums(values: Sequence[object]) -> Extent | None:
    """The sums of some numbers of which one at least is taken: each by itself, or from the least to the greatest."""
    numbers = [value for value in values if isinstance(value, Decimal)]
    if len(numbers) < len(values):
        return None
    sums: set[Decimal] = set()
    for number in numbers:
        sums |= {number, *(NUMBERS.add(number, one) for one in sums)}
        if len(sums) > _SUMS:
            low = reduce(NUMBERS.add, (one for one in numbers if one < 0), Decimal(0))
            high = reduce(NUMBERS.add, (one for one in numbers if one > 0), Decimal(0))
            return Extent(spans=((Decimal, (Interval(low, True, high, True),)),))
    return union_of(of_value(one) for one in sums)


def _of_type(value: object) -> Extent:
    return _widened(of_value(value))


def _widened(extent: Extent) -> Extent:
    """All values of the kinds that a set speaks of."""
    return Extent(
        frozenset(),
        bool(extent.texts or extent.besides),
        ANYTHING.truths if extent.truths else frozenset(),
        tuple((kind, ANYTHING.of_kind(kind)) for kind, _ in extent.spans),
    )


def _spoken(tests: Sequence[Test]) -> Extent:
    """All values of the kinds that cells name."""
    found: dict[int, Extent] = {}
    for test in tests:
        if id(test) not in found and test.node is not None and not test.is_any:
            literals = (one.value for one in syntax.walk(test.node) if isinstance(one, syntax.Literal))
            found[id(test)] = union_of(_widened(of_value(value)) for value in literals)
    return union_of(found.values())


def _names_null(test: Test) -> bool:
    if test.node is None or test.is_any:
        return False
    return any(isinstance(one, syntax.Literal) and one.value is None for one in syntax.walk(test.node))


_SUMS: Final = 64
"""Sums that are looked at one by one."""

_NAMED: Final = {
    "string": _of_type(""),
    "boolean": _of_type(True),
    "number": _of_type(Decimal(0)),
    "date": _of_type(Date(2020, 1, 1)),
    "days and time duration": _of_type(DaysDuration(1)),
    "years and months duration": _of_type(YearsDuration(1)),
}
