"""The shapes on the wire, and their one translation from and to the core's values.

They are msgspec structs: the encoder writes them and the OpenAPI document is made of them, so the two cannot
part. Numbers are exact both ways: read as int or Decimal, written with the digits they have. What a caller sends
is checked by hand, field by field, because msgspec stops at the first mistake and callers want to hear of all.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from decision_tables.chain import Absent
from decision_tables.errors import GUESSED, FactProblem, InvalidRequest, pointer
from decision_tables.exact_json import json_of
from decision_tables.explain import Explain, entry_json
from decision_tables.feel.values import UNKNOWN, to_json
from decision_tables.said import plainly
from service.deciding import DecideRequest

if TYPE_CHECKING:
    from decision_tables.diagnostics import Diagnostic
    from decision_tables.explain import Because, Contradiction, Open, Overruled, TestMet, WhyNot
    from decision_tables.feel.values import Value
    from decision_tables.program import Program
    from decision_tables.vocabulary import Fact, Kind
    from service.deciding import Decision, Replay
    from service.importing import Preview
    from service.store import Draft, ReleaseHead

__all__ = [
    "DecideBody",
    "DecisionBody",
    "DiagnosticShape",
    "ImportBody",
    "Problem",
    "ProblemItem",
    "ReleaseBody",
    "ReleaseShape",
    "ReplayBody",
    "RulebookBody",
    "RulebookLine",
    "bytes_of",
    "decision_bytes",
    "import_body",
    "read_decide",
    "release_shape",
    "replay_bytes",
    "rulebook_body",
    "schema_of_facts",
]


# Questions


class DecideBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """A question: a rulebook, the facts of a case, and what is to be known of it."""

    rulebook: Annotated[str, Meta(description="Key of the rulebook.", examples=["telecom"])]
    facts: Annotated[
        dict[str, Any],
        Meta(
            description="Given facts by name; what is not known is left out. Their types are in"
            " `GET /rulebooks/{key}`. Numbers keep their digits, up to 34.",
            examples=[{"jurisdiction": "BE", "service": "Skype"}],
        ),
    ] = {}
    goals: Annotated[
        Annotated[list[str], Meta(min_length=1)] | None,
        Meta(description="The facts wanted. Never together with `query`.", examples=[["service_class"]]),
    ] = None
    query: Annotated[
        str | None,
        Meta(
            description="A query of the rulebook; with neither, its default query.",
            examples=["classification"],
        ),
    ] = None
    as_of: Annotated[date | None, Meta(description="The date of the facts; today if left out.")] = None
    known_on: Annotated[
        date | None, Meta(description="The day by whose legal knowledge one judges; today if left out.")
    ] = None
    release: Annotated[
        Annotated[int, Meta(ge=1, le=2**31 - 1)] | None,
        Meta(description="Number of the release to use; the active one if left out."),
    ] = None
    released_at: Annotated[
        Annotated[datetime, Meta(tz=True)] | None,
        Meta(description="Use the release that was active then. Never together with `release`."),
    ] = None
    absent: Annotated[
        Absent | None,
        Meta(
            description="What a fact is that nobody gives and nothing concludes; left out, the rulebook says."
        ),
    ] = None
    explain: Annotated[
        Explain,
        Meta(description="`brief`: each goal with its rule and citation. `full`: the proof, and why not."),
    ] = "brief"
    language: Annotated[
        str,
        Meta(description="Of labels and questions; the rulebook's first if empty.", examples=["en", "nl"]),
    ] = ""
    ignore_undeclared_facts: Annotated[
        bool, Meta(description="Drop facts that the vocabulary does not know, in place of refusing them.")
    ] = False
    dry_run: Annotated[bool, Meta(description="Answer without logging; the answer has no id.")] = False


_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=plainly)
_FIELDS = {field.name: field for field in msgspec.structs.fields(DecideBody)}
_EXPECTED = {
    "rulebook": "text, the key of a rulebook",
    "facts": "an object of facts by name",
    "goals": "a list of names of facts, not empty",
    "query": "text, the key of a query",
    "as_of": "a date such as 2026-01-31",
    "known_on": "a date such as 2026-01-31",
    "release": "the number of a release",
    "released_at": "an instant with its time zone, such as 2026-01-31T09:30:00Z",
    "absent": "`unknown` or `null`",
    "explain": "`none`, `brief` or `full`",
    "language": "text, a language code such as en",
    "ignore_undeclared_facts": "true or false",
    "dry_run": "true or false",
}


def read_decide(raw: bytes, *, depth: int) -> DecideRequest:
    """The question that a body asks.

    Raises:
        InvalidRequest: no JSON, or too deep; or fields that are unknown, missing, of the wrong type or contradict
            each other, all of them.
    """
    body = json_of(raw, depth=depth)
    if not isinstance(body, dict):
        raise InvalidRequest(problems=[FactProblem("", "request/type", "The body must be a JSON object")])
    problems: list[FactProblem] = []
    values: dict[str, Any] = {}
    for name, given in body.items():
        field = _FIELDS.get(name)
        if field is None:
            problems.append(_unknown_field(name, guess=len(problems) < GUESSED))
            continue
        try:
            values[name] = msgspec.convert(given, field.type)
        except msgspec.ValidationError:
            message = f"`{name}` must be {_EXPECTED[name]}"
            problems.append(FactProblem(pointer(name), "request/type", message, _shown(given)))
    if "rulebook" not in body:
        problems.append(FactProblem("/rulebook", "request/missing-field", "`rulebook` is missing"))
    for one, other, code in (
        ("goals", "query", "request/goals-and-query"),
        ("release", "released_at", "request/two-releases"),
    ):
        if values.get(one) is not None and values.get(other) is not None:
            problems.append(FactProblem(f"/{other}", code, f"give `{one}` or `{other}`, not both"))
    if problems:
        raise InvalidRequest(problems=problems)
    if values.get("goals") is not None:
        values["goals"] = tuple(values["goals"])
    return DecideRequest(**values)


def _unknown_field(name: str, *, guess: bool) -> FactProblem:
    return FactProblem.unknown(
        name,
        _FIELDS,
        where=pointer(name[:80]),
        code="request/unknown-field",
        message="is no field of a question",
        guess=guess,
        allowed=tuple(_FIELDS) if guess else (),
    )


def _shown(given: Any) -> Any:
    if given is None or isinstance(given, bool):
        return given
    if isinstance(given, int | Decimal):
        return (
            given if Decimal(given).adjusted() < 80 and len(Decimal(given).as_tuple().digits) < 80 else None
        )
    return str(given)[:80]


# Answers


class Waiting(Struct, kw_only=True):
    """A goal that stays open: why, for which facts, and what of a list is certain or possible already."""

    reason: Literal["facts", "referral", "conflict"]
    certain: list[Any]
    possible: list[Any]
    waiting_for: list[str]


class MissingFact(Struct, kw_only=True):
    """A fact that would help, with the question to put to a person; the most useful first."""

    fact: str
    question: str
    type: str
    allowed: list[Any]
    settles: list[str]


class RuleName(Struct, kw_only=True):
    """A rule by its table and id."""

    table: str
    rule: Annotated[str, Meta(description="Empty: no rule matched, or a formula.")]


class ConflictShape(Struct, kw_only=True):
    """Rules that contradict each other about a fact."""

    fact: str
    rules: list[RuleName]
    message: str


class ReferralShape(Struct, kw_only=True):
    """A question that the law leaves to human judgement; once judged, it is a given fact."""

    fact: str
    table: str
    rule: str
    question: str
    citation: str


class TestShape(Struct, kw_only=True):
    """A condition of a rule, and the value that met it or did not."""

    on: str
    value: Annotated[Any, Meta(description="Null where it is not known: then `holds` is null too.")]
    test: str
    holds: Annotated[bool | None, Meta(description="Null while it may go either way.")]


class BecauseShape(Struct, kw_only=True):
    """One step of a derivation: a rule that gives a fact its value."""

    fact: str
    value: Annotated[Any, Meta(description="What the rule says of it: of a list, the rule's entry.")]
    table: str
    rule: Annotated[str, Meta(description="Empty: a formula, or no rule matched.")]
    certain: Annotated[
        bool, Meta(description="False: it may or may not hold, and says the same as all others that may.")
    ]
    tests: list[TestShape]
    citation: str
    confidence: str
    note: str
    flags: list[str]
    notes: Annotated[
        dict[str, str] | UnsetType,
        Meta(
            description="What it says in the table's own columns of notes, by key; left out where it says nothing."
        ),
    ] = UNSET
    from_: Annotated[list[str], Meta(description="The facts it rests on.")] = msgspec.field(name="from")


class WhyNotShape(Struct, kw_only=True):
    """A rule that would have given another value, and the conditions that it failed."""

    fact: str
    would_be: Any
    table: str
    rule: str
    failed: list[TestShape]


class OverruledShape(Struct, kw_only=True):
    """A given fact that the rulebook concludes, too: the given value stands."""

    fact: str
    table: str
    rules: Annotated[
        list[str], Meta(description="That would conclude `would_be`; only if `explain` is `full`.")
    ]
    would_be: Annotated[
        Any | UnsetType,
        Meta(
            description="What the table would have said; left out if that is open, or if `explain` is not `full`."
        ),
    ] = UNSET


class WarningShape(Struct, kw_only=True):
    """Something that went less than well, and where."""

    code: str
    table: str
    rule: str
    column: str
    text: str
    message: str


class DecisionBody(Struct, kw_only=True):
    """A decision: what was concluded, what is missing, and why."""

    id: Annotated[str | None, Meta(description="UUID version 7; null for a dry run.")]
    rulebook: str
    release: Annotated[int | None, Meta(description="Null for a draft that was tried.")]
    release_hash: str
    program: Annotated[str, Meta(description="Version of the program that decided.")]
    as_of: date
    known_on: date
    holds_from: Annotated[
        date | None,
        Meta(
            description="The answer holds from this day; null: from ever, or not known (a warning says so)."
        ),
    ]
    holds_until: Annotated[date | None, Meta(description="The first day on which it may be another.")]
    status: Literal["determined", "partial", "undetermined", "conflict"]
    conclusions: Annotated[
        dict[str, Any],
        Meta(
            description="Each determined goal and its value. Where a part of an entry waits for facts, the part is"
            " null and the entry's `waiting_for` names them."
        ),
    ]
    undetermined: dict[str, Waiting]
    missing: list[MissingFact]
    conflicts: list[ConflictShape]
    referrals: list[ReferralShape]
    because: Annotated[
        list[BecauseShape] | UnsetType, Meta(description="Left out if `explain` is `none`.")
    ] = UNSET
    why_not: Annotated[list[WhyNotShape] | UnsetType, Meta(description="Only if `explain` is `full`.")] = (
        UNSET
    )
    overruled: Annotated[
        list[OverruledShape] | UnsetType,
        Meta(description="Left out if there is none, or if `explain` is `none`."),
    ] = UNSET
    flags: list[str]
    warnings: list[WarningShape]


def bytes_of(shape: Any) -> bytes:
    """The JSON of a shape; numbers with the digits they have."""
    return _encoder.encode(shape)


def decision_bytes(decision: Decision) -> bytes:
    """The answer's body."""
    return bytes_of(_decision_body(decision))


