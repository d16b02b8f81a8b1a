"""
Restate: what a person says is meant instead of a content that a business system delivers and that is wrong.

A restatement is an input of the history beside the batches: it names one content of one record and the fields that
are meant instead. It is put into the staged row after cleaning and before the rules judge, whenever a batch known from
`since` on delivers that content; the batch stays in landing as received. So tonight's run does not undo it, the same
batches and restatements in any order lead to the same warehouse (law 3), and it lapses by itself, visibly, once the
source delivers another content for the record.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, get_args

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.catalogue.records import Field, FieldType, RecordType
from xinyong.database import Fragment, run
from xinyong.errors import XinyongError
from xinyong.sealing import sealer, without_numbers
from xinyong.tables import IDENTITY_PARTS

_SAID = {
    "standing": "the source still delivers the wrong content, and the restatement holds",
    "fixed_at_source": "the source delivers it so by now",
    "lapsed": "the source delivers a third content by now, so the restatement holds no longer: look at the record",
    "gone": "the source does not have the record any more",
}
_STANDS = "这条内容已经更正过，那次更正仍然有效。要再改，请先由信用管理人员撤回那次更正。"
_WRITTEN = {"date": "2026-11-03", "amount": "1.5"}  # how a type may be written
TOLD = 8  # problems that one message names


class RestatementError(XinyongError):
    """Raised when records cannot be restated as asked; nothing has changed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    One cell that a person corrects: which record (`sought`), which field, what it should say.

    `sought` is a quarantine number, a document number or a record id; `field` a standard code or its title; `value`
    None for blank; `old` what the person saw there (not compared when empty); `place` where this was read; `problem`
    says why nothing can be read there at all.
    """

    sought: str
    field: str
    value: str | None
    old: str | None = None
    place: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Restatement:
    """One content of one record, and by standard code what is meant instead, in batches known from `since` on."""

    record_id: str
    content_hash: bytes
    document: str | None
    fields: Mapping[str, str | None]
    since: datetime

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, as a plan keeps it."""
        own = {"record_id": self.record_id, "content_hash": self.content_hash.hex(), "document": self.document}
        return {**own, "fields": dict(self.fields), "since": self.since.isoformat()}


@dataclass(frozen=True, slots=True)
class Standing:
    """A restatement with what its source says by now: standing, fixed_at_source, lapsed or gone."""

    restatement_id: int
    feed: str
    record_id: str
    content_hash: str
    document: str | None
    fields: dict[str, str | None]
    restated_on: date
    person: str
    reason: str
    correction_id: int | None
    section: str | None
    state: str
    seen_on: date | None

    @property
    def needs_attention(self) -> bool:
        """Whether the source has not taken the correction over: it still differs, or delivers something else."""
        return self.state != "fixed_at_source"

    @property
    def sentence(self) -> str:
        """Say what the source says of the record by now."""
        by = f"restated by {self.person} on {self.restated_on} ({', '.join(sorted(self.fields))})"
        return f"{by}; {_SAID[self.state]}"


@dataclass(frozen=True, slots=True)
class Overlaid:
    """One column of the derived layer with the restated text over it."""

    name: str
    expression: Fragment


def apply(
    connection: sa.Connection,
    feed: Feed,
    record_type: RecordType,
    parts: Mapping[str, object],
    batch_id: int,
    known_at: datetime,
) -> None:
    """Put the restatements that hold for a batch into its staged rows; costs one small question where there is none."""
    if run(connection, "restatement/any_for", feed=feed.name, known_at=known_at).scalar_one():
        names = {**parts, "restated_columns": _overlaid(record_type), "incremental": feed.change == "incremental"}
        run(connection, "restatement/apply", names, feed=feed.name, batch_id=batch_id, known_at=known_at)


_LATEST: dict[str, tuple[RecordType, list[Overlaid]]] = {}


def _overlaid(record_type: RecordType) -> list[Overlaid]:
    """Return the columns of a record type that may be restated; a process works them out once."""
    kept = _LATEST.get(record_type.name)
    if kept is None or kept[0] is not record_type:
        kept = _LATEST[record_type.name] = record_type, _columns(record_type)
    return kept[1]


