"""
The exchange database (前置库) of the credit office: plain tables without receipts, on PostgreSQL or MariaDB.

Its habits: another hand writes a row that is there already, the office picks rows up and takes them away, somebody
holds a lock on a table, a row is changed in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from xinyong.catalogue.platforms import Platform, PlatformRecord

TEXT = 4_000  # characters of a column whose length nobody declared
SHORT = 200


@dataclass(frozen=True, slots=True)
class Exchange:
    """The office's side of the tables."""

    engine: sa.Engine
    tables: Mapping[str, sa.Table]

    def lay_out(self) -> None:
        """Make the tables that are not there yet."""
        for table in self.tables.values():
            table.create(self.engine, checkfirst=True)

    def shown(self, record_type: str) -> list[dict[str, str]]:
        """Return the rows of a table, without its own number."""
        table = self.tables[record_type]
        with self.engine.connect() as connection:
            found = connection.execute(sa.select(table).order_by(table.c.row_id)).mappings().all()
        return [{name: value for name, value in row.items() if name != "row_id"} for row in found]

    def write(self, record_type: str, row: Mapping[str, str | None]) -> None:
        """Write a row as another hand would."""
        self._do(sa.insert(self.tables[record_type]).values(**row))

    def change(self, record_type: str, column: str, value: str) -> None:
        """Change a column of every row in place."""
        self._do(sa.update(self.tables[record_type]).values({column: value}))

    def change_first(self, record_type: str, column: str, value: str) -> None:
        """Change a column of the first row in place."""
        table = self.tables[record_type]
        self._do(sa.update(table).where(_is(table, sa.func.min)).values({column: value}))

    def remove_first(self, record_type: str) -> None:
        """Take the first row away."""
        self._do(sa.delete(self.tables[record_type]).where(_is(self.tables[record_type], sa.func.min)))

    def remove_last(self, record_type: str) -> None:
        """Take the row away that was written last."""
        self._do(sa.delete(self.tables[record_type]).where(_is(self.tables[record_type], sa.func.max)))

    def remove_matching(self, record_type: str, column: str, value: str) -> None:
        """Take the rows away in which a column has this value."""
        self._do(sa.delete(self.tables[record_type]).where(self.tables[record_type].c[column] == value))

    def pick_up(self, record_type: str) -> None:
        """Take all rows away."""
        self._do(sa.delete(self.tables[record_type]))

    @contextmanager
    def locked(self, record_type: str) -> Iterator[None]:
        """Hold every row of a table, as a program does that forgot to commit."""
        with self.engine.connect() as connection, connection.begin() as held:
            connection.execute(sa.select(self.tables[record_type]).with_for_update())
            connection.execute(sa.update(self.tables[record_type]).values(row_id=self.tables[record_type].c.row_id))
            yield
            held.rollback()

    def close(self) -> None:
        self.engine.dispose()

    def _do(self, statement: sa.Executable) -> None:
        with self.engine.begin() as connection:
            connection.execute(statement)


def exchange(url: str | sa.URL, platform: Platform) -> Exchange:
    """Return the exchange database with a table for each record that a platform takes."""
    metadata = sa.MetaData()
    tables = {name: _table(metadata, taken) for name, taken in platform.records.items()}
    return Exchange(sa.create_engine(url, poolclass=NullPool), tables)


def _table(metadata: sa.MetaData, taken: PlatformRecord) -> sa.Table:
    columns = [sa.Column(name, _type(taken, name)) for name in taken.columns]
    number = sa.Column("row_id", sa.Integer, primary_key=True, autoincrement=True)
    return sa.Table(taken.table_code, metadata, number, *columns, mysql_charset="utf8mb4", mysql_engine="InnoDB")


def _is(table: sa.Table, which: Callable[[sa.Column[int]], sa.ColumnElement[int]]) -> sa.ColumnElement[bool]:
    """Name the first row of a table, or the last."""
    return table.c.row_id == sa.select(which(table.c.row_id)).scalar_subquery()


def _type(taken: PlatformRecord, name: str) -> sa.types.TypeEngine[str]:
    length = taken.lengths.get(name, SHORT if name in taken.key else TEXT)
    return sa.Text() if length >= TEXT else sa.String(length)
