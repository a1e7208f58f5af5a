"""Sets of values: what a fact may be, what a region of a table holds of it, what a node may conclude.

An `Extent` is exact for null, texts, booleans and the ordered kinds (numbers, dates, durations); all other values
(lists, contexts, times) are one lump, of which only "may be among them" is ever said.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from decision_tables.feel.temporal import Date, DateTime, DaysDuration, Time, YearsDuration
from decision_tables.feel.values import NUMBERS
from decision_tables.regions import ORDERED_KINDS, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from decision_tables.feel.values import Value
    from decision_tables.regions import Region

__all__ = [
    "ANYTHING",
    "KIND_NAMES",
    "NOTHING",
    "NOTHING_KNOWN",
    "WHOLE",
    "Extent",
    "holds_none",
    "of_region",
    "of_value",
    "union_of",
    "values_in",
]

Spans = tuple[tuple[type, tuple[Interval, ...]], ...]

WHOLE: Final = Interval(None, False, None, False)
"""All values of an ordered kind."""

KIND_NAMES: Final[dict[type, str]] = {
    Decimal: "number",
    Date: "date",
    DaysDuration: "days and time duration",
    YearsDuration: "years and months duration",
}
"""FEEL's names of the ordered kinds."""

_BOTH: Final = frozenset({True, False})


@dataclass(frozen=True, slots=True)
class Extent:
    """A set of values.

    Attributes:
        texts: the texts in it, or (`besides`) those that are not.
        besides: whether all texts but `texts` are in it.
        truths: the booleans in it.
        spans: of each ordered kind that it holds values of, these: disjoint, ascending, none of them empty.
        null: whether null is in it.
        rest: whether values of other kinds may be in it: lists, contexts, times, dates with a time.
    """

    texts: frozenset[str] = frozenset()
    besides: bool = False
    truths: frozenset[bool] = frozenset()
    spans: Spans = ()
    null: bool = False
    rest: bool = False

    def __bool__(self) -> bool:
        return bool(self.texts or self.besides or self.truths or self.spans or self.null or self.rest)

    def of_kind(self, kind: type) -> tuple[Interval, ...]:
        """The values of one ordered kind that are in it."""
        return next((spans for known, spans in self.spans if known is kind), ())

    def __and__(self, other: Extent) -> Extent:
        besides = self.besides and other.besides
        if besides:
            texts = self.texts | other.texts
        elif self.besides:
            texts = other.texts - self.texts
        else:
            texts = self.texts - other.texts if other.besides else self.texts & other.texts
        kinds = [kind for kind, _ in self.spans if other.of_kind(kind)]
        return Extent(
            texts,
            besides,
            self.truths & other.truths,
            _spanned((kind, _common(self.of_kind(kind), other.of_kind(kind))) for kind in kinds),
            self.null and other.null,
            self.rest and other.rest,
        )

    def __or__(self, other: Extent) -> Extent:
        besides = self.besides or other.besides
        if self.besides and other.besides:
            texts = self.texts & other.texts
        elif self.besides:
            texts = self.texts - other.texts
        else:
            texts = other.texts - self.texts if other.besides else self.texts | other.texts
        kinds = dict.fromkeys(kind for extent in (self, other) for kind, _ in extent.spans)
        return Extent(
            texts,
            besides,
            self.truths | other.truths,
            _spanned((kind, _united((*self.of_kind(kind), *other.of_kind(kind)))) for kind in kinds),
            self.null or other.null,
            self.rest or other.rest,
        )

    def __invert__(self) -> Extent:
        return Extent(
            self.texts,
            not self.besides,
            _BOTH - self.truths,
            _spanned((kind, _outside(self.of_kind(kind))) for kind in ORDERED_KINDS),
            not self.null,
            # Of the lump only "maybe" is known, so that what is not in it may be there as well.
            True,
        )

    def __contains__(self, value: Value) -> bool:
        kind = type(value)
        if kind is str:
            return (value in self.texts) is not self.besides
        if kind is bool:
            return value in self.truths
        if value is None:
            return self.null
        if kind in ORDERED_KINDS:
            return any(_holds(span, value) for span in self.of_kind(kind))
        return self.rest

    @property
    def only(self) -> tuple[Value, ...] | None:
        """Its values where they can be listed, null last; None where they cannot."""
        if self.besides or self.rest:
            return None
        listed: list[Value] = [*sorted(self.texts), *sorted(self.truths, reverse=True)]
        for _, spans in self.spans:
            if any(span.low is None or span.low != span.high for span in spans):
                return None
            listed += [span.low for span in spans]
        return (*listed, None) if self.null else tuple(listed)


NOTHING: Final = Extent()
"""No value at all."""

