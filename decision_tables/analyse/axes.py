"""The space that tables cut up: for each fact its classes of values, and which rules accept each class.

An axis is what one or several columns test: a fact, an input expression, or one of the two legal clocks. Its classes
are the values that no cell on it tells apart. For each class two bitsets are kept: the rules that may accept it, and
those that surely do; they differ only where a test shows its verdict not before it is evaluated.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from decision_tables.analyse.extent import (
    NOTHING_KNOWN,
    WHOLE,
    Extent,
    holds_none,
    of_value,
    union_of,
    values_in,
)
from decision_tables.analyse.pieces import ends_of
from decision_tables.analyse.search import Line, Rules
from decision_tables.cells import plain_name
from decision_tables.feel.evaluate import Expression, Run
from decision_tables.feel.temporal import Date, date_of
from decision_tables.index import bits
from decision_tables.outcomes import CompiledNode
from decision_tables.regions import ORDERED_KINDS, Interval, region_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from decision_tables.feel.evaluate import Test
    from decision_tables.feel.values import Value
    from decision_tables.index import Column
    from decision_tables.outcomes import Calendar

__all__ = ["Axis", "KeptAxes", "Space", "quiet_run", "space_of"]

INSTANT: Final = dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC)


def quiet_run(as_of: dt.date | None = None, known_on: dt.date | None = None, steps: int = 100_000) -> Run:
    """A run on given days, of which nobody reads the warnings."""
    day = Date(2020, 1, 1)
    return Run(
        instant=INSTANT,
        as_of=day if as_of is None else date_of(as_of),
        known_on=day if known_on is None else date_of(known_on),
        steps=steps,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One dimension of a space.

    Attributes:
        name: the fact, the expression's text, or the clock.
        fact: the fact, or None of an expression and of a clock.
        expression: what is tested where it is no plain fact, else None.
        domain: all values that it may have.
        classes: the values that no cell tells apart, in order; disjoint, together the domain.
        may: for each class the rules that may accept it.
        must: those that surely do; the same object where no test has to be asked.
    """

    name: str
    fact: str | None
    expression: Expression | None
    domain: Extent
    classes: tuple[Extent, ...]
    may: Line
    must: Line

    @property
    def is_clock(self) -> bool:
        """Whether it is one of the legal clocks."""
        return self.fact is None and self.expression is None

    def union(self, chosen: int) -> Extent:
        """The values of some classes (a bitset of their places)."""
        return union_of(self.classes[place] for place in bits(chosen))


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """What the rules of one or several nodes cut up; rules are numbered through, node by node.

    Attributes:
        nodes: the nodes, each with the number of its first rule.
        axes: the dimensions, those of facts in the order of the columns, then the clocks.
        possible: the rules by what they may accept.
        sure: by what they surely accept; the same object where each rule's verdict on each class is known.
    """

    nodes: tuple[tuple[CompiledNode, int], ...]
    axes: tuple[Axis, ...]
    possible: Rules
    sure: Rules

    @property
    def rules(self) -> int:
        """How many rules there are."""
        return self.possible.rules

    @property
    def is_exact(self) -> bool:
        """Whether each rule's verdict on each class is known."""
        return self.sure is self.possible

    def rule(self, number: int) -> tuple[CompiledNode, int]:
        """The node of a rule, and its row."""
        return next((node, number - first) for node, first in reversed(self.nodes) if number >= first)

    def rule_id(self, number: int) -> tuple[str, str]:
        """The node's key and the rule's id."""
        node, row = self.rule(number)
        return node.key, node.rules[row]


class KeptAxes:
    """Axes by what they are made of, so that after an edit only those of changed columns are made again."""

    __slots__ = ("_axes",)

    def __init__(self) -> None:
        self._axes: dict[object, tuple[object, Axis]] = {}

    def get(self, key: object, parts: Sequence[object], make: Callable[[], Axis]) -> Axis:
        """The axis of a key; the same one as long as its parts are the same objects or equal."""
        known = self._axes.get(key)
        if known is not None and _are_same(known[0], parts):
            return known[1]
        axis = make()
        self._axes[key] = (tuple(parts), axis)
        return axis


def _are_same(known: Any, parts: Sequence[object]) -> bool:
    return len(known) == len(parts) and all(
        a is b or (isinstance(a, Extent | int | tuple) and a == b) for a, b in zip(known, parts, strict=True)
    )


def space_of(
    nodes: Sequence[CompiledNode],
    domain_of: Callable[[str | None, Expression, Sequence[Test]], Extent],
    kept: KeptAxes,
) -> Space:
    """The space of some nodes.

    Args:
        nodes: tables or formulas.
        domain_of: the values that a fact, or (None) an expression, may have where these cells test it.
        kept: axes from before.
    """
    placed: list[tuple[CompiledNode, int]] = []
    columns: dict[str, list[tuple[CompiledNode, int, int]]] = {}
    first = 0
    for node in nodes:
        placed.append((node, first))
        for number, expression in enumerate(node.inputs):
            columns.setdefault(_subject(node, number, expression), []).append((node, number, first))
        first += len(node.rules)
    every = (1 << first) - 1
    axes = [_axis(name, used, every, domain_of, kept) for name, used in columns.items()]
    axes += _clocks(placed, every, kept)
    possible = Rules([axis.may for axis in axes], first)
    is_exact = all(axis.may is axis.must for axis in axes)
    sure = possible if is_exact else Rules([axis.must for axis in axes], first)
    return Space(tuple(placed), tuple(axes), possible, sure)


