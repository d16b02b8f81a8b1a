"""
A rectification list on its way back: what a clerk filled in, and whether the file and each line can be believed.

A file that is no list of this department, or was changed where it is locked, is refused as a whole; a line that cannot
be taken says why and leaves the others alone. Nothing is looked up in the warehouse here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl

from xinyong.catalogue import Catalogue
from xinyong.errors import XinyongError
from xinyong.extract.excel import check_container, intact
from xinyong.rectification import HEADING_ROW, INFO_SHEET, KEYS, KIND, LOOKS, SHEET, mark
from xinyong.sealing import without_numbers

CLEAR = "清空"  # the word for "this field should be blank"
_TITLES = tuple(look.title for look in LOOKS + KEYS)
_AT = {title: at for at, title in enumerate(_TITLES)}
_CORRECTED, _NOTE = "更正值（科室填写）", "说明（科室填写）"
_ANEW = "请用最新清单重新填写。"
_FEWER = "fewer columns"
_MOST = 20_000  # filled lines that are held at once; a section that corrects more mends its business system
_EXACT = 10**15  # what Excel takes for a longer number has lost its last digits


class ReturnError(XinyongError):
    """Raised when a returned file is no list that can be taken in; nothing has changed."""


@dataclass(frozen=True, slots=True)
class Filled:
    """
    One line that a clerk filled in.

    `row` is its row in the sheet; `corrected` None means blank; `problem` says in the clerk's language why the line
    cannot be taken.
    """

    row: int
    feed: str | None
    number: str | None
    field: str | None
    document: str | None
    received: str | None
    corrected: str | None
    note: str | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnedList:
    """A list that came back: whose it is, of which date, and its filled lines."""

    name: str
    checksum: bytes
    section: str
    list_date: date
    filled: tuple[Filled, ...]


def read(catalogue: Catalogue, path: Path, today: date) -> ReturnedList:
    """Read a returned list; refuse a file that is none, or one in which nothing was filled in."""
    check_container(path)
    with intact(path), path.open("rb") as file:
        made = openpyxl.load_workbook(file, read_only=True, data_only=False)
        section, list_date = _info(catalogue, path, made, today)
        sheet: Any = made[SHEET]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(min_row=HEADING_ROW, max_col=len(_TITLES))
        _check_headings(path, [cell.value for cell in next(rows, ())])
        filled = tuple(islice(_filled(catalogue, (section, list_date), rows), _MOST + 1))
    if not filled:
        raise ReturnError(
            f"{path.name}: nothing is filled in. Expected: values in the column {_CORRECTED}. Fill it in, save the "
            "file and return it again.",
            f"清单里没有填写任何更正值。请在“{_CORRECTED}”列填写，保存后再交回。",
        )
    if len(filled) > _MOST:
        raise ReturnError(
            f"{path.name}: too many lines are filled in. Found: more than {_MOST}. Expected: at most {_MOST} in one "
            "file. Write a new list with `xinyong rectify`, and return it in parts.",
            f"填写的行太多，一个文件最多{_MOST}行。请用最新清单分几次填写、交回。",
        )
    checksum = hashlib.sha256(path.read_bytes()).digest()
    return ReturnedList(without_numbers(path.name), checksum, section, list_date, filled)


def _info(catalogue: Catalogue, path: Path, made: Any, today: date) -> tuple[str, date]:
    """Read what the list says about itself."""
    told: dict[str, str] = {}
    if INFO_SHEET in made.sheetnames and SHEET in made.sheetnames:
        told = {str(row[0]): str(row[1]) for row in made[INFO_SHEET].iter_rows(max_col=2, values_only=True) if row}
    if told.get("种类") != KIND:
        raise ReturnError(
            f"{path.name} is no rectification list. Found: sheets {', '.join(made.sheetnames)}. Expected: a list that "
            "`xinyong rectify` wrote, filled in and saved as it is. A file of records goes through its feed, and "
            "`xinyong check` judges it before.",
            f"这不是整改清单（工作表：{'、'.join(made.sheetnames)}）。请在系统生成的整改清单里填写，原样保存后交回；"
            "报送新数据请走原来的报送渠道。",
        )
    if told.get("部门") != catalogue.department.uscc:
        raise ReturnError(
            f"{path.name} is a list of another department. Found: {told.get('部门')}. Expected: "
            f"{catalogue.department.uscc}. Return it to the department that wrote it.",
            f"这是另一个部门的清单（统一社会信用代码 {told.get('部门')}）。请交给生成它的部门。",
        )
    section, written = told.get("科室", ""), told.get("日期", "")
    if section not in catalogue.department.sections:
        raise ReturnError(
            f"{path.name} is a list of the section `{section}`, which is none of "
            f"{', '.join(catalogue.department.sections)}. Write a new list with `xinyong rectify`.",
            f"清单所属的科室“{section}”不是本部门现有的科室。{_ANEW}",
        )
    try:
        list_date = date.fromisoformat(written)
    except ValueError:
        list_date = date.max
    if list_date > today:
        raise ReturnError(
            f"{path.name} is dated `{written}`. Expected: a date up to {today}. Its hidden sheet was changed; write a "
            "new list with `xinyong rectify`.",
            f"清单的日期“{written}”不对，隐藏的工作表被改动过。{_ANEW}",
        )
    return section, list_date


def _check_headings(path: Path, found: list[Any]) -> None:
    if tuple(found) != _TITLES:
        other = next((str(one) for one, title in zip(found, _TITLES, strict=False) if one != title), _FEWER)
        raise ReturnError(
            f"{path.name}, row {HEADING_ROW}: the headings are not those of the list. Found: {other}. Expected: "
            f"{len(_TITLES)} columns, hidden ones included, as they were written. Fill an unchanged list.",
            f"第{HEADING_ROW}行的标题与清单不一致（{'缺列' if other == _FEWER else f'发现“{other}”'}）。"
            "请在未改动的清单上填写，不要增删、移动或改名任何一列（包括隐藏的列）。",
        )


def _filled(catalogue: Catalogue, listed: tuple[str, date], rows: Iterator[Sequence[Any]]) -> Iterator[Filled]:
    for number, cells in enumerate(rows, HEADING_ROW + 1):
        values = {title: cells[at] if at < len(cells) else None for title, at in _AT.items()}
        if _text(values[_CORRECTED]) or _is_formula(values[_CORRECTED]):
            yield _line(catalogue, listed, number, values)


def _line(catalogue: Catalogue, listed: tuple[str, date], row: int, cells: dict[str, Any]) -> Filled:
    """Read one filled line and say what is wrong with it, if anything is."""
    feed, number, field = (_text(cells[name]) for name in ("来源代码", "条目编号", "字段代码"))
    received, corrected = _text(cells["报送值"]), _text(cells[_CORRECTED])
    problem = _problem(catalogue, listed, cells, (feed, number, field, received), corrected)
    named = (feed, number, field, _text(cells["文书号"]), received)
    value = None if corrected == CLEAR or _is_formula(cells[_CORRECTED]) else corrected
    note = None if _is_formula(cells[_NOTE]) else _text(cells[_NOTE])
    return Filled(row, *named, value, note, problem)


def _problem(
    catalogue: Catalogue,
    listed: tuple[str, date],
    cells: dict[str, Any],
    keys: tuple[str | None, ...],
    corrected: str | None,
) -> str | None:
    if _is_formula(cells[_CORRECTED]):
        return "更正值是公式。请直接填写内容（选择性粘贴→数值）。"
    feed, number, field, received = keys
    section, day = listed
    is_ours = bool(feed and number) and _text(cells["核对码"]) == mark(
        section, day, feed or "", number or "", field, received
    )
    if not is_ours:
        return "这一行的锁定内容（报送值或隐藏的编号）被改动，或不是本清单的行。请在未改动的清单上填写。"
    if feed not in catalogue.feeds:
        return f"数据来源 {feed} 已停用，不再接收更正。"
    if field is None:
        return "这个问题不对应单个栏目，无法在清单里更正。请在业务系统中更正。"
    if corrected == received:
        return "更正值与报送值相同。"
    return None


def _is_formula(cell: Any) -> bool:
    return getattr(cell, "data_type", None) == "f"


def _text(cell: Any) -> str | None:
    """Return what a cell says as text: a date without its time, a number without a needless decimal point."""
    value = getattr(cell, "value", None)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= _EXACT:
        return f"{value:.5E}"
    text = "" if value is None else str(value).strip()
    return text or None
