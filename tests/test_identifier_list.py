"""Every number of a list is what it says it is, or it is said why not; the real list is counted exactly."""

from __future__ import annotations

import json

import openpyxl
import pytest
from typer.testing import CliRunner

from tests.conftest import PROJECT
from xinyong.cli import app
from xinyong.errors import UnexpectedShape
from xinyong.identifier_list import classify, read

REAL = PROJECT.parent / "shared" / "data" / "enterprises.csv"


@pytest.mark.parametrize(
    ("number", "kind", "reason"),
    [
        ("91350402MA2XYKT640", "unified", "校验码正确"),
        ("N2350402MF1234567J", "unified", "校验码正确"),
        ("91350402MA2XYKT641", "invalid", "按前17位应为0，实为1"),
        ("91330481L392519426", "invalid", "校验码不符"),
        ("91350402OA2XYKT640", "invalid", "不用的字符：O"),
        ("0135040200000000XX", "invalid", "登记管理部门"),
        ("91350402MA2XYKT65K", "invalid", "组织机构代码"),
        ("350400100000003", "legacy", "15位工商注册号，校验码正确"),
        ("350400100000004", "legacy", "校验码不符：应为3，实为4"),
        ("3301841016454", "legacy", "13位旧注册号"),
        ("D2143569-X", "legacy", "组织机构代码"),
        ("企合浙绍总字第002112号", "invalid", "外商投资企业旧字号"),
        ("企合闽明总字第002112号", "invalid", "外商投资企业旧字号"),
        ("12345", "invalid", "5个字符"),
        ("00000000000000000X", "blank", "占位码"),
        ("", "blank", "未填写"),
    ],
)
def test_a_number_is_what_it_is_and_says_why(number, kind, reason):
    found = classify(number)
    assert found[0] == kind
    assert reason in found[1]


@pytest.fixture
def a_list(tmp_path):
    path = tmp_path / "企业.csv"
    lines = ["备注,名称,代码", ",甲,91350402ma2xykt640", ",乙, 91350402MA2XYKT640", ",丙,12345", ",丁,", "短行"]
    path.write_text("\n".join(lines) + "\n", "utf-8-sig")
    return path


def test_columns_are_named_and_a_number_beside_two_names_is_told(a_list):
    found = read(a_list, "名称", "代码")
    assert [(kind, count) for kind, _, count in found.reasons()] == [("unified", 2), ("invalid", 1), ("blank", 1)]
    assert found.shared == (("91350402MA2XYKT640", ("乙", "甲")),)
    with pytest.raises(UnexpectedShape, match="the column `号码` is missing. Found: 备注, 名称, 代码"):
        read(a_list, "名称", "号码")


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
def test_a_list_is_read_as_excel_saved_it(a_list, encoding):
    expected = read(a_list, "名称", "代码")
    a_list.write_bytes(a_list.read_text("utf-8-sig").encode(encoding))
    assert read(a_list, "名称", "代码") == expected


def test_a_workbook_is_said_to_be_one(tmp_path):
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    result = CliRunner().invoke(app, ["identifiers", str(tmp_path / "a.xlsx")])
    assert (result.exit_code, "a.xlsx is a workbook" in result.output) == (1, True), result.exception


def test_the_command_counts_and_lists(a_list):
    told = ("identifiers", str(a_list), "--name", "名称", "--number", "代码")
    shown = CliRunner().invoke(app, told).output
    assert "row 3: 12345 丙" in shown and "4 enterprises; 1 numbers stand beside several names" in shown
    found = json.loads(CliRunner().invoke(app, [*told, "--json"]).stdout)
    assert [one["number"] for one in found["not_unified"]] == ["12345", ""]


@pytest.mark.skipif(not REAL.exists(), reason="the file of real enterprises is not beside the project")
def test_the_real_list_has_exactly_these_numbers():
    found = read(REAL)
    assert found.reasons() == [
        ("unified", "统一社会信用代码，校验码正确", 9_000),
        ("legacy", "15位工商注册号，校验码正确", 980),
        ("legacy", "13位旧注册号（无校验码）", 18),
        ("invalid", "外商投资企业旧字号（2007年以前），不是注册号", 2),
    ]
    assert [one.number for one in found.of("invalid")] == ["企合浙绍总字第002112号", "企独浙绍总字第002662号"]
    assert found.shared == ()
