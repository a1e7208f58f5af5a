"""What every request passes on its way in and out: request id, body limit, security headers, counts.

Pure ASGI, because each `BaseHTTPMiddleware` costs more than twice the CPU of a decision.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect

from service.api.problems import problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BodyLimit", "Counted", "RequestId", "SecurityHeaders", "Traffic", "Unfailing"]

_log = structlog.get_logger(__name__)

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_FOR_PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_FOR_DATA = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_ALWAYS = {
    "x-content-type-options": "nosniff",
    # Not `no-referrer`: with it browsers send `Origin: null` with forms, and the origin check would refuse them.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}


class RequestId:
    """Gives each request an id, its own if it brings a sane one; answers carry it as `X-Request-Id`, logs too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        brought = Headers(scope=scope).get("x-request-id", "")
        name = brought if _SANE_ID.fullmatch(brought) else str(uuid4())

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-request-id"] = name
            await send(message)

        with structlog.contextvars.bound_contextvars(request=name):
            await self._app(scope, receive, send_named)


class SecurityHeaders:
    """Headers that keep browsers from doing more with an answer than it is for.

    Args:
        app: the application.
        pages: path prefix under which answers are pages; all others are data.
    """

    def __init__(self, app: ASGIApp, *, pages: str) -> None:
        self._app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        policy = _FOR_PAGES if scope["path"].startswith(self._pages) else _FOR_DATA

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers[name] = value
                headers.setdefault("content-security-policy", policy)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, send_guarded)


class BodyLimit:
    """Refuses bodies over a number of bytes, announced or not, before anything reads them whole.

    Args:
        app: the application.
        at_most: bytes of any body.
        larger: bytes of a body where files are sent to.
        where: whether a path is such a place.
        pages: path prefix under which the application itself tells people of a body that was announced as too large:
            `scope["body_over"]` is the most that is taken. Nobody can read such a body all the same.
    """

    def __init__(
        self, app: ASGIApp, *, at_most: int, larger: int, where: Callable[[str], bool], pages: str
    ) -> None:
        self._app = app
        self._at_most = at_most
        self._larger = larger
        self._where = where
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        at_most = self._larger if self._where(scope["path"]) else self._at_most
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced[:20]) > at_most:
            if not scope["path"].startswith(self._pages):
                await _too_large(at_most)(scope, receive, send)
                return
            scope["body_over"] = at_most
        received, started = 0, False

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > at_most:
                    raise TooLargeError
            return message

        async def send_noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive_counted, send_noted)
        except TooLargeError:
            if not started:
                await _too_large(at_most)(scope, receive, send)


def _too_large(at_most: int) -> ASGIApp:
    return problem(
        413, "body/too-large", f"The body is larger than {at_most} bytes, which is the most taken."
    )


class TooLargeError(Exception):
    """The body that is arriving is over the limit."""


class Unfailing:
    """Turns what nobody foresaw into a problem that tells nothing of the inside; the log has it all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        started = False

        async def send_noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except TooLargeError:
            raise
        except ClientDisconnect:
            # Nobody is left to answer, and nothing went wrong here.
            _log.info("request.abandoned", path=scope["path"])
        except Exception:
            if scope["type"] != "http":
                raise
            _log.exception("request.failed", path=scope["path"])
            if started:
                raise
            answer = problem(
                500, "internal", "Something went wrong that should not; the log tells what, by request id."
            )
            await answer(scope, receive, send)


class Traffic:
    """The counters of one application, for `/metrics`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "decidable_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "decidable_request_seconds",
            "Time from a request's arrival to the end of its answer.",
            ["route"],
            buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
            registry=self.registry,
        )
        self.decisions = Counter(
            "decidable_decisions", "Decisions answered.", ["rulebook", "status"], registry=self.registry
        )


class Counted:
    """Counts requests by route, never by path: paths hold ids without end."""

    def __init__(self, app: ASGIApp, *, traffic: Traffic) -> None:
        self._app = app
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = 500, time.perf_counter()

        async def send_seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_seen)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self._traffic.requests.labels(scope["method"], route, status).inc()
            self._traffic.seconds.labels(route).observe(time.perf_counter() - began)
