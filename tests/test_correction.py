"""A correction is tried, applied exactly as planned, and taken back whole."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace

import pytest
from deliveries import a_penalty, changed, day, execute, hashes, landed, rows, state_of, take_in
from telling import answered, known_subject, told

from xinyong import correction, history, recheck, restatement, stages
from xinyong.catalogue import catalogue
from xinyong.correction import Asked, CorrectionError, reading
from xinyong.database import connected
from xinyong.extract.delivery import Delivery
from xinyong.restatement import RestatementError, Wanted
from xinyong.warehouse import store_again

FEED = "enforcement_penalty"
DOCUMENT = "闽明工信罚〔2026〕{}号"
FORGET = (
    "TRUNCATE warehouse.penalty, warehouse.store_result, quality.quarantine, quality.sighting, quality.violation, "
    "quality.restatement, landing.batch, landing.enforcement_penalty, operation.intake CASCADE"
)

pytestmark = pytest.mark.usefixtures("environment", "by_hand")


@pytest.fixture
def by_hand(monkeypatch):
    """Judge by hand, as deliveries do: a row without facts breaks a critical rule. Great Expectations costs seconds."""
    monkeypatch.setattr(recheck, "judge", judge())


def judge(*broken):
    def judging(connection, feed, record_type, batch_id, business_date, table=""):
        import sqlalchemy as sa

        connection.execute(sa.text("DELETE FROM quality.violation WHERE batch_id = :b"), {"b": batch_id})
        query = (
            f"INSERT INTO quality.violation SELECT :b, row_number, 'PEN-R01-CF_SY' FROM {table} "
            "WHERE cf_sy IS NULL OR cf_sy = ANY(:broken)"
        )
        connection.execute(sa.text(query), {"b": batch_id, "broken": list(broken)})
        result = "INSERT INTO quality.rule_result VALUES (:b, 'PEN-R01-CF_SY', 'passed', 1, 0) ON CONFLICT DO NOTHING"
        connection.execute(sa.text(result), {"b": batch_id})

    return judging


def wide():
    """Declare the feed so that a handful of rows may lose half of them."""
    bounds = catalogue().feeds[FEED].bounds
    percent = {"max_deletions_percent": 100, "max_quarantined_percent": 100, "max_shrink_percent": 100}
    return changed(FEED, bounds=bounds.model_copy(update=percent))


def declared():
    """Leave the platforms out, unless one shows something: looking at them is half of what a plan costs."""
    shown = rows("SELECT count(*) FROM publication.published") != [(0,)]
    return wide() if shown else replace(wide(), platforms={})


def plan(kind, person="林", on=5, **parameters):
    with connected() as connection:
        return correction.plan(connection, declared(), Asked(kind, FEED, parameters, person, "录入有误"), day(on))


def restating(*wanted, person="林", on=5):
    with connected() as connection:
        found = restatement.resolve(connection, wide(), wide().feeds[FEED], wanted)
    return plan("restate", person, on, restatements=[one.as_dict() for one in found])


def apply(outcome, person="陈", on=5, given=None, folder=None):
    number = outcome.correction.correction_id
    with connected() as connection:
        given = given or outcome.correction.plan_hash
        return correction.apply(connection, declared(), number, given, person, "已核对", day(on), folder)


def rollback(outcome, on=6, person="王"):
    number = outcome.correction.correction_id
    with connected() as connection:
        return correction.rollback(connection, declared(), number, person, "更正有误", day(on), None)


def live(column="cf_sy"):
    query = f"SELECT {column} FROM warehouse.penalty WHERE valid_to IS NULL AND ending IS NULL ORDER BY cf_wsh"
    return [value for (value,) in rows(query)]


def two_nights():
    take_in(FEED, day(1), [a_penalty(1, cf_sy="甲"), a_penalty(2), a_penalty(3, cf_sy=None)])
    return take_in(FEED, day(2), [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy="改"), a_penalty(3, cf_sy=None)])


def published_world():
    """Let every platform show what two nights brought."""
    known_subject()
    two_nights()
    stages.aggregate(day(2))
    for platform in ("city", "national", "portal"):
        told(platform, day(2))
        answered(platform)


def test_a_plan_changes_nothing_and_says_what_would_change():
    published_world()
    before = hashes()
    found = restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙"), Wanted(DOCUMENT.format(3), "CF_SY", "补"))
    assert hashes() == before
    assert found.effect.records == {"entered": 1, "changed": 1, "withdrawn": 0, "history": 0}
    assert found.effect.entries == {"opened": 0, "closed": 1}
    assert found.effect.changes[0]["fields"] == {"CF_SY": ["甲", "乙"]}
    assert found.effect.platforms["city"] == {"add": 1, "update": 1}
    assert "completeness" in found.effect.scores
    assert rows("SELECT count(*) FROM quality.restatement") == [(0,)]
    assert found.correction.history == "planned on 2026-11-28 by 林"


def test_restating_and_rolling_back_is_a_round_trip():
    published_world()
    before = hashes()
    found = restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙"), Wanted(DOCUMENT.format(3), "CF_SY", "补"))
    done = apply(found)
    assert done.effect.effect_hash == found.effect.effect_hash
    assert live() == ["乙", "改", "补"]
    back = rollback(done)
    assert hashes() == before
    assert back.effect.records == {"entered": 0, "changed": 1, "withdrawn": 1, "history": 0}


@pytest.mark.proofs
def test_rolling_back_after_further_nights_leaves_what_they_would_have_left_without_it():
    two_nights()
    third = [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy="三"), a_penalty(3, cf_sy=None), a_penalty(4)]
    done = apply(restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙"), Wanted(DOCUMENT.format(3), "CF_SY", "补")))
    take_in(FEED, day(3), third)
    assert live()[0] == "乙"
    rollback(done)
    corrected = hashes()
    assert live()[0] == "甲"
    execute(FORGET)
    two_nights()
    take_in(FEED, day(3), third)
    assert hashes() == corrected


@pytest.mark.proofs
def test_a_late_batch_that_saw_the_same_entry_is_not_forgotten_when_a_correction_is_rolled_back():
    late, night = [a_penalty(1), a_penalty(3, cf_sy=None)], [a_penalty(1), a_penalty(2), a_penalty(3, cf_sy=None)]
    take_in(FEED, day(2), night)
    done = apply(restating(Wanted(DOCUMENT.format(3), "CF_SY", "补")))
    take_in(FEED, day(1), late)
    rollback(done)
    corrected = hashes()
    assert rows("SELECT opened_on FROM quality.quarantine") == [(day(1),)]
    execute(FORGET)
    take_in(FEED, day(1), late)
    take_in(FEED, day(2), night)
    assert hashes() == corrected


def test_restatements_taken_back_below_a_later_judgement_do_not_come_back_with_it(monkeypatch):
    take_in(FEED, day(1), [a_penalty(1, cf_sy=None), a_penalty(2, cf_sy="甲"), a_penalty(3)])
    before = hashes()
    first = apply(restating(Wanted(DOCUMENT.format(1), "CF_SY", "补")))
    monkeypatch.setattr(recheck, "judge", judge("甲"))
    second = apply(plan("re-judge", since=None))
    rollback(first)
    assert len(live()) == 1, "of the others one is set aside as delivered, one by the new rule"
    monkeypatch.setattr(recheck, "judge", judge())
    rollback(second)
    assert hashes() == before
    assert rows("SELECT row_number FROM quality.violation") == [(1,)]


def test_what_a_late_batch_says_of_an_entry_shows_when_the_correction_that_hid_it_is_rolled_back(monkeypatch):
    broken, mended, other = a_penalty(1, cf_sy=None), a_penalty(1), a_penalty(2)
    nights = {1: [broken, other], 2: [mended, other], 3: [mended, other, a_penalty(3)]}
    for number in (1, 3):
        take_in(FEED, day(number), nights[number], wide())
    again = [[row.get(name) for name in wide().feeds[FEED].columns.values()] for row in (broken, other)]
    monkeypatch.setattr(reading, "deliver", lambda feed, _: Delivery("again", tuple(feed.columns), iter(again)))
    monkeypatch.setattr(reading, "judge", lambda *given: judge()(*given, table=f"quality.staged_{FEED}"))
    monkeypatch.setattr(reading, "gate", lambda *_: None)
    done = apply(plan("re-extract", first="2026-11-26", last="2026-11-26"))
    closed = "SELECT state, closed_on FROM quality.quarantine"
    assert rows(closed) == [("open", None)]
    take_in(FEED, day(2), nights[2], wide())
    rollback(done)
    assert rows(closed) == [("fixed_at_source", day(2))]
    found = hashes()
    execute(FORGET)
    for number in (1, 2, 3):
        take_in(FEED, day(number), nights[number], wide())
    assert hashes() == found


@pytest.mark.proofs
def test_judging_again_by_another_rule_and_rolling_back_is_a_round_trip(monkeypatch):
    two_nights()
    before = hashes()
    monkeypatch.setattr(recheck, "judge", judge("甲"))
    found = plan("re-judge", since=None)
    assert found.effect.records["withdrawn"] == 1
    done = apply(found)
    assert live() == ["改"]
    take_in(FEED, day(3), [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy="改"), a_penalty(3, cf_sy=None), a_penalty(4)])
    rollback(done)
    assert live()[:2] == ["甲", "改"]
    assert {k: v for k, v in hashes().items() if k == "warehouse.subject"} == {
        "warehouse.subject": before["warehouse.subject"]
    }


def test_the_verdicts_of_a_judged_again_feed_come_back_exactly(monkeypatch):
    two_nights()
    before, verdicts = hashes(), rows("SELECT * FROM quality.violation ORDER BY 1, 2, 3")
    monkeypatch.setattr(recheck, "judge", judge("甲"))
    done = apply(plan("re-judge", since="2026-11-25"))
    assert rows("SELECT * FROM quality.violation ORDER BY 1, 2, 3") != verdicts
    rollback(done)
    assert rows("SELECT * FROM quality.violation ORDER BY 1, 2, 3") == verdicts
    assert hashes() == before


def test_a_retracted_batch_leaves_the_warehouse_as_if_it_had_never_come():
    two_nights()
    third = [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy="三"), a_penalty(5)]
    take_in(FEED, day(4), third, wide())
    without = hashes()
    wrong = take_in(
        FEED, day(3), [a_penalty(1, cf_sy="错"), a_penalty(2, cf_sy=None), a_penalty(9), a_penalty(5)], wide()
    )
    with_it = hashes()
    assert with_it != without
    done = apply(plan("retract", batch_id=wrong))
    assert hashes() == without
    assert state_of(wrong) == "retracted"
    rollback(done)
    assert hashes() == with_it


BROKEN = [a_penalty(1), a_penalty(3, cf_sy=None)]
MENDED = [a_penalty(1), a_penalty(3)]
ENTRY = "SELECT state, opened_on, closed_on FROM quality.quarantine"


def test_an_entry_restated_at_its_last_sight_keeps_the_end_it_had_before():
    take_in(FEED, day(1), BROKEN)
    take_in(FEED, day(3), [*BROKEN, a_penalty(4)])
    take_in(FEED, day(2), MENDED, wide())
    assert rows(ENTRY) == [("open", day(1), None)]
    done = apply(restating(Wanted(DOCUMENT.format(3), "CF_SY", "补")))
    assert rows(ENTRY) == [("fixed_at_source", day(1), day(2))]
    rollback(done)
    assert rows(ENTRY) == [("open", day(1), None)]


def test_retracting_stores_again_what_came_since_however_old_an_entry_is():
    take_in(FEED, day(1), BROKEN)
    take_in(FEED, day(2), MENDED)
    batch_id = take_in(FEED, day(3), BROKEN)
    done = apply(plan("retract", batch_id=batch_id))
    assert done.effect.batches == 0
    assert rows(ENTRY) == [("fixed_at_source", day(1), day(2))]
    rollback(done)
    assert rows(ENTRY) == [("open", day(1), None)]


def test_what_only_a_retracted_batch_had_said_is_withdrawn_as_never_true():
    published_world()
    wrong = take_in(FEED, day(3), [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy="改"), a_penalty(9)], wide())
    stages.aggregate(day(3))
    told("city", day(3))
    answered("city")
    found = plan("retract", batch_id=wrong)
    assert found.effect.platforms["city"]["withdraw"] == 1
    assert found.effect.withdrawals[0]["reason"] == "retracted_as_wrong"
    apply(found)
    assert [item for item in told("city", day(4)) if item[0] == "withdraw"] == [
        ("withdraw", "retracted_as_wrong", f"三明示例机械有限公司|{DOCUMENT.format(9)}|2026-11-20")
    ]


def test_tonight_does_not_bring_back_what_was_retracted_but_a_mended_source_does_go_on():
    two_nights()
    content = [a_penalty(1, cf_sy="错"), a_penalty(2, cf_sy="改"), a_penalty(3)]
    wrong = take_in(FEED, day(3), content)
    apply(plan("retract", batch_id=wrong))
    assert take_in(FEED, day(4), content) == wrong
    assert live()[0] == "甲"
    stages.settle(FEED, day(4))
    assert rows("SELECT outcome, refused FROM operation.feed_ledger WHERE business_date = '2026-11-27'") == [
        ("retracted", 3)
    ]
    take_in(FEED, day(5), [a_penalty(1, cf_sy="好"), a_penalty(2, cf_sy="改"), a_penalty(3)])
    assert live()[0] == "好"


def test_a_plan_applied_twice_says_who_applied_it_and_does_nothing():
    two_nights()
    found = restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙"))
    apply(found)
    before = hashes()
    again = apply(found, person="别人", on=6)
    assert (again.is_new, again.correction.applied_by) == (False, "陈")
    assert hashes() == before
    rollback(found)
    assert rollback(found).is_new is False
    with pytest.raises(CorrectionError, match="was planned on .* rolled back on 2026-11-29 by 王. Expected: a plan"):
        apply(found)


def test_a_plan_is_refused_when_the_data_moved_since():
    two_nights()
    found = restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙"), Wanted(DOCUMENT.format(2), "CF_SY", "丙"))
    take_in(FEED, day(3), [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy="又改"), a_penalty(3, cf_sy=None)])
    before = hashes()
    with pytest.raises(CorrectionError) as refused:
        apply(found)
    assert str(refused.value) == (
        "The data moved since correction 1 (restate of enforcement_penalty) was planned on 2026-11-28. Found: records: "
        "planned {'changed': 2, 'entered': 0, 'history': 0, 'withdrawn': 0}, now {'changed': 1, 'entered': 0, "
        "'history': 1, 'withdrawn': 0}; 1 records moved (闽明工信罚〔2026〕2号). Expected: exactly the planned effect. "
        "Nothing has changed; look at those records and plan again."
    )
    assert hashes() == before


@pytest.mark.proofs
def test_a_night_that_does_not_touch_the_records_does_not_outdate_a_plan():
    two_nights()
    found = restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙"))
    take_in(FEED, day(3), [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy="改"), a_penalty(3, cf_sy=None), a_penalty(4)])
    assert apply(found).is_new
    assert live()[0] == "乙"


def test_a_plan_needs_its_hash_a_person_and_a_reason():
    two_nights()
    found = restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙"))
    with pytest.raises(
        CorrectionError, match=f"another hash. Found: `deadbeef`. Expected: `{found.correction.plan_hash}`"
    ):
        apply(found, given="deadbeef")
    with pytest.raises(CorrectionError, match="blank"):
        apply(found, person=" ")


def test_a_large_plan_needs_a_second_person():
    take_in(FEED, day(1), [a_penalty(number) for number in range(1, 26)])
    found = restating(*[Wanted(DOCUMENT.format(number), "CF_SY", "乙") for number in range(1, 23)])
    assert found.correction.needs_approval
    with pytest.raises(CorrectionError, match="22 records.*林, who planned it. Expected: a second person"):
        apply(found, person="林")
    assert apply(found, person="陈").is_new


def test_after_thirty_days_a_correction_stands():
    two_nights()
    done = apply(restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙")))
    with pytest.raises(CorrectionError) as refused:
        rollback(done, on=36)
    assert str(refused.value) == (
        "The correction 1 (restate of enforcement_penalty) was planned on 2026-11-28 by 林, applied on 2026-11-28 by "
        "陈, 31 days before 2026-12-29. Expected: at most 30 days (`corrections.rollback_days` in "
        "catalogue/department.yml). It stands. What it changed can be changed again: plan a new correction of those "
        "records."
    )
    assert rollback(done, on=35).is_new


def test_an_earlier_day_does_not_lengthen_the_days_of_a_rollback_nor_turn_the_order_of_acts():
    two_nights()
    planned = restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙"))
    with pytest.raises(CorrectionError, match="Found: 2026-11-27, on which it would be applied. Expected: 2026-11-28"):
        apply(planned, on=4)
    done = apply(planned)
    with pytest.raises(CorrectionError, match="Found: 2026-11-27, on which it would be taken back. Expected: 2026-11"):
        rollback(done, on=4)
    take_in(FEED, day(35), [a_penalty(1, cf_sy="甲"), a_penalty(2)], wide())
    with pytest.raises(CorrectionError, match="31 days before 2026-12-29"):
        rollback(done, on=6)


def test_what_follows_is_dated_by_the_nights_as_they_are_when_it_is_done():
    two_nights()
    planned = restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙"))
    night = [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy="改"), a_penalty(3, cf_sy=None), a_penalty(4)]
    take_in(FEED, day(3), night)
    assert (planned.dates, apply(planned).dates) == ((day(2),), (day(3),))
    take_in(FEED, day(4), [*night, a_penalty(5)])
    assert apply(planned).dates == (day(4),)
    assert rollback(planned).dates == rollback(planned).dates == (day(4),)


def test_a_large_correction_is_taken_back_by_a_second_person():
    take_in(FEED, day(1), [a_penalty(number) for number in range(1, 26)])
    done = apply(restating(*[Wanted(DOCUMENT.format(number), "CF_SY", "乙") for number in range(1, 23)]))
    with pytest.raises(
        CorrectionError, match="22 records.*陈, who applied it, and would take it back. Expected: a sec"
    ):
        rollback(done, person="陈")
    given = (done.correction.correction_id, "王", "更正有误", day(6), None)
    with connected() as connection, pytest.raises(CorrectionError, match="王, who asked for it"):
        correction.rollback(connection, declared(), *given, asked_by="王")
    assert rollback(done, person="林").is_new


def test_what_a_small_correction_let_appear_counts_when_it_is_taken_back():
    small = correction.Correction(
        *(1, "restate", FEED, "penalty", {}, "applied", {"platforms": {"city": {"add": 4}, "portal": {"add": 2}}}),
        *("", "", False, day(1), "林", "", 1, day(1), "陈", "", None, None, None),
    )
    assert correction.is_large_to_take_back(catalogue(), small)
    fewer = replace(small, effect={"platforms": {"city": {"add": 4, "update": 9}}})
    assert not correction.is_large_to_take_back(catalogue(), fewer)


def test_a_planned_correction_cannot_be_rolled_back_nor_an_unknown_one():
    two_nights()
    found = restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙"))
    with pytest.raises(CorrectionError, match="never applied"):
        rollback(found)
    with connected() as connection, pytest.raises(CorrectionError, match="no correction 99"):
        correction.load(connection, 99)


def test_a_form_without_a_number_names_no_correction_not_the_latest():
    for asked in (stages.planned_correction, lambda number: stages.roll_back_correction(number, "林", "误填", day(3))):
        with pytest.raises(CorrectionError, match="There is no correction None"):
            asked(None)


def test_two_people_correcting_one_record_are_told_of_each_other():
    two_nights()
    first = restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙"))
    second = restating(Wanted(DOCUMENT.format(1), "CF_YJ", "另"), person="陈")
    apply(first)
    with pytest.raises(RestatementError) as refused:
        apply(second)
    assert str(refused.value) == (
        "Records of enforcement_penalty cannot be restated like this. Found: 闽明工信罚〔2026〕1号: restated by 陈 on "
        "2026-11-28 (correction 1: CF_SY), and that stands; roll it back first and plan one correction for all "
        "fields. Expected: known records and fields, readable values, each content restated once. Nothing has changed."
    )


@pytest.mark.proofs
def test_corrections_of_other_records_may_be_rolled_back_in_any_order():
    two_nights()
    before = hashes()
    first = apply(restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙")))
    second = apply(restating(Wanted(DOCUMENT.format(3), "CF_SY", "补")))
    rollback(first)
    assert live() == ["甲", "改", "补"]
    rollback(second)
    assert hashes() == before


@pytest.mark.proofs
def test_a_later_correction_of_the_same_records_is_rolled_back_first(monkeypatch):
    two_nights()
    first = apply(restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙")))
    monkeypatch.setattr(recheck, "judge", judge("乙"))
    second = apply(plan("re-judge", since=None))
    with pytest.raises(
        CorrectionError, match=r"correction 2 \(re-judge.*has changed 1 of the same records.*Both stand"
    ):
        rollback(first)
    rollback(second)
    rollback(first)
    assert live() == ["甲", "改"]


def test_a_batch_whose_records_were_corrected_since_is_not_retracted():
    batch_id = two_nights()
    apply(restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙")))
    with pytest.raises(CorrectionError) as refused:
        plan("retract", batch_id=batch_id)
    assert str(refused.value) == (
        "Batch 2 of enforcement_penalty holds 1 records that were corrected since: 闽明工信罚〔2026〕1号 by "
        "correction 1 (陈). Expected: a batch on which no restatement rests. Their corrections stand. Roll them back "
        "first (`xinyong correct rollback`), then plan the retraction again."
    )


@pytest.mark.parametrize(("batch_id", "says"), [(99, "has no batch 99"), (2, "is `refused`"), (1, "is `retracted`")])
def test_only_a_stored_batch_is_retracted(batch_id, says):
    take_in(FEED, day(1), [a_penalty(1)])
    landed(FEED, day(2), [a_penalty(2)])
    execute("UPDATE landing.batch SET state = 'refused' WHERE batch_id = 2")
    execute("UPDATE landing.batch SET state = 'retracted' WHERE batch_id = 1")
    with pytest.raises(CorrectionError, match=says):
        plan("retract", batch_id=batch_id)


@pytest.mark.proofs
def test_a_correction_without_an_effect_is_not_planned():
    """The first judgement of these nights was a short one; what the whole suite says is news once, and only once."""
    two_nights()
    apply(plan("re-judge", since=None))
    with pytest.raises(CorrectionError, match="would change nothing"):
        plan("re-judge", since=None)
    assert rows("SELECT count(*) FROM operation.correction") == [(1,)]


@pytest.mark.proofs
def test_nights_backfills_and_corrections_interleave_in_any_order():
    """One wrong content, corrected while it is the latest: the night and the late backfill may come before or after."""
    nights = {
        1: [a_penalty(1, cf_sy="甲"), a_penalty(2), a_penalty(3, cf_sy=None)],
        2: [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy="改"), a_penalty(3, cf_sy=None)],
        3: [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy="三"), a_penalty(3, cf_sy=None), a_penalty(4)],
    }
    take_in(FEED, day(2), nights[2])
    with connected() as connection:
        restated = restatement.resolve(
            connection, wide(), wide().feeds[FEED], [Wanted(DOCUMENT.format(1), "CF_SY", "乙")]
        )
    execute(FORGET)
    found = set()
    for order in list(itertools.permutations((1, 2, 3, "correction")))[::4]:
        for act in order:
            if act == "correction":
                with connected() as connection:
                    restatement.record(connection, wide().feeds[FEED], restated, "林", "有误", day(5))
                    store_again(
                        connection, wide(), wide().feeds[FEED], restated[0].since, recheck.rejudging(connection)
                    )
            else:
                take_in(FEED, day(act), nights[act])
        found.add(tuple(sorted(hashes().items())))
        assert live()[:2] == ["乙", "三"]
        execute(FORGET)
    assert len(found) == 1


def explained(sought):
    from rich.console import Console

    from xinyong.explain import explain

    with connected() as connection:
        found = explain(connection, wide(), sought)
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(found)
    return console.export_text()


@pytest.mark.proofs
def test_the_trace_of_a_record_tells_its_corrections_even_when_no_version_is_left():
    two_nights()
    wrong = take_in(FEED, day(3), [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy="改"), a_penalty(9)], wide())
    done = apply(restating(Wanted(DOCUMENT.format(2), "CF_SY", "乙")))
    assert "correction 1 (restate): changed on 2026-11-28 by 陈: 录入有误" in explained(DOCUMENT.format(2))
    rollback(done)
    assert "rolled back on 2026-11-29 by 王" in explained(DOCUMENT.format(2))
    apply(plan("retract", batch_id=wrong))
    said = explained(DOCUMENT.format(9))
    assert "no version is left: what was said of it was retracted as wrong" in said
    assert "correction 2 (retract): withdrawn on 2026-11-28 by 陈" in said


def believed(number, known_on=None, true_on=2):
    """Return standing and facts of a penalty on a day, as far as known on another."""
    with connected() as connection:
        ((found, record_id),) = history.records_called(connection, catalogue(), DOCUMENT.format(number))
        at = history.Moment(day(true_on), day(known_on) if known_on else None)
        row = history.standing(connection, catalogue(), found, record_id, at)
    return row["standing"], row.get("cf_sy")


def test_what_was_believed_before_a_restatement_stays_the_answer_about_those_days():
    two_nights()
    applied = apply(restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙"), Wanted(DOCUMENT.format(3), "CF_SY", "补")))
    assert [believed(1, known) for known in (2, 4, 5, None)] == [("true", one) for one in "甲甲乙乙"]
    assert [believed(3, known) for known in (4, 5)] == [("unknown", None), ("true", "补")]
    assert believed(2, 4) == believed(2, 5) == ("true", "改"), "nothing was corrected about it"
    rollback(applied, on=8)
    assert [believed(1, known) for known in (4, 5, 7, 8, None)] == [("true", one) for one in "甲乙乙甲甲"]
    assert [believed(3, known)[0] for known in (4, 7, 8, None)] == ["unknown", "true", "retracted", "retracted"]


def test_each_of_two_corrections_ends_what_was_believed_since_the_one_before():
    two_nights()
    apply(restating(Wanted(DOCUMENT.format(1), "CF_SY", "乙"), on=5), on=5)
    take_in(FEED, day(6), [a_penalty(1, cf_sy="丙"), a_penalty(2, cf_sy="改"), a_penalty(3, cf_sy=None)])
    apply(restating(Wanted(DOCUMENT.format(1), "CF_SY", "丁"), on=8), on=8)
    answers = [believed(1, known, true_on=6) for known in (4, 5, 6, 7, 8, None)]
    assert answers == [("true", one) for one in "甲乙丙丙丁丁"]


def test_a_retracted_record_was_believed_until_then_and_is_found_ever_after():
    two_nights()
    batch = take_in(FEED, day(3), [a_penalty(1, cf_sy="误"), a_penalty(2, cf_sy="改"), a_penalty(9)])
    apply(plan("retract", batch_id=batch))
    assert rows("SELECT count(*) FROM warehouse.penalty WHERE cf_wsh LIKE '%〕9号'") == [(0,)]
    assert [believed(1, known, true_on=3) for known in (2, 3, 4, 5)] == [("true", one) for one in "甲误误甲"]
    assert [believed(9, known, true_on=3)[0] for known in (2, 3, 4, 5, None)] == [
        *("unknown", "true", "true", "retracted", "retracted")
    ]


def test_what_was_judged_anew_was_believed_until_then(monkeypatch):
    two_nights()
    monkeypatch.setattr(recheck, "judge", judge("甲"))
    apply(plan("re-judge", since=None))
    assert [believed(1, known)[0] for known in (2, 4, 5, None)] == ["true", "true", "retracted", "retracted"]
    assert believed(2, 5) == ("true", "改")
