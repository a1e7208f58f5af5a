"""What an author is told about broken text: code, place, sentence, hint."""

import pytest

from decision_tables.diagnostics import Where
from decision_tables.feel.evaluate import compile_expression, compile_test
from decision_tables.feel.parse import Names

NAMES = Names(["conveys_signals", "turnover", "monthly fee"])


@pytest.mark.parametrize(
    ("text", "code", "marked", "hint"),
    [
        ("conveys_signal", "feel/unknown-name", "conveys_signal", "Did you mean “conveys_signals”?"),
        ("BE", "feel/unknown-name", "BE", 'Text goes in quotes: "BE"'),
        ("very high", "feel/unknown-name", "very high", 'Text goes in quotes: "very high"'),
        ("turnover + Monthly Fee", "feel/unknown-name", "Monthly Fee", "Did you mean “monthly fee”?"),
        ("? > 5", "feel/unknown-name", "?", ""),
        ("cuont([1])", "feel/unknown-function", "cuont", "Did you mean “count”?"),
        ("abs()", "feel/arguments", "abs()", ""),
        ("abs(number: 1)", "feel/arguments", "abs(number: 1)", ""),
        ("modulo(dividend: 1, 2)", "feel/arguments", "2", ""),
        ("“BE”", "feel/syntax", "“BE”", 'Write "BE".'),
        ("'BE'", "feel/syntax", "'", "Text goes in double quotes."),
        ('"BE', "feel/syntax", '"', "A quote is opened and not closed."),
        ("turnover ≥ 5", "feel/syntax", "≥", "Write >= for “at least”."),
        ("turnover is 5", "feel/syntax", "is", "To compare, write “=”."),
        (
            "1 2",
            "feel/syntax",
            "2",
            "Something is missing before it: a comma, an operator, or quotes round a text.",
        ),
        ("1 +", "feel/syntax", "", ""),
        ("(1", "feel/syntax", "", ""),
        ("[1, 2", "feel/syntax", "", ""),
        ("if turnover then 1", "feel/syntax", "", ""),
        ("for x in [1] satisfies x", "feel/syntax", "satisfies", ""),
        ("[1..2", "feel/syntax", "", ""),
        ("{a: 1, a: 2}", "feel/syntax", "a", ""),
        ("function(a, a) a", "feel/syntax", "a", ""),
        (
            '@"2024-13-01"',
            "feel/syntax",
            '@"2024-13-01"',
            'Write a date as @"2024-12-31", a duration as @"P30D".',
        ),
        ("1e9999", "feel/syntax", "1e9999", ""),
        ("turnover.", "feel/syntax", "", ""),
        ("date(2024-12-31)", "feel/arguments", "date(2024-12-31)", 'Write date("2024-12-31").'),
        ('date("2024-02-30")', "feel/constant", '"2024-02-30"', ""),
        ("turnover instance of nmber", "feel/unknown-type", "nmber", "Did you mean “number”?"),
        ("", "feel/empty", "", ""),
        ("  // nothing", "feel/empty", "", ""),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_try(text, code, marked, hint):
    where = Where("table", "rule", "column")
    (found,) = compile_expression(text, NAMES, where).diagnostics
    start, end = found.where.span
    assert (found.code, text[start:end], found.hint) == (code, marked, hint)
    assert (found.where.table, found.where.rule, found.where.column) == ("table", "rule", "column")
    assert found.text == text
    assert found.message.endswith(".")


def test_all_unknown_names_are_told_at_once():
    found = compile_expression("alpha + beta * turnover - gamma", NAMES).diagnostics
    assert [one.where.span for one in found] == [(0, 5), (8, 12), (26, 31)]


def test_a_filter_may_name_what_only_its_elements_have():
    assert compile_expression("turnover[year > 2020]", NAMES).ok


@pytest.mark.parametrize(
    ("cell", "code", "hint"),
    [
        ("BE, NL", "feel/unknown-name", 'Text goes in quotes: "BE"'),
        ("\u2013", "feel/syntax", "Write a hyphen “-” for minus, or for “any value”."),
        ('"a"; "b"', "feel/syntax", "Alternatives are separated by commas."),
        ("< 5 >", "feel/syntax", ""),
    ],
)
def test_a_mistake_in_a_cell_is_told_too(cell, code, hint):
    test = compile_test(cell, NAMES)
    assert (test.diagnostics[0].code, test.diagnostics[0].hint) == (code, hint)
    assert not test.ok


def test_broken_text_is_null_with_a_warning_when_it_is_run_all_the_same(a_run):
    run = a_run()
    assert compile_expression("1 +", NAMES)({}, run) is None
    assert compile_test("1 +", NAMES)(1, {}, run) is False
    assert run.warnings[0].code == "feel/syntax"


def test_a_constant_that_cannot_be_read_is_only_a_warning():
    assert compile_expression('date("2024-02-30")', NAMES).ok


def test_a_constant_date_is_a_literal_for_the_index():
    (interval,) = compile_test('[date("2020-01-01")..date("2021-01-01"))', NAMES).branches
    assert (str(interval.low.value), str(interval.high.value)) == ("2020-01-01", "2021-01-01")
    assert (interval.low.start, interval.low.end) == (1, 19)


def test_a_type_may_be_named_by_the_rulebook(a_run):
    from decision_tables.feel.types import Type

    names = Names(["x"], types={"money amount": Type("number")})
    compiled = compile_expression("x instance of money amount", names)
    assert compiled.ok
    assert compiled({"x": "a"}, a_run()) is False
