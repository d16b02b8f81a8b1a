"""The register of commitments: what the counter's export looks like to those who open it, and how promises are kept."""

from __future__ import annotations

import csv
from pathlib import Path

from sandbox import commitments, story
from sandbox.world import World


def lines(world: World, night: int) -> list[dict[str, str]]:
    day = story.day_of(night)
    world.prepare(day)
    path: Path = world.counter_drop / f"commitment_{day:%Y%m%d}.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_numbers_stand_behind_a_tab_and_words_are_codes(world: World) -> None:
    rows = lines(world, 1)
    assert len(rows) == 100
    assert tuple(rows[0]) == commitments.HEADINGS
    assert all(row[name].startswith("\t") for row in rows for name in ("承诺流水号", "承诺编码", "统一社会信用代码"))
    assert {row["承诺人类型"] for row in rows} >= {"企业", "个体", "个人"}
    assert {row["履行状态"] for row in rows} <= {"0", "9"}, "nothing is kept on the first night; 9 is a planted defect"


def test_a_kept_promise_changes_its_state_and_makes_no_new_row(world: World) -> None:
    before = {row["承诺流水号"]: row for row in lines(world, 1)}
    now = {row["承诺流水号"]: row for row in lines(world, 2)}
    kept = [key for key in before if now[key]["履行状态"] == "1"]
    assert kept and all(before[key]["履行状态"] == "0" for key in kept)
    assert len(now) == len(before) + story.additions(story.COMMITMENT, 100, 2)
