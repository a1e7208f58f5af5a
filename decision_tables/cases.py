"""A rulebook's test cases: each is answered, and held to what it expects."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from decision_tables.chain import Case as WorkingMemory
from decision_tables.chain import walk
from decision_tables.errors import DecidableError
from decision_tables.explain import Answer, answer, entry_json
from decision_tables.feel.values import Value, text_of, to_json
from decision_tables.rulebook import Case, Expectation
from decision_tables.said import said, said_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from decision_tables.program import Program

__all__ = [
    "ALL_KNOWN",
    "CaseChange",
    "CaseResult",
    "FactChange",
    "Told",
    "answer_of",
    "case_changes",
    "driven",
    "entries_of",
    "expectation_of",
    "goals_of",
    "run_case",
    "run_cases",
]

ALL_KNOWN: Final = dt.date.max
"""The known-on date of a case that names none: judged by all that will ever be known."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How a case came out.

    Attributes:
        case: what was asked and expected.
        answer: what was answered, or None if there is no answer.
        differences: one sentence for each expectation that does not hold; none when it passes.
    """

    case: Case
    answer: Answer | None
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all expectations hold."""
        return not self.differences


def run_cases(program: Program) -> Iterator[CaseResult]:
    """All cases of a rulebook, in order."""
    return (run_case(program, case) for case in program.rulebook.cases)


def run_case(program: Program, case: Case) -> CaseResult:
    """Answer a case and compare it with what it expects; what stops the work is a difference, too."""
    try:
        found = answer_of(program, case, case.facts)
    except DecidableError as error:
        return CaseResult(case, None, (said_of(error),))
    return CaseResult(case, found, tuple(_differences(case, found)))


def expectation_of(program: Program, case: Case, goals: tuple[str, ...]) -> Expectation:
    """What a case comes to now, as what it is to come to from now on.

    Of a list whose entries have an `id` the ids are kept: entries that are added later are no matter.

    Raises:
        DecidableError: there is no answer.
    """
    found = answer_of(program, replace(case, expect=Expectation(undetermined=goals)), case.facts)
    conclusions: dict[str, Any] = {}
    certain: dict[str, tuple[str, ...]] = {}
    for goal in goals:
        entries, _ = entries_of(found, goal)
        if goal not in found.conclusions:
            if entries:
                certain[goal] = tuple(entries)
        elif entries and all(isinstance(one, dict) and "id" in one for one in _listed_in(found, goal)):
            certain[goal] = tuple(entries)
        else:
            conclusions[goal] = to_json(found.conclusions[goal])
    referred = tuple(dict.fromkeys(one.fact for one in found.referrals if one.fact in goals))
    return Expectation(
        conclusions=conclusions,
        certain=certain,
        undetermined=tuple(goal for goal in goals if goal in found.undetermined and goal not in referred),
        referred=referred,
        flags=found.flags,
    )


