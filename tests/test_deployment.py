"""The step that prepares a deployment: what it makes, and that it may be repeated."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest

from xinyong.airflow_database import ENDS_LEFT_TRANSACTIONS
from xinyong.catalogue import catalogue
from xinyong.deployment import DATABASES, pools, prepare
from xinyong.errors import SettingsError
from xinyong.postgres import EmbeddedPostgres


def test_every_platform_has_its_pool() -> None:
    declared = catalogue()
    found = pools(declared)
    assert set(found) == {f"platform_{name}" for name in declared.platforms}
    assert {pool["slots"] for pool in found.values()} == {each.calls_at_once for each in declared.platforms.values()}


def test_a_missing_password_is_named_before_anything_is_done(
    environment: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.delenv("XINYONG_ADMIN_PASSWORD", raising=False)
    with pytest.raises(SettingsError, match="XINYONG_ADMIN_PASSWORD"):
        prepare()


@pytest.mark.proofs  # migrates Airflow by its own command line
def test_it_prepares_from_nothing_and_keeps_the_administrator(
    postgres: EmbeddedPostgres, environment: Path, empty_database_url: str
) -> None:
    asked = f"?options={quote(ENDS_LEFT_TRANSACTIONS, safe='')}"  # as docker-compose.yaml does
    metadata = postgres.url("airflow").replace("+psycopg2", "+psycopg") + asked
    variables = os.environ | {
        "XINYONG_DATABASE_URL": empty_database_url,
        "XINYONG_ADMIN_PASSWORD": "only-for-this-test",
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata,
    }
    try:
        again = "from xinyong.deployment import create_administrator as create; create('only-for-this-test')"
        for said, call in {
            'User "admin" created': ["-m", "xinyong.deployment"],
            "already exists": ["-c", again],
        }.items():
            command = [sys.executable, *call]
            done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr[-3000:]
            assert said in done.stdout
            assert "only-for-this-test" not in done.stdout + done.stderr
        assert {"platform_city", "platform_national", "platform_portal"} <= column(
            metadata, "SELECT pool FROM slot_pool"
        )
    finally:
        for name in DATABASES:
            postgres.drop_database(name)


def column(url: str, question: str) -> set[str]:
    connection = psycopg2.connect(url.replace("+psycopg", ""))
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            return {row[0] for row in cursor.fetchall()}
    finally:
        connection.close()
