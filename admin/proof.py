"""An answer's derivation as trees that people read from the goal down to the facts they gave; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from decision_tables.explain import Because, TestMet
from decision_tables.feel.values import UNKNOWN, Value, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from decision_tables.explain import Answer, WhyNot

__all__ = ["Applied", "Step", "Tested", "nearest", "proof_of", "shown"]


@dataclass(frozen=True, slots=True)
class Tested:
    """A condition of a rule, the value that met it, and how that value was concluded, if it was."""

    met: TestMet
    value: Any
    step: Step | None


@dataclass(frozen=True, slots=True)
class Applied:
    """A rule that applied: what it says, its conditions, and what else it rests on.

    `told_above`: another outcome of the same row is unfolded already, and so are its conditions.
    """

    because: Because
    value: Any
    tested: tuple[Tested, ...] = ()
    rests_on: tuple[Step, ...] = ()
    told_above: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One fact of a derivation.

    Attributes:
        fact: the fact.
        value: its value, as `shown` gives it; of a list that rules add entries to, see `entries`.
        applied: the rules that concluded it; empty for a fact that was given.
        silent: the tables that might have added to it, and in which no row applies.
        entries: whether each rule adds an entry of its own, so that there is no one value to tell.
        told_above: whether the trees have it already; it is not unfolded again.
    """

    fact: str
    value: Any
    applied: tuple[Applied, ...] = ()
    silent: tuple[str, ...] = ()
    entries: bool = False
    told_above: bool = False

    @property
    def is_given(self) -> bool:
        """Whether the case brought it."""
        return not self.applied and not self.silent and not self.told_above


def shown(value: Value) -> Any:
    """A FEEL value as JSON data for a page; unknown parts are left out of it."""
    if value is UNKNOWN:
        return None
    if isinstance(value, dict):
        return {name: shown(part) for name, part in value.items() if part is not UNKNOWN}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return to_json(value)


def nearest(answer: Answer) -> tuple[WhyNot, ...]:
    """The rules that did not apply, those that missed by the fewest conditions first."""
    return tuple(sorted(answer.why_not, key=lambda other: len(other.failed)))


def proof_of(answer: Answer, goals: Iterable[str], given: Mapping[str, Any]) -> tuple[Step, ...]:
    """How each goal came about, in their order; what two of them rest on is unfolded once.

    Args:
        answer: explained in full.
        goals: facts that were asked for; those without a derivation have no step.
        given: the facts of the case, as JSON values.
    """
    reasons: dict[str, list[Because]] = {}
    for because in answer.because:
        reasons.setdefault(because.fact, []).append(because)
    told: set[str] = set()
    told_rows: set[tuple[str, str]] = set()

    def step_of(fact: str) -> Step | None:
        if fact not in reasons:
            return Step(fact, given[fact]) if fact in given else None
        found = reasons[fact]
        if (
            fact in answer.undetermined
        ):  # what is certain of it are the rules; that a table adds nothing is no answer
            found = [because for because in found if because.rule]
        if not found:
            return None
        spoken = [because for because in found if because.rule or len(found) == 1]
        silent = tuple(because.table for because in found if because not in spoken)
        values = [shown(because.value) for because in spoken]
        adds = fact in answer.undetermined or isinstance(answer.conclusions.get(fact), list)
        entries = bool(spoken and spoken[0].rule) and (adds or any(value != values[0] for value in values))
        value = None if entries else shown(found[0].value)
        if fact in told:
            return Step(fact, value, entries=entries, told_above=True)
        told.add(fact)
        return Step(fact, value, tuple(applied(because) for because in spoken), silent, entries)

    def applied(because: Because) -> Applied:
        row = (because.table, because.rule)
        if because.rule and row in told_rows:
            return Applied(because, shown(because.value), told_above=True)
        told_rows.add(row)
        tested = []
        for met in because.tests:
            nested = step_of(met.on)
            tested.append(
                Tested(met, shown(met.value), None if nested is None or nested.is_given else nested)
            )
        on = {met.on for met in because.tests}
        rest = (step_of(fact) for fact in because.rests_on if fact not in on)
        return Applied(because, shown(because.value), tuple(tested), tuple(step for step in rest if step))

    return tuple(step for goal in goals if goal in reasons and (step := step_of(goal)))
