"""What an author most likely meant by a cell that says something else.

Candidates only: whoever asks must judge them by the same checks as the cell itself, and take the first that stands.
So a repair is never worse than what it repairs. What could mean two things (`1/2/2024`, `1,250`) has no candidate: a
guess that stands the checks would be taken for the author's word.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from decision_tables.diagnostics import near_miss
from decision_tables.feel.values import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from decision_tables.vocabulary import Kind

__all__ = ["candidates", "day_of", "number_of_people"]


def candidates(text: str, kind: Kind | None, *, is_test: bool) -> Iterator[str]:
    """Other texts for a cell, the likeliest first.

    Args:
        text: as typed.
        kind: of the value that it tests or concludes; None if nothing is known of it.
        is_test: whether it is a condition.
    """
    seen = {text}
    plain = _typed_plainly(text)
    starts = (plain, text) if is_test else (*_as_in_a_spreadsheet(plain), plain, text)
    for start in dict.fromkeys(starts):
        for made in _ways(start, kind, is_test=is_test):
            tidy = made.strip()
            if tidy not in seen:
                seen.add(tidy)
                yield tidy


def _as_in_a_spreadsheet(text: str) -> Iterator[str]:
    """An outcome as people write formulas: `=2 * fee`, `ALS(age>3;2;1)`, `si age > 3 alors 2 sinon 1`, `3 x fee`."""
    bare = text.strip().removeprefix("=").strip()
    told = re.sub(r"(?<=\d)\s*[xX\u00d7]\s*(?=[^\W\d_])", " * ", bare)
    if found := re.fullmatch(r"(?:if|als|si)\s*\((.+)\)", told, re.IGNORECASE | re.DOTALL):
        parts = _arguments(found[1])
        if len(parts) == len(("condition", "then", "else")):
            told = f"if {parts[0]} then {parts[1]} else {parts[2]}"
    elif found := _IF_IN_WORDS.fullmatch(told):
        told = f"if {found[1].strip()} then {found[2].strip()} else {found[3].strip()}"
    elif (found := re.fullmatch(r"([^\W\d_]+)\s*\((.+)\)", told, re.DOTALL)) and ";" in told:
        told = f"{found[1]}({', '.join(_arguments(found[2]))})"
    told = re.sub(r"\b([^\W\d_]+)(?=\s*\()", lambda word: _FUNCTIONS.get(word[1].casefold(), word[1]), told)
    if told != text.strip():
        yield told


def _arguments(text: str) -> list[str]:
    """What stands between semicolons, or commas where there are none, outside quotes and brackets."""
    mark = ";" if ";" in text else ","
    found = re.findall(rf"((?:\"[^\"]*\"|\([^()]*\)|[^{mark}\"(])+)", text)
    return [part.strip() for part in found]


def _ways(text: str, kind: Kind | None, *, is_test: bool) -> Iterator[str]:
    yield text
    yield from _closed(text)
    yield re.sub(r"\b(today|now)\b(?!\s*\()", r"\1()", text)
    if not is_test:
        # Of what stands above a column nothing is known, and it is hardly meant to be a text.
        if kind is not None and (meant := _value(text, kind)) is not None:
            yield meant
        return
    if text.strip().casefold() in _ANYTHING:
        yield "-"
    if is_nothing(text, kind):
        negated = _NEGATION.fullmatch(text.strip()) is not None
        yield from ("not(null)", 'not("")') if negated else ("null", '""')
        return
    yield from _spans(text, kind)
    if kind is not None and kind.name == "date" and "," in text and (day := _alternative(text, kind)):
        yield day
    if (called := _called(text, kind)) is not None:
        yield called
        return
    if _DECIMAL_COMMA.search(text) and kind is not None and kind.name == "number":
        yield _alternative(text, kind) or _alternatives(text.split(";"), kind) or text
        return
    negation = _NEGATION.fullmatch(text.strip())
    if negation is not None and (inner := _alternatives(_parts(negation[1]), kind)):
        yield f"not({inner})"
    if told := _alternatives(_parts(text), kind):
        yield told
    if _OR.search(text) and (told := _alternatives(_parts(_OR.sub(",", text)), kind)):
        yield told
    if kind is not None and kind.items is not None and (item := _value(text, kind)) is not None:
        yield f"list contains(?, {item})"


def is_nothing(text: str, kind: Kind | None) -> bool:
    """Whether a condition says `empty` or `not empty`, in words, and no value is called so."""
    bare = text.strip()
    negation = _NEGATION.fullmatch(bare)
    word = (bare if negation is None or bare.casefold() in _NOTHING else negation[1].strip()).casefold()
    return word in _NOTHING and not (kind is not None and word in ((kind.items or kind).values or ()))


def _called(text: str, kind: Kind | None) -> str | None:
    """A function that is called in words, or by stars: `starts with voice`, `*voice*`."""
    bare = text.strip()
    is_list = kind is not None and kind.items is not None
    if found := re.fullmatch(rf"(?:\?\s*)?({_CALLED})\s+(.+)", bare, re.DOTALL):
        told = _as_text(found[2])
        name = "list contains" if is_list and found[1] == "contains" else found[1]
        return f"{name}(?, {told})" if told else None
    if found := re.fullmatch(r'"?(\*?)([^*"]+)(\*?)"?', bare):
        name = {("*", "*"): "contains", ("*", ""): "ends with", ("", "*"): "starts with"}.get(
            (found[1], found[3])
        )
        is_text = kind is not None and kind.name == "string" and kind.values is None
        return f"{name}(?, {text_of(found[2])})" if name and is_text else None
    return None


def _alternatives(parts: Iterable[str], kind: Kind | None) -> str:
    """Alternatives as FEEL writes them; empty if one of them cannot be read."""
    told = [_alternative(part, kind) for part in parts]
    return "" if None in told else ", ".join(filter(None, told))


def _alternative(part: str, kind: Kind | None) -> str | None:
    """One alternative, with its comparison if it has one."""
    spans = list(_spans(part, kind))
    if spans:
        return spans[0]
    sign, value = _compared(part, kind)
    if kind is not None and kind.name == "date" and re.fullmatch(r"(?:18|19|20|21)\d\d", value):
        return _whole_year(sign, value)
    meant = _value(value, kind)
    if meant is None:
        return None
    return f"{sign} {meant}" if sign else meant


def _whole_year(sign: str, year: str) -> str | None:
    """The days that are meant by a bare year: `since 2018` begins with its first, `after 2018` when it is over."""
    first, last = f'@"{year}-01-01"', f'@"{year}-12-31"'
    return {
        "": f"[{first}..{last}]",
        "<": f"< {first}",
        ">=": f">= {first}",
        ">": f"> {last}",
        "<=": f"<= {last}",
    }.get(sign)


def _compared(part: str, kind: Kind | None) -> tuple[str, str]:
    """The comparison that an alternative begins or ends with, as FEEL writes it, and what is compared with."""
    part = part.strip()
    found = re.fullmatch(r"(<=|>=|!=|<>|<|>|!|=)\s*(.*)", part, re.DOTALL)
    if found is not None:
        return {"<>": "!=", "!": "!=", "=": ""}.get(found[1], found[1]), found[2]
    for sign, words in _COMPARISONS.items():
        # Of texts only `other than` is said; `over IP` and `before noon` are texts themselves.
        is_said = kind is not None and (sign == "!=" or kind.name not in {"string", "boolean"})
        found = words.fullmatch(part) if is_said else None
        if found is not None:
            return sign, found[1] or found[2]
    return "", part


def _spans(text: str, kind: Kind | None) -> Iterator[str]:
    """Ranges as people write them: `>= 18 and < 65`, `18-65`, `18 to 65`, `[31/1/2024..29/2/2024)`."""
    text = text.strip()
    marks = ("[", "]")
    found = re.fullmatch(r"(>=?)\s*(.+?)\s*(?:and|&|en|et|und|,)\s*(<=?)\s*(.+)", text, re.IGNORECASE)
    if found is not None:
        marks = ("[" if found[1] == ">=" else "(", "]" if found[3] == "<=" else ")")
        ends = (found[2], found[4])
    elif found := re.fullmatch(r"([\[\](])\s*(.+?)\s*\.\.\s*(.+?)\s*([\])\[])", text):
        marks, ends = (found[1], found[4]), (found[2], found[3])
    elif (kind is None or kind.name != "string") and (found := _FROM_TO.fullmatch(text)):
        ends = (found[1], found[2])
    else:
        return
    low, high = (_value(end, kind) for end in ends)
    if low is not None and high is not None:
        yield f"{marks[0]}{low}..{high}{marks[1]}"
        left, right = _MIRRORED[marks[1]], _MIRRORED[marks[0]]
        yield f"{left}{high}..{low}{right}"


def _closed(text: str) -> Iterator[str]:
    """The text with what was opened in it closed at its end."""
    missing: list[str] = []
    for mark in re.findall(r"\"(?:[^\"\\]|\\.)*\"|[\[\](){}\"]", text):
        if mark in _CLOSING:
            missing.append(_CLOSING[mark])
        elif missing and mark == missing[-1]:
            missing.pop()
        elif mark == '"':
            missing.append(mark)
    if missing:
        yield text + "".join(reversed(missing))


def _typed_plainly(text: str) -> str:
    """The text without what word processors and other languages of formulas make of it."""
    for other, ours in _TYPOGRAPHY:
        text = text.replace(other, ours)
    # Inside a word it is an apostrophe, and part of the text.
    text = re.sub(r"(?<!\w)\u2019|\u2019(?!\w)", "'", text)
    text = re.sub(r"(?<![<>!=])==(?!=)", "=", text)
    text = re.sub(r"=\s*([<>])", r"\1=", text)
    text = re.sub(r"&&", " and ", text)
    text = re.sub(r"\|\|", " or ", text)
    text = re.sub(r"(?<![\w\"])'([^'\"]*)'(?!\w)", r'"\1"', text)
    return re.sub("^[\u2010-\u2015\u2212]$", "-", text.strip()).rstrip(";").strip()


def _parts(text: str) -> list[str]:
    """The alternatives of a cell: what stands between commas or semicolons outside quotes and brackets."""
    found = re.findall(r"\s*((?:\"[^\"]*\"|[(\[][^)\]]*[)\]]|[^,;\"(\[])+)\s*", text)
    return [part.strip() for part in found] or [text.strip()]


def _value(text: str, kind: Kind | None) -> str | None:
    """A value as FEEL writes it, read as one of that kind; None if it cannot be one."""
    bare = text.strip()
    inner = bare[1:-1].strip() if len(bare) > 1 and bare[0] == bare[-1] == '"' else bare
    kind = None if kind is None else kind.items or kind
    if bare.casefold() in {"null", "true", "false"} or not inner:
        return bare.casefold() or None
    words = [] if kind is None else [one for one in kind.values or () if isinstance(one, str)]
    if words and _is_plain(inner):
        if inner not in words and (_OR.search(inner) or "," in inner):
            return None  # two of them, perhaps, and one would be dropped
        close = inner if inner in words else near_miss(inner, words)
        return None if close is None else text_of(close)
    match "" if kind is None else kind.name:
        case "number":
            return number_of_people(inner) or None
        case "boolean":
            return _TRUTHS.get(inner.casefold())
        case "date":
            day = day_of(inner)
            return f'@"{day}"' if day else None
        case "years and months duration" | "days and time duration":
            span = span_of(inner)
            return f'duration("{span}")' if span else None
        case "string":
            return bare if inner is not bare else _as_text(bare) or None
        case _:
            return bare if inner is not bare else _as_text(bare) or bare


def _as_text(text: str) -> str:
    """A text in quotes; empty if it looks like more than a text: a call, a comparison, a test of `?`."""
    bare = text.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"' and '"' not in bare[1:-1]:
        return bare
    return text_of(bare) if _is_plain(bare) and bare not in {"", "-"} else ""


def _is_plain(text: str) -> bool:
    return not re.search(r'["?()\[\]{}<>=!]|\.\.', text)


def number_of_people(text: str) -> str:
    """A number as people write one: `1.250,50`, `1,250.50`, `1 250`, `€ 5`, `18 years`; with a point, no other marks.

    Empty if it is none, or may be two: `1,250` is 1250 to some and 1.25 to others, and `1.250` is a number of FEEL's.
    """
    bare = re.sub(_UNITS, "", text.strip())
    bare = re.sub(r"(?<=\d)[\s_'\u2019](?=\d{3}(?!\d))", "", bare).strip()
    sign, bare = ("-", bare[1:].strip()) if bare.startswith("-") else ("", bare)
    if re.fullmatch(r"\d{1,3}(\.\d{3})+,\d+|\d+,(\d{1,2}|\d{4,})", bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}", bare):
        bare = bare.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3}){2,}", bare):
        bare = bare.replace(".", "")
    return sign + bare if re.fullmatch(r"\d+(\.\d+)?", bare) else ""


def day_of(text: str) -> str:
    """A date as people write one, in ISO's form: `31/1/2024`, `31.01.2024`, `2024/1/31`.

    Empty if it is none, or could be two: `1/2/2024` is in January to some and in February to others.
    """
    found = re.fullmatch(r"(?:date\(\s*|@)?\"?(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\"?\)?", text)
    if found is not None:
        return _iso(found[1], found[2], found[3])
    found = re.fullmatch(
        r"(?:le\s+|the\s+)?(\d{1,2})(?:er|st|nd|rd|th|e)?\s+([^\W\d_]+)\.?\s+(\d{4})", text, re.IGNORECASE
    )
    if found is not None:
        return _iso(found[3], str(_month(found[2])), found[1])
    found = re.fullmatch(r"([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", text, re.IGNORECASE)
    if found is not None:
        return _iso(found[3], str(_month(found[1])), found[2])
    found = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d\d)", text)
    if found is None:
        return ""
    first, second = int(found[1]), int(found[2])
    if len(found[3]) == _SHORT_YEAR:
        # As spreadsheets have it: 29 is 2029, and 30 is 1930. Without a day after the twelfth anything may be the year.
        century = "20" if int(found[3]) < _CENTURY_TURNS else "19"
        day, month = (first, second) if first > _MONTHS else (second, first)
        return _iso(f"{century}{found[3]}", str(month), str(day)) if day > _MONTHS else ""
    if found[0][len(found[1])] != "/" or first > _MONTHS or first == second:
        return _iso(found[3], found[2], found[1])
    return _iso(found[3], found[1], found[2]) if second > _MONTHS else ""


def _month(name: str) -> int:
    """A month's number by its name; 0 if it is none."""
    folded = name.casefold()
    return next((number for number, names in enumerate(_MONTH_NAMES, 1) if re.fullmatch(names, folded)), 0)


