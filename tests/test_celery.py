"""The night under CeleryExecutor with Redis and two workers, against one in a single process. Run by `make proofs`."""

from __future__ import annotations

import shutil
import time

import pytest
from rich.console import Console
from test_kill import DAY, world
from whole_nights import night, world_running

from tests.conftest import TEST_KEYS, WORLD, shared
from xinyong import launcher, nightly, stages, workers

RECORDS = 200


@pytest.mark.proofs(minutes=True)
@pytest.mark.skipif(not shutil.which("redis-server"), reason="redis-server is not installed")
def test_two_celery_workers_lead_to_the_same_state(postgres, migrated_database, tmp_path, monkeypatch):
    with world_running(postgres, migrated_database, tmp_path / "one", RECORDS) as prepared:
        expected = night(prepared, DAY).hashes
    for name, key in TEST_KEYS.items():
        monkeypatch.setenv(name, key)  # with other keys, the content of records would hash differently
    monkeypatch.setenv(workers.VARIABLE, "2")
    began = time.monotonic()
    with world(shared() / f"{WORLD}celery", monkeypatch):
        assert {part.name for part in launcher.status() if part.state == "running"} >= set(workers.names())
        outcome = nightly.run_night(DAY, records=RECORDS, console=Console(quiet=True), seconds=2400)
        told = [launcher.var_dir() / "run" / f"{name}.log" for name in workers.names()[1:]]
        did = [path.read_text("utf-8").count("final_state=success") for path in told]
        assert stages.set_hashes() == expected
    assert outcome == 0
    assert min(did) > 0, "both had a part in it"
    print(f"\n{sum(did)} tasks, of two workers {did[0]} and {did[1]}, in {time.monotonic() - began:.0f} s")  # noqa: T201
