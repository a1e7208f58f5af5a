"""What is written as a workbook or as separated values is read as the same rulebook, whatever it holds."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import rulebooks

from decision_tables.diagnostics import Where
from decision_tables.errors import InvalidRequest, NotFound
from decision_tables.formats import Format, read, write
from decision_tables.formats.dmn import read_dmn
from decision_tables.formats.sheets.layout import MAX_TEXT
from decision_tables.rulebook import Acknowledgement, Case, DecisionService, Expectation, Query, Rulebook
from decision_tables.table import (
    ContextExpression,
    Entry,
    Formula,
    FunctionDefinition,
    HitPolicy,
    Input,
    KnowledgeModel,
    LiteralExpression,
    Note,
    Output,
    Period,
    Rule,
    Table,
)
from decision_tables.vocabulary import Fact, ItemDefinition, Words
from tests.packs import telecom
from tests.service.fees import FEES, with_fee

TELECOM = telecom()
MODELS = Path(__file__).parent / "models"
SHEETS = (Format.XLSX, Format.CSV)

# Texts that spreadsheets, XML and separated values each have their own ideas of.
AWKWARD = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    st.sampled_from(
        [
            "=1+1",
            "= 5",
            "+5",
            "-5",
            "- 5",
            "@x",
            "'",
            "''",
            "'=x",
            "_x000D_",
            "_x005F_x000D_",
            "a\r\nb",
            "a\rb",
            " a ",
            "a\n\nb",
            "\t",
            "01/02",
            "1E5",
            "#N/A",
            "TRUE",
            "\u0007",
            "\uffff",
            "a;b,c\td|e",
            '"',
            '""',
            "x" * (MAX_TEXT + 1),
            "\u21b3",
            "👍",
        ]
    ),
)
WORDS = st.dictionaries(st.sampled_from(["en", "nl", "fr", "de-AT"]), AWKWARD.filter(bool), max_size=3).map(
    Words
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-99, 99), AWKWARD, st.just(Decimal("1.50"))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(AWKWARD, inner, max_size=2),
    max_leaves=4,
)
NAMES = st.lists(st.one_of(st.sampled_from(["fee", "monthly fee", "a, b", "[x"]), AWKWARD), max_size=3).map(
    tuple
)
ENTRIES = st.dictionaries(
    st.one_of(st.sampled_from(["age", "monthly fee", "a: b"]), AWKWARD), JSON, max_size=3
)
LISTS = st.dictionaries(st.sampled_from(["papers", "a: b"]), NAMES, max_size=2)
# Keys are told apart by their looks: white space round them, and signs that are not seen, are forgiven.
KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True)
WRITTEN = st.sampled_from(
    ["-", "", '"a"', "> 1", "[1..3]", "= 5", "x + 1", "BE, FR", '"\u201ca\u201d"', "1,5", "]1..2["]
)


@st.composite
def tables(draw, key):
    """A draft of a table, columns and rules of any kind, broken cells too."""
    inputs = tuple(
        Input(
            f"in{n}",
            draw(st.sampled_from(["age", "a.b", "if x then 1 else 2", ""])),
            draw(WORDS),
            draw(st.sampled_from(["", "number", "tNope"])),
            draw(st.sampled_from(["", ">= 0", "(x)"])),
        )
        for n in range(draw(st.integers(0, 2)))
    )
    outputs = tuple(
        Output(
            f"out{n}",
            draw(st.sampled_from(["fee", "a.b", "nope"])),
            draw(st.sampled_from(["", "p", "q r"])),
            draw(st.sampled_from(["", '"c"', "= 3"])),
            draw(st.sampled_from(["", '"b","a"'])),
            draw(WORDS),
            draw(st.sampled_from(["", "string"])),
        )
        for n in range(draw(st.integers(1, 2)))
    )
    period = st.builds(
        Period, st.sampled_from(["", "2020-01-01"]), st.sampled_from(["", "2021-01-01", "soon"])
    )
    called = st.sampled_from(["why", "note", "Note", "fee", "a.b", "in 0", "citation"])
    notes = tuple(Note(key, draw(WORDS)) for key in draw(st.lists(called, max_size=2, unique=True)))
    rules = tuple(
        Rule(
            f"{draw(st.sampled_from(['R', 'B0', 'x y ']))}{n}",
            tuple(draw(WRITTEN) for _ in inputs),
            tuple(draw(WRITTEN) for _ in outputs),
            draw(AWKWARD),
            draw(AWKWARD),
            draw(st.sampled_from(["", "V", "?"])),
            tuple(draw(st.lists(st.sampled_from(["contested", "a b", "x,y", "[z"]), max_size=2))),
            draw(period),
            draw(period),
            draw(WORDS),
            tuple(draw(AWKWARD) for _ in notes),
        )
        for n in range(draw(st.integers(0, 3)))
    )
    policy = draw(st.sampled_from(list(HitPolicy)))
    return Table(key, policy, inputs, outputs, rules, draw(WORDS), draw(AWKWARD), draw(st.booleans()), notes)


@st.composite
def drafts(draw):
    """A draft that holds anything that a rulebook can."""
    keys = draw(st.lists(KEYS, min_size=1, max_size=3, unique=True))
    types = ["number", "string", "tCode", "list<string>"]
    facts = tuple(
        Fact(key, draw(st.sampled_from(types)), draw(st.sampled_from(["", ">= 0", '"a","b"', "= 5"])),
             draw(st.booleans()), draw(WORDS), draw(WORDS), draw(AWKWARD), draw(AWKWARD), draw(WORDS))
        for key in draw(st.lists(KEYS | st.sampled_from(["age", "fee"]), max_size=3, unique=True))
    )  # fmt: skip
    boxed = ContextExpression((Entry("a", LiteralExpression("1")), Entry("", LiteralExpression("a + 1"))))
    formulas = tuple(
        Formula(
            f"f{n}",
            "fee",
            "" if box else draw(WRITTEN),
            draw(WORDS),
            draw(AWKWARD),
            draw(AWKWARD),
            draw(st.sampled_from(["", "K"])),
            draw(st.sampled_from([(), ("a b",)])),
            box,
        )
        for n, box in enumerate(draw(st.lists(st.sampled_from([None, boxed]), max_size=2)))
    )
    cases = tuple(
        Case(
            f"C{n}",
            draw(AWKWARD),
            draw(ENTRIES),
            draw(st.sampled_from(["", "2026-01-01", "soon"])),
            "",
            Expectation(
                draw(ENTRIES),
                draw(LISTS),
                draw(LISTS),
                draw(LISTS),
                draw(NAMES),
                draw(NAMES),
                draw(NAMES),
                draw(NAMES),
            ),
            draw(AWKWARD),
        )
        for n in range(draw(st.integers(0, 2)))
    )
    said = st.builds(Acknowledgement, AWKWARD, st.sampled_from(["impossible", "intended"]), AWKWARD, AWKWARD)
    return Rulebook(
        draw(KEYS),
        draw(WORDS),
        draw(AWKWARD),
        languages=draw(st.sampled_from([("en",), ("nl", "fr"), ("fr",), ("de", "nl")])),
        time_zone="Europe/Brussels",
        default_query=draw(st.sampled_from(["", "all"])),
        facts=facts,
        tables=tuple(draw(tables(key)) for key in keys),
        formulas=formulas,
        queries=(Query("all", draw(NAMES), draw(WORDS)),),
        cases=cases,
        types=(ItemDefinition("tCode", "string", allowed='"a"'),),
        functions=draw(st.sampled_from([(), (TWICE,)])),
        services=draw(st.sampled_from([(), (DecisionService("offer", ("fee",)),)])),
        absent=draw(st.sampled_from(["unknown", "null"])),
        four_eyes=draw(st.booleans()),
        acknowledgements=tuple(draw(st.lists(said, max_size=2))),
    )


TWICE = KnowledgeModel("twice", FunctionDefinition(body=LiteralExpression("2")))


@pytest.mark.parametrize(
    ("piece", "names"),
    [
        (Fact, "key type allowed nullable label question unit note explanation"),
        (Table, "key hit_policy inputs outputs rules title note open notes"),
        (Input, "key expression label type values"),
        (Output, "key fact part default values label type"),
        (Note, "key label"),
        (Rule, "id tests outputs citation note confidence flags valid known referral notes"),
        (Formula, "key fact expression title citation note confidence flags boxed"),
        (Query, "key goals title"),
        (Case, "id name facts as_of known_on expect note"),
        (Expectation, "conclusions certain lacks possible undetermined referred flags unflagged"),
    ],
)
def test_whoever_gives_a_piece_another_field_is_told_that_sheets_have_to_learn_it(piece, names):
    assert {field.name for field in fields(piece)} == set(names.split())


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize("book", [FEES, TELECOM], ids=lambda book: book.key)
def test_a_rulebook_comes_back_as_it_was_whether_or_not_there_is_one_to_read_it_into(book, form):
    written = write(book, form)
    assert {note.code for note in written.notes} <= {"sheet/kept"}
    for into in (None, book):
        reading = read({"some name": written.data}, into)
        assert reading.rulebook == book
        assert reading.notes == ()


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(rulebooks(), rulebooks(), st.sampled_from(SHEETS))
def test_a_random_rulebook_comes_back_whatever_the_rulebook_said_before(book, before, form):
    data = write(book, form).data
    assert read({"x": data}).rulebook == book
    assert read({"x": data}, book) == read({"x": data})
    again = read({"x": data}, replace(before, key=book.key))
    # Only what the sheets have no column for, periods of knowledge for one, stays as it was, and that is told.
    assert again.rulebook == book or {note.code for note in again.notes} <= {"sheet/kept", "sheet/cleared"}
    assert again.rulebook == book or again.notes


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(drafts(), st.sampled_from(SHEETS))
def test_a_draft_of_anything_at_all_comes_back_into_itself_as_it_was(book, form):
    assert read({"x": write(book, form).data}, book).rulebook == book


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(drafts(), st.sampled_from(SHEETS))
def test_a_draft_comes_back_by_itself_but_for_cells_that_the_notes_tell_of(book, form):
    reading = read({"x": write(book, form).data})
    if not reading.notes:
        assert reading.rulebook == book
    tables = {table.key: table for table in book.tables}
    for table in reading.rulebook.tables:
        assert [rule.id for rule in table.rules] == [rule.id.strip() for rule in tables[table.key].rules]


@pytest.mark.parametrize("form", SHEETS)
def test_what_a_workbook_cannot_show_is_told_and_comes_back_all_the_same(form):
    files = {name: (MODELS / name).read_bytes() for name in ("parking.dmn", "tariff.dmn")}
    book = read_dmn(files["parking.dmn"], others={"tariff.dmn": files["tariff.dmn"]}).rulebook
    written = write(book, form)
    assert {note.code for note in written.notes} == {"sheet/kept", "sheet/origin"}
    assert "Tariff.Price of zone" in written.notes[0].message
    assert read({"x": written.data}).rulebook == replace(book, origin="")
    assert read({"x": written.data}, book).rulebook == book


def test_the_same_rulebook_is_written_as_the_same_bytes():
    assert write(FEES, Format.XLSX).data == write(FEES, Format.XLSX).data
    assert write(FEES, Format.CSV).data == write(FEES, Format.CSV).data


def test_one_table_is_taken_out_and_brought_in_alone():
    written = write(FEES, Format.CSV, table="waiver")
    text = written.data.decode("utf-8-sig")
    assert text.startswith("Table,,waiver")
    changed = text.replace('"""plain"""', '"""plain"",null"').encode()
    book = read({"anything.csv": changed}, FEES).rulebook
    assert book.table("waiver").rules[0].tests == ('"plain",null',)
    assert replace(book, tables=FEES.tables) == FEES
    assert read({"anything.csv": written.data}, FEES).rulebook == FEES
    assert [table.key for table in read({"anything.csv": written.data}).rulebook.tables] == ["waiver"]
    with pytest.raises(NotFound, match="Did you mean waiver"):
        write(FEES, Format.CSV, table="waivers")
    with pytest.raises(InvalidRequest, match="One table alone"):
        write(FEES, Format.XLSX, table="waiver")


