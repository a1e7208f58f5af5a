"""What the analysis finds: gaps, overlaps, dead rules, each as an example; and what one does about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from starlette.routing import Route

from admin.desk import Desk, path_to, see, text_of, tongue_of, visitor_of
from admin.forms import asked_with, typed
from admin.words import mark
from decision_tables.analyse import Finding, told, witness_told
from decision_tables.rulebook import Acknowledgement
from service.library import Loaded

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from admin.desk import Edition

__all__ = ["routes"]

_SEVERITIES: Final = {"error": mark("Error"), "warning": mark("Warning"), "info": mark("Note")}
_VERDICTS: Final = {"impossible": mark("This cannot happen"), "intended": mark("It is meant so")}
_SHOWN: Final = 100
"""How many open findings a page tells one by one."""

_GAPS: Final = frozenset({"analysis/gap", "analysis/no-rule-in-force"})


def routes(release: str, draft: str) -> list[Route]:
    """The routes below the paths of a release and of a draft."""
    return [
        Route(f"{release}/findings", findings),
        Route(f"{draft}/findings", findings),
        Route(f"{draft}/findings/acknowledge", acknowledge, methods=["POST"]),
        Route(f"{draft}/findings/reopen", reopen, methods=["POST"]),
        Route(f"{draft}/findings/row", add_row, methods=["POST"]),
    ]


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as a page shows it.

    Attributes:
        finding: what was found.
        text: in the reader's language.
        example: the facts that show it, in the reader's language; empty where there are none.
        severity: in the reader's language.
        try_it: the address at which its example can be tried; empty where there is none.
        asks_row: whether a row may be added for it.
        said: what was said of it; None while it is open.
        verdict: the same in a few words of the reader's language.
    """

    finding: Finding
    text: str
    example: str
    severity: str
    try_it: str
    asks_row: bool
    said: Acknowledgement | None = None
    verdict: str = ""


async def findings(request: Request) -> Response:
    """What is found in a release or draft; for the grid, as a part of its page, what is found in a table."""
    desk = Desk.of(request)
    edition = await desk.edition(request)
    table = request.query_params.get("table", "")
    is_part = "hx-request" in request.headers
    source = edition.draft
    if source is not None:
        judged = await desk.analysing.of(source, table)
    elif edition.program is not None and edition.release is not None:
        judged = await desk.analysing.of(Loaded(edition.program, edition.release), table)
    else:
        judged = None
    words = tongue_of(request)
    found: dict[str, Any] = {
        "table": table,
        "analysed": judged is not None,
        "complete": judged is not None and all(one.code != "analysis/unproven" for one in judged.open),
        "open": [] if judged is None else [_told(request, edition, one) for one in judged.open[:_SHOWN]],
        "count": 0 if judged is None else len(judged.open),
        "acknowledged": []
        if judged is None
        else [_told(request, edition, one, said) for one, said in judged.acknowledged],
        # Of one table's analysis nobody can tell which of the words were said of others.
        "stale": [] if judged is None or table else judged.stale,
        "verdicts": {verdict: words.gettext(text) for verdict, text in _VERDICTS.items()},
    }
    if is_part:
        return desk.page(request, "table/_findings.html", edition=edition, **found)
    return await desk.edition_page(request, "draft/findings.html", mark("Findings"), edition, **found)


def _told(request: Request, edition: Edition, finding: Finding, said: Acknowledgement | None = None) -> Told:
    words = tongue_of(request)
    example = witness_told(finding, edition.rulebook, words.code)
    text = told(finding, edition.rulebook, words.code).removesuffix(example).rstrip()
    link, witness = "", finding.witness
    if witness is not None and witness.given and edition.program is not None:
        facts = asked_with(edition.program.vocabulary, witness.facts)
        dates = {"as_of": witness.as_of.isoformat(), "known_on": witness.known_on.isoformat()}
        link = edition.link("try", **dates, **facts)
    return Told(
        finding,
        text,
        example,
        words.gettext(_SEVERITIES[finding.severity.value]),
        link,
        finding.code in _GAPS,
        said,
        words.gettext(_VERDICTS[said.verdict]) if said else "",
    )


async def acknowledge(request: Request) -> Response:
    """Keep why a finding is none."""
    desk = Desk.of(request)
    edition, form = await desk.edition(request), await desk.form(request)
    assert edition.draft is not None  # noqa: S101 - the path names a draft
    verdict: Literal["impossible", "intended"] = (
        "impossible" if text_of(form, "verdict") == "impossible" else "intended"
    )
    await desk.analysing.acknowledge(
        edition.draft.id,
        text_of(form, "finding"),
        verdict,
        typed(text_of(form, "reason")),
        visitor_of(request).account.login,
        table=text_of(form, "table"),
    )
    return see(_back(request, edition, text_of(form, "table")))


async def reopen(request: Request) -> Response:
    """Take back what was said of a finding."""
    desk = Desk.of(request)
    edition, form = await desk.edition(request), await desk.form(request)
    assert edition.draft is not None  # noqa: S101 - the path names a draft
    await desk.analysing.take_back(
        edition.draft.id, text_of(form, "finding"), visitor_of(request).account.login
    )
    return see(_back(request, edition, text_of(form, "table")))


async def add_row(request: Request) -> Response:
    """Add the row that a gap asks for, and show the form in which its outcome is written."""
    desk = Desk.of(request)
    edition, form = await desk.edition(request), await desk.form(request)
    assert edition.draft is not None  # noqa: S101 - the path names a draft
    _, row, table = await desk.analysing.add_row(
        edition.draft.id,
        text_of(form, "finding"),
        visitor_of(request).account.login,
        table=text_of(form, "table"),
    )
    return see(edition.link("rule", table=table, rule=row.id, done="added"))


def _back(request: Request, edition: Edition, table: str) -> str:
    """The page that the form stood on."""
    if table:
        return f"{edition.link('tables', table, done='noted')}#findings"
    key = edition.rulebook.key
    assert edition.draft is not None  # noqa: S101 - the path names a draft
    return path_to(request, "rulebooks", key, "drafts", edition.draft.id, "findings", done="noted")
