"""
What the portal shows, kept beside its public folder and never in it.

A record keeps the page it was put on, so that a change rewrites one page and not all of them. Which files no longer
show what is kept is written down in the same transaction: a process that dies in between leaves them to the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xinyong.platforms import Item, Message
from xinyong.platforms import portal_upgrade as upgrade
from xinyong.platforms.portal_change import Change, Sizes, by_type
from xinyong.platforms.portal_downloads import PAGES_PER_FILE
from xinyong.platforms.portal_search import SUBJECTS_PER_FILE
from xinyong.platforms.portal_shapes import Shape
from xinyong.platforms.portal_shelves import AT_ONCE, batches
from xinyong.platforms.portal_tables import (
    DESIGN,
    DOWNLOAD,
    MESSAGE,
    METADATA,
    MONTH,
    RECORD,
    SHELF,
    STALE,
    SUBJECT,
    TERM,
)
from xinyong.platforms.portal_terms import LISTED, Terms

_PART = (RECORD.c.list_page - 1) // PAGES_PER_FILE + 1
_IS_SHOWN = RECORD.c.hash.is_not(None)

# Asked thousands of times while a site is written: made once, because making a query costs more than answering it.
_NEWEST_FIRST = (RECORD.c.decided_on.desc(), RECORD.c.key)
_ON_LIST = sa.and_(
    RECORD.c.record_type == sa.bindparam("type"),
    RECORD.c.month == sa.bindparam("month"),
    RECORD.c.list_page.between(sa.bindparam("first"), sa.bindparam("last")),
)
_ON_SUBJECT = sa.and_(RECORD.c.subject_id == sa.bindparam("id"), RECORD.c.subject_page == sa.bindparam("page"))
_LISTED = sa.select(RECORD).where(_ON_LIST, _IS_SHOWN).order_by(*_NEWEST_FIRST)
_EARLIEST_FIRST = sa.select(RECORD).where(_ON_LIST, _IS_SHOWN).order_by(RECORD.c.decided_on, RECORD.c.key)
_OF_SUBJECT = sa.select(RECORD).where(_ON_SUBJECT, _IS_SHOWN).order_by(*_NEWEST_FIRST)
_SUBJECT = sa.select(SUBJECT).where(SUBJECT.c.subject_id == sa.bindparam("id"))
_LATEST = (
    sa.select(RECORD)
    .where(RECORD.c.record_type == sa.bindparam("type"), _IS_SHOWN)
    .order_by(*_NEWEST_FIRST)
    .limit(sa.bindparam("limit"))
)
_FOUND = ("record_type", "document", "decided_on", "name", "subject_id", "subject_page", "key")
_DOCUMENTS = (
    sa.select(*[RECORD.c[name] for name in _FOUND])
    .where(
        RECORD.c.document_bucket == sa.bindparam("bucket"), RECORD.c.document_part == sa.bindparam("part"), _IS_SHOWN
    )
    .order_by(*_NEWEST_FIRST, RECORD.c.record_type)
)
_OF_SHELF = SHELF.c.shelf == sa.bindparam("shelf")
_PAGES = sa.select(SHELF.c.page).where(_OF_SHELF).order_by(SHELF.c.page)
_BEFORE = sa.select(sa.func.max(SHELF.c.page)).where(_OF_SHELF, SHELF.c.page < sa.bindparam("page"))
_AFTER = sa.select(sa.func.min(SHELF.c.page)).where(_OF_SHELF, SHELF.c.page > sa.bindparam("page"))
_NEWEST_DAY = sa.select(sa.func.max(MESSAGE.c.business_date)).where(MESSAGE.c.says_nothing == sa.bindparam("nothing"))


@dataclass(frozen=True, slots=True)
class Shown:
    """One record as a page shows it."""

    record_type: str
    key: str
    hash: str
    payload: dict[str, str | None]
    name: str
    document: str
    decided_on: str
    subject_id: str
    subject_page: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record is shown, or was, and which message said so last."""

    number: int
    is_shown: bool
    subject_id: str
    subject_page: int
    month: str
    list_page: int


