"""How a record type is shown: which of its columns is the name, the code, the document, the last day of publicity."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from xinyong.catalogue.platforms import PlatformRecord
from xinyong.catalogue.records import RecordType

Payload = Mapping[str, str | None]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNDATED = "0000-00"
_NO_CODE = "00000000"  # sole traders without a code write zeros: they are not one and the same


@dataclass(frozen=True, slots=True)
class Shape:
    """One record type on the portal: its titles as the platform file has them, and the part that each one plays."""

    name: str
    title: str
    columns: tuple[str, ...]
    lead: str | None = None
    listed: str | None = None
    party: str | None = None
    code: str | None = None
    document: str | None = None
    decided_on: str | None = None
    until: str | None = None
    objection: str | None = None
    amounts: tuple[str, ...] = ()  # no set: each process would write it in an order of its own


@dataclass(frozen=True, slots=True)
class Facts:
    """What a record is found, sorted and grouped by."""

    name: str
    code: str
    document: str
    decided_on: str
    subject_id: str
    month: str


def shapes(records: Mapping[str, PlatformRecord], types: Mapping[str, RecordType]) -> dict[str, Shape]:
    """Return the shape of each record type a platform takes, in its order."""
    return {name: _shape(name, taken, types.get(name)) for name, taken in records.items()}


def _shape(name: str, taken: PlatformRecord, declared: RecordType | None) -> Shape:
    by_field: dict[str, str] = {one.field: title for title, one in reversed(taken.columns.items()) if one.field}
    until = next((title for title, one in taken.columns.items() if one.publicity_until), None)
    objection = next((title for title, one in taken.columns.items() if one.objection), None)
    shown = (name, taken.title, tuple(taken.columns), taken.lead, taken.listed)
    if declared is None:
        return Shape(*shown, until=until, objection=objection)
    return Shape(
        *shown,
        party=by_field.get(declared.party.name),
        code=by_field.get(declared.party.uscc or ""),
        document=by_field.get(declared.document),
        decided_on=by_field.get(declared.decision_date or ""),
        until=until,
        objection=objection,
        amounts=tuple(by_field[code] for code in by_field if declared.fields[code].type == "amount"),
    )


def facts(shape: Shape, key: str, payload: Payload) -> Facts:
    """Read a record's parts from its columns, and where it has none of them from its natural key."""
    first, *middle = key.split("|")
    last = middle.pop() if middle else ""
    name = _value(payload, shape.party) or first
    code = _value(payload, shape.code).upper()
    decided_on = last if _DAY.fullmatch(last) else _value(payload, shape.decided_on)
    about = known_code(code) or name
    return Facts(
        name=name,
        code=code,
        document=_value(payload, shape.document) or "|".join(middle),
        decided_on=decided_on,
        subject_id=hashlib.sha256(about.encode()).hexdigest()[:16],
        month=decided_on[:7] if _DAY.fullmatch(decided_on) else _UNDATED,
    )


def known_code(code: str) -> str:
    """Return the code, or nothing where it says only that there is none."""
    return "" if code.startswith(_NO_CODE) else code


def anchor(record_type: str, key: str) -> str:
    """Return the name of a record inside its page."""
    return "r" + hashlib.sha256(f"{record_type}|{key}".encode()).hexdigest()[:12]


def _value(payload: Payload, title: str | None) -> str:
    return (payload.get(title) if title else None) or ""
