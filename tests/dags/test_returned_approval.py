"""A large returned list asks a second person under a real scheduler; a small one beside it goes out at once."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import openpyxl
import pytest
from deliveries import a_penalty, day, rows, take_in
from test_correction_approval import RECORDS, answered, started, until
from test_kill import world

from tests.conftest import TEST_KEYS, WORLD, shared
from xinyong import launcher, names, stages
from xinyong.catalogue import catalogue
from xinyong.rectification import HEADING_ROW

FACTS = "未按期报送上年度能源利用状况报告"
LARGE, SMALL = "enforcement", "safety"


def dropped(section: str, bad: int, first: int) -> None:
    """Take records in of which some lack their facts, and drop the section's list with all of them filled in."""
    records = [a_penalty(first + at, **({"cf_sy": None} if at < bad else {})) for at in range(4 * bad)]
    take_in(f"{section}_penalty", day(1), records)
    stages.settle(f"{section}_penalty", day(1))
    (written,) = stages.rectify(day(1), launcher.var_dir() / "returned", section)
    book = openpyxl.load_workbook(written.path)
    for line in range(bad):
        book["整改清单"].cell(HEADING_ROW + 1 + line, 13).value = FACTS
    book.save(written.path)


def live(first: int) -> int:
    """Count the records that were let in with their facts filled in."""
    ((count,),) = rows(
        "SELECT count(*) FROM warehouse.penalty_current WHERE cf_sy = :facts AND cf_wsh LIKE :begin",
        facts=FACTS, begin=f"%〕{first}%",
    )  # fmt: skip
    return int(count)


def ended(dag_id: str) -> bool:
    """Say whether a DAG was started and has come to its end."""
    runs = launcher.api()._call("GET", f"dags/{dag_id}/dagRuns")["dag_runs"]
    return bool(runs) and all(run["state"] in ("success", "failed") for run in runs)


@pytest.mark.proofs(minutes=True)  # a whole Airflow
def test_a_large_list_waits_for_a_second_person_and_a_small_one_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, key in TEST_KEYS.items():
        monkeypatch.setenv(name, key)
    with world(shared() / f"{WORLD}returned", monkeypatch):
        call = launcher.api()._call
        dropped(LARGE, RECORDS, 1000)
        dropped(SMALL, 1, 2000)
        run = started(names.RETURNED, person="林建国")
        until(lambda: call("GET", run)["state"] in ("success", "failed"))
        assert call("GET", run)["state"] == "success"
        assert (live(1), live(2)) == (0, 1)
        for dag_id in (names.AGGREGATE, *map(names.publish, catalogue().platforms)):
            until(partial(ended, dag_id))
        ((number,),) = rows("SELECT correction_id FROM operation.correction WHERE needs_approval")
        asked = f"dags/{names.CORRECTION}/dagRuns/returned_{number}"
        assert answered(asked, "Approve", "entered")["apply"] == "success"
        assert (live(1), stages.find_corrections(number)[0].applied_by) == (RECORDS, "admin")
        folder = Path(launcher.var_dir()) / "returned"
        assert len(list((folder / "已接收").glob("*_回执.xlsx"))) == 2
