"""A MariaDB server for tests, where its programs are installed: in a folder of its own, on a free port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.conftest import shared

SECONDS = 180  # a busy machine starts a server slowly


@contextmanager
def mariadb_running(folder: Path):
    """Run a server; yield the URL of an empty database. Skips where MariaDB is not installed."""
    server, installer = shutil.which("mariadbd") or shutil.which("mysqld"), shutil.which("mariadb-install-db")
    if not server or not installer:
        pytest.skip("MariaDB is not installed here (mariadbd and mariadb-install-db); the channel was tried on another")
    data, log = folder / "data", folder / "server.log"
    user = ["--user=mysql"] if os.geteuid() == 0 else []
    give = ["--no-defaults", f"--datadir={data}", *user]
    if user:  # the server of root runs as another user, who must get through
        for place in (folder, *folder.parents):
            if shared() in place.parents:
                place.chmod(place.stat().st_mode | 0o011)
        data.mkdir()
        shutil.chown(data, "mysql")
    subprocess.run(
        [installer, *give, "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True,
        capture_output=True,
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={data}/s", f"--pid-file={data}/pid"]
    quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M"]
    with log.open("wb") as written:
        process = subprocess.Popen([server, *give, *options, *quick], stdout=written, stderr=written)
    try:
        yield _reachable(f"mysql+pymysql://root@127.0.0.1:{port}/", process, log)
    finally:
        process.terminate()
        process.wait(SECONDS)


def _reachable(url: str, process: subprocess.Popen, log: Path) -> str:
    engine, end = sa.create_engine(url), time.monotonic() + SECONDS
    while True:
        try:
            with engine.begin() as connection:
                connection.execute(sa.text("CREATE DATABASE exchange CHARACTER SET utf8mb4"))
            return f"{url}exchange".replace("mysql+pymysql", "mysql")
        except sa.exc.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(log.read_text("utf-8", "replace")[-2000:]) from None
            time.sleep(0.1)
        finally:
            engine.dispose()
