"""The lists on the portal: delivered as docs/portal.md says, shown everywhere, and gone everywhere."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
import yaml
from deliveries import a_penalty, day, judged, stored, take_in
from files import a_workbook
from portals import files, found_by, mentions, subject_page
from staged import COMPANY
from telling import NAME, known_subject, published_night, running_by

from xinyong import stages
from xinyong.acts import Act, ActError
from xinyong.catalogue import catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.settings import PROJECT

PAGE = (PROJECT / "docs" / "portal.md").read_text("utf-8")
RED, GRAVE = "credit_red_list", "credit_untrustworthy"
HONOUR, FACT, REPRESENTATIVE = "福建省绿色工厂示范企业", "拒不履行生效行政处罚决定，情节严重", "欧阳建国"
OLD_FACT = "提供虚假材料骗取财政补助"
RED_LIST = f"""企业名称,统一社会信用代码,荣誉名称,荣誉内容,荣誉等级,认定文号,认定机关,认定日期,有效期至
{NAME},{COMPANY},{HONOUR},,省级,明工信〔2026〕31号,三明市工业和信息化局,2026/11/2,2027-11-01
{NAME},{COMPANY},纳税信用A级,,,明工信〔2026〕32号,三明市工业和信息化局,2026/11/3,
"""
ENTRIES = (
    {"列入决定文号": "明工信失〔2026〕1号", "失信事实": FACT, "列入日期": "2026年11月4日", "公示截止期": "2031-11-03"},
    {"列入决定文号": "明工信失〔2025〕9号", "失信事实": OLD_FACT, "列入日期": "2025-11-01", "公示截止期": "2028-10-31"},
)
ENTERED = {
    "企业名称": NAME,
    "统一社会信用代码": COMPANY,
    "法定代表人": REPRESENTATIVE,
    "列入机关": "三明市工业和信息化局",
    "处理内容": "列入名单三年",
}


@pytest.fixture
def portal(environment, monkeypatch):
    """Run by the shipped catalogue with the printed feed; return the portal's folder."""
    (printed,) = (yaml.safe_load(text) for text in re.findall(r"```yaml\n(# catalogue/feeds/.*?)```", PAGE, re.DOTALL))
    assert printed["name"] == RED
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_LISTS", environment.as_uri())
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_PORTAL", (environment / "portal").as_uri())
    found = catalogue()
    with running_by(replace(found, feeds=found.feeds | {RED: Feed.model_validate(printed)})) as declared:
        yield environment / "portal", declared


def the_list(path, declared):
    """Write the ledger of the seriously untrustworthy as its feed declares it."""
    feed = declared.feeds[GRAVE]
    rows = [ENTERED | {"台账编号": f"SX{at}"} | entry for at, entry in enumerate(ENTRIES)]
    cells = [[row.get(heading) for heading in feed.columns] for row in rows]
    a_workbook(path, cells, list(feed.columns), feed.source.sheet)


def taken_in(folder, declared, when, red_list=RED_LIST):
    """Let the section export both lists and take them in."""
    (folder.parent / f"red_list_{when:%Y%m%d}.csv").write_text(red_list, "gb18030")
    the_list(folder.parent / f"untrustworthy_{when:%Y%m%d}.xlsx", declared)
    for feed in (RED, GRAVE):
        batch_id = stages.extract(feed, when)
        judged(batch_id, declared)
        stored(batch_id, declared)
    stages.aggregate(when)
    assert published_night("portal", when) == []


def repaired(document):
    """Grant the repair of an entry on the second night."""
    by = {"person": "林信用", "basis": "信用修复管理办法", "document_number": f"修复{document}"}
    stages.record_act(Act(kind="repair", effective_on=day(2), sought=document, **by), day(2))


def text_of(folder, path):
    return (folder / path).read_text("utf-8")


def assert_shown_everywhere(folder):
    home, subject = text_of(folder, "index.html"), subject_page(folder, COMPANY)
    assert [home.count(f">{title}</a></h3>") for title in ("守信激励名单", "严重失信主体名单")] == [1, 1]
    assert (
        subject.index("行政处罚（1 条）")
        < subject.index("守信激励名单（2 条）")
        < subject.index("严重失信主体名单（2 条）")
    )
    assert "公示至 2027-11-01" in subject and "公示至 长期" in subject
    assert "公示至 2029-11-03" in subject, "36 months are the most, whatever the entry says"
    assert "最早可申请修复日期</dt><dd><bdi>2027-11-04" in subject
    assert "原称“黑名单”" in text_of(folder, "list/untrustworthy_subject/index.html")
    red = text_of(folder, "list/red_list/2026-11/1.html")
    assert 'scope="col">荣誉名称</th>' in red and f"<bdi>{HONOUR}</bdi>" in red and "认定日期" in red
    assert found_by(folder, NAME[:2]) == [NAME]
    documents = b"".join(content for path, content in files(folder).items() if "search/documents" in str(path))
    assert b"untrustworthy_subject" in documents and b"red_list" in documents
    assert HONOUR in text_of(folder, "data/red_list/red_list_2026-11.json")
    assert FACT in text_of(folder, "data/untrustworthy_subject/untrustworthy_subject_2026-11.csv")
    assert mentions(folder, REPRESENTATIVE) == [], "who represents an organisation is not shown"

    assert "全部记录" in text_of(folder, "list/untrustworthy_subject/index.html")


def test_lists_are_shown_on_every_kind_of_page_and_leave_all_of_them(portal):
    folder, declared = portal
    known_subject()
    take_in("enforcement_penalty", day(1), [a_penalty(1)], declared)
    taken_in(folder, declared, day(1))
    assert_shown_everywhere(folder)

    with pytest.raises(ActError, match=r"from 2027-11-04 on \(class 严重\)"):
        repaired("明工信失〔2026〕1号")
    repaired("明工信失〔2025〕9号")
    shorter = "\n".join(line for line in RED_LIST.splitlines() if HONOUR not in line) + "\n"
    taken_in(folder, declared, day(2), red_list=shorter)
    assert mentions(folder, HONOUR, "〔2026〕31号", OLD_FACT, "〔2025〕9号") == []
    assert "守信激励名单（1 条）" in subject_page(folder, COMPANY)

    last = date(2029, 11, 3)
    assert published_night("portal", last) == []
    assert mentions(folder, FACT) != []
    assert published_night("portal", date(2029, 11, 4)) == []
    assert mentions(folder, FACT, "明工信失") == []
    assert "暂无公示信息" in text_of(folder, "list/untrustworthy_subject/index.html")
