"""Trying a case: questions one by one or all at once, the answer in plain words, why it is so, and keeping it.

What a case is stands in the address (`admin.asking`), so that every page about it can be shared as a link.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from starlette.responses import RedirectResponse
from starlette.routing import Route

from admin.asking import Asked, asked_of
from admin.desk import (
    Desk,
    Edition,
    draft_named,
    link,
    number_of,
    path_to,
    see,
    text_of,
    tongue_of,
    visitor_of,
)
from admin.forms import asked_with, typed
from admin.grid import PAGE, grid_of
from admin.proof import nearest, proof_of, shown
from admin.readings import Reader
from admin.words import mark
from decision_tables.cases import expectation_of
from decision_tables.errors import DecidableError, NotFound, Refused
from decision_tables.explain import Tried
from decision_tables.rulebook import Case
from service.access import Role, require
from service.editing import free_case_id, with_case, with_case_added, without_case

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from decision_tables.rulebook import Rulebook
    from service.deciding import Decision, Retold
    from service.store import Draft, DraftHead

__all__ = ["find_logged", "logged", "routes", "trial", "why"]

_NEW: Final = "new"
"""Stands for a draft that is still to be started, where a form lets one choose among drafts."""


def routes(edition: str) -> list[Route]:
    """The routes below the path of a release or a draft at which its cases are kept."""
    return [
        Route(f"{edition}/case", keep, methods=["GET", "POST"]),
        Route(f"{edition}/case/delete", drop, methods=["POST"]),
    ]


async def trial(request: Request) -> Response:
    """A case, tried against a release or a draft."""
    desk = Desk.of(request)
    if any(not text.strip() for text in request.query_params.values()):
        spoken = [(name, text) for name, text in request.query_params.multi_items() if text.strip()]
        return RedirectResponse(
            request.url.replace_query_params().include_query_params(**dict(spoken)), status_code=303
        )
    edition = await desk.edition(request)
    program = edition.program
    if program is None:
        return await desk.edition_page(request, "case/try.html", mark("Try a case"), edition, asked=None)
    asked = await asked_of(request, program)
    answer = asked.decision.answer if asked.decision else None
    missing = list(answer.missing) if answer else []
    all_at_once = request.query_params.get("ask") == "all"
    set_apart = {
        *asked.told,
        *(one.fact for one in missing),
        *(one.fact for one in (answer.referrals if answer else ())),
    }
    # While one types, half a number is no failure: a browser would write it down as one.
    is_fine = asked.is_sound or not edition.rulebook.nodes or "hx-request" in request.headers
    return await desk.edition_page(
        request,
        "case/try.html",
        mark("Try a case"),
        edition,
        status=200 if is_fine else 422,
        asked=asked,
        all_at_once=all_at_once,
        to_ask=missing if all_at_once else missing[:1],
        missing=missing,
        others=[key for key in program.vocabulary.facts if key not in set_apart],
        decision=asked.decision,
        answer=answer,
        shown=shown,
        editions=await _editions(desk, request, edition, asked),
        of_row=_row_of(request, edition),
    )


def _row_of(request: Request, edition: Edition) -> tuple[str, str] | None:
    """The table and the id of the row for which the case was looked for, if the address says so."""
    table = edition.rulebook.table(request.query_params.get("of_table", ""))
    row = request.query_params.get("of_row", "")
    return (table.key, row) if table and any(rule.id == row for rule in table.rules) else None


async def _editions(
    desk: Desk, request: Request, edition: Edition, asked: Asked
) -> list[tuple[str, str, bool]]:
    """Where the same case can be tried: name, address, and whether it is where one is."""
    key, words = edition.rulebook.key, tongue_of(request)
    root = link(edition.root, "rulebooks", key)
    found = []
    numbers = {edition.active, edition.release.number if edition.release else None} - {None}
    for number in sorted(numbers, key=lambda one: -(one or 0)):
        name = words.gettext("Release %(number)s") % {"number": number}
        if number == edition.active:
            name = f"{name} ({words.gettext('active')})"
        here = edition.release is not None and edition.release.number == number
        found.append((name, link(f"{root}/releases", number, "try", **asked.address), here))
    for draft in await desk.store.drafts(key):
        here = edition.draft is not None and edition.draft.id == draft.id
        found.append(
            (draft_named(request, draft), link(f"{root}/drafts", draft.id, "try", **asked.address), here)
        )
    return found


# Why


@dataclass(frozen=True, slots=True)
class Rows:
    """The rules of one table, put to the case; `first` is the number of the first that is shown."""

    table: str
    rows: tuple[Tried, ...]
    first: int
    pages: tuple[int, ...]


async def why(request: Request) -> Response:
    """Why a case is answered as it is: in a sentence, as a tree, by what nearly applied, and row by row."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    program = edition.program
    if program is None:
        return see(edition.link("try", **request.query_params))
    asked = await asked_of(request, program)
    if asked.decision is None:
        return see(edition.link("try", **asked.address))

    async def rows_of(table: str) -> tuple[Tried, ...]:
        told = await asked_of(request, program, rows_of=table)
        return told.decision.rows if told.decision else ()

    return await _why_page(request, edition, asked, asked.decision, rows_of)


