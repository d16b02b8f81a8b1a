"""
Check: judge a staged batch by its suite, and decide whether the batch may go on.

Great Expectations decides what breaks a rule; one pass over the data lists every record that does. It is imported
only where something is judged, because that takes seconds.
"""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from xinyong.quality.rules import Rule
from xinyong.quality.suites import suite

if TYPE_CHECKING:
    import sqlalchemy as sa

    from xinyong.catalogue.feeds import Feed
    from xinyong.catalogue.records import RecordType

# Great Expectations tells of every function it registers while it is imported: hundreds of lines that help nobody.
# This module runs before any other of the package, so that the import finds the level set.
logging.getLogger("great_expectations").setLevel(logging.WARNING)

__all__ = ["Rule", "gate", "judge", "suite"]


def judge(
    connection: sa.Connection, feed: Feed, record_type: RecordType, batch_id: int, business_date: date, table: str = ""
) -> None:
    """Write every failing (record, rule) of a batch and what came of each rule, in the connection's transaction."""
    from xinyong.quality.compile import judge as judge_batch

    judge_batch(connection, record_type, table or f"quality.staged_{feed.name}", batch_id, business_date)


def gate(connection: sa.Connection, feed: Feed, batch_id: int, business_date: date, docs_dir: Path) -> None:
    """Raise `BatchRefused` when a judged batch breaks the bounds of its feed; write its Data Docs either way."""
    from xinyong.quality.checkpoint import decide

    decide(connection, feed, batch_id, business_date, docs_dir)
