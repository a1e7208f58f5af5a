"""What people type, and the cell that they are offered in its place."""

import pytest
from builders import book, table
from fuzz import texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_tables.compile import check
from decision_tables.vocabulary import Fact

FACTS = (
    Fact("country", "string", '"BE","FR","LU"'),
    Fact("name", "string"),
    Fact("age", "number", "[0..130]"),
    Fact("fee", "number"),
    Fact("adult", "boolean"),
    Fact("since", "date"),
    Fact("tags", "list<string>", '"a","b"'),
    Fact("status", "string", '"in force","repealed","draft"'),
    Fact("base_fee", "number"),
    Fact("term", "years and months duration"),
    Fact("wait", "days and time duration"),
    Fact("answer", "string", '"yes","no"'),
)
TYPED = """
    country | BE, FR                    | "BE", "FR"
    country | be                        | "BE"
    country | “BE”                      | "BE"
    country | « BE », « FR »            | "BE", "FR"
    country | "Be"                      | "BE"
    country | BE/FR                     | "BE", "FR"
    country | "BE" or "FR"              | "BE", "FR"
    country | BE of FR                  | "BE", "FR"
    country | not BE                    | not("BE")
    country | niet BE, FR               | not("BE", "FR")
    country | not(BE)                   | not("BE")
    country | <> "BE"                   | != "BE"
    country | !"BE"                     | != "BE"
    country | other than BE             | != "BE"
    country | *                         | -
    country | any                       | -
    country | Belgium                   |
    name    | Skype                     | "Skype"
    name    | voice over IP             | "voice over IP"
    name    | over IP                   | "over IP"
    name    | 'chat'                    | "chat"
    name    | starts with voice         | starts with(?, "voice")
    name    | starts with(?, "voice"    | starts with(?, "voice")
    name    | "voice                    | "voice"
    age     | 18-65                     | [18..65]
    age     | [18,65]                   | [18..65]
    age     | 18 tot 65                 | [18..65]
    age     | 18 à 65                   | [18..65]
    age     | between 18 and 65         | [18..65]
    age     | [65..18]                  | [18..65]
    age     | (65..18]                  | [18..65)
    age     | 65..18                    | [18..65]
    age     | >= 18 and < 65            | [18..65)
    age     | > 18 en <= 65             | (18..65]
    age     | < 18 or > 65              | < 18, > 65
    age     | =< 18                     | <= 18
    age     | ≥ 18                      | >= 18
    age     | at least 18               | >= 18
    age     | hoogstens 18              | <= 18
    age     | plus de 18                | > 18
    age     | under 18                  | < 18
    age     | 18+                       | >= 18
    age     | 18 or more                | >= 18
    age     | 18 jaar                   | 18
    age     | > 18 ans                  | > 18
    age     | "18"                      | 18
    age     | 18; 19                    | 18, 19
    age     | \u2013                         | -
    age     | agee > 5                  | age > 5
    fee     | 1,5                       | 1.5
    fee     | 1.250,50                  | 1250.50
    fee     | 1 250                     | 1250
    fee     | € 5                       | 5
    fee     | 1,250                     |
    adult   | ja                        | true
    adult   | FAUX                      | false
    adult   | "yes"                     | true
    since   | 2024-01-31                | @"2024-01-31"
    since   | "2024-01-31"              | @"2024-01-31"
    since   | > 31/1/2024               | > @"2024-01-31"
    since   | before 31.01.2024         | < @"2024-01-31"
    since   | [2024-01-01..2025-01-01)  | [@"2024-01-01"..@"2025-01-01")
    since   | < today                   | < today()
    since   | 1/2/2024                  |
    since   | 31/2/2024                 |
    tags    | "a"                       | list contains(?, "a")
    tags    | b                         | list contains(?, "b")
    tags    | contains a                | list contains(?, "a")
    status  | in force or repealed      | "in force", "repealed"
    status  | in force or unheard of    |
    name    | *voice*                   | contains(?, "voice")
    name    | voice*                    | starts with(?, "voice")
    name    | empty                     | ""
    name    | niet leeg                 | not("")
    fee     | 1 000,50                  | 1000.50
    fee     | > 1 000,50                | > 1000.50
    fee     | € 2,50                    | 2.50
    fee     | free                      |
    fee     | > base-fee                | > base_fee
    age     | van 18 tot en met 65      | [18..65]
    since   | 1 januari 2024            | @"2024-01-01"
    since   | avant le 1er février 2024 | < @"2024-02-01"
    since   | vanaf 3 mrt. 2024         | >= @"2024-03-03"
    since   | 1 fooary 2024             |
    term    | 12 months                 | duration("P12M")
    term    | > 2 jaar                  | > duration("P2Y")
    term    | 1 jaar en 6 maanden       | duration("P1Y6M")
    term    | P1Y                       | duration("P1Y")
    term    | au maximum 24 mois        | <= duration("P24M")
    term    | 1 month and 3 days        |
    wait    | 72 hours                  | duration("PT72H")
    wait    | binnen 2 weken            | <= duration("P14D")
    wait    | 1 month                   |
    fee     | > 1.250,50                | > 1250.50
    fee     | < 1.250,50                | < 1250.50
    fee     | 1.250,50 - 2.000,00       | [1250.50..2000.00]
    fee     | [1.250,50..2.000,00]      | [1250.50..2000.00]
    fee     | 1.250,50; 2.000,00        | 1250.50, 2000.00
    fee     | 1,000.50                  | 1000.50
    fee     | 1,000,000                 | 1000000
    fee     | > 18,65                   | > 18.65
    fee     | < 18,65                   |
    fee     | > 1,250                   |
    fee     | 5,10-20                   |
    fee     | 1,250,500                 |
    fee     | 2020-01-01                |
    name    | 0032                      | "0032"
    name    | 007, 008                  | "007", "008"
    name    | >= 007                    | >= "007"
    name    | 1.10                      | "1.10"
    name    | a+b                       | "a+b"
    name    | O\u2019Neil               | "O\u2019Neil"
    name    | \u2019chat\u2019          | "chat"
    name    | name                      | "name"
    since   | 31/12/20                  | @"2020-12-31"
    since   | 12/31/99                  | @"1999-12-31"
    since   | 1/2/20                    |
    since   | January 1, 2020           | @"2020-01-01"
    since   | jusqu\u2019au 31/1/2024   | <= @"2024-01-31"
    since   | 2018                      | [@"2018-01-01"..@"2018-12-31"]
    since   | voor 2018                 | < @"2018-01-01"
    since   | après 2018                | > @"2018-12-31"
    since   | vanaf @"2024-03-03"       | >= @"2024-03-03"
    country | alles behalve BE          | not("BE")
    country | tout sauf BE, FR          | not("BE", "FR")
"""
LINES = [tuple(part.strip() for part in line.split("|")) for line in TYPED.strip().splitlines()]


