"""
A drawn history lived through on the real path, and beside it what the model has to be told.

Every step is a transaction that may be killed before any statement and is then done again. Rules are judged by hand:
Great Expectations would take seconds.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import sqlalchemy as sa
from deliveries import LEFT_BEHIND, a_licence, a_penalty
from histories import FIRST, NIGHTS, decided
from model import ZONE, Inputs
from staged import VALID

from xinyong import history
from xinyong.catalogue import catalogue
from xinyong.database import run
from xinyong.extract.delivery import Delivery as Extract
from xinyong.hashes import set_hashes
from xinyong.history import Moment
from xinyong.landing import batch, land
from xinyong.partitions import drop_batch_table
from xinyong.sealing import sealer
from xinyong.stages import known_at
from xinyong.staging import stage, staged_table
from xinyong.warehouse import store_batch

DAY = FIRST + timedelta(days=NIGHTS + 2)  # on which persons correct
EMPTIED = (*LEFT_BEHIND, "landing.safety_licence_legacy", "warehouse.succession", "quality.restatement")
CORRECTED = ("correction", "correction_change", "correction_image", "correction_intake", "correction_judged")
CONTENT = {"penalty": ("cf_sy", "PEN-R01-CF_SY"), "licence": ("xk_nr", "LIC-R01-XK_NR")}
CODE = {"penalty": "cf_wsh", "licence": "xk_wsh"}


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Held:
    """A landed batch as the model has to know it: by what it was judged last, and which corrections silence it."""

    feed: str
    day: date
    known: object
    rows: tuple
    broken: str
    silenced: set[int] = field(default_factory=set)


class Life:
    """One plan being lived through; every delivery is known by feed and moment."""

    def __init__(self, connection, plan):
        self.connection, self.plan, self.found = connection, plan, declared(plan)
        self.rules = {source.name: "" for source in plan.sources}
        self.come, self.owner, self.batches, self.applied = {}, {}, {}, {}
        self._forget()

    # -- what the model is told

    def inputs(self):
        """Return what still speaks, each delivery with the rules it was last judged by, and what was restated."""
        deliveries = []
        for key, one in self.come.items():
            held = self.batches[self.owner[key]]
            if not held.silenced:
                deliveries.append(replace(one, broken=held.broken))
        restated = [one for applied in self.applied.values() for one in applied.restated]
        return Inputs(self.plan.sources, tuple(deliveries), tuple(restated))

    def _note(self, delivery, batch_id):
        """Note a delivery and its batch, which may be an earlier one with the same content."""
        self._note_batch(batch_id, delivery.feed, delivery.day, delivery.rows)
        held = self.batches[batch_id]
        is_own = (held.day, held.rows) == (delivery.day, delivery.rows)
        reading = held.known.second if is_own else self._readings(delivery.feed, delivery.day)
        told = replace(delivery, reading=reading)
        self.come[told.feed, told.known], self.owner[told.feed, told.known] = told, batch_id
        return told.feed, told.known

    def _note_batch(self, batch_id, feed, day, rows):
        if batch_id not in self.batches:
            with self.connection.begin():
                known = batch(self.connection, batch_id).known_at.astimezone(ZONE)
            self.batches[batch_id] = Held(feed, day, known, rows, self.rules[feed])

    def _note_copies(self):
        """Learn of the batches that dates got of their own because a late one came between them and the one before."""
        query = "SELECT batch_id, feed, known_at FROM landing.batch WHERE NOT batch_id = ANY(:known) ORDER BY known_at"
        with self.connection.begin():
            found = self.connection.execute(sa.text(query), {"known": [*self.batches]}).all()
        for copy_id, feed, moment in found:
            known = moment.astimezone(ZONE)
            original = self.owner[feed, known]
            held, day = self.batches[original], self.come[feed, known].day
            self.batches[copy_id] = replace(held, day=day, known=known, silenced=set(held.silenced))
            for key, owner in self.owner.items():
                if owner == original and key[1] >= known:
                    self.owner[key] = copy_id

    def _readings(self, feed, day):
        return sum((one.feed, one.day) == (feed, day) for one in self.batches.values())

    # -- the real path

    def step(self, work, kill=0):
        """Do a step in one transaction; when it is killed, do it again."""
        if kill:
            try:
                with self.connection.begin(), dying_before(kill):
                    return work()
            except Killed:
                pass
        with self.connection.begin():
            return work()

    def take_in(self, delivery, kill=0, known=None):
        """Bring a delivery through land, check and store; one that was read before is the same batch."""
        batch_id = self.step(lambda: self._land(delivery, known), kill)
        told = [self.come[key] for key, owner in self.owner.items() if owner == batch_id and key[0] == delivery.feed]
        if not any(one.day == delivery.day for one in told):
            self._note(delivery, batch_id)
        self._note_copies()
        self.step(lambda: self._check(batch_id), kill)
        self.step(lambda: store_batch(self.connection, self.found, batch_id), kill)

    def _land(self, delivery, known):
        feed = self.found.feeds[delivery.feed]
        day, record_type = delivery.day, self.found.records[feed.record_type]
        values = (extract(feed, delivery.rows), day, known or known_at(day), sealer())
        batch_id = land(self.connection, feed, record_type, *values)
        told = {"feed": feed.name, "business_date": day, "batch_id": batch_id, "outcome": "landed", "problem": None}
        run(self.connection, "operation/record_intake", **told)
        return batch_id

    def _check(self, batch_id):
        one = batch(self.connection, batch_id)
        if one.state in ("stored", "retracted"):
            return
        feed = self.found.feeds[one.feed]
        record_type = self.found.records[one.record_type]
        stage(self.connection, feed, record_type, batch_id, one.known_at)
        self.judge(self.connection, feed, record_type, batch_id, one.business_date)
        run(self.connection, "landing/set_state", batch_id=batch_id, state="checked")

    def judge(self, connection, feed, record_type, batch_id, business_date, table=""):
        """Set aside by hand what lacks its content or its key, and what today's rule of the feed names."""
        content, code = CONTENT[record_type.name]
        connection.execute(sa.text("DELETE FROM quality.violation WHERE batch_id = :b"), {"b": batch_id})
        query = (
            f"INSERT INTO quality.violation SELECT :b, row_number, '{code}' FROM {table or staged_table(feed)} "
            f"WHERE {content} IS NULL OR record_id IS NULL OR position(right({content}, 1) IN :broken) > 0"
        )
        connection.execute(sa.text(query), {"b": batch_id, "broken": self.rules[feed.name]})

    # -- what is found afterwards

    def versions(self):
        """List what the model lists, out of the history."""
        record_type = self.plan.record_type
        code, content = CODE[record_type], CONTENT[record_type][0]
        query = (
            f"SELECT v.feed, v.{code}, v.{content}, v.source_at, v.valid_to, v.known_at, v.ending, "
            f"(SELECT n.{code} FROM warehouse.{record_type} AS n WHERE n.record_id = s.successor_id LIMIT 1) "
            f"FROM warehouse.{record_type} AS v LEFT JOIN warehouse.succession AS s USING (record_id, batch_id)"
        )
        with self.connection.begin():
            found = self.connection.execute(sa.text(query)).all()
        return {
            (feed, key_of(document), *others, successor and key_of(successor))
            for feed, document, *others, successor in found
        }

    def true_on(self, on, known_on):
        """Return what is believed true, by key."""
        record_type = self.found.records[self.plan.record_type]
        code, content = CODE[record_type.name], CONTENT[record_type.name][0]
        at = Moment(on, known_on, corrected_by=DAY)  # the model knows what was corrected, and not when
        with self.connection.begin():
            rows = history.believed(self.connection, self.found, record_type, at, only_true=True)
            return {key_of(row[code]): (row["feed"], row[content]) for row in rows}

    def left_behind(self):
        """Return what no order and no kill may change."""
        with self.connection.begin():
            return set_hashes(self.connection, self.found)

    def entries(self):
        """List the quarantine, for a person who has to see what differs."""
        query = "SELECT feed, document, rule_codes::text, state, opened_on, closed_on FROM quality.quarantine"
        with self.connection.begin():
            return {tuple(row) for row in self.connection.execute(sa.text(query))}

    def _forget(self):
        """Empty the warehouse; tables of landed batches are dropped, because every further one costs time."""
        with self.connection.begin():
            for batch_id, feed in self.connection.execute(sa.text("SELECT batch_id, feed FROM landing.batch")).all():
                drop_batch_table(self.connection, feed, batch_id)
            self.connection.execute(sa.text(f"TRUNCATE {', '.join(EMPTIED)} CASCADE"))


