"""Sheets as comma-separated text, however it came about: any separator, any encoding that offices use."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from typing import TYPE_CHECKING, Final

from decision_tables.diagnostics import Diagnostic, Where
from decision_tables.errors import InvalidRulebook
from decision_tables.formats.sheets.grid import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Cell, Place, Sheet
from decision_tables.said import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from decision_tables.formats.sheets.grid import Notes
    from decision_tables.formats.sheets.layout import Planned

__all__ = ["archive_of", "is_separated", "sheet_of", "text_of"]


def text_of(sheet: Planned, separator: str) -> bytes:
    """A sheet as text in UTF-8, with the mark by which Excel knows it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    rows, columns = sheet.size
    for row in range(1, rows + 1):
        cells = [sheet.cells.get((row, column), ("", None))[0] for column in range(1, columns + 1)]
        # All rows are as wide, so that there is no doubt about what parts the values.
        writer.writerow([_guarded(text) for text in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "surrogatepass")


def archive_of(sheets: Sequence[Planned], separator: str) -> bytes:
    """A zip of sheets, a file each, numbered so that they stay in order."""
    packed = io.BytesIO()
    digits = len(str(len(sheets)))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, sheet in enumerate(sheets, start=1):
            name = re.sub(r"[^\w .()-]", "-", sheet.name).strip(". ") or "sheet"
            entry = zipfile.ZipInfo(f"{number:0{digits}}-{name}.csv", (2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text_of(sheet, separator))
    return packed.getvalue()


def sheet_of(name: str, data: bytes, notes: Notes) -> Sheet:
    """The sheet that a text holds.

    Args:
        name: of the file.
        data: in UTF-8, UTF-16, or what Windows takes for the alphabet.
        notes: gathers what was forgiven.

    Raises:
        InvalidRulebook: it is no such text, or too large.
    """
    text = _decoded(name, data, notes)
    declared = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    skipped = 0
    if declared:
        text, skipped = text[declared.end() :], 1
    separator = declared[1] if declared else _separator_of(text)
    cells: dict[Place, Cell] = {}
    try:
        reader = csv.reader(io.StringIO(f"{text}\n{_END}", newline=""), delimiter=separator, strict=False)
        line = 0
        for row, values in enumerate(reader, start=1 + skipped):
            if values == [_END]:
                break
            if values and values[-1].endswith(_END):
                message = said(
                    "A quotation mark that opens in the row of line {line} is never closed.",
                    line=str(line + 1 + skipped),
                )
                hint = said(
                    "Close it, or write it twice if it is part of the value and the value stands in quotes."
                )
                raise InvalidRulebook([Diagnostic("sheet/csv", Where(name), message, hint)])
            line = reader.line_num
            for column, value in enumerate(values, start=1):
                if not value:
                    continue
                if row > MAX_ROWS or column > MAX_COLUMNS or len(cells) >= MAX_CELLS:
                    message = said(
                        "At most {rows} rows, {columns} columns and {cells} cells are read.",
                        rows=MAX_ROWS,
                        columns=MAX_COLUMNS,
                        cells=MAX_CELLS,
                    )
                    raise _refused("sheet/too-large", name, message)
                cells[row, column] = Cell(_unguarded(value))
    except (csv.Error, ValueError) as error:
        raise _refused(
            "sheet/csv", name, said("It cannot be read as separated values: {error}.", error=error)
        ) from error
    return Sheet(name, cells)


def is_separated(data: bytes) -> bool:
    """Whether a text without a telling name is rows of separated values: two rows of as many, at least two."""
    try:
        text = data[: 1 << 16].decode("utf-8-sig", "ignore")
    except UnicodeDecodeError:
        return False
    if "\0" in text:
        return False
    widths = _widths(text, _separator_of(text))
    return len(widths) > 1 and min(widths) > 1


def _decoded(name: str, data: bytes, notes: Notes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise _refused(
                "sheet/csv",
                name,
                said("It is not the UTF-16 that it says it is: {reason}.", reason=error.reason),
            ) from error
    if b"\0" in data:
        # Without a mark that says so, UTF-16 is known by the empty half of each plain letter.
        odd, even = data[1::2].count(0), data[::2].count(0)
        encoding = "utf-16-le" if odd > even else "utf-16-be"
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text or max(odd, even) * 4 < len(data):
            hint = said("Save it as “CSV UTF-8”, or as a workbook.")
            raise InvalidRulebook([Diagnostic("sheet/csv", Where(name), said("It is no text."), hint)])
        return text
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        notes.say(
            "sheet/encoding",
            name,
            said("It is not UTF-8: it is read as Windows writes Western European text."),
            said("If letters look wrong, save it anew as “CSV UTF-8”, or as a workbook."),
        )
        return data.decode("cp1252", "replace")


def _separator_of(text: str) -> str:
    """The sign that parts the values: the one by which the rows are most alike, and wide."""

    def fit(separator: str) -> tuple[float, int]:
        widths = _widths(text, separator)
        wide = Counter(width for width in widths if width > 1)
        width, count = max(wide.items(), key=lambda each: (each[1], each[0]), default=(1, 0))
        return count / max(1, len(widths)), width

    return max(_SEPARATORS, key=fit)


def _widths(text: str, separator: str) -> list[int]:
    widths: list[int] = []
    try:
        for row in csv.reader(io.StringIO(text[: 1 << 16], newline=""), delimiter=separator):
            if any(value.strip() for value in row):
                widths.append(len(row))
            if len(widths) >= _SAMPLE:
                break
    except csv.Error:
        return widths
    return widths


def _guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe before what looks like one."""
    looks = text[:1] in {"=", "+", "@", "'", "\t", "\r"} or re.match(
        r"-(?=.)(?!\d+(\.\d+)?$)", text, re.DOTALL
    )
    return f"'{text}" if looks else text


def _unguarded(text: str) -> str:
    return text[1:] if text[:1] == "'" and (text[1:2] in {"=", "+", "@", "'", "\t", "\r", "-"}) else text


def _refused(code: str, name: str, message: str) -> InvalidRulebook:
    return InvalidRulebook([Diagnostic(code, Where(name), message)])


_SEPARATORS: Final = (",", ";", "\t", "|")
_SAMPLE: Final = 50
_END: Final = "\x1a\x1aend\x1a\x1a"
