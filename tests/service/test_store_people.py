from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from decision_tables.errors import NotFound, Refused
from service.store import StaffSession


async def an_account(store, login="ann", role="editor", **more):
    fields = {
        "login": login,
        "name": login.title(),
        "role": role,
        "password_hash": "hash",
        "one_time_until": None,
    }
    return await store.people.create_account(**{**fields, **more}, actor="system")


def a_session(account, token="token", *, hours=12):
    at = datetime.now(UTC)
    return StaffSession(
        token_hash=token,
        account_id=account.id,
        csrf=f"csrf of {token}",
        created_at=at,
        expires_at=at + timedelta(hours=hours),
    )


async def actions(store):
    return [(line.actor, line.action, line.subject) for line in await store.audit()]


async def test_an_account_is_found_by_its_login_whatever_the_case(store):
    account = await an_account(store, " Ann ")
    assert account.login == "ann"
    credentials = await store.people.credentials("ANN")
    assert (credentials.account, credentials.password_hash) == (account, "hash")
    assert await store.people.credentials("bob") is None
    assert await store.people.account(account.id) == account
    assert await store.people.accounts() == [account]
    with pytest.raises(NotFound):
        await store.people.account("nobody")


async def test_a_login_is_given_to_one_person_only(store):
    results = await asyncio.gather(
        *(an_account(store, login) for login in ("ann", "Ann", "ANN")), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, Refused)]
    assert [error.code for error in refused] == ["account/taken"] * 2
    assert len(await store.people.accounts()) == 1
    assert await actions(store) == [("system", "account/created", "ann")]


async def test_a_one_time_password_has_to_be_changed_and_is_spent_once(store):
    until = datetime.now(UTC) + timedelta(days=1)
    account = await an_account(store, one_time_until=until)
    assert account.must_change_password
    assert (await store.people.credentials("ann")).one_time_until == until
    spent = await asyncio.gather(*(store.people.spend_password(account.id, "hash") for _ in range(4)))
    assert sorted(spent) == [False, False, False, True]
    assert (await store.people.credentials("ann")).password_hash == ""
    assert not await store.people.spend_password(account.id, "")


async def test_a_spent_password_is_remembered_until_another_is_set(store):
    account = await an_account(store, one_time_until=datetime.now(UTC) + timedelta(days=1))
    assert await store.people.spent_password(account.id) == ""
    await store.people.spend_password(account.id, "hash")
    assert await store.people.spent_password(account.id) == "hash"
    await store.people.set_password(account.id, "own", actor="ann")
    assert await store.people.spent_password(account.id) == ""
    assert (await store.people.credentials("ann")).password_hash == "own"


async def test_a_new_password_ends_all_other_sessions(store):
    account = await an_account(store, one_time_until=datetime.now(UTC))
    for token in ("this", "other"):
        await store.people.open_session(a_session(account, token))
    await store.people.set_password(account.id, "new", actor="ann", keep_session="this")
    credentials = await store.people.credentials("ann")
    assert (credentials.password_hash, credentials.one_time_until) == ("new", None)
    assert not credentials.account.must_change_password
    assert await store.people.session("this") is not None
    assert await store.people.session("other") is None


async def test_a_session_gives_its_account_as_it_is_now(store):
    account = await an_account(store)
    opened = a_session(account)
    await store.people.open_session(opened)
    assert await store.people.session("token") == (opened, account)
    changed = await store.people.change_account(account.id, actor="root", role="reader", name="Ann B.")
    assert (changed.role, changed.name) == ("reader", "Ann B.")
    assert await store.people.session("token") == (opened, changed)
    await store.people.close_session("token")
    await store.people.close_session("token")
    assert await store.people.session("token") is None


async def test_a_session_that_has_expired_is_none_and_is_swept_out_by_the_next(store):
    account = await an_account(store)
    await store.people.open_session(a_session(account, "old", hours=-1))
    assert await store.people.session("old") is None
    await store.people.open_session(a_session(account, "new"))
    async with store._database.reading() as session:
        from sqlmodel import select

        from service.store.rows import SessionRow

        assert (await session.exec(select(SessionRow.token_hash))).all() == ["new"]


