"""Great Expectations on a connection that someone else owns, inside its open transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from great_expectations.core.batch import Batch
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
from great_expectations.validator.metrics_calculator import MetricsCalculator


class BorrowedEngine(SqlAlchemyExecutionEngine):  # type: ignore[misc]
    """
    An execution engine that opens no connection of its own.

    So it sees what the transaction has written and not committed yet, and it must not close what is not its own.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._borrowed = connection
        self._seen = sa.inspect(connection)  # one for all: it remembers what it has read of a table
        super().__init__(engine=connection.engine, create_temp_table=False)

    @contextmanager
    def get_connection(self) -> Iterator[sa.Connection]:
        """Lend the connection to one query."""
        yield self._borrowed

    def get_inspector(self) -> Any:
        """Look at tables through the same transaction."""
        return self._seen

    def close(self) -> None:
        """Leave the connection to its owner."""


def staged_rows(table: str, batch_id: int) -> sa.Select[Any]:
    """Return the rows of one batch in a staged table."""
    schema, _, name = table.rpartition(".")
    rows = sa.select(sa.text("*")).select_from(sa.table(name, schema=schema))
    return rows.where(sa.column("batch_id", sa.BigInteger()) == batch_id)


def batch_of(connection: sa.Connection, table: str, batch_id: int) -> Batch:
    """Offer the rows of one batch in a staged table to Great Expectations."""
    return _batch(connection, table, staged_rows(table, batch_id))


def shape_of(connection: sa.Connection, table: str) -> Batch:
    """
    Offer a staged table without any row, which is enough to ask for conditions.

    Great Expectations counts the rows for each of them anew; here there is nothing to count.
    """
    return _batch(connection, table, staged_rows(table, batch_id=0).where(sa.false()))


def _batch(connection: sa.Connection, table: str, rows: sa.Select[Any]) -> Batch:
    engine = BorrowedEngine(connection)
    schema, _, name = table.rpartition(".")
    data = SqlAlchemyBatchData(
        execution_engine=engine,
        selectable=rows,
        create_temp_table=False,
        source_table_name=sa.quoted_name(name, quote=True),  # what GX expects; it warns of a plain text
        source_schema_name=schema,
    )
    batch = Batch(data=data)
    engine.load_batch_data(batch.id, data)
    return batch


def calculator(batch: Batch) -> MetricsCalculator:
    """Return what resolves the metrics of a batch, without progress bars."""
    return MetricsCalculator(execution_engine=batch.data.execution_engine, show_progress_bars=False)
