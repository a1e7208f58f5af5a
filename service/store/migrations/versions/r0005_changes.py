"""What each save of a draft changed, so that it can be told, and taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_INSTANT = sa.String(32).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the table; drafts saved before have no changes in it."""
    op.create_table(
        "draft_change",
        sa.Column("draft", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("patch", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("draft", "revision", name="pk_draft_change"),
        sa.ForeignKeyConstraint(["draft"], ["draft.id"], name="fk_draft_change_draft"),
    )