def _decision_body(decision: Decision) -> DecisionBody:
    answer = decision.answer
    body = DecisionBody(
        id=decision.id,
        rulebook=decision.rulebook,
        release=decision.release,
        release_hash=decision.release_hash,
        program=decision.program,
        as_of=decision.as_of,
        known_on=decision.known_on,
        holds_from=answer.holds_from,
        holds_until=answer.holds_until,
        status=answer.status,
        conclusions={goal: to_json(value) for goal, value in answer.conclusions.items()},
        undetermined={goal: _waiting(waiting) for goal, waiting in answer.undetermined.items()},
        missing=[
            MissingFact(
                fact=missing.fact,
                question=missing.question,
                type=missing.type,
                allowed=[to_json(value) for value in missing.allowed],
                settles=list(missing.settles),
            )
            for missing in answer.missing
        ],
        conflicts=[_conflict(conflict) for conflict in answer.conflicts],
        referrals=[
            ReferralShape(
                fact=referral.fact,
                table=referral.table,
                rule=referral.rule,
                question=referral.question,
                citation=referral.citation,
            )
            for referral in answer.referrals
        ],
        flags=list(answer.flags),
        warnings=[
            WarningShape(
                code=warning.code,
                table=warning.table,
                rule=warning.rule,
                column=warning.column,
                text=warning.text,
                message=warning.message,
            )
            for warning in answer.warnings
        ],
    )
    if decision.explain != "none":
        body.because = [_because(because) for because in answer.because]
        if answer.overruled:
            body.overruled = [_overruled(overruled) for overruled in answer.overruled]
    if decision.explain == "full":
        body.why_not = [_why_not(why_not) for why_not in answer.why_not]
    return body


