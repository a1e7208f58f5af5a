"""What spreadsheets and people do to cells, forgiven with a word: serial dates, percentages, `WAAR`, `1.250,50`.

A cell becomes FEEL by what it holds and what its column is about. What a person most likely meant by a text that is
no FEEL is asked of `repairs`, through the compiler: only what then stands every check is taken, and only where it
says the same with other signs. A name that is nearly another one is told, and never changed.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from openpyxl.utils.datetime import from_excel

from decision_tables.compile import check
from decision_tables.diagnostics import Where
from decision_tables.feel.values import text_of
from decision_tables.repairs import candidates, day_of, number_of_people
from decision_tables.said import said
from decision_tables.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from decision_tables.formats.sheets.grid import Cell, Notes
    from decision_tables.rulebook import Rulebook
    from decision_tables.table import Rule, Table
    from decision_tables.vocabulary import Fact, ItemDefinition

__all__ = [
    "Custom",
    "allowed_of",
    "custom_of",
    "day_in",
    "feel_of",
    "guessed_type",
    "mended",
    "odd",
    "plain_of",
    "raw_of",
]


@dataclass(frozen=True, slots=True)
class Custom:
    """How a column writes what others write otherwise.

    Attributes:
        decimal: the mark before decimals, `,` or `.`; empty if nothing tells it.
        day_first: whether the day stands before the month; None if nothing tells it.
    """

    decimal: str = ""
    day_first: bool | None = None


def custom_of(texts: Iterable[str], otherwise: Custom) -> Custom:
    """How the texts of a column write numbers and days; as `otherwise` has it where none of them tells.

    Texts that contradict one another tell nothing, and then neither does `otherwise`.
    """
    marks, orders = set(), set()
    for text in texts:
        marks |= {mark for mark, pattern in _MARKS.items() if pattern.search(text)}
        orders |= {
            int(first) > _MONTHS
            for first, second, _ in _SLASHED.findall(text)
            if (int(first) > _MONTHS) != (int(second) > _MONTHS)
        }
    decimal = otherwise.decimal if not marks else marks.pop() if len(marks) == 1 else ""
    order = otherwise.day_first if not orders else orders.pop() if len(orders) == 1 else None
    return Custom(decimal, order)


def _by_custom(text: str, kind: str, custom: Custom | None, address: str, notes: Notes) -> str:
    """A text whose numbers and days are written as FEEL wants them, where its column tells how it writes them."""
    if custom is None or '"' in text:
        return text
    made = text
    if kind == "number":
        if custom.decimal == ",":
            made = _POINTED.sub(lambda found: found[0].replace(".", "").replace(",", "."), made)
            made = _ONE_COMMA.sub(r"\1.\2", made)
        elif custom.decimal == ".":
            made = _COMMAED.sub(lambda found: found[1] + found[2].replace(",", ""), made)
        else:
            for number in _EITHER.findall(text):
                message = said(
                    "`{number}` is read as {decimal}: a point stands before decimals.",
                    number=number,
                    decimal=format(Decimal(number).normalize(), "f"),
                )
                hint = said(
                    "If it stands between thousands here, write {bare}.", bare=number.replace(".", "")
                )
                notes.say("sheet/ambiguous", address, message, hint)
    elif kind in _DATES:
        for first, second, year in _SLASHED.findall(text):
            long = year if len(year) > _SHORT else f"{'20' if int(year) < _TURNS else '19'}{year}"
            days = [day_of(f"{long}-{month}-{day}") for day, month in ((first, second), (second, first))]
            if not all(days) or days[0] == days[1]:
                continue
            typed = f"{first}/{second}/{year}"
            if custom.day_first is None:
                hint = said("Write {day} or {other}.", day=days[0], other=days[1])
                notes.say(
                    "sheet/ambiguous",
                    address,
                    said("`{typed}` may be either of two days.", typed=typed),
                    hint,
                )
            else:
                made = re.sub(rf"(?<!\d){typed}(?!\d)", f'@"{days[0 if custom.day_first else 1]}"', made)
    if made != text:
        message = said(
            "As its column writes it, {value} is read as {made}.", value=_shown(text), made=_shown(made)
        )
        notes.say("sheet/read-as", address, message)
    return made


def feel_of(
    cell: Cell,
    kind: str,
    address: str,
    notes: Notes,
    *,
    before: str | None = None,
    values: frozenset[str] = frozenset(),
    custom: Custom | None = None,
) -> str:
    """The FEEL text of a cell.

    Args:
        cell: as the sheet has it.
        kind: the FEEL type of what its column is about; empty where it is not known.
        address: of the cell.
        notes: gathers what was forgiven.
        before: the text that the rulebook has there now; what says just that is left as it is.
        values: the texts that its column may hold, if they are listed: they need no quotes.
        custom: how the column writes numbers and days; None if what it leaves open is not to be told.
    """
    content = cell.content
    odd(cell, address, notes)
    match content:
        case None:
            return cell.error
        case str():
            if content == before:
                return content
            plain = _plainly_said(content, kind, values)
            if plain:
                _read_as(_shown(content), plain, address, notes)
                return plain
            if _REMARK.fullmatch(content):
                notes.say(
                    "sheet/read-as",
                    address,
                    said("{value} is a remark in FEEL, and says nothing.", value=_shown(content)),
                )
            return _tidy(_by_custom(content, kind, custom, address, notes), kind, address, notes)
        case bool():
            return _told(cell.text, address, notes) if kind == "boolean" else cell.text
        case Decimal() if kind == "string":
            return _told(text_of(cell.text), address, notes, _number_among_texts)
        case Decimal() if kind in _DATES and (day := _day_of_serial(content)):
            return _told(f'@"{day}"', address, notes, _serial)
        case Decimal():
            return cell.text
        case dt.timedelta():
            return _told(f'duration("{_duration(content)}")', address, notes)
        case dt.datetime() if kind == "date and time" or content.time() != dt.time():
            return _told(f'@"{content.isoformat(timespec="seconds")}"', address, notes)
        case dt.datetime():
            return _told(f'@"{content.date().isoformat()}"', address, notes)
        case dt.time():
            return _told(f'@"{content.isoformat(timespec="seconds")}"', address, notes)
    return _told(f'@"{content.isoformat()}"', address, notes)


def odd(cell: Cell, address: str, notes: Notes) -> None:
    """Notes what a cell is besides a text: the outcome of a formula, an error, a part of a larger cell."""
    if cell.error == "=":
        hint = said(
            "Open the file in Excel or LibreOffice and save it: what a formula comes to is kept then."
        )
        notes.say("sheet/error", address, said("A formula stands here that has not been worked out."), hint)
    elif cell.error:
        message = said(
            "The spreadsheet says {error}: what should stand here got lost in it.", error=cell.error
        )
        notes.say("sheet/error", address, message, said("Write what was meant."))
    elif cell.formula:
        hint = said("The formula itself is not kept: what is read does not change with the workbook.")
        notes.say(
            "sheet/formula",
            address,
            said("What a formula of the spreadsheet came to is read, as it was saved."),
            hint,
        )
    if cell.merged:
        notes.say(
            "sheet/merged",
            address,
            said("The cell is merged with others: what they say holds for each of them."),
        )


def plain_of(cell: Cell, address: str, notes: Notes) -> str:
    """The text of a cell that holds words for people."""
    odd(cell, address, notes)
    return cell.text


def raw_of(cell: Cell) -> str:
    """The text of a cell by which something is named, without white space around it."""
    return re.sub(r"[\u200b\ufeff\u2060]", "", cell.text).replace("\u00a0", " ").strip()


def day_in(cell: Cell, address: str, notes: Notes) -> str:
    """The ISO date of a cell; a text that is none, as it was typed."""
    odd(cell, address, notes)
    content = cell.content
    if isinstance(content, Decimal) and (day := _day_of_serial(content)):
        return _told(day, address, notes, _serial)
    if not isinstance(content, str):
        return cell.text
    bare = content.strip()
    if re.fullmatch(r"\d{4}-\d\d-\d\d", bare) or not bare:
        return content if bare else ""
    stamp = re.fullmatch(r"(\d{4}-\d\d-\d\d)[ T]00:00(?::00)?", bare)
    serial = _day_of_serial(Decimal(bare)) if re.fullmatch(r"\d{5}", bare) else ""
    day = stamp[1] if stamp else serial or day_of(bare)
    return _told(day, address, notes, _serial if serial else _plainly) if day else content


def allowed_of(text: str, fact: Fact, types: tuple[ItemDefinition, ...], address: str, notes: Notes) -> str:
    """The allowed values of a fact, texts in quotes if they are typed without."""

    def stands(allowed: str) -> bool:
        return not Vocabulary([replace(fact, allowed=allowed)], types).diagnostics

    if not text.strip() or stands(text):
        return text
    kind = Vocabulary([replace(fact, allowed="")], types).kinds[fact.key]
    for candidate in candidates(text, kind.items or kind, is_test=True):
        if stands(candidate) and _says_the_same(text, candidate):
            return _told(candidate, address, notes)
    return text


def guessed_type(cells: list[Cell]) -> str:
    """The FEEL type that the cells of a column are most likely about."""
    kinds = {_kind_of(cell) for cell in cells} - {""}
    return kinds.pop() if len(kinds) == 1 else "string" if kinds else "Any"


def mended(
    rulebook: Rulebook, addresses: Mapping[Where, str], before: Rulebook | None, notes: Notes
) -> Rulebook:
    """The rulebook with cells as they were most likely meant, where that is plain; each is told.

    Args:
        rulebook: as read.
        addresses: the cells that rules were read from; others are left alone.
        before: what the rulebook says now; cells that say the same are left alone, mistakes and all.
        notes: gathers what was mended.
    """
    known = _cells_of(before)
    for _ in range(_ROUNDS):
        _, found = check(rulebook)
        now = _cells_of(rulebook)
        repairs = {
            one.where.at(0, 0): one.repair
            for one in found
            if (one.is_error or one.code in _TYPED_SO or one.repair == text_of(one.text.strip()))
            and one.repair
            and _says_the_same(one.text, one.repair)
            and now.get(one.where.at(0, 0)) == one.text
            and one.text != known.get(one.where.at(0, 0))
            and replace(one.where, span=None) in addresses
        }
        if not repairs:
            break
        for place, address in addresses.items():
            if (where := place.at(0, 0)) in repairs:
                notes.say(
                    "sheet/read-as",
                    address,
                    said(
                        "{value} is read as {made}.",
                        value=_shown(now[where]),
                        made=_shown(repairs[where]),
                    ),
                )
        rulebook = replace(rulebook, tables=tuple(_repaired(table, repairs) for table in rulebook.tables))
    return rulebook


def _cells_of(rulebook: Rulebook | None) -> dict[Where, str]:
    """The texts of all cells of rules by their places, each with an empty span."""
    cells: dict[Where, str] = {}
    for table in () if rulebook is None else rulebook.tables:
        for rule in table.rules:
            cells.update(_row(table, rule))
    return cells


def _row(table: Table, rule: Rule) -> list[tuple[Where, str]]:
    keys = (*(one.key for one in table.inputs), *(one.key for one in table.outputs))
    texts = (*rule.tests, *rule.outputs)
    return [(Where(table.key, rule.id, key, (0, 0)), text) for key, text in zip(keys, texts, strict=False)]


def _repaired(table: Table, repairs: Mapping[Where, str]) -> Table:
    if not any(where.table == table.key for where in repairs):
        return table
    rules = []
    for rule in table.rules:
        texts = [repairs.get(where, text) for where, text in _row(table, rule)]
        count = len(rule.tests)
        rules.append(replace(rule, tests=tuple(texts[:count]), outputs=tuple(texts[count:])))
    return replace(table, rules=tuple(rules))


def _says_the_same(text: str, repair: str) -> bool:
    """Whether a repair says with other signs what was said, and puts no other name in a name's place."""
    words = set(re.findall(r"[^\W\d_]\w*", text.casefold()))
    new = [word for word in re.findall(r"[^\W\d_]\w*", repair.casefold()) if word not in words]
    return all(word in _FEEL_WORDS or re.fullmatch(r"pt?(\d+[ymdhs]t?)+", word) for word in new)


