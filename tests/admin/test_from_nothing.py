"""A rulebook from nothing, in pages without JavaScript: made, filled, tried, published, asked by a program."""

import re
from dataclasses import replace

import pytest

from decision_tables.rulebook import DecisionService, rulebook_of
from decision_tables.table import HitPolicy, Input, Output, Rule
from decision_tables.vocabulary import Words


async def book_of(desk, path):
    return rulebook_of((await desk.store.draft(path.rsplit("/", 1)[-1])).document)


def draft_in(person):
    return re.match(r"/admin/(rulebooks/[^/]+/drafts/[^/?#]+)", person.at)[1]


async def founded(person, **fields):
    await person.open("new")
    await person.send("/new", **{"title": "Renovation grants", "first": "en", **fields})
    return draft_in(person)


async def test_a_rulebook_made_of_nothing_but_typed_words_answers_callers(staff, desk):
    lawyer = await staff("publisher")
    await lawyer.open("")
    await lawyer.follow("New rulebook")
    await lawyer.send("/new", title="Renovation grants", first="en", note="Who gets a grant, and how much")
    assert "The rulebook was made." in lawyer.page.text
    draft = draft_in(lawyer)
    assert draft.startswith("rulebooks/renovation_grants/drafts/")

    await lawyer.follow("Add a table")
    await lawyer.send(
        "/table/new",
        title__en="Who gets a grant",
        fact__0__key="entitled",
        fact__0__type="boolean",
        fact__1__key="yearly income",
        fact__1__type="number",
        fact__1__question="What is the yearly income?",
        fact__2__key="owner",
        fact__2__type="boolean",
        fact__2__question="Does the applicant own the house?",
    )
    assert lawyer.at.endswith("/tables/who_gets_a_grant?done=piece-added")
    book = await book_of(desk, draft)
    (table,) = book.tables
    assert [column.expression for column in table.inputs] == ["yearly income", "owner"]
    assert [(column.key, column.fact) for column in table.outputs] == [("entitled", "entitled")]
    assert table.rules == (Rule("R1", ("-", "-"), ("",)),)
    assert [fact.key for fact in book.facts] == ["yearly income", "owner", "entitled"]

    await lawyer.open(f"{draft}/rule?table={table.key}&rule=R1")
    cells = {"test__yearly_income": "<= 40000", "test__owner": "true", "output__entitled": "true"}
    await lawyer.send("/rule", **cells, citation="Grants Act, article 2")
    await lawyer.open(f"{draft}/settings?table={table.key}")
    await lawyer.send("/settings", default__entitled="false")

    await lawyer.open(draft)
    assert "No query says what callers may ask for" in lawyer.page.text
    await lawyer.follow("Add a query")
    query = lawyer.page.form("/query")
    sent = [*query.filled({"title.en": "Grant"}), ("goal", "entitled")]
    await lawyer.post(query.action, sent)
    assert (await book_of(desk, draft)).default_query == "grant"

    await lawyer.open(f"{draft}/try?fact.yearly+income=30000&fact.owner=true")
    assert "Grants Act, article 2" in lawyer.page.text
    await lawyer.follow("Save as a test case")
    await lawyer.send("/case", name="An owner of modest means is entitled")
    await lawyer.open(f"{draft}/publish")
    await lawyer.send("/publish", note="the first one")
    assert "Published: this release is active now." in lawyer.page.text
    answer = await lawyer.client.post(
        "/decide", json={"rulebook": "renovation_grants", "facts": {"yearly income": 50000, "owner": True}}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["conclusions"] == {"entitled": False}
    await lawyer.open("")
    assert "Renovation grants" in lawyer.page.text


async def test_what_cannot_be_a_name_is_what_people_call_a_new_fact(staff, desk):
    lawyer = await staff("editor")
    draft = await founded(lawyer)
    await lawyer.open(f"{draft}/table/new")
    await lawyer.send(
        "/table/new",
        title__en="Deposit",
        fact__0__key="Deposit (in months)",
        fact__0__type="number",
        fact__1__key="2nd home?",
        fact__1__type="boolean",
        fact__2__key="2nd home!",
    )
    book = await book_of(desk, draft)
    assert {fact.key: fact.label.by_language for fact in book.facts} == {
        "deposit_in_months": {"en": "Deposit (in months)"},
        "fact_2nd_home": {"en": "2nd home?"},
        "fact_2nd_home_2": {"en": "2nd home!"},
    }
    assert [column.expression for column in book.tables[0].inputs] == ["fact_2nd_home", "fact_2nd_home_2"]


async def test_nonsense_in_a_new_rulebook_is_told_all_at_once_each_at_its_field_and_kept(editor, desk):
    await editor.open("new")
    await editor.send("/new", title="", key="my key!", time_zone="Brussel", language__other="Klingonisch")
    assert editor.status == 422
    for field, said in {
        "key": "my_key would do",
        "time_zone": "Did you mean Europe/Brussels?",
        "languages": "Klingonisch: no language is known by that code",
    }.items():
        assert said in editor.page.text
        assert f'id="{field}-problem"' in editor.page.html
    fields = editor.page.form("/new").fields
    assert ("key", "my key!") in fields
    assert ("time_zone", "Brussel") in fields
    assert ("language.other", "Klingonisch") in fields
    await editor.send("/new", title="x" * 201, key="", time_zone="europe/brussels", language__other="Dutch")
    assert "200 characters at most" in editor.page.text
    await editor.send("/new", title="  <b>Nul\x00</b>  ")
    assert editor.status == 200
    assert "<b>Nul" not in editor.page.html
    book = await book_of(desk, draft_in(editor))
    assert (book.key, book.title.said_in("en"), book.languages, book.time_zone) == (
        "b_nul_b",
        "<b>Nul</b>",
        ("en", "nl"),
        "Europe/Brussels",
    )


async def test_a_rulebook_needs_a_title_or_a_key_and_a_key_of_its_own(editor):
    await editor.open("new")
    await editor.send("/new", title=" ", key="")
    assert (editor.status, "Give the rulebook a title, or a key." in editor.page.text) == (422, True)
    await editor.send("/new", title="Fees", key="")
    assert (editor.status, "There is a rulebook fees already." in editor.page.text) == (422, True)
    await editor.send("/new", title="Fees", key="fees-2")
    assert "/rulebooks/fees-2/drafts/" in editor.at


EMPTY_PAGES = (
    *("", "facts", "cases", "try", "problems", "findings", "map", "review", "compare", "publish", "tests"),
    *("export", "import", "discard", "properties", "query", "service", "fact", "type", "why", "case"),
    *("table/new", "formula/new", "function/new"),
)


async def test_every_page_of_a_rulebook_that_was_never_published_works(staff):
    lawyer = await staff("publisher")
    draft = await founded(lawyer)
    for page in EMPTY_PAGES:
        await lawyer.open(f"{draft}/{page}".rstrip("/"))
        assert lawyer.status == 200, page
    for page in ("rulebooks/renovation_grants", "rulebooks/renovation_grants/history", "", "audit"):
        await lawyer.open(page)
        assert lawyer.status == 200, page
    await lawyer.open("rulebooks/renovation_grants/releases/1")
    assert lawyer.status == 404
    answer = await lawyer.client.post("/decide", json={"rulebook": "renovation_grants", "facts": {}})
    assert answer.status_code == 404
    assert "no rulebook renovation_grants with an active release" in answer.json()["detail"]
    for form in ("xlsx", "csv", "json", "dmn", "dmn-1.3"):
        await lawyer.open(f"{draft}/export/{form}")
        assert lawyer.status == 200, form


async def test_a_rulebook_whose_only_draft_was_discarded_is_not_listed_and_can_be_begun_again(editor, desk):
    draft = await founded(editor, title="Ohne Titel")
    await editor.open(f"{draft}/discard")
    await editor.send("/discard")
    assert editor.status == 200
    assert "its key may be used for another one" in editor.page.text
    await editor.open("")
    assert "Ohne Titel" not in editor.page.text
    await founded(editor, title="Mit Titel", key="ohne_titel")
    assert editor.status == 200
    await editor.open("new")
    await editor.send("/new", title="Noch einer", key="ohne_titel")
    assert "There is a rulebook ohne_titel already." in editor.page.text
    await editor.open("rulebooks/ohne_titel")
    assert "Mit Titel" in editor.page.text
    await editor.send("/drafts")
    assert "The draft was started." in editor.page.text
    assert len(await desk.store.drafts("ohne_titel")) == 2


@pytest.mark.parametrize("page", ["new", "{draft}/properties", "{draft}/table/new", "{draft}/query"])
async def test_only_editors_make_rulebooks_and_pieces_of_them(staff, draft, page):
    reader = await staff("reader")
    await reader.open(page.format(draft=draft))
    assert reader.status == 403
    await reader.open("")
    assert "New rulebook" not in reader.page.text


# Settings of the rulebook


async def test_the_settings_of_a_rulebook_are_merged_field_by_field(editor, draft, desk):
    await editor.open(f"{draft}/properties")
    work = draft.rsplit("/", 1)[-1]

    async def theirs(**changes):
        head = await desk.store.draft(work)
        await desk.publishing.edit(work, head.revision, "somebody", lambda book: replace(book, **changes))

    await theirs(note="theirs")
    await editor.send("/properties", title__nl="Leges", absent="null", default_query="")
    book = await book_of(desk, draft)
    assert (book.title.by_language["nl"], book.absent, book.default_query, book.note) == (
        "Leges",
        "null",
        "",
        "theirs",
    )
    line = (await desk.store.audit("fees"))[0]
    assert (line.action, line.detail["changed"]["title.nl"]) == ("rulebook/edited", ["", "Leges"])
    await editor.open(f"{draft}/properties")
    await theirs(time_zone="Europe/Paris", languages=("en", "nl", "fr"))
    await editor.send("/properties", time_zone="UTC", first="nl")
    assert editor.status == 409
    assert "Europe/Paris" in editor.page.text
    assert "Time zone" in editor.page.text
    await editor.send("/properties")
    book = await book_of(desk, draft)
    assert (book.time_zone, book.languages) == ("UTC", ("nl", "en"))


async def test_wrong_settings_are_told_at_their_fields_and_nothing_is_saved(editor, draft, desk):
    before = await book_of(desk, draft)
    await editor.open(f"{draft}/properties")
    await editor.send("/properties", time_zone="Mars", title__en="y" * 300, note="kept")
    assert editor.status == 422
    assert 'id="time_zone-problem"' in editor.page.html
    assert 'id="title.en-problem"' in editor.page.html
    assert ("note", "kept") in editor.page.form("/properties").fields
    assert await book_of(desk, draft) == before


# Tables


async def test_a_new_table_concludes_and_asks_for_facts_that_are_there(editor, draft, desk):
    await editor.open(f"{draft}/table/new")
    form = editor.page.form("/table/new")
    chosen = [("condition", "resident"), ("condition", "age")]
    sent = form.filled({"key": "extra", "concludes": "zone", "hit_policy": "F"})
    await editor.post(form.action, [*sent, *chosen])
    table = (await book_of(desk, draft)).table("extra")
    assert table.inputs == (Input("age", "age"), Input("resident", "resident"))
    assert (table.outputs, table.hit_policy) == ((Output("zone", "zone"),), HitPolicy.FIRST)
    line = (await desk.store.audit("fees"))[0]
    assert (line.action, line.detail["table"]) == ("table/added", "extra")


async def test_everything_that_is_wrong_with_a_new_table_is_told_at_once(editor, draft, desk):
    before = await book_of(desk, draft)
    await editor.open(f"{draft}/table/new")
    form = editor.page.form("/table/new")
    sent = form.filled(
        {
            "key": "my table",
            "concludes": "",
            "fact.1.key": "count",
            "fact.2.key": "age",
            "fact.3.key": "new one",
            "fact.4.key": "new one",
            "fact.3.question": "Is it kept?",
            "title.en": "t" * 201,
        }
    )
    await editor.post(form.action, [*sent, ("condition", "age"), ("condition", "gone")])
    assert editor.status == 422
    for field in ("key", "title.en", "concludes", "condition", "fact.1.key", "fact.2.key", "fact.4.key"):
        assert f'id="{field}-problem"' in editor.page.html, field
    for said in ("my_table would do", "no fact gone any more", "called so already", "stands here twice"):
        assert said in editor.page.text
    fields = editor.page.form("/table/new").fields
    assert ("fact.3.question", "Is it kept?") in fields
    assert ("condition", "age") in fields
    assert await book_of(desk, draft) == before


async def test_a_table_neither_asks_for_what_it_concludes_nor_takes_the_key_of_another(editor, draft):
    await editor.open(f"{draft}/table/new")
    form = editor.page.form("/table/new")
    await editor.post(form.action, [*form.filled({"key": "fee", "concludes": "fee"}), ("condition", "fee")])
    assert editor.status == 422
    assert "A table or formula is called fee already." in editor.page.text
    assert "its conditions cannot ask for it" in editor.page.text
    await editor.send("/table/new", key="", concludes="fee")
    assert "Give it a title, or a key." in editor.page.text


async def test_what_a_collecting_table_concludes_anew_is_a_list(editor, draft, desk):
    for policy, kind in (("C", "list<string>"), ("C#", "number"), ("U", "string")):
        await editor.open(f"{draft}/table/new")
        await editor.send(
            "/table/new",
            title__en="Papers",
            fact__0__key=f"said by {policy.strip('#<>')}{len(policy)}",
            hit_policy=policy,
        )
        assert (await book_of(desk, draft)).facts[-1].type == kind
    assert [table.key for table in (await book_of(desk, draft)).tables][-2:] == ["papers_3", "papers_4"]


async def test_a_table_is_duplicated_with_its_rows_below_itself(editor, draft, desk):
    await editor.open(f"{draft}/settings?table=fee")
    await editor.follow("Duplicate")
    assert ("key", "fee_2") in editor.page.form("/table/copy").fields
    await editor.send("/table/copy", key="fee")
    assert (editor.status, 'id="key-problem"' in editor.page.html) == (422, True)
    await editor.send("/table/copy", key="fee_2", title__nl="Kopie")
    assert "Copied." in editor.page.text
    book = await book_of(desk, draft)
    assert [table.key for table in book.tables][:2] == ["fee", "fee_2"]
    assert book.tables[1] == replace(book.tables[0], key="fee_2", title=Words({"nl": "Kopie"}))


async def test_a_table_that_goes_is_told_with_all_that_rests_on_it(editor, draft, desk):
    await editor.open(draft)
    await editor.follow("Delete: fee")
    assert "Nothing else concludes: fee" in editor.page.text
    assert editor.page.link("Query fee")
    work = draft.rsplit("/", 1)[-1]
    head = await desk.store.draft(work)
    await desk.publishing.edit(
        work,
        head.revision,
        "somebody",
        lambda book: replace(book, tables=(replace(book.tables[0], note="mind"), *book.tables[1:])),
    )
    await editor.send("/node/delete")
    assert editor.status == 409
    assert (await book_of(desk, draft)).table("fee")
    await editor.send("/node/delete")
    assert "Deleted from this draft." in editor.page.text
    book = await book_of(desk, draft)
    assert book.table("fee") is None
    assert any(fact.key == "fee" for fact in book.facts)
    line = (await desk.store.audit("fees"))[0]
    assert (line.action, line.detail["was"]["note"]) == ("table/deleted", "mind")


async def test_a_table_gets_another_key_and_everything_else_stays(editor, draft, desk):
    before = await book_of(desk, draft)
    await editor.open(f"{draft}/node/key?node=fee")
    await editor.send("/node/key", key="papers")
    assert (editor.status, "called papers already" in editor.page.text) == (422, True)
    await editor.send("/node/key", key="the fee")
    assert "the_fee would do" in editor.page.text
    await editor.send("/node/key", key="the_fee")
    assert editor.at.endswith("/tables/the_fee?done=rekeyed")
    book = await book_of(desk, draft)
    assert book == replace(before, tables=(replace(before.tables[0], key="the_fee"), *before.tables[1:]))


async def test_what_is_not_there_is_not_found(editor, draft):
    for page in (
        *("node/key?node=x", "node/delete?node=x", "table/copy?table=x", "function/delete?function=x"),
        *("query?query=x", "query/delete?query=x", "service?service=x", "service/delete?service=x"),
    ):
        await editor.open(f"{draft}/{page}")
        assert editor.status == 404, page


# Formulas and functions


async def test_a_formula_is_added_with_its_fact_and_deleted(editor, draft, desk):
    await editor.open(f"{draft}/formula/new")
    await editor.send("/formula/new", title__en="Total", fact__0__key="count", expression="")
    assert editor.status == 422
    assert 'id="fact.0.key-problem"' in editor.page.html
    assert 'id="expression-problem"' in editor.page.html
    await editor.send("/formula/new", fact__0__key="total", fact__0__type="number", expression="fee + ")
    assert "/formula?formula=total" in editor.at, "the form stays open while anything is wrong"
    await editor.send("/formula", expression="fee + surcharge")
    book = await book_of(desk, draft)
    assert (book.formulas[-1].key, book.formulas[-1].fact) == ("total", "total")
    await editor.open(f"{draft}/node/delete?node=total")
    assert "fee + surcharge" in editor.page.text
    await editor.send("/node/delete")
    assert all(one.key != "total" for one in (await book_of(desk, draft)).formulas)


async def test_a_function_is_called_and_goes_only_when_nothing_calls_it(editor, draft, desk):
    await editor.open(f"{draft}/function/new")
    await editor.send("/function/new", name="age", parameter__1__name="a", parameter__2__name="a")
    assert editor.status == 422
    for field in ("name", "parameter.2.name", "body"):
        assert f'id="{field}-problem"' in editor.page.html, field
    await editor.send(
        "/function/new",
        name="twice",
        parameter__1__name="amount",
        parameter__1__type="number",
        parameter__2__name="",
        body="amount * 2",
        result="number",
    )
    assert "Added." in editor.page.text
    await editor.open(f"{draft}/rule?table=fee&rule=R1")
    await editor.send("/rule", output__fee="twice(5)")
    await editor.open(f"{draft}/problems")
    assert "Nothing is wrong." in editor.page.text
    await editor.open(f"{draft}/function/delete?function=twice")
    assert "It is still called" in editor.page.text
    assert not [form for form in editor.page.forms if "function/delete" in form.action]
    await editor.open(f"{draft}/rule?table=fee&rule=R1")
    await editor.send("/rule", output__fee="10")
    await editor.open(f"{draft}/function/delete?function=twice")
    await editor.send("/function/delete")
    assert (await book_of(desk, draft)).functions == ()


# Queries and decision services


async def test_a_query_is_added_changed_and_deleted(editor, draft, desk):
    await editor.open(f"{draft}/query")
    await editor.send("/query", key="fee")
    assert editor.status == 422
    assert "A query is called fee already." in editor.page.text
    assert "at least one fact" in editor.page.text
    form = editor.page.form("/query")
    await editor.post(form.action, [*form.filled({"key": "most"}), ("goal", "waiver"), ("goal", "fee")])
    book = await book_of(desk, draft)
    assert (book.query("most").goals, book.default_query) == (("waiver", "fee"), "fee")
    await editor.open(f"{draft}/query?query=most")
    form = editor.page.form("/query")
    sent = [(name, text) for name, text in form.filled({"is_default": "yes"}) if name != "goal"]
    await editor.post(form.action, [*sent, ("goal", "fee"), ("goal", "papers"), ("goal", "waiver")])
    book = await book_of(desk, draft)
    assert (book.query("most").goals, book.default_query) == (("waiver", "fee", "papers"), "most")
    await editor.open(f"{draft}/query/delete?query=most")
    assert "It is the default query" in editor.page.text
    await editor.send("/query/delete")
    book = await book_of(desk, draft)
    assert (book.query("most"), book.default_query) == (None, "")


async def test_two_people_who_change_the_goals_of_a_query_see_both(editor, draft, desk):
    await editor.open(f"{draft}/query?query=fee")
    work = draft.rsplit("/", 1)[-1]
    head = await desk.store.draft(work)

    def theirs(book):
        return replace(book, queries=(replace(book.queries[0], goals=("papers",)), *book.queries[1:]))

    await desk.publishing.edit(work, head.revision, "somebody", theirs)
    form = editor.page.form("/query")
    await editor.post(form.action, [*form.filled({}), ("goal", "waiver")])
    assert editor.status == 409
    assert "Asks for" in editor.page.text
    await editor.send("/query")
    assert "waiver" in (await book_of(desk, draft)).query("fee").goals


async def test_a_decision_service_is_added_called_and_kept_while_it_is_called(editor, draft, desk):
    await editor.open(f"{draft}/service")
    await editor.send("/service", key="fee")
    assert editor.status == 422
    assert 'id="key-problem"' in editor.page.html
    assert 'id="roles-problem"' in editor.page.html
    await editor.send(
        "/service", key="fee of", role__age="inputs", role__resident="inputs", role__fee="outputs"
    )
    found = (await book_of(desk, draft)).service("fee of")
    assert (found.inputs, found.outputs) == (("age", "resident"), ("fee",))
    await editor.open(f"{draft}/problems")
    assert "Nothing is wrong." in editor.page.text
    await editor.open(f"{draft}/formula/new")
    await editor.send(
        "/formula/new",
        key="child",
        fact__0__key="child fee",
        fact__0__type="number",
        expression="fee of(7, true)",
    )
    await editor.open(f"{draft}/service/delete?service=fee of")
    assert "It is still called" in editor.page.text
    await editor.open(f"{draft}/node/delete?node=child")
    await editor.send("/node/delete")
    await editor.open(f"{draft}/service?service=fee of")
    await editor.send("/service", role__age="", role__kind="inputs", note="without age")
    found = (await book_of(desk, draft)).service("fee of")
    assert (found.inputs, found.note) == (("resident", "kind"), "without age")
    await editor.open(f"{draft}/service/delete?service=fee of")
    await editor.send("/service/delete")
    assert (await book_of(desk, draft)).services == ()


async def test_what_was_said_of_findings_stays_when_their_table_gets_another_key(editor, draft, desk):
    work = draft.rsplit("/", 1)[-1]
    judged = await desk.analysing.of(await desk.store.draft(work))
    mine = next(one for one in judged.open if one.where.table == "fee")
    await desk.analysing.acknowledge(work, mine.key, "intended", "Article 1", "editor")
    before = await desk.analysing.of(await desk.store.draft(work))
    await editor.open(f"{draft}/node/key?node=fee")
    await editor.send("/node/key", key="the_fee")
    after = await desk.analysing.of(await desk.store.draft(work))
    (kept,) = after.acknowledged
    assert (kept[0].where.table, kept[1].reason) == ("the_fee", "Article 1")
    assert (len(after.open), after.stale) == (len(before.open), ())


async def test_what_is_wrong_with_a_query_or_with_the_whole_leads_to_its_form(editor, draft, desk):
    work = draft.rsplit("/", 1)[-1]
    head = await desk.store.draft(work)
    await desk.publishing.edit(
        work,
        head.revision,
        "somebody",
        lambda book: replace(
            book,
            default_query="gone",
            time_zone="Mars",
            queries=(replace(book.queries[0], goals=("nothing",)), *book.queries[1:]),
        ),
    )
    await editor.open(f"{draft}/problems")
    assert editor.page.link("The rulebook").endswith("/properties")
    await editor.follow("Queries, fee")
    assert editor.at.endswith("/query?query=fee")
    assert "nothing" in editor.page.text
    form = editor.page.form("/query")
    fields = [(name, text) for name, text in form.filled({}) if name != "goal"]
    await editor.post(form.action, [*fields, ("goal", "fee")])
    await editor.open(f"{draft}/properties")
    await editor.send("/properties", default_query="fee", time_zone="UTC")
    await editor.open(f"{draft}/problems")
    assert "Nothing is wrong." in editor.page.text


async def test_a_deleted_table_is_back_with_one_click_and_so_is_any_other_piece(editor, draft, desk):
    before = await book_of(desk, draft)
    for page, action in (
        ("node/delete?node=fee", "/node/delete"),
        ("node/delete?node=clock", "/node/delete"),
        ("query/delete?query=fee", "/query/delete"),
    ):
        await editor.open(f"{draft}/{page}")
        await editor.send(action)
        assert await book_of(desk, draft) != before
        await editor.send("/changes")
        assert "Undone." in editor.page.text
        assert await book_of(desk, draft) == before
    await editor.open(f"{draft}/table/new")
    await editor.send("/table/new", title__en="Mistaken", fact__0__key="mistake")
    await editor.open(f"{draft}/changes")
    await editor.send("/changes")
    assert await book_of(desk, draft) == before


JUNK = (
    "",
    " ",
    "\x00",
    "<script>alert(1)</script>",
    "🦄" * 40,
    "a, b",
    "../..",
    "%s %(num)s {{ 7 * 7 }}",
    "z" * 5_000,
)
FORMS = (
    *(
        "new",
        "{draft}/properties",
        "{draft}/table/new",
        "{draft}/table/copy?table=fee",
        "{draft}/formula/new",
    ),
    *("{draft}/function/new", "{draft}/node/key?node=fee", "{draft}/query", "{draft}/query?query=fee"),
    *("{draft}/service", "{draft}/service?service=offer"),
)


@pytest.mark.parametrize("path", FORMS)
async def test_no_nonsense_that_a_form_is_sent_breaks_it_or_gets_out_of_its_text(editor, draft, desk, path):
    work = draft.rsplit("/", 1)[-1]
    head = await desk.store.draft(work)
    offer = DecisionService("offer", outputs=("fee",))
    await desk.publishing.edit(work, head.revision, "somebody", lambda book: replace(book, services=(offer,)))
    page = path.format(draft=draft)
    address = page.partition("?")[0]
    for junk in JUNK:
        await editor.open(page)
        form = next(one for one in editor.page.forms if one.action.startswith(f"/admin/{address}"))
        names = {name for name, _ in form.fields} | form.choices
        sent = {name: junk for name in names if name != "csrf" and not name.startswith("was.")}
        await editor.post(form.action, form.filled(sent))
        assert editor.status in {200, 409, 422}, (junk[:20], editor.status)
        assert "<script>alert" not in editor.page.html
        for there in (f"{draft}/problems", draft, f"{draft}/facts"):
            await editor.open(there)
            assert editor.status == 200, (junk[:20], there)
            assert "<script>alert" not in editor.page.html
    await editor.open(page)
    token = dict(editor.page.forms[-1].fields)["csrf"]
    await editor.post(page, [("csrf", token)])
    assert editor.status in {200, 409, 422}, "a form without any field"
