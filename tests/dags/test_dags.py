"""What holds for every DAG, and how the tasks of each hang together."""

from __future__ import annotations

import subprocess
import sys
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from proofs import as_proofs

import xinyong
from xinyong import names
from xinyong.catalogue import catalogue
from xinyong.errors import (
    LedgerError,
    MessageRefused,
    PlatformUnavailable,
    SourceUnavailable,
    UnexpectedShape,
    WarehouseError,
    WarehouseUnavailable,
)

PROJECT = Path(__file__).resolve().parents[2]
DAGS = PROJECT / "dags"
DAG_IDS = sorted(names.dag_ids(catalogue()))
INTAKES = sorted(map(names.intake, catalogue().feeds))
PUBLICATIONS = sorted(map(names.publish, catalogue().platforms))
TAGS = {"act", "intake", "aggregate", "publish", "report", "closing", *catalogue().platforms, *catalogue().records}
HEAVY = {"great_expectations", "pandas", "numpy", "requests", "openpyxl", "psycopg2", "xinyong.stages"}
DAY = "2026-11-24"
MAY_PASS = (SourceUnavailable, PlatformUnavailable, WarehouseUnavailable)

pytestmark = pytest.mark.filterwarnings("ignore")  # Airflow warns about itself while it reads and runs DAGs


@pytest.fixture
def wiring() -> Any:
    """The module that names Airflow's classes, which takes seconds to import: only the process that needs it does."""
    from xinyong import wiring

    return wiring


@pytest.fixture(scope="session")
def dagbag(airflow_database: Path) -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(DAGS), safe_mode=False)


def test_every_dag_file_can_be_read(dagbag: Any) -> None:
    assert dagbag.import_errors == {}


def test_the_catalogue_yields_exactly_these_dags(dagbag: Any) -> None:
    assert sorted(dagbag.dags) == DAG_IDS


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_every_dag_says_what_it_is_and_to_whom_it_belongs(dagbag: Any, dag_id: str) -> None:
    dag = dagbag.dags[dag_id]
    assert dag.doc_md.startswith("\n# ")
    assert "fail" in dag.doc_md or "skip" in dag.doc_md
    assert dag.catchup is False
    assert dag.max_active_runs == 1
    assert dag.tags
    assert dag.tags <= TAGS
    assert "airflow" not in {task.owner for task in dag.tasks if task.task_id != "complete"}
    assert all(task.doc_md or task.python_callable.__doc__ for task in dag.tasks if task.task_id != "complete")


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_every_dag_survives_serialisation(dagbag: Any, dag_id: str) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    dag = dagbag.dags[dag_id]
    restored = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
    assert set(restored.task_dict) == set(dag.task_dict)


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_every_task_ends_and_is_tried_again_only_where_that_can_help(dagbag: Any, dag_id: str) -> None:
    for task in dagbag.dags[dag_id].tasks:
        policy = task.retry_policy
        decided = {
            error: policy.evaluate(error("…"), 1, 3).action.value
            for error in (*MAY_PASS, UnexpectedShape, MessageRefused, LedgerError, WarehouseError, OSError)
        }
        assert task.execution_timeout
        assert task.retries == 3
        assert list(decided.values()) == [*["retry"] * 3, *["fail"] * 4, "default"]


