"""
One machine's whole world: PostgreSQL, the sandbox and Airflow, started in the order that works, and stopped for good.

The API server comes before the scheduler: a task that begins before the API answers is marked failed. Every port is on
127.0.0.1. What must survive lies under `var/`: secrets in `var/secrets.json` (mode 0600), records of the running
processes and their logs in `var/run/`.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from xinyong import airflow_database, keyring, names, workers
from xinyong.airflow_api import AirflowApi
from xinyong.catalogue import catalogue
from xinyong.errors import LaunchError
from xinyong.postgres import EmbeddedPostgres, server
from xinyong.processes import Process, stop
from xinyong.settings import external_server, root, var_dir

AIRFLOW_PARTS = ("api-server", "scheduler", "dag-processor")
PARTS = ("sandbox", *AIRFLOW_PARTS)
WAIT_SECONDS = 120  # a cold disk and two busy cores need a quarter of it
PATIENCE_SECONDS = 12  # an idle scheduler needs 4–7; a task that is cut off is tried again when it is back
USER = "admin"


@dataclass(frozen=True, slots=True)
class PartState:
    """What `status` tells of one part."""

    name: str
    state: str
    pid: int | None
    where: str


Tell = Callable[[str], None]


def commands() -> dict[str, list[str]]:
    """Return how each part is started, in order."""
    airflow = [sys.executable, "-m", "airflow"]
    return {
        "sandbox": [sys.executable, "-m", "sandbox", "serve"],
        "api-server": [*airflow, "api-server"],
        "scheduler": [*airflow, "scheduler", "--skip-serve-logs"],  # its log server would listen on every address
        "dag-processor": [*airflow, "dag-processor"],
        **workers.commands(_run_dir()),
    }


def environment() -> dict[str, str]:
    """Return every variable that the parts of this world need; missing secrets and the port are made once."""
    kept = _secrets()
    return {
        **_airflow_settings(kept),
        **_connections(),
        "XINYONG_ROOT": str(root()),
        "XINYONG_VAR": str(var_dir()),
        "XINYONG_DATABASE_URL": external_server() or server(var_dir()).url("xinyong"),
        # The schedule sleeps, because the sandbox lives on dates of its own.
        "XINYONG_FIRST_NIGHT": os.environ.get("XINYONG_FIRST_NIGHT", "2100-01-01"),
        "XINYONG_RETRY_SECONDS": os.environ.get("XINYONG_RETRY_SECONDS", "1"),  # a demonstration does not wait
        **{name: os.environ.get(name) or kept[name] for name in kept if "XINYONG_" in name},
    }


def _airflow_settings(kept: Mapping[str, str]) -> dict[str, str]:
    home, port = _airflow_home(), _port()
    settings = {
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "4",  # the default keeps 32 resident workers
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_FOLDER": str(root() / "dags"),
        "CORE__PLUGINS_FOLDER": str(root() / "plugins"),
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "CORE__FERNET_KEY": kept["FERNET"],
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__BASE_URL": f"http://127.0.0.1:{port}",
        "API__SECRET_KEY": kept["API"],
        "API__MAXIMUM_PAGE_LIMIT": "1000",  # one question shows a whole night
        "API_AUTH__JWT_SECRET": kept["JWT"],
        "DATABASE__SQL_ALCHEMY_CONN": airflow_database.url(var_dir()),
        "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",  # of a lost scheduler; the default leaves them for 5 minutes
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",  # of a lost worker; tasks tell every second that they live
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",  # with the next: a chain of ten tasks in 2.5 s instead of 10.5 s
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",  # the default lets a third of the tasks hold their slot for 5 s
        "USAGE_DATA_COLLECTION__ENABLED": "False",
        **(workers.settings(_port("redis"), kept["JWT"]) if workers.count() else {}),
    }
    return {"AIRFLOW_HOME": str(home), **{f"AIRFLOW__{name}": value for name, value in settings.items()}}


def child_environment() -> dict[str, str]:
    """Return the environment of a part: ours, without the Airflow settings of somebody else's installation."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}
    local = "127.0.0.1,localhost"  # tasks report to the API by HTTP, which a proxy of the environment cannot carry
    proxies = {name: ",".join(filter(None, [os.environ.get(name), local])) for name in ("NO_PROXY", "no_proxy")}
    return {**inherited, **proxies, **environment(), "PYTHONUNBUFFERED": "1"}


