"""
Retract batches that should never have been loaded, and restore them.

A retracted batch keeps its place and its rows in landing and says nothing any more: the warehouse becomes what it
would be had the batch never come. Records that only it had said have no version left, and are withdrawn as
`retracted_as_wrong`: never true, without a public trace. The same content delivered right after it is that batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from xinyong import quarantine
from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.correction.plans import CorrectionError
from xinyong.database import run
from xinyong.warehouse import store_again


def check(connection: sa.Connection, feed: Feed, batch_id: int) -> None:
    """Refuse a batch that is not there, is not stored, or whose records were restated since."""
    found = run(connection, "correction/batch", feed=feed.name, batch_id=batch_id).one_or_none()
    if found is None:
        raise CorrectionError(
            f"{feed.name} has no batch {batch_id}. Expected: one of its batches. `xinyong correct batches --feed "
            f"{feed.name}` lists them. Nothing has changed."
        )
    if found.state != "stored":
        already = "it says nothing any more" if found.state == "retracted" else "nothing of it is in the warehouse"
        raise CorrectionError(
            f"Batch {batch_id} of {feed.name} ({found.business_date}) is `{found.state}`: {already}. Expected: a "
            "stored batch. There is nothing to retract."
        )
    restated = run(connection, "correction/restated_in", batch_id=batch_id).all()
    if restated:
        named = "; ".join(f"{one.document} by correction {one.correction_id} ({one.person})" for one in restated[:5])
        raise CorrectionError(
            f"Batch {batch_id} of {feed.name} holds {len(restated)} records that were corrected since: {named}. "
            "Expected: a batch on which no restatement rests. Their corrections stand. Roll them back first (`xinyong "
            "correct rollback`), then plan the retraction again."
        )


def retract(connection: sa.Connection, catalogue: Catalogue, feed: Feed, batches: Sequence[int]) -> int:
    """Silence batches and store what is known since the first of them once more; return how many were."""
    if not batches:
        return 0
    names = {"history": f"warehouse.{feed.record_type}"}
    since = run(connection, "correction/first_known", batches=list(batches)).scalar_one()
    run(connection, "warehouse/touched_table")
    for batch_id in batches:
        run(connection, "warehouse/touch_versions", names, batch_id=batch_id)
        run(connection, "warehouse/remove_versions", names, batch_id=batch_id)
        run(connection, "warehouse/forget_successors", batch_id=batch_id)
        run(connection, "correction/forget_store_result", batch_id=batch_id)
        run(connection, "quarantine/forget_batch", batch_id=batch_id)
        run(connection, "landing/set_state", batch_id=batch_id, state="retracted")
    run(connection, "warehouse/restate_validity", names, feed=feed.name)
    run(connection, "correction/forget_touched")
    quarantine.set_back(connection, feed, since)
    again = store_again(connection, catalogue, feed, since)
    run(connection, "correction/forget_touched")
    return len(again)


def restore(connection: sa.Connection, catalogue: Catalogue, feed: Feed, batch_id: int) -> int:
    """Let a retracted batch speak again, in its own place."""
    run(connection, "landing/set_state", batch_id=batch_id, state="stored")
    since = run(connection, "correction/batch", feed=feed.name, batch_id=batch_id).one().known_at
    quarantine.set_back(connection, feed, since)
    again = store_again(connection, catalogue, feed, since)
    run(connection, "correction/forget_touched")
    return len(again)
