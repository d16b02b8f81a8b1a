"""
The rectification list (整改清单): one workbook per section, with what its clerks have to put right.

One line per record and broken rule: where the record stands, the rule's sentence, the value as received (identity
numbers masked), what it was probably meant to be, since when it stands open and by when it must be public. The columns
更正值 and 说明 are the clerk's own. A record is put right in its business system, whose next delivery closes the
entry; or the filled list is returned (`xinyong.returned_list`), and its corrections stand until the business system
delivers another content. Which of them it has not followed yet is said on a sheet of its own.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from openpyxl import Workbook
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.worksheet import Worksheet

from xinyong import clerk_book as book
from xinyong import restatement
from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.catalogue.records import RecordType
from xinyong.clerk_book import Look
from xinyong.database import Fragment, run
from xinyong.proposal import derive
from xinyong.rejections import add_sheet, rejections
from xinyong.restatement import Standing
from xinyong.sealing import readable
from xinyong.settings import settings
from xinyong.tables import IDENTITY_PARTS, identity_columns

LOOKS = (
    Look("序号", 5, is_centred=True),
    Look("数据来源", 13),
    Look("文书号", 17),
    Look("相对人", 17),
    Look("业务系统编号", 10),
    Look("批次行号", 6, is_centred=True),
    Look("程度", 7, is_centred=True),
    Look("问题", 30),
    Look("字段", 14),
    Look("报送值", 20),
    Look("建议值", 20),
    Look("建议依据", 16),
    Look("更正值（科室填写）", 20, is_input=True),
    Look("说明（科室填写）", 12, is_input=True),
    Look("隔离日期", 11, is_centred=True),
    Look("公示期限", 11, is_centred=True),
    Look("已隔离天数", 7, is_centred=True),
)
# By these a returned list is read; they are hidden, and the last one vouches for the others and the value received.
KEYS = (Look("来源代码", 1), Look("条目编号", 1), Look("字段代码", 1), Look("核对码", 1))
SHEET, INFO_SHEET, KIND = "整改清单", "清单信息", "xinyong 整改清单 1"
_STANDING = (
    Look("数据来源", 26),
    Look("文书号", 28),
    Look("字段", 24),
    Look("更正值", 40),
    Look("更正人", 12),
    Look("更正日期", 12, is_centred=True),
    Look("业务系统现状", 34),
)
_STATES = {
    "standing": "尚未更正：仍按更正值入库和公示",
    "lapsed": "已改为其他内容：更正值不再适用",
    "gone": "已不再报送这条记录",
}
_INPUT = 1 + next(at for at, look in enumerate(LOOKS) if look.is_input)
HEADING_ROW = 3
_WORDS = {"critical": "须整改", "warning": "提醒"}
_HELP = (
    "在来源业务系统中更正，下次报送后自动销项；或在绿色列填写更正值（要清空就填“清空”）后交回本文件。粉色为须整改（未更正前"
    "不入库、不公示），黄色为提醒；“建议值”由系统推算，采用前请核对原始文书。其余列已锁定（无密码）。证件号码只显示掩码。"
)


@dataclass(frozen=True, slots=True)
class Written:
    """One workbook: whose it is, where it lies, how many records and lines it holds, how many corrections stand."""

    section: str
    path: Path
    records: int
    lines: int
    standing: int = 0


def rectify(
    connection: sa.Connection, catalogue: Catalogue, business_date: date, folder: Path, section: str | None = None
) -> list[Written]:
    """Write the list of every section that has something to put right, or of one."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in [section] if section else catalogue.department.sections:
        lines = list(_lines(connection, catalogue, name, business_date))
        path = folder / f"整改清单_{catalogue.department.sections[name].title.zh}_{business_date:%Y%m%d}.xlsx"
        path.unlink(missing_ok=True)
        standing = _unfollowed(connection, catalogue, name)
        refused = rejections(connection, catalogue, business_date, section=name)
        if lines or standing or refused:
            made = _workbook(catalogue, name, business_date, lines, standing)
            add_sheet(made, catalogue, refused)
            made.save(path)
            records = len({line["number"] for line in lines})
            written.append(Written(name, path, records, len(lines), len(standing)))
    return written


def _unfollowed(connection: sa.Connection, catalogue: Catalogue, section: str) -> list[Standing]:
    """Return the corrections by hand that the section's business systems have not followed."""
    feeds = [feed.name for feed in catalogue.feeds.values() if feed.section == section]
    found = [one for feed in feeds for one in restatement.standing(connection, feed)]
    return [one for one in found if one.state in _STATES]


