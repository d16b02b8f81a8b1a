"""
A night and a backfill of an earlier date, step by step in every order, lead to one state.

Each step is a transaction, and the steps of a feed lock each other out, so these orders are all that two runs at once
can come to. The suite tries some, `make proofs` all twenty for each kind of backfill.
"""

from __future__ import annotations

from itertools import combinations

import pytest
from deliveries import a_penalty, changed, day, hashes, judged, landed, rows, stored, take_in
from telling import answered, known_subject, published, told

from tests.conftest import TEST_KEYS, fresh_database
from xinyong import stages
from xinyong.catalogue import catalogue

FEED = "enforcement_penalty"
STEPS = 3  # of each run: land, check, store and settle
FIRST = [a_penalty(1), a_penalty(2), a_penalty(3), a_penalty(9, cf_sy=None)]
TONIGHT = [a_penalty(1, cf_sy="今夜更正"), a_penalty(2), a_penalty(4), a_penalty(9)]
LATE = [a_penalty(1, cf_sy="补报"), a_penalty(2, cf_sy="只在补报中"), a_penalty(3), a_penalty(5)]
# What the backfill reads: a date that was never read, and one that was, with other content than then.
BACKFILLS = {"a date never read": 2, "a date read again": 1}


def orders():
    """Return every order of two runs: which of the steps belong to the night."""
    return list(combinations(range(2 * STEPS), STEPS))


def run(number, delivered):
    """Return the steps of one run."""
    bounds = catalogue().feeds[FEED].bounds.model_copy(update={"max_deletions_percent": 80})
    declared, batch = changed(FEED, bounds=bounds), []

    def store():
        stored(batch[0], declared)
        stages.settle(FEED, day(number))

    return [lambda: batch.append(landed(FEED, day(number), delivered)), lambda: judged(batch[0]), store]


@pytest.fixture(scope="module")
def first_night(postgres, migrated_database):
    """A database in which the first night is over, which is only ever copied."""
    with pytest.MonkeyPatch.context() as patch:
        for name, key in TEST_KEYS.items():
            patch.setenv(name, key)
        for url in fresh_database(postgres, migrated_database):
            patch.setenv("XINYONG_DATABASE_URL", url)
            known_subject()
            take_in(FEED, day(1), FIRST)
            stages.settle(FEED, day(1))
            stages.aggregate(day(1))
            told("city", day(1))
            answered("city")
            yield url.rpartition("/")[2]


def ended(postgres, first_night, backfilled, order, monkeypatch):
    """Run both in an order, bring the platform up to date, and return what stands."""
    for url in fresh_database(postgres, first_night):
        monkeypatch.setenv("XINYONG_DATABASE_URL", url)
        night, backfill = run(3, TONIGHT), run(backfilled, LATE)
        for position in range(2 * STEPS):
            (night if position in order else backfill).pop(0)()
        stages.aggregate(day(3))
        told("city", day(3))
        answered("city")
        quarantine = rows("SELECT record_id, state, opened_on, closed_on FROM quality.quarantine ORDER BY 1, 3")
        return hashes(), published("city"), quarantine
    return None


CLEAN = (3, 4, 5)  # the backfill, and then the night


def differing(postgres, first_night, backfilled, tried, monkeypatch):
    """Return the orders that lead to another state than one run after the other."""
    found = {order: ended(postgres, first_night, backfilled, order, monkeypatch) for order in {CLEAN, *tried}}
    return [order for order, state in found.items() if state != found[CLEAN]]


@pytest.mark.parametrize("backfilled", BACKFILLS.values(), ids=BACKFILLS)
def test_a_night_and_a_backfill_lead_to_one_state(postgres, first_night, backfilled, monkeypatch):
    some = [(0, 1, 2), (0, 3, 4), (0, 2, 4)]  # the night first; it begins, and waits; they take turns
    assert differing(postgres, first_night, backfilled, some, monkeypatch) == []


@pytest.mark.proofs
@pytest.mark.parametrize("backfilled", BACKFILLS.values(), ids=BACKFILLS)
def test_a_night_and_a_backfill_lead_to_one_state_in_every_order(postgres, first_night, backfilled, monkeypatch):
    assert len(orders()) == 20
    assert differing(postgres, first_night, backfilled, orders(), monkeypatch) == []
