"""
# Returned

Take in the rectification lists (整改清单) that sections have filled in and dropped into the folder `returned/` below the
run-time folder, or into the one that `XINYONG_RETURNED` names.

| task | what it does | what a failure leaves behind |
|---|---|---|
| `take_in` | takes each list in like `xinyong rectify --return`, puts it into `已接收` with its answer (回执) beside it; a file that is no list goes into `未接收` with the reason | what it had not come to, in the folder or in `处理中` |
| `follow` | **always runs**: starts `aggregate` and the platforms for the latest night when records were let in | |
| `ask` | starts one run of `correction` for each list so large that a second person must agree | nothing; the next run asks |
| `complete` | does nothing; it is red when `take_in` was, and so is the run | |

**Form:** who took the lists in and answers for it; and, to take only one in, the name of its file. No night does this by
itself, because nobody would answer for it.

A list of which lines still fail is no failure: its answer says what is wrong, line by line. **It fails** at its end, for
files that are no list of this department, were changed where they are locked, or could not be read; the message names
each, and the others have been taken in. Clearing a task is safe: the same list is never taken in twice, and a killed run
is continued by the next one.

A second person answers in *Required Actions*, under `correction`. A list dropped once more gets a new answer that says
what has become of each line since.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, TriggerRule, dag, task

from xinyong import names, wiring


@task
def take_in(dag_run=None, params=None) -> None:
    """Take in what lies in the folder, or the one file of the form."""
    from xinyong import stages

    stages.take_all_returned(params["person"], wiring.asked_on(dag_run, params), params["file"])


@task(outlets=[wiring.INTAKE_CLOSING], trigger_rule=TriggerRule.ALL_DONE)
def follow(dag_run=None, params=None, outlet_events=None) -> list[dict]:
    """Start what follows from records that were let in; return the runs that ask a second person."""
    from xinyong import stages

    day = wiring.asked_on(dag_run, params)
    if stages.any_returned(day):
        told = {"reason": f"returned lists, taken in by {params['person']}"}
        wiring.announce(outlet_events[wiring.INTAKE_CLOSING], stages.latest_date(), told)
    return wiring.second_person_runs(stages.returned_waiting(), day)


@dag(
    dag_id=names.RETURNED,
    dag_display_name="Returned: 交回的整改清单",
    doc_md=__doc__,
    schedule=None,
    start_date=wiring.first_night(),
    catchup=False,
    max_active_runs=1,  # two at once would claim each other's files
    default_args=wiring.task_defaults(owner="credit", timeout=timedelta(hours=1)),
    params={
        "person": Param(None, type="string", pattern=r"\S", title="经办人"),
        "file": Param(None, type=["null", "string"], title="文件名（空：文件夹中的全部清单）"),
        "business_date": wiring.BUSINESS_DATE,
    },
    tags=["act"],
)
def returned_dag() -> None:
    ask = TriggerDagRunOperator.partial(
        task_id="ask",
        doc_md="Start a run of `correction` for each large list, in which a second person decides.",
        trigger_dag_id=names.CORRECTION,
        logical_date=None,
        skip_when_already_exists=True,
    )
    take_in() >> [following := follow(), EmptyOperator(task_id="complete")]
    ask.expand_kwargs(following)


returned_dag()
