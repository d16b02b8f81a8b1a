"""Judging again from landing: nothing changes without a changed rule, and everything follows one that did."""

from __future__ import annotations

import pytest
from deliveries import a_penalty, changed, counts, day, execute, hashes, rows, take_in

from xinyong import recheck as module
from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.errors import BatchRefused

FEED = "enforcement_penalty"

pytestmark = pytest.mark.usefixtures("environment")


def wide():
    """Declare the feed so that a handful of rows may lose half of them."""
    bounds = catalogue().feeds[FEED].bounds
    percent = {"max_deletions_percent": 100, "max_quarantined_percent": 100}
    return changed(FEED, bounds=bounds.model_copy(update=percent))


def recheck(since=None, declared=None):
    found = declared or wide()
    with connected() as connection:
        return module.recheck(connection, found, found.feeds[FEED], since)


def only(monkeypatch, *broken):
    """Judge by hand: the rows whose text is one of these break a critical rule, no others do."""

    def judge(connection, feed, record_type, batch_id, business_date, table=""):
        import sqlalchemy as sa

        connection.execute(sa.text("DELETE FROM quality.violation WHERE batch_id = :b"), {"b": batch_id})
        connection.execute(
            sa.text(
                f"INSERT INTO quality.violation SELECT :b, row_number, 'PEN-R01-CF_SY' FROM {table} "
                "WHERE coalesce(cf_sy, '') = ANY(:broken)"
            ),
            {"b": batch_id, "broken": list(broken)},
        )
        connection.execute(
            sa.text(
                "INSERT INTO quality.rule_result VALUES (:b, 'PEN-R01-CF_SY', 'passed', 1, 0) ON CONFLICT DO NOTHING"
            ),
            {"b": batch_id},
        )

    monkeypatch.setattr(module, "judge", judge)


def three_nights():
    first = take_in(FEED, day(1), [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy=None), a_penalty(3, cf_sy="丙")])
    second = take_in(FEED, day(2), [a_penalty(1, cf_sy="乙"), a_penalty(2, cf_sy=None), a_penalty(3, cf_sy="丙")])
    third = take_in(FEED, day(3), [a_penalty(1, cf_sy="乙"), a_penalty(2, cf_sy="补"), a_penalty(3, cf_sy="丙")])
    return first, second, third


def states():
    return rows("SELECT document, state, closed_by_batch_id FROM quality.quarantine ORDER BY document, opened_on")


def live():
    return rows("SELECT cf_sy FROM warehouse.penalty WHERE valid_to IS NULL AND ending IS NULL ORDER BY cf_wsh")


def test_judging_again_without_a_changed_rule_changes_nothing(monkeypatch):
    three_nights()
    only(monkeypatch, "")
    before = hashes()
    for since in (None, day(2), day(3), day(9)):
        found = recheck(since)
        assert hashes() == before
        assert (found.stored, found.taken_back, found.other_content) == (0, 0, 0)


def test_what_has_become_acceptable_enters_and_its_entry_is_released(monkeypatch):
    first, *_ = three_nights()
    only(monkeypatch)
    recheck()
    assert states() == [("闽明工信罚〔2026〕2号", "released", first)]
    assert counts(first) == {"received": 3, "accepted": 3}
    before = hashes()
    recheck()
    assert hashes() == before


def test_what_has_become_unacceptable_is_taken_back_to_the_content_before_it(monkeypatch):
    _, second, third = three_nights()
    only(monkeypatch, "", "乙")
    found = recheck()
    assert live() == [("甲",), ("补",), ("丙",)]
    assert (found.taken_back, found.other_content, found.open_entries) == (0, 1, 1)
    assert ("闽明工信罚〔2026〕1号", "open", None) in states()
    assert counts(second) == {"received": 3, "quarantined": 2, "unchanged": 1}
    assert counts(third) == {"received": 3, "accepted": 1, "quarantined": 1, "unchanged": 1}


def test_a_record_never_acceptable_by_the_new_rule_disappears_visibly(monkeypatch):
    three_nights()
    only(monkeypatch, "", "丙")
    found = recheck()
    assert live() == [("乙",), ("补",)]
    assert (found.live_before, found.live_now, found.taken_back) == (3, 2, 1)


def test_the_way_there_and_back_leaves_the_warehouse_as_it_was(monkeypatch):
    three_nights()
    before = {name: value for name, value in hashes().items() if name.startswith("warehouse")}
    only(monkeypatch, "", "丙", "乙")
    recheck()
    only(monkeypatch, "")
    recheck()
    assert {name: value for name, value in hashes().items() if name.startswith("warehouse")} == before
    assert [state for _, state, _ in states()] == ["released", "fixed_at_source", "released"]


def test_since_bounds_the_work_to_newer_batches(monkeypatch):
    three_nights()
    only(monkeypatch, "", "丙")
    found = recheck(since=day(3))
    assert found.batches == 1
    assert ("丙",) in live()
    assert found.open_entries == 1


def test_too_many_withdrawals_or_rows_set_aside_refuse_it_whole(monkeypatch):
    three_nights()
    only(monkeypatch, "", "丙", "乙", "甲")
    before = hashes()
    with pytest.raises(BatchRefused, match="set aside"):
        recheck(declared=catalogue())
    bounds = catalogue().feeds[FEED].bounds.model_copy(update={"max_quarantined_percent": 100})
    with pytest.raises(BatchRefused, match="take back 2 of 3"):
        recheck(declared=changed(FEED, bounds=bounds))
    assert hashes() == before


def test_a_release_survives_judging_again(monkeypatch):
    from xinyong import quarantine

    take_in(FEED, day(1), [a_penalty(1), a_penalty(2, cf_sy=None)])
    with connected() as connection:
        quarantine.decide(connection, wide(), "released", "闽明工信罚〔2026〕2号", "林", "属实", day(1))
    only(monkeypatch, "")
    before = hashes()
    recheck()
    assert hashes() == before
    execute("DELETE FROM quality.decision")
    recheck()
    assert [state for _, state, _ in states()] == ["open"]


def test_what_only_the_warehouse_could_tell_is_not_forgotten(monkeypatch):
    batch_id, *_ = three_nights()
    execute("INSERT INTO quality.violation VALUES (:b, 3, 'PEN-R30')", b=batch_id)
    only(monkeypatch, "")
    recheck()
    assert rows("SELECT row_number FROM quality.violation WHERE rule_code = 'PEN-R30' AND batch_id = :b", b=batch_id)


def test_great_expectations_judges_again_as_it_judged_first():
    from xinyong import stages
    from xinyong.extract.delivery import Delivery  # noqa: F401 – the real judge needs the real stages

    batch_id = take_in(FEED, day(1), [a_penalty(1), a_penalty(2, cf_sy=None)])
    recheck()
    before = hashes()
    found = recheck()
    assert stages.set_hashes() == before
    assert (found.batches, found.taken_back) == (1, 0)
    assert rows("SELECT rule_code FROM quality.violation WHERE batch_id = :b AND row_number = 2", b=batch_id)
