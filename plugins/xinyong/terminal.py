"""What every command of the command line shares: how it speaks, fails and is stopped, its one clock and its world."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import wraps
from types import FrameType
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console

from xinyong.errors import XinyongError

F = TypeVar("F", bound=Callable[..., Any])

INTERRUPTED = 130  # what a shell reports after Ctrl-C
WIDTH = 116  # what the ledger needs; a narrower terminal wraps its lines instead of losing their ends

console = Console(width=None if Console().width >= WIDTH else WIDTH)
errors = Console(stderr=True)

DateOption = Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The business date.")]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]


def told(command: F) -> F:
    """Let a command end with our own message instead of a traceback."""

    @wraps(command)
    def telling(*arguments: Any, **named: Any) -> Any:
        try:
            return command(*arguments, **named)
        except XinyongError as error:
            fail(str(error))

    return telling  # type: ignore[return-value]


def fail(message: str) -> NoReturn:
    """Say what is wrong and end with 1."""
    errors.print(message, style="red", markup=False, highlight=False)
    raise typer.Exit(1)


@contextmanager
def terminable() -> Iterator[None]:
    """Treat a request to terminate like Ctrl-C, so that nothing is left running; what ends already is asked once."""
    asked: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        if len(asked) == 1:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def warehouse() -> Iterator[None]:
    """Bring the settings of the launched world into this process, where the environment does not give its own."""
    from xinyong import launcher

    with launcher.reachable():
        yield


def today() -> date:
    """Return the date in the department's own time zone: the only clock of the command line."""
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo("Asia/Shanghai")).date()
