"""What somebody types of a new piece, and everything that is wrong with it at once, each at its field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from admin.forms import typed
from admin.words import Tongue, mark
from decision_tables.feel.parse import is_name
from decision_tables.vocabulary import Fact, Words
from service.composing import LONGEST_KEY, free_key, is_key, key_from
from service.editing import name_problem, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.datastructures import FormData

    from decision_tables.rulebook import Rulebook

__all__ = ["FACT_GONE", "NAME_WRONG", "ROOMS", "TWICE", "New", "Sieve", "Wrong", "title_problem"]

ROOMS: Final = 4
"""New facts that the form of a table has room for, and parameters that the form of a function has."""

LONGEST_TITLE: Final = 200
"""Characters of a title: it stands in every list, and in the head of every page."""


def title_problem(t: Tongue, title: str) -> str:
    """What is wrong with a title; empty if nothing is."""
    if len(title) <= LONGEST_TITLE:
        return ""
    return t.gettext(mark("A title has %(most)s characters at most.")) % {"most": LONGEST_TITLE}


def name_from(book: Rulebook, label: str, taken: Iterable[str] = ()) -> str:
    """A name for a new fact, made of what people call it, that nothing has: `Huur (EUR)?` → `huur_eur`."""
    like, used = key_from(label, otherwise="fact"), set(taken)
    while name_problem(book, like) or like in used:
        stem, _, number = like.rpartition("_")
        like = f"{stem}_{int(number) + 1}" if stem and number.isdecimal() else f"{like}_2"
    return like


class Wrong(Exception):
    """What somebody typed cannot be taken; `problems` says why, by field, in their language."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__()
        self.problems = problems


@dataclass(frozen=True)
class New:
    """A form of a new table, formula or function as it was sent.

    Attributes:
        fields: its texts by name.
        conditions: of a table, the facts that are chosen for its conditions.
    """

    fields: dict[str, str] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()

    @classmethod
    def of(cls, form: FormData) -> New:
        """What a form sends."""
        return cls(
            {
                name: typed(text, feel=name in {"expression", "body"})
                for name, text in form.items()
                if isinstance(text, str)
            },
            tuple(text for text in form.getlist("condition") if isinstance(text, str)),
        )

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def title(self) -> Words:
        """The title in each language in which there is one."""
        return words_of(Words(), "title", self.fields)

    def key(self, book: Rulebook, otherwise: str) -> str:
        """The key: as it was written, else made of the title and free; empty where there is neither."""
        title = next(iter(self.title.by_language.values()), "")
        if self["key"] or not title:
            return self["key"]
        return free_key(key_from(title, otherwise=otherwise), (node.key for node in book.nodes))

    def facts(self, book: Rulebook) -> dict[str, Fact]:
        """The facts that are new with it, by the number of their room in the form: `0` is the concluded one.

        What cannot be a name is what people call the fact, and its name is made of it.
        """
        first = book.languages[0]
        found: dict[str, Fact] = {}
        for n in range(ROOMS + 1):
            called, question = self[f"fact.{n}.key"], self[f"fact.{n}.question"]
            if not called:
                continue
            label = "" if is_name(called) or len(called) > LONGEST_KEY else called
            found[str(n)] = Fact(
                name_from(book, label, (fact.key for fact in found.values())) if label else called,
                self[f"fact.{n}.type"] or "string",
                label=Words({first: label} if label else {}),
                question=Words({first: question} if question else {}),
            )
        return found


@dataclass
class Sieve:
    """What is wrong with a form, gathered field by field."""

    t: Tongue
    problems: dict[str, str] = field(default_factory=dict)

    def say(self, name: str, message: str, **parts: object) -> None:
        """Tells one thing of a field; the first that was told of it stays."""
        said = self.t.gettext(message)
        self.problems.setdefault(name, said % parts if parts else said)

    def done(self) -> None:
        """Goes on where nothing is wrong.

        Raises:
            Wrong: something is.
        """
        if self.problems:
            raise Wrong(self.problems)

    def titles(self, fields: Mapping[str, str]) -> None:
        """Titles that fit into a list."""
        for name, text in fields.items():
            if name.startswith("title.") and (problem := title_problem(self.t, text)):
                self.problems.setdefault(name, problem)

    def key(self, book: Rulebook, key: str, name: str = "key", *, missing: str = "") -> None:
        """A key that a table or formula may have, and none has; `missing` is the field at which its want is told."""
        if not key:
            self.say(missing or name, _KEY_MISSING)
        elif not is_key(key):
            self.key_wrong(name, key, "table")
        elif any(node.key == key for node in book.nodes):
            self.say(name, _KEY_TAKEN, key=key)

    def key_wrong(self, name: str, key: str, otherwise: str) -> None:
        """Says what a key is, and which one would do."""
        self.say(name, _KEY_WRONG, key=key_from(key, otherwise=otherwise))

    def name(self, book: Rulebook, name: str, text: str) -> None:
        """A name that a fact or a function may have, and none has."""
        problem = name_problem(book, text)
        if len(text) > LONGEST_KEY:
            self.say(name, mark("A name has %(most)s characters at most."), most=LONGEST_KEY)
        elif problem:
            self.say(name, _NAME_PROBLEMS[problem] if text else _NAME_MISSING)

    def facts(self, book: Rulebook, facts: Mapping[str, Fact]) -> None:
        """New facts whose names are free, each named once."""
        seen: set[str] = set()
        for n, fact in facts.items():
            self.name(book, f"fact.{n}.key", fact.key)
            if fact.key in seen:
                self.say(f"fact.{n}.key", TWICE)
            seen.add(fact.key)

    def concluded(self, book: Rulebook, new: New, facts: Mapping[str, Fact]) -> str:
        """The fact that the piece concludes: a new one, or one that is there."""
        if "0" in facts:
            return facts["0"].key
        chosen = new["concludes"]
        if not chosen:
            self.say("concludes", mark("Choose the fact that it concludes, or name a new one."))
        elif all(known.key != chosen for known in book.facts):
            self.say("concludes", FACT_GONE, fact=chosen)
        return chosen


_KEY_MISSING: Final = mark("Give it a title, or a key.")
_KEY_WRONG: Final = mark(
    "A key starts with a letter and holds letters, digits, _, - and . only, 100 at most: %(key)s would do."
)
_KEY_TAKEN: Final = mark("A table or formula is called %(key)s already.")
FACT_GONE: Final = mark("There is no fact %(fact)s any more.")
_NAME_MISSING: Final = mark("It needs a name.")
TWICE: Final = mark("This name stands here twice.")
NAME_WRONG: Final = mark("A name starts with a letter and holds letters, digits and underscores.")
_NAME_PROBLEMS: Final = {
    "fact/key": NAME_WRONG,
    "fact/key-taken": mark("Something is called so already: a fact, a function or a word of FEEL."),
}
