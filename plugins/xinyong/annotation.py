"""
The annotated copy of a file that was judged before it entered: failing cells coloured, the sentences in their comments.

The copy is written anew from what was read, with the feed's own sheet name and heading row, so that it carries no
macro, no formula and nothing hidden, whatever the file held; put right, it may be delivered as it is. Columns that take
words of a code table offer them, as the template does.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink

from xinyong import clerk_book as book
from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import ExcelSource, Feed
from xinyong.catalogue.records import Field
from xinyong.clerk_book import Look
from xinyong.errors import XinyongError
from xinyong.extract import Delivery
from xinyong.extract.delivery import text
from xinyong.precheck import Finding, Verdict
from xinyong.template_book import offer

MOST_ROWS = 20_000  # cells are held in memory while a workbook is written, and no clerk reads more
_ORDER = {"critical": 0, "warning": 1, "info": 2}
_WORDS = {"critical": "须整改", "warning": "提醒", "info": "提示"}
_SUMMARY = (
    Look("行", 8, is_centred=True),
    Look("单元格", 9, is_centred=True),
    Look("文书号", 26),
    Look("程度", 9, is_centred=True),
    Look("问题", 64),
    Look("规则", 24),
)


class TooLong(XinyongError):
    """Raised when a file has too many rows for a copy; its findings are known all the same."""


def annotate(catalogue: Catalogue, feed: Feed, delivery: Delivery, verdict: Verdict, target: Path) -> None:
    """Write the annotated copy of a delivery that is read once more."""
    if verdict.rows > MOST_ROWS:
        raise TooLong(
            f"{target.name} is not written: the file has {verdict.rows} rows. Expected: at most {MOST_ROWS} for an "
            "annotated copy. Deliver it in parts, or work from the list of findings.",
            f"文件超过 {MOST_ROWS} 行，不生成标注副本。请按上面列出的问题更正，或分批检查。",
        )
    made = Workbook()
    sheet: Any = made.active
    sheet.title, header_row = _layout(feed)
    if header_row > 1:
        told = f"预检结果：{verdict.set_aside} 行须整改（粉色），提醒为黄色；问题见单元格批注和“检查结果”工作表。"
        book.note(sheet, 1, min(len(delivery.columns), 12), told, 24)
    book.head(sheet, header_row, [Look(name, _width(name)) for name in delivery.columns])
    for number, row in enumerate(delivery.rows):
        at = delivery.places[number]  # as in the clerk's file, blank rows kept: both can be read side by side
        cells = [_kept(value) for value in row]
        for column, value in enumerate(cells, 1):
            book.put(sheet, at, column, value).border = book.BORDER
        book.fit(sheet, at, [_width(name) for name in delivery.columns], cells)
    places = _mark(sheet, feed, delivery, verdict)
    book.to_print(sheet, header_row, len(delivery.columns), target.name, fixed=1)
    _summary(made, sheet.title, verdict, places)
    offer(made, sheet, catalogue, _coded(catalogue, feed, delivery), (header_row + 1, sheet.max_row))
    made.save(target)


def _layout(feed: Feed) -> tuple[str, int]:
    """Return sheet name and heading row of the copy; a CSV file becomes a plain sheet."""
    match feed.source:
        case ExcelSource() as source:
            return source.sheet, source.header_row
    return "数据", 1


def _kept(value: Any) -> Any:
    """Return a date or a number as it is, to be sorted and added up as before, and all else as text."""
    return value if isinstance(value, date | int | float) and not isinstance(value, bool) else text(value)


def _width(heading: str) -> float:
    return min(max(13.0, 1.2 * len(heading)), 22.0)


def _mark(sheet: Any, feed: Feed, delivery: Delivery, verdict: Verdict) -> list[str]:
    """Mark each failing cell once, with all its sentences; return the cell of each finding."""
    by_cell: dict[tuple[int, int], list[Finding]] = {}
    places = []
    for finding in verdict.findings:
        columns = _columns(feed, delivery, finding.field) or [1]
        places.append(f"{get_column_letter(columns[0])}{finding.row}")
        for column in columns:
            by_cell.setdefault((finding.row, column), []).append(finding)
    for (at, column), found in by_cell.items():
        gravest = min((one.severity for one in found), key=_ORDER.__getitem__)
        if gravest != "info":
            sentences = [f"【{_WORDS[one.severity]}】{one.says}（{one.rule_code}）" for one in found]
            book.mark(sheet.cell(at, column), gravest, sentences)
    return places


def _columns(feed: Feed, delivery: Delivery, field: str | None) -> list[int]:
    """Return the columns of the file that a field is made of."""
    if field is None:
        return []
    rule = feed.fields.get(field)
    names = {rule.source} if rule and rule.source else rule.reads() if rule else {field.lower()}
    return [at for at, heading in enumerate(delivery.columns, 1) if feed.columns.get(heading) in names]


def _coded(catalogue: Catalogue, feed: Feed, delivery: Delivery) -> dict[int, Field]:
    """Return the field of each column that takes words of a code table, not the codes of a business system."""
    found: dict[int, Field] = {}
    for code, field in catalogue.records[feed.record_type].fields.items():
        rule = feed.fields.get(code)
        if field.codes and (rule is None or (rule.source and not (rule.codes or rule.pattern))):
            found |= dict.fromkeys(_columns(feed, delivery, code), field)
    return found


def _summary(made: Workbook, data_sheet: str, verdict: Verdict, places: list[str]) -> None:
    sheet: Any = made.create_sheet("检查结果")
    book.note(sheet, 1, len(_SUMMARY), "预检结果", 28, book.TITLE)
    counted = Counter(finding.severity for finding in verdict.findings)
    told = [f"共 {verdict.rows} 行，{verdict.set_aside} 行须整改"]
    told += [f"{_WORDS[severity]} {counted[severity]} 处" for severity in _ORDER if counted[severity]]
    if verdict.unknown_columns:
        told.append(f"未识别的列：{'、'.join(verdict.unknown_columns)}")
    told.extend(verdict.notes)
    book.note(sheet, 2, len(_SUMMARY), "；".join(told) + "。点击“单元格”可跳转。", 32 + 16 * len(verdict.notes))
    book.head(sheet, 3, _SUMMARY)
    for at, (finding, place) in enumerate(zip(verdict.findings, places, strict=True), 4):
        values = (finding.row, place, finding.document, _WORDS[finding.severity], finding.says, finding.rule_code)
        book.line(sheet, at, _SUMMARY, values)
        sheet.cell(at, 2).hyperlink = Hyperlink(ref=f"B{at}", location=f"{quote_sheetname(data_sheet)}!{place}")
        if finding.severity in book.FILLS:
            sheet.cell(at, 4).fill = book.FILLS[finding.severity]
    book.to_print(sheet, 3, len(_SUMMARY), "预检结果")
