"""The list of the seriously untrustworthy: what the workbook looks like, and who comes onto it and leaves it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from sandbox import story, untrustworthy
from sandbox.world import World

Rows = list[tuple[object, ...]]


def sheet(world: World, night: int, name: str = untrustworthy.SHEET) -> Rows:
    day = story.day_of(night)
    world.prepare(day)
    path: Path = world.list_drop / f"untrustworthy_{day:%Y%m%d}.xlsx"
    return list(load_workbook(path)[name].iter_rows(values_only=True))


def test_the_workbook_has_a_notice_headings_and_dates_as_a_clerk_types_them(world: World) -> None:
    notice, headings, *rows = sheet(world, 1)
    assert notice[0] == untrustworthy.NOTICE
    assert headings == ("台账编号", *untrustworthy.HEADINGS)
    assert len(rows) == 20
    listed = headings.index("列入日期")
    assert {type(row[listed]) for row in rows} == {str, datetime}


def test_one_is_listed_one_is_lifted_and_one_has_its_time_over(world: World) -> None:
    first, second, fourth, fifth = ({row[0] for row in sheet(world, night)[2:]} for night in (1, 2, 4, 5))
    assert second - first == {"SX0021"} and first <= second == fourth
    assert fourth - fifth == {"SX0004"}, "a day after a person granted the repair"
    assert sheet(world, 5, untrustworthy.LIFTED_SHEET)[1:] == [("SX0004", "2026-11-28")]
    (ending,) = [one for one in listed(world, 5) if one.fields["GSJZQ"] == "2026-11-27"]
    assert ending.fields["QRYZSXSJ"] == "2023-11-28", "36 months are the most"


def listed(world: World, night: int) -> list[untrustworthy.Entry]:
    return list(untrustworthy.listed(world.seed, world.base, night))


@pytest.mark.parametrize("seed", range(1, 6))
def test_each_defect_is_of_one_kind_and_nobodys_time_ends_between_the_nights(seed: int) -> None:
    world = World(seed=seed)
    entries = listed(world, 1)
    defects = [entry.defect.name for entry in entries if entry.defect]
    assert len(defects) == len(set(defects)) == 6
    ends = {date.fromisoformat(str(one.fields["GSJZQ"])) for one in entries if one.fields["GSJZQ"] != "无"}
    assert not ends & {story.day_of(night) for night in (1, 2, 3)}
    assert {entry.index for entry in entries if entry.defect} - {
        one.index for one in listed(world, 2) if one.defect
    } == {
        2,
        9,
    }


def test_it_is_the_same_list_whatever_the_size_of_the_world(tmp_path: Path) -> None:
    small, large = World(records=100), World(records=100_000)
    assert len(listed(small, 1)) == len(listed(large, 1)) == 20
