"""
A year's announcement of holidays and make-up days: read, held against what such a year must look like, taken over.

The State Council announces a year in autumn, as ranges of days off and single make-up days. A mistyped day moves every
deadline around it, so the announcement must name every festival and give exactly the days that the law grants.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from xinyong.catalogue.codes import CalendarYear
from xinyong.errors import CatalogueError

NOTICE = re.compile(r"〔\d{4}〕\d+号")
HOLIDAY, WORKDAY = {"holiday", "休", "放假"}, {"workday", "班", "上班"}
HEADINGS = {"日期": "date", "类别": "kind", "文号": "notice"}
SATURDAY = 5
# Every festival of 全国年节及纪念日放假办法: from when until when one of its days falls, by the lunar calendar or not,
# and how many days running are off at least.
FESTIVALS = {
    "元旦": ((1, 1), (1, 1), 1),
    "春节": ((1, 20), (2, 27), 4),
    "清明节": ((4, 4), (4, 6), 1),
    "劳动节": ((5, 1), (5, 2), 2),
    "端午节": ((5, 28), (6, 27), 1),
    "中秋节": ((9, 7), (10, 8), 1),
    "国庆节": ((10, 1), (10, 3), 3),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """What a new calendar changed for the stored deadlines."""

    changed: int
    provisional_before: int
    provisional_after: int


def read(path: Path) -> CalendarYear:
    """Read an announcement from YAML (year, notice, holidays, workdays) or CSV (日期, 类别, 文号; a range is A..B)."""
    try:
        text = path.read_text("utf-8-sig")
        content = _from_csv(text) if path.suffix.lower() == ".csv" else yaml.safe_load(text)
        return CalendarYear.model_validate(_expanded(content))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CatalogueError(
            f"{path.name} is not an announcement: {error}. Expected: YAML with year, notice, holidays and workdays, or "
            f"CSV with 日期, 类别 (休 or 班) and 文号. docs/quality.md shows both."
        ) from error


def _from_csv(text: str) -> dict[str, Any]:
    rows = [{HEADINGS.get(key, key): cell for key, cell in row.items()} for row in csv.DictReader(text.splitlines())]
    notices = {row["notice"].strip() for row in rows if row["notice"].strip()}
    if len(notices) != 1:
        raise ValueError(f"found {len(notices)} notice numbers, expected one")
    unknown = sorted({row["kind"] for row in rows} - HOLIDAY - WORKDAY)
    if unknown:
        raise ValueError(f"found the kind {', '.join(unknown)}, expected 休 or 班")
    holidays = [row["date"] for row in rows if row["kind"] in HOLIDAY]
    years = Counter(day[:4] for day in holidays)
    return {
        "year": years.most_common(1)[0][0] if years else 0,
        "notice": notices.pop(),
        "holidays": holidays,
        "workdays": [row["date"] for row in rows if row["kind"] in WORKDAY],
    }


def _expanded(content: dict[str, Any]) -> dict[str, Any]:
    """Write every range `A..B` out day by day."""
    days = {key: [day for part in content.get(key) or [] for day in _days(part)] for key in ("holidays", "workdays")}
    return content | days


def _days(part: str | date) -> Iterator[date]:
    first, _, last = str(part).strip().partition("..")
    day, end = date.fromisoformat(first), date.fromisoformat(last or first)
    if not timedelta(0) <= end - day <= timedelta(days=31):
        raise ValueError(f"found the range {part}, expected at most a month, the earlier day first")
    while day <= end:
        yield day
        day += timedelta(days=1)


def problems(year: CalendarYear) -> list[str]:
    """Return one sentence per contradiction; none when the announcement is a whole and possible year."""
    named = Counter([*year.holidays, *year.workdays])
    lines = [f"{day} is named {times} times" for day, times in sorted(named.items()) if times > 1]
    lines += [f"{day} is outside {year.year}" for day in sorted(named) if not _belongs(day, year.year)]
    lines += [
        f"{day} is a {day:%A}: a make-up day is a Saturday or Sunday"
        for day in sorted(year.workdays)
        if day.weekday() < SATURDAY
    ]
    if not NOTICE.search(year.notice):
        lines.append(f"the notice number is `{year.notice}`, expected one such as 国办发明电〔2025〕7号")
    lines += [f"{name} is missing or too short" for name, days in FESTIVALS.items() if not _has(year, *days)]
    return lines + _balance(year)


def _belongs(day: date, year: int) -> bool:
    """Say whether a day may stand in a year's announcement: New Year's holiday may begin in the December before."""
    return day.year == year or (day.year == year - 1 and day.month == 12)


def _has(year: CalendarYear, first: tuple[int, int], last: tuple[int, int], running: int) -> bool:
    off, run = set(year.holidays), 0
    day, end = date(year.year, *first), date(year.year, *last)
    while day <= end and run < running:
        run = run + 1 if day in off else 0
        day += timedelta(days=1)
    return run >= running


def _balance(year: CalendarYear) -> list[str]:
    """Hold the days off against the law: weekdays off less make-up days are the days that it grants."""
    weekdays_off = sum(day.weekday() < SATURDAY for day in set(year.holidays))
    granted = weekdays_off - len(set(year.workdays))
    if granted == year.statutory_days:
        return []
    return [
        f"{weekdays_off} weekdays off less {len(set(year.workdays))} make-up days are {granted} days, but the law "
        f"grants {year.statutory_days}; a day is missing or too many (a new law is declared as `statutory_days`)"
    ]


def take_over(path: Path, folder: Path, replace: bool = False) -> CalendarYear:
    """Check an announcement and write it into the catalogue; a year that is there otherwise is kept unless replaced."""
    year = read(path)
    if lines := problems(year):
        found = "\n".join(f"- {line}" for line in lines)
        raise CatalogueError(f"{path.name} contradicts itself or is not whole; nothing was taken over. Found:\n{found}")
    target = folder / f"{year.year}.yml"
    if target.exists() and not replace and read(target) != year:
        raise CatalogueError(
            f"catalogue/calendar/{target.name} holds other days already. Found: {path.name} differs. Expected: the "
            f"same days, or --replace when a later notice changed the year."
        )
    folder.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    partial.write_text(_written(year), "utf-8")
    partial.replace(target)
    return year


def _written(year: CalendarYear) -> str:
    content: dict[str, Any] = {"year": year.year, "notice": year.notice}
    if year.statutory_days != CalendarYear.model_fields["statutory_days"].default:
        content["statutory_days"] = year.statutory_days
    content |= {"holidays": sorted(year.holidays), "workdays": sorted(year.workdays)}
    return (
        f"# Holidays and make-up days of {year.year}, as announced; taken over by `xinyong calendar import`.\n"
        + str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))
    )
