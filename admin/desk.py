"""What every page has at hand: the use cases, who is visiting, the words, and the way to an HTML answer.

Nobody reaches a page without a session (`signing_in.Doorkeeper`), no form is read without its token (`Desk.form`), and
what a visitor may not do is refused here on the server, whatever the page shows.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse, Response

from admin.citations import pieces
from admin.grid import Mark, marks_of
from admin.words import LANGUAGES, Tongue, chosen_language, mark, tongue
from decision_tables.diagnostics import Diagnostic, Where
from decision_tables.errors import InvalidRequest, InvalidRulebook, Refused
from decision_tables.program import Program
from decision_tables.rulebook import Rulebook, rulebook_of
from decision_tables.said import said
from decision_tables.words import Words
from service.access import Access, Role, Staff, require
from service.analysing import Analysing
from service.deciding import Deciding, Encode
from service.importing import Importing
from service.library import Library
from service.publishing import Publishing
from service.store import Draft, ReleaseHead, Store
from service.testing import Testing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.datastructures import FormData
    from starlette.requests import Request

    from service.publishing import Edited
    from service.store import Account, DraftHead, RulebookHead

__all__ = [
    "CSRF",
    "LANGUAGE_COOKIE",
    "ROWS_COOKIE",
    "Desk",
    "Edition",
    "Presence",
    "Stale",
    "Visitor",
    "back_to",
    "draft_named",
    "label_of",
    "link",
    "number_of",
    "path_to",
    "see",
    "set_cookie",
    "shelf_title",
    "text_of",
    "title_of",
    "tongue_of",
    "trail_of",
    "visitor_of",
]

_DIGITS: Final = 10
"""Numbers in addresses have fewer: any database counts to those."""

CSRF: Final = "csrf"
"""The form field that carries the session's token."""

LANGUAGE_COOKIE: Final = "decidable_language"
ROWS_COOKIE: Final = "decidable_rows"
"""Holds `comfortable` where the reader wants higher rows in tables."""

_ABSENT_AFTER: Final = 15.0
"""Seconds after which somebody of whom nothing is heard is taken to have left; an open page asks every few."""

_HERE: Final = Path(__file__).parent
_DONE: Final = {
    "saved": mark("Saved."),
    "added": mark("The row was added."),
    "deleted": mark("The row was deleted."),
    "moved": mark("The row was moved."),
    "undone": mark("Undone."),
    "no-rest": mark("There was nothing else to undo: all stays as it is."),
    "fact-added": mark("The fact was added."),
    "fact-renamed": mark("The fact was renamed, and every text that names it."),
    "fact-deleted": mark("The fact was deleted."),
    "type-added": mark("The type was added."),
    "type-deleted": mark("The type was deleted."),
    "case": mark("The test case was saved."),
    "noted": mark("Noted."),
    "case-deleted": mark("The test case was deleted."),
    "started": mark("The draft was started."),
    "brought": mark("What the file says is kept in this draft. Nothing is published yet."),
    "founded": mark("The rulebook was made. It answers nobody before it is published."),
    "piece-added": mark("Added."),
    "copied": mark("Copied."),
    "piece-deleted": mark("Deleted from this draft."),
    "rekeyed": mark("It has its new key."),
    "discarded": mark("The draft was discarded."),
    "published": mark("Published: this release is active now."),
    "activated": mark("This release is active again."),
    "planned": mark("Published. It takes over on the day that you chose."),
    "withdrawn": mark("Withdrawn: the release does not take over."),
    "already": mark("This release is active already: nothing was changed."),
    "password": mark("Your password was changed."),
    "account": mark("The account was changed."),
    "revoked": mark("The key was revoked: it opens nothing any more."),
}
_ROLES: Final = {
    "reader": mark("reader"),
    "editor": mark("editor"),
    "publisher": mark("publisher"),
    "administrator": mark("administrator"),
}


class Stale(Refused):
    """A form carries another token than the session's: another session made it, or another site."""

    code = "form/token"

    def __init__(self) -> None:
        super().__init__(
            said(
                "This form was not made by this session. Go back, load the page again and send it once more."
            )
        )


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who is signed in."""

    staff: Staff

    @property
    def account(self) -> Account:
        """Who it is."""
        return self.staff.account

    def may(self, role: str) -> bool:
        """Whether the visitor's role includes that one; for what a page shows, never for what it does."""
        return Role(self.account.role).includes(Role(role))


