"""A model that comes back from another tool: rules are known again, and nothing is lost that DMN cannot say."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from strategies import rulebooks

from decision_tables.formats.dmn import read_again, read_dmn, write_dmn
from decision_tables.table import Note
from decision_tables.vocabulary import Words
from service.editing import with_cell, with_column
from tests.packs import telecom
from tests.service.fees import FEES

DISH = (Path(__file__).parent / "models/dish.dmn").read_bytes()
TELECOM = telecom()
NEW_ROW = b"""<rule id="row-new">
<inputEntry id="n1"><text>"Summer"</text></inputEntry><inputEntry id="n2"><text>-</text></inputEntry>
<outputEntry id="n3"><text>"Salad"</text></outputEntry></rule>"""


def stripped(data: bytes) -> bytes:
    """What a tool gives back that drops everything it does not know."""
    return re.sub(rb"\s*<extensionElements>.*?</extensionElements>", b"", data, flags=re.DOTALL)


def dishes(book):
    return {rule.id: rule.outputs[0] for rule in book.tables[0].rules}


def test_a_rule_that_another_tool_puts_on_top_leaves_the_others_their_ids():
    before = read_dmn(DISH).rulebook
    assert dishes(before) == {"1": '"Spareribs"', "2": '"Roastbeef"', "3": '"Stew"'}
    changed = DISH.replace(b'<rule id="row-1">', NEW_ROW + b'<rule id="row-1">')
    after = read_again(changed, before).rulebook
    assert dishes(after) == {"4": '"Salad"', **dishes(before)}
    assert [rule.id for rule in after.tables[0].rules] == ["4", "1", "2", "3"]


def test_a_rule_keeps_its_id_when_others_are_gone_or_stand_elsewhere():
    before = read_dmn(DISH).rulebook
    rows = re.findall(rb"<rule id=.*?</rule>", DISH, re.DOTALL)
    without_first = DISH.replace(rows[0], b"")
    assert dishes(read_again(without_first, before).rulebook) == {"2": '"Roastbeef"', "3": '"Stew"'}
    turned = DISH.replace(rows[0], b"@").replace(rows[2], rows[0]).replace(b"@", rows[2])
    assert dishes(read_again(turned, before).rulebook) == dishes(before)


def test_a_new_rule_never_takes_the_id_of_one_that_is_gone():
    before = read_dmn(DISH).rulebook
    rows = re.findall(rb"<rule id=.*?</rule>", DISH, re.DOTALL)
    changed = DISH.replace(rows[1], NEW_ROW)
    assert list(dishes(read_again(changed, before).rulebook)) == ["1", "4", "3"]


def test_an_edit_here_and_an_edit_there_are_told_apart_by_the_rules_ids():
    before = read_dmn(DISH).rulebook
    table = before.tables[0]
    added = replace(table.rules[0], id="S1", outputs=('"Soup"',))
    edited = replace(before, tables=(replace(table, rules=(added, *table.rules)),))
    out = write_dmn(edited).data
    assert read_again(out, edited).rulebook.tables == edited.tables
    assert read_again(stripped(out), edited).rulebook.tables == edited.tables


def test_what_another_tool_dropped_for_want_of_a_place_stays_as_the_rulebook_has_it():
    reading = read_again(stripped(write_dmn(FEES).data), FEES)
    assert next(note.code for note in reading.notes) == "dmn/kept"
    book = reading.rulebook
    assert book.cases == FEES.cases
    assert book.queries == FEES.queries
    assert (book.time_zone, book.languages, book.default_query) == (FEES.time_zone, FEES.languages, "fee")
    assert book.absent == "unknown"
    by_key = {table.key: table for table in book.tables}
    for table in FEES.tables:
        if table.key in by_key:
            assert [rule.valid for rule in by_key[table.key].rules] == [rule.valid for rule in table.rules]
            assert [rule.referral for rule in by_key[table.key].rules] == [r.referral for r in table.rules]
    asked = {fact.key: fact.question for fact in book.facts}
    assert all(asked[fact.key] == fact.question for fact in FEES.facts)


def test_a_column_of_notes_keeps_its_key_and_its_words_in_other_languages():
    source = Note("src", Words({"en": "Source", "nl": "Bron"}))
    noted = with_cell(with_column(FEES, "fee", source), "fee", "R1", "src", "Bulletin")
    data = stripped(write_dmn(noted).data).replace(b"Bulletin", b"Gazette")
    after = read_again(data, noted).rulebook.table("fee")
    assert after.notes == (source,)
    assert after.rules[0].notes == ("Gazette",)


def test_what_was_taken_out_here_stays_out_because_our_own_file_says_so():
    without = replace(FEES, cases=(), default_query="", queries=())
    reading = read_again(write_dmn(without).data, FEES)
    assert replace(reading.rulebook, origin="") == without
    assert reading.notes == ()


def test_a_model_of_a_foreign_tool_that_says_the_same_gives_no_note():
    before = read_dmn(DISH).rulebook
    assert read_again(DISH, before) == read_dmn(DISH, key=before.key)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(rulebooks(), rulebooks())
def test_our_own_file_reads_as_what_it_says_whatever_the_rulebook_said_before(book, before):
    reading = read_again(write_dmn(book).data, replace(before, key=book.key))
    assert replace(reading.rulebook, origin="") == replace(book, origin="")


def test_the_telecom_rulebook_comes_back_through_a_tool_that_keeps_nothing_with_its_rules_as_they_were():
    book = read_again(stripped(write_dmn(TELECOM).data), TELECOM).rulebook
    before = {table.key: [rule.id for rule in table.rules] for table in TELECOM.tables}
    for table in book.tables:
        if table.key in before:
            assert [rule.id for rule in table.rules] == before[table.key]
    assert book.cases == TELECOM.cases


def test_the_rules_of_an_imported_model_keep_their_numbers():
    files = {
        name: (Path(__file__).parent / "models" / name).read_bytes() for name in ("parking.dmn", "tariff.dmn")
    }
    before = read_dmn(files["parking.dmn"], others={"tariff.dmn": files["tariff.dmn"]}).rulebook
    assert (
        read_again(files["parking.dmn"], before, others={"tariff.dmn": files["tariff.dmn"]}).rulebook
        == before
    )
