"""Tables, formulas and functions as wholes: new ones, copies, other keys, and away with them.

Whatever is wrong with a new one is told at once, each at its field, and what was typed stays. A piece that goes is
shown with all that rests on it; one that somebody changed meanwhile is shown again.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from admin.desk import label_of, see, text_of, title_of, tongue_of
from admin.drafting import Work
from admin.forms import typed
from admin.sieve import FACT_GONE, NAME_WRONG, ROOMS, TWICE, New, Sieve, Wrong
from admin.vocabulary import places_at, places_of, types_to_choose
from admin.words import mark
from decision_tables.errors import Refused
from decision_tables.feel.parse import is_name
from decision_tables.mentions import Role, mentions_of
from decision_tables.rulebook import canonical_json, fields_of
from decision_tables.table import (
    Column,
    Formula,
    FunctionDefinition,
    HitPolicy,
    KnowledgeModel,
    LiteralExpression,
    Table,
)
from service.composing import (
    callers_of,
    facts_of,
    free_key,
    node_of,
    orphans_of,
    table_for,
    with_formula_added,
    with_function_added,
    with_node_renamed,
    with_table_added,
    with_table_copied,
    without_function,
    without_node,
)
from service.editing import piece_of, table_of, with_fact_added

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from decision_tables.mentions import Mention
    from decision_tables.rulebook import Rulebook
    from decision_tables.table import Node
    from decision_tables.vocabulary import Fact
    from service.publishing import Edited

__all__ = ["routes"]


def routes(draft: str) -> list[Route]:
    """The routes below a draft's path."""
    both = ["GET", "POST"]
    return [
        Route(f"{draft}/table/new", new_table, methods=both),
        Route(f"{draft}/table/copy", copy_table, methods=both),
        Route(f"{draft}/formula/new", new_formula, methods=both),
        Route(f"{draft}/function/new", new_function, methods=both),
        Route(f"{draft}/function/delete", delete_function, methods=both),
        Route(f"{draft}/node/key", rekey, methods=both),
        Route(f"{draft}/node/delete", delete_node, methods=both),
    ]


# New tables and formulas


async def new_table(request: Request) -> Response:
    """A new table: what it is called, what it concludes, what its conditions ask for; it opens in the grid."""
    work = await Work.on(request)
    if not work.is_sent:
        return await _new_page(work, "table/new.html", mark("New table"), New({"hit_policy": "U"}), {})
    new = New.of(await work.form())
    detail: dict[str, Any] = {"title": new.title.by_language}

    def added(book: Rulebook) -> Rulebook:
        sieve, facts = Sieve(tongue_of(request)), new.facts(book)
        detail["facts"] = [fact.key for fact in facts.values()]
        detail["table"] = key = new.key(book, "table")
        sieve.titles(new.fields)
        sieve.key(book, key, missing=f"title.{book.languages[0]}")
        sieve.facts(book, facts)
        concluded = sieve.concluded(book, new, facts)
        known = {fact.key for fact in book.facts}
        for fact in new.conditions:
            if fact not in known:
                sieve.say("condition", FACT_GONE, fact=fact)
        if concluded and concluded in new.conditions:
            sieve.say(
                "condition",
                mark("%(fact)s is what the table concludes: its conditions cannot ask for it."),
                fact=label_of(book, concluded, sieve.t.code),
            )
        if new["hit_policy"] not in set(HitPolicy):
            sieve.say("hit_policy", mark("Choose what holds when several rows apply."))
        sieve.done()
        policy = HitPolicy(new["hit_policy"])
        asked = [
            *(fact.key for fact in book.facts if fact.key in new.conditions),
            *(fact.key for n, fact in facts.items() if n != "0"),
        ]
        if "0" in facts:
            facts["0"] = replace(facts["0"], type=_kind_under(policy, facts["0"].type))
        book = _with_facts(book, facts)
        return with_table_added(book, table_for(key, policy, new.title, concluded, asked))

    try:
        await work.save(added, "table/added", detail)
    except Wrong as wrong:
        return await _new_page(work, "table/new.html", mark("New table"), new, wrong.problems)
    return see(work.edition.link("tables", detail["table"], done="piece-added"))


def _kind_under(policy: HitPolicy, kind: str) -> str:
    """The type of a fact whose outcomes are of a type, under a hit policy: a list of them, or their number."""
    if policy is HitPolicy.COUNT:
        return "number"
    return f"list<{kind}>" if policy.is_list and not kind.startswith("list") else kind


def _with_facts(book: Rulebook, facts: Mapping[str, Fact]) -> Rulebook:
    """With new facts at the end; the concluded one last, so that questions stand in the order of the conditions."""
    for fact in sorted(facts, key=lambda n: n == "0"):
        book = with_fact_added(book, facts[fact])
    return book


