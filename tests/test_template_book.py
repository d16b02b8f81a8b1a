"""The official template: its headings in order, lists and formats, and a filled one passes the check of its feed."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest
from proofs import as_proofs
from staged import VALID

from xinyong import precheck
from xinyong.catalogue import catalogue
from xinyong.template_book import headings, template

RECORDS = catalogue().records
SOME = ("penalty", "rating")  # one in which zeros may stand for a code that is missing, and one in which they may not
BY_TYPE = [*SOME, *as_proofs(*(name for name in RECORDS if name not in SOME))]


@pytest.fixture(scope="module")
def penalty(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "penalty.xlsx"
    template(catalogue(), RECORDS["penalty"]).save(path)
    return path


def test_headings_stand_in_template_order_under_a_notice(penalty):
    sheet = openpyxl.load_workbook(penalty)["行政处罚"]
    assert [cell.value for cell in sheet[2]] == list(catalogue().feeds["safety_penalty"].columns)
    assert "红色标题为必填" in sheet["A1"].value
    assert (sheet["A2"].fill.fgColor.rgb, sheet["C2"].fill.fgColor.rgb) == ("00C00000", "001F3864")


def test_a_type_without_an_excel_feed_takes_the_official_headings_of_the_others():
    found = headings(catalogue(), RECORDS["licence"])
    assert found[2:4] == ["行政相对人代码_1(统一社会信用代码)", "行政相对人代码_2(工商注册号)"]
    assert found[:2] == ["行政相对人名称", "行政相对人类别"]


@pytest.mark.parametrize("name", BY_TYPE)
def test_every_record_type_has_a_template_with_each_heading_once(name):
    found = headings(catalogue(), RECORDS[name])
    assert len(found) == len(set(found)) == len(RECORDS[name].template_fields)
    made = template(catalogue(), RECORDS[name])
    assert made.sheetnames[1] == "填报说明"


def test_code_tables_are_offered_and_an_open_table_only_warns(penalty):
    found = {
        str(one.sqref).split(":")[0]: one
        for one in openpyxl.load_workbook(penalty)["行政处罚"].data_validations.dataValidation
    }
    assert (found["B3"].type, found["B3"].formula1) == ("list", "'代码表'!$A$2:$A$4")
    assert found["B3"].errorStyle in (None, "stop")
    assert found["R3"].errorStyle == "warning"
    assert (found["W3"].type, found["T3"].type) == ("date", "decimal")


def test_codes_are_text_and_dates_are_dates(penalty):
    sheet = openpyxl.load_workbook(penalty)["行政处罚"]
    assert (sheet["C3"].number_format, sheet["W3"].number_format) == ("@", "yyyy/mm/dd")


def test_the_instructions_say_what_is_required_and_what_the_rules_ask(penalty):
    sheet = openpyxl.load_workbook(penalty)["填报说明"]
    lines = {row[1]: row for row in sheet.iter_rows(min_row=4, values_only=True)}
    assert lines["处罚类别"][2] == "必填"
    assert {"没收违法所得、没收非法财物", "罚款"} <= set(lines["处罚类别"][5].splitlines())
    assert "“警告”；“" in lines["处罚类别"][6]
    assert lines["罚款金额（万元）"][2] == "处罚类别含罚款时必填"
    assert "证件号码" in lines["证件号码"][3]


@pytest.mark.parametrize("name", BY_TYPE)
def test_who_has_no_code_reads_what_to_write_where_the_rules_admit_it(name):
    record_type = RECORDS[name]
    lines = [
        row[6] or "" for row in template(catalogue(), record_type)["填报说明"].iter_rows(min_row=4, values_only=True)
    ]
    told = [line for line in lines if "个体工商户暂无统一社会信用代码的，填00000000000000000X" in line]
    assert len(told) == (1 if record_type.party.kind and record_type.party.uscc else 0)


def test_a_filled_template_passes_the_check_of_its_feed(penalty, environment, tmp_path):
    feed = catalogue().feeds["safety_penalty"]
    book = openpyxl.load_workbook(penalty)
    row = VALID["penalty"] | {"cf_jdrq": date(2026, 11, 20)}
    for at, name in enumerate(feed.columns.values(), 1):
        book["行政处罚"].cell(3, at).value = row.get(name)
    book.save(tmp_path / "filled.xlsx")
    verdict = precheck.check_file(catalogue(), feed, tmp_path / "filled.xlsx", date(2026, 11, 24))
    assert (verdict.rows, verdict.set_aside, verdict.unknown_columns) == (1, 0, [])
