"""One space of rules examined: gaps, overlaps, rules that never fire; candidates first, findings once shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from decision_tables.analyse.axes import Space
from decision_tables.analyse.measure import Measure
from decision_tables.analyse.search import Box, Budget, OutOfSteps, Rules
from decision_tables.feel.values import same, text_of
from decision_tables.index import bits
from decision_tables.table import HitPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from decision_tables.analyse.extent import Extent
    from decision_tables.outcomes import CompiledNode

__all__ = ["GAPS", "PAIRS", "Candidate", "Examined", "KeptTable", "examine", "holes", "outcome_of"]

GAPS: Final = 24
"""Gaps of one table that are told; where there are more, that is told, too."""

PAIRS: Final = 40
"""Pairs of rules of one table that are told one by one; of others their number."""

_FOR_ONE_RULE: Final = 20_000
"""Steps to find out whether one rule is covered by others."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that a search found, before the engine was asked.

    Attributes:
        code: of the finding that it may become.
        rules: the rules concerned, by their number in the space.
        box: where it holds.
        is_sure: whether the classes alone prove it; else it takes the tests' own verdict.
        note: of what could not be decided, why.
        count: of those that are not told one by one, how many there are.
        defaults: the nodes whose defaults are concerned, too.
    """

    code: str
    rules: tuple[int, ...] = ()
    box: Box = field(default_factory=dict)
    is_sure: bool = True
    note: str = ""
    count: int = 0
    defaults: tuple[str, ...] = ()


class KeptTable:
    """What is kept of a table between analyses: an edit of one cell leaves nearly all of it as it was."""

    __slots__ = ("axes", "covered", "met", "node", "visible")

    def __init__(self) -> None:
        self.node: CompiledNode | None = None
        self.axes: tuple[tuple[str, Extent], ...] = ()
        self.covered: set[tuple[int, int]] = set()
        self.met: list[int] = []
        self.visible: dict[int, int] = {}

    def begin(self, space: Space) -> int:
        """Start an examination: the rules that have changed since the last one (all of them at first)."""
        node, every = space.nodes[0][0], (1 << space.rules) - 1
        axes = tuple((axis.name, axis.domain) for axis in space.axes)
        before, self.node = self.node, node
        changed = every
        if before is not None and axes == self.axes and before.rules == node.rules:
            changed = _changed(before, node)
        self.axes = axes
        if changed == every or changed.bit_count() > _MANY:
            self.covered, self.met, self.visible = set(), [], {}
            return every
        # Bits beyond the rules stand for gaps found before, which may be others now.
        self.covered = {key for key in self.covered if not key[0] & changed and not key[0] >> space.rules}
        return changed


_MANY: Final = 50


def _changed(before: CompiledNode, node: CompiledNode) -> int:
    """The rows whose conditions or periods differ between two versions of a table with the same rules."""
    changed = 0
    for old, new in zip(before.tests, node.tests, strict=True):
        if old != new:
            for row, (was, now) in enumerate(zip(old, new, strict=True)):
                if was is not now:
                    changed |= 1 << row
    was_rules, now_rules = getattr(before.source, "rules", ()), getattr(node.source, "rules", ())
    if was_rules is not now_rules:
        for row, (old_rule, new_rule) in enumerate(zip(was_rules, now_rules, strict=True)):
            if old_rule is not new_rule and (old_rule.valid, old_rule.known) != (
                new_rule.valid,
                new_rule.known,
            ):
                changed |= 1 << row
    return changed


@dataclass(frozen=True, slots=True)
class Examined:
    """What an examination of a space came to.

    Attributes:
        space: the space.
        possible: the rules by what they may accept.
        sure: the rules by what they surely accept; the same object where that is the same.
        alive: the rules that some values can meet.
        candidates: what was found.
        may_miss: whether there may be values for which no rule answers.
    """

    space: Space
    possible: Rules
    sure: Rules
    alive: int
    candidates: tuple[Candidate, ...]
    may_miss: bool


def examine(space: Space, budget: Budget, kept: KeptTable | None = None, *, gaps: bool = True) -> Examined:
    """Examine the space of one table.

    Args:
        space: of one node.
        budget: the steps that it may take.
        kept: from an earlier examination of the same table.
        gaps: whether it matters where no rule answers.
    """
    kept = KeptTable() if kept is None else kept
    changed = kept.begin(space)
    possible, sure = space.possible, space.sure
    alive = possible.alive()
    found: list[Candidate] = list(_dead(space, possible, alive))
    may_miss = True
    try:
        budget.spend(alive.bit_count())
        met = _meetings(possible, alive, kept, changed)
    except OutOfSteps:
        return Examined(space, possible, sure, alive, (*found, *_undecided(space, gaps=gaps)), may_miss)
    if gaps:
        part = budget.part(budget.left // 2)
        missed = holes(space, possible, sure, alive, met, part, kept.covered)
        budget.left -= part.spent
        budget.spent += part.spent
        may_miss = bool(missed)
        found += missed
    try:
        view = _View(space, possible, sure, alive, met, frozenset(), budget)
        twins = _twins(view)
        found += twins
        view = replace(view, told=frozenset(twin.rules for twin in twins if twin.rules))
        match view.node.hit_policy:
            case HitPolicy.UNIQUE:
                found += _overlaps(view)
            case HitPolicy.ANY:
                found += _unequal(view)
                found += _redundant(view)
            case HitPolicy.FIRST:
                found += _hidden(view, kept, changed)
            case HitPolicy.PRIORITY:
                found += _outranked(view)
    except OutOfSteps:
        found += _undecided(space, gaps=False)
    return Examined(space, possible, sure, alive, tuple(found), may_miss)


def _undecided(space: Space, *, gaps: bool) -> Iterator[Candidate]:
    """What could not be looked at for want of steps."""
    if gaps:
        yield Candidate("analysis/gap", is_sure=False, note="budget")
    code = "analysis/shadowed" if space.nodes[0][0].hit_policy is HitPolicy.FIRST else "analysis/overlap"
    yield Candidate(code, is_sure=False, note="budget")


# ---- rules that nothing meets ------------------------------------------------------------------------------


def _dead(space: Space, possible: Rules, alive: int) -> Iterator[Candidate]:
    for rule in bits(((1 << space.rules) - 1) & ~alive):
        for place, line in enumerate(possible.lines):
            if not line.some >> rule & 1:
                yield Candidate("analysis/empty-rule", (rule,), {place: 0})
                break


# ---- gaps --------------------------------------------------------------------------------------------------


def holes(
    space: Space,
    possible: Rules,
    sure: Rules,
    among: int,
    met: Sequence[int],
    budget: Budget,
    covered: set[tuple[int, int]],
) -> list[Candidate]:
    """Boxes of which some rules accept nothing, as large as they can be, and those that only their tests can decide.

    Args:
        space: where they are looked for.
        possible: the rules by what they may accept.
        sure: by what they surely accept.
        among: the rules that count.
        met: for each rule those that may accept what it accepts.
        budget: the steps that it may take.
        covered: of earlier searches among the same rules.
    """
    found: list[Candidate] = []
    boxes: list[Box] = []
    order = _order(space)
    try:
        for hole in _missing(possible, among, met, boxes, budget, covered):
            if len(boxes) == GAPS:
                found.append(Candidate("analysis/more", note="gap"))
                return found
            box = possible.widened(hole, among, order)
            boxes.append(box)
            found.append(Candidate(_gap_code(space, box), (), box))
            budget.spend(sum(len(axis.classes) for axis in space.axes) // 4)
        if sure is not possible:
            found += _open_holes(possible, sure, among, boxes, order, budget)
    except OutOfSteps:
        found.append(Candidate("analysis/gap", is_sure=False, note="budget"))
    return found


def _open_holes(
    possible: Rules, sure: Rules, among: int, boxes: Sequence[Box], order: Sequence[int], budget: Budget
) -> Iterator[Candidate]:
    """What no rule surely accepts, beyond what none may accept: there the tests have the word."""
    known: set[tuple[int, int]] = set()
    open_boxes: list[Box] = []
    whole = among | ((1 << len(boxes)) - 1) << sure.rules
    while len(open_boxes) < _DOUBTS:
        all_boxes = [*boxes, *open_boxes]
        rules = sure.with_boxes(all_boxes)
        short = rules.hole(budget, among | ((1 << len(all_boxes)) - 1) << sure.rules, known)
        if short is None:
            return
        box = sure.with_boxes(boxes).widened(short, whole, order)
        open_boxes.append(box)
        yield Candidate("analysis/gap", tuple(bits(possible.meeting(box, among))), box, is_sure=False)
    yield Candidate("analysis/gap", is_sure=False, note="tests")


def _missing(
    possible: Rules,
    among: int,
    met: Sequence[int],
    boxes: Sequence[Box],
    budget: Budget,
    covered: set[tuple[int, int]],
) -> Iterator[Box]:
    """Holes, one by one, each outside the boxes that have been made of those before: counted, or else searched for."""
    if among & ~possible.narrow():
        return
    measure = Measure.of(possible, among, met, budget)
    while measure is not None:
        short = measure.hole()
        if short is None:
            return
        yield short
        if not measure.add(boxes[-1]):
            break
    while True:
        rules = possible.with_boxes(boxes) if boxes else possible
        hole = rules.hole(budget, among | ((1 << len(boxes)) - 1) << possible.rules, covered)
        if hole is None:
            return
        yield hole


_DOUBTS: Final = 8
"""Boxes in which only the tests' own verdict says whether a rule answers."""


