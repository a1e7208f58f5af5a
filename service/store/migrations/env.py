"""Run by Alembic, with the connection that `service.store.migrations.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from service.store.rows import Row

context.configure(connection=context.config.attributes["connection"], target_metadata=Row.metadata)
with context.begin_transaction():
    context.run_migrations()
