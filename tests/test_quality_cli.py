"""The commands on quality: what they print, what they refuse, and that programs get JSON."""

from __future__ import annotations

import json
import shutil

import pytest
from deliveries import FIRST, a_penalty, rows, take_in
from test_announcements import INVENTED, announcement
from test_scores import measured, results
from typer.testing import CliRunner

from xinyong import stages
from xinyong.cli import app
from xinyong.settings import catalogue_dir

FEED = "enforcement_penalty"
DATE = FIRST.isoformat()


def ran(*words):
    return CliRunner().invoke(app, list(words))


def told(*words):
    found = ran(*words)
    assert found.exit_code == 0, found.output
    return found.output


@pytest.fixture
def night(environment):
    results(take_in(FEED, FIRST, [a_penalty(1), a_penalty(2)]), ("PEN-A", "accuracy", "failed", 2, 1))
    stages.aggregate(FIRST)
    measured(FIRST)


@pytest.mark.usefixtures("night")
def test_scores_are_shown_and_handed_to_programs(tmp_path):
    assert "准确率" in told("score", "--date", DATE)
    found = json.loads(told("score", "--date", DATE, "--section", "enforcement", "--json"))
    assert {one["section"] for one in found["scores"]} == {"enforcement"}
    assert {one["percent"] for one in found["scores"] if one["dimension"] == "accuracy"} == {50.0}
    path = tmp_path / "month.xlsx"
    assert "Written" in told("score", "--month", "2026-11", "-o", str(path)) and path.exists()


@pytest.mark.usefixtures("night")
def test_timeliness_is_shown_for_a_date_and_a_section():
    assert "will be late within the forecast" in told("timeliness", "--date", "2026-11-27")
    found = json.loads(told("timeliness", "--date", "2026-11-27", "--section", "enforcement", "--json"))
    assert [one["hours_left"] for one in found["waiting"]] == [96, 96]
    assert {one["at_risk"] for one in found["timeliness"]} == {2}
    assert json.loads(told("timeliness", "--date", DATE, "--section", "safety", "--json"))["waiting"] == []


@pytest.mark.usefixtures("night")
def test_timeliness_speaks_as_its_page_does_and_breaks_no_heading():
    shown = told("timeliness", "--date", "2026-11-27")
    for words in ("录入时已逾期", "从严计迟报", "期限暂定", "执法支队", "行政处罚", "96小时", "尚未报送"):
        assert words in shown
    for name in ("enforcement", "late_at_sour", "not_sent"):
        assert name not in shown


@pytest.mark.usefixtures("night")
def test_a_monthly_table_that_cannot_be_written_is_said_to_be(tmp_path):
    found = ran("score", "--month", "2026-11", "-o", str(tmp_path / "nowhere" / "m.xlsx"))
    assert (found.exit_code, "Expected: a path" in found.output.replace("\n", " ")) == (1, True), found.exception


@pytest.mark.usefixtures("night")
@pytest.mark.parametrize(
    "words",
    [
        ("score", "-o", "a.xlsx"),
        ("score", "--date", "2026-01-01"),
        ("score", "--date", DATE, "--by", "none"),
        ("score", "--section", "none"),
        ("timeliness", "--section", "none"),
        ("nil", "--feed", "none", "--month", "2026-11", "--person", "林", "--reason", "无"),
    ],
)
def test_what_cannot_be_answered_says_what_was_expected(words):
    found = ran(*words)
    assert (found.exit_code, "Expected" in found.output) == (1, True)


def test_a_nil_declaration_is_written_down(environment):
    words = ("--feed", FEED, "--month", "2026-11", "--person", "林", "--reason", "无案件", "--date", DATE)
    assert "no data in 2026-11" in told("nil", *words)
    assert rows("SELECT feed, month::text, person, declared_on FROM operation.nil_declaration") == [
        (FEED, "2026-11-01", "林", FIRST)
    ]


def test_a_calendar_is_imported_shown_and_its_due_dates_recomputed(environment, tmp_path, monkeypatch):
    folder = tmp_path / "catalogue"
    shutil.copytree(catalogue_dir(), folder)
    monkeypatch.setenv("XINYONG_CATALOGUE", str(folder))
    unknown = ran("calendar", "show", "2027")
    assert (unknown.exit_code, "not announced yet" in unknown.output) == (1, True)
    assert "0 due dates changed" in told("calendar", "import", str(announcement(tmp_path)), "--date", DATE)
    shown = told("calendar", "show", "2027")
    assert "国办发明电〔2026〕9号" in shown and "13班" in shown and "248 working days" in shown
    broken = ran("calendar", "import", str(announcement(tmp_path, INVENTED.replace("2027-09-15, ", ""))))
    assert (broken.exit_code, "are 12 days" in broken.output) == (1, True)