def _gap_code(space: Space, box: Box) -> str:
    is_of_days = bool(box) and all(space.axes[place].is_clock for place in box)
    return "analysis/no-rule-in-force" if is_of_days else "analysis/gap"


def _order(space: Space) -> list[int]:
    """The axes in the order in which they are dropped from a region: clocks first, then columns from the right."""
    places = range(len(space.axes))
    clocks = [place for place in places if space.axes[place].is_clock]
    return clocks + [place for place in reversed(places) if not space.axes[place].is_clock]


# ---- rules that meet ---------------------------------------------------------------------------------------


def _meetings(possible: Rules, alive: int, kept: KeptTable, changed: int) -> list[int]:
    """For each rule the others that may accept what it accepts."""
    met = kept.met
    if not met:
        met = [0] * possible.rules
    for rule in bits(changed):
        now = possible.meeting(possible.box(rule), alive & ~(1 << rule)) if alive >> rule & 1 else 0
        for other in bits((met[rule] ^ now) & ~changed):
            met[other] ^= 1 << rule
        met[rule] = now
    kept.met = met
    return met


def _overlap(possible: Rules, a: int, b: int) -> Box:
    """What two rules that meet both accept."""
    box = possible.box(a)
    for axis, chosen in possible.box(b).items():
        box[axis] = box.get(axis, -1) & chosen
    return box


