"""Changing a draft: rows, cells, table settings, formulas; nothing that anybody typed is ever lost.

Broken text is saved and marked: only publishing is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from admin.boxes import box_of
from admin.desk import see, text_of, title_of, tongue_of
from admin.drafting import Clashed, Gone, Typed, Work
from admin.forms import (
    Merge,
    dated,
    formula_fields,
    formula_of,
    function_fields,
    function_of,
    settings_of,
    table_fields,
    typed,
)
from admin.grid import columns_of, grid_of, marks_of
from admin.readings import Reader
from admin.words import mark
from decision_tables.boxed_text import feel_text
from decision_tables.errors import NotFound, Refused
from decision_tables.table import HitPolicy, Rule
from service.editing import (
    cell_fields,
    fields_of,
    free_rule_id,
    piece_of,
    rule_of,
    table_of,
    with_formula,
    with_function,
    with_rule_added,
    with_rule_moved,
    with_table,
    without_rule,
)

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

    from admin.boxes import Box
    from admin.grid import Mark
    from decision_tables.diagnostics import Diagnostic
    from decision_tables.rulebook import Rulebook
    from decision_tables.table import Table
    from service.publishing import Edited

__all__ = ["field_of", "routes"]


def routes(draft: str) -> list[Route]:
    """The routes below a draft's path that change it."""
    return [
        Route(f"{draft}/rule", rule, methods=["GET", "POST"]),
        Route(f"{draft}/move", move, methods=["POST"]),
        Route(f"{draft}/delete", delete, methods=["GET", "POST"]),
        Route(f"{draft}/settings", settings, methods=["GET", "POST"]),
        Route(f"{draft}/formula", formula, methods=["GET", "POST"]),
        Route(f"{draft}/function", function, methods=["GET", "POST"]),
    ]


def field_of(table: Table | None, column: str) -> str:
    """The form field of a column's cells, or the column itself where it is a rule's other part."""
    return cell_fields(table).get(column, column) if table else column


# Rows


async def rule(request: Request) -> Response:
    """A row with everything that can be said of it: a known one, a new one, or a copy of another."""
    work = await Work.on(request)
    table = table_of(work.edition.rulebook, work.asked("table"))
    rule_id = work.asked("rule")
    if not rule_id:
        return await _new_rule(work, table)
    if not work.is_sent:
        return await _rule_page(work, table, work.fields(table, _rule(table, rule_id)), rule_id=rule_id)
    sent = _sent(work, table, await work.form())
    try:
        edited = await work.save_rule(table.key, rule_id, sent)
    except Clashed as clash:
        to = work.edition.link("rule", table=table.key, rule=rule_id)
        return await work.clash_page(clash, to, work.edition.link("tables", table.key), {"table": table.key})
    except Gone:
        return await work.gone_page(table.key, rule_id, sent)
    return _after_rule(work, edited, table.key, rule_id, done="saved")


def _sent(work: Work, table: Table, form: FormData) -> Typed:
    """The fields of a row as they were sent; dates may be typed with their day first."""
    grid = columns_of(work.edition.rulebook, table, language="en")
    sent = Typed.of(form, set(work.fields(table, Rule(""))))
    return replace(sent, mine={name: dated(text, grid.kind_of(name)) for name, text in sent.mine.items()})


@dataclass(frozen=True)
class _New:
    """Where a new row is to go, and why it was not taken."""

    id: str
    after: str
    problem: str = ""


async def _new_rule(work: Work, table: Table) -> Response:
    if not work.is_sent:
        like = work.asked("like")
        model = _rule(table, like) if like else Rule("", tests=("-",) * len(table.inputs))
        after = like or (table.rules[-1].id if table.rules else "")
        new = _New(free_rule_id(table, after), after)
        return await _rule_page(work, table, work.fields(table, model), new=new)
    form = await work.form()
    blank = work.fields(table, Rule(""))
    sent = _sent(work, table, form)
    new = _New(typed(text_of(form, "id")), text_of(form, "after"))

    def added(book: Rulebook) -> Rulebook:
        if not new.id:
            raise Refused(work.said(mark("The row needs an id.")), code="rule/id-missing")
        now = table_of(book, table.key)
        place = new.after if any(known.id == new.after for known in now.rules) else None
        return with_rule_added(book, now.key, rule_of(now, Rule(new.id), sent.mine), after=place)

    try:
        edited = await work.save(added, "rule/added", {"table": table.key, "rule": new.id})
    except Refused as refused:
        new = _New(new.id, new.after, tongue_of(work.request).said(refused.message))
        return await _rule_page(work, table, {**blank, **sent.mine}, new=new)
    return _after_rule(work, edited, table.key, new.id, done="added")


