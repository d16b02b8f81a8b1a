"""The answer to a returned list says, line by line and in Chinese, what became of it."""

from __future__ import annotations

from datetime import date

import openpyxl

from xinyong.catalogue import catalogue
from xinyong.rectified import Line, Taken
from xinyong.return_answer import answer
from xinyong.returned_list import Filled


def a_line(row, outcome, *sentences, corrected="甲"):
    filled = Filled(row, "safety_penalty", "0123456789ab", "CF_SY", "闽明工信罚〔2026〕2号", "=1+1", corrected, None)
    return Line(filled, outcome, sentences, 7)


def test_each_line_has_its_result_and_what_follows_from_it(tmp_path):
    lines = (a_line(4, "taken", corrected=None), a_line(5, "failed", "未填写（PEN-R22）"))
    answer(catalogue(), Taken("safety", lines, True, "林建国", date(2026, 11, 25)), tmp_path / "回执.xlsx")
    title, counts, headings, *found = openpyxl.load_workbook(tmp_path / "回执.xlsx")["回执"].iter_rows(values_only=True)
    assert (title[0], counts[0]) == (
        "安全生产科　整改清单回执　（2026年11月25日，林建国）",
        "共 2 行：已采纳 1，仍未通过 1。",
    )
    one, other = (dict(zip(headings, line, strict=True)) for line in found)
    assert (one["清单行"], one["字段"], one["更正值"], one["结果"]) == (4, "违法事实", "（清空）", "已采纳")
    assert "请同时在业务系统中改正" in one["说明"]
    assert (other["结果"], other["说明"], other["报送值"]) == ("仍未通过", "未填写（PEN-R22）", "=1+1")


def test_no_value_becomes_a_formula(tmp_path):
    lines = (a_line(4, "refused", "更正值是公式", corrected="=HYPERLINK(1)"),)
    answer(catalogue(), Taken("safety", lines, True, "林", date(2026, 11, 25)), tmp_path / "回执.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "回执.xlsx")["回执"]
    assert {cell.data_type for cell in sheet[4] if isinstance(cell.value, str)} == {"s"}
