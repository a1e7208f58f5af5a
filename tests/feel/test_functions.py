"""The built-ins: each line is a call and an expression that means the same. Clauses of DMN 1.5, 10.3.4."""

import pytest

from decision_tables.feel.functions import BUILTINS
from decision_tables.feel.values import same


def lines(text):
    return [tuple(part.strip() for part in line.split("→")) for line in text.strip().splitlines()]


CONVERSION = lines(r"""
date("2024-02-30")                              → null
date(2024, 2, 29)                               → @"2024-02-29"
date(year: 2024, month: 2, day: 29)             → @"2024-02-29"
date(@"2024-02-29T10:00:00")                    → @"2024-02-29"
date(from: @"2024-02-29T10:00:00")              → @"2024-02-29"
date("24-02-29")                                → null
date(null)                                      → null
time("10:20:30.5+02:00").hour                   → 10
time(10, 20, 30)                                → @"10:20:30"
time(10, 20, 30, @"PT2H")                       → @"10:20:30+02:00"
time(24, 0, 0)                                  → null
time(@"2024-02-29T10:00:00Z")                   → @"10:00:00Z"
date and time("2024-02-29T24:00:00")            → @"2024-03-01T00:00:00"
date and time("2024-02-29T24:00:01")            → null
date and time(@"2024-02-29", @"10:00:00")       → @"2024-02-29T10:00:00"
date and time("2024-02-29")                     → @"2024-02-29T00:00:00"
date and time("2024-02-29T10:00:00@No/Where")   → null
duration("P1Y2M")                               → @"P14M"
duration("P1DT25H")                             → @"P2DT1H"
duration("P1Y1D")                               → null
duration("P")                                   → null
years and months duration(@"2024-01-31", @"2024-02-29") → @"P0M"
years and months duration(@"2024-03-01", @"2022-02-28") → @"-P2Y"
number("1,234.5", ",", ".")                     → 1234.5
number("1.234,5", ".", ",")                     → 1234.5
number(from: "1 000", grouping separator: " ")  → 1000
number("1,000", ",", ",")                       → null
number("abc")                                   → null
number("1e3")                                   → 1000
string(1.50)                                    → "1.5"
string("a")                                     → "a"
string([1, "a"])                                → "[1, \"a\"]"
string(@"2024-02-29")                           → "2024-02-29"
string({a: 1})                                  → "{a: 1}"
string(null)                                    → null
range("[18..21)")                               → [18..21)
range("(..5]")                                  → (<= 5)
range("[@\"2024-01-01\"..@\"2024-02-01\"]")     → [@"2024-01-01"..@"2024-02-01"]
range("[5..1]")                                 → null
range("5")                                      → null
""")

TEXTS = lines(r"""
substring("foobar", 3)                          → "obar"
substring("foobar", 3, 3)                       → "oba"
substring("foobar", -2, 1)                      → "a"
substring("foobar", 0)                          → null
substring("\U01F600bar", 2)                     → "bar"
substring(string: "foobar", start position: 3)  → "obar"
string length("")                               → 0
upper case("straße")                            → "STRASSE"
lower case("ABC")                               → "abc"
substring before("foobar", "bar")               → "foo"
substring before("foobar", "xyz")               → ""
substring after("foobar", "ob")                 → "ar"
substring after("", "a")                        → ""
contains("foobar", "of")                        → false
starts with("foobar", "fo")                     → true
ends with("foobar", "r")                        → true
matches("foobar", "^fo*bar$")                   → true
matches("a\nb", "a.b")                          → false
matches("a\nb", "a.b", "s")                     → true
matches("ABC", "b", "i")                        → true
matches("ab", "a b", "x")                       → true
matches("x", "[A-Z-[OI]]", "i")                 → true
matches("o", "[A-Z-[OI]]", "i")                 → false
matches("é", "^\\w$")                           → true
matches("a.c", "a.c", "q")                      → true
matches("aa", "(a)\\1")                         → true
matches("ab", "(a)\\1")                         → false
matches("xAyya", "(a)(y)\\2\\1", "i")          → true
matches("aba", "(a)b\\1c")                     → false
matches("aa", "(a)*\\1")                        → null
replace("aa", "(a)\\1", "b")                    → null
matches("a", "(?=a)")                           → null
matches("a", "a", "g")                          → null
replace("banana", "a", "o")                     → "bonono"
replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")     → "[1=ab][2=]cd"
replace("abc", "b", "\\$")                      → "a$c"
replace("abc", "b", "$")                        → null
replace("abc", "x*", "-")                       → null
split("a;b;;c", ";")                            → ["a", "b", "", "c"]
split("John Doe", "\\s")                        → ["John", "Doe"]
string join(["a", null, "b"], ", ")             → "a, b"
string join([])                                 → ""
string join(["a", 1])                           → null
contains("a", 1)                                → null
contains(["abc"], "b")                          → true
""")

