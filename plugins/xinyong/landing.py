"""
Land what a business system delivered: as received, in one transaction, identity numbers sealed at the door.

Rows stream from the reader through the seal into COPY; nothing is held. The checksum is taken over the content
in the feed's own column order, so that the same content again, from whatever file, is the same batch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from xinyong.catalogue.feeds import Feed
from xinyong.catalogue.records import RecordType
from xinyong.database import copy, run
from xinyong.errors import UnexpectedShape
from xinyong.extract import Delivery
from xinyong.extract.delivery import text
from xinyong.partitions import attach_batch_table, open_batch_table
from xinyong.sealing import APART, Sealer, may_hold_number
from xinyong.staging import text_of
from xinyong.tables import IDENTITY_PARTS, identity_columns


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
    lines = _Lines(opened.batch_id, feed, record_type, delivery, sealer, business_date)
    copy(connection, open_batch_table(connection, feed.name, opened.batch_id), lines.columns, lines)
    previous = run(connection, "landing/previous_batch", feed=feed.name, known_at=opened.known_at).one_or_none()
    if previous and previous.checksum == lines.checksum() and not _holds(connection, previous, business_date):
        attempt.rollback()
        return int(previous.batch_id)
    run(
        connection,
        "landing/close_batch",
        batch_id=opened.batch_id,
        checksum=lines.checksum(),
        row_count=lines.row_count,
    )
    attach_batch_table(connection, feed.name, opened.batch_id)
    attempt.commit()
    unfold(connection, feed, record_type, business_date, opened.known_at)
    return int(opened.batch_id)


def _holds(connection: sa.Connection, previous: sa.Row[Any], business_date: date) -> bool:
    """Say whether what a batch held back waits for another date to say the same again."""
    values = {"batch_id": previous.batch_id, "business_date": business_date}
    return bool(run(connection, "landing/holds_deletions", **values).scalar_one())


def unfold(
    connection: sa.Connection, feed: Feed, record_type: RecordType, business_date: date, known_at: datetime
) -> int | None:
    """
    Give the dates after a batch a batch of their own, where they have the content of this one or of one before it.

    A delivery equal to the one before it leaves no batch. Once a late batch with other content stands between the
    two, "the same again" has become "back to what it was", which only a batch can say; and once the batch itself
    holds deletions back, "the same again" confirms them. The new batch counts as stored already, so that storing
    compares it anew; it is returned, or nothing when no date needs it.
    """
    folded = run(connection, "landing/folded_intake", feed=feed.name, business_date=business_date, known_at=known_at)
    if (intake := folded.one_or_none()) is None:
        return None
    values = {"batch_id": intake.batch_id, "business_date": intake.business_date}
    copy_id = int(run(connection, "landing/copy_batch", **values).scalar_one())
    both = {"batch_id": intake.batch_id, "copy_id": copy_id}
    names = {"landing": f"landing.{feed.name}", "columns": _columns(feed, record_type)[1:]}
    open_batch_table(connection, feed.name, copy_id)
    attach_batch_table(connection, feed.name, copy_id)
    run(connection, "landing/copy_rows", names, **both)
    for statement in ("copy_violations", "copy_rule_results", "copy_store_result"):
        run(connection, f"landing/{statement}", **both)
    run(connection, "landing/point_intakes", feed=feed.name, business_date=intake.business_date, **both)
    return copy_id


def _columns(feed: Feed, record_type: RecordType) -> list[str]:
    """List the columns of a landed table, in the order in which they are written."""
    sealed = [f"{name}_{part}" for name in _kinds(feed, record_type) for part in IDENTITY_PARTS]
    return ["batch_id", "row_number", *feed.landing_columns, *sealed, "unknown_columns"]


class _Lines:
    """
    The rows of a delivery as lines of COPY's text format, read piece by piece.

    What must be looked for in every row (signs that the format escapes, stray identity numbers) is looked for in a
    whole piece at once, which costs a fraction; only a piece that holds any of it is looked through row by row.
    """

    def __init__(
        self,
        batch_id: int,
        feed: Feed,
        record_type: RecordType,
        delivery: Delivery,
        sealer: Sealer,
        business_date: date,
    ) -> None:
        self._batch_id = batch_id
        self._business_date = business_date
        self._sealer = sealer
        self._digest = sealer.checksum()
        self._origin = delivery.origin
        self.row_count = 0
        self._pick = _picker(feed, delivery.columns)
        unknown = (name for name in delivery.columns if name and name not in feed.columns)
        self._unknown = [(delivery.columns.index(name), name) for name in sorted(unknown)]
        landing = feed.landing_columns
        self._tabs = len(landing) - 1
        self._sealed = [(landing.index(name), kind) for name, kind in _kinds(feed, record_type).items()]
        # A document number may hold a district, a date and a serial number, parted like an identity number.
        self._numbers = {landing.index(name) for name in text_of(feed, record_type.document)[0]}
        self._no_parts = "\t" * (len(self._sealed) * len(IDENTITY_PARTS))
        self.columns = _columns(feed, record_type)
        self._rows: Iterator[Sequence[Any]] = iter(delivery.rows)
        self._row_size = 10**6  # characters; the first piece is one row, from which the size of the next follows
        self._written = lru_cache(maxsize=20_000)(self._write_sealed)

    def checksum(self) -> str:
        """Return the checksum over all rows read so far."""
        return self._digest.hexdigest()

    def read(self, size: int) -> str:
        """Return about `size` characters of COPY text, or nothing when the delivery has ended."""
        rows = list(islice(self._rows, max(size // self._row_size, 1)))
        if not rows:
            return ""
        lines = self._piece(rows) or [self._line(row) for row in rows]
        written = "".join(lines)
        self._row_size = max(len(written) // len(rows), 1)
        return written

    def _piece(self, rows: list[Sequence[Any]]) -> list[str]:
        """Write rows that hold no sign worth a closer look; nothing is written and counted when one does."""
        if self._unknown:
            return []
        picked = [self._pick(row) for row in rows]
        try:
            received = ["\t".join(cells) for cells in picked]
            counted = ("\x1f\n".join(received) + "\x1f\n").encode()
        except (TypeError, UnicodeEncodeError):
            return []
        if not self._is_plain(counted, len(rows)):
            return []
        lines = [self._sealed_line(cells, line) for cells, line in zip(picked, received, strict=True)]
        if may_hold_number(APART.join([line for line, _ in lines]).replace("\t", APART)):
            return []
        self._digest.update(counted)
        first = self.row_count + 1
        self.row_count += len(rows)
        return [f"{self._batch_id}\t{at}\t{line}{parts}\t\n" for at, (line, parts) in enumerate(lines, first)]

    def _is_plain(self, counted: bytes, rows: int) -> bool:
        """Say whether a piece holds no sign that COPY would take for its own."""
        if b"\\" in counted or b"\r" in counted or b"\0" in counted:
            return False
        return counted.count(b"\n") == rows and counted.count(b"\t") == rows * self._tabs

    def _sealed_line(self, cells: Sequence[str], line: str) -> tuple[str, str]:
        """Return a row's line and its sealed parts; a row without an identity number stays as it is."""
        for at, _ in self._sealed:
            if cells[at]:
                sealed, parts = self._seal(list(cells))
                return "\t".join(sealed), parts
        return line, self._no_parts

    def _line(self, row: Sequence[Any]) -> str:
        """Write one row: as received, but for identity numbers."""
        cells = self._pick(row)
        try:
            line = self._joined(cells)
        except TypeError:
            cells = [text(cell) or "" for cell in cells]
            line = self._joined(cells)
        unknown = self._unknown_cells(row) if self._unknown else ""
        self.row_count += 1
        self._count_in(f"{line}\x1f{unknown}\n")
        parts = self._no_parts
        if any(cells[at] for at, _ in self._sealed):
            cells, parts = self._seal(list(cells))
            line = self._joined(cells)
        if may_hold_number(APART.join(cells)):
            line = self._joined([self._sealer.hide(cell, at not in self._numbers) for at, cell in enumerate(cells)])
        return f"{self._batch_id}\t{self.row_count}\t{line}{parts}\t{unknown}\n"

    def _joined(self, cells: Sequence[str]) -> str:
        """Join cells into a line of COPY's text; most need no escaping."""
        line = "\t".join(cells)
        if "\\" in line or "\n" in line or "\r" in line or "\0" in line or line.count("\t") != self._tabs:
            return "\t".join([_escaped(cell) for cell in cells])
        return line

    def _count_in(self, line: str) -> None:
        try:
            self._digest.update(line.encode())
        except UnicodeEncodeError:  # its own words would show the row
            raise UnexpectedShape(
                f"{self._origin}, row {self.row_count}: a value holds half a character (a lone surrogate), which is no "
                "text. Expected: valid Unicode. Nothing of this delivery is kept; correct the row at the source."
            ) from None

    def _unknown_cells(self, row: Sequence[Any]) -> str:
        """Write what stands in columns the feed does not know as JSON, with stray identity numbers hidden."""
        found = ((name, text(row[at])) for at, name in self._unknown)
        cells = {name: self._sealer.hide(written) for name, written in found if written}
        return _escaped(json.dumps(cells, ensure_ascii=False)) if cells else ""

    def _seal(self, cells: list[str]) -> tuple[list[str], str]:
        """Replace the numbers of identity columns by their masked form; return the sealed parts as COPY text."""
        parts = []
        for at, kind in self._sealed:
            cells[at], written = self._written(kind(cells), cells[at])
            parts.append(written)
        return cells, "".join(parts)

    def _write_sealed(self, kind: str, number: str) -> tuple[str, str]:
        """Return what stands in an identity column afterwards, and the sealed parts beside it as COPY text."""
        sealed = self._sealer.seal(kind, number, self._business_date) if number else None
        if sealed is None:
            return number, "\t\t\t"
        return sealed.masked, f"\t\\\\x{sealed.ciphertext.hex()}\t\\\\x{sealed.digest.hex()}\t{sealed.verdict}"


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "␀"})