@contextmanager
def inside() -> Iterator[None]:
    """Let this process see the world as its parts do, and forget it afterwards."""
    before = dict(os.environ)
    os.environ.update(environment())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def reachable() -> Iterator[None]:
    """Let this process reach the warehouse, also when nothing runs: its server is then started for this while."""
    postgres = server(var_dir())
    started = not external_server() and not EmbeddedPostgres(var_dir()).running()
    postgres.start()
    try:
        if not external_server() and postgres.create_database("xinyong"):
            _migrate_warehouse(postgres.url("xinyong"))
        with inside():
            yield
    finally:
        if started:
            EmbeddedPostgres(var_dir()).stop()


def up(tell: Tell = lambda _: None) -> bool:
    """Start what does not run; say whether anything was started. After a failure nothing is left running."""
    if all(part.leader() for part in _parts().values()) and api().health():
        return False
    down()  # the rest of a world that lost a part
    try:
        _start_all(tell)
    except BaseException:
        down()
        raise
    return True


def down() -> None:
    """Stop everything; nothing happens when nothing runs. Running tasks report to the API server, so it goes later."""
    parts = _parts()
    stop([part for name, part in parts.items() if name not in ("api-server", "sandbox", "redis")], PATIENCE_SECONDS)
    stop([parts[name] for name in ("api-server", "sandbox", "redis") if name in parts], PATIENCE_SECONDS)
    EmbeddedPostgres(var_dir()).stop()


def part(name: str) -> Process:
    """Return a part of this world, which may run or not."""
    return _parts()[name]


def start_again(name: str) -> None:
    """Start a part that was lost while the others run on."""
    _start(name, child_environment())


def airflow(arguments: Sequence[str]) -> int:
    """Run Airflow's own command line in this world; return its exit code."""
    command = [sys.executable, "-m", "airflow", *arguments]
    return subprocess.run(command, cwd=root(), env=child_environment(), check=False).returncode  # noqa: S603 – ours


def status() -> list[PartState]:
    """Return what runs and where."""
    postgres = EmbeddedPostgres(var_dir())
    database = "given by XINYONG_DATABASE_URL" if external_server() else "running" if postgres.running() else "stopped"
    found = [PartState("postgres", database, None, str(var_dir() / "postgres"))]
    for name, part in _parts().items():
        leader = part.leader()
        where = airflow_url() if name == "api-server" and leader else str(part.log)
        found.append(PartState(name, "running" if leader else "stopped", leader.pid if leader else None, where))
    written = (var_dir() / "portal" / "index.html").exists()
    return [*found, PartState("portal", "written" if written else "empty", None, portal_address())]


def api() -> AirflowApi:
    """Return a client of Airflow's API, signed in as the administrator."""
    return AirflowApi(airflow_url(), USER, password())


def airflow_url() -> str:
    """Return where Airflow's pages are."""
    return f"http://127.0.0.1:{_port()}"


def portal_address() -> str:
    """Return where the portal is read: at the sandbox's web server while that runs, else as files, search included."""
    offered = _connections().get("AIRFLOW_CONN_XINYONG_PORTAL", "")
    address = dict(parse_qsl(urlsplit(offered).query)).get("address")
    return address if address and _parts()["sandbox"].leader() else str(var_dir() / "portal" / "index.html")


def password() -> str:
    """Return the administrator's generated password."""
    return _secrets()["PASSWORD"]


def _start_all(tell: Tell) -> None:
    tell("PostgreSQL")
    fresh = _start_postgres()
    env = child_environment()
    with _migrating_airflow(env, fresh):
        tell("sandbox: business systems and platforms")
        _start_sandbox(env)
        tell("warehouse: migrations")
        _migrate_warehouse(env["XINYONG_DATABASE_URL"])
        tell("Airflow: metadata")
    _write_passwords()
    env = child_environment()  # now with the sandbox's connections
    tell("Airflow: API server")
    _start("api-server", env)
    _wait("api-server", lambda: _is_healthy("metadatabase") and api().knows_us())
    _make_pools()
    if workers.count():
        tell(f"Redis and {workers.count()} Celery workers")
        workers.configure(_run_dir(), _port("redis"), _secrets()["JWT"])
        for name in workers.names():
            _start(name, env)
    tell("Airflow: scheduler and DAG processor")
    for name in ("scheduler", "dag-processor"):
        _start(name, env)
    for name in ("scheduler", "dag-processor"):
        _wait(name, partial(_is_healthy, name.replace("-", "_")))
    tell("Airflow: DAGs")
    _wait("dag-processor", _dags_are_read)


