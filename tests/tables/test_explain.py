"""Why, why not, what to ask next, and how long an answer holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from builders import asked, book, case_of, decide, row, table

from decision_tables.compile import compile_rulebook
from decision_tables.errors import BudgetExhausted
from decision_tables.explain import Entry, answer, entry_json
from decision_tables.feel.values import UNKNOWN
from decision_tables.table import Formula, Note


def questions(rulebook, goals: str, /, **facts) -> list[str]:
    return [missing.fact for missing in decide(rulebook, goals, **facts).missing]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# -- why ------------------------------------------------------------------------------------------------------

CHAINED = book(
    table(
        "kind",
        "U",
        "age -> adult",
        row(">= 18", "true", citation="art. 1", note="n", confidence="V"),
        ("[0..18)", "false"),
    ),
    table(
        "door",
        "F",
        "adult member -> enter",
        row("true", "-", '"yes"', citation="art. 2"),
        ("-", "true", '"no"'),
    ),
    facts=[asked("age", "number"), asked("member", "boolean")],
)


def test_what_a_rule_says_in_the_tables_own_notes_is_told_with_it():
    noted = table("t", "U", "x -> d", row("1", "1", notes=("", "Bulletin 3")), row("2", "2"))
    noted = replace(noted, notes=(Note("why"), Note("source"), Note("seen")))
    told = [decide(book(noted, facts=[asked("x", "number")]), "d", x=x).because[0].notes for x in (1, 2, 3)]
    assert told == [(("source", "Bulletin 3"),), (), ()]


def test_a_derivation_names_rule_tests_values_citation_and_what_it_rests_on():
    (door, kind) = decide(CHAINED, "enter", age=20).because
    assert (door.fact, door.value, door.table, door.rule, door.citation) == (
        "enter",
        "yes",
        "door",
        "r1",
        "art. 2",
    )
    assert [(test.on, test.value, test.test, test.holds) for test in door.tests] == [
        ("adult", True, "true", True)
    ]
    assert door.rests_on == ("adult",)
    assert (kind.fact, kind.citation, kind.note, kind.confidence, kind.certain) == (
        "adult",
        "art. 1",
        "n",
        "V",
        True,
    )
    assert [(test.on, test.value, test.test) for test in kind.tests] == [("age", Decimal(20), ">= 18")]
    assert kind.rests_on == ("age",)


def test_a_full_explanation_goes_down_to_the_given_facts_and_a_brief_one_stays_with_the_goals():
    assert [step.fact for step in decide(CHAINED, "enter", age=20).because] == ["enter", "adult"]
    assert [step.fact for step in decide(CHAINED, "enter", age=20, _explain="brief").because] == ["enter"]
    assert decide(CHAINED, "enter", age=20, _explain="none").because == ()


def test_rules_that_may_hold_and_agree_are_all_told_as_uncertain():
    rulebook = book(table("t", "F", "x y -> c", ("true", "-", '"a"'), ("-", "true", '"a"')))
    steps = decide(rulebook, "c", y=True).because
    assert [(step.rule, step.certain) for step in steps] == [("r1", False), ("r2", True)]
    assert steps[0].tests[0].holds is None
    assert steps[0].tests[0].value is UNKNOWN


def test_a_fact_that_is_null_by_absence_of_a_rule_rests_on_all_that_the_table_reads():
    (step,) = decide(CHAINED, "adult", age=-1).because
    assert (step.value, step.rule, step.tests, step.rests_on, step.certain) == (None, "", (), ("age",), True)


def test_each_entry_of_a_list_has_its_own_rule():
    rulebook = book(table("t", "C", "x -> c d", ("-", '"a"', '"p"'), ("-", "", '"q"'), ("-", '"b"', "")))
    found = decide(rulebook, "c")
    assert [(step.rule, step.value) for step in found.because] == [("r1", "a"), ("r3", "b")]


def test_an_aggregate_rests_on_each_rule_that_it_adds_up():
    rulebook = book(table("t", "C+", "x -> c", ("-", "1"), ("-", "2"), ("false", "4")))
    assert [(step.rule, step.value) for step in decide(rulebook, "c", x=True).because] == [
        ("r1", 1),
        ("r2", 2),
    ]


def test_null_is_not_true():
    assert decide(CHAINED, "enter", age=-1, member=False).conclusions == {"enter": None}


def test_a_formula_is_its_own_rule():
    formula = Formula("f", "c", "x + 1", citation="annex", flags=("draft",))
    found = decide(book(formula, facts=[asked("x")]), "c", x=1)
    (step,) = found.because
    assert (step.table, step.rule, step.citation, step.rests_on) == ("f", "", "annex", ("x",))
    assert found.flags == ("draft",)


# -- why not --------------------------------------------------------------------------------------------------


def test_why_not_names_for_each_rule_that_would_say_otherwise_the_tests_that_failed():
    rulebook = book(
        table(
            "t", "F", "x y -> c", ("1", "1", '"a"'), ("1", "2", '"b"'), ("2", "2", '"b"'), ("-", "3", '"c"')
        )
    )
    found = decide(rulebook, "c", x=1, y=2)
    assert found.conclusions == {"c": "b"}
    assert [
        (no.rule, no.would_be, [(test.on, test.value) for test in no.failed]) for no in found.why_not
    ] == [
        ("r1", "a", [("y", Decimal(2))]),
        ("r4", "c", [("y", Decimal(2))]),
    ]
    assert decide(rulebook, "c", x=1, y=2, _explain="brief").why_not == ()


def test_why_not_tells_true_from_one():
    rulebook = book(table("t", "F", "x -> c", ("1", "1"), ("-", "true")))
    found = decide(rulebook, "c", x=2)
    assert found.conclusions == {"c": True}
    assert [no.would_be for no in found.why_not] == [Decimal(1)]


def test_why_not_leaves_out_rules_that_are_not_in_force():
    rulebook = book(table("t", "F", "x -> c", row("1", '"a"', valid=("2021-01-01", "")), ("-", '"b"')))
    assert decide(rulebook, "c", x=2).why_not == ()


# -- given beats concluded ------------------------------------------------------------------------------------


def test_the_explanation_says_that_a_given_fact_overrules_a_table():
    found = decide(CHAINED, "enter", age=20, adult=False, member=True, _explain="brief")
    assert [(over.fact, over.table, over.rules) for over in found.overruled] == [("adult", "kind", ())]


def test_a_full_explanation_says_what_the_overruled_table_would_have_said():
    (over,) = decide(CHAINED, "enter", age=20, adult=False).overruled
    assert (over.fact, over.table, over.rules, over.would_be) == ("adult", "kind", ("r1",), True)
    (goal,) = decide(CHAINED, "enter", enter="maybe").overruled
    assert (goal.fact, goal.table, goal.rules, goal.would_be) == ("enter", "door", (), UNKNOWN)


def test_what_an_overruled_table_would_have_said_rests_on_all_that_leads_to_it():
    rulebook = book(
        table("t", "U", "x -> a", ("1", '"one"')),
        table("u", "U", "a -> b", ('"one"', '"first"')),
        table("v", "U", "b -> c", ("-", '"done"')),
    )
    (over,) = decide(rulebook, "b c", x=1, b="given").overruled
    assert (over.fact, over.table, over.rules, over.would_be) == ("b", "u", ("r1",), "first")
    (brief,) = decide(rulebook, "b c", x=1, b="given", _explain="brief").overruled
    assert (brief.fact, brief.rules, brief.would_be) == ("b", (), UNKNOWN)


def test_nothing_is_overruled_by_facts_that_no_table_concludes_or_no_goal_needs():
    assert decide(CHAINED, "enter", age=20).overruled == ()
    assert decide(CHAINED, "adult", age=20, enter="yes").overruled == ()
    assert decide(CHAINED, "enter", age=20, adult=False, _explain="none").overruled == ()


# -- flags ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("explain", ["none", "brief", "full"])
def test_an_answer_carries_the_flags_of_all_rules_that_it_rests_on(explain):
    rulebook = book(
        table(
            "t",
            "F",
            "x -> c",
            row("true", '"a"', flags=("contested", "old")),
            row("-", '"b"', flags=("dead",)),
        ),
        table("u", "U", "c -> d", ('"a"', "1")),
        table("v", "U", "x -> e", row("true", "1", flags=("elsewhere",))),
    )
    assert decide(rulebook, "d", x=True, _explain=explain).flags == ("contested", "old")
    assert decide(rulebook, "d", c="a", _explain=explain).flags == ()


def test_a_rule_without_an_opinion_on_a_list_lends_it_no_flags():
    rulebook = book(table("t", "C", "x -> c d", ("-", '"a"', ""), row("-", "", '"p"', flags=("contested",))))
    assert decide(rulebook, "c").flags == ()
    assert decide(rulebook, "d").flags == ("contested",)


def test_the_flags_of_a_rule_that_refers_are_told():
    rulebook = book(
        table("t", "U", "x -> c", row("true", "", referral="Is it?", flags=("contested",), citation="8"))
    )
    found = decide(rulebook, "c", x=True)
    assert found.flags == ("contested",)
    assert found.referrals[0].citation == "8"


# -- what is missing ------------------------------------------------------------------------------------------


def ask(*keys: str):
    return [asked(key) for key in keys]


def test_questions_come_in_the_language_that_is_asked_for_with_type_and_values():
    rulebook = book(table("t", "U", "x -> c", ('"a"', "1")), facts=[asked("x", "string", '"a","b"')])
    (missing,) = decide(rulebook, "c", _language="nl").missing
    assert (missing.question, missing.type, missing.allowed, missing.settles) == (
        "x dan?",
        "string",
        ("a", "b"),
        ("c",),
    )
    assert decide(rulebook, "c", _language="fr").missing[0].question == "x?"


def test_only_facts_with_a_question_are_asked_and_all_that_is_waited_for_is_named():
    rulebook = book(table("t", "U", "x y -> c", ("1", "1", "1")), facts=ask("x"))
    found = decide(rulebook, "c")
    assert [missing.fact for missing in found.missing] == ["x"]
    assert found.undetermined["c"].waiting_for == ("x", "y")


def test_facts_that_occur_in_more_maybe_rules_are_asked_first():
    rows = (("1", "-", "-", "1"), ("-", "1", "-", "2"), ("-", "2", "-", "3"), ("-", "-", "1", "4"))
    rulebook = book(table("t", "C", "x y z -> c", *rows), facts=ask("z", "x", "y"))
    assert questions(rulebook, "c") == ["y", "z", "x"]


def test_ties_are_broken_by_the_order_of_the_vocabulary():
    rulebook = book(table("t", "U", "x y -> c", ("1", "1", "1")), facts=ask("y", "x"))
    assert questions(rulebook, "c") == ["y", "x"]


def test_a_fact_that_only_false_rules_read_is_not_asked():
    rulebook = book(
        table("t", "F", "x y z -> c", ("1", "1", "-", "1"), ("2", "-", "1", "2")), facts=ask("x", "y", "z")
    )
    assert questions(rulebook, "c", x=1) == ["y"]
    assert questions(rulebook, "c", x=2) == ["z"]


def test_a_rule_after_the_first_true_one_asks_nothing():
    rulebook = book(
        table("t", "F", "x y z -> c", ("1", "-", "-", "1"), ("-", "1", "-", "2"), ("-", "-", "1", "3")),
        facts=ask("x", "y", "z"),
    )
    assert questions(rulebook, "c", y=1) == ["x"]


def test_questions_are_found_through_concluded_facts():
    assert questions(CHAINED, "enter") == ["age", "member"]
    assert questions(CHAINED, "enter", age=3) == ["member"]


def test_a_fact_with_a_question_is_asked_even_if_a_table_could_conclude_it():
    rulebook = book(
        table("t", "U", "k -> c", ("1", "1")), table("u", "U", "x -> k", ("1", "1")), facts=ask("k", "x")
    )
    assert questions(rulebook, "c") == ["k"]


def test_the_inputs_are_asked_in_its_place_where_they_are_fewer_questions_away():
    several = book(
        table("t", "U", "k l -> c", ("1", "1", "1")),
        table("u", "U", "x -> k l", ("1", "1", "1")),
        facts=ask("k", "l", "x"),
    )
    assert questions(several, "c") == ["x"]


def test_what_is_to_be_asked_anyhow_is_no_further_question():
    rulebook = book(
        table("t", "U", "x k -> c", ("1", "1", "1")),
        table("u", "U", "x -> k", ("1", "1")),
        facts=ask("k", "x"),
    )
    assert questions(rulebook, "c") == ["x"]


def test_of_several_contributors_all_inputs_count():
    rulebook = book(
        table("t", "U", "x k -> c", ("1", "1", "1")),
        table("u", "U", "x -> k", ("1", "1")),
        table("v", "U", "y -> k", ("1", "1")),
        facts=ask("k", "x", "y"),
    )
    assert questions(rulebook, "c") == ["x", "k"]


def test_a_fact_is_asked_where_what_lies_behind_it_cannot_be():
    rulebook = book(
        table("t", "U", "x k -> c", ("1", "1", "1")),
        table("u", "U", "x y -> k", ("1", "1", "1")),
        facts=ask("k", "x"),
    )
    assert questions(rulebook, "c") == ["x", "k"]


def test_two_facts_are_asked_where_the_one_input_behind_them_cannot_be():
    rulebook = book(
        table("t", "U", "k l -> c", ("1", "1", "1")),
        table("u", "U", "y -> k l", ("1", "1", "1")),
        facts=ask("k", "l"),
    )
    assert questions(rulebook, "c") == ["k", "l"]


def test_a_fact_is_asked_where_a_judgement_stands_behind_it():
    rulebook = book(
        table("t", "U", "x k -> c", ("1", "1", "1")),
        table("u", "U", "x r -> k", ("1", "1", "1")),
        table("v", "U", "z -> r", row("-", "", referral="Is it?")),
        facts=ask("k", "x"),
    )
    found = decide(rulebook, "c")
    assert [missing.fact for missing in found.missing] == ["x", "k"]
    assert [referral.fact for referral in found.referrals] == ["r"]


def test_a_referred_goal_asks_nothing():
    rulebook = book(table("t", "U", "x y -> c", row("1", "-", "", referral="Is it?")), facts=ask("x", "y"))
    found = decide(rulebook, "c", x=1)
    assert (found.missing, found.undetermined["c"].reason) == ((), "referral")


def test_a_question_names_all_goals_that_it_settles():
    rulebook = book(
        table("t", "U", "x -> c", ("1", "1")), table("u", "U", "x -> d", ("1", "1")), facts=ask("x")
    )
    assert decide(rulebook, "c d").missing[0].settles == ("c", "d")


def test_a_long_chain_of_facts_that_can_all_be_asked_is_read_in_its_depth():
    length = 1500
    formulas = [Formula(f"n{n}", f"f{n}", f"f{n + 1} + 1") for n in range(length)]
    rulebook = book(*formulas, facts=ask(*(f"f{n}" for n in range(length + 1))))
    assert questions(rulebook, "f0") == ["f0"]


def test_a_ladder_of_facts_that_can_all_be_asked_is_read_without_trying_every_way_up():
    height = 60
    rungs = [
        Formula(f"{side}{n}", f"{side}{n}", f"a{n + 1} + b{n + 1}") for n in range(height) for side in "ab"
    ]
    goal = Formula("g", "g", "a0 + b0")
    rulebook = book(goal, *rungs, facts=ask(*(f"{side}{n}" for n in range(height + 1) for side in "ab")))
    assert questions(rulebook, "g") == ["a0", "b0"]


# -- status, warnings, entries --------------------------------------------------------------------------------


def test_the_status_tells_whether_all_some_or_none_of_the_goals_are_concluded():
    assert decide(CHAINED, "enter adult", age=20).status == "determined"
    assert decide(CHAINED, "enter adult", age=3).status == "partial"
    assert decide(CHAINED, "enter adult").status == "undetermined"


def test_a_goal_that_is_given_is_concluded():
    assert decide(CHAINED, "age", age=20).conclusions == {"age": Decimal(20)}


def test_a_warning_names_table_rule_column_and_text_of_the_cell_that_gave_it():
    rulebook = book(table("t", "C", "x -> c", ("> 1", '"a"'), ("-", "x + 1"), ("> 1", '"b"')))
    found = decide(rulebook, "c", x="text")
    places = [(w.table, w.rule, w.column, w.text) for w in found.warnings if w.code == "feel/type"]
    assert places == [("t", "r1", "x", "> 1"), ("t", "r3", "x", "> 1"), ("t", "r2", "c", "x + 1")]
    assert found.conclusions == {"c": [None]}


def test_a_constant_outcome_that_fails_is_told_of_each_rule_that_has_it():
    found = decide(book(table("t", "C", "x -> c", ("-", "1 / 0"), ("-", "1 / 0"))), "c")
    assert found.conclusions == {"c": [None, None]}
    assert {(warning.rule, warning.text) for warning in found.warnings} == {("r1", "1 / 0"), ("r2", "1 / 0")}


def test_a_test_without_an_answer_counts_as_false():
    rulebook = book(table("t", "F", "x -> c", ("> 1", '"a"'), ("not(> 1)", '"b"'), ("-", '"c"')))
    found = decide(rulebook, "c", x="text")
    assert found.conclusions == {"c": "c"}
    assert {warning.rule for warning in found.warnings} == {"r1", "r2"}


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        (Entry({"id": "a"}, "t", "r1"), {"id": "a"}),
        (Entry(UNKNOWN, "t", "r1", {"": ("x",)}), {"value": None, "waiting_for": ["x"]}),
        (
            Entry({"id": "a", "part": UNKNOWN}, "t", "r1", {"part": ("x", "y")}),
            {"id": "a", "part": None, "waiting_for": {"part": ["x", "y"]}},
        ),
    ],
)
def test_an_entry_as_json_says_what_its_unknown_parts_wait_for(entry, shown):
    assert entry_json(entry) == shown


# -- how long an answer holds ---------------------------------------------------------------------------------


def test_an_answer_holds_while_the_same_rules_are_in_force_in_all_its_tables():
    rulebook = book(
        table("t", "F", "x -> c", row("1", '"a"', valid=("2019-01-01", "2022-01-01")), ("-", '"b"')),
        table("u", "F", "c -> d", row("-", "1", valid=("2020-03-01", "2030-01-01"))),
        table("v", "F", "x -> e", row("-", "1", valid=("2020-05-01", "2020-07-01"))),
    )
    found = decide(rulebook, "d", x=5)
    assert (found.holds_from, found.holds_until, found.holds_known) == (
        day("2020-03-01"),
        day("2022-01-01"),
        True,
    )
    later = decide(rulebook, "d", x=5, _as_of=day("2022-01-01"))
    assert (later.holds_from, later.holds_until) == (day("2022-01-01"), day("2030-01-01"))
    assert decide(rulebook, "d", c="a").holds_until == day("2030-01-01"), "given facts leave their tables out"


def test_rules_that_were_not_known_do_not_bound_how_long_an_answer_holds():
    rule = row("1", '"a"', valid=("2020-03-01", "2020-09-01"), known=("2021-01-01", ""))
    rulebook = book(table("t", "F", "x -> c", rule, ("-", '"b"')))
    found = decide(rulebook, "c", x=2, _known_on=day("2020-06-01"))
    assert (found.holds_from, found.holds_until, found.holds_known) == (None, None, True)
    found = decide(rulebook, "c", x=2, _known_on=day("2021-06-01"))
    assert (found.holds_from, found.holds_until) == (day("2020-03-01"), day("2020-09-01"))


@pytest.mark.parametrize("clock", ["today()", "now()", "as_of", "known_on"])
def test_where_a_conclusion_reads_a_clock_no_interval_is_told(clock):
    rulebook = book(Formula("f", "c", f"string({clock})"), Formula("g", "d", "1"))
    found = decide(rulebook, "c")
    assert (found.holds_from, found.holds_until, found.holds_known) == (None, None, False)
    assert [warning.code for warning in found.warnings] == ["horizon/unknown"]
    assert decide(rulebook, "d").holds_known


def test_an_explanation_that_exhausts_the_budget_is_no_answer():
    rulebook = book(
        table("t", "F", "x -> c", ("1", "count(for i in 1..1000 return i * x)"), ("-", "1")), facts=ask("x")
    )
    program = compile_rulebook(rulebook)
    case = case_of(program, ("c",), {"x": 2}, steps=50)
    assert answer(case, ("c",), explain="brief").conclusions == {"c": Decimal(1)}
    with pytest.raises(BudgetExhausted):
        answer(case, ("c",), explain="full")
