"""The vocabulary: facts and types, read in any edition, and in a draft added, changed, renamed, moved and deleted.

Broken text is saved and marked at its field. A new name is taken into every text that has the old one, and each of
these is told first; what anything still speaks of is not deleted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from starlette.routing import Route

from admin.desk import Desk, back_to, see, text_of, tongue_of
from admin.drafting import Clashed, Typed, Work
from admin.forms import MORE_ENTRIES, Merge, dated, fact_fields, fact_of, type_fields, type_of, typed
from admin.grid import marks_of
from admin.sieve import name_from
from admin.vocabulary import meant_values, places_at, places_of, types_to_choose
from admin.words import mark
from decision_tables.errors import NotFound, Refused
from decision_tables.items import TYPE_NAMES
from decision_tables.mentions import Role, mentions_of, renamed, users_of_type
from decision_tables.table import Table
from decision_tables.vocabulary import Fact, ItemDefinition
from service.editing import (
    piece_of,
    with_fact,
    with_fact_added,
    with_fact_moved,
    with_fact_renamed,
    with_type,
    with_type_added,
    without_fact,
    without_type,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

    from admin.desk import Edition
    from admin.grid import Mark
    from decision_tables.diagnostics import Diagnostic
    from decision_tables.rulebook import Rulebook

__all__ = ["facts", "routes"]


def routes(draft: str) -> list[Route]:
    """The routes below a draft's path that change its vocabulary."""
    return [
        Route(f"{draft}/fact", fact, methods=["GET", "POST"]),
        Route(f"{draft}/fact/rename", rename, methods=["GET", "POST"]),
        Route(f"{draft}/fact/move", move, methods=["POST"]),
        Route(f"{draft}/fact/delete", delete, methods=["GET", "POST"]),
        Route(f"{draft}/type", type_page, methods=["GET", "POST"]),
        Route(f"{draft}/type/delete", delete_type, methods=["GET", "POST"]),
    ]


