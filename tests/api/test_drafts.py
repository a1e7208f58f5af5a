"""A draft checked over HTTP, and what is said of what is found."""

import pytest

from decision_tables.rulebook import rulebook_of


@pytest.fixture
async def draft(desk):
    return await desk.publishing.start_draft("fees", "ann")


async def checked(caller, draft, **how):
    answer = await caller.get(f"/rulebooks/fees/drafts/{draft.id}/check", params=how)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_draft_is_told_its_mistakes_and_what_the_analysis_finds(keyed, draft):
    report = await checked(keyed, draft)
    assert (report["errors"], report["analysed"], report["complete"]) == (0, True, True)
    overlap = next(one for one in report["findings"] if one["code"] == "analysis/overlap")
    assert (overlap["severity"], overlap["table"]) == ("error", "zone")
    assert overlap["rules"] == [{"table": "zone", "rule": "Z1"}, {"table": "zone", "rule": "Z2"}]
    assert overlap["witness"]["facts"] == {"kind": "odd"}
    assert "apply at once" in overlap["text"]
    dutch = await checked(keyed, draft, language="nl", table="zone")
    assert [one["key"] for one in dutch["findings"]] == [overlap["key"]]
    assert dutch["findings"][0]["text"] != overlap["text"]


async def test_the_witness_of_an_overlap_is_a_conflict_when_it_is_decided(keyed, draft):
    report = await checked(keyed, draft, table="zone")
    witness = report["findings"][0]["witness"]
    question = {"rulebook": "fees", "goals": ["zone"], "facts": witness["facts"], "as_of": witness["as_of"]}
    answer = (await keyed.post("/decide", json=question)).json()
    assert answer["status"] == "conflict"


async def test_a_draft_that_does_not_compile_is_told_why_and_not_analysed(keyed, draft):
    broken = await keyed.get(f"/rulebooks/fees/export?format=json&draft={draft.id}")
    text = broken.text.replace('"25.50"', '"25.50 +"')
    made = (await keyed.post("/rulebooks/fees/import", content=text)).json()
    report = (await keyed.get(f"/rulebooks/fees/drafts/{made['draft']}/check")).json()
    assert report["errors"] >= 1
    assert not report["analysed"]
    assert report["findings"] == []


async def test_what_is_said_of_a_finding_is_kept_in_the_draft_until_it_is_taken_back(keyed, desk, draft):
    key = (await checked(keyed, draft, table="zone"))["findings"][0]["key"]
    path = f"/rulebooks/fees/drafts/{draft.id}/acknowledgements/{key}"
    said = {"verdict": "impossible", "reason": "No permit is odd in the north, article 8."}
    report = (await keyed.put(path, json=said)).json()
    (last,) = (one for one in report["findings"] if one["acknowledged"])
    assert (last["key"], last["acknowledged"]["reason"]) == (key, said["reason"])
    stored = rulebook_of((await desk.store.draft(draft.id)).document)
    assert [(one.finding, one.verdict) for one in stored.acknowledgements] == [(key, "impossible")]
    assert "apply at once" in stored.acknowledgements[0].about
    sarif = await checked(keyed, draft, format="sarif")
    (result,) = (one for one in sarif["runs"][0]["results"] if one["ruleId"] == "analysis/overlap")
    assert result["partialFingerprints"] == {"finding/v1": key}
    assert result["suppressions"][0]["justification"].endswith(said["reason"])
    assert (await keyed.delete(path)).status_code == 200
    assert (await keyed.delete(path)).json()["code"] == "acknowledgement/not-found"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"verdict": "maybe", "reason": "x"}, "request/type"),
        ({"verdict": "intended"}, "request/type"),
        ({"verdict": "intended", "reason": "x", "by": "ann"}, "request/type"),
        ({"verdict": "intended", "reason": "  "}, "acknowledgement/reason"),
        ([], "request/type"),
    ],
)
async def test_what_cannot_be_said_is_refused_and_nothing_is_changed(keyed, desk, draft, body, code):
    key = (await checked(keyed, draft, table="zone"))["findings"][0]["key"]
    refused = await keyed.put(f"/rulebooks/fees/drafts/{draft.id}/acknowledgements/{key}", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert (await desk.store.draft(draft.id)).revision == draft.revision


async def test_a_table_or_a_language_that_there_is_not_is_told(keyed, draft):
    path = f"/rulebooks/fees/drafts/{draft.id}/check"
    missing = await keyed.get(f"{path}?table=zon")
    assert (missing.status_code, missing.json()["code"]) == (404, "table/not-found")
    assert "Did you mean zone?" in missing.json()["detail"]
    assert (await keyed.get(f"{path}?language=de")).status_code == 422


async def test_of_a_finding_that_is_not_there_nothing_can_be_said(keyed, draft):
    said = {"verdict": "intended", "reason": "x"}
    refused = await keyed.put(f"/rulebooks/fees/drafts/{draft.id}/acknowledgements/nothing", json=said)
    assert (refused.status_code, refused.json()["code"]) == (404, "finding/not-found")


async def test_drafts_are_for_who_may_edit(local, keyed, draft):
    assert (await local.get(f"/rulebooks/fees/drafts/{draft.id}/check")).status_code == 401
    assert (await keyed.get(f"/rulebooks/fines/drafts/{draft.id}/check")).status_code == 404
