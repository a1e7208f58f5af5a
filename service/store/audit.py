"""The audit trail: a line for each thing that somebody did, in the transaction that did it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from service.store.records import AuditLine
from service.store.rows import AuditRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlmodel.ext.asyncio.session import AsyncSession

__all__ = ["add_audit_line", "audit_lines", "now"]


def now() -> datetime:
    """The instant at which something is stored, in UTC; decisions bring their own."""
    return datetime.now(UTC)


def add_audit_line(
    session: AsyncSession,
    actor: str,
    action: str,
    *,
    subject: str,
    rulebook: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add a line to the session's transaction; see `AuditLine` for the words."""
    session.add(
        AuditRow(
            at=now(),
            actor=actor,
            action=action,
            rulebook=rulebook,
            subject=subject,
            detail=dict(detail or {}),
        )
    )


async def audit_lines(
    session: AsyncSession, *, rulebook: str | None, before: int | None, limit: int
) -> list[AuditLine]:
    """The newest lines first, of one rulebook or of all, older than the line `before`."""
    wanted = select(AuditRow).order_by(col(AuditRow.id).desc()).limit(limit)
    if rulebook is not None:
        wanted = wanted.where(AuditRow.rulebook == rulebook)
    if before is not None:
        wanted = wanted.where(col(AuditRow.id) < before)
    return [
        AuditLine(
            id=row.id or 0,
            at=row.at,
            actor=row.actor,
            action=row.action,
            rulebook=row.rulebook,
            subject=row.subject,
            detail=row.detail,
        )
        for row in await session.exec(wanted)
    ]
