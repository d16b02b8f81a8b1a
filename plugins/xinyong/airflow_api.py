"""Airflow's REST API as far as a night needs it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests

from xinyong.errors import LaunchError

ENDED = frozenset({"success", "failed"})


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one DAG."""

    dag: str
    run_id: str
    key: str | None
    state: str

    @property
    def ended(self) -> bool:
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class TaskState:
    """One task of one run; `index` is -1 unless the task is mapped."""

    dag: str
    run_id: str
    task: str
    index: int
    state: str | None
    tries: int


class AirflowApi:
    """A signed-in client; every answer that is not a success is an error that says what was asked."""

    def __init__(self, base: str, user: str, password: str) -> None:
        self._base = base.rstrip("/")
        self._credentials = {"username": user, "password": password}
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy of the environment cannot reach 127.0.0.1

    def health(self) -> dict[str, str | None]:
        """Return the state of each part; empty while the API server does not answer."""
        try:
            answer = self._session.get(f"{self._base}/api/v2/monitor/health", timeout=5).json()
            return {part: told.get("status") for part, told in answer.items() if isinstance(told, dict)}
        except (requests.RequestException, ValueError):
            return {}

    def knows_us(self) -> bool:
        """Say whether this is the server that our password belongs to, and not another one on the same port."""
        try:
            self._sign_in()
        except LaunchError:
            return False
        return True

    def dags(self) -> set[str]:
        """Return the DAGs that the DAG processor has read so far."""
        return {dag["dag_id"] for dag in self._call("GET", "dags?limit=500")["dags"]}

    def import_errors(self) -> dict[str, str]:
        """Return the DAG files that could not be read, with the last line of the reason."""
        found = self._call("GET", "importErrors")["import_errors"]
        return {error["filename"]: error["stack_trace"].strip().splitlines()[-1] for error in found}

    def make_pool(self, name: str, slots: int, description: str) -> None:
        """Create or change a pool."""
        body = {"name": name, "slots": slots, "description": description, "include_deferred": False}
        actions = [{"action": "create", "entities": [body], "action_on_existence": "overwrite"}]
        self._call("PATCH", "pools", {"actions": actions})

    def trigger(self, dag: str, key: str, reason: str) -> None:
        """Start a run for a partition key."""
        self._call(
            "POST", f"dags/{dag}/dagRuns", {"logical_date": None, "partition_key": key, "conf": {"reason": reason}}
        )

    def runs(self, key: str, since: datetime) -> list[Run]:
        """Return the runs for a key that began after a moment."""
        body = {"run_after_gte": since.isoformat(), "page_limit": 1000}
        found = self._call("POST", "dags/~/dagRuns/list", body)["dag_runs"]
        runs = [Run(run["dag_id"], run["dag_run_id"], run.get("partition_key"), run["state"]) for run in found]
        return [run for run in runs if run.key == key]

    def tasks(self, runs: Iterable[Run], since: datetime) -> list[TaskState]:
        """Return the tasks of some runs."""
        wanted = {(run.dag, run.run_id) for run in runs}
        body = {"run_after_gte": since.isoformat(), "page_limit": 1000}
        found = self._call("POST", "dags/~/dagRuns/~/taskInstances/list", body)["task_instances"]
        states = [
            TaskState(ti["dag_id"], ti["dag_run_id"], ti["task_id"], ti["map_index"], ti["state"], ti["try_number"])
            for ti in found
        ]
        return [state for state in states if (state.dag, state.run_id) in wanted]

    def reason(self, task: TaskState) -> str:
        """Return the message of the error that ended a task, from the log of its last try."""
        place = f"dags/{task.dag}/dagRuns/{quote(task.run_id, safe='')}/taskInstances/{task.task}/logs/{task.tries}"
        try:
            lines = self._call("GET", f"{place}?map_index={task.index}&full_content=true")["content"]
        except LaunchError:
            return "Its log could not be read."  # a night is not worse for it
        errors = [line["error_detail"] for line in lines if isinstance(line, dict) and line.get("error_detail")]
        return str(errors[-1][0]["exc_value"]) if errors else "Its process ended without a word; see the task's log."

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if "Authorization" not in self._session.headers:
            self._sign_in()
        answer = self._ask(method, f"api/v2/{path}", body)
        return answer.json() if answer.content else None

    def _sign_in(self) -> None:
        token = self._ask("POST", "auth/token", self._credentials).json()["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> requests.Response:
        """Ask, and once more after a second: a server with all hands full may be slow for a moment."""
        try:
            answer = self._send(method, path, body)
        except requests.RequestException:
            time.sleep(1)
            try:
                answer = self._send(method, path, body)
            except requests.RequestException as error:
                raise LaunchError(
                    f"Airflow's API at {self._base} does not answer ({method} {path}). Found: {type(error).__name__}. "
                    f"Expected: a running API server. Look with `xinyong status`; start it with `make up`."
                ) from error
        if not answer.ok:
            raise LaunchError(
                f"Airflow's API refused {method} {path}. Found: {answer.status_code} {_detail(answer)}. "
                f"Expected: success. The log of the API server says more."
            )
        return answer

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> requests.Response:
        return self._session.request(method, f"{self._base}/{path}", json=body, timeout=30)


def _detail(answer: requests.Response) -> str:
    try:
        return json.dumps(answer.json().get("detail"), ensure_ascii=False)[:300]
    except ValueError:
        return answer.text[:300]
