"""What a text of FEEL can never do, found before it runs: types inferred, and operations that only ever give null.

Types are those of DMN 1.5, 10.3.2.3. `Any` stands for whatever is not known for certain, and nothing is said of it.
What is certain holds for all facts of the declared types (empty lists aside, which may be of any): the part comes to
null, or is never true, whatever they are. What merely looks like a slip is told as not certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

from decision_tables.diagnostics import near_miss
from decision_tables.errors import BudgetExhausted
from decision_tables.feel import syntax
from decision_tables.feel.builtins import OPERATIONS, result_of, takes, wanted_by
from decision_tables.feel.functions import BUILTINS, Overload, named_order
from decision_tables.feel.parse import CLOCK_NAMES
from decision_tables.feel.temporal import CONSTRUCTORS, Date, temporal_of
from decision_tables.feel.types import ANY, CLASSES, NULL, UNDEFINED, Type
from decision_tables.feel.values import PROPERTY_NAMES, Range, Value, text_of
from decision_tables.feel.wording import DONE, WANTED, told_names, told_part, told_type
from decision_tables.said import either, joined, said, said_many, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from decision_tables.feel.values import Function

__all__ = ["WHOLE", "Finding", "Fix", "findings_of", "fits", "type_of_value"]

WHOLE: Final = "\0"
"""In the text of a fix, what stands there now."""


@dataclass(frozen=True, slots=True)
class Fix:
    """What to write in the place of a part.

    Attributes:
        start: where the part starts, in characters.
        end: where it ends.
        text: what to write there; `WHOLE` in it stands for the part itself.
    """

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a text.

    Attributes:
        code: of the diagnostic.
        start: where the part starts that is wrong, in characters.
        end: where it ends.
        message: what is wrong, in a sentence.
        hint: what to try.
        certain: it can never work; else it may be meant.
        cell: of a boxed expression, the text that the place counts in.
        fix: what was most likely meant.
    """

    code: str
    start: int
    end: int
    message: str
    hint: str = ""
    certain: bool = True
    cell: syntax.Cell | None = None
    fix: Fix | None = None


def findings_of(
    node: syntax.Node,
    facts: Mapping[str, Type],
    tested: Type | None = None,
    name: str = "",
    functions: Mapping[str, Function] | None = None,
) -> tuple[Type, tuple[Finding, ...]]:
    """The type of a text's value, and what in it can never work. Never raises.

    Args:
        node: its syntax tree.
        facts: the types of what is in scope; of what is not in it, nothing is known.
        tested: of a cell of conditions, the type of the value that it tests.
        name: of that value, for people.
        functions: that are in scope beside the built-in ones.
    """
    inference = _Inference(facts, tested or ANY, name or said("the value"), functions or {})
    try:
        kind = inference.type_of(node)
    except (RecursionError, BudgetExhausted):
        return ANY, ()
    return kind, tuple(inference.found)


def type_of_value(value: Value) -> Type:
    """The type of a constant; of a list, context or range only what it is."""
    if value is None:
        return NULL
    if type(value) is Range:
        end = type_of_value(value.end if value.op else value.low)
        return Type("range", () if end == NULL else (end,))
    return _BY_CLASS.get(type(value), ANY)


def fits(kind: Type, wanted: Type) -> bool:
    """Whether a value of a type may become one of the type wanted, by FEEL's conversions (10.3.2.9.4)."""
    if _ANYTHING & {kind.name, wanted.name} or kind.name == wanted.name:
        return kind.name != "function" or not wanted.result or len(kind.items) in (0, len(wanted.items))
    if kind.name == "list":
        return not kind.items or fits(kind.items[0], wanted)
    if wanted.name == "list":
        return not wanted.items or fits(kind, wanted.items[0])
    return (kind.name, wanted.name) == ("date", "date and time")


