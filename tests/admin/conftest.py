"""The whole application over a SQLite file that holds the small rulebook, and people who fill its real forms."""

import asyncio
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from decision_tables.rulebook import document_of
from service.main import create_app
from service.settings import Settings
from service.store import Store
from tests.admin.html_of import Page
from tests.service.fees import FEES

PASSWORD = "a long calm sentence"


class Person:
    """Somebody with a browser that knows no JavaScript; every page is held to what assistive technology needs."""

    def __init__(self, client):
        self.client = client
        self.answer = None
        self.page = None

    @property
    def status(self):
        return self.answer.status_code

    @property
    def at(self):
        """Path and query of the page that is open, and the place in it that a form led to."""
        fragment = self.answer.url.fragment
        return self.answer.url.raw_path.decode() + (f"#{fragment}" if fragment else "")

    async def open(self, path):
        return self._see(await self.client.get(urljoin("/admin/", path)))

    async def follow(self, text):
        return await self.open(urljoin(self.at, self.page.link(text)))

    async def send(self, action, /, **fields):
        """Sends the form of that action with those fields; dots in names are written as two underscores."""
        form = self.page.form(action)
        sent = form.filled({name.replace("__", "."): text for name, text in fields.items()})
        return await self.post(form.action, sent, method=form.method)

    async def post(self, path, sent, method="post"):
        names = list(dict.fromkeys(name for name, _ in sent))
        data = {name: [text for known, text in sent if known == name] for name in names}
        where = urljoin("/admin/", path)
        if method == "get":
            return self._see(await self.client.get(where.split("#")[0], params=data))
        return self._see(await self.client.post(where, data=data))

    def _see(self, answer):
        self.answer = answer
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        if not answer.headers["content-type"].startswith("text/html"):
            return None
        self.page = Page(answer.text)
        assert not self.page.faults, (str(answer.url), self.page.faults)
        return self.page


CHEAP = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    """What argon2 costs is argon2's matter."""
    monkeypatch.setattr(PasswordHash, "recommended", lambda: CHEAP)


@asynccontextmanager
async def running(path):
    """The application over a database of its own."""
    app = create_app(Settings(database_url=f"sqlite:///{path}", poll_seconds=60))
    async with app.router.lifespan_context(app):
        yield app


def met(app, **headers):
    """Somebody who has not signed in."""
    return Person(
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://127.0.0.1:8000",
            follow_redirects=True,
            headers=headers,
        )
    )


async def signed_in(person, desk, login, role):
    """Signs in with a one-time password, and chooses one of their own."""
    _, password = await desk.access.create_account(login, login.title(), role, "test")
    await person.open("login")
    await person.send("/login", login=login, password=password)
    await person.send("/password", new=PASSWORD, again=PASSWORD)
    assert person.status == 200, person.page.text
    return person


async def begun(editor):
    """The path of a draft that the editor has just started."""
    await editor.open("rulebooks/fees")
    await editor.send("/drafts")
    return editor.at.split("?")[0].removeprefix("/admin/")


@dataclass(frozen=True)
class Shelf:
    """What most tests begin with, made once through the real forms; each test has a copy of one of the databases.

    Attributes:
        fees: a database with the small rulebook as its first release.
        edited: the same, in which an editor has signed in; their cookies are `cookies`.
        drafted: the same, in which that editor has just started a draft, whose path is `draft`.
    """

    fees: Path
    edited: Path
    drafted: Path
    cookies: httpx.Cookies
    draft: str


async def filled_shelf(folder):
    fees, edited, drafted = (folder / f"{name}.db" for name in ("fees", "edited", "drafted"))
    store = await Store.open(f"sqlite:///{fees}")
    await store.load_release(document_of(FEES), "system", "first")
    await store.close()
    shutil.copy(fees, edited)
    async with running(edited) as app:
        editor = met(app)
        await signed_in(editor, app.state.desk, "editor1", "editor")
    shutil.copy(edited, drafted)
    async with running(drafted) as app:
        again = met(app)
        again.client.cookies = editor.client.cookies
        draft = await begun(again)
    for person in (editor, again):
        await person.client.aclose()
    return Shelf(fees, edited, drafted, editor.client.cookies, draft)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PasswordHash, "recommended", lambda: CHEAP)
        return asyncio.run(filled_shelf(tmp_path_factory.mktemp("shelf")))


@pytest.fixture
async def app(request, shelf, tmp_path):
    asked = request.fixturenames
    filled = shelf.drafted if "draft" in asked else shelf.edited if "editor" in asked else shelf.fees
    path = tmp_path / "decidable.db"
    shutil.copy(filled, path)
    async with running(path) as app:
        yield app


@pytest.fixture
def desk(app):
    return app.state.desk


@pytest.fixture
async def visitor(app):
    """Makes somebody who has not signed in."""
    people = []

    def made(**headers):
        people.append(met(app, **headers))
        return people[-1]

    yield made
    for person in people:
        await person.client.aclose()


@pytest.fixture
async def staff(request, desk, visitor):
    """Makes somebody of a role, who signs in with a one-time password and chooses one of their own."""
    count = int("editor" in request.fixturenames)

    async def made(role="editor", **headers):
        nonlocal count
        count += 1
        return await signed_in(visitor(**headers), desk, f"{role}{count}", role)

    return made


@pytest.fixture
async def editor(shelf, visitor):
    """Somebody who has signed in before."""
    person = visitor()
    person.client.cookies.update(shelf.cookies)
    await person.open("")
    assert person.status == 200, person.page.text
    return person


@pytest.fixture
async def draft(shelf, editor):
    """The path of a draft that the editor has just started, and that is open."""
    await editor.open(shelf.draft)
    return shelf.draft
