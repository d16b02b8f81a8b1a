"""
Touched: the records that a delta must look at, because something may have made them differ since the one before it.

Every table that a delta follows from notes, by triggers, which records a statement wrote about, whoever wrote it. What
was noted by transactions that the last delta had not seen, and what changes by itself on the days since, is touched;
every other record stands as it stood, and there the last delta left nothing untold. Whatever else decides (the gate
and what it knows of the catalogue, functions, feeds, the structure) is hashed: when it differs, all are compared.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from xinyong.database import Fragment, run, statement
from xinyong.publicity import counts_from_publication

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xinyong.catalogue import Catalogue
    from xinyong.catalogue.platforms import Platform, PlatformRecord
    from xinyong.catalogue.records import RecordType

# More records than this are read faster together than looked up; `publication.touch` knows the number, too.
AT_MOST = 200_000
_EVENTS = {"insert": "new", "update": "new", "delete": "old", "truncate": ""}
_TOLD = ("publication.item", "publication.published", "publication.first_receipt")


@dataclass(frozen=True, slots=True)
class Boundary:
    """On a record's day in `column` (empty: of its first receipt) plus months, then days, publicity begins or ends."""

    column: str
    months: int
    days: int


@dataclass(frozen=True, slots=True)
class Due:
    """A date column as SQL writes it: records change by themselves `months` and then `days` after the day in it."""

    table: str
    column: str
    months: Fragment
    days: Fragment
    is_receipt: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """What is committed when a delta begins, as a snapshot, and per record type the hash of what decides."""

    seen: str
    definitions: Mapping[str, str]


def touched_view_name(platform: str, record_type: str) -> str:
    """Return the view of the records that may differ since a platform's last delta, in schema `publication`."""
    return f"touched_{platform}_{record_type}"


def watch(connection: sa.Connection, catalogue: Catalogue) -> None:
    """Let every table that a delta follows from note what is written to it, and index what a delta looks up."""
    told = {name for platform in catalogue.platforms.values() for name in platform.records}
    for name in sorted(told | {"subject"} & catalogue.records.keys()):
        _watch(connection, f"warehouse.{name}", Fragment.of(sa.literal(name)))
    for name in sorted(told):
        for column in ("subject_id", *_dated(catalogue, catalogue.records[name])):
            names = {"history": f"warehouse.{name}", "index": f"{name}_by_{column}", "column": column}
            run(connection, "publication/index_history", names)
    for table in ("warehouse.act", *_TOLD):
        _watch(connection, table, Fragment(""))


def _watch(connection: sa.Connection, table: str, argument: Fragment) -> None:
    for event, image in _EVENTS.items():
        if (table, event) == ("publication.item", "insert"):
            continue  # an item that a delta just wrote is open, and what is open is not told again
        names = {"table": table, "event": event, "image": image, "argument": argument}
        run(connection, "publication/watch", names)


def _dated(catalogue: Catalogue, record_type: RecordType) -> list[str]:
    """Name the date columns of a record type on which any platform's view of it depends."""
    taken = [platform.records.get(record_type.name) for platform in catalogue.platforms.values()]
    found = {one.column for own in taken if own for one in boundaries(catalogue, record_type, own)}
    return sorted(column for column in found if column)


def create_view(connection: sa.Connection, catalogue: Catalogue, platform: Platform, record_type: RecordType) -> None:
    """Write anew what may differ of one record type on one platform."""
    taken = platform.records[record_type.name]
    families = {taken.publicity, record_type.publicity.severity} - {None}
    days = {one.in_force_from for family in families for one in catalogue.severity_sets(family or "")}
    parts = {
        "view": touched_view_name(platform.name, record_type.name),
        "record_type": record_type.name,
        "platform_name": Fragment.of(sa.literal(platform.name)),
        "record_name": Fragment.of(sa.literal(record_type.name)),
        "boundaries": [_due(record_type, one) for one in boundaries(catalogue, record_type, taken)],
        "rule_days": [Fragment.of(sa.literal(day)) for day in sorted(days)],
        # Until a platform has shown such a record, its last day moves on with every day.
        "moves_daily": Fragment.of(
            sa.literal(
                counts_from_publication(catalogue, taken) and any(one.publicity_until for one in taken.columns.values())
            )
        ),
    }
    run(connection, "publication/touched_view", parts)