class _Inference:
    """One walk over one tree."""

    def __init__(
        self, facts: Mapping[str, Type], tested: Type, name: str, functions: Mapping[str, Function]
    ) -> None:
        self.facts = facts
        self.functions = functions
        self.tested = tested
        self.name = name
        self.cell: syntax.Cell | None = None
        self.found: list[Finding] = []
        # Local variables, innermost last. Those before `hidden` may be hidden by entries that nobody has declared.
        self.locals: list[tuple[str, Type]] = []
        self.places: dict[str, list[int]] = {}
        self.hidden = -1
        self.entries: tuple[str, ...] | None = None

    def type_of(self, node: syntax.Node) -> Type:
        """The type of a node's value; what is wrong inside is told on the way."""
        infer = self._INFER.get(type(node))
        return ANY if infer is None else infer(self, node)

    def tell(
        self,
        code: str,
        node: syntax.Node,
        message: str,
        hint: str = "",
        *,
        certain: bool = True,
        fix: Fix | None = None,
    ) -> None:
        """Note what is wrong with a part."""
        message = sentence(message)
        self.found.append(Finding(code, node.start, node.end, message, hint, certain, self.cell, fix))

    # -- scopes -------------------------------------------------------------------------------------------

    def bind(self, name: str, kind: Type) -> None:
        """Bring a local variable into scope."""
        self.places.setdefault(name, []).append(len(self.locals))
        self.locals.append((name, kind))

    def release(self, mark: int) -> None:
        """Take the variables bound since out of scope."""
        for name, _ in self.locals[mark:]:
            self.places[name].pop()
        del self.locals[mark:]

    def _name(self, node: syntax.Name) -> Type:
        name = node.name
        places = self.places.get(name)
        if places:
            return ANY if places[-1] < self.hidden else self.locals[places[-1]][1]
        if self.hidden >= 0:
            return ANY
        if name == "?":
            return self.tested
        found = self.facts.get(name)
        if found is not None:
            return found
        if name in self.functions:
            return self.functions[name].signature or _FUNCTION
        if name in CLOCK_NAMES:
            return _DATE
        if name in BUILTINS:
            return _FUNCTION
        if self.entries is not None:
            # In a filter the parser cannot tell an entry from a slip; the type of the elements can.
            close = near_miss(name, (*self.entries, *self.facts)) if len(self.found) < _HINTED else None
            hint = (
                said("Did you mean `{close}`?", close=close)
                if close
                else said("They have {names}.", names=told_names(self.entries))
            )
            fix = Fix(node.start, node.end, close) if close else None
            message = said("the elements have no entry `{name}`, and nothing else is called so.", name=name)
            self.tell("cell/no-entry", node, message, hint, certain=False, fix=fix)
        return ANY

    # -- values -------------------------------------------------------------------------------------------

    def _literal(self, node: syntax.Literal) -> Type:
        return type_of_value(node.value)

    def _list_node(self, node: syntax.ListNode) -> Type:
        return _list_of(_common(self.type_of(item) for item in node.items))

    def _context(self, node: syntax.ContextNode) -> Type:
        mark = len(self.locals)
        entries: dict[str, Type] = {}
        for name, value in node.entries:
            if isinstance(value, syntax.FunctionNode):
                self.bind(name, ANY)  # it may call itself
            entries[name] = kind = self.type_of(value)
            self.bind(name, kind)
        self.release(mark)
        return Type("context", entries=tuple(entries.items()))

    def _range(self, node: syntax.RangeNode) -> Type:
        low, high = self.type_of(node.low), self.type_of(node.high)
        self._range_of(node, low, high)
        return _range_of(low if low.name not in _UNCERTAIN else high)

    def _range_of(self, node: syntax.RangeNode | syntax.Between, low: Type, high: Type) -> bool:
        """Whether the ends can be ends of one range; told if not."""
        for end, kind in ((node.low, low), (node.high, high)):
            if kind.name not in _ORDERED and kind.name not in _UNCERTAIN:
                self.tell(
                    "cell/comparison", end, said("{kind} cannot be the end of a range.", kind=told_type(kind))
                )
                return False
        if _UNCERTAIN & {low.name, high.name} or low.name == high.name:
            return True
        message = said(
            "a range goes from like to like: here from {kind} to {other}.",
            kind=told_type(low),
            other=told_type(high),
        )
        hint, fix = _mended(node.high, low) or _mended(node.low, high) or ("", None)
        self.tell("cell/comparison", node, message, hint, fix=fix)
        return False

    def _open_range(self, node: syntax.UnaryComparison) -> Type:
        """`(< 5)` as a value."""
        kind = self.type_of(node.operand)
        if node.op not in ("=", "!=") and kind.name not in _ORDERED and kind.name not in _ANYTHING:
            self.tell(
                "cell/comparison", node, said("{kind} cannot be the end of a range.", kind=told_type(kind))
            )
            return ANY
        return _range_of(kind)

    def _path(self, node: syntax.Path) -> Type:
        source = self.type_of(node.source)
        if source.name == "list":
            items = source.items[0] if source.items else ANY
            return _list_of(self._entry(node, items, certain=False))
        return self._entry(node, source, certain=True)

    def _entry(self, node: syntax.Path, source: Type, *, certain: bool) -> Type:
        name = node.name
        if source.name == "context":
            entries = dict(source.entries)
            if name in entries or not entries:
                return entries.get(name, ANY)
            names = tuple(entry for entry in entries if entry)
            message = said("{what} has no entry `{name}`.", what=told_part(node.source), name=name)
            # A fact may come with more entries than its type must have; what is written out here has no others.
            exact = certain and isinstance(node.source, syntax.ContextNode)
            self._no_entry(node, names, message, certain=exact)
            return ANY
        known = PROPERTY_NAMES.get(source.name, frozenset())
        if source.name in _UNCERTAIN or source.name == "list":
            return ANY
        if name in known:
            return _PROPERTY_TYPES.get(name, source.items[0] if source.items else ANY)
        if known:
            message = said("{kind} has no part `{name}`.", kind=told_type(source), name=name)
        else:
            message = said("{kind} has no part `{name}`, nor any other.", kind=told_type(source), name=name)
        self._no_entry(node, tuple(sorted(known)), message, certain=certain)
        return ANY

    def _no_entry(self, node: syntax.Path, names: tuple[str, ...], message: str, *, certain: bool) -> None:
        close = near_miss(node.name, names) if len(self.found) < _HINTED else None
        hint = (
            said("Did you mean `{close}`?", close=close)
            if close
            else said("It has {names}.", names=told_names(names))
            if names
            else ""
        )
        fix = Fix(node.end - len(node.name), node.end, close) if close else None
        self.tell("cell/no-entry", node, message, hint, certain=certain, fix=fix)

    def _filter(self, node: syntax.Filter) -> Type:
        source = self.type_of(node.source)
        item = source
        if source.name in {"list", "Null"}:
            item = source.items[0] if source.items else ANY
        mark, hidden, entries = len(self.locals), self.hidden, self.entries
        if item.name == "Any" or (item.name == "context" and not item.entries):
            self.hidden = mark
        elif item.name == "context":
            self.entries = tuple(name for name, _ in item.entries)
        else:
            self.entries = ()
        self.bind("item", item)
        for name, kind in item.entries:
            self.bind(name, kind)
        condition = self.type_of(node.condition)
        self.release(mark)
        self.hidden, self.entries = hidden, entries
        if condition.name == "number":
            return item
        if condition.name == "boolean":
            return _list_of(item)
        if condition.name not in _ANYTHING:
            message = said(
                "in the brackets stands a position, or what is true of the elements wanted: this is {kind}.",
                kind=told_type(condition),
            )
            self.tell("cell/not-boolean", node.condition, message)
        return ANY

    def _for(self, node: syntax.For) -> Type:
        mark = self._iterations(node.iterations)
        self.bind("partial", Type("list"))
        body = self.type_of(node.body)
        self.release(mark)
        return _list_of(body)

    def _quantified(self, node: syntax.Quantified) -> Type:
        mark = self._iterations(node.iterations)
        self._condition(node.condition, said("what follows `satisfies`"))
        self.release(mark)
        return _BOOLEAN

    def _iterations(self, iterations: tuple[syntax.Iteration, ...]) -> int:
        """Binds the variables of a loop; gives the mark to release to."""
        mark = len(self.locals)
        for one in iterations:
            source = self.type_of(one.source)
            item = source
            if one.last is not None:
                last = self.type_of(one.last)
                item = source if source.name in _COUNTED else last
                for end, kind in ((one.source, source), (one.last, last)):
                    if kind.name not in _COUNTED and kind.name not in _UNCERTAIN:
                        message = said(
                            "a loop goes over whole numbers or dates, and this is {kind}.",
                            kind=told_type(kind),
                        )
                        self.tell("cell/comparison", end, message)
                        break
                else:
                    if not (_UNCERTAIN & {source.name, last.name}) and source != last:
                        message = said(
                            "a loop goes from like to like: here from {kind} to {other}.",
                            kind=told_type(source),
                            other=told_type(last),
                        )
                        self.tell("cell/comparison", one, message)
            elif source.name in {"list", "range", "Null"}:
                item = source.items[0] if source.items else ANY
            self.bind(one.name, item)
        return mark

    def _function(self, node: syntax.FunctionNode) -> Type:
        if node.external:
            return ANY
        kinds = tuple(one.type or ANY for one in node.parameters)
        mark = len(self.locals)
        for one, kind in zip(node.parameters, kinds, strict=True):
            self.bind(one.name, kind)
        result = self.type_of(node.body)
        self.release(mark)
        return Type("function", kinds, (), result)

    def _instance_of(self, node: syntax.InstanceOf) -> Type:
        kind, wanted = self.type_of(node.value), node.type
        if kind.name not in _UNCERTAIN and wanted.name not in _ANYTHING and kind.name != wanted.name:
            message = said(
                "{what} is {kind}, and never {other}: this never holds.",
                what=told_part(node.value),
                kind=told_type(kind),
                other=told_type(wanted),
            )
            self.tell("cell/never", node, message, certain=False)
        return _BOOLEAN

    def _cell(self, node: syntax.Cell) -> Type:
        outer, self.cell = self.cell, node
        kind = self.type_of(node.node)
        self.cell = outer
        return kind

    def _conversion(self, node: syntax.Conversion) -> Type:
        self.type_of(node.value)
        return ANY

    # -- operators ----------------------------------------------------------------------------------------

    def _arithmetic(self, node: syntax.Arithmetic) -> Type:
        left, right = self.type_of(node.left), self.type_of(node.right)
        if _ANYTHING & {left.name, right.name}:
            return ANY
        found = OPERATIONS.get((node.op, left.name, right.name))
        if found is not None:
            return found
        hint, fix = "", None
        for operand, kind, other in ((node.right, right, left), (node.left, left, right)):
            if fix is None and (node.op, other.name, other.name) in OPERATIONS:
                hint, fix = _mended(operand, other) or ("", None)
            if fix is None and node.op == "+" and other.name == "string" and kind.name in _AS_TEXT:
                hint = said("To join texts, make a text of the other value: string(…).")
                fix = Fix(operand.start, operand.end, f"string({WHOLE})")
        message = said(
            "{kind} and {other} cannot be {done}.",
            kind=told_type(left),
            other=told_type(right),
            done=DONE[node.op],
        )
        self.tell("cell/arithmetic", node, message, hint, fix=fix)
        return ANY

    def _negation(self, node: syntax.Negation) -> Type:
        kind = self.type_of(node.operand)
        if kind.name in _ANYTHING or kind.name in _MAGNITUDES:
            return ANY if kind.name == "Null" else kind
        self.tell("cell/arithmetic", node, said("{kind} has no opposite.", kind=told_type(kind)))
        return ANY

    def _comparison(self, node: syntax.Comparison) -> Type:
        left, right = self.type_of(node.left), self.type_of(node.right)
        if node.op in ("=", "!="):
            if not _comparable(left, right):
                self._unlike(node, (node.left, left), (node.right, right))
        elif NULL in (left, right):
            hint = said("Whether something exists is asked with `= null`.")
            self.tell("cell/comparison", node, said("nothing is more or less than null."), hint)
        elif odd := next((kind for kind in (left, right) if kind.name in _UNORDERED), None):
            self.tell(
                "cell/comparison",
                node,
                said("{kind} is neither more nor less than anything.", kind=told_type(odd)),
            )
        elif not _comparable(left, right):
            self._unlike(node, (node.left, left), (node.right, right), ordered=True)
        return _BOOLEAN

    def _unlike(
        self,
        node: syntax.Node,
        left: tuple[syntax.Node, Type],
        right: tuple[syntax.Node, Type],
        *,
        ordered: bool = False,
    ) -> None:
        """Two values that cannot be compared; one of them may merely be written wrongly."""
        what, kind, other = told_part(left[0]), told_type(left[1]), told_type(right[1])
        message = said(
            "{what} is {kind}, and is never compared with {other}.", what=what, kind=kind, other=other
        )
        if ordered:
            message = said(
                "{what} is {kind}, and is neither more nor less than {other}.",
                what=what,
                kind=kind,
                other=other,
            )
        hint, fix = _mended(right[0], left[1]) or _mended(left[0], right[1]) or ("", None)
        self.tell("cell/comparison", node, message, hint, fix=fix)

    def _between(self, node: syntax.Between) -> Type:
        value, low, high = (self.type_of(part) for part in (node.value, node.low, node.high))
        if self._range_of(node, low, high):
            for end, kind in ((node.low, low), (node.high, high)):
                if not (_UNCERTAIN & {value.name, kind.name}) and kind.name != value.name:
                    self._unlike(node, (node.value, value), (end, kind))
                    break
        return _BOOLEAN

    def _logic(self, node: syntax.And | syntax.Or) -> Type:
        word = "or" if isinstance(node, syntax.Or) else "and"
        kinds = [(operand, self.type_of(operand)) for operand in node.operands]
        odd = next(
            ((n, k) for n, k in kinds if k.name not in _ANYTHING and k.name != "boolean"),
            None,
        )
        if odd is not None:
            operand, kind = odd
            what = text_of(operand.value) if isinstance(operand, syntax.Literal) else told_type(kind)
            hint, fix = _mended(operand, _BOOLEAN) or ("", None)
            if not hint and word == "or":
                hint = said('Alternatives are separated by commas: "BE","FR".')
            message = said(
                "{what} is neither true nor false, so `{word}` cannot join it.", what=what, word=word
            )
            self.tell("cell/not-boolean", operand, message, hint, fix=fix)
        return _BOOLEAN

    def _if(self, node: syntax.If) -> Type:
        self._condition(node.condition, said("what follows `if`"))
        return _common([self.type_of(node.consequence), self.type_of(node.alternative)])

    def _condition(self, node: syntax.Node, what: str) -> None:
        kind = self.type_of(node)
        if kind.name not in _ANYTHING and kind.name != "boolean":
            hint, fix = _mended(node, _BOOLEAN) or ("", None)
            message = said("{what} is true or false, and this is {kind}.", what=what, kind=told_type(kind))
            self.tell("cell/not-boolean", node, message, hint, fix=fix)

    # -- tests --------------------------------------------------------------------------------------------

    def _unary_tests(self, node: syntax.UnaryTests) -> Type:
        for test in node.tests:
            self._test(test, self.tested, self.name, loose=True)
        return _BOOLEAN

    def _in(self, node: syntax.In) -> Type:
        value = self.type_of(node.value)
        name = told_part(node.value)
        mark = len(self.locals)
        self.bind("?", value)
        for test in node.tests:
            self._test(test, value, name, loose=False)
        self.release(mark)
        return _BOOLEAN

    def _test(self, node: syntax.Node, tested: Type, name: str, *, loose: bool) -> None:
        """A test of a value of that type (10.3.2.8); loose: what is true of its own holds whatever the value is."""
        if isinstance(node, syntax.UnaryComparison):
            kind = self.type_of(node.operand)
            if node.op in ("=", "!="):
                self._met(node.operand, tested, kind, name, plainly=True)
            elif odd := next((k for k in (kind, tested) if k.name in _UNORDERED), None):
                message = said("{kind} is neither more nor less than anything.", kind=told_type(odd))
                self.tell("cell/comparison", node, message)
            elif kind == NULL:
                self.tell("cell/comparison", node, said("nothing is more or less than null."))
            else:
                self._met(node.operand, tested, kind, name, plainly=True)
        elif _reads_value(node):
            kind = self.type_of(node)
            if kind.name not in _ANYTHING and kind.name != "boolean":
                message = said("a test is true or false, and this is {kind}.", kind=told_type(kind))
                self.tell("cell/not-boolean", node, message)
        elif isinstance(node, syntax.RangeNode):
            low, high = self.type_of(node.low), self.type_of(node.high)
            if self._range_of(node, low, high) and tested.name != "range":
                end, kind = (node.low, low) if low.name not in _UNCERTAIN else (node.high, high)
                self._met(end, tested, kind, name)
        else:
            kind = self.type_of(node)
            if kind.name == "boolean" and loose and not isinstance(node, syntax.Literal):
                return
            self._met(node, tested, kind, name)

    def _met(self, node: syntax.Node, tested: Type, kind: Type, name: str, *, plainly: bool = False) -> None:
        """Whether a value may meet a test that comes to that type, plainly: be compared with it; told if not."""
        meets = _comparable if plainly else _may_meet
        if _UNCERTAIN & {tested.name, kind.name} or meets(tested, kind):
            return
        what = told_type(kind)
        if isinstance(node, syntax.Literal):
            what = text_of(node.value)
        elif isinstance(node, syntax.Name):
            what = said("`{name}`, which is {what}", name=node.name, what=what)
        message = said(
            "{name} is {kind}, and can never be {what}.", name=name, kind=told_type(tested), what=what
        )
        hint, fix = _mended(node, tested) or ("", None)
        if tested.name == "list" and (not tested.items or _may_meet(tested.items[0], kind)):
            hint = said("To ask what is in a list, write `list contains(?, …)`.")
            fix = Fix(node.start, node.end, f"list contains(?, {WHOLE})")
        self.tell("cell/type", node, message, hint, fix=fix)

    # -- functions ----------------------------------------------------------------------------------------

    def _call(self, node: syntax.Call) -> Type:
        kinds = [self.type_of(argument) for argument in node.arguments]
        function = node.function
        name = function.name if isinstance(function, syntax.Name) else ""
        if name in BUILTINS and name not in self.functions and not self.places.get(name):
            return self._builtin(node, name, kinds)
        called = self.type_of(function)
        if called.name in _UNCERTAIN:
            return ANY
        if called.name != "function":
            message = said(
                "{what} is {kind}, and only a function can be called.",
                what=told_part(function),
                kind=told_type(called),
            )
            self.tell("cell/not-function", node, message)
            return ANY
        parameters = self.functions[name].parameters if name in self.functions else ()
        if not called.items and not parameters:
            return called.result or ANY
        self._arguments(node, kinds, called.items or tuple(ANY for _ in parameters), parameters)
        return called.result or ANY

    def _arguments(
        self, node: syntax.Call, kinds: list[Type], wanted: tuple[Type, ...], parameters: tuple[str, ...]
    ) -> None:
        """Holds arguments to the parameters of a function that is no built-in."""
        told = told_part(node.function)
        if node.names:
            if not parameters:
                return
            wrong = next((name for name in node.names if name not in parameters), None)
            if wrong is not None:
                close = near_miss(wrong, parameters)
                message = said(
                    "{told} takes {names}, by these names.", told=told, names=told_names(parameters)
                )
                self.tell(
                    "cell/argument",
                    node,
                    message,
                    said("Did you mean `{close}`?", close=close) if close else "",
                )
                return
            by_name = dict(zip(node.names, zip(node.arguments, kinds, strict=True), strict=True))
            # What is not given by its name is null (10.3.2.13.4).
            wanted = tuple(one for name, one in zip(parameters, wanted, strict=False) if name in by_name)
            given = [by_name[name] for name in parameters if name in by_name]
        else:
            given = list(zip(node.arguments, kinds, strict=True))
        if len(given) != len(wanted):
            amount = said_many("{count} argument", "{count} arguments", len(wanted))
            if parameters:
                amount = said("{amount} ({names})", amount=amount, names=told_names(parameters))
            message = said(
                "{told} takes {amount}, and not {given}.", told=told, amount=amount, given=len(given)
            )
            self.tell("cell/argument", node, message)
            return
        for (argument, kind), one in zip(given, wanted, strict=True):
            if not fits(kind, one):
                hint, fix = _mended(argument, one) or ("", None)
                message = said(
                    "{told} takes {kind} here, and this is {other}.",
                    told=told,
                    kind=told_type(one),
                    other=told_type(kind),
                )
                self.tell("cell/argument", argument, message, hint, fix=fix)

    def _builtin(self, node: syntax.Call, name: str, kinds: list[Type]) -> Type:
        overloads = BUILTINS[name].fitting(len(kinds), node.names)
        if not overloads:
            return ANY  # the parser has told
        wrong: list[tuple[int, str]] = []
        for overload in overloads:
            misfit = _misfit(overload, node.names, kinds)
            if misfit is None:
                break
            wrong.append(misfit)
        else:
            self._refused(node, name, kinds, wrong)
            return result_of(name, ())
        order = named_order(overloads[0], node.names) if node.names else range(len(kinds))
        given = [kinds[n] for n in order if n is not None]
        complaint = wanted_by(name, given)
        if complaint:
            at = node.arguments[0] if node.arguments else node
            self.tell(
                "cell/argument", at, said("`{name}` takes {complaint}.", name=name, complaint=complaint)
            )
            return ANY
        if name == "not" and given and given[0].name not in {"boolean", *_ANYTHING}:
            message = said("`not` turns true into false, and this is {kind}.", kind=told_type(given[0]))
            self.tell("cell/not-boolean", node, message)
            return ANY
        return result_of(name, given)

    def _refused(
        self, node: syntax.Call, name: str, kinds: Sequence[Type], wrong: list[tuple[int, str]]
    ) -> None:
        at = wrong[0][0]
        hint, fix = "", None
        if all(n == at for n, _ in wrong):
            asked = either(dict.fromkeys(WANTED.get(kind) or told_type(Type(kind)) for _, kind in wrong))
            message = said(
                "`{name}` takes {asked} here, and this is {kind}.",
                name=name,
                asked=asked,
                kind=told_type(kinds[at]),
            )
            for _, kind in wrong:
                found = _mended(node.arguments[at], Type(_NAMED_KINDS.get(kind, kind)))
                hint, fix = found or (hint, fix)
        else:
            message = said(
                "`{name}` takes no such arguments: {kinds}.",
                name=name,
                kinds=joined(", ", map(told_type, kinds)),
            )
        self.tell("cell/argument", node.arguments[at], message, hint, fix=fix)

    _INFER: ClassVar[dict[type, Callable[[_Inference, Any], Type]]] = {
        syntax.Literal: _literal,
        syntax.Name: _name,
        syntax.ListNode: _list_node,
        syntax.ContextNode: _context,
        syntax.RangeNode: _range,
        syntax.UnaryComparison: _open_range,
        syntax.Negation: _negation,
        syntax.Arithmetic: _arithmetic,
        syntax.Comparison: _comparison,
        syntax.Between: _between,
        syntax.In: _in,
        syntax.And: _logic,
        syntax.Or: _logic,
        syntax.If: _if,
        syntax.For: _for,
        syntax.Quantified: _quantified,
        syntax.Path: _path,
        syntax.Filter: _filter,
        syntax.Call: _call,
        syntax.InstanceOf: _instance_of,
        syntax.FunctionNode: _function,
        syntax.UnaryTests: _unary_tests,
        syntax.Cell: _cell,
        syntax.Conversion: _conversion,
    }


