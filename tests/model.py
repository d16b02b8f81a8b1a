"""
What the warehouse must say, in plain Python: every delivery read in the order of knowledge, nothing optimised.

A claim is what one delivery says of one record: from when, since when known, which content, or how it ended. The
latest claim, by the time it speaks of and then by when it was known, is what a feed says of a record. Corrections are
inputs beside the deliveries: a retracted or rolled-back one is left out, a further reading is one more, a delivery that
was judged again carries the contents a rule sets aside, and a restatement says what else a content means.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Source:
    """How a feed is declared: the lower `precedence` prevails."""

    name: str
    precedence: int
    change: str
    ending: str
    has_time: bool = False
    has_ids: bool = False


@dataclass(frozen=True)
class Row:
    """One row: the key (None: unreadable), the system's own id, the content (None: breaks a rule), its own time."""

    key: int | None
    source_id: str | None
    content: str | None
    told: datetime | None = None
    wrong: str | None = None  # the content that was delivered, when a person restated it


@dataclass(frozen=True)
class Delivery:
    """What a feed delivers for a day; a second reading of a day is known a second later."""

    feed: str
    day: date
    rows: tuple[Row, ...]
    reading: int = 0
    broken: str = ""  # contents ending in one of these letters are set aside by a rule as it was last judged

    @property
    def known(self) -> datetime:
        return datetime.combine(self.day + timedelta(days=1), time(1, 30, self.reading), ZONE)

    def accepts(self, row: Row) -> bool:
        return row.key is not None and row.content is not None and row.content[-1] not in self.broken


@dataclass(frozen=True)
class Restated:
    """What a person says is meant by a content of a record, in deliveries known from `since` on."""

    feed: str
    key: int
    content: str | None
    meant: str
    since: datetime


@dataclass(frozen=True)
class Claim:
    """What one delivery says of one record."""

    at: datetime
    known: datetime
    content: str
    source_id: str | None
    told: datetime | None = None
    ending: str | None = None
    successor: int | None = None
    continues: bool = False  # a record that was told under another key until then


