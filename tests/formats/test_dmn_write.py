"""Rulebooks as DMN models: what is kept of the file they came from, what other tools change, what they pass over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from builders import book, query, row, table
from lxml import etree

from decision_tables.formats.dmn import read_dmn, write_dmn
from decision_tables.formats.dmn.xml import DMN, children, local
from decision_tables.rulebook import Rulebook
from decision_tables.table import Conditional, Formula, LiteralExpression, Note, Rule
from decision_tables.vocabulary import Fact, Words

DISH = (Path(__file__).parent / "models" / "dish.dmn").read_bytes()
NAMES = {
    "m": DMN,
    "dmndi": "https://www.omg.org/spec/DMN/20230324/DMNDI/",
    "camunda": "http://camunda.org/schema/1.0/dmn",
}


def told(data: bytes) -> set[tuple[object, ...]]:
    """Each element of a document by its name, attributes and text, in no order."""
    skipped = {"exporter", "exporterVersion"}
    return {
        (
            etree.QName(one).localname,
            tuple(sorted((name, value) for name, value in one.attrib.items() if name not in skipped)),
            (one.text or "").strip(),
        )
        for one in etree.fromstring(data).iter(etree.Element)
    }


def found(data: bytes, path: str) -> list[etree._Element]:
    return etree.fromstring(data).xpath(path, namespaces=NAMES)


def test_an_untouched_import_keeps_all_its_elements():
    written = write_dmn(read_dmn(DISH).rulebook)
    # What Camunda calls an integer is DMN's number.
    assert told(written.data) == told(DISH.replace(b'typeRef="integer"', b'typeRef="number"'))
    assert [note.code for note in written.notes] == []


def test_what_was_added_is_drawn_and_what_is_gone_takes_its_shapes_along():
    read = read_dmn(DISH).rulebook
    facts = (*(fact for fact in read.facts if fact.key != "guests"), Fact("price"), Fact("cheap"))
    dish = read.tables[0]
    alone = replace(
        dish,
        inputs=dish.inputs[:1],
        rules=tuple(replace(rule, tests=rule.tests[:1]) for rule in dish.rules),
    )
    changed = replace(
        read, facts=facts, tables=(alone,), formulas=(*read.formulas, Formula("cheap", "cheap", "price < 10"))
    )
    data = write_dmn(changed).data
    ids = {str(one) for one in found(data, "//@id")}
    drawn = [str(one) for one in found(data, "//@dmnElementRef")]
    assert "guests_id" not in drawn
    assert "InformationRequirement_2" not in drawn
    assert "Association_1" not in ids
    assert set(drawn) <= ids
    elements = {
        one.get("id") for one in found(data, "/m:definitions/m:decision | /m:definitions/m:inputData")
    }
    requirements = {one.get("id") for one in found(data, "//m:informationRequirement")}
    assert elements | requirements <= set(drawn)
    bounds = {shape.get("dmnElementRef"): dict(shape[0].attrib) for shape in found(data, "//dmndi:DMNShape")}
    assert bounds["dish-decision"] == {"height": "80", "width": "180", "x": "301", "y": "47"}
    assert replace(read_dmn(data).rulebook, origin=changed.origin) == changed


def test_a_rule_that_moved_keeps_its_id_and_what_other_tools_wrote():
    read = read_dmn(DISH).rulebook
    first, second, third = read.tables[0].rules
    moved = replace(
        read,
        tables=(replace(read.tables[0], rules=(third, first, Rule("9", ("-", "-"), ('"Soup"',)), second)),),
    )
    rules = found(write_dmn(moved).data, "//m:rule")
    assert [rule.get("id") for rule in rules if rule.get("id", "").startswith("row-")] == [
        "row-3",
        "row-1",
        "row-2",
    ]


def test_every_model_of_no_origin_gets_a_whole_diagram_in_which_nothing_overlaps():
    made = book(
        table("t", "U", "x y -> c", row("1", "2", "3")),
        Formula("f", "d", "c + x"),
        Formula("g", "e", "d + c"),
    )
    data = write_dmn(made).data
    boxes = [
        tuple(float(shape[0].get(name)) for name in ("x", "y", "width", "height"))
        for shape in found(data, "//dmndi:DMNShape")
    ]
    assert len(boxes) == 5
    for n, (x, y, width, height) in enumerate(boxes):
        for x2, y2, width2, height2 in boxes[:n]:
            assert x + width <= x2 or x2 + width2 <= x or y + height <= y2 or y2 + height2 <= y
    assert len(found(data, "//dmndi:DMNEdge")) == len(found(data, "//m:informationRequirement")) == 6


def test_a_fact_of_several_tables_is_put_together_and_folded_back():
    made = book(table("be", "U", "x -> c", row("1", "2")), table("fr", "U", "y -> c", row("1", "2")))
    data = write_dmn(made).data
    names = [one.get("name") for one in found(data, "/m:definitions/m:decision")]
    assert sorted(names) == ["be", "c", "fr"]
    joined = found(data, "//m:decision[@name='c']/m:literalExpression/m:text")[0]
    assert joined.text == "[be, fr][item != null][1]"
    assert read_dmn(data).rulebook.tables == made.tables
    edited = data.replace(f"<text>{joined.text}<".encode(), b"<text>be<")
    reading = read_dmn(edited)
    assert [one.code for one in reading.notes] == ["dmn/joined"]
    assert reading.rulebook.formulas[0].expression == "be"


def test_a_change_by_another_tool_stands_and_what_dmn_cannot_say_stays():
    rule = row(
        '"BE"', '"yes"', citation="Article 1", confidence="V", flags=("contested",), valid=("2020-01-01", "")
    )
    made = book(table("t", "U", "x -> c", rule))
    data = write_dmn(made).data
    edited = data.replace(b'"BE"', b'"FR"').replace(b"Article 1", b"Article 2")
    before, after = made.tables[0].rules[0], read_dmn(edited).rulebook.tables[0].rules[0]
    assert after == replace(before, tests=('"FR"',), citation="Article 2")


SOURCE = Note("src", Words({"en": "Source", "nl": "Bron"}))
NOTED = table(
    "t", "U", "x -> c", row("1", "2", citation="Article 1", notes=("Bulletin", "old")), row("2", "3")
)
NOTED = replace(NOTED, notes=(SOURCE, Note("remark")))


def annotated(data: bytes) -> list[list[str | None]]:
    """The names of a model's annotations, and each rule's texts in them."""
    rules = [[one.text for one in rule.iter(f"{{{DMN}}}text")] for rule in found(data, "//m:rule")]
    names = [one.get("name") for one in found(data, "//m:annotation")]
    return [names, *(texts[-len(names) :] for texts in rules)]


def test_columns_of_notes_go_out_as_annotations_behind_what_each_rule_has():
    made = book(NOTED)
    data = write_dmn(made).data
    assert annotated(data) == [
        ["citation", "Source", "remark"],
        ["Article 1", "Bulletin", "old"],
        [None, None, None],
    ]
    assert read_dmn(data).rulebook.tables == made.tables


def test_a_column_of_notes_is_known_again_whatever_another_tool_adds_and_writes_beside_it():
    data = write_dmn(book(NOTED)).data
    edited = data.replace(
        b'<annotation name="remark"/>', b'<annotation name="new"/><annotation name="remark"/>'
    )
    entry = b"<annotationEntry>\n          <text>old</text>"
    assert entry in edited
    edited = edited.replace(entry, b"<annotationEntry><text>said</text></annotationEntry>" + entry)
    after = read_dmn(edited).rulebook.tables[0]
    assert after.notes == (SOURCE, Note("new"), Note("remark"))
    assert after.rules[0] == replace(NOTED.rules[0], notes=("Bulletin", "said", "old"))


def test_a_label_that_is_called_as_what_each_rule_has_is_told_apart():
    notes = (Note("a", Words({"en": "citation"})), Note("note"), Note("b", Words({"en": "note"})), Note(""))
    made = book(replace(NOTED, notes=notes))
    data = write_dmn(made).data
    assert annotated(data)[0] == ["citation", "citation 2", "note 2", "note 3", "note 4"]
    assert read_dmn(data).rulebook.tables == made.tables


def test_annotations_keep_their_order_when_the_table_has_changed():
    untouched = read_dmn(
        write_dmn(book(NOTED))
        .data.replace(b'<annotation name="citation"/>', b'<annotation name="@"/>')
        .replace(b'name="Source"', b'name="citation"')
        .replace(b'name="@"', b'name="Source"')
    ).rulebook
    assert untouched.tables[0].rules[0].citation == "Bulletin"
    assert untouched.tables[0].rules[0].notes == ("Article 1", "old")
    assert annotated(write_dmn(untouched).data)[0] == ["Source", "citation", "remark"]
    before = untouched.tables[0]
    edited = replace(
        before,
        notes=(*before.notes, Note("more")),
        rules=(replace(before.rules[0], note="new", notes=("A", "B", "C")), *before.rules[1:]),
    )
    made = replace(untouched, tables=(edited,))
    data = write_dmn(made).data
    assert annotated(data)[:2] == [
        ["note", "Source", "citation", "remark", "more"],
        ["new", "A", "Bulletin", "B", "C"],
    ]
    assert read_dmn(data).rulebook.tables == made.tables


def test_a_text_that_xml_changes_is_mended_unless_another_tool_changed_it():
    made = book(table("t", "U", "x -> c", row(' "a"\x00', '"b"')))
    data = write_dmn(made).data
    assert read_dmn(data).rulebook.tables == made.tables
    edited = data.replace('"a"\N{REPLACEMENT CHARACTER}'.encode(), b'"z"')
    assert read_dmn(edited).rulebook.tables[0].rules[0].tests == ('"z"',)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"adds":{"id":{}}}', '{"mends":3}', '{"words":{"x":1}}', '{"order":[]}']
)
def test_an_extension_that_was_broken_is_passed_over_with_a_warning(text):
    made = book(table("t", "U", "x -> c", row("1", "2", confidence="V")))
    root = etree.fromstring(write_dmn(made).data)
    for piece in root.xpath("//m:rule//*[local-name()='piece']", namespaces=NAMES):
        piece.text = text
    reading = read_dmn(etree.tostring(root))
    rule = reading.rulebook.tables[0].rules[0]
    assert rule.tests == ("1",)
    if text != '{"order":[]}':
        assert [one.code for one in reading.notes] == ["dmn/extension"]


def test_what_other_tools_pass_over_is_told_once_for_each_kind_with_places():
    made = replace(
        book(
            table(
                "t",
                "U",
                "x -> c",
                row("1", "2", valid=("2020-01-01", "")),
                row("2", "3", valid=("", "2020-01-01")),
            ),
            queries=(query("q", "c"),),
        ),
        time_zone="Europe/Brussels",
    )
    notes = [note.message for note in write_dmn(made).notes]
    assert "Other tools pass over the periods of rules (2: t / r1, t / r2)." in notes
    assert any("queries" in note for note in notes)
    assert any("Europe/Brussels" in note for note in notes)


def test_dmn_1_3_says_as_text_what_came_later():
    box = Conditional(LiteralExpression("x > 1"), LiteralExpression('"a"'), LiteralExpression('"b"'))
    made = Rulebook("k", facts=(Fact("x"), Fact("c")), formulas=(Formula("c", "c", boxed=box),))
    data = write_dmn(made, version="1.3").data
    texts = [
        one.text for one in etree.fromstring(data).iter("{https://www.omg.org/spec/DMN/20191111/MODEL/}text")
    ]
    assert texts == ['if x > 1 then "a" else "b"']
    assert read_dmn(data).rulebook.formulas == made.formulas


def test_labels_go_out_in_english_and_other_languages_come_back():
    made = replace(
        book(Formula("f", "c", "1")),
        facts=(Fact("c", "number", label=Words({"nl": "Kans", "en": "Chance"})),),
    )
    data = write_dmn(made).data
    assert found(data, "//m:decision")[0].get("label") == "Chance"
    assert read_dmn(data).rulebook.facts == made.facts
    edited = data.replace(b'label="Chance"', b'label="Odds"')
    assert read_dmn(edited).rulebook.facts[0].label.by_language == {"nl": "Kans", "en": "Odds"}


def test_the_elements_of_the_graph_keep_the_order_of_the_vocabulary():
    made = book(table("t", "U", "b a -> c", row("1", "1", "2")))
    root = etree.fromstring(write_dmn(made).data)
    names = [one.get("name") for one in children(root) if local(one) in {"inputData", "decision"}]
    assert names == [fact.key for fact in made.facts]