def told(fact, cell):
    return check(book(table("t", "U", f"{fact} -> answer", (cell, '"yes"')), facts=FACTS))[1]


@pytest.mark.parametrize(("fact", "typed", "offered"), LINES, ids=[f"{f} {t}" for f, t, _ in LINES])
def test_what_people_type_is_told_and_what_they_meant_is_offered_where_it_is_plain(fact, typed, offered):
    found = told(fact, typed)
    assert found
    assert {one.repair for one in found} == {offered}


@pytest.mark.parametrize("typed", ["100,200,300", "1, 000, 5", "> 5, 10", "1, 5"])
def test_alternatives_that_may_well_be_meant_are_no_number_with_commas(typed):
    assert not told("fee", typed)


def test_where_only_its_author_knows_which_number_an_outcome_is_both_are_told():
    rulebook = book(table("t", "U", "age -> fee", ("-", "1,250")), facts=FACTS)
    (wrong,) = check(rulebook)[1]
    assert (wrong.hint, wrong.repair) == ("If one number is meant, write `1.250` or `1250`.", "")


def test_an_outcome_is_offered_as_well():
    for typed, offered in [
        ("yes", '"yes"'),
        ("Yes", '"yes"'),
        ("“no”", '"no"'),
        ("perhaps", ""),
        ("yes, no", ""),
    ]:
        found = check(book(table("t", "U", "age -> answer", ("-", typed)), facts=FACTS))[1]
        assert {one.repair for one in found} == {offered}, typed


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("=2", "2"),
        ("= 1,5", "1.5"),
        ("=base_fee * 2", "base_fee * 2"),
        ("3 x base_fee", "3 * base_fee"),
        ("=ALS(age>3;2;1)", "if age>3 then 2 else 1"),
        ("SI(age > 3; 2; base_fee)", "if age > 3 then 2 else base_fee"),
        ("IF(age > 3, 2, max(1, base_fee))", "if age > 3 then 2 else max(1, base_fee)"),
        ("als age > 3 dan 2 anders 1", "if age > 3 then 2 else 1"),
        ("si age > 3, alors 2, sinon 1", "if age > 3 then 2 else 1"),
        ("=SOM(age;base_fee)", "sum(age, base_fee)"),
        ("MOYENNE(age;2)", "mean(age, 2)"),
        ("ALS(age>3;2)", ""),
        ("=", ""),
    ],
)
def test_a_formula_as_spreadsheets_have_it_is_offered_as_feel_has_it(typed, offered):
    found = check(book(table("t", "U", "age -> fee", ("-", typed)), facts=FACTS))[1]
    assert found
    assert {one.repair for one in found} == {offered}


@pytest.mark.parametrize(
    ("fact", "typed", "hint"),
    [
        ("country", "Belgium", 'It may be: "BE", "FR", "LU".'),
        ("fee", "gratis", "What stands here is a number, such as 18."),
        ("since", "long ago", 'What stands here is a date, such as @"2026-01-31".'),
        ("age", "less than 9", ""),
        ("country", "be", ""),
        ("name", "Skype", 'Text goes in quotes: "Skype"'),
    ],
)
def test_nobody_is_told_to_put_in_quotes_what_is_to_be_no_text_or_another_one(fact, typed, hint):
    assert told(fact, typed)[0].hint == hint


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(FACTS[:-1]), texts | st.text(max_size=20))
def test_whatever_is_offered_stands_every_check(fact, typed):
    for found in told(fact.key, typed):
        if found.repair:
            assert not told(fact.key, found.repair)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([fact.key for fact in FACTS]), st.sampled_from(["-", ",", " ", "1 ", "a-", "((", "<1 "])
)
def test_a_long_text_is_not_pondered_for_long(fact, unit):
    assert told(fact, unit * (2_000 // len(unit))) is not None
