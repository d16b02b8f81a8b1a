"""Many workers: which parts a world then has, and what Airflow is told; the real night is in tests/test_celery.py."""

from __future__ import annotations

import pytest

from xinyong import workers
from xinyong.errors import LaunchError


@pytest.fixture
def two(monkeypatch):
    monkeypatch.setenv(workers.VARIABLE, "2")


@pytest.mark.usefixtures("two")
def test_two_workers_and_a_redis_are_further_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program: f"/bin/{program}")
    assert workers.names() == ("redis", "worker-1", "worker-2")
    commands = workers.commands(tmp_path)
    assert commands["redis"] == ["/bin/redis-server", str(tmp_path / "redis.conf")]
    assert commands["worker-2"][-1] == "worker-2@%h"
    assert "--skip-serve-logs" in commands["worker-1"], "its log server would listen on every address"


def test_without_the_variable_there_is_nothing_of_it(tmp_path, monkeypatch):
    monkeypatch.delenv(workers.VARIABLE, raising=False)
    assert (workers.names(), workers.commands(tmp_path), workers.settings(1, "s")) == ((), {}, {})


@pytest.mark.usefixtures("two")
def test_redis_listens_here_only_and_wants_a_password_that_no_command_line_shows(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program: f"/bin/{program}")
    workers.configure(tmp_path, 6400, "secret of this world")
    path = tmp_path / "redis.conf"
    lines = dict(line.split(" ", 1) for line in path.read_text().splitlines())
    assert (lines["bind"], lines["port"], path.stat().st_mode & 0o777) == ("127.0.0.1", "6400", 0o600)
    told = workers.settings(6400, "secret of this world")
    assert told["CORE__EXECUTOR"] == "CeleryExecutor"
    assert told["CELERY__BROKER_URL"] == f"redis://:{lines['requirepass']}@127.0.0.1:6400/0"
    assert lines["requirepass"] not in str(workers.commands(tmp_path))


@pytest.mark.usefixtures("two")
def test_a_machine_without_redis_is_told_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program: None)
    with pytest.raises(LaunchError, match="redis-server"):
        workers.commands(tmp_path)


def test_what_an_earlier_command_started_is_found_by_its_records(tmp_path):
    for name in ("redis", "worker-1", "scheduler"):
        (tmp_path / f"{name}.pid").touch()
    assert workers.recorded(tmp_path) == ("redis", "worker-1")
