"""What Excel and people do to cells, forgiven with a word; tables that somebody made for themselves; hostile files."""

import datetime as dt
import io
import re
import time
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_tables.compile import check
from decision_tables.errors import InvalidRulebook
from decision_tables.formats import Format, address_of, read, write
from decision_tables.formats.sheets import xlsx_in
from decision_tables.rulebook import Rulebook
from decision_tables.table import HitPolicy, Input, Note, Output, Rule, Table
from decision_tables.vocabulary import Fact, Words
from service.editing import with_cell, with_column
from tests.formats.workbooks import brought, cell, codes, opened, places, plain, row_of, saved
from tests.service.fees import FEES

KINDS = {"number": "income", "boolean": "resident", "date": "born", "string": "country", "time": "hour"}
LAW = Rulebook(
    "law",
    languages=("nl",),
    facts=(
        Fact("income", "number", label=Words({"nl": "Maandinkomen"})),
        Fact("resident", "boolean"),
        Fact("born", "date"),
        Fact("country", "string", allowed='"BE","FR","NL"'),
        Fact("hour", "time"),
        Fact("wait", "days and time duration"),
        Fact("rate", "number"),
        Fact("zone", "string"),
    ),
    tables=(
        Table(
            "rates",
            HitPolicy.FIRST,
            tuple(Input(key, key) for key in ("income", "resident", "born", "country", "hour", "wait")),
            (Output("rate", "rate"), Output("zone", "zone")),
            (Rule("R1", ("-",) * 6, ("1", '"a"')), Rule("R2", ("> 5",) + ("-",) * 5, ("2", '"b"'))),
        ),
    ),
)


def habit(fact, value, number_format=None, rule="R1"):
    """A workbook in which somebody has put a value into a cell, read again; the cell, and what was said of it."""
    book = opened(LAW)
    sheet = book["rates"]
    changed = cell(sheet, rule, fact)
    changed.number_format = number_format or "General"
    changed.value = value
    reading = brought(book, LAW)
    table = reading.rulebook.tables[0]
    keys = [column.key for column in (*table.inputs, *table.outputs)]
    found = next(one for one in table.rules if one.id == rule)
    return (*found.tests, *found.outputs)[keys.index(fact)], reading, f"rates!{changed.coordinate}"


HABITS = [
    ("income", "1.250,50", None, "1250.50"),
    ("income", "> 1 250,50", None, "> 1250.50"),
    ("income", "1\u00a0250,50", None, "1250.50"),
    ("income", "21 %", None, "0.21"),
    ("income", "<= 12,5%", None, "<= 0.125"),
    ("income", "> 1,5", None, "> 1.5"),
    ("income", "<= 18,5", None, "<= 18.5"),
    ("income", "\u2013", None, "-"),
    ("income", "\u2265 18", None, ">= 18"),
    ("resident", "WAAR", None, "true"),
    ("resident", "ONWAAR", None, "false"),
    ("resident", "VRAI", None, "true"),
    ("resident", "FAUX", None, "false"),
    ("resident", "TRUE", None, "true"),
    ("resident", "ja", None, "true"),
    ("resident", True, None, "true"),
    ("born", dt.date(2026, 1, 31), "dd/mm/yyyy", '@"2026-01-31"'),
    ("born", dt.datetime.fromisoformat("2026-01-31"), "dd/mm/yyyy", '@"2026-01-31"'),
    ("born", 46053, None, '@"2026-01-31"'),
    ("born", "46053", None, '@"2026-01-31"'),
    ("born", ">= 2026-01-31", None, '>= @"2026-01-31"'),
    ("born", "2026-01-31 00:00:00", None, '@"2026-01-31"'),
    ("born", "31/01/2026", None, '@"2026-01-31"'),
    ("country", "BE, FR", None, '"BE", "FR"'),
    ("country", "BE", None, '"BE"'),
    ("country", "\u201cBE\u201d", None, '"BE"'),
    ("country", "\u201eBE\u201d", None, '"BE"'),
    ("country", "\u00ab\u00a0BE\u00a0\u00bb", None, '"BE"'),
    ("hour", dt.time(8, 30), "h:mm", '@"08:30:00"'),
    ("wait", dt.timedelta(hours=30), "[h]:mm", 'duration("P1DT6H")'),
    ("rate", "0,5", None, "0.5"),
    ("zone", "north", None, '"north"'),
    ("zone", 1000, None, '"1000"'),
    ("income", "> 1.250,50", None, "> 1250.50"),
    ("income", "1.250,50 - 2.000,00", None, "[1250.50..2000.00]"),
    ("income", "1,000,000", None, "1000000"),
    ("zone", "0032", None, '"0032"'),
    ("zone", "1.10", None, '"1.10"'),
    ("zone", "a+b", None, '"a+b"'),
    ("zone", "O\u2019Neil", None, '"O\u2019Neil"'),
    ("born", "31/12/20", None, '@"2020-12-31"'),
    ("born", "January 1, 2020", None, '@"2020-01-01"'),
    ("income", "// later", None, "// later"),
]


