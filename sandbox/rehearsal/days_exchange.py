"""Bad days of the exchange database (前置库), to which the city is switched as its file says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial

import sqlalchemy as sa

from sandbox.exchange import Exchange, exchange
from sandbox.rehearsal.day import BadDay, House, listed
from sandbox.rehearsal.days_city import CITY, IMPATIENT, changed_catalogue
from sandbox.rehearsal.place import acting, told_sql
from sandbox.story import CHANGES, day_of
from xinyong import publish
from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.stages import publication as tasks
from xinyong.tables import follow_catalogue

CONNECTION = "AIRFLOW_CONN_XINYONG_EXCHANGE"
SWITCHED = {**IMPATIENT, "channel: service": "channel: database", "connection: city": "connection: exchange"}
TABLE = "penalty"
NOWHERE = 1  # a port on which nothing listens


@contextmanager
def _ready() -> Iterator[None]:
    """Switch the city to exchange tables beside the warehouse, which hold what its service was told before."""
    url = sa.make_url(os.environ["XINYONG_DATABASE_URL"]).set(drivername="postgresql")
    with changed_catalogue(SWITCHED), acting({CONNECTION: url.render_as_string(hide_password=False)}):
        with connected() as connection:
            follow_catalogue(connection, catalogue())
            taken = {(row.number, row.position) for row in connection.execute(told_sql("taken"), {"platform": CITY})}
            numbers = sorted({number for number, _ in taken})
            told = [publish.load(connection, CITY, number)[0] for number in numbers]
        with _office() as office:
            office.lay_out()
        for message in told:
            items = tuple(item for item in message.items if (message.number, item.position) in taken)
            tasks.adapter_of(CITY).send(replace(message, items=items))
        yield


@contextmanager
def _office() -> Iterator[Exchange]:
    """Give the tables as their owner sees them."""
    made = exchange(os.environ["XINYONG_DATABASE_URL"], catalogue().platforms[CITY])
    try:
        yield made
    finally:
        made.close()


@contextmanager
def _down() -> Iterator[None]:
    """Let nothing listen where the database was."""
    away = sa.make_url(os.environ[CONNECTION]).set(port=NOWHERE).render_as_string(hide_password=False)
    with acting({CONNECTION: away}):
        yield


@contextmanager
def _locked() -> Iterator[None]:
    """Hold the rows of a table, as a program does that forgot to commit."""
    with _office() as office, office.locked(TABLE):
        yield


def _changing(bad: str, good: str, **values: str) -> Callable[[], AbstractContextManager[None]]:
    """Let the owner change a table, and put it right afterwards."""

    @contextmanager
    def during() -> Iterator[None]:
        with connected() as connection:
            connection.execute(told_sql(f"exchange_{bad}"), values)
        yield
        with connected() as connection:
            connection.execute(told_sql(f"exchange_{good}"))

    return during


@contextmanager
def _removed() -> Iterator[None]:
    with _office() as office:
        office.remove_first(TABLE)
    yield


@contextmanager
def _changed() -> Iterator[None]:
    with _office() as office:
        office.change_first(TABLE, "CF_SY", "别人改的")
    yield


@contextmanager
def _picked_up() -> Iterator[None]:
    with _office() as office:
        office.pick_up(TABLE)
    yield


@contextmanager
def _doubled() -> Iterator[None]:
    """Let another hand write a row that is there already, and take it away again when somebody has noticed."""
    with _office() as office:
        office.write(TABLE, office.shown(TABLE)[0])
        yield
        office.remove_last(TABLE)


@contextmanager
def _occupied() -> Iterator[None]:
    """Let another hand write a row under a key that we are about to add, and take it away again."""
    numbers = tasks.reconcile(CITY, day_of(CHANGES))
    with connected() as connection:
        items = [item for number in numbers for item in publish.load(connection, CITY, number)[0].items]
    item = next(item for item in items if item.record_type == TABLE and item.operation == "add")
    with _office() as office:
        office.write(TABLE, {**item.payload, "CF_SY": "别人写的"})
        yield
        office.remove_matching(TABLE, "CF_SY", "别人写的")


DAYS = (
    BadDay("down for three days", _down, nights=3),
    BadDay("rows locked by a program that forgot to commit", _locked),
    BadDay("no room on its disk", _changing("refusing", "allowed", condition="disk_full")),
    BadDay("no right to write", _changing("refusing", "allowed", condition="insufficient_privilege"), nights=2),
    BadDay("a column has another name", _changing("altered", "restored"), nights=2),
    BadDay("a row of another hand has the key of ours", _occupied, nights=2),
    BadDay("a row is written a second time by another hand", _doubled, nights=2, good=1),
    BadDay("a row is removed by another hand", _removed, nights=0, good=1),
    BadDay("a row is changed by another hand", _changed, nights=0, good=1),
    BadDay("all rows are picked up", _picked_up, nights=0, good=1),
)

HOUSE = House("exchange database of the city", CITY, DAYS, partial(listed, CITY), _ready)
