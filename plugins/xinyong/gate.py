"""
The gate: the one place that decides, per record and field, what may go to which platform.

It is written down as one view per platform and record type. Publishing code runs as a role that can read these
views and nothing behind them, so there is no other way out. Unknown means closed: a field that the platform file
does not name has no column here, a party kind that it does not list has no row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, get_args

import sqlalchemy as sa

from xinyong import touched
from xinyong.catalogue import Catalogue
from xinyong.catalogue.platforms import Platform, PlatformRecord, Projection
from xinyong.catalogue.records import RecordType
from xinyong.catalogue.words import OPEN_TO, Disclosure, PartyKind
from xinyong.database import Fragment, run
from xinyong.publicity import counts_from_publication, hidden_from
from xinyong.sealing import TOKEN

Text = sa.ColumnElement[str]

_LOGICAL_DATE = sa.literal_column("(SELECT cast(current_setting('xinyong.logical_date') AS date))", sa.Date())
_DISCLOSURES: tuple[Disclosure, ...] = get_args(Disclosure)
# strftime's letters in PostgreSQL's words.
_DATE_WORDS = {"%Y": "YYYY", "%m": "MM", "%d": "DD"}
_IS_OBJECTED = sa.literal_column("standing.is_objected", sa.Boolean())
_LONG_TERM_FROM = sa.literal_column("DATE '2099-12-31'", sa.Date())


@dataclass(frozen=True, slots=True)
class Written:
    """One column of a platform: the name in the view, the platform's own title and how it is written."""

    name: str
    title: Fragment
    expression: Fragment


def view_name(platform: str, record_type: str, asked: bool = False) -> str:
    """
    Return the view of a platform and record type, in schema `publication`.

    With `asked`, the view that looks up the records in `publication.asked` one by one, and is otherwise the same.
    """
    return f"{'asked' if asked else 'gate'}_{platform}_{record_type}"


def ending_view_name(platform: str, record_type: str) -> str:
    """Return the view that says why a platform shows a record no more, in schema `publication`."""
    return f"ending_{platform}_{record_type}"


def create_views(connection: sa.Connection, catalogue: Catalogue) -> None:
    """Write the gate anew from the catalogue."""
    for platform in catalogue.platforms.values():
        for name in platform.records:
            record_type = catalogue.records[name]
            parts = _parts(catalogue, platform, record_type)
            for asked in (False, True):
                names = {"view": view_name(platform.name, name, asked), "asked": asked}
                run(connection, "publication/gate_view", parts | names)
            run(connection, "publication/ending_view", _ending_parts(catalogue, platform, record_type))
            touched.create_view(connection, catalogue, platform, record_type)
    touched.forget_undeclared(connection, catalogue)
    run(connection, "publication/grant_gate")


def _parts(catalogue: Catalogue, platform: Platform, record_type: RecordType) -> dict[str, object]:
    taken = platform.records[record_type.name]
    columns = [
        Written(f"c{at}", Fragment.of(sa.literal(title)), Fragment.of(_written(catalogue, platform, record_type, one)))
        for at, (title, one) in enumerate(taken.columns.items())
    ]
    return {
        "record_type": record_type.name,
        "columns": columns,
        "natural_key": Fragment.of(_natural_key(taken)),
        "content": Fragment.of(_content(taken)),
        "fits": Fragment.of(_fits(taken)),
        "conditions": Fragment.of(_conditions(catalogue, platform, record_type)),
        "own_period": counts_from_publication(catalogue, taken),
        "platform_name": Fragment.of(sa.literal(platform.name)),
        "record_name": Fragment.of(sa.literal(record_type.name)),
        "token": Fragment.of(sa.literal(TOKEN)),
    }


def _ending_parts(catalogue: Catalogue, platform: Platform, record_type: RecordType) -> dict[str, object]:
    taken = platform.records[record_type.name]
    return {
        "view": ending_view_name(platform.name, record_type.name),
        "record_type": record_type.name,
        "ends": Fragment.of(hidden_from(catalogue, record_type, taken)),
        "own_period": counts_from_publication(catalogue, taken),
        "suspends": platform.objection == "suspend",
        "platform_name": Fragment.of(sa.literal(platform.name)),
        "record_name": Fragment.of(sa.literal(record_type.name)),
    }


def open_parties(platform: Platform, record_type: RecordType) -> list[PartyKind]:
    """Return the kinds of party whose records of a type a platform may be told; none where its class is closed."""
    taken = platform.records.get(record_type.name)
    if taken is None or record_type.disclosure not in OPEN_TO[platform.audience]:
        return []
    closed = {"自然人"} if record_type.natural_persons == "never" and platform.audience == "public" else set()
    return [kind for kind in taken.parties if kind not in closed]


