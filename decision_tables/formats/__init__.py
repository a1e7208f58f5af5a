"""Rulebooks in other people's formats: from files to `Rulebook` and back."""

from __future__ import annotations

from decision_tables.formats.door import Format, format_named, key_like, read, write
from decision_tables.formats.exchange import Reading, Written, address_of
from decision_tables.formats.pack import read_pack

__all__ = [
    "Format",
    "Reading",
    "Written",
    "address_of",
    "format_named",
    "key_like",
    "read",
    "read_pack",
    "write",
]
