"""`POST /decide`: the shape of the answer, and everything that can be wrong with a question."""

import json

import pytest

ADULT = {"age": 30, "resident": True}


def post_raw(client, raw, **headers):
    return client.post("/decide", content=raw, headers={"content-type": "application/json", **headers})


async def test_an_answer_has_the_fields_that_the_documents_name_in_their_order(ask):
    decided = await ask({"as_of": "2026-01-01", "known_on": "2026-01-01"}, **ADULT)
    assert decided.status == 200
    assert list(decided.body) == [
        *(
            "id",
            "rulebook",
            "release",
            "release_hash",
            "program",
            "as_of",
            "known_on",
            "holds_from",
            "holds_until",
        ),
        *("status", "conclusions", "undetermined", "missing", "conflicts", "referrals", "because"),
        *("flags", "warnings"),
    ]
    assert decided.body["conclusions"] == {"fee": 10}
    assert decided.body["status"] == "determined"
    assert decided.body["holds_from"] == "2020-01-01"
    assert decided.body["holds_until"] is None


async def test_how_much_is_explained_is_the_callers_choice(ask):
    none, brief, full = [(await ask({"explain": how}, **ADULT)).body for how in ("none", "brief", "full")]
    assert "because" not in none
    assert "why_not" not in brief
    assert brief["because"] == [
        {
            "fact": "fee",
            "value": 10,
            "table": "fee",
            "rule": "R2",
            "certain": True,
            "tests": [
                {"on": "age", "value": 30, "test": ">= 18", "holds": True},
                {"on": "resident", "value": True, "test": "true", "holds": True},
            ],
            "citation": "Fees Act, article 2",
            "confidence": "",
            "note": "",
            "flags": [],
            "from": ["age", "resident"],
        }
    ]
    assert {why["rule"] for why in full["why_not"]} == {"R1", "R3"}


async def test_numbers_keep_their_digits(local):
    digits = b"30.10000000000000000000000000000001"
    raw = b'{"rulebook":"fees","explain":"full","facts":{"resident":true,"age":' + digits + b"}}"
    answer = await post_raw(local, raw)
    assert b'"value":' + digits + b"," in answer.content
    stranger = await post_raw(local, b'{"rulebook":"fees","facts":{"age":40,"resident":false}}')
    assert b'"fee":25.50' in stranger.content


async def test_what_is_missing_is_told_with_its_question_in_the_language_asked_for(ask):
    decided = await ask({"language": "nl"}, age=30)
    assert decided.body["status"] == "undetermined"
    assert decided.body["undetermined"]["fee"] == {
        "reason": "facts",
        "certain": [],
        "possible": [],
        "waiting_for": ["resident"],
    }
    assert decided.body["missing"] == [
        {"fact": "resident", "question": "Inwoner?", "type": "boolean", "allowed": [], "settles": ["fee"]}
    ]


async def test_an_entry_that_waits_for_a_part_says_for_what(ask):
    decided = await ask({"goals": ["papers"]}, resident=False)
    papers = decided.body["undetermined"]["papers"]
    assert papers["certain"] == [
        {"id": "form", "cost": 1},
        {"id": "visa", "cost": None, "waiting_for": {"cost": ["surcharge"]}},
    ]
    known = await ask({"goals": ["papers"]}, resident=False, surcharge=2.5)
    assert known.body["conclusions"]["papers"] == [{"id": "form", "cost": 1}, {"id": "visa", "cost": 5.0}]


async def test_what_the_law_leaves_open_is_a_referral_until_it_is_judged(ask):
    open_case = await ask({"goals": ["waiver"]}, kind="odd")
    assert open_case.body["undetermined"]["waiver"]["reason"] == "referral"
    assert [(found["rule"], found["question"]) for found in open_case.body["referrals"]] == [
        ("W2", "Is it hardship?")
    ]
    judged = await ask({"goals": ["waiver"]}, kind="odd", waiver=True)
    assert judged.body["conclusions"] == {"waiver": True}


