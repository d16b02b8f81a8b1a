"""Versions are what the batches say in the order of knowledge, whatever order they arrive in."""

from __future__ import annotations

import pytest
from deliveries import (
    a_licence,
    a_penalty,
    a_subject,
    changed,
    counts,
    day,
    execute,
    forget_everything,
    hashes,
    judged,
    landed,
    rows,
    stored,
    take_in,
)
from proofs import as_proofs
from staged import VALID

from xinyong.database import connected, run
from xinyong.errors import BatchRefused, WarehouseError
from xinyong.landing import batch
from xinyong.quality import judge
from xinyong.staging import stage

FEED = "enforcement_penalty"
DROP = "safety_penalty"
LEGACY = "safety_licence_legacy"
KEYLESS = {"source_id": None, "cf_wsh": None}

pytestmark = pytest.mark.usefixtures("environment")


def lenient(feed, **changes):
    """Declare a feed so that a handful of rows may lose half of them."""
    from xinyong.catalogue import catalogue

    bounds = catalogue().feeds[feed].bounds.model_copy(update={"max_deletions_percent": 100})
    return changed(feed, bounds=bounds, **changes)


def versions():
    """Show every version: document, facts, night from which and to which, ending."""
    return rows(
        "SELECT cf_wsh, cf_sy, (known_at AT TIME ZONE 'UTC')::date - date '2026-11-23', "
        "(valid_to AT TIME ZONE 'UTC')::date - date '2026-11-23', ending "
        "FROM warehouse.penalty ORDER BY cf_wsh, valid_from, known_at"
    )


def many(number, **changes):
    return [a_penalty(at, **changes) for at in range(1, number + 1)]


def test_every_row_received_is_accepted_set_aside_unchanged_or_a_duplicate():
    take_in(FEED, day(1), [*many(3), a_penalty(9, cf_sy=None)])
    second = take_in(
        FEED, day(2), [a_penalty(1), a_penalty(1), a_penalty(2, cf_sy="更正"), a_penalty(3), a_penalty(9, cf_sy="/")]
    )
    assert counts(second) == {"received": 5, "accepted": 1, "quarantined": 1, "unchanged": 2, "duplicate": 1}


def test_the_database_refuses_counts_that_do_not_balance():

    for statement in (
        "INSERT INTO warehouse.store_result VALUES (1, 5, 1, 1, 1, 1, 0, 0)",
        "INSERT INTO operation.feed_ledger VALUES ('2026-11-24', 'a', 1, 'stored', NULL, 5, 1, 1, 1, 1, 0, 0)",
        "INSERT INTO publication.platform_ledger VALUES ('2026-11-24', 'a', 1, 3, 1, 1, 0, 0, 0, 0, '', '', 0, NULL)",
    ):
        with pytest.raises(WarehouseError, match="conservation"):
            execute(statement)


def test_a_row_that_the_store_step_cannot_explain_stops_the_batch():
    found = landed(FEED, day(1), many(2))
    judged(found)
    execute("DELETE FROM quality.staged_enforcement_penalty WHERE row_number = 2")
    with pytest.raises(WarehouseError, match=r"received 2, explained 1"):
        stored(found)
    assert versions() == []


def test_a_batch_that_was_not_checked_is_not_stored():
    with pytest.raises(WarehouseError, match="`landed`.*`checked`"):
        stored(landed(FEED, day(1), many(1)))


def test_a_change_becomes_a_version_and_ends_the_one_before_it():
    take_in(FEED, day(1), [a_penalty(1, cf_sy="甲")])
    take_in(FEED, day(2), [a_penalty(1, cf_sy="乙")])
    assert versions() == [("闽明工信罚〔2026〕1号", "甲", 1, 2, None), ("闽明工信罚〔2026〕1号", "乙", 2, None, None)]


