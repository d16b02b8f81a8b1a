"""Dates read late: by a backfill, or once more by a correction. Older knowledge never overwrites newer."""

from __future__ import annotations

import shutil

import pytest
from deliveries import FIRST, a_penalty, day, execute, hashes, judged, rows, state_of, take_in
from messages import HEADINGS
from telling import answered, known_subject, told

from xinyong import correction, stages
from xinyong.catalogue import catalogue
from xinyong.correction import Asked, CorrectionError, reading
from xinyong.correction.asking import ask
from xinyong.database import connected

FEED = "registry_subject"
A, B, C = "甲公司", "乙公司", "丙公司"
EVERYTHING = (
    "TRUNCATE warehouse.subject, warehouse.store_result, quality.quarantine, quality.violation, quality.rule_result, "
    "landing.batch, landing.registry_subject, operation.intake, operation.feed_ledger CASCADE"
)


@pytest.fixture
def registry(environment, monkeypatch):
    """The drop folder of the registration base."""
    folder = environment / "registry"
    folder.mkdir()
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_REGISTRY", folder.as_uri())
    return folder


@pytest.fixture
def unjudged_nights(monkeypatch):
    """Leave the rules out of the nights that a test only begins with: Great Expectations costs seconds."""
    monkeypatch.setattr(stages, "check", lambda batch_id, _: judged(batch_id))


@pytest.fixture
def unjudged(unjudged_nights, monkeypatch):
    """Leave the rules out where a test is not about them."""
    monkeypatch.setattr(reading, "judge", lambda *_: None)
    monkeypatch.setattr(reading, "gate", lambda *_: None)


def deliver(folder, when, *names, state="存续"):
    lines = [f"{name},,35040210000{at:04},,,,{state}" for at, name in enumerate(names)]
    (folder / f"registry_{when:%Y%m%d}.csv").write_text("\n".join([HEADINGS, *lines, ""]), "utf-8")


def night(when, upto="settle"):
    """Run the tasks of the intake DAG for a date, all of them or up to one."""
    batch_id = stages.extract(FEED, when)
    stages.check(batch_id, when)
    if upto == "settle":
        stages.store(batch_id, when)
        stages.settle(FEED, when)
    return batch_id


def live():
    query = "SELECT sub_mc, sub_zt FROM warehouse.subject WHERE valid_to IS NULL AND ending IS NULL ORDER BY sub_gszc"
    return rows(query)


def test_a_slow_backfill_that_ends_after_tonight_never_overwrites_newer_knowledge(registry):
    deliver(registry, day(2), A, B, state="注销")
    deliver(registry, day(3), A, B, C, state="迁出")
    slow = night(day(2), upto="check")  # the backfill of an older date has read and checked …
    night(day(3))  # … while tonight's run comes to its end …
    assert live()[0] == (A, "迁出")
    stages.store(slow, day(2))  # … and only then stores
    stages.settle(FEED, day(2))
    assert live() == [(A, "迁出"), (B, "迁出"), (C, "迁出")]
    late = hashes()
    execute(EVERYTHING)
    for number in (2, 3):
        night(day(number))
    assert hashes() == late


def test_a_backfill_before_the_first_batch_falls_behind_what_is_known(registry, unjudged):
    deliver(registry, day(3), A, B)
    deliver(registry, day(1), A, B, state="迁出")
    night(day(3))
    night(day(1))
    assert live() == [(A, "存续"), (B, "存续")]
    assert rows("SELECT sub_zt FROM warehouse.subject WHERE sub_mc = :n ORDER BY known_at", n=A) == [
        ("迁出",),
        ("存续",),
    ]
    assert stages.read_ledger(day(3)).feeds[0].outcome == "stored"


def again(first, last, on=9):
    form = {"kind": "re-extract", "feed": FEED, "person": "林", "reason": "来源补录"}
    form |= {"first": first.isoformat(), "last": last.isoformat()}
    return stages.plan_correction(form, day(on))


def apply(planned, on=9):
    found = planned.correction
    return stages.apply_correction(found.correction_id, found.plan_hash, "陈", "已核对", day(on))


