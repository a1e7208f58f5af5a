from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text

from decision_tables.errors import NotFound, Unavailable
from service.store import DecisionRecord, Store, uuid7

PROJECT = Path(__file__).parents[2]


def a_decision(**more):
    fields = {
        "id": uuid7(),
        "at": datetime.now(UTC),
        "rulebook": "telecom",
        "release": 7,
        "caller": "billing",
        "request": b'{"facts":{"turnover":0.30000000000000000001}}',
        "answer": b'{"status":"determined"}\n',
    }
    return DecisionRecord(**{**fields, **more})


def held_up(log, monkeypatch):
    """Let the log's batches wait at a gate; gives the gate and the list of the batches' sizes."""
    gate, sizes, commit = asyncio.Event(), [], log._sink.commit

    async def commit_after_the_gate(records):
        sizes.append(len(records))
        await gate.wait()
        await commit(records)

    monkeypatch.setattr(log._sink, "commit", commit_after_the_gate)
    return gate, sizes


async def started(*calls):
    tasks = [asyncio.create_task(call) for call in calls]
    await asyncio.sleep(0.02)
    return tasks


async def test_a_decision_is_read_as_it_was_written(store):
    brussels = timezone(timedelta(hours=2))
    record = a_decision(at=datetime(2026, 11, 23, 1, 2, 3, 45, brussels), answer=bytes(range(256)))
    await store.log.write(record)
    read = await store.log.read(record.id)
    assert read == record
    assert read.at.tzinfo is UTC
    assert await store.log.read(record.id.upper()) == record


@pytest.mark.parametrize(
    "identifier", ["0199f0c2-0000-4000-8000-000000000000", "no-uuid", "", "'; DROP TABLE decision", "é\0"]
)
async def test_a_decision_that_was_never_made_is_not_found(store, identifier):
    with pytest.raises(NotFound):
        await store.log.read(identifier)


async def test_a_decision_is_committed_when_write_returns(database_url, store):
    record = a_decision()
    await store.log.write(record)
    other = await Store.open(database_url)
    assert await other.log.read(record.id) == record
    await other.close()


async def test_what_comes_in_while_a_batch_is_committed_is_committed_together(store, monkeypatch):
    gate, sizes = held_up(store.log, monkeypatch)
    records = [a_decision() for _ in range(40)]
    tasks = await started(store.log.write(records[0]))
    tasks += await started(*(store.log.write(record) for record in records[1:]))
    gate.set()
    await asyncio.gather(*tasks)
    assert sizes == [1, 39]
    for record in records:
        assert await store.log.read(record.id) == record


async def test_a_batch_is_no_larger_than_it_may_be(database_url, monkeypatch):
    store = await Store.open(database_url, log_batch=4)
    gate, sizes = held_up(store.log, monkeypatch)
    gate.set()
    await asyncio.gather(*(store.log.write(a_decision()) for _ in range(10)))
    await store.close()
    assert sizes == [4, 4, 2]


async def test_a_full_queue_refuses_at_once_and_says_when_to_come_back(database_url, monkeypatch):
    store = await Store.open(database_url, log_queue=2)
    gate, _ = held_up(store.log, monkeypatch)
    accepted = [a_decision() for _ in range(3)]
    tasks = await started(store.log.write(accepted[0]))  # the writer has it, the queue is empty again
    tasks += await started(*(store.log.write(record) for record in accepted[1:]))
    refused = a_decision()
    with pytest.raises(Unavailable) as full:
        await store.log.write(refused)
    assert (full.value.code, full.value.retry_after) == ("log/full", 1)
    gate.set()
    await asyncio.gather(*tasks)
    await store.log.write(a_decision())
    for record in accepted:
        assert await store.log.read(record.id) == record
    with pytest.raises(NotFound):
        await store.log.read(refused.id)
    await store.close()


async def test_a_caller_that_goes_away_is_logged_all_the_same(store, monkeypatch):
    gate, _ = held_up(store.log, monkeypatch)
    records = [a_decision() for _ in range(3)]
    tasks = await started(*(store.log.write(record) for record in records))
    for task in tasks[:2]:
        task.cancel()
    gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError] * 2 + [type(None)]
    for record in records:
        assert await store.log.read(record.id) == record


