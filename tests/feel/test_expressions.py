"""Operators, paths, filters, loops, functions, names: each line is an expression and one that means the same."""

import pytest

from decision_tables.feel.parse import Names
from decision_tables.feel.values import UNKNOWN, same


def lines(text):
    return [tuple(part.strip() for part in line.split("→")) for line in text.strip().splitlines()]


LITERALS = lines(r"""
1.50                                            → 1.5
-7                                              → 0 - 7
.25                                             → 1 / 4
1.2e3                                           → 1200
1E-2                                            → 0.01
"a\"b"                                          → "a" + "\"" + "b"
"\u0041\u00e9"                                  → "Aé"
"\uD83D\uDE00"                                  → "\U01F600"
string length("\U01F600")                       → 1
"\d"                                            → "\\d"
@"2024-02-29"                                   → date(2024, 2, 29)
@"P1Y2M"                                        → duration("P14M")
@"10:00:00Z"                                    → time("10:00:00+00:00")
1 + /* one */ 2 // and no more                  → 3
[1, "a", null, true,]                           → [1, "a", null, true]
{}                                              → {}
{"a b": 1}.a b                                  → 1
{if: 1}.if                                      → 1
""")

ARITHMETIC = lines("""
0.1 + 0.2                                       → 0.3
1 - 2 - 3                                       → -4
2 + 3 * 4                                       → 14
(2 + 3) * 4                                     → 20
2 ** 3 ** 2                                     → 64
-2 ** 2                                         → 4
-x ** 2                                         → 49
- -3                                            → 3
10 / 4                                          → 2.5
1 / 3                                           → 0.3333333333333333333333333333333333
1 / 0                                           → null
9e6144 * 10                                     → null
"a" + "b"                                       → "ab"
"a" + 1                                         → null
1 + null                                        → null
true + true                                     → null
[1] + [2]                                       → null
x-y                                             → 100
x - y                                           → 4
x -y                                            → 4
monthly fee * 2                                 → 25
date("2024-01-31") + duration("P1M")            → date("2024-02-29")
date("2024-03-31") - duration("P1M")            → date("2024-02-29")
date("2024-01-01") + duration("PT23H")          → date("2024-01-01")
date("2024-01-01") - duration("PT1S")           → date("2023-12-31")
date("2024-03-01") - date("2024-02-01")         → duration("P29D")
@"2024-01-01T00:00:00Z" + @"PT1.5S"             → @"2024-01-01T00:00:01.5Z"
@"2024-01-01T00:00:00Z" - @"2024-01-01T00:00:00" → null
@"23:00:00" + @"PT2H"                           → @"01:00:00"
@"10:00:00" - @"09:30:00"                       → @"PT30M"
@"2024-03-31T01:30:00@Europe/Brussels" + @"PT1H" → @"2024-03-31T03:30:00@Europe/Brussels"
@"P1D" * 1.5                                    → @"PT36H"
@"P1Y" / 2                                      → @"P6M"
@"P1D" / @"PT6H"                                → 4
@"P1Y" + @"P1D"                                 → null
-@"P1D"                                         → @"-P1D"
-"a"                                            → null
""")

