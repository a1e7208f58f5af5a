"""A rulebook as a document, and the hashes of its content and of its releases."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from authored import rulebooks
from builders import book, query, row, table
from hypothesis import HealthCheck, given, settings

from decision_tables.errors import InvalidRulebook
from decision_tables.rulebook import (
    Case,
    Rulebook,
    canonical_json,
    content_hash,
    document_of,
    release_hash,
    rulebook_of,
)
from decision_tables.table import Formula

often = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
encoder = msgspec.json.Encoder(decimal_format="number")
decoder = msgspec.json.Decoder(float_hook=Decimal)


@often
@given(rulebooks)
def test_a_rulebook_comes_back_from_its_document_as_it_was(rulebook: Rulebook):
    assert rulebook_of(document_of(rulebook)) == rulebook


@often
@given(rulebooks)
def test_a_rulebook_comes_back_from_stored_json_with_the_same_hash(rulebook: Rulebook):
    again = rulebook_of(decoder.decode(encoder.encode(document_of(rulebook))))
    assert content_hash(again) == content_hash(rulebook)


SMALL = book(
    table("t", "U", "x -> c", row('"a"', "1", valid=("2020-01-01", ""))),
    Formula("f", "d", "c + 1"),
    queries=(query("q", "c d"),),
    cases=(Case("K", "a case", {"x": Decimal("1.50")}, "2020-01-01"),),
)


@pytest.mark.parametrize(
    "changed",
    [
        replace(SMALL, tables=(replace(SMALL.tables[0], open=True),)),
        replace(SMALL, tables=(replace(SMALL.tables[0], rules=()),)),
        replace(SMALL, formulas=(replace(SMALL.formulas[0], expression="c+1"),)),
        replace(SMALL, facts=SMALL.facts[::-1]),
        replace(SMALL, queries=(query("q", "d c"),)),
        replace(SMALL, cases=(replace(SMALL.cases[0], facts={"x": Decimal("1.5")}),)),
        replace(SMALL, default_query="q"),
    ],
)
def test_the_content_hash_tells_any_change_cells_as_typed(changed):
    assert content_hash(changed) != content_hash(SMALL)


def test_the_content_hash_is_the_sha_256_of_the_canonical_document():
    digest = hashlib.sha256(canonical_json(document_of(SMALL))).hexdigest()
    assert content_hash(SMALL) == f"sha256:{digest}"


def test_canonical_json_sorts_keys_has_no_white_space_and_is_utf_8():
    assert (
        canonical_json({"b": [1, {"z": None, "a": True}], "a": "é"})
        == '{"a":"é","b":[1,{"a":true,"z":null}]}'.encode()
    )


def test_canonical_json_is_normal_form_c_in_keys_and_values():
    composed, decomposed = "é", "e\u0301"
    assert composed != decomposed
    assert canonical_json({decomposed: [decomposed]}) == canonical_json({composed: [composed]})
    assert canonical_json("\u212b") == '"Å"'.encode(), "also where one character stands for another"


def test_keys_are_sorted_after_they_are_normal():
    assert canonical_json({"e\u0301": 1, "f": 2}) == '{"f":2,"é":1}'.encode()


def test_numbers_keep_their_digits_in_canonical_json():
    assert canonical_json([Decimal("1.50"), Decimal("1E+2"), 10**30]) == b"[1.50,1E+2,1" + b"0" * 30 + b"]"


def test_a_release_is_chained_to_the_one_before():
    content = content_hash(SMALL)
    first = release_hash(content, "", 1)
    second = release_hash(content, first, 2)
    assert first.startswith("sha256:")
    assert len({first, second, release_hash(content, first, 3), release_hash(content, second, 2)}) == 4
    assert release_hash(content, first, 2) == second


@pytest.mark.parametrize(
    ("document", "words_"),
    [
        ({}, "key"),
        ({"key": 5}, "str"),
        ({"key": "b", "tables": [{"key": "t", "hit_policy": "X"}]}, "X"),
        ({"key": "b", "tables": {}}, "array"),
        ({"key": "b", "facts": [{"key": "f", "nullable": "yes"}]}, "bool"),
    ],
)
def test_a_document_of_another_shape_is_refused_and_told_where(document, words_):
    with pytest.raises(InvalidRulebook) as refused:
        rulebook_of(document)
    (found,) = refused.value.diagnostics
    assert found.code == "rulebook/shape"
    assert words_ in found.message


def test_nodes_tables_and_queries_are_found_by_key():
    assert [node.key for node in SMALL.nodes] == ["t", "f"]
    assert SMALL.table("t") is SMALL.tables[0]
    assert SMALL.table("f") is None
    assert SMALL.query("q") is SMALL.queries[0]
    assert SMALL.query("") is None