def test_a_rule_of_another_width_than_its_table_is_told_when_it_is_written():
    table = FEES.tables[0]
    broken = replace(FEES, tables=(replace(table, rules=(Rule("R1", ("1",), ("2",)),)), *FEES.tables[1:]))
    (note,) = write(broken, Format.XLSX).notes
    assert (note.code, note.where) == ("sheet/width", Where("fee", "R1"))


def test_a_text_too_long_for_a_cell_is_whole_in_the_hidden_sheet():
    long = replace(FEES, note="x" * 100_000)
    written = write(long, Format.XLSX)
    assert [note.code for note in written.notes] == ["sheet/long"]
    book = openpyxl.load_workbook(io.BytesIO(written.data))
    longest = max(len(str(cell.value)) for sheet in book for row in sheet for cell in row if cell.value)
    assert longest <= 32_767
    assert read({"x": written.data}).rulebook == long


# What a person sees


def test_a_workbook_shows_what_a_policy_analyst_looks_for():
    book = openpyxl.load_workbook(io.BytesIO(write(FEES, Format.XLSX).data))
    assert book.sheetnames == [
        "Rulebook", "Facts", "fee", "papers", "waiver", "zone", "Formulas", "Queries", "Cases",
    ]  # fmt: skip
    sheet = book["fee"]
    rows = {sheet.cell(row, 1).value: row for row in range(1, 15)}
    shown = {label: [sheet.cell(row, at).value for at in range(2, 7)] for label, row in rows.items()}
    assert shown["Kind"] == ["Rule", "Condition", "Condition", "Outcome", "Legal basis"]
    assert shown["Fact"][1:4] == ["age", "resident", "fee"]
    assert shown["Type"][1:4] == ["\u21b3 number", "\u21b3 boolean", "\u21b3 number"]
    assert shown["Allowed values"][1] == "\u21b3 >= 0"
    assert [sheet.cell(row, 2).value for row in range(rows["Column"] + 1, rows["Column"] + 4)] == [
        "R1",
        "R2",
        "R3",
    ]
    assert sheet.column_dimensions["B"].hidden
    assert sheet.row_dimensions[rows["Column"]].hidden
    assert sheet.freeze_panes == f"C{rows['Column'] + 1}"
    colours = {sheet.cell(rows["Kind"], at).fill.start_color.rgb for at in (3, 5, 6)}
    assert len(colours) == 3, "conditions, outcomes and notes have colours of their own"
    first = sheet.cell(rows["Column"] + 1, 3)
    assert (first.value, first.number_format, first.data_type) == ("< 18", "@", "s")
    assert any("true" in offered.formula1 for offered in sheet.data_validations.dataValidation)


