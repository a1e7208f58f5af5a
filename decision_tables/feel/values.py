"""The values of FEEL and what can be said of any of them: equality, order, text, JSON (DMN 1.5, 10.3.2).

A number is a `decimal.Decimal`, a string a `str`, a boolean a `bool`, null None, a list a `list` and a context
a `dict` (neither is ever changed once made); temporal values are those of `feel.temporal`. `UNKNOWN` is no FEEL
value: it stands for a fact that nobody has given, and makes whatever reads it unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Any, Final, Protocol, TypeAlias, final

from decision_tables.errors import BudgetExhausted
from decision_tables.feel.temporal import DAY, SECOND, Date, DateTime, DaysDuration, Time, YearsDuration
from decision_tables.said import said

__all__ = [
    "MAX_SIZE",
    "NUMBERS",
    "PROPERTY_NAMES",
    "UNKNOWN",
    "Budget",
    "Function",
    "Range",
    "Trouble",
    "Unknown",
    "Value",
    "Walk",
    "among",
    "arithmetic",
    "compared",
    "entry_of",
    "equal",
    "from_json",
    "less",
    "negative",
    "number_of",
    "quoted",
    "same",
    "spoken",
    "string_of",
    "text_of",
    "to_json",
    "type_name",
]

# The shapes are in the module docstring. They are told apart by `type(value)`, never by a declared union:
# a bool is an int to Python, and what a cell yields is open by nature.
Value: TypeAlias = Any

MAX_SIZE: Final = 1_000_000
"""The most elements that one list, and characters that one string, may have."""

MAX_DEPTH: Final = 150
"""The deepest nesting of lists and contexts that is compared, written or read."""

NUMBERS: Final = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    clamp=0,
    flags=[],
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""IEEE 754 decimal128 (10.3.2.3.1). Always passed: the ambient context is per thread and must not matter."""


@final
class Unknown:
    """The class of `UNKNOWN`, a fact that nobody has given; it has no truth value."""

    __slots__ = ()

    def __bool__(self) -> bool:
        raise TypeError("unknown is neither true nor false: compare with `is UNKNOWN`")

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __reduce__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


class Trouble(Exception):
    """An operator or built-in that has no value for these operands: the evaluator turns it to null and a warning."""

    def __init__(self, message: str, code: str = "feel/no-value") -> None:
        super().__init__(message)
        self.code = code


class Budget(Protocol):
    """What pays for work that grows with the values: the run."""

    def spend(self, steps: int) -> None:
        """Count steps; BudgetExhausted when none are left."""