async def facts(request: Request) -> Response:
    """The vocabulary of a release or draft."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    concluded_by: dict[str, list[str]] = {}
    for node in edition.rulebook.nodes:
        concluded = {column.fact for column in node.outputs} if isinstance(node, Table) else {node.fact}
        for key in concluded:
            concluded_by.setdefault(key, []).append(node.key)
    return await desk.edition_page(
        request, "rulebook/facts.html", mark("Facts"), edition, concluded_by=concluded_by
    )


# Facts


async def fact(request: Request) -> Response:
    """A fact with everything that can be said of it: a known one, or a new one."""
    work = await Work.on(request)
    key = work.asked("fact")
    if not key:
        return await _new_fact(work)
    languages = work.edition.rulebook.languages
    if not work.is_sent:
        found = piece_of("fact", key, work.edition.rulebook.facts)
        return await _fact_page(work, found, fact_fields(found, languages))
    fields = fact_fields(Fact(key), languages)
    form = await work.form()
    sent = _sent(work, form, fields)
    here = work.edition.link("fact", fact=key)

    def changed(book: Rulebook) -> Rulebook:
        now = piece_of("fact", key, book.facts)
        return with_fact(book, fact_of(now, sent.on_top_of(fact_fields(now, book.languages))))

    try:
        if sent.changes:
            edited = await work.save(changed, "fact/edited", {"fact": key, "changed": sent.changes})
            if _has_errors(edited.diagnostics, "vocabulary", key):
                return see(work.edition.link("fact", fact=key, done="saved"))
    except Clashed as clash:
        return await work.clash_page(clash, here, work.edition.link("facts"), {})
    except NotFound:
        work = await Work.on(request)
        problem = work.said(mark("Somebody else deleted or renamed this fact. You can add it again."))
        return await _fact_page(work, Fact(key), {**fields, **sent.mine}, is_new=True, problem=problem)
    return see(f"{work.edition.link('facts', done='saved')}#fact-{key}")


async def _new_fact(work: Work) -> Response:
    languages = work.edition.rulebook.languages
    if not work.is_sent:
        kind = work.asked("type") or "string"
        return await _fact_page(
            work, Fact(work.asked("new")), fact_fields(Fact("", kind), languages), is_new=True
        )
    form = await work.form()
    blank = fact_fields(Fact(""), languages)
    sent = _sent(work, form, blank)
    new = fact_of(Fact(typed(text_of(form, "key")) or _name_made(work, sent.mine)), sent.mine)
    try:
        edited = await work.save(
            lambda book: with_fact_added(book, new, after=text_of(form, "after")),
            "fact/added",
            {"fact": new.key, "type": new.type, "allowed": new.allowed},
        )
    except Refused as refused:
        problem = _refusal(work, refused)
        return await _fact_page(work, new, {**blank, **sent.mine}, is_new=True, problem=problem)
    if _has_errors(edited.diagnostics, "vocabulary", new.key):
        return see(work.edition.link("fact", fact=new.key, done="fact-added"))
    back = text_of(form, "back")
    if back:
        return see(back_to(work.request, back))
    return see(f"{work.edition.link('facts', done='fact-added')}#fact-{new.key}")


def _sent(work: Work, form: FormData, fields: Mapping[str, str]) -> Typed:
    """The fields of a fact as they were sent; its allowed values as FEEL has them, where it is plain what is meant."""
    sent = Typed.of(form, set(fields))
    if other := typed(text_of(form, "type.other")):
        sent.mine["type"] = other
    if sent.mine.get("allowed"):
        kind = sent.mine.get("type", "") or sent.was.get("type", "")
        sent.mine["allowed"] = meant_values(
            work.edition.rulebook.types, kind, dated(sent.mine["allowed"], kind)
        )
    return sent


def _name_made(work: Work, fields: Mapping[str, str]) -> str:
    """A name that is free, made of what people call the fact."""
    book = work.edition.rulebook
    label = next((text for code in book.languages if (text := fields.get(f"label.{code}", ""))), "")
    return name_from(book, label) if label else ""


_REFUSALS: Final = {
    "fact/key": mark("A name starts with a letter and holds letters, digits and underscores."),
    "fact/key-taken": mark("Something is called so already: a fact, a function or a word of FEEL."),
    "fact/key-clashes": mark("This name means something else in some texts of the rulebook:"),
    "fact/in-use": mark("This fact is still spoken of."),
    "type/key": mark("A name starts with a letter and holds letters, digits and underscores."),
    "type/key-taken": mark("There is a type of that name already."),
    "type/in-use": mark("Something is still of this type."),
}


def _refusal(work: Work, refused: Refused) -> str:
    """Why something was refused, in the visitor's language; where, if that is what has to change."""
    known = _REFUSALS.get(refused.code)
    if known is None:
        return tongue_of(work.request).said(refused.message)
    where = "; ".join(refused.reasons) if refused.code == "fact/key-clashes" else ""
    return f"{work.said(known)} {where}".strip()


async def _fact_page(
    work: Work,
    found: Fact,
    fields: dict[str, str],
    *,
    is_new: bool = False,
    problem: str = "",
    name: str | None = None,
) -> Response:
    """The form of a fact; `problem` is about the name it has, or (`name`) is to have."""
    t, edition = tongue_of(work.request), work.edition
    marks, elsewhere = _marks_at(
        edition, "vocabulary", "" if is_new else found.key, {name: name for name in fields}
    )
    keys = [known.key for known in edition.rulebook.facts]
    mentions = () if is_new else mentions_of(edition.rulebook, found.key)
    return await work.page(
        "rulebook/fact.html",
        mark("New fact") if is_new else mark("Fact"),
        status=422 if problem else 200,
        fact=found,
        fields=fields,
        is_new=is_new,
        problem=problem,
        new_name=found.key if name is None else name,
        types=types_to_choose(edition.rulebook, fields["type"], t),
        marks_by_name=marks,
        marks=elsewhere,
        places=places_of(edition, mentions, t),
        is_first=found.key in keys[:1],
        is_last=found.key in keys[-1:],
        after=work.asked("after"),
        back=back_to(work.request, work.asked("back")) if work.asked("back") else "",
    )


