"""What a node concludes from what is known: candidates, agreement, conflict, referral (DMN 1.5, 8.2.8).

A rule is true, false or maybe, for a fact may be unknown. Each hit policy leaves the outcomes that are still
possible, the *candidates*; a fact is concluded when all candidates give it the same known value. More facts only
ever strike candidates, so what is concluded stays concluded.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias, final

from decision_tables.diagnostics import Where
from decision_tables.feel.evaluate import Expression, Run, RunWarning
from decision_tables.feel.syntax import Name
from decision_tables.feel.values import NUMBERS, UNKNOWN, Value, less, same, type_name
from decision_tables.index import Scan, bits
from decision_tables.said import said
from decision_tables.table import HitPolicy
from decision_tables.vocabulary import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from decision_tables.feel.evaluate import Test
    from decision_tables.index import Index
    from decision_tables.table import Formula, Table

__all__ = [
    "NONE",
    "NO_OPINION",
    "Calendar",
    "CompiledNode",
    "CompiledOutput",
    "Conflict",
    "NoOpinion",
    "Outcome",
    "Referral",
    "Result",
    "is_value",
]

NONE: Final = -1
"""The candidate "no rule matches"."""


@final
class NoOpinion:
    """The class of `NO_OPINION`: the node does not speak of the fact, and another may."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NO_OPINION"


