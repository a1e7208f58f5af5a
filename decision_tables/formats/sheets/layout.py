"""A rulebook laid out as the sheets that a policy analyst would make: one for each table, others for what is beside.

**Rulebook**: what the whole has, a line each, and how to fill in the rest. **Facts**, **Formulas**, **Queries**,
**Cases**: a line for each. **A table**: its title and hit policy; then header rows that say of each column its
kind (condition, outcome, legal basis, …), label, fact, type and allowed values; then the rules. The ids of rules
and the keys of columns stand in a column and a row that are hidden. What such sheets have no place for (types,
functions, services, boxed expressions) is kept as JSON in a hidden sheet, so that nothing is lost on the way.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final

import msgspec

from decision_tables.boxed_text import feel_text
from decision_tables.diagnostics import Diagnostic, Severity, Where
from decision_tables.formats.sheets.grid import Place
from decision_tables.formats.sheets.words import ASPECTS, CASE_COLUMNS, HOW_TO, language_among, word_of
from decision_tables.items import TYPE_NAMES
from decision_tables.rulebook import document_of
from decision_tables.said import joined, said
from decision_tables.table import HitPolicy, Note
from decision_tables.vocabulary import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from decision_tables.rulebook import Case, Rulebook
    from decision_tables.table import Formula, Input, Output, Rule, Table
    from decision_tables.vocabulary import Fact

__all__ = ["INHERITED", "MAX_TEXT", "NOTED", "SHOWN", "Planned", "Role", "lay_out", "listed", "names_listed"]

INHERITED: Final = "\u21b3 "
"""What a header cell begins with that repeats what is said elsewhere: of the fact, or in the hidden sheet."""

SHOWN: Final = frozenset(
    {
        "key",
        "title",
        "note",
        "languages",
        "time_zone",
        "default_query",
        "absent",
        "four_eyes",
        "facts",
        "tables",
        "formulas",
        "queries",
        "cases",
        "origin",
    }
)
"""What of a rulebook has its place in a sheet that is seen, or in none; its lists besides stay in the hidden one."""

NOTED: Final = "note."
"""What goes before the key of a column of notes, in the row of keys."""

MAX_TEXT: Final = 32_000
"""Signs in one cell: Excel takes 32,767."""


class Role(Enum):
    """What a cell is, for its colours; its column's kind is always said in words, too."""

    PLAIN = auto()
    LABEL = auto()
    TITLE = auto()
    CONDITION_HEAD = auto()
    OUTCOME_HEAD = auto()
    NOTE_HEAD = auto()
    CONDITION = auto()
    OUTCOME = auto()
    NOTE = auto()
    INHERITED = auto()
    HINT = auto()


@dataclass(slots=True)
class Planned:
    """A sheet to be written.

    Attributes:
        name: what its tab is to say.
        what: `rulebook`, `facts`, `table`, `formulas`, `queries`, `cases` or `kept`.
        cells: texts and what they are.
        hidden: whether its reader is not to see it.
        hidden_rows: the rows that are not seen.
        hidden_columns: the columns that are not seen.
        frozen: the first cell that scrolls.
        choices: for columns of rows, texts that are offered to choose from: column, first row, last row, texts.
        wide: the columns that hold sentences.
    """

    name: str
    what: str
    cells: dict[Place, tuple[str, Role]] = field(default_factory=dict)
    hidden: bool = False
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    frozen: Place = (1, 1)
    choices: list[tuple[int, int, int, tuple[str, ...]]] = field(default_factory=list)
    wide: set[int] = field(default_factory=set)

    def put(self, row: int, column: int, text: str, role: Role = Role.PLAIN) -> None:
        """Writes a cell."""
        if text or role is not Role.PLAIN:
            self.cells[row, column] = (text, role)

    @property
    def size(self) -> Place:
        """The last row and the last column."""
        return max((row for row, _ in self.cells), default=0), max(
            (column for _, column in self.cells), default=0
        )


def lay_out(rulebook: Rulebook) -> tuple[tuple[Planned, ...], tuple[Diagnostic, ...]]:
    """The sheets of a rulebook, in order, and what is to be said of them."""
    work = _Layout(rulebook)
    return work.sheets(), tuple(work.notes)


