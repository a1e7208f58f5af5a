"""Rulebooks of one table as long as one likes, made up from a seed."""

import random

from decision_tables.rulebook import Rulebook
from decision_tables.table import HitPolicy, Input, Output, Rule, Table
from decision_tables.vocabulary import Fact, Words

FACTS = (
    Fact(
        "residence",
        "string",
        '"BE","FR","NL","LU","DE","US","CH"',
        label=Words({"en": "Residence of applicant"}),
    ),
    Fact("age", "number", label=Words({"en": "Age of manager"}), unit="years"),
    Fact("activity", "string", label=Words({"en": "Regulated activity"})),
    Fact("turnover", "number", label=Words({"en": "Annual turnover"}), unit="EUR"),
    Fact("fit", "boolean", label=Words({"en": "Fit and proper"})),
    Fact("filed", "date", label=Words({"en": "Filing date"})),
    Fact("licence", "string", label=Words({"en": "Licence class"})),
    Fact("fee", "number", label=Words({"en": "Fee"}), unit="EUR"),
)
CELLS = (
    ('"BE","FR"', '"NL"', 'not("US","CH")', "-"),
    (">= 18", "< 18", "[18..65)", "-"),
    ('"credit","leasing"', '"payment services"', "-"),
    ("< 250000", "[250000..1000000)", ">= 1000000", "-"),
    ("true", "false", "-"),
    ('>= @"2026-01-01"', '[@"2024-01-01"..@"2025-12-31"]', "-"),
)


def licences(count):
    """A rulebook `licences-<count>` with so many rules of six conditions and two outcomes."""
    chance = random.Random(count)
    rules = tuple(
        Rule(
            f"R{number}",
            tuple(chance.choice(cells) for cells in CELLS),
            (chance.choice(('"A"', '"B"')), str(chance.randrange(5_000))),
            citation=f"Law of 25 April 2014, article {number}",
        )
        for number in range(1, count + 1)
    )
    table = Table(
        "licence",
        HitPolicy.FIRST,
        tuple(Input(fact.key, fact.key) for fact in FACTS[:6]),
        (Output("licence", "licence"), Output("fee", "fee")),
        rules,
        title=Words({"en": "Licence class"}),
    )
    return Rulebook(
        f"licences-{count}",
        title=Words({"en": f"Licences ({count})"}),
        languages=("en", "nl", "fr"),
        facts=FACTS,
        tables=(table,),
    )