# -- types ------------------------------------------------------------------------------------------------


def _misfit(overload: Overload, names: tuple[str, ...], kinds: Sequence[Type]) -> tuple[int, str] | None:
    """The first argument that a signature refuses, and the kind that it asks for there; None if it takes them all."""
    parameters = overload.parameters
    order: Iterable[int | None] = named_order(overload, names) if names else range(len(kinds))
    for place, index in enumerate(order):
        parameter = parameters[min(place, len(parameters) - 1)]
        if index is None:
            continue
        kind = kinds[index]
        if kind == NULL and parameter.optional and not parameter.variadic:
            continue
        if not takes(parameter.kind, kind):
            return index, parameter.kind
    return None


def _common(kinds: Iterable[Type]) -> Type:
    """The type that values of several types have in common; null is of every type."""
    known = {kind for kind in kinds if kind != NULL}
    if len(known) == 1:
        return known.pop()
    names = {kind.name for kind in known}
    return Type(names.pop()) if len(names) == 1 else ANY


def _list_of(item: Type) -> Type:
    return Type("list") if item.name in _ANYTHING else Type("list", (item,))


def _range_of(end: Type) -> Type:
    return Type("range") if end.name in _ANYTHING else Type("range", (end,))


def _comparable(left: Type, right: Type) -> bool:
    """Whether values of the types may be equal (table 42)."""
    return left.name == right.name or bool(_ANYTHING & {left.name, right.name})


