"""What changes from one version to the next: comparing, publishing, the history, and going back.

Everything that is done here is only ever added to: releases and activations are kept for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from starlette.routing import Route

from admin.asking import case_link
from admin.desk import (
    Desk,
    number_of,
    path_to,
    see,
    text_of,
    tongue_of,
    trail_of,
    visitor_of,
)
from admin.differences import KINDS, sections_of
from admin.forms import typed
from admin.words import mark
from decision_tables.errors import EditConflict, InvalidRequest, InvalidRulebook, NotFound, Refused
from decision_tables.program import Program
from decision_tables.repairs import day_of
from decision_tables.rulebook import Rulebook, rulebook_of
from decision_tables.said import said
from service.access import Role, require
from service.store import Activation, ReleaseHead

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from admin.desk import Edition
    from admin.differences import Section
    from service.publishing import Effect

__all__ = ["routes"]

_DAY_WRONG: Final = mark("This is no date. Write it as 2027-01-31.")
_DAY_PAST: Final = mark("The day has to lie ahead. Leave it empty to publish at once.")
_NOTE_MISSING: Final = mark("Write why: the note is kept for those who come after.")


def routes(rulebook: str, release: str, draft: str) -> list[Route]:
    """The routes below the paths of a rulebook, of a release and of a draft."""
    return [
        Route(f"{rulebook}/history", history),
        Route(f"{rulebook}/plans/{{plan}}/withdraw", withdraw, methods=["GET", "POST"]),
        Route(f"{rulebook}/drafts", start_draft, methods=["POST"]),
        Route(f"{release}/compare", compare),
        Route(f"{draft}/compare", compare),
        Route(f"{release}/activate", activate, methods=["GET", "POST"]),
        Route(f"{draft}/publish", publish, methods=["GET", "POST"]),
    ]


# Comparing


@dataclass(frozen=True, slots=True)
class Version:
    """A release to compare with."""

    number: int
    rulebook: Rulebook
    program: Program | None


async def compare(request: Request) -> Response:
    """What is different from another release: piece by piece, and in the cases."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    numbers = [release.number for release in await desk.store.releases(edition.rulebook.key)]
    here = edition.release.number if edition.release else None
    others = [number for number in reversed(numbers) if number != here]
    wanted = request.query_params.get("with", "")
    usual = edition.active if here is None else max((one for one in others if one < here), default=None)
    number = asked if (asked := number_of(wanted)) in others else usual
    version = None if number is None else await _version(desk, edition.rulebook.key, number)
    effect = None
    sections: tuple[Section, ...] = ()
    if version is not None:
        sections = sections_of(edition, version.rulebook, tongue_of(request))
        if version.program is not None and edition.program is not None:
            effect = await desk.publishing.effect(version.program, edition.program)
    return await desk.edition_page(
        request,
        "release/compare.html",
        mark("Compare"),
        edition,
        others=others,
        version=version,
        sections=sections,
        effect=effect,
        kinds=KINDS,
        case_link=case_link,
    )


async def _version(desk: Desk, key: str, number: int) -> Version:
    try:
        loaded = await desk.library.release(key, number)
    except InvalidRulebook:  # made by a version of the program that allowed it: it can be read all the same
        return Version(number, rulebook_of((await desk.store.release(key, number)).document), None)
    return Version(number, loaded.program.rulebook, loaded.program)


# The history


@dataclass(frozen=True, slots=True)
class Turn:
    """A time during which one release answered.

    Attributes:
        activation: since when, by whom, and why.
        release: which.
        until: until when; None while it lasts.
        is_first: whether it was published then; else it came back.
        is_ahead: whether it was planned for a day that has not come.
        day: the day from whose start it answers, where it was planned for one.
    """

    activation: Activation
    release: ReleaseHead
    until: datetime | None
    is_first: bool
    is_ahead: bool
    day: date | None

    @property
    def shown_at(self) -> datetime:
        """Where it stands in the history: where it began, or was called off before it began."""
        return self.activation.withdrawn_at or self.activation.activated_at


