"""Mutation: small faults that an author might have made, one at a time, and the cases that would have shown them.

A mutant differs from its rulebook in one cell or one legal date. Left out are those that do not compile, that say the
same for every value that the column may have (as far as its tests can tell values apart), and that repeat another.
A case *kills* a mutant when it passes on the rulebook and fails on the mutant.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from decision_tables.adequacy.candidates import Candidates, beside, critical_values, told_apart
from decision_tables.adequacy.coverage import run_of
from decision_tables.cases import run_case
from decision_tables.compile import check
from decision_tables.feel import syntax
from decision_tables.feel.evaluate import compile_test
from decision_tables.feel.parse import Names
from decision_tables.feel.values import Value, text_of
from decision_tables.memory import Memory
from decision_tables.table import HitPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from decision_tables.chain import Case as WorkingMemory
    from decision_tables.feel.evaluate import Test
    from decision_tables.outcomes import CompiledNode
    from decision_tables.program import Program
    from decision_tables.rulebook import Case, Rulebook
    from decision_tables.table import Period, Rule, Table

__all__ = ["Judged", "Mutant", "MutantKind", "Mutation", "mutants_of"]


class MutantKind(StrEnum):
    """What was done to a cell."""

    BOUND = "bound"
    """A bound was moved by one unit of its last digit, a day, a month."""
    END = "end"
    """An end of a range that was included is not, or the other way round."""
    OPERATOR = "operator"
    """A comparison was turned round."""
    ALTERNATIVE = "alternative"
    """One of several alternatives was dropped."""
    ANYTHING = "anything"
    """The cell accepts everything."""
    NEGATION = "negation"
    """The cell accepts what it did not, and nothing else."""
    OUTCOME = "outcome"
    """The outcome is another one of the table's, or of those allowed."""
    PERIOD = "period"
    """A bound of a legal period was moved by a day."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault in one place.

    Attributes:
        id: twelve hexadecimal digits, the same for the same change of the same cell.
        table: key of the table.
        rule: id of the rule.
        column: key of the column, or `valid.start`, `valid.end`, `known.start`, `known.end`.
        kind: what was done.
        before: the cell as it is.
        after: the cell as the mutant has it.
    """

    id: str
    table: str
    rule: str
    column: str
    kind: MutantKind
    before: str
    after: str

    def of(self, rulebook: Rulebook) -> Rulebook:
        """The rulebook with the fault in it."""
        tables = tuple(
            replace(table, rules=tuple(self._rule(table, rule) for rule in table.rules))
            if table.key == self.table
            else table
            for table in rulebook.tables
        )
        return replace(rulebook, tables=tables)

    def _rule(self, table: Table, rule: Rule) -> Rule:
        if rule.id != self.rule:
            return rule
        if self.kind is MutantKind.PERIOD:
            what, _, end = self.column.partition(".")
            period: Period = getattr(rule, what)
            return (
                replace(rule, valid=replace(period, **{end: self.after}))
                if what == "valid"
                else replace(rule, known=replace(period, **{end: self.after}))
            )
        if self.kind is MutantKind.OUTCOME:
            keys = [output.key for output in table.outputs]
            return replace(rule, outputs=_with(rule.outputs, keys.index(self.column), self.after))
        keys = [column.key for column in table.inputs]
        return replace(rule, tests=_with(rule.tests, keys.index(self.column), self.after))


@dataclass(frozen=True, slots=True)
class Judged:
    """A mutant, and the case that kills it.

    Attributes:
        mutant: the fault.
        killed_by: id of the first case that fails on it; empty if none does: it survives.
    """

    mutant: Mutant
    killed_by: str

    @property
    def survives(self) -> bool:
        """Whether no case fails on it."""
        return not self.killed_by


