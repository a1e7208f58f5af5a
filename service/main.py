"""The composition root: it knows everybody and is known by nobody but the command line.

`create_app` makes the application; its lifespan opens the store, fits the use cases together and closes all again.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from admin.pages import create_admin
from decision_tables.errors import DecidableError, Refused
from service.access import Access, Scope, is_loopback
from service.analysing import Analysing
from service.api import decide, decisions, drafts, files, rulebooks, status, testing
from service.api.desk import Desk
from service.api.document import openapi_of
from service.api.edge import BodyLimit, Counted, RequestId, SecurityHeaders, Traffic, Unfailing
from service.api.problems import answer_for_error, answer_for_http, answer_for_path
from service.api.wire import decision_bytes
from service.deciding import Deciding, program_version
from service.engine import Engine
from service.importing import Importing
from service.library import Library
from service.publishing import Publishing
from service.settings import Settings
from service.store import Store
from service.testing import Testing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

__all__ = ["create_app", "desk_opened"]

ADMIN = "/admin"
FIRST_RULEBOOK = "telecom"

_log = structlog.get_logger(__name__)

_DESCRIPTION = """Applies law that is written as decision tables to the facts of a case, and says why.

Facts that are not known are left out: the answer tells what follows all the same, and which facts would help."""


def create_app(settings: Settings | None = None, *, first_login: bool = True) -> FastAPI:
    """The application; nothing is opened before its lifespan begins.

    An empty SQLite database is given the telecom rulebook.
    The lifespan raises Refused where the address is reachable from other machines and no API key exists
    (`serve/no-key`), and Unavailable where a PostgreSQL database is not migrated.

    Args:
        settings: how it runs; read from the environment where they are not given.
        first_login: whether the lifespan makes the first administrator's login, if one is needed, and leaves it in
            `app.state.first_login`. Whoever may fail to listen makes it afterwards (`Access.first_login`): it can
            be told only once.
    """
    settings = settings or Settings()
    traffic = Traffic()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with desk_opened(settings, traffic) as desk:
            if desk.store.dialect == "sqlite" and not await desk.store.rulebooks():
                await desk.publishing.load_pack(FIRST_RULEBOOK, "system", _COMES_WITH)
            await _write_first_key(desk)
            if not is_loopback(settings.host) and not await desk.access.any_key_exists():
                raise Refused(_NO_KEY.format(host=settings.host), code="serve/no-key")
            app.state.desk = desk
            app.state.first_login = await desk.access.first_login() if first_login else None
            admin = create_admin(
                desk.deciding,
                desk.publishing,
                desk.analysing,
                desk.importing,
                desk.testing,
                desk.library,
                desk.access,
                desk.store,
                encode=decision_bytes,
                public_scheme=settings.public_url.scheme if settings.public_url else None,
            )
            app.mount(ADMIN, admin)
            stop = asyncio.Event()
            poller = asyncio.create_task(
                desk.library.follow(settings.poll_seconds, stop), name="library poller"
            )
            try:
                yield
            finally:
                stop.set()
                await poller

    app = FastAPI(
        title="decidable",
        version=program_version(),
        description=_DESCRIPTION,
        docs_url=None,  # it would load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    for face in (decide, decisions, drafts, files, rulebooks, status, testing):
        app.include_router(face.router)
    app.add_route("/", _to_admin, include_in_schema=False)
    app.add_exception_handler(DecidableError, answer_for_error)
    app.add_exception_handler(HTTPException, answer_for_http)
    app.add_exception_handler(RequestValidationError, answer_for_path)
    # The last added is met first.
    app.add_middleware(Unfailing)
    app.add_middleware(
        BodyLimit,
        at_most=settings.body_limit,
        larger=settings.upload_limit,
        where=files.is_upload,
        pages=ADMIN,
    )
    app.add_middleware(Counted, traffic=traffic)
    app.add_middleware(SecurityHeaders, pages=ADMIN)
    app.add_middleware(RequestId)
    # FastAPI's own way to replace it; made when somebody first asks, so that nobody waits for it at the start.
    app.openapi = cache(lambda: openapi_of(app))  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def desk_opened(settings: Settings, traffic: Traffic | None = None) -> AsyncIterator[Desk]:
    """The use cases over an open store, ready to decide; closed at the end.

    A SQLite database is made and migrated where that is needed. A PostgreSQL database is only looked at: many
    replicas may start at once, and one command migrates it.

    Raises:
        Refused: the database URL cannot be used.
        Unavailable: the database cannot be reached, or is not migrated.
    """
    is_postgresql = settings.database_url.startswith("postgres")
    store = await Store.open(
        settings.database_url,
        migrate=not is_postgresql,
        log_queue=settings.log_queue,
        log_batch=settings.log_batch,
    )
    try:
        library = Library(store)
        publishing = Publishing(store, library)
        await library.refresh()
        yield Desk(
            settings=settings,
            store=store,
            access=Access(store, settings),
            library=library,
            deciding=Deciding(library, Engine(), store.log, steps=settings.budget_steps),
            publishing=publishing,
            analysing=Analysing(store, library),
            importing=Importing(store),
            testing=Testing(publishing),
            traffic=traffic or Traffic(),
        )
    finally:
        await store.close()


_COMES_WITH = "the rulebook that decidable comes with"
_NO_KEY = (
    "{host} is reachable from other machines, and no API key exists. Make one first:\n\n"
    "    decidable key create --name my-program\n\n"
    "(with the same --database-url, on the data volume in a container), or name a file in DECIDABLE_FIRST_KEY_FILE."
)


async def _write_first_key(desk: Desk) -> None:
    file = desk.settings.first_key_file
    if file is None or await desk.access.any_key_exists():
        return
    # The file comes first: a key that could not be written down would lock everybody out.
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as opened:
        os.fchmod(handle, 0o600)
        _, text = await desk.access.create_key("first", tuple(Scope), "system")
        opened.write(text + "\n")
    _log.info("access.first-key-written", file=str(file))


async def _to_admin(_: Request) -> RedirectResponse:
    return RedirectResponse(f"{ADMIN}/", 307)
