"""What built-in functions and operators make of types: what they take and give (DMN 1.5, 10.3.4, 10.3.2.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from decision_tables.feel.types import ANY, Type
from decision_tables.said import said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["OPERATIONS", "result_of", "takes", "wanted_by"]


def takes(kind: str, given: Type) -> bool:
    """Whether an argument of a type may be one that a parameter takes; a list of one stands for its element.

    Args:
        kind: of the parameter, as signatures write it.
        given: what is known of the argument.
    """
    if kind == "any" or given.name == "Any":
        return True
    if given.name == "Null":
        return False
    accepted = _ACCEPTS.get(kind)
    if accepted is None or given.name in accepted:
        return True
    return given.name == "list" and (
        not given.items or given.items[0].name in accepted or given.items[0].name == "Any"
    )


def wanted_by(name: str, given: Sequence[Type]) -> str:
    """What a function over a list, or of two ranges, wants of them all, if what is given cannot be that; else nothing.

    Args:
        name: of the built-in.
        given: the types of its arguments: one list, or the elements; points and ranges.
    """
    if name in _RELATIONS and len(given) == _TWO:
        ends = {_end_of(kind) for kind in given} - {"Any"}
        return said("points, and ranges of them, of one type") if len(ends) == _TWO else ""
    wanted = _ELEMENTS.get(name)
    if wanted is None or not given:
        return ""
    items = given
    if len(given) == 1 and given[0].name == "list":
        items = given[0].items
    known = {item.name for item in items} - {"Any"}
    if not known:
        return ""
    accepted, told = wanted
    if name in {"all", "any"}:
        return told if len(known) == len({item.name for item in items}) and not known & accepted else ""
    if not known <= accepted:
        return told
    return said("{told}, all of one type", told=told) if len(known) > 1 else ""


def result_of(name: str, given: Sequence[Type]) -> Type:
    """The type of what a built-in gives, null aside; `Any` where it depends on more than types."""
    found = _GIVES.get(name)
    if found is not None:
        return found
    first = given[0] if given else ANY
    if name == "abs":
        return first if first.name in _MAGNITUDES else ANY
    if name in {"min", "max"}:
        items = first.items if len(given) == 1 and first.name == "list" else given
        return items[0] if items and len(set(items)) == 1 and items[0].name in _POINTS else ANY
    if name in _SAME_ITEMS:
        if first.name == "list":
            return first
        return Type("list") if first.name in {"Any", "Null"} else Type("list", (first,))
    return ANY


def _end_of(kind: Type) -> str:
    """The type of a point, or of the ends of a range."""
    inner = kind.items[0] if kind.name in {"list", "range"} and kind.items else kind
    if inner is not kind:
        return _end_of(inner)
    return "Any" if kind.name in {"list", "range", "Null"} else kind.name


_TWO: Final = 2
_RELATIONS: Final = frozenset(
    {"before", "after", "meets", "met by", "overlaps", "overlaps before", "overlaps after"}
    | {"finishes", "finished by", "includes", "during", "starts", "started by", "coincides"}
)
_MAGNITUDES: Final = frozenset({"number", "days and time duration", "years and months duration"})
_MOMENTS: Final = frozenset({"date", "date and time"})
_POINTS: Final = frozenset({"string", "time"}) | _MAGNITUDES | _MOMENTS
_NUMBERS: Final = (frozenset({"number"}), said("numbers"))
_BOOLEANS: Final = (frozenset({"boolean"}), said("what is true or false"))
_ELEMENTS: Final = {
    **dict.fromkeys(("sum", "mean", "product", "median", "stddev", "mode"), _NUMBERS),
    **dict.fromkeys(("min", "max"), (_POINTS, said("numbers, texts, dates, times or durations"))),
    **dict.fromkeys(("all", "any"), _BOOLEANS),
}
_ACCEPTS: Final[dict[str, frozenset[str]]] = {
    "number": frozenset({"number"}),
    "string": frozenset({"string"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date"}),
    "day": _MOMENTS,
    "time": frozenset({"time"}),
    "clock": frozenset({"time"}) | _MOMENTS,
    "duration": _MAGNITUDES - {"number"},
    "offset": frozenset({"days and time duration"}),
    "magnitude": _MAGNITUDES,
    "context": frozenset({"context"}),
    "function": frozenset({"function"}),
    "range": frozenset({"range"}),
    "extent": frozenset({"range"}) | _POINTS,
}
"""By kind of parameter, the names of the types that are taken as they are; other kinds take anything but null."""

_GIVES: Final[dict[str, Type]] = {
    name: Type(kind)
    for kind, names in {
        "number": "number, string length, count, floor, ceiling, decimal, round up, round down, round half up, "
        "round half down, modulo, sqrt, log, exp, day of year, week of year, sum, mean, product, median, stddev",
        "string": "string, substring, upper case, lower case, substring before, substring after, replace, "
        "string join, day of week, month of year",
        "boolean": "contains, starts with, ends with, matches, not, list contains, all, any, odd, even, is, before, "
        "after, meets, met by, overlaps, overlaps before, overlaps after, finishes, finished by, includes, during, "
        "starts, started by, coincides",
        "date": "date, today",
        "date and time": "date and time, now",
        "time": "time",
        "years and months duration": "years and months duration",
        "range": "range",
        "context": "context, context put, context merge",
        "list": "append, concatenate, insert before, union, flatten, list replace, get entries",
    }.items()
    for name in names.split(", ")
} | {
    "mode": Type("list", (Type("number"),)),
    "index of": Type("list", (Type("number"),)),
    "split": Type("list", (Type("string"),)),
}
_SAME_ITEMS: Final = frozenset({"sublist", "remove", "reverse", "distinct values", "sort"})


def _operations() -> Iterator[tuple[tuple[str, str, str], Type]]:
    """What an operator makes of operands of two types (10.3.2.9.3, tables 53 to 57)."""
    number, days = "number", "days and time duration"
    for op in ("+", "-", "*", "/", "**"):
        yield (op, number, number), Type(number)
    yield ("+", "string", "string"), Type("string")
    for span in (days, "years and months duration"):
        for op in ("+", "-"):
            yield (op, span, span), Type(span)
        yield ("*", span, number), Type(span)
        yield ("*", number, span), Type(span)
        yield ("/", span, number), Type(span)
        yield ("/", span, span), Type(number)
        for moment in ("date", "date and time", *(["time"] if span == days else [])):
            yield ("+", moment, span), Type(moment)
            yield ("+", span, moment), Type(moment)
            yield ("-", moment, span), Type(moment)
    yield ("-", "time", "time"), Type(days)
    for one in ("date", "date and time"):
        for other in ("date", "date and time"):
            yield ("-", one, other), Type(days)


OPERATIONS: Final = dict(_operations())
"""What an operator makes of operands of two types: by operator, type on its left, type on its right."""
