"""What each hit policy concludes, and that it concludes as early as the candidates allow."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from builders import asked, book, decide, row, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_tables.compile import compile_rulebook
from decision_tables.table import HitPolicy

OPEN, CONTRADICTED = "open", "contradicted"


def said(rulebook, goal: str = "c", /, **facts: Any) -> Any:
    """The value of a goal, or that it is open or contradicted."""
    found = decide(rulebook, goal, **facts)
    if goal in found.conclusions:
        return found.conclusions[goal]
    return CONTRADICTED if found.undetermined[goal].reason == "conflict" else OPEN


def two(policy: str, first: str = '"a"', second: str = '"b"', **marks: Any):
    """Two rules, each with its own condition."""
    return book(table("t", policy, "x y -> c", ("true", "-", first), ("-", "true", second), **marks))


# -- UNIQUE ---------------------------------------------------------------------------------------------------


def test_unique_gives_the_one_true_rule():
    assert said(two("U"), x=True, y=False) == "a"


def test_two_true_rules_under_unique_are_a_conflict_that_names_both():
    found = decide(two("U"), "c", x=True, y=True)
    assert found.status == "conflict"
    assert [conflict.rules for conflict in found.conflicts] == [(("t", "r1"), ("t", "r2"))]
    assert "c" not in found.conclusions


def test_unique_rules_that_agree_are_in_conflict_all_the_same():
    assert said(two("U", second='"a"'), x=True, y=True) == CONTRADICTED


def test_a_true_rule_beside_a_maybe_rule_is_open_under_unique_even_if_they_agree():
    assert said(two("U", second='"a"'), x=True) == OPEN


def test_under_unique_one_maybe_rule_and_an_equal_default_settle_the_matter():
    assert said(two("U", default={"c": '"a"'}), y=False) == "a"


def test_under_unique_one_maybe_rule_and_another_default_leave_it_open():
    assert said(two("U", default={"c": '"b"'}), y=False) == OPEN


def test_under_unique_a_rule_that_concludes_null_and_no_rule_come_to_the_same():
    assert said(two("U", first="null"), y=False) is None


def test_under_unique_several_maybe_rules_are_open_even_if_they_and_the_default_agree():
    assert said(two("U", second='"a"', default={"c": '"a"'})) == OPEN


# -- ANY ------------------------------------------------------------------------------------------------------


def test_any_takes_rules_that_agree():
    assert said(two("A", second='"a"'), x=True, y=True) == "a"


def test_unequal_true_rules_under_any_are_a_conflict():
    assert said(two("A"), x=True, y=True) == CONTRADICTED


def test_any_is_settled_while_the_maybe_rules_agree_with_a_true_one():
    assert said(two("A", second='"a"'), x=True) == "a"


def test_any_counts_no_rule_among_its_candidates_while_none_is_surely_true():
    assert said(two("A", second='"a"')) == OPEN
    assert said(two("A", second='"a"', default={"c": '"a"'})) == "a"


def test_any_concludes_no_column_while_one_may_still_make_a_conflict():
    rulebook = book(table("t", "A", "x y -> c d", ("true", "-", '"a"', '"p"'), ("-", "true", '"a"', '"q"')))
    assert said(rulebook, "c", x=True) == OPEN
    assert said(rulebook, "c", x=True, y=False) == "a"


def test_any_holds_null_and_silence_for_the_same_where_no_other_table_speaks():
    assert said(two("A", first="null", second=""), x=True, y=True) is None


# -- FIRST ----------------------------------------------------------------------------------------------------


def test_first_takes_the_first_true_rule():
    assert said(two("F"), x=True, y=True) == "a"


def test_maybe_rules_after_the_first_true_one_do_not_matter_under_first():
    assert said(two("F"), x=True) == "a"


def test_a_maybe_rule_before_the_first_true_one_keeps_first_open_unless_they_agree():
    assert said(two("F"), y=True) == OPEN
    assert said(two("F", second='"a"'), y=True) == "a"


def test_first_counts_no_rule_among_its_candidates_only_while_none_is_surely_true():
    assert said(two("F", second='"a"')) == OPEN
    assert said(two("F", second='"a"', default={"c": '"a"'})) == "a"


def test_columns_of_first_settle_one_by_one():
    rulebook = book(table("t", "F", "x y -> c d", ("true", "-", '"a"', '"p"'), ("-", "true", '"a"', '"q"')))
    assert said(rulebook, "c", y=True) == "a"
    assert said(rulebook, "d", y=True) == OPEN


# -- PRIORITY -------------------------------------------------------------------------------------------------

BEST_B = {"values": {"c": '"b","a"'}}


def test_priority_takes_the_outcome_that_is_listed_first():
    assert said(two("P", **BEST_B), x=True, y=True) == "b"


def test_only_a_maybe_rule_that_is_better_keeps_priority_open():
    assert said(two("P", **BEST_B), x=True) == OPEN
    assert said(two("P", **BEST_B), y=True) == "b"


def test_priority_counts_no_rule_among_its_candidates_while_none_is_surely_true():
    assert said(two("P", second='"a"', **BEST_B)) == OPEN
    assert said(two("P", second='"a"', default={"c": '"a"'}, **BEST_B)) == "a"


def test_rules_of_the_same_priority_rank_by_place():
    rulebook = book(
        table(
            "t",
            "P",
            "x y -> c d",
            ("true", "-", '"a"', '"p"'),
            ("-", "true", '"a"', '"q"'),
            values={"c": '"a"'},
        )
    )
    assert said(rulebook, "d", x=True, y=True) == "p"
    assert said(rulebook, "d", x=True) == "p"
    assert said(rulebook, "d", y=True) == OPEN


def test_the_priority_of_an_earlier_column_goes_before_that_of_a_later_one():
    cells = (("-", "-", '"a"', '"q"'), ("-", "-", '"b"', '"p"'), ("-", "-", '"b"', '"q"'))
    values = {"c": '"b","a"', "d": '"q","p"'}
    found = decide(book(table("t", "P", "x y -> c d", *cells, values=values)), "c d")
    assert found.conclusions == {"c": "b", "d": "q"}


# -- COLLECT, RULE ORDER, OUTPUT ORDER ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "expected"), [("C", ["a", "b", "a"]), ("R", ["a", "b", "a"]), ("O", ["b", "a", "a"])]
)
def test_a_list_holds_the_outcomes_of_all_true_rules_in_its_order(policy, expected):
    cells = (("-", '"a"'), ("-", '"b"'), ("-", '"a"'))
    assert said(book(table("t", policy, "x -> c", *cells, values={"c": '"b","a"'}))) == expected


@pytest.mark.parametrize("policy", ["C", "R", "O"])
def test_a_list_is_open_while_a_rule_may_hold_and_tells_what_it_holds_for_certain(policy):
    found = decide(two(policy, values={"c": '"a","b"'}), "c", x=True)
    gap = found.undetermined["c"]
    assert [entry.value for entry in gap.certain] == ["a"]
    assert [entry.value for entry in gap.possible] == ["b"]
    assert found.status == "undetermined"


@pytest.mark.parametrize("policy", ["C", "R", "O"])
def test_no_matching_rule_makes_an_empty_list_or_that_of_the_default(policy):
    assert said(two(policy, values={"c": '"a","b"'}), x=False, y=False) == []
    defaulted = two(policy, default={"c": '"b"'}, values={"c": '"a","b"'})
    assert said(defaulted, x=False, y=False) == ["b"]
    assert said(two("C", default={"c": "[]"}), x=False, y=False) == []
    assert said(two("C", default={"c": '["b", "a"]'}), x=False, y=False) == ["b", "a"]


def test_a_true_rule_whose_outcome_waits_is_certain_and_tells_which_part_waits_for_what():
    rulebook = book(
        table("t", "C", "x -> c.id c.share", ("true", '"k"', "income * 0.1"), ("true", '"l"', "5")),
        facts=[asked("income")],
    )
    found = decide(rulebook, "c", x=True)
    first, second = found.undetermined["c"].certain
    assert (first.value["id"], first.waits) == ("k", {"share": ("income",)})
    assert (second.value, second.waits) == ({"id": "l", "share": Decimal(5)}, {})
    assert [missing.fact for missing in found.missing] == ["income"]
    settled = decide(rulebook, "c", x=True, income=50).conclusions["c"]
    assert settled == [{"id": "k", "share": Decimal(5)}, {"id": "l", "share": Decimal(5)}]


# -- aggregates -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("policy", "expected"), [("C+", 6), ("C<", 1), ("C>", 3), ("C#", 3)])
def test_an_aggregate_is_made_of_all_true_rules(policy, expected):
    rulebook = book(table("t", policy, "x -> c", ("-", "1"), ("-", "3"), ("-", "2"), ("false", "9")))
    assert said(rulebook, x=True) == expected


@pytest.mark.parametrize(("policy", "expected"), [("C+", None), ("C<", None), ("C>", None), ("C#", 0)])
def test_an_aggregate_of_no_rules_is_null_and_their_count_is_nought(policy, expected):
    assert said(two(policy, "1", "2"), x=False, y=False) == expected


@pytest.mark.parametrize("policy", ["C+", "C<", "C>", "C#"])
def test_an_aggregate_is_open_while_a_rule_may_hold(policy):
    assert said(two(policy, "1", "2"), x=True) == OPEN


def test_an_aggregate_of_what_cannot_be_added_is_null_with_a_warning():
    found = decide(book(table("t", "C+", "x -> c", ("-", "1"), ("-", '"two"'))), "c")
    assert found.conclusions == {"c": None}
    assert [(warning.code, warning.table) for warning in found.warnings] == [("table/aggregate", "t")]


def test_least_and_greatest_compare_what_can_be_compared():
    texts = table("t", "C>", "x -> c", ("-", '"b"'), ("-", '"c"'), ("-", '"a"'))
    assert said(book(texts)) == "c"
    mixed = table("t", "C<", "x -> c", ("-", '"b"'), ("-", "1"))
    assert said(book(mixed)) is None


# -- open tables, empty cells, referrals ----------------------------------------------------------------------


@pytest.mark.parametrize("policy", [*list("UAFPCRO"), "C+", "C<", "C>", "C#"])
def test_where_no_rule_of_an_open_table_matches_its_fact_stays_unknown(policy):
    found = decide(two(policy, "1", "2", open=True, values={"c": "1,2"}), "c", x=False, y=False)
    assert found.status == "undetermined"
    assert not any(warning.code == "table/no-rule" for warning in found.warnings)


def test_a_closed_table_where_no_rule_matches_concludes_null_and_warns():
    found = decide(two("U"), "c", x=False, y=False)
    assert found.conclusions == {"c": None}
    (warning,) = found.warnings
    assert (warning.code, warning.table) == ("table/no-rule", "t")
    assert "`t`" in warning.message
    assert "`c`" in warning.message


@pytest.mark.parametrize("policy", ["C+", "C<", "C>"])
def test_an_aggregate_that_is_null_for_want_of_a_rule_warns_too(policy):
    found = decide(two(policy, "1", "2"), "c", x=False, y=False)
    assert [warning.code for warning in found.warnings] == ["table/no-rule"]


@pytest.mark.parametrize("policy", ["C", "R", "C#"])
def test_an_empty_list_and_a_count_of_nought_are_answers_and_no_cause_for_a_warning(policy):
    assert decide(two(policy, "1", "2"), "c", x=False, y=False).warnings == ()


def test_a_default_is_an_answer_and_no_cause_for_a_warning():
    assert decide(two("U", default={"c": "null"}), "c", x=False, y=False).warnings == ()


def test_an_empty_outcome_is_no_opinion_on_that_column():
    cells = ("true", '"a"', "")
    closed = decide(book(table("t", "U", "x -> c d", cells)), "c d", x=True)
    assert closed.conclusions == {"c": "a", "d": None}
    catalogue = decide(book(table("t", "U", "x -> c d", cells, open=True)), "c d", x=True)
    assert catalogue.conclusions == {"c": "a"}


@pytest.mark.parametrize("policy", ["C", "C+", "C#"])
def test_true_rules_without_an_opinion_leave_the_fact_of_an_open_list_unknown(policy):
    cells = ("true", "1", "")
    catalogue = decide(book(table("t", policy, "x -> c d", cells, open=True)), "c d", x=True)
    assert list(catalogue.conclusions) == ["c"]
    closed = decide(book(table("t", policy, "x -> c d", cells)), "c d", x=True)
    assert closed.conclusions["d"] in ([], None, Decimal(0))


def test_parts_make_one_fact_and_an_empty_part_is_null():
    rulebook = book(table("t", "U", "x -> c.p c.q", ("true", '"a"', "")))
    assert said(rulebook, x=True) == {"p": "a", "q": None}


def test_a_referral_takes_the_place_of_empty_outcomes_only():
    rule = row("true", "", '"b"', referral="Is it so?")
    found = decide(book(table("t", "U", "x -> c d", rule)), "c d", x=True)
    assert found.conclusions == {"d": "b"}
    assert found.undetermined["c"].reason == "referral"
    assert [(r.fact, r.table, r.rule, r.question) for r in found.referrals] == [("c", "t", "r1", "Is it so?")]


def test_candidates_that_refer_the_same_question_refer_it_already():
    rules = (row("true", "-", "", referral="Is it so?"), row("-", "true", "", referral="Is it so?"))
    found = decide(book(table("t", "F", "x y -> c", *rules)), "c", y=True)
    assert found.undetermined["c"].reason == "referral"


# -- the letter, over all small tables ------------------------------------------------------------------------

SILENT, UNSURE = "silent", "unsure"
_TEXT_OF = {"a": '"a"', "b": '"b"', None: "null", SILENT: "", UNSURE: "u"}


@dataclass(frozen=True)
class Small:
    """A table of rules that are true, false or maybe by decree, with two columns of outcomes."""

    policy: HitPolicy
    rules: tuple[tuple[bool | None, Any, Any], ...]
    defaults: tuple[Any, Any]
    is_open: bool

    def program(self):
        columns = " ".join(f"b{n}" for n in range(len(self.rules)))
        rows = []
        for n, (_, c, d) in enumerate(self.rules):
            tests = ["-"] * len(self.rules)
            tests[n] = "true"
            rows.append((*tests, _TEXT_OF[c], _TEXT_OF[d]))
        defaults = {key: _TEXT_OF[value] for key, value in zip("cd", self.defaults, strict=True)}
        ranks = (
            {"values": {"c": '"b","a"'}}
            if self.policy in {HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER}
            else {}
        )
        shape = table(
            "t", self.policy, f"{columns} -> c d", *rows, default=defaults, open=self.is_open, **ranks
        )
        return compile_rulebook(book(shape, facts=[asked("u")]))

    def facts(self) -> dict[str, bool]:
        return {f"b{n}": state for n, (state, _, _) in enumerate(self.rules) if state is not None}

    def by_the_letter(self) -> tuple[Any, Any]:
        """What the table of candidates says, column by column."""
        true = [n for n, rule in enumerate(self.rules) if rule[0] is True]
        maybe = [n for n, rule in enumerate(self.rules) if rule[0] is None]
        if self.policy.is_list:
            return self._list(true, maybe, 0), self._list(true, maybe, 1)
        if self.policy is HitPolicy.UNIQUE and len(true) > 1:
            return CONTRADICTED, CONTRADICTED
        if self.policy is HitPolicy.ANY and any(
            len(_distinct(self._value(n, column) for n in true)) > 1 for column in (0, 1)
        ):
            return CONTRADICTED, CONTRADICTED
        candidates = self._candidates(true, maybe)
        agreed = tuple(
            OPEN if candidates is None else self._agreed([self._value(n, column) for n in candidates])
            for column in (0, 1)
        )
        if self.policy is HitPolicy.ANY and candidates is not None:
            values = [_distinct(self._value(n, column) for n in candidates) for column in (0, 1)]
            unsure = any(self._value(n, column) == UNSURE for n in candidates for column in (0, 1))
            if unsure or any(len(some) > 1 for some in values):
                return OPEN, OPEN
        return agreed

    def _value(self, n: int | None, column: int) -> Any:
        value = self.defaults[column] if n is None else self.rules[n][1 + column]
        return None if value == SILENT and not self.is_open else value

    def _agreed(self, values: list[Any]) -> Any:
        first = values[0]
        return OPEN if first in (SILENT, UNSURE) or any(value != first for value in values) else first

    def _candidates(self, true: list[int], maybe: list[int]) -> list[int | None] | None:
        match self.policy:
            case HitPolicy.UNIQUE:
                if true:
                    return None if maybe else [true[0]]
                return None if len(maybe) > 1 else [*maybe, None]
            case HitPolicy.ANY:
                return sorted(true + maybe) if true else [*maybe, None]
            case HitPolicy.FIRST:
                return [n for n in maybe if n < true[0]] + [true[0]] if true else [*maybe, None]
            case _:
                best = sorted(true, key=self._rank)[:1]
                better = [n for n in maybe if not best or self._rank(n) < self._rank(best[0])]
                return better + (best or [None])

    def _rank(self, n: int) -> tuple[int, int]:
        return {"b": 0, "a": 1}.get(self.rules[n][1], 2), n

    def _list(self, true: list[int], maybe: list[int], column: int) -> Any:
        if maybe:
            return OPEN
        ordered = sorted(true, key=self._rank) if self.policy is HitPolicy.OUTPUT_ORDER else true
        entries = [self.rules[n][1 + column] for n in ordered]
        if not true:
            entries = [self.defaults[column]]
        entries = [entry for entry in entries if entry != SILENT]
        if UNSURE in entries or (not entries and self.is_open):
            return OPEN
        return entries


def _distinct(values) -> set[Any]:
    return {value for value in values if value != UNSURE}


@st.composite
def small_tables(draw: st.DrawFn) -> Small:
    policy = draw(st.sampled_from([p for p in HitPolicy if not p.is_aggregate]))
    ranked = policy in {HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER}
    free = st.sampled_from(["a", "a", "a", "b", None, SILENT, UNSURE])
    first = st.sampled_from(["a", "a", "b"]) if ranked else free
    rules = draw(st.lists(st.tuples(st.sampled_from([True, False, None]), first, free), max_size=4))
    defaults = (
        draw(st.sampled_from([SILENT, "a"])),
        draw(st.sampled_from([SILENT, SILENT, "a", "b", None])),
    )
    return Small(policy, tuple(rules), defaults, draw(st.booleans()))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(small_tables())
def test_a_table_concludes_exactly_what_its_candidates_agree_on(small: Small):
    program = small.program()
    for column, expected in zip("cd", small.by_the_letter(), strict=True):
        assert said(program, column, **small.facts()) == expected
