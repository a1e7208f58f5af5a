"""The built-in functions of FEEL (DMN 1.5, 10.3.4): importing the package registers them all in `BUILTINS`."""

from decision_tables.feel.functions import contexts, conversion, lists, moments, numbers, ranges, texts
from decision_tables.feel.functions.signatures import (
    BUILTINS,
    MADE,
    Budget,
    Builtin,
    Overload,
    Quick,
    Undetermined,
    argument_problem,
    invoke,
    named_order,
    quick,
)

__all__ = [
    "BUILTINS",
    "MADE",
    "Budget",
    "Builtin",
    "Overload",
    "Quick",
    "Undetermined",
    "argument_problem",
    "contexts",
    "conversion",
    "invoke",
    "lists",
    "moments",
    "named_order",
    "numbers",
    "quick",
    "ranges",
    "texts",
]