@pytest.mark.proofs
def test_reading_dates_again_and_rolling_back_is_a_round_trip(registry, unjudged_nights):
    for number, names in ((1, (A, B)), (2, (A, B)), (3, (A, B, C))):
        deliver(registry, day(number), *names)
        night(day(number))
    before, intakes = hashes(), rows("SELECT * FROM operation.intake ORDER BY business_date")
    deliver(registry, day(2), A, B, state="迁出")
    planned = again(day(1), day(2))
    assert hashes() == before
    assert planned.effect.batches == 1
    assert [str(one) for one in planned.effect.dates] == ["2026-11-24", "2026-11-25", "2026-11-26"]
    done = apply(planned)
    assert live() == [(A, "存续"), (B, "存续"), (C, "存续")]
    assert rows("SELECT count(*) FROM warehouse.subject WHERE sub_zt = '迁出'") == [(2,)]
    assert rows("SELECT outcome FROM operation.feed_ledger WHERE business_date = :d", d=day(2)) == [("stored",)]
    stages.roll_back_correction(done.correction.correction_id, "王", "读错了", day(10))
    assert hashes() == before
    assert rows("SELECT * FROM operation.intake ORDER BY business_date") == intakes


def test_a_source_that_reads_otherwise_than_planned_is_not_applied(registry, unjudged):
    for number in (1, 2):
        deliver(registry, day(number), A, B)
        night(day(number))
    deliver(registry, day(2), A, B, state="迁出")
    planned = again(day(2), day(2))
    deliver(registry, day(2), A, B, state="注销")
    with pytest.raises(CorrectionError, match=r"data moved since correction 1 .*2 records moved"):
        apply(planned)
    assert live()[0] == (A, "存续")


def test_what_was_read_again_and_delivered_again_since_is_not_rolled_back(registry, unjudged):
    for number in (1, 2):
        deliver(registry, day(number), A, B)
        night(day(number))
    deliver(registry, day(2), A, B, state="迁出")
    done = apply(again(day(2), day(2)))
    shutil.copy(registry / f"registry_{day(2):%Y%m%d}.csv", registry / f"registry_{day(3):%Y%m%d}.csv")
    night(day(3))
    with pytest.raises(
        CorrectionError, match=r"the nights of 2026-11-26 delivered the same content again.*plan `retract`"
    ):
        stages.roll_back_correction(done.correction.correction_id, "王", "读错了", day(10))
    assert live()[0] == (A, "迁出")


def test_tonight_brings_what_a_rolled_back_reading_had_brought(registry, unjudged):
    for number in (1, 2):
        deliver(registry, day(number), A, B)
        night(day(number))
    deliver(registry, day(2), A, B, state="迁出")
    done = apply(again(day(2), day(2)))
    stages.roll_back_correction(done.correction.correction_id, "王", "读错了", day(10))
    assert live()[0] == (A, "存续")
    deliver(registry, day(3), A, B, state="迁出")
    assert state_of(night(day(3))) == "stored"
    assert live()[0] == (A, "迁出")


def test_a_narrower_class_recalls_records_and_rolling_back_shows_them_again(environment):
    known_subject()
    take_in("enforcement_penalty", FIRST, [a_penalty(1), a_penalty(2)])
    stages.aggregate(FIRST)
    for platform in ("city", "national", "portal"):
        told(platform, FIRST)
        answered(platform)
    before = hashes()
    form = {"kind": "disclosure", "feed": "enforcement_penalty", "person": "林", "reason": "涉密", "fields": []}
    form |= {"disclosure": "on_authorisation", "basis": "条例", "document_number": "明工信〔2026〕9号"}
    with connected() as connection:
        asked = ask(connection, catalogue(), form | {"documents": ["闽明工信罚〔2026〕1号"]})
        planned = correction.plan(connection, catalogue(), asked, day(2))
    assert {name: found.get("withdraw") for name, found in planned.effect.platforms.items()} == dict.fromkeys(
        ("city", "national", "portal"), 1
    )
    assert hashes() == before
    done = apply(planned, on=2)
    withdrawn = [item for item in told("city", day(3)) if item[0] == "withdraw"]
    assert withdrawn == [("withdraw", "class_changed", "三明示例机械有限公司|闽明工信罚〔2026〕1号|2026-11-20")]
    answered("city")
    stages.roll_back_correction(done.correction.correction_id, "王", "定级有误", day(4))
    assert [item[0] for item in told("city", day(5))] == ["restore"]


def test_a_set_of_records_is_named_by_its_decision_dates(environment):
    take_in("enforcement_penalty", FIRST, [a_penalty(1), a_penalty(2, cf_jdrq="2026-11-01")])
    form = {"kind": "disclosure", "feed": "enforcement_penalty", "disclosure": "government_only", "basis": "条例"}
    form |= {"document_number": "9号", "first": "2026-11-10", "last": "2026-11-30"}
    with connected() as connection:
        asked: Asked = ask(connection, catalogue(), form)
    assert len(asked.parameters["records"]) == 1
