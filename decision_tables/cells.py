"""Cells compiled and judged: what can be read, what can never be met, what the vocabulary does not allow.

Whatever is told comes with a repair where one is obvious: a text that stands all the checks that the cell failed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeVar

from decision_tables import repairs
from decision_tables.diagnostics import Diagnostic, Severity, Where, near_miss
from decision_tables.errors import BudgetExhausted
from decision_tables.feel import syntax
from decision_tables.feel.evaluate import Expression, Test, compile_expression, compile_test
from decision_tables.feel.infer import WHOLE, Fix, findings_of, fits
from decision_tables.feel.types import ANY, Type
from decision_tables.feel.values import Value, text_of
from decision_tables.feel.wording import told_type
from decision_tables.items import Kind, told_value
from decision_tables.memory import NO_COLUMN, Memory
from decision_tables.regions import region_of
from decision_tables.said import joined, said
from decision_tables.suspicion import ALWAYS, always, comma_hint, slips_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from decision_tables.feel.infer import Finding
    from decision_tables.feel.parse import Names
    from decision_tables.regions import Region
    from decision_tables.vocabulary import Vocabulary

__all__ = ["Cells", "Wanted", "plain_name"]

_Cell = TypeVar("_Cell", Expression, Test)


class Wanted:
    """What an outcome is to be.

    Attributes:
        fact: that it concludes.
        part: the entry of the fact's context that it fills.
        listed: the table collects outcomes, each an item of the fact's list.
        aggregated: the table makes one value of all outcomes.
        priorities: the outcomes that the column lists, and the text that lists them.
        convert: makes the outcome one of its fact's kind.
    """

    __slots__ = ("aggregated", "convert", "fact", "kind", "listed", "part", "priorities", "values")

    def __init__(
        self,
        vocabulary: Vocabulary,
        fact: str,
        part: str = "",
        *,
        listed: bool = False,
        aggregated: bool = False,
        priorities: tuple[Value, ...] | None = None,
        values: str = "",
    ) -> None:
        self.fact, self.part, self.listed, self.aggregated = fact, part, listed, aggregated
        self.priorities, self.values = priorities, values
        kind: Kind | None = vocabulary.kinds.get(fact)
        if kind is not None and listed:
            kind = kind.items
        if kind is not None and part:
            kind = dict(kind.entries).get(part)
        self.kind = None if aggregated else kind
        self.convert = None if self.kind is None else self.kind.converter

    def whole(self, vocabulary: Vocabulary) -> Wanted:
        """The same of all that a table collects, in the place of one entry."""
        return Wanted(vocabulary, self.fact, self.part)

    @property
    def name(self) -> str:
        """What it fills, as people write it: `fact` or `fact.part`."""
        return f"{self.fact}.{self.part}" if self.part else self.fact


@dataclass(slots=True)
class _Verdict:
    """What is wrong with a cell.

    Attributes:
        told: as diagnostics, without repairs.
        fixes: of parts that were most likely written wrongly.
        names: of names that nothing has, the near ones; or else the texts that they may be.
        kind: the type of the cell's value.
        is_slip: the cell works, and what may have been meant instead is all in `fixes`.
    """

    told: list[Diagnostic] = field(default_factory=list)
    fixes: list[Fix] = field(default_factory=list)
    names: list[Fix] = field(default_factory=list)
    kind: Type = ANY
    is_slip: bool = False


class Cells:
    """Compiles the cells of one rulebook, or of a table inside one of its expressions.

    Args:
        vocabulary: of the rulebook.
        names: what is in scope.
        closed: as DMN has it, what merely comes to null is told as a warning.
        concluded: the facts that nodes conclude, which may be null for want of a rule.
        bound: variables in scope that hide facts of the same name.
        memory: keeps what was compiled before; None keeps nothing.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        names: Names,
        *,
        closed: bool,
        concluded: frozenset[str] = frozenset(),
        bound: Iterable[str] = (),
        memory: Memory | None = None,
    ) -> None:
        self._memory = Memory() if memory is None else memory
        self.vocabulary = vocabulary
        self.names = names
        self.closed = closed
        self._concluded = concluded
        self._hidden = frozenset(bound)
        self._types: Mapping[str, Type] = {
            fact: kind.type for fact, kind in vocabulary.kinds.items() if fact not in self._hidden
        }
        self._tries = _TRIES

    def within(self, bound: Iterable[str]) -> Cells:
        """The same where further variables are in scope."""
        bound = tuple(bound)
        return Cells(
            self.vocabulary,
            self.names.extended(bound),
            closed=self.closed,
            concluded=self._concluded,
            bound=(*self._hidden, *bound),
        )

    # -- kinds of cells -----------------------------------------------------------------------------------

    def tests(
        self,
        texts: Iterable[tuple[str, Where]],
        source: Expression,
        kind: Kind | None,
        signature: tuple[str, ...] = NO_COLUMN,
    ) -> tuple[tuple[Test, ...], list[Diagnostic]]:
        """A column of conditions on what an expression gives.

        Args:
            texts: its cells, each with its place.
            source: the expression above it.
            kind: what the column itself declares.
            signature: by which its cells are kept for the next compile; see `Memory.cells`.
        """
        fact = plain_name(source)
        if fact is not None and (fact in self._hidden or fact not in self.vocabulary.kinds):
            fact = None
        tested = ANY
        if kind is not None:
            tested = kind.type
        elif source.node is not None and source.ok:
            tested = findings_of(source.node, self._types, functions=self.names.functions)[0]
        if kind is None:
            kind = Kind(tested) if fact is None else self.vocabulary.kinds[fact]
        name = f"`{source.text.strip()}`" if source.text.strip() else said("the value")
        known = kind

        def read(text: str, where: Where) -> Test:
            return compile_test(text, self.names, where)

        def judge(test: Test, where: Where) -> _Verdict:
            verdict = self._judged(test, where, tested, name)
            if not verdict.told and not self.closed and fact is not None and _is_of_itself(test, fact):
                slip = always(name)
                verdict.told.append(
                    Diagnostic(slip.code, where, slip.message, slip.hint, test.text, Severity.WARNING)
                )
            if not verdict.told and test.ok and not test.is_any and known.name != "Any":
                self._doubt(test, where, known, fact, name, verdict)
            return verdict

        return self._column(texts, read, judge, kind, signature, is_test=True)

    def outcomes(
        self,
        texts: Iterable[tuple[str, Where]],
        wanted: Wanted,
        signature: tuple[str, ...] = NO_COLUMN,
    ) -> tuple[tuple[Expression, ...], list[Diagnostic]]:
        """A column of outcomes; `signature` as in `tests`."""

        def read(text: str, where: Where) -> Expression:
            return compile_expression(text, self.names, where, wanted.convert)

        def judge(cell: Expression, where: Where) -> _Verdict:
            return self._outcome(cell, where, wanted)

        return self._column(texts, read, judge, wanted.kind, signature)

    def outcome(self, cell: Expression, where: Where, wanted: Wanted) -> list[Diagnostic]:
        """What is wrong with an outcome that has been compiled."""
        return self._outcome(cell, where, wanted).told

    def expression(
        self, text: str, where: Where, convert: Callable[[Value], Value] | None = None
    ) -> tuple[Expression, list[Diagnostic]]:
        """An expression of its own: the head of a column."""

        def read(text: str, where: Where) -> Expression:
            return compile_expression(text, self.names, where, convert)

        cells, found = self._column([(text, where)], read, self._judged, None)
        return cells[0], found

    def function(self, literal: Expression, where: Where) -> list[Diagnostic]:
        """What is wrong inside a function, which sees its parameters and no facts."""
        if literal.node is None or not literal.ok:
            return []
        _, found = findings_of(literal.node, {}, functions=self.names.functions)
        return [self._told(one, literal.text, where) for one in found]

    def allowed(self) -> list[Diagnostic]:
        """What is wrong with the values that facts allow."""
        told = []
        for key, fact in self.vocabulary.facts.items():
            kind = self.vocabulary.kinds[key]
            kind = kind.items if kind.items is not None else kind
            if not fact.allowed.strip() or not kind.allowed or kind.allowed[-1].node is None:
                continue
            test = kind.allowed[-1]
            where = Where("vocabulary", key, "allowed")
            _, found = findings_of(kind.allowed[-1].node, {}, kind.type, f"`{key}`")
            told += [self._told(one, test.text, where) for one in found]
        return told

    # -- columns ------------------------------------------------------------------------------------------

    def _column(
        self,
        texts: Iterable[tuple[str, Where]],
        read: Callable[[str, Where], _Cell],
        judge: Callable[[_Cell, Where], _Verdict],
        kind: Kind | None,
        signature: tuple[str, ...] = NO_COLUMN,
        *,
        is_test: bool = False,
    ) -> tuple[tuple[_Cell, ...], list[Diagnostic]]:
        """Cells of one column; the same constant text is compiled once, as columns repeat themselves."""
        kept = self._memory.cells(signature)
        mended: dict[str, str] = {}
        cells: list[_Cell] = []
        found: list[Diagnostic] = []
        for text, where in texts:
            known = kept.get(text, where)
            if known is None:
                cell = read(text, where)
                verdict = judge(cell, where)
                if verdict.told and text not in mended:
                    mended[text] = self._repair(text, where, verdict, read, judge, kind, is_test=is_test)
                known = cell, tuple(_advised(one, mended[text], kind) for one in verdict.told)
                kept.keep(text, where, *known, anywhere=not verdict.told and _is_constant(cell))
            cells.append(known[0])
            found += known[1]
        return tuple(cells), found

    def _repair(
        self,
        text: str,
        where: Where,
        verdict: _Verdict,
        read: Callable[[str, Where], _Cell],
        judge: Callable[[_Cell, Where], _Verdict],
        kind: Kind | None,
        *,
        is_test: bool,
    ) -> str:
        """The first text likely to be meant that stands every check; empty if none does."""
        if len(text) > _LONG:
            return ""
        for candidate in _likely(text, verdict, kind, is_test=is_test):
            self._tries -= 1
            if self._tries < 0:
                break
            if not judge(read(candidate, where), where).told:
                return candidate
        return ""

    # -- judging ------------------------------------------------------------------------------------------

    def _judged(
        self, cell: Expression | Test, where: Where, tested: Type | None = None, name: str = ""
    ) -> _Verdict:
        """What cannot be read, and what can never work."""
        told = list(map(_eased, cell.diagnostics)) if self.closed else list(cell.diagnostics)
        verdict = _Verdict(told)
        if told:
            verdict.names = [fix for one in told if (fix := self._named(one)) is not None]
        if not cell.ok or cell.node is None:
            return verdict
        verdict.kind, found = findings_of(cell.node, self._types, tested, name, self.names.functions)
        for one in found:
            told.append(self._told(one, cell.text, where))
            if one.fix is not None and one.cell is None:
                verdict.fixes.append(one.fix)
        return verdict

    def _told(self, one: Finding, text: str, where: Where) -> Diagnostic:
        if one.cell is not None:
            text, where = one.cell.text, one.cell.where
        severity = Severity.ERROR if one.certain and not self.closed else Severity.WARNING
        return Diagnostic(one.code, where.at(one.start, one.end), one.message, one.hint, text, severity)

    def _named(self, found: Diagnostic) -> Fix | None:
        """What was meant by a name that nothing has: one that something has, or a text."""
        if found.code not in {"feel/unknown-name", "feel/unknown-function"} or found.where.span is None:
            return None
        start, end = found.where.span
        word = found.text[start:end]
        known = [*self.names.names, *self.names.functions]
        close = near_miss(word, known)
        # `monthly-fee` is one name to who types it, and not `monthly fee` less `fee`.
        rest = _JOINED.match(found.text, end)
        if rest is not None and (whole := near_miss(word + rest[0], known)):
            return Fix(start, rest.end(), whole)
        return Fix(start, end, close or text_of(word))

    def _suspect(self, code: str, where: Where, message: str, hint: str, text: str) -> Diagnostic:
        """A cell that can be meant by nobody; in a closed rulebook, as DMN has it, such a cell is merely null."""
        severity = Severity.WARNING if self.closed else Severity.ERROR
        return Diagnostic(code, where, message, hint, text, severity)

    # -- outcomes -----------------------------------------------------------------------------------------

    def _outcome(self, cell: Expression, where: Where, wanted: Wanted) -> _Verdict:
        verdict = self._judged(cell, where)
        if verdict.told or not cell.ok:
            return verdict
        listed = wanted.priorities
        if listed is not None and cell.is_constant and cell.value not in listed:
            message = said(
                "{value} is none of the outcomes that the column lists.", value=told_value(cell.value)
            )
            hint = said("They are {values}.", values=wanted.values)
            verdict.told.append(self._suspect("cell/not-listed", where, message, hint, cell.text))
        if wanted.fact in self.vocabulary.facts and not wanted.aggregated:
            verdict.told += self._constant(cell, where, wanted) or self._of_type(
                cell, where, wanted, verdict.kind
            )
        return verdict

    def _of_type(self, cell: Expression, where: Where, wanted: Wanted, kind: Type) -> list[Diagnostic]:
        """An outcome that is worked out must be able to become what its fact is."""
        if cell.is_constant or wanted.kind is None or fits(kind, wanted.kind.type):
            return []
        message = said(
            "This is {kind}, and `{name}` is {wanted}.",
            kind=told_type(kind),
            name=wanted.name,
            wanted=told_type(wanted.kind.type),
        )
        if wanted.listed:
            message = said(
                "This is {kind}, and `{name}` is a list of something else.",
                kind=told_type(kind),
                name=wanted.name,
            )
        return [self._suspect("cell/type", where, message, "", cell.text)]

    def _constant(self, cell: Expression, where: Where, wanted: Wanted) -> list[Diagnostic]:
        """A constant outcome must be one that the vocabulary allows its fact."""
        fact, written = wanted.fact, cell.value if cell.unfit is None else cell.unfit
        if written is None or (cell.unfit is None and not wanted.listed):
            return []
        value, kind = written, self.vocabulary.kinds[fact]
        if wanted.part:
            if wanted.kind is None or cell.unfit is None:
                return []
            kind = wanted.kind
        elif wanted.listed:
            value = [written]
        if kind.holds(value):
            if _allows(kind, value):
                return []
            return [self._not_allowed(f"`{wanted.name}`", kind, written, cell.text, where)]
        if wanted.listed and kind.name not in {"list", "Any"} and not wanted.part:
            message, hint = (
                said(
                    "The table collects a list, and `{fact}` is {kind}.", fact=fact, kind=told_type(kind.type)
                ),
                "",
            )
        else:
            message = said(
                "{value} is not {kind}, and `{name}` is.",
                value=told_value(value),
                kind=told_type(kind.type),
                name=wanted.name,
            )
            hint = _quote_hint((kind.items or kind).name if wanted.listed else kind.name, written)
        return [self._suspect("cell/type", where, message, hint, cell.text)]

    # -- conditions ---------------------------------------------------------------------------------------

    def _doubt(
        self, test: Test, where: Where, kind: Kind, fact: str | None, name: str, verdict: _Verdict
    ) -> None:
        """What a sound test can hardly mean: a range that holds nothing, values that are not allowed, slips."""
        region = region_of(test) if kind.name not in {"list", "context"} else None
        if region is not None and fact is not None:
            verdict.told += self._region(name, kind, region, test.text, where)
        if verdict.told:
            return
        nullable = (
            fact is None or self.closed or fact in self._concluded or self.vocabulary.facts[fact].nullable
        )
        for slip in slips_of(test, region, kind, name, nullable=nullable):
            if slip.code == ALWAYS and self.closed:
                continue
            told = Diagnostic(slip.code, where, slip.message, slip.hint, test.text, Severity.WARNING)
            verdict.told.append(told)
            verdict.is_slip = True
            if slip.repair:
                verdict.fixes = [Fix(0, len(test.text), slip.repair)]

    def _region(self, name: str, kind: Kind, region: Region, text: str, where: Where) -> list[Diagnostic]:
        """A test must be one that some allowed value of its fact can meet."""
        if region.kind is None:
            return []
        told = []
        points = sorted(region.points, key=str)
        for span in region.intervals:
            if span.is_empty:
                hint = said("The lower end comes first.") if span.low != span.high else ""
                message = said("No value lies in this range.")
                told.append(self._suspect("cell/empty-range", where, message, hint, text))
            elif span.low is not None and span.low == span.high:
                points.append(span.low)
        return told + [
            self._not_allowed(name, kind, point, text, where) for point in points if not _allows(kind, point)
        ]

    def _not_allowed(self, name: str, kind: Kind, value: Value, text: str, where: Where) -> Diagnostic:
        listed = (kind.items or kind) if kind.name == "list" else kind
        words = [one for one in listed.values or () if isinstance(one, str)]
        close = near_miss(value, words) if isinstance(value, str) else None
        expected = (listed if listed.values is not None else kind).described()
        hint = (
            said('Did you mean "{close}"?', close=close)
            if close
            else said("It may be: {names}.", names=joined(", ", expected))
        )
        return self._suspect(
            "cell/not-allowed",
            where,
            said("{name} is never {value}.", name=name, value=told_value(value)),
            hint,
            text,
        )