def _plainly_said(text: str, kind: str, values: frozenset[str]) -> str:
    """The FEEL of a text that says truth or falsehood, or values of its column; empty if it says something else."""
    bare = text.strip()
    if kind == "boolean" and bare not in {"true", "false"}:
        return _TRUTHS.get(bare.casefold(), "")
    parts = [part.strip() for part in re.split("[,;]", bare)]
    return ", ".join(map(text_of, parts)) if values and values.issuperset(parts) else ""


def _tidy(text: str, kind: str, address: str, notes: Notes) -> str:
    """A text without what spreadsheets and word processors make of it, outside of quotes."""
    made = re.sub("[\u200b\u200e\u200f\u2060\ufeff]", "", text)
    if '"' not in made:
        made = re.sub("[\u201c\u201d\u201e]|\u00ab[\u00a0\u202f ]?|[\u00a0\u202f ]?\u00bb", '"', made)
    if re.fullmatch(r"\s*[\u2010-\u2015\u2212]\s*", made):
        made = "-"
    parts = re.split(r'("(?:[^"\\]|\\.)*")', made)
    for place in range(0, len(parts), 2):
        part = re.sub("[\u00a0\u202f\u2007]", " ", parts[place])
        if kind == "number":
            part = re.sub(r"(?<![\w.,])(\d[\d.,]*)\s?%", _of_percent, part)
        elif kind in _DATES:
            part = re.sub(r"(?<![\w\"@.:-])(\d{5})(?![\w\":.-])", _of_serial, part)
            part = re.sub(r"(?<![\w\"])(\d{4}-\d\d-\d\d)(?:[ T]00:00(?::00)?)?(?![\w\":-])", r'@"\1"', part)
        parts[place] = part
    made = "".join(parts)
    if made.split() == text.split():
        return text if made.strip() == text.strip() else made  # what is not seen is not told
    notes.say(
        "sheet/read-as",
        address,
        said("{value} is read as {made}.", value=_shown(text), made=_shown(made)),
    )
    return made


