"""
A night under a real scheduler in which a task process of every stage is killed hard, against an undisturbed one.

To hit a stage in its middle, the test holds a table that the stage needs, waits until the database says who waits for
it, finds that process by its connection, kills it, and lets go. Airflow tries the task again. At the end everything
that was stored and published must be what an undisturbed night leaves.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests
import sqlalchemy as sa
from rich.console import Console
from whole_nights import night, world_running

from sandbox.rehearsal.losses import connected_at, who_waits
from tests.conftest import TEST_KEYS, WORLD, shared, stop_world
from xinyong import launcher, nightly, stages
from xinyong.database import engine
from xinyong.postgres import EmbeddedPostgres

DAY = date(2026, 11, 24)
PATIENCE = 120  # seconds; the machine may be busy

# What is held, how, and the stage that needs it. EXCLUSIVE lets others read.
HELD = {
    "extract": ("landing.enforcement_penalty", "EXCLUSIVE"),
    "check": ("quality.rule_result", "EXCLUSIVE"),
    "store": ("warehouse.store_result", "EXCLUSIVE"),
    "settle a feed": ("operation.feed_ledger", "EXCLUSIVE"),
    "aggregate": ("warehouse.dossier", "EXCLUSIVE"),
    "reconcile": ("publication.item", "ACCESS EXCLUSIVE"),
    "collect": ("publication.published", "EXCLUSIVE"),
    "settle a platform": ("publication.platform_ledger", "EXCLUSIVE"),
}


class Killer:
    """Holds what each stage needs and kills the first process that waits for it."""

    def __init__(self, url: str, city: str) -> None:
        self.killed: list[str] = []
        self.problem: BaseException | None = None
        self._engine = engine(url)
        self._holding = {stage: self._hold(*held) for stage, held in HELD.items()}
        self._city = city
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def join(self) -> None:
        self._thread.join(PATIENCE)
        for connection in self._holding.values():
            connection.close()
        self._engine.dispose()
        if self.problem:
            raise self.problem

    def _hold(self, table: str, mode: str) -> sa.Connection:
        connection = self._engine.connect()
        connection.execute(sa.text(f"LOCK TABLE {table} IN {mode} MODE"))
        return connection

    def _run(self) -> None:
        try:
            for stage, connection in self._holding.items():
                self._kill(stage, lambda connection=connection: self._waiting_for(connection))
                connection.close()
                if stage == "reconcile":
                    self._kill("send", self._waiting_for_the_city)
                if stage == "settle a platform":
                    self._kill_report()
        except BaseException as error:
            self.problem = error
            for connection in self._holding.values():
                connection.close()

    def _kill_report(self) -> None:
        connection = self._hold("operation.feed_ledger", "ACCESS EXCLUSIVE")
        self._kill("report", lambda: self._waiting_for(connection))
        connection.close()

    def _kill(self, stage: str, waiting: Callable[[], psutil.Process | None]) -> None:
        end = time.monotonic() + PATIENCE
        while (process := waiting()) is None:
            assert time.monotonic() < end, f"no process came to {stage}; killed so far: {self.killed}"
            time.sleep(0.1)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        self.killed.append(stage)

    def _waiting_for(self, connection: sa.Connection) -> psutil.Process | None:
        return as_process(who_waits(self._engine, connection))

    def _waiting_for_the_city(self) -> psutil.Process | None:
        port = urlsplit(self._city).port
        return as_process(connected_at(lambda _, remote: remote == port))


def as_process(pid: int | None) -> psutil.Process | None:
    return psutil.Process(pid) if pid else None


@contextmanager
def world(var: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XINYONG_VAR", str(var))
    launcher.up()
    try:
        with launcher.inside():
            yield
    finally:
        stop_world(var)


@pytest.fixture
def undisturbed(
    postgres: EmbeddedPostgres, migrated_database: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The set hashes that a night leaves in which nothing goes wrong."""
    var = tmp_path_factory.mktemp("undisturbed")
    with world_running(postgres, migrated_database, var) as prepared:
        return night(prepared, DAY).hashes


@pytest.mark.proofs(minutes=True)  # two nights, one of them under a scheduler
def test_a_task_killed_in_every_stage_leaves_what_an_undisturbed_night_leaves(
    undisturbed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, key in TEST_KEYS.items():
        monkeypatch.setenv(name, key)  # with other keys, the content of records would hash differently
    with world(shared() / f"{WORLD}killed", monkeypatch):
        city = os.environ["AIRFLOW_CONN_XINYONG_CITY"]
        habit = {"habit": "slow", "times": 1, "on": "POST /api/batches"}
        parts = urlsplit(city)
        requests.post(f"http://127.0.0.1:{parts.port}/sandbox/habits", json=habit, timeout=10).raise_for_status()
        killer = Killer(os.environ["XINYONG_DATABASE_URL"], city)
        outcome = nightly.run_night(DAY, console=Console(quiet=True), seconds=300)
        killer.join()
        assert killer.killed == [*list(HELD)[:6], "send", *list(HELD)[6:], "report"]
        assert outcome == 0
        assert stages.set_hashes() == undisturbed
