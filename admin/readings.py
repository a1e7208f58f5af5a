"""Cells and rows in plain words, in the reader's language; pure.

A reading is built from a cell's syntax tree out of templates, never by changing its text. Each is a clause that
follows what the column is called: `Age` + `is at least 18`. Whatever FEEL allows has a reading; what people rarely
write is read part by part, and a name or a function that has no words of its own is told by its own name.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from decision_tables.feel import syntax
from decision_tables.feel.parse import CLOCK_NAMES, Names, parse_expression, parse_unary_tests
from decision_tables.feel.temporal import Date, DateTime, DaysDuration, Time, YearsDuration
from decision_tables.feel.values import string_of, text_of
from decision_tables.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from admin.words import Tongue
    from decision_tables.feel.values import Value
    from decision_tables.rulebook import Rulebook
    from decision_tables.table import Rule, Table

__all__ = ["Reader", "Reading"]

_LONGEST: Final = 2_000
"""Characters of a text that is still read; a longer one is no sentence that anybody would read back."""

_TESTED: Final = "?"


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell in words.

    Attributes:
        words: the clause, or empty where the text cannot be read.
        is_any: whether the cell accepts, or says, nothing in particular: a sentence leaves it out.
    """

    words: str
    is_any: bool = False


class Reader:
    """Reads the cells of one rulebook in one language; makes no judgement of them.

    Args:
        rulebook: its facts and functions are in scope, and facts are called what their labels say.
        words: the language.
    """

    def __init__(self, rulebook: Rulebook, words: Tongue) -> None:
        self._t = words
        self._labels = {
            fact.key: fact.label.said_in(words.code) or fact.key.replace("_", " ") for fact in rulebook.facts
        }
        self._units = {fact.key: fact.unit for fact in rulebook.facts if fact.unit}
        functions = [*(model.key for model in rulebook.functions), *(one.key for one in rulebook.services)]
        vocabulary = Vocabulary(rulebook.facts, rulebook.types)
        self._names = Names(
            (*self._labels, *functions), types=vocabulary.named, components=vocabulary.components
        )

    # -- cells ------------------------------------------------------------------------------------------------

    def condition(self, text: str, about: str = "") -> Reading:
        """A condition as a clause after what it is about; `about` is the fact, which may have a unit."""
        if len(text) > _LONGEST:
            return Reading("")
        node, _ = parse_unary_tests(text, self._names)
        if node is None:
            return Reading("")
        if node.any:
            return Reading(self._t.gettext("can be anything, also not known"), is_any=True)
        try:
            return Reading(_Voice(self._t, self._labels, self._units.get(about, "")).tests(node))
        except RecursionError:
            return Reading(text.strip())

    def cell(self, text: str, about: str, *, is_condition: bool) -> Reading:
        """A cell of a table, by what its column holds."""
        return self.condition(text, about) if is_condition else self.outcome(text, about)

    def outcome(self, text: str, about: str = "") -> Reading:
        """An outcome as a clause after what it is the outcome of."""
        if not text.strip():
            return Reading(self._t.gettext("is left open by this row"), is_any=True)
        if len(text) > _LONGEST:
            return Reading("")
        node, _ = parse_expression(text, self._names)
        if node is None:
            return Reading("")
        try:
            said = _Voice(self._t, self._labels, self._units.get(about, "")).value(node, unit=True)
        except RecursionError:
            said = text.strip()
        return Reading(self._t.gettext("is %(value)s") % {"value": said})

    # -- rows -------------------------------------------------------------------------------------------------

    def sentence(self, table: Table, rule: Rule, headings: Mapping[str, str]) -> str:
        """A row as a sentence: if …, then …; its period and its legal basis behind it.

        Args:
            table: the table.
            rule: the row; cells that cannot be read stand in it as they are typed, in quotation marks.
            headings: what each column is called, by the name of its field.
        """
        t = self._t
        ifs = []
        for column, text in zip(table.inputs, rule.tests, strict=False):
            reading = self.condition(text, column.expression)
            if not reading.is_any:
                ifs.append(self._clause(headings[f"test.{column.key}"], reading, text))
        thens = []
        for output, text in zip(table.outputs, rule.outputs, strict=False):
            reading = self.outcome(text, "" if output.part else output.fact)
            if not reading.is_any:
                thens.append(self._clause(headings[f"output.{output.key}"], reading, text))
        if rule.referral:
            question = rule.referral.said_in(t.code)
            thens.append(t.gettext("a person has to judge: %(question)s") % {"question": question})
        then = t.both(thens) if thens else t.gettext("nothing is said")
        if ifs:
            said = t.gettext("If %(conditions)s, then %(outcomes)s.") % {
                "conditions": t.both(ifs),
                "outcomes": then,
            }
        else:
            said = t.gettext("Always: %(outcomes)s.") % {"outcomes": then}
        said = said.removesuffix(".") if said.endswith("?.") else said
        behind = [self._period(rule.valid.start, rule.valid.end), rule.citation.strip().rstrip(".")]
        return " ".join([said, *(f"{part}." for part in behind if part)])

    def _period(self, start: str, end: str) -> str:
        t = self._t
        if start and end:
            return t.gettext("In force from %(start)s until %(end)s") % {
                "start": t.day(start),
                "end": t.day(end),
            }
        if start:
            return t.gettext("In force from %(start)s") % {"start": t.day(start)}
        return t.gettext("In force until %(end)s") % {"end": t.day(end)} if end else ""

    def _clause(self, heading: str, reading: Reading, text: str) -> str:
        if reading.words:
            return f"{heading} {reading.words}"
        return self._t.gettext("%(heading)s “%(text)s”") % {"heading": heading, "text": text.strip()}


