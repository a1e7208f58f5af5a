"""What people come for, each in at most five clicks from the first page; typing and moving by keys are free.

A click is counted in the page itself: each press of the pointer, and each link, button or form that a key sets off.
"""

import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import signed_in
from tests.browser.screens import Site
from tests.browser.test_grid import followed

COUNTING = """
    const counted = () => sessionStorage.setItem("clicks", Number(sessionStorage.getItem("clicks")) + 1);
    addEventListener("pointerdown", event => event.isTrusted && counted(), true);
    addEventListener("click", event => {
        const set_off = event.isTrusted && event.detail === 0;
        if (set_off && event.target.closest("a, button, summary, [type=submit]")) counted();
    }, true);
    window.print = () => sessionStorage.setItem("printed", "yes");
"""
CUT = """
    [...document.querySelectorAll("main *:not(.visually-hidden)")]
        .filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth)
        .filter(one => getComputedStyle(one).display !== "inline")
        .map(one => one.outerHTML.slice(0, 99))
"""
MOST = 5


class Flow:
    """A page that counts the clicks of one errand."""

    def __init__(self, page):
        self.page = page
        page.add_init_script(COUNTING)
        page.goto("")

    @property
    def clicks(self):
        return int(self.page.evaluate("sessionStorage.getItem('clicks') ?? 0"))

    @property
    def printed(self):
        return self.page.evaluate("sessionStorage.getItem('printed')") == "yes"


@pytest.fixture
def flow(page):
    return Flow(page)


