"""A night in one process: the calls that the DAG files make, in the order in which their assets start them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from xinyong import stages
from xinyong.catalogue import catalogue
from xinyong.errors import XinyongError


@dataclass(frozen=True, slots=True)
class Act:
    """A part of a night that runs by itself: the intake of a feed, the aggregation, a publication, the report."""

    name: str
    run: Callable[[date], list[str]]


def acts() -> list[Act]:
    """Return the acts of a night in their order; each returns what went wrong in it."""
    found = catalogue()
    return [
        *(Act(f"intake {feed}", partial(intake, feed)) for feed in found.feeds),
        Act("aggregate", aggregate),
        *(Act(f"publish {platform}", partial(publication, platform)) for platform in found.platforms),
        Act("report", report),
    ]


def night(when: date) -> list[str]:
    """Run a whole night and return what went wrong."""
    return [problem for act in acts() for problem in act.run(when)]


def intake(feed: str, when: date) -> list[str]:
    """Bring one feed into the warehouse and settle it, whatever happened."""
    try:
        batch_id = stages.extract(feed, when)
        stages.check(batch_id, when)
        stages.store(batch_id, when)
    except XinyongError as error:
        return [str(error)]
    finally:
        stages.settle(feed, when)
    return []


def aggregate(when: date) -> list[str]:
    """Bring everything derived up to date."""
    stages.aggregate(when)
    return []


def publication(platform: str, when: date) -> list[str]:
    """Bring one platform to its desired state and settle it, whatever happened."""
    problems = []
    for number in stages.reconcile(platform, when):
        try:
            stages.send(platform, number, when)
            stages.collect(platform, number, when)
        except XinyongError as error:
            problems.append(str(error))
    stages.settle_platform(platform, when)
    return problems


def report(when: date) -> list[str]:
    """Write the ledger and say whether it balances."""
    return [] if stages.report(when) else [f"the ledger of {when} does not balance"]
