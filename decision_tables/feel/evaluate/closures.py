"""FEEL syntax trees to closures, and running them (DMN 1.5, 10.3.2).

A compiled closure takes the facts, the run, and a frame: local variables as a linked pair `(value, outer frame)`, so
that functions and loops capture them for nothing. What can be computed at compile time is. At run time nothing
walks a tree, nothing raises but `BudgetExhausted`, and whatever reads an unknown part is unknown, except `and`, `or`
(with `some`, `every`, and alternatives of a test, which are folds of them), `if`, and a path into a context literal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from decision_tables.errors import BudgetExhausted
from decision_tables.feel import syntax
from decision_tables.feel.evaluate import boxes, calls
from decision_tables.feel.evaluate.frames import Code, Constant, Facts, Frame, Scope, has_unknown, is_held
from decision_tables.feel.evaluate.run import Run, RunWarning
from decision_tables.feel.evaluate.truth import COMPARE, PLAIN, both, either, matches, plain_members, strictly
from decision_tables.feel.functions import (
    BUILTINS,
    MADE,
)
from decision_tables.feel.parse import CLOCK_NAMES, Names
from decision_tables.feel.temporal import Date
from decision_tables.feel.types import UNDEFINED, conforms
from decision_tables.feel.values import (
    MAX_SIZE,
    NUMBERS,
    UNKNOWN,
    Range,
    Trouble,
    Value,
    arithmetic,
    compared,
    entry_of,
    equal,
    less,
    negative,
    type_name,
)
from decision_tables.said import said, said_of

if TYPE_CHECKING:
    from decision_tables.diagnostics import Diagnostic, Where

__all__ = ["VALUE_SCOPE", "Check", "Code", "Compiler", "Constant", "Facts", "broken"]

_FOLDING_STEPS: Final = 2_000

Check: TypeAlias = Callable[[Value, Facts, Run], Value]


_MIRRORED: Final = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Compiler:
    """Compiles one text."""

    def __init__(self, text: str, names: Names, where: Where) -> None:
        self.text = text
        self.names = names
        self.where = where
        self.reads: set[str] = set()
        self.reads_clock = False
        # Counts what keeps a subtree from being constant; a subtree during which it stands still is folded.
        self.impure = 0

    def within(self, text: str, where: Where) -> Compiler:
        """A compiler for a text inside this one's."""
        return Compiler(text, self.names, where)

    # ---- trouble

    def trouble(self, run: Run, message: str, code: str = "feel/no-value") -> None:
        """Record a warning of the text."""
        run.warn(RunWarning(code, self.where, self.text, message))

    # ---- entry

    def code(self, node: syntax.Node, scope: Scope | None) -> Code:
        """Compile a node; what is constant is computed here and now."""
        before = self.impure
        code: Code = self._BUILD[type(node)](self, node, scope)
        if self.impure == before and not isinstance(code, Constant):
            return self.folded(code)
        return code

    def folded(self, code: Code) -> Code:
        """The code's value as a constant, unless computing it warns or takes long."""
        run = Run(instant=_EPOCH, as_of=_EPOCH_DAY, known_on=_EPOCH_DAY, steps=_FOLDING_STEPS)
        try:
            value = code({}, run, None)
        except (BudgetExhausted, RecursionError):
            return code
        return code if run.warnings or value is UNKNOWN else Constant(value)

    # ---- leaves

    def _literal(self, node: syntax.Literal, _scope: Scope | None) -> Code:
        return Constant(node.value)

    def _name(self, node: syntax.Name, scope: Scope | None) -> Code:
        name, depth, opened = node.name, 0, []
        level = scope
        while level is not None:
            if level.is_filter:
                opened.append(depth)
            if level.name == name and not level.is_filter:
                break
            level = level.outer
            depth += 1
        outside = self._local(depth) if level is not None else self._free(name, bool(opened), name == "item")
        for at in reversed(opened):
            outside = self._entry_or(name, at, outside)
        return outside

    def _local(self, depth: int) -> Code:
        self.impure += 1
        if depth == 0:
            return lambda _facts, _run, frame: frame[0]
        if depth == 1:
            return lambda _facts, _run, frame: frame[1][0]

        def code(_facts: Facts, _run: Run, frame: Frame) -> Value:
            for _ in range(depth):
                frame = frame[1]
            return frame[0]

        return code

    def _free(self, name: str, in_filter: bool, is_item: bool) -> Code:
        """A name that no frame holds: a function, a fact, a legal date, a built-in, or nothing."""
        functions = self.names.functions
        if name in functions:
            # Looked up when called and not now: functions may call each other, and themselves.
            self.impure += 1
            return lambda _facts, _run, _frame: functions[name]
        if name in self.names:
            self.impure += 1
            self.reads.add(name)
            return lambda facts, _run, _frame: facts.get(name, UNKNOWN)
        if name in CLOCK_NAMES:
            self.impure += 1
            self.reads_clock = True
            if name == "as_of":
                return lambda _facts, run, _frame: run.as_of
            return lambda _facts, run, _frame: run.known_on
        if name in BUILTINS:
            if name in ("now", "today"):
                self.reads_clock = True
            return Constant(BUILTINS[name].value)
        if in_filter and is_item:
            return Constant(None)
        self.impure += 1

        def code(_facts: Facts, run: Run, _frame: Frame) -> Value:
            self.trouble(run, said("Nothing is called “{name}” here.", name=name), "feel/unknown-name")
            return None

        return code

    def _entry_or(self, name: str, depth: int, outside: Code) -> Code:
        """In a filter: an entry of the element if it has one of that name, the element for `item`, else outside."""
        self.impure += 1
        is_item = name == "item"

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            inner = frame
            if depth:
                for _ in range(depth):
                    inner = inner[1]
            item = inner[0]
            if type(item) is dict and name in item:
                return item[name]
            return item if is_item else outside(facts, run, frame)

        return code

    # ---- lists, contexts, ranges

    def _list_node(self, node: syntax.ListNode, scope: Scope | None) -> Code:
        items = [self.code(item, scope) for item in node.items]

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            values = [item(facts, run, frame) for item in items]
            run.spend(len(values))
            return UNKNOWN if has_unknown(values) else values

        return code

    def _context_node(self, node: syntax.ContextNode, scope: Scope | None) -> Code:
        entries = self._entries(node, scope)

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            run.spend(len(entries))
            found = entries_of(facts, run, frame)
            return UNKNOWN if found is not None and has_unknown(found.values()) else found

        entries_of = self._entries_code(entries)
        return code

    def _entries(self, node: syntax.ContextNode, scope: Scope | None) -> list[tuple[str, Code]]:
        compiled = []
        for name, value in node.entries:
            if isinstance(value, syntax.FunctionNode) and not (is_held(name, scope) or self.names.has(name)):
                code = calls.function_code(self, value, scope, itself=name)
            else:
                code = self.code(value, scope)
            compiled.append((name, code))
            scope = Scope(name, scope)
        return compiled

    def _entries_code(
        self, entries: list[tuple[str, Code]]
    ) -> Callable[[Facts, Run, Frame], dict[str, Value] | None]:
        """The entries as they come out, unknown ones included; None if two have one name (10.3.2.6)."""
        is_sound = len({name for name, _ in entries}) == len(entries)

        def code(facts: Facts, run: Run, frame: Frame) -> dict[str, Value] | None:
            if not is_sound:
                self.trouble(run, said("A context has each name once."))
                return None
            found: dict[str, Value] = {}
            for name, entry in entries:
                value = entry(facts, run, frame)
                found[name] = value
                frame = (value, frame)
            return found

        return code

    def _range_node(self, node: syntax.RangeNode, scope: Scope | None) -> Code:
        low, high = self.code(node.low, scope), self.code(node.high, scope)
        low_closed, high_closed = node.low_closed, node.high_closed

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            a, b = low(facts, run, frame), high(facts, run, frame)
            if a is UNKNOWN or b is UNKNOWN:
                return UNKNOWN
            return self._made_range(run, a, b, low_closed, high_closed)

        return code

    def _made_range(
        self, run: Run, low: Value, high: Value, low_closed: bool, high_closed: bool
    ) -> Range | None:
        # An end that is null is checked against the other one: that still has to be of an ordered type.
        one, other = (high if low is None else low), (low if high is None else high)
        if one is not None and less(one, other) is None:
            self.trouble(
                run,
                said(
                    "{type} and {other} are no ends of one range.",
                    type=type_name(low),
                    other=type_name(high),
                ),
                "feel/type",
            )
            return None
        return Range(low, high, low_closed, high_closed)

    def _unary_comparison(self, node: syntax.UnaryComparison, scope: Scope | None) -> Code:
        """`(< 5)` as a value is the open-ended range (10.3.2.7)."""
        operand, op = self.code(node.operand, scope), node.op

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            end = operand(facts, run, frame)
            if end is UNKNOWN:
                return UNKNOWN
            if op not in ("=", "!=") and less(end, end) is None:
                self.trouble(run, said("{type} is no end of a range.", type=type_name(end)), "feel/type")
                return None
            return Range.of_comparison(op, end)

        return code

    # ---- operators

    def _negation(self, node: syntax.Negation, scope: Scope | None) -> Code:
        operand = self.code(node.operand, scope)

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            value = operand(facts, run, frame)
            if value is UNKNOWN:
                return UNKNOWN
            try:
                return negative(value)
            except Trouble as trouble:
                self.trouble(run, said_of(trouble), trouble.code)
                return None

        return code

    def _arithmetic(self, node: syntax.Arithmetic, scope: Scope | None) -> Code:
        left, right, op = self.code(node.left, scope), self.code(node.right, scope), node.op
        quick = {"+": NUMBERS.add, "-": NUMBERS.subtract, "*": NUMBERS.multiply, "/": NUMBERS.divide}.get(op)
        general = arithmetic(op)

        def slow(a: Value, b: Value, run: Run) -> Value:
            if a is UNKNOWN or b is UNKNOWN:
                return UNKNOWN
            if type(a) is str and type(b) is str:
                run.spend((len(a) + len(b)) >> MADE[str])
            try:
                return general(a, b)
            except Trouble as trouble:
                self.trouble(run, said_of(trouble), trouble.code)
                return None

        if quick is None:
            return lambda facts, run, frame: slow(left(facts, run, frame), right(facts, run, frame), run)

        if isinstance(right, Constant) and type(right.value) is Decimal:
            fixed = right.value

            def with_constant(facts: Facts, run: Run, frame: Frame) -> Value:
                a = left(facts, run, frame)
                if type(a) is Decimal:
                    try:
                        return quick(a, fixed)
                    except ArithmeticError:
                        pass
                return slow(a, fixed, run)

            return with_constant

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            a, b = left(facts, run, frame), right(facts, run, frame)
            if type(a) is Decimal and type(b) is Decimal:
                try:
                    return quick(a, b)
                except ArithmeticError:
                    pass
            return slow(a, b, run)

        return code

    def _comparison(self, node: syntax.Comparison, scope: Scope | None) -> Code:
        left, right, op = self.code(node.left, scope), self.code(node.right, scope), node.op
        subject = node.left
        if isinstance(left, Constant) and not isinstance(right, Constant):
            left, right, op, subject = right, left, _MIRRORED[op], node.right
        plain = COMPARE[op]
        slow = self.slow_comparison(op)
        if isinstance(right, Constant) and type(right.value) in PLAIN:
            limit, kind = right.value, type(right.value)
            name = subject.name if isinstance(subject, syntax.Name) else None
            if name is not None and self._is_fact(name, scope):

                def of_fact(facts: Facts, run: Run, _frame: Frame) -> Value:
                    value = facts.get(name, UNKNOWN)
                    return plain(value, limit) if type(value) is kind else slow(value, limit, run)

                return of_fact

            def with_constant(facts: Facts, run: Run, frame: Frame) -> Value:
                value = left(facts, run, frame)
                return plain(value, limit) if type(value) is kind else slow(value, limit, run)

            return with_constant

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            a, b = left(facts, run, frame), right(facts, run, frame)
            kind = type(a)
            return plain(a, b) if kind is type(b) and kind in PLAIN else slow(a, b, run)

        return code

    def _is_fact(self, name: str, scope: Scope | None) -> bool:
        """Whether a name can only be a fact: no frame holds it, no filter may."""
        while scope is not None:
            if scope.is_filter or scope.name == name:
                return False
            scope = scope.outer
        return name in self.names

    def slow_comparison(self, op: str) -> Callable[[Value, Value, Run], Value]:
        """The comparison for operands that are unknown, of different types, or nested."""

        def compare(a: Value, b: Value, run: Run) -> Value:
            if a is UNKNOWN or b is UNKNOWN:
                return UNKNOWN
            found = compared(op, a, b, run)
            if found is None:
                self.trouble(
                    run,
                    said(
                        "{type} and {other} cannot be compared.",
                        type=type_name(a),
                        other=type_name(b),
                    ),
                    "feel/type",
                )
            return found

        return compare

    def _between(self, node: syntax.Between, scope: Scope | None) -> Code:
        of_value, of_low, of_high = (self.code(part, scope) for part in (node.value, node.low, node.high))
        at_most = self.slow_comparison("<=")

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            value = of_value(facts, run, frame)
            low, high = of_low(facts, run, frame), of_high(facts, run, frame)
            kind = type(value)
            if kind is type(low) and kind is type(high) and kind in PLAIN:
                return low <= value <= high
            if value is UNKNOWN or low is UNKNOWN or high is UNKNOWN:
                return UNKNOWN
            return both((at_most(low, value, run), at_most(value, high, run)))

        return code

    def _and_node(self, node: syntax.And, scope: Scope | None) -> Code:
        return self._kleene(node.operands, scope, decisive=False)

    def _or_node(self, node: syntax.Or, scope: Scope | None) -> Code:
        return self._kleene(node.operands, scope, decisive=True)

    def _kleene(self, nodes: tuple[syntax.Node, ...], scope: Scope | None, *, decisive: bool) -> Code:
        operands = [self.code(node, scope) for node in nodes]
        neutral = not decisive

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            result: Value = neutral
            for operand in operands:
                value = operand(facts, run, frame)
                if value is decisive:
                    return decisive
                if value is not neutral and result is not UNKNOWN:
                    result = UNKNOWN if value is UNKNOWN else None
            if result is None:
                self.trouble(run, said("“and” and “or” join true and false."), "feel/type")
            return result

        return code

    def _conditional(self, node: syntax.If, scope: Scope | None) -> Code:
        condition = self.code(node.condition, scope)
        consequence, alternative = self.code(node.consequence, scope), self.code(node.alternative, scope)

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            found = condition(facts, run, frame)
            if found is True:
                return consequence(facts, run, frame)
            if found is UNKNOWN:
                return UNKNOWN
            if found is not False:
                self.trouble(
                    run,
                    said("The condition of “if” is {type}, not true or false.", type=type_name(found)),
                    "feel/type",
                )
                if found is not None:  # what is no truth value chooses nothing (TCK 1150)
                    return None
            return alternative(facts, run, frame)

        return code

    def _in_node(self, node: syntax.In, scope: Scope | None) -> Code:
        value = self.code(node.value, scope)
        inner = Scope("?", scope)
        members = plain_members(node.tests)
        if members is not None and len(members[1]) > 1:
            return self._one_of(value, *members)
        # Alternatives stand for `e in a or e in b` (table 55), so they are Kleene's `or`.
        tests = [self.branch(test, inner, loose=False) for test in node.tests]

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            found = value(facts, run, frame)
            if found is UNKNOWN:
                return UNKNOWN
            inner_frame = (found, frame)
            return either(test(facts, run, inner_frame) for test in tests)

        return code

    def _one_of(self, value: Code, kind: type, some: frozenset[Value]) -> Code:
        """`value in (constants of one type)`: one look-up, and of another type a value is none of them."""
        first = next(iter(some))

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            found = value(facts, run, frame)
            if type(found) is kind:
                return found in some
            return UNKNOWN if found is UNKNOWN else either((equal(found, first, run),))

        return code

    def _instance_of(self, node: syntax.InstanceOf, scope: Scope | None) -> Code:
        value, kind = self.code(node.value, scope), node.type

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            found = value(facts, run, frame)
            if found is UNKNOWN:
                return UNKNOWN
            return kind.name == "Null" if found is None else conforms(found, kind)

        if kind is UNDEFINED:
            return Constant(None)
        return code

    # ---- iteration

    def _domains(
        self, iterations: tuple[syntax.Iteration, ...], scope: Scope | None
    ) -> tuple[list[tuple[Code, Code | None]], Scope | None]:
        compiled = []
        for iteration in iterations:
            source = self.code(iteration.source, scope)
            last = None if iteration.last is None else self.code(iteration.last, scope)
            compiled.append((source, last))
            scope = Scope(iteration.name, scope)
        return compiled, scope

    def _elements(self, run: Run, source: Value, last: Value, *, is_span: bool) -> Iterable[Value] | None:
        """What a loop goes through; None with a warning where there is nothing to go through."""
        if is_span:
            return self._span(run, source, last)
        if type(source) is Range:
            is_upward = less(source.high, source.low) is False
            if source.low_closed and source.high_closed and not source.op and is_upward:
                return self._span(run, source.low, source.high)
            self.trouble(
                run,
                said("Only a closed range can be gone through, from its low end to its high one."),
                "feel/type",
            )
            return None
        if source is None:
            self.trouble(run, said("There is no list to go through."), "feel/type")
            return None
        return source if type(source) is list else [source]

    def _span(self, run: Run, first: Value, last: Value) -> Iterable[Value] | None:
        """`first..last`: whole numbers or days, up or down."""
        if type(first) is Date and type(last) is Date:
            step = 1 if first.key <= last.key else -1
            return (Date.of_days(day) for day in range(first.key, last.key + step, step))
        if (
            type(first) is Decimal
            and type(last) is Decimal
            and first == first.to_integral_value(context=NUMBERS)
            and last == last.to_integral_value(context=NUMBERS)
            and max(first.adjusted(), last.adjusted()) < 18
        ):
            low, high = int(first), int(last)
            step = 1 if low <= high else -1
            return (Decimal(number) for number in range(low, high + step, step))
        self.trouble(
            run, said("A loop goes from one whole number to another, or from date to date."), "feel/type"
        )
        return None

    def _frames(
        self, domains: list[tuple[Code, Code | None]], facts: Facts, run: Run, frame: Frame
    ) -> Iterator[Frame]:
        """A frame for each combination of elements; yields UNKNOWN or None in the place of a frame for a bad domain."""
        source, last = domains[0]
        start = source(facts, run, frame)
        stop = None if last is None else last(facts, run, frame)
        if start is UNKNOWN or stop is UNKNOWN:
            yield UNKNOWN
            return
        elements = self._elements(run, start, stop, is_span=last is not None)
        if elements is None:
            yield None
            return
        inner = domains[1:]
        for element in elements:
            run.steps -= 1
            if run.steps < 0:
                run.spend(0)
            if inner:
                yield from self._frames(inner, facts, run, (element, frame))
            else:
                yield (element, frame)

    def _for_node(self, node: syntax.For, scope: Scope | None) -> Code:
        domains, inner = self._domains(node.iterations, scope)
        body = self.code(node.body, Scope("partial", inner))

        # Most loops do not look back; those that do get a copy, for a list never changes once it is a value.
        looks_back = any(
            isinstance(part, syntax.Name) and part.name == "partial" for part in syntax.walk(node.body)
        )

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            results: list[Value] = []
            for each in self._frames(domains, facts, run, frame):
                if each is None or each is UNKNOWN:
                    return each
                if looks_back:
                    run.spend(len(results) // 16)
                value = body(facts, run, (results.copy() if looks_back else None, each))
                if value is UNKNOWN:
                    return UNKNOWN
                results.append(value)
                if len(results) > MAX_SIZE:
                    raise BudgetExhausted(said("A list is too long."))
            return results

        return code

    def _quantified(self, node: syntax.Quantified, scope: Scope | None) -> Code:
        domains, inner = self._domains(node.iterations, scope)
        condition = self.code(node.condition, inner)
        if node.strict:
            fold = partial(strictly, both if node.every else either)
            return lambda facts, run, frame: fold(
                each if each is None or each is UNKNOWN else condition(facts, run, each)
                for each in self._frames(domains, facts, run, frame)
            )
        decisive = not node.every
        neutral = node.every

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            result: Value = neutral
            for each in self._frames(domains, facts, run, frame):
                found = each if each is None or each is UNKNOWN else condition(facts, run, each)
                if found is decisive:
                    return decisive
                if found is not neutral and result is not UNKNOWN:
                    result = UNKNOWN if found is UNKNOWN else None
            return result

        return code

    # ---- paths, filters

    def _path(self, node: syntax.Path, scope: Scope | None) -> Code:
        name = node.name
        if isinstance(node.source, syntax.ContextNode):
            entries_of = self._entries_code(self._entries(node.source, scope))

            def into_literal(facts: Facts, run: Run, frame: Frame) -> Value:
                found = entries_of(facts, run, frame)
                if found is None or name not in found:
                    self.trouble(run, said("The context has no entry “{name}”.", name=name), "feel/no-entry")
                    return None
                return found[name]

            return into_literal
        source = self.code(node.source, scope)

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            value = source(facts, run, frame)
            if type(value) is dict and name in value:
                return value[name]
            if value is UNKNOWN:
                return UNKNOWN
            if type(value) is list:
                run.spend(len(value))
                return [None if type(item) is dict and name not in item else one(item, run) for item in value]
            return one(value, run)

        def one(value: Value, run: Run) -> Value:
            try:
                return entry_of(value, name)
            except Trouble as trouble:
                self.trouble(run, said_of(trouble), trouble.code)
                return None

        return code

    def _filter(self, node: syntax.Filter, scope: Scope | None) -> Code:
        source = self.code(node.source, scope)
        condition = self.code(node.condition, Scope("item", scope, is_filter=True))
        if isinstance(condition, Constant) and type(condition.value) is Decimal:
            return self._element(source, condition.value)

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            value = source(facts, run, frame)
            if value is UNKNOWN:
                return UNKNOWN
            values = value if type(value) is list else [] if value is None else [value]
            if not values:
                warnings = len(run.warnings)
                found = condition(facts, run, (None, frame))
                del run.warnings[warnings:]
                if found is UNKNOWN:
                    return UNKNOWN
                return None if type(found) is Decimal else []
            kept = []
            for item in values:
                run.steps -= 1
                if run.steps < 0:
                    run.spend(0)
                found = condition(facts, run, (item, frame))
                if found is True:
                    kept.append(item)
                elif found is UNKNOWN:
                    return UNKNOWN
                elif type(found) is Decimal:
                    return self._nth(run, values, found)
                elif found is not False and found is not None:
                    self.trouble(
                        run,
                        said(
                            "A filter is a number or true or false, not {type}.",
                            type=type_name(found),
                        ),
                        "feel/type",
                    )
                    return None
            return kept

        return code

    def _element(self, source: Code, position: Decimal) -> Code:
        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            value = source(facts, run, frame)
            if value is UNKNOWN:
                return UNKNOWN
            return self._nth(
                run, value if type(value) is list else [] if value is None else [value], position
            )

        return code

    def _nth(self, run: Run, values: list[Value], position: Decimal) -> Value:
        """The element at a position from 1, or from -1 at the end."""
        size = len(values)
        if position.adjusted() < 18 and position == int(position) and 1 <= abs(position) <= size:
            at = int(position)
            return values[at - 1 if at > 0 else size + at]
        self.trouble(
            run, said("The list has {size} elements, and none at that position.", size=size), "feel/no-entry"
        )
        return None

    # ---- functions

    # ---- tests

    def branch(self, node: syntax.Node, scope: Scope | None, *, loose: bool) -> Code:
        """One positive unary test on the value that the frame's `?` holds; loose: a true of any origin holds."""
        if isinstance(node, syntax.UnaryComparison):
            return self._unary_branch(node, scope)
        if _reads_value(node):
            return self._as_truth(self.code(node, scope))
        if isinstance(node, syntax.RangeNode):
            return self._range_branch(node, scope)
        code = self.code(node, scope)
        # `true` written out is a value to be equal to; a true that was worked out is a condition that holds.
        loose = loose and not isinstance(node, syntax.Literal)

        def general(facts: Facts, run: Run, frame: Frame) -> Value:
            found = code(facts, run, frame)
            if found is UNKNOWN:
                return UNKNOWN
            value = frame[0]
            if loose and type(found) is bool and type(value) is not bool:
                return found
            return matches(value, found, run)

        return general

    def _as_truth(self, code: Code) -> Code:
        def truth(facts: Facts, run: Run, frame: Frame) -> Value:
            found = code(facts, run, frame)
            return found if found is True or found is False or found is UNKNOWN else None

        return truth

    def _unary_branch(self, node: syntax.UnaryComparison, scope: Scope | None) -> Code:
        operand, op = self.code(node.operand, scope), node.op
        plain, slow = COMPARE[op], self.slow_comparison(op)

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            value, limit = frame[0], operand(facts, run, frame)
            kind = type(value)
            return plain(value, limit) if kind is type(limit) and kind in PLAIN else slow(value, limit, run)

        return code

    def _range_branch(self, node: syntax.RangeNode, scope: Scope | None) -> Code:
        """A range as a test: it need not be made where its ends and the value are plain and of one type."""
        low, high = self.code(node.low, scope), self.code(node.high, scope)
        low_closed, high_closed = node.low_closed, node.high_closed
        above, below = COMPARE[">=" if low_closed else ">"], COMPARE["<=" if high_closed else "<"]

        def code(facts: Facts, run: Run, frame: Frame) -> Value:
            a, b, value = low(facts, run, frame), high(facts, run, frame), frame[0]
            kind = type(value)
            if kind is type(a) and kind is type(b) and kind in PLAIN:
                return above(value, a) and below(value, b)
            if a is UNKNOWN or b is UNKNOWN:
                return UNKNOWN
            return matches(value, self._made_range(run, a, b, low_closed, high_closed), run)

        return code

    _BUILD: ClassVar[dict[type, Callable[[Compiler, Any, Scope | None], Code]]] = {
        syntax.Literal: _literal,
        syntax.Name: _name,
        syntax.ListNode: _list_node,
        syntax.ContextNode: _context_node,
        syntax.RangeNode: _range_node,
        syntax.UnaryComparison: _unary_comparison,
        syntax.Negation: _negation,
        syntax.Arithmetic: _arithmetic,
        syntax.Comparison: _comparison,
        syntax.Between: _between,
        syntax.In: _in_node,
        syntax.And: _and_node,
        syntax.Or: _or_node,
        syntax.If: _conditional,
        syntax.For: _for_node,
        syntax.Quantified: _quantified,
        syntax.Path: _path,
        syntax.Filter: _filter,
        syntax.Call: calls.call_code,
        syntax.InstanceOf: _instance_of,
        syntax.FunctionNode: calls.function_code,
        syntax.Cell: boxes.cell_code,
        syntax.Conversion: boxes.conversion_code,
        syntax.Part: boxes.part_code,
    }


def _reads_value(node: syntax.Node) -> bool:
    return any(isinstance(part, syntax.Name) and part.name == "?" for part in syntax.walk(node))


_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EPOCH_DAY: Final = Date(1970, 1, 1)
VALUE_SCOPE: Final = Scope("?", None)


def broken(compiler: Compiler, diagnostics: tuple[Diagnostic, ...]) -> Code:
    """Code for a text that cannot be read: null and a warning."""
    message = diagnostics[0].message if diagnostics else said("The text cannot be read.")

    def code(_facts: Facts, run: Run, _frame: Frame) -> Value:
        compiler.trouble(run, message, "feel/syntax")
        return None

    return code
