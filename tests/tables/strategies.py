"""Random rulebooks and facts: cycles, contributors, all hit policies, several outputs, defaults, periods."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from decision_tables.chain import Case, walk
from decision_tables.compile import compile_rulebook
from decision_tables.explain import Answer, answer
from decision_tables.program import Program
from decision_tables.rulebook import Rulebook
from decision_tables.table import Formula, HitPolicy, Input, Note, Output, Period, Rule, Table
from decision_tables.vocabulary import Fact, Words

TEXTS = ("a", "b", "c")
DAYS = tuple(dt.date(2020, month, 1) for month in (1, 4, 7, 10))
INSTANT = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
GIVEN = ("g0", "g1", "g2", "g3", "g4")
SINGLE = [HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.FIRST, HitPolicy.PRIORITY]
LISTS = [HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER]
AGGREGATES = [HitPolicy.COUNT, HitPolicy.SUM, HitPolicy.MIN, HitPolicy.MAX]
ANY_TESTS = (
    "-",
    "",
    '"a"',
    '"a","b"',
    'not("a")',
    '!= "b"',
    '"c", not(g0 = g1)',
    "null",
    "not(null)",
    'null,"a"',
    "true",
    "false",
    "0",
    "> 1",
    "[1..3]",
    "(0..2)",
    "< 1, >= 3",
    "not([1..2])",
    "not(> 0, 0)",
    "!= 2",
    "]1..2[",
    'date("2020-02-01")',
    '>= @"2020-02-01"',
    '"a", 1',
    'not("a", 1)',
    '["a".."b"]',
    '? in ("a", "b")',
    "? = g1",
    'starts with(?, "a")',
    "g0 = g1",
    "? + 1 > 2",
)
DENSE_TESTS = ("-", '"a"', 'not("a")', '"a","b"')
values = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from(TEXTS),
    st.sampled_from([Decimal(n) for n in range(4)]),
    st.booleans(),
    st.none(),
    st.just(Decimal("1.5")),
    st.sampled_from(["2020-02-01", "z", ""]),
    st.just([Decimal(1)]),
)


def periods() -> st.SearchStrategy[Period]:
    spans = [Period()] * 6 + [Period(DAYS[1].isoformat(), ""), Period("", DAYS[2].isoformat())]
    return st.sampled_from([*spans, Period(DAYS[0].isoformat(), DAYS[1].isoformat())])


@st.composite
def tables(draw: st.DrawFn, key: str, facts: tuple[str, ...], kind: str, readable: tuple[str, ...]) -> Table:
    """A table that concludes the facts; in a single-valued table every output is one of few texts."""
    policy = draw(st.sampled_from({"single": SINGLE, "list": LISTS, "aggregate": AGGREGATES}[kind]))
    if kind != "single":
        facts = facts[:1]
    width = draw(st.integers(0, 3))
    inputs = tuple(
        # What is worked out may be of any type, or the tests on it would be told to be such as never hold.
        Input(
            f"in{n}",
            draw(
                st.sampled_from(
                    [
                        *readable,
                        *readable,
                        f"if {readable[0]} = {readable[-1]} then true else {readable[0]}",
                    ]
                )
            ),
        )
        for n in range(width)
    )
    parts = kind != "aggregate" and draw(st.integers(0, 4)) == 0
    ranked = policy in {HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER}
    values_text = '"b","a","c"' if ranked else ""
    outputs = tuple(
        Output(
            f"out{n}.{part}",
            fact,
            part,
            default=draw(st.sampled_from(["", "", "", '"c"'])) if kind != "aggregate" else "",
            values=values_text if not part else ("" if n else values_text),
        )
        for n, fact in enumerate(facts)
        for part in (("p", "q") if parts else ("",))
    )
    if kind == "aggregate":
        cells = st.sampled_from(["1", "2", "3", "", readable[0]])
    elif ranked:
        cells = st.sampled_from(['"a"', '"b"', '"c"', ""])
    else:
        cells = st.sampled_from(['"a"', '"a"', '"b"', "", "null", *readable[:2], f"[{readable[0]}]"])
    # Half of the tables are dense: their rules meet, so that the hit policies have something to decide.
    tests = st.sampled_from(ANY_TESTS if draw(st.booleans()) else DENSE_TESTS)
    notes = draw(st.sampled_from([(), (), (Note("why"), Note("g0", Words({"en": "Seen by"})))]))
    told = st.sampled_from([(), ("said",), ("", 'x, "y"\nz')]) if notes else st.just(())
    rules = tuple(
        Rule(
            f"r{row}",
            tuple(draw(tests) for _ in inputs),
            tuple(draw(cells) for _ in outputs),
            valid=draw(periods()),
            known=draw(periods()),
            flags=draw(st.sampled_from([(), (), ("contested",)])),
            notes=draw(told),
        )
        for row in range(draw(st.integers(0, 5)))
    )
    if policy.is_single and rules and draw(st.integers(0, 3)) == 0:
        referred = Rule(
            "x", tuple(draw(tests) for _ in inputs), ("",) * len(outputs), referral=Words({"en": "Who?"})
        )
        rules = (*rules, referred)
    return Table(key, policy, inputs, outputs, rules, open=draw(st.integers(0, 4)) == 0, notes=notes)


@st.composite
def rulebooks(draw: st.DrawFn, *, cyclic: bool | None = None) -> Rulebook:
    """A rulebook over given facts `g…` and concluded facts `c…`; tables read any fact if it may be cyclic."""
    loops = draw(st.booleans()) if cyclic is None else cyclic
    kinds = draw(
        st.lists(st.sampled_from(["single", "single", "single", "list", "aggregate"]), min_size=1, max_size=5)
    )
    concluded = tuple(f"c{n}" for n in range(len(kinds)))
    made: list[Table] = []
    formulas: list[Formula] = []
    for n, (fact, kind) in enumerate(zip(concluded, kinds, strict=True)):
        contributors = 1 if kind == "aggregate" else draw(st.sampled_from([1, 1, 1, 2]))
        readable = (*GIVEN, *concluded) if loops else (*GIVEN, *concluded[:n])
        readable = tuple(draw(st.permutations(readable)))[:4]
        for turn in range(contributors):
            side = (f"s{n}_{turn}",) if kind == "single" and draw(st.integers(0, 2)) == 0 else ()
            made.append(draw(tables(f"t{n}_{turn}", (fact, *side), kind, readable)))
        if kind == "single" and draw(st.integers(0, 5)) == 0:
            formulas.append(Formula(f"f{n}", fact, f'if {readable[0]} = "a" then {readable[1]} else "a"'))
    sides = {output.fact for table in made for output in table.outputs} - set(concluded)
    keys = (*GIVEN, *concluded, *sorted(sides))
    facts = tuple(
        Fact(key, nullable=True, question=Words({"en": f"{key}?"} if key in GIVEN else {})) for key in keys
    )
    return Rulebook("random", facts=facts, tables=tuple(made), formulas=tuple(formulas))


@dataclass(frozen=True)
class Question:
    """A random rulebook with facts, goals and dates."""

    program: Program
    facts: dict[str, Any]
    goals: tuple[str, ...]
    as_of: dt.date
    known_on: dt.date

    def closure(self, facts: dict[str, Any] | None = None) -> tuple[int, ...]:
        return self.program.closure(self.goals, frozenset(self.facts if facts is None else facts))

    def case(self, facts: dict[str, Any] | None = None, *, scan: bool = False) -> Case:
        given = self.facts if facts is None else facts
        return Case(
            self.program,
            given,
            as_of=self.as_of,
            known_on=self.known_on,
            instant=INSTANT,
            closure=self.closure(given),
            scan=scan,
        )

    def answer(self, facts: dict[str, Any] | None = None, *, scan: bool = False) -> Answer:
        case = self.case(facts, scan=scan)
        walk(case, case.closure)
        return answer(case, self.goals, explain="full")


@st.composite
def questions(draw: st.DrawFn, *, cyclic: bool | None = None) -> Question:
    """A random program and a case put to it, some facts given, now and then one that a node concludes."""
    rulebook = draw(rulebooks(cyclic=cyclic))
    program = compile_rulebook(rulebook)
    concluded = sorted(program.concluded)
    goals = tuple(draw(st.lists(st.sampled_from(concluded), min_size=1, max_size=3, unique=True)))
    given = draw(st.dictionaries(st.sampled_from(GIVEN), values, max_size=len(GIVEN)))
    if draw(st.integers(0, 5)) == 0:
        given[draw(st.sampled_from(concluded))] = draw(values)
    day = st.sampled_from(DAYS)
    return Question(program, program.accept(given), goals, draw(day), draw(day))