@dataclass(frozen=True, slots=True)
class Range:
    """An interval of comparable values (10.3.2.7).

    An end that is null leaves the range without an answer (`5 in [1..null]` is null): only the form of a comparison,
    `(>= 1)`, is open-ended. The two forms differ as values, even where they hold the same (TCK 0068).

    Attributes:
        low: the lower end; None where it is open or null.
        high: the upper end; None where it is open or null.
        low_closed: whether the lower end belongs to it.
        high_closed: whether the upper end belongs to it.
        op: `<`, `<=`, `>`, `>=`, `=` or `!=` where it is written `(op end)`; empty for an interval.
    """

    low: Value
    high: Value
    low_closed: bool = True
    high_closed: bool = True
    op: str = ""

    @classmethod
    def of_comparison(cls, op: str, end: Value) -> Range:
        """The open-ended range `(op end)`."""
        if op in ("=", "!="):
            return cls(end, end, op == "=", op == "=", op)
        if op in ("<", "<="):
            return cls(None, end, False, op == "<=", op)
        return cls(end, None, op == ">=", False, op)

    @property
    def end(self) -> Value:
        """The one end of `(op end)`."""
        return self.high if self.low is None else self.low

    def __contains__(self, value: Value) -> bool:
        return self.holds(value) is True

    def holds(self, value: Value, budget: Budget | None = None) -> bool | None:
        """Whether the value lies in it; None where it cannot be compared with the ends."""
        if self.op:
            return compared(self.op, value, self.end, budget)
        above = compared(">=" if self.low_closed else ">", value, self.low)
        below = compared("<=" if self.high_closed else "<", value, self.high)
        return None if above is None or below is None else above and below

    def __str__(self) -> str:
        return text_of(self)


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function as a value (10.3.2.13): a built-in, a function literal, or knowledge from a model.

    Attributes:
        name: the name by which it is known; empty for a literal.
        parameters: names in order.
        invoke: takes the arguments in order and the run (whatever the evaluator passes), gives the value.
        text: FEEL text that reads back as the function.
        signature: its `types.Type`, where it is declared; None conforms to any function type.
    """

    name: str
    parameters: tuple[str, ...]
    invoke: Callable[[list[Value], Any], Value]
    text: str = ""
    signature: Any = None


_NAMES: Final[dict[type, str]] = {
    Decimal: said("number"),
    str: said("string"),
    bool: said("boolean"),
    type(None): said("null"),
    list: said("list"),
    dict: said("context"),
    Date: said("date"),
    Time: said("time"),
    DateTime: said("date and time"),
    DaysDuration: said("days and time duration"),
    YearsDuration: said("years and months duration"),
    Range: said("range"),
    Function: said("function"),
    Unknown: said("unknown"),
}
_SPOKEN: Final = {str(name): name for name in (*_NAMES.values(), said("Any"))}
_ORDERED: Final = frozenset({Decimal, str, Date, Time, DateTime, DaysDuration, YearsDuration})
_DURATIONS: Final = frozenset({DaysDuration, YearsDuration})


def type_name(value: Value) -> str:
    """The FEEL name of the value's type: `number`, `date and time`, `list`, …; `unknown` for UNKNOWN."""
    return _NAMES.get(type(value), said("something that is no FEEL value"))


def spoken(name: str) -> str:
    """The FEEL name of a type, as it can be said in another language; what is no name of FEEL's own as it is."""
    if name.startswith("list<"):
        return said("list<{items}>", items=spoken(name.removeprefix("list<").removesuffix(">")))
    return _SPOKEN.get(name, name)


class Walk:
    """Bounds a walk over a nested value: shared parts are met again each time, so small values can be vast trees."""

    __slots__ = ("budget", "left")

    def __init__(self, budget: Budget | None = None) -> None:
        self.left = MAX_SIZE
        self.budget = budget

    def step(self, depth: int, amount: int = 1) -> None:
        """Count a part at a depth; BudgetExhausted when there are too many or it lies too deep."""
        self.left -= amount
        if self.left < 0 or depth > MAX_DEPTH:
            raise BudgetExhausted(said("A value is too large or nested too deeply."))
        if self.budget is not None:
            self.budget.spend(amount)


def equal(a: Value, b: Value, budget: Budget | None = None) -> bool | None:
    """`a = b` (10.3.2.10, table 42): None where the types cannot be compared, false where just one is null.

    Neither may be UNKNOWN. The budget pays for what is nested.
    """
    kind = type(a)
    if kind is type(b) and kind in _ORDERED:
        return bool(a == b)
    return _equal(a, b, Walk(budget), 0)


def _equal(a: Value, b: Value, walk: Walk, depth: int) -> bool | None:
    walk.step(depth)
    if a is None or b is None:
        return a is b
    kind = type(a)
    if kind is not type(b):
        return None
    if kind is list:
        if len(a) != len(b):
            return False
        return _all_equal(zip(a, b, strict=True), walk, depth)
    if kind is dict:
        if a.keys() != b.keys():
            return False
        return _all_equal(((value, b[key]) for key, value in a.items()), walk, depth)
    if kind is Range:
        if (a.op, a.low_closed, a.high_closed) != (b.op, b.low_closed, b.high_closed):
            return False
        return _all_equal(((a.low, b.low), (a.high, b.high)), walk, depth)
    if kind is Function:
        return True if a is b else None
    return bool(a == b)


