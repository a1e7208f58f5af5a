"""Tables as people write them, complete and disjoint by construction: the domain split again and again.

Each split takes one fact and parts its values: listed texts into short lists, numbers at bounds, booleans in two. A
leaf is a rule, and its cells are `-` for all facts that were not split on the way. What is planted in such a table
is the only thing that is wrong with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from decision_tables.table import HitPolicy, Input, Output, Rule, Table
from decision_tables.vocabulary import Fact

if TYPE_CHECKING:
    import random

__all__ = ["Leaf", "grown", "grown_facts", "table_of"]

Leaf = dict[str, Any]
"""By fact, a tuple of listed texts, a pair of bounds `[low, high)`, or a boolean; facts that are not in it are `-`."""

_GO_ON = 0.7
TEXTS = ("BE", "FR", "NL", "LU", "DE", "IT", "ES", "PT", "AT", "IE", "DK", "SE")
TOP = 1_000


def grown_facts(columns: int) -> tuple[Fact, ...]:
    """Facts for so many columns: four in ten listed texts, four numbers, two booleans."""
    made = []
    for number in range(columns):
        kind = "tnbtntnbtn"[number % 10]
        if kind == "t":
            allowed = ",".join(f'"{text}"' for text in TEXTS)
            made.append(Fact(f"text_{number}", "string", allowed))
        elif kind == "n":
            made.append(Fact(f"amount_{number}", "number", f"[0..{TOP}]"))
        else:
            made.append(Fact(f"is_{number}", "boolean"))
    return tuple(made)


def grown(facts: tuple[Fact, ...], rules: int, random: random.Random) -> list[Leaf]:
    """So many leaves (or a few fewer) that part the whole domain."""
    leaves: list[Leaf] = [{}]
    at = 0
    while len(leaves) < rules and at < 50 * rules:
        at += 1
        leaf = leaves.pop(random.randrange(min(len(leaves), 1 + len(leaves) // 2)))
        used = [one for one in facts if one.key in leaf]
        # People go on with what a rule speaks of already: most cells of a row stay `-`.
        fact = random.choice(used if used and random.random() < _GO_ON else facts)
        leaves += _split(leaf, fact, random)
    return leaves


def _split(leaf: Leaf, fact: Fact, random: random.Random) -> list[Leaf]:
    known = leaf.get(fact.key)
    if fact.type == "boolean":
        return [leaf] if known is not None else [{**leaf, fact.key: truth} for truth in (True, False)]
    if fact.type == "string":
        values = list(known or TEXTS)
        if len(values) == 1:
            return [leaf]
        random.shuffle(values)
        cuts = sorted(random.sample(range(1, len(values)), min(len(values) - 1, random.choice((1, 1, 2)))))
        parts = [values[a:b] for a, b in zip([0, *cuts], [*cuts, len(values)], strict=True)]
        return [{**leaf, fact.key: tuple(sorted(part))} for part in parts]
    low, high = known or (0, TOP + 1)
    if high - low < 2:
        return [leaf]
    cut = random.randrange(low + 1, high)
    return [{**leaf, fact.key: (low, cut)}, {**leaf, fact.key: (cut, high)}]


def table_of(
    facts: tuple[Fact, ...], leaves: list[Leaf], outcomes: list[str], *, key: str = "grown", policy: str = "U"
) -> Table:
    """The leaves as a table, one outcome (FEEL) for each."""
    rules = tuple(
        Rule(f"r{number}", tuple(cell_of(leaf.get(fact.key)) for fact in facts), (outcome,))
        for number, (leaf, outcome) in enumerate(zip(leaves, outcomes, strict=True))
    )
    inputs = tuple(Input(f"c{number}", fact.key) for number, fact in enumerate(facts))
    return Table(key, HitPolicy(policy), inputs, (Output("out", f"{key}_out"),), rules)


def cell_of(part: Any) -> str:
    """A part of a leaf as FEEL."""
    match part:
        case None:
            return "-"
        case bool():
            return "true" if part else "false"
        case (int() as low, int() as high):
            if low == 0:
                return f"< {high}" if high <= TOP else "-"
            return f">= {low}" if high > TOP else f"[{low}..{high})"
        case _:
            return ", ".join(f'"{text}"' for text in part)
