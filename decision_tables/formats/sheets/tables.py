"""A table's sheet read as a table: cells by what their columns are about, rules known by ids or by what they say."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from decision_tables.diagnostics import Where
from decision_tables.formats.sheets.grid import EMPTY
from decision_tables.formats.sheets.habits import Custom, custom_of, day_in, feel_of, plain_of, raw_of
from decision_tables.formats.sheets.heads import OWN_NOTE
from decision_tables.formats.sheets.words import ASPECTS, folded, words_in
from decision_tables.said import joined, said
from decision_tables.table import HitPolicy, Input, Note, Output, Period, Rule, Table
from decision_tables.vocabulary import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from decision_tables.formats.sheets.grid import Cell, Notes, Sheet
    from decision_tables.formats.sheets.heads import Column, Head
    from decision_tables.vocabulary import Vocabulary

__all__ = ["names_of", "table_of"]


def table_of(
    sheet: Sheet,
    head: Head,
    before: Table | None,
    vocabulary: Vocabulary,
    notes: Notes,
    addresses: dict[Where, str],
) -> Table:
    """The table that a sheet holds.

    Args:
        sheet: the sheet.
        head: what stands above its rules.
        before: the table as the rulebook has it; what the sheet has no column for stays as it says.
        vocabulary: the facts, by which cells are read.
        notes: gathers what was forgiven.
        addresses: is told where each piece stands.
    """
    return _Reading(sheet, head, before, vocabulary, notes, addresses).table()


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that has been read: its number in the sheet, the id in it, and the rule so far."""

    number: int
    id: str
    rule: Rule


