"""What the core and the use cases say, in the reader's language: complete catalogues, and nothing that nobody said."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given, settings

import admin
import decision_tables
import service
from admin.words import LANGUAGES, tongue
from decision_tables.compile import check
from decision_tables.formats.sheets.grid import Notes
from decision_tables.rulebook import Rulebook, document_of
from decision_tables.said import Said, either, joined, said, said_many
from decision_tables.table import Formula, HitPolicy, Input, Output, Rule, Table
from decision_tables.vocabulary import Fact
from tests.feel.fuzz import texts
from tests.tables.test_compile import MISTAKES

FLOORS = [Path(package.__file__).parent for package in (decision_tables, service, admin)]
HOME = FLOORS[-1]
KEYWORDS = {"said": None, "said_many": (1, 2)}
OTHERS = ("nl", "fr")


@cache
def sentences():
    """Every sentence of the code: its template, or the pair of its forms for one and for many."""
    return {
        message
        for floor in FLOORS
        for _, _, message, _, _ in extract_from_dir(floor, [("**.py", "python")], keywords=KEYWORDS)
        if message
    }


def catalogue(code):
    with (HOME / "translations" / f"said.{code}.po").open("rb") as text:
        return [message for message in read_po(text, locale=code) if message.id]


def _forms(text):
    return text if isinstance(text, tuple) else (text,)


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_is_translated_and_no_other(code):
    known = {message.id for message in catalogue(code)}
    assert sentences() - known == set(), "missing"
    assert known - sentences() == set(), "left over"


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_puts_the_same_things_in_and_says_something(code):
    for message in catalogue(code):
        names = set(re.findall(r"\{(\w+)\}", "".join(_forms(message.id))))
        assert not message.fuzzy, message.id
        for text in _forms(message.string):
            assert text, message.id
            assert set(re.findall(r"\{(\w+)\}", text)) | {"count"} == names | {"count"}, message.id
            assert text.format(**dict.fromkeys(names, "x")), message.id
            assert text.endswith(".") == _forms(message.id)[0].endswith("."), message.id


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_marks_of_its_language(code):
    for message in catalogue(code):
        for text in _forms(message.string):
            if code == "fr":
                assert not re.search(r"[“”]", text), text
                assert not re.search(r"\S[:;?](?=\s|$)", re.sub(r"`[^`]*`", "", text)), text
            else:
                assert not re.search(r"[«»]", text), text


# ---- the code

SILENT = ("service/api", "service/cli.py", "service/settings.py", "service/adequacy.py")
"""What speaks to programs and to whoever runs the service, in English."""

OWN_WORDS = ("decision_tables/analyse/telling.py", "decision_tables/compare.py", "decision_tables/adequacy/")
"""What has its own way to the reader's language, or none: findings, differences, the search for cases."""

NO_READER = {
    # Who starts the service reads these.
    "There is no database X.",
    "The database is at revision X, not X.",
    "It cannot be read as a URL.",
    "`X` is neither `sqlite` nor `postgresql`.",
    "A SQLite URL takes no parameters here.",
    "It names no file, and a database in memory would forget every decision.",
    "X Run `decidable migrate`.",
    "X, …",
    "The database URL cannot be used. X",
}
TRANSLATED = {"said", "said_many", "mark", "gettext", "ngettext"}


def _unsaid(tree):
    """The sentences of a module that are no arguments of what translates them, nor docstrings."""
    passed = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in TRANSLATED:
                passed |= {id(part) for one in node.args for part in ast.walk(one)}
        if isinstance(node, ast.JoinedStr):
            passed |= {id(part) for part in node.values}
        if isinstance(node, ast.Expr):
            passed.add(id(node.value))
    for node in ast.walk(tree):
        if id(node) in passed:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
        else:
            continue
        if re.fullmatch(r"\s*[A-Z`“][^\n]* [^\n]*[.?:!…]['\"”]?\s*", text):
            yield text


def test_no_sentence_of_the_code_is_left_unsaid():
    found = {}
    for floor in FLOORS:
        for path in floor.rglob("*.py"):
            place = path.relative_to(floor.parent).as_posix()
            if not place.startswith(SILENT + OWN_WORDS):
                found |= dict.fromkeys(_unsaid(ast.parse(path.read_text("utf-8"))), place)
    assert {text: place for text, place in found.items() if text not in NO_READER} == {}


