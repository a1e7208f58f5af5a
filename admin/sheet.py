"""What the grid in the browser asks while somebody works in it: operations, news of others, a cell in words.

The grid's own script (`static/grid.js`) speaks JSON and takes fragments of pages; whatever it can do, plain forms
can do as well (`edits`).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from admin.citations import pieces
from admin.desk import Desk, draft_named, tongue_of, visitor_of
from admin.forms import adapted, dated, is_doubtful, typed
from admin.grid import columns_of, grid_of
from admin.readings import Reader
from decision_tables.compile import check
from decision_tables.errors import DecidableError, DraftClosed, InvalidRequest, NotFound, Refused
from decision_tables.feel.functions import BUILTINS
from decision_tables.feel.values import text_of as feel_text
from decision_tables.rulebook import rulebook_of
from decision_tables.said import said
from decision_tables.table import Rule
from decision_tables.vocabulary import Vocabulary
from service.access import Role, require
from service.editing import cell_fields, fields_of, rule_of, table_of
from service.merging import AddRow, DropRow, MoveRow, Operation, SetCells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from decision_tables.diagnostics import Diagnostic
    from decision_tables.rulebook import Rulebook
    from decision_tables.table import Table

__all__ = ["reading_routes", "routes", "stylesheet"]

_FEEL: Final = ("test.", "output.")

_REMEMBERED: Final = 500
"""Answers that are kept in case they are asked for again."""

_LONGEST_BATCH: Final = 64


def routes(draft: str) -> list[Route]:
    """The routes below a draft's path."""
    return [
        Route(f"{draft}/ops", operations, methods=["POST"]),
        Route(f"{draft}/news", news),
        Route(f"{draft}/checks", checks),
    ]


def reading_routes(edition: str) -> list[Route]:
    """The routes below the path of a draft or a release."""
    return [
        Route(f"{edition}/cell", cell),
        Route(f"{edition}/words", words),
        Route(f"{edition}/uses", uses),
        Route(f"{edition}/unused", unused),
    ]


# Operations


class _Sent(msgspec.Struct):
    """What the grid sends.

    Attributes:
        seen: the revision that it last heard of.
        ops: what was done.
        pasted: whether the texts come from the clipboard, and may be written as spreadsheets write values.
        batch: what these operations are known by where they are sent again, since no answer came.
    """

    seen: int
    ops: list[Operation]
    pasted: bool = False
    batch: str = ""


async def operations(request: Request) -> Response:
    """Puts what was done in a grid on top of what is stored: 200 with what came of it, 409 with every conflict.

    Where the answer was lost on its way, the same operations come again; they are answered as they were.
    """
    try:
        sent = await _sent(request)
        if not sent.batch:
            return await _done(request, sent)
        answered = Desk.of(request).answered
        name = (visitor_of(request).account.id, request.url.path, sent.batch[:_LONGEST_BATCH])
        doing = answered.get(name)
        if doing is None:
            doing = answered[name] = asyncio.create_task(_done(request, sent))
            while len(answered) > _REMEMBERED:
                answered.popitem(last=False)
        try:
            answer = await asyncio.shield(doing)
        except DecidableError:
            answered.pop(name, None)
            raise
    except DecidableError as error:
        status = 404 if isinstance(error, NotFound) else 403 if isinstance(error, Refused) else 400
        told = {"problem": tongue_of(request).said(error.message), "code": error.code}
        return _json(told, status)
    return Response(answer.body, answer.status_code, dict(answer.headers))


async def _sent(request: Request) -> _Sent:
    visitor = visitor_of(request)
    if not visitor.staff.is_own_form(request.headers.get("x-csrf", "")):
        raise Refused(said("These edits were not made by this session."), code="form/token")
    require(visitor.account, Role.EDITOR)
    try:
        return msgspec.json.decode(await request.body(), type=_Sent)
    except msgspec.DecodeError as error:
        raise InvalidRequest(said("These are no operations of a grid: {error}", error=error)) from error


