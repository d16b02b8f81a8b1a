"""
What a workbook file is made of, judged before a parser unpacks or believes it.

A workbook is a ZIP archive of XML parts. Refused are macros, parts that declare a document type (the way of entity
bombs), and archives that unpack to far more than a register can hold. What is hidden in it is told, not refused.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from openpyxl.utils import get_column_letter

_PIECE = 64 << 10
_DECLARED = "<!DOCTYPE"
_UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, NotImplementedError)
_MAX_RATIO = 250  # XML of a register packs 10 to 40 times; a part that unpacks to this much is made for it
_SMALL = 8 << 20  # below this a part harms nobody, however well it packs
_MAX_PARTS = 2_000  # a register has a dozen, one with a sheet and notes per day a thousand; each costs milliseconds
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"  # an Excel save option whose sheets openpyxl does not see
_ROW = re.compile(rb"<(?:\w+:)?row\b([^<>]*)>\s*<(?:\w+:)?c\b")  # with its first cell
_HIDDEN = re.compile(rb"\bhidden=[\"'](?:1|true)[\"']")
_NUMBER = re.compile(rb"\br=[\"'](\d{1,7})[\"']")
_SHOWN = 10  # rows or runs of rows named in a note; who hid more looks himself


class _Enough(Exception):
    """Raised by a handler that has seen what it looks for."""


def problem(container: zipfile.ZipFile) -> tuple[str, str, str] | None:
    """Return what makes an archive unfit to be opened as a workbook, what to do, and both in Chinese; else nothing."""
    if (count := len(container.infolist())) > _MAX_PARTS:
        zh = f"文件内部有 {count} 个部分，异常地多。请把记录复制到新的工作簿后保存。"
        return f"an archive of {count:,} parts", "Export the records again, into a new workbook", zh
    for part in container.infolist():
        name = part.filename
        if name.lower().endswith("vbaproject.bin"):
            zh = "这是带宏的工作簿。请另存为不带宏的“Excel 工作簿（.xlsx）”。"
            return "a workbook with macros", "Save it as .xlsx without macros", zh
        if part.file_size > _SMALL and part.file_size > _MAX_RATIO * max(part.compress_size, 1):
            found = f"a part ({name}) of {part.compress_size:,} bytes that unpacks to {part.file_size:,}"
            return (
                found,
                "Export the records again, into a new workbook",
                "文件内部有异常膨胀的部分。请换用新生成的文件。",
            )
        start = _start(container, part) if name.endswith((".xml", ".rels", ".vml")) else ""
        if start == _DECLARED:
            zh = "文件内部含有不允许的文档类型声明。请用 Excel 打开后重新保存。"
            return f"a part ({name}) with a document type declaration", "Export the records again with Excel", zh
        if start == f"{_STRICT}}}workbook":
            zh = "这是“Strict Open XML 电子表格”，读不出工作表。请另存为“Excel 工作簿(*.xlsx)”。"
            return "a Strict Open XML Spreadsheet", "Save it as “Excel Workbook (*.xlsx)” in Excel", zh
    return None


def _start(container: zipfile.ZipFile, part: zipfile.ZipInfo) -> str:
    """Return the first element of a part, or that a document type is declared, which can only be before it."""
    seen: list[str] = []

    def declared(*_: Any) -> None:
        seen.append(_DECLARED)
        raise _Enough

    def element(name: str, _: dict[str, str]) -> None:
        seen.append(name)
        raise _Enough

    _parse(container, part.filename, {"StartDoctypeDeclHandler": declared, "StartElementHandler": element})
    return seen[0] if seen else ""


def _parse(container: zipfile.ZipFile, name: str, handlers: dict[str, Callable[..., None]]) -> None:
    """Parse a part until a handler has enough; what is damaged is for the reader to notice."""
    parser = expat.ParserCreate(namespace_separator="}")
    for event, handler in handlers.items():
        setattr(parser, event, handler)
    try:
        with container.open(name) as part:
            while piece := part.read(_PIECE):
                parser.Parse(piece, False)
    except (_Enough, expat.ExpatError, *_UNREADABLE, ValueError):
        return


def hidden(path: Path, sheet: str, headings: tuple[str, ...], first_row: int = 1) -> Iterator[str]:
    """Tell of hidden sheets, and of hidden columns and rows in the sheet that is read as if they were not."""
    with zipfile.ZipFile(path) as container:
        sheets = _sheets(container)
        if others := [name for name, (_, state) in sheets.items() if state != "visible" and name != sheet]:
            yield f"隐藏的工作表（未读取）：{'、'.join(others)}"
        target, state = sheets.get(sheet, ("", "visible"))
        if state != "visible":
            yield f"工作表“{sheet}”是隐藏的，仍已读取"
        columns = _hidden_columns(container, target, len(headings)) if target else []
        if columns:
            names = [f"{headings[at - 1]}（{get_column_letter(at)}列）" for at in columns]
            yield f"隐藏的列（仍已读取）：{'、'.join(names)}"
        rows = [row for row in _hidden_rows(container, target) if row >= first_row] if target else []
        if rows:
            yield f"隐藏或被筛选掉的行（仍已读取）：共 {len(rows)} 行（{_runs(rows)}）"


def _sheets(container: zipfile.ZipFile) -> dict[str, tuple[str, str]]:
    """Return the part and the state of each sheet by its name."""
    targets: dict[str, str] = {}
    found: dict[str, tuple[str, str]] = {}

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name.endswith("}Relationship"):
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def element(name: str, attributes: dict[str, str]) -> None:
        if name.endswith("}sheet"):
            target = targets.get(next((v for k, v in attributes.items() if k.endswith("relationships}id")), ""), "")
            part = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
            found[attributes.get("name", "")] = (part, attributes.get("state", "visible"))

    _parse(container, "xl/_rels/workbook.xml.rels", {"StartElementHandler": relation})
    _parse(container, "xl/workbook.xml", {"StartElementHandler": element})
    return found


def _hidden_columns(container: zipfile.ZipFile, part: str, width: int) -> list[int]:
    """Return the hidden columns under the headings; they are declared before the first row."""
    found: list[int] = []

    def element(name: str, attributes: dict[str, str]) -> None:
        if name.endswith("}sheetData"):
            raise _Enough
        if name.endswith("}col") and attributes.get("hidden") in ("1", "true"):
            first, last = int(attributes["min"]), int(attributes["max"])
            found.extend(range(first, min(last, width) + 1))

    _parse(container, part, {"StartElementHandler": element})
    return found


def _hidden_rows(container: zipfile.ZipFile, part: str) -> Iterator[int]:
    """
    Return the numbers of hidden rows that hold cells.

    They are sought in the text of the part: parsing a large sheet once more would cost a tenth of reading it.
    """
    rest = b""
    try:
        with container.open(part) as opened:
            while piece := opened.read(_PIECE):
                text = rest + piece
                cut = max(text.rfind(b"<", 0, max(text.rfind(b"<"), 0)), 0)  # the last two tags wait for what follows
                rest = text[cut : cut + _PIECE]
                for row in _ROW.finditer(text) if b"hidden" in text else ():
                    number = _NUMBER.search(row[1])
                    if row.start() < cut and number and _HIDDEN.search(row[1]):
                        yield int(number[1])
    except _UNREADABLE:
        return


def _runs(rows: list[int]) -> str:
    """Name rows, those that follow each other as one run."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1][1:] = [row]
        else:
            runs.append([row])
    named = "、".join(f"第{'–'.join(map(str, run))}行" for run in runs[:_SHOWN])
    return f"{named}等" if len(runs) > _SHOWN else named
