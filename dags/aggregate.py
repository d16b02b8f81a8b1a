"""
# Aggregate

Bring the dossiers of all subjects, the working-day deadlines and the ended publicity periods up to a business date.

Starts by itself when every feed has settled for the date, or when the intake closes (`close_intake`, 05:30), whichever
comes first: a feed that never came to its end does not hold the night back. A feed that settles after that is taken up
by the next night, or at once by triggering `close_intake` with the date as partition key.

**When it fails:** nothing has been published. Clear the failed task; running it twice for one date changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from operator import and_

from airflow.sdk import PartitionedAssetTimetable, dag, task

from xinyong import names, wiring
from xinyong.catalogue import catalogue


@task(outlets=[wiring.AGGREGATED])
def aggregate(dag_run=None, params=None, triggering_asset_events=None, outlet_events=None) -> None:
    """Recompute what is known about each subject on the business date."""
    from xinyong import stages

    day = wiring.business_date(dag_run, params)
    stages.aggregate(day)
    told = {"reason": wiring.reasons(dag_run, triggering_asset_events)}
    wiring.announce(outlet_events[wiring.AGGREGATED], day, told)


_every_feed = reduce(and_, [wiring.feed_settled(name) for name in catalogue().feeds])


@dag(
    dag_id=names.AGGREGATE,
    dag_display_name="Aggregate: 归集",
    doc_md=__doc__,
    schedule=PartitionedAssetTimetable(assets=_every_feed | wiring.INTAKE_CLOSING),
    start_date=wiring.first_night(),
    catchup=False,
    max_active_runs=1,  # one date after the other: both write the same dossiers
    default_args=wiring.task_defaults(owner="credit", timeout=timedelta(hours=1)),
    params={"business_date": wiring.BUSINESS_DATE},
    tags=["aggregate"],
)
def aggregate_dag() -> None:
    aggregate()


aggregate_dag()
