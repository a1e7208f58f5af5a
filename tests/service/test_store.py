from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from decision_tables.errors import EditConflict, InvalidRulebook, NotFound, Refused, Unavailable
from decision_tables.rulebook import (
    Case,
    Rulebook,
    canonical_json,
    content_hash,
    document_of,
    release_hash,
    rulebook_of,
)
from decision_tables.vocabulary import Words
from service.store import DraftHead, ReleaseHead, Store, uuid7
from service.store.rows import as_stored, instant_text


def document(key="telecom", note="", **more):
    return document_of(Rulebook(key=key, note=note, title=Words({"en": key.title()}), **more))


async def save(store, draft, note, *, seen=None, actor="ann"):
    return await store.save_draft(
        draft.id,
        document=document(draft.rulebook, note),
        seen_revision=seen or draft.revision,
        actor=actor,
        action="draft/cell-edited",
        detail={"note": note},
    )


async def outcomes(*calls):
    """What each of several calls made at once came to: a value or an exception."""
    return await asyncio.gather(*calls, return_exceptions=True)


# Rulebooks


async def test_a_new_rulebook_has_a_draft_and_no_release(store):
    draft = await store.create_rulebook("telecom", document(), "ann")
    assert await store.rulebooks() == [("telecom", {"by_language": {"en": "Telecom"}}, None)]
    assert await store.rulebook_exists("telecom")
    assert (draft.revision, draft.base_release, draft.document) == (1, None, as_stored(document()))
    assert [head.id for head in await store.drafts("telecom")] == [draft.id]
    assert await store.active_release("telecom") is None
    assert await store.releases("telecom") == []


async def test_a_key_is_given_to_one_rulebook_only(store):
    results = await outcomes(*(store.create_rulebook("telecom", document(), "ann") for _ in range(3)))
    refused = [result for result in results if isinstance(result, Refused)]
    assert [error.code for error in refused] == ["rulebook/taken"] * 2
    assert len(await store.drafts("telecom")) == 1


async def test_the_key_of_a_rulebook_that_was_given_up_before_any_release_is_given_again_once(store):
    first = await store.create_rulebook("telecom", document(), "ann")
    assert not await store.is_abandoned("telecom")
    await store.discard_draft(first.id, "ann")
    assert await store.is_abandoned("telecom")
    results = await outcomes(*(store.create_rulebook("telecom", document(), "bob") for _ in range(3)))
    assert len([result for result in results if isinstance(result, Refused)]) == 2
    (draft,) = await store.drafts("telecom")
    published = await store.publish(draft.id, revision=1, actor="bob", note="first")
    assert published.number == 1
    assert not await store.is_abandoned("telecom")
    with pytest.raises(Refused):
        await store.create_rulebook("telecom", document(), "ann")
    assert not await store.is_abandoned("milk")


async def test_a_rulebook_is_called_as_its_draft_calls_it_until_there_is_a_release(store):
    draft = await store.create_rulebook("telecom", document(), "ann")
    said = {**document(), "title": {"by_language": {"en": "Telephony"}}}
    await store.save_draft(draft.id, document=said, seen_revision=1, actor="ann", action="x/y", detail={})
    assert (await store.rulebooks())[0].title == {"by_language": {"en": "Telephony"}}
    await store.publish(draft.id, revision=2, actor="ann", note="first")
    other = await store.create_draft("telecom", "ann")
    await store.save_draft(
        other.id, document=document(), seen_revision=1, actor="ann", action="x/y", detail={}
    )
    assert (await store.rulebooks())[0].title == {"by_language": {"en": "Telephony"}}


async def test_a_document_of_another_rulebook_is_refused(store):
    with pytest.raises(Refused, match="milk"):
        await store.create_rulebook("telecom", document("milk"), "ann")
    draft = await store.create_rulebook("telecom", document(), "ann")
    with pytest.raises(Refused, match="milk"):
        await store.save_draft(
            draft.id, document=document("milk"), seen_revision=1, actor="ann", action="x/y", detail={}
        )


async def test_what_has_not_the_shape_of_a_rulebook_is_refused(store):
    with pytest.raises(InvalidRulebook):
        await store.create_rulebook("telecom", {"key": "telecom", "tables": 3}, "ann")
    assert await store.rulebooks() == []


