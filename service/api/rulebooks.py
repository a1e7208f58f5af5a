"""`/rulebooks`: what is active, what it takes and concludes, and its releases."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request  # noqa: TC002 - FastAPI reads it at run time
from starlette.responses import Response

from service.access import Scope
from service.api.desk import caller_of, desk_of, json_answer
from service.api.document import answers
from service.api.wire import (
    ReleaseBody,
    ReleaseShape,
    RulebookBody,
    RulebookLine,
    release_shape,
    rulebook_body,
)

__all__ = ["router"]

router = APIRouter(prefix="/rulebooks", tags=["rulebooks"])

_ERRORS = (401, 403, 404, 503)


@router.get(
    "",
    summary="List the rulebooks",
    response_class=Response,
    responses=answers(200, list[RulebookLine], "All rulebooks, by key.", errors=(401, 403, 503)),
)
async def rulebooks(request: Request) -> Response:
    """Lists all rulebooks with the release that is active."""
    await caller_of(request, Scope.READ)
    heads = await desk_of(request).store.rulebooks()
    return json_answer(
        [
            RulebookLine(key=head.key, title=head.title.get("by_language", {}), release=head.active_release)
            for head in heads
        ]
    )


@router.get(
    "/{rulebook}",
    summary="Read what a rulebook takes and concludes",
    response_class=Response,
    responses=answers(200, RulebookBody, "Of the active release.", errors=_ERRORS),
)
async def rulebook(request: Request, rulebook: str) -> Response:
    """Tells of the active release its queries, what it concludes, and as JSON Schema the facts it takes."""
    await caller_of(request, Scope.READ)
    loaded = await desk_of(request).library.active(rulebook)
    return json_answer(rulebook_body(loaded.program, loaded.release))


@router.get(
    "/{rulebook}/releases",
    summary="List the releases of a rulebook",
    response_class=Response,
    responses=answers(200, list[ReleaseShape], "Oldest first.", errors=_ERRORS),
)
async def releases(request: Request, rulebook: str) -> Response:
    """Lists the releases of a rulebook, each chained to the one before by its hash."""
    await caller_of(request, Scope.READ)
    store = desk_of(request).store
    heads = await store.releases(rulebook)
    active = await store.active_release(rulebook)
    return json_answer([release_shape(head, active=active) for head in heads])


@router.get(
    "/{rulebook}/releases/{number}",
    summary="Read a release",
    response_class=Response,
    responses=answers(200, ReleaseBody, "The release with its document.", errors=(*_ERRORS, 422)),
)
async def release(
    request: Request, rulebook: str, number: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> Response:
    """Gives a release with the whole rulebook document, cells as typed; its content hash can be recomputed."""
    await caller_of(request, Scope.READ)
    store = desk_of(request).store
    found = await store.release(rulebook, number)
    active = await store.active_release(rulebook)
    return json_answer(ReleaseBody(release=release_shape(found, active=active), document=found.document))
