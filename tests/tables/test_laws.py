"""The laws of semantics, over random rulebooks with cycles, contributors, and all hit policies."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import DAYS, GIVEN, SINGLE, Question, questions, values

from decision_tables.chain import walk
from decision_tables.compile import compile_rulebook
from decision_tables.explain import Answer, answer
from decision_tables.feel.values import UNKNOWN, from_json, same
from decision_tables.outcomes import Conflict, is_value
from decision_tables.rulebook import Rulebook
from decision_tables.table import HitPolicy, Input, Output, Rule, Table
from decision_tables.vocabulary import Fact

if TYPE_CHECKING:
    from decision_tables.chain import Case

often = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


def told(found: Answer) -> dict[str, Any]:
    """What an answer says, without the ways in which it was come by."""
    return {
        "status": found.status,
        "conclusions": found.conclusions,
        "undetermined": found.undetermined,
        "missing": found.missing,
        "conflicts": found.conflicts,
        "referrals": found.referrals,
        "because": found.because,
        "flags": found.flags,
        "holds": (found.holds_from, found.holds_until),
    }


def contradicted(case: Case) -> set[tuple[str, tuple[str, str]]]:
    nodes = case.program.nodes
    return {
        (fact, rule)
        for n, outcome in case.outcomes.items()
        for fact, result in zip(nodes[n].facts, outcome.results, strict=True)
        if isinstance(result, Conflict)
        for rule in result.rules
    }


@often
@given(questions(), st.randoms(use_true_random=False))
def test_firing_in_any_order_any_number_of_times_gives_the_same_answer(question: Question, random):
    expected = question.answer()
    case = question.case()
    order = [n for n in case.closure for _ in range(2)]
    random.shuffle(order)
    pending = list(order)
    while pending:
        n = pending.pop()
        before = len(case.facts)
        case.fire(n)
        if len(case.facts) > before:
            more = list(case.closure)
            random.shuffle(more)
            pending += more
    assert told(answer(case, question.goals, explain="full")) == told(expected)


@often
@given(questions(), st.data())
def test_one_more_fact_never_changes_what_is_determined_nor_a_conflict(question: Question, data):
    case = question.case()
    walk(case, case.closure)
    concluded = {fact for n in case.closure for fact in case.program.nodes[n].facts}
    free = [fact for fact in GIVEN if fact not in question.facts and fact not in concluded]
    assume(free)
    fact = data.draw(st.sampled_from(free))
    more = question.case({**question.facts, fact: from_json(data.draw(values))})
    walk(more, more.closure)
    for known, value in case.facts.items():
        assert same(more.facts[known], value), known
    assert contradicted(case) <= contradicted(more)


@often
@given(questions())
def test_the_index_and_a_scan_of_all_rules_give_the_same_answer(question: Question):
    assert told(question.answer()) == told(question.answer(scan=True))


@often
@given(questions(), st.data())
def test_each_table_matches_the_same_rules_by_index_and_by_scan(question: Question, data):
    case = question.case()
    keys = st.sampled_from([*GIVEN, *question.program.concluded])
    facts = data.draw(st.dictionaries(keys, values.map(from_json), max_size=8))
    for node in question.program.nodes:
        among = data.draw(st.integers(0, (1 << len(node.rules)) - 1))
        assert node.index.match(facts, among, case.run) == node.scan.match(facts, among, case.run)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(cyclic=False))
def test_what_is_determined_holds_in_every_completion_of_the_facts(question: Question):
    missing = [fact for fact in GIVEN if fact not in question.facts]
    assume(len(missing) <= 2)
    case = question.case()
    walk(case, case.closure)
    for completion in itertools.product(["a", "b", 1, 2, True, None], repeat=len(missing)):
        facts = {**question.facts, **{k: from_json(v) for k, v in zip(missing, completion, strict=True)}}
        full = question.case(facts)
        walk(full, full.closure)
        for known, value in case.facts.items():
            assert same(full.facts[known], value)


@st.composite
def dense_tables(draw: st.DrawFn) -> Table:
    """A small table of one hit policy over two facts, whose rules meet often."""
    policy = draw(st.sampled_from([*SINGLE, HitPolicy.COLLECT, HitPolicy.COUNT]))
    tests, cells = st.sampled_from(["-", '"a"', 'not("a")']), st.sampled_from(['"a"', '"b"'])
    pairs = draw(st.lists(st.tuples(tests, tests, cells, cells), max_size=3))
    rules = tuple(Rule(f"r{n}", (x, y), (u, v)) for n, (x, y, u, v) in enumerate(pairs))
    priorities = '"b","a"' if policy is HitPolicy.PRIORITY else ""
    default = draw(st.sampled_from(["", '"a"']))
    outputs = tuple(Output(key, key, default=default, values=priorities) for key in ("c0", "c1"))
    inputs = (Input("x", "g0"), Input("y", "g1"))
    return Table("t", policy, inputs, outputs, rules, open=draw(st.integers(0, 3)) == 0)


@settings(often, max_examples=1500)
@given(
    dense_tables(), st.dictionaries(st.sampled_from(["g0", "g1"]), st.sampled_from(["a", "b"]), max_size=1)
)
def test_a_table_concludes_what_it_concludes_in_all_completions_of_its_facts(table: Table, facts):
    keys = ("g0", "g1", "c0", "c1")
    program = compile_rulebook(Rulebook("dense", facts=tuple(Fact(key) for key in keys), tables=(table,)))
    question = Question(program, facts, ("c0", "c1"), DAYS[0], DAYS[0])

    def results(given_facts: dict[str, Any]) -> list[Any]:
        case = question.case(given_facts)
        walk(case, case.closure)
        return list(case.outcomes[0].results)

    missing = [key for key in ("g0", "g1") if key not in facts]
    completions = [
        results({**facts, **dict(zip(missing, values_, strict=True))})
        for values_ in itertools.product("ab", repeat=len(missing))
    ]
    for place, result in enumerate(results(facts)):
        if result is not UNKNOWN and not isinstance(result, Conflict):
            assert all(same(full[place], result) for full in completions)
        if isinstance(result, Conflict):
            assert all(isinstance(full[place], Conflict) for full in completions)


@often
@given(questions(), st.data())
def test_answering_the_questions_one_at_a_time_ends_with_nothing_left_to_ask(question: Question, data):
    facts = dict(question.facts)
    for _ in range(len(GIVEN) + 1):
        found = question.answer(facts)
        if not found.missing:
            break
        asked = found.missing[0].fact
        assert asked not in facts
        facts[asked] = from_json(data.draw(values))
    assert not found.missing
    # With every given fact known, what is still open is contradicted, referred, or silent: never forgotten.
    everything = {**{fact: "a" for fact in GIVEN if fact not in facts}, **facts}
    full = question.answer(everything)
    for goal, value in found.conclusions.items():
        assert same(full.conclusions[goal], value)
    for goal in found.undetermined:
        assert goal in full.undetermined, goal


@often
@given(questions())
def test_a_conclusion_rests_on_known_facts_and_on_rules_that_hold(question: Question):
    case = question.case()
    walk(case, case.closure)
    found = answer(case, question.goals, explain="full")
    for step in found.because:
        assert all(fact in case.facts for fact in step.rests_on)
        if step.certain:
            assert all(test.holds is True for test in step.tests)
    for fact in found.conclusions:
        assert fact in question.facts or any(step.fact == fact for step in found.because)
    for n, outcome in case.outcomes.items():
        for fact, result in zip(case.program.nodes[n].facts, outcome.results, strict=True):
            if is_value(result) and len(case.program.concluded[fact]) == 1 and fact not in question.facts:
                assert same(case.facts[fact], result)
