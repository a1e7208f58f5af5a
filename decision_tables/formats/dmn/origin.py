"""The document that a rulebook was read from, and what of it a rulebook has no place for.

Its ids, its layout, knowledge sources, annotations, other tools' extensions: they are put into the document that is
written, each at the element that it belongs to. What belonged to an element that is gone goes with it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from lxml import etree

from decision_tables.errors import InvalidRulebook
from decision_tables.formats.dmn.extensions import extended, holder_of
from decision_tables.formats.dmn.read import DRG_ELEMENTS, EXPRESSIONS, name_of, pieces_of
from decision_tables.formats.dmn.xml import (
    DC,
    DI,
    DMN_VERSIONS,
    DMNDI,
    DMNDI_OF,
    MARGIN,
    OURS,
    VERSIONS,
    Element,
    child,
    children,
    local,
    parsed,
)
from decision_tables.table import Input, Output, Rule, Table

if TYPE_CHECKING:
    from typing import TypeAlias

    _Identity: TypeAlias = tuple[object, ...]

__all__ = ["Origin"]


class Origin:
    """A document that was read once; empty if there is none, or none that can be read any more."""

    def __init__(self, text: str) -> None:
        self._root: Element | None = None
        try:
            self._root = parsed(text.encode()) if text else None
        except InvalidRulebook:
            self._root = None
        root = self._root
        self.namespace = "" if root is None else root.get("namespace") or ""
        self.ids = frozenset() if root is None else frozenset(str(one) for one in root.xpath("//@id"))
        self._graph = {} if root is None else {name_of(one): one for one in children(root, *DRG_ELEMENTS)}
        vendor = (
            {} if root is None else {p: u for one in root.iter() for p, u in one.nsmap.items() if p and u}
        )
        self.prefixes = {
            prefix: uri
            for prefix, uri in vendor.items()
            if uri not in DMN_VERSIONS and uri not in {DI, DC, OURS, *DMNDI}
        }

    def id_of(self, name: str) -> str:
        """The id of the element of that name; empty if there is none."""
        found = self._graph.get(name)
        return "" if found is None else found.get("id") or ""

    def name_of(self, name: str) -> str:
        """What the element whose variable has that name is called itself."""
        found = self._graph.get(name)
        return "" if found is None else found.get("name") or ""

    def is_undecided(self, name: str) -> bool:
        """Whether the element of that name is a decision without logic."""
        found = self._graph.get(name)
        return found is not None and local(found) == "decision" and child(found, *EXPRESSIONS) is None

    def graft(self, root: Element, version: str) -> bool:
        """Put into a new document what the old one has besides; whether there is an old one."""
        if self._root is None:
            return False
        grafting = _Grafting(root, self._root, version)
        grafting.graft(root, self._root)
        grafting.drop_dangling()
        return True


class _Grafting:
    """One graft of an old document's leftovers upon a new one."""

    def __init__(self, new: Element, old: Element, version: str) -> None:
        self.root = new
        self.version = version
        identities, self.pieces = _identities(old)
        self.old = {key: element for element, key in identities.items()}
        self.keys, pieces = _identities(new)
        self.pieces |= pieces
        self.copied: list[Element] = []

    def graft(self, new: Element, old: Element) -> None:
        """What an old element has and a new one has no place for; then the same of their children."""
        for name, value in old.attrib.items():
            qualified = etree.QName(name)
            if new.get(name) is None and (qualified.namespace or name not in _SAID_ATTRIBUTES):
                new.set(name, value)
        if old.get("id") and local(new) not in DRG_ELEMENTS:
            new.set("id", old.get("id") or "")
        self._extensions(new, old)
        self._annotations(new, old)
        for mine, its in self._pairs(new, old):
            self.graft(mine, its)
        leftovers = [one for one in old if self._is_left_over(one, old)]
        for one in leftovers:
            copy = self._copy(one)
            new.append(copy)
            self.copied.append(copy)
        if leftovers:
            new[:] = sorted(new, key=_rank)

    def _extensions(self, new: Element, old: Element) -> None:
        theirs = holder_of(old)
        foreign = [] if theirs is None else [one for one in theirs if _namespace(one) != OURS]
        if not foreign:
            return
        holder = holder_of(new)
        if holder is None:
            holder = etree.Element(f"{{{VERSIONS[self.version]}}}extensionElements")
            new.insert(0 if child(new, "description") is None else 1, holder)
        for n, one in enumerate(foreign):
            holder.insert(n, self._copy(one))

    def _annotations(self, new: Element, old: Element) -> None:
        """A table's annotations as they were written, where they still say the same; else in the order they had."""
        if local(new) != "decisionTable":
            return
        mine, its = list(children(new, "rule")), list(children(old, "rule"))
        if self._annotated(new, mine) != self._annotated(old, its):
            _in_order(new, mine, [one.get("name") or "" for one in children(old, "annotation")])
            return
        for part in (new, *mine):
            for one in [*children(part, "annotation", "annotationEntry")]:
                part.remove(one)
        spot = new.index(mine[0]) if mine else len(new)
        for n, one in enumerate(children(old, "annotation")):
            new.insert(spot + n, self._copy(one))
        for rule, before in zip(mine, its, strict=True):
            rule.extend(self._copy(one) for one in children(before, "annotationEntry"))
            for n, one in enumerate(children(before, "description")):
                rule.insert(n, self._copy(one))

    def _annotated(self, table: Element, rules: list[Element]) -> tuple[object, ...]:
        """What the annotations of a table say."""
        found = (self.pieces.get(one) for one in (table, table.getparent()) if one is not None)
        columns = next((one.notes for one in found if isinstance(one, Table)), ())
        return (columns, *(_margin(self.pieces.get(rule)) for rule in rules))

    def _pairs(self, new: Element, old: Element) -> list[tuple[Element, Element]]:
        pairs = []
        mine, its = _by_name(new), _by_name(old)
        for name, group in mine.items():
            others = its.get(name, [])
            if name in _REQUIREMENTS:
                hrefs = {_target(one): one for one in others}
                pairs += [(one, hrefs[_target(one)]) for one in group if _target(one) in hrefs]
            elif name in _KEYED:
                found = ((one, self.old.get(self.keys[one]) if one in self.keys else None) for one in group)
                pairs += [(one, other) for one, other in found if other is not None]
            elif name not in {"extensionElements", "annotation", "annotationEntry"} and len(group) == len(
                others
            ):
                pairs += zip(group, others, strict=True)
        return pairs

    def _is_left_over(self, one: Element, parent: Element) -> bool:
        name = local(one)
        if not name:
            return _namespace(one) in DMNDI
        if name == "description":
            return local(parent) not in _DESCRIBED
        is_undecided = local(parent) == "decision" and child(parent, *EXPRESSIONS) is None
        return name in _LEFT_OVER or (is_undecided and name in _REQUIREMENTS)

    def _copy(self, element: Element) -> Element:
        """The element in the namespaces of the new version."""
        namespace = _namespace(element)
        missing = _SINCE_1_4 if self.version == "1.3" and namespace in DMNDI else frozenset()
        if namespace in DMN_VERSIONS:
            namespace = VERSIONS[self.version]
        elif namespace in DMNDI:
            namespace = DMNDI_OF[self.version]
        tag = f"{{{namespace}}}{etree.QName(element).localname}" if namespace else element.tag
        copy = etree.Element(
            tag, {name: value for name, value in element.attrib.items() if name not in missing}
        )
        copy.text = element.text if (element.text or "").strip() or not len(element) else None
        for one in element:
            if local(element) == "knowledgeSource" and local(one) == "locationURI":
                # The KIE editors write an element where the standard has an attribute.
                copy.set("locationURI", (one.text or "").strip() or copy.get("locationURI", ""))
            elif isinstance(one.tag, str):
                copy.append(self._copy(one))
        return copy

    def drop_dangling(self) -> None:
        """Remove what was copied and refers to what is gone: requirements, associations, and then what shows them."""
        is_changed = True
        while is_changed:
            ids = {str(one) for one in self.root.xpath("//@id")}
            gone = [one for copy in self.copied for one in copy.iter() if _is_dangling(one, ids)]
            is_changed = False
            for one in gone:
                whole = one if "dmnElementRef" in one.attrib else one.getparent()
                holder = None if whole is None else whole.getparent()
                if whole is not None and holder is not None:
                    holder.remove(whole)
                    is_changed = True