ANYTHING: Final = Extent(
    frozenset(), True, _BOTH, tuple((kind, (WHOLE,)) for kind in ORDERED_KINDS), null=True, rest=True
)
"""Every value."""

NOTHING_KNOWN: Final = Extent(null=True)
"""Null alone."""


def of_value(value: Value) -> Extent:
    """The set of one value; of a list or another value of the lump, the lump."""
    kind = type(value)
    if value is None:
        return NOTHING_KNOWN
    if kind is str:
        return Extent(frozenset({value}))
    if kind is bool:
        return Extent(truths=frozenset({value}))
    if kind in ORDERED_KINDS:
        return Extent(spans=((kind, (Interval(value, True, value, True),)),))
    return Extent(rest=True)


def of_region(region: Region) -> Extent:
    """What a cell with that region accepts among null and the values of its own kind."""
    null = region.null is not region.negated
    if region.kind is None:
        return Extent(null=null) if not region.negated else ~NOTHING_KNOWN
    if region.kind is str:
        return Extent(region.points, region.negated, null=region.null and not region.negated)
    if region.kind is bool:
        truths = _BOTH - region.points if region.negated else region.points
        return Extent(truths=truths, null=region.null and not region.negated)
    spans = _united(region.intervals)
    if region.negated:
        spans = _outside(spans)
    return Extent(spans=_spanned([(region.kind, spans)]), null=region.null and not region.negated)


# ---- intervals of one ordered kind -----------------------------------------------------------------------


def holds_none(span: Interval) -> bool:
    """Whether no value lies in an interval; of dates and durations, which are counted, none may lie between two."""
    low, high = span.low, span.high
    if low is None or high is None:
        return False
    if type(low) is Decimal:
        return span.is_empty
    count = high.key - low.key + 1 - (not span.low_closed) - (not span.high_closed)
    return bool(count <= 0)


def _holds(span: Interval, value: Any) -> bool:
    above = span.low is None or span.low < value or (span.low_closed and span.low == value)
    below = span.high is None or value < span.high or (span.high_closed and span.high == value)
    return above and below


class _Low:
    """Sorts intervals by where they start."""

    __slots__ = ("span",)

    def __init__(self, span: Interval) -> None:
        self.span = span

    def __lt__(self, other: _Low) -> bool:
        a, b = self.span, other.span
        if a.low is None or b.low is None:
            return a.low is None and b.low is not None
        return bool(a.low < b.low) or (a.low == b.low and a.low_closed and not b.low_closed)


def _united(spans: Iterable[Interval]) -> tuple[Interval, ...]:
    united: list[Interval] = []
    for span in sorted((one for one in spans if not holds_none(one)), key=_Low):
        if united and _touch(united[-1], span):
            last = united.pop()
            high, closed = _further(last, span)
            united.append(Interval(last.low, last.low_closed, high, closed))
        else:
            united.append(span)
    return tuple(united)


def _touch(before: Interval, after: Interval) -> bool:
    """Whether no value lies between two intervals, of which the first starts first."""
    if before.high is None or after.low is None or after.low < before.high:
        return True
    if after.low == before.high:
        return before.high_closed or after.low_closed
    between = Interval(before.high, not before.high_closed, after.low, not after.low_closed)
    return holds_none(between)


def _further(a: Interval, b: Interval) -> tuple[Any, bool]:
    if a.high is None or b.high is None:
        return None, False
    if a.high == b.high:
        return a.high, a.high_closed or b.high_closed
    return (a.high, a.high_closed) if b.high < a.high else (b.high, b.high_closed)


def _common(some: Sequence[Interval], others: Sequence[Interval]) -> tuple[Interval, ...]:
    found = []
    first = second = 0
    while first < len(some) and second < len(others):
        a, b = some[first], others[second]
        both = _both(a, b)
        if not holds_none(both):
            found.append(both)
        if a.high is None or (
            b.high is not None and (b.high < a.high or (b.high == a.high and a.high_closed))
        ):
            second += 1
        else:
            first += 1
    return tuple(found)


def _both(a: Interval, b: Interval) -> Interval:
    if a.low is None or (b.low is not None and (a.low < b.low or (a.low == b.low and not b.low_closed))):
        low, low_closed = b.low, b.low_closed
    else:
        low, low_closed = a.low, a.low_closed
    if a.high is None or (
        b.high is not None and (b.high < a.high or (b.high == a.high and not b.high_closed))
    ):
        high, high_closed = b.high, b.high_closed
    else:
        high, high_closed = a.high, a.high_closed
    return Interval(low, low_closed, high, high_closed)


