"""The tables, as SQLModel rows; they never leave this folder (`records` holds what does).

`table=True` models do not validate: what comes in was checked by the core's data model, and the database's
constraints have the last word. What must never change (releases, activations, audit lines, decisions) is
guarded by triggers, see `migrations`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, cast

import msgspec
from sqlalchemy import (
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import defer
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

from decision_tables.rulebook import canonical_json

if TYPE_CHECKING:
    from sqlalchemy.orm import QueryableAttribute
    from sqlalchemy.orm.strategy_options import _AbstractLoad

__all__ = [
    "AccountRow",
    "ActivationRow",
    "ApiKeyRow",
    "AuditRow",
    "DecisionRow",
    "DraftChangeRow",
    "DraftRow",
    "ReleaseRow",
    "RemarkRow",
    "Row",
    "RulebookRow",
    "SessionRow",
    "SettingRow",
    "UploadRow",
    "as_stored",
    "in_utc",
    "instant_text",
    "without_document",
]

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def in_utc(at: datetime) -> datetime:
    """The same instant in UTC.

    Raises:
        ValueError: it is naive, and so no instant; the drivers would take it for one all the same.
    """
    if at.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {at!r}")
    return at.astimezone(UTC)


def instant_text(at: datetime) -> str:
    """An instant as SQLite keeps it: ISO 8601 in UTC of fixed width, so that text order is time order.

    Raises:
        ValueError: the instant is naive.
    """
    return in_utc(at).isoformat(timespec="microseconds")


def as_stored(document: dict[str, Any]) -> dict[str, Any]:
    """The document as it will be read again: NFC, keys sorted, lists for tuples."""
    stored: dict[str, Any] = _decode(canonical_json(document))
    return stored


class Instant(TypeDecorator[datetime]):
    """An aware instant, UTC when read: `timestamptz`, or `instant_text` in SQLite, which has no such type."""

    impl = String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type."""
        return dialect.type_descriptor(
            DateTime(timezone=True) if dialect.name == "postgresql" else String(32)
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """As the database wants it."""
        if value is None:
            return None
        return in_utc(value) if dialect.name == "postgresql" else instant_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - its shape
        """As the program wants it."""
        if value is None:
            return None
        return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).astimezone(UTC)


class Json(TypeDecorator[Any]):
    """JSON data as canonical text, so that numbers keep their digits and a document its hash.

    Not the databases' own JSON types: they reorder keys, and SQLAlchemy's reads numbers as float.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - its shape
        """As the database wants it."""
        return canonical_json(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - its shape
        """As the program wants it."""
        return None if value is None else _decode(value)


class DecisionId(TypeDecorator[str]):
    """A UUID as text for the program; 16 bytes in PostgreSQL, where this table grows to millions of rows."""

    impl = String(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type."""
        return dialect.type_descriptor(UUID(as_uuid=False) if dialect.name == "postgresql" else String(36))