def _waiting(waiting: Open) -> Waiting:
    return Waiting(
        reason=waiting.reason,
        certain=[entry_json(entry) for entry in waiting.certain],
        possible=[entry_json(entry) for entry in waiting.possible],
        waiting_for=list(waiting.waiting_for),
    )


def _known_part(value: Value) -> Any:
    if value is UNKNOWN:
        return None
    if type(value) is dict:
        return {name: _known_part(part) for name, part in value.items()}
    if type(value) is list:
        return [_known_part(item) for item in value]
    return to_json(value)


def _conflict(conflict: Contradiction) -> ConflictShape:
    named = " and ".join(f"{table} {rule or '(no rule)'}".strip() for table, rule in conflict.rules)
    return ConflictShape(
        fact=conflict.fact,
        rules=[RuleName(table=table, rule=rule) for table, rule in conflict.rules],
        message=f"`{conflict.fact}` is contradicted: {named} do not agree.",
    )


def _test(met: TestMet) -> TestShape:
    return TestShape(on=met.on, value=_known_part(met.value), test=met.test, holds=met.holds)


def _because(because: Because) -> BecauseShape:
    return BecauseShape(
        fact=because.fact,
        value=_known_part(because.value),
        table=because.table,
        rule=because.rule,
        certain=because.certain,
        tests=[_test(met) for met in because.tests],
        citation=because.citation,
        confidence=because.confidence,
        note=because.note,
        notes=dict(because.notes) or UNSET,
        flags=list(because.flags),
        from_=list(because.rests_on),
    )


