"""DMN models of every version and of other tools' habits, and files that are none."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_tables.chain import Case, walk
from decision_tables.compile import check
from decision_tables.errors import InvalidRulebook
from decision_tables.formats.dmn import read_dmn
from decision_tables.formats.dmn.xml import DMN_VERSIONS
from decision_tables.table import HitPolicy, Note

if TYPE_CHECKING:
    from decision_tables.rulebook import Rulebook

MODELS = Path(__file__).parent / "models"
NOW = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def model(body: str, *, namespace: str = DMN, key: str = "urn:m", name: str = "Model") -> bytes:
    return f'<definitions xmlns="{namespace}" name="{name}" namespace="{key}">{body}</definitions>'.encode()


def decision(logic: str, name: str = "d", kind: str = "") -> str:
    typed = f' typeRef="{kind}"' if kind else ""
    return f'<decision name="{name}" id="{name}"><variable name="{name}"{typed}/>{logic}</decision>'


def literal(text: str) -> str:
    return f"<literalExpression><text>{text}</text></literalExpression>"


def inputs(**kinds: str) -> str:
    return "".join(
        f'<inputData name="{name}" id="{name}"><variable name="{name}" typeRef="{kind}"/></inputData>'
        for name, kind in kinds.items()
    )


def run(book: Rulebook, *goals: str, **given: object) -> dict[str, object]:
    """The conclusions of a model, by the path that `/decide` takes."""
    program, found = check(book, lenient=True)
    assert program is not None, [one.drawn() for one in found]
    facts = program.vocabulary.accept(given, closed=True)
    closure = program.closure(goals, frozenset(facts))
    today = NOW.date()
    case = Case(program, facts, as_of=today, known_on=today, instant=NOW, closure=closure, absent="null")
    walk(case, closure)
    return {goal: case.facts.get(goal) for goal in goals}


def value(logic: str, body: str = "", **given: object) -> object:
    """What a decision with that logic gives."""
    kinds = dict.fromkeys(given, "Any")
    reading = read_dmn(model(body + inputs(**kinds) + decision(logic)))
    return run(reading.rulebook, "d", **given)["d"]


@pytest.mark.parametrize("namespace", DMN_VERSIONS)
def test_a_model_of_any_version_runs(namespace):
    body = inputs(x="number") + decision(
        '<decisionTable hitPolicy="FIRST"><input><inputExpression><text>x</text></inputExpression></input>'
        '<output/><rule><inputEntry><text>&gt; 10</text></inputEntry><outputEntry><text>"big"</text>'
        '</outputEntry></rule><rule><inputEntry><text>-</text></inputEntry><outputEntry><text>"small"</text>'
        "</outputEntry></rule></decisionTable>",
        kind="string",
    )
    book = read_dmn(model(body, namespace=namespace)).rulebook
    assert book.tables[0].hit_policy is HitPolicy.FIRST
    assert run(book, "d", x=11) == {"d": "big"}
    assert run(book, "d") == {"d": "small"}


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (literal("a + 1"), Decimal(4)),
        (
            (
                f'<context><contextEntry><variable name="b"/>{literal("a * 2")}</contextEntry>'
                f"<contextEntry>{literal('b + 1')}</contextEntry></context>"
            ),
            Decimal(7),
        ),
        (
            f'<context><contextEntry><variable name="b c"/>{literal("a")}</contextEntry></context>',
            {"b c": Decimal(3)},
        ),
        (f"<list>{literal('a')}{literal('2')}</list>", [Decimal(3), Decimal(2)]),
        (
            f'<relation><column name="p"/><column name="q"/><row>{literal("1")}{literal("a")}</row></relation>',
            [{"p": Decimal(1), "q": Decimal(3)}],
        ),
        (
            (
                f"<conditional><if>{literal('a &gt; 5')}</if><then>{literal('1')}</then>"
                f"<else>{literal('2')}</else></conditional>"
            ),
            Decimal(2),
        ),
        (
            f"<filter><in>{literal('[1, 2, 3]')}</in><match>{literal('item &lt; a')}</match></filter>",
            [Decimal(1), Decimal(2)],
        ),
        (
            f'<for iteratorVariable="i"><in>{literal("[1..a]")}</in><return>{literal("i * i")}</return></for>',
            [Decimal(1), Decimal(4), Decimal(9)],
        ),
        (
            (
                f'<some iteratorVariable="i"><in>{literal("[1, 3]")}</in>'
                f"<satisfies>{literal('i = a')}</satisfies></some>"
            ),
            True,
        ),
        (
            (
                f'<every iteratorVariable="i"><in>{literal("[1, 3]")}</in>'
                f"<satisfies>{literal('i = a')}</satisfies></every>"
            ),
            False,
        ),
        (
            (
                f'<context><contextEntry><variable name="f"/><functionDefinition><formalParameter name="n"/>'
                f"{literal('n + a')}</functionDefinition></contextEntry>"
                f"<contextEntry>{literal('f(10)')}</contextEntry></context>"
            ),
            Decimal(13),
        ),
        (
            f'<invocation>{literal("double")}<binding><parameter name="n"/>{literal("a")}</binding></invocation>',
            Decimal(6),
        ),
    ],
)
def test_every_boxed_expression_gives_its_value(logic, expected):
    double = (
        '<businessKnowledgeModel name="double"><variable name="double"/><encapsulatedLogic>'
        f'<formalParameter name="n" typeRef="number"/>{literal("n * 2")}</encapsulatedLogic></businessKnowledgeModel>'
    )
    assert value(logic, double, a=3) == expected


def test_a_decision_table_inside_another_expression_gives_its_value():
    table = (
        "<decisionTable><input><inputExpression><text>k</text></inputExpression></input><output/>"
        '<rule><inputEntry><text>3</text></inputEntry><outputEntry><text>"three"</text></outputEntry></rule>'
        "</decisionTable>"
    )
    logic = (
        f'<context><contextEntry><variable name="k"/>{literal("a")}</contextEntry>'
        f"<contextEntry>{table}</contextEntry></context>"
    )
    assert value(logic, a=3) == "three"
    assert value(logic, a=4) is None


def test_annotations_are_columns_of_notes_under_their_own_names():
    book = read_dmn((MODELS / "dish.dmn").read_bytes()).rulebook
    assert book.tables[0].notes == (Note("Why"),)
    told = [(rule.note, rule.notes) for rule in book.tables[0].rules]
    assert told == [("A classic", ("many hands",)), ("", ()), ("", ("whatever there is",))]


def test_annotations_without_a_name_or_with_one_that_is_taken_get_one_of_their_own():
    logic = (
        '<decisionTable><input label="x"><inputExpression><text>x</text></inputExpression></input><output/>'
        '<annotation name="x"/><annotation/><annotation name="citation"/><annotation name="x"/>'
        "<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></outputEntry>"
        + "".join(f"<annotationEntry><text>{text}</text></annotationEntry>" for text in "abcde")
        + "</rule></decisionTable>"
    )
    book = read_dmn(model(inputs(x="number") + decision(logic))).rulebook
    table = book.tables[0]
    assert [(one.key, one.label.said_in("en")) for one in table.notes] == [
        ("x 2", "x"),
        ("annotation", ""),
        ("x 3", "x"),
        ("annotation 2", ""),
    ]
    assert (table.rules[0].citation, table.rules[0].notes) == ("c", ("a", "b", "d", "e"))
    assert check(book)[1] == ()


def test_an_item_definition_holds_what_comes_in_and_what_comes_out():
    items = (
        '<itemDefinition name="tPerson"><itemComponent name="age"><typeRef>number</typeRef></itemComponent>'
        '<itemComponent name="country"><typeRef>string</typeRef><allowedValues><text>"BE","FR"</text></allowedValues>'
        "</itemComponent></itemDefinition>"
    )
    body = items + inputs(person="tPerson") + decision(literal("person.age + 1"), kind="number")
    book = read_dmn(model(body)).rulebook
    assert run(book, "d", person={"age": 17, "country": "BE"}) == {"d": Decimal(18)}
    program, _ = check(book, lenient=True)
    assert program is not None
    with pytest.raises(Exception, match="country"):
        program.vocabulary.accept({"person": {"age": 17, "country": "XX"}}, closed=True)


def test_a_decision_service_is_a_function_and_may_be_asked_for():
    service = (
        '<decisionService name="s" id="s"><variable name="s"/><outputDecision href="#d"/><inputData href="#x"/>'
        "</decisionService>"
    )
    body = inputs(x="number") + decision(literal("x * 2")) + decision(literal("s(21)"), name="e") + service
    book = read_dmn(model(body)).rulebook
    assert run(book, "e") == {"e": Decimal(42)}
    program, _ = check(book, lenient=True)
    assert program is not None
    assert book.services[0].outputs == ("d",)


def test_what_is_imported_comes_in_under_the_name_of_its_import():
    common = model(
        decision(literal('"hello " + who'), name="greet") + inputs(who="string"),
        key="urn:common",
        name="Common",
    )
    body = f'<import name="c" namespace="urn:common" importType="{DMN}"/>' + decision(
        literal('c.greet + "!"')
    )
    book = read_dmn(model(body), others={"common.dmn": common}).rulebook
    assert {fact.key for fact in book.facts} == {"c.greet", "c.who", "d"}
    assert run(book, "d", **{"c.who": "you"}) == {"d": "hello you!"}


def test_an_import_that_is_not_given_is_told_with_the_namespace_to_look_for():
    body = f'<import name="c" namespace="urn:common" importType="{DMN}"/>'
    with pytest.raises(InvalidRulebook) as caught:
        read_dmn(model(body))
    assert [one.code for one in caught.value.diagnostics] == ["dmn/import"]
    assert "urn:common" in caught.value.diagnostics[0].hint


def test_an_entry_of_what_is_filtered_keeps_its_name_in_an_imported_model():
    items = (
        '<itemDefinition name="tPerson"><itemComponent name="dept"><typeRef>number</typeRef></itemComponent>'
        "</itemDefinition>"
    )
    common = model(
        items + inputs(dept="number") + decision(literal("[{dept: 1}, {dept: 2}][dept = 2]"), name="found"),
        key="urn:common",
        name="Common",
    )
    body = f'<import name="c" namespace="urn:common" importType="{DMN}"/>' + decision(literal("c.found"))
    book = read_dmn(model(body), others={"common.dmn": common}).rulebook
    assert run(book, "d", **{"c.dept": 1}) == {"d": [{"dept": Decimal(2)}]}


def test_what_a_decision_does_not_require_is_null_in_its_texts_and_told():
    requirement = '<informationRequirement><requiredInput href="#x"/></informationRequirement>'
    knowledge = (
        '<businessKnowledgeModel name="f"><variable name="f"/><encapsulatedLogic><formalParameter name="y"/>'
        f"{literal('y + 1')}</encapsulatedLogic></businessKnowledgeModel>"
    )
    logic = literal("{a: x, b: y, c: [{y: 7}][y = 7], d: for y in [3] return y, e: f(1)}")
    required = decision(logic).replace(logic, requirement + logic)
    reading = read_dmn(model(inputs(x="number", y="number") + knowledge + required))
    assert [(one.code, one.message.split("`")[1]) for one in reading.notes] == [
        ("dmn/not-required", "y"),
        ("dmn/not-required", "f"),
    ]
    expected = {"a": 1, "b": None, "c": [{"y": 7}], "d": [3], "e": None}
    assert run(reading.rulebook, "d", x=1, y=2) == {"d": expected}


@pytest.mark.parametrize(
    "broken",
    [
        decision("<literalExpression/>", name="b"),
        decision(literal("1 +"), name="b"),
        decision(literal("1"), name="b", kind="tNowhere").replace("1</text>", "null</text>"),
        decision('<decisionTable hitPolicy="PRIORITY"><output/></decisionTable>', name="b"),
        decision("<decisionTable/>", name="b"),
        decision(
            '<decisionTable hitPolicy="COLLECT" aggregation="SUM"><output name="a"/><output name="c"/>'
            "</decisionTable>",
            name="b",
        ),
        decision("<conditional/>", name="b"),
        decision("<invocation/>", name="b"),
    ],
)
def test_leniently_a_broken_decision_is_null_and_the_others_run(broken):
    book = read_dmn(model(decision(literal("5")) + broken)).rulebook
    assert run(book, "d") == {"d": Decimal(5)}
    assert run(book, "b") == {"b": None}


def test_a_model_of_a_process_engine_declares_no_inputs_and_calls_decisions_by_outputs():
    reading = read_dmn((MODELS / "camunda7.dmn").read_bytes())
    told = [one.message for one in reading.notes]
    assert [one.code for one in reading.notes] == ["dmn/undeclared"] * 2, told
    assert run(reading.rulebook, "Dish", weekend=True, temperature=5) == {"Dish": "Stew"}
    assert run(reading.rulebook, "Dish", weekend=False, temperature=15) == {"Dish": "Spareribs"}


def test_a_function_of_another_language_is_told_and_never_run():
    java = (
        '<businessKnowledgeModel name="max"><variable name="max"/><encapsulatedLogic kind="Java">'
        '<formalParameter name="a"/><context><contextEntry><variable name="class"/>'
        f"{literal('&quot;java.lang.Math&quot;')}</contextEntry></context></encapsulatedLogic></businessKnowledgeModel>"
    )
    book = read_dmn(model(java + decision(literal("max(1)")))).rulebook
    program, found = check(book, lenient=True)
    assert program is not None
    assert [one.code for one in found] == ["boxed/external"]
    assert run(book, "d") == {"d": None}


def test_a_model_of_the_kie_editors_opens_and_runs():
    reading = read_dmn((MODELS / "traffic.dmn").read_bytes())
    assert reading.notes == ()
    assert [one for one in check(reading.rulebook)[1] if one.is_error] == []
    violation = {"Type": "speed", "Actual Speed": 12}
    asked = "Should the driver be suspended?"
    assert run(reading.rulebook, asked, Driver={"Points": 1}, Violation=violation) == {asked: "Yes"}


def test_a_name_may_be_a_question():
    name = "Should the driver be suspended?"
    body = decision(literal('"No"'), name=name) + decision(literal(f'{name} = "No"'), name="free")
    assert run(read_dmn(model(body)).rulebook, "free") == {"free": True}


@pytest.mark.parametrize("cell", ["inputExpression", "inputEntry", "outputEntry"])
def test_a_cell_in_another_language_is_refused_and_an_empty_one_is_not(cell):
    table = (
        "<decisionTable><input><inputExpression><text>1</text></inputExpression></input><output/><rule>"
        "<inputEntry><text>1</text></inputEntry><outputEntry><text>1</text></outputEntry></rule></decisionTable>"
    )
    spoken = table.replace(f"<{cell}>", f'<{cell} expressionLanguage="juel">')
    with pytest.raises(InvalidRulebook) as caught:
        read_dmn(model(decision(spoken)))
    assert [one.code for one in caught.value.diagnostics] == ["dmn/language"]
    start, mark, rest = spoken.partition('expressionLanguage="juel"><text>1')
    assert mark
    read_dmn(model(decision(start + 'expressionLanguage="juel"><text>' + rest)))


def test_another_expression_language_is_refused_with_its_name():
    with pytest.raises(InvalidRulebook) as caught:
        read_dmn(
            model(
                decision('<literalExpression expressionLanguage="juel"><text>${x}</text></literalExpression>')
            )
        )
    assert caught.value.diagnostics[0].code == "dmn/language"
    assert "juel" in caught.value.diagnostics[0].message


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    f'<definitions xmlns="{DMN}" name="x" namespace="u"><description>&c;</description></definitions>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    f'<definitions xmlns="{DMN}" name="&e;" namespace="u"/>'
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "dmn/xml"),
        (b"not xml at all", "dmn/xml"),
        (b"<definitions/>", "dmn/not-dmn"),
        (b'<html xmlns="http://www.w3.org/1999/xhtml"/>', "dmn/not-dmn"),
        (BOMB.encode(), "dmn/doctype"),
        (OUTSIDE.encode(), "dmn/xml"),
        (b"<a>" * 100_000, "dmn/xml"),
        (model("<x>" * 100_000 + "</x>" * 100_000), "dmn/xml"),
        (b" " * (16 * 1024 * 1024 + 1), "dmn/too-large"),
        (model("<x/>" * 500_001), "dmn/too-large"),
        (b"\xff\xfe\x00", "dmn/xml"),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_a_hostile_or_foreign_file_is_refused(data, code):
    with pytest.raises(InvalidRulebook) as caught:
        read_dmn(data)
    assert caught.value.diagnostics[0].code == code


DISH = (MODELS / "dish.dmn").read_bytes()


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_file_with_any_damage_is_read_or_refused(data):
    damaged = bytearray(DISH)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(damaged) - 1))
        end = data.draw(st.integers(start, min(start + 60, len(damaged))))
        other = data.draw(st.integers(0, len(DISH) - 60))
        damaged[start:end] = DISH[other : other + data.draw(st.integers(0, 60))]
    try:
        reading = read_dmn(bytes(damaged))
    except InvalidRulebook:
        return
    check(reading.rulebook, lenient=True)
