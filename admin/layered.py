"""A layered drawing of a directed graph: where its boxes and arrows go, from left to right; pure.

Longest-path layers, with a waypoint in each layer that an arrow passes through; barycentre sweeps order the layers,
keeping the order with the fewest crossings; least squares place each layer beside its neighbours. The same graph
always gives the same drawing. Lengths are pixels, y goes down.
"""

from __future__ import annotations

import itertools
import unicodedata
from bisect import bisect_right, insort
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Arrow", "Box", "Drawing", "Node", "drawing_of"]

WIDTH: Final = 176
"""Of every box."""

_CHARACTERS: Final = 23
"""What fits on a line of a box."""

_LINES: Final = 3
_LINE: Final = 17
_PADDING: Final = 10
_BETWEEN_LAYERS: Final = 84
_BETWEEN_BOXES: Final = 18
_BETWEEN_ARROWS: Final = 10
_MARGIN: Final = 12
_HEAD: Final = 7
_SWEEPS: Final = 12


@dataclass(frozen=True, slots=True)
class Node:
    """What a box stands for: its key, what is written in it, and a shorter line below that."""

    key: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A box.

    Attributes:
        node: what it stands for.
        x: its left side.
        y: its top.
        height: its height; its width is `WIDTH`.
        lines: the label, as many lines of it as fit; a cut label ends in an ellipsis.
    """

    node: Node
    x: float
    y: float
    height: float
    lines: tuple[str, ...]

    @property
    def key(self) -> str:
        """The key of its node."""
        return self.node.key

    @property
    def width(self) -> float:
        """The width of all boxes."""
        return WIDTH

    @property
    def middle(self) -> float:
        """The x of what is written in it."""
        return self.x + WIDTH / 2

    def baseline(self, line: int) -> float:
        """The y that a line of text stands on; the note is the line after those of the label."""
        return self.y + _PADDING + (line + 1) * _LINE - 4.5


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow: the SVG paths of its line and of its head."""

    source: str
    target: str
    line: str
    head: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes in the order of the nodes, arrows in the order of the edges, and the room that they take."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: float
    height: float


_Edge: TypeAlias = tuple[str, str]
_Spot: TypeAlias = "str | tuple[str, str, int]"
"""What takes room in a layer: a box by its key, or an arrow that passes, by its ends and the layer."""


def drawing_of(nodes: Sequence[Node], edges: Iterable[tuple[str, str]]) -> Drawing:
    """The drawing of a graph.

    Args:
        nodes: with distinct keys.
        edges: pairs of keys of `nodes`; one that is named twice is drawn once. Cycles and loops are drawn, too.
    """
    if not nodes:
        return Drawing((), (), 0, 0)
    keys = [node.key for node in nodes]
    drawn = tuple(dict.fromkeys(edges))
    forward = _without_cycles(keys, [edge for edge in drawn if edge[0] != edge[1]])
    layer_of = _layers(keys, set(forward.values()))
    plan = _Plan(keys, layer_of, dict.fromkeys(forward.values()))
    lines = {node.key: _wrapped(node.label) for node in nodes}
    heights: dict[_Spot, float] = {
        node.key: 2 * _PADDING + _LINE * (len(lines[node.key]) + bool(node.note)) for node in nodes
    }
    middles = plan.middles(heights)
    boxes = {
        node.key: Box(
            node,
            _MARGIN + layer_of[node.key] * (WIDTH + _BETWEEN_LAYERS),
            middles[node.key] - heights[node.key] / 2,
            heights[node.key],
            lines[node.key],
        )
        for node in nodes
    }
    return Drawing(
        tuple(boxes.values()),
        tuple(_arrows(drawn, forward, plan, boxes, middles)),
        max(box.x + WIDTH for box in boxes.values()) + _MARGIN + (_BETWEEN_LAYERS / 2),
        max(
            *(box.y + box.height for box in boxes.values()),
            *(middles[spot] for layer in plan.layers for spot in layer),
        )
        + _MARGIN,
    )


def _wrapped(label: str) -> tuple[str, ...]:
    """A label as lines that fit; words that are too long are broken after an underscore, else anywhere."""
    lines = [""]
    for piece in label.replace("_", "_\u200b").replace(" ", " \u200b").split("\u200b"):
        rest = piece
        if lines[-1] and _room(lines[-1] + rest.rstrip()) > _CHARACTERS:
            lines.append("")
        while _room(rest.rstrip()) > _CHARACTERS:
            fits = next(n for n in range(len(rest), 0, -1) if n == 1 or _room(rest[:n]) <= _CHARACTERS)
            lines[-1] = rest[:fits]
            lines.append("")
            rest = rest[fits:]
        lines[-1] += rest
    told = [line.strip() for line in lines if line.strip()] or [label]
    if len(told) > _LINES:
        told = [*told[: _LINES - 1], told[_LINES - 1][: _CHARACTERS - 1].rstrip() + "…"]
    return tuple(told)


