"""The story of a lawyer: a rule is edited in the browser and published, and the next decision follows it.

Two servers share the database, as replicas do. What was decided before stays what it was.
"""

import re
import time

PASSWORD = "a long calm sentence"


def duties(answer):
    return {entry["id"]: entry["duty"] for entry in answer.json()["conclusions"]["obligations"]}


def eventually(ask, wanted):
    deadline = time.monotonic() + 20
    while (got := ask()) != wanted:
        assert time.monotonic() < deadline, got
        time.sleep(0.05)


def test_an_edit_in_the_browser_changes_the_next_decision_and_none_before_it(serve, filled_url, key, skype):
    first = serve(filled_url).ready()
    second = serve(filled_url).ready()
    here, there = first.caller(key), second.caller(key)
    before = here.post("/decide", json=skype)
    assert duties(before)["B05"] == "Keep the request secret"

    login, password = first.first_login
    lawyer = first.person().open("/admin/login")
    lawyer.send("/admin/login", {"login": login, "password": password})
    lawyer.send("/admin/password", {"new": PASSWORD, "again": PASSWORD})
    lawyer.open("/admin/rulebooks/telecom").send("/admin/rulebooks/telecom/drafts")
    draft = re.match(r"/admin/rulebooks/telecom/drafts/[^/]+", lawyer.answer.url.path)[0]

    def types(text):
        lawyer.open(f"{draft}/rule?table=obligations_BE&rule=B05")
        lawyer.send(f"{draft}/rule", {"output.obligations.duty": text})
        assert lawyer.answer.status_code == 200

    # Broken text is kept and marked, and cannot be published; callers notice nothing.
    types('"Keep the request')
    assert "Keep the request" in lawyer.page.text
    assert "1 error" in lawyer.open(f"{draft}/publish").page.text
    assert not [form for form in lawyer.page.forms if form.action == f"{draft}/publish"]
    token = dict(lawyer.page.forms[0].fields)["csrf"]
    sneaked = lawyer.client.post(f"{draft}/publish", data={"csrf": token, "revision": "2", "note": "x"})
    assert sneaked.status_code >= 400
    assert duties(here.post("/decide", json=skype)) == duties(before)

    types('"Tell nobody of the request"')
    lawyer.open(f"{draft}/publish").send(f"{draft}/publish", {"note": "plainer words"})
    assert lawyer.answer.status_code == 200
    after = here.post("/decide", json=skype)
    assert duties(after)["B05"] == "Tell nobody of the request"
    assert after.json()["release"] == before.json()["release"] + 1
    eventually(lambda: duties(there.post("/decide", json=skype))["B05"], "Tell nobody of the request")

    # The past is as it was: the stored bytes, the replay, and the release of then.
    path = f"/decisions/{before.json()['id']}"
    assert there.get(path).content == before.content
    replayed = there.post(f"{path}/replay").json()
    assert replayed["equal"] is True
    assert replayed["answer"] == before.json()
    then = here.post("/decide", json=skype | {"release": before.json()["release"]})
    assert duties(then) == duties(before)

    number = before.json()["release"]
    activate = f"/admin/rulebooks/telecom/releases/{number}/activate"
    lawyer.open(activate).send(activate, {"note": "too plain"})
    assert duties(here.post("/decide", json=skype)) == duties(before)
    eventually(lambda: duties(there.post("/decide", json=skype)), duties(before))