async def _done(request: Request, sent: _Sent) -> Response:
    actor = visitor_of(request).account.login
    desk = Desk.of(request)
    key = request.query_params.get("table", "")
    edition = await desk.edition(request)
    assert edition.draft is not None  # noqa: S101 - the path names a draft
    table = table_of(edition.rulebook, key)
    tidied = _Tidied(edition.rulebook, table, pasted=sent.pasted)
    done = [tidied.operation(one) for one in sent.ops]
    edited, outcome = await desk.publishing.merge(edition.draft.id, actor, key, done)
    if outcome.conflicts:
        conflicts = [msgspec.to_builtins(conflict) for conflict in outcome.conflicts]
        return _json({"rev": edited.draft.revision, "conflicts": conflicts}, 409)
    return _json(
        {
            "rev": edited.draft.revision,
            "behind": edited.draft.revision > sent.seen + 1,
            "renamed": outcome.renamed,
            "dropped": outcome.dropped,
            "texts": tidied.texts,
            "adapted": tidied.adapted,
            "doubtful": tidied.doubtful,
            **_marks(edited.rulebook, key, edited.diagnostics),
        }
    )


class _Tidied:
    """Operations with their texts as they are kept; notes which came out otherwise than they were sent."""

    def __init__(self, rulebook: Rulebook, table: Table, *, pasted: bool) -> None:
        self._pasted = pasted
        self.texts: list[tuple[str, str, str]] = []
        self.adapted: list[tuple[str, str]] = []
        self.doubtful: list[tuple[str, str]] = []
        grid = columns_of(rulebook, table, language="en")
        self._kinds = {heading.name: grid.kind_of(heading.name) for heading in grid.columns}
        self._conditions = {heading.name for heading in grid.headings if heading.is_condition}
        self._words: dict[str, tuple[str, ...]] = {}
        if pasted:
            vocabulary = Vocabulary(rulebook.facts, rulebook.types)
            for heading in grid.headings:
                fact = heading.expression
                values = vocabulary.values_of(fact) if fact in vocabulary.facts else None
                self._words[heading.name] = tuple(one for one in values or () if isinstance(one, str))

    def operation(self, sent: Operation) -> Operation:
        """One operation, its texts as they are kept."""
        match sent:
            case SetCells(row=row, cells=cells):
                return SetCells(
                    row, {name: (was, self._text(row, name, mine)) for name, (was, mine) in cells.items()}
                )
            case AddRow(row=row, after=after, fields=fields):
                kept = {name: self._text(row, name, text) for name, text in fields.items()}
                return AddRow(typed(row), after, kept)
            case MoveRow() | DropRow():
                return sent

    def _text(self, row: str, name: str, sent: str) -> str:
        text = typed(sent, feel=name.startswith(_FEEL))
        kind = self._kinds.get(name, "day" if name.startswith(("valid.", "known.")) else "")
        if self._pasted:
            is_condition = name in self._conditions
            made = adapted(text, kind, is_condition=is_condition, words=self._words.get(name, ()))
            if made != text:
                self.adapted.append((text, made))
                text = made
            elif is_doubtful(text, kind):
                self.doubtful.append((row, name))
        text = dated(text, kind)
        if text != sent:
            self.texts.append((row, name, text))
        return text


# News of others


async def news(request: Request) -> Response:
    """Who else is here; and the rows of the table, where the draft was saved since the revision that was seen."""
    desk = Desk.of(request)
    asked = request.query_params
    draft, key = request.path_params["draft"], asked.get("table", "")
    visitor = visitor_of(request)
    # A page outlives the session in which it was loaded: whoever signs in again goes on with it.
    token = {"csrf": visitor.staff.csrf} if asked.get("who") == visitor.account.login else {}
    try:
        head = await desk.store.draft_head(draft)
    except DraftClosed as closed:
        why = tongue_of(request).said(closed.message)
        return _json({"closed": await _onward(request, closed), "why": why, **token})
    here = desk.presence.note((draft, key), visitor.account.name)
    told: dict[str, Any] = {"rev": head.revision, "here": here, **token}
    if asked.get("seen", "") != str(head.revision):
        edition = await desk.edition(request)
        table = table_of(edition.rulebook, key)
        grid = grid_of(edition.rulebook, table, (), language=tongue_of(request).code)
        told |= {
            "rev": edition.draft.revision if edition.draft else head.revision,
            "columns": [heading.name for heading in grid.columns],
            "rows": [[row.rule.id, *(one.text for one in row.cells)] for row in grid.rows],
            **_marks(edition.rulebook, key, edition.diagnostics),
        }
    return _json(told)


