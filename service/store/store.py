"""Everything that is kept, in the words of the domain: rulebooks, drafts, releases, activations, settings.

Each method is one transaction; what it changes and the audit line that says so are committed together.
Releases and activations are only ever added.
"""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from decision_tables.errors import DraftClosed, EditConflict, NotFound, Refused, Unavailable
from decision_tables.rulebook import (
    Rulebook,
    canonical_json,
    content_hash,
    document_of,
    release_hash,
    rulebook_of,
)
from decision_tables.said import said
from decision_tables.vocabulary import Words
from service.store import activations
from service.store.audit import add_audit_line, audit_lines, now
from service.store.changes import Changes, note_change
from service.store.database import Database
from service.store.log import DecisionLog
from service.store.people import People
from service.store.records import (
    Account,
    Activation,
    ApiKey,
    AuditLine,
    Credentials,
    DecisionRecord,
    Draft,
    DraftHead,
    Release,
    ReleaseHead,
    RulebookHead,
    StaffSession,
)
from service.store.remarks import Remarks
from service.store.rows import (
    DraftRow,
    ReleaseRow,
    RulebookRow,
    SettingRow,
    as_stored,
    without_document,
)
from service.store.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

__all__ = [
    "Account",
    "Activation",
    "ApiKey",
    "AuditLine",
    "Credentials",
    "DecisionRecord",
    "Draft",
    "DraftHead",
    "Release",
    "ReleaseHead",
    "RulebookHead",
    "StaffSession",
    "Store",
]

_TRIES: Final = 10
"""How often a change is put on top of another one that came first, before its author is told to try again."""


