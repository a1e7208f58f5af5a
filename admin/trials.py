"""Trying a case: the facts in a form made of the vocabulary, the answer in plain words with its proof.

The whole case stands in the address, so that it can be kept, sent to a colleague and gone back to; nothing of it
is logged as a decision.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse

from admin.desk import Desk, tongue_of
from admin.forms import asked_with, given_facts, question_of
from admin.proof import proof_of, shown
from admin.words import mark
from decision_tables.errors import BudgetExhausted, InvalidFacts, InvalidRequest
from service.deciding import DecideRequest

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from admin.desk import Edition
    from admin.forms import Question
    from decision_tables.program import Program
    from decision_tables.rulebook import Case
    from service.deciding import Decision

__all__ = ["case_link", "trial"]


@dataclass
class _Asked:
    """What the address asks, as far as it can be read."""

    given: dict[str, str]
    query: str
    facts: dict[str, Any] = field(default_factory=dict)
    dates: dict[str, date | None] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not self.problems and not self.general


async def trial(request: Request) -> Response:
    """A case, tried against a release or a draft."""
    desk = Desk.of(request)
    if any(not text.strip() for text in request.query_params.values()):
        spoken = [(name, text) for name, text in request.query_params.multi_items() if text.strip()]
        return RedirectResponse(
            request.url.replace_query_params().include_query_params(**dict(spoken)), status_code=303
        )
    edition = await desk.edition(request)
    program = edition.program
    if program is None:
        return await desk.edition_page(request, "case/try.html", mark("Try a case"), edition, asked=None)
    asked = _asked(request, program)
    decision = await _decided(desk, request, program, asked)
    given = [key for key in program.vocabulary.facts if key in asked.facts or key in asked.problems]
    missing = [one.fact for one in decision.answer.missing] if decision else []
    referred = [one.fact for one in decision.answer.referrals] if decision else []
    set_apart = {*given, *missing, *referred}

    def question(key: str) -> Question:
        fact = program.vocabulary.facts[key]
        return question_of(program.vocabulary, fact, asked.given, asked.problems.get(key, ""))

    return await desk.edition_page(
        request,
        "case/try.html",
        mark("Try a case"),
        edition,
        status=200 if asked.is_sound else 422,
        asked=asked,
        question=question,
        given=given,
        missing=missing,
        others=[key for key in program.vocabulary.facts if key not in set_apart],
        decision=decision,
        answer=decision.answer if decision else None,
        proof=proof_of(decision.answer, decision.goals, asked.facts) if decision else (),
        shown=shown,
    )


def case_link(edition: Edition, case: Case) -> str:
    """The address at which a test case of a rulebook can be tried."""
    facts = {} if edition.program is None else asked_with(edition.program.vocabulary, case.facts)
    goals = set(case.expect.conclusions) | set(case.expect.certain) | set(case.expect.possible)
    queries = edition.rulebook.queries
    query = max(queries, key=lambda one: len(goals & set(one.goals))).key if queries else ""
    return edition.link("try", query=query, as_of=case.as_of, known_on=case.known_on, **facts)


def _asked(request: Request, program: Program) -> _Asked:
    words = tongue_of(request)
    asked = _Asked(dict(request.query_params), request.query_params.get("query", ""))
    asked.facts, unread = given_facts(program.vocabulary, asked.given)
    asked.problems = {key: words.gettext(problem) for key, problem in unread.items()}
    try:
        program.accept(asked.facts)
    except InvalidFacts as refused:
        for problem in refused.problems:
            key = problem.path.removeprefix("/facts/").split("/")[0].replace("~1", "/").replace("~0", "~")
            asked.problems[key] = problem.message
    for name in ("as_of", "known_on"):
        text = asked.given.get(name, "")
        asked.dates[name] = None
        try:
            asked.dates[name] = date.fromisoformat(text) if text else None
        except ValueError:
            asked.problems[name] = words.gettext(
                mark("Write the date as year-month-day, such as 2026-01-31.")
            )
    return asked


async def _decided(desk: Desk, request: Request, program: Program, asked: _Asked) -> Decision | None:
    """The answer; None, with what is wrong noted at its place, where there can be none."""
    if not asked.is_sound:
        return None
    language = tongue_of(request).code
    wanted = DecideRequest(
        rulebook=program.rulebook.key,
        facts=asked.facts,
        query=asked.query or None,
        as_of=asked.dates["as_of"],
        known_on=asked.dates["known_on"],
        explain="full",
        language=language if language in program.rulebook.languages else "",
        dry_run=True,
    )
    try:
        return await desk.deciding.trial(wanted, program)
    except (InvalidRequest, BudgetExhausted) as refused:
        asked.general.append(str(refused))
    return None
