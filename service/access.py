"""Who may come in, and what they may do.

People log in with a password (argon2, by pwdlib) and hold a server-side session; programs bring an API key. Only
hashes of passwords, session tokens and keys are kept. A one-time password opens its account once, within a day,
and for nothing but setting a password of one's own. Without any key, and on a loopback bind only, local programs
may ask for decisions (`is_local`): a page in a browser or a proxy on the same host is no local program.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import re
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from pwdlib import PasswordHash

from decision_tables.errors import NotFound, Refused, Unavailable
from decision_tables.said import joined, said
from service.store import Account, StaffSession

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.settings import Settings
    from service.store import ApiKey, Store

__all__ = [
    "SESSION_COOKIE",
    "Access",
    "FirstLogin",
    "Role",
    "Scope",
    "Staff",
    "ToldLogin",
    "is_local",
    "is_loopback",
    "require",
]

SESSION_COOKIE: Final = "decidable_session"

_ONE_TIME_LASTS: Final = timedelta(days=1)
_LEAST_PASSWORD: Final = 12  # NIST SP 800-63B, 3.1.1.2: length counts, character classes do not
_MOST_PASSWORD: Final = 256
_FAILURES_BEFORE_PAUSE: Final = 5
_PAUSE_SECONDS: Final = 60.0
_FAILURES_REMEMBERED: Final = 10_000
_KEYS_REMEMBERED: Final = 1000
_KEY_SEEN_EVERY: Final = timedelta(hours=1)
_KEY_PARTS: Final = 3
_LONGEST_LOGIN: Final = 100
_WRONG: Final = said("That login and password do not go together.")
_LOCAL_HOST: Final = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?", re.IGNORECASE)


class Role(StrEnum):
    """What staff may do; each includes the ones before it."""

    READER = "reader"
    EDITOR = "editor"
    PUBLISHER = "publisher"
    ADMINISTRATOR = "administrator"

    def includes(self, other: Role) -> bool:
        """Whether who has this role may do what the other one may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


class Scope(StrEnum):
    """What an API key may be used for."""

    DECIDE = "decide"
    """Asking for decisions."""
    READ = "read"
    """Reading rulebooks and their releases."""
    DECISIONS = "decisions"
    """Reading logged decisions, and replaying them: they hold the facts of people's cases."""
    EDIT = "edit"
    """Bringing in drafts, and reading them."""


@dataclass(frozen=True, slots=True)
class Staff:
    """A person who is logged in.

    Attributes:
        account: who.
        token: what the cookie `SESSION_COOKIE` holds.
        csrf: what every form of the session must carry; compare with `is_own_form`.
        expires_at: when the session ends.
    """

    account: Account
    token: str
    csrf: str
    expires_at: datetime

    def is_own_form(self, csrf: str) -> bool:
        """Whether a form carries this session's token, so that it was not made by another site."""
        return hmac.compare_digest(self.csrf.encode(), csrf.encode())


@dataclass(frozen=True, slots=True)
class FirstLogin:
    """A login for the first administrator; the password works once, until the instant."""

    login: str
    password: str
    until: datetime


@dataclass(frozen=True, slots=True)
class ToldLogin:
    """A first login that was told before and still works, until the instant; nobody can tell it again."""

    login: str
    until: datetime


