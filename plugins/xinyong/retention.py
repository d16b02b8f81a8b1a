"""
Retention: drop what was landed so long ago that its feed keeps it no longer, and nothing else.

What a batch said stays in history, its verdicts and counts stay, and so does its entry among the batches; only the
rows as received go, with their table. A batch that something still needs stays, however old it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from xinyong.catalogue import Catalogue
from xinyong.database import run
from xinyong.errors import WarehouseError
from xinyong.partitions import drop_batch_table


@dataclass(frozen=True, slots=True)
class Old:
    """A batch whose rows its feed keeps no longer."""

    feed: str
    batch_id: int
    business_date: date
    row_count: int


def outlived(connection: sa.Connection, catalogue: Catalogue, on: date) -> list[Old]:
    """Return the batches that `retention_days` of their feeds have passed for on a day, and that nothing needs."""
    found = []
    for feed in catalogue.feeds.values():
        if feed.retention_days is not None:
            before = on - timedelta(days=feed.retention_days)
            rows = run(connection, "retention/find_droppable", feed=feed.name, before=before).mappings()
            found += [Old(feed=feed.name, **row) for row in rows]
    return found


def drop_outlived(connection: sa.Connection, catalogue: Catalogue, on: date) -> list[Old]:
    """Drop the rows of these batches, feed by feed while nothing else works on it; return what was dropped."""
    for feed in sorted({old.feed for old in outlived(connection, catalogue, on)}):
        run(connection, "landing/lock_feed", feed=feed)
    found = outlived(connection, catalogue, on)
    for old in found:
        drop_batch_table(connection, old.feed, old.batch_id)
        run(connection, "retention/mark_dropped", batch_id=old.batch_id, dropped_on=on)
    return found


def refuse_dropped(connection: sa.Connection, batch_id: int) -> None:
    """Raise `WarehouseError` when the rows of a batch are gone: it would look like an empty delivery."""
    batch = run(connection, "retention/dropped_on", batch_id=batch_id).one()
    if batch.dropped_on is not None:
        raise WarehouseError(
            f"Batch {batch_id} of {batch.feed} is needed again. Found: its rows were dropped on {batch.dropped_on}, "
            f"as `retention_days` in catalogue/feeds/{batch.feed}.yml says. Expected: rows as received. Nothing was "
            "changed. Correct the records by hand (`xinyong correct`), or let the source deliver them anew."
        )
