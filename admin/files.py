"""Rulebooks from files and to files: upload → preview → draft, and taking out; nothing is kept before it was seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import Route

from admin.desk import Desk, number_of, path_to, see, text_of, title_of, tongue_of, trail_of, visitor_of
from admin.differences import KINDS, PLACES, sections_between
from admin.forms import typed
from admin.grid import Mark, marks_of
from admin.words import mark
from decision_tables.compare import ChangeKind
from decision_tables.errors import EditConflict, InvalidRulebook, Refused
from decision_tables.formats import Format, address_of, format_named
from service.access import Role, require
from service.importing import KEY, Preview, TakenOut

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.datastructures import FormData
    from starlette.requests import Request

    from admin.words import Tongue
    from decision_tables.diagnostics import Diagnostic, Where
    from decision_tables.rulebook import Rulebook

__all__ = ["routes"]

_SHOWN: Final = 1_000
"""Changes and diagnostics on one page; beyond them it says how many more there are."""


def routes(release: str, draft: str) -> list[Route]:
    """The routes of files; the first two arguments are the paths of a release and of a draft."""
    both = ["GET", "POST"]
    return [
        *(
            Route(f"{place}/import", bring_in, methods=both, name=name)
            for name, place in (("new", ""), ("rulebook", "/rulebooks/{key}"), ("draft", draft))
        ),
        Route("/imports/{upload}", preview, methods=both),
        *(
            Route(f"{edition}{path}", page)
            for edition in (release, draft)
            for path, page in (("/export", take_out), ("/export/{format}", download))
        ),
    ]


# Bringing in


async def bring_in(request: Request) -> Response:
    """Asks for files; such as can be read are kept, out of reach of everybody else, for their owner to look at."""
    desk, owner = Desk.of(request), require(visitor_of(request).account, Role.EDITOR)
    key, draft = request.path_params.get("key", ""), request.path_params.get("draft", "")
    if key:
        await desk.store.active_release(key)  # so that a misspelt key is not taken for a new rulebook
    if request.method != "POST":
        return await _bring_in_page(request, key, draft)
    try:
        form = await desk.form(request)
        files = await _files_of(form)
    finally:
        await request.close()  # what is large lies in temporary files
    name = key or typed(text_of(form, "key"))
    problem = ""
    if name and not key and not re.fullmatch(KEY, name):
        problem = mark(
            "A key is letters, digits, underscores, points and hyphens; it begins with none of the last two."
        )
    elif not files:
        problem = mark("Choose a file.")
    if problem:
        return await _bring_in_page(request, key, draft, problem=problem, name=name)
    try:
        await desk.importing.preview(files, name, draft=draft)
    except InvalidRulebook as error:
        return await _bring_in_page(request, key, draft, found=error.diagnostics, name=name)
    upload = await desk.importing.keep(files, owner.id, name, draft=draft)
    return see(path_to(request, "imports", upload))


async def _bring_in_page(
    request: Request,
    key: str,
    draft: str,
    *,
    found: Sequence[Diagnostic] = (),
    problem: str = "",
    name: str = "",
) -> Response:
    """The form for files; with what is wrong with those that were sent, or with the form (not yet translated)."""
    desk, words = Desk.of(request), tongue_of(request)
    title = await _title_of(request, key, draft) if key else ""
    back = request.url.path.removesuffix("/import") or path_to(request)
    steps = [(title, path_to(request, "rulebooks", key))] if key else []
    steps += [(words.gettext("Draft"), back)] if draft else []
    return desk.page(
        request,
        "file/bring_in.html",
        status=422 if found or problem else 200,
        trail=trail_of(request, *steps, (words.gettext("Bring in a file"), "")),
        key=key,
        draft=draft,
        title=title,
        action=request.url.path,
        back=back,
        found=_listed(found),
        problem=words.gettext(problem) if problem else "",
        name=name,
    )


async def preview(request: Request) -> Response:
    """Shows what files would change; keeps them as a draft, or forgets them, once their owner says so."""
    desk, owner = Desk.of(request), require(visitor_of(request).account, Role.EDITOR)
    upload = request.path_params["upload"]
    form = await desk.form(request) if request.method == "POST" else None
    if form is not None and text_of(form, "do") == "forget":
        await desk.importing.forget(upload, owner.id)
        return see(path_to(request))
    seen = await desk.importing.kept(upload, owner.id)
    if form is None:
        return _preview_page(request, upload, seen)
    title = typed(text_of(form, "title"))
    if text_of(form, "seen") != seen.against:
        return _preview_page(request, upload, seen, moved=True, title=title)
    try:
        draft = await desk.importing.bring_in(seen, owner.login, title)
    except (EditConflict, Refused):
        return _preview_page(
            request, upload, await desk.importing.kept(upload, owner.id), moved=True, title=title
        )
    await desk.importing.forget(upload, owner.id)
    return see(path_to(request, "rulebooks", draft.rulebook, "drafts", draft.id, done="brought"))


def _preview_page(
    request: Request, upload: str, seen: Preview, *, moved: bool = False, title: str = ""
) -> Response:
    """What files would change; `moved` says that it is something else than was shown before."""
    desk, words = Desk.of(request), tongue_of(request)
    book = seen.rulebook
    called = book.title.said_in(words.code) or book.key
    steps = [] if seen.is_new else [(called, path_to(request, "rulebooks", book.key))]
    kinds = [change.kind for change in seen.changes]
    return desk.page(
        request,
        "file/preview.html",
        status=409 if moved else 200,
        trail=trail_of(request, *steps, (words.gettext("What the file says"), "")),
        seen=seen,
        title=called,
        rules=sum(len(table.rules) for table in book.tables),
        moved=moved,
        draft_title=title,
        notes=_listed(seen.notes),
        diagnostics=_listed(seen.diagnostics, book, words, seen.addresses),
        counts={kind: kinds.count(kind) for kind in ChangeKind if kind in kinds},
        kinds=KINDS,
        sections=sections_between(seen.changes[:_SHOWN], book, seen.before, words),
        more=max(0, len(seen.changes) - _SHOWN),
        action=path_to(request, "imports", upload),
    )


async def _files_of(form: FormData) -> dict[str, bytes]:
    """The files of a form, each by its name."""
    files: dict[str, bytes] = {}
    for part in form.getlist("files"):
        if isinstance(part, UploadFile) and part.filename:
            name, number = part.filename, 2
            while name in files:
                name, number = f"{part.filename} ({number})", number + 1
            files[name] = await part.read()
    return files


async def _title_of(request: Request, key: str, draft: str) -> str:
    """What people call a rulebook."""
    desk, words = Desk.of(request), tongue_of(request)
    if draft:
        return (await desk.edition(request)).rulebook.title.said_in(words.code) or key
    heads = [head for head in await desk.store.rulebooks() if head.key == key]
    titles = heads[0].title.get("by_language", {}) if heads else {}
    return titles.get(words.code) or next(iter(titles.values()), "") or key


# What is shown


@dataclass(frozen=True, slots=True)
class _Line:
    """A diagnostic in a list: its place in words, its mark, and the cell of the file that it was read from."""

    place: str
    marks: tuple[Mark, ...]
    address: str = ""


def _listed(
    found: Sequence[Diagnostic],
    rulebook: Rulebook | None = None,
    words: Tongue | None = None,
    addresses: Mapping[Where, str] | None = None,
) -> list[_Line]:
    """Diagnostics with their places, errors first; places of a rulebook by the names of its tables."""
    ranked = sorted(found, key=lambda one: not one.is_error)[:_SHOWN]
    lines = []
    for one in ranked:
        where = one.where
        place = str(where) if where.rule or where.column else where.table
        if rulebook is not None and words is not None and where.table:
            known = PLACES.get(where.table)
            table = words.gettext(known) if known else title_of(rulebook, where.table, words.code)
            parts = (table, where.rule, where.column)
            place = " / ".join(filter(None, parts))
        address = address_of(where, addresses) if addresses else ""
        lines.append(_Line(place, marks_of([one]), address))
    return lines


# Taking out


async def take_out(request: Request) -> Response:
    """What a release or draft can be taken out as, and what each kind of file cannot say."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    words = tongue_of(request)
    kinds = []
    for form in Format:
        written = (await _taken(request, form)).written
        notes = _listed(written.notes, edition.rulebook, words)
        kinds.append((form, words.gettext(_FORMATS[form]), len(written.data), notes))
    return await desk.edition_page(
        request,
        "file/take_out.html",
        mark("Take out as a file"),
        edition,
        kinds=kinds,
        tables=[
            (one.key, title_of(edition.rulebook, one.key, words.code)) for one in edition.rulebook.tables
        ],
    )


async def download(request: Request) -> Response:
    """A release or draft as a file."""
    form = format_named(request.path_params["format"])
    out = await _taken(request, form, request.query_params.get("table", ""))
    headers = {"content-disposition": f'attachment; filename="{out.name}"', "cache-control": "no-store"}
    return Response(out.written.data, media_type=out.media_type, headers=headers)


async def _taken(request: Request, form: Format, table: str = "") -> TakenOut:
    asked = request.path_params
    release = None if "draft" in asked else number_of(asked["number"]) or 0  # which is never there
    return await Desk.of(request).importing.take_out(
        asked["key"], form, release=release, draft=asked.get("draft", ""), table=table
    )


_FORMATS: Final = {
    Format.DMN: mark("DMN 1.5, for Trisotech, Drools and most other tools"),
    Format.DMN_1_3: mark("DMN 1.3, for Camunda Modeler, which reads no later version"),
    Format.XLSX: mark(
        "Workbook for Excel or LibreOffice, one sheet a table, to be changed and brought in again"
    ),
    Format.CSV: mark("Tables as CSV, one file each, in a zip"),
    Format.JSON: mark("Everything, for another decidable"),
}
