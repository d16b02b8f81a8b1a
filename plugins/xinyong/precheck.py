"""
Judge a clerk's file before it enters, by the same cleaning and the same suite, and leave nothing behind.

The file is landed, staged and judged inside one transaction that is always rolled back. What a night asks the warehouse
once all feeds are stored is asked too, of the warehouse as it stands; what can only be asked of stored records is told.
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
from xinyong.catalogue.records import RecordType
from xinyong.database import Fragment, engine, run
from xinyong.errors import UnexpectedShape
from xinyong.extract import Delivery, csv, excel
from xinyong.landing import batch, land
from xinyong.quality import judge, suite
from xinyong.quality.stored import judge_by_warehouse
from xinyong.sealing import sealer
from xinyong.stages import known_at
from xinyong.staging import stage

ASKS_STORED = {"expect_updates_to_be_newer"}  # compares versions in the history, of which a file has none yet
_NAMED = 10  # rows named in a note; a file that repeats more of them was copied twice


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule in one row of the file; `row` is its number there, as the clerk's program shows it."""

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
        untold = _ask_warehouse(connection, record_type, table, batch_id)
        document = Fragment.of(sa.literal_column(f"staged.{record_type.document.lower()}"))
        rows = run(connection, "quality/findings", {"staged": table, "document": document}, batch_id=batch_id)
        findings = tuple(Finding(delivery.places[at - 1], *values) for at, *values in map(tuple, rows))
        repeated = [delivery.places[at - 1] for at in run(connection, "quality/repeated", {"staged": table}).scalars()]
        notes = (*delivery.notes, *_told_repeated(repeated), *untold)
        return Verdict(landed.row_count, landed.unknown_columns, findings, notes)


def _ask_warehouse(connection: sa.Connection, record_type: RecordType, table: str, batch_id: int) -> list[str]:
    """Judge by the rules that ask the warehouse; tell which of them speak about nothing before it is stored."""
    asked = [rule for rule in suite(record_type) if rule.asks_warehouse and rule.type not in ASKS_STORED]
    judge_by_warehouse(connection, asked, table, batch_id)
    left = [rule for rule in suite(record_type) if rule.type in ASKS_STORED]
    return (
        [f"入库后才能判断、预检未检查的规则：{'、'.join(f'{one.code}（{one.says}）' for one in left)}"] if left else []
    )


def _told_repeated(rows: list[int]) -> list[str]:
    if not rows:
        return []
    named = "、".join(map(str, rows[:_NAMED])) + ("等" if len(rows) > _NAMED else "")
    return [f"{len(rows)} 行与前面的行内容相同，只入库一次：第 {named} 行"]


def open_file(feed: Feed, path: Path) -> Delivery:
    """Open a clerk's file as the feed would be read."""
    if isinstance(feed.source, ExcelSource | CsvSource) and not path.is_file():
        raise UnexpectedShape(
            f"{path}: there is no such file. Expected: the file to check. Correct its path.",
            "没有这个文件。请检查路径。",
        )
    match feed.source:
        case ExcelSource() as source:
            return excel.read_file(feed, source, path)
        case CsvSource() as source:
            return csv.read_file(feed, source, path)
    raise UnexpectedShape(
        f"{feed.name} is read from a {feed.source.kind}, not from files. Expected: a feed of files. "
        "`xinyong catalogue check` lists the feeds.",
        f"{feed.name} 不以文件报送，不能预检。",
    )


@contextmanager
def _forgotten() -> Iterator[sa.Connection]:
    """Open a connection whose transaction is rolled back whatever happens."""
    with engine().connect() as connection:
        yield connection
        connection.rollback()
