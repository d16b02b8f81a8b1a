"""
What the numbers of a list of enterprises are: unified codes, numbers from before them, and what is neither and why.

Needs no database. A list is any table with a column of names and one of numbers, as a registration base or a section
hands them out.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_10

from xinyong.errors import UnexpectedShape
from xinyong.identifiers import PLACEHOLDER, is_organisation_code, is_registration_number, is_uscc
from xinyong.text_file import read_text, table_rows

Kind = Literal["unified", "legacy", "invalid", "blank"]
KINDS: tuple[Kind, ...] = ("unified", "legacy", "invalid", "blank")
_LENGTH, _REGISTRATION = 18, 15
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Joint ventures (合), wholly foreign-owned (独) and cooperative (作) enterprises were numbered so before GS 15-2006.
_FOREIGN_INVESTED = re.compile(r"企[合独作股].{0,6}[总副分]字第\d+号")


@dataclass(frozen=True, slots=True)
class Numbered:
    """One enterprise of a list with its number, what kind of number it is and why."""

    row: int
    name: str
    number: str
    kind: Kind
    reason: str


@dataclass(frozen=True, slots=True)
class NumberList:
    """A list whose numbers were judged; `shared` are numbers that stand beside more than one name."""

    entries: tuple[Numbered, ...]
    shared: tuple[tuple[str, tuple[str, ...]], ...]

    def reasons(self) -> list[tuple[Kind, str, int]]:
        """Count the entries by kind and reason, in the order of the kinds and the largest first."""
        counted = Counter((one.kind, one.reason) for one in self.entries)
        ordered = sorted(counted.items(), key=lambda item: (KINDS.index(item[0][0]), -item[1], item[0][1]))
        return [(kind, reason, count) for (kind, reason), count in ordered]

    def of(self, *kinds: Kind) -> list[Numbered]:
        """Return the entries of some kinds."""
        return [one for one in self.entries if one.kind in kinds]


def classify(number: str) -> tuple[Kind, str]:
    """Say what a number is, and in the clerk's language why."""
    if not number:
        return "blank", "未填写"
    if number == PLACEHOLDER:
        return "blank", "占位码（17个0加X），不是代码"
    if len(number) == _LENGTH:
        reason = _unified(number)
        return ("invalid", reason) if reason else ("unified", "统一社会信用代码，校验码正确")
    return _older(number)


def _unified(number: str) -> str | None:
    """Say what is wrong with a number that is as long as a unified code."""
    if is_uscc(number):
        return None
    if strange := sorted(set(number) - set(_ALPHABET)):
        return f"含有代码不用的字符：{''.join(strange)}"
    if not re.fullmatch(r"[1-9ANY].[0-9]{6}.{10}", number):
        return "登记管理部门代码或行政区划不是规定的写法"
    expected = uscc.calc_check_digit(number[:17])
    inner = "" if is_organisation_code(number[8:17]) else "，第9至17位（组织机构代码）的校验码也不符"
    return f"校验码不符：按前17位应为{expected}，实为{number[17]}{inner}"


def _older(number: str) -> tuple[Kind, str]:
    """Tell the numbers from before the unified code from what is no number."""
    if is_registration_number(number):
        if len(number) == _REGISTRATION:
            return "legacy", "15位工商注册号，校验码正确"
        return "legacy", "13位旧注册号（无校验码）"
    if len(number) == _REGISTRATION and number.isascii() and number.isdigit():
        return "legacy", f"15位工商注册号，校验码不符：应为{mod_11_10.calc_check_digit(number[:14])}，实为{number[14]}"
    if is_organisation_code(number):
        return "legacy", "组织机构代码，不是统一社会信用代码"
    if _FOREIGN_INVESTED.fullmatch(number):
        return "invalid", "外商投资企业旧字号（2007年以前），不是注册号"
    return "invalid", f"{len(number)}个字符，不是任何一种代码"


def read(path: Path, name: str | None = None, number: str | None = None) -> NumberList:
    """Read a table of text and judge its numbers; without headings given, the first two columns are name and number."""
    rows = (cells for _, cells in table_rows(path, read_text(path)))
    headings = next(rows, [])
    at = (_column(path, headings, name, 0), _column(path, headings, number, 1))
    told = ((row, cells) for row, cells in enumerate(rows, 1) if len(cells) > max(at))
    entries = tuple(_entry(row, cells[at[0]], cells[at[1]]) for row, cells in told)
    by_number: dict[str, set[str]] = {}
    for one in entries:
        by_number.setdefault(one.number, set()).add(one.name)
    shared = tuple((key, tuple(sorted(names))) for key, names in by_number.items() if key and len(names) > 1)
    return NumberList(entries, shared)


def _entry(row: int, name: str, number: str) -> Numbered:
    bare = number.strip().upper()
    return Numbered(row, name.strip(), bare, *classify(bare))


def _column(path: Path, headings: list[str], wanted: str | None, otherwise: int) -> int:
    if wanted in headings:
        return headings.index(wanted)
    if wanted is None and len(headings) > otherwise:
        return otherwise
    raise UnexpectedShape(
        f"{path.name}: the column `{wanted or otherwise + 1}` is missing. Found: {', '.join(headings)}. Expected: a "
        "column of names and one of numbers. Name them with --name and --number."
    )
