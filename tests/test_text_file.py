"""A table is read in whatever encoding a spreadsheet program wrote it, and refused with what to do instead."""

from __future__ import annotations

import io

import openpyxl
import pytest

from xinyong.errors import UnexpectedShape
from xinyong.text_file import read_text, table_rows

TEXT = "名称,代码\n三明市甲公司,91350402MA2XYKT640\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_text_is_read_in_every_encoding_that_excel_writes(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.encode(encoding))
    assert read_text(path) == TEXT


def test_a_workbook_is_named_as_one_whatever_it_is_called(tmp_path):
    book = io.BytesIO()
    openpyxl.Workbook().save(book)
    path = tmp_path / "a.csv"
    path.write_bytes(book.getvalue())
    with pytest.raises(UnexpectedShape, match=r"a.csv is a workbook. Found: an Excel file. Expected: a table as text"):
        read_text(path)


@pytest.mark.parametrize("content", [b"\0", b"\xff\xff\xff", "名称,a".encode("utf-16-le"), b"\xff\xfe\x00"])
def test_what_is_no_text_is_refused(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(UnexpectedShape, match=r"no readable text. Found: .* Expected: a table as text"):
        read_text(path)


def test_rows_come_with_their_lines_and_a_broken_one_is_named(tmp_path):
    path = tmp_path / "a.csv"
    assert list(table_rows(path, 'a,b\n"1\n2",3\n')) == [(1, ["a", "b"]), (3, ["1\n2", "3"])]
    with pytest.raises(UnexpectedShape, match=r"a.csv, line 2: not readable as CSV. Found: .* Expected: cells"):
        list(table_rows(path, "a\n" + "x" * 1_000_001 + "\n"))
