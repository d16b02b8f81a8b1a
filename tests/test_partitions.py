"""Partitions: what lies where, and a database that was filled before there were any."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from deliveries import a_penalty, day, landed, take_in

from xinyong.catalogue import catalogue
from xinyong.database import connected, migrate
from xinyong.errors import SettingsError
from xinyong.settings import PROJECT, history_partitions
from xinyong.tables import differences, metadata

FEED = "enforcement_penalty"


def rows(statement, **values):
    with connected() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement), values)]


def parts_of(whole):
    found = rows(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = cast(:whole AS regclass)", whole=whole
    )
    return {name for (name,) in found}


def test_a_batch_lies_in_a_table_of_its_own_and_is_read_through_its_feeds_table(environment):
    batch_id = landed(FEED, day(1), [a_penalty(1), a_penalty(2)])
    assert parts_of(f"landing.{FEED}") == {f"storage.landed_{FEED}_{batch_id}"}
    assert rows(f"SELECT count(*) FROM landing.{FEED} WHERE batch_id = :at", at=batch_id) == [(2,)]


def test_the_same_content_again_leaves_no_table_behind(environment):
    first = take_in(FEED, day(1), [a_penalty(1)])
    again = landed(FEED, day(2), [a_penalty(1)])
    assert again == first and parts_of(f"landing.{FEED}") == {f"storage.landed_{FEED}_{first}"}


def test_history_is_divided_by_record_and_keeps_its_key(environment):
    take_in(FEED, day(1), [a_penalty(at) for at in range(40)])
    assert len(parts_of("warehouse.penalty")) == history_partitions()
    assert len(rows("SELECT DISTINCT tableoid FROM warehouse.penalty")) == history_partitions()
    with connected() as connection:
        key = sa.inspect(connection).get_pk_constraint("penalty", "warehouse")
    assert key["constrained_columns"] == ["record_id", "batch_id"]


def test_readers_do_not_wait_for_a_batch_that_is_landing(environment):
    take_in(FEED, day(1), [a_penalty(1)])
    with connected() as reading:
        reading.execute(sa.text(f"SELECT count(*) FROM landing.{FEED}"))  # its lock stays until the transaction ends
        landed(FEED, day(2), [a_penalty(2)])
    assert rows(f"SELECT count(*) FROM landing.{FEED}") == [(2,)]


@pytest.mark.proofs
def test_tables_filled_before_the_division_keep_their_rows_and_hashes(monkeypatch, environment, empty_database_url):
    filled = take_in(FEED, day(1), [a_penalty(at) for at in range(10)])
    kept = "SELECT md5(string_agg(version::text, '|' ORDER BY record_id)) FROM warehouse.penalty AS version"
    received = f"SELECT md5(string_agg(row::text, '|' ORDER BY row_number)) FROM landing.{FEED} AS row"
    before = rows(kept) + rows(received)
    content = {name: rows(f"SELECT * FROM {name}") for name in ("warehouse.penalty", f"landing.{FEED}")}
    monkeypatch.setenv("XINYONG_DATABASE_URL", empty_database_url)
    _undivided(empty_database_url, content)
    migrate(empty_database_url)
    assert rows(kept) + rows(received) == before
    assert parts_of(f"landing.{FEED}") == {f"storage.landed_{FEED}_{filled}"}
    assert len(parts_of("warehouse.penalty")) == history_partitions()
    with connected() as connection:
        assert differences(connection, catalogue()) == []


def _undivided(url, content):
    """Bring a database to the step before the division and fill tables that nothing divides."""
    config = Config()
    config.set_main_option("script_location", str(PROJECT / "plugins" / "xinyong" / "migrations"))
    with connected(url) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
        for name, filled in content.items():
            table = metadata(catalogue()).tables[name]
            table.dialect_options["postgresql"]["partition_by"] = None
            if "unknown_columns" in table.columns:
                table.columns["unknown_columns"].type.none_as_null = True
            table.create(connection)
            connection.execute(sa.insert(table), [dict(zip(table.columns.keys(), row, strict=True)) for row in filled])


@pytest.mark.parametrize("written", ["0", "65", "many"])
def test_a_number_of_partitions_that_makes_no_sense_is_refused(monkeypatch, written):
    monkeypatch.setenv("XINYONG_HISTORY_PARTITIONS", written)
    with pytest.raises(SettingsError, match="number from 1 to 64"):
        history_partitions()
