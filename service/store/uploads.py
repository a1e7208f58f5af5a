"""Files that people brought in and have looked at, until they say that they mean it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlmodel import col, delete, select

from decision_tables.errors import NotFound
from decision_tables.said import said
from service.store.audit import now
from service.store.rows import UploadRow, as_stored

if TYPE_CHECKING:
    from service.store.database import Database

__all__ = ["Uploads"]

LASTS: Final = timedelta(days=1)
EACH: Final = 10
"""How many one person may have lying; the oldest goes for the next."""


class Uploads:
    """What was read from files, kept for whoever brought them, for a day."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, owner: str, content: dict[str, Any]) -> str:
        """Keep JSON data, and forget what was left lying for too long, or lies in a heap; the id of it."""
        row = UploadRow(id=str(uuid.uuid4()), owner=owner, created_at=now(), content=as_stored(content))
        mine = select(UploadRow.id).where(UploadRow.owner == owner)
        newest = mine.order_by(col(UploadRow.created_at).desc()).limit(EACH - 1)
        async with self._database.writing() as session:
            await session.exec(delete(UploadRow).where(col(UploadRow.created_at) < now() - LASTS))
            kept = list(await session.exec(newest))
            await session.exec(
                delete(UploadRow).where(col(UploadRow.owner) == owner, col(UploadRow.id).not_in(kept))
            )
            session.add(row)
            return row.id

    async def get(self, upload_id: str, owner: str) -> dict[str, Any]:
        """What was kept.

        Raises:
            NotFound: there is none of that id, of that owner (`upload/not-found`).
        """
        async with self._database.reading() as session:
            row = await session.get(UploadRow, upload_id)
        if row is None or row.owner != owner:
            raise NotFound(
                said("What was brought in is no longer here: bring it in again."), code="upload/not-found"
            )
        return row.content

    async def drop(self, upload_id: str, owner: str) -> None:
        """Forget it; nothing happens if it is not there."""
        mine = (col(UploadRow.id) == upload_id, col(UploadRow.owner) == owner)
        async with self._database.writing() as session:
            await session.exec(delete(UploadRow).where(*mine))
