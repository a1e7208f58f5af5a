"""Microseconds per cell: parsing with compiling, and evaluating, beside zen-engine's compiled expressions and pySFeel.

    python -m benchmarks.cells [--rounds 21]

All contenders take turns in every round, on one thread; what is printed are medians over the rounds. Each gets just
the facts that the cell reads, for zen-engine takes its context over on every call. zen-engine runs what
`zen.compile_expression` made, pySFeel reads its text every time, for it has no compiled form. Before anything is timed,
all answers are compared; the exit code is 1 if any differ.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import pySFeel
import zen

from decision_tables.feel.evaluate import Run, compile_expression, compile_test
from decision_tables.feel.parse import Names
from decision_tables.feel.temporal import Date
from decision_tables.feel.values import same, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["CELLS", "Cell", "contenders", "differing", "main"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as each engine writes it.

    Attributes:
        feel: DMN's FEEL, which decidable and pySFeel read.
        zen: the same in zen-engine's language.
        tested: of an input cell, the name of the fact above its column; empty for an expression.
        is_read_by_pysfeel: whether pySFeel reads it, and rightly (it has no `if`, and its `some` asks for all).
    """

    feel: str
    zen: str
    tested: str = ""
    is_read_by_pysfeel: bool = True


CELLS: Final = (
    Cell("if x > 5 then y * 2 else y + 1", "x > 5 ? y * 2 : y + 1", is_read_by_pysfeel=False),
    Cell("> limit", "> limit", tested="income"),
    Cell("> limit * 2", "> limit * 2", tested="x"),
    Cell("[limit..x]", "[limit..x]", tested="income", is_read_by_pysfeel=False),
    Cell('starts with(?, "voice")', 'startsWith($, "voice")', tested="service", is_read_by_pysfeel=False),
    Cell('age >= 18 and country = "BE"', 'age >= 18 and country == "BE"'),
    Cell('country in ("BE", "FR", "LU")', 'country in ["BE", "FR", "LU"]'),
    Cell("age between 16 and 18", "age in [16..18]"),
    Cell("income * 0.04 + fee * 12", "income * 0.04 + fee * 12"),
    Cell("max(income - 20000, 0)", "max([income - 20000, 0])"),
    Cell('contains(service, "over IP")', 'contains(service, "over IP")'),
    Cell("sum(amounts) > 100", "sum(amounts) > 100"),
    Cell("count(amounts[item > 20]) >= 2", "count(amounts, # > 20) >= 2"),
    Cell("some amount in amounts satisfies amount > 50", "some(amounts, # > 50)", is_read_by_pysfeel=False),
    Cell('decided < started + duration("P3M")', 'd(decided) < d(started).add("3M")'),
)

FACTS: Final[dict[str, Any]] = {
    "x": Decimal(7),
    "y": Decimal(3),
    "limit": Decimal(5),
    "age": Decimal(17),
    "country": "BE",
    "service": "voice over IP",
    "income": Decimal(25_000),
    "fee": Decimal("12.5"),
    "amounts": [Decimal(each) for each in (10, 25, 40, 55)],
    "started": Date(2024, 2, 29),
    "decided": Date(2024, 5, 28),
}
_NAMES: Final = Names(FACTS)
_DAY: Final = Date(2024, 5, 1)
_TIMES: Final = 2_000
_STEPS: Final = 10**12


def _a_run() -> Run:
    return Run(instant=datetime(2024, 5, 1, 12, tzinfo=UTC), as_of=_DAY, known_on=_DAY, steps=_STEPS)


def _read(cell: Cell) -> dict[str, Any]:
    """The facts that a cell reads; the value under test is none of them."""
    compiled = compile_test(cell.feel, _NAMES) if cell.tested else compile_expression(cell.feel, _NAMES)
    return {name: FACTS[name] for name in sorted(compiled.reads)}


def _plain(value: Any) -> Any:
    """A fact as zen-engine takes it: what JSON has."""
    match value:
        case Decimal():
            return int(value) if value == int(value) else float(value)
        case list():
            return [_plain(item) for item in value]
        case Date():
            return str(value)
    return value


