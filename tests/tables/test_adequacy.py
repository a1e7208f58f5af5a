"""How well cases test tables: coverage, pairs of situations, mutants, and the cases that kill them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from builders import asked, book, query, row, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import DAYS, GIVEN, rulebooks, values

from decision_tables.adequacy import (
    Judged,
    Mutant,
    MutantKind,
    Mutation,
    Pair,
    Unkilled,
    Unpaired,
    case_that_kills,
    coverage,
    mutants_of,
    pairs,
)
from decision_tables.adequacy.coverage import fires
from decision_tables.cases import driven, expectation_of, run_case
from decision_tables.compile import check, compile_rulebook
from decision_tables.errors import DecidableError
from decision_tables.feel.values import UNKNOWN
from decision_tables.rulebook import Case, Expectation, Rulebook, document_of
from decision_tables.table import Formula, HitPolicy

if TYPE_CHECKING:
    from decision_tables.program import Program

SLOW = settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))

FEES = book(
    table(
        "group",
        "F",
        "age resident -> group",
        (">= 65", "-", '"senior"'),
        ("[18..65)", "true", '"adult"'),
        ("< 18", "-", '"minor"'),
    ),
    table("fee", "U", "group member -> fee", ('"senior","minor"', "-", "5"), ('"adult"', "true", "10")),
    facts=[
        asked("age", "number", ">= 0"),
        asked("resident", "boolean"),
        asked("group", "string", '"senior","adult","minor"'),
        asked("member", "boolean"),
    ],
    queries=(query("q", "fee"),),
)
"""A small chain; of `group` nobody is asked."""
FEES = replace(
    FEES,
    facts=tuple(
        replace(fact, question=type(fact.question)()) if fact.key == "group" else fact for fact in FEES.facts
    ),
)


def case(key: str, facts: dict[str, Any], rulebook: Rulebook = FEES, as_of: str = "2020-06-01") -> Case:
    """A case that expects all that its rulebook concludes."""
    program = compile_rulebook(replace(rulebook, cases=()))
    bare = Case(key, key, facts, as_of)
    return replace(bare, expect=expectation_of(program, bare, tuple(program.concluded)))


def with_cases(*facts: dict[str, Any], rulebook: Rulebook = FEES) -> Program:
    cases = tuple(case(f"K{number}", one, rulebook) for number, one in enumerate(facts))
    return compile_rulebook(replace(rulebook, cases=cases))


@st.composite
def tried_out(draw: st.DrawFn) -> Program:
    """A random rulebook with random cases that pass."""
    rulebook = replace(draw(rulebooks()), absent=draw(st.sampled_from(["unknown", "unknown", "null"])))
    program = compile_rulebook(rulebook)
    days = st.sampled_from(DAYS)
    cases = []
    for number in range(draw(st.integers(0, 4))):
        facts = draw(st.dictionaries(st.sampled_from(GIVEN), values, max_size=len(GIVEN)))
        bare = Case(f"K{number}", "a case", facts, draw(days).isoformat(), draw(days).isoformat())
        cases.append(replace(bare, expect=expectation_of(program, bare, tuple(program.concluded))))
    return compile_rulebook(replace(rulebook, cases=tuple(cases)))


def brute_force(program: Program, mutant: Mutant) -> list[str]:
    """The cases that kill a mutant, each run in full by a program compiled afresh."""
    mutated = check(mutant.of(replace(program.rulebook, cases=())))[0]
    assert mutated is not None
    return [
        one.id
        for one in program.rulebook.cases
        if run_case(program, one).passed and not run_case(mutated, one).passed
    ]


def judged(program: Program, *tables: str) -> list[Judged]:
    mutation = Mutation(program)
    keys = tables or tuple(one.key for one in program.rulebook.tables)
    return [found for key in keys for found in mutation.judged(mutants_of(program, key, mutation.candidates))]


# Coverage


def test_no_cases_cover_nothing():
    found = coverage(compile_rulebook(FEES))
    assert [(one.table, one.cases, one.fired, one.seen) for one in found.tables] == [
        ("group", (), 0, 0),
        ("fee", (), 0, 0),
    ]
    assert [one.sides for one in found.tables] == [8, 6]


def test_cases_that_fire_each_rule_show_it_and_both_sides_of_what_alone_decides():
    found = coverage(
        with_cases(
            {"age": 70},
            {"age": 30, "resident": True, "member": True},
            {"age": 10},
            {"age": 30, "resident": False},
            {"age": 30, "resident": True, "member": False},
        )
    )
    group, fee = found.tables
    assert (group.never_fired, fee.never_fired) == ((), ())
    assert [rule.fired for rule in group.rules] == [("K0",), ("K1", "K4"), ("K2",)]
    resident = group.rules[1].cells[1]
    assert (resident.column, resident.true, resident.false) == ("resident", ("K1", "K4"), ("K3",))
    member = fee.rules[1].cells[1]
    assert (member.column, member.true, member.false) == ("member", ("K1",), ("K4",))


def test_a_rule_behind_the_first_that_holds_is_not_reached():
    rulebook = book(table("t", "F", "a b -> c", ("1", "-", "1"), ("-", "2", "2")))
    found = coverage(with_cases({"a": 1, "b": 3}, rulebook=rulebook))
    assert found.tables[0].rules[1].cells[0].false == ()
    reached = coverage(with_cases({"a": 9, "b": 3}, rulebook=rulebook))
    assert reached.tables[0].rules[1].cells[0].false == ("K0",)


def test_two_false_tests_show_neither():
    rulebook = book(table("t", "U", "a b -> c", ("1", "2", "1")))
    (rule,) = coverage(with_cases({"a": 0, "b": 0}, rulebook=rulebook)).tables[0].rules
    assert [cell.false for cell in rule.cells] == [(), ()]


def test_a_rule_that_is_not_the_law_is_not_exercised():
    old = row("1", "1", valid=("2000-01-01", "2010-01-01"))
    rulebook = book(table("t", "U", "a -> c", old))
    (rule,) = coverage(with_cases({"a": 1}, {"a": 2}, rulebook=rulebook)).tables[0].rules
    assert (rule.fired, rule.cells[0].true, rule.cells[0].false) == ((), (), ())


def test_rules_that_contradict_each_other_do_not_fire():
    rulebook = book(table("t", "U", "a -> c", ("1", "1"), (">= 1", "2")))
    found = coverage(with_cases({"a": 1}, rulebook=rulebook)).tables[0]
    assert (found.cases, found.fired) == (("K0",), 0)


def test_a_case_without_an_answer_is_told_apart():
    endless = book(Formula("f", "c", "count(for i in 1..10000000 return i * a)"), facts=[asked("a")])
    cases = (Case("K", "k", {"a": 1}, "2020-01-01", expect=Expectation(undetermined=("c",))),)
    assert coverage(compile_rulebook(replace(endless, cases=cases))).unanswered == ("K",)


def shown_by(program: Program, key: str) -> dict[tuple[str, str], tuple[bool, frozenset[str]]]:
    """By the definition, cell by cell: rules that a case reaches, whether it fires them, what alone is false."""
    case = next(one for one in program.rulebook.cases if one.id == key)
    memory = driven(program, case, case.facts)
    found = {}
    for n, outcome in memory.outcomes.items():
        node = program.nodes[n]
        if isinstance(node.source, Formula):
            continue
        columns = node.scan.values(memory.facts, memory.run)
        in_force = [row for row in range(len(node.rules)) if memory.in_force(n) >> row & 1]
        false = {
            row: frozenset(
                node.source.inputs[place].key
                for place, value in enumerate(columns)
                if value is not UNKNOWN and node.tests[place][row](value, memory.facts, memory.run) is False
            )
            for row in in_force
        }
        true = [row for row in in_force if outcome.true >> row & 1]
        for at in in_force:
            if node.hit_policy is HitPolicy.FIRST and true and at > true[0]:
                continue
            alone = false[at] if len(false[at]) == 1 else frozenset()
            found[node.key, node.rules[at]] = (at in true and fires(node, outcome, at), alone)
    return found


@SLOW
@given(tried_out())
def test_what_cases_show_is_what_the_definition_says_of_each_cell(program):
    found = coverage(program)
    for case in program.rulebook.cases:
        shown = shown_by(program, case.id)
        for each in found.tables:
            for rule in each.rules:
                fired, alone = shown.get((each.table, rule.rule), (False, frozenset()))
                assert (case.id in rule.fired) == fired
                for cell in rule.cells:
                    assert (case.id in cell.true) == fired
                    assert (case.id in cell.false) == (cell.column in alone)


# Mutants


def changes(text: str, fact: str = "number", allowed: str = "") -> list[tuple[str, str]]:
    rulebook = book(table("t", "F", "a -> c", (text, "1"), ("-", "2")), facts=[asked("a", fact, allowed)])
    found = mutants_of(compile_rulebook(rulebook), "t")
    return [(one.kind.value, one.after) for one in found if one.column == "a"]


def test_the_ends_of_a_range_are_closed_and_opened_and_its_bounds_moved():
    # [2..5) and [1..6) are told from (1..5) and [1..5] by no value that is tried.
    assert changes("[1..5)") == [
        ("end", "(1..5)"),
        ("end", "[1..5]"),
        ("bound", "[0..5)"),
        ("bound", "[1..4)"),
        ("negation", "not([1..5))"),
        ("anything", "-"),
    ]


def test_a_comparison_is_turned_round():
    assert changes("< 5") == [
        ("end", "<= 5"),
        ("operator", "> 5"),
        ("bound", "< 4"),
        ("negation", "not(< 5)"),
        ("anything", "-"),
    ]


def test_a_bound_moves_by_its_last_digit():
    assert ("bound", ">= 12.4") in changes(">= 12.5")
    assert ("bound", '< @"2020-02-29"') in changes('< date("2020-03-01")', "date")
    assert ("bound", '> @"P1Y1M"') in changes('> @"P1Y"', "years and months duration")
    assert ("bound", '< @"11:59:59"') in changes('< time("12:00:00")', "time")
    assert ("bound", '> @"P3D"') in changes('> @"P2D"', "days and time duration")


def test_a_list_is_tried_with_what_its_tests_name():
    assert changes('list contains(?, "x")', "list<string>") == [
        ("negation", 'not(list contains(?, "x"))'),
        ("anything", "-"),
    ]
    assert ("anything", "-") in changes("count(?) > 0", "list<number>", "")


def test_alternatives_are_dropped_one_at_a_time_within_a_negation_too():
    assert [text for kind, text in changes('"a","b"', "string", '"a","b","c"') if kind == "alternative"] == [
        '"b"',
        '"a"',
    ]
    assert ("alternative", 'not("b")') in changes('not("a","b")', "string", '"a","b","c"')


def test_a_change_that_says_the_same_is_no_mutant():
    # Nothing below 0 is allowed: `>= -1` and `>= 0` say the same, and so does `-`, which but for null is all of it.
    assert [text for _, text in changes(">= 0", "number", ">= 0")] == [
        "> 0",
        "<= 0",
        "not(>= 0)",
        "-",
    ]
    # Of a boolean, not(true) and false are one fault.
    assert changes("true", "boolean") == [("negation", "not(true)"), ("anything", "-")]


def test_an_outcome_becomes_another_of_the_table_or_of_those_allowed():
    rulebook = book(
        table("t", "F", "a -> c", ("1", '"x"'), ("2", '"y"')),
        table("u", "F", "a -> d", ("1", '"x"')),
        table("v", "F", "a -> e", ("1", "7")),
        facts=[asked("d", "string", '"x","z"')],
    )
    program = compile_rulebook(rulebook)
    swaps = {
        key: [one.after for one in mutants_of(program, key) if one.kind is MutantKind.OUTCOME]
        for key in "tuv"
    }
    assert swaps == {"t": ['"y"', '"x"'], "u": ['"z"'], "v": []}


def test_each_bound_of_a_legal_period_moves_by_a_day():
    rule = row("1", "1", valid=("2020-03-01", "2021-01-01"), known=("", "2022-05-05"))
    rulebook = book(table("t", "U", "a -> c", rule))
    found = [
        (one.column, one.after)
        for one in mutants_of(compile_rulebook(rulebook), "t")
        if one.kind is MutantKind.PERIOD
    ]
    assert found == [
        ("valid.start", "2020-02-29"),
        ("valid.start", "2020-03-02"),
        ("valid.end", "2020-12-31"),
        ("valid.end", "2021-01-02"),
        ("known.end", "2022-05-04"),
        ("known.end", "2022-05-06"),
    ]


def test_what_is_no_table_has_no_mutants_and_no_pairs():
    program = compile_rulebook(book(Formula("f", "c", "a + 1"), facts=[asked("a", "number")]))
    assert (list(mutants_of(program, "f")), list(pairs(program, "nowhere"))) == ([], [])


def test_a_case_that_fails_already_kills_nothing():
    wrong = replace(
        case("K", {"age": 70}), expect=replace(case("K", {"age": 70}).expect, conclusions={"fee": 1})
    )
    mutation = Mutation(compile_rulebook(replace(FEES, cases=(wrong,))))
    assert mutation.failing == ("K",)
    assert all(one.survives for one in mutation.judged(mutants_of(mutation.program, "fee")))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Any]:
    if isinstance(value, dict):
        return {key: one for name, part in value.items() for key, one in leaves(part, (*path, name)).items()}
    if isinstance(value, list):
        return {
            key: one for name, part in enumerate(value) for key, one in leaves(part, (*path, name)).items()
        }
    return {path: value}


@SLOW
@given(tried_out())
def test_a_mutant_differs_in_one_cell_and_has_an_id_of_its_own(program):
    before = leaves(document_of(program.rulebook))
    found = [one for each in program.rulebook.tables for one in mutants_of(program, each.key)]
    assert len({one.id for one in found}) == len(found)
    for mutant in found:
        after = leaves(document_of(mutant.of(program.rulebook)))
        assert sum(before.get(key) != after.get(key) for key in before.keys() | after.keys()) == 1


@SLOW
@given(tried_out())
def test_the_first_case_that_kills_a_mutant_is_the_one_that_running_all_of_them_finds(program):
    expected = {found.mutant.id: brute_force(program, found.mutant) for found in judged(program)}
    # A long table is told from others by how many rules it has: by either way the verdicts are those.
    for long in (0, 50):
        with patch("decision_tables.adequacy.mutants._LONG", long):
            verdicts = {found.mutant.id: found.killed_by for found in judged(program)}
        assert verdicts == {key: killers[0] if killers else "" for key, killers in expected.items()}


# Cases that kill


def killed(program: Program, found: Judged) -> Case | Unkilled:
    return case_that_kills(Mutation(program), found.mutant)


def test_a_case_for_each_survivor_leaves_those_that_answer_the_same_whatever_the_facts():
    program = compile_rulebook(FEES)
    survivors, same = [one for one in judged(program) if one.survives], {}
    while survivors:
        new = killed(program, survivors[0])
        if isinstance(new, Unkilled):
            same[survivors.pop(0).mutant.id] = new.code
            continue
        program = compile_rulebook(replace(program.rulebook, cases=(*program.rulebook.cases, new)))
        left = [one for one in judged(program) if one.survives and one.mutant.id not in same]
        assert {one.mutant.id for one in left} < {one.mutant.id for one in survivors}
        survivors = left
    assert all(one.never_fired == () for one in coverage(program).tables)
    everybody = [
        {"age": age, "resident": resident, "member": member}
        for age in (0, 1, 17, 18, 19, 64, 65, 66)
        for resident in (True, False, None)
        for member in (True, False)
    ]
    for found in judged(program):
        assert found.survives == (found.mutant.id in same)
        if found.survives:
            other = compile_rulebook(found.mutant.of(FEES))
            asked_of = [
                Case("K", "k", facts, "2020-06-01", expect=case("K", facts).expect) for facts in everybody
            ]
            assert all(run_case(other, one).passed for one in asked_of)
    assert 0 < len(same) < 6


def test_a_moved_bound_is_told_by_the_value_at_the_bound_and_facts_that_can_be_given():
    program = compile_rulebook(FEES)
    found = next(one for one in judged(program, "group") if one.mutant.after == "> 65")
    new = killed(program, found)
    assert new.facts == {"age": Decimal(65)}
    assert new.expect.conclusions == {"group": "senior"}


def test_a_fault_behind_another_table_is_reached_by_way_of_it():
    program = compile_rulebook(FEES)
    found = next(one for one in judged(program, "fee") if one.mutant.after == '"senior"')
    new = killed(program, found)
    assert "group" not in new.facts
    assert new.expect.conclusions == {"fee": Decimal(5)}
    assert new.facts["age"] < 18


def test_a_moved_legal_date_is_told_on_the_day_that_it_decides():
    rule = row("1", "1", valid=("2020-03-01", ""))
    program = compile_rulebook(book(table("t", "U", "a -> c", rule), facts=[asked("a", "number")]))
    days = {
        one.mutant.after: killed(program, one).as_of
        for one in judged(program)
        if one.mutant.kind is MutantKind.PERIOD
    }
    assert days == {"2020-02-29": "2020-02-29", "2020-03-02": "2020-03-01"}


def test_a_changed_part_of_a_listed_outcome_is_told_though_the_ids_stay():
    rulebook = book(
        table("t", "C", "a b -> c.id c.what", ("1", "-", '"X"', '"x"'), ("-", "true", '"Y"', '"y"')),
        facts=[asked("a", "number"), asked("b", "boolean")],
    )
    program = compile_rulebook(rulebook)
    found = next(one for one in judged(program) if one.mutant.column == "c.what")
    new = killed(program, found)
    assert next(entry["what"] for entry in new.expect.conclusions["c"]) == "x"


def test_a_rule_that_nothing_can_reach_is_told_and_no_case_is_made_up():
    rulebook = book(
        table("up", "F", "a -> mid", ("-", '"x"')),
        table("down", "F", "mid -> c", ('"never"', "1"), ("-", "2")),
        facts=[asked("a", "number")],
    )
    rulebook = replace(rulebook, facts=tuple(replace(fact, nullable=False) for fact in rulebook.facts))
    program = compile_rulebook(rulebook)
    swap = next(one for one in judged(program, "down") if one.mutant.column == "c")
    assert swap.mutant.rule == "r1"
    assert killed(program, swap).code == "never-fires"
    (told,) = pairs(program, "down")
    assert (told.code, told.rule, told.column) == ("never-fires", "r1", "mid")


def test_a_fault_that_another_rule_hides_is_told_to_give_the_same_answer():
    rulebook = book(table("t", "F", "a -> c", ("1", "1"), ("-", "1")), facts=[asked("a", "number", "1,2")])
    program = compile_rulebook(rulebook)
    widened = next(one for one in judged(program) if one.mutant.after == "-")
    assert killed(program, widened).code == "same-answer"


def test_a_mutant_that_does_not_compile_is_told():
    program = compile_rulebook(FEES)
    broken = Mutant("x", "group", "r1", "age", MutantKind.BOUND, ">= 65", ">= ")
    assert case_that_kills(Mutation(program), broken).code == "broken"


@settings(SLOW, max_examples=15)
@given(tried_out(), st.randoms(use_true_random=False))
def test_a_case_that_kills_passes_on_the_rulebook_and_shortens_the_list_of_survivors(program, chance):
    survivors = [one for one in judged(program) if one.survives]
    for found in chance.sample(survivors, min(3, len(survivors))):
        new = killed(program, found)
        if isinstance(new, Unkilled):
            continue
        more = compile_rulebook(replace(program.rulebook, cases=(*program.rulebook.cases, new)))
        assert run_case(more, new).passed
        assert brute_force(more, found.mutant) == [new.id]
        left = {one.mutant.id for one in judged(more) if one.survives}
        assert left <= {one.mutant.id for one in survivors} - {found.mutant.id}


# Pairs


def shown_alone(program: Program, pair: Pair) -> bool:
    """Whether two cases differ for the table in the value of the pair's column alone, and in whether the rule holds."""
    node = next(one for one in program.nodes if one.key == pair.table)
    column = [one.key for one in node.source.inputs].index(pair.column)
    at = node.rules.index(pair.rule)
    seen = []
    for one in (pair.fires, pair.fails):
        memory = driven(program, one, one.facts)
        true, _ = node.scan.match(memory.facts, memory.in_force(node.number), memory.run)
        told = [repr(value) for value in node.scan.values(memory.facts, memory.run)]
        seen.append((told, bool(true >> at & 1)))
    (values_on, on), (values_off, off) = seen
    apart = [place for place, (a, b) in enumerate(zip(values_on, values_off, strict=True)) if a != b]
    return on and not off and apart == [column]


