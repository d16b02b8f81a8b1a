"""Read some business dates of a feed once more, and take those readings back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.correction.plans import Correction, CorrectionError
from xinyong.database import run
from xinyong.extract import deliver
from xinyong.landing import batch, land
from xinyong.quality import gate, judge
from xinyong.sealing import sealer
from xinyong.stages import known_at
from xinyong.staging import stage
from xinyong.warehouse import store_batch


def dates(first: date, last: date) -> list[date]:
    """Return the business dates of an interval, both ends included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def dates_of(correction: Correction) -> tuple[date, ...]:
    """Return the dates that a correction read again."""
    asked = correction.parameters
    return tuple(dates(date.fromisoformat(asked["first"]), date.fromisoformat(asked["last"])))


def check_interval(connection: sa.Connection, feed: Feed, first: date, last: date) -> None:
    """Refuse an interval that is upside down, in the future, or before the feed's first batch."""
    known = run(connection, "correction/known_dates", feed=feed.name).one()
    if known.first_date is None:
        raise CorrectionError(
            f"{feed.name} has no batch yet. Found: the interval {first} to {last}. Expected: dates that were taken in. "
            f"Run its night first, or backfill `intake_{feed.name}`."
        )
    if first > last:
        raise CorrectionError(
            f"The interval {first} to {last} is upside down. Expected: the first date before the last."
        )
    if last > known.last_date:
        raise CorrectionError(
            f"{last} lies in the future of {feed.name}, whose latest night is {known.last_date}. Nothing can be read "
            f"of days that have not been. Expected: an interval up to {known.last_date}. Its night will read it."
        )
    if first < known.first_date:
        raise CorrectionError(
            f"{first} lies before the first batch of {feed.name}, of {known.first_date}: there is nothing to correct. "
            f"Expected: an interval from {known.first_date} on. To take in dates that never were, backfill "
            f"`intake_{feed.name}` (docs/corrections.md)."
        )


def read_again(
    connection: sa.Connection,
    catalogue: Catalogue,
    feed: Feed,
    asked: Sequence[date],
    correction_id: int,
    docs_dir: Path,
) -> list[int]:
    """Land, check and store a further reading of each date; return the batches that hold other content than before."""
    new = []
    for day in asked:
        before = run(connection, "correction/intake", feed=feed.name, business_date=day).scalar_one_or_none()
        batch_id, is_new = _read(connection, catalogue, feed, day, docs_dir)
        values = {"feed": feed.name, "business_date": day, "batch_id": batch_id}
        run(connection, "operation/record_intake", **values, outcome="landed", problem=None)
        kept = {"before": None if before is None else json.dumps(before), "is_new": is_new}
        dated = {"correction_id": correction_id, "business_date": day, "batch_id": batch_id}
        run(connection, "correction/keep_intake", **dated, **kept)
        new += [batch_id] if is_new else []
    return new


def _read(connection: sa.Connection, catalogue: Catalogue, feed: Feed, day: date, docs_dir: Path) -> tuple[int, bool]:
    """Bring one date through landing, checks and store; a reading equal to the batch before it is that batch."""
    record_type = catalogue.records[feed.record_type]
    delivery = deliver(feed, day)
    batch_id = land(connection, feed, record_type, delivery, day, known_at(day), sealer())
    found = batch(connection, batch_id)
    if found.state != "landed":
        return batch_id, False
    stage(connection, feed, record_type, batch_id, found.known_at)
    judge(connection, feed, record_type, batch_id, day)
    gate(connection, feed, batch_id, day, docs_dir)
    run(connection, "landing/set_state", batch_id=batch_id, state="checked")
    store_batch(connection, catalogue, batch_id)
    run(connection, "correction/forget_touched")
    return batch_id, True


def check_unused(connection: sa.Connection, correction: Correction) -> None:
    """Refuse to forget readings that later nights delivered again: their source stands by them."""
    rows = run(connection, "correction/delivered_again", correction_id=correction.correction_id).all()
    if rows:
        nights = ", ".join(str(row.business_date) for row in rows[:5])
        raise CorrectionError(
            f"The {correction.name} cannot be rolled back: the nights of {nights} delivered the same content again, "
            f"so {correction.feed} stands by it. Found: {len(rows)} later intakes of its batches. Expected: none. What "
            f"was read stays. If the content is wrong, plan `retract` for batch {rows[0].batch_id}, or mend the source."
        )


def forget(connection: sa.Connection, correction: Correction) -> list[int]:
    """Point the intakes back to what they were, and return the batches that have to go."""
    named = {"correction_id": correction.correction_id}
    for statement in ("remove_intakes", "put_back_intakes"):
        run(connection, f"correction/{statement}", **named, feed=correction.feed)
    return list(run(connection, "correction/new_batches", **named).scalars())
