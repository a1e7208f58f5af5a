"""Errors as answers: the one place that knows HTTP statuses (RFC 9457, `application/problem+json`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from decision_tables.errors import (
    BudgetExhausted,
    DecidableError,
    EditConflict,
    InvalidFacts,
    InvalidRequest,
    InvalidRulebook,
    NotFound,
    Refused,
    Unavailable,
)
from service.api.wire import DiagnosticShape, Problem, ProblemItem, bytes_of

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["answer_for", "answer_for_error", "answer_for_http", "answer_for_path", "problem", "status_of"]

_log = structlog.get_logger(__name__)

_BY_KIND: tuple[tuple[type[DecidableError], int, str], ...] = (
    (InvalidFacts, 422, "Facts that cannot be accepted"),
    (InvalidRulebook, 422, "A rulebook with errors"),
    (InvalidRequest, 422, "A question that cannot be asked"),
    (NotFound, 404, "Not found"),
    (EditConflict, 409, "Somebody else saved first"),
    (BudgetExhausted, 422, "Too much to work out"),
    (Unavailable, 503, "Not available now"),
    (Refused, 403, "Refused"),
)
_BY_CODE = {
    "access/credentials": 401,
    "access/throttled": 429,
    "body/not-json": 400,
    "body/too-deep": 400,
    "body/duplicate": 400,
    "body/media-type": 415,
}
_WORDS = {
    400: "Not readable",
    401: "Who is asking?",
    404: "Not found",
    405: "Not a method of this address",
    413: "Too large",
    415: "Not JSON",
    422: "A question that cannot be asked",
    429: "Too many attempts",
    500: "An error of ours",
}
_BY_HTTP = {404: "not-found", 405: "request/method"}


def status_of(error: DecidableError) -> int:
    """The HTTP status of an error."""
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    return next((status for kind, status, _ in _BY_KIND if isinstance(error, kind)), 500)


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """A problem as a response; `more` are further members of `wire.Problem`."""
    title = _WORDS.get(status, "Not possible")
    return _response(Problem(type=_type(code), title=title, status=status, code=code, detail=detail, **more))


def answer_for(error: DecidableError) -> Response:
    """The answer to a request that an error stopped."""
    status = status_of(error)
    if status == 500:
        _log.error("request.failed", code=error.code, exc_info=error)
    title = next((words for kind, _, words in _BY_KIND if isinstance(error, kind)), _WORDS[500])
    title = _WORDS[status] if error.code in _BY_CODE else title
    told = Problem(type=_type(error.code), title=title, status=status, code=error.code, detail=str(error))
    headers = {}
    match error:
        case InvalidFacts(problems=problems):
            told.problems = [ProblemItem.of(found) for found in problems]
        case InvalidRequest(problems=problems):
            told.problems = [ProblemItem.of(found) for found in problems] or msgspec.UNSET
        case InvalidRulebook(diagnostics=diagnostics):
            told.diagnostics = [DiagnosticShape.of(found) for found in diagnostics]
        case Refused(reasons=reasons) if reasons:
            told.reasons = list(reasons)
        case EditConflict(seen=seen, current=current):
            told.seen, told.current = seen, current
        case Unavailable(retry_after=seconds) if seconds is not None:
            headers["retry-after"] = str(seconds)
    if status == 401:
        headers["www-authenticate"] = 'Bearer realm="decidable"'
    return _response(told, headers)


def answer_for_error(_: Request, error: Exception) -> Response:
    """`answer_for`, as the framework calls it."""
    assert isinstance(error, DecidableError)  # noqa: S101 - registered for no other
    return answer_for(error)


def answer_for_path(_: Request, error: Exception) -> Response:
    """The answer where a part of the address is not of its type; bodies are not FastAPI's matter here."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for no other
    detail = "; ".join(f"{found['loc'][-1]}: {found['msg']}" for found in error.errors())
    return problem(422, "request/path", f"The address cannot be read. {detail}.")


def answer_for_http(_: Request, error: Exception) -> Response:
    """The answer where the framework itself refuses: no such address, no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for no other
    code = _BY_HTTP.get(error.status_code, "request/invalid")
    answer = problem(error.status_code, code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


def _type(code: str) -> str:
    """The problem's type, a relative reference to where docs/errors.md is served or read."""
    return f"/problems/{code}"


def _response(told: Problem, headers: dict[str, str] | None = None) -> Response:
    return Response(bytes_of(told), told.status, headers=headers, media_type="application/problem+json")
