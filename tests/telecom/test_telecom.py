"""The telecom rulebook: its cases hold, and the law in it is told apart, cited, marked and dated."""

from __future__ import annotations

import datetime as dt

import pytest

from decision_tables.analyse import analyse, judged
from decision_tables.cases import answer_of, run_case
from decision_tables.chain import Case as WorkingMemory
from decision_tables.chain import walk
from decision_tables.compile import check
from decision_tables.explain import answer, entry_json
from decision_tables.feel.values import same, to_json
from tests.packs import telecom

RULEBOOK = telecom()
PROGRAM, DIAGNOSTICS = check(RULEBOOK)
assert PROGRAM is not None, "\n".join(found.drawn() for found in DIAGNOSTICS)

CASES = {case.id: case for case in RULEBOOK.cases}
RULES = [(table.key, rule) for table in RULEBOOK.tables for rule in table.rules]
LANGUAGES = {"en", "nl", "fr"}
FLAGS = {"contested", "to_be_confirmed", "service_retired", "other_law", "no_regime"}


def answered(case_id, **changes):
    case = CASES[case_id]
    facts = {key: value for key, value in {**case.facts, **changes}.items() if value is not None}
    return answer_of(PROGRAM, case, facts)


def asked(facts, as_of, query="classification", language="nl"):
    given = PROGRAM.accept(facts)
    goals = PROGRAM.goals(query)
    case = WorkingMemory(
        PROGRAM,
        given,
        as_of=as_of,
        known_on=dt.date(2026, 11, 23),
        instant=dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC),
        closure=PROGRAM.closure(goals, frozenset(given)),
    )
    walk(case, case.closure)
    return answer(case, goals, explain="brief", language=language)


def test_the_rulebook_compiles_without_a_remark():
    assert DIAGNOSTICS == ()


@pytest.mark.parametrize("case", RULEBOOK.cases, ids=lambda case: case.id)
def test_a_case_comes_out_as_the_law_says(case):
    assert run_case(PROGRAM, case).differences == ()


@pytest.mark.parametrize("case", RULEBOOK.cases, ids=lambda case: case.id)
def test_a_case_with_any_one_fact_left_out_is_never_contradicted(case):
    full = answer_of(PROGRAM, case, case.facts)
    for left_out in case.facts.keys() - PROGRAM.concluded_facts:
        fewer = {fact: value for fact, value in case.facts.items() if fact != left_out}
        for goal, value in answer_of(PROGRAM, case, fewer).conclusions.items():
            assert goal in full.conclusions, (left_out, goal)
            assert same(value, full.conclusions[goal]), (left_out, goal)


@pytest.mark.parametrize("case", RULEBOOK.cases, ids=lambda case: case.id)
def test_no_case_meets_trouble_in_a_cell_or_a_table_without_a_rule(case):
    warnings = answer_of(PROGRAM, case, case.facts).warnings
    assert [(found.code, found.table) for found in warnings] == []


def test_every_rule_cites_its_source_and_says_how_sure_it_is():
    assert [(table, rule.id) for table, rule in RULES if len(rule.citation.split()) < 3] == []
    assert {rule.confidence for _, rule in RULES} == {"V", "K", "U"}


def test_every_unsure_rule_and_no_other_is_flagged_to_be_confirmed():
    unsure = {(table, rule.id) for table, rule in RULES if rule.confidence == "U"}
    assert unsure == {(table, rule.id) for table, rule in RULES if "to_be_confirmed" in rule.flags}
    assert unsure


def test_the_flags_are_those_that_are_agreed():
    assert {flag for _, rule in RULES for flag in rule.flags} == FLAGS


def test_every_fact_and_table_has_words_in_three_languages():
    for words in (
        RULEBOOK.title,
        *(fact.label for fact in RULEBOOK.facts),
        *(fact.question for fact in RULEBOOK.facts if fact.question),
        *(table.title for table in RULEBOOK.tables),
        *(query.title for query in RULEBOOK.queries),
        *(rule.referral for _, rule in RULES if rule.referral),
    ):
        assert {language for language, text in words.by_language.items() if text} == LANGUAGES


def test_every_fact_is_read_or_concluded_and_whatever_is_not_concluded_can_be_asked():
    read = {fact for node in PROGRAM.nodes for fact in node.reads}
    for fact in RULEBOOK.facts:
        assert fact.key in read | PROGRAM.concluded_facts
        assert fact.question or fact.key in PROGRAM.concluded_facts


def test_whatever_one_may_be_asked_decides_something():
    read = {fact for node in PROGRAM.nodes for fact in node.reads}
    assert [fact.key for fact in RULEBOOK.facts if fact.question and fact.key not in read] == []


def test_every_case_has_a_name_that_is_a_sentence_and_dates_of_its_own():
    assert len(CASES) == len(RULEBOOK.cases) > 34
    for case in RULEBOOK.cases:
        assert len(case.name.split()) >= 5
        assert dt.date.fromisoformat(case.as_of)


def test_one_provider_gets_four_answers_and_not_one():
    in_2012 = answered("H01a").conclusions
    assert (in_2012["service_class"], in_2012["operator_status"], in_2012["criminal_addressee"]) == (
        "ISS",
        "NOT_OPERATOR",
        True,
    )
    in_2013 = answered("H03").conclusions
    assert (in_2013["service_class"], in_2013["operator_status"], in_2013["criminal_addressee"]) == (
        "ECS",
        "OPERATOR",
        True,
    )


