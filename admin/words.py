"""The languages of the pages: catalogues, dates, and the plain words for DMN's letters and FEEL's types.

Catalogues are gettext `.po` files, read once when first needed; nothing compiled is stored. Those called `said`
translate what the core and the use cases say (`decision_tables.said`), the others the pages. A rulebook's own
words (labels, questions) are `decision_tables.vocabulary.Words` and are asked in the same language.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import localcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel import Locale, UnknownLocaleError, dates, lists, negotiate_locale, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from decision_tables.said import said_in
from decision_tables.table import HitPolicy

if TYPE_CHECKING:
    from decimal import Decimal

__all__ = ["LANGUAGES", "Tongue", "chosen_language", "mark", "tongue"]

LANGUAGES: Final = {"en": "English", "nl": "Nederlands", "fr": "Français"}
"""The languages of the pages, each named in itself; the first is the one the messages are written in."""

_CATALOGUES: Final = Path(__file__).parent / "translations"
_PLAIN_DIGITS: Final = 34
"""FEEL's own precision (DMN 1.5, 10.3.2.3.1): beyond it nobody counts zeros."""

_LOCALES: Final = {"en": "en_GB", "nl": "nl_BE", "fr": "fr_BE"}


def mark(text: str) -> str:
    """The text itself: marks it for extraction where it is looked up later, by a variable."""
    return text


_HIT_POLICIES: Final = {
    HitPolicy.UNIQUE: mark("Unique: one row at most may apply"),
    HitPolicy.ANY: mark("Any: several rows may apply if they say the same"),
    HitPolicy.PRIORITY: mark(
        "Priority: of the rows that apply, the one with the first-ranked outcome counts"
    ),
    HitPolicy.FIRST: mark("First: the topmost row that applies counts"),
    HitPolicy.COLLECT: mark("Collect: every row that applies adds an entry to the list"),
    HitPolicy.SUM: mark("Sum: the outcomes of all rows that apply are added up"),
    HitPolicy.MIN: mark("Minimum: the least outcome of the rows that apply"),
    HitPolicy.MAX: mark("Maximum: the greatest outcome of the rows that apply"),
    HitPolicy.COUNT: mark("Count: the number of rows that apply"),
    HitPolicy.RULE_ORDER: mark("Rule order: every row that applies adds an entry, from top to bottom"),
    HitPolicy.OUTPUT_ORDER: mark("Output order: every row that applies adds an entry, by rank of outcome"),
}

_TYPES: Final = {
    "string": mark("text"),
    "number": mark("number"),
    "boolean": mark("yes or no"),
    "date": mark("date"),
    "time": mark("time of day"),
    "date and time": mark("date and time"),
    "days and time duration": mark("duration in days and hours"),
    "years and months duration": mark("duration in years and months"),
    "context": mark("group of values"),
    "Any": mark("any value"),
    "list": mark("list"),
}

_CONFIDENCES: Final = {"V": mark("verified"), "K": mark("general knowledge"), "U": mark("to be checked")}


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language with its catalogues.

    Attributes:
        code: of the language.
        gettext: a text of the pages in it.
        ngettext: a text of the pages that counts.
        said: what the core and the use cases say, in it; what they merely hand on (a text of somebody's) as it is.
    """

    code: str
    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]
    said: Callable[[str], str]

    def hit_policy(self, policy: HitPolicy) -> str:
        """What a hit policy means, in words."""
        return self.gettext(_HIT_POLICIES[policy])

    def type_name(self, feel_type: str) -> str:
        """What people call a FEEL type; a list is called a list, whatever its entries are."""
        known = _TYPES.get("list" if feel_type.startswith("list") else feel_type)
        return self.gettext(known) if known else feel_type

    def kind_name(self, feel_type: str) -> str:
        """What people call a FEEL type, the entries of a list named too: `list of text`."""
        if feel_type.startswith("list<") and feel_type.endswith(">"):
            return self.gettext("list of %(items)s") % {"items": self.kind_name(feel_type[5:-1])}
        return self.type_name(feel_type)

    def confidence(self, letter: str) -> str:
        """What a confidence mark means; an unknown mark is shown as it is."""
        known = _CONFIDENCES.get(letter)
        return self.gettext(known) if known else letter

    def language_name(self, code: str) -> str:
        """What a language is called; its code where that is not known."""
        try:
            return Locale.parse(code).get_display_name(self._locale) or code
        except (ValueError, UnknownLocaleError):
            return code

    def day(self, value: date | str | None) -> str:
        """A date as people write it; text that is no ISO date is shown as typed."""
        if value is None:
            return ""
        if isinstance(value, str):
            try:
                day = date.fromisoformat(value)
            except ValueError:
                return value
        else:
            day = value
        return dates.format_date(day, format="long", locale=self._locale)

    def instant(self, value: datetime) -> str:
        """An instant to the minute, in UTC and saying so."""
        return f"{dates.format_datetime(value, 'd MMMM y, HH:mm', locale=self._locale)} UTC"

    def number(self, value: Decimal) -> str:
        """A number as people write it, with all its digits; a very great or small one as FEEL has it."""
        if not value.is_finite() or abs(value.adjusted()) > _PLAIN_DIGITS:
            return str(value)
        with localcontext(
            prec=3 * _PLAIN_DIGITS
        ):  # Babel reckons with it, and Python's own stops at 28 digits
            return numbers.format_decimal(value, locale=self._locale, decimal_quantization=False)

    def both(self, parts: Sequence[str]) -> str:
        """Parts that go together: `a, b and c`."""
        return lists.format_list(list(parts), locale=self._locale)

    def either(self, parts: Sequence[str]) -> str:
        """Alternatives: `a, b or c`."""
        return lists.format_list(list(parts), style="or", locale=self._locale)

    @property
    def _locale(self) -> Locale:
        return Locale.parse(_LOCALES[self.code])


@cache
def tongue(code: str) -> Tongue:
    """The language of that code; one of `LANGUAGES`."""
    pages, core = _catalogue(f"{code}.po", code), _catalogue(f"said.{code}.po", code)
    locale = Locale.parse(_LOCALES[code])

    def number(count: int) -> str:
        return numbers.format_decimal(count, locale=locale)

    return Tongue(
        code,
        pages.gettext,
        pages.ngettext,
        lambda text: said_in(text, core.gettext, core.ngettext, number),
    )


def _catalogue(name: str, code: str) -> gettext.NullTranslations:
    """What a file translates; nothing where there is none, as there is not of English."""
    catalogue = _CATALOGUES / name
    if not catalogue.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with catalogue.open("rb") as text:
        write_mo(compiled, read_po(text, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def chosen_language(cookie: str | None, accept_language: str) -> str:
    """The language to answer in: what the reader chose, else what the browser asks for, else the first.

    Args:
        cookie: the code that the reader chose earlier, if any; anything unknown is ignored.
        accept_language: the header (RFC 9110, 12.5.4), possibly empty.
    """
    if cookie in LANGUAGES:
        return cookie
    wanted = negotiate_locale(_by_weight(accept_language), list(LANGUAGES), sep="-")
    return wanted or next(iter(LANGUAGES))


def _by_weight(accept_language: str) -> list[str]:
    weighed = []
    for place, part in enumerate(accept_language.split(",")):
        code, _, weight = part.strip().partition(";q=")
        try:
            share = float(weight or 1)
        except ValueError:
            share = 0.0
        if code and share > 0:
            weighed += [(-share, place, shorter) for shorter in dict.fromkeys((code, code.split("-")[0]))]
    return [code for _, _, code in sorted(weighed)]
