"""
One night, watched: start what is missing, set the sandbox to the date, run every feed, follow the work to the report.

The night itself runs in Airflow; this module only starts it and looks on, so stopping it stops nothing that a
scheduler would not finish, unless the world was started for this night alone.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.live import Live

from xinyong import launcher, names
from xinyong.airflow_api import AirflowApi, Run
from xinyong.catalogue import catalogue
from xinyong.errors import LaunchError
from xinyong.progress import Board
from xinyong.settings import root, var_dir
from xinyong.terminal import INTERRUPTED, terminable
from xinyong.terminal import console as screen

POLL_SECONDS = 0.5  # a look costs the API server 30 ms of one core
QUIET_SECONDS = 4  # with nothing at work for so long, nothing more will come by itself
NIGHT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Night:
    """A night that has been started: its partition key and the moment before its first run."""

    key: str
    since: datetime


def run_night(
    business_date: date,
    *,
    keep: bool = False,
    records: int | None = None,
    registry: str | None = None,
    console: Console | None = None,
    seconds: float = NIGHT_SECONDS,
) -> int:
    """Run the night of a date and print its ledger; 0 means that the ledger balances."""
    console = console or screen
    started = False
    try:
        with terminable():
            started = launcher.up(lambda part: console.print(f"starting {part}", style="dim"))
            with launcher.inside():
                _prepare(business_date, records, registry)
                balanced = _night(business_date, console, seconds)
                _show_end(business_date, balanced, console, stays=keep or not started)
        return 0 if balanced else 1
    except KeyboardInterrupt:
        console.print("Stopped. What was written stays; the same night may be run again.", style="yellow")
        return INTERRUPTED
    finally:
        if started and not keep:
            with _undisturbed():
                launcher.down()


def _prepare(day: date, records: int | None, registry: str | None) -> None:
    """Put the sandbox's business systems into their state of the date."""
    command = [sys.executable, "-m", "sandbox", "prepare", "--date", day.isoformat()]
    command += ["--records", str(records)] if records else []
    command += ["--registry", registry] if registry else []
    result = subprocess.run(command, cwd=root(), capture_output=True, text=True, check=False)  # noqa: S603 – ours
    if result.returncode != 0:
        raise LaunchError(
            f"The sandbox could not be set to {day}. Found: {(result.stderr or result.stdout).strip()[-2000:]} "
            f"Expected: business systems in their state of that date. Run `{' '.join(command[1:])}` to see it alone."
        )


def _night(day: date, console: Console, seconds: float) -> bool:
    """Start every feed and follow the night to its end; return whether the report found a balance."""
    api = launcher.api()
    board = Board(catalogue())
    night = Night(day.isoformat(), datetime.now(UTC) - timedelta(seconds=1))
    began = time.monotonic()
    for feed in catalogue().feeds:
        api.trigger(names.intake(feed), night.key, "xinyong nightly")
    with _showing(board, console, lambda: time.monotonic() - began) as show:
        runs = _follow(api, night, board, show, began + seconds)
    console.print(f"The night of {day} took {time.monotonic() - began:.1f} s.")
    for task in board.failed():
        told = f"{task.dag}: {task.task} failed. {api.reason(task)}"
        console.print(told, style="yellow", soft_wrap=True)
    return any(run.dag == names.REPORT and run.state == "success" for run in runs)


def _follow(api: AirflowApi, night: Night, board: Board, show: Callable[[], None], end: float) -> list[Run]:
    """Look again and again until the report and everything else has ended, or time is over."""
    active, closings = time.monotonic(), list(names.CLOSINGS)
    while True:
        runs = api.runs(night.key, night.since)
        board.update(api.tasks(runs, night.since))
        show()
        now, ended = time.monotonic(), all(run.ended for run in runs)
        if now > end or (ended and names.REPORT in {run.dag for run in runs}):
            return runs
        active = active if ended else now
        if now - active > QUIET_SECONDS:
            if not closings:
                return runs
            _close(api, night, closings.pop(0), runs)
            active = now
        time.sleep(POLL_SECONDS)


def _close(api: AirflowApi, night: Night, closing: str, runs: list[Run]) -> None:
    """Do now what the clock would do later: start the next step although something before it never came to an end."""
    if names.STARTED_BY_CLOSING[closing] not in {run.dag for run in runs}:
        api.trigger(closing, night.key, "a part of the night did not come to its end")


@contextmanager
def _showing(board: Board, console: Console, clock: Callable[[], float]) -> Iterator[Callable[[], None]]:
    """Show the board: as a table that changes on a terminal, elsewhere as one line per change."""
    if not console.is_terminal:
        yield lambda: _print_changes(board, console, clock())
        return
    with Live(board.table(0), console=console, auto_refresh=False) as live:
        yield lambda: live.update(board.table(clock()), refresh=True)


def _print_changes(board: Board, console: Console, elapsed: float) -> None:
    for line in board.changes():
        console.print(f"{elapsed:6.1f} s  {line}", soft_wrap=True)


def _show_end(day: date, balanced: bool, console: Console, stays: bool) -> None:
    """Print the ledger and where to look."""
    from xinyong import stages

    console.print(stages.ledger_table(day))
    for what, where in _places(day, stays).items():
        console.print(f"{what:<9}{where}", soft_wrap=True)
    verdict = "balances" if balanced else "does NOT balance, or was not written"
    console.print(f"The ledger of {day} {verdict}.", style="green" if balanced else "bold red")


def _places(day: date, stays: bool) -> dict[str, Any]:
    """Return where a person looks next."""
    portal = launcher.portal_address() if stays else var_dir() / "portal" / "index.html"
    pages = {"report": var_dir() / "reports" / day.isoformat(), "portal": portal}
    signed_in = f"{launcher.airflow_url()}  (user {launcher.USER}, password {launcher.password()})"
    return {"Airflow": signed_in if stays else "stopped; `make up` starts it again, with this night in it", **pages}


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Finish stopping although somebody presses Ctrl-C once more."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