class Access:
    """Accounts, sessions and keys of one store.

    Args:
        store: where they are kept.
        settings: how long a session lasts, and how soon other processes' changes must show.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._people = store.people
        self._session_lasts = timedelta(hours=settings.session_hours)
        self._fresh_seconds = settings.poll_seconds
        self._hasher = PasswordHash.recommended()
        # Verified against where no such login exists, so that both answers take the same time.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())
        self._hashing = asyncio.Semaphore(2)  # argon2 takes 64 MB a piece
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._keys: OrderedDict[str, tuple[ApiKey, float]] = OrderedDict()
        self._key_exists = False
        self._key_looked_for = float("-inf")

    # People

    async def login(self, login: str, password: str) -> Staff:
        """A new session.

        Raises:
            Refused: wrong login or password (`access/credentials`), too many wrong ones lately
                (`access/throttled`), or a one-time password past its time (`access/expired`).
        """
        plain = login.strip()
        if not _may_be_login(plain):  # nobody has it: nothing to look up, and nothing to remember
            raise Refused(_WRONG, code="access/credentials")
        name = plain.casefold()
        self._count_attempt(name)
        known = await self._people.credentials(name)
        opens = known is not None and known.account.active and bool(known.password_hash)
        password_hash = known.password_hash if known is not None and opens else self._nobody
        if not await self._verified(password, password_hash) or known is None or not opens:
            raise Refused(_WRONG, code="access/credentials")
        now = datetime.now(UTC)
        if known.one_time_until is not None:
            if now > known.one_time_until:
                raise Refused(
                    said("That one-time password has expired; ask for a new one."), code="access/expired"
                )
            if not await self._people.spend_password(known.account.id, known.password_hash):
                raise Refused(said("That one-time password was used already."), code="access/credentials")
        self._failures.pop(name, None)
        staff = Staff(
            account=known.account,
            token=secrets.token_urlsafe(32),
            csrf=secrets.token_urlsafe(32),
            expires_at=now + self._session_lasts,
        )
        await self._people.open_session(
            StaffSession(
                token_hash=_sha256(staff.token),
                account_id=staff.account.id,
                csrf=staff.csrf,
                created_at=now,
                expires_at=staff.expires_at,
            )
        )
        return staff

    async def session(self, token: str) -> Staff | None:
        """The session of a token, or None if it has ended or never was."""
        if not token:
            return None
        found = await self._people.session(_sha256(token))
        if found is None:
            return None
        kept, account = found
        return Staff(account=account, token=token, csrf=kept.csrf, expires_at=kept.expires_at)

    async def staff(self, token: str) -> Account | None:
        """The account that a session token stands for, or None."""
        session = await self.session(token)
        return session.account if session else None

    async def logout(self, token: str) -> None:
        """Ends a session."""
        await self._people.close_session(_sha256(token))

    async def change_password(self, staff: Staff, old: str, new: str) -> None:
        """Sets a password of one's own, and ends the account's other sessions.

        Args:
            staff: the session in which it is asked for.
            old: the present password; not looked at after a login by one-time password, which is spent.
            new: the new one; not the present one, nor the one-time password.

        Raises:
            Refused: the old one is wrong (`access/credentials`), or the new one will not do
                (`access/password`, with reasons).
        """
        account = staff.account
        if account.must_change_password:
            spent = await self._people.spent_password(account.id)
            is_old = bool(spent) and await self._verified(new, spent)
        else:
            self._count_attempt(account.login)
            known = await self._people.credentials(account.login)
            if known is None or not await self._verified(old, known.password_hash or self._nobody):
                raise Refused(said("That is not your present password."), code="access/credentials")
            self._failures.pop(account.login, None)
            is_old = new == old
        reasons = _against_password(account.login, new, is_old=is_old)
        if reasons:
            raise Refused(
                said("The new password will not do: {reasons}", reasons=joined(" ", reasons)),
                code="access/password",
                reasons=reasons,
            )
        await self._people.set_password(
            account.id, await self._hashed(new), actor=account.login, keep_session=_sha256(staff.token)
        )

    async def accounts(self) -> list[Account]:
        """All accounts, by login."""
        return await self._people.accounts()

    async def create_account(self, login: str, name: str, role: str, actor: str) -> tuple[Account, str]:
        """A new account, and its one-time password, told this once.

        Raises:
            Refused: the login is taken (`account/taken`) or empty (`account/login`), or there is no such role
                (`account/role`).
        """
        plain = login.strip()
        if not _may_be_login(plain):
            raise Refused(said("A login is 1 to 100 characters without spaces."), code="account/login")
        password = _one_time_password()
        account = await self._people.create_account(
            login=plain,
            name=name.strip() or plain,
            role=_role(role),
            password_hash=await self._hashed(password),
            one_time_until=datetime.now(UTC) + _ONE_TIME_LASTS,
            actor=actor,
        )
        return account, password

    async def change_account(
        self,
        account_id: str,
        actor: str,
        *,
        name: str | None = None,
        role: str | None = None,
        active: bool | None = None,
    ) -> Account:
        """Changes what is not None; an account that is made inactive is logged out.

        Raises:
            NotFound: no such account.
            Refused: no administrator would be left (`account/last-administrator`), or there is no such role.
        """
        wanted = None if role is None else _role(role)
        return await self._people.change_account(
            account_id, actor=actor, name=name, role=wanted, active=active
        )

    async def reset_password(self, login: str, actor: str) -> FirstLogin:
        """A new one-time password for an account whose password is lost; ends its sessions.

        Raises:
            NotFound: nobody has that login.
        """
        known = await self._people.credentials(login)
        if known is None:
            raise NotFound(said("Nobody has the login {login}.", login=login), code="account/not-found")
        password, until = _one_time_password(), datetime.now(UTC) + _ONE_TIME_LASTS
        await self._people.set_password(
            known.account.id, await self._hashed(password), actor=actor, one_time_until=until
        )
        self._failures.pop(known.account.login, None)
        return FirstLogin(known.account.login, password, until)

    async def first_login(self) -> FirstLogin | ToldLogin | None:
        """A login for the first administrator; None once an administrator has a password of their own.

        A one-time password that still works is left alone: whoever was told it may be about to use it.

        Raises:
            Refused: somebody who is no administrator has the login `admin` (`account/taken`).
        """
        administrators = [
            account
            for account in await self._people.accounts()
            if account.active and account.role == Role.ADMINISTRATOR
        ]
        if any(not account.must_change_password for account in administrators):
            return None
        for account in administrators:
            known = await self._people.credentials(account.login)
            if known and known.one_time_until and known.one_time_until > datetime.now(UTC):
                return ToldLogin(account.login, known.one_time_until)
        if administrators:
            return await self.reset_password(administrators[0].login, "system")
        try:
            account, password = await self.create_account(
                "admin", "Administrator", Role.ADMINISTRATOR, "system"
            )
        except Refused:
            if not await self._people.administrator_exists():
                raise
            return await self.first_login()  # another replica that started with this one was first
        return FirstLogin(account.login, password, datetime.now(UTC) + _ONE_TIME_LASTS)

    # Programs

    async def create_key(self, name: str, scopes: tuple[str, ...], actor: str) -> tuple[ApiKey, str]:
        """A new API key, and its text, told this once.

        Raises:
            Refused: it has no name (`key/name`), or a scope that does not exist (`key/scope`).
        """
        if not name.strip():
            raise Refused(said("A key needs a name: say which program will use it."), code="key/name")
        wrong = [scope for scope in scopes if scope not in set(Scope)]
        if wrong or not scopes:
            known = ", ".join(Scope)
            raise Refused(
                said("A key's scopes are some of {known}; not {names}.", known=known, names=", ".join(wrong)),
                code="key/scope",
            )
        prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        text = f"dk_{prefix}_{secret}"
        key = await self._people.create_key(
            name=name.strip(), prefix=prefix, key_hash=_sha256(text), scopes=scopes, actor=actor
        )
        self._key_exists = True
        return key, text

    async def keys(self) -> list[ApiKey]:
        """All keys, revoked ones too, oldest first."""
        return await self._people.keys()

    async def revoke_key(self, key_id: str, actor: str) -> ApiKey:
        """Makes a key worthless for ever; other processes notice within the polling time.

        Raises:
            NotFound: no such key.
        """
        key = await self._people.revoke_key(key_id, actor)
        self._keys.pop(key.prefix, None)
        return key

    async def key(self, text: str) -> ApiKey | None:
        """The key that a text is, or None if there is no such key or it was revoked."""
        parts = text.split("_", _KEY_PARTS - 1)
        if len(parts) != _KEY_PARTS or parts[0] != "dk":
            return None
        found = await self._key_of_prefix(parts[1])
        if found is None or found.revoked_at is not None:
            return None
        return found if hmac.compare_digest(found.hash, _sha256(text)) else None

    async def any_key_exists(self) -> bool:
        """Whether there ever was a key; soon, not at once, after another process made the first."""
        if not self._key_exists and time.monotonic() - self._key_looked_for > self._fresh_seconds:
            self._key_exists = await self._people.any_key_exists()
            self._key_looked_for = time.monotonic()
        return self._key_exists

    async def _key_of_prefix(self, prefix: str) -> ApiKey | None:
        held = self._keys.get(prefix)
        if held is not None and time.monotonic() - held[1] <= self._fresh_seconds:
            return held[0]
        found = await self._people.key_of_prefix(prefix)
        if found is None:
            return None
        self._keys[prefix] = (found, time.monotonic())
        self._keys.move_to_end(prefix)
        while len(self._keys) > _KEYS_REMEMBERED:
            self._keys.popitem(last=False)
        now = datetime.now(UTC)
        if found.last_used_at is None or now - found.last_used_at > _KEY_SEEN_EVERY:
            try:
                await self._people.touch_key(found.id, now)
            except Unavailable:
                return found  # when it was last used is told to people; nobody waits for it
        return found

    # Passwords

    async def _hashed(self, password: str) -> str:
        async with self._hashing:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def _verified(self, password: str, password_hash: str) -> bool:
        async with self._hashing:
            return await asyncio.to_thread(self._hasher.verify, password[:_MOST_PASSWORD], password_hash)

    def _count_attempt(self, login: str) -> None:
        """Refuses one attempt too many, else counts it as failed until it succeeds.

        It is counted before anything is awaited, or many attempts at once would all find the count low.
        """
        failures, last = self._failures.get(login, (0, 0.0))
        left = _PAUSE_SECONDS - (time.monotonic() - last)
        if failures >= _FAILURES_BEFORE_PAUSE and left > 0:
            raise Refused(
                said(
                    "Too many wrong passwords for this login; try again in {left} seconds.",
                    left=format(left, ".0f"),
                ),
                code="access/throttled",
            )
        self._failures[login] = (failures + 1, time.monotonic())
        self._failures.move_to_end(login)
        while len(self._failures) > _FAILURES_REMEMBERED:
            self._failures.popitem(last=False)


def require(account: Account | None, role: Role) -> Account:
    """The account, which is sure to have the role.

    Raises:
        Refused: nobody is logged in (`access/credentials`), a one-time password was not yet changed
            (`access/change-password`), or the role does not reach (`access/role`).
    """
    if account is None:
        raise Refused(said("Log in first."), code="access/credentials")
    if account.must_change_password:
        raise Refused(said("Set a password of your own first."), code="access/change-password")
    if not Role(account.role).includes(role):
        raise Refused(
            said("This takes the role {role}; yours is {own}.", role=role, own=account.role),
            code="access/role",
        )
    return account


def is_loopback(host: str) -> bool:
    """Whether an address to bind to is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_local(headers: Mapping[str, str]) -> bool:
    """Whether a request on a loopback bind comes from a program of this machine.

    A page in a browser says so by `Origin` or `Sec-Fetch-Site`, or by a `Host` of its own (DNS rebinding); a
    proxy on the same host by `Forwarded`, `Via`, `X-Real-IP` or `X-Forwarded-…`.

    Args:
        headers: of the request, names in lower case.
    """
    if not _LOCAL_HOST.fullmatch(headers.get("host", "")):
        return False
    if any(told in headers for told in ("origin", "forwarded", "via", "x-real-ip")):
        return False
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return False
    return not any(told.startswith("x-forwarded") for told in headers)


def _may_be_login(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_LOGIN and text.isprintable() and " " not in text


def _against_password(login: str, new: str, *, is_old: bool) -> list[str]:
    reasons: list[str] = []
    if not _LEAST_PASSWORD <= len(new) <= _MOST_PASSWORD:
        reasons.append(
            said(
                "It has {count} characters; {least} to {most} are needed.",
                count=len(new),
                least=_LEAST_PASSWORD,
                most=_MOST_PASSWORD,
            )
        )
    if login.casefold() in new.casefold():
        reasons.append(said("It holds the login."))
    if is_old:
        reasons.append(said("It is the old one."))
    if len(set(new)) < _LEAST_PASSWORD // 2:
        reasons.append(said("It repeats few characters."))
    return reasons


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise Refused(
            said("There is no role {name}; there are {names}.", name=name, names=", ".join(Role)),
            code="account/role",
        ) from None


def _one_time_password() -> str:
    """Four groups of five letters and digits, none of them alike: about 98 bits, easy to type from paper."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(4))


def _sha256(text: str) -> str:
    """Enough for what is random and long; passwords get argon2."""
    return sha256(text.encode()).hexdigest()
