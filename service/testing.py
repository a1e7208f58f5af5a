"""The use case *test the tests*: how well a rulebook's cases test its tables, and the case that is wanting.

The work is done off the event loop, one piece at a time, and within a span of time: what was not looked at then is
told, and can be asked for from there.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from decision_tables.adequacy import (
    Candidates,
    Coverage,
    Judged,
    Mutant,
    Mutation,
    Unkilled,
    case_that_kills,
    coverage,
    example_of,
    mutants_of,
)
from decision_tables.errors import NotFound
from decision_tables.rulebook import Case
from decision_tables.said import said
from service.editing import free_case_id, table_of, with_case_added

if TYPE_CHECKING:
    from collections.abc import Callable

    from decision_tables.program import Program
    from decision_tables.rulebook import Rulebook
    from service.publishing import Publishing
    from service.store import Draft

__all__ = ["Added", "Faults", "Testing"]

SECONDS: Final = 10.0
"""How long one call looks for faults that no case notices."""
_HELD: Final = 4
"""How many programs stay prepared: a draft and its earlier revisions."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Faults:
    """Small faults that were put into a table, and what its cases make of them.

    Attributes:
        table: its key.
        judged: each fault with the case that notices it, if one does.
        start: the place of the first one among all faults of the table.
        following: where to go on; None if all were looked at.
        failing: ids of cases that fail as it is, and so notice nothing.
    """

    table: str
    judged: tuple[Judged, ...]
    start: int
    following: int | None
    failing: tuple[str, ...]

    @property
    def survivors(self) -> tuple[Judged, ...]:
        """Those that no case notices."""
        return tuple(one for one in self.judged if one.survives)


@dataclass(frozen=True, slots=True)
class Added:
    """The case that was added to a draft, or why there is none.

    Attributes:
        mutant: the fault that it notices.
        case: as it is kept, or None.
        unkilled: why there is none, or None.
        revision: of the draft now.
    """

    mutant: Mutant
    case: Case | None
    unkilled: Unkilled | None
    revision: int


class Testing:
    """Coverage, faults that no case notices, and cases that do."""

    def __init__(self, publishing: Publishing, *, seconds: float = SECONDS) -> None:
        self._publishing = publishing
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._prepared: deque[Mutation] = deque(maxlen=_HELD)
        self._covered: deque[tuple[Program, Coverage]] = deque(maxlen=_HELD)
        self._found: deque[tuple[Program, Faults]] = deque(maxlen=4 * _HELD)

    async def coverage(self, program: Program) -> Coverage:
        """What the cases exercise of each table."""
        for known, told in self._covered:
            if known is program:
                return told
        found = await self._in_turn(lambda: coverage(program))
        self._covered.append((program, found))
        return found

    async def example(self, program: Program, table: str, rule: str) -> Case:
        """A case in which a rule of a table counts: one that the rulebook has, or facts that were looked for.

        Raises:
            NotFound: there is no such table or rule, or no such facts were found (`rule/no-example`).
        """
        rules = [one.id for one in table_of(program.rulebook, table).rules]
        if rule not in rules:
            raise NotFound.named("rule", rule, rules)
        found = await self._in_turn(lambda: example_of(program, Candidates(program), table, rule))
        if found is None:
            raise NotFound(
                said("As far as was looked, there is no case to which row {rule} applies.", rule=rule),
                code="rule/no-example",
            )
        return found

    async def faults(self, program: Program, table: str, *, start: int = 0) -> Faults:
        """What the cases make of a table's small faults, from the one at `start` as far as the time goes.

        Raises:
            NotFound: there is no such table.
        """
        table_of(program.rulebook, table)
        for known, found in self._found:
            if known is program and (found.table, found.start) == (table, start):
                return found
        found = await self._in_turn(lambda: self._judged(program, table, start))
        self._found.append((program, found))
        return found

    async def case_for(self, program: Program, fault: str, table: str = "") -> tuple[Mutant, Case | Unkilled]:
        """A case that notices a fault, or why none was found.

        Args:
            program: a compiled draft or release.
            fault: the id of the fault.
            table: where to look for it; everywhere if empty.

        Raises:
            NotFound: there is no such table or fault (any more).
        """
        if table:
            table_of(program.rulebook, table)

        def found() -> tuple[Mutant, Case | Unkilled] | None:
            mutation = self._mutation(program)
            keys = [table] if table else [one.key for one in program.rulebook.tables]
            mutants = (one for key in keys for one in mutants_of(program, key, mutation.candidates))
            mutant = next((one for one in mutants if one.id == fault), None)
            return None if mutant is None else (mutant, case_that_kills(mutation, mutant))

        told = await self._in_turn(found)
        if told is None:
            raise NotFound(
                said("There is no fault {fault} to be put in: the cell may have changed since.", fault=fault),
                code="mutant/not-found",
            )
        return told

    async def add_case(
        self, draft: Draft, program: Program, fault: str, actor: str, *, table: str = ""
    ) -> Added:
        """Adds to a draft the case that notices a fault.

        Raises:
            NotFound: there is no such table or fault (any more), or the draft is closed.
            EditConflict: somebody saved in the meantime.
        """
        mutant, found = await self.case_for(program, fault, table)
        if isinstance(found, Unkilled):
            return Added(mutant, None, found, draft.revision)

        def change(rulebook: Rulebook) -> Rulebook:
            taken = any(case.id == found.id for case in rulebook.cases)
            return with_case_added(rulebook, replace(found, id=free_case_id(rulebook)) if taken else found)

        detail = {"case": found.id, "name": found.name}
        edited = await self._publishing.edit(
            draft.id, draft.revision, actor, change, action="case/kept", detail=detail
        )
        return Added(mutant, edited.rulebook.cases[-1], None, edited.draft.revision)

    async def _in_turn(self, work: Callable[[], _T]) -> _T:
        """Work in a thread, one piece at a time; a caller who goes away does not let the next one in too early."""

        async def turn() -> _T:
            async with self._turn:
                return await asyncio.to_thread(work)

        return await asyncio.shield(turn())

    def _mutation(self, program: Program) -> Mutation:
        for known in self._prepared:
            if known.program is program:
                return known
        made = Mutation(program)
        self._prepared.append(made)
        return made

    def _judged(self, program: Program, table: str, start: int) -> Faults:
        until = time.monotonic() + self._seconds
        mutation = self._mutation(program)
        judged: list[Judged] = []
        place, following = start, None
        for mutant in islice(mutants_of(program, table, mutation.candidates), start, None):
            if time.monotonic() > until and place > start:
                following = place
                break
            judged += mutation.judged([mutant])
            place += 1
        return Faults(table, tuple(judged), start, following, mutation.failing)
