"""The page of a date shows every number with its words, escapes what is foreign, and asks nothing of the internet."""

from __future__ import annotations

import json
import re

import pytest
from deliveries import FIRST, a_penalty, day, execute, take_in
from test_scores import results

from xinyong import assessment, stages
from xinyong.catalogue import catalogue
from xinyong.database import connected

FEED = "enforcement_penalty"

pytestmark = pytest.mark.usefixtures("environment")


def measured(when=FIRST):
    with connected() as connection:
        return assessment.measure(connection, catalogue(), when)


def written(tmp_path, when=FIRST):
    assessment.write(measured(when), catalogue(), tmp_path / "report")
    folder = tmp_path / "report"
    return (folder / "quality.html").read_text("utf-8"), json.loads((folder / "quality.json").read_text("utf-8"))


def test_the_page_tells_what_waits_how_feeds_behave_and_the_scores(tmp_path):
    batch = take_in(
        FEED, FIRST, [a_penalty(1, cf_jdrq="2026-11-16"), a_penalty(2, cf_xdr_mc="<b>甲", cf_jdrq="2026-11-16")]
    )
    results(batch, ("PEN-A", "accuracy", "failed", 2, 1))
    stages.aggregate(FIRST)
    page, content = written(tmp_path)
    shown = "执法支队 〔2026〕1号 24小时 尚未报送 全部平台 准确性 50.00% 准确率 未采集"
    assert [words for words in shown.split() if words not in page] == []
    assert "&lt;b&gt;甲" in page and "<b>甲" not in page
    assert re.findall(r'(?:src|href)="(?!index\.html)|url\(|<script', page) == []
    assert [one["document"] for one in content["waiting"]] == ["闽明工信罚〔2026〕1号", "闽明工信罚〔2026〕2号"]
    assert content["assessment"]["scores"][0]["percent"] == 50.0


def test_a_night_on_which_nothing_was_judged_has_a_page_and_no_score(tmp_path):
    page, content = written(tmp_path)
    assert content["assessment"] is None
    assert "不评分" in page


def test_the_report_stage_writes_both_pages_and_the_ledger_names_suspicious_feeds(environment):
    from xinyong.report import attention

    take_in(FEED, FIRST, [a_penalty(1)])
    stages.aggregate(FIRST)
    stages.report(FIRST)
    folder = environment / "reports" / FIRST.isoformat()
    assert 'href="quality.html"' in (folder / "index.html").read_text("utf-8")
    assert (folder / "quality.html").exists()
    lines = attention(stages.read_ledger(FIRST))
    assert "safety_penalty: missed: 应采集而未采集：当日没有任何采集记录" in lines
    assert [line for line in lines if line.startswith(f"{FEED}: missed")] == []


def test_settling_a_platform_notes_the_night_of_the_first_receipt():
    from deliveries import rows

    from xinyong.report import settle_platform

    class Silent:
        def listing(self, record_type):
            return None

    take_in(FEED, FIRST, [a_penalty(1)])
    stages.aggregate(FIRST)
    stages.reconcile("city", FIRST)
    execute("UPDATE publication.item SET state = 'accepted'")
    for when in (day(3), day(4)):
        with connected() as connection:
            settle_platform(connection, catalogue().platforms["city"], Silent(), when)
    assert rows("SELECT business_date FROM publication.first_receipt") == [(day(3),)]
