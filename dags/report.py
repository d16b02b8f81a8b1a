"""
# Report

Write the ledger of a business date: each record of each feed and of each platform is accounted for, or named.

Starts when every platform has settled for the date, or when the publication closes (`close_publication`, 07:30),
whichever comes first. The result lies in `reports/<date>/` below the run-time folder, as page and as JSON.

**When it fails:** everything else is done; only the page is missing. Clear the task.
A ledger that does not balance fails this task on purpose: its message says how to see what is unexplained.
"""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from operator import and_

from airflow.sdk import PartitionedAssetTimetable, dag, task

from xinyong import names, wiring
from xinyong.catalogue import catalogue


@task(outlets=[wiring.REPORTED])
def report(dag_run=None, params=None, triggering_asset_events=None, outlet_events=None) -> None:
    """Write the ledger; fail when it does not balance."""
    from xinyong import stages

    day = wiring.business_date(dag_run, params)
    wiring.require_balance(stages.report(day), day)
    told = {"reason": wiring.reasons(dag_run, triggering_asset_events)}
    wiring.announce(outlet_events[wiring.REPORTED], day, told)


_every_platform = reduce(and_, [wiring.platform_settled(name) for name in catalogue().platforms])


@dag(
    dag_id=names.REPORT,
    dag_display_name="Report: 台账",
    doc_md=__doc__,
    schedule=PartitionedAssetTimetable(assets=_every_platform | wiring.PUBLICATION_CLOSING),
    start_date=wiring.first_night(),
    catchup=False,
    max_active_runs=1,  # one ledger at a time
    default_args=wiring.task_defaults(owner="credit", timeout=timedelta(minutes=30)),
    params={"business_date": wiring.BUSINESS_DATE},
    tags=["report"],
)
def report_dag() -> None:
    report()


report_dag()
