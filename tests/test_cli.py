"""The command line teaches, answers in words, and tells by its exit code whether all is well."""

from __future__ import annotations

import base64
import json

import pytest
from deliveries import a_penalty, day, execute, rows, take_in
from messages import HEADINGS
from typer.testing import CliRunner

from xinyong import stages
from xinyong.cli import app

COMMANDS = ("nightly", "up", "down", "status", "migrate", "ledger", "explain", "check", "key", "catalogue")


def called(*arguments):
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", "TERM": "dumb"})


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches(command):
    result = called(command, "--help")
    assert result.exit_code == 0
    assert len(result.output) > 150
    assert command in called("--help").output


def test_the_catalogue_is_sound():
    result = called("catalogue", "check")
    assert result.exit_code == 0, result.output
    assert "三明市工业和信息化局" in result.output
    for record_type in ("penalty", "licence", "subject"):
        assert record_type in result.output


def test_without_a_night_the_ledger_says_what_to_do(environment):
    result = called("ledger")
    assert result.exit_code == 1
    assert "There is no ledger yet" in result.output
    assert "Traceback" not in result.output


def test_a_ledger_that_does_not_balance_ends_with_one_and_is_still_shown(environment):
    take_in("enforcement_penalty", day(1), [a_penalty(1)])
    stages.settle("enforcement_penalty", day(1))
    result = called("ledger", "--date", "2026-11-24")
    assert result.exit_code == 1
    assert "enforcement_penalty" in result.output
    as_json = called("ledger", "--json")
    data = json.loads(as_json.stdout)
    assert (data["business_date"], data["balances"]) == ("2026-11-24", False)
    assert data["feeds"][0]["accepted"] == 1


def test_a_record_is_explained_and_an_unknown_one_is_said_to_be(environment):
    take_in("enforcement_penalty", day(1), [a_penalty(1)])
    result = called("explain", "闽明工信罚〔2026〕1号")
    assert result.exit_code == 0
    assert "source row 1" in result.output
    unknown = called("explain", "没有这个文号")
    assert unknown.exit_code == 1
    assert "No record is called `没有这个文号`" in unknown.output


def test_a_file_is_judged_before_it_enters_and_nothing_is_written(environment, tmp_path):
    file = tmp_path / "registry_20261124.csv"
    file.write_text(f"{HEADINGS}\n甲公司,91350402MA2XYKT640,,,,,存续\n乙公司,91350402MA2XYKT641,,,,,存续\n", "utf-8")
    result = called("check", str(file), "--feed", "registry_subject", "--date", "2026-11-24")
    assert result.exit_code == 1
    assert "SUB-R06" in result.output
    assert "共 2 行，1 行须整改" in result.output
    assert rows("SELECT count(*) FROM landing.batch") == [(0,)]


HOSTILE = "[/]闽[bold]罚[link=x]〔2026〕1号\u202e"
SEEN = "[/]闽[bold]罚[link=x]〔2026〕1号"


@pytest.fixture
def hostile(environment):
    """A record, an entry and a feed whose texts look like markup or turn the line round."""
    take_in(
        "enforcement_penalty", day(1), [a_penalty(1, cf_wsh=HOSTILE), a_penalty(2, cf_wsh=f"{HOSTILE}B", cf_sy=None)]
    )
    execute("UPDATE operation.intake SET problem = '[/] [bold]\x1b[31m'")
    stages.settle("enforcement_penalty", day(1))


@pytest.mark.parametrize(
    "words",
    [
        ("quarantine", "list", "--date", "2026-11-26"),
        ("explain", HOSTILE),
        ("explain", f"{HOSTILE}B"),
        ("as-of", "2026-11-26", HOSTILE),
    ],
    ids=["quarantine list", "explain a record", "explain an entry", "as-of"],
)
def test_what_people_wrote_is_shown_as_they_wrote_it(hostile, words):
    result = called(*words)
    assert SEEN in result.output and "\u202e" not in result.output, result.output


def test_a_problem_is_shown_as_it_was_told(hostile):
    result = called("ledger")
    assert "[/] [bold]␛[31m" in result.output, result.output


def test_hostile_headings_and_file_names_are_shown_as_they_are(environment, tmp_path):
    file = tmp_path / "[bold]坏 文件.csv"
    file.write_text(f"{HEADINGS},[/备注]\n乙[/]公司,91350402MA2XYKT641,,,,,存续,a\n", "utf-8")
    result = called("check", str(file), "--feed", "registry_subject", "--date", "2026-11-24")
    assert result.exit_code == 1, result.exception
    assert "未识别的列：[/备注]" in result.output and "[bold]坏 文件_checked.xlsx" in result.output.replace("\n", "")


def test_the_findings_of_a_file_are_handed_to_programs_without_a_copy(environment, tmp_path):
    file = tmp_path / "registry.csv"
    file.write_text(f"{HEADINGS}\n乙公司,91350402MA2XYKT641,,,,,存续\n", "utf-8")
    result = called("check", str(file), "--feed", "registry_subject", "--date", "2026-11-24", "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["rows"], found["set_aside"]) == (1, 1, 1)
    assert "SUB-R06" in {one["rule_code"] for one in found["findings"]}
    assert list(tmp_path.glob("registry*")) == [file]


def test_a_feed_that_is_not_declared_is_named_with_those_that_are(environment, tmp_path):
    file = tmp_path / "any.csv"
    file.touch()
    result = called("check", str(file), "--feed", "registry")
    assert result.exit_code == 1
    assert "There is no feed `registry`" in result.output
    assert "registry_subject" in result.output


def test_a_key_is_new_each_time_and_long_enough():
    keys = {called("key").output.strip() for _ in range(3)}
    assert len(keys) == 3
    assert {len(base64.b64decode(key)) for key in keys} == {64}


def test_a_wrong_date_is_refused_before_anything_runs():
    result = called("ledger", "--date", "24.11.2026")
    assert result.exit_code == 2
