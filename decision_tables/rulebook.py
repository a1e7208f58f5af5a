"""A rulebook: nodes, vocabulary, queries and cases that are released together.

A rulebook travels and is stored as one JSON document (`document_of`, `rulebook_of`); its content hash is the
SHA-256 of the document's canonical form: UTF-8, NFC, sorted keys, no white space, cells as typed.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, field, is_dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from decision_tables.diagnostics import Diagnostic, Where
from decision_tables.errors import InvalidRulebook
from decision_tables.said import said
from decision_tables.table import Formula, KnowledgeModel, Node, Table
from decision_tables.vocabulary import Fact, ItemDefinition, Words

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

__all__ = [
    "Acknowledgement",
    "Case",
    "DecisionService",
    "Expectation",
    "Query",
    "Rulebook",
    "canonical_json",
    "content_hash",
    "document_of",
    "fields_of",
    "release_hash",
    "rulebook_of",
]


@dataclass(frozen=True, slots=True)
class Query:
    """A named list of goals that callers may ask for (`classification`)."""

    key: str
    goals: tuple[str, ...] = ()
    title: Words = field(default_factory=Words)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a case expects of its answer; whatever is not named may be anything.

    Attributes:
        conclusions: goal facts and the JSON values that they must have.
        certain: list facts and the `id`s of entries that they must hold for certain.
        lacks: list facts and the `id`s of entries that they must not hold, neither certain nor possible.
        possible: list facts and the `id`s of entries that they must hold as possible, not as certain.
        undetermined: facts that must not be concluded, for want of facts or for whatever reason.
        referred: facts that must be left to human judgement.
        flags: flags that the answer must carry.
        unflagged: flags that it must not carry.
    """

    conclusions: dict[str, Any] = field(default_factory=dict)
    certain: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lacks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    possible: dict[str, tuple[str, ...]] = field(default_factory=dict)
    undetermined: tuple[str, ...] = ()
    referred: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    unflagged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A test case of a rulebook: it must hold before a release may be published.

    Attributes:
        id: short and unique (`H01a`).
        name: a sentence of law ("Skype-to-Skype in 2012 owes call records to an investigating judge").
        facts: given facts as JSON values.
        as_of: ISO date, as typed; never empty, so that a case does not change with the calendar.
        known_on: ISO date, as typed; empty stands for `9999-12-31`, all that will ever be known.
        expect: what the answer must be.
        note: who decided so in reality, for people.
    """

    id: str
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    as_of: str = ""
    known_on: str = ""
    expect: Expectation = field(default_factory=Expectation)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What an author says of a finding of the analysis, for as long as what it rests on stays as it is.

    Attributes:
        finding: the finding's key, which changes with what it rests on.
        verdict: `impossible` where such facts cannot be, `intended` where the law means it so.
        reason: why, best with the article of law.
        about: the finding in words, as it was when this was said.
    """

    finding: str
    verdict: Literal["impossible", "intended"]
    reason: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class DecisionService:
    """Decisions that are offered together, and may be called as a function (DMN 1.5, 6.3.10).

    A caller may ask for one in place of a query. Called in FEEL it takes its inputs as parameters, in this order:
    `inputs`, then `input_decisions`; of its own nodes it fires those of `outputs` and `encapsulated` alone.

    Attributes:
        key: its name, in FEEL too; it may hold spaces.
        outputs: the facts that it answers: one gives its value, several a context.
        encapsulated: the facts that it works out on the way.
        input_decisions: concluded facts that are given to it instead.
        inputs: facts that are given to it.
        type: the FEEL type of its answer, empty where the outputs' own types say enough.
        title: what people call it.
        note: for people.
    """

    key: str
    outputs: tuple[str, ...] = ()
    encapsulated: tuple[str, ...] = ()
    input_decisions: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    type: str = ""
    title: Words = field(default_factory=Words)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything that is released together.

    Attributes:
        key: names the rulebook in URLs (`telecom`).
        title: what people call it.
        note: what it is about, for people.
        languages: the languages of its labels and questions, the first is its default.
        time_zone: IANA name; "today" is reckoned in it.
        default_query: the query that is meant when a caller names neither goals nor a query.
        facts: the vocabulary, in the order in which questions are put.
        tables: the decision tables.
        formulas: the formulas.
        queries: the named lists of goals.
        cases: the test cases.
        types: the named types that facts and expressions may be of, in an order in which they can be read.
        functions: what the nodes may call.
        services: decisions offered together.
        acknowledgements: what authors say of the analysis's findings.
        absent: what a fact is that nobody gives and nothing concludes, unless the caller says: `unknown` or `null`.
        four_eyes: whether a draft is published only once somebody other than its authors has approved it.
        origin: the DMN document from which the rulebook was read, kept for what has no place here: layout,
            ids, other tools' extensions; empty where there is none.
    """

    key: str
    title: Words = field(default_factory=Words)
    note: str = ""
    languages: tuple[str, ...] = ("en",)
    time_zone: str = "UTC"
    default_query: str = ""
    facts: tuple[Fact, ...] = ()
    tables: tuple[Table, ...] = ()
    formulas: tuple[Formula, ...] = ()
    queries: tuple[Query, ...] = ()
    cases: tuple[Case, ...] = ()
    types: tuple[ItemDefinition, ...] = ()
    functions: tuple[KnowledgeModel, ...] = ()
    services: tuple[DecisionService, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    absent: Literal["unknown", "null"] = "unknown"
    four_eyes: bool = False
    origin: str = ""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Tables and formulas, in the order in which they were written."""
        return (*self.tables, *self.formulas)

    def table(self, key: str) -> Table | None:
        """The table of that key, or None."""
        return next((table for table in self.tables if table.key == key), None)

    def service(self, key: str) -> DecisionService | None:
        """The decision service of that key, or None."""
        return next((service for service in self.services if service.key == key), None)

    def query(self, key: str) -> Query | None:
        """The query of that key, or None."""
        return next((query for query in self.queries if query.key == key), None)


