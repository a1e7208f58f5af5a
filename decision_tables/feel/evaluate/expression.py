"""A compiled expression: an output cell, an input expression, a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from decision_tables.diagnostics import Where
from decision_tables.errors import BudgetExhausted
from decision_tables.feel.evaluate.closures import Compiler, Constant, Facts, broken
from decision_tables.feel.parse import Names, parse_expression, too_deep

if TYPE_CHECKING:
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

    Attributes:
        text: as authored.
        node: its tree, None after a syntax error.
        diagnostics: what is wrong with the text.
        ok: whether nothing is.
        reads: names of the facts that it reads.
        reads_clock: whether it reads `as_of`, `known_on`, `today()` or `now()`.
        is_constant: whether `value` is what it always gives.
        value: the constant; None if it is none.
    """

    __slots__ = ("_code", "diagnostics", "is_constant", "node", "ok", "reads", "reads_clock", "text", "value")

    def __init__(
        self,
        text: str,
        node: syntax.Node | None,
        diagnostics: tuple[Diagnostic, ...],
        names: Names,
        where: Where,
    ) -> None:
        self.text = text
        self.node, self.diagnostics = node, diagnostics
        self.ok = not any(one.is_error for one in self.diagnostics)
        compiler = Compiler(text, names, where)
        code = broken(compiler, self.diagnostics)
        if self.node is not None:
            try:
                code = compiler.code(self.node, None)
            except RecursionError:
                self.node, self.diagnostics, self.ok = None, (too_deep(text, where),), False
        self.reads = frozenset(compiler.reads)
        self.reads_clock = compiler.reads_clock
        if self.ok and not self.reads and not self.reads_clock:
            code = compiler.folded(code)
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
            raise BudgetExhausted("The evaluation nests too deeply.") from None

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def compile_expression(text: str, names: Names, where: Where = _NOWHERE) -> Expression:
    """Compile an expression; see `Expression`. Never raises."""
    node, diagnostics = parse_expression(text, names, where)
    return Expression(text, node, diagnostics, names, where)
