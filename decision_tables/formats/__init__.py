"""Rulebooks in other people's formats: from files to `Rulebook` and back."""

from __future__ import annotations

from decision_tables.formats.pack import read_pack

__all__ = ["read_pack"]
