"""Words of a rulebook that stand in some of its languages and not in all; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from admin.words import mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from admin.desk import Edition
    from decision_tables.rulebook import DecisionService, Query
    from decision_tables.table import Formula, Input, KnowledgeModel, Note, Output
    from decision_tables.words import Words

__all__ = ["Untranslated", "lacking", "untranslated"]


@dataclass(frozen=True, slots=True)
class Untranslated:
    """Words that are not there in every language.

    Attributes:
        name: what they are about.
        part: which words of it, not yet translated.
        text: the words, in a language that has them.
        languages: the codes of the languages that lack them.
        href: where they are written.
    """

    name: str
    part: str
    text: str
    languages: tuple[str, ...]
    href: str


def lacking(words: Words, languages: Sequence[str]) -> tuple[str, ...]:
    """The languages in which words are missing; none where nobody has written any at all."""
    return tuple(code for code in languages if not words.by_language.get(code, "").strip()) if words else ()


def untranslated(edition: Edition, language: str) -> Iterator[Untranslated]:
    """All words of a draft that some language of the rulebook lacks, in the order of the rulebook.

    Args:
        edition: the draft.
        language: in which things are named.
    """
    languages = edition.rulebook.languages
    for words, name, part, href in _words_of(edition, language):
        if codes := lacking(words, languages):
            yield Untranslated(name, part, words.said_in(language), codes, href)


def _words_of(edition: Edition, language: str) -> Iterator[tuple[Words, str, str, str]]:
    book, link = edition.rulebook, edition.link
    yield book.title, book.key, _TITLE, link("properties")
    for fact in book.facts:
        name, href = fact.label.said_in(language) or fact.key, link("fact", fact=fact.key)
        yield fact.label, name, _LABEL, href
        yield fact.question, name, _QUESTION, href
        yield fact.explanation, name, _EXPLANATION, href
    for item in book.types:
        yield item.label, item.label.said_in(language) or item.key, _LABEL, link("type", type=item.key)
    for table in book.tables:
        title = table.title.said_in(language) or table.key
        yield table.title, title, _TITLE, link("settings", table=table.key)
        columns: tuple[Input | Output | Note, ...] = (*table.inputs, *table.outputs, *table.notes)
        for column in columns:
            name = f"{title}, {column.label.said_in(language) or column.key}"
            yield column.label, name, _HEAD, link("column", table=table.key, column=column.key)
        for rule in table.rules:
            href = link("rule", table=table.key, rule=rule.id)
            yield rule.referral, f"{title}, {rule.id}", _REFERRAL, href
    named: tuple[tuple[str, tuple[Formula | KnowledgeModel | Query | DecisionService, ...]], ...] = (
        ("formula", book.formulas),
        ("function", book.functions),
        ("query", book.queries),
        ("service", book.services),
    )
    for kind, pieces in named:
        for piece in pieces:
            yield (
                piece.title,
                piece.title.said_in(language) or piece.key,
                _TITLE,
                link(kind, **{kind: piece.key}),
            )


_TITLE: Final = mark("Title")
_LABEL: Final = mark("What people call it")
_QUESTION: Final = mark("Question")
_EXPLANATION: Final = mark("Explanation")
_HEAD: Final = mark("Heading of the column")
_REFERRAL: Final = mark("Left to people")
