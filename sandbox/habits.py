"""Bad habits a stand-in platform can be told to show, a given number of times."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

HABITS = {
    "down": "closes the connection before it has read anything into its books",
    "slow": "does its work and answers too late",
    "error_500": "answers 500 and does nothing",
    "busy_429": "answers 429 with Retry-After and does nothing",
    "refuses_key": "answers 409 as if the key had been used, and does nothing",
    "maintenance_503": "answers 503, asks for an hour's pause, and does nothing",
    "doubles_listing": "lists every record twice",
    "html": "answers with a page for people and does nothing",
    "broken_json": "does its work and answers with half a sentence",
    "loses_answer": "does its work and closes the connection without an answer",
    "accepts_half": "takes the first half of a batch and says nothing about the rest",
    "repeats_problems": "lists every problem twice",
    "forgets_token": "no longer knows the token it gave",
    "clock_ahead": "takes every token for expired, because its clock is ahead",
    "denies": "says that it does not know what it is asked for",
}
NORMAL = "normal"  # behaves well from now on, whatever was to come


@dataclass(slots=True)
class Habits:
    """The habits to come, in order; each is used up by a request that fits."""

    _waiting: list[tuple[str, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def expect(self, habit: str, times: int = 1, on: str = "POST /api/batches") -> None:
        """Show `habit` the next `times` a request begins with `on`; `normal` ends all that was to come."""
        if habit == NORMAL:
            with self._lock:
                self._waiting.clear()
            return
        if habit not in HABITS:
            raise ValueError(f"The habit {habit!r} is not known. Expected: one of {', '.join(HABITS)}.")
        with self._lock:
            self._waiting += [(habit, on)] * times

    def take(self, request: str) -> str | None:
        """Return the habit this request meets, and use it up."""
        with self._lock:
            for waiting in self._waiting:
                if request.startswith(waiting[1]):
                    self._waiting.remove(waiting)
                    return waiting[0]
        return None
