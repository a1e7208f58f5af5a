"""A minute of the fuzzer, always with the same texts; `make fuzz` runs it for ten, with new ones."""

import time

import pytest
from fuzz import LAWS, held

SEED = 20_240_501
SECONDS = 15
"""For each law."""


@pytest.mark.parametrize("law", LAWS, ids=[law.__name__ for law in LAWS])
def test_no_text_whatever_breaks_a_law_of_feel(law):
    seed = SEED
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        held(law, examples=100, seed=seed)
        seed += 1
