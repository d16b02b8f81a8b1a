"""
Aggregate: what follows from the stored records on a date, and what changes by time alone.

Links to subjects, working-day deadlines, a dossier per subject, and the records whose publicity ends today. Each
step writes only what differs, so that running it again changes nothing.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import sqlalchemy as sa

from xinyong.catalogue import Catalogue
from xinyong.catalogue.codes import CalendarYear
from xinyong.catalogue.records import RecordType
from xinyong.database import Fragment, copy, run
from xinyong.quality.stored import judge_stored
from xinyong.warehouse import subject_links
from xinyong.working_days import Day, days


@dataclass(frozen=True, slots=True)
class Counted:
    """A record type in a statement about several: its name as text, and its history or the view of its live records."""

    title: Fragment
    table: str


def aggregate(connection: sa.Connection, catalogue: Catalogue, business_date: date) -> None:
    """Bring everything derived up to date for a business date, while nothing is being stored."""
    run(connection, "aggregate/lock")
    stored = _stored_types(connection, catalogue)
    run(connection, "aggregate/refresh_identifiers")
    for record_type in stored:
        if record_type.name != "subject":
            links, subject_id = subject_links(record_type, "candidate")
            names = {"history": f"warehouse.{record_type.name}", "links": links, "subject_id": subject_id}
            run(connection, "aggregate/relink", names)
    judge_stored(connection, catalogue, business_date)
    _calendar(connection, catalogue, business_date)
    _deadlines(connection, stored)
    run(connection, "aggregate/refresh_dossiers", {"record_types": _counted(stored)})
    _publicity(connection, stored, business_date)


def refresh_deadlines(connection: sa.Connection, catalogue: Catalogue, business_date: date) -> None:
    """Bring the table of working days up to date, and every due date that follows from it."""
    run(connection, "aggregate/lock")
    _calendar(connection, catalogue, business_date)
    _deadlines(connection, _stored_types(connection, catalogue))


def _stored_types(connection: sa.Connection, catalogue: Catalogue) -> list[RecordType]:
    """Return the record types that have a history; nothing follows from the others."""
    every = [Counted(Fragment.of(sa.literal(name)), name) for name in catalogue.records]
    found = run(connection, "aggregate/stored_types", {"record_types": every}).scalars()
    return [catalogue.records[name] for name in found]


def _calendar(connection: sa.Connection, catalogue: Catalogue, business_date: date) -> None:
    """Write the calendar to the end of next year, beyond which no deadline of today reaches, where it differs."""
    last_year = business_date.year + 1
    lines, expected = _lines(tuple(catalogue.calendar.items()), last_year)
    if run(connection, "aggregate/calendar_hash", last_year=last_year).scalar_one() == expected:
        return
    run(connection, "aggregate/working_day_temp")
    columns = ["day", "is_working", "ordinal", "is_provisional", "notice"]
    copy(connection, "calendar_now", columns, io.StringIO(lines))
    run(connection, "aggregate/refresh_working_days")


@lru_cache(maxsize=8)
def _lines(announced: tuple[tuple[int, CalendarYear], ...], last_year: int) -> tuple[str, str]:
    """Return the calendar in COPY's form, and the hash of it."""
    text = "".join(_line(one) for one in days(dict(announced), last_year))
    return text, hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _line(one: Day) -> str:
    truth = {True: "t", False: "f"}
    return f"{one.day}\t{truth[one.is_working]}\t{one.ordinal}\t{truth[one.is_provisional]}\t{one.notice}\n"


def _deadlines(connection: sa.Connection, stored: list[RecordType]) -> None:
    for record_type in stored:
        if record_type.deadline:
            counted_from: sa.ColumnElement[date] = sa.literal_column(
                f"live.{record_type.deadline.counted_from.lower()}"
            )
            names = {"record_type": record_type.name, "counted_from": Fragment.of(counted_from)}
            values = {"record_type": record_type.name, "working_days": record_type.deadline.working_days}
            run(connection, "aggregate/refresh_deadlines", names, **values)


def _counted(stored: list[RecordType]) -> list[Counted]:
    names = [one.name for one in stored if one.name != "subject"]
    return [Counted(Fragment.of(sa.literal(name)), f"{name}_current") for name in names]


def _publicity(connection: sa.Connection, stored: list[RecordType], business_date: date) -> None:
    """List what time ended on this date, by the rules in force on it."""
    run(connection, "publication/set_logical_date", logical_date=business_date.isoformat())
    run(connection, "aggregate/forget_publicity_ended", business_date=business_date)
    for record_type in stored:
        values = {"business_date": business_date, "record_type": record_type.name}
        run(connection, "aggregate/list_publicity_ended", {"record_type": record_type.name}, **values)
