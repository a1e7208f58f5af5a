"""What an author most likely meant by a cell that says something else.

Candidates only: whoever asks must judge them by the same checks as the cell itself, and take the first that stands.
So a repair is never worse than what it repairs, and nothing here has to be right.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from decision_tables.diagnostics import near_miss
from decision_tables.feel.values import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from decision_tables.vocabulary import Kind

__all__ = ["candidates"]


def candidates(text: str, kind: Kind | None, *, is_test: bool) -> Iterator[str]:
    """Other texts for a cell, the likeliest first.

    Args:
        text: as typed.
        kind: of the value that it tests or concludes; None if nothing is known of it.
        is_test: whether it is a condition.
    """
    seen = {text}
    plain = _typed_plainly(text)
    for start in dict.fromkeys((plain, text)):
        for made in _ways(start, kind, is_test=is_test):
            tidy = made.strip()
            if tidy not in seen:
                seen.add(tidy)
                yield tidy


def _ways(text: str, kind: Kind | None, *, is_test: bool) -> Iterator[str]:
    name = "" if kind is None else (kind.items or kind).name
    yield text
    if is_test:
        yield from _spans(text, name)
    parts = _parts(text)
    negation = re.fullmatch(r"not\s*[(]?(.+?)[)]?", text.strip(), re.IGNORECASE) if is_test else None
    if negation is not None:
        yield f"not({', '.join(_meant(part, kind, name) for part in _parts(negation[1]))})"
    yield ", ".join(_meant(part, kind, name) for part in parts)
    if is_test and re.search(r"\bor\b|\bof\b|\bou\b|\boder\b|[/;|]", text):
        yield ", ".join(_meant(part, kind, name) for part in _parts(re.sub(_OR, ",", text)))
    if len(parts) > 1:
        yield _meant(text, kind, name)


def _typed_plainly(text: str) -> str:
    """The text without what word processors and other languages of formulas make of it."""
    for other, ours in _TYPOGRAPHY:
        text = text.replace(other, ours)
    text = re.sub(r"(?<![<>!=])==(?!=)", "=", text)
    text = re.sub(r"=\s*([<>])", r"\1=", text)
    text = re.sub(r"&&", " and ", text)
    text = re.sub(r"\|\|", " or ", text)
    text = re.sub(r"(?<![\w\"])'([^'\"]*)'(?!\w)", r'"\1"', text)
    return re.sub("^[\u2010-\u2015\u2212]$", "-", text.strip()).rstrip(";").strip()


def _spans(text: str, name: str) -> Iterator[str]:
    """Ranges as people write them: `>= 18 and < 65`, `18-65`, `18 to 65`."""
    found = re.fullmatch(r"\s*(>=?)\s*(.+?)\s*(?:and|&|en|et|und|,)\s*(<=?)\s*(.+?)\s*", text, re.IGNORECASE)
    if found is not None:
        low, high = _value(found[2], name), _value(found[4], name)
        yield f"{'[' if found[1] == '>=' else '('}{low}..{high}{']' if found[3] == '<=' else ')'}"
    found = re.fullmatch(_FROM_TO, text, re.IGNORECASE)
    if found is not None and name != "string":
        yield f"[{_value(found[1], name)}..{_value(found[2], name)}]"


def _parts(text: str) -> list[str]:
    """The alternatives of a cell: what stands between commas or semicolons outside quotes and brackets."""
    found = re.findall(r"\s*((?:\"[^\"]*\"|[(\[][^)\]]*[)\]]|[^,;\"(\[])+)\s*", text)
    return [part.strip() for part in found] or [text.strip()]


def _meant(part: str, kind: Kind | None, name: str) -> str:
    """One alternative, as a value of the type that is asked for; with its comparison, if it has one."""
    found = re.fullmatch(r"(<=|>=|!=|<>|<|>|=)?\s*(.*)", part, re.DOTALL)
    sign, value = ("", part) if found is None else (found[1] or "", found[2])
    sign = "!=" if sign == "<>" else "" if sign == "=" else sign
    told = _allowed(value, kind) or _value(value, name)
    return f"{sign} {told}" if sign else told


def _allowed(value: str, kind: Kind | None) -> str:
    """The allowed value that was most likely meant."""
    values = () if kind is None else (kind.values or (() if kind.items is None else kind.items.values) or ())
    words = [one for one in values if isinstance(one, str)]
    bare = value.strip().strip('"').strip()
    if not bare or not words:
        return ""
    close = bare if bare in words else near_miss(bare, words)
    return "" if close is None else text_of(close)


def _value(text: str, name: str) -> str:
    """A value as FEEL writes it, read as one of that type."""
    bare = text.strip()
    inner = bare[1:-1].strip() if len(bare) > 1 and bare[0] == bare[-1] == '"' else bare
    match name:
        case "number":
            return _number(inner) or bare
        case "boolean":
            return _TRUTHS.get(inner.lower(), bare)
        case "date":
            day = _day(inner)
            return f'date("{day}")' if day else bare
        case "string" if inner is bare and bare.lower() not in {"null", "-", ""}:
            return text_of(bare)
        case _:
            return bare


def _number(text: str) -> str:
    """`1.250,50`, `1,250.50`, `1 250`, `€ 5`: as people write numbers; empty if it is none, or may be two."""
    bare = re.sub(r"[\s_€$£%]", "", text)
    sign, bare = ("-", bare[1:]) if bare.startswith("-") else ("", bare)
    if re.fullmatch(r"\d{1,3}(\.\d{3})+,\d+", bare) or re.fullmatch(r"\d+,\d{1,2}|\d+,\d{4,}", bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", bare):
        bare = bare.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3}){2,}", bare):
        bare = bare.replace(".", "")
    return sign + bare if re.fullmatch(r"\d+(\.\d+)?", bare) else ""


def _day(text: str) -> str:
    """A date in ISO's form; empty if it is none, or could be two dates."""
    found = re.fullmatch(r"(?:date\(\s*)?\"?(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\"?\)?", text)
    if found is not None:
        return _iso(found[1], found[2], found[3])
    found = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", text)
    if found is None:
        return ""
    first, second = int(found[1]), int(found[2])
    if found[0][len(found[1])] != "/" or first > _MONTHS or first == second:
        return _iso(found[3], found[2], found[1])
    return _iso(found[3], found[1], found[2]) if second > _MONTHS else ""