async def new_formula(request: Request) -> Response:
    """A new formula: one expression that concludes a fact."""
    work = await Work.on(request)
    if not work.is_sent:
        return await _new_page(work, "formula/new.html", mark("New formula"), New(), {})
    new = New.of(await work.form())
    detail: dict[str, Any] = {"title": new.title.by_language, "expression": new["expression"]}

    def added(book: Rulebook) -> Rulebook:
        sieve, facts = Sieve(tongue_of(request)), new.facts(book)
        detail["formula"] = key = new.key(book, "formula")
        sieve.titles(new.fields)
        sieve.key(book, key, missing=f"title.{book.languages[0]}")
        sieve.facts(book, facts)
        concluded = sieve.concluded(book, new, facts)
        if not new["expression"]:
            sieve.say("expression", mark("Write the expression that works the fact out."))
        sieve.done()
        made = Formula(
            key, concluded, new["expression"], title=new.title, citation=new["citation"], note=new["note"]
        )
        return with_formula_added(_with_facts(book, facts), made)

    try:
        edited = await work.save(added, "formula/added", detail)
    except Wrong as wrong:
        return await _new_page(work, "formula/new.html", mark("New formula"), new, wrong.problems)
    return see(_where_next(work, edited, "formula", detail["formula"]))


def _where_next(work: Work, edited: Edited, kind: str, key: str) -> str:
    """Where one goes from a new formula or function: to its own form, while anything is wrong with it."""
    if any(found.is_error and found.where.table == key for found in edited.diagnostics):
        return work.edition.link(kind, **{kind: key, "done": "piece-added"})
    there = work.edition.link(done="piece-added", changed=edited.draft.revision)
    return f"{there}#{'functions' if kind == 'function' else f'formula-{key}'}"


async def _new_page(work: Work, template: str, name: str, new: New, problems: Mapping[str, str]) -> Response:
    book = work.edition.rulebook
    concluded = {fact for node in book.nodes for fact in facts_of(node)}
    return await work.page(
        template,
        name,
        status=422 if problems else 200,
        new=new,
        problems=problems,
        policies=list(HitPolicy),
        types=types_to_choose(book, "", tongue_of(work.request)),
        rooms=range(1, ROOMS + 1),
        concluded=concluded,
    )


# Functions


async def new_function(request: Request) -> Response:
    """A new function: its parameters and its body, one expression."""
    work = await Work.on(request)
    if not work.is_sent:
        return await _new_page(work, "formula/new_function.html", mark("New function"), New(), {})
    new = New.of(await work.form())

    def added(book: Rulebook) -> Rulebook:
        sieve = Sieve(tongue_of(request))
        sieve.titles(new.fields)
        sieve.name(book, "name", new["name"])
        rooms = [(n, new[f"parameter.{n}.name"], new[f"parameter.{n}.type"]) for n in range(1, ROOMS + 1)]
        seen: set[str] = set()
        for n, name, _ in rooms:
            if name and not is_name(name):
                sieve.say(f"parameter.{n}.name", NAME_WRONG)
            if name in seen:
                sieve.say(f"parameter.{n}.name", TWICE)
            seen |= {name} - {""}
        if not new["body"]:
            sieve.say("body", mark("Write the expression that the function works out."))
        sieve.done()
        function = FunctionDefinition(
            tuple(Column(name, kind) for _, name, kind in rooms if name),
            LiteralExpression(new["body"]),
            type=new["result"],
        )
        return with_function_added(book, KnowledgeModel(new["name"], function, new.title, new["note"]))

    try:
        detail = {"function": new["name"], "body": new["body"]}
        edited = await work.save(added, "function/added", detail)
    except Wrong as wrong:
        return await _new_page(work, "formula/new_function.html", mark("New function"), new, wrong.problems)
    return see(_where_next(work, edited, "function", new["name"]))


async def delete_function(request: Request) -> Response:
    """Asks whether a function is to go, and deletes it; refused while any text calls it."""
    work = await Work.on(request)
    t, key = tongue_of(request), work.asked("function")
    form = await work.form() if work.is_sent else None
    model = piece_of("function", key, work.edition.rulebook.functions)
    problem = ""
    if form is not None:
        try:
            edited = await work.save(
                lambda book: without_function(book, key), "function/deleted", {"function": key}
            )
        except Refused:
            problem = work.said(mark("Some text still calls it."))
            work = await Work.on(request)
        else:
            return see(work.edition.link(done="piece-deleted", changed=edited.draft.revision))
    return await work.page(
        "formula/delete_function.html",
        mark("Delete"),
        status=409 if problem else 200,
        function=model,
        problem=problem,
        places=places_at(work.edition, callers_of(work.edition.rulebook, key), t),
    )


# Copies, keys, and what goes


