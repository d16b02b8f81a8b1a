"""The national node for whoever delivers XML packages in place of Excel files: same checks, feedback as a package."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring  # noqa: S405 – parsed by defusedxml

from defusedxml import ElementTree

from sandbox.national import LICENCE, NAME, NUMBER, PENALTY, USCC, NationalNode, Template
from sandbox.national_store import Changes
from xinyong.platforms.folders import written

TEMPLATES = {"CF": PENALTY, "XK": LICENCE}
INSIDE = "package.xml"


@dataclass(frozen=True, slots=True)
class PackageNode:
    """The node behind its folder, with the books of a `NationalNode`."""

    node: NationalNode

    def process(self) -> int:
        """Process the packages of the inbox and return how many those were."""
        waiting = sorted((self.node.folder / "inbox").glob("[!.]*.zip"))
        for path in waiting:
            answer = self._judge(path)
            told = self.node.folder / "feedback" / path.name
            with written(told) as stream, zipfile.ZipFile(stream, "w") as archive:
                archive.writestr(INSIDE, tostring(answer, "utf-8"))
            path.replace(self.node.folder / "archive" / path.name)
        return len(waiting)

    def _judge(self, path: Path) -> Element:
        answer = Element("feedback")
        head, rows = SubElement(answer, "head"), SubElement(answer, "rows")
        try:
            with zipfile.ZipFile(path) as archive:
                package = ElementTree.fromstring(archive.read(INSIDE))
        except (zipfile.BadZipFile, KeyError, ParseError):
            SubElement(head, "refused").text = "数据包无法读取"
            return answer
        told = package.findall("body/row")
        if package.findtext("head/count") != str(len(told)):
            SubElement(head, "refused").text = "包头记录数与包体不一致"
            return answer
        self._rows(package, told, rows)
        for name, value in {
            "guid": package.findtext("head/guid") or "",
            "accepted": str(len(told) - len(rows)),
            "rejected": str(len(rows)),
        }.items():
            SubElement(head, name).text = value
        return answer

    def _rows(self, package: Element, told: list[Element], rows: Element) -> None:
        template, changes = TEMPLATES.get(package.findtext("head/resource") or ""), Changes()
        for row in told:
            if template is None:
                continue
            state, code, field, text, _ = self._result(template, row, changes)
            if state != "1":
                refused = SubElement(rows, "row", position=row.get("position", ""))
                for name, value in {"code": code, "field": field, "text": text}.items():
                    SubElement(refused, name).text = value
        self.node.store.keep(package.findtext("head/guid") or "", [], changes)

    def _result(self, template: Template, row: Element, changes: Changes) -> tuple[str, str, str, str, str]:
        fields = dict.fromkeys([*template.headings, template.authority, NAME, USCC, NUMBER], "")
        fields |= {field.get("name", ""): field.text or "" for field in row.findall("field")}
        for column in (template.authority, NAME):
            if not fields[column]:
                return ("0", "7", column, f"{column}不能为空", "0")
        return self.node._result(template, fields, row.get("operation") == "delete", changes)
