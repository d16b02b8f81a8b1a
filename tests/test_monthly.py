"""The monthly workbook: a sheet per section, numbers as they were kept, and no cell that could be a formula."""

from __future__ import annotations

from datetime import date

import pytest
from deliveries import FIRST, a_penalty, take_in
from openpyxl import load_workbook
from test_scores import measured, results

from xinyong import monthly
from xinyong.catalogue import catalogue
from xinyong.catalogue.scores import Grade
from xinyong.database import connected

pytestmark = pytest.mark.usefixtures("environment")


def a_book(tmp_path, **changes):
    results(
        take_in("enforcement_penalty", FIRST, [a_penalty(at) for at in range(1, 5)]),
        ("PEN-A", "accuracy", "failed", 4, 1),
    )
    measured(FIRST)
    chosen = catalogue().scores["first"].model_copy(update=changes)
    with connected() as connection:
        monthly.write(connection, catalogue(), chosen, date(2026, 11, 1), tmp_path / "month.xlsx")
    return load_workbook(tmp_path / "month.xlsx")


def texts(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_each_section_has_its_sheet_and_the_department_its_own(tmp_path):
    book = a_book(tmp_path)
    assert book.sheetnames == ["执法支队", "全局"]
    rows = texts(book["执法支队"])
    assert rows[0][0] == "三明市工业和信息化局 执法支队 2026年11月数据质量"
    assert ["执法办案系统·行政处罚", "行政处罚", "准确性", 75.0, "差", 98.0, 4, 1, 0, 1, 0, 0] in rows
    assert ["准确率", "行政处罚", None, 75.0, 2.25, 3.0, 4, 3] in [row[:8] for row in rows]


def test_shares_are_numbers_with_two_digits(tmp_path):
    cells = [
        cell for row in a_book(tmp_path)["全局"].iter_rows() for cell in row if isinstance(cell.value, float | int)
    ]
    assert {cell.data_type for cell in cells} == {"n"} and not any(cell.quotePrefix for cell in cells)
    assert {cell.number_format for cell in cells if cell.value == 75} == {"0.00"}


def test_nothing_in_it_is_a_formula(tmp_path):
    book = a_book(tmp_path, grades=(Grade(word="=1+1", at_least=0),))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert {cell.quotePrefix for cell in cells if cell.value == "=1+1"} == {True}


@pytest.mark.parametrize(
    ("when", "last"), [(date(2026, 11, 24), date(2026, 11, 30)), (date(2028, 2, 1), date(2028, 2, 29))]
)
def test_a_month_ends_on_its_last_day(when, last):
    assert monthly.month_of(when) == (when.replace(day=1), last)