def _after_rule(work: Work, edited: Edited | None, table: str, rule_id: str, *, done: str) -> Response:
    """Back to the grid; but where the row has errors, to its form, which shows each at its field."""
    if edited and any(
        found.is_error and (found.where.table, found.where.rule) == (table, rule_id)
        for found in edited.diagnostics
    ):
        return see(
            work.edition.link("rule", table=table, rule=rule_id, done=done, changed=edited.draft.revision)
        )
    changed = edited.draft.revision if edited else ""
    return see(
        f"{work.edition.link('tables', table, rule=rule_id, done=done, changed=changed)}#row-{rule_id}"
    )


async def _rule_page(
    work: Work, table: Table, fields: dict[str, str], *, rule_id: str = "", new: _New | None = None
) -> Response:
    """The form of a row: of the known one with `rule_id`, or of a new one."""
    words = tongue_of(work.request)
    edition = work.edition
    by_name: dict[str, tuple[Mark, ...]] = {}
    elsewhere = []
    for found in edition.diagnostics:
        if rule_id and (found.where.table, found.where.rule) == (table.key, rule_id):
            name = field_of(table, found.where.column)
            if name in fields or name == "referral":
                by_name[name] = (*by_name.get(name, ()), *marks_of([found]))
            else:
                elsewhere.append(found)
    heading = words.gettext("Row %(id)s") % {"id": rule_id} if rule_id else words.gettext("New row")
    grid = columns_of(edition.rulebook, table, edition.diagnostics, language=words.code)
    reader = Reader(edition.rulebook, words)
    readings = {
        column.name: reader.cell(
            fields[column.name], column.expression, is_condition=column.is_condition
        ).words
        for column in grid.headings
    }
    row = rule_of(table, Rule(rule_id), fields)
    return await work.page(
        "rule/edit.html",
        heading,
        status=422 if new and new.problem else 200,
        page_title=f"{heading}, {title_of(edition.rulebook, table.key, words.code)}",
        table=table,
        grid=grid,
        readings=readings if rule_id else dict.fromkeys(readings, ""),
        sentence=reader.sentence(table, row, {column.name: column.label for column in grid.headings}),
        fields=fields,
        was=fields if rule_id else {},
        rule_id=rule_id,
        new=new,
        marks_by_name=by_name,
        marks=marks_of(elsewhere),
    )


async def move(request: Request) -> Response:
    """Moves a row up or down."""
    work = await Work.on(request)
    form = await work.form()
    key, rule_id = text_of(form, "table"), text_of(form, "rule")
    by = -1 if text_of(form, "by").startswith("-") else 1
    detail = {"table": key, "rule": rule_id, "by": by}
    edited = await work.save(lambda book: with_rule_moved(book, key, rule_id, by), "rule/moved", detail)
    to = work.edition.link("tables", key, rule=rule_id, done="moved", changed=edited.draft.revision)
    return see(f"{to}#row-{rule_id}")


async def delete(request: Request) -> Response:
    """Asks whether a row is to go, and deletes it as it was shown; one that changed meanwhile is shown again."""
    work = await Work.on(request)
    table = table_of(work.edition.rulebook, work.asked("table"))
    row = _rule(table, work.asked("rule"))
    seen = work.fields(table, row)
    problem = ""
    if work.is_sent:
        was = Typed.of(await work.form(), set(seen)).was

        def deleted(book: Rulebook) -> Rulebook:
            now = table_of(book, table.key)
            theirs = fields_of(now, _rule(now, row.id), book.languages)
            if {name: typed(text) for name, text in theirs.items()} != was:
                raise Clashed(Merge({}, ()), theirs)
            return without_rule(book, table.key, row.id)

        detail = {"table": table.key, "rule": row.id, "was": was}
        try:
            edited = await work.save(deleted, "rule/deleted", detail)
        except Clashed:
            problem = work.said(
                mark("The row was changed by somebody else since you looked. This is what it says now.")
            )
        else:
            return see(work.edition.link("tables", table.key, done="deleted", changed=edited.draft.revision))
    grid = grid_of(work.edition.rulebook, table, (), language=tongue_of(request).code)
    return await work.page(
        "rule/delete.html",
        mark("Delete"),
        status=409 if problem else 200,
        table=table,
        rule=row,
        cells=[(heading, seen[heading.name]) for heading in grid.headings],
        was=seen,
        problem=problem,
    )


# Tables and formulas as wholes


async def settings(request: Request) -> Response:
    """What a table is called, and what it answers when several rows apply, or none."""
    work = await Work.on(request)
    rulebook = work.edition.rulebook
    table = table_of(rulebook, work.asked("table"))
    fields = table_fields(table, rulebook.languages)
    back = work.edition.link("tables", table.key)
    if work.is_sent:
        sent = Typed.of(await work.form(), set(fields))

        def changed(book: Rulebook) -> Rulebook:
            now = table_of(book, table.key)
            return with_table(book, settings_of(now, sent.on_top_of(table_fields(now, book.languages))))

        revision = None
        try:
            if sent.changes:
                detail = {"table": table.key, "changed": sent.changes}
                revision = (await work.save(changed, "table/edited", detail)).draft.revision
        except Clashed as clash:
            to = work.edition.link("settings", table=table.key)
            return await work.clash_page(clash, to, back, {"table": table.key})
        return see(work.edition.link("tables", table.key, done="saved", changed=revision))
    return await work.page(
        "table/settings.html",
        mark("Table settings"),
        table=table,
        grid_title=title_of(rulebook, table.key, tongue_of(request).code),
        fields=fields,
        policies=list(HitPolicy),
        marks=marks_of(
            found
            for found in work.edition.diagnostics
            if found.where.table == table.key and not found.where.rule
        ),
    )


