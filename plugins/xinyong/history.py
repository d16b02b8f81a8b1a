"""
As of: what was true on a day, what we believed on a day about another, and what a platform showed.

Two axes. *True*: from when a content holds, by the source's own time, by the decision it tells of, or else by the
business date that first showed it. *Known*: the business date whose night told us. Answers are computed from the
versions known by then, never from what was derived later, so that a question about the past keeps its answer. What a
correction changes was believed until the day it was applied: the versions it found are kept and stand for those days.
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
    """
    What is asked for: what was true on a day, as far as it was known on another (None: as far as it is now).

    Corrections count as far as they were applied by the day of knowledge, or by another one: with `corrected_by`, the
    same deliveries are read as they are understood since.
    """

    true_on: date
    known_on: date | None = None
    corrected_by: date | None = None

    @property
    def known_before(self) -> datetime:
        """Return the end of what the night of `known_on` told: its deliveries are known at 01:30 of the next day."""
        return datetime.combine((self.known_on or _EVER) + timedelta(days=2), time(), _ZONE)

    @property
    def knowledge(self) -> dict[str, Any]:
        """Return what statements ask by: deliveries known before a moment, and corrections by a day."""
        return {"known_before": self.known_before, "corrected_by": self.corrected_by or self.known_on or _EVER}


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
    only_true: bool = False,
) -> Iterator[Row]:
    """
    Stream what was believed of a record type: of all records, or of some.

    One row per record: its standing (true, ended, retracted), from when and since when known, by which feed and
    batch, how it ended, acts about it, and the fields by column; identity numbers in their masked form.
    """
    names = _names(record_type) | {
        "document": Fragment.of(sa.literal_column(f"prevailing.{record_type.document.lower()}")),
        "party": Fragment.of(sa.literal_column(f"prevailing.{record_type.party.name.lower()}")),
        "of_records": records is not None,
        "only_true": only_true,
    }
    names["decision_date"] = _decision_date(record_type)
    values = {"true_on": at.true_on, "known_on": at.known_on or _EVER, **at.knowledge}
    filters = {"record_ids": list(records or ()), "timeless": _timeless(catalogue)}
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
    values = {"record_id": record_id, **at.knowledge, "timeless": _timeless(catalogue)}
    return run(connection, "history/timeline", names, **values).mappings().all()


def standing(
    connection: sa.Connection, catalogue: Catalogue, record_type: RecordType, record_id: str, at: Moment
) -> Row:
    """
    Return what was believed of one record, also when it was not true.

    The standing is then `unknown` (nothing of it was known), `not_yet` (it holds from a later day), or `retracted`
    (it was never true, as a delivery, an act or a correction has shown).
    """
    found = next(believed(connection, catalogue, record_type, at, [record_id]), None)
    if found:
        return found
    versions = timeline(connection, catalogue, record_type, record_id, at)
    beginnings = [one["true_from"] for one in versions if not one["was_never_true"] and not one["ending"]]
    was_believed = bool(versions) or _was_believed(connection, record_id, at)
    why = "unknown" if not was_believed else "not_yet" if beginnings else "retracted"
    return {"record_id": record_id, "standing": why, "true_from": min(beginnings, default=None)}


def _was_believed(connection: sa.Connection, record_id: str, at: Moment) -> bool:
    asked = {"record_id": record_id, "corrected_by": at.knowledge["corrected_by"]}
    return bool(run(connection, "history/was_believed", **asked).scalar_one())


def links(connection: sa.Connection, record_type: RecordType, record_id: str, at: Moment) -> list[Link]:
    """Return where a record came from and went on to under another key, as far as it was known."""
    values = {"record_type": record_type.name, "record_id": record_id, "known_before": at.known_before}
    return [Link(**row) for row in run(connection, "history/links", **values).mappings()]


def records_called(connection: sa.Connection, catalogue: Catalogue, sought: str) -> list[tuple[RecordType, str]]:
    """Find the records that a document number or a record id names, whatever the brackets; also what was taken back."""
    found = []
    for record_type in catalogue.records.values():
        column = record_type.document.lower()
        document = Fragment.of(sa.literal_column(f"version.{column}"))
        names = {"history": f"warehouse.{record_type.name}", "document": document}
        asked = {"sought": sought.strip()}
        told = {"record_type": record_type.name, "document": column}
        ids = [str(one) for one in run(connection, "explain/find", names, **asked).scalars()]
        ids += [str(row.record_id) for row in run(connection, "explain/find_corrected", **asked, **told)]
        found += [(record_type, record_id) for record_id in dict.fromkeys(ids)]
    return found


def records_of(connection: sa.Connection, record_type: RecordType, subjects: Sequence[str]) -> list[str]:
    """Find the records of a type that are about some subjects, or were by what has been taken back since."""
    names = {"history": f"warehouse.{record_type.name}"}
    asked = {"record_type": record_type.name, "subject_ids": list(subjects)}
    return list(run(connection, "history/of_subjects", names, **asked).scalars())


def subjects_called(connection: sa.Connection, sought: str) -> list[str]:
    """Find the subjects that a code, an old number, or a present or former name means."""
    return list(run(connection, "history/subjects", sought=sought.strip()).scalars())


def _names(record_type: RecordType) -> dict[str, Any]:
    record_name = Fragment.of(sa.literal(record_type.name))
    names: dict[str, Any] = {"history": f"warehouse.{record_type.name}", "record_name": record_name}
    as_known = Fragment.of_file("history/as_known", **names)
    return names | {"fields": record_type.columns(), "as_known": as_known}


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
