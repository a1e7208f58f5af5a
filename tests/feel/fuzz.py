"""A fuzzer of cells: texts of the whole grammar, mutated ones and noise, compiled and evaluated over random facts.

    python -m tests.feel.fuzz [--minutes 10] [--seed N]

What it holds FEEL to, whatever the text: nothing raises but `BudgetExhausted`, no text takes a second, values are
sound, what is known stays known when a fact arrives. The seed is printed; a text that breaks a law is made small,
printed, and kept in `.hypothesis/fuzz`. `make fuzz` runs it for ten minutes, the tests for some seconds.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import sys
import time
import traceback
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase

from decision_tables.errors import BudgetExhausted
from decision_tables.feel.evaluate import Run, compile_expression, compile_test
from decision_tables.feel.functions import BUILTINS
from decision_tables.feel.parse import Names
from decision_tables.feel.parse.names import tokens_of
from decision_tables.feel.temporal import CONSTRUCTORS, Date, DaysDuration, Time, YearsDuration
from decision_tables.feel.values import (
    MAX_SIZE,
    NUMBERS,
    UNKNOWN,
    Function,
    Range,
    Unknown,
    same,
    text_of,
    to_json,
    type_name,
)

FACTS = ("a", "b", "c", "monthly fee", "x-y", "items")
NAMES = Names(FACTS, components=["home town"])
STEPS = 20_000
SECONDS = 1.0
"""The longest that one text may take, to compile or to run."""
MEGABYTES = 600
"""How much a fuzzing process may grow."""

# ---- the grammar


def _several(written):
    """Texts written one after another, with bars between them."""
    return re.split(r"\s+¦\s+", written.strip())


_numbers = st.one_of(
    st.integers(-20, 20).map(str),
    st.sampled_from(["0.1", ".5", "1e3", "2.50", "1e6144", "1e-6143", "9e6144", "0.000", "-0", "1e999999"]),
    st.sampled_from(["9999999999999999999999999999999999", "1000000000000", "9**9**9", "1/3"]),
)
_strings = st.one_of(
    st.text(max_size=6).map(text_of),
    st.sampled_from(
        [r'"\u00e9"', r'"\uD83D\uDE00"', r'"\U01F600"', r'"\uD83D"', r'"a\"b"', '"(a*)*b"', '"a;b"']
    ),
)
_moments = st.sampled_from(
    _several(
        """
        2024-02-29 ¦ -0044-03-15 ¦ 99999-12-31 ¦ 2024-02-30 ¦ 10:20:30 ¦ 23:59:59.999999999+14:00 ¦
        2024-03-31T02:30:00@Europe/Brussels ¦ 2024-10-27T02:30:00Z ¦ -99999-01-01T00:00:00 ¦
        12:00:00@Etc/UTC ¦ P1Y6M ¦ -P13M ¦ P1DT2H3M4.5S ¦ PT0S ¦ -PT36H ¦ P999999999Y ¦
        P700000000000D ¦ nonsense ¦ P
        """
    )
).map('@"{}"'.format)
_names = st.sampled_from([*FACTS, "v", "w", "item", "partial", "?", "as_of", "nowhere", "f", "k", "abs"])
_leaves = st.one_of(
    _names,
    _names,
    _numbers,
    _strings,
    _moments,
    st.sampled_from(["true", "false", "null", "[]", "{}", "today()"]),
)
_OPERATORS = ["+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or"]
_TYPES = [
    "number",
    "string",
    "list<Any>",
    "range<date>",
    "context<k: number>",
    "function<Any> -> Any",
    "Null",
]
_FORMS = _several(
    r"""
    -({0}) ¦ ({0}).k ¦ ({0}).year ¦ ({0}).time offset ¦ ({0}).start included ¦ [{0}] ¦ {{k: {0}}} ¦
    not({0}) ¦ ({0})[1] ¦ ({0})[-1] ¦ ({0})[item > 1] ¦ (< {0}) ¦ (!= {0}) ¦ function(v) {0} ¦
    (({0})) ¦ date({0}) ¦ ({0} in {1}) ¦ ({0} in (< {1}, {0})) ¦ [{0}..{1}] ¦ ({0}..{1}] ¦
    ]{0}..{1}[ ¦ [{0}, {1}] ¦ ({0})[{1}] ¦ {{k: {0}, v: {1}}} ¦
    {{f: function(n) if n < 1 then {0} else f(n - 1), v: f({1})}}.v ¦ {0}({1}) ¦
    (for v in {0} return {1}) ¦ (for v in {0}..{1} return v) ¦ (some v in {0} satisfies {1}) ¦
    ({0})(v: {1}) ¦ (every v in {0}, w in v satisfies {1}) ¦ (function(v, w) {0})({1}, v) ¦
    sort({0}, function(v, w) {1}) ¦ (for v in {0} return [partial, {1}]) ¦
    list replace({0}, function(v, w) {1}, w) ¦ {{k: {0}, m: k}}[m = {1}] ¦ if {0} then {1} else {2} ¦
    ({0} between {1} and {2}) ¦ ({0} in ({1}, {2})) ¦ (for v in {0}, w in {1} return {2}) ¦
    {{a: {0}, a b: {1}, c: {2}}}.a b ¦ ({0} in [{1}..{2}]) ¦ (external {{java: {0}}}) ¦
    [{0}, {1}, {2}]
    """
)
_FORMS += [f"(({{0}}) instance of {name})" for name in _TYPES]
_FORMS += [f"({{0}} {op} {{1}})" for op in _OPERATORS * 2]
_LABELLED = [
    f"{name}({', '.join(f'{p.name}: {{{place}}}' for place, p in enumerate(overload.parameters[:3]))})"
    for name, known in BUILTINS.items()
    for overload in known.overloads
]
_CALLS = [
    f"{name}({', '.join('{' + str(n) + '}' for n in range(amount))})"
    for name in BUILTINS
    for amount in range(4)
]


def _larger(inner):
    parts = st.tuples(inner, inner, inner)
    forms = st.one_of(st.sampled_from(_FORMS), st.sampled_from(_FORMS), st.sampled_from(_CALLS + _LABELLED))
    return st.tuples(forms, parts).map(lambda it: it[0].format(*it[1]))


expressions = st.recursive(_leaves, _larger, max_leaves=8)
_tests = st.one_of(
    expressions,
    st.tuples(st.sampled_from(_OPERATORS[5:11]), expressions).map(" ".join),
    st.tuples(expressions, expressions).map("[{0[0]}..{0[1]})".format),
)
cells = st.one_of(
    st.lists(_tests, min_size=1, max_size=3).map(", ".join),
    st.lists(_tests, min_size=1, max_size=2).map(", ".join).map("not({})".format),
)
_FRAGMENTS = _several(
    r"""
    if ¦ then ¦ else ¦ for ¦ in ¦ return ¦ some ¦ satisfies ¦ function ¦ ( ¦ ) ¦ [ ¦ ] ¦ { ¦ } ¦ .. ¦
    . ¦ , ¦ : ¦ + ¦ - ¦ ** ¦ < ¦ >= ¦ != ¦ and ¦ between ¦ instance of ¦ list< ¦ > ¦ -> ¦ ? ¦ @ ¦ " ¦
    “x” ¦ ' ¦ // ¦ /* ¦ */ ¦ \ ¦ é ¦ external ¦ date and ¦ 1. ¦ ..5
    """
)
_FRAGMENTS += ["\n", "\x00", "\ud83d", "\u200b"]


@st.composite
def mutated(draw):
    """A text of the grammar, some of its tokens doubled, dropped, moved or replaced."""
    tokens = [token.text for token in tokens_of(draw(expressions | cells))[:-1]]
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(tokens)))
        tokens[place : place + draw(st.integers(0, 3))] = draw(
            st.lists(st.sampled_from(_FRAGMENTS) | st.sampled_from(tokens or ["1"]), max_size=3)
        )
    return " ".join(tokens)


noise = st.one_of(
    st.text(max_size=60),
    st.binary(max_size=60).map(lambda it: it.decode("latin-1")),
    st.lists(st.sampled_from(_FRAGMENTS) | _leaves, max_size=25).map("".join),
    st.tuples(st.sampled_from(_FRAGMENTS), st.integers(1, 3_000)).map(lambda it: it[0] * it[1]),
)
texts = st.one_of(expressions, cells, mutated(), mutated(), noise)

_plain_values = st.one_of(
    st.sampled_from([None, True, False, "", "s", "2024-01-31", Date(2024, 1, 31), Time(10, 0, 0)]),
    st.sampled_from(
        [
            DaysDuration(86_400 * 10**9),
            YearsDuration(14),
            CONSTRUCTORS["date and time"]("2024-01-31T10:00:00Z"),
        ]
    ),
    st.integers(-5, 5).map(Decimal),
    st.sampled_from([Decimal("1e6144"), Decimal("-0.5"), Decimal("1e-6143"), Range(Decimal(1), Decimal(3))]),
)
values = st.recursive(
    _plain_values,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["k", "a", "v", "home town"]), inner)
    ),
    max_leaves=6,
)
all_facts = st.fixed_dictionaries(dict.fromkeys(FACTS, values))
some_facts = st.dictionaries(st.sampled_from(FACTS), values)

# ---- the laws


def a_run(steps=STEPS):
    """A run with a small budget, so that what grows meets it."""
    day = Date(2024, 5, 1)
    return Run(instant=datetime(2024, 5, 2, 13, 30, tzinfo=UTC), as_of=day, known_on=day, steps=steps)


def outcome(compiled, *arguments):
    """What a compiled text gives; the exception where the budget is spent."""
    begun = time.thread_time()
    try:
        return compiled(*arguments, a_run())
    except BudgetExhausted as exhausted:
        return exhausted
    finally:
        taken = time.thread_time() - begun
        assert taken < SECONDS, f"it ran for {taken:.1f} s"


def compiled(text):
    """A text as expression and as cell, compiled in time."""
    begun = time.thread_time()
    both = compile_expression(text, NAMES), compile_test(text, NAMES)
    taken = time.thread_time() - begun
    assert taken < SECONDS, f"it took {taken:.1f} s to compile"
    return both


def check_sound(value, depth=0):
    """A value is one of FEEL: numbers finite and of 34 digits, texts and lists within bounds."""
    kind = type(value)
    assert type_name(value) != "something that is no FEEL value", value
    if kind is Decimal:
        assert value.is_finite()
        assert value == NUMBERS.plus(value)
    elif kind is str:
        assert len(value) <= MAX_SIZE
    elif kind is list and depth < 20:
        assert len(value) <= MAX_SIZE
        for item in value[:50]:
            assert item is not UNKNOWN
            check_sound(item, depth + 1)
    elif kind is dict and depth < 20:
        for name, item in list(value.items())[:50]:
            assert type(name) is str
            assert item is not UNKNOWN
            check_sound(item, depth + 1)
    elif kind is Range:
        check_sound(value.low, depth + 1)
        check_sound(value.high, depth + 1)


def holds_a_function(value):
    """Whether a value is a function, or has one inside."""
    match value:
        case Function():
            return True
        case list():
            return any(map(holds_a_function, value))
        case dict():
            return any(map(holds_a_function, value.values()))
        case Range():
            return holds_a_function(value.low) or holds_a_function(value.high)
    return False


def nothing_raises(text, value, facts):
    """No text raises, hangs or gives what is no value; diagnostics point into the text."""
    expression, test = compiled(text)
    found = outcome(expression, facts)
    if not isinstance(found, (BudgetExhausted, Unknown)):
        check_sound(found)
        assert len(facts) < len(FACTS) or found is not UNKNOWN
        try:
            to_json(found)
            text_of(found)
        except BudgetExhausted:
            pass
    answer = outcome(test, value, facts)
    assert answer is True or answer is False or answer is UNKNOWN or isinstance(answer, BudgetExhausted)
    for told in (*expression.diagnostics, *test.diagnostics):
        start, end = told.where.span or (0, 0)
        assert 0 <= start <= end <= len(text)
        assert told.message.endswith((".", "?"))


def a_value_reads_back(text, facts):
    """The text of a value means the value."""
    found = outcome(compiled(text)[0], facts)
    if isinstance(found, (BudgetExhausted, Unknown)) or holds_a_function(found):
        return
    try:
        written = text_of(found)
    except BudgetExhausted:
        return
    again = compile_expression(written, NAMES)
    if "feel/too-deep" not in {told.code for told in again.diagnostics}:
        assert again.ok, (written, again.diagnostics)
        assert same(again({}, a_run(10**9)), found), written


def known_stays_known(text, facts, later):
    """What is known of a text stays so when facts arrive, whatever they are."""
    expression = compiled(text)[0]
    found = outcome(expression, facts)
    if found is UNKNOWN or isinstance(found, BudgetExhausted) or holds_a_function(found):
        return
    again = outcome(expression, {**later, **facts})
    assert isinstance(again, BudgetExhausted) or same(again, found), (again, found)


def an_answer_stays(text, value, facts, later):
    """What is known of a cell stays so when facts arrive."""
    test = compiled(text)[1]
    found = outcome(test, value, facts)
    if found is UNKNOWN or isinstance(found, BudgetExhausted):
        return
    again = outcome(test, value, {**later, **facts})
    assert isinstance(again, BudgetExhausted) or again is found
    assert test(UNKNOWN, facts, a_run()) is (True if test.is_any else UNKNOWN)


LAWS = {
    nothing_raises: (texts, values, some_facts | all_facts),
    a_value_reads_back: (expressions, all_facts),
    known_stays_known: (expressions | mutated(), some_facts, all_facts),
    an_answer_stays: (cells | mutated(), values, some_facts, all_facts),
}


def held(law, *, examples, seed, database=None):
    """Hold FEEL to a law on so many examples; the smallest that breaks it comes out as an exception."""
    names = law.__code__.co_varnames[: law.__code__.co_argcount]
    run = hypothesis.seed(seed)(given(**dict(zip(names, LAWS[law], strict=True)))(law))
    settings(
        max_examples=examples,
        deadline=None,
        database=database,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )(run)()


def megabytes():
    """The most memory that this process has had resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments=None):
    """Fuzzes for some minutes, prints, and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.feel.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=None, help="to see again what a run saw")
    chosen = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(10**9) if chosen.seed is None else chosen.seed
    folder = Path(".hypothesis/fuzz")
    begun, base, examples, rounds = time.monotonic(), megabytes(), 500, 0
    print(f"fuzzing for {chosen.minutes:g} minutes, seed {seed}", flush=True)
    while time.monotonic() - begun < chosen.minutes * 60:
        for law in LAWS:
            try:
                held(
                    law, examples=examples, seed=seed + rounds, database=DirectoryBasedExampleDatabase(folder)
                )
            except Exception:  # noqa: BLE001 - whatever it is, it is told and kept
                told = f"{law.__name__}, --seed {seed + rounds}\n\n{traceback.format_exc()}"
                folder.mkdir(parents=True, exist_ok=True)
                (folder / f"failure-{seed + rounds}.txt").write_text(told, encoding="utf-8")
                print(told, f"kept in {folder}/failure-{seed + rounds}.txt", sep="\n")
                return 1
        rounds += 1
        grown = megabytes() - base
        if grown > MEGABYTES:
            print(f"memory grew by {grown:.0f} MB, {MEGABYTES} allowed; --seed {seed + rounds - 1}")
            return 1
    taken = time.monotonic() - begun
    amount, grown = rounds * examples * len(LAWS), megabytes() - base
    print(f"{amount:,} examples in {taken:.0f} s, no law broken; grown by {grown:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
