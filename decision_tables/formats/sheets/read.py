"""Sheets read as a rulebook: a workbook of ours, tables that somebody made for themselves, or both.

What a workbook of ours holds is the whole rulebook: a table whose sheet is gone is gone. A file of somebody else
holds tables alone, which take their places among those of the rulebook; all else stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from decision_tables.diagnostics import Severity, Where, near_miss
from decision_tables.errors import InvalidRequest, InvalidRulebook
from decision_tables.exact_json import json_of
from decision_tables.formats.exchange import Reading
from decision_tables.formats.sheets.grid import EMPTY, Cell, Notes, Sheet
from decision_tables.formats.sheets.habits import allowed_of, day_in, mended, plain_of, raw_of
from decision_tables.formats.sheets.heads import Head, head_of, is_ours, plain_head_of
from decision_tables.formats.sheets.layout import INHERITED, SHOWN
from decision_tables.formats.sheets.tables import names_of, table_of
from decision_tables.formats.sheets.words import (
    ASPECTS,
    CASE_COLUMNS,
    EXPECT_COLUMNS,
    concept_of,
    folded,
    names_in,
    nearly,
    truth_of,
    words_in,
)
from decision_tables.rulebook import Case, Expectation, Query, Rulebook, rulebook_of
from decision_tables.said import joined, said
from decision_tables.table import Formula
from decision_tables.vocabulary import Fact, Vocabulary, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from decision_tables.table import Table

__all__ = ["rulebook_from"]

_Piece = TypeVar("_Piece", Fact, Formula, Query, Case)


def rulebook_from(sheets: Sequence[Sheet], into: Rulebook | None, key: str, notes: Notes) -> Reading:
    """The rulebook that sheets hold.

    Args:
        sheets: in order; of a workbook, or of several files.
        into: the rulebook that they are read against.
        key: of the rulebook, unless the sheets name it.
        notes: what has been said of the files already.

    Raises:
        InvalidRulebook: there is no table in them, or what stands in them cannot be used; every diagnostic at once.
    """
    return _Reading(sheets, into, key, notes).reading()


class _Reading:
    """One reading of some sheets."""

    def __init__(self, sheets: Sequence[Sheet], into: Rulebook | None, key: str, notes: Notes) -> None:
        self.into = into
        self.notes = notes
        self.addresses: dict[Where, str] = {}
        self._key = key
        self._names = ", ".join(sheet.name for sheet in sheets)[:_LONGEST]
        self._lists: dict[str, Sheet] = {}
        self._tables: list[Sheet] = []
        self._plain: list[Sheet] = []
        for sheet in sheets:
            self._sort(sheet)
        self._kept, self._texts = self._kept_pieces()
        if self._texts:
            self._lists = {what: self._whole(sheet) for what, sheet in self._lists.items()}
            self._tables = [self._whole(sheet) for sheet in self._tables]

    def _sort(self, sheet: Sheet) -> None:
        """Tells what a sheet is by its first cell, whatever it is called."""
        first = sheet.text(1, 1)
        what = concept_of(first, _LISTS)[0] or nearly(first, _NEEDED)
        if is_ours(sheet):
            self._tables.append(sheet)
        elif what and what not in self._lists and self._has_form(sheet, what):
            self._lists[what] = sheet
        elif sheet.cells:
            self._plain.append(sheet)

    def _has_form(self, sheet: Sheet, what: str) -> bool:
        """Whether a sheet whose first cell names a list has the columns, or rows, of that list."""
        if what == "kept":
            return True
        if what == "rulebook":
            return any(concept_of(sheet.text(row, 1), ("time_zone", "languages"))[0] for row in range(2, 40))
        row = sheet.rows().get(1, {}).values()
        heads = {concept_of(cell.text, _COLUMNS[what])[0] for cell in row}
        missing = _NEEDED[what] - heads
        # One heading that is damaged makes no stranger of a sheet.
        return not missing or (
            len(missing) == 1
            and len(heads) > len(missing) + 1
            and any(nearly(cell.text, missing) for cell in row)
        )

    def reading(self) -> Reading:
        before = self.into
        frame = self._frame()
        book = replace(
            frame,
            **{
                one.name: self._pieces(one.name, getattr(frame, one.name))
                for one in fields(Rulebook)
                if one.name not in SHOWN
            },
        )
        book = replace(book, facts=self._facts(book) if "fact" in self._lists else book.facts)
        book = self._with_tables(book)
        book = replace(
            book,
            formulas=self._list("formula", self._formula, book.formulas),
            queries=self._list("query", self._query, book.queries),
            cases=self._list("case", self._case, book.cases),
        )
        wrong = self.notes.errors()
        if wrong:
            raise InvalidRulebook(list(self.notes.all()))
        book = mended(book, self.addresses, before, self.notes)
        return Reading(book, self.notes.all(), self.addresses)

    # The whole --------------------------------------------------------------------------------------

    def _frame(self) -> Rulebook:
        """The rulebook before the sheets' pieces are in it; without its tables if the workbook has them all."""
        before = self.into or Rulebook(self._key)
        sheet = self._lists.get("rulebook")
        if sheet is None:
            self._tell_missing(before)
            return replace(before, key=self._key or before.key)
        values: dict[str, dict[str, str]] = {}
        for row in sheet.rows():
            concept, language = concept_of(sheet.text(row, 1), _FRAME)
            if concept:
                values.setdefault(concept, {})[language] = sheet.text(row, 2)
                self.addresses[_FRAME_PLACES.get(concept, Where("", "", concept))] = sheet.address(row, 2)

        def word(concept: str, otherwise: str) -> str:
            return values[concept].get("", "") if concept in values else otherwise

        def holds(concept: str, otherwise: bool) -> bool:
            if concept not in values:
                return otherwise
            truth = truth_of(word(concept, ""))
            if truth is None:
                self._error(
                    "sheet/truth",
                    concept,
                    said("`{text}` is neither yes nor no.", text=word(concept, "")),
                )
            return bool(truth)

        absent = word("absent", before.absent).strip() or "unknown"
        if absent not in {"unknown", "null"}:
            self._error(
                "sheet/value", "absent", said("`{absent}` is neither unknown nor null.", absent=absent)
            )
        named = word("rulebook", "").strip()
        if self._key and named and named != self._key:
            message = said(
                "The file calls the rulebook {key}; it is read as {own}.", key=named, own=self._key
            )
            self.notes.say("file/other-key", sheet.address(1, 2), message)
        self._tell_missing(before)
        return replace(
            before,
            key=self._key or named or "rulebook",
            title=Words({language: text for language, text in values.get("title", {}).items() if text}),
            note=word("note", before.note),
            languages=names_in(word("languages", "")) or before.languages,
            time_zone=word("time_zone", before.time_zone),
            default_query=word("default_query", before.default_query),
            absent="null" if absent == "null" else "unknown",
            four_eyes=holds("four_eyes", before.four_eyes),
            tables=(),
        )

    def _tell_missing(self, before: Rulebook) -> None:
        """Says which lists the rulebook keeps because there is no sheet of them."""
        if "rulebook" not in self._lists:
            return
        for what, name in _FIELDS.items():
            if what not in self._lists and getattr(before, name):
                message = said(
                    "There is no sheet of {name}: they stay as the rulebook has them.", name=ASPECTS[name]
                )
                self.notes.say("sheet/missing", "", message)

    def _error(self, code: str, concept: str, message: str) -> None:
        place = self.addresses.get(_FRAME_PLACES.get(concept, Where("", "", concept)), "")
        self.notes.error(code, place, message)

    # What is kept for us in the workbook ------------------------------------------------------------

    def _kept_pieces(self) -> tuple[dict[tuple[str, str], list[Any]], dict[str, str]]:
        """What the hidden sheet holds: pieces by kind and key, and texts too long for a cell."""
        pieces: dict[tuple[str, str], list[Any]] = {}
        texts: dict[str, str] = {}
        sheet = self._lists.get("kept")
        for row, cells in {} if sheet is None else sheet.rows().items():
            kind, key = (cells.get(at, EMPTY).text for at in (1, 2))
            if sheet is None or row == 1 or not kind:
                continue
            raw = "".join(cell.text for at, cell in cells.items() if at > 2)
            try:
                value = json_of(raw.encode("utf-8", "surrogatepass"), depth=_DEPTH, what=said("cell"))
            except InvalidRequest as error:
                message = said(
                    "What is kept here for the {kind} {key} was changed, and cannot be read: {error}",
                    kind=ASPECTS.get(kind, kind),
                    key=key,
                    error=error,
                )
                self.notes.error(
                    "sheet/kept", sheet.address(row, 3), message, said("Take the workbook out anew.")
                )
                continue
            if kind == "text" and isinstance(value, str):
                texts[key] = value
            else:
                pieces.setdefault((kind, key), []).append(value)
        return pieces, texts

    def _whole(self, sheet: Sheet) -> Sheet:
        """The sheet with texts that were too long for their cells."""
        cells = {
            place: Cell(self._texts[cell.content])
            if isinstance(cell.content, str) and cell.content in self._texts
            else cell
            for place, cell in sheet.cells.items()
        }
        return replace(sheet, cells=cells)

    def _pieces(self, name: str, otherwise: Any) -> Any:
        """Types, functions or services as the hidden sheet has them."""
        if "rulebook" not in self._lists:
            return otherwise
        found = [piece for (kind, _), values in self._kept.items() if kind == name for piece in values]
        if not found and otherwise and "kept" not in self._lists:
            told = said(
                "The workbook's hidden sheet is gone: the {name} stay as the rulebook has them.",
                name=ASPECTS.get(name, name),
            )
            self.notes.say("sheet/missing", "", told)
            return otherwise
        return getattr(self._document({name: found}), name)

    def _document(self, parts: Mapping[str, Any]) -> Rulebook:
        try:
            return rulebook_of({"key": "kept", **parts})
        except InvalidRulebook as error:
            for found in error.diagnostics:
                self.notes.error("sheet/kept", self._lists["kept"].address(1, 1), found.message)
            return Rulebook("kept")

    # Tables -----------------------------------------------------------------------------------------

    def _with_tables(self, book: Rulebook) -> Rulebook:
        known = {fact.key: fact for fact in book.facts}
        heads: list[tuple[Sheet, Head]] = []
        for sheet in self._tables:
            head = head_of(sheet, known, self.notes)
            if head is not None:
                heads.append((sheet, head))
                known |= {fact.key: fact for fact in head.facts}
        for sheet in self._plain:
            head = plain_head_of(
                sheet, self._key_for(sheet), known, self._concluded(), self._noted(), self.notes
            )
            if head is None and not self.notes.errors():
                self.notes.say("sheet/not-read", sheet.address(1), said("No table is read from this sheet."))
            if head is not None:
                heads.append((sheet, _in_language(head, book.languages[0] if book.languages else "en")))
                known |= {fact.key: fact for fact in heads[-1][1].facts if fact.key not in known}
        if not heads and not self._lists and not self.notes.errors():
            self.notes.error("sheet/no-table", self._names, said("There is no table in the file."), _NO_TABLE)
        new = [fact for fact in known.values() if fact.key not in {one.key for one in book.facts}]
        book = replace(book, facts=(*book.facts, *new))
        vocabulary = Vocabulary(book.facts, book.types)
        read = [
            table_of(sheet, head, self._before(head.key), vocabulary, self.notes, self.addresses)
            for sheet, head in heads
        ]
        if "rulebook" in self._lists:
            return replace(book, tables=tuple(read))
        by_key = {table.key: table for table in read}
        stay = [by_key.pop(table.key, table) for table in book.tables]
        return replace(book, tables=(*stay, *by_key.values()))

    def _before(self, key: str) -> Table | None:
        return None if self.into is None else self.into.table(key)

    def _noted(self) -> set[str]:
        tables = () if self.into is None else self.into.tables
        return {name for table in tables for column in table.notes for name in names_of(column)}

    def _concluded(self) -> list[str]:
        if self.into is None:
            return []
        outputs = [output.fact for table in self.into.tables for output in table.outputs]
        return [*outputs, *(formula.fact for formula in self.into.formulas)]

    def _key_for(self, sheet: Sheet) -> Callable[[Sequence[str]], str]:
        """What gives the key of a plain table: its sheet's name, or what the rulebook concludes by one table alone."""

        def key(outcomes: Sequence[str]) -> str:
            stem = re.sub(r"\.(csv|tsv|txt)$", "", sheet.name, flags=re.IGNORECASE)
            tables = () if self.into is None else self.into.tables
            for table in tables:
                names = (table.key, *table.title.by_language.values())
                if folded(stem) in map(folded, names):
                    return table.key
            alike = [one.key for one in tables if {output.fact for output in one.outputs} == set(outcomes)]
            if len(alike) == 1:
                return alike[0]
            made = "_".join(re.findall(r"[a-z0-9]+", folded(stem)))
            return made if made and not made[0].isdigit() else f"table_{made}".rstrip("_")

        return key

    # Lists ------------------------------------------------------------------------------------------

    def _list(self, what: str, made: Callable[[_Line], Any], otherwise: tuple[Any, ...]) -> tuple[Any, ...]:
        if what not in self._lists:
            return otherwise
        key = _KEYS[what]
        old = {getattr(one, key): one for one in otherwise}
        pieces = ((made(line), line) for line in self._lines(what))
        return tuple(self._with_kept(what, one, old.get(getattr(one, key)), line) for one, line in pieces)

    def _with_kept(self, what: str, piece: _Piece, old: _Piece | None, line: _Line) -> _Piece:
        """A piece with what the sheet has no column for, as the rulebook has it."""
        if old is None:
            return piece
        columns = {concept for concept, _ in line.columns}
        kept = {
            name: getattr(old, name)
            for name, concepts in _SAID_BY[what].items()
            if not columns & concepts and getattr(old, name) != getattr(piece, name)
        }
        if kept:
            message = said(
                "The sheet has no column for what there is besides ({names}): that stays as it is.",
                names=joined(", ", (ASPECTS.get(name, name) for name in kept)),
            )
            self.notes.say("sheet/kept", line.sheet.address(1), message)
        return replace(piece, **kept)

    def _lines(self, what: str) -> Iterator[_Line]:
        """The lines of a list, and where each of their cells stands."""
        sheet = self._lists[what]
        rows = sheet.rows()
        columns: dict[tuple[str, str], int] = {}
        for at, cell in rows.get(1, {}).items():
            concept = concept_of(cell.text, _COLUMNS[what])
            if not concept[0]:
                close = nearly(cell.text, _COLUMNS[what]) or near_miss(cell.text, _COLUMNS[what])
                is_needed = close in _NEEDED[what] and not any(
                    concept_of(one.text, (str(close),))[0] for one in rows[1].values()
                )
                hint = (
                    said("Did you mean {close}?", close=close)
                    if close
                    else said("Read are: {names}.", names=", ".join(_COLUMNS[what]))
                )
                self.notes.say(
                    "sheet/heading",
                    sheet.address(1, at),
                    said("`{text}` is no heading here.", text=cell.text[:60]),
                    hint,
                    severity=Severity.ERROR if is_needed else Severity.WARNING,
                )
            columns.setdefault(concept, at)
        columns.pop(("", ""), None)
        for number, cells in rows.items():
            if number > 1 and any(cells.get(at, EMPTY).text.strip() for at in columns.values()):
                yield _Line(sheet, number, columns, self.notes)

    def _facts(self, book: Rulebook) -> tuple[Fact, ...]:
        facts = []
        before = {fact.key: fact for fact in book.facts}
        for line in self._lines("fact"):
            key, allowed = line.name("fact"), line.text("allowed")
            fact = Fact(
                key=key,
                type=line.name("type") or "Any",
                nullable=line.truth("nullable"),
                label=line.words("label"),
                question=line.words("question"),
                explanation=line.words("explanation"),
                unit=line.text("unit"),
                note=line.text("note"),
            )
            old = before.get(key)
            fact = self._with_kept("fact", replace(fact, allowed=allowed), old, line)
            if old is None or old.allowed != fact.allowed:
                allowed = allowed_of(fact.allowed, fact, book.types, line.address("allowed"), self.notes)
                fact = replace(fact, allowed=allowed)
            facts.append(fact)
            for name in ("", "type", "allowed"):
                self.addresses.setdefault(Where("vocabulary", key, name), line.address(name or "fact"))
        return tuple(facts)

    def _formula(self, line: _Line) -> Formula:
        key, fact = line.name("formula"), line.name("fact")
        expression, boxed = line.text("expression"), None
        if expression.startswith(INHERITED.strip()):
            expression, boxed = self._boxed(key, line)
        self.addresses.setdefault(Where(key), line.address("formula"))
        self.addresses.setdefault(Where(key, "", fact), line.address("expression"))
        return Formula(
            key=key,
            fact=fact,
            expression=expression,
            title=line.words("title"),
            citation=line.text("citation"),
            note=line.text("note"),
            confidence=line.name("confidence"),
            flags=words_in(line.text("flags")),
            boxed=boxed,
        )

    def _boxed(self, key: str, line: _Line) -> tuple[str, Any]:
        """What a formula says that is more than one line of FEEL."""
        kept = self._kept.get(("formulas", key))
        if kept:
            made = self._document({"formulas": [kept.pop(0)]}).formulas
            if made:
                return made[0].expression, made[0].boxed
        for old in () if self.into is None else self.into.formulas:
            if old.key == key:
                return old.expression, old.boxed
        message = said("What the formula {key} says is not in the workbook any more.", key=key)
        self.notes.error(
            "sheet/kept", line.address("expression"), message, said("Write its expression in the cell.")
        )
        return "", None

    def _query(self, line: _Line) -> Query:
        key = line.name("query")
        self.addresses.setdefault(Where("queries", key), line.address("goals"))
        return Query(key, names_in(line.text("goals")), line.words("title"))

    def _case(self, line: _Line) -> Case:
        key = line.name("case")
        for name, field in (("case", ""), ("as_of", "as_of"), ("known_on", "known_on")):
            self.addresses.setdefault(Where("cases", key, field), line.address(name))
        return Case(
            id=key,
            name=line.text("name"),
            facts=line.entries("given"),
            as_of=line.day("as_of"),
            known_on=line.day("known_on"),
            expect=Expectation(
                conclusions=line.entries("conclusions"),
                certain=line.lists("certain"),
                lacks=line.lists("lacks"),
                possible=line.lists("possible"),
                undetermined=names_in(line.text("undetermined")),
                referred=names_in(line.text("referred")),
                flags=names_in(line.text("carries")),
                unflagged=names_in(line.text("unflagged")),
            ),
            note=line.text("note"),
        )


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a list: its cells by what their column says, and in which language."""

    sheet: Sheet
    number: int
    columns: Mapping[tuple[str, str], int]
    notes: Notes

    def cell(self, concept: str, language: str = "") -> Cell:
        return self.sheet.at(self.number, self.columns.get((concept, language), 0))

    def address(self, concept: str, language: str = "") -> str:
        return self.sheet.address(self.number, self.columns.get((concept, language), 0))

    def text(self, concept: str, language: str = "") -> str:
        return plain_of(self.cell(concept, language), self.address(concept, language), self.notes)

    def name(self, concept: str) -> str:
        return raw_of(self.cell(concept))

    def words(self, concept: str) -> Words:
        languages = [language for what, language in self.columns if what == concept]
        return Words({one: text for one in languages if (text := self.text(concept, one))})

    def truth(self, concept: str) -> bool:
        text = self.text(concept)
        if truth_of(text) is None:
            self.notes.error(
                "sheet/truth", self.address(concept), said("`{text}` is neither yes nor no.", text=text)
            )
        return bool(truth_of(text))

    def day(self, concept: str) -> str:
        return day_in(self.cell(concept), self.address(concept), self.notes)

    def entries(self, concept: str) -> dict[str, Any]:
        """Names and values, a line each; a text without quotes is a text."""
        entries: dict[str, Any] = {}
        for line in filter(str.strip, self.text(concept).split("\n")):
            found = re.fullmatch(r'\s*("(?:[^"\\]|\\.)*"|[^:=]+?)\s*[:=]\s*(.*?)\s*', line, re.DOTALL)
            if found is None:
                message = said("`{line}` is no name with a value.", line=line.strip()[:60])
                self.notes.error(
                    "sheet/value",
                    self.address(concept),
                    message,
                    said("Write a line for each, such as `age: 17`."),
                )
                continue
            name = self._value(found[1], concept) if found[1].startswith('"') else found[1]
            entries[str(name)] = self._value(found[2], concept)
        return entries

    def _value(self, text: str, concept: str) -> Any:
        try:
            return json_of(text.encode("utf-8", "surrogatepass"), depth=_DEPTH, what=said("value"))
        except InvalidRequest:
            truth = truth_of(text) if folded(text) in _TRUTHS else None
            if truth is not None:
                self.notes.say(
                    "sheet/read-as",
                    self.address(concept),
                    said("`{text}` is read as {truth}.", text=text, truth=str(truth).lower()),
                )
                return truth
            if text[:1] in {"{", "[", '"'} or not text:
                message = said("`{text}` is no value.", text=text[:60])
                hint = said("Write texts in quotes, numbers with a point, true or false, null, lists in [ ].")
                self.notes.error("sheet/value", self.address(concept), message, hint)
                return None
            self.notes.say(
                "sheet/read-as",
                self.address(concept),
                said("`{text}` is read as the text in quotes.", text=text[:60]),
            )
            return text

    def lists(self, concept: str) -> dict[str, tuple[str, ...]]:
        made = {}
        for name, value in self.entries(concept).items():
            values = value if isinstance(value, list) else [value]
            made[name] = tuple(map(str, values))
        return made


def _in_language(head: Head, language: str) -> Head:
    """A head of a plain table, whose words are in the rulebook's first language."""

    def named(words: Words) -> Words:
        return Words({one or language: text for one, text in words.by_language.items()})

    facts = tuple(replace(fact, label=named(fact.label)) for fact in head.facts)
    return replace(head, title=None if head.title is None else named(head.title), facts=facts)


