"""The ledger balances only when it is true, and says what does not fit."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from deliveries import a_penalty, connected, day, execute, landed, take_in
from rich.console import Console
from telling import answered, key_of, platform_row, taken_in, told

from xinyong import report, stages
from xinyong.catalogue import catalogue
from xinyong.database import run
from xinyong.errors import PlatformUnavailable
from xinyong.settings import var_dir

FEED = "enforcement_penalty"


class Lists:
    """A platform that lists what it was given, or cannot be reached."""

    def __init__(self, shown):
        self.shown = shown

    def listing(self, record_type):
        if isinstance(self.shown, Exception):
            raise self.shown
        return self.shown.get(record_type) if self.shown is not None else None


def settled(platform, when, shown=None):
    with connected() as connection:
        report.settle_platform(connection, catalogue().platforms[platform], Lists(shown), when)
    return platform_row(platform, when)


def unexplained(platform, when):
    with connected() as connection:
        return report.unexplained(connection, catalogue().platforms[platform], when)


@pytest.fixture
def told_city(environment):
    """Three penalties; the city platform took two of them and rejected one."""
    taken_in(day(1), [a_penalty(at) for at in (1, 2, 3)])
    told("city", day(1))
    answered("city", "rejected", "2", only=key_of(3))
    answered("city")


def test_a_platform_balances_when_what_it_answered_for_is_what_is_desired(told_city):
    row = settled("city", day(1))
    assert (row.items, row.accepted, row.rejected, row.open, row.standing_rejections) == (3, 2, 1, 0, 1)
    assert (row.desired_count, row.published_count) == (2, 2)
    assert row.balances
    assert unexplained("city", day(1)) == []


@pytest.mark.parametrize(
    ("damage", "operation", "number"),
    [
        ("DELETE FROM publication.published WHERE natural_key LIKE '%〕1号%'", "add", 1),
        ("UPDATE publication.published SET content_hash = sha256('x') WHERE natural_key LIKE '%〕2号%'", "update", 2),
        ("UPDATE warehouse.penalty SET ending = 'revoked' WHERE cf_wsh LIKE '%〕1号%'", "withdraw", 1),
    ],
    ids=["a record is missing", "a content differs", "a record is too much"],
)
def test_a_published_state_that_is_not_the_desired_one_is_noticed_and_named(told_city, damage, operation, number):
    execute(damage)
    row = settled("city", day(1))
    assert row.desired_hash != row.published_hash
    assert not row.balances
    (named,) = unexplained("city", day(1))
    assert named.startswith(f"{operation} penalty {key_of(number)}")


def test_open_items_are_counted_apart_and_do_not_unbalance(environment):
    taken_in(day(1), [a_penalty(1)])
    told("city", day(1))
    row = settled("city", day(1))
    assert (row.open, row.desired_count, row.balances) == (1, 0, True)


def test_a_night_keeps_what_was_compared_then_once_a_later_one_was_told(told_city):
    """What comes late to it is counted among its items; the latest night is renewed as often as it is settled."""
    first = settled("city", day(1))
    taken_in(day(2), [a_penalty(at) for at in (1, 2, 3, 4)])
    told("city", day(2))
    answered("city")
    latest = settled("city", day(2))
    assert (latest.desired_count, latest.published_count) == (3, 3)
    assert settled("city", day(1), {"penalty": {}}) == first
    taken_in(day(3), [a_penalty(at) for at in (1, 2, 3, 4, 5)])
    told("city", day(1))
    answered("city")
    late = settled("city", day(1))
    assert (late.message_count, late.items, late.accepted) == (2, 4, 3)
    assert (late.desired_count, late.published_hash) == (first.desired_count, first.published_hash)
    assert settled("city", day(2)).published_count == 4
    execute("UPDATE publication.platform_ledger SET desired_hash = 'x' WHERE business_date = '2026-11-24'")
    assert settled("city", day(1)).balances, "what did not balance is compared anew"


def test_the_platforms_own_listing_is_compared_where_it_offers_one(told_city):
    assert settled("city", day(1)).listing_difference is None
    with connected() as connection:
        rows = run(connection, "publication/published_keys", platform="city", record_type="penalty").all()
    shown = {row.natural_key: row.content_hash for row in rows}
    assert settled("city", day(1), {"penalty": shown, "licence": {}}).listing_difference == 0
    ghost = {"penalty": shown | {"幽灵": "00", rows[0].natural_key: "00"}}
    row = settled("city", day(1), ghost)
    said = "2 records differ from the platform's listing: 平台上的内容被改动 1；平台上多出（非我方报送） 1. "
    assert (row.listing_difference, row.problem) == (2, f"{said}`xinyong verify city` names them")
    unreachable = settled("city", day(1), PlatformUnavailable("city: no answer"))
    assert (unreachable.listing_difference, unreachable.problem) == (None, "city: no answer")


def test_a_feed_row_explains_every_row_received(environment):
    take_in(FEED, day(1), [a_penalty(1), a_penalty(1), a_penalty(2, cf_sy=None)])
    assert stages.settle(FEED, day(1)) == "stored"
    row = stages.read_ledger(day(1)).feeds[0]
    assert (row.received, row.accepted, row.duplicate, row.quarantined, row.open_quarantine) == (3, 1, 1, 1, 1)
    assert row.balances


def test_the_same_delivery_again_is_unchanged_and_explained_too(environment):
    rows = [a_penalty(1), a_penalty(1), a_penalty(2, cf_sy=None)]
    take_in(FEED, day(1), rows)
    take_in(FEED, day(2), rows)
    assert stages.settle(FEED, day(2)) == "unchanged"
    row = stages.read_ledger(day(2)).feeds[0]
    assert (row.received, row.accepted, row.unchanged, row.duplicate, row.quarantined) == (3, 0, 1, 1, 1)


def test_a_feed_that_stopped_half_way_does_not_balance(environment):
    landed(FEED, day(1), [a_penalty(1)])
    assert stages.settle(FEED, day(1)) == "incomplete"
    assert not stages.read_ledger(day(1)).feeds[0].balances


def test_a_feed_without_any_intake_is_unavailable(environment):
    assert stages.settle(FEED, day(1)) == "unavailable"
    assert stages.read_ledger(day(1)).feeds[0].received == 0


def test_the_counts_of_later_nights_follow_when_a_batch_comes_late(environment):
    take_in(FEED, day(3), [a_penalty(1), a_penalty(2)])
    stages.settle(FEED, day(3))
    assert stages.read_ledger(day(3)).feeds[0].accepted == 2
    take_in(FEED, day(2), [a_penalty(1)])
    stages.settle(FEED, day(2))
    later = stages.read_ledger(day(3)).feeds[0]
    assert (later.accepted, later.unchanged) == (1, 1)


def test_a_ledger_without_every_row_names_what_is_missing_and_does_not_balance(environment):
    take_in(FEED, day(1), [a_penalty(1)])
    stages.settle(FEED, day(1))
    found = stages.read_ledger(day(1))
    assert set(found.missing) == {*catalogue().feeds, *catalogue().platforms} - {FEED}
    assert not found.balances
    assert any("city: no row" in line for line in report.attention(found))


def test_the_report_is_written_as_data_and_as_a_page_that_escapes_what_it_shows(told_city):
    execute("UPDATE operation.intake SET problem = '<script>alert(1)</script>'")
    stages.settle(FEED, day(1))
    settled("city", day(1))
    assert stages.report(day(1)) is False
    folder = var_dir() / "reports" / "2026-11-24"
    data = json.loads((folder / "ledger.json").read_text("utf-8"))
    assert data["business_date"] == "2026-11-24"
    assert [row["feed"] for row in data["feeds"]] == [FEED]
    page = (folder / "index.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_the_table_for_the_terminal_shows_outcome_numbers_and_what_needs_attention(told_city):
    stages.settle(FEED, day(1))
    settled("city", day(1))
    console = Console(width=200, record=True, file=StringIO())
    console.print(stages.ledger_table(day(1)))
    text = console.export_text()
    for part in (FEED, "stored", "city", "✓", "portal: no row in the ledger"):
        assert part in text
