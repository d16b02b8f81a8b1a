"""
What a workbook file is made of, judged before a parser unpacks or believes it.

A workbook is a ZIP archive of XML parts. Refused are macros, parts that declare a document type (the way of entity
bombs), and archives that unpack to far more than a register can hold. What is hidden in it is told, not refused.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from openpyxl.utils import get_column_letter

_PIECE = 64 << 10
_MAX_RATIO = 250  # XML of a register packs 10 to 40 times; a part that unpacks to this much is made for it
_SMALL = 8 << 20  # below this a part harms nobody, however well it packs


class _Enough(Exception):
    """Raised by a handler that has seen what it looks for."""


def problem(container: zipfile.ZipFile) -> tuple[str, str, str] | None:
    """Return what makes an archive unfit to be opened as a workbook, what to do, and both in Chinese; else nothing."""
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
        if name.endswith((".xml", ".rels", ".vml")) and _declares_type(container, part):
            zh = "文件内部含有不允许的文档类型声明。请用 Excel 打开后重新保存。"
            return f"a part ({name}) with a document type declaration", "Export the records again with Excel", zh
    return None


def _declares_type(container: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Read a part up to its first element, before which alone a document type may be declared."""
    seen: list[bool] = []

    def declared(*_: Any) -> None:
        seen.append(True)
        raise _Enough

    _parse(container, part.filename, {"StartDoctypeDeclHandler": declared, "StartElementHandler": _stop})
    return bool(seen)


def _stop(*_: Any) -> None:
    raise _Enough


def _parse(container: zipfile.ZipFile, name: str, handlers: dict[str, Callable[..., None]]) -> None:
    """Parse a part until a handler has enough; what is damaged is for the reader to notice."""
    parser = expat.ParserCreate(namespace_separator="}")
    for event, handler in handlers.items():
        setattr(parser, event, handler)
    try:
        with container.open(name) as part:
            while piece := part.read(_PIECE):
                parser.Parse(piece, False)
    except (_Enough, expat.ExpatError, zipfile.BadZipFile, OSError, EOFError, KeyError, NotImplementedError):
        return


def hidden(path: Path, sheet: str, headings: tuple[str, ...]) -> Iterator[str]:
    """Tell of hidden sheets and of hidden columns in the sheet that is read; both are read as if they were not."""
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
