"""From a rulebook to a program that can be run, or every diagnostic at once."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from decision_tables.boxed import Boxes
from decision_tables.cells import Cells, Wanted, plain_name
from decision_tables.diagnostics import Diagnostic, Severity, Where, near_miss, sorted_by_place
from decision_tables.errors import InvalidFacts, InvalidRulebook
from decision_tables.feel import syntax
from decision_tables.feel.evaluate import Expression, Run, Test, compile_test
from decision_tables.feel.parse import Names, is_name
from decision_tables.feel.temporal import Date
from decision_tables.feel.values import Function, Trouble, Value
from decision_tables.index import Index
from decision_tables.memory import NO_COLUMN, Memory
from decision_tables.outcomes import Calendar, CompiledNode, CompiledOutput, Referral
from decision_tables.program import Program
from decision_tables.said import said
from decision_tables.services import service_function
from decision_tables.table import Formula, HitPolicy, Input, KnowledgeModel, Output, Rule, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from decision_tables.rulebook import Case, Rulebook
    from decision_tables.table import Node, Period

__all__ = ["check", "compile_rulebook"]


def compile_rulebook(rulebook: Rulebook) -> Program:
    """The program of a rulebook.

    Raises:
        InvalidRulebook: with every error, sorted by place.
    """
    program, diagnostics = check(rulebook)
    if program is None:
        raise InvalidRulebook([found for found in diagnostics if found.is_error])
    return program


def check(
    rulebook: Rulebook, *, lenient: bool = False, memory: Memory | None = None
) -> tuple[Program | None, tuple[Diagnostic, ...]]:
    """The program, or None if there is any error, and everything that is to be said about the rulebook.

    Args:
        rulebook: as authored.
        lenient: nothing that is wrong keeps the rest from running, as DMN has it: texts that cannot be read are null,
            with a warning, and so is all that a table concludes whose columns or rules cannot be.
        memory: of earlier compiles of the same rulebook; what has not changed since is not compiled again.
    """
    compiler = _Compiler(rulebook, memory or Memory())
    nodes = compiler.nodes(lenient=lenient)
    if not lenient and any(found.is_error for found in compiler.found):
        return None, sorted_by_place(compiler.found)
    program = Program(rulebook, compiler.vocabulary, nodes)
    compiler.fill_services(program)
    compiler.check_cases(program)
    diagnostics = sorted_by_place(compiler.found)
    return None if not lenient and any(found.is_error for found in diagnostics) else program, diagnostics


class _Compiler:
    """One pass over one rulebook; `found` gathers what is to be said."""

    def __init__(self, rulebook: Rulebook, memory: Memory) -> None:
        self.rulebook = rulebook
        self.memory = memory
        self.vocabulary = memory.vocabulary(rulebook.facts, rulebook.types)
        self.found: list[Diagnostic] = list(self.vocabulary.diagnostics)
        self.functions: dict[str, Function] = {}
        callables = (*(model.key for model in rulebook.functions), *(one.key for one in rulebook.services))
        self._check_callables(callables)
        # They may call each other, so that all have to be in scope before any is there.
        self.functions.update(dict.fromkeys(callables, NOT_YET))
        self._names = Names(
            self.vocabulary.facts,
            types=self.vocabulary.named,
            components=self.vocabulary.components,
            functions=self.functions,
        )
        concluded = frozenset(fact for node in rulebook.nodes for fact in _facts_of(node))
        memory.begin(_scope_of(rulebook, concluded), [node.key for node in rulebook.nodes])
        self._cells = Cells(
            self.vocabulary,
            self._names,
            closed=rulebook.absent == "null",
            concluded=concluded,
            memory=memory,
        )
        self.found += self._cells.allowed()
        self._boxes = Boxes(self._names, self.vocabulary, self._table_inside, self.found)
        day = Date(1970, 1, 1)
        self._run = Run(instant=dt.datetime(1970, 1, 1, tzinfo=dt.UTC), as_of=day, known_on=day)

    # -- the rulebook as a whole --------------------------------------------------------------------------

    def nodes(self, *, lenient: bool = False) -> list[CompiledNode]:
        """All nodes, compiled; whatever is wrong is in `found`. Lenient, tables that cannot be are null."""
        self._check_frame()
        for key, count in _counted(node.key for node in self.rulebook.nodes).items():
            if not _NODE_KEY.fullmatch(key):
                self._error("table/key", Where(key), said("`{key}` cannot name a table.", key=key), _KEY_HINT)
            if count > 1:
                self._error(
                    "table/duplicate",
                    Where(key),
                    said("{count} tables or formulas are called `{key}`.", count=count, key=key),
                )
        for model in self.rulebook.functions:
            self.functions[model.key] = self._function(model)
        nodes = [node for source in self.rulebook.nodes for node in self._nodes_of(source, lenient=lenient)]
        self._check_contributors()
        return nodes

    def _nodes_of(self, source: Node, *, lenient: bool) -> list[CompiledNode]:
        """A node; lenient, a table that cannot be one is nothing but null for each of its facts."""
        told = len(self.found)
        node = self._node(source)
        if not lenient or not any(one.is_error and _is_of_a_table(one) for one in self.found[told:]):
            return [node]
        return [self._formula(Formula(source.key, fact, "null")) for fact in dict.fromkeys(_facts_of(source))]

    def _node(self, source: Node) -> CompiledNode:
        known = self.memory.node(source)
        if known is not None:
            self.found += known[1]
            return known[0]
        told = len(self.found)
        node = self._formula(source) if isinstance(source, Formula) else self._table(source)
        self.memory.keep_node(source, node, self.found[told:])
        return node

    def _check_frame(self) -> None:
        book = self.rulebook
        try:
            zoneinfo.ZoneInfo(book.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            close = near_miss(book.time_zone, zoneinfo.available_timezones())
            hint: str = (
                said("Did you mean `{close}`?", close=close)
                if close
                else said("Give a name such as `Europe/Brussels`.")
            )
            self._error(
                "rulebook/time-zone",
                Where(),
                said("`{time_zone}` is no time zone.", time_zone=book.time_zone),
                hint,
            )
        for key, count in _counted(query.key for query in book.queries).items():
            if count > 1:
                self._error(
                    "query/duplicate",
                    Where("queries", key),
                    said("{count} queries are called `{key}`.", count=count, key=key),
                )
        if book.default_query and book.query(book.default_query) is None:
            hint = _did_you_mean(book.default_query, [query.key for query in book.queries])
            message = said(
                "The default query `{default_query}` does not exist.", default_query=book.default_query
            )
            self._error("query/unknown-default", Where("queries", book.default_query), message, hint)
        for query in book.queries:
            if not query.goals:
                self._error(
                    "query/empty", Where("queries", query.key), said("`{key}` names no goals.", key=query.key)
                )
            for goal in query.goals:
                self._declared(goal, "query/unknown-goal", Where("queries", query.key, goal))

    def _check_contributors(self) -> None:
        makers: dict[str, list[Node]] = {}
        for node in self.rulebook.nodes:
            for fact in dict.fromkeys(_facts_of(node)):
                makers.setdefault(fact, []).append(node)
        for fact, nodes in makers.items():
            if len(nodes) == 1:
                continue
            where, names = Where(nodes[-1].key, "", fact), ", ".join(f"`{node.key}`" for node in nodes)
            policies = [_policy_of(node) for node in nodes]
            if any(policy.is_aggregate for policy in policies):
                message = said(
                    "`{fact}` is an aggregate, and {names} all conclude it: an aggregate has one table.",
                    fact=fact,
                    names=names,
                )
                self._error("fact/split-aggregate", where, message)
            elif len({policy.is_list for policy in policies}) > 1:
                message = said(
                    "Of {names} some collect a list for `{fact}` and some give it one value.",
                    names=names,
                    fact=fact,
                )
                self._error("fact/mixed-contributors", where, message, said("Let all collect, or none."))

    def _check_callables(self, keys: Sequence[str]) -> None:
        for key, count in _counted(keys).items():
            if not is_name(key):
                self._error(
                    "function/key", Where(key), said("`{key}` cannot name a function.", key=key), _KEY_HINT
                )
            if count > 1 or key in self.vocabulary.facts:
                what = (
                    said("Several facts and functions are called `{key}`.", key=key)
                    if key in self.vocabulary.facts
                    else said("Several functions or services are called `{key}`.", key=key)
                )
                self._error(
                    "function/duplicate",
                    Where(key),
                    what,
                )

    # -- nodes --------------------------------------------------------------------------------------------

    def _function(self, model: KnowledgeModel) -> Function:
        """A knowledge model as a function value: it sees its parameters and the other functions, and no facts."""
        where = Where(model.key)
        pure = Names(
            types=self.vocabulary.named, components=self.vocabulary.components, functions=self.functions
        )
        boxes = Boxes(pure, self.vocabulary, self._table_inside, self.found)
        literal = Expression(model.key, boxes.function(model.function, where), (), pure, where)
        self.found += self._cells.function(literal, where)
        value = literal({}, self._run)
        return NOT_YET if type(value) is not Function else replace(value, name=model.key)

    def _formula(self, formula: Formula) -> CompiledNode:
        where = Where(formula.key, "", formula.fact)
        wanted = Wanted(self.vocabulary, formula.fact)
        if formula.boxed is not None:
            told = len(self.found)
            node = self._boxes.node(formula.boxed, Where(formula.key))
            found = tuple(self.found[told:])
            del self.found[told:]
            expression = Expression("", node, found, self._names, where, wanted.convert)
            self.found += self._cells.outcome(expression, where, wanted)
        else:
            (expression,), problems = self._cells.outcomes([(formula.expression, where)], wanted)
            if formula.expression.strip():
                self.found += problems
            else:
                self._error("formula/empty", where, said("The formula is empty."))
        if formula.boxed is not None and formula.expression.strip():
            self._error(
                "formula/twice", where, said("The formula has a text and a boxed expression: one must go.")
            )
        self._declared(formula.fact, "fact/undeclared", where)
        everlasting = Calendar([(None, None)])
        return CompiledNode(
            source=formula,
            hit_policy=HitPolicy.FIRST,
            inputs=(),
            names=(),
            tests=(),
            outputs=(CompiledOutput(formula.fact, formula.fact, "", (expression,), None, None),),
            rules=("",),
            flagged=1 if formula.flags else 0,
            valid=everlasting,
            known=everlasting,
            referrals={},
            index=Index((), (), (), ("",), ()),
        )

    def _table_inside(self, table: Table, bound: tuple[str, ...], where: Where) -> CompiledNode:
        """A table inside an expression: the names bound round it are as facts to its cells."""
        outer, self._cells = self._cells, self._cells.within(bound)
        inner, self.found = self.found, []
        try:
            return self._table(table, inside=True)
        finally:
            self._cells = outer
            place = f"{where.column}." if where.column else ""
            inner += [
                replace(one, where=replace(one.where, table=where.table, column=place + one.where.column))
                for one in self.found
            ]
            self.found = inner

    def _table(self, table: Table, *, inside: bool = False) -> CompiledNode:
        self._check_columns(table, inside=inside)
        rules = [self._fitted(table, rule) for rule in table.rules]
        self._check_rules(table, rules)
        inputs = tuple(self._input(table, column) for column in table.inputs)
        # A name is looked up without its expression, unless its value is to be held to the column's own type.
        names = tuple(
            None if column.type or column.values else plain_name(expression)
            for column, expression in zip(table.inputs, inputs, strict=True)
        )
        signatures = [NO_COLUMN if inside else _signature(table, column) for column in table.inputs]
        tests = tuple(
            self._tests(table, rules, place, inputs[place], signature)
            for place, signature in enumerate(signatures)
        )
        outputs = tuple(
            self._output(table, rules, place, NO_COLUMN if inside else _signature(table, output))
            for place, output in enumerate(table.outputs)
        )
        columns = [
            self.memory.column(signature, cells, len(rules), self._run)
            for signature, cells in zip(signatures, tests, strict=True)
        ]
        ids = tuple(rule.id for rule in rules)
        return CompiledNode(
            source=table,
            hit_policy=table.hit_policy,
            inputs=inputs,
            names=names,
            tests=tests,
            outputs=outputs,
            rules=ids,
            flagged=sum(1 << row for row, rule in enumerate(rules) if rule.flags),
            valid=Calendar([self._period(table, rule, "valid", rule.valid) for rule in rules]),
            known=Calendar([self._period(table, rule, "known", rule.known) for rule in rules]),
            referrals={
                row: Referral(table.key, rule.referral, rule.id)
                for row, rule in enumerate(rules)
                if rule.referral
            },
            index=Index(inputs, names, tests, ids, columns),
        )

    def _input(self, table: Table, column: Input) -> Expression:
        where = Where(table.key, "", column.key)
        convert = None
        if column.type.strip() or column.values.strip():
            kind, problems = self.vocabulary.kind_and_problems(column.type or "Any", where, column.values)
            self.found += problems
            convert = None if kind is None else kind.converter
        expression, found = self._cells.expression(column.expression, where, convert)
        self.found += found
        return expression

    def _check_columns(self, table: Table, *, inside: bool) -> None:
        for key, count in _counted(column.key for column in table.columns).items():
            if count > 1 or not key:
                message = (
                    said("{count} columns are called `{key}`.", count=count, key=key)
                    if key
                    else said("A column has no name.")
                )
                self._error("table/duplicate-column", Where(table.key, "", key), message)
        if not table.outputs:
            self._error("table/no-output", Where(table.key), said("The table has no column of outcomes."))
        wholes = {output.fact for output in table.outputs if not output.part}
        for (fact, part), count in _counted((output.fact, output.part) for output in table.outputs).items():
            if count > 1 or (part and fact in wholes):
                message = said("Several columns fill `{fact}`.", fact=f"{fact}.{part}" if part else fact)
                self._error("table/duplicate-output", Where(table.key, "", fact), message)
        for output in table.outputs:
            where = Where(table.key, "", output.key)
            if output.fact or not inside:
                self._declared(output.fact, "fact/undeclared", where)
            if output.part and table.hit_policy.is_aggregate:
                message = said(
                    "`{hit_policy}` adds up single values: `{fact}` cannot have parts.",
                    hit_policy=table.hit_policy,
                    fact=output.fact,
                )
                self._error("table/aggregate-part", where, message)
        ranks = table.hit_policy in {HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER}
        if ranks and not any(output.values.strip() for output in table.outputs):
            message = said(
                "Hit policy {name} needs to know which outcomes come first.", name=table.hit_policy.name
            )
            hint = said("List the outcomes of a column in order, best first.")
            self._error("table/no-priorities", Where(table.key), message, hint)

    def _fitted(self, table: Table, rule: Rule) -> Rule:
        """The rule with as many cells as the table has columns, so that the rest can be checked."""
        for cells, columns, what in (
            (rule.tests, table.inputs, said("conditions")),
            (rule.outputs, table.outputs, said("outcomes")),
        ):
            if len(cells) != len(columns):
                message = said(
                    "The rule has {count} {what}, and the table {columns}.",
                    count=len(cells),
                    what=what,
                    columns=len(columns),
                )
                self._error("rule/width", Where(table.key, rule.id), message)
        if len(rule.notes) > len(table.notes):
            message = said(
                "The rule has {count} notes, and the table {columns} columns of notes.",
                count=len(rule.notes),
                columns=len(table.notes),
            )
            self._error("rule/width", Where(table.key, rule.id), message)
        tests = (*rule.tests, *[""] * len(table.inputs))[: len(table.inputs)]
        outputs = (*rule.outputs, *[""] * len(table.outputs))[: len(table.outputs)]
        if (tests, outputs) == (rule.tests, rule.outputs):
            return rule
        return Rule(rule.id, tests, outputs, valid=rule.valid, known=rule.known, referral=rule.referral)

    def _check_rules(self, table: Table, rules: Sequence[Rule]) -> None:
        for key, count in _counted(rule.id for rule in rules).items():
            if count > 1 or not key:
                message = (
                    said("{count} rules are called `{key}`.", count=count, key=key)
                    if key
                    else said("A rule has no id.")
                )
                self._error("rule/duplicate", Where(table.key, key), message)
        for rule in rules:
            if rule.confidence not in {"", "V", "K", "U"}:
                message = said("`{confidence}` is no mark of confidence.", confidence=rule.confidence)
                hint = said("V for verified, K for known, U for unsure, or nothing.")
                self._error("rule/confidence", Where(table.key, rule.id, "confidence"), message, hint)
            if rule.referral and not table.hit_policy.is_single:
                message = said(
                    "A list cannot wait for a judgement: a referral needs a table that gives one answer."
                )
                self._error("rule/referral", Where(table.key, rule.id, "referral"), message)
            elif rule.referral and all(cell.strip() for cell in rule.outputs):
                message = said("The rule puts a question for judgement, and leaves no outcome open for it.")
                self._error("rule/referral", Where(table.key, rule.id, "referral"), message)

    def _period(
        self, table: Table, rule: Rule, what: str, period: Period
    ) -> tuple[dt.date | None, dt.date | None]:
        ends: list[dt.date | None] = []
        for name, text in (("start", period.start), ("end", period.end)):
            where = Where(table.key, rule.id, f"{what}.{name}")
            ends.append(self._day(text, "period/date", where) if text.strip() else None)
        start, end = ends
        if start is not None and end is not None and start >= end:
            message = said(
                "The period ends on {end}, and starts on {start}: it holds no day.", end=end, start=start
            )
            hint = said("The end is the first day on which the rule no longer holds.")
            self._error("period/empty", Where(table.key, rule.id, f"{what}.end"), message, hint)
        return start, end

    def _day(self, text: str, code: str, where: Where) -> dt.date | None:
        try:
            return dt.date.fromisoformat(text.strip())
        except ValueError:
            self._error(
                code, where, said("`{text}` is no date.", text=text), said("Write it as 2026-01-31."), text
            )
            return None

    # -- cells --------------------------------------------------------------------------------------------

    def _tests(
        self,
        table: Table,
        rules: Sequence[Rule],
        place: int,
        source: Expression,
        signature: tuple[str, ...],
    ) -> tuple[Test, ...]:
        column = table.inputs[place]
        kind = self.vocabulary.kind_of(column.type) if column.type.strip() else None
        texts = ((rule.tests[place], Where(table.key, rule.id, column.key)) for rule in rules)
        tests, found = self._cells.tests(texts, source, kind, signature)
        self.found += found
        return tests

    def _output(
        self, table: Table, rules: Sequence[Rule], place: int, signature: tuple[str, ...]
    ) -> CompiledOutput:
        output = table.outputs[place]
        where = Where(table.key, "", output.key)
        priorities = self._priorities(output, where)
        wanted = Wanted(
            self.vocabulary,
            output.fact,
            output.part,
            listed=table.hit_policy.is_list,
            aggregated=table.hit_policy.is_aggregate,
            priorities=priorities,
            values=output.values,
        )
        written = [
            (row, rule.outputs[place]) for row, rule in enumerate(rules) if rule.outputs[place].strip()
        ]
        texts = [(text, Where(table.key, rules[row].id, output.key)) for row, text in written]
        compiled, found = self._cells.outcomes(texts, wanted, signature)
        self.found += found
        by_row = {row: cell for (row, _), cell in zip(written, compiled, strict=True)}
        cells = tuple(by_row.get(row) for row in range(len(rules)))
        default, is_whole = self._default(output, where, wanted)
        return CompiledOutput(output.key, output.fact, output.part, cells, default, priorities, is_whole)

    def _default(self, output: Output, where: Where, wanted: Wanted) -> tuple[Expression | None, bool]:
        """The default outcome, and whether it is the whole list that a table collects: `[]`, not one entry of it."""
        if not output.default.strip():
            return None, False
        text = [(output.default, where)]
        if wanted.listed and not output.part:
            (whole,), found = self._cells.outcomes(text, wanted.whole(self.vocabulary))
            if isinstance(whole.node, syntax.ListNode):
                self.found += found
                return whole, True
        (default,), found = self._cells.outcomes(text, wanted)
        self.found += found
        return default, False

    def _priorities(self, output: Output, where: Where) -> tuple[Value, ...] | None:
        if not output.values.strip():
            return None
        test = compile_test(output.values, self._cells.names, where)
        self.found += test.diagnostics
        branches = () if test.node is None or test.node.negated else test.node.tests
        values = tuple(branch.value for branch in branches if isinstance(branch, syntax.Literal))
        if values and len(values) == len(branches):
            return values
        if test.ok:
            message = said("The outcomes must be listed one by one, best first.")
            self._error(
                "table/priorities",
                where,
                message,
                said('Write, for example, "high","medium","low".'),
                test.text,
            )
        return None

    # -- services -----------------------------------------------------------------------------------------

    def fill_services(self, program: Program) -> None:
        """Puts the decision services in place of what has stood for them, now that the nodes are there."""
        for service in self.rulebook.services:
            where = Where(service.key)
            named = (*service.outputs, *service.encapsulated, *service.input_decisions, *service.inputs)
            for fact in dict.fromkeys(named):
                self._declared(fact, "service/unknown-fact", where)
            if not service.outputs:
                self._error("service/no-output", where, said("`{key}` answers nothing.", key=service.key))
            answer, found = (
                self.vocabulary.kind_and_problems(service.type, where) if service.type.strip() else (None, ())
            )
            self.found += found
            own = {*service.outputs, *service.encapsulated} - {*service.input_decisions, *service.inputs}
            nodes = [node for node in program.nodes if own.intersection(node.facts)]
            if any(node.number in program.cyclic for node in nodes):
                message = said("`{key}` holds nodes that depend on each other in a circle.", key=service.key)
                self._error("service/circular", where, message)
            self.functions[service.key] = service_function(service, nodes, self.vocabulary.kinds, answer)

    # -- cases --------------------------------------------------------------------------------------------

    def check_cases(self, program: Program) -> None:
        """What is wrong with the cases, before any is run."""
        for key, count in _counted(case.id for case in self.rulebook.cases).items():
            if count > 1 or not key:
                message = (
                    said("{count} cases are called `{key}`.", count=count, key=key)
                    if key
                    else said("A case has no id.")
                )
                self._error("case/duplicate", Where("cases", key), message)
        for case in self.rulebook.cases:
            self._check_case(program, case)

    def _check_case(self, program: Program, case: Case) -> None:
        where = Where("cases", case.id)
        if not case.as_of.strip():
            message = said("A case needs its as-of date, lest it change with the calendar.")
            self._error("case/date", Where("cases", case.id, "as_of"), message)
        for name, text in (("as_of", case.as_of), ("known_on", case.known_on)):
            if text.strip():
                self._day(text, "case/date", Where("cases", case.id, name))
        try:
            program.accept(case.facts)
        except InvalidFacts as error:
            for problem in error.problems:
                self._error("case/facts", where, said("{told}.", told=problem.message))
        expect = case.expect
        named = (expect.conclusions, expect.certain, expect.lacks, expect.possible)
        for fact in dict.fromkeys(
            (*(f for part in named for f in part), *expect.undetermined, *expect.referred)
        ):
            self._declared(fact, "case/unknown-fact", where)

    # -- telling ------------------------------------------------------------------------------------------

    def _declared(self, fact: str, code: str, where: Where) -> None:
        if fact not in self.vocabulary.facts:
            hint = _did_you_mean(fact, self.vocabulary.facts) or said("Add it to the vocabulary.")
            self._error(code, where, said("`{fact}` is no fact of the vocabulary.", fact=fact), hint, fact)

    def _error(self, code: str, where: Where, message: str, hint: str = "", text: str = "") -> None:
        self.found.append(Diagnostic(code, where, message, hint, text, Severity.ERROR))


def _is_of_a_table(found: Diagnostic) -> bool:
    return found.code.partition("/")[0] not in {"feel", "cell", "boxed"}


def _not_yet(_values: list[Value], _run: object) -> Value:
    raise Trouble(said("The function cannot be called."), "feel/no-value")


NOT_YET: Final = Function("", (), _not_yet)
"""What stands for a function until it is compiled, and for one that could not be."""

_NODE_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_KEY_HINT: Final = said("A key starts with a letter and holds letters, digits, `_`, `-` and `.`.")

_Key = TypeVar("_Key")


def _counted(keys: Iterable[_Key]) -> dict[_Key, int]:
    counts: dict[_Key, int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    return counts


def _signature(table: Table, column: Input | Output) -> tuple[str, ...]:
    """What decides on the cells of a column beside what all cells see."""
    if isinstance(column, Input):
        return (table.key, "condition", column.key, column.expression, column.type, column.values)
    return (
        *(table.key, "outcome", column.key, column.fact, column.part, column.values),
        table.hit_policy,
    )


def _scope_of(rulebook: Rulebook, concluded: frozenset[str]) -> object:
    """What all cells see; None where it never stays the same: services look into the nodes of one program."""
    if rulebook.services:
        return object()
    return (
        *(rulebook.facts, rulebook.types, rulebook.functions, rulebook.absent, rulebook.languages),
        concluded,
    )


def _facts_of(node: Node) -> tuple[str, ...]:
    return (node.fact,) if isinstance(node, Formula) else tuple(output.fact for output in node.outputs)


def _policy_of(node: Node) -> HitPolicy:
    return HitPolicy.FIRST if isinstance(node, Formula) else node.hit_policy


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    close = near_miss(word, known)
    return said("Did you mean `{close}`?", close=close) if close else ""
