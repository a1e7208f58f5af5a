"""DMN models to rulebooks: versions 1.1 to 1.5, with all that they import (DMN 1.5, chapters 6 to 8 and 10).

A rulebook is one flat name space. What is imported comes in under the import's name (`Model B.Say Hello`), and what
the texts of imported models call by other names is called by that one: the texts are changed where such a name
stands, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar, cast

from lxml import etree

from decision_tables.diagnostics import Diagnostic, Severity, near_miss, sorted_by_place
from decision_tables.errors import InvalidRulebook
from decision_tables.feel.parse import Names, is_name
from decision_tables.formats.dmn.extensions import Role, extended, extension_of
from decision_tables.formats.dmn.xml import (
    DMN_VERSIONS,
    FEEL_NAMESPACES,
    MARGIN,
    Element,
    child,
    children,
    flat,
    free_name,
    local,
    parsed,
    place_of,
    slug,
    text_of_child,
)
from decision_tables.rulebook import DecisionService, Rulebook
from decision_tables.said import said
from decision_tables.table import (
    Binding,
    Boxed,
    BoxedTable,
    Column,
    Conditional,
    ContextExpression,
    Entry,
    FilterExpression,
    Formula,
    FunctionDefinition,
    HitPolicy,
    Input,
    Invocation,
    Iteration,
    KnowledgeModel,
    ListExpression,
    LiteralExpression,
    Note,
    Output,
    Quantifier,
    Relation,
    Rule,
    Table,
)
from decision_tables.texts import Text, free_names
from decision_tables.vocabulary import Fact, ItemDefinition, Words

__all__ = ["DRG_ELEMENTS", "EXPRESSIONS", "ModelReading", "imports_of", "name_of", "pieces_of", "read_dmn"]


@dataclass(frozen=True, slots=True)
class ModelReading:
    """A rulebook read from DMN models.

    Attributes:
        rulebook: what they say.
        notes: what was left out, or means something else here.
        namespaces: for each model's namespace, what its names begin with in the rulebook; empty for the root's.
    """

    rulebook: Rulebook
    notes: tuple[Diagnostic, ...] = ()
    namespaces: Mapping[str, str] = field(default_factory=dict)


def read_dmn(
    data: bytes,
    *,
    name: str = "",
    others: Mapping[str, bytes] | None = None,
    key: str = "",
    known_rules: Mapping[str, tuple[str, str]] | None = None,
) -> ModelReading:
    """The rulebook of a DMN model.

    Args:
        data: the model, XML of DMN 1.1 to 1.5.
        name: of its file, said in places where it is one of several.
        others: by file name, the models that it may import, looked up by their namespaces.
        key: of the rulebook; made of the model's name if empty.
        known_rules: by the id of its element, the table and the id that a rule had when it was last read or written.

    Raises:
        InvalidRulebook: the files cannot be read as DMN; all diagnostics at once, codes `dmn/…`.
    """
    root = parsed(data, name)
    known: dict[str, tuple[str, Element]] = {}
    for file, content in (others or {}).items():
        other = parsed(content, file)
        known.setdefault(other.get("namespace") or "", (file, other))
    known[root.get("namespace") or ""] = (name, root)
    reading = _Reading(known, _Numbered(known_rules or {}))
    reading.take(root)
    rulebook = reading.rulebook(root, key, _text_of(data, root))
    errors = [one for one in reading.notes if one.is_error]
    if errors:
        raise InvalidRulebook(sorted_by_place(reading.notes))
    return ModelReading(rulebook, sorted_by_place(reading.notes), reading.prefixes)


def imports_of(data: bytes, name: str = "") -> tuple[str, frozenset[str]]:
    """A model's own namespace, and those of the models that it imports.

    Args:
        data: the model.
        name: of its file, said in places.

    Raises:
        InvalidRulebook: it cannot be read as DMN.
    """
    root = parsed(data, name)
    imports = filter(_is_model, children(root, "import"))
    return root.get("namespace") or "", frozenset(one.get("namespace") or "" for one in imports)


def pieces_of(root: Element, keep: Callable[[object, Element], object]) -> None:
    """Read one model; `keep` is given each piece with its element, inner ones first, and says what it is."""
    reading = _Reading({root.get("namespace") or "": ("", root)}, keep)
    reading.take(root)
    reading.rulebook(root, "", "")


_Piece = TypeVar("_Piece")


class _Numbered:
    """Pieces with what our extensions add, and ids for the rules that have none of their own.

    A rule that was known before keeps its id wherever it stands now. One that is new gets its number in the table, but
    never an id that another rule of the table has or had: answers of old cite it.
    """

    def __init__(self, known: Mapping[str, tuple[str, str]]) -> None:
        self._known = known
        self._used: dict[str, set[str]] = {}
        for table, rule in known.values():
            self._used.setdefault(table, set()).add(rule)
        self._settled: dict[int, tuple[Rule, str]] = {}
        """By identity, the rules whose ids are known, and the ids."""

    def __call__(self, piece: object, element: Element) -> object:
        made = extended(piece, element)
        if isinstance(piece, Rule) and isinstance(made, Rule):
            _, known = self._known.get(element.get("id") or "", ("", ""))
            if known or made.id != piece.id:
                self._settled[id(made)] = (made, known if made.id == piece.id else made.id)
        elif isinstance(piece, Table) and isinstance(made, Table) and made.rules == piece.rules:
            made = self._numbered(made, [self._settled.get(id(rule), (rule, ""))[1] for rule in piece.rules])
        return made

    def _numbered(self, table: Table, settled: Sequence[str]) -> Table:
        if not any(settled):
            return table
        taken = self._used.get(table.key, set()) | set(filter(None, settled))
        rules = []
        for rule, known in zip(table.rules, settled, strict=True):
            name = known or rule.id
            if not known and name in taken:
                name = str(1 + max(int(one) for one in taken if one.isascii() and one.isdecimal()))
            taken.add(name)
            rules.append(replace(rule, id=name))
        return replace(table, rules=tuple(rules))


def _text_of(data: bytes, root: Element) -> str:
    """The document as text; what is in another encoding than UTF-8 is written anew."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return etree.tostring(root, encoding="unicode")


