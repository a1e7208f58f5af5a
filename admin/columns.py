"""The columns of a table, as plain forms: more of them, others, copies, another order, fewer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import FormData
from starlette.routing import Route

from admin.desk import see, text_of, title_of, tongue_of
from admin.drafting import Clashed, Gone, Typed, Work
from admin.forms import column_fields, column_of, typed
from admin.grid import columns_of, marks_of
from admin.words import mark
from decision_tables.errors import InvalidRequest, NotFound, Refused
from decision_tables.said import said
from decision_tables.table import Input, Note, Output
from decision_tables.vocabulary import Words
from service.editing import (
    piece_of,
    table_of,
    texts_of,
    with_column,
    with_column_copied,
    with_column_moved,
    with_column_replaced,
    without_column,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from decision_tables.diagnostics import Where
    from decision_tables.rulebook import Rulebook
    from decision_tables.table import Table
    from service.publishing import Edited

__all__ = ["routes"]


def routes(draft: str) -> list[Route]:
    """The routes below a draft's path."""
    return [
        Route(f"{draft}/columns", columns, methods=["GET", "POST"]),
        Route(f"{draft}/column", column, methods=["GET", "POST"]),
    ]


async def columns(request: Request) -> Response:
    """All columns of a table, and what can be done with them."""
    work = await Work.on(request)
    table = table_of(work.edition.rulebook, work.asked("table"))
    if not work.is_sent:
        return await _page(work, table)
    form = await work.form()
    deed, key = text_of(form, "deed"), text_of(form, "column")
    detail: dict[str, Any] = {"table": table.key, "column": key}
    if deed == "delete":
        detail["was"] = texts_of(work.edition.rulebook, table.key, key)
    try:
        change = _change(table.key, _Asked(work, form, deed, key))
        edited = await work.save(change, f"column/{_DEEDS[deed]}", detail)
    except Refused as refused:
        return await _page(work, table, problem=str(refused), form=form)
    return see(_after(work, table, edited))


async def _page(work: Work, table: Table, *, problem: str = "", form: FormData | None = None) -> Response:
    rulebook, words = work.edition.rulebook, tongue_of(work.request)
    going = work.asked("delete")
    texts = texts_of(rulebook, table.key, going) if going else {}
    grid = columns_of(rulebook, table, work.edition.diagnostics, language=words.code)
    return await work.page(
        "table/columns.html",
        mark("Columns"),
        status=422 if problem else 200,
        table=table,
        grid_title=title_of(rulebook, table.key, words.code),
        grid=grid,
        headings=(*grid.headings, *(heading for heading in grid.notes if heading.is_own)),
        going=going,
        lost=sum(1 for text in texts.values() if text.strip() not in {"", "-"}),
        since=work.asked("since"),
        problem=problem,
        typed={name: text_of(form, name) if form else "" for name in ("expression", "part", "label")},
    )


def _after(work: Work, table: Table, edited: Edited) -> str:
    """Back to the columns, remembering the revisions that were made here: the grid can undo them, too."""
    revision = edited.draft.revision
    since = ".".join(filter(None, (work.asked("since"), str(revision))))
    return work.edition.link("columns", table=table.key, done="saved", changed=revision, since=since)


_DEEDS: Final = {
    "condition": "added",
    "outcome": "added",
    "note": "added",
    "copy": "copied",
    "left": "moved",
    "right": "moved",
    "delete": "deleted",
}


@dataclass(frozen=True)
class _Asked:
    """What a form asks to be done with a column."""

    work: Work
    form: FormData
    deed: str
    key: str


def _change(table: str, asked: _Asked) -> Callable[[Rulebook], Rulebook]:
    """The change that a form asks for.

    Raises:
        InvalidRequest: there is no such deed.
        Refused: it lacks what the column is to be about (`column/nothing`).
    """
    form, key = asked.form, asked.key
    match asked.deed:
        case "condition":
            about = typed(text_of(form, "expression"), feel=True) or text_of(form, "fact")
            made: Input | Output | Note = Input(_key(about, "condition"), about)
        case "outcome":
            about, part = text_of(form, "fact"), typed(text_of(form, "part"))
            made = Output(part or about, about, part)
        case "note":
            about = typed(text_of(form, "label"))
            language = tongue_of(asked.work.request).code
            spoken = language if language in asked.work.edition.rulebook.languages else ""
            made = Note(
                _key(about, "note"), Words({spoken or asked.work.edition.rulebook.languages[0]: about})
            )
        case "copy":
            return lambda book: with_column_copied(book, table, key)
        case "left" | "right" as way:
            return lambda book: with_column_moved(book, table, key, -1 if way == "left" else 1)
        case "delete":
            return lambda book: without_column(book, table, key)
        case _:
            raise InvalidRequest(
                said("Nothing is called {deed} that could be done with a column.", deed=asked.deed)
            )
    if not about:
        needs = mark("Say what the column is to be about: choose a fact, or write something.")
        raise Refused(asked.work.said(needs), code="column/nothing")
    return lambda book: with_column(book, table, made)


def _key(about: str, otherwise: str) -> str:
    return re.sub(r"\W+", "_", about).strip("_")[:60] or otherwise


async def column(request: Request) -> Response:
    """One column: what stands above it, and what it is about."""
    work = await Work.on(request)
    rulebook, words = work.edition.rulebook, tongue_of(request)
    table = table_of(rulebook, work.asked("table"))
    key = work.asked("column")
    form = await work.form() if work.is_sent else None
    found = piece_of("column", key, table.columns)
    fields = column_fields(found, rulebook.languages)
    here = work.edition.link("column", table=table.key, column=key, since=work.asked("since"))
    if form is not None:
        sent = Typed.of(form, set(fields))
        if not sent.changes:
            return see(work.edition.link("columns", table=table.key, since=work.asked("since")))

        def changed(book: Rulebook) -> Rulebook:
            now = next((one for one in table_of(book, table.key).columns if one.key == key), None)
            if now is None:
                raise Gone
            merged = sent.on_top_of(column_fields(now, book.languages))
            return with_column_replaced(book, table.key, column_of(now, merged))

        detail = {"table": table.key, "column": key, "changed": sent.changes}
        try:
            edited = await work.save(changed, "column/edited", detail)
        except Clashed as clash:
            back = work.edition.link("columns", table=table.key)
            return await work.clash_page(clash, here, back, {"table": table.key})
        except Gone:
            raise NotFound(
                said("There is no column {key} any more.", key=key), code="column/not-found"
            ) from None
        wrong = any(one.is_error and _is_at(one.where, table.key, key) for one in edited.diagnostics)
        if wrong:
            return see(f"{here}&done=saved&changed={edited.draft.revision}")
        return see(_after(work, table, edited))
    grid = columns_of(rulebook, table, language=words.code)
    return await work.page(
        "table/column.html",
        mark("Column"),
        table=table,
        column=found,
        kind="condition" if isinstance(found, Input) else "outcome" if isinstance(found, Output) else "note",
        label_told=grid.label_of(key),
        grid_title=title_of(rulebook, table.key, words.code),
        fields=fields,
        action=here,
        since=work.asked("since"),
        marks=marks_of(one for one in work.edition.diagnostics if _is_at(one.where, table.key, key)),
    )


def _is_at(where: Where, table: str, key: str) -> bool:
    """Whether a diagnostic is about a column as a whole."""
    return where.table == table and not where.rule and where.column.split(".")[0] == key
