"""What is wrong with a rulebook as SARIF 2.1.0, which editors and code hosts show beside the files.

A rulebook's cells are no lines of a file, so that places are logical ones (`table / rule / column`) in the file, or the
folder, that was checked.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

import msgspec

from decision_tables.analyse import told
from decision_tables.said import plainly

if TYPE_CHECKING:
    from collections.abc import Iterable

    from decision_tables.analyse import Finding, Judged
    from decision_tables.diagnostics import Diagnostic, Where
    from decision_tables.rulebook import Acknowledgement, Rulebook

__all__ = ["sarif_of"]

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {"error": "error", "warning": "warning", "info": "note"}


def sarif_of(
    rulebook: Rulebook,
    diagnostics: Iterable[Diagnostic],
    judged: Judged | None,
    *,
    file: str,
    version: str,
    language: str = "en",
) -> bytes:
    """A SARIF log of one run.

    Args:
        rulebook: what was checked.
        diagnostics: what is wrong with it as it is written.
        judged: what the analysis found; None if there was none, for it does not compile.
        file: that was read, or the folder.
        version: of this program.
        language: of what is told of findings.
    """
    place = PurePath(file).as_posix()
    results = [_diagnostic(found, place) for found in diagnostics]
    if judged is not None:
        results += [_finding(one, rulebook, place, language) for one in judged.open]
        results += [
            _finding(one, rulebook, place, language) | {"suppressions": [_suppression(said)]}
            for one, said in judged.acknowledged
        ]
    rules = [{"id": code} for code in sorted({result["ruleId"] for result in results})]
    driver = {"name": "decidable", "semanticVersion": version, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log, enc_hook=plainly), indent=2) + b"\n"


def _diagnostic(found: Diagnostic, file: str) -> dict[str, Any]:
    text = " ".join(filter(None, (found.message, found.hint)))
    result = _result(found.code, found.severity, text, [found.where], file)
    if found.repair:
        result["properties"] = {"repair": found.repair}
    return result


def _finding(finding: Finding, rulebook: Rulebook, file: str, language: str) -> dict[str, Any]:
    text = told(finding, rulebook, language)
    result = _result(finding.code, finding.severity, text, [finding.where], file)
    return result | {"partialFingerprints": {"finding/v1": finding.key}}


def _result(code: str, level: str, text: str, places: list[Where], file: str) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": file}}}
    named = [str(where) for where in places if str(where)]
    if named:
        location["logicalLocations"] = [{"fullyQualifiedName": name} for name in named]
    return {"ruleId": code, "level": _LEVELS[level], "message": {"text": text}, "locations": [location]}


def _suppression(said: Acknowledgement) -> dict[str, Any]:
    return {"kind": "inSource", "status": "accepted", "justification": f"{said.verdict}: {said.reason}"}