@pytest.mark.parametrize(("fact", "value", "shown", "meant"), HABITS)
def test_a_habit_is_forgiven_and_told_with_the_address_of_its_cell(fact, value, shown, meant):
    text, reading, address = habit(fact, value, shown)
    assert text == meant
    assert set(places(reading, "sheet/read-as")) <= {address}
    assert reading.notes or value.split() != [value]
    assert check(reading.rulebook)[0] is not None


@pytest.mark.parametrize(
    ("fact", "value", "shown", "meant"),
    [
        ("income", 18, None, "18"),
        ("income", 0.21, "0%", "0.21"),
        ("income", 0.1 + 0.2, None, "0.3"),
        ("income", 1e21, None, "1000000000000000000000"),
        ("income", -5, None, "-5"),
        ("income", "18", "@", "18"),
        ("country", '"BE"', None, '"BE"'),
        ("zone", "country", None, "country"),
    ],
)
def test_what_needs_no_forgiving_is_read_without_a_word(fact, value, shown, meant):
    text, reading, _ = habit(fact, value, shown)
    assert (text, reading.notes) == (meant, ())


@pytest.mark.parametrize(
    ("fact", "value", "code"),
    [
        ("born", "1/2/2026", "sheet/ambiguous"),
        ("income", "1,250", None),
        ("country", "BEE", None),
        ("income", "incme > 5", None),
        ("rate", "#REF!", "sheet/error"),
    ],
)
def test_what_may_mean_two_things_or_another_name_stays_as_typed_and_is_an_error_at_its_cell(
    fact, value, code
):
    text, reading, address = habit(fact, value)
    assert text == value
    assert codes(reading) == ({code} if code else set())
    _, found = check(reading.rulebook)
    assert address in {address_of(one.where, reading.addresses) for one in found}


def test_a_fact_that_is_called_nearly_so_does_not_take_the_place_of_what_was_typed():
    book = opened()
    cell(book["fee"], "R2", "resident").value = "WAAR"
    cell(book["zone"], "Z1", "kind").value = "odd"
    book["Facts"]["A14"].value, book["Facts"]["B14"].value = "odds", "string"
    reading = brought(book)
    assert reading.rulebook.table("fee").rules[1].tests == (">= 18", "true")
    assert reading.rulebook.table("zone").rules == FEES.table("zone").rules
    assert len(places(reading, "sheet/read-as")) == 2


def test_a_comparison_that_may_be_with_a_decimal_or_with_two_numbers_stays_and_is_told():
    text, reading, address = habit("income", ">= 18,5")
    assert text == ">= 18,5"
    (found,) = [one for one in check(reading.rulebook)[1] if one.code == "cell/decimal-comma"]
    assert address_of(found.where, reading.addresses) == address
    assert "`>= 18.5`" in found.hint


def column_of(heading, *texts):
    """What the conditions of a column of somebody's own table are read as."""
    reading = read(
        {"rates.csv": "\n".join([f"{heading};=> rate", *(f"{text};1" for text in texts)]).encode()}, LAW
    )
    return [rule.tests[0] for rule in reading.rulebook.tables[0].rules], reading