@dataclass(frozen=True, slots=True)
class _View:
    """What the searches for rules that meet share.

    Attributes:
        space: the space.
        possible: the rules by what they may accept.
        sure: by what they surely accept.
        alive: those that some values can meet.
        met: for each rule the others that may accept what it accepts.
        told: pairs that are told already.
        budget: the steps that they may take.
    """

    space: Space
    possible: Rules
    sure: Rules
    alive: int
    met: Sequence[int]
    told: frozenset[tuple[int, ...]]
    budget: Budget

    @property
    def node(self) -> CompiledNode:
        """The one node of the space."""
        return self.space.nodes[0][0]

    @property
    def gone(self) -> set[int]:
        """Rules that are told to be there for nothing already."""
        return {pair[1] for pair in self.told}

    def pairs(self) -> Iterator[tuple[int, int]]:
        """The pairs of rules that meet, without those that are told already.

        Raises:
            OutOfSteps: there are too many.
        """
        for rule, others in enumerate(self.met):
            later = others >> (rule + 1)
            for other in bits(later):
                self.budget.spend(1)
                if (rule, rule + 1 + other) not in self.told:
                    yield rule, rule + 1 + other

    def overlap(self, pair: tuple[int, int]) -> Box:
        """What two rules that meet both accept."""
        return _overlap(self.possible, *pair)

    def is_sure(self, box: Box, pair: tuple[int, int]) -> bool:
        """Whether two rules surely accept something of what they both may."""
        if self.sure is self.possible:
            return True
        both = sum(1 << rule for rule in pair)
        return all(
            any(
                mask & both == both
                for place, mask in enumerate(masks)
                if axis not in box or box[axis] >> place & 1
            )
            for axis, masks in enumerate(line.masks for line in self.sure.lines)
        )


def _number_of_pairs(met: Sequence[int]) -> int:
    return sum(others.bit_count() for others in met) // 2


def _overlaps(view: _View) -> Iterator[Candidate]:
    """Under UNIQUE: rules that may match together."""
    shown = 0
    doubts: list[int] = []
    for pair in view.pairs():
        box = view.overlap(pair)
        is_sure = view.is_sure(box, pair)
        if is_sure:
            shown += 1
        else:
            doubts += pair
            if len(doubts) > 2 * _DOUBTS:
                continue
        if shown > PAIRS:
            more = _number_of_pairs(view.met) - len(view.told) - PAIRS - len(doubts) // 2
            yield Candidate("analysis/more", count=more, note="overlap")
            return
        code = (
            "analysis/two-in-force" if _are_versions(view.space, view.possible, pair) else "analysis/overlap"
        )
        yield Candidate(code, pair, box, is_sure=is_sure)
    if len(doubts) > 2 * _DOUBTS:
        yield Candidate("analysis/overlap", tuple(dict.fromkeys(doubts)), is_sure=False, note="tests")


