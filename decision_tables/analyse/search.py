"""Searches in a space of rules: is everything covered, who meets whom, who is covered by others.

A box is a set of classes for each axis that it narrows. The search for what no rule covers splits the space along the
axis that most of the surviving rules narrow, and is done with a part as soon as a surviving rule accepts all that is
left of it. Parts that leave the same rules are the same part, so that each is looked at once. What is found depends
on the space alone; the budget counts steps and knows no clock.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Final

from decision_tables.index import bits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["BUDGET", "Box", "Budget", "Line", "OutOfSteps", "Rules", "runs"]

Box = dict[int, int]
"""By place of an axis the classes chosen (a bitset of their places); axes that are not in it are whole."""

BUDGET: Final = 3_000_000
"""Steps for the analysis of a rulebook: some ten seconds at most."""


class OutOfSteps(Exception):
    """The budget is exhausted; whatever was searched for is undecided."""


class Budget:
    """How many steps may still be taken."""

    __slots__ = ("left", "spent")

    def __init__(self, steps: int) -> None:
        self.left = steps
        self.spent = 0

    def spend(self, steps: int) -> None:
        """Take steps.

        Raises:
            OutOfSteps: there are not so many left.
        """
        self.left -= steps
        self.spent += steps
        if self.left < 0:
            raise OutOfSteps

    def part(self, steps: int) -> Budget:
        """A budget of its own for one search, no larger than what is left."""
        return Budget(max(0, min(steps, self.left)))


class Line:
    """One axis as bitsets of rules by class, and what has been worked out of them.

    Args:
        masks: for each class the rules that accept it.
        rules: how many rules there are.

    Attributes:
        narrowed: the rules that do not accept all of it.
    """

    __slots__ = ("_accepted", "_common", "_met", "_union", "masks", "narrowed", "some")

    def __init__(self, masks: tuple[int, ...], rules: int) -> None:
        self.masks = masks
        every = (1 << rules) - 1
        whole, some = every, 0
        for mask in masks:
            whole &= mask
            some |= mask
        self.narrowed = every & ~whole
        self.some = some
        self._accepted: dict[int, int] | None = None
        self._union: _Tree | None = None
        self._common: _Tree | None = None
        self._met: dict[int, int] = {}

    @property
    def accepted(self) -> dict[int, int]:
        """For each rule that narrows the axis, the classes that it accepts (a bitset of their places)."""
        if self._accepted is None:
            self._accepted = _turned(self.masks, self.narrowed)
        return self._accepted

    def with_boxes(self, rules: int, boxes: Sequence[int | None]) -> Line:
        """The axis with one more rule for each box, which accepts these classes of it (None for all)."""
        narrow = [(1 << (rules + n), chosen) for n, chosen in enumerate(boxes) if chosen is not None]
        whole = sum(1 << (rules + n) for n, chosen in enumerate(boxes) if chosen is None)
        masks = tuple(
            mask | whole | sum(bit for bit, chosen in narrow if chosen >> place & 1)
            for place, mask in enumerate(self.masks)
        )
        found = Line(masks, rules + len(boxes))
        if self._accepted is not None:
            more = {rules + n: chosen for n, chosen in enumerate(boxes) if chosen is not None}
            found._accepted = {**self._accepted, **more}
        return found

    def any_of(self, chosen: int) -> int:
        """The rules that accept some of the classes."""
        found = self._met.get(chosen)
        if found is None:
            if chosen.bit_count() <= _FEW:
                found = 0
                for place in bits(chosen):
                    found |= self.masks[place]
            else:
                found = self._any_in_runs(chosen)
            if len(self._met) < _KEPT:
                self._met[chosen] = found
        return found

    def all_of(self, chosen: int) -> int:
        """The rules that accept all of the classes."""
        if chosen.bit_count() <= _FEW:
            found = -1
            for place in bits(chosen):
                found &= self.masks[place]
            return found
        if self._common is None:
            self._common = _Tree(self.masks, operator.and_, -1)
        return self._common.over(chosen)

    def _any_in_runs(self, chosen: int) -> int:
        if self._union is None:
            self._union = _Tree(self.masks, operator.or_, 0)
        return self._union.over(chosen)


class _Tree:
    """Unions, or common parts, of neighbouring classes, for a span may hold thousands of them."""

    __slots__ = ("_join", "_nodes", "_nothing", "_size")

    def __init__(self, masks: Sequence[int], join: Callable[[int, int], int], nothing: int) -> None:
        self._size, self._join, self._nothing = len(masks), join, nothing
        self._nodes = [nothing] * self._size + list(masks)
        for place in range(self._size - 1, 0, -1):
            self._nodes[place] = join(self._nodes[2 * place], self._nodes[2 * place + 1])

    def over(self, chosen: int) -> int:
        """What comes of some classes."""
        found, nodes, join = self._nothing, self._nodes, self._join
        for start, end in runs(chosen):
            low, high = start + self._size, end + self._size
            while low < high:
                if low & 1:
                    found = join(found, nodes[low])
                    low += 1
                if high & 1:
                    high -= 1
                    found = join(found, nodes[high])
                low >>= 1
                high >>= 1
        return found


_FEW: Final = 24
"""Classes whose rules are united one by one."""

_KEPT: Final = 20_000
"""Unions that are remembered for one axis."""


class Rules:
    """The rules of a space, ready to be searched.

    Args:
        lines: its axes.
        rules: how many rules there are.
    """

    __slots__ = ("_every", "lines", "rules")

    def __init__(self, lines: Sequence[Line], rules: int) -> None:
        self.lines = tuple(lines)
        self.rules = rules
        self._every = (1 << rules) - 1

    # -- what a rule accepts -------------------------------------------------------------------------------

    def box(self, rule: int) -> Box:
        """What a rule accepts."""
        return {
            axis: line.accepted[rule] for axis, line in enumerate(self.lines) if line.narrowed >> rule & 1
        }

    def alive(self) -> int:
        """The rules that accept something on each axis."""
        found = self._every
        for line in self.lines:
            found &= line.some
        return found

    def narrow(self) -> int:
        """The rules that do not accept everything."""
        found = 0
        for line in self.lines:
            found |= line.narrowed
        return found

    # -- who meets whom ------------------------------------------------------------------------------------

    def meeting(self, box: Box, among: int) -> int:
        """The rules that accept something in a box."""
        for axis, chosen in box.items():
            among &= self.lines[axis].any_of(chosen)
            if not among:
                break
        return among

    def holding(self, box: Box, among: int) -> int:
        """The rules that accept all of a box."""
        for axis, line in enumerate(self.lines):
            if among & line.narrowed:
                chosen = box.get(axis)
                among &= ~line.narrowed if chosen is None else line.all_of(chosen)
        return among

    # -- what no rule covers -------------------------------------------------------------------------------

    def hole(
        self, budget: Budget, among: int, known: set[tuple[int, int]], within: Box | None = None
    ) -> Box | None:
        """A box that none of some rules accepts any of, or None if they cover everything.

        Args:
            budget: the steps that it may take.
            among: the rules that count.
            known: parts that are covered, by surviving rules and axes; what is proven is added. One set for each
                `within`.
            within: the box that has to be covered; all by default.

        Raises:
            OutOfSteps: it is not decided.
        """
        return _Search(self, budget, known, within or {}).run(among)

    def widened(self, box: Box, among: int, order: Sequence[int], within: Box | None = None) -> Box:
        """The box made as large as it can be without meeting any of the rules: first axes are dropped, in order."""
        within = within or {}
        box = dict(box)
        for axis in order:
            if axis not in box:
                continue
            rest = {other: chosen for other, chosen in box.items() if other != axis}
            if axis in within:
                rest[axis] = within[axis]
            if not self.meeting(rest, among):
                box = rest
        for axis in reversed(order):
            if axis not in box:
                continue
            others = self.meeting({other: chosen for other, chosen in box.items() if other != axis}, among)
            allowed = within.get(axis, -1)
            box[axis] = sum(
                1 << place
                for place, mask in enumerate(self.lines[axis].masks)
                if not mask & others and allowed >> place & 1
            )
        return box

    def with_boxes(self, boxes: Sequence[Box]) -> Rules:
        """These rules, and one more for each box."""
        lines = [
            line.with_boxes(self.rules, [box.get(axis) for box in boxes])
            for axis, line in enumerate(self.lines)
        ]
        return Rules(lines, self.rules + len(boxes))


class _Search:
    """One search for a hole."""

    __slots__ = ("_axes", "_budget", "_known", "_narrowed", "_rules", "_within")

    def __init__(self, rules: Rules, budget: Budget, known: set[tuple[int, int]], within: Box) -> None:
        self._rules = rules
        self._budget = budget
        self._known = known
        self._within = within
        self._narrowed = [line.narrowed for line in rules.lines]
        for axis, chosen in within.items():
            self._narrowed[axis] &= ~rules.lines[axis].all_of(chosen)
        self._axes: dict[int, tuple[int, ...]] = {}

    def run(self, among: int) -> Box | None:
        for axis, chosen in self._within.items():
            among &= self._rules.lines[axis].any_of(chosen)
        try:
            found = self._hole(among, (1 << len(self._narrowed)) - 1)
        except RecursionError:
            raise OutOfSteps from None
        if found is None:
            return None
        return {**self._within, **found}

    def _hole(self, mask: int, remaining: int) -> Box | None:
        if not mask:
            return {}
        axes = self._axes.get(remaining)
        if axes is None:
            axes = self._axes[remaining] = tuple(bits(remaining))
        self._budget.spend(1 + len(axes))
        whole, split, most, relevant, held_most = mask, -1, 0, 0, 0
        for axis in axes:
            held = mask & self._narrowed[axis]
            if held:
                relevant |= 1 << axis
                whole &= ~held
                count = held.bit_count()
                if count > most:
                    split, most, held_most = axis, count, held
        if whole:
            return None
        key = (mask, relevant)
        if key in self._known:
            return None
        rest = relevant & ~(1 << split)
        for part, chosen in self._parts(split, mask, held_most, most):
            found = self._hole(part, rest)
            if found is not None:
                found[split] = chosen
                return found
        self._known.add(key)
        return None

    def _parts(self, axis: int, mask: int, held: int, count: int) -> Sequence[tuple[int, int]]:
        """The different sets of surviving rules along an axis, the smallest first, each with a class of its own."""
        classes = self._rules.lines[axis].masks
        within = self._within.get(axis)
        found: dict[int, int] = {}
        if len(classes) <= _NARROW or count > len(classes) >> 3:
            self._budget.spend(len(classes))
            if within is None:
                for place, accepted in enumerate(classes):
                    part = mask & accepted
                    if part not in found:
                        found[part] = place
            else:
                for place in bits(within):
                    part = mask & classes[place]
                    if part not in found:
                        found[part] = place
        else:
            accepts = self._rules.lines[axis].accepted
            pieces = [((1 << len(classes)) - 1 if within is None else within, mask & ~held)]
            for rule in bits(held):
                accepted, bit = accepts.get(rule, 0), 1 << rule
                cut = []
                for chosen, part in pieces:
                    inside = chosen & accepted
                    if not inside:
                        cut.append((chosen, part))
                    else:
                        cut.append((inside, part | bit))
                        if inside != chosen:
                            cut.append((chosen ^ inside, part))
                pieces = cut
                self._budget.spend(len(pieces))
            for chosen, part in pieces:
                place = (chosen & -chosen).bit_length() - 1
                found[part] = min(place, found.get(part, place))
        return sorted(
            ((part, 1 << place) for part, place in found.items()),
            key=lambda one: (one[0].bit_count(), one[1]),
        )


_NARROW: Final = 48
"""Classes of an axis that are tried one by one, however few rules are left."""


def _turned(masks: Sequence[int], narrowed: int) -> dict[int, int]:
    """For each of the rules the places of the masks that hold it."""
    found: dict[int, int] = dict.fromkeys(bits(narrowed), 0)
    opened: dict[int, int] = {}
    before = 0
    for place, mask in enumerate((*masks, 0)):
        now = mask & narrowed
        for rule in bits(now ^ before):
            start = opened.pop(rule, None)
            if start is None:
                opened[rule] = place
            else:
                found[rule] |= (1 << place) - (1 << start)
        before = now
    return found


def runs(chosen: int) -> Iterator[tuple[int, int]]:
    """The spans `[start, end)` of neighbouring places in a bitset."""
    place = 0
    while chosen:
        skip = (chosen & -chosen).bit_length() - 1
        chosen >>= skip
        place += skip
        length = (~chosen & (chosen + 1)).bit_length() - 1
        yield place, place + length
        chosen >>= length
        place += length
