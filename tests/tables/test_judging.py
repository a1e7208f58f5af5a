"""What is said of findings, and the row that a gap asks for."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from decision_tables.analyse import analyse, judged, row_for
from decision_tables.compile import check
from decision_tables.rulebook import Acknowledgement
from decision_tables.table import HitPolicy
from decision_tables.vocabulary import Fact
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
