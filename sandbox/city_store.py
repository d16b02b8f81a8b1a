"""What the city platform keeps: batches with their answers, problem lists and records; it outlives a restart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

METADATA = sa.MetaData()

BATCH = sa.Table(
    "batch",
    METADATA,
    sa.Column("batch", sa.Text, primary_key=True),
    sa.Column("body_hash", sa.Text, nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),
)
PROBLEM = sa.Table(
    "problem",
    METADATA,
    sa.Column("batch", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("field", sa.Text),
    sa.Column("text", sa.Text),
)
RECORD = sa.Table(
    "record",
    METADATA,
    sa.Column("table_code", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("fields", sa.JSON, nullable=False),
)
SHOWN, WITHDRAWN = "1", "9"


@dataclass(slots=True)
class CityStore:
    """One SQLite file; every batch is one transaction."""

    path: Path
    _engine: sa.Engine = field(init=False)

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        pool = sa.NullPool  # every use opens and closes the file: a request that ends last leaves nothing open
        self._engine = sa.create_engine(f"sqlite:///{self.path}", poolclass=pool, connect_args={"timeout": 30})
        METADATA.create_all(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        with self._engine.begin() as connection:
            yield connection

    def batch(self, key: str) -> tuple[str, dict[str, Any]] | None:
        """Return body hash and counts of a batch that was processed."""
        query = sa.select(BATCH.c.body_hash, BATCH.c.counts).where(BATCH.c.batch == key)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return (row.body_hash, row.counts) if row else None

    def problems(self, key: str) -> list[dict[str, Any]]:
        query = sa.select(PROBLEM).where(PROBLEM.c.batch == key).order_by(PROBLEM.c.position)
        return [_without_batch(row) for row in self._rows(query)]

    def record(self, table_code: str, key: str) -> dict[str, Any] | None:
        query = sa.select(RECORD.c.key, RECORD.c.hash, RECORD.c.state)
        rows = self._rows(query.where(RECORD.c.table_code == table_code, RECORD.c.key == key))
        return rows[0] if rows else None

    def fields(self, table_code: str, key: str) -> dict[str, Any]:
        query = sa.select(RECORD.c.fields).where(RECORD.c.table_code == table_code, RECORD.c.key == key)
        with self._engine.connect() as connection:
            found: dict[str, Any] = connection.execute(query).scalar_one()
        return found

    def listing(self, table_code: str, page: int, size: int) -> dict[str, Any]:
        shown = sa.and_(RECORD.c.table_code == table_code, RECORD.c.state == SHOWN)
        query = sa.select(RECORD.c.key, RECORD.c.hash, RECORD.c.state).where(shown).order_by(RECORD.c.key)
        with self._engine.connect() as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(RECORD).where(shown)).scalar_one()
        return {"total": total, "records": self._rows(query.limit(size).offset((page - 1) * size))}

    def _rows(self, query: sa.Select[Any]) -> list[dict[str, Any]]:
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def keep_batch(
    connection: sa.Connection, key: str, body_hash: str, counts: dict[str, Any], problems: list[dict[str, Any]]
) -> None:
    """Write down what was answered, so that the same question gets the same answer."""
    connection.execute(sa.insert(BATCH).values(batch=key, body_hash=body_hash, counts=counts))
    if problems:
        connection.execute(sa.insert(PROBLEM), [{"batch": key, **problem} for problem in problems])


def keep_record(connection: sa.Connection, row: dict[str, Any]) -> None:
    """Show a record under its key, whatever was there before."""
    new = {name: row[name] for name in ("hash", "state", "fields")}
    statement = insert(RECORD).values(**row)
    connection.execute(statement.on_conflict_do_update(index_elements=["table_code", "key"], set_=new))


def is_shown(connection: sa.Connection, table_code: str, key: str) -> bool:
    """Say whether the platform shows a record under this key."""
    query = sa.select(RECORD.c.state).where(RECORD.c.table_code == table_code, RECORD.c.key == key)
    return connection.execute(query).scalar_one_or_none() == SHOWN


def withdraw(connection: sa.Connection, table_code: str, key: str) -> None:
    """Stop showing a record; the platform keeps it."""
    found = sa.and_(RECORD.c.table_code == table_code, RECORD.c.key == key)
    connection.execute(sa.update(RECORD).where(found).values(state=WITHDRAWN))


def _without_batch(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "batch"}