def test_a_point_between_thousands_is_known_by_the_other_cells_of_the_column():
    tests, reading = column_of("income", "1.250,50", "1.000", "> 2.500", "\u20ac 3.000", ">= 18,5", "1,250")
    assert tests == ["1250.50", "1000", "> 2500", "3000", ">= 18.5", "1.250"]
    told = ", ".join(places(reading, "sheet/read-as"))
    assert all(f"A{row}" in told for row in range(2, 8))


def test_a_point_before_decimals_is_known_by_the_other_cells_of_the_column():
    tests, reading = column_of("income", "1,250.50", "1.125", "> 1,250", "0.125")
    assert tests == ["1250.50", "1.125", "> 1250", "0.125"]
    assert "sheet/ambiguous" not in codes(reading)


@pytest.mark.parametrize("others", [(), ("1.250,50", "12.5")])
def test_a_point_that_nothing_tells_the_meaning_of_is_told_cell_by_cell(others):
    tests, reading = column_of("income", "1.000", "> 2.500", *others)
    assert tests[:2] == ["1.000", "> 2.500"]
    assert places(reading, "sheet/ambiguous") == ["rates.csv!A2", "rates.csv!A3"]


def test_a_day_that_may_be_two_is_read_as_the_other_days_of_its_column():
    assert column_of("born", "31/12/2020", ">= 1/2/2020")[0][1] == '>= @"2020-02-01"'
    assert column_of("born", "12/31/2020", ">= 1/2/2020")[0][1] == '>= @"2020-01-02"'
    tests, reading = column_of("born", "12/31/2020", "31/12/2020", "1/2/2020")
    assert tests[2] == "1/2/2020"
    (found,) = [note for note in reading.notes if note.code == "sheet/ambiguous"]
    assert (found.where.table, found.hint) == ("rates.csv!A4", "Write 2020-02-01 or 2020-01-02.")


def test_the_name_of_a_column_in_one_of_its_own_cells_is_a_text_like_any_other():
    assert column_of("if zone", "zone", "0032, 007")[0] == ['"zone"', '"0032", "007"']


def test_days_of_periods_and_cases_are_read_however_excel_keeps_them():
    book = opened()
    sheet = book["fee"]
    for rule, value in (
        ("R1", dt.datetime.fromisoformat("2020-01-01")),
        ("R2", "1 januari 2021"),
        ("R3", 44562),
    ):
        cell(sheet, rule, "In force from").value = value
        cell(sheet, rule, "In force from").number_format = "General" if value == 44562 else "yyyy-mm-dd"
    book["Cases"]["C2"].value = dt.date(2026, 5, 1)
    reading = brought(book)
    starts = [rule.valid.start for rule in reading.rulebook.table("fee").rules]
    assert starts == ["2020-01-01", "2021-01-01", "2022-01-01"]
    assert reading.rulebook.cases[0].as_of == "2026-05-01"


def test_the_old_calendar_of_the_mac_is_known():
    book = plain(["country", "=> rate", "=> zone"], [dt.date(2026, 1, 31), 1, "a"])
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active["A1"].value, book.active["A2"].number_format = "born", "yyyy-mm-dd"
    assert read({"rates.xlsx": saved(book)}, LAW).rulebook.tables[0].rules[0].tests == ('@"2026-01-31"',)


def test_what_a_formula_came_to_is_read_and_one_that_was_never_worked_out_is_an_error():
    book = opened()
    sheet = book["fee"]
    cell(sheet, "R1", "fee").value = "=5*2"
    sheet.cell(row_of(sheet, "R1"), 5).data_type = "f"
    data = saved(book)
    reading = read({"x": data}, FEES)
    assert codes(reading) == {"sheet/error"}
    assert "worked out" in reading.notes[0].message
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(packed, "w") as after:
        for name in before.namelist():
            after.writestr(
                name, re.sub(rb"<f>5\*2</f>(<v ?/>|<v></v>)", b"<f>5*2</f><v>10</v>", before.read(name))
            )
    reading = read({"x": packed.getvalue()}, FEES)
    assert codes(reading) == {"sheet/formula"}
    assert reading.rulebook.table("fee").rules[0].outputs == ("10",)


