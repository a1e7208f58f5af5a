"""Columns of notes of a table's own, in a real browser: written, pasted, undone, and read whole beneath the grid."""

import pytest
from playwright.sync_api import expect

from decision_tables.rulebook import document_of
from decision_tables.table import Note
from decision_tables.vocabulary import Words
from service.editing import with_column
from tests.browser.conftest import Serving
from tests.browser.test_grid import Grid
from tests.service.fees import FEES

SOURCE = Note("source", Words({"en": "Source", "nl": "Bron"}))
NOTED = with_column(with_column(FEES, "fee", SOURCE), "fee", Note("seen by"))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    async def fill(store):
        await store.load_release(document_of(NOTED), "system", "first")

    with Serving(tmp_path_factory.mktemp("noted"), fill) as serving:
        yield serving


@pytest.fixture
def grid(page, draft):
    return Grid(page, f"{draft}/tables/fee")


def notes(grid, row):
    """The texts of a row in the columns from the note on, as many as the table's own and that one."""
    return grid.texts(row, 7)[4:]


def test_notes_are_written_pasted_with_their_quotes_and_lines_and_undone_by_one_key(grid, page):
    expect(page.locator("th[data-name]").nth(5)).to_have_text("Source")
    grid.cell("R1", 5).click()
    grid.write("Bulletin, \u201cpart 1\u201d")
    grid.saved()
    assert notes(grid, "R1") == ["", "Bulletin, \u201cpart 1\u201d", ""]
    grid.cell("R2", 4).click()
    grid.paste('one\t"two ""quoted"""\t"three\nlines"\nfour\tWAAR\t1.250,50')
    grid.saved()
    told = [["one", 'two "quoted"', "three\nlines"], ["four", "WAAR", "1.250,50"]]
    assert [notes(grid, row) for row in ("R2", "R3")] == told
    page.reload()
    assert [notes(grid, row) for row in ("R2", "R3")] == told
    grid.cell("R2", 6).click()
    expect(page.locator("#bar .noted")).to_have_text("three\nlines")
    grid.press("Control+Z")
    grid.saved()
    assert [notes(grid, row) for row in ("R1", "R2", "R3")] == [
        ["", "Bulletin, \u201cpart 1\u201d", ""],
        ["", "", ""],
        ["", "", ""],
    ]


def test_what_another_person_notes_appears_and_a_copied_row_takes_its_notes_along(grid, page, window):
    grid.cell("R3", 5).click()
    grid.write("Gazette")
    grid.saved()
    other = Grid(window(), page.url)
    assert notes(other, "R3") == ["", "Gazette", ""]
    grid.cell("R3", 5).click()
    page.get_by_role("button", name="Duplicate").click()
    grid.saved()
    assert notes(grid, "R4") == ["", "Gazette", ""]
    expect(other.cell("R4", 5)).to_have_text("Gazette")
