"""Built-ins on strings (DMN 1.5, 10.3.4.3); positions count from 1, and from -1 at the end."""

from __future__ import annotations

import re
from decimal import (
    Decimal,
)
from functools import cache, lru_cache
from typing import Any, Final

import re2

from decision_tables.errors import BudgetExhausted
from decision_tables.feel.functions.signatures import Budget, builtin, position_in, sized, truncated
from decision_tables.feel.values import (
    MAX_SIZE,
    Trouble,
    Value,
)
from decision_tables.said import said

_TEXT: Final = said("string")


@builtin("substring", "string: string, start position: number, length?: number")
def _substring(text: str, start: Decimal, length: Decimal | None = None) -> Value:
    first = position_in(start, len(text), _TEXT)
    if length is None:
        return text[first:]
    amount = truncated(length)
    if amount < 1:
        raise Trouble(said("A length is at least 1."))
    return text[first : first + amount]


@builtin("string length", "string: string")
def _string_length(text: str) -> Value:
    return Decimal(len(text))


@builtin("upper case", "string: string")
def _upper_case(text: str) -> Value:
    return sized(text.upper())


@builtin("lower case", "string: string")
def _lower_case(text: str) -> Value:
    return sized(text.lower())


@builtin("substring before", "string: string, match: string")
def _substring_before(text: str, match: str) -> Value:
    before, found, _ = text.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after", "string: string, match: string")
def _substring_after(text: str, match: str) -> Value:
    return text.partition(match)[2] if match else text


@builtin("contains", "string: string, match: string")
def _contains(text: str, match: str) -> Value:
    return match in text


@builtin("starts with", "string: string, match: string")
def _starts_with(text: str, match: str) -> Value:
    return text.startswith(match)


@builtin("ends with", "string: string, match: string")
def _ends_with(text: str, match: str) -> Value:
    return text.endswith(match)


@builtin("string join", "list: list, delimiter?: string")
def _string_join(texts: list[Value], delimiter: str | None = None) -> Value:
    parts = [text for text in texts if text is not None]
    if not all(type(part) is str for part in parts):
        raise Trouble(said("Expected a list of strings."), "feel/type")
    mark = delimiter or ""
    if sum(map(len, parts)) + len(mark) * len(parts) > MAX_SIZE:
        raise BudgetExhausted(said("A text is too long."))
    return mark.join(parts)


# Regular expressions are those of XPath (10.3.4.3), run by RE2 in linear time; see `_recalls` for back-references.

_SETS: Final = {
    "d": r"\p{Nd}",
    "w": r"\p{L}\p{M}\p{N}\p{S}",
    "s": r" \t\n\r",
    "i": r"\p{L}_:",
    "c": r"\p{L}\p{M}\p{Nd}_:.\-·",
}
_BLOCKS: Final = {
    "IsBasicLatin": r"\x{0}-\x{7F}",
    "IsLatin-1Supplement": r"\x{80}-\x{FF}",
    "IsLatinExtended-A": r"\x{100}-\x{17F}",
    "IsLatinExtended-B": r"\x{180}-\x{24F}",
    "IsGreek": r"\x{370}-\x{3FF}",
    "IsGreekandCoptic": r"\x{370}-\x{3FF}",
    "IsCyrillic": r"\x{400}-\x{4FF}",
}
_NOT_XPATH: Final = said("The pattern uses what XPath's regular expressions do not have.")
_SUBTRACTION_STEPS: Final = 20_000


def _pattern(text: str, source: str, flags: str, run: Budget) -> Any:
    """The compiled pattern, paid for; Trouble if it is none that XPath knows and RE2 can run."""
    return _compiled(source, _paid(text, source, flags, run))


def _paid(text: str, source: str, flags: str, run: Budget) -> str:
    """The flags in order, once the search is paid for: it takes the length of the text times that of the pattern."""
    if len(source) > 1_000 or "\x00" in source:
        raise Trouble(said("The pattern is too long, or holds a character that no text has."), "feel/pattern")
    if set(flags) - set("smixq"):
        raise Trouble(said("The flags of a pattern are s, m, i, x and q."), "feel/pattern")
    run.spend(len(source) + _SUBTRACTION_STEPS * source.count("-[") + (len(source) * len(text) >> 10))
    return "".join(sorted(set(flags)))


@lru_cache(maxsize=128)
def _compiled(source: str, flags: str) -> Any:
    translated = re.escape(source) if "q" in flags else _translated(source, flags)
    if _BACK in translated:
        raise Trouble(said("Only `matches` takes a pattern that refers back to a group."), "feel/pattern")
    inline = "".join(flag for flag in flags if flag in "smi")
    return _re2(f"(?{inline}:{translated})" if inline else translated)


_BACK: Final = "\x00"
"""What stands before the number of a group in a translated pattern, where XPath has a backslash."""

