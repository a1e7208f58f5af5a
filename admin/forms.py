"""What people typed into a form, to and from the core's words; pure.

A row is edited as a flat mapping of field names to text, the same names in the page, in the merge of two
people's work and in the audit line:

    test.<input key> · output.<output key> · citation · note · confidence · flags
    valid.start · valid.end · known.start · known.end · referral.<language>

A case is given as one field per fact, `fact.<key>`: JSON for a closed choice, else text as people write it; of a list
a line for each of its values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from admin.boxes import texts_of, with_texts
from admin.words import mark
from decision_tables.errors import InvalidRequest
from decision_tables.feel.values import text_of, to_json
from decision_tables.repairs import day_of, number_of_people
from decision_tables.said import said
from decision_tables.table import (
    Formula,
    FunctionDefinition,
    HitPolicy,
    Input,
    KnowledgeModel,
    Note,
    Output,
    Table,
)
from decision_tables.vocabulary import Fact, ItemDefinition
from service.editing import flags_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from decision_tables.vocabulary import Vocabulary

__all__ = [
    "MORE_ENTRIES",
    "Choice",
    "Clash",
    "Merge",
    "Question",
    "adapted",
    "asked_with",
    "column_fields",
    "column_of",
    "dated",
    "fact_fields",
    "fact_of",
    "formula_fields",
    "formula_of",
    "function_fields",
    "function_of",
    "given_facts",
    "is_doubtful",
    "json_text",
    "merged",
    "question_of",
    "settings_of",
    "table_fields",
    "type_fields",
    "type_of",
    "typed",
]

# Texts as they are typed

_CURLY: Final = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"'})
_GUILLEMETS: Final = re.compile(r"«[\s\u00a0\u202f]*([^«»]*?)[\s\u00a0\u202f]*»")
_DASHES: Final = {"\N{EN DASH}", "\N{EM DASH}", "\N{MINUS SIGN}"}
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""C0 and C1 but tab and line feed: nobody sees them, and PostgreSQL and XML refuse some of them."""


def typed(text: str, *, feel: bool = False) -> str:
    """Text as it is kept: one kind of line end, no control characters, no blanks around it.

    Args:
        text: what the browser sent.
        feel: it is a cell of FEEL: quotation marks of a word processor become FEEL's own where it has none
            of FEEL's (so that a text in quotes keeps what is in it), and a lone long dash becomes `-`.
    """
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not feel:
        return text
    if text in _DASHES:
        return "-"
    if '"' not in text:
        text = _GUILLEMETS.sub(r'"\1"', text).translate(_CURLY)
    return text


# What spreadsheets make of values


def adapted(text: str, kind: str, *, is_condition: bool = False, words: Iterable[str] = ()) -> str:
    """A pasted text as FEEL has it, where a spreadsheet's way of writing it leaves no doubt; else as it is.

    Args:
        text: as pasted, through `typed`.
        kind: the FEEL type of the column; `day` for a plain date such as `2026-01-31`, empty if nothing is known.
        is_condition: whether it is a condition, in which a comma separates alternatives.
        words: the texts that the column may hold, where they are a plain list: they need no quotation marks.
    """
    sign, value = _COMPARED.fullmatch(text).groups() if is_condition else ("", text)  # type: ignore[union-attr]
    sign = {"≥": ">=", "≤": "<=", "=": "", None: ""}.get(sign, sign)
    made = ""
    match kind:
        case "number":
            made = _number_typed(value, alone=not is_condition)
        case "date" | "day":
            day = _day_typed(value)
            made = day if kind == "day" else f'@"{day}"' if day else ""
        case "boolean":
            made = _TRUTHS.get(value.lower(), "")
        case "string":
            known = {word.lower(): word for word in words}
            parts = [
                known.get(part.strip().lower()) for part in (value.split(",") if is_condition else [value])
            ]
            if parts and all(part is not None for part in parts) and '"' not in value:
                made = ", ".join(text_of(part) for part in parts)
    if not made:
        return text
    return f"{sign} {made}" if sign else made


def dated(text: str, kind: str) -> str:
    """A typed text with its dates as they are kept, the day first as all languages of the pages have it.

    Args:
        text: as typed, through `typed`: `>= 1/07/2025`, or in a period `1/07/2025`, `1 juli 2025`.
        kind: as in `adapted`; in a text of any other kind nothing is a date.
    """
    if kind == "day":
        return _day_typed(text) or day_of(text) or text
    if kind != "date" or '"' in text:
        return text
    return _DAY_IN_TEXT.sub(lambda found: f'@"{day}"' if (day := _day_typed(found[0])) else found[0], text)


