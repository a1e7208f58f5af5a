"""Built-ins that make a value of one type from another, and `not` (DMN 1.5, 10.3.4.1 and 10.3.4.2)."""

from __future__ import annotations

import re
from decimal import (
    ROUND_FLOOR,
    Decimal,
)
from typing import Final

from decision_tables.feel.functions.signatures import Budget, builtin, sized, whole
from decision_tables.feel.temporal import (
    CONSTRUCTORS,
    SECOND,
    Date,
    DateTime,
    DaysDuration,
    Time,
    YearsDuration,
    Zone,
    temporal_of,
)
from decision_tables.feel.values import (
    NUMBERS,
    Range,
    Trouble,
    Value,
    less,
    number_of,
    string_of,
)
from decision_tables.said import said


def day_of(moment: Date | DateTime) -> Date:
    """The date of a date, or of a date and time."""
    return moment.date if isinstance(moment, DateTime) else moment


_YEAR: Final = said("A year")
_MONTH: Final = said("A month")
_DAY: Final = said("A day")
_HOUR: Final = said("An hour")
_MINUTE: Final = said("A minute")
_SECOND: Final = said("A second")


@builtin("date", "from: string")
def _date_of_text(text: str) -> Value:
    return Date.parse(text)


@builtin("date", "from: day")
def _date_of_day(moment: Date | DateTime) -> Value:
    return day_of(moment)


@builtin("date", "year: number, month: number, day: number")
def _date_of_parts(year: Decimal, month: Decimal, day: Decimal) -> Value:
    return Date(whole(year, _YEAR), whole(month, _MONTH), whole(day, _DAY))


@builtin("time", "from: string")
def _time_of_text(text: str) -> Value:
    return Time.parse(text)


@builtin("time", "from: clock")
def _time_of_clock(moment: Date | Time | DateTime) -> Value:
    if isinstance(moment, Date):
        return moment.at_midnight().time
    return moment.time if isinstance(moment, DateTime) else moment


@builtin("time", "hour: number, minute: number, second: number, offset?: offset")
def _time_of_parts(
    hour: Decimal, minute: Decimal, second: Decimal, offset: DaysDuration | None = None
) -> Value:
    full = second.to_integral_value(rounding=ROUND_FLOOR, context=NUMBERS)
    nanosecond = int(NUMBERS.multiply(NUMBERS.subtract(second, full), Decimal(SECOND)))
    zone = None
    if offset is not None:
        seconds, rest = divmod(offset.key, SECOND)
        if rest:
            raise Trouble(said("An offset from UTC is counted in whole seconds."))
        zone = Zone.of_seconds(seconds)
    return Time(
        whole(hour, _HOUR),
        whole(minute, _MINUTE),
        whole(full, _SECOND),
        nanosecond,
        zone,
    )


@builtin("date and time", "from: string")
def _date_time_of_text(text: str) -> Value:
    return DateTime.parse(text)


@builtin("date and time", "date: day, time: time")
def _date_time_of_parts(day: Date | DateTime, clock: Time) -> Value:
    return DateTime(day_of(day), clock)


@builtin("duration", "from: string")
def _duration(text: str) -> Value:
    return CONSTRUCTORS["duration"](text)


@builtin("years and months duration", "from: day, to: day")
def _months_between(start: Date | DateTime, end: Date | DateTime) -> Value:
    first, last = day_of(start), day_of(end)
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearsDuration(months)


_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)


@builtin("number", "from: string, grouping separator?: string, decimal separator?: string")
def _number(text: str, grouping: str | None = None, mark: str | None = None) -> Value:
    if grouping is not None and grouping not in (" ", ",", "."):
        raise Trouble(said("A grouping separator is a space, a comma or a period."))
    if mark is not None and mark not in (",", "."):
        raise Trouble(said("A decimal separator is a comma or a period."))
    if grouping is not None and grouping == (mark or "."):
        raise Trouble(said("The grouping separator and the decimal separator differ."))
    if len(text) > 10_000:
        raise Trouble(said("The number is too long."))
    if grouping is not None:
        text = text.replace(grouping, "")
    if mark == ",":
        if "." in text:
            raise Trouble(said("The text is not a number."))
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        raise Trouble(said("The text is not a number."))
    return number_of(text)


@builtin("string", "from: value", run=True)
def _string(run: Budget, value: Value) -> Value:
    return sized(string_of(value, run))


_END: Final = (
    r'(?:-?[0-9.]+(?:[eE][+-]?[0-9]+)?|"(?:[^"\\]|\\.)*"|@"[^"]*"'
    r'|(?:date|time|date and time|duration)\("[^"]*"\))'
)
_RANGE: Final = re.compile(rf"\s*([\[(\]])\s*({_END})?\s*\.\.\s*({_END})?\s*([\])\[])\s*")
_END_TEXT: Final = re.compile(r'(date and time|date|time|duration|@)?\(?"(.*)"\)?', re.DOTALL)


@builtin("range", "from: string")
def _range(text: str) -> Value:
    """A range of literal ends, either of which may be left out where the bracket is open (table 74)."""
    found = _RANGE.fullmatch(text)
    if found is None:
        raise Trouble(said("The text is no range such as [1..10)."))
    low_closed, high_closed = found[1] == "[", found[4] == "]"
    low, high = (None if end is None else _literal_end(end) for end in (found[2], found[3]))
    if (low is None and (low_closed or high is None)) or (high is None and high_closed):
        raise Trouble(said("An end that is left out cannot belong to the range."))
    if low is None:
        return Range.of_comparison("<=" if high_closed else "<", high)
    if high is None:
        return Range.of_comparison(">=" if low_closed else ">", low)
    order = less(high, low)
    if order is None or order:
        raise Trouble(said("The ends of a range are of one type, the lower one first."))
    return Range(low, high, low_closed, high_closed)


def _literal_end(text: str) -> Value:
    found = _END_TEXT.fullmatch(text)
    if found is None:
        return number_of(text)
    if found[1] is None:
        return found[2].replace('\\"', '"')
    read = CONSTRUCTORS.get(found[1], temporal_of)
    return read(found[2])


@builtin("not", "negand: any")
def _not(value: Value) -> Value:
    return not value if type(value) is bool else None
