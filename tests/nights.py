"""A whole night in one process, without Airflow: the stages in their order, feed by feed and platform by platform."""

from __future__ import annotations

from datetime import date

from xinyong import stages
from xinyong.catalogue import catalogue
from xinyong.errors import PlatformError, XinyongError


def run_stages(day: date) -> bool:
    """Run a night as the DAGs would; say whether its ledger balances."""
    for feed in catalogue().feeds:
        take_in(feed, day)
    stages.aggregate(day)
    for platform in catalogue().platforms:
        bring(platform, day)
    return stages.report(day)


def take_in(feed: str, day: date) -> None:
    """Take in one feed; what goes wrong with it stays in the ledger."""
    try:
        batch_id = stages.extract(feed, day)
        stages.check(batch_id, day)
        stages.store(batch_id, day)
    except XinyongError as error:
        print(f"{feed}: {error}")
    stages.settle(feed, day)


def bring(platform: str, day: date) -> None:
    """Bring one platform to its desired state; what goes wrong with a message leaves it open."""
    for number in stages.reconcile(platform, day):
        try:
            stages.send(platform, number)
            stages.collect(platform, number)
        except PlatformError as error:
            print(f"{platform}: {error}")
    stages.settle_platform(platform, day)
