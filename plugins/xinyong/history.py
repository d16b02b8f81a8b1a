"""
As of: what was true on a day, what we believed on a day about another, and what a platform showed.

Two axes. *True*: from when a content holds, by the source's own time, by the decision it tells of, or else by the
business date that first showed it. *Known*: the business date whose night told us. Answers are computed from the
versions known by then, never from what was derived later, so that a question about the past keeps its answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from xinyong.catalogue import Catalogue
from xinyong.catalogue.records import RecordType
from xinyong.database import Fragment, run, statement
from xinyong.errors import XinyongError

Row = Mapping[Any, Any]

_ZONE = ZoneInfo("Asia/Shanghai")
_ROWS_AT_ONCE = 1_000
_EVER = date(9990, 1, 1)


class AsOfError(XinyongError):
    """Raised when a question about the past has no answer: unknown name, or a date outside of what is known."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is asked for: what was true on a day, as far as it was known on another (None: as far as it is now)."""

    true_on: date
    known_on: date | None = None

    @property
    def known_before(self) -> datetime:
        """Return the end of what the night of `known_on` told: its deliveries are known at 01:30 of the next day."""
        return datetime.combine((self.known_on or _EVER) + timedelta(days=2), time(), _ZONE)


@dataclass(frozen=True, slots=True)
class Link:
    """A record that was told again under another key: the old one, the new one, and the delivery that showed it."""

    record_id: str
    successor_id: str
    business_date: date
    feed: str


def moment(
    connection: sa.Connection, today: date, true_on: date, known_on: date | None = None, platform: str = ""
) -> Moment:
    """Check the dates of a question and return it; a date in the future or before anything was known is refused."""
    for name, day in (("date", true_on), ("knowledge date", known_on)):
        if day and day > today:
            raise AsOfError(
                f"The {name} {day} is in the future. Expected: {today} or earlier. Nobody knows yet what will be true."
            )
    first = run(connection, "history/first_dates", platform=platform).one()
    since = first.told_from if platform else first.known_from
    asked = true_on if platform else known_on
    if since is None or (asked and asked < since):
        about = f"platform {platform} was told nothing" if platform else "nothing was known"
        found = f"the first date is {since}" if since else "there is no date yet"
        raise AsOfError(f"On {asked or true_on} {about}: {found}. Expected: {since or 'a first night'} or later.")
    return Moment(true_on, known_on)


def believed(
    connection: sa.Connection,
    catalogue: Catalogue,
    record_type: RecordType,
    at: Moment,
    records: Sequence[str] | None = None,
    subjects: Sequence[str] | None = None,
    only_true: bool = False,
) -> Iterator[Row]:
    """
    Stream what was believed of a record type: of all records, of some, or of those about some subjects.

    One row per record: its standing (true, ended, retracted), from when and since when known, by which feed and
    batch, how it ended, acts about it, and the fields by column; identity numbers in their masked form.
    """
    names = _names(record_type) | {
        "document": Fragment.of(sa.literal_column(f"prevailing.{record_type.document.lower()}")),
        "party": Fragment.of(sa.literal_column(f"prevailing.{record_type.party.name.lower()}")),
        "of_records": records is not None,
        "of_subjects": subjects is not None,
        "only_true": only_true,
    }
    names["decision_date"] = _decision_date(record_type)
    values = {"true_on": at.true_on, "known_on": at.known_on or _EVER, "known_before": at.known_before}
    filters = {"record_ids": list(records or ()), "subject_ids": list(subjects or ()), "timeless": _timeless(catalogue)}
    yield from _streamed(connection, "history/believed", names, values | filters)


def shown(
    connection: sa.Connection, platform: str, known_on: date, records: Sequence[str] | None = None
) -> Iterator[Row]:
    """Stream what a platform had confirmed to show by the night of a date, as it was written for that platform."""
    values = {"platform": platform, "known_on": known_on, "record_ids": list(records or ())}
    yield from _streamed(connection, "history/shown", {"of_records": records is not None}, values)


def timeline(
    connection: sa.Connection, catalogue: Catalogue, record_type: RecordType, record_id: str, at: Moment
) -> Sequence[Row]:
    """Return the versions of one record that were known, in the order that decides between them."""
    names = _names(record_type) | {"decision_date": _decision_date(record_type)}
    values = {"record_id": record_id, "known_before": at.known_before, "timeless": _timeless(catalogue)}
    return run(connection, "history/timeline", names, **values).mappings().all()


def standing(
    connection: sa.Connection, catalogue: Catalogue, record_type: RecordType, record_id: str, at: Moment
) -> Row:
    """
    Return what was believed of one record, also when it was not true.

    The standing is then `unknown` (nothing of it was known), `not_yet` (it holds from a later day), or `retracted`
    (it was never true).
    """
    found = next(believed(connection, catalogue, record_type, at, [record_id]), None)
    if found:
        return found
    versions = timeline(connection, catalogue, record_type, record_id, at)
    beginnings = [one["true_from"] for one in versions if not one["was_never_true"] and not one["ending"]]
    why = "unknown" if not versions else "not_yet" if beginnings else "retracted"
    return {"record_id": record_id, "standing": why, "true_from": min(beginnings, default=None)}


def links(connection: sa.Connection, record_type: RecordType, record_id: str, at: Moment) -> list[Link]:
    """Return where a record came from and went on to under another key, as far as it was known."""
    values = {"record_type": record_type.name, "record_id": record_id, "known_before": at.known_before}
    return [Link(**row) for row in run(connection, "history/links", **values).mappings()]


def records_called(connection: sa.Connection, catalogue: Catalogue, sought: str) -> list[tuple[RecordType, str]]:
    """Find the records that a document number or a record id names, whatever the brackets."""
    found = []
    for record_type in catalogue.records.values():
        document = Fragment.of(sa.literal_column(f"version.{record_type.document.lower()}"))
        names = {"history": f"warehouse.{record_type.name}", "document": document}
        ids = run(connection, "explain/find", names, sought=sought.strip()).scalars()
        found += [(record_type, str(record_id)) for record_id in ids]
    return found


def subjects_called(connection: sa.Connection, sought: str) -> list[str]:
    """Find the subjects that a code, an old number, or a present or former name means."""
    return list(run(connection, "history/subjects", sought=sought.strip()).scalars())


def _names(record_type: RecordType) -> dict[str, Any]:
    record_name = Fragment.of(sa.literal(record_type.name))
    return {"history": f"warehouse.{record_type.name}", "fields": record_type.columns(), "record_name": record_name}


def _timeless(catalogue: Catalogue) -> list[str]:
    """Name the feeds whose source gives no time of its own: their times are those of deliveries."""
    return [feed.name for feed in catalogue.feeds.values() if not feed.source_at]


def _decision_date(record_type: RecordType) -> Fragment:
    """Return the day of the decision as the known versions tell it."""
    code = record_type.decision_date
    day = sa.literal_column(f"known.{code.lower()}") if code else sa.null()
    return Fragment.of(sa.cast(day, sa.Date()))


def _streamed(
    connection: sa.Connection, name: str, names: Mapping[str, Any], values: Mapping[str, Any]
) -> Iterator[Row]:
    """Read a result piece by piece: a million rows are never held."""
    query = statement(name, **names).execution_options(yield_per=_ROWS_AT_ONCE)
    yield from connection.execute(query, values).mappings()
