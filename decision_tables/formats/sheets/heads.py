"""What stands above a table's rules: a sheet of ours, or one that somebody made for themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from decision_tables.diagnostics import near_miss
from decision_tables.feel.parse import is_name
from decision_tables.formats.sheets.habits import guessed_type, raw_of
from decision_tables.formats.sheets.layout import INHERITED, NOTED
from decision_tables.formats.sheets.words import (
    WORDS,
    concept_of,
    folded,
    hit_policy_of,
    nearly,
    truth_of,
    word_of,
)
from decision_tables.said import joined, said
from decision_tables.table import HitPolicy
from decision_tables.vocabulary import Fact, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from decision_tables.formats.sheets.grid import Cell, Notes, Sheet

__all__ = ["KINDS", "OWN_NOTE", "Column", "Head", "head_of", "is_ours", "plain_head_of"]

KINDS: Final = (
    "rule",
    "condition",
    "outcome",
    "citation",
    "note",
    "confidence",
    "flags",
    "valid_from",
    "valid_to",
    "known_from",
    "known_to",
    "referral",
)

"""What the row of kinds may say of a column."""

OWN_NOTE: Final = "own note"
"""The kind of a column of notes beside the note that each rule has."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table's sheet, as its head says.

    Attributes:
        at: its number in the sheet.
        kind: one of `KINDS`, or `OWN_NOTE`.
        row: of the cell that says its fact, or names it.
        language: of a question for judgement.
        fact: a condition's expression; the fact that an outcome concludes; what notes are called without a label.
        part: of an outcome.
        key: as written; empty where none is.
        type: as the column itself says.
        values: as the column itself says.
        otherwise: the outcome when no rule applies, and its row.
        label: what people read above it.
    """

    at: int
    kind: str
    row: int
    language: str = ""
    fact: str = ""
    part: str = ""
    key: str = ""
    type: str = ""
    values: str = ""
    otherwise: int = 0
    label: Words = field(default_factory=Words)


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the rules.

    Attributes:
        key: of the table.
        columns: in order.
        first: the row of the first rule.
        hit_policy: None where it is not said.
        title: what people call the table; None where the sheet has no place for it.
        note: what it is about; None as before.
        open: whether it is a catalogue; None as before.
        facts: that the head speaks of and nobody knew.
        ours: whether the sheet has the form in which tables are written.
    """

    key: str
    columns: tuple[Column, ...]
    first: int
    hit_policy: HitPolicy | None = None
    title: Words | None = None
    note: str | None = None
    open: bool | None = None
    facts: tuple[Fact, ...] = ()
    ours: bool = True


def is_ours(sheet: Sheet) -> bool:
    """Whether a sheet holds a table in the form in which tables are written."""
    labels = [cell.text for (row, column), cell in sheet.cells.items() if column == 1 and row > 1]
    has_table, has_kind = (
        bool(concept_of(sheet.text(1, 1), ("table",))[0]),
        any(concept_of(label, ("kind",))[0] for label in labels),
    )
    # One label that is damaged makes no stranger of a sheet.
    if has_table != has_kind:
        near_table = has_table or nearly(sheet.text(1, 1), ("table",))
        near_kind = has_kind or any(nearly(label, ("kind",)) for label in labels)
        others = sum(bool(concept_of(label, ("hit_policy", "fact", "column"))[0]) for label in labels)
        return bool(near_table and near_kind and others > 1)
    return has_table and has_kind


# A sheet of ours ------------------------------------------------------------------------------------------


