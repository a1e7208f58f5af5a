"""The kinds of table that others test their analyses with, and what is said of each.

The tables are our own, small ones; the kinds are those of the samples of dmn-check (`dish-decision`,
`duplicate_unique`, `duplicate_collect`) and of the decision table analysis of KIE (`dtanalysis/`: `GapsXY`,
`GapsAndOverlaps1`, `AgeKitten`, `NoGapsDateAdjacent`, `DT1stNFViolation`, `MaskTest`, `MisleadingRules`,
`Subsumption`, `Pi`, `SymbolInDT`, …).
"""

from __future__ import annotations

from typing import Any

import pytest
from builders import book, table

from decision_tables.analyse import analyse, told
from decision_tables.compile import compile_rulebook
from decision_tables.table import HitPolicy, Table
from decision_tables.vocabulary import Fact

X, Y = Fact("x", "number"), Fact("y", "number")
NAME = Fact("name", "string")
PET = Fact("pet", "string", '"cat","dog"')
AGE = Fact("age", "number", "[0..120]")
DAY = Fact("day", "date")
P, Q = Fact("p", "boolean"), Fact("q", "boolean")
LEVEL = Fact("level", "string", '"low","middle","high"')
OUT = Fact("out", "string")


def said(one: Table, *facts: Fact) -> list[str]:
    collected = Fact("out", "list<string>") if one.hit_policy is HitPolicy.COLLECT else OUT
    rulebook = book(one, facts=(*facts, collected))
    found = analyse(compile_rulebook(rulebook)).findings
    return [told(finding, rulebook, "en") for finding in found]


def of(policy: str, columns: str, *rows: Any, **marks: Any) -> Table:
    return table("t", policy, f"{columns} -> out", *rows, **marks)


def test_two_quadrants_of_a_plane_leave_the_axes_and_the_others():
    found = said(of("A", "x y", ("< 0", "<= 0", '"a"'), ("> 0", ">= 0", '"b"')), X, Y)
    assert found
    assert all(one.startswith("No row answers, where ") for one in found)
    assert any("x is 0" in one for one in found)


def test_rectangles_that_touch_in_a_corner_overlap_there():
    found = said(of("U", "x", ("[0..10]", '"a"'), ("[10..20]", '"b"'), ("not([0..20])", '"c"')), X)
    assert found == [
        "Row r1 and row r2 apply at once, and only one may, where x is 10. For example: x is 10."
    ]


def test_dates_that_follow_each_other_leave_no_gap():
    rows = (
        ('< date("2019-04-01")', '"1"'),
        ('[date("2019-04-01")..date("2019-06-30")]', '"2"'),
        ('> date("2019-06-30")', '"3"'),
    )
    assert said(of("U", "day", *rows), DAY) == []


def test_numbers_that_follow_each_other_as_whole_ones_leave_those_between():
    (found,) = said(of("U", "age", ("[0..17]", '"a"'), ("[18..120]", '"b"')), AGE)
    assert found == "No row answers, where age is more than 17 and less than 18. For example: age is 17.5."


def test_allowed_values_bound_what_is_a_gap():
    rows = (("[0..12)", "-", '"a"'), ("[12..120]", '"cat"', '"b"'))
    (found,) = said(of("U", "age pet", *rows), AGE, PET)
    assert found == (
        "No row answers, where age is from 12 to 120 and pet is dog. For example: age is 12 and pet is dog."
    )


def test_texts_without_a_list_of_values_have_always_others():
    (found,) = said(of("U", "name", ('"self"', '"a"'), ('"child"', '"b"')), NAME)
    assert found == "No row answers, where name is not child or self. For example: name is other."


def test_a_negated_text_and_the_text_leave_nothing():
    assert said(of("U", "name", ('"a"', '"1"'), ('not("a")', '"2"')), NAME) == []
    assert said(of("U", "x", ("47", '"1"'), ("!= 47", '"2"')), X) == []


def test_duplicates_are_told_under_unique_and_not_where_they_collect_different_things():
    assert any(
        "say the same" in one
        for one in said(of("U", "p", ("true", '"a"'), ("true", '"a"'), ("false", '"b"')), P)
    )
    assert said(of("C", "p", ("true", '"a"'), ("true", '"b"')), P) == []
    assert any("say the same" in one for one in said(of("C", "p", ("true", '"a"'), ("true", '"a"')), P))


def test_a_row_masked_by_better_ones_under_priority_never_decides():
    rows = (
        ("true", "-", '"yes"'),
        ("-", "true", '"yes"'),
        ("true", "true", '"no"'),
        ("false", "false", '"no"'),
    )
    found = said(of("P", "p q", *rows, values={"out": '"yes","no"'}), P, Q)
    assert any(one.startswith("Row r3 never decides") for one in found)


def test_a_row_that_better_ones_only_overlap_still_decides_somewhere():
    rows = (
        ("true", '"low"', '"ok"'),
        ("-", '"middle"', '"check"'),
        ("true", '"high"', '"no"'),
        ("false", "-", '"no"'),
    )
    found = said(of("P", "p level", *rows, values={"out": '"ok","check","no"'}), P, LEVEL)
    assert not any("never decides" in one for one in found)


def test_subsumption_under_any_is_told_as_adding_nothing():
    found = said(of("A", "x", ("< 80", '"low"'), (">= 80", '"high"'), (">= 120", '"high"')), X)
    assert found == ["Row r3 adds nothing: row r2 says the same wherever it applies. For example: x is 120."]


def test_numbers_of_many_digits_are_held_apart_exactly():
    pi = "3.1415926535897932384626433832794"
    (found,) = said(of("U", "x", (f"< {pi}", '"a"'), (f"> {pi}", '"b"')), X)
    assert found.startswith("No row answers, where x is 3.1415926535897932384626433832794")


def test_a_bound_that_is_another_fact_is_shown_by_facts_or_told_as_unproven():
    found = said(of("F", "x y", (">= y", "-", '"over"'), ("-", "-", '"under"')), X, Y)
    assert not any("No row answers" in one for one in found)
    assert all("never decides" not in one or "can say" in one for one in found)


@pytest.mark.parametrize("cell", ["? != 47", "not(47)", "? < 47 or ? > 47"])
def test_what_a_test_says_of_its_own_value_by_comparing_is_decided(cell):
    assert said(of("U", "x", ("47", '"1"'), (cell, '"2"')), X) == []