class _Voice:
    """Says syntax trees; one for each cell, which may have a unit."""

    def __init__(self, words: Tongue, labels: Mapping[str, str], unit: str) -> None:
        self._t = words
        self._labels = labels
        self._unit = unit

    # -- tests ------------------------------------------------------------------------------------------------

    def tests(self, node: syntax.UnaryTests) -> str:
        """The alternatives of a cell as one clause."""
        t = self._t
        points = [self._point(branch) for branch in node.tests]
        if all(point is not None for point in points):
            values = [point for point in points if point is not None]
            template = t.gettext("is not %(value)s") if node.negated else t.gettext("is %(value)s")
            return template % {"value": t.either(values)}
        clauses = [self.test(branch) for branch in node.tests]
        if not node.negated:
            return t.either(clauses)
        if len(node.tests) == 1 and isinstance(node.tests[0], syntax.Literal):
            return t.gettext("exists")
        return t.gettext("does not hold: %(clause)s") % {"clause": t.either(clauses)}

    def _point(self, node: syntax.Node) -> str | None:
        """A plain value among the alternatives; None for anything else."""
        if isinstance(node, syntax.Literal) and node.value is not None:
            return self._constant(node.value, unit=True)
        if isinstance(node, syntax.Call) and self._literal_call(node) is not None:
            return self.value(node)
        return None

    def test(self, node: syntax.Node) -> str:
        """One alternative as a clause about the value in hand."""
        t = self._t
        match node:
            case syntax.Literal(value=None):
                return t.gettext("is known not to exist")
            case syntax.UnaryComparison(op=op, operand=operand):
                return self._compared(op, operand, unit=True)
            case syntax.RangeNode(low=low, high=high):
                return self._within(low, high, low_in=node.low_closed, high_in=node.high_closed, unit=True)
            case syntax.Comparison(op=op, left=syntax.Name(name="?"), right=right):
                return self._compared(op, right, unit=True)
            case syntax.Between(value=syntax.Name(name="?"), low=low, high=high):
                return self._within(low, high, low_in=True, high_in=True, unit=True)
            case syntax.In(value=syntax.Name(name="?"), tests=tests):
                return self.tests(syntax.UnaryTests(tests, negated=False, any=False))
            case syntax.And(operands=operands) if all(map(_is_about_value, operands)):
                return t.both([self.test(operand) for operand in operands])
            case syntax.Or(operands=operands) if all(map(_is_about_value, operands)):
                return t.either([self.test(operand) for operand in operands])
            case syntax.Call():
                return self._called(node) or self._holds(node)
        if _is_about_value(node):
            return self._holds(node)
        return t.gettext("is %(value)s") % {"value": self.value(node)}

    def _holds(self, node: syntax.Node) -> str:
        return self._t.gettext("is such that: %(condition)s") % {"condition": self.value(node)}

    def _compared(self, op: str, operand: syntax.Node, *, unit: bool = False) -> str:
        t = self._t
        if isinstance(operand, syntax.Literal) and operand.value is None:
            known = op == "!="
            return t.gettext("exists") if known else t.gettext("is known not to exist")
        is_day = _is_day(operand)
        templates: dict[str, str] = {
            "=": t.gettext("is %(value)s"),
            "!=": t.gettext("is not %(value)s"),
            "<": t.gettext("is before %(value)s") if is_day else t.gettext("is less than %(value)s"),
            "<=": t.gettext("is %(value)s at the latest") if is_day else t.gettext("is at most %(value)s"),
            ">": t.gettext("is after %(value)s") if is_day else t.gettext("is more than %(value)s"),
            ">=": t.gettext("is %(value)s at the earliest") if is_day else t.gettext("is at least %(value)s"),
        }
        return templates[op] % {"value": self.value(operand, unit=unit)}

    def _within(
        self, low: syntax.Node, high: syntax.Node, *, low_in: bool, high_in: bool, unit: bool = False
    ) -> str:
        t = self._t
        if low_in and high_in:
            template = t.gettext("is from %(low)s to %(high)s")
        elif low_in:
            template = t.gettext("is from %(low)s to %(high)s, %(end)s not included")
        elif high_in:
            template = t.gettext("is from %(low)s to %(high)s, %(start)s not included")
        else:
            template = t.gettext("is between %(low)s and %(high)s, both not included")
        ends = {"low": self.value(low), "high": self.value(high, unit=unit)}
        return template % {**ends, "start": ends["low"], "end": self.value(high)}

    def _called(self, node: syntax.Call) -> str:
        """A test by a function on the value in hand; empty where it has no words of its own."""
        t = self._t
        if not isinstance(node.function, syntax.Name) or node.names or not node.arguments:
            return ""
        first, *rest = node.arguments
        name = node.function.name
        if name == "not" and not rest:
            return t.gettext("does not hold: %(clause)s") % {"clause": self.test(first)}
        if not (isinstance(first, syntax.Name) and first.name == _TESTED) or len(rest) != 1:
            return ""
        templates = {
            "contains": t.gettext("contains %(value)s"),
            "starts with": t.gettext("starts with %(value)s"),
            "ends with": t.gettext("ends with %(value)s"),
            "matches": t.gettext("has the form %(value)s"),
            "list contains": t.gettext("includes %(value)s"),
        }
        return templates[name] % {"value": self.value(rest[0])} if name in templates else ""

    # -- values -----------------------------------------------------------------------------------------------

    def value(self, node: syntax.Node, *, unit: bool = False) -> str:
        """What a node is the value of, as a noun or a clause of its own."""
        t = self._t
        match node:
            case syntax.Literal(value=value):
                return self._constant(value, unit=unit)
            case syntax.Name(name=name):
                return self._name(name)
            case syntax.ListNode(items=items):
                return t.both([self.value(item) for item in items]) if items else t.gettext("an empty list")
            case syntax.ContextNode(entries=entries):
                said = [f"{name}: {self.value(part)}" for name, part in entries]
                return "; ".join(said) if said else t.gettext("none")
            case syntax.RangeNode(low=low, high=high):
                return self._about(
                    "", self._within(low, high, low_in=node.low_closed, high_in=node.high_closed)
                )
            case syntax.Negation(operand=operand):
                return f"−{self._inner(operand)}"  # noqa: RUF001 - a minus sign for people
            case syntax.Arithmetic(op=op, left=left, right=right):
                return f"{self._inner(left)} {_SIGNS.get(op, op)} {self._inner(right)}"
            case syntax.Comparison(op=op, left=left, right=right):
                return self._about(self.value(left), self._compared(op, right))
            case syntax.UnaryComparison(op=op, operand=operand):
                return self._about("", self._compared(op, operand))
            case syntax.Between(value=tested, low=low, high=high):
                return self._about(self.value(tested), self._within(low, high, low_in=True, high_in=True))
            case syntax.In(value=tested, tests=tests):
                clause = self.tests(syntax.UnaryTests(tests, negated=False, any=False))
                return self._about(self.value(tested), clause)
            case syntax.And(operands=operands):
                return t.both([self.value(operand) for operand in operands])
            case syntax.Or(operands=operands):
                return t.either([self.value(operand) for operand in operands])
            case syntax.If():
                return t.gettext("if %(condition)s, then %(yes)s, otherwise %(no)s") % {
                    "condition": self.value(node.condition),
                    "yes": self.value(node.consequence),
                    "no": self.value(node.alternative),
                }
            case syntax.Call():
                return self._call(node)
            case syntax.Path(source=source, name=name):
                return t.gettext("%(part)s of %(whole)s") % {"part": name, "whole": self.value(source)}
        return self._rare(node)

    def _rare(self, node: syntax.Node) -> str:
        t = self._t
        match node:
            case syntax.Filter():
                return t.gettext("those of %(list)s for which %(condition)s") % {
                    "list": self.value(node.source),
                    "condition": self.value(node.condition),
                }
            case syntax.For(iterations=iterations, body=body):
                return t.gettext("for each %(iterations)s: %(value)s") % {
                    "iterations": t.both([self._iteration(one) for one in iterations]),
                    "value": self.value(body),
                }
            case syntax.Quantified(every=every, iterations=iterations, condition=condition):
                template = (
                    t.gettext("for every %(iterations)s it holds that %(condition)s")
                    if every
                    else t.gettext("for some %(iterations)s it holds that %(condition)s")
                )
                return template % {
                    "iterations": t.both([self._iteration(one) for one in iterations]),
                    "condition": self.value(condition),
                }
            case syntax.InstanceOf(value=value, type=kind):
                return t.gettext("%(value)s is of the type %(type)s") % {
                    "value": self.value(value),
                    "type": t.type_name(str(kind)),
                }
            case syntax.FunctionNode(parameters=parameters, body=body):
                return t.gettext("the function of %(parameters)s that gives %(value)s") % {
                    "parameters": t.both([one.name for one in parameters]) or t.gettext("nothing"),
                    "value": self.value(body),
                }
            case syntax.UnaryTests():
                return self.tests(node)
        parts = [self.value(part) for part in syntax.children(node)]
        return ", ".join(parts) or t.gettext("a value that is worked out")

    def _iteration(self, one: syntax.Iteration) -> str:
        t = self._t
        source = self.value(one.source)
        if one.last is not None:
            source = t.gettext("%(low)s to %(high)s") % {"low": source, "high": self.value(one.last)}
        return t.gettext("%(name)s in %(list)s") % {"name": one.name, "list": source}

    def _about(self, subject: str, clause: str) -> str:
        return f"{subject} {clause}" if subject else clause

    def _inner(self, node: syntax.Node) -> str:
        said = self.value(node)
        return f"({said})" if isinstance(node, syntax.Arithmetic | syntax.If | syntax.Negation) else said

    def _name(self, name: str) -> str:
        t = self._t
        if name == _TESTED:
            return t.gettext("this value")
        if name in CLOCK_NAMES and name not in self._labels:
            return t.gettext("the date of the facts") if name == "as_of" else t.gettext("the day of knowing")
        return self._labels.get(name, name)

    def _call(self, node: syntax.Call) -> str:
        literal = self._literal_call(node)
        if literal is not None:
            return self._day_of(literal)
        arguments = [self.value(argument) for argument in node.arguments]
        name = node.function.name if isinstance(node.function, syntax.Name) else ""
        template = self._functions().get((name, len(arguments))) if not node.names else None
        if template is not None:
            return template % {str(at): said for at, said in enumerate(arguments, 1)}
        if node.names:
            arguments = [f"{key}: {said}" for key, said in zip(node.names, arguments, strict=True)]
        called = name or self.value(node.function)
        return f"{called}({'; '.join(arguments)})" if arguments else called

    def _functions(self) -> dict[tuple[str, int], str]:
        t = self._t
        return {
            ("today", 0): t.gettext("today"),
            ("now", 0): t.gettext("this moment"),
            ("not", 1): t.gettext("it does not hold that %(1)s"),
            ("count", 1): t.gettext("the number of items in %(1)s"),
            ("sum", 1): t.gettext("the sum of %(1)s"),
            ("min", 1): t.gettext("the least of %(1)s"),
            ("min", 2): t.gettext("the lesser of %(1)s and %(2)s"),
            ("max", 1): t.gettext("the greatest of %(1)s"),
            ("max", 2): t.gettext("the greater of %(1)s and %(2)s"),
            ("contains", 2): t.gettext("%(1)s contains %(2)s"),
            ("starts with", 2): t.gettext("%(1)s starts with %(2)s"),
            ("ends with", 2): t.gettext("%(1)s ends with %(2)s"),
            ("list contains", 2): t.gettext("%(1)s includes %(2)s"),
            ("string length", 1): t.gettext("the length of %(1)s"),
            ("is defined", 1): t.gettext("%(1)s is known"),
            ("years and months duration", 2): t.gettext("the time from %(1)s to %(2)s"),
            ("round half up", 2): t.gettext("%(1)s rounded to %(2)s decimals"),
            ("decimal", 2): t.gettext("%(1)s rounded to %(2)s decimals"),
        }

    def _literal_call(self, node: syntax.Call) -> str | None:
        """The text of `date("…")` and its kin; None of other calls."""
        match node:
            case syntax.Call(
                function=syntax.Name(name="date" | "time" | "date and time" | "duration"),
                arguments=(syntax.Literal(value=str(text)),),
                names=(),
            ):
                return text
            case _:
                return None

    def _day_of(self, text: str) -> str:
        return self._t.day(text)

    def _constant(self, value: Value, *, unit: bool = False) -> str:
        t = self._t
        match value:
            case None:
                return t.gettext("none")
            case True:
                return t.gettext("yes")
            case False:
                return t.gettext("no")
            case Decimal():
                said = t.number(value)
                return f"{said} {self._unit}" if unit and self._unit else said
            case str():
                plain = value.strip() == value and value and not set(value) & set(',;"“”\n')
                return value if plain else f"“{value}”"
            case Date() | DateTime() | Time():
                return t.day(string_of(value))
            case YearsDuration() | DaysDuration():
                return self._duration(value)
        return text_of(value)

    def _duration(self, value: YearsDuration | DaysDuration) -> str:
        t = self._t
        parts = []
        if isinstance(value, YearsDuration):
            years, months = divmod(abs(value.key), 12)
            if years:
                parts.append(t.ngettext("%(num)s year", "%(num)s years", years) % {"num": years})
            if months:
                parts.append(t.ngettext("%(num)s month", "%(num)s months", months) % {"num": months})
        else:
            hours, rest = divmod(abs(value.key), 3_600 * 10**9)
            days, hours = divmod(hours, 24)
            if rest:
                return str(value)
            if days:
                parts.append(t.ngettext("%(num)s day", "%(num)s days", days) % {"num": days})
            if hours:
                parts.append(t.ngettext("%(num)s hour", "%(num)s hours", hours) % {"num": hours})
        said = t.both(parts) if parts else str(value)
        return f"−{said}" if value.key < 0 else said  # noqa: RUF001 - a minus sign for people


def _is_about_value(node: syntax.Node) -> bool:
    """Whether it speaks of the value in hand."""
    return any(isinstance(part, syntax.Name) and part.name == _TESTED for part in syntax.walk(node))


def _is_day(node: syntax.Node) -> bool:
    """Whether it is plainly a date: dates come before and after, they are not less or more."""
    if isinstance(node, syntax.Literal):
        return isinstance(node.value, Date | DateTime)
    return (
        isinstance(node, syntax.Call)
        and isinstance(node.function, syntax.Name)
        and node.function.name in {"date", "date and time", "today", "now"}
    )


_SIGNS: Final = {"*": "×", "/": "÷", "-": "−", "**": "^"}  # noqa: RUF001 - signs for people