def _listed_in(found: Answer, fact: str) -> list[Value]:
    value = found.conclusions.get(fact)
    return value if isinstance(value, list) else []


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A case that two rulebooks answer differently, or hold to different expectations.

    Attributes:
        case: the case, as the later of the two has it, else the earlier.
        before: how it came out by the earlier.
        after: how it came out by the later.
        facts: for each goal that differs what was, and is, to be said of it.
    """

    case: Case
    before: CaseResult
    after: CaseResult
    facts: tuple[FactChange, ...]


class Told(NamedTuple):
    """What an answer says of a fact: its JSON value; of an open one what is certain of it, if it is a list."""

    value: Any
    is_open: bool


@dataclass(frozen=True, slots=True)
class FactChange:
    """What two answers say of one fact; None where it was not asked, or there was no answer."""

    fact: str
    before: Told | None
    after: Told | None


def case_changes(before: Program, after: Program) -> tuple[int, tuple[CaseChange, ...]]:
    """How many cases there are in two versions of a rulebook, and those that do not come to the same in both.

    Every case is put to both, on its own dates; of one that both have, as the later has it.
    """
    cases = {case.id: case for book in (before.rulebook, after.rulebook) for case in book.cases}
    changes = []
    for case in cases.values():
        was, now = run_case(before, case), run_case(after, case)
        goals = dict.fromkeys((*goals_of(before, case), *goals_of(after, case)))
        facts = tuple(_fact_changes(was, now, goals))
        if facts or was.passed != now.passed:
            changes.append(CaseChange(case, was, now, facts))
    return len(cases), tuple(changes)


def _fact_changes(was: CaseResult, now: CaseResult, goals: Iterable[str]) -> Iterator[FactChange]:
    for goal in goals:
        old, new = _told(was.answer, goal), _told(now.answer, goal)
        if old is None or new is None:
            differ = old is not new
        else:
            differ = old.is_open != new.is_open or not _equal(old.value, new.value)
        if differ:
            yield FactChange(goal, old, new)


def _told(found: Answer | None, goal: str) -> Told | None:
    if found is None:
        return None
    if goal in found.conclusions:
        return Told(to_json(found.conclusions[goal]), is_open=False)
    if goal not in found.undetermined:
        return None
    return Told([entry_json(entry) for entry in found.undetermined[goal].certain] or None, is_open=True)


def answer_of(program: Program, case: Case, facts: Mapping[str, Any]) -> Answer:
    """The answer to a case's goals on its dates, from some given facts (as JSON).

    Raises:
        DecidableError: the facts are refused, or a budget is exhausted.
    """
    memory = driven(program, case, facts)
    return answer(memory, goals_of(program, case), explain="none", language=program.rulebook.languages[0])


def driven(program: Program, case: Case, facts: Mapping[str, Any]) -> WorkingMemory:
    """The working memory of a case once it has been driven to its end, from some given facts (as JSON).

    Raises:
        InvalidFacts: the facts are refused.
    """
    as_of = dt.date.fromisoformat(case.as_of.strip())
    known_on = dt.date.fromisoformat(case.known_on.strip()) if case.known_on.strip() else ALL_KNOWN
    given = program.accept(facts)
    goals = goals_of(program, case)
    memory = WorkingMemory(
        program,
        given,
        as_of=as_of,
        known_on=known_on,
        instant=dt.datetime.combine(as_of, dt.time(12), dt.UTC),
        closure=program.closure(goals, frozenset(given)),
        absent=program.rulebook.absent,
    )
    walk(memory, memory.closure)
    return memory


def goals_of(program: Program, case: Case) -> tuple[str, ...]:
    """What a case asks: the goals of all queries, and whatever else it expects something of."""
    expect = case.expect
    asked = [goal for query in program.rulebook.queries for goal in query.goals]
    for facts in (expect.conclusions, expect.certain, expect.lacks, expect.possible):
        asked += facts
    return tuple(dict.fromkeys((*asked, *expect.undetermined, *expect.referred)))


def _differences(case: Case, found: Answer) -> Iterator[str]:
    expect = case.expect
    for fact, value in expect.conclusions.items():
        if fact not in found.conclusions:
            yield said(
                "`{fact}` should be {value}, and is {open}.",
                fact=fact,
                value=_shown(value),
                open=_why_open(found, fact),
            )
        elif not _equal(to_json(found.conclusions[fact]), value):
            yield said(
                "`{fact}` should be {value}, and is {found}.",
                fact=fact,
                value=_shown(value),
                found=text_of(found.conclusions[fact]),
            )
    yield from _entries(case, found)
    for fact in expect.undetermined:
        if fact not in found.undetermined:
            yield said(
                "`{fact}` should be open, and is {value}.", fact=fact, value=text_of(found.conclusions[fact])
            )
    referred = {referral.fact for referral in found.referrals}
    for fact in expect.referred:
        if fact not in referred:
            yield said(
                "`{fact}` should be left to judgement, and is {open}.",
                fact=fact,
                open=_why_open(found, fact),
            )
    for flag in expect.flags:
        if flag not in found.flags:
            yield said(
                "The answer should be flagged `{flag}`, and is flagged {names}.",
                flag=flag,
                names=_listed(found.flags),
            )
    for flag in expect.unflagged:
        if flag in found.flags:
            yield said("The answer should not be flagged `{flag}`.", flag=flag)


def _entries(case: Case, found: Answer) -> Iterator[str]:
    expect = case.expect
    for fact, ids in expect.certain.items():
        certain, _ = entries_of(found, fact)
        for missing in (entry for entry in ids if entry not in certain):
            yield said(
                "`{fact}` should surely hold {missing}, and surely holds {names}.",
                fact=fact,
                missing=missing,
                names=_listed(certain),
            )
    for fact, ids in expect.possible.items():
        certain, possible = entries_of(found, fact)
        for missing in (entry for entry in ids if entry not in possible or entry in certain):
            yield said(
                "`{fact}` should possibly hold {missing}, and possibly holds {names}.",
                fact=fact,
                missing=missing,
                names=_listed(possible),
            )
    for fact, ids in expect.lacks.items():
        certain, possible = entries_of(found, fact)
        for present in (entry for entry in ids if entry in certain or entry in possible):
            yield said("`{fact}` should not hold {present}, and does.", fact=fact, present=present)


def entries_of(found: Answer, fact: str) -> tuple[list[str], list[str]]:
    """The `id`s of the entries that a list surely and possibly holds; of an entry without one its text."""
    if fact in found.conclusions:
        value = found.conclusions[fact]
        return [_id(entry) for entry in value] if isinstance(value, list) else [], []
    gap = found.undetermined[fact]
    return [_id(entry.value) for entry in gap.certain], [_id(entry.value) for entry in gap.possible]


def _id(entry: Value) -> str:
    named = entry.get("id") if isinstance(entry, dict) else entry
    return named if isinstance(named, str) else text_of(named)


def _equal(found: object, expected: object) -> bool:
    """Whether two JSON values are the same; true is not 1."""
    if isinstance(found, list) and isinstance(expected, list | tuple):
        return len(found) == len(expected) and all(map(_equal, found, expected))
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(_equal(found[key], expected[key]) for key in found)
    return found == expected and isinstance(found, bool) == isinstance(expected, bool)


def _why_open(found: Answer, fact: str) -> str:
    if fact in found.conclusions:
        return text_of(found.conclusions[fact])
    gap = found.undetermined[fact]
    why = {"facts": said("open"), "referral": said("left to judgement"), "conflict": said("contradicted")}[
        gap.reason
    ]
    if not gap.waiting_for:
        return why
    return said("{open}, waiting for {names}", open=why, names=_listed(gap.waiting_for))


def _listed(words: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`{word}`" for word in words) if words else said("nothing")


def _shown(value: object) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    return f'"{value}"' if isinstance(value, str) else str(value)
