"""Citations with the places where they can be read: what names an act or a judgment by a number of its own; pure.

Nothing is looked up: an address is made of the number alone, in the ways that the European Union has laid down (ELI for
its legislation, ECLI for judgments). A citation that has no such number stays plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Piece", "pieces"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a citation: its text, and the address where that is read; empty where it has none."""

    text: str
    href: str = ""


def pieces(citation: str, language: str) -> Iterator[Piece]:
    """A citation part by part; put together, the parts are the citation.

    Args:
        citation: as typed.
        language: the two letters of the language to read in, as far as the place has it.
    """
    past = 0
    for found in _NAMED.finditer(citation):
        href = _address(found, language)
        if not href:
            continue
        if found.start() > past:
            yield Piece(citation[past : found.start()])
        yield Piece(found[0], href)
        past = found.end()
    if past < len(citation):
        yield Piece(citation[past:])


def _address(found: re.Match[str], language: str) -> str:
    if found["web"]:
        return found["web"]
    if found["ecli"]:
        ecli = found["ecli"] if found["ecli"].startswith("ECLI:") else f"ECLI:{found['ecli']}"
        if ecli.startswith("ECLI:EU:"):
            return f"https://eur-lex.europa.eu/legal-content/{language.upper()}/TXT/?uri=ecli:{ecli}"
        return f"https://e-justice.europa.eu/ecli/{ecli}"
    kind = "dir" if found["kind"][0] in "Dd" or found["kind"][:4] in {"Rich", "rich"} else "reg"
    one, other = found["one"], found["other"]
    # Acts were numbered year/number, but regulations number/year, until 2015; the latter say so: No 910/2014.
    year, number = (other, one) if found["no"] and kind == "reg" else (one, other)
    if kind == "reg" and int(year) < _FIRST <= int(number):
        year, number = number, year
    year = f"19{year}" if kind == "dir" and len(year) == _SHORT else year
    if not _FIRST <= int(year) <= _LAST:
        return ""
    return f"https://eur-lex.europa.eu/eli/{kind}/{year}/{int(number)}/oj/{_THREE.get(language, 'eng')}"


_SHORT: Final = 2
_FIRST, _LAST = 1952, 2100
_THREE: Final = {"en": "eng", "nl": "nld", "fr": "fra", "de": "deu"}
"""Languages as ELI calls them."""

_UNION: Final = r"(?:EU|UE|EC|EG|CE|EEC|EEG|CEE|EWG)"
_NAMED: Final = re.compile(
    rf"""
    (?P<web>https?://[^\s<>"“”»)\]]*[^\s<>"“”»)\].,;:!?])
    | \b(?P<ecli>(?:ECLI:[A-Z]{{2}}|EU):[A-Z0-9]{{1,7}}:\d{{4}}:[A-Z0-9.]*[A-Z0-9])
    | \b(?P<kind>[Dd]irective|[Rr]ichtlijn|[Rr]ichtlinie|[Rr]egulation|[Vv]erordening|[Vv]erordnung|[Rr]èglement)
      \s+ (?:d['\u2019]exécution\s+|délégué\s+)? (?:\({_UNION}\)\s*)? (?P<no>(?:No|no|Nr|nr|n°|nº)\.?\s*)?
      (?P<one>\d{{1,4}})/(?P<other>\d{{1,4}}) (?:/{_UNION}\b)?
    """,
    re.VERBOSE,
)
