"""
The Excel file of a correction by hand: one line per record and field, on the sheet 更正.

A line names the record (文书号, quarantine number or record id), the field (code or title), what stands there and what
is meant. The word 清空 means blank. A formula is refused: a person answers for a value, not for a calculation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl import Workbook
from openpyxl.styles import Font

from xinyong.correction.plans import CorrectionError
from xinyong.extract.delivery import text
from xinyong.extract.excel import check_container, intact
from xinyong.restatement import Wanted

SHEET = "更正"
HEADINGS = ("记录（文书号、条目编号或记录标识）", "栏目（代码或名称）", "原值（可空）", "更正值（清空＝留空）")
CLEAR = "清空"
_MOST = 5000  # lines: more is a mass change, which a rule, a mapping or the source should make
_WIDTHS = (44, 28, 40, 40)


def template() -> Workbook:
    """Make an empty correction file."""
    made = Workbook()
    sheet: Any = made.active
    sheet.title = SHEET
    sheet.append(list(HEADINGS))
    for column, width in zip("ABCD", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
        sheet[f"{column}1"].font = Font(bold=True)
        for row in range(2, 202):
            sheet[f"{column}{row}"].number_format = "@"
    sheet.freeze_panes = "A2"
    return made


def read(path: Path) -> list[Wanted]:
    """Read the lines of a correction file; what is wrong with a line is told with all the others."""
    if not path.is_file():
        raise CorrectionError(f"{path}: there is no such file. Expected: the correction as an .xlsx file.")
    check_container(path)
    with intact(path), path.open("rb") as file:
        made = openpyxl.load_workbook(file, read_only=True, data_only=False)
        if SHEET not in made.sheetnames:
            raise CorrectionError(
                f"{path.name}: the sheet `{SHEET}` is missing. Found: {', '.join(made.sheetnames)}. Expected: a file "
                "like the one `xinyong correct template` writes. Nothing has changed."
            )
        sheet: Any = made[SHEET]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_col=len(HEADINGS))
        _check_headings(path, [cell.value for cell in next(rows, ())])
        wanted = list(_wanted(rows))
    if not wanted or len(wanted) > _MOST:
        raise CorrectionError(
            f"{path.name} cannot be taken as a correction. Found: {len(wanted) or 'no'} lines. Expected: lines of "
            f"record, field and value, at most {_MOST}. Nothing has changed; mend the file and plan again."
        )
    return wanted


def _check_headings(path: Path, found: Sequence[Any]) -> None:
    if tuple(found) != HEADINGS:
        raise CorrectionError(
            f"{path.name}, row 1: the headings are not those of a correction. Found: "
            f"{', '.join(str(one) for one in found if one)}. Expected: {', '.join(HEADINGS)}. Copy the lines into a "
            "file of `xinyong correct template`."
        )


def _wanted(rows: Iterator[Sequence[Any]]) -> Iterator[Wanted]:
    for number, cells in enumerate(rows, 2):
        place = f"row {number}"
        if any(getattr(cell, "data_type", None) == "f" for cell in cells):
            yield Wanted(
                "", "", None, problem=f"{place} holds a formula; write the value itself (paste special, values)"
            )
            continue
        sought, field, old, value = ((text(cell.value) or "").strip() for cell in [*cells, *[_BLANK] * 4][:4])
        if not (sought or field or value):
            continue
        if sought and field and value:
            yield Wanted(sought, field, None if value == CLEAR else value, old or None, place)
        else:
            lacks = f"{place} lacks the record, the field or the value (`{CLEAR}` means blank)"
            yield Wanted("", "", None, problem=lacks)


class _Blank:
    value = None


_BLANK = _Blank()
