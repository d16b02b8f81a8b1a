"""
Read a workbook from a drop folder, row by row.

openpyxl reads in its streaming mode, slower than libraries that load the sheet whole, but with flat memory, and
a formula stays visible as its text instead of a value that nobody checked.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from xinyong.catalogue.feeds import ExcelSource, Feed
from xinyong.errors import UnexpectedShape
from xinyong.extract import folder
from xinyong.extract.delivery import MAX_COLUMNS, Delivery, check_columns, headings

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_MAX_UNPACKED = 4 << 30  # a workbook that unpacks to more than 4 GiB is an attack or an accident


def read(feed: Feed, source: ExcelSource, business_date: date) -> Delivery:
    """Open the workbook of a date."""
    return read_file(feed, source, folder.find(source.connection, source.pattern, business_date))


def read_file(feed: Feed, source: ExcelSource, path: Path) -> Delivery:
    """Open one workbook; everything that makes it unreadable is said before a row is given out."""
    _check_container(path)
    sheet = _sheet(path, source.sheet)
    rows = sheet.iter_rows(min_row=source.header_row, max_col=_width(sheet), values_only=True)
    where = f"{path.name}, sheet {source.sheet}, row {source.header_row}"
    columns = headings(where, next(rows, ()))
    check_columns(feed, where, columns)
    for _ in range(source.data_row - source.header_row - 1):
        next(rows, None)
    return Delivery(path.name, columns, _filled(path, rows, len(columns)))


def _check_container(path: Path) -> None:
    """Refuse what is no .xlsx before a parser sees it."""
    with path.open("rb") as file:
        start = file.read(4)
    if start == _OLD_EXCEL:
        raise _no_workbook(path, "an old .xls workbook under the name .xlsx", "Save it as .xlsx in Excel")
    try:
        with zipfile.ZipFile(path) as container:
            unpacked = sum(part.file_size for part in container.infolist())
    except zipfile.BadZipFile:
        found = "a damaged or truncated archive" if start[:2] == b"PK" else "no workbook at all"
        raise _no_workbook(path, found, "Export or upload the file again") from None
    if unpacked > _MAX_UNPACKED:
        raise _no_workbook(path, f"an archive that unpacks to {unpacked:,} bytes", "Export the records again")


def _sheet(path: Path, name: str) -> Any:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False)
    except (InvalidFileException, KeyError, ValueError, OSError, zipfile.BadZipFile, SyntaxError) as error:
        raise _no_workbook(path, f"an archive without a readable workbook ({error})", "Export it again") from error
    if name not in book.sheetnames:
        raise UnexpectedShape(
            f"{path.name}: the sheet `{name}` is missing. Found: {', '.join(book.sheetnames)}. Expected: the "
            "template's sheet. Rename the sheet or deliver the right file."
        )
    sheet = book[name]
    # Some programs write a wrong size into the sheet; reading must follow the cells.
    sheet.reset_dimensions()
    return sheet


def _width(sheet: Any) -> int:
    """Return how many columns to read: one more than allowed, so that too wide a sheet is noticed, not swallowed."""
    return min(sheet.max_column or MAX_COLUMNS + 1, MAX_COLUMNS + 1)


def _filled(path: Path, rows: Iterator[Sequence[Any]], width: int) -> Iterator[Sequence[Any]]:
    """Pass on rows that hold anything, cut or filled to the width of the headings."""
    try:
        for row in rows:
            if any(cell is not None and cell != "" for cell in row):
                yield tuple(row[:width]) + (None,) * (width - len(row))
    except (zipfile.BadZipFile, ValueError, SyntaxError, EOFError) as error:
        raise _no_workbook(path, f"a sheet that breaks off ({error})", "Export or upload the file again") from error


def _no_workbook(path: Path, found: str, next_step: str) -> UnexpectedShape:
    return UnexpectedShape(
        f"{path.name}: not a readable workbook. Found: {found}. Expected: an .xlsx file. {next_step}."
    )
