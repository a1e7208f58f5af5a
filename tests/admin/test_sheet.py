"""What the grid in the browser asks: operations are saved, merged or told to clash; cells are told in words."""

import re
from dataclasses import replace
from html import unescape

import pytest

from decision_tables.rulebook import rulebook_of
from decision_tables.table import Note
from decision_tables.vocabulary import Words
from service.editing import with_column


class Grid:
    """Somebody's grid: what its script sends and hears."""

    def __init__(self, person, draft, table="fee"):
        self.person = person
        self.path = f"/admin/{draft}"
        self.table = table
        self.seen = 1
        self.token = ""

    async def opened(self):
        await self.person.open(f"{self.path}/tables/{self.table}")
        self.token = dict(self.person.page.form("/logout").fields)["csrf"]
        return self

    async def send(self, *ops, pasted=False, token=None, batch=""):
        answer = await self.person.client.post(
            f"{self.path}/ops?table={self.table}",
            json={"seen": self.seen, "ops": ops, "pasted": pasted, "batch": batch},
            headers={"x-csrf": self.token if token is None else token},
        )
        told = answer.json()
        self.seen = told.get("rev", self.seen)
        return answer.status_code, told

    async def ask(self, what, **query):
        answer = await self.person.client.get(
            f"{self.path}/{what}", params={"table": self.table, **query}, follow_redirects=False
        )
        assert answer.status_code == 200, answer.text
        return answer.json() if "json" in answer.headers["content-type"] else answer.text


def wrote(row, name, was, text):
    return {"t": "set", "row": row, "cells": {name: [was, text]}}


@pytest.fixture
async def grid(editor, draft):
    return await Grid(editor, draft).opened()


@pytest.fixture
async def other(staff, draft):
    return await Grid(await staff("editor"), draft).opened()


async def stored(desk, draft, table="fee"):
    kept = await desk.store.draft(draft.rsplit("/", 1)[1])
    return {rule.id: rule for rule in rulebook_of(kept.document).table(table).rules}


async def test_what_is_done_in_a_grid_is_saved_and_what_is_wrong_with_it_told(grid, desk, draft):
    status, told = await grid.send(
        wrote("R3", "output.fee", "25.50", "thirty"), {"t": "add", "row": "R4", "after": "R1", "fields": {}}
    )
    assert (status, told["rev"], told["errors"]) == (200, 2, 1)
    assert told["marks"] == [["R3", "output.fee", "error", ""]]
    rules = await stored(desk, draft)
    assert list(rules) == ["R1", "R4", "R2", "R3"]
    assert rules["R3"].outputs == ("thirty",)


async def test_a_repair_comes_with_the_mark(grid):
    grid.table = "waiver"
    _, told = await grid.send(wrote("W1", "test.kind", '"plain"', "plain"))
    assert told["marks"] == [["W1", "test.kind", "error", '"plain"']]


async def test_two_grids_go_together_cell_by_cell(grid, other, desk, draft):
    await grid.send(wrote("R1", "test.age", "< 18", "< 21"))
    status, told = await other.send(wrote("R1", "note", "", "theirs"))
    assert (status, told["behind"]) == (200, True)
    rule = (await stored(desk, draft))["R1"]
    assert (rule.tests[0], rule.note) == ("< 21", "theirs")


async def test_the_same_cell_is_told_with_both_texts_and_nothing_is_saved(grid, other, desk, draft):
    await grid.send(wrote("R1", "test.age", "< 18", "< 21"))
    status, told = await other.send(wrote("R1", "test.age", "< 18", "< 16"), wrote("R2", "note", "", "x"))
    assert status == 409
    (conflict,) = told["conflicts"]
    assert (conflict["at"], conflict["mine"], conflict["theirs"]) == (0, "< 16", "< 21")
    assert (await stored(desk, draft))["R2"].note == ""
    status, _ = await other.send(wrote("R1", "test.age", "< 21", "< 16"))
    assert status == 200


async def test_a_grid_hears_what_others_saved_and_who_is_there(grid, other):
    assert (await grid.ask("news", seen=1)) == {"rev": 1, "here": []}
    assert (await other.ask("news", seen=1))["here"] == ["Editor1"]
    await other.send(wrote("R1", "test.age", "< 18", "< 21"))
    told = await grid.ask("news", seen=1)
    assert (told["rev"], told["here"]) == (2, ["Editor2"])
    assert told["columns"][:3] == ["test.age", "test.resident", "output.fee"]
    assert told["rows"][0][:4] == ["R1", "< 21", "-", "0"]


@pytest.fixture
async def noted(grid, desk, draft):
    """The grid of a table that has a column of notes of its own."""
    source = Note("test", Words({"en": "Source", "nl": "Bron"}))
    await desk.publishing.edit(
        draft.rsplit("/", 1)[1],
        1,
        "ann",
        lambda book: with_column(book, "fee", source),
        action="column/added",
    )
    grid.seen = 2
    return await grid.opened()


