"""Forward chaining over one case: the working memory, and the walk along a firing order to the fixpoint.

A node fires over what is known and may conclude facts; a fact with several contributors is concluded once each
of them has settled. Firing nodes in any order, any number of times, ends in the same least fixpoint, so the order
is an argument: `service.engine` takes it from the production system.
"""

from __future__ import annotations

import heapq
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from decision_tables.errors import BudgetExhausted
from decision_tables.feel.evaluate import Run
from decision_tables.feel.temporal import date_of
from decision_tables.feel.values import UNKNOWN, Value, same
from decision_tables.outcomes import NO_OPINION, Conflict, Outcome, Referral, Result, is_value

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from decision_tables.outcomes import CompiledNode
    from decision_tables.program import Program

__all__ = ["Absent", "Case", "walk"]

Absent: TypeAlias = Literal["unknown", "null"]
"""What a fact is that is not given and that no node concludes: unknown, or (DMN's closed mode) null."""


class Case:
    """The working memory of one decision.

    Attributes:
        program: the compiled rulebook.
        given: the given facts, as FEEL values.
        as_of: the date of the facts.
        known_on: the state of legal knowledge.
        closure: numbers of the nodes that the goals can rest on, ascending.
        facts: all known facts: given and concluded.
        outcomes: the latest outcome of each fired node.
        run: what the evaluations share: instant, budget, warnings.
        closed: whether what nobody gives and nothing concludes is null (DMN's closed mode).
        contradicted: whether some rules contradict each other.
        failure: the exhausted budget that ended the case early, or None; then nothing of it may be told.
    """

    def __init__(  # noqa: PLR0913 - the replay law names these, and no fewer
        self,
        program: Program,
        given: Mapping[str, Value],
        *,
        as_of: dt.date,
        known_on: dt.date,
        instant: dt.datetime,
        closure: tuple[int, ...],
        absent: Absent = "unknown",
        steps: int = 1_000_000,
        scan: bool = False,
    ) -> None:
        self.program = program
        self.given = given
        self.as_of = as_of
        self.known_on = known_on
        self.closure = closure
        self.run = Run(instant=instant, as_of=_date_of(as_of), known_on=_date_of(known_on), steps=steps)
        self.facts: dict[str, Value] = dict.fromkeys(program.input_facts) if absent == "null" else {}
        self.facts |= given
        self.closed = absent == "null"
        self.outcomes: dict[int, Outcome] = {}
        self.contradicted = False
        self.failure: BudgetExhausted | None = None
        self._in_force = program.in_force(as_of, known_on)
        self._scan = scan

    @property
    def fired(self) -> Iterable[int]:
        """The numbers of the nodes that have been evaluated."""
        return self.outcomes.keys()

    def in_force(self, n: int) -> int:
        """The rules of a node that are the law on the case's dates (bitset)."""
        return self._in_force[n]

    def fire(self, n: int) -> tuple[int, ...]:
        """Evaluate node `n` over what is known.

        Returns:
            The nodes on the same cycle that read a fact which thereby became known, each once: they are to be
            fired (again). Always empty for a node that lies on no cycle.

        Never raises for what a rulebook or a case holds: an exhausted budget is kept in `failure`, and whoever
        drives the case goes on to its end, where nothing is evaluated any more.
        """
        program = self.program
        node = program.nodes[n]
        if self.failure is not None:
            self.outcomes.setdefault(n, _unevaluated(node))
            return ()
        try:
            outcome = node.evaluate(self.facts, self.run, self._in_force[n], scan=self._scan)
        except BudgetExhausted as failure:
            self.failure = failure
            self.outcomes.setdefault(n, _unevaluated(node))
            return ()
        self.outcomes[n] = outcome
        if node.shared or n in program.cyclic:
            return self._spread(node, outcome)
        facts = self.facts
        for fact, result in zip(node.facts, outcome.results, strict=True):
            if is_value(result):
                facts.setdefault(fact, result)
            elif result is NO_OPINION and (self.closed or not node.open):
                facts.setdefault(fact, None)
            elif type(result) is Conflict:
                self.contradicted = True
        return ()

    def _spread(self, node: CompiledNode, outcome: Outcome) -> tuple[int, ...]:
        """Take note of what became known, where others conclude the same facts or wait for them on a cycle."""
        program, facts = self.program, self.facts
        news = []
        for fact, result in zip(node.facts, outcome.results, strict=True):
            if fact in facts:
                continue
            value = self.result(fact) if fact in node.shared else result
            if value is NO_OPINION and (self.closed or not node.open):
                value = None
            if is_value(value):
                facts[fact] = value
                news.append(fact)
            elif type(value) is Conflict:
                self.contradicted = True
        wakes = program.wakes.get(node.number)
        if wakes is None:
            return ()
        woken = dict.fromkeys(reader for fact in news for reader in wakes[fact])
        return tuple(reader for reader in woken if reader in self.closure)

    def result(self, fact: str) -> Result:
        """What all contributors of a fact together say of it, so far; UNKNOWN while it is open.

        One contributor that contradicts itself settles the matter: whatever the others may say, it stands.
        """
        said = list(self.said(fact))
        conflicts = [rule for _, result in said if isinstance(result, Conflict) for rule in result.rules]
        if conflicts:
            return Conflict(tuple(conflicts))
        referral = next((result for _, result in said if isinstance(result, Referral)), None)
        if any(result is UNKNOWN for _, result in said):
            # Once one refers the matter, what the others may yet say cannot settle it.
            return UNKNOWN if referral is None else referral
        opinions = [(node, result) for node, result in said if result is not NO_OPINION]
        if opinions:
            return _together(opinions, self.outcomes)
        return None if said and (self.closed or not any(node.open for node, _ in said)) else UNKNOWN

    def said(self, fact: str) -> Iterator[tuple[CompiledNode, Result]]:
        """What each contributor of a fact says of it, so far."""
        for n in self.program.concluded.get(fact, ()):
            node, outcome = self.program.nodes[n], self.outcomes.get(n)
            yield node, UNKNOWN if outcome is None else outcome.results[node.facts.index(fact)]


