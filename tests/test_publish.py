"""Nothing is sent blind: a platform that breaks down in the middle is asked before it is told again."""

from __future__ import annotations

from datetime import date

import pytest
from deliveries import a_penalty, connected, day, rows
from proofs import as_proofs
from telling import (
    Town,
    declared,
    key_of,
    known_subject,
    messages,
    platform_row,
    published,
    published_night,
    taken_in,
    town_running,
)

from xinyong import publish, stages
from xinyong.database import engine
from xinyong.errors import MessageRefused, PlatformUnavailable


@pytest.fixture
def town(environment, monkeypatch):
    """The platforms, and three penalties that the warehouse holds."""
    with town_running(environment, monkeypatch) as running:
        known_subject()
        taken_in(day(1), [a_penalty(at) for at in (1, 2, 3)])
        yield running


ALL = [key_of(at) for at in (1, 2, 3)]


def test_a_message_reaches_every_platform_and_each_record_is_there_once(town: Town):
    for platform in ("city", "national", "portal"):
        assert published_night(platform, day(1)) == []
        assert published(platform) == ALL
        assert platform_row(platform, day(1)).balances
    assert town.shown() == ALL


@pytest.mark.parametrize("habit", ["loses_answer", "broken_json"])
def test_a_platform_that_takes_a_message_and_loses_the_answer_is_asked_by_its_key(town: Town, habit):
    town.city(habit)
    (number,) = stages.reconcile("city", day(1))
    with pytest.raises(PlatformUnavailable, match="asked for before it is sent again"):
        stages.send("city", number)
    assert messages("city")[0][-1] == "unknown"
    stages.send("city", number)
    assert messages("city")[0][-1] == "answered"
    assert (town.shown(), len(town.batches())) == (ALL, 1)


@pytest.mark.parametrize("habit", ["html", *as_proofs("down", "error_500", "maintenance_503")])
def test_a_platform_that_is_down_gets_the_same_message_later(town: Town, habit):
    town.city(habit)
    assert len(published_night("city", day(1))) == 1
    assert messages("city")[0][-1] == "unknown"
    assert town.shown() == []
    assert platform_row("city", day(1)).open == 3
    assert published_night("city", day(2)) == []
    assert town.shown() == ALL
    assert [key[:17] for key in town.batches()] == ["city-2026-11-24-1", "city-2026-11-25-2"]


def test_the_ledger_of_an_earlier_night_learns_what_became_of_its_open_items(town: Town):
    town.city("down")
    published_night("city", day(1))
    before = platform_row("city", day(1))
    assert (before.open, before.accepted) == (3, 0)
    published_night("city", day(2))
    after = platform_row("city", day(1))
    assert (after.items, after.open, after.accepted) == (3, 0, 3)
    assert (after.desired_hash, after.published_hash) == (before.desired_hash, before.published_hash)


@pytest.mark.proofs
def test_a_platform_that_takes_half_and_says_nothing_about_the_rest_is_asked_record_by_record(town: Town):
    town.city("accepts_half")
    with declared("city", wait_seconds=0):
        assert published_night("city", day(1)) == []
    row = platform_row("city", day(1))
    assert (row.accepted, row.rejected, row.open) == (1, 2, 0)
    assert published_night("city", day(2)) == []
    assert town.shown() == ALL


def test_a_token_that_is_forgotten_in_the_middle_is_renewed(town: Town):
    town.city("forgets_token")
    assert published_night("city", day(1)) == []
    assert town.shown() == ALL


def test_sending_and_collecting_again_change_nothing(town: Town):
    published_night("city", day(1))
    before = rows("SELECT * FROM publication.item"), rows("SELECT * FROM publication.message"), town.batches()
    stages.send("city", 1)
    stages.collect("city", 1)
    stages.settle_platform("city", day(1))
    assert (rows("SELECT * FROM publication.item"), rows("SELECT * FROM publication.message"), town.batches()) == before


class Killed(BaseException):
    """The process ends here."""


class Dying:
    """An adapter in a process that is killed right after, or right before, the platform has taken the message."""

    def __init__(self, adapter, before):
        self.adapter, self.before = adapter, before

    def send(self, message):
        if not self.before:
            self.adapter.send(message)
        raise Killed

    def ask(self, message):
        return self.adapter.ask(message)


@pytest.mark.parametrize("platform", ["city", *as_proofs("national", "portal")])
@pytest.mark.parametrize("before", [True, False], ids=["before the platform took it", "after the platform took it"])
def test_a_process_killed_while_it_sends_leaves_one_effect(town: Town, platform, before):
    (number,) = stages.reconcile(platform, day(1))
    with pytest.raises(Killed):
        publish.send(engine(), Dying(stages.publication.adapter_of(platform), before), platform, number)
    assert messages(platform)[0][-1] == "unknown", "whoever comes next knows that it must ask"
    assert published_night(platform, day(1)) == []
    assert published(platform) == ALL
    assert platform_row(platform, day(1)).balances


