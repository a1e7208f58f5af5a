"""What the tests of FEEL share: facts, a run, and a short way to a value."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from decision_tables.feel.evaluate import Run, compile_expression, compile_test
from decision_tables.feel.parse import Names
from decision_tables.feel.temporal import date_of

# `fog` is a fact that nobody has given.
FACTS = {
    "x": Decimal(7),
    "y": Decimal(3),
    "yes": True,
    "name": "chat",
    "monthly fee": Decimal("12.50"),
    "x-y": Decimal(100),
    "started": date_of(date(2020, 2, 29)),
    "nothing": None,
    "numbers": [Decimal(1), Decimal(2), Decimal(3)],
    "staff": [
        {"name": "Ada", "dept": Decimal(10)},
        {"name": "Bob", "dept": Decimal(20)},
        {"name": "Cleo", "dept": Decimal(20)},
    ],
    "person": {"name": "Ada", "home town": "Ghent"},
}
NAMES = Names([*FACTS, "fog"], components=["home town"])


def _run(steps=100_000):
    day = date_of(date(2024, 5, 1))
    return Run(instant=datetime(2024, 5, 2, 13, 30, tzinfo=UTC), as_of=day, known_on=day, steps=steps)


@pytest.fixture(scope="session")
def facts():
    """The shared facts; never changed."""
    return FACTS


@pytest.fixture(scope="session")
def a_run():
    """Makes a run: 2 May 2024, 13:30 UTC, both legal dates on 1 May."""
    return _run


@pytest.fixture(scope="session")
def expression():
    """Compiles an expression that may read the shared facts."""
    return lambda text, names=NAMES: compile_expression(text, names)


@pytest.fixture(scope="session")
def value_of():
    """The value of a sound expression over the shared facts."""

    def evaluate(text):
        compiled = compile_expression(text, NAMES)
        assert compiled.ok, compiled.diagnostics
        return compiled(FACTS, _run())

    return evaluate


@pytest.fixture(scope="session")
def answer_of():
    """The answer of a sound input cell for the value of an expression."""

    def evaluate(cell, value):
        compiled = compile_test(cell, NAMES)
        assert compiled.ok, compiled.diagnostics
        return compiled(compile_expression(value, NAMES)(FACTS, _run()), FACTS, _run())

    return evaluate
