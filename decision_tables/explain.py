"""Why: derivations, what is missing and what to ask, why not, and how long an answer holds.

An explanation is read off the working memory that made the answer, never worked out by a second engine.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from decision_tables.chain import Case, walk
from decision_tables.feel.evaluate import Run
from decision_tables.feel.values import UNKNOWN, Unknown, Value, same, to_json
from decision_tables.index import bits
from decision_tables.outcomes import NO_OPINION, NONE, Conflict, Referral, Result, is_value
from decision_tables.said import said
from decision_tables.table import Formula, Rule, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from decision_tables.outcomes import CompiledNode

__all__ = [
    "Answer",
    "AnswerWarning",
    "Because",
    "Contradiction",
    "Entry",
    "Explain",
    "Missing",
    "Open",
    "Overruled",
    "Referred",
    "TestMet",
    "Tried",
    "WhyNot",
    "answer",
    "entry_json",
    "rows_tried",
]

Explain: TypeAlias = Literal["none", "brief", "full"]
Status: TypeAlias = Literal["determined", "partial", "undetermined", "conflict"]
Reason: TypeAlias = Literal["facts", "referral", "conflict"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule's entry in a list that is not settled yet.

    Attributes:
        value: the entry; a part that is unknown is `UNKNOWN`.
        table: the node that gives it.
        rule: the rule's id.
        waits: for each unknown part (the empty name for the whole) the facts that it waits for.
    """

    value: Value
    table: str
    rule: str
    waits: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Open:
    """A goal that is not concluded.

    Attributes:
        reason: for want of facts, left to judgement, or contradicted.
        waiting_for: the unknown facts that it waits for, as in `Answer.missing`.
        certain: of a list, the entries that it surely holds.
        possible: of a list, the entries that it may hold.
    """

    reason: Reason
    waiting_for: tuple[str, ...] = ()
    certain: tuple[Entry, ...] = ()
    possible: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact to ask for.

    Attributes:
        fact: its key.
        question: to a person, in the language of the request.
        type: its FEEL type.
        allowed: the values it may have, if they are a plain list.
        settles: the goals that wait for it.
    """

    fact: str
    question: str
    type: str
    allowed: tuple[Value, ...]
    settles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Rules that contradict each other about a fact: pairs of table and rule."""

    fact: str
    rules: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Referred:
    """A question that the law leaves to human judgement; the judgement, once made, is given as `fact`."""

    fact: str
    table: str
    rule: str
    question: str
    citation: str