async def test_what_does_not_exist_is_said_not_to_exist(store):
    await store.create_rulebook("telecom", document(), "ann")
    for call in (
        store.releases("milk"),
        store.activations("milk"),
        store.active_release("milk"),
        store.drafts("milk"),
        store.create_draft("milk", "ann"),
        store.create_draft("telecom", "ann", from_release=1),
        store.release("telecom", 1),
        store.activate("telecom", 1, "ann", ""),
        store.draft("no-such-draft"),
        store.discard_draft("no-such-draft", "ann"),
        store.publish("no-such-draft", revision=1, actor="ann", note=""),
    ):
        with pytest.raises(NotFound):
            await call


async def test_the_list_shows_the_title_of_the_release_that_is_active(store):
    await store.load_release(document_of(Rulebook(key="a", title=Words({"en": "One"}))), "ann", "")
    await store.load_release(document_of(Rulebook(key="a", title=Words({"en": "Two"}))), "ann", "")
    assert await store.rulebooks() == [("a", {"by_language": {"en": "Two"}}, 2)]
    await store.activate("a", 1, "ann", "back")
    assert await store.rulebooks() == [("a", {"by_language": {"en": "One"}}, 1)]


# Drafts


async def test_a_save_counts_the_revision_and_keeps_the_document(store):
    draft = await store.create_rulebook("telecom", document(), "ann")
    saved = await save(store, draft, "second")
    assert saved.revision == 2
    assert saved.document["note"] == "second"
    assert saved.changed_at > draft.changed_at
    assert await store.draft(draft.id) == saved
    (head,) = await store.drafts("telecom")
    assert type(head) is DraftHead


async def test_of_several_saves_of_one_revision_exactly_one_wins(store):
    draft = await store.create_rulebook("telecom", document(), "ann")
    results = await outcomes(*(save(store, draft, f"by {n}") for n in range(6)))
    won = [result for result in results if not isinstance(result, BaseException)]
    lost = [result for result in results if isinstance(result, EditConflict)]
    assert (len(won), len(lost)) == (1, 5)
    assert {(error.seen, error.current) for error in lost} == {(1, 2)}
    assert await store.draft(draft.id) == won[0]
    edits = [line for line in await store.audit("telecom") if line.action == "draft/cell-edited"]
    assert [line.detail for line in edits] == [{"note": won[0].document["note"], "revision": 2}]


async def test_two_processes_cannot_save_one_revision_either(database_url, store):
    other = await Store.open(database_url)
    try:
        draft = await store.create_rulebook("telecom", document(), "ann")
        results = await outcomes(save(store, draft, "here"), save(other, draft, "there"))
        assert sorted(type(result).__name__ for result in results) == ["Draft", "EditConflict"]
    finally:
        await other.close()


async def test_a_save_that_fails_leaves_no_audit_line(store):
    draft = await store.create_rulebook("telecom", document(), "ann")
    before = await store.audit()
    with pytest.raises(EditConflict):
        await save(store, draft, "late", seen=7)
    assert await store.audit() == before


async def test_a_discarded_draft_is_gone(store):
    draft = await store.create_rulebook("telecom", document(), "ann")
    await store.discard_draft(draft.id, "bob")
    assert await store.drafts("telecom") == []
    for call in (store.draft(draft.id), save(store, draft, "late"), store.discard_draft(draft.id, "bob")):
        with pytest.raises(NotFound, match="discarded") as refused:
            await call
        assert refused.value.code == "draft/closed"


async def test_a_draft_begins_with_the_active_release_or_the_one_that_is_named(store):
    for note in ("one", "two"):
        await store.load_release(document(note=note), "ann", "")
    from_active = await store.create_draft("telecom", "bob", title="Rates of 2027")
    from_old = await store.create_draft("telecom", "bob", from_release=1)
    assert (from_active.base_release, from_active.seen_release) == (2, 2)
    assert (from_active.document["note"], from_active.title) == ("two", "Rates of 2027")
    assert (from_old.base_release, from_old.seen_release, from_old.document["note"]) == (1, 2, "one")


