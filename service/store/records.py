"""What the store gives out: frozen values in the words of the domain, never rows.

Instants are aware and in UTC. Documents are JSON data whose numbers are int or Decimal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from decision_tables.reversal import Patch

__all__ = [
    "Account",
    "Activation",
    "ApiKey",
    "AuditLine",
    "Credentials",
    "DecisionRecord",
    "Draft",
    "DraftChange",
    "DraftHead",
    "Release",
    "ReleaseHead",
    "Remark",
    "RemarkKind",
    "RulebookHead",
    "StaffSession",
]


class RulebookHead(NamedTuple):
    """A rulebook in a list.

    Attributes:
        key: names it in URLs.
        title: the JSON form of `Words`, of the active release, or of the first draft while there is none.
        active_release: number of the release that answers now, None before the first.
    """

    key: str
    title: dict[str, Any]
    active_release: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHead:
    """An immutable, numbered snapshot of a rulebook, without its document.

    Attributes:
        rulebook: key of the rulebook.
        number: 1, 2, 3 … without gaps.
        content_hash: of the document's canonical JSON.
        previous_hash: `hash` of the release before, empty for the first.
        hash: of content hash, previous hash and number (`decision_tables.rulebook.release_hash`).
        note: why it was published, in the publisher's words.
        author: who published it.
        created_at: when.
    """

    rulebook: str
    number: int
    content_hash: str
    previous_hash: str
    hash: str
    note: str
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(ReleaseHead):
    """A release with the whole rulebook document (`decision_tables.rulebook.rulebook_of` reads it)."""

    document: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """From `activated_at` until the rulebook's next activation this release answers, unless it was withdrawn before.

    Attributes:
        id: ascends in the order of commits.
        rulebook: key of the rulebook.
        release: its number.
        activated_at: since when; it may lie ahead.
        author: who activated or planned it.
        note: why.
        planned_at: when it was planned; None if it was to hold at once.
        withdrawn_at: when it was called off; None if it was not.
        withdrawn_by: who called it off.
    """

    id: int
    rulebook: str
    release: int
    activated_at: datetime
    author: str
    note: str
    planned_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftHead:
    """A draft without its document.

    Attributes:
        id: UUID.
        rulebook: key of the rulebook.
        base_release: the release whose document it began with, None for a new rulebook.
        seen_release: the release that was active when it was begun: publishing over another one is refused
            unless that one is named.
        revision: counts the saves; the first is 1.
        title: what its author calls it.
        author: who began it.
        created_at: when it was begun.
        changed_at: when it was last saved.
    """

    id: str
    rulebook: str
    base_release: int | None
    seen_release: int | None
    revision: int
    title: str
    author: str
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(DraftHead):
    """An open draft with the whole rulebook document; cells may be broken, the shape is not."""

    document: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftChange:
    """What one save of a draft changed.

    Attributes:
        revision: the revision that it made.
        at: when.
        author: who; a login.
        action: what was done, as the audit has it (`rows/edited`).
        patch: the difference, that can be told and taken back.
    """

    revision: int
    at: datetime
    author: str
    action: str
    patch: Patch


class RemarkKind(StrEnum):
    """What a reviewer says."""

    SEEN = "seen"
    """That a change was looked at, as its seal has it."""
    COMMENT = "comment"
    SETTLED = "settled"
    """That a comment is dealt with."""
    APPROVED = "approved"
    CHANGES_ASKED = "changes-asked"
    REVIEW_ASKED = "review-asked"
    """That somebody is to judge the draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What somebody said of a draft; remarks are only ever added.

    Attributes:
        id: ascending.
        at: when.
        author: who; a login.
        kind: what was said.
        place: the table, or another part of the rulebook, that it is about; empty for the draft as a whole.
        rule: the rule of the table.
        text: in whose words.
        revision: the draft's revision when it was said.
        seal: of what was seen, so that a change that is changed again is to be seen again.
        about: the remark that it answers.
    """

    id: int
    at: datetime
    author: str
    kind: RemarkKind
    place: str
    rule: str
    text: str
    revision: int
    seal: str
    about: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """Who did what to what; lines are only ever added.

    Attributes:
        id: ascending.
        at: when.
        actor: login of the account, name of the key, or `system`.
        action: `draft/created`, `release/published`, …: stable, for programs.
        rulebook: key of the rulebook it concerns, None for accounts, keys and settings.
        subject: what was acted on: a draft's id, a release's number, a login.
        detail: JSON data that depends on the action.
    """

    id: int
    at: datetime
    actor: str
    action: str
    rulebook: str | None
    subject: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person who may log in; `role` is one of `service.access`'s words."""

    id: str
    login: str
    name: str
    role: str
    must_change_password: bool
    active: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a login is checked against.

    Attributes:
        account: whose they are.
        password_hash: empty when no password opens the account (a one-time password was spent).
        one_time_until: set for a one-time password: until when it opens the account, once.
    """

    account: Account
    password_hash: str
    one_time_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSession:
    """A staff login that lasts; only the hash of its token is kept."""

    token_hash: str
    account_id: str
    csrf: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A service's key; only its prefix and hash are kept. A revoked key stays in the list."""

    id: str
    name: str
    prefix: str
    hash: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One decision as it was answered.

    Attributes:
        id: UUID version 7 (`service.store.uuid7`).
        at: the request's instant.
        rulebook: key of the rulebook.
        release: number of the release that answered.
        caller: who asked: a key's name, a login, or empty for an open local caller.
        request: canonical JSON of everything that the replay law names.
        answer: the very bytes of the answer's body.
    """

    id: str
    at: datetime
    rulebook: str
    release: int
    caller: str
    request: bytes
    answer: bytes
