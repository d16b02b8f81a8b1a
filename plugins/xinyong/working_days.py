"""
Working days as the State Council announces them, make-up days included.

A library knows the announced years; `catalogue/calendar/` adds or corrects years. A year that neither knows is
taken as weekdays only and marked provisional: such a due date is shown as an estimate, never as a promise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import chinese_calendar

from xinyong.catalogue.codes import CalendarYear

FIRST_YEAR = 2004  # the library's first; no record of the template is older


@dataclass(frozen=True, slots=True)
class Day:
    """One day: whether it is worked, how many working days there were up to it, and who says so."""

    day: date
    is_working: bool
    ordinal: int
    is_provisional: bool
    notice: str


def days(announced: dict[int, CalendarYear], last_year: int) -> Iterator[Day]:
    """Yield every day from the first known year to the end of `last_year`."""
    day, ordinal = date(FIRST_YEAR, 1, 1), 0
    while day.year <= last_year:
        is_working, is_provisional, notice = _judge(day, announced)
        ordinal += is_working
        yield Day(day, is_working, ordinal, is_provisional, notice)
        day += timedelta(days=1)


def _judge(day: date, announced: dict[int, CalendarYear]) -> tuple[bool, bool, str]:
    """Say whether a day is worked, whether that is a guess, and on what ground."""
    following = announced.get(day.year + 1)  # New Year's holiday may move days of the December before
    if following and day in (*following.holidays, *following.workdays):
        return day in following.workdays, False, following.notice
    year = announced.get(day.year)
    if year:
        worked = day in year.workdays or (day.weekday() < 5 and day not in year.holidays)
        return worked, False, year.notice
    return _known_to_library(day)


@cache  # every aggregation asks for every day since 2004, and the library takes its time
def _known_to_library(day: date) -> tuple[bool, bool, str]:
    try:
        return bool(chinese_calendar.is_workday(day)), False, "chinesecalendar"
    except NotImplementedError:
        return day.weekday() < 5, True, "not announced yet"
