"""Whatever order deliveries and corrections come in, wherever they are killed: the warehouse says what a model says."""

from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa
from corrected import CorrectedLife
from deliveries import connected
from histories import CASES, KINDS, case_of, decided, plans
from hypothesis import HealthCheck, Phase, given, seed, settings
from model import true_on

from xinyong import recheck
from xinyong.correction import effect, reading
from xinyong.database import engine, run
from xinyong.warehouse import restate

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")  # a plan that fails has many rows

PLANS = 8  # of 126 histories each: 1,008, each that of one record, told by two feeds, under two keys
FEW = 2  # of these plans for who waits; CI lives through all
TRIES = 60  # to make a plan that fails smaller
RULES = [
    {"rule_code": "PEN-R01-CF_SY", "record_type": "penalty", "field": "CF_SY"},
    {"rule_code": "LIC-R01-XK_NR", "record_type": "licence", "field": "XK_NR"},
]


@pytest.fixture
def connection(environment):
    """One connection for all histories, with the two rules that are judged by hand."""
    with connected() as opened:
        for rule in RULES:
            says = {"severity": "critical", "dimension": "completeness", "says": "未填写", "basis": "format"}
            run(opened, "quality/register_rule", **rule, **says)
    made = engine()
    with made.connect() as opened:
        yield opened
    made.dispose()


@pytest.fixture
def live(connection, monkeypatch):
    """
    What begins a life: its rules are judged by hand, and its sources read again deliver what it says.

    Great Expectations costs seconds, and what a correction means for platforms half of it; others test them.
    """
    monkeypatch.setattr(recheck, "suite", lambda _: ())
    monkeypatch.setattr(effect, "look", lambda *_: effect.Outlook({}, {}))

    def begin(plan):
        life = CorrectedLife(connection, plan)
        for module in (recheck, reading):
            monkeypatch.setattr(module, "judge", life.judge)
        monkeypatch.setattr(reading, "gate", lambda *_: None)
        monkeypatch.setattr(reading, "deliver", life.deliver)
        return life

    return begin


def some(number):
    """Try so many plans; one that fails is made smaller by `smallest`, which knows what costs nothing to leave out."""
    return settings(max_examples=number, suppress_health_check=list(HealthCheck), phases=[Phase.generate])


def differs(live, plan):
    """Live a plan through; return its life and what is not as the model says, or nothing."""
    life = live(plan)
    for number, event in enumerate(plan.events):
        life.happen(number)
        if event.what != "come" or number == len(plan.events) - 1:
            found, model = life.versions(), {one for story in life.inputs().stories() for one in story.versions()}
            if found != model:
                return life, found ^ model
    for on, known_on in plan.asked:
        then = life.inputs().stories(known_on)
        answers = {key: true_on(then, key, on, decided(key)) for key in range(2 * CASES + 1)}
        expected = {key: answer for key, answer in answers.items() if answer}
        if (found := life.true_on(on, known_on)) != expected:
            return life, {(on, known_on, *one) for one in found.items() ^ expected.items()}
    return life, hashed_otherwise(live, life)


def hashed_otherwise(live, life):
    """Compare set hashes with a clean run of what speaks, in order, and with restating some records from landing."""
    left_out = life.closed_at_sight()
    life.leave_out(left_out)
    found, entries = life.left_behind(), life.entries()
    feed = life.found.feeds[life.plan.sources[0].name]
    query = f"SELECT record_id::text FROM warehouse.{life.plan.record_type} ORDER BY record_id LIMIT 20"
    with life.connection.begin():
        restate(life.connection, life.found, feed, list(life.connection.execute(sa.text(query)).scalars()))
    restated = life.left_behind()
    if not life.has_order():
        return set() if restated == found else {("set hashes", "of history restated")}
    clean = life.in_order(live)
    clean.leave_out(left_out)
    if restated == found == clean.left_behind():
        return set()
    return {("set hashes", *one) for one in entries ^ clean.entries()} | {("set hashes", "of history")}


def failing(live, plan):
    """Say whether a plan fails, in whichever way."""
    try:
        return bool(differs(live, plan)[1])
    except Exception:
        return True


def smallest(live, plan):
    """Leave out of a plan that fails all records but one, and all events, without which it still does."""
    tries = iter(range(TRIES))
    for case in sorted(plan.cases):
        if next(tries, None) is None or len(plan.cases) == 1:
            break
        if failing(live, plan.only([case])):
            plan = plan.only([case])
    number = 0
    while number < len(plan.events) and next(tries, None) is not None:
        smaller = plan.without(number)
        if failing(live, smaller):
            plan = smaller
        else:
            number += 1
    return plan


def told(plan, life, difference):
    """Show the history of records that differ: what happened, what was delivered, and what differs."""
    lines = [repr(plan), *map(str, life.done)]
    for event in plan.events:
        if event.what == "come":
            one = plan.deliveries[event.number]
            rows = [row for row in one.rows if len(plan.cases) == 1 or case_of(row) == min(plan.cases)]
            lines.append(f"{one.feed} {one.day} {one.reading}: {rows}")
        else:
            lines.append(f"{event.what} {plan.corrections[event.number]}")
    return "\n".join([*lines, "differing:", *sorted(map(str, difference))[:20]])


def live_through(live, drawn, number=PLANS):
    """Live the plans of one drawing through and return what became of their corrections."""
    became = Counter()

    @seed(drawn)
    @some(number)
    @given(plan=plans())
    def each(plan):
        life, difference = differs(live, plan)
        if difference:
            small = smallest(live, plan)
            life, difference = differs(live, small)
            pytest.fail(told(small, life, difference))
        became.update((kind, what) for kind, what, _ in life.done)
        became["plans"] += 1

    each()
    return became


def test_some_histories_are_what_the_model_says(live):
    became = live_through(live, 0, FEW)
    assert became["plans"] == FEW
    assert any(became[kind, "applied"] for kind in KINDS)


@pytest.mark.proofs(always=True)
def test_a_thousand_histories_are_what_the_model_says(live):
    became = live_through(live, 0)
    assert became["plans"] * CASES >= 1_000
    assert {kind for kind in KINDS if became[kind, "applied"]} == {*KINDS}


@pytest.mark.proofs
@pytest.mark.parametrize("drawn", range(1, 11))
def test_ten_thousand_histories_are_what_the_model_says(live, drawn):
    became = live_through(live, drawn)
    assert became["plans"] == PLANS
    assert any(became[kind, "rolled back"] for kind in KINDS)
