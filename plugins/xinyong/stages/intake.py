"""The tasks of intake and aggregation: from a business system to versions of records."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from xinyong.catalogue import catalogue
from xinyong.database import connected, run
from xinyong.errors import BatchRefused, SourceError, UnexpectedShape
from xinyong.settings import var_dir

if TYPE_CHECKING:
    import sqlalchemy as sa

    from xinyong.announcements import Moved

# What a feed says about a business date is known when the night after it begins.
_ZONE, _NIGHT = ZoneInfo("Asia/Shanghai"), time(1, 30)


def known_at(business_date: date) -> datetime:
    """Return the moment at which what is read for a business date counts as known."""
    return datetime.combine(business_date + timedelta(days=1), _NIGHT, _ZONE)


def extract(feed: str, business_date: date) -> int:
    """Read a feed and land it; return the batch, which is an earlier one when nothing changed."""
    from xinyong.extract import deliver
    from xinyong.landing import land
    from xinyong.sealing import sealer

    found = catalogue()
    declared = found.feeds[feed]
    record_type = found.records[declared.record_type]
    try:
        delivery = deliver(declared, business_date)
        with connected() as connection:
            landed = land(connection, declared, record_type, delivery, business_date, known_at(business_date), sealer())
            notes = "; ".join(delivery.notes) or None  # what was hidden in a file belongs before a person's eyes
            _record_intake(connection, feed, business_date, landed, "landed", notes)
    except SourceError as error:
        with connected() as connection:
            outcome = "unreadable" if isinstance(error, UnexpectedShape) else "unavailable"
            _record_intake(connection, feed, business_date, None, outcome, str(error))
        raise
    return landed


def check(batch_id: int, business_date: date) -> None:
    """Clean a batch, judge every row by every rule, and let the gate decide whether it may be stored."""
    from xinyong.landing import batch
    from xinyong.quality import gate, judge
    from xinyong.staging import stage

    found = catalogue()
    with connected() as connection:
        batch_id = _batch_of(connection, batch_id, business_date)
        landed = batch(connection, batch_id)
    if landed.state in ("stored", "retracted"):
        return
    feed = found.feeds[landed.feed]
    record_type = found.records[feed.record_type]
    with connected() as connection:
        # A second run of the feed must not put its own rows into the staged table while these are judged.
        run(connection, "landing/lock_feed", feed=feed.name)
        stage(connection, feed, record_type, batch_id, landed.known_at)
        judge(connection, feed, record_type, batch_id, landed.business_date)
    _decide(
        lambda connection: gate(connection, feed, batch_id, landed.business_date, var_dir() / "reports" / "data_docs"),
        batch_id,
        "checked",
    )


def store(batch_id: int, business_date: date) -> None:
    """Store a checked batch as versions of records."""
    from xinyong.warehouse import store_batch

    with connected() as connection:
        batch_id = _batch_of(connection, batch_id, business_date)
    _decide(lambda connection: store_batch(connection, catalogue(), batch_id), batch_id, None)


def _batch_of(connection: sa.Connection, batch_id: int, business_date: date) -> int:
    """
    Return the batch that a task of a date works on.

    What was the same as an earlier batch when it was extracted has one of its own once another came between them.
    """
    found = run(connection, "operation/batch_of_date", batch_id=batch_id, business_date=business_date)
    return int(found.scalar_one())


def _decide(step: Any, batch_id: int, state: str | None) -> None:
    """Run a step that may refuse the batch; a refusal is kept, and nothing else of the step is."""
    from xinyong.landing import batch

    try:
        with connected() as connection:
            step(connection)
            if state:
                run(connection, "landing/set_state", batch_id=batch_id, state=state)
    except BatchRefused as error:
        with connected() as connection:
            refused = batch(connection, batch_id)
            run(connection, "landing/set_state", batch_id=batch_id, state="refused")
            run(connection, "operation/note_problem", batch_id=batch_id, feed=refused.feed, problem=str(error))
        raise


def settle(feed: str, business_date: date) -> str:
    """Write a feed's ledger row, whatever became of it, and return the outcome."""
    from xinyong.report import settle_feed

    with connected() as connection:
        return settle_feed(connection, feed, business_date)


def aggregate(business_date: date) -> None:
    """Bring links, deadlines, dossiers and what changes by time alone up to date."""
    from xinyong import aggregate as stage

    with connected() as connection:
        stage.aggregate(connection, catalogue(), business_date)


def recompute_deadlines(business_date: date) -> Moved:
    """Bring every due date up to date with the calendar; return how many changed and how many stay provisional."""
    from xinyong import aggregate as stage
    from xinyong.announcements import Moved

    with connected() as connection:
        before = run(connection, "timeliness/count_provisional").scalar_one()
        run(connection, "timeliness/remember_deadlines")
        stage.refresh_deadlines(connection, catalogue(), business_date)
        changed = run(connection, "timeliness/count_changed_deadlines").scalar_one()
        return Moved(changed, before, run(connection, "timeliness/count_provisional").scalar_one())


def _record_intake(
    connection: sa.Connection, feed: str, day: date, batch_id: int | None, outcome: str, problem: str | None = None
) -> None:
    values = {"feed": feed, "business_date": day, "batch_id": batch_id, "outcome": outcome}
    run(connection, "operation/record_intake", **values, problem=problem)
