"""The pages in a real browser: their styles and policy hold, nothing is cut off, and a keyboard is enough."""

from playwright.sync_api import expect

from tests.browser.test_grid import save_row


def test_every_page_fits_from_phone_to_desk_in_light_and_dark(page, draft):
    release = "rulebooks/fees/releases/1"
    paths = [
        "",
        "rulebooks/fees",
        "rulebooks/fees/history",
        *(
            f"{release}{part}"
            for part in (
                "",
                "/map",
                "/map?around=fee&fact.age=3",
                "/facts",
                "/cases",
                "/tables/fee",
                "/try?query=all",
                "/try?query=all&ask=all",
                "/why?query=all&fact.age=30",
                "/case?query=all&fact.age=30",
                "/activate",
            )
        ),
        *(
            f"{draft}{part}"
            for part in (
                "",
                "/tables/waiver",
                "/tables/fee?rule=R1&cell=test.age",
                "/facts",
                "/fact",
                "/fact?fact=kind",
                "/fact/rename?fact=surcharge&name=extra",
                "/fact/delete?fact=age",
                "/fact/delete?fact=born",
                "/type",
                "/tables/fee?rule=R1&comments=1",
                "/columns?table=fee",
                "/columns?table=fee&delete=age",
                "/rule?table=waiver&rule=W2",
                "/rule?table=fee",
                "/settings?table=fee",
                "/delete?table=fee&rule=R1",
                "/formula?formula=clock",
                "/problems",
                "/compare",
                "/review",
                "/map",
                "/publish",
                "/discard",
            )
        ),
        *("audit", "accounts", "keys", "password"),
    ]
    for width, scheme in ((360, "light"), (1440, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        for path in paths:
            answer = page.goto(path)
            assert answer.status == 200, path
            too_wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert too_wide <= 0, f"{path} is {too_wide} px too wide at {width} px"
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (sum(map(int, ground[4:-1].split(","))) < 200) == (scheme == "dark"), (path, ground)


def test_a_row_is_broken_mended_and_published_by_keyboard_alone(page, draft):
    page.goto(f"{draft}/rule?table=fee&rule=R3")
    text = page.locator("[name='output.fee']")
    text.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("thirty")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    expect(text).to_have_attribute("aria-invalid", "true")
    expect(text).to_have_value("thirty")
    page.goto(f"{draft}/rule?table=fee&rule=R3")
    text.fill("30")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tables/fee?**")
    page.goto(draft)
    page.get_by_role("link", name="Publish").click()
    page.get_by_label("What changes, and why").fill("Fees go up.")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("this release is active now")


def test_a_citizen_is_answered_question_by_question_and_the_reason_is_printed(page):
    page.goto("rulebooks/fees/releases/1/try")
    page.get_by_label("How old?").fill("30")
    page.keyboard.press("Enter")
    page.get_by_role("group", name="Resident?").get_by_label("no", exact=True).check()
    page.get_by_role("button", name="Answer", exact=True).first.click()
    expect(page.get_by_role("status")).to_have_text("Everything asked is answered.")
    expect(page.get_by_label("age")).to_have_value("30")
    expect(page.get_by_text("25.50").first).to_be_visible()
    page.get_by_role("link", name="Why?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Why this is the answer")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_text("Hash", exact=True)).to_be_visible()
    narrow = page.evaluate(
        "[...document.querySelectorAll('main *:not(.visually-hidden)')].filter(e => e.scrollWidth > e.clientWidth + 1"
        " && getComputedStyle(e).overflowX === 'hidden').length"
    )
    assert narrow == 0, "nothing is cut off on paper"


def test_a_change_is_compared_seen_commented_and_approved(page, draft):
    page.goto(f"{draft}/rule?table=fee&rule=R2")
    page.locator("[name='output.fee']").fill("11")
    save_row(page)
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("region", name="fee").locator("ins")).to_contain_text("11")
    page.get_by_role("link", name="Review").click()
    page.get_by_role("button", name="Seen: Row R2").click()
    expect(page.get_by_text("✓ seen by")).to_be_visible()
    page.locator("summary", has_text="Comment").click()
    page.get_by_label("Comment on Row R2").fill("Which article?")
    page.get_by_role("button", name="Save the comment").click()
    expect(page.get_by_text("Which article?")).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("✓ approved")).to_be_visible()


def test_the_answer_follows_what_is_typed(page):
    page.goto("rulebooks/fees/releases/1/try")
    page.get_by_label("How old?").press_sequentially("17")
    expect(page.get_by_role("status")).to_have_text("Everything asked is answered.")
    expect(page.get_by_label("How old?")).to_be_focused()
    page.get_by_role("link", name="Why?").click()
    expect(page.get_by_text("Because age is 17")).to_be_visible()


def test_a_link_to_a_case_is_copied(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("rulebooks/fees/releases/1/try?fact.age=3")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    page.goto(copied)
    expect(page.get_by_label("age")).to_have_value("3")


def test_the_map_is_walked_by_keyboard(page):
    page.goto("rulebooks/fees/releases/1/map?query=fee&fact.age=3")
    box = page.locator("svg a.table").first
    box.focus()
    width = "getComputedStyle(document.activeElement.querySelector('rect')).strokeWidth"
    assert page.evaluate(width) == "4px", "one sees where one is"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("fee")


def test_the_first_stop_of_the_tab_key_skips_to_the_page(page):
    page.goto("rulebooks/fees")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "page"


def test_what_is_typed_of_a_case_stays_through_a_reload_and_the_way_back(page):
    page.goto("rulebooks/fees/releases/1/try")
    page.get_by_label("How old?").press_sequentially("17")
    expect(page.get_by_role("status")).to_have_text("Everything asked is answered.")
    expect(page.get_by_role("button", name="Copy link")).to_be_visible()
    page.get_by_role("link", name="Why?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Why this is the answer")
    page.go_back()
    expect(page.get_by_role("status")).to_have_text("Everything asked is answered.")
    page.reload()
    expect(page.get_by_label("age")).to_have_value("17")


def test_what_cannot_be_read_while_it_is_typed_is_told_beside_it_and_stays(window):
    page, answered = window(), []
    page.on("response", lambda answer: answered.append(answer.status))
    page.goto("rulebooks/fees/releases/1/try")
    page.get_by_label("How old?").press_sequentially("old")
    expect(page.get_by_role("alert")).to_contain_text("age: ")
    assert max(answered) < 400, "half a number is no failure"
    page.reload()
    expect(page.get_by_label("age")).to_have_value("old")
