"""How much of a space is covered, counted exactly: whether anything is missing, and where.

Each class of an axis counts one, a box the product of its classes. What rules cover together is counted by
inclusion and exclusion: rules that meet nobody, as nearly all do in a table as people write them, just add up. So
that a table is complete takes a sum to prove, and the way to a hole is the way to where the sum falls short.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final, TypeAlias

from decision_tables.analyse.search import Budget, OutOfSteps, runs
from decision_tables.index import bits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from decision_tables.analyse.search import Box, Rules

__all__ = ["Measure"]

_Term: TypeAlias = "tuple[int, ...]"
"""A box as its classes on each axis, those that it does not narrow too."""

_EACH: Final = 20
_TERMS: Final = 30_000
"""Boxes that are laid over each other, for each rule and beside; where rules overlap more than that, one searches."""


class Measure:
    """The measure of what some rules cover.

    Attributes:
        missing: how much they do not cover.
    """

    __slots__ = ("_added", "_budget", "_order", "_sizes", "_terms", "_volumes", "missing")

    def __init__(self, sizes: Sequence[int], budget: Budget) -> None:
        self._sizes = tuple(sizes)
        self._budget = budget
        self._terms: dict[_Term, int] = {}
        self._added: dict[_Term, int] = {}
        self._volumes: list[tuple[_Term, int]] = []
        self._order: list[int] = list(range(len(self._sizes)))
        self.missing = prod(self._sizes)

    @classmethod
    def of(cls, rules: Rules, among: int, met: Sequence[int], budget: Budget) -> Measure | None:
        """The measure of some rules, or None where they overlap too much to be counted.

        Args:
            rules: of the space.
            among: those that count.
            met: for each rule the others that may meet it.
            budget: what the counting takes is taken from it.

        Raises:
            OutOfSteps: it takes more than that.
        """
        found = cls([len(line.masks) for line in rules.lines], budget)
        full = tuple((1 << size) - 1 for size in found._sizes)
        accepted = [line.accepted for line in rules.lines]

        def term(rule: int) -> _Term:
            return tuple(one.get(rule, whole) for one, whole in zip(accepted, full, strict=True))

        crowd = 0
        terms = found._terms
        for rule in bits(among):
            if met[rule] & among:
                crowd |= 1 << rule
            else:
                _count(terms, term(rule), 1)
        work = Budget(_EACH * among.bit_count() + _TERMS)
        try:
            for one, sign in _united({rule: term(rule) for rule in bits(crowd)}, met, work):
                _count(terms, one, sign)
        except OutOfSteps:
            return None
        finally:
            budget.spend(work.spent // 4)
        budget.spend(len(terms) * len(full) // 8)
        found.missing -= found._sum(terms)
        return found

    def _sum(self, terms: dict[_Term, int]) -> int:
        total = 0
        sizes: dict[int, int] = {}
        for term, sign in terms.items():
            volume = sign
            for chosen in term:
                size = sizes.get(chosen)
                if size is None:
                    size = sizes[chosen] = chosen.bit_count()
                volume *= size
            total += volume
        return total

    def add(self, box: Box) -> bool:
        """Count a box as covered that no rule meets; False where too many boxes overlap to be counted."""
        full = ((1 << size) - 1 for size in self._sizes)
        term = tuple(box.get(axis, whole) for axis, whole in enumerate(full))
        fresh = {term: 1}
        for other, sign in self._added.items():
            both = _both(other, term)
            if both is not None:
                _count(fresh, both, -sign)
        self._budget.spend(len(self._added) + 1)
        for one, sign in fresh.items():
            _count(self._added, one, sign)
        self.missing -= self._sum(fresh)
        return len(self._added) <= _TERMS

    def hole(self) -> Box | None:
        """A box that nothing covers, one class of each axis that it narrows; None where nothing is missing."""
        if not self.missing:
            return None
        box: Box = {}
        terms = [*self._measured(), *((term, sign * _volume(term)) for term, sign in self._added.items())]
        space = prod(self._sizes)
        for axis in self._order:
            if not terms:
                break
            self._budget.spend(len(terms) // 8 + 1)
            space //= self._sizes[axis]
            place, rest = self._short(terms, axis, space)
            box[axis] = 1 << place
            terms = [one for one in rest if one[0][axis] >> place & 1]
        return box

    def _measured(self) -> list[tuple[_Term, int]]:
        """The terms with their volumes; found once, and with them the axes, those that most terms narrow first."""
        if not self._volumes:
            self._volumes = [(term, sign * _volume(term)) for term, sign in self._terms.items()]
            full = [(1 << size) - 1 for size in self._sizes]
            narrowed = [
                sum(1 for term in self._terms if term[axis] != whole) for axis, whole in enumerate(full)
            ]
            self._order = sorted(range(len(full)), key=lambda axis: (-narrowed[axis], axis))
        return self._volumes

    def _short(
        self, terms: Sequence[tuple[_Term, int]], axis: int, space: int
    ) -> tuple[int, list[tuple[_Term, int]]]:
        """The class of an axis where the sum falls short the most, and the terms measured without that axis."""
        steps = [0] * (self._sizes[axis] + 1)
        known: dict[int, tuple[int, list[tuple[int, int]]]] = {}
        rest = []
        for term, volume in terms:
            chosen = term[axis]
            found = known.get(chosen)
            if found is None:
                found = known[chosen] = (chosen.bit_count(), list(runs(chosen)))
            size, spans = found
            left = volume // size
            rest.append((term, left))
            for start, end in spans:
                steps[start] += left
                steps[end] -= left
        covered, best, least = 0, 0, space
        for place, step in enumerate(steps[:-1]):
            covered += step
            if covered < least:
                best, least = place, covered
        return best, rest


def _volume(term: _Term) -> int:
    return prod([chosen.bit_count() for chosen in term])


def _both(a: _Term, b: _Term) -> _Term | None:
    common = []
    for one, other in zip(a, b, strict=True):
        both = one & other
        if not both:
            return None
        common.append(both)
    return tuple(common)


def _count(terms: dict[_Term, int], term: _Term, sign: int) -> None:
    now = terms.get(term, 0) + sign
    if now:
        terms[term] = now
    else:
        terms.pop(term, None)


def _united(boxes: Mapping[int, _Term], met: Sequence[int], budget: Budget) -> Iterator[tuple[_Term, int]]:
    """A union of the rules' boxes as a sum of boxes with signs, the large ones first: small ones vanish in them."""
    made: dict[int, dict[_Term, int]] = {}
    done = 0
    for rule in sorted(boxes, key=lambda rule: (-_volume(boxes[rule]), rule)):
        box = boxes[rule]
        fresh: dict[_Term, int] = {box: 1}
        # What came of a rule lies in its box: only what came of those that this one meets can meet it.
        for other in bits(met[rule] & done):
            budget.spend(len(made[other]))
            for term, sign in made[other].items():
                both = _both(term, box)
                if both is not None:
                    _count(fresh, both, -sign)
        made[rule] = fresh
        done |= 1 << rule
        yield from fresh.items()
