"""Somebody's work on a draft: forms as they were seen and as they were sent, put on top of what is stored by then.

A form carries the text that its author saw (`was.<field>`) beside the text that was sent. A change is put on top
of what is stored now, field by field (`forms.merged`); where two people changed the same field to different texts,
nothing is saved and both texts are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request

from admin.desk import Desk, Edition, text_of, tongue_of, visitor_of
from admin.forms import Merge, merged, typed
from admin.grid import NOTE_LABELS, grid_of
from admin.words import mark
from service.access import Role, require
from service.editing import fields_of, rule_of, table_of, with_rule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.datastructures import FormData
    from starlette.responses import Response

    from admin.words import Tongue
    from decision_tables.rulebook import Rulebook
    from decision_tables.table import Rule, Table
    from service.publishing import Edited

__all__ = ["WAS", "Clashed", "Gone", "Typed", "Work", "field_named"]

WAS: Final = "was."
"""What goes before the name of a field that holds what its author saw."""

_FEEL_AREAS: Final = {"test", "output", "default", "values", "expression", "box", "allowed", "constraint"}


def _is_feel(name: str) -> bool:
    """Whether the field of that name holds FEEL; the key of a column of notes may be any word."""
    areas = name.split(".")
    return areas[0] != "note" and not _FEEL_AREAS.isdisjoint(areas)


class Clashed(Exception):
    """Two people changed the same field to different texts."""

    def __init__(self, merge: Merge, theirs: Mapping[str, str]) -> None:
        super().__init__()
        self.merge = merge
        self.theirs = theirs


class Gone(Exception):
    """What was to be changed was deleted meanwhile."""


@dataclass(frozen=True)
class Typed:
    """The fields of a form: as they were seen, and as they were sent."""

    was: dict[str, str]
    mine: dict[str, str]

    @classmethod
    def of(cls, form: FormData, names: set[str]) -> Typed:
        """The fields of those names that a form sends."""
        return cls(
            {name: typed(text_of(form, WAS + name)) for name in names if WAS + name in form},
            {name: typed(text_of(form, name), feel=_is_feel(name)) for name in names if name in form},
        )

    @property
    def changes(self) -> dict[str, list[str]]:
        """Before and after of each field that was changed, as the audit line tells it."""
        return {
            name: [self.was.get(name, ""), text]
            for name, text in self.mine.items()
            if text != self.was.get(name)
        }

    def on_top_of(self, theirs: Mapping[str, str]) -> dict[str, str]:
        """The fields to save.

        Raises:
            Clashed: somebody else changed one of them to another text.
        """
        merge = merged(self.was, self.mine, theirs)
        if merge.clashes:
            raise Clashed(merge, theirs)
        return merge.fields


@dataclass(frozen=True)
class Work:
    """One request of somebody who may edit, on one draft."""

    desk: Desk
    request: Request
    edition: Edition

    @classmethod
    async def on(cls, request: Request) -> Work:
        """The work that a request asks for.

        Raises:
            Refused: the visitor may not edit.
            NotFound: no such draft.
        """
        require(visitor_of(request).account, Role.EDITOR)
        desk = Desk.of(request)
        return cls(desk, request, await desk.edition(request))

    @property
    def is_sent(self) -> bool:
        """Whether a form was sent; else a page is asked for."""
        return self.request.method == "POST"

    def asked(self, name: str) -> str:
        """A part of the address's query."""
        return self.request.query_params.get(name, "")

    async def form(self) -> FormData:
        """The form that was sent."""
        return await self.desk.form(self.request)

    def said(self, message: str) -> str:
        """A message in the visitor's language."""
        return tongue_of(self.request).gettext(message)

    def fields(self, table: Table, row: Rule) -> dict[str, str]:
        """A row as fields."""
        return fields_of(table, row, self.edition.rulebook.languages)

    async def page(self, template: str, name: str, *, status: int = 200, **context: Any) -> Response:
        """A page about the draft."""
        return await self.desk.edition_page(
            self.request, template, name, self.edition, status=status, **context
        )

    async def save(
        self, change: Callable[[Rulebook], Rulebook], action: str, detail: Mapping[str, Any]
    ) -> Edited:
        """Saves a change on top of whatever is stored by then; `change` itself tells whether it still fits."""
        assert self.edition.draft is not None  # noqa: S101 - the path names a draft
        return await self.desk.save(self.request, self.edition.draft, change, action, detail)

    async def save_rule(self, key: str, rule_id: str, sent: Typed) -> Edited | None:
        """Saves what was changed of a row; None when nothing was.

        Raises:
            Clashed: somebody else changed the same field.
            Gone: the row is not there any more.
        """
        if not sent.changes:
            return None

        def changed(book: Rulebook) -> Rulebook:
            table = table_of(book, key)
            row = next((known for known in table.rules if known.id == rule_id), None)
            if row is None:
                raise Gone
            return with_rule(
                book, key, rule_id, rule_of(table, row, sent.on_top_of(fields_of(table, row, book.languages)))
            )

        detail = {"table": key, "rule": rule_id, "changed": sent.changes}
        return await self.save(changed, "rule/edited", detail)

    async def clash_page(self, clash: Clashed, to: str, back: str, also: Mapping[str, str]) -> Response:
        """Both texts of every field that two people changed; what is chosen goes to `to` again.

        Args:
            clash: what they changed.
            to: where the choice is sent.
            back: where one goes who drops the change.
            also: what the form at `to` takes besides the fields; `table` names the table.
        """
        open_names = {found.name for found in clash.merge.clashes}
        hidden = {
            **also,
            **{WAS + name: clash.theirs.get(name, "") for name in clash.merge.fields},
            **{name: text for name, text in clash.merge.fields.items() if name not in open_names},
        }
        return await self.page(
            "rule/conflict.html",
            mark("Somebody else changed the same text"),
            status=409,
            clashes=clash.merge.clashes,
            hidden=hidden,
            mine=clash.merge.fields,
            gone=False,
            action=to,
            back=back,
            field_name=self._field_names(also.get("table", "")),
        )

    async def gone_page(self, key: str, rule_id: str, sent: Typed) -> Response:
        """What somebody wrote in a row that was deleted meanwhile; it can be added again."""
        table = table_of(self.edition.rulebook, key)
        last = table.rules[-1].id if table.rules else ""
        return await self.page(
            "rule/conflict.html",
            mark("The row was deleted"),
            status=409,
            clashes=(),
            hidden={**sent.mine, "id": rule_id, "after": last},
            mine=sent.mine,
            gone=True,
            action=self.edition.link("rule", table=key),
            back=self.edition.link("tables", key),
            field_name=self._field_names(key),
        )

    def _field_names(self, table: str) -> Callable[[str], str]:
        """What people call a field of a form."""
        words = tongue_of(self.request)
        found = self.edition.rulebook.table(table)
        drawn = grid_of(self.edition.rulebook, found, (), language=words.code) if found else None
        columns = {heading.name: heading.label for heading in drawn.columns} if drawn else {}

        return lambda name: columns.get(name) or field_named(words, name)


