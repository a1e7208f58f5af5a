"""Rows as sentences: a document to be printed, text for a word processor, rows side by side; and a case of a row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from admin.desk import Desk, label_of, see, title_of, tongue_of
from admin.forms import asked_with
from admin.grid import Heading, columns_of, grid_of
from admin.readings import Reader
from admin.words import mark
from decision_tables.rulebook import content_hash
from decision_tables.table import Rule
from service.editing import table_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from admin.words import Tongue
    from decision_tables.program import Program
    from decision_tables.rulebook import Rulebook
    from decision_tables.table import Table

__all__ = ["routes"]

_BESIDE: Final = 6
"""How many rows stand side by side at most: more do not fit."""


def routes(edition: str) -> list[Route]:
    """The routes below the path of a release or a draft."""
    return [
        Route(f"{edition}/document", document),
        Route(f"{edition}/sentences", sentences),
        Route(f"{edition}/beside", beside),
        Route(f"{edition}/example", example),
    ]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A row as a sentence, without its citation, which stands behind it."""

    rule: Rule
    text: str


class Teller:
    """Says the rows of a rulebook's tables."""

    def __init__(self, rulebook: Rulebook, words: Tongue) -> None:
        self._rulebook = rulebook
        self._words = words
        self._reader = Reader(rulebook, words)

    def rows(self, table: Table) -> list[Sentence]:
        """The rows of a table, each as a sentence."""
        grid = columns_of(self._rulebook, table, language=self._words.code)
        labels = {heading.name: heading.label for heading in grid.headings}
        return [
            Sentence(rule, self._reader.sentence(table, replace(rule, citation=""), labels))
            for rule in table.rules
        ]

    def otherwise(self, table: Table) -> str:
        """What holds where no row applies, as a sentence; empty where the table does not say."""
        said = [
            f"{output.label.said_in(self._words.code) or output.part or self._label(output.fact)} {reading.words}"
            for output in table.outputs
            if output.default and (reading := self._reader.outcome(output.default)).words
        ]
        template = self._words.gettext(mark("Where no row applies: %(outcomes)s."))
        return template % {"outcomes": self._words.both(said)} if said else ""

    def _label(self, fact: str) -> str:
        return label_of(self._rulebook, fact, self._words.code)


# To be printed


async def document(request: Request) -> Response:
    """A table, or all tables, as a document: one sentence a row, and at the foot what seals it."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    words = tongue_of(request)
    key = request.query_params.get("table", "")
    shown = [table_of(edition.rulebook, key)] if key else list(edition.rulebook.tables)
    teller = Teller(edition.rulebook, words)
    return await desk.edition_page(
        request,
        "table/document.html",
        mark("Document"),
        edition,
        tables=[(table, teller.rows(table), teller.otherwise(table)) for table in shown],
        heading=title_of(edition.rulebook, key, words.code) if key else "",
        table=key,
        hash=content_hash(edition.rulebook) if edition.draft else "",
    )


async def sentences(request: Request) -> Response:
    """The rows of a table from one to another, each as `[id, sentence, citation]`."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    asked = request.query_params
    table = table_of(edition.rulebook, asked.get("table", ""))
    places = {rule.id: at for at, rule in enumerate(table.rules)}
    ends = sorted(places.get(asked.get(name, ""), 0) for name in ("first", "last"))
    chosen = replace(table, rules=table.rules[ends[0] : ends[1] + 1])
    told = [
        (one.rule.id, one.text, one.rule.citation.strip())
        for one in Teller(edition.rulebook, tongue_of(request)).rows(chosen)
    ]
    headers = {"cache-control": "no-store"}
    return Response(msgspec.json.encode(told), headers=headers, media_type="application/json")


# Side by side


@dataclass(frozen=True, slots=True)
class Line:
    """What several rows have in one column: each text and how it reads, and whether they all say the same."""

    heading: Heading
    cells: tuple[tuple[str, str], ...]
    is_same: bool


async def beside(request: Request) -> Response:
    """Rows of a table side by side, column by column."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    words = tongue_of(request)
    table = table_of(edition.rulebook, request.query_params.get("table", ""))
    wanted = request.query_params.getlist("rule")
    chosen = replace(table, rules=tuple(rule for rule in table.rules if rule.id in wanted)[:_BESIDE])
    grid = grid_of(edition.rulebook, chosen, (), language=words.code)
    reader = Reader(edition.rulebook, words)
    lines = []
    for at, heading in enumerate(grid.columns):
        texts = [row.cells[at].text.strip() for row in grid.rows]
        if any(texts):
            cells = tuple((text, _read(reader, heading, text, words)) for text in texts)
            lines.append(Line(heading, cells, len(set(texts)) == 1))
    return await desk.edition_page(
        request,
        "table/beside.html",
        mark("Side by side"),
        edition,
        table=table,
        heading=title_of(edition.rulebook, table.key, words.code),
        rules=chosen.rules,
        lines=lines,
    )


def _read(reader: Reader, heading: Heading, text: str, words: Tongue) -> str:
    """A cell in words, where that is not what it says already."""
    if heading.is_note:
        is_day = heading.name.startswith(("valid.", "known."))
        return words.day(text) if is_day and text else ""
    return reader.cell(text, heading.expression, is_condition=heading.is_condition).words


# Tried


async def example(request: Request) -> Response:
    """Leads to a case to which a row applies."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    asked = request.query_params
    table = table_of(edition.rulebook, asked.get("table", ""))
    program = edition.program
    if program is None:
        return see(edition.link("try"))
    case = await desk.testing.example(program, table.key, asked.get("rule", ""))
    facts = asked_with(program.vocabulary, case.facts)
    query = _query_about(program, table, frozenset(case.facts))
    dates = {"as_of": case.as_of, "known_on": case.known_on}
    shows = {"of_table": table.key, "of_row": asked.get("rule", "")}
    return see(edition.link("try", query=query, **shows, **dates, **facts))


def _query_about(program: Program, table: Table, given: frozenset[str]) -> str:
    """The query that asks for what a table concludes; else the first whose answer rests on the table."""
    queries = program.rulebook.queries
    concluded = {column.fact for column in table.outputs}
    asks = (query.key for query in queries if concluded & set(query.goals))
    number = next(node.number for node in program.nodes if node.key == table.key)
    rests = (query.key for query in queries if number in program.closure(query.goals, given))
    return next(asks, next(rests, ""))
