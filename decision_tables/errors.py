"""What stops the work.

    DecidableError
    ├── InvalidFacts       the given facts break the vocabulary; all problems at once
    ├── InvalidRulebook    it does not compile; carries the diagnostics
    ├── InvalidRequest     a question that cannot be asked (unknown goal, two queries, a bad date)
    ├── NotFound           no such rulebook, release, decision, table; with the near miss of a name
    │   └── DraftClosed    the draft was published, or discarded
    ├── Refused            understood, and not allowed (may not publish, cases fail, wrong password)
    ├── EditConflict       somebody else saved first; carries both revisions
    ├── BudgetExhausted    an evaluation took more steps, or nested deeper, than it may
    └── Unavailable        a part that the answer needs does not work now (the log cannot commit)

An author's mistake is not here: it is a value, `decision_tables.diagnostics.Diagnostic`. FEEL trouble at run
time is not here either: it is null plus a warning (DMN 1.5, 10.3.2). HTTP statuses live in
`service.api.problems` alone. Every `code` has a heading in docs/errors.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from decision_tables.diagnostics import near_miss
from decision_tables.said import joined, said, said_many, said_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from decision_tables.diagnostics import Diagnostic

__all__ = [
    "GUESSED",
    "BudgetExhausted",
    "DecidableError",
    "DraftClosed",
    "EditConflict",
    "FactProblem",
    "InvalidFacts",
    "InvalidRequest",
    "InvalidRulebook",
    "NotFound",
    "Refused",
    "Unavailable",
    "pointer",
]


class DecidableError(Exception):
    """The root; `code` is stable and `str(error)` is a sentence for the caller."""

    code = "internal"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code

    @property
    def message(self) -> str:
        """What it says, as it can be said again in another language; `str(error)` is the same in English."""
        return said_of(self)


@dataclass(frozen=True, slots=True)
class FactProblem:
    """One given fact that cannot be accepted.

    Attributes:
        path: JSON Pointer into the request, `/facts/jurisdiction`.
        code: stable, `facts/undeclared`, `facts/type`, `facts/not-allowed`, `facts/null`, `facts/number`.
        message: what was given and what is expected.
        given: the value as given, shortened.
        allowed: the allowed values as a caller would write them (text without quotes), or the type's name.
        near_miss: what the caller most likely meant, or None.
    """

    path: str
    code: str
    message: str
    given: object = None
    allowed: tuple[str, ...] = ()
    near_miss: str | None = None

    @classmethod
    def unknown(
        cls,
        word: str,
        known: Iterable[str],
        *,
        where: str,
        code: str,
        message: str,
        guess: bool,
        given: object = None,
        allowed: tuple[str, ...] = (),
    ) -> FactProblem:
        """A word of the caller's that is none of those known, with the near miss if it is to be guessed.

        Args:
            word: as given; over 80 characters of it are never told.
            known: the words that it might have been.
            where: JSON Pointer to it.
            code: of the problem.
            message: what it is not ("is no fact of this rulebook").
            guess: whether to look for the near miss; see `GUESSED`.
            given: the value that came with it, shortened.
            allowed: what it may be.
        """
        word = word[:_SHORT]
        close = near_miss(word, known) if guess else None
        told = said("`{word}` {message}", word=word, message=message)
        if close:
            told = said("{told}; did you mean `{close}`?", told=told, close=close)
        return cls(where, code, told, given, allowed, close)


GUESSED = 20
"""For how many unknown words a near miss is looked for: it takes milliseconds, and a body may hold 100,000."""

_SHORT = 80
_LISTED = 1_000
_SAID = 20


def _listed(problems: Sequence[FactProblem]) -> tuple[FactProblem, ...]:
    """The problems, and beyond a thousand only how many more: a body may hold a hundred thousand."""
    if len(problems) <= _LISTED:
        return tuple(problems)
    more = FactProblem("", "facts/more", said("and {count} more", count=len(problems) - _LISTED))
    return (*problems[:_LISTED], more)


def _told(problems: Sequence[FactProblem]) -> str:
    """The problems as a sentence, the first of them."""
    told: list[str] = [problem.message for problem in problems[:_SAID]]
    if len(problems) > _SAID:
        told.append(said("and {count} more", count=len(problems) - _SAID))
    return joined("; ", told)


class InvalidFacts(DecidableError):
    """The given facts break the vocabulary; with them whatever else is wrong with the question."""

    code = "facts/invalid"

    def __init__(self, problems: Sequence[FactProblem]) -> None:
        super().__init__(
            said_many(
                "A fact cannot be accepted: {told}",
                "{count} facts cannot be accepted: {told}",
                len(problems),
                told=_told(problems),
            )
        )
        self.problems = _listed(problems)


def pointer(*names: str) -> str:
    """The JSON Pointer (RFC 6901) of nested members."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)


