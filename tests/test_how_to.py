"""The how-to is right: what it prints, file by file, is declared, landed, checked, stored and told as it says."""

from __future__ import annotations

import csv
import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from xinyong import stages, timeliness
from xinyong.catalogue import catalogue
from xinyong.database import connected, migrate
from xinyong.reconcile import open_gate
from xinyong.settings import PROJECT

HOW_TO = (PROJECT / "docs" / "how-to.md").read_text("utf-8")
DAY = date(2026, 11, 24)
OLD = {  # a penalty of the old template, under the headings of its table
    "行政处罚决定书文号": "闽明工信罚〔2026〕1号",
    "处罚名称": "违反安全生产管理规定",
    "行政处罚编码": "350400-CF-001",
    "处罚类别1": "罚款",
    "处罚类别2": "没收违法所得",
    "处罚事由": "未按规定报送能源利用状况报告",
    "处罚依据": "《中华人民共和国节约能源法》第八十二条",
    "行政相对人名称": "三明示例机械有限公司",
    "代码_1(统一社会信用代码)": "91350402MA2XYKT640",
    "代码_2(组织机构代码)": "MA2XYKT64",
    "代码_3(工商登记码)": "350400100000003",
    "法定代表人姓名": "王小明",
    "处罚结果": "没收违法所得500元，处以罚款人民币贰仟元整（¥2,000.00），逾期每日按罚款数额的3%加处罚款",
    "处罚决定日期": "2026/11/20",
    "处罚机关": "三明市工业和信息化局",
    "当前状态": "0",
    "地方编码": "350400",
    "数据更新时间戳": "2026/11/20",
}
NO_CODES = dict.fromkeys(
    ("代码_1(统一社会信用代码)", "代码_2(组织机构代码)", "代码_3(工商登记码)", "法定代表人姓名"), ""
)


def section(title: str) -> str:
    return HOW_TO.split(f"## {title}\n")[1].split("\n## ")[0]