def _conditions(catalogue: Catalogue, platform: Platform, record_type: RecordType) -> sa.ColumnElement[bool]:
    """Decide per record: its class, also by its own word, kind of party, time, acts, and the subject where needed."""
    taken, parties = platform.records[record_type.name], open_parties(platform, record_type)
    if not parties:
        return sa.false()
    ends = hidden_from(catalogue, record_type, taken)
    disclosure = sa.literal_column("standing.disclosure", sa.Text())
    tests = [
        sa.literal_column("current_record.party_kind", sa.Text()).in_(parties),
        sa.or_(ends.is_(None), ends > _LOGICAL_DATE),
        sa.literal_column("current_record.decision_date", sa.Date()) <= _LOGICAL_DATE,
        sa.literal_column("standing.withdrawn_reason").is_(None),
        sa.or_(disclosure.is_(None), disclosure.in_(sorted(OPEN_TO[platform.audience]))),
    ]
    if by := record_type.disclosure_by:
        told = sa.literal_column(f"current_record.{by.field.lower()}", sa.Text())
        opened = [value for value, name in by.classes.items() if name in OPEN_TO[platform.audience]]
        tests.append(sa.or_(told.is_(None), told.in_(opened)))
    if platform.objection == "suspend":
        tests.append(sa.literal_column("standing.is_objected", sa.Boolean()).is_not(True))
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
    if one.field:
        return _open_field(catalogue, platform, record_type, one)
    return _derived(catalogue, platform, record_type, one)


def _derived(catalogue: Catalogue, platform: Platform, record_type: RecordType, one: Projection) -> Text:
    """Write what follows from time and acts: periods, the class, the mark of an objection."""
    if one.severity:
        return sa.literal_column("current_record.severity", sa.Text())
    if one.objection:
        return sa.case((_IS_OBJECTED, sa.literal(one.objection)), else_=sa.cast(sa.null(), sa.Text()))
    if one.repair_from:
        return _date(platform, sa.literal_column("current_record.repair_from", sa.Date()))
    ends = hidden_from(catalogue, record_type, platform.records[record_type.name])
    return _date(platform, sa.cast(ends - 1, sa.Date()))


def _open_field(catalogue: Catalogue, platform: Platform, record_type: RecordType, one: Projection) -> Text:
    """Write a field, unless it is ours alone, its class or an act closes it, or it is another person's number."""
    code = one.field or ""
    field, open_to = record_type.fields[code], OPEN_TO[platform.audience]
    other_person = field.type == "identity" and code != record_type.party.identity and platform.audience == "public"
    if field.internal or record_type.disclosure_of(code) not in open_to or other_person:
        return sa.cast(sa.null(), sa.Text())
    value = _field(catalogue, platform, record_type, one)
    if one.when_objected is not None:
        value = sa.case((_IS_OBJECTED, sa.literal(one.when_objected)), else_=value)
    closed = [name for name in _DISCLOSURES if name not in open_to]
    given: Text = sa.literal_column("standing.field_classes", sa.dialects.postgresql.JSONB).op("->>")(sa.literal(code))
    return sa.case((given.in_(closed), sa.cast(sa.null(), sa.Text())), else_=value)


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


def _natural_key(taken: PlatformRecord) -> Text:
    """
    Name a record as the platform does: party, document and decision date.

    A platform that is told the name in the registration base knows the party by that one: under a new name it would
    show the record a second time, and never let go of the first.
    """
    is_told_of_base = any(one.subject == "name" for one in taken.columns.values())
    party = "subject.sub_mc" if is_told_of_base else "current_record.party_name"
    parts = [party, "current_record.document", "current_record.decision_date"]
    return sa.func.concat_ws("|", *[sa.literal_column(part) for part in parts])


def _content(taken: PlatformRecord) -> Text:
    """Write the projection as text for its hash: title and value of each filled column."""
    values = [sa.literal(f"{title}=") + _cell(at) for at, title in enumerate(taken.columns)]
    return sa.func.concat_ws(sa.func.chr(31), *values)


def _cell(at: int) -> Text:
    return sa.literal_column(f"written.c{at}", sa.Text())


def _fits(taken: PlatformRecord) -> sa.ColumnElement[bool]:
    """Say whether the platform can take the record at all: required columns filled, lengths kept, only its words."""
    place = {title: sa.literal_column(f"cleared.c{at}", sa.Text()) for at, title in enumerate(taken.columns)}
    tests: list[sa.ColumnElement[bool]] = [place[title].is_not(None) for title in taken.required]
    tests += [sa.func.coalesce(sa.func.length(place[t]), 0) <= size for t, size in taken.lengths.items()]
    for title, one in taken.columns.items():
        if one.codes:
            words = sa.cast(sa.dialects.postgresql.array(sorted(set(one.codes.values()))), sa.ARRAY(sa.Text()))
            tests.append(sa.func.publication.only_words(place[title], one.joined_by, words))
    return sa.and_(sa.true(), *tests)
