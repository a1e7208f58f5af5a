"""Dates, times and durations against Python's own where Python has them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_tables.feel.temporal import (
    DAY,
    SECOND,
    Date,
    DateTime,
    DaysDuration,
    Time,
    YearsDuration,
    Zone,
    date_of,
    date_time_of,
    temporal_of,
)

far_dates = st.builds(Date.of_days, st.integers(-365_000_000_000, 365_000_000_000))


@given(st.dates())
def test_dates_count_as_pythons_do(day):
    date = date_of(day)
    assert date.as_python() == day
    assert str(date) == day.isoformat()
    assert (date.weekday, date.week_of_year) == (day.isoweekday(), day.isocalendar().week)
    assert date.day_of_year == day.timetuple().tm_yday
    assert date.key == day.toordinal() - dt.date(1970, 1, 1).toordinal()


@given(far_dates)
def test_a_date_of_any_year_reads_back(date):
    assert Date.parse(str(date)) == date
    assert Date.of_days(date.key) == date


@given(far_dates, far_dates)
def test_dates_are_ordered_by_their_key(a, b):
    assert (a < b) == (a.key < b.key) == ((a.year, a.month, a.day) < (b.year, b.month, b.day))
    assert (a == b) == (a.key == b.key)
    assert a != b or hash(a) == hash(b)


@given(st.datetimes(timezones=st.timezones() | st.none()).filter(lambda moment: not moment.fold))
def test_moments_count_as_pythons_do(moment):
    ours = date_time_of(moment)
    assert ours.offset == (None if moment.tzinfo is None else int(moment.utcoffset().total_seconds()))
    if moment.tzinfo is not None and 1900 < moment.year < 2100:
        assert ours.nanoseconds // SECOND == (
            moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
        ) // dt.timedelta(seconds=1)
    assert str(DateTime.parse(str(ours))) == str(ours)


@given(st.integers(-(10**25), 10**25))
def test_a_duration_of_days_reads_back(nanoseconds):
    duration = DaysDuration(nanoseconds)
    assert DaysDuration.parse(str(duration)) == duration


@given(st.integers(-(10**9), 10**9))
def test_a_duration_of_months_reads_back(months):
    assert YearsDuration.parse(str(YearsDuration(months))) == YearsDuration(months)


@given(st.datetimes(), st.integers(-(10**15), 10**15))
def test_adding_and_taking_away_a_duration_comes_back(moment, nanoseconds):
    ours = date_time_of(moment)
    assert str(ours.plus_nanoseconds(nanoseconds).plus_nanoseconds(-nanoseconds)) == str(ours)


@given(st.dates(), st.integers(-10_000, 10_000))
def test_adding_months_keeps_the_day_or_takes_the_last(day, months):
    later = date_of(day).plus_months(months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and Date.of_days(later.key + 1).day == 1)


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29",
        "2023-13-01",
        "2023-00-01",
        "23-01-01",
        "02023-01-01",
        "+2023-01-01",
        "1000000000-01-01",
        "2023-1-1",
        "2023-01-01Z",
        " 2023-01-01",
        "\uff12\uff10\uff12\uff13-01-01",
        "",
    ],
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match=r"day|date"):
        Date.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "24:00:00",
        "10:60:00",
        "10:00:60",
        "10:00",
        "1:00:00",
        "10:00:00+19:00",
        "10:00:00+01:60",
        "10:00:00@No/Where",
        "10:00:00Z@Europe/Paris",
        "10:00:00@../etc/passwd",
        "T10:00:00",
        "10:00:00+0100",
    ],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match=r"time|offset"):
        Time.parse(text)


@pytest.mark.parametrize("text", ["P", "PT", "P1DT", "P1H", "P1.5D", "P-1D", "P1Y1D", "PT1.S2", "P1W"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="duration"):
        temporal_of(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("P365D", "P365D"),
        ("PT36H", "P1DT12H"),
        ("-PT90S", "-PT1M30S"),
        ("PT0.5S", "PT0.5S"),
        ("P0D", "PT0S"),
        ("P14M", "P1Y2M"),
        ("-P0Y", "P0M"),
        ("10:00:00.100", "10:00:00.1"),
        ("10:00:00+00:00", "10:00:00Z"),
        ("10:00:00-01:30", "10:00:00-01:30"),
        ("-0044-03-15", "-0044-03-15"),
        ("12024-01-01T00:00:00@Europe/Brussels", "12024-01-01T00:00:00@Europe/Brussels"),
    ],
)
def test_the_text_of_a_value_is_the_shortest_that_says_it(text, shown):
    assert str(temporal_of(text)) == shown


def test_a_zone_is_kept_over_the_change_of_the_clock():
    before = DateTime.parse("2024-03-31T01:59:59@Europe/Brussels")
    assert str(before.plus_nanoseconds(SECOND)) == "2024-03-31T03:00:00@Europe/Brussels"


def test_zoned_and_local_times_are_never_equal():
    assert Time.parse("10:00:00") != Time.parse("10:00:00Z")
    assert DateTime.parse("2024-01-01T10:00:00") != DateTime.parse("2024-01-01T10:00:00Z")


def test_times_compare_by_whole_seconds():
    assert Time.parse("10:00:00.1") == Time.parse("10:00:00.2")
    assert DateTime.parse("2024-01-01T10:00:00.9").nanoseconds % DAY == 10 * 3600 * SECOND + 900_000_000


def test_an_offset_is_at_most_eighteen_hours():
    with pytest.raises(ValueError, match="18 hours"):
        Zone.of_seconds(18 * 3600 + 1)


@pytest.mark.parametrize(
    "make", [lambda: Date(2024, 2, 30), lambda: Time(25, 0, 0), lambda: YearsDuration(10**11)]
)
def test_impossible_parts_are_refused(make):
    with pytest.raises(ValueError, match=r"no day|no time|too long"):
        make()


def test_values_are_frozen():
    with pytest.raises(AttributeError):
        Date(2024, 1, 1).year = 2025
