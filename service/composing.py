"""Edits of a rulebook's pieces as wholes: added, copied, given another key, taken away; rulebook → changed rulebook.

As in `service.editing`, texts are kept as typed and nothing is judged but what would leave no rulebook: keys that
cannot be keys, keys that are taken, functions that texts still call.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from decision_tables.diagnostics import Where
from decision_tables.errors import NotFound, Refused
from decision_tables.feel.parse import Names
from decision_tables.said import said
from decision_tables.table import Formula, Input, Output, Rule, Table
from decision_tables.texts import names_in, texts_of
from decision_tables.vocabulary import Vocabulary
from service.editing import piece_of, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from decision_tables.rulebook import DecisionService, Query, Rulebook
    from decision_tables.table import HitPolicy, KnowledgeModel, Node
    from decision_tables.vocabulary import Words

_Piece = TypeVar("_Piece", "Query", "DecisionService")

__all__ = [
    "KEY",
    "LONGEST_KEY",
    "callers_of",
    "facts_of",
    "free_key",
    "is_key",
    "key_from",
    "node_of",
    "orphans_of",
    "table_for",
    "with_formula_added",
    "with_function_added",
    "with_node_renamed",
    "with_query",
    "with_service",
    "with_table_added",
    "with_table_copied",
    "without_function",
    "without_node",
    "without_query",
    "without_service",
]

KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
"""What a table, a formula or a query may be called in addresses and answers."""

LONGEST_KEY: Final = 100
"""Characters of a key, or of the name of a new fact, that somebody writes: they stand in addresses and answers."""

_LONGEST: Final = 60
"""Letters of a key that is made of a title."""


def is_key(text: str) -> bool:
    """Whether a text can be the key of a table, a formula or a query."""
    return KEY.fullmatch(text) is not None and len(text) <= LONGEST_KEY


def key_from(title: str, *, otherwise: str) -> str:
    """A key made of a title: `Aides à la rénovation` → `aides_a_la_renovation`; `otherwise` where nothing is left."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if len(key) > _LONGEST:
        key = key[:_LONGEST].rsplit("_", 1)[0]
    if key and not is_key(key):
        key = f"{otherwise}_{key}"
    return key or otherwise


def free_key(like: str, taken: Iterable[str]) -> str:
    """The key itself where it is free, else with the next free number: `fee`, `fee_2`."""
    known = set(taken)
    if like not in known:
        return like
    return next(key for number in range(2, len(known) + 3) if (key := f"{like}_{number}") not in known)


def facts_of(node: Node) -> tuple[str, ...]:
    """The facts that a node concludes, each once."""
    return (
        tuple(dict.fromkeys(column.fact for column in node.outputs))
        if isinstance(node, Table)
        else (node.fact,)
    )


def node_of(rulebook: Rulebook, key: str) -> Node:
    """The table or formula of that key.

    Raises:
        NotFound: there is none.
    """
    return piece_of("node", key, rulebook.nodes)


def orphans_of(rulebook: Rulebook, key: str) -> tuple[str, ...]:
    """The facts that nothing but this node concludes."""
    others = {fact for node in rulebook.nodes if node.key != key for fact in facts_of(node)}
    return tuple(fact for fact in facts_of(node_of(rulebook, key)) if fact not in others)


# Tables and formulas


def table_for(key: str, hit_policy: HitPolicy, title: Words, fact: str, conditions: Iterable[str]) -> Table:
    """A new table with an empty row: a column for what it concludes, one for each fact that its conditions ask for."""
    asked = tuple(conditions)
    keys: list[str] = []
    for one in (*asked, fact):
        keys.append(free_key(re.sub(r"\W+", "_", one), keys))
    return Table(
        key,
        hit_policy,
        inputs=tuple(Input(column, one) for column, one in zip(keys, asked, strict=False)),
        outputs=(Output(keys[-1], fact),),
        rules=(Rule("R1", ("-",) * len(asked), ("",)),),
        title=title,
    )


def with_table_added(rulebook: Rulebook, table: Table, *, after: str = "") -> Rulebook:
    """With a table more: after the one of that key, else at the end.

    Raises:
        Refused: its key is none (`table/key`) or taken (`table/key-taken`).
    """
    _free_node(rulebook, table.key)
    keys = [known.key for known in rulebook.tables]
    place = keys.index(after) + 1 if after in keys else len(keys)
    return replace(rulebook, tables=(*rulebook.tables[:place], table, *rulebook.tables[place:]))


def with_table_copied(rulebook: Rulebook, key: str, new: str, title: Words) -> Rulebook:
    """With a copy of a table below it, under another key and title.

    Raises:
        NotFound: there is no such table.
        Refused: the new key is none (`table/key`) or taken (`table/key-taken`).
    """
    found = table_of(rulebook, key)
    return with_table_added(rulebook, replace(found, key=new, title=title), after=key)


def with_formula_added(rulebook: Rulebook, formula: Formula) -> Rulebook:
    """With a formula more, at the end.

    Raises:
        Refused: its key is none (`table/key`) or taken (`table/key-taken`).
    """
    _free_node(rulebook, formula.key)
    return replace(rulebook, formulas=(*rulebook.formulas, formula))


