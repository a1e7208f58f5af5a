"""Where requests are received: the use cases that the handlers call, and who is asking.

`service.main` lays the desk in the application's state once the store is open; handlers take it from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from decision_tables.errors import InvalidRequest, Refused
from service.access import SESSION_COOKIE, Access, Role, Scope, is_local, is_loopback, require
from service.analysing import Analysing
from service.api.edge import Traffic
from service.api.wire import bytes_of
from service.deciding import Deciding
from service.importing import Importing
from service.library import Library
from service.publishing import Publishing
from service.settings import Settings
from service.store import Store
from service.testing import Testing

if TYPE_CHECKING:
    from starlette.requests import Request


__all__ = ["Desk", "caller_of", "desk_of", "json_answer", "json_body"]


@dataclass(frozen=True, slots=True)
class Desk:
    """What handlers work with."""

    settings: Settings
    store: Store
    access: Access
    library: Library
    deciding: Deciding
    publishing: Publishing
    analysing: Analysing
    importing: Importing
    testing: Testing
    traffic: Traffic


def desk_of(request: Request) -> Desk:
    """The desk of the application that received a request."""
    desk: Desk = request.app.state.desk
    return desk


async def caller_of(request: Request, scope: Scope) -> str:
    """Who asks, for the log: a key's name, a login, or empty for a local program where no key exists yet.

    An API key comes as `Authorization: Bearer …`; staff come with the cookie of their session, and then only from
    our own pages, because a browser sends the cookie along with requests of others.

    Raises:
        Refused: nobody that we know (`access/credentials`), or not allowed (`access/scope`, `access/role`,
            `access/origin`).
    """
    desk, headers = desk_of(request), request.headers
    scheme, _, text = headers.get("authorization", "").partition(" ")
    if scheme:
        key = await desk.access.key(text.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            raise Refused("That is no API key that is valid here.", code="access/credentials")
        if scope not in key.scopes:
            raise Refused(f"This key does not have the scope {scope}.", code="access/scope")
        return key.name
    cookie = request.cookies.get(SESSION_COOKIE, "")
    account = await desk.access.staff(cookie) if cookie and scope is not Scope.EDIT else None
    if account is not None:
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            raise Refused("A page of another site may not ask in your name.", code="access/origin")
        return require(account, Role.READER).login
    if scope is Scope.DECISIONS:
        raise Refused(
            "Logged decisions are shown to who brings an API key or logs in.", code="access/credentials"
        )
    if scope is Scope.EDIT:
        raise Refused(
            "Drafts are for who brings an API key with the scope edit; people use the pages under /admin.",
            code="access/credentials",
        )
    if not is_loopback(desk.settings.host) or await desk.access.any_key_exists():
        raise Refused(
            "Bring an API key as `Authorization: Bearer …`; `decidable key create` makes one.",
            code="access/credentials",
        )
    if not is_local(headers):
        raise Refused(
            "Without an API key only programs of this machine may ask, not pages in a browser or proxies."
            " `decidable key create` makes a key.",
            code="access/credentials",
        )
    return ""


async def json_body(request: Request) -> bytes:
    """The body of a request that says that it is JSON.

    Raises:
        InvalidRequest: it says that it is something else (`body/media-type`). A form of another site's page cannot
            say JSON without asking first, so this is part of who may call.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise InvalidRequest("Send `Content-Type: application/json`.", code="body/media-type")
    return await request.body()


def json_answer(shape: Any, status: int = 200) -> Response:
    """An answer whose body is a shape of the wire, as JSON."""
    return Response(bytes_of(shape), status, media_type="application/json")