async def test_a_rulebook_whose_first_draft_was_discarded_can_begin_again(store):
    draft = await store.create_rulebook("telecom", document(note="old"), "ann")
    await store.discard_draft(draft.id, "ann")
    again = await store.create_draft("telecom", "ann")
    assert rulebook_of(again.document) == Rulebook(key="telecom", title=Words({"en": "Telecom"}))


async def test_broken_cells_and_the_digits_of_numbers_are_kept(store):
    facts = {"price": Decimal("0.30000000000000000001"), "big": 10**30, "exact": Decimal("1.10")}
    cases = (Case(id="c", name="digits", facts=facts),)
    draft = await store.create_rulebook("telecom", document(cases=cases), "ann")
    kept = rulebook_of((await store.draft(draft.id)).document).cases[0].facts
    assert kept == facts
    assert str(kept["exact"]) == "1.10"


# Releases


async def test_publishing_makes_the_next_release_and_activates_it_and_closes_the_draft(store):
    first = await store.create_rulebook("telecom", document(), "ann")
    one = await store.publish(first.id, revision=1, actor="bob", note="first")
    second = await store.create_draft("telecom", "ann")
    saved = await save(store, second, "changed")
    two = await store.publish(second.id, revision=saved.revision, actor="bob", note="second")

    assert (one.number, two.number) == (1, 2)
    assert (two.author, two.note, two.document["note"]) == ("bob", "second", "changed")
    assert await store.active_release("telecom") == 2
    assert await store.release("telecom", 2) == two
    assert await store.drafts("telecom") == []
    with pytest.raises(NotFound, match="published as release 2"):
        await store.draft(second.id)
    heads = await store.releases("telecom")
    assert [(type(head), head.number, head.hash) for head in heads] == [
        (ReleaseHead, 1, one.hash),
        (ReleaseHead, 2, two.hash),
    ]


async def test_releases_are_chained_by_hash_and_the_stored_text_has_the_content_hash(store):
    one = await store.load_release(document(note="one"), "ann", "")
    two = await store.load_release(document(note="café"), "ann", "")
    assert one.previous_hash == ""
    assert two.previous_hash == one.hash
    assert two.hash == release_hash(two.content_hash, one.hash, 2)
    assert two.content_hash == content_hash(rulebook_of(two.document))
    async with store._database.reading() as session:
        rows = await (await session.connection()).execute(
            text("SELECT content_hash, document FROM release ORDER BY number")
        )
        for stored_hash, stored_text in rows.all():
            assert stored_hash == "sha256:" + hashlib.sha256(stored_text.encode()).hexdigest()


async def test_a_draft_that_was_saved_after_it_was_checked_is_not_published(store):
    draft = await store.create_rulebook("telecom", document(), "ann")
    await save(store, draft, "meanwhile")
    with pytest.raises(EditConflict) as conflict:
        await store.publish(draft.id, revision=1, actor="bob", note="")
    assert (conflict.value.seen, conflict.value.current) == (1, 2)
    assert await store.releases("telecom") == []


async def test_publishing_over_a_release_that_the_draft_never_saw_must_be_meant(store):
    await store.load_release(document(note="one"), "ann", "")
    draft = await save(store, await store.create_draft("telecom", "ann"), "three")
    await store.load_release(document(note="two"), "bob", "")
    with pytest.raises(EditConflict) as conflict:
        await store.publish(draft.id, revision=2, actor="ann", note="")
    assert (conflict.value.seen, conflict.value.current) == (1, 2)
    release = await store.publish(draft.id, revision=2, actor="ann", note="", over=2)
    assert (release.number, release.document["note"]) == (3, "three")


async def test_one_draft_published_twice_at_once_makes_one_release(store):
    draft = await store.create_rulebook("telecom", document(), "ann")
    results = await outcomes(*(store.publish(draft.id, revision=1, actor=f"p{n}", note="") for n in range(4)))
    assert sorted(type(result).__name__ for result in results) == ["DraftClosed"] * 3 + ["Release"]
    assert [head.number for head in await store.releases("telecom")] == [1]
    assert len(await store.activations("telecom")) == 1


