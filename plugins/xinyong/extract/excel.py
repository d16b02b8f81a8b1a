"""
Read a workbook from a drop folder, row by row.

openpyxl reads in its streaming mode, slower than libraries that load the sheet whole, but with flat memory, and
a formula stays visible as its text instead of a value that nobody checked.
"""

from __future__ import annotations

import zipfile
import zlib
from array import array
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from xinyong.catalogue.feeds import ExcelSource, Feed
from xinyong.errors import UnexpectedShape
from xinyong.extract import folder
from xinyong.extract.container import hidden
from xinyong.extract.container import problem as container_problem
from xinyong.extract.delivery import MAX_COLUMNS, Delivery, check_columns, headings

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_MAX_UNPACKED = 4 << 30  # a workbook that unpacks to more than 4 GiB is an attack or an accident
_LAST_ROW = 1_048_576  # of a sheet in any program; openpyxl makes up every row before one that claims a higher number
_EXACT = 10**15
_DAMAGED = "文件已损坏或不完整，可能没有复制完。请重新复制，或在 Excel 中打开后重新保存。"
_MAX_HELD = 512 << 20  # what is no sheet (texts, styles) is held in memory; a million records' texts take half of it
# What openpyxl and its parsers raise about a file that somebody damaged.
_DAMAGE = (
    *(InvalidFileException, zipfile.BadZipFile, zlib.error, OSError, EOFError, SyntaxError),
    *(ValueError, LookupError, TypeError, AttributeError),
)


def read(feed: Feed, source: ExcelSource, business_date: date) -> Delivery:
    """Open the workbook of a date."""
    return read_file(feed, source, folder.find(source.connection, source.pattern, business_date))


def read_file(feed: Feed, source: ExcelSource, path: Path) -> Delivery:
    """Open one workbook; everything that makes it unreadable is said before a row is given out."""
    check_container(path)
    rows = _rows(path, source)
    where = f"{path.name}, sheet {source.sheet}, row {source.header_row}"
    try:
        columns = headings(where, next(rows, ()))
        check_columns(feed, where, columns)
        for _ in range(source.data_row - source.header_row - 1):
            next(rows, None)
    except UnexpectedShape:
        rows.close()
        raise
    notes = tuple(hidden(path, source.sheet, columns, source.data_row))
    places = array("I")
    filled = _filled(path, rows, len(columns), source.data_row, places)
    return Delivery(path.name, columns, filled, notes, places)


def check_container(path: Path) -> None:
    """Refuse what is no .xlsx before a parser sees it."""
    with path.open("rb") as file:
        start = file.read(4)
    if start == _OLD_EXCEL:
        found = "an old .xls workbook under the name .xlsx, or one with a password"
        zh = "这是旧版 .xls 工作簿，或设有打开密码。请在 Excel 中另存为不带密码的 .xlsx 文件。"
        raise _no_workbook(path, found, "Save it as .xlsx without a password in Excel", zh)
    try:
        with zipfile.ZipFile(path) as container:
            parts = container.infolist()
            unfit = container_problem(container)
    except zipfile.BadZipFile:
        is_cut = start[:2] == b"PK"
        found = "a damaged or truncated archive" if is_cut else "no workbook at all"
        zh = _DAMAGED if is_cut else "这不是 Excel 工作簿。需要的是 .xlsx 文件。"
        raise _no_workbook(path, found, "Export or upload the file again", zh) from None
    unpacked = sum(part.file_size for part in parts)
    held = sum(part.file_size for part in parts if not part.filename.startswith("xl/worksheets/"))
    if unpacked > _MAX_UNPACKED or held > _MAX_HELD:
        found = f"an archive of {path.stat().st_size:,} bytes that unpacks to {unpacked:,}"
        zh = "这个文件解开后过大。请去掉图片等内容后重新保存。"
        raise _no_workbook(path, found, "Export the records again, without pictures", zh)
    if unfit:
        raise _no_workbook(path, *unfit)


@contextmanager
def intact(path: Path) -> Iterator[None]:
    """Say that a file is damaged; the parser's own words may quote a cell, so only their kind is told."""
    try:
        yield
    except _DAMAGE as error:
        found = f"an archive whose workbook breaks off ({type(error).__name__})"
        raise _no_workbook(path, found, "Export or upload the file again", _DAMAGED) from None


