"""Reviewing a draft: its changes row by row, seen and commented; approved, or sent back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from starlette.routing import Route

from admin.desk import Desk, back_to, number_of, see, text_of, title_of, tongue_of, visitor_of
from admin.differences import KINDS, sections_of
from admin.forms import typed
from admin.words import mark
from decision_tables.errors import EditConflict, Refused
from decision_tables.rulebook import Rulebook, rulebook_of
from service.access import Role, require
from service.store import RemarkKind

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

    from admin.desk import Edition
    from service.reviewing import Review
    from service.store import Draft

__all__ = ["routes"]

_EMPTY: Final = mark("Write what you have to say.")
_CHANGED: Final = mark("These changes are no longer as you saw them: look at them again.")


def routes(draft: str) -> list[Route]:
    """The routes below a draft's path at which it is reviewed."""
    return [Route(f"{draft}/review", review, methods=["GET", "POST"])]


async def review(request: Request) -> Response:
    """The changes of a draft, row by row, with what reviewers saw and said of them."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    draft = edition.draft
    assert draft is not None  # noqa: S101 - the path names a draft
    problem = ""
    if request.method == "POST":
        form = await desk.form(request, role=None)
        require(visitor_of(request).account, Role.EDITOR)
        try:
            place = await _said(request, edition, draft, form)
        except (Refused, EditConflict) as refused:
            problem = tongue_of(request).said(refused.message)
        else:
            back = text_of(form, "back")
            return see(back_to(request, back) if back else edition.link("review", done="noted") + place)
    before = await _before(desk, edition)
    found = await desk.publishing.review(draft)
    sections = sections_of(edition, before, tongue_of(request))
    groups = [group for section in sections for group in section.groups]
    login = visitor_of(request).account.login
    seen_by = {group.seal: found.seen_by(group.place, group.rule, group.seal) for group in groups}
    return await desk.edition_page(
        request,
        "draft/review.html",
        mark("Review"),
        edition,
        status=422 if problem else 200,
        problem=problem,
        sections=sections,
        kinds=KINDS,
        review=found,
        login=login,
        seen_by=seen_by,
        mine={seal for seal, logins in seen_by.items() if login in logins},
        unseen=sum(not logins for logins in seen_by.values()),
        groups=len(groups),
        elsewhere=_elsewhere(request, edition, found, {(group.place, group.rule) for group in groups}),
    )


def _elsewhere(
    request: Request, edition: Edition, found: Review, changed: set[tuple[str, str]]
) -> list[tuple[str, str, str, str]]:
    """The places with comments that did not change: table, rule, what people call it and where it is read."""
    t = tongue_of(request)
    places = []
    for place, rule in found.commented:
        if (place, rule) in changed:
            continue
        table = edition.rulebook.table(place)
        is_there = table is not None and any(one.id == rule for one in table.rules)
        name = f"{title_of(edition.rulebook, place, t.code)}, {rule}" if rule else place
        href = edition.link("tables", place, rule=rule, comments=1) + "#comments" if is_there else ""
        places.append((place, rule, name or t.gettext(mark("The rulebook")), href))
    return places


async def _before(desk: Desk, edition: Edition) -> Rulebook:
    """What the draft would take the place of: the active release, or nothing."""
    if edition.active is None:
        return Rulebook(edition.rulebook.key)
    return rulebook_of((await desk.store.release(edition.rulebook.key, edition.active)).document)


async def _said(request: Request, edition: Edition, draft: Draft, form: FormData) -> str:
    """Keeps what a reviewer said; the place on the page to go back to.

    Raises:
        Refused: nothing was written, the change is the reviewer's own, or not what the reviewer saw.
        EditConflict: the draft was saved since the reviewer saw it.
    """
    desk, actor = Desk.of(request), visitor_of(request).account.login
    remarks = desk.store.remarks
    place, rule, text = (typed(text_of(form, name)) for name in ("place", "rule", "text"))
    anchor = f"#at-{place}-{rule}"
    match text_of(form, "deed"):
        case "seen":
            await remarks.see(draft.id, actor, {(place, rule): text_of(form, "seal")})
        case "all-seen":
            seals = await _seals_in(request, edition, text_of(form, "seal"))
            await remarks.see(draft.id, actor, seals, seen_revision=draft.revision)
        case "comment":
            _written(request, text)
            await remarks.add(draft.id, actor, RemarkKind.COMMENT, where=(place, rule), text=text)
        case "settle":
            about = text_of(form, "about")
            number = number_of(about) or 0
            await remarks.add(draft.id, actor, RemarkKind.SETTLED, where=(place, rule), about=number)
        case "approve" | "ask" as deed:
            if deed == "ask":
                _written(request, text)
            revision = number_of(text_of(form, "revision"))
            seen = replace(draft, revision=-1 if revision is None else revision)
            await desk.publishing.judge(seen, actor, text, approve=deed == "approve")
            anchor = "#verdict"
        case "wanted":
            await remarks.add(draft.id, actor, RemarkKind.REVIEW_ASKED, text=text)
            anchor = "#verdict"
        case "four-eyes":
            asks = bool(form.get("four_eyes"))
            detail = {"four_eyes": asks}
            await desk.save(
                request, draft, lambda book: replace(book, four_eyes=asks), "draft/four-eyes-set", detail
            )
            anchor = "#verdict"
        case _:
            anchor = ""
    return anchor


async def _seals_in(request: Request, edition: Edition, seal: str) -> dict[tuple[str, str], str]:
    """The seals of all changes of a section, known by its own.

    Raises:
        Refused: there is no such section now: it changed since the reviewer saw it (`review/changed`).
    """
    desk = Desk.of(request)
    for section in sections_of(edition, await _before(desk, edition), tongue_of(request)):
        if section.seal == seal:
            return {(group.place, group.rule): group.seal for group in section.groups}
    raise Refused(tongue_of(request).gettext(_CHANGED), code="review/changed")


def _written(request: Request, text: str) -> None:
    if not text:
        raise Refused(tongue_of(request).gettext(_EMPTY), code="review/empty")