def is_doubtful(text: str, kind: str) -> bool:
    """Whether a number may mean a thousand times what FEEL reads: `1.250`."""
    return kind == "number" and re.search(r"(?<![\d.])[1-9]\d{0,2}\.\d{3}(?![\d.])", text) is not None


_DAY_IN_TEXT: Final = re.compile(r"(?<![\w/-])(?<!\d\.)\d{1,2}([/.-])\d{1,2}\1(?:\d{4}|\d\d)(?![\w/-]|\.\d)")
_COMPARED: Final = re.compile(r"(<=|>=|<|>|=|≥|≤)?\s*(.*)", re.DOTALL)
_MONEY: Final = re.compile(r"^(?:€|EUR|\$|£)\s*|\s*(?:€|EUR|\$|£)$", re.IGNORECASE)
_GROUPED: Final = re.compile(r"(-?\d{1,3}(?:([.\s\u00a0\u202f'\u2019])\d{3})(?:\2\d{3})*)(,\d+)?")
_COMMA: Final = re.compile(r"(-?\d+),(\d+)")
_TRUTHS: Final = {
    **dict.fromkeys(("true", "yes", "ja", "oui", "waar", "vrai"), "true"),
    **dict.fromkeys(("false", "no", "nee", "non", "onwaar", "faux"), "false"),
}


def _number_typed(text: str, *, alone: bool) -> str:
    bare = _MONEY.sub("", text)
    found = _GROUPED.fullmatch(bare)
    if found is not None:
        whole, mark_, decimals = found.groups()
        if mark_ == "." and decimals is None and whole.count(".") == 1:
            return ""  # a thousand, or one and a quarter: nobody can tell
        return re.sub(r"[^\d-]", "", whole) + (decimals or "").replace(",", ".")
    found = _COMMA.fullmatch(bare)
    if found is not None:
        return f"{found[1]}.{found[2]}" if alone else ""
    return bare if bare != text and re.fullmatch(r"-?\d+(\.\d+)?", bare) else ""


def _day_typed(text: str) -> str:
    """The ISO date of `1/07/2025` (day first, as all languages of the pages have it) or of a bare ISO date."""
    found = re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)", text)
    parts = (_year_typed(found[4]), found[3], found[1]) if found else None
    if parts is None:
        found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00)?)?", text)
        parts = (found[1], found[2], found[3]) if found else None
    if parts is None:
        return ""
    try:
        return date(*map(int, parts)).isoformat()
    except ValueError:
        return ""


def _year_typed(text: str) -> str:
    """The year of `25` as spreadsheets have it: 29 is 2029, and 30 is 1930."""
    return text if len(text) > len("25") else f"{'20' if int(text) < _CENTURY_TURNS else '19'}{text}"


_CENTURY_TURNS: Final = 30

# Tables and formulas


def table_fields(table: Table, languages: Iterable[str]) -> dict[str, str]:
    """The settings of a table as fields: title.<language>, note, hit_policy, open, default.<key>, values.<key>."""
    return {
        **{f"title.{code}": table.title.by_language.get(code, "") for code in languages},
        "note": table.note,
        "hit_policy": table.hit_policy.value,
        "open": "open" if table.open else "",
        **{f"default.{column.key}": column.default for column in table.outputs},
        **{f"values.{column.key}": column.values for column in table.outputs},
    }


def settings_of(table: Table, fields: Mapping[str, str]) -> Table:
    """The table with those settings; what is not among them stays as it is.

    Raises:
        InvalidRequest: there is no such hit policy.
    """
    kept = {**table_fields(table, ()), **fields}
    if kept["hit_policy"] not in set(HitPolicy):
        raise InvalidRequest(said("`{name}` is no hit policy.", name=kept["hit_policy"]))
    return replace(
        table,
        title=words_of(table.title, "title", fields),
        note=kept["note"],
        hit_policy=HitPolicy(kept["hit_policy"]),
        open=bool(kept["open"]),
        outputs=tuple(
            replace(column, default=kept[f"default.{column.key}"], values=kept[f"values.{column.key}"])
            for column in table.outputs
        ),
    )


