"""
The node's feedback file: our rows again, each with what became of it.

Row 1 says what became of the file (处理结果, 已处理 or 整批退回, reason), row 2 repeats the headings followed by five
result columns, and the rows follow in our order.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from xinyong.errors import PlatformUnavailable
from xinyong.platforms import Answer, Item

if TYPE_CHECKING:
    from xinyong.platforms.file import Sheet

RESULT_COLUMNS = ("校验状态", "错误代码", "错误字段", "错误说明", "公示状态")
REFUSED = "整批退回"
VALID, SHOWN, NOT_SHOWN = "1", "1", "0"
FILE_REFUSED, OTHER_ROW, IN_REVIEW = "file_refused", "other_row", "in_review"


@dataclass(frozen=True, slots=True)
class Feedback:
    """A feedback file, read: the verdict on the file and the rows from row 3 on."""

    verdict: str
    reason: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_feedback(platform: str, path: Path) -> Feedback:
    """Read a feedback file; one that cannot be read tells nothing and is asked for again."""
    try:
        book = load_workbook(path, read_only=True)
        try:
            rows = [tuple("" if c is None else str(c) for c in row) for row in book.worksheets[0].values]
        finally:
            book.close()
        first = [*rows[0], "", "", ""]
        return Feedback(first[1], first[2], tuple(name for name in rows[1] if name), tuple(rows[2:]))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, IndexError, ValueError, OSError) as error:
        raise PlatformUnavailable(
            f"Platform {platform}: the feedback file {path.name} is not readable. Found: {type(error).__name__}. "
            f"Expected: an Excel file with a result row, headings and rows. Ask the node to write it again, "
            f"then repeat the task; nothing is sent twice."
        ) from error


def answers(sheet: Sheet, feedback: Feedback) -> list[Answer]:
    """Return the answer to each item of a sheet."""
    if feedback.verdict == REFUSED:
        text = f"国家节点整批退回：{feedback.reason}"
        return [Answer(item.position, "rejected", FILE_REFUSED, None, text) for item in sheet.items]
    told = [dict(zip(feedback.headings, row, strict=False)) for row in feedback.rows]
    told += [{}] * (len(sheet.items) - len(told))
    return [
        _answer(item, row, sheet.headings, mine) for item, row, mine in zip(sheet.items, told, sheet.rows, strict=False)
    ]


def _answer(item: Item, told: dict[str, str], headings: tuple[str, ...], mine: tuple[str, ...]) -> Answer:
    if [_words(told.get(name, "")) for name in headings] != [_words(value) for value in mine]:
        return Answer(item.position, "unknown", OTHER_ROW, None, "反馈文件中没有与本条一致的行")
    state, code, field, text, shown = (told.get(name, "") for name in RESULT_COLUMNS)
    if state != VALID:
        return Answer(item.position, "rejected", code or None, field or None, text or None)
    if shown != (NOT_SHOWN if item.operation == "withdraw" else SHOWN):
        return Answer(item.position, "unknown", IN_REVIEW, None, "节点校验通过，待审核公示")
    return Answer(item.position, "accepted")


def _words(text: str) -> list[str]:
    """Return a cell without its white space, which does not survive every way through Excel."""
    return text.split()
