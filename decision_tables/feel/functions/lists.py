"""Built-ins on lists, and `sort` (DMN 1.5, 10.3.4.4 and 10.3.4.10)."""

from __future__ import annotations

from decimal import (
    Decimal,
)
from functools import cmp_to_key, reduce
from typing import TYPE_CHECKING, Final

from decision_tables.errors import BudgetExhausted
from decision_tables.feel.functions.signatures import POINTS, Budget, builtin, called, position_in, truncated
from decision_tables.feel.temporal import Date, DaysDuration, YearsDuration
from decision_tables.feel.values import (
    MAX_SIZE,
    NUMBERS,
    Function,
    Trouble,
    Value,
    among,
    equal,
    less,
)
from decision_tables.said import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _numbers(values: list[Value]) -> list[Decimal]:
    if not {Decimal}.issuperset(map(type, values)):
        raise Trouble(said("Expected a list of numbers."), "feel/type")
    return values


def over_list(
    name: str, first: str = "n"
) -> Callable[[Callable[[list[Value]], Value]], Callable[..., Value]]:
    """Register a built-in that takes one list, or its elements as arguments."""

    def register(compute: Callable[[list[Value]], Value]) -> Callable[..., Value]:
        builtin(name, "list: list")(compute)
        builtin(name, f"{first}: any, more...: any")(lambda one, more: compute([one, *more]))
        return compute

    return register


_LIST: Final = said("list")


@builtin("list contains", "list: list, element: any", run=True)
def _list_contains(run: Budget, values: list[Value], element: Value) -> Value:
    return among(element, values, run)


@builtin("count", "list: list")
def _count(values: list[Value]) -> Value:
    return Decimal(len(values))


def _extreme(
    values: list[Value], better: Callable[[Value, Value], bool | None], choose: Callable[[list[Value]], Value]
) -> Value:
    if not values:
        raise Trouble(said("The list is empty."))
    if type(values[0]) in _PLAINLY_ORDERED and len(set(map(type, values))) == 1:
        return choose(values)
    best = values[0]
    if type(best) not in POINTS:
        raise Trouble(said("Expected values that can be ordered."), "feel/type")
    for value in values[1:]:
        found = better(value, best)
        if found is None:
            raise Trouble(said("The values cannot be ordered among each other."), "feel/type")
        if found:
            best = value
    return best


# Types that Python orders as FEEL does; times are left out, for zoned and local ones do not mix.
_PLAINLY_ORDERED: Final = frozenset({Decimal, str, Date, DaysDuration, YearsDuration})


@over_list("min", "c")
def _min(values: list[Value]) -> Value:
    return _extreme(values, less, min)


@over_list("max", "c")
def _max(values: list[Value]) -> Value:
    return _extreme(values, lambda a, b: less(b, a), max)


def _total(values: list[Decimal]) -> Decimal:
    return reduce(NUMBERS.add, values, Decimal(0))


def _some_numbers(values: list[Value]) -> list[Decimal]:
    if not values:
        raise Trouble(said("The list is empty."))
    return _numbers(values)


@over_list("sum")
def _sum(values: list[Value]) -> Value:
    return _total(_some_numbers(values))


@over_list("mean")
def _mean(values: list[Value]) -> Value:
    return NUMBERS.divide(_total(_some_numbers(values)), Decimal(len(values)))


@over_list("product")
def _product(values: list[Value]) -> Value:
    product = Decimal(1)
    for value in _some_numbers(values):
        product = NUMBERS.multiply(product, value)
    return product


@over_list("median")
def _median(values: list[Value]) -> Value:
    ordered = sorted(_some_numbers(values))
    half, odd = divmod(len(ordered), 2)
    return ordered[half] if odd else NUMBERS.divide(NUMBERS.add(ordered[half - 1], ordered[half]), Decimal(2))


@over_list("stddev")
def _stddev(values: list[Value]) -> Value:
    if len(_some_numbers(values)) < 2:
        raise Trouble(said("A standard deviation needs two numbers at least."))
    mean = NUMBERS.divide(_total(values), Decimal(len(values)))
    squares = [NUMBERS.power(NUMBERS.subtract(value, mean), Decimal(2)) for value in values]
    return NUMBERS.sqrt(NUMBERS.divide(_total(squares), Decimal(len(values) - 1)))


