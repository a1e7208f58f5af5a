"""The pages: `create_admin` puts them together; here too are those that read and check rulebooks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from admin import (
    adequacy,
    changes,
    columns,
    edits,
    facts,
    files,
    findings,
    founding,
    pieces,
    queries,
    releases,
    reviews,
    sentences,
    sheet,
    signing_in,
    staff,
    trials,
)
from admin.asking import case_link
from admin.boxes import box_of
from admin.desk import (
    LANGUAGE_COOKIE,
    ROWS_COOKIE,
    Desk,
    Stale,
    back_to,
    link,
    number_of,
    path_to,
    see,
    set_cookie,
    shelf_title,
    title_of,
    tongue_of,
    trail_of,
    visitor_of,
)
from admin.differences import PLACES
from admin.grid import grid_of, marks_of, place_of
from admin.map import map_page
from admin.untranslated import untranslated
from admin.waiting import wants_of
from admin.words import LANGUAGES, mark
from decision_tables.errors import (
    DecidableError,
    DraftClosed,
    EditConflict,
    InvalidFacts,
    InvalidRequest,
    InvalidRulebook,
    NotFound,
    Refused,
    Unavailable,
)
from decision_tables.rulebook import rulebook_of
from decision_tables.table import Table
from service.access import Role, require
from service.editing import table_of
from service.reviewing import Review
from service.store import DraftHead

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

    from admin.desk import Edition
    from admin.words import Tongue
    from decision_tables.diagnostics import Diagnostic
    from decision_tables.rulebook import Rulebook
    from service.access import Access
    from service.analysing import Analysing
    from service.deciding import Deciding, Encode
    from service.importing import Importing
    from service.library import Library
    from service.publishing import Publishing
    from service.store import Store
    from service.testing import Testing

__all__ = ["create_admin"]

_YEAR: Final = 31_536_000

_LOOKED_INTO: Final = 12
"""Drafts that a list looks into, the last changed of each rulebook first: each is compiled for it."""


def create_admin(  # noqa: PLR0913 - a face names all the use cases that it shows
    deciding: Deciding,
    publishing: Publishing,
    analysing: Analysing,
    importing: Importing,
    testing: Testing,
    library: Library,
    access: Access,
    store: Store,
    *,
    encode: Encode,
    public_scheme: str | None = None,
) -> Starlette:
    """The pages for policy staff, to be mounted (at `/admin`); all but signing in needs a session.

    Args:
        deciding: tries cases.
        publishing: edits, checks and publishes.
        analysing: says what is missing or contradicts itself.
        importing: reads files, and writes them.
        testing: says how well the cases test the tables.
        library: compiled releases and drafts.
        access: who may come in.
        store: what is kept.
        encode: how answers are encoded for the log.
        public_scheme: `http` or `https`, of the address at which people reach the pages through a proxy.
    """
    number, draft = "/rulebooks/{key}/releases/{number}", "/rulebooks/{key}/drafts/{draft}"
    reading = [
        Route(f"{edition}{path}", page)
        for edition in (number, draft)
        for path, page in (
            ("", tables),
            ("/facts", facts.facts),
            ("/cases", cases),
            ("/map", map_page),
            ("/try", trials.trial),
            ("/why", trials.why),
            ("/problems", problems),
            ("/tables/{table:path}", table),
        )
    ]
    app = Starlette(
        routes=[
            Route("/", rulebooks),
            Route("/language", language),
            Route("/rows", rows),
            *signing_in.ROUTES,
            *staff.ROUTES,
            Route("/decisions", trials.find_logged),
            Route("/decisions/{decision}", trials.logged),
            Route("/rulebooks/{key}", rulebook),
            *releases.routes("/rulebooks/{key}", number, draft),
            *files.routes(number, draft),
            *findings.routes(number, draft),
            Route("/columns.css", sheet.stylesheet),
            *edits.routes(draft),
            *columns.routes(draft),
            *facts.routes(draft),
            *founding.routes(draft),
            *pieces.routes(draft),
            *queries.routes(draft),
            *sheet.routes(draft),
            *(route for edition in (number, draft) for route in sheet.reading_routes(edition)),
            *(route for edition in (number, draft) for route in sentences.routes(edition)),
            *reviews.routes(draft),
            *changes.routes(draft),
            *trials.routes(number),
            *trials.routes(draft),
            *adequacy.routes(number, draft),
            Route(f"{draft}/discard", discard, methods=["GET", "POST"]),
            *reading,
            Mount("/static", _Static(directory=Path(__file__).parent / "static")),
        ],
        middleware=[Middleware(signing_in.Doorkeeper, access=access)],
        exception_handlers={
            HTTPException: _http_problem,
            Stale: _stale,
            DecidableError: _problem,
        },
    )
    app.state.desk = Desk(
        deciding,
        publishing,
        analysing,
        importing,
        testing,
        library,
        access,
        store,
        encode=encode,
        public_scheme=public_scheme,
    )
    return app


class _Static(StaticFiles):
    """Files whose address changes with their content, so that browsers may keep them."""

    async def get_response(self, path: str, scope: Any) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200 and b"v=" in scope["query_string"]:
            response.headers["cache-control"] = f"public, max-age={_YEAR}, immutable"
        return response


# Reading


@dataclass(frozen=True, slots=True)
class _OnShelf:
    key: str
    title: str
    active: int | None
    drafts: list[DraftHead]


async def rulebooks(request: Request) -> Response:
    """All rulebooks, what is active and who works on what."""
    desk = Desk.of(request)
    words = tongue_of(request)
    shelf = []
    for head in await desk.store.rulebooks():
        drafts = await desk.store.drafts(head.key)
        if head.active_release is None and not drafts and not await desk.store.releases(head.key):
            continue  # it was given up before anything was published
        shelf.append(_OnShelf(head.key, shelf_title(head, words.code), head.active_release, drafts))
    drafts = [draft for entry in shelf for draft in entry.drafts][:_LOOKED_INTO]
    return desk.page(request, "rulebook/list.html", shelf=shelf, wants=await wants_of(request, desk, drafts))


async def rulebook(request: Request) -> Response:
    """One rulebook: its drafts and its releases."""
    desk = Desk.of(request)
    key = request.path_params["key"]
    words = tongue_of(request)
    drafts = await desk.store.drafts(key)
    active = await desk.store.active_release(key)
    if active is not None:
        document = (await desk.store.release(key, active)).document
    elif drafts:
        document = (await desk.store.draft(drafts[0].id)).document
    else:  # it was made, and its only draft was discarded
        head = next(head for head in await desk.store.rulebooks() if head.key == key)
        document = {"key": key, "title": head.title}
    read = rulebook_of(document)
    title = read.title.said_in(words.code) or key
    return desk.page(
        request,
        "rulebook/show.html",
        key=key,
        title=title,
        note=read.note,
        active=active,
        planned=[turn for turn in await releases.turns_of(desk, key, read) if turn.is_ahead],
        drafts=drafts,
        wants=await wants_of(request, desk, drafts[:_LOOKED_INTO], run_cases=True),
        releases=sorted(await desk.store.releases(key), key=lambda release: -release.number),
        trail=trail_of(request, (title, "")),
    )


async def tables(request: Request) -> Response:
    """The tables, formulas and queries of a release or draft."""
    return await Desk.of(request).edition_page(request, "rulebook/tables.html", mark("Tables"), box_of=box_of)


async def cases(request: Request) -> Response:
    """The test cases of a release or draft, and what comes of them."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    results = None if edition.program is None else await desk.publishing.run_cases(edition.program)
    return await desk.edition_page(
        request,
        "rulebook/cases.html",
        mark("Cases"),
        edition,
        results=results,
        failed=sum(not result.passed for result in results or ()),
        case_link=case_link,
    )


