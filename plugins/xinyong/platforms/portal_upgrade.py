"""
A store of an earlier version is taken over once, in one transaction; records keep their addresses.

What the second version kept is carried over in the database itself. The first version had no pages of subjects: its
records are told again, as if by the messages that told them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from xinyong.platforms import Item
from xinyong.platforms import portal_search as search
from xinyong.platforms.portal_change import Change, Sizes
from xinyong.platforms.portal_shapes import Shape
from xinyong.platforms.portal_shelves import AT_ONCE, batches
from xinyong.platforms.portal_tables import (
    DESIGN,
    FIRST_VERSION,
    MESSAGE,
    MONTH,
    OLD_RECORD,
    OLD_SHOWN,
    RECORD,
    SECOND_VERSION,
    SHELF,
    STALE,
    SUBJECT,
)
from xinyong.platforms.portal_terms import Terms


def is_due(engine: sa.Engine) -> bool:
    """Say whether a store has tables of an earlier version."""
    inspector = sa.inspect(engine)
    return any(inspector.has_table(table.name) for table in (OLD_RECORD, OLD_SHOWN))


def take_over(connection: sa.Connection, shapes: Mapping[str, Shape], sizes: Sizes) -> None:
    """Fill the tables from those of an earlier version and drop these; every file is to be written anew."""
    inspector = sa.inspect(connection)
    is_first, is_second = (inspector.has_table(table.name) for table in (OLD_RECORD, OLD_SHOWN))
    if is_second:
        _carry_over(connection)
    if is_first:
        _tell_again(connection, shapes, sizes)
    connection.execute(sa.delete(DESIGN))
    for version in (FIRST_VERSION, SECOND_VERSION):
        version.drop_all(connection)


def _tell_again(connection: sa.Connection, shapes: Mapping[str, Shape], sizes: Sizes) -> None:
    rows = list(connection.execute(sa.select(OLD_RECORD).order_by(OLD_RECORD.c.number, OLD_RECORD.c.key)))
    for number in sorted({row.number for row in rows}):
        items = [_told(row) for row in rows if row.number == number and row.record_type in shapes]
        Change(connection, number, shapes, sizes).apply(items)


def _told(row: Any) -> Item:
    operation = "withdraw" if row.page is None else "add"
    return Item(0, row.record_type, "", operation, None, row.key, row.hash or "", row.payload or {})


def _carry_over(connection: sa.Connection) -> None:
    """Copy the records with their pages, and derive what was not kept: parts of documents, months, terms."""
    names = [one.name for one in OLD_SHOWN.columns]
    connection.execute(sa.insert(RECORD).from_select([*names, "document_part"], sa.select(OLD_SHOWN, _part())))
    _count(connection, SHELF, ("documents/" + RECORD.c.document_bucket, RECORD.c.document_part, sa.func.count()))
    month = (RECORD.c.record_type, RECORD.c.month)
    _count(connection, MONTH, (*month, sa.func.count(), sa.func.min(RECORD.c.list_page)))
    for rows in batches(connection.execute(sa.select(SUBJECT)), AT_ONCE):
        found = [(term, row.subject_no) for row in rows for term in search.terms(row.names, row.code)]
        Terms(connection).keep([], found)
    connection.execute(sa.delete(STALE))  # its names were others
    for index in MESSAGE.indexes:
        index.create(connection, checkfirst=True)


def _part() -> sa.ColumnElement[int]:
    """Say in which part of its bucket a document is: each part full, the earliest told first."""
    order = (OLD_SHOWN.c.number, OLD_SHOWN.c.key)
    place = sa.func.row_number().over(partition_by=OLD_SHOWN.c.document_bucket, order_by=order)
    part = (place - 1) // search.DOCUMENTS_PER_FILE + 1
    return sa.case((OLD_SHOWN.c.document_bucket.is_not(None), part)).label("document_part")


def _count(connection: sa.Connection, table: sa.Table, columns: tuple[sa.ColumnElement[Any], ...]) -> None:
    """Fill a table with counts of the records shown, by its keys."""
    query = sa.select(*columns).where(RECORD.c.hash.is_not(None)).group_by(*columns[:2])
    connection.execute(sa.insert(table).from_select([one.name for one in table.columns], query))