@dataclass
class Story:
    """What one feed says: the claims about each record in the order they became known, and what stands set aside."""

    source: Source
    restated: tuple[Restated, ...] = ()
    claims: dict[int, list[Claim]] = field(default_factory=dict)
    lives: dict[int, datetime] = field(default_factory=dict)  # when a record that had ended began again
    unreadable: set[Row] = field(default_factory=set)
    aside: dict[int, str | None] = field(default_factory=dict)  # by key, the content that was delivered

    def last(self, key: int) -> Claim | None:
        return max(self.claims.get(key, ()), key=lambda claim: (claim.at, claim.known), default=None)

    def read(self, delivered: Delivery) -> None:
        """Take one delivery in; the first sound row of a record counts."""
        delivery = replace(delivered, rows=tuple(self._meant(row, delivered.known) for row in delivered.rows))
        sound = {row.key: row for row in reversed(delivery.rows) if delivery.accepts(row)}
        gone = self._gone(delivery, sound)
        continued = {successor for _, successor in gone.values()}
        for key, row in sound.items():
            self._observe(key, row, delivery.known, key in continued)
        for key, (ending, successor) in gone.items():
            before = self.last(key)
            said = (before.content, before.source_id, before.told, ending, successor)
            self.claims[key].append(Claim(delivery.known, delivery.known, *said))
        kept = {} if self.source.change == "full" else {key: one for key, one in self.aside.items() if key not in sound}
        broken = {row.key: row.content for row in delivery.rows if row.key is not None and not delivery.accepts(row)}
        self.aside = kept | broken

    def _meant(self, row: Row, known: datetime) -> Row:
        """Put what a person restated in the place of the content that was delivered."""
        for one in self.restated:
            if one.since <= known and (one.key, one.content) == (row.key, row.content):
                return replace(row, content=one.meant, wrong=one.content)
        return row

    def _observe(self, key: int, row: Row, known: datetime, continues: bool) -> None:
        before = self.last(key)
        at = min(row.told or known, known) if self.source.has_time else known
        if before and before.ending:
            at = self.lives[key] = known
        elif before and not self.source.has_time:
            if before.content == row.content:
                return
            at = before.at if before.content == row.wrong else known  # restated: meant from when the wrong one began
        elif before and at <= self.lives.get(key, datetime.min.replace(tzinfo=ZONE)):
            if before.content == row.content:
                return
            at = known
        elif before and before.at == before.known and (before.content, before.told) == (row.content, row.told):
            return
        same_moment = [claim for claim in self.claims.get(key, ()) if claim.at == at]
        if not same_moment or same_moment[-1].content != row.content or same_moment[-1].ending:
            self.claims.setdefault(key, []).append(
                Claim(at, known, row.content, row.source_id, row.told, continues=continues)
            )

    def _gone(self, delivery: Delivery, sound: dict[int, Row]) -> dict[int, tuple[str, int | None]]:
        """Say which records a delivery ends, and how: told under another key, or not told any more."""
        shown = {row.key for row in delivery.rows}
        held_ids = {row.source_id for row in delivery.rows if not delivery.accepts(row)} - {None}
        moved = {row.source_id: key for key, row in sound.items() if row.source_id}
        lost = {row for row in delivery.rows if row.key is None and row.source_id is None}
        is_held = bool(lost - self.unreadable)
        self.unreadable |= lost
        live = {key: last for key in self.claims if (last := self.last(key)) and not last.ending and key not in shown}
        if self.source.change == "incremental":
            return {key: ("superseded", moved[one.source_id]) for key, one in live.items() if one.source_id in moved}
        if is_held:
            return {}
        return {
            key: ("superseded", moved[one.source_id]) if one.source_id in moved else (self.source.ending, None)
            for key, one in live.items()
            if one.source_id not in held_ids
        }

    def versions(self) -> list[tuple]:
        """List key, content, from, to, known, ending, successor of every claim, in the order that decides."""
        listed = []
        for key, claims in self.claims.items():
            ordered = sorted(claims, key=lambda claim: (claim.at, claim.known))
            ends = [after.at for _, after in pairwise(ordered)]
            listed += [
                (self.source.name, key, claim.content, claim.at, end, claim.known, claim.ending, claim.successor)
                for claim, end in zip(ordered, [*ends, None], strict=True)
            ]
        return listed

    def believed(self, key: int, on: date, decided: date) -> Claim | None:
        """Return what the feed says was true on a day; a retraction wipes all that it had said before."""
        claims = sorted(self.claims.get(key, ()), key=lambda claim: (claim.at, claim.known))
        wrong = max((claim.at for claim in claims if claim.ending == "retracted_as_wrong"), default=None)
        valid = [claim for claim in claims if wrong is None or claim.at >= wrong]
        return next((one for one in reversed(valid) if self._from(one, claims, decided) <= on), None)

    def _from(self, claim: Claim, claims: list[Claim], decided: date) -> date:
        is_told = self.source.has_time and claim.at != claim.known
        day = claim.at.date() if is_told else claim.at.date() - timedelta(days=1)
        continues = any(one.continues and one.known <= claim.known for one in claims)
        return min(day, decided) if claim.at == claims[0].at and not claim.ending and not continues else day


@dataclass(frozen=True)
class Inputs:
    """All that two feeds delivered and that still speaks, and what persons restated."""

    sources: tuple[Source, ...]
    deliveries: tuple[Delivery, ...]
    restated: tuple[Restated, ...] = ()

    def stories(self, known_on: date | None = None) -> list[Story]:
        """Read what was delivered up to a day, in the order of knowledge, whatever order it came in."""
        told = {}
        for source in sorted(self.sources, key=lambda source: source.precedence):
            told[source.name] = Story(source, tuple(one for one in self.restated if one.feed == source.name))
        for delivery in sorted(self.deliveries, key=lambda one: one.known):
            if known_on is None or delivery.day <= known_on:
                told[delivery.feed].read(delivery)
        return list(told.values())


def true_on(told: list[Story], key: int, on: date, decided: date) -> tuple[str, str] | None:
    """Return feed and content of what was true of a record on a day: the claim of the feed that prevails."""
    for story in told:
        if (claim := story.believed(key, on, decided)) and not claim.ending:
            return story.source.name, claim.content
    return None