def declared(plan):
    """Return a catalogue of the two feeds as the plan has them, and nothing else; any share of records may go."""
    found = catalogue()
    feeds = {}
    for source in plan.sources:
        own = found.feeds[source.name]
        percent = {"max_deletions_percent": 100, "max_quarantined_percent": 100, "max_shrink_percent": 100}
        said = {"change": source.change, "deletion": source.ending, "precedence": source.precedence}
        feeds[source.name] = own.model_copy(update=said | {"bounds": own.bounds.model_copy(update=percent)})
    return replace(found, records={plan.record_type: found.records[plan.record_type]}, feeds=feeds, platforms={})


def extract(feed, rows):
    """Deliver rows as the system of a feed does."""
    landed = [landed_row(feed.name, row) for row in rows]
    return Extract("model", tuple(feed.columns), ([row.get(name) for name in feed.columns.values()] for row in landed))


def landed_row(feed, row):
    """Write a row as its system would deliver it, by landed column."""
    number = "" if row.key is None else row.key
    when = decided(row.key or 0).isoformat()
    if feed == "approvals_licence":
        told = row.told.isoformat() if row.told else "不详"
        return a_licence(number, told, xk_nr=row.content, xk_jdrq=when, source_id=row.source_id, **_key("xk_wsh", row))
    if feed == "safety_licence_legacy":
        return VALID["licence"] | {"xk_nr": row.content, "xk_jdrq": when, "xk_wsh": f"许{number}"} | _key("xk_wsh", row)
    return a_penalty(number, cf_sy=row.content, cf_jdrq=when, source_id=row.source_id, **_key("cf_wsh", row))


def _key(column, row):
    return {column: None} if row.key is None else {}


def document(record_type, key):
    return f"闽明工信罚〔2026〕{key}号" if record_type == "penalty" else f"许{key}"


def key_of(document):
    return int(re.search(r"(\d+)号?$", document)[1])


@contextmanager
def dying_before(number):
    """Kill the process right before the n-th statement from now."""
    counted = 0

    def count(*others):
        nonlocal counted
        counted += 1
        if counted == number:
            raise Killed

    sa.event.listen(sa.Engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", count)