class Mutation:
    """Compiles the mutants of one program, and holds its cases against them.

    Args:
        program: the rulebook as it is.
        candidates: of the same program, where there are some already.

    Attributes:
        program: the same.
        candidates: values worth trying, and the cases driven.
        failing: ids of the cases that fail on the rulebook as it is: they can kill nothing.
    """

    def __init__(self, program: Program, candidates: Candidates | None = None) -> None:
        self.program = program
        self.candidates = candidates or Candidates(program)
        self._memory = Memory()
        self._bare = replace(program.rulebook, cases=())
        self._probing = Memory()
        self._passing: list[tuple[Case, WorkingMemory]] = [
            (case, memory) for case, memory in self.candidates.driven if run_case(program, case).passed
        ]
        passing = {case.id for case, _ in self._passing}
        self.failing = tuple(case.id for case in program.rulebook.cases if case.id not in passing)

    def compiled(self, mutant: Mutant) -> Program | None:
        """The program of a mutant, without cases; None if it does not compile."""
        return check(mutant.of(self._bare), memory=self._memory)[0]

    def judged(self, mutants: Iterable[Mutant]) -> Iterator[Judged]:
        """Each mutant that compiles, with the first case that kills it."""
        for mutant in mutants:
            probe = self._probe(mutant)
            if probe is not None:
                yield Judged(mutant, self._killer(mutant, probe))

    def kills(self, case: Case, mutated: Program) -> bool:
        """Whether a case that passes on the rulebook fails on a mutant."""
        return run_case(self.program, case).passed and not run_case(mutated, case).passed

    def _probe(self, mutant: Mutant) -> Program | None:
        """The program of a mutant; that of a long table has the changed rule alone, for that is quicker to make."""
        if len(_node(self.program, mutant.table).rules) <= _LONG:
            return self.compiled(mutant)
        tables = tuple(
            replace(table, rules=tuple(rule for rule in table.rules if rule.id == mutant.rule))
            if table.key == mutant.table
            else table
            for table in self._bare.tables
        )
        return check(mutant.of(replace(self._bare, tables=tables)), memory=self._probing)[0]

    def _killer(self, mutant: Mutant, probe: Program) -> str:
        before, changed = _node(self.program, mutant.table), _node(probe, mutant.table)
        # A table that lies on no cycle is fired over the same facts whatever it concludes.
        is_alone = before.number not in self.program.cyclic and changed.reads <= before.reads
        touched = [
            case
            for case, memory in self._passing
            if not is_alone or _touches(mutant, before, changed, memory)
        ]
        is_whole = len(changed.rules) == len(before.rules)
        mutated = (probe if is_whole else self.compiled(mutant)) if touched else None
        if mutated is None:
            return ""
        return next((case.id for case in touched if not run_case(mutated, case).passed), "")


def _touches(mutant: Mutant, before: CompiledNode, changed: CompiledNode, memory: WorkingMemory) -> bool:
    """Whether a case may be answered differently by a mutant: not if the rule holds, or may hold, just as before."""
    was = memory.outcomes.get(before.number)
    if was is None:
        return False
    row, at = before.rules.index(mutant.rule), changed.rules.index(mutant.rule)
    if mutant.kind is MutantKind.OUTCOME:
        if before.hit_policy is HitPolicy.FIRST:
            return row in was.candidates
        return bool((was.true | was.maybe) >> row & 1)
    in_force = changed.valid.at(memory.as_of) & changed.known.at(memory.known_on)
    true, possible = changed.scan.match(memory.facts, in_force & 1 << at, run_of(memory))
    return (true >> at, possible >> at) != (was.true >> row & 1, (was.true | was.maybe) >> row & 1)


_LONG: Final = 50
"""Rules of a table that are compiled again at once; of a longer one the changed rule is compiled by itself first."""


def mutants_of(program: Program, table: str, candidates: Candidates | None = None) -> Iterator[Mutant]:
    """The mutants of a table, rule by rule and cell by cell, each once; some of them may not compile.

    Args:
        program: the rulebook as it is.
        table: key of a table; what is no table has no mutants.
        candidates: of the same program, where there are some already.
    """
    source = program.rulebook.table(table)
    if source is None:
        return
    seen: set[str] = set()
    for mutant in _mutants(program, source, candidates or Candidates(program)):
        if mutant.id not in seen:
            seen.add(mutant.id)
            yield mutant


def _mutants(program: Program, source: Table, candidates: Candidates) -> Iterator[Mutant]:
    table, node = source.key, _node(program, source.key)
    for row, rule in enumerate(source.rules):
        for column, one in enumerate(source.inputs):
            test = node.tests[column][row]
            for kind, text in _distinct_changes(program, node, column, test, candidates):
                yield _mutant(table, rule.id, one.key, kind, test.text, text)
        for column, output in enumerate(source.outputs):
            other = _other_outcome(program, source, row, column)
            if other is not None:
                yield _mutant(table, rule.id, output.key, MutantKind.OUTCOME, rule.outputs[column], other)
        for what, period in (("valid", rule.valid), ("known", rule.known)):
            for end, day in (("start", period.start), ("end", period.end)):
                for moved in _days_beside(day):
                    yield _mutant(table, rule.id, f"{what}.{end}", MutantKind.PERIOD, day, moved)


def _mutant(table: str, rule: str, column: str, kind: MutantKind, before: str, after: str) -> Mutant:
    said = f"{table}\x00{rule}\x00{column}\x00{before}\x00{after}"
    return Mutant(hashlib.sha256(said.encode()).hexdigest()[:12], table, rule, column, kind, before, after)