def row_of(page, title):
    """A rulebook's line in the list of rulebooks."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=title, exact=True))


def test_clicks_are_counted_whether_by_pointer_or_by_key(flow, page):
    assert flow.clicks == 0
    page.get_by_role("link", name="Audit").click()
    assert flow.clicks == 1
    page.get_by_role("link", name="Rulebooks").first.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Rulebooks")
    assert flow.clicks == 2
    page.goto("rulebooks/fees/releases/1/try")
    page.get_by_label("How old?").fill("30")
    page.keyboard.press("Enter")
    expect(page.get_by_label("age")).to_have_value("30")
    assert flow.clicks == 3, "a form that a key sends counts as its button"


def test_forty_rows_from_a_spreadsheet_are_pasted_mended_and_sent_to_review(flow, page):
    row_of(page, "Licences (30)").get_by_role("button", name="Start a draft").click()
    grid = followed(page, "Licence class")
    grid.cell("R1", 0).click()
    rows = [f"BE\t>= {20 + n}\t-\t< 1.250.000\tWAAR\t>= 1/07/2025\tA\t1.250,50" for n in range(40)]
    rows[7] = rows[7].replace(">= 27", "from 27 on")
    grid.paste("\n".join(rows))
    told = page.locator("#toasts")
    expect(told).to_contain_text("Cells pasted: 320")
    expect(told).to_contain_text("adapted: ")
    expect(told).to_contain_text("with a suggestion: 40")
    expect(told).to_contain_text("need you: 1 (F8 goes there)")
    told.get_by_role("button", name="Write them as suggested").click()
    grid.saved()
    assert len(grid.ids) == 40
    grid.press("F8")
    expect(grid.cell("R8", 1)).to_be_focused()
    expect(page.locator("#bar .mark").first).to_contain_text("Error")
    grid.write(">= 27")
    grid.saved()
    expect(page.locator("#rows [aria-invalid=true]")).to_have_count(0)
    page.get_by_role("link", name="Review").click()
    expect(page.get_by_text("Changes still to be seen: 40 of 40.")).to_be_visible()
    assert flow.clicks <= MOST, flow.clicks


@pytest.fixture(scope="module")
def telecom(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("telecom")) as site:
        yield site


@pytest.fixture
def telecom_page(browser, telecom):
    context = browser.new_context(base_url=telecom.at, storage_state=signed_in(browser, telecom))
    wrong = []
    page = context.new_page()
    page.on("console", lambda said: said.type in {"error", "warning"} and wrong.append(said.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


SKYPE = {
    "jurisdiction": "BE",
    "service_function": "app_to_app_voice",
    "service": "Skype",
    "established_in": "LU",
    "users_here": "significant",
    "offers_here_language": "yes",
}


def text_of(pdf, folder):
    if shutil.which("pdftotext") is None:
        pytest.skip("no reader of PDF: apt-get install poppler-utils")
    (folder / "why.pdf").write_bytes(pdf)
    told = subprocess.run(
        ["pdftotext", "-layout", folder / "why.pdf", "-"], capture_output=True, text=True, check=True
    )
    return " ".join(told.stdout.split())


def test_a_citizen_is_answered_and_the_reasons_are_printed(telecom_page, tmp_path):
    page = telecom_page
    flow = Flow(page)
    row_of(page, "Telecom law: classification and obligations").get_by_role("link", name="Try a case").click()
    page.get_by_role("button", name="All questions at once").click()
    for key, said in SKYPE.items():
        field = page.locator(f"[name='fact.{key}']").first
        field.focus()
        if said == "yes":
            page.keyboard.press("Space")
        else:
            page.keyboard.type(said)
    expect(page.get_by_role("status")).to_have_text("Everything asked is answered.")
    page.get_by_role("link", name="Why?").click()
    page.get_by_role("button", name="Print").click()
    assert flow.printed
    assert flow.clicks <= MOST, flow.clicks
    page.set_viewport_size({"width": 688, "height": 1000})  # what an A4 sheet leaves between its margins
    page.emulate_media(media="print")
    cut = page.evaluate(CUT)
    assert cut == [], "nothing is cut off on paper"
    told = text_of(page.pdf(format="A4"), tmp_path)
    for said in ("Class of the service: ECS", "Act of 13 June 2005", "How it was reached", "Hash"):
        assert said in told, said
    for said in ("Sign out", "Copy link", "Save as a test case", "Nederlands"):
        assert said not in told, said


def test_a_rule_ends_and_its_successor_begins_on_a_day_of_next_year(flow, page):
    day = f"{datetime.now(UTC).year + 1}-01-01"
    row_of(page, "Permit fees").get_by_role("button", name="Start a draft").click()
    grid = followed(page, "fee")
    names = page.eval_on_selector_all("#grid th[data-name]", "all => all.map(one => one.dataset.name)")
    begins, ends = names.index("valid.start"), names.index("valid.end")
    grid.cell("R3", ends).click()
    grid.press("Control+Shift+D")
    successor = grid.ids[grid.ids.index("R3") + 1]
    grid.press("ArrowUp", *["ArrowRight"] * ends)
    grid.write(day)
    grid.press(*["ArrowLeft"] * (ends - begins))
    grid.write(day, then="Tab")
    grid.press(*["ArrowLeft"] * (begins - 1))
    grid.write("27")
    grid.saved()
    assert grid.texts("R3", len(names))[ends] == day
    assert grid.texts(successor, len(names))[begins] == day
    assert grid.texts(successor, len(names))[2] == "27"
    page.get_by_role("link", name="Publish").click()
    page.get_by_label("What changes, and why").fill("The Fees Act of next year, article 3.")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("this release is active now")
    assert flow.clicks <= MOST, flow.clicks


def test_a_change_of_law_is_written_into_its_row_and_published_for_next_year(flow, page):
    day = f"{datetime.now(UTC).year + 1}-01-01"
    row_of(page, "Permit fees").get_by_role("button", name="Start a draft").click()
    grid = followed(page, "fee")
    grid.cell("R2", 2).click()
    grid.write("12")
    grid.saved()
    page.get_by_role("link", name="Publish").click()
    page.get_by_label("What changes, and why").fill("The Fees Act of next year, article 2.")
    page.get_by_label("Answers from").fill(day)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("status").first).to_be_visible()
    assert flow.clicks <= MOST, flow.clicks
    page.goto("rulebooks/fees/history")
    expect(page.get_by_text("planned")).to_be_visible()
    expect(page.get_by_text(f"Takes over on 1 January {day[:4]}.")).to_be_visible()
