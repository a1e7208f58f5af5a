"""The bitmap index of a table: which rules hold, found by looking values up and not by trying rules.

For each input column the value space is split into elementary classes: the values that some cell names, the
open intervals between them, and the rest. Each class keeps the set of rules whose cell accepts its members, as
an int used as a bitset (bit r for rule r). A known value finds its class by one look-up; the rules that hold are
the AND over the columns. An unknown value leaves the rules that accept everything surely true, and all others
possible. Cells that no class can decide are residual: they are evaluated, for the rules that survive the rest.

`Scan` answers the same by trying every rule; it is what the index is held equal to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from decision_tables.feel.evaluate import Run
from decision_tables.feel.values import UNKNOWN, Unknown, Value
from decision_tables.regions import POINT_KINDS, Interval, Region, region_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from decision_tables.feel.evaluate import Expression, Test

__all__ = ["Column", "Index", "Scan", "bits"]


def bits(mask: int) -> Iterator[int]:
    """The numbers of the rules in a bitset, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class Scan:
    """Matches a table's rules by trying every cell: slow, plain, and the law for `Index`.

    Args:
        inputs: the input expressions, one for each column.
        names: for each column the fact that its expression plainly names, or None.
        tests: for each column its cells, by row.
        rules: the rules' ids, by row.
    """

    def __init__(
        self,
        inputs: Sequence[Expression],
        names: Sequence[str | None],
        tests: Sequence[Sequence[Test]],
        rules: Sequence[str],
    ) -> None:
        self._inputs = tuple(zip(names, inputs, strict=True))
        self._tests = tests
        self._rules = rules

    def values(self, facts: Mapping[str, Value], run: Run) -> list[Value]:
        """The values of the input columns."""
        return [
            expression(facts, run) if name is None else facts.get(name, UNKNOWN)
            for name, expression in self._inputs
        ]

    def match(self, facts: Mapping[str, Value], among: int, run: Run) -> tuple[int, int]:
        """The rules surely true, and those true or maybe, among some rules."""
        values = self.values(facts, run)
        true = possible = 0
        for rule in bits(among):
            verdict: bool | Unknown = True
            for tests, value in zip(self._tests, values, strict=True):
                held = _held(tests[rule], self._rules[rule], value, facts, run)
                if held is False:
                    verdict = False
                    break
                if held is UNKNOWN:
                    verdict = UNKNOWN
            if verdict is not False:
                possible |= 1 << rule
            if verdict is True:
                true |= 1 << rule
        return true, possible


class Index:
    """Matches a table's rules by the classes of its columns; gives the same answers as `Scan`.

    Attributes:
        columns: the classes of each column.
    """

    __slots__ = ("_columns", "_rules", "_tests", "columns")

    def __init__(
        self,
        inputs: Sequence[Expression],
        names: Sequence[str | None],
        tests: Sequence[Sequence[Test]],
        rules: Sequence[str],
        columns: Sequence[Column],
    ) -> None:
        self._tests = tests
        self._rules = rules
        self.columns = tuple(columns)
        # What matching needs of a column, unpacked: the attribute look-ups would cost as much as the matching.
        self._columns = tuple(
            (number, name, expression, column.any, column.exact, column.look_up)
            for number, (name, expression, column) in enumerate(zip(names, inputs, columns, strict=True))
        )

    def match(self, facts: Mapping[str, Value], among: int, run: Run) -> tuple[int, int]:
        """The rules surely true, and those true or maybe, among some rules."""
        true = possible = among
        residual: list[tuple[int, int, Value]] | None = None
        for number, name, expression, accepts_all, exact, look_up in self._columns:
            value = expression(facts, run) if name is None else facts.get(name, UNKNOWN)
            if value is UNKNOWN:
                true &= accepts_all
                continue
            points = exact.get(type(value))
            found = None if points is None else points.get(value)
            hits, open_rules = look_up(value) if found is None else found
            possible &= hits
            if not possible:
                return 0, 0
            true &= hits
            if open_rules & possible:
                if residual is None:
                    residual = []
                residual.append((number, open_rules, value))
        if residual is not None:
            for number, open_rules, value in residual:
                tests = self._tests[number]
                for rule in bits(open_rules & possible):
                    held = _held(tests[rule], self._rules[rule], value, facts, run)
                    if held is not True:
                        true &= ~(1 << rule)
                        if held is False:
                            possible &= ~(1 << rule)
        return true, possible

    def refused(self, facts: Mapping[str, Value], among: int, run: Run) -> list[int]:
        """For each column the rules, among some, whose cell is surely false of its value."""
        found = []
        for number, name, expression, _, exact, look_up in self._columns:
            value = expression(facts, run) if name is None else facts.get(name, UNKNOWN)
            if value is UNKNOWN:
                found.append(0)
                continue
            points = exact.get(type(value))
            known = None if points is None else points.get(value)
            hits, open_rules = look_up(value) if known is None else known
            out = among & ~hits
            for rule in bits(open_rules & among):
                if _held(self._tests[number][rule], self._rules[rule], value, facts, run) is False:
                    out |= 1 << rule
            found.append(out)
        return found


