"""How timeliness, feeds and quality are measured and scored: every threshold of the department and its receivers."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field as Default
from pydantic import model_validator

from xinyong.catalogue.words import Declaration, Dimension, Name, Title

Metric = (
    Literal["storage", "completeness", "accuracy", "timely", "late", "timely_strict", "linkage", "compliance"]
    | Literal["concealed", "wrong_codes"]
)


class Timeliness(Declaration):
    """
    When a record counts as shown and when the department is warned.

    `shown_after_days`: a business date's night runs in the small hours so many days later; that is the day on which a
    platform shows what it accepted. Records decided before `counted_from` (the first load's past) are not measured.
    """

    shown_after_days: int = Default(default=1, ge=0, le=7)
    alert_after_working_days: int = Default(default=5, ge=0)
    forecast_working_days: int = Default(default=3, ge=1, le=20)
    counted_from: date | None = None


class Rhythm(Declaration):
    """
    When a quiet feed is suspicious; days are working days on which its intake was good.

    A feed is stale once it has been quiet longer than `tolerance` times the gap that all but the longest of its latest
    `learn_changes` changes stayed within; with fewer than `least_changes` known, `quiet_days` stands in.
    """

    learn_changes: int = Default(default=20, ge=1)
    least_changes: int = Default(default=5, ge=1)
    percentile: float = Default(default=0.9, gt=0, le=1)
    tolerance: float = Default(default=2, ge=1)
    quiet_days: int = Default(default=10, ge=1)
    at_least_days: int = Default(default=2, ge=1)
    shrink_warning_percent: float = Default(default=5, ge=0, le=100)


class Grade(Declaration):
    """A word for a share of checks passed, from so many per cent on."""

    word: str
    at_least: float = Default(ge=0, le=100)


class Points(Declaration):
    """A receiver's points for one rate: all of them from `full_from` per cent on, below that the share itself."""

    title: str
    points: float | None = Default(default=None, ge=0)
    full_from: float = Default(default=95, ge=0, le=100)


class ScoreSet(Declaration):
    """
    The thresholds in force from a date on, until a later set replaces them.

    Counts are stored per day and never change with thresholds; `xinyong score --by NAME` scores any day by any set.
    """

    name: Name
    title: Title
    basis: str
    in_force_from: date
    platform: Name
    timeliness: Timeliness = Timeliness()
    rhythm: Rhythm = Rhythm()
    targets: dict[Dimension, float] = {}
    grades: tuple[Grade, ...] = Default(min_length=1)
    receiver: dict[Metric, Points]

    @model_validator(mode="after")
    def _grades_fall_to_nothing(self) -> ScoreSet:
        steps = [grade.at_least for grade in self.grades]
        if steps != sorted(set(steps), reverse=True) or steps[-1] != 0:
            raise ValueError("grades: expected the best first, each lower than the one before, the last from 0 on")
        return self

    def grade(self, percent: float) -> str:
        """Return the word for a percentage."""
        return next(grade.word for grade in self.grades if percent >= grade.at_least)
