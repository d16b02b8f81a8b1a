"""Whatever order deliveries come in, and wherever they are killed, the warehouse says what a plain model says."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from deliveries import LEFT_BEHIND, a_licence, a_penalty, connected
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from model import ZONE, Delivery, Row, Source, stories, true_on
from staged import VALID

from xinyong import history
from xinyong.catalogue import catalogue
from xinyong.database import engine, run
from xinyong.extract.delivery import Delivery as Extract
from xinyong.hashes import set_hashes
from xinyong.history import Moment
from xinyong.landing import batch, land
from xinyong.sealing import sealer
from xinyong.stages import known_at
from xinyong.staging import stage, staged_table
from xinyong.warehouse import restate, store_batch

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")  # a plan that fails has many rows

FIRST = date(2026, 11, 24)
NIGHTS, CASES, PLANS = 4, 48, 21  # 1,008 histories: each is that of one record, told by two feeds, under two keys
DECIDED = (date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 26))
LAST = FIRST + timedelta(days=NIGHTS + 1)
EMPTIED = (*LEFT_BEHIND, "landing.safety_licence_legacy", "warehouse.succession")


@dataclass(frozen=True, repr=False)
class Plan:
    """Two feeds, what they deliver, in which order it comes, what comes twice, and before which statements we die."""

    sources: tuple[Source, Source]
    deliveries: tuple[Delivery, ...]
    order: tuple[int, ...]
    kills: tuple[int, ...]
    asked: tuple[tuple[date, date | None], ...]
    record_type: str
    is_compared: bool  # with a clean run in order, which costs as much again

    def __repr__(self):
        """Leave out the thousands of rows: what differs is told by itself."""
        return f"{self.record_type} from {self.sources}, order {self.order}, killed at {self.kills}"


class Killed(BaseException):
    """The process is gone."""


def decided(key):
    return DECIDED[key % len(DECIDED)]


@st.composite
def plans(draw):
    """Draw one plan; what happens to a record on a night is one letter, so that shrinking stays readable."""
    change = draw(st.sampled_from(["full", "full", "incremental"]))
    endings = draw(st.tuples(*[st.sampled_from(["revoked", "retracted_as_wrong", "superseded"])] * 2))
    is_timed = draw(st.booleans())
    names = ("approvals_licence", "safety_licence_legacy") if is_timed else ("enforcement_penalty", "safety_penalty")
    sources = (
        Source(names[0], 1, change, endings[0], has_time=is_timed, has_ids=True),
        Source(names[1], 2, "full", endings[1]),
    )
    deliveries = (*_delivered(draw, sources[0]), *_delivered(draw, sources[1]))
    places = draw(st.permutations(range(len(deliveries))))
    latest = {(one.feed, one.day): place for place, one in enumerate(deliveries)}  # reading an old one again is news
    again = draw(st.lists(st.sampled_from([*latest.values()]), max_size=2))
    days = st.integers(-5, NIGHTS + 1).map(lambda number: FIRST + timedelta(days=number))
    known = st.none() | st.integers(0, NIGHTS).map(lambda number: FIRST + timedelta(days=number))
    return Plan(
        sources,
        deliveries,
        (*_readings_in_order(deliveries, places), *again),
        tuple(draw(st.lists(st.integers(1, 60), min_size=2, max_size=3))),
        tuple(draw(st.lists(st.tuples(days, known), min_size=8, max_size=8))),
        "licence" if is_timed else "penalty",
        draw(st.integers(0, 6)) == 0,
    )


LETTERS = (
    "aaaaabbbcc-!?n2"  # content a, b, c · absent · breaks a rule · key unreadable · another key · twice in the batch
)


def _delivered(draw, source):
    """Draw what a source delivers: nothing new on some nights, and what it said the day before once more on others."""
    rows = ()
    for night in range(NIGHTS):
        is_quiet = rows and draw(st.integers(0, 2)) == 0
        for reading in range(1 + (not is_quiet and draw(st.integers(0, 4)) == 0)):
            rows = rows if is_quiet else _rows(draw, source)
            yield Delivery(source.name, FIRST + timedelta(days=night), rows, reading)


def _rows(draw, source):
    """Draw what a source delivers of every case on a night; rows without id lose their key on few nights only."""
    letters = LETTERS if source.has_ids or draw(st.integers(0, 3)) == 0 else LETTERS.replace("?", "-")
    said = draw(st.lists(st.sampled_from(letters), min_size=CASES, max_size=CASES))
    hours = draw(st.lists(st.integers(-160, 130), min_size=CASES, max_size=CASES)) if source.has_time else [0] * CASES
    rows = []
    for case, (letter, hour) in enumerate(zip(said, hours, strict=True)):
        rows += _row(source, case, letter, hour)
    return tuple(rows)


def _row(source, case, letter, hour):
    told = datetime.combine(FIRST, time(9), ZONE) + timedelta(hours=hour) if source.has_time and hour % 11 else None
    own = Row(2 * case, f"V{case}" if source.has_ids else None, f"{case} {letter}", told)
    changed = {
        "-": None,
        "!": replace(own, content=None),
        "?": replace(own, key=None),
        "n": replace(own, key=own.key + 1),
    }
    row = changed.get(letter, own)
    return [] if row is None else [row] * (1 + (letter == "2"))


def _readings_in_order(deliveries, places):
    """Let a second reading of a day come after the first: which is which is decided by their order."""
    seen = {}
    for place in places:
        seen |= dict.fromkeys(range(place - deliveries[place].reading, place + 1))
    return seen


def declared(plan):
    """Return the catalogue with the two feeds as the plan has them; any share of records may go."""
    found = catalogue()
    feeds = {}
    for source in plan.sources:
        own = found.feeds[source.name]
        bounds = own.bounds.model_copy(update={"max_deletions_percent": 100})
        feeds[source.name] = own.model_copy(
            update={
                "change": source.change,
                "deletion": source.ending,
                "precedence": source.precedence,
                "bounds": bounds,
            }
        )
    return replace(found, feeds=found.feeds | feeds)


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


class Warehouse:
    """The real path on one connection; every step is a transaction that may be killed before any statement."""

    def __init__(self, connection, found):
        self.connection, self.found = connection, found

    def step(self, work, kill):
        """Do a step; when it is killed, do it again."""
        if kill:
            try:
                with self.connection.begin(), dying_before(kill):
                    return work()
            except Killed:
                pass
        with self.connection.begin():
            return work()

    def take_in(self, delivery, kill=0):
        batch_id = self.step(lambda: self._land(delivery), kill)
        self.step(lambda: self._check(batch_id), kill)
        self.step(lambda: store_batch(self.connection, self.found, batch_id), kill)

    def _land(self, delivery):
        feed = self.found.feeds[delivery.feed]
        rows = [landed_row(feed.name, row) for row in delivery.rows]
        cells = ([row.get(name) for name in feed.columns.values()] for row in rows)
        extract = Extract("model", tuple(feed.columns), cells)
        day, record_type = delivery.day, self.found.records[feed.record_type]
        batch_id = land(self.connection, feed, record_type, extract, day, known_at(day), sealer())
        told = {"feed": feed.name, "business_date": day, "batch_id": batch_id, "outcome": "landed", "problem": None}
        run(self.connection, "operation/record_intake", **told)
        return batch_id

    def _check(self, batch_id):
        """Set aside by hand what lacks its content or its key: Great Expectations would take seconds."""
        one = batch(self.connection, batch_id)
        if one.state == "stored":
            return
        feed = self.found.feeds[one.feed]
        stage(self.connection, feed, self.found.records[one.record_type], batch_id, one.known_at)
        content = "cf_sy" if one.record_type == "penalty" else "xk_nr"
        code = "PEN-R01-CF_SY" if one.record_type == "penalty" else "LIC-R01-XK_NR"
        self.connection.execute(
            sa.text(
                f"INSERT INTO quality.violation SELECT batch_id, row_number, '{code}' FROM {staged_table(feed)} "
                f"WHERE {content} IS NULL OR record_id IS NULL ON CONFLICT DO NOTHING"
            )
        )
        run(self.connection, "landing/set_state", batch_id=batch_id, state="checked")

    def versions(self, plan):
        """List what the model lists, out of the history."""
        code, content = ("cf_wsh", "cf_sy") if plan.record_type == "penalty" else ("xk_wsh", "xk_nr")
        query = (
            f"SELECT v.feed, v.{code}, v.{content}, v.source_at, v.valid_to, v.known_at, v.ending, "
            f"(SELECT n.{code} FROM warehouse.{plan.record_type} AS n WHERE n.record_id = s.successor_id LIMIT 1) "
            f"FROM warehouse.{plan.record_type} AS v LEFT JOIN warehouse.succession AS s USING (record_id, batch_id)"
        )
        return {
            (feed, key_of(document), *others, successor and key_of(successor))
            for feed, document, *others, successor in self.connection.execute(sa.text(query))
        }

    def true_on(self, plan, on, known_on):
        """Return what is believed true, by key."""
        record_type = self.found.records[plan.record_type]
        code, content = ("cf_wsh", "cf_sy") if plan.record_type == "penalty" else ("xk_wsh", "xk_nr")
        at = Moment(on, known_on)
        rows = history.believed(self.connection, self.found, record_type, at, only_true=True)
        return {key_of(row[code]): (row["feed"], row[content]) for row in rows}

    def left_behind(self):
        """Return what no order and no kill may change."""
        return set_hashes(self.connection, self.found)

    def forget(self):
        with self.connection.begin():
            for table in EMPTIED:
                self.connection.execute(sa.text(f"DELETE FROM {table}"))


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


RULES = [
    {"rule_code": "PEN-R01-CF_SY", "record_type": "penalty", "field": "CF_SY"},
    {"rule_code": "LIC-R01-XK_NR", "record_type": "licence", "field": "XK_NR"},
]


@pytest.fixture
def connection(environment):
    """One connection for all histories, with the two rules that are judged by hand."""
    with connected() as opened:
        for rule in RULES:
            says = {"severity": "critical", "dimension": "completeness", "says": "未填写", "basis": "format"}
            run(opened, "quality/register_rule", **rule, **says)
    made = engine()
    with made.connect() as opened:
        yield opened
    made.dispose()


def taken_in(connection, plan, order, kills=()):
    """Bring the deliveries in, in an order; die once in some of them."""
    warehouse = Warehouse(connection, declared(plan))
    warehouse.forget()
    for number, place in enumerate(order):
        warehouse.take_in(plan.deliveries[place], kills[number] if number < len(kills) else 0)
    return warehouse


def told_apart(plan, found, model):
    """Show the history of one record that differs: what was delivered, what is stored, what the model says."""
    key = min(version[1] for version in found ^ model)
    lines = [f"{key}: {plan}"]
    for delivery in plan.deliveries:
        case = [row for row in delivery.rows if (row.content or "").startswith(f"{key // 2} ") or row.key == key]
        lines.append(f"{delivery.feed} {delivery.day} {delivery.reading}: {case}")
    for name, versions in (("stored", found), ("model", model)):
        lines += [name, *sorted(str(one) for one in versions if one[1] // 2 == key // 2)]
    return "\n".join(lines)


def some(number):
    """Try so many plans; the difference is told by itself, and shrinking a plan would take minutes."""
    return settings(max_examples=number, suppress_health_check=list(HealthCheck), phases=[Phase.generate])


def holds(connection, plan):
    """Compare the versions with the model's, and the answers about some days as far as known on others."""
    warehouse = taken_in(connection, plan, plan.order, plan.kills)
    told = stories([*plan.sources], [*plan.deliveries])
    with connection.begin():
        found, model = warehouse.versions(plan), {one for story in told for one in story.versions()}
        assert found == model, told_apart(plan, found, model)
        for on, known_on in plan.asked:
            then = stories([*plan.sources], [*plan.deliveries], known_on)
            answers = {key: true_on(then, key, on, decided(key)) for key in range(2 * CASES)}
            expected = {key: answer for key, answer in answers.items() if answer}
            assert warehouse.true_on(plan, on, known_on) == expected, (on, known_on)
    return warehouse


