"""Files over HTTP: what is read and told, and what is refused without harm."""

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from decision_tables.formats import Format, read, write
from decision_tables.rulebook import canonical_json, document_of
from service.access import Scope
from tests.service.fees import FEES, with_fee

DISH = (Path(__file__).parents[1] / "formats" / "models" / "dish.dmn").read_bytes()


def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


async def sent(caller, path, *files):
    return await caller.post(path, files=[("files", file) for file in files])


@pytest.mark.parametrize("to", Format)
async def test_what_is_taken_out_can_be_brought_in_and_changes_nothing(keyed, to):
    out = await keyed.get(f"/rulebooks/fees/export?format={to}")
    assert out.status_code == 200
    assert out.headers["content-disposition"] == f'attachment; filename="fees-1.{to.ending}"'
    seen = await sent(keyed, "/rulebooks/fees/import?dry_run=true", ("f", out.content))
    assert seen.status_code == 200, seen.text
    assert seen.json()["changes"] == []
    assert seen.json()["base"] == 1
    assert seen.json()["draft"] is None


async def test_a_changed_document_becomes_a_draft_and_the_change_is_told(keyed, desk):
    changed = canonical_json(document_of(with_fee("12.5")))
    made = await keyed.post("/rulebooks/fees/import?title=higher", content=changed)
    assert made.status_code == 201, made.text
    (change,) = made.json()["changes"]
    assert (change["kind"], change["what"], change["after"]) == ("changed", "cell", "12.5")
    draft = await desk.store.draft(made.json()["draft"])
    assert draft.title == "higher"
    assert draft.document == document_of(with_fee("12.5"))
    again = await keyed.get(f"/rulebooks/fees/export?format=json&draft={draft.id}")
    assert read({"x": again.content}).rulebook == with_fee("12.5")


async def test_a_broken_cell_is_kept_and_told(keyed):
    broken = canonical_json(document_of(with_fee("1 +")))
    made = (await keyed.post("/rulebooks/fees/import", content=broken)).json()
    assert made["draft"]
    assert not made["publishable"]
    assert "feel/syntax" in {found["code"] for found in made["diagnostics"]}


async def test_models_that_import_each_other_come_as_several_files_or_as_a_zip(keyed):
    space = 'xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/"'
    base = f"""<definitions {space} name="base" namespace="urn:base">
        <decision id="rate" name="rate"><variable name="rate"/>
        <literalExpression><text>0.2</text></literalExpression></decision>
        </definitions>""".encode()
    main = f"""<definitions {space} name="main" namespace="urn:main">
        <import name="b" namespace="urn:base" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>
        <decision name="tax"><variable name="tax"/>
        <informationRequirement><requiredDecision href="urn:base#rate"/></informationRequirement>
        <literalExpression><text>100 * b.rate</text></literalExpression></decision></definitions>""".encode()
    stray = base.replace(b"urn:base", b"urn:stray")
    for files in (
        [("base.dmn", base), ("main.dmn", main), ("stray.dmn", stray)],
        [("all.zip", zipped(**{"base.dmn": base, "main.dmn": main, "stray.dmn": stray, "__MACOSX/x": b"?"}))],
    ):
        seen = (await sent(keyed, "/rulebooks/import?dry_run=true&key=tax", *files)).json()
        assert seen["publishable"], seen
        assert [note["code"] for note in seen["notes"]] == ["file/not-read"]


