"""Sheets written as a workbook: colours with their legend, frozen heads, texts that Excel leaves alone."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import zipfile
from typing import TYPE_CHECKING, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from decision_tables.formats.sheets.layout import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openpyxl.worksheet.worksheet import Worksheet

    from decision_tables.formats.sheets.layout import Planned

__all__ = ["workbook_of"]


def workbook_of(sheets: Sequence[Planned], title: str) -> bytes:
    """A workbook of sheets; the same bytes for the same sheets.

    Args:
        sheets: at least one that is not hidden.
        title: of the document, for its properties.
    """
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    book.properties.title = _written(title)
    book.properties.creator = "decidable"
    book.properties.created = book.properties.modified = _EPOCH
    for planned in sheets:
        _fill(book.create_sheet(planned.name), planned)
    packed = io.BytesIO()
    book.save(packed)
    return _undated(packed.getvalue())


def _fill(sheet: Worksheet, planned: Planned) -> None:
    _, columns = planned.size
    widths = dict.fromkeys(range(1, columns + 1), _NARROWEST)
    for (row, column), (text, role) in planned.cells.items():
        cell = sheet.cell(row, column)
        if text:
            cell.value = _written(text)
            # What begins with = is a text here, and no formula.
            cell.data_type = "s"
        font, fill, wraps = _LOOKS[role]
        cell.font, cell.fill, cell.border = font, fill, _BORDER if fill is not _NO_FILL else _NO_BORDER
        is_wide = planned.what == "table" and role in {Role.TITLE, Role.HINT}
        cell.alignment = _PLAIN if is_wide or not wraps else _WRAPPED
        # Text, so that Excel makes no date of 01/02 and no formula of = 5; so are cells that are filled in later.
        cell.number_format = "@"
        cell.protection = _UNLOCKED
        if not is_wide:
            widest = _WIDEST if column not in planned.wide else _PAGE if planned.what == "rulebook" else _WIDE
            longest = max(map(len, text.split("\n")), default=0)
            widths[column] = max(widths[column], min(longest + 2, widest))
    for column, width in widths.items():
        dimension = sheet.column_dimensions[get_column_letter(column)]
        dimension.width = width
        dimension.number_format = "@"
        dimension.hidden = column in planned.hidden_columns
    for row, lines in _lines(planned, widths).items():
        # Where one line does, the height is left to the program, which then follows what is typed.
        if lines > 1:
            sheet.row_dimensions[row].height = min(lines * _LINE, _HIGHEST)
    for row in planned.hidden_rows:
        sheet.row_dimensions[row].hidden = True
    sheet.freeze_panes = sheet.cell(*planned.frozen).coordinate
    sheet.sheet_properties.tabColor = _TABS[planned.what]
    sheet.sheet_view.showGridLines = planned.what != "rulebook"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.page_setup.fitToWidth = 1
    if sheet.sheet_properties.pageSetUpPr is not None:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    if planned.frozen[0] > 1:
        sheet.print_title_rows = f"1:{planned.frozen[0] - 1}"
    if planned.hidden:
        sheet.sheet_state = "veryHidden"
    for column, first, last, texts in planned.choices:
        _offer(sheet, f"{get_column_letter(column)}{first}:{get_column_letter(column)}{last}", texts)


def _lines(planned: Planned, widths: Mapping[int, int]) -> dict[int, int]:
    """How many lines each row has, its texts wrapped."""
    lines: dict[int, int] = {}
    for (row, column), (text, role) in planned.cells.items():
        if planned.what == "table" and role in {Role.TITLE, Role.HINT}:
            continue
        signs = max(1.0, widths[column] * _SIGNS)
        count = sum(max(1, math.ceil(len(line) / signs)) for line in text.split("\n"))
        lines[row] = max(lines.get(row, 1), count)
    return lines


def _offer(sheet: Worksheet, area: str, texts: Sequence[str]) -> None:
    """Offers texts to choose from; others may be typed all the same."""
    listed = ",".join(texts)
    if len(listed) > _LONGEST_CHOICE or any("," in text for text in texts):
        return
    offered = DataValidation("list", formula1='"' + listed.replace('"', '""') + '"', allow_blank=True)
    offered.showErrorMessage = False
    offered.add(area)
    sheet.add_data_validation(offered)


def _written(text: str) -> str:
    """A text with what XML has no place for as Excel writes it: `_x000D_`."""
    text = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    return re.sub(
        "[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]", lambda found: f"_x{ord(found[0]):04X}_", text
    )


def _undated(data: bytes) -> bytes:
    """The same archive without the moment at which it was packed."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as before,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for entry in before.infolist():
            content = before.read(entry)
            if entry.filename == "docProps/core.xml":
                # openpyxl says the moment of saving, whatever it is told.
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", content)
            made = zipfile.ZipInfo(entry.filename, (2000, 1, 1, 0, 0, 0))
            made.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(made, content)
    return packed.getvalue()


def _fill_of(colour: str) -> PatternFill:
    return PatternFill("solid", start_color=colour, end_color=colour)


_EPOCH: Final = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - openpyxl takes moments without a zone
_NARROWEST: Final = 8
_WIDEST: Final = 32
_WIDE: Final = 60
_PAGE: Final = 100
_LONGEST_CHOICE: Final = 250
_LINE: Final = 15
_HIGHEST: Final = 405
_SIGNS: Final = 0.92
_WRAPPED: Final = Alignment(vertical="top", wrap_text=True)
_PLAIN: Final = Alignment(vertical="top")
_UNLOCKED: Final = Protection(locked=False)
_EDGE: Final = Side(style="thin", color="FFC9CFD8")
_BORDER: Final = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_NO_BORDER: Final = Border()
_NO_FILL: Final = PatternFill()
_INK: Final = "FF1B2430"
_BOLD: Final = Font(name="Calibri", size=11, bold=True, color=_INK)
_TEXT: Final = Font(name="Calibri", size=11, color=_INK)
_FEEL: Final = Font(name="Consolas", size=10, color=_INK)
_FEEL_BOLD: Final = Font(name="Consolas", size=10, bold=True, color=_INK)
_GREY: Final = Font(name="Calibri", size=10, italic=True, color="FF5A6472")
_LOOKS: Final = {
    Role.PLAIN: (_TEXT, _NO_FILL, False),
    Role.LABEL: (_BOLD, _fill_of("FFE4E7EC"), True),
    Role.TITLE: (_BOLD, _NO_FILL, True),
    Role.CONDITION_HEAD: (_FEEL_BOLD, _fill_of("FFC7DCF5"), True),
    Role.OUTCOME_HEAD: (_FEEL_BOLD, _fill_of("FFC9E8CF"), True),
    Role.NOTE_HEAD: (_BOLD, _fill_of("FFF3E8C8"), True),
    Role.CONDITION: (_FEEL, _fill_of("FFEFF5FC"), True),
    Role.OUTCOME: (_FEEL, _fill_of("FFEFF8F1"), True),
    Role.NOTE: (_TEXT, _NO_FILL, True),
    Role.INHERITED: (_GREY, _fill_of("FFF0F2F5"), True),
    Role.HINT: (_GREY, _NO_FILL, True),
}
_TABS: Final = {
    "rulebook": "FF5A6472",
    "facts": "FF8A6D1B",
    "table": "FF2F6FB5",
    "formulas": "FF3C8C4F",
    "queries": "FF8A6D1B",
    "cases": "FF8A6D1B",
    "kept": "FF999999",
}
