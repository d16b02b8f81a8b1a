"""
What a person may do alone, and when: the order of acts, the days of a rollback, the size above which two must agree.

Dates are parameters here like everywhere. But no act lies before the one on which it rests, and the days in which a
correction may be taken back are counted up to the latest night at least, whatever day is given.
"""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from xinyong.catalogue import Catalogue
from xinyong.correction.effect import Effect
from xinyong.correction.plans import Correction, CorrectionError
from xinyong.database import run


def _by_now(connection: sa.Connection, day: date) -> date:
    """Return a day, or the one on which the latest night was read, where that is later."""
    after: date | None = run(connection, "correction/day_after_nights").scalar_one()
    return max(day, after or day)


def acted_on(connection: sa.Connection, given: date | None, today: date) -> date:
    """
    Return the day of an act: the one given, or the one it is; a day still to come is refused.

    Where nights are ahead of today, as in a sandbox, it is the day after the latest of them.
    """
    latest = _by_now(connection, today)
    if given and given > latest:
        raise CorrectionError(
            f"The day of this act is still to come. Found: {given}. Expected: a day up to {latest}. Nothing has "
            "changed; leave the date out for today."
        )
    return given or latest


def check_may_apply(planned: Correction, given_hash: str, person: str, day: date) -> None:
    """Refuse what is no plan any more, another plan than was seen, and a large one by whom it was planned."""
    if planned.state == "rolled_back":
        raise CorrectionError(
            f"The {planned.name} was {planned.history}. Expected: a plan. It is not applied twice; plan it again."
        )
    if day < planned.planned_on:
        raise CorrectionError(_before(planned, "applied", day, planned.planned_on))
    if len(given_hash) < 8 or not planned.plan_hash.startswith(given_hash):
        raise CorrectionError(
            f"The plan of {planned.name} has another hash. Found: `{given_hash}`. Expected: `{planned.plan_hash}`, "
            f"which `xinyong correct show {planned.correction_id}` prints below what it would do. Nothing has changed."
        )
    if planned.needs_approval and person.strip() == planned.planned_by:
        withdrawals = sum(one.get("withdraw", 0) for one in planned.effect["platforms"].values())
        raise CorrectionError(_too_large(planned, withdrawals, f"{person}, who planned it"))


def check_may_roll_back(connection: sa.Connection, catalogue: Catalogue, applied: Correction, day: date) -> None:
    """Refuse what was never applied, was applied too long ago, or has a later correction resting on it."""
    if applied.state == "planned" or applied.applied_on is None:
        raise CorrectionError(
            f"The {applied.name} was never applied ({applied.history}). There is nothing to roll back."
        )
    if day < applied.applied_on:
        raise CorrectionError(_before(applied, "taken back", day, applied.applied_on))
    days, by_now = catalogue.department.corrections.rollback_days, _by_now(connection, day)
    if by_now > applied.applied_on + timedelta(days=days):
        raise CorrectionError(
            f"The {applied.name} was {applied.history}, {(by_now - applied.applied_on).days} days before {by_now}. "
            f"Expected: at most {days} days (`corrections.rollback_days` in catalogue/department.yml). It stands. What "
            "it changed can be changed again: plan a new correction of those records."
        )
    _check_later(connection, applied)


def _check_later(connection: sa.Connection, applied: Correction) -> None:
    for later in run(connection, "correction/applied_later", correction_id=applied.correction_id):
        if later.same_records or (later.same_batches and applied.kind == "re-judge"):
            what = f"{later.same_records} of the same records" if later.same_records else "the same verdicts"
            raise CorrectionError(
                f"The {applied.name} cannot be rolled back: correction {later.correction_id} ({later.kind}, applied on "
                f"{later.applied_on} by {later.applied_by}) has changed {what} since. Both stand. Roll back correction "
                f"{later.correction_id} first."
            )


def check_second_person(catalogue: Catalogue, applied: Correction, person: str, asked_by: str | None) -> None:
    """Refuse that one person takes a large correction back alone."""
    if is_large_to_take_back(catalogue, applied) and person.strip() == (asked_by or applied.applied_by or "").strip():
        did = "asked for it" if asked_by else "applied it"
        raise CorrectionError(_too_large(applied, _appearing(applied), f"{person}, who {did}, and would take it back"))


def is_large(catalogue: Catalogue, found: Effect) -> bool:
    """Whether applying a plan needs a second person."""
    limits = catalogue.department.corrections
    records = max(found.record_count, found.withdrawal_count)
    return records > limits.approve_above_records or found.withdrawal_count > limits.approve_above_withdrawals


def is_large_to_take_back(catalogue: Catalogue, applied: Correction) -> bool:
    """Whether taking a correction back needs a second person: applying did, or what it let appear disappears again."""
    return applied.needs_approval or _appearing(applied) > catalogue.department.corrections.approve_above_withdrawals


def _appearing(applied: Correction) -> int:
    """Count what a correction let appear on the platforms, which taking it back withdraws."""
    told = applied.effect["platforms"].values()
    return sum(count for one in told for operation, count in one.items() if operation in ("add", "restore"))


def _before(correction: Correction, what: str, day: date, earliest: date) -> str:
    """Say that an act would lie before the one on which it rests."""
    return (
        f"The {correction.name} was {correction.history}. Found: {day}, on which it would be {what}. Expected: "
        f"{earliest} or a later day. Nothing has changed; give the day on which this is done, or leave it out."
    )


def _too_large(correction: Correction, withdrawals: int, found: str) -> str:
    """Say that one person may not do this alone."""
    records = sum(correction.effect["records"].values())
    return (
        f"The {correction.name} is large: {records} records, {withdrawals} withdrawals. Found: {found}. Expected: a "
        "second person (limits: `corrections` in catalogue/department.yml)."
    )