def _lines(connection: sa.Connection, catalogue: Catalogue, section: str, day: date) -> Iterator[dict[str, Any]]:
    for feed in catalogue.feeds.values():
        if feed.section != section:
            continue
        record_type = catalogue.records[feed.record_type]
        sealed = [f"{name}_{part}" for name in identity_columns(feed, record_type) for part in IDENTITY_PARTS]
        deadline = record_type.deadline
        values = {"working_days": deadline.working_days if deadline else None, "hidden": sealed}
        names = {"landing": f"landing.{feed.name}", "decision_date": _decision_date(feed, record_type)}
        found = run(connection, "quarantine/rectification_rows", names, feed=feed.name, business_date=day, **values)
        for row in found.mappings():
            yield {**row, "feed": feed, "type": record_type}


def _decision_date(feed: Feed, record_type: RecordType) -> Fragment:
    """Read the decision date out of the landed row, where the feed has a column of its own for it."""
    column = record_type.deadline.counted_from.lower() if record_type.deadline else ""
    if column not in feed.landing_columns:
        return Fragment.of(sa.cast(sa.null(), sa.Date()))
    landed: sa.ColumnElement[str] = sa.literal_column(f"landed.{column}", sa.Text())
    return Fragment.of(sa.func.quality.to_date(sa.func.quality.folded(landed)))


def mark(section: str, day: date, feed: str, number: str, code: str | None, value: str | None) -> str:
    """Vouch for the keys of a line: nobody without the department's key can make a line that a return believes."""
    told = "\x1f".join((KIND, section, day.isoformat(), feed, number, code or "", value or ""))
    return hmac.digest(settings().signing_key, told.encode(), "sha256").hex()[:16]


def _workbook(
    catalogue: Catalogue, section: str, day: date, lines: list[dict[str, Any]], standing: list[Standing]
) -> Workbook:
    made = Workbook()
    made.properties.creator = made.properties.lastModifiedBy = catalogue.department.name
    sheet: Any = made.active
    sheet.title = SHEET
    declared = catalogue.department.sections[section]
    records = len({line["number"] for line in lines})
    title = f"{declared.title.zh}　数据质量整改清单　（{day:%Y年%m月%d日}，{records} 条记录，{len(lines)} 个问题）"
    book.note(sheet, 1, len(LOOKS), title, 28, book.TITLE)
    book.note(sheet, 2, len(LOOKS), _HELP, 32)
    book.head(sheet, HEADING_ROW, LOOKS + KEYS)
    at = HEADING_ROW
    for number, (_, same) in enumerate(groupby(lines, key=itemgetter("number")), 1):
        for line in same:
            at += 1
            _line(sheet, at, number, catalogue, line)
            _keys(sheet, at, (section, day), line)
    _offer(sheet, lines, _code_lists(made, catalogue, lines))
    book.to_print(sheet, HEADING_ROW, len(LOOKS), f"{catalogue.department.name}　{declared.title.zh}", fixed=4)
    sheet.auto_filter.ref = f"A{HEADING_ROW}:{get_column_letter(len(LOOKS + KEYS))}{max(at, HEADING_ROW + 1)}"
    for column in range(len(LOOKS) + 1, len(LOOKS + KEYS) + 1):
        sheet.column_dimensions[get_column_letter(column)].hidden = True
    book.protect(sheet)
    _standing_sheet(made, catalogue, standing)
    _info(made, (("种类", KIND), ("部门", catalogue.department.uscc), ("科室", section), ("日期", day.isoformat())))
    return made


def _standing_sheet(made: Workbook, catalogue: Catalogue, standing: list[Standing]) -> None:
    """List the corrections that the business systems have not followed: they stand, but should not have to for ever."""
    if not standing:
        return
    sheet = made.create_sheet("已更正待来源修改")
    title = f"以下 {len(standing)} 条记录已按科室更正值入库，业务系统中仍是原内容，请在业务系统中改正后自动销项。"
    book.note(sheet, 1, len(_STANDING), title, 28)
    book.head(sheet, 2, _STANDING)
    at = 2
    for one in standing:
        feed = catalogue.feeds[one.feed]
        record_type = catalogue.records[feed.record_type]
        for code, value in one.fields.items():
            at += 1
            named = (feed.title.zh, one.document, _heading(feed, record_type, code))
            told = ("（清空）" if value is None else value, one.person, one.restated_on, _STATES[one.state])
            book.line(sheet, at, _STANDING, (*named, *told), "band" if at % 2 else "")
    book.to_print(sheet, 2, len(_STANDING), catalogue.department.name)
    book.protect(sheet)


def _info(made: Workbook, told: Sequence[tuple[str, str]]) -> None:
    """Say in a hidden sheet what this file is, for the day on which it comes back."""
    sheet = made.create_sheet(INFO_SHEET)
    for row, (name, value) in enumerate(told, 1):
        book.put(sheet, row, 1, name)
        book.put(sheet, row, 2, value)
    sheet.sheet_state = "hidden"


