"""What DMN has no place for, kept in our own namespace beside what it has.

An element of ours holds one JSON object, of these members:

- `role`: why the element is there, where it stands for no piece of the rulebook (`Role`).
- `adds`: fields of the piece that DMN has no place for, with their values.
- `mends`: fields that DMN holds otherwise: `[as it reads, as it is meant]`. Should another tool have changed what
  reads, the change stands.
- `words`: fields in several languages; null stands for the words that the element itself has.
- `columns`: of a table, columns of notes by the name that their annotations have, which is all that DMN says of them.
- `order`: of the whole model, keys in the order in which the rulebook has them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import msgspec
from lxml import etree

from decision_tables.formats.dmn.xml import OURS, children
from decision_tables.rulebook import Rulebook, fields_of
from decision_tables.said import said_of
from decision_tables.table import Formula, Input, KnowledgeModel, Output, Rule, Table
from decision_tables.vocabulary import Fact, ItemDefinition, Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from decision_tables.formats.dmn.xml import Element

__all__ = [
    "Extension",
    "Role",
    "add_extension",
    "extended",
    "extension_for",
    "extension_of",
    "holder_of",
    "order_for",
]

_Piece = TypeVar("_Piece")


class Role(StrEnum):
    """Why an element is there that stands for no piece of its own."""

    NODE = "node"
    """A decision that holds a table or formula, and is no fact."""

    FACT = "fact"
    """A decision that makes one fact of what others hold; what its text was is in `text`."""

    ALLOWED = "allowed"
    """An item definition that holds the allowed values of one fact."""

    NONE = "none"
    """An outcome that is there because DMN's schema wants one."""


class Extension(msgspec.Struct, omit_defaults=True):
    """What an element of ours says; the module's words tell of each member."""

    role: Role | None = None
    text: str = ""
    adds: dict[str, Any] = {}
    mends: dict[str, tuple[Any, Any]] = {}
    words: dict[str, dict[str, str | None]] = {}
    columns: dict[str, dict[str, Any]] = {}
    order: dict[str, tuple[str, ...]] = {}


def extension_of(element: Element) -> Extension:
    """What our extension of an element says; nothing if there is none.

    Raises:
        ValueError: there is one, and it is not as we write them.
    """
    holder = holder_of(element)
    found = None if holder is None else holder.find(_TAG)
    if found is None:
        return Extension()
    try:
        return _decode("".join(found.itertext()))
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(said_of(error)) from error


def extended(piece: _Piece, element: Element) -> _Piece:
    """The piece with the fields that our extension of its element holds.

    Raises:
        ValueError: the extension is none that was written for such a piece.
    """
    extension = extension_of(element)
    if not any(getattr(extension, name) for name in ("adds", "mends", "words", "columns", "order")):
        return piece
    fields = fields_of(piece)
    try:
        for name, (read, meant) in extension.mends.items():
            if fields[name] == read:
                fields[name] = meant
        for name, words in extension.words.items():
            now = fields[name].get("by_language", {})
            told = {key: now.get(key, "") if text is None else text for key, text in words.items()}
            fields[name] = {"by_language": told | {key: text for key, text in now.items() if key not in told}}
        if extension.columns:
            fields["notes"] = [extension.columns.get(one["key"], one) for one in fields["notes"]]
        fields |= {name: value for name, value in extension.adds.items() if name in fields}
        made = msgspec.convert(fields, type(piece))
    except (msgspec.ValidationError, RecursionError, KeyError, AttributeError) as error:
        raise ValueError(said_of(error)) from error
    return cast("_Piece", _in_order(made, extension.order)) if isinstance(made, Rulebook) else made


