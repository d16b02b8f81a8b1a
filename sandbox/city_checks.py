"""What the city platform checks by itself before it takes a row: required columns, code, dates, subject."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stdnum.cn import uscc

from sandbox.registration_base import RegistrationBase

NAME_EMPTY, DATE_EMPTY, UNREADABLE, WRONG, UNLINKED = "10002", "10003", "10004", "2", "4"
PLACEHOLDER = "0" * 17 + "X"  # a sole trader without a code
NATURAL_PERSON = "自然人"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the platform's catalogue, in template v2.1 (commitments: the national template)."""

    name: str
    kind: str
    uscc: str
    required: tuple[str, ...]
    dates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a row was not taken."""

    code: str
    field: str | None
    text: str


TABLES = {
    "XZCF": Table(
        name="CF_XDR_MC",
        kind="CF_XDR_LB",
        uscc="CF_XDR_SHXYM",
        required=(
            *("CF_XDR_MC", "CF_XDR_LB", "CF_WSH", "CF_WFXW", "CF_SY", "CF_YJ", "CF_CFLB", "CF_NR", "CF_JDRQ"),
            *("CF_CFJG", "CF_CFJGDM", "CF_SJLY", "CF_SJLYDM"),
        ),
        dates=("CF_JDRQ", "CF_YXQ", "CF_GSJZQ"),
    ),
    "XZXK": Table(
        name="XK_XDR_MC",
        kind="XK_XDR_LB",
        uscc="XK_XDR_SHXYM",
        required=(
            *("XK_XDR_MC", "XK_XDR_LB", "XK_XKWS", "XK_WSH", "XK_XKLB", "XK_NR", "XK_JDRQ", "XK_YXQZ", "XK_YXQZI"),
            *("XK_XKJG", "XK_XKJGDM", "XK_ZT", "XK_LYDW", "XK_LYDWDM"),
        ),
        dates=("XK_JDRQ", "XK_YXQZ", "XK_YXQZI"),
    ),
    "XYCN": Table(
        name="CNR_MC",
        kind="CNR_LB",
        uscc="CNR_DM",
        required=("CNR_MC", "CNR_LB", "CNBM", "CNLX", "CNSY", "CNNR", "SLDW", "SLDWDM", "CNRQ"),
        dates=("CNRQ", "YXQ"),
    ),
}


def finding(table: Table, fields: dict[str, Any], base: RegistrationBase) -> Finding | None:
    """Return the first thing that is wrong with a row; the platform reports one per row."""
    return _missing(table, fields) or _misspelt(table, fields) or _unlinked(table, fields, base)


def _missing(table: Table, fields: dict[str, Any]) -> Finding | None:
    for column in table.required:
        if not fields.get(column):
            code = NAME_EMPTY if column == table.name else DATE_EMPTY if column in table.dates else WRONG
            return Finding(code, column, f"【{column}】：不能为空]")
    return None


def _misspelt(table: Table, fields: dict[str, Any]) -> Finding | None:
    for column in table.dates:
        if fields.get(column) and not _is_date(str(fields[column])):
            return Finding(UNREADABLE, column, f"【{column}】：不是标准的日期格式]")
    code = str(fields.get(table.uscc) or "")
    if fields[table.kind] != NATURAL_PERSON and code != PLACEHOLDER and not uscc.is_valid(code):
        return Finding(WRONG, table.uscc, f"【{table.uscc}】：统一社会信用代码校验不通过]")
    return None


def _is_date(text: str) -> bool:
    """The standard says YYYY/MM/DD and this platform means it."""
    if not re.fullmatch(r"[0-9]{4}/[0-9]{2}/[0-9]{2}", text):
        return False
    try:
        datetime.strptime(text, "%Y/%m/%d")  # noqa: DTZ007 – only whether the day exists
    except ValueError:
        return False
    return True


def _unlinked(table: Table, fields: dict[str, Any], base: RegistrationBase) -> Finding | None:
    if fields[table.kind] == NATURAL_PERSON or not base.is_known:
        return None
    code, name = str(fields.get(table.uscc) or ""), str(fields[table.name])
    enterprise = base.named(name) if code == PLACEHOLDER else base.coded(code)
    if enterprise is None or enterprise.name != name:
        return Finding(UNLINKED, table.uscc, "未关联：名称与统一社会信用代码在企业登记库中没有对应主体")
    return None