def listed(entries: Mapping[str, Any]) -> str:
    """Names and JSON values, a line each: `age: 17`."""
    return "\n".join(f"{_name(name)}: {_json(value)}" for name, value in entries.items())


def names_listed(names: Sequence[str]) -> str:
    """Names between commas; as JSON where one of them would not be read as it is written."""
    joined = ", ".join(names)
    return joined if [*_split(joined)] == [*names] and not joined.startswith("[") else _json(list(names))


def _split(text: str) -> Iterable[str]:
    return (part.strip() for part in re.split(r"[,;\n]", text) if part.strip())


def _words_listed(words: Sequence[str]) -> str:
    """Words between commas, none of which holds a space."""
    joined = ", ".join(words)
    plain = re.findall(r"[^\s,;]+", joined) == [*words] and not joined.startswith("[")
    return joined if plain else _json(list(words))


def _name(name: str) -> str:
    plain = name and not (set(name) & set(':="\n\r')) and name == name.strip()
    return name if plain else _json(name)


def _json(value: Any) -> str:
    return _encode(value).decode()


_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True)
class _Beside:
    """A column beside conditions and outcomes.

    Attributes:
        kind: of the column, as the row of kinds says it.
        language: of a question for judgement.
        column: of notes that the table has a column of its own for; None of what each rule has.
    """

    kind: str
    language: str = ""
    column: Note | None = None


