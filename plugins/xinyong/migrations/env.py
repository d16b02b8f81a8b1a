"""Alembic's entry: the connection is handed over by `xinyong.database.migrate`, one transaction for all."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=None,
    version_table_schema="public",
    version_table="xinyong_migration",
)
context.run_migrations()
