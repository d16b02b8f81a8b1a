"""
The answer to a returned rectification list: one line per filled line, with what became of it and why.

It is written beside the file, so that whoever sent the list can be sent the answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl import Workbook

from xinyong import clerk_book as book
from xinyong.catalogue import Catalogue
from xinyong.clerk_book import Look
from xinyong.platforms.folders import written
from xinyong.rectified import ZH, Line, Taken

_LOOKS = (
    Look("清单行", 8, is_centred=True),
    Look("文书号", 26),
    Look("字段", 22),
    Look("报送值", 26),
    Look("更正值", 26),
    Look("结果", 12, is_centred=True),
    Look("说明", 60),
)
_FILLS = {"taken": "input", "reminded": "warning", "waiting": "warning", "failed": "critical", "refused": "critical"}
_NEXT = {
    "taken": "已入库；当夜随聚合、公示流程报送各平台。请同时在业务系统中改正。",
    "waiting": "由运维人员另请一人批准后入库。",
}


def answer(catalogue: Catalogue, taken: Taken, path: Path) -> None:
    """Write the answer to a list, whole or not at all."""
    made = Workbook()
    made.properties.creator = made.properties.lastModifiedBy = catalogue.department.name
    sheet: Any = made.active
    sheet.title = "回执"
    title = catalogue.department.sections[taken.section].title.zh
    counts = "，".join(f"{ZH[one]} {taken.count(one)}" for one in ZH if taken.count(one))
    heading = f"{title}　整改清单回执　（{taken.received_on:%Y年%m月%d日}，{taken.person}）"
    book.note(sheet, 1, len(_LOOKS), heading, 28, book.TITLE)
    book.note(sheet, 2, len(_LOOKS), f"共 {len(taken.lines)} 行：{counts}。", 22)
    book.head(sheet, 3, _LOOKS)
    for at, line in enumerate(taken.lines, 4):
        book.line(sheet, at, _LOOKS, _values(catalogue, line))
        sheet.cell(at, 6).fill = book.FILLS[_FILLS[line.outcome]]
        sheet.cell(at, 1).value = line.filled.row
    book.to_print(sheet, 3, len(_LOOKS), f"{catalogue.department.name}　{title}")
    with written(path) as stream:
        made.save(stream)


def _values(catalogue: Catalogue, line: Line) -> tuple[object, ...]:
    one = line.filled
    said = " ".join((*line.sentences, _NEXT.get(line.outcome, "")))
    corrected = one.corrected if one.corrected or line.outcome == "refused" else "（清空）"
    return one.row, one.document, field_title(catalogue, line), one.received, corrected, ZH[line.outcome], said.strip()


def field_title(catalogue: Catalogue, line: Line) -> str:
    """Name the field of a line as people know it."""
    code = line.filled.field
    titles = (record.fields[code].title for record in catalogue.records.values() if code in record.fields)
    return next(titles, code or "")
