"""The nodes of a rulebook as an author writes them: decision tables and formulas (DMN 1.5, chapter 8).

All cells, dates included, are kept as typed: broken text stays in a draft and is told by `compile`. Nothing
here evaluates anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from decision_tables.vocabulary import Words

__all__ = ["Formula", "HitPolicy", "Input", "Node", "Output", "Period", "Rule", "Table"]


class HitPolicy(StrEnum):
    """What a table answers when several rules match (DMN 1.5, 8.2.8), by DMN's own letters."""

    UNIQUE = "U"
    ANY = "A"
    PRIORITY = "P"
    FIRST = "F"
    COLLECT = "C"
    SUM = "C+"
    MIN = "C<"
    MAX = "C>"
    COUNT = "C#"
    RULE_ORDER = "R"
    OUTPUT_ORDER = "O"

    @property
    def is_list(self) -> bool:
        """Whether the answer is the list of all matching rules' outputs."""
        return self in {HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER}

    @property
    def is_aggregate(self) -> bool:
        """Whether the answer is one number (or least, or greatest) made of all matching rules' outputs."""
        return self in {HitPolicy.SUM, HitPolicy.MIN, HitPolicy.MAX, HitPolicy.COUNT}

    @property
    def is_single(self) -> bool:
        """Whether the answer is that of one rule."""
        return not self.is_list and not self.is_aggregate


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span of days `[start, end)` as typed: ISO dates, empty for an open end."""

    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions.

    Attributes:
        key: names the column in its table; stable while cells are edited.
        expression: FEEL, most often the name of a fact; its value is `?` in the column's cells.
        label: what people read above the column; the fact's own label when empty.
    """

    key: str
    expression: str
    label: Words = field(default_factory=Words)


@dataclass(frozen=True, slots=True)
class Output:
    """A column of outcomes.

    Several columns may make the parts of one fact: its value is then a context of the parts.

    Attributes:
        key: names the column in its table.
        fact: the fact that it concludes.
        part: the entry of the fact's context that this column fills; empty when it fills the whole.
        default: FEEL, the outcome when no rule matches; empty for none.
        values: FEEL unary tests listing the possible outcomes, best first, for PRIORITY and OUTPUT ORDER.
        label: what people read above the column.
    """

    key: str
    fact: str
    part: str = ""
    default: str = ""
    values: str = ""
    label: Words = field(default_factory=Words)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row.

    Attributes:
        id: unique in its table, stable, cited in answers (`B02`).
        tests: one cell of FEEL unary tests for each input; `-` or empty accepts everything, unknown included.
        outputs: one FEEL expression for each output; an empty cell is no opinion (of a part: null).
        citation: the article of law or the judgment that the rule restates.
        note: for people.
        confidence: how sure the authors are of the text: `V` verified, `K` known, `U` unsure, or empty.
        flags: told with every answer that rests on the rule (`contested`).
        valid: the as-of dates by which the rule is the law.
        known: the known-on dates by which one had to judge by it.
        referral: the question for human judgement that the rule puts in place of its empty outputs;
            empty when it puts none.
    """

    id: str
    tests: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    citation: str = ""
    note: str = ""
    confidence: str = ""
    flags: tuple[str, ...] = ()
    valid: Period = Period()
    known: Period = Period()
    referral: Words = field(default_factory=Words)


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table.

    Attributes:
        key: names the node in its rulebook.
        hit_policy: what it answers when several rules match.
        inputs: the columns of conditions.
        outputs: the columns of outcomes.
        rules: the rows, in order.
        title: what people call it.
        note: what it is about.
        open: a catalogue: where no rule matches it has no opinion, and its facts stay unknown.
    """

    key: str
    hit_policy: HitPolicy
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    rules: tuple[Rule, ...] = ()
    title: Words = field(default_factory=Words)
    note: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class Formula:
    """A fact worked out by one FEEL expression (a boxed literal expression, DMN 1.5, 10.2.1).

    Attributes:
        key: names the node in its rulebook.
        fact: the fact that it concludes.
        expression: FEEL, as typed.
        title: what people call it.
        citation: the source of the formula.
        note: for people.
        confidence: as in `Rule`.
        flags: as in `Rule`.
    """

    key: str
    fact: str
    expression: str
    title: Words = field(default_factory=Words)
    citation: str = ""
    note: str = ""
    confidence: str = ""
    flags: tuple[str, ...] = ()


Node: TypeAlias = Table | Formula
