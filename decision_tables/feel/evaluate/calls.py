"""Calling functions, and making them (DMN 1.5, 10.3.2.13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from decision_tables.errors import BudgetExhausted
from decision_tables.feel import syntax
from decision_tables.feel.evaluate.frames import Code, Constant, Facts, Frame, Scope, has_unknown, is_held
from decision_tables.feel.functions import (
    BUILTINS,
    MADE,
    Overload,
    Quick,
    Undetermined,
    invoke,
    named_order,
    quick,
)
from decision_tables.feel.types import ANY, Type, coerced
from decision_tables.feel.values import UNKNOWN, Function, Trouble, Value, type_name
from decision_tables.said import said, said_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from decision_tables.feel.evaluate.closures import Compiler
    from decision_tables.feel.evaluate.run import Run

__all__ = ["call_code", "function_code"]

MAX_DEPTH: Final = 5_000
"""How high calls may pile up, each counted by the height of its body."""


def call_code(compiler: Compiler, node: syntax.Call, scope: Scope | None) -> Code:
    """A call, by position or by name, of a built-in or of a function value (10.3.2.13.3)."""
    arguments = [compiler.code(argument, scope) for argument in node.arguments]
    function = node.function
    if (
        isinstance(function, syntax.Name)
        and function.name in BUILTINS
        and function.name not in compiler.names.functions
        and not is_held(function.name, scope)
    ):
        return _builtin_call(compiler, function.name, node, arguments)
    compiler.impure += 1
    target = compiler.code(function, scope)
    names = node.names

    def code(facts: Facts, run: Run, frame: Frame) -> Value:
        called = target(facts, run, frame)
        values = [argument(facts, run, frame) for argument in arguments]
        if called is UNKNOWN or has_unknown(values):
            return UNKNOWN
        if type(called) is not Function:
            compiler.trouble(run, said("{type} cannot be called.", type=type_name(called)), "feel/type")
            return None
        if names:
            if len(set(names)) != len(names) or not set(names) <= set(called.parameters):
                compiler.trouble(
                    run, said("The names of the arguments are not those of the function."), "feel/arguments"
                )
                return None
            # What is not given by its name is null (10.3.2.13.4).
            values = [values[names.index(name)] if name in names else None for name in called.parameters]
        run.spend(1)
        try:
            return called.invoke(values, run)
        except Trouble as trouble:
            compiler.trouble(run, said_of(trouble), trouble.code)
            return None
        except Undetermined:
            return UNKNOWN

    return code


def _builtin_call(compiler: Compiler, name: str, node: syntax.Call, arguments: list[Code]) -> Code:
    if name in ("now", "today"):
        compiler.impure += 1
        compiler.reads_clock = True
    overloads: tuple[Overload, ...] = BUILTINS[name].fitting(len(arguments), node.names)
    if node.names and overloads:
        # Signatures that share the names of their parameters share their order.
        nothing: Code = Constant(None)
        arguments = [
            nothing if index is None else arguments[index] for index in named_order(overloads[0], node.names)
        ]

    def call(values: list[Value], run: Run) -> Value:
        for value in values:
            if value is UNKNOWN:
                return UNKNOWN
        try:
            return invoke(overloads, values, run)
        except Trouble as trouble:
            compiler.trouble(run, said("{name}: {trouble}", name=name, trouble=trouble), trouble.code)
            return None
        except Undetermined:
            return UNKNOWN

    way = quick(overloads[0], len(arguments)) if len(overloads) == 1 and 1 <= len(arguments) <= 2 else None
    if way is not None:
        return _quick_code(way, arguments, call)
    return lambda facts, run, frame: call([argument(facts, run, frame) for argument in arguments], run)


def _quick_code(way: Quick, arguments: list[Code], call: Callable[[list[Value], Run], Value]) -> Code:
    """A call of one or two arguments, without a list of them while they are of the classes asked for.

    Whatever is not (an unknown one, a list of one in the place of its element) and whatever fails goes to `call`:
    built-ins on such signatures are pure, so computing twice shows nothing.
    """
    compute, kinds, shift = way.compute, way.classes[0], way.shifts[0]
    first = arguments[0]
    if len(arguments) == 1:

        def of_one(facts: Facts, run: Run, frame: Frame) -> Value:
            a = first(facts, run, frame)
            if type(a) in kinds:
                run.steps -= 1 + (len(a) >> shift) if shift else 1
                if run.steps < 0:
                    run.spend(0)
                try:
                    found = compute(a)
                except (Trouble, ArithmeticError, ValueError):
                    return call([a], run)
                if type(found) in MADE:
                    run.spend(len(found) >> MADE[type(found)])
                return found
            return call([a], run)

        return of_one
    second, other_kinds, other_shift = arguments[1], way.classes[1], way.shifts[1]

    def of_two(facts: Facts, run: Run, frame: Frame) -> Value:
        a, b = first(facts, run, frame), second(facts, run, frame)
        if type(a) in kinds and type(b) in other_kinds:
            steps = 1
            if shift:
                steps += len(a) >> shift
            if other_shift:
                steps += len(b) >> other_shift
            run.steps -= steps
            if run.steps < 0:
                run.spend(0)
            try:
                found = compute(a, b)
            except (Trouble, ArithmeticError, ValueError):
                return call([a, b], run)
            if type(found) in MADE:
                run.spend(len(found) >> MADE[type(found)])
            return found
        return call([a, b], run)

    return of_two


def function_code(
    compiler: Compiler, node: syntax.FunctionNode, scope: Scope | None, *, itself: str = ""
) -> Code:
    """A function literal: it holds on to the frame in which it was made; `itself` is its name inside its own body."""
    if node.external:
        compiler.impure += 1

        def external(_facts: Facts, run: Run, _frame: Frame) -> Value:
            compiler.trouble(run, said("Functions written in other languages are not run."), "feel/external")
            return None

        return external
    if itself:
        scope = Scope(itself, scope)
    for parameter in node.parameters:
        scope = Scope(parameter.name, scope)
    compiler.impure += 1
    body = compiler.code(node.body, scope)
    weight = syntax.height(node.body) + 4
    names = tuple(parameter.name for parameter in node.parameters)
    types = tuple(parameter.type for parameter in node.parameters)
    text = compiler.text[node.start : node.end]
    signature = Type("function", tuple(kind or ANY for kind in types), (), ANY)

    def code(facts: Facts, _run: Run, frame: Frame) -> Value:
        def invoke_it(values: list[Value], run: Run) -> Value:
            if len(values) != len(names):
                raise Trouble(
                    said(
                        "The function takes {count} arguments, not {given}.",
                        count=len(names),
                        given=len(values),
                    ),
                    "feel/arguments",
                )
            inner = (made, frame) if itself else frame
            for value, kind in zip(values, types, strict=True):
                inner = (value if kind is None or value is None else coerced(value, kind), inner)
            run.spend(1)
            run.depth += weight
            if run.depth > MAX_DEPTH:
                run.depth -= weight
                raise BudgetExhausted(said("Functions call each other too deeply."))
            try:
                return body(facts, run, inner)
            finally:
                run.depth -= weight

        made = Function("", names, invoke_it, text, signature)
        return made

    return code
