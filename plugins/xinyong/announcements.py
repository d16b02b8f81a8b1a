"""
A year's announcement of holidays and make-up days: read, held against what such a year must look like, taken over.

The State Council announces a year in autumn, as ranges of days off and single make-up days. A mistyped day moves every
deadline around it, so the announcement must name every festival and give exactly the days that the law grants.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from xinyong.catalogue.codes import CalendarYear
from xinyong.errors import CatalogueError
from xinyong.text_file import read_text, table_rows

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
    text = read_text(path)
    try:
        content = _from_csv(path, text) if path.suffix.lower() == ".csv" else _from_yaml(text)
        return CalendarYear.model_validate(content)
    except yaml.YAMLError as error:
        raise _refused(path, [f"no readable YAML: {_of_yaml(error)}"]) from error
    except ValidationError as error:
        raise _refused(path, [_of_key(one) for one in error.errors()]) from None
    except ValueError as error:
        raise _refused(path, [str(error)]) from None


def _refused(path: Path, found: list[str]) -> CatalogueError:
    return CatalogueError(
        f"{path.name} is not an announcement; nothing was taken over. Found: {'; '.join(found)}. Expected: YAML with "
        "year, notice, holidays and workdays, or CSV with 日期, 类别 (休 or 班) and 文号. docs/quality.md shows both."
    )


def _of_yaml(error: yaml.YAMLError) -> str:
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or str(error)
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else problem


def _of_key(error: Any) -> str:
    key = ".".join(map(str, error["loc"]))
    return (
        f"`{key}` is missing"
        if error["type"] == "missing"
        else f"`{key}`: {error['msg']} (found {error['input']!r:.60})"
    )


def _from_yaml(text: str) -> dict[str, Any]:
    """Read a declaration and write its ranges out day by day."""
    content = yaml.safe_load(text)
    if not isinstance(content, dict):
        raise ValueError("no keys but " + ("nothing" if content is None else f"`{content!r:.60}`"))
    return content | {key: list(_listed(key, content.get(key))) for key in ("holidays", "workdays")}


def _listed(key: str, parts: object) -> Iterator[date]:
    if not isinstance(parts, list | None):
        raise ValueError(f"`{key}` is `{parts!r:.60}`, not a list of days")
    for number, part in enumerate(parts or [], 1):
        yield from _days(f"`{key}`, entry {number}", str(part))


def _from_csv(path: Path, text: str) -> dict[str, Any]:
    rows = list(_rows(path, text))
    notices = {row["notice"] for _, row in rows if row["notice"]}
    if len(notices) != 1:
        raise ValueError(f"{len(notices)} numbers under 文号 ({'、'.join(sorted(notices)) or 'none'}) instead of one")
    days = [(row["kind"], day) for number, row in rows for day in _days(f"line {number}, 日期", row["date"])]
    holidays = [day for kind, day in days if kind in HOLIDAY]
    years = Counter(day.year for day in holidays)
    return {
        "year": years.most_common(1)[0][0] if years else 0,
        "notice": notices.pop(),
        "holidays": holidays,
        "workdays": [day for kind, day in days if kind in WORKDAY],
    }


def _rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Give out the lines of a table by the names of its columns; what must be there is."""
    rows = table_rows(path, text)
    _, headings = next(rows, (1, []))
    names = [HEADINGS.get(heading.strip(), heading.strip()) for heading in headings]
    if missing := [heading for heading, name in HEADINGS.items() if name not in names]:
        raise ValueError(f"line 1 without the heading {'、'.join(missing)} ({'、'.join(headings) or 'none at all'})")
    for number, cells in rows:
        row = dict.fromkeys(names, "") | dict(zip(names, (cell.strip() for cell in cells), strict=False))
        if not any(row.values()):
            continue
        if blank := [heading for heading, name in HEADINGS.items() if name != "notice" and not row[name]]:
            raise ValueError(f"line {number} with nothing under {'、'.join(blank)}")
        if row["kind"] not in HOLIDAY | WORKDAY:
            raise ValueError(f"line {number}, 类别: `{row['kind']}` instead of 休 or 班")
        yield number, row


def _days(where: str, part: str) -> Iterator[date]:
    """Give out the days of a date or of a range `A..B`."""
    first, _, last = part.strip().partition("..")
    day, end = _day(where, first), _day(where, last or first)
    if not timedelta(0) <= end - day <= timedelta(days=31):
        raise ValueError(f"{where}: the range `{part}` instead of at most a month, the earlier day first")
    while day <= end:
        yield day
        day += timedelta(days=1)


def _day(where: str, written: str) -> date:
    """Read a date, also as a spreadsheet program writes it (2027/1/3)."""
    try:
        return date.fromisoformat("-".join(part.zfill(2) for part in written.strip().replace("/", "-").split("-")))
    except ValueError:
        raise ValueError(f"{where}: `{written:.40}` instead of a date such as 2027-01-03") from None


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
