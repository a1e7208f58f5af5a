"""Dates, times and durations as FEEL has them (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.8).

Python's own classes stop at year 9999 and at microseconds; FEEL goes from year -999,999,999 to 999,999,999
and these classes count in nanoseconds. All are immutable and hashable, and compare within their kind by
`key`, a plain sort key: days for a date, months or nanoseconds for durations, (zoned, seconds) for times. Times are
compared by whole seconds, as the TCK has it (0068, "value resolution is seconds"), and reckoned with to the nanosecond.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final
from zoneinfo import ZoneInfo

from decision_tables.said import said

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "CONSTRUCTORS",
    "DAY",
    "MAX_YEAR",
    "SECOND",
    "Date",
    "DateTime",
    "DaysDuration",
    "Temporal",
    "Time",
    "YearsDuration",
    "Zone",
    "date_of",
    "date_time_of",
    "days_in_month",
    "temporal_of",
]

MAX_YEAR = 999_999_999
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MAX_MONTHS = 12 * 2 * MAX_YEAR
MAX_NANOSECONDS = 2 * MAX_YEAR * 366 * DAY

# XML Schema 1.1 part 2 (E.3.3) puts a time without a date on this day; it settles the offset of a time's zone id.
REFERENCE_DAY = (1972, 12, 31)
LARGEST_OFFSET = 18 * 3600
_EPOCH_ORDINAL: Final = dt.date(1970, 1, 1).toordinal()

_DATE = re.compile(r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})", re.ASCII)
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,30}))?"
    r"(Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z][A-Za-z0-9_+\-/]*)?",
    re.ASCII,
)
_YEARS = re.compile(r"(-?)P(?:([0-9]{1,12})Y)?(?:([0-9]{1,12})M)?", re.ASCII)
_DAYS = re.compile(
    r"(-?)P(?:([0-9]{1,18})D)?"
    r"(T(?:([0-9]{1,18})H)?(?:([0-9]{1,18})M)?(?:([0-9]{1,18})(?:\.([0-9]{0,30}))?S)?)?",
    re.ASCII,
)


def days_in_month(year: int, month: int) -> int:
    """The number of days of a month in the proleptic Gregorian calendar."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _days_of(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01, for any year (Hinnant's days_from_civil)."""
    shifted = year - (month <= 2)
    era, year_of_era = divmod(shifted, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def _civil_of(days: int) -> tuple[int, int, int]:
    """Year, month and day of a count of days since 1970-01-01."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    month = shifted_month + (3 if shifted_month < 10 else -9)
    return (
        year_of_era + era * 400 + (month <= 2),
        month,
        day_of_year - (153 * shifted_month + 2) // 5 + 1,
    )


def _months_later(year: int, month: int, day: int, months: int) -> tuple[int, int, int]:
    """The day so many months later, moved back to the month's last day where it would not exist."""
    later_year, month_index = divmod(year * 12 + month - 1 + months, 12)
    return later_year, month_index + 1, min(day, days_in_month(later_year, month_index + 1))


def _nanoseconds(digits: str | None) -> int:
    return int(digits[:9].ljust(9, "0")) if digits else 0


class _Ordered:
    """Equality, order and hash by `key`, within one kind."""

    __slots__ = ()
    key: Any

    def __eq__(self, other: object) -> bool:
        return self.key == other.key if type(other) is type(self) else NotImplemented

    def __lt__(self, other: Any) -> bool:
        return self.key < other.key if type(other) is type(self) else NotImplemented

    def __le__(self, other: Any) -> bool:
        return self.key <= other.key if type(other) is type(self) else NotImplemented

    def __gt__(self, other: Any) -> bool:
        return self.key > other.key if type(other) is type(self) else NotImplemented

    def __ge__(self, other: Any) -> bool:
        return self.key >= other.key if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=1024)
def _zone_info(name: str) -> ZoneInfo:
    """The zone of an IANA id; ValueError if there is none."""
    try:
        return ZoneInfo(name)
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(said("no time zone is called {name}", name=name)) from error


