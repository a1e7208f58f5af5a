"""Activations that lie ahead, and their withdrawal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_INSTANT = sa.String(32).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Tell planned activations from others; make the table of withdrawals, and close it to changes."""
    op.add_column("activation", sa.Column("planned_at", _INSTANT, nullable=True))
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activation", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_withdrawal"),
        sa.UniqueConstraint("activation", name="uq_withdrawal_activation"),
        sa.ForeignKeyConstraint(["activation"], ["activation.id"], name="fk_withdrawal_activation"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER withdrawal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            'ON "withdrawal" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()'
        )
        return
    refusal = "BEGIN SELECT RAISE(ABORT, 'rows of \"withdrawal\" are never changed or deleted'); END"
    op.execute(f'CREATE TRIGGER withdrawal_is_not_updated BEFORE UPDATE ON "withdrawal" {refusal}')
    op.execute(f'CREATE TRIGGER withdrawal_is_not_deleted BEFORE DELETE ON "withdrawal" {refusal}')
    there = 'EXISTS (SELECT 1 FROM "withdrawal" WHERE rowid = NEW.rowid)'
    op.execute(
        f'CREATE TRIGGER withdrawal_is_not_replaced BEFORE INSERT ON "withdrawal" WHEN {there} {refusal}'
    )
