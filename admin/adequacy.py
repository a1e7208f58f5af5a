"""How well the cases test the tables: what they exercise, which faults none of them notices, and one that does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.routing import Route

from admin.desk import Desk, see, text_of, title_of, tongue_of, visitor_of
from admin.grid import grid_of
from admin.words import mark
from decision_tables.adequacy import MutantKind
from decision_tables.errors import EditConflict, NotFound
from service.editing import table_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from admin.desk import Edition

__all__ = ["routes"]

_KINDS: Final = {
    MutantKind.BOUND: mark("a bound moved by one"),
    MutantKind.END: mark("a bound taken in, or left out"),
    MutantKind.OPERATOR: mark("a comparison turned round"),
    MutantKind.ALTERNATIVE: mark("an alternative left out"),
    MutantKind.ANYTHING: mark("the condition left out"),
    MutantKind.NEGATION: mark("the opposite condition"),
    MutantKind.OUTCOME: mark("another outcome"),
    MutantKind.PERIOD: mark("a date moved by a day"),
}
_REASONS: Final = {
    "broken": mark("No case was added: the changed cell cannot be read."),
    "never-fires": mark(
        "No case was added: no facts were found by which this cell decides. The row may never be reached."
    ),
    "same-answer": mark(
        "No case was added: wherever this cell was found to decide, another row gives the same answer."
    ),
}
_CHANGED: Final = mark("Somebody saved the draft in the meantime. Try again.")


def routes(release: str, draft: str) -> list[Route]:
    """The routes below the paths of a release and of a draft at which it is told how well its cases test it."""
    return [
        Route(f"{release}/tests", overview),
        Route(f"{release}/tests/{{table:path}}", tests_of_table),
        Route(f"{draft}/tests", overview),
        Route(f"{draft}/tests/{{table:path}}", tests_of_table, methods=["GET", "POST"]),
    ]


async def overview(request: Request) -> Response:
    """What the cases exercise of each table."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    found = None if edition.program is None else await desk.testing.coverage(edition.program)
    name = mark("How well the cases test the tables")
    return await desk.edition_page(request, "rulebook/tests.html", name, edition, found=found)


async def tests_of_table(request: Request) -> Response:
    """What the cases exercise of one table; on demand the faults that no case notices, each with a button."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    key = request.path_params["table"]
    table, words = table_of(edition.rulebook, key), tongue_of(request)
    problem = ""
    if request.method == "POST":
        added = await _add_case(request, edition, key)
        if not added:
            start = request.query_params.get("start", "")
            return see(f"{edition.link('tests', key, faults='1', start=start, done='case')}#faults")
        problem = words.gettext(added)
    coverage = faults = None
    start = request.query_params.get("start", "")
    if edition.program is not None:
        coverage = (await desk.testing.coverage(edition.program)).table(key)
        if "faults" in request.query_params:
            first = int(start) if start.isdecimal() and len(start) < 10 else 0
            faults = await desk.testing.faults(edition.program, key, start=first)
    title = title_of(edition.rulebook, key, words.code)
    return await desk.edition_page(
        request,
        "table/tests.html",
        title,
        edition,
        status=422 if problem else 200,
        problem=problem,
        table=table,
        table_title=title,
        grid=grid_of(edition.rulebook, table, (), language=words.code),
        coverage=coverage,
        faults=faults,
        start=start,
        kinds={kind: words.gettext(told) for kind, told in _KINDS.items()},
        editable=edition.draft is not None and visitor_of(request).may("editor"),
    )


async def _add_case(request: Request, edition: Edition, table: str) -> str:
    """Adds the case that notices a fault; empty, or why that is not possible, not yet translated."""
    desk = Desk.of(request)
    form = await desk.form(request)
    assert edition.draft is not None  # noqa: S101 - the path names a draft
    if edition.program is None:
        return _REASONS["broken"]
    try:
        added = await desk.testing.add_case(
            edition.draft,
            edition.program,
            text_of(form, "fault"),
            visitor_of(request).account.login,
            table=table,
        )
    except (EditConflict, NotFound):
        return _CHANGED
    return _REASONS[added.unkilled.code] if added.unkilled else ""
