"""The use case *decide*: facts in, a logged decision out; and the replay of an old one.

Here the three clocks and the release are fixed, and here alone a clock is read (semantics: the replay law). The
log line of a decision holds everything that determines its answer: goals, facts, `absent`, as-of, known-on, the
instant, the release with its hash, the program version, how much to explain and in which language.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from decision_tables.chain import Absent, Case
from decision_tables.errors import InvalidFacts, InvalidRequest, InvalidRulebook, Unavailable
from decision_tables.explain import Answer, AnswerWarning, Explain, Tried, answer, rows_tried
from decision_tables.said import plainly, said
from service.library import Loaded
from service.store import DecisionRecord, uuid7

if TYPE_CHECKING:
    from decision_tables.feel.values import Value
    from decision_tables.program import Program
    from service.engine import Engine
    from service.library import Library
    from service.store import DecisionLog, ReleaseHead

__all__ = [
    "DecideRequest",
    "Deciding",
    "Decision",
    "Difference",
    "Encode",
    "Replay",
    "Retold",
    "decided_by",
    "program_version",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRequest:
    """What a caller asks; whatever is None is filled in, and the decision says with what.

    Attributes:
        rulebook: its key.
        facts: given facts as JSON values, numbers as int or Decimal.
        goals: the facts wanted; never together with `query`.
        query: a query of the rulebook; neither: its default query.
        as_of: the date of the facts; today in the rulebook's time zone if None.
        known_on: the day by whose legal knowledge one judges; today if None.
        release: number of the release to use; the active one if None.
        released_at: use the release that was active then; never together with `release`. Aware.
        absent: what a fact is that nobody gives and nothing concludes; as the rulebook has it if None.
        explain: how much of the proof to give.
        language: of labels and questions; empty for the rulebook's first.
        ignore_undeclared_facts: drop facts that the vocabulary does not know, in place of refusing them.
        dry_run: answer without logging; the decision has no id.
        rows_of: the key of a table of which every rule is to be told, put to the case; empty for none. It is for
            people who look at one case, and no part of what is logged.
    """

    rulebook: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    goals: tuple[str, ...] | None = None
    query: str | None = None
    as_of: date | None = None
    known_on: date | None = None
    release: int | None = None
    released_at: datetime | None = None
    absent: Absent | None = None
    explain: Explain = "brief"
    language: str = ""
    ignore_undeclared_facts: bool = False
    dry_run: bool = False
    rows_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One answer, with everything that it was answered from.

    Attributes:
        id: UUID version 7; None if it was not logged.
        rulebook: its key.
        release: the release's number; None for a draft.
        release_hash: the release's hash; the content hash of a draft.
        program: the version of this program.
        as_of: the date of the facts that was used.
        known_on: the known-on date that was used.
        instant: what `now()` was.
        goals: the facts wanted, after query and default were looked up.
        absent: what a fact was that nobody gave and nothing concluded.
        explain: how much of the proof `answer` holds.
        answer: the answer itself.
        rows: every rule of the table that `DecideRequest.rows_of` names.
    """

    id: str | None
    rulebook: str
    release: int | None
    release_hash: str
    program: str
    as_of: date
    known_on: date
    instant: datetime
    goals: tuple[str, ...]
    absent: Absent
    explain: Explain
    answer: Answer
    rows: tuple[Tried, ...] = ()