async def test_publishes_at_once_never_make_two_releases_of_one_number(database_url, store):
    other = await Store.open(database_url)
    try:
        await store.load_release(document(note="base"), "ann", "")
        drafts = [await store.create_draft("telecom", "ann") for _ in range(4)]
        published = await outcomes(
            *(
                (store, other)[n % 2].publish(draft.id, revision=1, actor="ann", note="")
                for n, draft in enumerate(drafts)
            ),
            *((store, other)[n % 2].load_release(document(note=f"load {n}"), "bob", "") for n in range(6)),
        )
    finally:
        await other.close()
    failed = [result for result in published if isinstance(result, BaseException)]
    assert all(isinstance(error, EditConflict) for error in failed), failed
    made = sorted(result.number for result in published if not isinstance(result, BaseException))
    heads = await store.releases("telecom")
    assert made == list(range(2, len(heads) + 1))
    assert len(made) >= 6
    assert [head.previous_hash for head in heads] == ["", *(head.hash for head in heads[:-1])]
    activated = [activation.release for activation in await store.activations("telecom")]
    assert activated == [head.number for head in heads]


async def test_loading_the_same_content_again_makes_no_new_release(store):
    first = await store.load_release(document(), "ann", "pack")
    results = await outcomes(*(store.load_release(document(), "ann", "pack") for _ in range(3)))
    assert results == [first] * 3
    assert len(await store.activations("telecom")) == 1


async def test_several_processes_may_load_the_first_release_at_once(database_url, store):
    other = await Store.open(database_url)
    try:
        results = await outcomes(
            *((store, other)[n % 2].load_release(document(), "system", "pack") for n in range(4))
        )
    finally:
        await other.close()
    assert {result.hash for result in results} == {(await store.release("telecom", 1)).hash}
    assert len(await store.releases("telecom")) == 1


@pytest.mark.parametrize("column", ["document", "content_hash", "hash"])
async def test_a_release_that_was_altered_behind_the_stores_back_is_not_given_out(store, column):
    await store.load_release(document(note="the law"), "ann", "")
    async with store._database.writing() as session:
        connection = await session.connection()
        if store.dialect == "sqlite":
            await connection.execute(text("DROP TRIGGER release_is_not_updated"))
        else:
            await connection.execute(text("ALTER TABLE release DISABLE TRIGGER ALL"))
        await connection.execute(
            text(f"UPDATE release SET {column} = replace(replace({column}, 'the law', 'no law'), ':', ': ')")
        )
    with pytest.raises(Unavailable) as refused:
        await store.release("telecom", 1)
    assert refused.value.code == "release/altered"


# Activations


async def test_rolling_back_activates_an_older_release_and_makes_none(store):
    for note in ("one", "two"):
        await store.load_release(document(note=note), "ann", "")
    activation = await store.activate("telecom", 1, "bob", "annulled")
    assert (activation.release, activation.author, activation.note) == (1, "bob", "annulled")
    assert await store.active_release("telecom") == 1
    assert [a.release for a in await store.activations("telecom")] == [1, 2, 1]
    assert len(await store.releases("telecom")) == 2


async def test_activating_the_active_release_changes_nothing(store):
    await store.load_release(document(), "ann", "")
    before = (await store.activations("telecom"), await store.audit())
    assert await store.activate("telecom", 1, "bob", "again") == before[0][0]
    assert (await store.activations("telecom"), await store.audit()) == before


async def test_which_release_was_active_at_an_instant_is_known_for_ever(store):
    for note in ("one", "two"):
        await store.load_release(document(note=note), "ann", "")
    await store.activate("telecom", 1, "bob", "")
    instants = [activation.activated_at for activation in await store.activations("telecom")]
    assert [await store.active_release("telecom", at) for at in instants] == [1, 2, 1]
    assert await store.active_release("telecom", instants[0] - timedelta(microseconds=1)) is None
    assert await store.active_release("telecom", instants[1] - timedelta(microseconds=1)) == 1


async def test_a_clock_that_goes_back_does_not_reorder_activations(store, monkeypatch):
    await store.load_release(document(note="one"), "ann", "")
    (first,) = await store.activations("telecom")
    monkeypatch.setattr("service.store.activations.now", lambda: first.activated_at - timedelta(hours=1))
    await store.load_release(document(note="two"), "ann", "")
    assert (await store.activations("telecom"))[1].activated_at == first.activated_at
    assert await store.active_release("telecom", first.activated_at) == 2