class _Reading:
    """One sheet being read."""

    def __init__(
        self,
        sheet: Sheet,
        head: Head,
        before: Table | None,
        vocabulary: Vocabulary,
        notes: Notes,
        addresses: dict[Where, str],
    ) -> None:
        self.sheet = sheet
        self.head = head
        self.before = before
        self.vocabulary = vocabulary
        self.notes = notes
        self.addresses = addresses
        self.inputs: list[tuple[Column, Input]] = []
        self.outputs: list[tuple[Column, Output]] = []
        self.remarks: list[tuple[Column, Note]] = []
        self._margin = {
            (column.kind, column.language): column.at
            for column in reversed(head.columns)
            if column.kind not in _OWN_KINDS
        }
        self._old_cells = _cells_by_column(before)
        # What was written by us and is read against nothing is not doubted.
        self._customs = self._customs_found() if before is not None or not head.ours else {}

    def table(self) -> Table:
        head, before = self.head, self.before
        self._columns()
        policy = head.hit_policy or (before.hit_policy if before is not None else HitPolicy.UNIQUE)
        table = Table(
            key=head.key,
            hit_policy=policy,
            inputs=tuple(column for _, column in self.inputs),
            outputs=tuple(column for _, column in self.outputs),
            rules=(),
            title=head.title if head.title is not None else Words() if before is None else before.title,
            note=head.note if head.note is not None else "" if before is None else before.note,
            open=head.open if head.open is not None else before is not None and before.open,
        )
        if before is not None and not head.ours:
            table = replace(table, title=before.title or table.title)
        self.addresses[Where(head.key)] = self.sheet.address(1, 1)
        rows = self._named(
            [row for number in self._rule_rows() if not self._is_cleared(row := self._row(number))]
        )
        self._place(rows)
        notes = self._all_notes()
        rules = (self._with_notes(self._with_kept(row.rule), notes) for row in rows)
        return replace(table, rules=tuple(rules), notes=tuple(one for one, _, _ in notes))

    # Columns ----------------------------------------------------------------------------------------

    def _columns(self) -> None:
        taken: set[str] = set()
        for column in self.head.columns:
            if column.kind == "condition":
                known = self._known_input(column, taken)
                key = self._key(column, column.fact, known, taken)
                made = Input(key, column.fact, column.label, column.type, column.values)
                if not self.head.ours and known is not None:
                    made = replace(known, key=key)
                self.inputs.append((column, made))
            elif column.kind == "outcome":
                known_output = self._known_output(column, taken)
                name = f"{column.fact}.{column.part}" if column.part else column.fact
                key = self._key(column, name, known_output, taken)
                made_output = Output(
                    key,
                    column.fact,
                    column.part,
                    self._otherwise(column),
                    column.values,
                    column.label,
                    column.type,
                )
                if not self.head.ours and known_output is not None:
                    made_output = replace(known_output, key=key)
                self.outputs.append((column, made_output))
            elif column.kind == OWN_NOTE:
                known_note = self._known_note(column, taken)
                key = self._key(column, column.fact or _called(column.label) or "note", known_note, taken)
                label = column.label if self.head.ours or known_note is None else known_note.label
                self.remarks.append((column, Note(key, label)))
            else:
                continue
            self.addresses.setdefault(
                Where(self.head.key, "", key), self.sheet.address(column.row, column.at)
            )
        for column in self.head.columns:
            if column.kind not in _OWN_KINDS and self._margin[column.kind, column.language] != column.at:
                address = self.sheet.address(self.head.first - 1, column.at)
                message = said("There is another column of this kind: this one is passed over.")
                self.notes.say("sheet/column", address, message)

    def _key(self, column: Column, name: str, known: Input | Output | Note | None, taken: set[str]) -> str:
        """A column's key: its own, unless it was copied from another; else as the rulebook has it; else its name."""
        copies = sum(one.key == column.key for one in _columns_of(self.before))
        key = column.key
        if not key or (key in taken and copies < _TWICE):
            key = known.key if known is not None else name
            free, number = key, 1
            while free in taken:
                number += 1
                free = f"{key} ({number})"
            key = free
        taken.add(key)
        return key

    def _known_input(self, column: Column, taken: set[str]) -> Input | None:
        known = () if self.before is None else self.before.inputs
        same = (
            one for one in known if one.expression.strip() == column.fact.strip() and one.key not in taken
        )
        return next(same, None)

    def _known_output(self, column: Column, taken: set[str]) -> Output | None:
        known = () if self.before is None else self.before.outputs
        same = (one for one in known if (one.fact, one.part) == (column.fact, column.part))
        return next((one for one in same if one.key not in taken), None)

    def _known_note(self, column: Column, taken: set[str]) -> Note | None:
        known = () if self.before is None else self.before.notes
        names = {folded(text) for text in (column.fact, *column.label.by_language.values()) if text}
        same = (one for one in known if one.key not in taken and names & names_of(one))
        return next(same, None)

    def _otherwise(self, column: Column) -> str:
        if not column.otherwise:
            return ""
        cell = self.sheet.at(column.otherwise, column.at)
        address = self.sheet.address(column.otherwise, column.at)
        return feel_of(cell, self._kind(column), address, self.notes, custom=self._customs.get(column.at))

    def _kind(self, column: Column) -> str:
        """The FEEL type of the values of a column; of a list, of its items; empty where it is not known."""
        if column.type.strip():
            kind = self.vocabulary.kind_of(column.type)
        else:
            kind = None if column.part else self.vocabulary.kinds.get(column.fact.strip())
        return "" if kind is None else (kind.items or kind).name

    def _values(self, column: Column) -> frozenset[str]:
        """The texts that a column may hold, where they are listed."""
        fact = column.fact.strip()
        if column.type.strip() or column.part or fact not in self.vocabulary.facts:
            return frozenset()
        values = self.vocabulary.values_of(fact) or ()
        return frozenset(value for value in values if isinstance(value, str))

    def _customs_found(self) -> dict[int, Custom]:
        """How each column writes numbers and days; where its own cells do not tell, as the sheet's others do."""
        texts: dict[int, list[str]] = {}
        for (row, at), cell in self.sheet.cells.items():
            if row >= self.head.first and isinstance(cell.content, str):
                texts.setdefault(at, []).append(cell.content)
        told = [
            column.at
            for column in self.head.columns
            if column.kind in {"condition", "outcome"}
            and self._kind(column) in {"number", "date", "date and time"}
        ]
        whole = custom_of((text for at in told for text in texts.get(at, ())), Custom())
        return {at: custom_of(texts.get(at, ()), whole) for at in told}

    # Rows -------------------------------------------------------------------------------------------

    def _rule_rows(self) -> list[int]:
        """The rows that hold rules: something stands in one of their columns."""
        columns = [column.at for column in self.head.columns]
        rows = []
        for number, cells in self.sheet.rows().items():
            if number >= self.head.first and any(cells.get(at, EMPTY).text.strip() for at in columns):
                rows.append(number)
                if number in self.sheet.hidden:
                    self.notes.say(
                        "sheet/hidden",
                        self.sheet.address(number),
                        said("A hidden row is read as the others are."),
                    )
        return rows

    def _row(self, number: int) -> _Row:
        at = self._margin.get(("rule", ""))
        identity = "" if at is None else raw_of(self.sheet.at(number, at))

        def feel(column: Column, key: str) -> str:
            cell, address = self.sheet.at(number, column.at), self.sheet.address(number, column.at)
            old = self._old_cells.get((identity, key))
            values = self._values(column)
            return feel_of(
                cell,
                self._kind(column),
                address,
                self.notes,
                before=old,
                values=values,
                custom=self._customs.get(column.at),
            )

        def cell(kind: str, language: str = "") -> tuple[Cell, str]:
            place = self._margin.get((kind, language), 0)
            return self.sheet.at(number, place), self.sheet.address(number, place)

        rule = Rule(
            id=identity,
            tests=tuple(feel(column, made.key) for column, made in self.inputs),
            outputs=tuple(feel(column, made.key) for column, made in self.outputs),
            citation=plain_of(*cell("citation"), self.notes),
            note=plain_of(*cell("note"), self.notes),
            confidence=raw_of(cell("confidence")[0]),
            flags=words_in(cell("flags")[0].text),
            valid=Period(*(day_in(*cell(kind), self.notes) for kind in ("valid_from", "valid_to"))),
            known=Period(*(day_in(*cell(kind), self.notes) for kind in ("known_from", "known_to"))),
            referral=Words(
                {
                    language or self._language(): text
                    for kind, language in sorted(self._margin)
                    if kind == "referral" and (text := plain_of(*cell(kind, language), self.notes))
                }
            ),
            notes=tuple(
                plain_of(self.sheet.at(number, column.at), self.sheet.address(number, column.at), self.notes)
                for column, _ in self.remarks
            ),
        )
        return _Row(number, identity, rule)

    def _is_cleared(self, row: _Row) -> bool:
        """Whether somebody has emptied a row, of which only the hidden id is left."""
        old = next((rule for rule in _rules_of(self.before) if rule.id == row.id), None)
        blank = replace(row.rule, id="", tests=(), outputs=())
        if any((*row.rule.tests, *row.rule.outputs)) or blank != _BLANK or old is None:
            return False
        if not any((*old.tests, *old.outputs)) and replace(old, id="", tests=(), outputs=()) == _BLANK:
            return False
        message = said("The row of {id} was emptied: the rule is taken to be deleted.", id=row.id)
        self.notes.say("sheet/cleared", self.sheet.address(row.number), message)
        return True

    def _language(self) -> str:
        """The language of a question that names none."""
        spoken = (
            ()
            if self.before is None
            else (one for rule in self.before.rules for one in rule.referral.by_language)
        )
        return next(iter(spoken), "en")

    # Ids --------------------------------------------------------------------------------------------

    def _named(self, rows: Sequence[_Row]) -> list[_Row]:
        """The rows, each with an id: its own, that of the rule that it says again, or a new one."""
        rows = self._without_copies(rows)
        claimed = {row.id for row in rows if row.id}
        old = [] if self.before is None else [rule for rule in self.before.rules if rule.id not in claimed]
        free: dict[int, Rule] = dict(enumerate(old))
        given: dict[int, str] = {}
        for likeness in (_all_of, _tests_of, _source_of):
            for row in rows:
                if row.id or row.number in given:
                    continue
                mine = likeness(
                    row.rule, [one.key for _, one in self.inputs], [one.key for _, one in self.outputs]
                )
                found = next(
                    (place for place, rule in free.items() if mine and mine == self._old(likeness, rule)),
                    None,
                )
                if found is not None:
                    given[row.number] = free.pop(found).id
        taken = claimed | set(given.values()) | {rule.id for rule in old}
        named = []
        for row in rows:
            identity = row.id or given.get(row.number) or _next_id(taken)
            taken.add(identity)
            named.append(_Row(row.number, identity, replace(row.rule, id=identity)))
        if given and self.before is not None:
            self._tell_matched(rows, given)
        return named

    def _tell_matched(self, rows: Sequence[_Row], given: Mapping[int, str]) -> None:
        numbers = [row.number for row in rows if row.number in given]
        message = said("Rows without an id are taken for the rules that say the same, and keep their ids.")
        hint = said("The hidden column of ids tells them apart for certain; leave it in the sheet.")
        for number in numbers:
            self.notes.say("sheet/ids", self.sheet.address(number), message, hint)

    def _without_copies(self, rows: Sequence[_Row]) -> list[_Row]:
        """The rows; one that was copied with its hidden id is a new rule: what says the old thing keeps the id."""
        old: dict[str, list[Rule]] = {}
        for rule in () if self.before is None else self.before.rules:
            old.setdefault(rule.id, []).append(rule)
        counts = Counter(row.id for row in rows if row.id)
        keepers: dict[str, list[int]] = {}
        for identity, count in counts.items():
            mine = [row for row in rows if row.id == identity]
            same = [
                row.number
                for row in mine
                if any(self._is_same(row.rule, rule) for rule in old.get(identity, ()))
            ]
            order = [*same, *(row.number for row in mine if row.number not in same)]
            keepers[identity] = order[: max(1, len(old.get(identity, ())))] if count > 1 else order
        made = []
        for row in rows:
            if row.id and row.number not in keepers[row.id]:
                message = said(
                    "Another row has the id {id}: this one is read as a copy, and gets an id of its own.",
                    id=row.id,
                )
                self.notes.say("sheet/copied", self.sheet.address(row.number), message)
                made.append(_Row(row.number, "", replace(row.rule, id="")))
            else:
                made.append(row)
        return made

    def _is_same(self, rule: Rule, old: Rule) -> bool:
        inputs, outputs = [one.key for _, one in self.inputs], [one.key for _, one in self.outputs]
        return _all_of(rule, inputs, outputs) == self._old(_all_of, old)

    def _old(self, likeness: _Likeness, rule: Rule) -> object:
        if self.before is None:
            return None
        inputs = [one.key for one in self.before.inputs]
        return likeness(rule, inputs, [one.key for one in self.before.outputs])

    # What the sheet has no column for ---------------------------------------------------------------

    def _with_kept(self, rule: Rule) -> Rule:
        old = next((one for one in _rules_of(self.before) if one.id == rule.id), None)
        if old is None:
            return rule
        kept = {
            name: getattr(old, name)
            for name, kinds in _FIELDS.items()
            if getattr(old, name) != getattr(_BLANK, name)
            and not any(kind in kinds for kind, _ in self._margin)
        }
        if kept:
            self._tell_kept(joined(", ", (ASPECTS.get(name, name) for name in kept)))
        return replace(rule, **kept)

    def _all_notes(self) -> list[tuple[Note, int, bool]]:
        """The table's columns of notes: each with its place in the sheet or, if it has none there, as it was before.

        A plain sheet leaves those that it has no column for as they are.
        """
        read = [one for _, one in self.remarks]
        if self.head.ours or self.before is None:
            return [(one, place, True) for place, one in enumerate(read)]
        left = dict(enumerate(read))
        found = []
        for before, known in enumerate(self.before.notes):
            place = next((place for place, one in left.items() if one.key == known.key), None)
            found.append((known, before, False) if place is None else (left.pop(place), place, True))
        return [*found, *((one, place, True) for place, one in left.items())]

    def _with_notes(self, rule: Rule, notes: Sequence[tuple[Note, int, bool]]) -> Rule:
        old = next((one.notes for one in _rules_of(self.before) if one.id == rule.id), ())
        told = [
            texts[place] if place < len(texts := rule.notes if is_read else old) else ""
            for _, place, is_read in notes
        ]
        if any(text and not is_read for text, (_, _, is_read) in zip(told, notes, strict=True)):
            self._tell_kept(ASPECTS["notes"])
        return replace(rule, notes=tuple(told))

    def _tell_kept(self, told: str) -> None:
        message = said(
            "The sheet has no column for what rules have besides ({told}): that stays as it is.", told=told
        )
        self.notes.say("sheet/kept", self.sheet.address(self.head.first - 1), message)

    def _place(self, rows: Iterable[_Row]) -> None:
        """Tells where each cell stands."""
        for row in rows:
            first = self.sheet.address(row.number)
            self.addresses.setdefault(Where(self.head.key, row.id), first)
            pairs: list[tuple[Column, Input | Output | Note]] = [*self.inputs, *self.outputs, *self.remarks]
            for column, made in pairs:
                where = Where(self.head.key, row.id, made.key)
                self.addresses.setdefault(where, self.sheet.address(row.number, column.at))
            for (kind, _), at in self._margin.items():
                field = _PLACES.get(kind)
                if field:
                    where = Where(self.head.key, row.id, field)
                    self.addresses.setdefault(where, self.sheet.address(row.number, at))


