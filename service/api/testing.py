"""`/rulebooks/…/drafts/…/coverage` and `…/mutants`: how well a draft's cases test its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request  # noqa: TC002 - FastAPI reads it at run time
from starlette.responses import Response

from decision_tables.errors import InvalidRulebook
from service.access import Scope
from service.api.desk import caller_of, desk_of, json_answer
from service.api.document import answers
from service.api.wire_testing import (
    AddedCaseBody,
    CoverageBody,
    FaultsBody,
    added_body,
    coverage_body,
    faults_body,
)

if TYPE_CHECKING:
    from decision_tables.program import Program
    from service.store import Draft

__all__ = ["router"]

router = APIRouter(prefix="/rulebooks/{rulebook}/drafts/{draft}", tags=["testing"])

_ERRORS = (401, 403, 404, 422, 503)
_Table = Annotated[str, Query(max_length=200, description="The key of a table.")]
_Start = Annotated[int, Query(ge=0, le=10**9, description="Where to go on: what `following` said.")]


@router.get(
    "/coverage",
    summary="See what a draft's cases exercise",
    response_class=Response,
    responses=answers(200, CoverageBody, "Table by table.", errors=_ERRORS),
)
async def coverage(request: Request, rulebook: str, draft: str) -> Response:
    """Tells for each rule the cases that fire it, and for each of its tests those that show it true and false.

    A test is shown true by a case that fires its rule, and false by one in which it alone keeps the rule from holding.
    """
    await caller_of(request, Scope.EDIT)
    _, program = await _compiled(request, rulebook, draft)
    return json_answer(coverage_body(await desk_of(request).testing.coverage(program)))


@router.get(
    "/mutants",
    summary="See which faults in a table no case would notice",
    response_class=Response,
    responses=answers(200, FaultsBody, "The faults that no case fails on.", errors=_ERRORS),
)
async def mutants(
    request: Request, rulebook: str, draft: str, *, table: _Table, start: _Start = 0
) -> Response:
    """Puts small faults into a table, one at a time, and runs the draft's cases against each.

    It looks for some seconds: `following` then says where to go on.
    """
    await caller_of(request, Scope.EDIT)
    _, program = await _compiled(request, rulebook, draft)
    return json_answer(faults_body(await desk_of(request).testing.faults(program, table, start=start)))


@router.post(
    "/mutants/{mutant}/case",
    summary="Add the case that notices a fault",
    response_class=Response,
    responses={
        **answers(200, AddedCaseBody, "No case was found; the draft is as it was.", errors=(*_ERRORS, 409)),
        **answers(201, AddedCaseBody, "The case was added to the draft.", errors=()),
    },
)
async def add_case(
    request: Request, rulebook: str, draft: str, mutant: str, *, table: _Table = ""
) -> Response:
    """Looks for facts by which the draft and the fault answer differently, and keeps them as a case of the draft.

    The case expects what the draft answers: whether that is right is for its author to confirm.
    """
    actor = await caller_of(request, Scope.EDIT)
    found, program = await _compiled(request, rulebook, draft)
    added = await desk_of(request).testing.add_case(found, program, mutant, actor, table=table)
    return json_answer(added_body(added), 200 if added.case is None else 201)


async def _compiled(request: Request, rulebook: str, draft: str) -> tuple[Draft, Program]:
    """The draft and its program.

    Raises:
        NotFound: the rulebook has no such draft.
        InvalidRulebook: the draft has errors.
    """
    desk = desk_of(request)
    found = await desk.store.draft(draft, of=rulebook)
    checked = await desk.publishing.check(found)
    if checked.program is None:
        raise InvalidRulebook([one for one in checked.diagnostics if one.is_error])
    return found, checked.program
