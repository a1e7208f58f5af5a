"""Tests that work, and can hardly be meant: `1,5` for one and a half, `18-65` for a range, a value named twice.

They say something, so they are told as warnings only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from decision_tables.errors import BudgetExhausted
from decision_tables.feel import syntax
from decision_tables.feel.temporal import Date
from decision_tables.feel.values import NUMBERS, text_of
from decision_tables.items import quiet
from decision_tables.regions import ORDERED_KINDS, region_of
from decision_tables.repairs import number_of_people
from decision_tables.said import either, joined, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from decision_tables.feel.evaluate import Test
    from decision_tables.feel.values import Value
    from decision_tables.items import Kind
    from decision_tables.regions import Region

__all__ = ["ALWAYS", "Slip", "always", "comma_hint", "slips_of"]


@dataclass(frozen=True, slots=True)
class Slip:
    """What a test was hardly meant to say.

    Attributes:
        code: of the diagnostic.
        message: a sentence.
        hint: what to try.
        repair: the whole text as it was most likely meant; empty where that is not obvious.
    """

    code: str
    message: str
    hint: str = ""
    repair: str = ""


def slips_of(test: Test, region: Region | None, kind: Kind, name: str, *, nullable: bool) -> Iterator[Slip]:
    """What a sound test was hardly meant to say.

    Args:
        test: the compiled cell.
        region: what it accepts, where that can be said.
        kind: what the value may be that it tests.
        name: of that value, for people.
        nullable: whether the value may be null.
    """
    node = test.node
    if node is None or not test.branches:
        return
    comma = _decimal_comma(test.text, kind) or _marked(test.text, kind)
    if comma is not None:
        yield comma
        return
    span = _subtraction(test.text, node.tests, kind) or _pair(test.text, kind)
    if span is not None:
        yield span
        return
    yield from _doubled(test.text, node)
    if region is not None:
        yield from _foregone(test, region, kind, name, nullable=nullable)


def _decimal_comma(text: str, kind: Kind) -> Slip | None:
    found = _COMMA.fullmatch(text)
    if found is None or kind.name != "number":
        return None
    whole, part = found[1].replace(".", ""), found[2]
    meant = [f"{whole}.{part}"]
    if len(part) == _THOUSANDS and "." not in found[1]:
        meant.append(f"{whole}{part}")  # `1,250` is either, and only the author can tell
    meant = [one for one in meant if _allowed(kind, Decimal(one))]
    if not meant:
        return None
    message = said(
        "This is two numbers, {whole} and {part}: a comma separates alternatives.", whole=found[1], part=part
    )
    hint = said(
        "For one number, write {one}; for two, {whole}, {part}.", one=either(meant), whole=found[1], part=part
    )
    return Slip("cell/decimal-comma", message, hint, meant[0] if len(meant) == 1 else "")


def comma_hint(text: str) -> str:
    """What to write for one number where a text such as `1,250` may be either of two; else the empty string."""
    found = _COMMA.fullmatch(text)
    if found is None or "." in found[1] or len(found[2]) != _THOUSANDS:
        return ""
    whole, part = found.groups()
    return said("If one number is meant, write {one}.", one=either((f"`{whole}.{part}`", f"`{whole}{part}`")))


def _marked(text: str, kind: Kind) -> Slip | None:
    """Numbers with a comma in a comparison or a range, or with commas between thousands: `> 1.250,50`, `1,000,000`."""
    if kind.name != "number" or "," not in text:
        return None
    if found := _TWO_AMOUNTS.fullmatch(text):
        low, high = map(number_of_people, found.groups())
        if not low or not high or Decimal(low) >= Decimal(high):
            return None
        span = f"[{low}..{high}]"
        is_plain = all("," in end for end in found.groups())
        return Slip(
            "cell/decimal-comma",
            _SEVERAL,
            _span_hint(low, high, span),
            span if is_plain else "",
        )
    found = _AMOUNT_COMPARED.fullmatch(text)
    if found is None:
        return None
    sign, amount = found.groups()
    meant, is_plain = _amounts(sign, amount)
    told = [f"{sign} {one}".strip() for one in meant]
    if not told:
        return None
    hint = said("If one number is meant, write {one}.", one=either(f"`{one}`" for one in told))
    return Slip("cell/decimal-comma", _SEVERAL, hint, told[0] if is_plain else "")


def _amounts(sign: str, amount: str) -> tuple[list[str], bool]:
    """The numbers that one with commas may be, and whether it can hardly be alternatives."""
    number = number_of_people(amount)
    whole, *groups = amount.split(",")
    if "." in amount:
        return [number] if number else [], True
    if len(groups) > 1:
        # `1,000,000` is one number; `100,200,300` may well be three.
        is_plain = any(group[0] == "0" for group in groups)
        return [number] if number and (is_plain or len(whole) < _THOUSANDS) else [], is_plain
    if not sign or not groups:
        return [], False
    (part,) = groups
    if len(part) == _THOUSANDS and whole.lstrip("-0"):
        return [f"{whole}.{part}", f"{whole}{part}"], False
    # If as an alternative the part would say nothing that the comparison does not, one number is meant.
    bound, other = Decimal(whole), Decimal(part)
    is_idle = other > bound if sign[0] == ">" else other < bound if sign[0] == "<" else False
    return [f"{whole}.{part}"], is_idle


def _subtraction(text: str, tests: Sequence[syntax.Node], kind: Kind) -> Slip | None:
    if kind.name == "number" and _DAY.fullmatch(text):
        hint = said('A day is written date("{day}"), and a number is wanted here.', day=text.strip())
        return Slip("cell/subtraction", said("This is a subtraction, and looks like a day."), hint)
    found = _MINUS.fullmatch(text)
    if found is None or kind.name != "number" or not isinstance(tests[0], syntax.Arithmetic):
        return None
    low, high = Decimal(found[1]), Decimal(found[2])
    if low >= high:
        return None
    message = said(
        "This is {low} minus {high}, which is {difference}.",
        low=low,
        high=high,
        difference=text_of(low - high),
    )
    span = f"[{low}..{high}]"
    return Slip("cell/subtraction", message, _span_hint(str(low), str(high), span), span)


def _span_hint(low: str, high: str, span: str) -> str:
    return said("From {low} to {high} is written {span}.", low=low, high=high, span=span)


def _pair(text: str, kind: Kind) -> Slip | None:
    found = _PAIR.fullmatch(text)
    if found is None or kind.name != "number" or Decimal(found[1]) >= Decimal(found[2]):
        return None
    message = said("This is {low} or {high}, and no number between them.", low=found[1], high=found[2])
    span = f"[{found[1]}..{found[2]}]"
    return Slip("cell/pair", message, _span_hint(found[1], found[2], span), span)


def _doubled(text: str, node: syntax.UnaryTests) -> Iterator[Slip]:
    kept: dict[object, str] = {}
    twice = []
    for branch in node.tests:
        part = text[branch.start : branch.end]
        key: object = part
        if isinstance(branch, syntax.Literal):
            key = (type(branch.value), text_of(branch.value))
        if key in kept:
            twice.append(part)
        else:
            kept[key] = part
    if twice:
        rest = ", ".join(kept.values())
        repair = f"not({rest})" if node.negated else rest
        yield Slip("cell/duplicate", said("{value} stands here twice.", value=twice[0]), "", repair)


def _foregone(test: Test, region: Region, kind: Kind, name: str, *, nullable: bool) -> Iterator[Slip]:
    """Whether the test holds for none, or for all, of the values that there may be."""
    if region.null and not nullable:
        others = [branch for branch in test.branches if not _is_null(branch)]
        rest = ", ".join(test.text[branch.start : branch.end] for branch in others)
        negated = test.node is not None and test.node.negated
        repair = (f"not({rest})" if negated else rest) if others else ""
        message = said("{name} always exists: its fact is not one that may be said not to.", name=name)
        yield Slip("cell/never", message, "", repair)
        return
    members = _members(region, kind)
    if members is None:
        return
    answers = {_holds(test, value) for value in members}
    if nullable:
        answers.add(_holds(test, None))
    if answers == {False}:
        allowed = joined(", ", kind.described())
        message = said("This never holds for any value that {name} may have.", name=name)
        yield Slip("cell/never", message, said("It may be: {names}.", names=allowed))
    elif answers == {True}:
        yield always(name)


def always(name: str) -> Slip:
    """What is told of a test that holds for every value of what is called so."""
    return Slip(
        ALWAYS,
        said("This holds for every value that {name} may have.", name=name),
        said("If nothing is to be tested, `-` says so; it holds even where the value is not known."),
    )


def _members(region: Region, kind: Kind) -> list[Value] | None:
    """A value of each class that the test and the allowed values tell apart; None where that cannot be said."""
    if kind.values is not None:
        return [value for value in kind.values if value is not None and _allowed(kind, value)]
    if region.kind is bool:
        return [True, False] if not kind.allowed else None
    if region.kind not in ORDERED_KINDS:
        return None
    regions = [region_of(test) for test in kind.allowed]
    ends: set[Any] = set()
    for one in (region, *regions):
        if one is None or one.kind is not region.kind:
            return None
        ends |= {end for span in one.intervals for end in (span.low, span.high) if end is not None}
    try:
        return [value for value in _between(sorted(ends)) if _allowed(kind, value)]
    except (ValueError, ArithmeticError):
        return None  # at the edge of what can be written


def _between(ends: Sequence[Any]) -> Iterator[Any]:
    """The ends, and a value below, between and above them."""
    if not ends:
        return
    kind = type(ends[0])
    if kind is Decimal:
        # A step of its own size, for 1 more or less is lost on numbers of more than 34 digits.
        yield NUMBERS.subtract(ends[0], NUMBERS.add(abs(ends[0]), Decimal(1)))
        for low, high in pairwise(ends):
            yield from (low, NUMBERS.divide(NUMBERS.add(low, high), Decimal(2)))
        yield from (ends[-1], NUMBERS.add(ends[-1], NUMBERS.add(abs(ends[-1]), Decimal(1))))
        return
    make = Date.of_days if kind is Date else kind
    keys = [end.key for end in ends]
    for key in _keys(keys):
        yield make(key)


def _keys(keys: Sequence[int]) -> Iterable[int]:
    yield keys[0] - 1
    for low, high in pairwise(keys):
        yield low
        if high - low > 1:
            yield (low + high) // 2
    yield from (keys[-1], keys[-1] + 1)


def _is_null(branch: syntax.Node) -> bool:
    return isinstance(branch, syntax.Literal) and branch.value is None


def _holds(test: Test, value: Value) -> bool:
    return test(value, {}, quiet()) is True


def _allowed(kind: Kind, value: Value) -> bool:
    try:
        return kind.allows(value)
    except BudgetExhausted:
        return False


_COMMA: Final = re.compile(r"\s*(-?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)),([0-9]+)\s*")
_AMOUNT: Final = r"-?[0-9]+(?:[.,][0-9]+)*"
_AMOUNT_COMPARED: Final = re.compile(rf"\s*(<=|>=|!=|<|>|=|)\s*({_AMOUNT})\s*")
_TWO_AMOUNTS: Final = re.compile(rf"\s*({_AMOUNT})\s*(?:-|\.\.)\s*({_AMOUNT})\s*")
_SEVERAL: Final = said("This is more than one number: a comma separates alternatives.")
_DAY: Final = re.compile(r"\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\s*")
_MINUS: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*-\s*([0-9]+(?:\.[0-9]+)?)\s*")
_PAIR: Final = re.compile(r"\s*\[\s*(-?[0-9]+(?:\.[0-9]+)?)\s*,\s*(-?[0-9]+(?:\.[0-9]+)?)\s*\]\s*")
_THOUSANDS: Final = 3
ALWAYS: Final = "cell/always"