@dataclass(slots=True)
class PortalStore:
    """One SQLite file; what a message changes is one transaction."""

    path: Path
    shapes: Mapping[str, Shape]
    sizes: Sizes
    _engine: sa.Engine = field(init=False)
    _reading: sa.Connection | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        pool = sa.NullPool  # every use opens and closes the file: nothing stays open behind a task
        self._engine = sa.create_engine(f"sqlite:///{self.path}", poolclass=pool, connect_args={"timeout": 30})
        METADATA.create_all(self._engine)
        if upgrade.is_due(self._engine):
            self._adopt()

    def apply(self, message: Message) -> None:
        """Apply a message once; what a later message touched already is left as it is."""
        with self._engine.begin() as connection:
            if connection.execute(_message(message.idempotency_key)).one_or_none() is not None:
                return
            connection.execute(sa.insert(MESSAGE).values(**_identity(message), is_written=False))
            Change(connection, message.number, self.shapes, self.sizes).apply(message.items)

    def is_written(self, idempotency_key: str) -> bool:
        """Say whether a message was applied and every page it changed was written."""
        with self._engine.connect() as connection:
            row = connection.execute(_message(idempotency_key)).one_or_none()
        return bool(row and row.is_written)

    def mark_written(self, idempotency_key: str, design: str) -> None:
        """Note that every file shows what is kept, in this design; nothing is stale any more."""
        statement = insert(DESIGN).values(name="design", digest=design)
        with self._engine.begin() as connection:
            connection.execute(sa.delete(STALE))
            connection.execute(statement.on_conflict_do_update(set_={"digest": design}))
            found = MESSAGE.c.idempotency_key == idempotency_key
            connection.execute(sa.update(MESSAGE).where(found).values(is_written=True))

    def design(self) -> str | None:
        """Return the digest of templates and declarations that the pages were written with."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(DESIGN.c.digest)).scalar_one_or_none()

    def mark_all_stale(self) -> None:
        """Note every file, because the folder was emptied or the pages look different now."""
        with self._engine.begin() as connection:
            for kind, query in _everything():
                for rows in batches(connection.execute(query), AT_ONCE):
                    marks = [{"kind": kind, "name": "/".join(map(str, row))} for row in rows]
                    connection.execute(insert(STALE).on_conflict_do_nothing(), marks)
            connection.execute(sa.delete(DOWNLOAD))

    def stale(self) -> list[tuple[str, str]]:
        with self._engine.connect() as connection:
            return [(row.kind, row.name) for row in connection.execute(sa.select(STALE))]

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let everything inside read through one open connection: many small questions follow each other."""
        with self._engine.connect() as connection:
            self._reading = connection
            try:
                yield
            finally:
                self._reading = None

    def _read(self, query: sa.Select[Any], **values: Any) -> Iterator[Any]:
        if self._reading is not None:
            yield from self._reading.execute(query, values)
            return
        with self._engine.connect() as connection:
            yield from connection.execute(query, values)

    def on_list(self, record_type: str, month: str, page: int) -> list[Shown]:
        return [_shown(row) for row in self._read(_LISTED, type=record_type, month=month, first=page, last=page)]

    def of_subject(self, subject_id: str, page: int) -> list[Shown]:
        return [_shown(row) for row in self._read(_OF_SUBJECT, id=subject_id, page=page)]

    def of_pages(self, record_type: str, month: str, first: int, last: int) -> list[Shown]:
        """Return the records on some pages of a month, the earliest first."""
        rows = self._read(_EARLIEST_FIRST, type=record_type, month=month, first=first, last=last)
        return [_shown(row) for row in rows]

    def latest_of(self, record_type: str, limit: int) -> list[Shown]:
        """Return a type's records decided last."""
        return [_shown(row) for row in self._read(_LATEST, type=record_type, limit=limit)]

    def with_document(self, bucket: str, part: int) -> Iterator[Any]:
        """Yield type, document, date, name, subject, page and key of the records in a part of a bucket of documents."""
        return self._read(_DOCUMENTS, bucket=bucket, part=part)

    def pages(self, shelf: str) -> list[int]:
        return [row.page for row in self._read(_PAGES, shelf=shelf)]

    def beside(self, shelf: str, page: int) -> dict[str, int | None]:
        """Return the pages `before` and `after` one; none at the ends."""
        found = (("before", _BEFORE), ("after", _AFTER))
        return {name: next(self._read(query, shelf=shelf, page=page))[0] for name, query in found}

    def months(self, record_type: str) -> list[Any]:
        """Return a type's months, the latest first, with their records and first pages."""
        query = sa.select(MONTH).where(MONTH.c.record_type == record_type).order_by(MONTH.c.month.desc())
        return list(self._read(query))

    def subject(self, subject_id: str) -> Any:
        """Return number, names, code and counts of a subject, or None."""
        return next(iter([*self._read(_SUBJECT, id=subject_id)]), None)

    def subjects(self, block: int) -> Iterator[Any]:
        first = block * SUBJECTS_PER_FILE
        found = sa.and_(SUBJECT.c.subject_no >= first, SUBJECT.c.subject_no < first + SUBJECTS_PER_FILE)
        return self._read(sa.select(SUBJECT).where(found).order_by(SUBJECT.c.subject_no))

    def postings(self, number: int) -> Iterator[Any]:
        """Yield each term of a file, how many subjects it has, and the first of their numbers by comma."""
        return self._read(LISTED, bucket=number)

    def term_files(self) -> int:
        """Return over how many files the terms are spread."""
        with self._engine.connect() as connection:
            return Terms(connection).files()

    def downloads(self) -> list[Any]:
        """Return every file of open data with its size and digests, by type, the latest month first."""
        order = (DOWNLOAD.c.record_type, DOWNLOAD.c.month.desc(), DOWNLOAD.c.part, DOWNLOAD.c.path)
        return list(self._read(sa.select(DOWNLOAD).order_by(*order)))

    def replace_downloads(self, parts: Mapping[tuple[str, str, int], list[dict[str, Any]]]) -> None:
        """Keep the files of each part of a month in place of its earlier ones."""
        with self._engine.begin() as connection:
            for (record_type, month, part), files in parts.items():
                found = (DOWNLOAD.c.record_type == record_type, DOWNLOAD.c.month == month, DOWNLOAD.c.part == part)
                connection.execute(sa.delete(DOWNLOAD).where(*found))
                if files:
                    connection.execute(sa.insert(DOWNLOAD), files)

    def places(self, items: Iterable[Item]) -> dict[tuple[str, str], Place]:
        """Return (record type, key) → where it is; a record that was never told is missing."""
        names = ("number", "subject_id", "subject_page", "month", "list_page")
        columns = [RECORD.c.record_type, RECORD.c.key, _IS_SHOWN.label("is_shown"), *[RECORD.c[name] for name in names]]
        found = {}
        for record_type, keys in by_type(items).items():
            of_type = sa.select(*columns).where(RECORD.c.record_type == record_type)
            for some in batches(keys, AT_ONCE):
                for row in self._read(of_type.where(RECORD.c.key.in_(some))):
                    values = {name: getattr(row, name) for name in names}
                    found[row.record_type, row.key] = Place(is_shown=bool(row.is_shown), **values)
        return found

    def dates(self) -> dict[str, Any]:
        """Return the date of the newest message and of the newest one that changed something, and its number."""
        with self._engine.connect() as connection:
            silent, changed = (connection.scalar(_NEWEST_DAY, {"nothing": nothing}) for nothing in (True, False))
            number = connection.scalar(sa.select(sa.func.max(MESSAGE.c.number)))
        checked = max((day for day in (silent, changed) if day), default=None)
        return {"checked_on": checked, "changed_on": changed, "number": number}

    def _adopt(self) -> None:
        """Take over what an earlier version kept; its files are written again with the next message."""
        with self._engine.begin() as connection:
            upgrade.take_over(connection, self.shapes, self.sizes)