def _distinct_changes(
    program: Program, node: CompiledNode, column: int, test: Test, candidates: Candidates
) -> Iterator[tuple[MutantKind, str]]:
    """The changes of a test of which none says the same as the test or as one before."""
    if test.is_any or not test.ok or test.node is None:
        return
    names = Names(program.facts, functions={})
    fact = node.names[column]
    plain = not test.reads and not test.reads_clock
    values = list(column_range(program, fact, test, candidates)) if plain else []
    seen: set[frozenset[int]] = set()
    texts = {test.text}
    for kind, text in changes_of(test):
        if text in texts:
            continue
        texts.add(text)
        if plain:
            changed = compile_test(text, names)
            told = told_apart(test, changed, values)
            if changed.ok and (not told or told in seen):
                continue
            seen.add(told)
        yield kind, text


def column_range(program: Program, fact: str | None, test: Test, candidates: Candidates) -> Iterator[Value]:
    """The values by which changes of a test are told apart: what a column's fact may be, and what the test names."""
    if fact is None:
        yield from critical_values(test)
        for value in list(critical_values(test)):
            yield from beside(value)
        yield None
        return
    yield from candidates.all_of(fact)
    kind = program.vocabulary.kinds[fact]
    if kind.values is None and kind.name != "boolean":
        for value in list(critical_values(test)):
            yield from (one for one in beside(value) if program.vocabulary.allows(fact, one))
    if fact in program.concluded:
        yield None


def changes_of(test: Test) -> Iterator[tuple[MutantKind, str]]:
    """What might have been written in place of a test."""
    tree, text = test.node, test.text
    if not isinstance(tree, syntax.UnaryTests):
        return
    for node in tree.tests:
        yield from _changes(node, text)
    parts = [text[node.start : node.end] for node in tree.tests]
    if len(parts) > 1:
        for place in range(len(parts)):
            rest = ", ".join(parts[:place] + parts[place + 1 :])
            yield MutantKind.ALTERNATIVE, f"not({rest})" if tree.negated else rest
    yield MutantKind.NEGATION, ", ".join(parts) if tree.negated else f"not({', '.join(parts)})"
    yield MutantKind.ANYTHING, "-"


_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "!=", "!=": "="}
_OTHER_END: Final = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


def _changes(node: syntax.Node, text: str) -> Iterator[tuple[MutantKind, str]]:
    # A bound that is moved by one often says the same as an end that is closed or opened: that reads better.
    def put(start: int, end: int, piece: str) -> str:
        return text[:start] + piece + text[end:]

    for one in syntax.walk(node):
        if isinstance(one, syntax.RangeNode):
            opening = "(" if one.low_closed else "["
            closing = ")" if one.high_closed else "]"
            yield MutantKind.END, put(one.start, one.start + 1, opening)
            yield MutantKind.END, put(one.end - 1, one.end, closing)
        elif isinstance(one, syntax.UnaryComparison | syntax.Comparison):
            first = one.start if isinstance(one, syntax.UnaryComparison) else one.left.end
            last = one.operand.start if isinstance(one, syntax.UnaryComparison) else one.right.start
            if text[first:last].strip() != one.op:
                continue  # parentheses stand between
            if one.op in _OTHER_END:
                yield MutantKind.END, put(first, last, f" {_OTHER_END[one.op]} ".lstrip())
            yield MutantKind.OPERATOR, put(first, last, f" {_TURNED[one.op]} ".lstrip())
    literals = [one for one in syntax.walk(node) if isinstance(one, syntax.Literal)]
    for literal in sorted(literals, key=lambda one: one.start):
        for value in beside(literal.value):
            yield MutantKind.BOUND, put(literal.start, literal.end, text_of(value))


def _other_outcome(program: Program, table: Table, row: int, column: int) -> str | None:
    """An outcome that another rule has in the same column, else one that is allowed; None where there is none."""
    text = table.rules[row].outputs[column] if column < len(table.rules[row].outputs) else ""
    if not text.strip():
        return None
    later = [*table.rules[row + 1 :], *table.rules[:row]]
    texts = [rule.outputs[column] for rule in later if column < len(rule.outputs)]
    output = table.outputs[column]
    if not output.part:
        kind = program.vocabulary.kinds[output.fact]
        if kind.name == "boolean":
            texts += ["true", "false"]
        texts += [text_of(value) for value in program.vocabulary.values_of(output.fact) or ()]
    return next((one for one in texts if one.strip() and one.strip() != text.strip()), None)


def _days_beside(day: str) -> Iterator[str]:
    if day.strip():
        at = dt.date.fromisoformat(day.strip())
        for days in (-1, 1):
            try:
                yield (at + dt.timedelta(days=days)).isoformat()
            except OverflowError:
                continue


def _node(program: Program, key: str) -> CompiledNode:
    return next(node for node in program.nodes if node.key == key)


def _with(cells: tuple[str, ...], place: int, text: str) -> tuple[str, ...]:
    return (*cells[:place], text, *cells[place + 1 :])