class Store:
    """One open database; made by `open`.

    Any method raises `Unavailable` (`store/unreachable`) when the database does not answer.

    Attributes:
        people: accounts, staff sessions, API keys.
        uploads: what was read from files and is not meant yet.
        remarks: what reviewers say of drafts.
        changes: what each save of a draft changed.
        log: the decision log.
    """

    def __init__(self, database: Database, log: DecisionLog) -> None:
        self._database = database
        self.people = People(database)
        self.uploads = Uploads(database)
        self.remarks = Remarks(database, _locked_draft)
        self.changes = Changes(database)
        self.log = log

    @classmethod
    async def open(
        cls, database_url: str, *, migrate: bool = True, log_queue: int = 10_000, log_batch: int = 500
    ) -> Self:
        """Open the database of that URL and start the decision log's writer.

        Args:
            database_url: see `Database`.
            migrate: bring the schema up to date first; safe in several processes at once. Otherwise the
                schema has to be up to date.
            log_queue: decisions that may wait for the log.
            log_batch: decisions that are committed together at most.

        Raises:
            Refused: the URL cannot be used (`store/url`).
            Unavailable: the database cannot be reached, is not migrated (`store/not-migrated`), or is of a
                newer program (`store/newer`).
        """
        database = Database(database_url)
        try:
            if migrate:
                await database.migrate()
            else:
                await database.check_version()
        except BaseException:
            await database.close()
            raise
        return cls(database, DecisionLog(database, queue=log_queue, batch=log_batch))

    async def close(self) -> None:
        """Write the decisions that wait, then close all connections."""
        await self.log.close()
        await self._database.close()

    async def ping(self) -> None:
        """Return if the database answers."""
        async with self._database.reading() as session:
            await session.exec(select(1))

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._database.dialect

    # Rulebooks

    async def rulebooks(self) -> list[RulebookHead]:
        """All rulebooks by key, with the release that is active."""
        wanted = select(RulebookRow.key, RulebookRow.title).order_by(RulebookRow.key)
        async with self._database.reading() as session:
            active = await activations.active_now(session)
            found = await session.exec(wanted)
            return [RulebookHead(key, dict(title), active.get(key)) for key, title in found]

    async def rulebook_exists(self, key: str) -> bool:
        """Whether there is a rulebook of that key."""
        async with self._database.reading() as session:
            return await session.get(RulebookRow, key) is not None

    async def is_abandoned(self, key: str) -> bool:
        """Whether a rulebook was never released, and nobody works on it any more: its key may be used anew."""
        async with self._database.reading() as session:
            return await session.get(RulebookRow, key) is not None and await _is_abandoned(session, key)

    async def create_rulebook(
        self, key: str, document: Mapping[str, Any], actor: str, *, title: str = ""
    ) -> Draft:
        """A new rulebook without a release, and its first draft, which holds the document.

        One that was made before, never released and given up has its key no longer.

        Raises:
            Refused: the key is taken (`rulebook/taken`), or the document is of another key (`rulebook/key`).
            InvalidRulebook: the document has not the shape of a rulebook.
        """
        rulebook = _checked(key, document)
        async with self._database.writing() as session:
            row = await session.get(RulebookRow, key, with_for_update=True)
            taken = Refused(said("There is a rulebook {key} already.", key=key), code="rulebook/taken")
            if row is None:
                row = RulebookRow(key=key, title={}, created_at=now())
                session.add(row)
            elif not await _is_abandoned(session, key):
                raise taken
            row.title = document_of(rulebook).get("title", {})
            try:
                await session.flush()
            except IntegrityError as error:
                raise taken from error
            add_audit_line(session, actor, "rulebook/created", rulebook=key, subject=key)
            return _begin_draft(session, rulebook, actor, title=title, base=None, seen=None)

    # Releases and activations

    async def releases(self, key: str) -> list[ReleaseHead]:
        """The releases of a rulebook, oldest first, without documents.

        Raises:
            NotFound: there is no such rulebook.
        """
        async with self._database.reading() as session:
            await _rulebook(session, key)
            rows = await session.exec(
                select(ReleaseRow)
                .where(ReleaseRow.rulebook == key)
                .order_by(col(ReleaseRow.number))
                .options(without_document(ReleaseRow))
            )
            return [ReleaseHead(**_head_of_release(row)) for row in rows]

    async def release(self, key: str, number: int) -> Release:
        """A release with its document, which is what was published: its hashes are checked.

        Raises:
            NotFound: there is no such release.
            Unavailable: the stored text is not what was published (`release/altered`).
        """
        async with self._database.reading() as session:
            release = _release_of(await _release(session, key, number))
        content = "sha256:" + hashlib.sha256(canonical_json(release.document)).hexdigest()
        chained = release_hash(release.content_hash, release.previous_hash, number)
        if (content, chained) != (release.content_hash, release.hash):
            raise Unavailable(
                said(
                    "Release {number} of {key} was altered in the database: its hashes do not fit.",
                    number=str(number),
                    key=key,
                ),
                code="release/altered",
            )
        return release

    async def active_release(self, key: str, at: datetime | None = None) -> int | None:
        """The number of the release that is active, or was at an instant; None if none was.

        Raises:
            NotFound: there is no such rulebook.
        """
        async with self._database.reading() as session:
            await _rulebook(session, key)
            latest = await activations.in_effect(session, key, at)
            return latest.release if latest else None

    async def activations(self, key: str) -> list[Activation]:
        """All activations of a rulebook, oldest first, the planned and the withdrawn ones too.

        Raises:
            NotFound: there is no such rulebook.
        """
        async with self._database.reading() as session:
            await _rulebook(session, key)
            return await activations.all_of(session, key)

    async def activation_mark(self) -> tuple[int, int, int]:
        """What changes whenever another release of any rulebook answers; to be compared only."""
        async with self._database.reading() as session:
            return await activations.mark(session)

    async def publish(
        self,
        draft_id: str,
        *,
        revision: int,
        actor: str,
        note: str,
        over: int | None = None,
        at: datetime | None = None,
    ) -> Release:
        """Make a draft the next release, activate it or plan it, and close the draft.

        Args:
            draft_id: the draft.
            revision: the revision of it that was checked and is meant.
            actor: who publishes.
            note: why, in the publisher's words.
            over: number of the active release that the publisher knows he replaces; None means the one that
                was active when the draft was begun. So nobody undoes another's release without knowing.
            at: the instant from which it is to answer; None for now.

        Raises:
            NotFound: there is no such draft, or it is closed (`draft/closed`).
            EditConflict: the draft was saved again since, or another release is active (then).
            InvalidRequest: the instant does not lie ahead (`release/past`).
            Refused: another release is to take over then or later (`release/planned`).
        """
        async with self._database.writing() as session:
            draft = await _open_draft(session, draft_id, seen_revision=revision)
            rulebook = await _rulebook(session, draft.rulebook, lock=True)
            active = await activations.in_effect(session, rulebook.key, at)
            expected = draft.seen_release if over is None else over
            if active is not None and active.release != expected:
                raise EditConflict(
                    said(
                        "Release {release} is active now, and this draft was made before it: "
                        "publishing would undo what it changed.",
                        release=str(active.release),
                    ),
                    seen=expected or 0,
                    current=active.release,
                )
            release = await _add_release(session, rulebook_of(draft.document), actor, note)
            draft.closed_at = release.created_at
            draft.published_as = release.number
            subject = str(release.number)
            detail = {"draft": draft_id, "revision": revision, "hash": release.hash, "note": note}
            add_audit_line(
                session, actor, "release/published", rulebook=rulebook.key, subject=subject, detail=detail
            )
            await activations.activate(session, rulebook, release, actor, note, at=at)
            return _release_of(release)

    async def activate(
        self, key: str, number: int, actor: str, note: str, *, at: datetime | None = None
    ) -> Activation:
        """Let a release answer from now on, or from an instant ahead; an older one to roll back.

        If it is the active one then already, nothing happens.

        Raises:
            NotFound: there is no such rulebook or release.
            InvalidRequest: the instant does not lie ahead (`release/past`).
            Refused: another release is to take over then or later (`release/planned`).
        """
        async with self._database.writing() as session:
            rulebook = await _rulebook(session, key, lock=True)
            release = await _release(session, key, number)
            made = await activations.activate(session, rulebook, release, actor, note, at=at)
            return activations.record_of(made)

    async def withdraw(self, key: str, activation: int, actor: str, note: str) -> None:
        """Call off an activation that lies ahead.

        Raises:
            NotFound: there is no such rulebook or activation.
            Refused: it holds already, or was withdrawn (`release/not-planned`).
        """
        async with self._database.writing() as session:
            await _rulebook(session, key, lock=True)
            await activations.withdraw(session, key, activation, actor, note)

    async def load_release(self, document: Mapping[str, Any], actor: str, note: str) -> Release:
        """Publish a whole document as it is: the rulebook is made if absent, the release becomes active.

        If the newest release holds the very same content, it is activated and no other is made, so that
        several processes may load one pack at once.

        Raises:
            InvalidRulebook: the document has not the shape of a rulebook.
        """
        book = rulebook_of(document)
        absent = {"key": book.key, "title": document_of(book).get("title", {}), "created_at": now()}
        insert = sqlite.insert if self.dialect == "sqlite" else postgresql.insert
        async with self._database.writing() as session:
            await session.exec(insert(RulebookRow).values(absent).on_conflict_do_nothing())
            rulebook = await _rulebook(session, book.key, lock=True)
            release = await _newest_release(session, book.key)
            if release is None or release.content_hash != content_hash(book):
                release = await _add_release(session, book, actor, note)
                subject = str(release.number)
                detail = {"hash": release.hash, "note": note}
                add_audit_line(
                    session, actor, "release/loaded", rulebook=book.key, subject=subject, detail=detail
                )
            await activations.activate(session, rulebook, release, actor, note)
            return _release_of(release)

    # Drafts

    async def drafts(self, key: str) -> list[DraftHead]:
        """The open drafts of a rulebook, the last changed first, without documents.

        Raises:
            NotFound: there is no such rulebook.
        """
        async with self._database.reading() as session:
            await _rulebook(session, key)
            rows = await session.exec(
                select(DraftRow)
                .where(DraftRow.rulebook == key, col(DraftRow.closed_at).is_(None))
                .order_by(col(DraftRow.changed_at).desc(), col(DraftRow.id))
                .options(without_document(DraftRow))
            )
            return [DraftHead(**_head_of_draft(row)) for row in rows]

    async def draft_head(self, draft_id: str) -> DraftHead:
        """An open draft without its document: what has to be looked at often.

        Raises:
            NotFound: there is no such draft, or it is closed (`draft/closed`).
        """
        async with self._database.reading() as session:
            return DraftHead(**_head_of_draft(await _open_draft(session, draft_id, whole=False)))

    async def draft(self, draft_id: str, *, of: str | None = None) -> Draft:
        """An open draft.

        Args:
            draft_id: the draft.
            of: the key of the rulebook that it has to be of; any if None.

        Raises:
            NotFound: there is no such draft (of that rulebook), or it is closed (`draft/closed`).
        """
        async with self._database.reading() as session:
            found = _draft_of(await _open_draft(session, draft_id))
        if of is not None and found.rulebook != of:
            raise NotFound(said("The rulebook {of} has no such draft.", of=of), code="draft/not-found")
        return found

    async def create_draft(
        self,
        key: str,
        actor: str,
        from_release: int | None = None,
        *,
        title: str = "",
        document: Mapping[str, Any] | None = None,
    ) -> Draft:
        """Begin a draft with the document of a release: the active one, unless one is named.

        A rulebook without a release gets an empty document.

        Args:
            key: of the rulebook.
            actor: who begins it.
            from_release: the release that it begins from.
            title: of the draft.
            document: what the draft says instead; it changes what is active.

        Raises:
            NotFound: there is no such rulebook or release.
            InvalidRulebook: the document has not the shape of a rulebook.
            Refused: the document is of another rulebook (`rulebook/key`).
        """
        brought = None if document is None else _checked(key, document)
        async with self._database.writing() as session:
            row = await _rulebook(session, key)
            active = await activations.in_effect(session, key)
            seen = active.release if active else None
            base = from_release if from_release is not None else seen
            if brought is not None:
                return _begin_draft(session, brought, actor, title=title, base=base, seen=seen)
            if base is None:
                empty = Rulebook(key=key, title=Words(row.title.get("by_language", {})))
                return _begin_draft(session, empty, actor, title=title, base=None, seen=None)
            release = await _release(session, key, base)
            return _begin_draft(
                session, rulebook_of(release.document), actor, title=title, base=base, seen=seen
            )

    async def save_draft(
        self,
        draft_id: str,
        *,
        document: Mapping[str, Any],
        seen_revision: int,
        actor: str,
        action: str,
        detail: Mapping[str, Any],
        title: str | None = None,
    ) -> Draft:
        """Replace a draft's document, unless somebody saved since the author last saw it.

        Args:
            draft_id: the draft.
            document: the whole rulebook document; broken cells are kept.
            seen_revision: the revision that the author changed.
            actor: who changes it.
            action: what was done, for the audit (`draft/cell-edited`).
            detail: the rest of the audit line; the new revision is added to it.
            title: a new title for the draft, or None.

        Raises:
            NotFound: there is no such draft, or it is closed (`draft/closed`).
            EditConflict: somebody else saved first.
            InvalidRulebook: the document has not the shape of a rulebook.
            Refused: the document is of another rulebook (`rulebook/key`).
        """
        async with self._database.writing() as session:
            row = await _open_draft(session, draft_id, seen_revision=seen_revision)
            before, row.document = row.document, as_stored(document_of(_checked(row.rulebook, document)))
            row.revision += 1
            row.changed_at = now()
            row.title = row.title if title is None else title
            if row.base_release is None and await activations.in_effect(session, row.rulebook) is None:
                # Before there is a release, a rulebook is called as its draft calls it.
                (await _rulebook(session, row.rulebook)).title = row.document.get("title", {})
            note_change(session, row, before, actor, action)
            told = {**detail, "revision": row.revision}
            add_audit_line(session, actor, action, rulebook=row.rulebook, subject=row.id, detail=told)
            return _draft_of(row)

    async def change_draft(
        self,
        draft_id: str,
        actor: str,
        change: Callable[[Draft], Awaitable[tuple[Rulebook, Mapping[str, Any]] | None]],
        *,
        action: str,
    ) -> Draft:
        """Put a change on top of whatever is stored by now, as often as others come first.

        Args:
            draft_id: the draft.
            actor: who changes it.
            change: what becomes of a draft, and the rest of the audit line; None leaves it as it is.
            action: what is done, for the audit.

        Raises:
            NotFound: there is no such draft, or it is closed (`draft/closed`).
            EditConflict: others saved again and again in between.
            Refused: the document is of another rulebook (`rulebook/key`).
        """
        for tries in range(1, _TRIES + 1):
            draft = await self.draft(draft_id)
            changed = await change(draft)
            if changed is None:
                break
            rulebook, detail = changed
            try:
                return await self.save_draft(
                    draft_id,
                    document=document_of(rulebook),
                    seen_revision=draft.revision,
                    actor=actor,
                    action=action,
                    detail=detail,
                )
            except EditConflict:
                if tries == _TRIES:
                    raise
        return draft

    async def discard_draft(self, draft_id: str, actor: str) -> None:
        """Close a draft without publishing it.

        Raises:
            NotFound: there is no such draft, or it is closed (`draft/closed`).
        """
        async with self._database.writing() as session:
            row = await _open_draft(session, draft_id, lock=True)
            row.closed_at = now()
            add_audit_line(session, actor, "draft/discarded", rulebook=row.rulebook, subject=row.id)

    # Audit and settings

    async def audit(
        self, rulebook: str | None = None, *, before: int | None = None, limit: int = 100
    ) -> list[AuditLine]:
        """Audit lines, the newest first: of one rulebook or of all, older than the line `before`."""
        async with self._database.reading() as session:
            return await audit_lines(session, rulebook=rulebook, before=before, limit=limit)

    async def note(
        self,
        actor: str,
        action: str,
        *,
        subject: str,
        rulebook: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Add an audit line for something that changes nothing here (a login that failed)."""
        async with self._database.writing() as session:
            add_audit_line(session, actor, action, rulebook=rulebook, subject=subject, detail=detail)

    async def setting(self, key: str) -> Any:
        """The JSON value that was put under that key, None if none was."""
        async with self._database.reading() as session:
            row = await session.get(SettingRow, key)
            return row.value if row else None

    async def put_setting(self, key: str, value: Any, actor: str) -> None:
        """Set a JSON value under a key."""
        insert = sqlite.insert if self.dialect == "sqlite" else postgresql.insert
        async with self._database.writing() as session:
            await session.exec(
                insert(SettingRow)
                .values(key=key, value=value)
                .on_conflict_do_update(index_elements=["key"], set_={"value": value})
            )
            add_audit_line(session, actor, "setting/put", subject=key, detail={"value": value})


async def _rulebook(session: AsyncSession, key: str, *, lock: bool = False) -> RulebookRow:
    row = await session.get(RulebookRow, key, with_for_update=lock or None)
    if row is None:
        known = (await session.exec(select(RulebookRow.key))).all()
        raise NotFound.named("rulebook", key, known)
    return row


async def _is_abandoned(session: AsyncSession, key: str) -> bool:
    """Whether a rulebook has neither a release nor an open draft."""
    drafts = select(DraftRow.id).where(DraftRow.rulebook == key, col(DraftRow.closed_at).is_(None))
    return (
        await _newest_release(session, key) is None and (await session.exec(drafts.limit(1))).first() is None
    )


async def _release(session: AsyncSession, key: str, number: int) -> ReleaseRow:
    await _rulebook(session, key)
    row = await session.get(ReleaseRow, (key, number))
    if row is None:
        raise NotFound(
            said("There is no release {number} of {key}.", number=str(number), key=key),
            code="release/not-found",
        )
    return row


async def _newest_release(session: AsyncSession, key: str) -> ReleaseRow | None:
    newest = select(ReleaseRow).where(ReleaseRow.rulebook == key).order_by(col(ReleaseRow.number).desc())
    return (await session.exec(newest.limit(1))).one_or_none()


async def _add_release(session: AsyncSession, rulebook: Rulebook, actor: str, note: str) -> ReleaseRow:
    """The next release; the caller has locked the rulebook's row, so that no two take one number."""
    newest = await _newest_release(session, rulebook.key)
    number = newest.number + 1 if newest else 1
    previous = newest.hash if newest else ""
    content = content_hash(rulebook)
    row = ReleaseRow(
        rulebook=rulebook.key,
        number=number,
        content_hash=content,
        previous_hash=previous,
        hash=release_hash(content, previous, number),
        note=note,
        author=actor,
        created_at=now(),
        document=as_stored(document_of(rulebook)),
    )
    session.add(row)
    await session.flush()
    return row


async def _open_draft(
    session: AsyncSession,
    draft_id: str,
    *,
    seen_revision: int | None = None,
    lock: bool = False,
    whole: bool = True,
) -> DraftRow:
    """An open draft, locked if a revision is named, which it must still be at; `whole` with its document."""
    lock = lock or seen_revision is not None
    options = () if whole else (without_document(DraftRow),)
    row = await session.get(DraftRow, draft_id, with_for_update=lock or None, options=options)
    if row is None:
        raise NotFound(said("There is no such draft."), code="draft/not-found")
    if row.closed_at is not None:
        raise DraftClosed(row.id, row.published_as)
    if seen_revision is not None and row.revision != seen_revision:
        raise EditConflict(
            said(
                "Somebody saved this draft meanwhile: it is at revision {revision}, not {seen_revision}.",
                revision=str(row.revision),
                seen_revision=str(seen_revision),
            ),
            seen=seen_revision,
            current=row.revision,
        )
    return row


async def _locked_draft(session: AsyncSession, draft_id: str, seen_revision: int | None) -> DraftRow:
    return await _open_draft(session, draft_id, seen_revision=seen_revision, lock=True)


def _begin_draft(
    session: AsyncSession,
    rulebook: Rulebook,
    actor: str,
    *,
    title: str,
    base: int | None,
    seen: int | None,
) -> Draft:
    at = now()
    row = DraftRow(
        id=str(uuid.uuid4()),
        rulebook=rulebook.key,
        base_release=base,
        seen_release=seen,
        revision=1,
        title=title,
        author=actor,
        created_at=at,
        changed_at=at,
        document=as_stored(document_of(rulebook)),
    )
    session.add(row)
    detail = {"base_release": base}
    add_audit_line(session, actor, "draft/created", rulebook=rulebook.key, subject=row.id, detail=detail)
    return _draft_of(row)


def _checked(key: str, document: Mapping[str, Any]) -> Rulebook:
    rulebook = rulebook_of(document)
    if rulebook.key != key:
        raise Refused(
            said("The document is of rulebook {key}, not {other}.", key=rulebook.key, other=key),
            code="rulebook/key",
        )
    return rulebook


def _head_of_release(row: ReleaseRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ReleaseHead.__dataclass_fields__}


def _release_of(row: ReleaseRow) -> Release:
    return Release(**_head_of_release(row), document=row.document)


def _head_of_draft(row: DraftRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in DraftHead.__dataclass_fields__}


def _draft_of(row: DraftRow) -> Draft:
    return Draft(**_head_of_draft(row), document=row.document)
