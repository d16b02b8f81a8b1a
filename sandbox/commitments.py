"""
The service counter's register of credit commitments 信用承诺: a web system that exports a table each night.

Its habits: a tab before every number, which keeps spreadsheets from rounding it; codes of its own instead of words;
midnight behind every date. A commitment that was kept is not a new row: its state changes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.dice import Dice
from sandbox.enterprises import COMPANY, NATURAL, SOLE_TRADER, Subject
from sandbox.records import AUTHORITY, AUTHORITY_CODE, LONG_TERM, Fields, Record, quiet_end, years_later

if TYPE_CHECKING:
    from sandbox.feed_records import FeedRecords

OPEN, FULFILLED = "履行中", "已履行"
HEADINGS = (
    *("承诺流水号", "承诺编码", "承诺人名称", "承诺人类型", "统一社会信用代码", "承诺类型", "承诺事由", "承诺内容"),
    *("违诺责任", "受理单位", "受理单位代码", "承诺日期", "有效期至", "履行状态", "备注"),
)
_KINDS = ("审批替代型", "容缺受理型", "证明事项型", "主动型", "行业自律型", "信用修复型")
_PARTIES = {COMPANY: "企业", SOLE_TRADER: "个体", NATURAL: "个人"}
_STATES = {OPEN: "0", FULFILLED: "1", "未履行": "2"}
_MATTERS = (
    ("申报省级技术改造专项补助", "所报项目、发票和设备清单真实、完整，补助资金专款专用"),
    ("办理民用爆炸物品销售许可延续", "缺少的安全评价报告在{n}个工作日内补交"),
    ("申请无线电台设置使用许可", "设备参数与申报一致，按核定的频率使用"),
    ("固定资产投资项目节能审查", "按节能报告的能效标准建设，年能耗不超过核定量"),
    ("参加工业企业信用评价", "依法经营，按期报送能源利用状况报告"),
    ("申请信用修复", "已缴清罚款并完成整改，今后不再发生同类行为"),
)
_LIABILITY = "如有违诺，自愿接受取消资格、退回资金等处理，并同意将违诺信息记入信用记录。"


def source_key(index: int) -> str:
    """Return the counter's own number of a commitment."""
    return f"QT{index + 1:07d}"


def commitment(subject: Subject, number: str, made: date, ends: date | None, dice: Dice) -> Fields:
    """Write a clean commitment in the codes of the record type."""
    matter, content = dice.pick(_MATTERS)
    is_natural = subject.category == NATURAL
    return {
        "CNR_MC": subject.name,
        "CNR_LB": subject.category,
        "CNR_DM": None if is_natural else subject.code,
        "CNBM": number,
        "CNLX": dice.pick(_KINDS),
        "CNSY": matter,
        "CNNR": content.format(n=dice.between(5, 20)),
        "WNZR": _LIABILITY if dice.chance(80) else None,
        "SLDW": AUTHORITY,
        "SLDWDM": AUTHORITY_CODE,
        "CNRQ": made.isoformat(),
        "YXQ": ends.isoformat() if ends else _end(made, dice),
        "LXZT": OPEN,
        "BZ": dice.pick((None, None, None, "网上办理", "窗口代填")),
    }


def _end(made: date, dice: Dice) -> str | None:
    """Give the end of a commitment: some have none, some hold for ever, none ends on a night that must stay quiet."""
    years = dice.pick((-1, 0, 1, 1, 3))
    if years < 0:
        return None
    return LONG_TERM if years == 0 else quiet_end(years_later(made, years + 3)).isoformat()


def write_commitments(path: Path, records: FeedRecords) -> None:
    """Write the register as the counter's system exports it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(HEADINGS)
        writer.writerows(map(row, records))


def row(record: Record) -> list[str]:
    """Write one commitment as the system shows it; what it has no code for stands there as it was typed."""
    return list(_cells(record.index, record.fields))


def _cells(index: int, fields: Fields) -> Iterator[str]:
    kinds = {kind: f"{at:02d}" for at, kind in enumerate(_KINDS, 1)}
    text = {name: value or "" for name, value in fields.items()}
    yield f"\t{source_key(index)}"
    yield f"\t{text['CNBM']}"
    yield text["CNR_MC"]
    yield _PARTIES.get(text["CNR_LB"], text["CNR_LB"])
    yield f"\t{text['CNR_DM']}"
    yield kinds.get(text["CNLX"], text["CNLX"])
    yield from (text[name] for name in ("CNSY", "CNNR", "WNZR", "SLDW"))
    yield f"\t{text['SLDWDM']}"
    yield from (_midnight(text[name]) for name in ("CNRQ", "YXQ"))
    yield _STATES.get(text["LXZT"], text["LXZT"])
    yield text["BZ"]


def _midnight(day: str) -> str:
    return f"{day} 00:00:00" if len(day) == len("2026-11-24") and day[4] == "-" else day
