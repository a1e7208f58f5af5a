"""People and programs: accounts, API keys, and the audit trail.

A password or key that is made here is shown in the answer to the very form that made it, and never again: it is
nowhere kept, so there is no page to send the browser on to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from admin.deeds import action_told, detail_told
from admin.desk import Desk, number_of, path_to, see, text_of, tongue_of, visitor_of
from admin.forms import json_text, typed
from decision_tables.errors import Refused
from service.access import Role, Scope, require

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["ROUTES"]

_AUDIT_LINES = 100


async def accounts(request: Request) -> Response:
    """The accounts; an administrator makes, changes and closes them."""
    desk = Desk.of(request)
    actor = require(visitor_of(request).account, Role.ADMINISTRATOR).login
    made, problem, name, user, role = None, "", "", "", Role.READER.value
    if request.method == "POST":
        form = await desk.form(request, role=Role.ADMINISTRATOR)
        name, user, role = (typed(text_of(form, part)) for part in ("name", "login", "role"))
        try:
            made = await desk.access.create_account(user, name, role, actor)
        except Refused as refused:
            problem = tongue_of(request).said(refused.message)
        else:
            name, user, role = "", "", Role.READER.value
    return desk.page(
        request,
        "account/list.html",
        status=422 if problem else 200,
        accounts=await desk.access.accounts(),
        roles=list(Role),
        made=made,
        reset=None,
        problem=problem,
        form={"name": name, "login": user, "role": role},
        section="accounts",
    )


async def account(request: Request) -> Response:
    """Changes one account: its role, whether it is open, or a lost password."""
    desk = Desk.of(request)
    actor = require(visitor_of(request).account, Role.ADMINISTRATOR).login
    form = await desk.form(request, role=Role.ADMINISTRATOR)
    account_id, deed = request.path_params["account"], text_of(form, "deed")
    reset, problem = None, ""
    try:
        match deed:
            case "role":
                await desk.access.change_account(account_id, actor, role=text_of(form, "role"))
            case "close" | "open":
                await desk.access.change_account(account_id, actor, active=deed == "open")
            case "password":
                found = next((one for one in await desk.access.accounts() if one.id == account_id), None)
                reset = await desk.access.reset_password(found.login if found else "", actor)
    except Refused as refused:
        problem = tongue_of(request).said(refused.message)
    if not reset and not problem:
        return see(path_to(request, "accounts", done="account"))
    return desk.page(
        request,
        "account/list.html",
        status=422 if problem else 200,
        accounts=await desk.access.accounts(),
        roles=list(Role),
        made=None,
        reset=reset,
        problem=problem,
        form={"name": "", "login": "", "role": Role.READER.value},
        section="accounts",
    )


async def keys(request: Request) -> Response:
    """The API keys; an administrator makes them for programs."""
    desk = Desk.of(request)
    actor = require(visitor_of(request).account, Role.ADMINISTRATOR).login
    made, problem, name, scopes = None, "", "", [Scope.DECIDE.value]
    if request.method == "POST":
        form = await desk.form(request, role=Role.ADMINISTRATOR)
        name = typed(text_of(form, "name"))
        scopes = [scope for scope in form.getlist("scope") if isinstance(scope, str)]
        try:
            made = await desk.access.create_key(name, tuple(scopes), actor)
        except Refused as refused:
            problem = tongue_of(request).said(refused.message)
        else:
            name, scopes = "", [Scope.DECIDE.value]
    return desk.page(
        request,
        "key/list.html",
        status=422 if problem else 200,
        keys=await desk.access.keys(),
        made=made,
        problem=problem,
        form={"name": name, "scopes": scopes},
        section="keys",
    )


async def revoke_key(request: Request) -> Response:
    """Makes a key worthless."""
    desk = Desk.of(request)
    actor = require(visitor_of(request).account, Role.ADMINISTRATOR).login
    await desk.form(request, role=Role.ADMINISTRATOR)
    await desk.access.revoke_key(request.path_params["key_id"], actor)
    return see(path_to(request, "keys", done="revoked"))


async def audit(request: Request) -> Response:
    """Who did what, the newest first."""
    desk = Desk.of(request)
    before = request.query_params.get("before", "")
    rulebook = request.query_params.get("rulebook") or None
    lines = await desk.store.audit(rulebook, before=number_of(before), limit=_AUDIT_LINES + 1)
    return desk.page(
        request,
        "audit/list.html",
        lines=lines[:_AUDIT_LINES],
        older=lines[_AUDIT_LINES - 1].id if len(lines) > _AUDIT_LINES else None,
        rulebook=rulebook,
        rulebooks=[head.key for head in await desk.store.rulebooks()],
        json_text=json_text,
        action_told=action_told,
        detail_told=detail_told,
        section="audit",
    )


ROUTES = (
    Route("/accounts", accounts, methods=["GET", "POST"]),
    Route("/accounts/{account}", account, methods=["POST"]),
    Route("/keys", keys, methods=["GET", "POST"]),
    Route("/keys/{key_id}/revoke", revoke_key, methods=["POST"]),
    Route("/audit", audit),
)
