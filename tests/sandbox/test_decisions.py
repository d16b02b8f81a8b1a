"""What persons decide in the story is about sound penalties, and an entry of the list, that nothing else happens to."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sandbox import story
from sandbox.world import World

DAYS = [story.day_of(night) for night in range(1, 7)]


def test_the_same_decisions_are_made_whenever_they_are_asked_for(tmp_path: Path) -> None:
    world = World(var=tmp_path)
    told = {day: world.acts(day) for day in DAYS}
    assert [[one.kind for one in told[day]] for day in DAYS] == [
        *([], ["annulment", "objection"], ["repair"], ["upheld", "repair"]),
        *([], []),
    ]
    lodged, upheld = told[DAYS[1]][1], told[DAYS[3]][0]
    assert lodged.document == upheld.document
    assert len({one.document for acts in told.values() for one in acts}) == 4
    assert told == {day: World(var=tmp_path).acts(day) for day in DAYS}


def test_what_is_decided_about_stays_what_it_is_in_its_system(tmp_path: Path) -> None:
    world = World(var=tmp_path)
    documents = {one.document for day in DAYS for one in world.acts(day)}
    records = [record for record in world.feed(story.ENFORCEMENT, DAYS[5]) if record.fields["CF_WSH"] in documents]
    assert len(records) == 3
    assert all(record.defect is None and record.changed_on is None for record in records)
    assert all(record.decided + timedelta(days=95) < DAYS[0] for record in records), "old enough to be repaired"


def test_a_small_world_decides_less(tmp_path: Path) -> None:
    small = World(var=tmp_path, records=100)
    assert [one.kind for day in DAYS for one in small.acts(day)] == ["annulment", "repair"]
