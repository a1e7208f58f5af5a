"""Comments on rows in a real browser, and the pages that read cells back: nothing that keeps anybody out."""

from playwright.sync_api import expect

from tests.browser.test_grid import keeps_nobody_out, save_row


def test_a_row_is_commented_from_the_grid_and_told_in_the_review(page, draft):
    page.goto(f"{draft}/tables/fee")
    page.locator('#rows tr[data-id="R2"] td').first.click()
    expect(page.locator("#bar")).to_contain_text("(R2)")
    page.locator("#bar").get_by_role("link", name="Comments").click()
    page.get_by_role("textbox", name="Comment on Row R2").fill("Which article?")
    page.get_by_role("button", name="Save the comment").click()
    expect(page.get_by_role("complementary", name="Comments on row R2")).to_contain_text("Which article?")
    expect(page.get_by_role("link", name="1 comment on row R2")).to_be_visible()
    expect(page.locator("#bar .clause")).to_be_visible()
    keeps_nobody_out(page)
    page.goto(f"{draft}/rule?table=fee&rule=R3")
    page.locator("[name='output.fee']").fill("30")
    save_row(page)
    for path in (f"{draft}/review", f"{draft}/compare"):
        page.goto(path)
        expect(page.get_by_text("Reads now: fee is 30")).to_be_visible()
        keeps_nobody_out(page)
    page.goto(f"{draft}/why?query=all&fact.age=30&fact.resident=false")
    expect(page.get_by_text("the rule asks: age is at least 18 years").first).to_be_visible()
    keeps_nobody_out(page)
