"""Packs: a rulebook as a folder of plain text, fit to be reviewed line by line.

    pack.toml            key, title, note, languages, time_zone, default_query, four_eyes,
                         [[queries]], [[tables]], [[formulas]], [[acknowledgements]]
    vocabulary.toml      one [fact] after another, in the order in which questions are put
    tables/<key>.csv     one decision table each, one rule a line
    cases/*.yaml         lists of test cases

**Tables.** Comma-separated UTF-8 with a header. The first column is `rule`, the rule's id. Then come the
inputs, each headed by its FEEL expression, then the outputs, headed `=> fact` or `=> fact.part`, then the
margin, as far as it is used: `citation`, `note`, `confidence`, `flags` (words between spaces), `valid_from`,
`valid_to`, `known_from`, `known_to` (ISO dates; `to` is the first day after), `referral.<language>`, and
`note.<key>` for each column of notes of the table's own. Cells are FEEL as in the editor: texts in quotes, `-`
or nothing for any.

An entry of [[tables]] holds `key`, `hit_policy` (DMN's word or letter), and where wanted `title`, `note`,
`open`, `outputs` (`"fact.part" = { default, values, label }`), `notes` (`key = { label }`) and `fill`.
`fill = { "duties.id" = "id" }` says that an empty cell of that output takes the rule's own id (or `citation`)
as a text, so that it need not be typed twice; a filled column that the header leaves out is put first (`id`)
or last (`citation`).

**Words** are tables of languages: `label.en = "…"`, `label.nl = "…"`.

**Cases** are read as JSON would be: `NO` and `2012-10-01` are texts, only `true` and `false` are truth
values, numbers keep their digits, and a key may not stand twice in one mapping.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec
import yaml

from decision_tables.diagnostics import Diagnostic, Where, near_miss, sorted_by_place
from decision_tables.errors import InvalidRulebook
from decision_tables.rulebook import Acknowledgement, Case, Expectation, Query, Rulebook
from decision_tables.said import said
from decision_tables.table import Formula, HitPolicy, Input, Note, Output, Period, Rule, Table
from decision_tables.vocabulary import Fact, Words

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from pathlib import Path

__all__ = ["read_pack"]

_T = TypeVar("_T")

_POLICIES = {policy.name.replace("_", " "): policy for policy in HitPolicy} | {
    policy.value: policy for policy in HitPolicy
}
_OUTPUT = "=>"
_MARGIN = (
    "citation",
    "note",
    "confidence",
    "flags",
    "valid_from",
    "valid_to",
    "known_from",
    "known_to",
)
_REFERRAL = "referral."
_NOTE = "note."


def read_pack(folder: Path) -> Rulebook:
    """The rulebook that a pack folder holds.

    Only the shape of the files is judged here; cells keep their text as typed, for `compile` to judge.

    Raises:
        InvalidRulebook: files are missing or have another shape; all diagnostics at once, codes `pack/…`,
            places by file stem, row and column.
    """
    return _Reading(folder).rulebook()


@dataclass(frozen=True, slots=True)
class _Pack:
    """What pack.toml holds beside the entries of its lists."""

    key: str
    title: Words = field(default_factory=Words)
    note: str = ""
    languages: tuple[str, ...] = ("en",)
    time_zone: str = "UTC"
    default_query: str = ""
    four_eyes: bool = False
    queries: tuple[dict[str, Any], ...] = ()
    tables: tuple[dict[str, Any], ...] = ()
    formulas: tuple[dict[str, Any], ...] = ()
    acknowledgements: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class _OutputEntry:
    """What pack.toml adds to a column of outcomes."""

    default: str = ""
    values: str = ""
    label: Words = field(default_factory=Words)


@dataclass(frozen=True, slots=True)
class _NoteEntry:
    """What pack.toml adds to a column of notes."""

    label: Words = field(default_factory=Words)


@dataclass(frozen=True, slots=True)
class _TableEntry:
    """An entry of [[tables]]: what a table has beside its rules."""

    key: str
    hit_policy: str
    title: Words = field(default_factory=Words)
    note: str = ""
    open: bool = False
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    fill: dict[str, Literal["id", "citation"]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Header:
    """The headings of a table file by kind: inputs and outputs without the arrow, then the margin."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    margin: tuple[str, ...]


