"""
# Act

Record what a person decided about a record: annulled, repaired, objected to, corrected, closed, or taken back.

**Form:** the record (its document number, or for a reversal the number of the act), the act, the person who decided,
the legal basis, the number of the document, and the day it takes effect. Each act starts a clock in working days
(`catalogue/acts.yml`); the case closes when every platform that showed the record has confirmed.

An act that takes effect on or before the latest night starts `aggregate` and the platforms for that night at once; a
later one goes out with the next night by itself.

**When it fails:** nothing has been recorded; the message says what to correct. Recording the same act twice is safe.
What is open and by when: `xinyong act list`, and the morning's report.
"""

from __future__ import annotations

from datetime import date, timedelta

from airflow.sdk import Param, dag, task

from xinyong import names, wiring
from xinyong.catalogue.acts import KINDS


@task(outlets=[wiring.INTAKE_CLOSING])
def record(dag_run=None, params=None, outlet_events=None) -> None:
    """Write the act down, and start what follows when its day has come."""
    from xinyong import stages
    from xinyong.acts import act_of

    latest = stages.latest_date()
    act = act_of(params)
    day = date.fromisoformat(params["business_date"]) if params["business_date"] else wiring.day_of(dag_run)
    stages.record_act(act, max(day, latest))
    if act.effective_on <= latest:
        told = {"reason": f"{act.kind}: {act.document_number}"}
        wiring.announce(outlet_events[wiring.INTAKE_CLOSING], latest, told)


def _text(title: str, **more: str) -> Param:
    return Param(None, type="string", minLength=1, title=title, **more)


@dag(
    dag_id=names.ACT,
    dag_display_name="Act: 撤销、修复、异议、更正",
    doc_md=__doc__,
    schedule=None,
    start_date=wiring.first_night(),
    catchup=False,
    max_active_runs=1,  # two acts about one record wait for each other
    default_args=wiring.task_defaults(owner="credit", timeout=timedelta(minutes=5)),
    params={
        "record": _text("文书号或记录编号（撤销登记时填事项编号）"),
        "act": Param(KINDS[0], type="string", enum=list(KINDS), title="事项"),
        "person": _text("决定人"),
        "basis": _text("法律依据"),
        "document": _text("文号"),
        "on": _text("生效日期", format="date"),
        "reason": Param("", type="string", title="理由（写入告知书；不得含有证件号码、电话号码、银行卡号）"),
        "applied_on": Param(None, type=["null", "string"], format="date", title="申请日期（仅信用修复）"),
        "disclosure": Param(
            None,
            type=["null", "string"],
            enum=[None, "public", "government_only", "on_authorisation"],
            title="公开属性（仅公开属性变更）",
        ),
        "fields": Param([], type="array", items={"type": "string"}, title="栏目代码（仅公开属性变更，可空）"),
        "business_date": wiring.BUSINESS_DATE,
    },
    tags=["act"],
)
def act_dag() -> None:
    record()


act_dag()
