"""What a value may be: types of facts and item definitions, and the two ways in (DMN 1.5, 7.3.2).

Decoded JSON is *read*: whatever is wrong is told, each thing at its place. A FEEL value that crosses a border inside
a model is *coerced*: converted as 10.3.2.9.4 has it, and then it must be among the allowed values, or it is trouble.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from decision_tables.diagnostics import Diagnostic, Where, near_miss
from decision_tables.errors import BudgetExhausted, FactProblem
from decision_tables.feel import syntax, types
from decision_tables.feel.evaluate import Run, Test, compile_test
from decision_tables.feel.parse import Names, parse_type
from decision_tables.feel.temporal import Date, DateTime, DaysDuration, Time, YearsDuration
from decision_tables.feel.types import ANY, Type
from decision_tables.feel.values import Trouble, Value, from_json, spoken, text_of, type_name
from decision_tables.said import either, said, said_of
from decision_tables.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["TYPE_NAMES", "ItemDefinition", "Kind", "Kinds", "told_value"]


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A named type (DMN 1.5, 7.3.2): a simple one with allowed values, a structure, a list, or a function.

    Attributes:
        key: its name, in FEEL too; of a component the name of the entry.
        type: a FEEL type or another definition's name; empty where there are components or `result`.
        components: the entries of a structure.
        is_list: whether a value is a list of what is said here.
        allowed: FEEL unary tests that every value (of a list: every item) satisfies; empty allows all.
        constraint: FEEL unary tests that the value as a whole satisfies.
        parameters: of a function, the types of its parameters: definitions with `key` and `type` alone.
        result: of a function, the type that it gives; empty for all others.
        label: what people call it.
        note: for people.
    """

    key: str
    type: str = ""
    components: tuple[ItemDefinition, ...] = ()
    is_list: bool = False
    allowed: str = ""
    constraint: str = ""
    parameters: tuple[ItemDefinition, ...] = ()
    result: str = ""
    label: Words = field(default_factory=Words)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A compiled type: FEEL's own, and the values that are allowed at each level.

    Attributes:
        type: as FEEL has it.
        items: of a list, what its items are; None for any.
        entries: of a structure, what its entries are.
        allowed: tests that a value satisfies; of a list each item, when `each`.
        each: whether `allowed` speaks of the items of a list.
        values: where the allowed values are a plain list, these; else None.
    """

    type: Type
    items: Kind | None = None
    entries: tuple[tuple[str, Kind], ...] = ()
    allowed: tuple[Test, ...] = ()
    values: tuple[Value, ...] | None = None

    @property
    def name(self) -> str:
        """FEEL's name for it without what is in the brackets: `list`, `context`, `number`."""
        return self.type.name

    def __str__(self) -> str:
        return self.type.definition or str(self.type)

    def holds(self, value: Value) -> bool:
        """Whether a FEEL value is of the type, whatever values are allowed; null is of every type."""
        return types.conforms(value, self.type)

    def allows(self, value: Value) -> bool:
        """Whether a value of the type is among those allowed, its parts too; null always is."""
        if value is None:
            return True
        if any(test(value, {}, quiet()) is not True for test in self.allowed):
            return False
        if self.items is not None and type(value) is list:
            return all(self.items.allows(item) for item in value)
        if self.entries and type(value) is dict:
            return all(kind.allows(value.get(name)) for name, kind in self.entries)
        return True

    @property
    def is_free(self) -> bool:
        """Whether a value of the type is allowed without a look."""
        parts = (*(kind for _, kind in self.entries), *([self.items] if self.items else ()))
        return not self.allowed and all(part.is_free for part in parts)

    def coerced(self, value: Value) -> Value:
        """The value as the type wants it (10.3.2.9.4); null stays null.

        Raises:
            Trouble: no conversion leads there, or the value is not among those allowed.
            BudgetExhausted: the value is too large to be looked at.
        """
        found = types.coerced(value, self.type)
        if not self.allows(found):
            raise Trouble(
                said(
                    "{value} is none of the values that {kind} allows.",
                    value=_quoted(found),
                    kind=spoken(str(self)),
                ),
                "feel/not-allowed",
            )
        return found

    @property
    def converter(self) -> Callable[[Value], Value] | None:
        """What makes a value one of this kind, raising `Trouble` where it cannot; None where any value is."""
        if self.type == ANY and self.is_free:
            return None
        plain = types.CLASSES.get(self.name)
        if plain is None or not self.is_free or self.items or self.entries or self.type.items:
            return self.coerced

        def convert(value: Value) -> Value:
            return value if type(value) is plain else self.coerced(value)

        return convert

    def described(self) -> tuple[str, ...]:
        """What it takes, for people: its allowed values as FEEL text, or its name."""
        if self.values is not None:
            return tuple(text_of(value) for value in self.values)
        tests = self.allowed or (self.items.allowed if self.items is not None else ())
        name = spoken(str(self))
        if not tests:
            return (name,)
        return (said("{type}: {tests}", type=name, tests=", ".join(test.text for test in tests)),)