async def rename(request: Request) -> Response:
    """Gives a fact another name, in every text that has the old one; each is told first."""
    work = await Work.on(request)
    t = tongue_of(request)
    name = typed(text_of(await work.form(), "name") if work.is_sent else work.asked("name"))
    found = piece_of("fact", work.asked("fact"), work.edition.rulebook.facts)
    fields = fact_fields(found, work.edition.rulebook.languages)
    try:
        with_fact_renamed(work.edition.rulebook, found.key, name)
        if work.is_sent and name != found.key:
            await work.save(
                lambda book: with_fact_renamed(book, found.key, name),
                "fact/renamed",
                {"fact": name, "changed": {"key": [found.key, name]}},
            )
    except Refused as refused:
        return await _fact_page(work, found, fields, problem=_refusal(work, refused), name=name)
    if work.is_sent or name == found.key:
        done = "fact-renamed" if name != found.key else ""
        return see(work.edition.link("fact", fact=name, done=done))
    outcome = renamed(work.edition.rulebook, found.key, name)
    return await work.page(
        "rulebook/rename.html",
        mark("Rename"),
        fact=found,
        new_name=name,
        places=places_of(
            work.edition, (one for one in outcome.mentions if one.role is not Role.UNREADABLE), t
        ),
        unreadable=places_of(
            work.edition, (one for one in outcome.mentions if one.role is Role.UNREADABLE), t
        ),
    )


async def move(request: Request) -> Response:
    """Moves a fact up or down: facts are asked for in their order."""
    work = await Work.on(request)
    form = await work.form()
    key = text_of(form, "fact")
    by = -1 if text_of(form, "by").startswith("-") else 1
    await work.save(lambda book: with_fact_moved(book, key, by), "fact/moved", {"fact": key, "by": by})
    return see(f"{work.edition.link('facts', done='saved')}#fact-{key}")


async def delete(request: Request) -> Response:
    """Asks whether a fact is to go, and deletes it as it was shown; refused while anything speaks of it."""
    work = await Work.on(request)
    form = await work.form() if work.is_sent else None
    found = piece_of("fact", work.asked("fact"), work.edition.rulebook.facts)
    seen = fact_fields(found, work.edition.rulebook.languages)
    problem = ""
    if form is not None:
        was = Typed.of(form, set(seen)).was

        def deleted(book: Rulebook) -> Rulebook:
            theirs = fact_fields(piece_of("fact", found.key, book.facts), book.languages)
            if {name: typed(text) for name, text in theirs.items()} != was:
                raise Clashed(Merge({}, ()), theirs)
            return without_fact(book, found.key)

        try:
            await work.save(deleted, "fact/deleted", {"fact": found.key, "was": was})
        except Clashed:
            problem = work.said(
                mark("The fact was changed by somebody else since you looked. This is what it says now.")
            )
        except Refused as refused:
            problem = _refusal(work, refused)
        else:
            return see(work.edition.link("facts", done="fact-deleted"))
    return await work.page(
        "rulebook/delete_fact.html",
        mark("Delete"),
        status=409 if problem else 200,
        fact=found,
        was=seen,
        problem=problem,
        places=places_of(work.edition, mentions_of(work.edition.rulebook, found.key), tongue_of(request)),
    )


def _has_errors(diagnostics: Iterable[Diagnostic], table: str, rule: str) -> bool:
    return any(one.is_error and (one.where.table, one.where.rule) == (table, rule) for one in diagnostics)


def _marks_at(
    edition: Edition, table: str, rule: str, names: Mapping[str, str]
) -> tuple[dict[str, tuple[Mark, ...]], tuple[Mark, ...]]:
    """The diagnostics of a fact or a type: by field, and those of none; `names` has the field of a place."""
    by_name: dict[str, list[Diagnostic]] = {}
    elsewhere = []
    for found in edition.diagnostics:
        if rule and (found.where.table, found.where.rule) == (table, rule):
            column = found.where.column
            if column in names:
                by_name.setdefault(names[column], []).append(found)
            else:
                elsewhere.append(found)
    return {name: marks_of(those) for name, those in by_name.items()}, marks_of(elsewhere)


