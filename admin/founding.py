"""A rulebook from nothing, and what it says of itself: what it is called, its languages, its clock."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from starlette.routing import Route

from admin.desk import Desk, path_to, see, text_of, tongue_of, trail_of, visitor_of
from admin.drafting import Clashed, Typed, Work
from admin.forms import typed
from admin.sieve import title_problem
from admin.words import LANGUAGES, mark
from decision_tables.diagnostics import near_miss
from decision_tables.errors import Refused
from decision_tables.rulebook import Rulebook
from decision_tables.vocabulary import Words
from service.access import Role, require
from service.composing import key_from
from service.editing import words_of
from service.importing import KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

    from admin.words import Tongue

__all__ = ["routes"]

_OFFERED: Final = (*LANGUAGES, "de")
_TIME_ZONE: Final = "Europe/Brussels"
_ABSENT: Final = {
    "unknown": mark(
        "It is not known: it can be asked for, and what follows without it is concluded all the same"
    ),
    "null": mark(
        "There is none: whoever does not say it says that it does not exist, as other DMN tools have it"
    ),
}


def routes(draft: str) -> list[Route]:
    """The route of a new rulebook, and those below a draft's path."""
    return [
        Route("/new", new, methods=["GET", "POST"]),
        Route(f"{draft}/properties", properties, methods=["GET", "POST"]),
    ]


# What is typed


def languages_typed(form: FormData) -> str:
    """The languages that a form names, the first one first: `nl, fr`.

    A choice of the first and a box for each other one, with room for codes; or, from a page that shows two people's
    texts, `languages` as one text.
    """
    if "languages" in form:
        return typed(text_of(form, "languages"))
    others = [text for text in form.getlist("language") if isinstance(text, str)]
    codes = [text_of(form, "first"), *others, *re.split(r"[\s,;]+", text_of(form, "language.other"))]
    return ", ".join(dict.fromkeys(_code(typed(code)) for code in codes if typed(code)))


def _code(text: str) -> str:
    """The code of a language, also where somebody wrote its name; else the text as it is."""
    if _is_language(text.lower()):
        return text if "-" in text else text.lower()
    told = ((code, name) for tongue in LANGUAGES for code, name in Locale(tongue).languages.items())
    return next((code for code, name in told if name.lower() == text.lower()), text)


def listed(languages: str) -> tuple[str, ...]:
    """The codes in a list of languages."""
    return tuple(dict.fromkeys(code for code in re.split(r"[\s,;]+", languages) if code))


def _is_language(code: str) -> bool:
    if code in Locale("en").languages:
        return True
    try:
        return bool(Locale.parse(code, sep="-").get_display_name("en"))
    except (ValueError, UnknownLocaleError, TypeError):
        return False


def _of_languages(t: Tongue, languages: str) -> str:
    """What is wrong with a list of languages; empty if nothing is."""
    codes = listed(languages)
    if not codes:
        return t.gettext(mark("A rulebook needs a language."))
    strange = [code for code in codes if not _is_language(code)]
    if strange:
        said = t.gettext(mark("%(codes)s: no language is known by that code. Codes are such as nl, fr, de."))
        return said % {"codes": ", ".join(strange)}
    return ""


def time_zone_typed(text: str) -> str:
    """A time zone under its own name, however its letters are written."""
    text = typed(text).replace(" ", "_")
    return next((zone for zone in available_timezones() if zone.lower() == text.lower()), text)


def _of_time_zone(t: Tongue, zone: str) -> str:
    zones = available_timezones()
    if zone in zones:
        return ""
    close = near_miss(zone, zones)
    said = t.gettext(mark("No time zone is called so. Write it as Europe/Brussels."))
    return f"{said} {t.gettext(mark('Did you mean %(zone)s?')) % {'zone': close}}" if close else said


# A new rulebook


@dataclass(frozen=True, slots=True)
class _Founded:
    """What somebody typed of a new rulebook."""

    title: str = ""
    key: str = ""
    note: str = ""
    languages: str = ""
    time_zone: str = _TIME_ZONE
    absent: str = "unknown"

    @classmethod
    def of(cls, form: FormData) -> _Founded:
        """What a form sends."""
        return cls(
            typed(" ".join(text_of(form, "title").split())),
            typed(text_of(form, "key")),
            typed(text_of(form, "note")),
            languages_typed(form),
            time_zone_typed(text_of(form, "time_zone")),
            "null" if text_of(form, "absent") == "null" else "unknown",
        )

    @property
    def called(self) -> str:
        """The key, made of the title where none was written."""
        return self.key or (key_from(self.title, otherwise="rulebook") if self.title else "")

    def rulebook(self) -> Rulebook:
        """The rulebook, empty but for what it says of itself."""
        codes = listed(self.languages)
        return Rulebook(
            self.called,
            title=Words({codes[0]: self.title} if self.title else {}),
            note=self.note,
            languages=codes,
            time_zone=self.time_zone,
            absent="null" if self.absent == "null" else "unknown",
        )


