"""Soaks the engine: many firings, exceptions from within them, a long idle spell; resident memory all along.

    python -m benchmarks.soak [--firings 1000000] [--idle 63]

It goes through durable-rules itself (`Engine.run`), over random graphs of 5 to 4,000 nodes, cyclic ones too.
The exit code is 1 if a decision is wrong, if durable-rules runs short, or if resident memory after the last
tenth of the firings is more than 5 MB above that after the first. Linux only: it reads /proc.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from benchmarks.graphs import Memory, fixpoint, random_given, random_graph
from service.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Interrupted", "Soaked", "idled", "main", "soaked"]

_SIZES = (4000, 2000, 400, 120, 60, 20, 5)
_SEED = 20120615
_MEGABYTE = 2**20
_GROWTH_ALLOWED = 5 * _MEGABYTE


class Interrupted(Exception):
    """What is thrown from within a firing."""


@dataclass(frozen=True, slots=True)
class Soaked:
    """What a soak found.

    Attributes:
        firings: how many nodes were fired.
        decisions: how many cases were driven, interrupted ones included.
        interrupted: how many of them were left by an exception from within a firing.
        wrong: how many ended in another fixpoint than the plain one, of those compared.
        compared: how many were compared.
        short: how many durable-rules left to the plain fixpoint.
        resident: resident memory in bytes after each tenth of the firings.
        seconds: time taken inside the engine.
    """

    firings: int
    decisions: int
    interrupted: int
    wrong: int
    compared: int
    short: int
    resident: tuple[int, ...]
    seconds: float

    @property
    def growth(self) -> int:
        """Bytes by which resident memory grew from the end of the first tenth to that of the last."""
        return self.resident[-1] - self.resident[0]


def soaked(firings: int) -> Soaked:
    """Drives random cases through durable-rules until so many nodes have fired; every tenth is cut short."""
    random = Random(_SEED)
    engine = Engine(sessions=1)
    graphs = [random_graph(random, size, cycles=bool(i % 2)) for i, size in enumerate(_SIZES)]
    fired = decisions = interrupted = wrong = compared = short = spells = 0
    seconds = 0.0
    resident: list[int] = []
    for tenth in range(1, 11):
        while fired < firings * tenth // 10:
            graph = graphs[spells % len(graphs)]
            spells += 1
            spell_ends = fired + firings // 200  # so all graphs have their turn in the first tenth
            while fired < spell_ends:
                given = random_given(random)
                memory = Memory(graph, given)
                if decisions % 10 == 3:
                    memory.before_firing = _thrower(random.randrange(len(graph.reads)))
                with capture_logs() as faults:
                    begun = time.perf_counter()
                    try:
                        engine.run(memory)
                    except Interrupted:
                        interrupted += 1
                    seconds += time.perf_counter() - begun
                short += len(faults)
                if decisions % 10 == 4:  # right after an interrupted one
                    compared += 1
                    wrong += memory.known != fixpoint(graph, given, random)
                decisions += 1
                fired += len(memory.fired)
        resident.append(_resident())
    return Soaked(fired, decisions, interrupted, wrong, compared, short, tuple(resident), seconds)


def idled(seconds: float, decisions: int = 200) -> int:
    """Throws from within a firing, idles, and decides on the very same session; how many decisions go wrong.

    One that durable-rules left to the plain fixpoint counts as wrong: its session was not drained. After a
    minute the lease of an action that was left open runs out, and the process crashes: hence 63 s.
    """
    random = Random(_SEED)
    engine = Engine(sessions=1)
    graph = random_graph(random, 60, cycles=True)
    engine.run(Memory(graph, random_given(random)))
    interrupted = Memory(graph, random_given(random))
    interrupted.before_firing = _thrower(30)
    with contextlib.suppress(Interrupted):
        engine.run(interrupted)
    if len(interrupted.fired) == len(graph.reads):
        raise AssertionError("nothing was thrown")
    time.sleep(seconds)
    wrong = 0
    for _ in range(decisions):
        given = random_given(random)
        memory = Memory(graph, given)
        with capture_logs() as faults:
            engine.run(memory)
        wrong += bool(faults) or memory.known != fixpoint(graph, given, random)
    return wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Soaks, prints what was found, and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--firings", type=int, default=1_000_000)
    parser.add_argument("--idle", type=float, default=63.0, help="seconds")
    chosen = parser.parse_args(arguments)
    ok = True
    if chosen.firings:
        found = soaked(chosen.firings)
        print(
            f"soak: {found.firings:,} firings in {found.decisions:,} decisions through durable-rules, "
            f"{found.seconds / found.firings * 1e6:.1f} µs a firing"
        )
        print(f"  {found.interrupted:,} left by an exception from within a firing")
        print(f"  {found.wrong} wrong of {found.compared:,} compared with a plain fixpoint")
        print("  resident MB after each tenth:", *(f"{size / _MEGABYTE:.1f}" for size in found.resident))
        print(f"  growth {found.growth / _MEGABYTE:.1f} MB, {_GROWTH_ALLOWED // _MEGABYTE} MB allowed")
        print(f"  {found.short} left to the plain fixpoint by a short run")
        ok = not found.wrong and not found.short and found.growth <= _GROWTH_ALLOWED
    if chosen.idle:
        wrong = idled(chosen.idle)
        print(
            f"idle: an exception from within a firing, {chosen.idle:g} s of idling, then {wrong} wrong of 200"
        )
        ok = ok and not wrong
    return 0 if ok else 1


def _thrower(at: int) -> Callable[[int], None]:
    def throw(n: int) -> None:
        if n == at:
            raise Interrupted

    return throw


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