def _of_percent(found: re.Match[str]) -> str:
    number = found[1] if re.fullmatch(r"\d+(\.\d+)?", found[1]) else number_of_people(found[1])
    return f"{(Decimal(number) / 100).normalize():f}" if number else found[0]


def _of_serial(found: re.Match[str]) -> str:
    day = _day_of_serial(Decimal(found[1]))
    return f'@"{day}"' if day else found[0]


def _day_of_serial(number: Decimal) -> str:
    """The day that Excel means by a number of days since 1900; empty if that is no day that law is about."""
    if number != number.to_integral_value() or not _FIRST_DAY <= number <= _LAST_DAY:
        return ""
    moment = from_excel(int(number))
    return moment.date().isoformat() if isinstance(moment, dt.datetime) else ""


def _duration(span: dt.timedelta) -> str:
    sign = "-" if span < dt.timedelta() else ""
    seconds = int(abs(span).total_seconds())
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    clock = "".join(
        f"{amount}{unit}" for amount, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if amount
    )
    return f"{sign}P{f'{days}D' if days or not clock else ''}{f'T{clock}' if clock else ''}"


def _kind_of(cell: Cell) -> str:
    match cell.content:
        case bool():
            return "boolean"
        case Decimal():
            return "number"
        case dt.datetime() if cell.content.time() != dt.time():
            return "date and time"
        case dt.datetime() | dt.date():
            return "date"
        case dt.time():
            return "time"
        case dt.timedelta():
            return "days and time duration"
        case str():
            return _kind_of_text(cell.content.strip())
    return ""


