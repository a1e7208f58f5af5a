"""Types, operators and parts of a text of FEEL in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from decision_tables.feel import syntax
from decision_tables.feel.values import spoken, text_of
from decision_tables.said import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from decision_tables.feel.types import Type

__all__ = ["DONE", "WANTED", "told_names", "told_part", "told_type"]


def told_type(kind: Type) -> str:
    """A type in plain words: `a number`, `a list of texts`."""
    if kind.name == "list" and kind.items and kind.items[0].name in _LISTS:
        return _LISTS[kind.items[0].name]
    return _TOLD.get(kind.name) or said("a value of the type {type}", type=spoken(str(kind)))


def told_names(names: Sequence[str]) -> str:
    """Names as code, in one text; of many only the first."""
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    return f"{shown}, …" if len(names) > _SHOWN else shown


def told_part(node: syntax.Node) -> str:
    """What a part is called in a sentence: its name, a constant as it is written, or `this`."""
    match node:
        case syntax.Name(name="?"):
            return said("the value")
        case syntax.Name():
            return f"`{node.name}`"
        case syntax.Path():
            inner = told_part(node.source)
            return f"{inner[:-1]}.{node.name}`" if inner.endswith("`") else f"`{node.name}`"
        case syntax.Literal():
            return text_of(node.value)[:60]
        case _:
            return said("this")


_SHOWN: Final = 8
_TOLD: Final = {
    "number": said("a number"),
    "string": said("a text"),
    "boolean": said("yes or no"),
    "date": said("a date"),
    "time": said("a time"),
    "date and time": said("a date and time"),
    "days and time duration": said("a duration in days"),
    "years and months duration": said("a duration in months"),
    "list": said("a list"),
    "context": said("a structure"),
    "range": said("a range"),
    "function": said("a function"),
    "Null": said("null"),
}
_LISTS: Final = {
    "number": said("a list of numbers"),
    "string": said("a list of texts"),
    "boolean": said("a list of yeses and noes"),
    "date": said("a list of dates"),
    "time": said("a list of times"),
    "date and time": said("a list of dates and times"),
    "days and time duration": said("a list of durations in days"),
    "years and months duration": said("a list of durations in months"),
    "list": said("a list of lists"),
    "context": said("a list of structures"),
    "range": said("a list of ranges"),
    "function": said("a list of functions"),
    "Null": said("a list of nulls"),
}
WANTED: Final = {
    "number": said("a number"),
    "string": said("a text"),
    "boolean": said("yes or no"),
    "day": said("a date"),
    "clock": said("a time"),
    "offset": said("a duration in days"),
    "magnitude": said("a number or duration"),
    "extent": said("a range or what can be in one"),
    "value": said("a value"),
    "context": said("a structure"),
}
"""By kind of a built-in's parameter, what it takes."""

DONE: Final = {
    "+": said("added"),
    "-": said("subtracted"),
    "*": said("multiplied"),
    "/": said("divided"),
    "**": said("raised to a power"),
}
"""By arithmetic operator, what is done with two operands."""
