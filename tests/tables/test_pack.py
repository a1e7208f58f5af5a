"""Packs: what is read, and what is told about a folder of another shape."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from decision_tables.compile import check
from decision_tables.errors import InvalidRulebook
from decision_tables.formats import read_pack
from decision_tables.table import HitPolicy, Note, Period
from decision_tables.vocabulary import Words

if TYPE_CHECKING:
    from pathlib import Path

PACK = """
key = "club"
title.en = "Club"
title.nl = "Vereniging"
languages = ["en", "nl"]
default_query = "entry"

[[queries]]
key = "entry"
goals = ["may_enter", "duties"]

[[tables]]
key = "door"
hit_policy = "FIRST"
outputs = { may_enter = { default = "false" } }

[[tables]]
key = "house"
hit_policy = "C"
fill = { "duties.id" = "id", "duties.citation" = "citation" }

[[formulas]]
key = "adult"
fact = "adult"
expression = "age >= 18"
"""
VOCABULARY = """
[age]
type = "number"
label.en = "Age"
question.en = "How old?"
question.nl = "Hoe oud?"
[adult]
type = "boolean"
[may_enter]
type = "boolean"
[duties]
type = "list<context>"
"""
DOOR = """\
rule,adult,age,=> may_enter,citation,flags,valid_from,valid_to,known_from,known_to,referral.en,referral.nl
D1,true,-,true,House rules 1,old worn,2020-01-01,2021-01-01,2020-02-01,2021-02-01,,
D2,-,"[16..18), 99",,House rules 2,,,,,,Is a parent there?,Is er een ouder bij?
"""
HOUSE = r'''
rule,adult,=> duties.id,=> duties.what,citation,note,confidence
H1,true,,"""pay, and \""say\"" so""",House "rules" 3,,K
H2,-,"""H1""","""knock""",House rules 4,at night,V
'''
CASES = """
- id: C1
  name: An adult may enter
  as_of: 2020-06-01
  known_on: 2020-07-01
  facts: {age: 18.50, adult: true}
  expect: {conclusions: {may_enter: true}, certain: {duties: [H1]}, flags: [worn]}
