"""Read a text file with headings: its encoding is found by reading it whole, its rows are streamed."""

from __future__ import annotations

import csv
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
    return Delivery(path.name, columns, _of_one_width(path, rows, len(columns)))


def _encoding(path: Path, candidates: Sequence[str]) -> str:
    """Return the first declared encoding in which the whole file reads."""
    problems = []
    for encoding in candidates:
        try:
            with path.open(encoding=encoding, newline="") as lines:
                while lines.read(1 << 20):
                    pass
        except UnicodeDecodeError as error:
            problems.append(f"{encoding} fails at byte {error.start}")
        else:
            return encoding
    raise UnexpectedShape(
        f"{path.name}: the encoding is not readable. Found: {'; '.join(problems)}. "
        f"Expected: {' or '.join(candidates)}. Save the file in one of these encodings, or "
        f"declare its own under `encodings` of the feed."
    )


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    with path.open(encoding=encoding, newline="") as lines:
        # A byte-order mark in front of a GB18030 file would else become part of the first heading.
        first = lines.read(1)
        if first != "\ufeff":
            lines.seek(0)
        yield from csv.reader(lines, delimiter=delimiter, strict=True)


def _of_one_width(path: Path, rows: Iterator[list[str]], width: int) -> Iterator[list[str]]:
    """Pass rows on; a row of another width means that columns have shifted, so the file is refused whole."""
    number = 1
    try:
        for number, row in enumerate(rows, 2):
            if len(row) != width:
                if not any(cell.strip() for cell in row):
                    continue
                raise UnexpectedShape(
                    f"{path.name}, row {number}: found {len(row)} cells, expected {width} as the headings. "
                    "Columns have shifted: look for a separator or line break that is not quoted, and export it again."
                )
            yield row
    except csv.Error as error:
        raise _unreadable(path, number + 1, error) from error


def _unreadable(path: Path, row: int, error: csv.Error) -> UnexpectedShape:
    return UnexpectedShape(
        f"{path.name}, row {row}: not readable as CSV ({error}). Expected: cells with line breaks or quotes inside "
        "quotes. Export the file again with quoting on."
    )
