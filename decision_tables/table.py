"""What an author writes: decision tables (DMN 1.5, chapter 8), formulas, boxed expressions (10.2.2).

All cells, dates included, are kept as typed: broken text stays in a draft and is told by `compile`. Nothing
here evaluates anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

import msgspec

from decision_tables.vocabulary import Words

__all__ = [
    "Binding",
    "Boxed",
    "BoxedTable",
    "Column",
    "Conditional",
    "ContextExpression",
    "Entry",
    "FilterExpression",
    "Formula",
    "FunctionDefinition",
    "HitPolicy",
    "Input",
    "Invocation",
    "Iteration",
    "KnowledgeModel",
    "ListExpression",
    "LiteralExpression",
    "Node",
    "Note",
    "Output",
    "Period",
    "Quantifier",
    "Relation",
    "Rule",
    "Table",
]


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
        type: the FEEL type that the expression's value must have; empty for the type it happens to have.
        values: FEEL unary tests that the value must satisfy; empty for any value.
    """

    key: str
    expression: str
    label: Words = field(default_factory=Words)
    type: str = ""
    values: str = ""


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
        type: the FEEL type of the part; empty where the fact's own type says enough.
    """

    key: str
    fact: str
    part: str = ""
    default: str = ""
    values: str = ""
    label: Words = field(default_factory=Words)
    type: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A column of notes, an author's own (DMN's RuleAnnotationClause); nothing is worked out from it.

    Attributes:
        key: names the column in its table.
        label: what people read above the column; the key when empty.
    """

    key: str
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
        notes: plain text for each column of notes. A rule says nothing in the columns behind the last text, so
            that empty texts at the end are dropped: a table gets a column of notes without a change of its rules.
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
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Drops the empty notes at the end."""
        if self.notes and not self.notes[-1]:
            said = max((place for place, text in enumerate(self.notes, 1) if text), default=0)
            object.__setattr__(self, "notes", self.notes[:said])


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
        notes: the columns of notes that its authors made beside the citation and the note that each rule has.
    """

    key: str
    hit_policy: HitPolicy
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    rules: tuple[Rule, ...] = ()
    title: Words = field(default_factory=Words)
    note: str = ""
    open: bool = False
    notes: tuple[Note, ...] = ()

    @property
    def columns(self) -> tuple[Input | Output | Note, ...]:
        """All columns: conditions, outcomes, notes."""
        return (*self.inputs, *self.outputs, *self.notes)


# Boxed expressions, and what holds them -------------------------------------------------------------------
#
# Structs and not dataclasses: in a document each carries its kind, so that they can be told apart.


class LiteralExpression(msgspec.Struct, frozen=True, tag_field="kind", tag="literal"):
    """FEEL text (10.2.2.1).

    Attributes:
        text: as typed.
        type: the FEEL type that its value must have; empty for whatever it is. So for all boxed expressions.
    """

    text: str = ""
    type: str = ""


class Entry(msgspec.Struct, frozen=True):
    """An entry of a boxed context; without a name it is the context's result."""

    name: str
    value: Boxed
    type: str = ""


class ContextExpression(msgspec.Struct, frozen=True, tag_field="kind", tag="context"):
    """Entries, each of which may speak of those before; its value is the last one's if that has no name (10.2.2.4)."""

    entries: tuple[Entry, ...] = ()
    type: str = ""


class Binding(msgspec.Struct, frozen=True):
    """An argument of a boxed invocation; None leaves the parameter out."""

    parameter: str
    value: Boxed | None = None


class Invocation(msgspec.Struct, frozen=True, tag_field="kind", tag="invocation"):
    """A function called with named arguments (10.2.2.3); `function` is FEEL, most often a name."""

    function: str
    bindings: tuple[Binding, ...] = ()
    type: str = ""


class ListExpression(msgspec.Struct, frozen=True, tag_field="kind", tag="list"):
    """A list of expressions (10.2.2.5)."""

    items: tuple[Boxed, ...] = ()
    type: str = ""


class Column(msgspec.Struct, frozen=True):
    """A column of a relation, or a parameter of a function: a name and its type."""

    name: str
    type: str = ""


class Relation(msgspec.Struct, frozen=True, tag_field="kind", tag="relation"):
    """A list of contexts, written as rows under columns (10.2.2.6)."""

    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Boxed, ...], ...] = ()
    type: str = ""


class FunctionDefinition(msgspec.Struct, frozen=True, tag_field="kind", tag="function"):
    """A function (10.2.2.7).

    Attributes:
        parameters: names and types.
        body: its value; None where none is written.
        language: `FEEL`; `Java` and `PMML` are kept, and told to be beyond us.
        type: the FEEL type of its result.
    """

    parameters: tuple[Column, ...] = ()
    body: Boxed | None = None
    language: str = "FEEL"
    type: str = ""


class Conditional(msgspec.Struct, frozen=True, tag_field="kind", tag="if"):
    """Boxed `if` (10.2.2.8)."""

    condition: Boxed
    consequence: Boxed
    alternative: Boxed
    type: str = ""


class FilterExpression(msgspec.Struct, frozen=True, tag_field="kind", tag="filter"):
    """Boxed filter (10.2.2.9): the elements of `source` of which `match` is true."""

    source: Boxed
    match: Boxed
    type: str = ""


class Quantifier(StrEnum):
    """What a boxed iteration makes of its elements."""

    FOR = "for"
    SOME = "some"
    EVERY = "every"


class Iteration(msgspec.Struct, frozen=True, tag_field="kind", tag="iteration"):
    """Boxed `for`, `some` and `every` (10.2.2.10 and 10.2.2.11): `body` for each `variable` of `source`."""

    quantifier: Quantifier
    variable: str
    source: Boxed
    body: Boxed
    type: str = ""


class BoxedTable(msgspec.Struct, frozen=True, tag_field="kind", tag="table"):
    """A decision table inside another expression.

    Its outputs name no fact. One that is alone and names no part is the table's value; else the value is a
    context of the parts.
    """

    table: Table
    type: str = ""


Boxed: TypeAlias = (
    LiteralExpression
    | ContextExpression
    | Invocation
    | ListExpression
    | Relation
    | FunctionDefinition
    | Conditional
    | FilterExpression
    | Iteration
    | BoxedTable
)


@dataclass(frozen=True, slots=True)
class Formula:
    """A fact worked out by one expression.

    Attributes:
        key: names the node in its rulebook.
        fact: the fact that it concludes.
        expression: FEEL, as typed; empty where `boxed` says it.
        title: what people call it.
        citation: the source of the formula.
        note: for people.
        confidence: as in `Rule`.
        flags: as in `Rule`.
        boxed: the expression where it is more than one line of FEEL; None where `expression` says it.
    """

    key: str
    fact: str
    expression: str = ""
    title: Words = field(default_factory=Words)
    citation: str = ""
    note: str = ""
    confidence: str = ""
    flags: tuple[str, ...] = ()
    boxed: Boxed | None = None


@dataclass(frozen=True, slots=True)
class KnowledgeModel:
    """A function that all nodes may call (a business knowledge model, DMN 1.5, 6.3.9).

    Attributes:
        key: its name in FEEL; it may hold spaces.
        function: parameters, body, type of the result.
        title: what people call it.
        note: for people.
    """

    key: str
    function: FunctionDefinition = field(default_factory=FunctionDefinition)
    title: Words = field(default_factory=Words)
    note: str = ""


Node: TypeAlias = Table | Formula