async def test_rules_that_contradict_each_other_are_named(ask):
    decided = await ask({"goals": ["zone", "fee"]}, kind="odd", **ADULT)
    assert decided.body["status"] == "conflict"
    assert decided.body["conclusions"] == {"fee": 10}
    assert decided.body["conflicts"] == [
        {
            "fact": "zone",
            "rules": [{"table": "zone", "rule": "Z1"}, {"table": "zone", "rule": "Z2"}],
            "message": "`zone` is contradicted: zone Z1 and zone Z2 do not agree.",
        }
    ]


async def test_facts_that_are_wrong_in_five_places_are_all_named_at_once(ask):
    refused = await ask(age=-1, residant=True, kind="od", born="2026-02-30", surcharge="3")
    assert refused.status == 422
    assert refused.body["code"] == "facts/invalid"
    problems = {problem["path"]: problem for problem in refused.body["problems"]}
    assert list(problems) == [
        "/facts/age",
        "/facts/residant",
        "/facts/kind",
        "/facts/born",
        "/facts/surcharge",
    ]
    assert problems["/facts/residant"]["code"] == "facts/undeclared"
    assert problems["/facts/residant"]["near_miss"] == "resident"
    assert problems["/facts/kind"]["near_miss"] == "odd"
    assert problems["/facts/kind"]["allowed"] == ["plain", "odd"]
    assert problems["/facts/age"]["given"] == -1
    for problem in problems.values():
        assert problem["message"] in refused.body["detail"]


async def test_undeclared_facts_are_dropped_if_the_caller_says_so(ask):
    decided = await ask({"ignore_undeclared_facts": True}, residant=True, **ADULT)
    assert decided.body["conclusions"] == {"fee": 10}


async def test_null_is_refused_unless_the_fact_may_not_exist(ask):
    refused = await ask(age=None)
    assert refused.body["problems"][0]["code"] == "facts/null"
    assert (await ask({"goals": ["waiver"]}, kind=None)).status == 200


async def test_fields_that_are_wrong_are_all_named_at_once(local):
    body = {
        "rulebok": "fees",
        "facts": [],
        "goals": [],
        "query": "fee",
        "as_of": "2012-13-01",
        "explain": "much",
    }
    refused = await local.post("/decide", json=body)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    told = refused.json()
    assert told["code"] == "request/invalid"
    assert {problem["path"]: problem["code"] for problem in told["problems"]} == {
        "/rulebok": "request/unknown-field",
        "/facts": "request/type",
        "/goals": "request/type",
        "/as_of": "request/type",
        "/explain": "request/type",
        "/rulebook": "request/missing-field",
    }
    assert told["problems"][0]["near_miss"] == "rulebook"


async def test_wrong_goals_and_wrong_facts_are_named_together(ask):
    refused = await ask({"goals": ["fea", "x", "fee"]}, age="18", agee=3)
    assert refused.status == 422
    assert [problem["path"] for problem in refused.body["problems"]] == [
        *("/goals/0", "/goals/1"),
        *("/facts/age", "/facts/agee"),
    ]
    assert refused.body["problems"][0]["near_miss"] == "fee"


async def test_a_hundred_thousand_mistakes_are_answered_briefly_and_soon(local):
    fields = {f"field{n}": 1 for n in range(40_000)}
    facts = {"rulebook": "fees", "facts": {f"fact{n}": 1 for n in range(40_000)}}
    long = {"rulebook": "fees", "facts": {"kind": "x" * 900_000, "y" * 90_000: 1}}
    for body in ({**fields, "rulebook": "fees"}, facts, long):
        refused = await local.post("/decide", json=body)
        assert refused.status_code == 422
        assert len(refused.content) < 400_000
    told = (await local.post("/decide", json=facts)).json()["problems"]
    assert len(told) == 1_001
    assert (told[-1]["code"], told[-1]["message"]) == ("facts/more", "and 39,000 more")


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({"goals": ["fee"], "query": "fee"}, "request/goals-and-query"),
        ({"release": 1, "released_at": "2026-01-01T00:00:00Z"}, "request/two-releases"),
        ({"released_at": "2026-01-01T00:00:00"}, "request/type"),
        ({"release": 0}, "request/type"),
        ({"release": True}, "request/type"),
        ({"dry_run": "yes"}, "request/type"),
        ({"facts": {"age": 1}, "as_of": "2026-01-01T00:00:00Z"}, "request/type"),
    ],
)
async def test_a_question_that_contradicts_itself_or_the_shape_is_refused(ask, question, code):
    refused = await ask(question)
    assert refused.status == 422
    assert [problem["code"] for problem in refused.body["problems"]] == [code]