def _columns(record_type: RecordType) -> list[Overlaid]:
    """Return every field's text as staged, or as restated where it is; sealed parts stay as they are."""
    columns = []
    for code, field in record_type.fields.items():
        name = code.lower()
        if field.type == "identity":
            kept = [name, *(f"{name}_{part}" for part in IDENTITY_PARTS)]
            columns += [Overlaid(one, Fragment.of(sa.literal_column(f"matching.{one}"))) for one in kept]
            continue
        staged = f"matching.{name}_text" if field.type in ("date", "amount") else f"matching.{name}"
        restated = sa.literal_column("matching.fields", JSONB())
        is_prose = field.long_text or code in _names(record_type)
        clean = sa.func.quality.plain if is_prose else sa.func.quality.folded
        text = sa.case(
            (restated.has_key(code), clean(restated[code].astext)), else_=sa.literal_column(staged, sa.Text())
        )
        columns.append(Overlaid(name, Fragment.of(text)))
    return columns


def _names(record_type: RecordType) -> set[str]:
    return {record_type.party.name, record_type.authority.name if record_type.authority else record_type.party.name}


def resolve(connection: sa.Connection, catalogue: Catalogue, feed: Feed, wanted: Sequence[Wanted]) -> list[Restatement]:
    """Find the content that each wanted cell is about; everything unfit is named at once."""
    record_type = catalogue.records[feed.record_type]
    found = _contents(connection, feed, record_type, {one.sought for one in wanted})
    readable, said = _readable(connection, wanted), []
    problems = [one.problem for one in wanted if one.problem]
    fields: dict[tuple[str, bytes], dict[str, str | None]] = {}
    contents: dict[tuple[str, bytes], Any] = {}
    for one in (one for one in wanted if not one.problem):
        content, code = _one(found, one, problems), _code(record_type, one, problems)
        if code and record_type.fields[code].type not in readable[one.value or ""]:
            said.append(_unreadable(one, code, record_type.fields[code]))
        if content is None or code is None:
            continue
        key = (content.record_id, bytes(content.content_hash))
        problems += _unfit(record_type, one, code, content, fields.setdefault(key, {}))
        contents[key] = content
        fields[key][code] = sealer().hide(one.value) if one.value else None
    restated = _restated_already(connection, feed, contents.values())
    problems += [problem for problem, _ in said] + restated
    if problems or not wanted:
        zh = _STANDS if restated else "".join(sentence for _, sentence in said)
        raise _refused(feed, problems or ["the file names no record"], zh)
    return [
        Restatement(content.record_id, bytes(content.content_hash), content.document, fields[key], content.since)
        for key, content in contents.items()
    ]


def record(
    connection: sa.Connection,
    feed: Feed,
    restatements: Sequence[Restatement],
    person: str,
    reason: str,
    restated_on: date,
    correction_id: int | None = None,
) -> list[int]:
    """Write restatements down and return their ids; the batches since then must be judged and stored again."""
    if not person.strip() or not reason.strip():
        raise RestatementError("A record is restated by a person for a reason. Found: one is blank. Give both.")
    told = {"feed": feed.name, "person": person.strip(), "reason": reason.strip(), "restated_on": restated_on}
    ids = []
    for one in restatements:
        values = {"record_id": one.record_id, "content_hash": one.content_hash, "document": one.document}
        fields = json.dumps(dict(one.fields), ensure_ascii=False, sort_keys=True)
        told |= {"since": one.since, "correction_id": correction_id}
        written = run(connection, "restatement/record", **told, **values, fields=fields).scalar_one_or_none()
        if written is None:
            raise _refused(feed, _restated_already(connection, feed, [one]), _STANDS)
        ids.append(int(written))
    return ids


def standing(
    connection: sa.Connection, feed: str | None = None, record_id: str | None = None, content_hash: bytes | None = None
) -> list[Standing]:
    """Return restatements, the oldest first, with what their sources say by now."""
    values = {"feed": feed, "record_id": record_id, "content_hash": content_hash}
    return [Standing(**row) for row in run(connection, "restatement/standing", **values).mappings()]


def _contents(connection: sa.Connection, feed: Feed, record_type: RecordType, sought: set[str]) -> dict[str, list[Any]]:
    columns = {"document": record_type.document, "party": record_type.party.name}
    names: dict[str, object] = {
        name: Fragment.of(sa.literal_column(f"version.{code.lower()}")) for name, code in columns.items()
    }
    latest = run(connection, "restatement/latest_moment", feed=feed.name).scalar_one()
    values = {"feed": feed.name, "sought": sorted(sought), "latest": latest if feed.change == "full" else None}
    found: dict[str, list[Any]] = {}
    for row in run(connection, "restatement/contents", names | {"history": f"warehouse.{record_type.name}"}, **values):
        found.setdefault(row.name, []).append(row)
    return found


