"""Built-ins on dates and times (DMN 1.5, 10.3.4.6 and 10.3.4.11)."""

from __future__ import annotations

from decimal import (
    Decimal,
)

from decision_tables.feel.functions.conversion import day_of
from decision_tables.feel.functions.signatures import Budget, builtin
from decision_tables.feel.temporal import (
    Date,
    DateTime,
    date_time_of,
)
from decision_tables.feel.values import (
    Value,
    same,
)


@builtin("is", "value1: any, value2: any", run=True)
def _is(run: Budget, a: Value, b: Value) -> Value:
    return same(a, b, run)


@builtin("day of year", "date: day")
def _day_of_year(day: Date | DateTime) -> Value:
    return Decimal(day_of(day).day_of_year)


@builtin("day of week", "date: day")
def _day_of_week(day: Date | DateTime) -> Value:
    return ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[
        day_of(day).weekday - 1
    ]


@builtin("month of year", "date: day")
def _month_of_year(day: Date | DateTime) -> Value:
    months = "January February March April May June July August September October November December"
    return months.split()[day_of(day).month - 1]


@builtin("week of year", "date: day")
def _week_of_year(day: Date | DateTime) -> Value:
    return Decimal(day_of(day).week_of_year)


@builtin("now", "", run=True)
def _now(run: Budget) -> Value:
    return date_time_of(run.instant)


@builtin("today", "", run=True)
def _today(run: Budget) -> Value:
    return date_time_of(run.instant).date