def span_of(text: str) -> str:
    """A duration as people write one, in ISO's form: `12 months`, `1 jaar en 6 maanden`, `72 heures`, `P1Y`.

    Empty if it is none. Years and months do not mix with days and hours: nobody knows how long that is.
    """
    bare = text.strip()
    if re.fullmatch(r"P(?=[\dT])(\d+Y)?(\d+M)?|P(?=[\dT])(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?", bare):
        return bare
    counted = re.findall(r"(\d{1,6})\s*([^\W\d_]+)", bare)
    joined = re.sub(r"\d{1,6}\s*[^\W\d_]+", "", bare)
    units = [unit for _, word in counted for unit, words in _SPAN_WORDS.items() if words.fullmatch(word)]
    if (
        not counted
        or len(units) != len(counted)
        or not re.fullmatch(r"(?:\s|,|\band\b|\ben\b|\bet\b)*", joined)
    ):
        return ""
    amounts = dict(zip(units, (int(amount) for amount, _ in counted), strict=True))
    if len(amounts) != len(counted):
        return ""
    if amounts.keys() <= {"Y", "M"}:
        return "P" + "".join(f"{amounts[unit]}{unit}" for unit in "YM" if unit in amounts)
    if amounts.keys() & {"Y", "M"}:
        return ""
    days = amounts.get("W", 0) * 7 + amounts.get("D", 0)
    clock = "".join(f"{amounts[unit]}{unit[0]}" for unit in ("H", "min", "S") if unit in amounts).upper()
    return f"P{f'{days}D' if days or not clock else ''}{f'T{clock}' if clock else ''}"


