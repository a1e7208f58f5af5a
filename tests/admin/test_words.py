"""Languages: what is chosen, how dates are told, and catalogues that fit their messages."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import admin
from admin.words import LANGUAGES, chosen_language, tongue
from decision_tables.table import HitPolicy

HOME = Path(admin.__file__).parent
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None}


@cache
def messages():
    """Every message of the pages: the text itself, or the pair of its singular and plural."""
    options = {"**/templates/**.html": {"newstyle_gettext": "true", "silent": "false"}}
    found = extract_from_dir(HOME, METHODS, options, keywords=KEYWORDS)
    return {message for _, _, message, _, _ in found if message}


def catalogue(code):
    with (HOME / "translations" / f"{code}.po").open("rb") as text:
        return read_po(text, locale=code)


@pytest.mark.parametrize(
    ("cookie", "header", "chosen"),
    [
        (None, "", "en"),
        (None, "nl-BE,nl;q=0.9,en;q=0.8", "nl"),
        (None, "de;q=1, fr;q=0.5, nl;q=0.4", "fr"),
        (None, "en;q=0, nl", "nl"),
        (None, "de, ;q=x, *", "en"),
        ("fr", "nl", "fr"),
        ("xx", "nl", "nl"),
    ],
)
def test_the_language_is_chosen_by_the_reader_then_the_browser(cookie, header, chosen):
    assert chosen_language(cookie, header) == chosen


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_hit_policy_has_words_of_its_own(code):
    said = {tongue(code).hit_policy(policy) for policy in HitPolicy}
    assert len(said) == len(HitPolicy)


def test_dates_are_told_as_each_language_has_them_and_typed_text_as_typed():
    assert tongue("en").day("2012-10-01") == "1 October 2012"
    assert tongue("nl").day(date(2012, 10, 1)) == "1 oktober 2012"
    assert tongue("fr").day("2012-10-01") == "1 octobre 2012"
    assert tongue("en").day("soon") == "soon"
    assert tongue("en").instant(datetime(2026, 1, 2, 3, 4, tzinfo=UTC)) == "2 January 2026, 03:04 UTC"
    assert tongue("nl").language_name("fr") == "Frans"
    assert tongue("nl").language_name("zzz") == "zzz"


def test_numbers_keep_all_their_digits_up_to_those_of_feel():
    assert tongue("nl").number(Decimal("1234567.50")) == "1.234.567,5"
    assert tongue("en").number(Decimal("-0.1234567890123456789012345678901234")) == (
        "-0.1234567890123456789012345678901234"
    )
    assert tongue("en").number(Decimal("9" * 34)).replace(",", "") == "9" * 34
    assert tongue("en").number(Decimal("1E+6000")) == "1E+6000"


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_a_catalogue_has_every_message_and_no_other(code):
    known = {message.id for message in catalogue(code) if message.id}
    assert messages() - known == set(), "missing"
    assert known - messages() == set(), "left over"


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_a_translation_holds_the_same_placeholders_and_says_something(code):
    def names(text):
        return set(re.findall(r"%\((\w+)\)s", text))

    for message in catalogue(code):
        if not message.id:
            continue
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        translated = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(translated), message.id
        assert not message.fuzzy, message.id
        for text in translated:
            assert names(text) <= names("".join(originals)), message.id
            assert names(originals[-1]) - {"num"} <= names(text), message.id
