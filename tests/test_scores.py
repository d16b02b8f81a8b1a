"""Scores worked by hand from a handful of counts: nothing vacuous flatters them, nothing unjudged enters them."""

from __future__ import annotations

from datetime import date

import pytest
from deliveries import FIRST, a_penalty, day, execute, rows, take_in
from telling import known_subject

from xinyong import scores, stages, timeliness
from xinyong.catalogue import catalogue
from xinyong.catalogue.scores import Grade, ScoreSet
from xinyong.database import connected, run
from xinyong.errors import CatalogueError, LedgerError
from xinyong.findings import Finding
from xinyong.findings import record as record_findings

FEED = "enforcement_penalty"

pytestmark = pytest.mark.usefixtures("environment")


def results(batch_id, *verdicts):
    """Write what came of rules by hand: code, dimension, state, how many rows it applied to and how many failed."""
    with connected() as connection:
        for code, dimension, state, applied, failed in verdicts:
            about = {"record_type": "penalty", "field": None, "severity": "warning", "says": "说明", "basis": "依据"}
            run(connection, "quality/register_rule", rule_code=code, dimension=dimension, **about)
            import sqlalchemy as sa

            connection.execute(
                sa.text("INSERT INTO quality.rule_result VALUES (:batch, :code, :state, :applied, :failed)"),
                {"batch": batch_id, "code": code, "state": state, "applied": applied, "failed": failed},
            )
            connection.execute(
                sa.text("INSERT INTO quality.violation SELECT :batch, n, :code FROM generate_series(1, :failed) AS n"),
                {"batch": batch_id, "code": code, "failed": failed if state == "failed" else 0},
            )


def measured(when):
    with connected() as connection:
        timeliness.measure(connection, catalogue(), when)
        timeliness.keep(connection, catalogue(), when)
        scores.record(connection, catalogue(), when)


def assessed(first, last=None, chosen=None):
    with connected() as connection:
        return scores.assess(connection, chosen or catalogue().scores["first"], first, last or first)


def dimension(found, name, section="enforcement", feed=FEED):
    return next(one for one in found.scores if (one.dimension, one.section, one.feed) == (name, section, feed))


def rate(found, metric, section=None, record_type=None):
    return next(
        one for one in found.rates if (one.metric, one.section, one.record_type) == (metric, section, record_type)
    )


def ten(**changes):
    return [a_penalty(at, **changes) for at in range(1, 11)]


def test_a_percentage_is_checks_passed_of_checks_that_applied():
    batch = take_in(FEED, FIRST, ten())
    results(
        batch,
        ("PEN-A", "accuracy", "passed", 10, 0),
        ("PEN-B", "accuracy", "failed", 10, 3),
        ("PEN-C", "accuracy", "not_applicable", 0, 0),
        ("PEN-D", "accuracy", "error", 10, 0),
        ("PEN-E", "accuracy", "failed", 5, 2),
    )
    measured(FIRST)
    found = dimension(assessed(FIRST), "accuracy")
    assert (found.rules_passed, found.rules_failed, found.rules_not_applicable, found.rules_error) == (1, 2, 1, 1)
    assert (found.applied_count, found.failed_count, found.percent) == (25, 5, 80.0)
    assert (found.grade, found.meets_target) == ("差", False)


def test_rules_that_applied_to_nothing_or_could_not_run_are_no_score():
    batch = take_in(FEED, FIRST, ten())
    results(batch, ("PEN-C", "accuracy", "not_applicable", 0, 0), ("PEN-D", "accuracy", "error", 10, 0))
    measured(FIRST)
    found = dimension(assessed(FIRST), "accuracy")
    assert (found.percent, found.grade, found.meets_target, found.rules_error) == (None, None, None, 1)


def test_a_feed_that_delivered_nothing_is_not_measured_rather_than_perfect():
    results(take_in(FEED, FIRST, ten()), ("PEN-A", "accuracy", "passed", 10, 0))
    measured(FIRST)
    measured(day(2))
    assert [one.feed for one in assessed(FIRST).scores if one.dimension == "accuracy"] == [FEED, None, None]
    assert rows("SELECT count(*) FROM quality.score_day WHERE business_date = :day", day=day(2)) == [(0,)]


def test_sections_and_department_add_checks_up_instead_of_averaging_percentages():
    results(take_in(FEED, FIRST, ten()), ("PEN-A", "accuracy", "failed", 10, 5))
    results(
        take_in("safety_penalty", FIRST, [a_penalty(at) for at in range(20, 50)]),
        ("PEN-A", "accuracy", "passed", 30, 0),
    )
    measured(FIRST)
    found = assessed(FIRST)
    assert dimension(found, "accuracy").percent == 50.0
    assert dimension(found, "accuracy", "safety", None).percent == 100.0
    assert dimension(found, "accuracy", None, None).percent == 87.5


