"""A compiled rulebook: its nodes in firing order, what its goals rest on, which rules are the law on a day."""

from __future__ import annotations

import heapq
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from decision_tables.diagnostics import near_miss
from decision_tables.errors import GUESSED, FactProblem, InvalidRequest, pointer
from decision_tables.rulebook import Rulebook, content_hash
from decision_tables.said import joined, said

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from decision_tables.feel.values import Value
    from decision_tables.outcomes import CompiledNode
    from decision_tables.vocabulary import Vocabulary

__all__ = ["Horizon", "Program"]

Horizon: TypeAlias = "tuple[dt.date | None, dt.date | None]"
"""A span of days `[from, until)`; None for an open end."""


class Program:
    """A compiled rulebook.

    Attributes:
        rulebook: what the authors wrote.
        vocabulary: the door for given facts.
        nodes: in dependency order; `nodes[n].number == n`, and the nodes of a cycle stand together.
        concluded: for each fact that nodes conclude, their numbers.
        input_facts: the facts that no node concludes, in the order of the vocabulary.
        components: the strongly connected components of the dependency graph, in firing order.
        component_of: for each node the place of its component.
        cyclic: the nodes that lie on a cycle, and must be fired again when news comes.
        wakes: for each node on a cycle, the facts that it concludes and who on the cycle reads them.
    """

    def __init__(self, rulebook: Rulebook, vocabulary: Vocabulary, nodes: Sequence[CompiledNode]) -> None:
        self.rulebook = rulebook
        self.vocabulary = vocabulary
        self.components: tuple[tuple[int, ...], ...]
        self.nodes, self.components = _numbered(nodes)
        self.component_of = {n: place for place, component in enumerate(self.components) for n in component}
        concluded: dict[str, tuple[int, ...]] = {}
        for node in self.nodes:
            for fact in node.facts:
                concluded[fact] = (*concluded.get(fact, ()), node.number)
        self.concluded: Mapping[str, tuple[int, ...]] = concluded
        self.concluded_facts = frozenset(concluded)
        self.input_facts = tuple(fact for fact in vocabulary.facts if fact not in concluded)
        for node in self.nodes:
            node.shared = frozenset(fact for fact in node.facts if len(concluded[fact]) > 1)
        self.wakes = self._wakes()
        self.cyclic = frozenset(self.wakes)
        self._closures: dict[tuple[tuple[str, ...], frozenset[str]], tuple[int, ...]] = {}
        self._in_force: dict[tuple[dt.date, dt.date], tuple[int, ...]] = {}
        self._horizons: dict[tuple[tuple[int, ...], dt.date, dt.date], Horizon] = {}

    @cached_property
    def content_hash(self) -> str:
        """Of the rulebook. Worked out when it is asked for: a rulebook that is only tried out never is."""
        return content_hash(self.rulebook)

    def _wakes(self) -> dict[int, dict[str, tuple[int, ...]]]:
        found: dict[int, dict[str, tuple[int, ...]]] = {}
        for component in self.components:
            alone = len(component) == 1
            for n in component:
                node = self.nodes[n]
                if alone and not node.reads.intersection(node.facts):
                    continue
                found[n] = {
                    fact: tuple(reader for reader in component if fact in self.nodes[reader].reads)
                    for fact in node.facts
                }
        return found

    @property
    def facts(self) -> Iterable[str]:
        """The keys of the vocabulary, in its order."""
        return self.vocabulary.facts

    def goals(self, query: str | None = None, goals: Sequence[str] | None = None) -> tuple[str, ...]:
        """The goals that a request means: those it names, those of the query it names, or the default query's.

        Of a rulebook without queries, such as a model made in another tool, what it concludes in the end is meant.

        Raises:
            InvalidRequest: both are named, or one is unknown.
        """
        if goals and query:
            raise InvalidRequest(said("Name `goals` or a `query`, not both."), code="request/goals-and-query")
        if goals:
            unknown = [(n, goal) for n, goal in enumerate(goals) if goal not in self.vocabulary.facts]
            if unknown:
                problems = [self._unknown_goal(n, goal, guess=n < GUESSED) for n, goal in unknown]
                raise InvalidRequest(code="request/unknown-goal", problems=problems)
            return tuple(dict.fromkeys(goals))
        key = query or self.rulebook.default_query
        found = self.rulebook.query(key)
        service = self.rulebook.service(key)
        if found is None and service is not None:
            return service.outputs
        if not key and not self.rulebook.queries and self._last_conclusions:
            return self._last_conclusions
        if found is None:
            known = [one.key for one in self.rulebook.queries] + [one.key for one in self.rulebook.services]
            message = said("Name `goals` or a `query`: this rulebook has no default query.")
            if key:
                message = said("`{key}` is no query of this rulebook.", key=key)
                if hint := _did_you_mean(key, known):
                    message = joined(" ", [message, hint])
            raise InvalidRequest(message, code="request/unknown-query")
        return found.goals

    @cached_property
    def _last_conclusions(self) -> tuple[str, ...]:
        """The concluded facts that no other node reads, in the vocabulary's order; all of them if each is read."""
        read = {
            fact
            for n, node in enumerate(self.nodes)
            for fact in node.reads
            if self.concluded.get(fact, ()) != (n,)
        }
        concluded = tuple(fact for fact in self.facts if fact in self.concluded_facts)
        return tuple(fact for fact in concluded if fact not in read) or concluded

    def parameters(self, query: str | None) -> tuple[str, ...]:
        """The facts that a service takes as given though nodes conclude them; none of a plain query."""
        service = None if query is None else self.rulebook.service(query)
        return () if service is None else service.input_decisions

    def _unknown_goal(self, place: int, goal: str, *, guess: bool) -> FactProblem:
        return FactProblem.unknown(
            goal,
            self.facts,
            where=pointer("goals", str(place)),
            code="request/unknown-goal",
            message=said("is no fact of this rulebook"),
            guess=guess,
            given=goal[:80],
        )

    def accept(
        self, given: Mapping[str, object], *, ignore_undeclared: bool = False, closed: bool | None = None
    ) -> dict[str, Value]:
        """The FEEL values of given facts; see `Vocabulary.accept`. Closed as the rulebook is, unless one says."""
        closed = self.rulebook.absent == "null" if closed is None else closed
        return self.vocabulary.accept(given, ignore_undeclared=ignore_undeclared, closed=closed)

    def closure(self, goals: Iterable[str], given: frozenset[str]) -> tuple[int, ...]:
        """The nodes, ascending, that the goals can rest on, stopping at given facts."""
        key = (tuple(goals), given & self.concluded_facts)
        found = self._closures.get(key)
        if found is None:
            found = self._rest_on(*key)
            _keep(self._closures, key, found)
        return found

    def _rest_on(self, goals: tuple[str, ...], given: frozenset[str]) -> tuple[int, ...]:
        needed: set[int] = set()
        asked = set(goals)
        rest = list(asked)
        while rest:
            fact = rest.pop()
            if fact in given:
                continue
            for n in self.concluded.get(fact, ()):
                if n not in needed:
                    needed.add(n)
                    fresh = self.nodes[n].reads - asked
                    asked |= fresh
                    rest += fresh
        return tuple(sorted(needed))

    def in_force(self, as_of: dt.date, known_on: dt.date) -> tuple[int, ...]:
        """For each node, the rules that are the law on a day, as known on a day (bitsets)."""
        dates = (as_of, known_on)
        found = self._in_force.get(dates)
        if found is None:
            found = tuple(node.valid.at(as_of) & node.known.at(known_on) for node in self.nodes)
            _keep(self._in_force, dates, found)
        return found

    def horizon(self, closure: tuple[int, ...], as_of: dt.date, known_on: dt.date) -> Horizon:
        """The largest `[from, until)` round a day in which the same rules are in force in all these nodes."""
        key = (closure, as_of, known_on)
        found = self._horizons.get(key)
        if found is None:
            start: dt.date | None = None
            end: dt.date | None = None
            for node in (self.nodes[n] for n in closure):
                first, last = node.valid.span(as_of, node.known.at(known_on))
                start = first if start is None or (first is not None and first > start) else start
                end = last if end is None or (last is not None and last < end) else end
            found = (start, end)
            _keep(self._horizons, key, found)
        return found