def test_delays_come_from_one_place(wiring: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINYONG_RETRY_SECONDS", "2")
    defaults = wiring.task_defaults("credit", timedelta(hours=1))
    assert (defaults["retry_delay"], defaults["max_retry_delay"]) == (timedelta(seconds=2), timedelta(seconds=12))


def test_calls_to_a_platform_stay_within_its_pool(dagbag: Any) -> None:
    for platform in catalogue().platforms:
        tasks = dagbag.dags[names.publish(platform)].task_dict
        for task in ("message.send", "message.collect"):
            assert tasks[task].pool == names.pool(platform)


@pytest.mark.parametrize("dag_id", [*INTAKES, *PUBLICATIONS])
def test_settling_always_runs_and_does_not_hide_a_failure(dagbag: Any, dag_id: str) -> None:
    dag = dagbag.dags[dag_id]
    assert dag.task_dict["settle"].trigger_rule.value == "all_done"
    assert {leaf.task_id for leaf in dag.leaves} == {"settle", "complete"}
    assert dag.task_dict["complete"].trigger_rule.value == "all_success"


def test_nothing_heavy_is_imported_and_no_connection_opened_while_parsing() -> None:
    code = f"""
import sys, socket
import airflow.sdk, airflow.providers.standard.operators.empty, airflow.providers.standard.decorators.python
before = set(sys.modules)
def refuse(*_): raise OSError("a DAG file opened a connection")
socket.socket.connect = refuse
import importlib.util, pathlib
for path in sorted(pathlib.Path({str(DAGS)!r}).glob("*.py")):
    spec = importlib.util.spec_from_file_location("dag_" + path.stem, path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
print(sorted((set(sys.modules) - before) & {HEAVY!r}))
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


class Recorder:
    """Stands in for the stages: writes down what is called, and fails where it is told to."""

    def __init__(self, **failures: Exception) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.failures = failures
        self.results = {"extract": 7, "reconcile": [11, 12], "report": True}

    def __getattr__(self, stage: str) -> Any:
        def call(*arguments: Any) -> Any:
            self.calls.append((stage, *map(str, arguments)))
            if stage in self.failures:
                raise self.failures[stage]
            return self.results.get(stage)

        return call


@pytest.fixture
def run(dagbag: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a DAG in this process with a recorder for its stages; return the run's state, its tasks' and the calls."""
    monkeypatch.setenv("XINYONG_RETRY_SECONDS", "0")

    def run_with(dag_id: str, recorder: Recorder, **form: str) -> tuple[str, dict[str, str], Recorder]:
        monkeypatch.setitem(sys.modules, "xinyong.stages", recorder)
        monkeypatch.setattr(xinyong, "stages", recorder, raising=False)
        approved = recorder.__dict__.get("approved")
        done = dagbag.dags[dag_id].test(run_conf={"business_date": DAY} | form, mark_success_pattern=approved)
        states = {
            f"{ti.task_id}{ti.map_index if ti.map_index >= 0 else ''}": ti.state for ti in done.get_task_instances()
        }
        return str(done.state), {task: str(state) for task, state in states.items()}, recorder

    return run_with


def test_a_feed_goes_through_its_stages_in_order(run: Any) -> None:
    state, _, recorder = run("intake_safety_penalty", Recorder())
    assert state == "success"
    assert recorder.calls == [
        ("extract", "safety_penalty", DAY),
        ("check", "7", DAY),
        ("store", "7", DAY),
        ("settle", "safety_penalty", DAY),
    ]


def test_a_feed_of_the_wrong_shape_fails_at_once_and_is_settled(run: Any) -> None:
    state, tasks, recorder = run("intake_safety_penalty", Recorder(extract=UnexpectedShape("no such sheet")))
    assert state == "failed"
    assert [call[0] for call in recorder.calls] == ["extract", "settle"]
    assert tasks == {
        "extract": "failed",
        "check": "upstream_failed",
        "store": "upstream_failed",
        "settle": "success",
        "complete": "upstream_failed",
    }


def test_each_message_is_sent_and_collected(run: Any) -> None:
    state, _, recorder = run("publish_city", Recorder())
    assert state == "success"
    assert recorder.calls[0] == ("reconcile", "city", DAY)
    assert recorder.calls[-1] == ("settle_platform", "city", DAY)
    assert sorted(recorder.calls[1:-1]) == [
        (stage, "city", n, DAY) for stage in ("collect", "send") for n in ("11", "12")
    ]


def test_a_platform_that_refuses_is_settled_and_red(run: Any) -> None:
    state, tasks, recorder = run("publish_city", Recorder(send=MessageRefused("not in this form")))
    assert state == "failed"
    assert [call[0] for call in recorder.calls] == ["reconcile", "send", "send", "settle_platform"]
    assert tasks["settle"] == "success"


def test_a_platform_without_messages_written_down_is_settled(run: Any) -> None:
    state, tasks, recorder = run("publish_portal", Recorder(reconcile=MessageRefused("…")))
    assert (state, tasks["settle"]) == ("failed", "success")
    assert [call[0] for call in recorder.calls] == ["reconcile", "settle_platform"]


def test_aggregate_works_for_its_date(run: Any) -> None:
    assert run("aggregate", Recorder())[2].calls == [("aggregate", DAY)]


def test_a_ledger_that_does_not_balance_is_red(run: Any) -> None:
    recorder = Recorder()
    assert run("report", recorder)[0] == "success"
    recorder.results["report"] = False
    assert run("report", recorder)[0] == "failed"


@pytest.mark.parametrize("dag_id", [names.CLOSINGS[0], *as_proofs(*names.CLOSINGS[1:])])
def test_a_closing_by_hand_never_skips(run: Any, dag_id: str) -> None:
    state, tasks, _ = run(dag_id, Recorder())
    assert (state, tasks) == ("success", {"close": "success"})


def test_the_partition_key_goes_before_the_parameter(wiring: Any) -> None:
    found = wiring.business_date(SimpleNamespace(partition_key=DAY), {"business_date": "2026-01-01"})
    assert found == date(2026, 11, 24)


def test_a_run_without_a_date_says_so(wiring: Any) -> None:
    with pytest.raises(ValueError, match="has no business date"):
        wiring.business_date(SimpleNamespace(partition_key=None), {"business_date": None})


def test_the_reason_of_a_run_travels_with_its_events(wiring: Any) -> None:
    run = SimpleNamespace(conf={"reason": "by hand"})
    events = {"a": [SimpleNamespace(extra={"reason": "batch corrected"})], "b": [SimpleNamespace(extra=None)]}
    assert wiring.reasons(run, events) == "by hand; batch corrected"
    assert wiring.reasons(SimpleNamespace(conf=None)) == ""


@pytest.mark.parametrize(
    ("run_type", "key", "skips"), [("scheduled", DAY, True), ("scheduled", "2026-11-23", False), ("manual", DAY, False)]
)
def test_only_the_clock_finds_that_nothing_has_to_be_closed(wiring: Any, run_type: str, key: str, skips: bool) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    class Events(list[Any]):
        def ascending(self, _: bool) -> Events:
            return self

        def limit(self, _: int) -> Events:
            return self

    events = Events([SimpleNamespace(partition_key=key)])
    with pytest.raises(AirflowSkipException) if skips else nullcontext():
        wiring.skip_when_done(SimpleNamespace(run_type=run_type), date(2026, 11, 24), events)