def _iso(year: str, month: str, day: str) -> str:
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


_MONTHS: Final = 12
_OR: Final = re.compile(r"\s*(?:\b(?:or|of|ou|oder)\b|[/;|])\s*", re.IGNORECASE)
_VALUE: Final = r"(\"[^\"]*\"|[^\s\"]+(?:\s[\d,.]+)*)"
_FROM: Final = r"(?:from|between|van|tussen|de|entre|von|zwischen)?"
_TO: Final = r"(?:-|\u2013|\.\.\.?|\u2026|\bto\b|\btot\b|\bà\b|\bbis\b|\band\b|\ben\b|\bet\b|\bund\b)"
_FROM_TO: Final = rf"\s*{_FROM}\s*{_VALUE}\s*{_TO}\s*{_VALUE}\s*"
_TYPOGRAPHY: Final = (
    ("\u201c", '"'),
    ("\u201d", '"'),
    ("\u201e", '"'),
    ("\u00ab\u00a0", '"'),
    ("\u00a0\u00bb", '"'),
    ("\u00ab", '"'),
    ("\u00bb", '"'),
    ("\u2018", "'"),
    ("\u2019", "'"),
    ("\u00a0", " "),
    ("\u202f", " "),
    ("\u2265", ">="),
    ("\u2264", "<="),
    ("\u2260", "!="),
    ("<>", "!="),
    ("\u00d7", "*"),
    ("\u2212", "-"),
)
_TRUTHS: Final = {
    **dict.fromkeys(("true", "yes", "y", "ja", "oui", "wahr", "waar", "vrai", "1"), "true"),
    **dict.fromkeys(("false", "no", "n", "nee", "nein", "non", "falsch", "onwaar", "faux", "0"), "false"),
}
