"""How well the telecom cases test the telecom tables, and how fast that is told."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest

from decision_tables.adequacy import Mutation, Pair, Unkilled, case_that_kills, coverage, mutants_of, pairs
from decision_tables.cases import run_case
from decision_tables.compile import compile_rulebook
from decision_tables.rulebook import Case
from tests.packs import telecom_program

PROGRAM = telecom_program()
MUTATION = Mutation(PROGRAM)


def test_every_case_counts_and_most_rules_are_fired_by_one():
    found = coverage(PROGRAM)
    assert found.unanswered == MUTATION.failing == ()
    assert sum(table.fired for table in found.tables) > 200
    assert sum(table.seen for table in found.tables) > 850
    assert found.table("service_class").never_fired == ()


@pytest.mark.parametrize("table", ["class_is_ecs", "obligations_DE", "nexus_BE"])
def test_a_case_is_found_for_nearly_all_that_survives_and_it_tells_the_two_apart(table):
    judged = list(MUTATION.judged(mutants_of(PROGRAM, table, MUTATION.candidates)))
    survivors = [one.mutant for one in judged if one.survives]
    assert 0 < len(survivors) < len(judged)
    some = random.Random(4).sample(survivors, min(8, len(survivors)))
    found = [(mutant, case_that_kills(MUTATION, mutant)) for mutant in some]
    assert sum(isinstance(case, Case) for _, case in found) >= len(found) / 2
    for mutant, case in found:
        if isinstance(case, Unkilled):
            continue
        assert run_case(PROGRAM, case).passed
        assert not run_case(compile_rulebook(mutant.of(replace(PROGRAM.rulebook, cases=()))), case).passed


def test_pairs_are_reached_from_facts_that_can_be_given():
    found = list(pairs(PROGRAM, "class_eecc", candidates=MUTATION.candidates))
    assert all(isinstance(one, Pair) for one in found)
    given = {fact for one in found for case in (one.fires, one.fails) for fact in case.facts}
    # What only tables conclude is never given.
    assert not given & {"regime", "m2m_or_broadcast_or_conveys_mainly", "calls_to_numbers_or_reachable"}
    for one in found:
        for case in (one.fires, one.fails):
            assert run_case(PROGRAM, case).passed


def test_a_table_of_three_hundred_mutants_is_judged_in_seconds():
    began = time.process_time()
    judged = list(MUTATION.judged(mutants_of(PROGRAM, "operator", MUTATION.candidates)))
    assert len(judged) > 250
    assert time.process_time() - began < 40
