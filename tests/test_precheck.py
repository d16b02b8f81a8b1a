"""A clerk's file is judged as if it were delivered, and nothing of it stays."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from deliveries import a_penalty, day, take_in
from files import NIGHT, PENALTY_HEADINGS, SUBJECT, TABLE, WORKBOOK, a_penalty_row, a_table, a_workbook
from test_stored_rules import known_before, registered

from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.errors import UnexpectedShape
from xinyong.precheck import check_file
from xinyong.quality import suite

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
    assert {(4, "CF_JDRQ", "罚2"), (4, "CF_SY", "罚2"), (5, "CF_WSH", None)} <= told
    assert all(one.says and one.rule_code.startswith("PEN-") for one in found.findings)
    assert (found.set_aside, found.unknown_columns) == (2, ["经办人"])


def test_a_file_is_judged_the_same_after_it_was_delivered(tmp_path):
    path = a_table(tmp_path / "a.csv", [SUBJECT, ["乙厂", "91350402MA2XYKT641", *SUBJECT[2:]]])
    first = checked(path, TABLE)
    assert checked(path, TABLE) == first and {one.row for one in first.findings} >= {3}


def test_a_row_is_told_by_its_number_in_the_file(tmp_path):
    book = a_workbook(tmp_path / "a.xlsx", [a_penalty_row(), [], [None, " "], a_penalty_row(cf_sy="无", cf_wsh="罚2")])
    assert {one.row for one in checked(book).findings if one.severity == "critical"} == {6}
    table = a_table(tmp_path / "a.csv", [SUBJECT, [], ["乙\n厂", "91350402MA2XYKT641", *SUBJECT[2:]]])
    assert {one.row for one in checked(table, TABLE).findings if one.severity == "critical"} == {4}


def test_rows_that_repeat_another_are_told(tmp_path):
    rows = [a_penalty_row(), [], a_penalty_row(), a_penalty_row(cf_wsh="闽明工信罚〔2026〕2号"), a_penalty_row()]
    assert "2 行与前面的行内容相同，只入库一次：第 5、7 行" in checked(a_workbook(tmp_path / "a.xlsx", rows)).notes


def test_the_warehouse_is_asked_and_what_only_stored_records_tell_is_named(tmp_path):
    with connected() as connection:
        registered(connection)
        known_before(connection, "penalty")
    rows = [
        a_penalty_row(),
        a_penalty_row(cf_wsh="文2", cf_xdr_shxym="91350402MA32ABCD07"),
        a_penalty_row(cf_xdr_mc="甲"),
    ]
    found = checked(a_workbook(tmp_path / "a.xlsx", rows))
    told = {(one.row, one.rule_code) for one in found.findings}
    assert {(4, "PEN-R30"), (5, "PEN-R30-NAME")} <= told and (3, "PEN-R30") not in told
    (unasked,) = (note for note in found.notes if note.startswith("入库后才能判断"))
    asked = [rule for rule in suite(catalogue().records["penalty"]) if rule.asks_warehouse]
    assert [rule.code for rule in asked if rule.code in unasked] == ["PEN-R34"]


def test_a_record_that_another_feed_holds_otherwise_is_told(tmp_path):
    take_in("enforcement_penalty", day(1), [a_penalty(1)])
    found = checked(a_workbook(tmp_path / "a.xlsx", [a_penalty_row(cf_nr="罚款人民币壹万元整")]))
    assert (3, "PEN-R27-FEEDS") in {(one.row, one.rule_code) for one in found.findings}


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
