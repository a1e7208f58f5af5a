"""How well a draft's cases test its tables, over HTTP: told, mended by one call, and refused without harm."""

from dataclasses import replace

import pytest

from decision_tables.cases import run_case
from decision_tables.compile import compile_rulebook
from decision_tables.rulebook import document_of, rulebook_of
from service import testing
from service.access import Scope
from tests.service.fees import FEES, with_fee


@pytest.fixture
async def draft(desk):
    return await desk.publishing.start_draft("fees", "test")


@pytest.fixture
def at(draft):
    return f"/rulebooks/fees/drafts/{draft.id}"


async def test_coverage_tells_the_rules_that_fire_and_the_sides_that_are_shown(keyed, at):
    found = await keyed.get(f"{at}/coverage")
    assert found.status_code == 200, found.text
    tables = {table["table"]: table for table in found.json()["tables"]}
    assert list(tables) == ["fee", "papers", "waiver", "zone"]
    fee = tables["fee"]
    assert (fee["rules_fired"], fee["cases"]) == (1, 2)
    assert [rule["fired"] for rule in fee["rules"]] == [["C1"], [], []]
    assert fee["rules"][0]["tests"] == [{"column": "age", "text": "< 18", "true": ["C1"], "false": []}]
    assert found.json()["unanswered"] == []


async def test_one_call_adds_the_case_that_notices_a_fault(keyed, desk, draft, at):
    before = (await keyed.get(f"{at}/mutants?table=fee")).json()
    assert before["following"] is None
    assert before["mutants"] == before["killed"] + len(before["survivors"])
    fault = next(one for one in before["survivors"] if one["rule"] == "R3" and one["column"] == "fee")
    added = await keyed.post(f"{at}/mutants/{fault['id']}/case")
    assert added.status_code == 201, added.text
    body = added.json()
    assert body["revision"] == draft.revision + 1
    assert body["mutant"]["id"] == fault["id"]
    assert body["mutant"]["killed_by"] == body["case"]["id"]
    assert body["case"]["expect"] == {"conclusions": {"fee": 25.5}}
    book = rulebook_of((await desk.store.draft(draft.id)).document)
    assert book.cases[-1].id == body["case"]["id"]
    assert run_case(compile_rulebook(book), book.cases[-1]).passed
    after = (await keyed.get(f"{at}/mutants?table=fee")).json()
    left = {one["id"] for one in after["survivors"]}
    assert left < {one["id"] for one in before["survivors"]}
    assert fault["id"] not in left


async def test_every_survivor_is_noticed_in_the_end_or_told_why_not(keyed, at):
    told = {}
    while True:
        survivors = (await keyed.get(f"{at}/mutants?table=fee")).json()["survivors"]
        waiting = [one for one in survivors if one["id"] not in told]
        if not waiting:
            break
        added = await keyed.post(f"{at}/mutants/{waiting[0]['id']}/case?table=fee")
        assert added.status_code in {200, 201}
        if added.status_code == 200:
            body = added.json()
            assert body["case"] is None
            assert body["code"] in {"never-fires", "same-answer"}
            assert body["reason"]
            told[waiting[0]["id"]] = body["code"]
    assert (await keyed.get(f"{at}/coverage")).json()["tables"][0]["rules_fired"] == 3


async def test_what_is_not_there_is_told(keyed, at):
    for path, code in (
        (f"{at}/mutants?table=fees", "table/not-found"),
        ("/rulebooks/other/drafts/x/coverage", "draft/not-found"),
        (at.replace("fees", "other", 1) + "/coverage", "draft/not-found"),
    ):
        found = await keyed.get(path)
        assert (found.status_code, found.json()["code"]) == (404, code), path
    gone = await keyed.post(f"{at}/mutants/0123456789ab/case")
    assert (gone.status_code, gone.json()["code"]) == (404, "mutant/not-found")
    assert (await keyed.get(f"{at}/mutants?table=fee&start=-1")).status_code == 422
    assert (await keyed.get(f"{at}/mutants?table=fee&start=100000")).json()["mutants"] == 0


async def test_a_draft_with_errors_is_told_what_is_wrong(keyed, desk, draft, at):
    await desk.publishing.edit(draft.id, draft.revision, "test", lambda _: with_fee("1 +"))
    found = await keyed.get(f"{at}/coverage")
    assert found.status_code == 422
    assert "feel/syntax" in {one["code"] for one in found.json()["diagnostics"]}


async def test_who_may_not_edit_may_not_look_at_drafts(desk, keyed, at):
    _, text = await desk.access.create_key("reader", (Scope.READ,), "test")
    keyed.headers["authorization"] = f"Bearer {text}"
    for answer in (await keyed.get(f"{at}/coverage"), await keyed.post(f"{at}/mutants/x/case")):
        assert answer.status_code == 403


async def test_looking_ends_in_time_and_goes_on_where_it_ended(desk):
    program = compile_rulebook(FEES)
    whole = await desk.testing.faults(program, "fee")
    hasty = testing.Testing(desk.publishing, seconds=-1)
    parts, start = [], 0
    while start is not None:
        found = await hasty.faults(program, "fee", start=start)
        assert found.start == start
        parts += found.judged
        start = found.following
    assert tuple(parts) == whole.judged
    assert whole.following is None
    assert len(parts) > 3


async def test_a_case_whose_id_was_taken_in_the_meantime_gets_another(desk, draft):
    program = compile_rulebook(FEES)
    fault = next(one for one in (await desk.testing.faults(program, "fee")).survivors)
    first = await desk.testing.add_case(draft, program, fault.mutant.id, "test")
    # Compiled before the first one was added, so that both want the same id.
    second = await desk.testing.add_case(await desk.store.draft(draft.id), program, fault.mutant.id, "test")
    assert second.case.id != first.case.id
    assert replace(second.case, id="") == replace(first.case, id="")
    document = (await desk.store.draft(draft.id)).document
    assert [case["id"] for case in document["cases"]][2:] == [first.case.id, second.case.id]
    assert document_of(rulebook_of(document)) == document
