"""
The messages of a platform as a consumer may read them: from any number on, one JSON line each, with all that is
needed to verify them (`xinyong.chain`) and to replay them onto an empty set.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from xinyong.database import run


def exported(
    connection: sa.Connection, platform: str, first: int = 1, last: int | None = None
) -> Iterator[dict[str, Any]]:
    """
    Yield a platform's messages in their order, each as a dictionary of JSON values; one at a time is in memory.

    Each item carries what was written down (`xinyong.chain.ITEM_PARTS`) and, beside it, its receipt: `state`, the
    platform's error and the business date on which the answer came.
    """
    named = {"platform": platform, "first": first, "last": last}
    for message in run(connection, "publication/messages_from", **named).mappings().all():
        yield {**message, "items": _items(connection, platform, message["number"])}


def _items(connection: sa.Connection, platform: str, number: int) -> list[dict[str, Any]]:
    values = {"platform": platform, "number": number}
    told = run(connection, "publication/message_items", **values).mappings().all()
    receipts = run(connection, "publication/message_receipts", **values).mappings().all()
    return [{**item, **receipt} for item, receipt in zip(told, receipts, strict=True)]
