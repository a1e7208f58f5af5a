"""FEEL text to syntax tree: a scanner and a Pratt parser that knows the names in scope (DMN 1.5, 10.3.1).

Names of FEEL hold spaces and even operators (`monthly fee`, `x-y`, `date and time`), so a text can only be read
by knowing them: at each operand the longest name in scope wins. No text raises: what is wrong comes back as
diagnostics. Syntax stops at the first mistake; unknown names are all told at once, and still give a tree.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar

from decision_tables.diagnostics import Diagnostic, Severity, Where, near_miss
from decision_tables.feel import syntax
from decision_tables.feel.functions import BUILTINS, argument_problem
from decision_tables.feel.temporal import CONSTRUCTORS, temporal_of
from decision_tables.feel.types import NAMED, UNDEFINED, Type
from decision_tables.feel.values import NUMBERS, Trouble, Value, number_of, quoted
from decision_tables.said import said, said_of, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

from decision_tables.feel.parse.names import (
    BUILTIN_TRIE,
    CLOCK_NAMES,
    NAME_SYMBOLS,
    PATH_TRIE,
    TYPE_TRIE,
    Locals,
    Names,
    Token,
    Trie,
    tokens_of,
    unescaped,
)

__all__ = ["parse_expression", "parse_unary_tests", "too_deep"]

_NOWHERE: Final = Where()
MAX_TEXT: Final = 50_000
MAX_NESTING: Final = 300
_HINTED: Final = 20
MAX_HEIGHT: Final = 800

_RESERVED: Final = frozenset(
    {"if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "or", "and", "between"}
    | {"instance", "null", "true", "false"}
)
_COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_UNQUOTED_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_INFIX: Final = {"+": 50, "-": 50, "*": 60, "/": 60, "**": 70}


class _Stop(Exception):
    """A mistake after which the rest cannot be read."""


class _Parser:
    """One reading of one text."""

    def __init__(self, text: str, names: Names, where: Where) -> None:
        self.text = text
        self.names = names
        self.where = where
        self.tokens = tokens_of(text)
        self.at = 0
        self.found: list[Diagnostic] = []
        self.locals = Locals()
        self.keys = Trie(())
        self.nesting = 0
        self.in_filter = 0
        self.at_range_end = False
        self.bare_types = False

    # ---- tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def ahead(self) -> Token:
        """The token after this one; the end is followed by itself."""
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def is_at(self, text: str) -> bool:
        token = self.tokens[self.at]
        return token.text == text and token.kind != "string"

    def accept(self, text: str) -> bool:
        if self.is_at(text):
            self.at += 1
            return True
        return False

    def expect(self, text: str, reason: str) -> Token:
        if not self.is_at(text):
            self.fail(
                said(
                    "Expected “{text}” {reason}, found {found}.", text=text, reason=reason, found=self.seen()
                )
            )
        return self.take()

    def seen(self) -> str:
        token = self.token
        return said("the end of the text") if token.kind == "end" else said("“{text}”", text=token.text[:40])

    def report(self, code: str, start: int, end: int, message: str, hint: str = "") -> None:
        self.found.append(Diagnostic(code, self.where.at(start, end), message, hint, self.text))

    def fail(self, message: str, hint: str = "", code: str = "feel/syntax") -> NoReturn:
        token = self.token
        if not hint and token.kind == "symbol":
            hint = _SYMBOL_HINTS.get(token.text, "")
        self.report(code, token.start, max(token.end, token.start), message, hint)
        raise _Stop

    # ---- names

    def known_name(self) -> tuple[str, int] | None:
        """The longest name in scope here, and the index of the token after it."""
        best = self.locals.longest(self.tokens, self.at)
        for trie in (self.names.trie, BUILTIN_TRIE):
            found = trie.longest(self.tokens, self.at)
            if found is not None and (best is None or found[1] > best[1]):
                best = found
        return best

    def words(self) -> str:
        """The words here as one name: no two words can stand side by side but as one."""
        first = self.take()
        words = [first.text]
        while self.token.kind == "word" and self.token.text not in _RESERVED:
            words.append(self.take().text)
        return " ".join(words)

    def new_name(self, *stops: str) -> str:
        """A name that is being introduced: all tokens up to a stop, spaces made single."""
        start = self.token
        if start.kind not in ("word", "symbol") or start.text in _RESERVED or start.text in stops:
            self.fail(said("Expected a name, found {found}.", found=self.seen()))
        name = ""
        while self.token.kind in ("word", "number", "symbol") and self.token.text not in stops:
            token = self.take()
            if token.kind == "symbol" and token.text not in NAME_SYMBOLS:
                self.at -= 1
                self.fail(said("Expected a name, found {found}.", found=self.seen()))
            name += (" " if token.spaced and name else "") + token.text
        return name

    # ---- expressions, by binding power

    def expression(self, power: int = 0) -> syntax.Node:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            self.fail(said("The expression is nested too deeply."), code="feel/too-deep")
        left = self.operand()
        while True:
            token = self.token
            kind, text = token.kind, token.text
            if kind == "symbol":
                binding = _INFIX.get(text)
                if binding is not None:
                    if binding <= power:
                        break
                    self.take()
                    right = self.expression(binding)
                    left = syntax.Arithmetic(text, left, right, start=left.start, end=right.end)
                    continue
                if text in _COMPARISONS and power < 40:
                    self.take()
                    right = self.expression(40)
                    left = syntax.Comparison(text, left, right, start=left.start, end=right.end)
                    continue
                break
            if kind != "word":
                break
            if text == "or" and power < 20:
                left = self.chain(syntax.Or, left, "or", 20)
            elif text == "and" and power < 30:
                left = self.chain(syntax.And, left, "and", 30)
            elif text == "between" and power < 40:
                self.take()
                low = self.expression(40)
                self.expect("and", said("between the two ends of “between”"))
                high = self.expression(40)
                left = syntax.Between(left, low, high, start=left.start, end=high.end)
            elif text == "in" and power < 40:
                self.take()
                tests = self.tests_of_in()
                left = syntax.In(left, tests, start=left.start, end=self.tokens[self.at - 1].end)
            elif text == "instance" and power < 80 and self.ahead.text == "of":
                self.at += 2
                kind_found = self.type()
                left = syntax.InstanceOf(left, kind_found, start=left.start, end=self.tokens[self.at - 1].end)
            else:
                break
        self.nesting -= 1
        return left

    def chain(
        self, node: type[syntax.And | syntax.Or], left: syntax.Node, word: str, power: int
    ) -> syntax.Node:
        operands = [left]
        while self.token.kind == "word" and self.accept(word):
            operands.append(self.expression(power))
        return node(tuple(operands), start=left.start, end=operands[-1].end)

    def tests_of_in(self) -> tuple[syntax.Node, ...]:
        """What stands after `in`: one test, or several in parentheses (grammar rule 49c)."""
        if not self.is_at("("):
            return (self.test(40),)
        opening = self.take()
        was, self.at_range_end = self.at_range_end, False
        self.locals.bind("?")
        first = self.test()
        if self.is_at(".."):
            self.locals.unbind(1)
            self.at_range_end = was
            return (self.range_tail(opening, first),)
        tests = [first]
        while self.accept(","):
            tests.append(self.test())
        self.locals.unbind(1)
        self.expect(")", said("to close the tests"))
        self.at_range_end = was
        return tuple(tests)

    def test(self, power: int = 0) -> syntax.Node:
        """A positive unary test (grammar rule 7): a comparison without its left side, or an expression.

        Inside an expression such a comparison is a range (10.3.2.7). A text that is nothing else is refused: `= 5`
        in the place of an outcome is a habit of spreadsheets, and no range is meant.
        """
        token = self.token
        if token.kind == "symbol" and token.text in _COMPARISONS:
            self.take()
            operand = self.expression(40)
            return syntax.UnaryComparison(token.text, operand, start=token.start, end=operand.end)
        return self.expression(power)

    def operand(self) -> syntax.Node:
        """A prefix expression with what follows it directly: path, filter, invocation."""
        token = self.token
        if token.kind == "symbol" and token.text == "-":
            self.take()
            if self.token.kind == "number":
                number = self.number(negative_from=token.start)
                return self.postfix(number)
            self.nesting += 1
            if self.nesting > MAX_NESTING:
                self.fail(said("The expression is nested too deeply."), code="feel/too-deep")
            operand = self.operand()
            self.nesting -= 1
            return syntax.Negation(operand, start=token.start, end=operand.end)
        return self.postfix(self.primary())

    def postfix(self, node: syntax.Node) -> syntax.Node:
        while self.token.kind == "symbol":
            if self.is_at("."):
                self.take()
                name = self.path_name()
                node = syntax.Path(node, name, start=node.start, end=self.tokens[self.at - 1].end)
            elif self.is_at("[") and not (self.at_range_end and not self.begins_operand(self.at + 1)):
                self.take()
                was, self.at_range_end = self.at_range_end, False
                self.in_filter += 1
                self.locals.bind("item")
                condition = self.expression()
                self.locals.unbind(1)
                self.in_filter -= 1
                closing = self.expect("]", said("to close the filter"))
                self.at_range_end = was
                node = syntax.Filter(node, condition, start=node.start, end=closing.end)
            elif self.is_at("("):
                node = self.call(node)
            else:
                break
        return node

    def begins_operand(self, at: int) -> bool:
        """Whether a token can begin an operand: tells `[1..x[1]]` from `[1..x[`."""
        token = self.tokens[at]
        if token.kind == "word":
            return token.text not in _RESERVED or token.text in _STARTERS
        return token.kind in ("number", "string") or token.text in ("(", "[", "{", "-", "@", "?")

    def path_name(self) -> str:
        if self.token.kind != "word":
            self.fail(said("Expected a name after the dot, found {found}.", found=self.seen()))
        best: tuple[str, int] | None = None
        for trie in (PATH_TRIE, self.names.component_trie, self.keys):
            found = trie.longest(self.tokens, self.at)
            if found is not None and (best is None or found[1] > best[1]):
                best = found
        if best is not None:
            self.at = best[1]
            return best[0]
        return self.words()

    def call(self, function: syntax.Node) -> syntax.Node:
        self.take()
        was, self.at_range_end = self.at_range_end, False
        arguments: list[syntax.Node] = []
        names: list[str] = []
        while not self.is_at(")"):
            name = self.argument_name()
            if name is not None:
                names.append(name)
            if (name is None) != (not names):
                self.fail(said("Arguments are given all by name or all by position."), code="feel/arguments")
            arguments.append(self.test())
            if not self.accept(","):
                break
        closing = self.expect(")", said("to close the arguments"))
        self.at_range_end = was
        if isinstance(function, syntax.Name) and self.means_builtin(function.name):
            problem = argument_problem(function.name, len(arguments), tuple(names))
            if problem:
                self.report("feel/arguments", function.start, closing.end, problem)
            elif function.name in CONSTRUCTORS and len(arguments) == 1:
                constant = self.constant_moment(function, arguments[0], closing.end)
                if constant is not None:
                    return constant
        return syntax.Call(function, tuple(arguments), tuple(names), start=function.start, end=closing.end)

    def constant_moment(self, function: syntax.Name, argument: syntax.Node, end: int) -> syntax.Node | None:
        """`date("2024-12-31")` is a constant; one that cannot be read is null, and that is hardly meant."""
        if not isinstance(argument, syntax.Literal) or type(argument.value) is not str:
            if function.name == "date" and _UNQUOTED_DATE.fullmatch(self.text, argument.start, argument.end):
                self.report(
                    "feel/arguments",
                    function.start,
                    end,
                    said("A date is read from a text in quotes; this is a subtraction."),
                    said("Write date({value}).", value=quoted(self.text[argument.start : argument.end])),
                )
            return None
        try:
            return syntax.Literal(CONSTRUCTORS[function.name](argument.value), start=function.start, end=end)
        except ValueError as error:
            message = sentence(said("{told}, so this is null.", told=said_of(error)))
            where = self.where.at(argument.start, argument.end)
            self.found.append(Diagnostic("feel/constant", where, message, "", self.text, Severity.WARNING))
            return None

    def means_builtin(self, name: str) -> bool:
        return name in BUILTINS and name not in self.locals and not self.in_filter

    def argument_name(self) -> str | None:
        """The name before a colon, if an argument by name begins here."""
        ahead = self.at
        while self.tokens[ahead].kind in ("word", "number") or (
            self.tokens[ahead].kind == "symbol" and self.tokens[ahead].text in NAME_SYMBOLS
        ):
            ahead += 1
        if ahead == self.at or self.tokens[ahead].text != ":" or self.tokens[self.at].kind != "word":
            return None
        name = self.new_name(":")
        self.take()
        return name

    # ---- primary expressions

    def primary(self) -> syntax.Node:
        token = self.token
        kind, text = token.kind, token.text
        if kind == "word":
            return self.word()
        if kind == "number":
            return self.number()
        if kind == "string":
            self.take()
            return syntax.Literal(unescaped(text[1:-1]), start=token.start, end=token.end)
        if kind == "curly":
            self.report(
                "feel/syntax",
                token.start,
                token.end,
                said("Text stands in straight quotes, not in curly ones."),
                said("Write {value}.", value=quoted(text[1:-1])),
            )
            self.take()
            return syntax.Literal(text[1:-1], start=token.start, end=token.end)
        if text == "(":
            return self.parenthesis()
        if text == "[":
            return self.bracket()
        if text == "]":
            return self.range_tail(self.take(), self.inner())
        if text == "{":
            return self.context()
        if text == "@":
            return self.at_literal()
        if text == "?":
            self.take()
            if "?" not in self.locals:
                self.report(
                    "feel/unknown-name",
                    token.start,
                    token.end,
                    said("“?” stands for the value of an input column, and there is none here."),
                )
            return syntax.Name("?", start=token.start, end=token.end)
        return self.fail(said("Expected a value, found {found}.", found=self.seen()))

    def inner(self) -> syntax.Node:
        """An expression inside brackets, where an opening bracket can only begin a filter."""
        was, self.at_range_end = self.at_range_end, False
        node = self.expression()
        self.at_range_end = was
        return node

    def number(self, negative_from: int | None = None) -> syntax.Node:
        token = self.take()
        start = token.start if negative_from is None else negative_from
        try:
            value = number_of(token.text)
        except Trouble as trouble:
            self.report("feel/syntax", start, token.end, said_of(trouble))
            return syntax.Literal(None, start=start, end=token.end)
        if negative_from is not None:
            value = NUMBERS.minus(value)
        return syntax.Literal(value, start=start, end=token.end)

    def at_literal(self) -> syntax.Node:
        opening = self.take()
        if self.token.kind != "string":
            self.fail(
                said(
                    "Expected a date, time or duration in quotes after “@”, found {found}.", found=self.seen()
                )
            )
        token = self.take()
        text = unescaped(token.text[1:-1])
        value: Value = None
        try:
            value = temporal_of(text)
        except ValueError:
            self.report(
                "feel/syntax",
                opening.start,
                token.end,
                said("{value} is not a date, a time, a date and time or a duration.", value=quoted(text)),
                said('Write a date as @"2024-12-31", a duration as @"P30D".'),
            )
        return syntax.Literal(value, start=opening.start, end=token.end)

    def parenthesis(self) -> syntax.Node:
        opening = self.take()
        was, self.at_range_end = self.at_range_end, False
        node = self.test()
        if self.is_at(".."):
            self.at_range_end = was
            return self.range_tail(opening, node)
        closing = self.expect(")", said("to close the parenthesis"))
        self.at_range_end = was
        return replace(node, start=opening.start, end=closing.end)

    def bracket(self) -> syntax.Node:
        opening = self.take()
        was, self.at_range_end = self.at_range_end, False
        items: list[syntax.Node] = []
        while not self.is_at("]"):
            items.append(self.test())
            if len(items) == 1 and self.is_at(".."):
                self.at_range_end = was
                return self.range_tail(opening, items[0])
            if not self.accept(","):
                break
        closing = self.expect("]", said("to close the list"))
        self.at_range_end = was
        return syntax.ListNode(tuple(items), start=opening.start, end=closing.end)

    def range_tail(self, opening: Token, low: syntax.Node) -> syntax.Node:
        self.expect("..", said("between the two ends of the range"))
        was, self.at_range_end = self.at_range_end, True
        high = self.expression()
        self.at_range_end = was
        closing = self.take()
        if closing.text not in ("]", ")", "["):
            self.at -= closing.kind != "end"
            self.fail(said("Expected “]” or “)” to close the range, found {found}.", found=self.seen()))
        return syntax.RangeNode(
            low, high, opening.text == "[", closing.text == "]", start=opening.start, end=closing.end
        )

    def context(self) -> syntax.Node:
        opening = self.take()
        was, self.at_range_end = self.at_range_end, False
        keys: set[str] = set()
        entries: list[tuple[str, syntax.Node]] = []
        while not self.is_at("}"):
            token = self.token
            if token.kind == "string":
                self.take()
                key = unescaped(token.text[1:-1])
            elif self.ahead.text == ":" and token.kind == "word":
                key = self.take().text
            else:
                key = self.new_name(":")
            if key in keys:
                self.report(
                    "feel/syntax",
                    token.start,
                    token.end,
                    said("The context has two entries named “{key}”.", key=key),
                )
            self.expect(":", said("after the name “{name}”", name=key))
            keys.add(key)
            # A function may call itself by the name of its entry, unless something else has that name.
            calls_itself = self.is_at("function") and not (key in self.locals or self.names.has(key))
            if calls_itself:
                self.locals.bind(key)
            entries.append((key, self.test()))
            self.keys.add(key)
            if not calls_itself:
                self.locals.bind(key)
            if not self.accept(","):
                break
        self.locals.unbind(len(entries))
        closing = self.expect("}", said("to close the context"))
        self.at_range_end = was
        return syntax.ContextNode(tuple(entries), start=opening.start, end=closing.end)

    def word(self) -> syntax.Node:
        token = self.token
        known = self.known_name()
        if known is not None and (token.text not in _RESERVED or known[1] > self.at + 1):
            return self.name(known)
        match token.text:
            case "null" | "true" | "false":
                self.take()
                value = _CONSTANTS[token.text]
                return syntax.Literal(value, start=token.start, end=token.end)
            case "if":
                return self.conditional()
            case "for":
                return self.iteration()
            case "some" | "every":
                return self.quantified()
            case "function" if self.ahead.text == "(":
                return self.function()
        if token.text in _RESERVED:
            self.fail(said("Expected a value, found {found}.", found=self.seen()))
        return self.unknown_name()

    def name(self, known: tuple[str, int]) -> syntax.Node:
        start = self.token.start
        name, self.at = known
        return syntax.Name(name, start=start, end=self.tokens[self.at - 1].end)

    def unknown_name(self) -> syntax.Node:
        start = self.token.start
        name = self.words()
        end = self.tokens[self.at - 1].end
        node = syntax.Name(name, start=start, end=end)
        if self.in_filter and not self.is_at("("):
            return node  # may be an entry of the element that is being filtered
        is_call = self.is_at("(")
        known = [*self.locals, *sorted(self.names.names), *CLOCK_NAMES]
        # Looking for what was meant takes time, and nobody reads the hints of a hundred mistakes.
        close = (
            near_miss(name, [*BUILTINS, *known] if is_call else known) if len(self.found) < _HINTED else None
        )
        if is_call:
            hint = said("Did you mean “{close}”?", close=close) if close else ""
            self.report(
                "feel/unknown-function", start, end, said("There is no function “{name}”.", name=name), hint
            )
        else:
            hint = (
                said("Did you mean “{close}”?", close=close)
                if close
                else said("Text goes in quotes: {value}", value=quoted(name))
            )
            self.report(
                "feel/unknown-name", start, end, said("Nothing is called “{name}” here.", name=name), hint
            )
        return node

    def conditional(self) -> syntax.Node:
        start = self.take().start
        condition = self.inner()
        self.expect("then", said("after the condition of “if”"))
        consequence = self.inner()
        self.expect("else", said("after the first branch of “if”"))
        alternative = self.expression()
        return syntax.If(condition, consequence, alternative, start=start, end=alternative.end)

    def iterations(self, stop: str) -> list[syntax.Iteration]:
        found: list[syntax.Iteration] = []
        while True:
            start = self.token.start
            name = self.new_name("in")
            self.expect("in", said("after the name “{name}”", name=name))
            source = self.inner()
            last = self.inner() if self.accept("..") else None
            end = self.tokens[self.at - 1].end
            found.append(syntax.Iteration(name, source, last, start=start, end=end))
            self.locals.bind(name)
            if not self.accept(","):
                break
        self.expect(stop, said("after what is gone through"))
        return found

    def iteration(self) -> syntax.Node:
        start = self.take().start
        iterations = self.iterations("return")
        self.locals.bind("partial")
        body = self.expression()
        self.locals.unbind(len(iterations) + 1)
        return syntax.For(tuple(iterations), body, start=start, end=body.end)

    def quantified(self) -> syntax.Node:
        word = self.take()
        iterations = self.iterations("satisfies")
        condition = self.expression()
        self.locals.unbind(len(iterations))
        return syntax.Quantified(
            word.text == "every", tuple(iterations), condition, start=word.start, end=condition.end
        )

    def function(self) -> syntax.Node:
        start = self.take().start
        self.take()
        was, self.at_range_end = self.at_range_end, False
        parameters: list[syntax.Parameter] = []
        names: set[str] = set()
        while not self.is_at(")"):
            token = self.token
            name = self.new_name(":", ",", ")")
            kind = self.type() if self.accept(":") else None
            if name in names:
                self.report(
                    "feel/syntax",
                    token.start,
                    token.end,
                    said("Two parameters are named “{name}”.", name=name),
                )
            parameters.append(
                syntax.Parameter(name, kind, start=token.start, end=self.tokens[self.at - 1].end)
            )
            names.add(name)
            if not self.accept(","):
                break
        self.expect(")", said("to close the parameters"))
        self.at_range_end = was
        external = self.is_at("external") and self.ahead.text == "{"
        if external:
            self.take()
        for parameter in parameters:
            self.locals.bind(parameter.name)
        body = self.expression()
        self.locals.unbind(len(parameters))
        return syntax.FunctionNode(tuple(parameters), body, external, start=start, end=body.end)

    # ---- types

    def type(self) -> Type:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            self.fail(said("The type is nested too deeply."), code="feel/too-deep")
        found = self.type_inside()
        self.nesting -= 1
        return found

    def type_inside(self) -> Type:
        token = self.token
        if token.kind != "word":
            self.fail(said("Expected a type, found {found}.", found=self.seen()))
        generic = self.ahead.text == "<"
        if self.bare_types and not generic and token.text in _BARE and token.text not in self.names.types:
            self.at += 1
            return Type(token.text)
        if token.text in ("list", "range") and generic:
            self.at += 2
            item = self.type()
            self.expect(">", said("to close the type"))
            return Type(token.text, (item,))
        if token.text == "context" and generic:
            self.at += 2
            entries = []
            while not self.is_at(">"):
                name = self.new_name(":")
                self.expect(":", said("after the name “{name}”", name=name))
                entries.append((name, self.type()))
                if not self.accept(","):
                    break
            self.expect(">", said("to close the type"))
            return Type("context", (), tuple(entries))
        if token.text == "function" and generic:
            self.at += 2
            items = []
            while not self.is_at(">"):
                items.append(self.type())
                if not self.accept(","):
                    break
            self.expect(">", said("to close the parameter types"))
            self.expect("->", said("before the type of the result"))
            return Type("function", tuple(items), (), self.type())
        found = max(
            (
                trie.longest(self.tokens, self.at) or ("", self.at)
                for trie in (self.names.type_trie, TYPE_TRIE)
            ),
            key=lambda pair: pair[1],
        )
        if found[0]:
            self.at = found[1]
            return self.names.types.get(found[0]) or NAMED[found[0]]
        name = self.words()
        close = near_miss(name, [*NAMED, *self.names.types])
        self.report(
            "feel/unknown-type",
            token.start,
            self.tokens[self.at - 1].end,
            said("There is no type “{name}”.", name=name),
            said("Did you mean “{close}”?", close=close) if close else "",
        )
        return UNDEFINED

    # ---- whole texts

    def unary_tests(self) -> syntax.UnaryTests:
        end = self.tokens[-1].end
        if self.token.kind == "end" or (self.is_at("-") and self.ahead.kind == "end"):
            self.accept("-")
            return syntax.UnaryTests((), False, True, start=0, end=end)
        self.locals.bind("?")
        inside = self.negated_tests()
        if inside is not None:
            return syntax.UnaryTests(inside, True, False, start=0, end=end)
        return syntax.UnaryTests(self.alternatives(), False, False, start=0, end=end)

    def alternatives(self) -> tuple[syntax.Node, ...]:
        tests = [self.test()]
        while self.accept(","):
            tests.append(self.test())
        return tuple(tests)

    def negated_tests(self) -> tuple[syntax.Node, ...] | None:
        """The tests of a cell that is `not(…)` as a whole; None for any other cell, `not(a) and b` among them.

        It has to be tried: a `)` may close the parenthesis, or a range such as `[18..65)`.
        """
        if not self.is_at("not") or self.ahead.text != "(":
            return None
        attempt = _Parser(self.text, self.names, self.where)
        attempt.locals.bind("?")
        attempt.at = self.at + 2
        try:
            tests = attempt.alternatives()
            attempt.expect(")", said("to close “not(…)”"))
        except _Stop:
            return None
        if attempt.token.kind != "end":
            return None
        self.at = attempt.at
        self.found += attempt.found
        return tests

    def whole_expression(self) -> syntax.Node:
        if self.token.kind == "end":
            self.fail(said("An expression is expected, and the text is empty."), code="feel/empty")
        return self.expression()

    def finish(self, node: syntax.Node) -> None:
        """Make sure that the text ends here and that the tree can be walked."""
        token = self.token
        if token.kind != "end":
            hint = ""
            if token.kind == "word" and token.text == "is":
                hint = said("To compare, write “=”.")
            elif token.kind in ("word", "string", "number"):
                hint = said("Something is missing before it: a comma, an operator, or quotes round a text.")
            self.fail(said("The text goes on with {found} where it should end.", found=self.seen()), hint)
        # A tree is at most as high as there are tokens.
        if len(self.tokens) > MAX_HEIGHT and syntax.height(node) > MAX_HEIGHT:
            self.report("feel/too-deep", node.start, node.end, said("The expression is nested too deeply."))
            raise _Stop


_CONSTANTS: Final[dict[str, bool | None]] = {"null": None, "true": True, "false": False}
_STARTERS: Final = frozenset({"if", "for", "some", "every", "null", "true", "false"})
_SYMBOL_HINTS: Final = {
    "'": said("Text goes in double quotes."),
    "\u2018": said("Text goes in straight double quotes."),
    "\u2019": said("Text goes in straight double quotes."),
    '"': said("A quote is opened and not closed."),
    "“": said("Text goes in straight double quotes, and a quote is opened and not closed."),
    "”": said("Text goes in straight double quotes, and a quote is opened and not closed."),
    "≤": said("Write <= for “at most”."),
    "≥": said("Write >= for “at least”."),
    "≠": said("Write != for “is not”."),
    "\u2013": said("Write a hyphen “-” for minus, or for “any value”."),
    "—": said("Write a hyphen “-” for minus, or for “any value”."),
    "&": said("Write “and”."),
    "|": said("Write “or”."),
    "!": said("Write “not(…)”."),
    ";": said("Alternatives are separated by commas."),
}


def too_deep(text: str, where: Where) -> Diagnostic:
    """The diagnostic of a text that nests too deeply to be read or compiled."""
    return Diagnostic("feel/too-deep", where, said("The expression is nested too deeply."), "", text[:200])


def parse_expression(
    text: str,
    names: Names,
    where: Where = _NOWHERE,
    bound: Sequence[str] = (),
    *,
    in_filter: bool = False,
) -> tuple[syntax.Node | None, tuple[Diagnostic, ...]]:
    """Read an expression.

    Args:
        text: FEEL.
        names: what is in scope.
        where: the place of the text, for the diagnostics.
        bound: local variables in scope, outermost first.
        in_filter: whether entries of an element are in scope, too, which only running tells.

    Returns:
        The tree, None after a syntax error; and what is wrong, in the order of the text.
    """
    return _read(_Parser.whole_expression, text, names, where, bound, in_filter=in_filter)


def parse_unary_tests(
    text: str, names: Names, where: Where = _NOWHERE, bound: Sequence[str] = ()
) -> tuple[syntax.UnaryTests | None, tuple[Diagnostic, ...]]:
    """Read an input cell; see `parse_expression`. An empty cell and `-` hold for any value."""
    return _read(_Parser.unary_tests, text, names, where, bound)


def parse_type(
    text: str, names: Names, where: Where = _NOWHERE
) -> tuple[Type | None, tuple[Diagnostic, ...]]:
    """Read a type as a vocabulary or a model writes it: as FEEL does, and `list` and `context` alone.

    Returns:
        The type, None where the text is none; and what is wrong.
    """
    parser = _Parser(text, names, where)
    parser.bare_types = True
    try:
        found = parser.type()
        if parser.token.kind != "end":
            parser.fail(said("Expected nothing after the type, found {found}.", found=parser.seen()))
    except (_Stop, RecursionError):
        return None, _in_order(parser.found)
    return (None if parser.found else found), _in_order(parser.found)


_BARE: Final = ("list", "context", "range", "function")
_Read = TypeVar("_Read", bound=syntax.Node)


def _read(
    rule: Callable[[_Parser], _Read],
    text: str,
    names: Names,
    where: Where,
    bound: Sequence[str],
    *,
    in_filter: bool = False,
) -> tuple[_Read | None, tuple[Diagnostic, ...]]:
    if len(text) > MAX_TEXT:
        message = said("The text is longer than {count} characters.", count=MAX_TEXT)
        return None, (Diagnostic("feel/too-deep", where, message, "", text[:200]),)
    parser = _Parser(text, names, where)
    for name in bound:
        parser.locals.bind(name)
    parser.in_filter = int(in_filter)
    node: _Read | None = None
    try:
        node = rule(parser)
        parser.finish(node)
    except _Stop:
        node = None
    except RecursionError:
        return None, (too_deep(text, where),)
    return node, _in_order(parser.found)


def _in_order(found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(dict.fromkeys(found), key=lambda one: one.where.span or (0, 0)))
