"""What the rehearsal compares of a portal: what people find there, whatever the order in which it was told."""

from __future__ import annotations

import pytest
from portals import OTHER, a_portal, a_publication, an_entry, shard

from sandbox.rehearsal.standing import differences, portal_shows

FIRST, SECOND = an_entry(1), an_entry(2, **OTHER)
SUBJECTS = "search/subjects/0/0.js"


def a_told_portal(folder, *told):
    portal = a_portal(folder)
    for number, item in told:
        portal.send(a_publication(item, number=number))
    return folder


@pytest.fixture()
def in_order(tmp_path):
    return a_told_portal(tmp_path / "in_order", (1, FIRST), (2, SECOND))


def test_subjects_that_were_met_in_another_order_are_no_difference(tmp_path, in_order):
    other = a_told_portal(tmp_path / "other", (2, SECOND), (1, FIRST))
    assert shard(other, SUBJECTS) != shard(in_order, SUBJECTS)
    assert differences(portal_shows(in_order), portal_shows(other)) == []


def test_a_subject_that_nobody_finds_is_a_difference(tmp_path, in_order):
    one = a_told_portal(tmp_path / "one", (1, FIRST))
    assert "what its search finds" in " ".join(differences(portal_shows(in_order), portal_shows(one)))


@pytest.mark.parametrize(
    ("what", "before", "after"),
    [
        pytest.param("terms", "[1,2]", "[1,1]", id="a term that leads to another subject"),
        pytest.param("terms", "[1,2]", "[2,2]", id="a term that counts wrongly"),
        pytest.param("terms", "[1,2]", "[1,7]", id="a term that leads nowhere"),
        pytest.param("subjects", OTHER["统一社会信用代码"], "91350427MA2XN1AB0D", id="a subject with another code"),
    ],
)
def test_a_search_that_finds_something_else_is_a_difference(tmp_path, in_order, what, before, after):
    same = a_told_portal(tmp_path / "same", (1, FIRST), (2, SECOND))
    path = same / f"search/{what}/0/0.js"
    text = path.read_text("ascii")
    assert before in text
    path.write_text(text.replace(before, after, 1), "ascii")
    assert [text.split(":")[0] for text in differences(portal_shows(in_order), portal_shows(same))] == [
        "what its search finds"
    ]
