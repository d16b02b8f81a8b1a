"""Working days: the worked dates of the standards, years nobody announced yet, and those the department declares."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import pytest

from xinyong.catalogue.codes import CalendarYear
from xinyong.working_days import FIRST_YEAR, days

ANNOUNCED = CalendarYear(
    year=2027,
    notice="国办发明电〔2026〕9号",
    holidays=(date(2027, 1, 1), date(2027, 1, 4)),
    workdays=(date(2027, 1, 9),),
)


@cache
def calendar(last_year):
    return {one.day: one for one in days({}, last_year)}


def due(decided, working_days, announced=None):
    """Count as the deadline statement does: the first day with so many more working days up to it."""
    known = calendar(2027) if announced is None else {one.day: one for one in days(announced, 2027)}
    wanted = known[decided].ordinal + working_days
    return next(one for one in known.values() if one.is_working and one.ordinal == wanted)


@pytest.mark.parametrize(
    ("decided", "seven", "twenty"),
    [
        pytest.param("2018-12-17", "2018-12-26", "2019-01-15", id="no holiday in seven"),
        pytest.param("2025-09-26", "2025-10-13", "2025-10-30", id="before the long National Day"),
        pytest.param("2026-02-13", "2026-03-02", "2026-03-19", id="before Spring Festival"),
        pytest.param("2026-02-14", "2026-03-03", "2026-03-20", id="on a Saturday that is worked"),
        pytest.param("2026-04-30", "2026-05-13", "2026-06-01", id="before Labour Day"),
        pytest.param("2026-09-24", "2026-10-12", "2026-10-29", id="Mid-Autumn and National Day"),
        pytest.param("2026-09-30", "2026-10-15", "2026-11-03", id="the day before National Day"),
    ],
)
def test_due_dates_are_those_of_the_standards(decided, seven, twenty):
    found = [due(date.fromisoformat(decided), count) for count in (7, 20)]
    assert [one.day.isoformat() for one in found] == [seven, twenty]
    assert not any(one.is_provisional for one in found)


@pytest.mark.parametrize(("decided", "count", "is_provisional"), [("2026-12-22", 7, False), ("2026-12-23", 7, True)])
def test_a_due_date_beyond_the_announced_calendar_is_provisional(decided, count, is_provisional):
    assert due(date.fromisoformat(decided), count).is_provisional is is_provisional


def test_a_year_nobody_announced_counts_weekdays_and_says_so():
    of_2027 = [one for one in calendar(2027).values() if one.day.year == 2027]
    assert {one.is_working for one in of_2027 if one.day.weekday() < 5} == {True}
    assert {one.is_working for one in of_2027 if one.day.weekday() > 4} == {False}
    assert {(one.is_provisional, one.notice) for one in of_2027} == {(True, "not announced yet")}


def test_a_declared_year_has_its_days_off_and_make_up_days_and_names_its_notice():
    found = {one.day: one for one in days({2027: ANNOUNCED}, 2027)}
    worked = [found[date(2027, 1, day)].is_working for day in (1, 4, 5, 9, 10)]
    assert worked == [False, False, True, True, False]
    assert (found[date(2027, 6, 1)].is_provisional, found[date(2027, 6, 1)].notice) == (False, ANNOUNCED.notice)


def test_a_declared_year_moves_a_due_date_and_makes_it_certain():
    decided = date(2026, 12, 28)
    guessed, certain = due(decided, 7), due(decided, 7, {2027: ANNOUNCED})
    assert (guessed.day, guessed.is_provisional) == (date(2027, 1, 6), True)
    assert (certain.day, certain.is_provisional) == (date(2027, 1, 8), False)


def test_a_declared_year_prevails_over_the_library():
    corrected = CalendarYear(year=2026, notice="更正", holidays=(date(2026, 11, 24),))
    assert next(one for one in days({2026: corrected}, 2026) if one.day == date(2026, 11, 24)).is_working is False


def test_every_day_comes_once_and_working_days_are_numbered_without_a_gap():
    found = list(days({}, 2027))
    assert [one.day for one in found] == [date(FIRST_YEAR, 1, 1) + timedelta(days=at) for at in range(len(found))]
    assert [one.ordinal for one in found if one.is_working] == list(range(1, found[-1].ordinal + 1))
