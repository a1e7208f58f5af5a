"""Every page of the telecom rulebook: nothing in its console, nothing out of a phone's window, nobody kept out."""

import pytest

from tests.browser.conftest import signed_in
from tests.browser.screens import GALLERY, MANNERS, OF_A_DRAFT, OTHERS, Site, gallery, picture
from tests.browser.test_grid import keeps_nobody_out


@pytest.fixture(scope="module")
def telecom(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("telecom")) as site:
        yield site


@pytest.fixture(scope="module")
def addresses(telecom):
    return dict(telecom.pages())


@pytest.fixture(scope="module")
def context(browser, telecom):
    context = browser.new_context(storage_state=signed_in(browser, telecom), reduced_motion="reduce")
    yield context
    context.close()


def test_the_documents_show_every_page_in_every_manner():
    assert GALLERY.read_text(encoding="utf-8") == gallery()
    for name in (*OF_A_DRAFT, *OTHERS):
        for width, scheme in MANNERS:
            assert (GALLERY.parent / picture(name, width, scheme)).is_file(), (name, width, scheme)


@pytest.mark.parametrize("name", [*OF_A_DRAFT, *OTHERS])
def test_a_page_is_whole_for_everybody(context, addresses, name):
    wrong = []
    page = context.new_page()
    page.on("console", lambda message: message.type in {"error", "warning"} and wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.set_viewport_size({"width": 360, "height": 740})
    answer = page.goto(addresses[name], wait_until="networkidle")
    assert answer.ok, answer.status
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1440, "height": 900})
    keeps_nobody_out(page)
    page.close()
    assert wrong == []
