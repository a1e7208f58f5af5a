"""The map: what rests on what, drawn and listed, and the path of a decision lit."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from admin.map import MOST, Chain, chain_of, shown_of
from decision_tables.compile import check
from decision_tables.table import HitPolicy, Input, Output, Rule, Table
from tests.service.fees import FEES, with_fee

MAP = "rulebooks/fees/releases/1/map"


@pytest.fixture
async def reader(staff):
    return await staff("reader")


def edition(rulebook):
    return SimpleNamespace(rulebook=rulebook, program=check(rulebook)[0])


def chain(length):
    """Tables in a row, each reading its own given fact and what the one before concludes."""
    reads = {f"t{n}": (f"given{n}", *([f"c{n - 1}"] if n else [])) for n in range(length)}
    return Chain(reads, {f"t{n}": (f"c{n}",) for n in range(length)})


def test_what_is_read_is_known_of_a_draft_that_does_not_compile_too():
    sound, broken = chain_of(edition(FEES)), chain_of(edition(with_fee("12 34")))
    assert sound.reads["fee"] == ("age", "resident")
    assert sound.reads["papers"] == ("resident", "surcharge")
    assert broken == sound


def test_what_one_table_concludes_leads_to_those_that_read_it():
    doubled = Table(
        "double",
        HitPolicy.UNIQUE,
        (Input("fee", "fee"),),
        (Output("zone", "zone"),),
        (Rule("D1", ("-",), ("fee",)),),
    )
    book = replace(FEES, tables=(*FEES.tables[:1], doubled))
    found = chain_of(edition(book))
    assert found.edges == (("fee", "double"),)
    assert [(use.makers, use.facts) for use in found.uses("double")] == [(("fee",), ("fee",))]
    assert found.around("double", 1) == ("fee", "double")


def test_a_small_rulebook_is_shown_whole_a_larger_one_without_given_facts_a_huge_one_in_part():
    small = shown_of(chain(5), "", ())
    assert (len(small.nodes), len(small.facts), small.around) == (5, 5, "")
    larger = shown_of(chain(MOST), "", ())
    assert (len(larger.nodes), larger.facts) == (MOST, ())
    huge = shown_of(chain(MOST + 1), "", ("c30",))
    assert (huge.around, huge.nodes) == ("t30", ("t28", "t29", "t30", "t31", "t32"))
    assert huge.facts == ("given28", "given29", "given30", "given31", "given32")


def test_never_more_is_shown_than_a_reader_takes_in():
    star = Chain(
        {"hub": tuple(f"f{n}" for n in range(40)), **{f"t{n}": ("hub_fact", f"g{n}") for n in range(100)}},
        {"hub": ("hub_fact",), **{f"t{n}": (f"c{n}",) for n in range(100)}},
    )
    for around in ("hub", "t3"):
        shown = shown_of(star, around, ())
        assert around in shown.nodes
        assert len(shown.nodes) + len(shown.facts) <= 101 + 40


async def test_the_map_draws_every_table_with_a_link_and_lists_the_same(reader):
    page = await reader.open(MAP)
    assert page.html.count('class="piece table') == len(FEES.tables)
    assert page.html.count('class="piece formula') == len(FEES.formulas)
    assert page.html.count('class="piece fact') == 4
    assert "from the case: resident, surcharge" in page.text
    for key in ("fee", "papers", "waiver", "zone"):
        assert any(href.endswith(f"/tables/{key}") for _, href in page.links)


async def test_the_path_of_a_decision_is_lit_in_the_drawing_and_in_words(reader):
    page = await reader.open(f"{MAP}?query=fee&fact.age=30&fact.resident=false")
    assert page.html.count('class="piece table lit') == 1
    assert page.html.count('class="piece fact lit') == 2
    assert page.html.count('class="road lit"') == 2
    assert "the answer rests on it" in page.text
    await reader.follow("Back to the case")
    assert "25.50" in reader.page.text


async def test_the_map_of_a_broken_draft_counts_its_errors(editor, draft):
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await editor.send("/rule", output__fee="12 34")
    page = await editor.open(f"{draft}/map")
    assert "1 error" in page.text
    assert page.html.count('class="piece table  broken') == 1


async def test_one_table_is_shown_with_what_stands_around_it(reader):
    await reader.open(MAP)
    await reader.follow("Around this: fee")
    assert "before and after “fee”" in reader.page.text
    assert "waiver" not in reader.page.text
    await reader.follow("Show the whole rulebook")
    assert "waiver" in reader.page.text