def _start_postgres() -> bool:
    """Start the server and make the databases; say whether Airflow's is new."""
    postgres = server(var_dir())
    postgres.start()
    if not external_server():
        postgres.create_database("xinyong")
    postgres.create_database("enforcement")  # the sandbox's business system with a database of its own
    if os.environ.get(airflow_database.VARIABLE):
        return True
    return postgres.create_database("airflow")


def _start_sandbox(env: Mapping[str, str]) -> None:
    """Start the stand-in systems; they tell where they listen by writing their connections."""
    path = _connections_file()
    path.unlink(missing_ok=True)
    _start("sandbox", env)
    _wait("sandbox", path.exists)


def _migrate_warehouse(url: str) -> None:
    from xinyong.database import migrate

    migrate(url)


@contextmanager
def _migrating_airflow(env: Mapping[str, str], fresh: bool) -> Iterator[None]:
    """Migrate Airflow's metadata beside other work, unless this very version did it before."""
    marker, log = _airflow_home() / "migrated", _run_dir() / "migrate.log"
    if not fresh and marker.exists() and marker.read_text() == version("apache-airflow-core"):
        yield
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        command = [sys.executable, "-m", "airflow", "db", "migrate"]
        process = subprocess.Popen(command, cwd=root(), env=dict(env), stdout=output, stderr=output)  # noqa: S603 – ours
    try:
        yield
        if process.wait(WAIT_SECONDS) != 0:
            raise _not_started("airflow db migrate", Process("migrate", log, log))
    finally:
        process.kill()
        process.wait()
    marker.write_text(version("apache-airflow-core"))


def _make_pools() -> None:
    for platform in catalogue().platforms.values():
        name = names.pool(platform.name)
        api().make_pool(name, platform.calls_at_once, f"calls at once to {platform.title.en}")


def _is_healthy(part: str) -> bool:
    return api().health().get(part) == "healthy"


def _dags_are_read() -> bool:
    if errors := api().import_errors():
        raise LaunchError(
            "Airflow cannot read all DAG files. Found: "
            + "; ".join(f"{file}: {reason}" for file, reason in errors.items())
            + ". Expected: none. Mend the file; `make check` shows the same error."
        )
    return names.dag_ids(catalogue()) <= api().dags()


def _start(name: str, env: Mapping[str, str]) -> None:
    _parts()[name].start(commands()[name], env, root())


def _wait(name: str, ready: Callable[[], bool]) -> None:
    """Wait until a part is ready; one that has ended, or takes too long, is a failure that shows its log."""
    part, end = _parts()[name], time.monotonic() + WAIT_SECONDS
    while not ready():
        if part.leader() is None or time.monotonic() > end:
            raise _not_started(name, part)
        time.sleep(0.1)


def _not_started(name: str, part: Process) -> LaunchError:
    return LaunchError(
        f"{name} did not start. Found, at the end of {part.log}:\n{part.tail()}\n"
        f"Expected: a running {name} within {WAIT_SECONDS} s. Everything was stopped again; "
        f"mend the cause and start again with `make up`."
    )


def _parts() -> dict[str, Process]:
    every = (*PARTS, *workers.names(), *workers.recorded(_run_dir()))
    return {name: Process(name, _run_dir() / f"{name}.pid", _run_dir() / f"{name}.log") for name in every}


def _run_dir() -> Path:
    return var_dir() / "run"


def _airflow_home() -> Path:
    return var_dir() / "airflow"


def _connections_file() -> Path:
    return var_dir() / "sandbox" / "connections.env"


def _connections() -> dict[str, str]:
    """Return the connections that the sandbox offers; what the environment says goes first."""
    with suppress(FileNotFoundError):
        lines = [line for line in _connections_file().read_text("utf-8").splitlines() if "=" in line]
        offered = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
        return {name: os.environ.get(name, value) for name, value in offered.items()}
    return {}


def _secrets() -> dict[str, str]:
    return keyring.kept(var_dir() / "secrets.json")


def _write_passwords() -> None:
    keyring.write_private(_airflow_home() / "passwords.json", json.dumps({USER: password()}))


def _port(name: str = "api-server") -> int:
    """Return the port of a part: chosen once, and anew when another program has taken it while nothing ran."""
    path = _run_dir() / f"{name}.port"
    if path.exists() and (_parts()[name].leader() or _is_free(int(path.read_text()))):
        return int(path.read_text())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(_any_free_port()))  # not 8080: two worlds that start at once would both find that free
    return int(path.read_text())


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a connection that just ended blocks nobody
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
