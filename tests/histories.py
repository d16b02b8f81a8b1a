"""
Drawn histories: what two feeds deliver of many records, in which order, killed where, and corrected how.

A plan is one run of a database: its feeds, the order of its events and what persons correct are drawn by Hypothesis;
what happens to each of its records follows from one drawn number, so that a hundred records cost no more than one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

from hypothesis import strategies as st
from model import ZONE, Delivery, Row, Source

FIRST = date(2026, 11, 24)
NIGHTS, CASES = 4, 126  # each history is that of one case: a record, told by two feeds, under two keys
DECIDED = (date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 26))
KINDS = ("restate", "re-judge", "re-extract", "retract")
BREAKABLE = "bcn"  # contents that a changed rule may set aside

# content a, b, c · absent · breaks a rule · key unreadable · another key · twice in the batch
LETTERS = "aaaaabbbcc-!?n2"


@dataclass(frozen=True)
class Correction:
    """What a person corrects of a feed; records, dates or batches follow from `seed` and what there is by then."""

    kind: str
    feed: str
    seed: int


@dataclass(frozen=True)
class Event:
    """A delivery that comes (by place), or a correction that is applied or rolled back (by number)."""

    what: str
    number: int


@dataclass(frozen=True, repr=False)
class Plan:
    """Two feeds, what they deliver, what happens in which order, and before which statements the process dies."""

    sources: tuple[Source, Source]
    deliveries: tuple[Delivery, ...]
    corrections: tuple[Correction, ...]
    events: tuple[Event, ...]
    kills: tuple[tuple[int, int], ...]  # event, statement
    asked: tuple[tuple[date, date | None], ...]
    record_type: str
    cases: frozenset[int] = frozenset(range(CASES))

    def __repr__(self):
        """Leave out the thousands of rows: what differs is told by itself."""
        events = " ".join(f"{one.what}-{one.number}" for one in self.events)
        return f"{self.record_type} from {self.sources}, {self.corrections}: {events}, killed at {self.kills}"

    def _repr_pretty_(self, printer, _):
        printer.text(repr(self))

    def only(self, cases):
        """Return the plan with some records only; the mark that tells deliveries apart stays."""
        kept = frozenset(cases)
        sifted = (replace(one, rows=sifted_by(kept, one.rows)) for one in self.deliveries)
        return replace(self, deliveries=tuple(sifted), cases=kept)

    def without(self, number):
        """Return the plan without one of its events; a correction goes with its rollback."""
        gone = self.events[number]
        if gone.what == "come":
            return replace(self, events=(*self.events[:number], *self.events[number + 1 :]))
        what = ("apply", "roll back") if gone.what == "apply" else ("roll back",)
        left = [one for one in self.events if one.number != gone.number or one.what not in what]
        return replace(self, events=tuple(left))


def decided(key):
    """Return the day of a record's decision."""
    return DECIDED[key % len(DECIDED)]


def sifted_by(cases, rows):
    """Return the rows of some cases and the mark."""
    return tuple(row for row in rows if case_of(row) in cases or case_of(row) == CASES)


def case_of(row):
    """Return the number of the case that a row is about."""
    return int(row.content.split()[0]) if row.key is None else row.key // 2


@st.composite
def plans(draw):
    """Draw one plan."""
    change = draw(st.sampled_from(["full", "full", "incremental"]))
    endings = draw(st.tuples(*[st.sampled_from(["revoked", "retracted_as_wrong", "superseded"])] * 2))
    is_timed = draw(st.booleans())
    names = ("approvals_licence", "safety_licence_legacy") if is_timed else ("enforcement_penalty", "safety_penalty")
    sources = (
        Source(names[0], 1, change, endings[0], has_time=is_timed, has_ids=True),
        Source(names[1], 2, "full", endings[1]),
    )
    deliveries = (*_delivered(draw, sources[0]), *_delivered(draw, sources[1]))
    corrections = tuple(
        Correction(draw(st.sampled_from(KINDS)), draw(st.sampled_from(names)), draw(_SEEDS))
        for _ in range(draw(st.integers(1, 3)))
    )
    events = _events(draw, deliveries, corrections)
    days = st.integers(-5, NIGHTS + 1).map(lambda number: FIRST + timedelta(days=number))
    known = st.none() | st.integers(0, NIGHTS).map(lambda number: FIRST + timedelta(days=number))
    kills = st.tuples(st.integers(0, len(events) - 1), st.integers(1, 40) | st.integers(1, 400))
    return Plan(
        sources,
        deliveries,
        corrections,
        events,
        tuple(draw(st.lists(kills, min_size=3, max_size=5))),
        tuple(draw(st.lists(st.tuples(days, known), min_size=8, max_size=8))),
        "licence" if is_timed else "penalty",
    )


_SEEDS = st.integers(0, 2**32 - 1)


def _delivered(draw, source):
    """Draw what a source delivers: nothing new on some nights, and what it said the day before once more on others."""
    rows = ()
    for night in range(NIGHTS):
        is_quiet = rows and draw(st.integers(0, 2)) == 0
        for reading in range(1 + (not is_quiet and draw(st.integers(0, 4)) == 0)):
            rows = rows if is_quiet else rows_of(source, draw(_SEEDS), f"{night}.{reading}")
            yield Delivery(source.name, FIRST + timedelta(days=night), rows, reading)


def rows_of(source, seed, mark):
    """
    Say what a source delivers of every case on a night; rows without id lose their key on few nights only.

    A last row, marked, is new each time: two deliveries are equal only where they are meant to be.
    """
    dice = Random(seed)
    letters = LETTERS if source.has_ids or dice.random() < 0.25 else LETTERS.replace("?", "-")
    rows = []
    for case in range(CASES):
        rows += _row(source, case, dice.choice(letters), dice.randint(-160, 130) if source.has_time else 0)
    return (*rows, Row(2 * CASES, "mark" if source.has_ids else None, f"{mark} a"))


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


def _events(draw, deliveries, corrections):
    """Draw an order: deliveries late, early, doubled; corrections between them, some rolled back, at once or later."""
    places = draw(st.permutations(range(len(deliveries))))
    latest = {(one.feed, one.day): place for place, one in enumerate(deliveries)}  # reading an old one again is news
    read_again = {one.feed for one in corrections if one.kind == "re-extract"}
    doubled = [place for (feed, _), place in latest.items() if feed not in read_again]
    again = draw(st.lists(st.sampled_from(doubled), max_size=2)) if doubled else []
    events = [Event("come", place) for place in (*_readings_in_order(deliveries, places), *again)]
    for number in range(len(corrections)):
        at = draw(st.integers(len(events) // 3, len(events)))
        events.insert(at, Event("apply", number))
        if draw(st.integers(0, 2)):
            events.insert(draw(st.integers(at + 1, len(events))), Event("roll back", number))
    return tuple(events)


def _readings_in_order(deliveries, places):
    """Let a second reading of a day come after the first: which is which is decided by their order."""
    seen = {}
    for place in places:
        seen |= dict.fromkeys(range(place - deliveries[place].reading, place + 1))
    return seen