def _are_versions(space: Space, possible: Rules, pair: tuple[int, int]) -> bool:
    """Whether two rules have the same conditions, and differ in their periods: one was to take the other's place."""
    boxes = [possible.box(rule) for rule in pair]
    clocks = {place for place, axis in enumerate(space.axes) if axis.is_clock}
    first, second = ({axis: one for axis, one in box.items() if axis not in clocks} for box in boxes)
    return first == second and boxes[0] != boxes[1]


def outcome_of(node: CompiledNode, row: int) -> tuple[object, ...]:
    """What a rule concludes, as far as it can be told apart without facts: equal only if the outcomes are."""
    said: list[object] = []
    for output in node.outputs:
        cell = output.cells[row]
        if cell is None:
            referral = node.referrals.get(row)
            said.append(
                None if referral is None else ("referral", tuple(referral.question.by_language.items()))
            )
        elif cell.is_constant:
            said.append(("value", type(cell.value).__name__, text_of(cell.value)))
        else:
            said.append(("text", cell.text.strip()))
    return tuple(said)


def _may_differ(node: CompiledNode, a: int, b: int) -> bool | None:
    """Whether two rules conclude different things: surely, surely not, or (None) as the facts have it."""
    verdict: bool | None = False
    for output in node.outputs:
        one, other = output.cells[a], output.cells[b]
        if one is None or other is None:
            if one is not other or node.referrals.get(a) != node.referrals.get(b):
                null = all(cell is None or (cell.is_constant and cell.value is None) for cell in (one, other))
                if not null or node.open or output.fact in node.shared:
                    return True
        elif one.is_constant and other.is_constant:
            if not same(one.value, other.value):
                return True
        elif one.text.strip() != other.text.strip() or one.reads_clock:
            verdict = None
    return verdict


def _unequal(view: _View) -> Iterator[Candidate]:
    """Under ANY: rules that may match together and do not conclude the same."""
    shown = more = 0
    for pair in view.pairs():
        differ = _may_differ(view.node, *pair)
        if differ is False:
            continue
        shown += 1
        if shown > PAIRS:
            more += 1
            continue
        box = view.overlap(pair)
        yield Candidate("analysis/overlap", pair, box, is_sure=differ is True and view.is_sure(box, pair))
    if more:
        yield Candidate("analysis/more", count=more, note="overlap")


def _twins(view: _View) -> list[Candidate]:
    """Rules with the same conditions and the same outcomes, in force on the same days."""
    node = view.node
    kept: dict[object, int] = {}
    found: list[Candidate] = []
    plain = _decided(view.space)
    for row in range(view.space.rules):
        if not view.met[row]:
            continue
        first = kept.setdefault((_conditions(view, row, plain), outcome_of(node, row)), row)
        if first == row or not view.met[row] >> first & 1:
            continue
        code = "analysis/duplicate"
        if view.possible.box(first) != view.possible.box(row):  # their periods differ
            if node.hit_policy is HitPolicy.UNIQUE:
                code = "analysis/two-in-force"
            elif node.hit_policy.is_single:
                continue  # one is of use on days on which the other is not
        if len(found) == PAIRS:
            found.append(Candidate("analysis/more", note="duplicate"))
            break
        found.append(Candidate(code, (first, row), view.overlap((first, row))))
    return found


def _decided(space: Space) -> dict[str | int, None]:
    """The axes of facts on which the classes alone say what a rule accepts: by their names, and by their places."""
    found: dict[str | int, None] = {}
    for place, axis in enumerate(space.axes):
        if axis.fact is not None and axis.may is axis.must:
            found |= {axis.fact: None, place: None}
    return found


def _conditions(view: _View, row: int, plain: Mapping[str | int, None]) -> tuple[object, ...]:
    """What a rule asks: the values that it accepts, however they are spelled; else what is written."""
    node = view.node
    asked = tuple(
        None if tests[row].is_any else True if name in plain else tests[row].text.strip()
        for name, tests in zip(node.names, node.tests, strict=True)
    )
    box = view.possible.box(row)
    return asked, tuple((place, chosen) for place, chosen in box.items() if place in plain)


# ---- rules that others keep from firing --------------------------------------------------------------------


def _redundant(view: _View) -> Iterator[Candidate]:
    """Under ANY: a rule all of which another accepts, with the same outcome."""
    gone = view.gone
    shown = 0
    for rule in bits(view.alive):
        if rule in gone or not view.met[rule]:
            continue
        for other in bits(view.sure.holding(view.possible.box(rule), view.met[rule])):
            if other not in gone and _may_differ(view.node, rule, other) is False:
                if shown == PAIRS:
                    yield Candidate("analysis/more", note="redundant")
                    return
                gone.add(rule)
                yield Candidate("analysis/redundant", (rule, other), view.possible.box(rule))
                shown += 1
                break


