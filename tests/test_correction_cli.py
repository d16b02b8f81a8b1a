"""Corrections on the command line: from the Excel file of a clerk to a plan, and every way such a file can be wrong."""

from __future__ import annotations

import json
import re
import zipfile

import pytest
from deliveries import a_penalty, day, rows, take_in
from openpyxl import Workbook
from typer.testing import CliRunner

from xinyong import recheck, stages
from xinyong.catalogue import catalogue
from xinyong.cli import app
from xinyong.correction import CorrectionError, book
from xinyong.correction.asking import ask
from xinyong.database import connected
from xinyong.errors import UnexpectedShape
from xinyong.restatement import RestatementError
from xinyong.terminal import today

FEED = "enforcement_penalty"
DOCUMENT = "闽明工信罚〔2026〕1号"
WHO = ["--person", "林", "--reason", "录入有误"]

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture
def by_hand(monkeypatch):
    """Judge nothing: what rules say of corrected rows is not what these tests are about."""

    def judge(connection, feed, record_type, batch_id, business_date, table=""):
        import sqlalchemy as sa

        result = "INSERT INTO quality.rule_result VALUES (:b, 'PEN-R01-CF_SY', 'passed', 1, 0) ON CONFLICT DO NOTHING"
        connection.execute(sa.text(result), {"b": batch_id})

    monkeypatch.setattr(recheck, "judge", judge)


def called(*arguments, code=0):
    done = CliRunner().invoke(app, ["correct", *arguments])
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def a_file(path, *lines, sheet=book.SHEET, headings=book.HEADINGS):
    made = Workbook()
    made.active.title = sheet
    for line in (headings, *lines):
        made.active.append(list(line))
    made.save(path)
    return path


def test_a_correction_from_the_excel_file_to_its_rollback(environment, by_hand):
    take_in(FEED, day(1), [a_penalty(1, cf_sy="甲", bz="旧"), a_penalty(2)])
    file = a_file(environment / "a.xlsx", (DOCUMENT, "违法事实", "甲", "乙"), (DOCUMENT, "BZ", None, "清空"))
    kept = environment / "plan.json"
    said = called("plan", "restate", "--feed", FEED, "--file", str(file), *WHO, "--date", "2026-11-25", "-o", str(kept))
    planned = json.loads(kept.read_text("utf-8"))
    assert f"xinyong correct apply 1 --hash {planned['plan_hash']}" in said
    assert "1 changed; 1 batches stored again" in said
    assert "CF_SY 甲 乙" in said
    who = ["--person", "陈", "--reason", "已核对", "--date", "2026-11-25"]
    assert "Applied: the correction 1 (restate of enforcement_penalty)" in called(
        "apply", "1", "--hash", planned["plan_hash"], *who
    )
    assert rows("SELECT cf_sy, bz FROM warehouse.penalty WHERE cf_wsh = :d", d=DOCUMENT) == [("乙", None)]
    assert called("apply", "1", "--hash", planned["plan_hash"], *who) == (
        "Nothing done: the correction 1 (restate of enforcement_penalty) was planned on 2026-11-25 by 林, applied on "
        "2026-11-25 by 陈."
    )
    listed = called("list")
    assert "来源未改，更正仍在用" in listed
    assert (
        json.loads(CliRunner().invoke(app, ["correct", "list", "--json"]).output)["restatements"][0]["person"] == "陈"
    )
    assert "applied on 2026-11-25 by 陈" in called("show", "1")
    assert "Rolled back" in called("rollback", "1", *who)
    assert rows("SELECT cf_sy, bz FROM warehouse.penalty WHERE cf_wsh = :d", d=DOCUMENT) == [("甲", "旧")]


def test_the_empty_file_can_be_filled_and_read(environment):
    file = environment / "a.xlsx"
    called("template", "-o", str(file))
    with pytest.raises(CorrectionError, match="Found: no line"):
        book.read(file)


@pytest.mark.parametrize(
    ("lines", "more", "says"),
    [
        pytest.param([], {"sheet": "Sheet1"}, "the sheet `更正` is missing. Found: Sheet1", id="wrong sheet"),
        pytest.param([], {"headings": ("甲", "乙")}, "the headings are not those of a correction", id="other headings"),
    ],
)
def test_a_file_that_cannot_be_taken_says_where(environment, lines, more, says):
    with pytest.raises(CorrectionError, match=says):
        book.read(a_file(environment / "a.xlsx", *lines, **more))