async def copy_table(request: Request) -> Response:
    """A copy of a table, rows and all, below it."""
    work = await Work.on(request)
    t, book, key = tongue_of(request), work.edition.rulebook, work.asked("table")
    form = await work.form() if work.is_sent else None
    found = table_of(book, key)
    problems: Mapping[str, str] = {}
    if form is not None:
        new = New.of(form)
        detail = {"of": key, "table": ""}

        def copied(book: Rulebook) -> Rulebook:
            sieve = Sieve(t)
            detail["table"] = free = new.key(book, "table")
            sieve.titles(new.fields)
            sieve.key(book, free)
            sieve.done()
            return with_table_copied(book, key, free, new.title)

        try:
            await work.save(copied, "table/copied", detail)
            return see(work.edition.link("tables", detail["table"], done="copied"))
        except Wrong as wrong:
            problems = wrong.problems
    else:
        copy = t.gettext(mark("Copy of %(title)s"))
        title = {f"title.{code}": copy % {"title": text} for code, text in found.title.by_language.items()}
        new = New({**title, "key": free_key(key, (node.key for node in book.nodes))})
    return await work.page(
        "table/copy.html",
        mark("Duplicate"),
        status=422 if problems else 200,
        table=found,
        new=new,
        problems=problems,
        facts=facts_of(found),
    )


async def rekey(request: Request) -> Response:
    """Gives a table or formula another key."""
    work = await Work.on(request)
    form = await work.form() if work.is_sent else None
    found = node_of(work.edition.rulebook, work.asked("node"))
    new, problems = found.key, {}
    if form is not None:
        new = typed(text_of(form, "key"))
        findings: dict[str, str] = {}

        def renamed(book: Rulebook) -> Rulebook:
            sieve = Sieve(tongue_of(request))
            if new != found.key:
                sieve.key(book, new)
            sieve.done()
            return with_node_renamed(book, found.key, new, findings)

        try:
            if new != found.key:
                assert work.edition.draft is not None  # noqa: S101 - the path names a draft
                changed = renamed(work.edition.rulebook)
                findings |= await work.desk.analysing.rekeyed(work.edition.draft, changed, found.key, new)
                detail = {"table": new, "changed": {"key": [found.key, new]}}
                await work.save(renamed, "table/rekeyed", detail)
        except Wrong as wrong:
            problems = dict(wrong.problems)
        else:
            return see(_home_of(work, found, new, "rekeyed" if new != found.key else ""))
    return await work.page(
        "table/key.html",
        mark("Another key"),
        status=422 if problems else 200,
        node=found,
        is_table=isinstance(found, Table),
        node_title=title_of(work.edition.rulebook, found.key, tongue_of(request).code),
        new_key=new,
        problems=problems,
        back=_home_of(work, found, found.key),
    )


def _home_of(work: Work, node: Node, key: str, done: str = "") -> str:
    """Where a table or formula is seen."""
    if isinstance(node, Table):
        return work.edition.link("tables", key, done=done)
    return f"{work.edition.link(done=done)}#formula-{key}"


async def delete_node(request: Request) -> Response:
    """Asks whether a table or formula is to go, telling what rests on it, and deletes it as it was shown."""
    work = await Work.on(request)
    t, key = tongue_of(request), work.asked("node")
    form = await work.form() if work.is_sent else None
    found = node_of(work.edition.rulebook, key)
    problem = ""
    if form is not None:
        seen = text_of(form, "seen")

        def deleted(book: Rulebook) -> Rulebook:
            if _seal(node_of(book, key)) != seen:
                raise Wrong({"seen": key})
            return without_node(book, key)

        kind = "table" if isinstance(found, Table) else "formula"
        try:
            edited = await work.save(deleted, f"{kind}/deleted", {kind: key, "was": fields_of(found)})
        except Wrong:
            problem = work.said(
                mark("It was changed by somebody else since you looked. This is what it is now.")
            )
            work = await Work.on(request)
            found = node_of(work.edition.rulebook, key)
        else:
            return see(work.edition.link(done="piece-deleted", changed=edited.draft.revision))
    book = work.edition.rulebook
    orphans = orphans_of(book, key)
    return await work.page(
        "table/delete.html",
        mark("Delete"),
        status=409 if problem else 200,
        node=found,
        is_table=isinstance(found, Table),
        node_title=title_of(book, key, t.code),
        seen=_seal(found),
        problem=problem,
        orphans=[
            (label_of(book, fact, t.code), places_of(work.edition, _elsewhere(book, fact, key), t))
            for fact in orphans
        ],
        shared=[label_of(book, fact, t.code) for fact in facts_of(found) if fact not in orphans],
        back=_home_of(work, found, key),
    )


def _elsewhere(book: Rulebook, fact: str, node: str) -> Iterable[Mention]:
    """What speaks of a fact outside a node; a text that may do so is told, too."""
    return (
        one for one in mentions_of(book, fact) if one.where.table != node and one.role is not Role.CONCLUDES
    )


def _seal(node: Node) -> str:
    """The same just for the same table or formula."""
    return hashlib.sha256(canonical_json(fields_of(node))).hexdigest()[:24]
