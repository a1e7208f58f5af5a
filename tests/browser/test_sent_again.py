"""A form that is sent after its session ended, in a real browser: kept, shown, and sent once more."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD
from tests.browser.test_grid import violations


@pytest.fixture
def someone(browser, session, site):
    """Opens a page of somebody who is signed in; the browser writes down that a form was refused."""
    contexts = []

    def opened(**options):
        context = browser.new_context(base_url=site.at, storage_state=session, **options)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def keeps_nobody_out(page):
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], scheme
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_what_was_typed_when_the_session_ended_is_sent_again_after_signing_in(someone, draft, site, scripts):
    page = someone(java_script_enabled=scripts)
    page.goto(f"{draft}/rule?table=fee&rule=R3")
    page.get_by_label("Note", exact=True).fill("First line\nsecond “line” & <more>" + "x" * 200)
    page.context.clear_cookies()
    page.get_by_role("button", name="Save row").click()
    expect(page.get_by_role("status")).to_contain_text("You were signed out before this was saved.")
    expect(page.locator("dd")).to_have_text("First line\nsecond “line” & <more>" + "x" * 200)
    keeps_nobody_out(page) if scripts else None
    page.get_by_label("Login").fill(site.first.login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not saved yet")
    expect(page.locator("dd")).to_have_count(1)
    keeps_nobody_out(page) if scripts else None
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    page.goto(f"{draft}/rule?table=fee&rule=R3")
    expect(page.get_by_label("Note", exact=True)).to_have_value(
        "First line\nsecond “line” & <more>" + "x" * 200
    )
