"""Rulebooks, releases and logged decisions as callers read them."""

from decimal import Decimal

import jsonschema_rs
import msgspec
import pytest

from decision_tables.rulebook import content_hash, rulebook_of
from tests.service.fees import FEES, with_fee


async def test_the_list_of_rulebooks_says_what_is_active(local):
    assert (await local.get("/rulebooks")).json() == [
        {"key": "fees", "title": {"en": "Permit fees"}, "release": 1}
    ]


async def test_a_rulebook_tells_what_it_takes_and_concludes(local):
    told = (await local.get("/rulebooks/fees")).json()
    assert told["default_query"] == "fee"
    assert told["queries"][0] == {"key": "fee", "title": {}, "goals": ["fee"]}
    assert told["concluded"] == ["decided_on", "fee", "papers", "waiver", "zone"]
    assert told["release"]["active"] is True
    assert (await local.get("/rulebooks/fee")).json()["code"] == "rulebook/not-found"


async def test_facts_that_the_schema_takes_are_facts_that_decide_takes(local):
    schema = (await local.get("/rulebooks/fees")).json()["facts"]
    valid = jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid
    for facts in (
        {},
        {"age": 3, "resident": True, "kind": "odd", "surcharge": 2.5, "born": "2000-02-29"},
        {"kind": None},
        {"papers": [{"id": "x"}], "waiver": False, "zone": "north", "fee": 3},
        {"age": "3"},
        {"resident": 1},
        {"kind": "other"},
        {"age": None},
        {"born": "2001-02-29"},
        {"papers": {}},
        {"papers": ["x"]},
        {"agee": 3},
    ):
        answer = await local.post("/decide", json={"rulebook": "fees", "facts": facts})
        assert valid(facts) == (answer.status_code == 200), (facts, answer.text)


async def test_a_release_can_be_read_whole_and_its_hash_recomputed(local):
    raw = (await local.get("/rulebooks/fees/releases/1")).content
    told = msgspec.json.decode(raw, type=dict)
    document = msgspec.json.Decoder(float_hook=Decimal).decode(raw)["document"]
    assert rulebook_of(document) == FEES
    assert content_hash(rulebook_of(document)) == told["release"]["content_hash"]
    listed = (await local.get("/rulebooks/fees/releases")).json()
    assert listed == [told["release"]]


async def test_after_a_roll_back_the_older_release_is_told_as_active(local, desk):
    draft = await desk.publishing.start_draft("fees", "ann")
    edited = await desk.publishing.edit(draft.id, 1, "ann", lambda _: with_fee("11", rule="R2"))
    await desk.publishing.publish(draft.id, edited.draft.revision, "ann", "dearer")
    listed = (await local.get("/rulebooks/fees/releases")).json()
    assert [(found["number"], found["active"]) for found in listed] == [(1, False), (2, True)]
    assert listed[1]["previous_hash"] == listed[0]["hash"]
    await desk.publishing.roll_back("fees", 1, "ann", "")
    listed = (await local.get("/rulebooks/fees/releases")).json()
    assert [(found["number"], found["active"]) for found in listed] == [(1, True), (2, False)]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/rulebooks/fees/releases/2", 404, "release/not-found"),
        ("/rulebooks/fees/releases/0", 422, "request/path"),
        ("/rulebooks/fees/releases/99999999999999999999", 422, "request/path"),
        ("/rulebooks/fees/releases/one", 422, "request/path"),
        ("/rulebooks/none/releases", 404, "rulebook/not-found"),
        ("/rulebooks/none/releases/1", 404, "rulebook/not-found"),
        ("/nowhere", 404, "not-found"),
        ("/decide", 405, "request/method"),
    ],
)
async def test_what_is_not_there_is_a_problem(local, path, status, code):
    answer = await local.get(path)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_logged_decision_is_given_byte_for_byte_and_replayed_equal(keyed):
    decided = await keyed.post(
        "/decide", json={"rulebook": "fees", "query": "all", "facts": {"age": 40, "kind": "odd"}}
    )
    path = f"/decisions/{decided.json()['id']}"
    assert (await keyed.get(path)).content == decided.content
    replayed = (await keyed.post(f"{path}/replay")).json()
    assert replayed["equal"] is True
    assert replayed["differences"] == []
    assert replayed["answer"] == decided.json()
    assert replayed["recorded_program"] == replayed["replayed_program"]


@pytest.mark.parametrize("identity", ["none", "0199f0c2-0000-7000-8000-000000000000", "%00", "a" * 300])
async def test_a_decision_that_was_never_made_is_not_found(keyed, identity):
    assert (await keyed.get(f"/decisions/{identity}")).status_code == 404
    assert (await keyed.post(f"/decisions/{identity}/replay")).status_code == 404
