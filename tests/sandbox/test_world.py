"""The world is a pure function of seed, records, registry and date, and tells the story of the nights."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from proofs import as_proofs

from sandbox import registry, safety, story
from sandbox.enforcement import rows, texts
from sandbox.enterprises import CAST_SIZE
from sandbox.feed_records import FeedRecords
from sandbox.records import Record, years_later
from sandbox.world import World, next_date, prepared

NIGHTS = {night: story.day_of(night) for night in range(1, 8)}
EXPIRING = (story.APPROVALS, story.LEGACY, story.COMMITMENT)
FILE_FEEDS = (story.SAFETY, story.LEGACY)


def contents(world: World, night: int) -> dict[str, list[Record]]:
    """Return what every system holds after a night."""
    return {feed: list(world.feed(feed, NIGHTS[night])) for feed in story.RECORD_FEEDS}


def files(world: World) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for folder in world.drops for path in folder.iterdir()}


def of_date(found: dict[str, bytes], day: date) -> dict[str, bytes]:
    """Keep the files of a date, under names without it."""
    stamp = f"{day:%Y%m%d}"
    return {name.replace(stamp, ""): content for name, content in found.items() if stamp in name}


def test_the_first_night_has_eleven_hundred_records_of_which_eight_percent_are_defective(world: World) -> None:
    assert sum(map(len, contents(world, 1).values())) == 1_100
    planted = list(world.planted(NIGHTS[1]))
    assert len([entry for entry in planted if entry["feed"] != story.LIST]) == 88
    assert len({entry["defect"] for entry in planted}) >= 15


def test_planted_defects_cover_the_rules_of_penalties_and_licences(world: World) -> None:
    rules = {"-".join(str(entry["rule"]).split("-")[:2]) for entry in world.planted(NIGHTS[1])}
    shared = ("R01", "R02", "R03", "R04", "R05", "R06", "R07", "R12", "R13", "R14", "R15", "R27")
    assert rules >= {f"{kind}-{rule}" for kind in ("PEN", "LIC") for rule in shared}
    assert rules >= {"LIC-R16", "LIC-R20", "PEN-R18", "PEN-R21", "PEN-R22", "PEN-R23", "PEN-R24"}
    assert {entry["severity"] for entry in world.planted(NIGHTS[1])} == {"critical", "warning"}


def test_every_system_has_every_defect_it_can_have_when_it_is_large() -> None:
    large = World(records=5_000)
    for feed in story.RECORD_FEEDS:
        records = large.feed(feed, NIGHTS[1])
        assert {defect.name for _, defect in records.defective()} >= {"twin_first", "twin_second", "code_missing"}
        assert len({defect.name for _, defect in records.defective()}) >= 15


def test_the_same_world_is_the_same_in_every_byte(tmp_path: Path) -> None:
    one, other = World(var=tmp_path / "one"), World(var=tmp_path / "other")
    one.prepare(NIGHTS[2])
    other.prepare(NIGHTS[5])
    other.prepare(NIGHTS[2])
    assert files(one) == files(other)
    assert list(texts(rows(one.feed(story.ENFORCEMENT, NIGHTS[2])))) == list(
        texts(rows(other.feed(story.ENFORCEMENT, NIGHTS[2])))
    )


def test_another_seed_is_another_world(tmp_path: Path) -> None:
    assert contents(World(seed=1), 1) != contents(World(seed=2), 1)


def test_the_second_night_changes_adds_corrects_and_deletes(world: World) -> None:
    first, second = contents(world, 1), contents(world, 2)
    deleted = {feed: {r.index for r in first[feed]} - {r.index for r in second[feed]} for feed in first}
    assert sum(map(len, deleted.values())) == 2
    for feed in first:
        before = {record.index: record for record in first[feed]}
        now = {record.index: record for record in second[feed]}
        changed = [i for i in before.keys() & now.keys() if before[i].fields != now[i].fields]
        assert now.keys() - before.keys()
        assert any(before[index].defect is None for index in changed)
        assert any(before[index].defect and now[index].defect is None for index in changed)


def test_about_half_of_the_quarantined_records_are_corrected(world: World) -> None:
    first, second = (sum(p["severity"] == "critical" for p in world.planted(NIGHTS[n])) for n in (1, 2))
    assert 0.4 <= second / first <= 0.6


def test_corrections_in_files_keep_the_document_number(world: World) -> None:
    for feed in FILE_FEEDS:
        before = {record.index: record for record in world.feed(feed, NIGHTS[1])}
        for record in world.feed(feed, NIGHTS[2]):
            if record.index in before and before[record.index].defect and record.defect is None:
                key = f"{'CF' if feed == story.SAFETY else 'XK'}_WSH"
                assert record.fields[key] == before[record.index].fields[key]


def test_nothing_is_new_on_the_third_night(world: World) -> None:
    world.prepare(NIGHTS[2])
    world.prepare(NIGHTS[3])
    found = files(world)
    assert of_date(found, NIGHTS[2]) == of_date(found, NIGHTS[3])
    assert contents(world, 2) == contents(world, 3)


def test_the_fourth_night_is_troubled_but_enforcement_and_registry_go_on(world: World) -> None:
    world.prepare(NIGHTS[3])
    world.prepare(NIGHTS[4])
    found = files(world)
    before, now = of_date(found, NIGHTS[3]), of_date(found, NIGHTS[4])
    assert now["safety_licence_.csv"] == b""
    assert now["registry_.csv"] != before["registry_.csv"]
    assert contents(world, 3)[story.ENFORCEMENT] != contents(world, 4)[story.ENFORCEMENT]
    assert world.feed(story.APPROVALS, NIGHTS[4]).state.condition == story.DOWN
    shrunk = list(safety.delivered(world.feed(story.SAFETY, NIGHTS[4])))
    assert shrunk == list(world.feed(story.SAFETY, NIGHTS[3]))[: len(shrunk)]
    assert len(shrunk) == len(world.feed(story.SAFETY, NIGHTS[3])) // 10


@pytest.mark.parametrize("night", [5, 6, 7])
def test_later_nights_are_whole_again_and_bring_a_few_changes(world: World, night: int) -> None:
    for feed in story.RECORD_FEEDS:
        records, before = world.feed(feed, NIGHTS[night]), world.feed(feed, NIGHTS[night - 1])
        assert records.state.condition == story.NORMAL
        changed = [record for record in records if record.index < before.state.size]
        differing = sum(record != before.record(record.index) for record in changed)
        assert 0 < differing + len(records) - len(before) < 12


def publicity_ends(world: World, night: int) -> Iterator[date]:
    """List every day on which some period of some record may end, by any rule that counts in months or years."""
    for feed in (story.ENFORCEMENT, story.SAFETY):
        for record in world.feed(feed, NIGHTS[night]):
            yield from (years_later(record.decided, years) for years in (1, 3, 5))
            yield from (_months_later(record.decided, months) for months in (3, 6))
            yield from _dates(record, "CF_YXQ", "CF_GSJZQ")


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    return first + timedelta(days=min(day.day, 28) - 1)


def _dates(record: Record, *names: str) -> Iterator[date]:
    for name in names:
        text = record.fields.get(name) or ""
        if len(text) == 10 and text[4] == "-":
            yield date.fromisoformat(text)


@pytest.mark.parametrize("seed", [1, *as_proofs(2, 3, 4, 5)])
def test_periods_end_on_nights_two_and_five_but_not_between(seed: int) -> None:
    world = World(seed=seed)
    ends = Counter(end for night in (1, 4) for end in publicity_ends(world, night))
    assert ends[NIGHTS[2]] and ends[NIGHTS[5]]
    assert not ends[NIGHTS[3]] and not ends[NIGHTS[4]]


@pytest.mark.parametrize("seed", [1, *as_proofs(2, 3, 4, 5)])
def test_no_licence_or_commitment_expires_between_nights_two_and_five(seed: int) -> None:
    world = World(seed=seed)
    quiet = {NIGHTS[2], NIGHTS[3], NIGHTS[4]}
    for night, feed in ((n, f) for n in (1, 4) for f in EXPIRING):
        for record in world.feed(feed, NIGHTS[night]):
            assert not quiet & set(_dates(record, "XK_YXQZI", "YXQ"))


@pytest.mark.parametrize("night", [2, *as_proofs(1, 3, 5, 6, 7)])
def test_what_was_planted_is_written_down_as_it_was_delivered(world: World, night: int) -> None:
    world.prepare(NIGHTS[night])
    written = json.loads((world.folder / f"planted_{NIGHTS[night]}.json").read_text(encoding="utf-8"))
    assert written == list(world.planted(NIGHTS[night]))


def test_what_was_planted_is_written_down_on_the_troubled_night_too(world: World) -> None:
    world.prepare(NIGHTS[4])
    written = json.loads((world.folder / f"planted_{NIGHTS[4]}.json").read_text(encoding="utf-8"))
    assert written == list(world.planted(NIGHTS[4]))
    troubled = {story.APPROVALS, story.LEGACY}
    assert {entry["feed"] for entry in world.planted(NIGHTS[4])} == {*story.RECORD_FEEDS, story.LIST} - troubled
    shrunk = len(world.feed(story.SAFETY, NIGHTS[4])) // 10
    assert all(int(str(p["source_key"])) <= shrunk for p in world.planted(NIGHTS[4]) if p["feed"] == story.SAFETY)


def test_source_keys_of_files_are_the_numbers_of_their_rows(world: World) -> None:
    world.prepare(NIGHTS[2])
    sheet = load_workbook(world.drop / "safety_penalty_20261125.xlsx")[safety.SHEET]
    lines = list(sheet.iter_rows(values_only=True))[2:]
    with (world.drop / "safety_licence_20261125.csv").open(encoding="gb18030", newline="") as file:
        legacy = list(csv.reader(file))[1:]
    found = {story.SAFETY: [line[13] for line in lines], story.LEGACY: [line[0] for line in legacy]}
    for entry in world.planted(NIGHTS[2]):
        if entry["feed"] in found and entry["rule"] not in ("PEN-R01-CF_WSH", "LIC-R01-XK_WSH"):
            number = found[str(entry["feed"])][int(str(entry["source_key"])) - 1]
            assert str(number).translate(str.maketrans("０１２３４５６７８９", "0123456789")) == entry["document"]


def test_a_few_organisations_are_unknown_to_the_base(world: World) -> None:
    names = {entry.name for entry in world.base.entries(0)}
    unlinked = list(world.unlinked(NIGHTS[1]))
    assert 5 <= len(unlinked) <= 30
    assert not {entry["name"] for entry in unlinked} & names


def test_with_a_registry_the_records_are_about_its_enterprises(tmp_path: Path, registry_file: Path) -> None:
    world = World(var=tmp_path, registry=registry_file)
    names = {entry.name for entry in world.base.entries(0)}
    records = list(world.feed(story.ENFORCEMENT, NIGHTS[1]))
    assert sum(record.subject.name in names for record in records) > len(records) / 2
    old = [r for r in records if r.subject.name in ("三明市老号有限公司", "三明市老号五金厂")]
    assert old and all(r.fields["CF_XDR_GSZC"] for r in old)
    malformed = [p for p in world.planted(NIGHTS[1]) if p["feed"] == story.REGISTRY]
    assert [p["document"] for p in malformed] == ["三明市外资有限公司"]


def test_the_registry_file_is_a_table_of_eight_columns(world: World) -> None:
    world.prepare(NIGHTS[1])
    with (world.registry_drop / "registry_20261124.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert tuple(lines[0]) == registry.HEADINGS
    assert {len(line) for line in lines} == {8}
    assert len({line[0] for line in lines}) == len(lines)


@pytest.mark.proofs
def test_names_and_codes_stay_unique_in_a_large_base() -> None:
    entries = list(World(records=400_000).base.entries(0))
    assert len({entry.name for entry in entries}) == len(entries) == 100_000 + CAST_SIZE
    codes = [entry.code for entry in entries if entry.code]
    assert len(set(codes)) == len(codes)


def test_going_back_removes_files_nobody_has_written_yet(world: World) -> None:
    world.prepare(NIGHTS[4])
    world.prepare(NIGHTS[2])
    assert not of_date(files(world), NIGHTS[4])
    state = prepared(world.var)
    assert state is not None and state.day == NIGHTS[2]
    assert next_date(world.var) == NIGHTS[3]


def test_a_new_sandbox_begins_with_the_first_night(tmp_path: Path) -> None:
    assert next_date(tmp_path) == story.FIRST_NIGHT


def test_before_the_first_night_there_is_no_world(world: World) -> None:
    with pytest.raises(ValueError, match="no state for 2026-11-23"):
        world.prepare(date(2026, 11, 23))


def test_large_systems_are_never_held_whole() -> None:
    """A record of a register of ten million is there at once."""
    large = World(records=10_000_000).feed(story.APPROVALS, NIGHTS[2])
    assert isinstance(large, FeedRecords)
    assert len(list(large.slice(2_000_000, 2_000_010))) == 10