def column_fields(column: Input | Output | Note, languages: Iterable[str]) -> dict[str, str]:
    """A column as fields: label.<language>; of conditions expression, type, values; of outcomes fact, part, type."""
    labels = {f"label.{code}": column.label.by_language.get(code, "") for code in languages}
    match column:
        case Input():
            return {**labels, "expression": column.expression, "type": column.type, "values": column.values}
        case Output():
            return {**labels, "fact": column.fact, "part": column.part, "type": column.type}
    return labels


def column_of(column: Input | Output | Note, fields: Mapping[str, str]) -> Input | Output | Note:
    """The column with those fields; what is not among them stays as it is."""
    kept = {name: text for name, text in fields.items() if not name.startswith("label.")}
    changed: dict[str, Any] = {"label": words_of(column.label, "label", fields), **kept}
    return replace(column, **changed)


def formula_fields(formula: Formula, languages: Iterable[str]) -> dict[str, str]:
    """A formula as fields: title.<language>, expression, citation, note, confidence, flags.

    Of a boxed expression each text is a field, `box.<numbers>` (`admin.boxes`), and there is no `expression`.
    """
    return {
        **{f"title.{code}": formula.title.by_language.get(code, "") for code in languages},
        **({"expression": formula.expression} if formula.boxed is None else texts_of(formula.boxed)),
        "citation": formula.citation,
        "note": formula.note,
        "confidence": formula.confidence,
        "flags": ", ".join(formula.flags),
    }


def formula_of(formula: Formula, fields: Mapping[str, str]) -> Formula:
    """The formula with those fields; what is not among them stays as it is."""
    kept = {**formula_fields(formula, ()), **fields}
    return replace(
        formula,
        title=words_of(formula.title, "title", fields),
        expression=kept.get("expression", formula.expression),
        boxed=None if formula.boxed is None else with_texts(formula.boxed, kept),
        citation=kept["citation"],
        note=kept["note"],
        confidence=kept["confidence"],
        flags=flags_of(kept["flags"]),
    )


def function_fields(model: KnowledgeModel, languages: Iterable[str]) -> dict[str, str]:
    """A function as fields: title.<language>, note, and each text of its body, `box.<numbers>`."""
    return {
        **{f"title.{code}": model.title.by_language.get(code, "") for code in languages},
        "note": model.note,
        **texts_of(model.function),
    }


def function_of(model: KnowledgeModel, fields: Mapping[str, str]) -> KnowledgeModel:
    """The function with those fields; what is not among them stays as it is."""
    function = with_texts(model.function, fields)
    assert isinstance(function, FunctionDefinition)  # noqa: S101 - other texts in the same shape
    title = words_of(model.title, "title", fields)
    return replace(model, title=title, note=fields.get("note", model.note), function=function)


# Facts and types


def fact_fields(fact: Fact, languages: Iterable[str]) -> dict[str, str]:
    """A fact as fields: type, allowed, nullable, unit, note, and label, question, explanation by language."""
    said = {"label": fact.label, "question": fact.question, "explanation": fact.explanation}
    return {
        "type": fact.type,
        "allowed": fact.allowed,
        "nullable": "nullable" if fact.nullable else "",
        "unit": fact.unit,
        "note": fact.note,
        **{
            f"{area}.{code}": words.by_language.get(code, "")
            for code in languages
            for area, words in said.items()
        },
    }


def fact_of(fact: Fact, fields: Mapping[str, str]) -> Fact:
    """The fact with those fields; what is not among them stays as it is."""
    kept = {**fact_fields(fact, ()), **fields}
    return replace(
        fact,
        type=kept["type"] or "Any",
        allowed=kept["allowed"],
        nullable=bool(kept["nullable"]),
        unit=kept["unit"],
        note=kept["note"],
        label=words_of(fact.label, "label", fields),
        question=words_of(fact.question, "question", fields),
        explanation=words_of(fact.explanation, "explanation", fields),
    )


def type_fields(item: ItemDefinition, languages: Iterable[str]) -> dict[str, str]:
    """A type as fields: type, is_list, allowed, constraint, note, label by language, and its entries.

    Of each entry `entry.<number>.key`, `.type`, `.is_list` and `.allowed`, numbered from 1.
    """
    return {
        "type": item.type,
        "is_list": "list" if item.is_list else "",
        "allowed": item.allowed,
        "constraint": item.constraint,
        "note": item.note,
        **{f"label.{code}": item.label.by_language.get(code, "") for code in languages},
        **{
            f"entry.{n}.{name}": text
            for n, entry in enumerate(item.components, 1)
            for name, text in _entry_fields(entry).items()
        },
    }


