"""What it takes to take a change back, whatever was changed and whatever has changed since.

A patch holds of two versions of a rulebook's document what is different, by the ids of pieces and with the texts of
both. It is taken back on top of any later version: what still says what the change left is put back as it was; where
somebody has written something else since, nothing is overwritten, and the place is told.
"""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from decision_tables.compare import CELLS, LISTS, Change, ChangeKind, by_id, fewest_moved, named, text_of_part
from decision_tables.diagnostics import Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Patch", "patch_between", "taken_back"]


class Edit(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a document that became another; UNSET stands for no part.

    Attributes:
        at: the way to it: names of properties and ids of pieces; a cell's is its column's key.
        was: the part before, as in the document; of a rule, its cells by the keys of their columns.
        now: the part that took its place.
    """

    at: tuple[str, ...]
    was: Any = msgspec.UNSET
    now: Any = msgspec.UNSET


class Stood(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a piece stood that is gone or has moved.

    Attributes:
        at: the way to the piece.
        after: the id of the one before it; None at the top.
    """

    at: tuple[str, ...]
    after: str | None = None


class Patch(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is different between two versions."""

    edits: tuple[Edit, ...] = ()
    stood: tuple[Stood, ...] = ()

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Patch:
        """The patch that JSON data holds."""
        return msgspec.convert(document, cls)

    @property
    def document(self) -> dict[str, Any]:
        """The patch as JSON data; numbers keep their digits."""
        document: dict[str, Any] = msgspec.to_builtins(self, builtin_types=(Decimal,))
        return document

    @property
    def changes(self) -> tuple[Change, ...]:
        """The differences in the words of `compare`."""
        told = [_change(edit) for edit in self.edits]
        gone = {edit.at for edit in self.edits if edit.now is msgspec.UNSET}
        moved = [
            Change(ChangeKind.MOVED, _what(one.at), _where(one.at))
            for one in self.stood
            if one.at not in gone
        ]
        return (*told, *moved)


def patch_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Patch:
    """What is different between two documents of one rulebook."""
    edits: list[Edit] = []
    stood: list[Stood] = []
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name, msgspec.UNSET), after.get(name, msgspec.UNSET)
        if was == now:
            continue
        if name != "tables":
            _differences(_unfolded(name, was), _unfolded(name, now), (name,), edits, stood)
            continue
        old, new = (_pieces(one.get(name, []), "key") for one in (before, after))
        _differences(
            _Pieces({key: _table(one, new.get(key)) for key, one in old.items()}),
            _Pieces({key: _table(one, old.get(key)) for key, one in new.items()}),
            (name,),
            edits,
            stood,
        )
    return Patch(tuple(edits), tuple(stood))


def taken_back(
    document: Mapping[str, Any], patch: Patch, *, rest: bool = False
) -> tuple[dict[str, Any], tuple[Change, ...]]:
    """A document with a change taken back, and where that would overwrite what came later: what stands, what would.

    Args:
        document: as it is now.
        patch: the change.
        rest: whether to take back all that was not overtaken, where something was; else nothing is.
    """
    tree = {name: _unfolded(name, part) for name, part in deepcopy(dict(document)).items()}
    overtaken: list[Change] = []
    due = [edit for edit in patch.edits if _is_due(tree, edit, overtaken)]
    due, lost = _without_losses(tree, due)
    overtaken += lost
    if overtaken and not rest:
        return dict(document), tuple(overtaken)
    for edit in due:
        parent = _part(tree, edit.at[:-1], make=edit.was is not msgspec.UNSET)
        if edit.was is msgspec.UNSET:
            parent.pop(edit.at[-1], None)
        else:
            parent[edit.at[-1]] = _in_tree(edit.at, edit.was)
    for edit in due:
        if edit.was is not msgspec.UNSET and _is_column(edit.at):
            _fill(tree["tables"][edit.at[1]], edit.at[2], edit.at[3])
    _put_back(tree, patch.stood)
    return {name: _folded(name, part) for name, part in tree.items()}, tuple(overtaken)


# Documents as trees ----------------------------------------------------------------------------------------
#
# Lists of pieces become mappings by id, in their order; the cells of a rule, by the keys of their columns.


class _Pieces(dict[str, Any]):
    """Pieces by id, whose order matters."""


class _Piece(dict[str, Any]):
    """A table, unfolded."""


_SIDES: Final = tuple(dict.fromkeys(CELLS.values()))
_BLANK: Final = {"inputs": "-"}
_BEYOND: Final = "\1"
"""What marks the cells of a broken draft that stand under no column."""


def _pieces(pieces: Iterable[Mapping[str, Any]], id_field: str) -> _Pieces:
    found = by_id(list(pieces), id_field)
    return _Pieces({_name(*key): piece for key, piece in found.items()})


def _name(key: str, number: int) -> str:
    """An id by which a piece is known; in a broken draft several may have one, which their number then tells apart."""
    return key if number == 1 else f"{key}\0{number}"


def _unfolded(name: str, part: Any) -> Any:
    if name not in LISTS:
        return part
    pieces = _pieces(part or (), LISTS[name][1])
    return _Pieces({key: _table(one) for key, one in pieces.items()}) if name == "tables" else pieces


def _folded(name: str, part: Any) -> Any:
    if name not in LISTS:
        return part
    return [_table_document(one) if name == "tables" else one for one in part.values()]


def _table(table: Mapping[str, Any], other: Mapping[str, Any] | None = None) -> _Piece:
    """A table unfolded; what has no difference from another version of it is left empty, as most of it mostly has."""
    if table == other:
        return _Piece()
    unfolded = _Piece(table)
    for side in _SIDES:
        unfolded[side] = _pieces(table.get(side, ()), "key")
    columns = {cells: list(unfolded[side]) for cells, side in CELLS.items()}
    rules = _pieces(table.get("rules", ()), "id")
    others: Mapping[str, Any] = {}
    if other is not None and all(table.get(side) == other.get(side) for side in _SIDES):
        others = _pieces(other.get("rules", ()), "id")
    unfolded["rules"] = _Pieces(
        {key: {} if rule == others.get(key) else _rule(rule, columns) for key, rule in rules.items()}
    )
    return unfolded


def _rule(rule: Mapping[str, Any], columns: Mapping[str, list[str]]) -> dict[str, Any]:
    row = dict(rule)
    for cells, keys in columns.items():
        row[cells] = {
            keys[place] if place < len(keys) else f"{_BEYOND}{place}": text
            for place, text in enumerate(rule.get(cells, ()))
            if text or cells != "notes"  # a note that is empty is none
        }
    return row


def _table_document(table: Mapping[str, Any]) -> dict[str, Any]:
    document = dict(table)
    for side in _SIDES:
        document[side] = list(table[side].values())
    columns = {cells: list(table[side]) for cells, side in CELLS.items()}
    document["rules"] = [_rule_document(rule, columns) for rule in table["rules"].values()]
    return document


def _rule_document(rule: Mapping[str, Any], columns: Mapping[str, list[str]]) -> dict[str, Any]:
    document = dict(rule)
    for cells, keys in columns.items():
        texts = rule.get(cells, {})
        places = {place: texts[key] for place, key in enumerate(keys) if key in texts}
        beyond = (key for key in texts if key.startswith(_BEYOND) and key not in keys)
        places |= {int(key.removeprefix(_BEYOND)): texts[key] for key in beyond}
        blank = _BLANK.get(CELLS[cells], "")
        document[cells] = [places.get(place, blank) for place in range(max(places, default=-1) + 1)]
    return document


# Differences -----------------------------------------------------------------------------------------------


def _differences(before: Any, after: Any, at: tuple[str, ...], edits: list[Edit], stood: list[Stood]) -> None:
    if isinstance(before, _Pieces) and isinstance(after, _Pieces):
        _moves(before, after, at, stood)
    elif not _is_branch(before) or not _is_branch(after):
        if before != after:
            edits.append(Edit(at, before, after))
        return
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key, msgspec.UNSET), after.get(key, msgspec.UNSET)
        if old is msgspec.UNSET or new is msgspec.UNSET:
            edits.append(Edit((*at, key), _in_document(old), _in_document(new)))
        else:
            _differences(old, new, (*at, key), edits, stood)


def _is_branch(part: Any) -> bool:
    """Whether a part is compared by its entries: a boxed expression is one whole."""
    return isinstance(part, dict) and "kind" not in part


def _in_document(part: Any) -> Any:
    return _table_document(part) if isinstance(part, _Piece) else part


def _in_tree(at: tuple[str, ...], part: Any) -> Any:
    return _table(part) if len(at) == 2 and at[0] == "tables" else part


def _moves(before: _Pieces, after: _Pieces, at: tuple[str, ...], stood: list[Stood]) -> None:
    """Where those stood that are gone or moved, from top to bottom: so they can be put back one by one."""
    moved = fewest_moved([key for key in before if key in after], [key for key in after if key in before])
    last = None
    for key in before:
        if key in moved or key not in after:
            stood.append(Stood((*at, key), last))
        last = key


# Back ------------------------------------------------------------------------------------------------------


def _is_due(tree: dict[str, Any], edit: Edit, overtaken: list[Change]) -> bool:
    """Whether something is to be put back; what was written since is told."""
    now = _in_document(_part(tree, edit.at))
    if now == edit.was:
        return False
    holders = (edit.at[:end] for end in range(2, len(edit.at)) if _what(edit.at[:end]) != "property")
    if now == edit.now and all(_part(tree, holder) is not msgspec.UNSET for holder in holders):
        return True
    overtaken.append(
        Change(
            ChangeKind.CHANGED,
            _what(edit.at),
            _where(edit.at),
            _shown(edit.at, now),
            _shown(edit.at, edit.was),
        )
    )
    return False


def _without_losses(tree: dict[str, Any], due: list[Edit]) -> tuple[list[Edit], list[Change]]:
    """Without the columns that would go with cells that were filled since; and those cells."""
    known = {edit.at for edit in due}
    lost: list[Change] = []
    kept = []
    for edit in due:
        found = []
        if edit.was is msgspec.UNSET and _is_column(edit.at):
            _, table, side, column = edit.at
            cells = next(name for name, one in CELLS.items() if one == side)
            for key, rule in tree["tables"][table]["rules"].items():
                text = rule.get(cells, {}).get(column, "")
                place = ("tables", table, "rules", key)
                if text not in {"", "-"} and known.isdisjoint((place, (*place, cells, column))):
                    found.append(Change(ChangeKind.CHANGED, "cell", Where(table, key, column), text))
        lost += found
        if not found:
            kept.append(edit)
    return kept, lost


def _part(tree: Any, at: Iterable[str], *, make: bool = False) -> Any:
    """The part at a place; UNSET where there is none, or an empty mapping put there."""
    for name in at:
        if not isinstance(tree, dict):
            return msgspec.UNSET
        if name not in tree:
            if not make:
                return msgspec.UNSET
            tree[name] = _Pieces()
        tree = tree[name]
    return tree


def _is_column(at: tuple[str, ...]) -> bool:
    return len(at) == 4 and at[0] == "tables" and at[2] in _SIDES


def _fill(table: dict[str, Any], side: str, column: str) -> None:
    """Gives a column that is back to the rows that came since."""
    cells = next(name for name, one in CELLS.items() if one == side)
    others = [key for key in table[side] if key != column]
    for rule in table["rules"].values():
        texts = rule.setdefault(cells, {})
        if column not in texts and all(key in texts for key in others):
            texts[column] = _BLANK.get(side, "")


def _put_back(tree: dict[str, Any], stood: tuple[Stood, ...]) -> None:
    """Pieces to where they stood: those that came back, and those that had moved."""
    by_list: dict[tuple[str, ...], dict[str, str | None]] = {}
    for one in stood:
        by_list.setdefault(one.at[:-1], {})[one.at[-1]] = one.after
    for at, pieces in by_list.items():
        found = _part(tree, at)
        if not isinstance(found, _Pieces):
            continue
        placed = {key: after for key, after in pieces.items() if key in found}
        order = [key for key in found if key not in placed]
        for key, after in placed.items():
            place = 0 if after is None else order.index(after) + 1 if after in order else len(order)
            order.insert(place, key)
        content = dict(found)
        found.clear()
        found.update({key: content[key] for key in order})


# Telling ---------------------------------------------------------------------------------------------------


def _change(edit: Edit) -> Change:
    was, now = _shown(edit.at, edit.was), _shown(edit.at, edit.now)
    kind = ChangeKind.CHANGED
    what = _what(edit.at)
    if what not in {"cell", "property"}:
        is_new = edit.was is msgspec.UNSET
        kind = ChangeKind.ADDED if is_new else ChangeKind.REMOVED if edit.now is msgspec.UNSET else kind
    return Change(kind, what, _where(edit.at), was, now)


def _what(at: tuple[str, ...]) -> str:
    match at:
        case ("tables", _, "rules", _, cells, _) if cells in CELLS:
            return "cell"
        case ("tables", _, "rules", _):
            return "rule"
        case ("tables", _, side, _) if side in _SIDES:
            return "column"
        case (name, _) if name in LISTS:
            return LISTS[name][0]
    return "property"


def _where(at: tuple[str, ...]) -> Where:
    match at:
        case ("tables", table, "rules", rule, cells, column, *_) if cells in CELLS:
            return Where(table, rule, column)
        case ("tables", table, "rules", rule, ("valid" | "known") as period, end):
            return Where(table, rule, f"{period}.{end}")
        case ("tables", table, "rules", rule, *rest):
            return Where(table, rule, ".".join(rest[:1]))
        case ("tables", table, side, column, *rest) if side in _SIDES:
            return Where(table, "", ".".join((column, *rest[:1])))
        case (name, key, *rest) if name in LISTS:
            place = LISTS[name][2]
            return Where(place, key, ".".join(rest[:1])) if place else Where(key, "", ".".join(rest[:1]))
    return Where("", "", at[0])


def _shown(at: tuple[str, ...], part: Any) -> str:
    """A part as people read it: a rule by its cells, another piece by what tells which it is."""
    if part is msgspec.UNSET:
        return ""
    match _what(at):
        case "cell" | "property":
            return text_of_part(part)
        case "rule":
            return " | ".join(text or "-" for cells in CELLS for text in part.get(cells, {}).values())
    return named(part)