def boundaries(catalogue: Catalogue, record_type: RecordType, taken: PlatformRecord) -> list[Boundary]:
    """Return every way in which days alone may change what a platform shows of a record, rule sets left out."""
    shown = record_type.publicity
    found: set[tuple[str | None, int, int]] = {(record_type.decision_date, 0, 0), (shown.not_after, 0, 0)}
    if shown.until and not taken.publicity:
        found.add((shown.until, 0, 1))
    family = taken.publicity or shown.severity
    sets = catalogue.severity_sets(family) if family else []
    own_period = counts_from_publication(catalogue, taken)
    for one in (one for rules in sets for one in rules.classes.values()):
        extended_by = one.extended_by if one.extended_by in record_type.fields else None
        found |= {(extended_by, 0, 1), ("" if own_period else record_type.decision_date, one.max_months, 0)}
    named = [Boundary(code.lower(), months, days) for code, months, days in found if code is not None]
    return sorted(named, key=lambda one: (one.column, one.months, one.days))


def _due(record_type: RecordType, boundary: Boundary) -> Due:
    return Due(
        f"warehouse.{record_type.name}" if boundary.column else "publication.first_receipt",
        boundary.column or "business_date",
        Fragment.of(sa.literal(boundary.months)),
        Fragment.of(sa.literal(boundary.days)),
        not boundary.column,
    )


def forget_undeclared(connection: sa.Connection, catalogue: Catalogue) -> None:
    """Forget what was seen for platforms and record types that are declared no more: nobody waits for their news."""
    known = [f"{name}/{record_type}" for name, one in catalogue.platforms.items() for record_type in one.records]
    run(connection, "publication/forget_compared", known=known)


def sight(connection: sa.Connection, platform: Platform) -> Sight:
    """Take a snapshot of what is committed; run by who may read the structure, before anything is compared."""
    seen = run(connection, "publication/seen").one().seen
    values = {"platform": platform.name, "record_types": list(platform.records), "rules": _rules(platform)}
    found = run(connection, "publication/definitions", **values)
    return Sight(seen, {row.record_type: row.definition for row in found})


def _rules(platform: Platform) -> str:
    """Hash what decides besides the gate: the statements of a delta, and what the platform is told again."""
    delta = statement("publication/find_delta", asked=False, ending_view="ending")
    parts = [delta.text, statement("publication/desire", view="gate").text, platform.again, platform.again_when_linked]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def ask(connection: sa.Connection, platform: Platform, record_type: str, found: Sight) -> bool:
    """Ask the gate for the records that may differ; return False when it must be asked for all of them."""
    values = {"platform": platform.name, "record_type": record_type}
    names = {"touched_view": touched_view_name(platform.name, record_type)}
    run(connection, "publication/forget_asked", **values)
    run(connection, "publication/ask_touched", names, **values, definition=found.definitions[record_type])
    return are_few(connection, platform, record_type)


def ask_numbered(connection: sa.Connection, platform: Platform, record_type: str) -> bool:
    """Ask the gate for the records that are told something; return False when it is better asked for all."""
    values = {"platform": platform.name, "record_type": record_type}
    run(connection, "publication/forget_asked", **values)
    run(connection, "publication/ask_numbered", **values)
    return are_few(connection, platform, record_type)


def are_few(connection: sa.Connection, platform: Platform, record_type: str) -> bool:
    """Say whether the gate is asked for few records, and for none by the word that means all."""
    values = {"platform": platform.name, "record_type": record_type, "at_most": AT_MOST}
    return bool(run(connection, "publication/are_few", **values).scalar_one())


def doubt(connection: sa.Connection, platform: Platform) -> None:
    """Let the next delta of a platform look at all records, because its states differ and nobody can say why."""
    run(connection, "publication/doubt", platform=platform.name)


def remember(connection: sa.Connection, platform: Platform, found: Sight) -> None:
    """Remember what a finished delta has seen, and remove what every platform has seen by now."""
    for record_type, definition in found.definitions.items():
        values = {"platform": platform.name, "record_type": record_type}
        run(connection, "publication/remember_compared", **values, seen=found.seen, definition=definition)
    run(connection, "publication/forget_touched")
