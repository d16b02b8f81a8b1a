"""
Publish: hand a written message to its platform, and never blindly twice.

Before a message leaves, its state says `unknown`; only an answer changes that. Whoever finds it in that state, after
a time-out or a kill, asks the platform by key before sending anything again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa

from xinyong.database import run, transaction
from xinyong.errors import MessageRefused, PlatformError, PlatformUnavailable
from xinyong.platforms import Adapter, Answer, Item, Message
from xinyong.receipts import apply_answers, collect, settled

if TYPE_CHECKING:
    from xinyong.catalogue.platforms import Platform

State = str

_TRIES = 5  # of a platform that is busy and says for how long
_LONGEST_PAUSE = 30.0  # seconds; a longer one, as in a maintenance window, is left to the scheduler


@dataclass(frozen=True, slots=True)
class Published:
    """How a platform's part of a night ended: what went wrong, what is open of all nights, what its listing says."""

    problems: tuple[str, ...]
    open_items: int
    open_messages: int
    listing: str | None

    @property
    def is_answered(self) -> bool:
        """Whether every message was taken and every item has its answer."""
        return not (self.problems or self.open_items)


def load(connection: sa.Connection, platform: str, number: int) -> tuple[Message, State]:
    """Return a message with its items and its state."""
    found = run(connection, "publication/message", platform=platform, number=number).one()
    rows = run(connection, "publication/message_items", platform=platform, number=number).mappings()
    items = tuple(Item(**row) for row in rows)
    message = Message(
        platform, number, found.business_date, found.kind, found.record_type, found.idempotency_key, items
    )
    return message, found.state


def send(
    engine: sa.Engine, adapter: Adapter, platform: str, number: int, answered_on: date | None = None
) -> Message | None:
    """
    Bring a message to its platform, once; every step is committed before the next one.

    A platform that asks for a short pause gets it. Returns the message while answers are still to be collected.
    `answered_on` is the business date that receipts are dated with; without it, the message's own.
    """
    with transaction(engine) as connection:
        message, state = load(connection, platform, number)
    dated = answered_on or message.business_date
    if state in settled:
        return None
    for _ in range(_TRIES):
        if state != "written":
            answers = adapter.ask(message)
            if answers is not None:
                return _answered(engine, message, answers, dated)
        try:
            return _hand_over(engine, adapter, message, dated)
        except PlatformUnavailable as error:
            if error.pause is None or error.pause > _LONGEST_PAUSE:
                raise
            busy, state = error, "unknown"
            time.sleep(error.pause)
    raise busy


def bring(
    engine: sa.Engine, adapter: Adapter, platform: str, number: int, pause: float, answered_on: date | None = None
) -> None:
    """Send a message and collect its receipts in one go."""
    message = send(engine, adapter, platform, number, answered_on)
    if message:
        collect(engine, adapter, message, pause, answered_on)


def bring_all(
    engine: sa.Engine,
    adapters: Callable[[], Adapter],
    platform: Platform,
    numbers: Sequence[int],
    answered_on: date | None = None,
) -> list[PlatformError]:
    """
    Bring many messages to a platform, as many at once as it allows, and return what went wrong.

    Each call has an adapter to itself; no more messages are in memory than there are calls. A platform that does not
    answer is left alone after the first failure of every call, because the others would fail alike: what was not
    sent stays written down, and is due the next time.
    """
    waiting = iter(numbers)
    turn = threading.Lock()

    def work(adapter: Adapter) -> PlatformError | None:
        while True:
            with turn:
                number = next(waiting, None)
            if number is None:
                return None
            try:
                bring(engine, adapter, platform.name, number, platform.wait_seconds, answered_on)
            except MessageRefused as error:
                refused.append(error)
            except PlatformUnavailable as error:
                return error

    refused: list[PlatformError] = []
    with ThreadPoolExecutor(platform.calls_at_once) as pool:
        ended = list(pool.map(work, [adapters() for _ in range(platform.calls_at_once)]))
    return [*refused, *(error for error in ended if error)]


def _answered(engine: sa.Engine, message: Message, answers: Sequence[Answer], answered_on: date) -> Message | None:
    with transaction(engine) as connection:
        still_open = apply_answers(connection, message, answers, answered_on)
    return message if still_open else None


def _hand_over(engine: sa.Engine, adapter: Adapter, message: Message, answered_on: date) -> Message | None:
    _note(engine, message, "unknown", None)
    try:
        answers = adapter.send(message)
    except PlatformUnavailable as error:
        _note(engine, message, "unknown", str(error))
        raise
    except MessageRefused as error:
        _refused(engine, message, str(error), answered_on)
        raise
    if answers is not None:
        return _answered(engine, message, answers, answered_on)
    _note(engine, message, "sent", None)
    return message


def _refused(engine: sa.Engine, message: Message, problem: str, answered_on: date) -> None:
    values = {"platform": message.platform, "number": message.number, "problem": problem}
    with transaction(engine) as connection:
        run(connection, "publication/set_message_state", **values, state="refused")
        run(connection, "publication/refuse_items", **values, answered_on=answered_on)


def _note(engine: sa.Engine, message: Message, state: State, problem: str | None) -> None:
    values = {"platform": message.platform, "number": message.number, "state": state, "problem": problem}
    with transaction(engine) as connection:
        run(connection, "publication/set_message_state", **values)