class InvalidRulebook(DecidableError):
    """A rulebook with errors cannot be compiled; its diagnostics say why."""

    code = "rulebook/invalid"

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(said("The rulebook has {count} error(s).", count=len(diagnostics)))
        self.diagnostics = tuple(diagnostics)


class InvalidRequest(DecidableError):
    """The question itself cannot be asked; `problems` names what is wrong with it, where it has a place."""

    code = "request/invalid"

    def __init__(
        self, message: str = "", *, code: str | None = None, problems: Sequence[FactProblem] = ()
    ) -> None:
        super().__init__(message or _told(problems), code=code)
        self.problems = _listed(problems)


class NotFound(DecidableError):
    """What was asked for does not exist.

    Attributes:
        asked: the name that nothing has; empty where it is not about a name.
        near: the name that was most likely meant; empty if nothing is close.
    """

    code = "not-found"

    def __init__(self, message: str, *, code: str | None = None, asked: str = "", near: str = "") -> None:
        super().__init__(message, code=code)
        self.asked = asked
        self.near = near

    @classmethod
    def named(cls, kind: str, name: str, known: Iterable[str]) -> NotFound:
        """Nothing of that kind has the name.

        Args:
            kind: one of `_KINDS`.
            name: as asked for; over 80 characters of it are never told.
            known: the names that there are.
        """
        name = name[:_SHORT]
        near = near_miss(name, known) or "" if name else ""
        what = _KINDS[kind]
        message = said("There is no {kind} {name}.", kind=what, name=name)
        if not name:
            message = said("No {kind} was named.", kind=what)
        elif near:
            message = joined(" ", [message, said("Did you mean {close}?", close=near)])
        noun = "table" if kind == "node" else kind
        return cls(message, code=f"{noun}/not-found", asked=name, near=near)


_KINDS = {
    "case": said("case"),
    "column": said("column"),
    "fact": said("fact"),
    "formula": said("formula"),
    "function": said("function"),
    "node": said("table or formula"),
    "query": said("query"),
    "rule": said("rule"),
    "rulebook": said("rulebook"),
    "service": said("decision service"),
    "table": said("table"),
    "type": said("type"),
}


class DraftClosed(NotFound):
    """A draft that is open no more.

    Attributes:
        draft: its id.
        published_as: the number of the release that it became; None if it was discarded.
    """

    code = "draft/closed"

    def __init__(self, draft: str, published_as: int | None) -> None:
        super().__init__(
            said("This draft was published as release {published_as}.", published_as=str(published_as))
            if published_as
            else said("This draft was discarded.")
        )
        self.draft = draft
        self.published_as = published_as


class Refused(DecidableError):
    """Understood, and not allowed; `reasons` says what would have to change."""

    code = "refused"

    def __init__(self, message: str, *, code: str | None = None, reasons: Sequence[str] = ()) -> None:
        super().__init__(message, code=code)
        self.reasons = tuple(reasons)


class EditConflict(DecidableError):
    """Somebody else saved first.

    Attributes:
        seen: the revision the author started from.
        current: the revision that is stored now.
    """

    code = "edit/conflict"

    def __init__(self, message: str, *, seen: int, current: int) -> None:
        super().__init__(message)
        self.seen = seen
        self.current = current


class BudgetExhausted(DecidableError):
    """An evaluation took more steps, or nested deeper, than it may."""

    code = "budget/exhausted"


class Unavailable(DecidableError):
    """A part that the answer needs does not work now; `retry_after` in seconds, if known."""

    code = "unavailable"

    def __init__(self, message: str, *, code: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after
