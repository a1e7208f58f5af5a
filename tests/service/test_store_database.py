"""What holds of the database itself: where it is, how it is opened, migrated, and kept from changing."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from decision_tables.errors import Refused, Unavailable
from decision_tables.rulebook import Rulebook, document_of
from service.store import DecisionRecord, Store, uuid7
from service.store.database import Database
from service.store.rows import Row

PROJECT = Path(__file__).parents[2]


async def execute(store, statement):
    async with store._database.writing() as session:
        return await (await session.connection()).execute(text(statement))


async def scalar(store, statement):
    async with store._database.reading() as session:
        return (await (await session.connection()).execute(text(statement))).scalar()


# Where it is


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///rules.db", "rules.db"),
        ("sqlite:///some/where/rules.db", "some/where/rules.db"),
        ("sqlite+aiosqlite:///some/where/rules.db", "some/where/rules.db"),
        ("file:some/where/rules.db", "some/where/rules.db"),
        ("sqlite:///file:some/rules.db?uri=true", "some/rules.db"),
        ("file:with%20space/rules.db", "with space/rules.db"),
    ],
)
async def test_a_relative_sqlite_path_is_made_with_its_folders(tmp_path, monkeypatch, url, file):
    monkeypatch.chdir(tmp_path)
    store = await Store.open(url)
    monkeypatch.chdir("/")  # the path is settled when the store is opened
    await store.ping()
    await store.close()
    assert (tmp_path / file).is_file()


@pytest.mark.parametrize("form", ["sqlite:///{}", "sqlite+aiosqlite:///{}", "file:{}", "file://{}"])
async def test_an_absolute_sqlite_path_is_where_it_says(tmp_path, form):
    file = tmp_path / "deep" / "rules.db"
    store = await Store.open(form.format(file))
    await store.close()
    assert file.is_file()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
async def test_postgresql_is_known_by_all_its_names(postgresql_url, scheme):
    store = await Store.open(postgresql_url.replace("postgresql", scheme, 1))
    assert store.dialect == "postgresql"
    await store.close()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "file::memory:",
        "file:rules.db?mode=memory",
        "sqlite:///rules.db?cache=shared",
        "mysql://root:s3cret@db/rules",
        "postgresql+psycopg://root:s3cret@db/rules",
        "s3cret",
        "",
    ],
)
async def test_a_url_that_cannot_be_used_is_refused_without_repeating_it(url):
    with pytest.raises(Refused) as refused:
        await Store.open(url)
    assert refused.value.code == "store/url"
    assert "s3cret" not in str(refused.value)


async def test_a_database_that_is_not_there_is_unavailable(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    for url in (
        f"postgresql://nobody@/nothing?host={tmp_path}",
        "postgresql://nobody@127.0.0.1:1/nothing",
        f"sqlite:///{tmp_path}/file/rules.db",
    ):
        with pytest.raises(Unavailable) as unavailable:
            await Store.open(url)
        assert unavailable.value.code == "store/unreachable"


async def test_a_file_that_is_no_database_is_unavailable(tmp_path):
    file = tmp_path / "rules.db"
    file.write_text("this is no database, however long one looks at it" * 100)
    with pytest.raises(Unavailable, match="not a database"):
        await Store.open(f"sqlite:///{file}")


async def test_a_database_that_goes_away_is_unavailable_and_one_that_comes_back_is_not(
    postgresql_url, postgresql_server
):
    store = await Store.open(postgresql_url)
    name = postgresql_url.split("/")[3].split("?")[0]
    away = f"ALTER DATABASE {name} ALLOW_CONNECTIONS"
    postgresql_server.psql(
        f"{away} false; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}';"
    )
    with pytest.raises(Unavailable):
        await store.ping()
    postgresql_server.psql(f"{away} true;")
    await store.ping()
    await store.close()


# How it is opened


async def test_sqlite_waits_for_the_disk_and_lets_readers_read(sqlite_url):
    store = await Store.open(sqlite_url)
    try:
        assert await scalar(store, "PRAGMA journal_mode") == "wal"
        assert await scalar(store, "PRAGMA synchronous") == 2  # FULL
        assert await scalar(store, "PRAGMA foreign_keys") == 1
        assert await scalar(store, "PRAGMA busy_timeout") == 10_000
        async with store._database.writing() as writer:
            await (await writer.connection()).execute(text("DELETE FROM setting"))
            assert await store.rulebooks() == []  # another connection reads meanwhile
    finally:
        await store.close()


async def test_the_logs_own_sqlite_connection_waits_for_the_disk_too(sqlite_url):
    store = await Store.open(sqlite_url)
    try:
        await store.log.write(a_decision())
        sink = store.log._sink
        ask = sink._thread.submit(lambda: sink._connection.execute("PRAGMA synchronous").fetchone())
        assert await asyncio.wrap_future(ask) == (2,)
    finally:
        await store.close()


async def test_postgresql_waits_for_the_disk_even_where_its_default_is_not_to(
    postgresql_url, postgresql_server
):
    name = postgresql_url.split("/")[3].split("?")[0]
    postgresql_server.psql(f"ALTER DATABASE {name} SET synchronous_commit = off;")
    store = await Store.open(postgresql_url)
    try:
        assert await scalar(store, "SHOW synchronous_commit") == "on"
        await store.log.write(a_decision())
        assert await store.log._sink._connection.fetchval("SHOW synchronous_commit") == "on"
    finally:
        await store.close()


# How it is migrated


async def test_the_migrations_make_exactly_the_tables_that_the_rows_describe(store):
    def differences(connection):
        return compare_metadata(MigrationContext.configure(connection), Row.metadata)

    async with store._database._engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        await connection.execute(text('ALTER TABLE "decision" ADD COLUMN extra INTEGER'))
        assert len(await connection.run_sync(differences)) == 1


async def test_opening_a_database_again_keeps_what_is_in_it(database_url):
    first = await Store.open(database_url)
    release = await first.load_release(document_of(Rulebook(key="a")), "ann", "")
    await first.close()
    for migrate in (True, False):
        again = await Store.open(database_url, migrate=migrate)
        assert await again.release("a", 1) == release
        await again.close()


async def test_an_empty_database_is_not_migrated_unless_it_is_asked_for(database_url, tmp_path):
    with pytest.raises(Unavailable, match="decidable migrate") as refused:
        await Store.open(database_url, migrate=False)
    assert refused.value.code == "store/not-migrated"
    assert list(tmp_path.glob("*.db")) == []


@pytest.mark.parametrize("migrate", [True, False])
async def test_the_database_of_a_newer_program_is_left_alone(database_url, migrate):
    store = await Store.open(database_url)
    await execute(store, "UPDATE alembic_version SET version_num = '9999'")
    await store.close()
    with pytest.raises(Unavailable, match="9999") as refused:
        await Store.open(database_url, migrate=migrate)
    assert refused.value.code == "store/newer"


OPEN = """
import asyncio, sys
from service.store import Store
async def main():
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(3):
        store = await Store.open(sys.argv[1])
        await store.close()