def test_a_record_no_longer_delivered_gets_the_ending_its_feed_declares_and_comes_back():
    declared = lenient(FEED)
    take_in(FEED, day(1), many(2, cf_sy="甲"))
    take_in(FEED, day(2), [a_penalty(1, cf_sy="甲")], declared)
    assert versions()[1:] == [
        ("闽明工信罚〔2026〕2号", "甲", 1, 2, None),
        ("闽明工信罚〔2026〕2号", "甲", 2, None, "revoked"),
    ]
    back = take_in(FEED, day(3), many(2, cf_sy="甲"))
    assert versions()[-1] == ("闽明工信罚〔2026〕2号", "甲", 3, None, None)
    assert counts(back) == {"received": 2, "accepted": 1, "unchanged": 1}


def test_a_row_under_another_key_with_the_same_id_supersedes_the_old_record():
    take_in(FEED, day(1), [a_penalty(1), *many(9)[1:]])
    take_in(FEED, day(2), [a_penalty(1, cf_wsh="闽明工信罚〔2026〕77号"), *many(9)[1:]])
    ended = rows("SELECT cf_wsh, ending FROM warehouse.penalty WHERE ending IS NOT NULL")
    assert ended == [("闽明工信罚〔2026〕1号", "superseded")]
    assert links() == [("闽明工信罚〔2026〕1号", "闽明工信罚〔2026〕77号")]


def links():
    """Show which document continues which."""
    return rows(
        "SELECT DISTINCT old.cf_wsh, new.cf_wsh FROM warehouse.succession AS link "
        "JOIN warehouse.penalty AS old USING (record_id) "
        "JOIN warehouse.penalty AS new ON new.record_id = link.successor_id"
    )


def test_an_id_is_one_record_in_an_incremental_feed_too():
    declared = changed(FEED, change="incremental")
    take_in(FEED, day(1), many(3), declared)
    second = take_in(FEED, day(2), [a_penalty(1, cf_wsh="闽明工信罚〔2026〕77号")], declared)
    assert counts(second) == {"received": 1, "accepted": 1, "ended": 1}
    assert links() == [("闽明工信罚〔2026〕1号", "闽明工信罚〔2026〕77号")]
    assert rows("SELECT count(*) FROM warehouse.penalty_current") == [(3,)]
    take_in(FEED, day(3), [a_penalty(2)], declared)
    assert rows("SELECT count(*) FROM warehouse.penalty_current") == [(3,)]


def test_deletions_that_were_held_follow_when_another_night_says_the_same_again():
    take_in(DROP, day(1), many(9))
    held = take_in(DROP, day(2), [*many(8), a_penalty(9, **KEYLESS)])
    assert counts(held)["deletions_held"] == 1
    assert take_in(DROP, day(2), [*many(8), a_penalty(9, **KEYLESS)]) == held, "the same night is the same batch"
    again = take_in(DROP, day(3), [*many(8), a_penalty(9, **KEYLESS)])
    assert counts(again) == {"received": 9, "quarantined": 1, "unchanged": 8, "ended": 1}


def test_deletions_that_a_batch_comes_to_hold_are_confirmed_by_the_dates_that_had_delivered_the_same():
    def lived(*days):
        forget_everything()
        for number in days:
            delivered = many(9) if number == 1 else [*many(8), a_penalty(9, **KEYLESS)]
            take_in(DROP, day(number), delivered)
        return results()

    late = lived(2, 3, 4, 1)
    assert late == lived(1, 2, 3, 4)
    assert rows("SELECT count(*) FROM warehouse.penalty WHERE ending IS NOT NULL") == [(1,)]


def test_the_history_of_one_key_is_restated_and_no_other_row_is_touched():
    from xinyong.catalogue import catalogue
    from xinyong.database import connected
    from xinyong.warehouse import restate

    take_in(FEED, day(1), many(9))
    take_in(FEED, day(2), [a_penalty(1, cf_sy="更正"), *many(8)[1:]])
    take_in(FEED, day(3), [a_penalty(1), *many(8)[1:]])
    before, everything = hashes(), rows(UNTOUCHED)
    execute("UPDATE warehouse.penalty SET cf_sy = '错', valid_to = NULL WHERE cf_wsh IN (:a, :b)", **TWO)
    found = rows("SELECT DISTINCT record_id::text FROM warehouse.penalty WHERE cf_wsh IN (:a, :b)", **TWO)
    ids = [record_id for (record_id,) in found]
    for _ in range(2):
        with connected() as connection:
            restate(connection, catalogue(), catalogue().feeds[FEED], ids)
        assert hashes() == before
        assert rows(UNTOUCHED) == everything
        assert rows("SELECT count(*) FROM warehouse.penalty WHERE cf_sy = '错'") == [(0,)]