def _iso(year: str, month: str, day: str) -> str:
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _comparison(before: str, after: str = "") -> re.Pattern[str]:
    """What goes before or after a value, as words with bars between them."""
    either = rf"(?:{before})(?!\w)\s*(.+)" + (rf"|(.+?)\s*(?:{after})" if after else r"|(?!)(.)")
    return re.compile(either, re.IGNORECASE | re.DOTALL)


_MONTHS: Final = 12
_SHORT_YEAR: Final = 2
_CENTURY_TURNS: Final = 30
_MONTH_NAMES: Final = (
    "jan(?:uary|uari|vier|v)?",
    "feb(?:ruary|ruari)?|février|fevrier|fév|fev",
    "mar(?:ch|s)?|maart|mrt",
    "apr(?:il)?|avr(?:il)?",
    "may|mei|mai",
    "june?|juni|juin",
    "july?|juli|juil(?:let)?",
    "aug(?:ust|ustus)?|août|aout",
    "sept?(?:ember|embre)?",
    "o[ck]t(?:ober|obre)?",
    "nov(?:ember|embre)?",
    "de[cz](?:ember)?|déc(?:embre)?|decembre",
)
_SPAN_WORDS: Final = {
    "Y": re.compile("y|years?|yrs?|jaar|jaren|ans?|années?", re.IGNORECASE),
    "M": re.compile("months?|maand|maanden|mois", re.IGNORECASE),
    "W": re.compile("weeks?|week|weken|semaines?", re.IGNORECASE),
    "D": re.compile("d|days?|dag|dagen|jours?", re.IGNORECASE),
    "H": re.compile("h|hours?|uur|uren|heures?", re.IGNORECASE),
    "min": re.compile("min|minutes?|minuut|minuten", re.IGNORECASE),
    "S": re.compile("s|sec|seconds?|seconde|seconden|secondes", re.IGNORECASE),
}
_NEGATION: Final = re.compile(
    r"(?:(?:alles|tout|anything|all)\s+)?(?:not|niet|geen|pas|non|sauf|behalve|except|but)\b\s*[(]?(.+?)[)]?",
    re.IGNORECASE,
)
_DECIMAL_COMMA: Final = re.compile(r"\d,\d")
_OR: Final = re.compile(r"\s*(?:\b(?:or|of|ou|oder)\b|[/;|])\s*", re.IGNORECASE)
_VALUE: Final = r"(\"[^\"]*\"|[^\s\"\[\](),]+(?:\s[\d,.]+)*)"
_FROM: Final = r"(?:from|between|van|tussen|de|entre|von|zwischen)?"
_TO: Final = (
    r"(?:\btot en met\b|-|\u2013|\.\.\.?|\u2026|\bto\b|\btot\b|\bà\b|\bbis\b|\band\b|\ben\b|\bet\b|\bund\b)"
)
_FROM_TO: Final = re.compile(rf"{_FROM}\s*{_VALUE}\s*{_TO}\s*{_VALUE}", re.IGNORECASE)
_CALLED: Final = "starts with|ends with|contains|matches"
_COMPARISONS: Final = {
    ">=": _comparison(
        r"at least|minimum|min\.?|from|since|minstens|ten minste|minimaal|vanaf|sinds|au moins"
        r"|à partir d[eu]|dès|depuis",
        r"or more|or over|and over|and above|of meer|et plus|ou plus|\+",
    ),
    "<=": _comparison(
        r"at most|maximum|max\.?|up to|within|hoogstens|ten hoogste|maximaal|tot en met|binnen|au plus|au maximum"
        r"|jusqu['\u2019]à|jusqu['\u2019]au",
        r"or less|or under|of minder|ou moins",
    ),
    ">": _comparison(
        r"more than|longer than|older than|greater than|over|above|after|meer dan|langer dan|ouder dan|groter dan"
        r"|later dan|boven|na|plus de|après|supérieur à"
    ),
    "<": _comparison(
        r"less than|shorter than|younger than|under|below|before|minder dan|korter dan|jonger dan|onder|voor|vóór"
        r"|moins de|avant|inférieur à"
    ),
    "!=": _comparison(r"not equal to|other than|niet gelijk aan|anders dan|différent de|autre que"),
}
_IF_IN_WORDS: Final = re.compile(
    r"(?:if|als|indien|si)\s+(.+?),?\s+(?:then|dan|alors)\s+(.+?),?\s+(?:else|otherwise|anders|sinon)\s+(.+)",
    re.IGNORECASE | re.DOTALL,
)
_FUNCTIONS: Final = {
    **dict.fromkeys(("sum", "som", "somme"), "sum"),
    **dict.fromkeys(("average", "gemiddelde", "moyenne"), "mean"),
    **dict.fromkeys(("median", "mediaan", "mediane", "médiane"), "median"),
    **dict.fromkeys(("count", "aantal", "nb"), "count"),
    **{name: name for name in ("min", "max", "abs")},
}
"""What spreadsheets in English, Dutch and French call functions of FEEL's."""
_MIRRORED: Final = {"[": "]", "]": "[", "(": ")", ")": "("}
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_ANYTHING: Final = frozenset(
    {"*", "any", "all", "anything", "alle", "alles", "elk", "tout", "tous", "toutes"}
)
_NOTHING: Final = frozenset(
    {"empty", "blank", "none", "nothing", "leeg", "geen", "niets", "vide", "aucun", "rien"}
)
_UNITS: Final = re.compile(
    r"^[€$£]\s*|\s*(?:[€$£]|\b(?:eur|euros?|years?|yrs?|months?|days?|jaar|jaren|maand(?:en)?|dag(?:en)?|ans?|mois|jours?))$",
    re.IGNORECASE,
)
_TYPOGRAPHY: Final = (
    ("\u201c", '"'),
    ("\u201d", '"'),
    ("\u201e", '"'),
    ("\u00ab\u00a0", '"'),
    ("\u00a0\u00bb", '"'),
    ("\u00ab", '"'),
    ("\u00bb", '"'),
    ("\u2018", "'"),
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
