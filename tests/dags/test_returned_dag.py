"""The DAG that takes returned lists in: what its form asks, what it calls, who is asked, and what follows."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from test_dags import DAY, Recorder, dagbag, run, wiring  # noqa: F401 – fixtures

from xinyong import names
from xinyong.returned_list import ReturnError

pytestmark = pytest.mark.filterwarnings("ignore")
WAITING = SimpleNamespace(correction_id=7, feed="safety_penalty", planned_by="林建国")


def recorder(*waiting: Any, **failures: Exception) -> Recorder:
    made = Recorder(**failures)
    made.results |= {"returned_waiting": list(waiting), "any_returned": True, "latest_date": date(2026, 11, 23)}
    made.approved = "ask"  # its run would be one of another DAG, which this database does not know
    return made


def test_the_form_asks_who_took_them_in_and_may_name_one_file(dagbag: Any, run: Any) -> None:  # noqa: F811
    params = dagbag.dags[names.RETURNED].params
    assert "null" in params.get_param("file").schema["type"]
    for person in ("", " "):
        with pytest.raises(Exception, match="person"):
            run(names.RETURNED, recorder(), person=person)


@pytest.mark.parametrize("form", [{}, {"file": "整改清单.xlsx"}], ids=["all", "one"])
def test_lists_are_taken_in_and_the_platforms_follow(run: Any, form: dict[str, str]) -> None:  # noqa: F811
    state, tasks, made = run(names.RETURNED, recorder(), person="林建国", **form)
    assert (state, tasks["follow"], tasks["ask"]) == ("success", "success", "skipped")
    assert made.calls == [
        ("take_all_returned", "林建国", DAY, form.get("file", "None")),
        ("any_returned", DAY),
        ("latest_date",),
        ("returned_waiting",),
    ]


def test_where_nothing_was_let_in_nothing_follows(run: Any) -> None:  # noqa: F811
    made = recorder()
    made.results["any_returned"] = False
    assert run(names.RETURNED, made, person="林建国")[0] == "success"
    assert ("latest_date",) not in made.calls


def test_a_file_that_is_no_list_is_red_and_the_others_follow(run: Any) -> None:  # noqa: F811
    made = recorder(WAITING, take_all_returned=ReturnError("a.xlsx is no list"))
    state, tasks, _ = run(names.RETURNED, made, person="林建国")
    assert (state, tasks["take_in"], tasks["complete"]) == ("failed", "failed", "upstream_failed")
    assert (tasks["follow"], tasks["ask0"]) == ("success", "success")


def test_a_second_person_is_asked_once_for_each_large_list(wiring: Any, dagbag: Any) -> None:  # noqa: F811
    (asked,) = wiring.second_person_runs([WAITING], date(2026, 11, 24))
    assert asked["trigger_run_id"] == "returned_7"
    form = deepcopy(dagbag.dags[names.CORRECTION].params)
    form.update(asked["conf"])
    form.validate()
    assert (form["kind"], form["number"], form["person"]) == ("apply", 7, "林建国")
    ask = dagbag.dags[names.RETURNED].task_dict["ask"]
    assert (ask.partial_kwargs["trigger_dag_id"], ask.partial_kwargs["skip_when_already_exists"]) == (
        "correction",
        True,
    )
