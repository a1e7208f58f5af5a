"""Accounts and keys: made and closed by administrators, their secrets told once."""

import re

import pytest

from tests.admin.conftest import PASSWORD


@pytest.fixture
async def boss(staff):
    return await staff("administrator")


def secret_on(page):
    return re.search(r'class="secret">([^<]+)<', page.html)[1]


async def test_an_account_is_made_and_its_one_time_password_told_once(boss, visitor):
    await boss.open("accounts")
    await boss.send("/accounts", name="Ann Peeters", login="ann", role="editor")
    password = secret_on(boss.page)
    assert boss.answer.headers["cache-control"] == "no-store"
    assert password not in (await boss.open("accounts")).html
    ann = visitor()
    await ann.open("login")
    await ann.send("/login", login="ann", password=password)
    await ann.send("/password", new=PASSWORD, again=PASSWORD)
    assert "Ann Peeters" in ann.page.text
    await ann.open("rulebooks/fees")
    await ann.send("/drafts")
    assert ann.status == 200


async def test_control_characters_in_the_name_of_a_person_or_a_key_are_dropped(boss, desk):
    await boss.open("accounts")
    await boss.send("/accounts", name="Ann\0 P.", login="ann\0", role="reader")
    assert [one.name for one in await desk.access.accounts() if one.login == "ann"] == ["Ann P."]
    await boss.open("keys")
    await boss.send("/keys", name="portal\0")
    assert [key.name for key in await desk.access.keys()] == ["portal"]


async def test_a_login_that_is_taken_is_refused_and_what_was_typed_kept(boss):
    await boss.open("accounts")
    await boss.send("/accounts", name="Other", login="administrator1", role="reader")
    assert boss.status == 422
    assert ("name", "Other") in boss.page.form("/accounts").fields


def form_of(page, login, deed):
    at = page.html.index(f"<code>{login}</code>")
    action = re.search(r'action="([^"]+)"', page.html[at:])[1]
    return next(
        form for form in page.forms if form.action == action and deed in dict(form.fields).get("deed", deed)
    )


async def test_an_account_gets_another_role_and_is_closed_with_its_sessions(boss, staff):
    ann = await staff("reader")
    await boss.open("accounts")
    form = form_of(boss.page, "reader2", "role")
    await boss.post(form.action, form.filled({"role": "editor"}))
    await ann.open("rulebooks/fees")
    assert "editor" in ann.page.text
    form = form_of(boss.page, "reader2", "close")
    await boss.post(form.action, [*[f for f in form.fields if f[0] == "csrf"], ("deed", "close")])
    assert "closed" in boss.page.text
    await ann.open("rulebooks/fees")
    assert ann.at.startswith("/admin/login")


async def test_the_last_administrator_cannot_be_closed(boss, desk):
    await boss.open("accounts")
    token = ("csrf", dict(boss.page.form("/logout").fields)["csrf"])
    for account in await desk.access.accounts():
        if account.login != "administrator1":
            await boss.post(f"accounts/{account.id}", [token, ("deed", "close")])
    own = next(one for one in await desk.access.accounts() if one.login == "administrator1")
    await boss.post(f"accounts/{own.id}", [token, ("deed", "close")])
    assert boss.status == 422
    await boss.open("accounts")
    assert boss.status == 200


async def test_a_lost_password_is_replaced_by_a_one_time_one(boss, staff, visitor):
    ann = await staff("reader")
    await boss.open("accounts")
    form = form_of(boss.page, "reader2", "password")
    await boss.post(form.action, [*[f for f in form.fields if f[0] == "csrf"], ("deed", "password")])
    password = secret_on(boss.page)
    await ann.open("rulebooks/fees")
    assert ann.at.startswith("/admin/login")
    again = visitor()
    await again.open("login")
    await again.send("/login", login="reader2", password=password)
    assert again.at == "/admin/password"


async def test_a_key_is_made_told_once_and_revoked(boss, desk):
    await boss.open("keys")
    await boss.send("/keys", name="permit portal")
    text = secret_on(boss.page)
    key = await desk.access.key(text)
    assert key.name == "permit portal"
    assert key.scopes == ("decide",)
    page = await boss.open("keys")
    assert text not in page.html
    await boss.send("/revoke")
    assert "revoked" in boss.page.text
    assert await desk.access.key(text) is None


async def test_a_key_without_a_name_or_a_purpose_is_refused(boss):
    await boss.open("keys")
    await boss.send("/keys", name=" ")
    assert boss.status == 422
    await boss.send("/keys", name="portal", scope=None)
    assert boss.status == 422


async def test_one_changes_ones_own_password_by_giving_the_present_one(staff, visitor):
    ann = await staff("reader")
    await ann.open("password")
    await ann.send("/password", old="wrong", new="another calm sentence", again="another calm sentence")
    assert ann.status == 422
    await ann.send("/password", old=PASSWORD, new="another calm sentence", again="another calm sentence")
    assert "Your password was changed" in ann.page.text
    again = visitor()
    await again.open("login")
    await again.send("/login", login="reader1", password="another calm sentence")
    assert again.at == "/admin/"


async def test_the_audit_trail_is_paged_and_kept_to_one_rulebook(boss, desk):
    for n in range(120):
        await desk.store.note("test", "test/noted", subject=f"n{n}", rulebook="fees" if n % 2 else None)
    page = await boss.open("audit")
    assert "n119" in page.text
    assert "n10 " not in page.text
    await boss.follow("Older lines")
    assert "n10 " in boss.page.text
    page = await boss.open("audit?rulebook=fees")
    assert "n119" in page.text
    assert "n118" not in page.text
