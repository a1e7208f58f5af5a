"""Typed text to rules and facts and back: nothing is lost on the way."""

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.forms import (
    adapted,
    asked_with,
    dated,
    formula_fields,
    formula_of,
    given_facts,
    is_doubtful,
    merged,
    question_of,
    settings_of,
    table_fields,
    typed,
)
from decision_tables.errors import InvalidRequest
from decision_tables.table import Rule
from decision_tables.vocabulary import Fact, Vocabulary, Words
from service.editing import fields_of, rule_of
from tests.service.fees import FEES

FEE, PAPERS, WAIVER, _ = FEES.tables
TEXTS = st.text(alphabet=st.sampled_from('ab"-,. '), max_size=6).map(typed)
FIELDS = st.dictionaries(st.sampled_from("pqrs"), TEXTS, min_size=4)


@pytest.mark.parametrize("table", FEES.tables)
def test_a_row_survives_the_way_through_its_form(table):
    for rule in table.rules:
        assert rule_of(table, Rule(rule.id), fields_of(table, rule, FEES.languages)) == rule


def test_a_row_that_lacks_cells_shows_empty_ones():
    fields = fields_of(FEE, Rule("R9", tests=("< 1",)), ())
    assert (fields["test.age"], fields["test.resident"], fields["output.fee"]) == ("< 1", "", "")


def test_a_question_in_a_language_that_the_form_does_not_show_is_kept():
    rule = Rule("W9", referral=Words({"de": "Härtefall?", "en": "Hardship?"}))
    fields = fields_of(WAIVER, rule, ("en",)) | {"referral.en": ""}
    assert rule_of(WAIVER, rule, fields).referral.by_language == {"de": "Härtefall?"}


def test_settings_and_formulas_survive_the_way_through_their_forms():
    for table in FEES.tables:
        assert settings_of(table, table_fields(table, FEES.languages)) == table
    for formula in FEES.formulas:
        assert formula_of(formula, formula_fields(formula, FEES.languages)) == formula
    with pytest.raises(InvalidRequest):
        settings_of(FEE, {"hit_policy": "Z"})


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("“NL”,“BE”", '"NL","BE"'),
        ("„NL“", '"NL"'),
        ("« NL », «BE»", '"NL", "BE"'),
        ("\N{EN DASH}", "-"),
        (
            '"l\N{RIGHT SINGLE QUOTATION MARK}impôt « privé »"',
            '"l\N{RIGHT SINGLE QUOTATION MARK}impôt « privé »"',
        ),
        ("  a\r\nb ", "a\nb"),
    ],
)
def test_a_cell_takes_what_a_word_processor_makes_of_quotation_marks(sent, kept):
    assert typed(sent, feel=True) == kept


def test_other_text_keeps_its_quotation_marks():
    assert typed(" “So”, said the court \N{EN DASH} ") == "“So”, said the court \N{EN DASH}"


@given(st.text(), st.booleans())
def test_of_control_characters_only_tab_and_line_feed_are_kept(text, feel):
    kept = typed(text, feel=feel)
    assert {sign for sign in kept if unicodedata.category(sign) == "Cc"} <= {"\t", "\n"}
    assert typed(kept, feel=feel) == kept
    assert typed("a\tb\r\n\0\x1f\x7f\x85c\0", feel=feel) == "a\tb\nc"


@given(FIELDS, FIELDS)
def test_what_only_i_changed_is_saved_and_what_only_they_changed_is_kept(was, changed):
    assert merged(was, changed, was).fields == {**was, **changed}
    assert not merged(was, changed, was).clashes
    assert merged(was, was, changed).fields == {name: changed.get(name, "") for name in was}
    assert not merged(was, was, changed).clashes


@given(FIELDS, FIELDS, FIELDS)
def test_every_field_that_both_changed_otherwise_is_a_clash_and_no_other(was, mine, theirs):
    merge = merged(was, mine, theirs)
    assert {clash.name for clash in merge.clashes} == {
        name for name in was if mine[name] != was[name] and theirs[name] not in (was[name], mine[name])
    }
    assert all(merge.fields[clash.name] == clash.mine for clash in merge.clashes)


VOCABULARY = Vocabulary(
    (
        *FEES.facts,
        Fact("codes", "list<string>", allowed='"a","b"'),
        Fact("level", "number", allowed="1,2,3"),
        Fact("name", "string", nullable=True),
    )
)


