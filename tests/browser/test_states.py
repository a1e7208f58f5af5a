"""Every state that a page can be in, light and dark: axe-core finds nothing, and nothing is written to the console."""

import re

import pytest
from playwright.sync_api import expect

from decision_tables.formats import Format, write
from decision_tables.rulebook import document_of
from tests.browser.conftest import PASSWORD, Serving
from tests.browser.licences import licences
from tests.browser.test_grid import Grid, begun, keeps_nobody_out, save_row
from tests.service.fees import FEES, with_fee

RELEASE = "rulebooks/fees/releases/1"
CONTRADICTED = "query=all&fact.age=30&fact.resident=false&fact.kind=%22odd%22"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    async def fill(store):
        for book in (FEES, licences(30)):
            await store.load_release(document_of(book), "system", "first")

    with Serving(tmp_path_factory.mktemp("states"), fill) as serving:
        yield serving


@pytest.fixture(scope="module")
def strangers(browser, site):
    """Opens pages of people who may not see them: the browser writes down each refusal, and that alone."""
    contexts = []

    def opened(**options):
        context = browser.new_context(base_url=site.at, **options)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def test_the_grid_in_each_of_its_states(page):
    table = begun(page, "licences-30") + "/tables/licence"
    grid = Grid(page, table)
    toasts, bar = page.locator("#toasts"), page.locator("#bar")
    grid.cell("R1", 0).click()
    expect(bar.locator(".clause")).to_be_visible()
    keeps_nobody_out(page, "a cell is selected")
    grid.paste("BE\t1.250,50\nx\ty")
    grid.saved()
    expect(toasts).to_contain_text("Cells pasted")
    expect(page.locator("#checks li").first).to_be_visible()
    keeps_nobody_out(page, "after a paste, with errors")
    grid.press("Shift+ArrowDown", "Shift+ArrowRight")
    keeps_nobody_out(page, "cells are selected")
    grid.cell("R1", 0).click()
    grid.write("BE, FR")
    grid.saved()
    grid.press("ArrowUp")
    expect(bar.get_by_role("button", name="Use")).to_be_visible()
    keeps_nobody_out(page, "a cell with an error and its repair")
    grid.cell("R3", 0).click()
    page.keyboard.type('"')
    page.keyboard.type("B")
    expect(page.locator("#options [role=option]").first).to_be_visible()
    keeps_nobody_out(page, "what may be written is offered")
    grid.press("Escape", "Escape")
    grid.cell("R3", 1).click()
    page.get_by_role("button", name="From … to …").click()
    keeps_nobody_out(page, "the two ends of a range")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Keys").click()
    keeps_nobody_out(page, "the list of keys")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    grid.cell("R5", 0).click()
    grid.press("Insert", "Control+Delete")
    expect(toasts).to_contain_text("Rows deleted")
    keeps_nobody_out(page, "rows were deleted")
    page.get_by_label("Find").fill("nothing has this")
    expect(page.locator("#count")).to_have_text("0 of 30 rows")
    keeps_nobody_out(page, "no row is found")
    draft = table.removesuffix("/tables/licence")
    for path in ("", "rule?table=licence&rule=R1", "columns?table=licence", "settings?table=licence"):
        page.goto(f"{draft}/{path}".rstrip("/"))
        keeps_nobody_out(page)
    page.goto(RELEASE + "/tables/fee")
    keeps_nobody_out(page, "a table to read")


def test_one_text_written_by_two(page, window):
    table = begun(page, "fees") + "/tables/fee"
    grid = Grid(page, table)
    quiet = window()
    other = Grid(quiet, table)
    quiet.clock.install()
    for one in (grid, other):
        one.cell("R1", 2).click()
    quiet.keyboard.type("1")
    grid.write("2")
    grid.saved()
    other.press("Enter")
    quiet.clock.run_for(300)
    expect(quiet.locator("#conflict")).to_contain_text("Theirs: 2")
    keeps_nobody_out(quiet)


def test_comments_beside_a_table(page, draft):
    page.goto(f"{draft}/tables/fee?rule=R2&comments=1")
    keeps_nobody_out(page, "nothing was said")
    page.get_by_role("textbox", name="Comment on Row R2").fill("Which article?")
    page.get_by_role("button", name="Save the comment").click()
    expect(page.get_by_role("complementary", name="Comments on row R2")).to_contain_text("Which article?")
    keeps_nobody_out(page, "a comment is open")


def test_findings_beside_a_table_and_the_word_on_one(page, draft):
    page.goto(f"{draft}/tables/fee")
    panel = page.locator("#findings")
    expect(panel).to_contain_text("No row answers")
    panel.locator("summary").first.click()
    expect(panel.get_by_role("textbox").first).to_be_visible()
    keeps_nobody_out(page, "a gap, and room for a reason")
    page.goto(f"{draft}/findings")
    page.locator("details summary").first.click()
    keeps_nobody_out(page, "findings of a rulebook")


@pytest.mark.parametrize(
    "path",
    [
        "try",
        "try?query=all&ask=all",
        f"try?{CONTRADICTED}",
        "try?query=all&fact.age=many",
        "why?query=all",
        f"why?{CONTRADICTED}",
        "why?query=all&fact.age=30&fact.resident=false&fact.kind=%22plain%22&fact.surcharge=2",
        "why?query=all&fact.age=30&table=fee",
        f"case?{CONTRADICTED}",
        f"map?{CONTRADICTED}",
    ],
)
def test_a_case_with_its_answer_its_contradiction_and_what_is_open(page, path):
    page.goto(f"{RELEASE}/{path}")
    page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    if path.endswith(CONTRADICTED) and path.startswith(("try", "why")):
        expect(page.get_by_text("Is it hardship?").first).to_be_visible()
        expect(page.get_by_text("Contradictions").first).to_be_visible()
    keeps_nobody_out(page)


