"""The use case *publish*: edit → check → run the cases → release → roll back; the only writer of releases.

An edit is a function from rulebook to rulebook (the `with_…` functions of `service.editing`); broken text is
kept in the draft and marked, and only publishing is refused. Who may do what is for the caller to have asked
(`service.access`); every method takes the name of the actor for the audit line.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import decision_tables
from decision_tables.cases import CaseChange, CaseResult, case_changes, run_cases
from decision_tables.compile import check
from decision_tables.diagnostics import Diagnostic
from decision_tables.errors import EditConflict, NotFound, Refused
from decision_tables.formats.pack import read_pack
from decision_tables.reversal import taken_back
from decision_tables.rulebook import Rulebook, document_of, rulebook_of
from decision_tables.said import joined, said, said_many
from service.engine import MAX_NODES
from service.library import Checked
from service.merging import Merged, merged
from service.reviewing import Review
from service.store import Draft, RemarkKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from decision_tables.compare import Change
    from decision_tables.program import Program
    from service.library import Library
    from service.merging import Operation
    from service.store import ReleaseHead, Store

__all__ = ["Edited", "Effect", "Publishing", "pack_folder", "start_of"]


@dataclass(frozen=True, slots=True)
class Edited:
    """A draft after an edit was saved, and what is wrong with it now."""

    draft: Draft
    rulebook: Rulebook
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of the test cases when one version takes the place of another.

    Attributes:
        cases: how many there are in either.
        changes: those that do not come to the same.
    """

    cases: int
    changes: tuple[CaseChange, ...]


