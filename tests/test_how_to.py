"""The how-to is right: its record type, printed in it file by file, is declared, landed, checked and stored."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from xinyong import stages
from xinyong.database import connected, migrate
from xinyong.settings import PROJECT

SECTION = (PROJECT / "docs" / "how-to.md").read_text("utf-8").split("## A record type\n")[1].split("\n## ")[0]
DAY = date(2026, 11, 24)


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)


@pytest.fixture
def followed(environment: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy catalogue and suites, and add the files that the section prints under the names it gives them."""
    for folder in ("catalogue", "expectations"):
        shutil.copytree(PROJECT / folder, environment / folder)
    for text in snippets("yaml"):
        (environment / text.splitlines()[0].removeprefix("# ")).write_text(text, "utf-8")
    (file,) = re.findall(r"`(patent_\d{8}\.csv)`", SECTION)
    (environment / file).write_text(snippets("csv")[0], "utf-8")
    (variable,) = re.findall(r"`(AIRFLOW_CONN_\w+)=file://[^`]*`", SECTION)
    monkeypatch.setenv(variable, f"file://{environment}")
    monkeypatch.setenv("XINYONG_CATALOGUE", str(environment / "catalogue"))
    monkeypatch.setenv("XINYONG_EXPECTATIONS", str(environment / "expectations"))
    return environment


def test_a_record_type_is_added_as_the_how_to_says(followed: Path) -> None:
    migrate()
    batch_id = stages.extract("approvals_patent", DAY)
    stages.check(batch_id, DAY)
    stages.store(batch_id, DAY)
    stages.settle("approvals_patent", DAY)
    stages.aggregate(DAY)
    with connected() as connection:
        assert connection.execute(sa.text("SELECT zlh FROM warehouse.patent_current")).scalars().all() == [
            "ZL202610000001"
        ]
        assert connection.execute(sa.text("SELECT rule_codes FROM quality.quarantine")).scalars().all() == [["PAT-R16"]]
        told = connection.execute(sa.text("SELECT DISTINCT rule_code FROM quality.rule_result")).scalars()
        assert {"PAT-R01-ZLH", "PAT-R06", "PAT-R15", "PAT-R27", "PAT-R30"} <= set(told)
