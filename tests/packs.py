"""The rulebook that comes with the product, read and compiled once for all tests."""

from functools import cache
from pathlib import Path

import decision_tables
from decision_tables.compile import compile_rulebook
from decision_tables.formats import read_pack

TELECOM = Path(decision_tables.__file__).parent / "packs" / "telecom"


@cache
def telecom():
    return read_pack(TELECOM)


@cache
def telecom_program():
    return compile_rulebook(telecom())
