"""
# Publish

Bring one platform from the state its receipts confirmed to the state it should have on a business date. One DAG per
platform of the catalogue, started when `aggregate` is through.

| task | what it does | what a failure leaves behind |
|---|---|---|
| `reconcile` | compares both states and writes the messages down; a quiet day is "nothing to report" | no message |
| `message.send` | sends one message; after a time-out it asks the platform before it sends again | state unknown |
| `message.collect` | fetches the receipts of one message | the message, sent |
| `settle` | **always runs**: checks that every record is explained, writes the platform's line | no line |
| `complete` | does nothing; it is red when a stage before it failed, and so is the run | |

At most as many calls at once as the platform's pool has slots (`calls_at_once` in the catalogue). Without `settle`, the
report closes at 07:30.

**Tried again by itself**: a platform that gives no usable answer (`PlatformUnavailable`); the message keeps its number
and its key, so it cannot arrive twice. **Not tried again**: a platform that says no to a whole message
(`MessageRefused`).

**Then**: clear the failed task. What stays unsent is in the next night's messages anyway. The other platforms go on.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, PartitionedAssetTimetable, TriggerRule, dag, task, task_group

from xinyong import names, wiring
from xinyong.catalogue import Platform, catalogue

NUMBER = "{{ task.op_kwargs['number'] }}"


@task
def reconcile(platform: str, dag_run=None, params=None) -> list[int]:
    """Write down what the platform must be told; return the numbers of the messages."""
    from xinyong import stages

    return stages.reconcile(platform, wiring.business_date(dag_run, params))


@task(map_index_template=NUMBER)
def send(platform: str, number: int, dag_run=None, params=None) -> None:
    """Send one message, unless the platform already has it."""
    from xinyong import stages

    stages.send(platform, number, wiring.business_date(dag_run, params))


@task(map_index_template=NUMBER)
def collect(platform: str, number: int, dag_run=None, params=None) -> None:
    """Fetch the receipts of one message."""
    from xinyong import stages

    stages.collect(platform, number, wiring.business_date(dag_run, params))


@task(trigger_rule=TriggerRule.ALL_DONE)
def settle(platform: str, dag_run=None, params=None, ti=None, outlet_events=None) -> None:
    """Check that every record is explained and announce that the platform is through."""
    from xinyong import stages

    day = wiring.business_date(dag_run, params)
    stages.settle_platform(platform, day)
    told = {**wiring.outcome(ti), "reason": wiring.reasons(dag_run)}
    wiring.announce(outlet_events[wiring.platform_settled(platform)], day, told)


def publish_dag(platform: Platform) -> DAG:
    """Build the publication DAG of one platform."""

    @dag(
        dag_id=names.publish(platform.name),
        dag_display_name=f"Publish: {platform.title.zh}",
        description=platform.title.en,
        doc_md=__doc__,
        schedule=PartitionedAssetTimetable(assets=wiring.AGGREGATED),
        start_date=wiring.first_night(),
        catchup=False,
        max_active_runs=1,  # the delta of a date needs the receipts of the date before
        default_args=wiring.task_defaults(owner="credit", timeout=timedelta(minutes=30)),
        params={"business_date": wiring.BUSINESS_DATE},
        tags=["publish", platform.name],
    )
    def publish() -> None:
        @task_group
        def message(number: int) -> None:
            pool = names.pool(platform.name)
            sent = send.override(pool=pool)(platform.name, number=number)
            sent >> collect.override(pool=pool)(platform.name, number=number)

        settled = settle.override(outlets=[wiring.platform_settled(platform.name)])(platform.name)
        message.expand(number=reconcile(platform.name)) >> [settled, EmptyOperator(task_id="complete")]

    return publish()


for _platform in catalogue().platforms.values():
    publish_dag(_platform)
