"""What drafts want of people: what keeps them from being published, and whose turn it is in their review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from admin.desk import link, tongue_of, visitor_of
from decision_tables.rulebook import rulebook_of
from service.store import DraftHead, Remark

if TYPE_CHECKING:
    from starlette.requests import Request

    from admin.desk import Desk
    from service.reviewing import Review

__all__ = ["Want", "wants_of"]


@dataclass(frozen=True)
class Want:
    """What a draft wants.

    Attributes:
        draft: the draft.
        title: what people call its rulebook.
        href: its address.
        errors: how many there are.
        warnings: how many there are.
        failing: how many of its cases fail; None where they were not run.
        findings: how many things the analysis finds that nobody has said anything of; None where nobody asked for it.
        asked: who asked for a review that nobody has given since; None where nobody did.
        approved_by: who approved it as it is.
        changes_asked_by: who asked for changes to it as it is.
        comments: how many comments nobody has settled.
        is_own: whether the visitor began it, or changed it.
        may_judge: whether the visitor may approve it.
    """

    draft: DraftHead
    title: str
    href: str
    errors: int
    warnings: int
    failing: int | None
    findings: int | None
    asked: Remark | None
    approved_by: tuple[str, ...]
    changes_asked_by: tuple[str, ...]
    comments: int
    is_own: bool
    may_judge: bool

    @property
    def is_mine(self) -> bool:
        """Whether it is the visitor's turn."""
        if self.is_own:
            return bool(self.changes_asked_by or self.approved_by or self.comments)
        return self.asked is not None and self.may_judge


async def wants_of(
    request: Request, desk: Desk, drafts: list[DraftHead], *, run_cases: bool = False
) -> dict[str, Want]:
    """What each draft wants, by its id.

    Args:
        request: of the visitor.
        desk: the use cases.
        drafts: the drafts.
        run_cases: whether their cases are run, too.
    """
    account, words, found = visitor_of(request).account, tongue_of(request), {}
    for head in drafts:
        draft = await desk.store.draft(head.id)
        checked = await desk.library.checked(draft)
        review: Review = await desk.publishing.review(draft)
        failing = None
        if run_cases and checked.program is not None:
            failing = sum(not one.passed for one in await desk.publishing.run_cases(checked.program))
        judged = desk.library.analysed_already(draft)
        errors = sum(one.is_error for one in checked.diagnostics)
        own = review.is_own(account.login) or head.author == account.login
        found[head.id] = Want(
            head,
            rulebook_of(draft.document).title.said_in(words.code) or head.rulebook,
            link(request.scope.get("root_path", ""), "rulebooks", head.rulebook, "drafts", head.id),
            errors,
            len(checked.diagnostics) - errors,
            failing,
            None if judged is None else len(judged.open),
            review.asked,
            review.approved_by,
            review.asked_by,
            review.open_comments,
            own,
            visitor_of(request).may("editor") and not (review.four_eyes and own),
        )
    return found
