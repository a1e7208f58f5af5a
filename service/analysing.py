"""The use case *analyse*: what is missing or contradicts itself in a draft, and what its authors say of that.

A word on a finding is kept in the draft's rulebook under the finding's key, is published with it, and falls due again
when what the finding rests on has changed, for then its key has, too.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal

from decision_tables.analyse import analyse, rekeyed, row_for, told
from decision_tables.compile import check
from decision_tables.errors import InvalidRequest, NotFound, Refused
from decision_tables.rulebook import Acknowledgement, rulebook_of
from decision_tables.said import said
from service.editing import (
    free_rule_id,
    with_acknowledgement,
    with_rule_added,
    without_acknowledgement,
)

if TYPE_CHECKING:
    from decision_tables.analyse import Finding, Judged
    from decision_tables.rulebook import Rulebook
    from decision_tables.table import Rule
    from service.library import Library, Loaded
    from service.store import Draft, Store

__all__ = ["Analysing"]


class Analysing:
    """Findings, and what is done about them."""

    def __init__(self, store: Store, library: Library) -> None:
        self._store = store
        self._library = library

    async def of(self, edition: Draft | Loaded, table: str = "") -> Judged | None:
        """What is to be said of a draft or release, or of one table of it; None if it does not compile."""
        return await self._library.analysed(edition, table)

    async def acknowledge(
        self,
        draft_id: str,
        finding: str,
        verdict: Literal["impossible", "intended"],
        reason: str,
        actor: str,
        *,
        table: str = "",
    ) -> Draft:
        """Says of a finding why it is none: such facts cannot be, or the law means it so.

        Args:
            draft_id: the draft.
            finding: its key.
            verdict: which of both.
            reason: why.
            actor: who says so.
            table: the one that the finding is of, so that no other is looked at.

        Raises:
            NotFound: there is no such draft, or nothing of that key is found in it (`finding/not-found`).
            InvalidRequest: the reason is missing (`acknowledgement/reason`).
        """
        reason = "".join(sign for sign in reason if sign.isprintable() or sign == "\n").strip()
        if not reason:
            raise InvalidRequest(said("Say why, so that others can judge it."), code="acknowledgement/reason")

        async def change(draft: Draft) -> tuple[Rulebook, dict[str, Any]]:
            rulebook = rulebook_of(draft.document)
            found = await self._finding(draft, finding, table)
            said = Acknowledgement(finding, verdict, reason, told(found, rulebook, "en"))
            return with_acknowledgement(rulebook, said), {
                "finding": said.about,
                "verdict": verdict,
                "reason": reason,
            }

        return await self._store.change_draft(draft_id, actor, change, action="finding/acknowledged")

    async def take_back(self, draft_id: str, finding: str, actor: str) -> Draft:
        """Takes back what was said of a finding.

        Raises:
            NotFound: there is no such draft, or nothing was said (`acknowledgement/not-found`).
        """

        async def change(draft: Draft) -> tuple[Rulebook, dict[str, Any]]:
            rulebook = rulebook_of(draft.document)
            about = next((one.about for one in rulebook.acknowledgements if one.finding == finding), "")
            return without_acknowledgement(rulebook, finding), {"finding": about}

        return await self._store.change_draft(draft_id, actor, change, action="finding/reopened")

    async def add_row(
        self, draft_id: str, finding: str, actor: str, *, table: str = ""
    ) -> tuple[Draft, Rule, str]:
        """Adds the row that a gap asks for, with its outcomes left open; gives it, and the key of its table.

        Raises:
            NotFound: there is no such draft, or nothing of that key is found in it (`finding/not-found`).
            Refused: it is no gap (`finding/no-gap`).
        """
        rows: list[tuple[Rule, str]] = []

        async def change(draft: Draft) -> tuple[Rulebook, dict[str, Any]]:
            rulebook = rulebook_of(draft.document)
            found = await self._finding(draft, finding, table)
            gapped = rulebook.table(found.where.table)
            if gapped is None or found.code not in {"analysis/gap", "analysis/no-rule-in-force"}:
                raise Refused(said("Only a gap asks for a row."), code="finding/no-gap")
            row = row_for(found, gapped, free_rule_id(gapped))
            rows.append((row, gapped.key))
            detail = {"table": gapped.key, "rule": row.id, "finding": told(found, rulebook, "en")}
            return with_rule_added(rulebook, gapped.key, row), detail

        draft = await self._store.change_draft(draft_id, actor, change, action="rule/added")
        return draft, *rows[-1]

    async def rekeyed(self, draft: Draft, changed: Rulebook, key: str, new: str) -> dict[str, str]:
        """What was said of findings, under the keys that these have once a table or formula is called otherwise.

        Args:
            draft: as it is.
            changed: the same with the other key.
            key: what the table or formula is called.
            new: what it is called then.

        Returns:
            By the key of a finding of which something was said, its key then; none where the draft does not compile.
        """
        found = await self._library.analysed(draft) if changed.acknowledgements else None
        if found is None or not found.acknowledged:
            return {}

        def then() -> tuple[Finding, ...]:
            program, _ = check(changed)
            return () if program is None else analyse(program).findings

        after = await asyncio.to_thread(then)
        return rekeyed((one for one, _ in found.acknowledged), after, key, new)

    async def _finding(self, draft: Draft, key: str, table: str) -> Finding:
        judged = await self._library.analysed(draft, table)
        found = [] if judged is None else [*judged.open, *(one for one, _ in judged.acknowledged)]
        for one in found:
            if one.key == key:
                return one
        raise NotFound(
            said("That finding is no more: what it rests on has changed meanwhile."), code="finding/not-found"
        )
