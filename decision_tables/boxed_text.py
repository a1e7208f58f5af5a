"""Boxed expressions as one text of FEEL, for people and for what holds texts alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decision_tables.feel.parse import is_name
from decision_tables.feel.values import text_of
from decision_tables.table import (
    BoxedTable,
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
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from decision_tables.table import Boxed

__all__ = ["feel_text"]


def feel_text(box: Boxed) -> str | None:
    """The FEEL that says the same, declared types apart; None where FEEL cannot: a decision table, another language."""
    try:
        return _text(box)
    except _Unsayable:
        return None


class _Unsayable(Exception):
    """The expression holds something that FEEL has no text for."""


def _text(box: Boxed | None) -> str:
    match box:
        case None:
            return "null"
        case LiteralExpression():
            return box.text.strip() or "null"
        case ContextExpression():
            return _context(box)
        case Invocation():
            arguments = (f"{one.parameter}: {_text(one.value)}" for one in box.bindings)
            return f"{box.function.strip()}({', '.join(arguments)})"
        case ListExpression():
            return f"[{_joined(box.items)}]"
        case Relation():
            rows = (
                _entries((column.name, cell) for column, cell in zip(box.columns, row, strict=False))
                for row in box.rows
            )
            return f"[{', '.join(rows)}]"
        case FunctionDefinition():
            if box.language.upper() != "FEEL":
                raise _Unsayable
            parameters = (f"{one.name}: {one.type}" if one.type else one.name for one in box.parameters)
            return f"function({', '.join(parameters)}) {_text(box.body)}"
        case Conditional():
            return f"if {_text(box.condition)} then {_text(box.consequence)} else {_text(box.alternative)}"
        case FilterExpression():
            return f"({_text(box.source)})[{_text(box.match)}]"
        case Iteration():
            return _iteration(box)
        case BoxedTable():
            raise _Unsayable


def _iteration(box: Iteration) -> str:
    last = "return" if box.quantifier is Quantifier.FOR else "satisfies"
    return f"{box.quantifier} {box.variable} in ({_text(box.source)}) {last} {_text(box.body)}"


def _context(box: ContextExpression) -> str:
    named = _entries((entry.name, entry.value) for entry in box.entries if entry.name)
    if not box.entries or box.entries[-1].name:
        return named
    result = _text(box.entries[-1].value)
    if len(box.entries) == 1:
        return result
    return f"{named[:-1]}, _result: {result}}}._result"


def _entries(entries: Iterable[tuple[str, Boxed]]) -> str:
    told = (f"{name if is_name(name) else text_of(name)}: {_text(value)}" for name, value in entries)
    return "{" + ", ".join(told) + "}"


def _joined(items: Iterable[Boxed]) -> str:
    return ", ".join(map(_text, items))