def _subject(node: CompiledNode, number: int, expression: Expression) -> str:
    """What tells an axis from others: the same fact, or the same text, in whatever column of whatever table."""
    if node.names[number] is not None:
        return f"fact {node.names[number]}"
    column = node.source.inputs[number]  # type: ignore[union-attr]  # only tables have columns
    return f"text {expression.text} : {column.type} : {column.values}"


def _axis(
    name: str,
    used: Sequence[tuple[CompiledNode, int, int]],
    every: int,
    domain_of: Callable[[str | None, Expression, Sequence[Test]], Extent],
    kept: KeptAxes,
) -> Axis:
    node, number, _ = used[0]
    expression = node.inputs[number]
    fact = node.names[number]
    tests = [test for node, number, _ in used for test in node.tests[number]]
    domain = domain_of(fact, expression, tests)
    parts: list[object] = [every, domain]
    for node, number, first in used:
        parts += [node.index.columns[number], first]
    # What tests on a value that is worked out mean beside a fact of the same name, no class can say.
    inside = fact if fact is not None else plain_name(expression)
    label = inside or expression.text

    def make() -> Axis:
        columns = [
            (node.index.columns[number], node.tests[number], first, len(node.rules))
            for node, number, first in used
        ]
        return _classed(label, fact, None if fact is not None else expression, columns, every, domain)

    return kept.get((name, tuple((node.key, number) for node, number, _ in used)), parts, make)


_Columns: TypeAlias = "Sequence[tuple[Column, Sequence[Test], int, int]]"


def _classed(
    name: str,
    fact: str | None,
    expression: Expression | None,
    columns: _Columns,
    every: int,
    domain: Extent,
) -> Axis:
    others = every
    for _, _, first, count in columns:
        others &= ~(((1 << count) - 1) << first)
    classes: list[Extent] = []
    may: list[int] = []
    must: list[int] = []
    told: dict[tuple[int, object], bool] = {}
    compared = {
        test: ends
        for column, tests, _, _ in columns
        for test in dict.fromkeys(tests[row] for row in bits(column.residual))
        if (ends := ends_of(test)) is not None
    }
    more: frozenset[Any] = frozenset().union(*compared.values())
    for extent, value, look_up in _elementary(columns, domain, more):
        hit = held = others
        accepted: dict[int, tuple[int, int]] = {}
        for column, tests, first, _ in columns:
            hits, asks = look_up(column)
            if asks:
                hits, asks = _asked(hits, asks, tests, extent, value, told, compared)
            # Of several columns on one fact a rule accepts what all its cells accept.
            before = accepted.get(first, (-1, -1))
            accepted[first] = (before[0] & hits, before[1] & hits & ~asks)
        for first, (hits, surely) in accepted.items():
            hit |= hits << first
            held |= surely << first
        if may and may[-1] == hit and must[-1] == held and _joins(classes[-1], extent):
            classes[-1] = classes[-1] | extent
        else:
            classes.append(extent)
            may.append(hit)
            must.append(held)
    rules = every.bit_length()
    possible = Line(tuple(may), rules)
    sure = possible if may == must else Line(tuple(must), rules)
    return Axis(name, fact, expression, domain, tuple(classes), possible, sure)


def _joins(before: Extent, after: Extent) -> bool:
    """Whether two classes that no rule tells apart are better told as one: both of texts, or both of one kind."""
    if before.spans or after.spans:
        return (
            len(before.spans) == 1
            and len(after.spans) == 1
            and before.spans[0][0] is after.spans[0][0]
            and not (before.texts or after.texts or before.besides or after.besides)
        )
    return bool((before.texts or before.besides) and (after.texts or after.besides))


_ANY: Final = object()


def _elementary(
    columns: _Columns, domain: Extent, more: frozenset[Any]
) -> Iterator[tuple[Extent, Value, Callable[[Column], tuple[int, int]]]]:
    """The classes of a domain that these columns tell apart, each with its one value (or `_ANY`) and its look-up."""
    named = sorted(
        {text for column, _, _, _ in columns for text in column.texts if text in domain}
        | {text for text in more if isinstance(text, str) and text in domain}
    )
    if not domain.besides:
        named = sorted(domain.texts)
    for text in named:
        yield of_value(text), text, _at(text)
    if domain.besides:
        rest = Extent(domain.texts.union(named), True)
        yield rest, _ANY, lambda column: column.other_texts
    for truth in sorted(domain.truths):
        yield of_value(truth), truth, _at(truth)
    for kind, spans in domain.spans:
        points: set[Any] = {point for column, _, _, _ in columns for point in column.points_of(kind)}
        points |= {point for point in more if type(point) is kind}
        for span in spans:
            for piece in _cut(span, sorted(points)):
                if piece.low is not None and piece.low == piece.high:
                    yield Extent(spans=((kind, (piece,)),)), piece.low, _at(piece.low)
                else:
                    yield Extent(spans=((kind, (piece,)),)), _ANY, _above(kind, piece.low)
    if domain.rest:
        yield Extent(rest=True), _ANY, _at([])
    if domain.null:
        yield NOTHING_KNOWN, None, _at(None)


