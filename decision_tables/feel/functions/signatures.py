"""What a built-in function is: its signatures, and the argument types that each insists on (DMN 1.5, 10.3.4).

A signature is written as the standard has it: `string: string, start position: number, length?: number`; a `?` marks
what may be left out, `...` what may be repeated. Null where a type is asked is refused like any other value of a wrong
type: the built-in raises `Trouble`, the evaluator makes it null and a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import (
    Decimal,
)
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from decision_tables.diagnostics import near_miss
from decision_tables.errors import BudgetExhausted
from decision_tables.feel import values as feel_values
from decision_tables.feel.temporal import (
    Date,
    DateTime,
    DaysDuration,
    Time,
    YearsDuration,
)
from decision_tables.feel.values import (
    MAX_SIZE,
    NUMBERS,
    UNKNOWN,
    Function,
    Range,
    Trouble,
    Value,
    type_name,
)
from decision_tables.said import either, said, said_many, said_of, sentence

if TYPE_CHECKING:
    import datetime as dt

__all__ = [
    "BUILTINS",
    "MADE",
    "POINTS",
    "Budget",
    "Builtin",
    "Overload",
    "Quick",
    "Undetermined",
    "argument_problem",
    "builtin",
    "called",
    "invoke",
    "named_order",
    "position_in",
    "quick",
    "sized",
    "truncated",
    "whole",
]


class Budget(feel_values.Budget, Protocol):
    """What a built-in may use of the run: its instant, and the steps that are left."""

    @property
    def instant(self) -> dt.datetime:
        """The one moment that `now()` and `today()` give."""


class Undetermined(Exception):
    """A function that was handed to a built-in came out unknown, so the built-in is unknown."""


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    kind: str
    optional: bool
    variadic: bool


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature of a built-in and what computes it."""

    parameters: tuple[_Parameter, ...]
    compute: Callable[..., Value]
    takes_run: bool
    least: int
    most: int

    def bound(self, arguments: list[Value]) -> list[Value]:
        """The arguments as the parameters want them; Trouble if they cannot be had."""
        parameters = self.parameters
        if not parameters:
            return arguments
        if parameters[-1].variadic:
            kind = _KINDS[parameters[-1].kind]
            fixed = len(parameters) - 1
            if all(parameter.kind == "any" for parameter in parameters):
                return [*arguments[:fixed], arguments[fixed:]]
            head = [_KINDS[p.kind](a) for p, a in zip(parameters, arguments[:fixed], strict=False)]
            return [*head, [kind(argument) for argument in arguments[fixed:]]]
        return [
            None if argument is None and parameter.optional else _KINDS[parameter.kind](argument)
            for parameter, argument in zip(parameters, arguments, strict=False)
        ]


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in function: its signatures, tried in order.

    Attributes:
        name: as one writes it.
        overloads: the signatures.
        value: the function as a FEEL value.
    """

    name: str
    overloads: list[Overload]
    value: Function

    def fitting(self, amount: int, names: tuple[str, ...]) -> tuple[Overload, ...]:
        """The signatures that take so many arguments, or arguments of these names, all in one order.

        `before(point, range)` and `before(range, point)` differ by their order alone: that in which one writes.
        """
        if names:
            orders = {
                at: order for at, o in enumerate(self.overloads) if (order := _order_of(o, names)) is not None
            }
            chosen = min(orders.values(), key=_inversions, default=[])
            return tuple(self.overloads[at] for at, order in orders.items() if order == chosen)
        return tuple(o for o in self.overloads if o.least <= amount <= o.most)


def _order_of(overload: Overload, names: tuple[str, ...]) -> list[int | None] | None:
    """For each parameter the index of its argument; None if the names do not fit the signature."""
    if len(set(names)) != len(names):
        return None
    order: list[int | None] = [
        names.index(parameter.name) if parameter.name in names else None for parameter in overload.parameters
    ]
    if len([index for index in order if index is not None]) != len(names):
        return None
    # `is(value1: x)` compares with null: what takes any value takes a missing one (TCK 0103).
    if any(
        index is None and not parameter.optional and parameter.kind != "any"
        for index, parameter in zip(order, overload.parameters, strict=True)
    ):
        return None
    while order and order[-1] is None and overload.parameters[len(order) - 1].optional:
        order.pop()
    return order


def _inversions(order: list[int | None]) -> int:
    """How often the parameters leave the order in which the arguments are written."""
    given = [index for index in order if index is not None]
    return sum(later < earlier for earlier, later in pairwise(given))


def named_order(overload: Overload, names: tuple[str, ...]) -> list[int | None]:
    """For each parameter, up to the last one given, the index of its argument by name; None where it is left out."""
    return _order_of(overload, names) or []


def invoke(overloads: Iterable[Overload], arguments: list[Value], budget: Budget) -> Value:
    """The value of the first signature whose types fit; Trouble if none does or it has no value."""
    steps = 1
    for argument in arguments:
        shift = _SHIFTS.get(type(argument))
        if shift:
            steps += len(argument) >> shift
    budget.spend(steps)
    trouble: Trouble | None = None
    for overload in overloads:
        try:
            bound = overload.bound(arguments)
        except Trouble as refused:
            trouble = trouble or refused
            continue
        try:
            found = overload.compute(budget, *bound) if overload.takes_run else overload.compute(*bound)
        except (ArithmeticError, ValueError) as error:
            raise Trouble(_sentence(error)) from None
        if type(found) in MADE:
            budget.spend(len(found) >> MADE[type(found)])
        return found
    raise trouble or Trouble(said("The function does not take these arguments."), "feel/arguments")


def quick(overload: Overload, amount: int) -> Quick | None:
    """How to call a built-in's only signature with so many arguments when a look at their classes is all it takes.

    Calls with constants and facts of the right types are most of what cells do, and `invoke` is made for the rest.
    """
    parameters, compute = overload.parameters, overload.compute
    kinds = [parameters[min(at, len(parameters) - 1)].kind for at in range(amount)]
    if overload.takes_run or not all(kind in _EXACT for kind in kinds):
        return None
    if parameters and parameters[-1].variadic:
        fixed, gathered = len(parameters) - 1, overload.compute
        compute = lambda *arguments: gathered(*arguments[:fixed], list(arguments[fixed:]))  # noqa: E731
    classes = tuple(_EXACT[kind] for kind in kinds)
    shifts = tuple(
        max(map(_shift_of, accepted)) if all(map(_shift_of, accepted)) else 0 for accepted in classes
    )
    return Quick(compute, classes, shifts)


def _shift_of(kind: type) -> int:
    return _SHIFTS.get(kind, 0)


@dataclass(frozen=True, slots=True)
class Quick:
    """A call that needs no conversion.

    Attributes:
        compute: takes the arguments in order; it may raise Trouble, ArithmeticError and ValueError.
        classes: for each argument those that are taken as they are; that of UNKNOWN is never among them.
        shifts: for each argument how many bits its length is shifted by to give what it costs; 0 where it has none.
    """

    compute: Callable[..., Value]
    classes: tuple[frozenset[type], ...]
    shifts: tuple[int, ...]


_SHIFTS: Final[dict[type, int]] = {list: 4, dict: 4, str: 6}
"""Looking through a value costs its length in steps, shifted right by so many bits."""

MADE: Final[dict[type, int]] = {list: 4, dict: 1, str: 6}
"""So does making one; then a step is worth some hundred bytes, and the budget bounds what a decision keeps."""


def _sentence(error: Exception) -> str:
    text = said_of(error)
    if isinstance(error, ArithmeticError) or not text:
        return said("The result is no number, or out of range.")
    return sentence(text if text.endswith(".") else said("{told}.", told=text))


BUILTINS: Final[dict[str, Builtin]] = {}
"""All built-in functions by name."""


def argument_problem(name: str, amount: int, names: tuple[str, ...]) -> str:
    """What is wrong with the number or the names of a built-in's arguments; empty if nothing is."""
    known = BUILTINS[name]
    if known.fitting(amount, names):
        return ""
    forms = either(f"{name}({', '.join(p.name for p in o.parameters)})" for o in known.overloads)
    if names:
        labels = {p.name for o in known.overloads for p in o.parameters}
        wrong = [each for each in names if each not in labels]
        if wrong:
            close = near_miss(wrong[0], labels)
            if close:
                return said(
                    "“{name}” has no argument “{wrong}”; did you mean “{close}”?",
                    name=name,
                    wrong=wrong[0],
                    close=close,
                )
            return said("“{name}” has no argument “{wrong}”.", name=name, wrong=wrong[0])
    return said_many(
        "“{name}” does not take {count} argument: write {forms}.",
        "“{name}” does not take {count} arguments: write {forms}.",
        amount,
        name=name,
        forms=forms,
    )


