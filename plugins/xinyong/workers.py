"""
Many workers: tasks travel through Redis to Celery workers, here or on other machines, instead of being the scheduler's.

One machine gains nothing by it; a night that one machine cannot do does. `XINYONG_WORKERS` says how many workers the
launcher starts beside the scheduler, with a Redis of their own on 127.0.0.1, behind a password.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path

from xinyong import keyring
from xinyong.errors import LaunchError

VARIABLE = "XINYONG_WORKERS"
REDIS = "redis"
AT_ONCE = "2"  # tasks of one worker


def count() -> int:
    """Return how many workers this world has; 0 means that the scheduler runs the tasks itself."""
    return int(os.environ.get(VARIABLE, "0") or "0")


def names() -> tuple[str, ...]:
    """Return the further parts of this world, the broker first."""
    return (REDIS, *(f"worker-{number}" for number in range(1, count() + 1))) if count() else ()


def recorded(run: Path) -> tuple[str, ...]:
    """Return those that an earlier command started, whatever the variable says now: they must be stopped with it."""
    return tuple(
        sorted(path.stem for path in run.glob("*.pid") if path.stem == REDIS or path.stem.startswith("worker-"))
    )


def commands(run: Path) -> dict[str, list[str]]:
    """Return how each of them is started; `run` is the folder of records and logs."""
    if not count():
        return {}
    worker = [sys.executable, "-m", "airflow", "celery", "worker", "--concurrency", AT_ONCE]
    quiet = ["--skip-serve-logs", "--without-gossip", "--without-mingle"]  # workers need not know each other
    started = {name: [*worker, *quiet, "--celery-hostname", f"{name}@%h"] for name in names()[1:]}
    return {REDIS: [_redis_server(), str(run / "redis.conf")], **started}


def settings(port: int, secret: str) -> dict[str, str]:
    """Return what Airflow must know to reach the workers."""
    if not count():
        return {}
    url = f"redis://:{_password(secret)}@127.0.0.1:{port}"
    return {"CORE__EXECUTOR": "CeleryExecutor", "CELERY__BROKER_URL": f"{url}/0", "CELERY__RESULT_BACKEND": f"{url}/1"}


def configure(run: Path, port: int, secret: str) -> None:
    """Write the configuration of Redis, for its owner only: it holds the password."""
    lines = ["bind 127.0.0.1", f"port {port}", f"requirepass {_password(secret)}", 'save ""', "appendonly no"]
    keyring.write_private(run / "redis.conf", "\n".join([*lines, f"dir {run}", ""]))


def _password(secret: str) -> str:
    return hashlib.sha256(f"redis {secret}".encode()).hexdigest()


def _redis_server() -> str:
    if found := shutil.which("redis-server"):
        return found
    raise LaunchError(
        f"{VARIABLE} asks for {count()} workers, which need Redis. Found: no `redis-server` on PATH. Expected: Redis 6 "
        "or later. Install it (Debian and Ubuntu: the package redis-server), or unset the variable."
    )
