"""From draft to release: broken text is kept, only what compiles and passes its cases is published."""

from datetime import UTC, datetime, timedelta

import pytest

from decision_tables.errors import EditConflict, InvalidRequest, NotFound, Refused
from decision_tables.rulebook import content_hash, document_of, release_hash, rulebook_of
from service.editing import with_cell
from service.library import Library
from service.publishing import Publishing, start_of
from service.store import Store
from tests.service.fees import FEES


@pytest.fixture
async def store(sqlite_url):
    """SQLite: the transactions of both databases are shown beside the store and in the stories."""
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
def publishing(store, library):
    return Publishing(store, library)


def fee_of(loaded):
    return loaded.program.rulebook.tables[0].rules[0].outputs


async def refusal(awaited):
    with pytest.raises(Refused) as refused:
        await awaited
    return refused.value


async def edited(publishing, column, text, rule="R1"):
    draft = await publishing.start_draft("fees", "ann")
    return await publishing.edit(
        draft.id, draft.revision, "ann", lambda book: with_cell(book, "fee", rule, column, text)
    )


async def test_broken_text_is_kept_marked_and_not_published(store, publishing):
    broken = await edited(publishing, "age", "< < 18")
    assert [found.where.rule for found in broken.diagnostics if found.is_error] == ["R1"]
    kept = await store.draft(broken.draft.id)
    assert kept.document["tables"][0]["rules"][0]["tests"][0] == "< < 18"
    refused = await refusal(publishing.publish(kept.id, kept.revision, "ann", ""))
    assert refused.code == "publish/does-not-compile"
    assert "R1" in refused.reasons[0]
    assert await store.active_release("fees") == 1


async def test_a_draft_whose_case_fails_is_refused_by_naming_the_case(publishing):
    wrong = await edited(publishing, "fee", "5")
    assert not wrong.diagnostics
    refused = await refusal(publishing.publish(wrong.draft.id, wrong.draft.revision, "ann", ""))
    assert refused.code == "publish/cases-fail"
    assert refused.reasons == ("C1: `fee` should be 0, and is 5.",)


async def test_a_published_draft_is_active_at_once_and_chained_to_the_release_before(
    store, library, publishing
):
    before = (await library.active("fees")).release
    fine = await edited(publishing, "fee", "12", rule="R2")
    release = await publishing.publish(fine.draft.id, fine.draft.revision, "ann", "dearer")
    assert (release.number, release.author, release.note) == (2, "ann", "dearer")
    assert release.hash == release_hash(content_hash(fine.rulebook), before.hash, 2)
    loaded = await library.active("fees")
    assert loaded.release.number == 2
    assert loaded.program.rulebook == fine.rulebook
    assert (await store.audit("fees"))[1].action.startswith("release/")
    with pytest.raises(NotFound):
        await store.draft(fine.draft.id)


async def test_a_rulebook_that_is_too_large_for_the_engine_is_not_published(publishing, monkeypatch):
    fine = await edited(publishing, "fee", "12", rule="R2")
    monkeypatch.setattr("service.publishing.MAX_NODES", 4)
    refused = await refusal(publishing.publish(fine.draft.id, fine.draft.revision, "ann", ""))
    assert refused.code == "rulebook/too-many-nodes"


async def test_a_draft_that_says_nothing_new_is_not_published(publishing):
    draft = await publishing.start_draft("fees", "ann")
    assert (
        await refusal(publishing.publish(draft.id, draft.revision, "ann", ""))
    ).code == "publish/nothing-changed"


async def test_who_saw_an_older_revision_saves_nothing_and_hears_of_both(store, publishing):
    first = await edited(publishing, "fee", "12", rule="R2")
    with pytest.raises(EditConflict) as conflict:
        await publishing.edit(
            first.draft.id, 1, "bob", lambda book: with_cell(book, "fee", "R2", "fee", "13")
        )
    assert (conflict.value.seen, conflict.value.current) == (1, 2)
    assert rulebook_of((await store.draft(first.draft.id)).document) == first.rulebook
    with pytest.raises(EditConflict):
        await publishing.publish(first.draft.id, 1, "bob", "")


