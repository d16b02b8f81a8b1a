"""Retention: what is old goes with its table, what something needs stays, and what is gone is never taken for empty."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from deliveries import a_penalty, changed, day, landed, take_in

from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.errors import WarehouseError
from xinyong.hashes import set_hashes
from xinyong.retention import drop_outlived, outlived
from xinyong.stages import known_at
from xinyong.staging import stage

FEED = "enforcement_penalty"
KEPT = changed(FEED, retention_days=90)
LATER = day(3) + timedelta(days=91)


def hashes():
    with connected() as connection:
        return set_hashes(connection, catalogue())


def dropped(on):
    with connected() as connection:
        return [old.batch_id for old in drop_outlived(connection, KEPT, on)]


def landed_batches():
    with connected() as connection:
        return set(connection.scalars(sa.text(f"SELECT DISTINCT batch_id FROM landing.{FEED}")))


def test_what_is_older_than_the_feed_keeps_goes_and_history_stays(environment):
    first, second, third = (take_in(FEED, day(at), [a_penalty(1, cf_sy=f"第{at}次")]) for at in (1, 2, 3))
    before = hashes()
    assert dropped(day(2) + timedelta(days=90)) == [first]
    assert landed_batches() == {second, third} and hashes() == before
    assert dropped(day(2) + timedelta(days=90)) == []


def test_the_latest_stored_batch_stays_however_old_it_is(environment):
    only = take_in(FEED, day(1), [a_penalty(1)])
    unfinished = landed(FEED, day(2), [a_penalty(2)])
    assert dropped(LATER + timedelta(days=3650)) == [] and landed_batches() == {only, unfinished}


def test_a_batch_with_a_row_in_quarantine_stays(environment):
    waiting = take_in(FEED, day(1), [a_penalty(1), a_penalty(2, cf_sy=None)])
    second = take_in(FEED, day(2), [a_penalty(1, cf_sy="第二次"), a_penalty(2, cf_sy=None)])
    take_in(FEED, day(3), [a_penalty(1, cf_sy="第三次"), a_penalty(2, cf_sy=None)])
    assert dropped(LATER) == [second] and waiting in landed_batches()


def test_a_feed_that_declares_nothing_keeps_everything(environment):
    for at in (1, 2, 3):
        take_in(FEED, day(at), [a_penalty(1, cf_sy=f"第{at}次")])
    forever = changed(FEED, retention_days=None)
    with connected() as connection:
        assert outlived(connection, forever, LATER + timedelta(days=3650)) == []


def test_a_dropped_batch_is_refused_and_not_taken_for_an_empty_one(environment):
    first = take_in(FEED, day(1), [a_penalty(1)])
    take_in(FEED, day(2), [a_penalty(1, cf_sy="第二次")])
    assert dropped(LATER) == [first]
    feed = catalogue().feeds[FEED]
    with pytest.raises(WarehouseError, match=f"Batch {first} .* dropped on {LATER}"), connected() as connection:
        stage(connection, feed, catalogue().records[feed.record_type], first, known_at(day(1)))