@dataclass(frozen=True)
class Edition:
    """A release or a draft, as far as both can be read and tried.

    Attributes:
        root: the path that the pages are mounted at.
        rulebook: what it says.
        program: compiled; None while it has errors.
        diagnostics: what is wrong with it.
        active: the number of the active release, if there is one.
        draft: the draft; None for a release.
        release: the release; None for a draft.
    """

    root: str
    rulebook: Rulebook
    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    active: int | None
    draft: Draft | None = None
    release: ReleaseHead | None = None

    def link(self, *parts: object, **query: object) -> str:
        """The path of one of its pages."""
        which = (
            ("drafts", self.draft.id) if self.draft else ("releases", self.release and self.release.number)
        )
        return link(self.root, "rulebooks", self.rulebook.key, *which, *parts, **query)

    @property
    def is_active(self) -> bool:
        """Whether it is what callers are answered from."""
        return self.release is not None and self.release.number == self.active

    @property
    def overtaken(self) -> bool:
        """Whether another release became active since the draft was begun."""
        return self.draft is not None and self.active is not None and self.draft.seen_release != self.active

    @property
    def errors(self) -> int:
        """How many diagnostics keep it from being published."""
        return sum(diagnostic.is_error for diagnostic in self.diagnostics)

    @cached_property
    def _by_place(self) -> dict[tuple[str, str], list[Diagnostic]]:
        places: dict[tuple[str, str], list[Diagnostic]] = {}
        for diagnostic in self.diagnostics:
            where = diagnostic.where
            places.setdefault((where.table, ""), []).append(diagnostic)
            if where.rule:
                places.setdefault((where.table, where.rule), []).append(diagnostic)
        return places

    def marks_at(self, table: str, rule: str = "") -> tuple[Mark, ...]:
        """The diagnostics of a node, or of one rule (fact, query, case) of it."""
        return marks_of(self._by_place.get((table, rule), ()))

    def wrong_in(self, table: str) -> list[tuple[Where, Mark]]:
        """Everything that is wrong in a node, each with its place, errors first."""
        found = [(one.where, marks_of([one])[0]) for one in self._by_place.get((table, ""), ())]
        return sorted(found, key=lambda one: not one[1].is_error)

    def counts_at(self, table: str) -> tuple[int, int]:
        """How many errors and how many warnings a node has."""
        found = self._by_place.get((table, ""), ())
        errors = sum(diagnostic.is_error for diagnostic in found)
        return errors, len(found) - errors


