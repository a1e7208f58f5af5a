"""Workbooks of Excel and its kin, read: cells with content and no more, within bounds, no entity, no macro.

The markup is gone through as a stream: a workbook may say that it has a million rows, and mostly they are empty.
What its numbers mean, dates and times, is asked of openpyxl.
"""

from __future__ import annotations

import datetime as dt
import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from decision_tables.diagnostics import Diagnostic, Where
from decision_tables.errors import InvalidRulebook
from decision_tables.formats.sheets.grid import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Place,
    Sheet,
    filled,
    letters_of,
)
from decision_tables.said import Said, said, said_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from decision_tables.formats.sheets.grid import Content

__all__ = ["is_workbook", "sheets_of"]

_Element = etree._Element  # noqa: SLF001 - lxml names its own class so

MAX_UNPACKED: Final = 128 * 1024 * 1024
MAX_ELEMENTS: Final = 1_200_000
MAX_STRINGS: Final = 64 * 1024 * 1024


def is_workbook(data: bytes) -> bool:
    """Whether a zip is a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _TYPES in archive.namelist() and any(
                name.startswith("xl/") or name.endswith("workbook.xml") for name in archive.namelist()
            )
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def sheets_of(name: str, data: bytes) -> tuple[Sheet, ...]:
    """The sheets of a workbook, in its order; pictures, charts and macros are passed over.

    Args:
        name: what the file is called, for what is wrong with it.
        data: the file.

    Raises:
        InvalidRulebook: it is broken, too large, or declares entities.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return tuple(_Workbook(name, archive).sheets())
    except (
        zipfile.BadZipFile,
        zlib.error,
        etree.XMLSyntaxError,
        EOFError,
        KeyError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
        OverflowError,
    ) as error:
        told = said_of(error)
        if not isinstance(told, Said):
            told = " ".join(told.split())[:200] or type(error).__name__
        hint = said("Open it in Excel or LibreOffice, and save it anew as .xlsx.")
        raise _refused(
            "sheet/workbook", name, said("The workbook cannot be read: {told}.", told=told), hint
        ) from error


@dataclass(frozen=True, slots=True)
class _Look:
    """How a cell's number is shown: as a date or time, as a span of time, as a percentage."""

    date: bool = False
    span: bool = False
    percent: bool = False


