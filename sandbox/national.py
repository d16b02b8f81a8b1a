"""
The node of the national enterprise credit publicity system: a folder that takes Excel files.

One incomplete row refuses the whole file. Otherwise each row is matched by exact name, code and registration number
against the node's own registration base, and a feedback file of the same name tells what became of it.
"""

from __future__ import annotations

import io
import re
import threading
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from sandbox.national_store import Changes, Feedback, NationalStore
from sandbox.registration_base import RegistrationBase
from xinyong.platforms.feedback import RESULT_COLUMNS
from xinyong.platforms.folders import written

Row = dict[str, str]
Result = tuple[str, str, str, str, str]  # 校验状态, 错误代码, 错误字段, 错误说明, 公示状态

PENALTY_KINDS = {
    "警告",
    "罚款",
    "没收违法所得和非法财物",
    "责令停产停业",
    "暂停许可证",
    "暂扣执照(登记证)",
    "吊销许可证",
    "吊销执照(登记证)",
    "法律、法规规定的其他行政处罚方式",
}
HABITS = {
    "closed": "takes nothing out of its inbox",
    "refuses": "sends every file back whole, as damaged on its way",
    "garbles": "writes half of a feedback file",
    "mixes": "leaves the first row out of a feedback file",
}
HABIT = "habit"  # the file in the node's folder that names what it does for now
SHOWN: Result = ("1", "", "", "", "1")
GONE: Result = ("1", "", "", "", "0")
PLACES = ("inbox", "archive", "feedback")
NAME, USCC, NUMBER = "企业名称", "统一社会信用代码", "注册号"


@dataclass(frozen=True, slots=True)
class Template:
    """One template of the department side."""

    document: str
    authority: str
    dates: tuple[str, ...]
    headings: frozenset[str]


PENALTY = Template(
    document="处罚决定书文号",
    authority="处罚机关",
    dates=("处罚决定书签发日期",),
    headings=frozenset(
        {"处罚决定书文号", "处罚决定书签发日期", "违法行为类型", "处罚种类", "处罚机关", NAME, NUMBER, USCC}
    ),
)
LICENCE = Template(
    document="许可文件编号",
    authority="许可机关",
    dates=("有效期始", "有效期至"),
    headings=frozenset({"许可文件编号", "许可文件名称", "有效期始", "有效期至", "许可机关", NAME, NUMBER, USCC}),
)


class FileRefused(Exception):
    """Raised when the node sends a whole file back."""


@dataclass(slots=True)
class NationalNode:
    """The node behind its folder."""

    folder: Path
    base: RegistrationBase
    store: NationalStore
    withdrawal_prefix: str = "CX_"
    nothing_suffix: str = "_无数据"
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def process(self) -> int:
        """Process what lies in the inbox and return how many files that were."""
        with self._one_at_a_time:
            habit = _habit(self.folder)
            waiting = self._waiting() if habit != "closed" else []
            for path in waiting:
                feedback = self.store.feedback(path.name) or self._judge(path, habit)
                _write_feedback(self.folder / "feedback" / path.name, feedback, habit)
                path.replace(self.folder / "archive" / path.name)
            return len(waiting)

    def _waiting(self) -> list[Path]:
        """Return the files of the inbox in the order of their arrival, without those still being written."""
        found = [path for path in (self.folder / "inbox").glob("*.xlsx") if not path.name.startswith(".")]
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)

    def _judge(self, path: Path, habit: str | None) -> Feedback:
        """Judge a file and keep the verdict with what it changed, so that no name is judged twice."""
        if habit == "refuses":
            return self.store.keep(path.name, [["处理结果", "整批退回", "文件传输不完整"], []])
        if path.stem.endswith(self.nothing_suffix):
            return self.store.keep(path.name, [["处理结果", "已处理", "无数据"], []])
        try:
            template, headings, rows = _read(path)
        except FileRefused as refusal:
            return self.store.keep(path.name, [["处理结果", "整批退回", str(refusal)], []])
        withdraws = path.name.startswith(self.withdrawal_prefix)
        changes = Changes()
        told = [[*row.values(), *self._result(template, row, withdraws, changes)] for row in rows]
        return self.store.keep(path.name, [["处理结果", "已处理", ""], [*headings, *RESULT_COLUMNS], *told], changes)

    def _result(self, template: Template, row: Row, withdraws: bool, changes: Changes) -> Result:
        key = (template.document, row[template.document], row[NAME])
        if withdraws:
            if not self.store.is_shown(key) and key not in changes.shown:
                return ("0", "6", template.document, "没有可撤销的公示记录", "0")
            changes.withdrawn.append(key)
            return GONE
        if wrong := self._wrong(template, row):
            return ("0", *wrong, "0")
        changes.shown[key] = row
        return SHOWN

    def _wrong(self, template: Template, row: Row) -> tuple[str, str, str] | None:
        """Return code, field and text of the first mismatch, in the order in which the node looks."""
        enterprise = self.base.named(row[NAME])
        if self.base.is_known and enterprise is None:
            return ("1", NAME, "数据校验不匹配：登记库中没有该企业名称")
        if enterprise and enterprise.uscc != row[USCC]:
            return ("2", USCC, "统一社会信用代码不匹配")
        if enterprise and enterprise.registration_number != row[NUMBER]:
            return ("3", NUMBER, "注册码不匹配")
        for column in template.dates:
            if not _is_date(row[column]):
                return ("4", column, "时间格式不匹配")
        if template is PENALTY and not set(row["处罚种类"].split(",")) <= PENALTY_KINDS:
            return ("5", "处罚种类", "处罚种类不在代码表内，多个种类须以英文逗号分隔")
        return None


