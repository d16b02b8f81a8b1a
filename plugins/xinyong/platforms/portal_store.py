"""
What the portal shows, kept beside its public folder and never in it.

A record keeps the page it was put on, so that a change rewrites one page and not all of them. Which pages no longer
show what is kept is written down in the same transaction: a process that dies in between leaves them to the next one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xinyong.platforms import Item, Message

METADATA = sa.MetaData()

RECORD = sa.Table(
    "record",
    METADATA,
    sa.Column("record_type", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),  # of the message that touched it last
    sa.Column("page", sa.Integer),  # none: withdrawn, and its content is gone
    sa.Column("hash", sa.Text),
    sa.Column("payload", sa.JSON(none_as_null=True)),
    sa.Index("record_page", "record_type", "page"),
)
PAGE = sa.Table(
    "page",
    METADATA,
    sa.Column("record_type", sa.Text, primary_key=True),
    sa.Column("page", sa.Integer, primary_key=True),
    sa.Column("record_count", sa.Integer, nullable=False),
    sa.Column("is_stale", sa.Boolean, nullable=False),
)
MESSAGE = sa.Table(
    "message",
    METADATA,
    sa.Column("idempotency_key", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("business_date", sa.Date, nullable=False),
    sa.Column("says_nothing", sa.Boolean, nullable=False),
    sa.Column("is_written", sa.Boolean, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One record as a page shows it."""

    key: str
    hash: str
    payload: dict[str, str | None]


@dataclass(slots=True)
class Shelf:
    """The pages of one record type while a message is applied."""

    limit: int
    counts: dict[int, int]
    stale: set[int] = field(default_factory=set)

    def add(self) -> int:
        """Put one more record on the newest page, or begin a new one."""
        newest = max(self.counts, default=1)
        page = newest if self.counts.get(newest, 0) < self.limit else newest + 1
        self.counts[page] = self.counts.get(page, 0) + 1
        return page

    def remove(self, page: int) -> None:
        self.counts[page] -= 1

    def mark_neighbours(self, before: set[int]) -> None:
        """A page that appeared or emptied changes the links of the pages beside it."""
        now = self.filled()
        for page in before ^ now:
            self.stale |= {
                max((p for p in now if p < page), default=page),
                min((p for p in now if p > page), default=page),
            }

    def filled(self) -> set[int]:
        return {page for page, count in self.counts.items() if count}


