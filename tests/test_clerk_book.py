"""Sheets for clerks: text stays text, rows are as high as their texts, lists offer words."""

from __future__ import annotations

from datetime import date

import pytest
from openpyxl import Workbook

from xinyong import clerk_book as book
from xinyong.clerk_book import Look


@pytest.fixture
def sheet():
    return Workbook().active


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@a", "\t=1", "#N/A", "350402199001011234", "1e5", "TRUE"])
def test_text_stays_text(sheet, value):
    cell = book.put(sheet, 1, 1, value)
    assert (cell.value, cell.data_type, cell.number_format, cell.quotePrefix) == (value, "s", "@", True)


def test_numbers_and_dates_are_what_they_are(sheet):
    assert book.put(sheet, 1, 1, 7).data_type == "n"
    assert book.put(sheet, 1, 2, date(2026, 11, 24)).number_format == "yyyy/mm/dd"
    assert book.put(sheet, 1, 3, None).value is None


def test_what_a_cell_cannot_hold_is_shown_or_cut(sheet):
    assert book.put(sheet, 1, 1, "a\x00\x1bb").value == "a□□b"
    assert len(book.put(sheet, 1, 2, "字" * 40_000).value) == 32_767


def test_a_row_is_as_high_as_its_longest_text_but_not_higher_than_a_screen(sheet):
    book.fit(sheet, 1, [10, 10], ["短", "长" * 10])
    book.fit(sheet, 2, [10], ["长" * 10_000])
    heights = [sheet.row_dimensions[row].height for row in (1, 2)]
    assert heights == [33, 240]


def test_only_columns_for_the_clerk_are_open(sheet):
    book.line(sheet, 2, [Look("甲", 9), Look("乙", 9, is_input=True)], ["1", None])
    book.protect(sheet)
    assert [cell.protection.locked for cell in sheet[2]] == [True, False]
    assert sheet.protection.sheet


def test_a_wide_sheet_takes_as_many_pages_across_as_stay_readable(sheet):
    book.head(sheet, 1, [Look(str(at), 50) for at in range(10)])
    book.to_print(sheet, 1, 10, "footer")
    assert sheet.page_setup.fitToWidth == 3
    assert sheet.print_title_cols == "$A:$A"
