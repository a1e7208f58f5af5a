"""FEEL, DMN's expression language (DMN 1.5, chapter 10), compiled to closures."""

import sys
from typing import Final

STACK: Final = 8_000
"""The calls that may stand on one stack. Parsing, compiling and evaluating follow the tree of an expression by calls;
Python's own bound of 1,000 dates from when each of them took a part of the machine's stack, which calls between
Python's functions have not done since 3.11. Libraries in C still do, and trust the bound (msgspec on nested JSON): at
8,000 they take less than half of the 8 MB that a thread has. What people write is bounded by `parse` and `evaluate`."""

sys.setrecursionlimit(max(sys.getrecursionlimit(), STACK))
