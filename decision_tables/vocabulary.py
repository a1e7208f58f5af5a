"""The vocabulary: the facts that a rulebook speaks of, and the door through which given facts come in."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from decision_tables.diagnostics import Diagnostic, Where, near_miss
from decision_tables.errors import GUESSED, BudgetExhausted, FactProblem, InvalidFacts, pointer
from decision_tables.feel import syntax
from decision_tables.feel.evaluate import Run, Test, compile_test
from decision_tables.feel.parse import Names
from decision_tables.feel.temporal import Date, DateTime, DaysDuration, Time, YearsDuration
from decision_tables.feel.values import Value, from_json, text_of, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Fact", "FactType", "ItemDefinition", "Vocabulary", "Words"]


@dataclass(frozen=True, slots=True)
class Words:
    """The same words in several languages; `by_language` maps `en`, `nl`, `fr`, … to text."""

    by_language: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.by_language.values())

    def said_in(self, language: str) -> str:
        """The words in that language, else in the first language that has them, else the empty string."""
        found = self.by_language.get(language)
        return found or next((text for text in self.by_language.values() if text), "")


@dataclass(frozen=True, slots=True)
class Fact:
    """One name that rules and callers may speak of.

    Attributes:
        key: the name, in FEEL and in JSON.
        type: a FEEL type: `string`, `number`, `boolean`, `date`, `time`, `date and time`,
            `days and time duration`, `years and months duration`, `context`, `Any`, `list` or `list<T>`,
            or a type that the rulebook defines.
        allowed: FEEL unary tests that every value satisfies (`"BE","FR"` or `>= 0`); empty allows the type.
        nullable: whether null may be given, meaning "known not to exist".
        label: what people call it.
        question: what to ask a person who is to give it; a fact without one is never asked for.
        unit: of a number, for people.
        note: for people.
    """

    key: str
    type: str = "Any"
    allowed: str = ""
    nullable: bool = False
    label: Words = field(default_factory=Words)
    question: Words = field(default_factory=Words)
    unit: str = ""
    note: str = ""


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
class FactType:
    """The type of a fact, as far as given values are held to it.

    Attributes:
        name: a FEEL type (`number`), `list`, `context` or `Any`.
        items: of a list, the type of its items.
    """

    name: str
    items: FactType | None = None

    def __str__(self) -> str:
        return f"list<{self.items}>" if self.items else self.name

    def holds(self, value: Value) -> bool:
        """Whether a FEEL value, not null and not unknown, is of this type."""
        if self.name == "Any":
            return True
        if self.items is not None and type(value) is list:
            return all(self.items.holds(item) for item in value)
        return type_name(value) == self.name


def type_of_text(text: str) -> FactType | None:
    """The type that a fact declares, or None if there is no such type; lists nest at most eight deep."""
    plain, lists = " ".join(text.split()), 0
    while (inner := re.fullmatch(r"list ?< ?(.+?) ?>", plain)) and lists < _LISTS:
        plain, lists = inner[1], lists + 1
    if plain not in _TYPE_NAMES:
        return None
    kind = FactType(plain)
    for _ in range(lists):
        kind = FactType("list", kind)
    return kind


class Vocabulary:
    """The compiled vocabulary of a rulebook.

    Attributes:
        facts: by key, in the order of the vocabulary.
        types: the type of each.
        diagnostics: what is wrong with the vocabulary itself.
    """

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.facts: dict[str, Fact] = {}
        self.types: dict[str, FactType] = {}
        self._tests: dict[str, Test] = {}
        self._values: dict[str, tuple[Value, ...]] = {}
        self._plain: dict[str, _Plain] = {}
        found: list[Diagnostic] = []
        for fact in facts:
            found += self._declare(fact)
        self.diagnostics = tuple(found)

    def _declare(self, fact: Fact) -> Iterable[Diagnostic]:
        where = Where("vocabulary", fact.key)
        if not _KEY.fullmatch(fact.key):
            yield Diagnostic("fact/key", where, f"`{fact.key}` cannot name a fact.", _KEY_HINT, fact.key)
        if fact.key in self.facts:
            yield Diagnostic("fact/duplicate", where, f"The vocabulary has `{fact.key}` twice.")
        kind = type_of_text(fact.type)
        if kind is None:
            close = near_miss(fact.type, _TYPE_NAMES)
            yield Diagnostic(
                "fact/type",
                Where("vocabulary", fact.key, "type"),
                f"`{fact.type}` is no type.",
                f"Did you mean `{close}`?" if close else "Types are: " + ", ".join(_TYPE_NAMES) + ".",
                fact.type,
            )
        self.facts[fact.key] = fact
        self.types[fact.key] = kind or FactType("Any")
        if fact.allowed.strip():
            test = compile_test(fact.allowed, Names(), Where("vocabulary", fact.key, "allowed"))
            yield from test.diagnostics
            if test.ok and not test.is_any:
                self._tests[fact.key] = test
                values = _listed(test)
                if values is not None:
                    self._values[fact.key] = values
        plain = self._plain_values(fact.key)
        if plain is not None:
            self._plain[fact.key] = plain

    def _plain_values(self, key: str) -> _Plain | None:
        """The everyday values of a fact, which need no closer look; None where all do."""
        kind, values = self.types[key].name, self.values_of(key)
        if kind == "string" and values is not None:
            return str, {value: value for value in values if type(value) is str}
        if key in self._tests or kind not in _PLAIN_KINDS:
            return None
        return _PLAIN_KINDS[kind]

    def values_of(self, key: str) -> tuple[Value, ...] | None:
        """The values that a fact may have, if its allowed values are a plain list of them; else None."""
        return self._values.get(key)

    def allows(self, key: str, value: Value) -> bool:
        """Whether the allowed values of a fact, if it names any, hold a value (of a list, each item)."""
        test = self._tests.get(key)
        if test is None or value is None:
            return True
        items = value if type(value) is list else [value]
        return all(test(item, {}, _quiet()) is True for item in items)

    def expected(self, key: str) -> tuple[str, ...]:
        """What a fact takes, for people: its allowed values as FEEL text, or its type."""
        values = self.values_of(key)
        if values is not None:
            return tuple(text_of(value) for value in values)
        test = self._tests.get(key)
        return (str(self.types[key]),) if test is None else (f"{self.types[key]}: {test.text}",)

    def accept(self, given: Mapping[str, object], *, ignore_undeclared: bool = False) -> dict[str, Value]:
        """The FEEL values of given facts, from decoded JSON (numbers as int or Decimal, never float).

        Raises:
            InvalidFacts: naming every fact that breaks the vocabulary.
        """
        problems: list[FactProblem] = []
        accepted: dict[str, Value] = {}
        for key, raw in given.items():
            plain = self._plain.get(key)
            if plain is not None and type(raw) is plain[0]:
                value = raw if plain[1] is None else plain[1].get(raw, _ASK)
                if value is not _ASK:
                    accepted[key] = value
                    continue
            if key not in self.facts:
                if not ignore_undeclared:
                    problems.append(self._undeclared(key, raw, guess=len(problems) < GUESSED))
                continue
            try:
                accepted[key] = self.read(key, raw)
            except _Unacceptable as reason:
                problems.append(self._problem(key, raw, reason))
        if problems:
            raise InvalidFacts(problems)
        return accepted

    def read(self, key: str, raw: object) -> Value:
        """The FEEL value of one given fact."""
        if raw is None:
            if self.facts[key].nullable:
                return None
            raise _Unacceptable("facts/null", "may not be null: leave it out if it is not known")
        try:
            value = _read(self.types[key], raw)
        except (ValueError, BudgetExhausted) as error:
            raise _Unacceptable("facts/value", f"cannot be taken: {str(error).rstrip('.')}") from error
        if not self.allows(key, value):
            raise _Unacceptable("facts/not-allowed", f"may not be {_quoted(value)}")
        return value

    def _undeclared(self, key: str, raw: object, *, guess: bool) -> FactProblem:
        return FactProblem.unknown(
            key,
            self.facts,
            where=pointer("facts", key[:_SHOWN]),
            code="facts/undeclared",
            message="is no fact of this rulebook",
            guess=guess,
            given=_shown(raw),
        )

    def _problem(self, key: str, raw: object, reason: _Unacceptable) -> FactProblem:
        told, values = self.expected(key), self.values_of(key)
        allowed = told if values is None else tuple(v if type(v) is str else text_of(v) for v in values)
        close = None
        if isinstance(raw, str) and values is not None:
            close = near_miss(raw, [value for value in values if type(value) is str])
        elif isinstance(raw, str) and self.types[key].name in {"boolean", "number"}:
            close = _unquoted(self.types[key], raw)
        expected = " or ".join(told) if len(told) <= _FEW else f"one of {', '.join(told)}"
        message = f"`{key}` {reason.why}; expected {expected}" + (f"; did you mean {close}?" if close else "")
        return FactProblem(pointer("facts", key), reason.code, message, _shown(raw), allowed, close)


class _Unacceptable(Exception):
    """Why a given value is refused; turned to a `FactProblem` at once."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


