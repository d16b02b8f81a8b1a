"""The night's tasks may be killed anywhere, repeated at will, and fail in words that a person can use."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from deliveries import a_penalty, day, judged, landed, rows, state_of
from messages import HEADINGS

from xinyong import stages
from xinyong.errors import BatchRefused, LedgerError, SourceUnavailable, UnexpectedShape

FEED = "registry_subject"


@pytest.fixture
def registry(environment, monkeypatch):
    """The drop folder of the registration base with the file of the first night."""
    folder = environment / "registry"
    folder.mkdir()
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_REGISTRY", folder.as_uri())
    deliver(folder, day(1), "三明示例机械有限公司")
    return folder


def deliver(folder, when, *names):
    lines = [f"{name},,35040210000{at:04},,,,存续" for at, name in enumerate(names)]
    (folder / f"registry_{when:%Y%m%d}.csv").write_text("\n".join([HEADINGS, *lines, ""]), "utf-8")


def intake(when):
    return rows("SELECT outcome, batch_id, problem FROM operation.intake WHERE business_date = :when", when=when)[0]


def test_the_same_content_again_is_the_same_batch(registry):
    first = stages.extract(FEED, day(1))
    assert stages.extract(FEED, day(1)) == first
    deliver(registry, day(2), "三明示例机械有限公司")
    assert stages.extract(FEED, day(2)) == first
    deliver(registry, day(2), "三明示例机械有限公司", "乙公司")
    assert stages.extract(FEED, day(2)) != first


def test_a_delivery_that_never_came_and_one_that_cannot_be_read_are_kept_apart(registry):
    with pytest.raises(SourceUnavailable):
        stages.extract(FEED, day(2))
    assert intake(day(2))[:2] == ("unavailable", None)
    assert stages.settle(FEED, day(2)) == "unavailable"
    (registry / f"registry_{day(3):%Y%m%d}.csv").write_text("名称\n甲\n", "utf-8")
    with pytest.raises(UnexpectedShape):
        stages.extract(FEED, day(3))
    assert stages.settle(FEED, day(3)) == "unreadable"
    assert intake(day(3))[2] == stages.read_ledger(day(3)).feeds[0].problem


def test_a_later_try_replaces_what_an_earlier_one_left(registry):
    with pytest.raises(SourceUnavailable):
        stages.extract(FEED, day(2))
    deliver(registry, day(2), "乙公司")
    batch_id = stages.extract(FEED, day(2))
    assert intake(day(2)) == ("landed", batch_id, None)


@pytest.mark.parametrize("done", [0, 1], ids=["before", "after"])
def test_a_delivery_that_gets_a_batch_of_its_own_is_stored_whichever_tasks_ran_before(registry, done):
    """Three nights wait for their check; the second says what the first says, until a late one comes between them."""
    steps = {day(1): [stages.check, stages.store], day(3): [stages.check, stages.store]}
    taken = {when: None for when in steps}
    companies = "甲公司", "乙公司", "丙公司", "丁公司", "戊公司"
    for when in steps:
        deliver(registry, when, *companies)
        taken[when] = stages.extract(FEED, when)
    assert taken[day(1)] == taken[day(3)]
    for when, own in steps.items():
        for step in own[:done]:
            step(taken[when], when)
    deliver(registry, day(2), *companies, "己公司")
    late = stages.extract(FEED, day(2))
    for when, own in steps.items():
        for step in own[done:]:
            step(taken[when], when)
    for step in (stages.check, stages.store):
        step(late, day(2))
    states = "SELECT intake.business_date, batch.business_date, batch.state FROM operation.intake JOIN landing.batch "
    expected = [(day(number), day(number), "stored") for number in (1, 2, 3)]
    assert rows(f"{states} USING (batch_id) ORDER BY 1") == expected


def test_a_batch_refused_by_the_store_step_is_kept_as_refused_with_its_reason(environment):
    landed_first = landed("enforcement_penalty", day(1), [a_penalty(at) for at in range(1, 11)])
    judged(landed_first)
    stages.store(landed_first, day(1))
    shrunken = landed("enforcement_penalty", day(2), [a_penalty(1)])
    judged(shrunken)
    with pytest.raises(BatchRefused):
        stages.store(shrunken, day(2))
    assert state_of(shrunken) == "refused"
    assert stages.settle("enforcement_penalty", day(2)) == "refused"
    row = stages.read_ledger(day(2)).feeds[0]
    assert (row.received, row.refused, row.balances) == (1, 1, True)
    assert "would end 9 of 10 records" in row.problem
    assert rows("SELECT count(*) FROM warehouse.penalty WHERE ending IS NOT NULL") == [(0,)]


def test_a_batch_is_known_in_the_night_after_its_date():
    known = datetime(2026, 11, 25, 1, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert stages.known_at(date(2026, 11, 24)) == known


def test_without_any_night_there_is_no_ledger_to_show(environment):
    with pytest.raises(LedgerError, match="There is no ledger yet"):
        stages.latest_date()


def test_the_latest_ledger_is_that_of_the_latest_date(environment):
    stages.settle(FEED, day(2))
    stages.settle(FEED, day(1))
    assert stages.latest_date() == day(2)


def test_a_batch_is_stored_from_its_own_rows_although_another_one_was_checked_meanwhile(environment):
    first = landed("enforcement_penalty", day(1), [a_penalty(1)])
    judged(first)
    second = landed("enforcement_penalty", day(2), [a_penalty(1), a_penalty(2)])
    judged(second)
    stages.store(first, day(1))
    stages.store(second, day(2))
    stored = rows("SELECT batch_id, cf_wsh FROM warehouse.penalty ORDER BY batch_id")
    assert stored == [(first, "闽明工信罚〔2026〕1号"), (second, "闽明工信罚〔2026〕2号")]
