"""Small deliveries, taken in without Great Expectations, which costs seconds: verdicts are written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import sqlalchemy as sa
from staged import VALID

from xinyong.catalogue import catalogue
from xinyong.database import connected, run
from xinyong.extract.delivery import Delivery
from xinyong.hashes import set_hashes
from xinyong.landing import batch, land
from xinyong.sealing import sealer
from xinyong.stages import known_at
from xinyong.staging import stage
from xinyong.warehouse import store_batch

FIRST = date(2026, 11, 24)
PREFIX = {"penalty": "cf", "licence": "xk"}
# The two rules that are judged by hand: a field that must be filled, and the field that makes the key.
BY_HAND = {"penalty": {"PEN-R01-CF_SY": "cf_sy", "PEN-R01-CF_WSH": "cf_wsh"}, "licence": {"LIC-R01-XK_NR": "xk_nr"}}
LEFT_BEHIND = (
    *("quality.violation", "quality.quarantine", "quality.sighting"),
    *("warehouse.store_result", "warehouse.penalty", "warehouse.licence"),
    *("operation.intake", "operation.feed_ledger", "landing.enforcement_penalty", "landing.safety_penalty"),
    *("landing.approvals_licence", "landing.batch"),
)


def day(number):
    """Return the business date of the first, second, … night."""
    return FIRST + timedelta(days=number - 1)


def a_penalty(number, **changes):
    """Return a row of a penalty as its system delivers it, by landed column."""
    own = {"source_id": f"C{number}", "cf_wsh": f"闽明工信罚〔2026〕{number}号", "cf_jdrq": "2026-11-20"}
    return VALID["penalty"] | own | {"cf_cflb": "罚款", "cf_nr_fk": "1", "fine_yuan": "10000"} | changes


def a_licence(number, updated="2026-11-20T09:00:00+08:00", **changes):
    """Return a row of a licence, with the time its system says it was changed at."""
    return VALID["licence"] | {"source_id": f"L{number}", "updated_at": updated, "xk_wsh": f"许{number}"} | changes


def a_subject(name, uscc, **changes):
    """Return a row of the registration base."""
    return {"sub_mc": name, "sub_shxym": uscc, "sub_gszc": "350402100000017", "sub_zt": "存续"} | changes


def changed(feed, **changes):
    """Return the catalogue with one feed declared otherwise."""
    found = catalogue()
    return replace(found, feeds=found.feeds | {feed: found.feeds[feed].model_copy(update=changes)})


def landed(feed, when, rows, declared=None):
    """Land rows as the delivery of a date and return the batch."""
    found = declared or catalogue()
    source = found.feeds[feed]
    cells = ([row.get(name) for name in source.columns.values()] for row in rows)
    delivery = Delivery(f"{feed} of {when}", tuple(source.columns), cells)
    with connected() as connection:
        record_type = found.records[source.record_type]
        batch_id = land(connection, source, record_type, delivery, when, known_at(when), sealer())
        values = {"feed": feed, "business_date": when, "batch_id": batch_id, "outcome": "landed", "problem": None}
        run(connection, "operation/record_intake", **values)
    return batch_id


def judged(batch_id, declared=None):
    """Stage a batch and set aside by hand the rows that lack one of two fields."""
    found = declared or catalogue()
    with connected() as connection:
        one = batch(connection, batch_id)
        if one.state in ("stored", "retracted"):
            return
        feed = found.feeds[one.feed]
        stage(connection, feed, found.records[feed.record_type], batch_id, one.known_at)
        for code, column in BY_HAND.get(feed.record_type, {}).items():
            _set_aside(connection, feed, batch_id, code, column)
        run(connection, "landing/set_state", batch_id=batch_id, state="checked")


def _set_aside(connection, feed, batch_id, code, column):
    about = {"record_type": feed.record_type, "field": column.upper(), "severity": "critical"}
    says = {"dimension": "completeness", "says": "未填写", "basis": "Reporting format"}
    run(connection, "quality/register_rule", rule_code=code, **about, **says)
    connection.execute(
        sa.text(
            "INSERT INTO quality.violation SELECT batch_id, row_number, :code FROM quality.staged_"
            f"{feed.name} WHERE {column} IS NULL ON CONFLICT DO NOTHING"
        ),
        {"code": code},
    )


def stored(batch_id, declared=None):
    """Store a judged batch in a transaction of its own."""
    with connected() as connection:
        store_batch(connection, declared or catalogue(), batch_id)


def take_in(feed, when, rows, declared=None):
    """Bring the delivery of a date through land, check and store; return its batch."""
    batch_id = landed(feed, when, rows, declared)
    judged(batch_id, declared)
    stored(batch_id, declared)
    return batch_id


def state_of(batch_id):
    with connected() as connection:
        return batch(connection, batch_id).state


def rows(statement, **values):
    """Return what a query finds."""
    with connected() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement), values)]


def execute(statement, **values):
    """Change the database behind the pipeline's back."""
    with connected() as connection:
        connection.execute(sa.text(statement), values)


def hashes():
    with connected() as connection:
        return set_hashes(connection, catalogue())


def forget_everything():
    """Empty the warehouse, for the next order of the same batches."""
    with connected() as connection:
        for table in LEFT_BEHIND:
            connection.execute(sa.text(f"DELETE FROM {table}"))


def counts(batch_id):
    """Return what became of a batch's rows, as the store stage counted it."""
    names = ("received", "accepted", "quarantined", "unchanged", "duplicate", "ended", "deletions_held")
    found = rows(f"SELECT {', '.join(names)} FROM warehouse.store_result WHERE batch_id = :batch_id", batch_id=batch_id)
    return {name: number for name, number in zip(names, found[0], strict=True) if number} if found else None