LISTS = lines("""
list contains([1, null], null)                  → true
list contains([[1]], [1])                       → true
list contains(null, 1)                          → null
count([])                                       → 0
count(5)                                        → 1
min([3, 1, 2])                                  → 1
max(3, 1, 2)                                    → 3
min("b", "a")                                   → "a"
max([])                                         → null
max([1, "a"])                                   → null
min(list: [2, 1])                               → 1
sum([1, 2.5])                                   → 3.5
sum([])                                         → null
sum(1, null)                                    → null
mean([1, 2, 6])                                 → 3
product(2, 3)                                   → 6
median([4, 1, 2, 3])                            → 2.5
stddev([2, 4, 7, 5])                            → 2.081665999466132735282297706979931
stddev([1])                                     → null
mode([6, 1, 9, 1, 6])                           → [1, 6]
mode([])                                        → []
all([true, false, null])                        → false
all([true, null])                               → null
all([])                                         → true
any([false, true, null])                        → true
any([])                                         → false
any(false, false)                               → false
sublist([4, 5, 6], 2)                           → [5, 6]
sublist([4, 5, 6], -2, 1)                       → [5]
sublist([4, 5, 6], 2, 5)                        → null
append([1], 2, [3])                             → [1, 2, [3]]
concatenate([1], [2, 3])                        → [1, 2, 3]
insert before([1, 3], 2, 2)                     → [1, 2, 3]
remove([1, 2, 3], -1)                           → [1, 2]
remove([1], 5)                                  → null
reverse([1, 2])                                 → [2, 1]
index of([1, 2, 1], 1)                          → [1, 3]
index of([1, null], null)                       → [2]
union([1, 2], [2, 3])                           → [1, 2, 3]
distinct values([1, 2, 1, null, null, [1], [1]]) → [1, 2, null, [1]]
distinct values([1, true, 1.0])                 → [1, true]
flatten([[1, [2]], 3, []])                      → [1, 2, 3]
sort([3, 1, 2], function(a, b) a > b)           → [3, 2, 1]
sort(precedes: function(a, b) a < b, list: [2, 1]) → [1, 2]
sort([1, 2], function(a, b) 1)                  → null
list replace([1, 2, 3], 2, 9)                   → [1, 9, 3]
list replace([1, 2, 3], function(item, new) item > new, 2) → [1, 2, 2]
list replace([1], 2, 9)                         → null
""")

NUMBERS = lines("""
decimal(2.5, 0)                                 → 2
decimal(1 / 3, 2)                               → 0.33
decimal(1234, -2)                               → 1200
decimal(1, 7000)                                → null
floor(-1.5)                                     → -2
floor(1.56, 1)                                  → 1.5
floor(1.5, null)                                → null
ceiling(-1.5)                                   → -1
round up(5.5, 0)                                → 6
round up(-1.1, 0)                               → -2
round down(-1.9, 0)                             → -1
round half up(-5.5, 0)                          → -6
round half down(5.5, 0)                         → 5
abs(-3)                                         → 3
abs(@"-P1D")                                    → @"P1D"
modulo(12, 5)                                   → 2
modulo(-12, 5)                                  → 3
modulo(12, -5)                                  → -3
modulo(10.1, 4.5)                               → 1.1
modulo(1, 0)                                    → null
sqrt(16)                                        → 4
sqrt(-1)                                        → null
decimal(log(exp(1)), 30)                        → 1
log(0)                                          → null
exp(100000)                                     → null
odd(5)                                          → true
odd(-3)                                         → true
even(0)                                         → true
even("2")                                       → null
""")

MOMENTS = lines("""
is(@"2024-01-01", @"2024-01-01")                → true
is(@"10:00:00Z", @"11:00:00+01:00")             → false
is(1, "1")                                      → false
is(null, null)                                  → true
is(value1: null)                                → true
day of year(@"2024-12-31")                      → 366
day of week(@"2024-05-01")                      → "Wednesday"
month of year(@"2024-05-01")                    → "May"
week of year(date(2003, 12, 29))                → 1
week of year(date(2005, 1, 1))                  → 53
""")