def _parameters_of(signature: str) -> tuple[_Parameter, ...]:
    found = []
    for part in filter(None, signature.split(", ")):
        name, _, kind = part.partition(": ")
        found.append(_Parameter(name.rstrip("?."), kind, name.endswith(("?", "...")), name.endswith("...")))
    return tuple(found)


_Compute = TypeVar("_Compute", bound=Callable[..., Value])


def builtin(name: str, signature: str, *, run: bool = False) -> Callable[[_Compute], _Compute]:
    """Register what computes a built-in under one of its signatures."""
    parameters = _parameters_of(signature)
    variadic = bool(parameters) and parameters[-1].variadic

    def register(compute: _Compute) -> _Compute:
        known = BUILTINS.get(name)
        if known is None:

            def call(arguments: list[Value], budget: Any) -> Value:
                if any(argument is UNKNOWN for argument in arguments):
                    return UNKNOWN
                return invoke(BUILTINS[name].fitting(len(arguments), ()), arguments, budget)

            function = Function(name, tuple(p.name for p in parameters), call, name)
            known = BUILTINS[name] = Builtin(name, [], function)
        least = sum(not p.optional for p in parameters) + variadic
        most = MAX_SIZE if variadic else len(parameters)
        known.overloads.append(Overload(parameters, compute, run, least, most))
        return compute

    return register