class Publishing:
    """Drafts and what becomes of them."""

    def __init__(self, store: Store, library: Library) -> None:
        self._store = store
        self._library = library

    async def found(self, rulebook: Rulebook, actor: str) -> Draft:
        """A new rulebook without a release; the draft that holds it, to be filled and published.

        Raises:
            Refused: there is a rulebook of that key (`rulebook/taken`).
        """
        return await self._store.create_rulebook(rulebook.key, document_of(rulebook), actor)

    async def start_draft(
        self, key: str, actor: str, *, from_release: int | None = None, title: str = ""
    ) -> Draft:
        """A new draft of a rulebook, from its active release or another one.

        Raises:
            NotFound: no such rulebook or release.
        """
        return await self._store.create_draft(key, actor, from_release=from_release, title=title)

    async def discard_draft(self, draft_id: str, actor: str) -> None:
        """Closes a draft without publishing it.

        Raises:
            NotFound: no such draft, or it is closed.
        """
        await self._store.discard_draft(draft_id, actor)

    async def edit(
        self,
        draft_id: str,
        seen_revision: int,
        actor: str,
        change: Callable[[Rulebook], Rulebook],
        *,
        action: str = "draft/edited",
        detail: Mapping[str, Any] | None = None,
    ) -> Edited:
        """Saves a draft as changed, and says what is wrong with it now.

        Raises:
            NotFound: no such draft, or the change speaks of a table, rule or column that is not there.
            EditConflict: somebody saved after `seen_revision`; nothing was changed.
            Refused: the change itself is not possible (an id that is taken).
        """
        draft = await self._store.draft(draft_id)
        if draft.revision != seen_revision:
            raise EditConflict(
                said(
                    "The draft was saved by somebody else: you saw revision {seen_revision}, it is "
                    "at {revision} now.",
                    seen_revision=str(seen_revision),
                    revision=str(draft.revision),
                ),
                seen=seen_revision,
                current=draft.revision,
            )
        changed = change(rulebook_of(draft.document))
        saved = await self._store.save_draft(
            draft_id,
            document=document_of(changed),
            seen_revision=seen_revision,
            actor=actor,
            action=action,
            detail=dict(detail or {}),
        )
        return Edited(saved, changed, (await self._library.checked(saved)).diagnostics)

    async def change(
        self,
        draft_id: str,
        actor: str,
        change: Callable[[Rulebook], Rulebook],
        *,
        action: str,
        detail: Mapping[str, Any],
    ) -> Edited:
        """Saves a change on top of whatever is stored by then; the change itself tells whether it still fits.

        Raises:
            NotFound: no such draft, or the change speaks of a table, rule or column that is not there.
            EditConflict: others saved again and again in between.
            Refused: the change is not possible (an id that is taken).
        """

        async def changed(draft: Draft) -> tuple[Rulebook, Mapping[str, Any]]:
            return change(rulebook_of(draft.document)), detail

        draft = await self._store.change_draft(draft_id, actor, changed, action=action)
        return Edited(draft, rulebook_of(draft.document), (await self._library.checked(draft)).diagnostics)

    async def take_back(
        self, draft_id: str, revision: int, actor: str, *, rest: bool = False
    ) -> tuple[Draft, tuple[Change, ...]]:
        """Takes back what the save that made a revision changed, on top of whatever is stored by now.

        Where something else was written since, nothing is taken back, unless `rest` asks for all but that; the
        second value tells of each such place what stands there, and what would be put back.

        Raises:
            NotFound: no such draft, or no such change of it (`draft/no-change`).
            EditConflict: others saved again and again in the meantime; nothing was changed.
        """
        patch = (await self._store.changes.one(draft_id, revision)).patch
        overtaken: tuple[Change, ...] = ()

        async def change(draft: Draft) -> tuple[Rulebook, Mapping[str, Any]] | None:
            nonlocal overtaken
            document, overtaken = taken_back(draft.document, patch, rest=rest)
            rulebook = rulebook_of(document)
            stays = rulebook == rulebook_of(draft.document)
            return None if stays else (rulebook, {"change": revision})

        return await self._store.change_draft(draft_id, actor, change, action="draft/taken-back"), overtaken

    async def merge(
        self,
        draft_id: str,
        actor: str,
        table: str,
        operations: Sequence[Operation],
        *,
        action: str = "rows/edited",
    ) -> tuple[Edited, Merged]:
        """Puts an author's operations on one table on top of whatever is stored by now, and saves that.

        Where somebody else changed the same cell, nothing is saved: the second value tells every conflict, the
        first the draft as it is.

        Raises:
            NotFound: no such draft or table.
            EditConflict: others saved again and again in the meantime; nothing was changed.
        """
        outcome = Merged(Rulebook(""))

        async def change(draft: Draft) -> tuple[Rulebook, Mapping[str, Any]] | None:
            nonlocal outcome
            outcome = merged(rulebook_of(draft.document), table, operations)
            stays = outcome.conflicts or outcome.is_idle
            return None if stays else (outcome.rulebook, {"table": table, **outcome.detail})

        draft = await self._store.change_draft(draft_id, actor, change, action=action)
        checked = await self._library.checked(draft)
        return Edited(draft, outcome.rulebook, checked.diagnostics), outcome

    async def check(self, draft: Draft) -> Checked:
        """The draft's program, or every diagnostic at once."""
        return await self._library.checked(draft)

    async def run_cases(self, program: Program) -> tuple[CaseResult, ...]:
        """What came of each test case of the rulebook, in its order."""
        return await asyncio.to_thread(lambda: tuple(run_cases(program)))

    async def effect(self, before: Program, after: Program) -> Effect:
        """What becomes of the cases of both when one version takes the place of another."""
        return Effect(*await asyncio.to_thread(case_changes, before, after))

    async def review(self, draft: Draft) -> Review:
        """What was seen and said of a draft, and whether it has to be approved.

        Four eyes are asked for by the draft's rulebook or by its active release: nobody gets round it by a draft that
        no longer asks.
        """
        asks = rulebook_of(draft.document).four_eyes
        active = await self._store.active_release(draft.rulebook)
        if not asks and active is not None:
            asks = rulebook_of((await self._store.release(draft.rulebook, active)).document).four_eyes
        authors = await self._store.remarks.authors(draft.id)
        return Review(draft.revision, asks, authors, await self._store.remarks.of(draft.id))

    async def judge(self, draft: Draft, actor: str, note: str, *, approve: bool) -> None:
        """Approves a draft as it was seen, or asks for changes.

        Raises:
            NotFound: the draft is closed.
            EditConflict: somebody saved it since.
            Refused: it asks for four eyes, and the actor is one of its authors (`review/own-change`).
        """
        review = await self.review(draft)
        if review.four_eyes and review.is_own(actor):
            raise Refused(
                said("You changed this draft yourself: somebody else has to approve it."),
                code="review/own-change",
            )
        kind = RemarkKind.APPROVED if approve else RemarkKind.CHANGES_ASKED
        await self._store.remarks.add(draft.id, actor, kind, text=note, seen_revision=draft.revision)

    async def publish(
        self,
        draft_id: str,
        revision: int,
        actor: str,
        note: str,
        *,
        replacing: int | None = None,
        on: date | None = None,
    ) -> ReleaseHead:
        """Releases a draft and activates the release, in this process at once, in others when they poll.

        Args:
            draft_id: the draft.
            revision: the revision that the publisher saw.
            actor: who publishes.
            note: why, for people; kept with the release.
            replacing: the number of an active release, newer than the draft's base, that the publisher means to
                replace, the changes in it included.
            on: the day from whose start, in the rulebook's time zone, the release is to answer; at once if None.

        Raises:
            NotFound: no such draft.
            EditConflict: somebody saved after `revision`, or activated a release in the meantime.
            InvalidRequest: the day does not lie ahead (`release/past`).
            Refused: it does not compile, a case fails, nothing changed, nobody else approved it where four eyes are
                asked for, or a newer release would be undone;
                `reasons` says which.
        """
        draft = await self._store.draft(draft_id)
        program = await self._publishable(await self._library.checked(draft))
        review = await self.review(draft)
        if review.stands_in_the_way:
            asked = [said("{login} asked for changes.", login=login) for login in review.asked_by]
            raise Refused(
                said(
                    "This rulebook asks for four eyes: somebody who did not change the draft has "
                    "to approve it as it is now."
                ),
                code="publish/not-approved",
                reasons=asked,
            )
        at = None if on is None else start_of(on, program.rulebook)
        active = await self._store.active_release(draft.rulebook, at)
        if active is not None:
            current = await self._store.release(draft.rulebook, active)
            if current.content_hash == program.content_hash:
                raise Refused(
                    said(
                        "The draft says the same as release {active}, which is active then: there is nothing "
                        "to publish.",
                        active=str(active),
                    )
                    if at
                    else said(
                        "The draft says the same as release {active}, which is active: there is nothing to "
                        "publish.",
                        active=str(active),
                    ),
                    code="publish/nothing-changed",
                )
            if active not in {draft.seen_release, draft.base_release, replacing}:
                raise Refused(
                    said(
                        "Release {active} was activated after this draft was started. Publishing the "
                        "draft would undo what changed in between.",
                        active=str(active),
                    ),
                    code="publish/overtaken",
                    reasons=[
                        said(
                            "Start a new draft from release {active}, or say that you mean to replace it.",
                            active=str(active),
                        )
                    ],
                )
        # The store asks again what is active, and the revision too: both may have changed since.
        release = await self._store.publish(
            draft_id, revision=revision, actor=actor, note=note, over=active, at=at
        )
        await self._library.refresh()
        return release

    async def roll_back(self, key: str, number: int, actor: str, note: str) -> None:
        """Activates an older release again; releases themselves are never changed.

        Raises:
            NotFound: no such release.
            Unavailable: this version of the program does not compile it.
            Refused: another release is to take over, and would undo this (`release/planned`).
        """
        await self._library.release(key, number)
        await self._store.activate(key, number, actor, note)
        await self._library.refresh()

    async def call_off(self, key: str, activation: int, actor: str, note: str) -> None:
        """Withdraws a release that was to take over on a day ahead; the release itself stays.

        Raises:
            NotFound: no such plan.
            Refused: it has taken over already, or was withdrawn (`release/not-planned`).
        """
        await self._store.withdraw(key, activation, actor, note)
        await self._library.refresh()

    async def load_pack(self, pack: str | Path, actor: str, note: str = "") -> tuple[ReleaseHead, bool]:
        """Releases a rulebook pack, by the key of a shipped one or by folder; and whether that changed anything.

        Raises:
            NotFound: no such pack.
            InvalidRulebook: it has not the shape of a pack.
            Refused: it does not compile, or one of its cases fails; `reasons` says what.
        """
        folder = pack_folder(pack)
        rulebook = await asyncio.to_thread(read_pack, folder)
        program = await self._publishable(Checked(*await asyncio.to_thread(check, rulebook)))
        if await self._store.rulebook_exists(rulebook.key):
            active = await self._store.active_release(rulebook.key)
            if active is not None:
                current = await self._store.release(rulebook.key, active)
                if current.content_hash == program.content_hash:
                    return current, False
        release = await self._store.load_release(document_of(rulebook), actor, note or f"pack {folder.name}")
        await self._library.refresh()
        return release, True

    async def _publishable(self, checked: Checked) -> Program:
        """The program of what may be published; raises Refused with reasons where it may not."""
        if checked.program is None:
            errors = [found for found in checked.diagnostics if found.is_error]
            raise Refused(
                said_many("There is an error in it.", "There are {count} errors in it.", len(errors)),
                code="publish/does-not-compile",
                reasons=[found.drawn() for found in errors],
            )
        if len(checked.program.nodes) > MAX_NODES:
            raise Refused(
                said(
                    "It has {count} tables and formulas; {nodes} are the most.",
                    count=len(checked.program.nodes),
                    nodes=MAX_NODES,
                ),
                code="rulebook/too-many-nodes",
            )
        results = await self.run_cases(checked.program)
        failed = [result for result in results if not result.passed]
        if failed:
            raise Refused(
                said("{failed} of {all} cases fail.", failed=len(failed), all=len(results)),
                code="publish/cases-fail",
                reasons=[
                    said("{case}: {what}", case=result.case.id, what=joined(" ", result.differences))
                    for result in failed
                ],
            )
        return checked.program


def start_of(day: date, rulebook: Rulebook) -> datetime:
    """The first instant of a day where the rulebook applies."""
    return datetime.combine(day, time(), ZoneInfo(rulebook.time_zone)).astimezone(UTC)


def pack_folder(pack: str | Path) -> Path:
    """The folder of a pack: of a shipped one by its key, or the one that the path names.

    Raises:
        NotFound: there is none.
    """
    shipped = Path(decision_tables.__file__).parent / "packs"
    for folder in (shipped / str(pack), Path(pack)):
        if (folder / "pack.toml").is_file():
            return folder
    names = ", ".join(sorted(path.parent.name for path in shipped.glob("*/pack.toml"))) or "none"
    raise NotFound(
        said(
            "There is no pack {pack}: neither shipped (there are: {names}) nor a folder with a pack.toml.",
            pack=pack,
            names=names,
        )
    )
