"""Whole nights in one process: every feed, the real rules, the three platforms over real sockets and folders."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from deliveries import rows

from sandbox.systems import Setting, running, signing_key
from sandbox.world import World
from tests.conftest import TEST_KEYS, fresh_database
from xinyong import stages
from xinyong.acts import Act
from xinyong.catalogue import catalogue
from xinyong.errors import XinyongError
from xinyong.report import Ledger


@dataclass(frozen=True)
class Night:
    """What a night left behind, read before the next one changes it."""

    ledger: Ledger
    planted: set[tuple[str, str, str]]
    found: set[tuple[str, str, str]]
    told: dict[str, list[tuple[str, str | None]]]
    kinds: dict[str, list[str]]
    problems: dict[str, str]
    hashes: dict[str, str]

    def feed(self, name):
        return next(row for row in self.ledger.feeds if row.feed == name)

    def platform(self, name):
        return next(row for row in self.ledger.platforms if row.platform == name)


@contextmanager
def world_running(postgres, migrated_database, var: Path, records=1000, registry=None):
    """Run a world with a warehouse of its own; yield what prepares a date and runs its night."""
    with pytest.MonkeyPatch.context() as patch:
        for url, enforcement_url in zip(
            fresh_database(postgres, migrated_database), fresh_database(postgres, None), strict=True
        ):
            settings = {"XINYONG_VAR": str(var), "XINYONG_DATABASE_URL": url, **TEST_KEYS}
            key = signing_key(TEST_KEYS["XINYONG_SIGNING_KEY"])
            with running(Setting(var, enforcement_url, key)) as connections:
                for name, value in (settings | connections).items():
                    patch.setenv(name, value)
                yield World(records=records, registry=registry, var=var, enforcement_url=enforcement_url)


def night(world: World, when: date) -> Night:
    """Prepare a date, let persons decide what the story says, and run the whole night."""
    world.prepare(when)
    decided(world, when)
    problems = {feed: problem for feed in catalogue().feeds if (problem := intake(feed, when))}
    stages.aggregate(when)
    for platform in catalogue().platforms:
        if wrong := publication(platform, when):
            problems[platform] = "; ".join(wrong)
    stages.report(when)
    written_down = planted(world, when)
    return Night(
        ledger=stages.read_ledger(when),
        planted=written_down,
        found={finding for feed in catalogue().feeds for finding in found(feed, when)} - following_from(written_down),
        told={platform: told(platform, when) for platform in catalogue().platforms},
        kinds={platform: kinds(platform, when) for platform in catalogue().platforms},
        problems=problems,
        hashes=stages.set_hashes(),
    )


def decided(world: World, when: date) -> None:
    """Record what persons of the department decide on a date."""
    for one in world.acts(when):
        known = (one.person, one.basis, one.document_number, one.on, one.reason)
        stages.record_act(Act(one.kind, one.document, *known), when)


def intake(feed, when) -> str | None:
    """Bring one feed into the warehouse, settle it whatever happened, and return what went wrong."""
    try:
        batch_id = stages.extract(feed, when)
        stages.check(batch_id, when)
        stages.store(batch_id, when)
    except XinyongError as error:
        return str(error)
    finally:
        stages.settle(feed, when)
    return None


def publication(platform, when) -> list[str]:
    """Bring one platform to its desired state and return what went wrong."""
    problems = []
    for number in stages.reconcile(platform, when):
        try:
            stages.send(platform, number)
            stages.collect(platform, number)
        except XinyongError as error:
            problems.append(str(error))
    stages.settle_platform(platform, when)
    return problems


def planted(world, when):
    """Return what the sandbox wrote down: its defects, and the records whose subject or its name the base lacks."""
    kinds = {name: catalogue().records[feed.record_type].prefix for name, feed in catalogue().feeds.items()}
    defects, unlinked, renamed = (
        json.loads((world.folder / f"{name}_{when}.json").read_text("utf-8"))
        for name in ("planted", "unlinked", "renamed")
    )
    return {(one["feed"], one["source_key"], one["rule"]) for one in defects} | {
        (one["feed"], one["source_key"], f"{kinds[one['feed']]}-{rule}")
        for rule, ones in (("R30", unlinked), ("R30-NAME", renamed))
        for one in ones
    }


def following_from(defects):
    """Return what a planted defect brings with it: a misspelt code or name is in no registration base either."""
    brought = {"-R06": "-R30", "-R31-CF_XDR_MC-PAIRS": "-R30-NAME", "-R31-XK_XDR_MC-PAIRS": "-R30-NAME"}
    return {
        (feed, key, rule.removesuffix(end) + other)
        for feed, key, rule in defects
        for end, other in brought.items()
        if rule.endswith(end)
    }


def found(feed, when):
    query = (
        "SELECT coalesce(staged.source_id, staged.row_number::text), violation.rule_code "
        "FROM operation.intake AS intake "
        f"JOIN quality.staged_{feed} AS staged USING (batch_id) JOIN quality.violation AS violation "
        "USING (batch_id, row_number) WHERE intake.feed = :feed AND intake.business_date = :when"
    )
    return {(feed, key, rule) for key, rule in rows(query, feed=feed, when=when)}


def told(platform, when):
    query = (
        "SELECT item.operation, item.reason FROM publication.item AS item JOIN publication.message AS message "
        "USING (platform, number) WHERE platform = :platform AND business_date = :when ORDER BY number, position"
    )
    return rows(query, platform=platform, when=when)


def kinds(platform, when):
    query = "SELECT kind FROM publication.message WHERE platform = :platform AND business_date = :when ORDER BY number"
    return [kind for (kind,) in rows(query, platform=platform, when=when)]