def test_sentences_are_never_put_together_with_a_plus_which_forgets_them():
    for floor in FLOORS:
        for path in floor.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                parts = (node.left, node.right) if isinstance(node, ast.BinOp) else ()
                parts = (node.value,) if isinstance(node, ast.AugAssign) else parts
                calls = [part for part in parts if isinstance(part, ast.Call)]
                names = {getattr(call.func, "id", "") for call in calls}
                assert not names & {"said", "said_many", "joined", "either"}, f"{path}:{node.lineno}"


# ---- what it says

FACTS = (
    Fact("country", "string", '"BE","FR"'),
    Fact("age", "number", "[0..130]"),
    Fact("born", "date"),
    Fact("late", "boolean"),
    Fact("terms", "list<number>"),
    Fact("fee", "number"),
)
TYPED = [
    'BE, "FR" | "DE" | BE,FR | “BE” | \'BE\' | "BE | = BE | Belgium | 5 | not BE | "BE" or "FR" | "BE","BE"',
    "[65..18] | >= abc | 1,5 | 18-65 | > 1.250,50 | [18,65] | 1 2 | ≥ 18 | (18..65 | -5 | null | >= 0 | age | 200",
    '2026-01-31 | date(2026-01-31) | date("2026-02-30") | @"nonsense" | > 5 | [date("2026-01-31")..5]',
    'yes | "true" | not(5) | true and 5 | if 5 then true else false | is true | > true',
    '5 | "x" | list contains(?, "x") | sum("x") = 5 | some x in ? satisfies x | ?[item > "a"] = [] | count(?, 1) = 2',
    "cuont([1]) | abs() | abs(number: 1) | substring(string: age, position: 1) | {a: 1}.b | [{a: 1}][b = 1] | 5(1)",
    'upper case(5) | date and time(5) | before(1, "a") | time("25:00:00") | duration("x") | min(1, "a") | sort(5)',
    'age.year | 1 + "a" | - "a" | 1 between 2 and "a" | 5 in ["a".."b"] | 1 < "a" | 5 instance of nmber',
    'for x in 1..date("2026-01-31") return x | {a: 1, a: 2} | # | ! | ; | “ | | 9e9999 | ' + "(" * 400,
    # Deeper than FEEL tells a value.
    f"{'[' * 160}1{']' * 160} | {'{a: ' * 160}1{'}' * 160}",
]
CELLS = [cell.strip() for line in TYPED for cell in line.split(" | ")]


def _of_one_table(cell, policy=HitPolicy.FIRST):
    """A rulebook that has a text in every column of a table, as condition and as outcome."""
    inputs = tuple(Input(fact.key, fact.key) for fact in FACTS)
    rule = Rule("r1", (cell,) * len(inputs), (cell,))
    return Rulebook("b", tables=(Table("t", policy, inputs, (Output("fee", "fee"),), (rule,)),), facts=FACTS)


def _untranslated(text, known):
    """What of a text is no sentence of the catalogue; a text that is put in is its author's, and has none."""
    if not isinstance(text, Said):
        return
    if re.search(r"[A-Za-z]", re.sub(r"\{\w+\}", "", text.template)) and text.template not in known:
        yield text.template
    for value in text.values.values():
        yield from _untranslated(value, known)


def holds_for(found):
    """A diagnostic is said, in every language."""
    for text in (found.message, found.hint):
        assert isinstance(text, Said) or not text, found
        for code in OTHERS:
            assert list(_untranslated(text, KNOWN[code])) == []
            assert tongue(code).said(text) or not text


KNOWN = {code: {form for message in catalogue(code) for form in _forms(message.id)} for code in OTHERS}


@pytest.mark.parametrize("cell", CELLS)
def test_whatever_is_wrong_with_a_cell_is_said_in_every_language(cell):
    _, found = check(_of_one_table(cell))
    for one in found:
        holds_for(one)


@pytest.mark.parametrize("code", MISTAKES)
def test_whatever_is_wrong_with_a_rulebook_is_said_in_every_language(code):
    _, found = check(MISTAKES[code][0])
    assert found
    for one in found:
        holds_for(one)


@settings(max_examples=60, deadline=None)
@given(texts)
def test_whatever_somebody_types_is_answered_in_every_language(text):
    for one in check(_of_one_table(text))[1]:
        holds_for(one)


