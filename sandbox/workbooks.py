"""Workbooks without a time of their own: the same content is the same file, byte for byte."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

_FIXED_TIME = (2026, 1, 1, 0, 0, 0)
_TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def date_cell(sheet: Any, text: str) -> Any:
    """Return an ISO date as a true date of the spreadsheet."""
    cell = WriteOnlyCell(sheet, datetime.fromisoformat(text))
    cell.number_format = "yyyy/m/d"
    return cell


def save_without_times(book: Workbook, path: Path) -> None:
    """Write a workbook with one fixed time everywhere."""
    draft = BytesIO()
    book.save(draft)
    with ZipFile(draft) as source, ZipFile(path, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            info = ZipInfo(name, _FIXED_TIME)
            info.compress_type = ZIP_DEFLATED
            if name == "docProps/core.xml":
                target.writestr(info, _TIMES.sub(rb"\g<1>2026-01-01T00:00:00Z", source.read(name)))
                continue
            with source.open(name) as old, target.open(info, "w", force_zip64=True) as new:
                while chunk := old.read(1 << 20):
                    new.write(chunk)
