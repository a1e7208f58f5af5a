"""What each save of a draft changed: one patch for each revision, only ever added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from decision_tables.errors import NotFound
from decision_tables.reversal import Patch, patch_between
from decision_tables.said import said
from service.store.records import DraftChange
from service.store.rows import DraftChangeRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlmodel.ext.asyncio.session import AsyncSession

    from service.store.database import Database
    from service.store.rows import DraftRow

__all__ = ["Changes", "note_change"]


class Changes:
    """The changes of all drafts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(
        self, draft_id: str, *, before: int | None = None, limit: int = 50
    ) -> tuple[DraftChange, ...]:
        """The changes of a draft, the newest first: those that made a revision below `before`."""
        wanted = (
            select(DraftChangeRow)
            .where(DraftChangeRow.draft == draft_id)
            .order_by(col(DraftChangeRow.revision).desc())
            .limit(limit)
        )
        if before is not None:
            wanted = wanted.where(col(DraftChangeRow.revision) < before)
        async with self._database.reading() as session:
            return tuple(_change_of(row) for row in await session.exec(wanted))

    async def one(self, draft_id: str, revision: int) -> DraftChange:
        """The change that made a revision of a draft.

        Raises:
            NotFound: none did, or it was saved before such records were kept (`draft/no-change`).
        """
        async with self._database.reading() as session:
            row = await session.get(DraftChangeRow, (draft_id, revision))
            if row is None:
                raise NotFound(
                    said("There is no change {revision} of this draft.", revision=str(revision)),
                    code="draft/no-change",
                )
            return _change_of(row)


def note_change(
    session: AsyncSession, draft: DraftRow, before: Mapping[str, Any], actor: str, action: str
) -> None:
    """Add to the session's transaction what a save changed; the draft is as saved, `before` the document that was."""
    session.add(
        DraftChangeRow(
            draft=draft.id,
            revision=draft.revision,
            at=draft.changed_at,
            author=actor,
            action=action,
            patch=patch_between(before, draft.document).document,
        )
    )


def _change_of(row: DraftChangeRow) -> DraftChange:
    return DraftChange(
        revision=row.revision, at=row.at, author=row.author, action=row.action, patch=Patch.of(row.patch)
    )
