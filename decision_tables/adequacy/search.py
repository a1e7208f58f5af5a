"""Given facts that bring a chain of tables to where one wants it: the search behind pairs and killing cases.

What is wanted is a list of claims about the working memory (a rule holds, a fact has one of some values). A claim on a
fact that some table concludes becomes claims on that table's rules, and so backwards to facts that can be given. More
facts never change what is concluded, so a claim that is false of some facts stays false of all that hold them: such a
branch is left at once. Nothing is told that the chain itself has not shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from decision_tables.adequacy.coverage import run_of, verdict
from decision_tables.cases import ALL_KNOWN
from decision_tables.chain import Case as WorkingMemory
from decision_tables.chain import walk
from decision_tables.feel.values import UNKNOWN, Unknown, Value, same
from decision_tables.index import bits
from decision_tables.outcomes import NO_OPINION, NONE, Conflict, Referral, is_value
from decision_tables.table import HitPolicy

if TYPE_CHECKING:
    from decision_tables.adequacy.candidates import Candidates
    from decision_tables.outcomes import CompiledNode
    from decision_tables.program import Program

__all__ = [
    "Alone",
    "ColumnIs",
    "Dates",
    "FactIs",
    "RowIs",
    "Search",
    "Settled",
    "Want",
    "dates_of",
    "nearest",
]

Accepts: TypeAlias = Callable[[Value], bool]


@dataclass(frozen=True, slots=True)
class Dates:
    """The two legal dates of a situation."""

    as_of: dt.date
    known_on: dt.date


@dataclass(frozen=True, slots=True)
class FactIs:
    """A fact has a value that is accepted; `first` are tried before all others."""

    fact: str
    accepts: Accepts
    first: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnIs:
    """The value under test of a column is accepted; `first` as in `FactIs`."""

    node: int
    column: int
    accepts: Accepts
    first: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class CellIs:
    """A test of a rule is true, or false."""

    node: int
    row: int
    column: int
    holds: bool


@dataclass(frozen=True, slots=True)
class RowIs:
    """A rule holds, or does not."""

    node: int
    row: int
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Alone:
    """No rule holds, or may yet hold, that would take the place of a row or stand beside it; of NONE no rule at all."""

    node: int
    row: int


@dataclass(frozen=True, slots=True)
class Known:
    """A fact is known, whatever it is."""

    fact: str


@dataclass(frozen=True, slots=True)
class Settled:
    """Of every rule of a table it is known whether it holds."""

    node: int


Want: TypeAlias = FactIs | ColumnIs | CellIs | RowIs | Alone | Known | Settled
_Verdict: TypeAlias = "bool | Unknown"
_DEEPEST: Final = 120


class Search:
    """Looks for situations of one program on one pair of legal dates.

    Args:
        program: the chain.
        candidates: values worth trying.
        dates: the legal dates of all situations.
        goals: facts whose tables are to be fired.
        budget: how many steps it may take: driving the chain, or going back from a claim to others.
    """

    def __init__(
        self, program: Program, candidates: Candidates, dates: Dates, goals: tuple[str, ...], budget: int
    ) -> None:
        self.program = program
        self.dates = dates
        self.left = budget
        self._candidates = candidates
        self._goals = goals
        self._base: Mapping[str, Value] = {}

    def drive(self, given: Mapping[str, Value]) -> WorkingMemory:
        """The chain from some given facts, whatever is not given being unknown; a step."""
        self.left -= 1
        memory = WorkingMemory(
            self.program,
            given,
            as_of=self.dates.as_of,
            known_on=self.dates.known_on,
            instant=dt.datetime.combine(self.dates.as_of, dt.time(12), dt.UTC),
            closure=self.program.closure(self._goals, frozenset(given)),
            steps=_STEPS,
        )
        walk(memory, memory.closure)
        memory.run = run_of(memory)
        return memory

    def solutions(
        self, wants: Sequence[Want], base: Mapping[str, Value] | None = None
    ) -> Iterator[WorkingMemory]:
        """Situations of which all claims are true, as far as the budget goes.

        Args:
            wants: the claims; what stands first is settled first.
            base: facts to stay with where the claims allow it. Without it, as few facts are given as will do.
        """
        # What its tables are to conclude is not given.
        self._base = {fact: value for fact, value in (base or {}).items() if fact not in self._goals}
        given = dict(self._base)
        for _ in range(_RELEASES):
            if self.left <= 0:
                return
            memory = self.drive(given)
            freed = {fact for want in wants for fact in self._in_the_way(want, memory)}
            if not freed:
                break
            given = {fact: value for fact, value in given.items() if fact not in freed}
        else:
            return
        for found in self._solved(memory, tuple(wants), 0):
            yield self._filled(found, wants)

    def _filled(self, found: WorkingMemory, wants: Sequence[Want]) -> WorkingMemory:
        """The situation with those facts of the base that were let go and do it no harm."""
        missing = {fact: value for fact, value in self._base.items() if fact not in found.given}
        tries: list[dict[str, Value]] = [missing, *({fact: value} for fact, value in missing.items())]
        for more in tries if missing else ():
            if self.left <= 0 or all(fact in found.given for fact in more):
                break
            fuller = self.drive({**found.given, **more})
            if all(self.check(want, fuller) is True for want in wants):
                found = fuller
                if more is missing:
                    break
        return found

    def _in_the_way(self, want: Want, memory: WorkingMemory) -> Iterator[str]:
        """The given facts that keep a claim from being true."""
        if self.check(want, memory) is not False:
            return
        for fact in self._rests_on(want, memory):
            yield from sorted(self._candidates.support(fact) & memory.given.keys())

    def _rests_on(self, want: Want, memory: WorkingMemory) -> Iterator[str]:
        match want:
            case FactIs(fact) | Known(fact):
                yield fact
            case ColumnIs(n, column):
                yield from self._read_by(n, column, None)
            case CellIs(n, row, column):
                yield from self._read_by(n, column, row)
            case RowIs(n, row, holds):
                for column in range(len(self.program.nodes[n].inputs)):
                    if self._cell(n, row, column, memory) is not holds:
                        yield from self._read_by(n, column, row)
            case Alone(n, row):
                for other in bits(memory.outcomes[n].true & self._rivals(n, row)):
                    for column in range(len(self.program.nodes[n].inputs)):
                        yield from self._read_by(n, column, other)

    def _read_by(self, n: int, column: int, row: int | None) -> Iterator[str]:
        node = self.program.nodes[n]
        if row is not None and node.tests[column][row].is_any:
            return
        name = node.names[column]
        yield from [name] if name is not None else sorted(node.inputs[column].reads)
        if row is not None:
            yield from sorted(node.tests[column][row].reads)

    # -- what is so ---------------------------------------------------------------------------------------

    def check(self, want: Want, memory: WorkingMemory) -> _Verdict:
        """Whether a claim is true; UNKNOWN while more facts may make it so."""
        match want:
            case Known(fact):
                return True if fact in memory.facts else self._settled(fact, memory)
            case FactIs(fact, accepts):
                if fact in memory.facts:
                    return accepts(memory.facts[fact])
                return self._settled(fact, memory)
            case ColumnIs(n, column, accepts):
                value = self._value(n, column, memory)
                return UNKNOWN if value is UNKNOWN else accepts(value)
            case CellIs(n, row, column, holds):
                found = self._cell(n, row, column, memory)
                return UNKNOWN if found is UNKNOWN else found is holds
            case RowIs(n, row, holds):
                found = self._row(n, row, memory)
                return UNKNOWN if found is UNKNOWN else found is holds
            case Alone(n, row):
                outcome, rivals = memory.outcomes[n], self._rivals(n, row)
                if outcome.true & rivals:
                    return False
                return UNKNOWN if outcome.maybe & rivals else True
            case Settled(n):
                return UNKNOWN if n in memory.outcomes and memory.outcomes[n].maybe else True

    def _settled(self, fact: str, memory: WorkingMemory) -> _Verdict:
        """False where an unknown fact stays unknown, whatever else is given; else UNKNOWN."""
        return False if isinstance(memory.result(fact), Conflict | Referral) else UNKNOWN

    def _value(self, n: int, column: int, memory: WorkingMemory) -> Value:
        node = self.program.nodes[n]
        name = node.names[column]
        if name is not None:
            return memory.facts.get(name, UNKNOWN)
        return node.inputs[column](memory.facts, memory.run)

    def _cell(self, n: int, row: int, column: int, memory: WorkingMemory) -> _Verdict:
        node = self.program.nodes[n]
        return verdict(node, row, column, self._value(n, column, memory), memory.facts, memory.run)

    def _row(self, n: int, row: int, memory: WorkingMemory) -> _Verdict:
        outcome = memory.outcomes[n]
        if outcome.true >> row & 1:
            return True
        return UNKNOWN if outcome.maybe >> row & 1 else False

    def _rivals(self, n: int, row: int) -> int:
        """The rules that may not hold if a row is to be what its table answers (bitset)."""
        node = self.program.nodes[n]
        every = (1 << len(node.rules)) - 1
        if row == NONE:
            return every
        if node.hit_policy is HitPolicy.FIRST:
            return (1 << row) - 1
        return every & ~(1 << row) if node.hit_policy.is_single else 0

    # -- how it may come to be so -------------------------------------------------------------------------

    def _solved(self, memory: WorkingMemory, wants: tuple[Want, ...], depth: int) -> Iterator[WorkingMemory]:
        for place, want in enumerate(wants):
            found = self.check(want, memory)
            if found is False:
                return
            if found is True:
                continue
            if depth >= _DEEPEST:
                return
            rest = wants[place:]
            for given, more in self._options(want, memory):
                if self.left <= 0:
                    return
                if given:
                    further = self.drive({**memory.given, **given})
                else:
                    further = memory
                    self.left -= 1
                # What was true stays true; what was asked before is asked again, for it may have become false.
                yield from self._solved(further, (*more, *rest), depth + 1)
            return
        yield memory

    def _options(
        self, want: Want, memory: WorkingMemory
    ) -> Iterator[tuple[dict[str, Value], tuple[Want, ...]]]:
        """Ways to bring an open claim nearer: facts to give, or claims to settle before."""
        match want:
            case Known(fact):
                yield from self._fact(FactIs(fact, lambda _: True), memory)
            case FactIs():
                yield from self._fact(want, memory)
            case ColumnIs(n, column, accepts, first):
                name = self.program.nodes[n].names[column]
                if name is not None:
                    yield from self._fact(FactIs(name, accepts, first), memory)
                else:
                    yield from self._unknown_of(self.program.nodes[n].inputs[column].reads, memory)
            case CellIs(n, row, column, holds):
                yield from self._cells(n, row, column, memory, holds=holds)
            case RowIs(n, row, holds):
                columns = range(len(self.program.nodes[n].inputs))
                waiting = [c for c in columns if self._cell(n, row, c, memory) is UNKNOWN]
                for column in waiting[:1] if holds else waiting:
                    yield from self._cells(n, row, column, memory, holds=holds)
            case Alone(n, row):
                rival = next(bits(memory.outcomes[n].maybe & self._rivals(n, row)))
                yield from self._options(RowIs(n, rival, holds=False), memory)
            case Settled(n):
                row = next(bits(memory.outcomes[n].maybe))
                yield from self._options(RowIs(n, row, holds=False), memory)
                yield from self._options(RowIs(n, row), memory)

    def _cells(
        self, n: int, row: int, column: int, memory: WorkingMemory, *, holds: bool
    ) -> Iterator[tuple[dict[str, Value], tuple[Want, ...]]]:
        node = self.program.nodes[n]
        test, name = node.tests[column][row], node.names[column]
        value = self._value(n, column, memory)
        if value is not UNKNOWN:
            yield from self._unknown_of(test.reads, memory)
        elif name is None:
            yield from self._unknown_of(node.inputs[column].reads, memory)
        elif test.reads:
            for given, more in self._fact(FactIs(name, lambda _: True), memory):
                yield given, (*more, CellIs(n, row, column, holds))
        else:
            run = run_of(memory)
            wanted = FactIs(name, lambda one: test(one, memory.facts, run) is holds)
            for given, more in self._fact(wanted, memory):
                yield given, (*more, CellIs(n, row, column, holds))

    def _unknown_of(
        self, reads: Iterable[str], memory: WorkingMemory
    ) -> Iterator[tuple[dict[str, Value], tuple[Want, ...]]]:
        """Ways to know the first unknown one of some facts."""
        for fact in sorted(reads):
            if fact not in memory.facts and fact in self.program.vocabulary.facts:
                yield from self._fact(FactIs(fact, lambda _: True), memory)
                return

    def _fact(
        self, want: FactIs, memory: WorkingMemory
    ) -> Iterator[tuple[dict[str, Value], tuple[Want, ...]]]:
        # A fact that people are asked for may be given, though a table might conclude it: of a catalogue, which knows
        # some and is silent of all others, it mostly is.
        makers = self.program.concluded.get(want.fact, ())
        given: list[tuple[dict[str, Value], tuple[Want, ...]]] = []
        if not makers or self.program.vocabulary.facts[want.fact].question:
            given = [({want.fact: value}, ()) for value in self._values(want)]
        first = all(self.program.nodes[n].open for n in makers)
        if first:
            yield from given
        for n in makers:
            if n in memory.outcomes:
                yield from self._concluding(want, self.program.nodes[n], memory)
        if not first:
            yield from given

    def _values(self, want: FactIs) -> Iterator[Value]:
        base = [self._base[want.fact]] if want.fact in self._base else []
        tried: list[Value] = []
        for value in (*want.first, *base, *self._candidates.of(want.fact)):
            if want.accepts(value) and not any(same(value, other) for other in tried):
                tried.append(value)
                yield value

    def _concluding(
        self, want: FactIs, node: CompiledNode, memory: WorkingMemory
    ) -> Iterator[tuple[dict[str, Value], tuple[Want, ...]]]:
        """Ways to have a table conclude what is wanted: by each of its open rules, or by none of them."""
        n, outcome = node.number, memory.outcomes[node.number]
        if not node.hit_policy.is_single:
            if outcome.maybe:
                yield {}, (Settled(n),)
            return
        place = node.facts.index(want.fact)
        for row in bits(outcome.true | outcome.maybe):
            result = node.row(row, memory.facts, memory.run)[place]
            relayed = node.relayed(row, want.fact)
            if relayed is not None and relayed not in memory.facts:
                by: Want = FactIs(relayed, want.accepts, want.first)
            elif result is UNKNOWN:
                reads = [
                    fact for fact in self._outcome_reads(node, row, want.fact) if fact not in memory.facts
                ]
                if not reads:
                    continue
                by = Known(reads[0])
            elif is_value(result) and want.accepts(result):
                by = RowIs(n, row)
            else:
                continue
            wants = (RowIs(n, row), Alone(n, row), by)
            if any(self.check(one, memory) is not True for one in wants):
                yield {}, wants
        if outcome.maybe and not outcome.true:
            silent = node.row(NONE, memory.facts, memory.run)[place]
            if silent is NO_OPINION and not node.open:
                silent = None
            if (is_value(silent) and want.accepts(silent)) or want.fact in node.shared:
                yield {}, (Alone(n, NONE),)

    def _outcome_reads(self, node: CompiledNode, row: int, fact: str) -> list[str]:
        cells = (output.cells[row] for output in node.outputs if output.fact == fact)
        return sorted({read for cell in cells if cell is not None for read in cell.reads})


_STEPS: Final = 200_000
_RELEASES: Final = 6


def nearest(
    candidates: Candidates, program: Program, n: int, row: int, *, at_most: int = 3
) -> list[WorkingMemory]:
    """The driven cases that come nearest to a rule: most of its tests true, fewest false."""
    scored = []
    node = program.nodes[n]
    for place, (_, memory) in enumerate(candidates.driven):
        if n not in memory.closure:
            continue
        run = run_of(memory)
        values = node.scan.values(memory.facts, run)
        told = [
            verdict(node, row, column, value, memory.facts, run)
            for column, value in enumerate(values)
            if not node.tests[column][row].is_any
        ]
        in_force = memory.in_force(n) >> row & 1
        scored.append((told.count(False) - told.count(True), 1 - in_force, place, memory))
    return [memory for *_, memory in sorted(scored, key=lambda one: one[:3])[:at_most]]


def dates_of(candidates: Candidates, program: Program, n: int, row: int, *, at_most: int = 4) -> list[Dates]:
    """Legal dates on which a rule is in force, those of its nearest cases first, then the ends of its periods."""
    found: dict[Dates, None] = {}
    for memory in nearest(candidates, program, n, row, at_most=at_most):
        found[Dates(memory.as_of, memory.known_on)] = None
    rule = getattr(program.nodes[n].source, "rules", ())[row]
    days = [*_inside(rule.valid.start, rule.valid.end), dt.date(2020, 1, 1)]
    judged = [ALL_KNOWN, *_inside(rule.known.start, rule.known.end)]
    for day in days:
        for known in judged:
            found[Dates(day, known)] = None
    in_force = [dates for dates in found if program.in_force(dates.as_of, dates.known_on)[n] >> row & 1]
    return in_force[:at_most]


def _inside(start: str, end: str) -> Iterator[dt.date]:
    """Days at both ends of a half-open period, as typed."""
    if end.strip() and (last := dt.date.fromisoformat(end.strip())) > dt.date.min:
        yield last - dt.timedelta(days=1)
    if start.strip():
        yield dt.date.fromisoformat(start.strip())
