"""
# Correction

Change what is known, and let everything follow: read dates again, judge again, restate records from an Excel file,
narrow a disclosure class, retract a batch. Or carry a plan out that was written down before (`apply`, by its number),
or take an applied correction back (`rollback`, within 30 days).

| task | what it does | what a failure leaves behind |
|---|---|---|
| `plan` | tries the correction, takes it back, writes down what it would do; looks a plan up that is named | nothing |
| `is_large` | looks whether it is above the size that `catalogue/department.yml` grants one person, a rollback too | the plan |
| `approve` | waits for a person: the numbers stand in its text, the records in `xinyong correct show` | the plan |
| `apply` | does exactly what was planned, or refuses when the data moved since; or takes it back | the plan |

**Form:** the kind, who and why; then what the kind needs, a feed for each but `apply` and `rollback`. The Excel file of a restatement lies in the folder
`corrections/` below the run-time folder, where `xinyong correct template` may write an empty one. Whoever approves is
who applies or takes back: another person than the one whom the form names.

A plan that nobody approves in a day, or that is rejected, is not applied: `approve` answers for itself, `apply` is shown as
skipped, and the plan stays for later (kind `apply`, or `xinyong correct apply`). Afterwards `aggregate` and the platforms follow for
each touched date.

**When it fails:** nothing has changed; the message says what to mend. Clearing a task is safe: a plan that is applied
already stays as it is.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Param, TriggerRule, dag, task

from xinyong import names, wiring
from xinyong.catalogue import catalogue

KINDS = ["restate", "re-judge", "re-extract", "disclosure", "retract", "apply", "rollback"]
ASKED = "{{ ti.xcom_pull(task_ids='plan') }}"


@task
def plan(dag_run=None, params=None) -> dict:
    """Try the correction and write the plan down; return its number, hash and size."""
    from xinyong import stages

    if params["kind"] in ("apply", "rollback"):
        planned = stages.planned_correction(params["number"])
    else:
        day = wiring.correction_day(dag_run, params)
        planned = stages.plan_correction(wiring.correction_form(params), day).correction
    is_back = params["kind"] == "rollback"
    large = stages.is_large_to_take_back(planned.correction_id) if is_back else planned.needs_approval
    told = f"{planned.name}: {planned.effect['records']}, {planned.effect['platforms']}"
    told = f"rollback of {told}" if is_back else told
    return {"number": planned.correction_id, "hash": planned.plan_hash, "large": large, "told": told}


@task.branch
def is_large(planned: dict) -> str:
    """Ask a person first when the plan, or what is taken back, is large."""
    return "approve" if planned["large"] else "apply"


@task(outlets=[wiring.INTAKE_CLOSING], trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
def apply(planned: dict, dag_run=None, params=None, ti=None, outlet_events=None) -> None:
    """Carry the plan out and let the touched dates follow."""
    from xinyong import stages

    day, number = wiring.correction_day(dag_run, params), planned["number"]
    person = wiring.approver(ti, "approve") or params["person"]
    if params["kind"] == "rollback":
        outcome = stages.roll_back_correction(number, person, params["reason"], day, params["person"])
    else:
        outcome = stages.apply_correction(number, planned["hash"], person, params["reason"], day)
    reason = f"correction {number}: {params['reason']}"
    for touched in outcome.dates:
        wiring.announce(outlet_events[wiring.INTAKE_CLOSING], touched, {"reason": reason})


def _optional(title: str, kind: str = "string", **more: str) -> Param:
    return Param(None, type=["null", kind], title=title, **more)


@dag(
    dag_id=names.CORRECTION,
    dag_display_name="Correction: 更正",
    doc_md=__doc__,
    schedule=None,
    start_date=wiring.first_night(),
    catchup=False,
    max_active_runs=1,  # the second plan would be outdated by the first
    default_args=wiring.task_defaults(owner="credit", timeout=timedelta(hours=4)),
    params={
        "kind": Param(KINDS[0], type="string", enum=KINDS, title="更正方式"),
        "feed": Param(
            None,
            type=["null", "string"],
            enum=[None, *catalogue().feeds],
            title="数据来源（apply、rollback 不需要）",
        ),
        "person": Param(None, type="string", minLength=1, title="提出人"),
        "reason": Param(None, type="string", minLength=2, title="原因"),
        "file": _optional("更正文件名（restate）"),
        "first": _optional("起始日期（re-extract、disclosure）", format="date"),
        "last": _optional("截止日期（re-extract、disclosure）", format="date"),
        "since": _optional("起始业务日期（re-judge，可空）", format="date"),
        "batch_id": _optional("批次号（retract）", "integer"),
        "documents": Param([], type="array", items={"type": "string"}, title="文书号（disclosure）"),
        "disclosure": Param(
            None,
            type=["null", "string"],
            enum=[None, "public", "government_only", "on_authorisation"],
            title="公开属性（disclosure）",
        ),
        "fields": Param([], type="array", items={"type": "string"}, title="栏目代码（disclosure，可空）"),
        "basis": _optional("法律依据（disclosure）"),
        "document_number": _optional("文号（disclosure）"),
        "number": _optional("更正编号（apply、rollback）", "integer"),
        "business_date": wiring.BUSINESS_DATE,
    },
    tags=["act"],
)
def correction_dag() -> None:
    planned = plan()
    approve = ApprovalOperator(
        task_id="approve",
        doc_md="Wait for a person to approve a large correction.",
        subject="更正需要批准 / a correction needs approval",
        body=f"{ASKED}",
        defaults="Reject",
        response_timeout=timedelta(days=1),
        execution_timeout=timedelta(days=1, hours=1),
    )
    applied = apply(planned)
    is_large(planned) >> [approve, applied]
    approve >> applied


correction_dag()
