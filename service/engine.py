"""The forward-chaining engine: the one file that imports durable-rules, and the orders that it works out.

durable-rules is the production system. A node of the rulebook is a production, "when there is news for me,
evaluate me", and its priority is its number in dependency order, so one generic ruleset of n productions
serves every rulebook of up to n nodes. Whatever is known, an acyclic closure fires in one order; that order
is worked out once, remembered, and walked from then on (`Engine.decide`). `Engine.run` takes a whole case
through durable-rules instead; both must end in the same fixpoint.

durable-rules is unmaintained, and gives no sign when it goes wrong. So this file uses it in one narrow form:

- what enters it are small integers and names made here; never a value, a name or a text of a user;
- one fact of news wakes one production: no joins, no alternatives, no negation;
- a session belongs to one drive at a time, and is left empty and unlocked on every path out: a session left
  with an open action fires nothing for a minute, and then crashes the process;
- sessions are few and reused, for they are never freed; `delete_state` corrupts the heap and is not called;
- a drive that did not fire every node of the closure is never answered from: it is logged, its ruleset
  is built anew, and a plain fixpoint takes its place.
"""

from __future__ import annotations

import json
import weakref
from collections import OrderedDict
from heapq import heappop, heappush
from itertools import count
from queue import LifoQueue
from threading import Lock
from typing import TYPE_CHECKING, Protocol, TypeAlias

import durable_rules_engine as rules
import structlog

from decision_tables.chain import walk
from decision_tables.errors import DecidableError
from decision_tables.said import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from decision_tables.chain import Case
    from decision_tables.program import Program

__all__ = ["MAX_NODES", "Engine", "WorkingMemory"]

MAX_NODES = 4000
"""The most nodes that a rulebook may have: durable-rules refuses rulesets that are not much larger."""

_GROUP = 64  # it takes 512 productions told apart by one test; two nested tests take it to 64 * 64
_SMALLEST = 64
_REBUILDS = 8  # a ruleset is never freed entirely, so a lasting fault may not build them without end

_log = structlog.get_logger(__name__)


class WorkingMemory(Protocol):
    """What the engine needs of a case: `decision_tables.chain.Case`, or a random graph in a test."""

    @property
    def closure(self) -> tuple[int, ...]:
        """The numbers of the nodes that the goals can rest on, ascending."""

    def fire(self, n: int, /) -> Iterable[int]:
        """Evaluates node n over what is known.

        Returns:
            The numbers of the nodes of n's own cycle that read a fact which thereby became known.
        """


class Engine:
    """Works out firing orders, remembers them, and drives cases; threads may share one.

    Args:
        sessions: how many drives may be inside durable-rules at once; each that was ever needed keeps up to
            20 kB for each production of its ruleset.
        memo: how many firing orders are remembered, those used last.
    """

    def __init__(self, *, sessions: int = 4, memo: int = 4096) -> None:
        self._sessions = sessions
        self._memo = memo
        # Keyed by a weak reference: the memo keeps no program alive, and a dead reference equals no other, so
        # the orders of a dropped program are never found again and leave as the least used.
        self._orders: OrderedDict[
            tuple[weakref.ref[Program], tuple[str, ...], frozenset[str]], tuple[int, ...]
        ] = OrderedDict()
        self._agendas: dict[int, _Agenda] = {}
        self._given_up = 0
        self._lock = Lock()

    def order(self, program: Program, goals: tuple[str, ...], given: frozenset[str]) -> tuple[int, ...]:
        """The nodes that these goals can rest on, in firing order; the nodes of a cycle stand together.

        Args:
            program: the compiled rulebook.
            goals: facts, as `Program.goals` resolved them.
            given: those of the given facts that nodes conclude.

        Raises:
            DecidableError: the rulebook has more than `MAX_NODES` nodes.
        """
        key = (weakref.ref(program), goals, given)
        with self._lock:
            order = self._orders.get(key)
            if order is not None:
                self._orders.move_to_end(key)
                return order
        _refuse_over_limit(len(program.nodes))
        closure = program.closure(goals, given)
        try:
            order = self._drive(closure, _no_news)
        except _ShortRunError:
            _log.exception("engine/short-run", nodes=len(closure))
            order = closure
        if order != closure:
            # A closure is ascending and a node's number is its priority: any other order is a fault.
            _log.error("engine/out-of-order", nodes=len(closure))
            order = closure
        with self._lock:
            self._orders[key] = order
            if len(self._orders) > self._memo:
                self._orders.popitem(last=False)
        return order

    def decide(self, program: Program, goals: tuple[str, ...], case: Case) -> None:
        """Takes a case to its fixpoint along the remembered order.

        Raises:
            DecidableError: the rulebook has more than `MAX_NODES` nodes.
        """
        order = self.order(program, goals, program.concluded_facts.intersection(case.given))
        walk(case, order)
        if not all(map(case.outcomes.__contains__, order)):
            _log.error("engine/short-walk", nodes=len(order), fired=len(case.outcomes))
            _fixpoint(case)

    def run(self, case: WorkingMemory) -> None:
        """Takes a case to its fixpoint through durable-rules itself, cycles and all.

        Raises:
            DecidableError: the closure has numbers beyond `MAX_NODES`.
            Exception: whatever `case.fire` raised; the engine is fit for the next case all the same.
        """
        try:
            self._drive(case.closure, case.fire)
        except _ShortRunError:
            _log.exception("engine/short-run", nodes=len(case.closure))
            _fixpoint(case)

    def _drive(self, closure: tuple[int, ...], fire: _Fire) -> tuple[int, ...]:
        """The nodes of the closure, and those woken, in the order in which durable-rules fired them."""
        if not closure:
            return ()
        nodes = closure[-1] + 1
        _refuse_over_limit(nodes)
        agenda = self._agenda(nodes)
        try:
            return agenda.drive(closure, fire)
        except _ShortRunError:
            with self._lock:
                if self._agendas.get(agenda.size) is agenda:
                    del self._agendas[agenda.size]
                    self._given_up += 1
            raise

    def _agenda(self, nodes: int) -> _Agenda:
        """The smallest ruleset that holds so many nodes, built when it is first needed."""
        size = max(_SMALLEST, 1 << (nodes - 1).bit_length())
        with self._lock:
            if size not in self._agendas:
                if self._given_up > _REBUILDS:
                    raise _ShortRunError(f"{self._given_up} rulesets went wrong; no more are built")
                self._agendas[size] = _Agenda(size, self._sessions)
            return self._agendas[size]


