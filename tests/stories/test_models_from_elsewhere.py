"""The story of DMN models made in other tools: brought in, run at /decide, edited, published, and taken out again."""

from pathlib import Path

import pytest

from decision_tables.formats import read
from tests.stories.test_changing_the_law import PASSWORD, eventually

MODELS = Path(__file__).parents[1] / "formats" / "models"
CAMUNDA = (MODELS / "dish.dmn").read_bytes()
KIE = (MODELS / "kie-traffic.dmn").read_bytes()
SPEEDING = {"Violation": {"Kind": "speed", "Speed Limit": 50, "Actual Speed": 85}, "Points Before": 14}


def asked(caller, rulebook, goals, facts):
    answer = caller.post("/decide", json={"rulebook": rulebook, "goals": goals, "facts": facts})
    assert answer.status_code == 200, answer.text
    return answer.json()["conclusions"]


@pytest.fixture
def server(serve, filled_url):
    return serve(filled_url).ready()


def test_a_model_of_kie_is_brought_in_by_command_decides_and_comes_out_as_it_went_in(
    server, key, filled_url, decidable, tmp_path
):
    file = tmp_path / "fines.dmn"
    file.write_bytes(KIE)
    url = ("--database-url", filled_url)
    told = decidable("import", str(file), "--rulebook", "fines", "--dry-run", *url)
    assert "fines: a new rulebook; 0 error(s)" in told
    told = decidable(
        "import", str(file), "--rulebook", "fines", "--publish", "--note", "from elsewhere", *url
    )
    assert "fines release 1 is active now" in told

    caller = server.caller(key)
    eventually(lambda: caller.get("/rulebooks/fines").status_code, 200)  # it finds out by itself
    assert asked(caller, "fines", ["Fine", "Suspended"], SPEEDING) == {"Fine": 1000, "Suspended": "Yes"}
    assert asked(caller, "fines", ["Fine"], {"Violation": {**SPEEDING["Violation"], "Kind": "parking"}}) == {
        "Fine": 100
    }

    out = tmp_path / "out.dmn"
    decidable("export", "fines", "-o", str(out), *url)
    again = decidable("import", str(out), "--rulebook", "fines", "--dry-run", *url)
    assert "fines: 0 changes against release 1" in again
    assert b"kie:width" in out.read_bytes(), "what only the other tool understands stays"


def test_a_model_of_camunda_modeler_is_brought_in_over_http_edited_in_the_browser_and_taken_out(server, key):
    caller = server.caller(key)
    seen = caller.post("/rulebooks/import?key=dish&dry_run=true", files={"files": ("dish.dmn", CAMUNDA)})
    assert seen.status_code == 200, seen.text
    assert seen.json()["new"]
    assert seen.json()["draft"] is None
    assert caller.get("/rulebooks/dish").status_code == 404

    made = caller.post(
        "/rulebooks/import?key=dish&title=From%20the%20modeler", files={"files": ("dish.dmn", CAMUNDA)}
    )
    assert made.status_code == 201, made.text
    assert made.json()["publishable"]
    draft = f"/admin/rulebooks/dish/drafts/{made.json()['draft']}"

    login, password = server.first_login
    person = server.person().open("/admin/login")
    person.send("/admin/login", {"login": login, "password": password})
    person.send("/admin/password", {"new": PASSWORD, "again": PASSWORD})
    person.open(f"{draft}/publish").send(f"{draft}/publish", {"note": "as modelled"})
    assert "/releases/1" in str(person.answer.url)
    facts = {"temperature": 35, "guests": 4}
    before = asked(caller, "dish", ["dish"], facts)
    assert before["dish"]

    # The modeler gets it back in the version that it reads, changes a cell, and sends it again.
    out = caller.get("/rulebooks/dish/export?format=dmn-1.3")
    assert out.status_code == 200
    assert "dish-1.dmn" in out.headers["content-disposition"]
    wanted = f'"{before["dish"]}"'.encode()
    changed = out.content.replace(wanted, b'"Cold soup"')
    assert changed != out.content
    preview = caller.post(
        "/rulebooks/dish/import?dry_run=true", files={"files": ("dish.dmn", changed)}
    ).json()
    cells = [change for change in preview["changes"] if change["what"] == "cell"]
    assert [(cell["before"], cell["after"]) for cell in cells] == [(wanted.decode(), '"Cold soup"')] * len(
        cells
    )
    assert cells

    again = caller.post("/rulebooks/dish/import", files={"files": ("dish.dmn", changed)}).json()
    draft = f"/admin/rulebooks/dish/drafts/{again['draft']}"
    person.open(f"{draft}/publish").send(f"{draft}/publish", {"note": "soup when it is hot"})
    assert asked(caller, "dish", ["dish"], facts) == {"dish": "Cold soup"}
    rulebook = read({"dish.dmn": caller.get("/rulebooks/dish/export").content}).rulebook
    assert [table.key for table in rulebook.tables]
