"""The vocabulary, and the door through which given facts come in."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from builders import asked
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_tables.errors import InvalidFacts
from decision_tables.feel.temporal import Date, DateTime, DaysDuration, Time, YearsDuration
from decision_tables.vocabulary import Fact, Vocabulary, Words

CLUB = Vocabulary(
    [
        Fact("age", "number", "[0..130]"),
        Fact("colour", "string", '"red","green","blue"'),
        Fact("member", "boolean"),
        Fact("born", "date"),
        Fact("spouse", "string", nullable=True),
        Fact("marks", "list<number>", ">= 0"),
        Fact("anything"),
        Fact("address", "context"),
        Fact("a/b", "string"),
    ]
)


def refused(facts: dict, vocabulary: Vocabulary = CLUB):
    with pytest.raises(InvalidFacts) as caught:
        vocabulary.accept(facts)
    assert caught.value.code == "facts/invalid"
    return caught.value.problems


# -- given facts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("string", "text", "text"),
        ("number", 18, Decimal(18)),
        ("number", Decimal("18.50"), Decimal("18.50")),
        ("number", 10**20, Decimal(10**20)),
        ("boolean", False, False),
        ("date", "2026-01-31", Date(2026, 1, 31)),
        ("time", "09:30:00", Time.parse("09:30:00")),
        ("date and time", "2026-01-31T09:30:00Z", DateTime.parse("2026-01-31T09:30:00Z")),
        ("days and time duration", "P10DT8H", DaysDuration.parse("P10DT8H")),
        ("years and months duration", "P1Y6M", YearsDuration.parse("P1Y6M")),
        ("context", {"p": [1, {"q": None}]}, {"p": [Decimal(1), {"q": None}]}),
        ("list", [1, "a", None], [Decimal(1), "a", None]),
        ("list<date>", ["2026-01-31"], [Date(2026, 1, 31)]),
        ("list< list<number> >", [[1], []], [[Decimal(1)], []]),
        ("Any", {"p": True}, {"p": True}),
    ],
)
def test_json_is_read_as_the_type_that_the_fact_declares(kind, raw, value):
    accepted = Vocabulary([Fact("f", kind)]).accept({"f": raw})
    assert accepted == {"f": value}
    assert type(accepted["f"]) is type(value)


@pytest.mark.parametrize(
    "kind", ["string", "number", "boolean", "date", "time", "list", "list<string>", "context"]
)
def test_a_value_of_another_type_is_refused_by_name(kind):
    odd = True if kind != "boolean" else 1
    (problem,) = refused({"f": odd}, Vocabulary([Fact("f", kind)]))
    assert (problem.path, problem.code, problem.allowed) == ("/facts/f", "facts/type", (kind,))
    assert "`f`" in problem.message


def test_facts_wrong_in_five_places_name_all_five():
    problems = refused(
        {"age": "18", "colour": "gren", "membr": True, "born": "31-1-2000", "marks": [1, -1], "spouse": None}
    )
    assert [(p.path, p.code, p.near_miss) for p in problems] == [
        ("/facts/age", "facts/type", "18"),
        ("/facts/colour", "facts/not-allowed", "green"),
        ("/facts/membr", "facts/undeclared", "member"),
        ("/facts/born", "facts/type", None),
        ("/facts/marks/1", "facts/not-allowed", None),
    ]
    assert problems[1].allowed == ("red", "green", "blue")
    assert "one of" in problems[1].message
    assert problems[1].given == "gren"


def test_the_message_of_refused_facts_says_all_of_it():
    with pytest.raises(InvalidFacts, match=r"^2 facts cannot be accepted: .*`age`.*; .*`colour`"):
        CLUB.accept({"age": -1, "colour": 5})


def test_null_may_be_given_only_where_the_vocabulary_says_so():
    assert CLUB.accept({"spouse": None}) == {"spouse": None}
    (problem,) = refused({"member": None})
    assert problem.code == "facts/null"
    assert "leave it out if it is not known" in problem.message


def test_a_null_in_a_list_is_no_item_of_its_type():
    (problem,) = refused({"marks": [1, None]})
    assert (problem.path, problem.code) == ("/facts/marks/1", "facts/null")


@pytest.mark.parametrize("word", ["yes", "TRUE", "y"])
def test_a_quoted_boolean_is_told_what_was_meant(word):
    assert refused({"member": word})[0].near_miss == "true"


def test_an_undeclared_fact_is_dropped_where_the_caller_says_so():
    assert CLUB.accept({"age": 1, "shoe": 44}, ignore_undeclared=True) == {"age": Decimal(1)}


def test_the_path_of_a_problem_is_a_json_pointer():
    assert refused({"a/b": 1})[0].path == "/facts/a~1b"
    assert refused({"~x": 1})[0].path == "/facts/~0x"


@pytest.mark.parametrize("key", ["age", "anything", "address"])
@pytest.mark.parametrize(
    "number",
    [
        10**34,
        Decimal("1." + "1" * 34),
        Decimal("1E+6145"),
        Decimal("1E-6145"),
        pytest.param(10**7000, id="seven thousand digits"),
        Decimal("NaN"),
    ],
)
def test_a_number_of_over_34_digits_or_beyond_the_exponents_of_decimal128_is_refused(key, number):
    raw = {"deep": [number]} if key == "address" else number
    assert refused({key: raw})[0].code == "facts/number"


def test_a_number_at_the_bounds_is_taken_as_it_is():
    wide = Vocabulary([Fact("n", "number")])
    for text in ("9" * 34, "0." + "1" * 34, "1E+6144", "-9.99E+6144", "1E-6143"):
        assert str(wide.accept({"n": Decimal(text)})["n"]) == text


def test_true_is_no_number_and_one_is_not_true():
    assert refused({"age": True})[0].code == "facts/type"
    assert refused({"member": 1})[0].code == "facts/type"


def test_what_nests_too_deeply_is_refused():
    deep: list = []
    for _ in range(3000):
        deep = [deep]
    assert refused({"anything": deep})[0].code == "facts/value"
    assert refused({"address": {"p": deep}})[0].code == "facts/value"


def test_a_thousand_unknown_facts_are_all_named_in_little_time():
    wide = Vocabulary([Fact(f"some_fact_number_{n}") for n in range(100)])
    begun = time.process_time()
    problems = refused({f"sone_fact_nunber_{n}": 1 for n in range(1000)}, wide)
    assert time.process_time() - begun < 2
    assert len(problems) == 1000
    assert problems[0].near_miss == "some_fact_number_0"


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.text(max_size=8),
        st.sampled_from(["red", "2026-01-31", "P1D", "18", "\ud800"]),
        st.integers(),
        st.decimals(),
        st.just(10**4000),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
EVERY_TYPE = Vocabulary(
    [
        Fact(f"f{n}", kind, allowed)
        for n, (kind, allowed) in enumerate(
            [
                *((kind, "") for kind in ("string", "number", "boolean", "date", "time", "date and time")),
                *((kind, "") for kind in ("context", "Any", "list", "list<list<number>>")),
                *((kind, "") for kind in ("days and time duration", "years and months duration")),
                ("string", '"red","b"'),
                ("number", "> 3, < 1"),
                ("Any", "? + 1 > 2"),
                ("Any", 'matches(?, "(")'),
            ]
        )
    ]
)


def problems_of(facts):
    try:
        EVERY_TYPE.accept(facts)
    except InvalidFacts as error:
        return error.problems
    return ()


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from([*EVERY_TYPE.facts, "f", "F0"]), json_values, max_size=5))
def test_any_json_is_accepted_or_refused_fact_by_fact(facts):
    problems = problems_of(facts)
    paths = {"/".join(problem.path.split("/")[:3]) for problem in problems}
    assert paths <= {f"/facts/{key}" for key in facts}
    assert all(problem.message and problem.code.startswith("facts/") for problem in problems)
    accepted = EVERY_TYPE.accept({key: raw for key, raw in facts.items() if f"/facts/{key}" not in paths})
    for key, value in accepted.items():
        assert EVERY_TYPE.kinds[key].holds(value)
        assert EVERY_TYPE.allows(key, value)


# -- the vocabulary itself ------------------------------------------------------------------------------------


def told(*facts: Fact) -> list[tuple[str, str]]:
    return [(found.code, str(found.where)) for found in Vocabulary(facts).diagnostics]


@pytest.mark.parametrize("key", ["age", "monthly fee", "x1", "é_2", "a-b", "it's", "n.m"])
def test_a_name_may_hold_what_feel_allows_in_names(key):
    assert told(Fact(key)) == []


@pytest.mark.parametrize("key", ["", " age", "age ", "1st", "a  b", "a!", "?", "a\nb", "a" * 60 + "!"])
def test_what_cannot_name_a_fact_is_told(key):
    (found,) = Vocabulary([Fact(key)]).diagnostics
    assert (found.code, found.where.table, found.where.rule) == ("fact/key", "vocabulary", key)
    assert "starts with a letter" in found.hint


def test_a_fact_that_stands_twice_is_told():
    assert told(Fact("age"), Fact("age")) == [("fact/duplicate", "vocabulary / age")]


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("nummer", "Did you mean `number`?"),
        ("list<strin>", "Types are"),
        ("", "Types are"),
        ("list<>", "Types are"),
    ],
)
def test_a_type_that_there_is_not_is_told(kind, hint):
    (found,) = Vocabulary([Fact("age", kind)]).diagnostics
    assert (found.code, str(found.where)) == ("fact/type", "vocabulary / age / type")
    assert hint in found.hint or "Did you mean" in found.hint


def test_lists_of_lists_nest_only_so_deep():
    assert told(Fact("f", "list<" * 8 + "number" + ">" * 8)) == []
    assert told(Fact("f", "list<" * 5000 + "number" + ">" * 5000)) == [("fact/type", "vocabulary / f / type")]


def test_broken_allowed_values_are_told_at_their_place():
    ((code, place),) = told(Fact("colour", "string", '"red", gren'))
    assert (code, place) == ("feel/unknown-name", "vocabulary / colour / allowed")


def test_allowed_values_are_listed_only_where_they_are_a_plain_list():
    assert CLUB.values_of("colour") == ("red", "green", "blue")
    assert CLUB.values_of("age") is None
    assert CLUB.values_of("member") is None
    assert CLUB.expected("age") == ("number: [0..130]",)
    assert CLUB.expected("born") == ("date",)
    assert Vocabulary([Fact("f", "string", 'not("a")')]).values_of("f") is None


def test_words_fall_back_to_a_language_that_has_them():
    words = Words({"nl": "", "en": "Age", "fr": "Âge"})
    assert (words.said_in("fr"), words.said_in("nl"), words.said_in("de")) == ("Âge", "Age", "Age")
    assert not Words({"en": ""})
    assert Words().said_in("en") == ""
    assert asked("x").question
