"""What the sandbox plants is what the pipeline catches: the same records, under the same rules, and none besides."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
import sqlalchemy as sa

from sandbox import story, systems
from sandbox.world import World
from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.extract import deliver
from xinyong.landing import land
from xinyong.quality import judge
from xinyong.sealing import sealer
from xinyong.settings import settings
from xinyong.staging import stage, staged_table

FEEDS = (*story.RECORD_FEEDS, story.LIST, story.REGISTRY)
VIOLATION = sa.table("violation", *map(sa.column, ("batch_id", "row_number", "rule_code")), schema="quality")

Caught = set[tuple[str, str | None, str | None]]


def caught(feed_name: str, day: date) -> Caught:
    """Take one feed through extract, land and check; return its violations by the source's own keys."""
    feed = catalogue().feeds[feed_name]
    record_type = catalogue().records[feed.record_type]
    known_at = datetime.combine(day, time(1), UTC)
    with connected() as connection:
        batch_id = land(connection, feed, record_type, deliver(feed, day), day, known_at, sealer())
        stage(connection, feed, record_type, batch_id, known_at)
        judge(connection, feed, record_type, batch_id, day)
        schema, name = staged_table(feed).split(".")
        key = "source_id" if feed.source_id else "row_number"
        staged = sa.table(name, sa.column("row_number"), sa.column("source_id"), schema=schema)
        broken = sa.select(staged.c[key], VIOLATION.c.rule_code).join_from(
            VIOLATION, staged, VIOLATION.c.row_number == staged.c.row_number
        )
        found = connection.execute(broken.where(VIOLATION.c.batch_id == batch_id)).all()
    return {(feed_name, str(source_key), rule) for source_key, rule in found}


@pytest.mark.proofs  # with fictional subjects, the five nights of the story hold the same
@pytest.mark.parametrize(
    ("has_registry", "nights"), [(False, (1, 2)), (True, (1,))], ids=["fictional subjects", "subjects of a registry"]
)
def test_planted_is_caught_and_nothing_else(
    environment: Path,
    empty_database_url: str,
    registry_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    has_registry: bool,
    nights: tuple[int, ...],
) -> None:
    registry = registry_file if has_registry else None
    world = World(var=environment, enforcement_url=empty_database_url, registry=registry)
    with systems.running(systems.Setting(environment, empty_database_url, settings().signing_key)) as connections:
        for name, url in connections.items():
            monkeypatch.setenv(name, url)
        for night in nights:
            day = story.day_of(night)
            world.prepare(day)
            planted = {(entry["feed"], entry["source_key"], entry["rule"]) for entry in world.planted(day)}
            assert set().union(*(caught(feed, day) for feed in FEEDS)) == planted
