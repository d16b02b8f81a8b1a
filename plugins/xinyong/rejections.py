"""
What platforms did not take: back to the section that owns the record, in its own words.

A rejection stands until the record is told again; then it names the message that carries the corrected content. The
standing ones are a sheet of the section's rectification list (整改清单).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from openpyxl import Workbook

from xinyong import clerk_book as book
from xinyong.catalogue import Catalogue
from xinyong.clerk_book import Look
from xinyong.database import run

SHEET = "平台退回"
LOOKS = (
    Look("序号", 5, is_centred=True),
    Look("平台", 16),
    Look("主键（相对人｜文书号｜决定日期）", 36),
    Look("操作", 8, is_centred=True),
    Look("字段", 20),
    Look("退回原因", 44),
    Look("代码", 10),
    Look("业务系统编号", 12),
    Look("退回日期", 12, is_centred=True),
)
OPERATIONS = {"add": "新增", "update": "变更", "withdraw": "撤销", "restore": "恢复"}
_HELP = "以下记录已通过校验并报送，但被平台退回。请在来源业务系统中更正，下次报送后自动重新报送并销项。"


@dataclass(frozen=True, slots=True)
class Rejection:
    """
    One rejected item; `says` is the platform's reason for a person, `field` the title of our own field.

    `resubmitted_number` is the latest later message about the record, with the state of its item, where there is one.
    """

    platform: str
    number: int
    position: int
    record_type: str
    record_id: str
    natural_key: str
    operation: str
    code: str | None
    field: str | None
    says: str
    section: str | None
    feed: str | None
    source_id: str | None
    answered_on: date | None
    resubmitted_number: int | None
    resubmitted_state: str | None


def rejections(
    connection: sa.Connection,
    catalogue: Catalogue,
    business_date: date,
    section: str | None = None,
    platform: str | None = None,
    everything: bool = False,
) -> list[Rejection]:
    """Return the rejections that stand on a date, of a section or platform; `everything` adds those told again."""
    found = []
    for name in catalogue.records:
        names = {"history": f"warehouse.{name}"}
        values = {"record_type": name, "business_date": business_date, "all": everything}
        rows = run(connection, "publication/rejections", names, **values)
        found += [_rejection(catalogue, name, row) for row in rows]
    return [one for one in found if section in (None, one.section) and platform in (None, one.platform)]


def _rejection(catalogue: Catalogue, record_type: str, row: sa.Row[tuple[object, ...]]) -> Rejection:
    feed = catalogue.feeds.get(row.feed)
    field = _field(catalogue, row.platform, record_type, row.error_field)
    return Rejection(
        platform=row.platform,
        number=row.number,
        position=row.position,
        record_type=record_type,
        record_id=row.record_id,
        natural_key=row.natural_key,
        operation=row.operation,
        code=row.error_code,
        field=field,
        says=row.error_text or f"平台退回，代码 {row.error_code or '未说明'}",
        section=feed.section if feed else None,
        feed=row.feed,
        source_id=row.source_id,
        answered_on=row.answered_on,
        resubmitted_number=row.resubmitted_number,
        resubmitted_state=row.resubmitted_state,
    )


def _field(catalogue: Catalogue, platform: str, record_type: str, column: str | None) -> str | None:
    """Name a platform's column as our sections know the field; a column of no field keeps its own name."""
    declared = catalogue.platforms.get(platform)
    taken = declared.records.get(record_type) if declared else None
    projection = taken.columns.get(column or "") if taken else None
    fields = catalogue.records[record_type].fields
    return fields[projection.field].title if projection and projection.field in fields else column


def add_sheet(made: Workbook, catalogue: Catalogue, found: Sequence[Rejection]) -> None:
    """Add the sheet of rejections to a section's list; without any, there is none."""
    if not found:
        return
    sheet = made.create_sheet(SHEET)
    book.note(sheet, 1, len(LOOKS), _HELP, 32)
    book.head(sheet, 2, LOOKS)
    for at, values in enumerate(_lines(catalogue, found), 1):
        book.line(sheet, at + 2, LOOKS, (at, *values), "band" if at % 2 == 0 else "")
    book.to_print(sheet, 2, len(LOOKS), catalogue.department.name)
    book.protect(sheet)


def _lines(catalogue: Catalogue, found: Sequence[Rejection]) -> Iterator[tuple[object, ...]]:
    for one in found:
        title = catalogue.platforms[one.platform].title.zh if one.platform in catalogue.platforms else one.platform
        named = (title, one.natural_key.replace("|", "｜"), OPERATIONS[one.operation], one.field)
        yield (*named, one.says, one.code, one.source_id, one.answered_on)