class _Layout:
    """One rulebook being laid out."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.book = rulebook
        self.language = language_among(rulebook.languages)
        self.notes: list[Diagnostic] = []
        self._facts = {fact.key: fact for fact in rulebook.facts}
        self._kept: list[tuple[str, str, Any]] = []
        self._names: set[str] = set()

    def sheets(self) -> tuple[Planned, ...]:
        front = [self._front(), self._fact_sheet()]
        tables = [self._table(table) for table in self.book.tables]
        back = [self._formulas(), self._queries(), self._cases()]
        self._beyond()
        for sheet in (*front, *tables, *back):
            self._shorten(sheet)
        return (*front, *tables, *back, *self._kept_sheet())

    # Beside the tables ------------------------------------------------------------------------------

    def _front(self) -> Planned:
        book, sheet = self.book, self._sheet("rulebook")
        rows: list[tuple[str, str, tuple[str, ...]]] = [(self._said("rulebook"), book.key, ())]
        rows += [
            (self._said("title", language), book.title.by_language.get(language, ""), ())
            for language in self._languages([book.title])
        ]
        yes_no = (self._said("yes"), self._said("no"))
        rows += [
            (self._said("note"), book.note, ()),
            (self._said("languages"), names_listed(book.languages), ()),
            (self._said("time_zone"), book.time_zone, ()),
            (self._said("default_query"), book.default_query, ()),
            (self._said("absent"), book.absent, ("unknown", "null")),
            (self._said("four_eyes"), self._yes(book.four_eyes), yes_no),
        ]
        for row, (label, text, choices) in enumerate(rows, start=1):
            sheet.put(row, 1, label, Role.LABEL)
            sheet.put(row, 2, text, Role.TITLE if row == 1 else Role.NOTE)
            if choices:
                sheet.choices.append((2, row, row, choices))
        start = len(rows) + 2
        legend = (Role.CONDITION_HEAD, Role.OUTCOME_HEAD, Role.NOTE_HEAD)
        for place, (kind, role) in enumerate(zip(("condition", "outcome", "citation"), legend, strict=True)):
            sheet.put(start + place, 2, self._said(kind), role)
        for place, line in enumerate(HOW_TO[self.language].splitlines()):
            sheet.put(start + 4 + place, 2, line, Role.HINT)
        sheet.wide.add(2)
        return sheet

    def _fact_sheet(self) -> Planned:
        facts = self.book.facts
        labels = self._languages(fact.label for fact in facts)
        questions = self._languages(fact.question for fact in facts)
        explained = any(fact.explanation.by_language for fact in facts)
        explanations = self._languages(fact.explanation for fact in facts) if explained else []
        heads = [
            self._said("fact"),
            self._said("type"),
            self._said("allowed"),
            self._said("nullable"),
            *(self._said("label", language) for language in labels),
            *(self._said("question", language) for language in questions),
            *(self._said("explanation", language) for language in explanations),
            self._said("unit"),
            self._said("note"),
        ]

        def row(fact: Fact) -> list[str]:
            return [
                fact.key,
                fact.type,
                fact.allowed,
                self._yes(fact.nullable) if fact.nullable else "",
                *(fact.label.by_language.get(language, "") for language in labels),
                *(fact.question.by_language.get(language, "") for language in questions),
                *(fact.explanation.by_language.get(language, "") for language in explanations),
                fact.unit,
                fact.note,
            ]

        sheet = self._list("facts", heads, [row(fact) for fact in facts])
        last = len(facts) + _SPARE
        sheet.choices.append((2, 2, last, (*_TYPES, *(one.key for one in self.book.types))))
        sheet.choices.append((4, 2, last, (self._said("yes"), self._said("no"))))
        first = 5 + len(labels)
        sheet.wide |= {3, *range(first, first + len(questions) + len(explanations)), len(heads)}
        return sheet

    def _formulas(self) -> Planned:
        titles = self._languages(formula.title for formula in self.book.formulas)
        heads = [
            self._said("formula"),
            self._said("fact"),
            self._said("expression"),
            *(self._said("title", language) for language in titles),
            self._said("citation"),
            self._said("note"),
            self._said("confidence"),
            self._said("flags"),
        ]
        rows = [
            [
                formula.key,
                formula.fact,
                self._expression(formula),
                *(formula.title.by_language.get(language, "") for language in titles),
                formula.citation,
                formula.note,
                formula.confidence,
                _words_listed(formula.flags),
            ]
            for formula in self.book.formulas
        ]
        sheet = self._list("formulas", heads, rows)
        sheet.wide |= {3, len(heads) - 2}
        return sheet

    def _expression(self, formula: Formula) -> str:
        if formula.boxed is None:
            return formula.expression
        document = document_of(self.book)["formulas"][self.book.formulas.index(formula)]
        self._kept.append(("formulas", formula.key, document))
        return INHERITED + (feel_text(formula.boxed) or "…")

    def _queries(self) -> Planned:
        titles = self._languages(query.title for query in self.book.queries)
        heads = [
            self._said("query"),
            self._said("goals"),
            *(self._said("title", language) for language in titles),
        ]
        rows = [
            [
                query.key,
                names_listed(query.goals),
                *(query.title.by_language.get(language, "") for language in titles),
            ]
            for query in self.book.queries
        ]
        sheet = self._list("queries", heads, rows)
        sheet.wide.add(2)
        return sheet

    def _cases(self) -> Planned:
        heads = [self._said(one) for one in CASE_COLUMNS]
        sheet = self._list("cases", heads, [_case_row(case) for case in self.book.cases])
        sheet.wide |= {2, 5, 6}
        return sheet

    def _list(self, what: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Planned:
        """A sheet with one header row and a line for each piece."""
        sheet = self._sheet(what)
        for column, head in enumerate(heads, start=1):
            sheet.put(1, column, head, Role.LABEL)
        for number, row in enumerate(rows, start=2):
            for column, text in enumerate(row, start=1):
                sheet.put(number, column, text, Role.TITLE if column == 1 else Role.NOTE)
        sheet.frozen = (2, 2)
        return sheet

    # Tables -----------------------------------------------------------------------------------------

    def _table(self, table: Table) -> Planned:
        sheet = self._sheet("table", table.key)
        top: list[tuple[str, str]] = [(self._said("table"), table.key)]
        top += [
            (self._said("title", language), table.title.by_language.get(language, ""))
            for language in self._languages([table.title])
        ]
        top += [
            (self._said("hit_policy"), _policy(table.hit_policy)),
            (self._said("note"), table.note),
            (self._said("open"), self._yes(table.open)),
        ]
        for row, (label, text) in enumerate(top, start=1):
            sheet.put(row, 1, label, Role.LABEL)
            sheet.put(row, _FIRST, text, Role.TITLE if row == 1 else Role.HINT)
        sheet.choices.append((_FIRST, len(top) - 2, len(top) - 2, tuple(map(_policy, HitPolicy))))
        sheet.choices.append((_FIRST, len(top), len(top), (self._said("yes"), self._said("no"))))
        margin = self._margin(table)
        first_rule = self._heads(sheet, table, margin, len(top) + 2)
        for row, rule in enumerate(table.rules, start=first_rule):
            self._rule(sheet, table, rule, row, margin)
        self._table_choices(sheet, table, margin, first_rule)
        sheet.hidden_columns.append(2)
        sheet.frozen = (first_rule, _FIRST)
        return sheet

    def _heads(self, sheet: Planned, table: Table, margin: Sequence[_Beside], row: int) -> int:
        """Writes the header rows from a row on; the first row below them."""
        columns: tuple[Input | Output, ...] = (*table.inputs, *table.outputs)
        beside = [one.column for one in margin]
        heads: list[tuple[str, list[str]]] = [
            (
                self._said("kind"),
                [
                    *(
                        [self._said("condition")] * len(table.inputs)
                        + [self._said("outcome")] * len(table.outputs)
                    ),
                    *(self._said(one.kind, one.language) for one in margin),
                ],
            )
        ]
        labels = [*(one.label for one in columns), *(Words() if one is None else one.label for one in beside)]
        heads += [
            (self._said("label", language), [label.by_language.get(language, "") for label in labels])
            for language in self._languages(labels)
            if any(label.by_language.get(language) for label in labels)
        ]
        heads.append(
            (
                self._said("fact"),
                [
                    *(one.expression for one in table.inputs),
                    *(one.fact for one in table.outputs),
                    # A column of notes is about no fact; what people call it stands there if it has no label.
                    *("" if one is None or one.label else one.key for one in beside),
                ],
            )
        )
        if any(output.part for output in table.outputs):
            heads.append(
                (self._said("part"), ["" for _ in table.inputs] + [one.part for one in table.outputs])
            )
        heads.append((self._said("type"), [self._type(column) for column in columns]))
        heads.append((self._said("allowed"), [self._allowed(column) for column in columns]))
        if any(output.default for output in table.outputs):
            rest = ["" for _ in table.inputs] + [one.default for one in table.outputs]
            heads.append((self._said("otherwise"), rest))
        keys = [*(one.key for one in columns), *("" if one is None else NOTED + one.key for one in beside)]
        heads.append((self._said("column"), keys))
        roles = [Role.CONDITION_HEAD] * len(table.inputs) + [Role.OUTCOME_HEAD] * len(table.outputs)
        roles += [Role.NOTE_HEAD] * len(margin)
        for number, (label, texts) in enumerate(heads):
            sheet.put(row + number, 1, label, Role.LABEL)
            whole = (*texts, *[""] * (len(roles) - len(texts)))
            for place, (text, role) in enumerate(zip(whole, roles, strict=True), start=_FIRST):
                sheet.put(row + number, place, text, Role.INHERITED if text.startswith(INHERITED) else role)
        sheet.put(row, 2, self._said("rule"), Role.NOTE_HEAD)
        start = _FIRST + len(columns)
        sheet.wide |= {
            place for place, one in enumerate(margin, start) if one.kind in {"citation", "note", "referral"}
        }
        sheet.hidden_rows.append(row + len(heads) - 1)
        return row + len(heads)

    def _rule(self, sheet: Planned, table: Table, rule: Rule, row: int, margin: Sequence[_Beside]) -> None:
        inputs, outputs = len(table.inputs), len(table.outputs)
        if (len(rule.tests), len(rule.outputs)) != (inputs, outputs) or len(rule.notes) > len(table.notes):
            message = said(
                "The rule has {tests} conditions, {outcomes} outcomes and {notes} notes of its own, the table "
                "{inputs}, {outputs} and {columns}: it is written with as many as the table has.",
                tests=len(rule.tests),
                outcomes=len(rule.outputs),
                notes=len(rule.notes),
                inputs=inputs,
                outputs=outputs,
                columns=len(table.notes),
            )
            self._note("sheet/width", Where(table.key, rule.id), message)
        tests = (*rule.tests, *[""] * inputs)[:inputs]
        outcomes = (*rule.outputs, *[""] * outputs)[:outputs]
        notes = iter((*rule.notes, *[""] * len(table.notes)))
        beside = {
            "citation": rule.citation,
            "note": rule.note,
            "confidence": rule.confidence,
            "flags": _words_listed(rule.flags),
            "valid_from": rule.valid.start,
            "valid_to": rule.valid.end,
            "known_from": rule.known.start,
            "known_to": rule.known.end,
        }

        def text(of: _Beside) -> str:
            if of.column is not None:
                return next(notes)
            return (
                rule.referral.by_language.get(of.language, "") if of.kind == "referral" else beside[of.kind]
            )

        sheet.put(row, 1, self._said("rule"), Role.HINT)
        sheet.put(row, 2, rule.id)
        texts = [
            *((text, Role.CONDITION) for text in tests),
            *((text, Role.OUTCOME) for text in outcomes),
            *((text(of), Role.NOTE) for of in margin),
        ]
        for column, (written, role) in enumerate(texts, start=_FIRST):
            sheet.put(row, column, written, role)

    def _margin(self, table: Table) -> list[_Beside]:
        """The columns beside conditions and outcomes."""
        margin = [_Beside("citation"), _Beside("note"), *(_Beside("note", column=one) for one in table.notes)]
        used = ["confidence", "flags", "valid_from", "valid_to"]
        if any(rule.known.start or rule.known.end for rule in table.rules):
            used += ["known_from", "known_to"]
        margin += map(_Beside, used)
        if any(rule.referral.by_language for rule in table.rules):
            said = self._languages(rule.referral for rule in table.rules)
            margin += [_Beside("referral", one) for one in said]
        return margin

    def _table_choices(self, sheet: Planned, table: Table, margin: Sequence[_Beside], first: int) -> None:
        """What is offered in cells: the values of a fact that has few, the marks of confidence."""
        last = first + len(table.rules) + _SPARE
        for place, column in enumerate(table.inputs):
            fact = self._facts.get(column.expression.strip())
            values = () if fact is None else _plain_values(fact)
            if values:
                sheet.choices.append((_FIRST + place, first, last, (*values, "-")))
        for place, output in enumerate(table.outputs, start=len(table.inputs)):
            fact = None if output.part else self._facts.get(output.fact)
            values = () if fact is None else _plain_values(fact)
            if values:
                sheet.choices.append((_FIRST + place, first, last, values))
        start = _FIRST + len(table.inputs) + len(table.outputs)
        for place, one in enumerate(margin, start=start):
            if one.kind == "confidence":
                sheet.choices.append((place, first, last, ("V", "K", "U")))

    def _type(self, column: Input | Output) -> str:
        if column.type:
            return column.type
        fact = self._fact_of(column)
        return INHERITED + fact.type if fact is not None else ""

    def _allowed(self, column: Input | Output) -> str:
        if column.values:
            return column.values
        fact = self._fact_of(column)
        return INHERITED + fact.allowed if fact is not None and fact.allowed else ""

    def _fact_of(self, column: Input | Output) -> Fact | None:
        """The fact that says of what type a column is, where it does not say so itself."""
        expression = getattr(column, "expression", None)
        if expression is not None:
            return self._facts.get(expression.strip())
        return None if getattr(column, "part", "") else self._facts.get(getattr(column, "fact", ""))

    # What sheets have no place for ------------------------------------------------------------------

    def _beyond(self) -> None:
        """Gathers what is kept in the hidden sheet, and says so."""
        told: list[str] = []
        for name, pieces in document_of(self.book).items():
            if name in SHOWN:
                continue
            for piece in pieces:
                self._kept.append((name, str(piece.get("key", "")), piece))
            keys = [str(piece["key"]) for piece in pieces if "key" in piece]
            what = ASPECTS.get(name, name)
            if keys:
                told.append(said("{what} {keys}", what=what, keys=", ".join(keys)))
            else:
                told.append(said("{count} {what}", count=len(pieces), what=what))
        told += [said("formula {key}", key=key) for name, key, _ in self._kept if name == "formulas"]
        if told:
            message = said(
                "Kept in a hidden sheet, where it is not to be changed: {names}.", names=joined(", ", told)
            )
            self._note("sheet/kept", Where(), message, said("Change it in the rulebook itself."))
        if self.book.origin:
            message = said(
                "The DMN file that the rulebook was read from, with its drawing, is not in the workbook."
            )
            hint = said("Read back into the same rulebook, it stays as the rulebook has it.")
            self._note("sheet/origin", Where(), message, hint)

    def _shorten(self, sheet: Planned) -> None:
        """Keeps texts that are too long for a cell in the hidden sheet, under the short text that stands for them."""
        for place, (text, role) in sheet.cells.items():
            if len(text) > MAX_TEXT:
                digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
                short = f"{text[:200]} … [{digest}]"
                self._kept.append(("text", short, text))
                sheet.cells[place] = (short, role)
                message = said(
                    "A text of {count} signs does not go into a cell; the whole is in a hidden sheet.",
                    count=len(text),
                )
                self._note(
                    "sheet/long",
                    Where(sheet.name),
                    message,
                    said("Do not change the beginning that is shown."),
                )

    def _kept_sheet(self) -> Iterable[Planned]:
        if not self._kept:
            return
        sheet = self._sheet("kept")
        sheet.hidden = True
        sheet.put(1, 1, self._said("kept"), Role.LABEL)
        for row, (kind, key, piece) in enumerate(self._kept, start=2):
            text = _json(piece)
            sheet.put(row, 1, kind)
            sheet.put(row, 2, key)
            for column, start in enumerate(range(0, len(text), MAX_TEXT), start=3):
                sheet.put(row, column, text[start : start + MAX_TEXT])
        yield sheet

    # Words ------------------------------------------------------------------------------------------

    def _said(self, concept: str, of: str = "") -> str:
        return word_of(concept, self.language, of)

    def _yes(self, holds: bool) -> str:
        return self._said("yes" if holds else "no")

    def _languages(self, words: Iterable[Words]) -> list[str]:
        """The rulebook's languages, and others that some words are in."""
        found = dict.fromkeys(self.book.languages)
        for one in words:
            found |= dict.fromkeys(one.by_language)
        return list(found)

    def _sheet(self, what: str, called: str = "") -> Planned:
        return Planned(self._free(called or self._said(what)), what)

    def _free(self, name: str) -> str:
        """A name that Excel takes for a sheet, and no other sheet has."""
        bare = "".join("-" if sign in "[]:*?/\\" or not sign.isprintable() else sign for sign in name).strip(
            "' "
        )
        bare = bare[:_LONGEST] or "-"
        if bare.casefold() == "history":
            bare += "-"
        free, number = bare, 2
        while free.casefold() in self._names:
            end = f" ({number})"
            free, number = bare[: _LONGEST - len(end)] + end, number + 1
        self._names.add(free.casefold())
        return free

    def _note(self, code: str, where: Where, message: str, hint: str = "") -> None:
        self.notes.append(Diagnostic(code, where, message, hint, severity=Severity.WARNING))


def _case_row(case: Case) -> list[str]:
    expect = case.expect
    return [
        case.id,
        case.name,
        case.as_of,
        case.known_on,
        listed(case.facts),
        listed(expect.conclusions),
        listed(expect.certain),
        listed(expect.possible),
        listed(expect.lacks),
        names_listed(expect.undetermined),
        names_listed(expect.referred),
        names_listed(expect.flags),
        names_listed(expect.unflagged),
        case.note,
    ]


def _policy(policy: HitPolicy) -> str:
    return f"{policy.value}: {policy.name.replace('_', ' ').lower()}"


def _plain_values(fact: Fact) -> tuple[str, ...]:
    """The values that a fact may have as its cells write them, where they are few and plain."""
    if fact.type == "boolean":
        return ("true", "false")
    texts = tuple(part.strip() for part in fact.allowed.split(","))
    plain = all(len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1] for text in texts)
    return texts if fact.type == "string" and plain and fact.allowed.strip() else ()


_FIRST: Final = 3
"""The column in which tables begin: after the labels and the hidden ids."""

_SPARE: Final = 200
_LONGEST: Final = 31
_TYPES: Final = (*TYPE_NAMES, "list", "list<string>", "list<number>", "list<context>")
