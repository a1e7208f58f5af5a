"""A decision fixes its clocks, is logged before it is answered, and can be computed again."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest

from decision_tables.compile import compile_rulebook
from decision_tables.errors import (
    BudgetExhausted,
    InvalidFacts,
    InvalidRequest,
    InvalidRulebook,
    NotFound,
    Unavailable,
)
from decision_tables.rulebook import Rulebook, document_of
from decision_tables.table import Formula
from decision_tables.vocabulary import Fact
from service.api.wire import decision_bytes
from service.deciding import DecideRequest, Deciding
from service.engine import Engine
from service.library import Library
from service.store import Store
from tests.service.fees import FEES, with_fee

# In Brussels the new year has begun.
INSTANT = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
ADULT = {"age": 30, "resident": True}


@pytest.fixture
async def store(sqlite_url):
    opened = await Store.open(sqlite_url)
    await opened.load_release(document_of(FEES), "test", "first")
    yield opened
    await opened.close()


@pytest.fixture
async def library(store):
    library = Library(store)
    await library.refresh()
    return library


@pytest.fixture
def deciding(store, library):
    return Deciding(library, Engine(), store.log, steps=100_000, clock=lambda: INSTANT)


async def decide(deciding, facts=ADULT, **asked):
    return await deciding.decide(DecideRequest(rulebook="fees", facts=facts, **asked), decision_bytes, "test")


async def test_dates_that_are_not_given_are_today_in_the_rulebooks_time_zone(deciding):
    decision, _ = await decide(deciding, goals=("decided_on",))
    assert (decision.as_of, decision.known_on) == (date(2026, 1, 1), date(2026, 1, 1))


async def test_the_logged_answer_is_the_answer_byte_for_byte(deciding):
    decision, answer = await decide(deciding)
    record = await deciding.recorded(decision.id)
    assert record.answer == answer
    assert (record.caller, record.at, record.release) == ("test", INSTANT, 1)


async def test_the_log_holds_everything_that_determines_the_answer(deciding, library):
    decision, _ = await decide(deciding, facts={"age": Decimal("30.10"), "resident": True}, language="nl")
    logged = msgspec.json.decode((await deciding.recorded(decision.id)).request)
    assert logged == {
        "rulebook": "fees",
        "release": 1,
        "release_hash": (await library.active("fees")).release.hash,
        "program": decision.program,
        "goals": ["fee"],
        "query": None,
        "as_of": "2026-01-01",
        "known_on": "2026-01-01",
        "instant": "2025-12-31T23:30:00Z",
        "absent": "unknown",
        "facts": {"age": 30.1, "resident": True},
        "explain": "brief",
        "language": "nl",
        "ignore_undeclared_facts": False,
    }
    assert b'"age":30.10' in (await deciding.recorded(decision.id)).request


async def test_a_dry_run_and_a_trial_leave_no_trace(deciding, store, monkeypatch):
    async def never(_):
        pytest.fail("was logged")

    monkeypatch.setattr(store.log, "write", never)
    decision, answer = await decide(deciding, dry_run=True)
    assert decision.id is None
    assert msgspec.json.decode(answer)["id"] is None
    assert (await deciding.trial(DecideRequest(rulebook="fees", facts=ADULT))).id is None
    draft = compile_rulebook(with_fee("1"))
    tried = await deciding.trial(DecideRequest(rulebook="fees", facts={"age": 5}), draft)
    assert (tried.release, tried.answer.conclusions) == (None, {"fee": 1})


@pytest.mark.parametrize("explain", ["none", "brief", "full"])
@pytest.mark.parametrize(
    "facts", [{}, {"age": 17}, ADULT, {"kind": "odd"}, {"resident": False, "kind": "plain", "age": 20}]
)
async def test_a_replay_is_equal(deciding, facts, explain):
    goals = ("fee", "papers", "waiver", "zone", "decided_on")
    decision, answer = await decide(deciding, facts=facts, goals=goals, explain=explain)
    replayed = await deciding.replay(decision.id, decision_bytes)
    assert replayed.equal
    assert replayed.differences == ()
    assert replayed.answer == answer


async def test_a_replay_sees_the_entries_of_a_context_in_the_order_in_which_they_were_given(
    store, library, deciding
):
    first = Formula("first", "first", "get entries(k)[1].key")
    rulebook = Rulebook("order", facts=(Fact("k", "context"), Fact("first", "string")), formulas=(first,))
    await store.load_release(document_of(rulebook), "ann", "")
    await library.refresh()
    request = DecideRequest(rulebook="order", goals=("first",), facts={"k": {"b": 1, "a": 2}})
    decision, _ = await deciding.decide(request, decision_bytes, "test")
    assert decision.answer.conclusions == {"first": "b"}
    assert (await deciding.replay(decision.id, decision_bytes)).equal


async def test_a_replay_is_of_the_instant_and_the_release_of_then(store, library, deciding):
    decision, answer = await decide(deciding, goals=("decided_on", "fee"))
    await store.load_release(document_of(with_fee("99", rule="R2")), "test", "second")
    await library.refresh()
    later = Deciding(library, Engine(), store.log, steps=100_000, clock=lambda: INSTANT.replace(year=2030))
    assert (await decide(later))[0].release == 2
    assert (await later.replay(decision.id, decision_bytes)).answer == answer


async def test_a_replay_names_every_field_that_differs_and_both_versions(deciding, library, monkeypatch):
    decision, _ = await decide(deciding, goals=("fee", "waiver"))
    loaded = await library.active("fees")
    other = compile_rulebook(with_fee("99", rule="R2"))

    async def as_another_version_would(*_):
        return replace(loaded, program=other)

    monkeypatch.setattr(library, "release", as_another_version_would)
    replayed = await deciding.replay(decision.id, decision_bytes)
    assert not replayed.equal
    assert [found.field for found in replayed.differences] == ["conclusions"]
    assert replayed.differences[0].recorded == {"fee": 10}
    assert replayed.differences[0].replayed == {"fee": 99}
    assert replayed.recorded_program == decision.program


async def test_a_replay_refuses_a_release_that_is_not_the_one_that_decided(deciding, library, monkeypatch):
    decision, _ = await decide(deciding)
    loaded = await library.active("fees")

    async def forged(*_):
        return replace(loaded, release=replace(loaded.release, hash="sha256:other"))

    monkeypatch.setattr(library, "release", forged)
    with pytest.raises(Unavailable) as unavailable:
        await deciding.replay(decision.id, decision_bytes)
    assert unavailable.value.code == "replay/release-differs"


async def test_a_release_that_this_version_does_not_compile_is_neither_decided_from_nor_replayed(
    deciding, library, monkeypatch
):
    decision, _ = await decide(deciding)

    async def broken(*_):
        raise InvalidRulebook([])

    monkeypatch.setattr(library, "release", broken)
    for awaited in (decide(deciding, release=1), deciding.replay(decision.id, decision_bytes)):
        with pytest.raises(Unavailable) as unavailable:
            await awaited
        assert unavailable.value.code == "release/broken"


async def test_nothing_is_answered_when_the_log_cannot_commit(deciding, sqlite_url):
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as elsewhere:
        elsewhere.execute("DROP TABLE decision")
    with pytest.raises(Unavailable) as unavailable:
        await decide(deciding)
    assert unavailable.value.code == "log/failed"


async def test_a_caller_who_goes_away_is_logged_all_the_same(deciding, store, monkeypatch):
    written = []
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slow(record):
        reached.set()
        await go_on.wait()
        written.append(record)

    monkeypatch.setattr(store.log, "write", slow)
    asking = asyncio.create_task(decide(deciding))
    await reached.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    go_on.set()
    await asyncio.sleep(0.01)
    assert [record.caller for record in written] == ["test"]


async def test_a_decision_can_be_asked_of_an_older_release_by_number_or_by_instant(store, library, deciding):
    await store.load_release(document_of(with_fee("99", rule="R2")), "test", "second")
    await library.refresh()
    then = (await store.activations("fees"))[0].activated_at
    assert (await decide(deciding))[0].answer.conclusions == {"fee": 99}
    assert (await decide(deciding, release=1))[0].answer.conclusions == {"fee": 10}
    assert (await decide(deciding, released_at=then))[0].answer.conclusions == {"fee": 10}
    with pytest.raises(InvalidRequest):
        await decide(deciding, release=1, released_at=then)
    with pytest.raises(NotFound):
        await decide(deciding, release=9)


async def test_judging_by_less_than_was_known_then_is_allowed_with_a_warning(deciding):
    decision, _ = await decide(deciding, as_of=date(2024, 5, 1), known_on=date(2024, 4, 30))
    assert [warning.code for warning in decision.answer.warnings] == ["clock/known-before-as-of"]
    same_day, _ = await decide(deciding, as_of=date(2024, 5, 1), known_on=date(2024, 5, 1))
    assert same_day.answer.warnings == ()


async def test_the_as_of_date_chooses_the_law_and_says_how_long_the_answer_holds(deciding):
    before, _ = await decide(deciding, as_of=date(2019, 12, 31))
    assert before.answer.conclusions == {"fee": None}
    assert before.answer.holds_until == date(2020, 1, 1)


async def test_null_for_absent_facts_is_the_callers_choice(deciding):
    open_world, _ = await decide(deciding, facts={}, goals=("waiver",))
    closed, _ = await decide(deciding, facts={}, goals=("waiver",), absent="null")
    assert open_world.answer.status == "undetermined"
    assert closed.answer.conclusions == {"waiver": None}


async def test_wrong_facts_wrong_goals_and_too_much_work_are_not_logged(deciding, store, monkeypatch):
    async def never(_):
        pytest.fail("was logged")

    monkeypatch.setattr(store.log, "write", never)
    with pytest.raises(InvalidFacts):
        await decide(deciding, facts={"agee": 3})
    with pytest.raises(InvalidRequest):
        await decide(deciding, goals=("fees",))
    heavy = compile_rulebook(with_fee("count(for i in 1..100000 return i * i)"))
    with pytest.raises(BudgetExhausted):
        await deciding.trial(DecideRequest(rulebook="fees", facts={"age": 1}), heavy)


async def test_ids_sort_by_the_time_of_the_decision(deciding):
    ids = [(await decide(deciding))[0].id for _ in range(20)]
    assert ids == sorted(ids)