TWO = {"a": "闽明工信罚〔2026〕1号", "b": "闽明工信罚〔2026〕9号"}
# xmin and ctid: who wrote a row last, and where it lies
UNTOUCHED = (
    "SELECT xmin::text, ctid::text, version::text FROM warehouse.penalty AS version "
    "WHERE cf_wsh NOT IN ('闽明工信罚〔2026〕1号', '闽明工信罚〔2026〕9号') ORDER BY 3"
)


def test_a_record_whose_row_is_set_aside_is_not_missing_even_when_its_key_is_spoilt():
    take_in(FEED, day(1), many(3))
    third = take_in(FEED, day(2), [a_penalty(1, cf_sy=None), a_penalty(2, cf_wsh=None), a_penalty(3)])
    assert counts(third) == {"received": 3, "quarantined": 2, "unchanged": 1}
    assert rows("SELECT count(*) FROM warehouse.penalty WHERE ending IS NOT NULL") == [(0,)]


def a_legacy_licence(number, state):
    row = VALID["licence"] | {"xk_wsh": f"明工信许〔2026〕{number}号", "v1_state": state}
    return row | {"xk_xkjg": "三明市工业和信息化局", "v1_updated": "2026-11-20"}


def judged_by_its_suite(batch_id, declared):
    """Stage and judge a batch as the night does, and store it."""
    found = declared.feeds[LEGACY]
    with connected() as connection:
        one = batch(connection, batch_id)
        stage(connection, found, declared.records["licence"], batch_id, one.known_at)
        judge(connection, found, declared.records["licence"], batch_id, one.business_date)
        run(connection, "landing/set_state", batch_id=batch_id, state="checked")
    stored(batch_id, declared)


def test_only_what_the_old_template_calls_normal_is_a_licence_in_force_and_what_is_revoked_ends():
    declared = lenient(LEGACY)
    states = ["0", "", "1", "2", "3"]
    first = [a_legacy_licence(number, state) for number, state in enumerate(states, start=1)]
    judged_by_its_suite(landed(LEGACY, day(1), first, declared), declared)
    live = "SELECT right(xk_wsh, 2), xk_zt, ending FROM warehouse.licence ORDER BY xk_wsh, known_at"
    broken = "SELECT row_number, rule_code FROM quality.violation WHERE rule_code LIKE '%ZT' ORDER BY row_number"
    assert rows(live) == [("1号", "1", None), ("2号", "1", None)]
    assert rows(broken) == [(number, "LIC-R03-XK_ZT") for number in (3, 4, 5)]
    second = [a_legacy_licence(1, "1"), a_legacy_licence(2, "2")]
    judged_by_its_suite(landed(LEGACY, day(2), second, declared), declared)
    assert rows(live) == [("1号", "1", None), ("1号", "1", "revoked"), ("2号", "1", None)]
    judged_by_its_suite(landed(LEGACY, day(3), [*second, a_legacy_licence(3, "0")], declared), declared)
    assert rows(live)[3:] == [("3号", "1", None)]


def test_deletions_are_held_while_a_row_has_lost_its_key_and_follow_when_it_has_not():
    take_in(DROP, day(1), many(9))
    held = take_in(DROP, day(2), [*many(8), a_penalty(9, **KEYLESS)])
    assert counts(held) == {"received": 9, "quarantined": 1, "unchanged": 8, "deletions_held": 1}
    known = take_in(DROP, day(3), [*many(8), a_penalty(9, **KEYLESS), a_penalty(10)])
    assert counts(known) == {"received": 10, "accepted": 1, "quarantined": 1, "unchanged": 8, "ended": 1}


