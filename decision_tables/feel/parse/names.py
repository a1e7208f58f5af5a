"""Tokens, and the names that they may spell, which hold spaces and operators (DMN 1.5, 10.3.1.2, 10.3.1.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from decision_tables.feel.functions import BUILTINS
from decision_tables.feel.types import NAMED, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from decision_tables.feel.values import Function

__all__ = [
    "BUILTIN_TRIE",
    "CLOCK_NAMES",
    "NAME_SYMBOLS",
    "PATH_TRIE",
    "TYPE_TRIE",
    "Locals",
    "Names",
    "Parts",
    "Token",
    "Trie",
    "is_name",
    "parts_of",
    "tokens_of",
    "unescaped",
]

CLOCK_NAMES: Final = ("as_of", "known_on")
"""Names that are always in scope: the two legal dates of the run."""

# Name start and part characters of grammar rules 28 and 29. No name begins with `?` here: it stands for the value
# under test, and `?in [1..2]` is that value in a range.
_START: Final = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_TOKEN: Final = re.compile(
    rf"""(?P<space>(?:[\s\u180e\u200b\ufeff]+|//[^\n\r]*|/\*.*?\*/)+)
    |(?P<word>[{_START}][{_START}?0-9\u00b7\u0300-\u036f\u203f-\u2040]*)
    |(?P<symbol>\.\.|\*\*|<=|>=|!=|->)
    |(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<curly>[“”„‟][^“”„‟"]*[“”„‟"])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(?:([\"'\\nrt])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6}))")
_PLAIN: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Token:
    """A token: kind (word, number, string, curly, symbol, end), text, span, whether a space goes before it."""

    kind: str
    text: str
    start: int
    end: int
    spaced: bool


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text, closed by one of kind `end`; comments are spaces."""
    tokens, spaced = [], False
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "other"
        if kind == "space":
            spaced = True
            continue
        tokens.append(
            Token("symbol" if kind == "other" else kind, found[0], found.start(), found.end(), spaced)
        )
        spaced = False
    tokens.append(Token("end", "", len(text), len(text), spaced))
    return tokens


Parts: TypeAlias = tuple[tuple[str, bool], ...]


def parts_of(name: str) -> Parts:
    """A name as the tokens it is written with, each with whether a space goes before it."""
    found = [(token.text, token.spaced) for token in tokens_of(name.strip())[:-1]]
    return tuple((text, spaced and index > 0) for index, (text, spaced) in enumerate(found))


class Trie:
    """Names by their parts: the longest one that the tokens at a place spell."""

    __slots__ = ("root",)

    def __init__(self, names: Iterable[str]) -> None:
        self.root: dict[object, object] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Take one more name in."""
        level = self.root
        for part in parts_of(name):
            level = level.setdefault(part, {})  # type: ignore[assignment]
        if level is not self.root:
            level[None] = name

    def longest(self, tokens: list[Token], at: int) -> tuple[str, int] | None:
        """The longest name that starts at a token, and the index of the token after it."""
        level: object = self.root.get((tokens[at].text, False))
        found: tuple[str, int] | None = None
        while isinstance(level, dict):
            at += 1
            if None in level:
                found = (level[None], at)
            token = tokens[at]
            level = level.get((token.text, token.spaced))
        return found


class Locals:
    """The local names of a text, innermost last: variables, entries, parameters."""

    __slots__ = ("_amounts", "_bound", "_by_parts", "_sizes")

    def __init__(self) -> None:
        self._bound: list[tuple[str, Parts]] = []
        self._amounts: dict[str, int] = {}
        # Looked up by their parts, the longest first: a context may bind thousands of names with one first word.
        self._by_parts: dict[Parts, list[str]] = {}
        self._sizes: dict[str, dict[int, int]] = {}

    def __contains__(self, name: str) -> bool:
        return self._amounts.get(name, 0) > 0

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._bound)

    def bind(self, name: str) -> None:
        """Bring a name into scope."""
        parts = parts_of(name)
        self._bound.append((name, parts))
        self._amounts[name] = self._amounts.get(name, 0) + 1
        if parts:
            self._by_parts.setdefault(parts, []).append(name)
            sizes = self._sizes.setdefault(parts[0][0], {})
            sizes[len(parts)] = sizes.get(len(parts), 0) + 1

    def unbind(self, amount: int) -> None:
        """Take the innermost names out of scope again."""
        for _ in range(amount):
            name, parts = self._bound.pop()
            self._amounts[name] -= 1
            if parts:
                self._by_parts[parts].pop()
                sizes = self._sizes[parts[0][0]]
                sizes[len(parts)] -= 1
                if not sizes[len(parts)]:
                    del sizes[len(parts)]

    def longest(self, tokens: list[Token], at: int) -> tuple[str, int] | None:
        """As `Trie.longest`."""
        for size in sorted(self._sizes.get(tokens[at].text, ()), reverse=True):
            spelt = tuple(
                (token.text, token.spaced and place > 0) for place, token in enumerate(tokens[at : at + size])
            )
            names = self._by_parts.get(spelt)
            if names and tokens[at + size - 1].kind != "end":
                return names[-1], at + size
        return None


BUILTIN_TRIE: Final = Trie((*BUILTINS, *CLOCK_NAMES))
PATH_TRIE: Final = Trie(("time offset", "start included", "end included"))
TYPE_TRIE: Final = Trie(NAMED)


class Names:
    """The names in scope of a text; built-ins and the two legal dates always are.

    Args:
        names: facts, variables and functions; they may hold spaces, dots and operators, the longest match wins.
        types: named types for `instance of` and formal parameters.
        components: entries of facts that hold spaces or operators, as they stand after a dot.
        functions: functions that all texts may call; they are looked up when they are called, so that one may be
            filled in later. They are in scope as names are, and are no facts.
    """

    __slots__ = ("component_trie", "components", "functions", "names", "trie", "type_trie", "types")

    def __init__(
        self,
        names: Iterable[str] = (),
        *,
        types: Mapping[str, Type] | None = None,
        components: Iterable[str] = (),
        functions: Mapping[str, Function] | None = None,
    ) -> None:
        self.names = frozenset(names)
        self.types = dict(types or {})
        self.functions: Mapping[str, Function] = {} if functions is None else functions
        self.trie = Trie((*self.names, *self.functions))
        self.type_trie = Trie(self.types)
        self.components = frozenset(components)
        self.component_trie = Trie(self.components)

    def extended(self, names: Iterable[str]) -> Names:
        """The same with further names in scope."""
        return Names(
            (*self.names, *names),
            types=self.types,
            components=self.components,
            functions=self.functions,
        )

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def has(self, name: str) -> bool:
        """Whether something in scope has that name: a fact, a function, a built-in, a legal date."""
        return name in self.names or name in self.functions or name in BUILTINS or name in CLOCK_NAMES


NAME_SYMBOLS: Final = frozenset([".", "/", "-", "'", "\u2019", "+", "*", "**", "?"])
"""The symbols that a name may hold after its start: those of grammar rule 30, its apostrophe in either shape, and `?`
with a space before it, as French has it (`Est-il suspendu ?`)."""


def is_name(text: str) -> bool:
    """Whether a text, with single spaces, can be a name in FEEL (10.3.1.2, grammar rule 27)."""
    tokens = tokens_of(text)[:-1]
    spelt = "".join(" " * (token.spaced and place > 0) + token.text for place, token in enumerate(tokens))
    return (
        bool(tokens)
        and spelt == text
        and tokens[0].kind == "word"
        and all(token.kind in ("word", "number") or token.text in NAME_SYMBOLS for token in tokens)
    )


def unescaped(body: str) -> str:
    """What a string literal means; unknown escapes stay as they are (grammar rule 64)."""

    def character(found: re.Match[str]) -> str:
        if found[1]:
            return _PLAIN[found[1]]
        code = int(found[2] or found[3], 16)
        return chr(code) if code <= 0x10FFFF else found[0]

    if "\\" not in body:
        return body
    text = _ESCAPE.sub(character, body)
    # Two escaped halves of a surrogate pair are one character.
    if any("\ud800" <= each <= "\udfff" for each in text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return text
