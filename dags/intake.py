"""
# Intake

Bring one record type from its business system into the credit warehouse. One DAG per feed of the catalogue.

| task | what it does | what a failure leaves behind |
|---|---|---|
| `extract` | reads what the business system holds and lands it untouched, as one batch | nothing, or the whole batch |
| `check` | judges every record; those that break a critical rule go to quarantine | the batch, unjudged |
| `store` | appends what is new to the history; what vanished at the source gets an ending | the batch, judged |
| `settle` | **always runs**: writes the feed's line of the ledger, tells the night that the feed is through | no line |
| `complete` | does nothing; it is red when a stage before it failed, and so is the run | |

**A run that failed is red, and yet the night goes on**: aggregation and publication work with what the warehouse
already knows, and no record is withdrawn because a feed is silent. Without `settle`, the night closes at 05:30.

**Tried again by itself**: a business system that does not answer (`SourceUnavailable`), a lost connection, a killed
process – three times, ever later. **Not tried again**: a file or columns other than declared (`UnexpectedShape`), a
batch out of its bounds (`BatchRefused`), a wrong declaration (`CatalogueError`): the message says what to mend.

**Then**: clear the failed task (its followers run too). Every task may be repeated at any time: the same content is the
same batch and leaves the warehouse in the same state. Backfill: see `docs/airflow.md`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, TriggerRule, dag, task

from xinyong import names, wiring
from xinyong.catalogue import Feed, catalogue


@task
def extract(feed: str, dag_run=None, params=None) -> int:
    """Land what the business system holds; return the batch id."""
    from xinyong import stages

    return stages.extract(feed, wiring.business_date(dag_run, params))


@task
def check(batch_id: int, dag_run=None, params=None) -> None:
    """Judge every record of the batch."""
    from xinyong import stages

    stages.check(batch_id, wiring.business_date(dag_run, params))


@task
def store(batch_id: int, dag_run=None, params=None) -> None:
    """Append what is new to the history."""
    from xinyong import stages

    stages.store(batch_id, wiring.business_date(dag_run, params))


@task(trigger_rule=TriggerRule.ALL_DONE)
def settle(feed: str, dag_run=None, params=None, ti=None, outlet_events=None) -> None:
    """Write the feed's line of the ledger and announce that the feed is through."""
    from xinyong import stages

    day = wiring.business_date(dag_run, params)
    stages.settle(feed, day)
    told = {**wiring.outcome(ti), "reason": wiring.reasons(dag_run)}
    wiring.announce(outlet_events[wiring.feed_settled(feed)], day, told)


def intake_dag(feed: Feed) -> DAG:
    """Build the intake DAG of one feed."""

    @dag(
        dag_id=names.intake(feed.name),
        dag_display_name=f"Intake: {feed.title.zh}",
        description=feed.title.en,
        doc_md=__doc__,
        schedule=wiring.nightly_for_yesterday(feed.schedule),
        start_date=wiring.first_night(),
        catchup=False,
        max_active_runs=1,  # two runs of one feed would read the same source at once
        default_args=wiring.task_defaults(owner=feed.section, timeout=timedelta(hours=1)),
        params={"business_date": wiring.BUSINESS_DATE},
        tags=["intake", feed.record_type],
    )
    def intake() -> None:
        batch = extract(feed.name)
        settled = settle.override(outlets=[wiring.feed_settled(feed.name)])(feed.name)
        check(batch) >> store(batch) >> [settled, EmptyOperator(task_id="complete")]

    return intake()


for _feed in catalogue().feeds.values():
    intake_dag(_feed)
