"""The vocabulary in a real browser: from a misspelt name to a fact, and nothing that keeps anybody out."""

from playwright.sync_api import expect

from tests.browser.test_grid import keeps_nobody_out


def test_a_name_that_nothing_has_becomes_a_fact_and_gets_another_name(page, draft):
    page.goto(f"{draft}/rule?table=fee&rule=R3")
    page.locator("[name='output.fee']").fill("base_fee * 2")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Add “base_fee” to the vocabulary").click()
    expect(page.get_by_label("Name in the rules")).to_have_value("base_fee")
    page.get_by_label("Type", exact=True).select_option("number")
    page.get_by_role("button", name="Add the fact").click()
    expect(page.locator("[name='output.fee']")).to_have_value("base_fee * 2")
    expect(page.locator("[aria-invalid]")).to_have_count(0)
    page.goto(f"{draft}/fact?fact=base_fee")
    page.get_by_label("New name").fill("tariff")
    page.get_by_role("button", name="Rename …").click()
    expect(page.locator("ins")).to_have_text("tariff * 2")
    page.get_by_role("button", name="Rename everywhere").click()
    expect(page.get_by_role("status")).to_contain_text("The fact was renamed")
    page.goto(f"{draft}/tables/fee")
    expect(page.locator("#row-R3")).to_contain_text("tariff * 2")
    page.get_by_role("link", name="age", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("age")


def test_nothing_keeps_anybody_out_of_the_vocabulary(page, draft):
    page.goto(f"{draft}/fact?fact=kind")
    page.get_by_label("or another type").fill("strnig")
    page.get_by_role("button", name="Save the fact").click()
    expect(page.locator("#type-marks")).to_contain_text("Did you mean")
    keeps_nobody_out(page)
    page.goto(f"{draft}/type")
    page.get_by_label("Name in the rules").fill("number")
    page.get_by_role("button", name="Add the type").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a type of that name already.")
    keeps_nobody_out(page)
    for path in ("facts", "fact", "fact/rename?fact=age&name=years", "fact/delete?fact=age", "tables/fee"):
        page.goto(f"{draft}/{path}")
        keeps_nobody_out(page)
