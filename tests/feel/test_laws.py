"""Laws over generated texts: unknown only turns to known, nothing raises, budgets hold, threads do not matter."""

import contextlib
import decimal
import threading
import time
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from decision_tables.errors import BudgetExhausted
from decision_tables.feel.evaluate import compile_expression, compile_test
from decision_tables.feel.functions import BUILTINS
from decision_tables.feel.parse import Names, parse_expression
from decision_tables.feel.temporal import Date
from decision_tables.feel.values import UNKNOWN, Function, same

FOGS = ("a", "b", "c")
NAMES = Names(FOGS)
LEAVES = [
    "a",
    "b",
    "c",
    "1",
    "0",
    "-2",
    '"s"',
    "true",
    "false",
    "null",
    "[1, 2]",
    "[]",
    '@"2024-01-31"',
    "{k: 1}",
    "v",
    "item",
]

values = st.sampled_from(
    [
        None,
        True,
        False,
        Decimal(0),
        Decimal(1),
        Decimal(-3),
        "s",
        "",
        Date(2024, 1, 31),
        [],
        [Decimal(1), Decimal(2)],
        [True, None],
        {"k": Decimal(2)},
        {"k": True, "a": Decimal(1)},
        [{"k": Decimal(1)}, {"k": Decimal(2)}],
    ]
)


OPERATORS = ["+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or"]


def texts_over(inner):
    pair = st.tuples(inner, inner)
    triple = st.tuples(inner, inner, inner)
    return st.one_of(
        st.tuples(st.sampled_from(OPERATORS), pair).map(lambda it: f"({it[1][0]} {it[0]} {it[1][1]})"),
        triple.map("if {0[0]} then {0[1]} else {0[2]}".format).map("({})".format),
        triple.map("({0[0]} between {0[1]} and {0[2]})".format),
        triple.map("({0[0]} in ({0[1]}, {0[2]}))".format),
        pair.map("({0[0]} in [{0[1]}])".format),
        pair.map("({0[0]} in >= {0[1]})".format),
        triple.map("({0[0]} in [{0[1]}..{0[2]}])".format),
        pair.map("[{0[0]}, {0[1]}]".format),
        pair.map("{{k: {0[0]}, v: {0[1]}}}.k".format),
        pair.map("{{k: {0[0]}, m: k}}[m = {0[1]}]".format),
        inner.map("({}).k".format),
        pair.map("({0[0]})[{0[1]}]".format),
        pair.map("(for v in {0[0]} return {0[1]})".format),
        triple.map("(for v in {0[0]}, w in {0[1]} return {0[2]})".format),
        pair.map("(some v in {0[0]} satisfies {0[1]})".format),
        pair.map("(every v in {0[0]} satisfies {0[1]})".format),
        inner.map("(-({}))".format),
        inner.map("(({}) instance of list<number>)".format),
        pair.map("(function(v) {0[0]})({0[1]})".format),
        pair.map("sort({0[0]}, function(v, w) {0[1]})".format),
        triple.map("list replace({0[0]}, function(v, w) {0[1]}, {0[2]})".format),
        st.tuples(
            st.sampled_from(["not", "count", "sum", "all", "any", "min", "string", "flatten", "abs"]), inner
        ).map("{0[0]}({0[1]})".format),
        st.tuples(st.sampled_from(["is", "list contains", "append", "modulo", "contains"]), pair).map(
            lambda it: f"{it[0]}({it[1][0]}, {it[1][1]})"
        ),
    )


texts = st.recursive(st.sampled_from(LEAVES), texts_over, max_leaves=6)
partial_facts = st.dictionaries(st.sampled_from(FOGS), values)
all_facts = st.fixed_dictionaries(dict.fromkeys(FOGS, values))


def alike(a, b):
    """Functions are made anew each time: two of one text are alike."""
    if isinstance(a, Function) and isinstance(b, Function):
        return a.text == b.text
    return same(a, b)


@given(texts, partial_facts, all_facts)
@example("(a and b)", {}, {"a": False, "b": None, "c": None})
def test_a_fact_that_arrives_never_changes_what_was_known(a_run, text, given_facts, later):
    expression = compile_expression(text, NAMES)
    found = expression(given_facts, a_run())
    if found is not UNKNOWN:
        assert alike(expression({**later, **given_facts}, a_run()), found)


@given(texts, values, partial_facts, all_facts)
def test_a_fact_that_arrives_never_changes_the_answer_of_a_cell(a_run, text, value, given_facts, later):
    test = compile_test(text, NAMES)
    found = test(value, given_facts, a_run())
    if found is not UNKNOWN:
        assert test(value, {**later, **given_facts}, a_run()) is found
        assert test(UNKNOWN, given_facts, a_run()) is (True if test.is_any else UNKNOWN)


@given(texts, all_facts)
def test_with_all_facts_nothing_is_unknown(a_run, text, facts):
    assert compile_expression(text, NAMES)(facts, a_run()) is not UNKNOWN


@given(texts, all_facts)
def test_a_constant_is_what_evaluation_gives(a_run, text, facts):
    expression = compile_expression(text, NAMES)
    if expression.is_constant:
        assert not expression.reads
        assert alike(expression(facts, a_run()), expression.value)


FRAGMENTS = [
    *LEAVES,
    *BUILTINS,
    "if",
    "then",
    "else",
    "for",
    "in",
    "return",
    "some",
    "satisfies",
    "function",
    "(",
    ")",
    "[",
    "]",
]
FRAGMENTS += [
    "{",
    "}",
    "..",
    ".",
    ",",
    ":",
    "+",
    "-",
    "*",
    "**",
    "/",
    "<",
    ">=",
    "=",
    "!=",
    "and",
    "or",
    "between",
    "instance of",
]
FRAGMENTS += [
    "list<number>",
    "?",
    "@",
    '"',
    "“x”",
    "'",
    "//",
    "/*",
    "\n",
    "\\",
    "\x00",
    "é",
    "😀",
    "1e9999",
    "external",
    "partial",
]


