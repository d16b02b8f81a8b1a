"""
What all tests share: one PostgreSQL server, a migrated database to copy, and an environment that is only theirs.

The first test that needs the server starts it, in whichever process of the run; the process that began the run removes
it at the end. Every test that asks for a database gets a fresh copy of the migrated one.
"""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import psutil
import pytest
import typer.main
import typer.testing
from xdist.scheduler import LoadScopeScheduling

from xinyong import launcher
from xinyong.postgres import EmbeddedPostgres

PROJECT = Path(__file__).resolve().parents[1]
SHARED = "XINYONG_TEST_SHARED"  # the folder of this run, handed on to the processes of pytest-xdist
WORKER = "PYTEST_XDIST_WORKER"
PREFIX = "xinyong-test-"
MEMORY = Path("/dev/shm")  # noqa: S108 – files in memory, where the system has them; each run makes its own folder there
ROOM = 4 << 30  # bytes that must be free there; a whole run needs less than half of it
TEMPLATE = "migrated"
DAGS = "tests/dags/"
WORLD = "world-"  # how the folder of a launched world begins

TEST_KEYS = {  # fixed, so that every run seals and signs alike; worth nothing anywhere else
    "XINYONG_SEALING_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==",
    "XINYONG_HASHING_KEY": "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=",
    "XINYONG_SIGNING_KEY": "YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8=",
    "AIRFLOW_CONN_XINYONG_SIGNING": f"sm2://:{bytes(range(32)).hex()}@local",
}

# Every run tries the same examples, so that a failure repeats; the processors are shared, so no example has a deadline.
hypothesis.settings.register_profile("suite", derandomize=True, deadline=None, database=None, print_blob=True)
hypothesis.settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """Give this run a folder and an environment of its own, before any test module imports Airflow."""
    gc.disable()  # importing makes a million objects and no garbage
    for name in [name for name in os.environ if name.startswith(("XINYONG_", "AIRFLOW_"))]:
        if name not in {SHARED, "XINYONG_POSTGRES_BIN"}:
            del os.environ[name]
    if WORKER not in os.environ:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # a terminated run cleans up like an interrupted one
        remove_leftovers()
        os.environ[SHARED] = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=places()[0])
        shared().chmod(0o711)  # the server of root runs as another user, who must get through
        os.environ["PYTEST_DEBUG_TEMPROOT"] = os.environ[SHARED]  # below which every `tmp_path` lies
    os.environ |= airflow_environment(shared() / f"airflow-{os.environ.get(WORKER, 'only')}")
    typer.testing._get_command = cache(typer.main.get_command)  # built anew for every call, it costs 0.1 s
    os.environ["XINYONG_HISTORY_PARTITIONS"] = "2"  # parted as in life, with half the files to copy


# Each keeps one process busy for long; begun last, it would leave the others idle.
LONG = (
    *("test_story", "test_act_dag", "test_model", "test_rehearsal", "test_correction"),
    *("test_publish", "test_rules", "test_touched", "test_undisturbed", "test_verification", "test_warehouse"),
)


class Modules(LoadScopeScheduling):  # type: ignore[misc]
    """Tests of a module stay in one process, and so do all that run a DAG: what Airflow builds first takes seconds."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return DAGS if module.startswith(DAGS) else module


@pytest.hookimpl(optionalhook=True)  # a run in one process does without xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Modules:
    return Modules(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--part", metavar="K/N", help="of the proofs, only each N-th from the K-th on, and those always tried"
    )


@pytest.hookimpl(trylast=True)  # after `-m` has chosen
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the modules that take longest; all others stay in their order. Keep a part of the proofs if asked."""
    if part := config.getoption("part"):
        at, parts = map(int, part.split("/"))
        proofs = sorted(filter(waits_its_turn, items), key=lambda item: not proof(item).get("minutes"))
        others = {item for number, item in enumerate(proofs) if number % parts != at - 1}
        config.hook.pytest_deselected(items=list(others))
        items[:] = [item for item in items if item not in others]
    longest = [*dict.fromkeys(item.path.stem for item in items if proof(item).get("minutes")), *LONG]
    items.sort(key=lambda item: longest.index(item.path.stem) if item.path.stem in longest else len(longest))


def waits_its_turn(item: pytest.Item) -> bool:
    """Say whether a test is a proof that not every part has."""
    return item.get_closest_marker("proofs") is not None and not proof(item).get("always")


def proof(item: pytest.Item) -> dict[str, Any]:
    """Return what the mark of a proof says; those that take minutes come one in a part."""
    marker = item.get_closest_marker("proofs")
    return marker.kwargs if marker else {}


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Leave out of every later collection of garbage, which comes seldom, what importing made."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the server and the folder; done by the process that began the run, after all others have ended."""
    if WORKER not in os.environ:
        remove(shared())


def places() -> list[Path]:
    """Where runs keep their files, best first: in memory where there is room, for a database is copied per test."""
    disk = Path(tempfile.gettempdir())
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return [MEMORY, disk]
    return [disk]


