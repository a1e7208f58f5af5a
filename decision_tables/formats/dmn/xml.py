"""DMN's XML, safely read: versions, names of elements, references; no entities, no network, bounded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lxml import etree

from decision_tables.diagnostics import Diagnostic, Where
from decision_tables.errors import InvalidRulebook
from decision_tables.said import said

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "DC",
    "DI",
    "DMN",
    "DMNDI",
    "DMNDI_OF",
    "DMN_VERSIONS",
    "FEEL_NAMESPACES",
    "MARGIN",
    "OURS",
    "VERSIONS",
    "Element",
    "child",
    "children",
    "flat",
    "free_name",
    "local",
    "parsed",
    "place_of",
    "slug",
    "text_of_child",
]

Element = etree._Element  # noqa: SLF001 - lxml names its own class so

DMN: Final = "https://www.omg.org/spec/DMN/20230324/MODEL/"
DMN_VERSIONS: Final = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    DMN: "1.5",
}
FEEL_NAMESPACES: Final = frozenset(
    {
        "http://www.omg.org/spec/FEEL/20140401",
        "http://www.omg.org/spec/DMN/20180521/FEEL/",
        "https://www.omg.org/spec/DMN/20191111/FEEL/",
        "https://www.omg.org/spec/DMN/20211108/FEEL/",
        "https://www.omg.org/spec/DMN/20230324/FEEL/",
    }
)
MARGIN: Final = ("citation", "note")
"""The annotations that hold what each rule has; any other is a column of notes of the table's own."""

VERSIONS: Final = {"1.5": DMN, "1.3": "https://www.omg.org/spec/DMN/20191111/MODEL/"}
"""The namespaces of the versions that are written."""

DMNDI_OF: Final = {
    "1.5": "https://www.omg.org/spec/DMN/20230324/DMNDI/",
    "1.3": "https://www.omg.org/spec/DMN/20191111/DMNDI/",
}
DMNDI: Final = frozenset(
    {
        "http://www.omg.org/spec/DMN/20180521/DMNDI/",
        "https://www.omg.org/spec/DMN/20211108/DMNDI/",
        *DMNDI_OF.values(),
    }
)
DI: Final = "http://www.omg.org/spec/DMN/20180521/DI/"
DC: Final = "http://www.omg.org/spec/DMN/20180521/DC/"
OURS: Final = "https://decidable.dev/dmn/1"
"""The namespace of what DMN has no place for."""

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_ELEMENTS: Final = 500_000
MAX_DEPTH: Final = 128
"""Levels of elements: models of people nest some twenty, and what is read is gone through by recursion."""


def parsed(data: bytes, name: str = "") -> Element:
    """The `definitions` of a DMN document.

    Args:
        data: the file.
        name: what it is called, where several are read together; the places of what is wrong say it.

    Raises:
        InvalidRulebook: it is no XML, no DMN, too large or nested too deeply, or declares entities.
    """

    def refused(code: str, message: str, place: str = "") -> InvalidRulebook:
        return InvalidRulebook([Diagnostic(code, Where(name, "", place), message)])

    if len(data) > MAX_BYTES:
        raise refused(
            "dmn/too-large",
            said("The file has {count} bytes; {bytes} are the most.", count=len(data), bytes=MAX_BYTES),
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise refused(
            "dmn/xml",
            said("This is no XML: {error}.", error=error.msg),
            f"line {line}, column {column}",
        ) from error
    except ValueError as error:
        raise refused("dmn/xml", said("This is no XML: {error}.", error=error)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise refused("dmn/doctype", said("The file declares a document type: entities are not taken."))
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise refused("dmn/too-large", said("The file has over {elements} elements.", elements=MAX_ELEMENTS))
    if _is_deep(root):
        raise refused(
            "dmn/too-deep",
            said("The file's elements nest deeper than {depth} levels.", depth=MAX_DEPTH),
        )
    namespace = etree.QName(root).namespace or ""
    if local(root) != "definitions" or namespace not in DMN_VERSIONS:
        called = etree.QName(root).localname
        message = said(
            "This is no DMN model: its root is `{called}` of the namespace `{namespace}`.",
            called=called,
            namespace=namespace or "-",
        )
        raise refused("dmn/not-dmn", message, f"line {root.sourceline}")
    return root


def _is_deep(root: Element) -> bool:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [one for element in level for one in element]
    return bool(level)


def local(element: Element) -> str:
    """An element's name, if it is DMN's; else the empty string."""
    if not isinstance(element.tag, str):
        return ""
    name = etree.QName(element)
    return name.localname if name.namespace in DMN_VERSIONS else ""


def children(element: Element, *names: str) -> Iterator[Element]:
    """DMN's own children, of these names if any are given."""
    return (one for one in element if (name := local(one)) and (not names or name in names))


def child(element: Element, *names: str) -> Element | None:
    """The first child of these names."""
    return next(children(element, *names), None)


def text_of_child(element: Element, name: str) -> str:
    """The text in a child, as written; empty if there is none."""
    found = child(element, name)
    return "" if found is None else "".join(found.itertext())


def flat(name: str) -> str:
    """A name with single spaces, as FEEL reads it."""
    return " ".join(name.split())


def free_name(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where it is taken; from now on it is."""
    key, n = name, 1
    while key in taken:
        n += 1
        key = f"{name} {n}"
    taken.add(key)
    return key


def place_of(element: Element, file: str = "") -> Where:
    """The place of an element, for people: its name, its id, its line, and its file where there are several."""
    named: Element | None = element
    while named is not None and not named.get("name"):
        named = named.getparent()
    name = "" if named is None else f"{local(named) or 'element'} {named.get('name')}"
    line = f"line {element.sourceline}"
    return Where(name, element.get("id") or "", f"{file}, {line}" if file else line)


def slug(name: str, taken: set[str]) -> str:
    """A key for a node, made of its name; `taken` gets it."""
    base = re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip("_.-") or "node"
    base = base if re.match(r"[A-Za-z_]", base) else f"_{base}"
    key, n = base, 1
    while key in taken:
        n += 1
        key = f"{base}_{n}"
    taken.add(key)
    return key
