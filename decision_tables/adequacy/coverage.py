"""What the cases of a rulebook exercise: which rules they make fire, and which sides of each test they show.

A case counts where its answer depends on the rule. A rule is *fired* by a case when its outcome is the table's
outcome, or a part of it (`fires`). A test of a rule is *seen true* by a case that fires the rule. It is *seen false*
by a case in which the value under test is known, the rule is in force and is reached, and this test alone is false:
all other tests of the rule are true, or wait for a fact that is unknown. Under FIRST a rule is reached when no
earlier rule holds; under all other policies always. Cells that accept everything (`-`) have no sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from decision_tables.cases import driven
from decision_tables.errors import DecidableError
from decision_tables.feel.evaluate import Run
from decision_tables.feel.values import UNKNOWN, Unknown
from decision_tables.index import bits
from decision_tables.outcomes import Conflict
from decision_tables.table import HitPolicy, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from decision_tables.chain import Case as WorkingMemory
    from decision_tables.feel.values import Value
    from decision_tables.outcomes import CompiledNode, Outcome
    from decision_tables.program import Program

__all__ = [
    "CellCoverage",
    "Coverage",
    "RuleCoverage",
    "TableCoverage",
    "coverage",
    "fires",
    "run_of",
    "verdict",
]


@dataclass(frozen=True, slots=True)
class CellCoverage:
    """The two sides of one test.

    Attributes:
        column: key of the input column.
        text: the cell as typed.
        true: ids of the cases that show it true.
        false: ids of the cases that show it false.
    """

    column: str
    text: str
    true: tuple[str, ...]
    false: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """What the cases make of one rule.

    Attributes:
        rule: its id.
        fired: ids of the cases that fire it.
        cells: its tests, those that accept everything left out.
    """

    rule: str
    fired: tuple[str, ...]
    cells: tuple[CellCoverage, ...]


@dataclass(frozen=True, slots=True)
class TableCoverage:
    """What the cases make of one table.

    Attributes:
        table: its key.
        cases: ids of the cases that evaluate it at all.
        rules: in the table's order.
    """

    table: str
    cases: tuple[str, ...]
    rules: tuple[RuleCoverage, ...]

    @property
    def fired(self) -> int:
        """How many rules some case fires."""
        return sum(bool(rule.fired) for rule in self.rules)

    @property
    def never_fired(self) -> tuple[str, ...]:
        """The ids of the rules that no case fires."""
        return tuple(rule.rule for rule in self.rules if not rule.fired)

    @property
    def sides(self) -> int:
        """How many sides its tests have: two each."""
        return sum(2 * len(rule.cells) for rule in self.rules)

    @property
    def seen(self) -> int:
        """How many of the sides some case shows."""
        return sum(bool(cell.true) + bool(cell.false) for rule in self.rules for cell in rule.cells)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the cases of a rulebook exercise.

    Attributes:
        tables: in the order of the rulebook.
        unanswered: ids of the cases that have no answer, and so count for nothing.
    """

    tables: tuple[TableCoverage, ...]
    unanswered: tuple[str, ...] = ()

    def table(self, key: str) -> TableCoverage | None:
        """That of one table, or None."""
        return next((table for table in self.tables if table.table == key), None)


class _Tally:
    """What the cases have shown of one table so far, by row and column."""

    def __init__(self, node: CompiledNode, source: Table) -> None:
        self.node, self.source = node, source
        self.cases: list[str] = []
        self.fired: list[list[str]] = [[] for _ in node.rules]
        self.sides: dict[tuple[int, int], tuple[list[str], list[str]]] = {
            (row, column): ([], [])
            for row in range(len(node.rules))
            for column, tests in enumerate(node.tests)
            if not tests[row].is_any
        }

    def count(self, case: str, memory: WorkingMemory) -> None:
        """Take note of what a case shows."""
        node = self.node
        outcome = memory.outcomes.get(node.number)
        if outcome is None:
            return
        self.cases.append(case)
        for row in bits(outcome.true):
            if fires(node, outcome, row):
                self.fired[row].append(case)
                for column in range(len(node.tests)):
                    if (row, column) in self.sides:
                        self.sides[row, column][0].append(case)
        reached = memory.in_force(node.number)
        if node.hit_policy is HitPolicy.FIRST and outcome.true:
            reached &= (outcome.true & -outcome.true) - 1
        refused = node.index.refused(memory.facts, reached, run_of(memory))
        once = twice = 0
        for rows in refused:
            twice |= once & rows
            once |= rows
        for column, rows in enumerate(refused):
            for row in bits(rows & ~twice):
                self.sides[row, column][1].append(case)

    def told(self) -> TableCoverage:
        """The coverage of the table."""
        rules = tuple(
            RuleCoverage(
                rule,
                tuple(self.fired[row]),
                tuple(
                    CellCoverage(
                        self.source.inputs[column].key,
                        self.node.tests[column][row].text,
                        tuple(self.sides[row, column][0]),
                        tuple(self.sides[row, column][1]),
                    )
                    for column in range(len(self.node.tests))
                    if (row, column) in self.sides
                ),
            )
            for row, rule in enumerate(self.node.rules)
        )
        return TableCoverage(self.node.key, tuple(self.cases), rules)


def coverage(program: Program) -> Coverage:
    """What the rulebook's own cases exercise of its tables; see the module for what counts."""
    tallies = [_Tally(node, node.source) for node in program.nodes if isinstance(node.source, Table)]
    unanswered = []
    for case in program.rulebook.cases:
        try:
            memory = driven(program, case, case.facts)
        except DecidableError:
            unanswered.append(case.id)
            continue
        if memory.failure is not None:
            unanswered.append(case.id)
            continue
        for tally in tallies:
            tally.count(case.id, memory)
    told = {tally.node.key: tally.told() for tally in tallies}
    return Coverage(tuple(told[table.key] for table in program.rulebook.tables), tuple(unanswered))


def fires(node: CompiledNode, outcome: Outcome, row: int) -> bool:
    """Whether a rule surely holds and its outcome is the table's outcome, or (of a list, a sum, ANY) part of it.

    Rules that contradict each other do not fire, nor does one that a rule still open may yet go before.
    """
    if not outcome.true >> row & 1 or any(isinstance(result, Conflict) for result in outcome.results):
        return False
    if node.hit_policy in _FIRST_COUNTS:
        return outcome.candidates[:1] == (row,)
    return True


def verdict(
    node: CompiledNode, row: int, column: int, value: Value, facts: Mapping[str, Value], run: Run
) -> bool | Unknown:
    """Whether a value meets the test of a rule; UNKNOWN where that cannot be said."""
    test = node.tests[column][row]
    if value is UNKNOWN:
        return True if test.is_any else UNKNOWN
    return test(value, facts, run)


def run_of(memory: WorkingMemory) -> Run:
    """A run on the dates of a case, for looking at it again; its budget is its own."""
    run = memory.run
    return Run(instant=run.instant, as_of=run.as_of, known_on=run.known_on)


_FIRST_COUNTS = frozenset({HitPolicy.UNIQUE, HitPolicy.FIRST, HitPolicy.PRIORITY})
