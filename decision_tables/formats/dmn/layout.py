"""The diagram of a model (DMNDI): shapes for what has none, edges for requirements that are not drawn.

What needs nothing stands at the bottom, and everything above what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lxml import etree

from decision_tables.formats.dmn.read import DRG_ELEMENTS
from decision_tables.formats.dmn.xml import DC, DI, DMNDI_OF, children, local, slug

if TYPE_CHECKING:
    from decision_tables.formats.dmn.xml import Element

__all__ = ["lay_out"]

_WIDTH: Final = 180
_HEIGHTS: Final = {"inputData": 50, "businessKnowledgeModel": 60}
_HEIGHT: Final = 80
_ACROSS: Final = 40
_DOWN: Final = 70
_MARGIN: Final = 100
_REQUIREMENTS: Final = ("informationRequirement", "knowledgeRequirement", "authorityRequirement")


def lay_out(root: Element, version: str) -> None:
    """Complete the model's first diagram; make one if it has none, and anything to draw."""
    elements = {one.get("id") or "": one for one in children(root, *DRG_ELEMENTS)}
    if not elements:
        return
    namespace = DMNDI_OF[version]
    diagrams = root.find(f"{{{namespace}}}DMNDI")
    if diagrams is None:
        diagrams = etree.SubElement(
            root, f"{{{namespace}}}DMNDI", nsmap={"dmndi": namespace, "di": DI, "dc": DC}
        )
    if not len(diagrams):
        etree.SubElement(diagrams, f"{{{namespace}}}DMNDiagram", id=slug("diagram", _ids(root)))
    _Diagram(diagrams, namespace, root, elements).complete()


class _Diagram:
    """One diagram in the making; boxes are `(x, y, width, height)`."""

    def __init__(
        self, diagrams: Element, namespace: str, root: Element, elements: dict[str, Element]
    ) -> None:
        self.tag = f"{{{namespace}}}"
        self.diagram = diagrams[0]
        self.ids = _ids(root)
        self.elements = elements
        self.drawn = {str(one) for one in diagrams.xpath(".//@dmnElementRef")}
        self.boxes: dict[str, tuple[float, float, float, float]] = {}
        for shape in self.diagram.iter(f"{self.tag}DMNShape"):
            bounds = shape.find(f"{{{DC}}}Bounds")
            if bounds is not None:
                numbers = [_number(bounds.get(name)) for name in ("x", "y", "width", "height")]
                self.boxes[shape.get("dmnElementRef") or ""] = (
                    numbers[0],
                    numbers[1],
                    numbers[2],
                    numbers[3],
                )

    def complete(self) -> None:
        """Place what has no shape below all that has; then draw what is missing."""
        new = [identity for identity in self.elements if identity not in self.drawn]
        top = max((y + height for _, y, _, height in self.boxes.values()), default=_MARGIN - _DOWN) + _DOWN
        rows = self._rows(new)
        for n, row in enumerate(rows):
            for column, identity in enumerate(row):
                self._shape(identity, _MARGIN + column * (_WIDTH + _ACROSS), top + n * (_HEIGHT + _DOWN))
        for identity, element in self.elements.items():
            for requirement in children(element, *_REQUIREMENTS):
                if (requirement.get("id") or "") not in self.drawn:
                    self._edge(requirement, identity)

    def _rows(self, new: list[str]) -> list[list[str]]:
        """What is to be placed, from the top row to the bottom one, near what needs it."""
        levels: dict[str, int] = {}
        needs = {identity: [one for one in self._needs(identity) if one in self.elements] for identity in new}
        for identity in new:
            self._level(identity, needs, levels)
        rows: list[list[str]] = [[] for _ in range(max(levels.values(), default=-1) + 1)]
        for identity in new:
            rows[-1 - levels[identity]].append(identity)
        spots: dict[str, float] = {}
        for row in rows:
            wanted: dict[str, float] = {}
            for n, identity in enumerate(row):
                above = [
                    spots[user] for user, needed in needs.items() if identity in needed and user in spots
                ]
                wanted[identity] = sum(above) / len(above) if above else n
            row.sort(key=lambda identity: wanted[identity])
            spots |= {identity: float(n) for n, identity in enumerate(row)}
        return rows

    def _level(self, start: str, needs: dict[str, list[str]], levels: dict[str, int]) -> None:
        """How many rows stand below an element: found without recursion, for chains are long; circles are cut."""
        path, entered = [start], {start}
        while path:
            identity = path[-1]
            rest = [
                one
                for one in needs.get(identity, ())
                if one not in levels and one not in entered and one in needs
            ]
            if rest:
                path.append(rest[0])
                entered.add(rest[0])
                continue
            path.pop()
            levels.setdefault(
                identity, 1 + max((levels.get(one, -1) for one in needs.get(identity, ())), default=-1)
            )

    def _needs(self, identity: str) -> list[str]:
        found = []
        for requirement in children(self.elements[identity], *_REQUIREMENTS):
            found += [(one.get("href") or "").removeprefix("#") for one in requirement if local(one)]
        return found

    def _shape(self, identity: str, x: float, y: float) -> None:
        kind = local(self.elements[identity])
        height = _HEIGHTS.get(kind, _HEIGHT)
        self.boxes[identity] = (x, y, _WIDTH, height)
        shape = etree.SubElement(
            self.diagram,
            f"{self.tag}DMNShape",
            id=slug(f"shape_{identity}", self.ids),
            dmnElementRef=identity,
        )
        if kind == "decisionService":
            shape.set("isCollapsed", "true")
        numbers = dict(zip(("x", "y", "width", "height"), map(_told, self.boxes[identity]), strict=True))
        etree.SubElement(shape, f"{{{DC}}}Bounds", numbers)

    def _edge(self, requirement: Element, identity: str) -> None:
        source = next(((one.get("href") or "").removeprefix("#") for one in requirement if local(one)), "")
        start, end = self.boxes.get(source), self.boxes.get(identity)
        if start is None or end is None or not requirement.get("id"):
            return
        edge = etree.SubElement(
            self.diagram,
            f"{self.tag}DMNEdge",
            id=slug(f"edge_{requirement.get('id')}", self.ids),
            dmnElementRef=requirement.get("id") or "",
        )
        is_below = start[1] >= end[1]
        for (x, y, width, height), is_top in ((start, is_below), (end, not is_below)):
            spot = {"x": _told(x + width / 2), "y": _told(y if is_top else y + height)}
            etree.SubElement(edge, f"{{{DI}}}waypoint", spot)


def _ids(root: Element) -> set[str]:
    return {str(one) for one in root.xpath("//@id")}


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _told(number: float) -> str:
    return f"{number:g}"