def test_too_many_deletions_refuse_the_batch_and_end_nothing():
    take_in(FEED, day(1), many(10))
    found = landed(FEED, day(2), many(7))
    judged(found)
    with pytest.raises(
        BatchRefused, match=r"would end 3 of 10 records \(30.0 %\).*at most 20 %.*section `enforcement`"
    ):
        stored(found)
    assert len(versions()) == 10


@pytest.mark.parametrize("change", ["full", "incremental"])
def test_an_empty_batch_ends_nothing(change):
    take_in(FEED, day(1), many(3), changed(FEED, change=change))
    found = landed(FEED, day(2), [])
    judged(found)
    if change == "full":
        with pytest.raises(BatchRefused):
            stored(found)
    else:
        stored(found, changed(FEED, change=change))
    assert [ending for *_, ending in versions()] == [None] * 3


def test_an_incremental_batch_says_nothing_about_what_it_does_not_contain():
    declared = changed(FEED, change="incremental")
    take_in(FEED, day(1), many(3), declared)
    second = take_in(FEED, day(2), [a_penalty(2, cf_sy="更正")], declared)
    assert counts(second) == {"received": 1, "accepted": 1}
    assert [ending for *_, ending in versions()] == [None] * 4


def test_storing_twice_changes_nothing():
    found = take_in(FEED, day(1), many(3))
    before = hashes()
    stored(found)
    assert hashes() == before
    assert take_in(FEED, day(2), many(3)) == found, "the same content again is the same batch"


def test_a_quarantine_entry_opens_stays_closes_and_opens_again():
    def entries():
        return rows("SELECT state, opened_on, closed_on, reason, section, rule_codes FROM quality.quarantine")

    broken = a_penalty(1, cf_sy=None)
    take_in(FEED, day(1), [broken, a_penalty(2)])
    opened = ("open", day(1), None, None, "enforcement", ["PEN-R01-CF_SY"])
    assert entries() == [opened]
    take_in(FEED, day(2), [broken, a_penalty(2), a_penalty(3)])
    assert entries() == [opened]
    take_in(FEED, day(3), many(3))
    assert entries() == [("fixed_at_source", day(1), day(3), "corrected", *opened[4:])]
    take_in(FEED, day(4), [broken, a_penalty(2), a_penalty(3)])
    assert entries()[0][:3] == ("open", day(1), None)


def test_a_waived_entry_stays_waived_when_its_row_is_seen_again():
    broken = [a_penalty(1, cf_sy=None)]
    take_in(FEED, day(1), [*broken, a_penalty(2)])
    execute(
        "INSERT INTO quality.decision SELECT feed, record_id, content_hash, 'waived', rule_codes, "
        "'2026-11-24', '2026-11-25', '王', '历史案件' FROM quality.quarantine"
    )
    take_in(FEED, day(2), [*broken, a_penalty(2), a_penalty(3)])
    assert rows("SELECT state, person FROM quality.quarantine") == [("waived", "王")]


def test_a_record_is_linked_by_code_and_by_old_number_and_a_person_by_the_hash_of_the_number():
    from staged import COMPANY

    from xinyong.aggregate import aggregate
    from xinyong.catalogue import catalogue
    from xinyong.database import connected

    take_in("registry_subject", day(1), [a_subject("三明示例机械有限公司", COMPANY)])
    person = {"cf_xdr_lb": "自然人", "cf_xdr_shxym": None, "cf_xdr_zjlx": "身份证", "cf_xdr_zjhm": "11010519491231002X"}
    take_in(
        FEED,
        day(1),
        [
            a_penalty(1),
            a_penalty(2, cf_xdr_shxym=None, cf_xdr_gszc="350402100000017"),
            a_penalty(3, cf_xdr_shxym=None, cf_xdr_zzjg=COMPANY[8:17]),
            a_penalty(4, cf_xdr_shxym="91350400MA00000001"),
            a_penalty(5, **person),
            a_penalty(6, **person),
        ],
    )
    with connected() as connection:
        aggregate(connection, catalogue(), day(1))
    links = [link for (link,) in rows("SELECT subject_id FROM warehouse.penalty ORDER BY cf_wsh")]
    (subject,) = rows("SELECT record_id FROM warehouse.subject")[0]
    assert links[:4] == [subject, subject, subject, None]
    assert links[4] == links[5] not in (None, subject)


