"""The history of a draft: what each save changed, and any of them taken back, on top of what was written since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.routing import Route

from admin.desk import Desk, back_to, number_of, see, text_of, tongue_of, visitor_of
from admin.differences import KINDS, Section, sections_between
from admin.words import mark
from service.access import Role, require
from service.store import DraftChange

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

    from admin.desk import Edition
    from admin.words import Tongue
    from decision_tables.compare import Change

__all__ = ["routes"]

_SHOWN: Final = 40
"""Saves on one page."""

_TOLD: Final = 400
"""Differences of one save that are told; a file that was brought in may make thousands."""


def routes(draft: str) -> list[Route]:
    """The routes below a draft's path."""
    return [Route(f"{draft}/changes", changes, methods=["GET", "POST"])]


@dataclass(frozen=True)
class _Save:
    """One save as it is told: what it changed, by table and row; how much more there is."""

    change: DraftChange
    sections: tuple[Section, ...]
    more: int


async def changes(request: Request) -> Response:
    """What each save of a draft changed, the newest first; and taking one back."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    assert edition.draft is not None  # noqa: S101 - the path names a draft
    overtaken: tuple[Change, ...] = ()
    asked = 0
    if request.method == "POST":
        form = await desk.form(request)
        actor = require(visitor_of(request).account, Role.EDITOR).login
        asked = number_of(text_of(form, "revision")) or 0  # which is never there
        rest = bool(text_of(form, "rest"))
        draft, overtaken = await desk.publishing.take_back(edition.draft.id, asked, actor, rest=rest)
        if not overtaken or draft.revision > edition.draft.revision:
            return see(_back(request, edition, form, draft.revision))
        if rest:
            return see(edition.link("changes", done="no-rest"))
    words = tongue_of(request)
    before = number_of(request.query_params.get("before", ""))
    found = await desk.store.changes.of(edition.draft.id, before=before, limit=_SHOWN + 1)
    return await desk.edition_page(
        request,
        "draft/changes.html",
        mark("Changes"),
        edition,
        status=409 if overtaken else 200,
        saves=[_told(edition, one, words) for one in found[:_SHOWN]],
        older=found[_SHOWN - 1].revision if len(found) > _SHOWN else None,
        asked=asked,
        overtaken=_sections(edition, overtaken, words),
        kinds=KINDS,
    )


def _told(edition: Edition, change: DraftChange, words: Tongue) -> _Save:
    found = change.patch.changes
    return _Save(change, _sections(edition, found[:_TOLD], words), max(0, len(found) - _TOLD))


def _sections(edition: Edition, found: tuple[Change, ...], words: Tongue) -> tuple[Section, ...]:
    """Differences by the names of today; not how texts read, since what they speak of may be another now."""
    return sections_between(found, edition.rulebook, edition.rulebook, words, edition.link, reads=False)


def _back(request: Request, edition: Edition, form: FormData, revision: int) -> str:
    """Where somebody goes who took a change back: to where they came from, with the way to undo that."""
    told = {"done": "undone", "changed": str(revision), "way": text_of(form, "way")}
    if not text_of(form, "back"):
        return edition.link("changes", done="undone", changed=revision)
    place = urlsplit(back_to(request, text_of(form, "back")))
    query = {name: text for name, text in parse_qsl(place.query) if name not in told}
    if "since" in query:
        query["since"] += f".{revision}"
    return f"{place.path}?{urlencode(query | {name: text for name, text in told.items() if text})}"