def _is_dangling(element: Element, ids: set[str]) -> bool:
    shown = element.get("dmnElementRef")
    if shown is not None:
        return shown.rpartition(":")[2] not in ids
    href = element.get("href") or ""
    return href.startswith("#") and href[1:] not in ids


def _identities(root: Element) -> tuple[dict[Element, _Identity], dict[Element, object]]:
    """What tells the pieces of one model apart, so that they can be found in another one; and the pieces."""
    found: dict[Element, _Identity] = {}
    pieces: dict[Element, object] = {}
    for one in children(root, *DRG_ELEMENTS, "itemDefinition"):
        found[one] = (local(one), name_of(one))
        for n, table in enumerate(one.iter(f"{{{_namespace(one)}}}decisionTable")):
            found[table] = (*found[one], n)

    def keep(piece: object, element: Element) -> object:
        piece = extended(piece, element)
        pieces[element] = piece
        table = element.getparent()
        if isinstance(piece, Input | Output | Rule) and table is not None and table in found:
            found[element] = (
                *found[table],
                local(element),
                piece.id if isinstance(piece, Rule) else piece.key,
            )
        return piece

    pieces_of(root, keep)
    return found, pieces


def _margin(rule: object) -> tuple[str, str, tuple[str, ...]]:
    return (rule.citation, rule.note, rule.notes) if isinstance(rule, Rule) else ("", "", ())


