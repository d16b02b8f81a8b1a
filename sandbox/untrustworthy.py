"""
The credit section's ledger of seriously untrustworthy subjects 严重失信主体名单: a workbook that a clerk keeps by hand.

Its habits: a notice above the headings, dates as text or as dates of the spreadsheet, a second sheet that names those
taken out. It is as short in a large department as in a small one. An entry is listed for three years at most; a
subject that corrected itself is lifted by a person after one year, and the clerk takes it out of the sheet the day
after.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from sandbox.acts import Decided
from sandbox.defect import WARNING, Defect, ends_early, set_to, wrong_check
from sandbox.dice import Dice
from sandbox.enterprises import Base, Subject
from sandbox.records import AUTHORITY, Fields, decided_before, years_later
from sandbox.spelling import date_spelled
from sandbox.story import CHANGES, LIST, RECOVERY, TROUBLE, day_of
from sandbox.workbooks import date_cell, save_without_times

PREFIX = "UNT"
SHEET, LIFTED_SHEET = "严重失信主体名单", "已移出"
NOTICE = "严重失信主体名单台账：一案一行，移出后转入“已移出”表，请勿改动表头。"
HEADINGS = {
    "企业名称": "JGQC",
    "统一社会信用代码": "TYSHXYDM",
    "工商注册号": "GSZCH",
    "组织机构代码": "ZZJGDM",
    "注册地址": "ZCDZ",
    "法定代表人": "FDDBR",
    "列入机关": "RDDW",
    "列入决定文号": "RDWH",
    "失信事实": "ZYSXSS",
    "处理内容": "XZCFHPJNR",
    "列入日期": "QRYZSXSJ",
    "公示截止期": "GSJZQ",
}
REPAIRED, ENDING, NEW = 3, 7, 20  # one that a person lifts, one whose three years are over, one listed on night 2
_LISTED_ON = {REPAIRED: date(2025, 6, 10), ENDING: date(2023, 11, 28), NEW: date(2026, 11, 24)}
_DEFECTS = {
    2: Defect("code_checksum", "R06", "TYSHXYDM", wrong_check("TYSHXYDM")),
    5: Defect("end_missing", "R01", "GSJZQ", set_to("GSJZQ", "无"), is_per_field=True, is_correctable=False),
    9: Defect("ends_before_it_begins", "R18", "GSJZQ", ends_early("GSJZQ", "QRYZSXSJ")),
    12: Defect("telephone_in_facts", "R33", "ZYSXSS", set_to("ZYSXSS", "拒不配合检查，联系电话13859812345"),
               is_per_field=True, mark="-CONTACT", is_correctable=False),
    14: Defect("facts_elsewhere", "R35", "ZYSXSS", set_to("ZYSXSS", "详见列入决定书"), WARNING, is_per_field=True,
               is_correctable=False),
    17: Defect("old_number_checksum", "R08", "GSZCH", set_to("GSZCH", "350400100000004"), WARNING,
               is_correctable=False),
}  # fmt: skip
_FACTS = (
    ("未经许可生产民用爆炸物品，情节严重", "没收违法所得，吊销《民用爆炸物品生产许可证》，列入严重失信主体名单三年"),
    ("提供虚假材料骗取省级技术改造专项补助", "追回补助资金，三年内不得申报财政补助，列入严重失信主体名单三年"),
    ("有履行能力而拒不履行生效的行政处罚决定", "由人民法院强制执行，列入严重失信主体名单三年"),
    ("一年内三次使用国家明令淘汰的用能设备，屡罚不改", "责令停业整顿，列入严重失信主体名单三年"),
)
_STYLES = 3  # of a date that is typed as text
_ROADS = ("列东街", "新市中路", "江滨路", "工业中路", "沙洲路")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the list, with the defect planted in it."""

    index: int
    fields: Fields
    defect: Defect | None

    @property
    def source_key(self) -> str:
        """Return the ledger's own number of the entry."""
        return f"SX{self.index + 1:04d}"


def listed(seed: int, base: Base, night: int) -> Iterator[Entry]:
    """List the entries that stand in the sheet after a night."""
    for index in range(NEW + (night >= CHANGES)):
        if not _is_lifted(index, night):
            yield _entry(seed, base, index, night)


def write_list(path: Path, seed: int, base: Base, night: int) -> None:
    """Write the workbook as it is after a night."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.append([NOTICE])
    sheet.append(["台账编号", *HEADINGS])
    for entry in listed(seed, base, night):
        sheet.append(_cells(sheet, entry, Dice(seed, "spelling", LIST, entry.index)))
    lifted = book.create_sheet(LIFTED_SHEET)
    lifted.append(["台账编号", "移出日期"])
    if _is_lifted(REPAIRED, night):
        lifted.append([Entry(REPAIRED, {}, None).source_key, day_of(RECOVERY).isoformat()])
    save_without_times(book, path)


def decided_on(seed: int, base: Base, night: int) -> Iterator[Decided]:
    """List what a person decides about the list on the day of a night: one repair, granted after a year on the list."""
    if night == TROUBLE:
        fields = _entry(seed, base, REPAIRED, night).fields
        papers = ("林信用", "信用修复管理办法", "修复〔2026〕2号", "已履行义务、消除影响并作出信用承诺")
        yield Decided("repair", str(fields["RDWH"]), str(fields["JGQC"]), *papers, day_of(night))


def _is_lifted(index: int, night: int) -> bool:
    return index == REPAIRED and night >= RECOVERY


def _entry(seed: int, base: Base, index: int, night: int) -> Entry:
    dice = Dice(seed, LIST, index)
    defect = _DEFECTS.get(index)
    fields = _fields(index, base.company(dice), _listed_on(index, dice), dice)
    if defect is None or (defect.is_correctable and night >= CHANGES):
        return Entry(index, fields, None)
    defect.break_(PREFIX, fields)
    return Entry(index, fields, defect)


def _listed_on(index: int, dice: Dice) -> date:
    """Draw when a subject was listed; but for one, nobody's three years end during the story."""
    return _LISTED_ON.get(index) or decided_before(dice, date(2026, 11, 20), 1_000)


def _fields(index: int, subject: Subject, day: date, dice: Dice) -> Fields:
    """Write a clean entry in the codes of the record type."""
    facts, measures = dice.pick(_FACTS)
    return {
        "JGQC": subject.name,
        "TYSHXYDM": subject.code,
        "GSZCH": subject.registration_number,
        "ZZJGDM": subject.organisation_code,
        "ZCDZ": f"三明市{dice.pick(_ROADS)}{dice.between(1, 300)}号",
        "FDDBR": subject.representative.name if subject.representative else None,
        "RDDW": AUTHORITY,
        "RDWH": f"明工信失〔{day.year}〕{index + 1}号",
        "ZYSXSS": facts,
        "XZCFHPJNR": measures,
        "QRYZSXSJ": day.isoformat(),
        "GSJZQ": (years_later(day, 3) - timedelta(days=1)).isoformat(),
    }


def _cells(sheet: Any, entry: Entry, dice: Dice) -> list[object]:
    """Type an entry: its dates in one style, one entry in four with true dates of the spreadsheet."""
    style = dice.below(_STYLES + 1)
    cells: list[object] = [entry.source_key]
    for code in HEADINGS.values():
        text = entry.fields[code]
        is_day = code in ("QRYZSXSJ", "GSJZQ") and text is not None and len(text) == len("2026-11-24")
        if is_day and style == _STYLES:
            cells.append(date_cell(sheet, text or ""))
        else:
            cells.append(date_spelled(text, style) if is_day else text)
    return cells
