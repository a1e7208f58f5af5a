"""FEEL text to syntax tree, with the names in scope: no text raises, what is wrong comes back as diagnostics."""

from decision_tables.feel.parse.names import CLOCK_NAMES, Names, is_name
from decision_tables.feel.parse.parser import parse_expression, parse_type, parse_unary_tests, too_deep

__all__ = [
    "CLOCK_NAMES",
    "Names",
    "is_name",
    "parse_expression",
    "parse_type",
    "parse_unary_tests",
    "too_deep",
]