def test_a_change_is_compared_reviewed_and_refused(page, draft):
    page.goto(f"{draft}/rule?table=fee&rule=R1")
    page.locator("[name='output.fee']").fill("11")
    save_row(page)
    page.goto(f"{draft}/compare")
    expect(page.get_by_text("1 case comes to something else than by release 1.")).to_be_visible()
    keeps_nobody_out(page, "compared")
    page.goto(f"{draft}/review")
    page.get_by_role("button", name="Seen: Row R1").click()
    page.locator("summary", has_text="Comment").click()
    page.get_by_label("Comment on Row R1").fill("Which article?")
    page.get_by_role("button", name="Save the comment").click()
    page.get_by_role("button", name="Ask for changes").click()
    expect(page.get_by_role("alert")).to_be_visible()
    keeps_nobody_out(page, "seen and commented; a verdict without its reason")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("✓ approved")).to_be_visible()
    keeps_nobody_out(page, "approved")
    page.goto(f"{draft}/publish")
    expect(page.get_by_text("1 case fails")).to_be_visible()
    keeps_nobody_out(page, "a case stands in the way")
    page.goto(f"{draft}/cases")
    keeps_nobody_out(page, "a case that fails")


def test_publishing_for_a_day_that_is_past_is_refused(page, draft):
    page.goto(f"{draft}/publish")
    page.get_by_label("What changes, and why").fill("Nothing.")
    page.get_by_label("Answers from").fill("2001-01-01")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Not published.")
    keeps_nobody_out(page)


def test_a_row_with_an_error_on_its_form_and_among_the_problems(page, draft):
    page.goto(f"{draft}/rule?table=fee&rule=R2")
    page.locator("[name='test.age']").fill("from 18")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[name='test.age']")).to_have_attribute("aria-invalid", "true")
    keeps_nobody_out(page)
    for path in ("problems", "try", "publish", "tables/fee", "map", "findings", "tests/fee"):
        page.goto(f"{draft}/{path}")
        keeps_nobody_out(page)


def test_a_file_that_changes_rules_and_one_that_cannot_be_read(page):
    page.goto("rulebooks/fees/import")
    book = with_fee("thirty + ")
    page.get_by_label("One file").set_input_files(
        {
            "name": "fees.json",
            "mimeType": "application/json",
            "buffer": write(book, Format.JSON).data,
        }
    )
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_text("Nothing is called “thirty” here.").first).to_be_visible()
    keeps_nobody_out(page, "a file with an error")
    page.goto("rulebooks/fees/import")
    page.get_by_label("One file").set_input_files(
        {"name": "fees.dmn", "mimeType": "application/xml", "buffer": b"<definitions"}
    )
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("alert")).to_contain_text("It cannot be read")
    keeps_nobody_out(page, "a file that cannot be read")


def test_what_is_not_there_what_one_may_not_see_and_a_wrong_password(strangers, page, session):
    lost = strangers(storage_state=session)
    assert lost.goto("rulebooks/nowhere").status == 404
    keeps_nobody_out(lost, "not there")
    page.goto("accounts")
    page.get_by_label("Name").fill("A reader")
    page.get_by_label("Login").fill("reader")
    page.get_by_role("button", name="Create account").click()
    keeps_nobody_out(page, "a password that is shown once")
    once = page.locator(".secret").inner_text().strip()
    reader = strangers()
    reader.goto("")
    reader.get_by_label("Login").fill("reader")
    reader.get_by_label("Password").fill("no password of theirs")
    reader.get_by_role("button", name="Sign in").click()
    expect(reader.get_by_role("alert")).to_be_visible()
    keeps_nobody_out(reader, "a wrong password")
    reader.get_by_label("Login").fill("reader")
    reader.get_by_label("Password").fill(once)
    reader.get_by_role("button", name="Sign in").click()
    reader.get_by_label("New password", exact=True).fill(PASSWORD)
    reader.get_by_label("New password again").fill("another")
    reader.keyboard.press("Enter")
    expect(reader.locator("[aria-invalid=true], [role=alert]").first).to_be_visible()
    keeps_nobody_out(reader, "two passwords that differ")
    reader.get_by_label("New password", exact=True).fill(PASSWORD)
    reader.get_by_label("New password again").fill(PASSWORD)
    reader.keyboard.press("Enter")
    expect(reader.get_by_role("status")).to_contain_text("Your password was changed")
    assert reader.goto("accounts").status == 403
    keeps_nobody_out(reader, "not allowed")
    reader.goto("rulebooks/fees")
    keeps_nobody_out(reader, "a rulebook for a reader")


def test_with_the_readers_own_colours_and_without_motion_all_is_there(window, draft):
    forced = window(forced_colors="active", reduced_motion="reduce")
    grid = Grid(forced, f"{draft}/tables/fee")
    grid.cell("R1", 0).click()
    grid.press("Shift+ArrowDown")
    outline = "one => getComputedStyle(one).outlineStyle"
    assert forced.eval_on_selector("#row-R2 td", outline) != "none", "a selection is not by colour alone"
    for path in ("", "compare", "review", "publish", "map", "facts", "findings", f"try?{CONTRADICTED}"):
        forced.goto(f"{draft}/{path}".rstrip("/"))
        expect(forced.get_by_role("heading", level=1)).to_be_visible()
    forced.goto(f"{RELEASE}/map?{CONTRADICTED}")
    lines = forced.eval_on_selector_all(
        ".map .line", "all => all.map(one => getComputedStyle(one).stroke).filter(one => one !== 'none')"
    )
    assert lines, "lines are drawn"
    assert re.fullmatch(r"rgb.*", lines[0])
