"""The map of a rulebook: its tables, formulas and facts, and what rests on what; as a drawing and as a list.

A case in the address lights up what its answer rests on. A rulebook with more boxes than a reader can take in is
drawn without the facts that cases give, or, if that is still too many, as what stands around one of its tables.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from admin.asking import asked_of
from admin.desk import Desk, label_of, title_of, tongue_of
from admin.layered import Arrow, Box, Node, drawing_of
from admin.words import mark
from decision_tables.feel.parse import Names
from decision_tables.table import Table
from decision_tables.texts import names_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.responses import Response

    from admin.asking import Asked
    from admin.desk import Edition
    from admin.layered import Drawing
    from admin.words import Tongue
    from decision_tables.explain import Answer
    from decision_tables.rulebook import Rulebook

__all__ = ["MOST", "Chain", "Use", "chain_of", "map_page"]

MOST: Final = 60
"""How many boxes a reader takes in at once."""


@dataclass(frozen=True, slots=True)
class Use:
    """Facts that a node reads, and the nodes that conclude them; none for facts that the case gives."""

    makers: tuple[str, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Chain:
    """What the nodes of a rulebook read and conclude.

    Attributes:
        reads: for each node the facts that it reads, in the order of the vocabulary.
        concludes: for each node the facts that it concludes.
    """

    reads: Mapping[str, tuple[str, ...]]
    concludes: Mapping[str, tuple[str, ...]]

    @property
    def makers(self) -> dict[str, tuple[str, ...]]:
        """For each concluded fact the nodes that conclude it."""
        found: dict[str, tuple[str, ...]] = {}
        for node, facts in self.concludes.items():
            for fact in facts:
                found[fact] = (*found.get(fact, ()), node)
        return found

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """From each node to those that read what it concludes."""
        makers = self.makers
        pairs = (
            (maker, reader)
            for reader in self.reads
            for fact in self.reads[reader]
            for maker in makers.get(fact, ())
        )
        return tuple(dict.fromkeys(pairs))

    def uses(self, node: str) -> tuple[Use, ...]:
        """What a node reads, by where it comes from; what the case gives is first."""
        makers = self.makers
        found: dict[tuple[str, ...], list[str]] = {}
        for fact in self.reads[node]:
            found.setdefault(makers.get(fact, ()), []).append(fact)
        return tuple(Use(sources, tuple(found[sources])) for sources in sorted(found, key=bool))

    def around(self, node: str, steps: int) -> tuple[str, ...]:
        """The nodes that many steps before and after a node, itself included, in the order of writing."""
        found = {node}
        for ahead in (True, False):
            reached = {node}
            for _ in range(steps):
                reached |= {
                    other if ahead else one
                    for one, other in self.edges
                    if (one if ahead else other) in reached
                }
            found |= reached
        return tuple(key for key in self.reads if key in found)


def chain_of(edition: Edition) -> Chain:
    """What the nodes read and conclude; of a draft that does not compile, as far as its cells can be read."""
    rulebook = edition.rulebook
    order = {fact.key: place for place, fact in enumerate(rulebook.facts)}
    concludes = {
        node.key: tuple(dict.fromkeys(column.fact for column in node.outputs))
        if isinstance(node, Table)
        else (node.fact,)
        for node in rulebook.nodes
    }
    if edition.program is not None:
        compiled = {node.key: node.reads for node in edition.program.nodes}
    else:
        names = Names(order)
        compiled = {node.key: frozenset(names_in(node, names)) for node in rulebook.nodes}
    reads = {
        node.key: tuple(sorted((fact for fact in compiled[node.key] if fact in order), key=order.__getitem__))
        for node in rulebook.nodes
    }
    return Chain(reads, concludes)


# What is drawn


@dataclass(frozen=True, slots=True)
class Piece:
    """A box of the map as the page draws it.

    Attributes:
        box: where it stands.
        kind: `table`, `formula` or `fact`.
        name: what people call it.
        href: where one reads it.
        lit: whether the answer rests on it.
        has_errors: whether something is wrong with it.
    """

    box: Box
    kind: str
    name: str
    href: str
    lit: bool
    has_errors: bool


@dataclass(frozen=True, slots=True)
class Road:
    """An arrow of the map, and whether the answer went along it."""

    arrow: Arrow
    lit: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """Which part of a rulebook a map shows.

    Attributes:
        nodes: the tables and formulas.
        facts: the given facts among what they read; empty where there is no room for them.
        around: the node that it is about; empty where all nodes are shown.
        steps: how many steps before and after that one.
    """

    nodes: tuple[str, ...]
    facts: tuple[str, ...]
    around: str = ""
    steps: int = 0


def shown_of(chain: Chain, around: str, goals: Iterable[str]) -> Shown:
    """The part of a rulebook that fits on a map: around a node, if one is named, else as much as there is room for."""

    def facts_of(nodes: Iterable[str]) -> tuple[str, ...]:
        makers = chain.makers
        return tuple(
            dict.fromkeys(fact for node in nodes for fact in chain.reads[node] if fact not in makers)
        )

    everything = tuple(chain.reads)
    if not around:
        given = facts_of(everything)
        if len(everything) + len(given) <= MOST:
            return Shown(everything, given)
        if len(everything) <= MOST:
            return Shown(everything, ())
        makers = chain.makers
        around = next((makers[goal][0] for goal in goals if goal in makers), everything[0])
    for steps in (2, 1):
        nodes = chain.around(around, steps)
        given = facts_of(nodes)
        if len(nodes) + len(given) <= MOST:
            return Shown(nodes, given, around, steps)
    return Shown(nodes, facts_of((around,)) if len(nodes) < MOST else (), around, 1)


@dataclass(frozen=True, slots=True)
class Path:
    """What an answer rests on: nodes, given facts, and the ways between them, by the keys of boxes."""

    boxes: frozenset[str] = frozenset()
    roads: frozenset[tuple[str, str]] = frozenset()


def path_of(answer: Answer, given: Iterable[str]) -> Path:
    """The path of a decision, read off its derivations."""
    makers: dict[str, set[str]] = {}
    for because in answer.because:
        makers.setdefault(because.fact, set()).add(because.table)
    boxes: set[str] = set()
    roads: set[tuple[str, str]] = set()
    known = set(given)
    for because in answer.because:
        node = _of_node(because.table)
        boxes.add(node)
        for fact in because.rests_on:
            sources = (
                {_of_fact(fact)} if fact in known else {_of_node(maker) for maker in makers.get(fact, ())}
            )
            boxes |= sources
            roads |= {(source, node) for source in sources}
    return Path(frozenset(boxes), frozenset(roads))


def _of_node(key: str) -> str:
    return f"node {key}"


def _of_fact(key: str) -> str:
    return f"fact {key}"


def drawn(edition: Edition, chain: Chain, shown: Shown, words: Tongue) -> Drawing:
    """The drawing of a part of a rulebook."""
    nodes = []
    for key in shown.nodes:
        errors, warnings = edition.counts_at(key)
        notes = []
        if errors:
            notes.append(words.ngettext("%(num)s error", "%(num)s errors", errors) % {"num": errors})
        elif warnings:
            notes.append(words.ngettext("%(num)s warning", "%(num)s warnings", warnings) % {"num": warnings})
        given = sum(
            fact not in shown.facts for use in chain.uses(key) if not use.makers for fact in use.facts
        )
        if given:
            notes.append(words.ngettext("%(num)s fact", "%(num)s facts", given) % {"num": given})
        nodes.append(Node(_of_node(key), title_of(edition.rulebook, key, words.code), " · ".join(notes)))
    nodes += [Node(_of_fact(key), label_of(edition.rulebook, key, words.code)) for key in shown.facts]
    inside = set(shown.nodes)
    edges = [(_of_node(one), _of_node(other)) for one, other in chain.edges if {one, other} <= inside]
    edges += [
        (_of_fact(fact), _of_node(node))
        for fact in shown.facts
        for node in shown.nodes
        if fact in chain.reads[node]
    ]
    return drawing_of(nodes, edges)


def _pieces(edition: Edition, drawing: Drawing, path: Path) -> list[Piece]:
    formulas = {formula.key for formula in edition.rulebook.formulas}
    found = []
    for box in drawing.boxes:
        sort, _, key = box.key.partition(" ")
        if sort == "fact":
            kind, href, errors = (
                "fact",
                f"{edition.link('facts')}#fact-{key}",
                bool(edition.marks_at("vocabulary", key)),
            )
        else:
            kind = "formula" if key in formulas else "table"
            href, errors = node_link(edition, key), bool(edition.counts_at(key)[0])
        found.append(Piece(box, kind, box.node.label, href, box.key in path.boxes, errors))
    return found


def node_link(edition: Edition, key: str) -> str:
    """Where one reads a table or a formula."""
    is_table = edition.rulebook.table(key) is not None
    return edition.link("tables", key) if is_table else f"{edition.link()}#formula-{key}"


async def map_page(request: Request) -> Response:
    """The map, around a node if the address names one, with the path of a case if the address tells one."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    words = tongue_of(request)
    chain = await asyncio.to_thread(chain_of, edition)
    around = request.query_params.get("around", "")
    asked: Asked | None = None
    path = Path()
    if edition.program is not None:
        asked = await asked_of(request, edition.program)
        if asked.decision is not None and asked.says_something:
            path = path_of(asked.decision.answer, asked.facts)
    shown = shown_of(chain, around if around in chain.reads else "", _goals(edition.rulebook))
    drawing = await asyncio.to_thread(drawn, edition, chain, shown, words)
    readers: dict[str, list[str]] = {key: [] for key in chain.reads}
    for one, other in chain.edges:
        readers[one].append(other)
    return await desk.edition_page(
        request,
        "rulebook/map.html",
        mark("Map"),
        edition,
        chain=chain,
        readers=readers,
        shown=shown,
        drawing=drawing,
        pieces=_pieces(edition, drawing, path),
        roads=[Road(arrow, (arrow.source, arrow.target) in path.roads) for arrow in drawing.arrows],
        case=asked.address if asked is not None and asked.says_something else {},
        is_lit=bool(path.boxes),
        on_path=lambda key: _of_node(key) in path.boxes,
        node_link=lambda key: node_link(edition, key),
    )


def _goals(rulebook: Rulebook) -> tuple[str, ...]:
    query = rulebook.query(rulebook.default_query)
    return query.goals if query else ()
