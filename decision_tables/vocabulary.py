"""The vocabulary: the facts that a rulebook speaks of, and the door through which given facts come in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from decision_tables.diagnostics import Diagnostic, Where
from decision_tables.errors import GUESSED, FactProblem, InvalidFacts, pointer
from decision_tables.feel.parse import is_name
from decision_tables.feel.types import ANY, Type
from decision_tables.items import Intake, ItemDefinition, Kind, Kinds, shown
from decision_tables.said import said
from decision_tables.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from decision_tables.feel.values import Value

__all__ = ["Fact", "ItemDefinition", "Kind", "Vocabulary", "Words"]


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
        note: for those who keep the rules.
        explanation: what helps a person to give it: where to find it, what counts and what does not.
    """

    key: str
    type: str = "Any"
    allowed: str = ""
    nullable: bool = False
    label: Words = field(default_factory=Words)
    question: Words = field(default_factory=Words)
    unit: str = ""
    note: str = ""
    explanation: Words = field(default_factory=Words)


class Vocabulary:
    """The compiled vocabulary of a rulebook.

    Attributes:
        facts: by key, in the order of the vocabulary.
        kinds: what each may be.
        named: the types that the rulebook defines, for FEEL.
        components: the names of entries of structures, for FEEL.
        diagnostics: what is wrong with the vocabulary itself.
    """

    def __init__(self, facts: Iterable[Fact], definitions: Iterable[ItemDefinition] = ()) -> None:
        self._types = Kinds(definitions)
        self.named: Mapping[str, Type] = self._types.named
        self.facts: dict[str, Fact] = {}
        self.kinds: dict[str, Kind] = {}
        self._plain: dict[str, _Plain] = {}
        found: list[Diagnostic] = list(self._types.diagnostics)
        for fact in facts:
            found += self._declare(fact)
        self.components = frozenset(self._types.components)
        self.diagnostics = tuple(found)

    def _declare(self, fact: Fact) -> Iterable[Diagnostic]:
        where = Where("vocabulary", fact.key)
        if not is_name(fact.key):
            yield Diagnostic(
                "fact/key", where, said("`{key}` cannot name a fact.", key=fact.key), _KEY_HINT, fact.key
            )
        if fact.key in self.facts:
            yield Diagnostic("fact/duplicate", where, said("The vocabulary has `{key}` twice.", key=fact.key))
        kind, found = self._types.of(fact.type, replace(where, column="type"), fact.allowed)
        for one in found:
            yield replace(one, code="fact/type") if one.code == "type/unknown" else one
        kind = kind or Kind(ANY)
        self.facts[fact.key] = fact
        self.kinds[fact.key] = kind
        plain = _plain_values(kind)
        if plain is not None:
            self._plain[fact.key] = plain

    def kind_of(self, text: str) -> Kind | None:
        """The kind that a type's text names, or None if there is no such type."""
        return self._types.of(text, Where())[0]

    def kind_and_problems(
        self, text: str, where: Where, allowed: str = ""
    ) -> tuple[Kind | None, tuple[Diagnostic, ...]]:
        """The kind that a type's text names, with further allowed values, and what is wrong with either."""
        return self._types.of(text, where, allowed)

    def values_of(self, key: str) -> tuple[Value, ...] | None:
        """The values that a fact (of a list, each item) may have, where they are a plain list; else None."""
        kind = self.kinds[key]
        return kind.items.values if kind.items is not None else kind.values

    def allows(self, key: str, value: Value) -> bool:
        """Whether the allowed values of a fact, if it names any, hold a value (of a list, each item)."""
        return self.kinds[key].allows(value)

    def expected(self, key: str) -> tuple[str, ...]:
        """What a fact takes, for people: its allowed values as FEEL text, or its type."""
        kind = self.kinds[key]
        if kind.items is not None and kind.items.values is not None:
            return kind.items.described()
        return kind.described()

    def accept(
        self, given: Mapping[str, object], *, ignore_undeclared: bool = False, closed: bool = False
    ) -> dict[str, Value]:
        """The FEEL values of given facts, from decoded JSON (numbers as int or Decimal, never float).

        Args:
            given: by key.
            ignore_undeclared: leave out what the vocabulary does not have, rather than refuse it.
            closed: what is not given is null: so may be any fact, and so are entries that are left out.

        Raises:
            InvalidFacts: naming every fact that breaks the vocabulary.
        """
        intake = Intake(closed=closed)
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
                    intake.problems.append(self._undeclared(key, raw, guess=len(intake.problems) < GUESSED))
                continue
            nullable = closed or self.facts[key].nullable
            accepted[key] = intake.value(self.kinds[key], raw, key, pointer("facts", key), nullable=nullable)
        if intake.problems:
            raise InvalidFacts(intake.problems)
        return accepted

    def _undeclared(self, key: str, raw: object, *, guess: bool) -> FactProblem:
        return FactProblem.unknown(
            key,
            self.facts,
            where=pointer("facts", key[:_SHOWN]),
            code="facts/undeclared",
            message=said("is no fact of this rulebook"),
            guess=guess,
            given=shown(raw),
        )


def _plain_values(kind: Kind) -> _Plain | None:
    """The everyday values of a kind, which need no closer look; None where all do."""
    if kind.name == "string" and kind.values is not None and len(kind.allowed) == 1:
        return str, {value: value for value in kind.values if type(value) is str}
    return None if kind.allowed else _PLAIN_KINDS.get(kind.name)


_KEY_HINT: Final = said("A name starts with a letter and holds letters, digits and underscores.")
_ASK: Final = object()
_Plain: TypeAlias = "tuple[type, Mapping[Any, Value] | None]"
"""A JSON type, and the values of those that need no closer look; None for all of the type as they are."""

_PLAIN_KINDS: Final[dict[str, _Plain]] = {
    "string": (str, None),
    "boolean": (bool, None),
    "number": (int, {number: Decimal(number) for number in range(-100, 1001)}),
}
_SHOWN: Final = 80
