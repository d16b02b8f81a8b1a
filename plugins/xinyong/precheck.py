"""
Judge a clerk's file before it enters, by the same cleaning and the same suite, and leave nothing behind.

The file is landed, staged and judged inside one transaction that is always rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import CsvSource, ExcelSource, Feed
from xinyong.database import Fragment, engine, run
from xinyong.errors import UnexpectedShape
from xinyong.extract import Delivery, csv, excel
from xinyong.landing import batch, land
from xinyong.quality import judge
from xinyong.sealing import sealer
from xinyong.stages import known_at
from xinyong.staging import stage


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule in one row of the file; `row` counts the rows under the headings from 1."""

    row: int
    rule_code: str
    severity: str
    says: str
    field: str | None
    document: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a file would meet with: its rows, and every rule that one of them breaks."""

    rows: int
    unknown_columns: list[str]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def set_aside(self) -> int:
        """How many rows would be quarantined."""
        return len({finding.row for finding in self.findings if finding.severity == "critical"})


def check_file(catalogue: Catalogue, feed: Feed, path: Path, business_date: date) -> Verdict:
    """Judge one file as if it were delivered for `business_date`."""
    record_type = catalogue.records[feed.record_type]
    delivery = open_file(feed, path)
    with _forgotten() as connection:
        batch_id = land(connection, feed, record_type, delivery, business_date, known_at(business_date), sealer())
        landed = batch(connection, batch_id)
        table = f"quality.precheck_{feed.name}"
        stage(connection, feed, record_type, batch_id, landed.known_at, table)
        judge(connection, feed, record_type, batch_id, business_date, table)
        document = Fragment.of(sa.literal_column(f"staged.{record_type.document.lower()}"))
        rows = run(connection, "quality/findings", {"staged": table, "document": document}, batch_id=batch_id)
        findings = tuple(Finding(*values) for values in map(tuple, rows))
        return Verdict(landed.row_count, landed.unknown_columns, findings, delivery.notes)


def open_file(feed: Feed, path: Path) -> Delivery:
    """Open a clerk's file as the feed would be read."""
    if isinstance(feed.source, ExcelSource | CsvSource) and not path.is_file():
        raise UnexpectedShape(f"{path}: there is no such file. Expected: the file to check. Correct its path.")
    match feed.source:
        case ExcelSource() as source:
            return excel.read_file(feed, source, path)
        case CsvSource() as source:
            return csv.read_file(feed, source, path)
    raise UnexpectedShape(
        f"{feed.name} is read from a {feed.source.kind}, not from files. Expected: a feed of files. "
        "`xinyong catalogue check` lists the feeds."
    )


@contextmanager
def _forgotten() -> Iterator[sa.Connection]:
    """Open a connection whose transaction is rolled back whatever happens."""
    with engine().connect() as connection:
        yield connection
        connection.rollback()
