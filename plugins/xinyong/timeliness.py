"""
Timeliness: which records every platform shows in time, which will be late, and because of whom (rule R32).

A date is measured as it was known on that date: versions, quarantine and receipts of later dates play no part. The
counts are kept per date; the lists are made when somebody looks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.catalogue.records import RecordType
from xinyong.catalogue.words import OPEN_TO
from xinyong.database import Fragment, run
from xinyong.gate import open_parties
from xinyong.staging import text_of


@dataclass(frozen=True, slots=True)
class Standing:
    """How many records of a section stand how with one platform."""

    section: str
    record_type: str
    platform: str
    on_time: int
    in_time: int
    at_risk: int
    late: int
    late_at_source: int
    undated: int
    provisional: int
    late_strictly: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that some platform still lacks: by when it must be there, why it is late, and what holds it up now."""

    rule_code: str
    section: str
    record_type: str
    record_id: str
    feed: str
    document: str | None
    party: str | None
    decision_date: date | None
    due_date: date | None
    is_provisional: bool
    state: str
    cause: str
    held_by: str
    hours_left: int | None
    platforms: list[str]


def measure(connection: sa.Connection, catalogue: Catalogue, business_date: date) -> None:
    """Judge every record on every platform that must show it, as it was on a date; `waiting` reads what is left."""
    run(connection, "timeliness/record_table")
    run(connection, "publication/set_logical_date", logical_date=business_date.isoformat())
    timed = [record_type for record_type in catalogue.records.values() if record_type.deadline]
    for record_type in timed:
        names = _names(record_type)
        values = {"record_type": record_type.name, "business_date": business_date}
        run(connection, "timeliness/stored_records", names, **values)
    for feed in catalogue.feeds.values():
        if catalogue.records[feed.record_type] in timed:
            _set_aside(connection, feed, catalogue.records[feed.record_type], business_date)
    run(connection, "timeliness/analyze_records")
    settings = catalogue.scores_on(business_date).timeliness
    run(
        connection,
        "timeliness/judge",
        business_date=business_date,
        shown_after_days=settings.shown_after_days,
        alert_after=settings.alert_after_working_days,
        counted_from=settings.counted_from,
        taking=json.dumps(_taking(catalogue), ensure_ascii=False),
    )


def _names(record_type: RecordType) -> dict[str, object]:
    party = record_type.party
    return {
        "record_type": record_type.name,
        "history": f"warehouse.{record_type.name}",
        "document": _version(record_type.document),
        "party_name": _version(party.name),
        "party_kind": _version(party.kind),
        "decision_date": _version(record_type.deadline.counted_from if record_type.deadline else None, sa.Date()),
        "disclosure": _version_class(record_type),
    }


def _version(code: str | None, kind: sa.types.TypeEngine[Any] | None = None) -> Fragment:
    column: sa.ColumnElement[Any] = sa.literal_column(f"version.{code.lower()}") if code else sa.null()
    return Fragment.of(sa.cast(column, kind or sa.Text()))


def _version_class(record_type: RecordType) -> Fragment:
    by = record_type.disclosure_by
    return Fragment.of(_class(record_type, sa.literal_column(f"version.{by.field.lower()}", sa.Text()) if by else None))


def _class(record_type: RecordType, text: sa.ColumnElement[str] | None) -> sa.ColumnElement[str]:
    """Return the disclosure class that a record gives itself; none where it says nothing or nothing known."""
    by, unsaid = record_type.disclosure_by, sa.cast(sa.null(), sa.Text())
    if by is None or text is None:
        return unsaid
    return sa.case(*[(text == value, sa.literal(name)) for value, name in by.classes.items()], else_=unsaid)


def _set_aside(connection: sa.Connection, feed: Feed, record_type: RecordType, business_date: date) -> None:
    """Add the feed's records in quarantine, read from the rows as they were received."""
    kind = record_type.party.kind
    kind_columns, kind_text = text_of(feed, kind) if kind else ([], sa.cast(sa.null(), sa.Text()))
    counted_from = record_type.deadline.counted_from if record_type.deadline else ""
    date_columns, date_text = text_of(feed, counted_from)
    by = record_type.disclosure_by
    class_columns, class_text = text_of(feed, by.field) if by else ([], None)
    names = {
        "landing": f"landing.{feed.name}",
        "landed_columns": sorted({*kind_columns, *date_columns, *class_columns}),
        "party_kind": Fragment.of(kind_text),
        "decision_date": Fragment.of(date_text),
        "disclosure": Fragment.of(_class(record_type, class_text)),
    }
    run(connection, "timeliness/set_aside_records", names, feed=feed.name, business_date=business_date)


def _taking(catalogue: Catalogue) -> list[dict[str, object]]:
    """Say which platform must be told of records of which kinds of party and classes, in how many working days."""
    return [
        {
            "platform": platform.name,
            "record_type": record_type.name,
            "party_kinds": kinds,
            "classes": sorted(OPEN_TO[platform.audience]),
            "working_days": record_type.deadline.working_days,
        }
        for platform in catalogue.platforms.values()
        for record_type in catalogue.records.values()
        if record_type.deadline and (kinds := open_parties(platform, record_type))
    ]


def keep(connection: sa.Connection, catalogue: Catalogue, business_date: date) -> None:
    """Keep the counts of a date that was just measured."""
    lag = catalogue.scores_on(business_date).timeliness.shown_after_days
    run(connection, "timeliness/forget_day", business_date=business_date)
    run(connection, "timeliness/record_day", business_date=business_date, shown_after_days=lag)


def standings(connection: sa.Connection, section: str | None = None) -> list[Standing]:
    """Count how records stand on the date that was just measured, of one section or of all."""
    return [Standing(**row) for row in run(connection, "timeliness/standings", section=section).mappings()]


def waiting(
    connection: sa.Connection,
    catalogue: Catalogue,
    business_date: date,
    section: str | None = None,
    most: int | None = None,
) -> list[Waiting]:
    """List what is late or will be after the next working days, of the date that was just measured; by section."""
    settings = catalogue.scores_on(business_date).timeliness
    rows = run(
        connection,
        "timeliness/waiting",
        seen_on=business_date + timedelta(days=settings.shown_after_days),
        forecast_days=settings.forecast_working_days,
        section=section,
        most=most,
    )
    codes = {name: f"{record_type.prefix}-R32" for name, record_type in catalogue.records.items()}
    return [Waiting(rule_code=codes[row["record_type"]], **row) for row in rows.mappings()]