def _one(found: Mapping[str, list[Any]], one: Wanted, problems: list[str]) -> Any:
    contents = found.get(one.sought, [])
    if len(contents) == 1:
        return contents[0]
    named = f"{one.place}: `{without_numbers(one.sought)}`"
    if not contents:
        problems.append(f"{named} names no live record and no open quarantine entry; give what `xinyong explain` finds")
    else:
        ids = ", ".join(content.record_id for content in contents[:TOLD])
        problems.append(f"{named} names {len(contents)} records; give one record id of {ids}")
    return None


def _code(record_type: RecordType, one: Wanted, problems: list[str]) -> str | None:
    titled = [code for code, field in record_type.fields.items() if field.title == one.field.strip()]
    code = one.field.strip().upper()
    if code in record_type.fields:
        return code
    if len(titled) == 1:
        return titled[0]
    found = f"means {', '.join(titled)}" if titled else f"is no field of {record_type.name}"
    problems.append(
        f"{one.place}: `{without_numbers(one.field)}` {found}; give a standard code such as {record_type.document}"
    )
    return None


def _unfit(
    record_type: RecordType, one: Wanted, code: str, content: Any, fields: Mapping[str, str | None]
) -> list[str]:
    """Say why a field of a content cannot be restated like this."""
    if record_type.fields[code].type == "identity":
        return [f"{one.place}: {code} is an identity number, which only its source may correct"]
    if code in record_type.business_key and content.record_id != _uuid_of(bytes(content.content_hash)):
        return [
            f"{one.place}: {code} belongs to the record's key; another key is another record, which a source delivers"
        ]
    if code in fields and fields[code] != (one.value or None):
        return [f"{one.place}: {code} of `{without_numbers(one.sought)}` is given two values"]
    held = content.held.get(code.lower()) if content.held else None
    if one.old and content.held and _bare(one.old) != _bare(held):
        return [f"{one.place}: {code} does not hold what the file says it does; look again (`xinyong explain`)"]
    return []


def _readable(connection: sa.Connection, wanted: Sequence[Wanted]) -> dict[str, set[str]]:
    """Say of each value as which types of fields staging reads it; a word for nothing is read as any."""
    rows = run(connection, "restatement/readable", values=sorted({one.value or "" for one in wanted})).all()
    anyhow = set(get_args(FieldType)) - set(_WRITTEN)
    return {row.value: anyhow | {name for name in _WRITTEN if getattr(row, f"is_{name}")} for row in rows}


def _unreadable(one: Wanted, code: str, field: Field) -> tuple[str, str]:
    """Say that a value is none of its field's type, and say it to a clerk."""
    found, such = without_numbers(one.value or ""), _WRITTEN[field.type]
    kind = "an amount" if field.type == "amount" else "a date"
    return (
        f"{one.place}: {code} ({field.title}) cannot be read from `{found}`; give {kind} such as {such}",
        f"{field.title}“{found}”无法识别，请写成 {such}。",
    )


def _uuid_of(content_hash: bytes) -> str:
    """Return the id by which a row without a readable key goes, as `warehouse/open_quarantine` makes it."""
    written = content_hash[:16].hex()
    return "-".join((written[:8], written[8:12], written[12:16], written[16:20], written[20:]))


def _bare(value: Any) -> str:
    """Write a value for comparison: blanks gone, dates by their digits, numbers without zeros at their end."""
    text = "".join(str("" if value is None else value).split())
    if len(text) == 10 and text[4] in "-/." and text[4] == text[7]:
        return text[:4] + text[5:7] + text[8:]
    return text.rstrip("0").rstrip(".") if "." in text and text.replace(".", "", 1).isdigit() else text


def _restated_already(connection: sa.Connection, feed: Feed, contents: Iterable[Any]) -> list[str]:
    problems = []
    for content in contents:
        for one in standing(connection, feed.name, content.record_id, bytes(content.content_hash)):
            by = f"correction {one.correction_id}" if one.correction_id else "hand"
            problems.append(
                f"{one.document or one.record_id}: restated by {one.person} on {one.restated_on} ({by}: "
                f"{', '.join(sorted(one.fields))}), and that stands; roll it back first "
                "and plan one correction for all fields"
            )
    return problems


def _refused(feed: Feed, problems: list[str], zh: str | None = None) -> RestatementError:
    more = f" … and {len(problems) - TOLD} more" if len(problems) > TOLD else ""
    return RestatementError(
        f"Records of {feed.name} cannot be restated like this. Found: {'; '.join(problems[:TOLD])}{more}. Expected: "
        "known records and fields, readable values, each content restated once. Nothing has changed.",
        zh or None,
    )
