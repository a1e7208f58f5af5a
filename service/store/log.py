"""The decision log: a decision is on disk before it is answered.

Group commit: one writer, with a connection of its own, commits whatever came in while the last batch was on
its way to the disk. So an idle service commits a decision at once, and a busy one hundreds with one fsync.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
import structlog
from sqlmodel import select

from decision_tables.errors import NotFound, Unavailable
from decision_tables.said import said
from service.store.database import PRAGMAS
from service.store.records import DecisionRecord
from service.store.rows import DecisionRow, in_utc, instant_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from service.store.database import Database

__all__ = ["DecisionLog"]

_COLUMNS = ("id", "at", "rulebook", "release", "caller", "request", "answer")

# A commit that takes longer has failed as far as callers are concerned.
_COMMIT_SECONDS = 10

# What a single record can be refused for, so that the others of its batch need not suffer.
_FAULT_OF_A_RECORD = (
    sqlite3.IntegrityError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.DataError,
    ValueError,
)

_logger = structlog.get_logger(__name__)


class DecisionLog:
    """Writes and reads decisions; got as `Store.log`.

    Args:
        database: where to.
        queue: how many may wait for the writer.
        batch: how many are committed together at most.
    """

    def __init__(self, database: Database, *, queue: int, batch: int) -> None:
        self._database = database
        self._queue = queue
        self._batch = batch
        self._waiting: deque[tuple[DecisionRecord, asyncio.Future[None]]] = deque()
        self._news = asyncio.Event()
        self._closing = False
        self._sink: _Sink = _PostgresqlSink(database) if database.file is None else _SqliteSink(database.file)
        self._writer = asyncio.create_task(self._write_batches(), name="decision log")

    async def write(self, record: DecisionRecord) -> None:
        """Return once the record is on disk.

        A caller that is cancelled while it waits goes away alone: its record is written all the same.

        Raises:
            Unavailable: the queue is full (`log/full`, nothing is written, try again in a second), or the
                commit failed or the log is closed (`log/failed`, the decision must not be answered).
        """
        if self._closing:
            raise _failed("it is closed")
        if len(self._waiting) >= self._queue:
            raise Unavailable(
                said("Too many decisions wait for the decision log."), code="log/full", retry_after=1
            )
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((record, written))
        self._news.set()
        await written

    async def read(self, decision_id: str) -> DecisionRecord:
        """The decision of that id.

        Raises:
            NotFound: there is none.
            Unavailable: the database cannot be reached.
        """
        row = None
        with suppress(ValueError):
            canonical = str(UUID(decision_id))
            async with self._database.reading() as session:
                row = (
                    await session.exec(select(DecisionRow).where(DecisionRow.id == canonical))
                ).one_or_none()
        if row is None:
            raise NotFound(
                said("There is no decision {decision_id}.", decision_id=decision_id),
                code="decision/not-found",
            )
        return DecisionRecord(
            id=row.id,
            at=row.at,
            rulebook=row.rulebook,
            release=row.release,
            caller=row.caller,
            request=row.request,
            answer=row.answer,
        )

    async def close(self) -> None:
        """Take nothing more, write what waits, and close the writer's connection."""
        self._closing = True
        self._news.set()
        await self._writer
        await self._sink.close()

    async def _write_batches(self) -> None:
        while not self._closing or self._waiting:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                many = min(self._batch, len(self._waiting))
                await self._commit([self._waiting.popleft() for _ in range(many)])

    async def _commit(self, batch: Sequence[tuple[DecisionRecord, asyncio.Future[None]]]) -> None:
        try:
            await self._sink.commit([record for record, _ in batch])
        except _FAULT_OF_A_RECORD as error:
            if len(batch) > 1:
                for single in batch:
                    await self._commit([single])
                return
            _logger.error("a decision cannot be logged", decision=batch[0][0].id, error=repr(error))  # noqa: TRY400
            _settle(batch, str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, callers must hear of it, and the writer goes on
            _logger.error("the decision log cannot commit", decisions=len(batch), error=repr(error))  # noqa: TRY400
            _settle(batch, str(error) or type(error).__name__)
        else:
            _settle(batch, None)


def _settle(batch: Sequence[tuple[DecisionRecord, asyncio.Future[None]]], reason: str | None) -> None:
    for _, written in batch:
        if written.done():  # its caller went away
            continue
        if reason is None:
            written.set_result(None)
        else:
            written.set_exception(_failed(reason))


def _failed(reason: str) -> Unavailable:
    return Unavailable(said("The decision log cannot commit: {reason}.", reason=reason), code="log/failed")


class _Sink(Protocol):
    async def commit(self, records: Sequence[DecisionRecord]) -> None:
        """All of them are on disk when it returns, none if it raises (or nobody knows, if the line broke)."""

    async def close(self) -> None: ...


class _SqliteSink:
    """One thread that owns one connection: nothing is faster, and the loop never waits for the disk."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="decision log")
        self._connection: sqlite3.Connection | None = None

    async def commit(self, records: Sequence[DecisionRecord]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, records)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()

    def _commit(self, records: Sequence[DecisionRecord]) -> None:
        connection = self._connection
        if connection is None:
            connection = self._connection = sqlite3.connect(self._file, isolation_level=None)
            for pragma in PRAGMAS:
                connection.execute(pragma)
        rows = [
            (r.id, instant_text(r.at), r.rulebook, r.release, r.caller, r.request, r.answer) for r in records
        ]
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_INSERT, rows)
            connection.execute("COMMIT")
        except sqlite3.IntegrityError:
            connection.execute("ROLLBACK")
            raise
        except sqlite3.Error:
            # Closing rolls back whatever state it is in; the next batch begins afresh.
            self._disconnect()
            raise

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


_INSERT = f"""INSERT INTO "decision" ({", ".join(f'"{name}"' for name in _COLUMNS)})
VALUES ({", ".join("?" * len(_COLUMNS))})"""  # noqa: S608 - names of our own


class _PostgresqlSink:
    """COPY, which is one statement and so one transaction, over a connection of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: asyncpg.Connection | None = None

    async def commit(self, records: Sequence[DecisionRecord]) -> None:
        connection = self._connection
        if connection is None or connection.is_closed():
            connection = self._connection = await self._database.connect_postgresql()
        rows = [(r.id, in_utc(r.at), r.rulebook, r.release, r.caller, r.request, r.answer) for r in records]
        try:
            await connection.copy_records_to_table(
                "decision", records=rows, columns=_COLUMNS, timeout=_COMMIT_SECONDS
            )
        except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError):
            raise
        except Exception:
            # Timed out or broken: nobody knows what state it is in.
            connection.terminate()
            raise

    async def close(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            await self._connection.close(timeout=_COMMIT_SECONDS)