async def test_if_the_log_cannot_commit_nobody_is_answered_and_it_recovers(store):
    async def execute(statement):
        async with store._database.writing() as session:
            await (await session.connection()).execute(text(statement))

    await store.log.write(a_decision())
    await execute('ALTER TABLE "decision" RENAME TO "away"')
    lost = [a_decision() for _ in range(3)]
    results = await asyncio.gather(*(store.log.write(record) for record in lost), return_exceptions=True)
    assert [getattr(result, "code", None) for result in results] == ["log/failed"] * 3
    await execute('ALTER TABLE "away" RENAME TO "decision"')
    kept = a_decision()
    await store.log.write(kept)
    assert await store.log.read(kept.id) == kept
    for record in lost:
        with pytest.raises(NotFound):
            await store.log.read(record.id)


async def test_a_connection_that_broke_is_made_again(postgresql_url, postgresql_server):
    store = await Store.open(postgresql_url)
    await store.log.write(a_decision())
    process = await store.log._sink._connection.fetchval("SELECT pg_backend_pid()")
    postgresql_server.psql(f"SELECT pg_terminate_backend({process}, 2000);")
    first, second = a_decision(), a_decision()
    outcome = (await asyncio.gather(store.log.write(first), return_exceptions=True))[0]
    assert outcome is None or outcome.code == "log/failed"
    await store.log.write(second)
    assert await store.log.read(second.id) == second
    await store.close()


async def test_a_record_that_cannot_be_written_fails_alone(store, monkeypatch):
    gate, _ = held_up(store.log, monkeypatch)
    good = [a_decision() for _ in range(4)]
    bad = [good[0], a_decision(at=datetime(2026, 1, 1))]  # noqa: DTZ001 - that is what is wrong with it
    tasks = await started(*(store.log.write(record) for record in [*good[:2], *bad, *good[2:]]))
    gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [getattr(result, "code", None) for result in results] == [
        None,
        None,
        "log/failed",
        "log/failed",
        None,
        None,
    ]
    for record in good:
        assert await store.log.read(record.id) == record


async def test_a_decision_is_never_overwritten(store):
    record = a_decision()
    await store.log.write(record)
    with pytest.raises(Unavailable):
        await store.log.write(replace(record, answer=b"other"))
    assert (await store.log.read(record.id)).answer == record.answer


async def test_closing_writes_what_waits_and_takes_nothing_more(database_url):
    store = await Store.open(database_url, log_batch=3)
    records = [a_decision() for _ in range(20)]
    tasks = await started(*(store.log.write(record) for record in records))
    await store.close()
    assert all(task.done() and task.exception() is None for task in tasks)
    with pytest.raises(Unavailable, match="closed"):
        await store.log.write(a_decision())
    again = await Store.open(database_url)
    for record in records:
        assert await again.log.read(record.id) == record
    await again.close()


async def test_decisions_are_written_while_releases_are_published(store):
    from decision_tables.rulebook import Rulebook, document_of

    records = [a_decision() for _ in range(50)]
    releases = (store.load_release(document_of(Rulebook(key="a", note=str(n))), "ann", "") for n in range(5))
    await asyncio.gather(*(store.log.write(record) for record in records), *releases)
    assert len(await store.releases("a")) == 5
    for record in records:
        assert await store.log.read(record.id) == record


DECIDE_FOR_EVER = """
import asyncio, itertools, sys
from datetime import UTC, datetime
from service.store import DecisionRecord, Store, uuid7

async def caller(store):
    for n in itertools.count():
        record = DecisionRecord(
            id=uuid7(), at=datetime.now(UTC), rulebook="telecom", release=1, caller="",
            request=str(n).encode(), answer=b"x" * 2000,
        )
        await store.log.write(record)
        print(record.id, n, flush=True)

async def main():
    store = await Store.open(sys.argv[1])
    await asyncio.gather(*(caller(store) for _ in range(5)))

asyncio.run(main())
"""


async def test_killed_between_two_decisions_it_has_lost_neither(database_url):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DECIDE_FOR_EVER, database_url, cwd=PROJECT, stdout=subprocess.PIPE
    )
    lines = [await process.stdout.readline() for _ in range(300)]
    process.kill()
    lines += (await process.stdout.read()).splitlines(keepends=True)
    assert await process.wait() == -9

    acknowledged = [line.split() for line in lines if line.endswith(b"\n")]
    assert len(acknowledged) >= 300
    store = await Store.open(database_url)
    for identifier, number in acknowledged:
        assert (await store.log.read(identifier.decode())).request == number
    await store.close()
