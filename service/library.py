"""Compiled rulebooks in memory: the active releases, some older ones, and drafts to try.

A decision never waits for the database: what is active is swapped in when this process publishes (`refresh`) and
when another did, which polling tells (`follow`). A release that compiles once is kept until it falls out of the
cache; a program is never changed, so decisions under way finish on the one they began with.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import structlog

from decision_tables.analyse import Analysis, AnalysisMemory, Judged, analyse, analyse_table, judged
from decision_tables.compile import check, compile_rulebook
from decision_tables.diagnostics import Diagnostic, near_miss
from decision_tables.errors import DecidableError, NotFound, Unavailable
from decision_tables.memory import Memory
from decision_tables.program import Program
from decision_tables.rulebook import rulebook_of
from decision_tables.said import joined, said
from service.store import ReleaseHead

if TYPE_CHECKING:
    from datetime import datetime

    from service.store import Activation, Draft, DraftHead, Store

__all__ = ["Checked", "Library", "Loaded"]

_K = TypeVar("_K")
_V = TypeVar("_V")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A release, ready to decide."""

    program: Program
    release: ReleaseHead


@dataclass(frozen=True, slots=True)
class Checked:
    """What compiling a draft brought to light; `program` is None if there is any error."""

    program: Program | None
    diagnostics: tuple[Diagnostic, ...]