def test_rows_count_once_however_many_rules_they_break():
    results(take_in(FEED, FIRST, ten()), ("PEN-A", "accuracy", "failed", 10, 1), ("PEN-B", "accuracy", "failed", 10, 2))
    measured(FIRST)
    found = rate(assessed(FIRST), "accuracy")
    assert (found.good_count, found.all_count, found.percent, found.points) == (8, 10, 80.0, 2.4)


@pytest.mark.parametrize(
    ("failed", "percent", "points"), [(0, 100.0, 3.0), (5, 95.0, 3.0), (6, 94.0, 2.82), (100, 0.0, 0.0)]
)
def test_from_95_per_cent_on_a_receiver_gives_all_points_and_below_the_share(failed, percent, points):
    state = "failed" if failed else "passed"
    results(take_in(FEED, FIRST, ten()), ("PEN-R01-CF_NR", "completeness", state, 100, 0))
    execute("UPDATE quality.rule_result SET failed_count = :failed WHERE rule_code = 'PEN-R01-CF_NR'", failed=failed)
    measured(FIRST)
    found = rate(assessed(FIRST), "completeness", "enforcement", "penalty")
    assert (found.title, found.percent, found.points, found.full_points) == ("完整率", percent, points, 3.0)


def test_items_required_are_those_that_a_rule_wants_filled_and_no_others():
    results(
        take_in(FEED, FIRST, ten()),
        ("PEN-R01-CF_NR", "completeness", "failed", 10, 1),
        ("PEN-R04-CF_FRDB", "completeness", "failed", 8, 1),
        ("PEN-R22", "completeness", "failed", 4, 1),
        ("PEN-R05-CF_XDR_SHXYM", "completeness", "passed", 300, 0),  # must be blank
        ("PEN-R12", "completeness", "passed", 100, 0),  # both or none
        ("PEN-R35-CF_SY", "completeness", "passed", 100, 0),  # filled, but with nothing
    )
    measured(FIRST)
    found = assessed(FIRST)
    filled = rate(found, "completeness")
    assert (filled.good_count, filled.all_count) == (19, 22)
    assert dimension(found, "completeness").applied_count == 522
    assert "required" not in {one.dimension for one in found.scores}


def answered(when, *states):
    """Let the city answer the items of a date one after the other; a code makes a rejection."""
    stages.reconcile("city", when)
    for position, answer in enumerate(states, 1):
        state = "rejected" if answer.isdigit() else answer
        execute(
            "UPDATE publication.item SET state = :state, error_code = :code FROM publication.message AS m "
            "WHERE item.number = m.number AND m.platform = 'city' AND item.platform = 'city' "
            "AND m.business_date = :day AND item.position = :position",
            state=state,
            code=answer if answer.isdigit() else None,
            day=when,
            position=position,
        )
    with connected() as connection:
        run(connection, "timeliness/note_receipts", platform="city", business_date=when)


def test_a_receivers_rates_follow_its_receipts():
    known_subject()
    take_in(FEED, FIRST, [a_penalty(at) for at in range(1, 7)])
    stages.aggregate(FIRST)
    answered(FIRST, "accepted", "accepted", "accepted", "4", "2", "open")
    measured(FIRST)
    found = assessed(FIRST)
    assert (rate(found, "storage").good_count, rate(found, "storage").all_count) == (3, 6)
    assert rate(found, "storage").points == 3.0
    compliance = rate(found, "compliance")
    assert (compliance.good_count, compliance.all_count, compliance.percent) == (4, 5, 80.0)
    assert (rate(found, "linkage").percent, rate(found, "linkage").points) == (100.0, None)


def test_timely_and_late_rates_follow_the_first_receipt_and_add_up_over_a_month():
    take_in(FEED, FIRST, [a_penalty(1), a_penalty(2, cf_jdrq="2026-11-16"), a_penalty(3, cf_jdrq="2026-11-10")])
    stages.aggregate(FIRST)
    answered(FIRST, "accepted", "accepted", "accepted")
    measured(FIRST)
    found = assessed(date(2026, 11, 1), date(2026, 11, 30))
    timely, late, strict = (rate(found, metric) for metric in ("timely", "late", "timely_strict"))
    assert (timely.good_count, late.good_count, strict.good_count, timely.all_count) == (2, 1, 1, 3)
    assert timely.percent + late.percent == 100.0
    assert dimension(found, "timeliness").percent == 66.67
    measured(day(2))
    assert rate(assessed(FIRST, day(2)), "timely").all_count == 3, "a record is reported once"


def test_history_is_scored_anew_by_other_thresholds_and_nothing_is_judged_again():
    results(take_in(FEED, FIRST, ten()), ("PEN-A", "accuracy", "failed", 10, 1))
    measured(FIRST)
    first = catalogue().scores["first"]
    lenient = first.model_copy(
        update={"name": "lenient", "grades": (Grade(word="好", at_least=80), Grade(word="坏", at_least=0))}
    )
    kept = rows("SELECT * FROM quality.score_day")
    assert dimension(assessed(FIRST), "accuracy").grade == "中"
    assert dimension(assessed(FIRST, chosen=lenient), "accuracy").grade == "好"
    assert rows("SELECT * FROM quality.score_day") == kept


