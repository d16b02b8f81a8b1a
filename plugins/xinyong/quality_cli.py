"""Commands on quality as it is measured: the calendar, timeliness, nil declarations and scores."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from xinyong.terminal import DateOption, JsonOption, console, fail, table, today, told, warehouse

if TYPE_CHECKING:
    from xinyong.assessment import Measured
    from xinyong.scores import Assessment
    from xinyong.timeliness import Waiting
    from xinyong.working_days import Day

app = typer.Typer()
calendar_app = typer.Typer(help="Working days: what the State Council announced, make-up days included.")
app.add_typer(calendar_app, name="calendar")

SectionOption = Annotated[str | None, typer.Option("--section", help="One section only, such as enforcement.")]
MonthOption = Annotated[datetime | None, typer.Option("--month", formats=["%Y-%m"], help="A month, such as 2026-11.")]
SHOWN = 40  # records that a terminal lists; --json has them all
COUNTS = {
    "on_time": "按时",
    "in_time": "期限内",
    "at_risk": "即将逾期",
    "late": "逾期",
    "late_at_source": "录入时已逾期",
    "undated": "日期不明",
    "late_strictly": "从严计迟报",
    "provisional": "期限暂定",
}


@calendar_app.command("import")
@told
def calendar_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The announcement as YAML or CSV.")],
    replace: Annotated[bool, typer.Option("--replace", help="A later notice changed a year that is there.")] = False,
    day: DateOption = None,
) -> None:
    """Take over a year's holidays and make-up days into catalogue/calendar/ and recompute every due date."""
    from xinyong import stages
    from xinyong.announcements import take_over
    from xinyong.catalogue import forget
    from xinyong.settings import catalogue_dir

    year = take_over(file, catalogue_dir() / "calendar", replace)
    forget()
    console.print(f"catalogue/calendar/{year.year}.yml: {year.notice}")
    with warehouse():
        moved = stages.recompute_deadlines(day.date() if day else today())
    console.print(
        f"{moved.changed} due dates changed; {moved.provisional_before} were provisional, "
        f"{moved.provisional_after} still are.",
    )


@calendar_app.command("show")
@told
def calendar_show(year: Annotated[int, typer.Argument(min=2004, max=2100)]) -> None:
    """Show a year: days off, make-up days and who says so. Needs no database."""
    from xinyong.catalogue import catalogue
    from xinyong.working_days import days

    found = [day for day in days(catalogue().calendar, year) if day.day.year == year]
    for month in range(1, 13):
        cells = [_cell(one) for one in found if one.day.month == month]
        console.print(Text.assemble(f"{month:2}月 ", *cells))
    signs = (("休", "bold red"), " weekday off  ", ("班", "bold green"), " make-up day  ", ("·", "dim"), " weekend")
    console.print(Text.assemble(*signs))
    worked = sum(one.is_working for one in found)
    console.print(f"{worked} working days; according to: {'; '.join(sorted({one.notice for one in found}))}")
    if any(one.is_provisional for one in found):
        fail(
            f"{year} is not announced yet: weekdays are taken as worked, every due date in it is provisional. "
            "Take the announcement over with `xinyong calendar import FILE`."
        )


def _cell(one: Day) -> Text:
    weekday = one.day.weekday() < 5
    if weekday and not one.is_working:
        return Text(f"{one.day.day:3}休", "bold red")
    if one.is_working and not weekday:
        return Text(f"{one.day.day:3}班", "bold green")
    return Text(f"{one.day.day:3}  ") if weekday else Text(f"{one.day.day:3}· ", "dim")


@app.command()
@told
def timeliness(day: DateOption = None, section: SectionOption = None, as_json: JsonOption = False) -> None:
    """
    Show which records are in time on every platform, which will be late, and because of whom.

    Without --date it is the latest night; a past date is shown as it was known then.
    """
    from xinyong import stages

    with warehouse():
        _known_section(section)
        measured = stages.timeliness(day.date() if day else stages.latest_date(), section)
    if as_json:
        content = {key: measured.as_dict()[key] for key in ("business_date", "timeliness", "waiting")}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=2, default=str))
    else:
        _print_timeliness(measured)


def _print_timeliness(measured: Measured) -> None:
    from xinyong.assessment import titles
    from xinyong.catalogue import catalogue

    console.print(f"Timeliness after the night of {measured.business_date}", style="bold")
    names = titles(catalogue())
    shown = table("科室", "类别", "平台", *COUNTS.values(), numbers=COUNTS.values())
    for one in measured.standings:
        owner = (
            (names["section"], one.section),
            (names["record_type"], one.record_type),
            (names["platform"], one.platform),
        )
        shown.add_row(*[of.get(key, key) for of, key in owner], *[str(getattr(one, count)) for count in COUNTS])
    console.print(shown)
    waiting = table("科室", "文书号", "期限", "剩余", "原因", "未到平台", numbers=("期限", "剩余"))
    for record in measured.waiting[:SHOWN]:
        waiting.add_row(*_waiting(record, names))
    console.print(waiting)
    console.print(
        f"{len(measured.forecast)} will be late within the forecast, {len(measured.overdue)} are late or undated.",
    )


