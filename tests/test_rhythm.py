"""A feed that goes silent is noticed by its own habit; a bad day teaches nothing; a section may declare a month."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from deliveries import rows

from xinyong.catalogue import catalogue
from xinyong.catalogue.scores import Rhythm
from xinyong.database import connected, run
from xinyong.errors import CatalogueError
from xinyong.rhythm import Facts, declare_nil, is_due, judge, limit, record, states

FEED = "safety_penalty"
MONDAY = date(2026, 11, 2)
RHYTHM = Rhythm(least_changes=3, quiet_days=10, tolerance=2, at_least_days=2, shrink_warning_percent=5)


def some_facts(**changes):
    usual = {"outcome": "landed", "batch_state": "stored", "row_count": 100, "is_new": False, "changed_on": MONDAY}
    silence = {"quiet_days": 3, "gap_count": 9, "usual_days": 2, "previous_row_count": 100}
    return Facts(feed=FEED, **(usual | silence | {"declared_by": None, "declared_why": None} | changes))


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        pytest.param({}, "quiet", id="within twice its usual gap"),
        pytest.param({"quiet_days": 4}, "quiet", id="at the limit"),
        pytest.param({"quiet_days": 5}, "stale", id="beyond it"),
        pytest.param({"quiet_days": 10, "gap_count": 2}, "quiet", id="no rhythm known yet"),
        pytest.param({"quiet_days": 11, "gap_count": 2}, "stale", id="two working weeks without one"),
        pytest.param({"quiet_days": 9, "declared_by": "林", "declared_why": "无案件"}, "declared", id="declared"),
        pytest.param({"quiet_days": 0, "is_new": True}, "fresh", id="changed tonight"),
        pytest.param({"outcome": None}, "missed", id="no intake at all"),
        pytest.param({"outcome": "unavailable", "batch_state": None, "row_count": None}, "failed", id="down"),
        pytest.param({"outcome": "unreadable", "batch_state": None, "row_count": None}, "failed", id="unreadable"),
        pytest.param({"batch_state": "refused", "row_count": 0, "is_new": True}, "empty", id="empty"),
        pytest.param({"row_count": 95, "is_new": True, "quiet_days": 0}, "fresh", id="five per cent fewer"),
        pytest.param({"row_count": 94, "is_new": True, "quiet_days": 0}, "shrunken", id="six per cent fewer"),
        pytest.param({"batch_state": "refused", "row_count": 10, "is_new": True}, "shrunken", id="refused for it"),
        pytest.param({"batch_state": "refused", "row_count": 99 + 9, "is_new": True}, "failed", id="refused otherwise"),
    ],
)
def test_a_feed_has_one_state(changes, state):
    found, sentence = judge(some_facts(**changes), RHYTHM, is_full=True)
    assert (found, bool(sentence)) == (state, True)


def test_an_incremental_feed_may_be_empty_or_small():
    for count in (0, 3):
        facts = some_facts(row_count=count, is_new=True, quiet_days=0 if count else 1)
        assert judge(facts, RHYTHM, is_full=False)[0] in ("fresh", "quiet")


def test_a_declaration_that_data_contradict_is_said():
    facts = some_facts(quiet_days=0, is_new=True, declared_by="林", declared_why="无案件")
    assert judge(facts, RHYTHM, is_full=True) == ("fresh", "林已申报本月无数据（无案件），但当日有新数据，请核实申报")


def test_a_daily_feed_may_skip_a_day():
    assert limit(some_facts(usual_days=1), Rhythm(least_changes=3, tolerance=1, at_least_days=2)) == 2


def test_a_schedule_says_for_which_dates_a_feed_is_due():
    weekly = catalogue().feeds[FEED].model_copy(update={"schedule": "30 1 * * 2"})
    assert [is_due(weekly, MONDAY + timedelta(days=at)) for at in range(7)] == [True] + [False] * 6
    assert is_due(catalogue().feeds[FEED], MONDAY)


def delivered(changed, days, outcome="landed"):
    """Write intake rows for dates without any content: whether each brought something new."""
    import sqlalchemy as sa

    with connected() as connection:
        batch_id = connection.execute(sa.text("SELECT max(batch_id) FROM landing.batch")).scalar_one()
        for at, is_new in zip(days, changed, strict=True):
            if outcome == "landed" and is_new:
                batch_id = connection.execute(
                    sa.text(
                        "INSERT INTO landing.batch (feed, record_type, business_date, known_at, checksum, origin, "
                        "row_count, state) VALUES (:feed, 'penalty', :day, :day + time '01:30', '', '', 9, 'stored') "
                        "RETURNING batch_id"
                    ),
                    {"feed": FEED, "day": at},
                ).scalar_one()
            values = {"feed": FEED, "business_date": at, "batch_id": batch_id if outcome == "landed" else None}
            run(connection, "operation/record_intake", **values, outcome=outcome, problem=None)


def found_on(when):
    with connected() as connection:
        return next(one for one in record(connection, catalogue(), when) if one.feed == FEED)


def weekdays(first, count):
    """Return Mondays to Fridays; November 2026 has no holiday."""
    days = (first + timedelta(days=at) for at in range(count * 2))
    return [day for day in days if day.weekday() < 5][:count]


@pytest.fixture
def working_days(environment):
    from xinyong.aggregate import refresh_deadlines

    with connected() as connection:
        refresh_deadlines(connection, catalogue(), MONDAY)


@pytest.mark.usefixtures("working_days")
def test_the_rhythm_is_learnt_from_past_changes_and_bad_days_teach_nothing():
    days = weekdays(date(2026, 10, 12), 14)  # changes every second working day: 7 changes, 6 gaps of 2
    delivered([at % 2 == 0 for at in range(14)], days)
    down = weekdays(days[-1] + timedelta(days=1), 4)
    delivered([False] * 4, down, outcome="unavailable")
    assert found_on(down[-1]).state == "failed"
    after = weekdays(down[-1] + timedelta(days=1), 4)
    delivered([False] * 4, after)
    found = [found_on(when) for when in after]
    assert [(one.usual_days, one.quiet_days, one.state) for one in found] == [
        (2, 2, "quiet"),
        (2, 3, "quiet"),
        (2, 4, "quiet"),
        (2, 5, "stale"),
    ]


@pytest.mark.usefixtures("working_days")
def test_weekends_are_no_silence():
    friday = date(2026, 11, 6)
    delivered([True, False, False, False], [friday + timedelta(days=at) for at in range(4)])
    assert found_on(date(2026, 11, 9)).quiet_days == 1


@pytest.mark.usefixtures("working_days")
def test_a_night_that_did_not_run_is_missed_and_recording_twice_keeps_one_row():
    delivered([True], [MONDAY])
    for _ in range(2):
        assert found_on(MONDAY + timedelta(days=1)).state == "missed"
    kept = rows("SELECT feed, state FROM operation.feed_state")
    assert (len(kept), kept.count((FEED, "missed"))) == (len(catalogue().feeds), 1)


@pytest.mark.usefixtures("working_days")
def test_a_declared_month_turns_suspicion_into_a_statement():
    days = weekdays(MONDAY, 13)
    delivered([True] + [False] * 12, days)
    assert found_on(days[-1]).state == "stale"
    with connected() as connection:
        declare_nil(connection, catalogue(), FEED, days[0], " 林 ", "本月无案件", days[-1])
    assert found_on(days[-1]).sentence == "林已申报本月无数据（本月无案件）"
    with connected() as connection:
        assert [one.state for one in states(connection, days[-1]) if one.feed == FEED] == ["declared"]


@pytest.mark.parametrize("words", [("no_feed", "林", "无"), (FEED, " ", "无"), (FEED, "林", "")])
def test_a_declaration_needs_a_feed_a_person_and_a_reason(environment, words):
    feed, person, reason = words
    with connected() as connection, pytest.raises(CatalogueError, match=r"Expected|Give both"):
        declare_nil(connection, catalogue(), feed, MONDAY, person, reason, MONDAY)