def _kind_of_text(text: str) -> str:
    if text in {"", "-", "\u2013", "\u2014", "*"}:
        return ""
    if text.casefold() in {
        "true",
        "false",
        "waar",
        "onwaar",
        "vrai",
        "faux",
        "yes",
        "no",
        "ja",
        "nee",
        "oui",
        "non",
    }:
        return "boolean"
    if day_of(text) or _SLASHED.fullmatch(text):
        return "date"
    bare = re.sub(r"^[<>=!]+\s*|\s*%$", "", text)
    ends = [
        end for end in re.split(r"\s*(?:\.\.|-|\u2013|,|\bto\b|\btot\b|\bà\b)\s*", bare.strip("[]()")) if end
    ]
    is_number = number_of_people(bare) or (ends and all(number_of_people(end) for end in ends))
    return "number" if is_number else "string"


def _plainly(made: str) -> str:
    return said("The cell is read as {made}.", made=made)


def _serial(made: str) -> str:
    return said("Excel's number of a day is read as {made}.", made=made)


def _number_among_texts(made: str) -> str:
    return said("A number in a column of texts is read as {made}.", made=made)


def _told(made: str, address: str, notes: Notes, told: Callable[[str], str] = _plainly) -> str:
    notes.say("sheet/read-as", address, told(_shown(made)))
    return made