def _cells_by_column(table: Table | None) -> dict[tuple[str, str], str]:
    """The texts of a table's cells, by the rule's id and the column's key."""
    cells = {}
    for rule in _rules_of(table):
        keys = (column.key for column in _columns_of(table))
        for key, text in zip(keys, (*rule.tests, *rule.outputs), strict=False):
            cells[rule.id, key] = text
    return cells


def names_of(note: Note) -> set[str]:
    """What people may call a column of notes, folded."""
    return {folded(text) for text in (note.key, *note.label.by_language.values()) if text.strip()}


def _called(label: Words) -> str:
    return next((text.strip() for text in label.by_language.values() if text.strip()), "")


def _rules_of(table: Table | None) -> tuple[Rule, ...]:
    return () if table is None else table.rules


def _columns_of(table: Table | None) -> tuple[Input | Output | Note, ...]:
    return () if table is None else table.columns


# What two rows have to have in common to be taken for one rule, from the surest likeness down.


def _all_of(rule: Rule, inputs: Sequence[str], outputs: Sequence[str]) -> object:
    tests = {key: _bare(text) for key, text in zip(inputs, rule.tests, strict=False) if _bare(text)}
    outcomes = {key: _bare(text) for key, text in zip(outputs, rule.outputs, strict=False) if _bare(text)}
    return tests, outcomes, rule.valid, rule.known


