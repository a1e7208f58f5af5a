"""A draft that is published or discarded while somebody still writes in it: what is not saved goes to another one."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_grid import Grid, violations
from tests.browser.test_sent_again import someone

__all__ = ["someone"]


@pytest.fixture
def writing(someone, draft):
    """A grid of a draft; the browser writes down that a save was refused."""
    page = someone()
    grid = Grid(page, f"{draft}/tables/fee")
    grid.cell("R1", 2).click()
    return grid


def published(page, draft):
    page.goto(f"{draft}/publish")
    page.get_by_label("What changes, and why").fill("As it stands.")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Published")


def discarded(page, draft):
    page.goto(f"{draft}/discard")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("status")).to_contain_text("The draft was discarded.")


def offline_while(grid, act):
    """Does something while the page hears of nothing, as between two of its looks."""
    grid.page.context.set_offline(True)
    act()
    grid.page.context.set_offline(False)


def test_what_came_too_late_for_a_published_draft_goes_into_a_new_one(writing, page, draft):
    writing.cell("R3", 2).click()
    writing.write("30")
    writing.saved()
    offline_while(writing, lambda: published(page, draft))
    writing.cell("R1", 2).click()
    writing.write("11")
    writing.write("12")
    notice = writing.page.locator("#onward")
    expect(notice).to_contain_text("This draft was published as release")
    expect(notice).to_contain_text("kept on this page alone")
    expect(writing.page.locator("#saved")).to_contain_text("Not saved")
    for scheme in ("light", "dark"):
        writing.page.emulate_media(color_scheme=scheme)
        assert violations(writing.page) == [], scheme
    writing.cell("R3", 2).click()
    writing.write("33")
    notice.get_by_role("button", name="A new draft of release").click()
    writing.page.wait_for_url(lambda url: "/tables/fee" in url and draft not in url)
    assert [writing.texts(row)[2] for row in ("R1", "R2", "R3")] == ["11", "12", "33"]
    writing.page.reload()
    assert [writing.texts(row)[2] for row in ("R1", "R2", "R3")] == ["11", "12", "33"]


def test_what_came_too_late_for_a_discarded_draft_meets_what_stands_in_another(writing, page, draft):
    page.goto("rulebooks/fees")
    page.get_by_role("button", name="Start a draft").click()
    other = page.url.split("?")[0]
    theirs = Grid(page, f"{other}/tables/fee")
    theirs.cell("R1", 2).click()
    theirs.write("21")
    theirs.saved()
    offline_while(writing, lambda: discarded(page, draft))
    writing.write("31")
    writing.write("32")
    notice = writing.page.locator("#onward")
    expect(notice).to_contain_text("This draft was discarded.")
    notice.locator(f'[data-carry$="{other.rpartition("/")[2]}"]').click()
    choice = writing.page.locator("#conflict")
    expect(choice).to_contain_text("21")
    choice.get_by_role("button", name="Keep mine").click()
    writing.page.wait_for_url(f"{other}/tables/fee")
    assert [writing.texts(row)[2] for row in ("R1", "R2")] == ["31", "32"]


def test_who_had_written_nothing_is_told_what_became_of_the_draft_and_no_more(writing, page, draft):
    discarded(page, draft)
    notice = writing.page.locator("#onward")
    expect(notice).to_contain_text("This draft was discarded.")
    expect(notice.locator("[data-unsaved]")).to_be_hidden()
    writing.write("31")
    expect(notice.locator("[data-unsaved]")).to_be_visible()
