"""FEEL text to what one calls with facts: `Expression` for values, `Test` for input cells (DMN 1.5, 10.3.2)."""

from decision_tables.feel.evaluate.cell import Test, compile_test
from decision_tables.feel.evaluate.expression import Expression, compile_expression
from decision_tables.feel.evaluate.run import Run, RunWarning

__all__ = ["Expression", "Run", "RunWarning", "Test", "compile_expression", "compile_test"]
