"""Connections and transactions, on SQLite and PostgreSQL alike.

A transaction that writes takes its lock at once (SQLite: BEGIN IMMEDIATE; PostgreSQL: the rows it reads for
change, FOR UPDATE), so that read-then-write is never a race. A commit is on disk before it returns.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from decision_tables.errors import Refused, Unavailable
from decision_tables.said import said
from service.store import migrations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlalchemy import Connection

__all__ = ["PRAGMAS", "Database"]

# WAL lets readers read while one writes; FULL makes a commit wait for the disk, without which a power cut
# may take acknowledged decisions with it.
PRAGMAS = (
    "PRAGMA busy_timeout = 10000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)

# Any number will do, as long as every process takes the same one.
_MIGRATION_LOCK = 0x6465_6369_6461


class Database:
    """One database, by URL.

    Args:
        url: `sqlite:///relative.db`, `sqlite:////absolute.db`, `sqlite+aiosqlite:///…`, `file:relative.db`,
            or `postgresql://…`, `postgresql+asyncpg://…` with the parameters that libpq knows (`sslmode`,
            `host`). A SQLite file's folder is made when it is missing.

    Raises:
        Refused: no such form, or a SQLite database in memory, which would forget every decision.
    """

    def __init__(self, url: str) -> None:
        parsed = _parsed(url)
        self.file: Path | None = None
        self._dsn = ""
        if parsed.get_backend_name() == "sqlite":
            self.file = _file_of(parsed)
            self._engine = create_async_engine(URL.create("sqlite+aiosqlite", database=str(self.file)))
            event.listen(self._engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_sqlite)
        else:
            dsn = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
            self._dsn = dsn
            self._engine = create_async_engine("postgresql+asyncpg://", async_creator=self.connect_postgresql)
        self._writing_engine = self._engine.execution_options(writes=True)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    async def connect_postgresql(self, *_: Any, **options: Any) -> asyncpg.Connection:
        """A PostgreSQL connection of one's own; the caller closes it.

        asyncpg reads the URL itself, because it knows libpq's parameters and SQLAlchemy does not. Commits
        wait for the disk even where the server's default is not to.
        """
        return await asyncpg.connect(
            self._dsn, timeout=5, server_settings={"synchronous_commit": "on"}, **options
        )

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads.

        Raises:
            Unavailable: the database cannot be reached, or stays locked.
        """
        with _reachable():
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session in one transaction, committed at the end, rolled back on any exception.

        Raises:
            Unavailable: the database cannot be reached, or stays locked; nothing was written.
        """
        with _reachable():
            async with AsyncSession(self._writing_engine, expire_on_commit=False) as session, session.begin():
                yield session

    async def migrate(self) -> None:
        """Bring the schema up to this program's version; safe in several processes at once.

        Raises:
            Unavailable: the database cannot be reached, or is of a newer program.
        """
        with _reachable():
            if self.file is not None:
                self.file.parent.mkdir(parents=True, exist_ok=True)
            async with self._writing_engine.begin() as connection:
                if self.dialect == "postgresql":
                    lock = text("SELECT pg_advisory_xact_lock(:key)")
                    await connection.execute(lock, {"key": _MIGRATION_LOCK})
                await connection.run_sync(_upgrade)

    async def check_version(self) -> None:
        """See that the schema is this program's.

        Raises:
            Unavailable: it is not (the message says what to do), or the database cannot be reached.
        """
        if self.file is not None and not self.file.exists():
            raise _not_migrated(f"There is no database {self.file}.")
        with _reachable():
            async with self._engine.connect() as connection:
                current = await connection.run_sync(migrations.revision_of)
        _refuse_newer(current)
        if current != migrations.newest():
            raise _not_migrated(f"The database is at revision {current}, not {migrations.newest()}.")

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


def _parsed(url: str) -> URL:
    if url.startswith("file:"):
        return URL.create("sqlite", database=url)
    # What Heroku, and some who copied from it, call it.
    url = "postgresql://" + url.removeprefix("postgres://") if url.startswith("postgres://") else url
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise _bad_url("It cannot be read as a URL.") from error
    if parsed.drivername not in {"sqlite", "sqlite+aiosqlite", "postgresql", "postgresql+asyncpg"}:
        raise _bad_url(f"`{parsed.drivername}` is neither `sqlite` nor `postgresql`.")
    return parsed


def _file_of(url: URL) -> Path:
    name = url.database or ""
    query = {key: value for key, value in url.query.items() if key != "uri"}
    if name.startswith("file:"):
        parts = urlsplit(name)
        name = unquote(parts.path)
        if parts.query:
            query["query"] = parts.query
    if query:
        raise _bad_url("A SQLite URL takes no parameters here.")
    if name in {"", ":memory:"}:
        raise _bad_url("It names no file, and a database in memory would forget every decision.")
    return Path(name).absolute()


def _bad_url(reason: str) -> Refused:
    # Without the URL itself, which may hold a password.
    return Refused(f"The database URL cannot be used. {reason}", code="store/url", reasons=[reason])


def _not_migrated(reason: str) -> Unavailable:
    return Unavailable(f"{reason} Run `decidable migrate`.", code="store/not-migrated")


def _refuse_newer(current: str | None) -> None:
    if current is not None and current not in migrations.known():
        raise Unavailable(
            said(
                "The database is at revision {current}, which this program does not know: a "
                "newer one made it.",
                current=str(current),
            ),
            code="store/newer",
        )


def _upgrade(connection: Connection) -> None:
    _refuse_newer(migrations.revision_of(connection))
    migrations.upgrade(connection)


def _prepare_sqlite(connection: Any, _: object) -> None:
    # The driver's own BEGIN comes too late and is never IMMEDIATE: it is off, `_begin_sqlite` does it.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except (
        OperationalError,
        InterfaceError,
        PoolTimeout,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        OSError,
        TimeoutError,
    ) as error:
        raise _unreachable(error) from error
    except DBAPIError as error:
        # SQLite says DatabaseError itself, none of its kinds, of a file that is broken or no database.
        if error.connection_invalidated or type(error) is DatabaseError:
            raise _unreachable(error) from error
        raise


def _unreachable(error: Exception) -> Unavailable:
    reason = str(error.orig) if isinstance(error, DBAPIError) else f"{error}"
    return Unavailable(
        said("The database does not answer: {reason}.", reason=reason or type(error).__name__),
        code="store/unreachable",
    )
