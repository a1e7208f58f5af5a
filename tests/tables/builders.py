"""Small rulebooks in few words, and answers from them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from decision_tables.chain import Case, walk
from decision_tables.compile import check, compile_rulebook
from decision_tables.explain import Answer, answer
from decision_tables.program import Program
from decision_tables.rulebook import Query, Rulebook
from decision_tables.table import Formula, HitPolicy, Input, Output, Period, Rule, Table
from decision_tables.vocabulary import Fact, Words

INSTANT = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
TODAY = dt.date(2020, 6, 1)


def asked(key: str, kind: str = "Any", allowed: str = "") -> Fact:
    """A fact with a question."""
    return Fact(key, kind, allowed, nullable=True, question=Words({"en": f"{key}?", "nl": f"{key} dan?"}))


def row(*cells: str, **marks: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    """A rule's cells, with its id, citation, flags, periods (pairs of texts) or referral (a question)."""
    for period in ("valid", "known"):
        if period in marks:
            marks[period] = Period(*marks[period])
    if "referral" in marks:
        marks["referral"] = Words({"en": marks["referral"]})
    return cells, marks


def table(key: str, policy: str, columns: str, *rows: Any, **marks: Any) -> Table:
    """A table: `columns` is "x y -> c d"; a row is a tuple of cells or `row(…)`; rules are called r1, r2, ….

    `default` and `values` map an output's column to text; a column "c.p" fills a part of the fact c.
    """
    left, right = (side.split() for side in columns.split("->"))
    defaults, values = marks.pop("default", {}), marks.pop("values", {})
    outputs = tuple(
        Output(key, *key.partition(".")[::2], default=defaults.get(key, ""), values=values.get(key, ""))
        for key in right
    )
    rules = []
    for number, entry in enumerate(rows, start=1):
        cells, given = entry if entry and isinstance(entry[-1], dict) else (entry, {})
        given = {"id": f"r{number}", **given}
        rules.append(Rule(tests=cells[: len(left)], outputs=cells[len(left) :], **given))
    inputs = tuple(Input(name, name) for name in left)
    return Table(key, HitPolicy(policy), inputs, outputs, tuple(rules), **marks)


def book(*nodes: Table | Formula, facts: Any = (), **rest: Any) -> Rulebook:
    """A rulebook of the nodes; facts that they name and that are not given are added, nullable and of any type."""
    named = [column.expression for node in nodes if isinstance(node, Table) for column in node.inputs]
    named += [output.fact for node in nodes if isinstance(node, Table) for output in node.outputs]
    named += [node.fact for node in nodes if isinstance(node, Formula)]
    declared = {fact.key: fact for fact in facts}
    declared |= {key: Fact(key, nullable=True) for key in named if key.isidentifier() and key not in declared}
    return Rulebook(
        "small",
        facts=tuple(declared.values()),
        tables=tuple(node for node in nodes if isinstance(node, Table)),
        formulas=tuple(node for node in nodes if isinstance(node, Formula)),
        **rest,
    )


def case_of(program: Program, goals: tuple[str, ...], facts: dict[str, Any], **rest: Any) -> Case:
    """A case that has been driven to its end."""
    given = program.accept(facts)
    dates = {"as_of": TODAY, "known_on": TODAY, "instant": INSTANT, **rest}
    case = Case(program, given, closure=program.closure(goals, frozenset(given)), **dates)
    walk(case, case.closure)
    return case


def decide(rulebook: Rulebook | Program, goals: str, /, **facts: Any) -> Answer:
    """The answer to goals ("c d") from facts; a fact whose name starts with `_` is an argument of the case."""
    program = rulebook if isinstance(rulebook, Program) else compile_rulebook(rulebook)
    rest = {key[1:]: facts.pop(key) for key in list(facts) if key.startswith("_")}
    explain, language = rest.pop("explain", "full"), rest.pop("language", "en")
    wanted = tuple(goals.split())
    return answer(case_of(program, wanted, facts, **rest), wanted, explain=explain, language=language)


def diagnostics_of(rulebook: Rulebook) -> list[tuple[str, str, str]]:
    """Code, place and message of everything that is said about a rulebook."""
    return [(found.code, str(found.where), found.message) for found in check(rulebook)[1]]


def query(key: str, goals: str) -> Query:
    return Query(key, tuple(goals.split()))


def number(text: str | int) -> Decimal:
    return Decimal(text)