async def logged(request: Request) -> Response:
    """Why a logged decision was answered as it was: computed again from what the log holds."""
    desk, identity = Desk.of(request), request.path_params["decision"]
    retold = await desk.deciding.retold(identity, desk.encode, language=tongue_of(request).code)
    program, release = retold.loaded.program, retold.loaded.release
    active = await desk.store.active_release(release.rulebook)
    root = request.scope.get("root_path", "")
    edition = Edition(root, program.rulebook, program, (), active, release=release)
    given = {
        "as_of": retold.decision.as_of.isoformat(),
        "known_on": retold.decision.known_on.isoformat(),
        **asked_with(program.vocabulary, retold.facts),
    }
    facts = {key: value for key, value in retold.facts.items() if key in program.vocabulary.facts}
    asked = Asked(program, given, "", facts, decision=retold.decision)

    async def rows_of(table: str) -> tuple[Tried, ...]:
        return await desk.deciding.rows_of(identity, table)

    return await _why_page(request, edition, asked, retold.decision, rows_of, retold=retold)


async def find_logged(request: Request) -> Response:
    """Asks for the id of a logged decision, and leads to it."""
    desk, words = Desk.of(request), tongue_of(request)
    identity = request.query_params.get("id", "").strip()
    problem = ""
    if identity:
        try:
            await desk.deciding.recorded(identity)
        except NotFound:
            problem = words.gettext(mark("No decision of that id was logged here."))
        else:
            return see(path_to(request, "decisions", identity))
    return desk.page(
        request,
        "case/find.html",
        status=404 if problem else 200,
        section="decisions",
        identity=identity,
        problem=problem,
    )


async def _why_page(
    request: Request,
    edition: Edition,
    asked: Asked,
    decision: Decision,
    rows_of: Callable[[str], Awaitable[tuple[Tried, ...]]],
    *,
    retold: Retold | None = None,
) -> Response:
    """The page of one answer and its reasons; `retold`, if it is that of a logged decision."""
    desk, answer = Desk.of(request), decision.answer
    proof = proof_of(answer, decision.goals, asked.facts)
    tables = _tables_of(edition.rulebook, decision)
    wanted = edition.rulebook.table(request.query_params.get("table", "") or (tables[0] if tables else ""))
    rows = grid = None
    reader = Reader(edition.rulebook, tongue_of(request))
    if wanted is not None:
        rows = _rows(wanted.key, await rows_of(wanted.key), request.query_params.get("row", ""))
        grid = grid_of(edition.rulebook, wanted, (), language=tongue_of(request).code, first=rows.first)
    return await desk.edition_page(
        request,
        "case/why.html",
        mark("Why"),
        edition,
        asked=asked,
        retold=retold,
        decision=decision,
        answer=answer,
        proof=proof,
        near=nearest(answer),
        reads=lambda text, about: reader.condition(text, about).words,
        gives=lambda text, about: reader.outcome(text, about).words,
        shown=shown,
        tables=tables,
        rows=rows,
        grid=grid,
    )


def _tables_of(rulebook: Rulebook, decision: Decision) -> list[str]:
    """The tables that had a say, those nearest to the goals first."""
    named = [
        *(because.table for because in decision.answer.because),
        *(other.table for other in decision.answer.why_not),
        *(table for conflict in decision.answer.conflicts for table, _ in conflict.rules),
        *(one.table for one in decision.answer.referrals),
    ]
    return [key for key in dict.fromkeys(named) if rulebook.table(key) is not None]


