"""What goes in and out of a rulebook by file: what was read or written, and what is to be said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from decision_tables.diagnostics import Diagnostic, Where
from decision_tables.rulebook import Rulebook

__all__ = ["Reading", "Written", "address_of"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A rulebook read from a file.

    Attributes:
        rulebook: what the file says; cells as typed, for `compile` to judge.
        notes: what was forgiven, mended, left out or is not understood, with places in the file.
        addresses: of a workbook, the cell in which each piece of the rulebook stands (`Fees!C7`).
    """

    rulebook: Rulebook
    notes: tuple[Diagnostic, ...] = ()
    addresses: Mapping[Where, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """A rulebook written to a file.

    Attributes:
        data: the file.
        notes: what the file's format cannot say, or says in a way that other tools pass over.
    """

    data: bytes
    notes: tuple[Diagnostic, ...] = ()


def address_of(where: Where, addresses: Mapping[Where, str]) -> str:
    """The cell in which a place of the rulebook stands, or what it is part of; empty where no file says."""
    if "!" in where.table:
        return where.table  # a note on the file itself
    exact = replace(where, span=None)
    for place in (exact, replace(exact, column=""), Where(where.table, "", where.column), Where(where.table)):
        if place in addresses:
            return addresses[place]
    return ""
