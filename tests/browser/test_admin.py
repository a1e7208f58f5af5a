"""The admin in a real browser: its styles and policy hold, nothing is cut off, and a keyboard is enough."""

import asyncio
import os
import shutil
import socket
import threading
from types import SimpleNamespace

import pytest
import uvicorn
from playwright.sync_api import expect, sync_playwright

from decision_tables.rulebook import document_of
from service.main import create_app
from service.settings import Settings
from service.store import Store
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

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no browser: apt-get install chromium, or set CHROMIUM to the path of one"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The application on a free port, and the first administrator's login."""
    url = f"sqlite:///{tmp_path_factory.mktemp('site') / 'decidable.db'}"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(Settings(database_url=url, port=port))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))

    async def served():
        store = await Store.open(url)
        await store.load_release(document_of(FEES), "system", "first")
        await store.close()
        await server.serve()

    # In a thread of its own: playwright's loop runs in this one.
    thread = threading.Thread(target=asyncio.run, args=(served(),))
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.05)
    yield SimpleNamespace(at=f"http://127.0.0.1:{port}/admin/", first=app.state.first_login)
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def session(browser, site):
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


@pytest.fixture
def page(browser, session, site):
    """A page that fails the test on any error in its console: scripts, styles, the content security policy."""
    context = browser.new_context(base_url=site.at, storage_state=session)
    opened = context.new_page()
    wrong = []
    opened.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    assert wrong == []


@pytest.fixture
def draft(page):
    page.goto("rulebooks/fees")
    page.get_by_role("button", name="Start a draft").click()
    expect(page.get_by_role("status")).to_contain_text("The draft was started")
    return page.url.split("?")[0]


def test_every_page_fits_from_phone_to_desk_in_light_and_dark(page, draft):
    release = "rulebooks/fees/releases/1"
    paths = [
        "",
        "rulebooks/fees",
        *(
            f"{release}{part}"
            for part in ("", "/facts", "/cases", "/tables/fee", "/try?query=all", "/activate")
        ),
        *(
            f"{draft}{part}"
            for part in (
                "",
                "/tables/waiver",
                "/tables/fee?rule=R1&cell=test.age",
                "/rule?table=waiver&rule=W2",
                "/rule?table=fee",
                "/settings?table=fee",
                "/delete?table=fee&rule=R1",
                "/formula?formula=clock",
                "/problems",
                "/publish",
                "/discard",
            )
        ),
        *("audit", "accounts", "keys", "password"),
    ]
    for width, scheme in ((360, "light"), (1440, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        for path in paths:
            answer = page.goto(path)
            assert answer.status == 200, path
            too_wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert too_wide <= 0, f"{path} is {too_wide} px too wide at {width} px"
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (sum(map(int, ground[4:-1].split(","))) < 200) == (scheme == "dark"), (path, ground)


def test_a_cell_is_found_broken_mended_and_published_by_keyboard_alone(page, draft):
    page.goto(f"{draft}/tables/fee")
    page.get_by_role("link", name="25.50").focus()
    page.keyboard.press("Enter")
    text = page.get_by_label("fee, R3")
    expect(text).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("thirty")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(text).to_have_attribute("aria-invalid", "true")
    expect(text).to_have_value("thirty")
    expect(page.get_by_role("link", name="Problems 1 error")).to_be_visible()
    text.fill("30")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="30", exact=True)).to_be_visible()
    page.get_by_role("link", name="Publish").click()
    page.get_by_label("What changes, and why").fill("Fees go up.")
    page.get_by_role("button", name="Publish and make active").click()
    expect(page.get_by_role("status")).to_contain_text("this release is active now")


def test_a_question_that_stands_beside_the_answer_is_answered_in_its_place(page):
    page.goto("rulebooks/fees/releases/1/try")
    page.get_by_label("How old?").fill("30")
    page.keyboard.press("Enter")
    page.get_by_role("group", name="Resident?").get_by_label("no", exact=True).check()
    page.get_by_role("button", name="Answer this").first.click()
    expect(page.get_by_role("status")).to_have_text("Everything asked is answered.")
    expect(page.get_by_label("age")).to_have_value("30")
    expect(page.get_by_text("25.50").first).to_be_visible()


def test_the_first_stop_of_the_tab_key_skips_to_the_page(page):
    page.goto("rulebooks/fees")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "page"