class Column:
    """The elementary classes of one input column.

    A class is a pair: the rules whose cell accepts its members or is left to its test, and those left to it.

    Attributes:
        any: the rules whose cell accepts everything, unknown included.
        exact: by kind, the classes of single values: those that a cell names, and some that were met before.
    """

    __slots__ = ("_null", "_ordered", "_other", "_other_strings", "_residual", "any", "exact")

    def __init__(self, tests: Sequence[Test], rules: int, run: Run) -> None:
        every = (1 << rules) - 1
        self.any = sum(1 << rule for rule, test in enumerate(tests) if test.is_any)
        regions = {
            rule: region
            for rule, test in enumerate(tests)
            if not test.is_any and (region := region_of(test)) is not None
        }
        self._residual = every & ~self.any & ~sum(1 << rule for rule in regions)
        # A cell that speaks of one kind says nothing of another: FEEL's own word (null, with a warning) is
        # asked for then, so a value of a kind that no cell names leaves every cell to its test.
        self._other = (every, every & ~self.any)
        self._null = self._classed_null(tests, regions, run)
        strings, self._other_strings = self._classed_points(str, regions)
        booleans, others = self._classed_points(bool, regions)
        # Kept by kind, for to Python true is 1.
        self.exact: dict[type, dict[Any, tuple[int, int]]] = {
            str: strings,
            bool: {truth: booleans.get(truth, others) for truth in (False, True)},
        }
        self._ordered = {
            kind: self._classed_intervals(kind, regions)
            for kind in {region.kind for region in regions.values()} - {None, str, bool}
            if kind is not None
        }

    def look_up(self, value: Value) -> tuple[int, int]:
        """The class of a known value that `exact` does not hold."""
        kind = type(value)
        if kind is str:
            return self._other_strings
        if value is None:
            return self._null
        ordered = self._ordered.get(kind)
        if ordered is None:
            return self._other
        points, classes = ordered
        place = bisect_left(points, value)
        at_point = place < len(points) and points[place] == value
        found = classes[2 * place + at_point]
        met = self.exact.setdefault(kind, {})
        if len(met) < _VALUES_KEPT:
            met[value] = found
        return found

    def class_of(self, value: Value) -> tuple[int, int]:
        """The class of a known value, without keeping it."""
        kind = type(value)
        found = self.exact.get(kind, {}).get(value) if kind in POINT_KINDS else None
        ordered = self._ordered.get(kind)
        if found is not None or ordered is None:
            return self.look_up(value) if found is None else found
        points, classes = ordered
        place = bisect_left(points, value)
        return classes[2 * place + (place < len(points) and points[place] == value)]

    def class_above(self, kind: type, low: Any) -> tuple[int, int]:
        """The class of the values of an ordered kind that come next after `low`; the least ones after None."""
        ordered = self._ordered.get(kind)
        if ordered is None:
            return self._other
        points, classes = ordered
        return classes[0 if low is None else 2 * bisect_right(points, low)]

    @property
    def residual(self) -> int:
        """The rules whose cell no class can decide."""
        return self._residual

    @property
    def texts(self) -> Iterable[str]:
        """The texts that some cell names."""
        return self.exact[str]

    @property
    def other_texts(self) -> tuple[int, int]:
        """The class of all texts that no cell names."""
        return self._other_strings

    def points_of(self, kind: type) -> Sequence[Any]:
        """The values of an ordered kind that some cell names, ascending."""
        ordered = self._ordered.get(kind)
        return () if ordered is None else ordered[0]

    def _mute(self, kind: type, regions: Mapping[int, Region]) -> int:
        """The rules whose cell must be asked about values of a kind that it does not speak of."""
        return self._residual | sum(
            1 << r for r, region in regions.items() if region.kind not in {kind, None}
        )

    def _always(self, regions: Mapping[int, Region]) -> int:
        """The rules that accept every value but null, for they only say `not(null)`."""
        return self.any | sum(
            1 << r for r, region in regions.items() if region.kind is None and region.negated
        )

    def _classed_null(
        self, tests: Sequence[Test], regions: Mapping[int, Region], run: Run
    ) -> tuple[int, int]:
        accepts, asks = self.any, self._residual
        for rule in regions:
            trial = Run(instant=run.instant, as_of=run.as_of, known_on=run.known_on)
            if tests[rule](None, _NO_FACTS, trial) is True:
                accepts |= 1 << rule
            elif trial.warnings:
                asks |= 1 << rule
        return accepts | asks, asks

    def _classed_points(
        self, kind: type, regions: Mapping[int, Region]
    ) -> tuple[dict[Any, tuple[int, int]], tuple[int, int]]:
        """The classes of the values named, and the class of all others, of a kind without order."""
        mute = self._mute(kind, regions)
        rest = self._always(regions) | mute
        own = {rule: region for rule, region in regions.items() if region.kind is kind}
        rest |= sum(1 << rule for rule, region in own.items() if region.negated)
        accepted: dict[Any, int] = {point: rest for region in own.values() for point in region.points}
        for rule, region in own.items():
            for point in region.points:
                accepted[point] ^= 1 << rule
        return {point: (rows, mute) for point, rows in accepted.items()}, (rest, mute)

    def _classed_intervals(
        self, kind: type, regions: Mapping[int, Region]
    ) -> tuple[list[Any], list[tuple[int, int]]]:
        """Sorted end points, and the classes: below the first, at the first, between, … (2n + 1 of them).

        One sweep over the end points: each rule enters where its span starts and leaves where it ends.
        """
        mute = self._mute(kind, regions)
        own = {rule: region for rule, region in regions.items() if region.kind is kind}
        ends = (end for region in own.values() for span in region.intervals for end in (span.low, span.high))
        points = sorted({end for end in ends if end is not None})
        place = {point: 2 * number + 1 for number, point in enumerate(points)}
        last = 2 * len(points)
        toggles = [0] * (last + 2)
        for rule, region in own.items():
            for first, final in _united([_classes(span, place, last) for span in region.intervals]):
                toggles[first] ^= 1 << rule
                toggles[final + 1] ^= 1 << rule
        inside = (
            self._always(regions) | mute | sum(1 << rule for rule, region in own.items() if region.negated)
        )
        classes = []
        for toggle in toggles[:-1]:
            inside ^= toggle
            classes.append((inside, mute))
        return points, classes


_VALUES_KEPT: Final = 1024
_NO_FACTS: Final[dict[str, Value]] = {}


def _classes(span: Interval, place: Mapping[Any, int], last: int) -> tuple[int, int]:
    """The first and the last class that an interval covers; the first after the last if it is empty."""
    first = 0 if span.low is None else place[span.low] + (not span.low_closed)
    final = last if span.high is None else place[span.high] - (not span.high_closed)
    return first, final


def _united(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same classes in spans that do not overlap."""
    united: list[tuple[int, int]] = []
    for first, final in sorted(span for span in spans if span[0] <= span[1]):
        if united and first <= united[-1][1]:
            united[-1] = (united[-1][0], max(final, united[-1][1]))
        else:
            united.append((first, final))
    return united


def _held(test: Test, rule: str, value: Value, facts: Mapping[str, Value], run: Run) -> bool | Unknown:
    """Whether a rule's cell holds; a warning names that rule, where several rules share a cell's text."""
    before = len(run.warnings)
    held = test(value, facts, run)
    if len(run.warnings) > before:
        run.warnings[before:] = [
            replace(warning, where=replace(warning.where, rule=rule)) for warning in run.warnings[before:]
        ]
    return held
