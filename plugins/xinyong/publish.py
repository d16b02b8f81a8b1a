"""
Publish: hand a written message to its platform, and never blindly twice.

Before a message leaves, its state says `unknown`; only an answer changes that. Whoever finds it in that state, after
a time-out or a kill, asks the platform by key before sending anything again.
"""

from __future__ import annotations

import sqlalchemy as sa

from xinyong.database import run, transaction
from xinyong.errors import MessageRefused, PlatformUnavailable
from xinyong.platforms import Adapter, Item, Message
from xinyong.receipts import apply_answers, settled

State = str


def load(connection: sa.Connection, platform: str, number: int) -> tuple[Message, State]:
    """Return a message with its items and its state."""
    found = run(connection, "publication/message", platform=platform, number=number).one()
    rows = run(connection, "publication/message_items", platform=platform, number=number).mappings()
    items = tuple(Item(**row) for row in rows)
    message = Message(
        platform, number, found.business_date, found.kind, found.record_type, found.idempotency_key, items
    )
    return message, found.state


def send(engine: sa.Engine, adapter: Adapter, platform: str, number: int) -> None:
    """Bring a message to its platform, once; every step is committed before the next one."""
    with transaction(engine) as connection:
        message, state = load(connection, platform, number)
    if state in settled:
        return
    if state != "written":
        answers = adapter.ask(message)
        if answers is not None:
            with transaction(engine) as connection:
                apply_answers(connection, message, answers)
            return
    _hand_over(engine, adapter, message)


def _hand_over(engine: sa.Engine, adapter: Adapter, message: Message) -> None:
    _note(engine, message, "unknown", None)
    try:
        answers = adapter.send(message)
    except PlatformUnavailable as error:
        _note(engine, message, "unknown", str(error))
        raise
    except MessageRefused as error:
        _note(engine, message, "refused", str(error))
        with transaction(engine) as connection:
            values = {"platform": message.platform, "number": message.number, "problem": str(error)}
            run(connection, "publication/refuse_items", **values)
        raise
    if answers is None:
        _note(engine, message, "sent", None)
        return
    with transaction(engine) as connection:
        apply_answers(connection, message, answers)


def _note(engine: sa.Engine, message: Message, state: State, problem: str | None) -> None:
    values = {"platform": message.platform, "number": message.number, "state": state, "problem": problem}
    with transaction(engine) as connection:
        run(connection, "publication/set_message_state", **values)
