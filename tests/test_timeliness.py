"""Who is late, by how much, and because of whom: worked by hand around working days of November and December 2026.

A penalty decided on Friday 2026-11-20 is due on Tuesday 2026-12-01: 23, 24, 25, 26, 27, 30 and 1 are its seven days.
What the night of a business date brings to a platform is shown the next morning.
"""

from __future__ import annotations

from datetime import date

import pytest
from deliveries import FIRST, a_penalty, day, execute, rows, take_in
from telling import known_subject

from xinyong import stages, timeliness
from xinyong.acts import Act
from xinyong.catalogue import catalogue
from xinyong.database import connected, run

FEED = "enforcement_penalty"
PERSON = {"cf_xdr_lb": "自然人", "cf_xdr_shxym": None, "cf_xdr_zjlx": "身份证", "cf_xdr_zjhm": "11010519491231002X"}

pytestmark = pytest.mark.usefixtures("environment")


def accepted(platform, when, state="accepted"):
    """Let a platform answer every item of a date's messages, known in that night."""
    stages.reconcile(platform, when)
    execute(
        "UPDATE publication.item SET state = :state FROM publication.message AS m WHERE item.number = m.number "
        "AND item.platform = m.platform AND m.platform = :platform AND m.business_date = :day",
        state=state,
        platform=platform,
        day=when,
    )
    with connected() as connection:
        run(connection, "timeliness/note_receipts", platform=platform, business_date=when)


def taken(when, *records):
    take_in(FEED, when, list(records))
    stages.aggregate(when)


def judged(when, platform="city"):
    """Return state, cause, elapsed working days and hours left of each record, as seen after the night of a date."""
    with connected() as connection:
        timeliness.measure(connection, catalogue(), when)
        timeliness.keep(connection, catalogue(), when)
        found = run(connection, "timeliness/waiting", seen_on=when, forecast_days=99, section=None, most=None)
        lists = found.all()
        import sqlalchemy as sa

        table = connection.execute(
            sa.text("SELECT * FROM timeliness WHERE platform = :platform ORDER BY document"), {"platform": platform}
        ).all()
    assert lists is not None
    return [(row.state, row.cause, row.elapsed_days, row.hours_left) for row in table]


def test_a_record_shown_on_its_due_date_is_on_time_and_a_day_later_it_is_not():
    taken(day(1), a_penalty(1))
    accepted("city", date(2026, 11, 30))
    accepted("portal", date(2026, 12, 1))
    assert judged(date(2026, 12, 1)) == [("on_time", None, 7, None)]
    assert judged(date(2026, 12, 1), "portal") == [("late", "not_sent", 8, None)]


def test_the_stricter_receiver_counts_the_seventh_day_as_late():
    taken(day(1), a_penalty(1))
    accepted("city", date(2026, 11, 29))
    accepted("portal", date(2026, 11, 30))
    judged(date(2026, 12, 1))
    kept = "SELECT platform, on_time, late_strictly FROM quality.timeliness_day ORDER BY platform"
    assert rows(kept)[0] == ("city", 1, 0)
    assert rows(kept)[-1] == ("portal", 1, 1)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        pytest.param(date(2026, 11, 24), ("in_time", "not_sent", 3, 7 * 24), id="Wednesday morning, third day"),
        pytest.param(date(2026, 11, 25), ("in_time", "not_sent", 4, 6 * 24), id="fourth day"),
        pytest.param(date(2026, 11, 26), ("at_risk", "not_sent", 5, 5 * 24), id="alert on the fifth"),
        pytest.param(date(2026, 11, 28), ("at_risk", "not_sent", 5, 3 * 24), id="a Sunday adds no day"),
        pytest.param(date(2026, 11, 30), ("at_risk", "not_sent", 7, 24), id="the last morning"),
        pytest.param(date(2026, 12, 1), ("late", "not_sent", 8, None), id="one day over"),
    ],
)
def test_a_record_not_sent_comes_closer_to_its_due_date_day_by_day(when, expected):
    taken(day(1), a_penalty(1))
    assert judged(when) == [expected]


def test_a_record_entered_after_its_due_date_is_late_because_of_its_section():
    old = a_penalty(1, cf_jdrq="2026-11-12")  # due on the 23rd, first known on the morning of the 25th
    taken(day(1), old, a_penalty(2))
    accepted("city", day(1))
    assert judged(day(1)) == [("late_at_source", "entered_late", 9, None), ("on_time", None, 3, None)]


def test_a_record_in_quarantine_runs_late_too_and_once_corrected_late_stays_late():
    taken(day(1), a_penalty(1, cf_sy=None), a_penalty(2))
    accepted("city", day(1))
    assert judged(day(1))[0] == ("in_time", "set_aside", 3, 7 * 24)
    assert judged(date(2026, 12, 1))[0] == ("late", "set_aside", 8, None)
    taken(date(2026, 12, 2), a_penalty(1), a_penalty(2))
    known_subject()
    accepted("city", date(2026, 12, 2))
    assert judged(date(2026, 12, 2))[0] == ("late", "set_aside", 9, None)
    assert judged(day(1))[0] == ("in_time", "set_aside", 3, 7 * 24), "a past date gives what it gave then"


