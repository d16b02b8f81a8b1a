"""Read a table that a person hands over as text, in whatever encoding the spreadsheet program at hand wrote it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from xinyong.errors import UnexpectedShape

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .xls, whatever the file is called
_MARKED = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}  # only with its mark is UTF-16 told from chance
_ENCODINGS = ("utf-8-sig", "gb18030")  # GB18030 contains GBK, in which a Chinese Excel writes CSV unasked


def read_text(path: Path) -> str:
    """Return the whole text of a file, decoded as UTF-8, marked UTF-16 or GB18030."""
    content = path.read_bytes()
    if content.startswith(_WORKBOOKS):
        raise UnexpectedShape(
            f"{path.name} is a workbook. Found: an Excel file. Expected: a table as text (CSV). Open it in Excel and "
            "save the sheet as “CSV UTF-8”."
        )
    marked = _MARKED.get(content[:2])
    for encoding in (marked,) if marked else _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.removeprefix("\ufeff")
    raise UnexpectedShape(
        f"{path.name} is no readable text. Found: signs that are none in UTF-8, UTF-16 or GB18030. Expected: a table "
        "as text (CSV) in one of them. Save it from Excel as “CSV UTF-8”."
    )


def table_rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Give out the rows of a table with the line in which each ends, the headings first."""
    reader = csv.reader(text.splitlines(keepends=True))
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise UnexpectedShape(
            f"{path.name}, line {reader.line_num}: not readable as CSV. Found: {error}. Expected: cells with line "
            "breaks or quotes inside quotes. Save it from Excel as “CSV UTF-8”."
        ) from error
