"""The door: who comes in, and what somebody had sent when it had closed behind them.

A form that comes after its session ended, or with the token of another session, does nothing. Where a page of ours
sent it, its texts are kept in the very page that answers it (nothing is stored) and go along through signing in.
Then they are shown, with a button that sends them once more with the token of the session that there is by then.
Nothing is ever sent again by itself, and nothing that another site sent is kept: either would let that site act in
the name of whoever signs in.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.routing import Route

from admin.desk import (
    CSRF,
    Desk,
    Visitor,
    back_to,
    path_to,
    see,
    set_cookie,
    text_of,
    tongue_of,
    visitor_of,
)
from admin.drafting import WAS, field_named
from admin.words import mark
from decision_tables.errors import Refused
from service.access import SESSION_COOKIE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.datastructures import FormData
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from service.access import Access, Staff

__all__ = ["LOGIN_COOKIE", "ROUTES", "Doorkeeper", "again_page", "kept_of"]

LOGIN_COOKIE: Final = "decidable_login"
"""Holds the token of the sign-in form, which has no session yet: a double-submit cookie."""

_MACHINERY: Final = frozenset(
    {"about", "after", "ask", "back", "by", "deed", "do", "flat"}
    | {"next", "place", "rest", "revision", "rule", "seal", "seen", "way"}
)
"""Fields that pages put into their forms for their own use: they are sent again, and not shown as typed."""

_OPEN: Final = ("/login", "/language")
_SECRET: Final = ("/login", "/logout", "/password")
"""What is sent here is not kept: a password does not belong in a page, and nobody needs to sign out twice."""

_KEPT: Final = "kept"
_KEPT_AT_MOST: Final = 500_000
"""Bytes of a form that is kept; with what else the sign-in form sends it has to pass as one body."""

_SIGNED_OUT: Final = mark(
    "You were signed out before this was saved. Sign in to come back to the page that you were on; "
    "what you typed has to be sent again."
)

_log = structlog.get_logger(__name__)


# The door


class Doorkeeper:
    """Lets in who has a session; sends everybody else to the sign-in page, and new ones to choose a password.

    What passes has `scope["visitor"]`.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path.startswith("/static/"):
            await self.app(scope, receive, send)
            return
        staff = await self.access.session(request.cookies.get(SESSION_COOKIE, ""))
        scope["visitor"] = Visitor(staff) if staff else None
        started = False

        async def send_noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            turned = None if path.startswith(_OPEN) else await self._turned(request, path, staff)
            await (turned or self.app)(scope, receive, send_noted)
        except Exception:
            _log.exception("admin.page-failed", method=scope["method"], path=scope["path"])
            if started:
                raise
            await _fault_page(request)(scope, receive, send)

    @staticmethod
    async def _turned(request: Request, path: str, staff: Staff | None) -> Response | None:
        """Where somebody is sent who may not come in; None for who may."""
        if staff is not None:
            chooses = staff.account.must_change_password and path not in {"/password", "/logout"}
            return see(path_to(request, "password")) if chooses else None
        back: dict[str, str] = {}
        if request.method == "GET" and path not in {"", "/"}:
            back = {"next": request.url.path + (f"?{request.url.query}" if request.url.query else "")}
        elif request.method == "POST" and path != "/logout":
            kept = await kept_of(request)
            if kept is not None:
                return _sign_in_page(request, kept.came, kept=kept, status=403)
            back = {"next": _came_from(request), "unsaved": "1"}
        return see(path_to(request, "login", **back))


def _fault_page(request: Request) -> Response:
    """What is told of a fault: nothing of the inside; the log has it."""
    words = tongue_of(request)
    return Desk.of(request).page(
        request,
        "error/problem.html",
        status=500,
        heading=words.gettext("Fault"),
        detail=words.gettext("Something went wrong on our side. It has been logged."),
        reasons=(),
        ways=(),
        code=500,
    )


