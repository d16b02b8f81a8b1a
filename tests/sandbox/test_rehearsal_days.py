"""Bad days of the city platform, a few of them on a handful of records; all of them are `make rehearse`."""

from __future__ import annotations

import pytest
from deliveries import a_penalty, day
from telling import known_subject, taken_in, town_running

from sandbox.rehearsal import days

NUMBERS = (1, 2, 3)


@pytest.fixture
def live(environment, monkeypatch):
    """Live through a day of a name."""
    with town_running(environment, monkeypatch):
        known_subject()
        taken_in(day(1), [a_penalty(number) for number in NUMBERS])
        yield lambda name: days._live(next(one for one in days.DAYS if name in one.name), day(1))


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


def test_a_record_that_the_platform_changed_by_itself_is_seen_and_put_right(live):
    account = live("changes a record")
    assert "0" * 64 not in account.listing.values()
    assert account.findings == 1


@pytest.mark.proofs
def test_a_certificate_that_nobody_signed_is_no_reason_to_tell_anything(live):
    account = live(days.CERTIFICATE)
    assert any("open" in seen for seen in account.seen)
    assert account.ends


def test_every_bad_day_of_the_design_is_rehearsed():
    names = " | ".join(one.name for one in days.DAYS)
    for bad in ("three days", "slow", "500", "HTML", "loses the answer", "half of", "twice", "forgotten", "by itself"):
        assert bad in names
    for wrong in ("refuses a key", "certificate", "clock"):
        assert wrong in names