def _read_as(typed: str, made: str, address: str, notes: Notes) -> None:
    notes.say("sheet/read-as", address, said("{value} is read as {made}.", value=typed, made=_shown(made)))


def _shown(text: str) -> str:
    short = " ".join(text.split())
    return f"`{short[:_SHOWN]}…`" if len(short) > _SHOWN else f"`{short}`"


_REMARK: Final = re.compile(r"\s*(?://[^\n]*|/\*.*\*/)\s*", re.DOTALL)
_MARKS: Final = {
    ",": re.compile(
        r"(?<![\d.,])\d{1,3}(?:\.\d{3})+,\d{1,2}(?![\d.,])|^[^\d,<>=!]*\d+,\d{1,2}[^\d,.]*$|\d\.\d{3}\.\d{3}"
    ),
    ".": re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+\.\d|(?<![\d.,])\d+\.(?:\d{1,2}|\d{4,})(?![\d.,])"),
}
"""What tells the mark before decimals: `1.250,50`, `12,5` and `1.000.000`, or `1,250.50` and `12.5`."""

_POINTED: Final = re.compile(r"(?<![\w.,])[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?(?![\d.,])")
_ONE_COMMA: Final = re.compile(r"(?<=^)((?:[<>]=?|=|)\s*[€$£]?\s*-?\d+),(\d+)(?=\s*[€$£]?\s*$)")
_COMMAED: Final = re.compile(
    r"^((?:[<>]=?|=|)\s*[€$£]?\s*-?)([1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?)(?=\s*[€$£]?\s*$)"
)
_EITHER: Final = re.compile(r"(?<![\w.,])[1-9]\d{0,2}\.\d{3}(?![\d.,])")
_SLASHED: Final = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4}|\d\d)(?![\d/])")
_MONTHS: Final = 12
_SHORT: Final = 2
_TURNS: Final = 30
_TRUTHS: Final = {
    **dict.fromkeys(("true", "waar", "vrai", "yes", "ja", "oui"), "true"),
    **dict.fromkeys(("false", "onwaar", "faux", "no", "nee", "non"), "false"),
}
_ROUNDS: Final = 3
_TYPED_SO: Final = frozenset({"cell/decimal-comma", "cell/subtraction"})
"""Warnings that are mended as errors are: `1,5` and `18-65` mean something in FEEL, and hardly what was typed."""

_SHOWN: Final = 80
_FIRST_DAY: Final = 3_653
_LAST_DAY: Final = 109_574
"""1910 to 2199, in Excel's days."""

_DATES: Final = frozenset({"date", "date and time"})
_FEEL_WORDS: Final = frozenset(
    {
        "true",
        "false",
        "null",
        "not",
        "date",
        "duration",
        "list",
        "contains",
        "starts",
        "ends",
        "with",
        "today",
        "now",
        "and",
        "or",
    }
)
