"""Words of a rulebook that stand in some of its languages and not in all: marked where they stand, and listed."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.untranslated import lacking
from decision_tables.vocabulary import Words


@given(st.dictionaries(st.sampled_from(["en", "nl", "fr", "de"]), st.sampled_from(["", " ", "words"])))
def test_what_is_lacking_is_what_nobody_has_written_where_somebody_has_written_something(texts):
    found = lacking(Words(texts), ("en", "nl", "fr"))
    written = {code for code, text in texts.items() if text.strip()}
    if any(texts.values()):
        assert set(found) == {"en", "nl", "fr"} - written
    else:
        assert found == ()


async def test_a_draft_lists_what_is_not_translated_with_the_place_where_it_is_written(editor, draft):
    text = (await editor.open(f"{draft}/problems")).text
    assert "Not translated yet" in text
    assert "age Question How old? Dutch" in text
    assert "resident Question" not in text, "it is there in both"
    assert "waiver, W2 Left to people Is it hardship? Dutch" in text
    await editor.follow("age")
    assert editor.at.endswith("/fact?fact=age")
    await editor.send("/fact", question__nl="Hoe oud?")
    assert "How old?" not in (await editor.open(f"{draft}/problems")).text


async def test_each_place_that_the_list_names_is_a_page(editor, draft):
    page = await editor.open(f"{draft}/problems")
    listed = page.html.partition('aria-labelledby="untranslated"')[2].split('<th scope="row"><a href="')[1:]
    assert len(listed) >= 4
    for one in listed:
        await editor.open(html.unescape(one.partition('"')[0]))
        assert editor.status == 200


async def test_what_is_not_translated_is_marked_beside_it_in_a_draft_only(editor, draft):
    text = (await editor.open(f"{draft}/facts")).text
    assert "How old? not in Dutch" in text
    assert "Resident? not in Dutch" not in text
    assert "not in Dutch" not in (await editor.open("rulebooks/fees/releases/1/facts")).text


@pytest.mark.parametrize(
    ("language", "said"), [("nl", "niet in het Nederlands"), ("fr", "pas en néerlandais")]
)
async def test_the_mark_speaks_the_readers_language(staff, draft, language, said):
    reader = await staff("reader", **{"accept-language": language})
    assert said in (await reader.open(f"{draft}/facts")).text


async def test_who_cannot_change_a_draft_is_not_asked_to_translate_it(staff, draft):
    reader = await staff("reader")
    assert "Not translated yet" not in (await reader.open(f"{draft}/problems")).text