async def test_a_note_of_the_authors_own_column_is_pasted_as_it_is_written_and_told_in_the_comparison(
    noted, other, desk, draft
):
    name = "note.test"
    said = "Bulletin “X”,\n1.250,50 - WAAR"
    status, told = await noted.send(wrote("R2", name, "", said), pasted=True)
    assert (status, told["adapted"], told["errors"]) == (200, [], 0)
    assert (await stored(desk, draft))["R2"].notes == (said,)
    told = await other.ask("news", seen=1)
    at = told["columns"].index(name)
    assert [row[at + 1] for row in told["rows"]] == ["", said, ""]
    status, told = await other.send(wrote("R2", name, "", "theirs"))
    assert (status, told["conflicts"][0]["theirs"]) == (409, said)
    assert said in unescape(await other.ask("cell", row="R2", name=name))
    page = await noted.person.open(f"{noted.path}/compare")
    assert "Row R2 Source (empty) → is now Bulletin “X”," in page.text


async def test_a_note_of_the_authors_own_column_is_changed_in_the_form_of_its_row(noted, desk, draft):
    await noted.person.open(f"{draft}/rule?table=fee&rule=R2")
    assert "Source" in noted.person.page.text
    await noted.person.send("/rule", note__test="says “so”")
    assert (await stored(desk, draft))["R2"].notes == ("says “so”",)


async def test_operations_of_another_session_of_a_reader_or_of_no_shape_are_refused(grid, staff, desk, draft):
    status, told = await grid.send(wrote("R1", "note", "", "x"), token="x" * 43)
    assert (status, "problem" in told) == (403, True)
    status, told = await grid.send({"t": "twist", "row": "R1"})
    assert (status, "problem" in told) == (400, True)
    grid.table = "none"
    assert (await grid.send(wrote("R1", "note", "", "x")))[0] == 404
    reader = Grid(await staff("reader"), draft)
    await reader.person.open("rulebooks/fees")
    reader.token = dict(reader.person.page.form("/logout").fields)["csrf"]
    assert (await reader.send(wrote("R1", "note", "", "x")))[0] == 403
    assert (await desk.store.draft_head(draft.rsplit("/", 1)[1])).revision == 1


async def test_what_a_spreadsheet_pastes_is_adapted_by_the_type_of_the_column_and_told(grid, desk, draft):
    status, told = await grid.send(
        wrote("R1", "output.fee", "0", "1.250,50"),
        wrote("R2", "output.fee", "10", "1.250"),
        wrote("R2", "test.resident", "true", "WAAR"),
        wrote("R3", "valid.start", "", "1/07/2025"),
        pasted=True,
    )
    assert status == 200
    assert told["adapted"] == [["1.250,50", "1250.50"], ["WAAR", "true"], ["1/07/2025", "2025-07-01"]]
    assert told["doubtful"] == [["R2", "output.fee"]]
    assert ["R1", "output.fee", "1250.50"] in told["texts"]
    rules = await stored(desk, draft)
    assert (rules["R1"].outputs, rules["R3"].valid.start) == (("1250.50",), "2025-07-01")


async def test_what_is_typed_is_not_adapted_but_for_quotation_marks_and_dashes(grid):
    _, told = await grid.send(
        wrote("R1", "output.fee", "0", "1.250,50"), wrote("R2", "test.age", ">= 18", "\N{EN DASH}")
    )
    assert told["adapted"] == []
    assert told["texts"] == [["R2", "test.age", "-"]]


async def test_a_day_is_typed_as_people_write_it_and_kept_as_the_rules_have_it(grid, desk, draft):
    _, told = await grid.send(
        wrote("R1", "valid.start", "", "1/07/2025"), wrote("R2", "valid.end", "", "31 december 2030")
    )
    assert told["adapted"] == []
    assert told["texts"] == [["R1", "valid.start", "2025-07-01"], ["R2", "valid.end", "2030-12-31"]]
    assert told["errors"] == 0
    rules = await stored(desk, draft)
    assert (rules["R1"].valid.start, rules["R2"].valid.end) == ("2025-07-01", "2030-12-31")
    assert "In force from 1 July 2025" in await grid.ask("cell", row="R1", name="valid.start", text="1/7/25")


async def test_a_cell_is_told_in_words_with_its_row_as_a_sentence(grid):
    html = await grid.ask("cell", row="R2", name="test.age")
    assert "age is at least 18 years" in html
    assert "If age is at least 18 years and resident is yes, then fee is 10." in html


async def test_a_cell_that_is_being_typed_is_judged_and_its_repair_offered(grid):
    grid.table = "waiver"
    html = await grid.ask("cell", row="W1", name="test.kind", text="plain")
    assert 'data-repair="&#34;plain&#34;"' in html
    assert "Nothing is called" in html
    html = await grid.ask("cell", row="W1", name="test.kind", text='"odd"')
    assert "kind is odd" in html
    assert "Error" not in html


