"""What is different between two versions of a rulebook, piece by piece and cell by cell; pieces are known by their ids.

Whatever may be authored is compared: two versions are without a change just if their documents are the same, but for
`origin`, the file that a rulebook was read from, which nobody authors.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from decision_tables.boxed_text import feel_text
from decision_tables.diagnostics import Where
from decision_tables.rulebook import canonical_json, document_of
from decision_tables.table import Boxed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from decision_tables.rulebook import Rulebook

__all__ = [
    "CELLS",
    "LISTS",
    "Change",
    "ChangeKind",
    "by_id",
    "changes_between",
    "fewest_moved",
    "named",
    "text_of_part",
]


class ChangeKind(StrEnum):
    """What became of a piece."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        kind: what became of it.
        what: the kind of piece: `table`, `rule`, `cell`, `column`, `fact`, `formula`, `case`, `query`, `type`,
            `function`, `service`, `acknowledgement`, or `property` for what a piece has besides.
        where: the piece, as diagnostics name places; of what was removed, the place that it had.
        before: its text before; empty if it is new. Of a renamed piece its old id.
        after: its text now; empty if it is gone.
    """

    kind: ChangeKind
    what: str
    where: Where
    before: str = ""
    after: str = ""

    def told(self) -> str:
        """The change in a sentence."""
        place = str(self.where) or "the rulebook"
        match self.kind:
            case ChangeKind.ADDED:
                return f"{place}: the {self.what} is new" + (f": {self.after}" if self.after else ".")
            case ChangeKind.REMOVED:
                return f"{place}: the {self.what} is gone" + (f": {self.before}" if self.before else ".")
            case ChangeKind.MOVED:
                return f"{place}: the {self.what} stands elsewhere now."
            case ChangeKind.RENAMED:
                return f"{place}: the {self.what} was called {self.before}."
        return f"{place}: {self.before or '(empty)'} → {self.after or '(empty)'}"


def changes_between(before: Rulebook, after: Rulebook) -> tuple[Change, ...]:
    """What is different, in the order of the version after; what is gone stands where it was.

    Of a table that came or went each rule is told too: it says something now, or no longer.
    """
    return tuple(_of_rulebooks(document_of(before), document_of(after)))


# The lists of a document: by name of the list, the kind of piece, and the field that is its id.
LISTS: Final = {
    "facts": ("fact", "key", "vocabulary"),
    "types": ("type", "key", "types"),
    "tables": ("table", "key", ""),
    "formulas": ("formula", "key", ""),
    "functions": ("function", "key", "functions"),
    "services": ("service", "key", "services"),
    "queries": ("query", "key", "queries"),
    "cases": ("case", "id", "cases"),
    "acknowledgements": ("acknowledgement", "finding", "acknowledgements"),
}
CELLS: Final = {"tests": "inputs", "outputs": "outputs", "notes": "notes"}


def _of_rulebooks(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    yield from _properties(before, after, Where(), besides=(*LISTS, "origin"))
    for name, (what, id_field, table) in LISTS.items():
        was = before.get(name, [])
        if what in {"table", "formula"}:
            rekeyed = _rekeyed(was, after.get(name, []))
            for old_key, new_key in rekeyed.items():
                yield Change(ChangeKind.RENAMED, what, Where(new_key), old_key, new_key)
            was = [{**piece, "key": rekeyed.get(piece["key"], piece["key"])} for piece in was]
        for kind, key, old, new in _paired(was, after.get(name, []), id_field):
            where = Where(table, key) if table else Where(key)
            if kind is ChangeKind.CHANGED:
                if what == "table":
                    yield from _of_tables(old, new, where)
                else:
                    yield from _properties(old, new, where, besides=(id_field,))
            else:
                yield Change(kind, what, where, named(old), named(new))
                if what == "table" and kind is not ChangeKind.MOVED:
                    yield from _of_rules(old, new, key)


def _rekeyed(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """By the old key, the new key of tables and formulas that are called otherwise now, and are the same for the rest.

    So is a table of which half the rows, at least, are as they were; what else became of it is told beside that.
    """
    olds, news = ([piece["key"] for piece in pieces] for pieces in (before, after))
    gone = [_said(piece) for piece in before if piece["key"] not in news and olds.count(piece["key"]) == 1]
    come = [_said(piece) for piece in after if piece["key"] not in olds and news.count(piece["key"]) == 1]
    found: dict[str, str] = {}
    for old in gone:
        likeness, best = max(
            ((old.likeness(new), new) for new in come), key=itemgetter(0), default=(0.0, old)
        )
        if likeness >= _ALIKE:
            found[old.key] = best.key
            come.remove(best)
    return found


@dataclass(frozen=True, slots=True)
class _Said:
    """What a table or formula says, whatever it is called: the whole, the facts that it concludes, its rows."""

    key: str
    whole: bytes
    concludes: tuple[str, ...]
    rows: frozenset[bytes]

    def likeness(self, other: _Said) -> float:
        """How much is the same, from 0 to 1."""
        if self.whole == other.whole:
            return 1.0
        most = max(len(self.rows), len(other.rows))
        return len(self.rows & other.rows) / most if most and self.concludes == other.concludes else 0.0


def _said(piece: Mapping[str, Any]) -> _Said:
    return _Said(
        piece["key"],
        canonical_json({**piece, "key": ""}),
        tuple(column.get("fact", "") for column in piece.get("outputs", [])),
        frozenset(canonical_json(_row(piece, rule)) for rule in piece.get("rules", [])),
    )


_ALIKE: Final = 0.5


def _of_tables(before: Mapping[str, Any], after: Mapping[str, Any], where: Where) -> Iterator[Change]:
    yield from _properties(before, after, where, besides=("key", "rules", *CELLS.values()))
    for side in CELLS.values():
        for kind, key, old, new in _paired(before.get(side, []), after.get(side, []), "key"):
            place = Where(where.table, "", key)
            if kind is ChangeKind.CHANGED:
                yield from _properties(old, new, place, besides=("key",))
            else:
                yield Change(kind, "column", place, named(old), named(new))
    yield from _of_rules(before, after, where.table)


def _of_rules(before: Mapping[str, Any], after: Mapping[str, Any], table: str) -> Iterator[Change]:
    old_rows = [_row(before, rule) for rule in before.get("rules", [])]
    new_rows = [_row(after, rule) for rule in after.get("rules", [])]
    pairs = list(_paired(old_rows, new_rows, "id"))
    renamed = _renamed(pairs)
    for kind, key, old, new in pairs:
        where = Where(table, key)
        if kind is ChangeKind.CHANGED:
            for column in dict.fromkeys((*old, *new)):
                if column != "id" and old.get(column) != new.get(column):
                    what = "cell" if column.startswith(_CELL) else "property"
                    place = Where(table, key, column.removeprefix(_CELL))
                    texts = text_of_part(old.get(column)), text_of_part(new.get(column))
                    yield Change(ChangeKind.CHANGED, what, place, *texts)
        elif kind is ChangeKind.ADDED and key in renamed:
            yield Change(ChangeKind.RENAMED, "rule", where, renamed[key], key)
        elif kind is ChangeKind.REMOVED and key in renamed.values():
            continue
        else:
            yield Change(kind, "rule", where, _told_row(old), _told_row(new))


def _row(table: Mapping[str, Any], rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule with its cells under the keys of their columns, so that columns may move; without empty notes."""
    row = {name: value for name, value in rule.items() if name not in CELLS}
    silent = []
    for cells, side in CELLS.items():
        columns = [column["key"] for column in table.get(side, [])]
        for place, text in enumerate(rule.get(cells, [])):
            column = columns[place] if place < len(columns) else f"{cells}[{place}]"
            while _CELL + column in row:  # in a broken draft two columns may have one key
                column += "'"
            row[_CELL + column] = text
            if cells == "notes" and not text:
                silent.append(_CELL + column)
    return {name: value for name, value in row.items() if name not in silent}


