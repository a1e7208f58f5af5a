"""Seconds to analyse a table, how they grow, and milliseconds for the edit of one cell.

    python -m benchmarks.analyse [--sizes 100,1000,10000] [--edits 60]

Tables as people write them (`benchmarks/grown.py`): complete and disjoint, ten columns, most cells `-` or short lists,
bounds or booleans, their rows shuffled; then with a rule in a hundred gone and as many widened; then the same rows
under FIRST before a last one that always matches. Adversarial tables are of the kind on which such questions are hard.
All times are of one thread's processor; each figure is the median of three turns. The exit code is 1 if what is known
of a table is not what is found: nothing in the complete ones, every planted fault in the others.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks.grown import grown, grown_facts, table_of
from decision_tables.analyse import AnalysisMemory, analyse, analyse_table
from decision_tables.compile import check
from decision_tables.memory import Memory
from decision_tables.rulebook import Rulebook
from decision_tables.table import HitPolicy, Input, Output, Rule, Table
from decision_tables.vocabulary import Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from decision_tables.program import Program

__all__ = ["adversarial", "main", "tables"]

COLUMNS: Final = 10
OUT: Final = Fact("grown_out", "string")


def tables(rules: int) -> dict[str, tuple[Rulebook, int]]:
    """The tables of one size as rulebooks, each with the number of faults planted in it."""
    dice = random.Random(rules)
    facts = grown_facts(COLUMNS)
    leaves = grown(facts, rules, dice)
    dice.shuffle(leaves)
    outcomes = [f'"o{dice.randrange(8)}"' for _ in leaves]
    whole = table_of(facts, leaves, outcomes)
    faults = max(1, len(leaves) // 100)
    spoilt = list(whole.rules)
    for _ in range(faults):
        at = dice.randrange(len(spoilt))
        narrow = [place for place, cell in enumerate(spoilt[at].tests) if cell != "-"]
        if len(narrow) > _ENOUGH:  # or it accepts nearly everything
            place = dice.choice(narrow)
            cells = (*spoilt[at].tests[:place], "-", *spoilt[at].tests[place + 1 :])
            spoilt[at] = replace(spoilt[at], tests=cells)
        del spoilt[dice.randrange(len(spoilt))]
    last = Rule("last", ("-",) * COLUMNS, ('"else"',))
    first = replace(whole, hit_policy=HitPolicy.FIRST, rules=(*whole.rules[: -max(1, faults)], last))
    return {
        "complete and disjoint": (_book(facts, whole), 0),
        "1 % gone, 1 % widened": (_book(facts, replace(whole, rules=tuple(spoilt))), faults),
        "FIRST, with a last row": (_book(facts, first), 0),
    }


_ENOUGH: Final = 3


def _book(facts: Sequence[Fact], table: Table) -> Rulebook:
    return Rulebook("bench", facts=(*facts, OUT), tables=(table,))


def adversarial() -> dict[str, Rulebook]:
    """Tables on which the questions are hard."""
    dice = random.Random(1)
    flags = tuple(Fact(f"x{n}", "boolean") for n in range(60))

    def clause() -> tuple[str, ...]:
        chosen = {place: dice.random() < 0.5 for place in dice.sample(range(60), 3)}
        return tuple("-" if n not in chosen else str(chosen[n]).lower() for n in range(60))

    clauses = tuple(Rule(f"r{n}", clause(), ('"o"',)) for n in range(255))
    inputs = tuple(Input(fact.key, fact.key) for fact in flags)
    satisfying = Table("grown", HitPolicy.ANY, inputs, (Output("out", "grown_out"),), clauses)
    amounts = tuple(Fact(f"amount_{n}", "number", "[0..100000]") for n in range(COLUMNS))

    def slab() -> tuple[str, ...]:
        cells = []
        for _ in range(COLUMNS):
            low = dice.randrange(99_000)
            cells.append(f"[{low}..{low + dice.randrange(90_000)}]")
        return tuple(cells)

    slabs = tuple(Rule(f"r{n}", slab(), (f'"o{n % 5}"',)) for n in range(2_000))
    columns = tuple(Input(fact.key, fact.key) for fact in amounts)
    outputs = (Output("out", "grown_out"),)
    return {
        "255 clauses of 3 in 60 booleans, ANY": _book(flags, satisfying),
        "255 clauses of 3 in 60 booleans, FIRST": _book(
            flags, replace(satisfying, hit_policy=HitPolicy.FIRST)
        ),
        "2,000 wide ranges in 10 columns, UNIQUE": _book(
            amounts, Table("grown", HitPolicy.UNIQUE, columns, outputs, slabs)
        ),
        "2,000 wide ranges in 10 columns, FIRST": _book(
            amounts, Table("grown", HitPolicy.FIRST, columns, outputs, slabs)
        ),
        "2,000 wide ranges in 10 columns, ANY": _book(
            amounts, Table("grown", HitPolicy.ANY, columns, outputs, slabs)
        ),
    }


def _program(rulebook: Rulebook, memory: Memory | None = None) -> Program:
    program, told = check(rulebook, memory=memory)
    if program is None:
        raise SystemExit("\n".join(one.drawn() for one in told))
    return program


def _analysed(rulebook: Rulebook) -> tuple[float, float, int, dict[str, int]]:
    """Seconds to compile and to analyse, steps, and how many findings of each code."""
    start = time.process_time()
    program = _program(rulebook)
    compiled = time.process_time() - start
    taken = []
    for _ in range(3):
        start = time.process_time()
        found = analyse(program)
        taken.append(time.process_time() - start)
        if taken[-1] > _LONG:
            break
    counts: dict[str, int] = {}
    for one in found.findings:
        code = one.code.removeprefix("analysis/")
        counts[code] = counts.get(code, 0) + 1
    return compiled, median(taken), found.steps, counts


def _edits(rulebook: Rulebook, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds to compile and to analyse after each of some edits, each of one cell and then undone."""
    dice = random.Random(2)
    compiled, kept = Memory(), AnalysisMemory()
    for _ in range(2):
        analyse_table(_program(rulebook, compiled), "grown", memory=kept)
    (table,) = rulebook.tables
    both: tuple[list[float], list[float]] = ([], [])
    for _ in range(count // 2):
        at, place = dice.randrange(len(table.rules)), dice.randrange(COLUMNS)
        rule = table.rules[at]
        cell = dice.choice(
            [one.tests[place] for one in table.rules if one.tests[place] != rule.tests[place]] or ["-"]
        )
        edited = replace(rule, tests=(*rule.tests[:place], cell, *rule.tests[place + 1 :]))
        changed = replace(table, rules=(*table.rules[:at], edited, *table.rules[at + 1 :]))
        for version in (replace(rulebook, tables=(changed,)), rulebook):
            start = time.process_time()
            program = _program(version, compiled)
            middle = time.process_time()
            analyse_table(program, "grown", memory=kept)
            both[0].append(1000 * (middle - start))
            both[1].append(1000 * (time.process_time() - middle))
    return both


_LONG: Final = 10
"""Seconds after which one turn is enough."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Analyses, times, prints, and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.analyse", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="100,300,1000,3000,10000")
    parser.add_argument("--edits", type=int, default=60)
    chosen = parser.parse_args(arguments)

    wrong = 0
    print(f"seconds to analyse a table of {COLUMNS} columns, without compiling it:")
    for size in map(int, chosen.sizes.split(",")):
        for name, (rulebook, faults) in tables(size).items():
            compiled, taken, steps, counts = _analysed(rulebook)
            rows = len(rulebook.tables[0].rules)
            cells = [cell for rule in rulebook.tables[0].rules for cell in rule.tests]
            dashes = 100 * sum(1 for cell in cells if cell == "-") // len(cells)
            wrong += (not counts) is bool(faults) or "unproven" in counts
            said = ", ".join(f"{count} {code}" for code, count in sorted(counts.items())) or "nothing found"
            print(
                f"  {rows:>6} rules, {name:<24}{taken:>8.3f}   {steps:>9,} steps, compiled in {compiled:.2f}, "
                f"{dashes} % of cells `-`: {said}"
            )
    print("seconds for adversarial tables:")
    for name, rulebook in adversarial().items():
        _, taken, steps, counts = _analysed(rulebook)
        said = ", ".join(f"{count} {code}" for code, count in sorted(counts.items()))
        print(f"  {name:<44}{taken:>8.3f}   {steps:>9,} steps: {said}")
    for name in ("complete and disjoint", "1 % gone, 1 % widened"):
        compiled_in, analysed_in = _edits(tables(1000)[name][0], chosen.edits)
        sums = [a + b for a, b in zip(compiled_in, analysed_in, strict=True)]
        print(
            f"milliseconds after the edit of a cell, 1,000 rules, {name}, {len(sums)} edits: "
            f"analysed in {median(analysed_in):.0f} ({min(analysed_in):.0f} to {max(analysed_in):.0f}), "
            f"with compiling {median(sums):.0f} ({min(sums):.0f} to {max(sums):.0f})"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
