"""A case to which a rule applies: it is found, and it is one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from builders import book, table
from hypothesis import HealthCheck, given, settings
from strategies import rulebooks

import decision_tables
from decision_tables.adequacy import Candidates, coverage, example_of
from decision_tables.cases import driven
from decision_tables.compile import check, compile_rulebook
from decision_tables.formats import read_pack
from decision_tables.rulebook import Expectation
from decision_tables.vocabulary import Fact

TELECOM = Path(decision_tables.__file__).parent / "packs" / "telecom"


def holds(program, key, rule, case):
    """Whether a rule is true of a case that asks for what its table concludes, as the chain itself says."""
    node = next(node for node in program.nodes if node.key == key)
    asking = replace(case, expect=Expectation(undetermined=node.facts))
    memory = driven(program, asking, case.facts)
    return node.number in memory.outcomes and memory.outcomes[node.number].true >> node.rules.index(rule) & 1


@pytest.fixture(scope="module")
def telecom():
    return compile_rulebook(read_pack(TELECOM))


def test_every_rule_that_a_case_fires_has_that_case_and_nearly_all_others_have_facts_that_were_found(telecom):
    candidates, cases, none = Candidates(telecom), {case.id for case in telecom.rulebook.cases}, []
    for covered in coverage(telecom).tables:
        for rule in covered.rules:
            found = example_of(telecom, candidates, covered.table, rule.rule)
            if found is None:
                none.append(rule.rule)
                continue
            assert (found.id in cases) == bool(rule.fired), (covered.table, rule.rule)
            assert not rule.fired or found.id in rule.fired
            assert holds(telecom, covered.table, rule.rule, found), (covered.table, rule.rule)
    assert len(none) <= 3, none


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rulebooks())
def test_what_is_found_is_a_case_to_which_the_rule_applies(rulebook):
    program, _ = check(rulebook)
    if program is None:
        return
    candidates = Candidates(program)
    for one in program.rulebook.tables:
        for rule in one.rules:
            found = example_of(program, candidates, one.key, rule.id)
            if found is not None:
                assert holds(program, one.key, rule.id, found)


def test_facts_that_no_case_can_be_written_with_are_no_example():
    dated = table("t", "C", "a -> b", ('date("2020-02-01")', "1"))
    program = compile_rulebook(book(dated))
    assert example_of(program, Candidates(program), "t", "r1") is None
    program = compile_rulebook(book(dated, facts=[Fact("a", "date")]))
    found = example_of(program, Candidates(program), "t", "r1")
    assert found is not None
    assert found.facts == {"a": "2020-02-01"}


def test_a_rule_that_stands_behind_one_that_accepts_all_has_facts_by_which_its_conditions_hold():
    shadowed = table("t", "F", "a -> b", ("-", "1"), ('"x"', "2"))
    program = compile_rulebook(book(shadowed))
    found = example_of(program, Candidates(program), "t", "r2")
    assert found is not None
    assert found.facts == {"a": "x"}