class Presence:
    """Who has which table open, as far as this process is asked; nothing is kept, nobody is kept out."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], dict[str, float]] = {}

    def note(self, place: tuple[str, str], name: str) -> list[str]:
        """Notes that somebody is there, and says who else is."""
        now = time.monotonic()
        for known in list(self._seen):
            people = {who: at for who, at in self._seen[known].items() if now - at < _ABSENT_AFTER}
            if people:
                self._seen[known] = people
            else:
                del self._seen[known]
        people = self._seen.setdefault(place, {})
        people[name] = now
        return sorted(who for who in people if who != name)


@dataclass(frozen=True)
class Desk:
    """The use cases, and how an answer is made of them."""

    deciding: Deciding
    publishing: Publishing
    analysing: Analysing
    importing: Importing
    testing: Testing
    library: Library
    access: Access
    store: Store
    presence: Presence = field(default_factory=Presence)
    answered: OrderedDict[tuple[str, ...], asyncio.Task[Response]] = field(default_factory=OrderedDict)
    """What grids sent lately, by what it is known by, and its answer or the work on it."""
    encode: Encode = field(kw_only=True)
    """How an answer was encoded for the log, so that a replay can be compared with it."""
    public_scheme: str | None = None
    """Of the address at which people reach the pages; None: of the one that a request came to."""

    @staticmethod
    def of(request: Request) -> Desk:
        """The desk of the application that got the request."""
        desk = request.app.state.desk
        assert isinstance(desk, Desk)  # noqa: S101 - set once, where the application is made
        return desk

    async def edition(self, request: Request) -> Edition:
        """The release or draft that the path names.

        Raises:
            NotFound: no such rulebook, release or draft.
        """
        key = request.path_params["key"]
        active = await self.store.active_release(key)
        root = request.scope.get("root_path", "")
        if "draft" in request.path_params:
            draft = await self.store.draft(request.path_params["draft"], of=key)
            checked = await self.library.checked(draft)
            return Edition(
                root, rulebook_of(draft.document), checked.program, checked.diagnostics, active, draft=draft
            )
        number = number_of(request.path_params["number"]) or 0  # which is never there
        try:
            loaded = await self.library.release(key, number)
        except InvalidRulebook as error:  # made by a version that allowed it: it can be read all the same
            release = await self.store.release(key, number)
            return Edition(
                root, rulebook_of(release.document), None, error.diagnostics, active, release=release
            )
        return Edition(root, loaded.program.rulebook, loaded.program, (), active, release=loaded.release)

    async def form(self, request: Request, *, role: Role | None = Role.EDITOR) -> FormData:
        """The form of a request that its sender made on our own page, and may send.

        Args:
            request: a POST.
            role: what it takes to send the form; None where it concerns nobody but its sender.

        Raises:
            Stale: it carries another token than the session's.
            Refused: the role does not reach.
            InvalidRequest: it is larger than may be sent (`body/too-large`).
        """
        visitor = visitor_of(request)
        if most := request.scope.get("body_over"):
            words = tongue_of(request)
            told = words.gettext("That is more than can be sent at once: %(most)s kB.") % {
                "most": most // 1000
            }
            raise InvalidRequest(told, code="body/too-large")
        form = await request.form()
        if not visitor.staff.is_own_form(text_of(form, CSRF)):
            raise Stale
        if role is not None:
            require(visitor.account, role)
        return form

    async def save(
        self,
        request: Request,
        draft: DraftHead,
        change: Callable[[Rulebook], Rulebook],
        action: str,
        detail: Mapping[str, Any],
    ) -> Edited:
        """Saves a change on top of whatever is stored by then; `change` itself tells whether it still fits.

        Raises:
            EditConflict: others saved again and again in between.
        """
        return await self.publishing.change(
            draft.id, visitor_of(request).account.login, change, action=action, detail=detail
        )

    def page(self, request: Request, template: str, /, *, status: int = 200, **context: Any) -> HTMLResponse:
        """A page in the visitor's language."""
        words = tongue_of(request)
        root = request.scope.get("root_path", "")
        visitor = request.scope.get("visitor")
        token = visitor.staff.csrf if visitor else context.pop("form_token", "")
        done = _DONE.get(request.query_params.get("done", ""))
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        common = {
            "t": words,
            "visitor": visitor,
            "languages": LANGUAGES,
            "here": here if request.method == "GET" else link(root),
            "link": lambda *parts, **query: link(root, *parts, **query),
            "vendored": lambda name: (
                f"{root}/static/vendor/{name}?v={found}" if (found := _vendored(name)) else ""
            ),
            "asset": lambda name: f"{root}/static/{name}?v={_fingerprint(name)}",
            "token": lambda: Markup('<input type="hidden" name="csrf" value="{}">').format(token),
            "role_name": lambda role: words.gettext(_ROLES[role]),
            "done": words.gettext(done) if done and status < 400 else "",
            "section": "rulebooks",
            "roomy": request.cookies.get(ROWS_COOKIE) == "comfortable",
            "trail": (),
            "undoable": "",
        }
        html = _environment(words.code).get_template(template).render({**common, **context})
        return HTMLResponse(html, status_code=status, headers={"cache-control": "no-store"})

    async def edition_page(
        self,
        request: Request,
        template: str,
        name: str,
        edition: Edition | None = None,
        /,
        *,
        status: int = 200,
        **context: Any,
    ) -> HTMLResponse:
        """A page of a release or draft, with its trail; `name` is the last step of it, not yet translated."""
        edition = edition or await self.edition(request)
        words = tongue_of(request)
        title = edition.rulebook.title.said_in(words.code) or edition.rulebook.key
        number = edition.release.number if edition.release else None
        which = words.gettext("Release %(number)s") % {"number": number} if number else words.gettext("Draft")
        trail = trail_of(
            request,
            (title, link(edition.root, "rulebooks", edition.rulebook.key)),
            (which, edition.link()),
            (words.gettext(name), ""),
        )
        changed = request.query_params.get("changed", "")
        undoable = changed if edition.draft and changed.isdecimal() else ""
        return self.page(
            request,
            template,
            status=status,
            edition=edition,
            title=title,
            trail=trail,
            undoable=undoable,
            **context,
        )


def link(root: str, *parts: object, **query: object) -> str:
    """A path below `root`, each part quoted; a query value of None or '' is left out."""
    path = "/".join(quote(str(part), safe="") for part in parts)
    asked = urlencode({name: str(value) for name, value in query.items() if value not in (None, "")})
    return f"{root}/{path}" + (f"?{asked}" if asked else "")


