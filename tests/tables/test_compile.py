"""What is told about a rulebook before it may run, and the program that it becomes."""

from __future__ import annotations

import datetime as dt
import random
import re
from typing import TYPE_CHECKING

import pytest
from builders import asked, book, case_of, decide, query, row, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_tables.compile import check, compile_rulebook
from decision_tables.errors import InvalidRequest, InvalidRulebook
from decision_tables.feel.values import UNKNOWN, from_json
from decision_tables.rulebook import Case, Expectation, Rulebook
from decision_tables.table import Formula, HitPolicy, Input, Note, Output, Rule, Table
from decision_tables.vocabulary import Fact, Words

if TYPE_CHECKING:
    from decision_tables.diagnostics import Diagnostic

COLOUR = Fact("colour", "string", '"red","green","blue"')
AGE = Fact("age", "number", "[0..130]")
C = Fact("c", "string", '"high","low"')
FACTS = (COLOUR, AGE, C)


def told(rulebook: Rulebook) -> list[Diagnostic]:
    return list(check(rulebook)[1])


def only(rulebook: Rulebook) -> Diagnostic:
    """The one thing that is said about a rulebook, which keeps it from being compiled."""
    program, (found,) = check(rulebook)
    assert program is None
    assert found.is_error
    return found


def one(*rules, columns: str = "colour -> c", policy: str = "U", facts=FACTS, **marks) -> Rulebook:
    return book(table("t", policy, columns, *rules, **marks), facts=facts)


def noted(*columns: Note) -> Rulebook:
    return one(RED, notes=columns)


def expecting(**expect) -> tuple[Case, ...]:
    return (Case("K1", "a case", as_of="2020-01-01", expect=Expectation(**expect)),)


def long_case(**fields) -> tuple[Case, ...]:
    return (Case(**{"id": "K1", "name": "a case", "as_of": "2020-01-01", **fields}),)


RED = ('"red"', '"high"')