async def test_a_draft_overtaken_by_another_release_does_not_undo_it_unknowingly(library, publishing):
    late = await edited(publishing, "fee", "13", rule="R2")
    early = await edited(publishing, "fee", "26", rule="R3")
    await publishing.publish(early.draft.id, early.draft.revision, "ann", "")
    refused = await refusal(publishing.publish(late.draft.id, late.draft.revision, "bob", ""))
    assert refused.code == "publish/overtaken"
    assert (await library.active("fees")).release.number == 2
    release = await publishing.publish(late.draft.id, late.draft.revision, "bob", "", replacing=2)
    assert release.number == 3


async def test_rolling_back_is_a_new_activation_of_the_old_release(store, library, publishing):
    fine = await edited(publishing, "fee", "12", rule="R2")
    await publishing.publish(fine.draft.id, fine.draft.revision, "ann", "")
    await publishing.roll_back("fees", 1, "ann", "a mistake")
    assert (await library.active("fees")).release.number == 1
    assert [activation.release for activation in await store.activations("fees")] == [1, 2, 1]
    assert len(await store.releases("fees")) == 2
    with pytest.raises(NotFound):
        await publishing.roll_back("fees", 9, "ann", "")


async def test_another_process_sees_a_release_when_it_looks_again(store, publishing):
    elsewhere = Library(store)
    await elsewhere.refresh()
    program = (await elsewhere.active("fees")).program
    await elsewhere.refresh()
    assert (await elsewhere.active("fees")).program is program, (
        "nothing was activated, so nothing is compiled again"
    )
    fine = await edited(publishing, "fee", "12", rule="R2")
    await publishing.publish(fine.draft.id, fine.draft.revision, "ann", "")
    assert (await elsewhere.active("fees")).release.number == 1
    await elsewhere.refresh()
    assert (await elsewhere.active("fees")).release.number == 2


async def test_the_release_of_an_instant_is_the_one_that_was_active_then(store, library, publishing):
    started = (await store.activations("fees"))[0].activated_at
    fine = await edited(publishing, "fee", "12", rule="R2")
    await publishing.publish(fine.draft.id, fine.draft.revision, "ann", "")
    changed = (await store.activations("fees"))[1].activated_at
    assert (await library.released_at("fees", started)).release.number == 1
    assert (await library.released_at("fees", changed)).release.number == 2
    for instant in (started.replace(year=2000), changed.replace(year=2000)):
        with pytest.raises(NotFound, match="active at"):
            await library.released_at("fees", instant)


async def test_an_unknown_rulebook_is_named_with_what_was_meant(library):
    with pytest.raises(NotFound, match="Did you mean fees"):
        await library.active("fee")


async def test_a_pack_is_released_once_however_often_it_is_loaded(publishing):
    first, is_new = await publishing.load_pack("telecom", "test")
    again, is_new_again = await publishing.load_pack("telecom", "test")
    assert (is_new, is_new_again) == (True, False)
    assert again.hash == first.hash
    with pytest.raises(NotFound, match="telecom"):
        await publishing.load_pack("telecoms", "test")


@pytest.fixture
def clock(monkeypatch):
    """Moves the day of the store on."""

    def moved(days):
        instant = datetime.now(UTC) + timedelta(days=days)
        monkeypatch.setattr("service.store.activations.now", lambda: instant)

    return moved


async def test_a_release_of_a_day_ahead_answers_from_that_day(store, library, publishing, clock):
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    fine = await edited(publishing, "fee", "12", rule="R2")
    release = await publishing.publish(fine.draft.id, fine.draft.revision, "ann", "new law", on=day)
    assert release.number == 2
    assert (await library.active("fees")).release.number == 1
    assert (await store.rulebooks())[0].active_release == 1
    starts = start_of(day, FEES)
    assert (await library.released_at("fees", starts)).release.number == 2
    assert (await library.released_at("fees", starts - timedelta(seconds=1))).release.number == 1
    clock(32)
    await library.refresh()
    assert (await library.active("fees")).release.number == 2
    assert (await store.rulebooks())[0].active_release == 2
    await publishing.roll_back("fees", 1, "ann", "annulled")
    assert (await library.active("fees")).release.number == 1


