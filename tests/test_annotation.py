"""The annotated copy: failing cells marked where the clerk's file has them, and nothing that could do harm."""

from __future__ import annotations

import openpyxl
import pytest
from files import NIGHT, WORKBOOK, a_penalty_row, a_workbook
from staged import VALID

from xinyong import annotation, precheck
from xinyong.annotation import TooLong, annotate
from xinyong.catalogue import catalogue
from xinyong.extract.delivery import Delivery
from xinyong.precheck import Finding, Verdict

SAYS = "统一社会信用代码不符合编码规则"


def finding(row, field, severity="critical", code="PEN-R06", says=SAYS):
    return Finding(row, code, severity, says, field, f"文{row}")


def copied(tmp_path, feed, rows, *findings, places=(3, 4), **verdict):
    declared = catalogue().feeds[feed]
    cells = ([row.get(name) for name in declared.columns.values()] for row in rows)
    delivery = Delivery("file", tuple(declared.columns), cells, places=places)
    target = tmp_path / "copy.xlsx"
    annotate(catalogue(), declared, delivery, Verdict(len(rows), [], findings, **verdict), target)
    return openpyxl.load_workbook(target)


def test_a_failing_cell_is_coloured_and_carries_its_sentences(tmp_path):
    rows = [VALID["penalty"], VALID["penalty"]]
    warning = finding(4, "CF_XDR_SHXYM", "warning", "PEN-R07", "类别与代码不符")
    book = copied(tmp_path, "safety_penalty", rows, finding(4, "CF_XDR_SHXYM"), warning)
    cell = book["行政处罚"]["C4"]
    assert cell.fill.fgColor.rgb == "00FFC7CE"
    assert cell.comment.text == f"【须整改】{SAYS}（PEN-R06）\n【提醒】类别与代码不符（PEN-R07）"
    assert book["行政处罚"]["C3"].comment is None


def test_a_field_made_of_several_columns_marks_them_all_and_one_without_marks_the_row(tmp_path):
    rows = [{"xk_wsh": "许1"}]
    told = (finding(2, "XK_XDR_LB"), finding(2, "XK_LYDW"))
    book = copied(tmp_path, "safety_licence_legacy", rows, *told, places=(2,))
    marked = {cell.coordinate for cell in book["数据"][2] if cell.comment}
    assert {"A2", "G2", "H2"} <= marked


def test_the_summary_counts_and_leads_to_each_cell(tmp_path):
    notes = ("隐藏的列：备注",)
    book = copied(tmp_path, "safety_penalty", [VALID["penalty"]], finding(3, "CF_WSH"), notes=notes)
    sheet = book["检查结果"]
    assert sheet["A2"].value.startswith("共 1 行，1 行须整改；须整改 1 处；隐藏的列：备注")
    assert [cell.value for cell in sheet[4]] == [3, "N3", "文3", "须整改", SAYS, "PEN-R06"]
    assert sheet["B4"].hyperlink.location == "'行政处罚'!N3"


def test_each_row_stands_where_the_clerks_file_has_it(tmp_path):
    book = copied(tmp_path, "safety_penalty", [VALID["penalty"]] * 2, finding(8, "CF_WSH"), places=(3, 8))
    sheet = book["行政处罚"]
    assert [cell.row for cell in sheet["N"] if cell.value == VALID["penalty"]["cf_wsh"]] == [3, 8]
    assert sheet["N8"].comment and sheet.max_row == 8
    assert [cell.value for cell in book["检查结果"][4]][:2] == [8, "N8"]


def test_a_number_stays_a_number(tmp_path):
    rows = [VALID["penalty"] | {"cf_nr_fk": 0.2, "cf_nr_wfff": 3, "bz": True}]
    sheet = copied(tmp_path, "safety_penalty", rows, finding(3, "CF_WSH"))["行政处罚"]
    values = {cell.value: cell.data_type for cell in sheet[3]}
    assert (values[0.2], values[3], values["true"]) == ("n", "n", "s")


def test_what_looks_like_a_formula_is_text(tmp_path):
    rows = [VALID["penalty"] | {"cf_xdr_mc": "=cmd|' /C calc'!A0", "cf_frdb": "@x", "bz": "-1"}]
    book = copied(tmp_path, "safety_penalty", rows, finding(3, "CF_XDR_MC"))
    values = {cell.value: cell.data_type for cell in book["行政处罚"][3] if cell.value is not None}
    assert values["=cmd|' /C calc'!A0"] == "s"
    assert set(values.values()) == {"s"}


def offered(sheet):
    return {str(one.sqref): (one.formula1, one.errorStyle) for one in sheet.data_validations.dataValidation}


def test_columns_with_a_code_table_offer_its_words_from_the_first_row_to_the_last(tmp_path):
    book = copied(tmp_path, "safety_penalty", [VALID["penalty"]] * 2, finding(8, "CF_WSH"), places=(3, 8))
    found = offered(book["行政处罚"])
    closed = [cells for cells, (_, style) in found.items() if style != "warning"]
    assert closed == ["B3:B8"]  # 行政相对人类别 admits no other words
    kinds = catalogue().codes["penalty_kind"]
    assert found["R3:R8"] == (f"'代码表'!$C$2:$C${len(kinds.words()) + 1}", "warning")  # several kinds may be joined
    assert [row[2] for row in book["代码表"].iter_rows(min_row=2, values_only=True) if row[2]] == list(kinds.words())
    assert book["代码表"].sheet_state == "visible"


def test_a_column_with_codes_of_its_business_system_offers_none_of_ours(tmp_path):
    row = {"party_kind": "企业", "commitment_kind": "01", "commitment_state": "0"}
    book = copied(tmp_path, "counter_commitment", [row], finding(2, "CNLX"), places=(2,))
    assert (offered(book["数据"]), book.sheetnames) == ({}, ["数据", "检查结果"])


def test_a_copy_is_judged_as_the_file_was(tmp_path, environment):
    rows = [a_penalty_row(cf_cflb="罚金"), [], a_penalty_row(cf_wsh="罚2", cf_xdr_lb="企业")]
    path = a_workbook(tmp_path / "a.xlsx", rows)
    verdict = precheck.check_file(catalogue(), WORKBOOK, path, NIGHT)
    copy = tmp_path / "copy.xlsx"
    annotate(catalogue(), WORKBOOK, precheck.open_file(WORKBOOK, path), verdict, copy)
    assert verdict.set_aside == 2
    assert precheck.check_file(catalogue(), WORKBOOK, copy, NIGHT) == verdict


def test_a_file_too_long_to_be_read_by_a_person_is_not_copied(tmp_path, monkeypatch):
    monkeypatch.setattr(annotation, "MOST_ROWS", 1)
    with pytest.raises(TooLong, match="at most 1"):
        copied(tmp_path, "safety_penalty", [VALID["penalty"]] * 2, finding(3, "CF_WSH"))
    assert list(tmp_path.iterdir()) == []