@dataclass(slots=True)
class PortalStore:
    """One SQLite file; what a message changes is one transaction."""

    path: Path
    page_size: int
    _engine: sa.Engine = field(init=False)

    def __post_init__(self) -> None:
        pool = sa.NullPool  # every use opens and closes the file: nothing stays open behind a task
        self._engine = sa.create_engine(f"sqlite:///{self.path}", poolclass=pool, connect_args={"timeout": 30})
        METADATA.create_all(self._engine)

    def apply(self, message: Message) -> None:
        """Apply a message once; what a later message touched already is left as it is."""
        with self._engine.begin() as connection:
            if connection.execute(_message(message.idempotency_key)).one_or_none() is not None:
                return
            connection.execute(sa.insert(MESSAGE).values(**_identity(message), is_written=False))
            for record_type in sorted({item.record_type for item in message.items}):
                items = [item for item in message.items if item.record_type == record_type]
                self._apply(connection, message.number, record_type, items)

    def _apply(self, connection: sa.Connection, number: int, record_type: str, items: list[Item]) -> None:
        shelf = Shelf(self.page_size, _page_counts(connection, record_type))
        before = shelf.filled()
        for item in items:
            _apply_item(connection, shelf, number, item)
        shelf.mark_neighbours(before)
        for page in shelf.stale:
            connection.execute(_keep_page(record_type, page, shelf.counts[page]))

    def is_written(self, idempotency_key: str) -> bool:
        """Say whether a message was applied and every page it changed was written."""
        with self._engine.connect() as connection:
            row = connection.execute(_message(idempotency_key)).one_or_none()
        return bool(row and row.is_written)

    def mark_written(self, idempotency_key: str) -> None:
        found = MESSAGE.c.idempotency_key == idempotency_key
        with self._engine.begin() as connection:
            connection.execute(sa.update(MESSAGE).where(found).values(is_written=True))

    def mark_all_stale(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.update(PAGE).values(is_stale=True))

    def stale_pages(self) -> list[tuple[str, int]]:
        query = sa.select(PAGE.c.record_type, PAGE.c.page).where(PAGE.c.is_stale)
        with self._engine.connect() as connection:
            return [(row.record_type, row.page) for row in connection.execute(query)]

    def mark_fresh(self, record_type: str, page: int) -> None:
        found = sa.and_(PAGE.c.record_type == record_type, PAGE.c.page == page)
        with self._engine.begin() as connection:
            connection.execute(sa.update(PAGE).where(found).values(is_stale=False))

    def pages(self, record_type: str) -> dict[int, int]:
        """Return page → number of records for the pages that show something, in order."""
        with self._engine.connect() as connection:
            counts = _page_counts(connection, record_type)
        return {page: counts[page] for page in sorted(counts) if counts[page]}

    def shown(self, record_type: str, page: int) -> list[Shown]:
        found = sa.and_(RECORD.c.record_type == record_type, RECORD.c.page == page)
        query = sa.select(RECORD.c.key, RECORD.c.hash, RECORD.c.payload).where(found)
        with self._engine.connect() as connection:
            return [Shown(row.key, row.hash, row.payload) for row in connection.execute(query)]

    def places(self, items: Iterable[Item]) -> dict[tuple[str, str], tuple[int, int | None]]:
        """Return (record type, key) → number of the message that touched it last, and its page."""
        found = {}
        with self._engine.connect() as connection:
            for item in items:
                row = connection.execute(_record(item)).one_or_none()
                found[item.record_type, item.natural_key] = (row.number, row.page) if row else (0, None)
        return found

    def dates(self) -> dict[str, Any]:
        """Return the date of the newest message and of the newest one that changed something."""
        newest = sa.func.max(MESSAGE.c.business_date)
        changed = sa.select(newest).where(sa.not_(MESSAGE.c.says_nothing))
        with self._engine.connect() as connection:
            return {
                "checked_on": connection.execute(sa.select(newest)).scalar_one(),
                "changed_on": connection.execute(changed).scalar_one(),
            }


def _apply_item(connection: sa.Connection, shelf: Shelf, number: int, item: Item) -> None:
    row = connection.execute(_record(item)).one_or_none()
    if row and row.number > number:
        return
    page = row.page if row else None
    if item.operation == "withdraw":
        if page is not None:
            shelf.remove(page)
            shelf.stale.add(page)
        connection.execute(_keep_record(item, number, None))
        return
    page = page or shelf.add()
    shelf.stale.add(page)
    connection.execute(_keep_record(item, number, page))


def _identity(message: Message) -> dict[str, Any]:
    names = ("idempotency_key", "number", "business_date", "says_nothing")
    return {name: getattr(message, name) for name in names}


def _message(idempotency_key: str) -> sa.Select[Any]:
    return sa.select(MESSAGE.c.is_written).where(MESSAGE.c.idempotency_key == idempotency_key)


def _record(item: Item) -> sa.Select[Any]:
    found = sa.and_(RECORD.c.record_type == item.record_type, RECORD.c.key == item.natural_key)
    return sa.select(RECORD.c.number, RECORD.c.page).where(found)


def _page_counts(connection: sa.Connection, record_type: str) -> dict[int, int]:
    query = sa.select(PAGE.c.page, PAGE.c.record_count).where(PAGE.c.record_type == record_type)
    return {row.page: row.record_count for row in connection.execute(query)}


def _keep_record(item: Item, number: int, page: int | None) -> sa.Executable:
    """Keep a record on its page, or, without a page, only that it was withdrawn."""
    content = {"hash": item.content_hash, "payload": item.payload} if page else {"hash": None, "payload": None}
    new = {"number": number, "page": page, **content}
    statement = insert(RECORD).values(record_type=item.record_type, key=item.natural_key, **new)
    return statement.on_conflict_do_update(index_elements=["record_type", "key"], set_=new)


def _keep_page(record_type: str, page: int, count: int) -> sa.Executable:
    new = {"record_count": count, "is_stale": True}
    statement = insert(PAGE).values(record_type=record_type, page=page, **new)
    return statement.on_conflict_do_update(index_elements=["record_type", "page"], set_=new)