def _escaped(cell: str) -> str:
    """Escape what COPY's text format gives a meaning of its own; a NUL, which PostgreSQL cannot hold, becomes ␀."""
    return cell.translate(_ESCAPES)


def _picker(feed: Feed, columns: Sequence[str]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Return what puts a row into the feed's column order; an optional column that is absent stays blank."""
    at = [columns.index(name) if name in columns else None for name in feed.columns]
    if None not in at and len(at) > 1:
        return itemgetter(*at)
    return lambda row: ["" if i is None else row[i] for i in at]


def _kinds(feed: Feed, record_type: RecordType) -> dict[str, Callable[[Sequence[str]], str]]:
    """Say for each landed identity column how to learn the kind of document its number belongs to."""
    landing = feed.landing_columns
    kinds: dict[str, Callable[[Sequence[str]], str]] = {}
    for name in identity_columns(feed, record_type):
        field = record_type.fields.get(name.upper())
        beside = field.document_kind.lower() if field and field.document_kind else ""
        kinds[name] = _cell(landing.index(beside)) if beside in landing else _always(feed.identity.get(name, "身份证"))
    return kinds


def _cell(at: int) -> Callable[[Sequence[str]], str]:
    return lambda cells: cells[at].strip()


def _always(kind: str) -> Callable[[Sequence[str]], str]:
    return lambda cells: kind
