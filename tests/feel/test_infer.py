"""What is found before anything runs is so: held to what evaluation gives, over all types and many values."""

import itertools
from decimal import Decimal

import pytest
from fuzz import FACTS, NAMES, a_run, expressions, outcome, values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_tables.errors import BudgetExhausted
from decision_tables.feel import syntax
from decision_tables.feel.evaluate import compile_expression, compile_test
from decision_tables.feel.functions import BUILTINS
from decision_tables.feel.infer import findings_of, fits, type_of_value
from decision_tables.feel.parse import Names
from decision_tables.feel.temporal import temporal_of
from decision_tables.feel.types import Type, conforms
from decision_tables.feel.values import UNKNOWN, Range

# Values of each type, several of each, so that what can work has something to work on.
SAMPLES = {
    "number": [Decimal(n) for n in (0, 1, 2, 3, -1)] + [Decimal("0.5")],
    "string": ["", "a", "abc", "1", "2024-02-29", "P1D", "10:20:30", " "],
    "boolean": [True, False],
    "date": [temporal_of("2024-02-29"), temporal_of("1999-12-31")],
    "time": [temporal_of("10:20:30"), temporal_of("00:00:00Z")],
    "date and time": [temporal_of("2024-02-29T10:20:30"), temporal_of("2024-02-29T10:20:30Z")],
    "days and time duration": [temporal_of("P1D"), temporal_of("PT2H")],
    "years and months duration": [temporal_of("P1Y"), temporal_of("P2M")],
}
# The empty list is a list of anything, so what is said of lists is said of others.
LISTS = {f"list<{kind}>": [*([one] for one in some), some] for kind, some in SAMPLES.items()}
ALL = {Type(kind): some for kind, some in SAMPLES.items()} | {
    Type("list", (Type(kind),)): LISTS[f"list<{kind}>"] for kind in ("number", "string", "date", "boolean")
}
PAIRS = Names(["a", "b", "c"])
OPERATORS = ["+", "-", "*", "/", "**", "<", "<=", ">", ">=", "=", "!="]


def some_value(text, sampled):
    """Whether an expression has a value for any of the values of its facts."""
    compiled = compile_expression(text, PAIRS)
    return any(
        compiled(dict(zip("abc", facts, strict=False)), a_run()) is not None
        for facts in itertools.product(*sampled)
    )


def certainly_nothing(text, kinds):
    """Whether a text is told never to work."""
    compiled = compile_expression(text, PAIRS)
    _, found = findings_of(compiled.node, dict(zip("abc", kinds, strict=False)))
    return any(one.certain for one in found)


@pytest.mark.parametrize("op", OPERATORS)
def test_an_operator_is_told_never_to_work_exactly_where_no_values_of_the_types_have_a_result(op):
    text = f"a {op} b"
    for (left, some), (right, others) in itertools.product(ALL.items(), repeat=2):
        assert certainly_nothing(text, (left, right)) is not some_value(text, (some, others)), (left, right)


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_a_call_is_told_never_to_work_only_where_no_values_of_the_types_have_a_result(name):
    amounts = {len(one.parameters) for one in BUILTINS[name].overloads} & {1, 2}
    wrongly_silent = 0
    for amount in amounts:
        text = f"{name}({', '.join('abc'[:amount])})"
        for chosen in itertools.product(ALL.items(), repeat=amount):
            kinds, sampled = zip(*chosen, strict=True)
            silent = not certainly_nothing(text, kinds)
            works = some_value(text, sampled)
            assert silent or not works, (text, kinds)
            wrongly_silent += silent and not works
    # Elsewhere what never works is told.
    if name not in DEPENDS_ON_VALUES:
        assert not wrongly_silent, name


# Whose arguments may be of the right types and still have no value: what a text says, what a context holds, how
# many there are.
DEPENDS_ON_VALUES = {
    *("number", "date and time", "time", "date", "duration", "years and months duration", "range"),
    *(
        "get value",
        "context",
        "context merge",
        "replace",
        "sort",
        "list replace",
        "not",
        "stddev",
        "string join",
    ),
}


@pytest.mark.parametrize(
    "cell", ["a", "= a", "!= a", "< a", "> a", "[a..a]", "not(a)", "a, a"], ids=lambda cell: cell
)
def test_a_condition_is_told_never_to_hold_exactly_where_it_holds_for_no_value(cell):
    test = compile_test(cell, PAIRS)
    for (tested, some), (right, others) in itertools.product(ALL.items(), repeat=2):
        if right.name == "boolean" and tested.name != "boolean":
            continue  # what is true of its own holds whatever is tested
        _, found = findings_of(test.node, {"a": right}, tested)
        told = any(one.certain for one in found)
        answers = [
            (test(value, {"a": a}, a_run()), is_answer(test, value, a)) for value in some for a in others
        ]
        # A negation may turn what never holds into what always does: it tells nothing apart either.
        holds = len({answer for answer, _ in answers}) > 1 or (answers[0][0] and not test.node.negated)
        assert not (told and holds), (cell, tested, right)
        assert told or any(sound for _, sound in answers), (cell, tested, right)


def is_answer(test, value, other):
    """Whether a test answers; one that has no answer is not met, and the run carries a warning."""
    run = a_run()
    test(value, {"a": other}, run)
    return not run.warnings


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(expressions, st.fixed_dictionaries(dict.fromkeys(FACTS, values)))
def test_a_value_is_of_the_type_that_was_inferred_or_null(text, facts):
    compiled = compile_expression(text, NAMES)
    if not compiled.ok or compiled.node is None:
        return
    kind, _ = findings_of(compiled.node, {name: type_of_value(value) for name, value in facts.items()})
    value = outcome(compiled, facts)
    if value is None or value is UNKNOWN or isinstance(value, BudgetExhausted):
        return
    assert is_of(value, kind), (text, kind, value)


def is_of(value, kind):
    """Whether a value is of an inferred type: entries that nobody named, and null elements, say nothing."""
    if kind.name in ("Any", "function"):
        return True
    if kind.name == "list":
        return isinstance(value, list) and all(
            item is None or not kind.items or is_of(item, kind.items[0]) for item in value
        )
    if kind.name == "context":
        return isinstance(value, dict) and all(
            name in value and (value[name] is None or is_of(value[name], inner))
            for name, inner in kind.entries
        )
    if kind.name == "range":
        return isinstance(value, Range)
    return conforms(value, kind)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(expressions, st.fixed_dictionaries(dict.fromkeys(FACTS, values)))
def test_what_is_told_of_a_part_stands_in_the_text(text, facts):
    compiled = compile_expression(text, NAMES)
    if not compiled.ok or compiled.node is None:
        return
    _, found = findings_of(compiled.node, {name: type_of_value(value) for name, value in facts.items()})
    spans = {(node.start, node.end) for node in syntax.walk(compiled.node)}
    for one in found:
        assert (one.start, one.end) in spans
        assert one.message[0].isupper() or not one.message[0].isalpha()
        assert one.message.endswith((".", "?"))


def test_a_type_fits_where_feel_would_convert():
    number, text = Type("number"), Type("string")
    assert fits(Type("list", (number,)), number)
    assert fits(number, Type("list", (number,)))
    assert fits(Type("date"), Type("date and time"))
    assert not fits(number, text)
    assert not fits(Type("list", (text,)), number)