@over_list("mode")
def _mode(values: list[Value]) -> Value:
    counts: dict[Decimal, int] = {}
    for value in _numbers(values):
        counts[value] = counts.get(value, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(value for value, count in counts.items() if count == most)


def _all_are(values: list[Value], *, decisive: bool) -> Value:
    if any(value is decisive for value in values):
        return decisive
    if all(type(value) is bool for value in values):
        return not decisive
    raise Trouble(said("Expected a list of booleans."), "feel/type")


@over_list("all", "b")
def _all(values: list[Value]) -> Value:
    return _all_are(values, decisive=False)


@over_list("any", "b")
def _any(values: list[Value]) -> Value:
    return _all_are(values, decisive=True)


@builtin("sublist", "list: list, start position: number, length?: number")
def _sublist(values: list[Value], start: Decimal, length: Decimal | None = None) -> Value:
    first = position_in(start, len(values), _LIST)
    if length is None:
        return values[first:]
    amount = truncated(length)
    if amount < 0 or first + amount > len(values):
        raise Trouble(said("The list is not that long."))
    return values[first : first + amount]


def _bounded(values: list[Value]) -> list[Value]:
    if len(values) > MAX_SIZE:
        raise BudgetExhausted(said("A list is too long."))
    return values


@builtin("append", "list: list, item...: any")
def _append(values: list[Value], items: list[Value]) -> Value:
    return _bounded([*values, *items])


@builtin("concatenate", "list...: list")
def _concatenate(lists: list[list[Value]]) -> Value:
    size = sum(map(len, lists))
    if size > MAX_SIZE:
        raise BudgetExhausted(said("A list is too long."))
    return [value for values in lists for value in values]


@builtin("insert before", "list: list, position: number, newItem: any")
def _insert_before(values: list[Value], position: Decimal, item: Value) -> Value:
    index = position_in(position, len(values), _LIST)
    return [*values[:index], item, *values[index:]]


@builtin("remove", "list: list, position: number")
def _remove(values: list[Value], position: Decimal) -> Value:
    index = position_in(position, len(values), _LIST)
    return [*values[:index], *values[index + 1 :]]


@builtin("list replace", "list: list, position: number, newItem: any")
def _list_replace_at(values: list[Value], position: Decimal, item: Value) -> Value:
    index = position_in(position, len(values), _LIST)
    return [*values[:index], item, *values[index + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: any", run=True)
def _list_replace_where(run: Budget, values: list[Value], match: Function, item: Value) -> Value:
    replaced = []
    for value in values:
        found = called(match, [value, item], run)
        if type(found) is not bool:
            raise Trouble(said("The match function gives true or false."), "feel/type")
        replaced.append(item if found else value)
    return replaced


@builtin("reverse", "list: list")
def _reverse(values: list[Value]) -> Value:
    return values[::-1]


@builtin("index of", "list: list, match: any", run=True)
def _index_of(run: Budget, values: list[Value], match: Value) -> Value:
    found = [Decimal(at) for at, value in enumerate(values, 1) if equal(value, match, run) is True]
    run.spend(len(found))
    return found


def _distinct(values: Iterable[Value], run: Budget) -> list[Value]:
    """Each value once, in order; equal ones are told by hash where they have one."""
    seen: set[tuple[type, Value]] = set()
    found: list[Value] = []
    others: list[Value] = []
    for value in values:
        if type(value) in POINTS or type(value) is bool or value is None:
            if (type(value), value) not in seen:
                seen.add((type(value), value))
                found.append(value)
        else:
            run.spend(1 + len(others))
            if not among(value, others, run):
                others.append(value)
                found.append(value)
    return found


@builtin("distinct values", "list: list", run=True)
def _distinct_values(run: Budget, values: list[Value]) -> Value:
    return _distinct(values, run)


@builtin("union", "list...: list", run=True)
def _union(run: Budget, lists: list[list[Value]]) -> Value:
    return _distinct(_concatenate(lists), run)


@builtin("flatten", "list: list", run=True)
def _flatten(run: Budget, values: list[Value]) -> Value:
    found: list[Value] = []
    rest = [iter(values)]
    while rest:
        for value in rest[-1]:
            run.spend(1)
            if type(value) is list:
                rest.append(iter(value))
                break
            found.append(value)
        else:
            rest.pop()
    return _bounded(found)


@builtin("sort", "list: list, precedes: function", run=True)
def _sort(run: Budget, values: list[Value], precedes: Function) -> Value:
    def compare(a: Value, b: Value) -> int:
        found = called(precedes, [a, b], run)
        if type(found) is not bool:
            raise Trouble(said("The function that says what precedes gives true or false."), "feel/type")
        return -1 if found else 1 if called(precedes, [b, a], run) is True else 0

    return sorted(values, key=cmp_to_key(compare))