COMPARISONS = lines("""
1 = 1.0                                         → true
1 = true                                        → null
1 = "1"                                         → null
1 != "1"                                        → null
null = null                                     → true
null = 1                                        → false
null != 1                                       → true
nothing = null                                  → true
null < 1                                        → null
"a" < "b"                                       → true
true < false                                    → null
[1, 2] = [1, 2]                                 → true
[1, 2] = [2, 1]                                 → false
{a: 1, b: 2} = {b: 2, a: 1}                     → true
{a: 1} = {a: 1, b: 2}                           → false
[1..5] = [1..5)                                 → false
@"2024-01-01" < @"2024-01-02"                   → true
@"2024-01-01" = @"2024-01-01T00:00:00"          → null
@"10:00:00Z" = @"11:00:00+01:00"                → true
@"10:00:00Z" < @"10:00:00"                      → null
@"10:00:00Z" = @"10:00:00"                      → false
@"P1Y" = @"P12M"                                → true
@"P1D" = @"PT24H"                               → true
@"P0D" = @"P0M"                                 → null
5 < x                                           → true
5 > x                                           → false
"b" >= name                                     → false
x between 7 and 9                               → true
x between 8 and null                            → false
x between 7 and null                            → null
null between 1 and 2                            → null
x in [1..7]                                     → true
x in [1..7)                                     → false
x in ]1..7[                                     → false
x in (1, 2, > 6)                                → true
x in > 6                                        → true
x in (= 7)                                      → true
x in !=7                                        → false
x in [6, 7]                                     → true
x in [[1..3], [6..8]]                           → true
x in (? > 6, 0)                                 → true
5 in [1..null]                                  → null
x in "a"                                        → null
[1, 2] in [[1, 2], [3]]                         → true
[1, 2] in ([1, 2])                              → true
(> 5) = (> 5)                                   → true
(> 5) = (5..null)                               → false
x in (> 5) and x in (<= 7)                      → true
1 in [1..5] and 5 in [1..5[                     → false
["a".."c"]                                      → range("[\\"a\\"..\\"c\\"]")
[1.."a"]                                        → null
[x..x + 1].end                                  → 8
1 instance of number                            → true
1 instance of string                            → false
null instance of number                         → false
null instance of Null                           → true
[1, 2] instance of list<number>                 → true
[1, "a"] instance of list<number>               → false
{a: 1, b: 2} instance of context<a: number>     → true
[1..2] instance of range<number>                → true
(< 5) instance of range<number>                 → true
{r: > 5, v: r.start}.v                          → 5
{suspended?: 1, v: suspended? + 1}.v            → 2
{est-il suspendu ?: 1, v: est-il suspendu ? + 1}.v → 2
{l\u2019âge: 18, v: l\u2019âge + 1}.v           → 19
5 in (?>3)                                      → true
[<= 5][1].end                                   → 5
@"P1Y" instance of years and months duration    → true
(function(a: number) a) instance of function<number> -> Any    → true
""")

LOGIC = lines("""
true and true                                   → true
true and false                                  → false
true and null                                   → null
false and null                                  → false
null and false                                  → false
1 and false                                     → false
1 and true                                      → null
true or null                                    → true
false or null                                   → null
false or false or true                          → true
1 or true                                       → true
not(true)                                       → false
not(null)                                       → null
not(1)                                          → null
true or false and false                         → true
x > 1 and y > 1 or false                        → true
if x > 5 then "a" else "b"                      → "a"
if null then 1 else 2                           → 2
if "a" then 1 else 2                            → null
if x < 5 then 1 else if x < 10 then 2 else 3    → 2
some n in [1, 2] satisfies n > 1                → true
every n in [1, 2] satisfies n > 1               → false
some n in [] satisfies true                     → false
every n in [] satisfies false                   → true
some a in [1, 2], b in [2, 3] satisfies a = b   → true
every n in [1, null] satisfies n > 0            → null
some n in [null, 1] satisfies n > 0             → true
""")

