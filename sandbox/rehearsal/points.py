"""
Where a night leaves a trace that outlives its process: commits, requests to platforms, files that appear or vanish.

The points are not listed anywhere. They are met: while a night runs in a process that called `watched`, each commit,
request and change of a file is attributed to the line of the library that asked for it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import xinyong

LIBRARY = Path(xinyong.__file__).parent
# Between a point and the line that asked for it stand only these: the way to the database and Python's own tools.
_THROUGH = ("sqlalchemy", "contextlib.py", "pathlib.py", "pathlib", "requests", "urllib3", "shutil.py", "tempfile.py")
THROUGH_LIBRARY = {LIBRARY / "database.py", LIBRARY / "platforms" / "folders.py"}

Kind = Literal["commit", "send", "file"]
Moment = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the library that leaves traces, as `publish.py:40`."""

    file: str
    line: int
    kind: Kind

    def __str__(self) -> str:
        return f"{self.kind} at {self.file}:{self.line}"


class Watch:
    """Counts the points that this process comes to; at the chosen one, nothing more happens in it."""

    def __init__(self, stop_at: int | None = None, moment: Moment = "before") -> None:
        self.met: list[Place] = []
        self._stop_at = stop_at
        self._moment = moment

    def around(self, kind: Kind, act: Callable[..., Any]) -> Callable[..., Any]:
        """Return `act` as a point, wherever the library itself asks for it."""

        def watched_act(*arguments: Any, **named: Any) -> Any:
            place = asked_by(kind)
            if place is None:
                return act(*arguments, **named)
            self.met.append(place)
            self._end(len(self.met) - 1, "before")
            try:
                return act(*arguments, **named)
            finally:
                self._end(len(self.met) - 1, "after")

        return watched_act

    def _end(self, number: int, moment: Moment) -> None:
        if (number, moment) == (self._stop_at, self._moment):
            os.kill(os.getpid(), signal.SIGKILL)


def asked_by(kind: Kind) -> Place | None:
    """Return the line of the library that asked for what happens now, or nothing when other code did."""
    frame = sys._getframe(2)
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(LIBRARY) and file not in THROUGH_LIBRARY:
            return Place(str(file.relative_to(LIBRARY)), frame.f_lineno, kind)
        if file not in THROUGH_LIBRARY and not any(name in file.parts for name in _THROUGH):
            return None
        frame = frame.f_back  # type: ignore[assignment]
    return None


@contextmanager
def watched(watch: Watch) -> Iterator[Watch]:
    """Make every commit, request and change of a file in this process a point, for a while."""
    from requests.adapters import HTTPAdapter
    from sqlalchemy.engine.default import DefaultDialect

    owners: list[tuple[Kind, Any, str]] = [("commit", DefaultDialect, "do_commit"), ("send", HTTPAdapter, "send")]
    owners += [("file", os, name) for name in ("replace", "rename", "unlink")]
    before = [getattr(owner, name) for _, owner, name in owners]
    for (kind, owner, name), act in zip(owners, before, strict=True):
        setattr(owner, name, watch.around(kind, act))
    try:
        yield watch
    finally:
        for (_, owner, name), act in zip(owners, before, strict=True):
            setattr(owner, name, act)