def contenders(cell: Cell) -> dict[str, Callable[[], Any]]:
    """By name of the engine, what evaluates a cell once."""
    facts, run = _read(cell), _a_run()
    found: dict[str, Callable[[], Any]] = {}
    context = {name: _plain(value) for name, value in facts.items()}
    if cell.tested:
        test, tested = compile_test(cell.feel, _NAMES), FACTS[cell.tested]
        found["decidable"] = lambda: test(tested, facts, run)
        context["$"] = _plain(tested)
        theirs = zen.compile_unary_expression(cell.zen)
    else:
        expression = compile_expression(cell.feel, _NAMES)
        found["decidable"] = lambda: expression(facts, run)
        theirs = zen.compile_expression(cell.zen)
    found["zen-engine"] = lambda: theirs.evaluate(context)
    if cell.is_read_by_pysfeel:
        parser = pySFeel.SFeelParser()
        for name, value in facts.items():
            parser.sFeelParse(f"{name} <- {_spelt(value)}")
        text = f"{cell.tested} {cell.feel}" if cell.tested else cell.feel
        if cell.tested:
            parser.sFeelParse(f"{cell.tested} <- {_spelt(FACTS[cell.tested])}")
        found["pySFeel"] = lambda: parser.sFeelParse(text)[1]
    return found


def _spelt(value: Any) -> str:
    return f'date("{value}")' if isinstance(value, Date) else text_of(value)


def differing() -> list[str]:
    """The cells that the engines do not answer alike."""
    return [
        cell.feel
        for cell in CELLS
        for ours, *theirs in [[_number(evaluate()) for evaluate in contenders(cell).values()]]
        if not all(same(ours, other) for other in theirs)
    ]


def _number(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _timed(work: Mapping[str, Callable[[], Any]], rounds: int, times: int) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds + 1):
        for name, once in work.items():
            often = times if name != "pySFeel" else max(1, times // 50)
            begun = time.perf_counter()
            for _ in range(often):
                once()
            if number:  # the first warms up
                taken[name].append((time.perf_counter() - begun) / often * 1e6)
    return taken


def _line(name: str, taken: Mapping[str, list[float]]) -> str:
    ours = taken["decidable"]
    shown = f"  {name:<46} {median(ours):7.2f}"
    for other in ("zen-engine", "pySFeel"):
        if other in taken:
            ratio = median(theirs / mine for mine, theirs in zip(ours, taken[other], strict=True))
            shown += f" {median(taken[other]):8.2f} {ratio:6.1f}x"
    return shown


def main(arguments: Sequence[str] | None = None) -> int:
    """Compares, times, prints, and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cells", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=21)
    chosen = parser.parse_args(arguments)

    differ = differing()
    print(f"cells: {len(CELLS)}, {len(differ)} answered differently", *differ, sep="\n  ")
    heads = f"{'decidable':>10} {'zen-engine':>15} {'pySFeel':>15}"
    print(
        f"microseconds per evaluation, median of {chosen.rounds} rounds, and the others' ratio to decidable:"
    )
    print(" " * 45 + heads)
    ratios: list[float] = []
    for cell in CELLS:
        taken = _timed(contenders(cell), chosen.rounds, _TIMES)
        ratios.append(
            median(
                theirs / ours for ours, theirs in zip(taken["decidable"], taken["zen-engine"], strict=True)
            )
        )
        print(_line(f"{cell.tested and '? '}{cell.feel}", taken))
    print(
        f"  zen-engine takes {median(ratios):.1f} times as long ({min(ratios):.1f} to {max(ratios):.1f} by cell)"
    )

    print(f"microseconds to parse and compile, {len(_MANY.names)} names in scope:")
    for cell in CELLS:
        ours = compile_test if cell.tested else compile_expression
        theirs = zen.compile_unary_expression if cell.tested else zen.compile_expression
        taken = _timed(
            {
                "decidable": lambda text=cell.feel, read=ours: read(text, _MANY),
                "zen-engine": lambda text=cell.zen, read=theirs: read(text),
            },
            chosen.rounds,
            _TIMES // 20,
        )
        print(_line(f"{cell.tested and '? '}{cell.feel}", taken))
    return 1 if differ else 0


_MANY: Final = _NAMES.extended(f"fact number {number}" for number in range(200))
"""A vocabulary as large as real ones, for names are found among all that are in scope."""


if __name__ == "__main__":
    sys.exit(main())
