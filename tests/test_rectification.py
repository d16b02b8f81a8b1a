"""What a section has to put right, as a workbook that a clerk can work in and that cannot turn against anybody."""

from __future__ import annotations

import openpyxl
import pytest
from deliveries import a_penalty, day, rows, take_in

from xinyong import quarantine
from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.rectification import rectify

FEED = "safety_penalty"
HEADING_ROW = 3

pytestmark = pytest.mark.usefixtures("environment")


def written(folder, **wanted):
    with connected() as connection:
        return rectify(connection, catalogue(), day(3), folder, **wanted)


def lines(path):
    """Return the list's lines by heading."""
    _, _, headings, *found = openpyxl.load_workbook(path)["整改清单"].iter_rows(values_only=True)
    return [dict(zip(headings, line, strict=True)) for line in found]


def broken(number, **changes):
    return a_penalty(number, cf_sy=None, **changes)


def test_each_section_gets_its_own_list_and_one_without_problems_gets_none(tmp_path):
    take_in(FEED, day(1), [a_penalty(1), broken(2), broken(3)])
    take_in("enforcement_penalty", day(1), [a_penalty(4), broken(5)])
    found = {one.section: (one.path.name, one.records) for one in written(tmp_path)}
    assert found == {
        "safety": ("整改清单_安全生产科_20261126.xlsx", 2),
        "enforcement": ("整改清单_执法支队_20261126.xlsx", 1),
    }
    assert [one.section for one in written(tmp_path, section="safety")] == ["safety"]


def test_a_line_says_where_the_record_is_what_is_wrong_and_by_when_it_is_due(tmp_path):
    from datetime import date

    from xinyong import stages

    take_in(FEED, day(1), [a_penalty(1), broken(2)])
    stages.aggregate(day(3))  # writes the working days
    (line,) = lines(written(tmp_path)[0].path)
    assert (line["文书号"], line["相对人"], line["批次行号"]) == ("闽明工信罚〔2026〕2号", "三明示例机械有限公司", 2)
    assert (line["程度"], line["问题"], line["字段"]) == ("须整改", "未填写（PEN-R01-CF_SY）", "违法事实")
    assert (line["公示期限"].date(), line["已隔离天数"]) == (date(2026, 12, 1), 2)
    assert line["更正值（科室填写）"] is None


def test_only_what_stands_open_is_listed_and_an_old_list_does_not_stay(tmp_path):
    take_in(FEED, day(1), [a_penalty(1), broken(2)])
    (first,) = written(tmp_path)
    with connected() as connection:
        quarantine.decide(connection, catalogue(), "waived", "闽明工信罚〔2026〕2号", "林", "测试", day(2))
    assert written(tmp_path) == []
    assert not first.path.exists()


def test_no_value_can_become_a_formula(tmp_path):
    evil = {"cf_xdr_mc": "=HYPERLINK(1)", "cf_wsh": "@SUM(1)", "cf_nr": "+1"}
    take_in(FEED, day(1), [a_penalty(1), broken(2, **evil), broken(3, cf_xdr_mc="-2+3", cf_wsh="\x0b控制")])
    sheet = openpyxl.load_workbook(written(tmp_path)[0].path)["整改清单"]
    cells = [cell for row in sheet.iter_rows(min_row=HEADING_ROW + 1) for cell in row if isinstance(cell.value, str)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {"=HYPERLINK(1)", "@SUM(1)", "-2+3", "□控制"} <= {cell.value for cell in cells}
    assert all(cell.quotePrefix for cell in cells)


def test_identity_numbers_stay_masked(tmp_path):
    number = "350402199001011234"
    take_in(FEED, day(1), [a_penalty(1), broken(2, cf_xdr_lb="自然人", cf_xdr_zjlx="身份证", cf_xdr_zjhm=number)])
    code = "PEN-R13-CF_XDR_ZJHM"
    with connected() as connection:
        from xinyong.database import run

        about = {"record_type": "penalty", "severity": "critical", "field": "CF_XDR_ZJHM"}
        says = {"dimension": "accuracy", "says": "证件号码有误", "basis": "GB 11643"}
        run(connection, "quality/register_rule", rule_code=code, **about, **says)
    from deliveries import execute

    execute("INSERT INTO quality.violation SELECT batch_id, 2, :code FROM landing.batch", code=code)
    line = next(line for line in lines(written(tmp_path)[0].path) if line["字段"] == "证件号码")
    assert line["报送值"] == "350402********1234"
    assert line["建议值"] is None
    assert number.encode() not in written(tmp_path)[0].path.read_bytes()


def test_a_clerk_can_write_only_into_the_open_columns_and_is_offered_the_code_table(tmp_path):
    from deliveries import execute

    from xinyong.database import run

    take_in(FEED, day(1), [a_penalty(1), broken(2, cf_cflb="罚款项")])
    with connected() as connection:
        about = {"record_type": "penalty", "severity": "critical", "field": "CF_CFLB"}
        says = {"dimension": "normativity", "says": "处罚类别不是规定的取值", "basis": "GB"}
        run(connection, "quality/register_rule", rule_code="PEN-R21", **about, **says)
    execute("INSERT INTO quality.violation SELECT batch_id, 2, 'PEN-R21' FROM landing.batch")
    path = written(tmp_path)[0].path
    sheet = openpyxl.load_workbook(path)["整改清单"]
    assert sheet.protection.sheet
    open_columns = {cell.column_letter for cell in sheet[HEADING_ROW + 1] if not cell.protection.locked}
    assert open_columns == {"M", "N"}
    (offered,) = sheet.data_validations.dataValidation
    assert (str(offered.sqref), offered.formula1) == ("M5", "'代码表'!$A$2:$A$16")
    line = lines(path)[1]
    assert (line["报送值"], line["建议值"], line["建议依据"]) == ("罚款项", "罚款", "与规定取值相近")


def test_it_is_set_up_for_the_screen_and_for_paper(tmp_path):
    take_in(FEED, day(1), [a_penalty(1), broken(2)])
    sheet = openpyxl.load_workbook(written(tmp_path)[0].path)["整改清单"]
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("E4", "$3:$3")
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth) == ("landscape", 1)
    assert sheet.auto_filter.ref == "A3:U4", "the hidden keys move with their lines"


def test_every_broken_rule_is_listed_without_a_cap(tmp_path):
    take_in(FEED, day(1), [a_penalty(1), *[broken(at) for at in range(2, 402)]])
    (found,) = written(tmp_path)
    assert (found.records, found.lines) == (400, 400)
    assert rows("SELECT count(*) FROM quality.violation") == [(400,)]