MISTAKES = {
    # code: (rulebook, place, words of the message, words of the hint)
    "rulebook/time-zone": (
        Rulebook("b", time_zone="Europe/Brussel"),
        "",
        "`Europe/Brussel` is no time zone",
        "Europe/Brussels",
    ),
    "table/key": (
        book(table("1 t", "U", "x -> c")),
        "1 t",
        "`1 t` cannot name a table",
        "starts with a letter",
    ),
    "table/duplicate": (
        book(table("t", "U", "x -> c"), Formula("t", "d", "1")),
        "t",
        "2 tables or formulas are called `t`",
        "",
    ),
    "table/no-output": (
        Rulebook("b", tables=(Table("t", HitPolicy.UNIQUE),)),
        "t",
        "no column of outcomes",
        "",
    ),
    "table/duplicate-column": (
        Rulebook(
            "b",
            facts=(asked("x"), C),
            tables=(Table("t", HitPolicy.UNIQUE, (Input("x", "x"), Input("x", "x")), (Output("c", "c"),)),),
        ),
        "t / x",
        "2 columns are called `x`",
        "",
    ),
    "table/duplicate-output": (
        Rulebook(
            "b", facts=(C,), tables=(Table("t", HitPolicy.UNIQUE, (), (Output("c", "c"), Output("d", "c"))),)
        ),
        "t / c",
        "Several columns fill `c`",
        "",
    ),
    "table/aggregate-part": (book(table("t", "C+", "x -> c.p")), "t / c.p", "`c` cannot have parts", ""),
    "table/no-priorities": (one(RED, policy="P"), "t", "PRIORITY", "best first"),
    "table/priorities": (
        one(RED, policy="P", values={"c": '> "a"'}),
        "t / c",
        "listed one by one",
        '"high","medium","low"',
    ),
    "fact/undeclared": (
        Rulebook("b", facts=FACTS, tables=(table("t", "U", "age -> colr"),)),
        "t / colr",
        "`colr` is no fact of the vocabulary",
        "`colour`",
    ),
    "fact/split-aggregate": (
        book(table("t", "C+", "x -> c"), table("u", "C+", "x -> c")),
        "u / c",
        "`t`, `u`",
        "",
    ),
    "fact/mixed-contributors": (
        book(table("t", "C", "x -> c"), table("u", "U", "x -> c")),
        "u / c",
        "`t`, `u`",
        "all collect, or none",
    ),
    "formula/empty": (
        book(Formula("f", "c", " "), facts=(C,)),
        "f / c",
        "empty",
        "",
    ),
    "rule/width": (
        Rulebook(
            "b",
            facts=FACTS,
            tables=(
                Table(
                    "t",
                    HitPolicy.UNIQUE,
                    (Input("colour", "colour"),),
                    (Output("c", "c"),),
                    (Rule("r1", ('"red"', "-"), ('"high"',)),),
                ),
            ),
        ),
        "t / r1",
        "has 2 conditions, and the table 1",
        "",
    ),
    "rule/duplicate": (one(row(*RED, id="r"), row(*RED, id="r")), "t / r", "2 rules are called `r`", ""),
    "rule/confidence": (one(row(*RED, confidence="X")), "t / r1 / confidence", "`X`", "verified"),
    "rule/referral": (one(row(*RED, referral="Is it?")), "t / r1 / referral", "no outcome open", ""),
    "period/date": (
        one(row(*RED, valid=("31-1-2020", ""))),
        "t / r1 / valid.start",
        "31-1-2020",
        "2026-01-31",
    ),
    "period/empty": (
        one(row(*RED, known=("2020-01-01", "2020-01-01"))),
        "t / r1 / known.end",
        "holds no day",
        "first day on which the rule no longer holds",
    ),
    "cell/type": (
        one(("5", '"high"')),
        "t / r1 / colour",
        "`colour` is a text, and can never be 5",
        'quotes: "5"',
    ),
    "cell/not-allowed": (one(('"gren"', '"high"')), "t / r1 / colour", '`colour` is never "gren"', '"green"'),
    "cell/not-listed": (
        one(('"red"', '"low"'), policy="P", values={"c": '"high"'}),
        "t / r1 / c",
        '"low" is none of the outcomes',
        '"high"',
    ),
    "cell/not-boolean": (
        one(('"red" or "green"', '"high"'), columns="colour -> c"),
        "t / r1 / colour",
        '"red" is neither true nor false, so `or` cannot join it',
        "separated by commas",
    ),
    "cell/empty-range": (
        one(("[18..12]", '"high"'), columns="age -> c"),
        "t / r1 / age",
        "No value lies in this range",
        "lower end comes first",
    ),
    "query/duplicate": (
        book(facts=FACTS, queries=(query("q", "c"), query("q", "c"))),
        "queries / q",
        "2 queries are called `q`",
        "",
    ),
    "query/empty": (book(facts=FACTS, queries=(query("q", ""),)), "queries / q", "names no goals", ""),
    "query/unknown-goal": (
        book(facts=FACTS, queries=(query("q", "color"),)),
        "queries / q / color",
        "`color` is no fact",
        "`colour`",
    ),
    "query/unknown-default": (
        book(facts=FACTS, queries=(query("classes", "c"),), default_query="clases"),
        "queries / clases",
        "`clases` does not exist",
        "`classes`",
    ),
    "case/duplicate": (
        book(facts=FACTS, cases=long_case() + long_case()),
        "cases / K1",
        "2 cases are called `K1`",
        "",
    ),
    "case/date": (book(facts=FACTS, cases=long_case(as_of="")), "cases / K1 / as_of", "as-of date", ""),
    "case/facts": (
        book(facts=FACTS, cases=long_case(facts={"colour": "rad"})),
        "cases / K1",
        "did you mean red",
        "",
    ),
    "case/unknown-fact": (
        book(facts=FACTS, cases=expecting(conclusions={"color": "red"})),
        "cases / K1",
        "`color` is no fact",
        "`colour`",
    ),
    "feel/unknown-name": (one(("colr", '"high"')), "t / r1 / colour", "colr", "colour"),
    "feel/syntax": (one(('"red', '"high"')), "t / r1 / colour", "", ""),
}


@pytest.mark.parametrize("code", MISTAKES)
def test_a_mistake_is_told_by_code_place_message_and_hint(code):
    rulebook, place, message, hint = MISTAKES[code]
    found = only(rulebook)
    assert (found.code, str(found.where)) == (code, place)
    assert message in found.message
    assert hint in found.hint
    assert found.message.endswith(".")


