"""
What a feed's silence means: within its own rhythm, declared by its section, or a source that has died unnoticed.

A feed that delivers the same register every night looks healthy in the ledger. It is stale once it has not changed for
longer than it ever used to; how long that is, each feed teaches by its own past changes.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from xinyong import free_text
from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.catalogue.scores import Rhythm
from xinyong.database import run
from xinyong.errors import CatalogueError

HEALTHY = ("fresh", "quiet", "declared")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a feed on a date; days are good days, on which its intake was taken over."""

    feed: str
    outcome: str | None
    batch_state: str | None
    row_count: int | None
    is_new: bool
    changed_on: date | None
    quiet_days: int | None
    gap_count: int
    usual_days: int | None
    previous_row_count: int | None
    declared_by: str | None
    declared_why: str | None


@dataclass(frozen=True, slots=True)
class FeedState:
    """What a feed's deliveries look like on a date, with the sentence a clerk reads."""

    feed: str
    state: str
    sentence: str
    quiet_days: int | None
    usual_days: int | None
    row_count: int | None
    previous_row_count: int | None

    @property
    def needs_attention(self) -> bool:
        """Whether a person should look."""
        return self.state not in HEALTHY


def judge(facts: Facts, rhythm: Rhythm, is_full: bool) -> tuple[str, str]:
    """Return state and sentence of a feed that was due."""
    if facts.outcome is None:
        return "missed", "应采集而未采集：当日没有任何采集记录"
    for found in (_failure(facts, is_full), _size(facts, rhythm, is_full)):
        if found:
            return found
    return _silence(facts, rhythm)


def _failure(facts: Facts, is_full: bool) -> tuple[str, str] | None:
    if facts.outcome == "unavailable":
        return "failed", "来源系统无法连接，未采集到数据"
    if facts.outcome == "unreadable":
        return "failed", "送达的文件或接口格式无法读取"
    if facts.row_count == 0 and is_full:
        return "empty", "送达内容为空；全量来源不应为空，未据此撤回任何记录"
    if facts.batch_state == "refused" and not _shrinkage(facts):
        return "failed", "整批数据被拒收，原因见台账"
    return None


def _shrinkage(facts: Facts) -> float:
    """Return by how many per cent a delivery has fewer rows than the one taken over before."""
    if not facts.is_new or not facts.previous_row_count or facts.row_count is None:
        return 0
    return max(0, 100 * (facts.previous_row_count - facts.row_count) / facts.previous_row_count)


def _size(facts: Facts, rhythm: Rhythm, is_full: bool) -> tuple[str, str] | None:
    shrinkage = _shrinkage(facts) if is_full else 0
    if facts.batch_state == "refused" or shrinkage > rhythm.shrink_warning_percent:
        counts = f"由{facts.previous_row_count}条减至{facts.row_count}条（减少{shrinkage:.1f}%）"
        return "shrunken", f"数据量异常减少：{counts}，请来源科室核实"
    return None


def limit(facts: Facts, rhythm: Rhythm) -> int:
    """Return how many good days a feed may be quiet: by its own rhythm, or as declared while that is not known."""
    if facts.usual_days is None or facts.gap_count < rhythm.least_changes:
        return rhythm.quiet_days
    return max(rhythm.at_least_days, math.ceil(rhythm.tolerance * facts.usual_days))


def _silence(facts: Facts, rhythm: Rhythm) -> tuple[str, str]:
    quiet, longest = facts.quiet_days or 0, limit(facts, rhythm)
    declared = f"{facts.declared_by}已申报本月无数据（{facts.declared_why}）" if facts.declared_by else ""
    if quiet == 0:
        return "fresh", f"{declared}，但当日有新数据，请核实申报" if declared and facts.is_new else "当日有新数据"
    if declared:
        return "declared", declared
    since = f"自{facts.changed_on}起{quiet}个工作日没有变化"
    if quiet > longest:
        usual = f"通常{facts.usual_days}个工作日内有变化" if facts.gap_count >= rhythm.least_changes else "尚无规律可循"
        return "stale", f"{since}，超过{longest}个工作日（{usual}），请来源科室核实系统是否停报，或申报本月无数据"
    return "quiet", f"{since}，在正常间隔内"


def is_due(feed: Feed, business_date: date) -> bool:
    """Say whether the feed's schedule has a night for a business date: one that fires on the day after."""
    from croniter import croniter

    begin = datetime.combine(business_date + timedelta(days=1), datetime.min.time())
    following: datetime = croniter(feed.schedule, begin - timedelta(seconds=1)).get_next(datetime)
    return following < begin + timedelta(days=1)


def record(connection: sa.Connection, catalogue: Catalogue, business_date: date) -> list[FeedState]:
    """Judge every feed that was due on a date, or delivered, and keep what was found."""
    rhythm = catalogue.scores_on(business_date).rhythm
    values = {"learn_changes": rhythm.learn_changes, "percentile": rhythm.percentile}
    rows = run(connection, "rhythm/facts", business_date=business_date, **values).mappings()
    run(connection, "rhythm/forget_state", business_date=business_date)
    found = []
    for facts in (Facts(**row) for row in rows):
        feed = catalogue.feeds.get(facts.feed)
        if feed and (facts.outcome or is_due(feed, business_date)):
            state = _state(facts, rhythm, feed)
            run(connection, "rhythm/record_state", business_date=business_date, **asdict(state))
            found.append(state)
    return found


def _state(facts: Facts, rhythm: Rhythm, feed: Feed) -> FeedState:
    state, sentence = judge(facts, rhythm, feed.change == "full")
    sizes = (facts.row_count, facts.previous_row_count)
    return FeedState(facts.feed, state, sentence, facts.quiet_days, facts.usual_days, *sizes)


def states(connection: sa.Connection, business_date: date) -> list[FeedState]:
    """Read what was kept of the feeds on a date."""
    return [FeedState(**row) for row in run(connection, "rhythm/states", business_date=business_date).mappings()]


def declare_nil(
    connection: sa.Connection, catalogue: Catalogue, feed: str, month: date, person: str, reason: str, declared_on: date
) -> None:
    """Write down that a section says it has no data in a month: a quiet feed is then declared, not suspicious."""
    if feed not in catalogue.feeds:
        raise CatalogueError(f"There is no feed `{feed}`. Expected one of: {', '.join(catalogue.feeds)}.")
    if not person.strip() or not reason.strip():
        raise CatalogueError("A nil declaration needs a person and a reason. Found: a blank one. Give both in words.")
    free_text.check(connection, f"nil declaration of {feed}", {"person": person, "reason": reason}, CatalogueError)
    values = {"feed": feed, "month": month.replace(day=1), "person": person.strip(), "reason": reason.strip()}
    run(connection, "rhythm/declare_nil", **values, declared_on=declared_on)
