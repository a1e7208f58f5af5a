"""Reading releases: tables with their law, facts, cases; and addresses of what is not there."""

import pytest


@pytest.fixture
async def reader(staff):
    return await staff("reader")


async def test_the_shelf_leads_to_a_rulebook_and_its_active_release(reader):
    await reader.open("")
    await reader.follow("Permit fees")
    assert reader.page.headings == ["Permit fees"]
    assert "Release 1 active" in reader.page.text
    await reader.follow("Read the active release")
    assert "Unique: one row at most may apply" in reader.page.text
    assert "Collect: every row that applies adds an entry to the list" in reader.page.text
    assert "today()" in reader.page.text
    await reader.follow("fee")
    assert reader.at.endswith("/tables/fee")


async def test_a_table_is_read_with_its_law_and_what_is_not_sure(reader):
    page = await reader.open("rulebooks/fees/releases/1/tables/fee")
    for said in (
        "Fees Act, article 1",
        "verified",
        "1 January 2020",
        "contested",
        ">= 18",
        "25.50",
        "years",
    ):
        assert said in page.text
    assert "Edit" not in page.text
    page = await reader.open("rulebooks/fees/releases/1/tables/waiver")
    assert "Is it hardship?" in page.text


async def test_facts_are_read_with_question_type_and_who_concludes_them(reader):
    page = await reader.open("rulebooks/fees/releases/1/facts")
    assert "How old?" in page.text
    assert "number, years" in page.text
    assert "may be said not to exist" in page.text
    await reader.follow("papers")
    assert reader.at.endswith("/releases/1/tables/papers")


async def test_cases_are_run_where_they_are_read_and_lead_to_the_form(reader):
    page = await reader.open("rulebooks/fees/releases/1/cases")
    assert "All 2 cases pass." in page.text
    await reader.follow("Try case C1")
    assert reader.status == 200
    assert ("fact.age", "17") in reader.page.form("/try").fields
    assert "Everything asked is answered" in reader.page.text


async def test_labels_and_questions_are_told_in_the_readers_language(staff):
    reader = await staff("reader", **{"accept-language": "nl"})
    page = await reader.open("rulebooks/fees/releases/1/facts")
    assert "Inwoner?" in page.text
    assert "How old?" in page.text, "a question without a Dutch text is told in the language it has"


@pytest.mark.parametrize(
    "path",
    [
        "rulebooks/none",
        "rulebooks/fees/releases/9",
        "rulebooks/fees/releases/1/tables/none",
        "rulebooks/fees/releases/x",
        "rulebooks/fees/drafts/none",
        "rulebooks/fees/drafts/none/cell",
        "nowhere",
    ],
)
async def test_what_is_not_there_is_a_page_that_says_so(reader, path):
    page = await reader.open(path)
    assert reader.status in {404, 405}
    assert page.link("Go to the rulebooks") == "/admin/"


async def test_a_reader_is_shown_no_way_to_change_anything_and_has_none(reader, desk):
    page = await reader.open("rulebooks/fees")
    assert [form.action for form in page.forms] == ["/admin/logout"]
    draft = await desk.publishing.start_draft("fees", "test")
    path = f"rulebooks/fees/drafts/{draft.id}"
    page = await reader.open(f"{path}/tables/fee")
    assert reader.status == 200
    assert [form.action for form in page.forms] == ["/admin/logout"]
    token = dict(page.forms[0].fields)["csrf"]
    for deed in (
        "rule?table=fee",
        "delete?table=fee&rule=R1",
        "settings?table=fee",
        "formula?formula=clock",
        "discard",
    ):
        await reader.open(f"{path}/{deed}")
        assert reader.status == 403, deed
        await reader.post(f"{path}/{deed}", [("csrf", token), ("id", "X1"), ("note", "x")])
        assert reader.status == 403, deed
    for deed in ("move", "ops?table=fee", "columns?table=fee"):
        sent = [
            ("csrf", token),
            ("table", "fee"),
            ("rule", "R1"),
            ("name", "note"),
            ("note", "x"),
            ("by", "1"),
        ]
        await reader.post(f"{path}/{deed}", sent)
        assert reader.status == 403, deed
    for deed in (f"{path}/publish", "rulebooks/fees/releases/1/activate", "rulebooks/fees/drafts"):
        await reader.post(deed, [("csrf", token), ("revision", "1"), ("note", "x")])
        assert reader.status == 403, deed
    for page_of_bosses in ("accounts", "keys"):
        await reader.open(page_of_bosses)
        assert reader.status == 403
    assert (await desk.store.draft(draft.id)).revision == 1


async def test_a_fault_is_a_page_and_tells_nothing_of_the_inside(reader, desk, monkeypatch):
    async def broken(*_args, **_kwargs):
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(type(desk.store), "audit", broken)
    page = await reader.open("audit")
    assert reader.status == 500
    assert "Something went wrong on our side" in page.text
    assert "secret" not in page.html


async def test_what_an_author_typed_is_never_markup(desk, staff):
    evil = "<script>alert(1)</script>\"'>"
    editor = await staff("editor")
    draft = await desk.publishing.start_draft("fees", "test")
    await editor.open(f"rulebooks/fees/drafts/{draft.id}/rule?table=fee&rule=R1")
    await editor.send("/rule", citation=evil, note=evil, output__fee=evil, flags="a<b>", test__age=evil)
    for path in ("tables/fee", "rule?table=fee&rule=R1", "delete?table=fee&rule=R1", "problems", "publish"):
        page = await editor.open(f"rulebooks/fees/drafts/{draft.id}/{path}")
        assert "<script>" not in page.html
        assert "<b>" not in page.html
    page = await editor.open("audit")
    assert evil in page.text
    assert "<script>" not in page.html


@pytest.mark.parametrize("number", ["9" * 20, "9" * 5_000])
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("audit?before={}", 200),
        ("rulebooks/fees/releases/1/compare?with={}", 200),
        ("rulebooks/fees/releases/1/tables/fee?row={}", 200),
        ("rulebooks/fees/releases/1/why?fact.age=3&table=fee&row={}", 200),
        ("rulebooks/fees/releases/{}", 404),
        ("rulebooks/fees/plans/{}/withdraw", 404),
    ],
)
async def test_a_number_that_nobody_counts_to_is_no_failure(staff, number, address, status):
    boss = await staff("publisher")
    await boss.open(address.format(number))
    assert boss.status == status


async def test_where_the_script_that_renews_parts_of_pages_is_missing_an_administrator_is_told(
    staff, draft, monkeypatch
):
    boss, editor = await staff("administrator"), await staff("editor")
    for path in (f"{draft}/tables/fee", f"{draft}/try"):
        assert "was not built in" not in (await boss.open(path)).text
    monkeypatch.setattr("admin.desk._vendored", lambda _name: "")
    for path in (f"{draft}/tables/fee", f"{draft}/try"):
        assert "htmx.min.js was not built in. It comes with pip install ." in (await boss.open(path)).text
        assert "was not built in" not in (await editor.open(path)).text