def _may_meet(tested: Type, kind: Type) -> bool:
    """Whether a value may be the same as one of the type of a test, one of a list of them, or inside a range."""
    if _comparable(tested, kind):
        return True
    if kind.name == "range":
        return not kind.items or _comparable(tested, kind.items[0])
    if kind.name == "list":
        return not kind.items or _may_meet(tested, kind.items[0])
    return False


def _reads_value(node: syntax.Node) -> bool:
    return any(isinstance(part, syntax.Name) and part.name == "?" for part in syntax.walk(node))


# -- words ------------------------------------------------------------------------------------------------


def _mended(node: syntax.Node, wanted: Type) -> tuple[str, Fix | None] | None:
    """What was most likely meant by a constant of another type than the one wanted, with the hint; None if nothing."""
    text = _rewritten(node, wanted.name)
    if text is None:
        return None
    if wanted.name == "string":
        hint = said("Text goes in quotes: {text}.", text=text)
        if isinstance(node, syntax.Literal) and isinstance(node.value, Decimal):
            # As it was typed: `0032` is no 32 where it is a text.
            if len(text) != node.end - node.start + len('""'):
                hint = said("Text goes in quotes.")
            text = f'"{WHOLE}"'
    elif wanted.name in {"number", "boolean"}:
        hint = said("Without quotes: {text}.", text=text)
    else:
        hint = said("Write {text}.", text=text)
    return hint, Fix(node.start, node.end, text)


