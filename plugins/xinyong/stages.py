"""
The night's tasks: each opens what it needs, calls its stage, and leaves a state that repeating does not change.

This is all that DAG files and the command line call. Arguments and results are names, dates and ids.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from xinyong.catalogue import catalogue
from xinyong.database import connected, engine, run, transaction
from xinyong.errors import BatchRefused, LedgerError, SourceError, UnexpectedShape
from xinyong.settings import connection as access
from xinyong.settings import settings, var_dir

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

    from xinyong.announcements import Moved
    from xinyong.assessment import Measured
    from xinyong.catalogue.platforms import Platform
    from xinyong.platforms import Adapter
    from xinyong.quarantine import Act, Entry
    from xinyong.recheck import Rechecked
    from xinyong.rectification import Written
    from xinyong.report import Ledger
    from xinyong.scores import Assessment
    from xinyong.signing import Signer

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
        landed = batch(connection, batch_id)
    if landed.state == "stored":
        return
    feed = found.feeds[landed.feed]
    record_type = found.records[feed.record_type]
    with connected() as connection:
        stage(connection, feed, record_type, batch_id, landed.known_at)
    with connected() as connection:
        judge(connection, feed, record_type, batch_id, landed.business_date)
    _decide(lambda connection: gate(connection, feed, batch_id, landed.business_date, _docs_dir()), batch_id, "checked")


def store(batch_id: int, business_date: date) -> None:
    """Store a checked batch as versions of records."""
    from xinyong.warehouse import store_batch

    _decide(lambda connection: store_batch(connection, catalogue(), batch_id), batch_id, None)


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


def reconcile(platform: str, business_date: date) -> list[int]:
    """Write a platform's messages down and return the numbers of those that are due."""
    from xinyong import reconcile as stage

    declared = catalogue().platforms[platform]
    with connected() as connection:
        return stage.reconcile(connection, declared, business_date, _signer(declared))


def send(platform: str, number: int) -> None:
    """Bring one message to its platform; one whose fate is unknown is asked for first."""
    from xinyong import publish

    made = engine()
    try:
        publish.send(made, _adapter(platform), platform, number)
    finally:
        made.dispose()


def collect(platform: str, number: int) -> None:
    """Collect the receipts of one message."""
    from xinyong import publish, receipts

    made = engine()
    try:
        with transaction(made) as connection:
            message, state = publish.load(connection, platform, number)
        if state not in receipts.settled:
            receipts.collect(made, _adapter(platform), message, catalogue().platforms[platform].wait_seconds)
    finally:
        made.dispose()


def settle_platform(platform: str, business_date: date) -> None:
    """Write a platform's ledger row for a date, and renew those of earlier nights that still had open items."""
    from xinyong.report import settle_platform

    declared = catalogue().platforms[platform]
    with connected() as connection:
        settle_platform(connection, declared, _adapter(platform), business_date)


def report(business_date: date) -> bool:
    """Measure a date; write its ledger and its quality as JSON and page; return whether the ledger balances."""
    from xinyong import assessment
    from xinyong.report import write

    folder = var_dir() / "reports" / business_date.isoformat()
    with connected() as connection:
        measured = assessment.measure(connection, catalogue(), business_date)
    found = read_ledger(business_date)
    write(found, catalogue(), folder)
    assessment.write(measured, catalogue(), folder)
    rectify(business_date)
    return found.balances


def timeliness(business_date: date, section: str | None = None) -> Measured:
    """Judge timeliness on a date once more and return it, of one section or of all; nothing is kept."""
    from xinyong import timeliness as stage
    from xinyong.assessment import Measured

    with connected() as connection:
        stage.measure(connection, catalogue(), business_date)
        waiting = stage.waiting(connection, catalogue(), business_date, section)
        standings = stage.standings(connection, section)
    return Measured(business_date, tuple(standings), tuple(waiting), (), None)


def score(business_date: date, by: str | None = None) -> Assessment:
    """Score a date by the thresholds then in force, or by others."""
    from xinyong.scores import assess, thresholds

    with connected() as connection:
        return assess(connection, thresholds(catalogue(), business_date, by), business_date, business_date)


def score_month(month: date, by: str | None = None, path: Path | None = None) -> Assessment:
    """Score a month by the thresholds in force on its last day, or by others; write its workbook where asked to."""
    from xinyong import monthly
    from xinyong.scores import assess, thresholds

    first, last = monthly.month_of(month)
    with connected() as connection:
        chosen = thresholds(catalogue(), last, by)
        if path:
            return monthly.write(connection, catalogue(), chosen, month, path)
        return assess(connection, chosen, first, last)


def rectify(business_date: date, folder: Path | None = None, section: str | None = None) -> list[Written]:
    """Write the rectification list of each section, or of one, beside the ledger of the date or into a folder."""
    from xinyong import rectification

    where = folder or var_dir() / "reports" / business_date.isoformat()
    with connected() as connection:
        return rectification.rectify(connection, catalogue(), business_date, where, section)


def recheck(feed: str, since: date | None = None) -> Rechecked:
    """Judge a feed's batches again from landing, all or those since a date, and store what that changes."""
    from xinyong import recheck as stage

    with connected() as connection:
        found = stage.recheck(connection, catalogue(), catalogue().feeds[feed], since)
    logging.getLogger(__name__).info("judged again: %s", found)
    return found


def decide(act: Act, sought: str, person: str, reason: str, business_date: date) -> Entry:
    """Waive or release a quarantine entry."""
    from xinyong import quarantine

    with connected() as connection:
        return quarantine.decide(connection, catalogue(), act, sought, person, reason, business_date)


def quarantined(business_date: date, section: str | None, state: str | None) -> list[Entry]:
    """Return the quarantine entries of a section and state."""
    from xinyong.quarantine import entries

    with connected() as connection:
        return entries(connection, business_date, section, state)


def read_ledger(business_date: date) -> Ledger:
    """Return the ledger of a date."""
    from xinyong.report import ledger

    with connected() as connection:
        return ledger(connection, catalogue(), business_date)


def latest_date() -> date:
    """Return the latest business date that has a ledger."""
    with connected() as connection:
        found: date | None = run(connection, "report/latest_date").scalar_one()
    if found is None:
        raise LedgerError("There is no ledger yet. Expected: at least one night. Run one with `make nightly`.")
    return found


def ledger_table(business_date: date) -> Any:
    """Return the ledger of a date as a table for a terminal."""
    from xinyong.report import table

    return table(read_ledger(business_date))


def _record_intake(
    connection: sa.Connection, feed: str, day: date, batch_id: int | None, outcome: str, problem: str | None = None
) -> None:
    values = {"feed": feed, "business_date": day, "batch_id": batch_id, "outcome": outcome}
    run(connection, "operation/record_intake", **values, problem=problem)


def _docs_dir() -> Any:
    return var_dir() / "reports" / "data_docs"


def _adapter(platform: str) -> Adapter:
    from xinyong.platforms import adapter

    declared = catalogue().platforms[platform]
    return adapter(declared, catalogue().department, access(declared.connection), _signer(declared))


def _signer(platform: Platform) -> Signer:
    from xinyong.signing import signer

    return signer(platform.signature, settings().signing_key)


def set_hashes() -> dict[str, str]:
    """Return the set hash of every history table, of the quarantine and of what each platform shows."""
    from xinyong import hashes

    with connected() as connection:
        return hashes.set_hashes(connection, catalogue())
