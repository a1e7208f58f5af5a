"""What one compile leaves for the next: after an edit only what the edit changed is compiled again.

Cells, columns and nodes are kept for as long as what they can see stays the same: the vocabulary, the types, the
functions, the facts that nodes conclude. A program made with a memory answers as one made without.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from decision_tables.index import Column
from decision_tables.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from decision_tables.diagnostics import Diagnostic, Where
    from decision_tables.feel.evaluate import Run, Test
    from decision_tables.outcomes import CompiledNode
    from decision_tables.table import Node
    from decision_tables.vocabulary import Fact, ItemDefinition

__all__ = ["NO_COLUMN", "KeptCells", "Memory"]


class KeptCells:
    """The cells of one column by their text, with what was told of each.

    A constant cell with nothing to tell is the same in every rule; any other knows its place.
    """

    __slots__ = ("_fresh", "_old")

    def __init__(self) -> None:
        self._old: dict[Hashable, tuple[Any, tuple[Diagnostic, ...]]] = {}
        self._fresh: dict[Hashable, tuple[Any, tuple[Diagnostic, ...]]] = {}

    def begin(self) -> KeptCells:
        """Start a compile: what it does not ask for is forgotten by the next one."""
        self._old, self._fresh = self._fresh, {}
        return self

    def get(self, text: str, where: Where) -> tuple[Any, tuple[Diagnostic, ...]] | None:
        """The compiled cell and what is to be told of it."""
        found = self._fresh.get(text)
        if found is not None:
            return found
        for key in (text, (text, where)):
            found = self._old.get(key)
            if found is not None:
                self._fresh[key] = found
                return found
        return None

    def keep(
        self, text: str, where: Where, cell: Any, told: tuple[Diagnostic, ...], *, anywhere: bool
    ) -> None:
        """Keep a cell; `anywhere`: it is the same in every rule."""
        self._fresh[text if anywhere else (text, where)] = (cell, told)


class Memory:
    """What is kept between compiles of one rulebook as it is being edited; one compile at a time may use it."""

    __slots__ = ("_cells", "_columns", "_nodes", "_scope", "_vocabulary")

    def __init__(self) -> None:
        self._scope: Any = None
        self._cells: dict[tuple[str, ...], KeptCells] = {}
        self._columns: dict[tuple[str, ...], tuple[Sequence[Test], Column]] = {}
        self._nodes: dict[str, tuple[Node, CompiledNode, tuple[Diagnostic, ...]]] = {}
        self._vocabulary: tuple[tuple[Fact, ...], tuple[ItemDefinition, ...], Vocabulary] | None = None

    def vocabulary(self, facts: tuple[Fact, ...], types: tuple[ItemDefinition, ...]) -> Vocabulary:
        """The compiled vocabulary; the same one as long as the facts and types are the same."""
        if self._vocabulary is None or self._vocabulary[:2] != (facts, types):
            self._vocabulary = (facts, types, Vocabulary(facts, types))
        return self._vocabulary[2]

    def begin(self, scope: Any, nodes: Sequence[str]) -> None:
        """Start a compile of these nodes; what is of others is forgotten, and all if what cells can see has changed."""
        if scope != self._scope:
            self._scope = scope
            self._cells, self._columns, self._nodes = {}, {}, {}
            return
        keys = set(nodes)
        self._cells = {signature: kept for signature, kept in self._cells.items() if signature[0] in keys}
        self._columns = {signature: kept for signature, kept in self._columns.items() if signature[0] in keys}
        self._nodes = {key: kept for key, kept in self._nodes.items() if key in keys}

    def cells(self, signature: tuple[str, ...]) -> KeptCells:
        """Those of a column, which its node's key and all that decides on its cells tell from others."""
        if not signature:
            return KeptCells()
        return self._cells.setdefault(signature, KeptCells()).begin()

    def column(self, signature: tuple[str, ...], tests: Sequence[Test], rules: int, run: Run) -> Column:
        """The index of a column of tests; the same one as long as the tests are the same."""
        known = self._columns.get(signature) if signature else None
        if known is not None and known[0] == tests:
            return known[1]
        column = Column(tests, rules, run)
        if signature:
            self._columns[signature] = (tests, column)
        return column

    def node(self, source: Node) -> tuple[CompiledNode, tuple[Diagnostic, ...]] | None:
        """A node as it was compiled from the same source, and what was told of it."""
        known = self._nodes.get(source.key)
        if known is None or known[0] != source:
            return None
        # Each program numbers its nodes, so that each has its own.
        return copy.copy(known[1]), known[2]

    def keep_node(self, source: Node, node: CompiledNode, told: Sequence[Diagnostic]) -> None:
        """Keep a node that has been compiled."""
        self._nodes[source.key] = (source, copy.copy(node), tuple(told))


NO_COLUMN: Final[tuple[str, ...]] = ()
"""The signature of cells that are not kept."""
