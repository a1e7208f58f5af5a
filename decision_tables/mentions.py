"""Where a rulebook speaks of a fact, and the rulebook with that fact under another name.

A fact is spoken of in FEEL (where a variable nearer by may have its name), and by its key alone: nodes conclude it,
queries ask for it, cases give it or expect something of it, decision services take or answer it. Broken text is not
rewritten: whether it means the fact nobody can tell.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from decision_tables.diagnostics import Where
from decision_tables.feel import syntax
from decision_tables.feel.parse import Names
from decision_tables.feel.parse.names import Trie, parts_of, tokens_of
from decision_tables.rulebook import Rulebook, document_of
from decision_tables.table import Boxed, Formula, Table
from decision_tables.texts import free_names, texts_of, with_texts
from decision_tables.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from decision_tables.rulebook import Case, DecisionService, Query
    from decision_tables.table import Invocation, KnowledgeModel
    from decision_tables.texts import Path, Text

__all__ = ["Mention", "Renamed", "Role", "mentions_of", "renamed", "users_of_type"]

_Named = TypeVar("_Named")
_Piece = TypeVar("_Piece", bound=Table | Formula | Boxed)


class Role(StrEnum):
    """What a place has to do with a fact."""

    READS = "reads"
    CONCLUDES = "concludes"
    ASKS = "asks"
    GIVES = "gives"
    OFFERS = "offers"
    UNREADABLE = "unreadable"
    """The text is broken and holds the name: it may mean the fact."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that speaks of a fact.

    Attributes:
        role: what it has to do with it.
        where: the place: a node, its rule or column; `functions`, `queries`, `cases` or `services`.
        text: the text of FEEL that names it; empty where it is named by its key alone.
        after: the text under the new name, where one is given.
    """

    role: Role
    where: Where
    text: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Renamed:
    """A rulebook with a fact under another name.

    Attributes:
        rulebook: with the new name wherever the old one was; texts that cannot be read are as they were.
        mentions: every place that spoke of the fact.
        clashes: the places where the new name would mean something else; the rename is then not safe.
    """

    rulebook: Rulebook
    mentions: tuple[Mention, ...]
    clashes: tuple[Mention, ...]


def mentions_of(rulebook: Rulebook, fact: str) -> tuple[Mention, ...]:
    """Every place that speaks of a fact, in the order of the rulebook; the vocabulary itself is none."""
    return renamed(rulebook, fact, fact).mentions


def renamed(rulebook: Rulebook, fact: str, name: str) -> Renamed:
    """The rulebook with a fact under another name.

    Args:
        rulebook: drafts too: what is broken stays so.
        fact: a key of the vocabulary.
        name: the new key.
    """
    work = _Renaming(rulebook, fact, name)
    changed = work.rulebook()
    return Renamed(changed, tuple(work.mentions), tuple(work.clashes))


class _Renaming:
    """One fact getting another name; gathers where it is spoken of."""

    def __init__(self, rulebook: Rulebook, fact: str, name: str) -> None:
        self._book, self._fact, self._name = rulebook, fact, name
        self._first = parts_of(fact)[0][0] if parts_of(fact) else fact
        self._arrives = parts_of(name)[0][0] if parts_of(name) else name
        self._spelt = Trie((fact,))
        self._services = {one.key: one for one in rulebook.services}
        self._before = _names(rulebook)
        self._after = self._before if name == fact else _names(self._with_key(rulebook))
        self.mentions: list[Mention] = []
        self.clashes: list[Mention] = []

    def rulebook(self) -> Rulebook:
        """The whole under the new name."""
        book = self._book
        return replace(
            self._with_key(book),
            tables=tuple(self._table(table) for table in book.tables),
            formulas=tuple(self._formula(formula) for formula in book.formulas),
            functions=tuple(self._function(model) for model in book.functions),
            services=tuple(self._service(service) for service in book.services),
            queries=tuple(self._query(query) for query in book.queries),
            cases=tuple(self._case(case) for case in book.cases),
        )

    def _with_key(self, book: Rulebook) -> Rulebook:
        return replace(
            book,
            facts=tuple(
                replace(fact, key=self._name) if fact.key == self._fact else fact for fact in book.facts
            ),
        )

    # -- pieces -------------------------------------------------------------------------------------------

    def _table(self, table: Table) -> Table:
        columns = [*(column.key for column in table.inputs), *(column.key for column in table.outputs)]

        def where(path: Path) -> Where:
            match path:
                case ("inputs", int(n), str()):
                    return Where(table.key, "", table.inputs[n].key)
                case ("outputs", int(n), str()):
                    return Where(table.key, "", table.outputs[n].key)
                case (int(row), int(column)):
                    # A row may be short or long in a broken draft; its outcomes begin where its tests end.
                    rule = table.rules[row]
                    place = column
                    if column >= len(rule.tests):
                        place = len(table.inputs) + column - len(rule.tests)
                    return Where(table.key, rule.id, columns[place] if place < len(columns) else "")
            return Where(table.key)

        for column in table.outputs:
            if column.fact == self._fact:
                self._note(Role.CONCLUDES, Where(table.key, "", column.key))
        outputs = tuple(replace(column, fact=self._key(column.fact)) for column in table.outputs)
        return self._with_texts(replace(table, outputs=outputs), where)

    def _formula(self, formula: Formula) -> Formula:
        where = Where(formula.key)
        if formula.fact == self._fact:
            self._note(Role.CONCLUDES, where)
        return self._with_texts(replace(formula, fact=self._key(formula.fact)), lambda _: where)

    def _function(self, model: KnowledgeModel) -> KnowledgeModel:
        where = Where("functions", model.key)
        return replace(model, function=self._with_texts(model.function, lambda _: where))

    def _service(self, service: DecisionService) -> DecisionService:
        lists = ("outputs", "encapsulated", "input_decisions", "inputs")
        if any(self._fact in getattr(service, name) for name in lists):
            self._note(Role.OFFERS, Where("services", service.key))
        said: dict[str, Any] = {
            name: tuple(self._key(one) for one in getattr(service, name)) for name in lists
        }
        return replace(service, **said)

    def _query(self, query: Query) -> Query:
        if self._fact in query.goals:
            self._note(Role.ASKS, Where("queries", query.key))
        return replace(query, goals=tuple(self._key(goal) for goal in query.goals))

    def _case(self, case: Case) -> Case:
        expected = {one.name: getattr(case.expect, one.name) for one in fields(case.expect)}
        if self._fact in case.facts:
            self._note(Role.GIVES, Where("cases", case.id, "facts"))
        # Flags are no facts, though one may have the same name.
        about = {name: said for name, said in expected.items() if name not in {"flags", "unflagged"}}
        if any(self._fact in said for said in about.values()):
            self._note(Role.GIVES, Where("cases", case.id, "expect"))
        said: dict[str, Any] = {
            name: self._keys(one) if isinstance(one, dict) else tuple(self._key(key) for key in one)
            for name, one in about.items()
        }
        return replace(case, facts=self._keys(case.facts), expect=replace(case.expect, **said))

    def _key(self, key: str) -> str:
        return self._name if key == self._fact else key

    def _keys(self, entries: Mapping[str, _Named]) -> dict[str, _Named]:
        return {self._key(key): entry for key, entry in entries.items()}

    def _note(self, role: Role, where: Where, text: str = "", after: str = "") -> None:
        self.mentions.append(Mention(role, where, text, after))

    # -- texts --------------------------------------------------------------------------------------------

    def _with_texts(self, piece: _Piece, where: Callable[[Path], Where]) -> _Piece:
        return with_texts(
            piece, lambda path, text: self._text(text, where, path), argument_for=self._argument
        )

    def _argument(self, call: Invocation, name: str) -> str:
        service = self._services.get(call.function.strip())
        return self._key(name) if service and self._fact in _parameters(service) else name

    def _text(self, text: Text, where: Callable[[Path], Where], path: Path) -> str:
        """A text under the new name; one that has that name already must go on meaning what it means."""
        if not text.is_feel or not (self._first in text.text or self._arrives in text.text):
            return text.text
        tree = text.parsed(self._before)
        if tree is None:
            if self._holds_name(text.text):
                self._note(Role.UNREADABLE, where(path), text.text)
            return text.text
        free = free_names(tree, frozenset(text.bound))
        spans = {(one.start, one.end) for one in free if one.name == self._fact}
        spans |= self._spans_at_services(tree, text.text, {one.name for one in free})
        after = text.text
        for start, end in sorted(spans, reverse=True):
            after = after[:start] + self._name + after[end:]
        found = Mention(Role.READS, where(path), text.text, after)
        if spans:
            self.mentions.append(found)
        if self._name != self._fact:
            read = replace(text, text=after).parsed(self._after)
            # A variable of the new name that is nearer by would catch what spoke of the fact.
            spoken = sum(one.name in {self._fact, self._name} for one in free)
            if (
                read is None
                or not self._means_the_same(tree, read)
                or spoken != sum(one.name == self._name for one in free_names(read, frozenset(text.bound)))
            ):
                self.clashes.append(found)
        return after

    def _holds_name(self, text: str) -> bool:
        tokens = tokens_of(text)
        return any(self._spelt.longest(tokens, at) for at in range(len(tokens)))

    def _spans_at_services(self, tree: syntax.Node, text: str, free: set[str]) -> set[tuple[int, int]]:
        """Where the fact is the name of an argument of a decision service, or the entry of what one answers."""
        if free.isdisjoint(self._services):
            return set()
        found = set()
        for node in syntax.walk(tree):
            match node:
                case syntax.Call(function=syntax.Name(name=called), names=names) if names:
                    service = self._services.get(called)
                    if service is None or self._fact not in _parameters(service):
                        continue
                    begins = node.function.end
                    for name, argument in zip(names, node.arguments, strict=True):
                        if name == self._fact:
                            found |= self._spelt_in(text, begins, argument.start)
                        begins = argument.end
                case syntax.Path(source=syntax.Call(function=syntax.Name(name=called)), name=self._fact):
                    service = self._services.get(called)
                    if service is not None and len(service.outputs) > 1 and self._fact in service.outputs:
                        found |= self._spelt_in(text, node.source.end, node.end)
        return found

    def _spelt_in(self, text: str, start: int, end: int) -> set[tuple[int, int]]:
        """The first place between two others at which the name is spelt."""
        tokens = tokens_of(text[start:end])
        for at, token in enumerate(tokens):
            if (known := self._spelt.longest(tokens, at)) is not None:
                return {(start + token.start, start + tokens[known[1] - 1].end)}
        return set()

    def _means_the_same(self, before: object, after: object) -> bool:
        """Whether two trees are one, but for their spans and the two names."""
        if isinstance(before, str) and isinstance(after, str):
            return before == after or (before == self._fact and after == self._name)
        if type(before) is not type(after):
            return False
        if isinstance(before, syntax.Node):
            return all(
                self._means_the_same(getattr(before, one.name), getattr(after, one.name))
                for one in fields(before)
                if one.name not in {"start", "end"}
            )
        if isinstance(before, tuple) and isinstance(after, tuple):
            return len(before) == len(after) and all(map(self._means_the_same, before, after))
        return before == after


def _names(rulebook: Rulebook) -> Names:
    """What is in scope of the texts of a rulebook."""
    vocabulary = Vocabulary(rulebook.facts, rulebook.types)
    called = (*(one.key for one in rulebook.functions), *(one.key for one in rulebook.services))
    return Names((*vocabulary.facts, *called), types=vocabulary.named, components=vocabulary.components)


def _parameters(service: DecisionService) -> tuple[str, ...]:
    return (*service.inputs, *service.input_decisions)


def users_of_type(rulebook: Rulebook, name: str) -> tuple[Where, ...]:
    """What may be of a type that the rulebook defines, or name it in FEEL, each place once."""
    spelt = Trie((name,))

    def spells(text: str) -> bool:
        tokens = tokens_of(text)
        return any(spelt.longest(tokens, at) for at in range(len(tokens)))

    found: dict[Where, None] = {}
    bare = replace(rulebook, tables=(), formulas=(), functions=(), facts=(), types=(), cases=())
    parts: list[tuple[Where, Rulebook, Table | Formula | Boxed | None]] = [
        *((Where("vocabulary", one.key), replace(bare, facts=(one,)), None) for one in rulebook.facts),
        *((Where("types", one.key), replace(bare, types=(one,)), None) for one in rulebook.types),
        *((Where(one.key), replace(bare, tables=(one,)), one) for one in rulebook.tables),
        *((Where(one.key), replace(bare, formulas=(one,)), one) for one in rulebook.formulas),
        *(
            (Where("functions", one.key), replace(bare, functions=(one,)), one.function)
            for one in rulebook.functions
        ),
        (Where("services"), bare, None),
    ]
    for where, alone, piece in parts:
        kinds = _kinds_in(document_of(alone))
        texts = () if piece is None else texts_of(piece)
        named = (one.text for one in texts if "instance" in one.text or "function" in one.text)
        if any(map(spells, kinds)) or any(map(spells, named)):
            found[where] = None
    return tuple(found)


def _kinds_in(document: object) -> Iterator[str]:
    """The texts of types in a document."""
    match document:
        case dict():
            for name, part in document.items():
                if name in {"type", "result"} and isinstance(part, str):
                    yield part
                else:
                    yield from _kinds_in(part)
        case list():
            for part in document:
                yield from _kinds_in(part)
