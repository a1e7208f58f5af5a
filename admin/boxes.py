"""Boxed expressions as a page draws them, and as a form changes their texts; pure.

The shape of an expression is what it was drawn as in the tool that it comes from; what people change here is the
FEEL in it. Each text has a name, `box.` and the numbers of the parts on the way to it (`box.0.2`), which stays the
same whatever the texts say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from admin.words import mark
from decision_tables import texts
from decision_tables.table import (
    Boxed,
    BoxedTable,
    Conditional,
    ContextExpression,
    FilterExpression,
    FunctionDefinition,
    Invocation,
    Iteration,
    ListExpression,
    LiteralExpression,
    Quantifier,
    Relation,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from decision_tables.texts import Path, Text

__all__ = ["Box", "Part", "box_of", "texts_of", "with_texts"]


@dataclass(frozen=True, slots=True)
class Box:
    """A boxed expression as it is drawn: a text, or parts, or rows under headings.

    Attributes:
        kind: what it is: `text`, `parts` or `grid`.
        name: of a text the name of its field.
        text: of a text the FEEL.
        place: of a text, where diagnostics say that it is (`Where.column`).
        rule: of a text in a table, its rule (`Where.rule`).
        type: the type that its value must have; empty for any.
        parts: of parts, each with what it is there for.
        heads: of a grid, what stands above its columns.
        rows: of a grid, its cells.
    """

    kind: str
    name: str = ""
    text: str = ""
    place: str = ""
    rule: str = ""
    type: str = ""
    parts: tuple[Part, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[Box, ...], ...] = ()

    @property
    def places(self) -> Iterator[tuple[str, str]]:
        """Rule and place of each text in it."""
        if self.kind == "text":
            yield self.rule, self.place
        for inner in (*(part.box for part in self.parts), *(cell for row in self.rows for cell in row)):
            yield from inner.places


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an expression.

    Attributes:
        role: what it is there for, not yet translated; empty where its name says it.
        name: what the author called it; empty if it has no name.
        box: the part itself.
        type: the type that is declared for it.
    """

    role: str
    name: str
    box: Box
    type: str = ""


def box_of(boxed: Boxed) -> Box:
    """What a page draws of an expression."""
    return _drawn(boxed, _ROOT, "")


def texts_of(boxed: Boxed) -> dict[str, str]:
    """The texts of FEEL in an expression, by the names of their fields."""
    found: dict[str, str] = {}

    def keep(path: Path, text: Text) -> str:
        if (name := _field(path)) is not None:
            found[name] = text.text
        return text.text

    texts.with_texts(boxed, keep)
    return found


def with_texts(boxed: Boxed, fields: Mapping[str, str]) -> Boxed:
    """The expression with other texts; those that are not named stay as they are."""
    return texts.with_texts(boxed, lambda path, text: fields.get(_field(path) or "", text.text))


def _field(path: Path) -> str | None:
    """The name of a text's field; None for what is drawn as the head of a column."""
    numbers = [str(part) for part in path if isinstance(part, int)]
    return ".".join((_ROOT, *numbers)) if len(numbers) == len(path) else None


_ROOT: Final = "box"
_OF_QUANTIFIER: Final = {
    Quantifier.FOR: (mark("for each"), mark("gives")),
    Quantifier.SOME: (mark("for some"), mark("it holds that")),
    Quantifier.EVERY: (mark("for every"), mark("it holds that")),
}
_LANGUAGE_ELSEWHERE: Final = mark("A function in another language, which is never run")


