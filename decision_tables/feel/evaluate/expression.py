"""A compiled expression: an output cell, an input expression, a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from decision_tables.diagnostics import Where
from decision_tables.errors import BudgetExhausted
from decision_tables.feel.evaluate.boxes import converted
from decision_tables.feel.evaluate.closures import Compiler, Constant, Facts, broken
from decision_tables.feel.parse import Names, parse_expression, too_deep
from decision_tables.said import said

if TYPE_CHECKING:
    from collections.abc import Callable

    from decision_tables.diagnostics import Diagnostic
    from decision_tables.feel import syntax
    from decision_tables.feel.evaluate.run import Run
    from decision_tables.feel.values import (
        Value,
    )

__all__ = ["Expression", "compile_expression"]

_NOWHERE: Final = Where()


class Expression:
    """A compiled expression; broken text gives one too, which is null with a warning.

    Args:
        text: as authored.
        node: its tree, None if it cannot be read.
        diagnostics: what the reading said.
        names: what is in scope.
        where: the place of the text.
        convert: how its value becomes one of the type that is wanted here; raises `Trouble` where it cannot.

    Attributes:
        text: as authored.
        node: its tree, None after a syntax error.
        diagnostics: what is wrong with the text.
        ok: whether nothing is.
        reads: names of the facts that it reads.
        reads_clock: whether it reads `as_of`, `known_on`, `today()` or `now()`.
        is_constant: whether `value` is what it always gives.
        value: the constant; None if it is none.
        unfit: the constant that it would be, were it of the type that is wanted here; it is null instead.
    """

    __slots__ = (
        "_code",
        "diagnostics",
        "is_constant",
        "node",
        "ok",
        "reads",
        "reads_clock",
        "text",
        "unfit",
        "value",
    )

    def __init__(
        self,
        text: str,
        node: syntax.Node | None,
        diagnostics: tuple[Diagnostic, ...],
        names: Names,
        where: Where,
        convert: Callable[[Value], Value] | None = None,
    ) -> None:
        self.text = text
        self.node, self.diagnostics = node, diagnostics
        self.ok = not any(one.is_error for one in self.diagnostics)
        compiler = Compiler(text, names, where)
        code = wanted = broken(compiler, self.diagnostics)
        if self.node is not None:
            try:
                code = compiler.code(self.node, None)
                if convert is not None:
                    wanted = code
                    code = converted(compiler, code, convert)
            except RecursionError:
                self.node, self.diagnostics, self.ok = None, (too_deep(text, where),), False
        self.reads = frozenset(compiler.reads)
        self.reads_clock = compiler.reads_clock
        self.unfit: Value = None
        if self.ok and not self.reads and not self.reads_clock:
            code = compiler.folded(code)
            if convert is not None and not isinstance(code, Constant):
                plain = compiler.folded(wanted)
                self.unfit = plain.value if isinstance(plain, Constant) else None
        self._code = code
        self.is_constant = isinstance(code, Constant)
        self.value: Value = code.value if isinstance(code, Constant) else None

    def __call__(self, facts: Facts, run: Run) -> Value:
        """The value for these facts; a fact that is absent is unknown.

        Raises:
            BudgetExhausted: it takes more steps than the run has left, or nests too deeply.
        """
        try:
            return self._code(facts, run, None)
        except RecursionError:
            raise BudgetExhausted(said("The evaluation nests too deeply.")) from None

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def compile_expression(
    text: str, names: Names, where: Where = _NOWHERE, convert: Callable[[Value], Value] | None = None
) -> Expression:
    """Compile an expression; see `Expression`. Never raises."""
    node, diagnostics = parse_expression(text, names, where)
    return Expression(text, node, diagnostics, names, where, convert)