def test_merged_cells_say_the_same_for_each_of_them_and_hidden_rows_are_read():
    book = plain(["country", "income", "=> rate"], ["BE", "> 5", 1], [None, "<= 5", 2], name="rates")
    book.active.merge_cells("A2:A3")
    book.active.row_dimensions[3].hidden = True
    reading = read({"rates.xlsx": saved(book)}, LAW)
    assert [rule.tests for rule in reading.rulebook.tables[0].rules] == [('"BE"', "> 5"), ('"BE"', "<= 5")]
    assert places(reading, "sheet/merged") == ["rates!A3"]
    assert places(reading, "sheet/hidden") == ["rates!3"]


def test_what_is_the_same_in_many_cells_is_said_once():
    rows = [["FR", f"= {n}", n] for n in range(40)]
    reading = read({"rates.xlsx": saved(plain(["country", "income", "=> rate"], *rows, name="rates"))}, LAW)
    (note,) = [one for one in reading.notes if one.code == "sheet/read-as"]
    assert note.where.table == "rates!A2, A3, A4, A5, A6 and 35 more"


def test_allowed_values_of_a_fact_may_be_typed_without_quotes():
    book = opened()
    book["Facts"]["C4"].value = "plain, odd, new"
    reading = brought(book)
    assert reading.rulebook.facts[2].allowed == '"plain", "odd", "new"'
    assert places(reading, "sheet/read-as") == ["Facts!C4"]


# Tables that somebody made for themselves


def test_a_plain_table_takes_the_place_of_the_one_that_concludes_the_same_and_all_else_stays():
    book = plain(["Land", "Maandinkomen", "rate", "zone"], ["FR", "> 100", 3, "north"], name="Blad1")
    book.active["A1"].value = "country"
    reading = read({"tarieven.xlsx": saved(book)}, LAW)
    (table,) = reading.rulebook.tables
    assert (table.key, table.hit_policy) == ("rates", HitPolicy.FIRST)
    assert [column.expression for column in table.inputs] == ["country", "income"]
    assert table.rules == (Rule("R3", ('"FR"', "> 100"), ("3", '"north"')),)
    assert reading.rulebook.facts == LAW.facts


def test_a_plain_table_of_nobody_becomes_a_rulebook_with_facts_of_guessed_types():
    rows = [["18-65", "WAAR", dt.date(2026, 1, 1), "Gold card", 100], ["> 65", "ONWAAR", None, "Silver", 200]]
    book = plain(["Age", "Resident", "Since", "Member card", "=> Fee"], *rows, name="Fees 2026")
    reading = read({"Prices.xlsx": saved(book)})
    law = reading.rulebook
    assert law.key == "prices"
    assert [(fact.key, fact.type) for fact in law.facts] == [
        ("Age", "number"),
        ("Resident", "boolean"),
        ("Since", "date"),
        ("member_card", "string"),
        ("Fee", "number"),
    ]
    assert law.facts[3].label.by_language == {"en": "Member card"}
    (table,) = law.tables
    assert table.key == "fees_2026"
    assert table.rules[0].tests == ("[18..65]", "true", '@"2026-01-01"', '"Gold card"')
    assert [rule.id for rule in table.rules] == ["R1", "R2"]
    assert places(reading, "sheet/new-fact") == [f"'Fees 2026'!{letter}1" for letter in "ABCDE"]
    assert check(law)[0] is not None


@pytest.mark.parametrize("mark", ["=> fee", "\u2192 fee", "then fee", "Dan: fee", "alors fee", "= fee"])
def test_an_outcome_is_known_by_its_mark(mark):
    book = plain(["if age", mark, "Rechtsgrond", "nr"], ["< 18", 0, "art. 1", "A1"])
    (table,) = read({"x.xlsx": saved(book)}, Rulebook("r", facts=FEES.facts)).rulebook.tables
    assert [column.fact for column in table.outputs] == ["fee"]
    assert table.rules == (Rule("A1", ("< 18",), ("0",), citation="art. 1"),)