# ---- argument types (10.3.2.9.4: a list of one stands for its element, an element for a list of one)


_EXACT: Final[dict[str, frozenset[type]]] = {
    "list": frozenset({list}),
    "any": frozenset({Decimal, str, bool, type(None), list, dict, Range, Function})
    | {Date, Time, DateTime, DaysDuration, YearsDuration},
}
"""By kind of parameter, the classes of the values that are taken as they are."""


def _one_of(kind: str, wanted: str, *classes: type) -> Callable[[Value], Value]:
    accepted = _EXACT[kind] = frozenset(classes)

    def check(value: Value) -> Value:
        if type(value) in accepted:
            return value
        if type(value) is list and len(value) == 1 and type(value[0]) in accepted:
            return value[0]
        raise Trouble(
            said("Expected {wanted}, found {type}.", wanted=wanted, type=type_name(value)),
            "feel/type",
        )

    return check


def _list(value: Value) -> Value:
    if value is None:
        raise Trouble(said("Expected a list, found null."), "feel/type")
    return value if type(value) is list else [value]


def _some_value(value: Value) -> Value:
    if value is None:
        raise Trouble(said("Expected a value, found null."), "feel/type")
    return value


def _unwrapped_range(value: Value) -> Value:
    if type(value) is list and len(value) == 1:
        value = value[0]
    if type(value) is Range or type(value) in POINTS:
        return value
    raise Trouble(
        said("Expected a range or a value that can be ordered, found {type}.", type=type_name(value)),
        "feel/type",
    )


POINTS: Final = (Decimal, str, Date, Time, DateTime, DaysDuration, YearsDuration)

_KINDS: Final[dict[str, Callable[[Value], Value]]] = {
    "any": lambda value: value,
    "value": _some_value,
    "list": _list,
    "number": _one_of("number", said("a number"), Decimal),
    "string": _one_of("string", said("a string"), str),
    "boolean": _one_of("boolean", said("a boolean"), bool),
    "date": _one_of("date", said("a date"), Date),
    "day": _one_of("day", said("a date"), Date, DateTime),
    "time": _one_of("time", said("a time"), Time),
    "clock": _one_of("clock", said("a time"), Time, DateTime, Date),
    "duration": _one_of("duration", said("a duration"), DaysDuration, YearsDuration),
    "offset": _one_of("offset", said("a days and time duration"), DaysDuration),
    "magnitude": _one_of("magnitude", said("a number or a duration"), Decimal, DaysDuration, YearsDuration),
    "context": _one_of("context", said("a context"), dict),
    "function": _one_of("function", said("a function"), Function),
    "range": _one_of("range", said("a range"), Range),
    "extent": _unwrapped_range,
}


def whole(number: Decimal, what: str) -> int:
    """A number as an int; Trouble if it is none, or absurdly large."""
    if number != number.to_integral_value(context=NUMBERS) or number.adjusted() > 17:
        raise Trouble(said("{what} is a whole number.", what=what))
    return int(number)


def sized(text: str) -> str:
    """The text; BudgetExhausted if it is too long."""
    if len(text) > MAX_SIZE:
        raise BudgetExhausted(said("A text is too long."))
    return text


def truncated(number: Decimal) -> int:
    """A number without its fraction, as an int; Trouble if it is absurdly large."""
    if number.adjusted() > 17:
        raise Trouble(said("The number is out of range."))
    return int(number)


def position_in(number: Decimal, size: int, what: str) -> int:
    """An index from 0 for a position from 1 or from -1 at the end; Trouble outside."""
    position = truncated(number)
    if position == 0 or abs(position) > size:
        raise Trouble(said("The {what} has no position {position}.", what=what, position=position))
    return position - 1 if position > 0 else size + position


def called(function: Function, arguments: list[Value], run: Budget) -> Value:
    """Call a function that was given as an argument; Undetermined if it comes out unknown."""
    run.spend(1)
    found = function.invoke(arguments, run)
    if found is UNKNOWN:
        raise Undetermined
    return found