def _room(text: str) -> int:
    """How many plain characters a text is as wide as."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _without_cycles(keys: Sequence[str], edges: Sequence[_Edge]) -> dict[_Edge, _Edge]:
    """For each edge the way in which it is laid: turned round where it would close a cycle."""
    after: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        after[source].append(target)
    back: set[_Edge] = set()
    done: set[str] = set()
    for root in keys:
        if root in done:
            continue
        path = {root}
        work = [(root, iter(after[root]))]
        while work:
            node, rest = work[-1]
            for target in rest:
                if target in path:
                    back.add((node, target))
                elif target not in done:
                    path.add(target)
                    work.append((target, iter(after[target])))
                    break
            else:
                work.pop()
                path.discard(node)
                done.add(node)
    return {edge: (edge[1], edge[0]) if edge in back else edge for edge in edges}


def _layers(keys: Sequence[str], edges: set[_Edge]) -> dict[str, int]:
    """The layer of each node: as far right as its longest way in; what nothing comes into stands before its readers."""
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    for source, target in sorted(edges):
        before[target].append(source)
        after[source].append(target)
    waiting = {key: len(before[key]) for key in keys}
    ready = [key for key in keys if not waiting[key]]
    layer = dict.fromkeys(keys, 0)
    for key in ready:  # it grows as it is gone through
        for target in after[key]:
            layer[target] = max(layer[target], layer[key] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    for key in reversed(ready):
        if after[key] and not before[key]:
            layer[key] = min(layer[target] for target in after[key]) - 1
    first = min(layer.values())
    return {key: layer[key] - first for key in keys}


class _Plan:
    """Which spots each layer has, in which order.

    Attributes:
        layers: the spots of each layer, from top to bottom.
        ways: for each laid edge its spots, from the first layer to the last.
    """

    def __init__(self, keys: Sequence[str], layer_of: Mapping[str, int], edges: Iterable[_Edge]) -> None:
        self.layers: list[list[_Spot]] = [[] for _ in range(max(layer_of.values()) + 1)]
        for key in keys:
            self.layers[layer_of[key]].append(key)
        self.ways: dict[_Edge, list[_Spot]] = {}
        self._left: dict[_Spot, list[_Spot]] = defaultdict(list)
        self._right: dict[_Spot, list[_Spot]] = defaultdict(list)
        for source, target in edges:
            way: list[_Spot] = [source]
            for layer in range(layer_of[source] + 1, layer_of[target]):
                way.append((source, target, layer))
                self.layers[layer].append(way[-1])
            way.append(target)
            self.ways[source, target] = way
            for one, other in itertools.pairwise(way):
                self._right[one].append(other)
                self._left[other].append(one)
        self._order()

    def _order(self) -> None:
        """Sweep to and fro, and keep the order with the fewest crossings."""
        best, fewest = [list(layer) for layer in self.layers], self._crossings()
        for sweep in range(_SWEEPS):
            rightwards = sweep % 2 == 0
            beside = self._left if rightwards else self._right
            for layer in self.layers if rightwards else reversed(self.layers):
                place = self._places()
                layer.sort(
                    key=lambda spot, place=place, beside=beside: (  # type: ignore[misc]
                        sum(place[other] for other in beside[spot]) / len(beside[spot])
                        if beside[spot]
                        else place[spot]
                    )
                )
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(layer) for layer in self.layers], crossings
        self.layers = best

    def _places(self) -> dict[_Spot, int]:
        return {spot: place for layer in self.layers for place, spot in enumerate(layer)}

    def _crossings(self) -> int:
        """How many pairs of arrows cross between two layers."""
        place = self._places()
        count = 0
        for layer in self.layers:
            ends: list[int] = []
            for spot in layer:
                reached = sorted(place[other] for other in self._right[spot])
                count += sum(len(ends) - bisect_right(ends, end) for end in reached)
                for end in reached:
                    insort(ends, end)
        return count

    def middles(self, heights: Mapping[_Spot, float]) -> dict[_Spot, float]:
        """The y of the middle of each spot; a spot that is not in `heights` is an arrow that passes."""
        middle: dict[_Spot, float] = {}
        apart: list[list[float]] = []
        for layer in self.layers:
            steps = [
                (heights.get(one, 0) + heights.get(other, 0)) / 2
                + (_BETWEEN_BOXES if one in heights and other in heights else _BETWEEN_ARROWS)
                for one, other in itertools.pairwise(layer)
            ]
            apart.append(steps)
            at = 0.0
            for spot, step in zip(layer, [*steps, 0.0], strict=True):
                middle[spot] = at
                at += step
        for sweep in range(_SWEEPS):
            rightwards = sweep % 2 == 0
            numbered = list(enumerate(self.layers))
            for number, layer in numbered if rightwards else reversed(numbered):
                wanted = [self._wanted(spot, middle, rightwards=rightwards) for spot in layer]
                middle |= zip(layer, _placed(wanted, apart[number]), strict=True)
        top = min(middle[spot] - heights.get(spot, 0) / 2 for spot in middle) - _MARGIN
        return {spot: y - top for spot, y in middle.items()}

    def _wanted(self, spot: _Spot, middle: Mapping[_Spot, float], *, rightwards: bool) -> float:
        near, far = (self._left, self._right) if rightwards else (self._right, self._left)
        beside = near[spot] or far[spot]
        return sum(middle[other] for other in beside) / len(beside) if beside else middle[spot]


def _placed(wanted: Sequence[float], apart: Sequence[float]) -> list[float]:
    """The places nearest to the wanted ones (least squares) that keep the order and the distances between them.

    With the distances taken off it is isotonic regression, which pooling adjacent violators solves exactly.
    """
    shift = [0.0]
    for step in apart:
        shift.append(shift[-1] + step)
    pools: list[tuple[float, int]] = []
    for want, off in zip(wanted, shift, strict=False):
        total, size = want - off, 1
        while pools and pools[-1][0] * size >= total * pools[-1][1]:
            sum_before, size_before = pools.pop()
            total, size = total + sum_before, size + size_before
        pools.append((total, size))
    level = [total / size for total, size in pools for _ in range(size)]
    return [base + off for base, off in zip(level, shift, strict=False)]


def _arrows(
    drawn: Iterable[_Edge],
    forward: Mapping[_Edge, _Edge],
    plan: _Plan,
    boxes: Mapping[str, Box],
    middles: Mapping[_Spot, float],
) -> Iterable[Arrow]:
    ports = _ports(plan, boxes, middles)
    column = {spot: layer for layer, spots in enumerate(plan.layers) for spot in spots}
    for edge in drawn:
        source, target = edge
        if source == target:
            yield _loop(boxes[source])
            continue
        laid = forward[edge]
        start, end = ports[laid]
        first, last = boxes[laid[0]], boxes[laid[1]]
        points = [(first.x + WIDTH, start)]
        for spot in plan.ways[laid][1:-1]:
            x = _MARGIN + column[spot] * (WIDTH + _BETWEEN_LAYERS)
            points += [(x, middles[spot]), (x + WIDTH, middles[spot])]
        points.append((last.x, end))
        if laid != edge:
            points.reverse()
        points[-1], tip = _short_of(points[-1], points[-2][0]), points[-1]
        yield Arrow(source, target, _curve(points), _head(tip, points[-1][0]))


def _ports(
    plan: _Plan, boxes: Mapping[str, Box], middles: Mapping[_Spot, float]
) -> dict[_Edge, tuple[float, float]]:
    """Where each laid edge leaves its first box and meets its last: spread over the side, in the order of arrival."""
    leaving: dict[str, list[tuple[float, _Edge]]] = defaultdict(list)
    meeting: dict[str, list[tuple[float, _Edge]]] = defaultdict(list)
    for edge, way in plan.ways.items():
        leaving[edge[0]].append((middles[way[1]], edge))
        meeting[edge[1]].append((middles[way[-2]], edge))

    def spread(sides: Mapping[str, list[tuple[float, _Edge]]]) -> dict[_Edge, float]:
        return {
            edge: boxes[key].y + boxes[key].height * (place + 1) / (len(ends) + 1)
            for key, ends in sides.items()
            for place, (_, edge) in enumerate(sorted(ends))
        }

    starts, ends = spread(leaving), spread(meeting)
    return {edge: (starts[edge], ends[edge]) for edge in plan.ways}


def _short_of(tip: tuple[float, float], comes_from: float) -> tuple[float, float]:
    """Where a line ends so that its head has room before the tip."""
    return (tip[0] - _HEAD if comes_from < tip[0] else tip[0] + _HEAD), tip[1]


def _curve(points: Sequence[tuple[float, float]]) -> str:
    (x, y), *rest = points
    path = [f"M{x:.1f} {y:.1f}"]
    for to_x, to_y in rest:
        if abs(to_y - y) < 0.05:
            path.append(f"H{to_x:.1f}")
        else:
            bend = (x + to_x) / 2
            path.append(f"C{bend:.1f} {y:.1f} {bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}")
        x, y = to_x, to_y
    return "".join(path)


def _head(tip: tuple[float, float], base: float) -> str:
    x, y = tip
    return f"M{x:.1f} {y:.1f}L{base:.1f} {y - 3.5:.1f}V{y + 3.5:.1f}Z"


def _loop(box: Box) -> Arrow:
    """What reads its own conclusion."""
    x, up, down = box.x + WIDTH, box.y + box.height * 0.25, box.y + box.height * 0.75
    line = f"M{x:.1f} {up:.1f}C{x + 32:.1f} {up:.1f} {x + 32:.1f} {down:.1f} {x + _HEAD:.1f} {down:.1f}"
    return Arrow(box.key, box.key, line, _head((x, down), x + _HEAD))