async def new(request: Request) -> Response:
    """A new rulebook: what it is called and how it reckons; it begins as an empty draft."""
    desk, t = Desk.of(request), tongue_of(request)
    actor = require(visitor_of(request).account, Role.EDITOR).login
    if request.method != "POST":
        return _new_page(request, _Founded(languages=t.code), {})
    sent = _Founded.of(await desk.form(request))
    of_key = _of_key(t, sent)
    problems = {
        "title": title_problem(t, sent.title) if sent.called else of_key,
        "key": of_key if sent.called else "",
        "languages": _of_languages(t, sent.languages),
        "time_zone": _of_time_zone(t, sent.time_zone),
    }
    if not of_key and await desk.store.rulebook_exists(sent.called):
        problems["key"] = "" if await desk.store.is_abandoned(sent.called) else _taken(t, sent.called)
    if any(problems.values()):
        return _new_page(request, sent, problems)
    try:
        draft = await desk.publishing.found(sent.rulebook(), actor)
    except Refused:  # somebody else was quicker
        return _new_page(request, sent, {"key": _taken(t, sent.called)})
    return see(path_to(request, "rulebooks", draft.rulebook, "drafts", draft.id, done="founded"))


def _of_key(t: Tongue, sent: _Founded) -> str:
    if not sent.called:
        return t.gettext(mark("Give the rulebook a title, or a key."))
    if re.fullmatch(KEY, sent.called):
        return ""
    said = t.gettext(
        mark(
            "A key is letters, digits, underscores, points and hyphens; it begins with none of the last two."
        )
    )
    proposed = t.gettext(mark("%(key)s would do.")) % {"key": key_from(sent.key, otherwise="rulebook")}
    return f"{said} {proposed}"


def _taken(t: Tongue, key: str) -> str:
    return t.gettext(mark("There is a rulebook %(key)s already. Write another key.")) % {"key": key}


def _new_page(request: Request, sent: _Founded, problems: Mapping[str, str]) -> Response:
    t = tongue_of(request)
    return Desk.of(request).page(
        request,
        "rulebook/new.html",
        status=422 if any(problems.values()) else 200,
        trail=trail_of(request, (t.gettext(mark("New rulebook")), "")),
        fields={
            "title": sent.title,
            "key": sent.key,
            "note": sent.note,
            "time_zone": sent.time_zone,
            "absent": sent.absent,
        },
        problems=problems,
        **_choices(sent.languages),
    )


def _choices(languages: str) -> dict[str, object]:
    """What the forms offer to choose from."""
    codes = listed(languages)
    known = [code for code in codes if _is_language(code)]
    return {
        "first": next(iter(known), ""),
        "chosen": set(codes),
        "codes": tuple(dict.fromkeys((*_OFFERED, *known))),
        "others": ", ".join(code for code in codes if code not in known),
        "zones": sorted(available_timezones()),
        "absences": _ABSENT,
    }


# What a rulebook says of itself


def _fields(book: Rulebook, languages: Iterable[str]) -> dict[str, str]:
    return {
        **{f"title.{code}": book.title.by_language.get(code, "") for code in languages},
        "note": book.note,
        "languages": ", ".join(book.languages),
        "time_zone": book.time_zone,
        "default_query": book.default_query,
        "absent": book.absent,
    }


def _with(book: Rulebook, fields: Mapping[str, str]) -> Rulebook:
    kept = {**_fields(book, ()), **fields}
    return replace(
        book,
        title=words_of(book.title, "title", fields),
        note=kept["note"],
        languages=listed(kept["languages"]) or book.languages,
        time_zone=kept["time_zone"],
        default_query=kept["default_query"],
        absent="null" if kept["absent"] == "null" else "unknown",
    )


async def properties(request: Request) -> Response:
    """What a rulebook is called, its languages and its clock, and what callers get who do not say."""
    work = await Work.on(request)
    t, book = tongue_of(request), work.edition.rulebook
    shown = _fields(book, book.languages)
    if not work.is_sent:
        return await _properties_page(work, shown, {})
    form = await work.form()
    sent = Typed.of(form, set(shown))
    if "languages" in sent.was:
        sent.mine["languages"] = languages_typed(form)
    if "time_zone" in sent.mine:
        sent.mine["time_zone"] = time_zone_typed(sent.mine["time_zone"])
    now = {**shown, **sent.mine}
    problems = {
        **{f"title.{code}": title_problem(t, now[f"title.{code}"]) for code in book.languages},
        "languages": _of_languages(t, now["languages"]),
        "time_zone": _of_time_zone(t, now["time_zone"]),
    }
    if any(problems.values()):
        return await _properties_page(work, now, problems, was=sent.was)

    def changed(current: Rulebook) -> Rulebook:
        return _with(current, sent.on_top_of(_fields(current, book.languages)))

    edited = None
    try:
        if sent.changes:
            edited = await work.save(changed, "rulebook/edited", {"changed": sent.changes})
    except Clashed as clash:
        return await work.clash_page(clash, work.edition.link("properties"), work.edition.link(), {})
    return see(work.edition.link(done="saved", changed=edited.draft.revision if edited else None))


async def _properties_page(
    work: Work,
    fields: Mapping[str, str],
    problems: Mapping[str, str],
    *,
    was: Mapping[str, str] | None = None,
) -> Response:
    return await work.page(
        "rulebook/properties.html",
        mark("Settings of the rulebook"),
        status=422 if any(problems.values()) else 200,
        fields=fields,
        was=fields if was is None else was,
        problems=problems,
        **_choices(fields["languages"]),
    )
