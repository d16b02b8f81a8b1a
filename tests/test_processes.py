"""Background processes: one that ends, one that will not, one whose number belongs to somebody else by now."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from xinyong.processes import Process, stop

SLEEP = "import time; print('here', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEP
FAMILY = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); " + SLEEP


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    made = Process("part", tmp_path / "run" / "part.pid", tmp_path / "run" / "part.log")
    yield made
    stop([made], patience=0)


def start(process: Process, code: str, words: int = 1) -> psutil.Process:
    process.start([sys.executable, "-c", code], os.environ, Path.cwd())
    end = time.monotonic() + 10
    while process.tail().count("here") < words and time.monotonic() < end:
        time.sleep(0.02)
    leader = process.leader()
    assert leader is not None
    return leader


def test_a_started_process_is_found_by_its_record(process: Process) -> None:
    leader = start(process, SLEEP)
    assert leader.is_running()
    assert json.loads(process.record.read_text())["pid"] == leader.pid
    assert os.getpgid(leader.pid) == leader.pid


def test_stopping_removes_process_and_record(process: Process) -> None:
    leader = start(process, SLEEP)
    stop([process], patience=5)
    assert not leader.is_running()
    assert not process.record.exists()


def test_stopping_ends_children_that_do_not_listen(process: Process) -> None:
    leader = start(process, FAMILY, words=2)
    children = leader.children()
    stop([process], patience=0.3)
    assert len(children) == 1
    assert not any(member.is_running() for member in [leader, *children])


def test_children_are_stopped_after_their_leader_was_killed(process: Process) -> None:
    leader = start(process, FAMILY, words=2)
    children = leader.children()
    leader.kill()
    leader.wait()
    assert process.leader() is None
    stop([process], patience=0)
    assert not any(child.is_running() for child in children)


def test_a_number_that_belongs_to_another_program_is_left_alone(process: Process) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEP], stdout=subprocess.DEVNULL, start_new_session=True) as other:
        process.record.parent.mkdir()
        process.record.write_text(json.dumps({"pid": other.pid, "born": 1.0, "command": ["part"]}))
        assert process.leader() is None
        assert process.family() == []
        stop([process], patience=0)
        assert other.poll() is None
        assert not process.record.exists()
        other.kill()


@pytest.mark.parametrize("record", ["", "{", "[]", '{"pid": "x"}', "123"], ids=str)
def test_a_damaged_record_means_that_nothing_runs(process: Process, record: str) -> None:
    process.record.parent.mkdir()
    process.record.write_text(record)
    assert process.leader() is None
    stop([process], patience=0)
    assert not process.record.exists()


def test_stopping_what_never_started_does_nothing(process: Process) -> None:
    stop([process], patience=5)
    assert process.family() == []


def test_the_log_begins_anew_and_its_end_is_told(process: Process) -> None:
    process.log.parent.mkdir()
    process.log.write_text("old\n")
    start(process, "print('one'); " + SLEEP)
    assert process.tail(lines=1) == "here"
    assert process.tail() == "one\nhere"
