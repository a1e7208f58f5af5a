"""The whole application over a SQLite file that holds the small rulebook, and programs that call it."""

from types import SimpleNamespace

import httpx
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from decision_tables.rulebook import document_of
from service.access import Scope
from service.main import create_app
from service.settings import Settings
from service.store import Store
from tests.service.fees import FEES


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    """What argon2 costs is argon2's matter, and each application hashes a first password."""
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    monkeypatch.setattr(PasswordHash, "recommended", lambda: cheap)


@pytest.fixture
async def app(sqlite_url):
    store = await Store.open(sqlite_url)
    await store.load_release(document_of(FEES), "test", "first")
    await store.close()
    app = create_app(Settings(database_url=sqlite_url, poll_seconds=0.001))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def desk(app):
    return app.state.desk


@pytest.fixture
async def local(app):
    """A program of this machine, which brings no key."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000"
    ) as client:
        yield client


@pytest.fixture
async def keyed(app, desk):
    """A program with a key for everything."""
    _, text = await desk.access.create_key("portal", tuple(Scope), "test")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="https://decidable.example",
        headers={"authorization": f"Bearer {text}"},
    ) as client:
        yield client


@pytest.fixture
def ask(local):
    """Asks about fees as a local program; facts as keywords, everything else in `question`."""

    async def ask(question=None, **facts):
        answer = await local.post("/decide", json={"rulebook": "fees", "facts": facts, **(question or {})})
        return SimpleNamespace(status=answer.status_code, body=answer.json())

    return ask
