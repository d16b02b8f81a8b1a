"""Watching a night: how it is followed, closed where a part never ends, and told."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from rich.console import Console

from tests.airflow_server import Airflow, serving
from xinyong import launcher, nightly
from xinyong.airflow_api import AirflowApi
from xinyong.catalogue import catalogue
from xinyong.errors import LaunchError
from xinyong.progress import Board
from xinyong.terminal import INTERRUPTED

NIGHT = nightly.Night("2026-11-24", datetime(2026, 11, 24, tzinfo=UTC))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Airflow]:
    monkeypatch.setattr(nightly, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(nightly, "QUIET_SECONDS", 0.05)
    with serving() as made:
        made.answers["POST", "/dags/~/dagRuns/~/taskInstances/list"] = {"task_instances": []}
        yield made


def a_run(dag: str, state: str = "success") -> dict[str, Any]:
    return {"dag_id": dag, "dag_run_id": f"{dag}_1", "partition_key": NIGHT.key, "state": state}


def follow(server: Airflow, seconds: float = 5) -> list[str]:
    """Follow a night to its end and return which DAGs were started meanwhile."""
    import time

    api = AirflowApi(server.url, "admin", "word")
    nightly._follow(api, NIGHT, Board(catalogue()), lambda: None, time.monotonic() + seconds)
    return [path.split("/")[2] for method, path, _ in server.asked if path.endswith("/dagRuns") and method == "POST"]


def test_a_night_ends_when_its_report_has_ended(server: Airflow) -> None:
    looks = iter([[a_run("intake_x", "running")], [a_run("intake_x"), a_run("report", "running")]])
    end = [a_run("intake_x"), a_run("report")]
    server.answers["POST", "/dags/~/dagRuns/list"] = lambda: {"dag_runs": next(looks, end)}
    assert follow(server) == []
    assert len([path for _, path, _ in server.asked if path == "/dags/~/dagRuns/list"]) == 3


def test_what_never_came_to_its_end_is_closed(server: Airflow) -> None:
    runs = [a_run("intake_x", "failed")]
    started = {"close_intake": "aggregate", "close_publication": "report"}
    for closing, dag in started.items():
        server.answers["POST", f"/dags/{closing}/dagRuns"] = lambda dag=dag: runs.append(a_run(dag)) or {}
    server.answers["POST", "/dags/~/dagRuns/list"] = lambda: {"dag_runs": list(runs)}
    assert follow(server) == ["close_intake", "close_publication"]


def test_a_night_in_which_nothing_moves_is_given_up(server: Airflow) -> None:
    server.answers["POST", "/dags/~/dagRuns/list"] = {"dag_runs": [a_run("aggregate", "failed")]}
    server.answers["POST", "/dags/close_publication/dagRuns"] = {}
    assert follow(server) == ["close_publication"]


def test_a_night_that_takes_too_long_is_given_up(server: Airflow) -> None:
    server.answers["POST", "/dags/~/dagRuns/list"] = {"dag_runs": [a_run("intake_x", "running")]}
    assert follow(server, seconds=0.1) == []


def test_without_a_terminal_each_change_is_a_line() -> None:
    console = Console(file=io.StringIO())
    board = Board(catalogue())
    with nightly._showing(board, console, lambda: 1.5) as show:
        show()
    assert console.file.getvalue() == ""  # type: ignore[attr-defined]


def test_on_a_terminal_the_night_is_a_table() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=140)
    with nightly._showing(Board(catalogue()), console, lambda: 1.5) as show:
        show()
    assert "safety_licence_legacy" in console.file.getvalue()  # type: ignore[attr-defined]


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A world that starts at once; what was stopped is written down."""
    calls: list[str] = []
    monkeypatch.setattr(launcher, "down", lambda: calls.append("down"))
    monkeypatch.setattr(launcher, "environment", dict)
    return calls


def run_night(monkeypatch: pytest.MonkeyPatch, started: bool, keep: bool, error: BaseException) -> int:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(launcher, "up", lambda tell: started)
    monkeypatch.setattr(nightly, "_prepare", fail)
    return nightly.run_night(date(2026, 11, 24), keep=keep, console=Console(file=io.StringIO()))


@pytest.mark.parametrize(
    ("started", "keep", "expected"),
    [(True, False, ["down"]), (True, True, []), (False, False, [])],
    ids=["started for this night", "kept on purpose", "ran before"],
)
def test_an_interrupted_night_stops_what_it_started(
    monkeypatch: pytest.MonkeyPatch, stopped: list[str], started: bool, keep: bool, expected: list[str]
) -> None:
    assert run_night(monkeypatch, started, keep, KeyboardInterrupt()) == INTERRUPTED
    assert stopped == expected


def test_a_night_that_breaks_stops_what_it_started(monkeypatch: pytest.MonkeyPatch, stopped: list[str]) -> None:
    with pytest.raises(LaunchError):
        run_night(monkeypatch, started=True, keep=False, error=LaunchError("no sandbox"))
    assert stopped == ["down"]


def test_the_end_says_where_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "password", lambda: "word")
    places = nightly._places(date(2026, 11, 24), stays=True)
    assert places["Airflow"].endswith("(user admin, password word)")
    assert places["report"].parts[-2:] == ("reports", "2026-11-24")
    stopped = nightly._places(date(2026, 11, 24), stays=False)
    assert "make up" in stopped["Airflow"]
    assert stopped["portal"].parts[-2:] == ("portal", "index.html")