async def _onward(request: Request, closed: DraftClosed) -> str:
    """What became of a draft, and the drafts that can take what is not saved of a table; a part of a page."""
    desk, key, table = Desk.of(request), request.path_params["key"], request.query_params.get("table", "")
    active = await desk.store.active_release(key)
    base = closed.published_as or active
    drafts = [await desk.store.draft(head.id) for head in await desk.store.drafts(key)]
    release = None if base is None else await desk.store.release(key, base)
    page = desk.page(
        request,
        "table/_closed.html",
        told=closed.message,
        key=key,
        published=closed.published_as,
        active=active,
        base=base if release and rulebook_of(release.document).table(table) else None,
        drafts=[
            (draft.id, draft_named(request, draft))
            for draft in drafts
            if rulebook_of(draft.document).table(table)
        ],
    )
    return bytes(page.body).decode()


async def checks(request: Request) -> Response:
    """The panel of what is wrong with a table."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    table = table_of(edition.rulebook, request.query_params.get("table", ""))
    grid = grid_of(edition.rulebook, table, edition.diagnostics, language=tongue_of(request).code)
    return desk.page(request, "table/_checks.html", edition=edition, grid=grid)


def _marks(rulebook: Rulebook, key: str, diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """What is wrong in a table, by row and field, with the repair where there is one; and the counts of it."""
    table = table_of(rulebook, key)
    names = cell_fields(table)
    found: dict[tuple[str, str], tuple[bool, str]] = {}
    errors = warnings = 0
    for one in diagnostics:
        if one.where.table != key:
            continue
        errors += one.is_error
        warnings += not one.is_error
        if one.where.rule:
            place = (one.where.rule, names.get(one.where.column, one.where.column))
            is_error, repair = found.get(place, (False, ""))
            found[place] = (is_error or one.is_error, repair or one.repair)
    marks = [
        [*place, "error" if is_error else "warning", repair] for place, (is_error, repair) in found.items()
    ]
    return {"marks": marks, "errors": errors, "warnings": warnings}


# A cell in words


async def cell(request: Request) -> Response:
    """A cell in plain words, what is wrong with it and how it is mended, and its row as a sentence.

    The query's `text` is what is being typed, not saved yet; without it the stored text is told.
    """
    desk = Desk.of(request)
    edition = await desk.edition(request)
    asked = request.query_params
    t = tongue_of(request)
    table = table_of(edition.rulebook, asked.get("table", ""))
    number, rule = next(
        ((at, one) for at, one in enumerate(table.rules, 1) if one.id == asked.get("row")), (0, Rule(""))
    )
    name = asked.get("name", "")
    fields = fields_of(table, rule, edition.rulebook.languages)
    text = fields.get(name, "")
    diagnostics = edition.diagnostics
    if "text" in asked and name in fields:
        kind = columns_of(edition.rulebook, table, language=t.code).kind_of(name)
        being_typed = dated(typed(asked["text"], feel=name.startswith(_FEEL)), kind)
    else:
        being_typed = text
    if being_typed != text:
        text = being_typed
        rule = rule_of(table, rule, {name: text})
        diagnostics = judged(edition.rulebook, table, rule)
    shown = replace(table, rules=(rule,))
    grid = grid_of(edition.rulebook, shown, diagnostics, language=t.code, before=None)
    row = grid.rows[0]
    found = next((one for one in row.cells if one.heading.name == name), None)
    reader = Reader(edition.rulebook, t)
    clause = ""
    if found is not None and not found.heading.is_note:
        heading = found.heading
        clause = reader.cell(text, heading.expression, is_condition=heading.is_condition).words
    labels = {heading.name: heading.label for heading in grid.headings}
    return desk.page(
        request,
        "table/_cell.html",
        edition=edition,
        table=table,
        number=number,
        rule=rule,
        cell=found,
        clause=clause,
        marks=found.marks if found else row.marks,
        elsewhere=row.marks if found else (),
        sentence=reader.sentence(table, rule, labels),
        basis=list(pieces(rule.citation, t.code)),
        editable=edition.draft is not None and visitor_of(request).may("editor"),
    )


def judged(rulebook: Rulebook, table: Table, rule: Rule) -> tuple[Diagnostic, ...]:
    """What is wrong with one row as it would be: the rulebook is compiled with that row alone."""
    tables = tuple(replace(one, rules=(rule,) if one.key == table.key else ()) for one in rulebook.tables)
    alone = replace(rulebook, tables=tables, cases=(), queries=(), default_query="")
    return check(alone)[1]


async def words(request: Request) -> Response:
    """What may be written in the cells of a table, for completion: each as `[text, what it is called]`."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    t = tongue_of(request)
    book = edition.rulebook
    table = table_of(book, request.query_params.get("table", ""))
    vocabulary = Vocabulary(book.facts, book.types)
    columns: dict[str, list[tuple[str, str]]] = {}
    for heading in columns_of(book, table, language=t.code).headings:
        kind = vocabulary.kinds.get(heading.expression)
        kind = kind.items or kind if kind is not None else None
        if kind is None:
            continue
        values = [one for one in kind.values or () if one is not None]
        if kind.name == "boolean":
            columns[heading.name] = [("true", t.gettext("yes")), ("false", t.gettext("no"))]
        elif values:
            columns[heading.name] = [(feel_text(value), "") for value in values]
    facts = [(fact.key, fact.label.said_in(t.code)) for fact in book.facts]
    functions = [(f"{name}(", "") for name in sorted(BUILTINS)]
    own = [(f"{model.key}(", model.title.said_in(t.code)) for model in book.functions]
    return _json({"columns": columns, "facts": facts, "functions": [*own, *functions]})


