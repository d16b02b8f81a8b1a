"""
The kinds of correction: each changes one input of the history, stores the batches known since then once more, and
can take that input back.

| kind | input | parameters |
|---|---|---|
| `re-extract` | further readings of some dates | `first`, `last`: business dates |
| `re-judge` | the verdicts on what was landed | `since`: business date or None for all |
| `restate` | restatements of single contents | `restatements`: record_id, content_hash, document, fields, since |
| `disclosure` | acts that narrow a disclosure class | `records`, `disclosure`, `fields`, `basis`, `document_number` |
| `retract` | a batch | `batch_id` |
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from xinyong import quarantine, recheck, report, restatement
from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.catalogue.records import RecordType
from xinyong.correction import disclosing, reading, retracting, verdicts
from xinyong.correction.plans import Correction, Kind
from xinyong.database import run
from xinyong.restatement import Restatement
from xinyong.staging import stage
from xinyong.warehouse import Rejudge, store_again


@dataclass(frozen=True, slots=True)
class Job:
    """One correction being carried out or taken back on a date; pages of checks go to `docs_dir`."""

    connection: sa.Connection
    catalogue: Catalogue
    correction: Correction
    person: str
    reason: str
    day: date
    docs_dir: Path

    @property
    def feed(self) -> Feed:
        """The feed that is corrected."""
        return self.catalogue.feeds[self.correction.feed]

    @property
    def record_type(self) -> RecordType:
        """The record type of that feed."""
        return self.catalogue.records[self.feed.record_type]

    @property
    def number(self) -> int:
        """The number of the correction."""
        return self.correction.correction_id


def do(job: Job) -> int:
    """Carry a correction out; return how many batches were stored again."""
    done = _DO[job.correction.kind](job)
    _bring_up(job)
    return done


def undo(job: Job) -> int:
    """Take a correction back; return how many batches were stored again."""
    done = _UNDO[job.correction.kind](job)
    _bring_up(job)
    return done


def touched(correction: Correction) -> tuple[date, ...]:
    """Return the business dates that a correction touches besides the latest night."""
    return reading.dates_of(correction) if correction.kind == "re-extract" else ()


def _bring_up(job: Job) -> None:
    """Stage the feed's latest batch anew, which aggregation judges by, and renew the feed's ledger rows."""
    latest = run(job.connection, "correction/latest_batch", feed=job.feed.name).one_or_none()
    if latest:
        stage(job.connection, job.feed, job.record_type, latest.batch_id, latest.known_at)
    first = run(job.connection, "correction/first_ledger", feed=job.feed.name).scalar_one()
    if first:
        report.settle_feed(job.connection, job.feed.name, first)


def _restate(job: Job) -> int:
    restatements = [_restatement(one) for one in job.correction.parameters["restatements"]]
    told = (job.person, job.reason, job.day)
    restatement.record(job.connection, job.feed, restatements, *told, correction_id=job.number)
    since = min(one.since for one in restatements)
    verdicts.keep(job.connection, job.number, _batches_since(job, since))
    run(job.connection, "quarantine/forget_sightings", feed=job.feed.name, since=since)
    return _store_again(job, since, recheck.rejudging(job.connection))


def _unrestate(job: Job) -> int:
    restated = [_restatement(one) for one in job.correction.parameters["restatements"]]
    run(job.connection, "restatement/forget", correction_id=job.number)
    since = min(one.since for one in restated)
    quarantine.set_back(job.connection, job.feed, since)
    return _store_again(job, since, verdicts.taking_back(job.connection, job.number, restated))


def _rejudge(job: Job) -> int:
    since = job.correction.parameters.get("since")
    day = date.fromisoformat(since) if since else None
    moment = run(job.connection, "quarantine/first_moment", feed=job.feed.name, business_date=day).scalar_one()
    if moment is None:
        return 0
    verdicts.keep(job.connection, job.number, _batches_since(job, moment))
    batches = recheck.recheck(job.connection, job.catalogue, job.feed, day).batches
    run(job.connection, "correction/forget_touched")
    return batches


def _unjudge(job: Job) -> int:
    since = run(job.connection, "correction/judged_since", correction_id=job.number).scalar_one()
    if since is None:
        return 0
    quarantine.set_back(job.connection, job.feed, since)
    return _store_again(job, since, verdicts.putting_back(job.connection, job.number, judging_others=False))


def _re_extract(job: Job) -> int:
    dates = reading.dates_of(job.correction)
    new = reading.read_again(job.connection, job.catalogue, job.feed, dates, job.number, job.docs_dir)
    return len(new)


def _unread(job: Job) -> int:
    reading.check_unused(job.connection, job.correction)
    batches = reading.forget(job.connection, job.correction)
    return retracting.retract(job.connection, job.catalogue, job.feed, batches)


def _retract(job: Job) -> int:
    batch_id = int(job.correction.parameters["batch_id"])
    retracting.check(job.connection, job.feed, batch_id)
    return retracting.retract(job.connection, job.catalogue, job.feed, [batch_id])


def _unretract(job: Job) -> int:
    return retracting.restore(job.connection, job.catalogue, job.feed, int(job.correction.parameters["batch_id"]))


def _disclose(job: Job) -> int:
    disclosing.record(job.connection, job.catalogue, job.correction, job.person, job.reason, job.day)
    return 0


def _undisclose(job: Job) -> int:
    disclosing.reverse(job.connection, job.catalogue, job.correction, job.person, job.reason, job.day)
    return 0


_DO: dict[Kind, Callable[[Job], int]] = {
    "re-extract": _re_extract,
    "re-judge": _rejudge,
    "restate": _restate,
    "disclosure": _disclose,
    "retract": _retract,
}
_UNDO: dict[Kind, Callable[[Job], int]] = {
    "re-extract": _unread,
    "re-judge": _unjudge,
    "restate": _unrestate,
    "disclosure": _undisclose,
    "retract": _unretract,
}


def _batches_since(job: Job, since: datetime) -> Sequence[int]:
    return run(job.connection, "warehouse/batches_since", feed=job.feed.name, since=since).scalars().all()


def _store_again(job: Job, since: datetime, rejudge: Rejudge) -> int:
    batches = store_again(job.connection, job.catalogue, job.feed, since, rejudge)
    run(job.connection, "correction/forget_touched")
    return len(batches)


def _restatement(one: dict[str, Any]) -> Restatement:
    """Read a restatement as the plan keeps it."""
    since = datetime.fromisoformat(one["since"])
    return Restatement(one["record_id"], bytes.fromhex(one["content_hash"]), one["document"], one["fields"], since)
