"""`/healthz`, `/readyz`, `/metrics`: for who keeps the service running; they tell nothing of any case."""

from __future__ import annotations

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request  # noqa: TC002 - FastAPI reads it at run time
from starlette.responses import Response

from decision_tables.errors import Unavailable
from service.api.desk import desk_of
from service.api.document import answers

__all__ = ["router"]

router = APIRouter(tags=["status"])


@router.get(
    "/healthz",
    summary="Is the process alive?",
    response_class=Response,
    responses={200: {"description": "It is.", "content": {"text/plain": {}}}},
)
async def healthz() -> Response:
    """Answers as long as the process does; says nothing of the database."""
    return Response("alive\n", media_type="text/plain")


@router.get(
    "/readyz",
    summary="Can it decide?",
    response_class=Response,
    responses={200: {"description": "It can.", "content": {"text/plain": {}}}, **answers(errors=(503,))},
)
async def readyz(request: Request) -> Response:
    """Answers 200 once the database is reached and at least one rulebook has a release that compiles."""
    desk = desk_of(request)
    await desk.store.ping()
    if not desk.library.ready:
        raise Unavailable(
            "No rulebook has an active release that compiles; `decidable load-pack` loads one.",
            code="release/none",
        )
    return Response("ready\n", media_type="text/plain")


@router.get(
    "/metrics",
    summary="Counters for Prometheus",
    response_class=Response,
    responses={200: {"description": "Prometheus text format.", "content": {"text/plain": {}}}},
)
async def metrics(request: Request) -> Response:
    """Requests by route and status, their duration, decisions by rulebook and status."""
    text = generate_latest(desk_of(request).traffic.registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