def _renamed(
    pairs: Sequence[tuple[ChangeKind, str, Mapping[str, Any], Mapping[str, Any]]],
) -> dict[str, str]:
    """By the new id, the old id of rules that say just the same."""
    gone: dict[bytes, list[str]] = {}
    for kind, key, old, _ in pairs:
        if kind is ChangeKind.REMOVED:
            gone.setdefault(_content(old), []).append(key)
    renamed = {}
    for kind, key, _, new in pairs:
        if kind is ChangeKind.ADDED and gone.get(_content(new)):
            renamed[key] = gone[_content(new)].pop(0)
    return renamed


def _content(row: Mapping[str, Any]) -> bytes:
    return canonical_json({name: value for name, value in row.items() if name != "id"})


def _paired(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], id_field: str
) -> Iterator[tuple[ChangeKind, str, Mapping[str, Any], Mapping[str, Any]]]:
    """Pieces with what became of them: those of the version after in its order, what is gone after its neighbour."""
    old, new = by_id(before, id_field), by_id(after, id_field)
    moved = fewest_moved([key for key in old if key in new], [key for key in new if key in old])
    gone: dict[tuple[str, int] | None, list[tuple[str, int]]] = {}
    last = None
    for key in old:
        if key in new:
            last = key
        else:
            gone.setdefault(last, []).append(key)

    def told(
        keys: Sequence[tuple[str, int]],
    ) -> Iterator[tuple[ChangeKind, str, Mapping[str, Any], Mapping[str, Any]]]:
        for key in keys:
            yield ChangeKind.REMOVED, key[0], old[key], {}

    yield from told(gone.get(None, ()))
    for key, piece in new.items():
        if key not in old:
            yield ChangeKind.ADDED, key[0], {}, piece
            continue
        if key in moved:
            yield ChangeKind.MOVED, key[0], {}, {}
        if old[key] != piece:
            yield ChangeKind.CHANGED, key[0], old[key], piece
        yield from told(gone.get(key, ()))