def test_the_span_of_a_diagnostic_points_into_the_cell():
    found = only(one(('"red", colr', '"high"')))
    start, end = found.where.span
    assert found.text[start:end] == "colr"


@pytest.mark.parametrize(
    ("rulebook", "code", "place"),
    [
        (book(table("", "U", "x -> c")), "table/key", ""),
        (one(row(*RED, id="")), "rule/duplicate", "t"),
        (one(row(*RED, notes=("", "said"))), "rule/width", "t / r1"),
        (noted(Note("colour")), "table/duplicate-column", "t / colour"),
        (noted(Note("")), "table/duplicate-column", "t"),
        (one(row("-", '"high"', valid=("2020-02-30", "x"))), "period/date", "t / r1 / valid.end"),
        (one(row("-", "", referral="Is it?"), policy="C"), "rule/referral", "t / r1 / referral"),
        (book(facts=FACTS, cases=long_case(id="")), "case/duplicate", "cases"),
        (book(facts=FACTS, cases=long_case(known_on="soon")), "case/date", "cases / K1 / known_on"),
        (Rulebook("b", formulas=(Formula("f", "cc", "1"),)), "fact/undeclared", "f / cc"),
        (book(Formula("f", "c", '"hihg"'), facts=(C,)), "cell/not-allowed", "f / c"),
        (one(("-", "5")), "cell/type", "t / r1 / c"),
        (one(default={"c": '"hgh"'}), "cell/not-allowed", "t / c"),
        (one(("131", '"low"'), columns="age -> c"), "cell/not-allowed", "t / r1 / age"),
        (one(('"12"', '"low"'), columns="age -> c"), "cell/type", "t / r1 / age"),
        (one(("(5..5]", '"low"'), columns="age -> c"), "cell/empty-range", "t / r1 / age"),
        (book(table("t", "U", "x -> c c.p")), "table/duplicate-output", "t / c"),
        (one(RED, policy="O", values={"c": 'not("high")'}), "table/priorities", "t / c"),
        (one(RED, policy="C"), "cell/type", "t / r1 / c"),
    ],
)
def test_the_same_mistake_is_found_in_other_places(rulebook, code, place):
    assert (code, place) in [(found.code, str(found.where)) for found in told(rulebook)]


def test_a_table_that_collects_into_a_fact_that_is_no_list_is_told_so():
    assert "collects a list, and `c` is a text" in only(one(RED, policy="C")).message


def test_a_broken_list_of_priorities_is_told_once_and_not_again_for_each_rule():
    assert [found.code for found in told(one(RED, RED, policy="P", values={"c": '"high", ,'}))] == [
        "feel/syntax"
    ]


def test_all_mistakes_are_told_at_once_sorted_by_place():
    found = told(
        book(
            table("t", "U", "colour age -> c", ('"rad"', "old", '"hi"'), ("5", "-1", '"high"')),
            table("s", "U", "colour -> c", ('"gren"', "-")),
            facts=FACTS,
        )
    )
    places = [str(one_.where) for one_ in found]
    assert places == sorted(places)
    assert {"s / r1 / colour", "t / r1 / age", "t / r1 / c", "t / r1 / colour", "t / r2 / age"} <= set(places)


def test_a_rulebook_with_errors_is_refused_with_all_of_them():
    with pytest.raises(InvalidRulebook) as refused:
        compile_rulebook(one(('"rad"', '"hi"')))
    assert [found.code for found in refused.value.diagnostics] == ["cell/not-allowed"] * 2


def test_the_diagnostics_are_the_same_each_time():
    rulebook = one(('"x","y","z"', '"high"'), facts=(Fact("colour", "number"), AGE, C))
    assert told(rulebook) == told(rulebook)
    assert [found.text[slice(*found.where.span)] for found in told(rulebook)] == ['"x"', '"y"', '"z"']


def test_an_allowed_value_that_takes_too_long_to_check_keeps_nobody_from_the_other_diagnostics():
    slow = Fact("n", "number", "every i in 1..10000000 satisfies i > ?")
    rulebook = book(
        Formula("f", "n", "-1"), table("t", "U", "colour -> c", ('"rad"', "")), facts=(slow, *FACTS)
    )
    assert only(rulebook).code == "cell/not-allowed"


