"""What goes wrong around a grid, in a real browser: odd clipboards, others' hands, sessions and networks that end."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD
from tests.browser.test_grid import Grid, begun, stored


@pytest.fixture
def table(page):
    return begun(page, "licences-30") + "/tables/licence"


@pytest.fixture
def grid(page, table):
    return Grid(page, table)


@pytest.fixture
def other(window, table):
    """The same draft in another window."""
    return Grid(window(), table)


def pasted(page, **forms):
    """Pastes a clipboard that has these forms."""
    page.evaluate(
        """forms => {
          const data = new DataTransfer();
          for (const [form, text] of Object.entries(forms)) data.setData(`text/${form}`, text);
          const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
          document.activeElement.dispatchEvent(event);
        }""",
        forms,
    )


def focus(page):
    return page.evaluate("document.activeElement.tagName")


def without_column(page, table, heading):
    """Deletes a column on its page."""
    page.goto(table.replace("/tables/licence", "/columns?table=licence"))
    page.get_by_role("link", name=f"Delete {heading}").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")


def test_a_clipboard_without_text_leaves_the_cells_alone_and_says_so(grid, page):
    before = grid.texts("R1")
    grid.cell("R1", 0).click()
    pasted(page)
    expect(page.locator("#toasts")).to_contain_text("Nothing on the clipboard is text.")
    assert grid.texts("R1") == before


def test_a_table_that_is_on_the_clipboard_as_html_alone_is_pasted(grid, page):
    grid.cell("R1", 0).click()
    pasted(
        page,
        html='<style>td {color: red}</style><table><tr><td>"BE", "FR"</td><td>&gt;=&nbsp;21</td></tr>'
        '<tr><td colspan=2>"NL"</td><td>"credit"</td></tr></table>',
    )
    grid.saved()
    assert grid.texts("R1", 2) == ['"BE", "FR"', ">= 21"]
    assert grid.texts("R2") == ['"NL"', "", '"credit"']


def test_paragraphs_in_a_cell_of_a_word_processor_stay_in_that_cell(grid, page):
    grid.cell("R1", 8).click()
    row = """<tr><td style='width:3cm;mso-x:"y"'><p class=MsoNormal style="margin:0">Article 4,
        first</p><p class=MsoNormal>and second</p></td><td><p>“x”</p></td></tr>"""
    head = '<meta name=Generator content="Microsoft Word 15"><style>p {margin: 0}</style>'
    pasted(
        page,
        plain="Article 4, first\nand second\t“x”\n" * 2,
        html=f"<html><head>{head}</head><body><table>{row * 2}</table></body></html>",
    )
    grid.saved()
    for at in ("R1", "R2"):
        assert grid.texts(at, 10)[8:] == ["Article 4, first\nand second", "“x”"]
    assert "article 3" in grid.texts("R3", 9)[8]


WORD = (
    '<html xmlns:w="urn:schemas-microsoft-com:office:word"><meta name=Generator content="Microsoft Word 15">'
)
EXCEL = '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><meta name=ProgId content=Excel.Sheet>'


@pytest.mark.parametrize(
    ("plain", "html", "cells"),
    [
        (  # what was deleted under tracked changes, and marks of footnotes and remarks, are no text
            "x",
            WORD + "<table><tr><td><p>Article <del>7</del><ins>8</ins><a href='#_ftn1'><span "
            "class=MsoFootnoteReference>[1]</span></a></p></td><td><p>b<a href='#_msocom_1'>[A1]</a></p></td></tr>"
            "</table><div><p>[1] a note</p></div>",
            [["Article 8", "b"]],
        ),
        (
            "x",
            WORD + "<table><tr><td><p>a</p><table><tr><td><p>in</p></td></tr></table></td></tr></table>",
            [["a\nin"]],
        ),
        (
            "x",
            WORD
            + "<table><tr><td><p>\u00b7<span>&nbsp;&nbsp; </span>one</p><p>\u00b7&nbsp; two</p></td></tr></table>",
            [["- one\n- two"]],
        ),
        (
            "x",
            WORD
            + "<table><tr><td rowspan=2><p>a</p></td><td><p>b</p></td></tr><tr><td><p>c</p></td></tr></table>",
            [["a", "b"], ["", "c"]],
        ),
        (
            "a\nb",
            WORD + "<table><tr><td><p>a</p></td></tr></table><table><tr><td><p>b</p></td></tr></table>",
            [["a"], ["b"]],
        ),
        (
            '"a\nb"\t1.250,50',
            EXCEL + "<table><tr><td>a<br>b</td><td>1.250,5</td></tr></table>",
            [["a\nb", "1.250,50"]],
        ),
        (
            "a\nb\tc",
            "<table><tr><td>a<br>b</td><td>c</td></tr></table>",
            [["a\nb", "c"]],
        ),  # a page of the web
        (
            "a\nb",
            '<b id="docs-internal-guid-1"><table><tr><td><p>a</p></td><td><p>b</p></td></tr></table></b>',
            [["a", "b"]],
        ),
        ('"a\nb"\t"""BE"""', '<table><tr><td>a b</td><td>"BE"</td></tr></table>', [["a\nb", '"BE"']]),
        ("hello", WORD + "<p>hello</p>", [["hello"]]),
    ],
)
def test_what_documents_pages_and_spreadsheets_put_on_the_clipboard_is_read_as_its_author_sees_it(
    page, plain, html, cells
):
    page.goto("rulebooks/fees")
    module = page.url.split("rulebooks")[0] + "static/clipboard.js"
    read = """async ([module, plain, html]) => {
        const {pasted} = await import(module), data = new DataTransfer();
        data.setData("text/plain", plain);
        data.setData("text/html", html);
        return pasted(data);
    }"""
    assert page.evaluate(read, [module, plain, html]) == cells


def test_columns_of_a_paste_that_find_no_place_are_told(grid, page):
    grid.cell("R1", 10).click()
    grid.paste("2026-01-01\t2026-12-31\tmore\tand more")
    expect(page.locator("#toasts")).to_contain_text("no columns left for them: 2 columns")
    grid.saved()


def test_half_a_character_is_no_reason_not_to_save(grid, page):
    grid.cell("R1", 8).click()
    pasted(page, plain="half \ud83d of it")
    grid.saved()
    expect(grid.cell("R1", 8)).to_have_text("half \ufffd of it")


def test_a_paste_that_changes_nothing_does_not_make_the_next_cell_a_pasted_one(grid):
    grid.cell("R1", 3).click()
    grid.paste(grid.texts("R1", 4)[3])
    grid.cell("R2", 7).click()
    grid.write("1.234,50")
    grid.saved()
    expect(grid.cell("R2", 7)).to_have_text("1.234,50")


def test_a_paste_of_more_text_than_is_taken_at_once_is_saved_in_parts(grid, page, table):
    grid.cell("R1", 9).click()
    pasted(page, plain="\n".join([f"{number} " + "é" * 3_000 for number in range(400)]))
    expect(page.locator("#rows tr")).to_have_count(400)
    grid.saved()
    page.goto(table)
    assert [text[:4] for text in page.locator("#rows td:nth-child(11)").all_text_contents()][-1] == "399 "


def test_more_text_than_an_address_holds_is_typed_and_saved(grid, page, table):
    grid.cell("R1", 9).click()
    grid.press("F2", "Control+A")
    page.keyboard.insert_text("x" * 90_000)
    grid.press("Tab")
    grid.saved()
    assert len(stored(page, table, "R1")[9]) == 90_000


def test_all_rows_are_deleted_brought_back_and_pasted_anew_by_keyboard_alone(grid, page):
    grid.cell("R1", 0).click()
    grid.press("Control+A", "Control+Delete")
    expect(page.locator("#rows tr")).to_have_count(0)
    grid.saved()
    grid.press("F8", "ArrowDown", "Delete", "Control+D", "Enter", "Control+Z")
    expect(page.locator("#rows tr")).to_have_count(30)
    assert focus(page) == "TD"
    grid.saved()
    grid.press("Control+A", "Control+Delete")
    grid.saved()
    grid.press("Tab")
    assert page.evaluate("document.activeElement.id") != "frame", "an empty grid is no trap"
    page.reload()
    grid.paste('"BE"\t>= 18\n"FR"\t>= 21')
    grid.saved()
    expect(page.locator("#rows tr")).to_have_count(2)
    assert focus(page) == "TD"


def test_a_column_that_somebody_deletes_takes_no_row_along(page, other, table):
    other.page.clock.install()
    without_column(page, table, "Age of manager")
    other.cell("R1", 1).click()
    other.write("> 77")
    other.page.clock.run_for(300)
    expect(other.page.locator("#conflict")).to_contain_text("Yours: > 77")
    expect(other.page.get_by_role("button", name="Keep mine")).to_be_hidden()
    other.page.get_by_role("button", name="Take theirs").click()
    expect(other.page.locator("#saved")).to_contain_text("The columns of this table were changed")
    expect(other.page.locator("#rows tr")).to_have_count(30)
    other.cell("R2", 0).click()
    other.write('"LU"')
    other.page.clock.run_for(300)
    expect(other.page.locator("#saved")).to_contain_text("The columns of this table were changed")
    assert stored(page, table, "R2")[0] == '"LU"'
    assert len(stored(page, table, "R1")) == 11


def test_rows_pasted_into_a_column_that_somebody_deletes_are_kept_in_their_other_columns(page, other, table):
    other.page.clock.install()
    without_column(page, table, "Age of manager")
    other.cell("R30", 0).click()
    other.paste('"BE"\t>= 18\n"NL"\t>= 21\n"LU"\t>= 23')
    other.page.clock.run_for(300)
    expect(other.page.locator("#conflict")).to_contain_text(">= 18\n>= 21\n>= 23")
    other.page.clock.run_for(300)
    other.page.get_by_role("button", name="Take theirs").click()
    expect(other.page.locator("#conflict")).to_be_empty()
    expect(other.page.locator("#saved")).to_contain_text("The columns of this table were changed")
    assert stored(page, table, "R30")[0] == '"BE"'
    assert stored(page, table, "R32")[0] == '"LU"'


def test_the_focus_stays_in_the_grid_when_somebody_deletes_its_row(grid, other):
    other.cell("R2", 1).click()
    grid.cell("R2", 1).click()
    grid.press("Control+Delete")
    grid.saved()
    expect(other.page.locator("#rows tr")).to_have_count(29)
    assert focus(other.page) == "TD"
    other.write("> 5")
    other.saved()
    assert other.texts("R3")[1] == "> 5"


def test_who_leaves_a_cell_as_it_was_sees_what_became_of_it(grid, other):
    other.cell("R1", 1).click()
    other.page.keyboard.type("> 77")
    grid.cell("R1", 1).click()
    grid.write("> 41")
    grid.saved()
    expect(other.page.locator("#here")).to_be_attached()
    with other.page.expect_response(lambda answer: "/news?" in answer.url and "rows" in answer.json()):
        pass
    other.press("Escape")
    expect(other.cell("R1", 1)).to_have_text("> 41")


def test_a_link_waits_until_what_was_typed_is_saved(grid, page, table):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    grid.cell("R1", 1).click()
    page.keyboard.type("> 77")
    page.get_by_role("link", name="Columns").click()
    page.wait_for_url("**/columns**")
    assert asked == []
    assert stored(page, table, "R1")[1] == "> 77"


def test_what_is_being_typed_is_saved_though_the_page_is_loaded_again(grid, page, table):
    page.on("dialog", lambda dialog: dialog.accept())
    grid.cell("R1", 1).click()
    page.keyboard.type("> 77")
    page.reload()
    assert stored(page, table, "R1")[1] == "> 77"


def test_who_signs_in_again_in_another_window_goes_on_where_they_were(browser, site, session, table):
    context = browser.new_context(base_url=site.at, storage_state=session)
    grid = Grid(context.new_page(), table)
    context.clear_cookies()
    grid.cell("R1", 1).click()
    grid.write("> 77")
    expect(grid.page.locator("#saved")).to_contain_text("sign in again in another window")
    page = context.new_page()
    page.goto(table)
    page.get_by_label("Login").fill(site.first.login)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#grid")).to_be_visible()
    expect(grid.page.locator("#saved")).to_have_text("All changes saved")
    assert stored(page, table, "R1")[1] == "> 77"
    context.close()


def test_an_answer_that_is_lost_on_its_way_makes_no_row_twice(grid, page, table, browser, site, session):
    context = browser.new_context(base_url=site.at, storage_state=session)
    grid = Grid(context.new_page(), table)
    lost = []

    def on_its_way(route):
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    grid.page.route("**/ops?**", on_its_way)
    grid.cell("R1", 0).click()
    grid.press("Insert")
    expect(grid.page.locator("#saved")).to_contain_text("Not saved yet")
    grid.write('"FR"')
    grid.saved()
    assert lost == [200]
    page.goto(table)
    expect(page.locator("#rows tr")).to_have_count(31)
    context.close()


def test_what_composes_a_character_goes_on_in_the_cell_and_its_keys_are_its_own(grid, page):
    composing = """([key, isComposing]) => document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", { key, isComposing, bubbles: true, cancelable: true }))"""
    grid.cell("R1", 8).click()
    page.evaluate(composing, ["Process", True])
    assert focus(page) == "TEXTAREA"
    page.keyboard.insert_text("法")
    page.evaluate(composing, ["Enter", True])
    assert focus(page) == "TEXTAREA", "Enter ends the composition, not the cell"
    grid.press("Enter")
    grid.saved()
    expect(grid.cell("R1", 8)).to_have_text("法")


