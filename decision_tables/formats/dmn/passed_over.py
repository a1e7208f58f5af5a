"""What of a rulebook other tools pass over when they read it as DMN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decision_tables.diagnostics import Diagnostic, Severity, Where
from decision_tables.said import said
from decision_tables.table import Formula, Period

if TYPE_CHECKING:
    from collections.abc import Iterator

    from decision_tables.rulebook import Rulebook

__all__ = ["passed_over"]

_SHOWN = 3


def passed_over(rulebook: Rulebook) -> tuple[Diagnostic, ...]:
    """One note for each kind of thing that DMN has no place for, with how often and where it is found."""
    return tuple(
        Diagnostic("dmn/passed-over", places[0], _sentence(told, places), severity=Severity.WARNING)
        for told, places in _kinds(rulebook)
        if places
    )


def _sentence(told: str, places: list[Where]) -> str:
    shown = ", ".join(dict.fromkeys(str(place) for place in places if str(place)))
    few = ", ".join(list(dict.fromkeys(str(place) for place in places if str(place)))[:_SHOWN])
    more = "" if len(shown) == len(few) else ", …"
    return (
        said(
            "Other tools pass over {told} ({count}: {few}{more}).",
            told=told,
            count=len(places),
            few=few,
            more=more,
        )
        if few
        else said("Other tools pass over {told}.", told=told)
    )


def _kinds(book: Rulebook) -> Iterator[tuple[str, list[Where]]]:
    rules = [(Where(table.key, rule.id), rule) for table in book.tables for rule in table.rules]
    yield (
        said("the periods of rules"),
        [at for at, rule in rules if rule.valid != Period() or rule.known != Period()],
    )
    yield said("questions left to human judgement"), [at for at, rule in rules if rule.referral]
    yield (
        said("flags and marks of confidence"),
        [
            *(at for at, rule in rules if rule.flags or rule.confidence),
            *(Where(one.key) for one in book.formulas if one.flags or one.confidence or one.citation),
        ],
    )
    yield (
        said("that a cell without an outcome has no opinion"),
        [at for at, rule in rules if not rule.referral and any(not cell.strip() for cell in rule.outputs)],
    )
    yield (
        said("that a table is a catalogue, silent where no rule matches"),
        [Where(table.key) for table in book.tables if table.open],
    )
    yield said("that the nodes of one fact must agree, and take the first that has a value"), _shared(book)
    yield (
        said("units, questions to ask for facts, and what explains them"),
        [
            Where("vocabulary", fact.key)
            for fact in book.facts
            if fact.unit or fact.question or fact.explanation
        ],
    )
    yield (
        said("words in other languages than English"),
        [Where("vocabulary", fact.key) for fact in book.facts if fact.label.by_language.keys() - {"en"}],
    )
    yield said("the queries"), [Where("queries", query.key) for query in book.queries]
    yield (
        said("what was said of the analysis's findings"),
        [Where("acknowledgements", one.finding) for one in book.acknowledgements],
    )
    yield said("the test cases"), [Where("cases", case.id) for case in book.cases]
    if book.absent == "unknown" and book.nodes:
        yield said("that a fact nobody gives is unknown: to them it is null"), [Where()]
    if book.time_zone != "UTC":
        yield said("the time zone {time_zone}", time_zone=book.time_zone), [Where()]
    if book.four_eyes:
        yield said("that somebody else than its authors has to approve a draft"), [Where()]


def _shared(book: Rulebook) -> list[Where]:
    concluded: dict[str, set[str]] = {}
    for node in book.nodes:
        facts = [node.fact] if isinstance(node, Formula) else [output.fact for output in node.outputs]
        for fact in facts:
            concluded.setdefault(fact, set()).add(node.key)
    return [Where("vocabulary", fact) for fact, nodes in concluded.items() if len(nodes) > 1]
