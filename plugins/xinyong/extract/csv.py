"""Read a text file with headings: its encoding is found by reading it whole, its rows are streamed."""

from __future__ import annotations

import codecs
import csv
from array import array
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from xinyong.catalogue.feeds import CsvSource, Feed
from xinyong.errors import UnexpectedShape
from xinyong.extract import folder
from xinyong.extract.delivery import Delivery, check_columns, headings

# A cell longer than this is a quote that was never closed, not a text.
csv.field_size_limit(1_000_000)


def read(feed: Feed, source: CsvSource, business_date: date) -> Delivery:
    """Open the file of a date."""
    return read_file(feed, source, folder.find(source.connection, source.pattern, business_date))


def read_file(feed: Feed, source: CsvSource, path: Path) -> Delivery:
    """Open one file; everything that makes it unreadable is said before a row is given out."""
    encoding = _encoding(path, source.encodings)
    rows = _rows(path, encoding, source.delimiter)
    try:
        columns = headings(path.name, next(rows, ()))
    except csv.Error as error:
        raise _unreadable(path, 1, error) from error
    check_columns(feed, path.name, columns)
    places = array("I")
    return Delivery(path.name, columns, _of_one_width(path, rows, len(columns), places), places=places)


def _encoding(path: Path, candidates: Sequence[str]) -> str:
    """Return the first declared encoding in which the whole file reads."""
    problems = []
    for encoding in candidates:
        line = _unreadable_line(path, encoding)
        if line is None:
            return encoding
        problems.append(f"{encoding} fails in line {line}")
    raise UnexpectedShape(
        f"{path.name}: the encoding is not readable. Found: {'; '.join(problems)}. "
        f"Expected: {' or '.join(candidates)}. Save the file in one of these encodings, or "
        f"declare its own under `encodings` of the feed.",
        "文字编码读不出来。请另存为“CSV UTF-8（逗号分隔）”。",
    )


def _unreadable_line(path: Path, encoding: str) -> int | None:
    """Return the first line that an encoding cannot read."""
    decoder, line = codecs.getincrementaldecoder(encoding)(), 1
    with path.open("rb") as file:
        while True:
            block = file.read(1 << 20)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].count(b"\n")
            if not block:
                return None
            line += block.count(b"\n")


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    with path.open(encoding=encoding, newline="") as lines:
        # A byte-order mark in front of a GB18030 file would else become part of the first heading.
        first = lines.read(1)
        if first != "\ufeff":
            lines.seek(0)
        yield from csv.reader(lines, delimiter=delimiter, strict=True)


def _of_one_width(path: Path, rows: Iterator[list[str]], width: int, places: array[int]) -> Iterator[list[str]]:
    """
    Pass on rows that hold anything, without blank cells behind the last heading; note in `places` which rows they are.

    A row of another width means that columns have shifted, so the file is refused whole.
    """
    number = 1
    try:
        for number, row in enumerate(rows, 2):
            if not (row and row[0].strip()) and not any(cell.strip() for cell in row):
                continue
            while len(row) > width and not row[-1].strip():
                row.pop()
            if len(row) != width:
                raise UnexpectedShape(
                    f"{path.name}, row {number}: found {len(row)} cells, expected {width} as the headings. "
                    "Columns have shifted: look for a separator or line break that is not quoted, and export it again.",
                    f"第{number}行有 {len(row)} 格，标题有 {width} 格，列已错位。请检查没加引号的分隔符或换行。",
                )
            places.append(number)
            yield row
    except csv.Error as error:
        raise _unreadable(path, number + 1, error) from error


def _unreadable(path: Path, row: int, error: csv.Error) -> UnexpectedShape:
    return UnexpectedShape(
        f"{path.name}, row {row}: not readable as CSV ({error}). Expected: cells with line breaks or quotes inside "
        "quotes. Export the file again with quoting on.",
        f"从第{row}行起读不出来：引号不成对，或换行没有加引号。请重新导出。",
    )