class Row(SQLModel):
    """What all rows share: one metadata, and names for constraints that migrations can rely on."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class RulebookRow(Row, table=True):
    """A rulebook; locking its row orders everything that numbers or activates its releases."""

    __tablename__ = "rulebook"

    key: str = Field(primary_key=True)
    title: dict[str, Any] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)


class ReleaseRow(Row, table=True):
    """A release; never changed, never deleted."""

    __tablename__ = "release"

    rulebook: str = Field(primary_key=True, foreign_key="rulebook.key")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    content_hash: str
    previous_hash: str
    hash: str = Field(unique=True)
    note: str
    author: str
    created_at: datetime = Field(sa_type=Instant)
    document: dict[str, Any] = Field(sa_type=Json)


class ActivationRow(Row, table=True):
    """An activation; ids ascend in the order of commits, instants within a rulebook, but for what was withdrawn."""

    __tablename__ = "activation"
    __table_args__ = (
        ForeignKeyConstraint(["rulebook", "release"], ["release.rulebook", "release.number"]),
        Index(None, "rulebook", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    rulebook: str
    release: int
    activated_at: datetime = Field(sa_type=Instant)
    author: str
    note: str
    planned_at: datetime | None = Field(default=None, sa_type=Instant)


class WithdrawalRow(Row, table=True):
    """A planned activation that was called off before its day; only ever added."""

    __tablename__ = "withdrawal"

    id: int | None = Field(default=None, primary_key=True)
    activation: int = Field(foreign_key="activation.id", unique=True)
    at: datetime = Field(sa_type=Instant)
    author: str
    note: str


class DraftRow(Row, table=True):
    """A draft; a closed one stays, so that the audit's subject can still be looked up."""

    __tablename__ = "draft"

    id: str = Field(primary_key=True)
    rulebook: str = Field(foreign_key="rulebook.key", index=True)
    base_release: int | None
    seen_release: int | None
    revision: int
    title: str
    author: str
    created_at: datetime = Field(sa_type=Instant)
    changed_at: datetime = Field(sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    published_as: int | None = None
    document: dict[str, Any] = Field(sa_type=Json)


class DraftChangeRow(Row, table=True):
    """What a save of a draft changed, by the revision that it made; only ever added."""

    __tablename__ = "draft_change"

    draft: str = Field(primary_key=True, foreign_key="draft.id")
    revision: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Instant)
    author: str
    action: str
    patch: dict[str, Any] = Field(sa_type=Json)


class RemarkRow(Row, table=True):
    """A remark on a draft; never changed, never deleted."""

    __tablename__ = "remark"

    id: int | None = Field(default=None, primary_key=True)
    draft: str = Field(foreign_key="draft.id", index=True)
    at: datetime = Field(sa_type=Instant)
    author: str
    kind: str
    place: str
    rule: str
    text: str
    revision: int
    seal: str
    about: int | None = None


class AuditRow(Row, table=True):
    """An audit line; never changed, never deleted."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "rulebook", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant)
    actor: str
    action: str
    rulebook: str | None
    subject: str
    detail: dict[str, Any] = Field(sa_type=Json)


class AccountRow(Row, table=True):
    """An account and its password's hash."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("login"),)

    id: str = Field(primary_key=True)
    login: str
    name: str
    role: str
    password_hash: str
    one_time_until: datetime | None = Field(default=None, sa_type=Instant)
    must_change_password: bool
    active: bool
    created_at: datetime = Field(sa_type=Instant)


class SessionRow(Row, table=True):
    """A staff session."""

    __tablename__ = "session"

    token_hash: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    csrf: str
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)


class ApiKeyRow(Row, table=True):
    """An API key."""

    __tablename__ = "api_key"
    __table_args__ = (UniqueConstraint("prefix"),)

    id: str = Field(primary_key=True)
    name: str
    prefix: str
    hash: str
    scopes: list[str] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    last_used_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class SettingRow(Row, table=True):
    """Something that staff set while the service runs."""

    __tablename__ = "setting"

    key: str = Field(primary_key=True)
    value: Any = Field(sa_type=Json)


class DecisionRow(Row, table=True):
    """A decision; written by `log`, never changed, never deleted.

    No foreign key to the release: it is looked up before it answers and can never be deleted, and a check
    per row would be paid on the hottest path of all.
    """

    __tablename__ = "decision"
    __table_args__ = (Index(None, "rulebook", "at"),)

    id: str = Field(primary_key=True, sa_type=DecisionId)
    at: datetime = Field(sa_type=Instant)
    rulebook: str
    release: int
    caller: str
    request: bytes = Field(sa_type=LargeBinary)
    answer: bytes = Field(sa_type=LargeBinary)


class UploadRow(Row, table=True):
    """What was read from files, until whoever brought them says that it is meant."""

    __tablename__ = "upload"

    id: str = Field(primary_key=True)
    owner: str
    created_at: datetime = Field(sa_type=Instant, index=True)
    content: dict[str, Any] = Field(sa_type=Json)


def without_document(row: type[ReleaseRow | DraftRow]) -> _AbstractLoad:
    """A query's option: leave the document, which may be large, in the database."""
    return defer(cast("QueryableAttribute[Any]", row.document), raiseload=True)
