"""What is said of findings, and the row that a gap asks for."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_tables.analyse import analyse, judged, row_for
from decision_tables.analyse.findings import Severity
from decision_tables.compile import check
from decision_tables.rulebook import Acknowledgement
from decision_tables.table import Formula, HitPolicy
from decision_tables.vocabulary import Fact, Words
from tests.service.fees import FEES
from tests.tables.builders import book, row, table

KINDS = ("-", '"a"', '"b","c"', 'not("a")', "null")
AGES = ("-", "< 18", "[18..65)", ">= 65", "20", "not(< 30)", "[1..5],[10..20]")
DAYS = ("", "2020-01-01", "2021-06-15")


@st.composite
def small_tables(draw):
    """A table of a few rows over a text, a number and a date."""
    rows = []
    for _ in range(draw(st.integers(1, 5))):
        ends = sorted(draw(st.lists(st.sampled_from(DAYS), min_size=2, max_size=2, unique=True)))
        period = ends if draw(st.booleans()) else ("", "")
        cells = (draw(st.sampled_from(KINDS)), draw(st.sampled_from(AGES)), '"A"')
        rows.append(row(*cells, valid=period))
    facts = (
        Fact("kind", "string", allowed='"a","b","c"', nullable=draw(st.booleans())),
        Fact("age", "number", allowed=draw(st.sampled_from(["", "[0..120]"]))),
    )
    return book(table("t", "A", "kind age -> c", *rows), facts=facts)


def found_in(rulebook):
    program, diagnostics = check(rulebook)
    assert program is not None, diagnostics
    return analyse(program)


def said_of(finding, verdict="impossible"):
    return Acknowledgement(finding.key, verdict, "article 1", "as it was")


def test_what_was_said_of_a_finding_closes_it_until_its_rules_change():
    overlap = next(one for one in found_in(FEES).findings if one.code == "analysis/overlap")
    spoken = replace(FEES, acknowledgements=(said_of(overlap),))
    now = judged(found_in(spoken), spoken)
    assert overlap.key not in {one.key for one in now.open}
    assert [one.key for one, _ in now.acknowledged] == [overlap.key]
    assert not now.stale
    assert not now.errors

    zone = spoken.tables[3]
    first, second = zone.rules
    elsewhere = replace(
        spoken,
        tables=(*spoken.tables[:3], replace(zone, rules=(replace(first, outputs=('"east"',)), second))),
    )
    later = judged(found_in(elsewhere), elsewhere)
    assert later.errors == 1
    assert later.stale == spoken.acknowledgements


def test_a_change_elsewhere_keeps_what_was_said():
    overlap = next(one for one in found_in(FEES).findings if one.code == "analysis/overlap")
    spoken = replace(FEES, acknowledgements=(said_of(overlap, "intended"),))
    fee = spoken.tables[0]
    other = replace(fee, rules=(replace(fee.rules[0], tests=("< 16", "-")), *fee.rules[1:]))
    changed = replace(spoken, tables=(other, *spoken.tables[1:]))
    assert judged(found_in(changed), changed).stale == ()


@given(small_tables())
def test_the_row_that_a_gap_asks_for_closes_just_that_gap(rulebook):
    subject = rulebook.tables[0]
    gaps = [one for one in found_in(rulebook).findings if one.code == "analysis/gap"]
    for gap in gaps:
        mended = replace(row_for(gap, subject, "new"), outputs=('"A"',))
        # FIRST, so that the row stands behind all others and only what they leave is its own.
        behind = replace(subject, hit_policy=HitPolicy.FIRST, rules=(*subject.rules, mended))
        left = found_in(replace(rulebook, tables=(behind,))).findings
        assert gap.region not in [one.region for one in left if one.code == "analysis/gap"]
        assert not [one for one in left if "new" in {rule for _, rule in one.rules}], mended


def test_days_that_no_rule_is_in_force_become_the_period_of_a_row():
    gap = next(one for one in found_in(FEES).findings if one.code == "analysis/gap")
    mended = row_for(gap, FEES.tables[0], "R4")
    assert mended.tests == (">= 18", "true")
    assert (mended.valid.start, mended.valid.end) == ("", "2020-01-01")


def test_texts_that_are_not_named_are_said_by_those_that_are():
    rulebook = book(table("t", "U", "x -> c", ('"a","b"', '"one"')))
    (gap,) = (one for one in found_in(rulebook).findings if one.code == "analysis/gap")
    assert row_for(gap, rulebook.tables[0], "r2").tests in {('not("a", "b")',), ("-",)}


N = Fact("n", "number", question=Words({"en": "n?"}))
OUT, BESIDE = (Fact(key, "number", nullable=True) for key in ("c", "beside"))


def all_said_of(rulebook):
    """The rulebook in which everything that is found is acknowledged."""
    return replace(rulebook, acknowledgements=tuple(said_of(one) for one in found_in(rulebook).findings))


def ruling(expression="2", default="4", policy="U", column="c", asks="n", catalogue=False):
    """Two rows that overlap, and a formula and a default that contradict them."""
    one = table("t", policy, f"n -> {column}", ("< 5", "1"), ("< 7", "3"), default={column: default})
    one = replace(one, inputs=(replace(one.inputs[0], expression=asks),), open=catalogue)
    return book(one, Formula("f", column, expression), facts=[N, OUT, BESIDE])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"expression": "999"}, "analysis/contradiction"),
        ({"default": "777"}, "analysis/contradiction"),
        ({"policy": "A"}, "analysis/overlap"),
        ({"column": "beside"}, "analysis/overlap"),
        ({"asks": "n + 0"}, "analysis/overlap"),
        ({"catalogue": True}, "analysis/overlap"),
    ],
)
def test_what_was_said_of_a_finding_falls_due_again_with_whatever_it_rests_on(change, code):
    said = all_said_of(ruling())
    assert judged(found_in(said), said).open == ()
    changed = replace(ruling(**change), acknowledgements=said.acknowledgements)
    found = judged(found_in(changed), changed)
    assert code in {one.unproven or one.code for one in found.open}
    assert found.stale


def test_what_was_said_of_an_overlap_does_not_rest_on_what_answers_elsewhere():
    said = all_said_of(ruling())
    changed = replace(ruling(expression="999", default="777"), acknowledgements=said.acknowledgements)
    found = judged(found_in(changed), changed)
    assert "analysis/overlap" in {one.code for one, _ in found.acknowledged}


def crowded(count, last="0"):
    """A table of so many rows that all overlap."""
    rows = [(f"< {100 + place}", str(place)) for place in range(count)]
    return book(table("t", "U", "n -> c", *rows, (">= 500", last)), facts=[N, OUT])


def test_findings_that_are_not_told_one_by_one_weigh_as_much_as_those_that_are():
    more = next(one for one in found_in(crowded(30)).findings if one.code == "analysis/more")
    assert (more.severity, more.count) == (Severity.ERROR, 30 * 29 // 2 - 40)
    assert judged(found_in(crowded(30)), crowded(30)).errors == 41


@pytest.mark.parametrize("changed", [crowded(31), crowded(30, "1")])
def test_what_was_said_of_those_that_are_not_told_falls_due_again_with_any_row(changed):
    said = all_said_of(crowded(30))
    assert judged(found_in(said), said).open == ()
    changed = replace(changed, acknowledgements=said.acknowledgements)
    assert "analysis/more" in {one.code for one in judged(found_in(changed), changed).open}


def test_what_was_said_of_an_undecided_table_falls_due_again_with_any_row():
    def keys(rulebook):
        program, _ = check(rulebook)
        assert program is not None
        return {one.key for one in analyse(program, budget=1).findings if one.note == "budget"}

    assert len(keys(crowded(30))) == 2
    assert keys(crowded(30)) == keys(crowded(30))
    assert not keys(crowded(30)) & keys(crowded(30, "1"))