- {id: NO, name: NO, as_of: 2020-06-01, expect: {undetermined: [may_enter]}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    (tmp_path / "cases").mkdir()
    (tmp_path / "pack.toml").write_text(PACK)
    (tmp_path / "vocabulary.toml").write_text(VOCABULARY)
    (tmp_path / "tables" / "door.csv").write_text(DOOR)
    (tmp_path / "tables" / "house.csv").write_text(HOUSE)
    (tmp_path / "cases" / "some.yaml").write_text(CASES)
    return tmp_path


def edited(folder: Path, file: str, old: str, new: str) -> Path:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    return folder


def told(folder: Path) -> list[tuple[str, str, str, str]]:
    with pytest.raises(InvalidRulebook) as caught:
        read_pack(folder)
    return [(d.code, d.where.table, d.where.rule, d.where.column) for d in caught.value.diagnostics]


def test_a_pack_is_read_whole_and_compiles(folder):
    rulebook = read_pack(folder)
    program, diagnostics = check(rulebook)
    assert program is not None
    assert diagnostics == ()
    assert (rulebook.key, rulebook.title.said_in("nl"), rulebook.languages) == (
        "club",
        "Vereniging",
        ("en", "nl"),
    )
    assert [fact.key for fact in rulebook.facts] == ["age", "adult", "may_enter", "duties"]
    assert rulebook.facts[0].question.said_in("nl") == "Hoe oud?"
    assert rulebook.formulas[0].expression == "age >= 18"
    assert rulebook.queries[0].goals == ("may_enter", "duties")


def test_a_column_of_notes_of_the_tables_own_has_its_texts_in_the_margin_and_its_label_in_the_pack(folder):
    edited(
        folder, "tables/house.csv", "citation,note,confidence", "note.why,citation,note,note.seen,confidence"
    )
    edited(folder, "tables/house.csv", 'House "rules" 3,,K', 'order,House "rules" 3,,,K')
    edited(folder, "tables/house.csv", "House rules 4,at night,V", ",House rules 4,at night,1999,V")
    edited(
        folder,
        "pack.toml",
        'hit_policy = "C"',
        'hit_policy = "C"\nnotes.why.label = { en = "Why", nl = "Waarom" }',
    )
    house = read_pack(folder).tables[1]
    assert house.notes == (Note("why", Words({"en": "Why", "nl": "Waarom"})), Note("seen"))
    assert [(rule.notes, rule.note) for rule in house.rules] == [(("order",), ""), (("", "1999"), "at night")]
    edited(folder, "pack.toml", "notes.why.label", "notes.whi.label")
    assert told(folder) == [("pack/entry", "pack", "house", "notes")]


def test_a_rule_keeps_its_cells_as_typed_and_its_margin(folder):
    door, _ = read_pack(folder).tables
    assert door.hit_policy is HitPolicy.FIRST
    assert [column.expression for column in door.inputs] == ["adult", "age"]
    assert door.outputs[0].default == "false"
    first, second = door.rules
    assert first.tests == ("true", "-")
    assert first.valid == Period("2020-01-01", "2021-01-01")
    assert first.known == Period("2020-02-01", "2021-02-01")
    assert first.flags == ("old", "worn")
    assert not first.referral
    assert second.tests == ("-", "[16..18), 99")
    assert second.outputs == ("",)
    assert second.referral.said_in("nl") == "Is er een ouder bij?"


def test_a_filled_column_takes_the_id_or_the_citation_unless_the_cell_says_otherwise(folder):
    _, house = read_pack(folder).tables
    assert [(column.fact, column.part) for column in house.outputs] == [
        ("duties", "id"),
        ("duties", "what"),
        ("duties", "citation"),
    ]
    assert house.rules[0].outputs == ('"H1"', r'"pay, and \"say\" so"', r'"House \"rules\" 3"')
    assert house.rules[1].outputs == ('"H1"', '"knock"', '"House rules 4"')


def test_a_case_is_read_by_the_scalars_of_json(folder):
    first, second = read_pack(folder).cases
    assert first.as_of == "2020-06-01"
    assert first.known_on == "2020-07-01"
    assert first.facts == {"age": Decimal("18.50"), "adult": True}
    assert str(first.facts["age"]) == "18.50"
    assert first.expect.certain == {"duties": ("H1",)}
    assert (second.id, second.name) == ("NO", "NO")


def test_a_byte_order_mark_of_a_spreadsheet_is_no_matter(folder):
    path = folder / "tables" / "door.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_pack(folder).tables[0].key == "door"


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("pack.toml", 'key = "club"', "key = ", ("pack/syntax", "pack", "", "")),
        ("pack.toml", 'key = "club"', "key = 7", ("pack/entry", "pack", "", "")),
        ("pack.toml", "default_query", "default_queri", ("pack/entry", "pack", "", "")),
        ("pack.toml", "title.nl", "title.fr", ("pack/language", "pack", "", "")),
        ("pack.toml", '"FIRST"', '"FRIST"', ("pack/entry", "pack", "door", "hit_policy")),
        ("pack.toml", "may_enter = {", "may_go = {", ("pack/entry", "pack", "door", "outputs")),
        ("pack.toml", "default =", "defualt =", ("pack/entry", "pack", "door", "may_enter")),
        ("pack.toml", '"duties.id" = "id"', '"duties.id" = "note"', ("pack/entry", "pack", "house", "")),
        ("pack.toml", 'key = "house"', 'key = "door"', ("pack/duplicate", "pack", "door", "")),
        ("pack.toml", 'key = "house"', 'key = "hose"', ("pack/missing", "hose", "", "")),
        ("pack.toml", 'key = "house"', 'key = "hose"', ("pack/unlisted", "house", "", "")),
        ("vocabulary.toml", "question.en", "qestion.en", ("pack/entry", "vocabulary", "age", "")),
        ("vocabulary.toml", "question.nl", "question.de", ("pack/language", "vocabulary", "age", "")),
        ("tables/door.csv", "rule,", "id,", ("pack/header", "door", "", "")),
        ("tables/door.csv", "=> may_enter", "may_enter", ("pack/header", "door", "", "")),
        ("tables/door.csv", ",citation,", ",citatoin,", ("pack/header", "door", "", "citatoin")),
        ("tables/door.csv", ",citation,", ",flags,", ("pack/header", "door", "", "flags")),
        ("tables/door.csv", ",citation,", ",note.,", ("pack/header", "door", "", "note.")),
        ("tables/door.csv", ",citation,", ",,", ("pack/header", "door", "", "column 5")),
        ("tables/door.csv", "referral.nl", "referral.fr", ("pack/header", "door", "", "referral.fr")),
        ("tables/house.csv", "=> duties.what", "what", ("pack/header", "house", "", "what")),
        ("tables/door.csv", "D1,true,-", "D1,true", ("pack/width", "door", "D1", "")),
        ("tables/door.csv", "D1,", ",", ("pack/rule", "door", "line 2", "")),
        ("tables/door.csv", "D2,", "D1,", ("pack/duplicate", "door", "D1", "")),
        ("tables/door.csv", '"[16', '"[16"', ("pack/syntax", "door", "", "")),
        ("cases/some.yaml", "- id: C1", "- id: [C1", ("pack/syntax", "some", "", "")),
        ("cases/some.yaml", "age: 18.50", "age: 18.50, age: 19", ("pack/syntax", "some", "", "")),
        ("cases/some.yaml", "age: 18.50", "age: !!float .nan.", ("pack/syntax", "some", "", "")),
        ("cases/some.yaml", "flags:", "flag:", ("pack/entry", "some", "C1", "")),
        ("cases/some.yaml", "undetermined: [may_enter]", "", ("pack/entry", "some", "NO", "")),
        ("cases/some.yaml", "id: NO", "id: C1", ("pack/duplicate", "some", "C1", "")),
    ],
)
def test_what_has_another_shape_is_told_with_its_place(folder, file, old, new, expected):
    assert expected in told(edited(folder, file, old, new))


