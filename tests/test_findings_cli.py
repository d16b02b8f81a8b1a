"""Commands on findings: written down from the line or from a table, listed by month."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from xinyong.cli import app
from xinyong.findings import HEADINGS

pytestmark = pytest.mark.usefixtures("environment")
ABOUT = ("--type", "penalty", "--section", "enforcement", "--found-by", "第三方评估", "--person", "林建国")


def said(*arguments, code=0):
    done = CliRunner().invoke(app, ["finding", *arguments])
    assert done.exit_code == code, done.output
    return done.output


def test_a_finding_is_written_down_and_listed():
    assert "1 findings written down, 0 were known" in said(
        "add", "闽明工信罚〔2026〕77号", *ABOUT, "--date", "2026-12-01"
    )
    (one,) = json.loads(said("list", "--month", "2026-12", "--json"))
    assert (one["document"], one["found_on"], one["found_by"]) == ("闽明工信罚〔2026〕77号", "2026-12-01", "第三方评估")
    assert "1 findings" in said("list", "--month", "2026-12", "--section", "enforcement")
    assert "0 findings" in said("list", "--month", "2026-11")
    said("list", "--month", "2026-11", "--section", "x", code=1)


def test_a_table_is_taken_over_and_a_wrong_one_says_why(tmp_path):
    path = tmp_path / "评估.csv"
    path.write_text(",".join(HEADINGS) + "\n行政许可,安全生产科,许9,,,2026-12-01,信用办,\n", "utf-8")
    assert "1 findings written down" in said("import", str(path), "--person", "林建国", "--date", "2026-12-01")
    path.write_text("文书号\n许9\n", "utf-8")
    said("import", str(path), "--person", "林建国", "--date", "2026-12-01", code=1)
