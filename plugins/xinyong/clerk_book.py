"""
Sheets that clerks work in: one look for the rectification list, the annotated copy and the template.

Every text goes into its cell as text, so that none can become a formula, whatever sign it begins with, and a code
of 18 digits stays one. What a cell cannot hold (control characters) is shown as a box.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

LAST_ROW = 1_048_576  # of a sheet
_LONGEST = 32_767  # characters that Excel takes in one cell
_HIGHEST = 240.0  # points; a row higher than a screen cannot be worked in
_LATIN = 0x2E7F  # what follows is as wide as it is high
_PAGE = 240.0  # column widths that stay readable on one page across
_FONT = "Microsoft YaHei"
_LINE = Side(style="thin", color="BFBFBF")
BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
WRAPPED = Alignment(wrap_text=True, vertical="top")
CENTRED = Alignment(wrap_text=True, vertical="center", horizontal="center")
PLAIN, BOLD = Font(name=_FONT, size=10), Font(name=_FONT, size=10, bold=True)
TITLE = Font(name=_FONT, size=14, bold=True, color="1F3864")
QUIET = Font(name=_FONT, size=9, color="595959")
FILLS = {
    name: PatternFill("solid", fgColor=colour)
    for name, colour in {
        "heading": "1F3864",
        "required": "C00000",
        "critical": "FFC7CE",
        "warning": "FFEB9C",
        "input": "E2EFDA",
        "band": "F2F2F2",
    }.items()
}
_WHITE = Font(name=_FONT, size=10, bold=True, color="FFFFFF")


@dataclass(frozen=True, slots=True)
class Look:
    """How a column looks: heading, width, and whether a clerk may write into it."""

    title: str
    width: float
    is_input: bool = False
    is_centred: bool = False


def shown(value: str) -> str:
    """Return a text as a cell can hold it."""
    return ILLEGAL_CHARACTERS_RE.sub("□", value)[:_LONGEST]


def put(sheet: Worksheet, row: int, column: int, value: Any, font: Font = PLAIN) -> Any:
    """Write a number as a number, a date as a date and all else as text; never as a formula."""
    cell = sheet.cell(row, column)
    if isinstance(value, int | float) or (isinstance(value, date) and value.year > 1900):  # noqa: PLR2004 – Excel's first year
        cell.value = value
        cell.number_format = "yyyy/mm/dd" if isinstance(value, date) else "0" if isinstance(value, int) else "General"
    elif value is not None and value != "":
        cell.value = shown(str(value))
        cell.data_type, cell.number_format, cell.quotePrefix = "s", "@", True
    cell.font, cell.alignment = font, WRAPPED
    return cell


def head(sheet: Worksheet, row: int, looks: Sequence[Look], required: frozenset[int] = frozenset()) -> None:
    """Write a heading row with its widths; headings of required columns are red."""
    for column, look in enumerate(looks, 1):
        cell = put(sheet, row, column, look.title, _WHITE)
        cell.fill = FILLS["required" if column in required else "heading"]
        cell.alignment, cell.border = CENTRED, BORDER
        sheet.column_dimensions[get_column_letter(column)].width = look.width
    sheet.row_dimensions[row].height = 32


def fit(sheet: Worksheet, row: int, widths: Sequence[float], values: Sequence[Any]) -> None:
    """Make a row as high as its longest wrapped text; programs do not do so by themselves when they open a file."""
    most = max(_lines(str(value), width) for width, value in zip(widths, values, strict=True) if value is not None)
    sheet.row_dimensions[row].height = min(15.0 * most + 3, _HIGHEST)


def _lines(text: str, width: float) -> int:
    """Count the lines of a text in a column; a Chinese character is as wide as two digits, and blocks break early."""
    wide = (sum(1.9 if ord(sign) > _LATIN else 1.0 for sign in part) for part in text.splitlines() or [""])
    return sum(max(1, math.ceil(one / max(width - 0.5, 1))) for one in wide)


def line(sheet: Worksheet, row: int, looks: Sequence[Look], values: Sequence[Any], fill: str = "") -> None:
    """Write one row of a list; columns for the clerk stay open in a protected sheet."""
    fit(sheet, row, [look.width for look in looks], ["", *values[1:]])
    for column, (look, value) in enumerate(zip(looks, values, strict=True), 1):
        cell = put(sheet, row, column, value)
        cell.border = BORDER
        if look.is_centred:
            cell.alignment = CENTRED
        if look.is_input:
            cell.fill, cell.protection, cell.number_format = FILLS["input"], Protection(locked=False), "@"
        elif fill:
            cell.fill = FILLS[fill]


def note(sheet: Worksheet, row: int, columns: int, text: str, height: float, font: Font = QUIET) -> None:
    """Write a line across all columns."""
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=columns)
    put(sheet, row, 1, text, font).alignment = Alignment(wrap_text=True, vertical="center")
    sheet.row_dimensions[row].height = height


def mark(cell: Any, severity: str, sentences: Sequence[str]) -> None:
    """Colour a cell and hang the sentences on it."""
    cell.fill = FILLS[severity]
    text = "\n".join(sentences)
    cell.comment = Comment(text, "预检", width=320, height=min(60 + 18 * len(text) // 20, 400))


def choices(
    sheet: Worksheet, cells: Sequence[str], formula: str, title: str, is_strict: bool, prompt: str = ""
) -> None:
    """Offer a list of words in cells; where other text is admitted too, Excel only warns."""
    offered = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=True)
    offered.errorStyle = "stop" if is_strict else "warning"
    offered.errorTitle, offered.error = title[:32], "不是规定的取值，请从下拉列表中选择。"
    if prompt:
        offered.showInputMessage, offered.promptTitle, offered.prompt = True, title[:32], prompt[:255]
    sheet.add_data_validation(offered)
    for one in cells:
        offered.add(one)


def to_print(sheet: Any, heading_row: int, columns: int, footer: str, fixed: int = 0) -> None:
    """Set a sheet up for landscape A4, as few pages wide as stay readable, headings in sight, pages numbered."""
    sheet.freeze_panes = sheet.cell(heading_row + 1, fixed + 1)
    sheet.sheet_view.zoomScale = 100
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    across = sum(sheet.column_dimensions[get_column_letter(at)].width for at in range(1, columns + 1))
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = math.ceil(across / _PAGE), 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{heading_row}:{heading_row}"
    if across > _PAGE:
        sheet.print_title_cols = "A:A"
    margins = sheet.page_margins
    margins.left = margins.right = margins.header = margins.footer = 0.3
    margins.top = margins.bottom = 0.6
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = footer, "第 &P 页 / 共 &N 页"
    last = max(sheet.max_row, heading_row + 1)
    sheet.auto_filter.ref = f"A{heading_row}:{get_column_letter(columns)}{last}"


def protect(sheet: Worksheet) -> None:
    """Let only open cells be changed; without a password, because it guards against slips, not against people."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    sheet.protection.autoFilter = sheet.protection.sort = False
