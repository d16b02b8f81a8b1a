"""Cut the connection to the warehouse right before a statement of a night."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import sqlalchemy as sa

from sandbox.rehearsal.night import Act
from sandbox.rehearsal.place import SQL, Actor, Ended, Ground
from sandbox.rehearsal.plan import Rehearsal
from sandbox.rehearsal.trial import Crew, Stage, Trial, Verdict, needed

CUT = (SQL / "rehearsal_cut.sql").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Cut:
    """One cut: in which act, and before which of its statements, counted from 1."""

    act: str
    statement: int

    def __str__(self) -> str:
        return f"connection cut before statement {self.statement} of {self.act}"


@dataclass(slots=True)
class Statements:
    """Counts what this process asks of PostgreSQL, and ends the session before the chosen statement."""

    cut_before: int | None = None
    count: int = 0

    def __call__(self, connection: sa.Connection, cursor: Any, *others: object) -> None:
        if connection.dialect.name == "postgresql":  # the portal keeps its own books in SQLite
            self.count += 1
            if self.count == self.cut_before:
                cursor.execute(CUT)


def cuts(rehearsal: Rehearsal, workers: Crew) -> list[Cut]:
    """List every cut of a night: before each statement that an undisturbed run of an act sends."""
    counted = [
        (stage, workers.submit(statements, rehearsal.ground, stage, rehearsal.when)) for stage in rehearsal.stages
    ]
    return [Cut(stage.act.name, number) for stage, count in counted for number in range(1, count.result() + 1)]


def statements(ground: Ground, stage: Stage, when: date) -> int:
    """Return how many statements an act sends when nothing hits it."""
    with ground.copied(stage.scene, f"statements of {stage.act.name}") as copied:
        actor = Actor(partial(_counted, stage.act, when))
        with ground.playing(copied) as environment:
            return int(needed(actor.act(environment)))


def cut_off(rehearsal: Rehearsal, cut: Cut) -> Verdict:
    """Cut the connection once and judge how the night ends after that."""
    act = rehearsal.stage(cut.act).act
    return rehearsal.tried(cut.act, Trial(str(cut), partial(_cut, act, rehearsal.when, cut.statement), was_cut))


def was_cut(ended: Ended) -> bool:
    """Say whether the act came to the statement; whether it then ended well or badly is for the comparison to tell."""
    return bool(ended.failure or (ended.result or 0) > 0)


def _counted(act: Act, when: date) -> int:
    with _listening(Statements()) as counted:
        act.run(when)
    return counted.count


def _cut(act: Act, when: date, statement: int) -> int:
    with _listening(Statements(cut_before=statement)) as counted:
        act.run(when)
    return int(counted.count >= statement)


@contextmanager
def _listening(counted: Statements) -> Iterator[Statements]:
    sa.event.listen(sa.Engine, "before_cursor_execute", counted)
    try:
        yield counted
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", counted)
