"""Who may come in: accounts, staff sessions, API keys, as `service.access` needs them.

Passwords, tokens and keys arrive hashed; this module never sees one.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from decision_tables.errors import NotFound, Refused
from decision_tables.said import said
from service.store.audit import add_audit_line, now
from service.store.records import Account, ApiKey, Credentials, StaffSession
from service.store.rows import AccountRow, ApiKeyRow, SessionRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from service.store.database import Database

__all__ = ["People"]

_ADMINISTRATOR = "administrator"


class People:
    """Accounts, sessions and keys of one database; got as `Store.people`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Accounts

    async def accounts(self) -> list[Account]:
        """All accounts, by login."""
        async with self._database.reading() as session:
            rows = await session.exec(select(AccountRow).order_by(col(AccountRow.login)))
            return [_account_of(row) for row in rows]

    async def account(self, account_id: str) -> Account:
        """The account of that id, active or not.

        Raises:
            NotFound: there is none.
        """
        async with self._database.reading() as session:
            return _account_of(await _account(session, account_id))

    async def credentials(self, login: str) -> Credentials | None:
        """What that login is checked against, without regard to case; None if nobody has it."""
        async with self._database.reading() as session:
            row = (
                await session.exec(select(AccountRow).where(AccountRow.login == _normal(login)))
            ).one_or_none()
            if row is None:
                return None
            return Credentials(
                account=_account_of(row),
                password_hash="" if _is_spent(row) else row.password_hash,
                one_time_until=row.one_time_until,
            )

    async def spent_password(self, account_id: str) -> str:
        """The hash of the one-time password that was used and not yet changed; empty if there is none.

        Raises:
            NotFound: there is no such account.
        """
        async with self._database.reading() as session:
            row = await _account(session, account_id)
            return row.password_hash if _is_spent(row) else ""

    async def administrator_exists(self) -> bool:
        """Whether somebody who may log in is an administrator."""
        async with self._database.reading() as session:
            return bool(await _administrators(session))

    async def create_account(
        self,
        *,
        login: str,
        name: str,
        role: str,
        password_hash: str,
        one_time_until: datetime | None,
        actor: str,
    ) -> Account:
        """A new account; with `one_time_until` its password is a one-time password, to be changed at once.

        Raises:
            Refused: somebody has that login (`account/taken`).
        """
        row = AccountRow(
            id=str(uuid.uuid4()),
            login=_normal(login),
            name=name,
            role=role,
            password_hash=password_hash,
            one_time_until=one_time_until,
            must_change_password=one_time_until is not None,
            active=True,
            created_at=now(),
        )
        async with self._database.writing() as session:
            session.add(row)
            try:
                await session.flush()
            except IntegrityError as error:
                raise Refused(
                    said("The login {login} is taken.", login=row.login), code="account/taken"
                ) from error
            add_audit_line(session, actor, "account/created", subject=row.login, detail={"role": role})
            return _account_of(row)

    async def change_account(
        self,
        account_id: str,
        *,
        actor: str,
        name: str | None = None,
        role: str | None = None,
        active: bool | None = None,
    ) -> Account:
        """Change what is not None; who is made inactive is logged out.

        Raises:
            NotFound: there is no such account.
            Refused: no administrator would be left (`account/last-administrator`).
        """
        async with self._database.writing() as session:
            administrators = await _administrators(session, lock=True)
            row = await _account(session, account_id, lock=True)
            changes = {
                key: value
                for key, value in {"name": name, "role": role, "active": active}.items()
                if value is not None and value != getattr(row, key)
            }
            for key, value in changes.items():
                setattr(row, key, value)
            stays = row.active and row.role == _ADMINISTRATOR
            if administrators == [row.id] and not stays:
                raise Refused(
                    said("{login} is the last administrator.", login=row.login),
                    code="account/last-administrator",
                    reasons=[said("Make somebody else an administrator first.")],
                )
            if not row.active:
                await _end_sessions(session, row.id)
            if changes:
                add_audit_line(session, actor, "account/changed", subject=row.login, detail=changes)
            return _account_of(row)

    async def set_password(
        self,
        account_id: str,
        password_hash: str,
        *,
        actor: str,
        one_time_until: datetime | None = None,
        keep_session: str = "",
    ) -> None:
        """Replace the password, and end all sessions but the one of that token hash.

        With `one_time_until` the new password is a one-time password, to be changed at once.

        Raises:
            NotFound: there is no such account.
        """
        async with self._database.writing() as session:
            row = await _account(session, account_id, lock=True)
            row.password_hash = password_hash
            row.one_time_until = one_time_until
            row.must_change_password = one_time_until is not None
            await _end_sessions(session, account_id, but=keep_session)
            kind = "one-time" if one_time_until else "own"
            add_audit_line(session, actor, "account/password-set", subject=row.login, detail={"kind": kind})

    async def spend_password(self, account_id: str, password_hash: str) -> bool:
        """Use up a one-time password: True for exactly one of all that try with the same hash.

        It opens nothing any more; its hash is kept (`spent_password`) so that it is not chosen again.
        """
        async with self._database.writing() as session:
            row = await _account(session, account_id, lock=True)
            if row.one_time_until is None or row.password_hash != password_hash:
                return False
            row.one_time_until = None
            return True

    # Staff sessions

    async def open_session(self, opened: StaffSession) -> None:
        """Keep a session; those that have expired by its beginning are swept out."""
        async with self._database.writing() as session:
            await session.exec(delete(SessionRow).where(col(SessionRow.expires_at) <= opened.created_at))
            session.add(
                SessionRow(
                    token_hash=opened.token_hash,
                    account_id=opened.account_id,
                    csrf=opened.csrf,
                    created_at=opened.created_at,
                    expires_at=opened.expires_at,
                )
            )

    async def session(self, token_hash: str) -> tuple[StaffSession, Account] | None:
        """The session and its account; None if there is none, it has expired, or the account is inactive."""
        found = (
            select(SessionRow, AccountRow)
            .join(AccountRow, col(AccountRow.id) == col(SessionRow.account_id))
            .where(
                SessionRow.token_hash == token_hash,
                col(SessionRow.expires_at) > now(),
                col(AccountRow.active).is_(True),
            )
        )
        async with self._database.reading() as session:
            rows = (await session.exec(found)).one_or_none()
            return (_session_of(rows[0]), _account_of(rows[1])) if rows else None

    async def close_session(self, token_hash: str) -> None:
        """Log out; a session that is gone already is no matter."""
        async with self._database.writing() as session:
            await session.exec(delete(SessionRow).where(col(SessionRow.token_hash) == token_hash))

    # API keys

    async def keys(self) -> list[ApiKey]:
        """All keys, revoked ones too, oldest first."""
        async with self._database.reading() as session:
            rows = await session.exec(select(ApiKeyRow).order_by(col(ApiKeyRow.created_at)))
            return [_key_of(row) for row in rows]

    async def key_of_prefix(self, prefix: str) -> ApiKey | None:
        """The key of that prefix, revoked or not."""
        async with self._database.reading() as session:
            row = (await session.exec(select(ApiKeyRow).where(ApiKeyRow.prefix == prefix))).one_or_none()
            return _key_of(row) if row else None

    async def any_key_exists(self) -> bool:
        """Whether there ever was a key: to revoke the last one must not open the door."""
        async with self._database.reading() as session:
            return (await session.exec(select(ApiKeyRow.id).limit(1))).first() is not None

    async def create_key(
        self, *, name: str, prefix: str, key_hash: str, scopes: Sequence[str], actor: str
    ) -> ApiKey:
        """A new key.

        Raises:
            Refused: the prefix is taken (`key/taken`); draw another.
        """
        row = ApiKeyRow(
            id=str(uuid.uuid4()),
            name=name,
            prefix=prefix,
            hash=key_hash,
            scopes=list(scopes),
            created_at=now(),
        )
        async with self._database.writing() as session:
            session.add(row)
            try:
                await session.flush()
            except IntegrityError as error:
                raise Refused(
                    said("The prefix {prefix} is taken.", prefix=prefix), code="key/taken"
                ) from error
            detail = {"name": name, "scopes": row.scopes}
            add_audit_line(session, actor, "key/created", subject=prefix, detail=detail)
            return _key_of(row)

    async def revoke_key(self, key_id: str, actor: str) -> ApiKey:
        """Make a key worthless for ever; once is enough.

        Raises:
            NotFound: there is no such key.
        """
        async with self._database.writing() as session:
            row = await session.get(ApiKeyRow, key_id, with_for_update=True)
            if row is None:
                raise NotFound(said("There is no such key."), code="key/not-found")
            if row.revoked_at is None:
                row.revoked_at = now()
                add_audit_line(session, actor, "key/revoked", subject=row.prefix, detail={"name": row.name})
            return _key_of(row)

    async def touch_key(self, key_id: str, at: datetime) -> None:
        """Remember when a key was last used; access does so now and then, not per request."""
        async with self._database.writing() as session:
            await session.exec(update(ApiKeyRow).where(col(ApiKeyRow.id) == key_id).values(last_used_at=at))


