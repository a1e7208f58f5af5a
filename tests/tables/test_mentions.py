"""Where a rulebook speaks of a fact, and that fact under another name: nothing else may become another."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from decision_tables.cases import run_cases
from decision_tables.compile import check, compile_rulebook
from decision_tables.diagnostics import Where
from decision_tables.feel.parse import is_name
from decision_tables.items import ItemDefinition
from decision_tables.mentions import Role, mentions_of, renamed, users_of_type
from decision_tables.rulebook import DecisionService, content_hash
from decision_tables.table import (
    Binding,
    ContextExpression,
    Entry,
    Formula,
    FunctionDefinition,
    Invocation,
    Iteration,
    KnowledgeModel,
    LiteralExpression,
    Quantifier,
)
from decision_tables.vocabulary import Fact
from tests.service.fees import FEES
from tests.tables.authored import rulebooks
from tests.tables.builders import book, table


def formula_under(text, name="new", **facts):
    """What becomes of a formula's text when `old` is renamed, and whether that was safe."""
    whole = book(Formula("f", "out", text), facts=[Fact("old"), *map(Fact, facts)])
    outcome = renamed(whole, "old", name)
    return outcome.rulebook.formulas[0].expression, bool(outcome.clashes)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("old + 1", "new + 1"),
        ("older + old.old", "older + new.old"),
        ('"old" + old', '"old" + new'),
        ("for old in old return old", "for old in new return old"),
        ("{old: old, b: old}", "{old: new, b: old}"),
        ("function(old) old + 1", "function(old) old + 1"),
        ("sum(old, // old\n old)", "sum(new, // old\n new)"),
        ("some x in old satisfies x = old", "some x in new satisfies x = new"),
        ("old[old > 1]", "new[new > 1]"),
    ],
)
def test_names_of_the_fact_are_changed_and_what_only_looks_like_it_is_not(text, after):
    assert formula_under(text, older="") == (after, False)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("for new in [1] return old + new", "new"),
        ("function(new) old", "new"),
        ("{new: 1, b: old}", "new"),
        ("new -1 + old", "new -1"),
    ],
)
def test_a_name_that_would_mean_something_else_is_told(text, name):
    outcome = renamed(book(Formula("f", "out", text), facts=[Fact("old")]), "old", name)
    assert [clash.where for clash in outcome.clashes] == [Where("f")]


def test_a_name_of_several_words_is_found_however_it_is_spaced():
    whole = book(Formula("f", "out", "monthly   income * 12"), facts=[Fact("monthly income")])
    outcome = renamed(whole, "monthly income", "wage")
    assert outcome.rulebook.formulas[0].expression == "wage * 12"


def test_broken_text_that_holds_the_name_is_told_and_left_alone():
    whole = book(Formula("f", "out", "old + + ("), Formula("g", "out2", "gold ("), facts=[Fact("old")])
    outcome = renamed(whole, "old", "new")
    assert outcome.rulebook.formulas == whole.formulas
    assert [(one.role, one.where) for one in outcome.mentions] == [(Role.UNREADABLE, Where("f"))]


def test_boxed_expressions_functions_and_services_follow():
    body = ContextExpression(
        (
            Entry("a", LiteralExpression("old")),
            Entry("old", LiteralExpression("old + a")),
            Entry("", Iteration(Quantifier.FOR, "x", LiteralExpression("old"), LiteralExpression("x + old"))),
        )
    )
    called = Invocation("both", (Binding("old", LiteralExpression("old")),))
    whole = replace(
        book(
            Formula("f", "out", boxed=body),
            Formula("g", "out2", boxed=called),
            Formula("h", "out3", "both(old: old).out + both(old: 2).old"),
            facts=[Fact("old")],
        ),
        functions=(KnowledgeModel("twice", FunctionDefinition((), LiteralExpression("old * 2"))),),
        services=(DecisionService("both", outputs=("out", "old"), inputs=("old",)),),
    )
    outcome = renamed(whole, "old", "new")
    assert not outcome.clashes
    first, second, third = outcome.rulebook.formulas
    assert [entry.value for entry in first.boxed.entries[:2]] == [
        LiteralExpression("new"),
        LiteralExpression("new + a"),
    ]
    assert first.boxed.entries[2].value.body == LiteralExpression("x + old"), "the entry is nearer by"
    assert second.boxed.bindings[0] == Binding("new", LiteralExpression("new"))
    assert third.expression == "both(new: new).out + both(new: 2).new"
    assert outcome.rulebook.functions[0].function.body == LiteralExpression("new * 2")
    assert outcome.rulebook.services[0].inputs == ("new",)


def test_every_place_that_speaks_of_a_fact_is_told():
    found = [(one.role, one.where) for one in mentions_of(FEES, "surcharge")]
    assert found == [
        (Role.READS, Where("papers", "P2", "cost")),
        (Role.GIVES, Where("cases", "C2", "facts")),
    ]
    found = [(one.role, one.where) for one in mentions_of(FEES, "fee")]
    assert found == [
        (Role.CONCLUDES, Where("fee", "", "fee")),
        (Role.ASKS, Where("queries", "fee")),
        (Role.ASKS, Where("queries", "all")),
        (Role.GIVES, Where("cases", "C1", "expect")),
        (Role.GIVES, Where("cases", "C2", "expect")),
    ]
    assert mentions_of(FEES, "born") == ()


def test_a_rulebook_under_other_names_answers_its_cases_as_before():
    whole = FEES
    for fact in FEES.facts:
        outcome = renamed(whole, fact.key, f"the {fact.key}")
        assert not outcome.clashes
        whole = outcome.rulebook
    assert check(whole)[1] == ()
    assert all(result.passed for result in run_cases(compile_rulebook(whole)))


@settings(deadline=None)
@given(rulebooks, st.sampled_from(["a", "b", "c d", "x"]))
def test_a_new_name_and_the_old_one_again_leave_a_rulebook_as_it_was(whole, key):
    assume(all(is_name(fact.key) or fact.key not in {"a", "b"} for fact in whole.facts))
    whole = replace(whole, facts=(*(fact for fact in whole.facts if fact.key != key), Fact(key)))
    assume("fresh name" not in str(whole))
    outcome = renamed(whole, key, "fresh name")
    assert not outcome.clashes
    again = renamed(outcome.rulebook, "fresh name", key)
    assert content_hash(again.rulebook) == content_hash(whole)
    assert [one.where for one in again.mentions if one.role is not Role.UNREADABLE] == [
        one.where for one in outcome.mentions if one.role is not Role.UNREADABLE
    ]


def test_what_is_of_a_type_is_told():
    whole = replace(
        book(
            table("t", "U", "x -> y", ("-", "1")),
            Formula("f", "z", "x instance of tAge"),
            facts=[Fact("x", "list<tAge>"), Fact("w", "tAged")],
        ),
        types=(
            ItemDefinition("tAge", "number"),
            ItemDefinition("tBoth", components=(ItemDefinition("a", "tAge"),)),
        ),
    )
    assert users_of_type(whole, "tAge") == (Where("vocabulary", "x"), Where("types", "tBoth"), Where("f"))