@pytest.mark.parametrize(
    ("question", "status", "code", "near"),
    [
        ({"rulebook": "fee"}, 404, "rulebook/not-found", "fees"),
        ({"goals": ["fees"]}, 422, "request/unknown-goal", "fee"),
        ({"query": "al"}, 422, "request/unknown-query", "all"),
        ({"release": 7}, 404, "release/not-found", "7"),
        ({"released_at": "2001-01-01T00:00:00Z"}, 404, "release/not-found", "2001"),
    ],
)
async def test_what_does_not_exist_is_named_with_what_was_meant(ask, question, status, code, near):
    refused = await ask(question)
    assert (refused.status, refused.body["code"]) == (status, code)
    assert near in refused.body["detail"]


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 400, "body/not-json"),
        (b"{", 400, "body/not-json"),
        (b'{"rulebook": NaN}', 400, "body/not-json"),
        (b"\xff", 400, "body/not-json"),
        (b'{"facts": {"age": 1' + b"0" * 5000 + b"}}", 400, "body/not-json"),
        (b'{"facts": {"age": 1e99999999999999999999}}', 400, "body/not-json"),
        (b"[" * 100_000, 400, "body/too-deep"),
        (b'{"facts": {"age": ' + b"[" * 63 + b"]" * 63 + b"}}", 400, "body/too-deep"),
        (b'{"facts": {"age": "' + b"[" * 500 + b'"}}', 422, "request/invalid"),
        (b'"text"', 422, "request/invalid"),
        (b'{"rulebook": "fees", "facts": {"age": 1, "age": 2}}', 400, "body/duplicate"),
        (b'{"rulebook": "fees", "facts": {"age": {"a": ":", "a": 1}}}', 400, "body/duplicate"),
        (b'{"rulebook": "fees", "facts": {"time": "10:30:00"}}', 422, "facts/invalid"),
        (b'{"rulebook": "fees", "facts": {"age": 0.' + b"1" * 35 + b"}}", 422, "facts/invalid"),
        (b'{"rulebook": "fees", "facts": {"age": 1e6200}}', 422, "facts/invalid"),
        (b" " * 1_048_577, 413, "body/too-large"),
    ],
)
async def test_a_body_that_cannot_be_read_is_a_problem_that_says_why(local, raw, status, code):
    refused = await post_raw(local, raw)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_a_body_that_hides_its_length_is_refused_as_soon_as_it_is_too_long(local):
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 65536
            yield b" " * 65536

    refused = await post_raw(local, endless())
    assert refused.status_code == 413
    assert sent < 2_000_000


async def test_only_json_is_taken(local):
    raw = json.dumps({"rulebook": "fees"}).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        refused = await post_raw(local, raw, **{"content-type": kind})
        assert (refused.status_code, refused.json()["code"]) == (415, "body/media-type")
    taken = await post_raw(local, raw, **{"content-type": "Application/JSON; charset=utf-8"})
    assert taken.status_code == 200


async def test_the_deepest_json_that_is_taken_is_taken(local):
    raw = (
        b'{"rulebook": "fees", "ignore_undeclared_facts": true, "facts": {"x": '
        + b"[" * 62
        + b"]" * 62
        + b"}}"
    )
    assert (await post_raw(local, raw)).status_code == 200


async def test_a_decision_that_cannot_be_logged_is_not_answered(desk, ask, monkeypatch):
    from decision_tables.errors import Unavailable

    async def full(_):
        raise Unavailable("Too many wait.", code="log/full", retry_after=1)

    monkeypatch.setattr(desk.store.log, "write", full)
    refused = await ask(**ADULT)
    assert (refused.status, refused.body["code"]) == (503, "log/full")
    assert "conclusions" not in refused.body
    assert (await ask({"dry_run": True}, **ADULT)).status == 200