class _Reading:
    """One reading of a model and of all that it imports."""

    def __init__(
        self,
        known: Mapping[str, tuple[str, Element]],
        kept: Callable[[object, Element], object] = extended,
    ) -> None:
        self.known = known
        self.kept = kept
        self.files = {root: name for name, root in known.values()}
        self.prefixes: dict[str, str] = {}
        self.notes: list[Diagnostic] = []
        self.keys: set[str] = set()
        self.facts: list[Fact] = []
        self.tables: list[Table] = []
        self.formulas: list[Formula] = []
        self.types: list[ItemDefinition] = []
        self.functions: list[KnowledgeModel] = []
        self.services: list[DecisionService] = []

    def take(self, root: Element) -> None:
        """Read a model and, before it, the models that it imports."""
        order: list[Element] = []
        self._order(root, "", order)
        for model in order:
            _Model(self, model).read()

    def _order(self, root: Element, prefix: str, order: list[Element]) -> None:
        """Breadth first, so that a model goes by the shortest of its names; then the imported before who import."""
        queue = [(root, prefix)]
        self.prefixes[root.get("namespace") or ""] = prefix
        for model, start in queue:
            order.insert(0, model)
            for one in children(model, "import"):
                namespace = one.get("namespace") or ""
                if not _is_model(one):
                    message = said(
                        "The import of `{namespace}` is no DMN model, and is left out.", namespace=namespace
                    )
                    self.tell("dmn/import", one, message)
                    continue
                found = self.known.get(namespace)
                if found is None:
                    message = said(
                        "The model `{value}` is imported, and was not given.",
                        value=one.get("name") or namespace,
                    )
                    hint = said("Give the file whose namespace is {namespace}.", namespace=namespace)
                    self.tell("dmn/import", one, message, hint, Severity.ERROR)
                elif namespace not in self.prefixes:
                    self.prefixes[namespace] = (
                        f"{start}{flat(one.get('name') or found[1].get('name') or '')}."
                    )
                    queue.append((found[1], self.prefixes[namespace]))

    def rulebook(self, root: Element, key: str, text: str) -> Rulebook:
        """What was read, as one rulebook."""
        name = flat(root.get("name") or "")
        book = Rulebook(
            key=key or re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-") or "model",
            title=Words({"en": name}) if name else Words(),
            note=text_of_child(root, "description"),
            facts=tuple(self.facts),
            tables=tuple(self.tables),
            formulas=tuple(self.formulas),
            types=tuple(self.types),
            functions=tuple(self.functions),
            services=tuple(self.services),
            absent="null",
            origin=text,
        )
        return self.keep(book, root)

    def keep(self, piece: _Piece, element: Element) -> _Piece:
        """A piece with what our own extension of its element adds."""
        try:
            return cast("_Piece", self.kept(piece, element))
        except ValueError as error:
            message = said("Our extension of this element is passed over: {error}.", error=error)
            self.tell("dmn/extension", element, message, said("Another tool may have changed it."))
            return piece

    def role(self, element: Element) -> Role | None:
        """What the element is there for, if it is no piece of its own."""
        try:
            return extension_of(element).role
        except ValueError:
            return None

    def tell(
        self,
        code: str,
        element: Element,
        message: str,
        hint: str = "",
        severity: Severity = Severity.WARNING,
    ) -> None:
        """Note something about an element."""
        file = self.files.get(element.getroottree().getroot(), "")
        self.notes.append(Diagnostic(code, place_of(element, file), message, hint, "", severity))