def _rewritten(node: syntax.Node, wanted: str) -> str | None:
    if isinstance(node, syntax.Literal):
        value = node.value
        if wanted == "string" and value is not None and type(value) is not str:
            return text_of(text_of(value).strip('@"'))
        if type(value) is not str:
            return None
        bare = value.strip()
        if wanted == "number":
            return bare if _is_number(bare) else None
        if wanted == "boolean":
            return bare.lower() if bare.lower() in {"true", "false"} else None
        return _temporal(bare, wanted)
    day = _subtracted_day(node) if wanted in {"date", "date and time"} else None
    return None if day is None else f'@"{day}"'


def _is_number(text: str) -> bool:
    bare = text.removeprefix("-")
    return bare.replace(".", "", 1).isdecimal() and bare.isascii() and bare[0] != "." != bare[-1]


def _temporal(text: str, wanted: str) -> str | None:
    """The literal of a date, time or duration that stands in a text."""
    kind = CLASSES.get(wanted)
    try:
        value = temporal_of(text)
    except ValueError:
        return None
    if type(value) is not kind:
        return None
    if wanted == "date":
        return f'@"{text}"'
    return f'{wanted}("{text}")' if wanted in CONSTRUCTORS else f'duration("{text}")'


def _subtracted_day(node: syntax.Node) -> str | None:
    """The date that an unquoted `2026-01-31`, which is a subtraction, was meant to be."""
    match node:
        case syntax.Arithmetic(
            op="-",
            left=syntax.Arithmetic(
                op="-", left=syntax.Literal(value=Decimal() as y), right=syntax.Literal(value=Decimal() as m)
            ),
            right=syntax.Literal(value=Decimal() as d),
        ):
            try:
                return str(Date(int(y), int(m), int(d)))
            except (ValueError, OverflowError):
                return None
        case _:
            return None