def _at(value: Value) -> Callable[[Column], tuple[int, int]]:
    return lambda column: column.class_of(value)


def _above(kind: type, low: Any) -> Callable[[Column], tuple[int, int]]:
    return lambda column: column.class_above(kind, low)


def _cut(span: Interval, points: Sequence[Any]) -> Iterator[Interval]:
    """A span cut at points: each point by itself, and the open spans between."""
    low, closed = span.low, span.low_closed
    for point in points:
        if low is not None and (point < low or (point == low and not closed)):
            continue
        if span.high is not None and (point > span.high or (point == span.high and not span.high_closed)):
            break
        before = Interval(low, closed, point, False)
        if (low is None or low != point) and not holds_none(before):
            yield from _split(before)
        yield Interval(point, True, point, True)
        low, closed = point, False
    last = Interval(low, closed, span.high, span.high_closed)
    if not holds_none(last) and not (low is not None and low == span.high and not closed):
        yield from _split(last)


def _split(span: Interval) -> Iterator[Interval]:
    """An open span as one class, its closed ends by themselves: the class of a value is that of those above it."""
    low, high = span.low, span.high
    if low is not None and low == high:
        yield span
        return
    if low is not None and span.low_closed:
        yield Interval(low, True, low, True)
    inner = Interval(low, False, high, False)
    if not holds_none(inner):
        yield inner
    if high is not None and span.high_closed:
        yield Interval(high, True, high, True)


def _asked(
    hits: int,
    asks: int,
    tests: Sequence[Test],
    extent: Extent,
    value: Value,
    told: dict[tuple[int, object], bool],
    compared: Mapping[Test, object],
) -> tuple[int, int]:
    """The verdicts of tests that must be asked, where the class is one value or a kind that a test takes whole."""
    left = asks
    for row in bits(asks & hits):
        test = tests[row]
        if test.reads or test.reads_clock:
            continue
        one = value
        if one is _ANY:
            if extent.rest or (test not in compared and region_of(test) is None):
                continue
            # It says the same of all values of the class: it names none of them, or speaks of another kind alone.
            one = next(values_in(extent), _ANY)
            if one is _ANY:
                continue
        key = (id(test), (type(one), _hashed(one)))
        verdict = told.get(key)
        if verdict is None:
            verdict = told[key] = test(one, {}, quiet_run()) is True
        left &= ~(1 << row)
        if not verdict:
            hits &= ~(1 << row)
    return hits, left & hits


def _hashed(value: Value) -> object:
    return (
        value
        if value is None or isinstance(value, str | bool) or type(value) in ORDERED_KINDS
        else repr(value)
    )


# ---- the legal clocks --------------------------------------------------------------------------------------


def _clocks(placed: Sequence[tuple[CompiledNode, int]], every: int, kept: KeptAxes) -> Iterator[Axis]:
    for name in ("as_of", "known_on"):
        calendars: list[tuple[Calendar, int, int]] = [
            (getattr(node, "valid" if name == "as_of" else "known"), first, len(node.rules))
            for node, first in placed
        ]
        if all(calendar.is_everlasting for calendar, _, _ in calendars):
            continue
        yield _clock(name, calendars, placed, every, kept)


def _clock(
    name: str,
    calendars: Sequence[tuple[Calendar, int, int]],
    placed: Sequence[tuple[CompiledNode, int]],
    every: int,
    kept: KeptAxes,
) -> Axis:
    days = sorted(
        {start for calendar, _, _ in calendars for start, _, _ in calendar.stretches if start is not None}
    )
    classes, masks = [], []
    for start, end in zip((None, *days), (*days, None), strict=True):
        span = Interval(
            None if start is None else date_of(start),
            start is not None,
            None if end is None else Date.of_days(date_of(end).key - 1),
            end is not None,
        )
        day = dt.date.min if start is None else start
        mask = reduce(lambda held, one: held | one[0].at(day) << one[1], calendars, 0)
        classes.append(Extent(spans=((Date, (span,)),)))
        masks.append(mask)
    spans = tuple(classes)

    def make() -> Axis:
        line = Line(tuple(masks), every.bit_length())
        return Axis(name, None, None, Extent(spans=((Date, (WHOLE,)),)), spans, line, line)

    nodes = tuple(node.key for node, _ in placed)
    return kept.get((name, nodes), [every, tuple(masks), tuple(days)], make)
