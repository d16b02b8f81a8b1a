"""A warehouse of an earlier version, with data in it, becomes today's: nothing it held is lost, and nights go on."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from deliveries import a_penalty, changed, day, hashes, rows, take_in
from telling import answered, published, told

from tests.conftest import PROJECT, TEST_KEYS
from xinyong import stages
from xinyong.catalogue import catalogue
from xinyong.database import connected, migrate

FIXTURES = PROJECT / "tests" / "fixtures"
FROZEN = "warehouse_0003"  # made by freeze_warehouse.py beside it
FEED = "enforcement_penalty"


@pytest.fixture
def upgraded(empty_database_url, migrated_database, monkeypatch, tmp_path):
    """A warehouse that an earlier version left, brought to today's structure; `migrated_database` made the roles."""
    monkeypatch.setenv("XINYONG_DATABASE_URL", empty_database_url)
    monkeypatch.setenv("XINYONG_VAR", str(tmp_path))
    for name, key in TEST_KEYS.items():
        monkeypatch.setenv(name, key)
    with connected() as connection:
        connection.connection.cursor().execute((FIXTURES / f"{FROZEN}.sql").read_text("utf-8"))
    migrate(empty_database_url)
    return json.loads((FIXTURES / f"{FROZEN}.json").read_text("utf-8"))


def test_what_was_stored_and_published_keeps_its_hashes(upgraded, empty_database_url):
    found = hashes()
    assert {name: found[name] for name in upgraded} == upgraded
    before = structure()
    migrate(empty_database_url)
    assert (hashes(), structure()) == (found, before), "and migrating once more changes nothing"


def structure():
    return rows(
        "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema IN ('landing', 'quality', 'warehouse', 'publication', 'operation') ORDER BY 1, 2, 3"
    )


def test_the_next_night_goes_on_where_the_old_version_stopped(upgraded):
    bounds = catalogue().feeds[FEED].bounds.model_copy(update={"max_deletions_percent": 50})
    delivered = [
        a_penalty(1, cf_sy="更正后的事由"),
        a_penalty(2, cf_sy="再次更正"),
        a_penalty(4),
        a_penalty(5),
        a_penalty(7),
    ]
    take_in(FEED, day(3), delivered, changed(FEED, bounds=bounds))
    stages.settle(FEED, day(3))
    stages.aggregate(day(3))
    keys = {platform: set(published(platform)) for platform in ("city", "portal")}
    operations = {platform: {operation: key for operation, _, key in told(platform, day(3))} for platform in keys}
    for platform in keys:
        assert {"add", "update", "withdraw"} == operations[platform].keys()
        answered(platform)
        stages_agree(platform)
    row = next(row for row in stages.read_ledger(day(3)).feeds if row.feed == FEED)
    assert (row.received, row.accepted, row.unchanged, row.ended, row.balances) == (5, 2, 3, 1, True)


def stages_agree(platform):
    """What is published is what is desired: telling once more tells nothing."""
    before = set(published(platform))
    assert told(platform, day(4)) == []
    assert set(published(platform)) == before


def test_the_frozen_warehouse_is_that_of_the_migration_it_is_named_after(empty_database_url, migrated_database):
    with connected(empty_database_url) as connection:
        connection.connection.cursor().execute((FIXTURES / f"{FROZEN}.sql").read_text("utf-8"))
        found = connection.execute(sa.text("SELECT version_num FROM public.xinyong_migration")).scalar_one()
    assert found == "0003"