BOMB = b'<!DOCTYPE a [<!ENTITY b "' + b"b" * 1000 + b'"><!ENTITY c "' + b"&b;" * 1000 + b'">]><a>&c;</a>'
DEEP = b"<a>" * 100_000
HOSTILE = {
    "nothing": (b"", "file/unknown"),
    "noise": (b"\x00\x01\x02 noise", "file/unknown"),
    "a text": (b"dear reader", "file/unknown"),
    "no zip": (b"PK\x03\x04 is no zip", "file/archive"),
    "entities": (BOMB, "dmn/"),
    "deep XML": (DEEP, "dmn/xml"),
    "another XML": (b"<html/>", "dmn/not-dmn"),
    "no JSON": (b'{"a": ', "file/json"),
    "deep JSON": (b'{"a":' * 100_000, "file/json"),
    "another JSON": (b'{"a": 1}', "rulebook/shape"),
    "unlike files in a zip": (zipped(**{"a.dmn": DISH, "b.json": b"{}"}), "file/together"),
    "a bomb": (zipped(a=b"\x00" * 80_000_000), "file/too-large"),
    "many": (zipped(**{f"{n}.dmn": b"<a/>" for n in range(1_001)}), "file/too-large"),
    "a path": (zipped(**{"../../etc/passwd": b"x"}), "file/unknown"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_file_that_cannot_be_read_is_refused_and_nothing_is_kept(keyed, desk, name):
    data, code = HOSTILE[name]
    for path in ("/rulebooks/import", "/rulebooks/fees/import"):
        answer = await sent(keyed, path, ("../../x", data))
        assert answer.status_code == 422, answer.text
        assert any(found["code"].startswith(code) for found in answer.json()["diagnostics"]), answer.json()
    assert await desk.store.drafts("fees") == []
    assert [head.key for head in await desk.store.rulebooks()] == ["fees"]


async def test_what_is_too_large_or_no_file_at_all_is_refused(keyed):
    assert (await keyed.post("/rulebooks/import", content=b"")).json()["code"] == "body/no-file"
    form = {"files": (None, "only a field")}
    assert (await keyed.post("/rulebooks/import", files=form)).json()["code"] == "body/no-file"
    assert (await keyed.post("/rulebooks/import", content=b" " * (16 * 1024 * 1024 + 1))).status_code == 413
    assert (await keyed.post("/decide", content=b" " * (1024 * 1024 + 1))).status_code == 413
    assert (await keyed.get("/rulebooks/fees/export?format=dnm")).json()["detail"].endswith("json.")
    assert (await keyed.post("/rulebooks/nowhere/import", content=b"{}")).status_code == 404
    assert (await keyed.post("/rulebooks/import?key=a%20b", content=b"{}")).status_code == 422


async def test_only_a_key_for_editing_brings_files_in(local, keyed, desk):
    assert (await local.post("/rulebooks/import", content=DISH)).status_code == 401
    _, text = await desk.access.create_key("reader", (Scope.READ,), "test")
    reading = {"authorization": f"Bearer {text}"}
    answer = await keyed.post("/rulebooks/import", content=DISH, headers=reading)
    assert answer.status_code == 403
    assert (await keyed.get("/rulebooks/fees/export", headers=reading)).status_code == 200
    made = (await keyed.post("/rulebooks/fees/import", content=canonical_json(document_of(FEES)))).json()
    drafted = await keyed.get(f"/rulebooks/fees/export?draft={made['draft']}", headers=reading)
    assert drafted.status_code == 403


async def test_the_notes_tell_what_a_format_cannot_say(keyed):
    notes = (await keyed.get("/rulebooks/fees/export?format=dmn&notes=true")).json()
    assert notes
    assert json.dumps(notes)


# Workbooks, and tables alone


def workbook(change, book=FEES):
    """A workbook of a rulebook, in which somebody has changed something."""
    opened = openpyxl.load_workbook(io.BytesIO(write(book, Format.XLSX).data))
    change(opened)
    data = io.BytesIO()
    opened.save(data)
    return data.getvalue()


async def test_a_workbook_tells_what_it_changes_and_the_cells_of_what_is_wrong_with_it(keyed, desk):
    def change(opened):
        opened["fee"]["E13"].value = "1 +"
        opened["fee"]["C14"].value = "1.250,50"

    made = (await sent(keyed, "/rulebooks/fees/import", ("fees.xlsx", workbook(change)))).json()
    assert [(one["rule"], one["column"], one["after"]) for one in made["changes"]] == [
        ("R1", "fee", "1 +"),
        ("R2", "age", "1250.50"),
    ]
    assert [(note["code"], note["address"]) for note in made["notes"]] == [("sheet/read-as", "fee!C14")]
    (wrong,) = [found for found in made["diagnostics"] if found["code"] == "feel/syntax"]
    assert (wrong["address"], wrong["table"], wrong["rule"]) == ("fee!E13", "fee", "R1")
    assert (await desk.store.draft(made["draft"])).revision == 1


async def test_a_workbook_that_cannot_be_used_is_refused_with_every_cell(keyed, desk):
    def change(opened):
        opened["fee"]["C4"].value = "uniqe"
        opened["papers"]["C6"].value = "perhaps"

    answer = await sent(keyed, "/rulebooks/fees/import", ("fees.xlsx", workbook(change)))
    assert answer.status_code == 422
    assert {found["table"] for found in answer.json()["diagnostics"]} == {"fee!C4", "papers!C6"}
    assert await desk.store.drafts("fees") == []


async def test_one_table_alone_is_taken_out_as_csv_and_in_no_other_format(keyed):
    out = await keyed.get("/rulebooks/fees/export?format=csv&table=waiver")
    assert out.headers["content-disposition"] == 'attachment; filename="fees-1-waiver.csv"'
    assert out.headers["content-type"] == "text/csv; charset=utf-8"
    seen = await sent(keyed, "/rulebooks/fees/import?dry_run=true", ("waiver.csv", out.content))
    assert seen.json()["changes"] == []
    wrong = await keyed.get("/rulebooks/fees/export?format=xlsx&table=waiver")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "format/whole")
    missing = await keyed.get("/rulebooks/fees/export?format=csv&table=waivr")
    assert (missing.status_code, missing.json()["code"]) == (404, "table/not-found")
