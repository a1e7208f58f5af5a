"""Tables that are complete and disjoint by construction: nothing is found in them; one planted fault is."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from benchmarks.grown import Leaf, cell_of, grown, grown_facts, table_of
from decision_tables.analyse import Analysis, analyse
from decision_tables.analyse.extent import of_region
from decision_tables.compile import compile_rulebook
from decision_tables.feel.evaluate import compile_test
from decision_tables.feel.parse import Names
from decision_tables.regions import region_of
from decision_tables.rulebook import Rulebook
from decision_tables.table import HitPolicy, Input, Output, Rule, Table
from decision_tables.vocabulary import Fact

OUTCOMES = ('"a"', '"b"', '"c"', '"d"')
OUT = Fact("grown_out", "string", ",".join(OUTCOMES))
NEXT = Fact("next_out", "string")
SEEDS = range(500)


def made(seed: int) -> tuple[random.Random, tuple[Fact, ...], list[Leaf], list[str]]:
    dice = random.Random(seed)
    facts = grown_facts(dice.randint(2, 6))
    leaves = grown(facts, dice.randint(4, 30), dice)
    outcomes = [OUTCOMES[number % 3] for number in range(len(leaves))]
    return dice, facts, leaves, outcomes


def book(facts: tuple[Fact, ...], *tables: Table) -> Rulebook:
    read = {column.expression for table in tables for column in table.inputs}
    made_of = {output.fact for table in tables for output in table.outputs}
    kept = (fact for fact in (*facts, OUT, NEXT) if fact.key in read | made_of)
    return Rulebook("grown", facts=tuple(kept), tables=tables)


def analysed(facts: tuple[Fact, ...], *tables: Table) -> Analysis:
    return analyse(compile_rulebook(book(facts, *tables)))


def codes(found: Analysis) -> set[str]:
    return {one.code.removeprefix("analysis/") for one in found.findings}


def downstream(*outcomes: str) -> Table:
    rules = tuple(Rule(f"n{number}", (one,), (f'"{number}"',)) for number, one in enumerate(outcomes))
    return Table("next", HitPolicy.UNIQUE, (Input("c", "grown_out"),), (Output("o", "next_out"),), rules)


def halves(
    dice: random.Random, facts: tuple[Fact, ...], leaves: list[Leaf], outcomes: list[str]
) -> tuple[Table, Table]:
    """The leaves shared out to two tables that conclude one fact."""
    whole = table_of(facts, leaves, outcomes)
    place = dice.randrange(1, len(leaves))
    return (
        replace(whole, key="first", rules=whole.rules[:place]),
        replace(whole, key="second", rules=whole.rules[place:]),
    )


@pytest.mark.parametrize("part", range(10))
def test_nothing_is_found_in_tables_that_are_complete_and_disjoint(part):
    for seed in SEEDS[part::10]:
        dice, facts, leaves, outcomes = made(seed)
        table = table_of(facts, leaves, outcomes, policy=dice.choice("UAF"))
        assert analysed(facts, table, downstream(*OUTCOMES[:3])).findings == ()
        assert analysed(facts, *halves(dice, facts, leaves, outcomes)).findings == ()


def narrowest(leaf: Leaf, dice: random.Random, facts: tuple[Fact, ...]) -> Leaf:
    """Part of a leaf."""
    fact = dice.choice(facts)
    known = leaf.get(fact.key)
    if fact.type == "boolean":
        return leaf if known is not None else {**leaf, fact.key: True}
    if fact.type == "string":
        return {**leaf, fact.key: (known or ("BE",))[:1]}
    low, high = known or (0, 1001)
    return {**leaf, fact.key: (low, low + 1)} if high - low > 1 else leaf


def region_of_cell(cell: str, fact: Fact) -> object:
    found = region_of(compile_test(cell, Names()))
    whole = region_of(compile_test(fact.allowed, Names())) if fact.allowed else None
    assert found is not None
    return of_region(found) if whole is None else of_region(found) & of_region(whole)


@pytest.mark.parametrize("seed", SEEDS[0::7])
def test_a_rule_that_is_missing_leaves_its_own_gap_and_nothing_else(seed):
    dice, facts, leaves, outcomes = made(seed)
    gone = dice.randrange(len(leaves))
    table = table_of(facts, leaves, outcomes)
    found = analysed(facts, replace(table, rules=tuple(r for n, r in enumerate(table.rules) if n != gone)))
    (gap,) = found.findings
    assert gap.code == "analysis/gap"
    cells = {fact.key: cell_of(leaves[gone].get(fact.key)) for fact in facts}
    by_key = {fact.key: fact for fact in facts}
    assert dict(gap.region) == {
        k: region_of_cell(cell, by_key[k]) for k, cell in cells.items() if cell != "-"
    }


@pytest.mark.parametrize("seed", SEEDS[1::7])
def test_a_rule_that_is_widened_overlaps_all_that_it_now_meets(seed):
    dice, facts, leaves, outcomes = made(seed)
    at = dice.randrange(len(leaves))
    narrow = dice.choice(sorted(leaves[at]))
    wide = {key: part for key, part in leaves[at].items() if key != narrow}
    found = analysed(facts, table_of(facts, [*leaves[:at], wide, *leaves[at + 1 :]], outcomes))
    assert codes(found) <= {"overlap", "duplicate"}
    assert found.findings
    assert all(("grown", f"r{at}") in one.rules for one in found.findings)


@pytest.mark.parametrize("seed", SEEDS[2::7])
def test_a_bound_that_is_off_by_one_is_found_on_the_side_to_which_it_moved(seed):
    spans: list[tuple[int, str]] = []
    while not spans:  # a table in which some bound was drawn
        dice, facts, leaves, outcomes = made(seed)
        spans = [
            (n, key)
            for n, leaf in enumerate(leaves)
            for key, part in leaf.items()
            if key.startswith("amount") and part[1] < 1000 and part[1] - part[0] > 1
        ]
        seed += len(SEEDS)
    at, key = dice.choice(spans)
    low, high = leaves[at][key]
    off = dice.choice((-1, 1))
    moved = {**leaves[at], key: (low, high + off)}
    found = analysed(facts, table_of(facts, [*leaves[:at], moved, *leaves[at + 1 :]], outcomes))
    assert codes(found) == ({"overlap"} if off > 0 else {"gap"})
    for one in found.findings:
        (span,) = dict(one.region)[key].spans[0][1]
        assert (span.low, span.high) == ((high, high + 1) if off > 0 else (high - 1, high))


@pytest.mark.parametrize("seed", SEEDS[3::7])
def test_a_rule_behind_others_that_answer_for_it_is_dead(seed):
    dice, facts, leaves, outcomes = made(seed)
    at = dice.randrange(len(leaves))
    kept = {key: part for key, part in leaves[at].items() if dice.random() < 0.6}
    dead = narrowest(kept, dice, facts)
    found = analysed(facts, table_of(facts, [*leaves, dead], [*outcomes, '"d"'], policy="F"))
    (one,) = found.findings
    assert one.code == "analysis/shadowed"
    assert one.rules[0] == ("grown", f"r{len(leaves)}")


@pytest.mark.parametrize("seed", SEEDS[4::7])
def test_a_table_that_contradicts_another_is_found(seed):
    dice, facts, leaves, outcomes = made(seed)
    first, second = halves(dice, facts, leaves, outcomes)
    at = dice.randrange(len(first.rules))
    part = narrowest(leaves[at], dice, facts)
    rule = Rule("planted", tuple(cell_of(part.get(fact.key)) for fact in facts), ('"d"',))
    found = analysed(facts, first, replace(second, rules=(*second.rules, rule)))
    (one,) = found.findings
    assert one.code == "analysis/contradiction"
    assert one.rules == (("first", f"r{at}"), ("second", "planted"))


@pytest.mark.parametrize("seed", SEEDS[5::7])
def test_an_outcome_that_nothing_downstream_reads_is_a_gap_with_facts_from_end_to_end(seed):
    _, facts, leaves, outcomes = made(seed)
    table = table_of(facts, leaves, outcomes)
    found = analysed(facts, table, downstream('"a"', '"c"'))
    (one,) = found.findings
    assert (one.code, one.where.table) == ("analysis/gap", "next")
    assert one.witness is not None
    assert set(one.witness.facts) <= {fact.key for fact in facts}


@pytest.mark.parametrize("seed", SEEDS[6::7])
def test_an_outcome_that_nothing_upstream_concludes_makes_its_reader_unreachable(seed):
    _, facts, leaves, outcomes = made(seed)
    found = analysed(facts, table_of(facts, leaves, outcomes), downstream(*OUTCOMES))
    (one,) = found.findings
    assert (one.code, one.rules) == ("analysis/unreachable", (("next", "n3"),))