FULL = [
    [*many(4), a_penalty(9, cf_sy=None)],
    [a_penalty(1, cf_sy="更正"), a_penalty(2), a_penalty(2), a_penalty(3), a_penalty(9)],
    [*many(4), a_penalty(5), a_penalty(9, cf_sy=None)],
    [a_penalty(1, cf_sy="更正"), a_penalty(4), a_penalty(9, cf_sy="更正")],
]
NO_IDS = [
    many(3),
    [*many(2), a_penalty(3, **KEYLESS)],
    [a_penalty(1, cf_sy="更正"), a_penalty(3, **KEYLESS)],
    [a_penalty(1), a_penalty(2), a_penalty(4)],
]
EARLY, LATE = "2026-11-20T09:00:00+08:00", "2026-11-21T09:00:00+08:00"
TIMED = [
    [a_licence(1, EARLY), a_licence(2, EARLY), a_licence(3, EARLY)],
    [a_licence(1, LATE, xk_nr="更正"), a_licence(2, LATE), a_licence(4, EARLY)],
    [a_licence(1, EARLY), a_licence(2, LATE), a_licence(3, EARLY, xk_nr="更正"), a_licence(5, EARLY, xk_nr=None)],
    [a_licence(1, LATE, xk_nr="更正"), a_licence(3, LATE)],
]
CASES = {
    "full compare with ids": ("enforcement_penalty", "full", FULL),
    "full compare without ids": ("safety_penalty", "full", NO_IDS),
    "full compare with the source's time": ("approvals_licence", "full", TIMED),
    "incremental": ("enforcement_penalty", "incremental", FULL),
    "incremental with the source's time": ("approvals_licence", "incremental", TIMED),
}


ORDERS = [(3, 2, 1, 0), (1, 3, 0, 2), (2, 0, 3, 1)]  # each of the four is once last, in the right order the fourth


def results():
    """Return what must not depend on the order: the set hashes, and the counts of each date's batch."""
    by_date = rows(
        "SELECT b.business_date, received, accepted, quarantined, unchanged, duplicate, ended, deletions_held "
        "FROM warehouse.store_result JOIN landing.batch AS b USING (batch_id) ORDER BY b.business_date"
    )
    return hashes(), by_date


def in_order(order, feed, batches, declared):
    forget_everything()
    for at in order:
        take_in(feed, day(at + 1), batches[at], declared)
    return results()


FIRST, *OTHERS = CASES


@pytest.mark.parametrize("case", [FIRST, *as_proofs(*OTHERS)])
def test_any_order_of_batches_leads_to_the_same_warehouse(case):
    feed, change, batches = CASES[case]
    declared = lenient(feed, change=change)
    expected = in_order(range(4), feed, batches, declared)
    assert {order: in_order(order, feed, batches, declared) for order in ORDERS} == dict.fromkeys(ORDERS, expected)


BACK_AGAIN = [
    [a_penalty(1), a_penalty(2)],
    [a_penalty(1), a_penalty(2, cf_sy="更正")],
    [a_penalty(1), a_penalty(2)],
    [a_penalty(1), a_penalty(2)],
]


def test_content_that_comes_back_is_back_in_whatever_order_it_came():
    declared = lenient("enforcement_penalty", change="full")
    expected, _ = in_order(range(4), "enforcement_penalty", BACK_AGAIN, declared)
    for order in [*ORDERS, (0, 2, 1, 3), (0, 3, 2, 1), (0, 2, 3, 1)]:
        found, _ = in_order(order, "enforcement_penalty", BACK_AGAIN, declared)
        assert found == expected, order
        assert len(rows("SELECT 1 FROM warehouse.penalty WHERE cf_sy = '更正' AND valid_to IS NULL")) == 0, order