@dataclass(frozen=True, slots=True)
class TestMet:
    """A condition of a rule, and the value that met it (or did not); `holds` is None while it may go either way."""

    on: str
    value: Value
    test: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Because:
    """One step of a derivation: a rule that gives a fact its value.

    Attributes:
        fact: what is concluded.
        value: what the rule says of it: of a list, the rule's entry.
        table: the node.
        rule: its id; empty for a formula, or when no rule matches.
        certain: false for a rule that may or may not hold, and says the same as all others that may.
        tests: its conditions, those that accept everything left out.
        citation: article or judgment.
        confidence: the authors' mark.
        note: the authors' note.
        notes: what it says in columns of notes that are the table's own: by key of the column, without empty ones.
        flags: of the rule.
        rests_on: the known facts that it reads, given or concluded.
    """

    fact: str
    value: Value
    table: str
    rule: str
    certain: bool
    tests: tuple[TestMet, ...]
    citation: str
    confidence: str
    note: str
    notes: tuple[tuple[str, str], ...]
    flags: tuple[str, ...]
    rests_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhyNot:
    """A rule that would have given another value, and the conditions that it failed."""

    fact: str
    would_be: Value
    table: str
    rule: str
    failed: tuple[TestMet, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule put to a case.

    Attributes:
        rule: its id.
        in_force: whether it is the law on the case's dates; else it takes no part, whatever its tests say.
        holds: whether all its tests hold; None while unknown facts leave it open.
        tests: one for each input column; None for a cell that accepts everything.
    """

    rule: str
    in_force: bool
    holds: bool | None
    tests: tuple[TestMet | None, ...]


@dataclass(frozen=True, slots=True)
class Overruled:
    """A given fact that a node concludes, too: the given value stands.

    Attributes:
        fact: its key.
        table: the node.
        rules: the ids of the rules by which the node would conclude `would_be`; empty unless explained in full.
        would_be: what the node would have said, had the fact not been given; UNKNOWN if that is open, and unless
            explained in full.
    """

    fact: str
    table: str
    rules: tuple[str, ...] = ()
    would_be: Value = UNKNOWN


@dataclass(frozen=True, slots=True)
class AnswerWarning:
    """Something that went wrong or is worth knowing, and where."""

    code: str
    message: str
    table: str = ""
    rule: str = ""
    column: str = ""
    text: str = ""


@dataclass(slots=True)
class Answer:
    """What a case answers to its goals; values are FEEL values. Not to be changed once made.

    Attributes:
        status: whether every goal is concluded, some, none; or a goal is or rests on a conflict.
        conclusions: the goals that are known.
        undetermined: the goals that are not, and why.
        missing: what to ask, the most useful first.
        conflicts: all contradictions met, by table and rule.
        referrals: what is left to human judgement.
        because: the derivations, as far as asked.
        why_not: the rules that failed, if asked in full.
        flags: of all rules that the answer rests on, sorted.
        warnings: in the order in which they arose.
        holds_from: since when the same rules were in force; None for ever, or when not `holds_known`.
        holds_until: until when (exclusive) they are; None for ever, or when not `holds_known`.
        holds_known: false where a conclusion reads a clock, so that no interval can be told.
        overruled: the given facts that nodes conclude, too, unless nothing is to be explained.
    """

    status: Status
    conclusions: dict[str, Value]
    undetermined: dict[str, Open]
    missing: tuple[Missing, ...]
    conflicts: tuple[Contradiction, ...]
    referrals: tuple[Referred, ...]
    because: tuple[Because, ...]
    why_not: tuple[WhyNot, ...]
    flags: tuple[str, ...]
    warnings: tuple[AnswerWarning, ...]
    holds_from: dt.date | None
    holds_until: dt.date | None
    holds_known: bool
    overruled: tuple[Overruled, ...] = ()


def answer(case: Case, goals: tuple[str, ...], *, explain: Explain = "brief", language: str = "en") -> Answer:
    """Read the answer to the goals off a case that has been driven to its end.

    Raises:
        BudgetExhausted: an evaluation took more than it may; there is no answer.
    """
    if case.failure is not None:
        raise case.failure
    facts = case.facts
    conclusions = {goal: facts[goal] for goal in goals if goal in facts}
    flagged, clocked, silent = _surveyed(case)
    warnings = tuple(_warnings(case, silent, clocked=clocked))
    holds = (None, None) if clocked else case.program.horizon(case.closure, case.as_of, case.known_on)
    conflicts = tuple(_contradictions(case)) if case.contradicted else ()
    if explain == "none" and not flagged and len(conclusions) == len(goals):
        return Answer(
            "determined", conclusions, {}, (), conflicts, (), (), (), (), warnings, *holds, not clocked
        )
    reader = _Reader(case, language)
    undetermined = {goal: reader.open(goal) for goal in goals if goal not in facts}
    because: tuple[Because, ...] = ()
    why_not: tuple[WhyNot, ...] = ()
    if explain != "none":
        because = tuple(reader.because(goals, deep=explain == "full"))
    if explain == "full":
        why_not = tuple(reader.why_not(goals))
    return Answer(
        status=_status(conclusions, undetermined),
        conclusions=conclusions,
        undetermined=undetermined,
        missing=tuple(reader.missing()),
        conflicts=conflicts,
        referrals=tuple(reader.referrals.values()),
        because=because,
        why_not=why_not,
        flags=reader.flags(goals) if flagged else (),
        warnings=warnings,
        holds_from=holds[0],
        holds_until=holds[1],
        holds_known=not clocked,
        overruled=() if explain == "none" else tuple(reader.overruled(goals, ask=explain == "full")),
    )


def rows_tried(case: Case, table: str) -> tuple[Tried, ...]:
    """Every rule of a table put to a case that has been driven to its end, in the order of the rows.

    Of a node that is no table, or of which there is none, the empty tuple.

    Raises:
        BudgetExhausted: the tests took more steps than one decision may.
    """
    node = next((known for known in case.program.nodes if known.key == table), None)
    if node is None or isinstance(node.source, Formula):
        return ()
    reader, in_force = _Reader(case, ""), case.in_force(node.number)
    found = []
    for row, rule in enumerate(node.rules):
        tests = tuple(reader.put(node, row))
        held = [test.holds for test in tests if test is not None]
        holds = False if False in held else None if None in held else True
        found.append(Tried(rule, bool(in_force >> row & 1), holds, tests))
    return tuple(found)


def _surveyed(case: Case) -> tuple[bool, bool, list[CompiledNode]]:
    """Whether a flagged rule came up, whether a clock was read, and the tables of which no rule matched."""
    flagged = clocked = False
    silent = []
    nodes, outcomes = case.program.nodes, case.outcomes
    for n in case.closure:
        node, outcome = nodes[n], outcomes[n]
        if node.flagged and node.flagged & (outcome.true | outcome.maybe):
            flagged = True
        if node.clocked:
            clocked = True
        if outcome.candidates == (NONE,) and not node.open:
            silent.append(node)
    return flagged, clocked, silent


def _status(conclusions: dict[str, Value], undetermined: dict[str, Open]) -> Status:
    if not undetermined:
        return "determined"
    if any(goal.reason == "conflict" for goal in undetermined.values()):
        return "conflict"
    return "partial" if conclusions else "undetermined"


def _contradictions(case: Case) -> Iterator[Contradiction]:
    """All conflicts of the case: those of one table once for each fact it concludes, sorted by table and rule.

    Contributors that disagree make one, too; one of them that contradicts itself already has its own.
    """
    nodes, facts = case.program.nodes, case.facts
    found: dict[Contradiction, None] = {}
    for fact in dict.fromkeys(f for n in case.closure for f in nodes[n].facts if f not in facts):
        own: list[Result] = [result for _, result in case.said(fact) if isinstance(result, Conflict)]
        for conflict in own or [case.result(fact)]:
            if isinstance(conflict, Conflict):
                found[Contradiction(fact, conflict.rules)] = None
    yield from sorted(found, key=lambda conflict: (conflict.rules, conflict.fact))


def _warnings(case: Case, silent: Iterable[CompiledNode], *, clocked: bool) -> Iterator[AnswerWarning]:
    for warning in dict.fromkeys(case.run.warnings):  # a node of a cycle says the same each time it fires
        where = warning.where
        yield AnswerWarning(
            warning.code, warning.message, where.table, where.rule, where.column, warning.text
        )
    for node in silent:
        facts = [
            fact
            for fact in node.facts
            if not node.has_default(fact) and fact not in case.given and _is_silent(case, fact)
        ]
        if facts:
            names = ", ".join(f"`{fact}`" for fact in facts)
            message = said(
                "The tables do not answer this: no rule of `{key}` matches, so {names} is null.",
                key=node.key,
                names=names,
            )
            yield AnswerWarning("table/no-rule", message, node.key, "", facts[0])
    if clocked:
        message = said("A conclusion reads a date or the time, so how long the answer holds cannot be told.")
        yield AnswerWarning("horizon/unknown", message)


def _is_silent(case: Case, fact: str) -> bool:
    """Whether a fact is null because no table has an opinion on it: an aggregate's null is none."""
    return case.facts.get(fact, UNKNOWN) is None and all(
        result is NO_OPINION or (result is None and node.hit_policy.is_aggregate)
        for node, result in case.said(fact)
    )


_Row: TypeAlias = tuple[int, int]


class _Reader:
    """Reads derivations and gaps off one case; `referrals` gathers what open goals are left to."""

    def __init__(self, case: Case, language: str) -> None:
        self.case = case
        self.language = language
        self.referrals: dict[tuple[str, int, int], Referred] = {}
        self._nodes = case.program.nodes
        self._vocabulary = case.program.vocabulary
        self._waiting: dict[str, dict[str, None]] = {}
        self._occurs: dict[str, int] = {}
        self._values: dict[int, list[Value]] = {}
        self._inputs_of: dict[int, list[str]] = {}
        self._behind: dict[tuple[int, ...], _Search] = {}
        run = case.run
        self._scratch = Run(instant=run.instant, as_of=run.as_of, known_on=run.known_on, steps=run.steps)

    # -- what is open -------------------------------------------------------------------------------------

    def open(self, goal: str) -> Open:
        """Why a goal is not concluded, and what it waits for."""
        search = _Search(self, [goal])
        waiting = self._settled(search)
        for fact in waiting:
            self._waiting.setdefault(fact, {})[goal] = None
        certain, possible = self._entries(goal)
        if search.conflicted:
            reason: Reason = "conflict"
        elif search.referred and not waiting:
            reason = "referral"
        else:
            reason = "facts"
        return Open(reason, waiting, certain, possible)

    def _settled(self, search: _Search) -> tuple[str, ...]:
        """The facts that a search ends at, after one behind each group that it meets, and so on in depth."""
        path = [search]
        while path:
            groups = path[-1].groups
            makers = next((makers for makers in groups if makers not in self._behind), None)
            if makers is None:
                path.pop().choose(self._behind)
                continue
            inputs = [fact for n in makers for fact in self.unknown_inputs(n)]
            deeper = self._behind[makers] = _Search(self, inputs, beside=groups[makers])
            path.append(deeper)
        return search.chosen or ()

    def makers(self, fact: str) -> tuple[int, ...]:
        """The nodes that may yet conclude an unknown fact."""
        said, fired = self.case.said(fact), self.case.outcomes
        return tuple(node.number for node, result in said if result is UNKNOWN and node.number in fired)

    def missing(self) -> Iterator[Missing]:
        """The questions, those that occur in most maybe rules first, then as the vocabulary has them."""
        place = {key: number for number, key in enumerate(self._vocabulary.facts)}
        asked = [fact for fact in self._waiting if self.asks(fact)]
        for key in sorted(asked, key=lambda fact: (-self._occurs.get(fact, 0), place[fact])):
            fact = self._vocabulary.facts[key]
            yield Missing(
                key,
                fact.question.said_in(self.language),
                fact.type,
                self._vocabulary.values_of(key) or (),
                tuple(self._waiting[key]),
            )

    def asks(self, key: str) -> bool:
        """Whether a fact carries a question."""
        fact = self._vocabulary.facts.get(key)
        return fact is not None and bool(fact.question)

    def refer(self, fact: str) -> None:
        """Note that a fact is left to judgement, by each table that leaves it so."""
        for node, referral in self.case.said(fact):
            if isinstance(referral, Referral):
                row = node.rules.index(referral.rule)
                rule = _rule_of(node, row)
                citation = rule.citation if rule is not None else ""
                question = referral.question.said_in(self.language)
                self.referrals[fact, node.number, row] = Referred(
                    fact, node.key, referral.rule, question, citation
                )

    def unknown_inputs(self, n: int) -> list[str]:
        """The unknown facts that keep a node open: in its conditions or outcomes, as far as they still matter."""
        found = self._inputs_of.get(n)
        if found is None:
            outcome, node, facts = self.case.outcomes[n], self._nodes[n], self.case.facts
            rows = outcome.candidates
            if not rows or not node.hit_policy.is_single:
                rows = tuple(bits(outcome.true | outcome.maybe)) or (NONE,)
            seen: dict[str, None] = {}
            for row in rows:
                for fact in node.read_by(row):
                    if fact not in facts:
                        seen[fact] = None
                        self._occurs[fact] = self._occurs.get(fact, 0) + 1
            found = self._inputs_of[n] = list(seen)
        return found

    def _entries(self, goal: str) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
        certain: list[Entry] = []
        possible: list[Entry] = []
        for n in self.case.program.concluded.get(goal, ()):
            node, outcome = self._nodes[n], self.case.outcomes.get(n)
            if node.hit_policy.is_single or outcome is None:
                continue
            certain += self._entries_of(node, goal, outcome.true)
            possible += self._entries_of(node, goal, outcome.maybe)
        return tuple(certain), tuple(possible)

    def _entries_of(self, node: CompiledNode, goal: str, rows: int) -> Iterator[Entry]:
        place = node.facts.index(goal)
        for row in bits(rows):
            value = node.row(row, self.case.facts, self._scratch)[place]
            if value is NO_OPINION:
                continue
            waits = {
                part: tuple(sorted(fact for fact in reads if fact not in self.case.facts))
                for part, reads in node.waits(row, goal, self.case.facts, self._scratch).items()
            }
            yield Entry(value, node.key, node.rules[row], waits)

    # -- what is known ------------------------------------------------------------------------------------

    def because(self, goals: Iterable[str], *, deep: bool) -> Iterator[Because]:
        """The derivations of the goals, and of facts that their rules merely pass on.

        `deep` goes on to all conclusions that they rest on.
        """
        seen: set[str] = set()
        rest = deque(goals)
        while rest:
            fact = rest.popleft()
            if fact in seen or fact in self.case.given:
                continue
            seen.add(fact)
            for n, row in self.support(fact):
                step = self._step(fact, n, row)
                yield step
                relayed = self._nodes[n].relayed(row, fact)
                rest.extend(step.rests_on if deep else () if relayed is None else (relayed,))

    def support(self, fact: str) -> Iterator[_Row]:
        """The rows that give a fact its value; of an open list, the rows that are surely in it."""
        for n in self.case.program.concluded.get(fact, ()):
            node, outcome = self._nodes[n], self.case.outcomes.get(n)
            if outcome is None:
                continue
            result = outcome.results[node.facts.index(fact)]
            if node.hit_policy.is_single:
                if fact in self.case.facts and (is_value(result) or _is_silent(self.case, fact)):
                    yield from ((n, row) for row in outcome.candidates)
            elif rows := [row for row in bits(outcome.true) if node.speaks(row, fact)]:
                yield from ((n, row) for row in rows)
            elif is_value(result) and (result != [] or self.case.facts.get(fact) == []):
                # An empty list rests on all tables that add nothing to it; one with entries, on its entries.
                yield n, NONE

    def _step(self, fact: str, n: int, row: int) -> Because:
        node, outcome = self._nodes[n], self.case.outcomes[n]
        value = node.row(row, self.case.facts, self._scratch)[node.facts.index(fact)]
        if not is_value(value) or (row == NONE and not node.hit_policy.is_single):
            value = self.case.facts.get(fact)
        rule = _rule_of(node, row)
        return Because(
            fact=fact,
            value=value,
            table=node.key,
            rule="" if row == NONE else node.rules[row],
            certain=(row == NONE and not outcome.maybe) or (row != NONE and bool(outcome.true >> row & 1)),
            tests=tuple(self.tests(node, row)),
            citation=rule.citation if rule else "",
            confidence=rule.confidence if rule else "",
            note=rule.note if rule else "",
            notes=_notes_of(node, rule),
            flags=rule.flags if rule else (),
            rests_on=self._rests_on(node, row),
        )

    def tests(self, node: CompiledNode, row: int) -> Iterator[TestMet]:
        """The conditions of a row that do not accept everything, each with the value that it is put to."""
        if row != NONE:
            yield from (test for test in self.put(node, row) if test is not None)

    def put(self, node: CompiledNode, row: int) -> Iterator[TestMet | None]:
        """The test of each input column of a row, put to the case; None where it accepts everything."""
        values = self._values.get(node.number)
        if values is None:
            values = self._values[node.number] = node.scan.values(self.case.facts, self._scratch)
        for expression, column, value in zip(node.inputs, node.tests, values, strict=True):
            test = column[row]
            if test.is_any:
                yield None
                continue
            held: bool | Unknown = (
                UNKNOWN if value is UNKNOWN else test(value, self.case.facts, self._scratch)
            )
            yield TestMet(expression.text, value, test.text, None if isinstance(held, Unknown) else held)

    def _rests_on(self, node: CompiledNode, row: int) -> tuple[str, ...]:
        """The known facts that a row reads; of "no rule", all that the table reads."""
        facts = self.case.facts
        return tuple(
            fact for fact in (sorted(node.reads) if row == NONE else node.read_by(row)) if fact in facts
        )

    def flags(self, goals: Iterable[str]) -> tuple[str, ...]:
        """The flags of all rules that the answer rests on."""
        found: set[str] = set()
        for _, n, row in self.referrals:
            found.update(_flags_of(self._nodes[n], row))
        seen: set[str] = set()
        rest = [*goals, *(fact for fact, _, _ in self.referrals)]
        while rest:
            fact = rest.pop()
            if fact in seen or fact in self.case.given:
                continue
            seen.add(fact)
            for n, row in self.support(fact):
                node = self._nodes[n]
                rest += self._rests_on(node, row)
                found.update(_flags_of(node, row))
        return tuple(sorted(found))

    def overruled(self, goals: Iterable[str], *, ask: bool) -> Iterator[Overruled]:
        """The given facts that the answer rests on and nodes conclude; `ask` what they would have said."""
        case, program = self.case, self.case.program
        both = program.concluded_facts.intersection(case.given)
        if not both:
            return
        needed = set(goals).union(*(self._nodes[n].reads for n in case.closure))
        for fact in (fact for fact in case.given if fact in both and fact in needed):
            without = self._without(fact) if ask else None
            for node in (self._nodes[n] for n in program.concluded[fact]):
                if without is None or without.failure is not None:
                    yield Overruled(fact, node.key)
                    continue
                outcome = without.outcomes[node.number]
                result = outcome.results[node.facts.index(fact)]
                told = is_value(result)
                rules = tuple(node.rules[row] for row in outcome.candidates if told and row != NONE)
                yield Overruled(fact, node.key, rules, result if told else UNKNOWN)

    def _without(self, fact: str) -> Case:
        """The same case driven to its end as if a fact had not been given."""
        case, program = self.case, self.case.program
        given = {key: value for key, value in case.given.items() if key != fact}
        closure = program.closure((fact,), frozenset(given))
        without = Case(
            program,
            given,
            as_of=case.as_of,
            known_on=case.known_on,
            instant=case.run.instant,
            closure=closure,
            absent="null" if case.closed else "unknown",
            steps=case.run.steps,
        )
        walk(without, closure)
        return without

    def why_not(self, goals: Iterable[str]) -> Iterator[WhyNot]:
        """For each goal the rules in force that would have given another value, and what they failed on."""
        for fact in goals:
            if fact in self.case.given:
                continue
            for n in self.case.program.concluded.get(fact, ()):
                if n in self.case.outcomes:
                    yield from self._failed(fact, self._nodes[n])

    def _failed(self, fact: str, node: CompiledNode) -> Iterator[WhyNot]:
        outcome, place = self.case.outcomes[node.number], node.facts.index(fact)
        out = self.case.in_force(node.number) & ~outcome.true & ~outcome.maybe
        told = 0
        for row in bits(out):
            would_be = node.row(row, self.case.facts, self._scratch)[place]
            now = self.case.facts.get(fact, UNKNOWN)
            if would_be is NO_OPINION or (is_value(now) and is_value(would_be) and same(would_be, now)):
                continue
            failed = tuple(test for test in self.tests(node, row) if test.holds is False)
            yield WhyNot(fact, would_be if is_value(would_be) else None, node.key, node.rules[row], failed)
            told += 1
            if told == _RULES_TOLD:
                return


_RULES_TOLD = 100
"""How many failed rules of one table an answer tells: a table of ten thousand would drown it."""


class _Search:
    """Finds what open facts wait for: from them through maybe rules to facts that can be asked.

    Attributes:
        groups: askable facts that nodes may yet conclude, by those nodes: asked themselves, or what the nodes read.
        conflicted: whether a contradiction lies on the way.
        referred: whether a judgement that is still to be made does.
        stuck: whether anything lies there that no answer to a question can settle.
        chosen: the facts to wait for, once `choose` has been called.
    """

    def __init__(self, reader: _Reader, facts: Iterable[str], beside: Iterable[str] = ()) -> None:
        self.groups: dict[tuple[int, ...], dict[str, None]] = {}
        self.conflicted = self.referred = self.stuck = False
        self.chosen: tuple[str, ...] | None = None
        self._leaves: dict[str, None] = {}
        self._visit(reader, facts, set(beside))

    def _visit(self, reader: _Reader, facts: Iterable[str], seen: set[str]) -> None:
        rest = list(facts)[::-1]
        while rest:
            fact = rest.pop()
            if fact in seen or fact in reader.case.facts:
                continue
            seen.add(fact)
            result = reader.case.result(fact)
            if isinstance(result, Conflict):
                self.conflicted = self.stuck = True
            elif isinstance(result, Referral):
                self.referred = self.stuck = True
                reader.refer(fact)
            elif not (makers := reader.makers(fact)):
                self._leaves[fact] = None
                self.stuck = self.stuck or not reader.asks(fact)
            elif reader.asks(fact):
                self.groups.setdefault(makers, {})[fact] = None
            else:
                for n in reversed(makers):
                    rest += reversed(reader.unknown_inputs(n))

    def choose(self, behind: Mapping[tuple[int, ...], _Search]) -> None:
        """Settle on the facts to wait for: of each group its facts, or what lies behind if that is fewer questions."""
        chosen = dict(self._leaves)
        for makers, group in reversed(self.groups.items()):
            search = behind[makers]
            self.conflicted = self.conflicted or search.conflicted
            self.referred = self.referred or search.referred
            instead = () if search.stuck or search.chosen is None else search.chosen
            fresh = [fact for fact in instead if fact not in chosen]
            chosen |= dict.fromkeys(instead if instead and len(fresh) < len(group) else group)
        self.chosen = tuple(chosen)


def _rule_of(node: CompiledNode, row: int) -> Rule | Formula | None:
    """What the author wrote of a row; a formula is its own rule, and of "no rule" nothing is written."""
    if row == NONE:
        return None
    return node.source if isinstance(node.source, Formula) else node.source.rules[row]


def _notes_of(node: CompiledNode, rule: Rule | Formula | None) -> tuple[tuple[str, str], ...]:
    if not isinstance(rule, Rule) or not isinstance(node.source, Table):
        return ()
    return tuple(
        (column.key, text) for column, text in zip(node.source.notes, rule.notes, strict=False) if text
    )


def _flags_of(node: CompiledNode, row: int) -> tuple[str, ...]:
    rule = _rule_of(node, row)
    return () if rule is None else rule.flags


def entry_json(entry: Entry) -> object:
    """An entry as JSON: an unknown part is null, and `waiting_for` says what it waits for."""
    if not entry.waits:
        return to_json(entry.value)
    if not isinstance(entry.value, dict):
        return {"value": None, "waiting_for": list(entry.waits.get("", ()))}
    shown = {part: None if value is UNKNOWN else to_json(value) for part, value in entry.value.items()}
    return {**shown, "waiting_for": {part: list(facts) for part, facts in entry.waits.items()}}
