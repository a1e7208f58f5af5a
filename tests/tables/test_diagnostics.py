"""Diagnostics: places, order, near misses, and how a terminal shows them."""

from __future__ import annotations

import pytest

from decision_tables.diagnostics import Diagnostic, Severity, Where, near_miss, sorted_by_place
from decision_tables.errors import DecidableError, EditConflict, InvalidFacts, Refused, Unavailable


def test_a_place_reads_from_table_to_column_and_leaves_out_what_does_not_apply():
    assert str(Where("t", "r1", "x", (1, 2))) == "t / r1 / x"
    assert str(Where("t", "", "x")) == "t / x"
    assert str(Where()) == ""
    assert Where("t", "r1", "x").at(2, 5) == Where("t", "r1", "x", (2, 5))


def test_a_diagnostic_is_drawn_with_a_caret_under_what_it_means():
    found = Diagnostic(
        "feel/unknown-name", Where("t", "r1", "x", (7, 11)), "No.", "Did you mean?", '"red", colr'
    )
    assert found.drawn().splitlines() == [
        "error feel/unknown-name at t / r1 / x: No.",
        '    "red", colr',
        "           ^^^^",
        "    Did you mean?",
    ]


@pytest.mark.parametrize("text", ["", "two\nlines"])
def test_a_diagnostic_without_a_line_to_point_into_has_no_caret(text):
    found = Diagnostic("table/key", Where("t", "", "", (0, 1)), "No.", text=text)
    assert found.drawn() == "error table/key at t: No."


def test_what_concerns_no_table_is_drawn_as_the_rulebook():
    assert Diagnostic("c", Where(), "No.").drawn() == "error c at the rulebook: No."


def test_an_empty_span_still_has_a_caret():
    assert Diagnostic("c", Where("t", span=(3, 3)), "No.", text="abc").drawn().endswith("\n       ^")


def test_diagnostics_are_told_in_the_order_of_their_places_each_once():
    places = [
        Where("u"),
        Where("t", "r2"),
        Where("t", "r1", "x", (4, 5)),
        Where("t", "r1", "x", (1, 2)),
        Where("t"),
    ]
    found = [Diagnostic("c", place, "No.") for place in places]
    assert [one.where for one in sorted_by_place(found + found)] == places[::-1]


def test_only_errors_keep_a_rulebook_from_being_published():
    assert Diagnostic("c", Where(), "No.").is_error
    assert not Diagnostic("c", Where(), "No.", severity=Severity.WARNING).is_error


@pytest.mark.parametrize(
    ("word", "expected"),
    [("colr", "Colour"), ("COLOUR", "Colour"), ("agee", "age"), ("zzz", None), ("", None)],
)
def test_a_near_miss_is_the_known_word_that_was_most_likely_meant(word, expected):
    assert near_miss(word, ["age", "Colour", "member"]) == expected


def test_every_error_is_of_one_tree_and_has_a_code():
    errors = [
        InvalidFacts([]),
        Refused("no", reasons=["a"]),
        EditConflict("no", seen=1, current=2),
        Unavailable("no", code="log/full", retry_after=5),
    ]
    assert [error.code for error in errors] == ["facts/invalid", "refused", "edit/conflict", "log/full"]
    assert all(isinstance(error, DecidableError) for error in errors)
    assert errors[1].reasons == ("a",)
    assert (errors[2].seen, errors[2].current, errors[3].retry_after) == (1, 2, 5)
