"""`/decisions`: logged decisions, and their replay. Never open: they hold the facts of people's cases."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads it at run time
from starlette.responses import Response

from service.access import Scope
from service.api.desk import caller_of, desk_of
from service.api.document import answers
from service.api.wire import DecisionBody, ReplayBody, decision_bytes, replay_bytes

__all__ = ["router"]

router = APIRouter(prefix="/decisions", tags=["decisions"])


@router.get(
    "/{decision}",
    summary="Read a logged decision",
    response_class=Response,
    responses=answers(200, DecisionBody, "The stored answer, the very bytes.", errors=(401, 403, 404, 503)),
)
async def read(request: Request, decision: str) -> Response:
    """Gives the answer of a decision as it was given then, byte for byte."""
    await caller_of(request, Scope.DECISIONS)
    record = await desk_of(request).deciding.recorded(decision)
    return Response(record.answer, media_type="application/json")


@router.post(
    "/{decision}/replay",
    summary="Compute a logged decision again",
    response_class=Response,
    responses=answers(
        200, ReplayBody, "The new answer, compared with the old one.", errors=(401, 403, 404, 503)
    ),
)
async def replay(request: Request, decision: str) -> Response:
    """Computes a decision again from what the log holds, and compares it field by field.

    Compared are conclusions, status, what is open, missing, conflicting or referred, flags, the rules and the
    clocks. A difference means that another version of the program decides otherwise; both versions are named.
    """
    await caller_of(request, Scope.DECISIONS)
    replayed = await desk_of(request).deciding.replay(decision, decision_bytes)
    return Response(replay_bytes(replayed), media_type="application/json")
