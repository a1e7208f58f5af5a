"""Microseconds per decision: the telecom rulebook, and a chain of tables beside zen-engine.

    python -m benchmarks.decide [--rounds 21]

All contenders take turns in every round, on the same cases and one thread; what is printed are medians over
the rounds. zen-engine runs by its fastest path, an engine whose loader hands out a compiled decision. Both
engines take a Python dict of facts and give back Python values. Before anything is timed, every case of the
chain is answered by both and by durable-rules itself; the exit code is 1 if any answers differ.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Any

import zen

import decision_tables
from decision_tables.chain import Case
from decision_tables.compile import compile_rulebook
from decision_tables.feel.values import to_json
from decision_tables.formats.pack import read_pack
from decision_tables.rulebook import Query, Rulebook
from decision_tables.table import HitPolicy, Input, Output, Rule, Table
from decision_tables.vocabulary import Fact
from service.deciding import DecideRequest, decided_by
from service.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from decision_tables.program import Program

__all__ = ["Chain", "compared", "main", "random_chain"]

TABLES, RULES, INPUTS = 6, 50, 4
_CASES = 500
_STEPS = 1_000_000
_SEED = 3
_INSTANT = datetime(2026, 1, 1, 12, tzinfo=UTC)
_ALL_THAT_WILL_BE_KNOWN = date(9999, 12, 31)
_TELECOM = Path(decision_tables.__file__).parent / "packs" / "telecom"


@dataclass(frozen=True, slots=True)
class Chain:
    """Tables of which each reads what the one before concluded, in both engines' own form.

    Attributes:
        rulebook: ours; its default query asks for the outcome of every table.
        graph: zen-engine's decision graph, as JSON.
        cases: facts.
    """

    rulebook: Rulebook
    graph: str
    cases: tuple[dict[str, int], ...]


def random_chain(random: Random, cases: int = _CASES) -> Chain:
    """A chain of `TABLES` FIRST tables of `RULES` rules and a last one that always matches."""
    tables = []
    for t in range(TABLES):
        columns = [f"a{t}_{c}" for c in range(INPUTS - 1)] + [f"d{t - 1}" if t else f"a{t}_{INPUTS - 1}"]
        rows = [[_cell(random, column) for column in columns] for _ in range(RULES)]
        tables.append((columns, [*rows, ["-"] * INPUTS]))
    given = [name for columns, _ in tables for name in columns if name.startswith("a")]
    return Chain(
        _as_rulebook(tables, given),
        _as_graph(tables),
        tuple({name: random.randrange(8) for name in given} for _ in range(cases)),
    )


def compared(chain: Chain) -> int:
    """How many cases zen-engine, the walked order and durable-rules do not answer alike."""
    program = compile_rulebook(chain.rulebook)
    engine = Engine()
    evaluate = _zen(chain)
    return sum(
        not (
            _asked(engine, program, facts)
            == _driven(engine, program, facts)
            == _zen_outcomes(evaluate(facts))
        )
        for facts in chain.cases
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Compares, times, prints, and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decide", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=21)
    chosen = parser.parse_args(arguments)

    chain = random_chain(Random(_SEED))
    differ = compared(chain)
    print(f"chain: {len(chain.cases)} cases, {differ} answered differently by decidable and zen-engine")

    contenders = {**_telecom(), **_chained(chain)}
    rounds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(chosen.rounds + 1):
        for name, (decide, cases) in contenders.items():
            begun = time.perf_counter()
            for case in cases:
                decide(case)
            taken = (time.perf_counter() - begun) / len(cases) * 1e6
            if number:  # the first warms up
                rounds[name].append(taken)

    print(f"microseconds per decision, median of {chosen.rounds} rounds (fastest to slowest round):")
    for name, taken in rounds.items():
        print(f"  {name:<52} {median(taken):7.1f}  ({min(taken):.1f} to {max(taken):.1f})")
    ratios = [theirs / ours for ours, theirs in zip(rounds[_OURS], rounds[_THEIRS], strict=True)]
    print(
        f"  zen-engine takes {median(ratios):.2f} times as long as decidable on the chain "
        f"({min(ratios):.2f} to {max(ratios):.2f} round by round)"
    )
    return 1 if differ else 0


_OURS = "chain of 6 tables of 50 rules, explain: none"
_THEIRS = "the same chain, zen-engine"


def _telecom() -> dict[str, tuple[Callable[[Any], object], Sequence[Any]]]:
    rulebook = read_pack(_TELECOM)
    program = compile_rulebook(rulebook)
    engine = Engine()
    requests = [
        DecideRequest(
            rulebook=rulebook.key,
            facts=case.facts,
            as_of=date.fromisoformat(case.as_of),
            known_on=date.fromisoformat(case.known_on) if case.known_on else _ALL_THAT_WILL_BE_KNOWN,
            query="classification",
            explain="none",
        )
        for case in rulebook.cases
    ] * 5

    def decide(request: DecideRequest) -> object:
        return _decided(engine, program, request)

    return {
        f"telecom classification, explain: {explain}": (
            decide,
            [replace(request, explain=explain) for request in requests],
        )
        for explain in ("none", "brief", "full")
    }


def _chained(chain: Chain) -> dict[str, tuple[Callable[[Any], object], Sequence[Any]]]:
    program = compile_rulebook(chain.rulebook)
    engine = Engine()
    evaluate = _zen(chain)
    return {
        _OURS: (lambda facts: _asked(engine, program, facts), chain.cases),
        _THEIRS: (lambda facts: evaluate(facts)["result"], chain.cases),
        "the same chain, run through durable-rules": (
            lambda facts: _driven(engine, program, facts),
            chain.cases,
        ),
    }


def _asked(engine: Engine, program: Program, facts: dict[str, int]) -> dict[str, object]:
    """The outcomes of the chain by the way that the service takes: the remembered order."""
    today = _INSTANT.date()
    request = DecideRequest(rulebook="chain", facts=facts, as_of=today, known_on=today, explain="none")
    return _decided(engine, program, request)


def _decided(engine: Engine, program: Program, request: DecideRequest) -> dict[str, object]:
    answer = decided_by(engine, program, request, instant=_INSTANT, steps=_STEPS).answer
    return {goal: to_json(value) for goal, value in answer.conclusions.items()}


def _driven(engine: Engine, program: Program, facts: dict[str, int]) -> dict[str, object]:
    """The outcomes by durable-rules itself, without the remembered order."""
    goals = program.goals()
    given = program.accept(facts)
    case = Case(
        program,
        given,
        as_of=_INSTANT.date(),
        known_on=_INSTANT.date(),
        instant=_INSTANT,
        closure=program.closure(goals, frozenset(given)),
    )
    engine.run(case)
    return {goal: to_json(case.facts[goal]) for goal in goals}


def _zen(chain: Chain) -> Callable[[dict[str, int]], dict[str, Any]]:
    content = zen.ZenDecisionContent(chain.graph)
    engine = zen.ZenEngine({"loader": lambda _: content})
    return lambda facts: engine.evaluate("chain", facts)


def _zen_outcomes(evaluated: dict[str, Any]) -> dict[str, object]:
    return {f"d{t}": evaluated["result"][f"d{t}"] for t in range(TABLES)}


def _cell(random: Random, column: str) -> str:
    """A FEEL unary test that is a zen-engine one, too: nothing, one value, or a half-open range."""
    chance = random.random()
    if column.startswith("d"):  # the outcome of the table before, the number of one of its rules
        return "-" if chance < 0.7 else str(random.randrange(RULES))
    if chance < 0.3:
        return "-"
    if chance < 0.65:
        return str(random.randrange(8))
    low = random.randrange(6)
    return f"[{low}..{low + random.randrange(1, 4)})"


def _as_rulebook(tables: Sequence[tuple[list[str], list[list[str]]]], given: Sequence[str]) -> Rulebook:
    outcomes = [f"d{t}" for t in range(len(tables))]
    return Rulebook(
        key="chain",
        default_query="all",
        facts=tuple(Fact(name, type="number") for name in (*given, *outcomes)),
        tables=tuple(
            Table(
                key=f"t{t}",
                hit_policy=HitPolicy.FIRST,
                inputs=tuple(Input(name, name) for name in columns),
                outputs=(Output(outcomes[t], outcomes[t]),),
                rules=tuple(Rule(f"r{r}", tuple(row), (str(r),)) for r, row in enumerate(rows)),
            )
            for t, (columns, rows) in enumerate(tables)
        ),
        queries=(Query("all", tuple(outcomes)),),
    )


def _as_graph(tables: Sequence[tuple[list[str], list[list[str]]]]) -> str:
    def node(key: str, kind: str, **content: Any) -> dict[str, Any]:
        return {"id": key, "type": kind, "name": key, "position": {"x": 0, "y": 0}, **content}

    nodes = [node("in", "inputNode")]
    for t, (columns, rows) in enumerate(tables):
        content = {
            "hitPolicy": "first",
            "passThrough": True,
            "inputs": [{"id": name, "type": "expression", "field": name, "name": name} for name in columns],
            "outputs": [{"id": f"d{t}", "type": "expression", "field": f"d{t}", "name": f"d{t}"}],
            "rules": [
                {
                    "_id": f"t{t}r{r}",
                    **{name: "" if cell == "-" else cell for name, cell in zip(columns, row, strict=True)},
                    f"d{t}": str(r),
                }
                for r, row in enumerate(rows)
            ],
        }
        nodes.append(node(f"t{t}", "decisionTableNode", content=content))
    nodes.append(node("out", "outputNode"))
    edges = [
        {"id": f"e{i}", "sourceId": source["id"], "targetId": target["id"], "type": "edge"}
        for i, (source, target) in enumerate(pairwise(nodes))
    ]
    return json.dumps({"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges})


if __name__ == "__main__":
    sys.exit(main())
