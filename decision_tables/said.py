"""What is said to people, kept so that it can be said again in their language.

A `Said` is its English text, and remembers the sentence that it was made of and what was put into it. Whoever shows
it to a person looks that sentence up in a catalogue; to everybody else (logs, JSON, a terminal) it is a text like any
other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Said", "either", "joined", "plainly", "said", "said_in", "said_many", "said_of", "sentence"]


class Said(str):
    """A text, equal to and hashed as any other of the same letters.

    Attributes:
        template: the sentence as it is written in the code, `{name}` where something is put into it.
        plural: of a sentence that counts, its form for many; else empty.
        amount: what is counted; None where nothing is.
        values: what is put in, by name: texts of authors, counts as int, and what is itself `Said`.
        is_sentence: whether its first letter is made a capital.
    """

    __slots__ = ("amount", "is_sentence", "plural", "template", "values")

    template: str
    plural: str
    amount: int | None
    values: Mapping[str, object]
    is_sentence: bool

    def __new__(
        cls,
        template: str,
        values: Mapping[str, object],
        plural: str = "",
        amount: int | None = None,
        *,
        is_sentence: bool = False,
    ) -> Self:
        """The text in English; see `said` and `said_many`, by which the sentences are found."""
        spoken = template if not plural or amount == 1 else plural
        made = super().__new__(cls, _filled(spoken, values, is_sentence=is_sentence))
        made.template, made.plural, made.amount = template, plural, amount
        made.values, made.is_sentence = values, is_sentence
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.template, self.values, self.plural, self.amount, self.is_sentence)


def said(template: str, /, **values: object) -> Said:
    """A sentence with something put into it.

    Args:
        template: a literal, so that catalogues can be made of the code: `{name}` for what is put in, `{{` for a brace.
        values: what is put in. Other `Said` are translated with it; an int is written as people write counts;
            anything else is put in as its text.
    """
    if any(not isinstance(value, str | int) for value in values.values()):
        values = {name: _kept(value) for name, value in values.items()}
    return Said(template, values)


def said_many(one: str, many: str, count: int, /, **values: object) -> Said:
    """A sentence that counts, in its forms for one and for many; `{count}` in it is the count."""
    return Said(one, {"count": count, **values}, many, count)


def joined(separator: str, parts: Iterable[object]) -> Said:
    """Parts one after another, each said in its own right."""
    listed = list(parts)
    return Said(
        separator.join(f"{{part{n}}}" for n in range(len(listed))),
        {f"part{n}": part for n, part in enumerate(listed)},
    )


def either(parts: Iterable[object]) -> Said:
    """Alternatives: `a or b or c`."""
    first, *others = parts
    told = joined("", [first])
    for other in others:
        told = said("{some} or {other}", some=told, other=other)
    return told


def sentence(text: str) -> str:
    """The text as a sentence of its own, which begins with a capital."""
    if isinstance(text, Said):
        return Said(text.template, text.values, text.plural, text.amount, is_sentence=True)
    return _capital(text)


def said_of(error: Exception) -> str:
    """What an exception says, with what it remembers of how it was said."""
    told = error.args[0] if error.args else ""
    return told if isinstance(told, Said) else str(error)


def plainly(value: object) -> str:
    """For encoders of JSON that know no kinds of text: a `Said` as the text that it is.

    Raises:
        NotImplementedError: it is something else that they do not know.
    """
    if isinstance(value, Said):
        return str(value)
    raise NotImplementedError(type(value).__name__)


def said_in(
    text: str,
    gettext: Callable[[str], str],
    ngettext: Callable[[str, str, int], str],
    number: Callable[[int], str],
) -> str:
    """A text in another language; one that is no `Said` as it is.

    Args:
        text: what was said.
        gettext: a sentence of the code in that language.
        ngettext: the same of a sentence that counts: its forms for one and for many, and the count.
        number: a count as people write it in that language.
    """
    if not isinstance(text, Said):
        return text

    def told(value: object) -> str:
        if isinstance(value, str):
            return said_in(value, gettext, ngettext, number)
        return number(value) if type(value) is int else str(value)

    if text.amount is not None:
        template = ngettext(text.template, text.plural, text.amount)
    else:
        template = gettext(text.template) if text.template else ""
    values = {name: told(value) for name, value in text.values.items()}
    return _filled(template, values, is_sentence=text.is_sentence)


def _filled(template: str, values: Mapping[str, object], *, is_sentence: bool) -> str:
    text = template
    if "{" in template:
        told = values
        if any(type(value) is int for value in values.values()):
            told = {name: f"{value:,}" if type(value) is int else value for name, value in values.items()}
        text = template.format_map(told)
    return _capital(text) if is_sentence else text


def _kept(value: object) -> object:
    """What is put in, as a sentence remembers it."""
    if isinstance(value, str) or type(value) is int:
        return value
    return said_of(value) if isinstance(value, Exception) else str(value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _again(
    template: str, values: Mapping[str, object], plural: str, amount: int | None, is_sentence: bool
) -> Said:
    return Said(template, values, plural, amount, is_sentence=is_sentence)
