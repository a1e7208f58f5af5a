"""The elements of DMN's XML as they are written: expressions, tables, texts, ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lxml import etree

from decision_tables.boxed_text import feel_text
from decision_tables.formats.dmn.extensions import Extension, Role, add_extension
from decision_tables.formats.dmn.xml import DC, DI, DMNDI_OF, MARGIN, OURS, VERSIONS, flat, free_name
from decision_tables.table import (
    BoxedTable,
    Conditional,
    ContextExpression,
    FilterExpression,
    FunctionDefinition,
    HitPolicy,
    Invocation,
    Iteration,
    ListExpression,
    LiteralExpression,
    Quantifier,
    Relation,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from decision_tables.formats.dmn.xml import Element
    from decision_tables.table import Boxed, Input, Output, Rule, Table

__all__ = ["Writer", "names_of_notes"]


class Writer:
    """Makes elements of one version of DMN, with ids that no element has yet.

    Attributes:
        version: of DMN, `1.5` or `1.3`.
        meant: what each element stands for in the rulebook.
        own_types: names of item definitions that hold one fact's values.
    """

    def __init__(self, version: str, taken: Iterable[str]) -> None:
        self.version = version
        self.is_new = version != "1.3"
        self.namespace = VERSIONS[version]
        self.meant: dict[Element, object] = {}
        self.own_types: set[str] = set()
        self._ids = set(taken)
        self._last: dict[str, int] = {}

    # -- elements -----------------------------------------------------------------------------------------

    def root(self, name: str, namespace: str, prefixes: Mapping[str, str]) -> Element:
        """The `definitions`."""
        known = {
            None: self.namespace,
            "dmndi": DMNDI_OF[self.version],
            "di": DI,
            "dc": DC,
            "decidable": OURS,
        } | {p: u for p, u in prefixes.items() if p != "decidable"}
        root = etree.Element(self._tag("definitions"), nsmap=known)
        root.set("id", self._identity("definitions"))
        root.set("name", self.told(name))
        root.set("namespace", self.told(namespace))
        root.set("exporter", "decidable")
        return root

    def make(self, tag: str, *, identity: str = "", named: bool = True) -> Element:
        """An element without a parent yet; with an id unless it may have none."""
        element = etree.Element(self._tag(tag))
        if named:
            element.set("id", identity or self._identity(tag))
        return element

    def add(
        self,
        parent: Element,
        tag: str,
        *,
        text: str | None = None,
        identity: str = "",
        named: bool | None = None,
        **attributes: str | None,
    ) -> Element:
        """A child; attributes that are None are left out."""
        is_named = tag not in _NAMELESS if named is None else named
        element = self.make(tag, identity=identity, named=is_named)
        parent.append(element)
        for name, value in attributes.items():
            if value is not None:
                element.set(name, self.told(value))
        if text is not None:
            element.text = self.told(text)
        return element

    def description(self, element: Element, note: str) -> None:
        """A description, if there is anything to say."""
        if note:
            self.add(element, "description", text=note)

    def told(self, text: str) -> str:
        """A text as XML can hold it; what it cannot hold stands in the extension."""
        return _UNSAYABLE.sub("\N{REPLACEMENT CHARACTER}", text)

    def _free(self, wanted: str) -> str:
        """An id that no element has yet, as near to what is wanted as XML and the others allow."""
        identity = base = re.sub(r"[^A-Za-z0-9_.-]", "_", wanted)
        n = 1
        while identity in self._ids:
            n += 1
            identity = f"{base}_{n}"
        self._ids.add(identity)
        return identity

    def _tag(self, tag: str) -> str:
        return f"{{{self.namespace}}}{tag}"

    def _identity(self, tag: str) -> str:
        while True:
            self._last[tag] = n = self._last.get(tag, 0) + 1
            identity = f"{tag}_{n}"
            if identity not in self._ids:
                self._ids.add(identity)
                return identity

    # -- texts --------------------------------------------------------------------------------------------

    def literal(self, parent: Element, tag: str, text: str, kind: str = "") -> Element:
        """An expression's text."""
        element = self.add(parent, tag, typeRef=kind or None)
        self.add(element, "text", text=text)
        return element

    def tests(self, parent: Element, tag: str, text: str, *, or_nothing: bool = False) -> None:
        """Unary tests; an empty cell accepts everything, in other tools too."""
        if or_nothing and not text:
            return
        element = self.add(parent, tag)
        self.add(element, "text", text=text)

    # -- expressions --------------------------------------------------------------------------------------

    def box(self, parent: Element, box: Boxed) -> Element:
        """A boxed expression; one that DMN 1.3 does not know as text, if it can be said so."""
        if not self.is_new and isinstance(box, Conditional | FilterExpression | Iteration):
            return self.literal(parent, "literalExpression", feel_text(box) or "", box.type)
        match box:
            case LiteralExpression():
                return self.literal(parent, "literalExpression", box.text, box.type)
            case FunctionDefinition():
                return self.function(parent, "functionDefinition", box)
            case BoxedTable():
                element = self.table(parent, box.table, ())
                self.meant[element] = box.table
                if box.type:
                    element.set("typeRef", self.told(box.type))
                return element
            case ContextExpression():
                return self._context(parent, box)
            case Invocation():
                return self._invocation(parent, box)
            case ListExpression():
                element = self.add(parent, "list", typeRef=box.type or None)
                for item in box.items:
                    self.box(element, item)
                return element
            case Relation():
                return self._relation(parent, box)
            case Conditional():
                element = self.add(parent, "conditional", typeRef=box.type or None)
                self._inside(element, "if", box.condition)
                self._inside(element, "then", box.consequence)
                self._inside(element, "else", box.alternative)
                return element
            case FilterExpression():
                element = self.add(parent, "filter", typeRef=box.type or None)
                self._inside(element, "in", box.source)
                self._inside(element, "match", box.match)
                return element
            case Iteration():
                element = self.add(
                    parent, box.quantifier.value, typeRef=box.type or None, iteratorVariable=box.variable
                )
                self._inside(element, "in", box.source)
                self._inside(element, "return" if box.quantifier is Quantifier.FOR else "satisfies", box.body)
                return element

    def function(self, parent: Element, tag: str, box: FunctionDefinition) -> Element:
        """A function, boxed or encapsulated in a business knowledge model."""
        kind = {"JAVA": "Java", "PMML": "PMML"}.get(box.language.upper())
        element = self.add(parent, tag, typeRef=box.type or None, kind=kind)
        for one in box.parameters:
            self.add(element, "formalParameter", name=one.name, typeRef=one.type or None)
        if box.body is not None:
            self.box(element, box.body)
        return element

    def _inside(self, parent: Element, tag: str, box: Boxed) -> None:
        self.box(self.add(parent, tag), box)

    def _context(self, parent: Element, box: ContextExpression) -> Element:
        element = self.add(parent, "context", typeRef=box.type or None)
        for one in box.entries:
            entry = self.add(element, "contextEntry")
            if one.name or one.type:
                self.add(entry, "variable", name=one.name, typeRef=one.type or None)
            self.box(entry, one.value)
        return element

    def _invocation(self, parent: Element, box: Invocation) -> Element:
        element = self.add(parent, "invocation", typeRef=box.type or None)
        self.literal(element, "literalExpression", box.function)
        for one in box.bindings:
            binding = self.add(element, "binding")
            self.add(binding, "parameter", name=one.parameter)
            if one.value is not None:
                self.box(binding, one.value)
        return element

    def _relation(self, parent: Element, box: Relation) -> Element:
        element = self.add(parent, "relation", typeRef=box.type or None)
        for column in box.columns:
            self.add(element, "column", name=column.name, typeRef=column.type or None)
        for row in box.rows:
            line = self.add(element, "row")
            for cell in row:
                self.box(line, cell)
        return element

    # -- decision tables ----------------------------------------------------------------------------------

    def table(self, parent: Element, table: Table, names: tuple[str, ...]) -> Element:
        """A decision table; `names` for its outcomes, where the table does not say them itself."""
        policy, aggregation = _policy(table.hit_policy)
        element = self.add(parent, "decisionTable", hitPolicy=policy, aggregation=aggregation)
        for column in table.inputs:
            self._input(element, column)
        for n, outcome in enumerate(table.outputs):
            name = names[n] if names and len(table.outputs) > 1 else outcome.part or outcome.key
            self._output(element, outcome, name)
        if not table.outputs:
            add_extension(self.add(element, "output"), Extension(Role.NONE))
        margin = [name for name in MARGIN if any(getattr(rule, name) for rule in table.rules)]
        for name in (*margin, *names_of_notes(table)):
            self.add(element, "annotation", name=name)
        for rule in table.rules:
            self._rule(element, rule, table, margin)
        return element

    def _input(self, parent: Element, column: Input) -> None:
        label = column.label.said_in("en")
        is_told = bool(label) and flat(label) != flat(column.expression)
        element = self.add(parent, "input", label=label if is_told else None)
        self.meant[element] = column
        self.literal(element, "inputExpression", column.expression, column.type)
        self.tests(element, "inputValues", column.values, or_nothing=True)

    def _output(self, parent: Element, column: Output, name: str) -> None:
        label = column.label.said_in("en")
        is_told = bool(label) and flat(label) != flat(name)
        element = self.add(
            parent, "output", name=name or None, label=label if is_told else None, typeRef=column.type or None
        )
        self.meant[element] = column
        self.tests(element, "outputValues", column.values, or_nothing=True)
        if column.default:
            self.literal(element, "defaultOutputEntry", column.default)

    def _rule(self, parent: Element, rule: Rule, table: Table, margin: list[str]) -> None:
        # An id made of the rule's own, so that the rule is found again in a file that lost everything of ours.
        element = self.add(parent, "rule", identity=self._free(f"rule_{table.key}_{rule.id}"))
        self.meant[element] = rule
        tests = (*rule.tests, *[""] * len(table.inputs))[: len(table.inputs)]
        cells = (*rule.outputs, *[""] * len(table.outputs))[: len(table.outputs)]
        for test in tests:
            self.tests(element, "inputEntry", test)
        for cell in cells if table.outputs else ("",):
            self.literal(element, "outputEntry", cell)
        notes = (*rule.notes, *[""] * len(table.notes))[: len(table.notes)]
        for text in (*(getattr(rule, name) for name in margin), *notes):
            told = self.add(element, "annotationEntry")
            self.add(told, "text", text=text)


def names_of_notes(table: Table) -> tuple[str, ...]:
    """What the annotations of a table's columns of notes are called: each otherwise, and none as our margin."""
    taken = set(MARGIN)
    return tuple(
        free_name(flat(one.label.said_in("en")) or flat(one.key) or "note", taken) for one in table.notes
    )


def _policy(policy: HitPolicy) -> tuple[str, str | None]:
    if policy.is_aggregate:
        return "COLLECT", policy.name
    return policy.name.replace("_", " "), None


_NAMELESS: Final = frozenset(
    {
        "description",
        "text",
        "typeRef",
        "annotation",
        "annotationEntry",
        "binding",
        "outputDecision",
        "encapsulatedDecision",
        "inputDecision",
        "if",
        "then",
        "else",
        "in",
        "match",
        "return",
        "satisfies",
    }
)
"""Elements that the schema gives no id, or that need none."""

_UNSAYABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""
