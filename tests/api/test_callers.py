"""Who may call what: local programs while no key exists, keys by their scopes, staff by their session."""

import httpx
import pytest

from service.access import SESSION_COOKIE, Scope

QUESTION = {"rulebook": "fees", "facts": {"age": 5}}
OPEN = ["/rulebooks", "/rulebooks/fees", "/rulebooks/fees/releases", "/rulebooks/fees/releases/1"]


@pytest.fixture
async def decision(local):
    return (await local.post("/decide", json=QUESTION)).json()["id"]


async def test_without_any_key_a_local_program_may_decide_and_read_rulebooks(local):
    assert (await local.post("/decide", json=QUESTION)).status_code == 200
    for path in OPEN:
        assert (await local.get(path)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"origin": "http://localhost:8000"},
        {"x-forwarded-for": "10.0.0.1"},
        {"forwarded": "for=10.0.0.1"},
        {"sec-fetch-site": "cross-site"},
    ],
)
async def test_a_page_in_a_browser_or_a_proxy_may_not(local, headers):
    for answer in (
        await local.post("/decide", json=QUESTION, headers=headers),
        await local.get(OPEN[0], headers=headers),
    ):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert "decidable key create" in answer.json()["detail"]


async def test_a_simple_request_of_another_sites_form_is_refused_whatever_its_host(local):
    headers = {"content-type": "text/plain"}
    assert (await local.post("/decide", content=b'{"rulebook":"fees"}', headers=headers)).status_code == 415


async def test_logged_decisions_are_never_open(local, decision):
    assert (await local.get(f"/decisions/{decision}")).status_code == 401
    assert (await local.post(f"/decisions/{decision}/replay")).status_code == 401


async def test_the_first_key_closes_the_door_for_who_brings_none(local, desk):
    _, text = await desk.access.create_key("portal", tuple(Scope), "test")
    assert (await local.post("/decide", json=QUESTION)).status_code == 401
    assert (await local.get("/rulebooks")).status_code == 401
    bearer = {"authorization": f"Bearer {text}", "origin": "https://portal.example"}
    assert (await local.post("/decide", json=QUESTION, headers=bearer)).status_code == 200


@pytest.mark.parametrize("header", ["Bearer dk_00000000_x", "Bearer", "Basic YTpi", "bearer  "])
async def test_a_wrong_key_is_refused_even_of_a_local_program(local, header):
    answer = await local.post("/decide", json=QUESTION, headers={"authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "access/credentials")


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [(Scope.DECIDE, {"decide"}), (Scope.READ, {"read"}), (Scope.DECISIONS, {"decisions", "replay"})],
)
async def test_a_key_is_good_for_its_scopes_alone(local, desk, decision, scope, allowed):
    _, text = await desk.access.create_key("portal", (scope,), "test")
    bearer = {"authorization": f"Bearer {text}"}
    answers = {
        "decide": await local.post("/decide", json=QUESTION, headers=bearer),
        "read": await local.get("/rulebooks", headers=bearer),
        "decisions": await local.get(f"/decisions/{decision}", headers=bearer),
        "replay": await local.post(f"/decisions/{decision}/replay", headers=bearer),
    }
    assert {name for name, answer in answers.items() if answer.status_code == 200} == allowed
    assert {answer.status_code for name, answer in answers.items() if name not in allowed} == {403}


async def test_who_asked_is_logged_by_the_name_of_the_key(keyed, desk):
    answer = await keyed.post("/decide", json=QUESTION)
    assert (await desk.deciding.recorded(answer.json()["id"])).caller == "portal"


async def test_staff_may_call_from_our_own_pages_once_their_password_is_their_own(app, desk, decision):
    _, once = await desk.access.create_account("ann", "Ann", "reader", "test")
    staff = await desk.access.login("ann", once)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="https://decidable.example",
        cookies={SESSION_COOKIE: staff.token},
    ) as browser:
        path = f"/decisions/{decision}"
        assert (await browser.get(path)).json()["code"] == "access/change-password"
        await desk.access.change_password(staff, "", "correct horse battery")
        assert (await browser.get(path)).status_code == 200
        for site in ("cross-site", "same-site"):
            refused = await browser.get(path, headers={"sec-fetch-site": site})
            assert (refused.status_code, refused.json()["code"]) == (403, "access/origin")
        await desk.access.logout(staff.token)
        assert (await browser.get(path)).status_code == 401
