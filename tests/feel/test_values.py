"""What holds of any value: sameness, equality, order, text, JSON."""

import copy
import pickle
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_tables.errors import BudgetExhausted
from decision_tables.feel.evaluate import compile_expression
from decision_tables.feel.parse import Names
from decision_tables.feel.temporal import (
    Date,
    DaysDuration,
    Time,
    YearsDuration,
    Zone,
    date_time_of,
)
from decision_tables.feel.values import (
    NUMBERS,
    UNKNOWN,
    Range,
    equal,
    from_json,
    less,
    same,
    text_of,
    to_json,
    type_name,
)

numbers = st.decimals(allow_nan=False, allow_infinity=False).map(NUMBERS.create_decimal)
zones = st.none() | st.integers(-18 * 60, 18 * 60).map(lambda minutes: Zone(minutes * 60))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    numbers,
    st.text(),
    st.builds(Date.of_days, st.integers(-(10**9), 10**9)),
    st.builds(Time.of_nanoseconds, st.integers(0, 86_399_999_999_999), zones),
    st.datetimes().map(date_time_of),
    st.integers(-(10**20), 10**20).map(DaysDuration),
    st.integers(-(10**6), 10**6).map(YearsDuration),
)
ranges = st.one_of(
    st.builds(Range, numbers, numbers, st.booleans(), st.booleans()),
    st.builds(Range.of_comparison, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), numbers),
)
values = st.recursive(
    scalars | ranges,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=50)
@given(values)
def test_the_text_of_a_value_reads_back(run_free_value, value):
    assert same(run_free_value(text_of(value)), value)


@pytest.fixture(scope="session")
def run_free_value(a_run):
    def evaluate(text):
        compiled = compile_expression(text, Names())
        assert compiled.ok, compiled.diagnostics
        return compiled({}, a_run())

    return evaluate


@given(values)
def test_a_value_is_the_same_as_itself_and_its_copy(value):
    assert same(value, value)
    assert same(value, copy.deepcopy(value))


@given(values, values)
def test_sameness_goes_both_ways_and_makes_equal(a, b):
    assert same(a, b) == same(b, a)
    if same(a, b):
        assert equal(a, b) is True


@given(values, values)
def test_equality_goes_both_ways(a, b):
    assert equal(a, b) is equal(b, a)


@given(scalars, scalars)
def test_of_two_ordered_values_one_is_less_or_they_are_equal(a, b):
    if less(a, b) is not None:
        assert [less(a, b), less(b, a), equal(a, b)].count(True) == 1


@pytest.mark.parametrize(
    ("a", "b", "answer"),
    [
        (True, Decimal(1), None),
        (Decimal(1), Decimal("1.0"), True),
        (None, None, True),
        (None, False, False),
        ([Decimal(1)], [True], None),
        ([Decimal(1), Decimal(2)], [True, Decimal(3)], False),
        ("1", Decimal(1), None),
    ],
)
def test_equality_never_mixes_types(a, b, answer):
    assert equal(a, b) is answer


def test_true_is_not_the_same_as_one():
    assert not same(True, Decimal(1))
    assert same(None, None)
    assert same(UNKNOWN, UNKNOWN)
    assert not same(UNKNOWN, None)


def test_unknown_has_no_truth_value():
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(UNKNOWN)


def test_there_is_one_unknown():
    assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN
    assert copy.deepcopy(UNKNOWN) is UNKNOWN
    assert type_name(UNKNOWN) == "unknown"


json_values = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(-(10**30), 10**30) | numbers,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(json_values)
def test_json_comes_back_as_it_went_in(obj):
    assert to_json(from_json(obj)) == obj
    assert same(from_json(to_json(from_json(obj))), from_json(obj))


@pytest.mark.parametrize(
    "obj",
    [
        1.5,
        float("nan"),
        Decimal("NaN"),
        Decimal("Infinity"),
        10**34 + 1,
        Decimal("1E+6145"),
        {1: 2},
        b"",
        {1},
    ],
)
def test_json_without_a_place_in_feel_is_refused(obj):
    with pytest.raises(ValueError, match=r"JSON|number|names"):
        from_json(obj)


@pytest.mark.parametrize("value", [UNKNOWN, [UNKNOWN], {"a": UNKNOWN}])
def test_unknown_is_not_json(value):
    with pytest.raises(ValueError, match="unknown"):
        to_json(value)


def test_temporal_values_are_iso_text_in_json():
    assert to_json([Date(2024, 2, 29), Time(1, 2, 3), DaysDuration.parse("P1D")]) == [
        "2024-02-29",
        "01:02:03",
        "P1D",
    ]


def nest(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def tangle(depth):
    value = [Decimal(1)]
    for _ in range(depth):
        value = [value, value]
    return value


@pytest.mark.parametrize("value", [nest(100_000), tangle(60)], ids=["deep", "wide"])
def test_vast_values_cost_the_budget_and_not_the_machine(monkeypatch, value):
    monkeypatch.setattr("decision_tables.feel.values.MAX_SIZE", 10_000)
    other = nest(100_000) if len(value) == 1 else tangle(60)
    for walk in (
        lambda: equal(value, other),
        lambda: same(value, other),
        lambda: text_of(value),
        lambda: to_json(value),
    ):
        with pytest.raises(BudgetExhausted):
            walk()
    with pytest.raises(BudgetExhausted):
        from_json(value)