def plain_name(expression: Expression) -> str | None:
    """The fact that an expression plainly names."""
    node = expression.node
    return node.name if isinstance(node, syntax.Name) and node.name in expression.reads else None


def _is_of_itself(test: Test, fact: str) -> bool:
    """Whether a condition on a fact is the fact's own name, and so holds whatever its value is."""
    node = test.node
    if node is None or node.negated or len(node.tests) != 1:
        return False
    (only,) = node.tests
    return isinstance(only, syntax.Name) and only.name == fact


def _allows(kind: Kind, value: Value) -> bool:
    try:
        return kind.allows(value)
    except BudgetExhausted:
        return True  # not for certain, and whoever gives the fact is told


def _likely(text: str, verdict: _Verdict, kind: Kind | None, *, is_test: bool) -> Iterator[str]:
    """What may have been meant by a text, the likeliest first, each once."""
    fixed, named = _fixed(text, verdict.fixes), _fixed(text, verdict.fixes + verdict.names)
    # Where the values are listed, a name that nothing has is one of them rather than a slip in another name.
    is_listed = kind is not None and (kind.items or kind).values is not None
    tried = {text, ""}
    is_nothing = is_test and repairs.is_nothing(text, kind)
    joined = ""
    if kind is not None and kind.name == "string" and _SUM.fullmatch(text.strip()) and verdict.names:
        # `a+b` is one text, where nothing is called a or b, and no sum of two.
        words = re.findall(r"[^\W\d]\w*", text)
        if len(words) == len(verdict.names) and all(fix.text[:1] == '"' for fix in verdict.names):
            joined = text_of(text.strip())
    for candidate in (fixed, joined, "" if is_listed or is_nothing else named):
        if candidate not in tried:
            tried.add(candidate)
            yield candidate
    if verdict.is_slip:
        return
    for candidate in (*repairs.candidates(text, kind, is_test=is_test), "" if is_nothing else named):
        if candidate not in tried:
            tried.add(candidate)
            yield candidate