_HINTED: Final = 20
_BOOLEAN: Final = Type("boolean")
_DATE: Final = Type("date")
_FUNCTION: Final = Type("function")
_ANYTHING: Final = frozenset({"Any", "Null", UNDEFINED.name})
_UNCERTAIN: Final = _ANYTHING
_COUNTED: Final = frozenset({"number", "date"})
_MAGNITUDES: Final = frozenset({"number", "days and time duration", "years and months duration"})
_ORDERED: Final = frozenset({"string", "date", "time", "date and time"}) | _MAGNITUDES
_UNORDERED: Final = frozenset({"boolean", "context", "list", "function", "range"})
_AS_TEXT: Final = _ORDERED | {"boolean"}
_BY_CLASS: Final = {kind: Type(name) for name, kind in CLASSES.items()}
_NAMED_KINDS: Final = {"day": "date", "clock": "time", "magnitude": "number", "extent": "number"}
"""What a parameter's kind is as a type, where a text is to be read as one."""


_PROPERTY_TYPES: Final[dict[str, Type]] = {
    **dict.fromkeys(
        ("year", "month", "day", "weekday", "hour", "minute", "second"),
        Type("number"),
    ),
    **dict.fromkeys(("years", "months", "days", "hours", "minutes", "seconds"), Type("number")),
    "time offset": Type("days and time duration"),
    "timezone": Type("string"),
    "start included": _BOOLEAN,
    "end included": _BOOLEAN,
}