def trail_of(request: Request, *steps: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Breadcrumbs: names and paths, the last without a path."""
    return ((tongue_of(request).gettext("Rulebooks"), path_to(request)), *steps)


def path_to(request: Request, *parts: object, **query: object) -> str:
    """The path of a page."""
    return link(request.scope.get("root_path", ""), *parts, **query)


def see(path: str) -> Response:
    """Sends the browser on to a page after a form (POST, redirect, GET); a reload then sends nothing twice."""
    return RedirectResponse(path, status_code=303)


def visitor_of(request: Request) -> Visitor:
    """Who is signed in.

    Raises:
        Refused: nobody is.
    """
    visitor = request.scope.get("visitor")
    if not isinstance(visitor, Visitor):
        raise Refused(said("Sign in first."), code="access/credentials")
    return visitor


def tongue_of(request: Request) -> Tongue:
    """The language to answer in."""
    code = chosen_language(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", ""))
    return tongue(code)


def text_of(form: FormData, name: str) -> str:
    """A text field of a form; empty where it is not there, or is a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def number_of(text: str) -> int | None:
    """A number that an address or a form tells; None for other texts, and beyond what the store counts to."""
    return int(text) if text.isdecimal() and len(text) < _DIGITS else None


def back_to(request: Request, wanted: str) -> str:
    """A path of these pages that a link asked to come back to; the first page for anything else."""
    root = request.scope.get("root_path", "")
    is_ours = wanted.startswith(f"{root}/") and not wanted.startswith("//") and "\\" not in wanted
    return wanted if is_ours and wanted.isprintable() else link(root)


def set_cookie(
    request: Request, response: Response, name: str, value: str, *, lasts: int | None = None
) -> None:
    """A cookie of these pages alone, out of reach of scripts; over HTTPS only, where people come so."""
    response.set_cookie(
        name,
        value,
        max_age=lasts,
        path=request.scope.get("root_path", "") or "/",
        secure=(Desk.of(request).public_scheme or request.url.scheme) == "https",
        httponly=True,
        samesite="lax",
    )


def label_of(rulebook: Rulebook, fact: str, language: str) -> str:
    """What people call a fact; its key where the vocabulary does not say."""
    found = next((known for known in rulebook.facts if known.key == fact), None)
    return (found.label.said_in(language) if found else "") or fact


def title_of(rulebook: Rulebook, node: str, language: str) -> str:
    """What people call a table or formula; its key where it has no title."""
    found = next((known for known in rulebook.nodes if known.key == node), None)
    return (found.title.said_in(language) if found else "") or node


def shelf_title(head: RulebookHead, language: str) -> str:
    """What people call a rulebook in a list; its key where it has no title."""
    return Words(dict(head.title.get("by_language", {}))).said_in(language) or head.key


def note_label_of(rulebook: Rulebook, table: str, column: str, language: str) -> str:
    """What people call a column of notes that is a table's own; its key where it has no heading."""
    found = rulebook.table(table)
    own = next((one for one in found.notes if one.key == column), None) if found else None
    return (own.label.said_in(language) if own else "") or column


def draft_named(request: Request, draft: DraftHead) -> str:
    """What people call a draft: by its title, else by its day and author."""
    words = tongue_of(request)
    day = words.day(draft.created_at.date())
    return draft.title or f"{words.gettext('Draft of %(day)s') % {'day': day}}, {draft.author}"


def _soft(text: str) -> Markup:
    """Text that may break after a comma or an underscore: lists of values and names of facts have no spaces."""
    return Markup(re.sub(r"([,_])(?=\S)", r"\1<wbr>", str(escape(text))))  # noqa: S704 - escaped before


def _cited(citation: str, words: Tongue) -> Markup:
    """A citation in which acts and judgments with a number of their own lead to where they are read."""
    link_to = Markup('<a class="law" href="{}" target="_blank" rel="noreferrer" title="{}">{}</a>')
    title = words.gettext(mark("Read it (in another window)"))
    parts = (
        link_to.format(piece.href, title, piece.text) if piece.href else escape(piece.text)
        for piece in pieces(citation, words.code)
    )
    return Markup("").join(parts)


@cache
def _vendored(name: str) -> str:
    """The fingerprint of a file that the build fetches; empty where it was not, and pages do without it."""
    try:
        return _fingerprint(f"vendor/{name}")
    except OSError:
        return ""


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((_HERE / "static" / name).read_bytes()).hexdigest()[:12]


@cache
def _environment(code: str) -> Environment:
    """One environment for each language: compiled templates and catalogue go together."""
    words = tongue(code)
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["soft"] = _soft
    environment.filters["said"] = words.said
    environment.filters["cited"] = lambda citation: _cited(citation, words)
    environment.globals["label"] = lambda rulebook, fact: label_of(rulebook, fact, code)
    environment.globals["note_label"] = lambda rulebook, table, column: note_label_of(
        rulebook, table, column, code
    )
    environment.globals["table_title"] = lambda rulebook, node: title_of(rulebook, node, code)
    return environment