def _advised(one: Diagnostic, repair: str, kind: Kind | None) -> Diagnostic:
    """What is told with its repair, without the advice to put in quotes what is to be no text, or another one."""
    if one.code == "feel/unknown-name" and one.where.span is not None and kind is not None:
        word, plain = one.text[slice(*one.where.span)], kind.items or kind
        quoted, values = text_of(word), plain.values or ()
        is_led_astray = quoted in one.hint and quoted not in repair and word not in values
        if is_led_astray and (repair or values or plain.name in _EXAMPLES):
            one = replace(one, hint="" if repair else _expected(plain))
    if one.code == "feel/syntax" and not (repair or one.hint) and kind is not None and kind.name == "number":
        one = replace(one, hint=comma_hint(one.text))
    return replace(one, repair=repair)


def _expected(kind: Kind) -> str:
    """What may stand in a cell about a value of a kind."""
    values = [text_of(value) for value in kind.values or () if value is not None]
    if values:
        shown = [*values[:_SHOWN], *(["…"] if len(values) > _SHOWN else [])]
        return said("It may be: {names}.", names=", ".join(shown))
    return said(
        "What stands here is {kind}, such as {example}.",
        kind=told_type(kind.type),
        example=_EXAMPLES[kind.name],
    )


def _fixed(text: str, fixes: list[Fix]) -> str:
    """The text with its parts replaced, from its end on; of parts that overlap only one."""
    before = len(text)
    for fix in sorted(fixes, key=lambda one: one.start, reverse=True):
        if fix.end <= before:
            part = text[fix.start : fix.end]
            text = text[: fix.start] + fix.text.replace(WHOLE, part) + text[fix.end :]
            before = fix.start
    return text