def _drawn(box: Boxed | None, name: str, place: str) -> Box:
    """`name` and `place` are those of the expression itself."""
    match box:
        case None:
            return Box("parts", place=place)
        case LiteralExpression():
            return Box("text", name, box.text, place, type=box.type)
        case ContextExpression():
            parts = tuple(
                Part(
                    "" if entry.name else mark("result"), entry.name, _drawn(entry.value, *under), entry.type
                )
                for n, entry in enumerate(box.entries)
                for under in [_under(name, place, n, entry.name or f"entries[{n + 1}]")]
            )
            return Box("parts", type=box.type, parts=parts)
        case Invocation():
            called = Part(mark("calls"), "", Box("text", f"{name}.0", box.function, place))
            bound = (
                Part(mark("with"), one.parameter, _drawn(one.value, *_under(name, place, n, one.parameter)))
                for n, one in enumerate(box.bindings, start=1)
            )
            return Box("parts", type=box.type, parts=(called, *bound))
        case ListExpression():
            rows = tuple(
                (_drawn(item, *_under(name, place, n, f"items[{n + 1}]")),)
                for n, item in enumerate(box.items)
            )
            return Box("grid", type=box.type, rows=rows)
        case Relation():
            return _relation(box, name, place)
        case FunctionDefinition():
            return _function(box, name, place)
        case Conditional():
            inner = (
                (mark("if"), box.condition),
                (mark("then"), box.consequence),
                (mark("else"), box.alternative),
            )
            return Box("parts", type=box.type, parts=_parts(inner, ("if", "then", "else"), name, place))
        case FilterExpression():
            two = ((mark("of"), box.source), (mark("those where"), box.match))
            return Box("parts", type=box.type, parts=_parts(two, ("in", "match"), name, place))
        case Iteration():
            return _iteration(box, name, place)
        case BoxedTable():
            return _table(box, name, place)


def _under(name: str, place: str, number: int, part: str) -> tuple[str, str]:
    return f"{name}.{number}", f"{place}.{part}" if place else part


def _parts(
    inner: Sequence[tuple[str, Boxed]], called: tuple[str, ...], name: str, place: str
) -> tuple[Part, ...]:
    return tuple(
        Part(role, "", _drawn(box, *_under(name, place, n, called[n]))) for n, (role, box) in enumerate(inner)
    )


def _relation(box: Relation, name: str, place: str) -> Box:
    rows = []
    for r, row in enumerate(box.rows):
        line, spot = _under(name, place, r, f"rows[{r + 1}]")
        heads = [column.name for column in box.columns] + [""] * len(row)
        rows.append(tuple(_drawn(cell, *_under(line, spot, c, heads[c])) for c, cell in enumerate(row)))
    return Box("grid", type=box.type, heads=tuple(column.name for column in box.columns), rows=tuple(rows))


def _function(box: FunctionDefinition, name: str, place: str) -> Box:
    takes = tuple(Part(mark("takes"), one.name, Box("parts"), one.type) for one in box.parameters)
    if box.language.upper() != "FEEL":
        takes = (Part(_LANGUAGE_ELSEWHERE, box.language, Box("parts")), *takes)
    body = _drawn(box.body, *_under(name, place, 0, "body"))
    return Box("parts", type=box.type, parts=(*takes, Part(mark("gives"), "", body, box.type)))


def _iteration(box: Iteration, name: str, place: str) -> Box:
    each, last = _OF_QUANTIFIER[box.quantifier]
    part = "return" if box.quantifier is Quantifier.FOR else "satisfies"
    source = Part(each, box.variable, _drawn(box.source, *_under(name, place, 0, "in")))
    body = Part(last, "", _drawn(box.body, *_under(name, place, 1, part)))
    return Box("parts", type=box.type, parts=(source, body))


def _table(box: BoxedTable, name: str, place: str) -> Box:
    table = box.table
    heads = (
        *(column.label.said_in("en") or column.expression for column in table.inputs),
        *(column.label.said_in("en") or column.part or column.key for column in table.outputs),
    )
    columns = [*(column.key for column in table.inputs), *(column.key for column in table.outputs)]
    keys = [f"{place}.{key}" if place else key for key in columns]
    rows = tuple(
        tuple(
            Box("text", f"{name}.{r}.{c}", text, keys[c] if c < len(keys) else place, rule.id)
            for c, text in enumerate((*rule.tests, *rule.outputs))
        )
        for r, rule in enumerate(table.rules)
    )
    return Box("grid", type=box.type, heads=heads, rows=rows)
