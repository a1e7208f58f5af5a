"""The use case *import*: files → preview → draft; and its way back, *export*.

Nothing is saved before somebody has seen what would change. Files are read off the event loop, a few at a time,
within the limits of their readers (`decision_tables.formats`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from decision_tables import formats
from decision_tables.compare import Change, changes_between
from decision_tables.compile import check
from decision_tables.diagnostics import Diagnostic
from decision_tables.errors import NotFound
from decision_tables.formats import Format, Reading, Written
from decision_tables.rulebook import Rulebook, document_of, rulebook_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.store import Draft, Store

__all__ = ["Importing", "Preview", "TakenOut"]

_READERS = 2


@dataclass(frozen=True, slots=True)
class Preview:
    """What files say, before anything of it is saved.

    Attributes:
        rulebook: as read.
        notes: what the files say that a rulebook cannot, what was forgiven or left out.
        diagnostics: what is wrong with the rulebook.
        changes: against the active release; empty where there is none.
        base: the number of the active release that it would change, None if there is none.
        is_new: there is no rulebook of its key.
    """

    rulebook: Rulebook
    notes: tuple[Diagnostic, ...]
    diagnostics: tuple[Diagnostic, ...]
    changes: tuple[Change, ...]
    base: int | None
    is_new: bool

    @property
    def errors(self) -> int:
        """How many diagnostics would keep it from being published."""
        return sum(found.is_error for found in self.diagnostics)


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A rulebook as a file.

    Attributes:
        name: for the file, safe on any system.
        written: the file, and what it cannot say.
        format: of the file.
    """

    name: str
    written: Written
    format: Format


class Importing:
    """Rulebooks from files, and files from rulebooks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._readers = asyncio.Semaphore(_READERS)

    async def preview(self, files: Mapping[str, bytes], key: str = "") -> Preview:
        """What files would change.

        Args:
            files: by name, what they hold.
            key: of the rulebook that they are read into; else what the files say, or are called.

        Raises:
            InvalidRulebook: they cannot be read; every diagnostic at once.
            Unavailable: the database does not answer.
        """
        into = (await self._current(key))[0] if key else None
        async with self._readers:
            reading = await asyncio.to_thread(formats.read, files, into, key=key)
        return await self._seen(reading)

    async def keep(self, preview: Preview, owner: str) -> str:
        """Keeps a preview for its owner until it is meant or a day has passed; the id of it."""
        notes = msgspec.to_builtins(preview.notes)
        return await self._store.uploads.add(
            owner, {"document": document_of(preview.rulebook), "notes": notes}
        )

    async def kept(self, upload_id: str, owner: str) -> Preview:
        """A preview that was kept, against what is active now.

        Raises:
            NotFound: there is none of that id, of that owner.
        """
        content = await self._store.uploads.get(upload_id, owner)
        notes = msgspec.convert(content["notes"], tuple[Diagnostic, ...])
        return await self._seen(Reading(rulebook_of(content["document"]), notes))

    async def bring_in(self, preview: Preview, actor: str, title: str = "", *, upload: str = "") -> Draft:
        """A draft that says what the files say; a new rulebook, if there is none of that key.

        Raises:
            Refused: a rulebook of that key was made meanwhile (`rulebook/taken`).
        """
        document = document_of(preview.rulebook)
        key = preview.rulebook.key
        if await self._store.rulebook_exists(key):
            draft = await self._store.create_draft(key, actor, title=title, document=document)
        else:
            draft = await self._store.create_rulebook(key, document, actor, title=title)
        if upload:
            await self._store.uploads.drop(upload)
        return draft

    async def take_out(
        self, key: str, to: Format, *, release: int | None = None, draft: str = ""
    ) -> TakenOut:
        """A release (the active one, unless another or a draft is named) as a file.

        Raises:
            NotFound: no such rulebook, release or draft; or no release is active.
        """
        rulebook, which = await self._edition(key, release, draft)
        async with self._readers:
            written = await asyncio.to_thread(formats.write, rulebook, to)
        return TakenOut(f"{formats.key_like(key)}-{which}.{to.ending}", written, to)

    async def _seen(self, reading: Reading) -> Preview:
        rulebook = reading.rulebook
        current, base = await self._current(rulebook.key)
        async with self._readers:
            _, diagnostics = await asyncio.to_thread(check, rulebook)
            changes = (
                ()
                if current is None or base is None
                else await asyncio.to_thread(changes_between, current, rulebook)
            )
        return Preview(rulebook, reading.notes, diagnostics, changes, base, current is None)

    async def _current(self, key: str) -> tuple[Rulebook | None, int | None]:
        """What a rulebook says now, and the number of its active release."""
        if not await self._store.rulebook_exists(key):
            return None, None
        active = await self._store.active_release(key)
        if active is None:
            return Rulebook(key), None
        return rulebook_of((await self._store.release(key, active)).document), active

    async def _edition(self, key: str, release: int | None, draft: str) -> tuple[Rulebook, str]:
        if draft:
            found = await self._store.draft(draft)
            if found.rulebook != key:
                raise NotFound(f"The rulebook {key} has no such draft.", code="draft/not-found")
            return rulebook_of(found.document), "draft"
        number = release if release is not None else await self._store.active_release(key)
        if number is None:
            raise NotFound(f"No release of {key} is active.", code="release/not-found")
        return rulebook_of((await self._store.release(key, number)).document), str(number)