def test_a_text_that_looks_like_a_formula_stays_a_text_in_both_formats():
    evil = with_fee('=HYPERLINK("http://evil")')
    book = openpyxl.load_workbook(io.BytesIO(write(evil, Format.XLSX).data))
    assert all(cell.data_type != "f" for sheet in book for row in sheet for cell in row)
    text = write(evil, Format.CSV, table="fee").data.decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert read({"x.csv": text.encode()}, evil).rulebook == evil


@pytest.mark.parametrize(
    ("languages", "words"), [(("nl", "fr"), "Voorwaarde"), (("fr",), "Base légale"), (("de",), "Condition")]
)
def test_a_workbook_speaks_the_rulebooks_first_language_where_it_can(languages, words):
    book = replace(FEES, languages=languages)
    data = write(book, Format.XLSX).data
    sheet = openpyxl.load_workbook(io.BytesIO(data))["fee"]
    assert words in {cell.value for row in sheet for cell in row}
    assert read({"x": data}).rulebook == book


@pytest.mark.parametrize("key", ["a" * 60, "Rulebook", "history", "x/y[1]:*?", "'quoted'", "FEE", "fee"])
def test_a_table_of_any_name_has_a_sheet_that_excel_opens(key):
    tables = (replace(FEES.tables[0], key=key), replace(FEES.tables[1], key=key.upper() + "x"))
    book = replace(FEES, tables=tables)
    data = write(book, Format.XLSX).data
    names = openpyxl.load_workbook(io.BytesIO(data)).sheetnames
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)
    assert len({name.casefold() for name in names}) == len(names)
    assert [table.key for table in read({"x": data}).rulebook.tables] == [table.key for table in tables]


def test_files_of_a_zip_are_numbered_so_that_tables_keep_their_order_unpacked():
    with zipfile.ZipFile(io.BytesIO(write(TELECOM, Format.CSV).data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert sorted(files) == list(files)
    assert read(dict(reversed(files.items()))).rulebook == TELECOM


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_workbook_that_libreoffice_has_saved_anew_is_the_same_rulebook(tmp_path):
    path = tmp_path / "in" / "telecom.xlsx"
    path.parent.mkdir()
    path.write_bytes(write(TELECOM, Format.XLSX).data)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", "--headless", profile, "--convert-to", "xlsx:Calc MS Excel 2007 XML"]
    subprocess.run([*command, "--outdir", tmp_path, path], check=True, capture_output=True, timeout=300)
    for into in (None, TELECOM):
        reading = read({"telecom.xlsx": (tmp_path / "telecom.xlsx").read_bytes()}, into)
        assert reading.rulebook == TELECOM
        assert reading.notes == ()
