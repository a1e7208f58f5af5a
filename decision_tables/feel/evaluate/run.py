"""What all evaluations of one decision share: the clocks, the budget, the warnings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from decision_tables.diagnostics import Where
from decision_tables.errors import BudgetExhausted
from decision_tables.said import said

if TYPE_CHECKING:
    import datetime as dt

    from decision_tables.feel.temporal import Date

__all__ = ["Run", "RunWarning"]

MAX_WARNINGS: Final = 100


@dataclass(frozen=True, slots=True)
class RunWarning:
    """FEEL trouble at run time, where null took the place of a value.

    Attributes:
        code: stable, `feel/type`, `feel/no-value`, …
        where: the place of the text.
        text: the whole text.
        message: one sentence.
    """

    code: str
    where: Where
    text: str
    message: str


class Run:
    """What all evaluations of one decision share.

    Attributes:
        instant: the moment that `now()` and `today()` give; aware.
        as_of: the date of the facts.
        known_on: the date of the legal knowledge.
        steps: how many steps are left; below 0 is `BudgetExhausted`.
        warnings: what went wrong so far, at most 100.
    """

    __slots__ = ("as_of", "depth", "instant", "known_on", "steps", "warnings")

    def __init__(self, *, instant: dt.datetime, as_of: Date, known_on: Date, steps: int = 1_000_000) -> None:
        if instant.tzinfo is None:
            raise ValueError("the instant of a run has a time zone")
        self.instant = instant
        self.as_of = as_of
        self.known_on = known_on
        self.steps = steps
        self.depth = 0
        self.warnings: list[RunWarning] = []

    def spend(self, steps: int) -> None:
        """Count steps; BudgetExhausted when none are left."""
        self.steps -= steps
        if self.steps < 0:
            raise BudgetExhausted(said("The evaluation takes more steps than it may."))

    def warn(self, warning: RunWarning) -> None:
        """Keep a warning, up to the bound."""
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(warning)
