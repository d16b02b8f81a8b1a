"""One plain table of an exchange database: rows written, found by their natural key and compared as text."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from xinyong.catalogue.platforms import Formats, PlatformRecord
from xinyong.platforms import Item

_ROWS_AT_ONCE = 1_000
_DATE_WORDS = ("%Y/%m/%d", "%Y-%m-%d", "%Y%m%d")


@dataclass(frozen=True, slots=True)
class ExchangeTable:
    """
    A table as the catalogue declares it: its name, its columns in order and the three that name a record.

    Columns may be text, dates or numbers; what is read is written as our own payload would be before it is compared.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    formats: Formats

    @property
    def _table(self) -> sa.TableClause:
        schema, _, name = self.name.rpartition(".")
        return sa.table(name, *[sa.column(column) for column in self.columns], schema=schema or None)

    def insert(self, connection: sa.Connection, item: Item) -> None:
        connection.execute(sa.insert(self._table).values(self._values(item)))

    def update(self, connection: sa.Connection, item: Item) -> None:
        connection.execute(sa.update(self._table).where(self._is(item)).values(self._values(item)))

    def delete(self, connection: sa.Connection, item: Item) -> None:
        connection.execute(sa.delete(self._table).where(self._is(item)))

    def matching(self, connection: sa.Connection, item: Item) -> list[dict[str, str]]:
        """Return the rows of an item's key; what a lenient collation takes for equal and is not is left out."""
        wanted = [item.payload.get(column) or "" for column in self.key]
        rows = connection.execute(sa.select(self._table).where(self._is(item))).mappings()
        found = [self._written(row) for row in rows]
        return [row for row in found if [row[column] for column in self.key] == wanted]

    def differing(self, item: Item, row: Mapping[str, str]) -> str | None:
        """Return the first column in which a row is not what the item says, or None."""
        told = {column: item.payload.get(column) or "" for column in self.columns}
        return next((column for column in self.columns if not _same(told[column], row[column])), None)

    def listing(self, connection: sa.Connection) -> dict[str, str]:
        """Return natural key → content hash of all rows, or `×n` for a key that stands there n times."""
        chosen = sa.select(self._table).execution_options(yield_per=_ROWS_AT_ONCE)
        found: dict[str, str] = {}
        counted: Counter[str] = Counter()
        for row in connection.execute(chosen).mappings():
            written = self._written(row)
            key = self._natural_key(written)
            counted[key] += 1
            found[key] = self._hash(written) if counted[key] == 1 else f"×{counted[key]}"
        return found

    def _is(self, item: Item) -> sa.ColumnElement[bool]:
        return sa.and_(*[sa.column(column) == item.payload.get(column) for column in self.key])

    def _values(self, item: Item) -> dict[str, str | None]:
        return {column: item.payload.get(column) for column in self.columns}

    def _written(self, row: Mapping[Any, Any]) -> dict[str, str]:
        return {column: self._text(row[column]) for column in self.columns}

    def _text(self, value: object) -> str:
        """Write a value of the database as our payload writes it."""
        if value is None:
            return ""
        if isinstance(value, date | datetime):
            return value.strftime(self.formats.date)
        if isinstance(value, Decimal):
            return f"{value:.{self.formats.amount_decimals}f}"
        return str(value).rstrip(" ")  # CHAR columns are padded

    def _natural_key(self, row: Mapping[str, str]) -> str:
        party, document, decided = (row[column] for column in self.key)
        return "|".join((party, document, _iso(decided, self.formats.date)))

    def _hash(self, row: Mapping[str, str]) -> str:
        """Hash a row as the gate hashes a projection: title and value of each filled column, in order."""
        filled = [f"{column}={row[column]}" for column in self.columns if row[column]]
        return hashlib.sha256("\x1f".join(filled).encode()).hexdigest()


def exchange_table(taken: PlatformRecord, formats: Formats) -> ExchangeTable:
    """Return the table of a declared record."""
    return ExchangeTable(taken.table_code, tuple(taken.columns), taken.key, formats)


def _iso(text: str, shape: str) -> str:
    """Return a date of the platform's shape as ISO; what is none stays as it is and fits no record of ours."""
    for pattern in (shape, *_DATE_WORDS):
        try:
            return datetime.strptime(text, pattern).date().isoformat()  # noqa: DTZ007 – a calendar date
        except ValueError:
            continue
    return text


def _same(ours: str, theirs: str) -> bool:
    if ours.rstrip(" ") == theirs:
        return True
    try:
        return bool(theirs) and Decimal(ours) == Decimal(theirs)
    except InvalidOperation:
        return False
