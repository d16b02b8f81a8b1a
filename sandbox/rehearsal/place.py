"""A small world that can be copied in a blink: a database of its own and the folders of the sandbox."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sandbox.systems import Setting, running, signing_key
from sandbox.world import World
from xinyong import keyring
from xinyong.database import connected, migrate
from xinyong.postgres import EmbeddedPostgres
from xinyong.settings import root

FORK = multiprocessing.get_context("fork")  # a child begins where its parent stands: everything imported and warm
SQL = Path(__file__).parents[1] / "sql"
POLL = 0.05  # seconds between two looks of the national node for files
WAIT = 0.2  # the pause between two questions for a receipt grows from a quarter of it: enough on a machine at its limit
KEYS = ("XINYONG_SEALING_KEY", "XINYONG_HASHING_KEY", "XINYONG_SIGNING_KEY", "AIRFLOW_CONN_XINYONG_SIGNING")


@dataclass(frozen=True, slots=True)
class Scene:
    """A state of warehouse and sandbox; `url` and `var` say where it lies."""

    name: str
    url: str
    var: Path


@dataclass(slots=True)
class Ground:
    """Where a rehearsal takes place: one server, one folder, one set of keys, one enforcement system."""

    server: EmbeddedPostgres
    folder: Path
    records: int = 100
    scenes: list[str] = field(default_factory=list)

    def empty(self) -> Scene:
        """Return a scene with a migrated warehouse, in which nothing has happened yet."""
        scene = self._named("empty")
        self.server.create_database(scene.name)
        scene.var.mkdir(parents=True)
        migrate(scene.url)
        return scene

    def copy(self, scene: Scene, name: str) -> Scene:
        """Copy a scene in which nobody is at work."""
        copied = self._named(name)
        with connected(self.server.url("postgres")) as connection:
            connection.execute(told_sql("end_sessions"), {"database": scene.name})
        self.server.create_database(copied.name, scene.name)
        _copy_folder(scene.var, copied.var)
        return copied

    @contextmanager
    def copied(self, scene: Scene, name: str) -> Iterator[Scene]:
        """Give a copy and remove it afterwards."""
        copied = self.copy(scene, name)
        try:
            yield copied
        finally:
            self.server.drop_database(copied.name)
            shutil.rmtree(copied.var, ignore_errors=True)

    def prepare(self, scene: Scene, when: date) -> None:
        """Put the business systems of a scene into their state of a date; the enforcement system is everybody's."""
        world = World(records=self.records, var=scene.var, enforcement_url=self.enforcement_url)
        world.prepare(when)

    @contextmanager
    def playing(self, scene: Scene) -> Iterator[dict[str, str]]:
        """Run the stand-ins of a scene; yield the environment of a process of its pipeline."""
        key = signing_key(os.environ["XINYONG_SIGNING_KEY"])
        with running(Setting(scene.var, self.enforcement_url, key, poll_seconds=POLL)) as connections:
            yield {"XINYONG_VAR": str(scene.var), "XINYONG_DATABASE_URL": scene.url, **connections}

    @property
    def enforcement_url(self) -> str:
        """Where the enforcement system's database is."""
        return self.server.url("enforcement")

    def _named(self, name: str) -> Scene:
        unique = f"{re.sub('[^a-z0-9]+', '_', name)[:40]}_{uuid.uuid4().hex[:8]}"
        self.scenes.append(unique)
        return Scene(unique, self.server.url(unique), self.folder / unique)


@contextmanager
def ground(
    folder: Path,
    records: int = 100,
    server: EmbeddedPostgres | None = None,
    feeds: Sequence[str] = (),
    initial: Sequence[str] = (),
) -> Iterator[Ground]:
    """
    Prepare the ground of a rehearsal in an empty folder, with a server of its own unless one is given.

    With `feeds`, the department has no others; `initial` are further options of `initdb`.
    """
    own = server or EmbeddedPostgres(folder, durable=False, initial=initial)
    made = Ground(own, folder, records)
    try:
        own.start()
        own.create_database("enforcement")
        with acting({"XINYONG_CATALOGUE": str(_impatient_catalogue(folder, feeds)), **_keys(folder)}):
            yield made
    finally:
        if server is None:
            own.remove()  # whatever state it is in: a part that was stopped halfway may have halted it
        else:
            for name in made.scenes:
                own.drop_database(name)


@contextmanager
def acting(environment: Mapping[str, str]) -> Iterator[None]:
    """Let this process be one of a scene's pipeline for a while."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _copy_folder(folder: Path, copied: Path) -> None:
    """Copy a folder with its links of both kinds: the public folder of the portal is one, its files have two names."""
    command = [shutil.which("cp") or "cp", "-a", str(folder), str(copied)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 – two folders of ours


def told_sql(name: str) -> sa.TextClause:
    """Return a statement of the rehearsal."""
    return sa.text((SQL / f"rehearsal_{name}.sql").read_text("utf-8"))


def _keys(folder: Path) -> dict[str, str]:
    kept = keyring.kept(folder / "secrets.json")
    return {name: kept[name] for name in KEYS}


def _impatient_catalogue(folder: Path, feeds: Sequence[str]) -> Path:
    """Copy the catalogue, with platforms that are asked for receipts without pauses that only cost time here."""
    copied = folder / "catalogue"
    shutil.copytree(root() / "catalogue", copied)
    for path in (copied / "feeds").glob("*.yml"):
        if feeds and path.stem not in feeds:
            path.unlink()
    for path in (copied / "platforms").glob("*.yml"):
        text = re.sub(r"^wait_seconds: .*$", f"wait_seconds: {WAIT}", path.read_text("utf-8"), flags=re.MULTILINE)
        path.write_text(text, "utf-8")
    return copied


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process of the pipeline ended: killed, or with what it returned, or with what it fell over."""

    killed: bool
    result: Any = None
    failure: str | None = None


class Actor:
    """
    A process of the pipeline, which waits until it is told where it acts.

    It is forked before the stand-ins of its scene run: a process with threads is a bad parent.
    """

    def __init__(self, act: Callable[[], Any]) -> None:
        self._ours, theirs = FORK.Pipe()
        self._process = FORK.Process(target=_wait_and_act, args=(self._ours, theirs, act), daemon=True)
        self._process.start()
        theirs.close()

    def act(self, environment: Mapping[str, str]) -> Ended:
        """Let it act and wait for its end."""
        self._ours.send(dict(environment))
        try:
            ended: Ended = self._ours.recv()
        except EOFError:
            self._process.join()
            killed = self._process.exitcode == -signal.SIGKILL
            return Ended(killed, failure=None if killed else f"ended with {self._process.exitcode}")
        except BaseException:  # the rehearsal is stopped: what it acts on is about to go
            self.dismiss()
            raise
        self._process.join()
        return ended

    def dismiss(self) -> None:
        """Send it home when it was not needed."""
        self._process.kill()
        self._process.join()


def leave_stopping_to_parent() -> None:
    """Let a forked process not hear Ctrl-C, which reaches all at a terminal, nor inherit what its parent does then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _wait_and_act(parents: Connection, orders: Connection, act: Callable[[], Any]) -> None:
    parents.close()  # held by the parent alone, its end is seen here as the end of all orders
    leave_stopping_to_parent()
    os.environ.update(orders.recv())
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(silence, stream)  # a night that is cut off complains, and nobody asks
    try:
        orders.send(Ended(killed=False, result=act()))
    except Exception:
        orders.send(Ended(killed=False, failure=traceback.format_exc()))
