"""Undoing, in a real browser: columns by one key beside cells, and any save of a draft, also when others came since."""

from playwright.sync_api import expect

from tests.browser.test_grid import keeps_nobody_out, save_row

# Of a page whose script runs: a key before that does nothing.
R2 = 'html.script #rows tr[data-id="R2"]'


def heads(page):
    expect(page.locator("html.script")).to_be_attached()
    return page.locator("#grid th[data-name] .label").all_inner_texts()


def test_columns_and_cells_are_undone_and_redone_by_one_key_in_their_order(page, draft):
    page.goto(f"{draft}/tables/fee")
    before = heads(page)
    page.locator(f"{R2} td").first.click()
    page.keyboard.type(">= 21")
    page.keyboard.press("Enter")
    expect(page.locator("#saved")).to_have_text("All changes saved")
    page.get_by_role("link", name="Columns").click()
    page.get_by_label("Heading").fill("Explanation")
    page.get_by_label("Heading").press("Enter")
    page.get_by_role("link", name="Delete resident").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    page.get_by_role("link", name="Back to the table").click()
    changed = heads(page)
    assert "Explanation" in changed
    assert "resident" not in changed
    cell = page.locator(f"{R2} td").first
    cell.click()
    # The last first: the deleted column, the column of notes, the cell.
    page.keyboard.press("Control+z")
    expect(page.get_by_role("status").first).to_contain_text("Undone.")
    assert "resident" in heads(page)
    cell.click()
    page.keyboard.press("Control+z")
    expect(page.locator("#grid th[data-name] .label", has_text="Explanation")).to_have_count(0)
    assert heads(page) == before
    cell.click()
    page.keyboard.press("Control+z")
    expect(cell).not_to_have_text(">= 21")
    page.keyboard.press("Control+y")
    expect(cell).to_have_text(">= 21")
    expect(page.locator("#saved")).to_have_text("All changes saved")
    for _ in range(2):
        cell.click()
        page.keyboard.press("Control+y")
        page.wait_for_url("**way=redo**")
        expect(page.get_by_role("status").first).to_contain_text("Undone.")
    assert heads(page) == changed
    expect(page.locator('.tools [data-do="redo"]')).to_be_disabled()
    # A page that is loaded again remembers nothing twice.
    page.reload()
    cell.click()
    page.keyboard.press("Control+z")
    expect(page.locator("#grid th[data-name] .label", has_text="resident")).to_have_count(1)


def test_yesterdays_mistake_in_a_draft_is_undone_by_three_clicks(page, draft):
    for row, text in (("R2", "99"), ("R3", "30")):
        page.goto(f"{draft}/rule?table=fee&rule={row}")
        page.locator("[name='output.fee']").fill(text)
        save_row(page)
    key = draft.split("/")[-1]
    page.goto("rulebooks/fees")
    page.locator(f"a[href$='{key}']").first.click()
    page.get_by_role("link", name="Changes").click()
    expect(page.locator("#change-2")).to_be_visible()
    keeps_nobody_out(page)
    page.locator("#change-2").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Undone.")
    expect(page.locator("#change-4")).to_contain_text("undoes an earlier change")
    page.goto(f"{draft}/tables/fee")
    expect(page.locator('#rows tr[data-id="R2"]')).not_to_contain_text("99")
    expect(page.locator('#rows tr[data-id="R3"]')).to_contain_text("30")


def test_what_was_written_since_is_shown_before_it_would_be_lost(page, draft):
    for text in ("12", "13"):
        page.goto(f"{draft}/rule?table=fee&rule=R2")
        page.locator("[name='output.fee']").fill(text)
        save_row(page)
    page.goto(f"{draft}/changes")
    page.locator("#change-2").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("alert")).to_contain_text("nothing was undone")
    expect(page.get_by_role("alert")).to_contain_text("13")
    keeps_nobody_out(page)
    page.get_by_role("button", name="Undo the rest, and leave these").click()
    expect(page.get_by_role("status")).to_contain_text("There was nothing else to undo")
    page.goto(f"{draft}/tables/fee")
    expect(page.locator('#rows tr[data-id="R2"]')).to_contain_text("13")


def test_a_column_is_told_what_it_is_about_and_what_stands_above_it(page, draft):
    page.goto(f"{draft}/columns?table=fee")
    page.get_by_role("link", name="Change age").click()
    page.get_by_label("Heading in English").fill("How old")
    page.get_by_label("Fact, or an expression").fill("agee + 1")
    page.get_by_role("button", name="Save the column").click()
    expect(page.locator(".notice.error")).to_contain_text("agee")
    keeps_nobody_out(page)
    page.get_by_label("Fact, or an expression").fill("age + 1")
    page.get_by_role("button", name="Save the column").click()
    expect(page.get_by_role("row", name="How old")).to_contain_text("age + 1")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Undone.")
    page.get_by_role("link", name="Change How old").click()
    expect(page.get_by_label("Fact, or an expression")).to_have_value("agee + 1")
