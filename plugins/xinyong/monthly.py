"""
The monthly table: one sheet per section and one for the department, as a workbook to hand on.

A month counts as it was measured night by night; nothing is judged again. Every cell is a value, none a formula.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from xinyong.assessment import DIMENSIONS, titles
from xinyong.catalogue import Catalogue
from xinyong.catalogue.scores import ScoreSet
from xinyong.clerk_book import TITLE, Look, head, line, note, to_print
from xinyong.scores import Assessment, Rate, Score, assess

Titles = dict[str, dict[str, str]]

_UNFIT = re.compile(r"[\[\]:*?/\\']")  # what Excel does not take in a sheet's name
_SCORES = [
    Look("来源", 30),
    Look("类别", 14),
    Look("维度", 10, is_centred=True),
    Look("得分（%）", 11, is_centred=True),
    Look("等级", 8, is_centred=True),
    Look("目标（%）", 11, is_centred=True),
    Look("适用检查", 12, is_centred=True),
    Look("未通过", 10, is_centred=True),
    Look("通过规则", 10, is_centred=True),
    Look("未通过规则", 11, is_centred=True),
    Look("不适用规则", 11, is_centred=True),
    Look("未执行规则", 11, is_centred=True),
]
_RATES = ["指标", "类别", "", "比率（%）", "得分", "满分", "分母", "分子"]


def month_of(first: date) -> tuple[date, date]:
    """Return the first and the last day of a month."""
    begin = first.replace(day=1)
    return begin, begin + timedelta(days=calendar.monthrange(begin.year, begin.month)[1] - 1)


def write(connection: sa.Connection, catalogue: Catalogue, chosen: ScoreSet, month: date, path: Path) -> Assessment:
    """Score a month and write its workbook."""
    found = assess(connection, chosen, *month_of(month))
    book = Workbook()
    del book[book.sheetnames[0]]
    names = titles(catalogue)
    for section in (*found.sections, None):
        title = names["section"].get(section, section) if section else "全局"
        sheet = book.create_sheet(_UNFIT.sub(" ", title)[:31])
        _fill(sheet, found.of(section), chosen, names, f"{catalogue.department.name} {title}")
    book.save(path)
    return found


def _fill(sheet: Worksheet, found: Assessment, chosen: ScoreSet, names: Titles, owner: str) -> None:
    columns = len(_SCORES)
    note(sheet, 1, columns, f"{owner} {found.first:%Y年%m月}数据质量", 30, TITLE)
    explained = "得分＝通过检查÷适用检查；没有适用记录或未能执行的规则不计分，空白即未评。各来源按当月最后一次检查计。"
    note(sheet, 2, columns, f"{chosen.title.zh}。{explained}", 32)
    head(sheet, 3, _SCORES)
    at = 4
    for score in found.scores:
        _line(sheet, at, _score(score, chosen, names), "" if score.feed else "band")
        at += 1
    note(sheet, at + 1, columns, "上级考核指标（按当月每夜的回执累计）", 24)
    line(sheet, at + 2, _SCORES, _padded(_RATES), "band")
    for offset, rate in enumerate(found.rates, at + 3):
        _line(sheet, offset, _padded(_rate(rate, names)), "" if rate.record_type else "band")
    to_print(sheet, 3, columns, f"{owner} {found.first:%Y-%m}")
    sheet.auto_filter.ref = None  # two tables under one filter would hide each other's rows


def _padded(values: Sequence[object]) -> list[object]:
    return [*values, *[""] * (len(_SCORES) - len(values))]


def _score(one: Score, chosen: ScoreSet, names: Titles) -> list[object]:
    owner = names["feed"].get(one.feed, one.feed) if one.feed else "合计"
    kind = names["record_type"].get(one.record_type, one.record_type) if one.record_type else ""
    target = chosen.targets.get(one.dimension)  # type: ignore[call-overload]  # a dimension as the database tells it
    shares = [DIMENSIONS[one.dimension], _number(one.percent), one.grade or "", _number(target)]
    rules = [one.rules_passed, one.rules_failed, one.rules_not_applicable, one.rules_error]
    return [owner, kind, *shares, one.applied_count, one.failed_count, *rules]


def _rate(one: Rate, names: Titles) -> list[object]:
    kind = names["record_type"].get(one.record_type, one.record_type) if one.record_type else "合计"
    shares = [_number(one.percent), _number(one.points), _number(one.full_points)]
    return [one.title, kind, "", *shares, one.all_count, one.good_count]


def _line(sheet: Worksheet, at: int, values: Sequence[object], fill: str = "") -> None:
    """Write a row whose shares are numbers to sort, sum and draw, shown with two digits."""
    texts = [f"{value:.2f}" if isinstance(value, float) else value for value in values]
    line(sheet, at, _SCORES, texts, fill)
    for column, value in enumerate(values, 1):
        if isinstance(value, float):
            cell = sheet.cell(at, column)
            cell.value, cell.number_format, cell.quotePrefix = value, "0.00", False


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)