# -- the program ----------------------------------------------------------------------------------------------


def test_nodes_are_numbered_in_dependency_order_and_ties_by_writing():
    rulebook = book(
        table("last", "U", "d -> e"),
        table("b", "U", "c -> d"),
        table("free", "U", "x -> f"),
        table("a", "U", "x -> c"),
    )
    program = compile_rulebook(rulebook)
    assert [node.key for node in program.nodes] == ["free", "a", "b", "last"]
    assert [node.number for node in program.nodes] == [0, 1, 2, 3]
    assert program.cyclic == frozenset()


def test_the_nodes_of_a_cycle_are_one_component_and_wake_each_other():
    rulebook = book(
        table("c", "F", "d -> c"),
        table("d", "F", "c x -> d"),
        table("e", "F", "d -> e"),
        Formula("s", "s", "s + 1"),
    )
    program = compile_rulebook(rulebook)
    number = {node.key: node.number for node in program.nodes}
    cycle = tuple(sorted((number["c"], number["d"])))
    assert cycle in program.components
    assert program.cyclic == {*cycle, number["s"]}
    assert program.wakes[number["c"]] == {"c": (number["d"],)}
    assert program.wakes[number["s"]] == {"s": (number["s"],)}


def test_a_chain_of_thousands_of_nodes_compiles_and_is_walked():
    length = 3000
    formulas = [Formula(f"n{n}", f"f{n + 1}", f"f{n} + 1") for n in reversed(range(length))]
    rulebook = book(*formulas, facts=[Fact(f"f{n}") for n in range(length + 1)])
    assert decide(rulebook, f"f{length}", f0=0, _explain="none").conclusions == {f"f{length}": length}


def test_goals_are_those_named_or_those_of_a_query_or_of_the_default_query():
    queries = (query("first", "c"), query("second", "age colour"))
    program = compile_rulebook(book(facts=FACTS, queries=queries, default_query="first"))
    assert program.goals() == ("c",)
    assert program.goals("second") == ("age", "colour")
    assert program.goals(goals=["colour", "c", "colour"]) == ("colour", "c")


