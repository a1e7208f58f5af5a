"""Everything without JavaScript, in a real browser: links and forms alone, from a column to a rollback."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def page(window):
    return window(java_script_enabled=False)


def said(page, text):
    expect(page.get_by_role("status").first).to_contain_text(text)


def published(page, draft, note):
    page.goto(f"{draft}/publish")
    page.get_by_label("What changes, and why").fill(note)
    page.get_by_role("button", name="Publish", exact=True).click()
    said(page, "this release is active now")


def test_a_draft_is_written_tried_reviewed_published_and_rolled_back(page):
    page.goto("rulebooks/licences-30")
    page.get_by_role("button", name="Start a draft").click()
    page.wait_for_url("**/drafts/**")
    draft = page.url.split("?")[0]
    table = f"{draft}/tables/licence"

    # A row is changed, and the change taken back.
    page.goto(table)
    page.get_by_role("link", name="Edit row R1", exact=True).click()
    page.locator("#output\\.fee").fill("4000")
    page.get_by_role("button", name="Save row").click()
    expect(page.locator("#row-R1")).to_contain_text("4000")
    page.goto(f"{draft}/changes")
    page.get_by_role("button", name="Undo").first.click()
    page.goto(table)
    expect(page.locator("#row-R1")).to_contain_text("3081")

    # A row is added, moved, duplicated, deleted.
    page.get_by_role("link", name="Add a row").click()
    page.get_by_label("Id of the row").fill("R31")
    page.locator("#output\\.licence").fill('"B"')
    page.locator("#output\\.fee").fill("1")
    page.get_by_role("button", name="Add row").click()
    expect(page.locator("#row-R31")).to_be_attached()
    page.get_by_role("link", name="Edit row R31").click()
    page.get_by_role("button", name="Move up").click()
    page.goto(f"{draft}/rule?table=licence&rule=R31")
    page.get_by_role("link", name="Duplicate row R31").click()
    page.get_by_role("button", name="Add row").click()
    expect(page.locator("#row-R32")).to_be_attached()
    page.get_by_role("link", name="Edit row R32").click()
    page.get_by_role("link", name="Delete row R32").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#row-R32")).not_to_be_attached()

    # A column is added, called otherwise, and stays empty.
    page.get_by_role("link", name="Columns", exact=True).click()
    note = page.get_by_role("region", name="New column of notes")
    note.get_by_label("Heading").fill("Source")
    note.get_by_role("button", name="Add the column").click()
    page.get_by_role("link", name="Back to the table").click()
    expect(page.locator("#grid th", has_text="Source")).to_be_visible()

    # The draft is tried, its row commented, compared, reviewed.
    page.goto(f"{table}?rule=R1&comments=1")
    page.get_by_label("Comment on Row R1").fill("Which article?")
    page.get_by_role("button", name="Save the comment").click()
    expect(page.locator("#comments")).to_contain_text("Which article?")
    page.goto(f"{draft}/example?table=licence&rule=R1")
    expect(page.locator("#answer")).to_contain_text("3081")
    page.get_by_role("link", name="Why?").click()
    expect(page.get_by_role("heading", name="Why this is the answer")).to_be_visible()
    page.get_by_role("link", name="Save as a test case").click()
    page.get_by_label("What it shows, in a sentence of law").fill("The first row decides")
    page.get_by_role("button", name="Save the test case").click()
    said(page, "The test case was saved.")
    page.goto(f"{draft}/compare")
    expect(page.locator("main")).to_contain_text("R31")
    page.goto(f"{draft}/review")
    page.get_by_role("button", name="Ask for a review").click()
    expect(page.locator("main")).to_contain_text("asks for a review.")
    page.get_by_role("button", name="Seen").first.click()
    expect(page.locator("main")).to_contain_text("seen by")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("main")).to_contain_text("approved")

    # Published, and gone back to what was before.
    published(page, draft, "A row more.")
    expect(page.locator(".hash").first).to_contain_text("sha256:")
    page.goto("rulebooks/licences-30/history")
    page.get_by_role("link", name="Make this the active release again, Release 1").click()
    expect(page.locator("main")).to_contain_text("Cases that change")
    page.get_by_label("Why").fill("It was wrong.")
    page.get_by_role("button", name="Make it active").click()
    said(page, "This release is active again.")
    page.goto("rulebooks/licences-30/history")
    page.get_by_role("button", name="Bring back as a draft, Release 2").click()
    said(page, "The draft was started.")
