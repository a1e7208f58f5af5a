"""Random graphs of nodes, and a working memory over them: what the engine is soaked and compared on.

A graph stands for a compiled rulebook without its rules: which node reads which facts, and how much of that
has to be known before a node concludes each of its facts. Nodes are numbered in dependency order, those of a
cycle are contiguous, as a compiler numbers them. Firing is monotone: every order ends in one fixpoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from random import Random

__all__ = ["Fact", "Graph", "Memory", "fixpoint", "random_given", "random_graph"]

Fact: TypeAlias = tuple[int, int]
"""The node that concludes it (-1: only a caller can give it), and its number there."""

_GIVABLE = 24


@dataclass(frozen=True, slots=True)
class Graph:
    """Which nodes read what.

    Attributes:
        reads: for each node the facts that it reads.
        needs: for each node and each fact that it concludes, how many of its reads must be known.
        block: for each node the number of its strongly connected component.
        readers: for each fact the nodes of the same component that read it.
    """

    reads: tuple[tuple[Fact, ...], ...]
    needs: tuple[tuple[int, ...], ...]
    block: tuple[int, ...]
    readers: dict[Fact, tuple[int, ...]]


def random_graph(random: Random, nodes: int, *, cycles: bool) -> Graph:
    """A graph of so many nodes; with `cycles`, about a third of them stand in one."""
    block: list[int] = []
    while len(block) < nodes:
        width = random.randint(2, 6) if cycles and random.random() < 0.15 else 1
        block += [len(block)] * min(width, nodes - len(block))
    outputs = [random.choice((1, 1, 2)) for _ in range(nodes)]
    reads = []
    for n in range(nodes):
        given = [(-1, fact) for fact in random.sample(range(_GIVABLE), random.randint(1, 5))]
        sources = [random.randrange(n) for _ in range(random.randint(0, 3))] if n else []
        ring = [m for m in range(block[n], min(nodes, block[n] + 6)) if block[m] == block[n]]
        if len(ring) > 1:  # the node before it in the ring makes it a cycle, one more makes it tangled
            sources += [ring[ring.index(n) - 1], random.choice(ring)]
        concluded = [(m, random.randrange(outputs[m])) for m in sources]
        reads.append(tuple(dict.fromkeys(given + concluded)))
    needs = tuple(tuple(random.randint(0, len(reads[n])) for _ in range(outputs[n])) for n in range(nodes))
    readers: dict[Fact, tuple[int, ...]] = {}
    for n, facts in enumerate(reads):
        for fact in facts:
            if fact[0] >= 0 and block[fact[0]] == block[n]:
                readers[fact] = (*readers.get(fact, ()), n)
    return Graph(tuple(reads), needs, tuple(block), readers)


class Memory:
    """What is known of one case.

    Attributes:
        closure: all nodes of the graph.
        known: the facts that are.
        fired: the nodes in the order in which they fired.
        before_firing: called with each node that is about to fire; may raise.
    """

    def __init__(self, graph: Graph, given: Iterable[Fact]) -> None:
        self.graph = graph
        self.closure = tuple(range(len(graph.reads)))
        self.known = set(given)
        self.fired: list[int] = []
        self.before_firing: Callable[[int], object] | None = None

    def fire(self, n: int) -> tuple[int, ...]:
        """Concludes what node n can; the nodes of its component that read what is new."""
        if self.before_firing is not None:
            self.before_firing(n)
        self.fired.append(n)
        count = sum(fact in self.known for fact in self.graph.reads[n])
        new = [(n, o) for o, need in enumerate(self.graph.needs[n]) if count >= need]
        new = [fact for fact in new if fact not in self.known]
        self.known.update(new)
        return tuple(dict.fromkeys(r for fact in new for r in self.graph.readers.get(fact, ())))


def random_given(random: Random) -> frozenset[Fact]:
    """Some of the facts that only a caller can give."""
    return frozenset((-1, fact) for fact in random.sample(range(_GIVABLE), random.randint(0, _GIVABLE)))


def fixpoint(graph: Graph, given: Iterable[Fact], random: Random) -> set[Fact]:
    """What is known in the end, by firing every node in any order until nothing changes: no agenda at all."""
    known = set(given)
    order = list(range(len(graph.reads)))
    before = -1
    while len(known) != before:
        before = len(known)
        random.shuffle(order)
        for n in order:
            count = sum(fact in known for fact in graph.reads[n])
            known |= {(n, o) for o, need in enumerate(graph.needs[n]) if count >= need}
    return known
