"""Laws of the wire: whatever comes in is a question or a refusal, and what goes out is what was decided."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_tables.compile import compile_rulebook
from decision_tables.errors import InvalidFacts, InvalidRequest
from decision_tables.exact_json import json_of
from decision_tables.feel.values import to_json
from service.api.wire import DecideBody, decision_bytes, read_decide
from service.deciding import DecideRequest, decided_by
from service.engine import Engine
from tests.service.fees import FEES

PROGRAM = compile_rulebook(FEES)
ENGINE = Engine()
NOW = datetime(2026, 1, 1, tzinfo=UTC)
FACTS = [fact.key for fact in FEES.facts]

often = settings(max_examples=150, deadline=None)
numbers = st.integers(-(10**40), 10**40) | st.decimals(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | st.text(max_size=10) | st.dates().map(str)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
sane = {
    "age": st.decimals(0, 100, places=2),
    "resident": st.booleans(),
    "kind": st.sampled_from(["plain", "odd", None]),
    "surcharge": st.decimals(-5, 5, places=3),
    "waiver": st.booleans(),
}
encode = msgspec.json.Encoder(decimal_format="number").encode


def outcome(call, *arguments, **named):
    """What a call gives, or the refusal that it ended in; anything else it may not end in."""
    try:
        return call(*arguments, **named)
    except (InvalidRequest, InvalidFacts) as refused:
        return refused


@often
@given(st.binary(max_size=200) | values.map(encode))
def test_any_bytes_are_a_question_or_a_refusal_with_words(raw):
    found = outcome(read_decide, raw, depth=64)
    assert isinstance(found, DecideRequest) or str(found)


@often
@given(
    st.dictionaries(st.sampled_from(DecideBody.__struct_fields__) | st.text(max_size=8), values, max_size=8)
)
def test_any_object_is_a_question_or_a_refusal_that_names_fields(body):
    found = outcome(read_decide, encode(body), depth=64)
    if not isinstance(found, DecideRequest):
        assert found.problems


@often
@given(st.dictionaries(st.sampled_from(FACTS) | st.text(max_size=4), values, max_size=5))
def test_any_facts_are_decided_or_refused_by_name(facts):
    request = DecideRequest(rulebook="fees", query="all", facts=facts)
    found = outcome(decided_by, ENGINE, PROGRAM, request, instant=NOW, steps=10_000)
    if isinstance(found, InvalidFacts):
        pointers = {"/facts/" + key.replace("~", "~0").replace("/", "~1") for key in facts}
        assert {"/".join(problem.path.split("/")[:3]) for problem in found.problems} <= pointers
    else:
        assert msgspec.json.decode(decision_bytes(found))["status"] == found.answer.status


@often
@given(st.fixed_dictionaries({}, optional=sane), st.sampled_from(["none", "brief", "full"]))
def test_what_is_written_is_what_was_decided(facts, explain):
    request = DecideRequest(rulebook="fees", query="all", facts=facts, explain=explain)
    decision = decided_by(ENGINE, PROGRAM, request, instant=NOW, steps=10_000)
    told = msgspec.json.Decoder(float_hook=Decimal).decode(decision_bytes(decision))
    assert told["conclusions"] == {
        goal: to_json(value) for goal, value in decision.answer.conclusions.items()
    }
    assert set(told["conclusions"]) | set(told["undetermined"]) == set(decision.goals)
    assert decision_bytes(decided_by(ENGINE, PROGRAM, request, instant=NOW, steps=10_000)) == decision_bytes(
        decision
    )


@often
@given(values)
def test_json_is_read_with_every_digit(value):
    raw = encode(value)
    assert encode(json_of(raw, depth=64)) == raw
