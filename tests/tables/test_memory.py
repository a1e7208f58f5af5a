"""A compile that remembers the one before says and answers what one without a memory does."""

from dataclasses import replace

from builders import book, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import ANY_TESTS, DAYS, INSTANT, rulebooks, values

from decision_tables.chain import Case, walk
from decision_tables.compile import check
from decision_tables.errors import InvalidFacts
from decision_tables.explain import answer
from decision_tables.memory import Memory
from decision_tables.table import Rule

TEXTS = (*ANY_TESTS, "nobody", '"unclosed', "[3..1]", "a,", "x -")


@st.composite
def edited(draw, rulebook):
    """The rulebook after one edit: of a cell, a rule, a column, a fact; sound or broken."""
    place = draw(st.integers(0, len(rulebook.tables) - 1))
    table = rulebook.tables[place]
    rules = list(table.rules)
    edit = draw(
        st.sampled_from(["cell", "cell", "cell", "outcome", "add", "remove", "move", "head", "fact", "drop"])
    )
    if edit == "fact":
        some = draw(st.sampled_from(rulebook.facts))
        changed = replace(some, allowed=draw(st.sampled_from(["", '"a","b"', "> 1"])))
        return replace(rulebook, facts=tuple(changed if one is some else one for one in rulebook.facts))
    if edit == "drop" and len(rulebook.tables) > 1:
        return replace(rulebook, tables=rulebook.tables[:place] + rulebook.tables[place + 1 :])
    if edit == "add" or not rules:
        tests, outputs = ("-",) * len(table.inputs), ('"a"',) * len(table.outputs)
        rules.insert(draw(st.integers(0, len(rules))), Rule(f"n{len(rules)}", tests, outputs))
    elif edit == "remove":
        del rules[draw(st.integers(0, len(rules) - 1))]
    elif edit == "move":
        rules.append(rules.pop(draw(st.integers(0, len(rules) - 1))))
    elif edit == "head" and table.inputs:
        head = replace(table.inputs[0], expression=draw(st.sampled_from(["g0", "g1", "g0 = g1", "gone"])))
        table = replace(table, inputs=(head, *table.inputs[1:]))
    else:
        row = draw(st.integers(0, len(rules) - 1))
        cells = list(rules[row].tests if edit == "cell" and table.inputs else rules[row].outputs)
        cells[draw(st.integers(0, len(cells) - 1))] = draw(st.sampled_from(TEXTS))
        field = "tests" if edit == "cell" and table.inputs else "outputs"
        rules[row] = replace(rules[row], **{field: tuple(cells)})
    table = replace(table, rules=tuple(rules))
    return replace(rulebook, tables=(*rulebook.tables[:place], table, *rulebook.tables[place + 1 :]))


def answered(program, facts, as_of):
    """All that the program concludes of a case, and why."""
    goals = tuple(sorted(program.concluded))
    closure = program.closure(goals, frozenset(facts))
    case = Case(program, facts, as_of=as_of, known_on=as_of, instant=INSTANT, closure=closure)
    walk(case, closure)
    return answer(case, goals, explain="full")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_compile_with_a_memory_is_a_compile_without_one(data):
    memory, rulebook = Memory(), data.draw(rulebooks())
    for _ in range(data.draw(st.integers(1, 5))):
        program, told = check(rulebook, memory=memory)
        plain, plainly_told = check(rulebook)
        assert told == plainly_told
        assert (program is None) == (plain is None)
        if program is not None and plain is not None:
            drawn = data.draw(st.dictionaries(st.sampled_from(["g0", "g1", "g2"]), values))
            try:
                facts = program.accept(drawn)
            except InvalidFacts:  # an edit said what a fact may be
                facts = {}
            day = data.draw(st.sampled_from(DAYS))
            assert answered(program, facts, day) == answered(plain, facts, day)
        rulebook = data.draw(edited(rulebook))


def test_what_an_edit_leaves_alone_is_not_compiled_again():
    before = book(
        table("a", "U", "x -> c", ('"p"', '"q"'), ('"r"', '"s"')),
        table("b", "U", "c y -> d", ('"q"', "> 1", "1")),
    )
    memory = Memory()
    first, _ = check(before, memory=memory)
    cells = before.tables[1].rules[0]
    after = replace(
        before,
        tables=(before.tables[0], replace(before.tables[1], rules=(replace(cells, tests=('"q"', "> 2")),))),
    )
    second, _ = check(after, memory=memory)
    (a1, b1), (a2, b2) = first.nodes, second.nodes
    assert a2.index is a1.index
    assert b2.tests[0][0] is b1.tests[0][0]
    assert b2.tests[1][0] is not b1.tests[1][0]
    assert a2 is not a1, "programs number their nodes, so that each needs its own"
