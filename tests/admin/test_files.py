"""Files on the pages: nothing is kept before it was seen, and what is kept is what was seen."""

import io
from pathlib import Path
from urllib.parse import urlsplit

import openpyxl
import pytest

from decision_tables.formats import Format, read, write
from decision_tables.rulebook import document_of
from tests.service.fees import FEES, with_fee

MODELS = Path(__file__).parents[1] / "formats" / "models"
PARKING = [(name, (MODELS / name).read_bytes()) for name in ("parking.dmn", "tariff.dmn")]
DISH = (MODELS / "dish.dmn").read_bytes()


def as_json(book):
    return write(book, Format.JSON).data


def seen_at(person):
    """The action of the form on the page of what was brought."""
    return urlsplit(person.at).path


@pytest.fixture
def sends():
    """Fills the form for files of the page that is open, and sends it."""

    async def sends(person, *files, **fields):
        form = person.page.form("import")
        sent = dict(form.filled(fields))
        parts = [("files", (name, data, "application/octet-stream")) for name, data in files]
        return person._see(await person.client.post(form.action, data=sent, files=parts))

    return sends


async def test_models_become_a_draft_of_a_new_rulebook_once_they_were_seen(editor, sends, desk):
    await editor.open("")
    await editor.follow("Bring in a rulebook from a file")
    await sends(editor, *PARKING)
    assert "It is a new rulebook." in editor.page.text
    assert "1 table, 2 rows, 1 formula, 3 facts, 0 cases" in editor.page.text
    assert [head.key for head in await desk.store.rulebooks()] == ["fees"], "seen, and not kept"
    await editor.send(seen_at(editor), do="keep", title="From Drools")
    assert "What the file says is kept in this draft" in editor.page.text
    (draft,) = await desk.store.drafts("parking-permit")
    assert (draft.title, draft.author, draft.base_release) == ("From Drools", "editor1", None)
    kept = (await desk.store.draft(draft.id)).document
    assert kept == document_of(read(dict(PARKING)).rulebook)


async def test_what_a_file_changes_is_told_rule_by_rule_and_kept_as_seen(editor, sends, desk):
    await editor.open("rulebooks/fees")
    await editor.follow("Bring in a file")
    await sends(editor, ("fees.json", as_json(with_fee("5"))))
    assert "1 changed against release 1, which is active" in editor.page.text
    assert "Row R1 fee was 0 → is now 5" in editor.page.text
    assert await desk.store.drafts("fees") == []
    seen = editor.at
    await editor.send(seen_at(editor), do="keep")
    (draft,) = await desk.store.drafts("fees")
    assert (draft.base_release, draft.seen_release) == (1, 1)
    assert (await desk.store.draft(draft.id)).document == document_of(with_fee("5"))
    await editor.open(seen)
    assert editor.status == 404, "what was kept is not kept twice"


async def test_what_is_not_wanted_is_forgotten(editor, sends, desk):
    await editor.open("import")
    await sends(editor, ("dish.dmn", DISH))
    seen = editor.at
    await editor.send(seen_at(editor), do="forget")
    assert editor.page.headings == ["Rulebooks"]
    await editor.open(seen)
    assert editor.status == 404
    assert [head.key for head in await desk.store.rulebooks()] == ["fees"]


async def test_a_file_into_a_draft_changes_that_draft(editor, draft, sends, desk):
    await editor.open(draft)
    await editor.follow("Bring in a file")
    await sends(editor, ("fees.json", as_json(with_fee("7"))))
    assert "against what the draft says now" in editor.page.text
    await editor.send(seen_at(editor), do="keep")
    (kept,) = await desk.store.drafts("fees")
    assert kept.revision == 2
    assert (await desk.store.draft(kept.id)).document == document_of(with_fee("7"))
    (line,) = [one for one in await desk.store.audit("fees") if one.action == "draft/imported"]
    assert line.detail["files"] == ["fees.json"]


async def test_what_changed_since_it_was_seen_is_shown_again_before_anything_is_kept(
    editor, draft, sends, desk
):
    await editor.open(f"{draft}/import")
    await sends(editor, ("fees.json", as_json(with_fee("7"))))
    head = (await desk.store.drafts("fees"))[0]
    await desk.publishing.edit(head.id, head.revision, "other", lambda _: with_fee("9"))
    await editor.send(seen_at(editor), do="keep")
    assert editor.status == 409
    assert "The rulebook has changed since you looked" in editor.page.text
    assert "Row R1 fee was 9 → is now 7" in editor.page.text
    assert (await desk.store.draft(head.id)).document == document_of(with_fee("9"))
    await editor.send(seen_at(editor), do="keep")
    assert (await desk.store.draft(head.id)).document == document_of(with_fee("7"))


async def test_a_release_published_meanwhile_is_seen_before_a_draft_is_made(editor, sends, desk):
    await editor.open("rulebooks/fees/import")
    await sends(editor, ("fees.json", as_json(with_fee("7"))))
    await desk.store.load_release(document_of(with_fee("8")), "other", "")
    await editor.send(seen_at(editor), do="keep", title="mine")
    assert editor.status == 409
    assert "against release 2" in editor.page.text
    assert 'value="mine"' in editor.answer.text
    await editor.send(seen_at(editor), do="keep", title="mine")
    assert (await desk.store.drafts("fees"))[0].seen_release == 2


async def test_what_cannot_be_read_is_told_with_its_place_and_nothing_is_kept(editor, sends):
    await editor.open("import")
    await sends(editor, PARKING[0])
    assert editor.status == 422
    assert "It cannot be read" in editor.page.text
    assert "import Tariff / _3E1B2C90-1111-4B7A-9D53-0B7C5E0A0001 / line 4" in editor.page.text
    assert "The model `Tariff` is imported, and was not given." in editor.page.text
    await sends(editor, ("<script>.dmn", b"<script>alert(1)</script>"))
    assert editor.status == 422
    assert "<script>" not in editor.answer.text