def by_id(pieces: Sequence[Mapping[str, Any]], id_field: str) -> dict[tuple[str, int], Mapping[str, Any]]:
    """Pieces by id; in a broken draft several may have one, which their number then tells apart."""
    found: dict[tuple[str, int], Mapping[str, Any]] = {}
    seen: dict[str, int] = {}
    for piece in pieces:
        key = str(piece.get(id_field, ""))
        seen[key] = seen.get(key, 0) + 1
        found[key, seen[key]] = piece
    return found


def fewest_moved(before: Sequence[Any], after: Sequence[Any]) -> set[Any]:
    """The fewest that must have moved: all but a longest run that is in the same order in both."""
    place = {key: number for number, key in enumerate(before)}
    tails: list[int] = []  # the least end of an ascending run of each length
    ends: list[Any] = []
    previous: dict[Any, Any] = {}
    for key in after:
        number = place[key]
        size = bisect_left(tails, number)
        previous[key] = ends[size - 1] if size else None
        tails[size : size + 1] = [number]
        ends[size : size + 1] = [key]
    kept = set()
    key = ends[-1] if ends else None
    while key is not None:
        kept.add(key)
        key = previous[key]
    return set(after) - kept


def _properties(
    before: Mapping[str, Any], after: Mapping[str, Any], where: Where, *, besides: Any = ()
) -> Iterator[Change]:
    """What a piece has besides its parts, one by one."""
    for name in dict.fromkeys((*before, *after)):
        if name not in besides and before.get(name) != after.get(name):
            place = Where(where.table, where.rule, where.column or name)
            if where.column:
                place = Where(where.table, where.rule, f"{where.column}.{name}")
            texts = text_of_part(before.get(name)), text_of_part(after.get(name))
            yield Change(ChangeKind.CHANGED, "property", place, *texts)


def text_of_part(value: Any) -> str:
    """A piece of a document as people read it: texts, lists of them, words by language, periods, FEEL; else as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and "kind" in value and (feel := _feel(value)) is not None:
        return feel
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    if isinstance(value, dict) and value and value.keys() <= {"start", "end"}:
        return f"{value.get('start') or '…'} \N{EN DASH} {value.get('end') or '…'}"
    words = value.get("by_language") if isinstance(value, dict) and len(value) == 1 else None
    if isinstance(words, dict):
        return " / ".join(f"{language}: {said}" for language, said in words.items())
    return msgspec.json.encode(value).decode()


def _feel(value: Mapping[str, Any]) -> str | None:
    """A boxed expression as one text of FEEL, where FEEL has one."""
    try:
        return feel_text(msgspec.convert(value, Boxed))
    except msgspec.ValidationError:
        return None


def named(piece: Mapping[str, Any]) -> str:
    """What tells people which piece it is, beside its id."""
    for name in ("name", "expression", "fact", "title"):
        if name in piece:
            return text_of_part(piece[name])
    return ""


def _told_row(row: Mapping[str, Any]) -> str:
    return " | ".join(text_of_part(value) or "-" for name, value in row.items() if name.startswith(_CELL))


_CELL: Final = "\0"
"""What marks the cells of a row among its other properties, so that a column may be called `note`."""