def _waiting(record: Waiting, names: dict[str, dict[str, str]]) -> tuple[str, ...]:
    """Say in the words of the quality page what waits, until when, why, and where it is missing."""
    from xinyong.assessment import CAUSES

    due = f"{record.due_date or '不明'}{'（暂定）' if record.is_provisional else ''}"
    gone = "—" if record.state == "undated" else "已逾期"
    left = gone if record.hours_left is None else f"{record.hours_left}小时"
    causes = "；".join(CAUSES.get(one, one) for one in dict.fromkeys((record.cause, record.held_by)))
    platforms = "、".join(names["platform"].get(one, one) for one in record.platforms)
    section = names["section"].get(record.section, record.section)
    return (section, record.document or "", due, left, causes, platforms)


@app.command()
@told
def nil(
    feed: Annotated[str, typer.Option("--feed", help="The feed that has no data.")],
    month: Annotated[datetime, typer.Option("--month", formats=["%Y-%m"], help="The month, such as 2026-11.")],
    person: Annotated[str, typer.Option("--person", help="Who says so.")],
    reason: Annotated[str, typer.Option("--reason", help="Why there is none.")],
    day: DateOption = None,
) -> None:
    """Declare for a section that a feed has no data in a month: its silence is then no alarm."""
    from xinyong.catalogue import catalogue
    from xinyong.database import connected
    from xinyong.rhythm import declare_nil

    with warehouse(), connected() as connection:
        declared_on = day.date() if day else today()
        declare_nil(connection, catalogue(), feed, month.date(), person, reason, declared_on)
    console.print(f"{feed}: no data in {month:%Y-%m}, says {person}: {reason}")


@app.command()
@told
def identifiers(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A table of enterprises as CSV.")],
    name: Annotated[str | None, typer.Option("--name", help="The heading of the names; else the first column.")] = None,
    number: Annotated[
        str | None, typer.Option("--number", help="The heading of the numbers; else the second column.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Judge the numbers of a list of enterprises: unified codes, older numbers, and what is neither. No database."""
    from xinyong.identifier_list import read

    found = read(file, name, number)
    if as_json:
        told = [asdict(one) for one in found.of("legacy", "invalid", "blank")]
        typer.echo(json.dumps({"not_unified": told, "shared": found.shared}, ensure_ascii=False, indent=2))
        return
    shown = table("kind", "why", "count", numbers=("count",))
    for kind, reason, count in found.reasons():
        shown.add_row(kind, reason, str(count))
    console.print(shown)
    for one in found.of("invalid")[:SHOWN]:
        console.print(f"row {one.row}: {one.number} {one.name}")
    for shared, names in found.shared[:SHOWN]:
        console.print(f"one number, {len(names)} names: {shared} {'、'.join(names)}")
    console.print(f"{len(found.entries)} enterprises; {len(found.shared)} numbers stand beside several names.")


@app.command()
@told
def score(
    day: DateOption = None,
    month: MonthOption = None,
    section: SectionOption = None,
    by: Annotated[str | None, typer.Option("--by", help="Other thresholds of catalogue/scores/.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="With --month: an Excel file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Show the scores of a night or a month, with the receiver's points beside them.

    Without --date and --month it is the latest night. Counts are those kept night by night: nothing is judged again.
    """
    from xinyong import stages

    if output and not month:
        fail("-o writes the monthly table. Found: no month. Expected: --month YYYY-MM beside it.")
    with warehouse():
        _known_section(section)
        if month:
            found = stages.score_month(month.date(), by, output)
        else:
            found = stages.score(day.date() if day else stages.latest_date(), by)
    if section:
        found = found.of(section)
    if as_json:
        typer.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    else:
        _print_scores(found)
    if output:
        console.print(f"Written: {output}")


def _known_section(section: str | None) -> None:
    from xinyong.catalogue import catalogue

    sections = catalogue().department.sections
    if section and section not in sections:
        fail(f"There is no section `{section}`. Expected one of: {', '.join(sections)}.")


def _print_scores(found: Assessment) -> None:
    period = f"{found.first}" if found.first == found.last else f"{found.first} to {found.last}"
    console.print(f"Scores of {period} by `{found.thresholds}`", style="bold")
    shown = table("section", "feed", "dimension", "%", "grade", "target", "checks", "failed", "rules ✓/✗/n.a./error")
    for one in found.scores:
        met = {True: Text("met"), False: Text("missed", "red"), None: Text()}[one.meets_target]
        rules = f"{one.rules_passed}/{one.rules_failed}/{one.rules_not_applicable}/{one.rules_error}"
        owner = (one.section or "all", one.feed or "total", one.dimension)
        counts = (str(one.applied_count), str(one.failed_count), rules)
        shown.add_row(*owner, _number(one.percent), one.grade or "", met, *counts)
    console.print(shown)
    rates = table("section", "type", "rate", "%", "points", "of", "counted")
    for rate in found.rates:
        owner = (rate.section or "all", rate.record_type or "total", rate.title)
        shares = (_number(rate.percent), _number(rate.points), _number(rate.full_points))
        rates.add_row(*owner, *shares, f"{rate.good_count}/{rate.all_count}")
    console.print(rates)


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"