def type_of(item: ItemDefinition, fields: Mapping[str, str]) -> ItemDefinition:
    """The type with those fields; what is not among them stays as it is. An entry left without a name goes."""
    kept = {**type_fields(item, ()), **fields}
    entries = []
    for n in range(1, len(item.components) + MORE_ENTRIES + 1):
        old = item.components[n - 1] if n <= len(item.components) else ItemDefinition("")
        said = {name: kept.get(f"entry.{n}.{name}", text) for name, text in _entry_fields(old).items()}
        if said["key"]:
            entries.append(
                replace(
                    old,
                    key=said["key"],
                    # What has entries of its own, or is a function, stays so: no text says it.
                    type=old.type if old.components or old.result else said["type"],
                    is_list=bool(said["is_list"]),
                    allowed=said["allowed"],
                )
            )
    return replace(
        item,
        type="" if entries or item.result else kept["type"] or "Any",
        is_list=bool(kept["is_list"]),
        allowed=kept["allowed"],
        constraint=kept["constraint"],
        note=kept["note"],
        label=words_of(item.label, "label", fields),
        components=tuple(entries),
    )


MORE_ENTRIES: Final = 4
"""How many entries a form has room for beside those that a type has."""


def _entry_fields(entry: ItemDefinition) -> dict[str, str]:
    return {
        "key": entry.key,
        "type": entry.type,
        "is_list": "list" if entry.is_list else "",
        "allowed": entry.allowed,
    }


# Two people's changes of the same fields


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that two people changed, each to another text."""

    name: str
    was: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Merge:
    """Two people's changes of the same fields put together.

    Attributes:
        fields: every field; where the two clash, mine.
        clashes: the fields that they changed differently.
    """

    fields: dict[str, str]
    clashes: tuple[Clash, ...]


def merged(was: Mapping[str, str], mine: Mapping[str, str], theirs: Mapping[str, str]) -> Merge:
    """What comes of my changes since `was` on top of theirs, by field.

    Args:
        was: the fields as I saw them when I began.
        mine: the fields as I sent them.
        theirs: the fields as they are stored now.
    """
    fields: dict[str, str] = {}
    clashes = []
    for name, text in mine.items():
        before, now = was.get(name, ""), theirs.get(name, "")
        untouched = text == before
        fields[name] = now if untouched else text
        if not untouched and typed(now) not in (before, text):
            clashes.append(Clash(name, before, text, now))
    return Merge(fields, tuple(clashes))


# The facts of a case


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose; `text` is its JSON."""

    text: str
    value: Any


@dataclass(frozen=True, slots=True)
class Question:
    """One fact as a form asks it.

    Attributes:
        fact: the fact.
        kind: `yes-no`, `choice`, `number`, `date`, `text`, `list` or `json`.
        choices: the values to choose from, for `choice`.
        text: what was given, as the control shows it; empty for "not known".
        is_null: whether it was given that the fact does not exist.
        problem: what is wrong with what was given; empty if nothing is.
    """

    fact: Fact
    kind: str
    choices: tuple[Choice, ...] = ()
    text: str = ""
    is_null: bool = False
    problem: str = ""

    @property
    def read_as(self) -> Decimal | None:
        """The number that is read from a text which may mean a thousand times as much to who wrote it."""
        if self.kind != "number" or self.problem or not is_doubtful(self.text, "number"):
            return None
        return Decimal(_number(self.text))

    @property
    def is_given(self) -> bool:
        """Whether the case says anything about it."""
        return bool(self.text) or self.is_null


_LISTS: Final = {"list<string>", "list<number>", "list<date>", "list<boolean>"}
_KINDS: Final = {"boolean": "yes-no", "number": "number", "date": "date"}
_AS_TEXT: Final = {
    "string",
    "time",
    "date and time",
    "days and time duration",
    "years and months duration",
}
_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def question_of(vocabulary: Vocabulary, fact: Fact, given: Mapping[str, str], problem: str = "") -> Question:
    """How a form asks for a fact, holding what the fields give for it so far.

    `none.<key>` says of a fact that takes free text that it does not exist; a closed choice has `null` for it.
    """
    values = None if fact.type.startswith("list") else vocabulary.values_of(fact.key)
    allowed = [to_json(value) for value in values or () if value is not None]
    choices = tuple(Choice(json_text(value), value) for value in allowed)
    open_kind = "text" if fact.type in _AS_TEXT else "list" if fact.type in _LISTS else "json"
    kind = "choice" if choices else _KINDS.get(fact.type, open_kind)
    text = _as_controls_have_it(kind, given.get(f"fact.{fact.key}", "").strip(), choices)
    is_null = bool(given.get(f"none.{fact.key}")) or (text == "null" and kind != "text")
    return Question(fact, kind, choices, "" if is_null else text, is_null, problem)


