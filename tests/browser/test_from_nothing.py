"""A lawyer's first rulebook in a real browser: from nothing, through every slip of the hand, to an answer."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.test_grid import Grid, keeps_nobody_out


def named(page, name):
    return page.locator(f"[name='{name}']")


def sent(page, button):
    page.get_by_role("button", name=button, exact=True).click()


@pytest.fixture
def nothing(page, request):
    """The draft of a new rulebook, of a title that no other test has."""
    title = re.sub(r"\W+", " ", request.node.name)[-40:]
    page.goto("new")
    page.get_by_label("Title", exact=True).fill(title)
    sent(page, "Make the rulebook")
    expect(page.get_by_role("status").first).to_contain_text("The rulebook was made")
    return page.url.split("?")[0]


def make_a_rulebook(page):
    page.goto("")
    page.get_by_role("link", name="New rulebook").click()
    page.get_by_label("Key of the rulebook").fill("aid for renovation!")
    page.get_by_label("Time zone").fill("Brussels")
    sent(page, "Make the rulebook")
    expect(page.locator("#key-problem")).to_contain_text("aid_for_renovation would do")
    expect(page.locator("#time_zone-problem")).to_contain_text("Did you mean")
    keeps_nobody_out(page)
    page.get_by_label("Key of the rulebook").fill("")
    page.get_by_label("Title", exact=True).fill("Aid for <renovation> & repair")
    page.get_by_label("Time zone").fill("europe/brussels")
    page.get_by_label("Dutch").check()
    sent(page, "Make the rulebook")
    expect(page.get_by_role("heading", level=1)).to_have_text("Aid for <renovation> & repair")
    draft = page.url.split("?")[0]
    assert "/rulebooks/aid_for_renovation_repair/" in draft
    return draft


def add_a_fact(page):
    page.get_by_role("link", name=re.compile("^Facts so far")).click()
    expect(page.locator("main")).to_contain_text("no facts yet")
    page.get_by_role("link", name="Add a fact", exact=True).click()
    page.get_by_label("Name in the rules").fill("household")
    page.get_by_label("Type", exact=True).select_option("string")
    page.get_by_label("Allowed values").fill('"alone", "family"')
    page.get_by_label("Question: English").fill("Who lives there?")
    sent(page, "Add the fact")


def add_a_table(page):
    page.get_by_role("link", name="Add a table").first.click()
    page.get_by_label("Title in English").fill("Amount of the aid")
    named(page, "fact.0.key").fill("amount of aid")
    named(page, "fact.0.type").select_option("number")
    page.get_by_label("household").check()
    page.get_by_text("New facts", exact=True).click()
    named(page, "fact.1.key").fill("household")
    named(page, "fact.1.question").fill("What was the income of the last twelve months?")
    sent(page, "Add the table")
    expect(page.locator("[id='fact.1.key-problem']")).to_contain_text("called so already")
    expect(page.get_by_label("household")).to_be_checked()
    named(page, "fact.1.key").fill("yearly income")
    named(page, "fact.1.type").select_option("number")
    sent(page, "Add the table")
    expect(page.get_by_role("status").first).to_contain_text("Added.")


def fill_its_rows(page, grid):
    grid.cell("R1", 0).click()
    for text in ('"family"', "<= 40000", "5000"):
        grid.write(text, "Tab")
    grid.write("Aid Act, article 1", "Enter")
    grid.saved()
    grid.press("Insert")
    expect(page.locator('#rows tr[data-id="R2"]')).to_be_attached()
    grid.cell("R2", 0).click()
    for text in ('"alone"', "<= 20000", "2500"):
        grid.write(text, "Tab")
    grid.saved()
    expect(page.locator("#checks")).to_contain_text("none")


def say_what_holds_else(page):
    page.get_by_label("Else: amount of aid").fill("0")
    sent(page, "Save settings")


def add_a_query(page):
    page.get_by_role("link", name="Add a query").first.click()
    sent(page, "Add the query")
    expect(page.locator("#goals-problem")).to_be_visible()
    expect(page.locator("#key-problem")).to_be_visible()
    page.get_by_label("Title in English").fill("Aid")
    page.get_by_label("amount of aid").check()
    sent(page, "Add the query")
    expect(page.locator("#queries")).to_be_visible()


def try_a_case_and_keep_it(page):
    page.get_by_role("link", name="Try a case").click()
    expect(page.locator("#questions")).to_contain_text("Next question")
    named(page, "fact.household").select_option('"family"')
    sent(page, "Answer")
    named(page, "fact.yearly income").fill("30000")
    sent(page, "Answer")
    expect(page.locator("#answer")).to_contain_text("5000")
    expect(page.locator("#answer")).to_contain_text("Aid Act, article 1")
    keeps_nobody_out(page)
    page.get_by_role("link", name="Save as a test case").click()
    page.get_by_label("What it shows, in a sentence of law").fill(
        "A family of modest income gets the full aid"
    )
    sent(page, "Save the test case")
    expect(page.get_by_role("status").first).to_contain_text("The test case was saved.")


def test_a_first_rulebook_is_made_tried_published_and_asked(page, site):
    draft = make_a_rulebook(page)
    add_a_fact(page)
    page.goto(draft)
    add_a_table(page)
    fill_its_rows(page, Grid(page, page.url))
    page.goto(f"{draft}/settings?table=amount_of_the_aid")
    say_what_holds_else(page)
    page.goto(draft)
    add_a_query(page)
    try_a_case_and_keep_it(page)
    page.get_by_role("link", name="Publish").click()
    page.get_by_label("What changes, and why").fill("The Aid Act")
    sent(page, "Publish")
    expect(page.get_by_role("status").first).to_contain_text("Published: this release is active now.")

    facts = {"household": "alone", "yearly income": 15000}
    asked = {"rulebook": "aid_for_renovation_repair", "facts": facts}
    answer = httpx.post(site.at.replace("/admin/", "/decide"), json=asked)
    assert answer.status_code == 200, answer.text
    assert answer.json()["conclusions"] == {"amount of aid": 2500}


def test_nothing_keeps_anybody_out_of_an_empty_rulebook_and_each_page_says_what_is_next(page, nothing):
    for path, said in (
        ("", "Add a table"),
        ("/facts", "Add a fact"),
        ("/map", "Add a table"),
        ("/try", "Add a table"),
        ("/cases", "Try one, and save it as a test case"),
        ("/publish", "Add a table"),
        ("/table/new", ""),
        ("/formula/new", ""),
        ("/function/new", ""),
        ("/query", "Add a table"),
        ("/service", "Add a table"),
        ("/properties", ""),
        ("/review", ""),
        ("/findings", ""),
        ("/tests", ""),
    ):
        page.goto(nothing + path)
        if said:
            expect(page.locator("main").get_by_role("link", name=said).first).to_be_visible()
        keeps_nobody_out(page)
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{nothing}/table/new")
        sent(page, "Add the table")
        keeps_nobody_out(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_table_without_columns_or_rows_says_how_to_get_them(page, nothing):
    page.goto(f"{nothing}/table/new")
    page.get_by_label("Title in English").fill("T")
    named(page, "fact.0.key").fill("outcome")
    sent(page, "Add the table")
    page.wait_for_url("**/tables/**")
    table = page.url.split("?")[0]
    page.goto(f"{nothing}/delete?table=t&rule=R1")
    page.locator("form .danger").click()
    expect(page.locator("#bar")).to_contain_text("This table has no rows yet.")
    page.locator("#bar").get_by_role("link", name="Add a row").click()
    expect(named(page, "id")).to_have_value("R1")
    page.goto(f"{nothing}/columns?table=t&delete=outcome")
    page.locator("form .danger").click()
    page.wait_for_url(lambda url: "delete=" not in url)
    page.goto(table)
    expect(page.locator("#bar")).to_contain_text("This table has no columns yet.")
    page.locator("#bar").get_by_role("link", name="Add a column").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Columns of")
    keeps_nobody_out(page)