def test_everything_that_is_wrong_is_told_at_once_in_order(folder):
    edited(folder, "tables/door.csv", "D1,true,-", "D1,true")
    edited(folder, "vocabulary.toml", "question.en", "qestion.en")
    edited(folder, "cases/some.yaml", "flags:", "flag:")
    assert [place[1:3] for place in told(folder)] == [("door", "D1"), ("some", "C1"), ("vocabulary", "age")]


def test_a_misspelt_word_is_told_with_the_word_that_was_meant(folder):
    edited(folder, "tables/door.csv", ",citation,", ",citatoin,")
    with pytest.raises(InvalidRulebook) as caught:
        read_pack(folder)
    assert [d.hint for d in caught.value.diagnostics] == ["Did you mean `citation`?"]


def test_a_row_of_another_width_is_told_with_its_line(folder):
    edited(folder, "tables/door.csv", "D2,-", "\nD2")
    with pytest.raises(InvalidRulebook) as caught:
        read_pack(folder)
    assert [d.message for d in caught.value.diagnostics] == [
        "Line 4 has 11 cells, the header has 12.",
    ]


def test_a_file_that_is_not_utf_8_is_told(folder):
    (folder / "tables" / "door.csv").write_bytes(DOOR.encode().replace(b"House", b"\xff"))
    assert told(folder) == [("pack/syntax", "door", "", "")]


def test_a_folder_without_a_pack_is_told(tmp_path):
    assert told(tmp_path) == [("pack/missing", "pack", "", "")]
