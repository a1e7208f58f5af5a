"""Facts that show a finding: chosen near the rulebook's own cases, traced back to what callers give, and executed.

Nothing is shown that the engine has not been asked about. What cannot be traced back is either proven to be
impossible, for no rule upstream concludes what it takes, or left as unproven.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from itertools import islice, product
from math import gcd, prod
from typing import TYPE_CHECKING, Any, Final

from decision_tables.analyse.axes import INSTANT, Space, quiet_run
from decision_tables.analyse.extent import NOTHING_KNOWN, Extent, of_value, values_in
from decision_tables.analyse.findings import DAYS, Region, Witness
from decision_tables.analyse.search import Budget, OutOfSteps, Rules
from decision_tables.chain import Case, walk
from decision_tables.errors import BudgetExhausted, DecidableError
from decision_tables.feel import syntax
from decision_tables.feel.temporal import date_of
from decision_tables.feel.values import NUMBERS, Value, to_json
from decision_tables.index import bits
from decision_tables.outcomes import CompiledNode
from decision_tables.regions import region_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from decision_tables.analyse.domains import Domains
    from decision_tables.analyse.search import Box
    from decision_tables.feel.evaluate import Test
    from decision_tables.outcomes import Outcome
    from decision_tables.program import Program

__all__ = ["Bench", "Doubt", "Point", "Sight", "region_of_box"]


class Doubt(Enum):
    """Why there is no witness."""

    IMPOSSIBLE = "no facts lead there"
    OPEN = "none was found"


@dataclass(frozen=True, slots=True)
class Point:
    """Facts as FEEL values, and the two legal dates."""

    facts: Mapping[str, Value]
    as_of: dt.date
    known_on: dt.date


@dataclass(frozen=True, slots=True)
class Sight:
    """A node as the tracing sees it: its space, searched for what its rows and its silence take."""

    node: CompiledNode
    space: Space
    rules: Rules
    alive: int


_FIRST_DAY: Final = dt.date(2020, 1, 1)
_POINTS: Final = 60
"""Combinations of values that are tried where the classes do not settle the matter."""

_EACH: Final = 8
"""Values that are tried for each fact."""

_CASES: Final = 250
"""Cases that are put to the engine for one finding at most."""

_TRACES: Final = 60
"""Ways back through the chain that are tried for one finding."""


def region_of_box(space: Space, box: Box) -> Region:
    """The values that a box holds of each fact, expression and clock."""
    return tuple((axis.name, axis.union(box[place])) for place, axis in enumerate(space.axes) if place in box)


class Bench:
    """Where facts are tried on the engine."""

    def __init__(self, program: Program, domains: Domains, budget: Budget) -> None:
        self._program = program
        self._domains = domains
        self._budget = budget
        self.sights: dict[int, Sight] = {}
        self._left = 0
        self._cases = list(self._accepted())
        self._met: dict[str, list[Value]] = {}
        for case in self._cases:
            for fact, value in case.facts.items():
                met = self._met.setdefault(fact, [])
                if not any(type(one) is type(value) and one == value for one in met):
                    met.append(value)

    def hint(self, fact: str, tests: Iterable[Test]) -> None:
        """Take note of values that tests on a fact name, to be tried where only the tests decide."""
        met = self._met.setdefault(fact, [])
        for test in tests:
            if test.is_any or test.node is None or region_of(test) is not None:
                continue
            for part in syntax.walk(test.node):
                value = part.value if isinstance(part, syntax.Literal) else None
                near: tuple[Value, ...] = ()
                if isinstance(value, str):
                    plain = "".join(sign for sign in value if sign.isalnum() or sign == " ")
                    near = (value, plain, plain + plain, value + "s", "a" + value)
                elif type(value) is Decimal:
                    near = (value, value + 1, value - 1)
                elif value is not None:
                    near = (value,)
                met += [one for one in near if not any(type(x) is type(one) and x == one for x in met)]

    def _accepted(self) -> Iterator[Point]:
        for case in self._program.rulebook.cases:
            try:
                facts = self._program.accept(case.facts)
                as_of = dt.date.fromisoformat(case.as_of.strip())
                known = case.known_on.strip()
                yield Point(facts, as_of, dt.date.fromisoformat(known) if known else dt.date.max)
            except (DecidableError, ValueError):
                continue  # a broken case is told by others

    # -- points ---------------------------------------------------------------------------------------------

    def points(
        self,
        region: Mapping[str, Extent],
        more: Iterable[str] = (),
        far: Iterable[str] = (),
        nodes: Iterable[int] = (),
    ) -> Iterator[Point]:
        """Points of a region, those nearest to a case of the rulebook first; facts of `more` and `far` may be anything.

        Those of `far` are tested by `nodes`, elsewhere in the chain: a value of each class that tests there tell apart.
        """
        wanted = dict(region)
        far = [fact for fact in far if fact not in wanted]
        for fact in (*more, *far):
            wanted.setdefault(fact, self._domains.of_fact(fact))
        facts = [name for name in wanted if name in self._program.vocabulary.facts]
        near = self._nearest(wanted)
        choices = [
            self._values(fact, wanted[fact], near, self._landmarks(fact, nodes) if fact in far else ())
            for fact in facts
        ]
        days = [self._days(wanted.get(name), getattr(near, name, None), name) for name in DAYS]
        combined = _strewn(choices, days) if far else islice(product(*choices, *days), _POINTS)
        for *values, as_of, known_on in combined:
            yield Point(dict(zip(facts, values, strict=True)), as_of, known_on)

    def _nearest(self, wanted: Mapping[str, Extent]) -> Point | None:
        best, most = None, -1
        for case in self._cases:
            score = sum(1 for name, value in case.facts.items() if name in wanted and value in wanted[name])
            score += sum(
                1 for name in DAYS if name in wanted and date_of(getattr(case, name)) in wanted[name]
            )
            if score > most:
                best, most = case, score
        return best

    def _landmarks(self, fact: str, nodes: Iterable[int]) -> Iterator[Value]:
        """A value of each class that the tests of some nodes on a fact tell apart."""
        for n in nodes:
            for axis in self.sights[n].space.axes if n in self.sights else ():
                some = (next(values_in(one, self._met.get(fact, ()))) for one in axis.classes if one)
                if axis.fact == fact:
                    yield from some
                elif axis.expression is not None and axis.expression.reads == {fact}:
                    yield from (back for one in some for back in _undone(axis.expression.node, one))

    def _values(
        self, fact: str, extent: Extent, near: Point | None, landmarks: Iterable[Value] = ()
    ) -> list[Value]:
        kind = self._program.vocabulary.kinds[fact]
        close = [near.facts[fact]] if near is not None and fact in near.facts else []
        found = []
        for value in values_in(extent, (*close, *landmarks, *self._met.get(fact, ()))):
            try:
                if value is None or (kind.holds(value) and kind.allows(value)):
                    found.append(value)
            except BudgetExhausted:
                continue
            if len(found) == _EACH:
                break
        return found

    def _days(self, extent: Extent | None, near: dt.date | None, name: str) -> list[dt.date]:
        plain = _FIRST_DAY if name == "as_of" else dt.date.max
        close = [date_of(near)] if near is not None else []
        if extent is None:
            return [near or plain]
        days = []
        met = [date_of(getattr(case, name)) for case in self._cases]
        for day in values_in(extent, (*close, date_of(plain), *met)):
            try:
                days.append(day.as_python())
            except ValueError:
                continue  # outside the calendar of the law
        return days[:_EACH]

    # -- asking the engine ----------------------------------------------------------------------------------

    def outcome(self, node: CompiledNode, point: Point) -> Outcome | None:
        """What a node concludes from facts that it reads, None where that takes too long."""
        run = quiet_run(point.as_of, point.known_on)
        among = node.valid.at(point.as_of) & node.known.at(point.known_on)
        try:
            return node.evaluate(point.facts, run, among)
        except BudgetExhausted:
            return None

    def case(self, nodes: Sequence[CompiledNode], point: Point) -> Case | None:
        """The chain driven to its end for what some nodes conclude; None where the facts are refused."""
        try:
            given = self._program.accept({fact: to_json(value) for fact, value in point.facts.items()})
        except (DecidableError, ValueError):
            return None
        goals = tuple(dict.fromkeys(fact for node in nodes for fact in node.facts))
        case = Case(
            self._program,
            given,
            as_of=point.as_of,
            known_on=point.known_on,
            instant=INSTANT,
            closure=self._program.closure(goals, frozenset(given)),
            absent=self._program.rulebook.absent,
            steps=100_000,
        )
        walk(case, case.closure)
        return None if case.failure is not None else case

    # -- witnesses ------------------------------------------------------------------------------------------

    def witness(
        self,
        nodes: Sequence[CompiledNode],
        region: Mapping[str, Extent],
        more: Iterable[str],
        shows: Callable[[Case], bool],
    ) -> Witness | Doubt:
        """Facts that callers give, by which the engine shows what is claimed of some nodes.

        Args:
            nodes: what the claim is about.
            region: where it holds.
            more: facts beside those of the region that the verdict may take.
            shows: whether a driven case shows it.
        """
        more = tuple(more)
        tried: list[dict[str, Extent]] = []
        self._left = _CASES
        lossy = False
        try:
            for refined in (True, False):
                trace = _Trace(self, self._domains, self._program, self._budget, refined=refined)
                for wanted in islice(trace.back(dict(region), more), _TRACES):
                    lossy = True
                    if wanted in tried:
                        continue
                    tried.append(wanted)
                    found = self._tried(nodes, wanted, (), (), shows, region)
                    if found is None and set(more) - set(wanted):
                        found = self._tried(nodes, wanted, more, (), shows, region)
                    far = sorted(self._upstream(nodes) - set(wanted))
                    if found is None and far:
                        found = self._tried(nodes, wanted, (), far, shows, region)
                    if found is not None:
                        return found
                lossy = lossy or trace.lossy
        except OutOfSteps:
            return Doubt.OPEN
        return Doubt.OPEN if lossy else Doubt.IMPOSSIBLE

    def _upstream(self, nodes: Sequence[CompiledNode]) -> set[str]:
        """The given facts that some nodes rest on, be it by others."""
        read = {fact for n in self._closure(nodes) for fact in self._program.nodes[n].reads}
        return read & self._domains.given

    def _closure(self, nodes: Sequence[CompiledNode]) -> tuple[int, ...]:
        """The nodes that conclude what some nodes do, and all that these rest on."""
        goals = tuple(dict.fromkeys(fact for node in nodes for fact in node.facts))
        return tuple(sorted(self._program.closure(goals, frozenset())))

    def still(self, nodes: Sequence[CompiledNode], witness: Witness, shows: Callable[[Case], bool]) -> bool:
        """Whether facts that have shown something once show it now."""
        try:
            facts = self._program.accept(witness.facts)
        except DecidableError:
            return False
        case = self.case(nodes, Point(facts, witness.as_of, witness.known_on))
        return case is not None and shows(case)

    def _tried(
        self,
        nodes: Sequence[CompiledNode],
        wanted: Mapping[str, Extent],
        more: Iterable[str],
        far: Iterable[str],
        shows: Callable[[Case], bool],
        claimed: Container[str],
    ) -> Witness | None:
        free = [fact for fact in more if fact in self._domains.given]
        for point in self.points(wanted, free, far, self._closure(nodes) if far else ()):
            self._budget.spend(20)
            self._left -= 1
            if self._left < 0:
                return None
            case = self.case(nodes, point)
            if case is not None and shows(case):
                return self._fewest(nodes, point, shows, claimed)
        return None

    def _fewest(
        self,
        nodes: Sequence[CompiledNode],
        point: Point,
        shows: Callable[[Case], bool],
        claimed: Container[str],
    ) -> Witness:
        """The witness without the facts that it shows the same without; those that are claimed stay."""
        facts = dict(point.facts)
        for fact in reversed([one for one in facts if one not in claimed]):
            fewer = Point({k: v for k, v in facts.items() if k != fact}, point.as_of, point.known_on)
            case = self.case(nodes, fewer)
            if case is not None and shows(case):
                facts = dict(fewer.facts)
        return Witness({k: to_json(v) for k, v in facts.items()}, point.as_of, point.known_on)


def _undone(node: syntax.Node | None, value: Value) -> Iterator[Value]:
    """What a fact has to be for a sum, a difference or a multiple of it to come to a number, or near it."""
    if not isinstance(node, syntax.Arithmetic) or type(value) is not Decimal:
        return
    number = node.right.value if isinstance(node.right, syntax.Literal) else None
    undo = _UNDONE.get(node.op)
    if isinstance(node.left, syntax.Name) and type(number) is Decimal and number and undo is not None:
        with suppress(ArithmeticError):
            yield undo(value, number)


_UNDONE: Final = {"+": NUMBERS.subtract, "-": NUMBERS.add, "*": NUMBERS.divide, "/": NUMBERS.multiply}


def _strewn(
    choices: Sequence[Sequence[Value]], days: Sequence[Sequence[dt.date]]
) -> Iterator[tuple[Any, ...]]:
    """Combinations strewn over all that there are, in which each choice varies."""
    sides: list[Sequence[Any]] = [*choices, *days]
    size = prod(len(side) for side in sides)
    if not size:
        return
    stride = next(one for one in range(int(size * 0.618) + 1, 2 * size + 2) if gcd(one, size) == 1)
    for turn in range(min(size, _POINTS)):
        place = turn * stride % size
        chosen = []
        for side in sides:
            place, at = divmod(place, len(side))
            chosen.append(side[at])
        yield tuple(chosen)


class _Trace:
    """Ways from what a node reads back to what callers give, through the rows that conclude it.

    Attributes:
        lossy: whether ways were left out that may exist.
    """

    def __init__(
        self, bench: Bench, domains: Domains, program: Program, budget: Budget, *, refined: bool
    ) -> None:
        self._bench = bench
        self._domains = domains
        self._program = program
        self._budget = budget
        self._refined = refined
        self.lossy = False

    def back(self, region: dict[str, Extent], more: Sequence[str] = ()) -> Iterator[dict[str, Extent]]:
        """For a region of facts the regions of given facts that may lead there."""
        for fact in more:
            if fact not in self._domains.given and fact in self._program.concluded:
                region.setdefault(fact, self._domains.of_fact(fact))
        yield from self._back({name: one for name, one in region.items() if self._is_fact_or_day(name)})

    def _is_fact_or_day(self, name: str) -> bool:
        return name in DAYS or name in self._program.vocabulary.facts

    def _back(self, region: dict[str, Extent]) -> Iterator[dict[str, Extent]]:
        self._budget.spend(5)
        concluded = [name for name in region if name not in DAYS and name not in self._domains.given]
        if not concluded:
            yield region
            return
        fact = max(concluded, key=lambda name: max(self._program.concluded[name]))
        makers = self._program.concluded[fact]
        if any(n in self._program.cyclic for n in makers) or any(n not in self._bench.sights for n in makers):
            self.lossy = True
            return
        wanted = region[fact]
        rest = {name: extent for name, extent in region.items() if name != fact}
        for n in (
            makers
        ):  # of several makers the others have to be silent, or agree: the engine says whether they do
            sight = self._bench.sights[n]
            if not sight.node.hit_policy.is_single:
                # What is collected or added up rests on all rows at once: the engine says what comes of it.
                yield from self._back(dict(rest))
                continue
            for way in self._ways(sight, fact, wanted, rest):
                merged = _merged(rest, way)
                if merged is not None:
                    yield from self._back(merged)

    def _ways(
        self, sight: Sight, fact: str, wanted: Extent, rest: Mapping[str, Extent]
    ) -> Iterator[dict[str, Extent]]:
        """What a node has to read to conclude one of the wanted values."""
        node = sight.node
        within = self._within(sight, rest)
        for row in bits(sight.alive):
            cell = next((o.cells[row] for o in node.outputs if o.fact == fact and not o.part), None)
            relayed: dict[str, Extent] = {}
            if cell is None:
                silent = not node.speaks(row, fact) and row not in node.referrals and wanted.null
                if not silent and not any(o.fact == fact and o.part for o in node.outputs):
                    continue
            elif cell.is_constant:
                if cell.value not in wanted:
                    continue
            elif isinstance(cell.node, syntax.Name) and cell.node.name in self._program.vocabulary.facts:
                relayed = {cell.node.name: self._taken(cell.node.name, fact, wanted)}
            else:
                relayed = {name: self._domains.of_fact(name) for name in cell.reads}
            box = _met(sight.rules.box(row), within)
            if box is None:
                continue
            if self._refined and node.hit_policy.value in "FP" and row:
                free = self._freed(sight, row, box)
                if free is None:
                    continue
                box = free
            way = _merged(dict(region_of_box(sight.space, box)), relayed)
            if way is not None:
                yield {name: one for name, one in way.items() if self._is_fact_or_day(name)}
        yield from self._silent(sight, fact, wanted, within)

    def _taken(self, source: str, fact: str, wanted: Extent) -> Extent:
        """What another fact may be for its value, concluded for this one, to be one of the wanted."""
        kinds = self._program.vocabulary.kinds
        if not wanted.null or kinds.get(source) == kinds.get(fact):
            return wanted
        return wanted | (self._domains.of_fact(source) & self._domains.refused(fact))

    def _silent(self, sight: Sight, fact: str, wanted: Extent, within: Box) -> Iterator[dict[str, Extent]]:
        """What it has to read for no rule to match, where that concludes one of the wanted values."""
        defaults = [output.default for output in sight.node.outputs if output.fact == fact and output.default]
        values = [of_value(one.value) if one.is_constant else None for one in defaults] or [NOTHING_KNOWN]
        if not any(value is None or value & wanted for value in values):
            return
        if not all(within.values()):
            return
        hole = sight.rules.hole(self._budget.part(20_000), sight.alive, set(), within)
        if hole is None:
            return
        if not self._refined:
            yield {}
            return
        order = range(len(sight.space.axes))
        hole = sight.rules.widened(hole, sight.alive, order, within)
        yield {name: one for name, one in region_of_box(sight.space, hole) if self._is_fact_or_day(name)}

    def _freed(self, sight: Sight, row: int, box: Box) -> Box | None:
        """Of what a row accepts a part that no row before it does."""
        before = sight.alive & ((1 << row) - 1)
        if sight.node.hit_policy.value == "P":
            return box
        before = sight.rules.meeting(box, before)
        if not before:
            return box
        hole = sight.rules.hole(self._budget.part(20_000), before, set(), box)
        if hole is None:
            return None
        return sight.rules.widened(hole, before, range(len(sight.space.axes)), box)

    def _within(self, sight: Sight, rest: Mapping[str, Extent]) -> Box:
        """The classes of a node's axes that what is already settled leaves."""
        within: Box = {}
        for place, axis in enumerate(sight.space.axes):
            settled = rest.get(axis.name)
            if settled is not None:
                within[place] = sum(1 << n for n, one in enumerate(axis.classes) if one & settled)
        return within


def _met(box: Box, within: Box) -> Box | None:
    found = dict(box)
    for axis, chosen in within.items():
        found[axis] = found.get(axis, -1) & chosen
        if not found[axis]:
            return None
    return found


def _merged(some: Mapping[str, Extent], others: Mapping[str, Extent]) -> dict[str, Extent] | None:
    found = dict(some)
    for name, extent in others.items():
        both = found[name] & extent if name in found else extent
        if not both:
            return None
        found[name] = both
    return found