def head_of(sheet: Sheet, known: Mapping[str, Fact], notes: Notes) -> Head | None:
    """The head of a sheet of ours; None if it cannot be used, and `notes` say why."""
    rows = sheet.rows()
    top = {}
    heads: dict[str, int] = {}
    labels: dict[str, int] = {}
    first = max(rows, default=0) + 1
    for row in rows:
        text = sheet.text(row, 1)
        if not heads:
            concept, language = concept_of(text, ("table", "title", "hit_policy", "note", "open", "kind"))
            if (
                not concept
                and (near := nearly(text, ("table", "kind")))
                and not (near == "kind" and any(concept_of(sheet.text(one, 1), ("kind",))[0] for one in rows))
            ):
                _damaged(sheet.address(row, 1), text, near, notes)
                concept = near
            if concept == "kind":
                heads[concept] = row
            elif concept:
                top[concept, language] = row
            elif text.strip():
                _heading(sheet.address(row, 1), text, notes)
            continue
        concept, language = concept_of(text, _HEADS)
        if not concept:
            first = row
            break
        if concept == "label":
            labels[language] = row
        else:
            heads.setdefault(concept, row)

    def told(concept: str, language: str = "") -> tuple[str, str]:
        row = top.get((concept, language))
        if row is None:
            return "", ""
        column = min((column for column in rows[row] if column > 1), default=2)
        return sheet.text(row, column), sheet.address(row, column)

    policy, place = told("hit_policy")
    hit_policy = hit_policy_of(policy) if policy.strip() else HitPolicy.UNIQUE
    if hit_policy is None:
        close = near_miss(policy, [one.name.replace("_", " ").lower() for one in HitPolicy])
        hint = (
            said("Did you mean {close}?", close=close)
            if close
            else said("Such as U: unique, F: first, C: collect.")
        )
        notes.error("sheet/hit-policy", place, said("`{name}` is no hit policy.", name=policy), hint)
    is_open, place = told("open")
    if truth_of(is_open) is None:
        notes.error("sheet/truth", place, said("`{text}` is neither yes nor no.", text=is_open))
    new: dict[str, Fact] = {}
    columns = []
    for column in _columns(sheet, heads, labels, known, notes):
        fact = _declared(column, known, sheet, notes)
        if fact is not None:
            new[fact.key] = fact
            column = replace(column, type="", values="")  # noqa: PLW2901 - the fact says both from now on
        columns.append(column)
    return Head(
        key=told("table")[0].strip() or sheet.name,
        columns=tuple(columns),
        first=first,
        hit_policy=hit_policy,
        title=Words({one: text for what, one in top if what == "title" and (text := told("title", one)[0])}),
        note=told("note")[0],
        open=bool(truth_of(is_open)),
        facts=tuple(new.values()),
    )


def _declared(column: Column, known: Mapping[str, Fact], sheet: Sheet, notes: Notes) -> Fact | None:
    """The fact that a new column brings with it, its type said above it; None if it brings none."""
    name = column.fact.strip()
    is_new = (
        column.kind in {"condition", "outcome"} and not column.key and column.type.strip() and not column.part
    )
    if not is_new or name in known or not re.fullmatch(r"[^\W\d]\w*", name):
        return None
    message = said(
        "`{name}` is no fact of the rulebook: it becomes a new one, of the type that "
        "stands above the column.",
        name=name,
    )
    close = near_miss(name, known)
    hint = said("Did you mean `{close}`? Then write that.", close=close) if close else ""
    notes.say("sheet/new-fact", sheet.address(column.row, column.at), message, hint)
    return Fact(name, column.type.strip(), allowed=column.values)


def _columns(
    sheet: Sheet,
    heads: Mapping[str, int],
    labels: Mapping[str, int],
    known: Mapping[str, Fact],
    notes: Notes,
) -> Iterable[Column]:
    """The columns of a sheet of ours."""
    filled = sorted({column for row, column in sheet.cells if column > 1 and row >= heads["kind"]})
    fact_row = heads.get("fact", heads["kind"])
    has_note = False
    for at in filled:
        kind, language = concept_of(sheet.text(heads["kind"], at), KINDS)
        if not kind:
            typed = sheet.text(heads["kind"], at).strip()
            message = (
                said("`{typed}` is no kind of column.", typed=typed)
                if typed
                else said("The column says no kind.")
            )
            close = near_miss(typed, ("condition", "outcome", "legal basis", "note"))
            hint = said("Write Condition, Outcome, Legal basis, Note, … in the row that says the kind.")
            if close and typed:
                hint = joined(" ", [said("Did you mean {close}?", close=close), hint])
            row = (
                heads["kind"]
                if typed
                else min(row for row, column in sheet.cells if column == at and row > heads["kind"])
            )
            notes.error("sheet/no-kind", sheet.address(row, at), message, hint)
            continue
        column = Column(at, kind, fact_row, language)

        def text(concept: str, at: int = at) -> str:
            return sheet.text(heads[concept], at) if concept in heads else ""

        label = Words({one: word for one, row in labels.items() if (word := sheet.text(row, at))})
        if kind == "note" and (label or text("fact").strip() or text("column") or has_note):
            key = text("column").removeprefix(NOTED)
            column = Column(at, OWN_NOTE, fact_row, fact=text("fact").strip(), key=key, label=label)
        has_note = has_note or column.kind == "note"
        if kind in {"condition", "outcome"}:
            values, type_ = text("allowed"), text("type")
            column = replace(
                column,
                fact=text("fact"),
                part=text("part"),
                key=text("column"),
                label=label,
                type="" if type_.startswith(INHERITED.strip()) else type_,
                values="" if values.startswith(INHERITED.strip()) else values,
                otherwise=heads.get("otherwise", 0),
            )
            if not column.fact and not column.key:
                column = replace(column, fact=_fact_called(label.by_language.values(), known))
            if not column.fact and not column.key:
                message = said("The column says no fact.")
                hint = said("Write what it is about in the row of facts.")
                notes.error("sheet/no-fact", sheet.address(fact_row, at), message, hint)
                continue
            if kind == "outcome" and not column.key and not column.part:
                column = _parted(column, known)
            if column.fact not in known and (bare := raw_of(sheet.at(fact_row, at))) in known:
                column = replace(column, fact=bare)
        yield column