def document_of(rulebook: Rulebook) -> dict[str, Any]:
    """The rulebook as JSON data: dicts, lists, strings, booleans, None, int and Decimal.

    What is as it is by default is left out, so that a hash stays what it was when rulebooks learn something new.
    """
    document: dict[str, Any] = _told(rulebook)
    return document


def fields_of(piece: Any) -> dict[str, Any]:
    """Each field of an authored piece (a rulebook, a rule, a boxed expression) as JSON data, defaults too."""
    written = _written(piece.__class__)
    return {} if written is None else {name: _told(getattr(piece, name)) for name in written[1]}


def rulebook_of(document: Mapping[str, Any]) -> Rulebook:
    """The rulebook that a document holds.

    Raises:
        InvalidRulebook: the document has another shape; cells with broken text are no matter here.
    """
    try:
        return msgspec.convert(document, Rulebook)
    except msgspec.ValidationError as error:
        shape = Diagnostic(
            "rulebook/shape", Where(), said("This is no rulebook document: {error}.", error=error)
        )
        raise InvalidRulebook([shape]) from error


def canonical_json(value: Any) -> bytes:
    """JSON that is the same for the same content: UTF-8, NFC, sorted keys, no white space."""
    return _encode(_normal(value))


def content_hash(rulebook: Rulebook) -> str:
    """`sha256:` and the hex digest of the rulebook's canonical JSON."""
    return _sha256(canonical_json(document_of(rulebook)))


def release_hash(content: str, previous: str, number: int) -> str:
    """The hash of a release, which chains it to the one before (`previous` is empty for the first)."""
    return _sha256(canonical_json({"content": content, "number": number, "previous": previous}))


def _told(value: Any) -> Any:
    """Authored data as JSON data, without what is as it is by default; values of facts in cases as they are."""
    match value:
        case StrEnum():
            return value.value
        case tuple():
            return [_told(item) for item in value]
        case _ if (written := _written(value.__class__)) is not None:
            tag, defaults = written
            said = {name: getattr(value, name) for name in defaults}
            return tag | {name: _told(part) for name, part in said.items() if part != defaults[name]}
        case dict():
            return {key: _told(entry) for key, entry in value.items()}
        case _:
            return value


@cache
def _written(kind: Hashable) -> tuple[dict[str, str], dict[str, Any]] | None:
    """Of an authored class its tag, if it has one, and its fields with their defaults; None of other classes."""
    if not isinstance(kind, type) or not (is_dataclass(kind) or issubclass(kind, msgspec.Struct)):
        return None
    information: Any = msgspec.inspect.type_info(kind)
    defaults = {
        each.name: each.default if each.default_factory is msgspec.NODEFAULT else each.default_factory()
        for each in information.fields
    }
    tag = getattr(information, "tag", None)
    return ({information.tag_field: tag} if tag else {}), defaults


_encode = msgspec.json.Encoder(decimal_format="number", order="sorted").encode


def _sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _normal(value: Any) -> Any:
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case dict():
            return {_normal(key): _normal(entry) for key, entry in value.items()}
        case list() | tuple():
            return [_normal(entry) for entry in value]
        case _:
            return value