def _came_from(request: Request) -> str:
    """The page that a form was on, as its address within this host; a redirect to it passes `back_to`."""
    came = request.headers.get("referer", "").partition("://")[2].partition("/")[2]
    return f"/{came}"


# What was sent in vain


class Kept(msgspec.Struct, frozen=True):
    """A form that did nothing, as the pages after it keep it.

    Attributes:
        to: path and query that it was sent to.
        came: path and query of the page that it was on.
        fields: name and text of each field, but the token.
        files: the names of files that were chosen: a page cannot keep files.
    """

    to: str
    came: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """As one hidden field holds it."""
        return msgspec.json.encode(self).decode()

    @property
    def typed(self) -> Iterator[tuple[str, str]]:
        """The fields that somebody filled, or changed where the form tells how they were."""
        was = {name.removeprefix(WAS): text for name, text in self.fields if name.startswith(WAS)}
        for name, text in self.fields:
            if text and not name.startswith(WAS) and name not in _MACHINERY and was.get(name) != text:
                yield name, text


async def kept_of(request: Request) -> Kept | None:
    """What a form says that came in vain; None where it says nothing, is no form of ours, or is too large.

    Args:
        request: a POST that nothing was done for.
    """
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    length = request.headers.get("content-length", "")
    is_form = request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    )
    if path in _SECRET or not is_form or not _is_own_page(request):
        return None
    if not length.isdecimal() or int(length[:20]) > _KEPT_AT_MOST:
        return None
    try:
        form = await request.form()
    except (HTTPException, MultiPartException):  # more fields than any form of ours has
        return None
    finally:
        await request.close()  # files lie in temporary ones
    parts = [(name, part) for name, part in form.multi_items() if name != CSRF]
    kept = Kept(
        to=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        came=back_to(request, _came_from(request)),
        fields=tuple((name, part) for name, part in parts if isinstance(part, str)),
        files=tuple(part.filename for _, part in parts if isinstance(part, UploadFile) and part.filename),
    )
    says = kept.files or any(
        kept.typed
    )  # a mere button is pressed again on its page, in sight of what it is about
    return kept if says and len(kept.text) <= _KEPT_AT_MOST else None


def _kept_in(request: Request, form: FormData) -> Kept | None:
    """What a page before kept, where it comes from a page of ours and goes to one."""
    text = text_of(form, _KEPT)
    if not text or not _is_own_page(request):
        return None
    try:
        kept = msgspec.json.decode(text, type=Kept)
    except msgspec.DecodeError:
        return None
    path = kept.to.partition("?")[0].removeprefix(request.scope.get("root_path", ""))
    is_ours = back_to(request, kept.to) == kept.to and path not in _SECRET
    return msgspec.structs.replace(kept, came=back_to(request, kept.came)) if is_ours else None


def _is_own_page(request: Request) -> bool:
    """Whether a page of this very origin sent a request: so say browsers, and no other site can make them lie."""
    told = request.headers.get("sec-fetch-site")
    if told is not None:
        return told == "same-origin"
    scheme = Desk.of(request).public_scheme or request.url.scheme
    return request.headers.get("origin") == f"{scheme}://{request.headers.get('host', '')}"


def again_page(request: Request, kept: Kept, *, status: int = 200) -> Response:
    """Shows what was sent in vain, to be sent again."""
    return Desk.of(request).page(
        request, "login/again.html", status=status, section="again", **_shown(request, kept)
    )


def _shown(request: Request, kept: Kept | None) -> dict[str, Any]:
    """What a page that keeps a form shows of it; it is lost where another page is opened instead."""
    if kept is None:
        return {"kept": None}
    words = tongue_of(request)
    typed = [(field_named(words, name), text) for name, text in kept.typed]
    return {"kept": kept, "typed": typed, "languages": {}}


# Signing in and out