def test_everything_unfit_in_a_file_is_named_at_once(environment):
    take_in(FEED, day(1), [a_penalty(1)])
    lines = [(DOCUMENT, "CF_SY", None, "=A1&B1"), (DOCUMENT, None, None, "乙"), (DOCUMENT, "CF_SY", "甲", None)]
    file = a_file(environment / "a.xlsx", *lines, ("无此号", "CF_NEIN", None, "乙"))
    form = {"kind": "restate", "feed": FEED, "file": file}
    with connected() as connection, pytest.raises(RestatementError) as refused:
        ask(connection, catalogue(), form)
    parts = ("row 2 holds a formula", "row 3 lacks", "row 4 lacks", "row 5: `无此号` names no", "`CF_NEIN` is no field")
    assert all(part in str(refused.value) for part in parts)


def test_a_workbook_with_macros_and_a_file_that_is_none_are_refused(environment):
    file = a_file(environment / "a.xlsx", (DOCUMENT, "CF_SY", None, "乙"))
    with zipfile.ZipFile(file, "a") as container:
        container.writestr("xl/vbaProject.bin", b"macro")
    with pytest.raises(UnexpectedShape, match="macros"):
        book.read(file)
    (environment / "b.xlsx").write_text("no workbook", "utf-8")
    with pytest.raises(UnexpectedShape, match="no workbook at all"):
        book.read(environment / "b.xlsx")
    with pytest.raises(CorrectionError, match="no such file"):
        book.read(environment / "c.xlsx")


def test_unknown_keys_and_fields_are_named_with_their_rows(environment):
    take_in(FEED, day(1), [a_penalty(1)])
    file = a_file(environment / "a.xlsx", ("无此号", "CF_SY", None, "乙"), (DOCUMENT, "CF_NEIN", None, "乙"))
    done = CliRunner().invoke(app, ["correct", "plan", "restate", "--feed", FEED, "--file", str(file), *WHO])
    said = " ".join(done.output.split())
    assert done.exit_code == 1
    assert said == (
        "Records of enforcement_penalty cannot be restated like this. Found: row 2: `无此号` names no live record and "
        "no open quarantine entry; give what `xinyong explain` finds; row 3: `CF_NEIN` is no field of penalty; give a "
        "standard code such as CF_WSH. Expected: known records and fields, readable values, each content restated "
        "once. Nothing has changed."
    )


@pytest.mark.parametrize(
    ("form", "says"),
    [
        pytest.param(
            {"kind": "re-extract", "first": "2026-11-24", "last": "2027-01-01"},
            "2027-01-01 lies in the future of enforcement_penalty, whose latest night is 2026-11-24. Nothing can be "
            "read of days that have not been. Expected: an interval up to 2026-11-24. Its night will read it.",
            id="future",
        ),
        pytest.param(
            {"kind": "re-extract", "first": "2026-11-01", "last": "2026-11-24"},
            "2026-11-01 lies before the first batch of enforcement_penalty, of 2026-11-24: there is nothing to "
            "correct. Expected: an interval from 2026-11-24 on. To take in dates that never were, backfill "
            "`intake_enforcement_penalty` (docs/corrections.md).",
            id="before",
        ),
        pytest.param({"kind": "re-extract", "first": "2026-11-25", "last": "2026-11-24"}, "upside down", id="turned"),
        pytest.param({"kind": "re-extract", "first": "2026-11-24"}, "`last` is missing", id="half"),
        pytest.param(
            {"kind": "re-judge", "since": "2027-01-01"}, "no batch since 2027-01-01", id="judged in the future"
        ),
        pytest.param({"kind": "retract"}, "`batch_id` is missing", id="no batch"),
        pytest.param({"kind": "mend"}, "no correction `mend`", id="no kind"),
        pytest.param({"kind": "retract", "feed": "nothing"}, "no feed `nothing`", id="unknown feed"),
        pytest.param({"kind": "retract", "feed": None}, "`feed` is missing. Expected one of: ", id="no feed"),
        pytest.param({"kind": "disclosure", "disclosure": "secret"}, "no class `secret`", id="no class"),
        pytest.param(
            {"kind": "disclosure", "disclosure": "public", "basis": "b", "document_number": "d"},
            "No records are named",
            id="none",
        ),
        pytest.param(
            {"kind": "disclosure", "disclosure": "public", "basis": "b", "document_number": "d", "documents": ["无"]},
            "no live record 无",
            id="unknown record",
        ),
    ],
)
def test_a_form_that_cannot_be_planned_says_what_to_give(form, says):
    take_in(FEED, day(1), [a_penalty(1)])
    with connected() as connection, pytest.raises(CorrectionError, match=re.escape(says)):
        ask(connection, catalogue(), {"feed": FEED, "person": "林", "reason": "有误"} | form)


