"""A rulebook's own test cases: held to what they expect, and told where they differ."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from builders import asked, book, query, row, table

from decision_tables.cases import CaseResult, answer_of, goals_of, run_case, run_cases
from decision_tables.compile import compile_rulebook
from decision_tables.rulebook import Case, Expectation
from decision_tables.table import Formula

CLUB = book(
    table(
        "door",
        "F",
        "age -> enter",
        row(">= 18", "true", flags=("old",)),
        row("16", "", referral="With a parent?"),
    ),
    table(
        "house",
        "C",
        "age member -> duties.id",
        ("-", "-", '"H1"'),
        ("> 60", "-", '"H2"'),
        ("-", "true", '"H3"'),
        ("-", "true", '"H1"'),
    ),
    table("fee", "U", "member -> fee", ("true", "12.50")),
    table("clash", "U", "age -> clash", ("-", "1"), ("99", "2")),
    facts=[asked("age", "number"), asked("member", "boolean")],
    queries=(query("entry", "enter duties"),),
)


def result(facts: dict[str, Any], **expect: Any) -> CaseResult:
    program = compile_rulebook(CLUB)
    return run_case(program, Case("K", "a case", facts, "2020-06-01", expect=Expectation(**expect)))


def differences(facts: dict[str, Any], **expect: Any) -> tuple[str, ...]:
    return result(facts, **expect).differences


def test_a_case_that_expects_what_is_answered_passes():
    found = result(
        {"age": 20, "member": True},
        conclusions={"enter": True, "fee": Decimal("12.5")},
        certain={"duties": ("H1", "H3")},
        lacks={"duties": ("H2",)},
        flags=("old",),
        unflagged=("new",),
    )
    assert found.passed
    assert found.answer is not None


def test_what_is_not_named_may_be_anything():
    assert result({"age": 99}).passed


@pytest.mark.parametrize(
    ("facts", "expect", "difference"),
    [
        ({"age": 20}, {"conclusions": {"enter": False}}, "`enter` should be false, and is true."),
        ({}, {"conclusions": {"enter": True}}, "`enter` should be true, and is open, waiting for `age`."),
        ({"age": 16}, {"conclusions": {"enter": True}}, "`enter` should be true, and is left to judgement."),
        ({"age": 99}, {"conclusions": {"clash": 1}}, "`clash` should be 1, and is contradicted."),
        ({"member": True}, {"conclusions": {"fee": True}}, "`fee` should be true, and is 12.5"),
        ({"age": 3}, {"undetermined": ("enter",)}, "`enter` should be open, and is null."),
        ({"age": 20}, {"referred": ("enter",)}, "`enter` should be left to judgement, and is true."),
        (
            {"age": 20},
            {"certain": {"duties": ("H2",)}},
            "`duties` should surely hold H2, and surely holds `H1`.",
        ),
        (
            {"age": 20},
            {"certain": {"duties": ("H3",)}},
            "`duties` should surely hold H3, and surely holds `H1`.",
        ),
        (
            {"age": 20},
            {"possible": {"duties": ("H1",)}},
            "`duties` should possibly hold H1, and possibly holds `H3`.",
        ),
        ({"age": 20}, {"lacks": {"duties": ("H3",)}}, "`duties` should not hold H3, and does."),
        ({"age": 3}, {"flags": ("old",)}, "The answer should be flagged `old`, and is flagged nothing."),
        ({"age": 20}, {"unflagged": ("old",)}, "The answer should not be flagged `old`."),
    ],
)
def test_each_expectation_that_does_not_hold_is_told_in_a_sentence(facts, expect, difference):
    (told,) = differences(facts, **expect)
    assert told.startswith(difference.rstrip("."))


def test_all_differences_are_told_at_once():
    assert len(differences({"age": 20}, conclusions={"enter": False, "fee": 1}, flags=("new",))) == 3


def test_possible_and_referred_and_open_pass_where_they_are():
    assert not differences(
        {"age": 16}, referred=("enter",), possible={"duties": ("H3",)}, undetermined=("duties",)
    )


def test_true_is_not_one_in_what_a_case_expects():
    assert differences({"age": 20}, conclusions={"enter": 1}) == ("`enter` should be 1, and is true.",)


def test_a_case_that_cannot_be_answered_differs_by_the_reason():
    slow = book(Formula("f", "c", "count(for i in 1..10000000 return i * x)"), facts=[asked("x")])
    case = Case("K", "a case", {"x": 1}, "2020-06-01", expect=Expectation(conclusions={"c": 1}))
    found = run_case(compile_rulebook(slow), case)
    assert (found.answer, found.passed) == (None, False)
    assert "steps" in found.differences[0]


def test_a_case_asks_all_queries_and_whatever_it_expects():
    expect = Expectation(conclusions={"fee": 1}, lacks={"duties": ()}, referred=("clash",))
    program = compile_rulebook(CLUB)
    assert goals_of(program, Case("K", "a case", expect=expect)) == ("enter", "duties", "fee", "clash")


def test_a_case_is_judged_by_all_that_will_ever_be_known_unless_it_says_by_what():
    late = row("-", "1", known=("2030-01-01", ""))
    rulebook = book(table("t", "U", "x -> c", late), queries=(query("q", "c"),))
    program = compile_rulebook(rulebook)
    assert answer_of(program, Case("K", "k", as_of="2020-01-01"), {}).conclusions == {"c": 1}
    judged = Case("K", "k", as_of="2020-01-01", known_on="2020-01-01")
    assert answer_of(program, judged, {}).conclusions == {"c": None}


def test_cases_are_run_in_order():
    cases = tuple(
        Case(key, key, {"age": 20}, "2020-06-01", expect=Expectation(conclusions={"enter": wanted}))
        for key, wanted in (("B", True), ("A", False))
    )
    from dataclasses import replace

    program = compile_rulebook(replace(CLUB, cases=cases))
    assert [(found.case.id, found.passed) for found in run_cases(program)] == [("B", True), ("A", False)]