def _eased(found: Diagnostic) -> Diagnostic:
    """In a closed rulebook what can be read and only comes to null is no error: DMN means it so."""
    must_stand = not found.code.startswith("feel/") or found.code in {"feel/syntax", "feel/too-deep"}
    return found if must_stand else replace(found, severity=Severity.WARNING)


def _is_constant(cell: Expression | Test) -> bool:
    if isinstance(cell, Expression):
        return cell.is_constant
    return not cell.reads and not cell.reads_clock


def _quote_hint(kind: str, value: Value) -> str:
    if kind == "string" and not isinstance(value, str):
        return said('Text goes in quotes: "{value}".', value=text_of(value))
    if kind in {"number", "boolean"} and isinstance(value, str):
        return (
            said("A number has no quotes.")
            if kind == "number"
            else said("`true` and `false` have no quotes.")
        )
    return ""


_EXAMPLES: Final = {"number": "18", "boolean": "true", "date": '@"2026-01-31"'}
_SHOWN: Final = 8
_SUM: Final = re.compile(r"\w+(?:\s*[-+*/]\s*\w+)+")
_JOINED: Final = re.compile(r"(?:[-_][^\W\d_]\w*)+")
"""What goes on with a word, as people join the words of a name."""

_LONG: Final = 500
"""Characters; longer texts are told as they are, and not repaired."""

_TRIES: Final = 20_000
"""How many texts are tried as repairs for one rulebook, some seconds' worth: then the rest goes without."""