async def history(request: Request) -> Response:
    """Which release answered when, who made it so, and why; the newest first."""
    desk = Desk.of(request)
    key = request.path_params["key"]
    active, rulebook = await _active(desk, key)
    words = tongue_of(request)
    title = rulebook.title.said_in(words.code) or key
    turns = await turns_of(desk, key, rulebook)
    off = await _called_off(desk, key, rulebook)
    answered = [turn for turn in turns if not turn.is_ahead]
    return desk.page(
        request,
        "release/history.html",
        key=key,
        title=title,
        active=active,
        current=answered[-1] if answered else None,
        stood={turn.release.number for turn in turns},
        turns=sorted([*turns, *off], key=lambda turn: turn.shown_at)[::-1],
        trail=trail_of(
            request, (title, path_to(request, "rulebooks", key)), (words.gettext(mark("History")), "")
        ),
    )


async def _active(desk: Desk, key: str) -> tuple[int | None, Rulebook]:
    """The number of the active release, and what it says; an empty rulebook before there is one."""
    active = await desk.store.active_release(key)
    if active is None:
        return None, Rulebook(key)
    return active, rulebook_of((await desk.store.release(key, active)).document)


async def turns_of(desk: Desk, key: str, rulebook: Rulebook) -> list[Turn]:
    """The times of a rulebook's releases, the oldest first; what was withdrawn before its day never answered."""
    releases = {release.number: release for release in await desk.store.releases(key)}
    standing = [one for one in await desk.store.activations(key) if one.withdrawn_at is None]
    standing.sort(key=lambda one: one.activated_at)
    zone, today = ZoneInfo(rulebook.time_zone), datetime.now(UTC)
    turns: list[Turn] = []
    for place, one in enumerate(standing):
        turns.append(
            Turn(
                one,
                releases[one.release],
                until=standing[place + 1].activated_at if place + 1 < len(standing) else None,
                is_first=one.release not in {turn.release.number for turn in turns},
                is_ahead=one.planned_at is not None and one.activated_at > today,
                day=None if one.planned_at is None else one.activated_at.astimezone(zone).date(),
            )
        )
    return turns


async def _called_off(desk: Desk, key: str, rulebook: Rulebook) -> list[Turn]:
    """The plans that were withdrawn before their day: no callers were answered by them, and their releases stay."""
    releases, zone = {one.number: one for one in await desk.store.releases(key)}, ZoneInfo(rulebook.time_zone)
    return [
        Turn(
            one,
            releases[one.release],
            until=None,
            is_first=True,
            is_ahead=False,
            day=one.activated_at.astimezone(zone).date(),
        )
        for one in await desk.store.activations(key)
        if one.withdrawn_at is not None
    ]


async def withdraw(request: Request) -> Response:
    """Ask whether a release that is to take over shall not, and call it off."""
    desk = Desk.of(request)
    key, number = request.path_params["key"], number_of(request.path_params["plan"])
    actor = require(visitor_of(request).account, Role.PUBLISHER).login
    form = await desk.form(request, role=Role.PUBLISHER) if request.method == "POST" else None
    _, rulebook = await _active(desk, key)
    plan = next((turn for turn in await turns_of(desk, key, rulebook) if turn.activation.id == number), None)
    if plan is None:
        raise NotFound(said("{key} has no such plan.", key=key), code="release/not-planned")
    problem = ""
    if form is not None:
        note = typed(text_of(form, "note"))
        if note:
            await desk.publishing.call_off(key, plan.activation.id, actor, note)
            return see(path_to(request, "rulebooks", key, "history", done="withdrawn"))
        problem = tongue_of(request).gettext(_NOTE_MISSING)
    words = tongue_of(request)
    return desk.page(
        request,
        "release/withdraw.html",
        status=422 if problem else 200,
        key=key,
        plan=plan,
        problem=problem,
        trail=trail_of(
            request,
            (key, path_to(request, "rulebooks", key)),
            (words.gettext(mark("History")), path_to(request, "rulebooks", key, "history")),
            (words.gettext(mark("Withdraw")), ""),
        ),
    )


async def start_draft(request: Request) -> Response:
    """A new draft of the active release, at the table where it was asked for; or of an older one, to bring it back."""
    desk = Desk.of(request)
    form = await desk.form(request)
    key, base = request.path_params["key"], text_of(form, "from")
    number = number_of(base)
    title = tongue_of(request).gettext("Release %(number)s") % {"number": number} if number else ""
    draft = await desk.publishing.start_draft(
        key, visitor_of(request).account.login, from_release=number, title=title
    )
    if number is not None:
        return see(path_to(request, "rulebooks", key, "drafts", draft.id, "compare", done="started"))
    table = text_of(form, "table")
    place = ("tables", table) if table else ()
    return see(path_to(request, "rulebooks", key, "drafts", draft.id, *place, done="started"))