def test_a_row_whose_number_has_many_digits_is_copied_twice(grid, page):
    long = "R99007199254740993"
    page.evaluate(
        """row => { const { editable, csrf } = document.getElementById("grid").dataset; return fetch(editable, {
          method: "POST", headers: { "x-csrf": csrf }, body: JSON.stringify(
            { seen: 1, ops: [{ t: "add", row, after: "R1" }] }),
        }); }""",
        long,
    )
    page.reload()
    for _ in range(2):
        grid.cell(long, 0).click()
        grid.press("Control+Shift+D")
    grid.saved()
    assert grid.ids[1:4] == [long, "R99007199254740995", "R99007199254740994"]


def test_undoing_what_somebody_changed_since_says_why_it_is_not_undone(grid, page, other):
    grid.cell("R1", 1).click()
    grid.write("> 77")
    grid.saved()
    expect(other.cell("R1", 1)).to_have_text("> 77")
    other.cell("R1", 1).click()
    other.write("> 78")
    other.saved()
    expect(grid.cell("R1", 1)).to_have_text("> 78")
    grid.press("Control+Z")
    expect(page.locator("#toasts")).to_contain_text("Not taken back: somebody changed the same texts since.")
    expect(grid.cell("R1", 1)).to_have_text("> 78")


def test_who_reads_a_draft_that_somebody_discards_is_told_before_anything_is_typed(
    page, table, browser, site, session
):
    context = browser.new_context(base_url=site.at, storage_state=session)
    grid, asked = Grid(context.new_page(), table), []
    page.goto(table.split("/tables/")[0] + "/discard")
    page.get_by_role("button", name="Discard").click()
    page.wait_for_url("**done=discarded**")
    expect(grid.page.locator("#saved")).to_contain_text("Nothing can be changed here any more")
    grid.page.on("request", lambda request: asked.append(request.url) if "/news?" in request.url else None)
    grid.cell("R1", 1).click()
    grid.write("> 77")
    expect(grid.page.locator("#saved")).to_have_text("Not saved: This draft was discarded.")
    assert asked == []
    context.close()
