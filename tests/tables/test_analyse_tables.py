"""One table analysed: held against trying every point of small domains."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_tables.analyse import Analysis, AnalysisMemory, Finding, analyse, analyse_table, told
from decision_tables.analyse.axes import quiet_run
from decision_tables.compile import check, compile_rulebook
from decision_tables.feel.temporal import date_of
from decision_tables.feel.values import same
from decision_tables.index import bits
from decision_tables.memory import Memory
from decision_tables.outcomes import Conflict
from decision_tables.program import Program
from decision_tables.rulebook import Rulebook
from decision_tables.table import HitPolicy, Input, Output, Period, Rule, Table
from decision_tables.vocabulary import Fact

FACTS = {
    "s": Fact("s", "string", '"a","b","c"'),
    "t": Fact("t", "string", nullable=True),
    "n": Fact("n", "number", "[0..4]"),
    "m": Fact("m", "number", nullable=True),
    "b": Fact("b", "boolean"),
    "d": Fact("d", "date"),
}
DAYS = [dt.date(2020, 1, day) for day in range(1, 8)]
POINTS: dict[str, list[Any]] = {
    "s": ["a", "b", "c"],
    "t": ["a", "b", "zz", None],
    "n": [Decimal(number) / 2 for number in range(9)],
    "m": [Decimal(number) / 2 for number in range(-1, 10)] + [None],
    "b": [True, False],
    "d": [date_of(day) for day in DAYS],
}
NUMBERS = [
    "1",
    "2",
    "< 2",
    ">= 2",
    "[1..3]",
    "(1..3]",
    "[1..3)",
    "!= 2",
    "not([1..2])",
    "0, [2..3]",
    "<= 1, > 3",
]
CELLS: dict[str, list[str]] = {
    "s": ['"a"', '"b"', '"a","c"', 'not("a")', '!= "b"', '"a","b","c"'],
    "t": ['"a"', '"a","b"', 'not("a")', "null", "not(null)", 'null,"b"', '!= "a"'],
    "n": NUMBERS,
    "m": [*NUMBERS, "null", "not(null)", "null, < 2"],
    "b": ["true", "false", "not(true)"],
    "d": ['< date("2020-01-04")', '>= date("2020-01-04")', '(date("2020-01-02")..date("2020-01-04"))'],
}
HARD: dict[str, list[str]] = {
    "s": ['starts with(?, "a")', '? in ("a", "b")', 't, "b"'],
    "t": ['starts with(?, "a")', "s"],
    "n": ["? > 1 and ? < 3", "> m", "m"],
    "m": ["? = n", "? > 1"],
    "b": ["? = (n > 1)"],
    "d": ['> @"2020-01-03"', "year(?) = 2020"],
}
SPANS = [Period()] * 5 + [
    Period("2020-01-03", ""),
    Period("", "2020-01-03"),
    Period("2020-01-02", "2020-01-05"),
]


@st.composite
def tables(draw: st.DrawFn, policies: str, *, hard: bool = False) -> Table:
    facts = draw(st.lists(st.sampled_from(sorted(FACTS)), min_size=1, max_size=3))
    cells = {fact: CELLS[fact] + (HARD[fact] if hard else []) for fact in FACTS}
    rules = []
    for number in range(draw(st.integers(0, 5))):
        tests = tuple(draw(st.sampled_from(["-", "-", *cells[fact]])) for fact in facts)
        outcome = draw(st.sampled_from(['"x"', '"y"', '"x"', "null"]))
        rules.append(
            Rule(
                f"r{number}",
                tests,
                (outcome,),
                valid=draw(st.sampled_from(SPANS)),
                known=draw(st.sampled_from(SPANS)),
            )
        )
    values = '"y","x"' if policies == "P" else ""
    outputs = (Output("o", "o", values=values),)
    inputs = tuple(Input(f"c{place}", fact) for place, fact in enumerate(facts))
    return Table("t1", HitPolicy(draw(st.sampled_from(policies))), inputs, outputs, tuple(rules))


@dataclass
class Tried:
    """A table, analysed and tried at every point."""

    program: Program
    found: Analysis
    points: list[tuple[dict[str, Any], dt.date, dt.date, int]]

    def of(self, *codes: str) -> list[Finding]:
        return [one for one in self.found.findings if one.code.removeprefix("analysis/") in codes]

    def doubts(self, *codes: str) -> bool:
        return any(
            one.code in {"analysis/unproven", "analysis/more"}
            and one.unproven.removeprefix("analysis/") in codes
            for one in self.found.findings
        )

    def holds(self, finding: Finding, facts: dict[str, Any], as_of: dt.date, known_on: dt.date) -> bool:
        values = {**facts, "as_of": date_of(as_of), "known_on": date_of(known_on)}
        return all(values[name] in extent for name, extent in finding.region)


def rulebook_of(one: Table) -> Rulebook:
    return Rulebook("small", facts=(*FACTS.values(), Fact("o", "string", nullable=True)), tables=(one,))


def tried(one: Table) -> Tried | None:
    program, _ = check(rulebook_of(one))
    if program is None:
        return None
    (node,) = program.nodes
    facts = [fact for fact in FACTS if fact in node.reads]
    points = []
    for values in product(*(POINTS[fact] for fact in facts)):
        given = dict(zip(facts, values, strict=True))
        for as_of, known_on in product(
            DAYS if not node.valid.is_everlasting else DAYS[:1],
            DAYS if not node.known.is_everlasting else DAYS[:1],
        ):
            among = node.valid.at(as_of) & node.known.at(known_on)
            true, _ = node.index.match(given, among, quiet_run(as_of, known_on))
            points.append((given, as_of, known_on, true))
    return Tried(program, analyse(program), points)


laws = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@laws
@given(tables("UAFP"))
def test_every_gap_is_found_and_none_is_invented(one):
    found = tried(one)
    if found is None:
        return
    gaps = found.of("gap", "no-rule-in-force")
    assert not found.doubts("gap", "no-rule-in-force")
    for facts, as_of, known_on, true in found.points:
        assert any(found.holds(gap, facts, as_of, known_on) for gap in gaps) is (not true)


@laws
@given(tables("U"))
def test_every_overlap_under_unique_is_found_with_its_whole_region(one):
    found = tried(one)
    if found is None:
        return
    told_of = {one.rules: one for one in found.of("overlap", "two-in-force", "duplicate")}
    (node,) = found.program.nodes
    assert not found.doubts("overlap")
    for a, b in combinations(range(len(node.rules)), 2):
        finding = told_of.pop((("t1", node.rules[a]), ("t1", node.rules[b])), None)
        both = 1 << a | 1 << b
        for facts, as_of, known_on, true in found.points:
            inside = finding is not None and found.holds(finding, facts, as_of, known_on)
            assert inside is (true & both == both)
    assert not told_of


@laws
@given(tables("A"))
def test_under_any_only_rules_that_conclude_different_things_overlap(one):
    found = tried(one)
    if found is None:
        return
    (node,) = found.program.nodes
    pairs = {one.rules for one in found.of("overlap")}
    expected = set()
    for _, _, _, true in found.points:
        for a, b in combinations(bits(true), 2):
            if not same(node.row(a, {}, quiet_run())[0], node.row(b, {}, quiet_run())[0]):
                expected.add((("t1", node.rules[a]), ("t1", node.rules[b])))
    assert pairs == expected


@laws
@given(tables("UAFPCR"))
def test_a_rule_is_told_to_be_empty_exactly_where_nothing_meets_it(one):
    found = tried(one)
    if found is None:
        return
    (node,) = found.program.nodes
    met = 0
    for _, _, _, true in found.points:
        met |= true
    empty = {one.rules[0][1] for one in found.of("empty-rule", "unreachable")}
    assert empty == {rule for place, rule in enumerate(node.rules) if not met >> place & 1}


def decides(node: Any, true: int) -> int | None:
    """The rule that decides under FIRST or PRIORITY."""
    if not true:
        return None
    if node.hit_policy is HitPolicy.FIRST:
        return (true & -true).bit_length() - 1
    order = {"y": 0, "x": 1}
    return min(bits(true), key=lambda at: (order.get(node.row(at, {}, quiet_run())[0], 2), at))


@laws
@given(tables("FP"))
def test_a_rule_is_shadowed_exactly_where_it_never_decides(one):
    found = tried(one)
    if found is None:
        return
    (node,) = found.program.nodes
    deciding = {decides(node, true) for _, _, _, true in found.points}
    hidden = {one.rules[0][1] for one in found.of("shadowed", "empty-rule", "unreachable")}
    hidden |= {one.rules[1][1] for one in found.of("duplicate")}
    assert hidden == {rule for place, rule in enumerate(node.rules) if place not in deciding}


@laws
@given(tables("FP", hard=True), st.data())
def test_the_removal_of_a_shadowed_rule_never_changes_an_answer(one, data):
    found = tried(one)
    if found is None or not found.of("shadowed", "duplicate", "redundant", "empty-rule"):
        return
    finding = data.draw(st.sampled_from(found.of("shadowed", "duplicate", "redundant", "empty-rule")))
    gone = finding.rules[1 if finding.code == "analysis/duplicate" else 0][1]
    without = compile_rulebook(rulebook_of(replace(one, rules=tuple(r for r in one.rules if r.id != gone))))
    (node,), (less,) = found.program.nodes, without.nodes
    for facts, as_of, known_on, _ in found.points:
        run = quiet_run(as_of, known_on)
        was = node.evaluate(facts, run, node.valid.at(as_of) & node.known.at(known_on))
        now = less.evaluate(facts, run, less.valid.at(as_of) & less.known.at(known_on))
        assert was.results == now.results


@laws
@given(tables("UAFP", hard=True))
def test_where_only_evaluation_decides_nothing_is_passed_over_in_silence(one):
    found = tried(one)
    if found is None:
        return
    (node,) = found.program.nodes
    gaps = found.of("gap", "no-rule-in-force")
    missed = [point for point in found.points if not point[3]]
    if not found.doubts("gap", "no-rule-in-force"):
        for facts, as_of, known_on, _ in missed:
            assert any(found.holds(gap, facts, as_of, known_on) for gap in gaps)
    if node.hit_policy is HitPolicy.UNIQUE:
        told_of = {one.rules for one in found.of("overlap", "two-in-force", "duplicate")}
        meet = {
            (("t1", node.rules[a]), ("t1", node.rules[b]))
            for _, _, _, true in found.points
            for a, b in combinations(bits(true), 2)
        }
        doubted = {one.rules for one in found.of("unproven")}
        assert meet <= told_of | doubted


@laws
@given(tables("UAFP", hard=True))
def test_a_witness_shows_what_it_is_told_to_show(one):
    program, _ = check(rulebook_of(one))
    if program is None:
        return
    (node,) = program.nodes
    for finding in analyse(program).findings:
        witness = finding.witness
        if witness is None:
            continue
        facts = program.accept(witness.facts)
        among = node.valid.at(witness.as_of) & node.known.at(witness.known_on)
        outcome = node.evaluate(facts, quiet_run(witness.as_of, witness.known_on), among)
        rows = [node.rules.index(rule) for _, rule in finding.rules]
        if finding.code in {"analysis/gap", "analysis/no-rule-in-force"}:
            assert not outcome.true
            assert not outcome.maybe
        elif finding.code == "analysis/overlap":
            assert all(outcome.true >> at & 1 for at in rows)
            assert isinstance(outcome.results[0], Conflict)
        elif finding.code in {"analysis/two-in-force", "analysis/duplicate", "analysis/tie"}:
            assert all(outcome.true >> at & 1 for at in rows)
        elif finding.code in {"analysis/shadowed", "analysis/redundant"}:
            assert outcome.true >> rows[0] & 1
        for language in ("en", "nl", "fr"):
            assert told(finding, program.rulebook, language).endswith(".")


@settings(laws, max_examples=40)
@given(tables("UAFP", hard=True), st.data())
def test_after_an_edit_an_analysis_with_a_memory_finds_what_one_without_finds(one, data):
    compiled, memory = Memory(), AnalysisMemory()
    for _ in range(4):
        program, _ = check(rulebook_of(one), memory=compiled)
        if program is not None:
            assert (
                analyse_table(program, "t1", memory=memory).findings == analyse_table(program, "t1").findings
            )
        if not one.rules:
            return
        at = data.draw(st.integers(0, len(one.rules) - 1))
        rule = one.rules[at]
        place = data.draw(st.integers(0, len(one.inputs)))
        if place == len(one.inputs):
            rule = replace(rule, valid=data.draw(st.sampled_from(SPANS)))
        else:
            cell = data.draw(st.sampled_from(["-", *CELLS[one.inputs[place].expression]]))
            rule = replace(rule, tests=(*rule.tests[:place], cell, *rule.tests[place + 1 :]))
        one = replace(one, rules=(*one.rules[:at], rule, *one.rules[at + 1 :]))
