"""The command `xinyong rehearse`: what it prints and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial

import psutil
import pytest
from proofs import as_proofs
from typer.testing import CliRunner

from sandbox.rehearsal import run
from sandbox.rehearsal.trial import Verdict
from tests.conftest import PROJECT
from xinyong.cli import app
from xinyong.postgres import EmbeddedPostgres
from xinyong.terminal import INTERRUPTED

runner = CliRunner()


@pytest.fixture
def rehearsed(monkeypatch):
    """Let the rehearsal itself be short: it is tested in tests/sandbox/test_rehearsal.py."""

    def let(*parts):
        asked = []
        monkeypatch.setattr(run, "rehearse", lambda folder, *settings: asked.append(settings) or iter(parts))
        return asked

    return let


def test_it_ends_well_when_nothing_differs(rehearsed):
    asked = rehearsed(run.Part("kills on the second night", 366, (), 12.3))
    result = runner.invoke(app, ["rehearse", "--part", "kills", "--every", "7", "--jobs", "2"])
    assert result.output.splitlines() == [
        "kills on the second night: 366 tried, 0 differences, 12 s",
        "together: 366 tried, 0 differences",
    ]
    assert result.exit_code == 0
    assert asked[0][:3] == (["kills"], 7, 2)


def test_it_ends_with_1_when_anything_differs(rehearsed):
    rehearsed(run.Part("kills", 2, (Verdict("killed", ("the ledger",)),), 1.0), run.Part("cuts", 1, (), 1.0))
    result = runner.invoke(app, ["rehearse"])
    assert "kills: 2 tried, 1 differences" in result.output
    assert result.output.endswith("together: 3 tried, 1 differences\n")
    assert result.exit_code == 1


def test_an_unknown_part_is_named(rehearsed):
    rehearsed()
    result = runner.invoke(app, ["rehearse", "--part", "floods"])
    assert result.exit_code == 2
    assert "floods" in result.output


@contextmanager
def rehearsing(folder):
    """Run a rehearsal in a process of its own, with its files in a folder; whatever becomes of it, nothing stays."""
    command = [sys.executable, "-c", "from xinyong.cli import app; app()", "rehearse", "--part", "kills", "--jobs", "2"]
    environment = os.environ | {"TMPDIR": str(folder), "PYTHONPATH": str(PROJECT / "plugins")}
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=said, stderr=said)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for server in servers(folder):
            server.remove()


def servers(folder):
    return [EmbeddedPostgres(night) for night in folder.glob("xinyong-rehearsal-*/night")]


def server_is_up(folder, process):
    return any(server.running() for server in servers(folder))


def crew_is_at_work(folder, process):
    return len(psutil.Process(process.pid).children()) >= 2 and list(folder.glob("*/night/undisturbed_*"))


def wait_for(met, seconds):
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end
        time.sleep(0.05)


def using(folders):
    """Return the processes that were started for one of these folders or stand in it."""
    told = [
        " ".join([one.info["cwd"] or "", *(one.info["cmdline"] or [])])
        for one in psutil.process_iter(["cwd", "cmdline"])
    ]
    return [one for one in told if any(folder in one for folder in folders)]


@pytest.mark.parametrize("moment", [server_is_up, *as_proofs(crew_is_at_work)])
@pytest.mark.parametrize("number", [signal.SIGTERM, *as_proofs(signal.SIGINT)])
def test_one_that_is_ended_by_a_signal_stops_all_it_started_and_leaves_nothing(tmp_path, number, moment):
    with rehearsing(tmp_path) as process:
        wait_for(partial(moment, tmp_path, process), 120)
        (data,) = [str(server.data) for server in servers(tmp_path)]
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        ended = process.wait(30)
        assert using([data, str(tmp_path)]) == []
        assert (ended, (tmp_path / "said").read_text().splitlines()[-1:]) == (
            INTERRUPTED,
            ["Stopped. Nothing is left of it."],
        )
        assert [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []
        assert [path.name for path in tmp_path.iterdir()] == ["said"]
