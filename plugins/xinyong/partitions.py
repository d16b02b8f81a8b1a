"""
Partitions: history is divided by record, landing by batch, so that work on a part leaves the rest alone.

A landed batch is a table of its own, filled before it becomes part of its feed's landing table: readers never wait for
it, a new table writes no log on a server with `wal_level = minimal`, and what is too old goes by dropping it. Both
kinds lie in the schema `storage`; everything else names the whole tables in `landing` and `warehouse`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from xinyong.database import Fragment, run
from xinyong.settings import history_partitions

if TYPE_CHECKING:
    from xinyong.catalogue import Catalogue


def divide_history(connection: sa.Connection, catalogue: Catalogue) -> None:
    """Give each history table that has none its partitions; their number is settled when a table is made."""
    parts = history_partitions()
    for name in catalogue.records:
        if run(connection, "partition/count_parts", whole=f"warehouse.{name}").scalar_one():
            continue
        for part in range(parts):
            names = {"whole": f"warehouse.{name}", "part": f"storage.versions_{name}_{part}"}
            numbers = {"modulus": _number(parts), "remainder": _number(part)}
            run(connection, "partition/add_history_part", names | numbers)


def open_batch_table(connection: sa.Connection, feed: str, batch_id: int) -> str:
    """Make the table that a batch's rows go into and return its name; one that is there already is used again."""
    part = batch_table(feed, batch_id)
    run(connection, "partition/open_batch_table", {"whole": f"landing.{feed}", "part": part}, batch_id=batch_id)
    return part


def attach_batch_table(connection: sa.Connection, feed: str, batch_id: int) -> None:
    """Make a batch's table part of its feed's landing table."""
    part = batch_table(feed, batch_id)
    if not run(connection, "partition/is_part", part=part).scalar_one():
        names = {"whole": f"landing.{feed}", "part": part, "value": _number(batch_id)}
        run(connection, "partition/attach_batch_table", names)


def drop_batch_table(connection: sa.Connection, feed: str, batch_id: int) -> None:
    """Drop what was landed in a batch; its entry in `landing.batch` stays."""
    run(connection, "partition/drop_batch_table", {"part": batch_table(feed, batch_id)})


def batch_table(feed: str, batch_id: int) -> str:
    """Return the table of one batch of a feed."""
    return f"storage.landed_{feed}_{batch_id}"


def _number(value: int) -> Fragment:
    """Write a number where PostgreSQL takes no parameter."""
    return Fragment.of(sa.literal(value))
