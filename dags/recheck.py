"""
# Recheck

Judge a feed's batches again from landing, after a rule changed. No business system is asked.

**Form:** the feed, the reason (kept with the run and carried to what follows), and, to bound the work, the business date
from which batches are judged again. Without it, every batch is, which is right after any change of a critical rule.

What has become acceptable enters the warehouse; what has become unacceptable is set aside, and its version taken back.
The task's log shows the counts. Then `aggregate` and the platforms follow for the latest night, or for the business date
of the form.

**When it fails:** nothing has changed. A rule that would set aside or take back more than the feed's bounds admit is
refused as a whole; the message says what to look at. Clearing the task is safe: judging again twice changes nothing.
"""

from __future__ import annotations

from datetime import date, timedelta

from airflow.sdk import Param, dag, task

from xinyong import names, wiring
from xinyong.catalogue import catalogue


@task(outlets=[wiring.INTAKE_CLOSING])
def recheck(dag_run=None, params=None, outlet_events=None) -> None:
    """Judge and store the feed's batches once more, and start what follows."""
    from xinyong import stages

    since = params["since"] and date.fromisoformat(params["since"])
    stages.recheck(params["feed"], since)
    day = wiring.business_date(dag_run, params) if params["business_date"] else stages.latest_date()
    wiring.announce(outlet_events[wiring.INTAKE_CLOSING], day, {"reason": wiring.reasons(dag_run)})


@dag(
    dag_id=names.RECHECK,
    dag_display_name="Recheck: 重新判定",
    doc_md=__doc__,
    schedule=None,
    start_date=wiring.first_night(),
    catchup=False,
    max_active_runs=1,  # two at once would wait for each other's feed
    default_args=wiring.task_defaults(owner="credit", timeout=timedelta(hours=4)),
    params={
        "feed": Param(next(iter(catalogue().feeds)), type="string", enum=list(catalogue().feeds), title="数据来源"),
        "reason": Param("规则调整", type="string", minLength=2, title="原因"),
        "since": Param(None, type=["null", "string"], format="date", title="起始业务日期（可空）"),
        "business_date": wiring.BUSINESS_DATE,
    },
    tags=["intake"],
)
def recheck_dag() -> None:
    recheck()


recheck_dag()
