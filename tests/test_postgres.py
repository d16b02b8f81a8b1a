"""The embedded server: starts from nothing, is found again, survives what happens to processes, leaves nothing."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg2
import pytest

from tests.conftest import shared
from xinyong.errors import SettingsError, WarehouseError
from xinyong.postgres import EmbeddedPostgres, ExternalPostgres, server
from xinyong.postgres.account import UNPRIVILEGED
from xinyong.postgres.programs import BINARIES, PARTS, programs_in, wheel_folder


@pytest.fixture
def var() -> Iterator[Path]:
    """A folder that the server's user can reach, whoever runs the tests; the server in it ends with the test."""
    with tempfile.TemporaryDirectory(prefix="xinyong-server-") as folder:
        Path(folder).chmod(0o711)
        path = Path(folder) / "var"
        path.mkdir(mode=0o711)
        yield path
        EmbeddedPostgres(path).remove()


def value(url: str, question: str) -> str:
    connection = psycopg2.connect(url.replace("+psycopg2", ""))
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            return str(cursor.fetchone()[0])
    finally:
        connection.close()


def postmaster(running: EmbeddedPostgres) -> psutil.Process:
    return psutil.Process(int((running.data / "postmaster.pid").read_text().split()[0]))


def test_starts_from_nothing_and_stops(var: Path) -> None:
    with EmbeddedPostgres(var, durable=False) as running:
        assert running.running()
        assert value(running.url("postgres"), "SHOW listen_addresses") == "127.0.0.1"
    assert not running.running()


def test_starting_twice_is_the_same_server(postgres: EmbeddedPostgres) -> None:
    second = EmbeddedPostgres(shared(), durable=False)
    assert second.start() is False
    assert postgres.url("postgres") == second.url("postgres")


@pytest.mark.proofs
def test_starting_at_the_same_time_starts_one(var: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda _: EmbeddedPostgres(var, durable=False).start(), range(4)))
    assert sorted(started) == [False, False, False, True]


def test_only_who_started_it_stops_it(postgres: EmbeddedPostgres) -> None:
    with EmbeddedPostgres(shared(), durable=False):
        pass
    assert postgres.running()


@pytest.mark.proofs
def test_a_failure_inside_stops_it_too(var: Path) -> None:
    running = EmbeddedPostgres(var, durable=False)
    with pytest.raises(ZeroDivisionError), running:
        _ = 1 / 0
    assert not running.running()


@pytest.mark.proofs
def test_data_port_and_password_are_there_after_a_restart(var: Path) -> None:
    with EmbeddedPostgres(var, durable=False) as running:
        running.create_database("kept")
        url = running.url("kept")
    with EmbeddedPostgres(var, durable=False) as again:
        assert again.url("kept") == url
        assert value(url, "SELECT current_database()") == "kept"


def test_a_killed_server_comes_back(var: Path) -> None:
    running = EmbeddedPostgres(var)
    running.start()
    running.create_database("kept")
    process = postmaster(running)
    process.kill()
    psutil.wait_procs([process], timeout=10)
    assert not running.running()
    assert running.start() is True
    assert value(running.url("kept"), "SELECT current_database()") == "kept"


@pytest.mark.proofs
def test_a_stale_process_number_that_belongs_to_another_program_is_no_server(var: Path) -> None:
    with EmbeddedPostgres(var, durable=False) as running:
        lines = (running.data / "postmaster.pid").read_text().splitlines()
    lines[0] = str(os.getpid())
    (running.data / "postmaster.pid").write_text("\n".join(lines) + "\n")
    assert not running.running()
    assert running.start() is True


@pytest.mark.proofs
def test_a_taken_port_is_replaced(var: Path) -> None:
    running = EmbeddedPostgres(var, durable=False)
    with running:
        before = running.url("postgres")
    with socket.create_server(("127.0.0.1", int(before.rsplit(":", 1)[1].split("/")[0]))), running:
        assert running.url("postgres") != before
        assert value(running.url("postgres"), "SELECT 1") == "1"