def test_a_message_refused_as_a_whole_is_rejected_item_by_item_with_the_reason(town: Town, monkeypatch):
    (number,) = stages.reconcile("city", day(1))
    monkeypatch.setenv("XINYONG_SIGNING_KEY", "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=")
    with pytest.raises(MessageRefused, match="HTTP 403"):
        stages.send("city", number)
    assert messages("city")[0][-1] == "refused"
    states = rows("SELECT DISTINCT state, error_code FROM publication.item")
    assert states == [("rejected", "message_refused")]
    stages.send("city", number)
    assert town.batches() == []


def test_the_quiet_day_is_told_to_every_platform(town: Town):
    for platform in ("city", "national", "portal"):
        published_night(platform, day(1))
        assert published_night(platform, day(2)) == []
        assert messages(platform)[-1][2:] == ("nothing_to_report", 0, "answered")


def test_years_later_exactly_the_due_records_have_left_every_platform(town: Town):
    taken_in(day(2), [*[a_penalty(at) for at in (1, 2, 3)], a_penalty(4, cf_cflb="吊销许可证件", cf_nr_zkdx="证1")])
    for platform in ("city", "portal"):
        published_night(platform, day(2))
        assert len(published(platform)) == 4
        a_year_later = date(2027, 11, 20)
        assert published_night(platform, a_year_later) == []
        assert published(platform) == [key_of(4)]
        told = "SELECT natural_key, reason FROM publication.item WHERE platform = :platform AND operation = 'withdraw'"
        assert sorted(rows(told, platform=platform)) == [(key, "expired") for key in ALL]
        assert published_night(platform, date(2029, 11, 20)) == []
        assert published(platform) == []
    assert town.shown() == []


def test_a_message_carries_its_items_in_their_order(town: Town):
    stages.reconcile("city", day(1))
    with connected() as connection:
        message, state = publish.load(connection, "city", 1)
    assert (state, [item.natural_key for item in message.items]) == ("written", ALL)
    assert message.idempotency_key.startswith("city-2026-11-24-1-")


def test_many_messages_go_as_many_at_once_as_the_platform_allows(town: Town):
    taken_in(day(2), [a_penalty(at) for at in range(1, 21)])
    with declared("city", batch_size=2, calls_at_once=4):
        assert stages.publication.publish("city", day(2)).is_answered
    assert len(town.shown()) == 20
    assert {state for *_, state in messages("city")} == {"answered"}
    assert platform_row("city", day(2)).balances
    assert stages.publication.publish("city", day(2)).is_answered
    assert len(town.batches()) == 10


@pytest.mark.proofs
def test_many_messages_stop_early_at_a_platform_that_is_down_and_go_on_where_they_were(town: Town):
    taken_in(day(2), [a_penalty(at) for at in range(1, 21)])
    town.city("down", times=2)
    with declared("city", batch_size=2, calls_at_once=2):
        problems = stages.publication.publish("city", day(2)).problems
        assert len(problems) == 2 and "gave no usable answer" in problems[0]
        assert platform_row("city", day(2)).open == 20
        assert stages.publication.publish("city", day(3)).is_answered
    assert (len(town.shown()), len(town.batches())) == (20, 11)
    assert rows("SELECT DISTINCT answered_on FROM publication.item") == [(day(3),)]


def test_a_busy_platform_gets_the_pause_it_asks_for(town: Town):
    town.city("busy_429", times=2)
    assert published_night("city", day(1)) == []
    assert (town.shown(), len(town.batches())) == (ALL, 1)


@pytest.mark.proofs
def test_a_key_that_is_refused_as_used_is_settled_record_by_record(town: Town):
    """The records are told anew, in a message with another key, and are there once."""
    town.city("refuses_key")
    assert published_night("city", day(1)) == []
    assert rows("SELECT DISTINCT state, error_code FROM publication.item") == [("rejected", "absent")]
    assert published_night("city", day(2)) == []
    assert (town.shown(), published("city")) == (ALL, ALL)
    town.city("refuses_key")
    taken_in(day(3), [a_penalty(1, cf_sy="更正"), a_penalty(2), a_penalty(3)])
    published_night("city", day(3))
    assert published_night("city", day(4)) == []
    assert platform_row("city", day(4)).listing_difference == 0


def test_records_that_a_platform_lists_twice_are_reported(town: Town):
    published_night("city", day(1))
    town.city("doubles_listing", on="GET /api/records/XZCF")
    stages.settle_platform("city", day(1))
    row = platform_row("city", day(1))
    assert row.listing_difference == 3
    assert "平台上重复 3" in row.problem