def _why_not(why_not: WhyNot) -> WhyNotShape:
    return WhyNotShape(
        fact=why_not.fact,
        would_be=_known_part(why_not.would_be),
        table=why_not.table,
        rule=why_not.rule,
        failed=[_test(met) for met in why_not.failed],
    )


def _overruled(overruled: Overruled) -> OverruledShape:
    return OverruledShape(
        fact=overruled.fact,
        table=overruled.table,
        rules=list(overruled.rules),
        would_be=UNSET if overruled.would_be is UNKNOWN else _known_part(overruled.would_be),
    )


class DifferenceShape(Struct, kw_only=True):
    """A field in which a replay and the record disagree."""

    field: str
    recorded: Any
    replayed: Any


class ReplayBody(Struct, kw_only=True):
    """An old decision computed again, compared with what was answered then."""

    equal: bool
    differences: list[DifferenceShape]
    recorded_program: Annotated[str, Meta(description="Version of the program that decided then.")]
    replayed_program: Annotated[str, Meta(description="Version of the program that decided now.")]
    answer: DecisionBody


def replay_bytes(replay: Replay) -> bytes:
    """A replay's body; the answer in it is the very bytes that would be logged."""
    return bytes_of(
        {
            "equal": replay.equal,
            "differences": [
                DifferenceShape(field=found.field, recorded=found.recorded, replayed=found.replayed)
                for found in replay.differences
            ],
            "recorded_program": replay.recorded_program,
            "replayed_program": replay.replayed_program,
            "answer": msgspec.Raw(replay.answer),
        }
    )


# Rulebooks


class RulebookLine(Struct, kw_only=True):
    """A rulebook in the list."""

    key: str
    title: Annotated[dict[str, str], Meta(description="By language.")]
    release: Annotated[int | None, Meta(description="The active release; null before the first.")]


class QueryShape(Struct, kw_only=True):
    """A named list of goals."""

    key: str
    title: dict[str, str]
    goals: list[str]


