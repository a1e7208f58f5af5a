"""The application in a real browser: one server, one administrator, pages that fail on any error in their console."""

import asyncio
import os
import shutil
import socket
import threading
import time

import pytest
import uvicorn
from playwright.sync_api import expect, sync_playwright

from decision_tables.rulebook import document_of
from service.main import create_app
from service.settings import Settings
from service.store import Store
from tests.browser.licences import licences
from tests.service.fees import FEES

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
]
PASSWORD = "a long calm sentence"

expect.set_options(timeout=20_000)  # a shared machine may be slow, and a browser on it slower


class Serving:
    """The application on a free port, in a thread of its own, over a database that was filled first."""

    def __init__(self, folder, fill):
        url = f"sqlite:///{folder / 'decidable.db'}"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.at = f"http://127.0.0.1:{port}/admin/"
        self._app = create_app(Settings(database_url=url, port=port))
        self._server = uvicorn.Server(
            uvicorn.Config(self._app, host="127.0.0.1", port=port, log_level="error")
        )

        async def served():
            self._loop = asyncio.get_running_loop()
            store = await Store.open(url)
            await fill(store)
            await store.close()
            await self._server.serve()

        # In a thread: playwright's loop runs in this one.
        self._thread = threading.Thread(target=asyncio.run, args=(served(),))

    @property
    def first(self):
        """The login of the first administrator, with the one-time password."""
        return self._app.state.first_login

    @property
    def worked(self):
        """How many seconds its thread has kept a processor busy."""
        return time.clock_gettime(time.pthread_getcpuclockid(self._thread.ident))

    def load(self, book):
        """Makes a rulebook's first release while it runs."""

        async def loaded():
            desk = self._app.state.desk
            await desk.store.load_release(document_of(book), "system", "first")
            await desk.library.refresh()

        asyncio.run_coroutine_threadsafe(loaded(), self._loop).result()

    def __enter__(self):
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            self._thread.join(0.05)
        return self

    def __exit__(self, *_):
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The application on a free port, and the first administrator's login."""

    async def fill(store):
        for book in (FEES, licences(30)):
            await store.load_release(document_of(book), "system", "first")

    with Serving(tmp_path_factory.mktemp("site"), fill) as serving:
        yield serving


@pytest.fixture(
    scope="module"
)  # while it is open its event loop runs, and no test of another module can run one
def browser():
    if CHROMIUM is None:
        pytest.skip("no browser: apt-get install chromium, or set CHROMIUM to the path of one")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


def signed_in(browser, site):
    """The cookies of the administrator, who signed in with the one-time password and chose another."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(site.at)
    page.get_by_label("Login").fill(site.first.login)
    page.get_by_label("Password").fill(site.first.password)
    page.keyboard.press("Enter")
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Your password was changed")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="module")
def session(browser, site):
    return signed_in(browser, site)


@pytest.fixture
def window(browser, session, site):
    """Opens pages that fail the test on any error in their console: scripts, styles, the content security policy."""
    contexts, wrong = [], []

    def opened(**options):
        context = browser.new_context(
            base_url=site.at,
            storage_state=session,
            permissions=["clipboard-read", "clipboard-write"],
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    # Browsers write down each answer that is no success, and each that does not come: tests make both happen.
    expected = ("409 (Conflict)", "422 (Unprocessable", "ERR_INTERNET_DISCONNECTED")
    assert [said for said in wrong if not any(one in said for one in expected)] == []


@pytest.fixture
def page(window):
    return window()


@pytest.fixture
def draft(page):
    page.goto("rulebooks/fees")
    page.get_by_role("button", name="Start a draft").click()
    expect(page.get_by_role("status")).to_contain_text("The draft was started")
    return page.url.split("?")[0]
