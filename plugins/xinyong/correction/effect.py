"""
What a correction does, measured: records, quarantine, platforms and scores before it and after it.

Everything is looked at inside the correction's own transaction. What aggregation and reconciling would do is tried
under a savepoint and taken back, so that looking leaves nothing behind.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import sqlalchemy as sa

from xinyong import aggregate, assessment, reconcile
from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.catalogue.records import RecordType
from xinyong.database import run

SHOWN = 20  # records, entries and withdrawals that a plan lists
KEPT = 2000  # records whose digests a plan keeps, so that it can be said which of them moved

Item = tuple[str, str, str, str, str, str]  # platform, record type, record id, operation, reason, natural key


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would follow from the stored records on a date: items by digest, and the department's scores."""

    items: dict[bytes, Item]
    scores: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Effect:
    """
    What a correction does.

    `records` counts live records by what happens to them (`history`: only older versions differ), `entries` quarantine
    entries, `platforms` items by platform and operation, `scores` percentages before and after; `changes`, `opened`
    (entries, with the rules they break) and `withdrawals` list the first of each.
    """

    business_date: date
    records: dict[str, int]
    entries: dict[str, int]
    changes: tuple[dict[str, Any], ...]
    opened: tuple[dict[str, Any], ...]
    platforms: dict[str, dict[str, int]]
    withdrawals: tuple[dict[str, str], ...]
    scores: dict[str, tuple[float | None, float | None]]
    batches: int
    dates: tuple[date, ...]
    digests: dict[str, str]
    effect_hash: str

    @property
    def record_count(self) -> int:
        """How many records change in any way."""
        return sum(self.records.values())

    @property
    def withdrawal_count(self) -> int:
        """How many withdrawals people will notice, over all platforms."""
        return sum(operations.get("withdraw", 0) for operations in self.platforms.values())

    @property
    def is_nothing(self) -> bool:
        """Whether the correction would change nothing at all."""
        moved = any(before != after for before, after in self.scores.values())
        return not (self.record_count or sum(self.entries.values()) or self.platforms or moved)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, as the plan keeps it."""
        return {
            "business_date": self.business_date.isoformat(),
            "records": self.records,
            "entries": self.entries,
            "changes": list(self.changes),
            "opened": list(self.opened),
            "platforms": self.platforms,
            "withdrawals": list(self.withdrawals),
            "scores": {name: list(both) for name, both in self.scores.items()},
            "batches": self.batches,
            "dates": [day.isoformat() for day in self.dates],
            "digests": self.digests,
        }


def remember(connection: sa.Connection, feed: Feed) -> None:
    """Remember what the feed's records and entries are, before a correction changes them."""
    names = {"history": f"warehouse.{feed.record_type}"}
    run(connection, "correction/remember_history", names, feed=feed.name)
    run(connection, "correction/remember_entries", feed=feed.name)


def look(connection: sa.Connection, catalogue: Catalogue, day: date) -> Outlook:
    """Aggregate, find every platform's delta and score the date, all of it taken back again."""
    items: dict[bytes, Item] = {}
    with _taken_back(connection):
        aggregate.aggregate(connection, catalogue, day)
        for platform in catalogue.platforms.values():
            with _taken_back(connection):
                reconcile.open_gate_of(connection, platform, day)
                reconcile.find_delta(connection, platform)
                for row in run(connection, "correction/items", platform=platform.name):
                    items[bytes(row.digest)] = cast("Item", tuple(row)[:-1])
        scores = _scores(connection, catalogue, day)
    return Outlook(items, scores)


@contextmanager
def _taken_back(connection: sa.Connection) -> Iterator[None]:
    attempt = connection.begin_nested()
    try:
        yield
    finally:
        attempt.rollback()


