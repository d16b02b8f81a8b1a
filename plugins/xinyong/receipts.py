"""
Collect: what a platform answered, per record, and the published state that follows from it.

An item is accepted, rejected with a reason, or visibly open; nothing else happens to it, however often it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Final

import sqlalchemy as sa
from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_exponential

from xinyong.database import run, transaction
from xinyong.errors import PlatformUnavailable
from xinyong.platforms import UNDONE, Adapter, Answer, Message

settled: Final = frozenset({"answered", "refused"})
_ASKED_AT_ONCE = 8  # after that the task's own retry, with its longer pause, asks again
_LONGEST = 32  # times the platform's own pause


def collect(
    engine: sa.Engine, adapter: Adapter, message: Message, pause: float, answered_on: date | None = None
) -> None:
    """
    Ask for the receipts of a sent message, with growing pauses, until each item has one, or say that some are open.

    The first pause is a quarter of `pause`, in seconds; each further one is twice as long.
    """
    asking = Retrying(
        retry=retry_if_result(_is_open),
        stop=stop_after_attempt(_ASKED_AT_ONCE),
        wait=wait_exponential(multiplier=pause / 4, max=pause * _LONGEST),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    answers = asking(adapter.ask, message)
    if answers is None:
        with transaction(engine) as connection:
            values = {"platform": message.platform, "number": message.number, "state": "unknown"}
            run(connection, "publication/set_message_state", **values, problem="the platform does not know the message")
        raise PlatformUnavailable(
            f"{message.platform}: message {message.number} was sent, but the platform does not know it. Expected: an "
            "answer to it. It stays open and is sent again with the same key at the next try."
        )
    with transaction(engine) as connection:
        still_open = apply_answers(connection, message, [_lost(answer) for answer in answers], answered_on)
    if still_open:
        raise PlatformUnavailable(
            f"{message.platform}: {still_open} of {len(message.items)} items of message {message.number} have no "
            "answer yet. Expected: accepted or rejected. They stay open and are asked for again."
        )


def apply_answers(
    connection: sa.Connection, message: Message, answers: Sequence[Answer], answered_on: date | None = None
) -> int:
    """
    Write answers down, bring the published state up to date, and return how many items are still open.

    `answered_on` is the business date on which the platform answered; without it, the message's own.
    """
    key = {"platform": message.platform, "number": message.number}
    text = json.dumps([asdict(answer) for answer in answers], ensure_ascii=False)
    run(connection, "publication/record_answers", **key, answers=text, answered_on=answered_on or message.business_date)
    run(connection, "publication/forget_withdrawn", **key)
    run(connection, "publication/confirm_published", **key)
    still_open = int(run(connection, "publication/open_items", **key).scalar_one())
    state = "answered" if still_open == 0 else "sent"
    run(connection, "publication/set_message_state", **key, state=state, problem=None)
    return still_open


def _lost(answer: Answer) -> Answer:
    """Take what the platform, asked by the record's key, did not do as rejected: the next delta tells it anew."""
    if answer.state == "unknown" and answer.code in UNDONE:
        return replace(answer, state="rejected", text=answer.text or "asked by its key, the platform did not do it")
    return answer


def _is_open(answers: list[Answer] | None) -> bool:
    return answers is not None and any(answer.state == "unknown" for answer in answers)
