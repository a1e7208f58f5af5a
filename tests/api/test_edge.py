"""What every answer has: an id, headers for browsers, a count; and no word of the inside when something breaks."""

import re

import httpx
import pytest

ANYWHERE = ["/healthz", "/nowhere", "/rulebooks/none", "/admin/login"]


@pytest.mark.parametrize("path", ANYWHERE)
async def test_every_answer_has_an_id_and_headers_for_browsers(local, path):
    answer = await local.get(path)
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-request-id"])
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["referrer-policy"] == "same-origin"


async def test_pages_may_load_our_own_scripts_and_styles_and_data_nothing(local):
    page, data = await local.get("/admin/login"), await local.get("/healthz")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "script-src" not in data.headers["content-security-policy"]
    for answer in (page, data):
        assert "unsafe" not in answer.headers["content-security-policy"]


async def test_a_sane_request_id_is_kept_and_any_other_replaced(local):
    kept = await local.get("/healthz", headers={"x-request-id": "portal-17.a"})
    assert kept.headers["x-request-id"] == "portal-17.a"
    for wild in ("a b", "x" * 65, "<script>", ""):
        assert (await local.get("/healthz", headers={"x-request-id": wild})).headers["x-request-id"] != wild


async def test_what_nobody_foresaw_is_a_problem_that_tells_nothing_of_the_inside(local, desk, monkeypatch):
    async def broken(*_):
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(desk.deciding, "decide", broken)
    answer = await local.post("/decide", json={"rulebook": "fees"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "swordfish" not in answer.text
    assert "x-request-id" in answer.headers


async def test_requests_are_counted_by_route_and_decisions_by_status(local):
    await local.post("/decide", json={"rulebook": "fees", "facts": {"age": 5}})
    await local.post("/decide", json={"rulebook": "fees", "facts": {"age": 50}})
    await local.get("/rulebooks/fees")
    await local.get("/nowhere/at/all")
    told = (await local.get("/metrics")).text
    assert 'decidable_requests_total{method="POST",route="/decide",status="200"} 2.0' in told
    assert 'route="/rulebooks/{rulebook}"' in told
    assert "nowhere" not in told
    assert 'decidable_decisions_total{rulebook="fees",status="determined"} 1.0' in told
    assert 'decidable_decisions_total{rulebook="fees",status="undetermined"} 1.0' in told


async def test_it_is_ready_when_it_can_decide_and_not_when_the_database_is_gone(local, desk, monkeypatch):
    from decision_tables.errors import Unavailable

    assert (await local.get("/readyz")).status_code == 200

    async def gone():
        raise Unavailable("The database does not answer.", code="store/unreachable")

    monkeypatch.setattr(desk.store, "ping", gone)
    answer = await local.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "store/unreachable")
    assert (await local.get("/healthz")).status_code == 200


async def test_the_root_leads_people_to_the_pages(local):
    assert (await local.get("/")).headers["location"] == "/admin/"


async def test_a_length_that_is_no_number_is_refused(app):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        answer = await client.post("/decide", content=b"{}", headers={"content-length": "-1"})
        assert answer.status_code == 413


async def test_a_caller_who_leaves_in_the_middle_of_a_question_is_no_error_of_ours(app):
    headers = {"host": "localhost", "content-type": "application/json", "content-length": "50"}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/decide",
        "raw_path": b"/decide",
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("localhost", 8000),
    }
    said = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    answered = []

    async def receive():
        return next(said)

    async def send(message):
        answered.append(message)

    await app(scope, receive, send)
    assert answered == []