_DIGITS: Final = tuple("123456789")


def _re2(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 8 << 20
    try:
        return re2.compile(pattern, options)
    except (re2.error, ValueError, TypeError, OverflowError):
        raise Trouble(
            said("The pattern is not a regular expression that can be used here."), "feel/pattern"
        ) from None


def _translated(source: str, flags: str) -> str:
    """An XPath pattern in RE2's dialect (XPath functions 3.1, 5.6.1)."""
    if "x" in flags:
        source = _without_space(source)
    out: list[str] = []
    at = 0
    while at < len(source):
        char = source[at]
        if char == "\\" and source[at + 1 : at + 2] in _DIGITS:
            piece, at = f"{_BACK}{source[at + 1]}", at + 2
        elif char == "\\":
            piece, at = _escape(source, at, inside=False)
        elif char == "[":
            piece, at = _class(source, at, flags)
        elif char == "(" and source[at + 1 : at + 2] == "?" and source[at + 2 : at + 3] != ":":
            raise Trouble(_NOT_XPATH, "feel/pattern")
        else:
            piece, at = r"[^\n\r]" if char == "." and "s" not in flags else char, at + 1
        out.append(piece)
    return "".join(out)


def _escape(source: str, at: int, *, inside: bool) -> tuple[str, int]:
    """The escape at a backslash, in or out of a class, and the index after it."""
    char = source[at + 1 : at + 2]
    if not char or char.isdigit() or char in "AzZbBQEG":
        raise Trouble(_NOT_XPATH, "feel/pattern")
    if char in "pP" and source[at + 2 : at + 5] == "{Is":
        name, _, rest = source[at + 3 :].partition("}")
        if name not in _BLOCKS:
            raise Trouble(said("The block {name} is not known.", name=name), "feel/pattern")
        members, negative, at = _BLOCKS[name], char == "P", len(source) - len(rest)
    elif char.lower() in _SETS:
        members, negative, at = _SETS[char.lower()], char.isupper(), at + 2
    else:
        return "\\" + char, at + 2
    if not inside:
        return f"[{'^' if negative else ''}{members}]", at
    if negative and char not in "DS":
        raise Trouble(said("Such an escape cannot stand in a class here."), "feel/pattern")
    return (r"\P{Nd}" if char == "D" else r"\S") if negative else members, at


def _class(source: str, at: int, flags: str) -> tuple[str, int]:
    """The class at an opening bracket, and the index after it; `[A-Z-[OI]]` takes one class from another."""
    out, at = ["["], at + 1
    if source[at : at + 1] == "^":
        out, at = ["[^"], at + 1
    first = at
    while at < len(source):
        char = source[at]
        if char == "]" and at > first:
            return "".join([*out, "]"]), at + 1
        if char == "\\":
            piece, at = _escape(source, at, inside=True)
        elif char == "-" and source[at + 1 : at + 2] == "[" and at > first:
            taken, at = _class(source, at + 1, flags)
            if source[at : at + 1] != "]":
                raise Trouble(_NOT_XPATH, "feel/pattern")
            return _difference("".join([*out, "]"]), taken, "i" in flags), at + 1
        elif char in "[]":
            raise Trouble(_NOT_XPATH, "feel/pattern")
        else:
            piece, at = char, at + 1
        out.append(piece)
    raise Trouble(said("A class is not closed."), "feel/pattern")


@cache
def _all_characters() -> str:
    return "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000))))


def _difference(whole: str, taken: str, ignore_case: bool) -> str:
    """The class of what is in one class and not in another, which RE2 cannot say: listed as spans."""
    characters, flag = _all_characters(), "(?i)" if ignore_case else ""
    holes = [found.span() for found in _re2(f"{flag}{taken}+").finditer(characters)]
    spans: list[tuple[int, int]] = []
    for found in _re2(f"{flag}{whole}+").finditer(characters):
        start, end = found.span()
        for low, high in holes:
            if low < end and high > start:
                if low > start:
                    spans.append((start, low))
                start = max(start, high)
        if start < end:
            spans.append((start, end))
    if not spans:
        return r"[^\x{0}-\x{10FFFF}]"
    inside = "".join(f"\\x{{{ord(characters[a]):X}}}-\\x{{{ord(characters[b - 1]):X}}}" for a, b in spans)
    return f"(?-i:[{inside}])"


def _without_space(source: str) -> str:
    """The pattern without its white space, but for that in classes: the flag x."""
    out: list[str] = []
    depth = 0
    for before, char in zip(" " + source, source, strict=False):
        if before != "\\":
            depth = max(0, depth + (char == "[") - (char == "]"))
        if depth or char not in " \t\n\r":
            out.append(char)
    return "".join(out)


@builtin("matches", "input: string, pattern: string, flags?: string", run=True)
def _matches(run: Budget, text: str, pattern: str, flags: str | None = None) -> Value:
    flags = _paid(text, pattern, flags or "", run)
    if "\\" in pattern and "q" not in flags and _BACK in (translated := _translated(pattern, flags)):
        return _recalls(text, translated, "".join(flag for flag in flags if flag in "smi"), run)
    return _compiled(pattern, flags).search(text) is not None


def _recalls(text: str, pattern: str, inline: str, run: Budget) -> bool:
    """Whether a text holds a match of a pattern with back-references, which RE2 cannot say.

    Each group that is referred to is tried with every text that it could have caught, in its place and in that of
    its references: many searches, each in linear time, and all of them counted.
    """
    place = pattern.index(_BACK)
    start, end = _group(pattern, int(pattern[place + 1]), place)
    flag = f"(?{inline})" if inline else ""
    caught = _re2(f"{flag}(?:{pattern[start + 1 : end]})")
    number = pattern[place : place + 2]
    tried: set[str] = set()
    for word in (text[a:b] for a in range(len(text) + 1) for b in range(a, len(text) + 1)):
        run.spend(1 + len(word) // 8)
        if word in tried:
            continue
        tried.add(word)
        if caught.fullmatch(word) is None:
            continue
        run.spend(1 + len(text) // 8)
        literal = re2.escape(word)
        # What was caught stands there letter for letter; a reference to it minds the case as the pattern does.
        rest = pattern[end + 1 :].replace(number, f"(?:{literal})")
        fixed = f"{pattern[:start]}((?-i:{literal})){rest}"
        if _BACK in fixed:
            if _recalls(text, fixed, inline, run):
                return True
        elif _re2(flag + fixed).search(text) is not None:
            return True
    return False


def _group(pattern: str, number: int, before: int) -> tuple[int, int]:
    """Where a capturing group opens and closes; it has to be closed before a place, and be there just once."""
    opened: list[tuple[int, bool]] = []
    found, count, at, in_class = None, 0, 0, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 2
            continue
        in_class = max(0, in_class + (char == "[") - (char == "]"))
        if char == "(" and not in_class:
            captures = pattern[at + 1 : at + 2] != "?"
            count += captures
            opened.append((at, captures and count == number))
        elif char == ")" and not in_class and opened:
            start, is_it = opened.pop()
            repeated = pattern[at + 1 : at + 2] in ("*", "+", "?", "{")
            if is_it and at < before and not repeated:
                found = (start, at)
            elif found is not None and start < found[0] and repeated:
                found = None
        at += 1
    if found is None:
        raise Trouble(said("A back-reference needs a group before it that is not repeated."), "feel/pattern")
    return found


@builtin("replace", "input: string, pattern: string, replacement: string, flags?: string", run=True)
def _replace(run: Budget, text: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    compiled = _pattern(text, pattern, flags or "", run)
    if compiled.search("") is not None:
        raise Trouble(said("The pattern matches the empty text."), "feel/pattern")
    parts = [replacement] if "q" in (flags or "") else _replacement(replacement, compiled.groups)
    out, size, at = [], 0, 0
    for found in compiled.finditer(text):
        filled = [text[at : found.start()]]
        filled += [part if isinstance(part, str) else (found[part] or "") for part in parts]
        size += sum(map(len, filled))
        if size > MAX_SIZE:
            raise BudgetExhausted(said("A text is too long."))
        out += filled
        at = found.end()
    return "".join([*out, text[at:]])


def _replacement(text: str, groups: int) -> list[str | int]:
    """A replacement as literal parts and group numbers (XPath, fn:replace)."""
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            if text[at + 1 : at + 2] not in ("\\", "$"):
                raise Trouble(
                    said("In a replacement, a backslash goes before a backslash or a dollar."), "feel/pattern"
                )
            parts.append(text[at + 1])
            at += 2
        elif char == "$":
            digits = re.match(r"[0-9]+", text[at + 1 :], re.ASCII)
            if digits is None:
                raise Trouble(
                    said("In a replacement, a dollar goes before the number of a group."), "feel/pattern"
                )
            number = digits[0]
            while len(number) > 1 and int(number) > groups:
                number = number[:-1]
            parts.append(int(number) if int(number) <= groups else "")
            at += 1 + len(number)
        else:
            parts.append(char)
            at += 1
    return parts


@builtin("split", "string: string, delimiter: string", run=True)
def _split(run: Budget, text: str, delimiter: str) -> Value:
    compiled = _pattern(text, delimiter, "", run)
    if compiled.search("") is not None:
        raise Trouble(said("The delimiter matches the empty text."), "feel/pattern")
    parts, at = [], 0
    for found in compiled.finditer(text):
        run.spend(1)
        parts.append(text[at : found.start()])
        at = found.end()
    return [*parts, text[at:]]