async def test_who_is_made_inactive_is_logged_out_for_good(store):
    account = await an_account(store)
    await store.people.open_session(a_session(account))
    await store.people.change_account(account.id, actor="root", active=False)
    assert await store.people.session("token") is None
    await store.people.change_account(account.id, actor="root", active=True)
    assert await store.people.session("token") is None
    await store.people.open_session(a_session(account, "afterwards"))
    assert await store.people.session("afterwards") is not None


@pytest.mark.parametrize("change", [{"role": "editor"}, {"active": False}])
async def test_the_last_administrator_stays_one(store, change):
    account = await an_account(store, role="administrator")
    with pytest.raises(Refused) as refused:
        await store.people.change_account(account.id, actor="ann", **change)
    assert refused.value.code == "account/last-administrator"
    assert await store.people.account(account.id) == account
    assert await store.people.administrator_exists()


async def test_of_two_administrators_that_unseat_each_other_one_stays(store):
    ann, bob = [await an_account(store, login, "administrator") for login in ("ann", "bob")]
    results = await asyncio.gather(
        store.people.change_account(ann.id, actor="bob", role="reader"),
        store.people.change_account(bob.id, actor="ann", active=False),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["Account", "Refused"]
    assert await store.people.administrator_exists()


async def test_an_inactive_administrator_is_none(store):
    assert not await store.people.administrator_exists()
    ann = await an_account(store, "ann", "administrator")
    bob = await an_account(store, "bob", "administrator")
    await store.people.change_account(ann.id, actor="bob", active=False)
    with pytest.raises(Refused):
        await store.people.change_account(bob.id, actor="bob", active=False)
    await store.people.change_account(ann.id, actor="bob", active=True)
    await store.people.change_account(bob.id, actor="ann", active=False)
    assert await store.people.administrator_exists()


async def test_changes_of_accounts_are_audited_and_what_changes_nothing_is_not(store):
    account = await an_account(store)
    await store.people.change_account(account.id, actor="root", role="publisher")
    await store.people.change_account(account.id, actor="root", role="publisher")
    await store.people.set_password(account.id, "new", actor="ann")
    assert await actions(store) == [
        ("ann", "account/password-set", "ann"),
        ("root", "account/changed", "ann"),
        ("system", "account/created", "ann"),
    ]
    assert "new" not in str(await store.audit())


async def test_a_key_is_found_by_its_prefix(store):
    key = await store.people.create_key(
        name="billing", prefix="dk_1", key_hash="h", scopes=["decide", "read"], actor="root"
    )
    assert (key.scopes, key.last_used_at, key.revoked_at) == (("decide", "read"), None, None)
    assert await store.people.key_of_prefix("dk_1") == key
    assert await store.people.key_of_prefix("dk_2") is None
    assert await store.people.keys() == [key]
    with pytest.raises(Refused, match="taken"):
        await store.people.create_key(name="other", prefix="dk_1", key_hash="h", scopes=[], actor="root")


async def test_when_a_key_was_used_is_remembered(store):
    key = await store.people.create_key(name="a", prefix="p", key_hash="h", scopes=[], actor="root")
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    await store.people.touch_key(key.id, at)
    assert (await store.people.key_of_prefix("p")).last_used_at == at


async def test_revoking_the_last_key_does_not_open_the_door(store):
    assert not await store.people.any_key_exists()
    key = await store.people.create_key(name="a", prefix="p", key_hash="h", scopes=[], actor="root")
    revoked = await store.people.revoke_key(key.id, "root")
    assert revoked.revoked_at is not None
    assert await store.people.revoke_key(key.id, "root") == revoked
    assert await store.people.key_of_prefix("p") == revoked
    assert await store.people.any_key_exists()
    assert [action for _, action, _ in await actions(store)] == ["key/revoked", "key/created"]
    with pytest.raises(NotFound):
        await store.people.revoke_key("nothing", "root")
