"""`python -m sandbox` as the launcher calls it: a process that serves, and short ones that prepare dates."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from typer.testing import CliRunner

from sandbox.__main__ import app
from sandbox.systems import signing_key

PROJECT = Path(__file__).resolve().parents[2]
KEY = "YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8="
SYSTEMS = ("ENFORCEMENT", "APPROVALS", "SAFETY", "COUNTER", "LISTS", "REGISTRY", "CITY", "NATIONAL", "PORTAL")


@pytest.fixture
def environment(tmp_path: Path, empty_database_url: str) -> dict[str, str]:
    """The environment the launcher gives; the enforcement database is the test's own."""
    own = {"XINYONG_VAR": str(tmp_path), "XINYONG_SIGNING_KEY": KEY, "XINYONG_ENFORCEMENT_URL": empty_database_url}
    return {**os.environ, **own, "PYTHONPATH": str(PROJECT / "plugins")}


@pytest.fixture
def serving(environment: dict[str, str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """A running sandbox; yields its connections."""
    command = [sys.executable, "-m", "sandbox", "serve"]
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield connections(tmp_path / "sandbox" / "connections.env", process)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert not (tmp_path / "sandbox" / "connections.env").exists()


def connections(path: Path, process: subprocess.Popen[bytes]) -> dict[str, str]:
    for _ in range(300):
        assert process.poll() is None
        if path.exists():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            return dict(line.split("=", 1) for line in path.read_text().splitlines())
        time.sleep(0.1)
    raise AssertionError("the sandbox did not start within 30 seconds")


def test_it_serves_everything_until_it_is_told_to_end(
    serving: dict[str, str], environment: dict[str, str], tmp_path: Path
) -> None:
    assert list(serving) == [f"AIRFLOW_CONN_XINYONG_{name}" for name in SYSTEMS]
    command = [sys.executable, "-m", "sandbox", "prepare", "--date", "2026-11-24", "--records", "200"]
    subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True)
    url, _, rest = serving["AIRFLOW_CONN_XINYONG_APPROVALS"].partition("://")
    (client, secret), address = rest.split("@")[0].split(":"), rest.split("@")[1]
    answer = requests.post(f"{url}://{address}/token", json={"clientId": client, "clientSecret": secret}, timeout=5)
    assert answer.json()["tokenType"] == "Bearer"
    assert (tmp_path / "sandbox" / "drop" / "safety_penalty_20261124.xlsx").exists()


def run(arguments: list[str], environment: dict[str, str]) -> str:
    result = CliRunner().invoke(app, arguments, env=environment)
    assert result.exit_code == 0, result.output
    return result.output.strip()


def test_what_is_not_given_stays_as_it_was_prepared_last(environment: dict[str, str], tmp_path: Path) -> None:
    assert run(["next"], environment) == "2026-11-24"
    run(["prepare", "--records", "200", "--seed", "7"], environment)
    assert run(["prepare"], environment) == (
        "2026-11-25: changes, additions, corrections, two deletions; publicity periods end"
    )
    state = json.loads((tmp_path / "sandbox" / "state.json").read_text())
    assert (state["seed"], state["records"], state["date"]) == (7, 200, "2026-11-25")


def test_planted_defects_can_be_shown(environment: dict[str, str]) -> None:
    run(["prepare", "--records", "200"], environment)
    assert "PEN-R27" in run(["planted"], environment)
    assert {"feed", "source_key", "rule"} <= set(json.loads(run(["planted", "--json"], environment))[0])


def test_the_story_is_told_with_dates(environment: dict[str, str]) -> None:
    assert "2026-11-26  night 3  nothing new anywhere" in run(["story"], environment)


def test_nothing_was_prepared_is_said_plainly(environment: dict[str, str]) -> None:
    result = CliRunner().invoke(app, ["planted"], env=environment)
    assert result.exit_code == 2
    assert "nothing was prepared" in result.output


@pytest.mark.parametrize("key", ["", "c2hvcnQ=", "no base64!"], ids=["none", "short", "not base64"])
def test_a_signing_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="signing key is not usable"):
        signing_key(key)


def test_a_long_signing_key_is_stretched_as_the_settings_do() -> None:
    assert len(signing_key(KEY)) == len(signing_key("QEFC" * 20)) == 32
