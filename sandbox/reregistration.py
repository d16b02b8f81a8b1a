"""
What happens to enterprises in the registration base on night 2: one gets another name, one is merged into another.

Business systems go on showing what stands on their documents; only what is decided after the change bears the new name.
The enterprises of a registry file are real and keep their names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sandbox.enterprises import Base, Entry, Subject
from sandbox.story import APPROVALS, CHANGES, COMMITMENT, ENFORCEMENT, FeedState

FEEDS = (ENFORCEMENT, APPROVALS, COMMITMENT)
RENAMED_PLACE, MERGED_PLACE = 6, 15  # of the first block; no other role in the story


def entries(base: Base, extra: int, night: int) -> Iterator[tuple[Entry, str]]:
    """List the base as it is after a night, each entry with the code of the enterprise that it continues."""
    cast = base.cast if night >= CHANGES else None
    for entry in base.entries(extra):
        if cast is None or entry.code not in cast.codes:
            yield entry, ""
        elif entry.code == cast.renamed.code:
            yield replace(entry, name=cast.new_name), ""
        elif entry.code == cast.successor.code:
            yield entry, str(cast.merged.code)


def party(base: Base, state: FeedState, index: int) -> Subject | None:
    """Return whom a record is about that has a part in this, nothing for all others."""
    if base.cast is None or state.feed not in FEEDS:
        return None
    if is_under_new_name(state, index):
        return replace(base.cast.renamed, name=base.cast.new_name)
    return {RENAMED_PLACE: base.cast.renamed, MERGED_PLACE: base.cast.merged}.get(index)


def is_under_new_name(state: FeedState, index: int) -> bool:
    """Say whether a record is the first one decided after the change: the first licence of night 2."""
    return state.feed == APPROVALS and index == state.first_size


def bears_former_name(base: Base, state: FeedState, night: int) -> tuple[int, ...]:
    """Return the records of a system whose party has another name in the base by now, or is gone from it."""
    has_changed = base.cast is not None and state.feed in FEEDS and night >= CHANGES
    return (RENAMED_PLACE, MERGED_PLACE) if has_changed else ()