def _shown(row: Any) -> Shown:
    return Shown(
        row.record_type,
        row.key,
        row.hash,
        row.payload,
        row.name,
        row.document,
        row.decided_on,
        row.subject_id,
        row.subject_page,
    )


def _identity(message: Message) -> dict[str, Any]:
    names = ("idempotency_key", "number", "business_date", "says_nothing")
    return {name: getattr(message, name) for name in names}


def _message(idempotency_key: str) -> sa.Select[Any]:
    return sa.select(MESSAGE.c.is_written).where(MESSAGE.c.idempotency_key == idempotency_key)


def _everything() -> list[tuple[str, sa.Select[Any]]]:
    """Return kind of file and a query for the names of all of it."""
    shown = sa.select(RECORD).where(_IS_SHOWN).distinct()
    first = sa.literal(1)  # the first page stays as long as there is a later one
    return [
        ("list", shown.with_only_columns(RECORD.c.record_type, RECORD.c.month, RECORD.c.list_page)),
        ("months", sa.select(MONTH.c.record_type).distinct()),
        ("subject", shown.with_only_columns(RECORD.c.subject_id, RECORD.c.subject_page)),
        ("subject", sa.select(SUBJECT.c.subject_id, first)),
        ("documents", shown.with_only_columns(RECORD.c.document_bucket, RECORD.c.document_part)),
        ("documents", shown.with_only_columns(RECORD.c.document_bucket, first)),
        ("data", shown.with_only_columns(RECORD.c.record_type, RECORD.c.month, _PART)),
        ("subjects", sa.select(SUBJECT.c.subject_no // SUBJECTS_PER_FILE).distinct()),
        ("terms", sa.select(TERM.c.bucket).distinct()),
    ]
