"""Nobody reads or changes anything without a session, and no form counts that our own page did not make."""

import json
import shutil

import httpx
import pytest
from starlette.routing import Mount, Route

from admin.signing_in import LOGIN_COOKIE
from service.access import SESSION_COOKIE
from service.main import create_app
from service.settings import Settings
from tests.admin.conftest import PASSWORD
from tests.admin.html_of import Page
from tests.admin.test_editing import rules_of


def routes_of(app):
    admin = next(route.app for route in app.routes if isinstance(route, Mount) and route.path == "/admin")
    return [route for route in admin.routes if isinstance(route, Route)]


def concrete(path, draft="none"):
    return (
        path.replace("{key}", "fees")
        .replace("{number}", "1")
        .replace("{draft}", draft)
        .replace("{table:path}", "fee")
        .replace("{plan}", "1")
        .replace("{account}", "x")
        .replace("{key_id}", "x")
        .lstrip("/")
    )


async def test_every_page_but_signing_in_sends_a_stranger_to_sign_in(app, visitor):
    stranger = visitor()
    for route in routes_of(app):
        if route.path in {"/login", "/language"}:
            continue
        await stranger.open(concrete(route.path))
        assert stranger.at.startswith("/admin/login"), route.path


async def test_every_post_without_the_sessions_token_is_refused(app, staff, desk):
    boss = await staff("administrator")
    draft = await desk.publishing.start_draft("fees", "test")
    before = [line.id for line in await desk.store.audit()]
    posts = [route for route in routes_of(app) if "POST" in route.methods and route.path != "/login"]
    assert len(posts) > 10
    for route in posts:
        where = concrete(route.path, draft.id) + "?table=fee&rule=R1&formula=clock"
        await boss.post(
            where, [("table", "fee"), ("rule", "R1"), ("name", "output.fee"), ("output.fee", "99")]
        )
        assert boss.status == 403, route.path
        await boss.post(where, [("csrf", "x" * 43), ("new", PASSWORD), ("again", PASSWORD)])
        assert boss.status == 403, route.path
    assert [line.id for line in await desk.store.audit()] == before


async def test_a_one_time_password_opens_nothing_but_the_choice_of_ones_own(desk, visitor):
    _, password = await desk.access.create_account("ann", "Ann", "reader", "test")
    ann = visitor()
    await ann.open("rulebooks/fees")
    assert ann.at == "/admin/login?next=%2Fadmin%2Frulebooks%2Ffees"
    await ann.send("/login", login="ann", password=password)
    assert ann.at == "/admin/password"
    await ann.open("rulebooks/fees")
    assert ann.at == "/admin/password"
    await ann.send("/password", new="short", again="short")
    assert ann.status == 422
    assert "12 to 256" in ann.page.text
    await ann.send("/password", new=PASSWORD, again=PASSWORD + "s")
    assert "not the same" in ann.page.text
    await ann.send("/password", new=PASSWORD, again=PASSWORD)
    assert "Your password was changed" in ann.page.text
    await ann.open("rulebooks/fees")
    assert ann.status == 200


async def test_after_signing_in_one_lands_where_one_wanted_to_go_but_never_elsewhere(staff, visitor):
    await staff("reader")
    ann = visitor()
    await ann.open("rulebooks/fees")
    await ann.send("/login", login="reader1", password=PASSWORD)
    assert ann.at == "/admin/rulebooks/fees"
    for trap in ("https://evil.example/", "//evil.example/", "/admin/\\evil.example", "/elsewhere"):
        other = visitor()
        await other.open("login")
        await other.send("/login", login="reader1", password=PASSWORD, next=trap)
        assert other.answer.url.host == "127.0.0.1"
        assert other.at == "/admin/", trap


async def test_a_wrong_password_says_no_more_than_that_and_keeps_the_login(visitor, staff):
    await staff("reader")
    for login in ("reader1", "nobody"):
        stranger = visitor()
        await stranger.open("login")
        await stranger.send("/login", login=login, password="wrong")
        assert stranger.status == 403
        assert "do not go together" in stranger.page.text
        assert ("login", login) in stranger.page.form("/login").fields


