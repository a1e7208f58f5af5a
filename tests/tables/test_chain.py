"""Forward chaining: what known facts come to, whoever gives or concludes them, and on which dates."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from builders import asked, book, case_of, decide, row, table

from decision_tables.chain import Case
from decision_tables.compile import compile_rulebook
from decision_tables.errors import BudgetExhausted
from decision_tables.explain import answer
from decision_tables.table import Formula


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# -- several nodes, one fact ----------------------------------------------------------------------------------


def speaker(key: str, outcome: str = '"a"', **marks):
    """A table that concludes c from its own fact."""
    return table(key, "U", f"{key}_holds -> c", ("true", outcome), **marks)


def test_a_fact_waits_for_every_contributor():
    rulebook = book(speaker("t"), speaker("u"))
    assert decide(rulebook, "c", t_holds=True).status == "undetermined"
    assert decide(rulebook, "c", t_holds=True, u_holds=True).conclusions == {"c": "a"}


def test_a_contributor_without_an_opinion_leaves_the_fact_to_the_others():
    rulebook = book(speaker("t"), speaker("u"))
    found = decide(rulebook, "c", t_holds=True, u_holds=False)
    assert found.conclusions == {"c": "a"}
    assert found.warnings == ()


def test_a_fact_on_which_no_contributor_has_an_opinion_is_null_with_a_warning_of_each():
    found = decide(book(speaker("t"), speaker("u")), "c", t_holds=False, u_holds=False)
    assert found.conclusions == {"c": None}
    assert [(warning.code, warning.table) for warning in found.warnings] == [
        ("table/no-rule", "t"),
        ("table/no-rule", "u"),
    ]


def test_an_outcome_of_null_is_an_opinion():
    rulebook = book(speaker("t"), speaker("u", "null"))
    found = decide(rulebook, "c", t_holds=True, u_holds=True)
    assert found.status == "conflict"
    alone = decide(rulebook, "c", t_holds=False, u_holds=True)
    assert alone.conclusions == {"c": None}
    assert alone.warnings == ()


def test_null_and_silence_are_two_things_where_another_table_may_still_speak():
    undecided = table("t", "F", "x -> c", ("true", "null"))
    rulebook = book(undecided, speaker("u"))
    assert decide(rulebook, "c", u_holds=False).status == "undetermined"
    assert decide(rulebook, "c", u_holds=True, x=True).status == "conflict"
    assert decide(rulebook, "c", u_holds=True, x=False).conclusions == {"c": "a"}


def test_a_fact_that_an_open_contributor_is_silent_about_stays_unknown_if_nobody_else_speaks():
    rulebook = book(speaker("t", open=True), speaker("u"))
    assert decide(rulebook, "c", t_holds=False, u_holds=False).status == "undetermined"
    assert decide(rulebook, "c", t_holds=False, u_holds=True).conclusions == {"c": "a"}


def test_contributors_that_differ_are_in_conflict_and_all_their_rules_are_named():
    found = decide(book(speaker("t"), speaker("u", '"b"')), "c", t_holds=True, u_holds=True)
    assert [(conflict.fact, conflict.rules) for conflict in found.conflicts] == [
        ("c", (("t", "r1"), ("u", "r1")))
    ]


def test_a_default_that_disagrees_with_another_table_is_named_as_no_rule():
    found = decide(book(speaker("t"), speaker("u", default={"c": '"z"'})), "c", t_holds=True, u_holds=False)
    assert found.conflicts[0].rules == (("t", "r1"), ("u", ""))


def test_a_formula_contributes_as_a_table_does():
    rulebook = book(speaker("t"), Formula("f", "c", 'if x then "a" else "b"'), facts=[asked("x")])
    assert decide(rulebook, "c", t_holds=True, x=True).conclusions == {"c": "a"}
    assert decide(rulebook, "c", t_holds=True, x=False).conflicts[0].rules == (("t", "r1"), ("f", ""))


def test_lists_join_by_node_and_then_by_row():
    late = table("t", "C", "x -> c", ("-", '"t1"'), ("-", '"t2"'))
    early = table("u", "R", "y -> c", ("-", '"u1"'), ("-", '"u2"'))
    feeder = table("v", "U", "z -> x", ("-", "1"))
    program = compile_rulebook(book(late, early, feeder))
    order = [node.key for node in program.nodes if node.key in {"t", "u"}]
    joined = decide(program, "c").conclusions["c"]
    assert joined == [f"{key}{place}" for key in order for place in (1, 2)]
    assert order == ["u", "t"], "the node that reads another's fact comes later, wherever it was written"


def test_a_list_is_open_while_one_of_its_tables_is():
    rulebook = book(table("t", "C", "x -> c", ("-", '"a"')), table("u", "C", "y -> c", ("true", '"b"')))
    found = decide(rulebook, "c")
    assert [entry.value for entry in found.undetermined["c"].certain] == ["a"]
    assert [entry.value for entry in found.undetermined["c"].possible] == ["b"]
    assert decide(rulebook, "c", y=False).conclusions == {"c": ["a"]}


def test_an_answer_beside_a_referral_is_left_to_judgement_and_every_question_is_listed():
    refers = [table(key, "U", f"{key}_holds -> c", row("true", "", referral=f"{key}?")) for key in ("v", "u")]
    found = decide(book(speaker("t"), *refers), "c", t_holds=True, u_holds=True, v_holds=True)
    assert found.undetermined["c"].reason == "referral"
    assert sorted(referral.question for referral in found.referrals) == ["u?", "v?"]
    judged = decide(book(speaker("t"), *refers), "c", t_holds=True, u_holds=True, v_holds=True, c="x")
    assert (judged.conclusions, judged.referrals) == ({"c": "x"}, ())


# -- conflict -------------------------------------------------------------------------------------------------


def contradictory(key: str, columns: str = "x -> c"):
    width = len(columns.split("->")[1].split())
    return table(key, "U", columns, row("true", *['"a"'] * width), row("true", *['"b"'] * width))


def test_whatever_reads_a_contradicted_fact_is_open_because_of_the_conflict():
    found = decide(book(contradictory("t"), table("u", "U", "c -> d", ('"a"', "1"))), "d", x=True)
    assert found.status == "conflict"
    assert found.undetermined["d"].reason == "conflict"
    assert found.missing == ()


def test_the_decision_goes_on_beside_a_conflict():
    rulebook = book(contradictory("t"), table("u", "U", "x -> d", ("true", "1")))
    found = decide(rulebook, "c d", x=True)
    assert found.conclusions == {"d": Decimal(1)}
    assert found.status == "conflict"


def test_a_conflict_that_no_goal_rests_on_is_listed_and_does_not_make_the_status():
    goal = table("u", "F", "x c -> d", ("true", "-", "1"), ("-", '"a"', "2"))
    found = decide(book(contradictory("t"), goal), "d", x=True)
    assert found.status == "determined"
    assert [conflict.fact for conflict in found.conflicts] == ["c"]
    brief = decide(book(contradictory("t"), goal), "d", x=True, _explain="none")
    assert brief.conflicts == found.conflicts


def test_conflicts_are_listed_by_table_and_rule_and_once_for_each_fact():
    rulebook = book(
        contradictory("zeta", "x -> c"),
        contradictory("alpha", "x -> d e"),
        Formula("f", "g", "[c, d, e]"),
        facts=[asked("g")],
    )
    found = decide(rulebook, "g", x=True)
    assert [(conflict.fact, conflict.rules[0]) for conflict in found.conflicts] == [
        ("d", ("alpha", "r1")),
        ("e", ("alpha", "r1")),
        ("c", ("zeta", "r1")),
    ]


def test_a_table_that_contradicts_itself_is_told_while_another_contributor_is_still_open():
    rulebook = book(contradictory("t"), speaker("u"))
    found = decide(rulebook, "c", x=True)
    assert found.status == "conflict"
    assert [conflict.rules for conflict in found.conflicts] == [(("t", "r1"), ("t", "r2"))]
    assert found.missing == ()
    more = decide(rulebook, "c", x=True, u_holds=True)
    assert more.conflicts == found.conflicts


def test_each_table_that_contradicts_itself_has_a_conflict_of_its_own():
    rulebook = book(contradictory("t"), contradictory("u", "y -> c"))
    first = decide(rulebook, "c", x=True)
    both = decide(rulebook, "c", x=True, y=True)
    assert [{table for table, _ in conflict.rules} for conflict in both.conflicts] == [{"t"}, {"u"}]
    assert set(first.conflicts) < set(both.conflicts), "what was a conflict stays what it was"


def test_a_conflict_behind_a_fact_that_can_be_asked_makes_the_status_and_the_fact_is_asked():
    rulebook = book(
        contradictory("t"),
        table("u", "U", "c -> k", ('"a"', "1")),
        table("v", "U", "k -> g", ("1", '"yes"')),
        facts=[asked("k")],
    )
    found = decide(rulebook, "g", x=True)
    assert found.status == "conflict"
    assert [missing.fact for missing in found.missing] == ["k"]
    assert decide(rulebook, "g", x=True, k=1).conclusions == {"g": "yes"}


# -- given beats concluded ------------------------------------------------------------------------------------


def test_a_given_fact_stands_against_the_tables():
    found = decide(book(speaker("t")), "c", t_holds=True, c="mine")
    assert found.conclusions == {"c": "mine"}


def test_a_node_all_of_whose_facts_are_given_is_not_evaluated_and_cannot_conflict():
    program = compile_rulebook(book(contradictory("t"), table("u", "U", "c -> d", ('"a"', "1"))))
    case = case_of(program, ("d",), {"x": True, "c": "a"})
    assert [program.nodes[n].key for n in case.fired] == ["u"]
    assert answer(case, ("d",)).conflicts == ()


def test_a_node_one_of_whose_facts_is_given_still_concludes_the_others():
    rulebook = book(table("t", "U", "x -> c d", ("true", '"a"', '"b"')))
    assert decide(rulebook, "c d", x=True, c="mine").conclusions == {"c": "mine", "d": "b"}


def test_given_facts_stop_the_closure():
    program = compile_rulebook(book(speaker("t"), table("u", "U", "c -> d", ("-", "1"))))
    keys = [
        [program.nodes[n].key for n in program.closure(("d",), frozenset(given))] for given in ((), ("c",))
    ]
    assert keys == [["t", "u"], ["u"]]


# -- closed mode ----------------------------------------------------------------------------------------------


def test_in_closed_mode_what_is_not_given_is_null():
    rulebook = book(table("t", "U", "x -> c", ("null", '"none"'), ("not(null)", '"some"')))
    assert decide(rulebook, "c").status == "undetermined"
    assert decide(rulebook, "c", _absent="null").conclusions == {"c": "none"}
    assert decide(rulebook, "c", x=1, _absent="null").conclusions == {"c": "some"}


def test_in_closed_mode_a_goal_that_is_a_mere_input_is_null_whether_a_table_reads_it_or_not():
    rulebook = book(table("t", "U", "x -> c", ("null", '"none"')), facts=[asked("y")])
    assert decide(rulebook, "x y c", _absent="null").conclusions == {"x": None, "y": None, "c": "none"}


def test_once_one_contributor_refers_a_matter_nothing_more_is_asked_for_it():
    rulebook = book(
        table("t", "F", "x -> c", row("-", "", referral="Who decides?")),
        table("u", "U", "y -> c", ("1", '"a"')),
    )
    found = decide(rulebook, "c", x=1)
    assert found.undetermined["c"].reason == "referral"
    assert [referral.question for referral in found.referrals] == ["Who decides?"]
    assert found.missing == ()


def test_in_closed_mode_a_catalogue_that_says_nothing_leaves_null():
    rulebook = book(speaker("t", open=True), table("u", "U", "c -> d", ("null", '"none"')))
    assert decide(rulebook, "d", t_holds=False).status == "undetermined"
    assert decide(rulebook, "d", t_holds=False, _absent="null").conclusions == {"d": "none"}


def test_in_closed_mode_what_a_table_may_yet_conclude_is_not_taken_for_null():
    rulebook = book(
        table("t", "U", "x -> c", ("1", '"one"'), ("1", '"uno"')), table("u", "U", "c -> d", ("null", "1"))
    )
    assert decide(rulebook, "d", x=1, _absent="null").status == "conflict"


# -- cycles ---------------------------------------------------------------------------------------------------


def test_what_is_grounded_outside_a_cycle_is_concluded_round_it():
    rulebook = book(
        table("t", "F", "x d -> c", ("true", "-", "true"), ("-", "true", "true")),
        table("u", "F", "c -> d", ("true", "true")),
    )
    assert decide(rulebook, "c d", x=True).conclusions == {"c": True, "d": True}
    assert decide(rulebook, "c d", x=False).conclusions == {}


def test_a_warning_of_a_cycle_is_told_once_however_often_its_nodes_fire():
    rulebook = book(
        table("t", "C", "x d -> c", ("> 1", "-", '"a"'), ("-", "true", '"b"')),
        table("u", "F", "c -> d", ("-", "true")),
    )
    program = compile_rulebook(rulebook)
    case = case_of(program, ("c",), {"x": "text"})
    once = answer(case, ("c",)).warnings
    for n in (*case.closure, *case.closure):
        case.fire(n)
    assert answer(case, ("c",)).warnings == once
    assert {warning.code for warning in once} == {"feel/type", "feel/no-value"}


# -- dates ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clock", ["valid", "known"])
@pytest.mark.parametrize(
    ("date", "expected"),
    [("2020-01-31", None), ("2020-02-01", "a"), ("2020-02-29", "a"), ("2020-03-01", None)],
)
def test_a_rule_takes_part_from_its_first_day_until_the_day_before_its_end(clock, date, expected):
    rulebook = book(table("t", "U", "x -> c", row("-", '"a"', **{clock: ("2020-02-01", "2020-03-01")})))
    dates = {"_as_of" if clock == "valid" else "_known_on": day(date)}
    assert decide(rulebook, "c", **dates).conclusions == {"c": expected}


def test_an_open_end_holds_for_ever():
    rulebook = book(table("t", "U", "x -> c", row("-", '"a"', valid=("", "2020-03-01"))))
    assert decide(rulebook, "c", _as_of=dt.date.min).conclusions == {"c": "a"}
    rulebook = book(table("t", "U", "x -> c", row("-", '"a"', known=("2020-03-01", ""))))
    assert decide(rulebook, "c", _known_on=dt.date.max).conclusions == {"c": "a"}


def test_an_annulled_act_stood_while_it_was_not_known_to_be_void():
    act = row("-", '"keep"', valid=("2010-01-01", ""), known=("", "2014-04-08"))
    void = row("-", '"erase"', valid=("2010-01-01", ""), known=("2014-04-08", ""))
    rulebook = book(table("t", "U", "x -> c", act, void))
    in_2012 = day("2012-06-01")
    assert decide(rulebook, "c", _as_of=in_2012, _known_on=in_2012).conclusions == {"c": "keep"}
    assert decide(rulebook, "c", _as_of=in_2012, _known_on=day("2020-01-01")).conclusions == {"c": "erase"}


# -- budgets --------------------------------------------------------------------------------------------------


def test_an_exhausted_budget_is_kept_and_raised_when_the_answer_is_read():
    counting = Formula("f", "c", "count(for i in 1..100000 return i * x)")
    program = compile_rulebook(book(counting, Formula("g", "d", "c + 1"), facts=[asked("x"), asked("d")]))
    case = case_of(program, ("c", "d"), {"x": 1}, steps=1000)
    assert isinstance(case.failure, BudgetExhausted)
    assert set(case.fired) == set(case.closure), "every node of the closure is accounted for"
    with pytest.raises(BudgetExhausted):
        answer(case, ("c", "d"))


def test_the_budget_is_that_of_the_whole_decision():
    formulas = [Formula(f"f{n}", f"c{n}", "count(for i in 1..1000 return i * x)") for n in range(5)]
    program = compile_rulebook(book(*formulas, facts=[asked("x")]))
    goals = tuple(f"c{n}" for n in range(5))
    alone = case_of(program, goals[:1], {"x": 1})
    used = 1_000_000 - alone.run.steps
    assert used > 0
    assert case_of(program, goals, {"x": 1}, steps=5 * used).failure is None
    assert case_of(program, goals, {"x": 1}, steps=4 * used).failure is not None


def test_a_case_keeps_what_was_given_apart_from_what_it_concludes():
    program = compile_rulebook(book(speaker("t")))
    given = {"t_holds": True}
    case = case_of(program, ("c",), given)
    assert isinstance(case, Case)
    assert case.facts == {"t_holds": True, "c": "a"}
    assert given == {"t_holds": True}
