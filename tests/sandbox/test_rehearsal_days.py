"""Bad days of the platforms, a few of them on a handful of records; all of them are `make rehearse`."""

from __future__ import annotations

import pytest
from deliveries import a_penalty, day
from telling import known_subject, taken_in, town_running

from sandbox.rehearsal import days, days_city, days_exchange, days_national, days_portal
from sandbox.story import CHANGES, day_of

NUMBERS = (1, 2, 3)


@pytest.fixture
def live(environment, monkeypatch):
    """Live through a day of a house, on a handful of new records."""
    with town_running(environment, monkeypatch):
        known_subject()
        taken_in(day(1), [a_penalty(number) for number in NUMBERS])

        def lived(name, house=days_city.HOUSE):
            found = next(one for one in house.days if name in one.name)
            return days.live(house, found, day_of(CHANGES))  # the night that `make rehearse` takes

        yield lived


@pytest.mark.proofs
def test_what_is_half_taken_is_told_again_by_the_next_night(live):
    account = live("takes half")
    assert len(account.listing) == len(NUMBERS)
    assert account.seen
    assert (account.nights, account.findings) == (1, 0)


@pytest.mark.proofs
def test_a_key_that_is_refused_after_it_was_taken_is_settled_record_by_record(live):
    account = live("refuses a key")
    assert account.seen[0] == "3 open"
    assert (len(account.listing), account.findings, account.nights) == (len(NUMBERS), 0, 1)


@pytest.mark.proofs
def test_a_record_that_the_platform_changed_by_itself_is_seen_and_put_right(live):
    account = live("changes a record")
    assert "0" * 64 not in account.listing.values()
    assert account.findings == 1


@pytest.mark.proofs
def test_a_certificate_that_nobody_signed_is_no_reason_to_tell_anything(live):
    account = live("certificate")
    assert any("open" in seen for seen in account.seen)
    assert account.ends


@pytest.mark.proofs
def test_a_row_of_another_hand_is_not_written_over_and_ours_is_written_when_it_is_gone(live):
    account = live("a row of another hand", days_exchange.HOUSE)
    assert "1 rejected" in account.seen
    assert (len(account.listing), account.ends) == (len(NUMBERS), "true after 1 more night")


@pytest.mark.proofs
def test_feedback_that_cannot_be_read_leaves_the_items_open_until_it_is_written_again(live):
    account = live("cannot be read", days_national.HOUSE)
    assert account.seen[0] == "3 open"
    assert (len(account.listing), account.ends) == (len(NUMBERS), "true after 1 more night")


@pytest.mark.proofs
def test_a_portal_without_room_is_seen_and_whole_again_when_there_is(live):
    account = live("no room", days_portal.HOUSE)
    assert account.seen[0] == "3 open"
    assert account.ends == "true after 1 more night"


def test_every_bad_day_of_the_design_is_rehearsed():
    for house, words in WORDS.items():
        names = " | ".join(one.name for one in days.HOUSES[house].days)
        assert [bad for bad in words if bad not in names] == []


WORDS = {
    "city platform": (
        *("three days", "slow", "500", "HTML", "loses the answer", "half of", "twice", "forgotten", "by itself"),
        *("refuses a key", "certificate", "clock"),
    ),
    "exchange database of the city": ("down", "locked", "second time", "removed", "changed", "room", "right", "column"),
    "national node": ("three days", "cannot be read", "other rows", "never wrote", "second time", "room"),
    "own portal": ("room", "removed", "changed", "backup"),
}
