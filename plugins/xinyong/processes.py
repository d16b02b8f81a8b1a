"""
Background processes that outlive the command which started them, and that can be stopped without doubt.

Each is the leader of its own process group and leaves a record `<name>.pid` with its number and its moment of birth, so
that a number which the machine has given to another program meanwhile is recognised and left alone.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

SAME_MOMENT = 2.0  # seconds; how far two readings of one process's birth may differ


@dataclass(frozen=True, slots=True)
class Process:
    """A named background process, running or not; `record` and `log` are its files."""

    name: str
    record: Path
    log: Path

    def start(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        """Start it in a group of its own and write its record; its log begins anew."""
        for path in (self.record, self.log):
            path.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            child = subprocess.Popen(  # noqa: S603 – our own commands, no shell
                command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        child.returncode = 0  # it outlives this object on purpose, which would warn otherwise
        born = psutil.Process(child.pid).create_time()
        self.record.write_text(json.dumps({"pid": child.pid, "born": born, "command": list(command)}))

    def leader(self) -> psutil.Process | None:
        """Return the running process of the record; None when it has ended or its number belongs to another program."""
        try:
            record = json.loads(self.record.read_text())
            process = psutil.Process(record["pid"])
            same = abs(process.create_time() - record["born"]) < SAME_MOMENT
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except (OSError, ValueError, KeyError, TypeError, psutil.Error):
            return None

    def family(self) -> list[psutil.Process]:
        """Return all that lives of it: its group and every descendant, also after the leader has gone."""
        pid = self._group()
        if pid is None:
            return []
        group = [process for process in psutil.process_iter() if _group_of(process) == pid]
        leader = self.leader()
        with suppress(psutil.NoSuchProcess):
            group += leader.children(recursive=True) if leader else []
        return list({process.pid: process for process in group}.values())

    def tail(self, lines: int = 15) -> str:
        """Return the end of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", errors="replace").splitlines()[-lines:])

    def _group(self) -> int | None:
        """Return the number of its group, unless a younger program is its leader now."""
        try:
            pid = int(json.loads(self.record.read_text())["pid"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        taken = psutil.pid_exists(pid) and self.leader() is None and not _is_zombie(pid)
        return None if taken else pid


def stop(processes: Iterable[Process], patience: float) -> None:
    """Ask all of them to end, wait at most `patience` seconds, then end what is left; their records vanish."""
    processes = list(processes)
    families = {process.name: process.family() for process in processes}
    everyone = [member for family in families.values() for member in family]
    for process in processes:
        if leader := process.leader():
            _tell([leader], signal.SIGTERM)
    _wait_for(everyone, patience)
    _tell(everyone + [member for process in processes for member in process.family()], signal.SIGKILL)
    psutil.wait_procs(everyone, timeout=5)
    for process in processes:
        process.record.unlink(missing_ok=True)


def _wait_for(everyone: list[psutil.Process], patience: float) -> None:
    """Wait until all have ended; children of this very process are reaped on the way."""
    end = time.monotonic() + patience
    while time.monotonic() < end and any(member.is_running() and not _is_zombie(member.pid) for member in everyone):
        time.sleep(0.05)
        _reap(everyone)


def _reap(everyone: list[psutil.Process]) -> None:
    for member in everyone:
        with suppress(ChildProcessError):
            os.waitpid(member.pid, os.WNOHANG)


def _tell(members: Iterable[psutil.Process], number: signal.Signals) -> None:
    for member in members:
        with suppress(psutil.NoSuchProcess):
            member.send_signal(number)  # psutil refuses when the number belongs to another program by now


def _group_of(process: psutil.Process) -> int | None:
    try:
        return os.getpgid(process.pid)
    except OSError:
        return None


def _is_zombie(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
