"""
The story of the nights: what happens on which date in which system.

1 first load · 2 changes, additions, corrections, two deletions, publicity periods that end · 3 nothing new anywhere ·
4 approvals down, legacy file empty, penalty file shrunk by 90 %, the rest goes on · 5 recovery, more publicity periods
end · later: ordinary nights with a few changes. The list of the seriously untrustworthy gains an entry on night 2 and
loses two on night 5; `sandbox/reregistration.py` has the enterprises that change on night 2. What persons decide
meanwhile (an annulment, two repairs, an objection) is in `sandbox/acts.py` and `sandbox/untrustworthy.py`; the systems
know nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from sandbox.dice import Dice

FIRST_NIGHT = date(2026, 11, 24)
CHANGES, QUIET, TROUBLE, RECOVERY = 2, 3, 4, 5

ENFORCEMENT = "enforcement_penalty"
APPROVALS = "approvals_licence"
SAFETY = "safety_penalty"
LEGACY = "safety_licence_legacy"
COMMITMENT = "counter_commitment"
LIST = "credit_untrustworthy"
REGISTRY = "registry_subject"
RECORD_FEEDS = (ENFORCEMENT, APPROVALS, SAFETY, LEGACY, COMMITMENT)

NORMAL, DOWN, EMPTY, SHRUNK = "normal", "down", "empty", "shrunk"
_TROUBLES = {APPROVALS: DOWN, LEGACY: EMPTY, SAFETY: SHRUNK}
_SHARES = {ENFORCEMENT: 14, APPROVALS: 12, SAFETY: 6, LEGACY: 8, COMMITMENT: 4}  # fortieths; commitments come on top

BLOCK = 25  # records come in blocks of 25: two places of each are defective, the others have fixed roles
DEFECTIVE_PLACES = (7, 18)
CHANGING_PLACES = (13, 21)
DELETED_PLACE = 9

TELLING = {
    1: "first load",
    CHANGES: "changes, additions, corrections, two deletions; publicity periods end",
    QUIET: "nothing new anywhere",
    TROUBLE: "approvals down, legacy licences empty, safety penalties shrunk by 90 %",
    RECOVERY: "recovery; publicity periods end",
}


@dataclass(frozen=True, slots=True)
class FeedState:
    """What one business system holds after one night, without holding it: how many, which changed, which are gone."""

    feed: str
    night: int
    first_size: int
    size: int
    condition: str
    changes: dict[int, tuple[int, ...]]
    deleted: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many records are alive."""
        return self.size - len(self.deleted)

    def alive(self, position: int) -> int:
        """Return the number of the record that stands at this position among the living."""
        for gone in self.deleted:
            position += position >= gone
        return position

    def added_on(self, index: int) -> int:
        """Return the night on which a record came into its system."""
        return 1 if index < self.first_size else _night_of_addition(self.feed, self.first_size, index)


def night_of(day: date) -> int:
    """Count the nights of the story; before the first one there is no world."""
    night = (day - FIRST_NIGHT).days + 1
    if night < 1:
        raise ValueError(
            f"The sandbox has no state for {day}. Found: a date before its first night. "
            f"Expected: {FIRST_NIGHT} or later. Prepare a later date."
        )
    return night


def day_of(night: int) -> date:
    """Return the date of a night."""
    return FIRST_NIGHT + timedelta(days=night - 1)


def telling(night: int) -> str:
    """Say in a line what happens on a night."""
    return TELLING.get(night, "an ordinary night with a few changes")


def first_size(feed: str, records: int) -> int:
    """Return how many records of all fall to a feed on the first night: whole blocks, at least one."""
    return max(1, round(records * _SHARES[feed] / 40 / BLOCK)) * BLOCK


def feed_state(seed: int, records: int, feed: str, night: int) -> FeedState:
    """Return the state of a record feed after a night."""
    size = first_size(feed, records)
    condition = _TROUBLES.get(feed, NORMAL) if night == TROUBLE else NORMAL
    known = content_night(feed, night)
    changes: dict[int, tuple[int, ...]] = {}
    for changed in eventful_nights(feed, known):
        for index in _changed(seed, feed, size, changed):
            changes[index] = (*changes.get(index, ()), changed)
    deletes = feed in (ENFORCEMENT, APPROVALS) and known >= CHANGES
    return FeedState(
        feed=feed,
        night=known,
        first_size=size,
        size=size + sum(additions(feed, size, added) for added in eventful_nights(feed, known)),
        condition=condition,
        changes=changes,
        deleted=(DELETED_PLACE,) if deletes else (),
    )


def content_night(feed: str, night: int) -> int:
    """Return the last night that changed anything in a system: on quiet and troubled nights it stays as it was."""
    if night == QUIET or (night == TROUBLE and feed in _TROUBLES):
        return CHANGES
    return night


def eventful_nights(feed: str, night: int) -> list[int]:
    """List the nights up to one that brought something new into a system."""
    return [past for past in range(CHANGES, night + 1) if content_night(feed, past) == past]


@cache
def additions(feed: str, size: int, night: int) -> int:
    """Return how many records a night adds: one in a hundred on night 2, then a few."""
    return max(2, size // 100) if night == CHANGES else 1 + Dice("additions", feed, night).below(3)


def _changed(seed: int, feed: str, size: int, night: int) -> set[int]:
    """Choose the records that a night changes, among the places that nothing else happens to."""
    dice = Dice(seed, "changes", feed, night)
    wanted = max(3, size // 50) if night == CHANGES else dice.between(1, 3)
    return {dice.below(size // BLOCK) * BLOCK + dice.pick(CHANGING_PLACES) for _ in range(wanted)}


def _night_of_addition(feed: str, size: int, index: int) -> int:
    """Find the night whose additions hold this record."""
    night, end = CHANGES, size + additions(feed, size, CHANGES)
    while index >= end:
        night += 1
        if content_night(feed, night) == night:
            end += additions(feed, size, night)
    return night