@pytest.mark.parametrize(
    "facts",
    [
        {"age": Decimal("12.500"), "resident": False, "kind": "odd"},
        {"kind": None, "born": "2001-02-03", "name": None},
        {"name": "null", "codes": ["a", "b"], "level": 2},
        {"papers": [{"id": "form", "cost": Decimal("0.10")}]},
    ],
)
def test_facts_survive_the_way_through_the_form(facts):
    values, problems = given_facts(VOCABULARY, asked_with(VOCABULARY, facts))
    assert problems == {}
    assert values == facts


def test_a_closed_list_of_values_is_a_choice_and_an_open_one_a_text():
    kinds = {key: question_of(VOCABULARY, fact, {}).kind for key, fact in VOCABULARY.facts.items()}
    assert kinds["kind"] == kinds["level"] == "choice"
    assert kinds["resident"] == "yes-no"
    assert (kinds["age"], kinds["born"], kinds["name"], kinds["codes"]) == ("number", "date", "text", "list")
    assert [choice.value for choice in question_of(VOCABULARY, VOCABULARY.facts["kind"], {}).choices] == [
        "plain",
        "odd",
    ]


def test_what_cannot_be_read_is_a_problem_of_its_fact_alone():
    values, problems = given_facts(
        VOCABULARY, {"fact.age": "seven", "fact.papers": "a, b", "fact.resident": "true"}
    )
    assert values == {"resident": True}
    assert set(problems) == {"age", "papers"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 250\u202f000.5", "1250000.5"),
        ("1.250,50", "1250.50"),
        ("9,5", "9.5"),
        ("-0,25", "-0.25"),
        ("0,125", "0.125"),
        ("1.250.000", "1250000"),
        ("1,250.50", "1250.50"),
        ("€ 9", "9"),
        ("9 jaar", "9"),
        ("1.250", "1.250"),
    ],
)
def test_a_number_may_be_written_as_people_write_it(text, number):
    assert given_facts(VOCABULARY, {"fact.age": text}) == ({"age": Decimal(number)}, {})


@pytest.mark.parametrize(
    ("text", "read_as"), [("1.250", Decimal("1.250")), ("1.2500", None), ("1250", None), ("0.125", None)]
)
def test_a_number_that_may_mean_a_thousand_times_as_much_is_told_as_it_is_read(text, read_as):
    assert question_of(VOCABULARY, VOCABULARY.facts["age"], {"fact.age": text}).read_as == read_as


def test_a_comma_before_three_digits_is_asked_about():
    values, problems = given_facts(VOCABULARY, {"fact.age": "1,250"})
    assert values == {}
    assert problems["age"].startswith("This may be a thousand times as much")


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("codes", "a\nb", ["a", "b"]),
        ("codes", "a, b", ["a", "b"]),
        ("codes", '"a"; "b"', ["a", "b"]),
        ("codes", '["a","b"]', ["a", "b"]),
        ("names", "Smith, John\nDoe", ["Smith, John", "Doe"]),
        ("amounts", "1.250,50\n9,5", [Decimal("1250.50"), Decimal("9.5")]),
        ("days", "1/07/2025\n2 juli 2025", ["2025-07-01", "2025-07-02"]),
        ("answers", "ja\nnon", [True, False]),
    ],
)
def test_a_list_is_given_by_a_line_for_each_value(key, text, value):
    vocabulary = Vocabulary(
        (
            Fact("codes", "list<string>", allowed='"a","b"'),
            Fact("names", "list<string>"),
            Fact("amounts", "list<number>"),
            Fact("days", "list<date>"),
            Fact("answers", "list<boolean>"),
        )
    )
    assert given_facts(vocabulary, {f"fact.{key}": text}) == ({key: value}, {})
    assert given_facts(vocabulary, asked_with(vocabulary, {key: value})) == ({key: value}, {})


@given(st.lists(st.text(), min_size=1))
def test_whatever_texts_a_list_holds_they_survive_the_way_through_the_form(texts):
    vocabulary = Vocabulary((Fact("names", "list<string>"),))
    assert given_facts(vocabulary, asked_with(vocabulary, {"names": texts}))[0] == {"names": texts}


@pytest.mark.parametrize(
    ("text", "kind", "made"),
    [
        ("1/07/2025", "date", '@"2025-07-01"'),
        (">= 1/7/25", "date", '>= @"2025-07-01"'),
        ("[1/07/2025..31/12/2025]", "date", '[@"2025-07-01"..@"2025-12-31"]'),
        ("vanaf 1.7.2025", "date", 'vanaf @"2025-07-01"'),
        ("31/02/2025", "date", "31/02/2025"),
        ('@"2025-07-01"', "date", '@"2025-07-01"'),
        ("1/07/2025", "number", "1/07/2025"),
        ("a/1/07/2025", "date", "a/1/07/2025"),
        ("1/07/2025", "day", "2025-07-01"),
        ("1er juillet 2025", "day", "2025-07-01"),
        ("31/12/99", "day", "1999-12-31"),
        ("next summer", "day", "next summer"),
    ],
)
def test_a_date_may_be_typed_with_its_day_first(text, kind, made):
    assert dated(text, kind) == made


