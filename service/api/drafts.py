"""`/rulebooks/…/drafts/…`: checking a draft, and saying of a finding why it is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from fastapi import APIRouter, Query
from starlette.requests import Request  # noqa: TC002 - FastAPI reads it at run time
from starlette.responses import Response

from decision_tables.diagnostics import near_miss
from decision_tables.errors import InvalidRequest, NotFound
from decision_tables.exact_json import json_of
from decision_tables.formats.sarif import sarif_of
from decision_tables.rulebook import rulebook_of
from service.access import Scope
from service.api.desk import caller_of, desk_of, json_answer, json_body
from service.api.document import answers, takes
from service.api.report import AcknowledgementBody, Report, report_of
from service.deciding import program_version

if TYPE_CHECKING:
    from service.store import Draft

__all__ = ["router"]

router = APIRouter(prefix="/rulebooks", tags=["drafts"])

_ERRORS = (401, 403, 404, 503)


@router.get(
    "/{rulebook}/drafts/{draft}/check",
    summary="Say everything that is wrong with a draft",
    response_class=Response,
    responses=answers(200, Report, "Mistakes, and what the analysis finds.", errors=(*_ERRORS, 422)),
)
async def check(
    request: Request,
    rulebook: str,
    draft: str,
    *,
    table: Annotated[str, Query(max_length=200, description="Only what is found of this table.")] = "",
    language: Annotated[Literal["en", "nl", "fr"], Query(description="Of findings.")] = "en",
    shown: Annotated[
        Literal["json", "sarif"], Query(alias="format", description="json, or sarif for code hosts.")
    ] = "json",
) -> Response:
    """Tells what cannot be read or work, and the gaps, overlaps and dead rules that the analysis finds."""
    await caller_of(request, Scope.EDIT)
    desk = desk_of(request)
    found = await desk_of(request).store.draft(draft, of=rulebook)
    book = rulebook_of(found.document)
    known = [node.key for node in book.nodes]
    if table and table not in known:
        close = near_miss(table, known)
        hint = f" Did you mean {close}?" if close else ""
        raise NotFound(f"There is no table {table}.{hint}", code="table/not-found")
    checked = await desk.library.checked(found)
    judged = await desk.analysing.of(found, table)
    diagnostics = [one for one in checked.diagnostics if not table or one.where.table == table]
    if shown == "sarif":
        log = sarif_of(book, diagnostics, judged, file=rulebook, version=program_version(), language=language)
        return Response(log, media_type="application/sarif+json")
    return json_answer(report_of(book, diagnostics, judged, language))


@router.put(
    "/{rulebook}/drafts/{draft}/acknowledgements/{finding}",
    summary="Say of a finding that it cannot be, or is meant so",
    response_class=Response,
    responses=answers(
        200, Report, "What is to be said of the draft now.", errors=(400, *_ERRORS, 413, 415, 422)
    ),
    openapi_extra=takes(AcknowledgementBody),
)
async def acknowledge(request: Request, rulebook: str, draft: str, finding: str) -> Response:
    """Keeps why a finding is none, in the draft, for as long as what it rests on stays as it is."""
    actor = await caller_of(request, Scope.EDIT)
    desk = desk_of(request)
    found = await desk_of(request).store.draft(draft, of=rulebook)
    written = json_of(await json_body(request), depth=desk.settings.depth_limit)
    try:
        said = msgspec.convert(written, AcknowledgementBody)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"The body is no acknowledgement: {error}.", code="request/type") from error
    changed = await desk.analysing.acknowledge(found.id, finding, said.verdict, said.reason, actor)
    return await _told(request, changed)


@router.delete(
    "/{rulebook}/drafts/{draft}/acknowledgements/{finding}",
    summary="Take back what was said of a finding",
    response_class=Response,
    responses=answers(200, Report, "What is to be said of the draft now.", errors=_ERRORS),
)
async def take_back(request: Request, rulebook: str, draft: str, finding: str) -> Response:
    """The finding is open again."""
    actor = await caller_of(request, Scope.EDIT)
    found = await desk_of(request).store.draft(draft, of=rulebook)
    return await _told(request, await desk_of(request).analysing.take_back(found.id, finding, actor))


async def _told(request: Request, draft: Draft) -> Response:
    desk = desk_of(request)
    checked = await desk.library.checked(draft)
    judged = await desk.analysing.of(draft)
    return json_answer(report_of(rulebook_of(draft.document), checked.diagnostics, judged))
