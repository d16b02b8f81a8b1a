"""
Reconcile: the difference between what a platform should show and what its receipts confirmed, written down.

Runs as the publisher, who sees the gate's views and the published state and nothing else. The delta becomes
numbered messages, chained and signed, before anything is sent; a quiet day becomes an explicit "nothing to report".
Running it again writes nothing new: what is written and not answered yet counts as told.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from xinyong import chain, touched
from xinyong.catalogue.platforms import Platform
from xinyong.database import run
from xinyong.gate import ending_view_name, view_name
from xinyong.platforms import UNDONE
from xinyong.signing import Signer
from xinyong.touched import Sight


def reconcile(
    connection: sa.Connection, platform: Platform, business_date: date, signer: Signer, whole: bool = False
) -> list[int]:
    """
    Write the messages of a date and return the numbers of all that are due: today's, and older unanswered ones.

    Looks at the records that may differ since the last time; with `whole`, at all of them.
    """
    run(connection, "publication/lock_platform", platform=platform.name)
    found = touched.sight(connection, platform)
    open_gate_of(connection, platform, business_date)
    find_delta(connection, platform, None if whole else found)
    touched.remember(connection, platform, found)
    sizes = {"platform": platform.name, "batch_size": platform.batch_size}
    run(connection, "publication/number_delta", **sizes)
    run(connection, "publication/analyze_numbered")
    dated = {"platform": platform.name, "business_date": business_date}
    run(connection, "publication/write_messages", **dated)
    for name in run(connection, "publication/told_types").scalars().all():
        _write_items(connection, platform, name)
    run(connection, "publication/write_nothing", **dated)
    _sign(connection, platform, signer)
    return list(run(connection, "publication/due_messages", **dated).scalars())


def _write_items(connection: sa.Connection, platform: Platform, record_type: str) -> None:
    run(connection, "publication/forget_payloads")
    are_few = touched.ask_numbered(connection, platform, record_type)
    names = {"view": view_name(platform.name, record_type, are_few), "asked": are_few}
    run(connection, "publication/payloads", names, record_type=record_type)
    run(connection, "publication/analyze_payloads")
    run(connection, "publication/write_items", platform=platform.name, record_type=record_type)


def open_gate(connection: sa.Connection, logical_date: date) -> None:
    """Take the publisher's role and tell the gate the date, both until the transaction ends."""
    run(connection, "publication/as_publisher")
    run(connection, "publication/set_logical_date", logical_date=logical_date.isoformat())


def open_gate_of(connection: sa.Connection, platform: Platform, business_date: date) -> None:
    """Open the gate for a platform on a date, or on the latest date it was told about when that is later."""
    values = {"platform": platform.name, "business_date": business_date}
    open_gate(connection, run(connection, "publication/logical_date", **values).scalar_one())


def find_delta(connection: sa.Connection, platform: Platform, since: Sight | None = None) -> None:
    """
    Fill the temporary table `delta` with what the platform must be told, one row per item.

    Compares all records, or those that may differ since the platform's last delta, as seen now.
    """
    run(connection, "publication/delta_table")
    values = {"platform": platform.name, "again": [*platform.again, *UNDONE]}
    values["again_when_linked"] = list(platform.again_when_linked)
    for name in platform.records:
        asked = since is not None and touched.ask(connection, platform, name, since)
        run(connection, "publication/forget_desired")
        run(connection, "publication/desire", {"view": view_name(platform.name, name, asked)})
        names = {"ending_view": ending_view_name(platform.name, name), "asked": asked}
        run(connection, "publication/find_delta", names, **values, record_type=name)


def _sign(connection: sa.Connection, platform: Platform, signer: Signer) -> None:
    """Chain each new message to the one before it, so that none can be changed, dropped or slipped in unnoticed."""
    unsigned = run(connection, "publication/unsigned_messages", platform=platform.name).all()
    previous = unsigned[0].follows if unsigned else ""
    for message in unsigned:
        values = {"platform": platform.name, "number": message.number}
        items = run(connection, "publication/message_items", **values).mappings()
        found: dict[str, Any] = {
            "platform": platform.name,
            "number": message.number,
            "business_date": message.business_date.isoformat(),
            "kind": message.kind,
            "algorithm": signer.algorithm,
            "body_hash": chain.body_hash([dict(item) for item in items]),
        }
        signature = signer.sign(chain.manifest(found, previous))
        written = {name: found[name] for name in ("algorithm", "body_hash")}
        run(connection, "publication/sign_message", **values, **written, previous_hash=previous, signature=signature)
        previous = signature
