"""What every command of the command line shares: how it speaks, fails and is stopped, its one clock and its world."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from xinyong.errors import XinyongError

F = TypeVar("F", bound=Callable[..., Any])

_FULL = (errno.ENOSPC, errno.EDQUOT)  # told without the name of a file
INTERRUPTED = 130  # what a shell reports after Ctrl-C
WIDTH = 116  # what the ledger needs; a narrower terminal wraps its lines instead of losing their ends

# What would move the cursor, colour what follows or turn its reading direction, and the sign that stands for it. Tabs
# and line ends stay; Rich itself leaves carriage returns out.
_SIGNS: dict[int, str] = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n\r"}
_SIGNS |= dict.fromkeys(
    [*range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "�"
)


class PlainConsole(Console):
    """
    A console that shows data as it is, so that no command needs to escape any.

    A text is never markup, emoji or a sign to the terminal; what shall be coloured is a `Text` or has a `style`.
    """

    def __init__(self, **options: Any) -> None:
        """Take what any console takes; markup is off and cannot be turned on by data."""
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Make a text to show, its control signs replaced by visible ones."""
        return super().render_str(text.translate(_SIGNS), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render anything; a ready text is held to the same as a string."""
        if isinstance(renderable, Text) and (shown := renderable.plain.translate(_SIGNS)) != renderable.plain:
            renderable = renderable.copy()
            renderable.plain = shown  # sign for sign, so that its styles stay where they are
        return super().render(renderable, options)


console = PlainConsole(width=None if Console().width >= WIDTH else WIDTH)
errors = PlainConsole(stderr=True)

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
        except OSError as error:
            if error.strerror is None or (error.filename is None and error.errno not in _FULL):
                raise  # of a request, a connection or a pipe, not of a file that somebody named
            fail(_of_file(error))

    return telling  # type: ignore[return-value]


def _of_file(error: OSError) -> str:
    """Say in our own words that a file or folder could not be written or read."""
    where = f"{error.filename}: " if error.filename else ""
    return (
        f"{where}the file or folder cannot be used. Found: {error.strerror}. Expected: a path in a folder that exists, "
        "with room and the right to use it. Name another one, or make the folder first."
    )


def fail(message: str) -> NoReturn:
    """Say what is wrong and end with 1."""
    errors.print(message, style="red")
    raise typer.Exit(1)


def table(*columns: str, numbers: Container[str] = (), whole: Container[str] = ()) -> Table:
    """Lay out a table whose texts go on in the next line, never cut off; columns of numbers and `whole` ones do not."""
    made = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in columns:
        is_number = name in numbers
        justify: JustifyMethod = "right" if is_number else "left"
        made.add_column(name, overflow="fold", no_wrap=is_number or name in whole, justify=justify)
    return made


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


def writable(file: Path | None) -> Path | None:
    """Let a command refuse a file that it could not write, before it does its work; for the `callback` of an option."""
    if file is None:
        return None
    if not file.parent.is_dir():
        problem = f"no folder {file.parent}"
    elif file.is_dir():
        problem = "a folder of this name"
    elif not os.access(file if file.exists() else file.parent, os.W_OK):
        problem = "no right to write there"
    else:
        return file
    fail(f"{file} cannot be written. Found: {problem}. Expected: a file in a folder that is there. Give another path.")


def today() -> date:
    """Return the date in the department's own time zone: the only clock of the command line."""
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo("Asia/Shanghai")).date()