def _all_equal(pairs: Any, walk: Walk, depth: int) -> bool | None:
    found: bool | None = True
    for a, b in pairs:
        one = _equal(a, b, walk, depth + 1)
        if one is False:
            return False
        if one is None:
            found = None
    return found


def less(a: Value, b: Value) -> bool | None:
    """`a < b` (table 42): None unless both are of one ordered type, and both or neither of them zoned."""
    kind = type(a)
    if kind is not type(b) or kind not in _ORDERED:
        return None
    if (kind is DateTime or kind is Time) and a.key[0] is not b.key[0]:
        return None
    return bool(a < b)


def compared(op: str, a: Value, b: Value, budget: Budget | None = None) -> bool | None:
    """`a op b` for an op of `= != < <= > >=`; None where the values cannot be compared so."""
    if op == "=":
        return equal(a, b, budget)
    if op == "!=":
        found = equal(a, b, budget)
        return None if found is None else not found
    strict = less(a, b) if op in ("<", "<=") else less(b, a)
    return equal(a, b) if strict is False and op in ("<=", ">=") else strict


def same(a: Value, b: Value, budget: Budget | None = None) -> bool:
    """Whether two outcomes are one: same type and equal, null the same as null, deep; UNKNOWN only as itself."""
    return _same(a, b, Walk(budget), 0)


def _same(a: Value, b: Value, walk: Walk, depth: int) -> bool:
    walk.step(depth)
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if type(a) is list:
        return len(a) == len(b) and all(_same(x, y, walk, depth + 1) for x, y in zip(a, b, strict=True))
    if type(a) is dict:
        return a.keys() == b.keys() and all(_same(x, b[key], walk, depth + 1) for key, x in a.items())
    if type(a) is Range:
        return (a.op, a.low_closed, a.high_closed) == (b.op, b.low_closed, b.high_closed) and (
            _same(a.low, b.low, walk, depth + 1) and _same(a.high, b.high, walk, depth + 1)
        )
    if type(a) is Time or type(a) is DateTime:
        # `is` (table 79) tells 12:00Z from 13:00+01:00, and so does the outcome of a decision.
        return str(a) == str(b)
    return bool(a == b)


def among(value: Value, members: list[Value], budget: Budget | None = None) -> bool:
    """Whether a list holds an equal value; null is equal to null."""
    return any(equal(value, member, budget) is True for member in members)


_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_TO_ESCAPE: Final = re.compile(r'["\\\n\r\t\x00-\x1f\u0085\u2028\u2029\ud800-\udfff]')
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def quoted(text: str) -> str:
    """The string literal of a text."""
    return '"' + _TO_ESCAPE.sub(lambda m: _ESCAPES.get(m[0]) or f"\\u{ord(m[0]):04X}", text) + '"'


def text_of(value: Value) -> str:
    """FEEL text that reads back as the value: `"BE"`, `@"2024-12-31"`, `[1..5)`; UNKNOWN is `unknown`.

    Raises:
        BudgetExhausted: the text would be too long.
    """
    return _text(value, Walk(), 0)


def string_of(value: Value, budget: Budget | None = None) -> str:
    """What `string()` gives: as `text_of`, with strings at the top unquoted and temporal values plain."""
    kind = type(value)
    if kind is str:
        return str(value)
    return _text(value, Walk(budget), 0, plain=True)