def test_every_test_of_a_small_chain_has_its_pair():
    program = compile_rulebook(FEES)
    found = [one for key in ("group", "fee") for one in pairs(program, key)]
    assert [(one.table, one.rule, one.column) for one in found if isinstance(one, Pair)] == [
        ("group", "r1", "age"),
        ("group", "r2", "age"),
        ("group", "r2", "resident"),
        ("group", "r3", "age"),
        ("fee", "r1", "group"),
        ("fee", "r2", "group"),
        ("fee", "r2", "member"),
    ]
    assert all(shown_alone(program, one) for one in found)
    assert all("group" not in one.fires.facts | one.fails.facts for one in found if one.table == "fee")


def test_pairs_of_all_rules_show_every_side_of_every_test():
    program = compile_rulebook(FEES)
    found = [one for key in ("group", "fee") for one in pairs(program, key)]
    cases = tuple(case for one in found for case in (one.fires, one.fails))
    assert len({case.id for case in cases}) == len(cases)
    shown = coverage(compile_rulebook(replace(FEES, cases=cases)))
    assert all((one.never_fired, one.seen) == ((), one.sides) for one in shown.tables)


def test_two_columns_that_read_one_fact_cannot_differ_alone():
    rulebook = book(table("t", "F", "a -> c", ("1", "1")), facts=[asked("a", "number")])
    columns = rulebook.tables[0].inputs
    twice = replace(
        rulebook.tables[0],
        inputs=(columns[0], replace(columns[0], key="again", expression="a + 1")),
        rules=(replace(rulebook.tables[0].rules[0], tests=("1", "-")),),
    )
    (told,) = pairs(compile_rulebook(replace(rulebook, tables=(twice,))), "t")
    assert isinstance(told, Unpaired)
    assert told.code == "not-alone"


@settings(SLOW, max_examples=12)
@given(tried_out())
def test_a_pair_differs_in_one_column_and_in_whether_the_rule_holds_and_its_cases_pass(program):
    for each in program.rulebook.tables:
        for found in pairs(program, each.key):
            if isinstance(found, Pair):
                assert shown_alone(program, found)
                assert all(run_case(program, one).passed for one in (found.fires, found.fails))


def test_facts_that_are_refused_are_never_offered():
    program = compile_rulebook(FEES)
    for found in pairs(program, "group"):
        for one in (found.fires, found.fails):
            program.accept(one.facts)  # raises DecidableError
    with pytest.raises(DecidableError):
        program.accept({"age": -1})


def test_the_dates_of_cases_are_dates():
    program = compile_rulebook(FEES)
    for found in pairs(program, "fee"):
        assert dt.date.fromisoformat(found.fires.as_of) == dt.date.fromisoformat(found.fails.as_of)