def leaves_the_same(connection, plan, warehouse):
    """Compare set hashes with those of a clean run in order, before and after some records are restated."""
    feed = warehouse.found.feeds[plan.sources[0].name]
    with connection.begin():
        found = warehouse.left_behind()
        some_keys = f"SELECT record_id::text FROM warehouse.{plan.record_type} ORDER BY record_id LIMIT 20"
        record_ids = list(connection.execute(sa.text(some_keys)).scalars())
    with connection.begin():
        restate(connection, warehouse.found, feed, record_ids)
        assert warehouse.left_behind() == found
    clean = taken_in(connection, plan, range(len(plan.deliveries)))
    with connection.begin():
        assert clean.left_behind() == found


def test_a_thousand_histories_are_what_the_model_says(connection):
    plans_seen = []

    @some(PLANS)
    @given(plan=plans())
    def each(plan):
        plans_seen.append(plan)
        warehouse = holds(connection, plan)
        if plan.is_compared:
            leaves_the_same(connection, plan, warehouse)

    each()
    assert len(plans_seen) * CASES >= 1_000


@pytest.mark.proofs
def test_ten_thousand_histories_are_what_the_model_says(connection):
    @some(PLANS * 10)
    @given(plan=plans())
    def each(plan):
        leaves_the_same(connection, plan, holds(connection, plan))

    each()
