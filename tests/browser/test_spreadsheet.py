"""What somebody who knows spreadsheets tries in the grid, and expects to work."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_grid import Grid, begun


@pytest.fixture
def table(page):
    return begun(page, "licences-30") + "/tables/licence"


@pytest.fixture
def grid(page, table):
    return Grid(page, table)


def at(grid):
    return grid.page.evaluate(
        "[document.activeElement.closest('tr')?.dataset.id, document.activeElement.cellIndex - 1]"
    )


def selected(grid):
    """The rows and the columns that are selected, each by its first and last."""
    places = grid.page.eval_on_selector_all(
        "#rows [aria-selected=true]",
        "all => all.map(cell => [cell.parentNode.dataset.id, cell.cellIndex - 1])",
    )
    return (places[0], places[-1], len(places)) if places else None


def column(grid, number, *rows):
    return [grid.texts(row, number + 1)[number] for row in rows]


def test_rows_columns_and_everything_are_selected_and_let_go_by_key_and_by_their_heads(grid, page):
    grid.cell("R3", 2).click()
    grid.press("Shift+Space")
    assert selected(grid) == (["R3", 0], ["R3", 11], 12)
    grid.press("Shift+ArrowDown")
    assert selected(grid) == (["R3", 0], ["R4", 11], 24)
    grid.press("Escape")
    assert selected(grid) is None
    grid.cell("R3", 2).click()
    grid.press("Control+Space")
    assert selected(grid) == (["R1", 2], ["R30", 2], 30)
    grid.press("Control+A")
    assert selected(grid) == (["R1", 0], ["R30", 11], 360)
    page.locator('#rows tr[data-id="R5"] .n').click()
    assert selected(grid) == (["R5", 0], ["R5", 11], 12)
    page.locator('#rows tr[data-id="R7"] .n').click(modifiers=["Shift"])
    assert selected(grid) == (["R5", 0], ["R7", 11], 36)
    page.locator("th[data-name] .label").nth(1).click()
    assert selected(grid) == (["R1", 1], ["R30", 1], 30)
    assert grid.ids[:3] == ["R1", "R2", "R3"], "nothing was moved"


def test_tab_and_enter_go_round_inside_what_is_selected(grid):
    grid.cell("R1", 0).click()
    grid.press("Shift+ArrowDown", "Shift+ArrowRight")
    seen = []
    for key in ("Tab", "Tab", "Tab", "Shift+Tab"):
        grid.press(key)
        seen.append(at(grid))
    assert seen == [["R1", 0], ["R1", 1], ["R2", 0], ["R1", 1]]
    assert selected(grid) == (["R1", 0], ["R2", 1], 4)
    grid.write("> 41")
    assert at(grid) == ["R2", 1]
    grid.write("> 42")
    assert at(grid) == ["R1", 0]
    grid.saved()
    assert column(grid, 1, "R1", "R2") == ["> 41", "> 42"]
    grid.press("Escape", "Tab")
    assert at(grid) == ["R1", 1], "who lets go of the selection leaves it"


def test_arrows_go_on_from_what_is_typed_over_and_within_it_after_f2(grid, page):
    grid.cell("R1", 1).click()
    for number in (31, 32, 33):
        grid.write(f"> {number}", then="ArrowDown")
    assert at(grid) == ["R4", 1]
    grid.write("> 3", then="ArrowRight")
    assert at(grid) == ["R4", 2]
    grid.saved()
    assert column(grid, 1, "R1", "R2", "R3", "R4") == ["> 31", "> 32", "> 33", "> 3"]
    grid.press("ArrowLeft", "F2", "ArrowLeft")
    page.keyboard.type("5")
    grid.press("Enter")
    grid.saved()
    assert column(grid, 1, "R4") == ["> 53"]


def test_enter_after_tabs_begins_the_next_line_where_the_first_was_begun(grid):
    grid.cell("R1", 0).click()
    grid.write('"BE"', then="Tab")
    grid.write("> 20", then="Tab")
    grid.write("-", then="Enter")
    assert at(grid) == ["R2", 0]


def test_one_text_is_written_into_all_cells_that_are_selected(grid):
    grid.cell("R1", 1).click()
    grid.press("Shift+ArrowDown", "Shift+ArrowDown")
    grid.write("> 77", then="Control+Enter")
    grid.saved()
    assert column(grid, 1, "R1", "R2", "R3") == ["> 77"] * 3
    assert selected(grid) == (["R1", 1], ["R3", 1], 3)
    grid.press("Control+Z")
    grid.saved()
    assert "> 77" not in column(grid, 1, "R1", "R2", "R3")


def test_cells_are_filled_down_and_to_the_right_also_into_a_single_one(grid):
    grid.cell("R1", 6).click()
    grid.write('"C"')
    grid.press("Control+D")
    grid.saved()
    assert column(grid, 6, "R1", "R2") == ['"C"', '"C"'], "from the row above"
    grid.cell("R5", 9).click()
    grid.press("Control+R")
    grid.saved()
    assert column(grid, 9, "R5") == column(grid, 8, "R5"), "from the column before"


def test_a_selection_is_drawn_out_by_its_corner(grid, page):
    for row, text in (("R1", "> 1"), ("R2", "> 2")):
        grid.cell(row, 1).click()
        grid.write(text)
    grid.cell("R1", 1).click()
    grid.press("Shift+ArrowDown")
    corner = grid.cell("R2", 1).bounding_box()
    page.mouse.move(corner["x"] + corner["width"] - 4, corner["y"] + corner["height"] - 4)
    page.mouse.down()
    grid.cell("R6", 1).hover()
    page.mouse.up()
    grid.saved()
    assert column(grid, 1, "R1", "R2", "R3", "R4", "R5", "R6") == ["> 1", "> 2"] * 3
    assert selected(grid) == (["R1", 1], ["R6", 1], 6)
    grid.press("Control+Z")
    grid.saved()
    assert column(grid, 1, "R1", "R2") == ["> 1", "> 2"]
    assert "> 1" not in column(grid, 1, "R3", "R5")


def test_today_is_written_where_a_day_may_stand(grid, page):
    grid.cell("R1", 5).click()
    grid.press("Control+;")
    grid.saved()
    today = page.evaluate(
        "new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 10)"
    )
    assert column(grid, 5, "R1") == [f'@"{today}"']
    was = column(grid, 1, "R1")
    grid.cell("R1", 1).click()
    grid.press("Control+;")
    assert column(grid, 1, "R1") == was


def test_a_day_is_typed_as_people_write_it_and_read_back_at_once(grid, page):
    grid.cell("R1", 5).click()
    page.keyboard.type(">= 1/07/2025")
    expect(page.locator("#bar .clause")).to_have_text("Filing date is 1 July 2025 at the earliest")
    grid.press("Enter")
    grid.saved()
    assert column(grid, 5, "R1") == ['>= @"2025-07-01"']
    grid.press("Control+Z")
    grid.saved()
    grid.press("Control+Y")
    grid.saved()
    assert column(grid, 5, "R1") == ['>= @"2025-07-01"']


def test_keys_that_would_lose_something_in_a_browser_lose_nothing(grid, page):
    grid.cell("R3", 1).click()
    grid.press("Control+Backspace")
    assert grid.ids[2] == "R3", "no row is deleted by a key that spreadsheets know otherwise"
    page.keyboard.type("> 64")
    grid.press("Control+s")
    grid.saved()
    assert column(grid, 1, "R3") == ["> 64"]
    expect(page.locator("#toasts")).to_contain_text("saved")


def test_a_right_click_offers_what_can_be_done_and_the_keys_for_it(grid, page):
    menu = page.get_by_role("menu", name="What can be done here")
    grid.cell("R2", 1).click(button="right")
    expect(menu).to_be_visible()
    expect(menu.get_by_role("menuitem", name="Cut")).to_be_focused()
    grid.press("Escape")
    expect(menu).to_be_hidden()
    assert at(grid) == ["R2", 1]
    grid.cell("R2", 1).click(button="right")
    menu.get_by_role("menuitem", name="New row above").click()
    assert grid.ids[:4] == ["R1", "R31", "R2", "R3"]
    grid.cell("R2", 1).click()
    grid.write("> 58")
    grid.cell("R2", 1).click(button="right")
    grid.press("ArrowDown", "Enter")
    assert grid.clipboard == "> 58"
    grid.cell("R4", 1).click()
    grid.press("Shift+ArrowDown")
    grid.cell("R5", 1).click(button="right")
    menu.get_by_role("menuitem", name="Paste").click()
    expect(grid.cell("R5", 1)).to_have_text("> 58")
    grid.saved()
    assert column(grid, 1, "R4", "R5") == ["> 58"] * 2, "a right click inside a selection leaves it"
    grid.press("Shift+F10")
    expect(menu).to_be_visible()
    menu.get_by_role("menuitem", name="Empty").click()
    grid.saved()
    assert column(grid, 1, "R4", "R5") == ["-"] * 2