def field_named(words: Tongue, name: str) -> str:
    """What people call a field of a form, as far as its name tells."""
    area, _, part = name.partition(".")
    if name in _FIELD_NAMES:
        return words.gettext(_FIELD_NAMES[name])
    return f"{words.gettext(_FIELD_NAMES[area])} ({part})" if area in _FIELD_NAMES else name


_FIELD_NAMES: Final = {
    **NOTE_LABELS,
    "test": mark("Condition"),
    "output": mark("Outcome"),
    "id": mark("Id"),
    "key": mark("Key"),
    "name": mark("Name"),
    "text": mark("Comment"),
    "title": mark("Title"),
    "hit_policy": mark("Hit policy"),
    "open": mark("When no row applies"),
    "default": mark("Else"),
    "values": mark("Rank of outcomes"),
    "expression": mark("Expression"),
    "box": mark("Expression"),
    "type": mark("Type"),
    "allowed": mark("Allowed values"),
    "unit": mark("Unit"),
    "nullable": mark("May it be said not to exist?"),
    "label": mark("Label"),
    "question": mark("Question"),
    "explanation": mark("Explanation"),
    "constraint": mark("Condition on the whole"),
    "is_list": mark("One or many"),
    "entry": mark("Entry"),
    "languages": mark("Languages"),
    "time_zone": mark("Time zone"),
    "default_query": mark("Default query"),
    "absent": mark("What nobody says"),
    "goals": mark("Asks for"),
    "is_default": mark("Default query"),
    "inputs": mark("Takes"),
    "input_decisions": mark("Takes instead of concluding"),
    "outputs": mark("Answers"),
    "encapsulated": mark("Works out on the way"),
}