def _covering(view: _View, rule: int, before: int) -> tuple[bool | None, int]:
    """Whether rules cover all of another, None if it cannot be said; and those that do."""
    possible, sure, budget = view.possible, view.sure, view.budget
    box = possible.box(rule)
    whole = sure.holding(box, before)
    if whole:
        return True, whole & -whole
    part = budget.part(_FOR_ONE_RULE)
    try:
        hole = sure.hole(part, before, set(), box)
    except OutOfSteps:
        return None, before
    finally:
        budget.spend(min(part.spent, max(0, budget.left)))
    if hole is None:
        return True, _needed(sure, before, box, budget)
    if sure is possible or not possible.meeting(hole, before):
        return False, 0
    try:
        hole = possible.hole(budget.part(_FOR_ONE_RULE), before, set(), box)
    except OutOfSteps:
        return None, before
    return (False, 0) if hole is not None else (None, before)


def _needed(sure: Rules, before: int, box: Box, budget: Budget) -> int:
    """Of the rules that together cover a box, so many as are needed."""
    if before.bit_count() > _NAMED:
        return before
    for rule in reversed(list(bits(before))):
        fewer = before & ~(1 << rule)
        try:
            if sure.hole(budget.part(_FOR_ONE_RULE), fewer, set(), box) is None:
                before = fewer
        except OutOfSteps:
            return before
    return before


_NAMED: Final = 60
"""Rules that are tried one by one for whether they are needed to cover another."""


def _hidden(view: _View, kept: KeptTable, changed: int) -> Iterator[Candidate]:
    """Under FIRST: rules all of whose facts earlier rules answer."""
    gone = view.gone
    for rule in bits(view.alive):
        before = view.met[rule] & ((1 << rule) - 1)
        known = kept.visible.get(rule)
        if known is not None and known == before and not (before | 1 << rule) & changed:
            continue
        kept.visible.pop(rule, None)
        if rule in gone or not before:
            continue
        is_hidden, by = _covering(view, rule, before)
        if is_hidden is False:
            kept.visible[rule] = before
        else:
            yield from _covered(view, rule, is_hidden, by)


def _covered(view: _View, rule: int, is_hidden: bool | None, by: int) -> Iterator[Candidate]:
    rules, box = (rule, *list(bits(by))[:PAIRS]), view.possible.box(rule)
    if is_hidden:
        yield Candidate("analysis/shadowed", rules, box)
    elif is_hidden is None:
        note = "budget" if view.sure is view.possible else "tests"
        yield Candidate("analysis/shadowed", rules, box, is_sure=False, note=note)


def _outranked(view: _View) -> Iterator[Candidate]:
    """Under PRIORITY: rules that better ones cover, and ties that only the order of the rows decides."""
    ranks = [_rank(view.node, row) for row in range(view.space.rules)]
    gone = view.gone
    shown = 0
    for rule in bits(view.alive):
        own = ranks[rule]
        if rule in gone or own is None or not view.met[rule]:
            continue
        better = 0
        view.budget.spend(view.met[rule].bit_count())
        for other in bits(view.met[rule]):
            rank = ranks[other]
            if rank is not None and (rank, other) < (own, rule):
                better |= 1 << other
        if better:
            is_hidden, by = _covering(view, rule, better)
            if is_hidden:
                gone.add(rule)
            yield from _covered(view, rule, is_hidden, by)
    for pair in view.pairs():
        a, b = pair
        if a in gone or b in gone or ranks[a] is None or ranks[a] != ranks[b]:
            continue
        if _may_differ(view.node, a, b) is False:
            continue
        shown += 1
        if shown > PAIRS:
            yield Candidate("analysis/more", note="tie")
            return
        box = view.overlap(pair)
        yield Candidate("analysis/tie", pair, box, is_sure=view.is_sure(box, pair))


def _rank(node: CompiledNode, row: int) -> tuple[int, ...] | None:
    """The place of a rule's outcomes in the order of the outputs; None where it takes facts to say."""
    rank = []
    for output in node.outputs:
        if output.priorities is None:
            continue
        cell = output.cells[row]
        if cell is not None and not cell.is_constant:
            return None
        value = None if cell is None else cell.value
        places = (
            place for place, best in enumerate(output.priorities) if cell is not None and same(best, value)
        )
        rank.append(next(places, len(output.priorities)))
    return tuple(rank)