class _Model:
    """One model among those that are read together."""

    def __init__(self, reading: _Reading, root: Element) -> None:
        self.reading = reading
        self.root = root
        self.prefix = reading.prefixes[root.get("namespace") or ""]
        self.names: dict[str, str] = {}
        self.aliases: dict[str, str] = {}
        for one in children(root, "import"):
            target = reading.prefixes.get(one.get("namespace") or "")
            if target is not None and _is_model(one):
                self.aliases[flat(one.get("name") or "")] = target
        for element in children(root, *DRG_ELEMENTS):
            name = name_of(element)
            self.names[name] = self.prefix + name
        for alias, target in self.aliases.items():
            imported = next(
                (r for ns, (_, r) in reading.known.items() if reading.prefixes.get(ns) == target), None
            )
            for element in () if imported is None else children(imported, *DRG_ELEMENTS):
                name = name_of(element)
                self.names[f"{alias}.{name}" if alias else name] = target + name
        self.declared = dict(self.names)
        for element in children(root, "decision"):
            for alias, called in _aliases(element):
                self.names.setdefault(alias, self.prefix + called)
        self.is_sketch = child(root, "inputData") is None
        """No input is declared, as modellers of process engines have it: what is unknown is an input."""
        self.has_requirements = any(child(one, *_REQUIREMENTS) is not None for one in children(root))
        """Whether anything requires anything: in a model without, all is taken to be in scope everywhere."""
        self.own: dict[str, ItemDefinition] = {}
        self.types = {name_of(one) for one in children(root, "itemDefinition")}
        self.entries = frozenset(
            flat(one.get("name") or "") for one in root.iter() if local(one) in _NAMES_AN_ENTRY
        )
        """What structures of the model name their entries."""
        self.renamed = {name: called for name, called in self.names.items() if name != called}
        self.scope = Names(self.names)
        self.out_of_scope: frozenset[str] = frozenset()
        """What the element that is being read may not speak of, since it does not require it."""

    def read(self) -> None:
        """Everything that the model holds, in its order."""
        self._check_language(self.root)
        reading = self.reading
        for element in children(self.root, "itemDefinition"):
            item = self._item(element, self.prefix)
            if reading.role(element) is Role.ALLOWED:
                self.own[item.key] = item
            else:
                reading.types.append(item)
        for element in children(self.root):
            match local(element):
                case "inputData":
                    self._input_data(element)
                case "decision":
                    self._decision(element)
                case "businessKnowledgeModel":
                    self._knowledge(element)
                case "decisionService":
                    self._service(element)

    # -- types --------------------------------------------------------------------------------------------

    def _item(self, element: Element, prefix: str = "") -> ItemDefinition:
        function = child(element, "functionItem")
        parameters = () if function is None else tuple(children(function, "parameters"))
        result = "" if function is None else self._type(function.get("outputTypeRef"), function) or "Any"
        item = ItemDefinition(
            key=prefix + flat(element.get("name") or ""),
            type=self._type(_type_text(element), element),
            components=tuple(self._item(one) for one in children(element, "itemComponent")),
            is_list=element.get("isCollection") == "true",
            allowed=self._unary(child(element, "allowedValues")),
            constraint=self._unary(child(element, "typeConstraint")),
            parameters=tuple(
                ItemDefinition(flat(one.get("name") or ""), self._type(_type_text(one), one))
                for one in parameters
            ),
            result=result,
            label=_words(element.get("label"), element.get("name")),
            note=text_of_child(element, "description"),
        )
        return self.reading.keep(item, element)

    def _type(self, text: str | None, element: Element) -> str:
        """A type reference, in any of its spellings, as the rulebook has it; empty where none is meant."""
        name = flat(text or "")
        if found := re.fullmatch(r"\{([^}]*)\}(.*)", name):
            name = self._imported(found[1], found[2])
        elif ":" in name and name not in self.types:
            prefix, _, rest = name.partition(":")
            namespace = element.nsmap.get(prefix)
            name = rest if namespace is None else self._imported(namespace, rest)
        elif name in self.types:
            return self.prefix + name
        else:
            alias = max((a for a in self.aliases if name.startswith(f"{a}.")), key=len, default=None)
            if alias is not None:
                return self.aliases[alias] + name[len(alias) + 1 :]
        return name if "." in name else _BUILT_IN.get(name, name)

    def _imported(self, namespace: str, name: str) -> str:
        if namespace in FEEL_NAMESPACES or namespace not in self.reading.prefixes:
            return self.prefix + name if name in self.types else name
        return self.reading.prefixes[namespace] + name

    # -- elements of the requirements graph ---------------------------------------------------------------

    def _fact(self, element: Element) -> Fact:
        variable = child(element, "variable")
        name = name_of(element)
        kind = "" if variable is None else self._type(_type_text(variable), variable)
        if not kind and local(element) == "decision":
            logic = child(element, *EXPRESSIONS)
            kind = "" if logic is None else self._type(_type_text(logic), logic)
        label = element.get("label") or (
            None if flat(element.get("name") or "") == name else element.get("name")
        )
        own = self.own.get(kind)
        if own is not None:
            kind = f"list<{own.type}>" if own.is_list else own.type
        fact = Fact(
            key=self.prefix + name,
            type=kind or "Any",
            allowed="" if own is None else own.allowed,
            nullable=local(element) == "inputData",
            label=_words(label, name),
            note="" if child(element, *EXPRESSIONS) is not None else text_of_child(element, "description"),
        )
        return self.reading.keep(fact, variable if variable is not None else element)

    def _input_data(self, element: Element) -> None:
        self.reading.facts.append(self._fact(element))

    def _decision(self, element: Element) -> None:
        self._enter(element)
        role = self.reading.role(element)
        logic = child(element, *EXPRESSIONS)
        if role is Role.NODE:
            fact = Fact("")
        else:
            fact = self._fact(element)
            self.reading.facts.append(fact)
        if role is Role.FACT and logic is not None:
            if text_of_child(logic, "text") == extension_of(element).text:
                return
            message = said(
                "How `{key}` is made of other decisions was changed: it is read as a formula of its own.",
                key=fact.key,
            )
            self.reading.tell("dmn/joined", element, message)
        if logic is None:
            message = said("The decision `{key}` has no logic: it is null unless it is given.", key=fact.key)
            self.reading.tell("dmn/no-logic", element, message)
            return
        key = slug(fact.key or name_of(element), self.reading.keys)
        title = Words({"en": flat(element.get("name") or fact.key)})
        note = text_of_child(element, "description")
        if local(logic) == "decisionTable":
            table = self._table(logic, key, fact.key, (), title, note)
            self.reading.tables.append(self.reading.keep(table, element))
            return
        boxed = self._boxed(logic, ())
        if isinstance(boxed, LiteralExpression) and (not boxed.type or boxed.type == fact.type):
            formula = Formula(key, fact.key, boxed.text, title, note=note)
        else:
            formula = Formula(key, fact.key, "", title, note=note, boxed=boxed)
        self.reading.formulas.append(self.reading.keep(formula, element))

    def _knowledge(self, element: Element) -> None:
        self._enter(element)
        logic = child(element, "encapsulatedLogic")
        name = name_of(element)
        variable = child(element, "variable")
        kind = "" if variable is None else self._type(_type_text(variable), variable)
        function = FunctionDefinition() if logic is None else self._function(logic, ())
        if kind and not function.type:
            kind = self._result_type(kind)
            function = FunctionDefinition(function.parameters, function.body, function.language, kind)
        model = KnowledgeModel(
            self.prefix + name,
            function,
            _words(element.get("label"), name),
            text_of_child(element, "description"),
        )
        self.reading.functions.append(self.reading.keep(model, element))

    def _result_type(self, kind: str) -> str:
        """What a function of a defined type gives; of another type, the type itself."""
        for one in children(self.root, "itemDefinition"):
            function = child(one, "functionItem")
            if function is not None and self.prefix + name_of(one) == kind:
                return self._type(function.get("outputTypeRef"), function)
        return kind

    def _service(self, element: Element) -> None:
        variable = child(element, "variable")
        kind = "" if variable is None else self._type(_type_text(variable), variable)
        service = DecisionService(
            key=self.prefix + name_of(element),
            outputs=self._referred(element, "outputDecision"),
            encapsulated=self._referred(element, "encapsulatedDecision"),
            input_decisions=self._referred(element, "inputDecision"),
            inputs=self._referred(element, "inputData"),
            type=self._result_type(kind),
            title=_words(element.get("label"), name_of(element)),
            note=text_of_child(element, "description"),
        )
        self.reading.services.append(self.reading.keep(service, element))

    def _referred(self, element: Element, *kinds: str) -> tuple[str, ...]:
        """What the references of these kinds lead to, as the rulebook calls it."""
        names = []
        for one in children(element, *kinds):
            namespace, _, identity = (one.get("href") or "").rpartition("#")
            home = self.root if not namespace else (self.reading.known.get(namespace) or ("", self.root))[1]
            found = next((e for e in children(home) if e.get("id") == identity), None)
            if found is None:
                message = said("`{value}` leads to nothing.", value=one.get("href"))
                self.reading.tell("dmn/reference", one, message)
                continue
            names.append(self.reading.prefixes.get(home.get("namespace") or "", "") + name_of(found))
        return tuple(names)

    def _enter(self, element: Element) -> None:
        """From here on the texts are those of this element: they speak of itself and of what it requires (10.4)."""
        self.out_of_scope = frozenset()
        if not self.has_requirements:
            return
        wanted = {self.prefix + name_of(element)}
        for requirement in children(element, *_REQUIREMENTS):
            wanted |= {*self._referred(requirement, "requiredInput", "requiredDecision", "requiredKnowledge")}
        self.out_of_scope = frozenset(name for name, called in self.declared.items() if called not in wanted)

    # -- expressions --------------------------------------------------------------------------------------

    def _boxed(self, element: Element, bound: tuple[str, ...]) -> Boxed:
        if local(element) != "literalExpression":
            self._check_language(element)
        kind = self._type(_type_text(element), element)
        match local(element):
            case "literalExpression":
                return LiteralExpression(self._text(element, bound), kind)
            case "context":
                return self._context(element, kind, bound)
            case "invocation":
                return self._invocation(element, kind, bound)
            case "list":
                items = tuple(self._boxed(one, bound) for one in children(element, *EXPRESSIONS))
                return ListExpression(items, kind)
            case "relation":
                columns = tuple(
                    Column(flat(one.get("name") or ""), self._type(_type_text(one), one))
                    for one in children(element, "column")
                )
                rows = tuple(
                    tuple(self._boxed(cell, bound) for cell in children(row, *EXPRESSIONS))
                    for row in children(element, "row")
                )
                return Relation(columns, rows, kind)
            case "functionDefinition":
                return self._function(element, bound)
            case "conditional":
                return Conditional(
                    self._inside(element, "if", bound),
                    self._inside(element, "then", bound),
                    self._inside(element, "else", bound),
                    kind,
                )
            case "filter":
                source = self._inside(element, "in", bound)
                return FilterExpression(source, self._inside(element, "match", (*bound, "item")), kind)
            case "decisionTable":
                table = self._table(element, element.get("id") or "table", "", bound)
                return BoxedTable(self.reading.keep(table, element), kind)
            case _:
                return self._iteration(element, kind, bound)

    def _inside(self, element: Element, name: str, bound: tuple[str, ...]) -> Boxed:
        holder = child(element, name)
        found = None if holder is None else child(holder, *EXPRESSIONS)
        return LiteralExpression() if found is None else self._boxed(found, bound)

    def _context(self, element: Element, kind: str, bound: tuple[str, ...]) -> ContextExpression:
        entries = []
        for one in children(element, "contextEntry"):
            variable, logic = child(one, "variable"), child(one, *EXPRESSIONS)
            name = "" if variable is None else flat(variable.get("name") or "")
            typed = "" if variable is None else self._type(_type_text(variable), variable)
            value = LiteralExpression() if logic is None else self._boxed(logic, bound)
            entries.append(Entry(name, value, typed))
            bound = (*bound, name) if name else bound
        return ContextExpression(tuple(entries), kind)

    def _invocation(self, element: Element, kind: str, bound: tuple[str, ...]) -> Invocation:
        called = child(element, "literalExpression")
        bindings = []
        for one in children(element, "binding"):
            parameter, logic = child(one, "parameter"), child(one, *EXPRESSIONS)
            name = "" if parameter is None else flat(parameter.get("name") or "")
            bindings.append(Binding(name, None if logic is None else self._boxed(logic, bound)))
        function = "" if called is None else flat(self._text(called, bound))
        return Invocation(function, tuple(bindings), kind)

    def _function(self, element: Element, bound: tuple[str, ...]) -> FunctionDefinition:
        parameters = tuple(
            Column(flat(one.get("name") or ""), self._type(_type_text(one), one))
            for one in children(element, "formalParameter")
        )
        logic = child(element, *EXPRESSIONS)
        inner = (*bound, *(one.name for one in parameters))
        language = {"J": "Java", "JAVA": "Java", "P": "PMML", "PMML": "PMML"}.get(
            (element.get("kind") or "FEEL").upper(), "FEEL"
        )
        body = None if logic is None else self._boxed(logic, inner)
        return FunctionDefinition(parameters, body, language, self._type(_type_text(element), element))

    def _iteration(self, element: Element, kind: str, bound: tuple[str, ...]) -> Iteration:
        quantifier = Quantifier(local(element))
        variable = flat(element.get("iteratorVariable") or "")
        source = self._inside(element, "in", bound)
        part = "return" if quantifier is Quantifier.FOR else "satisfies"
        body = self._inside(element, part, (*bound, variable))
        return Iteration(quantifier, variable, source, body, kind)

    # -- decision tables ----------------------------------------------------------------------------------

    def _table(
        self,
        element: Element,
        key: str,
        fact: str,
        bound: tuple[str, ...],
        title: Words | None = None,
        note: str = "",
    ) -> Table:
        self._check_language(element)
        taken: set[str] = set()
        inputs = tuple(self._input(one, taken, bound) for one in children(element, "input"))
        clauses = [one for one in children(element, "output") if self.reading.role(one) is not Role.NONE]
        outputs = tuple(self._output(one, fact, taken, len(clauses) > 1, bound) for one in clauses)
        lines = list(children(element, "rule"))
        margin = _annotations(element, lines)
        notes = tuple(_note(name, taken) for name in margin if name not in MARGIN)
        rules = tuple(
            self._rule(one, str(n), margin, len(inputs), len(outputs), bound)
            for n, one in enumerate(lines, start=1)
        )
        return Table(key, self._policy(element), inputs, outputs, rules, title or Words(), note, notes=notes)

    def _policy(self, element: Element) -> HitPolicy:
        name, aggregation = element.get("hitPolicy") or "UNIQUE", element.get("aggregation") or ""
        if name == "COLLECT" and aggregation:
            name = aggregation
        found = {policy.name.replace("_", " "): policy for policy in HitPolicy}.get(name)
        if found is None:
            close = near_miss(name, [policy.name for policy in HitPolicy]) or "UNIQUE"
            message = said("`{name}` is no hit policy.", name=name)
            self.reading.tell(
                "dmn/hit-policy", element, message, said("Did you mean {close}?", close=close), Severity.ERROR
            )
            return HitPolicy.UNIQUE
        return found

    def _input(self, element: Element, taken: set[str], bound: tuple[str, ...]) -> Input:
        logic = child(element, "inputExpression")
        expression = "" if logic is None else self._text(logic, bound, is_input=True)
        column = Input(
            key=free_name(flat(element.get("label") or "") or flat(expression) or "input", taken),
            expression=expression or "null",
            label=_words(element.get("label"), expression),
            type="" if logic is None else self._type(_type_text(logic), logic),
            values=self._unary(child(element, "inputValues"), bound),
        )
        return self.reading.keep(column, element)

    def _output(
        self, element: Element, fact: str, taken: set[str], has_parts: bool, bound: tuple[str, ...]
    ) -> Output:
        name = flat(element.get("name") or "")
        part = (name or flat(element.get("label") or "") or element.get("id") or "") if has_parts else ""
        default = child(element, "defaultOutputEntry")
        column = Output(
            key=free_name(part or name or fact or "output", taken),
            fact=fact,
            part=part,
            default="" if default is None else self._text(default, bound),
            values=self._unary(child(element, "outputValues"), bound),
            label=_words(element.get("label"), part or name),
            type=self._type(_type_text(element), element),
        )
        return self.reading.keep(column, element)

    def _rule(
        self,
        element: Element,
        identity: str,
        margin: list[str],
        inputs: int,
        outputs: int,
        bound: tuple[str, ...],
    ) -> Rule:
        tests = tuple(self._unary(one, bound) for one in children(element, "inputEntry"))
        values = tuple(self._text(one, bound) for one in children(element, "outputEntry") if outputs)
        for cells, wanted, what in (
            (tests, inputs, said("conditions")),
            (values, outputs, said("outcomes")),
        ):
            if len(cells) != wanted:
                message = said(
                    "The rule has {count} {what}, and the table {columns}.",
                    count=len(cells),
                    what=what,
                    columns=wanted,
                )
                self.reading.tell("dmn/rule-width", element, message)
        told = [text_of_child(one, "text") for one in children(element, "annotationEntry")]
        annotated = list(zip(margin, (*told, *[""] * len(margin)), strict=False))
        named = dict(annotated)
        rule = Rule(
            id=identity,
            tests=(*tests, *[""] * inputs)[:inputs],
            outputs=(*values, *[""] * outputs)[:outputs],
            citation=named.get("citation", ""),
            note=named.get("note") or text_of_child(element, "description"),
            notes=tuple(text for name, text in annotated if name not in MARGIN),
        )
        return self.reading.keep(rule, element)

    # -- texts --------------------------------------------------------------------------------------------

    def _text(self, element: Element, bound: tuple[str, ...], *, is_input: bool = False) -> str:
        text = text_of_child(element, "text").strip()
        if text:
            self._check_language(element)
        if not text and child(element, "importedValues") is not None:
            self.reading.tell(
                "dmn/imported-values", element, said("Values imported from elsewhere are not taken.")
            )
        if (is_input and is_name(text)) or (self.is_sketch and "item" not in bound):
            self._declare_unknown(Text(text, bound), element)
        return self._called(text, element, bound, unary=False)

    def _declare_unknown(self, text: Text, element: Element) -> None:
        """Facts for the names of a text that nothing declares."""
        for name in text.unknown(self.scope):
            self.names[name] = key = self.prefix + name
            if key != name:
                self.renamed[name] = key
            self.scope = Names(self.names)
            typed = self._type(_type_text(element), element) if text.text == name else ""
            self.reading.facts.append(Fact(key, typed or "Any", nullable=True))
            message = said(
                "`{name}` is used, and no input data declares it: it is taken as an input.", name=name
            )
            self.reading.tell("dmn/undeclared", element, message)

    def _unary(self, element: Element | None, bound: tuple[str, ...] = ()) -> str:
        if element is None:
            return ""
        text = text_of_child(element, "text").strip()
        if text:
            self._check_language(element)
        if self.is_sketch and "item" not in bound:
            self._declare_unknown(Text(text, bound, is_test=True), element)
        return self._called(text, element, bound, unary=True)

    def _called(self, text: str, element: Element, bound: tuple[str, ...], *, unary: bool) -> str:
        """A text with the names that the rulebook has for what the model calls otherwise.

        What stands for an element that is not required is null (10.4): it is not in scope.
        """
        if not text or not (self.renamed or self.out_of_scope):
            return text
        node = Text(text, bound, is_test=unary).parsed(self.scope)
        if node is None:
            return text
        # In a filter a name may speak of an entry of what is filtered, and only running tells.
        spots = {
            (one.start, one.end, self.renamed[one.name])
            for one in free_names(node, frozenset(bound), self.entries)
            if one.name in self.renamed
        }
        if self.out_of_scope and "item" not in bound:
            for one in free_names(node, frozenset(bound), self.out_of_scope):
                if one.name in self.out_of_scope:
                    spots -= {(one.start, one.end, self.renamed.get(one.name, ""))}
                    spots.add((one.start, one.end, "null"))
                    self._tell_unrequired(one.name, element)
        for start, end, called in sorted(spots, reverse=True):
            text = text[:start] + called + text[end:]
        return text

    def _tell_unrequired(self, name: str, element: Element) -> None:
        message = said("`{name}` is used here, and not required: it is null, as DMN has it.", name=name)
        hint = said("Draw a requirement from `{name}` if it is to be known here.", name=name)
        self.reading.tell("dmn/not-required", element, message, hint)

    def _check_language(self, element: Element) -> None:
        language = element.get("expressionLanguage") or ""
        is_feel = language in FEEL_NAMESPACES or "feel" in language.lower() or not language
        if not is_feel and language not in DMN_VERSIONS:
            message = said("Expressions in `{language}` cannot be run here.", language=language)
            self.reading.tell("dmn/language", element, message, said("Write them in FEEL."), Severity.ERROR)


