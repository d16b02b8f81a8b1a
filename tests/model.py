"""
What the warehouse must say, in plain Python: every delivery read in the order of knowledge, nothing optimised.

A claim is what one delivery says of one record: from when, since when known, which content, or how it ended. The
latest claim, by the time it speaks of and then by when it was known, is what a feed says of a record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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

    @property
    def is_sound(self) -> bool:
        return self.key is not None and self.content is not None


@dataclass(frozen=True)
class Delivery:
    """What a feed delivers for a day; a second reading of a day is known a second later."""

    feed: str
    day: date
    rows: tuple[Row, ...]
    reading: int = 0

    @property
    def known(self) -> datetime:
        return datetime.combine(self.day + timedelta(days=1), time(1, 30, self.reading), ZONE)


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
    """What one feed says: the claims about each record in the order they became known."""

    source: Source
    claims: dict[int, list[Claim]] = field(default_factory=dict)
    lives: dict[int, datetime] = field(default_factory=dict)  # when a record that had ended began again
    unreadable: set[Row] = field(default_factory=set)

    def last(self, key: int) -> Claim | None:
        return max(self.claims.get(key, ()), key=lambda claim: (claim.at, claim.known), default=None)

    def read(self, delivery: Delivery) -> None:
        """Take one delivery in; the first sound row of a record counts."""
        sound = {row.key: row for row in reversed(delivery.rows) if row.is_sound}
        gone = self._gone(delivery, sound)
        continued = {successor for _, successor in gone.values()}
        for key, row in sound.items():
            self._observe(key, row, delivery.known, key in continued)
        for key, (ending, successor) in gone.items():
            before = self.last(key)
            said = (before.content, before.source_id, before.told, ending, successor)
            self.claims[key].append(Claim(delivery.known, delivery.known, *said))

    def _observe(self, key: int, row: Row, known: datetime, continues: bool) -> None:
        before = self.last(key)
        at = min(row.told or known, known) if self.source.has_time else known
        if before and before.ending:
            at = self.lives[key] = known
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
        held_ids = {row.source_id for row in delivery.rows if not row.is_sound} - {None}
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


def stories(sources: list[Source], deliveries: list[Delivery], known_on: date | None = None) -> list[Story]:
    """Read what was delivered up to a day, in the order of knowledge, whatever order it came in."""
    told = [Story(source) for source in sorted(sources, key=lambda source: source.precedence)]
    for delivery in sorted(deliveries, key=lambda one: one.known):
        if known_on is None or delivery.day <= known_on:
            next(story for story in told if story.source.name == delivery.feed).read(delivery)
    return told


def true_on(told: list[Story], key: int, on: date, decided: date) -> tuple[str, str] | None:
    """Return feed and content of what was true of a record on a day: the claim of the feed that prevails."""
    for story in told:
        if (claim := story.believed(key, on, decided)) and not claim.ending:
            return story.source.name, claim.content
    return None
