"""The FEEL texts of authored pieces, and the names that they speak of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import msgspec

from decision_tables.feel import syntax
from decision_tables.feel.parse import Names, parse_expression, parse_unary_tests
from decision_tables.table import (
    Binding,
    Boxed,
    BoxedTable,
    Conditional,
    ContextExpression,
    Entry,
    FilterExpression,
    Formula,
    FunctionDefinition,
    Input,
    Invocation,
    Iteration,
    ListExpression,
    LiteralExpression,
    Output,
    Relation,
    Rule,
    Table,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from decision_tables.diagnostics import Diagnostic

__all__ = ["Path", "Text", "free_names", "names_in", "texts_of", "with_texts"]

Path: TypeAlias = tuple[int | str, ...]
"""The parts on the way to a text."""

_Bound: TypeAlias = tuple[str, ...]
_Piece = TypeVar("_Piece", bound=Table | Formula | Boxed)
_Shape = TypeVar("_Shape", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of FEEL as typed.

    Attributes:
        text: the text.
        bound: the local variables in its scope.
        is_test: whether it is unary tests, or an expression.
        is_feel: whether it is FEEL, and no body of a function in another language.
    """

    text: str
    bound: _Bound = ()
    is_test: bool = False
    is_feel: bool = True

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
    found: list[Text] = []

    def keep(_: Path, text: Text) -> str:
        if text.is_feel:
            found.append(text)
        return text.text

    with_texts(piece, keep, bound=bound)
    return iter(found)


def with_texts(
    piece: _Piece,
    text_for: Callable[[Path, Text], str],
    *,
    argument_for: Callable[[Invocation, str], str] = lambda _, name: name,
    bound: _Bound = (),
    path: Path = (),
) -> _Piece:
    """A node or a boxed expression with other texts; its shape stays.

    Args:
        piece: what has texts.
        text_for: what to write in the place of a text. The path to it holds the numbers of the parts on the way; in a
            table the row and the column, or `inputs` or `outputs`, the number of the column, and what of it.
        argument_for: what to call the argument of an invocation that has a name.
        bound: the local variables in scope.
        path: of the piece itself.
    """
    return _Rewriting(text_for, argument_for).piece(piece, bound, path)


@dataclass(frozen=True, slots=True)
class _Rewriting:
    """One way through a piece."""

    text_for: Callable[[Path, Text], str]
    argument_for: Callable[[Invocation, str], str]
    is_feel: bool = True

    def piece(self, piece: _Piece, bound: _Bound, path: Path) -> _Piece:
        match piece:
            case Table():
                inputs, outputs, rules = self._parts_of(piece, bound, path)
                return replace(piece, inputs=inputs, outputs=outputs, rules=rules)
            case Formula():
                boxed = None if piece.boxed is None else self.piece(piece.boxed, bound, path)
                expression = self._text(path, piece.expression, bound)
                return replace(piece, expression=expression, boxed=boxed)
            case LiteralExpression():
                return _with(piece, text=self._text(path, piece.text, bound))
            case ContextExpression():
                entries = []
                for n, one in enumerate(piece.entries):
                    entries.append(Entry(one.name, self.piece(one.value, bound, (*path, n)), one.type))
                    bound = (*bound, one.name) if one.name else bound
                return _with(piece, entries=tuple(entries))
            case Invocation():
                bindings = (
                    Binding(
                        self.argument_for(piece, one.parameter),
                        None if one.value is None else self.piece(one.value, bound, (*path, n)),
                    )
                    for n, one in enumerate(piece.bindings, start=1)
                )
                function = self._text((*path, 0), piece.function, bound)
                return _with(piece, function=function, bindings=tuple(bindings))
            case ListExpression():
                items = (self.piece(item, bound, (*path, n)) for n, item in enumerate(piece.items))
                return _with(piece, items=tuple(items))
            case Relation():
                rows = (
                    tuple(self.piece(cell, bound, (*path, r, c)) for c, cell in enumerate(row))
                    for r, row in enumerate(piece.rows)
                )
                return _with(piece, rows=tuple(rows))
            case FunctionDefinition():
                if piece.body is None:
                    return piece
                inside = (*bound, *(one.name for one in piece.parameters))
                within = self if piece.language.upper() == "FEEL" else replace(self, is_feel=False)
                return _with(piece, body=within.piece(piece.body, inside, (*path, 0)))
            case Conditional():
                return _with(
                    piece,
                    condition=self.piece(piece.condition, bound, (*path, 0)),
                    consequence=self.piece(piece.consequence, bound, (*path, 1)),
                    alternative=self.piece(piece.alternative, bound, (*path, 2)),
                )
            case FilterExpression():
                return _with(
                    piece,
                    source=self.piece(piece.source, bound, (*path, 0)),
                    match=self.piece(piece.match, (*bound, "item"), (*path, 1)),
                )
            case Iteration():
                inside = (*bound, piece.variable, "partial")
                return _with(
                    piece,
                    source=self.piece(piece.source, bound, (*path, 0)),
                    body=self.piece(piece.body, inside, (*path, 1)),
                )
            case BoxedTable():
                return _with(piece, table=self.piece(piece.table, bound, path))
        raise TypeError(type(piece))

    def _text(self, path: Path, text: str, bound: _Bound, *, is_test: bool = False) -> str:
        return self.text_for(path, Text(text, bound, is_test, self.is_feel))

    def _parts_of(
        self, table: Table, bound: _Bound, path: Path
    ) -> tuple[tuple[Input, ...], tuple[Output, ...], tuple[Rule, ...]]:
        def text(at: Path, text: str, *, is_test: bool = False) -> str:
            return self._text((*path, *at), text, bound, is_test=is_test)

        inputs = tuple(
            replace(
                column,
                expression=text(("inputs", n, "expression"), column.expression),
                values=text(("inputs", n, "values"), column.values, is_test=True),
            )
            for n, column in enumerate(table.inputs)
        )
        outputs = tuple(
            replace(
                column,
                values=text(("outputs", n, "values"), column.values, is_test=True),
                default=text(("outputs", n, "default"), column.default),
            )
            for n, column in enumerate(table.outputs)
        )
        rules = tuple(
            replace(
                rule,
                tests=tuple(text((r, c), cell, is_test=True) for c, cell in enumerate(rule.tests)),
                outputs=tuple(text((r, len(rule.tests) + c), cell) for c, cell in enumerate(rule.outputs)),
            )
            for r, rule in enumerate(table.rules)
        )
        return inputs, outputs, rules


def _with(box: _Shape, **parts: object) -> _Shape:
    return msgspec.structs.replace(box, **parts)


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
