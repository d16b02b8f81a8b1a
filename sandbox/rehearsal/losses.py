"""
Lose a part of a running world in the middle of a night: its scheduler, alone or with all it had begun, or a worker.

A night under the real scheduler is held where a stage needs a table; who waits for it shows that the stage is in its
middle. Then the part is killed hard, started again where somebody would, and the stage is let go.
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import psutil
import sqlalchemy as sa
from rich.console import Console

from sandbox.rehearsal import trial
from sandbox.rehearsal.place import Ground, acting, ground, told_sql
from sandbox.rehearsal.standing import Standing, believed, differences, shown
from sandbox.rehearsal.trial import Verdict
from xinyong import launcher, nightly, workers
from xinyong.database import engine
from xinyong.postgres import EmbeddedPostgres
from xinyong.processes import Process, stop
from xinyong.terminal import INTERRUPTED

PATIENCE = 900  # seconds until a stage is reached; the machine may be busy
NIGHT = 1_800
INTAKE, PUBLICATION = "intake", "publication"

Strike = Callable[[int], Process | None]


@dataclass(frozen=True, slots=True)
class Loss:
    """What is lost while somebody waits in these stages, and how many workers the world has; 0 is the scheduler."""

    name: str
    workers: int
    strikes: dict[str, Strike]


def _scheduler_alone(waiting: int) -> Process:
    """Kill the scheduler and leave the tasks that it had begun to go on without it, then start another one."""
    lost = launcher.part("scheduler")
    _kill([leader] if (leader := lost.leader()) else [])
    kept = replace(lost, record=lost.record.with_name("scheduler-before.record"))
    lost.record.rename(kept.record)
    launcher.start_again("scheduler")
    return kept


def _scheduler_with_all(waiting: int) -> None:
    """Kill the scheduler with every task that it had begun, as the end of its container does, and start another one."""
    _kill(launcher.part("scheduler").family())
    launcher.start_again("scheduler")


def _worker(waiting: int) -> None:
    """Kill the worker at which somebody waits, with all that it had begun; nobody starts it again."""
    families = {name: launcher.part(name).family() for name in workers.names()[1:]}
    _kill(next(family for family in families.values() if waiting in {one.pid for one in family}))


LOSSES = (
    Loss("scheduler killed twice and started again", 0, {INTAKE: _scheduler_alone, PUBLICATION: _scheduler_with_all}),
    Loss("one of two Celery workers killed", 2, {INTAKE: _worker}),
    Loss("scheduler killed above two Celery workers", 2, {PUBLICATION: _scheduler_with_all}),
)


def possible(tell: Callable[[str], None]) -> tuple[Loss, ...]:
    """Return the losses that this machine can rehearse; workers need Redis."""
    if shutil.which("redis-server"):
        return LOSSES
    tell("redis-server is not installed: nothing of Celery is rehearsed")
    return tuple(loss for loss in LOSSES if not loss.workers)


def lost(folder: Path, when: date, losses: tuple[Loss, ...] = LOSSES) -> Iterator[Verdict]:
    """Lose a part of a world on the night of a date, one world per loss, and compare with a night in one process."""
    with ground(folder / "one") as made:
        begin = made.empty()
        made.prepare(begin, when)
        expected = trial.undisturbed(made, begin, when)
        for number, loss in enumerate(losses):
            yield _without(folder / f"world-{number}", made, when, loss, expected)


def _without(var: Path, made: Ground, when: date, loss: Loss, expected: Standing) -> Verdict:
    with _world(var, loss.workers), _striking(loss) as striker:
        ended = nightly.run_night(when, records=made.records, console=Console(quiet=True), seconds=NIGHT)
        if ended == INTERRUPTED:
            signal.raise_signal(signal.SIGINT)  # somebody stops the rehearsal, not this night alone
        found = {**believed(when), **shown(var), "problems of the last run": []}
    told = [f"nobody waited in {stage}" for stage in loss.strikes if stage not in striker.struck]
    told += [f"the night ended with {ended}"] if ended else []
    return Verdict(loss.name, (*told, *differences(expected, found)))


@contextmanager
def _world(var: Path, count: int) -> Iterator[None]:
    """Run a world of its own, and remove it afterwards."""
    try:
        with acting({"XINYONG_VAR": str(var), workers.VARIABLE: str(count)}):
            launcher.up()
            try:
                with launcher.inside():
                    yield
            finally:
                launcher.down()
    finally:
        EmbeddedPostgres(var).remove()


class Striker:
    """Strikes in each stage while somebody waits there, beside the night that runs."""

    def __init__(self, loss: Loss, url: str) -> None:
        self.struck: list[str] = []
        self.left: list[Process] = []
        self._engine = engine(url)
        self._holding = {stage: self._hold(stage) for stage in loss.strikes}
        self._thread = threading.Thread(target=self._run, args=(loss,), daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Wait for the last strike, let go of everything, and end what a part left behind when it was killed."""
        self._thread.join(PATIENCE)
        for connection in self._holding.values():
            connection.close()
        self._engine.dispose()
        stop(self.left, patience=0)

    def _hold(self, stage: str) -> sa.Connection:
        connection = self._engine.connect()
        connection.execute(told_sql(f"hold_{stage}"))
        return connection

    def _run(self, loss: Loss) -> None:
        for stage, strike in loss.strikes.items():
            waiting = self._wait(self._holding[stage])
            if waiting is not None:
                left = strike(waiting)
                self.left += [left] if left else []
                self.struck.append(stage)
            self._holding[stage].close()

    def _wait(self, holding: sa.Connection) -> int | None:
        """Return the process that waits for what is held; None when nobody came in time."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if process := who_waits(self._engine, holding):
                return process
            time.sleep(0.1)
        return None


@contextmanager
def _striking(loss: Loss) -> Iterator[Striker]:
    striker = Striker(loss, os.environ["XINYONG_DATABASE_URL"])
    try:
        yield striker
    finally:
        striker.end()


def who_waits(server: sa.Engine, holding: sa.Connection) -> int | None:
    """Return the process that waits longest for what a session holds, if one does."""
    holder = holding.execute(told_sql("own_session")).scalar_one()
    with server.connect() as observer:
        port = observer.execute(told_sql("who_waits"), {"holder": holder}).scalars().first()
    return connected_at(lambda local, _: local == port) if port else None


def connected_at(fits: Callable[[int, int], bool]) -> int | None:
    """Return the process, other than this one, that holds a connection between such ports, its own end first."""
    held = (one for one in psutil.net_connections("tcp") if one.pid not in (None, os.getpid()))
    return next((one.pid for one in held if one.raddr and fits(one.laddr.port, one.raddr.port)), None)


def _kill(members: list[psutil.Process]) -> None:
    """Kill all of them at once, so that none can tell about the end of another."""
    for member in members:
        with suppress(psutil.NoSuchProcess):
            member.send_signal(signal.SIGKILL)
    psutil.wait_procs(members, timeout=10)
