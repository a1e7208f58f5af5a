"""What is written as DMN reads as the same rulebook, and is what the schema and other tools expect."""

from __future__ import annotations

import json
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from authored import rulebooks as any_rulebooks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from strategies import rulebooks

from decision_tables.formats.dmn import read_dmn, write_dmn
from decision_tables.formats.dmn.xml import DMN
from decision_tables.rulebook import Rulebook, fields_of
from decision_tables.table import Note
from decision_tables.vocabulary import Words
from tests.packs import telecom
from tests.tck import scores

SCHEMAS = Path(__file__).parent / "schema"
NODE = Path(__file__).parent.parent / "node"
TELECOM = telecom()
KIT = scores.kit()
VERSIONS = ("1.5", "1.3")
often = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def schema(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMAS / f"DMN{version.replace('.', '')}.xsd"))


def there_and_back(book: Rulebook, version: str) -> None:
    """Written, it is valid; read, it is what it was, but for the document that it was read from."""
    written = write_dmn(book, version=version)
    document = etree.fromstring(written.data)
    schema(version).assertValid(document)
    reading = read_dmn(written.data)
    again = replace(reading.rulebook, origin=book.origin)
    mine, its = fields_of(book), fields_of(again)
    assert {name: (mine[name], its[name]) for name in mine if mine[name] != its[name]} == {}
    assert again == book


@often
@given(any_rulebooks)
def test_any_authored_data_comes_back_from_dmn_as_it_was(book):
    there_and_back(book, "1.5")


@often
@given(any_rulebooks)
def test_any_authored_data_comes_back_from_dmn_1_3_as_it_was(book):
    there_and_back(book, "1.3")


@often
@given(rulebooks())
def test_a_rulebook_that_runs_comes_back_from_dmn_as_it_was(book):
    there_and_back(book, "1.5")


ANNOTATIONS = st.lists(
    st.sampled_from(["", "citation", "note", "Why", "Why", "x", "annotation", "Why 2", "d"]), max_size=5
)
TOLD = st.lists(st.sampled_from(["", "a", " b ", "c\nd"]), max_size=6)


def annotated(names: list[str], rules: list[list[str]]) -> bytes:
    """A model of another tool, with a table that has these annotations."""
    model = ET.Element("definitions", xmlns=DMN, name="m", namespace="urn:m")
    ET.SubElement(ET.SubElement(model, "inputData", name="x"), "variable", name="x", typeRef="number")
    logic = ET.SubElement(ET.SubElement(model, "decision", name="d"), "decisionTable")
    told(ET.SubElement(logic, "input", label="x"), "inputExpression", "x")
    ET.SubElement(logic, "output")
    for name in names:
        ET.SubElement(logic, "annotation", name=name)
    for texts in rules:
        rule = ET.SubElement(logic, "rule")
        told(rule, "inputEntry", "-")
        told(rule, "outputEntry", "1")
        for text in texts:
            told(rule, "annotationEntry", text)
    return ET.tostring(model)


def told(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(ET.SubElement(parent, tag), "text").text = text


def names_of_annotations(data: bytes) -> list[str]:
    return [one.get("name") or "" for one in etree.fromstring(data).iter(f"{{{DMN}}}annotation")]


@often
@given(ANNOTATIONS, st.lists(TOLD, min_size=1, max_size=3), TOLD, st.randoms(use_true_random=False))
def test_annotations_of_another_tool_go_out_and_come_in_again_also_when_the_table_has_changed(
    names, rules, texts, chance
):
    book = read_dmn(annotated(names, rules)).rulebook
    assert names_of_annotations(write_dmn(book).data) == names
    there_and_back(book, "1.5")
    table = book.tables[0]
    said = {text.strip() for row in rules for text in row} - {""}
    kept = {part.strip() for rule in table.rules for part in (rule.citation, rule.note, *rule.notes)} - {""}
    assert said == kept
    notes = [*table.notes, Note("new", Words({"en": "Why", "nl": "Waarom"}))]
    chance.shuffle(notes)
    first = replace(table.rules[0], notes=tuple(texts[: len(notes)]), citation="".join(texts[:1]))
    changed = replace(
        table, notes=tuple(notes[: chance.randint(0, len(notes))]), rules=(first, *table.rules[1:])
    )
    there_and_back(replace(book, tables=(changed,)), "1.5")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_telecom_rulebook_comes_back_from_dmn_as_it_was(version):
    there_and_back(TELECOM, version)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("model", ["camunda7.dmn", "dish.dmn", "traffic.dmn"])
def test_what_other_tools_have_written_goes_out_by_the_schema_and_comes_in_again(model, version):
    there_and_back(read_dmn((Path(__file__).parent / "models" / model).read_bytes()).rulebook, version)


@pytest.mark.skipif(KIT is None, reason="the DMN TCK is not here: set DMN_TCK to its folder")
def test_every_model_of_the_kit_goes_out_and_comes_in_again():
    models = sorted(Path(KIT or "", "TestCases").rglob("*.dmn"))
    assert len(models) > 100
    for path in models:
        others = {other.name: other.read_bytes() for other in path.parent.glob("*.dmn") if other != path}
        book = read_dmn(path.read_bytes(), others=others).rulebook
        for version in VERSIONS:
            there_and_back(book, version)


def modelled(files: dict[str, bytes], folder: Path) -> dict[str, list[str]]:
    """What dmn-moddle, by which Camunda Modeler reads, says of each file."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    done = subprocess.run(
        ["node", NODE / "moddle.mjs", *(folder / name for name in files)], check=True, capture_output=True
    )
    return json.loads(done.stdout)


@pytest.mark.skipif(
    shutil.which("node") is None or not (NODE / "node_modules").is_dir(),
    reason="dmn-moddle is not here: install Node.js and run make node",
)
def test_dmn_moddle_reads_ours_without_warnings(tmp_path):
    files = {"telecom.dmn": write_dmn(TELECOM, version="1.3").data}
    if KIT is not None:
        for path in sorted(Path(KIT, "TestCases").rglob("*.dmn")):
            others = {other.name: other.read_bytes() for other in path.parent.glob("*.dmn") if other != path}
            book = read_dmn(path.read_bytes(), others=others).rulebook
            files[path.name] = write_dmn(book, version="1.3").data
    assert {name: told for name, told in modelled(files, tmp_path).items() if told} == {}