@pytest.mark.parametrize(
    ("fact", "cell", "dutch", "french"),
    [
        (
            "country",
            'BE, "FR"',
            'Niets heet hier “BE”. Tekst staat tussen aanhalingstekens: "BE"',
            'Rien ne s’appelle « BE » ici. Un texte s’écrit entre guillemets : "BE"',
        ),
        (
            "age",
            "[65..18]",
            "In dit bereik ligt geen enkele waarde. De ondergrens komt eerst.",
            "Aucune valeur ne se trouve dans cet intervalle. La borne inférieure vient en premier.",
        ),
        (
            "country",
            "5",
            '`country` is een tekst, en kan nooit 5 zijn. Tekst staat tussen aanhalingstekens: "5".',
            '`country` est un texte, et ne peut jamais être 5. Un texte s’écrit entre guillemets : "5".',
        ),
    ],
)
def test_a_mistake_is_told_as_a_jurist_would_be_told_it(fact, cell, dutch, french):
    table = Table(
        "t", HitPolicy.FIRST, (Input(fact, fact),), (Output("fee", "fee"),), (Rule("r1", (cell,), ("1",)),)
    )
    (found,) = check(Rulebook("b", tables=(table,), facts=FACTS))[1]
    assert [f"{tongue(code).said(found.message)} {tongue(code).said(found.hint)}" for code in OTHERS] == [
        dutch,
        french,
    ]


def test_numbers_in_sentences_are_written_as_each_language_has_them():
    told = said("The text is longer than {count} characters.", count=50_000)
    assert tongue("en").said(told) == "The text is longer than 50,000 characters."
    assert tongue("nl").said(told) == "De tekst is langer dan 50.000 tekens."
    assert tongue("fr").said(told) == "Le texte dépasse 50\u202f000 signes."


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_nobody_said_is_handed_on_as_it_is(code):
    assert tongue(code).said("line 3: no element") == "line 3: no element"
    assert tongue(code).said("") == ""


def test_parts_of_a_sentence_are_each_told_in_the_language():
    told = joined(
        " ", [said("There is no format {name}.", name="odt"), said("Did you mean {close}?", close="ods")]
    )
    assert tongue("nl").said(told) == "Er is geen formaat odt. Bedoelde u ods?"
    some = either([said("a number"), said("a text"), "null"])
    assert tongue("fr").said(some) == "un nombre ou un texte ou null"
    many = said_many("There is an error in it.", "There are {count} errors in it.", 3)
    assert tongue("nl").said(many) == "Er staan 3 fouten in."


def test_the_places_of_a_note_on_many_cells_are_counted_in_the_language():
    notes = Notes()
    for row in range(2, 40):
        notes.say("sheet/read-as", f"Fees!A{row}", "x")
    (found,) = notes.all()
    assert tongue("nl").said(found.where.table) == found.where.table.replace("and", "en nog").replace(
        " more", ""
    )
    assert "en nog" in tongue("nl").said(found.where.table)


# ---- the pages


async def test_warnings_of_an_answer_are_told_in_the_language_of_the_reader(desk, staff):
    book = Rulebook(
        "roots",
        facts=(Fact("area", "number"), Fact("side", "number", nullable=True)),
        formulas=(Formula("side", "side", "sqrt(area)"),),
    )
    await desk.store.load_release(document_of(book), "system", "first")
    reader = await staff("reader", **{"accept-language": "nl"})
    page = await reader.open("rulebooks/roots/releases/1/try?fact.area=-4")
    assert "sqrt: Het resultaat is geen getal, of te groot of te klein." in page.text


async def test_pages_tell_what_is_wrong_in_the_language_of_the_reader(staff):
    boss = await staff("publisher", **{"accept-language": "nl"})
    await boss.open("rulebooks/fees")
    await boss.send("/drafts")
    draft = boss.at.split("?")[0].removeprefix("/admin/")
    await boss.open(f"{draft}/rule?table=waiver&rule=W1")
    await boss.send("/rule", test__kind='plain, "odd"')
    for page in ("problems", "tables/waiver", "rule?table=waiver&rule=W1"):
        told = (await boss.open(f"{draft}/{page}")).text
        assert "Niets heet hier “plain”" in told, page
        assert "Nothing is called" not in told, page
    await boss.open(f"{draft}/publish")
    token = dict(boss.page.form("/logout").fields)["csrf"]
    await boss.post(f"{draft}/publish", [("csrf", token), ("revision", "2"), ("note", "toch")])
    assert "Er staat een fout in." in boss.page.text


async def test_an_error_page_says_why_in_the_language_of_the_reader(staff):
    reader = await staff("reader", **{"accept-language": "fr"})
    page = await reader.open("rulebooks/fees/releases/1/tables/nothing")
    assert reader.status == 404
    assert "Introuvable : table nothing." in page.text


async def test_a_wrong_password_is_told_in_the_language_of_the_reader(visitor):
    person = visitor(**{"accept-language": "fr"})
    await person.open("login")
    await person.send("/login", login="nobody", password="a long calm sentence")
    assert "Cet identifiant et ce mot de passe ne vont pas ensemble." in person.page.text
