"""The server in our own hands: its files, its port, its start and its end."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import psutil

from xinyong.errors import SettingsError, WarehouseError
from xinyong.postgres.account import reachable_folder, unprivileged_user
from xinyong.postgres.databases import create_database, drop_database
from xinyong.postgres.programs import programs_in, wheel_folder
from xinyong.settings import postgres_programs

OWNER = "xinyong"
OUTSIDE = Path("/var/lib/xinyong")
WAIT_SECONDS = "60"  # a crash recovery after a large load takes longest; a normal start takes less than one
ORPHANS_SECONDS = 10  # sessions notice at their next step that their server is gone

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path is limited to 107 bytes, which a deep clone exceeds
    "max_connections": "200",  # Airflow's parts keep pools of their own besides the tasks and the sandbox
    "shared_buffers": "256MB",  # a night's batches stay in memory, and a laptop with 4 GB still works
    "work_mem": "64MB",  # the set-based statements sort and hash whole batches, few at a time
    "maintenance_work_mem": "256MB",  # indexes of the history are built in one pass
    "max_wal_size": "4GB",  # a first load of a million records forces no checkpoint halfway
    "checkpoint_timeout": "15min",
    "wal_level": "minimal",  # nothing replicates from an embedded server; filling a new table writes no log
    "max_wal_senders": "0",
    "random_page_cost": "1.1",  # data lies on flash nowadays
    "jit": "off",  # compiling costs more than it saves in statements of some seconds
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """
    A server of our own, whose whole state lies in files.

    Any number of processes may hold an `EmbeddedPostgres` of the same `var`; they all mean the same server. Used as a
    context manager, it stops the server only when it was the one that started it.
    """

    def __init__(
        self,
        var: Path,
        *,
        programs: Path | None = None,
        durable: bool = True,
        outside: Path = OUTSIDE,
        initial: Sequence[str] = (),
    ) -> None:
        """
        Take the folder of everything at run time.

        `durable=False` trades crash safety for speed, in tests; `initial` are further options of `initdb`.
        """
        self._initial = initial
        self._secrets = var.resolve() / "postgres"
        self._user = unprivileged_user() if os.geteuid() == 0 else None
        self._folder = reachable_folder(self._secrets, self._user, outside)
        self._server = self._folder / "server"
        self._given_programs = programs or postgres_programs()
        self._settings = SETTINGS if durable else SETTINGS | NOT_DURABLE
        self._started_here = False

    @property
    def data(self) -> Path:
        """The data directory."""
        return self._server / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self._server / "server.log"

    def start(self) -> bool:
        """Start the server unless it runs; say whether this call started it."""
        with self._locked():
            if self.running():
                return False
            self._prepare()
            self._started_here = True
            try:
                self._launch()
            except BaseException:
                self._halt()
                raise
        return True

    def stop(self) -> None:
        """Stop the server, whoever started it; nothing happens when it does not run."""
        if self._secrets.exists():
            with self._locked():
                self._halt()

    def remove(self) -> None:
        """Stop the server and delete all its files, data included."""
        self.stop()
        for folder in (self._folder, self._secrets):
            shutil.rmtree(folder, ignore_errors=True)

    def running(self) -> bool:
        """Say whether this very server runs; the process number in a stale file may belong to another one by now."""
        pid = self._recorded_pid()
        return pid is not None and _serves(pid, self.data)

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of one of its databases."""
        try:
            password = (self._secrets / "password").read_text()
            port = (self._secrets / "port").read_text()
        except FileNotFoundError as error:
            raise WarehouseError(
                f"The embedded PostgreSQL of {self._secrets} has never run. Found: no {error.filename}; expected: what "
                f"a first start leaves. Start it with `make up`, or set XINYONG_DATABASE_URL to your own server."
            ) from error
        return f"postgresql+psycopg2://{OWNER}:{password}@127.0.0.1:{port}/{database}"

    def create_database(self, name: str, template: str | None = None) -> bool:
        """Create a database, empty or as a copy; say whether it was missing."""
        return create_database(self.url("postgres"), name, template)

    def drop_database(self, name: str) -> None:
        """Drop a database and end the sessions that are in it."""
        drop_database(self.url("postgres"), name)

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._started_here:
            self.stop()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time start or stop this server."""
        self._secrets.mkdir(parents=True, exist_ok=True, mode=0o711)
        with (self._secrets / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _prepare(self) -> None:
        """Make folders, programs, password and data as far as they are missing."""
        if self._folder != self._secrets and not (self._secrets / "password").exists():
            shutil.rmtree(self._folder, ignore_errors=True)  # what a `var` left that is gone: nobody can open it
        self._server.mkdir(parents=True, exist_ok=True, mode=0o711)
        self._give_away(self._server, 0o700)
        _write_secret(self._secrets / "password", secrets.token_urlsafe(24))
        if not self.data.exists():
            self._initialise()
        self._refuse_other_version()
        self._bury_the_dead()

    def _bury_the_dead(self) -> None:
        """
        Remove the process number of a server that was killed, when another program or a zombie has that number.

        PostgreSQL itself would stand back for any such process. It needs the file, though, to see whether orphans of
        the dead server still use its memory, so they end first; a file whose number is free is left to PostgreSQL.
        """
        pid = self._recorded_pid()
        if pid is None:
            return
        _, left = psutil.wait_procs(_working_in(self.data), timeout=ORPHANS_SECONDS)
        if left:
            raise WarehouseError(
                f"A PostgreSQL server in {self.data} was killed, and its sessions are still at work. Found: processes "
                f"{', '.join(str(process.pid) for process in left)}. Expected: none. Wait for them, or end them."
            )
        if psutil.pid_exists(pid):
            (self.data / "postmaster.pid").unlink()

    def _initialise(self) -> None:
        """Create the data directory; it gets its name only when it is complete."""
        unfinished, password = self._server / "data.unfinished", self._server / "password.once"
        shutil.rmtree(unfinished, ignore_errors=True)
        password.unlink(missing_ok=True)
        _write_secret(password, (self._secrets / "password").read_text())
        self._give_away(password, 0o600)
        try:
            self._run(
                "initdb",
                f"--pgdata={unfinished}",
                f"--username={OWNER}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--no-locale",  # the same order on every machine; libraries of locales differ
                *self._initial,
            )
        finally:
            password.unlink(missing_ok=True)
        unfinished.rename(self.data)

    def _launch(self) -> None:
        """Start on the known port, or on a new one when another program has taken it meanwhile."""
        self._choose_port()
        options = {**self._settings, "port": (self._secrets / "port").read_text()}
        self._run(
            "pg_ctl",
            "start",
            f"--pgdata={self.data}",
            f"--log={self.log}",
            "--wait",
            f"--timeout={WAIT_SECONDS}",
            "--options=" + " ".join(f"-c {name}='{value}'" for name, value in options.items()),
        )

    def _halt(self) -> None:
        """Stop the server; sessions that are still open are ended."""
        if self.running():
            self._run("pg_ctl", "stop", f"--pgdata={self.data}", "--mode=fast", "--wait", f"--timeout={WAIT_SECONDS}")

    def _choose_port(self) -> None:
        path = self._secrets / "port"
        if not (path.exists() and _is_free(int(path.read_text()))):
            path.write_text(str(_free_port()))

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n")[0])
        except (OSError, ValueError):
            return None

    def _refuse_other_version(self) -> None:
        """Stop before PostgreSQL's own refusal, which does not say what to do."""
        found = (self.data / "PG_VERSION").read_text().strip()
        expected = re.findall(r"\d+", self._run("postgres", "--version"))[0]
        if found != expected:
            raise SettingsError(
                f"The data in {self.data} is of another PostgreSQL. Found: version {found}; expected: {expected}, that "
                f"of the programs. Set XINYONG_POSTGRES_BIN to those of version {found}, or begin anew: `make clean`."
            )

    def _programs(self) -> Path:
        """Return the folder of PostgreSQL's programs."""
        if self._given_programs:
            return self._given_programs
        return programs_in(wheel_folder(), self._folder, dropping=self._user is not None)

    def _give_away(self, path: Path, mode: int) -> None:
        """Hand a path of ours to the server's user."""
        path.chmod(mode)
        if self._user is not None:
            os.chown(path, self._user.pw_uid, self._user.pw_gid)

    def _run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs as the server's user and return what it printed."""
        path = self._programs() / program
        try:
            result = subprocess.run(  # noqa: S603 – our own programs with our own arguments, no shell
                [str(path), *arguments],
                user=self._user and self._user.pw_uid,
                group=self._user and self._user.pw_gid,
                extra_groups=None if self._user is None else [],
                cwd=self._server,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        except OSError as error:
            raise self._failed(program, f"{path}: {error.strerror}") from error
        if result.returncode != 0:
            raise self._failed(program, f"{(result.stderr or result.stdout).strip()} {self._last_words()}")
        return result.stdout

    def _failed(self, program: str, found: str) -> WarehouseError:
        return WarehouseError(
            f"PostgreSQL's `{program}` failed for {self._server}. Found: {found.strip()} "
            f"Expected: a server for the warehouse. Read {self.log}, or set XINYONG_DATABASE_URL to your own server."
        )

    def _last_words(self) -> str:
        """Return the end of the server's log, which holds the reason of a failed start."""
        if not self.log.exists():
            return ""
        lines = self.log.read_text(errors="replace").splitlines()[-5:]
        return f"The log ends: {' / '.join(lines)}. "


def _serves(pid: int, data: Path) -> bool:
    """Say whether a process is the PostgreSQL server of a data directory."""
    try:
        return str(data) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False


def _working_in(folder: Path) -> list[psutil.Process]:
    """Return the processes whose current folder is the given one, which for PostgreSQL's is their data directory."""
    return [process for process in psutil.process_iter(["cwd"]) if process.info["cwd"] == str(folder)]


def _write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner reads, unless it exists."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a connection that just ended blocks nobody
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