LISTS = lines("""
numbers[1]                                      → 1
numbers[-1]                                     → 3
numbers[0]                                      → null
numbers[4]                                      → null
numbers[1.5]                                    → null
numbers[y]                                      → 3
numbers[item > 1]                               → [2, 3]
numbers[item > null]                            → []
numbers["a"]                                    → null
[][1]                                           → null
[][item > 1]                                    → []
x[1]                                            → 7
x[2]                                            → null
x[item > 5]                                     → [7]
null[1]                                         → null
null[true]                                      → []
staff[dept = 20].name                           → ["Bob", "Cleo"]
staff[dept = 20][1].name                        → "Bob"
staff[item.dept = 10]                           → [{name: "Ada", dept: 10}]
staff[name = "Ada"].dept                        → [10]
staff[dept = x]                                 → []
[{item: 1}, {item: 2}][item > 1]                → [{item: 2}]
staff.dept                                      → [10, 20, 20]
[{a: 1}, {b: 2}].a                              → [1, null]
[{n: [1, 2]}, {n: [3]}][count(n) = 1].n         → [[3]]
[[1, 2], [3]][count(item) = 1]                  → [[3]]
person.home town                                → "Ghent"
person.age                                      → null
null.a                                          → null
{a: {b: 1}}.a.b                                 → 1
{a: 1, b: a + 1, c: b + a}                      → {a: 1, b: 2, c: 3}
{a b: 1, c: a b + 1}.c                          → 2
for n in numbers return n * n                   → [1, 4, 9]
for n in 1..3 return n                          → [1, 2, 3]
for n in 3..1 return n                          → [3, 2, 1]
for n in [2..4] return n                        → [2, 3, 4]
for a in [1, 2], b in [a, 10] return a * b      → [1, 10, 4, 20]
for a in [1, 2], b in 1..a return b             → [1, 1, 2]
for n in 1..5 return if n < 3 then 1 else partial[-1] + partial[-2] → [1, 1, 2, 3, 5]
for d in @"2024-02-28"..@"2024-03-01" return d.day → [28, 29, 1]
for n in 1.5..3 return n                        → null
for n in null return n                          → null
for n in 7 return n                             → [7]
for big number in [1] return big number + 1     → [2]
""")

PROPERTIES = lines("""
started.year                                    → 2020
started.weekday                                 → 6
@"2024-05-01T10:20:30+02:00".hour               → 10
@"2024-05-01T10:20:30+02:00".time offset        → @"PT2H"
@"2024-05-01T10:20:30".time offset              → null
@"2024-07-01T10:20:30@Europe/Brussels".time offset → @"PT2H"
@"2024-07-01T10:20:30@Europe/Brussels".timezone → "Europe/Brussels"
@"10:20:30".second                              → 30
@"P1DT2H".hours                                 → 2
@"-P1DT2H".days                                 → -1
@"P1Y2M".months                                 → 2
@"P1Y2M".days                                   → null
[1..5).start                                    → 1
[1..5).end included                             → false
as_of.month                                     → 5
today()                                         → @"2024-05-02"
now()                                           → @"2024-05-02T13:30:00Z"
""")

FUNCTIONS = lines("""
(function(a, b) a - b)(5, 2)                    → 3
(function(a, b) a - b)(b: 5, a: 2)              → -3
(function(a, b) [a, b])(a: 1)                   → [1, null]
(function(a, b) a)(a: 1, c: 2)                  → null
(function(a: number) a)("x")                    → null
(function(a: number) a)([1])                    → 1
(function(a: list<number>) a)(1)                → [1]
(function(a) a)(1, 2)                           → null
{f: function(n) if n <= 1 then 1 else n * 2, v: f(4)}.v → 8
{add: function(a) function(b) a + b, v: add(1)(2)}.v → 3
{f: function(n) if n = 0 then 0 else 1 + f(n - 1), v: f(400)}.v → 400
for f in [abs, sqrt] return f(4)                → [4, 2]
x(1)                                            → null
(function(a) external {java: {}})(1)            → null
""")


@pytest.mark.parametrize(
    ("text", "meant"),
    LITERALS + ARITHMETIC + COMPARISONS + LOGIC + LISTS + PROPERTIES + FUNCTIONS,
)
def test_an_expression_means_what_stands_beside_it(value_of, text, meant):
    found = value_of(text)
    assert same(found, value_of(meant))
    assert (found is None) == (meant == "null")


