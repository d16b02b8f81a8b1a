"""On night 2 an enterprise gets another name and one is merged into another; documents keep what stands on them."""

from __future__ import annotations

import csv
from pathlib import Path

from sandbox import reregistration, story
from sandbox.world import World


def base_after(world: World, night: int) -> dict[str, dict[str, str]]:
    day = story.day_of(night)
    world.prepare(day)
    with (world.registry_drop / f"registry_{day:%Y%m%d}.csv").open(encoding="utf-8", newline="") as file:
        return {row["统一社会信用代码"]: row for row in csv.DictReader(file) if row["统一社会信用代码"]}


def test_the_base_has_another_name_for_one_and_one_less_that_another_continues(world: World) -> None:
    cast = world.base.cast
    assert cast is not None
    one, merged, successor = map(str, (cast.renamed.code, cast.merged.code, cast.successor.code))
    before, now = base_after(world, 1), base_after(world, 2)
    assert (before[one]["企业名称"], now[one]["企业名称"]) == (cast.renamed.name, cast.new_name)
    assert before.keys() - now.keys() == {merged}
    assert {row["企业名称"]: row["原登记代码"] for row in now.values() if row["原登记代码"]} == {
        cast.successor.name: merged
    }
    assert before[successor]["原登记代码"] == ""


def test_documents_keep_the_name_and_only_what_is_decided_later_bears_the_new_one(world: World) -> None:
    cast = world.base.cast
    assert cast is not None
    records = [record for feed in story.RECORD_FEEDS for record in world.feed(feed, story.day_of(2))]
    about = [record for record in records if record.subject.code == cast.renamed.code]
    assert [record.subject.name for record in about].count(cast.renamed.name) == len(reregistration.FEEDS)
    (later,) = [record for record in about if record.subject.name == cast.new_name]
    assert later.decided == story.day_of(2) > max(record.decided for record in about if record is not later)
    merged = [record.subject.name for record in records if record.subject.code == cast.merged.code]
    assert merged == [cast.merged.name] * len(reregistration.FEEDS)
    assert not [record for record in records if record.subject.code == cast.successor.code]


def test_whose_name_the_base_no_longer_has_is_written_down_for_what_is_delivered(world: World) -> None:
    feeds = [sorted(str(one["feed"]) for one in world.renamed(story.day_of(night))) for night in (1, 2, 4)]
    assert feeds == [
        [],
        sorted(2 * reregistration.FEEDS),
        sorted(2 * [story.ENFORCEMENT, story.COMMITMENT]),
    ], "approvals are down on the fourth night"


def test_real_enterprises_keep_their_names(tmp_path: Path, registry_file: Path) -> None:
    world = World(var=tmp_path, registry=registry_file)
    day = story.day_of(2)
    assert world.base.cast is None
    assert list(world.renamed(day)) == []
    known = [entry for entry, former in reregistration.entries(world.base, 0, 2) if not former]
    assert known == list(world.base.entries(0))