def _parted(column: Column, known: Mapping[str, Fact]) -> Column:
    """An outcome that is written `fact.part`."""
    fact, _, part = column.fact.strip().partition(".")
    if part and column.fact.strip() not in known and (fact in known or is_name(part)):
        return replace(column, fact=fact, part=part)
    return column


# A sheet of somebody else ---------------------------------------------------------------------------------


def plain_head_of(
    sheet: Sheet,
    key: Callable[[Sequence[str]], str],
    known: Mapping[str, Fact],
    concluded: Iterable[str],
    noted: Container[str],
    notes: Notes,
) -> Head | None:
    """The head of a plain table, a heading above each column; None if it is none, and `notes` say why.

    An outcome is told by its heading (`then fee`, `→ fee`, `=> fee`), by a row above that says so, or by being a fact
    that the rulebook concludes.

    Args:
        sheet: the sheet.
        key: gives the table's key, from the facts that it concludes.
        known: the facts by key.
        concluded: the facts that the rulebook's own tables and formulas conclude.
        noted: what columns of notes are called in the rulebook's own tables, folded.
        notes: gathers what was forgiven or is wrong.
    """
    rows = sheet.rows()
    wide = [row for row, cells in rows.items() if len({cell.text.strip() for cell in cells.values()}) > 1]
    if len(wide) < _LEAST_ROWS:
        return None
    head, kinds = wide[0], {}
    told = {at: concept_of(cell.text, KINDS) for at, cell in rows[head].items()}
    if {kind for kind, _ in told.values()} >= {"condition", "outcome"} and len(wide) > _LEAST_ROWS:
        kinds, head = told, wide[1]
    title = next((next(iter(rows[row].values())).text for row in rows if row < wide[0]), "")
    columns: list[Column] = []
    new = []
    for at in sorted({*rows[head], *kinds}):
        cells = [sheet.at(row, at) for row in rows if row > head]
        heading, kind = raw_of(sheet.at(head, at)), kinds.get(at, ("", ""))
        if _is_own_note(heading, kind[0], known, noted):
            kind = (OWN_NOTE, "")
        column, fact = _plain_column(sheet, head, at, kind, known, set(concluded), cells, notes)
        if column is not None:
            columns.append(replace(column, fact=heading) if column.kind in {"note", OWN_NOTE} else column)
        if fact is not None:
            new.append(fact)
    columns = _with_own_notes(sheet, head, columns)
    _strays(sheet, head, {*rows[head], *kinds}, columns, notes)
    outcomes = [column.fact for column in columns if column.kind == "outcome"]
    if not outcomes:
        hint = said(
            "Write `then` before the heading of each outcome, such as `then fee`; or a row above that says "
            "Condition and Outcome; or name the outcomes as the rulebook calls its conclusions."
        )
        message = said("It cannot be told which columns of the table are its outcomes.")
        notes.error("sheet/no-outcome", sheet.address(head), message, hint)
        return None
    words = Words({"": title.strip()}) if title.strip() else None
    return Head(key(outcomes), tuple(columns), head + 1, title=words, facts=tuple(new), ours=False)


def _is_own_note(heading: str, kind: str, known: Mapping[str, Fact], noted: Container[str]) -> bool:
    """Whether a heading names a column of notes beside the note that each rule has."""
    if kind == "note":
        return bool(heading) and not concept_of(heading, ("note",))[0]
    return not kind and folded(heading) in noted and not _fact_called([heading], known)


def _with_own_notes(sheet: Sheet, head: int, columns: list[Column]) -> list[Column]:
    """The columns, of which one holds the note that each rule has; others that say something are of the table's own."""
    found = [column for column in columns if column.kind == "note"]
    named = (column for column in found if folded(column.fact) in map(folded, WORDS["note"]))
    first = next(named, found[0] if found else None)
    filled = {at for (row, at), cell in sheet.cells.items() if row > head and cell.text.strip()}
    rest = [
        replace(one, kind=OWN_NOTE) if one.kind == "note" and one.at in filled else one
        for one in columns
        if one is not first
    ]
    return rest if first is None else [first, *rest]


