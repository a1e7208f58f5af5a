"""What the documents show is what one gets."""

import json
import re
import shlex
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from admin.forms import dated
from decision_tables.compile import check
from decision_tables.feel.evaluate import Run, compile_expression, compile_test
from decision_tables.feel.functions import BUILTINS
from decision_tables.feel.parse import Names
from decision_tables.feel.temporal import date_of
from decision_tables.feel.values import UNKNOWN, same
from decision_tables.rulebook import Rulebook
from decision_tables.table import HitPolicy, Input, Output, Rule, Table
from decision_tables.vocabulary import Fact
from service.main import create_app
from service.settings import Settings

ROOT = Path(__file__).parent.parent
FEEL_PAGE = (ROOT / "docs/feel.md").read_text(encoding="utf-8")

# The case that docs/feel.md tells of; nobody has told the turnover.
FACTS = {
    "monthly fee": Decimal("12.50"),
    "age": Decimal(17),
    "service": "chat",
    "started": date_of(date(2020, 2, 29)),
}
NAMES = Names([*FACTS, "turnover"])


GUIDE = (ROOT / "docs/authoring.md").read_text(encoding="utf-8")


def typed_and_offered():
    for line in GUIDE.partition("| you type |")[2].partition("\n\n")[0].splitlines()[2:]:
        typed, offered = (re.findall(r"`(.+?)`", half) for half in line.strip("| ").split(" | "))
        yield from zip(typed, offered, strict=True)


@pytest.mark.parametrize(("typed", "offered"), list(typed_and_offered()))
def test_what_the_guide_says_is_offered_for_what_one_types_is_offered(typed, offered):
    facts = (
        Fact("country", "string", '"BE","FR","LU"'),
        Fact("age", "number"),
        Fact("fee", "number"),
        Fact("since", "date"),
        Fact("adult", "boolean"),
    )
    columns = [Input(fact.key, fact.key) for fact in facts]
    found = []
    for fact, column in zip(facts, columns, strict=True):
        text = dated(typed, fact.type)
        test = Table(
            "t", HitPolicy.UNIQUE, (column,), (Output("adult", "adult"),), (Rule("r", (text,), ("true",)),)
        )
        outcome = Table(
            "t", HitPolicy.UNIQUE, columns[:1], (Output(fact.key, fact.key),), (Rule("r", ("-",), (text,)),)
        )
        for table in (test, outcome):
            told = check(Rulebook("b", tables=(table,), facts=facts))[1]
            found += [one.repair for one in told] or [text]
    assert offered in found


def fenced(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def examples(language):
    return [line for block in fenced(FEEL_PAGE, language) for line in block.splitlines()]


def a_run():
    day = date_of(date(2026, 11, 23))
    return Run(instant=datetime(2026, 11, 23, 12, tzinfo=UTC), as_of=day, known_on=day)


def value_of(text):
    if text == "unknown":
        return UNKNOWN
    expression = compile_expression(text, NAMES)
    assert expression.ok, expression.diagnostics
    return expression(FACTS, a_run())


@pytest.mark.parametrize("line", examples("feel"))
def test_an_expression_on_the_feel_page_has_the_value_that_stands_beside_it(line):
    text, _, shown = map(str.strip, line.partition("→"))
    given, expected = value_of(text), value_of(shown)
    assert given is expected if UNKNOWN in (given, expected) else same(given, expected)


def table_under(heading):
    """The rows of the table under a heading, without the ticks round what is code."""
    _, _, below = FEEL_PAGE.partition(f"### {heading}\n")
    rows = re.match(r".*?\n(\|.*?)\n\n", below, re.DOTALL)[1].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in row.strip("|").split(" | ")] for row in rows]


@pytest.mark.parametrize("row", table_under("Conditions"), ids=lambda row: row[0])
def test_a_condition_on_the_feel_page_says_what_it_is_said_to_say(row):
    _, cell, met, unmet = row
    test = compile_test(cell, NAMES)
    assert test.ok, test.diagnostics
    assert test(value_of(met), FACTS, a_run()) is True
    if unmet:
        assert test(value_of(unmet), FACTS, a_run()) is False


@pytest.mark.parametrize(
    "row", table_under("Outcomes, and what stands above a column"), ids=lambda row: row[0]
)
def test_an_outcome_on_the_feel_page_gives_what_it_is_said_to_give(row):
    _, text, given = row
    assert same(value_of(text), value_of(given))


@pytest.mark.parametrize("line", [line for line in examples("test") if not line.startswith("cell ")])
def test_a_cell_on_the_feel_page_gives_the_answer_that_stands_beside_it(line):
    cell, value, answer = re.split(r"\s{2,}", line)
    test = compile_test(cell, NAMES)
    assert test.ok, test.diagnostics
    assert test(value_of(value), FACTS, a_run()) is value_of(answer)


def test_the_feel_page_names_every_function():
    shown = re.search(r"The names of them all:\n\n(.*?)\.\n", FEEL_PAGE, re.DOTALL)[1]
    assert re.split(r",\s+", shown.replace("round\nup", "round up")) == sorted(BUILTINS)
    assert f"All {len(BUILTINS)} of DMN" in FEEL_PAGE


def shows(printed, real):
    """Whether a page shows what is real: `…` stands for the rest of a text, of a list or of an object."""
    match printed:
        case str():
            start, _, is_cut = printed.partition("…")
            return real.startswith(start) if "…" in printed and not is_cut else printed == real
        case list():
            told = [one for one in printed if one != "…"]
            is_whole = len(told) == len(real) if told == printed else len(told) < len(real)
            return is_whole and all(map(shows, told, real))
        case dict():
            told = {key: one for key, one in printed.items() if key != "…"}
            is_whole = told.keys() == real.keys() if told == printed else told.keys() < real.keys()
            return is_whole and all(shows(one, real[key]) for key, one in told.items())
    return printed == real


async def test_the_answer_in_the_readme_is_what_its_curl_gets(tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = [block for block in fenced(readme, "sh") if block.startswith("curl ")]
    curl, quiet, url, header, content_type, data, body = shlex.split(command)
    assert [curl, quiet, header, data] == ["curl", "-s", "-H", "-d"]

    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/readme.db"))
    local = httpx.ASGITransport(app, client=("127.0.0.1", 50000))
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=local) as client:
        headers = dict([content_type.split(": ")])
        answer = await client.post(url, content=body, headers=headers)
    assert answer.status_code == 200
    (printed,) = fenced(readme, "json")
    assert shows(json.loads(printed), answer.json()), answer.text