@given(st.lists(st.sampled_from(FRAGMENTS)).map(" ".join) | st.text(), values)
def test_no_text_raises(a_run, text, value):
    expression, test = compile_expression(text, NAMES), compile_test(text, NAMES)
    with contextlib.suppress(BudgetExhausted):
        expression({"a": value}, a_run(steps=2_000))
    with contextlib.suppress(BudgetExhausted):
        test(value, {"a": value}, a_run(steps=2_000))
    for found in (*expression.diagnostics, *test.diagnostics):
        start, end = found.where.span
        assert 0 <= start <= end <= len(text)
        assert found.message.endswith(".")
        assert found.code.startswith("feel/")


@given(texts)
def test_every_node_knows_its_text(text):
    node, diagnostics = parse_expression(text, Names([*FOGS, "v", "w", "item"]))
    assert not diagnostics
    again, _ = parse_expression(text[node.start : node.end], Names([*FOGS, "v", "w", "item"]))
    assert type(again) is type(node)


HOSTILE = [
    "for i in 1..1000000000 return i",
    "count(for i in 1..1000, j in 1..1000, k in 1..1000 return 1)",
    "some i in 1..1000000000 satisfies false",
    "{w: function(f, n) f(f, n + 1), v: w(w, 1)}.v",
    "{w: function(f, n) if n = 0 then 1 else f(f, n - 1) + f(f, n - 1), v: w(w, 30)}.v",
    "{d: function(f, n) if n = 0 then [1] else {y: f(f, n - 1), r: [y, y]}.r, v: flatten(d(d, 40))}.v",
    "string(for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]])",
    "{l: for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]], v: l = l}.v",
    'for i in 1..60 return if i = 1 then "ab" else partial[-1] + partial[-1]',
    "for i in 1..60 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])",
    "for i in 1..100000 return [partial]",
    "for i in 1..3000 return sum(for j in 1..1000 return j)",
    'for i in 1..100000 return matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" + string(i), "(a*)*(a|b)*c")',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_ends_at_the_budget(a_run, text):
    begun = time.thread_time()
    expression = compile_expression(text, Names())
    with pytest.raises(BudgetExhausted):
        expression({}, a_run(steps=300_000))
    assert time.thread_time() - begun < 5


@pytest.mark.parametrize(
    "text",
    [
        "9.999999999999999999999999999999999e6144 ** 9999999",
        "1.000000000000000000000000000000001 ** 999999999999",
        "0.1 ** 1e6000",
        "exp(1e6000)",
        "(1e6144 - 1) / 1e-6143",
        "modulo(1e6144, 3)",
        "decimal(1, 1e30)",
        'substring("a", 1e6144)',
        "[1][1e6144]",
        "date(1e6144, 1, 1)",
        '@"P999999999Y" * 1e6144',
        '@"-999999999-01-01" - @"P1D" * 1e9',
        "for i in 1e6144..1 return i",
        "time(1, 1, 1e-6000)",
        "odd(1e6144)",
    ],
)
def test_extreme_numbers_end_at_once(a_run, text):
    begun = time.thread_time()
    compile_expression(text, Names())({}, a_run())
    assert time.thread_time() - begun < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "1" + ")" * 5000,
        "-" * 5000 + "1",
        "[" * 5000,
        "1" + "+1" * 5000,
        "if 1 then " * 500,
        "x" + ".a" * 5000,
        "{a:" * 5000,
        "not(" * 5000,
        "1 in (" * 3000,
        "1 instance of " + "list<" * 3000,
        "function(a) " * 1000,
        "a" * 200000,
    ],
)
def test_deep_text_is_told_and_not_followed(text):
    assert "feel/too-deep" in {found.code for found in compile_expression(text, Names(["x"])).diagnostics}
    assert not compile_test(text, Names(["x"])).ok


def test_what_people_write_step_by_step_is_not_deep(a_run):
    text = "".join(f"if a = {n} then {n * 2} else " for n in range(250)) + "null"
    assert compile_expression(text, NAMES)({"a": Decimal(249)}, a_run()) == Decimal(498)
    assert compile_expression(" + ".join(["1"] * 700), NAMES)({}, a_run()) == Decimal(700)


def test_a_long_list_of_alternatives_is_not_deep(a_run):
    text = " or ".join(f"a = {n}" for n in range(500))
    assert compile_expression(text, NAMES)({"a": Decimal(499)}, a_run()) is True
    assert compile_test(", ".join(map(str, range(2000))), NAMES)(Decimal(1999), {}, a_run()) is True


def test_functions_may_call_each_other_some_way_down(a_run):
    text = "{f: function(f, n) if n = 0 then 0 else 1 + f(f, n - 1), v: f(f, 30)}.v"
    assert compile_expression(text, Names())({}, a_run()) == 30


def test_the_decimal_context_of_the_thread_does_not_matter(a_run):
    text = "[1 / a, -1.234567890123456789012345678901234, a ** 0.5, sum([a, 1e33]), abs(-0.12345678901234567), exp(a)]"
    facts = {"a": Decimal(7)}
    here = compile_expression(text, NAMES)(facts, a_run())
    there = []

    def elsewhere():
        decimal.getcontext().prec = 2
        decimal.getcontext().rounding = decimal.ROUND_UP
        decimal.getcontext().traps[decimal.Inexact] = True
        there.append(compile_expression(text, NAMES)(facts, a_run()))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert same(there, [here])