class _Workbook:
    """One workbook being read."""

    def __init__(self, name: str, archive: zipfile.ZipFile) -> None:
        self._name = name
        self._archive = archive
        self._left = MAX_CELLS
        # What an entry says of its size is not believed: what is unpacked is counted.
        self._bytes_left = MAX_UNPACKED
        self._elements_left = MAX_ELEMENTS
        book = self._related("")[_OFFICE_DOCUMENT][0]
        self._parts = self._related(book)
        self._book = book
        self._strings = list(self._shared_strings())
        self._looks = list(self._styles())
        self._epoch = CALENDAR_WINDOWS_1900

    def sheets(self) -> Iterator[Sheet]:
        targets = self._targets(self._book)
        listed = []
        for element in self._elements(self._book, "workbookPr", "sheet"):
            if _tag(element) == "workbookPr":
                if element.get("date1904") in {"1", "true"}:
                    self._epoch = CALENDAR_MAC_1904
            else:
                relation = next((text for key, text in element.items() if key.endswith("}id")), "")
                listed.append((element.get("name") or "Sheet", relation))
        for title, relation in listed[:_MAX_SHEETS]:
            kind, path = targets.get(relation, ("", ""))
            if kind == _WORKSHEET:
                yield self._sheet(title, path)

    # The parts of the package -----------------------------------------------------------------------

    def _related(self, part: str) -> dict[str, list[str]]:
        """By the last word of their kind, the parts that a part of the package refers to."""
        found: dict[str, list[str]] = {}
        for kind, target in self._targets(part).values():
            found.setdefault(kind, []).append(target)
        return found

    def _targets(self, part: str) -> dict[str, tuple[str, str]]:
        folder, _, file = part.rpartition("/")
        path = posixpath.join(folder, "_rels", f"{file}.rels")
        if path not in self._archive.namelist():
            return {}
        return {
            one.get("Id") or "": (
                (one.get("Type") or "").rsplit("/", 1)[-1],
                posixpath.normpath(posixpath.join("/", folder, one.get("Target") or "")).lstrip("/"),
            )
            for one in self._elements(path, "Relationship")
            if one.get("TargetMode") != "External"
        }

    def _elements(self, path: str, *names: str) -> Iterator[_Element]:
        """The elements of these names in a part, each with all that it holds, and forgotten after that."""
        return (element for event, element in self._events(path, frozenset(names)) if event == "end")

    def _events(
        self, path: str, whole: frozenset[str], marks: frozenset[str] = frozenset()
    ) -> Iterator[tuple[str, _Element]]:
        """The ends of elements that are wanted whole, and the starts and ends of such as hold them."""
        self._count_elements(path)
        tags: dict[object, str] = {}
        with self._archive.open(path) as packed:
            # A text of over ten million signs, or a nesting of over 256 levels, libxml2 refuses by itself.
            events = etree.iterparse(
                packed,
                events=("start", "end"),
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
                remove_comments=True,
                remove_pis=True,
            )
            is_first, inside, held = True, 0, 0
            for event, element in events:
                tag = element.tag
                name = tags.get(tag)
                if name is None:
                    name = tags[tag] = _tag(element)
                if is_first and element.getroottree().docinfo.internalDTD is not None:
                    message = said("It declares a document type: entities are not taken.")
                    raise _refused("sheet/workbook", self._name, message)
                is_first = False
                if name in whole:
                    inside += 1 if event == "start" else -1
                held = held + 1 if inside else 0
                if held > _MAX_HELD:
                    raise _refused(
                        "file/too-large", self._name, said("One of its cells or texts has too many parts.")
                    )
                if name in marks or (name in whole and event == "end" and not inside):
                    yield event, element
                if event == "end" and not inside:
                    element.clear(keep_tail=False)
                    while element.getprevious() is not None and (parent := element.getparent()) is not None:
                        del parent[0]

    def _count_elements(self, path: str) -> None:
        """Counts the elements of a part before any of them is made: it is they that take the time."""
        with self._archive.open(path) as packed:
            last = b""
            while data := packed.read(1 << 16):
                self.take(len(data))
                signs = last + data
                # What ends an element begins with the same sign; a sign at the end waits for what follows it.
                last = signs[-1:] if signs.endswith(b"<") else b""
                whole = signs[:-1] if last else signs
                self._elements_left -= whole.count(b"<") - whole.count(b"</")
                if self._elements_left < 0:
                    raise _refused(
                        "file/too-large",
                        self._name,
                        said("It has over {elements} elements.", elements=MAX_ELEMENTS),
                    )

    def take(self, count: int) -> None:
        """Counts what is unpacked."""
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise _refused(
                "file/too-large",
                self._name,
                said("Unpacked it has over {unpacked} bytes.", unpacked=MAX_UNPACKED),
            )

    # What cells are made of -------------------------------------------------------------------------

    def _shared_strings(self) -> Iterator[str]:
        left = MAX_STRINGS
        for path in self._parts.get("sharedStrings", [])[:1]:
            for item in self._elements(path, "si"):
                text = _text_of(item)
                left -= len(text)
                if left < 0:
                    raise _refused(
                        "file/too-large",
                        self._name,
                        said("Its texts have over {strings} signs.", strings=MAX_STRINGS),
                    )
                yield text

    def _styles(self) -> Iterator[_Look]:
        """How each style shows numbers, by the place of the style."""
        for path in self._parts.get("styles", [])[:1]:
            formats: dict[str, str] = {}
            within = False
            for event, element in self._events(path, frozenset({"numFmt", "xf"}), frozenset({"cellXfs"})):
                if _tag(element) == "cellXfs":
                    within = event == "start"
                elif _tag(element) == "numFmt":
                    formats[element.get("numFmtId") or ""] = element.get("formatCode") or ""
                elif within:
                    number = element.get("numFmtId") or "0"
                    code = formats.get(number) or BUILTIN_FORMATS.get(int(number), "General")
                    span = bool(is_timedelta_format(code))
                    bare = re.sub(r'"[^"]*"|\\.', "", code)
                    yield _Look(is_date_format(code) or span, span, "%" in bare)

    # Sheets -----------------------------------------------------------------------------------------

    def _sheet(self, title: str, path: str) -> Sheet:
        cells: dict[Place, Cell] = {}
        hidden: set[int] = set()
        merges: list[tuple[int, int, int, int]] = []
        row, column, is_hidden = 0, 0, False
        for event, element in self._events(path, frozenset({"c", "mergeCell"}), frozenset({"row"})):
            match _tag(element):
                case "mergeCell":
                    merges.append(_area(element.get("ref") or ""))
                case "row" if event == "start":
                    row, column = _row_number(title, element.get("r"), row + 1), 0
                    is_hidden = element.get("hidden") in {"1", "true"}
                case "c":
                    reference = re.match(r"[A-Z]+", element.get("r") or "")
                    column = _column(reference[0]) if reference else column + 1
                    try:
                        cell = self._cell(element)
                    except (ValueError, ArithmeticError) as error:
                        place = f"{title}!{letters_of(column)}{row}"
                        message = said("The cell cannot be read: {error}.", error=error)
                        raise _refused(
                            "sheet/workbook", place, message, said("Write anew what it says.")
                        ) from error
                    if cell is not None:
                        self._count(title, row, column)
                        cells[row, column] = cell
                        if is_hidden:
                            hidden.add(row)
        cells.update(list(filled(cells, merges)))
        return Sheet(title, cells, frozenset(hidden))

    def _count(self, title: str, row: int, column: int) -> None:
        self._left -= 1
        if row > MAX_ROWS or column > MAX_COLUMNS:
            raise _refused(
                "sheet/too-large",
                f"{title}!{row}",
                said(
                    "There is something in row {row}, column {column}; {rows} rows and {columns} columns are read.",
                    row=str(row),
                    column=str(column),
                    rows=MAX_ROWS,
                    columns=MAX_COLUMNS,
                ),
            )
        if self._left < 0:
            raise _refused(
                "sheet/too-large",
                title,
                said("The workbook has over {cells} cells with content.", cells=MAX_CELLS),
            )

    def _cell(self, element: _Element) -> Cell | None:
        """A cell of a sheet; None if nothing stands in it."""
        kind = element.get("t") or "n"
        value, formula, inline = "", False, ""
        for one in element:
            match _tag(one):
                case "v":
                    value = "".join(one.itertext())
                case "f":
                    formula = True
                case "is":
                    inline = _text_of(one)
        match kind:
            case "s":
                text = _without_halves(self._shared(value))
                return Cell(text, formula) if text else None
            case "inlineStr" | "str":
                text = _without_halves(inline if kind == "inlineStr" else _unescaped(value))
                return Cell(text, formula) if text else None
            case "b":
                return Cell(value.strip() in {"1", "true"}, formula) if value else None
            case "e":
                return Cell(None, formula, error=value.strip() or "#ERROR")
            case "d":
                return Cell(_moment(value), formula) if value else None
        if not value.strip():
            return Cell(None, formula=True, error="=") if formula else None
        return self._number(value.strip(), formula, self._look(element))

    def _shared(self, place: str) -> str:
        if place and int(place) >= len(self._strings):
            raise ValueError(said("text {place} of {count} is wanted", place=place, count=len(self._strings)))
        return self._strings[int(place)] if place else ""

    def _look(self, element: _Element) -> _Look:
        place = int(element.get("s") or 0)
        return self._looks[place] if place < len(self._looks) else _Look()

    def _number(self, text: str, formula: bool, look: _Look) -> Cell:
        number = _as_shown(text)
        if look.date:
            try:
                moment = from_excel(float(number), self._epoch, timedelta=look.span)
            except (ValueError, OverflowError, OSError):
                return Cell(number, formula)
            return Cell(moment, formula)
        return Cell(number, formula, percent=look.percent)


