"""What goes in and out of a rulebook by file: what was read or written, and what is to be said about it."""

from __future__ import annotations

from dataclasses import dataclass

from decision_tables.diagnostics import Diagnostic
from decision_tables.rulebook import Rulebook

__all__ = ["Reading", "Written"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A rulebook read from a file.

    Attributes:
        rulebook: what the file says; cells as typed, for `compile` to judge.
        notes: what was forgiven, mended, left out or is not understood, with places in the file.
    """

    rulebook: Rulebook
    notes: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A rulebook written to a file.

    Attributes:
        data: the file.
        notes: what the file's format cannot say, or says in a way that other tools pass over.
    """

    data: bytes
    notes: tuple[Diagnostic, ...] = ()
