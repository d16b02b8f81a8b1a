"""
The file channel in packages: a zip with one XML file of head and body, answered by a feedback package of the same name.

The shape follows GB/T 39443: the head names package, sender, receiver, resource, number of rows, date and version; the
body has one row per record with its operation. The feedback counts what was accepted and lists what was not.
"""

from __future__ import annotations

import uuid
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError  # noqa: S405 – what is parsed goes through defusedxml
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from xinyong.catalogue.department import Department
from xinyong.catalogue.platforms import Platform
from xinyong.errors import PlatformUnavailable
from xinyong.platforms import NOT_XML, Answer, Item, Message
from xinyong.platforms.feedback import FILE_REFUSED
from xinyong.platforms.folders import written
from xinyong.settings import Connection

VERSION = "1.0"
INSIDE = "package.xml"
FLAGS = {"add": "add", "restore": "add", "update": "update", "withdraw": "delete"}
LEFT_OUT, WAITING, COUNTS = "left_out", "waiting", "counts"
_SPACE = uuid.UUID("9f6e5a52-6d0c-5c53-9c3e-0d6c1f0c2b11")  # names of packages are derived in it, and in nothing else
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # so that the same message is the same file, byte by byte
_FEEDBACK_LIMIT = 64_000_000


@dataclass(frozen=True, slots=True)
class Package:
    """One file of a message: its name, its resource, its number and its rows."""

    name: str
    guid: str
    resource: str
    message: Message
    items: tuple[Item, ...]


def package_adapter(platform: Platform, department: Department, access: Connection) -> PackageAdapter:
    """Build the adapter from what the catalogue declares and where the folder lies."""
    return PackageAdapter(
        platform=platform.name,
        folder=Path(access.path),
        sender=department.uscc,
        receiver=platform.options.get("receiver", platform.name),
        resources={name: taken.table_code for name, taken in platform.records.items()},
        columns={name: tuple(taken.columns) for name, taken in platform.records.items()},
        max_bytes=int(platform.options.get("max_bytes", "20000000")),
    )


