"""
# Closing

The night closes by time as well as by completeness. At 05:30 `close_intake` starts `aggregate` for a business date that
no completed intake has started; at 07:30 `close_publication` starts `report` likewise. On an ordinary night both find
that nothing is missing, and their one task is shown as skipped.

**By hand:** trigger one of them with the date as partition key to run `aggregate` (and what follows) or `report` once
more, for example after a feed that settled too late. A run by hand never skips.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Asset, dag, task

from xinyong import wiring


@task
def close(closing: Asset, followed_by: Asset, dag_run=None, params=None, inlet_events=None, outlet_events=None) -> None:
    """Announce the closing, unless what would follow has already happened for this date."""
    day = wiring.business_date(dag_run, params)
    wiring.skip_when_done(dag_run, day, inlet_events[followed_by])
    wiring.announce(outlet_events[closing], day, {"reason": wiring.reasons(dag_run) or "closed by time"})


def closing_dag(name: str, cron: str, closing: Asset, followed_by: Asset) -> DAG:
    """Build the DAG that closes one part of the night."""

    @dag(
        dag_id=f"close_{name}",
        dag_display_name=f"Close: {name}",
        doc_md=__doc__,
        schedule=wiring.nightly_for_yesterday(cron),
        start_date=wiring.first_night(),
        catchup=False,
        max_active_runs=1,  # a date is closed once
        default_args=wiring.task_defaults(owner="credit", timeout=timedelta(minutes=5)),
        params={"business_date": wiring.BUSINESS_DATE},
        tags=["closing"],
    )
    def close_part() -> None:
        close.override(inlets=[followed_by], outlets=[closing])(closing, followed_by)

    return close_part()


closing_dag("intake", "30 5 * * *", wiring.INTAKE_CLOSING, wiring.AGGREGATED)
closing_dag("publication", "30 7 * * *", wiring.PUBLICATION_CLOSING, wiring.REPORTED)
