"""
A night, a backfill of an earlier date and a correction, step by step in every order, lead to one state.

Each step is a transaction, and the steps of a feed lock each other out, so these orders are all that runs at once can
come to. A plan whose data moved is refused and planned again, as a person would. The suite tries some orders, `make
proofs` all in which steps meet.
"""

from __future__ import annotations

from itertools import combinations, permutations

import pytest
from deliveries import a_penalty, changed, day, hashes, judged, landed, rows, stored, take_in
from proofs import as_proofs
from telling import answered, known_subject, published, told

from tests.conftest import TEST_KEYS, fresh_database
from xinyong import correction, recheck, restatement, stages
from xinyong.catalogue import catalogue
from xinyong.correction import Asked, CorrectionError, effect
from xinyong.database import connected, engine
from xinyong.restatement import Wanted

FEED = "enforcement_penalty"
WRONG, RIGHT = "录入有误的事实", "更正后的事实"
FIRST = [a_penalty(1), a_penalty(2), a_penalty(3), a_penalty(7, cf_sy=WRONG), a_penalty(9, cf_sy=None)]
TONIGHT = [a_penalty(1, cf_sy="今夜更正"), a_penalty(2), a_penalty(4), a_penalty(7, cf_sy=WRONG), a_penalty(9)]
PARTS = 10  # of all orders, so that each is a proof of seconds
LATE = [a_penalty(1, cf_sy="补报"), a_penalty(2, cf_sy="只在补报中"), a_penalty(3), a_penalty(5)]
LATE += [a_penalty(7, cf_sy=WRONG, bz="补报的备注")]
# What the backfill reads: a date that was never read, and one that was, with other content than then.
BACKFILLS = {"a date never read": 2, "a date read again": 1}
# Steps by letter: night, backfill and correction; in capitals what is stored or applied after it was read or planned.
# `i` and `a` check what the night and the backfill have read; storing does so where it was not done.
CLEAN = "cCbBnN"
# The night first; they take turns; a slow backfill that a plan is outdated by.
SOME = {2: ("nNbBcC", "ncbCBN"), 1: ("bnNcBC",)}


def orders():
    """Return every order in which each run reads or plans before it stores or applies."""
    found = {"".join(one) for one in permutations(CLEAN)}
    return sorted(one for one in found if all(one.index(run) < one.index(run.upper()) for run in "nbc"))


def orders_of_three():
    """Return every order of a night and a backfill whose checks are steps of their own, on top of a correction."""
    found = combinations(range(6), 3)
    runs = ([iter("niN"), iter("baB")] for _ in range(20))
    return ["cC" + "".join(next(both[at not in own]) for at in range(6)) for own, both in zip(found, runs, strict=True)]


def declared():
    bounds = catalogue().feeds[FEED].bounds
    percent = {"max_deletions_percent": 80, "max_quarantined_percent": 80}
    return changed(FEED, bounds=bounds.model_copy(update=percent))


class Runs:
    """The steps of the three runs; what is restated was looked at after the first night."""

    def __init__(self, backfilled, restated):
        self.backfilled, self.restated = backfilled, restated
        self.batches, self.checked, self.planned = {}, set(), None

    def step(self, letter):
        run = {"i": "n", "a": "b"}.get(letter, letter.lower())
        steps = {"n": self._land, "b": self._land, "i": self._check, "a": self._check}
        steps |= {"N": self._store, "B": self._store, "c": self._plan, "C": self._apply}
        steps[letter](run)

    def _land(self, run):
        when, delivered = (3, TONIGHT) if run == "n" else (self.backfilled, LATE)
        self.batches[run] = (landed(FEED, day(when), delivered), day(when))

    def _check(self, run):
        judged(self.batches[run][0])
        self.checked.add(run)

    def _store(self, run):
        batch_id, when = self.batches[run]
        if run not in self.checked:
            judged(batch_id)
        stored(batch_id, declared())
        stages.settle(FEED, when)

    def _plan(self, _):
        asked = Asked("restate", FEED, {"restatements": [self.restated]}, "林", "录入有误")
        with connected() as connection:
            self.planned = correction.plan(connection, declared(), asked, day(4)).correction

    def _apply(self, _):
        given = (self.planned.correction_id, self.planned.plan_hash, "陈", "已核对", day(4), None)
        try:
            with connected() as connection:
                correction.apply(connection, declared(), *given)
        except CorrectionError as error:
            assert "data moved" in str(error)
            self._plan(None)
            self._apply(None)