Encode: TypeAlias = Callable[[Decision], bytes]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which a replay and the record disagree; JSON values, None where a side has nothing."""

    field: str
    recorded: Any
    replayed: Any


@dataclass(frozen=True, slots=True)
class Replay:
    """An old decision computed again.

    Attributes:
        equal: whether all compared fields agree.
        differences: those that do not, by field.
        recorded_program: the program version that decided then.
        replayed_program: the program version that decided now.
        answer: the new answer, encoded.
    """

    equal: bool
    differences: tuple[Difference, ...]
    recorded_program: str
    replayed_program: str
    answer: bytes


@dataclass(frozen=True, slots=True)
class Retold:
    """An old decision as people read it.

    Attributes:
        record: what the log holds.
        facts: those that were given, as JSON values.
        loaded: the release that decided.
        decision: the same computed again, with its whole proof.
        equal: whether it comes to the same as it did then.
    """

    record: DecisionRecord
    facts: dict[str, Any]
    loaded: Loaded
    decision: Decision
    equal: bool


class Deciding:
    """Answers questions from releases, and logs each decision before it is answered.

    Args:
        library: compiled releases.
        engine: fires the nodes.
        log: makes decisions durable.
        steps: how many evaluation steps one decision may take.
        clock: gives the present instant, aware; replaced in tests only.
    """

    def __init__(
        self,
        library: Library,
        engine: Engine,
        log: DecisionLog,
        *,
        steps: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._library = library
        self._engine = engine
        self._log = log
        self._steps = steps
        self._clock = clock

    async def decide(self, request: DecideRequest, encode: Encode, caller: str) -> tuple[Decision, bytes]:
        """Decides, logs, and then gives the decision and the very bytes that were logged as its answer.

        A caller who goes away in the meantime is logged all the same.

        Raises:
            NotFound: no such rulebook or release.
            InvalidRequest: the question cannot be asked.
            InvalidFacts: the vocabulary refuses facts; all of them are named.
            BudgetExhausted: the evaluation took too many steps.
            Unavailable: the decision could not be logged; nothing is answered.
        """
        loaded = await self._loaded(request)
        instant = self._clock()
        decided = decided_by(
            self._engine,
            loaded.program,
            request,
            instant=instant,
            steps=self._steps,
            identity=None if request.dry_run else uuid7(),
            release=loaded.release,
        )
        answer = encode(decided)
        if decided.id is not None:
            record = DecisionRecord(
                id=decided.id,
                at=instant,
                rulebook=decided.rulebook,
                release=loaded.release.number,
                request=_recorded(request, decided),
                answer=answer,
                caller=caller,
            )
            await asyncio.shield(self._log.write(record))
        return decided, answer

    async def trial(self, request: DecideRequest, program: Program | None = None) -> Decision:
        """Decides without logging: by the release that the request names, or by a draft's program."""
        release = None
        if program is None:
            loaded = await self._loaded(request)
            program, release = loaded.program, loaded.release
        return decided_by(
            self._engine, program, request, instant=self._clock(), steps=self._steps, release=release
        )

    async def recorded(self, identity: str) -> DecisionRecord:
        """A logged decision.

        Raises:
            NotFound: none has that id.
        """
        return await self._log.read(identity)

    async def replay(self, identity: str, encode: Encode) -> Replay:
        """Computes a logged decision again and compares conclusions, status, what is open, rules and clocks.

        Raises:
            NotFound: no decision has that id.
            Unavailable: the release does not compile here (`release/broken`), or is not the one that decided
                (`replay/release-differs`).
        """
        record, logged, _, decided = await self._again(identity)
        answer = encode(decided)
        differences = _differences(_decoder.decode(record.answer), _decoder.decode(answer))
        return Replay(not differences, differences, logged["program"], decided.program, answer)

    async def retold(self, identity: str, encode: Encode, *, language: str = "") -> Retold:
        """A logged decision computed again for people to read: with its whole proof, in their language.

        Args:
            identity: the decision's id.
            encode: as its answer was encoded.
            language: of labels and questions; as it was logged if empty, or if the rulebook does not speak it.

        Raises:
            NotFound, Unavailable: as `replay`.
        """
        replay = await self.replay(identity, encode)
        record, logged, loaded, decided = await self._again(identity, explain="full", language=language)
        return Retold(record, dict(logged["facts"]), loaded, decided, replay.equal)

    async def rows_of(self, identity: str, table: str) -> tuple[Tried, ...]:
        """Every rule of a table, put to the case of a logged decision.

        Raises:
            NotFound, Unavailable: as `replay`.
        """
        *_, decided = await self._again(identity, explain="none", rows_of=table)
        return decided.rows

    async def _again(
        self, identity: str, *, explain: Explain | None = None, language: str = "", rows_of: str = ""
    ) -> tuple[DecisionRecord, dict[str, Any], Loaded, Decision]:
        """A logged decision's record, what was asked, by what it was decided, and the same decided now."""
        record = await self.recorded(identity)
        logged = _decoder.decode(record.request)
        loaded = await self._loaded(DecideRequest(rulebook=record.rulebook, release=record.release))
        if loaded.release.hash != logged["release_hash"]:
            raise Unavailable(
                said(
                    "Release {release} of {rulebook} is not the one that decided: its hash differs.",
                    release=str(record.release),
                    rulebook=record.rulebook,
                ),
                code="replay/release-differs",
            )
        request = DecideRequest(
            rulebook=record.rulebook,
            facts=logged["facts"],
            goals=tuple(logged["goals"]),
            as_of=date.fromisoformat(logged["as_of"]),
            known_on=date.fromisoformat(logged["known_on"]),
            absent=logged["absent"],
            explain=explain or logged["explain"],
            language=language if language in loaded.program.rulebook.languages else logged["language"],
            ignore_undeclared_facts=logged["ignore_undeclared_facts"],
            rows_of=rows_of,
        )
        decided = decided_by(
            self._engine,
            loaded.program,
            request,
            instant=datetime.fromisoformat(logged["instant"]),
            steps=self._steps,
            identity=record.id,
            release=loaded.release,
        )
        return record, logged, loaded, decided

    async def _loaded(self, request: DecideRequest) -> Loaded:
        if request.release is not None and request.released_at is not None:
            raise InvalidRequest(
                said("Name a release or released_at, not both."), code="request/two-releases"
            )
        try:
            if request.release is not None:
                return await self._library.release(request.rulebook, request.release)
            if request.released_at is not None:
                return await self._library.released_at(request.rulebook, request.released_at)
        except InvalidRulebook as error:
            raise Unavailable(
                said("That release does not compile here: {error}", error=error), code="release/broken"
            ) from error
        return await self._library.active(request.rulebook)