def test_a_row_above_the_headings_may_say_what_is_a_condition_and_what_an_outcome():
    book = plain(
        ["Fees of 2026"],
        [None],
        ["Conditions", None, "Outcome", "Note"],
        ["age", "resident", "fee", None],
        ["< 18", "-", 0, "children"],
    )
    book.active.merge_cells("A3:B3")
    (table,) = read({"x.xlsx": saved(book)}, Rulebook("r", facts=FEES.facts)).rulebook.tables
    assert [column.expression for column in table.inputs] == ["age", "resident"]
    assert table.title.by_language == {"en": "Fees of 2026"}
    assert table.rules == (Rule("R1", ("< 18", "-"), ("0",), note="children"),)


def test_further_columns_of_notes_of_a_plain_table_are_kept_under_their_headings():
    book = plain(
        ["age", "then fee", "Note", "Remark", "Opmerking", "Comment"],
        ["< 18", 0, "children", "as of old", None, None],
        [">= 18", 10, None, "1.250,50", "", None],
    )
    reading = read({"x.xlsx": saved(book)}, Rulebook("r", facts=FEES.facts))
    (table,) = reading.rulebook.tables
    assert table.notes == (Note("Remark"),)
    assert [(rule.note, rule.notes) for rule in table.rules] == [
        ("children", ("as of old",)),
        ("", ("1.250,50",)),
    ]
    assert places(reading, "sheet/column") == ["Sheet1!E1, F1"]


def test_a_row_above_the_headings_may_say_what_is_a_note_and_the_heading_how_it_is_called():
    book = plain(
        ["Condition", "Outcome", "Note", "Note"], ["age", "fee", "Source", "Note"], ["< 18", 0, "a", "b"]
    )
    (table,) = read({"x.xlsx": saved(book)}, Rulebook("r", facts=FEES.facts)).rulebook.tables
    assert table.notes == (Note("Source"),)
    assert (table.rules[0].note, table.rules[0].notes) == ("b", ("a",))


def test_a_plain_table_knows_the_columns_of_notes_of_the_rulebook_and_leaves_those_that_it_lacks():
    source = Note("src", Words({"en": "Source", "nl": "Bron"}))
    book = with_column(with_column(with_column(FEES, "fee", Note("seen")), "fee", source), "fee", Note("by"))
    for column, text in (("seen", "1999"), ("src", "Bulletin"), ("by", "the council")):
        book = with_cell(book, "fee", "R1", column, text)
    text = "rule;age;resident;fee;Bron;Remark;Note\nR1;< 21;-;0;Gazette;new;n\nR2;>= 21;true;10;;;\n"
    reading = read({"fee.csv": text.encode()}, book)
    table = reading.rulebook.table("fee")
    assert [one.key for one in table.notes] == ["seen", "src", "by", "Remark"]
    assert table.notes[1] == source
    assert [rule.notes for rule in table.rules] == [("1999", "Gazette", "the council", "new"), ()]
    assert table.rules[0].note == "n"
    assert "sheet/kept" in codes(reading)


def test_a_plain_table_of_which_no_column_is_known_to_be_an_outcome_is_refused_with_what_to_do():
    with pytest.raises(InvalidRulebook) as caught:
        read({"x.xlsx": saved(plain(["age", "price"], ["< 18", 0]))})
    (found,) = [one for one in caught.value.diagnostics if one.is_error]
    assert (found.code, found.where.table) == ("sheet/no-outcome", "Sheet1!1")
    assert "`then fee`" in found.hint


def test_what_a_plain_table_has_no_column_for_stays_by_the_ids_of_its_rules():
    text = "rule;age;resident;fee\nR1;< 21;-;0\nR2;>= 21;true;10\n"
    reading = read({"fee.csv": text.encode()}, FEES)
    old, new = FEES.table("fee").rules, reading.rulebook.table("fee").rules
    assert [rule.id for rule in new] == ["R1", "R2"]
    assert new[0].tests == ("< 21", "-")
    assert (new[0].citation, new[0].confidence, new[1].valid) == (old[0].citation, "V", old[1].valid)
    assert "sheet/kept" in codes(reading)


def errors_of(files, into=FEES):
    """The errors for which files are refused: code, place, and what else is said of them."""
    with pytest.raises(InvalidRulebook) as caught:
        read(files, into)
    return [
        (one.code, one.where.table, f"{one.message} {one.hint}")
        for one in caught.value.diagnostics
        if one.is_error
    ]