def _tag(element: _Element) -> str:
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def _text_of(item: _Element) -> str:
    """The text of a string item: its runs one after another, without how it is to be read aloud."""
    parts = []
    for one in item:
        if _tag(one) == "t":
            parts.append(one.text or "")
        elif _tag(one) == "r":
            parts += [each.text or "" for each in one if _tag(each) == "t"]
    return _unescaped("".join(parts))


def _unescaped(text: str) -> str:
    """Signs that XML has no place for, as Excel writes them: `_x000D_`; two halves make one sign."""
    if "_x" not in text:
        return text
    made = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
    return _PAIR.sub(lambda found: found[0].encode("utf-16", "surrogatepass").decode("utf-16"), made)


def _without_halves(text: str) -> str:
    """The text, if it holds no half of a sign: no text that is written or sent can."""
    if _HALF.search(text):
        raise ValueError(said("there is half of a sign in it, which is no text"))
    return text


def _row_number(title: str, written: str | None, following: int) -> int:
    """The number of a row that says it, or else follows another."""
    row = int(written) if written else following
    if row < 1:
        raise _refused(
            "sheet/workbook",
            title,
            said("It has a row of the number {row}; rows are counted from 1.", row=str(row)),
        )
    return row


def _as_shown(text: str) -> Decimal:
    """A number with the 15 digits that Excel shows; it keeps 17, the last of which are noise."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(said("`{text}` is no number", text=text[:30])) from None
    if not number.is_finite() or (number and abs(number.adjusted()) > _LARGEST):
        raise ValueError(said("`{text}` is no number that a spreadsheet can hold", text=text[:30]))
    if len(number.as_tuple().digits) > _DIGITS:
        number = Decimal(f"{float(text):.{_DIGITS}g}")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < 0:
        number = number.normalize()
    return number + 0 if number else Decimal(0)


def _moment(text: str) -> Content:
    """A date as newer files have it, in ISO's form."""
    bare = text.strip().rstrip("Z")
    return dt.datetime.fromisoformat(bare) if "T" in bare else dt.date.fromisoformat(bare)


def _area(reference: str) -> tuple[int, int, int, int]:
    first, top, last, bottom = range_boundaries(reference)
    return int(top or 1), int(first or 1), int(bottom or 1), int(last or 1)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _refused(code: str, place: str, message: str, hint: str = "") -> InvalidRulebook:
    return InvalidRulebook([Diagnostic(code, Where(place), message, hint)])


_TYPES: Final = "[Content_Types].xml"
_OFFICE_DOCUMENT: Final = "officeDocument"
_WORKSHEET: Final = "worksheet"
_MAX_SHEETS: Final = 500
_MAX_HELD: Final = 100_000
_DIGITS: Final = 15
_LARGEST: Final = 308
_HALF: Final = re.compile("[\ud800-\udfff]")
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