async def problems(request: Request) -> Response:
    """Everything that is wrong with a release or draft, each with its place."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    words = tongue_of(request)
    editable = edition.draft is not None and visitor_of(request).may("editor")
    found = [
        (
            _place_title(edition.rulebook, diagnostic.where.table, words),
            diagnostic.where,
            _place_link(edition, diagnostic, editable=editable),
            marks_of([diagnostic]),
        )
        for diagnostic in edition.diagnostics
    ]
    return await desk.edition_page(
        request,
        "draft/problems.html",
        mark("Problems"),
        edition,
        found=found,
        untranslated=list(untranslated(edition, words.code)) if editable else [],
    )


def _place_title(rulebook: Rulebook, place: str, words: Tongue) -> str:
    """What people call a table, a formula, or another part of the rulebook."""
    known = PLACES.get(place)
    return words.gettext(known) if known else title_of(rulebook, place, words.code)


def _place_link(edition: Edition, diagnostic: Diagnostic, *, editable: bool) -> str:
    """Where one goes to see, or to mend, what a diagnostic is about."""
    where, place = diagnostic.where, place_of(edition.rulebook, diagnostic)
    if place in {"cell", "rule"} and not editable:
        return f"{edition.link('tables', where.table, rule=where.rule)}#row-{where.rule}"
    if place == "cell":
        name = edits.field_of(edition.rulebook.table(where.table), where.column)
        return f"{edition.link('tables', where.table, rule=where.rule, cell=name)}#row-{where.rule}"
    if place == "rule":
        return edition.link("rule", table=where.table, rule=where.rule)
    if place == "table":
        return edition.link("tables", where.table)
    if place == "formula":
        return f"{edition.link()}#formula-{where.table}"
    if where.table == "vocabulary":
        return f"{edition.link('facts')}#fact-{where.rule}"
    if where.table == "cases":
        return f"{edition.link('cases')}#case-{where.rule}"
    if editable and where.table == "queries" and edition.rulebook.query(where.rule) is not None:
        return edition.link("query", query=where.rule)
    if editable and where.table == "services" and edition.rulebook.service(where.rule) is not None:
        return edition.link("service", service=where.rule)
    if editable and where.table in {"", "queries"}:
        return edition.link("properties")
    return edition.link()


async def table(request: Request) -> Response:
    """One table of a release or draft; in a draft, one cell of it may be open for editing."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    words = tongue_of(request)
    key = request.path_params["table"]
    shown = table_of(edition.rulebook, key)
    asked = request.query_params
    before = await _began_with(desk, edition)
    grid = grid_of(
        edition.rulebook,
        shown,
        edition.diagnostics,
        language=words.code,
        showing=asked.get("rule", ""),
        first=number_of(asked.get("row", "")) or 1,
        before=before.table(key) or Table(key, shown.hit_policy) if before else None,
    )
    title = title_of(edition.rulebook, key, words.code)
    remarks = await desk.store.remarks.of(edition.draft.id) if edition.draft else ()
    talk = Review(edition.draft.revision if edition.draft else 0, False, frozenset(), remarks)
    showing = asked.get("rule", "") if edition.draft and "comments" in asked else ""
    return await desk.edition_page(
        request,
        "table/show.html",
        title,
        edition,
        grid=grid,
        grid_title=title,
        editable=edition.draft is not None and visitor_of(request).may("editor"),
        talk=talk,
        said=talk.open_on(key),
        commented=showing if any(rule.id == showing for rule in shown.rules) else "",
        at={"rule": asked.get("rule", ""), "name": asked.get("cell", "")},
        came={"changed": asked.get("changed", ""), "way": asked.get("way", "")},
    )