def test_what_stands_beside_the_headed_columns_of_a_rule_is_an_error_at_its_cell():
    found = errors_of({"fee.csv": b"age,=> fee\n1,2,three,4\n5,6\n"})
    assert [one[:2] for one in found] == [("sheet/no-fact", "fee.csv!C2, D2")]


def test_a_remark_beside_no_rule_is_passed_over_with_a_word():
    book = plain(["age", "=> fee"], ["< 18", 0], name="fee")
    book.active["Z9"].value = "see the law"
    reading = read({"x.xlsx": saved(book)}, FEES)
    assert places(reading, "sheet/heading") == ["fee!Z9"]


def test_what_stands_far_right_in_a_table_of_ours_is_told_where_it_stands():
    book = opened()
    book["fee"]["Z9"].value = "stray"
    assert [one[:2] for one in errors_of({"x": saved(book)})] == [("sheet/no-kind", "fee!Z9")]


@pytest.mark.parametrize(
    ("sheet", "place", "typed", "meant"),
    [
        ("fee", "A1", "Tabel!", "Table"),
        ("fee", None, "Knd", "Kind"),
        ("Facts", "B1", "Typ", "type"),
        ("Facts", "A1", "Fcat", "fact"),
    ],
)
def test_a_label_that_is_damaged_makes_no_stranger_of_a_sheet(sheet, place, typed, meant):
    book = opened()
    place = place or next(one.coordinate for one in book[sheet]["A"] if one.value == meant)
    book[sheet][place].value = typed
    ((code, where, words),) = errors_of({"x": saved(book)})
    assert (code, where) == ("sheet/heading", f"{sheet}!{place}")
    assert f"Did you mean {meant}?" in words


