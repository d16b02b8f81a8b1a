"""
Safety supervision: a drop folder with an Excel file of penalties (template v2.1) and a GB18030 CSV of licences (v1).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from sandbox.dice import Dice
from sandbox.enterprises import NATURAL
from sandbox.feed_records import FeedRecords
from sandbox.people import RESIDENT_CARD
from sandbox.records import Fields, Record
from sandbox.spelling import AMOUNT_FIELDS, DATE_FIELDS, date_spelled, spelled
from sandbox.story import EMPTY, SHRUNK
from sandbox.workbooks import date_cell, save_without_times

SHEET, NOTES_SHEET = "行政处罚", "填报说明"
NOTICE = "行政处罚信息采集表（2.1版）：带*的栏目必须填写，日期按YYYY/MM/DD填写，金额单位为万元，请勿改动表头。"
PENALTY_HEADINGS = {
    "行政相对人名称": "CF_XDR_MC",
    "行政相对人类别": "CF_XDR_LB",
    "行政相对人代码_1(统一社会信用代码)": "CF_XDR_SHXYM",
    "行政相对人代码_2(工商注册号)": "CF_XDR_GSZC",
    "行政相对人代码_3(组织机构代码)": "CF_XDR_ZZJG",
    "行政相对人代码_4(税务登记号)": "CF_XDR_SWDJ",
    "行政相对人代码_5(事业单位证书号)": "CF_XDR_SYDW",
    "行政相对人代码_6(社会组织登记证号)": "CF_XDR_SHZZ",
    "法定代表人": "CF_FRDB",
    "法定代表人证件类型": "CF_FR_ZJLX",
    "法定代表人证件号码": "CF_FR_ZJHM",
    "证件类型": "CF_XDR_ZJLX",
    "证件号码": "CF_XDR_ZJHM",
    "行政处罚决定书文号": "CF_WSH",
    "违法行为类型": "CF_WFXW",
    "违法事实": "CF_SY",
    "处罚依据": "CF_YJ",
    "处罚类别": "CF_CFLB",
    "处罚内容": "CF_NR",
    "罚款金额（万元）": "CF_NR_FK",
    "没收违法所得、没收非法财物的金额（万元）": "CF_NR_WFFF",
    "暂扣或吊销证照名称及编号": "CF_NR_ZKDX",
    "处罚决定日期": "CF_JDRQ",
    "处罚有效期": "CF_YXQ",
    "公示截止期": "CF_GSJZQ",
    "处罚机关": "CF_CFJG",
    "处罚机关统一社会信用代码": "CF_CFJGDM",
    "数据来源单位": "CF_SJLY",
    "数据来源单位统一社会信用代码": "CF_SJLYDM",
    "备注": "BZ",
}
LEGACY_HEADINGS = (
    "行政许可决定书文号",
    "项目名称",
    "行政许可编码",
    "审批类别",
    "许可内容",
    "行政相对人名称",
    "代码_1(统一社会信用代码)",
    "代码_2(组织机构代码)",
    "代码_3(工商登记码)",
    "代码_4(税务登记号)",
    "代码_5(居民身份证号)",
    "法定代表人姓名",
    "许可决定日期",
    "许可截止期",
    "许可机关",
    "当前状态",
    "地方编码",
    "数据更新时间戳",
    "备注",
    "信息使用范围",
)
REPEATED = (12, 37)  # a clerk pasted these rows a second time, at the end of the file


def delivered(records: FeedRecords) -> Iterator[Record]:
    """List the rows of a file: all and the repeated ones; the first tenth when it shrank; none when it is empty."""
    condition = records.state.condition
    if condition == EMPTY:
        return
    if condition == SHRUNK:
        yield from records.slice(0, len(records) // 10)
        return
    yield from records
    yield from (records.record(index) for index in repeated_indices(records))


def repeated_indices(records: FeedRecords) -> tuple[int, ...]:
    """Return the records whose rows stand twice in the file."""
    is_whole = records.state.condition not in (EMPTY, SHRUNK)
    return tuple(index for index in REPEATED if is_whole and index < records.state.first_size)


def source_key(index: int) -> str:
    """Return the number of a record's row under the headings: files have no ids of their own."""
    return str(index + 1)


def write_penalties(path: Path, records: FeedRecords) -> None:
    """Write the workbook: a notice, the headings, the rows, and a sheet of notes that is no data."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.append([NOTICE])
    sheet.append(list(PENALTY_HEADINGS))
    for record in delivered(records):
        sheet.append(_penalty_cells(sheet, record, Dice(records.seed, "spelling", records.feed, record.index)))
    book.create_sheet(NOTES_SHEET).append(["填表单位：安全生产科"])
    save_without_times(book, path)


def write_licences(path: Path, records: FeedRecords) -> None:
    """Write the legacy file; nothing at all, not even headings, when it is empty."""
    if records.state.condition == EMPTY:
        path.write_bytes(b"")
        return
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(LEGACY_HEADINGS)
        for record in delivered(records):
            fields = spelled(record.fields, Dice(records.seed, "spelling", records.feed, record.index))
            writer.writerow(_legacy_values(record, fields))


def _penalty_cells(sheet: Any, record: Record, dice: Dice) -> list[object]:
    """Type a row: amounts mostly as numbers, one record in twenty with true dates of the spreadsheet."""
    fields = spelled(record.fields, dice)
    has_true_dates, has_text_amounts = dice.chance(5), dice.chance(10)
    cells: list[object] = []
    for code in PENALTY_HEADINGS.values():
        plain = record.fields[code]
        if code in AMOUNT_FIELDS and plain is not None:
            cells.append(plain if has_text_amounts else float(plain))
        elif code in DATE_FIELDS and has_true_dates and date_spelled(plain, 0) != plain:
            cells.append(date_cell(sheet, plain or ""))
        else:
            cells.append(fields[code])
    return cells


def _legacy_values(record: Record, fields: Fields) -> list[str | None]:
    """Write a licence in the columns of template v1."""
    return [
        fields["XK_WSH"],
        fields["XK_XKWS"],
        f"350400-XK-{record.index % 8 + 1:03d}",
        fields["XK_XKLB"],
        fields["XK_NR"],
        fields["XK_XDR_MC"],
        fields["XK_XDR_SHXYM"],
        fields["XK_XDR_ZZJG"],
        fields["XK_XDR_GSZC"],
        fields["XK_XDR_SWDJ"],
        _resident_number(record, fields),
        fields["XK_FRDB"],
        fields["XK_JDRQ"],
        fields["XK_YXQZI"],
        fields["XK_XKJG"],
        "0",
        "350400",
        record.decided.isoformat(),
        fields["BZ"],
        "0" if record.index % 2 else "",
    ]


def _resident_number(record: Record, fields: Fields) -> str | None:
    """Give the one number the template has room for: the party's, else the representative's; resident cards only."""
    if record.subject.category == NATURAL:
        return fields["XK_XDR_ZJHM"]
    return fields["XK_FR_ZJHM"] if record.fields["XK_FR_ZJLX"] == RESIDENT_CARD else None