def a_first_night(postgres, migrated_database, is_published):
    """Yield a database in which the first night is over, which is only ever copied, and what a person will restate."""
    with pytest.MonkeyPatch.context() as patch:
        for name, key in TEST_KEYS.items():
            patch.setenv(name, key)
        for url in fresh_database(postgres, migrated_database):
            patch.setenv("XINYONG_DATABASE_URL", url)
            take_in(FEED, day(1), FIRST)
            stages.settle(FEED, day(1))
            if is_published:
                known_subject()
                tell(day(1))
            with connected() as connection:
                wanted = [Wanted("闽明工信罚〔2026〕7号", "CF_SY", RIGHT)]
                (restated,) = restatement.resolve(connection, declared(), declared().feeds[FEED], wanted)
            engine().dispose()  # nobody may be connected to what is copied
            yield url.rpartition("/")[2], restated.as_dict()


def tell(when):
    stages.aggregate(when)
    told("city", when)
    answered("city")


@pytest.fixture(scope="module")
def first_night(postgres, migrated_database):
    """A first night that no platform was told of."""
    yield from a_first_night(postgres, migrated_database, is_published=False)


@pytest.fixture(scope="module")
def published_night(postgres, migrated_database):
    """A first night that the city platform shows."""
    yield from a_first_night(postgres, migrated_database, is_published=True)


@pytest.fixture
def by_hand(monkeypatch):
    """Judge by hand, as `judged` does, and leave platforms out of plans: either costs seconds."""

    def judge(connection, feed, record_type, batch_id, business_date, table=""):
        import sqlalchemy as sa

        connection.execute(sa.text("DELETE FROM quality.violation WHERE batch_id = :b"), {"b": batch_id})
        broken = f"SELECT :b, row_number, 'PEN-R01-CF_SY' FROM {table} WHERE cf_sy IS NULL"
        connection.execute(sa.text(f"INSERT INTO quality.violation {broken}"), {"b": batch_id})

    monkeypatch.setattr(recheck, "judge", judge)
    monkeypatch.setattr(recheck, "suite", lambda _: ())
    monkeypatch.setattr(effect, "look", lambda *_: effect.Outlook({}, {}))


def ended(postgres, template, restated, backfilled, order, monkeypatch, is_published):
    """Run all three in an order, bring the platform up to date where it is looked at, and return what stands."""
    for url in fresh_database(postgres, template):
        monkeypatch.setenv("XINYONG_DATABASE_URL", url)
        runs = Runs(backfilled, restated)
        for letter in order:
            runs.step(letter)
        if is_published:
            tell(day(3))
        quarantine = rows("SELECT record_id, state, opened_on, closed_on FROM quality.quarantine ORDER BY 1, 3")
        facts = rows("SELECT cf_sy FROM warehouse.penalty WHERE cf_wsh LIKE '%7号' AND valid_to IS NULL")
        assert facts == [(RIGHT,)], order
        return hashes(), published("city"), quarantine
    return None


def differing(postgres, first_night, backfilled, tried, monkeypatch, is_published=False):
    """Return the orders that lead to another state than one run after the other."""
    given = (*first_night, backfilled)
    found = {order: ended(postgres, *given, order, monkeypatch, is_published) for order in {CLEAN, *tried}}
    return [order for order, state in found.items() if state != found[CLEAN]]


@pytest.mark.parametrize("backfilled", [2, *as_proofs(1)], ids=BACKFILLS)
def test_a_night_a_backfill_and_a_correction_lead_to_one_state(postgres, first_night, by_hand, backfilled, monkeypatch):
    assert differing(postgres, first_night, backfilled, SOME[backfilled], monkeypatch) == []


@pytest.mark.proofs
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("backfilled", BACKFILLS.values(), ids=BACKFILLS)
def test_a_night_a_backfill_and_a_correction_lead_to_one_state_in_every_order(
    postgres, published_night, by_hand, backfilled, part, monkeypatch
):
    every = sorted({*orders(), *orders_of_three()})
    assert len(every) == 90 + 20
    tried = every[part::PARTS]
    assert differing(postgres, published_night, backfilled, tried, monkeypatch, is_published=True) == []
