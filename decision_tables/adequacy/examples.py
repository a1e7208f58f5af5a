"""A case to which a rule applies: one that the rulebook has, or facts that were looked for."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from decision_tables.adequacy.coverage import run_of
from decision_tables.adequacy.independence import case_of
from decision_tables.adequacy.search import Alone, Dates, RowIs, Search, dates_of, nearest
from decision_tables.cases import driven
from decision_tables.errors import InvalidFacts
from decision_tables.rulebook import Expectation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from decision_tables.adequacy.candidates import Candidates
    from decision_tables.adequacy.search import Want
    from decision_tables.feel.values import Value
    from decision_tables.program import Program
    from decision_tables.rulebook import Case

__all__ = ["example_of"]

_BUDGET: Final = 150
"""Steps of one search (`Search`): an example is asked for by somebody who waits."""

_TRIED: Final = 3
"""Solutions of one search that are written as a case: a date that is given as a fact of any type comes back as text."""


def example_of(program: Program, candidates: Candidates, table: str, rule: str) -> Case | None:
    """A case in which a rule's outcome counts; None if none was found.

    A case of the rulebook is taken before all others; else the nearest to one, else as few facts as will do. Where
    no facts were found by which the rule's outcome counts, facts by which at least its conditions hold.

    Args:
        program: the chain.
        candidates: of the program.
        table: the key of one of its tables.
        rule: the id of one of that table's rules.
    """
    node = next(node for node in program.nodes if node.key == table)
    n, row = node.number, node.rules.index(rule)
    wants: tuple[tuple[Want, ...], ...] = ((RowIs(n, row), Alone(n, row)), (RowIs(n, row),))
    for case, memory in candidates.driven:
        if n in memory.closure:
            memory.run = run_of(memory)
            search = Search(program, candidates, Dates(memory.as_of, memory.known_on), node.facts, _BUDGET)
            if all(search.check(want, memory) is True for want in wants[0]):
                return case
    dates = dates_of(candidates, program, n, row, at_most=2)
    near = nearest(candidates, program, n, row, at_most=1)
    bases: list[Mapping[str, Value]] = [*(memory.given for memory in near), {}]
    for wanted in wants:
        for days in dates:
            for base in bases:
                search = Search(program, candidates, days, node.facts, _BUDGET)
                for found in islice(search.solutions(wanted, base), _TRIED):
                    case = case_of(found.given, days, f"{table}.{rule}", "")
                    if _is_met(search, wanted, program, case, node.facts):
                        return case
    return None


def _is_met(
    search: Search, wanted: tuple[Want, ...], program: Program, case: Case, goals: tuple[str, ...]
) -> bool:
    """Whether a case, as it is written, is what was looked for."""
    try:
        memory = driven(program, replace(case, expect=Expectation(undetermined=goals)), case.facts)
    except InvalidFacts:
        return False
    memory.run = run_of(memory)
    return all(search.check(want, memory) is True for want in wanted)
