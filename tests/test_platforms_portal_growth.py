"""What one change of the portal reads and writes does not grow with the portal, and older stores go on working."""

from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from messages import COMPANY
from portals import OTHER, a_portal, a_publication, an_entry, files, found_by, mentions, shard, subject_page, term_files

from xinyong.platforms import portal_terms
from xinyong.platforms.portal_search import bucket, divided, terms_path

SECOND_VERSION = Path(__file__).parent / "fixtures" / "portal_store_2.sql"
PER_SUBJECT = 4
FOR_ALL = {"data/manifest.json", "data/manifest.sig", "data/index.html"}  # one signed list of all files


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "portal"


def many(numbers, **changes):
    """Return entries over four months, four to a subject."""
    return [
        an_entry(
            number,
            day=f"2026-{number % 4 + 1:02}-07",
            行政相对人名称=f"三明{chr(0x4E00 + subject * 7)}{chr(0x5E00 + subject)}有限公司",
            统一社会信用代码=f"91350400MA{subject:07}X",
            **changes,
        )
        for number, subject in ((number, number // PER_SUBJECT) for number in numbers)
    ]


def cost_of_one_change(folder, records):
    """Return steps of the database and bytes written for one update in a portal of so many records."""
    portal = a_portal(folder, page_size="1")
    portal.send(a_publication(*many(range(records)), number=1))
    before = {path: path.stat().st_ino for path in files(folder)}
    steps = []
    with portal._alone() as store:
        sa.event.listen(
            store._engine,
            "connect",
            lambda opened, _: opened.set_progress_handler(lambda: steps.append(1) and None, 10),
        )
    message = a_publication(*many([17], 违法事实="另一事实"), number=2)
    portal.send(message)
    assert [answer.state for answer in portal.ask(message)] == ["accepted"]
    written = [path for path in files(folder) if before.get(path) != path.stat().st_ino and folder in path.parents]
    names = {path.relative_to(folder).as_posix(): path.stat().st_size for path in written}
    return len(steps), names


def test_one_change_costs_no_more_in_a_portal_of_five_times_the_records(tmp_path):
    (few_steps, few), (many_steps, more) = (cost_of_one_change(tmp_path / str(size), size) for size in (200, 1000))
    assert few.keys() == more.keys()
    assert {name for name in few if few[name] != more[name]} <= FOR_ALL
    # What is left: a row per page of its month and per download. Reading every record would be five times as much.
    assert many_steps < 2 * few_steps


@given(st.text(max_size=8), st.integers(1, 5000))
def test_one_file_more_takes_terms_from_one_other_and_moves_none_besides(term, files):
    before, after = bucket(term, files), bucket(term, files + 1)
    assert 0 <= before < files
    assert after == before or (before == divided(files) and after == files)


def test_files_of_the_index_are_as_many_as_the_subjects_want_and_each_term_is_in_its_own(folder, monkeypatch):
    monkeypatch.setattr(portal_terms, "ENTRIES_PER_FILE", 4)
    portal, entries = a_portal(folder), many(range(0, 96, PER_SUBJECT))
    spread = []
    for number, at in enumerate(range(0, len(entries), 6), 1):
        portal.send(a_publication(*entries[at : at + 6], number=number))
        spread.append(term_files(folder))
    assert spread == sorted(set(spread)) and spread[-1] > 24
    assert_terms_in_their_files(folder, entries)
    portal.send(a_publication(*[dataclasses.replace(entry, operation="withdraw") for entry in entries[:15]], number=8))
    assert term_files(folder) < spread[-1]
    assert_terms_in_their_files(folder, entries[15:])
    portal.send(a_publication(*[dataclasses.replace(entry, operation="withdraw") for entry in entries], number=9))
    assert list(folder.glob("search/*/*/*.js")) == []


def assert_terms_in_their_files(folder, entries):
    """Every subject is found, and each file has the terms that belong there and no other."""
    names = [entry.payload["行政相对人名称"] for entry in entries]
    assert [found_by(folder, name[2:4]) for name in names] == [[name] for name in names]
    for path in folder.glob("search/terms/*/*.js"):
        name = path.relative_to(folder).as_posix()
        assert {terms_path(bucket(term, term_files(folder))) for term in shard(folder, name)} == {name}


def test_a_store_of_the_second_version_is_carried_over_and_records_keep_their_addresses(folder):
    with closing(sqlite3.connect(folder.with_name("portal.sqlite"))) as kept:
        kept.executescript(SECOND_VERSION.read_text("utf-8"))
    portal = a_portal(folder)
    portal.send(a_publication(number=4))
    assert found_by(folder, "东庆") == [COMPANY["name"]] and found_by(folder, "竹木") == [OTHER["行政相对人名称"]]
    lists = [path.name for path in sorted(folder.glob("list/penalty/2026-11/*.html"))]
    assert lists == ["2.html", "3.html"]  # the first page was emptied before
    assert [subject_page(folder, page=page).count("data-key=") for page in (1, 2)] == [0, 4]
    first = {path: content for path, content in files(folder).items() if path.suffix == ".js"}
    message = a_publication(an_entry(8, "withdraw"), an_entry(9, "withdraw", **OTHER), number=5)
    portal.send(message)
    assert [answer.state for answer in portal.ask(message)] == ["accepted"] * 2
    assert mentions(folder, "逾期未改正", "〔2026〕9号") == []
    assert first.keys() - files(folder).keys() == {path for path in first if path.stem in ("268.1", "269.1")}
