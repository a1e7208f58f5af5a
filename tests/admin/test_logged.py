"""Why a logged decision was answered as it was, by its id."""

from datetime import date

from service.api.wire import decision_bytes
from service.deciding import DecideRequest
from service.editing import with_cell


async def logged(desk, **facts):
    request = DecideRequest(rulebook="fees", facts=facts, as_of=date(2026, 1, 1), goals=("fee", "papers"))
    decision, _ = await desk.deciding.decide(request, decision_bytes, "intake")
    return decision.id


async def test_a_decision_is_found_by_its_id_and_told_with_its_proof(staff, desk):
    identity = await logged(desk, age=30, resident=False, surcharge=3)
    reader = await staff("reader")
    await reader.open("decisions")
    page = await reader.open(f"decisions?id={identity}")
    assert reader.at == f"/admin/decisions/{identity}"
    assert f"Decision {identity}, logged on" in page.text
    assert "Computed again now, it comes to the same." in page.text
    assert "25.5" in page.text
    assert "Fees Act, article 3" in page.text
    assert "All rows of" in page.text


async def test_what_the_law_says_since_does_not_change_why(staff, desk):
    identity = await logged(desk, age=30, resident=False)
    draft = await desk.publishing.start_draft("fees", "ann")
    await desk.publishing.edit(
        draft.id, draft.revision, "ann", lambda book: with_cell(book, "fee", "R3", "fee", "77.25")
    )
    await desk.publishing.publish(draft.id, 2, "ann", "dearer")
    reader = await staff("reader")
    page = await reader.open(f"decisions/{identity}")
    assert "Release 1 (not active)" in page.text
    assert "25.5" in page.text
    assert "77.25" not in page.text


async def test_an_id_that_nothing_has_is_told(staff):
    reader = await staff("reader")
    page = await reader.open("decisions?id=nothing")
    assert reader.status == 404
    assert "No decision of that id was logged here." in page.text
    await reader.open("decisions/nothing")
    assert reader.status == 404
