"""The store: rulebooks, releases, drafts, audit, accounts, keys, decisions.

Types are written out, not imported from `rows`: a revision must go on meaning what it meant.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_INSTANT = sa.String(32).with_variant(sa.DateTime(timezone=True), "postgresql")
_DECISION_ID = sa.String(36).with_variant(postgresql.UUID(as_uuid=False), "postgresql")

# Table → the condition under which an insert would replace a row, which SQLite does without firing the
# triggers on delete.
_APPEND_ONLY = {
    "release": "rulebook = NEW.rulebook AND number = NEW.number OR hash = NEW.hash",
    "activation": "id = NEW.id",
    "audit": "id = NEW.id",
    "decision": "id = NEW.id",
}


def upgrade() -> None:
    """Make all tables, then close those that only grow."""
    _make_rulebooks()
    _make_accounts()
    op.create_table(
        "decision",
        sa.Column("id", _DECISION_ID, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("rulebook", sa.String(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    op.create_index("ix_decision_rulebook_at", "decision", ["rulebook", "at"])
    if op.get_context().dialect.name == "postgresql":
        _close_on_postgresql()
    else:
        _close_on_sqlite()


def _make_rulebooks() -> None:
    op.create_table(
        "rulebook",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_rulebook"),
    )
    op.create_table(
        "release",
        sa.Column("rulebook", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rulebook", "number", name="pk_release"),
        sa.ForeignKeyConstraint(["rulebook"], ["rulebook.key"], name="fk_release_rulebook"),
        sa.UniqueConstraint("hash", name="uq_release_hash"),
    )
    op.create_table(
        "activation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rulebook", sa.String(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("activated_at", _INSTANT, nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_activation"),
        sa.ForeignKeyConstraint(
            ["rulebook", "release"],
            ["release.rulebook", "release.number"],
            name="fk_activation_rulebook_release",
        ),
    )
    op.create_index("ix_activation_rulebook_id", "activation", ["rulebook", "id"])
    op.create_table(
        "draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("rulebook", sa.String(), nullable=False),
        sa.Column("base_release", sa.Integer(), nullable=True),
        sa.Column("seen_release", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column("published_as", sa.Integer(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.ForeignKeyConstraint(["rulebook"], ["rulebook.key"], name="fk_draft_rulebook"),
    )
    op.create_index("ix_draft_rulebook", "draft", ["rulebook"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("rulebook", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_rulebook_id", "audit", ["rulebook", "id"])


def _make_accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("one_time_until", _INSTANT, nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("login", name="uq_account_login"),
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_session"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_session_account_id"),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"])
    op.create_index("ix_session_expires_at", "session", ["expires_at"])
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("last_used_at", _INSTANT, nullable=True),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
        sa.UniqueConstraint("prefix", name="uq_api_key_prefix"),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_setting"),
    )


def _close_on_postgresql() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of "%" are never changed or deleted', TG_TABLE_NAME;
        END
        $$
        """
    )
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            f'ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()'
        )


def _close_on_sqlite() -> None:
    for table, replaced in _APPEND_ONLY.items():
        refusal = f"BEGIN SELECT RAISE(ABORT, 'rows of \"{table}\" are never changed or deleted'); END"
        op.execute(f'CREATE TRIGGER {table}_is_not_updated BEFORE UPDATE ON "{table}" {refusal}')
        op.execute(f'CREATE TRIGGER {table}_is_not_deleted BEFORE DELETE ON "{table}" {refusal}')
        there = f'EXISTS (SELECT 1 FROM "{table}" WHERE rowid = NEW.rowid OR {replaced})'  # noqa: S608 - our own
        op.execute(
            f'CREATE TRIGGER {table}_is_not_replaced BEFORE INSERT ON "{table}" WHEN {there} {refusal}'
        )