def _scores(connection: sa.Connection, catalogue: Catalogue, day: date) -> dict[str, float | None]:
    """Return the department's percentage per dimension and a receiver's points; nothing where nothing was judged."""
    measured = assessment.measure(connection, catalogue, day).assessment
    if measured is None:
        return {}
    whole = measured.of(None)
    points = [rate.points for rate in whole.rates if rate.record_type is None and rate.points is not None]
    found = {one.dimension: one.percent for one in whole.scores if one.feed is None}
    return found | ({"points": round(sum(points), 2)} if points else {})


def compare(
    connection: sa.Connection,
    record_type: RecordType,
    feed: Feed,
    day: date,
    outlooks: tuple[Outlook, Outlook],
    batches: int,
    dates: tuple[date, ...],
) -> Effect:
    """Say what has changed since `remember`, and between two outlooks."""
    run(connection, "correction/find_changes", {"history": f"warehouse.{record_type.name}"}, feed=feed.name)
    run(connection, "correction/find_entry_changes", feed=feed.name)
    counted = dict(run(connection, "correction/count_changes").mappings().one())
    names = {"document": record_type.document.lower(), "party": record_type.party.name.lower()}
    rows = run(connection, "correction/list_changes", **names, most=KEPT).all()
    before, after = outlooks
    told = {digest: item for digest, item in after.items.items() if digest not in before.items}
    untold = [digest for digest in before.items if digest not in after.items]
    operations = Counter((item[0], item[3]) for item in told.values())
    return Effect(
        business_date=day,
        records={name: counted[name] for name in ("entered", "changed", "withdrawn", "history")},
        entries={"opened": counted["entries_opened"], "closed": counted["entries_closed"]},
        changes=tuple(_shown(record_type, row) for row in rows[:SHOWN]),
        opened=tuple(dict(row) for row in run(connection, "correction/list_opened", most=SHOWN).mappings()),
        platforms={name: _of(operations, name) for name in sorted({platform for platform, _ in operations})},
        withdrawals=tuple(_withdrawals(told.values())),
        scores={name: (before.scores.get(name), score) for name, score in after.scores.items()},
        batches=batches,
        dates=dates,
        digests={row.record_id: row.digest[:16] for row in rows},
        effect_hash=_hash(counted["set_hash"], told, untold),
    )


def keep(connection: sa.Connection, correction_id: int) -> None:
    """Keep which records a correction changed, for its trace."""
    run(connection, "correction/write_changes", correction_id=correction_id)


def keep_images(connection: sa.Connection, correction_id: int, feed: Feed, day: date) -> None:
    """Keep what was believed of the records that were changed on a day, until then."""
    named = {"correction_id": correction_id, "record_type": feed.record_type, "feed": feed.name}
    run(connection, "correction/write_images", **named, happened_on=day)


def _of(operations: Counter[tuple[str, str]], platform: str) -> dict[str, int]:
    return {operation: count for (name, operation), count in sorted(operations.items()) if name == platform}


def _withdrawals(items: Any) -> Iterator[dict[str, str]]:
    withdrawn = sorted(item for item in items if item[3] == "withdraw")
    for platform, record_type, _, _, reason, key in withdrawn[:SHOWN]:
        yield {"platform": platform, "record_type": record_type, "reason": reason, "natural_key": key}


def _shown(record_type: RecordType, row: Any) -> dict[str, Any]:
    """Show one changed record: who it is about and, field by field, what it said and says."""
    before, after = row.before or {}, row.after or {}
    fields = {code: code.lower() for code in record_type.fields}
    changed = {
        code: [before.get(name), after.get(name)]
        for code, name in fields.items()
        if before.get(name) != after.get(name)
    }
    shown = {"record_id": row.record_id, "operation": row.operation, "document": row.document, "party": row.party}
    return {**shown, "fields": changed if row.operation == "changed" else {}}


def _hash(set_hash: str, told: dict[bytes, Item], untold: list[bytes]) -> str:
    digest = hashlib.sha256(set_hash.encode())
    for side in (sorted(told), sorted(untold)):
        digest.update(b"\n" + b"".join(side))
    return digest.hexdigest()