@pytest.mark.parametrize(
    ("known_on", "addressee"),
    [("2009-03-01", None), ("2009-03-02", True), ("2010-06-30", False), ("2011-01-18", True)],
)
def test_what_one_knew_of_web_mail_turned_with_every_judgment(known_on, addressee):
    case = CASES["H47"]
    told = answer_of(PROGRAM, type(case)(**{**_fields(case), "known_on": known_on}), case.facts)
    assert told.conclusions.get("criminal_addressee") is addressee
    assert ("criminal_addressee" in {referral.fact for referral in told.referrals}) is (addressee is None)


def _fields(case):
    return {name: getattr(case, name) for name in case.__dataclass_fields__}


@pytest.mark.parametrize(
    ("case_id", "rule", "least", "most"),
    [("H13", "S01", 143, 55_000), ("H01a", "S02", 156, 60_000), ("H53", "S02", 208, 80_000)],
)
def test_a_belgian_fine_is_multiplied_by_the_date_of_the_facts(case_id, rule, least, most):
    found = answered(case_id)
    entries = to_json(found.conclusions["sanctions"]) if "sanctions" in found.conclusions else []
    entries += [entry_json(e) for e in found.undetermined["sanctions"].certain] if not entries else []
    fine = next(entry for entry in entries if entry["id"] == rule)
    assert (fine["min"], fine["max"], fine["currency"]) == (26, 10_000, "EUR")
    assert (fine["min_eur"], fine["max_eur"]) == (least, most)


def test_a_fine_in_roubles_or_of_a_share_of_turnover_has_no_amount_in_euro():
    fine = to_json([entry.value for entry in answered("H24").undetermined["sanctions"].certain])[0]
    assert (fine["id"], fine["currency"], fine["min"], fine["max_eur"]) == ("S18", "RUB", 3000, None)
    share = to_json([entry.value for entry in answered("H03").undetermined["sanctions"].certain])[0]
    assert (share["id"], share["percent"], share["of"], share["max_eur"]) == (
        "S06",
        5,
        "local_turnover_eur",
        None,
    )


@pytest.mark.parametrize(("emergency", "deadline"), [(True, "8 hours"), (False, "10 days")])
def test_a_production_order_has_the_deadline_of_the_case(emergency, deadline):
    entries = answered("H58", emergency=emergency).undetermined["obligations"].certain
    assert [entry.value["deadline"] for entry in entries if entry.value["id"] == "B17"] == [deadline]


def test_a_production_order_is_owed_even_while_its_deadline_is_open():
    entries = answered("H58", emergency=None).undetermined["obligations"].certain
    (order,) = (entry for entry in entries if entry.value["id"] == "B17")
    assert order.waits == {"deadline": ("emergency",)}


def test_a_fact_that_is_given_wins_over_the_catalogue():
    plain = answered("H06").conclusions["service_class"]
    numbered = answered("H06", calls_to_numbers=True).conclusions["service_class"]
    assert (plain, numbered) == ("ECS/NI-ICS", "ECS/NB-ICS")


def test_a_service_that_the_catalogue_does_not_know_is_asked_about_in_the_language_of_the_reader():
    known = {
        "jurisdiction": "BE",
        "service": "Threema",
        "service_function": "messaging",
        "ongoing_service": True,
        "publicly_available": True,
        "normally_remunerated": True,
        "provides_internet_access": False,
        "interpersonal_interactive": True,
        "finite_recipients": True,
        "initiator_chooses_recipients": True,
        "minor_ancillary": False,
        "calls_to_numbers": False,
        "operates_public_network": False,
        "established_in": "BE",
    }
    found = asked(known, dt.date(2023, 1, 1))
    assert (found.missing[0].fact, found.missing[0].question) == (
        "reachable_by_number",
        "Kan men de gebruiker bellen op een telefoonnummer dat bij de dienst hoort?",
    )
    assert "service_class" in found.missing[0].settles
    settled = asked({**known, "reachable_by_number": False}, dt.date(2023, 1, 1))
    assert settled.status == "determined"
    assert settled.conclusions["service_class"] == "ECS/NI-ICS"


@pytest.mark.parametrize("jurisdiction", ["BE", "FR", "DE", "LU", "RU", "UK", "US", "EU"])
def test_every_day_has_one_regime_or_is_flagged_as_outside_these_tables(jurisdiction):
    day = dt.date(2000, 1, 1)
    while day < dt.date(2028, 1, 1):
        found = asked({"jurisdiction": jurisdiction}, day)
        assert "regime" in found.conclusions
        assert (found.conclusions["regime"] is None) is ("no_regime" in found.flags)
        assert found.holds_until is None or found.holds_until > day
        day = found.holds_until or dt.date.max


def test_everything_that_the_analysis_finds_is_acknowledged_with_its_reason():
    analysis = analyse(PROGRAM)
    found = judged(analysis, RULEBOOK)
    assert analysis.is_whole
    assert (found.open, found.stale) == ((), ())
    assert all(len(said.reason) > 40 for _, said in found.acknowledged)
