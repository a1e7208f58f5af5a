"""What is said to people: a text to everybody, and a sentence to who translates it."""

import copy
import json
import pickle
import re
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_tables.diagnostics import Diagnostic, Where
from decision_tables.errors import Refused
from decision_tables.said import Said, either, joined, plainly, said, said_in, said_many, said_of, sentence

WORDS = st.text(max_size=8)


def _built(parts):
    return st.one_of(
        st.builds(lambda name: said("Nothing is called “{name}” here.", name=name), parts),
        st.builds(lambda one, other: said("{one} is no {{{other}}}", one=one, other=other), parts, parts),
        st.builds(
            lambda n, told: said_many("{count} x: {told}", "{count} xs: {told}", n, told=told), COUNTS, parts
        ),
        st.builds(either, st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda several: joined(", ", several), st.lists(parts, max_size=3)),
        st.builds(sentence, parts),
    )


COUNTS = st.integers(0, 2_000_000)
SENTENCES = st.recursive(st.one_of(WORDS, st.just(said("fixed"))), _built, max_leaves=8)


def _unchanged(text):
    return said_in(text, lambda one: one, lambda one, many, n: one if n == 1 else many, "{:,}".format)


def _shouted(text):
    """In a language whose catalogue has every sentence in capitals."""

    def loud(template):
        return "".join(
            part if part.startswith("{") else part.upper()
            for part in re.findall(r"\{\{|\}\}|\{\w+\}|[^{}]+", template)
        )

    return said_in(text, loud, lambda one, many, n: loud(one if n == 1 else many), "{:,}".format)


@given(SENTENCES)
def test_a_sentence_is_the_text_that_it_says_in_its_own_language(text):
    assert _unchanged(text) == text
    assert hash(text) == hash(str(text))


@given(SENTENCES)
def test_a_sentence_remembers_how_it_was_made_through_copies_and_pickles(text):
    for again in (copy.copy(text), copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
        assert again == text
        assert _shouted(again) == _shouted(text)


@given(WORDS)
def test_what_authors_wrote_stays_as_it_is_in_every_language(word):
    assert _shouted(said("nothing is called “{name}”", name=word)) == f"NOTHING IS CALLED “{word}”"


def test_what_is_put_in_is_translated_with_the_sentence_around_it():
    told = said(
        "takes {kind}, and not {other}", kind=said("a number"), other=either([said("a text"), "null"])
    )
    assert told == "takes a number, and not a text or null"
    assert _shouted(told) == "TAKES A NUMBER, AND NOT A TEXT OR null"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1234, "1,234 rows")]
)
def test_what_is_counted_has_the_form_of_its_number(count, text):
    told = said_many("{count} row", "{count} rows", count)
    assert told == text
    assert _shouted(told) == text.upper()


def test_numbers_that_are_names_are_written_as_they_are_and_counts_as_people_write_them():
    assert said("release {number}", number="1234") == "release 1234"
    assert said("over {count} cells", count=1_000_000) == "over 1,000,000 cells"


def test_a_sentence_of_its_own_begins_with_a_capital_in_every_language():
    told = sentence(said("{kind} has no opposite.", kind=said("a text")))
    assert told == "A text has no opposite."
    assert said_in(told, {"a text": "een tekst", told.template: "{kind} keert niet om."}.get, None, str) == (
        "Een tekst keert niet om."
    )


def test_an_exception_hands_on_the_sentence_that_it_was_raised_with():
    refused = Refused(said("There is a type {key} already.", key="t"))
    assert str(refused) == refused.message == "There is a type t already."
    assert _shouted(refused.message) == "THERE IS A TYPE t ALREADY."
    assert said_of(ValueError("plain")) == "plain"
    assert said_of(KeyError()) == ""
    told = said("cannot be taken: {error}", error=ValueError(said("too long")))
    assert _shouted(told) == "CANNOT BE TAKEN: TOO LONG"


def test_diagnostics_keep_their_sentences_and_are_compared_by_their_text():
    message = said("`{key}` cannot name a table.", key="a b")
    found = Diagnostic("table/key", Where("a b"), message)
    moved = replace(found, where=Where("c"))
    assert isinstance(moved.message, Said)
    assert found == Diagnostic("table/key", Where("a b"), "`a b` cannot name a table.")


def test_json_has_sentences_as_texts():
    told = said("`{key}` is no type.", key="nmber")
    assert json.dumps([told]) == '["`nmber` is no type."]'
    assert msgspec.json.encode([told], enc_hook=plainly) == b'["`nmber` is no type."]'
    with pytest.raises(NotImplementedError):
        plainly(object())