def given_facts(vocabulary: Vocabulary, given: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The facts that a form gives, as JSON values, and what is wrong with the others, by fact (untranslated).

    Whether a value is allowed is the vocabulary's to say; here is told only what cannot be read at all.
    """
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for fact in vocabulary.facts.values():
        question = question_of(vocabulary, fact, given)
        if question.is_null:
            values[fact.key] = None
        elif question.text:
            try:
                values[fact.key] = _value(question)
            except ValueError as error:
                problems[fact.key] = str(error)
    return values, problems


def asked_with(vocabulary: Vocabulary, facts: Mapping[str, Any]) -> dict[str, str]:
    """The form fields that give those facts: the other way round of `given_facts`."""
    fields = {}
    for key, value in facts.items():
        fact = vocabulary.facts.get(key)
        if fact is None:
            continue
        kind = question_of(vocabulary, fact, {}).kind
        if value is None and kind not in {"yes-no", "choice"}:
            fields[f"none.{key}"] = "null"
        elif kind == "list" and fact.type == "list<string>" and value and all(map(_is_line, value)):
            fields[f"fact.{key}"] = "\n".join(value)
        else:
            fields[f"fact.{key}"] = (
                value if kind in {"text", "date"} and isinstance(value, str) else json_text(value)
            )
    return fields


def json_text(value: Any) -> str:
    """A JSON value as text, numbers with all their digits."""
    return _encode(value).decode()


def _value(question: Question) -> Any:
    text = question.text
    match question.kind:
        case "number":
            return Decimal(_number(text))
        case "date":
            return _day_typed(text) or day_of(text) or text
        case "list" if not text.startswith("["):
            items = question.fact.type.removeprefix("list<").removesuffix(">")
            mark_ = r"[\n;,]" if question.fact.allowed and items == "string" else r"[\n;]"
            return [_item(part.strip(), items) for part in re.split(mark_, text) if part.strip()]
        case "yes-no" | "choice" | "json" | "list":
            try:
                return _decode(text)
            except msgspec.DecodeError:
                raise ValueError(
                    mark('Write a list as ["a", "b"], and a group of values as {"part": 1}.')
                ) from None
    return text


def _as_controls_have_it(kind: str, text: str, choices: tuple[Choice, ...]) -> str:
    """What was given of a fact as its control holds it: `WAAR` as a truth, `be` as the choice "BE", a day as ISO's."""
    match kind:
        case "yes-no":
            return _TRUTHS.get(text.lower(), text)
        case "date":
            return dated(text, "day")
        case "choice":
            bare = typed(text, feel=True).removeprefix('"').removesuffix('"').lower()
            meant = [one.text for one in choices if isinstance(one.value, str) and one.value.lower() == bare]
            return meant[0] if len(meant) == 1 else text
        case "json":
            return typed(text, feel=True)
    return text


def _item(text: str, kind: str) -> Any:
    """One value of a list, as people write it."""
    match kind:
        case "number":
            return Decimal(_number(text))
        case "date":
            return _day_typed(text) or day_of(text) or text
        case "boolean":
            return {"true": True, "false": False}.get(_TRUTHS.get(text.lower(), ""), text)
    return text.removeprefix('"').removesuffix('"')


def _is_line(value: Any) -> bool:
    """Whether a text can stand on a line of its own and be read back as it is."""
    return isinstance(value, str) and re.fullmatch(r'(?!null$)[^\s\[";,][^\n;,"]*(?<!\s)', value) is not None


def _number(text: str) -> str:
    """A number as FEEL has it, from one as people write it: `1.250,50`, `1 250`, `€ 9`, `9 jaar`.

    Raises:
        ValueError: it is none, or may be two.
    """
    plain = re.sub(r"[\s\u00a0\u202f]", "", text)
    if re.fullmatch(r"[+-]?\d+(\.\d+)?", plain):
        return plain
    if re.fullmatch(r"-?[1-9]\d{0,2},\d{3}", plain):
        raise ValueError(
            mark("This may be a thousand times as much: write it without a mark between the thousands.")
        )
    made = _number_typed(text, alone=True) or number_of_people(text)
    if not made:
        raise ValueError(mark("Write a number, such as 1250,50 or 1250.50."))
    return made