class Kinds:
    """The types of a rulebook.

    Attributes:
        named: the types that it defines, for `Names(types=…)`.
        components: the names of all entries, for `Names(components=…)`.
        diagnostics: what is wrong with the definitions.
    """

    def __init__(self, definitions: Iterable[ItemDefinition] = ()) -> None:
        self.named: dict[str, Type] = {}
        self.components: set[str] = set()
        self._kinds: dict[str, Kind] = {}
        self._found: list[Diagnostic] = []
        self._definitions: dict[str, ItemDefinition] = {}
        for definition in definitions:
            if definition.key in self._definitions:
                message = said("The type `{key}` is defined twice.", key=definition.key)
                self._found.append(Diagnostic("type/duplicate", Where("types", definition.key), message))
            self._definitions.setdefault(definition.key, definition)
        # While definitions are read every name stands for itself; which one it is, is then looked up.
        self._names = Names(types={key: Type("Any", definition=key) for key in self._definitions})
        self._open: list[str] = []
        for key in self._definitions:
            self._kind_named(key)
        self.named = {key: kind.type for key, kind in self._kinds.items()}
        self.diagnostics = tuple(self._found)

    def of(self, text: str, where: Where, allowed: str = "") -> tuple[Kind | None, tuple[Diagnostic, ...]]:
        """The kind that a text names, with further allowed values; None where the text names none."""
        kind, found = self._of_text(text, where)
        if not allowed.strip():
            return kind, tuple(found)
        test = compile_test(allowed, Names(), replace(where, column="allowed"))
        return kind and _narrowed(kind, test), (*found, *test.diagnostics)

    # -- definitions --------------------------------------------------------------------------------------

    def _kind_named(self, key: str) -> Kind:
        kind = self._kinds.get(key)
        if kind is not None:
            return kind
        if key in self._open:
            circle = " → ".join(f"`{name}`" for name in (*self._open[self._open.index(key) :], key))
            self._found.append(
                Diagnostic(
                    "type/circular",
                    Where("types", key),
                    said("The types rest on each other: {circle}.", circle=circle),
                )
            )
            return Kind(ANY)
        self._open.append(key)
        kind = self._defined(self._definitions[key], Where("types", key))
        self._open.pop()
        kind = replace(kind, type=replace(kind.type, definition=key))
        self._kinds[key] = kind
        return kind

    def _defined(self, item: ItemDefinition, where: Where) -> Kind:
        if item.components:
            kind = self._structure(item, where)
        elif item.result:
            parameters = tuple(self._plain(one.type or "Any", where).type for one in item.parameters)
            kind = Kind(Type("function", parameters, (), self._plain(item.result, where).type))
        else:
            kind = self._plain(item.type or "Any", where)
        if item.allowed.strip() and (test := self._test(item.allowed, where, "allowed")) is not None:
            kind = _narrowed(kind, test)
        if item.is_list:
            kind = Kind(Type("list", (kind.type,)), kind)
        if item.constraint.strip() and (test := self._test(item.constraint, where, "constraint")) is not None:
            kind = replace(kind, allowed=(*kind.allowed, test))
        return kind

    def _structure(self, item: ItemDefinition, where: Where) -> Kind:
        entries: dict[str, Kind] = {}
        for component in item.components:
            self.components.add(component.key)
            spot = replace(where, column=".".join(filter(None, (where.column, component.key))))
            if component.key in entries:
                message = said("`{rule}` has two entries called `{key}`.", rule=where.rule, key=component.key)
                self._found.append(Diagnostic("type/duplicate", spot, message))
            entries[component.key] = self._defined(component, spot)
        listed = tuple(entries.items())
        return Kind(Type("context", (), tuple((name, kind.type) for name, kind in listed)), None, listed)

    def _plain(self, text: str, where: Where) -> Kind:
        kind, found = self._of_text(text, where)
        self._found += found
        return kind or Kind(ANY)

    def _test(self, text: str, where: Where, column: str) -> Test | None:
        spot = replace(where, column=".".join(filter(None, (where.column, column))))
        test = compile_test(text, Names(components=self.components), spot)
        self._found += test.diagnostics
        return test if test.ok and not test.is_any else None

    # -- texts --------------------------------------------------------------------------------------------

    def _of_text(self, text: str, where: Where) -> tuple[Kind | None, list[Diagnostic]]:
        found, told = parse_type(text, self._names, where)
        if found is None:
            close = near_miss(text, (*_NAMES, *self._definitions))
            hint = (
                said("Did you mean `{close}`?", close=close)
                if close
                else said("Types are: {names}.", names=", ".join(_NAMES))
            )
            spot = told[0].where if told else where
            return None, [
                Diagnostic("type/unknown", spot, said("`{text}` is no type.", text=text), hint, text)
            ]
        return self._of_type(found), []

    def _of_type(self, found: Type) -> Kind:
        if found.definition:
            return self._kind_named(found.definition)
        match found.name:
            case "list" if found.items:
                items = self._of_type(found.items[0])
                return Kind(Type("list", (items.type,)), items)
            case "context":
                entries = tuple((name, self._of_type(entry)) for name, entry in found.entries)
                self.components.update(name for name, _ in entries)
                return Kind(Type("context", (), tuple((n, kind.type) for n, kind in entries)), None, entries)
            case "range" if found.items:
                return Kind(Type("range", (self._of_type(found.items[0]).type,)))
            case "function" if found.result is not None:
                parameters = tuple(self._of_type(item).type for item in found.items)
                return Kind(Type("function", parameters, (), self._of_type(found.result).type))
            case _:
                return Kind(found)


