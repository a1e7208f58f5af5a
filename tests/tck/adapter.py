"""What the DMN TCK's runner calls: models in, values out, by the very path that `/decide` takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from decision_tables.chain import Case, walk
from decision_tables.compile import check
from decision_tables.errors import BudgetExhausted, InvalidRulebook
from decision_tables.feel.temporal import Date, DateTime, DaysDuration, Time, YearsDuration
from decision_tables.feel.values import UNKNOWN, Range, Trouble, Value, string_of
from decision_tables.formats.dmn import read_dmn
from decision_tables.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["EvaluationError", "Unsupported", "evaluate", "evaluate_service"]

_NOW = dt.datetime.now(dt.UTC)
_KINDS: dict[str, Any] = {"date": Date, "time": Time, "dateTime": DateTime}
_NAMES = {
    Date: "date",
    Time: "time",
    DateTime: "dateTime",
    DaysDuration: "duration",
    YearsDuration: "duration",
}


class Unsupported(Exception):
    """The model needs what decidable knowingly does not do."""


class EvaluationError(Exception):
    """An error of DMN's own, which the standard makes null."""


@dataclass(frozen=True)
class Moment:
    """A date, time or duration as the runner compares it: losslessly, by its text."""

    kind: str
    text: str

    def tck_text(self) -> tuple[str, str]:
        """Its kind and its text."""
        return self.kind, self.text


@dataclass(frozen=True)
class Model:
    """A compiled model and how its names begin by namespace."""

    program: Program
    namespaces: Mapping[str, str]


@lru_cache(maxsize=16)
def model_at(path: str) -> Model:
    """The model in a file, with those that lie beside it at hand for its imports."""
    file = Path(path)
    others = {other.name: other.read_bytes() for other in sorted(file.parent.glob("*.dmn")) if other != file}
    reading = read_dmn(file.read_bytes(), others=others)
    program, diagnostics = check(reading.rulebook, lenient=True)
    if program is None:
        raise InvalidRulebook([found for found in diagnostics if found.is_error])
    return Model(program, reading.namespaces)


def evaluate(model_path: str, inputs: Mapping[Any, Any], decision_name: str) -> Any:
    """The value of a decision."""
    return _values(model_path, inputs, (decision_name,))[decision_name]


def evaluate_service(model_path: str, inputs: Mapping[Any, Any], service_name: str, result_name: str) -> Any:
    """The value of one of a decision service's outputs."""
    program = model_at(model_path).program
    service = program.rulebook.service(service_name)
    assert service is not None, service_name
    # Inside a service an input decision is a parameter: what is not given is null, and not worked out.
    inputs = {**dict.fromkeys(service.input_decisions), **inputs}
    value = _values(model_path, inputs, service.outputs)[result_name]
    kind = program.vocabulary.kind_of(service.type) if service.type else None
    if kind is None or value is None or len(service.outputs) != 1:
        return value
    try:
        return kind.coerced(value)
    except Trouble as trouble:
        raise EvaluationError(str(trouble)) from trouble


def _values(model_path: str, inputs: Mapping[Any, Any], goals: tuple[str, ...]) -> dict[str, Any]:
    model = model_at(model_path)
    program = model.program
    given = dict(_given(model, inputs))
    case = Case(
        program,
        given,
        as_of=_NOW.date(),
        known_on=_NOW.date(),
        instant=_NOW,
        closure=program.closure(goals, frozenset(given)),
        absent="null",
    )
    walk(case, case.closure)
    if case.failure is not None:
        raise EvaluationError(str(case.failure))
    return {goal: _plain(case.facts.get(goal)) for goal in goals}


def _given(model: Model, inputs: Mapping[Any, Any]) -> Iterator[tuple[str, Value]]:
    """The inputs as FEEL values of their facts' types: what does not conform is null, as DMN has it."""
    for name, raw in inputs.items():
        key = name if isinstance(name, str) else model.namespaces.get(name[0], "") + name[1]
        kind = model.program.vocabulary.kinds.get(key)
        if kind is None:
            continue
        value = _feel(raw)
        try:
            yield key, None if value is None else kind.coerced(value)
        except (Trouble, BudgetExhausted):
            yield key, None


def _feel(raw: Any) -> Value:
    match raw:
        case bool() | str() | None:
            return raw
        case Decimal() if not raw.is_finite():
            return None
        case int() | float() | Decimal():
            return Decimal(str(raw))
        case list():
            return [_feel(item) for item in raw]
        case dict():
            return {name: _feel(entry) for name, entry in raw.items()}
    if raw.kind == "duration":
        is_months = "T" not in raw.text and "D" not in raw.text
        return (YearsDuration if is_months else DaysDuration).parse(raw.text)
    return _KINDS[raw.kind].parse(raw.text)


def _plain(value: Value) -> Any:
    if value is UNKNOWN:
        return None
    if type(value) in _NAMES:
        return Moment(_NAMES[type(value)], string_of(value))
    if isinstance(value, Range):
        raise EvaluationError("a range is no value of the kit's")
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    return value
