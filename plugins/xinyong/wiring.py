"""
What the DAG files share: the assets that chain the night, the business date of a run, and which error is tried again.

Imported while DAG files are parsed: nothing here may import more than Airflow's SDK.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import PurePath
from typing import Any

import pendulum
from airflow.sdk import Asset, CronPartitionTimetable, ExceptionRetryPolicy, Param, RetryAction, RetryRule

ZONE = "Asia/Shanghai"
KEY_FORMAT = "%Y-%m-%d"

INTAKE_CLOSING = Asset(name="intake_closing", uri="x-xinyong://closing/intake")
PUBLICATION_CLOSING = Asset(name="publication_closing", uri="x-xinyong://closing/publication")
AGGREGATED = Asset(name="aggregated", uri="x-xinyong://aggregated")
REPORTED = Asset(name="reported", uri="x-xinyong://reported")

BUSINESS_DATE = Param(
    None,
    type=["null", "string"],
    format="date",
    title="业务日期",
    description="Only for a run without a partition key, such as one started by `airflow dags trigger`.",
)


def first_night() -> pendulum.DateTime:
    """Return the moment from which the clock starts nights by itself; nights before it are started by hand."""
    first = date.fromisoformat(os.environ.get("XINYONG_FIRST_NIGHT", "2026-01-01"))
    return pendulum.datetime(first.year, first.month, first.day, tz=ZONE)


def feed_settled(feed: str) -> Asset:
    """Return the asset that says: this feed has come to its end for a business date, well or badly."""
    return Asset(name=f"feed_settled/{feed}", uri=f"x-xinyong://feeds/{feed}")


def platform_settled(platform: str) -> Asset:
    """Return the asset that says: this platform has come to its end for a business date, well or badly."""
    return Asset(name=f"platform_settled/{platform}", uri=f"x-xinyong://platforms/{platform}")


def nightly_for_yesterday(cron: str) -> CronPartitionTimetable:
    """Run at `cron`, Beijing time, for the business date that ended at midnight."""
    return CronPartitionTimetable(cron, timezone=ZONE, run_offset=-1, key_format=KEY_FORMAT)


def task_defaults(owner: str, timeout: timedelta) -> dict[str, Any]:
    """Return the settings of every task: an error that may pass is tried again, growing slower; others fail at once."""
    seconds = float(os.environ.get("XINYONG_RETRY_SECONDS", "300"))
    return {
        "owner": owner,
        "retries": 3,
        "retry_delay": timedelta(seconds=seconds),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(seconds=6 * seconds),
        "retry_policy": RETRY_WHAT_MAY_PASS,
        "execution_timeout": timeout,
    }


# A rule without a delay keeps the growing one of the task. What no rule names is a fault of the machine
# (a lost connection, a killed process): trying again is safe, because every stage may be repeated.
RETRY_WHAT_MAY_PASS = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=[
                "xinyong.errors.SourceUnavailable",
                "xinyong.errors.PlatformUnavailable",
                "xinyong.errors.WarehouseUnavailable",
            ],
            action=RetryAction.RETRY,
            reason="No answer, or the warehouse was busy; the next try asks again",
        ),
        RetryRule(
            exception="xinyong.errors.XinyongError",
            action=RetryAction.FAIL,
            reason="Trying again cannot help; read the message, mend the cause, clear the task",
        ),
    ]
)


def business_date(dag_run: Any, params: Mapping[str, Any]) -> date:
    """Return the date a run works for: its partition key, or the parameter of a run without one."""
    key = dag_run.partition_key or params["business_date"]
    if not key:
        raise ValueError(
            "This run has no business date. Found: neither a partition key nor the parameter business_date. "
            "Expected: one of them. Trigger again with a partition key, or with "
            '--conf \'{"business_date": "2026-11-24"}\'.'
        )
    return date.fromisoformat(key)


def day_of(dag_run: Any) -> date:
    """Return the day, Beijing time, on which a run was asked for."""
    asked: date = pendulum.instance(dag_run.run_after).in_timezone(ZONE).date()
    return asked


def asked_on(dag_run: Any, params: Mapping[str, Any]) -> date:
    """Return the day that a form names, or the one on which its run was asked for."""
    return date.fromisoformat(params["business_date"]) if params["business_date"] else day_of(dag_run)


def correction_form(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a correction is planned from; its file is one of those that lie in `corrections/`."""
    from xinyong.settings import var_dir

    folder = var_dir() / "corrections"
    file = params["file"] and str(folder / PurePath(params["file"]).name)
    return {**params, "file": file, "folder": str(folder)}


def correction_day(dag_run: Any, params: Mapping[str, Any]) -> date:
    """Return the day of an act of correction: the one a form names, or the one it is; a day to come is refused."""
    from xinyong import stages

    given = params["business_date"]
    return stages.correction_day(date.fromisoformat(given) if given else None, day_of(dag_run))


def second_person_runs(corrections: Iterable[Any], day: date) -> list[dict[str, Any]]:
    """Return the runs of the correction DAG that ask a second person; by its id, each is started once and for all."""
    return [
        {
            "trigger_run_id": f"returned_{one.correction_id}",
            "conf": {
                "kind": "apply",
                "number": one.correction_id,
                "feed": one.feed,
                "person": one.planned_by,
                "reason": f"整改清单，更正 {one.correction_id}",
                "business_date": day.isoformat(),
            },
        }
        for one in corrections
    ]


def approver(task_instance: Any, task_id: str) -> str | None:
    """Return who approved in a human-in-the-loop task; None when it did not run or nobody is known."""
    answer = task_instance.xcom_pull(task_ids=task_id) or {}
    person = answer.get("responded_by_user") or {}
    return person.get("name") or person.get("id")


def announce(event: Any, day: date, extra: Mapping[str, Any]) -> None:
    """Emit an asset event for a business date; a run without a partition key emits it just the same."""
    event.add_partitions(day.isoformat())
    event.extra = {name: value for name, value in extra.items() if value}


def outcome(task_instance: Any) -> dict[str, Any]:
    """Say which tasks of this run failed (mapped ones with their index), for the event that closes it."""
    states = task_instance.get_task_states(dag_id=task_instance.dag_id, run_ids=[task_instance.run_id])
    failed = sorted(task for task, state in states[task_instance.run_id].items() if state == "failed")
    return {"outcome": "failed" if failed else "complete", "failed": failed}


def reasons(dag_run: Any, events: Mapping[Any, Any] | None = None) -> str:
    """Return why this run happens: what its starter wrote, and what the events that started it carried."""
    carried = [(event.extra or {}).get("reason") for found in (events or {}).values() for event in found]
    words = [(dag_run.conf or {}).get("reason"), *carried]
    return "; ".join(dict.fromkeys(word for word in words if word))


def require_balance(balanced: bool, day: date) -> None:
    """Fail a report whose ledger does not balance, so that somebody looks."""
    from xinyong.errors import LedgerError

    if not balanced:
        raise LedgerError(
            f"The ledger of {day} does not balance. Found: records that no line explains. Expected: none. "
            f"`xinyong ledger --date {day}` names them; mend the cause, clear the stage that caused it, then this task."
        )


def skip_when_done(dag_run: Any, day: date, events: Any) -> None:
    """Skip a scheduled closing of a date whose next step has already been announced."""
    from airflow.sdk.exceptions import AirflowSkipException

    recent = events.ascending(False).limit(200)  # half a year of nights; the asset keeps every event
    if dag_run.run_type == "scheduled" and any(event.partition_key == day.isoformat() for event in recent):
        raise AirflowSkipException(f"{day} is complete; nothing has to be closed by time.")
