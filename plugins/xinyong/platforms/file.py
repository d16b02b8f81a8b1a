"""
The file channel: Excel files in a folder that a node empties, answered by a feedback file of the same name.

Row 1 is a notice, row 2 the headings, data begins in row 3. One incomplete row makes the node refuse a whole file, so
such an item is left out of it and answered here, in words. Additions and withdrawals travel in files of their own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from xinyong.catalogue.department import Department
from xinyong.catalogue.platforms import Platform, PlatformRecord
from xinyong.errors import PlatformUnavailable
from xinyong.platforms import Answer, Item, Message
from xinyong.platforms.feedback import answers, read_feedback
from xinyong.platforms.folders import written
from xinyong.settings import Connection

ROW_NUMBER = "序号"  # the only column that this module fills: the number of the row in its file
CELL_LIMIT = 32_767
LEFT_OUT, WAITING = "left_out", "waiting"
PLAIN_KEY = re.compile(r"[A-Za-z0-9-]{1,64}")

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The template of one record type: headings, and what a row must have or the whole file is refused."""

    prefix: str
    headings: tuple[str, ...]
    required: tuple[str, ...]
    either: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file of a message: its name, its rows from the headings on, and the items its data rows stand for."""

    name: str
    headings: tuple[str, ...]
    rows: Rows
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """What the catalogue declares about the node beside its templates."""

    notice: str
    withdrawal_prefix: str
    nothing_suffix: str
    layouts: Mapping[str, Layout]


def sheets(message: Message, node: Node, department: str) -> list[Sheet]:
    """
    Write a message as the files of the node; the same message always has the same names and rows.

    Withdrawals come first: the node knows a record by document and name, so a record that is withdrawn under one
    date and added under another would otherwise be withdrawn after it was added.
    """
    stem = f"{message.number:08}_{_plain(message.idempotency_key)}"
    if message.says_nothing:
        return [_nothing(f"{stem}{node.nothing_suffix}.xlsx", message, department)]
    found = []
    for record_type, layout in node.layouts.items():
        complete = [i for i in message.items if i.record_type == record_type and not missing(i, layout)]
        withdrawals = tuple(item for item in complete if item.operation == "withdraw")
        others = tuple(item for item in complete if item.operation != "withdraw")
        name = f"{node.withdrawal_prefix}{layout.prefix}_{stem}.xlsx"
        found += [_sheet(name, layout, withdrawals)] if withdrawals else []
        found += [_sheet(f"{layout.prefix}_{stem}.xlsx", layout, others)] if others else []
    return found


def missing(item: Item, layout: Layout) -> str | None:
    """Return what keeps an item out of the file, as a sentence for the section that owns the record."""
    for heading in layout.required:
        if not item.payload.get(heading):
            return f"未报送：缺少「{heading}」，国家节点会因此退回整个文件；请补全后重新报送"
    if layout.either and not any(item.payload.get(heading) for heading in layout.either):
        return f"未报送：「{'」和「'.join(layout.either)}」都为空，国家节点会因此退回整个文件；请至少补全一项"
    for heading in layout.headings:
        value = item.payload.get(heading) or ""
        if len(value) > CELL_LIMIT or ILLEGAL_CHARACTERS_RE.search(value):
            return f"未报送：「{heading}」含有控制字符或超过{CELL_LIMIT}字，无法写入Excel文件；请更正后重新报送"
    return None


def _sheet(name: str, layout: Layout, items: tuple[Item, ...]) -> Sheet:
    rows = tuple(_row(number, item, layout.headings) for number, item in enumerate(items, start=1))
    return Sheet(name, layout.headings, rows, items)


def _row(number: int, item: Item, headings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(number) if name == ROW_NUMBER else item.payload.get(name) or "" for name in headings)


def _nothing(name: str, message: Message, department: str) -> Sheet:
    row = (department, message.business_date.isoformat(), "当日无新增、变更或撤销数据")
    return Sheet(name, ("报送部门", "业务日期", "说明"), (row,), ())


def _plain(key: str) -> str:
    """Return a key that any file system takes, itself or its digest."""
    return key if PLAIN_KEY.fullmatch(key) else hashlib.sha256(key.encode()).hexdigest()[:32]


def workbook(sheet: Sheet, notice: str) -> Workbook:
    """Return the Excel file of a sheet; every cell is text, so that no value is taken for a formula or a number."""
    book = Workbook(write_only=True)
    page = book.create_sheet("Sheet1")
    for row in ((notice,), sheet.headings, *sheet.rows):
        page.append(list(_cells(page, row)))
    return book


def _cells(page: WriteOnlyWorksheet, row: tuple[str, ...]) -> Iterator[Cell]:
    for value in row:
        cell = WriteOnlyCell(page, value)
        cell.data_type = "s"
        cell.number_format = "@"
        yield cell


def file_adapter(platform: Platform, department: Department, access: Connection) -> FileAdapter:
    """Build the adapter from what the catalogue declares and where the folder lies."""
    either = tuple(platform.options.get("either", "").split(",")) if platform.options.get("either") else ()
    node = Node(
        notice=platform.options["notice"],
        withdrawal_prefix=platform.options["withdrawal_prefix"],
        nothing_suffix=platform.options["nothing_suffix"],
        layouts={name: _layout(taken, either) for name, taken in platform.records.items()},
    )
    return FileAdapter(platform.name, department.name, Path(access.path), node)


def _layout(taken: PlatformRecord, either: tuple[str, ...]) -> Layout:
    return Layout(taken.table_code, tuple(taken.columns), taken.required, either)


@dataclass(frozen=True, slots=True)
class FileAdapter:
    """The national node's folder: we fill `inbox`, it moves files to `archive` and answers in `feedback`."""

    platform: str
    department: str
    folder: Path
    node: Node

    def send(self, message: Message) -> None:
        self._need_folder()
        for sheet in sheets(message, self.node, self.department):
            if not self._has_taken(sheet.name):
                self._write(sheet)

    def ask(self, message: Message) -> list[Answer] | None:
        self._need_folder()
        found = sheets(message, self.node, self.department)
        if not all(self._has_taken(sheet.name) for sheet in found):
            return None
        told = [answer for sheet in found for answer in self._answers(sheet)]
        return sorted([*told, *self._left_out(message)], key=lambda answer: answer.position)

    def listing(self, record_type: str) -> dict[str, str] | None:
        """The node lists nothing; what it shows is known by its feedback only."""
        return None

    def _left_out(self, message: Message) -> Iterator[Answer]:
        for item in message.items:
            reason = missing(item, self.node.layouts[item.record_type])
            if reason:
                yield Answer(item.position, "rejected", LEFT_OUT, None, reason)

    def _answers(self, sheet: Sheet) -> list[Answer]:
        path = self.folder / "feedback" / sheet.name
        if not path.exists():
            return [Answer(i.position, "unknown", WAITING, None, "文件已送达，节点尚未反馈") for i in sheet.items]
        return answers(sheet, read_feedback(self.platform, path))

    def _has_taken(self, name: str) -> bool:
        """Look in the order in which a file travels, so that one on its way is not missed."""
        return any((self.folder / place / name).exists() for place in ("inbox", "archive", "feedback"))

    def _write(self, sheet: Sheet) -> None:
        try:
            with written(self.folder / "inbox" / sheet.name) as stream:
                workbook(sheet, self.node.notice).save(stream)
        except OSError as error:
            raise PlatformUnavailable(
                f"Platform {self.platform}: {self.folder / 'inbox' / sheet.name} could not be written. "
                f"Found: {error.strerror}. Expected: a folder with room that we may write to. Nothing was handed over; "
                f"repair the folder and repeat the task."
            ) from error

    def _need_folder(self) -> None:
        if not (self.folder / "inbox").is_dir():
            raise PlatformUnavailable(
                f"Platform {self.platform}: the folder {self.folder} is not reachable. Found: no `inbox` in it. "
                f"Expected: the node's exchange folder with inbox, archive and feedback. Mount it and repeat the task."
            )
