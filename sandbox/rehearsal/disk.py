"""
A disk that is full: the server's processes may write no file beyond a size, and PostgreSQL says so in its own words.

The limit works for any user and needs no small disk. It must leave room for a segment of the write-ahead log, so the
server of this part is made with the smallest segments there are, and its largest feed delivers more than one.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

from sandbox.rehearsal.night import intake
from sandbox.rehearsal.place import Actor, Ground, Scene, ground
from sandbox.rehearsal.standing import Standing, believed, differences
from sandbox.rehearsal.trial import Verdict, needed
from sandbox.story import ENFORCEMENT
from xinyong.errors import WarehouseError
from xinyong.postgres import EmbeddedPostgres

SMALL_SEGMENTS = ("--wal-segsize=1",)  # megabytes
LIMIT = 1_100_000  # bytes: a segment of the log and a little more, less than the landing table of the largest feed
RECORDS = 5_000
SAYS = "could not extend file"  # PostgreSQL, of any file that cannot grow


def starved(folder: Path, when: date) -> Verdict:
    """Land a feed on a full disk, make room, run its intake again, and compare with one that had room."""
    with ground(folder, RECORDS, initial=SMALL_SEGMENTS) as made:
        begin = made.empty()
        made.prepare(begin, when)
        expected = _acted(made, made.copy(begin, "room"), partial(_take_in, when))
        full = made.copy(begin, "full")
        what = f"disk full while {ENFORCEMENT} is landed"
        said = str(_acted(made, full, partial(_starve, made.server, when))["said"])
        if SAYS not in said:
            return Verdict(what, (f"the disk was not full: {said}",))
        found = _acted(made, full, partial(_take_in, when))
    return Verdict(f"{what}: {said}", tuple(differences(expected, found)))


def _acted(made: Ground, scene: Scene, act: partial[Standing]) -> Standing:
    actor = Actor(act)
    with made.playing(scene) as environment:
        standing: Standing = needed(actor.act(environment))
    return standing


def _take_in(when: date) -> Standing:
    problems = intake(ENFORCEMENT, when)
    return {**believed(when), "problems": problems}


def _starve(server: EmbeddedPostgres, when: date) -> Standing:
    """Return what the feed's owner is told."""
    with _no_room(server):
        try:
            return {"said": intake(ENFORCEMENT, when)}
        except WarehouseError as error:
            return {"said": error}


@contextmanager
def _no_room(server: EmbeddedPostgres) -> Iterator[None]:
    """Let the server run on a disk without room for a larger file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    server.stop()
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, before[1]))  # what is started now inherits it
    server.start()
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    try:
        yield
    finally:
        server.stop()
        server.start()
