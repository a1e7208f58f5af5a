"""`POST /decide`: facts in, a decision out. The hot path: no Pydantic, no SQL but the log's."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads it at run time
from starlette.responses import Response

from service.access import Scope
from service.api.desk import caller_of, desk_of, json_body
from service.api.document import answers, takes
from service.api.wire import DecideBody, DecisionBody, decision_bytes, read_decide

__all__ = ["router"]

router = APIRouter(tags=["decisions"])


@router.post(
    "/decide",
    summary="Decide a case",
    response_class=Response,
    responses=answers(
        200,
        DecisionBody,
        "The decision, logged before it is answered.",
        errors=(400, 401, 403, 404, 413, 415, 422, 503),
    ),
    openapi_extra=takes(DecideBody),
)
async def decide(request: Request) -> Response:
    """Applies a rulebook to the facts of a case; facts that are not known are left out, and the answer says which help.

    The decision is logged before it is answered, unless it is a dry run.
    """
    caller = await caller_of(request, Scope.DECIDE)
    desk = desk_of(request)
    asked = read_decide(await json_body(request), depth=desk.settings.depth_limit)
    decision, answer = await desk.deciding.decide(asked, decision_bytes, caller)
    desk.traffic.decisions.labels(decision.rulebook, decision.answer.status).inc()
    return Response(answer, media_type="application/json")
