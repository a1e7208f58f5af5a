"""Whole rulebooks analysed: held against putting every case of small domains to the engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, product
from typing import Any

import pytest
from builders import book, case_of, row, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_tables.analyse import Analysis, AnalysisMemory, Finding, analyse, told, witness_told
from decision_tables.chain import Case
from decision_tables.compile import check, compile_rulebook
from decision_tables.index import bits
from decision_tables.outcomes import NO_OPINION, Conflict
from decision_tables.program import Program
from decision_tables.rulebook import Query, Rulebook
from decision_tables.table import Formula, HitPolicy, Input, Output, Rule, Table
from decision_tables.vocabulary import Fact, Words

GIVEN = {
    "s": (Fact("s", "string", '"a","b","c"'), ["a", "b", "c"]),
    "b": (Fact("b", "boolean"), [True, False]),
    "n": (Fact("n", "number", "[0..2]"), [Decimal(half) / 2 for half in range(5)]),
}
MADE = tuple(Fact(f"c{number}", "string", nullable=True) for number in range(4))
CELLS = {
    "s": ['"a"', '"b"', 'not("a")', '"a","b"'],
    "b": ["true", "false"],
    "n": ["< 1", ">= 1", "1", "[1..2]", "> 1"],
}
CONCLUDED = ['"x"', '"y"', '"z"', 'not("x")', '"x","y"', "null", "not(null)"]


@st.composite
def rulebooks(draw: st.DrawFn) -> Rulebook:
    tables: list[Table] = []
    formulas: list[Formula] = []
    for number in range(draw(st.integers(1, 4))):
        fact = f"c{draw(st.integers(max(0, number - 1), number)) if number else 0}"
        made = {output.fact for one in tables for output in one.outputs} | {one.fact for one in formulas}
        before = sorted(one for one in made if one < fact)
        if before and draw(st.integers(0, 5)) == 0:
            formulas.append(Formula(f"f{number}", fact, f'if b then {before[-1]} else "y"'))
            continue
        reads = draw(
            st.lists(st.sampled_from([*GIVEN, *before, *before]), min_size=1, max_size=3, unique=True)
        )
        rules = tuple(
            Rule(
                f"r{at}",
                tuple(draw(st.sampled_from(["-", *CELLS.get(one, CONCLUDED)])) for one in reads),
                (draw(st.sampled_from(['"x"', '"y"', '"z"', "null", *(before[:1])])),),
            )
            for at in range(draw(st.integers(1, 4)))
        )
        default = draw(st.sampled_from(["", "", "", '"z"']))
        inputs = tuple(Input(one, one) for one in reads)
        policy = HitPolicy(draw(st.sampled_from("UAF")))
        outputs = (Output("o", fact, default=default),)
        tables.append(Table(f"t{number}", policy, inputs, outputs, rules))
    facts = (*(fact for fact, _ in GIVEN.values()), *MADE)
    return Rulebook("chain", facts=facts, tables=tuple(tables), formulas=tuple(formulas))


@dataclass
class Tried:
    program: Program
    found: Analysis
    cases: list[Case]

    def of(self, *codes: str) -> list[Finding]:
        return [one for one in self.found.findings if one.code.removeprefix("analysis/") in codes]

    def doubts(self, table: str, *codes: str) -> bool:
        return any(
            one.where.table == table and one.unproven.removeprefix("analysis/") in codes
            for one in self.found.findings
        )


def tried(rulebook: Rulebook) -> Tried | None:
    program, _ = check(rulebook)
    if program is None:
        return None
    goals = tuple(program.concluded)
    cases = [
        case_of(program, goals, dict(zip(GIVEN, values, strict=True)))
        for values in product(*(values for _, values in GIVEN.values()))
    ]
    return Tried(program, analyse(program), cases)


laws = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@laws
@given(rulebooks())
def test_a_gap_is_told_of_the_tables_that_some_case_leaves_without_an_answer(rulebook):
    found = tried(rulebook)
    if found is None:
        return
    told_of = {one.where.table for one in found.of("gap")}
    for node in found.program.nodes:
        if node.has_default(node.facts[0]) or isinstance(node.source, Formula) or node.shared:
            continue
        is_silent = any(
            not (outcome := case.outcomes[node.number]).true and not outcome.maybe for case in found.cases
        )
        assert (node.key in told_of) is is_silent or found.doubts(node.key, "gap")


@laws
@given(rulebooks())
def test_a_gap_of_several_tables_is_told_where_none_has_an_opinion(rulebook):
    found = tried(rulebook)
    if found is None:
        return
    told_of = {one.facts[0] for one in found.of("gap") if one.facts}
    for fact, makers in found.program.concluded.items():
        nodes = [found.program.nodes[n] for n in makers]
        if len(nodes) == 1 or any(node.has_default(fact) for node in nodes):
            continue
        is_silent = any(all(said is NO_OPINION for _, said in case.said(fact)) for case in found.cases)
        assert (fact in told_of) is is_silent or found.doubts(nodes[-1].key, "gap")


@laws
@given(rulebooks())
def test_rules_that_some_case_lets_apply_at_once_are_told_and_no_others(rulebook):
    found = tried(rulebook)
    if found is None:
        return
    for node in found.program.nodes:
        if node.hit_policy is not HitPolicy.UNIQUE or isinstance(node.source, Formula):
            continue
        told_of = {
            one.rules
            for one in found.of("overlap", "two-in-force", "duplicate")
            if one.where.table == node.key
        }
        met = {
            ((node.key, node.rules[a]), (node.key, node.rules[b]))
            for case in found.cases
            for a, b in combinations(bits(case.outcomes[node.number].true), 2)
        }
        assert told_of <= met
        if not found.doubts(node.key, "overlap", "duplicate"):
            assert told_of == met


@laws
@given(rulebooks())
def test_a_rule_that_is_told_to_be_unreachable_is_true_of_no_case(rulebook):
    found = tried(rulebook)
    if found is None:
        return
    for one in found.of("unreachable", "empty-rule"):
        ((key, rule),) = one.rules
        node = next(node for node in found.program.nodes if node.key == key)
        place = node.rules.index(rule)
        assert not any(case.outcomes[node.number].true >> place & 1 for case in found.cases)


@laws
@given(rulebooks())
def test_tables_that_contradict_each_other_in_some_case_are_told(rulebook):
    found = tried(rulebook)
    if found is None:
        return
    told_of = {one.facts[0] for one in found.of("contradiction")}
    for fact, makers in found.program.concluded.items():
        if len(makers) == 1:
            continue
        last = found.program.nodes[makers[-1]].key
        between = False
        for case in found.cases:
            said = [one for _, one in case.said(fact)]
            result = case.result(fact)
            between |= isinstance(result, Conflict) and not any(isinstance(one, Conflict) for one in said)
        assert (fact in told_of) >= between or found.doubts(last, "contradiction")
        if fact in told_of:
            assert any(isinstance(case.result(fact), Conflict) for case in found.cases)


@laws
@given(rulebooks())
def test_a_witness_is_made_of_given_facts_and_shows_its_finding_through_the_whole_chain(rulebook):
    found = tried(rulebook)
    if found is None:
        return
    for one in found.found.findings:
        if one.witness is None:
            continue
        assert set(one.witness.facts) <= set(GIVEN)
        goals = tuple(found.program.concluded)
        case = case_of(found.program, goals, one.witness.facts, as_of=one.witness.as_of)
        if one.code == "analysis/gap" and not one.facts:
            node = next(node for node in found.program.nodes if node.key == one.where.table)
            assert not case.outcomes[node.number].true
            assert not case.outcomes[node.number].maybe
        elif one.code == "analysis/contradiction":
            assert isinstance(case.result(one.facts[0]), Conflict)
        for language in ("en", "nl", "fr"):
            assert told(one, rulebook, language).endswith(".")
            assert witness_told(one, rulebook, language) in told(one, rulebook, language)


@settings(laws, max_examples=40)
@given(rulebooks(), rulebooks())
def test_a_memory_of_another_rulebook_changes_nothing(one, other):
    memory = AnalysisMemory()
    for rulebook in (one, other, one):
        program, _ = check(rulebook)
        if program is not None:
            assert analyse(program, memory=memory).findings == analyse(program).findings


def codes(rulebook: Rulebook, **options: Any) -> list[tuple[str, str]]:
    found = analyse(compile_rulebook(rulebook), **options)
    return [(one.code.removeprefix("analysis/"), str(one.where)) for one in found.findings]


YES_NO = [Fact("a", "boolean"), Fact("b", "boolean"), Fact("c", "boolean")]


def test_a_circle_of_which_nothing_can_be_grounded_is_told():
    first = table("t", "F", "a -> b", ("true", "true"), ("false", "false"))
    second = table("u", "F", "b -> a", ("true", "true"), ("false", "false"))
    found = codes(book(first, second, facts=YES_NO[:2]))
    assert ("ungrounded-cycle", "t") in found


def test_a_circle_into_which_a_given_fact_leads_is_not_told():
    first = table("t", "F", "c a -> b", ("true", "-", "true"), ("-", "true", "true"), ("-", "false", "false"))
    second = table("u", "F", "b -> a", ("true", "true"), ("false", "false"))
    assert "ungrounded-cycle" not in dict(codes(book(first, second, facts=YES_NO)))


def test_facts_that_nobody_reads_or_gives_are_told():
    question = Words({"en": "Well?"})
    facts = [
        Fact("a", "boolean", question=question),
        Fact("b", "boolean"),
        Fact("idle", "number"),
        Fact("c", "string"),
    ]
    one = table("t", "F", "a b -> c", ("true", "true", '"x"'), ("-", "-", '"y"'))
    assert codes(book(one, facts=facts)) == [
        ("unconcluded-fact", "vocabulary / b"),
        ("unread-fact", "vocabulary / idle"),
    ]


def test_a_concluded_fact_that_no_query_asks_for_is_told_where_there_are_queries():
    facts = [Fact("a", "boolean"), Fact("c", "string"), Fact("d", "string")]
    one = table("t", "F", "a -> c d", ("true", '"x"', '"x"'), ("-", '"y"', '"y"'))
    asked = Query("q", ("c",))
    assert codes(book(one, facts=facts, queries=(asked,))) == [("unread-fact", "vocabulary / d")]


def test_a_gap_that_no_given_facts_can_reach_is_none():
    # c is "x" only where a, and e is true only where not a: both together never are.
    facts = [Fact("a", "boolean"), Fact("c", "string"), Fact("e", "boolean"), Fact("d", "string")]
    rulebook = book(
        table("t", "U", "a -> c", ("true", '"x"'), ("false", '"y"')),
        table("u", "U", "a -> e", ("true", "false"), ("false", "true")),
        table("v", "U", "c e -> d", ('"x"', "false", '"1"'), ('"y"', "true", '"2"')),
        facts=facts,
    )
    assert codes(rulebook) == []


@pytest.mark.parametrize("column", ["count(found)", "found"])
def test_a_gap_behind_a_list_that_a_table_collects_is_told_and_never_passed_over(column):
    facts = [Fact("a", "boolean"), Fact("found", "list<string>"), Fact("d", "string")]
    collecting = table("t", "C", "a -> found", ("true", '"x"'), ("-", '"y"'))
    cells = ("> 1",) if column != "found" else ('list contains(?, "x")',)
    reader = Table(
        "u",
        HitPolicy.UNIQUE,
        (Input("in", column),),
        (Output("d", "d"),),
        (Rule("r1", cells, ('"1"',)),),
    )
    found = codes(book(collecting, reader, facts=facts))
    assert ("gap", "u") in found


def test_a_fact_that_a_person_may_be_asked_for_is_not_bound_to_what_tables_conclude():
    facts = [
        Fact("a", "boolean"),
        Fact("c", "string", '"x","y","z"', question=Words({"en": "Which?"})),
        Fact("d", "string"),
    ]
    first = table("t", "U", "a -> c", ("true", '"x"'), ("false", '"y"'))
    second = table("u", "U", "c -> d", ('"x","y"', '"1"'), ('"z"', '"2"'))
    asked = [replace(fact, question=Words({"en": "?"})) if fact.key == "a" else fact for fact in facts]
    assert codes(book(first, second, facts=asked)) == []


def test_two_versions_of_a_rule_that_are_in_force_at_once_are_told_with_the_days():
    old, new = (
        row("true", '"x"', valid=("2010-01-01", "2021-01-01")),
        row("true", '"y"', valid=("2020-07-01", "")),
    )
    rulebook = book(
        table("t", "U", "a -> c", old, new, ("false", '"z"')), facts=[YES_NO[0], Fact("c", "string")]
    )
    program = compile_rulebook(rulebook)
    found = {one.code: one for one in analyse(program).findings}
    assert set(found) == {"analysis/two-in-force", "analysis/gap"}
    both = found["analysis/two-in-force"]
    assert told(both, rulebook, "en") == (
        "Row r1 and row r2 have the same conditions and are in force at once, where a is yes and the date of the facts "
        "is from 1 July 2020 to 31 December 2020. For example: a is yes and the facts are of 1 July 2020."
    )


def test_days_on_which_no_rule_is_in_force_are_told_once():
    one = table(
        "t",
        "U",
        "a -> c",
        row("true", '"x"', valid=("2010-01-01", "2012-01-01")),
        row("false", '"y"', valid=("2010-01-01", "2012-01-01")),
        row("-", '"z"', valid=("2013-01-01", "")),
    )
    rulebook = book(one, facts=[YES_NO[0], Fact("c", "string")])
    (found,) = analyse(compile_rulebook(rulebook)).findings
    assert found.code == "analysis/no-rule-in-force"
    assert told(found, rulebook, "nl") == (
        "Geen rij is van kracht, waar de datum van de feiten is ten laatste 31 december 2009 of is van 1 januari 2012 "
        "tot en met 31 december 2012. Bijvoorbeeld: de feiten zijn van 31 december 2009."
    )


@pytest.mark.parametrize(
    "cell", ['starts with(?, "x")', "string length(?) > 3", "? = d", 'matches(?, "^x+$")']
)
def test_what_only_evaluation_decides_is_shown_where_facts_can_be_found(cell):
    facts = [Fact("t", "string"), Fact("d", "string"), Fact("c", "string")]
    one = table("t", "U", "t d -> c", (cell, "-", '"1"'), ('not("x")', "-", '"2"'))
    found = codes(book(one, facts=facts))
    assert ("overlap", "t / r2") in found


def test_what_no_facts_were_found_for_is_unproven_and_never_clean():
    facts = [Fact("t", "string"), Fact("c", "string")]
    one = table(
        "t",
        "U",
        "t -> c",
        ('matches(?, "q[0-9]{7}")', '"1"'),
        ('matches(?, "[a-z][0-9]+")', '"2"'),
        ("-", '"3"'),
    )
    assert ("unproven", "t / r2") in codes(book(one, facts=facts))


def test_a_catalogue_that_is_silent_is_no_gap_and_its_facts_may_be_given():
    facts = [Fact("t", "string"), Fact("k", "string", '"p","q"'), Fact("c", "string")]
    catalogue = table("t", "U", "t -> k", ('"one"', '"p"'), open=True)
    reader = table("u", "U", "k -> c", ('"p"', '"1"'))
    (found,) = analyse(compile_rulebook(book(catalogue, reader, facts=facts))).findings
    assert (found.code, found.where.table) == ("analysis/gap", "u")
    assert found.witness is not None
    assert found.witness.facts == {"k": "q"}


def test_an_adversarial_table_ends_within_its_budget_and_says_what_it_did_not_decide():
    # No two rules exclude each other, and whether they cover everything is as hard as such questions get.
    count = 40
    facts = [Fact(f"x{n}", "boolean") for n in range(count)]
    tables = []
    for turn in range(count * 5):
        chosen = {(turn * 7 + k * 13 + turn * turn * k) % count: (turn + k) % 2 == 0 for k in range(3)}
        tables.append(
            (*tuple("-" if n not in chosen else str(chosen[n]).lower() for n in range(count)), '"1"')
        )
    names = " ".join(fact.key for fact in facts)
    rulebook = book(table("t", "A", f"{names} -> c", *tables), facts=[*facts, Fact("c", "string")])
    found = analyse(compile_rulebook(rulebook), budget=50_000)
    assert found.steps <= 60_000
    assert found.findings


NUMBER = Fact("n", "number", question=Words({"en": "How many?"}))
NUMBER_MADE = Fact("x", "number", nullable=True)
LIST_MADE = Fact("x", "list<string>", nullable=True)
SAID = Fact("o", "string", nullable=True)


def behind(*nodes: Table | Formula, made: Fact = NUMBER_MADE) -> list[tuple[str, str]]:
    """The findings of a chain that concludes x from a number n, and o from x."""
    return codes(book(*nodes, facts=[NUMBER, made, SAID], queries=(Query("q", ("o",)),)))


@pytest.mark.parametrize("policy", ["C+", "C#"])
def test_a_sum_or_a_number_of_rows_that_no_single_row_says_is_a_gap_or_an_overlap_downstream(policy):
    adding = table("a", policy, "n -> x", ("< 5", "1"), ("< 3", "2"))
    top = "3" if policy == "C+" else "2"
    missing = table("b", "U", "x -> o", (f"< {top}", '"p"'), ("null", '"r"'))
    assert ("gap", "b") in behind(adding, missing)
    twice = table("b", "U", "x -> o", (f"<= {top}", '"p"'), (f">= {top}", '"q"'), ("null", '"r"'))
    assert ("overlap", "b / r2") in behind(adding, twice)


def test_a_collected_list_that_is_empty_is_a_gap_downstream_shown_by_facts():
    collecting = table("a", "C", "n -> x", ("< 5", '"a"'), ("< 3", '"b"'))
    reader = table("b", "U", "x -> o", ('list contains(?, "a")', '"p"'), ('list contains(?, "b")', '"q"'))
    found = behind(collecting, reader, made=LIST_MADE)
    assert ("gap", "b") in found
    assert ("overlap", "b / r2") in found


@pytest.mark.parametrize(
    "relay", [table("a", "U", "n -> x", ("-", "n")), Formula("f", "x", "n")], ids=["table", "formula"]
)
def test_a_value_that_a_fact_does_not_allow_is_null_downstream(relay):
    held = Fact("x", "number", "[0..10]", nullable=True)
    assert behind(relay, table("b", "U", "x -> o", ("[0..10]", '"p"'), ("null", '"q"')), made=held) == []
    assert behind(relay, table("b", "U", "x -> o", (">= 0", '"p"')), made=held) == [("gap", "b")]
    twice = table("b", "U", "x -> o", ("[0..10]", '"p"'), ("null", '"q"'), ("-", '"r"'))
    assert behind(relay, twice, made=held) == [("overlap", "b / r3"), ("overlap", "b / r3")]


def test_a_number_of_rows_is_no_more_than_there_are_rows():
    counting = table("a", "C#", "n -> x", ("< 5", "1"), ("< 3", "2"))
    reader = table("b", "U", "x -> o", ("0", '"p"'), ("1", '"q"'), ("2", '"r"'), ("7", '"s"'))
    assert behind(counting, reader) == [("unreachable", "b / r4 / x")]


def test_a_sum_of_fixed_amounts_is_one_of_their_sums_and_a_least_one_of_them():
    adding = table("a", "C+", "n -> x", ("< 5", "1"), ("< 3", "2"))
    reader = table("b", "F", "x -> o", ("4", '"p"'), ("-", '"q"'))
    assert behind(adding, reader) == [("unreachable", "b / r1 / x")]
    least = replace(adding, hit_policy=HitPolicy.MIN)
    reader = table("b", "F", "x -> o", ("3", '"p"'), ("-", '"q"'))
    assert behind(least, reader) == [("unreachable", "b / r1 / x")]


def test_a_sum_of_amounts_that_facts_say_may_exceed_what_each_may_be():
    held = Fact("x", "number", "[0..10]", nullable=True)
    given = Fact("n", "number", "[0..10]", question=Words({"en": "How many?"}))
    adding = table("a", "C+", "n -> x", ("-", "n"), ("> 3", "n"))
    reader = table("b", "U", "x -> o", ("<= 10", '"p"'), ("null", '"q"'))
    found = codes(book(adding, reader, facts=[given, held, SAID], queries=(Query("q", ("o",)),)))
    assert ("gap", "b") in found


def test_a_value_that_only_a_test_can_refuse_may_be_null_downstream():
    held = Fact("x", "number", "floor(?) = ?", nullable=True)
    reader = table("b", "U", "x -> o", ("null", '"q"'), ("not(null)", '"p"'))
    assert "unreachable" not in dict(behind(Formula("f", "x", "n"), reader, made=held))


@pytest.mark.parametrize("expression", ["n + 1", "n - 7", "n * 4", "n / 8"])
def test_a_gap_of_a_reckoned_column_is_shown_by_the_fact_that_it_is_reckoned_from(expression):
    rules = (Rule("r1", ("< 10",), ('"a"',)), Rule("r2", ("> 12",), ('"b"',)))
    one = Table("t", HitPolicy.UNIQUE, (Input("in", expression),), (Output("o", "o"),), rules)
    assert codes(book(one, facts=[NUMBER, SAID], queries=(Query("q", ("o",)),))) == [("gap", "t")]
