"""The schema's history: Alembic, configured in code.

Only forwards: what a downgrade would drop is decisions and releases, so going back means restoring a backup.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["known", "newest", "revision_of", "upgrade"]


@cache
def newest() -> str:
    """The revision that this program needs."""
    head = _scripts().get_current_head()
    assert head is not None  # noqa: S101 - the folder is never empty
    return head


@cache
def known() -> frozenset[str]:
    """All revisions that this program has heard of."""
    return frozenset(script.revision for script in _scripts().walk_revisions())


def revision_of(connection: Connection) -> str | None:
    """The revision that a database is at, None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection) -> None:
    """Bring a database up to `newest` inside the connection's transaction; the caller holds the lock."""
    if revision_of(connection) == newest():
        return
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "service.store:migrations")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