class Library:
    """The programs of all rulebooks in a store.

    Args:
        store: where the releases are.
        held: how many releases, and how many drafts, stay compiled besides the active ones.
    """

    def __init__(self, store: Store, *, held: int = 32) -> None:
        self._store = store
        self._held = held
        self._active: dict[str, Loaded | DecidableError] = {}
        self._history: dict[str, tuple[Activation, ...]] = {}
        self._releases: OrderedDict[tuple[str, int], Loaded] = OrderedDict()
        self._drafts: OrderedDict[tuple[str, int], Checked] = OrderedDict()
        self._memories: OrderedDict[str, Memory] = OrderedDict()
        self._analyses: OrderedDict[tuple[str, int, str], Analysis] = OrderedDict()
        self._insights: OrderedDict[str, AnalysisMemory] = OrderedDict()
        self._seen = (-1, -1, -1)
        self._refreshing = asyncio.Lock()
        self._compiling = asyncio.Lock()
        self._analysing = asyncio.Lock()

    @property
    def ready(self) -> bool:
        """Whether at least one rulebook can decide."""
        return any(isinstance(found, Loaded) for found in self._active.values())

    @property
    def rulebooks(self) -> tuple[str, ...]:
        """Keys of the rulebooks that have an active release, in order."""
        return tuple(sorted(self._active))

    async def active(self, key: str) -> Loaded:
        """The active release of a rulebook.

        Raises:
            NotFound: no such rulebook, or none of its releases is active.
            Unavailable: the active release cannot be used (`release/broken`).
        """
        found = self._active.get(key)
        if isinstance(found, Loaded):
            return found
        if found is None:
            near = near_miss(key, self._active)
            message = said("There is no rulebook {key} with an active release.", key=key)
            if near:
                message = joined(" ", [message, said("Did you mean {close}?", close=near)])
            raise NotFound(message, code="rulebook/not-found")
        raise Unavailable(
            said("The active release of {key} cannot be used: {found}", key=key, found=found),
            code="release/broken",
        )

    async def release(self, key: str, number: int) -> Loaded:
        """A release by number.

        Raises:
            NotFound: no such release.
            InvalidRulebook: this version of the program cannot compile it.
        """
        async with self._compiling:  # who asks for the same one waits, and then finds it
            held = self._releases.get((key, number))
            if held is not None:
                self._releases.move_to_end((key, number))
                return held
            current = self._active.get(key)
            if isinstance(current, Loaded) and current.release.number == number:
                return current
            stored = await self._store.release(key, number)
            program = await asyncio.to_thread(lambda: compile_rulebook(rulebook_of(stored.document)))
            loaded = Loaded(program, stored)
            _keep(self._releases, (key, number), loaded, self._held)
            return loaded

    async def released_at(self, key: str, instant: datetime) -> Loaded:
        """The release that was active at an instant.

        Raises:
            NotFound: no such rulebook, or nothing was active then.
        """
        for activation in reversed(self._history.get(key, ())):
            if activation.activated_at <= instant:
                return await self.release(key, activation.release)
        await self.active(key)  # raises if the rulebook itself is unknown, with a near miss
        raise NotFound(
            said("No release of {key} was active at {instant}.", key=key, instant=instant.isoformat()),
            code="release/not-found",
        )

    async def checked(self, draft: Draft) -> Checked:
        """A draft compiled, or everything that is wrong with it."""
        key = (draft.id, draft.revision)
        async with self._compiling:
            held = self._drafts.get(key)
            if held is None:
                memory = self._memories.get(draft.id) or Memory()
                _keep(self._memories, draft.id, memory, self._held)
                held = Checked(
                    *await asyncio.to_thread(lambda: check(rulebook_of(draft.document), memory=memory))
                )
                _keep(self._drafts, key, held, self._held)
            return held

    async def analysed(self, edition: Draft | Loaded, table: str = "") -> Judged | None:
        """What the analysis finds, and what authors said of it; None if the draft does not compile.

        Args:
            edition: the draft or release.
            table: of one table only, which is quick after an edit of it; else of all.
        """
        if isinstance(edition, Loaded):
            program: Program | None = edition.program
            key, version = edition.release.rulebook, -edition.release.number
        else:
            program = (await self.checked(edition)).program
            key, version = edition.id, edition.revision
        if program is None:
            return None
        sought = program
        async with self._analysing:
            found = self._analyses.get((key, version, table))
            if found is None:
                memory = self._insights.get(key) or AnalysisMemory()
                _keep(self._insights, key, memory, self._held)
                found = await asyncio.to_thread(
                    lambda: (
                        analyse_table(sought, table, memory=memory)
                        if table
                        else analyse(sought, memory=memory)
                    )
                )
                _keep(self._analyses, (key, version, table), found, 2 * self._held)
        return judged(found, program.rulebook)

    def analysed_already(self, draft: DraftHead) -> Judged | None:
        """What the whole analysis of a draft as it stands found, if somebody asked for it; nothing is worked out."""
        checked = self._drafts.get((draft.id, draft.revision))
        found = self._analyses.get((draft.id, draft.revision, ""))
        if checked is None or checked.program is None or found is None:
            return None
        return judged(found, checked.program.rulebook)

    async def refresh(self) -> None:
        """Takes in what was activated since the last time, and plans whose day has come; cheap when nothing was."""
        async with self._refreshing:
            mark = await self._store.activation_mark()
            if mark == self._seen:
                return
            for key, _, number in await self._store.rulebooks():
                standing = [one for one in await self._store.activations(key) if one.withdrawn_at is None]
                # They come by id, and of two of one instant the later one holds.
                standing.sort(key=lambda activation: activation.activated_at)
                self._history[key] = tuple(standing)
                if number is not None:
                    await self._swap(key, number)
            self._seen = mark

    async def follow(self, every: float, stop: asyncio.Event) -> None:
        """Refreshes every so many seconds until told to stop; trouble is logged and tried again.

        It is not to be cancelled: a database driver that is cancelled in the middle may lose the cancellation.
        """
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every)
                return
            try:
                await self.refresh()
            except Exception:  # noqa: BLE001 - the poller outlives whatever keeps the database away
                _log.exception("library.refresh-failed")

    async def _swap(self, key: str, number: int) -> None:
        current = self._active.get(key)
        if isinstance(current, Loaded):
            if current.release.number == number:
                return
            _keep(self._releases, (key, current.release.number), current, self._held)
        try:
            self._active[key] = await self.release(key, number)
        except DecidableError as error:
            if isinstance(error, Unavailable) and error.code != "release/altered":
                raise
            # The other rulebooks go on; this one says so until a release can be used.
            self._active[key] = error
            _log.exception("library.release-broken", rulebook=key, release=number)
        else:
            _log.info("library.active", rulebook=key, release=number)


def _keep(held: OrderedDict[_K, _V], key: _K, value: _V, at_most: int) -> None:
    held[key] = value
    held.move_to_end(key)
    while len(held) > at_most:
        held.popitem(last=False)
