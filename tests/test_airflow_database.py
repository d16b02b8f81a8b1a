"""The URL of Airflow's own database: a database of its own, and an end for transactions that nobody goes on with."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from xinyong import airflow_database, launcher

WAREHOUSE = "postgresql+psycopg2://clerk:word@db.example:5432/credit"


@pytest.fixture(autouse=True)
def _world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINYONG_VAR", str(tmp_path))
    monkeypatch.setenv("XINYONG_DATABASE_URL", WAREHOUSE)


def test_airflow_speaks_psycopg_3_to_a_database_of_its_own(tmp_path: Path) -> None:
    url, _, options = launcher.environment()["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].partition("?")
    assert url == "postgresql+psycopg://clerk:word@db.example:5432/airflow"
    assert options == "options=-cidle_in_transaction_session_timeout%3D120s"


def test_a_transaction_that_a_killed_scheduler_left_to_its_tasks_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_database_url: str
) -> None:
    monkeypatch.setenv(airflow_database.VARIABLE, empty_database_url)
    made = sa.create_engine(airflow_database.url(tmp_path))
    with made.connect() as session:
        assert session.execute(sa.text("SHOW idle_in_transaction_session_timeout")).scalar_one() == "2min"
    made.dispose()


def test_what_a_url_of_the_environment_says_itself_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(airflow_database.VARIABLE, "postgresql://db.example/airflow?options=-cwork_mem%3D1MB")
    assert airflow_database.url(tmp_path) == "postgresql+psycopg://db.example/airflow?options=-cwork_mem%3D1MB"