async def test_broken_cells_are_told_and_kept_to_be_mended(editor, sends):
    await editor.open("rulebooks/fees/import")
    await sends(editor, ("fees.json", as_json(with_fee("1 +"))))
    assert "1 error" in editor.page.text
    assert "fee / R1 / fee" in editor.page.text
    await editor.send(seen_at(editor), do="keep", title="")
    assert "Problems 1 error" in editor.page.text


async def test_without_a_file_or_with_a_key_that_is_none_the_form_says_so(editor, sends):
    await editor.open("import")
    await sends(editor)
    assert (editor.status, "Choose a file." in editor.page.text) == (422, True)
    await sends(editor, ("dish.dmn", DISH), key="../dish")
    assert editor.status == 422
    assert "A key is letters, digits" in editor.page.text
    await sends(editor, ("dish.dmn", DISH), key="menu")
    assert editor.status == 200
    assert "menu" in editor.page.text


async def test_a_key_that_exists_shows_what_would_change_in_that_rulebook(editor, sends):
    await editor.open("import")
    await sends(editor, ("fees.json", as_json(with_fee("5"))))
    assert "1 changed against release 1" in editor.page.text


async def test_too_large_a_file_gets_a_page_that_says_so(editor):
    await editor.open("import")
    form = editor.page.form("import")
    files = [("files", ("huge.dmn", b" " * (17 * 1024 * 1024)))]
    editor._see(await editor.client.post(form.action, data=dict(form.filled({})), files=files))
    assert editor.status == 413
    assert "That is more than can be sent at once" in editor.page.text


async def test_nobody_sees_what_another_one_brought(editor, staff, sends):
    await editor.open("import")
    await sends(editor, ("dish.dmn", DISH))
    other = await staff("editor")
    await other.open(editor.at)
    assert other.status == 404


async def test_readers_take_files_out_and_bring_none_in(staff):
    reader = await staff("reader")
    await reader.open("rulebooks/fees")
    assert "Bring in a file" not in reader.page.text
    await reader.open("rulebooks/fees/import")
    assert reader.status == 403
    await reader.open("rulebooks/fees/releases/1/export")
    assert reader.status == 200


async def test_a_form_of_another_site_brings_nothing_in(editor):
    files = [("files", ("dish.dmn", DISH))]
    editor._see(await editor.client.post("/admin/import", data={"csrf": "guessed"}, files=files))
    assert editor.status == 403


@pytest.mark.parametrize("form", Format)
async def test_a_release_and_a_draft_are_taken_out_as_every_kind_of_file(editor, draft, form):
    for edition, which in (("rulebooks/fees/releases/1", "1"), (draft, "draft")):
        await editor.open(edition)
        await editor.follow("Take out as a file")
        (href,) = [href for _, href in editor.page.links if href.endswith(f"/export/{form}")]
        answer = await editor.client.get(href)
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == f'attachment; filename="fees-{which}.{form.ending}"'
        again = read({"again": answer.content}, FEES).rulebook
        assert document_of(again).keys() - {"origin"} == document_of(FEES).keys()


async def test_what_other_tools_pass_over_is_said_where_a_file_is_taken_out(editor):
    await editor.open("rulebooks/fees/releases/1/export")
    assert "What other tools pass over" in editor.page.text
    assert "Other tools pass over the test cases" in editor.page.text
    await editor.open("rulebooks/fees/releases/1/export/docx")
    assert editor.status == 404


async def test_two_people_may_bring_in_the_same_new_rulebook_and_the_second_sees_it(
    editor, staff, sends, desk
):
    other = await staff("editor")
    for person in (editor, other):
        await person.open("import")
        await sends(person, ("dish.dmn", DISH))
    await editor.send(seen_at(editor), do="keep", title="one")
    await other.send(seen_at(other), do="keep", title="two")
    assert other.status == 409
    await other.send(seen_at(other), do="keep", title="two")
    assert {head.title for head in await desk.store.drafts("dish")} == {"one", "two"}


async def test_a_workbook_comes_back_with_the_cells_of_what_is_told(editor, sends, desk):
    opened = openpyxl.load_workbook(io.BytesIO(write(FEES, Format.XLSX).data))
    opened["fee"]["E13"].value = "1 +"
    opened["waiver"]["C13"].value = "plain, odd"
    data = io.BytesIO()
    opened.save(data)
    await editor.open("rulebooks/fees/import")
    await sends(editor, ("fees.xlsx", data.getvalue()))
    assert "fee!E13 fee / R1 / fee" in editor.page.text
    assert "waiver!C13" in editor.page.text
    assert "`plain, odd` is read as" in editor.page.text
    assert "Row W1" in editor.page.text
    await editor.send(seen_at(editor), do="keep")
    (draft,) = await desk.store.drafts("fees")
    assert (await desk.store.draft(draft.id)).document["tables"][2]["rules"][0]["tests"] == ['"plain", "odd"']


async def test_a_workbook_and_one_table_alone_are_taken_out(editor):
    await editor.open("rulebooks/fees/releases/1/export")
    assert "Workbook for Excel or LibreOffice" in editor.page.text
    await editor.open("rulebooks/fees/releases/1/export/xlsx")
    assert editor.answer.headers["content-disposition"] == 'attachment; filename="fees-1.xlsx"'
    assert read({"x": editor.answer.content}).rulebook == FEES
    await editor.open("rulebooks/fees/releases/1/export/csv?table=fee")
    assert editor.answer.headers["content-disposition"] == 'attachment; filename="fees-1-fee.csv"'
    assert editor.answer.text.startswith("\ufeffTable,,fee")
