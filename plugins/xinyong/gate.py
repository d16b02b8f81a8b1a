"""
The gate: the one place that decides, per record and field, what may go to which platform.

It is written down as one view per platform and record type. Publishing code runs as a role that can read these
views and nothing behind them, so there is no other way out. Unknown means closed: a field that the platform file
does not name has no column here, a party kind that it does not list has no row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from xinyong.catalogue import Catalogue
from xinyong.catalogue.platforms import Platform, PlatformRecord, Projection
from xinyong.catalogue.records import RecordType
from xinyong.catalogue.words import PartyKind
from xinyong.database import Fragment, run
from xinyong.sealing import TOKEN

Text = sa.ColumnElement[str]

_LOGICAL_DATE = sa.literal_column("(SELECT cast(current_setting('xinyong.logical_date') AS date))", sa.Date())
_AUDIENCES = {"public": {"public", "government"}, "government_only": {"government"}, "on_authorisation": set[str]()}
# strftime's letters in PostgreSQL's words.
_DATE_WORDS = {"%Y": "YYYY", "%m": "MM", "%d": "DD"}
_LONG_TERM_FROM = sa.literal_column("DATE '2099-12-31'", sa.Date())


@dataclass(frozen=True, slots=True)
class Written:
    """One column of a platform: the name in the view, the platform's own title and how it is written."""

    name: str
    title: Fragment
    expression: Fragment


def view_name(platform: str, record_type: str) -> str:
    """Return the view of a platform and record type, in schema `publication`."""
    return f"gate_{platform}_{record_type}"


def create_views(connection: sa.Connection, catalogue: Catalogue) -> None:
    """Write the gate anew from the catalogue."""
    for name, record_type in catalogue.records.items():
        parts = {"view": f"ending_{name}", "record_type": name}
        run(connection, "publication/ending_view", parts)
        for platform in catalogue.platforms.values():
            if name in platform.records:
                run(connection, "publication/gate_view", _parts(catalogue, platform, record_type))
    run(connection, "publication/grant_gate")


def _parts(catalogue: Catalogue, platform: Platform, record_type: RecordType) -> dict[str, object]:
    taken = platform.records[record_type.name]
    columns = [
        Written(f"c{at}", Fragment.of(sa.literal(title)), Fragment.of(_written(catalogue, platform, record_type, one)))
        for at, (title, one) in enumerate(taken.columns.items())
    ]
    return {
        "view": view_name(platform.name, record_type.name),
        "record_type": record_type.name,
        "columns": columns,
        "natural_key": Fragment.of(_natural_key()),
        "content": Fragment.of(_content(taken)),
        "fits": Fragment.of(_fits(taken)),
        "conditions": Fragment.of(_conditions(platform, record_type, taken)),
        "token": Fragment.of(sa.literal(TOKEN)),
    }


def open_parties(platform: Platform, record_type: RecordType) -> list[PartyKind]:
    """Return the kinds of party whose records of a type a platform may be told; none where its class is closed."""
    taken = platform.records.get(record_type.name)
    if taken is None or platform.audience not in _AUDIENCES[record_type.disclosure]:
        return []
    closed = {"自然人"} if record_type.natural_persons == "never" and platform.audience == "public" else set()
    return [kind for kind in taken.parties if kind not in closed]


def _conditions(platform: Platform, record_type: RecordType, taken: PlatformRecord) -> sa.ColumnElement[bool]:
    """Decide per record: disclosure class, kind of party, time, and the subject where the platform needs one."""
    parties = open_parties(platform, record_type)
    if not parties:
        return sa.false()
    hidden_from = sa.literal_column("current_record.hidden_from", sa.Date())
    tests = [
        sa.literal_column("current_record.party_kind", sa.Text()).in_(parties),
        sa.or_(hidden_from.is_(None), hidden_from > _LOGICAL_DATE),
        sa.literal_column("current_record.decision_date", sa.Date()) <= _LOGICAL_DATE,
    ]
    if taken.needs_subject:
        tests.append(sa.literal_column("subject.record_id").is_not(None))
    return sa.and_(*tests)


def _written(catalogue: Catalogue, platform: Platform, record_type: RecordType, one: Projection) -> Text:
    """Write one column as text in the platform's form."""
    if one.constant is not None:
        return sa.literal(one.constant)
    if one.subject:
        fields = {"name": "sub_mc", "uscc": "sub_shxym", "registration_number": "sub_gszc"}
        return sa.literal_column(f"subject.{fields[one.subject]}", sa.Text())
    if one.publicity_until:
        last_day = sa.literal_column("(current_record.hidden_from - 1)", sa.Date())
        return _date(platform, last_day)
    return _field(catalogue, platform, record_type, one)


def _field(catalogue: Catalogue, platform: Platform, record_type: RecordType, one: Projection) -> Text:
    field = record_type.fields[one.field or ""]
    value: Text = sa.literal_column(f"current_record.{(one.field or '').lower()}", sa.Text())
    if field.type == "date":
        return _date(platform, sa.cast(value, sa.Date()))
    if field.type == "amount":
        return sa.cast(sa.func.round(sa.cast(value, sa.Numeric()), platform.formats.amount_decimals), sa.Text())
    if field.type == "identity" and platform.audience == "public":
        return sa.func.left(value, 1) + sa.literal("******") + sa.func.right(value, 1)
    if field.codes and (one.codes or one.joined_by != ";"):
        separator = catalogue.codes[field.codes].separator or ";"
        codes = sa.cast(sa.literal(json.dumps(one.codes, ensure_ascii=False)), sa.dialects.postgresql.JSONB)
        return sa.func.publication.translated(value, separator, codes, one.joined_by)
    return value


def _date(platform: Platform, value: sa.ColumnElement[Any]) -> Text:
    shape = platform.formats.date
    for letter, word in _DATE_WORDS.items():
        shape = shape.replace(letter, word)
    return sa.case(
        (value >= _LONG_TERM_FROM, sa.literal(platform.formats.long_term)), else_=sa.func.to_char(value, shape)
    )


def _natural_key() -> Text:
    """Name a record as platforms do: party, document and decision date."""
    parts = ["current_record.party_name", "current_record.document", "current_record.decision_date"]
    return sa.func.concat_ws("|", *[sa.literal_column(part) for part in parts])


def _content(taken: PlatformRecord) -> Text:
    """Write the projection as text for its hash: title and value of each filled column."""
    values = [sa.literal(f"{title}=") + _cell(at) for at, title in enumerate(taken.columns)]
    return sa.func.concat_ws(sa.func.chr(31), *values)


def _cell(at: int) -> Text:
    return sa.literal_column(f"written.c{at}", sa.Text())


def _fits(taken: PlatformRecord) -> sa.ColumnElement[bool]:
    """Say whether the platform can take the record at all: required columns filled, lengths kept."""
    place = {title: sa.literal_column(f"cleared.c{at}", sa.Text()) for at, title in enumerate(taken.columns)}
    tests: list[sa.ColumnElement[bool]] = [place[title].is_not(None) for title in taken.required]
    tests += [sa.func.coalesce(sa.func.length(place[t]), 0) <= size for t, size in taken.lengths.items()]
    return sa.and_(sa.true(), *tests)
