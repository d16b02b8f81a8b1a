"""A clerk's file is judged as if it were delivered, and nothing of it stays."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from files import NIGHT, PENALTY_HEADINGS, SUBJECT, TABLE, WORKBOOK, a_penalty_row, a_table, a_workbook

from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.errors import UnexpectedShape
from xinyong.precheck import check_file

LEFT = ("landing.batch", "landing.safety_penalty", "quality.violation", "quality.rule_result", "quality.quarantine")


@pytest.fixture(autouse=True)
def _world(environment):
    pass


def checked(path, feed=WORKBOOK):
    return check_file(catalogue(), feed, path, NIGHT)


def left_behind():
    with connected() as connection:
        counts = {name: connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in LEFT}
        counts["tables"] = connection.scalar(sa.text("SELECT count(*) FROM pg_class WHERE relname LIKE 'precheck%'"))
    return {name: count for name, count in counts.items() if count}


def test_a_good_file_has_no_critical_finding_and_nothing_stays(tmp_path):
    found = checked(a_workbook(tmp_path / "a.xlsx", [a_penalty_row(), a_penalty_row(cf_wsh="闽明工信罚〔2026〕2号")]))
    assert (found.rows, found.set_aside, found.unknown_columns) == (2, 0, [])
    assert left_behind() == {}


def test_findings_name_row_rule_sentence_field_and_document(tmp_path):
    rows = [a_penalty_row(), a_penalty_row(cf_wsh="罚2", cf_jdrq="2026-02-30", cf_sy="无"), a_penalty_row(cf_wsh=None)]
    found = checked(a_workbook(tmp_path / "a.xlsx", [[*row, "张三"] for row in rows], [*PENALTY_HEADINGS, "经办人"]))
    told = {(one.row, one.field, one.document) for one in found.findings if one.severity == "critical"}
    assert {(2, "CF_JDRQ", "罚2"), (2, "CF_SY", "罚2"), (3, "CF_WSH", None)} <= told
    assert all(one.says and one.rule_code.startswith("PEN-") for one in found.findings)
    assert (found.set_aside, found.unknown_columns) == (2, ["经办人"])


def test_a_file_is_judged_the_same_after_it_was_delivered(tmp_path):
    path = a_table(tmp_path / "a.csv", [SUBJECT, ["乙厂", "91350402MA2XYKT641", *SUBJECT[2:]]])
    first = checked(path, TABLE)
    assert checked(path, TABLE) == first and {one.row for one in first.findings} >= {2}


def test_a_file_of_another_shape_is_refused_with_its_reason(tmp_path):
    with pytest.raises(UnexpectedShape, match=r"a\.xlsx: the sheet `行政处罚` is missing"):
        checked(a_workbook(tmp_path / "a.xlsx", sheet="Sheet1"))
    assert left_behind() == {}


@pytest.mark.parametrize("feed", ["enforcement_penalty", "approvals_licence"])
def test_a_feed_that_is_not_read_from_files_is_refused(tmp_path, feed):
    with pytest.raises(UnexpectedShape, match=f"{feed} is read from a .*, not from files. Expected: a feed of files"):
        checked(tmp_path / "a.csv", catalogue().feeds[feed])


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UnexpectedShape, match=r"nowhere\.csv: there is no such file. Expected"):
        checked(tmp_path / "nowhere.csv", TABLE)
