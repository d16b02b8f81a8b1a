"""What follows from stored records on a date: links, deadlines, dossiers, and what ends by time alone."""

from __future__ import annotations

from datetime import date

import pytest
from deliveries import a_licence, a_penalty, a_subject, day, rows, take_in
from staged import COMPANY
from telling import NAME, known_subject, taken_in

from xinyong import stages

pytestmark = pytest.mark.usefixtures("environment")

DERIVED = (
    "warehouse.dossier",
    "warehouse.deadline",
    "warehouse.identifier",
    "warehouse.working_day",
    "warehouse.penalty",
)


def written():
    """Return where every derived row lies, which changes whenever it is written again."""
    return {table: rows(f"SELECT ctid::text, xmin::text FROM {table} ORDER BY 1") for table in DERIVED}


def subject():
    return rows("SELECT record_id FROM warehouse.subject")[0][0]


def test_a_dossier_counts_live_records_by_type_with_the_latest_of_each():
    known_subject()
    take_in("enforcement_penalty", day(1), [a_penalty(1, cf_jdrq="2026-10-01"), a_penalty(2), a_penalty(3, cf_sy=None)])
    taken_in(day(1), [a_licence(1, xk_jdrq="2026-11-23")], "approvals_licence")
    expected = (subject(), 3, {"penalty": 2, "licence": 1}, {"penalty": "2026-11-20", "licence": "2026-11-23"})
    assert rows("SELECT subject_id, record_count, counts, latest_dates FROM warehouse.dossier") == [expected]


def test_a_dossier_without_records_disappears():
    known_subject()
    taken_in(day(1), [a_penalty(at, cf_xdr_shxym=COMPANY if at == 1 else None) for at in range(1, 8)])
    assert rows("SELECT count(*) FROM warehouse.dossier") == [(1,)]
    taken_in(day(2), [a_penalty(at, cf_xdr_shxym=None) for at in range(2, 8)])
    assert rows("SELECT count(*) FROM warehouse.dossier") == [(0,)]


def test_a_deadline_is_seven_working_days_after_the_decision_and_a_guess_beyond_the_announced_calendar():
    decided = {1: "2026-11-20", 2: "2026-09-25", 3: "2027-03-01"}
    taken_in(day(1), [a_penalty(at, cf_jdrq=when) for at, when in decided.items()])
    found = rows("SELECT decision_date, due_date, is_provisional FROM warehouse.deadline ORDER BY decision_date")
    assert found[1] == (date(2026, 11, 20), date(2026, 12, 1), False)
    assert found[0][1] > date(2026, 10, 8), "the holiday of the first week of October does not count"
    assert found[2] == (date(2027, 3, 1), date(2027, 3, 10), True)


def test_aggregating_again_writes_nothing():
    known_subject()
    taken_in(day(1), [a_penalty(1), a_penalty(2)])
    before = written()
    stages.aggregate(day(1))
    stages.aggregate(day(2))
    assert written() == before


def test_a_change_writes_only_the_rows_it_touches():
    take_in("registry_subject", day(1), [a_subject(NAME, COMPANY), a_subject("乙", None, sub_gszc="350402100000025")])
    other = {"cf_xdr_shxym": None, "cf_xdr_gszc": "350402100000025"}
    taken_in(day(1), [a_penalty(1), a_penalty(2, **other)])
    before = written()
    taken_in(day(2), [a_penalty(1), a_penalty(2, **other), a_penalty(3, **other)])
    after = written()
    assert len(set(before["warehouse.dossier"]) - set(after["warehouse.dossier"])) == 1
    assert set(before["warehouse.deadline"]) <= set(after["warehouse.deadline"])
    assert before["warehouse.identifier"] == after["warehouse.identifier"]


def test_a_record_is_linked_when_its_subject_comes_later_and_unlinked_when_two_share_a_number():
    taken_in(day(1), [a_penalty(1, cf_xdr_shxym=None, cf_xdr_gszc="350402100000017")])
    assert rows("SELECT subject_id FROM warehouse.penalty") == [(None,)]
    known_subject()
    assert rows("SELECT subject_id FROM warehouse.penalty") == [(subject(),)]
    taken_in(day(2), [a_subject(NAME, COMPANY), a_subject("同号公司", None)], "registry_subject")
    assert rows("SELECT subject_id FROM warehouse.penalty") == [(None,)]


def test_versions_of_the_past_are_linked_too():
    taken_in(day(1), [a_penalty(1)])
    taken_in(day(2), [a_penalty(1, cf_sy="更正")])
    known_subject()
    assert rows("SELECT DISTINCT subject_id FROM warehouse.penalty") == [(subject(),)]


def test_records_whose_publicity_ends_are_listed_on_that_day_only():
    taken_in(day(1), [a_penalty(1, cf_gsjzq="2026-11-25"), a_penalty(2)])
    assert rows("SELECT count(*) FROM warehouse.publicity_ended") == [(0,)]
    for _ in range(2):
        stages.aggregate(day(2))
    ended = rows("SELECT business_date, record_type, public_until FROM warehouse.publicity_ended")
    assert ended == [(date(2026, 11, 25), "penalty", date(2026, 11, 24))]
    stages.aggregate(day(3))
    assert len(rows("SELECT 1 FROM warehouse.publicity_ended")) == 1
