"""The commands for acts: one per kind, a list with deadlines, a letter."""

from __future__ import annotations

import json

import pytest
from deliveries import a_penalty, day
from telling import answered, taken_in, told
from test_acts import document
from typer.testing import CliRunner

from xinyong.catalogue.acts import KINDS
from xinyong.cli import app

pytestmark = pytest.mark.usefixtures("environment")

OPTIONS = ("--person", "张科长", "--basis", "行政处罚法第四十八条", "--document", "撤1号", "--on", "2026-11-25")


def xinyong(*arguments, date="2026-11-25"):
    return CliRunner().invoke(app, ["act", *arguments, *(("--date", date) if date else ())])


@pytest.fixture
def published():
    taken_in(day(1), [a_penalty(1)])
    told("city", day(1))
    answered("city")


def test_there_is_one_command_per_kind_of_act():
    said = xinyong("--help", date=None).output
    assert [kind for kind in KINDS if kind not in said] == []


def test_an_act_is_recorded_listed_shown_and_becomes_overdue(published, tmp_path):
    done = xinyong("annulment", document(1), *OPTIONS)
    assert (done.exit_code, done.output) == (
        0,
        f"act 1: annulment of {document(1)}\ndue on 2026-11-30; waits for city\n",
    )
    again = xinyong("annulment", document(1), *OPTIONS)
    assert "recorded before; nothing has changed" in again.output
    listed = xinyong("list")
    assert listed.exit_code == 0 and "办理中" in listed.output and "1 cases" in listed.output
    late = xinyong("list", "--json", date="2026-12-01")
    assert late.exit_code == 1
    assert [(one["act_id"], one["state"], one["next_due"]) for one in json.loads(late.output)] == [
        (1, "overdue", "2026-11-30")
    ]
    assert "basis: 行政处罚法第四十八条" in xinyong("show", "1").output
    page = tmp_path / "letter.html"
    assert xinyong("letter", "1", "-o", str(page), date=None).exit_code == 0
    assert "撤1号" in page.read_text("utf-8")
    assert xinyong("letter", "1", "-o", str(page), date="2026-11-30").exit_code == 0
    assert "2026年11月30日</p>" in page.read_text("utf-8")


def test_a_letter_that_cannot_be_written_is_said_before_anything_is_read(tmp_path):
    refused = xinyong("letter", "1", "-o", str(tmp_path / "nonexist" / "x.html"), date=None)
    assert refused.exit_code == 1
    assert "cannot be written. Found: no folder" in " ".join(refused.stderr.split())


def test_list_and_show_say_where_an_objection_leaves_no_mark(published):
    xinyong("objection", document(1), *OPTIONS)
    told("city", day(2))
    assert "无标注位置：city" in "".join(xinyong("list").output.replace("│", "").split())
    assert "no place for the mark of an objection: city" in xinyong("show", "1").output


def test_a_class_of_some_fields_is_given_by_options(published):
    chosen = ("--class", "on_authorisation", "--field", "CF_SY", "--field", "CF_NR")
    assert xinyong("disclosure", document(1), *OPTIONS, *chosen).exit_code == 0
    assert "class on_authorisation for CF_SY, CF_NR" in xinyong("show", "1").output
    assert xinyong("disclosure", document(1), *OPTIONS, "--class", "secret").exit_code == 2


def test_a_wrong_act_ends_with_1_and_its_message(published):
    refused = xinyong("upheld", document(1), *OPTIONS)
    assert refused.exit_code == 1
    assert "no objection waits for an answer" in " ".join(refused.stderr.split())
