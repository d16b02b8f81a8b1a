"""Files as sections drop them: a valid workbook and a valid table, and the changes a test is about."""

from __future__ import annotations

import csv
import io
from datetime import date

from openpyxl import Workbook
from staged import VALID

from xinyong.catalogue import catalogue
from xinyong.extract import csv as csv_reader
from xinyong.extract import excel

NIGHT = date(2026, 11, 24)
WORKBOOK = catalogue().feeds["safety_penalty"]
TABLE = catalogue().feeds["registry_subject"]
LEGACY = catalogue().feeds["safety_licence_legacy"]
PENALTY_HEADINGS = list(WORKBOOK.columns)
HEADINGS = [name for name in TABLE.columns if name not in TABLE.optional]
SUBJECT = ["三明示例机械有限公司", "91350402MA2XYKT640", "350402100000017", "", "三元区市监局", "三元区", "存续"]


def a_penalty_row(**changes):
    """Return a valid row of the workbook, by heading order; changes are named by landed column."""
    values = VALID["penalty"] | {"cf_cflb": "罚款", "cf_nr_fk": 1} | changes
    return [values.get(name) for name in WORKBOOK.columns.values()]


def a_workbook(path, rows=None, headings=None, sheet="行政处罚", notice="采集表"):
    """Write a workbook as the feed declares it: a notice, the headings, the rows."""
    book = Workbook()
    page = book.active
    page.title = sheet
    page.append([notice])
    page.append(PENALTY_HEADINGS if headings is None else headings)
    for row in [a_penalty_row()] if rows is None else rows:
        page.append(row)
    book.save(path)
    return path


def a_table(path, rows=None, headings=None, encoding="utf-8", delimiter=","):
    """Write a table of subjects, quoted where it must be."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(HEADINGS if headings is None else headings)
    writer.writerows([SUBJECT] if rows is None else rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def read_workbook(path):
    """Read a workbook to its end."""
    delivery = excel.read_file(WORKBOOK, WORKBOOK.source, path)
    return delivery, [list(row) for row in delivery.rows]


def read_table(path, feed=TABLE):
    """Read a table to its end."""
    delivery = csv_reader.read_file(feed, feed.source, path)
    return delivery, [list(row) for row in delivery.rows]
