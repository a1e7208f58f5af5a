"""The FEEL texts of authored pieces, and the names that they speak of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from decision_tables.feel import syntax
from decision_tables.feel.parse import Names, parse_expression, parse_unary_tests
from decision_tables.table import (
    BoxedTable,
    Conditional,
    ContextExpression,
    FilterExpression,
    Formula,
    FunctionDefinition,
    Invocation,
    Iteration,
    ListExpression,
    LiteralExpression,
    Relation,
    Table,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from decision_tables.diagnostics import Diagnostic
    from decision_tables.table import Boxed

__all__ = ["Text", "free_names", "names_in", "texts_of"]

_Bound: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text of FEEL as typed.

    Attributes:
        text: the text.
        bound: the local variables in its scope.
        is_test: whether it is unary tests, or an expression.
    """

    text: str
    bound: _Bound = ()
    is_test: bool = False

    def parsed(self, names: Names) -> syntax.Node | None:
        """Its syntax tree; None if it is broken."""
        return self._parsed(names)[0]

    def unknown(self, names: Names) -> tuple[str, ...]:
        """The names in it that stand for nothing, each once."""
        found = (one.where.span for one in self._parsed(names)[1] if one.code == "feel/unknown-name")
        return tuple(dict.fromkeys(self.text[span[0] : span[1]] for span in found if span is not None))

    def _parsed(self, names: Names) -> tuple[syntax.Node | None, tuple[Diagnostic, ...]]:
        if not self.text.strip():
            return None, ()
        parse = parse_unary_tests if self.is_test else parse_expression
        return parse(self.text, names, bound=self.bound)


def texts_of(piece: Table | Formula | Boxed, bound: _Bound = ()) -> Iterator[Text]:
    """All texts of a node or a boxed expression, in the order in which a reader meets them."""
    match piece:
        case Table():
            yield from _texts_of_table(piece, bound)
        case BoxedTable():
            yield from _texts_of_table(piece.table, bound)
        case Formula():
            yield Text(piece.expression, bound)
            if piece.boxed is not None:
                yield from texts_of(piece.boxed, bound)
        case LiteralExpression():
            yield Text(piece.text, bound)
        case _:
            if isinstance(piece, Invocation):
                yield Text(piece.function, bound)
            for part, inner in _parts_of(piece, bound):
                yield from texts_of(part, inner)


def _texts_of_table(table: Table, bound: _Bound) -> Iterator[Text]:
    for column in table.inputs:
        yield Text(column.expression, bound)
        yield Text(column.values, bound, is_test=True)
    for outcome in table.outputs:
        yield Text(outcome.values, bound, is_test=True)
        yield Text(outcome.default, bound)
    for rule in table.rules:
        yield from (Text(test, bound, is_test=True) for test in rule.tests)
        yield from (Text(cell, bound) for cell in rule.outputs)


def _parts_of(box: Boxed, bound: _Bound) -> Iterator[tuple[Boxed, _Bound]]:
    """The expressions inside a boxed one, each with the variables that it sees."""
    match box:
        case ContextExpression():
            for entry in box.entries:
                yield entry.value, bound
                bound = (*bound, entry.name) if entry.name else bound
        case Invocation():
            yield from ((one.value, bound) for one in box.bindings if one.value is not None)
        case ListExpression():
            yield from ((item, bound) for item in box.items)
        case Relation():
            yield from ((cell, bound) for row in box.rows for cell in row)
        case FunctionDefinition():
            if box.body is not None and box.language.upper() == "FEEL":
                yield box.body, (*bound, *(one.name for one in box.parameters))
        case Conditional():
            yield from ((part, bound) for part in (box.condition, box.consequence, box.alternative))
        case FilterExpression():
            yield from ((box.source, bound), (box.match, (*bound, "item")))
        case Iteration():
            yield from ((box.source, bound), (box.body, (*bound, box.variable, "partial")))
        case _:
            return


def names_in(piece: Table | Formula | Boxed, names: Names) -> tuple[str, ...]:
    """The names of the rulebook that a piece speaks of, each once; those in broken texts are not found."""
    found: dict[str, None] = {}
    for text in texts_of(piece):
        node = text.parsed(names)
        if node is not None:
            found |= dict.fromkeys(one.name for one in free_names(node, frozenset(text.bound)))
    return tuple(found)


def free_names(node: syntax.Node, bound: frozenset[str], entries: Container[str] = ()) -> list[syntax.Name]:
    """The names of a tree that speak of the model, not of a variable nearer by.

    Args:
        node: the tree.
        bound: the variables in its scope.
        entries: what, in the condition of a filter, speaks of an entry of what is filtered.
    """
    match node:
        case syntax.Name():
            return [] if node.name in bound else [node]
        case syntax.For(iterations=iterations) | syntax.Quantified(iterations=iterations):
            found = []
            for one in iterations:
                found += free_names(one.source, bound, entries)
                found += [] if one.last is None else free_names(one.last, bound, entries)
                bound |= {one.name}
            last = node.body if isinstance(node, syntax.For) else node.condition
            return found + free_names(last, bound, entries)
        case syntax.FunctionNode(parameters=parameters):
            return free_names(node.body, bound | {one.name for one in parameters}, entries)
        case syntax.ContextNode(entries=parts):
            found = []
            for name, value in parts:
                found += free_names(value, bound, entries)
                bound |= {name}
            return found
        case syntax.Filter():
            inside = free_names(node.condition, bound, entries)
            return free_names(node.source, bound, entries) + [
                one for one in inside if one.name not in entries
            ]
        case _:
            return [name for part in syntax.children(node) for name in free_names(part, bound, entries)]