async def test_a_sign_in_form_that_another_site_made_is_refused(visitor, staff):
    await staff("reader")
    victim = visitor()
    await victim.post(
        "login", [("csrf", "guess"), ("login", "reader1"), ("password", PASSWORD), ("next", "")]
    )
    assert victim.status == 403
    await victim.open("rulebooks/fees")
    assert victim.at.startswith("/admin/login")


async def test_signing_out_ends_the_session_on_the_server(staff):
    ann = await staff("reader")
    session = dict(ann.client.cookies)
    await ann.send("/logout")
    assert ann.at == "/admin/login"
    ann.client.cookies.update(session)
    await ann.open("rulebooks/fees")
    assert ann.at.startswith("/admin/login")


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(desk, visitor):
    _, password = await desk.access.create_account("ann", "Ann", "reader", "test")
    ann = visitor()
    await ann.open("login")
    ann.client.follow_redirects = False
    form = ann.page.form("/login").filled({"login": "ann", "password": password})
    answer = await ann.client.post("/admin/login", data=dict(form))
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("decidable_session"))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/admin" in cookie


@pytest.mark.parametrize(
    ("public_url", "came_by", "is_secure"),
    [
        (None, "http", False),
        (None, "https", True),
        ("https://rules.example/", "http", True),
        ("http://rules.example/", "https", False),
    ],
)
async def test_cookies_are_secure_where_people_come_over_https_also_through_a_proxy(
    shelf, tmp_path, public_url, came_by, is_secure
):
    path = tmp_path / "decidable.db"
    shutil.copy(shelf.fees, path)
    app = create_app(Settings(database_url=f"sqlite:///{path}", public_url=public_url))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"{came_by}://127.0.0.1") as browser,
    ):
        page = Page((await browser.get("/admin/login")).text)
        first = app.state.first_login
        # httpx would keep a Secure cookie from a server that it reaches over http, as a browser does.
        token = dict(page.form("/login").fields)["csrf"]
        signed_in = await browser.post(
            "/admin/login",
            data={"csrf": token, "login": first.login, "password": first.password},
            headers={"cookie": f"{LOGIN_COOKIE}={token}"},
        )
        cookies = signed_in.headers.get_list("set-cookie")
        session = next(cookie for cookie in cookies if cookie.startswith(SESSION_COOKIE))
        assert ("Secure" in session) == is_secure
        chosen = await browser.get("/admin/language?to=nl")
        assert ("Secure" in chosen.headers["set-cookie"]) == is_secure


async def test_a_one_time_password_cannot_be_chosen_again(desk, visitor):
    _, password = await desk.access.create_account("ann", "Ann", "reader", "test")
    ann = visitor()
    await ann.open("login")
    await ann.send("/login", login="ann", password=password)
    await ann.send("/password", new=password, again=password)
    assert ann.status == 422
    assert "It is the old one." in ann.page.text


@pytest.mark.parametrize("login", ["ann\0", "a" * 5000])
async def test_a_login_that_nobody_can_have_is_answered_like_a_wrong_one(visitor, login):
    stranger = visitor()
    await stranger.open("login")
    await stranger.send("/login", login=login, password="wrong")
    assert stranger.status == 403
    assert "do not go together" in stranger.page.text


async def test_the_language_is_the_readers_choice_else_the_browsers(visitor):
    reader = visitor(**{"accept-language": "de, fr-BE;q=0.8, en;q=0.5"})
    page = await reader.open("login")
    assert 'lang="fr"' in page.html
    await reader.follow("Nederlands")
    assert reader.at == "/admin/login"
    assert '<html lang="nl">' in reader.page.html
    await reader.open("language?to=xx&back=https://evil.example/")
    assert reader.answer.url.host == "127.0.0.1"
    assert '<html lang="nl">' in reader.page.html