@dataclass(frozen=True, slots=True)
class Zone:
    """A UTC offset in seconds, or an IANA zone whose offset depends on the day.

    Attributes:
        offset: seconds east of UTC; for a named zone None.
        name: IANA id such as `Europe/Brussels`, or the empty string.
    """

    offset: int | None
    name: str = ""

    UTC: ClassVar[Zone]

    @classmethod
    def parse(cls, text: str) -> Zone:
        """Read `Z`, `+01:00`, `+01:00:30` or `@Europe/Brussels`; ValueError if it is none of them."""
        if text == "Z":
            return cls.UTC
        if text.startswith("@"):
            _zone_info(text[1:])
            return cls(None, text[1:])
        parts = [int(part) for part in text[1:].split(":")]
        seconds = parts[0] * 3600 + parts[1] * 60 + (parts[2] if len(parts) == 3 else 0)
        if any(part > 59 for part in parts[1:]):
            raise ValueError(said("{text} is no offset from UTC", text=text))
        return cls.of_seconds(-seconds if text[0] == "-" else seconds)

    @classmethod
    def of_seconds(cls, seconds: int) -> Zone:
        """A fixed offset; ValueError beyond 18 hours."""
        if abs(seconds) > LARGEST_OFFSET:
            raise ValueError(said("an offset from UTC is at most 18 hours"))
        return cls(seconds)

    def offset_at(self, days: int, nanoseconds: int) -> int:
        """The offset in seconds at a local time: days since 1970-01-01, nanoseconds since midnight."""
        if self.offset is not None:
            return self.offset
        year, month, day = _civil_of(days)
        # Rules repeat with the calendar, every 400 years; before year 1 all zones keep their oldest offset.
        year = 1 if year < 1 else year if year < 9999 else 9598 + (year - 9598) % 400
        if month == 2 and day == 29 and days_in_month(year, 2) == 28:
            day = 28
        seconds = nanoseconds // SECOND
        clock = dt.datetime(year, month, day, seconds // 3600, seconds // 60 % 60, seconds % 60)  # noqa: DTZ001
        found = _zone_info(self.name).utcoffset(clock)
        return 0 if found is None else int(found.total_seconds())

    def offset_at_instant(self, nanoseconds: int) -> int:
        """The offset in seconds at an instant: nanoseconds since 1970-01-01T00:00Z."""
        if self.offset is not None:
            return self.offset
        seconds = nanoseconds // SECOND
        if not -60_000_000_000 < seconds < 250_000_000_000:
            return self.offset_at(*divmod(nanoseconds, DAY))
        instant = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
        found = instant.astimezone(_zone_info(self.name)).utcoffset()
        return 0 if found is None else int(found.total_seconds())

    def __str__(self) -> str:
        if self.offset is None:
            return "@" + self.name
        if self.offset == 0:
            return "Z"
        minutes, seconds = divmod(abs(self.offset), 60)
        sign = "-" if self.offset < 0 else "+"
        return f"{sign}{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


Zone.UTC = Zone(0)


@dataclass(frozen=True, slots=True, eq=False)
class Date(_Ordered):
    """A day of the proleptic Gregorian calendar; ValueError if there is no such day.

    Attributes:
        year: -999,999,999 to 999,999,999.
        month: 1 to 12.
        day: 1 to 31.
        key: days since 1970-01-01, by which dates are ordered.
    """

    year: int
    month: int
    day: int
    key: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if 1 <= self.year <= dt.MAXYEAR:  # where Python has the same calendar, it reckons faster
            try:
                ordinal = dt.date(self.year, self.month, self.day).toordinal()
            except ValueError:
                raise ValueError(said("there is no day {day}", day=self)) from None
            object.__setattr__(self, "key", ordinal - _EPOCH_ORDINAL)
            return
        if (
            abs(self.year) > MAX_YEAR
            or not 1 <= self.month <= 12
            or not 1 <= self.day <= days_in_month(self.year, self.month)
        ):
            raise ValueError(said("there is no day {day}", day=self))
        object.__setattr__(self, "key", _days_of(self.year, self.month, self.day))

    @classmethod
    def parse(cls, text: str) -> Date:
        """Read `2024-02-29`, years of more than four digits and negative years too; ValueError if it is no date."""
        found = _DATE.fullmatch(text)
        if found is None:
            raise ValueError(said("{text} is not a date such as 2024-12-31", text=repr(text)))
        return cls(int(found[1]), int(found[2]), int(found[3]))

    @classmethod
    def of_days(cls, days: int) -> Date:
        """The date so many days after 1970-01-01; ValueError outside the years of FEEL."""
        return cls(*_civil_of(days))

    def as_python(self) -> dt.date:
        """As a `datetime.date`; ValueError outside the years 1 to 9999."""
        return dt.date(self.year, self.month, self.day)

    def plus_months(self, months: int) -> Date:
        """The date so many months later, at most the last day of that month."""
        return Date(*_months_later(self.year, self.month, self.day, months))

    def plus_nanoseconds(self, nanoseconds: int) -> Date:
        """The date on which midnight plus this time falls (DMN 1.5, table 57)."""
        return Date.of_days(self.key + nanoseconds // DAY)

    def at_midnight(self) -> DateTime:
        """Midnight UTC of the day, as which a date counts where a date and time is asked (10.3.2.9.4)."""
        return DateTime(self, Time(0, 0, 0, 0, Zone.UTC))

    @property
    def weekday(self) -> int:
        """1 for Monday to 7 for Sunday."""
        return (self.key + 3) % 7 + 1

    @property
    def day_of_year(self) -> int:
        """1 for the first of January."""
        return self.key - _days_of(self.year, 1, 1) + 1

    @property
    def week_of_year(self) -> int:
        """The number of the week by ISO 8601."""
        thursday = self.key + 4 - self.weekday
        return (thursday - _days_of(_civil_of(thursday)[0], 1, 1)) // 7 + 1

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04}-{self.month:02}-{self.day:02}"


@dataclass(frozen=True, slots=True, eq=False)
class Time(_Ordered):
    """A time of day; ValueError if a part is out of range.

    Attributes:
        hour: 0 to 23.
        minute: 0 to 59.
        second: 0 to 59.
        nanosecond: 0 to 999,999,999.
        zone: offset or IANA zone; None for a local time.
        key: (has a zone, whole seconds since midnight UTC, or local without a zone).
    """

    hour: int
    minute: int
    second: int
    nanosecond: int = 0
    zone: Zone | None = None
    key: tuple[bool, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not (
            0 <= self.hour <= 23
            and 0 <= self.minute <= 59
            and 0 <= self.second <= 59
            and 0 <= self.nanosecond < SECOND
        ):
            raise ValueError(
                said(
                    "there is no time {hour}:{minute}:{second}",
                    hour=format(self.hour, "02"),
                    minute=format(self.minute, "02"),
                    second=format(self.second, "02"),
                )
            )
        object.__setattr__(self, "key", (self.zone is not None, self.nanoseconds // SECOND))

    @classmethod
    def parse(cls, text: str) -> Time:
        """Read `13:20:00`, with a fraction, an offset or `@zone` if so wished; ValueError if it is no time."""
        found = _TIME.fullmatch(text)
        if found is None:
            raise ValueError(said("{text} is not a time such as 13:20:00 or 13:20:00+01:00", text=repr(text)))
        zone = Zone.parse(found[5]) if found[5] else None
        return cls(int(found[1]), int(found[2]), int(found[3]), _nanoseconds(found[4]), zone)

    @classmethod
    def of_nanoseconds(cls, nanoseconds: int, zone: Zone | None = None) -> Time:
        """The time so many nanoseconds after midnight, whole days left out."""
        seconds, nanosecond = divmod(nanoseconds % DAY, SECOND)
        return cls(seconds // 3600, seconds // 60 % 60, seconds % 60, nanosecond, zone)

    @property
    def since_midnight(self) -> int:
        """Nanoseconds since midnight on the local clock."""
        return ((self.hour * 60 + self.minute) * 60 + self.second) * SECOND + self.nanosecond

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC, of a named zone those at the end of 1972; None without a zone."""
        return (
            None if self.zone is None else self.zone.offset_at(_days_of(*REFERENCE_DAY), self.since_midnight)
        )

    @property
    def nanoseconds(self) -> int:
        """Nanoseconds since midnight UTC; on the local clock without a zone."""
        return self.since_midnight - (self.offset or 0) * SECOND

    @property
    def is_zoned(self) -> bool:
        """Whether it has an offset or a zone."""
        return self.zone is not None

    def plus_nanoseconds(self, nanoseconds: int) -> Time:
        """The time later by so much, round the clock."""
        return Time.of_nanoseconds(self.since_midnight + nanoseconds, self.zone)

    def __str__(self) -> str:
        fraction = f".{self.nanosecond:09}".rstrip("0") if self.nanosecond else ""
        return f"{self.hour:02}:{self.minute:02}:{self.second:02}{fraction}{self.zone or ''}"


@dataclass(frozen=True, slots=True, eq=False)
class DateTime(_Ordered):
    """A date and time; with a zone it is an instant, without one a local reading.

    Attributes:
        date: the local date.
        time: the local time, with the zone if there is one.
        key: (has a zone, whole seconds since 1970-01-01T00:00Z, or local without a zone).
    """

    date: Date
    time: Time
    key: tuple[bool, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", (self.time.zone is not None, self.nanoseconds // SECOND))

    @classmethod
    def parse(cls, text: str) -> DateTime:
        """Read `2024-12-31T13:20:00+01:00`, or a date alone for its midnight; ValueError if it is neither."""
        day, mark, clock = text.partition("T")
        if not mark:
            return cls(Date.parse(day), Time(0, 0, 0))
        if clock.startswith(
            "24:00:00"
        ):  # the end of a day is the start of the next (XML Schema 1.1, 3.3.7.2)
            midnight = Time.parse("00" + clock[2:])
            if midnight.nanosecond == 0:
                return cls(Date.of_days(Date.parse(day).key + 1), midnight)
        return cls(Date.parse(day), Time.parse(clock))

    @classmethod
    def of_nanoseconds(cls, nanoseconds: int, zone: Zone | None) -> DateTime:
        """The instant so many nanoseconds after 1970-01-01T00:00Z as a zone reads it; without zone: a local reading."""
        if zone is not None:
            nanoseconds += zone.offset_at_instant(nanoseconds) * SECOND
        days, rest = divmod(nanoseconds, DAY)
        return cls(Date.of_days(days), Time.of_nanoseconds(rest, zone))

    @property
    def is_zoned(self) -> bool:
        """Whether it has an offset or a zone."""
        return self.time.zone is not None

    @property
    def nanoseconds(self) -> int:
        """Nanoseconds since 1970-01-01T00:00Z; of the local reading without a zone."""
        return self.date.key * DAY + self.time.since_midnight - (self.offset or 0) * SECOND

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC at that time; None without a zone."""
        zone = self.time.zone
        return None if zone is None else zone.offset_at(self.date.key, self.time.since_midnight)

    def plus_nanoseconds(self, nanoseconds: int) -> DateTime:
        """Later by so much on the time line; the zone stays."""
        return DateTime.of_nanoseconds(self.nanoseconds + nanoseconds, self.time.zone)

    def plus_months(self, months: int) -> DateTime:
        """The same time so many months later, at most on the last day of that month."""
        return DateTime(self.date.plus_months(months), self.time)

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"


@dataclass(frozen=True, slots=True, eq=False)
class DaysDuration(_Ordered):
    """A days and time duration; `key` counts nanoseconds. ValueError beyond the years of FEEL."""

    key: int

    def __post_init__(self) -> None:
        if abs(self.key) > MAX_NANOSECONDS:
            raise ValueError(said("the duration is too long"))

    @classmethod
    def parse(cls, text: str) -> DaysDuration:
        """Read `P1DT2H3M4.5S`; ValueError if it is no days and time duration."""
        found = _DAYS.fullmatch(text)
        if found is None or text.endswith(("P", "T")):
            raise ValueError(said("{text} is not a duration such as P30D or PT12H", text=repr(text)))
        days, hours, minutes, seconds = (int(found[group] or 0) for group in (2, 4, 5, 6))
        total = days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND + _nanoseconds(found[7])
        return cls(-total if found[1] else total)

    def __str__(self) -> str:
        seconds, fraction = divmod(abs(self.key), SECOND)
        days, hours, minutes = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
        seconds %= 60
        clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
        if seconds or fraction:
            clock += str(seconds) + (f".{fraction:09}".rstrip("0") if fraction else "") + "S"
        if not self.key:
            return "PT0S"
        return (
            ("-" if self.key < 0 else "")
            + "P"
            + (f"{days}D" if days else "")
            + (f"T{clock}" if clock else "")
        )


@dataclass(frozen=True, slots=True, eq=False)
class YearsDuration(_Ordered):
    """A years and months duration; `key` counts months. ValueError beyond the years of FEEL."""

    key: int

    def __post_init__(self) -> None:
        if abs(self.key) > MAX_MONTHS:
            raise ValueError(said("the duration is too long"))

    @classmethod
    def parse(cls, text: str) -> YearsDuration:
        """Read `P1Y6M`; ValueError if it is no years and months duration."""
        found = _YEARS.fullmatch(text)
        if found is None or text.endswith("P"):
            raise ValueError(said("{text} is not a duration such as P1Y6M", text=repr(text)))
        months = int(found[2] or 0) * 12 + int(found[3] or 0)
        return cls(-months if found[1] else months)

    def __str__(self) -> str:
        years, months = divmod(abs(self.key), 12)
        if not self.key:
            return "P0M"
        sign = "-" if self.key < 0 else ""
        return sign + "P" + (f"{years}Y" if years else "") + (f"{months}M" if months else "")


Temporal = Date | Time | DateTime | DaysDuration | YearsDuration


def date_of(date: dt.date) -> Date:
    """The FEEL date of a Python date; of a Python datetime, its date."""
    return Date(date.year, date.month, date.day)


def date_time_of(moment: dt.datetime) -> DateTime:
    """The FEEL date and time of a Python datetime; a naive one gives a local reading."""
    offset = moment.utcoffset()
    name = getattr(moment.tzinfo, "key", "")
    zone = None if offset is None else Zone(None, name) if name else Zone(int(offset.total_seconds()))
    clock = Time(moment.hour, moment.minute, moment.second, moment.microsecond * 1000, zone)
    return DateTime(date_of(moment), clock)


def temporal_of(text: str) -> Temporal:
    """The value of `@"text"` (grammar rule 62); ValueError if it is no date, time, date and time or duration."""
    if text.lstrip("-").startswith("P"):
        return _duration_of(text)
    if "T" in text.partition("@")[0]:
        return DateTime.parse(text)
    return Time.parse(text) if text[2:3] == ":" else Date.parse(text)


def _duration_of(text: str) -> DaysDuration | YearsDuration:
    try:
        return YearsDuration.parse(text)
    except ValueError:
        return DaysDuration.parse(text)


CONSTRUCTORS: Final[dict[str, Callable[[str], Temporal]]] = {
    "date": Date.parse,
    "time": Time.parse,
    "date and time": DateTime.parse,
    "duration": _duration_of,
}
"""What reads a text, by the name of the function that FEEL has for it."""