def decided_by(
    engine: Engine,
    program: Program,
    request: DecideRequest,
    *,
    instant: datetime,
    steps: int,
    identity: str | None = None,
    release: ReleaseHead | None = None,
) -> Decision:
    """The decision of a program, not logged; `request.rulebook` and its release are not looked at.

    Args:
        engine: fires the nodes.
        program: of a release, a draft or a pack.
        request: the question.
        instant: what `now()` is, and what "today" is reckoned from; aware.
        steps: how many evaluation steps it may take.
        identity: the decision's id, if it is going to be logged or was.
        release: the release that the program was compiled from, if it was one.

    Raises:
        InvalidRequest: the question cannot be asked.
        InvalidFacts: the vocabulary refuses facts; all of them are named.
        BudgetExhausted: the evaluation took too many steps.
    """
    today = instant.astimezone(ZoneInfo(program.rulebook.time_zone)).date()
    as_of, known_on = request.as_of or today, request.known_on or today
    absent = request.absent or program.rulebook.absent
    goals, facts = _understood(program, request, closed=absent == "null")
    case = Case(
        program,
        facts,
        as_of=as_of,
        known_on=known_on,
        instant=instant,
        closure=program.closure(goals, frozenset(facts)),
        absent=absent,
        steps=steps,
    )
    engine.decide(program, goals, case)
    language = request.language or program.rulebook.languages[0]
    found = answer(case, goals, explain=request.explain, language=language)
    if known_on < as_of:
        found = replace(found, warnings=(_known_before_as_of(as_of, known_on), *found.warnings))
    return Decision(
        id=identity,
        rulebook=program.rulebook.key,
        release=release.number if release else None,
        release_hash=release.hash if release else program.content_hash,
        program=program_version(),
        as_of=as_of,
        known_on=known_on,
        instant=instant,
        goals=goals,
        absent=absent,
        explain=request.explain,
        answer=found,
        rows=rows_tried(case, request.rows_of) if request.rows_of else (),
    )


def _understood(
    program: Program, request: DecideRequest, *, closed: bool
) -> tuple[tuple[str, ...], dict[str, Value]]:
    """The goals and the facts that a request means; what is wrong with either is told together."""

    def accepted() -> dict[str, Value]:
        return program.accept(request.facts, ignore_undeclared=request.ignore_undeclared_facts, closed=closed)

    try:
        goals = program.goals(request.query, request.goals)
    except InvalidRequest as wrong:
        try:
            accepted()
        except InvalidFacts as refused:
            if wrong.problems:
                raise InvalidFacts([*wrong.problems, *refused.problems]) from wrong
        raise
    facts = accepted()
    if closed:
        # To a service an input decision is a parameter: one that is not given is null, and not worked out.
        facts = dict.fromkeys(program.parameters(request.query)) | facts
    return goals, facts


@cache
def program_version() -> str:
    """The version of this program, as installed."""
    try:
        return version("decidable")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0+uninstalled"


# Not canonical_json of the core: that one normalises text (NFC), and a replay must see the facts as given.
# Nor sorted: the order of a context's entries is part of its value.
_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=plainly)
_decoder = msgspec.json.Decoder(float_hook=Decimal)

_COMPARED = (
    *("status", "conclusions", "undetermined", "conflicts", "referrals", "missing", "flags"),
    *("rulebook", "release", "release_hash", "as_of", "known_on", "holds_from", "holds_until"),
)


def _recorded(request: DecideRequest, decided: Decision) -> bytes:
    return _encoder.encode(
        {
            "rulebook": decided.rulebook,
            "release": decided.release,
            "release_hash": decided.release_hash,
            "program": decided.program,
            "goals": decided.goals,
            "query": request.query,
            "as_of": decided.as_of,
            "known_on": decided.known_on,
            "instant": decided.instant,
            "absent": decided.absent,
            "facts": request.facts,
            "explain": request.explain,
            "language": request.language,
            "ignore_undeclared_facts": request.ignore_undeclared_facts,
        }
    )


def _differences(recorded: Mapping[str, Any], replayed: Mapping[str, Any]) -> tuple[Difference, ...]:
    compared = [(name, recorded.get(name), replayed.get(name)) for name in _COMPARED]
    compared.append(("rules", _rules(recorded), _rules(replayed)))
    return tuple(Difference(name, then, now) for name, then, now in compared if then != now)


def _rules(answer: Mapping[str, Any]) -> list[list[Any]] | None:
    because = answer.get("because")
    if because is None:
        return None
    return [[why["fact"], why["table"], why["rule"]] for why in because]


def _known_before_as_of(as_of: date, known_on: date) -> AnswerWarning:
    return AnswerWarning(
        code="clock/known-before-as-of",
        message=said(
            "Judged by what was known on {known_on}, before the date of the facts, {as_of}.",
            known_on=known_on,
            as_of=as_of,
        ),
    )
