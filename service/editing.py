"""Edits of a rulebook in the words of the author: each gives a changed rulebook, and none judges it.

Text is kept as typed, broken or not; `decision_tables.compile` judges. All raise NotFound where the table, rule
or column that they speak of is not there.

A row is also known as a flat mapping of field names to text; the same names stand in forms, in the merge of two
people's work and in the audit line:

    test.<input key> · output.<output key> · note.<key of a note column>
    citation · note · confidence · flags · valid.start · valid.end · known.start · known.end · referral.<language>
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, TypeVar

from decision_tables.errors import NotFound, Refused
from decision_tables.feel.functions import BUILTINS
from decision_tables.feel.parse import is_name
from decision_tables.feel.parse.names import CLOCK_NAMES
from decision_tables.feel.types import NAMED
from decision_tables.mentions import mentions_of, renamed, users_of_type
from decision_tables.said import said
from decision_tables.table import Input, Note, Output, Period, Rule
from decision_tables.vocabulary import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from decision_tables.rulebook import Acknowledgement, Case, Rulebook
    from decision_tables.table import Formula, KnowledgeModel, Table
    from decision_tables.vocabulary import Fact, ItemDefinition

_Item = TypeVar("_Item")
_Column: TypeAlias = Input | Output | Note

_RESERVED = frozenset((*BUILTINS, *CLOCK_NAMES))
"""What is in scope of every text."""

__all__ = [
    "RULE_FIELDS",
    "cell_fields",
    "fields_of",
    "flags_of",
    "free_case_id",
    "free_rule_id",
    "name_problem",
    "piece_of",
    "rule_of",
    "table_of",
    "texts_of",
    "with_acknowledgement",
    "with_case",
    "with_case_added",
    "with_cell",
    "with_column",
    "with_column_copied",
    "with_column_moved",
    "with_column_replaced",
    "with_fact",
    "with_fact_added",
    "with_fact_moved",
    "with_fact_renamed",
    "with_formula",
    "with_function",
    "with_rule",
    "with_rule_added",
    "with_rule_moved",
    "with_table",
    "with_type",
    "with_type_added",
    "without_acknowledgement",
    "without_case",
    "without_column",
    "without_fact",
    "without_rule",
    "without_type",
    "words_of",
]

RULE_FIELDS = (
    *("citation", "note", "confidence", "flags"),
    *("valid_from", "valid_to", "known_from", "known_to"),
    "referral",
)
"""What `with_cell` can set of a rule besides its columns; `referral.nl` names one language of it."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of columns.

    Attributes:
        area: what goes before a column's key in the name of its cells' field.
        columns: where a table keeps them.
        cells: where a rule keeps its texts, in the order of the columns.
        blank: the text of a cell in which nothing is said.
    """

    area: str
    columns: str
    cells: str
    blank: str = ""

    def of(self, table: Table) -> tuple[_Column, ...]:
        """The table's columns of this kind."""
        columns: tuple[_Column, ...] = getattr(table, self.columns)
        return columns

    def texts(self, rule: Rule, count: int) -> tuple[str, ...]:
        """A row's texts, at least so many: it may be silent in its last notes, and short in a broken draft."""
        cells: tuple[str, ...] = getattr(rule, self.cells)
        return (*cells, *[""] * (count - len(cells)))

    def changed(self, table: Table, change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Table:
        """The table with one change of its columns, and of each row's texts alike."""
        columns = self.of(table)
        cells = (change(self.texts(rule, len(columns))) for rule in table.rules)
        return self.replaced(table, change(columns), cells)

    def replaced(self, table: Table, columns: tuple[_Column, ...], cells: Iterable[tuple[str, ...]]) -> Table:
        """The table with other columns of this kind, and each row with other texts in them."""
        pairs = zip(table.rules, cells, strict=True)
        rules = tuple(self.with_texts(rule, texts) for rule, texts in pairs)
        changed: dict[str, Any] = {self.columns: columns, "rules": rules}
        return replace(table, **changed)

    def with_texts(self, rule: Rule, texts: tuple[str, ...]) -> Rule:
        """The row with other texts in the columns of this kind."""
        changed: dict[str, Any] = {self.cells: texts}
        return replace(rule, **changed)


_KINDS: Final = {
    Input: _Kind("test", "inputs", "tests", "-"),
    Output: _Kind("output", "outputs", "outputs"),
    Note: _Kind("note", "notes", "notes"),
}


def table_of(rulebook: Rulebook, key: str) -> Table:
    """The table of that key.

    Raises:
        NotFound: there is none; the nearest key is told.
    """
    return piece_of("table", key, rulebook.tables)


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


_Piece = TypeVar("_Piece", bound=_Keyed)


def piece_of(kind: str, key: str, pieces: Iterable[_Piece]) -> _Piece:
    """The piece of that key.

    Args:
        kind: what it is, as `NotFound.named` has it.
        key: its key.
        pieces: those among which it is.

    Raises:
        NotFound: there is none; the nearest key is told.
    """
    there = {piece.key: piece for piece in pieces}
    if key not in there:
        raise NotFound.named(kind, key, there)
    return there[key]


def with_table(rulebook: Rulebook, table: Table) -> Rulebook:
    """With a table in the place of the one that has its key."""
    _found("table", table.key, [known.key for known in rulebook.tables])
    return replace(
        rulebook, tables=tuple(table if known.key == table.key else known for known in rulebook.tables)
    )


def with_formula(rulebook: Rulebook, formula: Formula) -> Rulebook:
    """With a formula in the place of the one that has its key."""
    _found("formula", formula.key, [known.key for known in rulebook.formulas])
    return replace(
        rulebook,
        formulas=tuple(formula if known.key == formula.key else known for known in rulebook.formulas),
    )


def with_column(
    rulebook: Rulebook, table: str, column: Input | Output | Note, *, after: str = "", text: str | None = None
) -> Rulebook:
    """With a column more: after the one of that key, else at the end of its kind.

    Its key is made one that the table does not have yet.

    Args:
        rulebook: the rulebook.
        table: the table's key.
        column: the new column.
        after: the key of a column of the same kind.
        text: of its cells; None for `-` in a condition, nothing in an outcome or a note.
    """
    edited = table_of(rulebook, table)
    kind = _KINDS[type(column)]
    keys = [known.key for known in kind.of(edited)]
    place = keys.index(after) + 1 if after in keys else len(keys)
    texts = [kind.blank if text is None else text] * len(edited.rules)
    return with_table(rulebook, _with_column(edited, column, place, texts))


def with_column_replaced(rulebook: Rulebook, table: str, column: Input | Output | Note) -> Rulebook:
    """With a column in the place of the one that has its key, of the same kind; the texts under it stay."""
    edited = table_of(rulebook, table)
    kind, place = _column(edited, column.key)
    columns = kind.of(edited)
    changed: dict[str, Any] = {kind.columns: (*columns[:place], column, *columns[place + 1 :])}
    return with_table(rulebook, replace(edited, **changed))


def with_column_copied(rulebook: Rulebook, table: str, key: str) -> Rulebook:
    """With a copy of a column, texts and all, beside it."""
    edited = table_of(rulebook, table)
    kind, place = _column(edited, key)
    texts = list(texts_of(rulebook, table, key).values())
    return with_table(rulebook, _with_column(edited, kind.of(edited)[place], place + 1, texts))


def with_column_moved(rulebook: Rulebook, table: str, key: str, by: int) -> Rulebook:
    """With a column so many places further right (left if negative) among those of its kind."""
    edited = table_of(rulebook, table)
    kind, place = _column(edited, key)
    to = max(0, min(len(kind.of(edited)) - 1, place + by))
    return with_table(rulebook, kind.changed(edited, lambda row: _shifted(row, place, to)))


def without_column(rulebook: Rulebook, table: str, key: str) -> Rulebook:
    """Without a column and its texts."""
    edited = table_of(rulebook, table)
    kind, place = _column(edited, key)
    return with_table(rulebook, kind.changed(edited, lambda row: _without(row, place)))


def texts_of(rulebook: Rulebook, table: str, key: str) -> dict[str, str]:
    """The texts of a column by row."""
    edited = table_of(rulebook, table)
    kind, place = _column(edited, key)
    return {row.id: kind.texts(row, place + 1)[place] for row in edited.rules}


def with_function(rulebook: Rulebook, model: KnowledgeModel) -> Rulebook:
    """With a knowledge model in the place of the one that has its key."""
    _found("function", model.key, [known.key for known in rulebook.functions])
    return replace(
        rulebook,
        functions=tuple(model if known.key == model.key else known for known in rulebook.functions),
    )


def with_cell(rulebook: Rulebook, table: str, rule: str, column: str, text: str) -> Rulebook:
    """With one cell of a rule set: a column by its key, else one of `RULE_FIELDS`."""
    edited = table_of(rulebook, table)
    row = edited.rules[_row(edited, rule)]
    keys = [known.key for known in edited.columns]
    if column in keys:
        kind, place = _column(edited, column)
        texts = kind.texts(row, len(kind.of(edited)))
        row = kind.with_texts(row, (*texts[:place], text, *texts[place + 1 :]))
    else:
        field, _, language = column.partition(".")
        if field not in RULE_FIELDS:
            raise NotFound.named("column", field, [*keys, *RULE_FIELDS])
        row = _with_field(row, field, language or rulebook.languages[0], text)
    return with_rule(rulebook, table, rule, row)


def with_rule(rulebook: Rulebook, table: str, rule: str, row: Rule) -> Rulebook:
    """With a whole rule in the place of the one of that id; it may get another id, unless that is taken."""
    edited = table_of(rulebook, table)
    place = _row(edited, rule)
    if row.id != rule:
        _free(edited, row.id)
    return _with_rules(rulebook, edited, (*edited.rules[:place], row, *edited.rules[place + 1 :]))


def with_rule_added(rulebook: Rulebook, table: str, row: Rule, *, after: str | None = None) -> Rulebook:
    """With a rule more, after the one of that id, else at the end."""
    edited = table_of(rulebook, table)
    _free(edited, row.id)
    place = len(edited.rules) if after is None else _row(edited, after) + 1
    return _with_rules(rulebook, edited, (*edited.rules[:place], row, *edited.rules[place:]))


def without_rule(rulebook: Rulebook, table: str, rule: str) -> Rulebook:
    """Without the rule of that id."""
    edited = table_of(rulebook, table)
    place = _row(edited, rule)
    return _with_rules(rulebook, edited, (*edited.rules[:place], *edited.rules[place + 1 :]))


def with_rule_moved(rulebook: Rulebook, table: str, rule: str, by: int) -> Rulebook:
    """With a rule so many rows further down (up if negative), as far as the table goes."""
    edited = table_of(rulebook, table)
    place = _row(edited, rule)
    rest = [*edited.rules[:place], *edited.rules[place + 1 :]]
    rest.insert(max(0, min(len(rest), place + by)), edited.rules[place])
    return _with_rules(rulebook, edited, tuple(rest))


def with_fact(rulebook: Rulebook, fact: Fact) -> Rulebook:
    """With a fact in the place of the one that has its key."""
    place = _fact(rulebook, fact.key)
    return replace(rulebook, facts=(*rulebook.facts[:place], fact, *rulebook.facts[place + 1 :]))


def with_fact_added(rulebook: Rulebook, fact: Fact, *, after: str = "") -> Rulebook:
    """With a fact more: after the one of that key, else at the end.

    Raises:
        Refused: its key is no name (`fact/key`), or something is called so already (`fact/key-taken`).
    """
    _free_name(rulebook, fact.key)
    keys = [known.key for known in rulebook.facts]
    place = keys.index(after) + 1 if after in keys else len(keys)
    return replace(rulebook, facts=_with(rulebook.facts, place, fact))


def with_fact_renamed(rulebook: Rulebook, key: str, name: str) -> Rulebook:
    """With a fact under another name, and that name wherever the rulebook speaks of it.

    Raises:
        Refused: it is no name (`fact/key`), something is called so already (`fact/key-taken`), or it would mean
            something else somewhere (`fact/key-clashes`; `reasons` says where).
    """
    _fact(rulebook, key)
    if name == key:
        return rulebook
    _free_name(rulebook, name)
    outcome = renamed(rulebook, key, name)
    if outcome.clashes:
        raise Refused(
            said(
                "{name} means something else in some places: {key} cannot be called so.", name=name, key=key
            ),
            code="fact/key-clashes",
            reasons=[f"{clash.where}: {clash.text}" for clash in outcome.clashes],
        )
    return outcome.rulebook


def with_fact_moved(rulebook: Rulebook, key: str, by: int) -> Rulebook:
    """With a fact so many places further down (up if negative): the order in which questions are put."""
    place = _fact(rulebook, key)
    to = max(0, min(len(rulebook.facts) - 1, place + by))
    return replace(rulebook, facts=_shifted(rulebook.facts, place, to))


def without_fact(rulebook: Rulebook, key: str) -> Rulebook:
    """Without a fact that nothing speaks of any more.

    Raises:
        Refused: something does (`fact/in-use`; `reasons` says where).
    """
    place = _fact(rulebook, key)
    mentions = mentions_of(rulebook, key)
    if mentions:
        raise Refused(
            said("{key} is still spoken of.", key=key),
            code="fact/in-use",
            reasons=list(dict.fromkeys(str(mention.where) for mention in mentions)),
        )
    return replace(rulebook, facts=_without(rulebook.facts, place))


def with_type(rulebook: Rulebook, item: ItemDefinition) -> Rulebook:
    """With a type in the place of the one that has its name."""
    _found("type", item.key, [known.key for known in rulebook.types])
    return replace(
        rulebook, types=tuple(item if known.key == item.key else known for known in rulebook.types)
    )


def with_type_added(rulebook: Rulebook, item: ItemDefinition) -> Rulebook:
    """With a type more, at the end.

    Raises:
        Refused: it has no name (`type/key`), or there is one of that name, or FEEL has it (`type/key-taken`).
    """
    if not is_name(item.key):
        raise Refused(
            said("“{key}” cannot name a type.", key=item.key) if item.key else said("The type needs a name."),
            code="type/key",
        )
    if item.key in NAMED or any(known.key == item.key for known in rulebook.types):
        raise Refused(said("There is a type {key} already.", key=item.key), code="type/key-taken")
    return replace(rulebook, types=(*rulebook.types, item))


def without_type(rulebook: Rulebook, key: str) -> Rulebook:
    """Without a type that nothing is of any more.

    Raises:
        Refused: something is (`type/in-use`; `reasons` says where).
    """
    _found("type", key, [known.key for known in rulebook.types])
    users = users_of_type(rulebook, key)
    if users:
        raise Refused(
            said("{key} is still the type of something.", key=key),
            code="type/in-use",
            reasons=list(map(str, users)),
        )
    return replace(rulebook, types=tuple(known for known in rulebook.types if known.key != key))


def with_case(rulebook: Rulebook, case: Case) -> Rulebook:
    """With a test case in the place of the one that has its id."""
    _found("case", case.id, [known.id for known in rulebook.cases])
    return replace(rulebook, cases=tuple(case if known.id == case.id else known for known in rulebook.cases))


def with_case_added(rulebook: Rulebook, case: Case) -> Rulebook:
    """With a test case more, at the end."""
    if not case.id:
        raise Refused(said("The case needs an id."), code="case/id-missing")
    if any(known.id == case.id for known in rulebook.cases):
        raise Refused(said("There is a case {id} already.", id=case.id), code="case/id-taken")
    return replace(rulebook, cases=(*rulebook.cases, case))


def without_case(rulebook: Rulebook, case: str) -> Rulebook:
    """Without the test case of that id."""
    _found("case", case, [known.id for known in rulebook.cases])
    return replace(rulebook, cases=tuple(known for known in rulebook.cases if known.id != case))


def with_acknowledgement(rulebook: Rulebook, said: Acknowledgement) -> Rulebook:
    """The rulebook with something said of a finding, in the place of what was said of it before."""
    others = tuple(one for one in rulebook.acknowledgements if one.finding != said.finding)
    return replace(rulebook, acknowledgements=(*others, said))


def without_acknowledgement(rulebook: Rulebook, finding: str) -> Rulebook:
    """The rulebook with nothing said of a finding.

    Raises:
        NotFound: nothing was (`acknowledgement/not-found`).
    """
    left = tuple(one for one in rulebook.acknowledgements if one.finding != finding)
    if len(left) == len(rulebook.acknowledgements):
        raise NotFound(
            said("Nothing was said of the finding {finding}.", finding=finding),
            code="acknowledgement/not-found",
        )
    return replace(rulebook, acknowledgements=left)


def free_case_id(rulebook: Rulebook) -> str:
    """An id that no test case has, like that of the last one."""
    taken = {case.id for case in rulebook.cases}
    return _free_id(taken, rulebook.cases[-1].id if rulebook.cases else "C01")


def free_rule_id(table: Table, like: str = "") -> str:
    """An id that no rule of the table has: the given one if it is free, else with the next free number."""
    return _free_id({rule.id for rule in table.rules}, like)


def _free_id(taken: set[str], like: str) -> str:
    if like and like not in taken:
        return like
    stem = like.rstrip("0123456789") or "R"
    number = int(like[len(stem) :] or 0) if like.startswith(stem) else 0
    width = len(like) - len(stem)
    while True:
        number += 1
        candidate = f"{stem}{number:0{max(width, 1)}}"
        if candidate not in taken:
            return candidate


def cell_fields(table: Table) -> dict[str, str]:
    """By the key of each column the field of its cells."""
    found: dict[str, str] = {}
    for kind in reversed(_KINDS.values()):  # of two columns of one key, conditions come before outcomes
        found |= {column.key: f"{kind.area}.{column.key}" for column in kind.of(table)}
    return found


def fields_of(table: Table, rule: Rule, languages: Iterable[str]) -> dict[str, str]:
    """A row as fields; cells that the row lacks are empty."""
    fields: dict[str, str] = {}
    for kind in _KINDS.values():
        columns = kind.of(table)
        for column, text in zip(columns, kind.texts(rule, len(columns)), strict=False):
            fields[f"{kind.area}.{column.key}"] = text
    return fields | {
        "citation": rule.citation,
        "note": rule.note,
        "confidence": rule.confidence,
        "flags": ", ".join(rule.flags),
        "valid.start": rule.valid.start,
        "valid.end": rule.valid.end,
        "known.start": rule.known.start,
        "known.end": rule.known.end,
        **{f"referral.{code}": rule.referral.by_language.get(code, "") for code in languages},
    }


def rule_of(table: Table, rule: Rule, fields: Mapping[str, str]) -> Rule:
    """The row with those fields; what is not among them stays as it is."""
    kept = {**fields_of(table, rule, ()), **fields}
    return replace(
        rule,
        tests=tuple(kept[f"test.{column.key}"] for column in table.inputs),
        outputs=tuple(kept[f"output.{column.key}"] for column in table.outputs),
        notes=tuple(kept[f"note.{column.key}"] for column in table.notes),
        citation=kept["citation"],
        note=kept["note"],
        confidence=kept["confidence"],
        flags=flags_of(kept["flags"]),
        valid=Period(kept["valid.start"], kept["valid.end"]),
        known=Period(kept["known.start"], kept["known.end"]),
        referral=words_of(rule.referral, "referral", fields),
    )


def words_of(words: Words, area: str, fields: Mapping[str, str]) -> Words:
    """The words with those of the fields `<area>.<language>`; languages left empty are dropped."""
    said = dict(words.by_language)
    for name, text in fields.items():
        if name.startswith(f"{area}."):
            said[name.removeprefix(f"{area}.")] = text
    return Words({code: text for code, text in said.items() if text})


def flags_of(text: str) -> tuple[str, ...]:
    """Flags as people list them, each once."""
    return tuple(dict.fromkeys(re.findall(r"[^\s,;]+", text)))


def _column(table: Table, key: str) -> tuple[_Kind, int]:
    """Of which kind a column is, and its place among those."""
    _found("column", key, [known.key for known in table.columns])
    places = {kind: [known.key for known in kind.of(table)] for kind in _KINDS.values()}
    return next((kind, keys.index(key)) for kind, keys in places.items() if key in keys)


def _with_column(table: Table, column: _Column, place: int, texts: list[str]) -> Table:
    """The table with a column put in at a place among those of its kind, with a text for each row."""
    kind = _KINDS[type(column)]
    columns = _with(kind.of(table), place, replace(column, key=_free_key(column.key, table)))
    pairs = zip(table.rules, texts, strict=True)
    return kind.replaced(
        table, columns, (_with(kind.texts(rule, place), place, text) for rule, text in pairs)
    )


def _free_key(like: str, table: Table) -> str:
    taken = {known.key for known in table.columns}
    if like not in taken:
        return like
    return next(key for number in range(2, len(taken) + 3) if (key := f"{like}_{number}") not in taken)


def _with(row: tuple[_Item, ...], place: int, item: _Item) -> tuple[_Item, ...]:
    return (*row[:place], item, *row[place:])


def _without(row: tuple[_Item, ...], place: int) -> tuple[_Item, ...]:
    return (*row[:place], *row[place + 1 :])


def _shifted(row: tuple[_Item, ...], place: int, to: int) -> tuple[_Item, ...]:
    return _with(_without(row, place), to, row[place])


def _with_rules(rulebook: Rulebook, table: Table, rules: tuple[Rule, ...]) -> Rulebook:
    return with_table(rulebook, replace(table, rules=rules))


def _with_field(row: Rule, field: str, language: str, text: str) -> Rule:
    match field:
        case "citation":
            return replace(row, citation=text)
        case "note":
            return replace(row, note=text)
        case "confidence":
            return replace(row, confidence=text.strip())
        case "flags":
            return replace(row, flags=tuple(text.replace(",", " ").split()))
        case "valid_from":
            return replace(row, valid=Period(text.strip(), row.valid.end))
        case "valid_to":
            return replace(row, valid=Period(row.valid.start, text.strip()))
        case "known_from":
            return replace(row, known=Period(text.strip(), row.known.end))
        case "known_to":
            return replace(row, known=Period(row.known.start, text.strip()))
        case _:
            said = {**row.referral.by_language, language: text}
            return replace(row, referral=Words({name: words for name, words in said.items() if words}))


def _fact(rulebook: Rulebook, key: str) -> int:
    keys = [fact.key for fact in rulebook.facts]
    _found("fact", key, keys)
    return keys.index(key)


def name_problem(rulebook: Rulebook, key: str) -> str:
    """Why a text cannot name a new fact or function: `fact/key`, `fact/key-taken`; empty where it can."""
    if not is_name(key):
        return "fact/key"
    taken = {
        *(fact.key for fact in rulebook.facts),
        *(model.key for model in rulebook.functions),
        *(one.key for one in rulebook.services),
    }
    return "fact/key-taken" if key in _RESERVED | taken else ""


def _free_name(rulebook: Rulebook, key: str) -> None:
    """Refuses what cannot be a new fact's key."""
    match name_problem(rulebook, key):
        case "fact/key":
            raise Refused(
                said("“{key}” cannot name a fact.", key=key) if key else said("The fact needs a name."),
                code="fact/key",
                reasons=[said("A name starts with a letter and holds letters, digits and underscores.")],
            )
        case "fact/key-taken":
            raise Refused(said("Something is called {key} already.", key=key), code="fact/key-taken")


def _row(table: Table, rule: str) -> int:
    ids = [row.id for row in table.rules]
    _found("rule", rule, ids)
    return ids.index(rule)


def _free(table: Table, rule: str) -> None:
    if any(row.id == rule for row in table.rules):
        raise Refused(
            said("{key} has a rule {rule} already.", key=table.key, rule=rule), code="rule/id-taken"
        )


def _found(kind: str, name: str, known: list[str]) -> None:
    if name not in known:
        raise NotFound.named(kind, name, known)