async def uses(request: Request) -> Response:
    """How many cases use each row of a table, and that in words, by the row's id; nothing while there are errors."""
    t = tongue_of(request)
    used = await _used(request)
    return _json(
        {
            rule: (
                len(cases),
                t.ngettext("used by %(num)s case", "used by %(num)s cases", len(cases)) % {"num": len(cases)},
            )
            for rule, cases in used.items()
        }
    )


async def unused(request: Request) -> Response:
    """The ids of the rows of a table that no test case uses; none while there are errors."""
    return _json([rule for rule, cases in (await _used(request)).items() if not cases])


async def _used(request: Request) -> dict[str, tuple[str, ...]]:
    """The cases that use each row of a table, by the row's id; nothing while there are errors."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    table = table_of(edition.rulebook, request.query_params.get("table", ""))
    if edition.program is None:
        return {}
    coverage = await desk.testing.coverage(edition.program)
    found = next((one for one in coverage.tables if one.table == table.key), None)
    return {rule.rule: rule.fired for rule in found.rules} if found else {}


def _json(told: object, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(told), status, {"cache-control": "no-store"}, media_type="application/json"
    )


# The widths of columns


_WIDEST: Final = 640
_ROOMY: Final = 240
"""A column so wide holds long texts, and takes what room a wide window leaves."""


async def stylesheet(request: Request) -> Response:
    """The widths of a grid's columns, and where outcomes and notes begin, as a stylesheet.

    A style of its own for each table, and no inline style: the content security policy allows none.
    """
    asked = request.query_params
    widths = [
        max(24, min(_WIDEST, int(part))) for part in asked.get("w", "").split("-")[:400] if part.isdecimal()
    ]
    first = [int(asked[name]) + 2 if asked.get(name, "").isdecimal() else 0 for name in ("o", "n")]
    tracks = " ".join(f"minmax({width}px, 1fr)" if width >= _ROOMY else f"{width}px" for width in widths)
    rule = f".grid {{ --cols: var(--rule) {tracks}; width: calc(var(--rule) + {sum(widths)}px); }}\n"
    groups = {"condition": first[0] - 2, "outcome": first[1] - first[0], "note": len(widths) + 2 - first[1]}
    for kind, count in groups.items():
        if count > 1:
            rule += f".grid .groups .{kind} {{ grid-column: span {count}; }}\n"
    edges = ", ".join(f".grid tbody td:nth-child({at})" for at in first if at)
    if edges:
        rule += f"{edges} {{ border-inline-start: 2px solid var(--line-strong); }}\n"
    if first[1]:
        rule += f".grid tbody td:nth-child(n + {first[1]}) {{ font: inherit; overflow-wrap: break-word; }}\n"
    headers = {"cache-control": "private, max-age=31536000, immutable"}
    return Response(f"@layer grid {{\n{rule}}}\n", 200, headers, media_type="text/css")
