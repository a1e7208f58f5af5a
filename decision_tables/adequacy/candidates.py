"""The values that are worth trying for a fact: those that tests tell apart, nearest to the cases first."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from decision_tables.adequacy.coverage import run_of
from decision_tables.cases import driven
from decision_tables.errors import DecidableError
from decision_tables.feel import syntax
from decision_tables.feel.temporal import Date, DateTime, DaysDuration, Time, YearsDuration
from decision_tables.items import quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from decision_tables.chain import Case as WorkingMemory
    from decision_tables.feel.evaluate import Test
    from decision_tables.feel.values import Value
    from decision_tables.program import Program
    from decision_tables.rulebook import Case

__all__ = ["Candidates", "beside", "critical_values", "told_apart"]

_KEPT: Final = 24
"""How many values of a fact are tried at most where tests tell more apart."""


class Candidates:
    """For each fact of a program the values worth trying, and how its cases come out.

    Two values that no test on a fact tells apart count as one, unless something else reads the fact. A value that
    some case gives stands for its like.

    Attributes:
        driven: the cases that have an answer, each driven to its end, in order.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self.driven: tuple[tuple[Case, WorkingMemory], ...] = tuple(_driven(program))
        self._seen: dict[str, list[Value]] = {}
        for _, memory in self.driven:
            for fact, value in memory.given.items():
                self._seen.setdefault(fact, []).append(value)
        self._tests: dict[str, dict[str, Test]] = {}
        self._read: set[str] = set()
        for node in program.nodes:
            for name, expression, tests in zip(node.names, node.inputs, node.tests, strict=True):
                for test in tests:
                    self._read |= test.reads
                    if name is not None and not test.is_any and not test.reads and not test.reads_clock:
                        self._tests.setdefault(name, {})[test.text] = test
                if name is None:
                    self._read |= expression.reads
            cells = (cell for output in node.outputs for cell in (*output.cells, output.default))
            self._read |= {fact for cell in cells if cell is not None for fact in cell.reads}
        self._found: dict[str, tuple[Value, ...]] = {}

    def of(self, fact: str) -> tuple[Value, ...]:
        """The values worth trying, those of cases first; none where nothing is known of the fact but its type."""
        found = self._found.get(fact)
        if found is None:
            found = self._found[fact] = self._distinct(fact)
        return found

    def all_of(self, fact: str) -> tuple[Value, ...]:
        """All values that a fact may be told to have, equals once: allowed values, those that tests name, of cases."""
        kind = self._program.vocabulary.kinds[fact]
        found: list[Value] = list(self._seen.get(fact, ()))
        if kind.values is not None:
            found += kind.values
        elif kind.name == "boolean":
            found += (True, False)
        else:
            named = [
                value
                for test in (*self._tests.get(fact, {}).values(), *kind.allowed)
                for value in critical_values(test)
            ]
            found += named
            if kind.items is not None:
                # Tests of a list name what may be in it: each alone, and all at once.
                entries = [value for value in (*named, *(kind.items.values or ())) if kind.items.holds(value)]
                found += ([value] for value in entries)
                found.append(entries)
            found += _PLAIN.get(kind.name, ())
        if self._may_be_null(fact):
            found.append(None)
        vocabulary = self._program.vocabulary
        return tuple(
            _unlike(value for value in found if kind.holds(value) and vocabulary.allows(fact, value))
        )

    def _may_be_null(self, fact: str) -> bool:
        return self._program.vocabulary.facts[fact].nullable or self._program.rulebook.absent == "null"

    def _distinct(self, fact: str) -> tuple[Value, ...]:
        values = self.all_of(fact)
        if fact in self._read:
            return values[: 2 * _KEPT]
        run = quiet()
        tests = tuple(self._tests.get(fact, {}).values())
        classes: dict[Hashable, Value] = {}
        for value in values:
            classes.setdefault(tuple(test(value, {}, run) for test in tests), value)
        return tuple(classes.values())[:_KEPT]

    def support(self, fact: str) -> frozenset[str]:
        """All facts that a fact rests on, given or concluded, itself among them."""
        program, rest, seen = self._program, [fact], {fact}
        while rest:
            makers = program.concluded.get(rest.pop(), ())
            fresh = {read for n in makers for read in program.nodes[n].reads} - seen
            seen |= fresh
            rest += sorted(fresh)
        return frozenset(seen)


def _driven(program: Program) -> Iterator[tuple[Case, WorkingMemory]]:
    for case in program.rulebook.cases:
        try:
            memory = driven(program, case, case.facts)
        except DecidableError:
            continue
        if memory.failure is None:
            memory.run = run_of(memory)
            yield case, memory


def critical_values(test: Test) -> Iterator[Value]:
    """The values that a test names, each with those just below and above it where there are such."""
    if test.node is None:
        return
    for node in syntax.walk(test.node):
        if isinstance(node, syntax.Literal):
            yield node.value
            yield from beside(node.value)


def beside(value: Value) -> tuple[Value, ...]:
    """The nearest values below and above: by one unit of a number's last digit, a day, a month, a second."""
    step = _STEPS.get(type(value))
    if step is None:
        return ()
    try:
        return step(value, -1), step(value, 1)
    except (ArithmeticError, ValueError):
        return ()


def told_apart(one: Test, other: Test, values: Iterable[Value]) -> frozenset[int]:
    """The places of those values that one of two tests accepts and the other does not; both read nothing else."""
    run = quiet()
    return frozenset(
        place
        for place, value in enumerate(values)
        if (one(value, {}, run) is True) != (other(value, {}, run) is True)
    )


def _next_number(number: Decimal, direction: int) -> Decimal:
    exponent = number.as_tuple().exponent
    least = Decimal((0, (1,), min(0, exponent if isinstance(exponent, int) else 0)))
    return number + direction * least


def _next_duration(span: DaysDuration, direction: int) -> DaysDuration:
    second, day = 10**9, 86_400 * 10**9
    return DaysDuration(span.key + direction * (second if span.key % day else day))


def _next_moment(moment: DateTime, direction: int) -> DateTime:
    return DateTime(Date.of_days(moment.date.key + direction), moment.time)


def _next_time(moment: Time, direction: int) -> Time:
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second + direction
    if not 0 <= seconds < _DAY:
        raise ValueError
    minutes, second = divmod(seconds, 60)
    return replace(moment, hour=minutes // 60, minute=minutes % 60, second=second)


_DAY: Final = 86_400
_STEPS: Final[dict[type, Callable[[Any, int], Value]]] = {
    Decimal: _next_number,
    Date: lambda day, direction: Date.of_days(day.key + direction),
    DateTime: _next_moment,
    Time: _next_time,
    DaysDuration: _next_duration,
    YearsDuration: lambda span, direction: YearsDuration(span.key + direction),
}

_PLAIN: Final[dict[str, tuple[Value, ...]]] = {
    "string": ("something else",),
    "number": (Decimal(0), Decimal(1)),
    "date": (Date(2020, 1, 1),),
    "time": (Time(12, 0, 0, 0, None),),
    "list": ([],),
}


def _unlike(values: Iterable[Value]) -> Iterator[Value]:
    """Each value once; true is not 1."""
    seen: set[tuple[type, str]] = set()
    for value in values:
        like = (type(value), str(value.normalize()) if isinstance(value, Decimal) else repr(value))
        if like not in seen:
            seen.add(like)
            yield value
