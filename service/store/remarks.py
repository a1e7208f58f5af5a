"""What reviewers say of a draft: rows seen, comments, verdicts; only ever added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from decision_tables.errors import NotFound
from decision_tables.said import said
from service.store.audit import add_audit_line, now
from service.store.records import Remark, RemarkKind
from service.store.rows import AuditRow, RemarkRow

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sqlmodel.ext.asyncio.session import AsyncSession

    from service.store.database import Database
    from service.store.rows import DraftRow

__all__ = ["Remarks"]


class Remarks:
    """The remarks on all drafts.

    Args:
        database: where they are.
        opened: finds an open draft in a session, locked, at a revision if one is named.
    """

    def __init__(
        self, database: Database, opened: Callable[[AsyncSession, str, int | None], Awaitable[DraftRow]]
    ) -> None:
        self._database = database
        self._opened = opened

    async def add(
        self,
        draft_id: str,
        actor: str,
        kind: RemarkKind,
        *,
        where: tuple[str, str] = ("", ""),
        text: str = "",
        about: int | None = None,
        seen_revision: int | None = None,
    ) -> Remark:
        """Say something of a draft; see `Remark` for the words.

        Args:
            draft_id: the draft.
            actor: who says it.
            kind: what is said.
            where: of which table (or other part of the rulebook), and of which rule of it.
            text: in whose words.
            about: the remark that is answered.
            seen_revision: the revision that is meant; None for whichever there is.

        Raises:
            NotFound: there is no such draft, or it is closed; or no such remark on it (`remark/not-found`).
            EditConflict: the draft was saved since `seen_revision`.
        """
        async with self._database.writing() as session:
            draft = await self._opened(session, draft_id, seen_revision)
            if about is not None:
                answered = await session.get(RemarkRow, about)
                if answered is None or answered.draft != draft_id:
                    raise NotFound(said("There is no such comment on this draft."), code="remark/not-found")
            row = _row_of(draft, actor, kind, where, text=text, about=about)
            session.add(row)
            await session.flush()
            told = {"table": where[0], "rule": where[1], "text": text}
            _audit(session, draft, actor, kind, told)
            return _remark_of(row)

    async def see(
        self,
        draft_id: str,
        actor: str,
        seals: Mapping[tuple[str, str], str],
        *,
        seen_revision: int | None = None,
    ) -> None:
        """Say that changes were seen, all at once.

        Args:
            draft_id: the draft.
            actor: who saw them.
            seals: by where they are, as in `add`, the seal of what was looked at.
            seen_revision: the revision that was seen; None for whichever there is.

        Raises:
            NotFound: there is no such draft, or it is closed.
            EditConflict: the draft was saved since `seen_revision`.
        """
        async with self._database.writing() as session:
            draft = await self._opened(session, draft_id, seen_revision)
            for where, seal in seals.items():
                session.add(_row_of(draft, actor, RemarkKind.SEEN, where, seal=seal))
            tables = ", ".join(dict.fromkeys(table for table, _ in seals))
            rules = ", ".join(rule for _, rule in seals)
            _audit(session, draft, actor, RemarkKind.SEEN, {"table": tables, "rule": rules})

    async def of(self, draft_id: str) -> tuple[Remark, ...]:
        """All remarks on a draft, oldest first."""
        wanted = select(RemarkRow).where(RemarkRow.draft == draft_id).order_by(col(RemarkRow.id))
        async with self._database.reading() as session:
            return tuple(_remark_of(row) for row in await session.exec(wanted))

    async def authors(self, draft_id: str) -> frozenset[str]:
        """Everybody who changed a draft: whose saves the audit trail has, besides its beginning."""
        wanted = (
            select(AuditRow.actor)
            .where(AuditRow.subject == draft_id)
            .where(
                *(col(AuditRow.action).not_like(done) for done in ("review/%", "%/created", "%/discarded"))
            )
            .distinct()
        )
        async with self._database.reading() as session:
            return frozenset(await session.exec(wanted))


def _row_of(
    draft: DraftRow,
    actor: str,
    kind: RemarkKind,
    where: tuple[str, str],
    *,
    text: str = "",
    seal: str = "",
    about: int | None = None,
) -> RemarkRow:
    return RemarkRow(
        draft=draft.id,
        at=now(),
        author=actor,
        kind=kind.value,
        place=where[0],
        rule=where[1],
        text=text,
        revision=draft.revision,
        seal=seal,
        about=about,
    )


def _audit(
    session: AsyncSession, draft: DraftRow, actor: str, kind: RemarkKind, told: Mapping[str, str]
) -> None:
    detail: dict[str, str | int] = {name: said for name, said in told.items() if said}
    add_audit_line(
        session,
        actor,
        f"review/{kind.value}",
        rulebook=draft.rulebook,
        subject=draft.id,
        detail={**detail, "revision": draft.revision},
    )


def _remark_of(row: RemarkRow) -> Remark:
    return Remark(
        id=row.id or 0,
        at=row.at,
        author=row.author,
        kind=RemarkKind(row.kind),
        place=row.place,
        rule=row.rule,
        text=row.text,
        revision=row.revision,
        seal=row.seal,
        about=row.about,
    )