def _in_order(table: Element, rules: list[Element], before: list[str]) -> None:
    """Puts the annotations of what each rule has where they stood among the others."""
    names = [one.get("name") or "" for one in children(table, "annotation")]
    order = [name for name in names if name not in MARGIN or name not in before]
    for name in (one for one in dict.fromkeys(before) if one in MARGIN and one in names):
        above = [one for one in before[: before.index(name)] if one in order]
        order.insert(order.index(above[-1]) + 1 if above else 0, name)
    for part, tag in ((table, "annotation"), *((rule, "annotationEntry") for rule in rules)):
        columns = dict(zip(names, children(part, tag), strict=True))
        spot = part.index(columns[names[0]]) if names else 0
        for one in columns.values():
            part.remove(one)
        for n, name in enumerate(order):
            part.insert(spot + n, columns[name])


def _namespace(element: Element) -> str:
    return (etree.QName(element).namespace or "") if isinstance(element.tag, str) else ""


def _by_name(element: Element) -> dict[str, list[Element]]:
    found = defaultdict(list)
    for one in element:
        if name := local(one):
            found[name].append(one)
    return found


def _target(requirement: Element) -> str:
    return next((one.get("href") or "" for one in requirement), "")


def _rank(element: Element) -> int:
    """The place of a child among its siblings, by the schema; expressions come last, the diagrams after all."""
    name = local(element)
    if not name:
        return len(_SEQUENCE) + 1
    return _RANKS.get(name, len(_SEQUENCE))


_REQUIREMENTS: Final = frozenset({"informationRequirement", "knowledgeRequirement"})
_KEYED: Final = frozenset({*DRG_ELEMENTS, "itemDefinition", "input", "output", "rule"})
_DESCRIBED: Final = frozenset({"definitions", "itemDefinition", "itemComponent", "rule", *DRG_ELEMENTS})
"""Elements whose description is a note in the rulebook."""

_SAID_ATTRIBUTES: Final = frozenset(
    {
        "aggregation",
        "exporter",
        "exporterVersion",
        "expressionLanguage",
        "hitPolicy",
        "href",
        "id",
        "isCollection",
        "iteratorVariable",
        "kind",
        "label",
        "name",
        "namespace",
        "outputTypeRef",
        "typeLanguage",
        "typeRef",
    }
)
"""Attributes that the rulebook says: where it says nothing any more, there is nothing."""

_SINCE_1_4: Final = frozenset({"useAlternativeInputDataShape"})
_SEQUENCE: Final = (
    ("description",),
    ("extensionElements",),
    ("import",),
    ("itemDefinition",),
    ("question",),
    ("allowedAnswers",),
    ("variable",),
    ("encapsulatedLogic",),
    ("informationRequirement",),
    ("knowledgeRequirement",),
    ("authorityRequirement",),
    ("supportedObjective",),
    ("impactedPerformanceIndicator",),
    ("decisionMaker",),
    ("decisionOwner",),
    ("usingProcess",),
    ("usingTask",),
    ("outputDecision",),
    ("encapsulatedDecision",),
    ("inputDecision",),
    (*DRG_ELEMENTS, "knowledgeSource"),
    ("group", "textAnnotation", "association"),
    ("elementCollection",),
    ("performanceIndicator", "organizationUnit"),
)
_RANKS: Final = {name: n for n, names in enumerate(_SEQUENCE) for name in names}
_LEFT_OVER: Final = frozenset(
    {
        "question",
        "allowedAnswers",
        "authorityRequirement",
        "supportedObjective",
        "impactedPerformanceIndicator",
        "decisionMaker",
        "decisionOwner",
        "usingProcess",
        "usingTask",
        "knowledgeSource",
        "group",
        "textAnnotation",
        "association",
        "elementCollection",
        "performanceIndicator",
        "organizationUnit",
    }
)
"""Elements of DMN that a rulebook has no place for."""