def _text(value: Value, walk: Walk, depth: int, *, plain: bool = False) -> str:
    walk.step(depth)
    kind = type(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is Decimal:
        return _number_text(value)
    if kind is str:
        walk.step(depth, len(value))
        return quoted(value)
    if kind is list:
        return "[" + ", ".join([_text(item, walk, depth + 1, plain=plain) for item in value]) + "]"
    if kind is dict:
        entries = [
            f"{key if _NAME.fullmatch(key) else quoted(key)}: {_text(item, walk, depth + 1, plain=plain)}"
            for key, item in value.items()
        ]
        return "{" + ", ".join(entries) + "}"
    if kind is Range:
        if value.op:
            return f"({value.op} {_text(value.end, walk, depth + 1, plain=plain)})"
        low, high = (_text(end, walk, depth + 1, plain=plain) for end in (value.low, value.high))
        return f"{'[' if value.low_closed else '('}{low}..{high}{']' if value.high_closed else ')'}"
    if kind is Function:
        return str(value.text or value.name)
    if value is UNKNOWN:
        return "unknown"
    return str(value) if plain else f'@"{value}"'


def _number_text(number: Decimal) -> str:
    if not number:
        return "0"
    text = f"{number:f}" if -40 < number.adjusted() < 40 else str(number).replace("E", "e")
    if "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    return text


def number_of(number: Decimal | int | str) -> Decimal:
    """The FEEL number of a Decimal, an int or numeric text, rounded to 34 digits; Trouble if there is none."""
    try:
        found = NUMBERS.create_decimal(number)
    except ArithmeticError:
        raise Trouble(said("The number is out of range."), "feel/number") from None
    if not found.is_finite():
        raise Trouble(said("The number is out of range."), "feel/number")
    return found


def from_json(obj: object) -> Value:
    """The FEEL value of decoded JSON: null, bool, str, Decimal or int (never float), list, dict.

    Raises:
        ValueError: a float, a number that is not finite or has over 34 digits, or no JSON at all.
        BudgetExhausted: too large, or nested too deeply.
    """
    return _from_json(obj, Walk(), 0)


def _from_json(obj: object, walk: Walk, depth: int) -> Value:
    walk.step(depth)
    if obj is None or isinstance(obj, (bool, str)):
        return obj
    if isinstance(obj, (int, Decimal)):
        exact = Decimal(obj)
        if not exact.is_finite() or len(exact.as_tuple().digits) > 34 or abs(exact.adjusted()) > 6144:
            raise ValueError(said("a number has at most 34 digits and an exponent within ±6,144"))
        return exact
    if isinstance(obj, (list, tuple)):
        return [_from_json(item, walk, depth + 1) for item in obj]
    if isinstance(obj, Mapping):
        if not all(isinstance(key, str) for key in obj):
            raise ValueError(said("the names in a context are strings"))
        return {key: _from_json(item, walk, depth + 1) for key, item in obj.items()}
    raise ValueError(said("{name} is not a JSON value that FEEL can take", name=type(obj).__name__))


def to_json(value: Value) -> object:
    """What JSON can hold: numbers stay Decimal, temporal values ISO 8601 text; ranges and functions FEEL text.

    Raises:
        ValueError: UNKNOWN, which is no value.
        BudgetExhausted: too large, or nested too deeply.
    """
    return value if type(value) in _AS_IT_IS else _to_json(value, Walk(), 0)


_AS_IT_IS: Final = frozenset({type(None), bool, str, Decimal})


def _to_json(value: Value, walk: Walk, depth: int) -> object:
    walk.step(depth)
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is list:
        return [_to_json(item, walk, depth + 1) for item in value]
    if kind is dict:
        return {key: _to_json(item, walk, depth + 1) for key, item in value.items()}
    if value is UNKNOWN or kind not in _NAMES:
        raise ValueError(said("{type} cannot be written as JSON", type=type_name(value)))
    return text_of(value) if kind is Range or kind is Function else str(value)


# ---- arithmetic (10.3.2.9.3, tables 53 to 57) and paths (table 61)


def arithmetic(op: str) -> Callable[[Value, Value], Value]:
    """What computes `a op b` of known values for an op of `+ - * / **`; it raises Trouble where there is no value."""
    by_types = _ARITHMETIC[op]

    def computed(a: Value, b: Value) -> Value:
        compute = by_types.get((type(a), type(b)))
        if compute is None:
            raise Trouble(
                said(
                    "“{op}” cannot join {type} and {other}.",
                    op=op,
                    type=type_name(a),
                    other=type_name(b),
                ),
                "feel/type",
            )
        try:
            return compute(a, b)
        except (ArithmeticError, ValueError):
            raise Trouble(said("The result of “{op}” is no number, or out of range.", op=op)) from None

    return computed


def _joined(a: str, b: str) -> str:
    if len(a) + len(b) > MAX_SIZE:
        raise BudgetExhausted(said("A text is too long."))
    return a + b


def _time_between(a: Any, b: Any) -> DaysDuration:
    """Between two readings that are both zoned or both local; else there is no telling."""
    if a.is_zoned != b.is_zoned:
        raise Trouble(said("A time with an offset and one without have no known distance."), "feel/type")
    return DaysDuration(a.nanoseconds - b.nanoseconds)


def _scaled(span: Any, factor: Decimal) -> Any:
    return type(span)(_toward_zero(NUMBERS.multiply(Decimal(span.key), factor)))


def _shared(span: Any, divisor: Decimal) -> Any:
    return type(span)(_toward_zero(NUMBERS.divide(Decimal(span.key), divisor)))


def _toward_zero(number: Decimal) -> int:
    if number.adjusted() > 30:
        raise ValueError(said("the duration is too long"))
    return int(number)


def _power(a: Decimal, b: Decimal) -> Decimal:
    if not b:  # also of 0 (IEEE 754, 9.2.1), for which Python's decimals have no value
        return Decimal(1)
    found = NUMBERS.power(a, b)
    if not found.is_finite():  # 0 to a negative power, which raises no trap
        raise OverflowError(said("the power is infinite"))
    return found


def _flipped(compute: Callable[[Any, Any], Value]) -> Callable[[Any, Any], Value]:
    return lambda a, b: compute(b, a)


def _later(moment: Any, span: DaysDuration) -> Any:
    return moment.plus_nanoseconds(span.key)


def _earlier(moment: Any, span: DaysDuration) -> Any:
    return moment.plus_nanoseconds(-span.key)


def _months_later(moment: Any, span: YearsDuration) -> Any:
    return moment.plus_months(span.key)


def _months_earlier(moment: Any, span: YearsDuration) -> Any:
    return moment.plus_months(-span.key)


_Pairs: TypeAlias = dict[tuple[type, type], Callable[[Any, Any], Value]]

_ARITHMETIC: Final[dict[str, _Pairs]] = {
    "+": {
        (Decimal, Decimal): NUMBERS.add,
        (str, str): _joined,
        **{(kind, DaysDuration): _later for kind in (Date, DateTime, Time)},
        **{(DaysDuration, kind): _flipped(_later) for kind in (Date, DateTime, Time)},
        **{(kind, YearsDuration): _months_later for kind in (Date, DateTime)},
        **{(YearsDuration, kind): _flipped(_months_later) for kind in (Date, DateTime)},
        **{(kind, kind): lambda a, b: type(a)(a.key + b.key) for kind in _DURATIONS},
    },
    "-": {
        (Decimal, Decimal): NUMBERS.subtract,
        (Date, Date): lambda a, b: DaysDuration((a.key - b.key) * DAY),
        (DateTime, DateTime): _time_between,
        (DateTime, Date): lambda a, b: _time_between(a, b.at_midnight()),
        (Date, DateTime): lambda a, b: _time_between(a.at_midnight(), b),
        (Time, Time): _time_between,
        **{(kind, DaysDuration): _earlier for kind in (Date, DateTime, Time)},
        **{(kind, YearsDuration): _months_earlier for kind in (Date, DateTime)},
        **{(kind, kind): lambda a, b: type(a)(a.key - b.key) for kind in _DURATIONS},
    },
    "*": {
        (Decimal, Decimal): NUMBERS.multiply,
        **{(kind, Decimal): _scaled for kind in _DURATIONS},
        **{(Decimal, kind): _flipped(_scaled) for kind in _DURATIONS},
    },
    "/": {
        (Decimal, Decimal): NUMBERS.divide,
        **{(kind, Decimal): _shared for kind in _DURATIONS},
        **{(kind, kind): lambda a, b: NUMBERS.divide(Decimal(a.key), Decimal(b.key)) for kind in _DURATIONS},
    },
    "**": {(Decimal, Decimal): _power},
}


def negative(value: Value) -> Value:
    """`-value` of a number or a duration; Trouble for anything else."""
    if type(value) is Decimal:
        return NUMBERS.minus(value)
    if type(value) in _DURATIONS:
        return type(value)(-value.key)
    raise Trouble(said("{type} has no negative.", type=type_name(value)), "feel/type")


_PROPERTIES: Final[dict[type, dict[str, Callable[[Any], Value]]]] = {
    Date: {
        "year": lambda date: Decimal(date.year),
        "month": lambda date: Decimal(date.month),
        "day": lambda date: Decimal(date.day),
        "weekday": lambda date: Decimal(date.weekday),
    },
    Time: {
        "hour": lambda time: Decimal(time.hour),
        "minute": lambda time: Decimal(time.minute),
        "second": lambda time: Decimal(time.second),
        "time offset": lambda time: None if time.offset is None else DaysDuration(time.offset * SECOND),
        "timezone": lambda time: (time.zone and time.zone.name) or None,
    },
    DateTime: {
        "time offset": lambda moment: None if moment.offset is None else DaysDuration(moment.offset * SECOND),
    },
    DaysDuration: {
        "days": lambda span: _signed(span.key, abs(span.key) // DAY),
        "hours": lambda span: _signed(span.key, abs(span.key) // (3600 * SECOND) % 24),
        "minutes": lambda span: _signed(span.key, abs(span.key) // (60 * SECOND) % 60),
        "seconds": lambda span: _signed(span.key, abs(span.key) // SECOND % 60),
    },
    YearsDuration: {
        "years": lambda span: _signed(span.key, abs(span.key) // 12),
        "months": lambda span: _signed(span.key, abs(span.key) % 12),
    },
    Range: {
        "start": lambda interval: interval.low,
        "end": lambda interval: interval.high,
        "start included": lambda interval: interval.low_closed,
        "end included": lambda interval: interval.high_closed,
    },
}


def _of_part(part: str, read: Callable[[Any], Value]) -> Callable[[Any], Value]:
    return lambda moment: read(getattr(moment, part))


for _part, _kind in (("date", Date), ("time", Time)):
    for _name, _read in _PROPERTIES[_kind].items():
        _PROPERTIES[DateTime].setdefault(_name, _of_part(_part, _read))


PROPERTY_NAMES: Final[dict[str, frozenset[str]]] = {
    **{_NAMES[kind]: frozenset(reads) for kind, reads in _PROPERTIES.items()},
    **dict.fromkeys(("string", "number", "boolean"), frozenset()),
}
"""What can stand after a dot, by the name of the type; contexts have entries instead."""


def _signed(sign: int, amount: int) -> Decimal:
    return Decimal(-amount if sign < 0 else amount)


def entry_of(value: Value, name: str) -> Value:
    """`value.name` of a context, a temporal value or a range (table 61); Trouble where there is no such entry."""
    if type(value) is dict:
        if name in value:
            return value[name]
        raise Trouble(said("The context has no entry “{name}”.", name=name), "feel/no-entry")
    found = _PROPERTIES.get(type(value), {}).get(name)
    if found is None:
        raise Trouble(said("{type} has no “{name}”.", type=type_name(value), name=name), "feel/no-entry")
    return found(value)
