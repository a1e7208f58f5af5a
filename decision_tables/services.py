"""Decision services as functions (DMN 1.5, 6.3.10 and 10.4): a part of the chain, fired over arguments alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decision_tables.diagnostics import Where
from decision_tables.feel.evaluate import Run, RunWarning
from decision_tables.feel.types import ANY, Type
from decision_tables.feel.values import UNKNOWN, Function, Trouble, Value
from decision_tables.outcomes import Conflict, is_value
from decision_tables.said import said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from decision_tables.items import Kind
    from decision_tables.outcomes import CompiledNode
    from decision_tables.rulebook import DecisionService

__all__ = ["service_function"]


def service_function(
    service: DecisionService, nodes: Sequence[CompiledNode], kinds: Mapping[str, Kind], answer: Kind | None
) -> Function:
    """A decision service as a function value.

    Args:
        service: as authored.
        nodes: those that conclude its outputs and encapsulated facts, in firing order.
        kinds: of all facts.
        answer: what its answer is to be; None for what its outputs are.
    """
    parameters = (*service.inputs, *service.input_decisions)
    where = Where(service.key)
    own = frozenset((*service.outputs, *service.encapsulated)) - frozenset(parameters)

    def invoke(values: list[Value], run: Run) -> Value:
        if len(values) != len(parameters):
            raise Trouble(
                said(
                    "`{key}` takes {count} arguments, not {given}.",
                    key=service.key,
                    count=len(parameters),
                    given=len(values),
                ),
                "feel/arguments",
            )
        # Inside a service the world is closed: what it is not given does not exist.
        facts: dict[str, Value] = dict.fromkeys(kinds)
        for name, value in zip(parameters, values, strict=True):
            kind = kinds.get(name)
            facts[name] = value if kind is None or value is None else kind.coerced(value)
        for node in nodes:
            run.spend(1)
            outcome = node.evaluate(facts, run, node.in_force(run))
            for fact, result in zip(node.facts, outcome.results, strict=True):
                if fact in own:
                    facts[fact] = _value_of(result, facts[fact], fact, where, run)
        if len(service.outputs) == 1:
            found = facts[service.outputs[0]]
        else:
            found = {fact: facts[fact] for fact in service.outputs}
            if any(value is UNKNOWN for value in found.values()):
                found = UNKNOWN
        return found if answer is None or found is None or found is UNKNOWN else answer.coerced(found)

    signature = Type(
        "function", tuple(kinds[name].type if name in kinds else ANY for name in parameters), (), ANY
    )
    return Function(service.key, parameters, invoke, service.key, signature)


def _value_of(result: object, before: Value, fact: str, where: Where, run: Run) -> Value:
    """What a node's result makes of a fact: a list is added to, silence changes nothing."""
    if result is UNKNOWN:
        return UNKNOWN
    if is_value(result):
        return [*before, *result] if type(before) is list and type(result) is list else result
    if isinstance(result, Conflict):
        rules = ", ".join(f"`{rule}`" for _, rule in result.rules)
        run.warn(
            RunWarning(
                "table/conflict",
                where,
                "",
                said("Rules contradict each other on `{fact}`: {rules}.", fact=fact, rules=rules),
            )
        )
    return before
