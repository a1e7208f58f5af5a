"""Which release answers when: activations, those that lie ahead among them, and their withdrawal.

An activation holds from its instant until the next one; one that is planned holds from an instant ahead, unless it is
withdrawn before. Both are only ever added. While one lies ahead nothing else is activated before it, for it would undo
what was not there when it was planned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, text
from sqlmodel import col, select

from decision_tables.errors import InvalidRequest, NotFound, Refused
from decision_tables.said import said
from service.store.audit import add_audit_line, now
from service.store.records import Activation
from service.store.rows import ActivationRow, ReleaseRow, RulebookRow, WithdrawalRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlmodel.ext.asyncio.session import AsyncSession

__all__ = ["activate", "active_now", "all_of", "in_effect", "mark", "record_of", "withdraw"]


def _stands() -> ColumnElement[bool]:
    """Holds of activations that were not withdrawn."""
    return col(ActivationRow.id).not_in(select(WithdrawalRow.activation))


async def in_effect(session: AsyncSession, key: str, at: datetime | None = None) -> ActivationRow | None:
    """The activation of a rulebook that holds now, or at an instant; None if there is none."""
    until = col(ActivationRow.activated_at) <= (at or now())
    if at is None:
        # What was not planned holds from when it was written, even by a clock that is ahead of this one.
        until = or_(until, col(ActivationRow.planned_at).is_(None))
    latest = select(ActivationRow).where(_stands(), ActivationRow.rulebook == key, until)
    latest = latest.order_by(col(ActivationRow.activated_at).desc(), col(ActivationRow.id).desc())
    return (await session.exec(latest.limit(1))).one_or_none()


async def active_now(session: AsyncSession) -> dict[str, int]:
    """By rulebook, the number of the release that is active."""
    until = or_(col(ActivationRow.activated_at) <= now(), col(ActivationRow.planned_at).is_(None))
    place = func.row_number().over(
        partition_by=ActivationRow.rulebook,
        order_by=(col(ActivationRow.activated_at).desc(), col(ActivationRow.id).desc()),
    )
    ranked = (
        select(ActivationRow.rulebook, ActivationRow.release, place.label("place"))
        .where(_stands(), until)
        .subquery()
    )
    found = await session.exec(select(ranked.c.rulebook, ranked.c.release).where(ranked.c.place == 1))
    return dict(found.all())


async def all_of(session: AsyncSession, key: str) -> list[Activation]:
    """All activations of a rulebook, oldest first, the withdrawn ones too."""
    found = await session.exec(
        select(ActivationRow, WithdrawalRow)
        .outerjoin(WithdrawalRow, col(WithdrawalRow.activation) == col(ActivationRow.id))
        .where(ActivationRow.rulebook == key)
        .order_by(col(ActivationRow.id))
    )
    return [record_of(row, withdrawal) for row, withdrawal in found]


async def mark(session: AsyncSession) -> tuple[int, int, int]:
    """What changes whenever another release answers, or is planned to.

    The ids of the newest activation and of the newest withdrawal, and how many of the plans have come.
    """
    activation = (await session.exec(select(func.max(ActivationRow.id)))).one()
    withdrawal = (await session.exec(select(func.max(WithdrawalRow.id)))).one()
    planned = select(func.count()).where(
        col(ActivationRow.planned_at).is_not(None), col(ActivationRow.activated_at) <= now()
    )
    return activation or 0, withdrawal or 0, (await session.exec(planned)).one()


async def activate(
    session: AsyncSession,
    rulebook: RulebookRow,
    release: ReleaseRow,
    actor: str,
    note: str,
    *,
    at: datetime | None = None,
) -> ActivationRow:
    """The activation of a release, now or from an instant ahead; the caller has locked the rulebook's row.

    Raises:
        InvalidRequest: the instant does not lie ahead (`release/past`).
        Refused: another activation lies ahead (`release/planned`).
    """
    instant = now()
    if at is not None and at <= instant:
        raise InvalidRequest(said("A release cannot have answered in the past."), code="release/past")
    ahead = await _ahead(session, rulebook.key, instant)
    if ahead is not None and (at is None or at <= ahead.activated_at):
        day = ahead.activated_at.astimezone(ZoneInfo(release.document.get("time_zone", "UTC"))).date()
        raise Refused(
            said(
                "Release {release} takes over on {day} and would undo this.",
                release=str(ahead.release),
                day=day,
            ),
            code="release/planned",
            reasons=[said("Withdraw it first, and plan it anew with this change in it.")],
        )
    last = await in_effect(session, rulebook.key, at)
    if last is not None and last.release == release.number:
        return last
    if session.get_bind().dialect.name == "postgresql":
        # Of two rulebooks' activations the one with the higher id must not be seen first, or whoever polls
        # for the newest id would never hear of the other. Readers do not wait for this lock.
        await (await session.connection()).execute(text("LOCK TABLE activation IN SHARE ROW EXCLUSIVE MODE"))
    row = ActivationRow(
        rulebook=rulebook.key,
        release=release.number,
        # Never before the last one, even if this process's clock is behind.
        activated_at=at or (max(instant, last.activated_at) if last else instant),
        author=actor,
        note=note,
        planned_at=None if at is None else instant,
    )
    session.add(row)
    await session.flush()
    subject, detail = str(release.number), {"note": note}
    if at is None:
        rulebook.title = release.document.get("title", {})
        add_audit_line(
            session, actor, "release/activated", rulebook=rulebook.key, subject=subject, detail=detail
        )
    else:
        detail["from"] = at.isoformat()
        add_audit_line(
            session, actor, "release/scheduled", rulebook=rulebook.key, subject=subject, detail=detail
        )
    return row


async def withdraw(session: AsyncSession, key: str, activation: int, actor: str, note: str) -> None:
    """Calls off a planned activation; the caller has locked the rulebook's row.

    Raises:
        NotFound: the rulebook has no such activation (`release/not-planned`).
        Refused: it holds already, or was withdrawn (`release/not-planned`).
    """
    row = await session.get(ActivationRow, activation)
    if row is None or row.rulebook != key:
        raise NotFound(said("{key} has no such plan.", key=key), code="release/not-planned")
    there = select(WithdrawalRow).where(WithdrawalRow.activation == activation)
    if (await session.exec(there)).one_or_none() is not None:
        raise Refused(
            said("The plan for release {release} was withdrawn already.", release=str(row.release)),
            code="release/not-planned",
        )
    if row.planned_at is None or row.activated_at <= now():
        raise Refused(
            said("Release {release} has taken over already.", release=str(row.release)),
            code="release/not-planned",
        )
    if session.get_bind().dialect.name == "postgresql":  # as for activations
        await (await session.connection()).execute(text("LOCK TABLE withdrawal IN SHARE ROW EXCLUSIVE MODE"))
    session.add(WithdrawalRow(activation=activation, at=now(), author=actor, note=note))
    add_audit_line(
        session, actor, "release/withdrawn", rulebook=key, subject=str(row.release), detail={"note": note}
    )


async def _ahead(session: AsyncSession, key: str, instant: datetime) -> ActivationRow | None:
    """The last activation that lies ahead."""
    ahead = select(ActivationRow).where(
        _stands(),
        ActivationRow.rulebook == key,
        col(ActivationRow.planned_at).is_not(None),
        col(ActivationRow.activated_at) > instant,
    )
    return (await session.exec(ahead.order_by(col(ActivationRow.activated_at).desc()).limit(1))).one_or_none()


def record_of(row: ActivationRow, withdrawal: WithdrawalRow | None = None) -> Activation:
    """An activation as others see it."""
    return Activation(
        id=row.id or 0,
        rulebook=row.rulebook,
        release=row.release,
        activated_at=row.activated_at,
        author=row.author,
        note=row.note,
        planned_at=row.planned_at,
        withdrawn_at=None if withdrawal is None else withdrawal.at,
        withdrawn_by="" if withdrawal is None else withdrawal.author,
    )
