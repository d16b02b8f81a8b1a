"""The pages say what the code does: tables, commands and links are held against it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from tests.conftest import PROJECT
from xinyong.catalogue import catalogue
from xinyong.cli import app

PAGES = [
    PROJECT / "README.md",
    PROJECT / "DECISIONS.md",
    PROJECT / "CHANGELOG.md",
    *sorted((PROJECT / "docs").glob("*.md")),
]
README = (PROJECT / "README.md").read_text("utf-8")


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150


def test_the_readme_lists_every_record_type_with_its_feeds() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\|(.*)\|$", README, re.M))
    declared = {name: {feed.name for feed in catalogue().feeds_of(name)} for name in catalogue().records}
    assert {name: set(re.findall(r"`(\w+)`", feeds)) for name, feeds in rows.items()} == declared


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_exists(page: Path) -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    named = set(re.findall(r"(?:`|bin/)xinyong ([a-z]+(?:-[a-z]+)*)", page.read_text("utf-8")))
    assert named - set(commands) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_of_a_page_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text("utf-8"), re.M))
    assert set(re.findall(r"`make ([a-z]+)", page.read_text("utf-8"))) - targets == set()


def test_the_changelog_and_the_decisions_grow_with_the_code() -> None:
    numbers = [
        int(number) for number in re.findall(r"^## (\d+)\. ", (PROJECT / "DECISIONS.md").read_text("utf-8"), re.M)
    ]
    assert numbers == list(range(1, len(numbers) + 1))


def test_nothing_tracked_is_larger_than_a_repository_should_hold() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    large = [
        name for name in listed if name and (PROJECT / name).is_file() and (PROJECT / name).stat().st_size > 2_000_000
    ]
    assert large == []
