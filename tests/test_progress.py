"""What a watcher sees of a night."""

from __future__ import annotations

import pytest
from rich.console import Console

from xinyong.airflow_api import TaskState
from xinyong.catalogue import catalogue
from xinyong.progress import Board, summary

FEED = "intake_safety_penalty"
CITY = "publish_city"


def a_task(task: str = "extract", state: str | None = "running", dag: str = FEED, **others: object) -> TaskState:
    values = {"run_id": "run_1", "index": -1, "tries": 1} | others
    return TaskState(dag=dag, task=task, state=state, **values)  # type: ignore[arg-type]


def board(*tasks: TaskState) -> Board:
    made = Board(catalogue())
    made.update(tasks)
    return made


def shown(made: Board) -> str:
    console = Console(width=84)
    with console.capture() as capture:
        console.print(made.table(12.0))
    return capture.get()


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "waiting"),
        (["success", "success"], "success"),
        (["success", "running"], "running"),
        (["success", "failed", "running"], "failed"),
        (["success", "waiting"], "running"),
        (["deferred"], "deferred"),
    ],
)
def test_one_state_stands_for_several(states: list[str], expected: str) -> None:
    assert summary(states) == expected


def test_a_change_is_told_once() -> None:
    made = board(a_task())
    assert made.changes() == [f"{FEED}.extract running"]
    assert made.changes() == []
    made.update([a_task(state="success"), a_task("check", None)])
    assert made.changes() == [f"{FEED}.extract success"]


def test_mapped_tasks_share_a_line() -> None:
    made = board(a_task("message.send", "success", CITY, index=0), a_task("message.send", "running", CITY, index=1))
    assert made.changes() == [f"{CITY}.send running 1/2"]


def test_the_latest_run_counts() -> None:
    made = board(a_task(state="failed", run_id="run_1"), a_task(state="success", run_id="run_2"))
    assert made.changes() == [f"{FEED}.extract success"]
    assert made.failed() == []


def test_failed_tasks_are_named_and_the_marker_is_not_work() -> None:
    failed = a_task("check", "failed")
    made = board(failed, a_task("complete", "upstream_failed"))
    assert made.failed() == [failed]
    assert made.changes() == [f"{FEED}.check failed"]


def test_every_feed_and_platform_has_a_row() -> None:
    text = shown(board(a_task("check", "up_for_retry")))
    assert all(name in text for name in [*catalogue().feeds, *catalogue().platforms, "aggregate", "report"])
    assert "↻ again" in text