def _narrowed(kind: Kind, test: Test) -> Kind:
    """A kind of which only some values are allowed: of a list, only some items."""
    if test.is_any or not test.ok:
        return kind
    if kind.name == "list":
        items = kind.items or Kind(ANY)
        return replace(kind, items=_narrowed(items, test))
    listed = _listed(test)
    known = kind.values is None or listed is None
    values = listed if known else tuple(value for value in kind.values or () if value in (listed or ()))
    return replace(kind, allowed=(*kind.allowed, test), values=values or kind.values)


def _listed(test: Test) -> tuple[Value, ...] | None:
    """The values that a test accepts, if it is a plain list of them."""
    node = test.node
    if not isinstance(node, syntax.UnaryTests) or node.negated:
        return None
    values = tuple(branch.value for branch in node.tests if isinstance(branch, syntax.Literal))
    return values if len(values) == len(node.tests) else None


def quiet() -> Run:
    """A run for tests that read neither facts nor clocks."""
    day = Date(1970, 1, 1)
    return Run(instant=_EPOCH, as_of=day, known_on=day)


# -- decoded JSON -----------------------------------------------------------------------------------------


class Intake:
    """Reads given values, and gathers what is wrong with them.

    Args:
        closed: whether an entry that is left out is null; otherwise it has to be given.

    Attributes:
        problems: what cannot be accepted, each with a JSON Pointer to it.
    """

    def __init__(self, *, closed: bool = False) -> None:
        self._closed = closed
        self.problems: list[FactProblem] = []

    def value(self, kind: Kind, raw: object, name: str, path: str, *, nullable: bool = True) -> Value:
        """The FEEL value that decoded JSON stands for; whatever it is where a problem is told.

        Args:
            kind: what it has to be.
            raw: numbers as int or Decimal, never float.
            name: what it is called, for people (`applicant.income`).
            path: JSON Pointer to it.
            nullable: whether it may be null.
        """
        before = len(self.problems)
        reason: _Unacceptable | None = None
        value: Value = None
        try:
            value = self._read(kind, raw, name, path, nullable=nullable)
            if len(self.problems) == before and not _allowed_here(kind, value):
                reason = _Unacceptable("facts/not-allowed", said("may not be {value}", value=_quoted(value)))
        except _Unacceptable as refused:
            reason = refused
        except (ValueError, BudgetExhausted) as error:
            reason = _Unacceptable("facts/value", said("cannot be taken: {told}", told=said_of(error)))
        if reason is not None:
            self.problems.append(_problem(kind, raw, name, path, reason))
        return value

    def _read(self, kind: Kind, raw: object, name: str, path: str, *, nullable: bool) -> Value:
        if raw is None:
            if nullable:
                return None
            raise _Unacceptable("facts/null", said("may not be null: leave it out if it is not known"))
        if kind.name == "list":
            if not isinstance(raw, list):
                raise _Unacceptable(
                    "facts/type", said("must be a list, and is {given}", given=_described(raw))
                )
            items = kind.items or _ANY
            return [
                self.value(items, item, f"{name}[{n + 1}]", f"{path}/{n}", nullable=items.name == "Any")
                for n, item in enumerate(raw)
            ]
        if kind.name == "context":
            if not isinstance(raw, dict):
                raise _Unacceptable(
                    "facts/type", said("must be an object, and is {given}", given=_described(raw))
                )
            return self._structure(kind, raw, name, path) if kind.entries else _any(raw)
        if kind.name in {"range", "function"}:
            raise _Unacceptable(
                "facts/type", said("is a {name}, and JSON has no way to write one", name=spoken(kind.name))
            )
        return _READERS[kind.name](raw) if kind.name in _READERS else _any(raw)

    def _structure(self, kind: Kind, raw: dict[str, object], name: str, path: str) -> Value:
        known = dict(kind.entries)
        missing = [entry for entry in known if entry not in raw]
        found: dict[str, Value] = {}
        for entry, kind_of_entry in known.items():
            if entry in raw:
                spot = f"{path}/{_escaped(entry)}"
                found[entry] = self.value(kind_of_entry, raw[entry], f"{name}.{entry}", spot)
        extra = [entry for entry in raw if entry not in known]
        for entry in extra:
            close = near_miss(entry, missing) if missing and len(self.problems) < _TOLD else None
            if close is not None:
                missing.remove(close)
                spot, told = (
                    f"{path}/{_escaped(entry[:_SHOWN])}",
                    said("`{entry}` is no entry of `{name}`", entry=entry[:_SHOWN], name=name),
                )
                message = said("{told}; did you mean `{close}`?", told=told, close=close)
                self.problems.append(
                    FactProblem(spot, "facts/undeclared", message, shown(raw[entry]), tuple(known), close)
                )
            else:
                found[entry] = _any(raw[entry])
        for entry in missing:
            if self._closed:
                found[entry] = None
                continue
            message = said(
                "`{name}.{entry}` is missing; give it, or null if there is none", name=name, entry=entry
            )
            allowed = known[entry].described()
            self.problems.append(
                FactProblem(f"{path}/{_escaped(entry)}", "facts/missing", message, None, allowed)
            )
        return found


