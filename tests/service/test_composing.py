"""Pieces as wholes: added, copied, given another key, taken away; nothing else changes, and keys are keys."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_tables.compile import check, compile_rulebook
from decision_tables.errors import NotFound, Refused
from decision_tables.rulebook import DecisionService, Query
from decision_tables.table import (
    Formula,
    FunctionDefinition,
    HitPolicy,
    Input,
    KnowledgeModel,
    LiteralExpression,
    Rule,
)
from decision_tables.vocabulary import Words
from service.composing import (
    callers_of,
    facts_of,
    free_key,
    is_key,
    key_from,
    orphans_of,
    table_for,
    with_formula_added,
    with_function_added,
    with_node_renamed,
    with_query,
    with_service,
    with_table_added,
    with_table_copied,
    without_function,
    without_node,
    without_query,
    without_service,
)
from tests.service.fees import FEES

NODES = [node.key for node in FEES.nodes]


@given(st.text(), st.sampled_from(["table", "query"]))
def test_whatever_a_title_is_a_key_can_be_made_of_it(title, otherwise):
    key = key_from(title, otherwise=otherwise)
    assert is_key(key)
    assert len(key) <= 70
    assert key_from(key, otherwise=otherwise) == key, "a key that was made stays as it is"


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Aides à la rénovation", "aides_a_la_renovation"),
        ("  Wie krijgt steun?  ", "wie_krijgt_steun"),
        ("2026", "table_2026"),
        ("補助金", "table"),
        ("<b>", "b"),
        ("word " * 40, "_".join(["word"] * 12)),
    ],
)
def test_a_key_reads_as_its_title_does(title, key):
    assert key_from(title, otherwise="table") == key


@given(st.lists(st.sampled_from(["a", "a_2", "a_3", "b"])))
def test_a_free_key_is_taken_by_nobody(taken):
    assert free_key("a", taken) not in taken
    assert free_key("c", taken) == "c"


@pytest.mark.parametrize("key", NODES)
def test_another_key_and_back_is_no_change_and_the_program_answers_the_same(key):
    renamed = with_node_renamed(FEES, key, "another")
    assert [node.key for node in renamed.nodes] == ["another" if one == key else one for one in NODES]
    assert with_node_renamed(renamed, "another", key) == FEES
    compile_rulebook(renamed)
    with pytest.raises(NotFound):
        with_node_renamed(renamed, key, "x")


@pytest.mark.parametrize("key", NODES)
def test_what_is_copied_or_added_can_be_taken_away_again_and_nothing_else_changed(key):
    assert all(node.key != key for node in without_node(FEES, key).nodes)
    assert without_node(FEES, key).facts == FEES.facts
    if FEES.table(key) is not None:
        copied = with_table_copied(FEES, key, "copy", Words({"en": "Copy"}))
        assert [table.key for table in copied.tables].index("copy") == NODES.index(key) + 1
        assert without_node(copied, "copy") == FEES
    assert without_node(with_formula_added(FEES, Formula("sum", "fee", "1")), "sum") == FEES


@pytest.mark.parametrize(
    ("key", "code"),
    [("", "table/key"), ("a b", "table/key"), ("1a", "table/key"), ("fee", "table/key-taken")],
)
def test_a_key_that_is_none_or_is_taken_is_refused(key, code):
    for edit in (
        lambda: with_table_added(FEES, table_for(key, HitPolicy.UNIQUE, Words(), "zone", ())),
        lambda: with_formula_added(FEES, Formula(key, "fee", "1")),
        lambda: with_table_copied(FEES, "papers", key, Words()),
        lambda: with_node_renamed(FEES, "papers", key),
    ):
        with pytest.raises(Refused) as refused:
            edit()
        assert refused.value.code == code


def test_a_new_table_has_a_column_for_each_fact_and_compiles():
    made = table_for("new", HitPolicy.FIRST, Words(), "zone", ("age", "kind"))
    assert made.inputs == (Input("age", "age"), Input("kind", "kind"))
    assert made.rules == (Rule("R1", ("-", "-"), ("",)),)
    program, found = check(with_table_added(without_node(FEES, "zone"), made))
    assert program is not None, found


def test_columns_of_facts_whose_names_have_several_words_have_keys_of_one():
    made = table_for("new", HitPolicy.UNIQUE, Words(), "a b", ("a_b", "a  b"))
    assert [column.key for column in (*made.inputs, *made.outputs)] == ["a_b", "a_b_2", "a_b_3"]
    assert made.outputs[0].fact == "a b"


def test_what_only_one_table_concludes_is_orphaned_without_it():
    assert orphans_of(FEES, "fee") == ("fee",)
    twice = with_table_copied(FEES, "fee", "fee_2", Words())
    assert orphans_of(twice, "fee") == ()
    assert facts_of(FEES.table("papers")) == ("papers",)


TWICE = KnowledgeModel("twice", FunctionDefinition((), LiteralExpression("1")))


@pytest.mark.parametrize(
    ("text", "calls"),
    [("twice()", True), ("1 + twice( ) ", True), ('"twice()"', False), ("twice( + ", True), ("1", False)],
)
def test_a_function_goes_only_once_no_text_calls_it(text, calls):
    book = with_formula_added(with_function_added(FEES, TWICE), Formula("calls", "fee", text))
    assert [where.table for where in callers_of(book, "twice")] == ["calls"] * calls
    if calls:
        with pytest.raises(Refused, match="still called") as refused:
            without_function(book, "twice")
        assert refused.value.reasons == ("calls",)
    else:
        assert without_function(book, "twice").functions == ()


def test_a_function_that_calls_itself_may_go():
    itself = replace(TWICE, function=FunctionDefinition((), LiteralExpression("twice()")))
    assert without_function(with_function_added(FEES, itself), "twice") == FEES
    with pytest.raises(NotFound):
        without_function(FEES, "twice")


def test_queries_and_services_are_put_in_their_places_and_taken_away():
    added = with_query(FEES, Query("new", ("fee",)))
    assert added.queries[-1].key == "new"
    changed = with_query(added, Query("new", ("zone",)))
    assert [one.goals for one in changed.queries if one.key == "new"] == [("zone",)]
    assert without_query(changed, "new") == FEES
    assert without_query(FEES, FEES.default_query).default_query == ""
    offered = with_service(FEES, DecisionService("offer", outputs=("fee",)))
    assert without_service(offered, "offer") == FEES
    for gone in (lambda: without_query(FEES, "x"), lambda: without_service(FEES, "x")):
        with pytest.raises(NotFound):
            gone()