CONTEXTS = lines("""
get value({a: 1}, "a")                          → 1
get value({a: 1}, "b")                          → null
get entries({a: 1})                             → [{key: "a", value: 1}]
context([{key: "a", value: 1}])                 → {a: 1}
context([{key: "a", value: 1}, {key: "a", value: 2}]) → null
context put({a: 1}, "b", 2)                     → {a: 1, b: 2}
context put({a: {b: 1}}, ["a", "b"], 2)         → {a: {b: 2}}
context put({a: 1}, ["a", "b"], 2)              → null
context put({a: 1}, [], 2)                      → null
context merge([{a: 1}, {a: 2, b: 3}])           → {a: 2, b: 3}
""")

# The examples of DMN 1.5, table 78.
RANGES = lines("""
before(1, 10)                                   → true
before(10, 1)                                   → false
before(1, [1..10])                              → false
before(1, (1..10])                              → true
before(point: 1, range: [2..3])                 → true
before(range: [2..3], point: 1)                 → false
after(range: [2..3], point: 5)                  → false
after(point: 5, range: [2..3])                  → true
before(point2: 1, point1: 2)                    → false
during(range: [1..5], point: 3)                 → true
before(1, > 5)                                  → true
before([1..10), 10)                             → true
before([1..10), [10..20])                       → true
before([1..10], [10..20])                       → false
after(10, 5)                                    → true
after(12, [2..5])                               → true
after((10..20], [1..10])                        → true
meets([1..5], [5..10])                          → true
meets([1..5), [5..10])                          → false
met by([5..10], [1..5])                         → true
overlaps([1..5], [3..8])                        → true
overlaps([1..5), [5..8])                        → false
overlaps([1..5], [6..8])                        → false
overlaps before([1..5], [3..8])                 → true
overlaps before([1..5], [6..8])                 → false
overlaps before([1..5), (1..5])                 → true
overlaps before([1..5], [1..5])                 → false
overlaps after([3..8], [1..5])                  → true
overlaps after((1..5], [1..5))                  → true
finishes(10, [1..10])                           → true
finishes(10, [1..10))                           → false
finishes([5..10], [1..10])                      → true
finished by([1..10], [5..10])                   → true
includes([1..10], 5)                            → true
includes([1..10), 10)                           → false
includes([1..10], (1..10))                      → true
includes((1..10), [1..10])                      → false
during(5, [1..10])                              → true
during([4..6], [1..10])                         → true
starts(1, [1..10])                              → true
starts([1..5], [1..10])                         → true
starts((1..5], [1..10])                         → false
started by([1..10], 1)                          → true
coincides(5, 5)                                 → true
coincides([1..5], [1..5])                       → true
coincides([1..5), [1..5])                       → false
includes((> 5), 6)                              → true
before(4, (> 5))                                → true
before(1, "a")                                  → null
""")


@pytest.mark.parametrize(
    ("text", "meant"),
    CONVERSION + TEXTS + LISTS + NUMBERS + MOMENTS + CONTEXTS + RANGES,
)
def test_a_call_means_what_stands_beside_it(value_of, text, meant):
    found = value_of(text)
    assert same(found, value_of(meant))
    assert (found is None) == (meant == "null")


def test_every_builtin_is_called_by_a_test():
    called = {
        name
        for name in BUILTINS
        for text, _ in CONVERSION + TEXTS + LISTS + NUMBERS + MOMENTS + CONTEXTS + RANGES
        if name + "(" in text
    }
    assert set(BUILTINS) - called == {"not", "now", "today"}


@pytest.mark.parametrize("name", sorted(set(BUILTINS) - {"now", "today"}))
def test_a_builtin_of_something_unknown_is_unknown(expression, facts, a_run, name):
    least = min(overload.least for overload in BUILTINS[name].overloads)
    text = f"{name}({', '.join(['fog'] * least)})"
    compiled = expression(text)
    assert compiled.ok
    assert str(compiled(facts, a_run())) == "UNKNOWN"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("count()", "write count(list)"),
        ('substring(string: "a", start: 1)', "has no argument “start”"),
        ("abs(1, 2)", "does not take 2 arguments"),
    ],
)
def test_wrong_arguments_are_told_before_anything_runs(expression, text, message):
    (found,) = expression(text).diagnostics
    assert found.code == "feel/arguments"
    assert message in found.message
