"""Airflow's API as the night uses it, against a server that answers likewise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.airflow_server import Airflow, serving
from xinyong.airflow_api import AirflowApi, Run, TaskState
from xinyong.errors import LaunchError

SINCE = datetime(2026, 11, 24, tzinfo=UTC)
A_RUN = {"dag_id": "report", "dag_run_id": "r1", "partition_key": "2026-11-24", "state": "running"}
A_TASK = {"dag_id": "report", "dag_run_id": "r1", "task_id": "report", "map_index": -1, "state": None, "try_number": 0}
LOGS = "/dags/report/dagRuns/r%2B1/taskInstances/report/logs/2"


@pytest.fixture
def server() -> Iterator[Airflow]:
    with serving() as made:
        yield made


@pytest.fixture
def api(server: Airflow) -> AirflowApi:
    return AirflowApi(server.url, "admin", "word")


def test_a_run_is_started_for_a_key(api: AirflowApi, server: Airflow) -> None:
    server.answers["POST", "/dags/intake_x/dagRuns"] = {}
    api.trigger("intake_x", "2026-11-24", "by hand")
    assert server.asked[0] == ("POST", "/auth/token", {"username": "admin", "password": "word"})
    body = {"logical_date": None, "partition_key": "2026-11-24", "conf": {"reason": "by hand"}}
    assert server.asked[1] == ("POST", "/dags/intake_x/dagRuns", body)


def test_only_runs_of_the_key_are_seen(api: AirflowApi, server: Airflow) -> None:
    other = A_RUN | {"partition_key": "2026-11-23"}
    server.answers["POST", "/dags/~/dagRuns/list"] = {"dag_runs": [A_RUN, other]}
    runs = api.runs("2026-11-24", SINCE)
    assert runs == [Run("report", "r1", "2026-11-24", "running")]
    assert not runs[0].ended


def test_only_tasks_of_the_runs_are_seen(api: AirflowApi, server: Airflow) -> None:
    other = A_TASK | {"dag_run_id": "r0"}
    server.answers["POST", "/dags/~/dagRuns/~/taskInstances/list"] = {"task_instances": [A_TASK, other]}
    found = api.tasks([Run("report", "r1", "2026-11-24", "running")], SINCE)
    assert found == [TaskState("report", "r1", "report", -1, None, 0)]


def test_the_reason_of_a_failure_is_the_last_error_of_its_log(api: AirflowApi, server: Airflow) -> None:
    lines = [{"event": "a"}, {"event": "b", "error_detail": [{"exc_value": "the sheet is missing"}]}, {"event": "c"}]
    server.answers["GET", LOGS] = {"content": lines}
    assert api.reason(TaskState("report", "r+1", "report", -1, "failed", 2)) == "the sheet is missing"


def test_a_killed_process_has_no_reason(api: AirflowApi, server: Airflow) -> None:
    server.answers["GET", LOGS] = {"content": [{"event": "a"}]}
    assert "without a word" in api.reason(TaskState("report", "r+1", "report", -1, "failed", 2))


def test_a_log_that_cannot_be_read_breaks_nothing(api: AirflowApi) -> None:
    assert "could not be read" in api.reason(TaskState("report", "r+1", "report", -1, "failed", 2))


def test_health_is_empty_while_nothing_answers() -> None:
    assert AirflowApi("http://127.0.0.1:9", "admin", "word").health() == {}


def test_a_server_of_somebody_else_is_recognised(api: AirflowApi, server: Airflow) -> None:
    assert api.knows_us()
    server.answers["POST", "/auth/token"] = 401
    assert not api.knows_us()


def test_health_names_the_parts(api: AirflowApi, server: Airflow) -> None:
    server.answers["GET", "/monitor/health"] = {"scheduler": {"status": "healthy"}, "triggerer": {"status": None}}
    assert api.health() == {"scheduler": "healthy", "triggerer": None}


def test_a_refusal_says_what_was_asked_and_answered(api: AirflowApi) -> None:
    with pytest.raises(LaunchError, match=r"refused GET api/v2/dags\?limit=500\. Found: 404 \"no such thing\""):
        api.dags()


def test_silence_says_what_to_do() -> None:
    with pytest.raises(LaunchError, match=r"does not answer.*make up"):
        AirflowApi("http://127.0.0.1:9", "admin", "word").dags()


def test_a_pool_is_made_or_changed(api: AirflowApi, server: Airflow) -> None:
    server.answers["PATCH", "/pools"] = {}
    api.make_pool("platform_city", 2, "calls")
    action = server.asked[-1][2]["actions"][0]
    assert (action["action_on_existence"], action["entities"][0]["slots"]) == ("overwrite", 2)


def test_dag_files_that_cannot_be_read_are_named(api: AirflowApi, server: Airflow) -> None:
    error = {"filename": "intake.py", "stack_trace": "Traceback\n…\nCatalogueError: feeds/x.yml: name\n"}
    server.answers["GET", "/importErrors"] = {"import_errors": [error]}
    assert api.import_errors() == {"intake.py": "CatalogueError: feeds/x.yml: name"}
