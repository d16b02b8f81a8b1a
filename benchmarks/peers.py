"""
What others need for the same rows: dlt's `scd2` over Arrow, and COPY with `dbt snapshot`.

Both live in an environment of their own, made once under `var/peers` (or XINYONG_PEERS), never in this project's lock.
Neither checks anything. Their times are those they state themselves: without starting Python, and with COPY for dbt.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

PROJECT = Path(__file__).resolve().parents[1]
PACKAGES = ("dlt[postgres]>=1.31,<1.32", "pyarrow", "pandas", "dbt-core<1.12", "dbt-postgres<1.11")
DLT = """
import sys, time
import dlt
import pyarrow
import pyarrow.csv
from dlt.sources.helpers.transform import add_row_hash_to_table

path, url, folder = sys.argv[1:]
columns = open(path, encoding="utf-8").readline().strip().split(",")
options = pyarrow.csv.ConvertOptions(
    column_types={name: pyarrow.string() for name in columns}, strings_can_be_null=True
)
scd2 = {"disposition": "merge", "strategy": "scd2", "row_version_column_name": "row_hash"}

@dlt.resource(name="penalty", write_disposition=scd2)
def penalty():
    yield pyarrow.csv.read_csv(path, convert_options=options)

loaded = dlt.pipeline(
    "bench", destination=dlt.destinations.postgres(url), dataset_name="dlt_bench", pipelines_dir=folder
)
began = time.perf_counter()
loaded.run(penalty().add_map(add_row_hash_to_table("row_hash")))
print("seconds", time.perf_counter() - began)
"""
SNAPSHOT = """
{% snapshot penalty_versions %}
{{ config(target_schema='dbt_bench', unique_key='cf_wsh', strategy='check', check_cols='all') }}
select * from dbt_bench.penalty
{% endsnapshot %}
"""


@dataclass(frozen=True, slots=True)
class Peers:
    """The peers' own environment, and a folder for what they keep between two loads."""

    python: Path
    folder: Path
    url: str

    def dlt(self, path: Path) -> float:
        """Load a file as slowly changing rows; return dlt's seconds."""
        command = [str(self.python), "-c", DLT, str(path), self._plain_url(), str(self.folder / "dlt")]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=self._environment())
        return float(done.stdout.rpartition("seconds ")[2])

    def dbt(self, path: Path, codes: list[str]) -> float:
        """Load a file by COPY and take a snapshot of it; return the seconds of both."""
        copied = _copy(path, codes)
        project = self._project()
        command = [str(self.python.with_name("dbt")), "snapshot", "--project-dir", str(project)]
        command += ["--profiles-dir", str(project)]
        subprocess.run(command, check=True, capture_output=True, env=self._environment(), cwd=project)
        return copied + float(json.loads((project / "target" / "run_results.json").read_text())["elapsed_time"])

    def _plain_url(self) -> str:
        return make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PYTHON"))}
        return kept | {"RUNTIME__DLTHUB_TELEMETRY": "false", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}

    def _project(self) -> Path:
        project = self.folder / "dbt"
        (project / "snapshots").mkdir(parents=True, exist_ok=True)
        (project / "snapshots" / "penalty.sql").write_text(SNAPSHOT)
        (project / "dbt_project.yml").write_text("name: bench\nversion: '1.0'\nconfig-version: 2\nprofile: bench\n")
        url = make_url(self.url)
        target = {
            "type": "postgres",
            "host": url.host,
            "port": url.port,
            "user": url.username,
            "password": url.password,
            "dbname": url.database,
            "schema": "dbt_bench",
            "threads": 1,
        }
        profile = {"bench": {"target": "it", "outputs": {"it": target}}}
        (project / "profiles.yml").write_text(json.dumps(profile))  # JSON is YAML
        return project


def peers(folder: Path, url: str) -> Peers:
    """Make the peers' environment unless it is there."""
    home = Path(os.environ.get("XINYONG_PEERS", PROJECT / "var" / "peers"))
    python = home / "bin" / "python"
    if not (home / "complete").exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--clear", str(home)], check=True)
        subprocess.run([*uv, "pip", "install", "--quiet", "--python", str(python), *PACKAGES], check=True)
        (home / "complete").touch()
    return Peers(python, folder, url)


def _copy(path: Path, codes: list[str]) -> float:
    """Put a file as it is into the table that dbt reads; return the seconds."""
    from xinyong.database import connected

    with connected() as connection:
        cursor = connection.connection.cursor()
        cursor.execute("CREATE SCHEMA IF NOT EXISTS dbt_bench")
        cursor.execute(f"CREATE TABLE IF NOT EXISTS dbt_bench.penalty ({', '.join(f'{code} text' for code in codes)})")
        cursor.execute("TRUNCATE dbt_bench.penalty")
        with path.open("rb") as file:
            began = time.perf_counter()
            cursor.copy_expert("COPY dbt_bench.penalty FROM STDIN WITH (FORMAT csv, HEADER)", file)
    return time.perf_counter() - began
