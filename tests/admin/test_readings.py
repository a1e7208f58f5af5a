"""Cells in plain words: each says what the cell says, in three languages, and whatever can be read has a reading."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.grid import grid_of
from admin.readings import Reader
from admin.words import LANGUAGES, tongue
from decision_tables.feel.evaluate import compile_expression, compile_test
from decision_tables.feel.functions import BUILTINS
from decision_tables.feel.parse import Names
from decision_tables.table import Period, Rule
from tests.packs import telecom
from tests.service.fees import FEES

READERS = {code: Reader(FEES, tongue(code)) for code in LANGUAGES}

CONDITIONS = [
    ("-", "can be anything, also not known"),
    ("", "can be anything, also not known"),
    ('"BE"', "is BE"),
    ('"BE","FR"', "is BE or FR"),
    ('"BE","FR","NL"', "is BE, FR or NL"),
    ('not("US")', "is not US"),
    ('not("US","CH")', "is not US or CH"),
    ('"a, b"', "is “a, b”"),
    ('""', "is “”"),
    ("true", "is yes"),
    ("false", "is no"),
    ("null", "is known not to exist"),
    ("not(null)", "exists"),
    (">= 18", "is at least 18 years"),
    ("<= 18", "is at most 18 years"),
    ("< 18", "is less than 18 years"),
    ("> 18", "is more than 18 years"),
    ("!= 18", "is not 18 years"),
    ("1250000.50", "is 1,250,000.5 years"),
    ("[18..65]", "is from 18 to 65 years"),
    ("[18..65)", "is from 18 to 65 years, 65 not included"),
    ("(18..65]", "is from 18 to 65 years, 18 not included"),
    ("(18..65)", "is between 18 and 65 years, both not included"),
    ("< 18, > 65", "is less than 18 years or is more than 65 years"),
    ("not(< 18)", "does not hold: is less than 18 years"),
    ("? > 3 and ? < 5", "is more than 3 years and is less than 5 years"),
    ('>= @"2026-01-01"', "is 1 January 2026 at the earliest"),
    ('<= @"2026-01-01"', "is 1 January 2026 at the latest"),
    ('< date("2026-01-01")', "is before 1 January 2026"),
    ('[@"2024-01-01"..@"2025-12-31"]', "is from 1 January 2024 to 31 December 2025"),
    ('@"P1Y2M"', "is 1 year and 2 months"),
    ('>= @"P30D"', "is at least 30 days"),
    ('@"PT12H"', "is 12 hours"),
    ('contains(?, "x")', "contains x"),
    ('starts with(?, "x")', "starts with x"),
    ('not(contains(?, "x"))', "does not hold: contains x"),
    ("> surcharge", "is more than surcharge"),
    ("? * 2 > surcharge", "is such that: this value × 2 is more than surcharge"),  # noqa: RUF001 - a sign for people
]

OUTCOMES = [
    ("", "is left open by this row"),
    ("10", "is 10"),
    ('"A"', "is A"),
    ("null", "is none"),
    ("surcharge * 2", "is surcharge × 2"),  # noqa: RUF001 - a sign for people
    ("(age + 1) * 2", "is (age + 1) × 2"),  # noqa: RUF001 - a sign for people
    ("if age > 3 then 1 else 2", "is if age is more than 3, then 1, otherwise 2"),
    ("today()", "is today"),
    ("as_of", "is the date of the facts"),
    ("sum([1, 2])", "is the sum of 1 and 2"),
    ("papers[cost > 2]", "is those of papers for which cost is more than 2"),
    ("count(papers)", "is the number of items in papers"),
    ("abs(age)", "is abs(age)"),
    ("-age", "is −age"),  # noqa: RUF001 - a minus sign for people
    ("for x in papers return x.cost", "is for each x in papers: cost of x"),
    ("some x in [1, 2] satisfies x > 1", "is for some x in 1 and 2 it holds that x is more than 1"),
]


@pytest.mark.parametrize(("text", "words"), CONDITIONS)
def test_a_condition_reads_as_a_clause_behind_its_heading(text, words):
    assert READERS["en"].condition(text, "age").words == words


@pytest.mark.parametrize(("text", "words"), OUTCOMES)
def test_an_outcome_reads_as_a_clause_behind_its_heading(text, words):
    assert READERS["en"].outcome(text).words == words


def test_readings_are_in_the_readers_language_with_its_numbers_and_dates():
    nl, fr = READERS["nl"], READERS["fr"]
    assert nl.condition('"BE","FR"').words == "is BE of FR"
    assert fr.condition('"BE","FR"').words == "est BE ou FR"
    assert nl.condition(">= 1250000.5").words == "is minstens 1.250.000,5"
    assert fr.condition('< @"2026-01-01"').words == "est avant 1 janvier 2026"
    assert fr.condition("true").words == "est oui"
    assert nl.condition('@"P2Y"').words == "is 2 jaar"


def test_text_that_cannot_be_read_has_no_reading():
    for text in ("[", '"open', ">= ", "a b c(", "]" * 3_000):
        assert READERS["en"].condition(text).words == ""
        assert READERS["en"].outcome(text).words == ""


def headings_of(book, table, code):
    return {one.name: one.label for one in grid_of(book, table, (), language=code).headings}


def sentence(table, rule, code="en", book=FEES):
    return Reader(book, tongue(code)).sentence(table, rule, headings_of(book, table, code))


def test_a_row_reads_as_a_sentence_with_its_period_and_its_source():
    fee = FEES.table("fee")
    r1, r2, _ = fee.rules
    assert sentence(fee, r1) == "If age is less than 18 years, then fee is 0. Fees Act, article 1."
    assert sentence(fee, r2) == (
        "If age is at least 18 years and resident is yes, then fee is 10."
        " In force from 1 January 2020. Fees Act, article 2."
    )
    always = Rule("R9", ("-", "-"), ("1",), valid=Period("2020-01-01", "2021-01-01"))
    assert sentence(fee, always) == "Always: fee is 1. In force from 1 January 2020 until 1 January 2021."
    assert sentence(fee, Rule("R9", ("oops(", "-"), ("",))) == "If age “oops(”, then nothing is said."
    assert sentence(fee, r1, "nl").startswith(
        "Als dit klopt: age is minder dan 18 years, dan geldt: fee is 0."
    )


def test_a_row_that_leaves_the_matter_to_people_says_the_question():
    waiver = FEES.table("waiver")
    assert "a person has to judge: Is it hardship?" in sentence(waiver, waiver.rules[1])


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_cell_of_the_telecom_rulebook_has_a_reading_in_every_language(code):
    book = telecom()
    reader = Reader(book, tongue(code))
    for table in book.tables:
        headings = headings_of(book, table, code)
        for rule in table.rules:
            for column, text in zip(table.inputs, rule.tests, strict=False):
                assert reader.condition(text, column.expression).words, (table.key, rule.id, text)
            for text in rule.outputs:
                assert reader.outcome(text).words, (table.key, rule.id, text)
            assert reader.sentence(table, rule, headings).endswith(".")


ATOMS = st.sampled_from(
    [
        "?",
        "1",
        "-2.5",
        '"a"',
        '"x, y"',
        "true",
        "null",
        "age",
        "papers",
        "as_of",
        '@"2024-02-29"',
        '@"PT1H"',
        '@"P1Y"',
    ]
)
CALLS = st.sampled_from([name for name in sorted(BUILTINS) if name != "sort"])


def grown(inner):
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "=", "!=", "<", ">=", "and", "or"]), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        pair.map(lambda parts: f"[{parts[0]}, {parts[1]}]"),
        pair.map(lambda parts: f"{{k: {parts[0]}, l: {parts[1]}}}"),
        pair.map(lambda parts: f"[{parts[0]}..{parts[1]})"),
        pair.map(lambda parts: f"{parts[0]} in ({parts[1]}, < {parts[0]})"),
        pair.map(lambda parts: f"{parts[0]} between {parts[1]} and {parts[0]}"),
        pair.map(lambda parts: f"if {parts[0]} then {parts[1]} else {parts[0]}"),
        pair.map(lambda parts: f"for x in {parts[0]}, y in 1..3 return {parts[1]}"),
        pair.map(lambda parts: f"every x in {parts[0]} satisfies {parts[1]}"),
        pair.map(lambda parts: f"{parts[0]}[{parts[1]}]"),
        inner.map(lambda part: f"{part}.cost"),
        inner.map(lambda part: f"-({part})"),
        inner.map(lambda part: f"({part}) instance of list<number>"),
        inner.map(lambda part: f"function(a: number) {part}"),
        st.tuples(CALLS, st.lists(inner, max_size=3)).map(lambda call: f"{call[0]}({', '.join(call[1])})"),
    )


TEXTS = st.recursive(ATOMS, grown, max_leaves=12)


@settings(max_examples=400)
@given(
    TEXTS,
    st.sampled_from(["{}", "not({})", "< {}", "[{}..{}]", "{}, {}", "? > {}"]),
    st.sampled_from(list(LANGUAGES)),
)
def test_whatever_compiles_has_a_reading_and_nothing_raises(text, shape, code):
    names = Names(fact.key for fact in FEES.facts)
    reader = READERS[code]
    cell = shape.replace("{}", text)
    assert bool(reader.condition(cell, "age").words) or compile_test(cell, names).node is None
    assert bool(reader.outcome(text).words) or compile_expression(text, names).node is None


@given(st.text(max_size=60))
def test_no_text_at_all_raises(text):
    READERS["fr"].condition(text)
    READERS["fr"].outcome(text)


def test_a_text_nested_as_deep_as_feel_allows_is_read_or_left_as_it_is():
    for depth in (50, 200, 800):
        text = "(" * depth + "1" + ")" * depth
        READERS["en"].outcome(text)
        READERS["en"].condition("not(" * depth + "1" + ")" * depth)


def test_labels_stand_for_facts_and_units_for_what_is_counted():
    from decision_tables.vocabulary import Words

    facts = tuple(
        replace(fact, label=Words({"en": "Age of the applicant"})) if fact.key == "age" else fact
        for fact in FEES.facts
    )
    reader = Reader(replace(FEES, facts=facts), tongue("en"))
    assert reader.outcome("age + 1").words == "is Age of the applicant + 1"
