"""Derivations as trees: everything an answer rests on is told, and told once."""

from dataclasses import replace
from datetime import UTC, date, datetime

from admin.proof import proof_of, shown
from decision_tables.chain import Case, walk
from decision_tables.compile import compile_rulebook
from decision_tables.explain import answer
from decision_tables.feel.values import UNKNOWN
from decision_tables.rulebook import Rulebook
from decision_tables.table import HitPolicy, Input, Output, Rule, Table
from decision_tables.vocabulary import Fact
from tests.service.fees import FEES


def table(key, reads, *rows, policy=HitPolicy.UNIQUE, concludes=None):
    concluded = concludes or [key]
    return Table(
        key,
        policy,
        tuple(Input(name, name) for name in reads),
        tuple(Output(name, name) for name in concluded),
        tuple(Rule(f"{key}{n}", tests, outputs) for n, (tests, outputs) in enumerate(rows, 1)),
    )


CHAIN = Rulebook(
    "chain",
    facts=tuple(Fact(key) for key in ("a", "b", "c", "d", "e")),
    tables=(
        table("b", ["a"], (("true",), ("1", "2")), concludes=["b", "c"]),
        table("d", ["b", "c"], (("1", "2"), ('"yes"',))),
        table("e", ["d", "a"], (('"yes"', "-"), ('"too"',))),
    ),
)


def answered(rulebook, goals, facts):
    program = compile_rulebook(rulebook)
    case = Case(
        program,
        program.accept(facts),
        as_of=date(2026, 1, 1),
        known_on=date(2026, 1, 1),
        instant=datetime(2026, 1, 1, tzinfo=UTC),
        closure=program.closure(goals, frozenset(facts)),
    )
    walk(case, case.closure)
    return answer(case, goals, explain="full")


def test_a_tree_leads_from_the_goal_down_to_what_was_given():
    (goal,) = proof_of(answered(CHAIN, ("e",), {"a": True}), ("e",), {"a": True})
    assert (goal.fact, goal.value, goal.applied[0].because.rule) == ("e", "too", "e1")
    (tested,) = goal.applied[0].tested
    assert (tested.met.on, tested.value, tested.step.applied[0].because.rule) == ("d", "yes", "d1")
    b, c = tested.step.applied[0].tested
    assert b.step.applied[0].tested[0].step is None, "a was given: the test says all there is to say"
    assert b.step.applied[0].tested[0].value is True
    assert c.step.applied[0].told_above, "b and c come of the same row"


def test_what_two_goals_rest_on_is_unfolded_once():
    found = answered(CHAIN, ("d", "e"), {"a": True})
    first, second = proof_of(found, ("d", "e"), {"a": True})
    assert not first.told_above
    assert second.applied[0].tested[0].step.told_above


def test_every_step_of_the_answer_is_in_the_trees():
    for goals, facts in ((("e", "d", "b"), {"a": True}), (("e",), {"b": 1, "c": 2})):
        found = answered(CHAIN, goals, facts)
        seen = set()

        def visit(step, seen=seen):
            for one in step.applied:
                seen.add((step.fact, one.because.table, one.because.rule))
                for below in (*(tested.step for tested in one.tested if tested.step), *one.rests_on):
                    visit(below)

        for step in proof_of(found, goals, facts):
            visit(step)
        assert seen == {(because.fact, because.table, because.rule) for because in found.because}


LISTS = Rulebook(
    "lists",
    facts=(Fact("a"), Fact("found", "list")),
    tables=tuple(
        table(key, ["a"], *rows, policy=HitPolicy.COLLECT, concludes=["found"])
        for key, rows in (("one", ((("1",), ('"x"',)), (("1,2",), ('"y"',)))), ("two", ((("2",), ('"z"',)),)))
    ),
)


def test_a_list_tells_each_rule_that_added_to_it():
    (step,) = proof_of(answered(LISTS, ("found",), {"a": 1}), ("found",), {"a": 1})
    assert [(one.because.rule, one.value) for one in step.applied] == [("one1", "x"), ("one2", "y")]
    assert step.entries


def test_an_empty_list_names_the_tables_that_add_nothing_to_it():
    (step,) = proof_of(answered(LISTS, ("found",), {"a": 3}), ("found",), {"a": 3})
    assert (step.applied, step.silent, step.value, step.entries) == ((), ("one", "two"), [], False)


def test_rules_that_say_the_same_are_told_under_one_value():
    agreeing = replace(
        LISTS,
        facts=(Fact("a"), Fact("found")),
        tables=(
            table(
                "one",
                ["a"],
                (("1",), ('"x"',)),
                (("-",), ('"x"',)),
                policy=HitPolicy.ANY,
                concludes=["found"],
            ),
        ),
    )
    (step,) = proof_of(answered(agreeing, ("found",), {"a": 1}), ("found",), {"a": 1})
    assert (step.value, step.entries, len(step.applied)) == ("x", False, 2)


def test_of_a_list_that_is_open_only_what_is_certain_is_told():
    found = answered(FEES, ("papers",), {})
    assert "papers" in found.undetermined
    (step,) = proof_of(found, ("papers",), {})
    assert [one.because.rule for one in step.applied] == ["P1"]
    open_list = replace(LISTS, tables=(LISTS.tables[0], replace(LISTS.tables[1], inputs=(Input("b", "b"),))))
    open_list = replace(open_list, facts=(*LISTS.facts, Fact("b")))
    found = answered(open_list, ("found",), {"a": 3})
    assert "found" in found.undetermined
    assert proof_of(found, ("found",), {"a": 3}) == ()


def test_goals_without_a_derivation_have_no_tree():
    assert proof_of(answered(FEES, ("fee", "zone"), {}), ("fee", "zone"), {}) == ()


def test_a_value_is_shown_without_its_unknown_parts():
    assert shown({"id": "x", "cost": UNKNOWN}) == {"id": "x"}
    assert shown([UNKNOWN, True]) == [None, True]