def _is_model(element: Element) -> bool:
    kind = element.get("importType") or ""
    return kind in DMN_VERSIONS or "DMN" in kind


def name_of(element: Element) -> str:
    """What FEEL calls an element: its variable's name, else its own."""
    variable = child(element, "variable")
    name = "" if variable is None else flat(variable.get("name") or "")
    return name or flat(element.get("name") or "")


def _aliases(element: Element) -> Iterator[tuple[str, str]]:
    """How others may speak of a decision that has no variable, as process engines have it: `(alias, FEEL)`."""
    if child(element, "variable") is not None:
        return
    name = name_of(element)
    logic = child(element, "decisionTable")
    outputs = [] if logic is None else [flat(one.get("name") or "") for one in children(logic, "output")]
    for output in filter(None, outputs):
        yield output, name if len(outputs) == 1 else f"{name}.{output}"
    if identity := element.get("id"):
        yield identity, name


def _type_text(element: Element) -> str:
    """A type reference: an attribute since DMN 1.2, and in item definitions always, an element."""
    return element.get("typeRef") or text_of_child(element, "typeRef")


def _words(text: str | None, key: str | None) -> Words:
    words = flat(text or "")
    return Words({"en": words}) if words and words != flat(key or "") else Words()


def _annotations(table: Element, rules: Sequence[Element]) -> list[str]:
    """What a table's columns of annotations are called, one alone as each of ours; rules may have more than clauses."""
    names = [flat(one.get("name") or "") for one in children(table, "annotation")]
    most = max((sum(1 for _ in children(rule, "annotationEntry")) for rule in rules), default=0)
    taken: set[str] = set()
    return [
        free_name(name, taken) if name in MARGIN else name for name in (*names, *[""] * (most - len(names)))
    ]


def _note(name: str, taken: set[str]) -> Note:
    key = free_name(name or "annotation", taken)
    return Note(key, _words(name, key))


_REQUIREMENTS: Final = ("informationRequirement", "knowledgeRequirement")
_NAMES_AN_ENTRY: Final = frozenset({"itemComponent", "column", "output"})
DRG_ELEMENTS: Final = ("inputData", "decision", "businessKnowledgeModel", "decisionService")
EXPRESSIONS: Final = (
    "literalExpression",
    "context",
    "invocation",
    "list",
    "relation",
    "functionDefinition",
    "decisionTable",
    "conditional",
    "filter",
    "for",
    "some",
    "every",
)
_BUILT_IN: Final[dict[str, str]] = {
    # FEEL's names of older versions, and what Camunda's modeller calls its types.
    "dateTime": "date and time",
    "datetime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "integer": "number",
    "long": "number",
    "double": "number",
    "float": "number",
    "<Undefined>": "",
    "Undefined": "",
    "any": "Any",
}
