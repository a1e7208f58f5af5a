"""What becomes of values on the way from table to table, and what is the same however it is spelled."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_tables.analyse import Finding, analyse, told
from decision_tables.analyse.findings import Severity
from decision_tables.compile import check, compile_rulebook
from decision_tables.index import bits
from decision_tables.rulebook import Query, Rulebook
from decision_tables.table import Formula, Table
from decision_tables.vocabulary import Fact, Words
from tests.tables.builders import book, case_of, table

N = Fact("n", "number", "[-1..3]", question=Words({"en": "n?"}))
OUT = Fact("o", "string", nullable=True)
ASKED = (Query("q", ("o",)),)
POINTS = [Decimal(half) / 2 for half in range(-2, 7)]
CELLS = ["-", "null", "not(null)", "[0..2]", ">= 1", "< 1", "1, 2", "not(1)", "(0..2)"]
RELAYS = [
    Formula("a", "x", "n"),
    Formula("a", "x", "if n > 1 then n else 0"),
    table("a", "U", "n -> x", ("-", "n")),
    table("a", "F", "n -> x", ("> 2", ""), ("> 0", "n"), ("-", "1")),
    table("a", "U", "n -> x", ("< 2", "n"), default={"x": "n"}),
]


@st.composite
def relayed(draw: st.DrawFn) -> Rulebook:
    """A number that a node takes over into a fact that may not have all its values, and a table that reads it."""
    cells = draw(st.lists(st.sampled_from(CELLS), min_size=1, max_size=4))
    rows = [(cell, f'"{place}"') for place, cell in enumerate(cells)]
    x = Fact("x", "number", draw(st.sampled_from(["", "[0..2]", "0, 1, 2", "> 0", "[5..9]"])), nullable=True)
    return book(
        draw(st.sampled_from(RELAYS)), table("b", "U", "x -> o", *rows), facts=[N, x, OUT], queries=ASKED
    )


def about(rulebook: Rulebook, node: str) -> list[Finding]:
    return [one for one in analyse(compile_rulebook(rulebook)).findings if one.where.table == node]


@settings(suppress_health_check=[HealthCheck.filter_too_much], deadline=None)
@given(relayed())
def test_what_a_fact_may_not_be_arrives_as_null_and_what_follows_is_told(rulebook: Rulebook) -> None:
    program, _ = check(rulebook)
    if program is None:
        return  # a constant that the fact may not have is an error by itself
    node = next(one for one in program.nodes if one.key == "b")
    met: set[int] = set()
    together: set[tuple[str, ...]] = set()
    silent = False
    for n in POINTS:
        rows = list(bits(case_of(program, ("o",), {"n": n}).outcomes[node.number].true))
        met |= set(rows)
        silent |= not rows
        together |= {(node.rules[a], node.rules[b]) for a, b in combinations(rows, 2)}
    found = about(rulebook, "b")
    never = {one.where.rule for one in found if one.code in {"analysis/empty-rule", "analysis/unreachable"}}
    assert not never & {node.rules[row] for row in met}
    overlaps = {
        tuple(rule for _, rule in one.rules)
        for one in found
        if one.code in {"analysis/overlap", "analysis/duplicate"}
    }
    open_pairs = {tuple(rule for _, rule in one.rules) for one in found if one.code == "analysis/unproven"}
    assert overlaps <= together
    assert together <= overlaps | open_pairs
    gaps = [one for one in found if one.code == "analysis/gap"]
    assert not gaps or silent
    assert not silent or gaps or any(one.unproven == "analysis/gap" for one in found)


def test_a_row_that_null_fires_is_reached_by_the_values_that_a_fact_may_not_have() -> None:
    x = Fact("x", "number", "[0..10]", nullable=True)
    rows = ("[0..10]", '"p"'), ("null", '"q"')
    n = replace(N, allowed="")
    relay = table("a", "U", "n -> x", ("-", "n"))
    assert not about(book(relay, table("b", "U", "x -> o", *rows), facts=[n, x, OUT], queries=ASKED), "b")
    (gap,) = about(
        book(relay, table("b", "U", "x -> o", rows[0]), facts=[n, x, OUT], queries=ASKED),
        "b",
    )
    assert gap.code == "analysis/gap"
    assert gap.witness is not None
    assert not 0 <= gap.witness.facts["n"] <= 10


NUMBERS = ["< 1", "<1", "< 1.0", "[-1..1)", "not(>= 1)", ">= 1", "1, > 1", "[1..3]", "1", "1.0", "-"]
TRUTHS = ["true", "not(false)", "false", "not(true)", "-", "true,false"]
LETTERS = ['"a","b"', '"b","a"', 'not("c")', '"c"', 'not("a","b")', "-"]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(NUMBERS),
            st.sampled_from(TRUTHS),
            st.sampled_from(LETTERS),
            st.sampled_from(["1", "1.0", "2"]),
        ),
        min_size=2,
        max_size=5,
    )
)
def test_rows_that_accept_the_same_and_say_the_same_are_duplicates_however_spelled(rows: list[Any]) -> None:
    facts = [N, Fact("b", "boolean"), Fact("s", "string", '"a","b","c"'), Fact("o", "number", nullable=True)]
    rulebook = book(table("t", "C+", "n b s -> o", *rows), facts=facts)
    program = compile_rulebook(rulebook)
    accepted: dict[str, set[Any]] = {rule: set() for rule in program.nodes[0].rules}
    for n in POINTS:
        for b in (True, False):
            for s in "abc":
                case = case_of(program, ("o",), {"n": n, "b": b, "s": s})
                for row in bits(case.outcomes[0].true):
                    accepted[program.nodes[0].rules[row]].add((n, b, s))
    # A cell that accepts everything asks nothing, not even that the fact be known: that is not the same.
    asks = {
        rule: tuple(cell == "-" for cell in cells[:3]) for rule, cells in zip(accepted, rows, strict=True)
    }
    says = {rule: Decimal(cells[3]) for rule, cells in zip(accepted, rows, strict=True)}
    expected: dict[Any, str] = {}
    pairs = set()
    for rule, points in accepted.items():
        if points:
            first = expected.setdefault((frozenset(points), asks[rule], says[rule]), rule)
            if first != rule:
                pairs.add((first, rule))
    found = analyse(program).findings
    assert {
        tuple(rule for _, rule in one.rules) for one in found if one.code == "analysis/duplicate"
    } == pairs


def test_more_duplicates_than_are_told_one_by_one_are_told_to_be_there() -> None:
    rows = [("< 1", "1")] * 60
    rulebook = book(table("t", "C+", "n -> o", *rows), facts=[N, Fact("o", "number", nullable=True)])
    found = analyse(compile_rulebook(rulebook)).findings
    more = next(one for one in found if one.code == "analysis/more")
    assert (more.unproven, more.severity) == ("analysis/duplicate", Severity.WARNING)


@pytest.mark.parametrize(
    ("first", "second", "begins"),
    [
        ('y + " or "', 'x + "a"', False),
        ('y + " and if "', 'x + " or "', False),
        ('if b then "z" else y', 'x + "a"', True),
        ('if y = "if" then "z" else y', 'x + "a"', True),
    ],
)
def test_words_inside_a_text_do_not_let_a_circle_begin(first: str, second: str, *, begins: bool) -> None:
    facts = [Fact(key, "string", nullable=True) for key in "xy"] + [Fact("b", "boolean")]
    rulebook = book(Formula("f", "x", first), Formula("g", "y", second), facts=facts)
    found = [one.code for one in analyse(compile_rulebook(rulebook)).findings]
    assert ("analysis/ungrounded-cycle" in found) is not begins


def test_a_formula_that_contradicts_a_table_is_called_a_formula() -> None:
    facts = [N, Fact("o", "number", nullable=True)]
    rows: Table = table("t", "U", "n -> o", ("-", "1"))
    rulebook = book(rows, Formula("f", "o", "2"), facts=facts)
    (found,) = analyse(compile_rulebook(rulebook)).findings
    assert found.code == "analysis/contradiction"
    for language, words in {
        "en": "the formula “f”",
        "nl": "de formule “f”",
        "fr": "la formule “f”",
    }.items():
        assert words in told(found, rulebook, language)