def shared() -> Path:
    return Path(os.environ[SHARED])


def remove(folder: Path) -> None:
    """Remove what a run started: the server of all tests, and a world that a killed run could not stop."""
    for world in folder.glob(f"{WORLD}*"):
        stop_world(world)
    EmbeddedPostgres(folder).remove()
    shutil.rmtree(folder, ignore_errors=True)


def stop_world(var: Path) -> None:
    """Stop everything of a launched world and remove its server."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XINYONG_VAR", str(var))
        launcher.down()
    EmbeddedPostgres(var).remove()


def remove_leftovers() -> None:
    """Remove what a run left that was killed too hard to clean up after itself."""
    for folder in (found for place in places() for found in place.glob(f"{PREFIX}*")):
        pid = folder.name.removeprefix(PREFIX).split("-")[0]
        if folder.stat().st_uid == os.geteuid() and pid.isdigit() and not psutil.pid_exists(int(pid)):
            remove(folder)


def airflow_environment(home: Path) -> dict[str, str]:
    """Return the environment in which Airflow finds our DAG files, nothing else, and a database file of its own."""
    home.mkdir(parents=True, exist_ok=True)
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__CORE__FERNET_KEY": "YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8=",
        "AIRFLOW__API_AUTH__JWT_SECRET": "t" * 64,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    }


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Let one process of the run at a time do what all need done once."""
    with (shared() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def postgres() -> EmbeddedPostgres:
    """The PostgreSQL server of this run; it survives no crash and believes a password at once, which makes it fast."""
    server = EmbeddedPostgres(shared(), durable=False, initial=("--set=scram_iterations=1", "--set=autovacuum=off"))
    server.start()
    return server


@pytest.fixture(scope="session")
def migrated_database(postgres: EmbeddedPostgres) -> str:
    """The name of a database with all migrations, which is only ever copied."""
    from xinyong.aggregate import refresh_deadlines
    from xinyong.catalogue import catalogue
    from xinyong.database import connected, engine, migrate

    done = shared() / f"{TEMPLATE}.done"
    with one_at_a_time(TEMPLATE):
        if not done.exists():
            postgres.drop_database(TEMPLATE)
            postgres.create_database(TEMPLATE)
            migrate(postgres.url(TEMPLATE))
            with connected(postgres.url(TEMPLATE)) as connection:
                refresh_deadlines(connection, catalogue(), date(2026, 11, 24))  # the calendar, which is long
            engine(postgres.url(TEMPLATE)).dispose()  # nobody may be connected to what is copied
            done.touch()
    return TEMPLATE


@pytest.fixture
def empty_database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A fresh database without any table."""
    yield from fresh_database(postgres, None)


@pytest.fixture
def database_url(postgres: EmbeddedPostgres, migrated_database: str) -> Iterator[str]:
    """A fresh migrated database, dropped after the test."""
    yield from fresh_database(postgres, migrated_database)


def fresh_database(postgres: EmbeddedPostgres, template: str | None) -> Iterator[str]:
    """Yield the URL of a new database. Names come again, so that an engine keeps the statements it has compiled."""
    from xinyong.database import engine

    free = (f"test_{os.getpid()}_{number}" for number in count())
    name = next(name for name in free if postgres.create_database(name, template))
    yield postgres.url(name)
    engine(postgres.url(name)).dispose()  # a server waits for a session that it has to end
    postgres.drop_database(name)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> Path:
    """The environment of a process of the pipeline: a fresh database, fixed keys and the folder that is returned."""
    monkeypatch.setenv("XINYONG_VAR", str(tmp_path))
    monkeypatch.setenv("XINYONG_DATABASE_URL", database_url)
    for name, key in TEST_KEYS.items():
        monkeypatch.setenv(name, key)
    return tmp_path


@pytest.fixture(scope="module")
def module_environment(
    postgres: EmbeddedPostgres, migrated_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Like `environment`, but one for all tests of a module; for those that only read what was made once."""
    folder = tmp_path_factory.mktemp("module")
    with pytest.MonkeyPatch.context() as patch:
        for url in fresh_database(postgres, migrated_database):
            settings = {"XINYONG_VAR": str(folder), "XINYONG_DATABASE_URL": url, **TEST_KEYS}
            for name, value in settings.items():
                patch.setenv(name, value)
            yield folder


@pytest.fixture(scope="session")
def airflow_database() -> Path:
    """Airflow's own database, migrated once per run and copied for each process; for tests that run a DAG."""
    template, home = shared() / "airflow-template", Path(os.environ["AIRFLOW_HOME"])
    with one_at_a_time("airflow"):
        if not (template / "done").exists():
            command = [sys.executable, "-m", "airflow", "db", "migrate"]
            subprocess.run(command, env=os.environ | airflow_environment(template), check=True, capture_output=True)
            (template / "done").touch()
    shutil.copy(template / "airflow.db", home / "airflow.db")
    return home / "airflow.db"