class _Reading:
    """One reading of one folder: collects what is wrong until everything has been looked at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: list[Diagnostic] = []
        self.languages: tuple[str, ...] = ()

    def rulebook(self) -> Rulebook:
        """The whole; raises InvalidRulebook if anything was found."""
        written = self._toml("pack")
        if written is not None and isinstance(languages := written.get("languages"), list):
            self.languages = tuple(map(str, languages))
        pack = None if written is None else self._entry(written, _Pack, Where("pack"))
        if pack is None:
            raise InvalidRulebook(sorted_by_place(self.found))
        self.languages = pack.languages
        rulebook = Rulebook(
            key=pack.key,
            title=pack.title,
            note=pack.note,
            languages=pack.languages,
            time_zone=pack.time_zone,
            default_query=pack.default_query,
            four_eyes=pack.four_eyes,
            facts=self._facts(),
            tables=self._tables(pack.tables),
            formulas=self._listed(pack.formulas, Formula, "formulas"),
            queries=self._listed(pack.queries, Query, "queries"),
            acknowledgements=self._listed(
                pack.acknowledgements, Acknowledgement, "acknowledgements", by="finding"
            ),
            cases=self._cases(),
        )
        if self.found:
            raise InvalidRulebook(sorted_by_place(self.found))
        return rulebook

    # Entries ----------------------------------------------------------------------------------------

    def _facts(self) -> tuple[Fact, ...]:
        facts = []
        for key, written in (self._toml("vocabulary") or {}).items():
            named = {"key": key, **written} if isinstance(written, dict) else written
            if (fact := self._entry(named, Fact, Where("vocabulary", key))) is not None:
                facts.append(fact)
        return tuple(facts)

    def _cases(self) -> tuple[Case, ...]:
        cases: dict[str, Case] = {}
        for path in sorted((self.folder / "cases").glob("*.yaml")):
            for number, written in enumerate(self._yaml(path), start=1):
                name = str(written.get("id", "")) if isinstance(written, dict) else ""
                where = Where(path.stem, name or f"case {number}")
                case = self._entry(written, Case, where)
                if case is None:
                    continue
                if case.id in cases:
                    self._tell("pack/duplicate", where, said("Another case has this id already."))
                if case.expect == Expectation():
                    self._tell("pack/entry", where, said("The case expects nothing: it could never fail."))
                cases[case.id] = case
        return tuple(cases.values())

    def _listed(
        self, written: Sequence[dict[str, Any]], shape: type[_T], kind: str, *, by: str = "key"
    ) -> tuple[_T, ...]:
        """The entries of one of pack.toml's lists, each with a key of its own."""
        entries, seen = [], set[str]()
        for number, item in enumerate(written, start=1):
            key = str(item.get(by, f"{kind} {number}"))
            where = Where("pack", key)
            if key in seen:
                self._tell(
                    "pack/duplicate",
                    where,
                    said("Two entries of [[{kind}]] have this {by}.", kind=kind, by=by),
                )
            seen.add(key)
            if (entry := self._entry(item, shape, where)) is not None:
                entries.append(entry)
        return tuple(entries)

    def _entry(self, written: Any, shape: type[_T], where: Where) -> _T | None:
        """What an author wrote as a value of that dataclass; a misspelt key is an error, not silence."""
        before = len(self.found)
        if isinstance(written, dict):
            known = [entry.name for entry in fields(shape)]  # type: ignore[arg-type]
            for key in written:
                if key not in known:
                    self._tell("pack/entry", where, said("`{key}` has no meaning here.", key=key), key, known)
            written = {key: self._worded(key, value, where) for key, value in written.items()}
            if isinstance(expect := written.get("expect"), dict):
                written["expect"] = self._entry(expect, Expectation, where) or {}
        try:
            entry = msgspec.convert(written, shape)
        except msgspec.ValidationError as error:
            self._tell("pack/entry", where, said("{error}.", error=error))
            return None
        return entry if len(self.found) == before else None

    def _worded(self, key: str, value: Any, where: Where) -> Any:
        """A table of languages as `Words` are written; anything else as it is."""
        if key not in {"title", "label", "question", "explanation"} or not isinstance(value, dict):
            return value
        for language in value:
            if language not in self.languages:
                message = said("`{language}` is not among the languages of pack.toml.", language=language)
                self._tell("pack/language", where, message, language, self.languages)
        return {"by_language": value}

    # Tables -----------------------------------------------------------------------------------------

    def _tables(self, written: Sequence[dict[str, Any]]) -> tuple[Table, ...]:
        files = {path.stem: path for path in (self.folder / "tables").glob("*.csv")}
        heads = self._listed(written, _TableEntry, "tables")
        unlisted = files.keys() - {str(entry.get("key")) for entry in written}
        for stem in sorted(unlisted):
            self._tell(
                "pack/unlisted",
                Where(stem),
                said("pack.toml has no [[tables]] entry for tables/{stem}.csv.", stem=stem),
            )
        tables = []
        for head in heads:
            if head.key not in files:
                self._tell(
                    "pack/missing", Where(head.key), said("There is no file tables/{key}.csv.", key=head.key)
                )
            elif (table := self._table(head, files[head.key])) is not None:
                tables.append(table)
        return tuple(tables)

    def _table(self, head: _TableEntry, path: Path) -> Table | None:
        place = Where("pack", head.key, "hit_policy")
        policy = _POLICIES.get(head.hit_policy)
        if policy is None:
            self._tell(
                "pack/entry",
                place,
                said("`{name}` is no hit policy.", name=head.hit_policy),
                head.hit_policy,
                _POLICIES,
            )
        rows = self._csv(path)
        if not rows or policy is None:
            return None
        (_, names), *lines = rows
        if (header := self._header(head.key, names)) is None:
            return None
        outputs, sources = self._outputs(head, header.outputs)
        keys = Counter[str]()
        inputs = []
        for expression in header.inputs:
            keys[expression] += 1
            suffix = f" ({keys[expression]})" if keys[expression] > 1 else ""
            inputs.append(Input(expression + suffix, expression))
        return Table(
            key=head.key,
            hit_policy=policy,
            inputs=tuple(inputs),
            outputs=outputs,
            rules=self._rules(head, header, sources, lines),
            title=head.title,
            note=head.note,
            open=head.open,
            notes=self._notes(head, header.margin),
        )

    def _header(self, table: str, names: list[str]) -> _Header | None:
        before = len(self.found)
        if not names or names[0] != "rule":
            self._tell("pack/header", Where(table), said("The first column must be headed `rule`."))
        marks = [at for at, name in enumerate(names) if name.startswith(_OUTPUT)]
        if not marks:
            self._tell(
                "pack/header",
                Where(table),
                said("No column is headed `=> fact`: the table concludes nothing."),
            )
            return None
        first, last = marks[0], marks[-1] + 1
        inputs, outputs, margin = names[1:first], names[first:last], names[last:]
        known = (*_MARGIN, *(_REFERRAL + language for language in self.languages))
        for at, name in enumerate(names, start=1):
            if not name.removeprefix(_OUTPUT):
                self._tell(
                    "pack/header",
                    Where(table, "", f"column {at}"),
                    said("A column has no heading."),
                )
        for name in outputs:
            if not name.startswith(_OUTPUT):
                self._tell(
                    "pack/header", Where(table, "", name), said("An input stands between the outputs.")
                )
        for name in margin:
            if name and name not in known and not (name.startswith(_NOTE) and name != _NOTE):
                message = said("After the outputs only the margin's own columns may stand.")
                self._tell("pack/header", Where(table, "", name), message, name, known)
        for name, times in Counter([*outputs, *margin]).items():
            if times > 1 and name:
                self._tell(
                    "pack/header",
                    Where(table, "", name),
                    said("This heading stands {times} times.", times=times),
                )
        if len(self.found) > before:
            return None
        return _Header(
            tuple(inputs),
            tuple(name.removeprefix(_OUTPUT).strip() for name in outputs),
            tuple(margin),
        )

    def _outputs(
        self, head: _TableEntry, written: tuple[str, ...]
    ) -> tuple[tuple[Output, ...], tuple[tuple[int | None, str], ...]]:
        """The output columns, and for each its place in the row (None if unwritten) and what fills it."""
        absent = {key: filler for key, filler in head.fill.items() if key not in written}
        keys = (
            *(key for key, filler in absent.items() if filler == "id"),
            *written,
            *(key for key, filler in absent.items() if filler == "citation"),
        )
        for key in head.outputs.keys() - set(keys):
            where = Where("pack", head.key, "outputs")
            self._tell("pack/entry", where, said("The table has no output `{key}`.", key=key), key, keys)
        outputs, sources = [], []
        for key in keys:
            where = Where("pack", head.key, key)
            more = self._entry(head.outputs.get(key, {}), _OutputEntry, where) or _OutputEntry()
            fact, _, part = key.partition(".")
            outputs.append(Output(key, fact, part, more.default, more.values, more.label))
            sources.append((written.index(key) if key in written else None, head.fill.get(key, "")))
        return tuple(outputs), tuple(sources)

    def _notes(self, head: _TableEntry, margin: tuple[str, ...]) -> tuple[Note, ...]:
        keys = [name.removeprefix(_NOTE) for name in margin if name.startswith(_NOTE)]
        for key in head.notes.keys() - set(keys):
            message = said("The table has no column `{key}`.", key=_NOTE + key)
            self._tell("pack/entry", Where("pack", head.key, "notes"), message, key, keys)
        notes = []
        for key in keys:
            where = Where("pack", head.key, _NOTE + key)
            more = self._entry(head.notes.get(key, {}), _NoteEntry, where) or _NoteEntry()
            notes.append(Note(key, more.label))
        return tuple(notes)

    def _rules(
        self,
        head: _TableEntry,
        header: _Header,
        sources: Sequence[tuple[int | None, str]],
        lines: Sequence[tuple[int, list[str]]],
    ) -> tuple[Rule, ...]:
        rules: dict[str, Rule] = {}
        first = 1 + len(header.inputs)
        last = first + len(header.outputs)
        width = last + len(header.margin)
        for line, row in lines:
            where = Where(head.key, row[0] or f"line {line}")
            if len(row) != width:
                message = said(
                    "Line {line} has {count} cells, the header has {width}.",
                    line=str(line),
                    count=len(row),
                    width=width,
                )
                self._tell("pack/width", where, message)
                continue
            if not row[0]:
                self._tell("pack/rule", where, said("The rule on line {line} has no id.", line=str(line)))
                continue
            if row[0] in rules:
                self._tell(
                    "pack/duplicate",
                    where,
                    said("The id on line {line} stands in the table already.", line=str(line)),
                )
                continue
            margin = dict(zip(header.margin, row[last:], strict=True))
            own = {"id": row[0], "citation": margin.get("citation", "")}
            cells = row[first:last]
            outputs = []
            for at, filler in sources:
                cell = "" if at is None else cells[at]
                outputs.append(cell or (_text_literal(own[filler]) if filler else ""))
            rules[row[0]] = Rule(
                id=row[0],
                tests=tuple(row[1:first]),
                outputs=tuple(outputs),
                citation=own["citation"],
                note=margin.get("note", ""),
                confidence=margin.get("confidence", ""),
                flags=tuple(margin.get("flags", "").split()),
                valid=Period(margin.get("valid_from", ""), margin.get("valid_to", "")),
                known=Period(margin.get("known_from", ""), margin.get("known_to", "")),
                referral=Words(
                    {
                        name.removeprefix(_REFERRAL): text
                        for name, text in margin.items()
                        if name.startswith(_REFERRAL) and text
                    }
                ),
                notes=tuple(text for name, text in margin.items() if name.startswith(_NOTE)),
            )
        return tuple(rules.values())

    # Files ------------------------------------------------------------------------------------------

    def _text(self, path: Path) -> str | None:
        name = path.relative_to(self.folder).as_posix()
        try:
            return path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            self._tell("pack/missing", Where(path.stem), said("There is no file {name}.", name=name))
        except UnicodeDecodeError as error:
            message = said(
                "{name} is not UTF-8: byte {start} cannot be read.", name=name, start=str(error.start)
            )
            self._tell("pack/syntax", Where(path.stem), message)
        return None

    def _toml(self, stem: str) -> dict[str, Any] | None:
        if (text := self._text(self.folder / f"{stem}.toml")) is None:
            return None
        try:
            return tomllib.loads(text, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            self._tell(
                "pack/syntax", Where(stem), said("{stem}.toml is not TOML: {error}.", stem=stem, error=error)
            )
            return None

    def _yaml(self, path: Path) -> list[Any]:
        if (text := self._text(path)) is None:
            return []
        try:
            cases = yaml.load(text, Loader=_CaseLoader)  # noqa: S506 - a SafeLoader, and narrower
        except (yaml.YAMLError, ValueError, ArithmeticError) as error:
            told = " ".join(str(error).split())
            self._tell(
                "pack/syntax",
                Where(path.stem),
                said("{name} is not YAML: {told}.", name=path.name, told=told),
            )
            return []
        if not isinstance(cases, list):
            self._tell(
                "pack/entry", Where(path.stem), said("{name} must hold a list of cases.", name=path.name)
            )
            return []
        return cases

    def _csv(self, path: Path) -> list[tuple[int, list[str]]]:
        """Numbered rows of stripped cells, the header first; blank lines are left out."""
        if (text := self._text(path)) is None:
            return []
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = []
        try:
            for row in reader:
                cells = [cell.strip() for cell in row]
                if any(cells):
                    rows.append((reader.line_num, cells))
        except csv.Error as error:
            message = said(
                "{name} is not CSV: {error}, on line {line}.",
                name=path.name,
                error=error,
                line=str(reader.line_num),
            )
            self._tell("pack/syntax", Where(path.stem), message)
            return []
        if not rows:
            self._tell("pack/header", Where(path.stem), said("{name} is empty.", name=path.name))
        return rows

    # What is wrong ----------------------------------------------------------------------------------

    def _tell(
        self,
        code: str,
        where: Where,
        message: str,
        word: str = "",
        known: Sequence[str] | Mapping[str, Any] = (),
    ) -> None:
        meant = near_miss(word, known) if word else None
        hint = said("Did you mean `{close}`?", close=meant) if meant else ""
        self.found.append(Diagnostic(code, where, message, hint))


def _text_literal(text: str) -> str:
    """A FEEL string literal; JSON's escapes are FEEL's (DMN 1.5, 10.3.1.2)."""
    return json.dumps(text, ensure_ascii=False)


class _CaseLoader(yaml.SafeLoader):
    """YAML by JSON's scalars; YAML 1.1 would read `NO` as false and `2012-10-01` as a date."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping of a node, all of whose keys differ."""
        keys = [key.value for key, _ in node.value]
        for at, (key, _) in enumerate(node.value):
            if key.value in keys[:at]:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value} stands twice", key.start_mark
                )
        return super().construct_mapping(node, deep)


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


_CaseLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"null|~|", ["n", "~", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"-?(0|[1-9][0-9]*)", list("-0123456789")),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", list("-0123456789")),
):
    _CaseLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)
_CaseLoader.add_constructor("tag:yaml.org,2002:float", _decimal)
