"""What callers may ask for: queries, named lists of facts, and decision services, which texts may call, too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from starlette.routing import Route

from admin.desk import label_of, see, text_of, tongue_of
from admin.drafting import Clashed, Typed, Work
from admin.forms import typed
from admin.sieve import Sieve, Wrong
from admin.vocabulary import places_at
from admin.words import mark
from decision_tables.errors import Refused
from decision_tables.rulebook import DecisionService, Query
from service.composing import (
    callers_of,
    facts_of,
    free_key,
    is_key,
    key_from,
    with_query,
    with_service,
    without_query,
    without_service,
)
from service.editing import piece_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

    from decision_tables.rulebook import Rulebook
    from service.publishing import Edited

__all__ = ["routes"]


def routes(draft: str) -> list[Route]:
    """The routes below a draft's path."""
    both = ["GET", "POST"]
    return [
        Route(f"{draft}/query", query, methods=both),
        Route(f"{draft}/query/delete", delete_query, methods=both),
        Route(f"{draft}/service", service, methods=both),
        Route(f"{draft}/service/delete", delete_service, methods=both),
    ]


def _listed(facts: Iterable[str]) -> str:
    """Facts as one text of a form; no name of a fact holds a comma."""
    return ", ".join(facts)


def _facts_in(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def _as_before(now: Iterable[str], chosen: Iterable[str]) -> tuple[str, ...]:
    """The chosen facts: those that stood there in their order, the new ones after them."""
    wanted = list(chosen)
    kept = [fact for fact in now if fact in wanted]
    return (*kept, *(fact for fact in wanted if fact not in kept))


def _known(sieve: Sieve, book: Rulebook, name: str, facts: Iterable[str]) -> None:
    """Facts that are there."""
    known = {fact.key for fact in book.facts}
    gone = [fact for fact in facts if fact not in known]
    if gone:
        sieve.say(name, mark("The vocabulary does not have: %(facts)s."), facts=_listed(gone))


# Queries


def _query_fields(book: Rulebook, found: Query, languages: Iterable[str]) -> dict[str, str]:
    """A query as fields: title.<language>, goals, is_default."""
    return {
        **{f"title.{code}": found.title.by_language.get(code, "") for code in languages},
        "goals": _listed(found.goals),
        "is_default": "yes" if found.key and book.default_query == found.key else "",
    }


def _with_query(book: Rulebook, found: Query, fields: Mapping[str, str]) -> Rulebook:
    made = replace(
        found,
        title=words_of(found.title, "title", fields),
        goals=_as_before(found.goals, _facts_in(fields.get("goals", _listed(found.goals)))),
    )
    default = book.default_query
    if "is_default" in fields:
        default = made.key if fields["is_default"] else "" if default == made.key else default
    return replace(with_query(book, made), default_query=default)


def _typed(form: FormData, fields: Mapping[str, str]) -> Typed:
    """A form of a query; its goals are boxes, or one text where a page shows two people's."""
    sent = Typed.of(form, set(fields))
    if "goals" not in form:
        sent.mine["goals"] = _listed(text for text in form.getlist("goal") if isinstance(text, str))
    return sent


async def query(request: Request) -> Response:
    """A query, known or new: what it is called, what it asks for, and whether it is the default one."""
    work = await Work.on(request)
    form = await work.form() if work.is_sent else None
    book, key = work.edition.rulebook, work.asked("query")
    found = piece_of("query", key, book.queries) if key else Query("")
    fields = _query_fields(book, found, book.languages)
    if form is None:
        if not key and not book.default_query:
            fields["is_default"] = "yes"
        return await _query_page(work, found, fields, {})
    sent = _typed(form, fields)
    detail: dict[str, object] = {"query": key, "changed": sent.changes}
    typed_key = typed(text_of(form, "key"))

    def changed(current: Rulebook) -> Rulebook:
        sieve = Sieve(tongue_of(request))
        sieve.titles(sent.mine)
        now = (
            Query(_new_key(sieve, current, typed_key, sent))
            if not key
            else piece_of("query", key, current.queries)
        )
        detail["query"] = now.key
        merged = sent.mine
        if key:
            merged = sent.on_top_of(_query_fields(current, now, current.languages))
        goals = _facts_in(merged["goals"])
        if not goals:
            sieve.say("goals", mark("Choose at least one fact that it asks for."))
        _known(sieve, current, "goals", goals)
        sieve.done()
        return _with_query(current, now, merged)

    edited = None
    try:
        if not key or sent.changes:
            edited = await work.save(changed, f"query/{'edited' if key else 'added'}", detail)
    except Wrong as wrong:
        return await _query_page(
            work, replace(found, key=key or typed_key), {**fields, **sent.mine}, wrong.problems, was=sent.was
        )
    except Clashed as clash:
        here = work.edition.link("query", query=key)
        return await work.clash_page(clash, here, f"{work.edition.link()}#queries", {})
    return see(_home(work, edited, "queries", "saved" if key else "piece-added"))


def _new_key(sieve: Sieve, book: Rulebook, key: str, sent: Typed) -> str:
    """The key of a new query: as written, else made of its title."""
    title = next((text for name, text in sent.mine.items() if name.startswith("title.") and text), "")
    if not key and title:
        return free_key(key_from(title, otherwise="query"), (one.key for one in book.queries))
    if not key:
        sieve.say("key", mark("Give it a title, or a key."))
    elif not is_key(key):
        sieve.key_wrong("key", key, "query")
    elif book.query(key) is not None:
        sieve.say("key", mark("A query is called %(key)s already."), key=key)
    return key


async def _query_page(
    work: Work,
    found: Query,
    fields: Mapping[str, str],
    problems: Mapping[str, str],
    *,
    was: Mapping[str, str] | None = None,
) -> Response:
    book = work.edition.rulebook
    is_new = not work.asked("query")
    return await work.page(
        "rulebook/query.html",
        mark("New query") if is_new else mark("Query"),
        status=422 if problems else 200,
        query=found,
        is_new=is_new,
        fields=fields,
        was={} if is_new else fields if was is None else was,
        goals=_facts_in(fields["goals"]),
        problems=problems,
        marks=() if is_new else work.edition.marks_at("queries", found.key),
        **_split(book),
    )


def _home(work: Work, edited: Edited | None, anchor: str, done: str) -> str:
    """Where queries and decision services are listed, with the way to undo what was done."""
    changed = edited.draft.revision if edited else None
    return f"{work.edition.link(done=done, changed=changed)}#{anchor}"


def _split(book: Rulebook) -> dict[str, object]:
    """The facts that something concludes, and those that are given: one mostly asks for the former."""
    concluded = {fact for node in book.nodes for fact in facts_of(node)}
    return {
        "concluded": [fact.key for fact in book.facts if fact.key in concluded],
        "given": [fact.key for fact in book.facts if fact.key not in concluded],
    }


async def delete_query(request: Request) -> Response:
    """Asks whether a query is to go, and deletes it."""
    work = await Work.on(request)
    form = await work.form() if work.is_sent else None
    found = piece_of("query", work.asked("query"), work.edition.rulebook.queries)
    if form is not None:
        detail = {"query": found.key, "was": {"goals": list(found.goals)}}
        edited = await work.save(lambda book: without_query(book, found.key), "query/deleted", detail)
        return see(_home(work, edited, "queries", "piece-deleted"))
    t = tongue_of(request)
    return await work.page(
        "rulebook/delete_query.html",
        mark("Delete"),
        key=found.key,
        called=found.title.said_in(t.code) or found.key,
        kind="query",
        facts=[label_of(work.edition.rulebook, fact, t.code) for fact in found.goals],
        is_default=work.edition.rulebook.default_query == found.key,
        places=(),
        problem="",
    )


# Decision services

ROLES: Final = {
    "": mark("has no part in it"),
    "inputs": mark("is given to it"),
    "input_decisions": mark("is given to it, though a table concludes it"),
    "encapsulated": mark("is worked out on the way"),
    "outputs": mark("is its answer"),
}
"""What a fact is to a decision service; the names of its lists."""

_LISTS: Final = tuple(name for name in ROLES if name)


def _service_fields(found: DecisionService, languages: Iterable[str]) -> dict[str, str]:
    """A decision service as fields: title.<language>, note, and its four lists of facts."""
    return {
        **{f"title.{code}": found.title.by_language.get(code, "") for code in languages},
        "note": found.note,
        **{name: _listed(getattr(found, name)) for name in _LISTS},
    }


def _service_of(found: DecisionService, fields: Mapping[str, str]) -> DecisionService:
    now = {name: _as_before(getattr(found, name), _facts_in(fields[name])) for name in _LISTS}
    return replace(
        found,
        title=words_of(found.title, "title", fields),
        note=fields.get("note", found.note),
        inputs=now["inputs"],
        input_decisions=now["input_decisions"],
        encapsulated=now["encapsulated"],
        outputs=now["outputs"],
    )


def _service_typed(form: FormData, book: Rulebook, found: DecisionService) -> Typed:
    """A form of a decision service: a role for each fact, or its lists as texts where a page shows two people's."""
    sent = Typed.of(form, set(_service_fields(found, book.languages)))
    for name in _LISTS:
        if name not in form:
            chosen = [fact.key for fact in book.facts if text_of(form, f"role.{fact.key}") == name]
            strange = [fact for fact in getattr(found, name) if all(one.key != fact for one in book.facts)]
            sent.mine[name] = _listed(_as_before(getattr(found, name), (*chosen, *strange)))
    return sent


async def service(request: Request) -> Response:
    """A decision service, known or new: what it is given, what it works out, what it answers."""
    work = await Work.on(request)
    form = await work.form() if work.is_sent else None
    book, key = work.edition.rulebook, work.asked("service")
    found = piece_of("service", key, book.services) if key else DecisionService("")
    fields = _service_fields(found, book.languages)
    if form is None:
        return await _service_page(work, found, fields, {})
    sent = _service_typed(form, book, found)
    name = key or typed(text_of(form, "key"))

    def changed(current: Rulebook) -> Rulebook:
        sieve = Sieve(tongue_of(request))
        sieve.titles(sent.mine)
        if not key:
            sieve.name(current, "key", name)
        now = piece_of("service", key, current.services) if key else DecisionService(name)
        merged = sent.mine
        if key:
            merged = sent.on_top_of(_service_fields(now, current.languages))
        if not _facts_in(merged["outputs"]):
            sieve.say("roles", mark("Choose at least one fact that is its answer."))
        _known(sieve, current, "roles", (fact for part in _LISTS for fact in _facts_in(merged[part])))
        sieve.done()
        return with_service(current, _service_of(now, merged))

    edited = None
    try:
        if not key or sent.changes:
            detail = {"service": name, "changed": sent.changes}
            edited = await work.save(changed, f"service/{'edited' if key else 'added'}", detail)
    except Wrong as wrong:
        shown = {**fields, **sent.mine}
        return await _service_page(work, replace(found, key=name), shown, wrong.problems, was=sent.was)
    except Clashed as clash:
        here = work.edition.link("service", service=key)
        return await work.clash_page(clash, here, f"{work.edition.link()}#services", {})
    return see(_home(work, edited, "services", "saved" if key else "piece-added"))


async def _service_page(
    work: Work,
    found: DecisionService,
    fields: Mapping[str, str],
    problems: Mapping[str, str],
    *,
    was: Mapping[str, str] | None = None,
) -> Response:
    is_new = not work.asked("service")
    return await work.page(
        "rulebook/service.html",
        mark("New decision service") if is_new else mark("Decision service"),
        status=422 if problems else 200,
        service=found,
        is_new=is_new,
        fields=fields,
        was={} if is_new else fields if was is None else was,
        part={fact: name for name in _LISTS for fact in _facts_in(fields[name])},
        roles=ROLES,
        problems=problems,
        marks=() if is_new else work.edition.marks_at("services", found.key),
        **_split(work.edition.rulebook),
    )


async def delete_service(request: Request) -> Response:
    """Asks whether a decision service is to go, and deletes it; refused while any text calls it."""
    work = await Work.on(request)
    t, key, problem = tongue_of(request), work.asked("service"), ""
    form = await work.form() if work.is_sent else None
    found = piece_of("service", key, work.edition.rulebook.services)
    if form is not None:
        try:
            edited = await work.save(
                lambda book: without_service(book, key), "service/deleted", {"service": key}
            )
        except Refused:
            problem = work.said(mark("Some text still calls it."))
            work = await Work.on(request)
        else:
            return see(_home(work, edited, "services", "piece-deleted"))
    book = work.edition.rulebook
    return await work.page(
        "rulebook/delete_query.html",
        mark("Delete"),
        status=409 if problem else 200,
        key=key,
        called=found.title.said_in(t.code) or key,
        kind="service",
        facts=[label_of(book, fact, t.code) for fact in found.outputs],
        is_default=False,
        places=places_at(work.edition, callers_of(book, key), t),
        problem=problem,
    )