NO_OPINION: Final = NoOpinion()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules that contradict each other; an outcome, not an error.

    Attributes:
        rules: pairs of node key and rule id (empty for "no rule matches"), in order.
    """

    rules: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Referral:
    """A question that the law leaves to human judgement; two that ask the same are the same."""

    table: str
    question: Words
    rule: str = field(compare=False)


Result: TypeAlias = "Value | NoOpinion | Conflict | Referral"
"""What one node says of one fact; UNKNOWN while its candidates disagree or rest on unknown facts."""

_NOT_VALUES: Final = frozenset({type(UNKNOWN), NoOpinion, Conflict, Referral})


def is_value(result: Result) -> bool:
    """Whether a result is a FEEL value, null included."""
    return type(result) not in _NOT_VALUES


class Outcome:
    """One evaluation of a node.

    Attributes:
        true: bitset of the rules surely true.
        maybe: bitset of the rules that unknown facts leave open.
        candidates: rows (or `NONE`) whose outcome is still possible; of a list, the rows surely in it;
            empty where every true and every maybe rule is still possible.
        results: one for each fact that the node concludes.
    """

    __slots__ = ("candidates", "maybe", "results", "true")

    def __init__(
        self, true: int, maybe: int, candidates: tuple[int, ...], results: tuple[Result, ...]
    ) -> None:
        self.true = true
        self.maybe = maybe
        self.candidates = candidates
        self.results = results


class Calendar:
    """Which rules hold on which day, by one of the two legal periods."""

    __slots__ = ("_days", "_masks")

    def __init__(self, periods: Sequence[tuple[dt.date | None, dt.date | None]]) -> None:
        inside = 0
        toggles: dict[dt.date, int] = {}
        for rule, (start, end) in enumerate(periods):
            if start is None:
                inside |= 1 << rule
            else:
                toggles[start] = toggles.get(start, 0) ^ (1 << rule)
            if end is not None:
                toggles[end] = toggles.get(end, 0) ^ (1 << rule)
        self._days = sorted(toggles)
        self._masks = [inside]
        for day in self._days:
            inside ^= toggles[day]
            self._masks.append(inside)

    @property
    def is_everlasting(self) -> bool:
        """Whether the same rules hold on all days."""
        return not self._days

    @property
    def stretches(self) -> Iterator[tuple[dt.date | None, dt.date | None, int]]:
        """The spans of days `[from, until)` in which the same rules hold, and these rules."""
        ends = (None, *self._days, None)
        return zip(ends, ends[1:], self._masks, strict=False)

    def at(self, day: dt.date) -> int:
        """The rules whose period holds the day."""
        return self._masks[bisect_right(self._days, day)]

    def span(self, day: dt.date, among: int) -> tuple[dt.date | None, dt.date | None]:
        """The largest `[from, until)` round the day in which the same rules of `among` hold; None for open."""
        place = bisect_right(self._days, day)
        holding = self._masks[place] & among
        first = final = place
        while first and self._masks[first - 1] & among == holding:
            first -= 1
        while final < len(self._days) and self._masks[final + 1] & among == holding:
            final += 1
        return (
            self._days[first - 1] if first else None,
            self._days[final] if final < len(self._days) else None,
        )


@dataclass(frozen=True, slots=True)
class CompiledOutput:
    """An output column.

    Attributes:
        key: of the column.
        fact: what it fills.
        part: of the fact; empty for all of it.
        cells: by row; None where the author leaves it open.
        default: the outcome where no rule matches.
        priorities: the values in order of priority; None for no order.
        is_whole: the default is the whole list that the table collects, and not one entry of it.
    """

    key: str
    fact: str
    part: str
    cells: tuple[Expression | None, ...]
    default: Expression | None
    priorities: tuple[Value, ...] | None
    is_whole: bool = False


class CompiledNode:
    """A decision table, or a formula (a table of one rule without tests), ready to be evaluated.

    Attributes:
        number: its place in the firing order of its program.
        key: of the table or formula.
        source: what the author wrote.
        hit_policy: FIRST for a formula.
        open: whether "no rule matches" leaves its facts unknown.
        facts: what it concludes; an outcome's results stand in this order.
        inputs: the input expressions, one for each column.
        names: for each column the fact that its expression plainly names, or None.
        tests: for each column its cells, by row.
        reads: all facts that it reads.
        clocked: whether some expression of it reads a date or the time.
        rules: rule ids, by row.
        flagged: bitset of the rules that carry flags.
        valid: by as-of date.
        known: by known-on date.
        everlasting: whether all its rules are the law on all days.
        referrals: by row, the referral that a rule puts in place of its empty outputs.
        shared: those of its facts that another node of its program concludes, too.
    """

    def __init__(  # noqa: PLR0913 - the compiler is the one caller, and names every one
        self,
        *,
        source: Table | Formula,
        hit_policy: HitPolicy,
        inputs: tuple[Expression, ...],
        names: tuple[str | None, ...],
        tests: tuple[tuple[Test, ...], ...],
        outputs: tuple[CompiledOutput, ...],
        rules: tuple[str, ...],
        flagged: int,
        valid: Calendar,
        known: Calendar,
        referrals: Mapping[int, Referral],
        index: Index,
    ) -> None:
        self.number = 0
        self.shared: frozenset[str] = frozenset()
        self.key = source.key
        self.source = source
        self.hit_policy = hit_policy
        self.open: bool = getattr(source, "open", False)
        self.inputs = inputs
        self.names = names
        self.tests = tests
        self.outputs = outputs
        self.rules = rules
        self.flagged = flagged
        self.valid = valid
        self.known = known
        self.referrals = referrals
        self.index = index
        self.scan = Scan(inputs, names, tests, rules)
        cells = [cell for output in outputs for cell in (*output.cells, output.default) if cell is not None]
        parts: list[Expression | Test] = [*inputs, *(test for column in tests for test in column), *cells]
        self.reads = frozenset().union(*(part.reads for part in parts))
        self.clocked = any(part.reads_clock for part in parts)
        self.facts = tuple(dict.fromkeys(output.fact for output in outputs))
        self._columns = tuple(
            tuple((number, output.part) for number, output in enumerate(outputs) if output.fact == fact)
            for fact in self.facts
        )
        self.everlasting = valid.is_everlasting and known.is_everlasting
        self._match = index.match
        self._read_by: dict[int, tuple[str, ...]] = {}
        self._resolve = _RESOLVERS[hit_policy]
        self._fixed: list[tuple[Result, ...] | None] = [self._fixed_row(row) for row in range(len(rules))]

    # -- evaluation ---------------------------------------------------------------------------------------

    def evaluate(self, facts: Mapping[str, Value], run: Run, among: int, *, scan: bool = False) -> Outcome:
        """The outcome over what is known, among the rules in force; `scan` tries every rule, for tests."""
        true, possible = self.scan.match(facts, among, run) if scan else self._match(facts, among, run)
        return self._resolve(self, true, possible ^ true, facts, run)

    def in_force(self, run: Run) -> int:
        """The rules that are the law on the run's two legal dates (bitset)."""
        if self.everlasting:
            return (1 << len(self.rules)) - 1
        as_of, known_on = (dt.date(day.year, day.month, day.day) for day in (run.as_of, run.known_on))
        return self.valid.at(as_of) & self.known.at(known_on)

    def row(self, row: int, facts: Mapping[str, Value], run: Run) -> tuple[Result, ...]:
        """What a rule (or `NONE`) says of each fact; an entry of a list may hold unknown parts."""
        if row == NONE:
            return self._none(facts, run)
        fixed = self._fixed[row]
        return self._built(row, self.cells(row, facts, run)) if fixed is None else fixed

    def cells(self, row: int, facts: Mapping[str, Value], run: Run) -> list[Value | NoOpinion]:
        """The values of a rule's output cells, `NO_OPINION` for an empty one."""
        return [
            NO_OPINION if (cell := output.cells[row]) is None else cell(facts, run) for output in self.outputs
        ]

    def waits(self, row: int, fact: str, facts: Mapping[str, Value], run: Run) -> dict[str, frozenset[str]]:
        """The parts of a rule's outcome that are unknown (the empty name for the whole), and what they read."""
        return {
            output.part: cell.reads
            for output in self.outputs
            if output.fact == fact and (cell := output.cells[row]) is not None and cell(facts, run) is UNKNOWN
        }

    def read_by(self, row: int) -> tuple[str, ...]:
        """The facts that a row reads, by its conditions and its outcome, in the order of the columns.

        Of `NONE` those that the default outcomes read: that no rule matches is for the rules' own facts to say.
        """
        found = self._read_by.get(row)
        if found is None:
            parts: list[Expression | Test] = []
            if row == NONE:
                parts += (output.default for output in self.outputs if output.default is not None)
            else:
                for expression, column in zip(self.inputs, self.tests, strict=True):
                    if not column[row].is_any:
                        parts += (expression, column[row])
                parts += (cell for output in self.outputs if (cell := output.cells[row]) is not None)
            found = tuple(dict.fromkeys(fact for part in parts for fact in sorted(part.reads)))
            self._read_by[row] = found
        return found

    def relayed(self, row: int, fact: str) -> str | None:
        """The fact whose value a rule passes on unchanged as another's, if it does."""
        if row == NONE:
            return None
        cells = (output.cells[row] for output in self.outputs if output.fact == fact and not output.part)
        cell = next(cells, None)
        return cell.node.name if cell is not None and isinstance(cell.node, Name) else None

    def speaks(self, row: int, fact: str) -> bool:
        """Whether a rule has an outcome for a fact."""
        return any(output.fact == fact and output.cells[row] is not None for output in self.outputs)

    def has_default(self, fact: str) -> bool:
        """Whether the fact has a default outcome."""
        return any(output.fact == fact and output.default is not None for output in self.outputs)

    def _fixed_row(self, row: int) -> tuple[Result, ...] | None:
        cells = [output.cells[row] for output in self.outputs]
        if any(cell is not None and not cell.is_constant for cell in cells):
            return None
        return self._built(row, [NO_OPINION if cell is None else cell.value for cell in cells])

    def _built(self, row: int, cells: Sequence[Value | NoOpinion]) -> tuple[Result, ...]:
        return tuple(self._one(row, columns, cells) for columns in self._columns)

    def _one(self, row: int, columns: Sequence[tuple[int, str]], cells: Sequence[Any]) -> Result:
        if all(cells[number] is NO_OPINION for number, _ in columns):
            return self.referrals.get(row, NO_OPINION)
        number, part = columns[0]
        if not part:
            return cells[number]
        entry = {part: None if cells[number] is NO_OPINION else cells[number] for number, part in columns}
        if not self.hit_policy.is_list and any(value is UNKNOWN for value in entry.values()):
            return UNKNOWN
        return entry

    def _none(self, facts: Mapping[str, Value], run: Run) -> tuple[Result, ...]:
        cells = [
            NO_OPINION if output.default is None else output.default(facts, run) for output in self.outputs
        ]
        return self._built(NONE, cells)

    def _agreed(self, candidates: Sequence[int], facts: Mapping[str, Value], run: Run) -> tuple[Result, ...]:
        """For each fact what all candidates say, UNKNOWN where they differ."""
        if len(candidates) == 1:
            return self.row(candidates[0], facts, run)
        agreed = list(self.row(candidates[0], facts, run))
        for candidate in candidates[1:]:
            for place, result in enumerate(self.row(candidate, facts, run)):
                if agreed[place] is not UNKNOWN and not same(agreed[place], result):
                    agreed[place] = None if self._both_null(place, agreed[place], result) else UNKNOWN
            if all(result is UNKNOWN for result in agreed):
                break
        return tuple(agreed)

    def _both_null(self, place: int, a: Result, b: Result) -> bool:
        """Whether two results are null, silence too: it is, where no other node may speak and none is open."""
        mute = (a is None or a is NO_OPINION) and (b is None or b is NO_OPINION)
        return mute and not self.open and self.facts[place] not in self.shared

    def _open(self) -> tuple[Result, ...]:
        return (UNKNOWN,) * len(self.facts)

    def _contradicted(self, rows: Iterator[int]) -> tuple[Result, ...]:
        conflict = Conflict(tuple((self.key, self.rules[row]) for row in rows))
        return (conflict,) * len(self.facts)

    # -- hit policies -------------------------------------------------------------------------------------

    def _unique(self, true: int, maybe: int, facts: Mapping[str, Value], run: Run) -> Outcome:
        if true & (true - 1):
            return Outcome(true, maybe, tuple(bits(true)), self._contradicted(bits(true)))
        if maybe and (true or maybe & (maybe - 1)):
            # A maybe rule beside another may turn true and make a conflict, so not even agreement settles it.
            return Outcome(true, maybe, (), self._open())
        candidates = (true.bit_length() - 1,) if true else (*bits(maybe), NONE)
        return Outcome(true, maybe, candidates, self._agreed(candidates, facts, run))

    def _any(self, true: int, maybe: int, facts: Mapping[str, Value], run: Run) -> Outcome:
        rows = [self.row(row, facts, run) for row in bits(true)]
        for place, results in enumerate(zip(*rows, strict=True)):
            known = [result for result in results if result is not UNKNOWN]
            if any(not (same(known[0], r) or self._both_null(place, known[0], r)) for r in known[1:]):
                return Outcome(true, maybe, tuple(bits(true)), self._contradicted(bits(true)))
        candidates = (*bits(true | maybe), NONE) if not true else tuple(bits(true | maybe))
        agreed = self._agreed(candidates, facts, run)
        if any(result is UNKNOWN for result in agreed):
            # One column that may still differ may still make a conflict, of which all columns are part.
            agreed = self._open()
        return Outcome(true, maybe, candidates, agreed)

    def _first(self, true: int, maybe: int, facts: Mapping[str, Value], run: Run) -> Outcome:
        if true:
            first = true & -true
            before = maybe & (first - 1)
            row = first.bit_length() - 1
            if not before:
                return Outcome(true, maybe, (row,), self._fixed[row] or self.row(row, facts, run))
            candidates = (*bits(before), row)
        else:
            candidates = (*bits(maybe), NONE)
        return Outcome(true, maybe, candidates, self._agreed(candidates, facts, run))

    def _priority(self, true: int, maybe: int, facts: Mapping[str, Value], run: Run) -> Outcome:
        ranked = self._ranked(true | maybe, facts, run)
        if ranked is None:
            return Outcome(true, maybe, (), self._open())
        candidates = []
        for row in ranked:
            candidates.append(row)
            if true >> row & 1:
                break
        else:
            candidates.append(NONE)
        return Outcome(true, maybe, tuple(candidates), self._agreed(candidates, facts, run))

    def _collect(self, true: int, maybe: int, facts: Mapping[str, Value], run: Run) -> Outcome:
        if maybe:
            return Outcome(true, maybe, tuple(bits(true)), self._open())
        silence: Result = NO_OPINION if self.open else []
        if not true:
            defaults = self._none(facts, run)
            whole = {output.fact for output in self.outputs if output.is_whole}
            empty = tuple(
                silence if result is NO_OPINION else result if fact in whole else _listed([result])
                for fact, result in zip(self.facts, defaults, strict=True)
            )
            return Outcome(true, maybe, (NONE,), empty)
        rows = (
            self._ranked(true, facts, run) if self.hit_policy is HitPolicy.OUTPUT_ORDER else list(bits(true))
        )
        if rows is None:
            return Outcome(true, maybe, tuple(bits(true)), self._open())
        columns = zip(*(self.row(row, facts, run) for row in rows), strict=True)
        said = [[result for result in column if result is not NO_OPINION] for column in columns]
        return Outcome(true, maybe, tuple(rows), tuple(_listed(v) if v else silence for v in said))

    def _aggregate(self, true: int, maybe: int, facts: Mapping[str, Value], run: Run) -> Outcome:
        if maybe:
            return Outcome(true, maybe, tuple(bits(true)), self._open())
        nothing: Result = NUMBERS.create_decimal(0) if self.hit_policy is HitPolicy.COUNT else None
        nothing = NO_OPINION if self.open else nothing
        if not true:
            results = tuple(nothing if result is NO_OPINION else result for result in self._none(facts, run))
            return Outcome(true, maybe, (NONE,), results)
        columns = zip(*(self.row(row, facts, run) for row in bits(true)), strict=True)
        said = [[result for result in column if result is not NO_OPINION] for column in columns]
        results = tuple(self._aggregated(values, run) if values else nothing for values in said)
        return Outcome(true, maybe, tuple(bits(true)), results)

    def _aggregated(self, values: list[Value], run: Run) -> Value:
        if any(value is UNKNOWN for value in values):
            return UNKNOWN
        if self.hit_policy is HitPolicy.COUNT:
            return NUMBERS.create_decimal(len(values))
        if self.hit_policy is HitPolicy.SUM:
            total = NUMBERS.create_decimal(0)
            for value in values:
                if type_name(value) != "number":
                    return self._trouble(run, said("Only numbers can be added up."))
                total = NUMBERS.add(total, value)
            return total
        best = values[0]
        for value in values[1:]:
            better = less(value, best) if self.hit_policy is HitPolicy.MIN else less(best, value)
            if better is None:
                return self._trouble(run, said("The outcomes cannot be compared."))
            best = value if better else best
        return best

    def _trouble(self, run: Run, message: str) -> None:
        run.warn(RunWarning("table/aggregate", Where(self.key), "", message))

    def _ranked(self, rows: int, facts: Mapping[str, Value], run: Run) -> list[int] | None:
        """Rows by the priority of their outputs, then by place; None while an output is unknown."""
        keyed = []
        for row in bits(rows):
            rank = []
            for output, value in zip(self.outputs, self.cells(row, facts, run), strict=True):
                if output.priorities is None:
                    continue
                if value is UNKNOWN:
                    return None
                places = (place for place, best in enumerate(output.priorities) if same(best, value))
                rank.append(next(places, len(output.priorities)))
            keyed.append((rank, row))
        return [row for _, row in sorted(keyed)]