_Fire: TypeAlias = "Callable[[int], Iterable[int]]"


class _ShortRunError(Exception):
    """durable-rules did not do what it was asked; what it did may not be answered from."""


class _Agenda:
    """One generic ruleset of `size` productions, and its sessions."""

    _names = count(1)

    def __init__(self, size: int, sessions: int) -> None:
        productions = {
            f"t{n}": {"all": [{"m": {"$and": [{"g": n // _GROUP}, {"n": n % _GROUP}]}}], "pri": n}
            for n in range(size)
        }
        self.size = size
        self._ruleset = rules.create_ruleset(f"nodes{size}_{next(self._names)}", json.dumps(productions))
        self._ids = count(1)
        # Last in, first out: a session grows by use, and the last ones wait for a crowd that may never come.
        self._sessions: LifoQueue[int] = LifoQueue()
        for session in reversed(range(sessions)):
            self._sessions.put(session)

    def drive(self, closure: Sequence[int], fire: _Fire) -> tuple[int, ...]:
        """Gives each node of the closure news, and fires until there is none left.

        Returns:
            The numbers in the order in which they fired.

        Raises:
            _ShortRunError: a node that had news did not fire, or durable-rules failed.
            Exception: whatever `fire` raised.
        """
        session = self._sessions.get()
        try:
            return tuple(self._fired(session, closure, fire))
        except (rules.error, MemoryError) as error:
            raise _ShortRunError(f"durable-rules failed: {error}") from error
        finally:
            self._sessions.put(session)

    def _fired(self, session: int, closure: Sequence[int], fire: _Fire) -> list[int]:
        fired: list[int] = []
        told: list[int] = []
        pending = set(closure)
        action: str | None = None  # while it is one, the session is locked
        state = 0
        try:
            state = self._tell(session, closure, told)
            if started := rules.start_action_for_state(self._ruleset, state):
                action = started[1]
            while action is not None:
                number = int(action[3 : action.index('"', 3)])  # {"t17":{"m":{…
                if number not in pending:
                    raise _ShortRunError(f"node {number} fired without news")
                pending.remove(number)
                fired.append(number)
                if woken := set(fire(number)) - pending:
                    self._tell(session, woken, told)
                    pending |= woken
                action = rules.complete_and_start_action(self._ruleset, state)
            if pending:
                raise _ShortRunError(f"{len(pending)} of {len(closure)} nodes did not fire")
        finally:
            self._forget(session, told)
            while action is not None:
                action = rules.complete_and_start_action(self._ruleset, state)
        return fired

    def _tell(self, session: int, numbers: Iterable[int], told: list[int]) -> int:
        """Asserts news for each node; the session's offset, by which durable-rules starts its actions."""
        facts = []
        for n in numbers:
            fact = next(self._ids)
            told.append(fact)
            facts.append(f'{{"sid":"{session}","id":{fact},"g":{n // _GROUP},"n":{n % _GROUP}}}')
        result, state = rules.assert_facts(self._ruleset, f"[{','.join(facts)}]")
        if result != 0:
            raise _ShortRunError(f"durable-rules did not take the news: {result}")
        return int(state)

    def _forget(self, session: int, told: Iterable[int]) -> None:
        facts = ",".join(f'{{"sid":"{session}","id":{fact}}}' for fact in told)
        rules.retract_facts(self._ruleset, f"[{facts}]")


def _fixpoint(case: WorkingMemory) -> None:
    """Fires every node once, and again whenever it is woken, least number first."""
    agenda = list(case.closure)
    waiting = set(agenda)
    while agenda:
        number = heappop(agenda)
        waiting.remove(number)
        for woken in case.fire(number):
            if woken not in waiting:
                waiting.add(woken)
                heappush(agenda, woken)


def _no_news(_: int) -> tuple[int, ...]:
    return ()


def _refuse_over_limit(nodes: int) -> None:
    if nodes > MAX_NODES:
        message = said(
            "The rulebook has {nodes} nodes, and at most {most} can be chained.",
            nodes=nodes,
            most=MAX_NODES,
        )
        raise DecidableError(message, code="rulebook/too-many-nodes")
