"""The acts of correction: plan on trial, apply as planned, roll back; each in one transaction of its own."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from xinyong.catalogue import catalogue
from xinyong.database import connected, run, undisturbed
from xinyong.settings import var_dir

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xinyong.correction import Correction, Outcome
    from xinyong.restatement import Standing


def plan_correction(form: Mapping[str, Any], business_date: date) -> Outcome:
    """Try what a form asks for, take it back and write the plan down."""
    from xinyong import correction
    from xinyong.correction.asking import ask

    with undisturbed([str(form.get("feed"))]) as connection:
        return correction.plan(connection, catalogue(), ask(connection, catalogue(), form), business_date)


def correction_day(given: date | None, today: date) -> date:
    """Return the day of an act of correction: the one given, or the one it is; a day to come is refused."""
    from xinyong import correction

    with connected() as connection:
        return correction.acted_on(connection, given, today)


def planned_correction(number: int | None) -> Correction:
    """Return a correction that was planned before; a number that names none is refused."""
    from xinyong import correction

    with connected() as connection:
        return correction.load(connection, number)


def apply_correction(number: int, plan_hash: str, person: str, reason: str, business_date: date) -> Outcome:
    """Carry a plan out, exactly as planned."""
    from xinyong import correction

    docs = var_dir() / "reports" / "data_docs"
    with undisturbed([planned_correction(number).feed]) as connection:
        return correction.apply(connection, catalogue(), number, plan_hash, person, reason, business_date, docs)


def roll_back_correction(
    number: int, person: str, reason: str, business_date: date, asked_by: str | None = None
) -> Outcome:
    """Take an applied correction back; `asked_by` is who wished it, where another person agreed."""
    from xinyong import correction

    docs = var_dir() / "reports" / "data_docs"
    with undisturbed([planned_correction(number).feed]) as connection:
        return correction.rollback(connection, catalogue(), number, person, reason, business_date, docs, asked_by)


def is_large_to_take_back(number: int | None) -> bool:
    """Whether taking a correction back needs a second person."""
    from xinyong import correction

    return correction.is_large_to_take_back(catalogue(), planned_correction(number))


def find_corrections(number: int | None = None, feed: str | None = None, state: str | None = None) -> list[Correction]:
    """Return one correction, or those of a feed and state."""
    from xinyong import correction
    from xinyong.correction.asking import feed_of

    if feed is not None:
        feed_of(catalogue(), feed)
    if state is not None and state not in correction.STATES:
        raise correction.CorrectionError(
            f"There is no state `{state}`. Expected one of: {', '.join(correction.STATES)}."
        )
    with connected() as connection:
        if number is not None:
            return [correction.load(connection, number)]
        return correction.corrections(connection, feed, state)


def restatements(feed: str | None = None) -> list[Standing]:
    """Return what persons restated, with what the sources say of it by now."""
    from xinyong import restatement

    with connected() as connection:
        return restatement.standing(connection, feed)


def batches(feed: str, most: int = 30) -> list[Any]:
    """Return the latest batches of a feed with what became of their rows."""
    from xinyong.correction.asking import feed_of

    feed_of(catalogue(), feed)
    with connected() as connection:
        return list(run(connection, "correction/batches", feed=feed, most=most).all())
