"""
Judge what only the warehouse can tell, once a night's feeds are stored.

The registration base, the other feeds and the versions before are complete only then, whichever of them came first;
asked earlier, a first night would call every party unknown. The verdicts are those of the feed's latest stored batch
and are rewritten whenever the date is aggregated again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.database import run
from xinyong.quality.questions import QUESTIONS
from xinyong.quality.rules import Rule
from xinyong.quality.suites import suite
from xinyong.staging import staged_table

RESULT = sa.table(
    "rule_result",
    *[sa.column(name) for name in ("batch_id", "rule_code", "state", "applied_count", "failed_count")],
    schema="quality",
)
VIOLATION = sa.table(
    "violation", *[sa.column(name) for name in ("batch_id", "row_number", "rule_code")], schema="quality"
)

# The answer to one question in one row: how many rows it is about, and which of them fail. It is filled by a statement
# that may run on several cores, which an INSERT may not.
ANSWER = sa.table("answer", sa.column("applied"), sa.column("failing", ARRAY(sa.Integer())), schema="pg_temp")


def judge_stored(connection: sa.Connection, catalogue: Catalogue, business_date: date) -> None:
    """Judge the latest stored batch of every feed by the rules that ask the warehouse."""
    for feed in catalogue.feeds.values():
        rules = [rule for rule in suite(catalogue.records[feed.record_type]) if rule.asks_warehouse]
        batch_id = _stored_batch(connection, feed, business_date)
        if batch_id is not None:
            judge_by_warehouse(connection, rules, staged_table(feed), batch_id)


def judge_by_warehouse(connection: sa.Connection, rules: Iterable[Rule], table: str, batch_id: int) -> None:
    """Rewrite what came of these rules in one batch."""
    schema, _, name = table.partition(".")
    rows = sa.select(sa.text("*")).select_from(sa.table(name, schema=schema))
    staged = rows.where(sa.column("batch_id", sa.BigInteger()) == batch_id).subquery("staged")
    for rule in rules:
        run(connection, "quality/forget_rule", batch_id=batch_id, rule_code=rule.code)
        judged = QUESTIONS[rule.type](staged, **rule.kwargs).judged.subquery("judged")
        failing = sa.func.array_agg(judged.c.row_number).filter(judged.c.fails)
        told = sa.select(sa.func.count().label("applied"), failing.label("failing")).select_from(judged)
        run(connection, "quality/forget_answer")
        connection.execute(sa.CreateTableAs(told, "answer", temporary=True))
        each = sa.select(sa.literal(batch_id), sa.func.unnest(ANSWER.c.failing), sa.literal(rule.code))
        failed = connection.execute(sa.insert(VIOLATION).from_select(list(VIOLATION.c), each)).rowcount
        applied = connection.execute(sa.select(ANSWER.c.applied)).scalar_one()
        state = "failed" if failed else "passed" if applied else "not_applicable"
        connection.execute(sa.insert(RESULT).values((batch_id, rule.code, state, applied, failed)))
    run(connection, "quality/forget_answer")


def _stored_batch(connection: sa.Connection, feed: Feed, business_date: date) -> int | None:
    """Return the feed's latest stored batch if its cleaned rows still stand in the staged table."""
    schema, _, name = staged_table(feed).partition(".")
    if not sa.inspect(connection).has_table(name, schema=schema):
        return None
    names = {"staged": staged_table(feed)}
    found: int | None = run(
        connection, "quality/stored_batch", names, feed=feed.name, business_date=business_date
    ).scalar()
    return found
