"""Files of any kind at the one door: what they are, what they hold together, and what is no file for us."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from decision_tables.compile import check
from decision_tables.errors import InvalidRulebook, NotFound
from decision_tables.formats import Format, format_named, key_like, read, write
from decision_tables.formats.dmn.xml import MAX_DEPTH
from decision_tables.rulebook import document_of
from tests.service.fees import FEES

MODELS = Path(__file__).parent / "models"
PARKING = {name: (MODELS / name).read_bytes() for name in ("parking.dmn", "tariff.dmn")}
CAMUNDA = (MODELS / "dish.dmn").read_bytes()
DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def zipped(files, method=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def refused(files, into=None):
    """The diagnostics with which files are refused."""
    with pytest.raises(InvalidRulebook) as caught:
        read(files, into)
    return caught.value.diagnostics


def codes(files):
    return {found.code for found in refused(files)}


def model(name, *imports, body="", space=""):
    wanted = "".join(f'<import name="{one}" namespace="urn:{one}" importType="{DMN}"/>' for one in imports)
    head = f'<definitions xmlns="{DMN}" name="{name}" namespace="urn:{space or name}">'
    return f"{head}{wanted}{body}</definitions>".encode()


@pytest.mark.parametrize("form", [Format.DMN, Format.DMN_1_3, Format.JSON])
def test_what_is_written_in_any_format_is_read_as_the_same_rulebook(form):
    again = read({"whatever": write(FEES, form).data}).rulebook
    assert replace(again, origin="") == FEES


def test_models_that_import_each_other_are_one_rulebook_in_whatever_order_they_come():
    forwards = read(PARKING)
    backwards = read(dict(reversed(PARKING.items())))
    assert forwards.rulebook == backwards.rulebook
    assert forwards.rulebook.key == "parking-permit"
    assert [function.key for function in forwards.rulebook.functions] == ["Tariff.Price of zone"]
    assert forwards.notes == ()
    program, found = check(forwards.rulebook)
    assert program is not None, found


def test_a_zip_of_models_is_read_as_the_models_in_it():
    packed = {"__MACOSX/._parking.dmn": b"litter", "models/.DS_Store": b"litter"}
    packed |= {f"models/{name}": data for name, data in PARKING.items()}
    assert read({"all.zip": zipped(packed)}).rulebook == read(PARKING).rulebook


def test_a_model_that_nobody_imports_is_passed_over_and_said_so():
    reading = read({"main.dmn": model("Main", "Part"), "part.dmn": model("Part"), "odd.dmn": model("Odd")})
    assert [(note.code, note.where.table, note.is_error) for note in reading.notes] == [
        ("file/not-read", "odd.dmn", False)
    ]


def test_two_files_of_one_model_are_refused_because_one_would_be_lost():
    (found,) = refused({"a.dmn": model("A"), "b.dmn": model("B", space="A")})
    assert found.code == "file/same-model"
    assert "a.dmn and b.dmn" in found.message


def test_models_that_import_each_other_in_a_ring_are_read_from_the_first():
    reading = read({"a.dmn": model("A", "B"), "b.dmn": model("B", "A")})
    assert reading.rulebook.key == "a"


def test_everything_that_cannot_be_read_is_told_at_once_each_by_its_file():
    found = refused({"a.dmn": model("A"), "b.dmn": b"<definitions", "c.dmn": b"<bpmn/>"})
    assert [(one.code, one.where.table) for one in found] == [("dmn/xml", "b.dmn"), ("dmn/not-dmn", "c.dmn")]


def test_the_place_of_a_note_names_the_file_where_there_are_several():
    odd = '<decision name="d"/>'
    reading = read({"main.dmn": model("Main", "Part"), "part.dmn": model("Part", body=odd)})
    assert [str(note.where) for note in reading.notes] == ["decision d / part.dmn, line 1"]
    alone = read({"part.dmn": model("Part", body=odd)})
    assert [str(note.where) for note in alone.notes] == ["decision d / line 1"]


def test_a_document_and_a_release_as_the_service_gives_it_are_both_read():
    document = document_of(FEES)
    for data in (document, {"release": {"number": 3}, "document": document}):
        assert read({"fees.json": json.dumps(data).encode()}).rulebook == FEES


def test_a_document_of_another_rulebook_takes_the_key_that_is_asked_for_and_says_so():
    reading = read({"fees.json": write(FEES, Format.JSON).data}, key="tariff")
    assert reading.rulebook == replace(FEES, key="tariff")
    assert [note.code for note in reading.notes] == ["file/other-key"]


@pytest.mark.parametrize(
    ("name", "data", "code", "said"),
    [
        ("none.dmn", b"", "file/unknown", "empty"),
        ("notes.txt", b"Dear all", "file/unknown", "not known here"),
        ("table.pdf", b"%PDF-1.7", "file/unknown", "PDF"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file/unknown", "old version of Office"),
        ("letter.json", b"{\\rtf1 Dear all}", "file/unknown", "word processor"),
        ("list.json", b"[]", "file/unknown", ""),
        ("half.json", b'{"key":', "file/json", "no JSON"),
        ("twice.json", b'{"key": "a", "key": "b"}', "file/json", "twice"),
        ("shape.json", b'{"key": 3}', "rulebook/shape", ""),
        (
            "process.bpmn",
            b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>',
            "dmn/not-dmn",
            "",
        ),
        ("half.zip", b"PK\x03\x04 and no more", "file/archive", ""),
        ("picture.dmn", b"\x89PNG\r\n\x1a\n", "dmn/xml", ""),
    ],
)
def test_what_is_no_rulebook_is_refused_and_told_what_it_is(name, data, code, said):
    (found,) = refused({name: data})
    assert found.code == code
    assert said in f"{found.message} {found.hint}"


def test_files_that_do_not_go_together_are_refused():
    assert codes({"a.dmn": CAMUNDA, "b.json": b"{}"}) == {"file/together"}
    assert codes({}) == {"file/unknown"}


def test_a_name_with_folders_or_signs_for_a_terminal_is_said_without_them():
    for name in ("../../etc/passwd", "C:\\Users\\me\\passwd", "\x1b]0;\x07passwd", "pass\r\nwd"):
        (found,) = refused({name: b"root:x:0:0"})
        assert found.where.table in {"passwd", "]0;passwd"}
    (found,) = refused({"x" * 5000: b"?"})
    assert len(found.where.table) == 100


def test_archives_with_the_same_names_in_them_lose_nothing():
    first, second = zipped({"model.dmn": model("A", "B")}), zipped({"model.dmn": model("B")})
    assert read({"a.zip": first, "b.zip": second}).rulebook.key == "a"


# What is made to do harm


def test_an_archive_that_unpacks_without_end_is_refused_before_it_fills_the_memory():
    bomb = zipped({f"{n}.dmn": bytes(32 * 1024 * 1024) for n in range(12)})
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    assert codes({"bomb.zip": bomb}) == {"file/too-large"}
    assert tracemalloc.get_traced_memory()[1] < 200_000_000
    tracemalloc.stop()


def test_an_archive_of_countless_files_is_refused():
    assert codes({"many.zip": zipped({f"{n}": b"" for n in range(2_000)}, zipfile.ZIP_STORED)}) == {
        "file/too-large"
    }


def test_an_archive_in_an_archive_is_not_opened():
    assert codes({"outer.zip": zipped({"inner.zip": zipped({"a.dmn": CAMUNDA})})}) == {"file/unknown"}


def test_a_locked_archive_is_refused():
    data = bytearray(zipped({"a.dmn": CAMUNDA}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    assert codes({"locked.zip": bytes(data)}) == {"file/archive"}


def test_entities_are_never_taken():
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE d [<!ENTITY a0 "ha">{laughs}]><definitions xmlns="{DMN}" name="&a9;" namespace="u"/>'
    outside = f'<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]><definitions xmlns="{DMN}" name="&f;"/>'
    for data in (bomb, outside):
        assert codes({"bomb.dmn": data.encode()}) <= {"dmn/doctype", "dmn/xml"}


def nested(n):
    start, end = '<context><contextEntry><variable name="a"/>', "</contextEntry></context>"
    text = "<literalExpression><text>1</text></literalExpression>"
    return model("Deep", body=f'<decision name="d">{start * n}{text}{end * n}</decision>')


def test_what_nests_deeper_than_people_write_is_refused():
    assert codes({"deep.dmn": nested(MAX_DEPTH - 20)}) == {"dmn/too-deep"}
    assert codes({"deeper.dmn": nested(100_000)}) == {"dmn/xml"}
    assert codes({"deep.json": b'{"a":' * 300 + b"1" + b"}" * 300}) == {"file/json"}
    assert codes({"deeper.json": b'{"a":' * 100_000 + b"1" + b"}" * 100_000}) == {"file/json"}


def test_what_nests_as_deep_as_may_be_goes_in_and_out_and_compiles():
    book = read({"deep.dmn": nested(MAX_DEPTH // 2 - 4)}).rulebook
    program, _ = check(book)
    assert program is not None
    for form in Format:
        assert replace(read({"deep": write(book, form).data}).rulebook, origin=book.origin) == book


# Formats by name


def test_a_format_is_known_by_its_name_and_a_near_miss_is_told():
    assert format_named("dmn-1.3") is Format.DMN_1_3
    with pytest.raises(NotFound, match="Did you mean dmn"):
        format_named("dnm")


def test_a_key_is_made_of_a_files_name():
    assert key_like("/tmp/Parking Permit (2).dmn") == "parking-permit-2"
    assert key_like("...") == "rulebook"
