"""The containers run what the native start runs: commands and variables are held against the launcher's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from xinyong import airflow_database, launcher, workers
from xinyong.catalogue import catalogue

PROJECT = Path(__file__).resolve().parents[1]
COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "xinyong"]
PIPELINE = [name for name in OURS if name != "portal"]

# Variables on one side only, each with the reason.
ONLY_NATIVE = {
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "containers have Airflow's real user management",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": "containers have Airflow's real user management",
}
ONLY_CONTAINERS = {
    "AIRFLOW__CORE__AUTH_MANAGER": "the real user management; one machine's own user needs none",
    "XINYONG_ADMIN_PASSWORD": "only for the service that creates the first user",
    "XINYONG_SANDBOX_HOST": "other containers must reach the sandbox",
    "XINYONG_SANDBOX_PORT": "connections are written down before the sandbox runs",
    "XINYONG_SANDBOX_SECRET": "connections are written down before the sandbox runs",
}


def connections() -> set[str]:
    declared = catalogue()
    names = {feed.source.connection for feed in declared.feeds.values()}
    names |= {platform.connection for platform in declared.platforms.values()}
    return {f"AIRFLOW_CONN_XINYONG_{name.upper()}" for name in names}


def example() -> dict[str, str]:
    """The variables of .env.example that must be filled in."""
    text = (PROJECT / ".env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", text, flags=re.MULTILINE))


@pytest.mark.parametrize("part", launcher.PARTS)
def test_a_part_runs_the_same_command(part: str) -> None:
    assert SERVICES[part]["command"] == ["python", *launcher.commands()[part][1:]]


def test_a_worker_runs_the_same_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(workers.VARIABLE, "1")
    monkeypatch.setattr("shutil.which", lambda program: program)
    native = workers.commands(PROJECT)["worker-1"]
    named = native.index("--celery-hostname")  # a container is a host of its own
    assert SERVICES["worker"]["command"] == ["python", *native[1:named], *native[named + 2 :]]


def test_what_celery_needs_starts_only_where_it_is_asked_for() -> None:
    asked = {name for name, service in SERVICES.items() if service.get("profiles") == ["celery"]}
    assert asked == {"redis", "worker"}
    assert "requirepass" in str(SERVICES["redis"]["command"])
    named = {name for service in asked for name in SERVICES[service].get("depends_on", {})}
    assert named == {"init", "api-server", "redis"}
    others = [service.get("depends_on", {}) for name, service in SERVICES.items() if name not in asked]
    assert [declared for declared in others if asked & set(declared)] == []


@pytest.mark.parametrize("service", PIPELINE)
def test_a_part_sees_the_same_variables(service: str, environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(workers.VARIABLE, "1")
    native = set(launcher.environment()) | connections()
    container = set(SERVICES[service]["environment"])
    assert native - container == set(ONLY_NATIVE)
    assert container - native <= set(ONLY_CONTAINERS)


SAME = (
    *("AIRFLOW__CORE__EXECUTOR", "AIRFLOW__CORE__PARALLELISM", "AIRFLOW__CORE__LOAD_EXAMPLES"),
    *("AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL", "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT"),
)


@pytest.mark.parametrize("name", SAME)
def test_a_setting_that_shapes_the_night_has_the_same_value(name: str, environment: Path) -> None:
    assert by_default(SERVICES["scheduler"]["environment"][name]) == launcher.environment()[name]


def test_a_transaction_that_a_killed_scheduler_left_ends_in_containers_too() -> None:
    asked = f"?options={quote(airflow_database.ENDS_LEFT_TRANSACTIONS, safe='')}"
    assert SERVICES["scheduler"]["environment"]["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].endswith(asked)


def by_default(value: str) -> str:
    """Return a value as it is when .env says nothing about it."""
    return re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value)


def test_every_exception_is_still_one() -> None:
    used = {name for service in PIPELINE for name in SERVICES[service]["environment"]}
    assert set(ONLY_CONTAINERS) <= used
    assert not set(ONLY_NATIVE) & used


def test_no_secret_stands_in_the_file() -> None:
    secret = re.compile(r"PASSWORD$|SECRET$|_KEY$|JWT_SECRET$")
    pairs = [pair for service in SERVICES.values() for pair in service.get("environment", {}).items()]
    values = [str(value) for name, value in pairs if secret.search(name)]
    assert values
    assert [value for value in values if not re.fullmatch(r"\$\{[A-Z_]+(:\?[^}]*|:-)?\}", value)] == []
    urls = re.findall(r"://[^:/\s]+:([^@/\s]+)@", (PROJECT / "docker-compose.yaml").read_text(encoding="utf-8"))
    assert [password for password in urls if not password.startswith("${")] == []


def test_the_example_tells_how_to_switch_to_celery() -> None:
    text = (PROJECT / ".env.example").read_text(encoding="utf-8")
    optional = set(re.findall(r"\$\{([A-Z_]+):-", (PROJECT / "docker-compose.yaml").read_text(encoding="utf-8")))
    assert optional <= set(re.findall(r"^#([A-Z_]+)=", text, flags=re.MULTILINE))
    assert "#COMPOSE_PROFILES=celery" in text


def test_the_example_names_every_variable_of_the_file_and_gives_away_none() -> None:
    asked = set(
        re.findall(r"\$\{([A-Z_]+)(?!:-|[A-Z_])", (PROJECT / "docker-compose.yaml").read_text(encoding="utf-8"))
    )
    assert set(example()) == asked
    assert [name for name, value in example().items() if value] == []


def test_every_setting_of_the_library_is_explained() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "plugins").rglob("*.py"))
    read = set(re.findall(r'"(XINYONG_[A-Z_]+[A-Z])"', sources))
    explained = set(re.findall(r"XINYONG_[A-Z_]+[A-Z]", (PROJECT / ".env.example").read_text(encoding="utf-8")))
    assert read - explained == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_checked_contained_and_started_again(service: str) -> None:
    declared = SERVICES[service]
    assert declared["restart"] == ("on-failure" if service == "init" else "unless-stopped")
    assert declared["cap_drop"] == ["ALL"]
    assert "healthcheck" in declared or service == "init"
    assert [port for port in declared.get("ports", []) if not port.startswith("127.0.0.1:")] == []


def test_data_outlives_the_containers() -> None:
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert mounted == set(COMPOSE["volumes"])


def test_only_the_api_answers_before_work_begins() -> None:
    for part in ("scheduler", "dag-processor"):
        assert SERVICES[part]["depends_on"]["api-server"] == {"condition": "service_healthy"}
    for part in ("api-server", "sandbox"):
        assert SERVICES[part]["depends_on"]["init"] == {"condition": "service_completed_successfully"}


def test_the_image_runs_as_an_ordinary_user_and_holds_no_secret() -> None:
    lines = (PROJECT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    last_stage = lines[max(index for index, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert "USER xinyong" in last_stage
    assert [line for line in lines if line.startswith("ARG ") or "PASSWORD" in line or "SECRET" in line] == []


def test_the_image_is_given_all_that_the_library_reads() -> None:
    given = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for name in ("catalogue", "dags", "expectations", "plugins", "sandbox", "sql"):
        assert f"!{name}" in given
