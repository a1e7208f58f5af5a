"""Built-ins on numbers (DMN 1.5, 10.3.4.5)."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    InvalidOperation,
)
from functools import lru_cache
from typing import TYPE_CHECKING

from decision_tables.feel.functions.signatures import builtin, truncated
from decision_tables.feel.values import (
    NUMBERS,
    Trouble,
    Value,
)
from decision_tables.said import said

if TYPE_CHECKING:
    from decision_tables.feel.temporal import (
        DaysDuration,
        YearsDuration,
    )


def _rounded(number: Decimal, scale: Decimal, rounding: str) -> Decimal:
    places = truncated(scale)
    if not -6111 <= places <= 6176:
        raise Trouble(said("A scale is between -6111 and 6176."))
    try:
        return number.quantize(_quantum(places), rounding=rounding, context=NUMBERS)
    except InvalidOperation:
        # So many places would take more than 34 digits; a number that has no more places than that stays as it is.
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and exponent >= -places:
            return number
        raise


@lru_cache(maxsize=64)
def _quantum(places: int) -> Decimal:
    return Decimal((0, (1,), -places))


def _rounding(name: str, rounding: str, *, scaled: bool = True) -> None:
    """Register a built-in that rounds to a scale; an unscaled one may leave it out, and rounds to a whole number."""

    @builtin(name, "n: number, scale: number")
    def _round(number: Decimal, scale: Decimal = Decimal(0)) -> Value:
        return _rounded(number, scale, rounding)

    if not scaled:
        builtin(name, "n: number")(_round)


_rounding("decimal", ROUND_HALF_EVEN)
_rounding("round up", ROUND_UP)
_rounding("round down", ROUND_DOWN)
_rounding("round half up", ROUND_HALF_UP)
_rounding("round half down", ROUND_HALF_DOWN)
_rounding("floor", ROUND_FLOOR, scaled=False)
_rounding("ceiling", ROUND_CEILING, scaled=False)


@builtin("abs", "n: magnitude")
def _abs(value: Decimal | DaysDuration | YearsDuration) -> Value:
    return NUMBERS.abs(value) if isinstance(value, Decimal) else type(value)(abs(value.key))


@builtin("modulo", "dividend: number, divisor: number")
def _modulo(dividend: Decimal, divisor: Decimal) -> Value:
    rest = NUMBERS.remainder(dividend, divisor)
    return NUMBERS.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest


@builtin("sqrt", "number: number")
def _sqrt(number: Decimal) -> Value:
    return NUMBERS.sqrt(number)


@builtin("log", "number: number")
def _log(number: Decimal) -> Value:
    if number <= 0:
        raise Trouble(said("Only numbers above zero have a logarithm."))
    return NUMBERS.ln(number)


@builtin("exp", "number: number")
def _exp(number: Decimal) -> Value:
    return NUMBERS.exp(number)


@builtin("odd", "number: number")
def _odd(number: Decimal) -> Value:
    return NUMBERS.remainder(number, Decimal(2)).copy_abs() == 1


@builtin("even", "number: number")
def _even(number: Decimal) -> Value:
    return NUMBERS.remainder(number, Decimal(2)) == 0