def test_a_feed_without_a_batch_has_nothing_to_read_again():
    form = {"kind": "re-extract", "feed": FEED, "first": "2026-11-24", "last": "2026-11-24"}
    with connected() as connection, pytest.raises(CorrectionError, match="no batch yet"):
        ask(connection, catalogue(), form)


def test_batches_are_listed_to_choose_from():
    take_in(FEED, day(1), [a_penalty(1)])
    take_in(FEED, day(2), [a_penalty(1), a_penalty(2)])
    said = called("batches", "--feed", FEED)
    assert "2 2026-11-25 stored 2 1 0 0 1" in said
    assert [
        one["batch_id"]
        for one in json.loads(CliRunner().invoke(app, ["correct", "batches", "--feed", FEED, "--json"]).output)
    ]
    assert len(stages.batches(FEED)) == 2


def test_a_form_without_its_file_is_told_what_lies_in_the_folder(environment):
    a_file(environment / "乙.xlsx")
    form = {"kind": "restate", "feed": FEED, "folder": str(environment)}
    for given, says in (({}, "`file` is missing"), ({"file": str(environment / "甲.xlsx")}, "no file `甲.xlsx`")):
        with connected() as connection, pytest.raises(CorrectionError, match=f"{says}. Found in .*: 乙.xlsx. Expected"):
            ask(connection, catalogue(), form | given)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["list", "--feed", "foo"], "There is no feed `foo`. Expected one of: ", id="feed"),
        pytest.param(["batches", "--feed", "foo"], "There is no feed `foo`. Expected one of: ", id="batches"),
        pytest.param(
            ["list", "--state", "foo"],
            "There is no state `foo`. Expected one of: planned, applied, rolled_back.",
            id="state",
        ),
        pytest.param(
            ["template", "-o", "/nonexistent/x.xlsx"], "/nonexistent/x.xlsx: the file or folder cannot", id="template"
        ),
        pytest.param(
            ["plan", "re-judge", "--feed", FEED, *WHO, "-o", "/nonexistent/p.json"],
            "/nonexistent/p.json cannot be written. Found: no folder /nonexistent",
            id="plan",
        ),
        pytest.param(
            ["plan", "re-judge", "--feed", FEED, *WHO, "--date", "2999-01-01"],
            "The day of this act is still to come. Found: 2999-01-01. Expected: a day up to 2",
            id="day to come",
        ),
    ],
)
def test_what_cannot_be_looked_for_written_or_dated_is_refused_before_any_work(arguments, says):
    assert says in called(*arguments, code=1)
    assert rows("SELECT count(*) FROM operation.correction") == [(0,)]


def test_an_act_is_of_today_or_of_the_day_after_nights_that_are_ahead_of_it():
    assert stages.correction_day(None, today()) == today()
    take_in(FEED, day(9), [a_penalty(1)])
    assert [stages.correction_day(given, day(1)) for given in (None, day(2), day(10))] == [day(10), day(2), day(10)]
    with pytest.raises(CorrectionError, match="Found: 2026-12-04. Expected: a day up to 2026-12-03"):
        stages.correction_day(day(11), day(1))


def test_records_that_a_correction_sets_aside_are_named_with_their_rules(environment, monkeypatch):
    take_in(FEED, day(1), [a_penalty(1, cf_sy="甲"), a_penalty(2), a_penalty(3)])

    def judge(connection, feed, record_type, batch_id, business_date, table=""):
        import sqlalchemy as sa

        broken = (
            f"INSERT INTO quality.violation SELECT :b, row_number, 'PEN-R01-CF_SY' FROM {table} WHERE cf_sy IS NULL"
        )
        connection.execute(sa.text(broken), {"b": batch_id})

    monkeypatch.setattr(recheck, "judge", judge)
    file, kept = a_file(environment / "a.xlsx", (DOCUMENT, "CF_SY", None, "清空")), environment / "plan.json"
    named = f"set aside: {DOCUMENT} (PEN-R01-CF_SY 未填写)"
    assert named in called("plan", "restate", "--feed", FEED, "--file", str(file), *WHO, "-o", str(kept))
    planned = json.loads(kept.read_text("utf-8"))
    assert planned["effect"]["opened"][0]["rules"] == {"PEN-R01-CF_SY": "未填写"}
    assert named in called("show", "1")
    assert named in called("apply", "1", "--hash", planned["plan_hash"], *WHO)
    take_in(FEED, day(2), [a_penalty(1, cf_sy="甲"), a_penalty(2), a_penalty(3), a_penalty(4)])
    assert "Touched business dates: 2026-11-25." in called("rollback", "1", *WHO)
