"""The use case *import*: files → preview → draft; and its way back, *export*.

Nothing is saved before somebody has seen what would change. Files are read off the event loop, a few at a time,
within the limits of their readers (`decision_tables.formats`). What waits for a person's word is kept as it came and
read again then, against what there is by that time.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from decision_tables import formats
from decision_tables.compare import Change, changes_between
from decision_tables.compile import check
from decision_tables.diagnostics import Diagnostic, Where
from decision_tables.errors import EditConflict, InvalidRulebook, NotFound
from decision_tables.formats import Format, Reading, Written
from decision_tables.rulebook import Rulebook, document_of, rulebook_of
from decision_tables.said import said
from service.store import Draft

if TYPE_CHECKING:
    from service.store import Store

__all__ = ["KEY", "Importing", "Preview", "TakenOut"]

KEY: Final = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$"
"""What a rulebook may be called in addresses."""

_READERS = 2


@dataclass(frozen=True, slots=True)
class Preview:
    """What files say, before anything of it is saved.

    Attributes:
        files: what they are called.
        rulebook: as read.
        before: the rulebook that it is compared with; an empty one where there is nothing to compare it with.
        notes: what the files say that a rulebook cannot, what was forgiven or left out.
        diagnostics: what is wrong with the rulebook.
        changes: against the draft that is to be changed, else the active release; empty where there is neither.
        base: the number of the active release, None if there is none.
        is_new: there is no rulebook of its key.
        draft: the draft that is to be changed, as it was; None where a new one is to be made.
        addresses: of a workbook, the cells in which pieces of the rulebook stand.
    """

    files: tuple[str, ...]
    rulebook: Rulebook
    before: Rulebook
    notes: tuple[Diagnostic, ...]
    diagnostics: tuple[Diagnostic, ...]
    changes: tuple[Change, ...]
    base: int | None
    is_new: bool
    draft: Draft | None = None
    addresses: Mapping[Where, str] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        """How many diagnostics would keep it from being published."""
        return sum(found.is_error for found in self.diagnostics)

    def address_of(self, found: Diagnostic) -> str:
        """The cell of the file in which something is wrong (`Fees!C7`); empty where the file has no cells."""
        return formats.address_of(found.where, self.addresses)

    @property
    def against(self) -> str:
        """What the changes are told against; another text, and they are not what somebody has seen."""
        if self.draft is not None:
            return f"{self.draft.id}/{self.draft.revision}"
        return "nothing" if self.is_new else str(self.base or "no release")


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A rulebook as a file.

    Attributes:
        name: for the file, safe on any system.
        written: the file, and what it cannot say.
        media_type: of the file, as HTTP calls it.
    """

    name: str
    written: Written
    media_type: str