def _tests_of(rule: Rule, inputs: Sequence[str], _: Sequence[str]) -> object:
    tests = {key: _bare(text) for key, text in zip(inputs, rule.tests, strict=False) if _bare(text)}
    return (tests, rule.valid, rule.known) if tests else None


def _source_of(rule: Rule, _: Sequence[str], outputs: Sequence[str]) -> object:
    outcomes = {key: _bare(text) for key, text in zip(outputs, rule.outputs, strict=False) if _bare(text)}
    return (rule.citation, outcomes) if rule.citation and outcomes else None


def _bare(text: str) -> str:
    """A cell's text as far as it matters whether two say the same: unquoted texts are, and `-` is nothing."""
    bare = re.sub(r'["\u201c\u201d\u201e\s]', "", text)
    return "" if bare in {"-", "\u2013", "\u2014"} else bare


def _next_id(taken: set[str]) -> str:
    """An id as the others are, with the next number: after `R02` comes `R03`."""
    found = [match for one in taken if (match := re.fullmatch(r"(.*?)(\d+)", one))]
    if not found:
        prefix, digits, last = "R", 1, 0
    else:
        prefix = Counter(match[1] for match in found).most_common(1)[0][0]
        numbers = [match[2] for match in found if match[1] == prefix]
        digits, last = min(map(len, numbers)), max(map(int, numbers))
    number = last + 1
    while f"{prefix}{number:0{digits}}" in taken:
        number += 1
    return f"{prefix}{number:0{digits}}"


_Likeness: TypeAlias = "Callable[[Rule, Sequence[str], Sequence[str]], object]"

_OWN_KINDS: Final = frozenset({"condition", "outcome", OWN_NOTE})
"""The kinds of columns that are a table's own; each rule has what the others say."""

_TWICE: Final = 2
_BLANK: Final = Rule("")
_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "citation": frozenset({"citation"}),
    "note": frozenset({"note"}),
    "confidence": frozenset({"confidence"}),
    "flags": frozenset({"flags"}),
    "valid": frozenset({"valid_from", "valid_to"}),
    "known": frozenset({"known_from", "known_to"}),
    "referral": frozenset({"referral"}),
}
_PLACES: Final = {
    "citation": "citation",
    "note": "note",
    "confidence": "confidence",
    "flags": "flags",
    "valid_from": "valid.start",
    "valid_to": "valid.end",
    "known_from": "known.start",
    "known_to": "known.end",
    "referral": "referral",
}
