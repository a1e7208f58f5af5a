"""What is marked on the rows of a grid: how many cases use each, when it is in force; and how high rows are."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_grid import Grid, violations

TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.fixture
def grid(page, draft):
    return Grid(page, f"{draft}/tables/fee")


def uses(page, row):
    return page.locator(f'#rows tr[data-id="{row}"] .uses')


def bar(page, row, column):
    """The bar of a cell, as shares of its width; None where it has none."""
    share = "name => parseFloat(cell.style.getPropertyValue(name))"
    cell = page.locator(f'#rows tr[data-id="{row}"] td').nth(column)
    return cell.evaluate(f"cell => cell.classList.contains('span') ? ['--from', '--to'].map({share}) : null")


def test_each_row_says_how_many_cases_use_it_and_one_that_none_uses_is_dimmed(grid, page):
    expect(uses(page, "R1")).to_have_text(f"1{TIMES}")
    expect(uses(page, "R1")).to_have_attribute("title", "used by 1 case")
    expect(uses(page, "R2")).to_have_text(f"0{TIMES}")
    expect(page.locator('#rows tr[data-id="R2"]')).to_have_class(re.compile(r"\bunused\b"))
    expect(page.locator('#rows tr[data-id="R1"]')).not_to_have_class(re.compile(r"\bunused\b"))
    page.get_by_label("Show").select_option("unused")
    expect(page.locator("#count")).to_have_text("2 of 3 rows")
    page.get_by_label("Show").select_option("")
    grid.cell("R1", 0).click()
    grid.write("< 17")
    grid.saved()
    expect(uses(page, "R1")).to_have_text(f"0{TIMES}")


def test_a_period_is_a_bar_on_one_scale_for_all_rows_and_follows_what_is_written(grid, page):
    head = page.locator("#grid th[data-name]").evaluate_all("all => all.map(one => one.dataset.name)")
    start, end = head.index("valid.start"), head.index("valid.end")
    assert bar(page, "R1", start) is None, "it has no dates"
    assert bar(page, "R2", start)[1] == 100
    assert bar(page, "R2", end) == [0, 100], "without an end it goes on to the edge"
    grid.cell("R1", end).click()
    grid.write("2020-01-01")
    grid.cell("R3", start).click()
    grid.write("2030-01-01")
    page.wait_for_function("document.querySelector('#rows tr[data-id=\"R3\"] td.span')")
    assert bar(page, "R1", start) == [0, 15]
    assert bar(page, "R2", start) == [15, 100]
    assert bar(page, "R3", end) == [85, 100]
    grid.press("Control+Z", "Control+Z")
    page.wait_for_function("!document.querySelector('#rows tr[data-id=\"R3\"] td.span')")
    assert bar(page, "R1", end) is None


def test_where_one_only_reads_a_bar_stands_under_the_day_as_people_write_it(page):
    page.goto("rulebooks/fees/releases/1/tables/fee")
    cell = page.locator('#rows tr[data-id="R2"] td.span').first
    expect(cell).to_contain_text("1 January 2020")
    expect(page.locator("#rows td.span")).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_rows_are_comfortable_where_the_reader_wants_it_and_stay_so(window, draft, scheme):
    page = window(color_scheme=scheme)
    page.goto(f"{draft}/tables/fee")
    high = "document.querySelector('#rows tr').getBoundingClientRect().height"
    compact = page.evaluate(high)
    page.get_by_role("link", name="Comfortable rows").click()
    expect(page.get_by_role("link", name="Compact rows")).to_be_visible()
    assert page.evaluate(high) - compact >= 5
    expect(uses(page, "R1")).to_have_text(f"1{TIMES}")
    assert violations(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.goto("rulebooks/fees/releases/1/tables/papers")
    page.get_by_role("link", name="Compact rows").click()
    assert page.evaluate(high) == compact
