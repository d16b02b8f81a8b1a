"""The enforcement database, loaded for real."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from sandbox import enforcement, story
from sandbox.world import World

DECISION = sa.table("t_aj_cfjd", *map(sa.column, ("cfid", "dsrid", "jdswh", "fkje_y", "cfnr", "sfsc", "gxsj", "jdrq")))
PARTY = sa.table("t_aj_dsr", *map(sa.column, ("dsrid", "dsrmc", "dsrlx", "xydm")))


@contextmanager
def reading(url: str) -> Iterator[Any]:
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg2"), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def decisions(url: str) -> list[Any]:
    with reading(url) as connection:
        return list(connection.execute(sa.select(DECISION).order_by(DECISION.c.cfid)))


@pytest.fixture
def loaded(tmp_path: Path, empty_database_url: str) -> World:
    """The first night, in a database of its own."""
    world = World(var=tmp_path, enforcement_url=empty_database_url)
    world.prepare(story.day_of(1))
    return world


def test_it_holds_the_records_and_some_discarded_drafts(loaded: World, empty_database_url: str) -> None:
    found = decisions(empty_database_url)
    assert sum(row.sfsc == "0" for row in found) == 350
    assert {row.jdswh[-4:] for row in found if row.sfsc == "1"} == {"（草稿）"}


def test_every_decision_has_its_party(loaded: World, empty_database_url: str) -> None:
    with reading(empty_database_url) as connection:
        parties = {row.dsrid: row for row in connection.execute(sa.select(PARTY))}
    assert {row.dsrid for row in decisions(empty_database_url)} == parties.keys()
    assert {row.dsrlx for row in parties.values()} == {"1", "2", "4", "9"}


def test_amounts_are_in_yuan(loaded: World, empty_database_url: str) -> None:
    for row in decisions(empty_database_url):
        if row.fkje_y is not None:
            assert f"罚款{row.fkje_y.normalize():f}元" in row.cfnr or Decimal(row.fkje_y) % 1


def test_a_deleted_decision_stays_with_a_mark(loaded: World, empty_database_url: str) -> None:
    loaded.prepare(story.day_of(2))
    marked = [row.cfid for row in decisions(empty_database_url) if row.sfsc == "1" and row.cfid < 10**9]
    assert [str(number) for number in marked] == [enforcement.source_key(story.DELETED_PLACE)]


def test_the_time_of_change_cannot_be_relied_on(loaded: World, empty_database_url: str) -> None:
    before = {row.cfid: row for row in decisions(empty_database_url)}
    loaded.prepare(story.day_of(2))
    changed = [row for row in decisions(empty_database_url) if row.cfid in before and row != before[row.cfid]]
    assert any(row.gxsj is None for row in changed)
    assert any(row.gxsj is not None and row.gxsj.date() == story.day_of(2) for row in changed)


def test_any_date_can_be_loaded_again(loaded: World, empty_database_url: str) -> None:
    before = decisions(empty_database_url)
    loaded.prepare(story.day_of(4))
    assert decisions(empty_database_url) != before
    loaded.prepare(story.day_of(1))
    assert decisions(empty_database_url) == before


def test_its_database_is_made_when_the_server_lacks_it(tmp_path: Path, empty_database_url: str, postgres: Any) -> None:
    url = sa.make_url(empty_database_url).set(database="enforcement").render_as_string(hide_password=False)
    try:
        World(var=tmp_path, enforcement_url=url).prepare(story.day_of(1))
        assert decisions(url)
    finally:
        postgres.drop_database("enforcement")
