"""
What a person types that is kept for good and shown to others: reasons, bases, names, document numbers, remarks.

The numbers of a delivery are sealed at the door; what is typed here has no such door, and acts can never be changed.
So a text that holds a personal number is refused before anything is written, and nobody is told the number again.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from xinyong.database import run
from xinyong.errors import XinyongError
from xinyong.sealing import without_numbers

LONGEST = 500  # signs; a letter that quotes a longer reason no longer fits its page


def check(connection: sa.Connection, place: str, texts: Mapping[str, str | None], error: type[XinyongError]) -> None:
    """Raise `error` when one of the texts, given by their names, holds a personal number or is too long to be shown."""
    given = {name: text for name, text in texts.items() if text}
    where = without_numbers(place)
    if long := [f"{name} of {len(text)} signs" for name, text in given.items() if len(text) > LONGEST]:
        raise error(
            f"{where}: a text is too long. Found: {', '.join(long)}. Expected: up to {LONGEST}. Say it in fewer words; "
            "what is longer belongs into the document that is named. Nothing has been recorded.",
            f"文字过长，不得超过{LONGEST}字。请精简后重新提交。",
        )
    if held := _holding_numbers(connection, given):
        raise error(
            f"{where}: {', '.join(held)}: what looks like an identity, telephone or bank card number stands in the "
            "text. Expected: words without such a number, since they are kept for good and shown. Say it without the "
            "number. Nothing has been recorded.",
            "文字中有疑似证件号码、电话号码或者银行卡号（整改清单的文件名也不得含有）。请去掉后重新提交。",
        )


def _holding_numbers(connection: sa.Connection, given: Mapping[str, str]) -> list[str]:
    """Return the names of the texts that hold an identity, telephone or card number."""
    names = list(given)
    unusual = run(connection, "free_text/holding_numbers", texts=list(given.values())).scalars()
    found = {names[place - 1] for place in unusual}
    return [name for name, text in given.items() if name in found or without_numbers(text) != text]
