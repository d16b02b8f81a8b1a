"""A person answers a large correction over Airflow's API: refused, nothing is applied; approved, it is theirs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from deliveries import a_penalty, day, rows, take_in
from openpyxl import Workbook
from test_kill import world

from tests.conftest import TEST_KEYS, WORLD, shared
from xinyong import launcher, names, stages
from xinyong.correction import book

FEED, RECORDS = "enforcement_penalty", 22  # catalogue/department.yml lets one person change twenty
FORM = {"kind": "restate", "feed": FEED, "person": "林", "reason": "违法事实录错", "file": "更正.xlsx"}
PATIENCE = 180  # seconds; the machine may be busy
THOUGHT = 5  # seconds; answered while its process still ends, the question counts as failed and is asked anew


def a_file(folder: Path) -> None:
    """Write a correction of every record into the folder in which the form looks."""
    folder.mkdir(exist_ok=True)
    made = Workbook()
    made.active.title = book.SHEET
    made.active.append(list(book.HEADINGS))
    for number in range(1, RECORDS + 1):
        made.active.append([f"闽明工信罚〔2026〕{number}号", "违法事实", None, "更正后的事实"])
    made.save(folder / FORM["file"])


def until(said: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while not (found := said()):
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.3)
    return found


def started(dag_id: str, **form: str) -> str:
    """Start a DAG in Airflow with a form and return the path of its run."""
    conf = form | {"business_date": day(2).isoformat()}
    made = launcher.api()._call("POST", f"dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf})
    return f"dags/{dag_id}/dagRuns/{quote(made['dag_run_id'], safe='')}"


def answered(run: str, option: str, effect: str = "changed") -> dict[str, str | None]:
    """Answer the question of a correction's run, which tells its effect on all records; return how each task ended."""
    call = launcher.api()._call

    def tasks() -> dict[str, str | None]:
        return {one["task_id"]: one["state"] for one in call("GET", f"{run}/taskInstances")["task_instances"]}

    until(lambda: tasks().get("approve") in ("deferred", "awaiting_input"))
    asked = call("GET", f"{run}/taskInstances/approve/-1/hitlDetails")
    assert (asked["options"], asked["defaults"]) == (["Approve", "Reject"], ["Reject"])
    assert f"'{effect}': {RECORDS}" in asked["body"]
    time.sleep(THOUGHT)
    call("PATCH", f"{run}/taskInstances/approve/-1/hitlDetails", {"chosen_options": [option], "params_input": {}})
    until(lambda: call("GET", run)["state"] in ("success", "failed"))
    return tasks()


def facts() -> list[tuple[Any, ...]]:
    return rows("SELECT DISTINCT cf_sy FROM warehouse.penalty WHERE valid_to IS NULL")


@pytest.mark.proofs(minutes=True)  # a whole Airflow
def test_a_person_refuses_a_large_correction_and_approves_it_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, key in TEST_KEYS.items():
        monkeypatch.setenv(name, key)
    with world(shared() / f"{WORLD}approval", monkeypatch):
        take_in(FEED, day(1), [a_penalty(number) for number in range(1, RECORDS + 1)])
        a_file(launcher.var_dir() / "corrections")
        before = facts()
        refused = answered(started(names.CORRECTION, **FORM), "Reject")
        assert (refused["approve"], refused["apply"]) == ("success", "skipped")
        assert ([one.state for one in stages.find_corrections()], facts()) == (["planned"], before)
        approved = answered(started(names.CORRECTION, **FORM), "Approve")
        assert (approved["approve"], approved["apply"]) == ("success", "success")
        (latest, _) = stages.find_corrections()
        assert (latest.state, latest.applied_by, latest.planned_by) == ("applied", "admin", "林")
        assert facts() == [("更正后的事实",)]