def _listed(values: list[Value]) -> Value:
    """The list, or UNKNOWN if an entry or a part of one is unknown."""
    for value in values:
        if value is UNKNOWN or (type(value) is dict and any(part is UNKNOWN for part in value.values())):
            return UNKNOWN
    return values


_Resolver: TypeAlias = "Callable[[CompiledNode, int, int, Mapping[str, Value], Run], Outcome]"
_RESOLVERS: Final[dict[HitPolicy, _Resolver]] = {
    HitPolicy.UNIQUE: CompiledNode._unique,  # noqa: SLF001 - this module's own
    HitPolicy.ANY: CompiledNode._any,  # noqa: SLF001
    HitPolicy.PRIORITY: CompiledNode._priority,  # noqa: SLF001
    HitPolicy.FIRST: CompiledNode._first,  # noqa: SLF001
    HitPolicy.COLLECT: CompiledNode._collect,  # noqa: SLF001
    HitPolicy.RULE_ORDER: CompiledNode._collect,  # noqa: SLF001
    HitPolicy.OUTPUT_ORDER: CompiledNode._collect,  # noqa: SLF001
    HitPolicy.SUM: CompiledNode._aggregate,  # noqa: SLF001
    HitPolicy.MIN: CompiledNode._aggregate,  # noqa: SLF001
    HitPolicy.MAX: CompiledNode._aggregate,  # noqa: SLF001
    HitPolicy.COUNT: CompiledNode._aggregate,  # noqa: SLF001
}
