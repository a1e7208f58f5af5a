"""Who may come in: passwords, sessions, roles, keys, and what counts as a local program."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from decision_tables.errors import NotFound, Refused
from service import access as access_module
from service.access import Access, FirstLogin, Role, Scope, ToldLogin, is_local, is_loopback, require
from service.settings import Settings
from service.store import Store


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    """What argon2 costs is argon2's matter; here it would cost a minute."""
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    monkeypatch.setattr(PasswordHash, "recommended", lambda: cheap)


@pytest.fixture
def settings():
    return Settings(poll_seconds=0.001)


@pytest.fixture
async def store(sqlite_url):
    """SQLite: how accounts and keys are kept on both databases is shown beside the store."""
    opened = await Store.open(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
def access(store, settings):
    return Access(store, settings)


async def refusal(awaited):
    with pytest.raises(Refused) as refused:
        await awaited
    return refused.value.code


async def settled(access, login="ann", role="editor", password="correct horse battery"):
    """An account that has chosen its own password."""
    _, once = await access.create_account(login, "Ann", role, "test")
    staff = await access.login(login, once)
    await access.change_password(staff, "", password)
    return await access.login(login, password)


async def test_a_one_time_password_opens_once_and_only_to_choose_another(access):
    account, once = await access.create_account("Ann", "Ann", "editor", "test")
    assert account.must_change_password
    staff = await access.login("ann", once)
    with pytest.raises(Refused) as refused:
        require(await access.staff(staff.token), Role.READER)
    assert refused.value.code == "access/change-password"
    assert await refusal(access.login("ann", once)) == "access/credentials"
    await access.change_password(staff, "", "correct horse battery")
    assert require(await access.staff(staff.token), Role.EDITOR).login == "ann"
    assert (await access.login("ANN", "correct horse battery")).account.login == "ann"


async def test_a_one_time_password_is_not_kept_as_ones_own(access):
    _, once = await access.create_account("ann", "Ann", "editor", "test")
    staff = await access.login("ann", once)
    with pytest.raises(Refused) as refused:
        await access.change_password(staff, "", once)
    assert refused.value.reasons == ("It is the old one.",)
    assert (await access.staff(staff.token)).must_change_password
    await access.change_password(staff, "", "correct horse battery")


async def test_a_one_time_password_works_for_a_day(access, monkeypatch):
    _, once = await access.create_account("ann", "", "reader", "test")

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(hours=25)

    monkeypatch.setattr(access_module, "datetime", Tomorrow)
    assert await refusal(access.login("ann", once)) == "access/expired"


async def test_a_wrong_password_and_an_unknown_login_are_refused_alike(access):
    await settled(access)
    wrong = await refusal(access.login("ann", "wrong"))
    unknown = await refusal(access.login("nobody", "wrong"))
    assert wrong == unknown == "access/credentials"


async def test_five_wrong_passwords_bring_a_pause_even_for_the_right_one(access):
    await settled(access)
    for _ in range(5):
        assert await refusal(access.login("ann", "wrong")) == "access/credentials"
    assert await refusal(access.login("ann", "correct horse battery")) == "access/throttled"
    assert await refusal(access.login("ANN ", "correct horse battery")) == "access/throttled"


async def test_wrong_passwords_that_come_all_at_once_are_counted_one_by_one(access):
    staff = await settled(access)
    codes = await asyncio.gather(*(refusal(access.login("ann", "wrong")) for _ in range(30)))
    assert codes.count("access/throttled") == 25
    other = await settled(access, "bob")
    tries = [refusal(access.change_password(other, "wrong", "another long password")) for _ in range(30)]
    assert (await asyncio.gather(*tries)).count("access/throttled") == 25
    assert await access.staff(staff.token) is not None


async def test_a_right_password_clears_the_count_of_wrong_ones(access):
    await settled(access)
    for _ in range(3):
        for _ in range(4):
            assert await refusal(access.login("ann", "wrong")) == "access/credentials"
        staff = await access.login("ann", "correct horse battery")
    for _ in range(4):
        await refusal(access.change_password(staff, "wrong", "another long password"))
    await access.change_password(staff, "correct horse battery", "another long password")
    assert not access._failures


@pytest.mark.parametrize("login", ["", "a" * 101, "ann\0", "an\nn", "an\x85n", "an n", "\ud800"])
async def test_what_cannot_be_a_login_is_refused_like_a_wrong_one_and_not_remembered(access, login):
    for _ in range(10):
        with pytest.raises(Refused, match="do not go together") as refused:
            await access.login(login, "wrong")
        assert refused.value.code == "access/credentials"
    assert not access._failures


async def test_logging_out_and_being_deactivated_end_the_session(access):
    staff = await settled(access)
    assert await access.staff(staff.token) is not None
    await access.logout(staff.token)
    assert await access.staff(staff.token) is None
    again = await access.login("ann", "correct horse battery")
    await access.change_account(again.account.id, "test", active=False)
    assert await access.staff(again.token) is None
    assert await refusal(access.login("ann", "correct horse battery")) == "access/credentials"


async def test_no_token_and_a_made_up_token_are_no_session(access):
    assert await access.session("") is None
    assert await access.session("made-up") is None


async def test_changing_the_password_asks_for_the_old_one_and_ends_other_sessions(access):
    staff = await settled(access)
    other = await access.login("ann", "correct horse battery")
    assert (
        await refusal(access.change_password(staff, "wrong", "another long password")) == "access/credentials"
    )
    await access.change_password(staff, "correct horse battery", "another long password")
    assert await access.staff(other.token) is None
    assert await access.staff(staff.token) is not None


@pytest.mark.parametrize(
    "new", ["short", "a" * 20, "my name is ann okay", "x" * 300, "correct horse battery"]
)
async def test_a_poor_password_is_refused_with_reasons(access, new):
    staff = await settled(access)
    with pytest.raises(Refused) as refused:
        await access.change_password(staff, "correct horse battery", new)
    assert refused.value.code == "access/password"
    assert refused.value.reasons


async def test_every_session_has_its_own_form_token(access):
    one = await settled(access)
    two = await access.login("ann", "correct horse battery")
    assert one.is_own_form(one.csrf)
    assert not one.is_own_form(two.csrf)
    assert not one.is_own_form("")
    kept = await access.session(one.token)
    assert kept is not None
    assert kept.csrf == one.csrf


async def test_the_first_login_is_for_an_administrator_until_there_is_one(access):
    first = await access.first_login()
    assert first is not None
    assert timedelta(hours=23) < first.until - datetime.now(UTC) <= timedelta(days=1)
    told = await access.first_login()
    assert isinstance(told, ToldLogin), "it still works: whoever was told it may be about to use it"
    assert (told.login, abs(told.until - first.until) < timedelta(minutes=1)) == (first.login, True)
    staff = await access.login(first.login, first.password)
    assert staff.account.role == Role.ADMINISTRATOR
    again = await access.first_login()
    assert isinstance(again, FirstLogin), "the one that was told is spent, and nobody has chosen a password"
    staff = await access.login(again.login, again.password)
    await access.change_password(staff, "", "correct horse battery")
    assert await access.first_login() is None


async def test_a_first_login_that_has_expired_is_replaced(access, monkeypatch):
    first = await access.first_login()

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(hours=25)

    monkeypatch.setattr(access_module, "datetime", Tomorrow)
    again = await access.first_login()
    assert (again.login, again.password != first.password) == ("admin", True)


async def test_of_replicas_that_start_at_once_one_makes_the_first_login(store, settings):
    told = await asyncio.gather(*(Access(store, settings).first_login() for _ in range(3)))
    assert sorted(type(one).__name__ for one in told) == ["FirstLogin", "ToldLogin", "ToldLogin"]
    first = next(one for one in told if isinstance(one, FirstLogin))
    assert (await Access(store, settings).login(first.login, first.password)).account.login == "admin"


async def test_no_first_login_is_made_over_a_reader_who_is_called_admin(access):
    await access.create_account("admin", "", "reader", "test")
    assert await refusal(access.first_login()) == "account/taken"


@pytest.mark.parametrize(
    ("login", "role", "code"),
    [("", "reader", "account/login"), ("a b", "reader", "account/login"), ("ann", "boss", "account/role")],
)
async def test_an_account_needs_a_login_and_a_role_that_exists(access, login, role, code):
    assert await refusal(access.create_account(login, "", role, "test")) == code


async def test_a_lost_password_is_reset_by_a_one_time_password(access):
    staff = await settled(access)
    login = await access.reset_password("ann", "test")
    assert await access.staff(staff.token) is None
    assert (await access.login("ann", login.password)).account.must_change_password
    with pytest.raises(NotFound):
        await access.reset_password("nobody", "test")


def test_each_role_includes_the_ones_before_it():
    ranks = [Role.READER, Role.EDITOR, Role.PUBLISHER, Role.ADMINISTRATOR]
    for place, role in enumerate(ranks):
        assert [role.includes(other) for other in ranks] == [at <= place for at in range(4)]


async def test_a_role_that_does_not_reach_is_refused(access):
    staff = await settled(access, role="editor")
    assert require(staff.account, Role.READER) is staff.account
    with pytest.raises(Refused) as refused:
        require(staff.account, Role.PUBLISHER)
    assert refused.value.code == "access/role"
    with pytest.raises(Refused) as refused:
        require(None, Role.READER)
    assert refused.value.code == "access/credentials"


async def test_a_key_opens_until_it_is_revoked(store, settings, access):
    assert not await access.any_key_exists()
    key, text = await access.create_key("portal", (Scope.DECIDE,), "test")
    assert await access.any_key_exists()
    found = await access.key(text)
    assert found is not None
    assert (found.name, found.scopes) == ("portal", ("decide",))
    elsewhere = Access(store, settings)
    assert await elsewhere.key(text) is not None
    await access.revoke_key(key.id, "test")
    assert await access.key(text) is None
    assert await elsewhere.key(text) is None
    assert await elsewhere.any_key_exists(), "to revoke the last key must not open the door"


async def test_another_text_with_a_keys_prefix_is_not_the_key(access):
    _, text = await access.create_key("portal", (Scope.DECIDE,), "test")
    prefix = text[: text.index("_", 3) + 1]
    for other in (prefix, prefix + "x" * 43, text + "x", text[:-1], "", "dk", "dk__", text.upper()):
        assert await access.key(other) is None


async def test_the_store_never_sees_a_key_or_a_password(store, access):
    staff = await settled(access)
    _, text = await access.create_key("portal", (Scope.READ,), "test")
    kept = repr([await store.people.keys(), await store.people.credentials("ann"), await store.audit()])
    for secret in (text, text.split("_", 2)[2], staff.token, "correct horse battery"):
        assert secret not in kept


@pytest.mark.parametrize(
    ("name", "scopes", "code"),
    [(" ", ("read",), "key/name"), ("x", (), "key/scope"), ("x", ("all",), "key/scope")],
)
async def test_a_key_needs_a_name_and_scopes_that_exist(access, name, scopes, code):
    assert await refusal(access.create_key(name, scopes, "test")) == code


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_a_program_of_this_machine_is_local(host):
    assert is_local({"host": host})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "evil.example"},
        {"host": "localhost.evil.example"},
        {"host": "127.0.0.1.evil.example"},
        {"host": "evil.example:127.0.0.1"},
        {"host": "localhost", "origin": "http://localhost:8000"},
        {"host": "localhost", "origin": "null"},
        {"host": "localhost", "forwarded": "for=1.2.3.4"},
        {"host": "localhost", "x-forwarded-for": "1.2.3.4"},
        {"host": "localhost", "x-forwarded-proto": "https"},
        {"host": "localhost", "x-real-ip": "1.2.3.4"},
        {"host": "localhost", "via": "1.1 proxy"},
        {"host": "localhost", "sec-fetch-site": "cross-site"},
        {"host": "localhost", "sec-fetch-site": "same-site"},
    ],
)
def test_a_page_in_a_browser_or_a_proxy_is_not_local(headers):
    assert not is_local(headers)


def test_loopback_addresses_are_told_from_others():
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "::", "10.0.0.1", "example.org", ""))