def _sheet(path: Path, book: Any, name: str) -> Any:
    if name not in book.sheetnames:
        raise UnexpectedShape(
            f"{path.name}: the sheet `{name}` is missing. Found: {', '.join(book.sheetnames)}. Expected: the "
            "template's sheet. Rename the sheet or deliver the right file.",
            f"没有名为“{name}”的工作表，只有：{'、'.join(book.sheetnames)}。请把工作表改为这个名称，或换用正确的文件。",
        )
    sheet = book[name]
    # Some programs write a wrong size into the sheet; reading must follow the cells.
    sheet.reset_dimensions()
    return sheet


def _rows(path: Path, source: ExcelSource) -> Generator[Sequence[Any], None, None]:
    """Read from the heading row on, one column more than allowed, so that too wide a sheet is noticed."""
    with intact(path), path.open("rb") as file:  # a path would stay open when openpyxl gives up
        sheet = _sheet(path, openpyxl.load_workbook(file, read_only=True, data_only=False), source.sheet)
        yield from sheet.iter_rows(min_row=source.header_row, max_col=MAX_COLUMNS + 1, values_only=True)


def _filled(
    path: Path, rows: Generator[Sequence[Any], None, None], width: int, first: int, places: array[int]
) -> Iterator[Sequence[Any]]:
    """
    Pass on rows that hold anything, in the width of the headings, and note in `places` which of the sheet they are.

    What stands right of the headings must not get lost.
    """
    blanks = (None,) * (MAX_COLUMNS + 1 - width)
    left_out: Sequence[Any] | None = None  # openpyxl gives one and the same for every row that the sheet leaves out
    try:
        for number, row in enumerate(rows, first):
            if number > _LAST_ROW:
                raise _too_far(path)
            if row is left_out:
                continue
            if row[width:] != blanks and any(_is_filled(cell) for cell in row[width:]):
                raise _too_wide(path, number, width)
            if any(_is_filled(cell) for cell in row[:width]):
                places.append(number)
                yield [cell if type(cell) is str else _plain(cell) for cell in row[:width]]
            else:
                left_out = row
    finally:
        rows.close()


def _too_far(path: Path) -> UnexpectedShape:
    return UnexpectedShape(
        f"{path.name}: a row beyond the end of a sheet. Found: a row number above {_LAST_ROW:,}. Expected: rows as "
        "Excel numbers them. Open the file in Excel, save it again, or export the records again.",
        f"工作表里有超出第{_LAST_ROW}行（Excel 的最后一行）的内容。请在 Excel 中打开后重新保存，或重新导出。",
    )


def _too_wide(path: Path, number: int, width: int) -> UnexpectedShape:
    return UnexpectedShape(
        f"{path.name}, row {number}: a cell right of the last heading holds something. Found: more than {width} "
        "columns. Expected: a heading above every cell. Give the column a heading, or clear it.",
        f"第{number}行在最后一个标题（共{width}列）的右边还有内容。请给那一列加上标题，或清除该内容。",
    )


def _is_filled(cell: Any) -> bool:
    return cell is not None and cell != "" and not (isinstance(cell, str) and cell.isspace())


def _plain(cell: Any) -> Any:
    """
    Write what is no plain value as its text: the formula of a whole range, and a number too long to be exact.

    Excel keeps 15 digits of a number; a code of 18 digits that it took for one has lost its end. It is written as Excel
    shows it, so that nobody takes the zeros at its end for digits and the rule on lost digits finds it.
    """
    if isinstance(cell, int | float) and abs(cell) >= _EXACT:
        return f"{cell:.5E}"
    if isinstance(cell, ArrayFormula):
        return str(cell.text)
    return f"={{TABLE({cell.ref})}}" if isinstance(cell, DataTableFormula) else cell


def _no_workbook(path: Path, found: str, next_step: str, zh: str) -> UnexpectedShape:
    return UnexpectedShape(
        f"{path.name}: not a readable workbook. Found: {found}. Expected: an .xlsx file. {next_step}.", zh
    )