UNKNOWNS = lines("""
fog + 1                                         → unknown
fog = fog                                       → unknown
null + fog                                      → unknown
1 / fog                                         → unknown
-fog                                            → unknown
[1, fog]                                        → unknown
{a: 1, b: fog}                                  → unknown
{a: 1, b: fog}.a                                → 1
{a: 1, b: fog}.b                                → unknown
{a: fog, b: a or true}.b                        → true
[1..fog]                                        → unknown
x in [1..fog]                                   → unknown
fog in [1..2]                                   → unknown
x in (7, fog)                                   → true
x in (8, fog)                                   → unknown
x between 8 and fog                             → unknown
fog[1]                                          → unknown
numbers[fog]                                    → unknown
numbers[item > fog]                             → unknown
fog.a                                           → unknown
for n in fog return 1                           → unknown
for n in numbers return fog                     → unknown
for n in [] return fog                          → []
some n in numbers satisfies n > 2 or fog        → true
every n in numbers satisfies n > 2 and fog      → false
some n in fog satisfies true                    → unknown
fog and false                                   → false
fog and true                                    → unknown
fog and null                                    → unknown
fog or true                                     → true
not(fog)                                        → unknown
if yes then 1 else fog                          → 1
if fog then 1 else 1                            → unknown
fog instance of number                          → unknown
count([fog])                                    → unknown
is(fog, fog)                                    → unknown
sort([2, 1], function(a, b) fog)                → unknown
(function(a) 1)(fog)                            → unknown
fog(1)                                          → unknown
""")


@pytest.mark.parametrize(("text", "meant"), UNKNOWNS)
def test_what_reads_an_unknown_part_is_unknown_with_the_exceptions_of_the_law(value_of, text, meant):
    found = value_of(text)
    assert found is UNKNOWN if meant == "unknown" else same(found, value_of(meant))


def test_names_may_hold_keywords_and_dots_and_the_longest_wins(expression, a_run):
    names = Names(["not applicable", "date and place", "service.kind", "service", "date", "a+b", "b"])
    facts = {
        "not applicable": "n/a",
        "date and place": "here",
        "service.kind": "chat",
        "date": 1,
        "a+b": 2,
        "b": 3,
        "service": {"kind": "other", "name": "s"},
    }
    for text, meant in [
        ("not applicable", "n/a"),
        ("date and place", "here"),
        ("service.kind", "chat"),
        ("service.name", "s"),
        ("a+b", 2),
        ('date("2024-01-01").year = 2024', True),
    ]:
        compiled = expression(text, names)
        assert compiled.ok, compiled.diagnostics
        assert compiled(facts, a_run()) == meant


@pytest.mark.parametrize(
    ("text", "reads", "reads_clock", "is_constant"),
    [
        ("x + monthly fee", {"x", "monthly fee"}, False, False),
        ("for x in [1] return x", set(), False, True),
        ("function(x) x + y", {"y"}, False, False),
        ("staff[dept = x].name", {"staff", "x"}, False, False),
        ('as_of > @"2020-01-01"', set(), True, False),
        ("today()", set(), True, False),
        ("now().year", set(), True, False),
        ("1 + 2", set(), False, True),
        ('date("2024-01-01") + @"P1D"', set(), False, True),
        ("1 / 0", set(), False, False),
        ("{x: 1}.x", set(), False, True),
    ],
)
def test_an_expression_tells_what_it_reads(expression, text, reads, reads_clock, is_constant):
    compiled = expression(text)
    assert compiled.reads == reads
    assert compiled.reads_clock is reads_clock
    assert compiled.is_constant is is_constant


def test_a_fold_is_the_value(expression):
    assert expression("1 + 2").value == 3


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 / 0", "feel/no-value"),
        ('1 + "a"', "feel/type"),
        ("person.age", "feel/no-entry"),
        ("numbers[9]", "feel/no-entry"),
        ('matches("a", "(")', "feel/pattern"),
        ("upper case(1)", "feel/type"),
        ('sum(["a"])', "feel/type"),
    ],
)
def test_trouble_is_null_and_a_warning_that_names_the_text(expression, facts, a_run, text, code):
    run = a_run()
    assert expression(text)(facts, run) is None
    assert [(warning.code, warning.text) for warning in run.warnings] == [(code, text)]


def test_at_most_a_hundred_warnings_are_kept(expression, a_run):
    run = a_run()
    expression("for n in 1..500 return n / 0")({}, run)
    assert len(run.warnings) == 100
