"""Workbooks as people leave them: taken out, changed cell by cell, or made from nothing."""

import io

import openpyxl

from decision_tables.formats import Format, read, write
from tests.service.fees import FEES

HEAD = {"kind": 0, "fact": 1, "type": 2, "allowed": 3, "column": 4}


def opened(book=FEES):
    """A workbook that was taken out, to be changed as in Excel."""
    return openpyxl.load_workbook(io.BytesIO(write(book, Format.XLSX).data))


def saved(workbook):
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


def brought(workbook, into=FEES):
    """The reading of a workbook."""
    return read({"fees.xlsx": saved(workbook)}, into)


def kind_row(sheet):
    return next(row for row in range(1, 40) if sheet.cell(row, 1).value in {"Kind", "Soort"})


def cell(sheet, rule, fact):
    """The cell of a rule, by its id and what stands above its column."""
    top = kind_row(sheet)
    column = next(
        at for at in range(3, 20) if fact in {sheet.cell(top, at).value, sheet.cell(top + 1, at).value}
    )
    row = next(row for row in range(top, 60) if sheet.cell(row, 2).value == rule)
    return sheet.cell(row, column)


def row_of(sheet, rule):
    return next(row for row in range(kind_row(sheet), 60) if sheet.cell(row, 2).value == rule)


def plain(*rows, name="Sheet1"):
    """A workbook of one sheet, with these rows."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = name
    for row in rows:
        sheet.append(row)
    for each in (cell for row in sheet for cell in row if isinstance(cell.value, str)):
        each.data_type = "s"
    return workbook


def codes(reading):
    return {note.code for note in reading.notes}


def places(reading, code):
    """The addresses of the notes of one code."""
    return [note.where.table for note in reading.notes if note.code == code]