async def test_what_would_be_undone_by_a_planned_release_is_refused_until_the_plan_is_withdrawn(
    store, library, publishing, clock
):
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    planned = await edited(publishing, "fee", "12", rule="R2")
    urgent = await edited(publishing, "fee", "13", rule="R2")
    await publishing.publish(planned.draft.id, planned.draft.revision, "ann", "new law", on=day)
    refused = await refusal(publishing.publish(urgent.draft.id, urgent.draft.revision, "bob", "urgent"))
    assert refused.code == "release/planned"
    assert day.isoformat() in str(refused)
    assert len(await store.releases("fees")) == 2
    assert (await refusal(publishing.roll_back("fees", 2, "bob", "sooner"))).code == "release/planned"
    plan = (await store.activations("fees"))[-1]
    await publishing.call_off("fees", plan.id, "ann", "another text")
    assert (await refusal(publishing.call_off("fees", plan.id, "ann", "again"))).code == "release/not-planned"
    with pytest.raises(NotFound):
        await publishing.call_off("fees", 99, "ann", "")
    assert (await publishing.publish(urgent.draft.id, urgent.draft.revision, "bob", "urgent")).number == 3
    clock(40)
    await library.refresh()
    assert (await library.active("fees")).release.number == 3
    assert (await library.released_at("fees", start_of(day, FEES))).release.number == 3
    first = (await store.activations("fees"))[0]
    assert (await refusal(publishing.call_off("fees", first.id, "ann", ""))).code == "release/not-planned"


async def test_what_is_published_for_a_day_behind_a_plan_must_know_of_it(publishing):
    today = datetime.now(UTC).date()
    planned = await edited(publishing, "fee", "12", rule="R2")
    later = await edited(publishing, "fee", "13", rule="R2")
    await publishing.publish(
        planned.draft.id, planned.draft.revision, "ann", "", on=today + timedelta(days=30)
    )
    late = today + timedelta(days=60)
    refused = await refusal(publishing.publish(later.draft.id, later.draft.revision, "ann", "", on=late))
    assert refused.code == "publish/overtaken"
    onto = await publishing.start_draft("fees", "ann", from_release=2)
    onto = await publishing.edit(
        onto.id, onto.revision, "ann", lambda book: with_cell(book, "fee", "R2", "fee", "14")
    )
    assert (await publishing.publish(onto.draft.id, onto.draft.revision, "ann", "", on=late)).number == 3


@pytest.mark.parametrize("days", [0, -1, -40_000])
async def test_a_release_cannot_have_answered_in_the_past(store, publishing, days):
    fine = await edited(publishing, "fee", "12", rule="R2")
    with pytest.raises(InvalidRequest) as refused:
        await publishing.publish(
            fine.draft.id,
            fine.draft.revision,
            "ann",
            "",
            on=datetime.now(UTC).date() + timedelta(days=days),
        )
    assert refused.value.code == "release/past"
    assert len(await store.releases("fees")) == 1


async def test_a_change_is_taken_back_on_top_of_what_others_wrote_since(store, publishing):
    first = await edited(publishing, "fee", "12", rule="R2")
    draft, revision = first.draft.id, first.draft.revision
    await publishing.edit(draft, revision, "bob", lambda book: with_cell(book, "fee", "R3", "fee", "30"))
    taken, overtaken = await publishing.take_back(draft, revision, "ann")
    assert overtaken == ()
    outputs = [rule.outputs for rule in rulebook_of(taken.document).tables[0].rules]
    assert outputs[1] == FEES.tables[0].rules[1].outputs
    assert outputs[2] == ("30",)
    # Taking back is a change like any other, and taken back itself.
    again, _ = await publishing.take_back(draft, taken.revision, "ann")
    assert rulebook_of(again.document).tables[0].rules[1].outputs == ("12",)
    changes = await store.changes.of(draft)
    assert [one.revision for one in changes] == [5, 4, 3, 2]
    assert [one.action for one in changes[:2]] == ["draft/taken-back"] * 2
    assert [one.revision for one in await store.changes.of(draft, before=4, limit=1)] == [3]


async def test_what_was_written_since_is_not_overwritten_by_taking_back(store, publishing):
    first = await edited(publishing, "fee", "12", rule="R2")
    draft, revision = first.draft.id, first.draft.revision
    await publishing.edit(draft, revision, "bob", lambda book: with_cell(book, "fee", "R2", "fee", "13"))
    stays, overtaken = await publishing.take_back(draft, revision, "ann")
    assert stays.revision == revision + 1
    (place,) = overtaken
    assert (str(place.where), place.before, place.after) == ("fee / R2 / fee", "13", "10")
    with pytest.raises(NotFound):
        await publishing.take_back(draft, 99, "ann")
    with pytest.raises(NotFound):
        await store.changes.one(draft, 1)
