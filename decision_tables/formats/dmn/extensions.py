"""What DMN has no place for, kept in our own namespace beside what it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from decision_tables.formats.dmn.xml import Element

__all__ = ["extended"]

_Piece = TypeVar("_Piece")


def extended(piece: _Piece, element: Element) -> _Piece:
    """The piece with the fields that our extension of its element holds."""
    return piece