async def login(request: Request) -> Response:
    """Signs a person in."""
    desk, words = Desk.of(request), tongue_of(request)
    if request.method == "GET":
        wanted = back_to(request, request.query_params.get("next", ""))
        if request.scope.get("visitor") is not None:
            return see(wanted)
        unsaved = "unsaved" in request.query_params
        return _sign_in_page(request, wanted, problem=words.gettext(_SIGNED_OUT) if unsaved else "")
    form = await request.form()
    wanted, name, kept = (
        back_to(request, text_of(form, "next")),
        text_of(form, "login"),
        _kept_in(request, form),
    )
    if kept is not None and request.scope.get("visitor") is not None:
        return again_page(request, kept)  # the page that came of signing in, loaded again
    token = request.cookies.get(LOGIN_COOKIE, "")
    if not token or not hmac.compare_digest(token.encode(), text_of(form, CSRF).encode()):
        problem = words.gettext(mark("This form was too old, or cookies are blocked. Please try again."))
        return _sign_in_page(request, wanted, name, problem, kept=kept, status=403)
    try:
        staff = await desk.access.login(name, text_of(form, "password"))
    except Refused as refused:
        return _sign_in_page(request, wanted, name, words.said(refused.message), kept=kept, status=403)
    request.scope["visitor"] = Visitor(staff)
    if kept is None:
        response = see(path_to(request, "password") if staff.account.must_change_password else wanted)
    elif staff.account.must_change_password:
        response = _password_page(request, kept=kept)
    else:
        response = again_page(request, kept)
    set_cookie(request, response, SESSION_COOKIE, staff.token)
    response.delete_cookie(LOGIN_COOKIE, path=request.scope.get("root_path", "") or "/")
    return response


def _sign_in_page(
    request: Request,
    wanted: str,
    name: str = "",
    problem: str = "",
    *,
    kept: Kept | None = None,
    status: int = 200,
) -> Response:
    token = secrets.token_urlsafe(32)
    response = Desk.of(request).page(
        request,
        "login/sign_in.html",
        status=status,
        form_token=token,
        next=wanted,
        login=name,
        problem=problem,
        section="login",
        **_shown(request, kept),
    )
    set_cookie(request, response, LOGIN_COOKIE, token)
    return response


async def logout(request: Request) -> Response:
    """Signs out: the session is gone on the server too."""
    desk = Desk.of(request)
    visitor = visitor_of(request)
    await desk.form(request, role=None)
    await desk.access.logout(visitor.staff.token)
    response = see(path_to(request, "login"))
    response.delete_cookie(SESSION_COOKIE, path=request.scope.get("root_path", "") or "/")
    return response


async def password(request: Request) -> Response:
    """Sets a password of one's own."""
    if request.method != "POST":
        return _password_page(request)
    desk, visitor = Desk.of(request), visitor_of(request)
    form = await desk.form(request, role=None)
    kept = _kept_in(request, form)
    if text_of(form, "new") != text_of(form, "again"):
        problem = tongue_of(request).gettext(mark("The two new passwords are not the same."))
        return _password_page(request, (problem,), kept=kept)
    try:
        await desk.access.change_password(visitor.staff, text_of(form, "old"), text_of(form, "new"))
    except Refused as refused:
        problems = tuple(map(tongue_of(request).said, refused.reasons or (refused.message,)))
        return _password_page(request, problems, kept=kept)
    if kept is None:
        return see(path_to(request, done="password"))
    staff = await desk.access.session(visitor.staff.token)
    request.scope["visitor"] = Visitor(staff) if staff else visitor
    return again_page(request, kept)


def _password_page(request: Request, problems: tuple[str, ...] = (), *, kept: Kept | None = None) -> Response:
    return Desk.of(request).page(
        request,
        "login/password.html",
        status=422 if problems else 200,
        problems=problems,
        section="password",
        **_shown(request, kept),
    )


ROUTES = (
    Route("/login", login, methods=["GET", "POST"]),
    Route("/logout", logout, methods=["POST"]),
    Route("/password", password, methods=["GET", "POST"]),
)