def snippets(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def follow(environment: Path, monkeypatch: pytest.MonkeyPatch, title: str) -> str:
    """Copy catalogue and suites, and add the files that a section prints under the names it gives them."""
    text = section(title)
    for folder in ("catalogue", "expectations"):
        shutil.copytree(PROJECT / folder, environment / folder)
        monkeypatch.setenv(f"XINYONG_{folder.upper()}", str(environment / folder))
    for snippet in snippets(text, "yaml"):
        (environment / snippet.splitlines()[0].removeprefix("# ")).write_text(snippet, "utf-8")
    (variable,) = re.findall(r"`(AIRFLOW_CONN_\w+)=file://[^`]*`", text)
    monkeypatch.setenv(variable, f"file://{environment}")
    migrate()
    return text


def take_in(feed: str, when: date) -> None:
    batch_id = stages.extract(feed, when)
    stages.check(batch_id, when)
    stages.store(batch_id, when)
    stages.settle(feed, when)
    stages.aggregate(when)


def asked(query: str) -> list[tuple[object, ...]]:
    with connected() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def test_a_record_type_is_added_as_the_how_to_says(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = follow(environment, monkeypatch, "A record type")
    (file,) = re.findall(r"`(patent_\d{8}\.csv)`", text)
    (environment / file).write_text(snippets(text, "csv")[0], "utf-8")
    take_in("approvals_patent", DAY)
    assert asked("SELECT zlh FROM warehouse.patent_current") == [("ZL202610000001",)]
    assert asked("SELECT rule_codes FROM quality.quarantine") == [(["PAT-R16"],)]
    told = {code for (code,) in asked("SELECT DISTINCT rule_code FROM quality.rule_result")}
    assert {"PAT-R01-ZLH", "PAT-R06", "PAT-R15", "PAT-R27", "PAT-R30"} <= told


def delivered(environment: Path, when: date, *rows: dict[str, str]) -> None:
    """Write the table of the old template, and take it in."""
    headings = list(dict.fromkeys(name for row in (OLD, *rows) for name in row))
    for name in ("代码_4(税务登记号)", "代码_5(居民身份证号)", "备注"):
        headings += [] if name in headings else [name]
    with (environment / f"front_penalty_{when:%Y%m%d}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headings)
        writer.writeheader()
        writer.writerows(rows)
    take_in("front_penalty", when)


def old(number: int, **changes: str) -> dict[str, str]:
    return OLD | {"行政处罚决定书文号": f"闽明工信罚〔2026〕{number}号"} | changes


def shown(platform: str) -> list[str]:
    """Return the last figures of the documents that a platform may be told."""
    with connected() as connection:
        open_gate(connection, DAY)
        query = f"SELECT natural_key FROM publication.gate_{platform}_penalty"
        keys = connection.execute(sa.text(query)).scalars()
        return sorted(key.split("|")[1].removeprefix("闽明工信罚〔2026〕").removesuffix("号") for key in keys)


def awaited_by(platform: str) -> list[str]:
    """Return the last figures of the documents whose days run for a platform; what is set aside is among them."""
    with connected() as connection:
        timeliness.measure(connection, catalogue(), DAY)
        query = sa.text("SELECT document FROM timeliness WHERE platform = :platform ORDER BY document")
        found = connection.execute(query, {"platform": platform}).scalars()
        return [document.removeprefix("闽明工信罚〔2026〕").removesuffix("号") for document in found]


def test_penalties_of_the_old_template_are_mapped_as_the_how_to_says(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(environment, monkeypatch, "Penalties in the old template")
    person = NO_CODES | {"行政相对人名称": "林建国", "代码_5(居民身份证号)": "11010519491231002X"}
    alone = {"处罚类别2": "", "处罚结果": "罚款2000元"}
    revoked = {"处罚类别1": "吊销许可证", "处罚结果": "吊销安全生产许可证（闽）JZ安许证字〔2020〕000123，罚款1万元"}
    rows = [
        old(1, **{"代码_5(居民身份证号)": "350402199001010012"}),
        old(2, **person),
        old(3, **revoked, 处罚类别2="罚款"),
        old(4, 处罚类别2="", 处罚结果="处货值金额5万元2倍的罚款"),
        old(5, **alone, 信息使用范围="1"),
        old(6, **alone, 信息使用范围="2"),
        old(7, **alone, 信息使用范围="9"),
        old(8, **alone, 当前状态="2"),
        old(9, **alone, 当前状态="", 信息使用范围="0"),
    ]
    delivered(environment, DAY, *rows)
    fields = "cf_xdr_lb, cf_xdr_zzjg, cf_xdr_gszc, cf_fr_zjlx, cf_xdr_zjlx, cf_cflb, cf_nr_fk, cf_nr_wfff, cf_nr_zkdx"
    stored = {row[0][-2:]: row[1:] for row in asked(f"SELECT cf_wsh, {fields} FROM warehouse.penalty_current")}
    joined, company = "罚款;没收违法所得", ("法人及非法人组织", "MA2XYKT64", "350400100000003")
    fine, taken = Decimal("0.2"), Decimal("0.05")
    assert stored["1号"] == (*company, "身份证", None, joined, fine, taken, None)
    assert stored["2号"] == ("自然人", None, None, None, "身份证", joined, fine, taken, None)
    certificate = "安全生产许可证（闽）JZ安许证字〔2020〕000123"
    assert stored["3号"] == (*company, None, None, "吊销许可证件;罚款", Decimal(1), None, certificate)
    assert asked("SELECT right(document, 2), rule_codes FROM quality.quarantine ORDER BY 1") == [
        ("4号", ["PEN-R22"]),
        ("7号", ["PEN-R03-CF_SYFW"]),
        ("8号", ["PEN-R03-CF_ZT"]),
    ]
    assert shown("portal") == ["1", "3", "9"]
    assert shown("city") == ["1", "3", "5", "9"]
    awaited = {platform: awaited_by(platform) for platform in ("city", "portal")}
    assert awaited == {"city": ["1", "3", "4", "5", "7", "8", "9"], "portal": ["1", "3", "4", "7", "8", "9"]}
    revoked_now = [old(1, 当前状态="1"), *rows[1:]]
    delivered(environment, date(2026, 11, 25), *revoked_now)
    assert "1" not in shown("portal")
    assert asked("SELECT right(cf_wsh, 2), ending FROM warehouse.penalty WHERE ending IS NOT NULL") == [
        ("1号", "revoked")
    ]