async def formula(request: Request) -> Response:
    """A formula: its expression and where it comes from."""
    work = await Work.on(request)
    rulebook = work.edition.rulebook
    found = piece_of("formula", work.asked("formula"), rulebook.formulas)
    flat = feel_text(found.boxed) if found.boxed is not None else None
    fields = formula_fields(found, rulebook.languages)
    here = work.edition.link("formula", formula=found.key)
    if work.is_sent:
        form = await work.form()
        is_flat = bool(text_of(form, "flat"))
        sent = Typed.of(form, set(fields))

        def changed(book: Rulebook) -> Rulebook:
            now = piece_of("formula", found.key, book.formulas)
            if is_flat:
                # Another expression than was shown is not what its author meant to write so.
                meant = now.boxed is not None and text_of(form, "flat") == flat == feel_text(now.boxed)
                return with_formula(book, replace(now, expression=flat or "", boxed=None) if meant else now)
            return with_formula(book, formula_of(now, sent.on_top_of(formula_fields(now, book.languages))))

        edited = None
        try:
            if sent.changes or is_flat:
                detail = {"formula": found.key, "changed": sent.changes or {"expression": ["", flat or ""]}}
                edited = await work.save(changed, "formula/edited", detail)
        except Clashed as clash:
            return await work.clash_page(clash, here, work.edition.link(), {})
        if edited and any(wrong.is_error and wrong.where.table == found.key for wrong in edited.diagnostics):
            return see(work.edition.link("formula", formula=found.key, done="saved"))
        changed_by = edited.draft.revision if edited else ""
        return see(f"{work.edition.link(done='saved', changed=changed_by)}#formula-{found.key}")
    box = None if found.boxed is None else box_of(found.boxed)
    return await work.page(
        "formula/edit.html",
        mark("Formula"),
        formula=found,
        fields=fields,
        box=box,
        flat=flat,
        **_marks_in(work, found.key, box),
    )


async def function(request: Request) -> Response:
    """A function that the rules call: the texts of its body, and what it is called."""
    work = await Work.on(request)
    rulebook = work.edition.rulebook
    form = await work.form() if work.is_sent else None
    found = piece_of("function", work.asked("function"), rulebook.functions)
    fields = function_fields(found, rulebook.languages)
    here = work.edition.link("function", function=found.key)
    if form is not None:
        sent = Typed.of(form, set(fields))

        def changed(book: Rulebook) -> Rulebook:
            now = piece_of("function", found.key, book.functions)
            return with_function(book, function_of(now, sent.on_top_of(function_fields(now, book.languages))))

        edited = None
        try:
            if sent.changes:
                detail = {"function": found.key, "changed": sent.changes}
                edited = await work.save(changed, "function/edited", detail)
        except Clashed as clash:
            return await work.clash_page(clash, here, work.edition.link(), {})
        if edited and any(wrong.is_error and wrong.where.table == found.key for wrong in edited.diagnostics):
            return see(work.edition.link("function", function=found.key, done="saved"))
        changed_by = edited.draft.revision if edited else ""
        return see(f"{work.edition.link(done='saved', changed=changed_by)}#functions")
    box = box_of(found.function)
    return await work.page(
        "formula/function.html",
        mark("Function"),
        function=found,
        fields=fields,
        box=box,
        **_marks_in(work, found.key, box),
    )


def _marks_in(work: Work, node: str, box: Box | None) -> dict[str, Any]:
    """The diagnostics of a node: `marks_at` those of a text in it, `marks` all others."""
    places = set() if box is None else set(box.places)
    by_place: dict[tuple[str, str], list[Diagnostic]] = {}
    elsewhere: list[Diagnostic] = []
    for found in work.edition.diagnostics:
        where = found.where
        if where.table == node:
            at = (where.rule, where.column)
            (by_place.setdefault(at, []) if at in places else elsewhere).append(found)
    return {
        "marks": marks_of(elsewhere),
        "marks_at": lambda text: marks_of(by_place.get((text.rule, text.place), ())),
    }


def _rule(table: Table, rule_id: str) -> Rule:
    found = next((known for known in table.rules if known.id == rule_id), None)
    if found is None:
        raise NotFound.named("rule", rule_id, (known.id for known in table.rules))
    return found
