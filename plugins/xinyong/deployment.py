"""
What a deployment needs once before its parts start: databases, tables, Airflow's metadata, pools, the administrator.

Run by the service `init` of docker-compose.yaml as `python -m xinyong.deployment`. Every step may be repeated, so the
service runs again at each start and after each new version.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from xinyong import names
from xinyong.catalogue import Catalogue, catalogue
from xinyong.database import migrate
from xinyong.errors import LaunchError
from xinyong.postgres import create_database
from xinyong.settings import administrator_password, settings

ADMINISTRATOR = "admin"
DATABASES = ("airflow", "enforcement")  # beside the warehouse: Airflow's metadata, and the sandbox's vendor system


def prepare() -> None:
    """Bring databases and Airflow to the state in which every other part can start."""
    url, password = settings().database_url, administrator_password()
    for database in DATABASES:
        create_database(url, database)
    migrate(url)
    _airflow("db", "migrate")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pools.json"
        path.write_text(json.dumps(pools(catalogue())))
        _airflow("pools", "import", str(path))
    create_administrator(password)


def pools(declared: Catalogue) -> dict[str, dict[str, object]]:
    """Return the pools that limit the calls to each platform, as Airflow imports them."""
    return {
        names.pool(platform.name): {
            "slots": platform.calls_at_once,
            "description": f"calls at once to {platform.title.en}",
            "include_deferred": False,
        }
        for platform in declared.platforms.values()
    }


def create_administrator(password: str) -> None:
    """Create the first user of Airflow's pages; one that exists stays as it is."""
    user = ["--username", ADMINISTRATOR, "--role", "Admin", "--email", f"{ADMINISTRATOR}@localhost"]
    name = ["--firstname", "Airflow", "--lastname", "Administrator"]
    # Asked for twice, and answered there: a command line would show the password to every process of the machine.
    _airflow("users", "create", *user, *name, answers=f"{password}\n{password}\n")


def _airflow(*arguments: str, answers: str = "") -> None:
    """Run one of Airflow's commands; what it prints is shown where this program's output is."""
    command = [sys.executable, "-m", "airflow", *arguments]
    # In a session of its own it has no terminal to ask, and takes the answers from here.
    result = subprocess.run(command, input=answers, text=True, check=False, start_new_session=True)  # noqa: S603 – ours
    if result.returncode != 0:
        raise LaunchError(
            f"`airflow {' '.join(arguments)}` failed. Found: exit code {result.returncode}; expected: 0. "
            f"Its own words stand above. Mend the cause and start again; every step may be repeated."
        )


if __name__ == "__main__":
    prepare()