@pytest.mark.parametrize(
    ("text", "kind", "is_condition", "made"),
    [
        ("1.250,50", "number", False, "1250.50"),
        ("1.250,50", "number", True, "1250.50"),
        ("< 1.250.000", "number", True, "< 1250000"),
        ("≥ 1 250", "number", True, ">= 1250"),
        ("1\u202f250,5", "number", False, "1250.5"),
        ("€ 1.250,50", "number", False, "1250.50"),
        ("12,5", "number", False, "12.5"),
        ("12,5", "number", True, "12,5"),
        ("1.250", "number", False, "1.250"),
        ("1,250.50", "number", False, "1,250.50"),
        ("[18..65)", "number", True, "[18..65)"),
        ("18, 21", "number", True, "18, 21"),
        ("1/07/2025", "date", False, '@"2025-07-01"'),
        ("<= 31-12-2025", "date", True, '<= @"2025-12-31"'),
        ("2025-07-01", "date", True, '@"2025-07-01"'),
        ("31/02/2025", "date", False, "31/02/2025"),
        ("1/07/2025", "day", False, "2025-07-01"),
        ("2025-07-01 00:00:00", "day", False, "2025-07-01"),
        ("WAAR", "boolean", True, "true"),
        ("faux", "boolean", False, "false"),
        ("Nee", "boolean", True, "false"),
        ("misschien", "boolean", True, "misschien"),
        ("be", "string", True, '"BE"'),
        ("BE, fr", "string", True, '"BE", "FR"'),
        ("BE, fr", "string", False, "BE, fr"),
        ('"BE"', "string", True, '"BE"'),
        ("US", "string", True, "US"),
        ("-", "number", True, "-"),
        ("", "number", True, ""),
        ("x\ny", "", True, "x\ny"),
    ],
)
def test_what_spreadsheets_make_of_values_is_taken_back_where_there_is_no_doubt(
    text, kind, is_condition, made
):
    assert adapted(text, kind, is_condition=is_condition, words=("BE", "FR")) == made


@given(
    st.text(max_size=20), st.sampled_from(["number", "date", "day", "boolean", "string", ""]), st.booleans()
)
def test_a_text_is_adapted_once_and_for_all(text, kind, is_condition):
    once = adapted(typed(text), kind, is_condition=is_condition, words=("BE", "FR"))
    assert adapted(once, kind, is_condition=is_condition, words=("BE", "FR")) == once


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("1.250", True),
        (">= 1.250", True),
        ("1.25", False),
        ("1250.500", False),
        ("0.250", False),
        ("1.250.000", False),
    ],
)
def test_a_number_that_may_be_a_thousand_times_as_much_is_doubtful(text, doubtful):
    assert is_doubtful(text, "number") is doubtful
    assert not is_doubtful(text, "string")


@pytest.mark.parametrize(
    ("key", "text", "value", "held"),
    [
        *[("resident", word, True, "true") for word in ("WAAR", "vrai", "Ja", "oui", "yes", "true")],
        *[("resident", word, False, "false") for word in ("ONWAAR", "faux", "nee", "non", "no")],
        ("country", "be", "BE", '"BE"'),
        ("country", "“BE”", "BE", '"BE"'),
        ("country", "« BE »", "BE", '"BE"'),
        ("country", '"BE"', "BE", '"BE"'),
        ("since", "1/07/2025", "2025-07-01", "2025-07-01"),
        ("since", "1 juli 2025", "2025-07-01", "2025-07-01"),
        ("parts", "{“a”: 1}", {"a": 1}, '{"a": 1}'),
    ],
)
def test_a_fact_is_given_as_a_cell_is_pasted_and_its_control_holds_what_was_made_of_it(
    key, text, value, held
):
    vocabulary = Vocabulary(
        (
            Fact("resident", "boolean"),
            Fact("country", "string", allowed='"BE","FR","fr"'),
            Fact("since", "date"),
            Fact("parts", "context"),
        )
    )
    given = {f"fact.{key}": text}
    assert given_facts(vocabulary, given) == ({key: value}, {})
    assert question_of(vocabulary, vocabulary.facts[key], given).text == held
    assert given_facts(vocabulary, {"fact.country": "Fr"})[1], "it may be either of two: it is asked"
