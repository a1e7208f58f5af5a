"""Pairs of situations that show each test of a rule to matter by itself (MC/DC, by unique cause).

Two situations whose values under test differ in one column alone: in one the rule fires, in the other that column's
test is false and so the rule does not. Both are cases with facts that can be given; the values that other tables
conclude are reached by way of those tables. Each case has been answered by the chain, and expects what was answered:
whether that is the law is for its author to say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from decision_tables.adequacy.candidates import Candidates
from decision_tables.adequacy.coverage import fires, run_of
from decision_tables.adequacy.search import Alone, CellIs, ColumnIs, Dates, RowIs, Search, dates_of, nearest
from decision_tables.cases import ALL_KNOWN, driven, expectation_of, run_case
from decision_tables.errors import DecidableError
from decision_tables.feel.values import UNKNOWN, Value, same, to_json
from decision_tables.rulebook import Case
from decision_tables.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from decision_tables.adequacy.search import Want
    from decision_tables.chain import Case as WorkingMemory
    from decision_tables.outcomes import CompiledNode
    from decision_tables.program import Program

__all__ = ["Pair", "Unpaired", "case_of", "column_key", "free_id", "pairs"]

SEARCH_BUDGET: Final = 400
"""How many steps one search takes at most: from one case, on one pair of dates."""

TOTAL_BUDGET: Final = 1500
"""How many steps all searches for one test take at most."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two cases that differ, as the table sees them, in one column's value.

    Attributes:
        table: key of the table.
        rule: id of the rule.
        column: key of the column.
        fires: a case in which the rule fires.
        fails: a case in which this column's test is false, and the rule does not fire.
    """

    table: str
    rule: str
    column: str
    fires: Case
    fails: Case


@dataclass(frozen=True, slots=True)
class Unpaired:
    """A test for which no pair was found, and why.

    Attributes:
        table: key of the table.
        rule: id of the rule.
        column: key of the column.
        reason: a sentence.
        code: `never-fires`: no facts were found that fire the rule; `not-alone`: none that make this test alone false.
    """

    table: str
    rule: str
    column: str
    reason: str
    code: str


def pairs(
    program: Program, table: str, rule: str | None = None, *, candidates: Candidates | None = None
) -> Iterator[Pair | Unpaired]:
    """For each test of a table's rules (or of one rule) a pair, or why there is none.

    Args:
        program: the rulebook.
        table: key of a table; what is no table has no tests.
        rule: the one rule to look at.
        candidates: of the same program, where there are some already.
    """
    node = next((one for one in program.nodes if one.key == table and isinstance(one.source, Table)), None)
    if node is None:
        return
    candidates = candidates or Candidates(program)
    taken = {case.id for case in program.rulebook.cases}
    for row, name in enumerate(node.rules):
        if rule is not None and name != rule:
            continue
        for column, tests in enumerate(node.tests):
            if not tests[row].is_any:
                yield _pair(program, node, row, column, candidates, taken)


def _pair(
    program: Program, node: CompiledNode, row: int, column: int, candidates: Candidates, taken: set[str]
) -> Pair | Unpaired:
    key, rule = column_key(node, column), node.rules[row]
    reached = False
    for search, on in _firing(program, node, row, candidates):
        reached = True
        off = _without(search, node, row, column, on)
        found = None if off is None else _told(program, node, row, column, on, off, taken)
        if found is not None:
            return found
    if not reached:
        message = f"No facts were found, as far as was looked, that make rule {rule} fire."
        return Unpaired(node.key, rule, key, message, "never-fires")
    message = (
        f"Rule {rule} fires, but no facts were found, as far as was looked, that make its test of {key} false and"
        " leave the values of all other columns as they are."
    )
    return Unpaired(node.key, rule, key, message, "not-alone")


def _firing(
    program: Program, node: CompiledNode, row: int, candidates: Candidates
) -> Iterator[tuple[Search, WorkingMemory]]:
    """A few situations that fire a rule: near to cases first, then with as few facts as will do."""
    wants: tuple[Want, ...] = (RowIs(node.number, row), Alone(node.number, row))
    near = nearest(candidates, program, node.number, row, at_most=2)
    bases: list[Mapping[str, Value]] = [*(memory.given for memory in near), {}]
    left = TOTAL_BUDGET
    for dates, base in product(dates_of(candidates, program, node.number, row), bases):
        allowed = min(SEARCH_BUDGET, left)
        search = Search(program, candidates, dates, node.facts, allowed)
        for found in islice(search.solutions(wants, base), _TRIED):
            if fires(node, found.outcomes[node.number], row):
                yield search, found
        left -= allowed - search.left


_TRIED: Final = 4


def _without(
    search: Search, node: CompiledNode, row: int, column: int, on: WorkingMemory
) -> WorkingMemory | None:
    """A situation like another one, but for the value of one column, of which the test is false."""
    n = node.number
    values = node.scan.values(on.facts, run_of(on))
    others: list[Want] = [
        ColumnIs(n, other, lambda value, wanted=value: same(value, wanted), (value,))  # type: ignore[misc]
        for other, value in enumerate(values)
        if other != column and value is not UNKNOWN
    ]
    found = search.solutions((CellIs(n, row, column, holds=False), *others), on.given)
    alike = (
        off
        for off in islice(found, _TRIED * _TRIED)
        if _differ_in_one(values, node.scan.values(off.facts, run_of(off)), column)
    )
    return next(alike, None)


def _differ_in_one(values: list[Value], others: list[Value], column: int) -> bool:
    return all(
        (one is UNKNOWN) == (other is UNKNOWN) and (one is UNKNOWN or same(one, other) is (place != column))
        for place, (one, other) in enumerate(zip(values, others, strict=True))
    )


def _told(
    program: Program,
    node: CompiledNode,
    row: int,
    column: int,
    on: WorkingMemory,
    off: WorkingMemory,
    taken: set[str],
) -> Pair | None:
    """Both situations as cases, once the engine has answered them as cases and they still are what they were."""
    rule, key = node.rules[row], column_key(node, column)
    cases = []
    for memory, what in ((on, "holds"), (off, f"does not hold, for {key} differs")):
        ending = "yes" if memory is on else f"no.{key}"
        name = f"{node.key}, rule {rule} {what}"
        dates = Dates(memory.as_of, memory.known_on)
        case = case_of(memory.given, dates, free_id(f"{node.key}.{rule}.{ending}", taken), name)
        try:
            expect = expectation_of(program, case, node.facts)
        except DecidableError:
            return None
        cases.append(replace(case, expect=expect))
    seen = [driven(program, case, case.facts) for case in cases]
    told = [fires(node, memory.outcomes[node.number], row) for memory in seen]
    values = [node.scan.values(memory.facts, run_of(memory)) for memory in seen]
    if told != [True, False] or not _differ_in_one(values[0], values[1], column):
        return None
    if not all(run_case(program, case).passed for case in cases):
        return None
    taken.update(case.id for case in cases)
    return Pair(node.key, rule, key, cases[0], cases[1])


def column_key(node: CompiledNode, column: int) -> str:
    """The key of an input column; empty where a formula has none."""
    return node.source.inputs[column].key if isinstance(node.source, Table) else ""


def case_of(given: Mapping[str, Value], dates: Dates, key: str, name: str) -> Case:
    """A situation as a case that expects nothing yet."""
    return Case(
        key,
        name,
        {fact: to_json(value) for fact, value in given.items()},
        dates.as_of.isoformat(),
        "" if dates.known_on == ALL_KNOWN else dates.known_on.isoformat(),
        note=UNCONFIRMED,
    )


UNCONFIRMED: Final = (
    "Made by the analysis of the cases. It expects what the tables answered then: whether that is right is to be"
    " confirmed."
)


def free_id(wanted: str, taken: set[str]) -> str:
    """An id that no case has."""
    number, free = 2, wanted
    while free in taken:
        free, number = f"{wanted}-{number}", number + 1
    return free