_KEPT: Final = 1024

_Found = TypeVar("_Found")
_Kept = TypeVar("_Kept")


def _keep(memo: dict[_Kept, _Found], key: _Kept, found: _Found) -> None:
    """Remember, and forget the oldest: what is asked again is mostly what was asked last."""
    if len(memo) >= _KEPT:
        memo.pop(next(iter(memo)), None)
    memo[key] = found


def _numbered(nodes: Sequence[CompiledNode]) -> tuple[tuple[CompiledNode, ...], tuple[tuple[int, ...], ...]]:
    """The nodes in dependency order, ties in the order of writing, and their components by number."""
    makers: dict[str, list[int]] = {}
    for place, node in enumerate(nodes):
        for fact in node.facts:
            makers.setdefault(fact, []).append(place)
    needs = [sorted({maker for fact in node.reads for maker in makers.get(fact, ())}) for node in nodes]
    component_of = _components(needs)
    members: dict[int, list[int]] = {}
    for place, component in enumerate(component_of):
        members.setdefault(component, []).append(place)
    waiting: dict[int, set[int]] = {
        component: {component_of[need] for place in places for need in needs[place]} - {component}
        for component, places in members.items()
    }
    readers: dict[int, list[int]] = {}
    for component, needed in waiting.items():
        for need in needed:
            readers.setdefault(need, []).append(component)
    ready = [(members[component][0], component) for component, needed in waiting.items() if not needed]
    heapq.heapify(ready)
    ordered: list[CompiledNode] = []
    components: list[tuple[int, ...]] = []
    while ready:
        _, component = heapq.heappop(ready)
        components.append(tuple(range(len(ordered), len(ordered) + len(members[component]))))
        ordered += [nodes[place] for place in members[component]]
        for reader in readers.get(component, ()):
            waiting[reader].discard(component)
            if not waiting[reader]:
                heapq.heappush(ready, (members[reader][0], reader))
    for number, node in enumerate(ordered):
        node.number = number
    return tuple(ordered), tuple(components)


def _components(needs: Sequence[Sequence[int]]) -> list[int]:
    """For each node the number of its strongly connected component (Tarjan's algorithm, without recursion)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    component_of = [-1] * len(needs)
    path: list[int] = []
    for root in range(len(needs)):
        if root in index:
            continue
        index[root] = low[root] = len(index)
        path.append(root)
        work = [(root, iter(needs[root]))]
        while work:
            node, rest = work[-1]
            for need in rest:
                if need not in index:
                    index[need] = low[need] = len(index)
                    path.append(need)
                    work.append((need, iter(needs[need])))
                    break
                if component_of[need] < 0:
                    low[node] = min(low[node], index[need])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    while component_of[node] < 0:
                        component_of[path.pop()] = index[node]
    return component_of


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    close = near_miss(word, known)
    return said("Did you mean `{close}`?", close=close) if close else ""
