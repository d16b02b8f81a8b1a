"""
Findings: decisions that an evaluator found on a site or in a file while no platform had been told of them.

Nobody can count what a section kept to itself but those who look elsewhere; so the 瞒报率 needs this declared input. A
section writes down what an evaluation found, one decision at a time or as a table. A decision that the receiver had
been told of before the day of the finding was not concealed and is refused; one that is reported afterwards stays
counted where it was found.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from xinyong import free_text
from xinyong.catalogue import Catalogue
from xinyong.database import Fragment, run
from xinyong.errors import XinyongError
from xinyong.text_file import read_text

HEADINGS = ("类别", "科室", "文书号", "相对人", "决定日期", "发现日期", "发现单位", "备注")
_NEEDED = 7  # 备注 may be left out


class FindingError(XinyongError):
    """Raised when a finding names nothing we know, or something that was reported in time."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One decision found unreported; `person` is who wrote it down here."""

    record_type: str
    section: str
    document: str
    found_on: date
    found_by: str
    person: str
    party: str | None = None
    decided_on: date | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many findings are new, and how many had been written down before."""

    new: int
    known: int


def record(
    connection: sa.Connection, catalogue: Catalogue, findings: Iterable[Finding], platform: str, recorded_on: date
) -> Recorded:
    """Write findings down; one that is wrong refuses all of them, so that a file can be corrected and repeated."""
    numbers = []
    for finding in findings:
        _check(catalogue, finding, recorded_on)
        _check_texts(connection, finding)
        _told_before(connection, catalogue, finding, platform)
        values = asdict(finding) | {"document": finding.document.strip(), "recorded_on": recorded_on}
        numbers.append(run(connection, "finding/record", **values).scalar())
    new = sum(number is not None for number in numbers)
    return Recorded(new, len(numbers) - new)


def listed(connection: sa.Connection, first: date, last: date, section: str | None = None) -> list[Finding]:
    """Return the findings of a period, the latest first."""
    rows = run(connection, "finding/listed", first=first, last=last, section=section).mappings()
    return [Finding(**row) for row in rows]


def _check(catalogue: Catalogue, finding: Finding, today: date) -> None:
    for name, value, known in (
        ("record type", finding.record_type, catalogue.records),
        ("section", finding.section, catalogue.department.sections),
    ):
        if value not in known:
            raise FindingError(f"A finding names the {name} `{value}`. Expected one of: {', '.join(known)}.")
    blank = [name for name in ("document", "found_by", "person") if not getattr(finding, name).strip()]
    if blank:
        raise FindingError(f"A finding leaves {', '.join(blank)} blank. Expected: all of them. Add what is missing.")
    if finding.found_on > today or (finding.decided_on and finding.decided_on > finding.found_on):
        raise FindingError(
            f"The finding of {finding.document} is dated {finding.found_on}, its decision {finding.decided_on}. "
            f"Expected: decided, then found, by {today} at the latest. Correct the dates."
        )


def _check_texts(connection: sa.Connection, finding: Finding) -> None:
    """Refuse a personal number in what is typed freely; the document number is looked for among those of records."""
    names = ("found_by", "person", "party", "note")
    texts = {name: getattr(finding, name) for name in names}
    free_text.check(connection, f"finding of {finding.document}", texts, FindingError)


def _told_before(connection: sa.Connection, catalogue: Catalogue, finding: Finding, platform: str) -> None:
    """Refuse a decision that the receiver had been told of: it was not concealed."""
    record_type = catalogue.records[finding.record_type]
    document: sa.ColumnElement[str] = sa.literal_column(f"version.{record_type.document.lower()}")
    names = {"history": f"warehouse.{record_type.name}", "document": Fragment.of(document)}
    values = {"record_type": record_type.name, "document": finding.document.strip(), "platform": platform}
    told = run(connection, "finding/first_told", names, **values).scalar()
    if told and told <= finding.found_on:
        raise FindingError(
            f"{finding.document} was not concealed: {platform} has shown it since the night of {told}, and it was "
            f"found on {finding.found_on}. Expected: a decision that had not been reported. Tell the evaluator; "
            "`xinyong explain` shows message and receipt. Nothing was written."
        )


def read(catalogue: Catalogue, path: Path, person: str) -> list[Finding]:
    """Read a table of findings, in UTF-8 or GB18030, by its headings; Chinese titles and names are both understood."""
    reader = csv.DictReader(read_text(path).splitlines())
    missing = [name for name in HEADINGS[:_NEEDED] if name not in (reader.fieldnames or [])]
    if missing:
        raise FindingError(
            f"{path.name} lacks the headings {'、'.join(missing)}. Found: {'、'.join(reader.fieldnames or [])}. "
            f"Expected: {'、'.join(HEADINGS)} (备注 may be left out). Nothing was written."
        )
    return list(_findings(catalogue, path, reader, person))


def _findings(catalogue: Catalogue, path: Path, rows: Iterable[dict[str, str]], person: str) -> Iterator[Finding]:
    types = {record.title.zh: name for name, record in catalogue.records.items()}
    sections = {section.title.zh: name for name, section in catalogue.department.sections.items()}
    for number, row in enumerate(rows, 2):
        values = {name: (row.get(name) or "").strip() for name in HEADINGS}
        found_on = _date(path, number, "发现日期", values["发现日期"])
        if found_on is None:
            raise FindingError(f"{path.name}, line {number}: 发现日期 is blank. Expected: a date. Nothing was written.")
        yield Finding(
            types.get(values["类别"], values["类别"]),
            sections.get(values["科室"], values["科室"]),
            values["文书号"],
            found_on,
            values["发现单位"],
            person,
            values["相对人"] or None,
            _date(path, number, "决定日期", values["决定日期"]),
            values["备注"] or None,
        )


def _date(path: Path, number: int, heading: str, written: str) -> date | None:
    if not written:
        return None
    try:
        return date.fromisoformat("-".join(part.zfill(2) for part in written.replace("/", "-").split("-")))
    except ValueError:
        raise FindingError(
            f"{path.name}, line {number}: {heading} is `{written}`. Expected: a date such as 2026-11-24. "
            "Nothing was written."
        ) from None
