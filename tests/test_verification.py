"""Three states agree, or the record is named; what a platform shows by itself is found and mended by a plan."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from deliveries import a_penalty, day, execute, rows
from telling import (
    Town,
    answered,
    key_of,
    known_subject,
    platform_row,
    published,
    published_night,
    taken_in,
    told,
    town_running,
)

from xinyong import stages, verification
from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.verification import RepairError


@pytest.fixture
def town(environment, monkeypatch):
    """The city platform shows three penalties; a fourth was withdrawn."""
    with town_running(environment, monkeypatch) as running:
        known_subject()
        taken_in(day(1), [a_penalty(at) for at in range(1, 7)])
        published_night("city", day(1))
        taken_in(day(2), [a_penalty(at) for at in range(1, 6)])
        published_night("city", day(2))
        yield running


def books(town: Town, statement):
    with closing(sqlite3.connect(town.var / "sandbox" / "city.sqlite")) as opened, opened:
        opened.execute(statement)


def found(when, listed=True):
    adapter = stages.publication.adapter_of("city") if listed else None
    with connected() as connection:
        return verification.verify(connection, catalogue().platforms["city"], adapter, when)


def repaired(when):
    """Plan and apply what was found; return what became of the plan's rows."""
    with connected() as connection:
        city = catalogue().platforms["city"]
        number = verification.plan(connection, verification.verify(connection, city, adapter(), when), "林", when)
    with connected() as connection:
        return verification.apply(connection, city, number, "林", when)


def adapter():
    return stages.publication.adapter_of("city")


def named(findings):
    return [(one.finding, one.natural_key) for one in findings]


def test_after_a_night_all_states_agree_in_every_bucket(town):
    held = found(day(2))
    assert held.holds and held.drift == ()
    (bucket,) = held.buckets
    assert bucket.counts == {"desired": 5, "published": 5, "replayed": 5}
    kept = "SELECT side, record_count FROM publication.bucket_hash WHERE business_date = :when AND platform = 'city'"
    assert sorted(rows(kept, when=day(2))) == [("desired", 5), ("published", 5), ("replayed", 5)]


def test_a_platform_restored_from_an_old_backup_is_found_out_and_told_what_it_lost(town):
    """It lost one record, shows one that was withdrawn, shows one in other words, and one that nobody told it."""
    books(town, f"DELETE FROM record WHERE key = '{key_of(1)}'")
    books(town, f"UPDATE record SET state = '1' WHERE key = '{key_of(6)}'")
    books(town, f"UPDATE record SET hash = '{'0' * 64}' WHERE key = '{key_of(2)}'")
    books(town, "INSERT INTO record VALUES ('XZCF', '别家公司|别家文书|2026-11-20', 'f', '1', '{}')")
    drifted = found(day(2))
    expected = {("missing", key_of(1)), ("extra", key_of(6)), ("changed", key_of(2))}
    expected.add(("foreign", "别家公司|别家文书|2026-11-20"))
    assert set(named(drifted.drift)) == expected
    assert not drifted.holds and drifted.untrue == ()
    stages.settle_platform("city", day(2))
    row = platform_row("city", day(2))
    assert row.listing_difference == 4 and "平台上没有（回执曾确认） 1" in row.problem
    assert repaired(day(3)) == {"applied": 3}
    told_next = [("withdraw", key_of(6)), ("add", key_of(1)), ("update", key_of(2))]
    assert [(operation, key) for operation, _, key in told("city", day(3))] == told_next
    assert published_night("city", day(3)) == []
    assert named(found(day(3)).drift) == [("foreign", "别家公司|别家文书|2026-11-20")]
    states = "SELECT state, count(*) FROM publication.repair GROUP BY 1 ORDER BY 1"
    assert rows(states) == [("applied", 3), ("for_a_person", 1)]
    assert set(town.shown()) - set(published("city")) == {"别家公司|别家文书|2026-11-20"}


def test_a_former_key_that_a_platform_shows_again_is_told_away(town):
    taken_in(day(3), [a_penalty(1, cf_jdrq="2026-11-18"), *[a_penalty(at) for at in range(2, 6)]])
    assert published_night("city", day(3)) == []
    books(town, f"UPDATE record SET state = '1' WHERE key = '{key_of(1)}'")
    assert named(found(day(3)).drift) == [("extra", key_of(1))]
    assert repaired(day(3)) == {"applied": 1}
    assert told("city", day(4)) == [("withdraw", "superseded", key_of(1))]
    assert published_night("city", day(4)) == []
    assert found(day(4)).holds
    assert key_of(1) not in town.shown()


def test_a_published_state_that_was_tampered_with_is_rebuilt_from_the_messages(town):
    execute(f"DELETE FROM publication.published WHERE platform = 'city' AND natural_key = '{key_of(1)}'")
    execute(
        "UPDATE publication.published SET content_hash = sha256('x') "
        f"WHERE platform = 'city' AND natural_key = '{key_of(2)}'"
    )
    before = found(day(2), listed=False)
    assert named(before.untrue) == [("lost", key_of(1)), ("stale", key_of(2))]
    assert before.drift is None
    with connected() as connection:
        city = catalogue().platforms["city"]
        number = verification.plan(connection, verification.verify(connection, city, None, day(2)), "林", day(2))
    with connected() as connection:
        assert verification.apply(connection, city, number, "林", day(2)) == {"applied": 2}
    assert len(published("city")) == 5
    assert named(found(day(2)).drift) == []


def test_what_is_not_told_yet_is_named_and_is_no_repair(town):
    taken_in(day(3), [a_penalty(1, cf_sy="更正"), *[a_penalty(at) for at in range(2, 7)]])
    waiting = found(day(3))
    assert named(waiting.untold) == [("to_update", key_of(1)), ("to_add", key_of(6))]
    assert waiting.drift == () and waiting.findings == ()
    with pytest.raises(RepairError, match="Nothing to repair at city"), connected() as connection:
        verification.plan(connection, waiting, "林", day(3))


def test_items_without_an_answer_are_no_drift(town):
    taken_in(day(3), [a_penalty(at) for at in range(1, 7)])
    told("city", day(3))
    waiting = found(day(3))
    assert waiting.drift == () and not waiting.holds
    assert (waiting.open_items, waiting.open_messages, waiting.published_count) == (1, 1, 5)
    answered("city")
    assert named(found(day(3)).drift) == [("missing", key_of(6))]


def test_a_plan_that_was_overtaken_changes_nothing(town):
    books(town, f"DELETE FROM record WHERE key = '{key_of(1)}'")
    with connected() as connection:
        city = catalogue().platforms["city"]
        number = verification.plan(connection, verification.verify(connection, city, adapter(), day(2)), "林", day(2))
    taken_in(day(3), [a_penalty(1, cf_sy="更正"), *[a_penalty(at) for at in range(2, 6)]])
    published_night("city", day(3))
    with connected() as connection:
        assert verification.apply(connection, city, number, "林", day(3)) == {"outdated": 1}
    with pytest.raises(RepairError, match="no row that is still planned"), connected() as connection:
        verification.apply(connection, city, number, "林", day(3))


def test_a_platform_that_does_not_answer_is_said_and_ours_is_compared_all_the_same(town):
    town.city("down", times=9, on="GET /api/records")
    silent = found(day(2))
    assert silent.drift is None and "no answer" in silent.problem
    assert silent.untrue == silent.untold == ()
