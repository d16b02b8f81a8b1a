"""Commands on quality as it is measured: the calendar, timeliness, nil declarations and scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xinyong.terminal import DateOption, console, fail, today, told, warehouse

if TYPE_CHECKING:
    from xinyong.working_days import Day

app = typer.Typer()
calendar_app = typer.Typer(help="Working days: what the State Council announced, make-up days included.")
app.add_typer(calendar_app, name="calendar")


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
    console.print(f"catalogue/calendar/{year.year}.yml: {year.notice}", highlight=False)
    with warehouse():
        moved = stages.recompute_deadlines(day.date() if day else today())
    console.print(
        f"{moved.changed} due dates changed; {moved.provisional_before} were provisional, "
        f"{moved.provisional_after} still are.",
        highlight=False,
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
        console.print(f"{month:2}月 {''.join(cells)}", highlight=False)
    console.print("[bold red]休[/] weekday off  [bold green]班[/] make-up day  [dim]·[/] weekend", highlight=False)
    worked = sum(one.is_working for one in found)
    console.print(f"{worked} working days; according to: {'; '.join(sorted({one.notice for one in found}))}")
    if any(one.is_provisional for one in found):
        fail(
            f"{year} is not announced yet: weekdays are taken as worked, every due date in it is provisional. "
            "Take the announcement over with `xinyong calendar import FILE`."
        )


def _cell(one: Day) -> str:
    weekday = one.day.weekday() < 5
    if weekday and not one.is_working:
        return f"[bold red]{one.day.day:3}休[/]"
    if one.is_working and not weekday:
        return f"[bold green]{one.day.day:3}班[/]"
    return f"{one.day.day:3}  " if weekday else f"[dim]{one.day.day:3}· [/]"