async def test_who_sends_a_form_after_the_session_ended_is_told_that_nothing_was_saved(staff):
    ann = await staff("editor")
    page = "http://decidable.test/admin/rulebooks/fees"
    ann.client.cookies.clear()
    answer = await ann.client.post(
        "/admin/rulebooks/fees/drafts", data={"csrf": "old"}, headers={"referer": page}, follow_redirects=True
    )
    assert "You were signed out before this was saved." in answer.text
    assert 'name="next" value="/admin/rulebooks/fees"' in answer.text
    for referer in ("", "https://other.test//evil.test/", "x://[", "https://a/admin\\..//b"):
        answer = await ann.client.post(
            "/admin/rulebooks/fees/drafts", headers={"referer": referer}, follow_redirects=True
        )
        assert 'name="next" value="/admin/"' in answer.text, referer
    answer = await ann.client.post("/admin/logout", follow_redirects=True)
    assert "before this was saved" not in answer.text


OURS = {"sec-fetch-site": "same-origin"}
"""What browsers say of a form that a page of this origin sends."""


async def signed_out_on(person, path):
    """The form page at `path`, whose session has ended; as a browser tells where its forms come from."""
    await person.open(path)
    person.client.cookies.clear()
    person.client.headers.update({**OURS, "referer": str(person.answer.url)})


async def test_a_form_sent_after_the_session_ended_is_kept_through_signing_in_and_sent_again(
    editor, draft, desk
):
    await signed_out_on(editor, f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="31", note="Line one\n“two” & <three>")
    assert editor.status == 403
    assert "Outcome (fee) 31" in editor.page.text
    assert 'href="/admin/language' not in editor.page.html, "another page would forget it"
    assert (await rules_of(desk, draft))["R3"].outputs == ("25.50",)
    await editor.send("/login", login="editor1", password="wrong")
    assert editor.status == 403
    await editor.send("/login", login="editor1", password=PASSWORD)
    assert editor.status == 200
    assert "Outcome (fee) 31" in editor.page.text
    assert "Line one “two” & <three>" in editor.page.text
    assert "Fees Act" not in editor.page.text, "what was not touched is not shown as typed"
    assert (await rules_of(desk, draft))["R3"].outputs == ("25.50",), "nothing is sent again by itself"
    await editor.send("/rule")
    assert "Saved." in editor.page.text
    rule = (await rules_of(desk, draft))["R3"]
    assert (rule.outputs, rule.note) == (("31",), "Line one\n“two” & <three>")


async def test_what_was_kept_meets_what_others_saved_meanwhile_like_any_form(editor, staff, draft):
    bob = await staff("editor")
    await signed_out_on(editor, f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="31")
    await bob.open(f"{draft}/rule?table=fee&rule=R3")
    await bob.send("/rule", output__fee="32")
    await editor.send("/login", login="editor1", password=PASSWORD)
    await editor.send("/rule")
    assert editor.status == 409
    assert "Keep mine 31" in editor.page.text
    assert "Take theirs 32" in editor.page.text


async def test_a_form_that_an_earlier_session_made_is_shown_again_with_a_fresh_token(editor, draft, desk):
    await signed_out_on(editor, f"{draft}/rule?table=fee&rule=R3")
    stale = editor.page
    await editor.open("login")
    await editor.send("/login", login="editor1", password=PASSWORD)
    editor.page = stale
    await editor.send("/rule", output__fee="31")
    assert editor.status == 403
    assert "Outcome (fee) 31" in editor.page.text
    assert (await rules_of(desk, draft))["R3"].outputs == ("25.50",)
    await editor.send("/rule")
    assert (await rules_of(desk, draft))["R3"].outputs == ("31",)