def _allowed_here(kind: Kind, value: Value) -> bool:
    """Whether the kind's own tests allow a value; those of its parts were asked when the parts were read."""
    return value is None or all(test(value, {}, quiet()) is True for test in kind.allowed)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _problem(kind: Kind, raw: object, name: str, path: str, reason: _Unacceptable) -> FactProblem:
    told = kind.described()
    allowed = told if kind.values is None else tuple(v if type(v) is str else text_of(v) for v in kind.values)
    close = None
    if isinstance(raw, str) and kind.values is not None:
        close = near_miss(raw, [value for value in kind.values if type(value) is str])
    elif isinstance(raw, str) and kind.name in {"boolean", "number"}:
        close = _unquoted(kind.name, raw)
    expected = either(told) if 0 < len(told) <= _FEW else said("one of {names}", names=", ".join(told))
    message = said("`{name}` {why}; expected {expected}", name=name, why=reason.why, expected=expected)
    if close:
        message = said("{told}; did you mean {close}?", told=message, close=close)
    return FactProblem(path, reason.code, message, shown(raw), allowed, close)


class _Unacceptable(Exception):
    """Why a given value is refused; turned to a `FactProblem` at once."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


_ANY: Final = Kind(ANY)
_FEW: Final = 2
_TOLD: Final = 20
_WORD: Final = 64
_SHOWN: Final = 80
_DIGITS: Final = 34
_EXPONENT: Final = 6144
_BITS: Final = 20_500  # 10 ** 6144 has 20,411
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _any(raw: object) -> Value:
    for number in _numbers_in(raw):
        _number(number)
    return from_json(raw)


def _numbers_in(raw: object) -> Iterable[object]:
    rest = [raw]
    while rest:
        match rest.pop():
            case bool():
                pass
            case int() | Decimal() as number:
                yield number
            case list() as items:
                rest.extend(items)
            case dict() as entries:
                rest.extend(entries.values())


def _number(raw: object) -> Value:
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise _Unacceptable("facts/type", said("must be a number, and is {given}", given=_described(raw)))
    # An integer of very many digits is refused by its bits: writing it out would take quadratic time.
    too_long = isinstance(raw, int) and raw.bit_length() > _BITS
    number = Decimal(0) if too_long else Decimal(raw)
    digits = len(number.as_tuple().digits)
    if too_long or not number.is_finite() or digits > _DIGITS or abs(number.adjusted()) > _EXPONENT:
        raise _Unacceptable(
            "facts/number",
            said(
                "has over {digits} digits or an exponent beyond {exponent}",
                digits=_DIGITS,
                exponent=_EXPONENT,
            ),
        )
    return number


def _string(raw: object) -> Value:
    if not isinstance(raw, str):
        raise _Unacceptable("facts/type", said("must be text, and is {given}", given=_described(raw)))
    return raw


def _boolean(raw: object) -> Value:
    if not isinstance(raw, bool):
        raise _Unacceptable(
            "facts/type", said("must be true or false, and is {given}", given=_described(raw))
        )
    return raw


def _temporal(parse: Callable[[str], Value], example: str) -> Callable[[object], Value]:
    def read(raw: object) -> Value:
        why = said('must be text such as "{example}", and is {given}', example=example, given=_described(raw))
        if not isinstance(raw, str):
            raise _Unacceptable("facts/type", why)
        try:
            return parse(raw)
        except ValueError as error:
            raise _Unacceptable("facts/type", why) from error

    return read


_READERS: Final[dict[str, Callable[[object], Value]]] = {
    "string": _string,
    "number": _number,
    "boolean": _boolean,
    "date": _temporal(Date.parse, "2026-01-31"),
    "time": _temporal(Time.parse, "09:30:00"),
    "date and time": _temporal(DateTime.parse, "2026-01-31T09:30:00Z"),
    "days and time duration": _temporal(DaysDuration.parse, "P10DT8H"),
    "years and months duration": _temporal(YearsDuration.parse, "P1Y6M"),
}
_NAMES: Final = (*_READERS, "context", "list", "Any")


def _described(raw: object) -> str:
    match raw:
        case None:
            return "null"
        case bool():
            return "true" if raw else "false"
        case str():
            return said('the text "{raw}"', raw=raw[:_SHOWN])
        case int() if raw.bit_length() > _BITS:
            return said("a number of over 6,144 digits")
        case int() | Decimal():
            return said("the number {decimal}", decimal=str(Decimal(raw))[:_SHOWN])
        case list():
            return said("a list")
        case _:
            return said("an object")


def _unquoted(kind: str, raw: str) -> str | None:
    """What a caller who put quotes round a number or a boolean meant."""
    word = raw.strip().lower()
    if kind == "boolean":
        return {
            "true": "true",
            "yes": "true",
            "y": "true",
            "false": "false",
            "no": "false",
            "n": "false",
        }.get(word)
    return word if re.fullmatch(r"-?\d{1,30}(\.\d{1,30})?", word) else None


def shown(raw: object) -> Any:
    """A given value, short enough to send back."""
    if isinstance(raw, str):
        return raw[:_SHOWN]
    if raw is None or isinstance(raw, bool):
        return raw
    if isinstance(raw, int | Decimal):
        is_short = raw.bit_length() < _WORD if isinstance(raw, int) else len(raw.as_tuple().digits) < _SHOWN
        return raw if is_short else f"({_described(raw)})"
    return f"({_described(raw)})"


def _quoted(value: Value) -> str:
    """A refused value as FEEL text, short enough to send back."""
    return text_of(value[:_SHOWN]) if type(value) is str else told_value(value, _SHOWN)


def told_value(value: Value, at_most: int | None = None) -> str:
    """A value as FEEL text, of so many characters at most; one too large or too deep for that by its type."""
    try:
        return text_of(value)[:at_most]
    except BudgetExhausted:
        return said("this value of the type {type}", type=type_name(value))


TYPE_NAMES: Final = (
    "string",
    "number",
    "boolean",
    "date",
    "time",
    "date and time",
    "days and time duration",
    "years and months duration",
    "context",
    "Any",
)
"""The types of single values, as authors are offered them."""