_date_of = lru_cache(maxsize=1024)(date_of)


def _together(opinions: list[tuple[CompiledNode, Result]], outcomes: Mapping[int, Outcome]) -> Result:
    """One result of several settled opinions: lists join, equal values agree, others contradict each other."""
    first = opinions[0][1]
    if len(opinions) == 1:
        return first
    if all(node.hit_policy.is_list for node, _ in opinions):
        return [entry for _, result in opinions if isinstance(result, list) for entry in result]
    values = [(node, result) for node, result in opinions if not isinstance(result, Referral)]
    if any(not same(values[0][1], result) for _, result in values[1:]):
        rules = [
            (node.key, node.rules[row] if row >= 0 else "")
            for node, _ in values
            for row in outcomes[node.number].candidates
        ]
        return Conflict(tuple(rules))
    # Where one table answers and another leaves the matter to judgement, the matter is left to judgement.
    return next((result for _, result in opinions if isinstance(result, Referral)), first)


def _unevaluated(node: CompiledNode) -> Outcome:
    return Outcome(0, 0, (), (UNKNOWN,) * len(node.facts))


def walk(case: Case, order: Iterable[int]) -> None:
    """Fire the nodes in order, each cycle as a block that is driven to its end.

    `order` holds every node of the case's closure once; the nodes of a cycle stand together.
    """
    cyclic = case.program.cyclic
    fire = case.fire
    if not cyclic:
        for n in order:
            fire(n)
        return
    component_of = case.program.component_of
    block: list[int] = []
    for n in order:
        if block and component_of[n] != component_of[block[0]]:
            _settle(case, block)
            block = []
        if n in cyclic:
            block.append(n)
        else:
            fire(n)
    _settle(case, block)


def _settle(case: Case, block: list[int]) -> None:
    """Fire the nodes of a cycle, and again whoever reads what became known, until there is no news."""
    agenda = list(block)
    heapq.heapify(agenda)
    waiting = set(agenda)
    while agenda:
        n = heapq.heappop(agenda)
        waiting.discard(n)
        for reader in case.fire(n):
            if reader not in waiting:
                waiting.add(reader)
                heapq.heappush(agenda, reader)