def test_a_file_without_a_table_is_named():
    assert [one[:2] for one in errors_of({"empty.csv": b"nothing\n"})] == [("sheet/no-table", "empty.csv")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read(encoding):
    reading = read({"fee.csv": "age,=> fee\n< 18,0\n".encode(encoding)}, FEES)
    assert reading.rulebook.table("fee").rules[0].tests[0] == "< 18"


def test_a_text_of_zero_bytes_is_refused_with_what_to_do():
    ((code, _, words),) = errors_of({"fee.csv": b"age,=> fee\n\0\0\0,0\n"})
    assert code == "sheet/csv"
    assert "CSV UTF-8" in words


@pytest.mark.parametrize("end", ["", "\n", "\n5,6\n"])
def test_a_quotation_mark_that_is_never_closed_is_told_with_its_line(end):
    ((code, where, words),) = errors_of({"fee.csv": f'age,=> fee\n1,2\n"3,4{end}'.encode()})
    assert (code, where) == ("sheet/csv", "fee.csv")
    assert "line 3" in words


# Separated values


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_separated_values_are_read_whatever_parts_them_and_however_they_are_encoded(separator, encoding):
    rows = [["age", "=> fee", "citation"], ["< 18", "0", "Décret, art. 1er"], [">= 18", "1250.50", "Loi «A»"]]
    text = "\r\n".join(separator.join(f'"{value}"' for value in row) for row in rows)
    reading = read({"fee.csv": text.encode(encoding)}, FEES)
    rules = reading.rulebook.table("fee").rules
    assert [rule.tests[0] for rule in rules] == ["< 18", ">= 18"]
    assert [rule.citation for rule in rules] == ["Décret, art. 1er", "Loi «A»"]
    assert ("sheet/encoding" in codes(reading)) == (encoding == "cp1252")


def test_cells_of_separated_values_have_addresses_too():
    reading = read({"fee.csv": b"sep=;\nage;=> fee\n< 18;1 +\n"}, FEES)
    _, found = check(reading.rulebook)
    (error,) = [one for one in found if one.code == "feel/syntax"]
    assert address_of(error.where, reading.addresses) == "fee.csv!B3"


def test_several_tables_come_together_as_several_files():
    files = {"fee.csv": b"age,=> fee\n< 18,0\n", "zone.csv": b"kind,=> zone\nodd,north\n"}
    book = read(files, FEES).rulebook
    assert [len(book.table(key).rules) for key in ("fee", "zone", "papers")] == [1, 1, 2]


# Hostile and broken files


def assert_read(reading):
    """That files are read and judged, or refused in words."""
    try:
        rulebook = reading().rulebook
    except InvalidRulebook as refusal:
        assert refusal.diagnostics  # noqa: PT017 - both ways are right
    else:
        check(rulebook)


TEXTS = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>fee</t></si></sst>'


def shared(name, data):
    """A part of a workbook whose sheet has a text among those that all sheets share, as Excel writes them."""
    if name == "xl/_rels/workbook.xml.rels":
        kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
        made = b'<Relationship Id="rIdS" Type="' + kind + b'" Target="sharedStrings.xml"/></Relationships>'
        return data.replace(b"</Relationships>", made)
    text = rb'(<c r="C1" [^>]*)t="inlineStr"><is><t>fee</t></is>'
    return re.sub(text, rb'\1t="s"><v>0</v>', data) if name == "xl/worksheets/sheet3.xml" else data


def rezipped(change, book=FEES):
    """A workbook with one part changed."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(write(book, Format.XLSX).data)) as before,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            after.writestr(name, change(name, shared(name, before.read(name))))
        after.writestr("xl/sharedStrings.xml", change("xl/sharedStrings.xml", TEXTS))
    return packed.getvalue()


def test_texts_that_sheets_share_are_read_and_so_are_those_in_parts():
    assert read({"x": rezipped(lambda _, data: data)}, FEES).rulebook == FEES
    runs = b"<r><rPr><b/></rPr><t>f</t></r><r><t>ee</t></r><rPh><t>no</t></rPh>"
    assert (
        read(
            {"x": rezipped(lambda _, data: data.replace(b"<t>fee</t></si>", runs + b"</si>"))}, FEES
        ).rulebook
        == FEES
    )


def refused(data):
    with pytest.raises(InvalidRulebook) as caught:
        read({"evil.xlsx": data}, FEES)
    return {found.code for found in caught.value.diagnostics}


ENTITY = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
)
def test_a_workbook_that_declares_entities_is_refused(part):
    def change(name, data):
        return ENTITY + data.split(b"?>", 1)[-1] if name == part else data

    assert refused(rezipped(change)) == {"sheet/workbook"}


@pytest.mark.parametrize(
    "change",
    [
        lambda name, data: data[: len(data) // 2] if name.endswith("sheet3.xml") else data,
        lambda name, data: b"" if name == "xl/sharedStrings.xml" else data,
        lambda name, data: data.replace(b"<v>0</v>", b"<v>999999</v>") if "sheet3" in name else data,
        lambda name, data: data.replace(b'r="C', b'r="ZZZZZZZZ') if "sheet3" in name else data,
        lambda name, data: b"<x/>" if name == "_rels/.rels" else data,
        lambda name, data: (
            data.replace(b"sheet3.xml", b"nothing.xml") if name.endswith("workbook.xml.rels") else data
        ),
    ],
    ids=["cut", "no texts", "no such text", "no such column", "no book", "no sheet"],
)
def test_a_broken_workbook_is_refused_in_words(change):
    assert refused(rezipped(change)) <= {"sheet/workbook", "sheet/too-large"}


@pytest.mark.parametrize(
    "texts",
    [
        b"<si><t>" + b"a" * 9_000_000 + b"</t></si>",
        b"<si><t>a</t></si>",
        b"<si><t>" + b"a" * 15_000_000 + b"</t></si>",
    ],
    ids=["much text", "many texts", "one text"],
)
def test_a_workbook_that_unpacks_to_far_more_than_it_seems_is_refused_soon(texts, monkeypatch):
    monkeypatch.setattr(xlsx_in, "MAX_ELEMENTS", 100_000)
    monkeypatch.setattr(xlsx_in, "MAX_UNPACKED", 20_000_000)

    def change(name, data):
        many = b"<sst>" + texts * (3 if len(texts) > 99 else 100_001) + b"</sst>"
        return many if name == "xl/sharedStrings.xml" else data

    assert refused(rezipped(change)) <= {"file/too-large", "sheet/workbook"}


@pytest.mark.parametrize(
    ("put", "place"),
    [
        (b'<c r="C1" t="n"><v>1e999999999</v></c>', "fee!C1"),
        (b'<c r="C1" t="n"><v>Infinity</v></c>', "fee!C1"),
        (b'<c r="C1" t="str"><v>_xD800_</v></c>', "fee!C1"),
        (b'<c r="C1" t="inlineStr"><is><t>a_xDC00_b</t></is></c>', "fee!C1"),
    ],
)
def test_a_cell_that_holds_what_no_spreadsheet_can_is_refused_at_its_place(put, place):
    def change(name, data):
        return re.sub(rb'<c r="C1".*?</c>', put, data) if name.endswith("sheet3.xml") else data

    with pytest.raises(InvalidRulebook) as caught:
        read({"x": rezipped(change)}, FEES)
    assert [(found.code, found.where.table) for found in caught.value.diagnostics] == [
        ("sheet/workbook", place)
    ]


def test_two_halves_of_a_sign_are_the_sign():
    assert xlsx_in._unescaped("_xD83D__xDE00_") == "\U0001f600"


def test_rows_are_counted_from_one():
    def change(name, data):
        return data.replace(b'<row r="1"', b'<row r="-5"') if name.endswith("sheet3.xml") else data

    assert refused(rezipped(change)) == {"sheet/workbook"}


def test_millions_of_elements_are_refused_before_they_are_gone_through():
    def change(name, data):
        more = b"<sheetData>" + b"<x/>" * 6_000_000
        return data.replace(b"<sheetData>", more) if name.endswith("sheet3.xml") else data

    data = rezipped(change)
    began = time.process_time()
    assert refused(data) == {"file/too-large"}
    assert time.process_time() - began < 5


def test_a_sheet_that_says_it_has_a_million_rows_is_read_by_what_is_in_them():
    row = b'<row r="%d" ht="15" customHeight="1"><c r="XFD%d" s="1"/></row>'
    rows = b"".join(row % (n, n) for n in range(100, 1_048_577, 8))

    def change(name, data):
        if name != "xl/worksheets/sheet3.xml":
            return data
        return data.replace(b"</sheetData>", rows + b"</sheetData>").replace(
            b'ref="A1:K15"', b'ref="A1:XFD1048576"'
        )

    began = time.process_time()
    assert read({"x": rezipped(change)}, FEES).rulebook == FEES
    assert time.process_time() - began < 30


def test_content_far_outside_of_what_is_read_is_refused_with_its_place():
    book = opened()
    book["fee"].cell(60_000, 3).value = "x"
    with pytest.raises(InvalidRulebook) as caught:
        brought(book)
    assert [(found.code, found.where.table) for found in caught.value.diagnostics] == [
        ("sheet/too-large", "fee!60000")
    ]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(st.text(max_size=6), max_size=4), max_size=5),
    st.sampled_from([",", ";"]),
    st.booleans(),
)
def test_no_text_whatever_makes_the_reading_of_separated_values_fall(rows, separator, into):
    data = "\n".join(separator.join(row) for row in rows).encode("utf-8", "replace")
    assert_read(lambda: read({"x.csv": data}, FEES if into else None))


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_no_content_whatever_makes_the_reading_of_a_workbook_fall(data):
    book = opened()
    values = st.one_of(
        st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=8),
        st.sampled_from(["=1+", "Kind", "Rule", "Condition", "\u21b3 x", "Table", "#N/A", "1,5", "Fact", "x: ["]),
        st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(),
        st.dates(dt.date(1900, 3, 1)), st.none(),
    )  # fmt: skip
    for _ in range(data.draw(st.integers(1, 6))):
        sheet = book[data.draw(st.sampled_from(book.sheetnames))]
        sheet.cell(data.draw(st.integers(1, 14)), data.draw(st.integers(1, 9))).value = data.draw(values)
    into = data.draw(st.sampled_from([FEES, None]))
    assert_read(lambda: brought(book, into))
