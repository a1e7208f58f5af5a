"""Stories of who runs the service: the first start, a power cut, the way in from other machines, PostgreSQL."""

import json
import stat


def test_the_first_start_makes_all_it_needs_and_says_where_and_how_to_log_in(serve, sqlite_url, skype):
    server = serve(sqlite_url).ready()
    assert server.address.startswith("http://127.0.0.1:")
    login, password = server.first_login
    assert server.caller().get("/healthz").status_code == 200
    answer = server.caller().post("/decide", json=skype).json()
    assert answer["conclusions"]["criminal_addressee"] is True
    person = server.person().open("/admin/")
    person.send("/admin/login", {"login": login, "password": password})
    assert person.answer.url.path == "/admin/password"
    person.send("/admin/password", {"new": "a long calm sentence", "again": "a long calm sentence"})
    assert person.open("/admin/rulebooks/telecom").answer.status_code == 200
    assert server.stopped() == 0
    again = serve(sqlite_url).ready()
    assert again.first_login is None
    stranger = again.person().open("/admin/")
    stranger.send("/admin/login", {"login": login, "password": password})
    assert stranger.answer.status_code == 403


def test_a_power_cut_between_two_decisions_loses_neither(serve, filled_url, key, skype):
    server = serve(filled_url).ready()
    caller = server.caller(key)
    answers = [caller.post("/decide", json=skype | {"explain": explain}) for explain in ("brief", "full")]
    server.killed()
    server = serve(filled_url).ready()
    caller = server.caller(key)
    for answer in answers:
        path = f"/decisions/{answer.json()['id']}"
        assert caller.get(path).content == answer.content
        assert caller.post(f"{path}/replay").json()["equal"] is True
    assert caller.post("/decide", json=skype).status_code == 200


def test_an_address_that_others_can_reach_wants_a_key_first_and_says_how_to_make_one(
    serve, decidable, sqlite_url, skype
):
    refused = serve(sqlite_url, "--host", "0.0.0.0")
    assert refused.process.wait(60) == 1
    assert "decidable key create" in refused.text
    assert "Traceback" not in refused.text
    key = decidable("key", "create", "--name", "portal", "--database-url", sqlite_url).strip()
    server = serve(sqlite_url, "--host", "0.0.0.0").ready()
    assert server.caller().post("/decide", json=skype).status_code == 401
    assert server.caller(key).post("/decide", json=skype).status_code == 200


def test_a_container_is_handed_its_first_key_in_a_file(serve, sqlite_url, tmp_path, skype):
    file = tmp_path / "first.key"
    server = serve(sqlite_url, "--host", "0.0.0.0", DECIDABLE_FIRST_KEY_FILE=str(file)).ready()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert server.caller(file.read_text().strip()).post("/decide", json=skype).status_code == 200
    assert file.read_text().strip() not in server.text


def test_a_key_made_beside_a_running_server_closes_its_open_door(serve, decidable, sqlite_url, skype):
    server = serve(sqlite_url).ready()
    assert server.caller().post("/decide", json=skype).status_code == 200
    key = decidable("key", "create", "--name", "portal", "--database-url", sqlite_url).strip()
    assert server.caller().post("/decide", json=skype).status_code == 401
    assert server.caller(key).post("/decide", json=skype).status_code == 200
    decidable("key", "revoke", key, "--database-url", sqlite_url)
    assert server.caller(key).post("/decide", json=skype).status_code == 401


def test_postgresql_is_migrated_by_a_command_never_by_a_start(serve, decidable, postgresql_url):
    refused = serve(postgresql_url)
    assert refused.process.wait(60) == 1
    assert "decidable migrate" in refused.text
    decidable("migrate", "--database-url", postgresql_url)
    decidable("migrate", "--database-url", postgresql_url)
    assert "telecom release 1" in decidable("load-pack", "telecom", "--database-url", postgresql_url)
    assert serve(postgresql_url).ready().stopped() == 0


def test_the_log_of_a_server_is_json_and_tells_no_facts(serve, sqlite_url, skype):
    server = serve(sqlite_url).ready()
    caller = server.caller()
    caller.post("/decide", json=skype)
    caller.post("/decide", json=skype | {"facts": {"jurisdiction": "Swordfish"}})
    assert server.stopped() == 0
    lines = [line for line in server.text.splitlines() if line.startswith("{")]
    assert {json.loads(line)["event"] for line in lines} == {"library.active"}
    assert "Swordfish" not in server.text
