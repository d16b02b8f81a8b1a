"""
Recheck: judge again from landing what was judged before a rule changed. No business system is asked.

Every stored batch of the feed, or those since a date, is cleaned and judged once more by today's rules, in the order
of knowledge, and stored once more: what has become acceptable enters, what has become unacceptable is set aside, and
the version that its batch had written is taken back, so that the content accepted before it is live again. The older
batches cannot be left out: a record that did not change since the first night has its only version there. `since`
bounds the work to newer batches; what only older ones accepted then stays live, as on any night after a rule changed.

All of it is one transaction. Judging again without a changed rule changes nothing (law 2). A rule that makes more
records disappear than the feed's `bounds.max_deletions_percent` admits is refused whole (law 6).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.database import run
from xinyong.errors import BatchRefused
from xinyong.quality import judge, suite
from xinyong.warehouse import Rejudge, Step, store_again


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What judging again has changed, in records; those of `other_content` are live with another content."""

    feed: str
    batches: int
    live_before: int
    live_now: int
    stored: int
    taken_back: int
    other_content: int
    open_entries: int


def recheck(connection: sa.Connection, catalogue: Catalogue, feed: Feed, since: date | None = None) -> Rechecked:
    """Judge and store a feed's batches again and say what that changed."""
    names = {"history": f"warehouse.{feed.record_type}"}
    run(connection, "landing/lock_feed", feed=feed.name)
    moment = run(connection, "quarantine/first_moment", feed=feed.name, business_date=since).scalar_one()
    run(connection, "quarantine/remember_live", names, feed=feed.name)
    batches: list[int] = []
    if moment:
        run(connection, "quarantine/forget_sightings", feed=feed.name, since=moment)
        batches = store_again(connection, catalogue, feed, moment, rejudging(connection))
    counted = run(connection, "quarantine/compare_live", names, feed=feed.name).mappings().one()
    found = Rechecked(feed.name, len(batches), **counted)
    _bounded(feed, found)
    return found


def rejudging(connection: sa.Connection) -> Rejudge:
    """Return what judges each batch anew while it is stored again."""
    return lambda step: judge_again(connection, step)


def judge_again(connection: sa.Connection, step: Step) -> None:
    """Judge one batch as of its own date; a rule in error or too many rows set aside refuse the whole recheck."""
    found = step.batch
    _keeping_warehouse_verdicts(
        connection,
        step,
        lambda: judge(connection, step.feed, step.record_type, found.batch_id, found.business_date, step.staged),
    )
    measured = run(connection, "quality/measure_batch", batch_id=found.batch_id).one()
    most = step.feed.bounds.max_quarantined_percent
    if measured.error_count or measured.quarantined_percent > most:
        raise BatchRefused(
            f"Recheck of {step.feed.name}: batch {found.batch_id} ({found.business_date}) would have "
            f"{measured.quarantined_percent:g} % of its rows set aside and {measured.error_count} rules in error. "
            f"Expected: at most {most:g} % and none. Nothing has changed. Look at the rule that was changed in "
            f"expectations/{step.record_type.name}.yml, or at `bounds` in catalogue/feeds/{step.feed.name}.yml."
        )


def _keeping_warehouse_verdicts(connection: sa.Connection, step: Step, judging: Callable[[], None]) -> None:
    """Judge without forgetting what only the warehouse can tell; the next aggregate judges that anew."""
    batch_id = step.batch.batch_id
    codes = [rule.code for rule in suite(step.record_type) if rule.asks_warehouse]
    run(connection, "quarantine/move_verdicts", from_batch=batch_id, to_batch=-batch_id, rule_codes=codes)
    judging()
    run(connection, "quarantine/move_verdicts", from_batch=-batch_id, to_batch=batch_id, rule_codes=codes)


def _bounded(feed: Feed, found: Rechecked) -> None:
    """Refuse a rule change that would make too many records disappear."""
    percent = 100.0 * found.taken_back / found.live_before if found.live_before else 0.0
    if percent > feed.bounds.max_deletions_percent:
        raise BatchRefused(
            f"Recheck of {feed.name} would take back {found.taken_back} of {found.live_before} live records "
            f"({percent:.1f} %). Expected: at most {feed.bounds.max_deletions_percent:g} % "
            f"({feed.bounds.reason}). Nothing has changed. When the rule is right, raise bounds.max_deletions_percent "
            f"in catalogue/feeds/{feed.name}.yml and repeat."
        )
