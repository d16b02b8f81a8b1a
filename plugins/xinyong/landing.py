"""
Land what a business system delivered: as received, in one transaction, identity numbers sealed at the door.

Rows stream from the reader through the seal into COPY; nothing is held. The checksum is taken over the content
in the feed's own column order, so that the same content again, from whatever file, is the same batch.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from xinyong.catalogue.feeds import Feed
from xinyong.catalogue.records import RecordType
from xinyong.database import copy, run
from xinyong.extract import Delivery
from xinyong.extract.delivery import text
from xinyong.sealing import Sealer, may_hold_number
from xinyong.tables import IDENTITY_PARTS, identity_columns

_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch: what one intake run read of one feed."""

    batch_id: int
    feed: str
    record_type: str
    business_date: date
    known_at: datetime
    row_count: int
    state: str
    origin: str
    checksum: str
    unknown_columns: list[str]


def batch(connection: sa.Connection, batch_id: int) -> Batch:
    """Return a batch by its id."""
    return Batch(**run(connection, "landing/batch", batch_id=batch_id).mappings().one())


def land(
    connection: sa.Connection,
    feed: Feed,
    record_type: RecordType,
    delivery: Delivery,
    business_date: date,
    known_at: datetime,
    sealer: Sealer,
) -> int:
    """Land a delivery and return its batch; content equal to the feed's batch before it is that batch."""
    run(connection, "landing/lock_feed", feed=feed.name)
    attempt = connection.begin_nested()
    opened = run(
        connection,
        "landing/open_batch",
        feed=feed.name,
        record_type=record_type.name,
        business_date=business_date,
        known_at=known_at,
        origin=delivery.origin,
        unknown_columns=[name for name in delivery.columns if name and name not in feed.columns],
    ).one()
    lines = _Lines(opened.batch_id, feed, record_type, delivery, sealer)
    copy(connection, f"landing.{feed.name}", lines.columns, lines)
    previous = run(connection, "landing/previous_batch", feed=feed.name, known_at=opened.known_at).one_or_none()
    if previous and previous.checksum == lines.checksum():
        attempt.rollback()
        return int(previous.batch_id)
    run(
        connection,
        "landing/close_batch",
        batch_id=opened.batch_id,
        checksum=lines.checksum(),
        row_count=lines.row_count,
    )
    attempt.commit()
    return int(opened.batch_id)


class _Lines:
    """The rows of a delivery as CSV text that COPY reads piece by piece."""

    def __init__(self, batch_id: int, feed: Feed, record_type: RecordType, delivery: Delivery, sealer: Sealer) -> None:
        self._batch_id = batch_id
        self._sealer = sealer
        self._digest = hashlib.sha256()
        self.row_count = 0
        self._buffer = io.StringIO()
        self._writer = csv.writer(self._buffer, lineterminator="\n")
        self._pick = _picker(feed, delivery.columns)
        self._unknown = [(i, name) for i, name in enumerate(delivery.columns) if name and name not in feed.columns]
        landing = feed.landing_columns
        self._sealed = [(landing.index(name), kind) for name, kind in _kinds(feed, record_type).items()]
        parts = [f"{landing[at]}_{part}" for at, _ in self._sealed for part in IDENTITY_PARTS]
        self.columns = ["batch_id", "row_number", *landing, *parts, "unknown_columns"]
        self._rows: Iterator[Sequence[Any]] = delivery.rows

    def checksum(self) -> str:
        """Return the checksum over all rows read so far."""
        return self._digest.hexdigest()

    def read(self, size: int) -> str:
        """Return about `size` characters of CSV, or nothing when the delivery has ended."""
        self._buffer.seek(0)
        self._buffer.truncate()
        for row in self._rows:
            self._write(row)
            if self._buffer.tell() >= size:
                break
        return self._buffer.getvalue()

    def _write(self, row: Sequence[Any]) -> None:
        cells = [cell if type(cell) is str and "\0" not in cell else text(cell) for cell in self._pick(row)]
        unknown = {name: text(row[at]) for at, name in self._unknown if row[at] is not None}
        content = _SEPARATOR.join([cell or "" for cell in cells] + [f"{k}={v}" for k, v in unknown.items()])
        self._digest.update(content.encode() + b"\n")
        parts = self._seal(cells)
        if may_hold_number(content):
            cells = [self._sealer.hide(cell) if cell else cell for cell in cells]
            unknown = {name: self._sealer.hide(cell or "") for name, cell in unknown.items()}
        self.row_count += 1
        extra = json.dumps(unknown, ensure_ascii=False) if unknown else None
        self._writer.writerow([self._batch_id, self.row_count, *cells, *parts, extra])

    def _seal(self, cells: list[str | None]) -> list[str | None]:
        """Replace the numbers of identity columns by their masked form and return the sealed parts."""
        parts: list[str | None] = []
        for at, kind in self._sealed:
            number = cells[at]
            sealed = self._sealer.seal(kind(cells), number) if number else None
            if sealed is None:
                parts += [None, None, None]
                continue
            cells[at] = sealed.masked
            parts += ["\\x" + sealed.ciphertext.hex(), "\\x" + sealed.digest.hex(), sealed.verdict]
        return parts


def _picker(feed: Feed, columns: Sequence[str]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Return what puts a row into the feed's column order; an optional column that is absent stays blank."""
    at = [columns.index(name) if name in columns else None for name in feed.columns]
    if None not in at and len(at) > 1:
        return itemgetter(*at)
    return lambda row: [None if i is None else row[i] for i in at]


def _kinds(feed: Feed, record_type: RecordType) -> dict[str, Callable[[Sequence[str | None]], str]]:
    """Say for each landed identity column how to learn the kind of document its number belongs to."""
    landing = feed.landing_columns
    kinds: dict[str, Callable[[Sequence[str | None]], str]] = {}
    for name in identity_columns(feed, record_type):
        field = record_type.fields.get(name.upper())
        beside = field.document_kind.lower() if field and field.document_kind else ""
        kinds[name] = _cell(landing.index(beside)) if beside in landing else _always(feed.identity.get(name, "身份证"))
    return kinds


def _cell(at: int) -> Callable[[Sequence[str | None]], str]:
    return lambda cells: (cells[at] or "").strip()


def _always(kind: str) -> Callable[[Sequence[str | None]], str]:
    return lambda cells: kind
