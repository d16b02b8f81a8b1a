"""What a reader hands to landing: where it came from, its columns, and its rows as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from xinyong.catalogue.feeds import Feed
from xinyong.errors import UnexpectedShape
from xinyong.sealing import without_numbers

MAX_COLUMNS = 512  # no template has a tenth of it; a sheet with 16,384 columns is a formatting accident


@dataclass(frozen=True, slots=True)
class Delivery:
    """
    Rows as a business system gave them, one sequence per row in the order of `columns`.

    `notes` are for people, and so are `places`: the number that each row given out so far has in its file, where blank
    rows and the headings count too.
    """

    origin: str
    columns: tuple[str, ...]
    rows: Iterator[Sequence[Any]]
    notes: tuple[str, ...] = ()
    places: Sequence[int] = ()


def text(value: Any) -> str | None:
    """Write a cell as text without changing what it says; a NUL, which PostgreSQL cannot hold, becomes ␀."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.replace("\0", "␀") if "\0" in value else value
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.tzinfo is None else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".")
    if isinstance(value, dict | list | bool):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


def headings(where: str, cells: Sequence[Any]) -> tuple[str, ...]:
    """
    Read a heading row: blanks at its end are dropped, a blank between others gets a name, one given twice is refused.

    In a file without headings the first record stands here, so identity numbers are masked before anybody is told.
    """
    names = [without_numbers(" ".join((text(cell) or "").split())) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise UnexpectedShape(
            f"{where}: the heading row is empty. Expected: the template's headings. Check that the right file was "
            "delivered and that the headings stand where the feed says.",
            "标题行是空的。请检查文件是否正确，标题是否在模板规定的行。",
        )
    if len(names) > MAX_COLUMNS:
        raise UnexpectedShape(
            f"{where}: found more than {MAX_COLUMNS} columns. Expected: the template's headings and at most a few of "
            "your own. Delete the columns behind the last heading and deliver the file again.",
            f"标题超过 {MAX_COLUMNS} 列。请删除最后一个标题之后的列。",
        )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise UnexpectedShape(
            f"{where}: the heading {_list(twice)} stands there twice. Expected: each heading once. Remove or "
            "rename one of them and deliver again.",
            f"标题重复：{_list_zh(twice)}。请删除或改名其中一个。",
        )
    return tuple(name or f"column {at} without heading" for at, name in enumerate(names, 1))


def check_columns(feed: Feed, where: str, columns: Sequence[str]) -> list[str]:
    """Refuse a delivery that lacks a declared column; return the columns that the feed does not know."""
    missing = [name for name in feed.columns if name not in columns and name not in feed.optional]
    unknown = [name for name in columns if name and name not in feed.columns]
    if missing:
        raise UnexpectedShape(
            f"{where}: {_list(missing)} is missing. Found{' instead' if unknown else ''}: "
            f"{_list(unknown) if unknown else f'{len(columns)} columns, all of them known'}. Expected: every column of "
            f"catalogue/feeds/{feed.name}.yml. Restore the heading at the source, or correct `columns` (or list it "
            "under `optional`) in the feed.",
            f"缺少标题：{_list_zh(missing)}"
            f"{f'；不认识的标题：{_list_zh(unknown)}' if unknown else ''}。请按模板恢复标题行。",
        )
    return unknown


def _list_zh(names: Sequence[str]) -> str:
    shown = "、".join(f"“{name}”" for name in names[:8])
    return shown if len(names) <= 8 else f"{shown}等 {len(names)} 个"


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"
