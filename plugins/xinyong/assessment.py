"""
What a date came to in quality: timeliness, feeds, scores; measured after publication, shown as a page and as JSON.

Measuring a date once more replaces what was kept of it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import sqlalchemy as sa

from xinyong import rhythm, scores, timeliness
from xinyong.catalogue import Catalogue
from xinyong.database import run
from xinyong.errors import LedgerError
from xinyong.rhythm import FeedState
from xinyong.scores import Assessment
from xinyong.timeliness import Standing, Waiting

SHOWN = 300  # rows of a list on the page
LISTED = 5000  # records that wait, the most urgent first, beside the page as JSON; `xinyong timeliness --json` has all

DIMENSIONS = {
    "timeliness": "及时性",
    "normativity": "规范性",
    "completeness": "完整性",
    "accuracy": "准确性",
    "consistency": "一致性",
}
STATES = {
    "fresh": "有更新",
    "quiet": "正常静默",
    "declared": "已申报无数据",
    "stale": "疑似停报",
    "shrunken": "异常减少",
    "empty": "空数据",
    "missed": "未采集",
    "failed": "采集失败",
}
CAUSES = {
    "entered_late": "科室录入时已逾期",
    "set_aside": "数据不合格，待科室整改",
    "rejected": "被平台退回",
    "no_answer": "已报送，平台未回执",
    "not_sent": "尚未报送",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One date: how records stand, what waits, how feeds behave, and its scores where anything was judged."""

    business_date: date
    standings: tuple[Standing, ...]
    waiting: tuple[Waiting, ...]
    states: tuple[FeedState, ...]
    assessment: Assessment | None

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "business_date": self.business_date.isoformat(),
            "timeliness": [asdict(one) for one in self.standings],
            "waiting": [asdict(one) for one in self.waiting],
            "feeds": [asdict(one) for one in self.states],
            "assessment": self.assessment.as_dict() if self.assessment else None,
        }

    @property
    def is_cut(self) -> bool:
        """Whether more waits than is listed."""
        return len(self.waiting) >= LISTED

    @property
    def forecast(self) -> list[Waiting]:
        """Return what is not late yet and will be after one of the next working days."""
        return [one for one in self.waiting if one.state in ("in_time", "at_risk")]

    @property
    def overdue(self) -> list[Waiting]:
        """Return what is late already, or has no readable date."""
        return [one for one in self.waiting if one.state not in ("in_time", "at_risk")]


def measure(connection: sa.Connection, catalogue: Catalogue, business_date: date) -> Measured:
    """Measure a date and keep its counts."""
    run(connection, "aggregate/lock")
    timeliness.measure(connection, catalogue, business_date)
    timeliness.keep(connection, catalogue, business_date)
    states = rhythm.record(connection, catalogue, business_date)
    scores.record(connection, catalogue, business_date)
    return Measured(
        business_date,
        tuple(timeliness.standings(connection)),
        tuple(timeliness.waiting(connection, catalogue, business_date, most=LISTED)),
        tuple(states),
        _assessment(connection, catalogue, business_date),
    )


def _assessment(connection: sa.Connection, catalogue: Catalogue, business_date: date) -> Assessment | None:
    try:
        return scores.assess(connection, catalogue.scores_on(business_date), business_date, business_date)
    except LedgerError:  # a night on which nothing arrived has no score, and its report says so
        return None


def write(measured: Measured, catalogue: Catalogue, folder: Path) -> None:
    """Write `quality.html` and `quality.json` into the folder of the date."""
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps(measured.as_dict(), ensure_ascii=False, indent=2, default=str)
    (folder / "quality.json").write_text(content + "\n", "utf-8")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("xinyong"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    words = {"dimensions": DIMENSIONS, "states": STATES, "causes": CAUSES, "titles": titles(catalogue)}
    page = environment.get_template("quality.html").render(measured=measured, catalogue=catalogue, shown=SHOWN, **words)
    (folder / "quality.html").write_text(page, "utf-8")


def titles(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """Return the Chinese titles of sections, feeds, record types and platforms."""
    declared: dict[str, dict[str, Any]] = {
        "section": catalogue.department.sections,
        "feed": dict(catalogue.feeds),
        "record_type": dict(catalogue.records),
        "platform": dict(catalogue.platforms),
    }
    return {kind: {name: one.title.zh for name, one in group.items()} for kind, group in declared.items()}