asyncio.run(main())
"""


def test_several_processes_may_migrate_at_once(database_url):
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", OPEN, database_url],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    results = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, results


async def test_a_migration_waits_for_the_one_that_runs(postgresql_url):
    database = Database(postgresql_url)
    async with database._writing_engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": 0x6465_6369_6461})
        waiting = asyncio.create_task(database.migrate())
        done, _ = await asyncio.wait([waiting], timeout=0.3)
        assert not done
    await waiting
    await database.check_version()
    await database.close()


# What never changes


def a_decision():
    return DecisionRecord(
        id=uuid7(), at=datetime.now(UTC), rulebook="a", release=1, caller="", request=b"{}", answer=b"{}"
    )


APPEND_ONLY = ["release", "activation", "withdrawal", "audit", "decision"]


async def filled(store):
    await store.load_release(document_of(Rulebook(key="a")), "ann", "")
    await store.load_release(document_of(Rulebook(key="a", note="2")), "ann", "")
    plan = await store.activate("a", 1, "ann", "", at=datetime.now(UTC) + timedelta(days=1))
    await store.withdraw("a", plan.id, "ann", "")
    await store.log.write(a_decision())
    return {table: await scalar(store, f'SELECT count(*) FROM "{table}"') for table in APPEND_ONLY}


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_the_database_itself_refuses_to_change_or_delete(store, table):
    counts = await filled(store)
    column = {"audit": "actor", "decision": "caller"}.get(table, "note")
    statements = [f"UPDATE \"{table}\" SET {column} = 'x'", f'DELETE FROM "{table}"']
    if store.dialect == "postgresql":
        statements.append(f'TRUNCATE "{table}" CASCADE')
    for statement in statements:
        with pytest.raises(DBAPIError, match="never changed or deleted"):
            await execute(store, statement)
    assert await scalar(store, f'SELECT count(*) FROM "{table}"') == counts[table]
    assert await scalar(store, f"SELECT count(*) FROM \"{table}\" WHERE {column} = 'x'") == 0


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_sqlite_cannot_be_talked_into_replacing_either(sqlite_url, table):
    store = await Store.open(sqlite_url)
    await filled(store)
    await store.close()
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        columns = [name for _, name, *_ in connection.execute(f'PRAGMA table_info("{table}")')]
        row = connection.execute(f'SELECT rowid, * FROM "{table}"').fetchone()
        marks = ", ".join("?" * len(columns))
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            connection.execute(f'INSERT OR REPLACE INTO "{table}" VALUES ({marks})', row[1:])
        if "id" not in columns or table == "decision":
            fresh = ["other" if isinstance(value, str) else value for value in row[1:]]
            names = ", ".join(f'"{name}"' for name in columns)
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                connection.execute(
                    f'INSERT OR REPLACE INTO "{table}" (rowid, {names}) VALUES (?, {marks})', (row[0], *fresh)
                )
    connection.close()


async def test_drafts_and_sessions_are_not_so_closed(store):
    await store.create_rulebook("a", document_of(Rulebook(key="a")), "ann")
    await execute(store, "UPDATE draft SET title = 'x'")
    await execute(store, "DELETE FROM draft")
    assert await store.drafts("a") == []