def _normal(login: str) -> str:
    return login.strip().casefold()


def _is_spent(row: AccountRow) -> bool:
    """Whether the password is a one-time password that was used: still to be changed, and for no time more."""
    return row.must_change_password and row.one_time_until is None


async def _account(session: AsyncSession, account_id: str, *, lock: bool = False) -> AccountRow:
    row = await session.get(AccountRow, account_id, with_for_update=lock or None)
    if row is None:
        raise NotFound(said("There is no such account."), code="account/not-found")
    return row


async def _administrators(session: AsyncSession, *, lock: bool = False) -> list[str]:
    """The ids of those who may log in and administer; locked in one order, so that no two wait crosswise."""
    found = (
        select(AccountRow)
        .where(AccountRow.role == _ADMINISTRATOR, col(AccountRow.active).is_(True))
        .order_by(col(AccountRow.id))
    )
    return [row.id for row in await session.exec(found.with_for_update() if lock else found)]


async def _end_sessions(session: AsyncSession, account_id: str, *, but: str = "") -> None:
    await session.exec(
        delete(SessionRow).where(col(SessionRow.account_id) == account_id, col(SessionRow.token_hash) != but)
    )


def _account_of(row: AccountRow) -> Account:
    return Account(
        id=row.id,
        login=row.login,
        name=row.name,
        role=row.role,
        must_change_password=row.must_change_password,
        active=row.active,
        created_at=row.created_at,
    )


def _session_of(row: SessionRow) -> StaffSession:
    return StaffSession(
        token_hash=row.token_hash,
        account_id=row.account_id,
        csrf=row.csrf,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _key_of(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        hash=row.hash,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
