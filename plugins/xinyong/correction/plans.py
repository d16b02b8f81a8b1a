"""What a correction is: who asked for what, what planning saw, and what became of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

import sqlalchemy as sa

from xinyong.database import run
from xinyong.errors import XinyongError

Kind = Literal["re-extract", "re-judge", "restate", "disclosure", "retract"]
KINDS: tuple[Kind, ...] = get_args(Kind)
STATES = ("planned", "applied", "rolled_back")


class CorrectionError(XinyongError):
    """Raised when a correction cannot be planned, applied or rolled back; nothing has changed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A correction that a person wishes; `parameters` belong to its kind (see `xinyong.correction.kinds`)."""

    kind: Kind
    feed: str
    parameters: Mapping[str, Any]
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction as it is written down; `effect` is what planning saw, and applying must see again."""

    correction_id: int
    kind: Kind
    feed: str
    record_type: str
    parameters: dict[str, Any]
    state: str
    effect: dict[str, Any]
    effect_hash: str
    plan_hash: str
    needs_approval: bool
    planned_on: date
    planned_by: str
    planned_reason: str
    applied_number: int | None
    applied_on: date | None
    applied_by: str | None
    applied_reason: str | None
    rolled_back_on: date | None
    rolled_back_by: str | None
    rolled_back_reason: str | None

    @property
    def name(self) -> str:
        """Say which correction this is, as messages and reasons do."""
        return f"correction {self.correction_id} ({self.kind} of {self.feed})"

    @property
    def history(self) -> str:
        """Say in one sentence what became of it so far."""
        told = f"planned on {self.planned_on} by {self.planned_by}"
        if self.applied_on:
            told += f", applied on {self.applied_on} by {self.applied_by}"
        return told + (
            f", rolled back on {self.rolled_back_on} by {self.rolled_back_by}" if self.rolled_back_on else ""
        )


def find(
    connection: sa.Connection, correction_id: int | None = None, feed: str | None = None, state: str | None = None
) -> list[Correction]:
    """Return corrections, the newest first."""
    values = {"correction_id": correction_id, "feed": feed, "state": state}
    return [Correction(**row) for row in run(connection, "correction/find", **values).mappings()]


def load(connection: sa.Connection, correction_id: int | None) -> Correction:
    """Return one correction; a form that names none is refused like one that names an unknown one."""
    found = [] if correction_id is None else find(connection, correction_id)
    if not found:
        raise CorrectionError(
            f"There is no correction {correction_id}. Expected: a number that `xinyong correct list` shows. Plan one "
            "with `xinyong correct plan`."
        )
    return found[0]


def plan_hash(correction_id: int, asked: Asked, effect_hash: str) -> str:
    """Return what names a plan and everything it would do: whoever applies it has seen exactly this one."""
    content = [correction_id, asked.kind, asked.feed, dict(asked.parameters), asked.person, asked.reason, effect_hash]
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:16]
