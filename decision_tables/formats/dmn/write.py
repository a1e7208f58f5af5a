"""Rulebooks to DMN models: 1.5, or 1.3 for tools that read no later version.

A node becomes a decision whose variable is the fact. Where several nodes conclude one fact, or a node concludes
several, the nodes are decisions of their own and further ones put the facts together; reading folds them back.
What DMN has no place for goes into our extension (`extensions`), beside what it has, and is told in the notes:
other tools pass it over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from lxml import etree

from decision_tables.feel.parse import Names
from decision_tables.formats.dmn.boxes import Writer
from decision_tables.formats.dmn.extensions import (
    Extension,
    Role,
    add_extension,
    extended,
    extension_for,
    order_for,
)
from decision_tables.formats.dmn.layout import lay_out
from decision_tables.formats.dmn.origin import Origin
from decision_tables.formats.dmn.passed_over import passed_over
from decision_tables.formats.dmn.read import pieces_of
from decision_tables.formats.dmn.xml import OURS, children, flat
from decision_tables.formats.exchange import Written
from decision_tables.rulebook import Rulebook
from decision_tables.table import Formula, KnowledgeModel, LiteralExpression, Node, Table
from decision_tables.texts import names_in

if TYPE_CHECKING:
    from decision_tables.formats.dmn.xml import Element
    from decision_tables.rulebook import DecisionService
    from decision_tables.vocabulary import Fact, ItemDefinition

__all__ = ["write_dmn"]


def write_dmn(rulebook: Rulebook, *, version: Literal["1.5", "1.3"] = "1.5") -> Written:
    """The rulebook as a DMN model; `read_dmn` gives the same rulebook again, but for `origin`.

    Args:
        rulebook: it may be a draft with broken texts; they are written as they are.
        version: of DMN. What came after 1.3 (boxed `if`, filters and iterations) is there written as text.
    """
    return _Writing(rulebook, version).written()


class _Writing:
    """One writing of one rulebook."""

    def __init__(self, rulebook: Rulebook, version: str) -> None:
        self.book = rulebook
        self.origin = Origin(rulebook.origin)
        self.out = Writer(version, self.origin.ids)
        self.meant: dict[Element, object] = self.out.meant
        self.facts = {fact.key: fact for fact in rulebook.facts}
        self.names = Names((*self.facts,), functions=dict.fromkeys(self._functions(), None))  # type: ignore[arg-type]
        self.concluding: dict[str, list[Node]] = {}
        for node in rulebook.nodes:
            for fact in _facts_of(node):
                self.concluding.setdefault(fact, []).append(node)
        self.plain = {
            id(nodes[0]): fact
            for fact, nodes in self.concluding.items()
            if len(nodes) == 1 and _facts_of(nodes[0]) == (fact,) and fact in self.facts
        }
        """By identity, the nodes that are a fact's own decision."""
        self.called: dict[int, str] = {}
        self.elements: dict[str, Element] = {}
        self.needs: list[tuple[Element, tuple[str, ...]]] = []

    def _functions(self) -> tuple[str, ...]:
        return (*(one.key for one in self.book.functions), *(one.key for one in self.book.services))

    def written(self) -> Written:
        """The file, and what is to be said about it."""
        book, out = self.book, self.out
        title = book.title.said_in(book.languages[0] if book.languages else "en")
        root = out.root(
            flat(title) or book.key,
            self.origin.namespace or f"{OURS}/{re.sub(r'[^A-Za-z0-9._~-]', '_', book.key)}",
            self.origin.prefixes,
        )
        self.meant[root] = book
        out.description(root, book.note)
        for item in book.types:
            self._item(root, "itemDefinition", item)
        types = [self._type_of(root, fact) for fact in book.facts]
        self._name_nodes()
        self._graph(root, types)
        for service in book.services:
            self._service(root, service)
        self._require()
        self._extend(root)
        if self.origin.graft(root, out.version):
            self._extend(root, anew=True)
        lay_out(root, out.version)
        etree.cleanup_namespaces(
            root, keep_ns_prefixes=[*self.origin.prefixes, "decidable", "di", "dc", "dmndi"]
        )
        data = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
        return Written(data, passed_over(book))

    # -- types --------------------------------------------------------------------------------------------

    def _item(self, parent: Element, tag: str, item: ItemDefinition) -> Element:
        element = self.out.add(parent, tag, name=item.key, isCollection="true" if item.is_list else None)
        self.meant[element] = item
        label = item.label.said_in("en")
        if label and flat(label) != flat(item.key):
            element.set("label", self.out.told(label))
        self.out.description(element, item.note)
        # The schema has one of three: components, a function, or a type with its values.
        for component in item.components:
            self._item(element, "itemComponent", component)
        if item.components:
            return element
        if item.result or item.parameters:
            function = self.out.add(element, "functionItem", outputTypeRef=item.result or None)
            for one in item.parameters:
                self.out.add(function, "parameters", name=one.key, typeRef=one.type or None)
        elif item.type or item.allowed or item.constraint:
            self.out.add(element, "typeRef", text=item.type or "Any")
            self.out.tests(element, "allowedValues", item.allowed, or_nothing=True)
            if self.out.is_new:
                self.out.tests(element, "typeConstraint", item.constraint, or_nothing=True)
        return element

    def _type_of(self, root: Element, fact: Fact) -> str | None:
        """What a fact's variable refers to: its type, or an item definition of its own for its allowed values."""
        found = re.fullmatch(r"list<(.+)>", fact.type)
        if not fact.allowed and found is None:
            return None if fact.type == "Any" else fact.type
        taken = {item.key for item in self.book.types}
        name = f"{fact.key} values"
        while name in taken or name in self.out.own_types:
            name += "_"
        self.out.own_types.add(name)
        element = self.out.add(root, "itemDefinition", name=name, isCollection="true" if found else None)
        self.out.add(element, "typeRef", text=found[1] if found else fact.type)
        self.out.tests(element, "allowedValues", fact.allowed, or_nothing=True)
        add_extension(element, Extension(Role.ALLOWED))
        return name

    # -- the requirements graph ---------------------------------------------------------------------------

    def _name_nodes(self) -> None:
        """Names for the decisions that are no fact."""
        taken = {*self.facts, *self._functions()}
        for node in self.book.nodes:
            if id(node) in self.plain:
                continue
            base = re.sub(r"\W+", "_", node.key).strip("_") or "node"
            base = f"_{base}" if base[0].isdigit() else base
            name, n = base, 1
            while name in taken:
                n += 1
                name = f"{base}_{n}"
            taken.add(name)
            self.called[id(node)] = name

    def _graph(self, root: Element, types: list[str | None]) -> None:
        own = {
            fact: node
            for fact, nodes in self.concluding.items()
            for node in nodes
            if self.plain.get(id(node)) == fact
        }
        seen: set[str] = set()
        for fact, kind in zip(self.book.facts, types, strict=True):
            if fact.key in seen or fact.key not in self.concluding:
                self._input_data(root, fact, kind)
            elif fact.key in own:
                self._decision(root, own[fact.key], fact, kind)
            else:
                self._joined(root, fact, kind)
            seen.add(fact.key)
        for node in self.book.nodes:
            if id(node) in self.called:
                self._decision(root, node, None, None)
        for model in self.book.functions:
            self._knowledge(root, model)

    def _element(self, root: Element, tag: str, name: str, fact: Fact | None = None) -> Element:
        """An element of the graph, with its variable if it is a fact or a value."""
        element = self.out.add(
            root, tag, identity=self.origin.id_of(name), name=self.origin.name_of(name) or name
        )
        self.elements.setdefault(name, element)
        label = "" if fact is None else fact.label.said_in("en")
        if label and flat(label) not in {flat(name), flat(element.get("name") or "")}:
            element.set("label", self.out.told(label))
        return element

    def _variable(self, element: Element, name: str, fact: Fact | None, kind: str | None) -> None:
        variable = self.out.add(element, "variable", name=name, typeRef=kind)
        if fact is not None:
            self.meant[variable] = fact

    def _input_data(self, root: Element, fact: Fact, kind: str | None) -> None:
        tag = "decision" if self.origin.is_undecided(fact.key) else "inputData"
        element = self._element(root, tag, fact.key, fact)
        self.out.description(element, fact.note)
        self._variable(element, fact.key, fact, kind)

    def _decision(self, root: Element, node: Node, fact: Fact | None, kind: str | None) -> None:
        """The decision of a node: of a fact, or of a role."""
        name = self.called[id(node)] if fact is None else fact.key
        element = self._element(root, "decision", name, fact)
        self.meant[element] = node
        if fact is None:
            title = node.title.said_in("en")
            if title:
                element.set("label", self.out.told(title))
        self.out.description(element, node.note)
        if fact is None:
            add_extension(element, Extension(Role.NODE))
        self._variable(element, name, fact, kind)
        self.needs.append((element, names_in(node, self.names)))
        if isinstance(node, Table):
            self.out.table(element, node, () if fact is not None else self._outcomes(node))
        elif node.boxed is not None and not (
            isinstance(node.boxed, LiteralExpression) and not node.boxed.type
        ):
            self.out.box(element, node.boxed)
        else:
            text = node.boxed.text if isinstance(node.boxed, LiteralExpression) else node.expression
            self.out.literal(element, "literalExpression", text)

    def _outcomes(self, table: Table) -> tuple[str, ...]:
        """Names for the outcomes of a table that concludes several facts, or one with other nodes."""
        names: list[str] = []
        for output in table.outputs:
            base = (
                re.sub(r"\W+", "_", f"{output.fact}_{output.part}" if output.part else output.fact)
                or "outcome"
            )
            name, n = base, 1
            while name in names:
                n += 1
                name = f"{base}_{n}"
            names.append(name)
        return tuple(names)

    def _joined(self, root: Element, fact: Fact, kind: str | None) -> None:
        """The decision of a fact that is made of what other decisions hold."""
        nodes = self.concluding[fact.key]
        sources = [self._source(node, fact.key) for node in nodes]
        if len(sources) == 1:
            text = sources[0]
        elif fact.type == "list" or fact.type.startswith("list<"):
            text = f"flatten([{', '.join(sources)}])[item != null]"
        else:
            text = f"[{', '.join(sources)}][item != null][1]"
        element = self._element(root, "decision", fact.key, fact)
        add_extension(element, Extension(Role.FACT, text))
        self._variable(element, fact.key, fact, kind)
        self.needs.append((element, tuple(dict.fromkeys(self.called[id(node)] for node in nodes))))
        self.out.literal(element, "literalExpression", text)

    def _source(self, node: Node, fact: str) -> str:
        """Where a fact is found in what a node's decision holds."""
        name = self.called[id(node)]
        if isinstance(node, Formula) or len(node.outputs) == 1:
            return name
        columns = zip(node.outputs, self._outcomes(node), strict=True)
        own = [(output.part, column) for output, column in columns if output.fact == fact]
        if len(own) == 1 and not own[0][0]:
            return f"{name}.{own[0][1]}"
        return "{" + ", ".join(f"{part or column}: {name}.{column}" for part, column in own) + "}"

    def _knowledge(self, root: Element, model: KnowledgeModel) -> None:
        element = self._element(root, "businessKnowledgeModel", model.key)
        self.meant[element] = model
        title = model.title.said_in("en")
        if title and flat(title) != flat(model.key):
            element.set("label", self.out.told(title))
        self.out.description(element, model.note)
        self.out.add(element, "variable", name=model.key)
        self.out.function(element, "encapsulatedLogic", model.function)
        self.needs.append((element, names_in(model.function, self.names)))

    def _service(self, root: Element, service: DecisionService) -> None:
        element = self._element(root, "decisionService", service.key)
        self.meant[element] = service
        title = service.title.said_in("en")
        if title and flat(title) != flat(service.key):
            element.set("label", self.out.told(title))
        self.out.description(element, service.note)
        self.out.add(element, "variable", name=service.key, typeRef=service.type or None)
        for tag, names, kinds in (
            ("outputDecision", service.outputs, ("decision",)),
            ("encapsulatedDecision", service.encapsulated, ("decision",)),
            ("inputDecision", service.input_decisions, ("decision",)),
            ("inputData", service.inputs, ("inputData",)),
        ):
            for name in names:
                found = self.elements.get(name)
                if found is not None and etree.QName(found).localname in kinds:
                    self.out.add(element, tag, href=f"#{found.get('id')}", named=False)

    def _require(self) -> None:
        """What each decision and function needs, as the graph shows it; before its logic, as the schema wants it."""
        kinds = {
            "inputData": ("informationRequirement", "requiredInput"),
            "decision": ("informationRequirement", "requiredDecision"),
            "businessKnowledgeModel": ("knowledgeRequirement", "requiredKnowledge"),
            "decisionService": ("knowledgeRequirement", "requiredKnowledge"),
        }
        for element, names in self.needs:
            made = []
            is_function = etree.QName(element).localname == "businessKnowledgeModel"
            for name in names:
                found = self.elements.get(name)
                if found is None or found is element:
                    continue
                tag, inner = kinds[etree.QName(found).localname]
                if is_function and tag == "informationRequirement":
                    continue
                requirement = self.out.make(tag)
                self.out.add(requirement, inner, href=f"#{found.get('id')}", named=False)
                made.append(requirement)
            made.sort(key=lambda one: str(one.tag))
            last = next(children(element, "encapsulatedLogic" if is_function else "variable"), None)
            spot = 0 if last is None else element.index(last) + 1
            for n, requirement in enumerate(made):
                element.insert(spot + n, requirement)

    # -- extensions ---------------------------------------------------------------------------------------

    def _extend(self, root: Element, *, anew: bool = False) -> None:
        """Read what is written, and add wherever it reads as something else than is meant; `anew`: not yet so."""

        def keep(piece: object, element: Element) -> object:
            meant = self.meant.get(element)
            if meant is None:
                return extended(piece, element)
            if isinstance(meant, Rulebook) and isinstance(piece, Rulebook):
                piece, order = order_for(piece, meant)
                add_extension(element, order, anew=anew)
            if type(meant) is type(piece):
                add_extension(
                    element, extension_for(piece, meant), anew=anew and not isinstance(meant, Rulebook)
                )
            return meant

        pieces_of(root, keep)


def _facts_of(node: Node) -> tuple[str, ...]:
    if isinstance(node, Formula):
        return (node.fact,)
    return tuple(dict.fromkeys(output.fact for output in node.outputs))