_KEY: Final = re.compile(r"[^\W\d]\w*(?:[ .'\-+/*]\w+)*")
_KEY_HINT: Final = "A name starts with a letter and holds letters, digits and underscores."
_ASK: Final = object()
_Plain: TypeAlias = "tuple[type, Mapping[Any, Value] | None]"
"""A JSON type, and the values of those that need no closer look; None for all of the type as they are."""

_PLAIN_KINDS: Final[dict[str, _Plain]] = {
    "string": (str, None),
    "boolean": (bool, None),
    "number": (int, {number: Decimal(number) for number in range(-100, 1001)}),
}
_LISTS: Final = 8
_FEW: Final = 2
_WORD: Final = 64
_SHOWN: Final = 80
_DIGITS: Final = 34
_EXPONENT: Final = 6144
_BITS: Final = 20_500  # 10 ** 6144 has 20,411
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _listed(test: Test) -> tuple[Value, ...] | None:
    """The values that a test accepts, if it is a plain list of them."""
    node = test.node
    if not isinstance(node, syntax.UnaryTests) or node.negated:
        return None
    values = tuple(branch.value for branch in node.tests if isinstance(branch, syntax.Literal))
    return values if len(values) == len(node.tests) else None


def _quiet() -> Run:
    """A run for tests that read neither facts nor clocks."""
    day = Date(1970, 1, 1)
    return Run(instant=_EPOCH, as_of=day, known_on=day)