def _strays(sheet: Sheet, head: int, headed: set[int], columns: Sequence[Column], notes: Notes) -> None:
    """Tells what stands beside the headed columns: in a row of a rule it may well belong to the rule."""
    for row, cells in sheet.rows().items():
        is_rule = any(cells[column.at].text.strip() for column in columns if column.at in cells)
        for at, cell in cells.items():
            if row <= head or at in headed or not cell.text.strip():
                continue
            message = said("No heading stands above this cell: it would be lost.")
            hint = said(
                "Write above it what it is about, or delete it. A comma parts values, unless they are quoted."
            )
            if is_rule:
                notes.error("sheet/no-fact", sheet.address(row, at), message, hint)
            else:
                notes.say(
                    "sheet/heading",
                    sheet.address(row, at),
                    said("No heading stands above this cell: it is passed over."),
                )


def _plain_column(
    sheet: Sheet,
    row: int,
    at: int,
    told: tuple[str, str],
    known: Mapping[str, Fact],
    concluded: set[str],
    cells: list[Cell],
    notes: Notes,
) -> tuple[Column | None, Fact | None]:
    """A column of a plain table, and the fact that it is about if nobody knew that."""
    heading = raw_of(sheet.at(row, at))
    address = sheet.address(row, at)
    kind, language = told
    marked = _MARKED.fullmatch(heading)
    if marked:
        kind, heading = "outcome", marked[1].strip()
    elif asked := _ASKED.fullmatch(heading):
        kind, heading = "condition", asked[1].strip()
    if kind not in {"", "condition", "outcome"}:
        return Column(at, kind, row, language), None
    if not heading:
        if any(cell.text.strip() for cell in cells):
            first = min(number for number, column in sheet.cells if column == at and number > row)
            notes.error(
                "sheet/no-fact",
                sheet.address(first, at),
                said("No heading stands above this column."),
                said("Write what it is about above it."),
            )
        return None, None
    fact = _fact_called([heading], known)
    if not fact and not kind:
        margin, language = concept_of(heading, [one for one in KINDS if one not in {"condition", "outcome"}])
        if margin:
            return Column(at, margin, row, language), None
    base, part = heading, ""
    if not fact and "." in heading:
        base, _, part = heading.partition(".")
        fact = base if base in known else ""
    if fact:
        kind = kind or ("outcome" if fact in concluded else "condition")
        return Column(at, kind, row, fact=fact, part=part if kind == "outcome" else ""), None
    if re.search(r"[()+*/<>=\[\]]", heading):
        # Reckoned from facts: the compiler will say whether it can be.
        return Column(at, kind or "condition", row, fact=heading), None
    if is_name(base) and part and kind == "outcome":
        return Column(at, kind, row, fact=base, part=part), Fact(base, "context")
    new = heading if re.fullmatch(r"[^\W\d]\w*", heading) else "_".join(re.findall(r"\w+", folded(heading)))
    new = f"_{new}" if new[:1].isdigit() else new
    if not new:
        notes.error("sheet/no-fact", address, said("`{heading}` names no fact.", heading=heading))
        return None, None
    close = near_miss(heading, known)
    hint = (
        said("Did you mean `{close}`? Then write that, and no new fact is made.", close=close)
        if close
        else ""
    )
    message = said(
        "`{heading}` is no fact of the rulebook: it becomes the new fact `{new}`.", heading=heading, new=new
    )
    notes.say("sheet/new-fact", address, message, hint)
    label = Words({"": heading}) if new != heading else Words()
    return Column(at, kind or "condition", row, fact=new), Fact(new, guessed_type(cells), label=label)


def _fact_called(names: Iterable[str], known: Mapping[str, Fact]) -> str:
    """The fact that people call so, by its key or by its label in any language; empty if there is none."""
    for name in names:
        if name in known:
            return name
        word = folded(name)
        for key, fact in known.items():
            labels = (key, *fact.label.by_language.values(), *fact.question.by_language.values())
            if word and any(word == folded(label) for label in labels):
                return key
    return ""


def _damaged(address: str, text: str, concept: str, notes: Notes) -> None:
    message = said("`{text}` is no label here.", text=text.strip()[:60])
    notes.error(
        "sheet/heading", address, message, said("Did you mean {close}?", close=word_of(concept, "en"))
    )


def _heading(address: str, text: str, notes: Notes) -> None:
    notes.say(
        "sheet/heading",
        address,
        said("`{text}` says nothing here, and is passed over.", text=text.strip()[:60]),
    )


_HEADS: Final = ("label", "fact", "part", "type", "allowed", "otherwise", "column")
_LEAST_ROWS: Final = 2
_MARKED: Final = re.compile(
    r"(?:=+>|\u2192|\u21d2|->|=|then\b|dan\b|alors\b)\s*:?\s*(.+)", re.IGNORECASE | re.DOTALL
)
_ASKED: Final = re.compile(r"(?:if|when|als|indien|si)\s*[: ]\s*(.+)", re.IGNORECASE | re.DOTALL)
