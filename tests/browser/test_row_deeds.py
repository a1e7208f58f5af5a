"""What one does with rows besides changing them: a case of one is tried, they go to a word processor as sentences."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_grid import Grid, violations


@pytest.fixture
def grid(page, draft):
    return Grid(page, f"{draft}/tables/fee")


def test_ctrl_enter_tries_a_case_of_the_row_once_what_was_typed_is_saved(grid, page):
    grid.cell("R1", 0).click()
    grid.write("< 16", then="Tab")
    grid.press("Control+Enter")
    page.wait_for_url("**/try?*")
    expect(page.locator("main")).to_contain_text("A case to which row R1 applies")
    expect(page.locator("#answer")).to_contain_text("Fees Act, article 1")
    page.go_back()
    assert grid.texts("R1")[0] == "< 16"


def test_the_rows_that_are_chosen_are_copied_as_sentences_with_their_legal_basis(grid, page):
    grid.cell("R2", 0).click()
    grid.press("Shift+ArrowDown")
    expect(page.locator("#bar")).to_contain_text("Row 3 (R3)")
    page.get_by_role("button", name="Copy as text").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert grid.clipboard == (
        "If age is at least 18 years and resident is yes, then fee is 10. In force from 1 January 2020."
        " (Fees Act, article 2)\n"
        "If age is at least 18 years and resident is no, then fee is 25.5. (Fees Act, article 3)"
    )
    rich = page.evaluate(
        "async () => (await (await navigator.clipboard.read())[0].getType('text/html')).text()"
    )
    assert rich.count("<p") == 2
    assert "<em>(Fees Act, article 3)</em>" in rich


def test_a_question_mark_tells_the_keys_but_is_typed_in_a_cell(grid, page):
    page.get_by_role("link", name="As a document").focus()
    grid.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Ctrl + Enter")
    grid.press("Escape")
    grid.cell("R1", 0).click()
    grid.press("?")
    expect(page.get_by_role("combobox", name="age, Row R1")).to_have_value("?")
    grid.press("Escape")
    page.get_by_label("Find").focus()
    grid.press("?")
    expect(page.get_by_label("Find")).to_have_value("?")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_text_that_does_not_fit_is_told_on_the_way_over_it(grid):
    note = "Whoever is a child on the first day of the year counts as one until its last day."
    grid.cell("R1", 4).click()
    grid.write(note)
    grid.saved()
    grid.cell("R1", 4).hover()
    expect(grid.cell("R1", 4)).to_have_attribute("title", note)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_document_and_the_rows_side_by_side_keep_nobody_out_and_fit(page, draft, scheme):
    page.emulate_media(color_scheme=scheme)
    for path in ("document", "document?table=fee", "beside?table=fee&rule=R2&rule=R3"):
        for width in (360, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{draft}/{path}")
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_document_prints_without_what_one_presses(page, draft):
    page.goto(f"{draft}/document?table=fee")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_role("link", name="All tables")).to_be_hidden()
    expect(page.get_by_text("If age is less than 18 years")).to_be_visible()
    assert page.pdf()[:4] == b"%PDF"