def write_feedback_again(folder: Path) -> None:
    """Write every feedback file again, as the node does when it is asked to."""
    store = NationalStore(folder / "node.sqlite")
    for path in (folder / "archive").glob("*.xlsx"):
        _write_feedback(folder / "feedback" / path.name, store.feedback(path.name) or [])
    store.close()


def _habit(folder: Path) -> str | None:
    """Return what the node does for now beside its work, if anything."""
    path = folder / HABIT
    return path.read_text("utf-8") if path.exists() else None


def _write_feedback(path: Path, feedback: Feedback, habit: str | None = None) -> None:
    book = Workbook(write_only=True)
    page = book.create_sheet("反馈")
    for row in feedback if habit != "mixes" else [*feedback[:2], *feedback[3:]]:
        page.append(row)
    whole = io.BytesIO()
    book.save(whole)
    content = whole.getvalue()
    with written(path) as stream:
        stream.write(content[: len(content) // 2] if habit == "garbles" else content)


def _read(path: Path) -> tuple[Template, list[str], list[Row]]:
    """Read a file as the node does: first sheet, headings in row 2, data from row 3."""
    try:
        book = load_workbook(path, read_only=True)
        try:
            lines = [["" if c is None else str(c) for c in line] for line in book.worksheets[0].values]
        finally:
            book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError):
        raise FileRefused("文件无法读取") from None
    if len(lines) < 3:
        raise FileRefused("请上传至少要有一条数据的文件！")
    headings = lines[1]
    template = next((t for t in (PENALTY, LICENCE) if t.headings <= set(headings)), None)
    if template is None:
        raise FileRefused("标题行内容不正确，请使用标准模板！")
    rows = [dict(zip(headings, line, strict=False)) for line in lines[2:]]
    for number, row in enumerate(rows, start=3):
        _need_complete(template, number, row)
    return template, headings, rows


def _need_complete(template: Template, number: int, row: Row) -> None:
    for column in (template.authority, NAME):
        if not row.get(column):
            raise FileRefused(f"第{number}行：{column}不能为空")
    if not row.get(USCC) and not row.get(NUMBER):
        raise FileRefused(f"第{number}行：注册号和统一社会信用代码不能都为空")


def _is_date(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 – only whether the day exists
    except ValueError:
        return False
    return True


@dataclass(slots=True)
class NationalHandle:
    """A running node."""

    node: NationalNode
    url: str
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def process(self) -> int:
        """Process the inbox now."""
        return self.node.process()

    def watch(self, seconds: float) -> None:
        """Process the inbox every so many seconds until the node is stopped."""
        self._thread = threading.Thread(target=self._poll, args=(seconds,), daemon=True)
        self._thread.start()

    def _poll(self, seconds: float) -> None:
        while not self._ended.wait(seconds):
            with suppress(OSError):  # a folder that is being moved is looked at again
                self.node.process()

    def stop(self) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()
        self.node.store.close()


def serve_national(folder: Path, registry: Path | None, poll_seconds: float | None = 0.2) -> NationalHandle:
    """Start the node over a folder; without `poll_seconds` it works only when `process()` is called."""
    for place in PLACES:
        (folder / place).mkdir(parents=True, exist_ok=True)
    store = NationalStore(folder / "node.sqlite")
    handle = NationalHandle(NationalNode(folder, RegistrationBase(registry), store), folder.resolve().as_uri())
    if poll_seconds is not None:
        handle.watch(poll_seconds)
    return handle
