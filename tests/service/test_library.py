"""Compiled releases: one that cannot be used stops its own rulebook and no other."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
import structlog

from decision_tables.errors import InvalidRulebook, Unavailable
from decision_tables.rulebook import document_of
from service import library as library_module
from service.library import Library
from service.store import Store
from tests.service.fees import FEES, with_fee

OTHER = replace(FEES, key="other")


@pytest.fixture
async def store(sqlite_url):
    opened = await Store.open(sqlite_url)
    await opened.load_release(document_of(FEES), "test", "first")
    await opened.load_release(document_of(OTHER), "test", "first")
    yield opened
    await opened.close()


@pytest.fixture
def library(store):
    return Library(store, held=2)


@pytest.fixture
def compiled(monkeypatch):
    """What was compiled, in order."""
    found = []

    def compiling(rulebook):
        found.append(rulebook.key)
        return original(rulebook)

    original = library_module.compile_rulebook
    monkeypatch.setattr(library_module, "compile_rulebook", compiling)
    return found


async def test_a_release_that_does_not_compile_stops_its_own_rulebook_alone(store, library):
    assert not library.ready
    # As if a version that took this had released it.
    await store.load_release(document_of(with_fee("1 +")), "test", "broken")
    with structlog.testing.capture_logs() as logs:
        await library.refresh()
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["library.release-broken"]
    assert library.ready
    assert (await library.active("other")).release.number == 1
    with pytest.raises(Unavailable) as unavailable:
        await library.active("fees")
    assert unavailable.value.code == "release/broken"
    with pytest.raises(InvalidRulebook):
        await library.release("fees", 2)
    await store.activate("fees", 1, "test", "back")
    await library.refresh()
    assert (await library.active("fees")).release.number == 1


@pytest.mark.usefixtures("store")
async def test_a_release_that_was_altered_in_the_database_is_never_decided_from(library, sqlite_url):
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            database.execute(f'DROP TRIGGER "{name}"')
        changed = """UPDATE release SET document = replace(document, '25.50', '99') WHERE rulebook = 'fees'"""
        assert database.execute(changed).rowcount == 1
        database.commit()
    with structlog.testing.capture_logs():
        await library.refresh()
    with pytest.raises(Unavailable, match="altered"):
        await library.active("fees")
    assert (await library.active("other")).release.number == 1


async def test_a_database_that_is_away_leaves_what_is_in_memory(store, library, monkeypatch):
    await library.refresh()

    async def away(*_):
        raise Unavailable("The database does not answer.", code="store/unreachable")

    await store.load_release(document_of(with_fee("1")), "test", "second")
    monkeypatch.setattr(store, "release", away)
    with pytest.raises(Unavailable):
        await library.refresh()
    assert (await library.active("fees")).release.number == 1
    monkeypatch.undo()
    await library.refresh()
    assert (await library.active("fees")).release.number == 2


async def test_following_outlives_trouble(store, library, monkeypatch):
    await library.refresh()
    looks = 0
    original = store.activation_mark

    async def away_once():
        nonlocal looks
        looks += 1
        if looks == 1:
            raise RuntimeError("something that nobody foresaw")
        return await original()

    monkeypatch.setattr(store, "activation_mark", away_once)
    await store.load_release(document_of(with_fee("1")), "test", "second")
    with structlog.testing.capture_logs():
        stop = asyncio.Event()
        following = asyncio.create_task(library.follow(0.001, stop))
        while (await library.active("fees")).release.number == 1:  # noqa: ASYNC110 - nobody else tells
            await asyncio.sleep(0.005)
        stop.set()
        await following
    assert looks > 1
    assert await library.follow(60, stop) is None


async def test_an_older_release_is_compiled_once_however_many_ask_at_once(store, library, compiled):
    await store.load_release(document_of(with_fee("1")), "test", "second")
    await library.refresh()
    compiled.clear()
    found = await asyncio.gather(*(library.release("fees", 1) for _ in range(20)))
    assert len({id(loaded.program) for loaded in found}) == 1
    assert compiled == ["fees"]


async def test_only_so_many_releases_stay_compiled(store, library, compiled):
    for number in range(2, 6):
        await store.load_release(document_of(with_fee(str(number))), "test", "")
    await library.refresh()
    compiled.clear()
    for number in (1, 2, 3, 3, 2, 1):
        assert (await library.release("fees", number)).release.number == number
    assert compiled == ["fees"] * 4
    assert (await library.release("fees", 5)).program is (await library.active("fees")).program


async def test_a_draft_is_compiled_once_for_each_revision(store, library, monkeypatch):
    checks = []
    original = library_module.check
    monkeypatch.setattr(
        library_module, "check", lambda *args, **marks: checks.append(1) or original(*args, **marks)
    )
    draft = await store.create_draft("fees", "ann")
    assert (await library.checked(draft)).program is (await library.checked(draft)).program
    saved = await store.save_draft(
        draft.id,
        document=document_of(with_fee("1 +")),
        seen_revision=1,
        actor="ann",
        action="draft/edited",
        detail={},
    )
    broken = await library.checked(saved)
    assert broken.program is None
    assert broken.diagnostics[0].where.rule == "R1"
    assert len(checks) == 2
