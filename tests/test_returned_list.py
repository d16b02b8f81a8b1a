"""A list that comes back is believed only as it was written: foreign, changed or unfilled files say what is wrong."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from deliveries import a_penalty, day, take_in

from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.errors import UnexpectedShape
from xinyong.rectification import HEADING_ROW, INFO_SHEET, SHEET, rectify
from xinyong.returned_list import ReturnError, read

FEED = "safety_penalty"
FIRST_LINE = HEADING_ROW + 1
CORRECTED, NOTE, RECEIVED, NUMBER, FIELD = "M", "N", "J", "S", "T"

pytestmark = pytest.mark.usefixtures("module_environment")


@pytest.fixture(scope="module")
def written(module_environment):
    """The list of the safety section with two open records, each without its facts; written once."""
    take_in(FEED, day(1), [a_penalty(1), a_penalty(2, cf_sy=None), a_penalty(3, cf_sy="无")])
    with connected() as connection:
        (one,) = rectify(connection, catalogue(), day(2), module_environment, "safety")
    return one.path


@pytest.fixture
def listed(written, tmp_path):
    """A copy of that list, to fill in."""
    return Path(shutil.copy(written, tmp_path))


def filled(path, sheet=SHEET, **cells):
    """Write cells of a list, by address."""
    book = openpyxl.load_workbook(path)
    for address, value in cells.items():
        book[sheet][address] = value
    book.save(path)
    return path


def came_back(path, today=None, known=None):
    return read(known or catalogue(), path, today or day(3))


def test_a_filled_line_comes_back_with_its_keys(listed):
    returned = came_back(filled(listed, M4=" 未按规定报送 ", N4="见卷宗"))
    assert (returned.section, returned.list_date, returned.name) == ("safety", day(2), listed.name)
    (one,) = returned.filled
    assert (one.row, one.feed, one.field, one.corrected, one.note) == (4, FEED, "CF_SY", "未按规定报送", "见卷宗")
    assert (one.document, one.received, one.problem) == ("闽明工信罚〔2026〕2号", None, None)
    assert len(one.number) == 12


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        pytest.param(datetime(2026, 11, 3), "2026-11-03", id="a date"),  # noqa: DTZ001 – as openpyxl gives it
        pytest.param(2.0, "2", id="a whole number"),
        pytest.param(0.25, "0.25", id="a number"),
        pytest.param(913504020000000000, "9.13504E+17", id="a code that lost its digits"),
        pytest.param("清空", None, id="the word for blank"),
    ],
)
def test_what_a_spreadsheet_makes_of_a_value_is_read_as_text(listed, typed, read_as):
    (one,) = came_back(filled(listed, M4=typed)).filled
    assert (one.corrected, one.problem) == (read_as, None)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        pytest.param({"M4": "=1+1"}, "更正值是公式", id="a formula"),
        pytest.param({"M4": "甲", "S4": "0123456789ab"}, "锁定内容.*被改动", id="another record's number"),
        pytest.param({"M4": "甲", "T4": "CF_NR"}, "锁定内容.*被改动", id="another field"),
        pytest.param({"M4": "甲", "J5": "甲"}, None, id="another line's received value"),
        pytest.param({"M4": "甲", "J4": "乙"}, "锁定内容.*被改动", id="the received value"),
        pytest.param({"M9": "甲"}, "不是本清单的行", id="a line of its own"),
        pytest.param({"M5": "无"}, "与报送值相同", id="the same value"),
    ],
)
def test_a_line_that_cannot_be_believed_says_why_and_leaves_the_others_alone(listed, cells, problem):
    filled(listed, M5="未按规定报送")
    found = came_back(filled(listed, **cells)).filled
    (one,) = [line for line in found if f"M{line.row}" == next(iter(cells))]
    assert one.problem is None if problem is None else pytest.importorskip("re").search(problem, one.problem)
    assert all(line.problem is None for line in found if line is not one and "J5" not in cells)


def test_lines_in_another_order_are_believed(listed):
    book = openpyxl.load_workbook(listed)
    sheet = book[SHEET]
    for column in range(1, sheet.max_column + 1):
        upper, lower = sheet.cell(4, column), sheet.cell(5, column)
        upper.value, lower.value = lower.value, upper.value
    sheet["M4"], sheet["M5"] = "甲", "乙"
    book.save(listed)
    found = came_back(listed).filled
    assert [(one.document[-2], one.corrected, one.problem) for one in found] == [("3", "甲", None), ("2", "乙", None)]


def test_nothing_filled_in_is_said(listed):
    with pytest.raises(ReturnError, match="nothing is filled in") as refused:
        came_back(listed)
    assert refused.value.zh.startswith("清单里没有填写任何更正值")


def test_a_file_that_is_no_list_is_refused(listed, tmp_path):
    from files import a_workbook

    with pytest.raises(ReturnError, match="is no rectification list. Found: sheets 行政处罚"):
        came_back(a_workbook(tmp_path / "x.xlsx"))
    book = openpyxl.load_workbook(filled(listed, M4="甲"))
    del book[INFO_SHEET]
    book.save(listed)
    with pytest.raises(ReturnError, match="is no rectification list"):
        came_back(listed)


@pytest.mark.parametrize(
    ("cells", "expected", "zh"),
    [
        ({"B1": "其他清单"}, "is no rectification list", "这不是整改清单"),
        ({"B2": "91350402MA2XYKT640"}, "list of another department", "这是另一个部门的清单"),
        ({"B3": "nobody"}, "list of the section `nobody`", "科室“nobody”不是本部门现有的科室"),
        ({"B4": "2027-01-01"}, "is dated `2027-01-01`", "日期“2027-01-01”不对"),
        ({"B4": "昨天"}, "is dated `昨天`", "日期“昨天”不对"),
    ],
)
def test_what_the_hidden_sheet_says_must_fit(listed, cells, expected, zh):
    filled(listed, M4="甲")
    with pytest.raises(ReturnError, match=expected) as refused:
        came_back(filled(listed, sheet=INFO_SHEET, **cells))
    assert zh in refused.value.zh


def test_a_list_given_another_date_or_section_loses_its_lines(listed):
    (one,) = came_back(filled(filled(listed, M4="甲"), sheet=INFO_SHEET, B4="2026-11-24")).filled
    assert "被改动" in one.problem
    (one,) = came_back(filled(listed, sheet=INFO_SHEET, B3="enforcement")).filled
    assert "被改动" in one.problem


def test_changed_headings_are_refused(listed):
    with pytest.raises(ReturnError, match="headings are not those of the list. Found: 更正") as refused:
        came_back(filled(listed, M4="甲", M3="更正"))
    assert refused.value.zh.startswith("第3行的标题与清单不一致（发现“更正”）")


def test_a_feed_that_left_the_catalogue_is_named(listed):
    known = catalogue()
    without = replace(known, feeds={name: feed for name, feed in known.feeds.items() if name != FEED})
    (one,) = came_back(filled(listed, M4="甲"), known=without).filled
    assert one.problem == f"数据来源 {FEED} 已停用，不再接收更正。"


def test_more_lines_than_anybody_fills_by_hand_are_refused(listed):
    made = openpyxl.load_workbook(listed)
    for row in range(FIRST_LINE, FIRST_LINE + 20_001):
        made[SHEET][f"{CORRECTED}{row}"] = "甲"
    made.save(listed)
    with pytest.raises(ReturnError, match="too many lines are filled in. Found: more than 20000") as refused:
        came_back(listed)
    assert "最多20000行" in refused.value.zh


def test_an_identity_number_in_the_name_of_a_file_goes_no_further(listed):
    path = filled(listed, M4="甲").rename(listed.with_name("11010519491231002X.xlsx"))
    assert "19491231" not in came_back(path).name


def test_a_file_that_is_no_workbook_is_refused_before_it_is_opened(tmp_path):
    (tmp_path / "清单.xlsx").write_bytes(b"PK\x03\x04broken")
    with pytest.raises(UnexpectedShape, match="not a readable workbook"):
        came_back(tmp_path / "清单.xlsx")


@pytest.mark.parametrize(
    ("content", "zh"),
    [(b"\xd0\xcf\x11\xe0old", "旧版 .xls"), (b"PK\x03\x04broken", "已损坏或不完整"), (b"text", "不是 Excel 工作簿")],
)
def test_a_file_that_is_no_workbook_is_told_in_chinese_by_what_it_is(tmp_path, content, zh):
    (tmp_path / "清单.xlsx").write_bytes(content)
    with pytest.raises(UnexpectedShape) as refused:
        came_back(tmp_path / "清单.xlsx")
    assert zh in refused.value.zh