async def test_whoever_polls_sees_every_activation_by_the_newest_id(store):
    seen = [await store.activation_mark()]
    await store.load_release(document("a"), "ann", "")
    seen.append(await store.activation_mark())
    await store.load_release(document("b"), "ann", "")
    seen.append(await store.activation_mark())
    await store.activate("a", 1, "ann", "already active")
    assert seen[0] == (0, 0, 0)
    assert seen[0] < seen[1] < seen[2] == await store.activation_mark()


# Audit, settings, times


async def test_the_audit_says_who_did_what_newest_first(store):
    draft = await store.create_rulebook("telecom", document(), "ann")
    await save(store, draft, "better", actor="bob")
    release = await store.publish(draft.id, revision=2, actor="cat", note="go")
    await store.load_release(document("milk"), "dan", "")
    lines = await store.audit("telecom")
    assert [(line.actor, line.action, line.subject) for line in lines] == [
        ("cat", "release/activated", "1"),
        ("cat", "release/published", "1"),
        ("bob", "draft/cell-edited", draft.id),
        ("ann", "draft/created", draft.id),
        ("ann", "rulebook/created", "telecom"),
    ]
    assert lines[1].detail == {"draft": draft.id, "hash": release.hash, "note": "go", "revision": 2}
    assert {line.rulebook for line in await store.audit()} == {"telecom", "milk"}
    assert await store.audit("telecom", before=lines[1].id, limit=2) == lines[2:4]


async def test_a_note_is_an_audit_line_of_its_own(store):
    await store.note("system", "login/failed", subject="ann", detail={"times": 3})
    (line,) = await store.audit()
    assert (line.actor, line.action, line.subject, line.detail, line.rulebook) == (
        "system",
        "login/failed",
        "ann",
        {"times": 3},
        None,
    )


async def test_a_setting_is_what_was_last_put(store):
    assert await store.setting("banner") is None
    await outcomes(*(store.put_setting("banner", {"text": n}, "ann") for n in range(4)))
    await store.put_setting("banner", {"text": "café", "share": Decimal("0.10")}, "ann")
    kept = await store.setting("banner")
    assert kept == {"text": "café", "share": Decimal("0.10")}
    assert str(kept["share"]) == "0.10"


async def test_instants_come_out_aware_and_in_utc(store):
    release = await store.load_release(document(), "ann", "")
    read = await store.release("telecom", 1)
    assert read.created_at.tzinfo is UTC
    assert read.created_at == release.created_at
    assert abs(datetime.now(UTC) - read.created_at) < timedelta(minutes=1)


async def test_a_naive_instant_is_refused(store):
    await store.load_release(document(), "ann", "")
    with pytest.raises(Exception, match="needs a time zone"):
        await store.active_release("telecom", datetime(2026, 1, 1))  # noqa: DTZ001


# Hypothesis wants bounds without a time zone; two days from the ends of time, so that UTC is still in it.
first, last = (datetime.fromisoformat(day) for day in ("0001-01-03", "9999-12-29"))
instants = st.datetimes(timezones=st.timezones(), min_value=first, max_value=last)


@given(instants, instants)
def test_the_order_of_instants_is_the_order_of_their_text(one, other):
    # In UTC, for Python compares two readings of one zone by the clock on the wall, folded hours and all.
    one, other = one.astimezone(UTC), other.astimezone(UTC)
    assert datetime.fromisoformat(instant_text(one)) == one
    assert (one < other) == (instant_text(one) < instant_text(other))


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(words, json_values, max_size=3))
def test_what_is_stored_has_the_hash_of_what_was_given(given_document):
    assert canonical_json(as_stored(given_document)) == canonical_json(given_document)


def test_ids_sort_in_the_order_in_which_they_were_made():
    made = []
    for _ in range(200):
        made.append(uuid7())
        for _ in range(50):  # ids are told apart to a quarter of a microsecond
            pass
    assert made == sorted(made)
    assert len(set(made)) == 200
    assert all(identifier[14] == "7" and identifier[19] in "89ab" for identifier in made)