def with_node_renamed(
    rulebook: Rulebook, key: str, new: str, findings: Mapping[str, str] | None = None
) -> Rulebook:
    """With a table or formula under another key. No text names it: its facts are called as before.

    Args:
        rulebook: as it is.
        key: of the table or formula.
        new: its key from then on.
        findings: by the key of a finding the key that it has then, so that what was said of it stays.

    Raises:
        NotFound: there is none of that key.
        Refused: the new key is none (`table/key`) or taken (`table/key-taken`).
    """
    node_of(rulebook, key)
    if new == key:
        return rulebook
    _free_node(rulebook, new)
    return replace(
        rulebook,
        tables=tuple(replace(one, key=new) if one.key == key else one for one in rulebook.tables),
        formulas=tuple(replace(one, key=new) if one.key == key else one for one in rulebook.formulas),
        acknowledgements=tuple(
            replace(one, finding=(findings or {}).get(one.finding, one.finding))
            for one in rulebook.acknowledgements
        ),
    )


def without_node(rulebook: Rulebook, key: str) -> Rulebook:
    """Without a table or formula; its facts stay in the vocabulary, to be given from then on."""
    node_of(rulebook, key)
    return replace(
        rulebook,
        tables=tuple(one for one in rulebook.tables if one.key != key),
        formulas=tuple(one for one in rulebook.formulas if one.key != key),
    )


def _free_node(rulebook: Rulebook, key: str) -> None:
    if not is_key(key):
        raise Refused(
            said("“{key}” cannot be the key of a table or formula.", key=key)
            if key
            else said("It needs a key."),
            code="table/key",
            reasons=[said("A key starts with a letter and holds letters, digits, `_`, `-` and `.`.")],
        )
    if any(known.key == key for known in rulebook.nodes):
        raise Refused(said("There is a table or formula {key} already.", key=key), code="table/key-taken")


# Functions and decision services: what texts call


def with_function_added(rulebook: Rulebook, model: KnowledgeModel) -> Rulebook:
    """With a function more, at the end; whoever adds it has seen that its name is free."""
    return replace(rulebook, functions=(*rulebook.functions, model))


def without_function(rulebook: Rulebook, key: str) -> Rulebook:
    """Without a function that no text calls any more.

    Raises:
        NotFound: there is none of that name.
        Refused: a text calls it (`function/in-use`; `reasons` says where).
    """
    if all(known.key != key for known in rulebook.functions):
        raise NotFound.named("function", key, (one.key for one in rulebook.functions))
    _uncalled(rulebook, key)
    return replace(rulebook, functions=tuple(one for one in rulebook.functions if one.key != key))


def callers_of(rulebook: Rulebook, key: str) -> tuple[Where, ...]:
    """The nodes and functions whose texts call a function or a decision service, itself not among them.

    Broken texts that hold the name are counted: it may be meant.
    """
    vocabulary = Vocabulary(rulebook.facts, rulebook.types)
    called = (*(one.key for one in rulebook.functions), *(one.key for one in rulebook.services))
    names = Names((*vocabulary.facts, *called), types=vocabulary.named, components=vocabulary.components)
    pieces = [
        *((Where(node.key), node) for node in rulebook.nodes),
        *((Where("functions", one.key), one.function) for one in rulebook.functions if one.key != key),
    ]
    return tuple(
        where
        for where, piece in pieces
        if key in names_in(piece, names)
        or any(key in text.text and text.parsed(names) is None for text in texts_of(piece))
    )


def _uncalled(rulebook: Rulebook, key: str) -> None:
    callers = callers_of(rulebook, key)
    if callers:
        raise Refused(
            said("{key} is still called.", key=key), code="function/in-use", reasons=list(map(str, callers))
        )


# Queries and decision services: what callers may ask for


def with_query(rulebook: Rulebook, query: Query) -> Rulebook:
    """With a query in the place of the one that has its key, else at the end."""
    return replace(rulebook, queries=_put(rulebook.queries, query))


def without_query(rulebook: Rulebook, key: str) -> Rulebook:
    """Without a query; where it was the default one, there is none any more.

    Raises:
        NotFound: there is none of that key.
    """
    if rulebook.query(key) is None:
        raise NotFound.named("query", key, (one.key for one in rulebook.queries))
    return replace(
        rulebook,
        queries=tuple(one for one in rulebook.queries if one.key != key),
        default_query="" if rulebook.default_query == key else rulebook.default_query,
    )


def with_service(rulebook: Rulebook, service: DecisionService) -> Rulebook:
    """With a decision service in the place of the one that has its name, else at the end."""
    return replace(rulebook, services=_put(rulebook.services, service))


def without_service(rulebook: Rulebook, key: str) -> Rulebook:
    """Without a decision service that no text calls any more.

    Raises:
        NotFound: there is none of that name.
        Refused: a text calls it (`function/in-use`; `reasons` says where).
    """
    if rulebook.service(key) is None:
        raise NotFound.named("service", key, (one.key for one in rulebook.services))
    _uncalled(rulebook, key)
    return replace(rulebook, services=tuple(one for one in rulebook.services if one.key != key))


def _put(pieces: tuple[_Piece, ...], piece: _Piece) -> tuple[_Piece, ...]:
    keys = [known.key for known in pieces]
    place = keys.index(piece.key) if piece.key in keys else len(pieces)
    return pieces[:place] + (piece,) + pieces[place + 1 :]  # noqa: RUF005 - unpacked, mypy loses the type