def _read(kind: FactType, raw: object) -> Value:
    """The value of a type that decoded JSON stands for.

    Raises:
        _Unacceptable: it stands for none.
    """
    if kind.name == "list":
        if not isinstance(raw, list):
            raise _Unacceptable("facts/type", f"must be a list, and is {_described(raw)}")
        items = kind.items or FactType("Any")
        return [_read(items, item) for item in raw]
    if kind.name == "context":
        if not isinstance(raw, dict):
            raise _Unacceptable("facts/type", f"must be an object, and is {_described(raw)}")
        return _any(raw)
    return _READERS[kind.name](raw) if kind.name in _READERS else _any(raw)


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
        raise _Unacceptable("facts/type", f"must be a number, and is {_described(raw)}")
    # An integer of very many digits is refused by its bits: writing it out would take quadratic time.
    too_long = isinstance(raw, int) and raw.bit_length() > _BITS
    number = Decimal(0) if too_long else Decimal(raw)
    digits = len(number.as_tuple().digits)
    if too_long or not number.is_finite() or digits > _DIGITS or abs(number.adjusted()) > _EXPONENT:
        raise _Unacceptable("facts/number", f"has over {_DIGITS} digits or an exponent beyond {_EXPONENT}")
    return number


def _string(raw: object) -> Value:
    if not isinstance(raw, str):
        raise _Unacceptable("facts/type", f"must be text, and is {_described(raw)}")
    return raw


def _boolean(raw: object) -> Value:
    if not isinstance(raw, bool):
        raise _Unacceptable("facts/type", f"must be true or false, and is {_described(raw)}")
    return raw


def _temporal(parse: Callable[[str], Value], example: str) -> Callable[[object], Value]:
    def read(raw: object) -> Value:
        why = f'must be text such as "{example}", and is {_described(raw)}'
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
_TYPE_NAMES: Final = (*_READERS, "context", "list", "Any")


def _described(raw: object) -> str:
    match raw:
        case None:
            return "null"
        case bool():
            return "true" if raw else "false"
        case str():
            return f'the text "{raw[:_SHOWN]}"'
        case int() if raw.bit_length() > _BITS:
            return "a number of over 6,144 digits"
        case int() | Decimal():
            return f"the number {str(Decimal(raw))[:_SHOWN]}"
        case list():
            return "a list"
        case _:
            return "an object"


def _unquoted(kind: FactType, raw: str) -> str | None:
    """What a caller who put quotes round a number or a boolean meant."""
    word = raw.strip().lower()
    if kind.name == "boolean":
        return {
            "true": "true",
            "yes": "true",
            "y": "true",
            "false": "false",
            "no": "false",
            "n": "false",
        }.get(word)
    return word if re.fullmatch(r"-?\d{1,30}(\.\d{1,30})?", word) else None


def _shown(raw: object) -> Any:
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
    if type(value) is str:
        return text_of(value[:_SHOWN])
    try:
        return text_of(value)[:_SHOWN]
    except BudgetExhausted:
        return f"this {type_name(value)}"
