"""The commands of sections and clerks."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from pathlib import Path

import pytest
from deliveries import a_penalty, counts, day, take_in
from typer.testing import CliRunner

from xinyong.clerk_cli import in_their_words
from xinyong.cli import app

FEED = "enforcement_penalty"
DATE = ("--date", "2026-11-26")


def called(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def set_aside(environment):
    return take_in(FEED, day(1), [a_penalty(1), a_penalty(2, cf_sy=None)])


def test_entries_are_listed_for_people_and_for_programs(set_aside):
    assert "1 entries" in called("quarantine", "list", *DATE).output
    (entry,) = json.loads(called("quarantine", "list", "--json", *DATE).stdout)
    assert (entry["document"], entry["age_days"], entry["sentences"]) == ("闽明工信罚〔2026〕2号", 2, ["未填写"])
    assert "0 entries" in called("quarantine", "list", "--section", "safety", *DATE).output


def test_a_wrong_section_or_state_names_the_right_ones(set_aside):
    assert "safety" in called("quarantine", "list", "--section", "nobody").output
    assert "fixed_at_source" in called("quarantine", "list", "--state", "closed").output
    assert called("rectify", "--section", "nobody").exit_code == 1


def test_a_person_waives_and_releases_with_a_reason(set_aside):
    told = ("闽明工信罚〔2026〕2号", "--person", "林", "--reason", "测试数据", *DATE)
    assert "waived by 林" in called("waive", *told).output
    assert "测试数据" in called("quarantine", "list", "--state", "waived", *DATE).output
    assert "released by 林" in called("release", *told).output
    assert counts(set_aside) == {"received": 2, "accepted": 2}
    again = called("release", *told)
    assert again.exit_code == 1
    assert "names 0 entries" in again.output


def test_a_sentence_is_never_cut_off(set_aside):
    reason = "处罚类别与罚款金额不一致，" * 12
    called("waive", "闽明工信罚〔2026〕2号", "--person", "林", "--reason", reason, *DATE)
    shown = called("quarantine", "list", "--state", "waived", *DATE).output
    assert "…" not in shown and Counter(reason) <= Counter(shown), shown


def test_a_list_is_written_for_each_section(set_aside, tmp_path):
    result = called("rectify", "-o", tmp_path / "lists", *DATE)
    assert "1 records, 1 problems" in result.output
    assert [path.name for path in (tmp_path / "lists").iterdir()] == ["整改清单_执法支队_20261126.xlsx"]
    called("waive", "闽明工信罚〔2026〕2号", "--person", "林", "--reason", "测试", *DATE)
    assert "no list was written" in called("rectify", "-o", tmp_path / "lists", *DATE).output
    assert list((tmp_path / "lists").iterdir()) == []


def test_a_feed_is_judged_again_and_the_counts_are_told(environment):
    assert "0 batches of safety_penalty" in called("recheck", "--feed", "safety_penalty").output
    assert "There is no feed `nothing`" in called("recheck", "--feed", "nothing").output


def test_a_template_is_written_without_a_database(tmp_path):
    assert called("template", "licence", "-o", tmp_path / "licence.xlsx").exit_code == 0
    assert (tmp_path / "licence.xlsx").exists()
    assert "penalty" in called("template", "nothing", "-o", tmp_path / "x.xlsx").output


@pytest.mark.parametrize("path", ["nowhere/x.xlsx", ""], ids=["no such folder", "a folder"])
def test_a_template_that_cannot_be_written_is_said_to_be(tmp_path, path):
    result = called("template", "licence", "-o", tmp_path / path)
    assert (result.exit_code, "Expected: a path" in result.output.replace("\n", " ")) == (1, True), result.exception


def test_lists_that_cannot_be_written_are_said_to_be(set_aside, tmp_path):
    (tmp_path / "file").touch()
    result = called("rectify", "-o", tmp_path / "file" / "lists", *DATE)
    assert (result.exit_code, "Expected: a path" in result.output.replace("\n", " ")) == (1, True), result.exception


def test_a_judged_file_gets_its_annotated_copy(environment, tmp_path):
    file = tmp_path / "registry.csv"
    headings = "企业名称,统一社会信用代码,注册号,组织机构代码,登记机关,管辖单位,登记状态"
    file.write_text(f"{headings}\n乙公司,91350402MA2XYKT641,,,,,存续\n", "utf-8")
    result = called("check", file, "--feed", "registry_subject", *DATE)
    assert "标注副本" in result.output
    assert (tmp_path / "registry_checked.xlsx").exists()


def test_a_judged_file_is_told_of_in_chinese(environment, tmp_path):
    from files import a_penalty_row, a_workbook

    path = a_workbook(tmp_path / "九月.xlsx", sheet="Sheet1")
    result = called("check", path, "--feed", "safety_penalty", *DATE)
    told = "九月.xlsx：没有名为“行政处罚”的工作表，只有：Sheet1。"
    assert (result.exit_code, result.output.startswith(told)) == (1, True), result.output
    a_workbook(path, [a_penalty_row(), a_penalty_row()])
    assert (
        "1 行与前面的行内容相同，只入库一次：第 4 行" in called("check", path, "--feed", "safety_penalty", *DATE).output
    )


def test_what_the_parser_remarks_is_for_no_clerk():
    with warnings.catch_warnings(record=True) as remarked:
        warnings.simplefilter("always")
        with in_their_words(Path("a.xlsx")):
            warnings.warn("/srv/openpyxl/reader.py: no default style", UserWarning, stacklevel=1)
    assert remarked == []


def test_a_returned_list_is_taken_in_and_answered_beside_the_file(environment, tmp_path):
    import openpyxl

    take_in(FEED, day(1), [*(a_penalty(at) for at in range(3, 10)), a_penalty(2, cf_sy=None)])
    called("rectify", "-o", tmp_path, *DATE)
    (path,) = tmp_path.glob("整改清单_*.xlsx")
    told = ("rectify", "--return", path, "--person", "林建国", *DATE)
    assert "清单里没有填写任何更正值" in called(*told).output
    book = openpyxl.load_workbook(path)
    book["整改清单"]["M4"] = "未按规定报送能源利用状况报告"
    book.save(path)
    result = called(*told)
    assert (result.exit_code, "1 of 1 filled lines were taken" in result.output) == (0, True), result.output
    assert "taken in before" in called(*told).output
    assert path.with_name(f"{path.stem}_回执.xlsx").exists()
    assert "1 corrections not followed by the business system" in called("rectify", "-o", tmp_path, *DATE).output
