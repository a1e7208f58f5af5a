"""Rulebooks of any authored data at all: texts that are no FEEL, keys that are no names, boxed expressions."""

from __future__ import annotations

from hypothesis import strategies as st

from decision_tables.items import ItemDefinition
from decision_tables.rulebook import Acknowledgement, Case, DecisionService, Expectation, Query, Rulebook
from decision_tables.table import (
    Binding,
    BoxedTable,
    Column,
    Conditional,
    ContextExpression,
    Entry,
    FilterExpression,
    Formula,
    FunctionDefinition,
    HitPolicy,
    Input,
    Invocation,
    Iteration,
    KnowledgeModel,
    ListExpression,
    LiteralExpression,
    Note,
    Output,
    Period,
    Quantifier,
    Relation,
    Rule,
    Table,
)
from decision_tables.vocabulary import Fact, Words

odd = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
plain = st.sampled_from(["a", "b", "c d", "x > 1", '"BE"', "-", "", "list<number>", "string", "a + b"])
text = odd | plain
words = st.builds(Words, st.dictionaries(st.sampled_from(["en", "nl"]), text))
json_values = st.recursive(
    st.none()
    | st.booleans()
    | text
    | st.integers(-(2**60), 2**60)
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=4,
)


def some(parts):
    """A few of them."""
    return st.lists(parts, max_size=2).map(tuple)


texts = some(text)
json_facts = st.dictionaries(text, json_values, max_size=2)
ids = st.dictionaries(text, texts, max_size=2)
periods = st.builds(Period, text, text)
rules = st.builds(Rule, text, texts, texts, text, text, text, texts, periods, periods, words, texts)
tables = st.builds(
    Table,
    text,
    st.sampled_from(HitPolicy),
    some(st.builds(Input, text, text, words, text, text)),
    some(st.builds(Output, text, text, text, text, text, words, text)),
    some(rules),
    words,
    text,
    st.booleans(),
    some(st.builds(Note, text, words)),
)
columns = some(st.builds(Column, text, text))


def _boxes(inner):
    function = st.builds(
        FunctionDefinition, columns, st.none() | inner, st.sampled_from(["FEEL", "Java", "x"]), text
    )
    return st.one_of(
        st.builds(ContextExpression, some(st.builds(Entry, text, inner, text)), text),
        st.builds(Invocation, text, some(st.builds(Binding, text, st.none() | inner)), text),
        st.builds(ListExpression, some(inner), text),
        st.builds(Relation, columns, some(some(inner)), text),
        function,
        st.builds(Conditional, inner, inner, inner, text),
        st.builds(FilterExpression, inner, inner, text),
        st.builds(Iteration, st.sampled_from(Quantifier), text, inner, inner, text),
    )


boxes = st.recursive(
    st.builds(LiteralExpression, text, text) | st.builds(BoxedTable, tables, text), _boxes, max_leaves=4
)
functions = st.builds(FunctionDefinition, columns, st.none() | boxes, st.sampled_from(["FEEL", "Java"]), text)
formulas = st.builds(Formula, text, text, text, words, text, text, text, texts, st.none() | boxes)
items = st.recursive(
    st.builds(
        ItemDefinition,
        text,
        text,
        is_list=st.booleans(),
        allowed=text,
        constraint=text,
        parameters=some(st.builds(ItemDefinition, text, text)),
        result=text,
        label=words,
        note=text,
    ),
    lambda inner: st.builds(ItemDefinition, text, components=some(inner), is_list=st.booleans(), label=words),
    max_leaves=3,
)
cases = st.builds(
    Case,
    text,
    text,
    json_facts,
    text,
    text,
    st.builds(Expectation, json_facts, ids, ids, ids, texts, texts, texts, texts),
    text,
)
rulebooks = st.builds(
    Rulebook,
    text,
    words,
    text,
    texts,
    text,
    text,
    some(st.builds(Fact, text, text, text, st.booleans(), words, words, text, text, words)),
    some(tables),
    some(formulas),
    some(st.builds(Query, text, texts, words)),
    some(cases),
    some(items),
    some(st.builds(KnowledgeModel, text, functions, words, text)),
    some(st.builds(DecisionService, text, texts, texts, texts, texts, text, words, text)),
    some(st.builds(Acknowledgement, text, st.sampled_from(["impossible", "intended"]), text, text)),
    st.sampled_from(["unknown", "null"]),
)