class ReleaseShape(Struct, kw_only=True):
    """A release: immutable, numbered, chained to the one before by its hash."""

    number: int
    active: bool
    content_hash: str
    previous_hash: Annotated[str, Meta(description="Empty for the first.")]
    hash: str
    note: str
    author: str
    created_at: datetime


class RulebookBody(Struct, kw_only=True):
    """What a caller needs to know of the active release before asking."""

    key: str
    title: dict[str, str]
    note: str
    languages: list[str]
    time_zone: Annotated[str, Meta(description='In which "today" is reckoned.')]
    default_query: str
    queries: list[QueryShape]
    tables: list[str]
    concluded: Annotated[list[str], Meta(description="The facts that its nodes conclude.")]
    release: ReleaseShape
    facts: Annotated[dict[str, Any], Meta(description="JSON Schema (2020-12) of `facts` in `POST /decide`.")]


class ReleaseBody(Struct, kw_only=True):
    """A release with the whole rulebook document."""

    release: ReleaseShape
    document: Annotated[dict[str, Any], Meta(description="The rulebook as its authors typed it.")]


def release_shape(release: ReleaseHead, *, active: int | None) -> ReleaseShape:
    """A release's head; `active` is the number of the active one."""
    return ReleaseShape(
        number=release.number,
        active=release.number == active,
        content_hash=release.content_hash,
        previous_hash=release.previous_hash,
        hash=release.hash,
        note=release.note,
        author=release.author,
        created_at=release.created_at,
    )


def rulebook_body(program: Program, release: ReleaseHead) -> RulebookBody:
    """What a caller needs to know of a release."""
    book = program.rulebook
    return RulebookBody(
        key=book.key,
        title=book.title.by_language,
        note=book.note,
        languages=list(book.languages),
        time_zone=book.time_zone,
        default_query=book.default_query,
        queries=[
            QueryShape(key=query.key, title=query.title.by_language, goals=list(query.goals))
            for query in book.queries
        ],
        tables=[node.key for node in book.nodes],
        concluded=sorted(program.concluded),
        release=release_shape(release, active=release.number),
        facts=schema_of_facts(program),
    )


_JSON_TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "description": "ISO 8601 time, as FEEL has it"},
    "date and time": {"type": "string", "description": "ISO 8601 date and time, as FEEL has it"},
    "days and time duration": {"type": "string", "description": "ISO 8601 duration such as P10DT8H"},
    "years and months duration": {"type": "string", "description": "ISO 8601 duration such as P1Y6M"},
    "context": {"type": "object"},
    "list": {"type": "array"},
}