def test_the_set_in_force_on_a_day_is_the_latest_that_began(monkeypatch):
    from dataclasses import replace

    first = catalogue().scores["first"]
    later = first.model_copy(update={"name": "later", "in_force_from": date(2027, 1, 1)})
    declared = replace(catalogue(), scores={"later": later, "first": first})
    in_force = [declared.scores_on(when).name for when in (date(2026, 12, 31), date(2027, 1, 1))]
    assert in_force == ["first", "later"]
    assert scores.thresholds(declared, FIRST, "later") is later
    with pytest.raises(CatalogueError, match="Expected one of: later, first"):
        scores.thresholds(declared, FIRST, "none")
    with pytest.raises(CatalogueError, match="no thresholds are in force"):
        declared.scores_on(date(2017, 1, 1))


@pytest.mark.parametrize("steps", [[90, 95, 0], [98, 95], [98, 98, 0]])
def test_grades_that_do_not_cover_every_percentage_are_refused(steps):
    declared = catalogue().scores["first"].model_dump() | {
        "grades": [{"word": "级", "at_least": step} for step in steps]
    }
    with pytest.raises(ValueError, match="the best first"):
        ScoreSet.model_validate(declared)


def test_a_date_that_was_never_measured_is_said_and_counting_twice_changes_nothing():
    with pytest.raises(LedgerError, match="Nothing was measured"):
        assessed(FIRST)
    results(take_in(FEED, FIRST, ten()), ("PEN-A", "accuracy", "failed", 10, 1))
    measured(FIRST)
    kept = assessed(FIRST)
    measured(FIRST)
    assert assessed(FIRST) == kept


def test_thresholds_of_an_unknown_platform_or_of_the_same_day_are_refused():
    from dataclasses import replace

    from xinyong.catalogue.consistency import problems

    first = catalogue().scores["first"]
    wrong = {
        "first": first,
        "other": first.model_copy(update={"name": "other", "platform": "moon"}),
    }
    assert problems(replace(catalogue(), scores=wrong)) == [
        "catalogue/scores/other.yml: platform: found `moon`, expected one of city, national, portal",
        "catalogue/scores/other.yml: in_force_from: 2018-01-01 is also that of `first`; one is in force on a day",
    ]


def test_concealed_rows_are_those_found_beside_those_reported_in_the_period():
    known_subject()
    take_in(FEED, FIRST, ten())
    stages.aggregate(FIRST)
    answered(FIRST, *["accepted"] * 10)
    measured(FIRST)
    about = {"section": "enforcement", "document": "x", "found_by": "第三方评估", "person": "林建国"}
    with connected() as connection:
        findings = [Finding("penalty", found_on=when, **about | {"document": str(when)}) for when in (FIRST, day(2))]
        record_findings(connection, catalogue(), findings, "city", day(2))
    one_day = rate(assessed(FIRST), "concealed", "enforcement", "penalty")
    assert (one_day.title, one_day.good_count, one_day.all_count, one_day.points) == ("瞒报率", 1, 11, None)
    assert one_day.percent == 9.09
    assert rate(assessed(FIRST, day(2)), "concealed").all_count == 12


def test_wrong_codes_are_no_codes_or_stand_beside_two_names_whatever_their_brackets():
    known_subject()
    rest = [a_penalty(at, cf_xdr_shxym="91110000600037341L") for at in (1, 2)]
    same = [a_penalty(3, cf_xdr_mc="三明甲（福建）公司"), a_penalty(4, cf_xdr_mc="三明甲(福建)公司")]
    two = [a_penalty(at, cf_xdr_shxym="91350402MA2XYKT641", cf_xdr_mc=f"三明{at}公司") for at in (5, 6)]
    shared = [a_penalty(at, cf_xdr_shxym="91230500MA1B3N1N2M", cf_xdr_mc=f"三明{at}公司") for at in (7, 8)]
    none = [a_penalty(9, cf_xdr_shxym="00000000000000000X"), a_penalty(10, cf_xdr_shxym=None)]
    results(take_in(FEED, FIRST, [*rest, *same, *two, *shared, *none]), ("PEN-A", "accuracy", "passed", 10, 0))
    measured(FIRST)
    found = rate(assessed(FIRST), "wrong_codes", "enforcement", "penalty")
    assert (found.title, found.good_count, found.all_count, found.percent) == ("重错码率", 2, 4, 50.0)
    counted = "SELECT code_count, wrong_count, shared_count FROM quality.code_day WHERE feed = 'enforcement_penalty'"
    assert rows(counted) == [(4, 1, 1)]
    measured(FIRST)
    assert rows(counted) == [(4, 1, 1)]
