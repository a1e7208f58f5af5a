"""Boxed expressions to FEEL's own syntax trees (DMN 1.5, 10.2.2): what then runs is FEEL, and nothing beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from decision_tables.diagnostics import Diagnostic, Severity, Where, near_miss
from decision_tables.feel import syntax
from decision_tables.feel.evaluate import Run, RunWarning
from decision_tables.feel.parse import is_name, parse_expression
from decision_tables.feel.values import UNKNOWN, Value
from decision_tables.outcomes import CompiledNode, Conflict, is_value
from decision_tables.said import said
from decision_tables.table import (
    Boxed,
    BoxedTable,
    Column,
    Conditional,
    ContextExpression,
    FilterExpression,
    FunctionDefinition,
    Invocation,
    Iteration,
    ListExpression,
    LiteralExpression,
    Quantifier,
    Relation,
    Table,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from decision_tables.feel.parse import Names
    from decision_tables.items import Kind
    from decision_tables.vocabulary import Vocabulary

__all__ = ["Boxes"]

_Bound = tuple[str, ...]


class Boxes:
    """Compiles boxed expressions; `found` gathers what is to be said about them.

    Args:
        names: what is in scope everywhere.
        vocabulary: the types that are declared.
        table: compiles a decision table whose cells see the names bound round it, too.
        found: where diagnostics go.
    """

    def __init__(
        self,
        names: Names,
        vocabulary: Vocabulary,
        table: Callable[[Table, _Bound, Where], CompiledNode],
        found: list[Diagnostic],
    ) -> None:
        self._names = names
        self._vocabulary = vocabulary
        self._table = table
        self._found = found
        self._filters = 0

    def node(self, box: Boxed, where: Where, bound: _Bound = ()) -> syntax.Node:
        """The syntax tree of a boxed expression.

        Args:
            box: as authored.
            where: its place; parts of it are told by a path in `column`.
            bound: local variables in scope, outermost first.
        """
        return self._held(self._bare(box, where, bound), box.type, where)

    def function(self, box: FunctionDefinition, where: Where, bound: _Bound = ()) -> syntax.FunctionNode:
        """The syntax tree of a function; one in another language is null when it is called."""
        parameters = self._parameters(box.parameters, where)
        if box.language.upper() != "FEEL":
            message = said(
                "A function in {language} cannot be run here: calling it gives null.", language=box.language
            )
            self._tell("boxed/external", where, message, said("Write it in FEEL."), Severity.WARNING)
            return syntax.FunctionNode(parameters, syntax.Literal(None), external=True)
        if box.body is None:
            self._tell("boxed/empty", where, said("The function has no body."), "", Severity.WARNING)
            return syntax.FunctionNode(parameters, syntax.Literal(None), external=False)
        inner = (*bound, *(parameter.name for parameter in parameters))
        body = self.node(box.body, _under(where, "body"), inner)
        return syntax.FunctionNode(parameters, self._held(body, box.type, where), external=False)

    # -- shapes -------------------------------------------------------------------------------------------

    def _bare(self, box: Boxed, where: Where, bound: _Bound) -> syntax.Node:
        match box:
            case LiteralExpression():
                return self._text(box.text, where, bound)
            case ContextExpression():
                return self._context(box, where, bound)
            case Invocation():
                return self._invocation(box, where, bound)
            case ListExpression():
                items = enumerate(box.items)
                return syntax.ListNode(
                    tuple(self.node(item, _under(where, f"items[{n + 1}]"), bound) for n, item in items)
                )
            case Relation():
                return self._relation(box, where, bound)
            case FunctionDefinition():
                return self.function(box, where, bound)
            case Conditional():
                return syntax.If(
                    self.node(box.condition, _under(where, "if"), bound),
                    self.node(box.consequence, _under(where, "then"), bound),
                    self.node(box.alternative, _under(where, "else"), bound),
                )
            case FilterExpression():
                source = self.node(box.source, _under(where, "in"), bound)
                self._filters += 1
                match_ = self.node(box.match, _under(where, "match"), (*bound, "item"))
                self._filters -= 1
                return syntax.Filter(source, match_)
            case Iteration():
                return self._iteration(box, where, bound)
            case BoxedTable():
                return self._decision_table(box.table, where, bound)

    def _text(self, text: str, where: Where, bound: _Bound) -> syntax.Node:
        if not text.strip():
            self._tell(
                "boxed/empty",
                where,
                said("The expression is empty."),
                said("Write FEEL, or `null`."),
                Severity.WARNING,
            )
            return syntax.Literal(None)
        node, found = parse_expression(text, self._names, where, bound, in_filter=self._filters > 0)
        self._found += found
        return syntax.Cell(text, where, node if node is not None else syntax.Literal(None))

    def _context(self, box: ContextExpression, where: Where, bound: _Bound) -> syntax.Node:
        entries: list[tuple[str, syntax.Node]] = []
        result: syntax.Node | None = None
        for n, entry in enumerate(box.entries):
            spot = _under(where, entry.name or f"entries[{n + 1}]")
            if entry.name and not is_name(entry.name):
                self._tell("boxed/name", spot, said("`{name}` cannot name an entry.", name=entry.name))
            node = self._held(self.node(entry.value, spot, bound), entry.type, spot)
            if entry.name:
                entries.append((entry.name, node))
                bound = (*bound, entry.name)
                continue
            if result is not None or n + 1 < len(box.entries):
                self._tell(
                    "boxed/result", spot, said("Only the last entry may go without a name: it is the result.")
                )
            result = node
        if result is None:
            return syntax.ContextNode(tuple(entries))
        # A path into a context literal needs only the entry that it names, so what is unknown beside it is no matter.
        return syntax.Path(syntax.ContextNode((*entries, (_RESULT, result))), _RESULT)

    def _invocation(self, box: Invocation, where: Where, bound: _Bound) -> syntax.Node:
        function = self._text(box.function, where, bound)
        names = [binding.parameter for binding in box.bindings]
        for name in {name for name in names if names.count(name) > 1}:
            self._tell("boxed/duplicate", where, said("The parameter `{name}` is bound twice.", name=name))
        arguments = tuple(
            syntax.Literal(None)
            if binding.value is None
            else self.node(binding.value, _under(where, binding.parameter), bound)
            for binding in box.bindings
        )
        plain = function.node if isinstance(function, syntax.Cell) else function
        return syntax.Call(plain, arguments, tuple(names))

    def _relation(self, box: Relation, where: Where, bound: _Bound) -> syntax.Node:
        rows: list[syntax.Node] = []
        for n, row in enumerate(box.rows):
            spot = _under(where, f"rows[{n + 1}]")
            if len(row) != len(box.columns):
                message = said(
                    "The row has {count} cells, and the relation {columns} columns.",
                    count=len(row),
                    columns=len(box.columns),
                )
                self._tell("boxed/width", spot, message)
            cells = zip(box.columns, row, strict=False)
            rows.append(
                syntax.ContextNode(
                    tuple(
                        (column.name, self._cell(cell, column, _under(spot, column.name), bound))
                        for column, cell in cells
                    )
                )
            )
        return syntax.ListNode(tuple(rows))

    def _cell(self, cell: Boxed, column: Column, where: Where, bound: _Bound) -> syntax.Node:
        return self._held(self.node(cell, where, bound), column.type, where)

    def _iteration(self, box: Iteration, where: Where, bound: _Bound) -> syntax.Node:
        source = self.node(box.source, _under(where, "in"), bound)
        each = (syntax.Iteration(box.variable, source, None),)
        is_for = box.quantifier is Quantifier.FOR
        inner = (*bound, box.variable, *(("partial",) if is_for else ()))
        body = self.node(box.body, _under(where, "return" if is_for else "satisfies"), inner)
        if is_for:
            return syntax.For(each, body)
        return syntax.Quantified(box.quantifier is Quantifier.EVERY, each, body, strict=True)

    def _decision_table(self, table: Table, where: Where, bound: _Bound) -> syntax.Node:
        if table.open or any(rule.referral for rule in table.rules):
            message = said(
                "A table inside an expression gives a value: it cannot be open, nor put a question."
            )
            self._tell("boxed/table", where, message, said("Make it a node of its own."))
        compiled = self._table(table, bound, where)
        return syntax.Part(tuple(sorted(compiled.reads)), _Looked(compiled, where), compiled.clocked)

    # -- types and telling --------------------------------------------------------------------------------

    def _parameters(self, columns: tuple[Column, ...], where: Where) -> tuple[syntax.Parameter, ...]:
        names = [column.name for column in columns]
        for name in {name for name in names if names.count(name) > 1}:
            self._tell("boxed/duplicate", where, said("Two parameters are called `{name}`.", name=name))
        return tuple(
            syntax.Parameter(column.name, None if kind is None else kind.type)
            for column in columns
            for kind in (self._kind(column.type, where),)
        )

    def _held(self, node: syntax.Node, text: str, where: Where) -> syntax.Node:
        kind = self._kind(text, where)
        convert = None if kind is None else kind.converter
        return node if convert is None else syntax.Conversion(node, convert)

    def _kind(self, text: str, where: Where) -> Kind | None:
        if not text.strip():
            return None
        kind = self._vocabulary.kind_of(text)
        if kind is None:
            close = near_miss(text, self._vocabulary.named)
            self._tell(
                "type/unknown",
                where,
                said("`{text}` is no type.", text=text),
                said("Did you mean `{close}`?", close=close) if close else "",
            )
        return kind

    def _tell(
        self, code: str, where: Where, message: str, hint: str = "", severity: Severity = Severity.ERROR
    ) -> None:
        self._found.append(Diagnostic(code, where, message, hint, "", severity))


_RESULT: Final = ""


class _Looked:
    """A decision table as a part of an expression."""

    def __init__(self, node: CompiledNode, where: Where) -> None:
        self._node = node
        self._where = where

    def __call__(self, facts: Mapping[str, Value], run: Run) -> Value:
        """The table's value; of contradicting rules null, with a warning."""
        node = self._node
        run.spend(len(node.rules) >> 4)
        result = node.evaluate(facts, run, node.in_force(run)).results[0]
        if is_value(result) or result is UNKNOWN:
            return result
        if isinstance(result, Conflict):
            rules = ", ".join(f"`{rule}`" for _, rule in result.rules)
            message = said("The rules {rules} contradict each other, so the table gives null.", rules=rules)
            run.warn(RunWarning("table/conflict", self._where, "", message))
        return None


def _under(where: Where, part: str) -> Where:
    column = f"{where.column}.{part}" if where.column else part
    return Where(where.table, where.rule, column)