class Importing:
    """Rulebooks from files, and files from rulebooks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._readers = asyncio.Semaphore(_READERS)

    async def preview(self, files: Mapping[str, bytes], key: str = "", *, draft: str = "") -> Preview:
        """What files would change.

        Args:
            files: by name, what they hold.
            key: of the rulebook that they are read into; else what the files say, or are called.
            draft: the id of a draft of that rulebook, which they are to change; else a new one is to be made.

        Raises:
            InvalidRulebook: they cannot be read; every diagnostic at once.
            NotFound: there is no such draft.
            Unavailable: the database does not answer.
        """
        changed = await self._store.draft(draft, of=key) if draft else None
        into, base = await self._current(key) if key else (None, None)
        into = rulebook_of(changed.document) if changed else into
        reading = await self._read(files, into, key)
        if not key:
            into, base = await self._current(reading.rulebook.key)
            # Only the files told which rulebook they are of; what it says now has a part in how they are read.
            reading = reading if into is None else await self._read(files, into, into.key)
        diagnostics, changes = await self._compared(reading.rulebook, into)
        return Preview(
            files=tuple(files),
            rulebook=reading.rulebook,
            before=into or Rulebook(reading.rulebook.key),
            notes=reading.notes,
            diagnostics=diagnostics,
            changes=() if base is None and changed is None else changes,
            base=base,
            is_new=into is None,
            draft=changed,
            addresses=reading.addresses,
        )

    async def keep(self, files: Mapping[str, bytes], owner: str, key: str = "", *, draft: str = "") -> str:
        """Keeps files for their owner until they are meant or a day has passed; the id by which `kept` knows them."""
        packed = {name: base64.b85encode(data).decode() for name, data in files.items()}
        return await self._store.uploads.add(owner, {"files": packed, "key": key, "draft": draft})

    async def kept(self, upload_id: str, owner: str) -> Preview:
        """What files that were kept would change now.

        Raises:
            NotFound: there are none of that id, of that owner; or the draft is gone that they were to change.
            InvalidRulebook: they cannot be read against what there is now.
        """
        content = await self._store.uploads.get(upload_id, owner)
        files = {name: base64.b85decode(text) for name, text in content["files"].items()}
        return await self.preview(files, content["key"], draft=content["draft"])

    async def forget(self, upload_id: str, owner: str) -> None:
        """Forgets files that were kept; nothing happens where there are none of that id, of that owner."""
        await self._store.uploads.drop(upload_id, owner)

    async def bring_in(self, preview: Preview, actor: str, title: str = "") -> Draft:
        """A draft that says what the files say; a new rulebook, if there is none of that key.

        Raises:
            Refused: a rulebook of that key was made meanwhile (`rulebook/taken`).
            EditConflict: the draft was saved, or a release activated, after the preview.
        """
        document = document_of(preview.rulebook)
        key = preview.rulebook.key
        detail = {"files": list(preview.files)}
        if preview.draft is not None:
            return await self._store.save_draft(
                preview.draft.id,
                document=document,
                seen_revision=preview.draft.revision,
                actor=actor,
                action="draft/imported",
                detail=detail,
            )
        if preview.is_new:
            return await self._store.create_rulebook(key, document, actor, title=title)
        active = await self._store.active_release(key)
        if active != preview.base:
            raise EditConflict(
                said(
                    "Release {active} was activated since you looked at what the files would change.",
                    active=str(active),
                ),
                seen=preview.base or 0,
                current=active or 0,
            )
        return await self._store.create_draft(key, actor, title=title, document=document)

    async def take_out(
        self, key: str, to: Format, *, release: int | None = None, draft: str = "", table: str = ""
    ) -> TakenOut:
        """A release (the active one, unless another or a draft is named), or one table of it, as a file.

        Raises:
            NotFound: no such rulebook, release, draft or table; or no release is active.
            InvalidRequest: the format cannot be of one table.
        """
        rulebook, which = await self._edition(key, release, draft)
        async with self._readers:
            written = await asyncio.to_thread(formats.write, rulebook, to, table=table)
        parts = (formats.key_like(key), which, *((formats.key_like(table),) if table else ()))
        return TakenOut(f"{'-'.join(parts)}.{to.ending_of(table)}", written, to.media_type_of(table))

    async def _read(self, files: Mapping[str, bytes], into: Rulebook | None, key: str) -> Reading:
        async with self._readers:
            reading = await asyncio.to_thread(formats.read, files, into, key=key)
        if not re.fullmatch(KEY, reading.rulebook.key):
            message = said("`{key}` cannot be the key of a rulebook.", key=reading.rulebook.key[:100])
            hint = said("It is a letter, a digit or _, then letters, digits, _, . and -, at most 100 in all.")
            raise InvalidRulebook([Diagnostic("rulebook/bad-key", Where(), message, hint)])
        return reading

    async def _compared(
        self, rulebook: Rulebook, before: Rulebook | None
    ) -> tuple[tuple[Diagnostic, ...], tuple[Change, ...]]:
        """What is wrong with a rulebook, and what is different from the one before."""
        async with self._readers:
            _, diagnostics = await asyncio.to_thread(check, rulebook)
            if before is None:
                return diagnostics, ()
            return diagnostics, await asyncio.to_thread(changes_between, before, rulebook)

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
            return rulebook_of((await self._store.draft(draft, of=key)).document), "draft"
        number = release if release is not None else await self._store.active_release(key)
        if number is None:
            raise NotFound(said("No release of {key} is active.", key=key), code="release/not-found")
        return rulebook_of((await self._store.release(key, number)).document), str(number)
