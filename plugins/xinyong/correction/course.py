"""
The course of a correction: planned on trial, applied exactly as planned, rolled back while it may be.

Planning carries the correction out whole and takes it back, so a plan is no estimate. Applying carries it out again
and refuses when the effect is another one than planned, because the data moved. Rolling back takes the input back and
stores again what follows from the others.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from xinyong import free_text
from xinyong.catalogue import Catalogue
from xinyong.correction import effect as measuring
from xinyong.correction import kinds, permitting
from xinyong.correction.effect import Effect
from xinyong.correction.kinds import Job
from xinyong.correction.plans import Asked, Correction, CorrectionError, find, load, plan_hash
from xinyong.database import run

TOLD = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    A correction and what carrying it out came to; `effect` is None when it had been done before.

    `dates` are the business dates that have to follow, as the nights stand now.
    """

    correction: Correction
    effect: Effect | None
    dates: tuple[date, ...]

    @property
    def is_new(self) -> bool:
        """Whether it was done now, and not before."""
        return self.effect is not None


def plan(connection: sa.Connection, catalogue: Catalogue, asked: Asked, day: date) -> Outcome:
    """Try a correction, take it back, and write down what it would do; an empty plan is refused."""
    _check_told(connection, asked.person, asked.reason)
    feed = catalogue.feeds[asked.feed]
    values = {"kind": asked.kind, "feed": feed.name, "record_type": feed.record_type, "planned_on": day}
    told = {"planned_by": asked.person.strip(), "planned_reason": asked.reason.strip()}
    parameters = json.dumps(dict(asked.parameters), ensure_ascii=False, sort_keys=True)
    number = run(connection, "correction/open", **values, **told, parameters=parameters).scalar_one()
    began = time.perf_counter()
    attempt = connection.begin_nested()
    with tempfile.TemporaryDirectory(prefix="xinyong-plan-") as folder:
        job = Job(connection, catalogue, load(connection, number), asked.person, asked.reason, day, Path(folder))
        found = _measured(job, kinds.do)
    attempt.rollback()
    if found.is_nothing:
        raise CorrectionError(
            f"The {job.correction.name} would change nothing. Found: no record, no quarantine entry and no platform "
            "that differs afterwards. Expected: an effect. What it asks for holds already; nothing is planned.",
            "更正后的内容与现有内容一样，不需要更正。",
        )
    kept = found.as_dict() | {"seconds": round(time.perf_counter() - began, 1)}
    written = {"effect": json.dumps(kept, ensure_ascii=False, default=str), "effect_hash": found.effect_hash}
    named = {"plan_hash": plan_hash(number, asked, found.effect_hash)}
    needs_approval = permitting.is_large(catalogue, found)
    run(connection, "correction/plan", correction_id=number, **written, **named, needs_approval=needs_approval)
    return Outcome(load(connection, number), found, found.dates)


def apply(
    connection: sa.Connection,
    catalogue: Catalogue,
    number: int,
    given_hash: str,
    person: str,
    reason: str,
    day: date,
    docs_dir: Path,
) -> Outcome:
    """Carry a plan out; one that is applied already stays as it is, one whose effect moved is refused."""
    _check_told(connection, person, reason)
    run(connection, "correction/lock")
    planned = load(connection, number)
    if planned.state == "applied":
        return Outcome(planned, None, _dates(connection, planned, day))
    permitting.check_may_apply(planned, given_hash, person, day)
    job = Job(connection, catalogue, planned, person, reason, day, docs_dir)
    found = _measured(job, kinds.do)
    if found.effect_hash != planned.effect_hash:
        raise CorrectionError(_moved(planned, found))
    measuring.keep(connection, number)
    measuring.keep_images(connection, number, job.feed, day)
    run(connection, "correction/set_applied", correction_id=number, applied_on=day, person=person, reason=reason)
    return Outcome(load(connection, number), found, found.dates)


