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
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from xinyong import free_text
from xinyong.catalogue import Catalogue
from xinyong.correction import effect as measuring
from xinyong.correction import kinds
from xinyong.correction.effect import Effect
from xinyong.correction.kinds import Done, Job
from xinyong.correction.plans import Asked, Correction, CorrectionError, find, load, plan_hash
from xinyong.database import run

TOLD = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """A correction and what carrying it out came to; `is_new` is False when it had been done before."""

    correction: Correction
    effect: Effect | None
    is_new: bool


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
    named = {"plan_hash": plan_hash(number, asked, found.effect_hash), "needs_approval": _is_large(catalogue, found)}
    run(connection, "correction/plan", correction_id=number, **written, **named)
    return Outcome(load(connection, number), found, True)


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
        return Outcome(planned, None, False)
    _check_may_apply(planned, given_hash, person)
    job = Job(connection, catalogue, planned, person, reason, day, docs_dir)
    found = _measured(job, kinds.do)
    if found.effect_hash != planned.effect_hash:
        raise CorrectionError(_moved(planned, found))
    measuring.keep(connection, number)
    measuring.keep_images(connection, number, job.feed, day)
    run(connection, "correction/set_applied", correction_id=number, applied_on=day, person=person, reason=reason)
    return Outcome(load(connection, number), found, True)


def rollback(
    connection: sa.Connection,
    catalogue: Catalogue,
    number: int,
    person: str,
    reason: str,
    day: date,
    docs_dir: Path,
) -> Outcome:
    """Take an applied correction back; one that was taken back already stays as it is."""
    _check_told(connection, person, reason)
    run(connection, "correction/lock")
    applied = load(connection, number)
    if applied.state == "rolled_back":
        return Outcome(applied, None, False)
    _check_may_roll_back(connection, catalogue, applied, day)
    job = Job(connection, catalogue, applied, person, reason, day, docs_dir)
    found = _measured(job, kinds.undo)
    measuring.keep_images(connection, number, job.feed, day)
    told = {"rolled_back_on": day, "person": person, "reason": reason}
    run(connection, "correction/set_rolled_back", correction_id=number, **told)
    return Outcome(load(connection, number), found, True)


def _measured(job: Job, carry_out: Callable[[Job], Done]) -> Effect:
    """Carry something out and say what it changed."""
    connection, feed = job.connection, job.feed
    run(connection, "landing/lock_feed", feed=feed.name)
    latest: date | None = run(connection, "correction/latest_night", feed=feed.name).scalar_one()
    night = latest or job.day
    seen_on = max(night, job.day) if job.correction.kind == "disclosure" else night  # an act begins on its day
    measuring.remember(connection, feed)
    before = measuring.look(connection, job.catalogue, seen_on)
    done = carry_out(job)
    after = measuring.look(connection, job.catalogue, seen_on)
    dates = tuple(sorted({*done.dates, night}))
    return measuring.compare(connection, job.record_type, feed, night, (before, after), done.batches, dates)


def _check_told(connection: sa.Connection, person: str, reason: str) -> None:
    if not person.strip() or not reason.strip():
        raise CorrectionError("A correction has a person and a reason. Found: one of them is blank. Give both.")
    free_text.check(connection, "correction", {"person": person, "reason": reason}, CorrectionError)


def _check_may_apply(planned: Correction, given_hash: str, person: str) -> None:
    if planned.state == "rolled_back":
        raise CorrectionError(
            f"The {planned.name} was {planned.history}. Expected: a plan. It is not applied twice; plan it again."
        )
    if len(given_hash) < 8 or not planned.plan_hash.startswith(given_hash):
        raise CorrectionError(
            f"The plan of {planned.name} has another hash. Found: `{given_hash}`. Expected: `{planned.plan_hash}`, "
            f"which `xinyong correct show {planned.correction_id}` prints below what it would do. Nothing has changed."
        )
    if planned.needs_approval and person.strip() == planned.planned_by:
        effect = planned.effect
        raise CorrectionError(
            f"The {planned.name} is large: {sum(effect['records'].values())} records, "
            f"{sum(one.get('withdraw', 0) for one in effect['platforms'].values())} withdrawals. Found: {person}, who "
            "planned it. Expected: a second person (limits: `corrections` in catalogue/department.yml)."
        )


def _check_may_roll_back(connection: sa.Connection, catalogue: Catalogue, applied: Correction, day: date) -> None:
    if applied.state == "planned" or applied.applied_on is None:
        raise CorrectionError(
            f"The {applied.name} was never applied ({applied.history}). There is nothing to roll back."
        )
    days = catalogue.department.corrections.rollback_days
    if day > applied.applied_on + timedelta(days=days):
        raise CorrectionError(
            f"The {applied.name} was {applied.history}, {(day - applied.applied_on).days} days ago. Expected: at most "
            f"{days} days (`corrections.rollback_days` in catalogue/department.yml). It stands. What it changed can be "
            "changed again: plan a new correction of those records."
        )
    for later in run(connection, "correction/applied_later", correction_id=applied.correction_id):
        if later.same_records or (later.same_batches and applied.kind == "re-judge"):
            what = f"{later.same_records} of the same records" if later.same_records else "the same verdicts"
            raise CorrectionError(
                f"The {applied.name} cannot be rolled back: correction {later.correction_id} ({later.kind}, applied on "
                f"{later.applied_on} by {later.applied_by}) has changed {what} since. Both stand. Roll back correction "
                f"{later.correction_id} first."
            )


def _is_large(catalogue: Catalogue, found: Effect) -> bool:
    limits = catalogue.department.corrections
    records = max(found.record_count, found.withdrawal_count)
    return records > limits.approve_above_records or found.withdrawal_count > limits.approve_above_withdrawals


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
