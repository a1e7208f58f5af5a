"""How much of a space is covered, counted exactly: whether anything is missing, and where.

Each class of an axis counts one, a box the product of its classes. What rules cover together is counted by
inclusion and exclusion: rules that meet nobody, as nearly all do in a table as people write them, just add up. So
that a table is complete takes a sum to prove, and the way to a hole is the way to where the sum falls short.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final, TypeAlias

from decision_tables.analyse.search import runs
from decision_tables.index import bits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from decision_tables.analyse.search import Box, Budget, Rules

__all__ = ["Measure"]

_Term: TypeAlias = "tuple[int, ...]"
"""A box as its classes on each axis, those that it does not narrow too."""

_TERMS: Final = 40_000
"""Terms of inclusion and exclusion beyond the rules themselves; where rules overlap more than that, one searches."""


class Measure:
    """The measure of what some rules cover.

    Attributes:
        missing: how much they do not cover.
    """

    __slots__ = ("_added", "_budget", "_sizes", "_terms", "missing")

    def __init__(self, sizes: Sequence[int], budget: Budget) -> None:
        self._sizes = tuple(sizes)
        self._budget = budget
        self._terms: dict[_Term, int] = {}
        self._added: dict[_Term, int] = {}
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
        for group in _groups(crowd, met):
            together = _united((term(rule) for rule in bits(group)), budget)
            if together is None:
                return None
            for one, sign in together.items():
                _count(terms, one, sign)
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
        terms = [*self._terms.items(), *self._added.items()]
        axes = list(range(len(self._sizes)))
        space = prod(self._sizes)
        while terms:
            self._budget.spend(len(terms) // 4 + 1)
            axis = self._split(terms, axes)
            axes.remove(axis)
            size = self._sizes[axis]
            space //= size
            place = self._short(terms, axis, axes, space)
            box[axis] = 1 << place
            terms = [one for one in terms if one[0][axis] >> place & 1]
        return box

    def _split(self, terms: Sequence[tuple[_Term, int]], axes: Sequence[int]) -> int:
        """The axis that most terms narrow."""
        best, most = axes[0], -1
        for axis in axes:
            full = (1 << self._sizes[axis]) - 1
            count = sum(1 for term, _ in terms if term[axis] != full)
            if count > most:
                best, most = axis, count
        return best

    def _short(self, terms: Sequence[tuple[_Term, int]], axis: int, rest: Sequence[int], space: int) -> int:
        """The class of an axis where the sum falls short the most."""
        steps = [0] * (self._sizes[axis] + 1)
        known: dict[int, list[tuple[int, int]]] = {}
        for term, sign in terms:
            volume = sign
            for other in rest:
                volume *= term[other].bit_count()
            chosen = term[axis]
            spans = known.get(chosen)
            if spans is None:
                spans = known[chosen] = list(runs(chosen))
            for start, end in spans:
                steps[start] += volume
                steps[end] -= volume
        covered, best, least = 0, 0, space
        for place, step in enumerate(steps[:-1]):
            covered += step
            if covered < least:
                best, least = place, covered
        return best


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


def _united(boxes: Iterable[_Term], budget: Budget) -> dict[_Term, int] | None:
    """A union as a sum of boxes with signs, None where it takes too many."""
    terms: dict[_Term, int] = {}
    work = 0
    for box in boxes:
        work += len(terms) + 1
        if len(terms) > _TERMS or work > 5 * _TERMS:
            return None
        fresh: dict[_Term, int] = {box: 1}
        for term, sign in terms.items():
            both = _both(term, box)
            if both is not None:
                _count(fresh, both, -sign)
        for term, sign in fresh.items():
            _count(terms, term, sign)
    budget.spend(work // 2)
    return terms


def _groups(crowd: int, met: Sequence[int]) -> Iterator[int]:
    """The rules of a set parted into those that meet each other, directly or by others."""
    while crowd:
        group = rest = crowd & -crowd
        crowd ^= rest
        while rest:
            rule = rest.bit_length() - 1
            rest ^= 1 << rule
            more = met[rule] & crowd
            group |= more
            rest |= more
            crowd ^= more
        yield group
