"""How well cases test tables, told line by line as it is found, and as data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from decision_tables.adequacy import (
    Candidates,
    Coverage,
    Mutation,
    Pair,
    Unkilled,
    case_that_kills,
    coverage,
    mutants_of,
    pairs,
)
from decision_tables.rulebook import Case, fields_of
from service.api.wire import bytes_of
from service.api.wire_testing import coverage_body, fault_shape

if TYPE_CHECKING:
    from decision_tables.program import Program

__all__ = ["Report", "coverage_told", "mutants_told", "pairs_told"]

Say: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: so many of so many, what they are, and the whole as JSON data."""

    done: int
    all: int
    what: str
    body: Any

    @property
    def percent(self) -> int:
        """The share, rounded down; of nothing all is done."""
        return 100 * self.done // self.all if self.all else 100


def coverage_told(program: Program, keys: Sequence[str], say: Say) -> Report:
    """Which rules cases fire, and which sides of their tests they show."""
    tables = [table for table in coverage(program).tables if table.table in keys]
    for table in tables:
        say(
            f"{table.table}: {table.fired} of {len(table.rules)} rules fire, {table.seen} of {table.sides} sides"
            " of their tests are shown"
        )
        for rule in table.rules:
            if not rule.fired:
                say(f"  {rule.rule} never fires")
                continue
            never = [cell.column for cell in rule.cells if not cell.false]
            if never:
                say(f"  {rule.rule} is never kept from firing by {', '.join(never)} alone")
    body = coverage_body(Coverage(tuple(tables)))
    done = sum(table.fired + table.seen for table in tables)
    everything = sum(len(table.rules) + table.sides for table in tables)
    return Report(done, everything, "rules and sides of their tests", body)


def mutants_told(program: Program, keys: Sequence[str], say: Say, *, with_cases: bool) -> Report:
    """Which faults no case notices, and on demand the cases that would."""
    mutation = Mutation(program)
    told, killed, judged = [], 0, 0
    for key in keys:
        for one in mutation.judged(mutants_of(program, key, mutation.candidates)):
            judged += 1
            killed += not one.survives
            if not one.survives:
                continue
            mutant = one.mutant
            found = case_that_kills(mutation, mutant) if with_cases else None
            case = fields_of(found) if isinstance(found, Case) else None
            reason = found.reason if isinstance(found, Unkilled) else None
            told.append(
                {"table": key, **msgspec.to_builtins(fault_shape(one)), "case": case, "reason": reason}
            )
            say(f"{key}, {mutant.rule}, {mutant.column}: {mutant.before} → {mutant.after}")
            if found is not None:
                say(f"    {reason or _case_told(found)}")
    return Report(killed, judged, "faults are noticed", told)


def _case_told(found: Case | Unkilled | None) -> str:
    return bytes_of(fields_of(found)).decode() if found else ""


def pairs_told(program: Program, keys: Sequence[str], say: Say) -> Report:
    """For each test two cases that differ in its column alone."""
    candidates = Candidates(program)
    told, paired = [], 0
    for key in keys:
        for one in pairs(program, key, candidates=candidates):
            paired += isinstance(one, Pair)
            told.append(one)
            if isinstance(one, Pair):
                say(f"{key}, {one.rule}, {one.column}:")
                for which in (one.fires, one.fails):
                    say(f"    {_case_told(which)}")
            else:
                say(f"{key}, {one.rule}, {one.column}: {one.reason}")
    shown = [
        {
            "table": one.table,
            "rule": one.rule,
            "column": one.column,
            "fires": fields_of(one.fires) if isinstance(one, Pair) else None,
            "fails": fields_of(one.fails) if isinstance(one, Pair) else None,
            "reason": None if isinstance(one, Pair) else one.reason,
        }
        for one in told
    ]
    return Report(paired, len(told), "tests have a pair", shown)
