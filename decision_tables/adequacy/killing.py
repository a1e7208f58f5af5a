"""A case that tells a mutant from its rulebook: what an author adds so that the fault would be noticed.

Looked for are facts by which the changed cell decides: values that only one of the two accepts, in a rule whose other
tests are true and which no other rule stands before. The case expects what the rulebook answers, of as few facts
as tell the two apart; it passes on the rulebook and fails on the mutant, both of which have been run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from decision_tables.adequacy.candidates import Candidates, critical_values
from decision_tables.adequacy.independence import case_of, free_id
from decision_tables.adequacy.mutants import Mutant, MutantKind, Mutation, column_range
from decision_tables.adequacy.search import (
    Alone,
    CellIs,
    ColumnIs,
    Dates,
    RowIs,
    Search,
    Settled,
    Want,
    dates_of,
    nearest,
)
from decision_tables.cases import ALL_KNOWN, answer_of, entries_of, expectation_of, goals_of, run_case
from decision_tables.errors import DecidableError
from decision_tables.feel.values import to_json
from decision_tables.items import quiet
from decision_tables.program import Program
from decision_tables.rulebook import Expectation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from decision_tables.explain import Answer
    from decision_tables.feel.evaluate import Test
    from decision_tables.feel.values import Value
    from decision_tables.outcomes import CompiledNode
    from decision_tables.rulebook import Case

__all__ = ["Unkilled", "case_that_kills"]

_SEARCH_BUDGET: Final = 300
_TOTAL_BUDGET: Final = 1000
"""How many steps one search may take, and all searches of one kind together."""

_TRIED: Final = 6
"""How many situations that one search finds are put to both."""
_PUT: Final = 24
"""How many situations of one kind are put to both."""


@dataclass(frozen=True, slots=True)
class Unkilled:
    """Why there is no case that tells a mutant from its rulebook.

    Attributes:
        reason: a sentence.
        code: `broken`: the mutant does not compile; `never-fires`: no facts were found by which its rule decides;
            `same-answer`: such facts were found, and both answer the same.
    """

    reason: str
    code: str


@dataclass(frozen=True, slots=True)
class _Situation:
    """Where to look: a program in which the rule is to hold, the claims, and the dates."""

    program: Program
    wants: tuple[Want, ...]
    dates: Sequence[Dates]


def case_that_kills(mutation: Mutation, mutant: Mutant) -> Case | Unkilled:
    """A new case that passes on the rulebook and fails on the mutant, or why none was found.

    Args:
        mutation: of the rulebook.
        mutant: one of its mutants.
    """
    mutated = mutation.compiled(mutant)
    if mutated is None:
        return Unkilled("The changed cell does not compile.", "broken")
    met = 0
    for situation in _situations(mutation, mutant, mutated):
        for given, dates in islice(_met(mutation, mutant, situation), _PUT):
            met += 1
            found = _telling(mutation, mutant, mutated, given, dates)
            if found is not None:
                return found
    if not met:
        return Unkilled(
            f"No facts were found, as far as was looked, by which this cell of rule {mutant.rule} decides.",
            "never-fires",
        )
    return Unkilled(
        "Wherever the cell was found to decide, both versions answer the same: another rule gives the same outcome.",
        "same-answer",
    )


def _situations(mutation: Mutation, mutant: Mutant, mutated: Program) -> Iterator[_Situation]:
    """Where the two may differ: the rule holds in one of them, and the changed cell keeps it from that in the other."""
    candidates = mutation.candidates
    for holding, failing in ((mutation.program, mutated), (mutated, mutation.program)):
        node, other = _node(holding, mutant.table), _node(failing, mutant.table)
        n, row = node.number, node.rules.index(mutant.rule)
        dates: Sequence[Dates] = dates_of(candidates, holding, n, row)
        wants: tuple[Want, ...] = ()
        if mutant.kind is MutantKind.PERIOD:
            dates = [
                day
                for day in _days(mutant, dates)
                if _in_force(node, row, day) and not _in_force(other, row, day)
            ]
        elif mutant.kind is not MutantKind.OUTCOME:
            column = _column(node, mutant.column)
            own, changed = node.tests[column][row], other.tests[column][row]
            if own.reads or changed.reads or own.reads_clock or changed.reads_clock:
                wants = (CellIs(n, row, column, holds=True),)
            else:
                values = _values_between(holding, node, column, own, changed, candidates)
                if not values and node.names[column] is not None:
                    continue
                wants = (ColumnIs(n, column, _only_first(own, changed), values),)
        for rest in _beside(holding, node, row):
            yield _Situation(holding, (*wants, RowIs(n, row), *rest), dates)
        if mutant.kind is MutantKind.OUTCOME:
            return


def _beside(program: Program, node: CompiledNode, row: int) -> Iterator[tuple[Want, ...]]:
    """What is to be so beside the rule that holds: no rival, or all known that goes into a list; or whatever it be."""
    if node.hit_policy.is_single:
        yield (Alone(node.number, row),)
        yield ()
        return
    yield ()
    makers = {n for fact in node.facts for n in program.concluded[fact]}
    yield tuple(Settled(n) for n in (node.number, *sorted(makers - {node.number})))


def _values_between(
    program: Program, node: CompiledNode, column: int, own: Test, changed: Test, candidates: Candidates
) -> tuple[Value, ...]:
    """The values that a column may have and that only the first of two tests accepts."""
    fact = node.names[column]
    values = [
        *column_range(program, fact, own, candidates),
        *column_range(program, fact, changed, candidates),
    ]
    values += [value for test in (own, changed) for value in critical_values(test) if fact is None]
    accepted = _only_first(own, changed)
    return tuple(value for value in values if accepted(value))


def _only_first(own: Test, changed: Test) -> Callable[[Value], bool]:
    """Whether only the first of two tests accepts a value."""
    run = quiet()
    return lambda value: own(value, {}, run) is True and changed(value, {}, run) is not True


def _met(
    mutation: Mutation, mutant: Mutant, situation: _Situation
) -> Iterator[tuple[dict[str, Value], Dates]]:
    """Given facts by which the changed cell decides: near to cases first, then as few as will do."""
    node, original = _node(situation.program, mutant.table), _node(mutation.program, mutant.table)
    row = node.rules.index(mutant.rule)
    near = nearest(mutation.candidates, mutation.program, original.number, row, at_most=2)
    bases: list[Mapping[str, Value]] = [*(memory.given for memory in near), {}]
    left = _TOTAL_BUDGET
    for dates, base in product(situation.dates, bases):
        allowed = min(_SEARCH_BUDGET, left)
        search = Search(situation.program, mutation.candidates, dates, node.facts, allowed)
        for found in islice(search.solutions(situation.wants, base), _TRIED):
            yield dict(found.given), dates
        left -= allowed - search.left


def _telling(
    mutation: Mutation, mutant: Mutant, mutated: Program, given: Mapping[str, Value], dates: Dates
) -> Case | None:
    """The case of these facts that expects what tells the two apart; None where nothing does."""
    program = mutation.program
    taken = {case.id for case in program.rulebook.cases}
    case = _named(mutant, given, dates, taken)
    node = _node(program, mutant.table)
    goals = tuple(dict.fromkeys((*node.facts, *goals_of(program, case))))
    asking = replace(case, expect=Expectation(undetermined=goals))
    try:
        was = answer_of(program, asking, asking.facts)
    except DecidableError:
        return None
    try:
        now = answer_of(mutated, asking, asking.facts)
    except DecidableError:
        now = None
    # What the table itself concludes says it best; else whatever follows from it.
    for some in (node.facts, tuple(goal for goal in goals if goal not in node.facts)):
        told = [one for goal in some for one in _differing(program, case, goal, was, now, mutated)]
        if told:
            found = replace(case, expect=_together(told))
            return found if mutation.kills(found, mutated) else None
    flags = () if now is None else tuple(flag for flag in was.flags if flag not in now.flags)
    unflagged = () if now is None else tuple(flag for flag in now.flags if flag not in was.flags)
    found = replace(case, expect=Expectation(flags=flags, unflagged=unflagged))
    return found if mutation.kills(found, mutated) else None


def _differing(
    program: Program, case: Case, goal: str, was: Answer, now: Answer | None, mutated: Program
) -> Iterator[Expectation]:
    """The plainest expectation of one goal that the mutant does not meet, if there is one."""
    for expect in _expectations(program, case, goal, was, now):
        if not run_case(mutated, replace(case, expect=expect)).passed:
            yield expect
            return


def _expectations(
    program: Program, case: Case, goal: str, was: Answer, now: Answer | None
) -> Iterator[Expectation]:
    yield replace(expectation_of(program, case, (goal,)), flags=())
    if now is not None:
        certain, possible = entries_of(was, goal)
        others, perhaps = entries_of(now, goal)
        if more := tuple(one for one in (*others, *perhaps) if one not in certain and one not in possible):
            yield Expectation(lacks={goal: more})
        if open_ones := tuple(one for one in possible if one not in perhaps or one in others):
            yield Expectation(possible={goal: tuple(one for one in open_ones if one not in certain)})
    if goal in was.conclusions:
        yield Expectation(conclusions={goal: to_json(was.conclusions[goal])})


def _together(told: Sequence[Expectation]) -> Expectation:
    """Several expectations, each of another goal, as one."""
    return Expectation(
        conclusions={fact: value for one in told for fact, value in one.conclusions.items()},
        certain={fact: ids for one in told for fact, ids in one.certain.items()},
        lacks={fact: ids for one in told for fact, ids in one.lacks.items()},
        possible={fact: ids for one in told for fact, ids in one.possible.items()},
        undetermined=tuple(fact for one in told for fact in one.undetermined),
        referred=tuple(fact for one in told for fact in one.referred),
    )


def _named(mutant: Mutant, given: Mapping[str, Value], dates: Dates, taken: set[str]) -> Case:
    """The facts as a case, named after what it guards."""
    key = free_id(f"{mutant.table}.{mutant.rule}.{mutant.column}", taken)
    name = (
        f"{mutant.table}, rule {mutant.rule}: {mutant.column} is `{mutant.before}` and not `{mutant.after}`"
    )
    return case_of(given, dates, key, name)


def _days(mutant: Mutant, others: Sequence[Dates]) -> Iterator[Dates]:
    """The dates that a moved bound of a period may decide on: the day before, the day itself."""
    what = mutant.column.partition(".")[0]
    ends = sorted(dt.date.fromisoformat(text.strip()) for text in (mutant.before, mutant.after))
    for day in ends:
        if what == "valid":
            known = dict.fromkeys([ALL_KNOWN, *(one.known_on for one in others)])
            yield from (Dates(day, one) for one in known)
        else:
            as_of = dict.fromkeys([*(one.as_of for one in others), day])
            yield from (Dates(one, day) for one in as_of)


def _in_force(node: CompiledNode, row: int, dates: Dates) -> bool:
    return bool((node.valid.at(dates.as_of) & node.known.at(dates.known_on)) >> row & 1)


def _column(node: CompiledNode, key: str) -> int:
    return [column.key for column in getattr(node.source, "inputs", ())].index(key)


def _node(program: Program, key: str) -> CompiledNode:
    return next(node for node in program.nodes if node.key == key)