_DEPTH: Final = 250
_LONGEST: Final = 100
_TRUTHS: Final = frozenset(
    {"waar", "onwaar", "vrai", "faux", "yes", "no", "ja", "nee", "oui", "non", "true", "false"}
)
_NO_TABLE: Final = said(
    "A table has a row of headings and rows of rules below it; a workbook taken out here shows how."
)
_LISTS: Final = ("rulebook", "fact", "formula", "query", "case", "kept")
_FIELDS: Final = {"fact": "facts", "formula": "formulas", "query": "queries", "case": "cases"}
_FRAME: Final = (
    "rulebook",
    "title",
    "note",
    "languages",
    "time_zone",
    "default_query",
    "absent",
    "four_eyes",
)
_FRAME_PLACES: Final = {"default_query": Where("queries"), "rulebook": Where()}
_COLUMNS: Final = {
    "fact": ("fact", "type", "allowed", "nullable", "label", "question", "explanation", "unit", "note"),
    "formula": ("formula", "fact", "expression", "title", "citation", "note", "confidence", "flags"),
    "query": ("query", "goals", "title"),
    "case": CASE_COLUMNS,
}
_KEYS: Final = {"fact": "key", "formula": "key", "query": "key", "case": "id"}
_SAID_BY: Final[dict[str, dict[str, frozenset[str]]]] = {
    "fact": {
        name: frozenset({name})
        for name in ("allowed", "nullable", "label", "question", "explanation", "unit", "note")
    },
    "formula": {name: frozenset({name}) for name in ("title", "citation", "note", "confidence", "flags")},
    "query": {"title": frozenset({"title"})},
    "case": {
        **{name: frozenset({name}) for name in ("name", "as_of", "known_on", "note")},
        "expect": frozenset(EXPECT_COLUMNS),
    },
}
"""By the kind of piece, the fields that stay if there is none of the columns that say them."""

_NEEDED: Final = {
    "fact": {"fact", "type"},
    "formula": {"formula", "fact", "expression"},
    "query": {"query", "goals"},
    "case": {"case", "given"},
}
