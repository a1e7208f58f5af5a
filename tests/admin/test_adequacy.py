"""The pages that tell how well cases test tables, and add the case that is wanting."""

import pytest

from decision_tables.rulebook import rulebook_of

RELEASE = "rulebooks/fees/releases/1"


@pytest.fixture
async def reader(staff):
    return await staff("reader")


async def test_the_way_leads_from_the_table_and_from_the_cases(reader):
    await reader.open(f"{RELEASE}/tables/fee")
    await reader.follow("Tests")
    assert reader.at == f"/admin/{RELEASE}/tests/fee"
    assert "1 of 3 rows are used by a case." in reader.page.text
    assert "no case" in reader.page.text
    await reader.open(f"{RELEASE}/cases")
    await reader.follow("How well the cases test the tables")
    assert "1 of 3" in reader.page.text
    await reader.follow("papers")
    assert reader.at == f"/admin/{RELEASE}/tests/papers"


async def test_a_reader_sees_the_faults_and_adds_nothing(reader):
    await reader.open(f"{RELEASE}/tests/fee")
    await reader.send("/tests/fee", faults="1")
    assert "no case notices" in reader.page.text
    assert "In a draft, a case can be added for each." in reader.page.text
    assert "Add the case" not in reader.page.text
    await reader.post(f"{RELEASE}/tests/fee", [("fault", "x")])
    assert reader.status == 405


async def test_one_click_adds_the_case_that_tells_them_apart(editor, desk, draft):
    await editor.open(f"{draft}/tests/fee?faults=1")
    page = editor.page.text
    before = page.count("Add the case that tells them apart")
    form = next(one for one in editor.page.forms if one.action.split("?")[0].endswith("/tests/fee"))
    fault = next(one.mutant for one in await _survivors(desk, draft) if one.mutant.rule == "R3")
    await editor.post(form.action, [*form.fields, ("fault", fault.id)])
    assert editor.status == 200
    assert "The test case was saved." in editor.page.text
    assert editor.page.text.count("Add the case that tells them apart") < before
    book = rulebook_of((await desk.store.draft(draft.split("/")[-1])).document)
    assert book.cases[-1].id.startswith("fee.R3.")
    await editor.open(f"{draft}/cases")
    assert "✓" in editor.page.text
    assert "✗" not in editor.page.text


async def test_a_fault_that_is_there_no_more_is_told(editor, draft):
    await editor.open(f"{draft}/tests/zone?faults=1")
    form = next(one for one in editor.page.forms if one.action.split("?")[0].endswith("/tests/zone"))
    await editor.post(form.action, [*form.fields, ("fault", "0123456789ab")])
    assert editor.status == 422
    assert "Somebody saved the draft in the meantime." in editor.page.text


async def test_a_draft_with_errors_leads_to_them(editor, draft):
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="1 +")
    for path in ("tests", "tests/fee"):
        await editor.open(f"{draft}/{path}")
        assert "The cases cannot be run while the draft has errors." in editor.page.text


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "Hoe goed de testgevallen"), ("fr", "les cas testent")]
)
async def test_the_pages_speak_other_languages(staff, language, words):
    reader = await staff("reader", **{"accept-language": language})
    for path in ("tests", "tests/fee", "tests/fee?faults=1"):
        await reader.open(f"{RELEASE}/{path}")
        assert words in reader.page.text


async def _survivors(desk, draft):
    found = await desk.store.draft(draft.split("/")[-1])
    program = (await desk.publishing.check(found)).program
    return (await desk.testing.faults(program, "fee")).survivors