@pytest.mark.parametrize(
    "told",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:8000"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
async def test_nothing_that_another_site_sent_is_kept_or_shown(editor, draft, told):
    trap = [("csrf", "x"), ("output.fee", "666")]
    editor.client.headers.update(told)
    await editor.post(f"{draft}/rule?table=fee&rule=R3", trap)
    assert editor.status == 403
    assert "666" not in editor.page.html
    cookies = dict(editor.client.cookies)
    editor.client.cookies.clear()
    await editor.post(f"{draft}/rule?table=fee&rule=R3", trap)
    assert editor.at.startswith("/admin/login?")
    assert "666" not in editor.page.html
    to = f"/admin/{draft}/rule?table=fee&rule=R3"
    kept = json.dumps({"to": to, "came": "/admin/", "fields": [["output.fee", "666"]]})
    editor.client.cookies.update(cookies)
    await editor.post("login", [("csrf", "x"), ("kept", kept), ("login", "a"), ("password", "b")])
    assert "666" not in editor.page.html


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/admin/password", "/api/x", "javascript:x"]
)
async def test_what_is_kept_goes_nowhere_but_to_a_form_of_ours(visitor, staff, to):
    await staff("editor")
    person = visitor(**OURS)
    await person.open("login")
    token = dict(person.page.form("/login").fields)["csrf"]
    for kept in (f'{{"to":"{to}","came":"{to}","fields":[["a","666"]]}}', "{", "[]", '{"to":1}'):
        sent = [("csrf", token), ("kept", kept), ("login", "editor1"), ("password", "wrong"), ("next", "")]
        await person.post("login", sent)
        assert person.status == 403
        assert "666" not in person.page.html
        token = dict(person.page.form("/login").fields)["csrf"]


async def test_passwords_are_kept_in_no_page(editor):
    await signed_out_on(editor, "password")
    await editor.send("/password", old=PASSWORD, new="another calm sentence", again="another calm sentence")
    assert editor.at.startswith("/admin/login?")
    assert "calm sentence" not in editor.page.html


async def test_a_form_of_nothing_but_its_token_or_too_large_leads_to_signing_in_as_before(editor, draft):
    await signed_out_on(editor, f"{draft}/rule?table=fee&rule=R3")
    form = editor.page
    await editor.post(f"{draft}/discard", [("csrf", "x")])
    assert editor.at.startswith("/admin/login?")
    editor.page = form
    await editor.send("/rule", note="x" * 600_000)
    assert editor.at.startswith("/admin/login?")
    assert "sent again" in editor.page.text
    fields = [(f"n{n}", "x") for n in range(2_000)]
    await editor.post(f"{draft}/rule?table=fee&rule=R3", fields)
    assert editor.at.startswith("/admin/login?")


async def test_files_of_a_form_that_is_kept_are_named_since_they_have_to_be_chosen_again(editor):
    await signed_out_on(editor, "import")
    files = {"files": ("fees.xlsx", b"PK", "application/octet-stream")}
    editor._see(await editor.client.post("/admin/import", data={"csrf": "x", "key": "tariffs"}, files=files))
    assert editor.status == 403
    assert "The file fees.xlsx cannot be kept" in editor.page.text
    await editor.send("/login", login="editor1", password=PASSWORD)
    await editor.send("/import")
    assert editor.status == 422
    assert "Choose a file." in editor.page.text
    assert ("key", "tariffs") in editor.page.form("/import").fields


async def test_what_is_kept_outlasts_a_lost_password(editor, draft, desk):
    account = next(one for one in await desk.access.accounts() if one.login == "editor1")
    await signed_out_on(editor, f"{draft}/rule?table=fee&rule=R3")
    once = await desk.access.reset_password(account.login, "test")
    await editor.send("/rule", output__fee="31")
    await editor.send("/login", login="editor1", password=once.password)
    assert "Choose" in editor.page.text
    await editor.send("/password", new="short", again="short")
    assert editor.status == 422
    await editor.send("/password", new="another calm sentence", again="another calm sentence")
    assert "Outcome (fee) 31" in editor.page.text
    await editor.send("/rule")
    assert (await rules_of(desk, draft))["R3"].outputs == ("31",)


async def test_every_form_is_kept_in_the_same_way(app, staff, desk):
    boss = await staff("administrator", **OURS)
    draft = await desk.publishing.start_draft("fees", "test")
    cookies, lines = dict(boss.client.cookies), len(await desk.store.audit())
    for route in routes_of(app):
        if "POST" not in route.methods or route.path.endswith(("/login", "/logout", "/password", "/ops")):
            continue
        for session in ({}, cookies):
            boss.client.cookies.clear()
            boss.client.cookies.update(session)
            where = concrete(route.path, draft.id) + "?table=fee&rule=R1&formula=clock"
            await boss.post(where, [("csrf", "old"), ("note", "My words.")])
            assert boss.status == 403, route.path
            assert "Note My words." in boss.page.text, (route.path, session)
    assert len(await desk.store.audit()) == lines