def _outside(spans: Sequence[Interval]) -> tuple[Interval, ...]:
    """The values of a kind that lie in none of its disjoint, ascending intervals."""
    found = []
    low: Any = None
    closed = False
    for span in spans:
        if span.low is not None:
            gap = Interval(low, closed, span.low, not span.low_closed)
            if not holds_none(gap):
                found.append(gap)
        if span.high is None:
            return tuple(found)
        low, closed = span.high, not span.high_closed
    found.append(Interval(low, closed, None, False))
    return tuple(found)


def _spanned(kinds: Iterable[tuple[type, tuple[Interval, ...]]]) -> Spans:
    found = {kind: spans for kind, spans in kinds if spans}
    return tuple((kind, found[kind]) for kind in ORDERED_KINDS if kind in found)


# ---- members ---------------------------------------------------------------------------------------------


def values_in(extent: Extent, near: Iterable[Value] = ()) -> Iterator[Value]:
    """Some members of a set, those of `near` first, then plain ones; each once, a few of each kind.

    Of the lump it gives a member of each kind that JSON can hold.
    """
    told: list[Value] = []
    for value in (*near, *_members(extent)):
        if value in extent and not any(type(one) is type(value) and one == value for one in told):
            told.append(value)
            yield value


def _members(extent: Extent) -> Iterator[Value]:
    if not extent.besides:
        yield from sorted(extent.texts)
    yield from sorted(extent.truths)
    for kind, spans in extent.spans:
        for span in spans:
            yield from _within(kind, span)
    if extent.besides:
        yield from ("other", "something else", "")
        yield from (f"other {number}" for number in range(2, 3 + len(extent.texts)))
    if extent.rest:
        yield from (Time(12, 0, 0), DateTime(Date(2020, 1, 1), Time(12, 0, 0)), [], {})
    if extent.null:
        yield None


def _within(kind: type, span: Interval) -> Iterator[Any]:
    """A few members of an interval, the roundest first."""
    if kind is Decimal:
        yield from _numbers_within(span)
        return
    low = None if span.low is None else span.low.key + (not span.low_closed)
    high = None if span.high is None else span.high.key - (not span.high_closed)
    if low is not None and high is not None:
        keys = [low, (low + high) // 2, high]
    elif low is not None:
        keys = [low, low + 1, low + 365]
    elif high is not None:
        keys = [high, high - 1, high - 365]
    else:
        keys = [18_262, 0] if kind is Date else [1, 0]
    make: Any = Date.of_days if kind is Date else kind
    for key in keys:
        try:
            yield make(key)
        except ValueError:
            continue  # beyond the years that FEEL has


def _numbers_within(span: Interval) -> Iterator[Decimal]:
    low, high = span.low, span.high
    if low is None and high is None:
        yield from (Decimal(1), Decimal(0))
        return
    if low is not None and span.low_closed:
        yield low
    if low is None or high is None:
        end = high if low is None else low
        step = Decimal(-1) if low is None else Decimal(1)
        if high is not None and span.high_closed:
            yield high
        yield from _tried(lambda: NUMBERS.add(end.to_integral_value(), step))
        yield from _tried(lambda: NUMBERS.add(end, step))
        # A step of its own size, for 1 more is lost on numbers of more than 34 digits.
        yield from _tried(lambda: NUMBERS.add(end, NUMBERS.multiply(step, abs(end))))
        return
    middle = list(_tried(lambda: NUMBERS.divide(NUMBERS.add(low, high), Decimal(2))))
    # A whole number, if there is one: few people measure in halves.
    yield from _tried(lambda: NUMBERS.add(low.to_integral_value(), Decimal(1)))
    for one in middle:
        yield from _tried(lambda one=one: one.to_integral_value())
        yield from _tried(lambda one=one: one.quantize(Decimal("0.1")))
    yield from middle
    if span.high_closed:
        yield high


def _tried(reckon: Any) -> Iterator[Decimal]:
    try:
        yield reckon()
    except ArithmeticError:
        return


def union_of(extents: Iterable[Extent]) -> Extent:
    """The union of many sets, made at once."""
    texts: frozenset[str] = frozenset()
    outside: frozenset[str] | None = None
    truths: frozenset[bool] = frozenset()
    spans: dict[type, list[Interval]] = {}
    null = rest = False
    for extent in extents:
        if not extent.besides:
            texts |= extent.texts
        else:
            outside = extent.texts if outside is None else outside & extent.texts
        truths |= extent.truths
        null, rest = null or extent.null, rest or extent.rest
        for kind, some in extent.spans:
            spans.setdefault(kind, []).extend(some)
    united = _spanned((kind, _united(some)) for kind, some in spans.items())
    if outside is None:
        return Extent(texts, False, truths, united, null, rest)
    return Extent(outside - texts, True, truths, united, null, rest)
