"""A case tried in a form that is made of the vocabulary; the answer in plain words."""

import pytest

from tests.service.fees import FEES

TRY = "rulebooks/fees/releases/1/try"


@pytest.fixture
async def reader(staff):
    return await staff("reader")


async def test_a_case_is_answered_question_by_question_keeping_what_was_said(reader):
    page = await reader.open(TRY)
    assert "Not answered yet." in page.text
    assert "How old?" in page.text
    await reader.send("/try", fact__age="30")
    assert "Resident?" in reader.page.text
    assert reader.at.startswith(f"/admin/{TRY}?query=fee&fact.age=30"), "what is empty is not in the address"
    await reader.send("/try", fact__resident="false")
    assert "Everything asked is answered." in reader.page.text
    for said in (
        "25.50",
        "Fees Act, article 3",
        "contested",
        "number, years" and "age is 30 — the rule asks >= 18",
    ):
        assert said in reader.page.text, said
    assert ("fact.age", "30") in reader.page.form("/try").fields


async def test_a_case_is_judged_by_the_law_of_its_date(reader):
    page = await reader.open(f"{TRY}?as_of=2019-06-01&fact.age=30&fact.resident=true")
    assert "As the law stood on 1 June 2019" in page.text
    assert "until 1 January 2020" in page.text
    assert "No rule answers this." in page.text
    page = await reader.open(f"{TRY}?as_of=2021-06-01&fact.age=30&fact.resident=true")
    assert "since 1 January 2020, without an end" in page.text


async def test_what_is_certain_and_what_is_possible_are_told_apart(reader):
    page = await reader.open(f"{TRY}?query=all")
    assert "For certain:" in page.text
    assert "form" in page.text
    assert "1 entry is possible" in page.text
    page = await reader.open(f"{TRY}?query=all&fact.resident=false")
    assert "cost waits for: surcharge" in page.text


async def test_what_is_left_to_people_and_what_contradicts_itself_are_said(reader):
    page = await reader.open(f"{TRY}?query=all&fact.kind=%22odd%22")
    assert "Left to human judgement." in page.text
    assert "Is it hardship?" in page.text
    assert "Fees Act, article 7" in page.text
    assert "The rules contradict each other." in page.text
    assert page.link("zone, Z1").endswith("/releases/1/tables/zone?rule=Z1#row-Z1")
    await reader.send("/try", fact__waiver="true")
    assert "as you said" in reader.page.text


async def test_a_fact_may_be_said_not_to_exist_where_the_vocabulary_allows_it(reader):
    page = await reader.open(f"{TRY}?query=all&fact.kind=null")
    assert reader.status == 200
    assert '<option value="null" selected>' in page.html
    page = await reader.open(f"{TRY}?none.age=null")
    assert reader.status == 422
    assert "may not be null" in page.text


async def test_wrong_values_are_told_at_their_questions_and_kept(reader):
    page = await reader.open(f"{TRY}?fact.age=12,5&fact.kind=%22strange%22&as_of=yesterday&query=fee")
    assert reader.status == 422
    assert "Write a number with a point" in page.text
    assert "`kind` may not be" in page.text, "all problems are told at once"
    assert "There is none yet" in page.text
    assert "year-month-day" in page.text
    assert ("fact.age", "12,5") in page.form("/try").fields
    page = await reader.open(f"{TRY}?fact.age=-1&fact.kind=%22strange%22")
    assert reader.status == 422
    assert "`age` may not be -1" in page.text
    assert "`kind` may not be" in page.text
    assert ("fact.kind", '"strange"') in page.form("/try").fields
    page = await reader.open(f"{TRY}?query=none")
    assert reader.status == 422
    assert "none" in page.text


async def test_a_number_keeps_its_digits(reader):
    page = await reader.open(
        f"{TRY}?query=all&fact.resident=false&fact.surcharge=0.1000000000000000000000000001"
    )
    assert "0.2000000000000000000000000002" in page.text


async def test_a_draft_is_tried_before_it_is_published_and_not_while_it_is_broken(editor, draft):
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="1234")
    page = await editor.open(f"{draft}/try?fact.age=30&fact.resident=false")
    assert "1234" in page.text
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="12 34")
    page = await editor.open(f"{draft}/try?fact.age=30&fact.resident=false")
    assert "A draft with errors cannot be tried." in page.text


async def test_a_trial_is_never_logged_as_a_decision(reader, desk):
    before = [line.id for line in await desk.store.audit()]
    await reader.open(f"{TRY}?fact.age=3")
    assert "Everything asked is answered." in reader.page.text
    assert [line.id for line in await desk.store.audit()] == before


async def test_every_case_of_the_rulebook_can_be_tried_as_it_stands(reader):
    for case in FEES.cases:
        await reader.open("rulebooks/fees/releases/1/cases")
        await reader.follow(f"Try case {case.id}")
        assert reader.status == 200
        given = dict(reader.page.form("/try").fields)
        assert all(given[f"fact.{key}"] for key in case.facts)
        assert given["as_of"] == case.as_of