# Types


async def type_page(request: Request) -> Response:
    """A type that the rulebook defines: allowed values, entries; a known one, or a new one."""
    work = await Work.on(request)
    key = work.asked("type")
    is_new = not key
    found = ItemDefinition("", "string") if is_new else piece_of("type", key, work.edition.rulebook.types)
    languages = work.edition.rulebook.languages
    shown = type_fields(_with_room(found), languages)
    if not work.is_sent:
        return await _type_page(work, found, shown, is_new=is_new)
    form = await work.form()
    sent = Typed.of(form, set(shown))

    def changed(book: Rulebook) -> Rulebook:
        if is_new:
            return with_type_added(book, type_of(ItemDefinition(typed(text_of(form, "key"))), sent.mine))
        now = piece_of("type", key, book.types)
        theirs = type_fields(_with_room(now), book.languages)
        return with_type(book, type_of(now, sent.on_top_of(theirs)))

    name = typed(text_of(form, "key")) if is_new else key
    action, detail = f"type/{'added' if is_new else 'edited'}", {"type": name, "changed": sent.changes}
    try:
        if is_new or sent.changes:
            edited = await work.save(changed, action, detail)
            if _has_errors(edited.diagnostics, "types", name):
                return see(work.edition.link("type", type=name, done="saved"))
    except Clashed as clash:
        return await work.clash_page(
            clash, work.edition.link("type", type=key), work.edition.link("facts"), {}
        )
    except Refused as refused:
        found = replace(found, key=name)
        return await _type_page(
            work, found, {**shown, **sent.mine}, is_new=True, problem=_refusal(work, refused)
        )
    return see(f"{work.edition.link('facts', done='type-added' if is_new else 'saved')}#types")


async def _type_page(
    work: Work, found: ItemDefinition, fields: dict[str, str], *, is_new: bool, problem: str = ""
) -> Response:
    t, edition = tongue_of(work.request), work.edition
    names = {"": "type", "allowed": "allowed", "constraint": "constraint"}
    for n, entry in enumerate(found.components, 1):
        names |= {entry.key: f"entry.{n}.type", f"{entry.key}.allowed": f"entry.{n}.allowed"}
    marks, elsewhere = _marks_at(edition, "types", "" if is_new else found.key, names)
    users = () if is_new else users_of_type(edition.rulebook, found.key)
    rooms = len(found.components) + MORE_ENTRIES
    return await work.page(
        "rulebook/type.html",
        mark("New type") if is_new else mark("Type"),
        status=422 if problem else 200,
        item=found,
        fields=fields,
        is_new=is_new,
        problem=problem,
        numbers=list(range(1, rooms + 1)),
        deep=[n for n, entry in enumerate(found.components, 1) if entry.components or entry.result],
        types=[
            (name, t.kind_name(name)) for name in (*TYPE_NAMES, *(one.key for one in edition.rulebook.types))
        ],
        marks_by_name=marks,
        marks=elsewhere,
        places=places_at(edition, users, t),
    )


async def delete_type(request: Request) -> Response:
    """Asks whether a type is to go, and deletes it; refused while anything is of it."""
    work = await Work.on(request)
    form = await work.form() if work.is_sent else None
    found = piece_of("type", work.asked("type"), work.edition.rulebook.types)
    problem = ""
    if form is not None:
        try:
            await work.save(lambda book: without_type(book, found.key), "type/deleted", {"type": found.key})
        except Refused as refused:
            problem = _refusal(work, refused)
        else:
            return see(f"{work.edition.link('facts', done='type-deleted')}#types")
    return await work.page(
        "rulebook/delete_type.html",
        mark("Delete"),
        status=409 if problem else 200,
        item=found,
        problem=problem,
        places=places_at(work.edition, users_of_type(work.edition.rulebook, found.key), tongue_of(request)),
    )


def _with_room(item: ItemDefinition) -> ItemDefinition:
    """The type with empty entries behind its own, as its form has them; a function has none."""
    if item.result:
        return item
    return replace(item, components=(*item.components, *[ItemDefinition("")] * MORE_ENTRIES))