async def test_what_may_be_written_is_offered_by_column(grid):
    told = await grid.ask("words")
    assert told["columns"]["test.resident"] == [["true", "yes"], ["false", "no"]]
    assert ["age", ""] in told["facts"]
    assert ["contains(", ""] in told["functions"]
    grid.table = "waiver"
    assert (await grid.ask("words"))["columns"]["test.kind"] == [['"plain"', ""], ['"odd"', ""]]


async def test_rows_that_no_case_uses_are_found(grid):
    assert await grid.ask("unused") == ["R2", "R3"]
    grid.table = "papers"
    assert await grid.ask("unused") == []
    grid.table = "fee"
    await grid.send(wrote("R3", "output.fee", "25.50", "thirty"))
    assert await grid.ask("unused") == [], "cases are not run while there are errors"


async def test_the_panel_tells_what_is_wrong_with_the_table_and_leads_to_it(grid):
    await grid.send(wrote("R3", "output.fee", "25.50", "thirty"))
    html = await grid.ask("checks")
    assert 'data-row="R3" data-name="output.fee"' in html
    assert "1 error" in html


async def test_the_widths_of_columns_come_as_a_stylesheet_that_holds_nothing_else(editor):
    answer = await editor.client.get("/admin/columns.css?w=100-9999-x}y-120&o=2&n=1")
    assert answer.headers["content-type"].startswith("text/css")
    assert "--cols: var(--rule) 100px minmax(640px, 1fr) 120px;" in answer.text
    assert "x}y" not in answer.text


async def test_operations_that_are_sent_again_are_done_once_and_answered_as_they_were(
    grid, other, desk, draft
):
    row = {"t": "add", "row": "R4", "after": "R1", "fields": {"output.fee": "31"}}
    first = await grid.send(row, batch="1-0.5")
    await grid.send(wrote("R3", "output.fee", "25.50", "30"), batch="1-0.6")
    assert await grid.send(row, batch="1-0.5") == first
    assert list(await stored(desk, draft)) == ["R1", "R4", "R2", "R3"]
    await other.send(row, batch="1-0.5")  # another person's, that happens to be called the same
    assert len(await stored(desk, draft)) == 5


async def test_operations_that_were_refused_are_done_when_they_are_sent_again(grid, desk, draft):
    row = {"t": "add", "row": "R4", "after": "R1", "fields": {}}
    grid.table = "none"
    status, told = await grid.send(row, batch="1")
    assert (status, bool(told["problem"])) == (404, True)
    grid.table = "fee"
    assert (await grid.send(row, batch="1"))[0] == 200
    assert "R4" in await stored(desk, draft)


async def test_who_signs_in_again_gets_a_token_for_the_page_that_is_open_and_nobody_else_does(
    grid, staff, draft
):
    again = await Grid(await staff("editor"), draft).opened()
    answer = await again.person.client.get(f"{again.path}/tables/fee")
    login = re.search(r'data-news="[^"]*who=(\w+)', answer.text)[1]
    told = await again.ask("news", seen="1", who=login)
    assert told["csrf"] == again.token
    assert "csrf" not in await again.ask("news", seen="1", who="somebody")
    status, told = await grid.send(wrote("R3", "output.fee", "25.50", "30"), token=again.token)
    assert (status, told["code"]) == (403, "form/token")


async def test_news_of_a_closed_draft_tells_what_became_of_it_and_where_to_go_with_what_is_not_saved(
    editor, draft, desk
):
    grid = await Grid(editor, draft).opened()
    other = await desk.publishing.start_draft("fees", "ann")
    empty = await desk.publishing.start_draft("fees", "bob")
    await desk.publishing.change(
        empty.id, "bob", lambda book: replace(book, tables=()), action="table/deleted", detail={}
    )
    await desk.store.discard_draft(draft.rpartition("/")[2], "ann")
    status, told = await grid.send({"t": "set", "row": "R1", "cells": {"output.fee": ["5", "6"]}})
    assert (status, told["code"]) == (404, "draft/closed")
    closed = (await grid.ask("news", seen=1, who="editor1"))["closed"]
    assert "This draft was discarded." in closed
    assert re.findall('data-carry="([^"]+)"', closed) == [f"/admin/rulebooks/fees/drafts/{other.id}"]
    assert 'data-begin="/admin/rulebooks/fees/drafts" data-from=""' in closed
    assert (await grid.ask("news", seen=1, who="editor1"))["csrf"] == grid.token
    assert "csrf" not in await grid.ask("news", seen=1, who="somebody")
    await desk.publishing.change(
        other.id, "ann", lambda book: replace(book, note="Other."), action="rulebook/edited", detail={}
    )
    await desk.publishing.publish(other.id, 2, "ann", "A note.")
    grid.path = f"/admin/rulebooks/fees/drafts/{other.id}"
    await desk.publishing.roll_back("fees", 1, "ann", "back")
    closed = (await grid.ask("news", seen=1))["closed"]
    assert 'href="/admin/rulebooks/fees/releases/2"' in closed
    assert 'data-from="2"' in closed, "what was saved in the draft stands in its release"
