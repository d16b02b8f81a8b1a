"""The DAG of corrections: what its form asks, when a person must approve, and what follows."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from test_dags import DAY, Recorder, dagbag, run, wiring  # noqa: F401 – fixtures

from xinyong import names
from xinyong.errors import XinyongError

pytestmark = pytest.mark.filterwarnings("ignore")
FORM = {"kind": "re-judge", "feed": "safety_penalty", "person": "林", "reason": "规则调整"}


def planned(*, is_large: bool, **failures: Exception) -> Recorder:
    """Stand in for the stages: a plan of a size, and what applying it came to."""
    recorder = Recorder(**failures)
    effect = {"records": {"changed": 3}, "platforms": {}}
    one = SimpleNamespace(
        correction_id=7, name="correction 7", plan_hash="abcd1234", needs_approval=is_large, effect=effect
    )
    recorder.results["planned_correction"] = one
    for stage in ("plan_correction", "apply_correction", "roll_back_correction"):
        recorder.results[stage] = SimpleNamespace(correction=one, dates=(date(2026, 11, 23), date.fromisoformat(DAY)))
    recorder.results |= {"correction_day": DAY, "is_large_to_take_back": is_large}
    return recorder


def test_a_small_plan_is_applied_by_whom_the_form_names(run: Any) -> None:  # noqa: F811
    state, tasks, recorder = run(names.CORRECTION, planned(is_large=False), **FORM)
    assert (state, tasks["approve"], tasks["apply"]) == ("success", "skipped", "success")
    assert [call[:2] for call in recorder.calls[:3]] == [
        ("correction_day", DAY),
        ("plan_correction", recorder.calls[1][1]),
        ("correction_day", DAY),
    ]
    assert recorder.calls[3] == ("apply_correction", "7", "abcd1234", "林", "规则调整", DAY)


def test_a_large_plan_waits_for_a_person(dagbag: Any, run: Any) -> None:  # noqa: F811
    from airflow.providers.standard.operators.hitl import ApprovalOperator

    dag = dagbag.dags[names.CORRECTION]
    approve = dag.task_dict["approve"]
    assert isinstance(approve, ApprovalOperator)
    assert (approve.defaults, approve.downstream_task_ids) == (["Reject"], {"apply"})
    assert "xcom_pull(task_ids='plan')" in approve.body
    recorder = planned(is_large=True)
    recorder.approved = "approve"
    state, tasks, _ = run(names.CORRECTION, recorder, **FORM)
    assert (state, tasks["approve"], tasks["apply"]) == ("success", "success", "success")


def test_whoever_approves_is_who_applies(wiring: Any) -> None:  # noqa: F811
    answers = {"approve": {"chosen_options": ["Approve"], "responded_by_user": {"id": "2", "name": "陈"}}}
    assert wiring.approver(SimpleNamespace(xcom_pull=lambda task_ids: answers.get(task_ids)), "approve") == "陈"
    assert wiring.approver(SimpleNamespace(xcom_pull=lambda task_ids: None), "approve") is None


def test_a_refused_plan_is_red_and_nothing_is_applied(run: Any) -> None:  # noqa: F811
    recorder = planned(is_large=False, plan_correction=XinyongError("unknown record"))
    state, tasks, _ = run(names.CORRECTION, recorder, **FORM)
    assert (state, tasks["plan"], tasks["apply"]) == ("failed", "failed", "upstream_failed")


def test_a_plan_from_before_is_carried_out_by_its_number_after_the_same_question(run: Any) -> None:  # noqa: F811
    recorder = planned(is_large=True)
    recorder.approved = "approve"
    state, tasks, _ = run(names.CORRECTION, recorder, **FORM | {"kind": "apply", "number": 7})
    assert (state, tasks["approve"], tasks["apply"]) == ("success", "success", "success")
    assert recorder.calls[0] == ("planned_correction", "7")
    assert recorder.calls[2][:3] == ("apply_correction", "7", "abcd1234")


def test_a_rollback_goes_the_same_way_and_needs_no_feed(run: Any) -> None:  # noqa: F811
    form = {name: value for name, value in FORM.items() if name != "feed"} | {"kind": "rollback", "number": 7}
    state, tasks, recorder = run(names.CORRECTION, planned(is_large=False), **form)
    assert (state, tasks["approve"]) == ("success", "skipped")
    assert recorder.calls[-1] == ("roll_back_correction", "7", "林", "规则调整", DAY, "林")


def test_a_large_rollback_waits_for_a_person(run: Any) -> None:  # noqa: F811
    recorder = planned(is_large=True)
    recorder.approved = "approve"
    state, tasks, _ = run(names.CORRECTION, recorder, **FORM | {"kind": "rollback", "number": 7})
    assert (state, tasks["approve"], tasks["apply"]) == ("success", "success", "success")
    assert ("is_large_to_take_back", "7") in recorder.calls


def test_a_form_names_files_of_one_folder_only(wiring: Any, tmp_path: Any, monkeypatch: Any) -> None:  # noqa: F811
    monkeypatch.setenv("XINYONG_VAR", str(tmp_path))
    assert wiring.correction_form({"file": "../../etc/a.xlsx"})["file"] == str(tmp_path / "corrections" / "a.xlsx")
    assert wiring.correction_form({"file": None})["file"] is None


def test_every_touched_date_is_announced_with_the_reason(wiring: Any) -> None:  # noqa: F811
    event = SimpleNamespace(keys=[], extra=None)
    event.add_partitions = event.keys.append
    for day in ("2026-11-23", DAY):
        wiring.announce(event, wiring.asked_on(None, {"business_date": day}), {"reason": "correction 7"})
    assert (event.keys, event.extra) == (["2026-11-23", DAY], {"reason": "correction 7"})
