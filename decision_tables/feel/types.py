"""FEEL's types as they are written, and the implicit conversions between them (DMN 1.5, 10.3.2.9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from decision_tables.feel.temporal import Date, DateTime, DaysDuration, Time, YearsDuration
from decision_tables.feel.values import Function, Range, Trouble, Value, Walk, spoken, type_name
from decision_tables.said import said

__all__ = ["ANY", "CLASSES", "NAMED", "NULL", "UNDEFINED", "Type", "coerced", "conforms", "subsumes"]


@dataclass(frozen=True, slots=True)
class Type:
    """A type: a named one, or `list<T>`, `range<T>`, `context<a: T>`, `function<T> -> T`.

    Attributes:
        name: `number`, `Any`, `list`, `context`, `function`, …
        items: element type of a list or range; parameter types of a function. Empty: of any type.
        entries: the entries that a context must have.
        result: what a function gives.
        definition: the name under which a model defines it; two types are the same whatever they are called.
    """

    name: str
    items: tuple[Type, ...] = ()
    entries: tuple[tuple[str, Type], ...] = ()
    result: Type | None = None
    definition: str = field(default="", compare=False)

    def __str__(self) -> str:
        if self.name == "context" and self.entries:
            return "context<" + ", ".join(f"{name}: {kind}" for name, kind in self.entries) + ">"
        if self.name == "function" and self.result is not None:
            return f"function<{', '.join(map(str, self.items))}> -> {self.result}"
        return f"{self.name}<{self.items[0]}>" if self.items else self.name


ANY: Final = Type("Any")
NULL: Final = Type("Null")
UNDEFINED: Final = Type("")
"""What stands for a type that does not exist: no value is of it but null."""

NAMED: Final[dict[str, Type]] = {
    name: Type(name)
    for name in (
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
        "Any",
        "Null",
    )
}
"""The types that need no brackets. Other spellings are no types of FEEL."""

CLASSES: Final[dict[str, type]] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": Date,
    "time": Time,
    "date and time": DateTime,
    "days and time duration": DaysDuration,
    "years and months duration": YearsDuration,
    "list": list,
    "context": dict,
    "range": Range,
    "function": Function,
}


def conforms(value: Value, kind: Type) -> bool:
    """Whether a value is of a type (10.3.2.9.2). Null conforms to every type here; `instance of` is stricter."""
    return _conforms(value, kind, Walk(), 0)


def _conforms(value: Value, kind: Type, walk: Walk, depth: int) -> bool:
    walk.step(depth)
    if value is None or kind.name == "Any":
        return True
    # Kept apart from the test, or the checker forgets that what a value offers is open.
    found: type = type(value)
    if found is not CLASSES.get(kind.name):
        return False
    if kind.name == "list":
        items = kind.items[:1]
        return (
            not items or items == (ANY,) or all(_conforms(item, items[0], walk, depth + 1) for item in value)
        )
    if kind.name == "range":
        return not kind.items or all(
            _conforms(end, kind.items[0], walk, depth + 1) for end in (value.low, value.high)
        )
    if kind.name == "context":
        return all(
            name in value and _conforms(value[name], entry, walk, depth + 1) for name, entry in kind.entries
        )
    if kind.name == "function" and kind.result is not None:
        return value.signature is None or subsumes(kind, value.signature)
    return True


def subsumes(wide: Type, narrow: Type) -> bool:
    """Whether every value of the narrow type conforms to the wide one (10.3.2.9.2)."""
    if wide.name == "Any" or narrow.name == "Null":
        return True
    if wide.name != narrow.name:
        return False
    if wide.name == "function":
        if wide.result is None or narrow.result is None:
            return wide.result is None
        return (
            len(wide.items) == len(narrow.items)
            and all(subsumes(theirs, ours) for ours, theirs in zip(wide.items, narrow.items, strict=True))
            # What a function literal gives is known when it is called, and held to its use there.
            and (narrow.result == ANY or subsumes(wide.result, narrow.result))
        )
    if wide.name == "context":
        have = dict(narrow.entries)
        return all(name in have and subsumes(entry, have[name]) for name, entry in wide.entries)
    return not wide.items or (bool(narrow.items) and subsumes(wide.items[0], narrow.items[0]))


def coerced(value: Value, kind: Type) -> Value:
    """The value as the type wants it, by FEEL's implicit conversions (10.3.2.9.4).

    A list of one element where no list is asked gives the element, a lone value where a list is asked the list of
    it, a date where a date and time is asked its midnight in UTC.

    Raises:
        Trouble: no conversion leads there.
    """
    if conforms(value, kind):
        return value
    if type(value) is list and len(value) == 1 and kind.name != "list" and conforms(value[0], kind):
        return value[0]
    if kind.name == "list" and type(value) is not list and conforms([value], kind):
        return [value]
    if kind.name == "date and time" and type(value) is Date:
        return value.at_midnight()
    raise Trouble(
        said("Expected {kind}, found {type}.", kind=spoken(str(kind)), type=type_name(value)), "feel/type"
    )