def schema_of_facts(program: Program) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the facts that a program takes; FEEL tests that are no list are told as text."""
    vocabulary = program.vocabulary
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            key: _schema_of_fact(program, fact, vocabulary.kinds[key])
            for key, fact in vocabulary.facts.items()
        },
        "additionalProperties": False,
    }


def _schema_of_fact(program: Program, fact: Fact, kind: Kind) -> dict[str, Any]:
    schema = _schema_of_kind(kind)
    if fact.nullable:
        schema = {"anyOf": [schema, {"type": "null"}]}
    language = program.rulebook.languages[0]
    told: dict[str, Any] = {
        "title": fact.label.said_in(language),
        "x-question": fact.question.by_language,
        "x-explanation": fact.explanation.by_language,
        "x-unit": fact.unit,
        "x-concluded": fact.key in program.concluded,
    }
    return {**schema, **{name: value for name, value in told.items() if value}}


def _schema_of_kind(kind: Kind) -> dict[str, Any]:
    if kind.items is not None:
        schema: dict[str, Any] = {"type": "array", "items": _schema_of_kind(kind.items)}
    elif kind.entries:
        entries = {name: _schema_of_kind(entry) for name, entry in kind.entries}
        nullable = {name: {"anyOf": [entry, {"type": "null"}]} for name, entry in entries.items()}
        schema = {"type": "object", "properties": nullable}
    else:
        schema = dict(_JSON_TYPES.get(kind.name, {}))
    if kind.values is not None:
        schema["enum"] = [to_json(value) for value in kind.values]
    elif kind.allowed:
        schema["x-feel-allowed"] = ", ".join(test.text for test in kind.allowed)
    return schema


# Problems


class ProblemItem(Struct, kw_only=True):
    """One thing that is wrong with a request."""

    path: Annotated[str, Meta(description="JSON Pointer into the body.", examples=["/facts/jurisdiction"])]
    code: str
    message: str
    given: Any
    allowed: Annotated[list[str], Meta(description="The allowed values, or the type.")]
    near_miss: Annotated[str | None, Meta(description="What was most likely meant.")]

    @classmethod
    def of(cls, found: FactProblem) -> ProblemItem:
        """The shape of a problem."""
        return cls(
            path=found.path,
            code=found.code,
            message=found.message,
            given=found.given,
            allowed=list(found.allowed),
            near_miss=found.near_miss,
        )


class DiagnosticShape(Struct, kw_only=True):
    """Something wrong in a rulebook, and where."""

    code: str
    severity: str
    table: str
    rule: str
    column: str
    span: Annotated[
        Annotated[list[int], Meta(min_length=2, max_length=2)] | None,
        Meta(description="Half-open range of characters in the cell's text."),
    ]
    message: str
    hint: str
    text: str
    repair: Annotated[
        str, Meta(description="The whole text as it was most likely meant; empty if that is not plain.")
    ]
    address: Annotated[
        str, Meta(description="The cell of the file (`Fees!C7`); empty where no file with cells was read.")
    ]

    @classmethod
    def of(cls, found: Diagnostic, address: str = "") -> DiagnosticShape:
        """The shape of a diagnostic, with the cell of the file that it was found in."""
        where = found.where
        return cls(
            code=found.code,
            severity=found.severity,
            table=where.table,
            rule=where.rule,
            column=where.column,
            span=None if where.span is None else list(where.span),
            message=found.message,
            hint=found.hint,
            text=found.text,
            repair=found.repair,
            address=address,
        )


class ChangeShape(Struct, kw_only=True):
    """A difference from the active release."""

    kind: str
    what: Annotated[str, Meta(description="The kind of piece: rule, cell, column, table, fact, …")]
    table: str
    rule: str
    column: str
    before: str
    after: str


class ImportBody(Struct, kw_only=True):
    """What came of files that were brought in."""

    rulebook: str
    new: Annotated[bool, Meta(description="There was no rulebook of this key.")]
    base: Annotated[int | None, Meta(description="The active release that the draft would change.")]
    draft: Annotated[str | None, Meta(description="The draft that was made; null in a dry run.")]
    publishable: Annotated[bool, Meta(description="Nothing wrong keeps it from being published.")]
    changes: Annotated[
        list[ChangeShape], Meta(description="Against the active release, pieces known by their ids.")
    ]
    notes: Annotated[
        list[DiagnosticShape],
        Meta(description="What was left out or forgiven; places are those of the file."),
    ]
    diagnostics: Annotated[
        list[DiagnosticShape], Meta(description="What is wrong with the rulebook, in its own places.")
    ]


def import_body(preview: Preview, draft: Draft | None = None) -> ImportBody:
    """What files say, and the draft that was made of it."""
    return ImportBody(
        rulebook=preview.rulebook.key,
        new=preview.is_new,
        base=preview.base,
        draft=None if draft is None else draft.id,
        publishable=not preview.errors,
        changes=[
            ChangeShape(
                kind=change.kind,
                what=change.what,
                table=change.where.table,
                rule=change.where.rule,
                column=change.where.column,
                before=change.before,
                after=change.after,
            )
            for change in preview.changes
        ],
        notes=[DiagnosticShape.of(found, preview.address_of(found)) for found in preview.notes],
        diagnostics=[DiagnosticShape.of(found, preview.address_of(found)) for found in preview.diagnostics],
    )


class Problem(Struct, kw_only=True, omit_defaults=True):
    """What went wrong (RFC 9457); `code` is stable and has a heading in docs/errors.md."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    problems: list[ProblemItem] | UnsetType = UNSET
    diagnostics: list[DiagnosticShape] | UnsetType = UNSET
    reasons: list[str] | UnsetType = UNSET
    seen: Annotated[int | UnsetType, Meta(description="The revision the author started from.")] = UNSET
    current: Annotated[int | UnsetType, Meta(description="The revision that is stored now.")] = UNSET
