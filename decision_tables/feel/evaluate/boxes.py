"""What boxed expressions need beside FEEL's own syntax: cells with a place, declared types, parts of the host's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decision_tables.feel import syntax
from decision_tables.feel.values import UNKNOWN, Trouble, Value
from decision_tables.said import said_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from decision_tables.feel.evaluate.closures import Compiler
    from decision_tables.feel.evaluate.frames import Code, Facts, Frame, Scope
    from decision_tables.feel.evaluate.run import Run

__all__ = ["cell_code", "conversion_code", "converted", "part_code"]


def cell_code(compiler: Compiler, node: syntax.Cell, scope: Scope | None) -> Code:
    """A text of its own inside a greater whole: its warnings name its own place."""
    inner = compiler.within(node.text, node.where)
    code = inner.code(node.node, scope)
    compiler.reads |= inner.reads
    compiler.reads_clock |= inner.reads_clock
    compiler.impure += inner.impure
    return code


def conversion_code(compiler: Compiler, node: syntax.Conversion, scope: Scope | None) -> Code:
    """A value held to a declared type: converted, or null with a warning (10.3.2.9.4)."""
    return converted(compiler, compiler.code(node.value, scope), node.convert)


def converted(compiler: Compiler, inner: Code, convert: Callable[[Value], Value]) -> Code:
    """Code whose value is converted; null and the unknown stay what they are."""

    def code(facts: Facts, run: Run, frame: Frame) -> Value:
        value = inner(facts, run, frame)
        if value is None or value is UNKNOWN:
            return value
        try:
            return convert(value)
        except Trouble as trouble:
            compiler.trouble(run, said_of(trouble), trouble.code)
            return None

    return code


def part_code(compiler: Compiler, node: syntax.Part, scope: Scope | None) -> Code:
    """A part that the host works out from the values of names."""
    parts = [(name, compiler.code(syntax.Name(name), scope)) for name in node.names]
    work_out = node.work_out
    compiler.impure += 1
    compiler.reads_clock |= node.reads_clock

    def code(facts: Facts, run: Run, frame: Frame) -> Value:
        return work_out({name: part(facts, run, frame) for name, part in parts}, run)

    return code