async def _began_with(desk: Desk, edition: Edition) -> Rulebook | None:
    """The rulebook of the release that a draft began with; None where there is none that can be read."""
    if edition.draft is None or edition.draft.base_release is None:
        return None
    try:
        loaded = await desk.library.release(edition.draft.rulebook, edition.draft.base_release)
    except InvalidRulebook:
        return None
    return loaded.program.rulebook


# Drafts and releases as wholes


async def discard(request: Request) -> Response:
    """Ask whether a draft is to be thrown away, and do so."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    assert edition.draft is not None  # noqa: S101 - the path names a draft
    if request.method == "POST":
        await desk.form(request)
        await desk.store.discard_draft(edition.draft.id, visitor_of(request).account.login)
        return see(path_to(request, "rulebooks", edition.draft.rulebook, done="discarded"))
    require(visitor_of(request).account, Role.EDITOR)
    return await desk.edition_page(request, "draft/discard.html", mark("Discard"), edition)


async def language(request: Request) -> Response:
    """Keeps the language that the reader chose."""
    response = RedirectResponse(back_to(request, request.query_params.get("back", "")), status_code=303)
    chosen = request.query_params.get("to", "")
    if chosen in LANGUAGES:
        set_cookie(request, response, LANGUAGE_COOKIE, chosen, lasts=_YEAR)
    return response


async def rows(request: Request) -> Response:
    """Keeps how high the reader wants the rows of tables."""
    response = RedirectResponse(back_to(request, request.query_params.get("back", "")), status_code=303)
    chosen = request.query_params.get("to", "")
    if chosen in {"comfortable", "compact"}:
        set_cookie(request, response, ROWS_COOKIE, chosen, lasts=_YEAR)
    return response


# When it does not work


async def _stale(request: Request, error: Exception) -> Response:
    kept = await signing_in.kept_of(request)
    return (
        await _problem(request, error) if kept is None else signing_in.again_page(request, kept, status=403)
    )


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, DecidableError)  # noqa: S101 - registered for these alone
    status, heading = next(
        (status, heading)
        for kind, status, heading in (
            (NotFound, 404, mark("Not found")),
            (Refused, 403, mark("Not allowed")),
            (EditConflict, 409, mark("Somebody else saved first")),
            (Unavailable, 503, mark("Not available now")),
            ((InvalidFacts, InvalidRequest, InvalidRulebook), 422, mark("This cannot be done")),
            (DecidableError, 422, mark("This cannot be done")),
        )
        if isinstance(error, kind)
    )
    status = 413 if error.code == "body/too-large" else status
    reasons = getattr(error, "reasons", ())
    ways = await _ways(request, error) if isinstance(error, NotFound) else []
    return _error_page(request, status, heading, tongue_of(request).said(error.message), reasons, ways)


async def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for these alone
    headings = {404: mark("Not found"), 405: mark("This cannot be done"), 403: mark("Not allowed")}
    details = {404: mark("There is no such page."), 405: mark("This address cannot be used in that way.")}
    words = tongue_of(request)
    detail = words.gettext(details[error.status_code]) if error.status_code in details else error.detail
    heading = headings.get(error.status_code, mark("This cannot be done"))
    ways = await _ways(request) if error.status_code == 404 and request.scope.get("visitor") else []
    return _error_page(request, error.status_code, heading, detail, ways=ways)


async def _ways(request: Request, error: NotFound | None = None) -> list[tuple[str, str]]:
    """Where one goes from an address at which nothing is: to what was most likely meant, and to what it is part of.

    Each as what it is called and its path; what there is no more is not named.
    """
    desk, words, ways = Desk.of(request), tongue_of(request), []
    if error is not None and error.near and request.method == "GET":
        ways.append((error.near, _with(request, error)))
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    shelf, key, kind, which = [*path.split("/")[1:], "", "", "", ""][:4]
    head = next(
        (one for one in await desk.store.rulebooks() if shelf == "rulebooks" and one.key == key), None
    )
    if head is None:
        return ways
    home = path_to(request, "rulebooks", key)
    release = which if kind == "releases" else ""
    if isinstance(error, DraftClosed):
        release = str(error.published_as or "")
    elif kind == "drafts" and any(one.id == which for one in await desk.store.drafts(key)):
        ways.append((words.gettext("Draft"), f"{home}/drafts/{which}"))
    if any(str(one.number) == release for one in await desk.store.releases(key)):
        name = words.gettext("Release %(number)s") % {"number": release}
        ways.append((name, f"{home}/releases/{release}"))
    return [*ways, (shelf_title(head, words.code), home)]


def _with(request: Request, error: NotFound) -> str:
    """The address that was asked for, with the name in it that was most likely meant."""
    path, query = request.scope["path"].split("/"), dict(request.query_params)
    if error.code != "rulebook/not-found" and error.asked in query.values():
        query = {name: error.near if text == error.asked else text for name, text in query.items()}
    elif error.asked in path:
        places = [place for place, part in enumerate(path) if part == error.asked]
        path[places[0 if error.code == "rulebook/not-found" else -1]] = error.near
    return link("", *path[1:], **query)


def _error_page(
    request: Request,
    status: int,
    heading: str,
    detail: str,
    reasons: Any = (),
    ways: Iterable[tuple[str, str]] = (),
) -> Response:
    return Desk.of(request).page(
        request,
        "error/problem.html",
        status=status,
        heading=tongue_of(request).gettext(heading),
        detail=detail,
        reasons=reasons,
        code=status,
        ways=ways,
    )
