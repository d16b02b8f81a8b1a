"""The world on one machine: its environment, its secrets, its commands, and starts that fail."""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from xinyong import launcher
from xinyong.errors import LaunchError
from xinyong.processes import Process
from xinyong.settings import connection, settings

URL = "postgresql+psycopg2://clerk:word@db.example:5432/credit"


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A world that has never run, beside a server that somebody else runs."""
    monkeypatch.setenv("XINYONG_VAR", str(tmp_path))
    monkeypatch.setenv("XINYONG_DATABASE_URL", URL)
    return tmp_path


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def readable_by_others(folder: Path) -> list[str]:
    mode = stat.S_IRGRP | stat.S_IROTH
    return [path.name for path in folder.rglob("*") if path.is_file() and path.stat().st_mode & mode]


def test_the_environment_is_enough_for_settings(var: Path) -> None:
    with launcher.inside():
        found = settings()
    assert (found.var, found.database_url) == (var, URL)
    assert (len(found.sealing_key), len(found.hashing_key), len(found.signing_key)) == (64, 32, 32)


def test_secrets_are_made_once(var: Path) -> None:
    assert launcher.environment() == launcher.environment()


def test_a_secret_of_the_environment_goes_first(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINYONG_SIGNING_KEY", "mine")
    assert launcher.environment()["XINYONG_SIGNING_KEY"] == "mine"


def test_no_file_that_others_read_holds_a_secret(var: Path) -> None:
    launcher.environment()
    launcher._write_passwords()
    assert readable_by_others(var) == ["api-server.port"]


def test_the_world_is_forgotten_afterwards(var: Path) -> None:
    before = dict(os.environ)
    with launcher.inside():
        assert "AIRFLOW__CORE__EXECUTOR" in os.environ
    assert dict(os.environ) == before


def test_every_port_is_on_this_machine_only(var: Path) -> None:
    env = launcher.environment()
    assert env["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"].startswith("http://127.0.0.1:")
    assert "--skip-serve-logs" in launcher.commands()["scheduler"]


def test_another_installation_of_airflow_has_no_say(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", "/elsewhere")
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("AIRFLOW__CORE__AUTH_MANAGER", "elsewhere.Manager")
    env = launcher.child_environment()
    assert env["AIRFLOW_HOME"] == str(var / "airflow")
    assert env["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert "AIRFLOW__CORE__AUTH_MANAGER" not in env


def test_a_proxy_of_the_environment_does_not_carry_local_calls(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "intra.example")
    assert launcher.child_environment()["NO_PROXY"] == "intra.example,127.0.0.1,localhost"


def test_the_connections_of_the_sandbox_are_handed_on(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (var / "sandbox").mkdir()
    lines = "# made\nAIRFLOW_CONN_XINYONG_CITY=http://a:b=c@127.0.0.1:1/\nAIRFLOW_CONN_XINYONG_PORTAL=file:///portal\n"
    (var / "sandbox" / "connections.env").write_text(lines)
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_PORTAL", "file:///mine")
    with launcher.inside():
        assert connection("city").password == "b=c"
        assert connection("portal").path == "/mine"


def test_a_port_is_kept_while_it_is_free(var: Path) -> None:
    assert launcher.airflow_url() == launcher.airflow_url()


def test_a_port_that_is_taken_is_chosen_anew(var: Path, listener: int) -> None:
    (var / "run").mkdir()
    (var / "run" / "api-server.port").write_text(str(listener))
    assert launcher.airflow_url() != f"http://127.0.0.1:{listener}"


def test_nothing_runs_at_first(var: Path) -> None:
    found = {part.name: part.state for part in launcher.status()}
    assert found.pop("postgres") == "given by XINYONG_DATABASE_URL"
    assert found.pop("portal") == "empty"
    assert found == dict.fromkeys(launcher.PARTS, "stopped")


def test_the_portal_is_read_as_files_when_no_web_server_runs(var: Path) -> None:
    (var / "sandbox").mkdir()
    line = "AIRFLOW_CONN_XINYONG_PORTAL=file:///portal?address=http%3A%2F%2F127.0.0.1%3A1%2F\n"
    (var / "sandbox" / "connections.env").write_text(line, "utf-8")
    assert launcher.portal_address() == str(var / "portal" / "index.html")


def test_stopping_what_does_not_run_is_harmless(var: Path) -> None:
    launcher.down()
    assert not (var / "postgres").exists()


def test_a_part_that_ends_at_once_is_told_with_the_end_of_its_log(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = Process("sandbox", var / "run" / "sandbox.pid", var / "run" / "sandbox.log")
    part.start([sys.executable, "-c", "raise SystemExit('no port left')"], os.environ, var)
    with pytest.raises(LaunchError, match=r"(?s)sandbox did not start\..*no port left.*make up"):
        launcher._wait("sandbox", lambda: False)


def test_a_failed_start_leaves_nothing_running(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def start_half(tell: launcher.Tell) -> None:
        sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
        launcher._parts()["sandbox"].start(sleep, os.environ, var)
        raise LaunchError("no more")

    monkeypatch.setattr(launcher, "_start_all", start_half)
    with pytest.raises(LaunchError, match="no more"):
        launcher.up()
    assert launcher._parts()["sandbox"].leader() is None
    assert not (var / "run" / "sandbox.pid").exists()


def test_records_of_processes_hold_no_secret(var: Path) -> None:
    part = launcher._parts()["sandbox"]
    part.start([sys.executable, "-c", ""], launcher.child_environment(), var)
    assert set(json.loads(part.record.read_text())) == {"pid", "born", "command"}
    assert launcher.password() not in part.record.read_text()
