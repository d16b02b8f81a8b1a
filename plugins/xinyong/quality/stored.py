"""
Judge what only the warehouse can tell, once a night's feeds are stored.

The registration base, the other feeds and the versions before are complete only then, whichever of them came first;
asked earlier, a first night would call every party unknown. The verdicts are those of the feed's latest stored batch
and are rewritten whenever the date is aggregated again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.database import Fragment, run
from xinyong.quality.questions import QUESTIONS, STAGED
from xinyong.quality.rules import Rule
from xinyong.quality.suites import suite
from xinyong.staging import staged_table


def judge_stored(connection: sa.Connection, catalogue: Catalogue, business_date: date) -> None:
    """Judge the latest stored batch of every feed by the rules that ask the warehouse."""
    standing = staged_tables(connection)
    for feed in catalogue.feeds.values():
        if staged_table(feed) in standing:
            rules = [rule for rule in suite(catalogue.records[feed.record_type]) if rule.asks_warehouse]
            batch_id = _stored_batch(connection, feed, business_date)
            if batch_id is not None:
                judge_by_warehouse(connection, rules, staged_table(feed), batch_id)


def staged_tables(connection: sa.Connection) -> set[str]:
    """Return the names of the staged tables that stand; a feed that was never checked has none."""
    return set(run(connection, "quality/list_staged").scalars())


def judge_by_warehouse(connection: sa.Connection, rules: Sequence[Rule], table: str, batch_id: int) -> None:
    """
    Rewrite what came of these rules in one batch.

    The answers are first made a table, one row per rule: that statement may run on several cores, an INSERT may not.
    """
    if not rules:
        return
    run(connection, "quality/forget_rules", batch_id=batch_id, rule_codes=[rule.code for rule in rules])
    names = {"staged": table, "answers": _answers(tuple(rules))}
    run(connection, "quality/answer", names, batch_id=batch_id)
    run(connection, "quality/keep_answers", batch_id=batch_id)
    run(connection, "quality/forget_answers")


@lru_cache(maxsize=16)
def _answers(rules: tuple[Rule, ...]) -> Fragment:
    """Write what is asked about a batch; it serves every batch that the process asks about."""
    return Fragment.of(sa.union_all(*[_answer(rule) for rule in rules]))


def _answer(rule: Rule) -> sa.Select[str, int, Any]:
    """Return one row: the rule, how many rows it is about, and which of them fail."""
    judged = QUESTIONS[rule.type](STAGED, **rule.kwargs).judged.subquery("judged")
    failing = sa.func.array_agg(judged.c.row_number).filter(judged.c.fails)
    code = sa.cast(sa.literal(rule.code), sa.Text())
    columns = (code.label("rule_code"), sa.func.count().label("applied_count"), failing.label("failing"))
    return sa.select(*columns).select_from(judged)


def _stored_batch(connection: sa.Connection, feed: Feed, business_date: date) -> int | None:
    """Return the feed's latest stored batch if its cleaned rows still stand in the staged table."""
    names = {"staged": staged_table(feed)}
    found: int | None = run(
        connection, "quality/stored_batch", names, feed=feed.name, business_date=business_date
    ).scalar()
    return found
