"""Rulebooks as workbooks of Excel and as separated values, both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decision_tables.diagnostics import near_miss
from decision_tables.errors import NotFound
from decision_tables.formats.exchange import Reading, Written
from decision_tables.formats.sheets import csv_text
from decision_tables.formats.sheets.csv_text import is_separated
from decision_tables.formats.sheets.grid import Notes
from decision_tables.formats.sheets.layout import lay_out
from decision_tables.formats.sheets.read import rulebook_from
from decision_tables.formats.sheets.words import language_among
from decision_tables.formats.sheets.xlsx_in import is_workbook, sheets_of
from decision_tables.formats.sheets.xlsx_out import workbook_of
from decision_tables.said import joined, said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from decision_tables.rulebook import Rulebook

__all__ = ["is_separated", "is_workbook", "read_csv", "read_xlsx", "write_csv", "write_xlsx"]


def write_xlsx(rulebook: Rulebook) -> Written:
    """A rulebook as a workbook."""
    sheets, notes = lay_out(rulebook)
    title = rulebook.title.said_in(language_among(rulebook.languages)) or rulebook.key
    return Written(workbook_of(sheets, title), notes)


def write_csv(rulebook: Rulebook, table: str = "") -> Written:
    """A rulebook as a zip of its sheets as separated values, or one table as one such file.

    The separator is a comma where the rulebook's first language is English, else a semicolon, as Excel wants it.

    Raises:
        NotFound: there is no such table (`table/not-found`).
    """
    separator = "," if language_among(rulebook.languages) == "en" else ";"
    sheets, notes = lay_out(rulebook)
    if not table:
        return Written(csv_text.archive_of(sheets, separator), notes)
    found = rulebook.table(table)
    if found is None:
        close = near_miss(table, [one.key for one in rulebook.tables])
        message = said("The rulebook has no table {table}.", table=table)
        if close:
            message = joined(" ", [message, said("Did you mean {close}?", close=close)])
        raise NotFound(message, code="table/not-found")
    place = [sheet for sheet in sheets if sheet.what == "table"][rulebook.tables.index(found)]
    return Written(
        csv_text.text_of(place, separator), tuple(one for one in notes if one.where.table == table)
    )


def read_xlsx(name: str, data: bytes, into: Rulebook | None, key: str) -> Reading:
    """The rulebook that a workbook holds; a table of somebody else's takes its place in `into`.

    Args:
        name: of the file.
        data: the file.
        into: the rulebook that it is read against.
        key: of the rulebook, where the file is not to say it.

    Raises:
        InvalidRulebook: it cannot be read; every diagnostic at once, places by sheet and cell.
    """
    return rulebook_from(sheets_of(name, data), into, key, Notes())


def read_csv(files: Mapping[str, bytes], into: Rulebook | None, key: str) -> Reading:
    """The rulebook that files of separated values hold, one sheet each; otherwise as `read_xlsx`."""
    notes = Notes()
    sheets = [csv_text.sheet_of(name, data, notes) for name, data in sorted(files.items())]
    return rulebook_from(sheets, into, key, notes)
