"""The drop folder: what the two files look like to those who open them."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from sandbox import safety, story
from sandbox.world import World


@pytest.fixture
def rows(world: World) -> list[tuple[object, ...]]:
    """The penalty sheet of the first night."""
    world.prepare(story.day_of(1))
    sheet = load_workbook(world.drop / "safety_penalty_20261124.xlsx")[safety.SHEET]
    return list(sheet.iter_rows(values_only=True))


def test_the_workbook_has_notice_headings_and_rows(rows: list[tuple[object, ...]]) -> None:
    assert rows[0][0] == safety.NOTICE
    assert rows[1] == tuple(safety.PENALTY_HEADINGS)
    assert len(rows) == 2 + 150 + len(safety.REPEATED)


def test_some_dates_are_dates_of_the_spreadsheet_and_amounts_are_numbers(rows: list[tuple[object, ...]]) -> None:
    decided, fine = (list(safety.PENALTY_HEADINGS.values()).index(code) for code in ("CF_JDRQ", "CF_NR_FK"))
    assert {type(row[decided]) for row in rows[2:]} == {str, datetime}
    assert {type(row[fine]) for row in rows[2:]} & {int, float}


def test_no_cell_is_a_formula(world: World) -> None:
    world.prepare(story.day_of(1))
    sheet = load_workbook(world.drop / "safety_penalty_20261124.xlsx")[safety.SHEET]
    assert not any(str(value).startswith("=") for row in sheet.iter_rows(values_only=True) for value in row)


def test_repeated_rows_stand_at_the_end(world: World, rows: list[tuple[object, ...]]) -> None:
    assert rows[-2:] == [rows[2 + index] for index in safety.REPEATED]
    keys = [entry["source_key"] for entry in world.repeated(story.day_of(1)) if entry["feed"] == story.SAFETY]
    assert keys == [str(index + 1) for index in safety.REPEATED]


def test_the_legacy_file_is_gb18030_in_the_old_template(world: World) -> None:
    world.prepare(story.day_of(1))
    content = (world.drop / "safety_licence_20261124.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    lines = list(csv.reader(content.decode("gb18030").splitlines()))
    assert tuple(lines[0]) == safety.LEGACY_HEADINGS
    assert {len(line) for line in lines} == {len(safety.LEGACY_HEADINGS)}
    assert len(lines) == 1 + 200 + len(safety.REPEATED)


def test_a_workbook_written_at_another_time_is_the_same(world: World, tmp_path: Path) -> None:
    records = world.feed(story.SAFETY, story.day_of(1))
    safety.write_penalties(tmp_path / "one.xlsx", records)
    safety.write_penalties(tmp_path / "two.xlsx", records)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
