"""
Scores: what the rules came to per section, feed, record type, dimension and day, and a receiver's points beside them.

Counts are kept per day; percentages, grades and points are made when somebody looks, by the thresholds in force on
that day or by any other set. So history is scored anew without judging anything again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from xinyong.aggregate import Counted
from xinyong.catalogue import Catalogue
from xinyong.catalogue.scores import ScoreSet
from xinyong.database import Fragment, run
from xinyong.errors import CatalogueError, LedgerError
from xinyong.identifiers import PLACEHOLDER
from xinyong.quality import suite
from xinyong.quality.stored import staged_tables
from xinyong.staging import staged_table

# Rates read from what was delivered; the others follow one platform's receipts.
OF_DELIVERIES = ("completeness", "accuracy", "wrong_codes")


@dataclass(frozen=True, slots=True)
class Score:
    """
    One dimension of a feed, of a section (no feed) or of the department (no section either).

    Without any check that applied there is no percentage and no grade: nothing was measured.
    """

    section: str | None
    feed: str | None
    record_type: str | None
    dimension: str
    rules_passed: int
    rules_failed: int
    rules_not_applicable: int
    rules_error: int
    applied_count: int
    failed_count: int
    percent: float | None
    grade: str | None
    meets_target: bool | None


@dataclass(frozen=True, slots=True)
class Rate:
    """One of a receiver's rates over a record type, a section or the department, with its points where it has any."""

    section: str | None
    record_type: str | None
    metric: str
    title: str
    good_count: int
    all_count: int
    percent: float | None
    points: float | None
    full_points: float | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """The scores of a period by one set of thresholds."""

    first: date
    last: date
    thresholds: str
    scores: tuple[Score, ...]
    rates: tuple[Rate, ...]

    def of(self, section: str | None) -> Assessment:
        """Return what belongs to one section, or to the department as a whole."""
        scores = tuple(score for score in self.scores if score.section == section)
        rates = tuple(rate for rate in self.rates if rate.section == section)
        return Assessment(self.first, self.last, self.thresholds, scores, rates)

    @property
    def sections(self) -> list[str]:
        """Return the sections that were measured."""
        named = {one.section for one in self.scores} | {one.section for one in self.rates}
        return sorted(name for name in named if name)

    def as_dict(self) -> dict[str, Any]:
        """Return the assessment as plain data."""
        period = {"first": self.first.isoformat(), "last": self.last.isoformat(), "thresholds": self.thresholds}
        return period | {"scores": [asdict(one) for one in self.scores], "rates": [asdict(one) for one in self.rates]}


def record(connection: sa.Connection, catalogue: Catalogue, business_date: date) -> None:
    """Keep the counts of a date; counting it again replaces them."""
    run(connection, "scores/forget_day", business_date=business_date)
    required = [rule.code for one in catalogue.records.values() for rule in suite(one) if rule.requires_item]
    run(connection, "scores/record_day", business_date=business_date, required=required)
    _record_codes(connection, catalogue, business_date)
    for name, platform in catalogue.platforms.items():
        values = {"platform": name, "business_date": business_date}
        run(connection, "scores/forget_receiver_day", **values)
        unlinked = list(platform.again_when_linked)
        tables = [
            Counted(Fragment.of(sa.literal(record)), f"{record}_current")
            for record in catalogue.records
            if record != "subject"
        ]
        run(connection, "scores/record_receiver_day", {"record_types": tables}, **values, unlinked=unlinked)


def _record_codes(connection: sa.Connection, catalogue: Catalogue, business_date: date) -> None:
    """Keep how many of the parties' codes are wrong or shared, for every feed whose cleaned rows still stand."""
    run(connection, "scores/forget_codes", business_date=business_date)
    standing = staged_tables(connection)
    for feed in catalogue.feeds.values():
        party = catalogue.records[feed.record_type].party
        if party.uscc and staged_table(feed) in standing:
            names = {"staged": staged_table(feed), "code": party.uscc.lower(), "party": party.name.lower()}
            values = {"feed": feed.name, "business_date": business_date, "placeholder": PLACEHOLDER}
            run(connection, "scores/record_codes", names, **values)


def thresholds(catalogue: Catalogue, day: date, by: str | None = None) -> ScoreSet:
    """Return the thresholds in force on a day, or those of this name."""
    if by is None:
        return catalogue.scores_on(day)
    if by not in catalogue.scores:
        raise CatalogueError(f"There are no thresholds `{by}`. Expected one of: {', '.join(catalogue.scores)}.")
    return catalogue.scores[by]


def assess(connection: sa.Connection, chosen: ScoreSet, first: date, last: date) -> Assessment:
    """Score the days from `first` to `last` by a set of thresholds, from the counts that were kept."""
    period = {"first": first, "last": last}
    rows = run(connection, "scores/dimensions", platform=chosen.platform, **period).mappings()
    scores = tuple(_graded(chosen, dict(row)) for row in rows)
    if not scores:
        raise LedgerError(
            f"Nothing was measured from {first} to {last}. Expected: at least one night with its report. "
            f"Run the night of that date, or its report once more."
        )
    return Assessment(first, last, chosen.name, scores, tuple(_rates(connection, chosen, first, last)))


def _graded(chosen: ScoreSet, row: dict[str, Any]) -> Score:
    percent, target = row["percent"], chosen.targets.get(row["dimension"])
    grade = None if percent is None else chosen.grade(percent)
    return Score(**row, grade=grade, meets_target=None if percent is None or target is None else percent >= target)


def _rates(connection: sa.Connection, chosen: ScoreSet, first: date, last: date) -> Sequence[Rate]:
    run(connection, "scores/rate_table")
    run(connection, "scores/empty_rates")
    for metric in chosen.receiver:
        values: dict[str, object] = {"first": first, "last": last}
        if metric not in OF_DELIVERIES:
            values["platform"] = chosen.platform
        run(connection, f"scores/rate_{metric}", **values)
    declared = enumerate(chosen.receiver.items())
    settings = [{"place": at, "metric": metric, **points.model_dump()} for at, (metric, points) in declared]
    found = run(connection, "scores/points", settings=json.dumps(settings, ensure_ascii=False)).mappings()
    return [Rate(**row) for row in found]