# Publishing, and going back


async def publish(request: Request) -> Response:
    """What stands in the way of publishing, and publishing."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    assert edition.draft is not None  # noqa: S101 - the path names a draft
    actor = require(visitor_of(request).account, Role.PUBLISHER)
    refused: Refused | EditConflict | None = None
    note, day, status = "", "", 200
    if request.method == "POST":
        form = await desk.form(request, role=Role.PUBLISHER)
        note, day = typed(text_of(form, "note")), typed(text_of(form, "on"))
        on = _day(day)
        if not note or (day and on is None):
            problem = _DAY_WRONG if note else _NOTE_MISSING
            return await _publish_page(request, edition, status=422, problem=problem, note=note, day=day)
        replacing = text_of(form, "replacing")
        try:
            release = await desk.publishing.publish(
                edition.draft.id,
                _revision(form.get("revision")),
                actor.login,
                note,
                replacing=number_of(replacing),
                on=on,
            )
        except InvalidRequest:
            return await _publish_page(request, edition, status=422, problem=_DAY_PAST, note=note, day=day)
        except Refused as reason:
            refused, status = reason, 422
        except EditConflict as reason:
            refused, status = reason, 409
            edition = await desk.edition(request)
        else:
            if on is not None:
                return see(path_to(request, "rulebooks", release.rulebook, "history", done="planned"))
            return see(
                path_to(request, "rulebooks", release.rulebook, "releases", release.number, done="published")
            )
    return await _publish_page(request, edition, status=status, refused=refused, note=note, day=day)


async def _publish_page(
    request: Request,
    edition: Edition,
    *,
    status: int,
    refused: Refused | EditConflict | None = None,
    problem: str = "",
    note: str = "",
    day: str = "",
) -> Response:
    """What stands in the way of publishing; `problem` is what is wrong with the form, not yet translated."""
    desk = Desk.of(request)
    results = None if edition.program is None else await desk.publishing.run_cases(edition.program)
    return await desk.edition_page(
        request,
        "draft/publish.html",
        mark("Publish"),
        edition,
        status=status,
        results=results,
        failed=[result for result in results or () if not result.passed],
        refused=refused,
        problem=tongue_of(request).gettext(problem) if problem else "",
        note=note,
        day=day,
        before=edition.active,
        review=await desk.publishing.review(edition.draft) if edition.draft else None,
        judged=await desk.analysing.of(edition.draft) if edition.draft else None,
        effect=await _effect_of(desk, edition, edition.active),
        case_link=case_link,
    )


async def activate(request: Request) -> Response:
    """Ask whether an older release is to answer again, and make it so."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    assert edition.release is not None  # noqa: S101 - the path names a release
    release = edition.release
    actor = require(visitor_of(request).account, Role.PUBLISHER).login
    form = await desk.form(request, role=Role.PUBLISHER) if request.method == "POST" else None
    if edition.is_active:
        return see(edition.link(done="already"))
    problem = note = ""
    if form is not None:
        note = typed(text_of(form, "note"))
        problem = "" if note else tongue_of(request).gettext(_NOTE_MISSING)
        if note:
            try:
                await desk.publishing.roll_back(release.rulebook, release.number, actor, note)
            except Refused as reason:
                problem = " ".join(map(tongue_of(request).said, (reason.message, *reason.reasons)))
            else:
                return see(edition.link(done="activated"))
    return await desk.edition_page(
        request,
        "release/activate.html",
        mark("Make active"),
        edition,
        status=422 if problem else 200,
        problem=problem,
        note=note,
        effect=await _effect_of(desk, edition, edition.active),
        case_link=case_link,
    )


async def _effect_of(desk: Desk, edition: Edition, number: int | None) -> Effect | None:
    """What becomes of the cases if an edition takes the place of a release; None where one does not compile."""
    if number is None or edition.program is None:
        return None
    version = await _version(desk, edition.rulebook.key, number)
    return None if version.program is None else await desk.publishing.effect(version.program, edition.program)


def _day(text: str) -> date | None:
    """A day as typed into a field for dates; None where it is none."""
    try:
        return date.fromisoformat(day_of(text) or text)
    except ValueError:
        return None


def _revision(text: object) -> int:
    """The revision that a form saw; one that no draft has, where it does not say."""
    return int(text) if isinstance(text, str) and text.isdecimal() else -1