def extension_for(read: object, meant: object) -> Extension:
    """What an extension must say so that a piece that reads as `read` is `meant`."""
    extension = Extension()
    now, then = fields_of(read), fields_of(meant)
    sayable = _SAID.get(type(meant), frozenset())
    for name, value in then.items():
        # Two numbers may be equal and not the same: 1.5 and 1.50.
        if name == "origin" or (now[name] == value and repr(now[name]) == repr(value)):
            continue
        field = getattr(meant, name)
        if name == "notes" and isinstance(meant, Table) and len(now[name]) == len(value):
            extension.columns.update(
                (one["key"], other) for one, other in zip(now[name], value, strict=True) if one != other
            )
        elif isinstance(field, Words) and _is_more(getattr(read, name), field):
            known = getattr(read, name).by_language
            extension.words[name] = {
                key: None if known.get(key) == text else text for key, text in field.by_language.items()
            }
        elif name in sayable:
            extension.mends[name] = (now[name], value)
        else:
            extension.adds[name] = value
    return extension


def order_for(read: Rulebook, meant: Rulebook) -> tuple[Rulebook, Extension]:
    """What was read in the order that is meant, and how to say that order."""
    keys = {
        name: tuple(tuple(piece.key for piece in getattr(book, name)) for book in (read, meant))
        for name in sorted(_ORDERED)
    }
    order = {name: then for name, (now, then) in keys.items() if now != then}
    return _in_order(read, order), Extension(order=order)


def _in_order(rulebook: Rulebook, order: Mapping[str, tuple[str, ...]]) -> Rulebook:
    """The rulebook with its pieces in the order of their keys; those that the order does not name come last."""
    moved: dict[str, Any] = {}
    for name in _ORDERED & order.keys():
        rest = list(getattr(rulebook, name))
        first = []
        for key in order[name]:
            found = next((piece for piece in rest if piece.key == key), None)
            if found is not None:
                rest = [piece for piece in rest if piece is not found]
                first.append(found)
        moved[name] = (*first, *rest)
    return replace(rulebook, **moved) if moved else rulebook


def add_extension(element: Element, extension: Extension, *, anew: bool = False) -> None:
    """Put more of our extension into an element; `anew`: in the place of what it says of its piece."""
    holder = holder_of(element)
    found = None if holder is None else holder.find(_TAG)
    if extension == Extension() and (found is None or not anew):
        return
    if holder is None:
        holder = etree.Element(f"{{{etree.QName(element).namespace}}}extensionElements")
        element.insert(1 if next(children(element, "description"), None) is not None else 0, holder)
    if found is None:
        found = etree.SubElement(holder, _TAG)
    before = _decode(found.text or "{}")
    if anew:
        before = Extension(before.role, before.text)
    both = {name: getattr(extension, name) or getattr(before, name) for name in Extension.__struct_fields__}
    if Extension(**both) == Extension():
        holder.remove(found)
        return
    text = _encode(Extension(**both)).decode()
    # JSON may hold characters that XML may not; there they are written as escapes.
    found.text = re.sub("[\x7f-\x9f\ufffe\uffff\u2028\u2029]", lambda one: f"\\u{ord(one[0]):04x}", text)


def holder_of(element: Element) -> Element | None:
    """The element's `extensionElements`, or None."""
    return next(children(element, "extensionElements"), None)


def _is_more(read: Words, meant: Words) -> bool:
    """Whether the words that were read are among those that are meant."""
    return all(meant.by_language.get(language) == text for language, text in read.by_language.items())


_TAG: Final = f"{{{OURS}}}piece"
_ORDERED: Final = frozenset({"facts", "tables", "formulas", "types", "functions", "services"})
_SAID: Final[dict[type, frozenset[str]]] = {
    Rulebook: frozenset({"title", "note"}),
    Fact: frozenset({"type", "allowed", "label", "note"}),
    ItemDefinition: frozenset(
        {"type", "components", "is_list", "allowed", "constraint", "parameters", "result", "label", "note"}
    ),
    Table: frozenset({"hit_policy", "inputs", "outputs", "rules", "title", "note", "notes"}),
    Input: frozenset({"expression", "type", "values", "label"}),
    Output: frozenset({"default", "values", "type", "label"}),
    Rule: frozenset({"tests", "outputs", "citation", "note", "notes"}),
    Formula: frozenset({"expression", "boxed", "title", "note"}),
    KnowledgeModel: frozenset({"function", "title", "note"}),
}
"""The fields that DMN itself says, of each piece: other tools may change them."""

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
_decode: Final = msgspec.json.Decoder(Extension, float_hook=Decimal).decode
