"""Edits: each changes what it says and nothing else, and text is kept as typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_tables.errors import NotFound, Refused
from decision_tables.rulebook import document_of, rulebook_of
from decision_tables.table import Formula, Input, Note, Output, Period, Rule
from service.editing import (
    RULE_FIELDS,
    cell_fields,
    fields_of,
    free_rule_id,
    rule_of,
    texts_of,
    with_cell,
    with_column,
    with_column_copied,
    with_column_moved,
    with_formula,
    with_rule,
    with_rule_added,
    with_rule_moved,
    with_table,
    without_column,
    without_rule,
)
from tests.service.fees import FEES

FEE = FEES.tables[0]


def ids(rulebook, table="fee"):
    return [rule.id for rule in rulebook.table(table).rules]


def rule(rulebook, rule_id, table="fee"):
    return next(rule for rule in rulebook.table(table).rules if rule.id == rule_id)


def test_a_cell_is_set_by_the_key_of_its_column_as_typed():
    edited = with_cell(FEES, "fee", "R2", "age", " >= [ ")
    assert rule(edited, "R2").tests == (" >= [ ", "true")
    assert rule(with_cell(FEES, "fee", "R2", "fee", "12"), "R2").outputs == ("12",)
    assert [rule(edited, other) for other in ("R1", "R3")] == [rule(FEES, other) for other in ("R1", "R3")]
    assert edited.tables[1:] == FEES.tables[1:]


@pytest.mark.parametrize("field", RULE_FIELDS)
def test_every_field_of_a_rule_can_be_set_and_nothing_else_changes(field):
    once = with_cell(FEES, "fee", "R1", field, "2020-01-01")
    assert once != FEES
    assert with_cell(once, "fee", "R1", field, "2020-01-01") == once
    before, after = rule(FEES, "R1"), rule(once, "R1")
    changed = [name for name in Rule.__dataclass_fields__ if getattr(before, name) != getattr(after, name)]
    assert changed == [
        {"valid_from": "valid", "valid_to": "valid", "known_from": "known", "known_to": "known"}.get(
            field, field
        )
    ]


def test_the_two_ends_of_a_period_are_set_apart():
    edited = with_cell(
        with_cell(FEES, "fee", "R1", "valid_from", "2020-01-01"), "fee", "R1", "valid_to", "2021-01-01"
    )
    assert rule(edited, "R1").valid == Period("2020-01-01", "2021-01-01")


def test_a_referral_is_set_language_by_language_and_taken_back_by_emptying_it():
    asked = with_cell(
        with_cell(FEES, "waiver", "W2", "referral.nl", "Onbillijk?"), "waiver", "W2", "referral", "Hard?"
    )
    assert rule(asked, "W2", "waiver").referral.by_language == {"en": "Hard?", "nl": "Onbillijk?"}
    emptied = with_cell(
        with_cell(asked, "waiver", "W2", "referral.nl", ""), "waiver", "W2", "referral.en", ""
    )
    assert not rule(emptied, "W2", "waiver").referral


def test_flags_are_words_with_commas_or_spaces_between():
    assert rule(with_cell(FEES, "fee", "R1", "flags", "contested, retired  old"), "R1").flags == (
        "contested",
        "retired",
        "old",
    )


def test_a_short_row_of_a_broken_draft_is_filled_up():
    short = with_rule(FEES, "fee", "R1", Rule("R1"))
    assert rule(with_cell(short, "fee", "R1", "resident", "true"), "R1").tests == ("", "true")


@pytest.mark.parametrize(
    ("place", "near"),
    [
        (("fe", "R1", "age"), "fee"),
        (("fee", "R22", "age"), "R2"),
        (("fee", "R1", "agee"), "age"),
        (("fee", "R1", "citaton"), "citation"),
    ],
)
def test_a_place_that_is_not_there_is_named_with_what_was_meant(place, near):
    with pytest.raises(NotFound, match=f"Did you mean {near}"):
        with_cell(FEES, *place, "1")


def test_a_rule_is_added_at_the_end_or_after_another():
    assert ids(with_rule_added(FEES, "fee", Rule("N"))) == ["R1", "R2", "R3", "N"]
    assert ids(with_rule_added(FEES, "fee", Rule("N"), after="R1")) == ["R1", "N", "R2", "R3"]


def test_two_rules_of_a_table_never_get_one_id():
    with pytest.raises(Refused) as refused:
        with_rule_added(FEES, "fee", Rule("R1"))
    assert refused.value.code == "rule/id-taken"
    with pytest.raises(Refused):
        with_rule(FEES, "fee", "R1", Rule("R2"))
    assert ids(with_rule(FEES, "fee", "R1", Rule("R9"))) == ["R9", "R2", "R3"]


def test_a_rule_is_deleted():
    assert ids(without_rule(FEES, "fee", "R2")) == ["R1", "R3"]


@given(st.sampled_from(["R1", "R2", "R3"]), st.integers(-5, 5))
def test_moving_a_rule_keeps_all_rules_and_the_order_of_the_others(moved, by):
    after = ids(with_rule_moved(FEES, "fee", moved, by))
    others = [name for name in ("R1", "R2", "R3") if name != moved]
    assert [name for name in after if name != moved] == others
    assert after.index(moved) == max(0, min(2, ["R1", "R2", "R3"].index(moved) + by))


def test_a_table_or_formula_takes_the_place_of_the_one_of_its_key():
    clock = Formula("clock", "decided_on", "now()")
    assert with_formula(FEES, clock).formulas == (clock,)
    with pytest.raises(NotFound):
        with_formula(FEES, Formula("other", "decided_on", "now()"))
    assert with_table(FEES, FEE) == FEES


@pytest.mark.parametrize(
    ("like", "free"), [("", "R4"), ("R1", "R4"), ("X", "X"), ("R07", "R07"), ("R03", "R03"), ("R3", "R4")]
)
def test_a_free_id_is_like_the_one_asked_for(like, free):
    assert free_rule_id(FEE, like) == free


def test_a_free_id_counts_on_in_the_same_width():
    numbered = with_rule_added(FEES, "fee", Rule("B09")).table("fee")
    assert free_rule_id(numbered, "B09") == "B10"


# Columns: of conditions, of outcomes, of notes

KINDS = {"age": Input, "fee": Output, "why": Note}
NOTED = with_cell(with_column(FEES, "fee", Note("why")), "fee", "R2", "why", "Bulletin of 1999")


@pytest.mark.parametrize(
    ("column", "field", "blank"),
    [
        (Input("more", "age"), "test.more", "-"),
        (Output("more", "zone"), "output.more", ""),
        (Note("more"), "note.more", ""),
    ],
)
def test_a_column_of_any_kind_is_added_with_cells_that_say_nothing(column, field, blank):
    edited = with_column(NOTED, "fee", column)
    table = edited.table("fee")
    assert cell_fields(table)["more"] == field
    assert {fields_of(table, row, ())[field] for row in table.rules} == {blank}
    assert without_column(edited, "fee", "more") == NOTED


@pytest.mark.parametrize("key", KINDS)
def test_a_column_of_any_kind_is_copied_beside_it_under_a_key_that_no_column_has(key):
    taken = with_column(NOTED, "fee", Note(f"{key}_2"))
    edited = with_column_copied(taken, "fee", key)
    keys = [column.key for column in edited.table("fee").columns]
    assert keys.index(f"{key}_3") == keys.index(key) + 1
    assert type(edited.table("fee").columns[keys.index(key) + 1]) is KINDS[key]
    assert texts_of(edited, "fee", f"{key}_3") == texts_of(edited, "fee", key)
    assert without_column(edited, "fee", f"{key}_3") == taken


@given(
    st.sampled_from(["age", "fee", "why"]),
    st.integers(0, 2),
    st.integers(-4, 4),
    st.lists(st.sampled_from(["", "x", "y"]), min_size=3, max_size=3),
)
def test_moving_a_column_takes_its_texts_along_and_leaves_all_others_as_they_are(key, more, by, texts):
    kind = KINDS[key]
    book = NOTED
    for number in range(more):
        new = f"new{number}"
        book = with_column(book, "fee", kind(new) if kind is Note else kind(new, f"fact{number}"))
        for row, text in zip(ids(book), texts, strict=True):
            book = with_cell(book, "fee", row, new, text)
    moved = with_column_moved(book, "fee", key, by)
    before, after = book.table("fee").columns, moved.table("fee").columns
    assert sorted(before, key=str) == sorted(after, key=str)
    own = [column.key for column in after if type(column) is kind]
    assert [other for other in own if other != key] == [
        column.key for column in before if type(column) is kind and column.key != key
    ]
    for column in before:
        assert texts_of(moved, "fee", column.key) == texts_of(book, "fee", column.key)


def test_a_note_of_a_column_is_set_by_its_key_and_rules_that_say_nothing_stay_as_they_were():
    assert rule(NOTED, "R2").notes == ("Bulletin of 1999",)
    assert [rule(NOTED, other) for other in ("R1", "R3")] == [rule(FEES, other) for other in ("R1", "R3")]
    assert with_cell(NOTED, "fee", "R2", "why", "").table("fee").rules == FEE.rules
    assert without_column(NOTED, "fee", "why") == FEES
    with pytest.raises(NotFound, match="Did you mean why"):
        with_cell(NOTED, "fee", "R2", "wy", "")


@given(st.lists(st.sampled_from(["", "x", " "]), max_size=4))
def test_a_rule_says_nothing_in_the_note_columns_behind_its_last_note(notes):
    noted = Rule("R1", notes=tuple(notes))
    assert [*noted.notes, *[""] * (len(notes) - len(noted.notes))] == notes
    assert not noted.notes or noted.notes[-1]
    book = with_rule(with_column(NOTED, "fee", Note("a")), "fee", "R1", noted)
    assert rulebook_of(document_of(book)) == book
    table = book.table("fee")
    if len(noted.notes) <= len(table.notes):
        assert rule_of(table, Rule("R1"), fields_of(table, noted, ())).notes == noted.notes
