"""Parts of Airflow lost in a night: a table held shows who works, and only what was meant is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest
import sqlalchemy as sa
from deliveries import day

from sandbox.rehearsal import losses
from xinyong import launcher
from xinyong.processes import stop

FAMILY = "import os, time; os.fork(); print('here', flush=True); time.sleep(60)"
WAITS = (
    "import os, sqlalchemy as sa\n"
    "with sa.create_engine(os.environ['XINYONG_DATABASE_URL']).begin() as one:\n"
    "    one.execute(sa.text('LOCK TABLE warehouse.store_result IN EXCLUSIVE MODE'))\n"
)


@pytest.fixture
def scheduler(environment, monkeypatch):
    """A process that stands for the scheduler, with one that it began, in a world in which nothing else runs."""
    made = launcher.part("scheduler")
    monkeypatch.setattr(launcher, "commands", lambda: {"scheduler": [sys.executable, "-c", FAMILY]})
    monkeypatch.setattr(launcher, "child_environment", lambda: dict(os.environ))
    launcher.start_again("scheduler")
    while made.tail().count("here") < 2:
        assert made.leader()
    yield made
    stop([made], patience=0)


def test_a_scheduler_lost_alone_leaves_its_tasks_which_are_found_later(scheduler):
    leader, family = scheduler.leader(), scheduler.family()
    left = losses._scheduler_alone(0)
    assert scheduler.leader().pid != leader.pid
    assert [one.pid for one in left.family() if one.is_running()] != []
    stop([left], patience=0)
    assert [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []
    assert scheduler.leader(), "the new one is another part's business"


def test_a_scheduler_lost_with_all_leaves_nothing(scheduler):
    family = scheduler.family()
    assert len(family) == 2
    losses._scheduler_with_all(0)
    assert [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []
    assert scheduler.leader()


def test_it_strikes_the_one_who_waits_in_the_stage_and_lets_go(environment):
    struck = []

    def strike(process):
        struck.append(process)
        os.kill(process, signal.SIGKILL)

    with losses._striking(losses.Loss("a task", 0, {losses.INTAKE: strike})) as striker:
        waiting = subprocess.Popen([sys.executable, "-c", WAITS])
        assert waiting.wait(60) == -signal.SIGKILL
    assert (struck, striker.struck) == ([waiting.pid], [losses.INTAKE])
    with sa.create_engine(os.environ["XINYONG_DATABASE_URL"]).begin() as other:
        other.execute(sa.text("LOCK TABLE warehouse.store_result IN EXCLUSIVE MODE NOWAIT"))


def test_without_redis_only_the_scheduler_is_lost(monkeypatch):
    told = []
    monkeypatch.setattr("shutil.which", lambda program: None)
    assert {loss.workers for loss in losses.possible(told.append)} == {0}
    assert "redis-server" in told[0]


@pytest.mark.proofs(minutes=True)
@pytest.mark.parametrize("loss", losses.LOSSES, ids=lambda loss: loss.name)
def test_a_night_that_loses_a_part_ends_as_one_that_lost_nothing(loss, tmp_path_factory):
    if loss not in losses.possible(lambda told: None):
        pytest.skip("redis-server is not installed")
    (verdict,) = losses.lost(tmp_path_factory.mktemp("lost"), day(1), (loss,))
    assert verdict.differences == ()
