"""Remarks: what reviewers say of a draft. They are only ever added."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_INSTANT = sa.String(32).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the table, and close it to changes."""
    op.create_table(
        "remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft", sa.String(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.Column("about", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_remark"),
        sa.ForeignKeyConstraint(["draft"], ["draft.id"], name="fk_remark_draft"),
    )
    op.create_index("ix_remark_draft", "remark", ["draft"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER remark_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            'ON "remark" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()'
        )
        return
    refusal = "BEGIN SELECT RAISE(ABORT, 'rows of \"remark\" are never changed or deleted'); END"
    op.execute(f'CREATE TRIGGER remark_is_not_updated BEFORE UPDATE ON "remark" {refusal}')
    op.execute(f'CREATE TRIGGER remark_is_not_deleted BEFORE DELETE ON "remark" {refusal}')
    there = 'EXISTS (SELECT 1 FROM "remark" WHERE rowid = NEW.rowid)'
    op.execute(f'CREATE TRIGGER remark_is_not_replaced BEFORE INSERT ON "remark" WHEN {there} {refusal}')
