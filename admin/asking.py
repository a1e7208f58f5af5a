"""A case as the address of a page tells it, and its answer by a release or a draft.

The whole case stands in the address, so that it can be kept, sent to a colleague and gone back to; nothing of it
is logged as a decision.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from admin.desk import Desk, tongue_of
from admin.forms import asked_with, dated, given_facts, question_of
from admin.words import mark
from decision_tables.errors import BudgetExhausted, InvalidFacts, InvalidRequest
from decision_tables.program import Program
from service.deciding import DecideRequest, Decision

if TYPE_CHECKING:
    from starlette.requests import Request

    from admin.desk import Edition
    from admin.forms import Question
    from decision_tables.rulebook import Case, Rulebook

__all__ = ["Asked", "asked_of", "case_link"]

_OF_THE_CASE: Final = ("query", "as_of", "known_on", "case")
_AREAS: Final = ("fact.", "none.")


@dataclass
class Asked:
    """What an address asks, as far as it can be read, and its answer.

    Attributes:
        program: what is asked.
        given: the fields of the address.
        query: the key of the query asked for; empty for the default one.
        facts: the facts that it gives, as JSON values.
        dates: `as_of` and `known_on`, None where they are not said.
        problems: what is wrong, by fact or date.
        general: what is wrong besides.
        decision: the answer; None where there can be none.
    """

    program: Program
    given: dict[str, str]
    query: str
    facts: dict[str, Any] = field(default_factory=dict)
    dates: dict[str, date | None] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)
    decision: Decision | None = None

    @property
    def is_sound(self) -> bool:
        """Whether the case can be taken as it stands."""
        return not self.problems and not self.general

    @property
    def address(self) -> dict[str, str]:
        """The fields that tell the case, for the address of another page about it."""
        return {
            name: text
            for name, text in self.given.items()
            if text and (name in _OF_THE_CASE or name.startswith(_AREAS))
        }

    @property
    def says_something(self) -> bool:
        """Whether it gives any fact."""
        return any(name.startswith(_AREAS) for name in self.address)

    @property
    def told(self) -> list[str]:
        """The facts that it gives, soundly or not, in the order of the vocabulary."""
        return [key for key in self.program.vocabulary.facts if key in self.facts or key in self.problems]

    def question(self, key: str) -> Question:
        """How a form asks for a fact, holding what was given."""
        vocabulary = self.program.vocabulary
        return question_of(vocabulary, vocabulary.facts[key], self.given, self.problems.get(key, ""))


async def asked_of(request: Request, program: Program, *, rows_of: str = "") -> Asked:
    """What the address of a request asks of a program, and the answer, explained in full.

    Args:
        request: its address tells the case.
        program: of a release or a draft.
        rows_of: a table of which the decision is to hold every rule, put to the case.
    """
    words = tongue_of(request)
    asked = Asked(program, dict(request.query_params), request.query_params.get("query", ""))
    asked.facts, unread = given_facts(program.vocabulary, asked.given)
    asked.problems = {key: words.gettext(problem) for key, problem in unread.items()}
    try:
        program.accept(asked.facts)
    except InvalidFacts as refused:
        for problem in refused.problems:
            key = problem.path.removeprefix("/facts/").split("/")[0].replace("~1", "/").replace("~0", "~")
            asked.problems[key] = words.said(problem.message)
    for name in ("as_of", "known_on"):
        text = dated(asked.given.get(name, "").strip(), "day")
        asked.dates[name] = None
        try:
            asked.dates[name] = date.fromisoformat(text) if text else None
        except ValueError:
            asked.problems[name] = words.gettext(
                mark("Write the date as year-month-day, such as 2026-01-31.")
            )
    if asked.is_sound:
        wanted = DecideRequest(
            rulebook=program.rulebook.key,
            facts=asked.facts,
            query=asked.query or _usual(program.rulebook) or None,
            as_of=asked.dates["as_of"],
            known_on=asked.dates["known_on"],
            explain="full",
            language=words.code if words.code in program.rulebook.languages else "",
            dry_run=True,
            rows_of=rows_of,
        )
        try:
            asked.decision = await Desk.of(request).deciding.trial(wanted, program)
        except (InvalidRequest, BudgetExhausted) as refused:
            asked.general.append(words.said(refused.message))
    return asked


def _usual(rulebook: Rulebook) -> str:
    """The query that a page asks for where the address names none: the default one, else the first."""
    return rulebook.default_query or (rulebook.queries[0].key if rulebook.queries else "")


def case_link(edition: Edition, case: Case, page: str = "try") -> str:
    """The address at which a test case of a rulebook can be tried; `case` says which one it is."""
    facts = {} if edition.program is None else asked_with(edition.program.vocabulary, case.facts)
    goals = set(case.expect.conclusions) | set(case.expect.certain) | set(case.expect.possible)
    queries = edition.rulebook.queries
    query = max(queries, key=lambda one: len(goals & set(one.goals))).key if queries else ""
    return edition.link(page, query=query, as_of=case.as_of, known_on=case.known_on, case=case.id, **facts)