@dataclass(frozen=True, slots=True)
class PackageAdapter:
    """A folder with `inbox`, `archive` and `feedback`; `max_bytes` bounds the XML of one package."""

    platform: str
    folder: Path
    sender: str
    receiver: str
    resources: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]
    max_bytes: int

    def send(self, message: Message) -> None:
        self._need_folder()
        for package in self._packages(message):
            if not self._has_taken(package.name):
                self._write(package)

    def ask(self, message: Message) -> list[Answer] | None:
        self._need_folder()
        packages = self._packages(message)
        if not all(self._has_taken(package.name) for package in packages):
            return None
        told = [answer for package in packages for answer in self._answers(package)]
        out = [_left_out(item) for item in message.items if _unwritable(item)]
        return sorted([*told, *out], key=lambda answer: answer.position)

    def listing(self, record_type: str) -> dict[str, str] | None:
        """A folder lists nothing; what is shown is known by its feedback only."""
        return None

    def _packages(self, message: Message) -> list[Package]:
        """Divide a message by size; the same message always has the same packages."""
        parts = list(self._parts(message)) if message.items else [()]
        resource = self.resources[message.record_type] if message.record_type else "NONE"
        found = []
        for number, items in enumerate(parts, start=1):
            guid = uuid.uuid5(_SPACE, f"{message.idempotency_key}/{number}")
            name = f"{resource}_{message.number:08}_{number:03}_{guid}.zip"
            found.append(Package(name, str(guid), resource, message, items))
        return found

    def _parts(self, message: Message) -> Iterator[tuple[Item, ...]]:
        part: list[Item] = []
        size = 0
        for item in message.items:
            if _unwritable(item):
                continue
            own = _size(item)
            if part and size + own > self.max_bytes:
                yield tuple(part)
                part, size = [], 0
            part.append(item)
            size += own
        if part:
            yield tuple(part)

    def _write(self, package: Package) -> None:
        try:
            with written(self.folder / "inbox" / package.name) as stream, zipfile.ZipFile(stream, "w") as archive:
                entry = zipfile.ZipInfo(INSIDE, _FIRST_DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                with archive.open(entry, "w") as inside:
                    self._write_xml(inside, package)
        except OSError as error:
            raise PlatformUnavailable(
                f"Platform {self.platform}: {package.name} could not be written into {self.folder / 'inbox'}. Found: "
                f"{error.strerror}. Expected: a folder with room that we may write to. Repair the folder and repeat "
                f"the task; what was handed over keeps its name and is not written twice."
            ) from error

    def _write_xml(self, stream: IO[bytes], package: Package) -> None:
        """Write row after row; no more than one row is in memory."""
        xml = XMLGenerator(stream, "utf-8", short_empty_elements=True)
        xml.startDocument()
        xml.startElement("package", AttributesImpl({"version": VERSION}))
        xml.startElement("head", AttributesImpl({}))
        for name, value in self._head(package).items():
            _element(xml, name, {}, value)
        xml.endElement("head")
        xml.startElement("body", AttributesImpl({}))
        for position, item in enumerate(package.items, start=1):
            self._row(xml, position, item)
        xml.endElement("body")
        xml.endElement("package")
        xml.endDocument()

    def _head(self, package: Package) -> dict[str, str]:
        return {
            "guid": package.guid,
            "sender": self.sender,
            "receiver": self.receiver,
            "resource": package.resource,
            "number": str(package.message.number),
            "count": str(len(package.items)),
            "timestamp": package.message.business_date.isoformat(),
        }

    def _row(self, xml: XMLGenerator, position: int, item: Item) -> None:
        names = {"position": str(position), "operation": FLAGS[item.operation]}
        xml.startElement("row", AttributesImpl(names))
        for column in self.columns[item.record_type]:
            if value := item.payload.get(column):
                _element(xml, "field", {"name": column}, value)
        xml.endElement("row")

    def _answers(self, package: Package) -> list[Answer]:
        path = self.folder / "feedback" / package.name
        if not path.exists():
            return [Answer(i.position, "unknown", WAITING, None, "数据包已送达，接收方尚未反馈") for i in package.items]
        feedback = self._read(path)
        if refused := feedback.findtext("head/refused"):
            text = f"接收方整包退回：{refused}"
            return [Answer(item.position, "rejected", FILE_REFUSED, None, text) for item in package.items]
        rows = {int(row.get("position", "0")): row for row in feedback.iterfind("rows/row")}
        taken, listed = (int(feedback.findtext(f"head/{name}") or -1) for name in ("accepted", "rejected"))
        is_ours = feedback.findtext("head/guid") == package.guid
        agree = is_ours and listed == len(rows) and taken + listed == len(package.items)
        return [_answer(item, rows.get(at), agree) for at, item in enumerate(package.items, start=1)]

    def _read(self, path: Path) -> Element:
        from defusedxml import ElementTree
        from defusedxml.common import DefusedXmlException

        try:
            with zipfile.ZipFile(path) as archive:
                if archive.getinfo(INSIDE).file_size > _FEEDBACK_LIMIT:
                    raise ValueError("larger than any feedback")
                found: Element = ElementTree.fromstring(archive.read(INSIDE))
                return found
        except (zipfile.BadZipFile, KeyError, ParseError, DefusedXmlException, ValueError, OSError) as error:
            raise PlatformUnavailable(
                f"Platform {self.platform}: the feedback package {path.name} is not readable. Found: "
                f"{type(error).__name__}. Expected: a zip with {INSIDE} of head and rows. Ask the receiver to write it "
                f"again, then repeat the task; nothing is sent twice."
            ) from error

    def _has_taken(self, name: str) -> bool:
        """Look in the order in which a file travels, so that one on its way is not missed."""
        return any((self.folder / place / name).exists() for place in ("inbox", "archive", "feedback"))

    def _need_folder(self) -> None:
        if not (self.folder / "inbox").is_dir():
            raise PlatformUnavailable(
                f"Platform {self.platform}: the folder {self.folder} is not reachable. Found: no `inbox` in it. "
                f"Expected: the exchange folder with inbox, archive and feedback. Mount it and repeat the task."
            )


def _element(xml: XMLGenerator, name: str, attributes: dict[str, str], text: str) -> None:
    xml.startElement(name, AttributesImpl(attributes))
    xml.characters(text)
    xml.endElement(name)


def _size(item: Item) -> int:
    """Return about how many bytes a row has: what the same payload comes to is the same every time."""
    filled = [(name, value) for name, value in item.payload.items() if value]
    return 60 + sum(len(name.encode()) + len(value.encode()) + 25 for name, value in filled)


def _unwritable(item: Item) -> str | None:
    """Return the column whose text XML cannot carry."""
    return next((name for name, value in item.payload.items() if value and NOT_XML.search(value)), None)


def _left_out(item: Item) -> Answer:
    column = _unwritable(item)
    return Answer(item.position, "rejected", LEFT_OUT, column, f"未报送：「{column}」含有控制字符，无法写入XML；请更正")


def _answer(item: Item, row: Element | None, agree: bool) -> Answer:
    if row is not None:
        code, field, text = (row.findtext(name) for name in ("code", "field", "text"))
        return Answer(item.position, "rejected", code, field, text)
    if agree:
        return Answer(item.position, "accepted")
    return Answer(item.position, "unknown", COUNTS, None, "反馈包的编号、计数与退回清单不一致，尚不能确定本条是否入库")