def test_without_any_query_what_no_other_node_reads_is_meant():
    chained = book(table("c", "F", "x -> c"), table("d", "F", "c -> d"), Formula("e", "e", "c + e"))
    assert compile_rulebook(chained).goals() == ("d", "e")
    ring = book(table("c", "F", "d -> c"), table("d", "F", "c -> d"))
    assert compile_rulebook(ring).goals() == ("d", "c")
    with pytest.raises(InvalidRequest, match="no default query"):
        compile_rulebook(book(facts=FACTS)).goals()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ({"query": "frist"}, "request/unknown-query", "Did you mean `first`?"),
        ({"goals": ["color"]}, "request/unknown-goal", "did you mean `colour`?"),
        ({"goals": ["c"], "query": "first"}, "request/goals-and-query", "not both"),
        ({}, "request/unknown-query", "no default query"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(arguments, code, words):
    program = compile_rulebook(book(facts=FACTS, queries=(query("first", "c"),)))
    with pytest.raises(InvalidRequest, match=words.replace("?", r"\?")) as refused:
        program.goals(**arguments)
    assert refused.value.code == code


# -- many rules -----------------------------------------------------------------------------------------------


def test_a_table_of_two_thousand_rules_compiles_and_matches_as_a_scan_does():
    dice = random.Random(7)
    columns = ("text", "texts", "number", "span", "day", "truth")

    def cell(column: str) -> str:
        start = dice.randrange(1000)
        date = dt.date(2000, 1, 1) + dt.timedelta(days=start)
        return dice.choice(
            {
                "text": [f'"v{start % 40}"', f'not("v{start % 40}")'],
                "texts": [f'"v{start % 40}","v{start % 7}"'],
                "number": [f"> {start}", f"<= {start}", str(start % 30)],
                "span": [f"[{start}..{start + 20})", f"not([{start}..{start + 90}])"],
                "day": [f'>= date("{date}")', f'< @"{date}"'],
                "truth": ["true", "false"],
            }[column]
            + ["-", "-", "-"]
        )

    rules = [(*(cell(column) for column in columns), f'"{n}"') for n in range(2000)]
    program = compile_rulebook(book(table("t", "C", " ".join(columns) + " -> c", *rules)))
    case = case_of(program, ("c",), {})
    node, every = program.nodes[0], (1 << 2000) - 1
    values = {
        "text": [None, "", 5, *(f"v{n}" for n in range(0, 42, 6))],
        "number": [None, "x", -1, *range(0, 1001, 100), *range(30)],
        "day": [None, True],
        "truth": [True, False, None, "true"],
    }
    met = 0
    for _ in range(25):
        facts = {
            column: from_json(dice.choice(values[{"texts": "text", "span": "number"}.get(column, column)]))
            for column in columns
            if dice.random() < 0.7
        }
        true, possible = node.index.match(facts, every, case.run)
        assert (true, possible) == node.scan.match(facts, every, case.run)
        met += bool(true) + bool(possible)
    assert met > 25, "most samples meet some rule"


# -- any text at all ------------------------------------------------------------------------------------------

FEEL_WORDS = """not( and or if then else for i in every return satisfies function( date( today() as_of null
true 1e999 colour age c "red" 0 18 1.. .. ** list< instance of"""
fragments = st.lists(
    st.sampled_from(
        [*re.findall(r"\S+", FEEL_WORDS), *'"()[]{}<>=!?,.-+*/@:', " ", " ", "\n", "\x00", "é", "\ud800"]
    ),
    max_size=10,
).map("".join)
texts = st.one_of(fragments, fragments, st.text(max_size=20), st.just("(" * 400), st.just("-" * 500 + "1"))


@st.composite
def scribbles(draw: st.DrawFn) -> Rulebook:
    """A rulebook of the right shape whose every text may be anything."""

    def rule(n: int) -> Rule:
        cells = tuple(draw(texts) for _ in range(draw(st.integers(0, 3))))
        period = {"valid": (draw(texts), "2020-01-01")} if draw(st.integers(0, 3)) == 0 else {}
        made = row(**{"id": draw(st.sampled_from([f"r{n}", draw(texts)])), **period})[1]
        return Rule(tests=cells[:1], outputs=cells[1:], **made)

    policy = draw(st.sampled_from(HitPolicy))
    shape = Table(
        draw(st.sampled_from(["t", draw(texts)])),
        policy,
        (Input("x", draw(texts)),),
        (Output("c", draw(st.sampled_from(["c", draw(texts)])), "", draw(texts), draw(texts)),),
        tuple(rule(n) for n in range(draw(st.integers(0, 3)))),
    )
    return Rulebook(
        "scribble",
        time_zone=draw(st.sampled_from(["UTC", draw(texts)])),
        default_query=draw(st.sampled_from(["", draw(texts)])),
        facts=(*FACTS, Fact(draw(texts), draw(texts), draw(texts), question=Words({"en": draw(texts)}))),
        tables=(shape,),
        formulas=(Formula(draw(texts), "age", draw(texts)),),
        queries=(query("q", "c"),),
        cases=(Case("K", "k", {"age": draw(texts)}, draw(texts), draw(texts)),),
    )


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(scribbles())
def test_whatever_is_written_is_told_about_and_never_raises(rulebook: Rulebook):
    program, found = check(rulebook)
    assert (program is None) == any(one_.is_error for one_ in found)
    for one_ in found:
        assert one_.message
        assert one_.drawn()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts, texts, st.sampled_from([None, "red", 7, True, [1, "red"], {"p": 1}]))
def test_a_cell_that_compiles_can_be_put_to_any_value(cell: str, outcome: str, value):
    rulebook = book(table("t", "C", "x y -> c", (cell, "-", outcome)), facts=(asked("colour"), asked("age")))
    program, _ = check(rulebook)
    if program is None:
        return
    facts = {"x": value, "age": value}
    case = case_of(program, ("c",), facts, steps=10_000)
    assert case.failure is not None or case.outcomes
    assert case.facts.get("c", UNKNOWN) is UNKNOWN or isinstance(case.facts["c"], list)