def _rows(table: str, rows: tuple[Tried, ...], first: str) -> Rows:
    wanted = number_of(first) or 0
    start = (wanted - 1) // PAGE * PAGE if 0 < wanted <= len(rows) else 0
    return Rows(table, rows[start : start + PAGE], start + 1, tuple(range(1, max(1, len(rows)) + 1, PAGE)))


# Keeping a case


async def keep(request: Request) -> Response:
    """Keeps a case as a test of the rulebook: it must come to what it comes to now, before anything is published."""
    desk = Desk.of(request)
    require(visitor_of(request).account, Role.EDITOR)
    edition = await desk.edition(request)
    if edition.program is None:
        return see(edition.link("try", **request.query_params))
    asked = await asked_of(request, edition.program)
    if asked.decision is None:
        return see(edition.link("try", **asked.address))
    known = {case.id: case for case in edition.rulebook.cases}
    replaced = known.get(request.query_params.get("case", ""))
    name, note, problem = (replaced.name, replaced.note, "") if replaced else ("", "", "")
    proposed = wanted = replaced.id if replaced else free_case_id(edition.rulebook)
    if request.method == "POST":
        form = await desk.form(request)
        wanted, name, note = (typed(text_of(form, part)) for part in ("id", "name", "note"))
        case = _case(asked, wanted, name, note)

        def kept(book: Rulebook) -> Rulebook:
            is_there = any(known.id == case.id for known in book.cases)
            if is_there and replaced and replaced.id == case.id:
                return with_case(book, case)
            if is_there and case.id == proposed:  # free here, and taken in the draft that was chosen
                return with_case_added(book, replace(case, id=free_case_id(book)))
            return with_case_added(book, case)

        try:
            _named(request, name)
            draft = await _draft_for(request, edition, text_of(form, "draft"))
            edited = await desk.save(request, draft, kept, "case/kept", {"case": wanted, "name": name})
        except Refused as refused:
            problem = tongue_of(request).said(refused.message)
        else:
            there = link(edition.root, "rulebooks", draft.rulebook, "drafts", draft.id, "cases", done="case")
            is_there = any(known == case for known in edited.rulebook.cases)
            return see(f"{there}#case-{case.id if is_there else edited.rulebook.cases[-1].id}")
    return await desk.edition_page(
        request,
        "case/keep.html",
        mark("Save as a test case"),
        edition,
        status=422 if problem else 200,
        asked=asked,
        case=_case(asked, wanted, name, note),
        replaced=replaced,
        problem=problem,
        drafts=[
            (draft.id, draft_named(request, draft)) for draft in await desk.store.drafts(edition.rulebook.key)
        ],
        new=_NEW,
    )


async def _draft_for(request: Request, edition: Edition, chosen: str) -> Draft | DraftHead:
    """The draft that is to hold the case: this one, the one that was chosen, or a new one."""
    if edition.draft is not None:
        return edition.draft
    desk, key = Desk.of(request), edition.rulebook.key
    found = next((draft for draft in await desk.store.drafts(key) if draft.id == chosen), None)
    return found or await desk.publishing.start_draft(key, visitor_of(request).account.login)


def _named(request: Request, name: str) -> None:
    if not name:
        said = tongue_of(request).gettext(mark("Write in a sentence what the case shows."))
        raise Refused(said, code="case/name-missing")


def _case(asked: Asked, identity: str, name: str, note: str) -> Case:
    """The case as it is kept: on dates of its own, so that it does not change with the calendar."""
    decision = asked.decision
    assert decision is not None  # noqa: S101 - looked at before
    known_on = asked.dates["known_on"]
    case = Case(
        identity,
        name,
        facts=dict(asked.facts),
        as_of=decision.as_of.isoformat(),
        known_on=known_on.isoformat() if known_on else "",
        note=note,
    )
    try:
        expected = expectation_of(asked.program, case, decision.goals)
    except DecidableError:  # it was answered a moment ago, and the budget of a decision is not that of a case
        return case
    return replace(case, expect=expected)


async def drop(request: Request) -> Response:
    """Deletes a test case from a draft."""
    desk = Desk.of(request)
    form = await desk.form(request)
    edition = await desk.edition(request)
    assert edition.draft is not None  # noqa: S101 - the path names a draft
    case = text_of(form, "case")
    await desk.save(
        request, edition.draft, lambda book: without_case(book, case), "case/deleted", {"case": case}
    )
    return see(edition.link("cases", done="case-deleted"))
