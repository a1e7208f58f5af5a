"""What pages tell of the vocabulary: the types to choose from, and the places that speak of a fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from admin.desk import label_of, title_of
from admin.words import mark
from decision_tables.diagnostics import Where
from decision_tables.items import TYPE_NAMES, Kinds
from decision_tables.mentions import Role
from decision_tables.repairs import candidates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from admin.desk import Edition
    from admin.words import Tongue
    from decision_tables.mentions import Mention
    from decision_tables.rulebook import Rulebook
    from decision_tables.vocabulary import ItemDefinition

__all__ = ["Place", "meant_values", "place_link", "place_name", "places_at", "places_of", "types_to_choose"]

_ROLES: Final = {
    Role.READS: mark("reads it"),
    Role.CONCLUDES: mark("concludes it"),
    Role.ASKS: mark("asks for it"),
    Role.GIVES: mark("speaks of it"),
    Role.OFFERS: mark("takes it or answers it"),
    Role.UNREADABLE: mark("holds its name, and cannot be read"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place that speaks of a fact, as a page tells it; `text` and `after` are its FEEL before and after."""

    role: str
    name: str
    href: str
    text: str = ""
    after: str = ""


def places_at(edition: Edition, places: Iterable[Where], t: Tongue) -> list[Place]:
    """Places as a page tells them, without what stands there."""
    return [Place("", place_name(edition.rulebook, where, t), place_link(edition, where)) for where in places]


def places_of(edition: Edition, mentions: Iterable[Mention], t: Tongue) -> list[Place]:
    """Places as a page tells them."""
    return [
        Place(
            t.gettext(_ROLES[mention.role]),
            place_name(edition.rulebook, mention.where, t),
            place_link(edition, mention.where),
            mention.text,
            mention.after,
        )
        for mention in mentions
    ]


def meant_values(types: Iterable[ItemDefinition], kind: str, text: str) -> str:
    """The allowed values that were meant: `flat, shop` of a text are `"flat", "shop"`; as typed where it is not plain.

    Args:
        types: that the rulebook defines.
        kind: the type of the fact, as typed.
        text: its allowed values, as typed.
    """
    kinds, where = Kinds(types), Where("vocabulary")
    known, wrong = kinds.of(kind, where)
    if known is None or wrong or not kinds.of(kind, where, text)[1]:
        return text
    meant = candidates(text.replace("\n", ", "), known.items or known, is_test=True)
    return next((one for one in meant if not kinds.of(kind, where, one)[1]), text)


_KINDS_OF_PLACES: Final = {
    "cases": mark("Case %(name)s"),
    "queries": mark("Query %(name)s"),
    "functions": mark("Function %(name)s"),
    "services": mark("Decision service %(name)s"),
    "types": mark("Type %(name)s"),
    "vocabulary": mark("Fact %(name)s"),
}


def place_name(rulebook: Rulebook, where: Where, t: Tongue) -> str:
    """What people call a place."""
    if where.table in _KINDS_OF_PLACES and rulebook.table(where.table) is None:
        return t.gettext(_KINDS_OF_PLACES[where.table]) % {"name": where.rule}
    name = title_of(rulebook, where.table, t.code)
    if where.rule:
        return f"{name}, {where.rule}"
    table = rulebook.table(where.table)
    if table is None or not where.column:
        return name
    labels = {
        column.key: column.label.said_in(t.code) or label_of(rulebook, column.expression, t.code)
        for column in table.inputs
    }
    labels |= {
        column.key: column.label.said_in(t.code) or column.part or label_of(rulebook, column.fact, t.code)
        for column in table.outputs
    }
    return f"{name}, {labels.get(where.column, where.column)}"


def place_link(edition: Edition, where: Where) -> str:
    """Where one reads, or changes, what stands at a place."""
    match where.table:
        case "cases":
            return f"{edition.link('cases')}#case-{where.rule}"
        case "functions":
            return edition.link("function", function=where.rule)
        case "vocabulary":
            return edition.link("fact", fact=where.rule)
        case "types":
            return edition.link("type", type=where.rule)
        case "queries":
            return edition.link("query", query=where.rule)
        case "services":
            return edition.link("service", service=where.rule)
    if edition.rulebook.table(where.table) is None:
        return f"{edition.link()}#formula-{where.table}"
    if where.rule:
        return f"{edition.link('tables', where.table, rule=where.rule)}#row-{where.rule}"
    return edition.link("tables", where.table)


def types_to_choose(rulebook: Rulebook, current: str, t: Tongue) -> list[tuple[str, str]]:
    """The types to choose from, each with what people call it; the current one is always among them."""
    own = [item.key for item in rulebook.types]
    plain = [*TYPE_NAMES, *own, *(f"list<{name}>" for name in (*_LISTED, *own))]
    listed = [*plain, *([current] if current and current not in plain else [])]
    return [(name, t.kind_name(name)) for name in listed]


_LISTED: Final = ("string", "number", "date", "context")
