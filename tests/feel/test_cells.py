"""Input cells: unary tests on a value (DMN 1.5, 7.3.3 and 10.3.2.8)."""

import pytest

from decision_tables.feel import syntax
from decision_tables.feel.evaluate import compile_test
from decision_tables.feel.parse import Names
from decision_tables.feel.values import UNKNOWN


def lines(text):
    return [tuple(part.strip() for part in line.split("→")) for line in text.strip().splitlines()]


ANSWERS = lines("""
-                            → null           → true
                             → 5              → true
"BE"                         → "BE"           → true
"BE"                         → "NL"           → false
"BE", "NL"                   → "NL"           → true
"BE", "NL"                   → "FR"           → false
not("BE", "NL")              → "FR"           → true
not("BE", "NL")              → "NL"           → false
not("BE") and true           → true           → false
5                            → 5.0            → true
1, 2, 3                      → 2              → true
true                         → true           → true
true                         → false          → false
false                        → false          → true
null                         → null           → true
null                         → 5              → false
not(null)                    → 5              → true
not(null)                    → null           → false
"BE"                         → null           → false
not("BE")                    → null           → true
< 5                          → 4              → true
< 5                          → 5              → false
<= 5                         → 5              → true
> 5, < 2                     → 1              → true
> 5, < 2                     → 3              → false
= 5                          → 5              → true
!= 5                         → 5              → false
!= 5                         → null           → true
[1..5]                       → 5              → true
[1..5)                       → 5              → false
]1..5]                       → 1              → false
(1..5), 9                    → 9              → true
not([1..5])                  → 6              → true
[@"2020-01-01"..@"2021-01-01") → started      → true
>= date("2020-02-29")        → started        → true
< @"P1M"                     → @"P20D"        → false
-5                           → -5             → true
> -5                         → -4             → true
? > 5                        → 6              → true
? > 5 and ? < 7              → 6              → true
starts with(?, "voice")      → "voice over IP" → true
count(?) > 1                 → [1, 2]         → true
list contains(?, "a")        → ["a"]          → true
x                            → 7              → true
> x                          → 8              → true
[y..x]                       → 5              → true
numbers                      → 2              → true
numbers                      → [1, 2, 3]      → true
[1, 2]                       → [1, 2]         → true
x > 5                        → "any"          → true
x < 5                        → "any"          → false
yes                          → "any"          → true
monthly fee * 2              → 25             → true
if yes then "a" else "b"     → "a"            → true
""")


@pytest.mark.parametrize(("cell", "value", "answer"), ANSWERS)
def test_a_cell_answers_for_a_value(answer_of, cell, value, answer):
    assert answer_of(cell, value) is (answer == "true")


UNKNOWNS = lines("""
-                            → fog            → true
"BE"                         → fog            → unknown
not("BE")                    → fog            → unknown
fog                          → 5              → unknown
5, fog                       → 5              → true
5, fog                       → 6              → unknown
not(5, fog)                  → 5              → false
> fog                        → 5              → unknown
[fog..5]                     → 9              → unknown
? > 5 or fog                 → 6              → true
? > 5 and fog                → 4              → false
""")


@pytest.mark.parametrize(("cell", "value", "answer"), UNKNOWNS)
def test_a_cell_answers_for_what_is_not_known(answer_of, cell, value, answer):
    assert answer_of(cell, value) is {"true": True, "false": False, "unknown": UNKNOWN}[answer]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("< 5", '"a"'),
        ("< 5", "null"),
        ("[1..5]", "null"),
        ("5", '"5"'),
        ('"a", "b"', "1"),
        ("1 / 0", "1"),
        ("? + 1", "1"),
    ],
)
def test_a_test_without_an_answer_is_false_with_a_warning(expression, facts, a_run, cell, value):
    run = a_run()
    assert compile_test(cell, Names())(expression(value)(facts, a_run()), facts, run) is False
    assert run.warnings
    assert {warning.text for warning in run.warnings} == {cell}


def test_a_cell_tells_what_it_reads_besides_its_value():
    test = compile_test("> turnover, ? < limit, as_of", Names(["turnover", "limit"]))
    assert test.reads == {"turnover", "limit"}
    assert test.reads_clock
    assert not test.is_any


def test_a_cell_shows_its_alternatives_for_the_index():
    test = compile_test('"BE", [1..5), < -2, = 3', Names())
    text, interval, less, equal = test.branches
    assert (text.value, less.op, less.operand.value, equal.op) == ("BE", "<", -2, "=")
    assert isinstance(interval, syntax.RangeNode)
    assert (interval.low.value, interval.high.value, interval.low_closed, interval.high_closed) == (
        1,
        5,
        True,
        False,
    )
    assert all(test.text[node.start : node.end] in test.text for node in test.branches)
    assert test.text[interval.start : interval.end] == "[1..5)"


@pytest.mark.parametrize("cell", ["-", "", "   ", "// nothing said"])
def test_a_cell_that_says_nothing_is_any(cell):
    assert compile_test(cell, Names()).is_any
