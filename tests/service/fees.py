"""A small rulebook that shows each kind of outcome, for the tests of the service."""

from dataclasses import replace

from decision_tables.rulebook import Case, Expectation, Query, Rulebook
from decision_tables.table import Formula, HitPolicy, Input, Output, Period, Rule, Table
from decision_tables.vocabulary import Fact, Words


def english(text):
    return Words({"en": text})


FEES = Rulebook(
    key="fees",
    title=english("Permit fees"),
    languages=("en", "nl"),
    time_zone="Europe/Brussels",
    default_query="fee",
    facts=(
        Fact("age", "number", allowed=">= 0", question=english("How old?"), unit="years"),
        Fact("resident", "boolean", question=Words({"en": "Resident?", "nl": "Inwoner?"})),
        Fact("kind", "string", allowed='"plain","odd"', nullable=True, question=english("Which kind?")),
        Fact("surcharge", "number", question=english("Which surcharge?")),
        Fact("born", "date"),
        Fact("fee", "number"),
        Fact("papers", "list<context>"),
        Fact("waiver", "boolean"),
        Fact("zone", "string"),
        Fact("decided_on", "date"),
    ),
    tables=(
        Table(
            key="fee",
            hit_policy=HitPolicy.UNIQUE,
            inputs=(Input("age", "age"), Input("resident", "resident")),
            outputs=(Output("fee", "fee"),),
            rules=(
                Rule("R1", ("< 18", "-"), ("0",), citation="Fees Act, article 1", confidence="V"),
                Rule(
                    "R2",
                    (">= 18", "true"),
                    ("10",),
                    citation="Fees Act, article 2",
                    valid=Period("2020-01-01"),
                ),
                Rule(
                    "R3", (">= 18", "false"), ("25.50",), citation="Fees Act, article 3", flags=("contested",)
                ),
            ),
        ),
        Table(
            key="papers",
            hit_policy=HitPolicy.COLLECT,
            inputs=(Input("resident", "resident"),),
            outputs=(Output("id", "papers", "id"), Output("cost", "papers", "cost")),
            rules=(
                Rule("P1", ("-",), ('"form"', "1"), citation="Fees Act, article 4"),
                Rule("P2", ("false",), ('"visa"', "surcharge * 2"), citation="Fees Act, article 5"),
            ),
        ),
        Table(
            key="waiver",
            hit_policy=HitPolicy.UNIQUE,
            inputs=(Input("kind", "kind"),),
            outputs=(Output("waiver", "waiver"),),
            rules=(
                Rule("W1", ('"plain"',), ("false",), citation="Fees Act, article 6"),
                Rule(
                    "W2",
                    ('"odd"',),
                    ("",),
                    citation="Fees Act, article 7",
                    referral=english("Is it hardship?"),
                ),
            ),
        ),
        Table(
            key="zone",
            hit_policy=HitPolicy.UNIQUE,
            inputs=(Input("kind", "kind"),),
            outputs=(Output("zone", "zone"),),
            rules=(Rule("Z1", ('"odd"',), ('"north"',)), Rule("Z2", ("-",), ('"south"',))),
        ),
    ),
    formulas=(Formula("clock", "decided_on", "today()"),),
    queries=(
        Query("fee", ("fee",)),
        Query("all", ("fee", "papers", "waiver", "zone")),
    ),
    cases=(
        Case("C1", "A child pays nothing", {"age": 17}, "2026-01-01", expect=Expectation({"fee": 0})),
        Case(
            "C2",
            "A stranger needs a visa",
            {"resident": False, "surcharge": 3},
            "2026-01-01",
            expect=Expectation(certain={"papers": ("form", "visa")}, undetermined=("fee",)),
        ),
    ),
)
"""Cells: `fee` by age and residence; `papers` a list; `waiver` may be referred; `zone` contradicts itself if odd."""


def with_fee(text, rulebook=FEES, rule="R1"):
    """The same rulebook with another fee in a rule, and cases that do not mind."""
    fee = rulebook.tables[0]
    rules = tuple(replace(row, outputs=(text,)) if row.id == rule else row for row in fee.rules)
    return replace(rulebook, tables=(replace(fee, rules=rules), *rulebook.tables[1:]))