def rollback(
    connection: sa.Connection,
    catalogue: Catalogue,
    number: int,
    person: str,
    reason: str,
    day: date,
    docs_dir: Path,
    asked_by: str | None = None,
) -> Outcome:
    """
    Take an applied correction back; one that was taken back already stays as it is.

    A large one is taken back by a second person: another one than who asked for it, or who applied it.
    """
    _check_told(connection, person, reason)
    run(connection, "correction/lock")
    applied = load(connection, number)
    if applied.state == "rolled_back":
        return Outcome(applied, None, _dates(connection, applied, day))
    permitting.check_may_roll_back(connection, catalogue, applied, day)
    permitting.check_second_person(catalogue, applied, person, asked_by)
    job = Job(connection, catalogue, applied, person, reason, day, docs_dir)
    found = _measured(job, kinds.undo)
    measuring.keep_images(connection, number, job.feed, day)
    told = {"rolled_back_on": day, "person": person, "reason": reason}
    run(connection, "correction/set_rolled_back", correction_id=number, **told)
    return Outcome(load(connection, number), found, found.dates)


def _measured(job: Job, carry_out: Callable[[Job], int]) -> Effect:
    """Carry something out and say what it changed."""
    connection, feed = job.connection, job.feed
    run(connection, "landing/lock_feed", feed=feed.name)
    night = _night(connection, job.correction, job.day)
    seen_on = max(night, job.day) if job.correction.kind == "disclosure" else night  # an act begins on its day
    measuring.remember(connection, feed)
    before = measuring.look(connection, job.catalogue, seen_on)
    batches = carry_out(job)
    after = measuring.look(connection, job.catalogue, seen_on)
    dates = _dates(connection, job.correction, job.day)
    return measuring.compare(connection, job.record_type, feed, night, (before, after), batches, dates)


def _night(connection: sa.Connection, correction: Correction, day: date) -> date:
    """Return the latest night of the feed, whose platforms and scores follow; the day itself where there is none."""
    latest: date | None = run(connection, "correction/latest_night", feed=correction.feed).scalar_one()
    return latest or day


def _dates(connection: sa.Connection, correction: Correction, day: date) -> tuple[date, ...]:
    """Return the business dates that have to follow a correction or its taking back."""
    return tuple(sorted({*kinds.touched(correction), _night(connection, correction, day)}))


def _check_told(connection: sa.Connection, person: str, reason: str) -> None:
    if not person.strip() or not reason.strip():
        raise CorrectionError("A correction has a person and a reason. Found: one of them is blank. Give both.")
    free_text.check(connection, "correction", {"person": person, "reason": reason}, CorrectionError)


def _moved(planned: Correction, found: Effect) -> str:
    """Say what is different now from what was planned."""
    then, now = planned.effect, found.as_dict()
    differing = [
        f"{name}: planned {dict(sorted(then[name].items()))}, now {dict(sorted(now[name].items()))}"
        for name in ("records", "entries", "platforms")
        if then[name] != now[name]
    ]
    digests: dict[str, str] = then["digests"]
    moved = sorted(one for one in digests.keys() | found.digests.keys() if digests.get(one) != found.digests.get(one))
    documents = {one["record_id"]: one["document"] or one["record_id"] for one in (*then["changes"], *now["changes"])}
    named = ", ".join(documents.get(one, one) for one in moved[:TOLD])
    differing += [f"{len(moved)} records moved ({named})"] if moved else []
    return (
        f"The data moved since {planned.name} was planned on {planned.planned_on}. Found: "
        f"{'; '.join(differing) or 'other items for the platforms'}. Expected: exactly the planned effect. Nothing has "
        "changed; look at those records and plan again."
    )


def corrections(connection: sa.Connection, feed: str | None = None, state: str | None = None) -> list[Correction]:
    """Return corrections, the newest first."""
    return find(connection, feed=feed, state=state)