def test_nobody_enters_without_the_password(postgres: EmbeddedPostgres) -> None:
    url = postgres.url("postgres")
    password = url.split(":")[2].split("@")[0]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        value(url.replace(password, "guessed"), "SELECT 1")
    assert stat.S_IMODE((shared() / "postgres" / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE(postgres.data.stat().st_mode) == 0o700


def test_the_password_is_in_no_command_line_and_no_log(postgres: EmbeddedPostgres) -> None:
    password = postgres.url("postgres").split(":")[2].split("@")[0]
    assert password not in " ".join(postmaster(postgres).cmdline())
    assert password not in postgres.log.read_text()
    assert [path.name for path in postgres.data.parent.iterdir() if path.name.startswith("password")] == []


def test_databases_are_made_copied_and_dropped(postgres: EmbeddedPostgres) -> None:
    assert postgres.create_database("made") is True
    assert postgres.create_database("made") is False
    assert postgres.create_database("made_again", template="made") is True
    for name in ("made", "made_again", "made_again"):
        postgres.drop_database(name)
    with pytest.raises(psycopg2.OperationalError, match="does not exist"):
        value(postgres.url("made_again"), "SELECT 1")


@pytest.mark.parametrize("name", ["", "Upper", "1st", 'a"; DROP DATABASE b; --', "库"])
def test_a_database_name_that_needs_quoting_is_refused(postgres: EmbeddedPostgres, name: str) -> None:
    with pytest.raises(SettingsError, match="cannot be called"):
        postgres.create_database(name)


@pytest.mark.proofs
def test_a_failed_start_says_why_and_leaves_nothing_running(var: Path) -> None:
    running = EmbeddedPostgres(var, durable=False)
    running._settings = {"shared_buffers": "nonsense"}
    with pytest.raises(WarehouseError, match="invalid value for parameter"):
        running.start()
    assert not running.running()


@pytest.mark.proofs
def test_data_of_another_version_is_named(var: Path) -> None:
    with EmbeddedPostgres(var, durable=False) as running:
        pass
    (running.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(SettingsError, match=r"Found: version 9; expected: 1\d"):
        running.start()


def test_the_url_of_a_server_that_never_ran_says_what_to_do(var: Path) -> None:
    with pytest.raises(WarehouseError, match="make up"):
        EmbeddedPostgres(var).url("postgres")


def test_a_server_of_others_replaces_ours(
    monkeypatch: pytest.MonkeyPatch, postgres: EmbeddedPostgres, var: Path
) -> None:
    monkeypatch.setenv("XINYONG_DATABASE_URL", postgres.url("postgres"))
    with server(var) as chosen:
        assert isinstance(chosen, ExternalPostgres)
        assert chosen.url("airflow") == postgres.url("airflow")
        assert chosen.create_database("of_others") is True
        chosen.drop_database("of_others")
    assert postgres.running()
    assert not (var / "postgres").exists()


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")


@pytest.fixture
def private(var: Path) -> Path:
    """A folder that nobody but its owner enters, like the home of root."""
    folder = var / "private"
    folder.mkdir(mode=0o700)
    return folder


@pytest.mark.proofs
@needs_root
def test_root_never_opens_a_private_folder(private: Path, var: Path) -> None:
    with EmbeddedPostgres(private / "var", durable=False, outside=var / "outside") as running:
        assert running.data.is_relative_to(var / "outside")
        assert postmaster(running).username() in UNPRIVILEGED
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    running.remove()
    assert list((var / "outside").iterdir()) == []


@pytest.mark.proofs
@needs_root
def test_a_new_var_begins_anew_where_the_old_data_lay_outside(private: Path, var: Path) -> None:
    with EmbeddedPostgres(private, durable=False, outside=var / "outside") as running:
        running.create_database("old")
    (private / "postgres" / "password").unlink()
    with EmbeddedPostgres(private, durable=False, outside=var / "outside") as anew:
        assert anew.create_database("old") is True


def copy_wheel(folder: Path) -> Path:
    for part in PARTS:
        shutil.copytree(wheel_folder() / part, folder / part, symlinks=True)
    return folder


@pytest.mark.proofs
@needs_root
def test_programs_in_a_private_folder_are_copied_whole(private: Path, var: Path) -> None:
    programs = programs_in(copy_wheel(private), var, dropping=True)
    assert not programs.is_relative_to(private)
    with EmbeddedPostgres(var, durable=False, programs=programs) as running:
        assert Path(postmaster(running).exe()).is_relative_to(var)


@pytest.mark.proofs
@needs_root
def test_programs_that_the_user_cannot_reach_are_named(private: Path, var: Path) -> None:
    programs = copy_wheel(private) / BINARIES
    with pytest.raises(WarehouseError, match="initdb: Permission denied"):
        EmbeddedPostgres(var, programs=programs).start()


def start_as_nobody(var: Path, programs: Path) -> None:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    with EmbeddedPostgres(var, durable=False, programs=programs) as running:
        assert value(running.url("postgres"), "SELECT current_user") == "xinyong"
        assert postmaster(running).uids().real == 65534
    assert not running.running()


@pytest.mark.proofs
@needs_root
def test_an_ordinary_user_needs_no_root(var: Path) -> None:
    programs = copy_wheel(var) / BINARIES
    os.chown(var, 65534, 65534)
    child = multiprocessing.get_context("fork").Process(target=start_as_nobody, args=(var, programs))
    child.start()
    child.join(60)
    assert child.exitcode == 0
