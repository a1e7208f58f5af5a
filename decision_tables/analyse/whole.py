"""A rulebook analysed: its tables in dependency order, then what they say of each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from decision_tables.analyse.axes import KeptAxes, Space, space_of
from decision_tables.analyse.domains import Domains
from decision_tables.analyse.extent import NOTHING_KNOWN, Extent, of_region, of_value
from decision_tables.analyse.findings import (
    CODES,
    DAYS,
    Analysis,
    Finding,
    Region,
    Severity,
    Witness,
    key_of,
    standing_of,
)
from decision_tables.analyse.search import BUDGET, Budget, OutOfSteps, Rules
from decision_tables.analyse.tables import (
    PAIRS,
    Candidate,
    Examined,
    KeptTable,
    examine,
    holes,
    outcome_of,
)
from decision_tables.analyse.witness import Bench, Doubt, Sight, region_of_box
from decision_tables.diagnostics import Where
from decision_tables.feel import syntax
from decision_tables.feel.temporal import date_of
from decision_tables.feel.values import text_of
from decision_tables.index import bits
from decision_tables.outcomes import NO_OPINION, Conflict
from decision_tables.regions import region_of
from decision_tables.table import Formula

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from decision_tables.chain import Case
    from decision_tables.feel.evaluate import Expression
    from decision_tables.outcomes import CompiledNode
    from decision_tables.program import Program

__all__ = ["AnalysisMemory", "analyse", "analyse_table"]


class AnalysisMemory:
    """What one analysis leaves for the next, so that an edit is analysed anew only where it changed something.

    It goes with one rulebook as it is being edited; with a memory the findings are those that there are without, but
    for what a budget left undecided. One analysis at a time may use it.
    """

    __slots__ = ("axes", "shown", "tables")

    def __init__(self) -> None:
        self.axes = KeptAxes()
        self.tables: dict[str, KeptTable] = {}
        self.shown: dict[str, tuple[object, dict[str, Finding]]] = {}


def analyse(program: Program, *, budget: int = BUDGET, memory: AnalysisMemory | None = None) -> Analysis:
    """Everything that is to be said about a rulebook's tables and how they hang together.

    Args:
        program: the compiled rulebook.
        budget: steps; what they do not suffice for is told as unproven.
        memory: of earlier analyses of the same rulebook.
    """
    return _Analyst(program, budget, memory or AnalysisMemory()).all()


def analyse_table(
    program: Program, key: str, *, budget: int = BUDGET, memory: AnalysisMemory | None = None
) -> Analysis:
    """What is to be said about one table, over what the nodes upstream may conclude: for editors, while one types.

    Args:
        program: the compiled rulebook.
        key: of the table; one that there is not has no findings.
        budget: as in `analyse`.
        memory: as in `analyse`.
    """
    return _Analyst(program, budget, memory or AnalysisMemory()).only(key)


@dataclass(frozen=True, slots=True)
class _Claim:
    """A candidate as it is to be shown: of which nodes, in which space."""

    candidate: Candidate
    examined: Examined
    where: Where
    facts: tuple[str, ...] = ()


class _Analyst:
    def __init__(self, program: Program, budget: int, memory: AnalysisMemory) -> None:
        self._program = program
        self._budget = Budget(budget)
        self._memory = memory
        self._domains = Domains(program)
        self._bench = Bench(program, self._domains, self._budget)
        self._examined: dict[int, Examined] = {}
        self._together: dict[str, Examined] = {}
        self._known: dict[str, Finding] = {}
        self._numbers = {node.key: node.number for node in program.nodes}
        self._rules = {
            (table.key, rule.id): rule for table in program.rulebook.tables for rule in table.rules
        }

    def all(self) -> Analysis:
        found: list[Finding] = []
        for n in range(len(self._program.nodes)):
            found += self._of_node(n)
        found += self._of_facts()
        found += self._of_cycles()
        return self._told(found)

    def only(self, key: str) -> Analysis:
        node = next((one for one in self._program.nodes if one.key == key), None)
        if node is None:
            return Analysis()
        needed = {*self._program.closure(tuple(sorted(node.reads)), frozenset()), node.number}
        found: list[Finding] = []
        for n in sorted(needed):
            if n == node.number:
                found += self._of_node(n)
            else:
                self._examine(self._program.nodes[n])
        return self._told(one for one in found if one.where.table == key)

    def _told(self, found: Iterable[Finding]) -> Analysis:
        order = {node.key: place for place, node in enumerate(self._program.rulebook.nodes)}
        rows = {(node.key, rule): row for node in self._program.nodes for row, rule in enumerate(node.rules)}

        def place(one: Finding) -> tuple[int, int, str]:
            first = one.rules[0] if one.rules else (one.where.table, one.where.rule)
            return order.get(one.where.table, len(order)), rows.get(first, -1), one.code

        once = {one.key: one for one in found}
        return Analysis(tuple(sorted(once.values(), key=place)), self._budget.spent)

    # -- one node -------------------------------------------------------------------------------------------

    def _examine(self, node: CompiledNode) -> Examined:
        space = space_of([node], self._domains.tested, self._memory.axes)
        kept = self._memory.tables.setdefault(node.key, KeptTable())
        budget = self._budget.part(max(self._budget.left // 3, _LEAST))
        examined = examine(space, budget, kept, gaps=_must_answer(node))
        self._budget.left -= budget.spent
        self._budget.spent += budget.spent
        self._examined[node.number] = examined
        self._bench.sights[node.number] = Sight(node, space, examined.possible, examined.alive)
        for fact in node.facts:
            if self._program.concluded[fact][-1] == node.number:
                self._learn(fact)
        return examined

    def _learn(self, fact: str) -> None:
        """What the nodes that conclude a fact may conclude together; of nodes on a circle nothing is learnt."""
        makers = [self._program.nodes[n] for n in self._program.concluded[fact]]
        if any(node.number in self._program.cyclic or node.number not in self._examined for node in makers):
            return
        found = Extent()
        for node in makers:
            found |= self._domains.concluded(node, fact, self._examined[node.number].alive)
        if self._may_be_silent(makers, fact):
            found |= NOTHING_KNOWN
        self._domains.learn(fact, found)

    def _may_be_silent(self, makers: Sequence[CompiledNode], fact: str) -> bool:
        """Whether it may be that no node has an opinion on a fact, so that it is null."""
        if any(node.open or not node.hit_policy.is_single for node in makers):
            return False
        if len(makers) > 1:
            return self._joint(fact).may_miss
        examined = self._examined[makers[0].number]
        if self._domains.may_be_silent(makers[0], fact, examined.alive):
            return True
        return _must_answer(makers[0]) and examined.may_miss and not makers[0].has_default(fact)

    def _of_node(self, n: int) -> Iterator[Finding]:
        node = self._program.nodes[n]
        frame = self._frame(node)
        known = self._memory.shown.get(node.key)
        self._known = known[1] if known is not None and known[0] == frame else {}
        found = list(self._searched(node))
        # Where tests have to be asked, or nothing meets some rule, the facts that are tried rest on more than the key.
        examined = self._examined[node.number]
        is_plain = examined.space.is_exact and examined.alive == (1 << len(node.rules)) - 1
        self._memory.shown[node.key] = (frame, {one.key: one for one in found} if is_plain else {})
        yield from found

    def _frame(self, node: CompiledNode) -> object:
        """All that decides, beside the rows of a node, on what facts show a finding about it, and how grave it is."""
        book = self._program.rulebook
        others = self._program.closure((*sorted(node.reads), *node.facts), frozenset())
        sources = tuple(self._program.nodes[n].source for n in others if n != node.number)
        shared = [n for fact in node.shared for n in self._program.concluded[fact] if n != node.number]
        beside = tuple(self._program.nodes[n].source for n in shared)
        laws = (node.hit_policy, book.absent)
        return book.facts, book.types, book.functions, book.cases, book.services, laws, sources, beside

    def _searched(self, node: CompiledNode) -> Iterator[Finding]:
        n = node.number
        if isinstance(node.source, Formula):
            self._examine(node)
        else:
            before = set(self._domains.untyped)
            examined = self._examine(node)
            if not examined.space.is_exact:
                for number, name in enumerate(node.names):
                    if name is not None:
                        self._bench.hint(name, dict.fromkeys(node.tests[number]))
            for candidate in examined.candidates:
                yield from self._shown(_Claim(candidate, examined, Where(node.key)))
            for name in self._domains.untyped:
                if name not in before:
                    yield self._made(
                        "analysis/unproven",
                        Where(node.key, "", _column(node, name)),
                        facts=(name,),
                        note="type",
                    )
        for fact in node.facts:
            if fact in node.shared and self._program.concluded[fact][-1] == n:
                yield from self._of_contributors(fact)

    # -- several nodes, one fact ----------------------------------------------------------------------------

    def _joint(self, fact: str) -> Examined:
        """The space of all nodes that conclude a fact, and where none of them does."""
        known = self._together.get(fact)
        if known is not None:
            return known
        makers = [self._program.nodes[n] for n in self._program.concluded[fact]]
        space = space_of(makers, self._domains.tested, self._memory.axes)
        possible, sure = space.possible, space.sure
        speaking = 0
        for node, first in space.nodes:
            for row in bits(self._examined[node.number].alive):
                if isinstance(node.source, Formula) or node.speaks(row, fact) or row in node.referrals:
                    speaking |= 1 << (first + row)
        found: list[Candidate] = []
        may_miss = not any(node.open or node.has_default(fact) for node in makers)
        if may_miss:
            met = [
                possible.meeting(possible.box(rule), speaking & ~(1 << rule)) if speaking >> rule & 1 else 0
                for rule in range(space.rules)
            ]
            found += holes(space, possible, sure, speaking, met, self._budget, set())
            may_miss = bool(found)
        joint = Examined(space, possible, sure, speaking, tuple(found), may_miss)
        self._together[fact] = joint
        return joint

    def _of_contributors(self, fact: str) -> Iterator[Finding]:
        makers = [self._program.nodes[n] for n in self._program.concluded[fact]]
        if any(node.number not in self._examined for node in makers) or not makers[0].hit_policy.is_single:
            return
        joint = self._joint(fact)
        where = Where(makers[-1].key, "", _output(makers[-1], fact))
        found = list(joint.candidates)
        try:
            found += self._contradictions(joint.space, joint.possible, joint.sure, joint.alive, fact)
            found += self._contradicted_defaults(joint, fact)
        except OutOfSteps:
            found.append(Candidate("analysis/contradiction", is_sure=False, note="budget"))
        for candidate in found:
            yield from self._shown(_Claim(candidate, joint, where, (fact,)))

    def _contradictions(
        self, space: Space, possible: Rules, sure: Rules, speaking: int, fact: str
    ) -> Iterator[Candidate]:
        """Pairs of rules of different nodes that may answer together, and differ."""
        own = {first: ((1 << len(node.rules)) - 1) << first for node, first in space.nodes}
        shown = more = 0
        for node, first in space.nodes:
            later = sum(mask for start, mask in own.items() if start > first)
            for rule in bits(speaking & own[first]):
                self._budget.spend(1 + len(space.axes))
                for other in bits(possible.meeting(possible.box(rule), speaking & later)):
                    self._budget.spend(1)
                    if _says(node, rule - first, fact) == _says(*space.rule(other), fact):
                        continue
                    shown += 1
                    if shown > PAIRS:
                        more += 1
                        continue
                    box = possible.box(rule)
                    for axis, chosen in possible.box(other).items():
                        box[axis] = box.get(axis, -1) & chosen
                    free = self._freed(space, sure, box, (rule, other))
                    if free is not None:
                        yield Candidate(
                            "analysis/contradiction", (rule, other), free, is_sure=sure is possible
                        )
        if more:
            yield Candidate("analysis/more", count=more, note="contradiction")

    def _contradicted_defaults(self, joint: Examined, fact: str) -> Iterator[Candidate]:
        """Defaults of nodes, which speak where no rule of theirs matches, beside what other nodes conclude there."""
        space, sure = joint.space, joint.sure
        spoken: list[tuple[int, str, object]] = []
        order = range(len(space.axes))
        for node, first in space.nodes:
            default = next((output.default for output in node.outputs if output.fact == fact), None)
            if default is None:
                continue
            says = _worded(default)
            own = self._examined[node.number].alive << first
            for rule in bits(joint.alive & ~(((1 << len(node.rules)) - 1) << first)):
                other, row = space.rule(rule)
                cell = next((output.cells[row] for output in other.outputs if output.fact == fact), None)
                if cell is not None and _worded(cell) == says:
                    continue
                box = joint.possible.box(rule)
                hole = sure.hole(self._budget.part(_SOME), own, set(), box)
                if hole is not None:
                    free = sure.widened(hole, own, order, box)
                    yield Candidate(
                        "analysis/contradiction", (rule,), free, is_sure=False, defaults=(node.key,)
                    )
            for before, key, said in spoken:
                hole = None if said == says else sure.hole(self._budget.part(_SOME), own | before, set())
                if hole is not None:
                    free = sure.widened(hole, own | before, order)
                    yield Candidate(
                        "analysis/contradiction", (), free, is_sure=False, defaults=(key, node.key)
                    )
            spoken.append((own, node.key, says))

    def _freed(
        self, space: Space, sure: Rules, box: dict[int, int], pair: tuple[int, int]
    ) -> dict[int, int] | None:
        """Of what two rules accept a part where no earlier rule of a FIRST table answers instead."""
        before = 0
        for rule in pair:
            node, row = space.rule(rule)
            if node.hit_policy.value == "F":
                before |= ((1 << row) - 1) << (rule - row)
        before = sure.meeting(box, before)
        if not before:
            return box
        hole = sure.hole(self._budget.part(_SOME), before, set(), box)
        return None if hole is None else sure.widened(hole, before, range(len(space.axes)), box)

    # -- showing --------------------------------------------------------------------------------------------

    def _shown(self, claim: _Claim) -> Iterator[Finding]:
        """A candidate as a finding, once the engine has shown it; nothing where it is proven that it cannot be."""
        candidate, space = claim.candidate, claim.examined.space
        rules = tuple(space.rule_id(rule) for rule in candidate.rules)
        rules += tuple((key, "") for key in candidate.defaults)
        where = claim.where
        if candidate.code == "analysis/more":
            yield self._made(
                "analysis/more",
                where,
                facts=claim.facts,
                count=candidate.count,
                unproven=f"analysis/{candidate.note}",
            )
            return
        if candidate.note:
            if rules:
                where = replace(where, rule=rules[0][1])
            yield self._made(
                *("analysis/unproven", where, rules),
                unproven=candidate.code,
                note=candidate.note,
                facts=claim.facts,
            )
            return
        if candidate.code == "analysis/empty-rule":
            yield self._dead(claim, rules)
            return
        region = region_of_box(space, candidate.box)
        if rules and candidate.code not in {"analysis/gap", "analysis/contradiction"}:
            where = replace(where, rule=rules[0 if candidate.code in _OF_THE_FIRST else 1][1])
        nodes = [node for node, _ in space.nodes]
        shows, told = self._proof(claim)
        key = self._key(told, where, rules, region, claim.facts)
        is_plain = space.is_exact and claim.examined.alive == (1 << space.rules) - 1
        known = self._known.get(key) if candidate.is_sure and is_plain else None
        if known is not None and known.witness is not None and self._bench.still(nodes, known.witness, shows):
            yield known
            return
        found = self._bench.witness(nodes, dict(region), self._asked(claim), shows)
        if found is Doubt.IMPOSSIBLE:
            if candidate.code == "analysis/shadowed":
                yield self._made("analysis/unreachable", where, rules[:1], region)
            return
        if isinstance(found, Witness):
            if candidate.is_sure:
                yield self._made(told, where, rules, region, found, facts=claim.facts)
                return
            # The classes leave it open, and one point has shown it: more than that is not claimed.
            yield self._made(told, where, rules, self._point(found, region), found, facts=claim.facts)
            if rules and told != "analysis/gap":
                return
        elif candidate.code in _NEED_NO_WITNESS and candidate.is_sure:
            yield self._made(candidate.code, where, rules, region, facts=claim.facts)
            return
        note = "reached" if candidate.is_sure else "tests"
        yield self._made(
            *("analysis/unproven", where, rules, region),
            unproven=candidate.code,
            note=note,
            facts=claim.facts,
        )

    def _point(self, witness: Witness, region: Region) -> Region:
        """The facts of a witness as a region, and its days where they matter."""
        facts = self._program.accept(witness.facts)
        days = [(name, of_value(date_of(getattr(witness, name)))) for name in DAYS if name in dict(region)]
        return (*((fact, of_value(value)) for fact, value in facts.items()), *days)

    def _proof(self, claim: _Claim) -> tuple[Callable[[Case], bool], str]:
        """What a driven case has to show for a candidate, and the code of the finding that it then is."""
        candidate, space = claim.candidate, claim.examined.space
        if candidate.code in {"analysis/gap", "analysis/no-rule-in-force"}:
            numbers = [node.number for node, _ in space.nodes]
            fact = claim.facts[0] if claim.facts else ""

            def is_silent(case: Case) -> bool:
                outcomes = [case.outcomes.get(n) for n in numbers]
                if fact:
                    said = [result for _, result in case.said(fact)]
                    return all(result is NO_OPINION for result in said)
                return all(one is not None and not one.true and not one.maybe for one in outcomes)

            return is_silent, candidate.code
        if candidate.code == "analysis/contradiction":
            fact = claim.facts[0]
            return (lambda case: isinstance(case.result(fact), Conflict)), candidate.code
        by_node = [(space.rule(rule)[0].number, space.rule(rule)[1]) for rule in candidate.rules]
        first = by_node[0]
        if candidate.code in {"analysis/shadowed", "analysis/redundant"}:

            def is_met(case: Case) -> bool:
                outcome = case.outcomes.get(first[0])
                return outcome is not None and bool(outcome.true >> first[1] & 1)

            return is_met, candidate.code
        any_unequal = candidate.code == "analysis/overlap" and space.nodes[0][0].hit_policy.value == "A"

        def are_met(case: Case) -> bool:
            for n, row in by_node:
                outcome = case.outcomes.get(n)
                if outcome is None or not outcome.true >> row & 1:
                    return False
            return not any_unequal or any(
                isinstance(one, Conflict) for one in case.outcomes[first[0]].results
            )

        return are_met, candidate.code

    def _asked(self, claim: _Claim) -> list[str]:
        """The facts that a verdict may take beside those of the region: read by expressions, or by tests."""
        space, candidate = claim.examined.space, claim.candidate
        asked: dict[str, None] = {}
        for axis in space.axes:
            if axis.expression is not None:
                asked |= dict.fromkeys(sorted(axis.expression.reads))
        if claim.examined.alive != (1 << space.rules) - 1:
            # A rule that nothing meets waits, too, for facts that are not known.
            for node, _ in space.nodes:
                asked |= dict.fromkeys(sorted(node.reads))
        # A cell that accepts all there is waits for its fact all the same.
        rules = candidate.rules
        if not rules and not space.is_exact:
            rules = tuple(bits(claim.examined.alive))[:PAIRS]
        for rule in rules:
            node, row = space.rule(rule)
            asked |= dict.fromkeys(node.read_by(row))
        return list(asked)

    def _dead(self, claim: _Claim, rules: tuple[tuple[str, str], ...]) -> Finding:
        """A rule that nothing meets: by what is declared, or by what the nodes upstream can conclude."""
        space = claim.examined.space
        place = next(iter(claim.candidate.box))
        axis = space.axes[place]
        node, row = space.rule(claim.candidate.rules[0])
        code, facts = "analysis/empty-rule", (axis.name,)
        column = ""
        for number, name in enumerate(node.names):
            if name == axis.fact and axis.fact is not None and not node.tests[number][row].is_any:
                column = node.source.inputs[number].key  # type: ignore[union-attr]  # only tables have columns
                region = region_of(node.tests[number][row])
                declared = self._domains.declared(axis.fact) | NOTHING_KNOWN
                if axis.fact in self._program.concluded and (region is None or of_region(region) & declared):
                    code = "analysis/unreachable"
        return self._made(code, Where(node.key, rules[0][1], column), rules, facts=facts)

    def _key(
        self,
        code: str,
        where: Where,
        rules: tuple[tuple[str, str], ...],
        region: Region,
        facts: tuple[str, ...] = (),
        unproven: str = "",
        note: str = "",
        count: int = 0,
    ) -> str:
        said = [(node, rule, self._rules.get((node, rule))) for node, rule in rules]
        keys = dict.fromkeys(node for node, _ in rules)
        if not rules:
            # It is about a whole node, or about all nodes that conclude a fact.
            keys[where.table] = None
            if where.table in self._numbers and note != "type":
                keys |= {
                    self._program.nodes[n].key: None
                    for f in facts
                    for n in self._program.concluded.get(f, ())
                }
        is_of_all = code == "analysis/more" or (code == "analysis/unproven" and note != "type" and not region)
        standing = [
            standing_of(
                self._program.nodes[self._numbers[key]].source,
                default=not rules or (key, "") in rules,
                rows=is_of_all and not rules,
            )
            for key in keys
            if key in self._numbers
        ]
        return key_of(code, where, said, region, [list(facts), unproven, note, count, standing])

    def _made(  # noqa: PLR0913 - a finding has so many parts
        self,
        code: str,
        where: Where,
        rules: tuple[tuple[str, str], ...] = (),
        region: Sequence[tuple[str, Extent]] = (),
        witness: Witness | None = None,
        *,
        facts: tuple[str, ...] = (),
        unproven: str = "",
        note: str = "",
        count: int = 0,
    ) -> Finding:
        region = tuple(region)
        key = self._key(code, where, rules, region, facts, unproven, note, count)
        # Of those that are not told one by one, each matters as much as those that are.
        severity = CODES[unproven if code == "analysis/more" else code]
        if code == "analysis/duplicate" and self._policy_of(where.table) == "U":
            severity = Severity.ERROR
        return Finding(code, where, key, severity, rules, region, witness, facts, unproven, count, note)

    def _policy_of(self, table: str) -> str:
        found = self._program.rulebook.table(table)
        return "" if found is None else found.hit_policy.value

    # -- facts and circles ----------------------------------------------------------------------------------

    def _of_facts(self) -> Iterator[Finding]:
        program, book = self._program, self._program.rulebook
        read = {fact for node in program.nodes for fact in node.reads}
        wanted = {goal for query in book.queries for goal in query.goals}
        wanted |= {fact for service in book.services for fact in (*service.outputs, *service.inputs)}
        if not book.queries and not book.services:
            wanted |= program.concluded_facts
        asks = any(fact.question for fact in book.facts)
        for fact in book.facts:
            where = Where("vocabulary", fact.key)
            if fact.key not in read and fact.key not in wanted:
                yield self._made("analysis/unread-fact", where, facts=(fact.key,))
            if asks and fact.key in read and fact.key not in program.concluded and not fact.question:
                yield self._made("analysis/unconcluded-fact", where, facts=(fact.key,))

    def _of_cycles(self) -> Iterator[Finding]:
        """Circles of nodes of which none can say anything before another has."""
        program = self._program
        for component in program.components:
            nodes = [program.nodes[n] for n in component]
            if not any(n in program.cyclic for n in component):
                continue
            inside = {fact for node in nodes for fact in node.facts} - self._domains.given
            if not any(_may_begin(node, inside) for node in nodes):
                facts = tuple(fact for fact in program.facts if fact in inside)
                rules = tuple((node.key, "") for node in nodes)
                yield self._made("analysis/ungrounded-cycle", Where(nodes[0].key), rules, facts=facts)


_LEAST: Final = 20_000
_SOME: Final = 20_000
"""Steps for one search beside those of a table."""

_OF_THE_FIRST: Final = frozenset({"analysis/shadowed", "analysis/redundant"})
_NEED_NO_WITNESS: Final = frozenset({"analysis/shadowed", "analysis/redundant", "analysis/duplicate"})
"""What is so whether or not anybody ever comes there."""


def _must_answer(node: CompiledNode) -> bool:
    """Whether it is a gap where no rule of a node matches: not of lists and catalogues, nor where defaults answer."""
    alone = [fact for fact in node.facts if fact not in node.shared and not node.has_default(fact)]
    return node.hit_policy.is_single and not node.open and bool(alone)


def _says(node: CompiledNode, row: int, fact: str) -> object:
    """What a rule concludes for a fact, equal only where it surely is; formulas are never equal to anything else."""
    said = outcome_of(node, row)
    return [one for output, one in zip(node.outputs, said, strict=True) if output.fact == fact]


def _worded(cell: Expression) -> object:
    """What a cell says, equal only where it surely is the same."""
    return (
        ("value", type(cell.value).__name__, text_of(cell.value)) if cell.is_constant else ("text", cell.text)
    )


def _column(node: CompiledNode, name: str) -> str:
    """The key of the column that tests a fact or an expression."""
    columns = getattr(node.source, "inputs", ())
    return next((column.key for column in columns if column.expression == name), "")


def _output(node: CompiledNode, fact: str) -> str:
    return next((output.key for output in node.outputs if output.fact == fact), fact)


def _may_begin(node: CompiledNode, inside: set[str]) -> bool:
    """Whether a node on a circle can say something while nothing on the circle is known; yes where that is not sure."""
    inputs = list(zip(node.inputs, node.tests, strict=True))
    excluded = True
    for row in range(len(node.rules)):
        waits = any(
            not tests[row].is_any and inside & (expression.reads | tests[row].reads)
            for expression, tests in inputs
        )
        cells = [output.cells[row] for output in node.outputs]
        if not waits and any(cell is not None and not inside & cell.reads for cell in cells):
            return True
        # A rule that the given facts alone can exclude leaves the answer to others, or to the default.
        by_given = any(
            not tests[row].is_any and not inside & (expression.reads | tests[row].reads)
            for expression, tests in inputs
        )
        excluded &= by_given or not waits
    if excluded and not isinstance(node.source, Formula):
        return True
    if isinstance(node.source, Formula):
        cell = node.outputs[0].cells[0]
        if cell is None or cell.node is None or not inside & cell.reads:
            return True
        return any(isinstance(one, _LAZY) for one in syntax.walk(cell.node))
    said = {tuple(outcome_of(node, row)) for row in range(len(node.rules))}
    return len(said) == 1 and all(output.default is not None for output in node.outputs)


_LAZY: Final = (syntax.And, syntax.Or, syntax.If, syntax.In, syntax.Quantified)
"""What may have a value though a part of it is unknown."""