def _keys(sheet: Worksheet, at: int, listed: tuple[str, date], line: dict[str, Any]) -> None:
    code = line["field"] if line["field"] in line["type"].fields else None
    value = _shown(received(line["feed"], line["type"], line["received"]).get(code)) if code else None
    feed, number = str(line["feed"].name), str(line["number"])
    keys = (feed, number, code, mark(*listed, feed, number, code, value))
    for column, one in enumerate(keys, len(LOOKS) + 1):
        book.put(sheet, at, column, one)


def _shown(value: str | None) -> str | None:
    """Return a value as its cell holds it."""
    return book.shown(value) if value else None


def _line(sheet: Worksheet, at: int, number: int, catalogue: Catalogue, line: dict[str, Any]) -> None:
    feed, record_type, code = line["feed"], line["type"], line["field"]
    value, proposed = None, None
    if code in record_type.fields:
        row = received(feed, record_type, line["received"])
        value = row.get(code)
        proposed = derive(catalogue, record_type, code, value, row, line["rule_code"])
    values = (
        *(number, feed.title.zh, line["document"], line["party"], line["source_id"], line["row_number"]),
        *(_WORDS[line["severity"]], _sentence(record_type, line), _heading(feed, record_type, code)),
        *(value, proposed.value if proposed else None, proposed.ground if proposed else None, None, None),
        *(line["opened_on"], line["due_date"], line["age_days"]),
    )
    book.line(sheet, at, LOOKS, values, "band" if number % 2 == 0 else "")
    for column in (7, 10):
        sheet.cell(at, column).fill = book.FILLS[line["severity"]]


def _sentence(record_type: RecordType, line: dict[str, Any]) -> str:
    """Return the rule's sentence; the words of a code table stand in their own sheet."""
    field = record_type.fields.get(line["field"])
    says: str = line["says"]
    if field and field.codes and "：“" in says:
        says = f"{says.partition('：“')[0]}，见“代码表”"
    return f"{says}（{line['rule_code']}）"


def received(feed: Feed, record_type: RecordType, landed: dict[str, Any]) -> dict[str, str]:
    """Return a row by field code, as received (numbers masked): a field's own column, or what it is derived from."""
    row = {}
    for code in record_type.fields:
        rule = feed.fields.get(code)
        name = rule.source if rule and rule.source else code.lower()
        if landed.get(name):
            row[code] = readable(str(landed[name]))
    return row


def _heading(feed: Feed, record_type: RecordType, code: str | None) -> str | None:
    """Name a field as the clerk knows it: by the heading of the feed, else by its title."""
    if code not in record_type.fields:
        return None
    rule = feed.fields.get(code)
    name = rule.source if rule and rule.source else code.lower()
    own = next((heading for heading, column in feed.columns.items() if column == name), None)
    return own if own and not own.isascii() else record_type.fields[code].title


def _code_lists(made: Workbook, catalogue: Catalogue, lines: list[dict[str, Any]]) -> dict[str, tuple[str, bool]]:
    """Write the code tables that the list needs into a sheet of their own; return where each stands."""
    fields = (line["type"].fields.get(line["field"]) for line in lines)
    return code_sheet(made, catalogue, list(dict.fromkeys(field.codes for field in fields if field and field.codes)))


def code_sheet(made: Workbook, catalogue: Catalogue, names: list[str]) -> dict[str, tuple[str, bool]]:
    """Write code tables side by side into the sheet 代码表; return each one's range and whether it is closed."""
    if not names:
        return {}
    sheet = made.create_sheet("代码表")
    tables = [catalogue.codes[name] for name in names]
    book.head(sheet, 1, [Look(table.title.zh, 36) for table in tables])
    found = {}
    for column, table in enumerate(tables, 1):
        for row, word in enumerate(table.words(), 2):
            book.put(sheet, row, column, word)
        letter = get_column_letter(column)
        cells = f"{quote_sheetname('代码表')}!${letter}$2:${letter}${len(table.words()) + 1}"
        found[table.name] = (cells, not (table.other_prefix or table.separator))
    book.to_print(sheet, 1, len(tables), "代码表")
    sheet.auto_filter.ref = None
    book.protect(sheet)
    return found


def _offer(sheet: Worksheet, lines: list[dict[str, Any]], lists: dict[str, tuple[str, bool]]) -> None:
    """Offer the words of a field's code table in the cells for the clerk's values."""
    cells: dict[str, list[str]] = {name: [] for name in lists}
    for at, line in enumerate(lines, HEADING_ROW + 1):
        field = line["type"].fields.get(line["field"])
        if field and field.codes:
            cells[field.codes].append(f"{get_column_letter(_INPUT)}{at}")
    for name, (formula, is_strict) in lists.items():
        book.choices(sheet, cells[name], formula, LOOKS[_INPUT - 1].title, is_strict)