def test_a_rejected_and_an_unanswered_record_say_so():
    taken(day(1), a_penalty(1))
    accepted("city", day(1), "rejected")
    stages.reconcile("portal", day(1))
    assert judged(date(2026, 12, 1)) == [("late", "rejected", 8, None)]
    assert judged(date(2026, 12, 1), "portal") == [("late", "no_answer", 8, None)]


def test_a_receipt_that_comes_nights_later_counts_for_the_night_it_came_in():
    taken(day(1), a_penalty(1))
    stages.reconcile("city", day(1))
    judged(day(1))
    execute("UPDATE publication.item SET state = 'accepted'")
    with connected() as connection:
        for when in (date(2026, 12, 1), date(2026, 12, 2)):
            run(connection, "timeliness/note_receipts", platform="city", business_date=when)
    assert judged(date(2026, 12, 2)) == [("late", "not_sent", 8, None)]


def test_what_may_not_go_to_a_platform_is_never_late_there():
    taken(day(1), a_penalty(1, **PERSON), a_penalty(2, cf_sy=None, **PERSON))
    assert judged(date(2026, 12, 1)) == judged(date(2026, 12, 1), "portal") == []


def decided(kind, number, **changes):
    document = f"闽明工信罚〔2026〕{number}号"
    told = {"person": "张科长", "basis": "行政处罚法第四十八条", "document_number": f"闽明工信撤〔2026〕{number}号"}
    stages.record_act(Act(kind, document, effective_on=day(2), **told, **changes), day(2))


def test_what_acts_keep_from_a_platform_is_not_awaited_there():
    taken(day(1), a_penalty(1), a_penalty(2), a_penalty(3))
    accepted("portal", day(1))
    decided("annulment", 1)
    decided("disclosure", 2, disclosure="government_only")
    late = ("late", "not_sent", 8, None)
    assert judged(date(2026, 12, 1)) == [late, late]
    assert judged(date(2026, 12, 1), "national") == [late]
    assert [state for state, *_ in judged(date(2026, 12, 1), "portal")] == ["on_time"] * 3
    assert len(judged(day(1))) == 3, "an act counts from its own day on"


def test_a_record_without_a_readable_date_has_no_state_but_is_not_forgotten():
    taken(day(1), a_penalty(1, cf_sy=None, cf_jdrq="去年"))
    assert judged(day(1)) == [("undated", "set_aside", None, None)]


def test_due_dates_are_those_of_the_deadline_table():
    taken(day(1), *[a_penalty(at, cf_jdrq=f"2026-11-{at:02}") for at in range(1, 25)])
    with connected() as connection:
        timeliness.measure(connection, catalogue(), day(1))
        import sqlalchemy as sa

        differing = connection.execute(
            sa.text(
                "SELECT count(*) FROM timeliness FULL JOIN warehouse.deadline USING (record_type, record_id, due_date) "
                "WHERE platform IS NULL OR deadline.record_id IS NULL"
            )
        ).scalar_one()
    assert differing == 0


def test_the_morning_list_names_what_is_due_within_three_working_days_and_what_is_late():
    taken(FIRST, a_penalty(1), a_penalty(2, cf_jdrq="2026-11-24"), a_penalty(3, cf_jdrq="2026-11-10"))
    with connected() as connection:
        timeliness.measure(connection, catalogue(), date(2026, 11, 26))
        found = timeliness.waiting(connection, catalogue(), date(2026, 11, 26))
    listed = [(one.document, one.state, one.due_date, one.platforms) for one in found]
    assert {one.rule_code for one in found} == {"PEN-R32"}
    assert listed == [
        ("闽明工信罚〔2026〕1号", "at_risk", date(2026, 12, 1), ["city", "national", "portal"]),
        ("闽明工信罚〔2026〕3号", "late_at_source", date(2026, 11, 19), ["city", "national", "portal"]),
    ]


def test_measuring_a_date_again_keeps_the_same_counts():
    taken(day(1), a_penalty(1), a_penalty(2, cf_sy=None))
    accepted("city", day(1))
    judged(day(1))
    kept = rows("SELECT * FROM quality.timeliness_day ORDER BY platform, feed")
    judged(day(1))
    assert rows("SELECT * FROM quality.timeliness_day ORDER BY platform, feed") == kept
    with connected() as connection:
        timeliness.measure(connection, catalogue(), day(1))
        found = timeliness.standings(connection)
    assert [(one.platform, one.on_time, one.in_time) for one in found] == [
        ("city", 1, 1),
        ("national", 0, 2),
        ("portal", 0, 2),
    ]
