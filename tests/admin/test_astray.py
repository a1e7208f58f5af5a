"""Addresses at which nothing is, or is no more: they say what became of it, and lead on."""

import pytest

from tests.admin.test_publishing import boss, changed  # noqa: F401 - a fixture

HOME = "/admin/rulebooks/fees"


async def test_the_address_of_a_published_draft_leads_to_its_release(boss, editor, draft):  # noqa: F811
    await changed(editor, draft, "30")
    await boss.open(f"{draft}/publish")
    await boss.send("/publish", note="Fees go up.")
    for place in ("", "/tables/fee", "/rule?table=fee&rule=R3", "/try"):
        await editor.open(f"{draft}{place}")
        assert editor.status == 404
        assert "This draft was published as release 2." in editor.page.text
        assert editor.page.link("Release 2") == f"{HOME}/releases/2"
        assert editor.page.link("Permit fees") == HOME
    await editor.follow("Release 2")
    assert editor.status == 200


async def test_the_address_of_a_discarded_draft_leads_to_its_rulebook(editor, draft):
    await editor.open(f"{draft}/discard")
    await editor.send("/discard")
    await editor.open(f"{draft}/tables/fee")
    assert editor.status == 404
    assert "This draft was discarded." in editor.page.text
    assert editor.page.link("Permit fees") == HOME
    assert not [words for words, _ in editor.page.links if words.startswith("Release")]


async def test_what_is_typed_for_a_draft_that_was_closed_meanwhile_is_told_of_the_same(editor, draft, desk):
    await editor.open(f"{draft}/rule?table=fee&rule=R3")
    await desk.store.discard_draft(draft.rpartition("/")[2], "test")
    await editor.send("/rule", output__fee="31")
    assert editor.status == 404
    assert editor.page.link("Permit fees") == HOME


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("tables/fees", "tables/fee"),
        ("rule?table=feee&rule=R3", "rule?table=fee&rule=R3"),
        ("fact?fact=resident_", "fact?fact=resident"),
        ("formula?formula=clocks", "formula?formula=clock"),
        ("query?query=al", "query?query=all"),
        ("node/key?node=fe", "node/key?node=fee"),
        ("column?table=fee&column=agee", "column?table=fee&column=age"),
    ],
)
async def test_a_name_that_is_nearly_one_leads_to_that_one(editor, draft, address, meant):
    await editor.open(f"{draft}/{address}")
    assert editor.status == 404
    assert "Did you mean" in editor.page.text
    near = editor.page.link(editor.page.text.split("Did you mean ")[1].split("?")[0])
    assert near == f"/admin/{draft}/{meant}"
    assert editor.page.link("Draft") == f"/admin/{draft}"
    await editor.open(near)
    assert editor.status == 200


async def test_a_rulebook_that_is_nearly_one_leads_to_that_one(editor):
    await editor.open("rulebooks/feess/history")
    assert "There is no rulebook feess. Did you mean fees?" in editor.page.text
    assert editor.page.link("fees") == f"{HOME}/history"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("rule", "No table was named."),
        ("rule?table=fee&rule=nowhere", "There is no rule nowhere."),
        ("formula", "No formula was named."),
        ("function", "No function was named."),
        ("columns?table=", "No table was named."),
        ("node/delete", "No table or formula was named."),
        ("tables/" + "x" * 200, "There is no table " + "x" * 80 + "."),
        ("no-such-page", "There is no such page."),
    ],
)
async def test_an_address_that_names_nothing_reads_well_and_leads_to_the_draft(editor, draft, address, told):
    await editor.open(f"{draft}/{address}")
    assert editor.status == 404
    assert told in editor.page.text
    assert editor.page.link("Draft") == f"/admin/{draft}"
    assert editor.page.link("Permit fees") == HOME


async def test_what_is_not_in_a_release_leads_to_that_release(editor):
    await editor.open("rulebooks/fees/releases/1/tables/nowhere")
    assert editor.page.link("Release 1") == f"{HOME}/releases/1"
    for address in ("releases/9", "releases/x/facts", "drafts/none", "drafts", "nowhere"):
        await editor.open(f"rulebooks/fees/{address}")
        assert editor.status in {404, 405}, address
        if editor.status == 404:
            assert editor.page.link("Permit fees") == HOME
            assert not [words for words, _ in editor.page.links if words.startswith(("Release", "Draft"))]


async def test_who_goes_astray_elsewhere_finds_the_rulebooks(editor):
    for address in ("nowhere", "rulebooks", "rulebooks/nowhere", "decisions/none", "imports/none"):
        await editor.open(address)
        assert editor.status == 404, address
        assert editor.page.link("Go to the rulebooks") == "/admin/"
